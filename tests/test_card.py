"""The bedside card is one sheet that says all that it was given, as text, and needs nothing but paper and a pencil."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from html.parser import HTMLParser
from textwrap import wrap
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crampcoach.safety.numbers import Numbers
from crampcoach.safety.wording import urgent
from crampcoach_stretching.card import ANSWERS, NIGHTS, STYLE, card
from crampcoach_stretching.routine import bundled_routine

pytestmark = pytest.mark.pure

VOID = {"meta", "br"}
#: What may stand directly in what.
INSIDE = {
    "li": {"ol", "ul"},
    "tr": {"thead", "tbody"},
    "th": {"tr"},
    "td": {"tr"},
    "thead": {"table"},
    "tbody": {"table"},
    "caption": {"table"},
    "section": {"main", "div"},
    "div": {"main"},
    "p": {"header", "section"},
    "ol": {"section"},
    "ul": {"section"},
    "table": {"section"},
    "h1": {"header"},
    "h2": {"section"},
    "strong": {"p", "li"},
}


class Page(HTMLParser):
    """Reads a page, and refuses one whose elements do not stand in each other as they should."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        #: Each element with its attributes and all its text, in the order in which they begin.
        self.elements: list[tuple[str, dict[str, str | None], list[str]]] = []
        self._inside: list[list[str]] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        parent = self.open[-1] if self.open else ""
        assert parent in INSIDE.get(tag, {parent}), f"<{tag}> in <{parent}>"
        text: list[str] = []
        self.elements.append((tag, dict(attrs), text))
        if tag not in VOID:
            self.open.append(tag)
            self._inside.append(text)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag
        self._inside.pop()

    def handle_data(self, data: str) -> None:
        for text in self._inside:
            text.append(data)

    def unknown_decl(self, data: str) -> None:
        raise AssertionError(data)

    def all(self, tag: str) -> list[str]:
        """The text of each element of this name."""
        return ["".join(text) for name, _, text in self.elements if name == tag]


def bundled(**other: Any) -> str:
    """The card as most people get it: the texts that crampcoach has."""
    arguments = {
        "steps": [f"{step.title}: {step.instruction}" for step in bundled_routine("evening-seated").steps],
        "now_flags": [flag.brief for flag in urgent() if flag.level == "now"],
        "same_day_flags": [flag.brief for flag in urgent() if flag.level == "same-day"],
        "emergency": Numbers().emergency,
        "advice": Numbers().advice,
        "first_night": date(2026, 11, 22),
    }
    return card(**{**arguments, **other})


PAGE = bundled()


def test_it_has_a_language_a_title_and_headings_in_order() -> None:
    page = Page(PAGE)
    assert PAGE.startswith("<!DOCTYPE html>\n")
    attributes = [(tag, found) for tag, found, _ in page.elements]
    assert attributes[0] == ("html", {"lang": "en"})
    assert ("meta", {"charset": "utf-8"}) in attributes
    assert page.all("title") == page.all("h1") == ["Leg cramps at night: bedside card"]
    assert page.all("h2") == [
        "A cramp right now",
        "Get help now",
        "Get it looked at today",
        "Evening stretch, seated",
        "Fourteen nights from 22 November 2026",
    ]
    ids = [found["id"] for _, found in attributes if "id" in found]
    assert len(ids) == len(set(ids))
    assert [found["aria-labelledby"] for tag, found in attributes if tag == "section"] == ids


def test_it_needs_nothing_from_outside() -> None:
    for foreign in ("<script", "<link", "<img", "<iframe", "src", "href", "http", "url(", "@import", "javascript"):
        assert foreign not in PAGE.lower()
    assert not [name for _, found, _ in Page(PAGE).elements for name in found if name.startswith("on")]


def test_every_flag_and_step_is_there_and_nothing_of_one_is_lost() -> None:
    items = Page(PAGE).all("li")
    for flag in urgent():
        assert flag.brief in items, flag.id
    assert [item for item in items if item.startswith(("Calf: ", "Back of the thigh: ", "Thigh and calf"))] == [
        f"{step.title}: {step.instruction}" for step in bundled_routine("evening-seated").steps
    ]
    assert Numbers().emergency in PAGE
    assert Numbers().advice in PAGE


def test_the_leg_is_looked_at_before_it_is_stretched() -> None:
    first, look, foot, stretch, stand = Page(PAGE).all("li")[:5]
    assert first.startswith("Sit up first. Do not jump out of bed")
    for sign in ("swollen", "warm", "red", "darker"):
        assert sign in look
    assert "do not stretch or rub it: have it looked at today" in look.replace("\n", " ")
    assert "cold, pale or numb" in foot
    assert "Get help now" in foot
    assert stretch.startswith("None of these: ")
    assert "Hold on" in stand
    order = [PAGE.index(words) for words in ("Look at the leg", "Get help now</h2>", "Evening stretch")]
    assert order == sorted(order)


def test_it_is_honest_about_what_it_is() -> None:
    text = " ".join(PAGE.split())
    assert "This is information, not a diagnosis." in text
    assert "Low certainty: it may make cramps hurt less. Whether they come less often is not clear." in text
    assert not re.search(r"\b(cure|prevents?|guarantee|will (stop|help)|dose|tablet|magnesium|quinine water)\b", text)


