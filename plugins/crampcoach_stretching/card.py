"""The bedside card: one page of HTML to print, for the moment when nobody wants to look at a screen.

Everything that it needs is in it. It must stay on one sheet of A4 and of US Letter in type of 11 points or more, and be
readable in black and white; `tests/test_card.py` reckons its height. Own wording; records `m-acute-stretch` (low
certainty), `m-evening-stretch` (low: cramps hurt less; very low: they come less often) and `RF-DVT`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from html import escape

NIGHTS = 14
ANSWERS = ("None", "One", "Two or more", "Don't know")
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

#: No colour but black and white, so that a printer's economy changes nothing. 0.52 is how high Arial's small letters
#: are: fonts that are larger at the same size, and would need a second page, become as large as Arial.
STYLE = """
@page { margin: 8mm }
* { box-sizing: border-box }
html { background: #fff; color: #000 }
body { max-width: 194mm; margin: 0 auto; font: 11.5pt/1.18 Arial, Helvetica, "Liberation Sans", "DejaVu Sans Condensed",
  sans-serif; font-size-adjust: 0.52 }
h1 { font-size: 17pt; margin: 0 }
h2 { font-size: 13pt; margin: 0 0 0.8mm }
p { margin: 0 0 1mm }
ol, ul { margin: 0; padding-left: 5.5mm }
li { margin: 0 0 0.5mm }
.pair { display: flex; gap: 4mm; margin-top: 1.5mm }
.pair > section { flex: 1 1 0; min-width: 0; border: 0.3mm solid #000; padding: 1.5mm 2mm }
.pair > section.now { border-width: 1mm }
.nights { margin-top: 2mm }
table { width: 100%; border-collapse: collapse; table-layout: fixed }
caption { text-align: left; padding-bottom: 1mm }
th, td { border: 0.3mm solid #000; height: 6.6mm; padding: 0; text-align: center; font-weight: normal }
th[scope=row] { width: 32mm; text-align: left; padding-left: 1mm }
thead th[scope=col] { font-weight: bold; height: 6mm }
@media screen { body { padding: 4mm } }
@media screen and (max-width: 140mm) { .pair { flex-direction: column; gap: 2mm } }
@media print { section, table { break-inside: avoid } }
""".strip()


def card(
    steps: Sequence[str],
    now_flags: Sequence[str],
    same_day_flags: Sequence[str],
    emergency: str,
    advice: str,
    first_night: date | None,
) -> str:
    """The page as HTML. All texts are plain; one page holds about as much as the bundled texts.

    steps: one sentence or two for each stretch of the seated routine as it was tried, without how long and how often.
    now_flags, same_day_flags: signs. emergency, advice: words that fit into "call ...". first_night: the evening's
    date of the first night of the grid; None leaves the dates to the pencil.
    """
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Leg cramps at night: bedside card</title>
<style>
{STYLE}
</style>
</head>
<body>
<header>
<h1>Leg cramps at night: bedside card</h1>
<p>This is information, not a diagnosis. If you are worried about a leg, ask; you need not find it on this page.</p>
</header>
<main>
<div class="pair">
<section aria-labelledby="cramp">
<h2 id="cramp">A cramp right now</h2>
<ol>
<li><strong>Sit up first.</strong> Do not jump out of bed: that is how people fall. Put a light on.</li>
<li><strong>Look at the leg before you stretch it.</strong> Is it swollen, warm or red (on brown or black skin: darker)?
Then do not stretch or rub it: have it looked at today.</li>
<li>Is the foot cold, pale or numb? Do not stretch. See \N{LEFT DOUBLE QUOTATION MARK}Get help \
now\N{RIGHT DOUBLE QUOTATION MARK}.</li>
<li>None of these: knee straight, pull the toes slowly up towards your shin. Hold until it lets go. Stop if it feels
like tearing.</li>
<li>Stand up only when it has let go. Hold on to something.</li>
</ol>
</section>
<section class="now" aria-labelledby="now">
<h2 id="now">Get help now</h2>
<p><strong>Call {_text(emergency)}</strong> for any of these:</p>
{_list("ul", now_flags)}
</section>
</div>
<div class="pair">
<section aria-labelledby="same-day">
<h2 id="same-day">Get it looked at today</h2>
<p><strong>Call {_text(advice)}</strong> or a doctor the same day for any of these:</p>
{_list("ul", same_day_flags)}
</section>
<section aria-labelledby="stretch">
<h2 id="stretch">Evening stretch, seated</h2>
<p>Hold each 10 seconds, rest 10, three times, both legs. Keep breathing; stop if it hurts. Not with any sign on this
page.</p>
{_list("ol", steps)}
<p>Low certainty: it may make cramps hurt less. Whether they come less often is not clear.</p>
</section>
</div>
<section class="nights" aria-labelledby="nights">
<h2 id="nights">Fourteen nights{_from(first_night)}</h2>
{_grid(first_night)}
</section>
</main>
</body>
</html>
"""


def _text(words: str) -> str:
    """Escaped, and without what no file can hold."""
    return escape(words.replace("\0", "").encode("utf-8", "replace").decode("utf-8"))


def _list(tag: str, items: Sequence[str]) -> str:
    if not items:
        return ""
    return "\n".join([f"<{tag}>", *(f"<li>{_text(item)}</li>" for item in items), f"</{tag}>"])


def _grid(first_night: date | None) -> str:
    nights = range(1, NIGHTS + 1)
    boxes = "<td></td>" * NIGHTS
    rows = [f'<tr><th scope="row">{_text(answer)}</th>{boxes}</tr>' for answer in ANSWERS]
    return "\n".join(
        [
            "<table>",
            "<caption>Each morning, tick how many cramps you had in the night. Each evening, tick the last line if you "
            "stretched.</caption>",
            "<thead>",
            _row("Night", (f'<th scope="col">{night}</th>' for night in nights)),
            _row("Evening of", (f"<td>{_evening(first_night, night - 1)}</td>" for night in nights)),
            "</thead>",
            "<tbody>",
            *rows,
            f'<tr><th scope="row">Stretch done</th>{boxes}</tr>',
            "</tbody>",
            "</table>",
        ]
    )


def _row(title: str, cells: Iterable[str]) -> str:
    return f'<tr><th scope="row">{title}</th>{"".join(cells)}</tr>'


def _from(first_night: date | None) -> str:
    if first_night is None:
        return ""
    return f" from {first_night.day} {_MONTHS[first_night.month - 1]} {first_night.year}"


def _evening(first_night: date | None, later: int) -> str:
    """Day of the week and of the month; empty where there is none, also after the last that a calendar has."""
    if first_night is None or (date.max - first_night).days < later:
        return ""
    day = first_night + timedelta(days=later)
    return f"{_WEEKDAYS[day.weekday()]}<br>{day.day}"
