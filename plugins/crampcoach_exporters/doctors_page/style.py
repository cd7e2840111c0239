"""How the page looks: black on white, on one sheet of A4 or US Letter where what was entered has room there."""

#: No colour but black and white, so that a printer's economy changes nothing. 0.52 is how high Arial's small letters
#: are: fonts that are larger at the same size become as large as Arial.
STYLE = """
@page { margin: 9mm 10mm }
* { box-sizing: border-box }
html { background: #fff; color: #000 }
body { max-width: 190mm; margin: 0 auto; font: 8.5pt/1.22 Arial, Helvetica, "Liberation Sans", "DejaVu Sans Condensed",
  sans-serif; font-size-adjust: 0.52; overflow-wrap: anywhere }
h1 { font-size: 1.65em; line-height: 1.1; margin: 0 0 0.6mm }
h2 { font-size: 1.12em; line-height: 1.15; margin: 0 0 0.6mm }
p { margin: 0 0 0.4mm }
ul { margin: 0; padding-left: 4mm }
header { border-bottom: 0.5mm solid #000; padding-bottom: 0.6mm }
section { margin-top: 1.6mm }
svg { width: 100%; display: block; height: auto; font-family: inherit }
dl { margin: 0 }
dt { font-weight: bold; font-size: 0.94em }
dd { margin: 0 }
table { width: 100%; border-collapse: collapse }
caption { text-align: left }
th, td { text-align: left; vertical-align: top; padding: 0.15mm 1.5mm 0.15mm 0; font-weight: normal }
thead th { border-bottom: 0.2mm solid #000; overflow-wrap: normal }
.question, .flags, .no-flags { border: 0.3mm solid #000; padding: 0.8mm 1.6mm }
.question h2, .asked { display: inline; margin-right: 1mm }
.asked { font-size: 1.15em }
.line { display: inline-block; height: 6mm; vertical-align: top }
.flags { border-width: 0.9mm }
.no-flags h2, .no-flags h2 + p { display: inline; margin-right: 2mm }
.advice { border-top: 0.2mm solid #000; margin-top: 0.6mm; padding-top: 0.4mm }
.signs tbody th { font-weight: bold; width: 42% }
.signs td:nth-child(2) { width: 13% }
.first h2, .signs caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
  white-space: nowrap }
.glance { display: flex; gap: 1.2mm }
.glance > div { flex: 1 1 0; min-width: 0; border: 0.3mm solid #000; padding: 0.6mm 1.2mm }
.glance > div:first-child { flex-grow: 1.6 }
.big { font-size: 1.53em; line-height: 1.1 }
.beside, .legend { display: inline; list-style: none; padding: 0 }
.legend li { display: inline; margin-right: 3mm }
.legend .key { display: inline-block; width: 4.4mm; height: 3.7mm; vertical-align: middle }
#weeks, #nights { display: inline; margin-right: 2mm }
svg[role=img] { margin-top: 0.8mm }
.parts { display: flex; gap: 3.5mm }
.parts > section { flex: 1 1 0; min-width: 0 }
.parts > section:first-child { flex-grow: 1.15 }
.parts dl > div { margin-bottom: 0.2mm }
.parts dt, .parts dd { display: inline }
.parts dt { margin-right: 0.8mm }
.parts dt::after { content: ":" }
.letter { border: 0.2mm solid #000; border-radius: 2mm; padding: 0 0.7mm; font-size: 0.82em; line-height: 1 }
.places caption, .before caption { font-weight: bold }
.places td, .places thead th + th, .before td, .before thead th + th { text-align: right }
footer { margin-top: 1.6mm; border-top: 0.3mm solid #000; padding-top: 0.6mm; font-size: 0.94em }
@media screen { body { padding: 4mm; max-width: 230mm; font-size: 10.5pt } .screen { margin-top: 2mm } }
@media screen and (max-width: 160mm) {
  .parts, .glance { flex-direction: column; gap: 2mm }
  #weeks ~ svg, #nights ~ svg { min-width: 150mm }
  section { overflow-x: auto }
}
@media print {
  .screen { display: none }
  tr, .figure, .parts > section { break-inside: avoid }
  h2 { break-after: avoid }
}
""".strip()
