"""The page for the doctor: signs first, honest about what it is, and none of the person's words unless they say so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coaching import coach_of
from commands import Commands
from crampcoach import Asked, Entry, Profile
from crampcoach.safety.never_said import said_in
from crampcoach.store import entries
from crampcoach.testing import Coach
from crampcoach_exporters.doctors_page.options import LONGEST, Options
from crampcoach_exporters.doctors_page.style import STYLE
from doctors_pages import Page, page_of
from invented_logs import LAST, NOTE, NOW, entry, half_a_year, in_order, moment, ten_years

pytestmark = pytest.mark.pure

HALF = half_a_year()
WORDS = Asked(with_text=True)
PAGE = page_of(HALF, asked=WORDS)
YESTERDAY = moment(LAST, "20:00")


@pytest.fixture
def coach(tmp_path: Path) -> Iterator[Coach]:
    with coach_of(tmp_path, "cramps", "stretching", "journaling", "exporters", now="2026-11-27 09:30") as coach:
        entries.append(coach.agent.store.log, [replace(one, id="") for one in HALF], coach.clock.now())
        yield coach


# --- what stands where -----------------------------------------------------------------------------------------


def test_what_a_doctor_needs_comes_first() -> None:
    page = Page(PAGE)
    assert page.all("h1") == ["Leg cramps: a log for the doctor"]
    assert page.all("h2") == [
        "My question",
        "Signs that may need a doctor, most pressing first",
        "At a glance",
        "Week by week",
        "Medicines and supplements, as entered",
        "What was tried",
        "Conditions (others are not asked)",
        "Night by night",
        "Cramps logged one by one (n=80)",
        "Answers about the leg",
        "Sleep, and days (n=76)",
    ]
    assert "Self-reported, not a diagnosis." in page.all("header")[0]
    assert "28 May to 26 Nov 2026 (183 nights)" in page.all("header")[0]


def test_it_can_be_read_without_eyes() -> None:
    page = Page(PAGE)
    attributes = [(tag, found) for tag, found, _ in page.elements]
    ids = [found["id"] for _, found in attributes if "id" in found]
    assert len(ids) == len(set(ids))
    assert attributes[0] == ("html", {"lang": "en"})
    assert [tag for tag, _ in attributes if tag in ("header", "main", "footer")] == ["header", "main", "footer"]
    for tag, found in attributes:
        if tag == "section":
            assert found["aria-labelledby"] in ids
        if tag == "th":
            assert found["scope"] in ("col", "row")
        if tag == "svg" and "aria-hidden" not in found:
            assert found["role"] == "img"
            assert {found["aria-labelledby"], found["aria-describedby"]} <= set(ids)
    assert page.with_id("plot-title").startswith("Plot of 27 weeks: nights with cramps and cramps in each week; ")
    assert len(page.all("table")) == len(page.all("caption"))


def test_it_needs_nothing_from_outside_and_no_colour() -> None:
    for foreign in ("<script", "<link", "<img", "<iframe", " src=", "href", "url(", "@import", "javascript:"):
        assert foreign not in PAGE.lower()
    assert re.findall(r"https?://[^\"]+", PAGE) == ["http://www.w3.org/2000/svg"] * 2, "a name, and no address"
    assert not [name for _, found, _ in Page(PAGE).elements for name in found if name.startswith("on")]
    assert set(re.findall(r"#[0-9a-f]{3,8}\b", PAGE)) == {"#000", "#fff"}
    assert not re.search(r"\b(rgb|hsl|red|blue|green|gr[ae]y)\b", STYLE)


def test_it_says_nothing_that_crampcoach_never_says() -> None:
    for html in (PAGE, page_of([]), page_of(ten_years())):
        words = re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL)
        text = " ".join(Page(words).all("body")).replace("Self-reported, not a diagnosis", "")
        assert not list(said_in(text.replace("a medicine against blood clots", "")))
    assert "With caution: nothing here shows what helped." in PAGE


# --- signs -----------------------------------------------------------------------------------------------------


def signs(*given: Entry, **more: Any) -> str:
    return Page(page_of(in_order(given), **more)).section("signs")


def test_the_most_pressing_sign_is_first_with_what_was_entered() -> None:
    numb = entry("symptoms", YESTERDAY, numbness="yes")
    long = entry("cramp", YESTERDAY - timedelta(days=1), side="left", muscle="calf", duration=12.5)
    cold = entry("cramp", YESTERDAY - timedelta(days=40), leg_temperature="cold", leg_colour="pale", numbness="no")
    said = signs(numb, long, cold)
    order = [said.index(words) for words in ("Sudden leg pain with a cold", "longer than 10 minutes", "Numbness")]
    assert order == sorted(order)
    assert "25 Nov 2026: left calf, 12.5 min" in said
    assert "17 Oct 2026: colour pale, temperature cold" in said
    assert "26 Nov 2026: answered yes" in said


def test_of_many_entries_the_newest_are_shown_and_all_are_counted() -> None:
    long = [entry("cramp", moment(LAST - timedelta(days=n), "20:00"), duration=20 + n) for n in range(30)]
    said = signs(*long)
    assert "30, first 28 Oct 2026" in said
    assert re.findall(r": (\d+) min", said) == ["20", "21", "22"]


@pytest.mark.parametrize(
    "given",
    [
        entry("medicine", YESTERDAY, name="Amlodipine", change="started"),
        entry("profile", YESTERDAY, fluids="limited"),
        entry("cramp", YESTERDAY, eased_by="tonic water", swelling="no"),
        entry("night", YESTERDAY, count=3),
    ],
)
def test_what_merely_is_or_is_mentioned_is_no_sign(given: Entry) -> None:
    assert signs(given).startswith("Signs that may need a doctor None entered.")


@pytest.mark.parametrize(
    "kind", ["cramp", "night", "day", "medicine", "drink", "stretch", "symptoms", "journal", "of-another-plugin"]
)
def test_a_sign_counts_in_the_words_of_any_entry(kind: str) -> None:
    said = signs(entry(kind, YESTERDAY, note="My calf is swollen and I have chest pain"))
    assert "A swollen or painful leg, and trouble breathing or chest pain" in said


@pytest.mark.parametrize("kind", ["cramp", "night", "day", "symptoms", "of-another-plugin"])
def test_a_sign_that_was_answered_counts_in_any_entry(kind: str) -> None:
    assert "Numbness" in signs(entry(kind, YESTERDAY, numbness="yes"))


def test_what_is_mentioned_stands_with_the_medicines() -> None:
    page = Page(page_of([entry("cramp", YESTERDAY, eased_by="tonic water")]))
    assert "Quinine and tonic water: mentioned 1 time, last on 26 Nov 2026" in page.section("medicines")


def test_a_childs_sign_is_listed_where_it_was_answered() -> None:
    swollen = entry("cramp", YESTERDAY, swelling="yes")
    child = Profile(adult="no")
    assert "A child's" not in signs(swollen, profile=child)
    assert "A child's leg pain" in signs(entry("symptoms", YESTERDAY, child_pain="yes"), profile=child)


def test_an_open_urgent_sign_says_what_to_do_until_somebody_has_looked() -> None:
    swollen = entry("cramp", YESTERDAY, swelling="yes")
    assert "For the person who keeps this log: If one leg has a throbbing" in signs(swollen)
    looked = entry("examined", YESTERDAY + timedelta(hours=1))
    said = signs(swollen, looked)
    assert "For the person" not in said
    assert "A doctor or nurse has looked at the leg, as entered: 1 time, last on 26 Nov 2026." in said
    assert "For the person" not in signs(entry("cramp", YESTERDAY - timedelta(days=30), swelling="yes"))
    assert "For the person" not in signs(entry("symptoms", YESTERDAY, walking_pain="yes")), "it is not urgent"


def test_a_yes_to_one_of_several_things_is_not_made_a_yes_to_one() -> None:
    asked = entry("symptoms", YESTERDAY, numbness="yes", swelling="no")
    said = Page(page_of([asked])).section("leg")
    assert "Not entered swelling, numb or tingling, getting weaker, injury, colour, temperature" in said
    assert "Legs numb, tingling or swollen, or a sore on a foot yes (1), last 26 Nov 2026" in said
    assert "Not answered: 8 of 10 questions about signs." in said
    said = Page(page_of(in_order([asked, entry("cramp", YESTERDAY, numbness="no")]))).section("leg")
    assert "Numb or tingling no (1) Legs numb, tingling or swollen, or a sore on a foot yes (1)" in said
    assert "Asked about signs, no swollen (1) Not entered swelling," in said


def test_none_entered_is_not_none() -> None:
    page = Page(page_of([]))
    assert "None entered." in page.section("signs")
    for name in ("glance", "conditions", "leg", "days"):
        assert "ot entered" in page.section(name), name
    assert "Period: no night is entered" in page.all("header")[0]
    assert " no (" not in page.all("main")[0]


# --- the person's words ----------------------------------------------------------------------------------------

SECRET = "Nobody shall read this"


def test_no_word_of_a_note_or_of_the_journal_leaves_by_itself(coach: Coach, commands: Commands) -> None:
    said = commands("export", "html")
    assert said.status == 0
    for words in (NOTE, "secret page", "would not let go", "my life"):
        assert words not in said.out
    assert "--with-text" in said.err
    page = Page(said.out)
    assert "have words that are left out, and were not searched for signs" in page.section("signs")


def test_with_text_only_notes_of_entries_with_a_sign_stand_there_and_only_their_beginning(
    coach: Coach, commands: Commands
) -> None:
    said = commands.ok("export", "html", "--with-text")
    assert "would not let go at all" in said
    assert "left out" not in said
    for words in (NOTE, "secret page", "my life"):
        assert words not in said


def test_a_journal_or_an_unknown_kind_may_have_a_sign_and_its_words_stay() -> None:
    given = [entry(kind, YESTERDAY, note=f"my leg is swollen. {SECRET}") for kind in ("journal", "mug")]
    said = signs(*given, asked=WORDS)
    assert "One leg swollen" in said
    assert SECRET not in said
    assert "in the words of a journal entry, not shown here" in said


def test_a_long_note_is_cut() -> None:
    said = signs(entry("cramp", YESTERDAY, note="swollen " + "very " * 10_000), asked=WORDS)
    (note,) = re.findall(r"\u201c(.*?)\u201d", said)
    assert note.startswith("swollen very")
    assert note.endswith("…")
    assert len(note) <= 140


def test_numbers_are_the_same_with_words_and_without(coach: Coach, commands: Commands) -> None:
    names = ("glance", "weeks", "nights", "cramps", "days", "tried")
    with_words, without = Page(commands.ok("export", "html", "--with-text")), Page(commands("export", "html").out)
    assert [with_words.section(name) for name in names] == [without.section(name) for name in names]
    assert with_words.rows() == without.rows()


# --- options ---------------------------------------------------------------------------------------------------


def test_it_is_nobodys_unless_they_say_so(coach: Coach, commands: Commands) -> None:
    assert "Name: not given" in Page(commands("export", "html").out).all("header")[0]
    said = commands("export", "html", "--name", "Ann <Other>", "--born", "3 May 1958", "--question", "Is it & why?")
    page = Page(said.out)
    assert "Name: Ann <Other> Born: 3 May 1958" in page.all("header")[0].replace("\xa0", "").replace("  ", " ")
    assert page.section("question") == "My question Is it & why?"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--weeks", "3"), "4 to 53"),
        (
            ("--question", "q" * 601),
            "--question: it is longer than 600 characters, for which the page has no room; shorten it",
        ),
        (("--name", "n" * 101), "--name: it is longer than 100 characters"),
    ],
)
def test_an_option_that_cannot_be_is_one_sentence(commands: Commands, words: tuple[str, str], sentence: str) -> None:
    assert sentence in commands.fails("export", "html", *words, status=2)


def test_a_kind_that_was_asked_for_is_named(coach: Coach, commands: Commands) -> None:
    assert "Only entries of these kinds were asked for: cramp." in commands("export", "html", "--kind", "cramp").out
    assert "asked for" not in commands("export", "html").out


def test_the_file_is_the_persons_alone(coach: Coach, commands: Commands, tmp_path: Path) -> None:
    said = commands.run("export", "html", "-o", str(tmp_path / "page.html"), "--with-text")
    assert said.status == 0
    assert (tmp_path / "page.html").stat().st_mode & 0o777 == 0o600
    listed = commands.ok("export")
    assert "html" in listed
    assert "A page for your doctor, to print: A4 or Letter" in listed


# --- whatever is written ---------------------------------------------------------------------------------------

NASTY = "</svg></table><script>alert(1)</script><!-- & &amp; \"'\x00\x1b[31m\ud83d\u202eabc"


def test_what_looks_like_markup_or_cannot_be_written_does_no_harm() -> None:
    given = [
        entry("cramp", YESTERDAY, note="swollen " + NASTY, eased_by=NASTY, side=NASTY, muscle=[1], duration=25),
        entry("medicine", YESTERDAY, name=NASTY, change="started", dose=NASTY),
        entry("medicine", YESTERDAY, name=NASTY, change=NASTY, dose=7),
        Entry(kind="symptoms", at=YESTERDAY, night=LAST, fields={"rest_pain": "yes", "<b>": "yes", "numbness": 7}),
        entry("day", YESTERDAY, activity=NASTY, alcohol="lots", stress=True, heat=NASTY),
    ]
    html = page_of(given, asked=WORDS, options=Options(question=NASTY, name=NASTY[:90], born="<b>"))
    html.encode()
    page = Page(html)
    assert "<script" not in html.lower()
    assert not re.search("[\x00-\x08\x0e-\x1f\ud800-\udfff]", html)
    assert page.all("h2")[0] == "My question"
    assert "<script>alert(1)</script>" in page.section("medicines")


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_text_is_text(words: str, more: str) -> None:
    given = [
        entry("cramp", moment(LAST, "23:00"), note=f"swollen {words}", eased_by=more),
        entry("medicine", YESTERDAY, name=words, change="stopped", dose=more),
    ]
    html = page_of(given, asked=WORDS, options=Options(question=words, name=more))
    html.encode()
    assert len(Page(html).all("section")) == 11


def test_the_longest_that_an_option_may_be_is_all_there() -> None:
    question, name, born = ("w" * LONGEST[one] for one in ("question", "name", "born"))
    html = page_of([], options=Options(question=question, name=name, born=born))
    assert [len(found) for found in re.findall("w{30,}", html)] == [100, 40, 600]


def test_without_entries_or_far_from_now_it_is_still_a_page() -> None:
    for now in (datetime(1999, 1, 1, 0, 0, tzinfo=UTC), datetime(2400, 2, 29, 23, 59, tzinfo=UTC)):
        assert "no night is entered" in page_of([], now=now)
    old = entry("night", datetime(1901, 1, 1, 8, tzinfo=UTC), date(1026, 11, 20), count=2)
    assert "1026" in Page(page_of([old, *HALF])).section("before")
    coming = entry("night", NOW + timedelta(days=400), count=2)
    assert "1 entry outside the period" in page_of([*HALF, coming])
