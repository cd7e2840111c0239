"""How numbers, days and what people wrote stand on the page. Everything goes through `text` or `said` once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from html import escape

from crampcoach_exporters.doctors_page.tallies import Spread
from crampcoach_exporters.in_words import MONTHS

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
NO_ANSWER = "not entered"
#: Where only a part of the log was asked for: there may be some.
NONE_ASKED = "None in what was asked for"
#: What no page may hold: control characters, halves of pairs, and what is no character.
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


def text(words: object) -> str:
    """Words of the page itself, for anywhere in it."""
    return escape(_UNFIT.sub("\ufffd", str(words)))


def said(words: object) -> str:
    """What a person wrote: set apart, so that what is written from right to left turns nothing else round."""
    return f"<bdi>{text(words)}</bdi>"


def day(one: date) -> str:
    """ "3 May 2026"."""
    return f"{one.day} {MONTHS[one.month - 1][:3]} {one.year}"


def span(first: date, last: date) -> str:
    """ "3 to 9 May 2026", "3 May to 2 June 2026", with as few words as it takes."""
    if first == last:
        return day(last)
    begin = str(first.day) if (first.year, first.month) == (last.year, last.month) else day(first)
    return f"{begin if first.year != last.year else begin.removesuffix(f' {last.year}')} to {day(last)}"


def many(number: int, one: str, more: str = "") -> str:
    """ "1 night", "2 nights"."""
    return f"{number:,} {one if number == 1 else more or one + 's'}"


def figure(number: float) -> str:
    """A number with one decimal at most, and none where it says nothing."""
    return f"{number:.1f}".removesuffix(".0")


def spread(given: Spread, unit: str = "") -> str:
    """ "median 3 min, 1 to 12 (n=60)"; "not entered" where nothing is."""
    if not given.n:
        return NO_ANSWER
    unit = f" {unit}" if unit else ""
    if given.least == given.most:
        return f"{figure(given.most)}{unit} (n={given.n})"
    return f"median {figure(given.median)}{unit}, {figure(given.least)} to {figure(given.most)} (n={given.n})"


def table(caption: str, head: Sequence[str], rows: Iterable[Sequence[str]], css: str = "") -> str:
    """A table with a header for each column and each row. The cells are HTML, the caption and the heads text."""
    found = [f'<table class="{css}">' if css else "<table>", f"<caption>{text(caption)}</caption>", "<thead><tr>"]
    found += [f'<th scope="col">{text(one)}</th>' for one in head]
    found.append("</tr></thead><tbody>")
    for first, *cells in rows:
        found.append(f'<tr><th scope="row">{first}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>')
    return "\n".join([*found, "</tbody></table>"])


def terms(pairs: Iterable[tuple[str, str]]) -> str:
    """What is said of each term; terms are text, what is said is HTML."""
    body = "\n".join(f"<div><dt>{text(term)}</dt><dd>{about}</dd></div>" for term, about in pairs)
    return f"<dl>\n{body}\n</dl>"


def known(pairs: Iterable[tuple[str, str]]) -> str:
    """Terms, with those of which nothing is entered together in the last one."""
    given = list(pairs)
    missing = [(term[:1].lower() + term[1:]).partition(", 0 to")[0] for term, about in given if about == NO_ANSWER]
    rest = [one for one in given if one[1] != NO_ANSWER]
    return terms([*rest, ("Not entered", text(", ".join(missing)))] if missing else rest)


def section(name: str, title: str, *parts: str, css: str = "") -> str:
    """A part of the page with its heading. The parts are HTML."""
    body = "\n".join(filter(None, parts))
    classes = f' class="{css}"' if css else ""
    return f'<section{classes} aria-labelledby="{name}">\n<h2 id="{name}">{text(title)}</h2>\n{body}\n</section>'