def test_the_grid_has_a_box_for_every_answer_of_every_night() -> None:
    page = Page(PAGE)
    columns = [text for tag, found, (*text,) in page.elements if tag == "th" and found.get("scope") == "col"]
    rows = ["".join(text) for tag, found, text in page.elements if tag == "th" and found.get("scope") == "row"]
    assert ["".join(text) for text in columns] == [str(night) for night in range(1, 15)]
    assert rows == ["Night", "Evening of", "None", "One", "Two or more", "Don't know", "Stretch done"]
    dates, boxes = page.all("td")[:NIGHTS], page.all("td")[NIGHTS:]
    assert (dates[0], dates[7], dates[8], dates[13]) == ("Sun22", "Sun29", "Mon30", "Sat5")
    assert boxes == [""] * NIGHTS * (len(ANSWERS) + 1)


def test_without_a_date_the_nights_are_for_the_pencil() -> None:
    page = Page(bundled(first_night=None))
    assert page.all("h2")[-1] == "Fourteen nights"
    assert page.all("td") == [""] * NIGHTS * (len(ANSWERS) + 2)


@given(st.dates())
def test_any_first_night(night: date) -> None:
    dates = Page(bundled(first_night=night)).all("td")[:NIGHTS]
    assert dates[0][3:] == str(night.day)
    assert all(text or night.year == 9999 for text in dates)


@given(st.lists(st.text(), max_size=4), st.lists(st.text(), max_size=4), st.text(), st.text())
def test_any_text_is_text(flags: list[str], steps: list[str], emergency: str, advice: str) -> None:
    page = Page(card(steps, flags, flags, emergency, advice, None))
    clean = [text.replace("\0", "") for text in [*flags, *flags, *steps]]
    assert page.all("li")[5:] == clean
    assert page.all("p")[1].startswith(f"Call {emergency}".replace("\0", ""))
    assert advice.replace("\0", "") in page.all("p")[2]


def test_what_looks_like_markup_or_cannot_be_written_does_no_harm() -> None:
    nasty = ["<script>alert(1)</script>", "</ul></body>", "a & b &amp; \"c\" 'd'", "half \ud83d and \0 nothing"]
    html = card(nasty, nasty, nasty, "<b>112</b>", "</p>", None)
    html.encode()
    assert "<script" not in html
    assert Page(html).all("li")[-4:] == [*nasty[:3], "half ? and  nothing"]
    assert card([], [], [], "112", "a doctor", None).count("<ul>") == 0


# --- one sheet -------------------------------------------------------------------------------------------------

#: Paper in mm, as wide and as high, and the margin of the page.
PAPER = {"A4": (210, 297), "US Letter": (215.9, 279.4)}
MARGIN = 8
#: A line of 11.5 points with a line height of 1.18, in mm.
LINE = 11.5 * 1.18 * 25.4 / 72
#: Characters in a line of half the width, as Chromium 156 breaks it: with them the card is reckoned 254 mm high, where
#: Chromium needs 246 mm in Arial (Liberation Sans) and DejaVu Sans, and 256 mm in Noto Sans. Letter has 263.
ITEM, PARAGRAPH = 46, 50


def test_the_sizes_that_are_reckoned_with_are_those_of_the_page() -> None:
    assert f"@page {{ margin: {MARGIN}mm }}" in STYLE
    assert "font: 11.5pt/1.18 " in STYLE
    assert min(float(size) for size in re.findall(r"([\d.]+)pt", STYLE)) >= 11
    assert set(re.findall(r"#\w+", STYLE)) == {"#000", "#fff"}
    assert "194mm" in STYLE
    assert min(width for width, _ in PAPER.values()) - 2 * MARGIN == 194


def lines(text: str, width: int) -> int:
    return len(wrap(" ".join(text.split()), width)) or 1


def height_of_box(heading_and: Sequence[tuple[str, str]]) -> float:
    """A section: border, padding, heading, then paragraphs and items with the space below each."""
    height = 2 + 3 + 13 * 1.18 * 25.4 / 72 + 0.8
    for tag, text in heading_and:
        height += lines(text, ITEM) * LINE + 0.5 if tag == "li" else lines(text, PARAGRAPH) * LINE + 1
    return height


def height(html: str) -> float:
    """The height of the printed card in mm."""
    boxes: list[list[tuple[str, str]]] = []
    for tag, _, text in Page(html).elements:
        if tag == "section":
            boxes.append([])
        elif tag in ("p", "li") and boxes:
            boxes[-1].append((tag, "".join(text)))
    now, urgent, today, stretch, _grid = (height_of_box(box) for box in boxes)
    title = 17 * 1.18 * 25.4 / 72 + LINE + 1
    grid = 2 + 13 * 1.18 * 25.4 / 72 + 0.8 + LINE + 1 + 6 + 2 * LINE + 5 * 6.6 + 8 * 0.3
    return title + 1.5 + max(now, urgent) + 1.5 + max(today, stretch) + grid


@pytest.mark.parametrize("paper", PAPER)
def test_it_fits_on_one_sheet(paper: str) -> None:
    assert 200 < height(PAGE) <= PAPER[paper][1] - 2 * MARGIN


def test_the_reckoning_notices_what_is_too_long() -> None:
    long = [flag.signs for flag in urgent() if flag.level == "same-day"]
    assert height(bundled(same_day_flags=long)) > PAPER["A4"][1] - 2 * MARGIN
