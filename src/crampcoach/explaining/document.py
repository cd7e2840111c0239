"""A text in sections, and how it looks in a terminal, as Markdown and as HTML: one structure for all three.

Texts are plain: whatever signs stand in them only show themselves, in each of the three.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby

#: What a terminal may take for a command, and what no page may hold.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
#: What means something in Markdown anywhere, and at the beginning of a line.
_SIGNS, _START = re.compile(r"[\\`*_\[\]<>#|~&$]"), re.compile(r"[-+=]|\d+[.)]")
_LIST_SIGN = re.compile(r"[-*] ")


@dataclass(frozen=True, slots=True)
class Point:
    """One of a list. `below` are lines under it, `address` one on the web; `number` stands in place of a dash."""

    text: str
    below: Sequence[str] = ()
    address: str = ""
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, and paragraphs and points below it."""

    title: str
    blocks: Sequence[str | Point]


@dataclass(frozen=True, slots=True)
class Document:
    """The title, a line that says what it is about, the sections, and what is said at the end."""

    title: str
    about: str
    sections: Sequence[Section]
    closing: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A line for a terminal: what is too long goes on below the beginning of `text`, but a `whole` one is not cut."""

    text: str = ""
    head: str = ""
    whole: bool = False


def blocks(text: str) -> tuple[str | Point, ...]:
    """What an author wrote as paragraphs, each of one line, and as points where lines begin with "- "."""
    found: list[str | Point] = []
    for part in re.split(r"\n\s*\n", text):
        lines = [line.strip() for line in part.splitlines() if line.strip()]
        listed: list[tuple[bool, str]] = []
        for line in lines:
            is_point = _LIST_SIGN.match(line) is not None
            if is_point or not listed:
                listed.append((is_point, line[2:] if is_point else line))
            else:
                listed[-1] = (listed[-1][0], f"{listed[-1][1]} {line}")
        found += [Point(plain(said)) if is_point else plain(said) for is_point, said in listed]
    return tuple(found)


def plain(text: str) -> str:
    """A text as one line in which every sign only shows itself."""
    return _CONTROL.sub("\ufffd", " ".join(text.split()))


def as_lines(document: Document) -> Iterator[Line]:
    """For a terminal or a pipe."""
    yield Line(document.title)
    if document.about:
        yield Line(document.about)
    for section in document.sections:
        yield from (Line(), Line(section.title.upper()))
        for block in section.blocks:
            if isinstance(block, str):
                yield Line(block)
                continue
            head = "  - " if block.number is None else f"{f'[{block.number}]':>5} "
            yield Line(block.text, head)
            indent = " " * len(head)
            yield from (Line(line, indent) for line in block.below)
            if block.address:
                yield Line(block.address, indent, whole=True)
    if document.closing:
        yield Line()
        yield from map(Line, document.closing)


# --- Markdown --------------------------------------------------------------------------------------------------


def as_markdown(document: Document) -> str:
    """CommonMark."""
    parts = [f"# {_md(document.title)}"]
    parts += [_md(document.about)] if document.about else []
    for section in document.sections:
        parts.append(f"## {_md(section.title)}")
        for is_point, group in groupby(section.blocks, lambda block: isinstance(block, Point)):
            if is_point:
                parts.append("\n".join(_md_point(block) for block in group if isinstance(block, Point)))
            else:
                parts += [_md(block) for block in group if isinstance(block, str)]
    parts += map(_md, document.closing)
    return "\n\n".join(parts) + "\n"


def _md(text: str) -> str:
    text = _SIGNS.sub(r"\\\g<0>", text)
    begin = _START.match(text)
    return f"{text[: begin.end() - 1]}\\{text[begin.end() - 1 :]}" if begin else text


def _md_point(point: Point) -> str:
    sign = "- " if point.number is None else f"{point.number}. "
    lines = [_md(point.text), *map(_md, point.below)]
    lines += [f"<{point.address}>" if _is_link(point.address) else _md(point.address)] if point.address else []
    return sign + ("\\\n" + " " * len(sign)).join(lines)


def _is_link(address: str) -> bool:
    return re.fullmatch(r"https?://[^\s<>\"]+", address) is not None


# --- HTML ------------------------------------------------------------------------------------------------------

_STYLE = (
    "body { font: 1.1em/1.5 sans-serif; max-width: 40em; margin: 2em auto; padding: 0 1em; color: #111; "
    "background: #fff } h1, h2 { line-height: 1.2 } .below { color: #444 } a { overflow-wrap: anywhere }"
)


def as_html(document: Document) -> str:
    """A page that needs nothing else: no script, no picture, no other file."""
    body = [f"<h1>{escape(document.title)}</h1>"]
    body += [f"<p>{escape(document.about)}</p>"] if document.about else []
    for section in document.sections:
        body += ["<section>", f"<h2>{escape(section.title)}</h2>", *_html_blocks(section.blocks), "</section>"]
    body += [f"<p>{escape(text)}</p>" for text in document.closing]
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(document.title)}</title>",
            f"<style>{_STYLE}</style>",
            "</head>",
            "<body>",
            "<main>",
            *body,
            "</main>",
            "</body>",
            "</html>",
            "",
        ]
    )


def _html_blocks(given: Sequence[str | Point]) -> Iterator[str]:
    for sign, group in groupby(given, _list_of):
        if sign:
            yield f"<{sign}>"
        for block in group:
            yield f"<p>{escape(block)}</p>" if isinstance(block, str) else _html_point(block)
        if sign:
            yield f"</{sign}>"


def _list_of(block: str | Point) -> str:
    return "" if isinstance(block, str) else "ul" if block.number is None else "ol"


def _html_point(point: Point) -> str:
    lines = [escape(point.text), *(f'<span class="below">{escape(line)}</span>' for line in point.below)]
    if point.address:
        shown = escape(point.address)
        lines.append(f'<a href="{shown}">{shown}</a>' if _is_link(point.address) else shown)
    value = "" if point.number is None else f' value="{point.number}"'
    return f"<li{value}>{'<br>'.join(lines)}</li>"
