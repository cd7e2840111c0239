"""Daily notes: properties and words come back from them as they were entered, by readers of others' making.

Days are whole, whatever zones they were in, and of a long log only a few of them are ever in memory.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import markdown
import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from coaching import coach_of
from commands import Commands
from crampcoach import Entry
from crampcoach.context import ContextMaker
from crampcoach.home import find_home
from crampcoach.testing import Coach
from crampcoach_exporters.in_words import details
from crampcoach_exporters.markdown import write
from crampcoach_exporters.markdown_text import one_line, quoted
from crampcoach_exporters.yaml_lines import properties

pytestmark = pytest.mark.pure

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=ZoneInfo("Europe/Berlin"))
SECRET = "My secret words"


@pytest.fixture
def coach(tmp_path: Path) -> Iterator[Coach]:
    with coach_of(tmp_path, "cramps", "journaling", "exporters", now="2026-11-22 12:00") as made:
        yield made


class ForwardOnly(io.BytesIO):
    """As an exporter's stream is."""

    def seekable(self) -> bool:
        return False

    def tell(self) -> int:
        raise io.UnsupportedOperation("tell")


def entry(at: str, kind: str = "cramp", zone: str = "Europe/Berlin", **values: Any) -> Entry:
    moment = datetime.fromisoformat(at)
    evening = (moment.replace(tzinfo=None) - timedelta(hours=12)).date()
    return Entry(kind=kind, at=moment, zone=zone, **{"night": evening, **values})


def written(given_: Iterable[Entry]) -> dict[str, str]:
    """The notes of these entries, by the name of their file."""
    ctx = ContextMaker(find_home({"CRAMPCOACH_HOME": "/nowhere"})).make("exporters", None, NOW)
    stream = ForwardOnly()
    write(given_, stream, ctx)
    with zipfile.ZipFile(io.BytesIO(stream.getvalue())) as archive:
        assert archive.testzip() is None
        assert len(archive.namelist()) == len(set(archive.namelist()))
        return {name: archive.read(name).decode() for name in archive.namelist()}


def parts(note: str) -> tuple[dict[str, Any], str]:
    """Its properties as PyYAML has them, and its body."""
    begin, front, body = note.split("---\n", 2)
    assert begin == ""
    return yaml.safe_load(front), body


def only(given_: Iterable[Entry]) -> tuple[dict[str, Any], str]:
    (note,) = written(given_).values()
    return parts(note)


def said(body: str) -> list[str]:
    """What stands under the heading, line by line."""
    return [line for line in body.splitlines()[1:] if line and not line.startswith("#")]


# --- a day -----------------------------------------------------------------------------------------------------


def test_a_note_has_what_was_entered_that_day_in_order_of_time() -> None:
    given_ = [
        entry("2026-11-21T03:10+01:00", fields={"side": "left", "muscle": "calf", "severity": 7, "duration": 3.0}),
        entry("2026-11-21T07:00+01:00", "night", fields={"count": 2, "at_least": True, "hours_slept": 6.5}),
        entry("2026-11-21T08:00+01:00", "medicine", fields={"name": "magnesium", "change": "started"}),
        entry("2026-11-21T20:00+01:00", "day", fields={"stress": 3, "heat": False}),
        entry("2026-11-21T22:00+01:00", "tea_time", note="Nice.", fields={"sugar_lumps": 2}),
    ]
    notes = written(given_)
    assert list(notes) == ["2026-11-21.md"]
    found, body = parts(notes["2026-11-21.md"])
    assert found == {
        "date": date(2026, 11, 21),
        "zone": "Europe/Berlin",
        "tags": ["crampcoach", "cramp", "day", "medicine", "night", "tea_time"],
        "entries": 5,
        "cramps": 1,
        "worst": 7,
        "night": date(2026, 11, 20),
        "night_cramps": 2,
        "night_at_least": True,
        "hours_slept": 6.5,
        "stress": 3,
        "medicine": ["magnesium"],
    }
    assert body.startswith("\n# Saturday, 21 November 2026\n\n")
    assert said(body) == [
        "**03:10** Cramp: left, calf, severity 7 of 10, duration 3 min, night of 20 November",
        "**07:00** Night of 20 November: at least 2 cramps, hours slept 6.5 h",
        "**08:00** Medicine: magnesium, started",
        "**20:00** Day: stress 3 of 10, heat no",
        "**22:00** Tea time: sugar lumps 2",
        "> Nice.",
    ]


def test_what_was_not_entered_is_nowhere() -> None:
    found, body = only([entry("2026-11-21T08:00+01:00", "medicine", fields={"name": None, "dose": None})])
    assert found.keys() == {"date", "zone", "tags", "entries"}
    assert said(body) == ["**08:00** Medicine"]


@pytest.mark.parametrize(
    ("fields", "words", "count"),
    [({"count": 0}, "no cramps", 0), ({"count": 1}, "1 cramp", 1), ({}, "the number of cramps is not known", None)],
)
def test_not_known_is_not_none(fields: dict[str, Any], words: str, count: int | None) -> None:
    found, body = only([entry("2026-11-21T07:00+01:00", "night", fields=fields)])
    assert said(body) == [f"**07:00** Night of 20 November: {words}"]
    assert found.get("night_cramps") == count


def test_an_answer_about_signs_is_not_made_a_finding() -> None:
    asked = Entry(kind="symptoms", fields={"numbness": "yes", "swelling": None})
    assert details(asked) == ["asked about numbness yes"]


def test_of_a_night_the_newest_number_counts_and_cramps_of_the_day_are_at_least_so_many() -> None:
    given_ = [
        entry("2026-11-21T03:10+01:00"),
        entry("2026-11-21T04:10+01:00"),
        entry("2026-11-21T07:00+01:00", "night", fields={"count": 5}),
        entry("2026-11-21T08:00+01:00", "night", fields={"count": 1}),
        entry("2026-11-21T09:00+01:00", "night", night=date(2026, 11, 15), fields={"count": 9}),
    ]
    found, _ = only(given_)
    assert (found["night"], found["night_cramps"], found["night_at_least"]) == (date(2026, 11, 20), 2, True)


def test_of_a_cramp_whose_time_is_not_known_no_time_is_made_up() -> None:
    _, body = only(
        [entry(f"2026-11-21T03:1{n}+01:00", fields={"part": one}) for n, one in enumerate(["late", "unknown"])]
    )
    assert [line.split("**")[1] for line in said(body)] == ["late in the night", "time not known"]


def test_an_hour_that_comes_twice_and_a_flight_are_told_by_what_the_clock_was_ahead() -> None:
    _, body = only([entry("2026-10-25T02:30+02:00"), entry("2026-10-25T02:30+01:00")])
    assert [line.split(" Cramp")[0] for line in said(body)] == ["**02:30 (UTC+02:00)**", "**02:30 (UTC+01:00)**"]
    found, _ = only([entry("2026-03-29T01:59+01:00"), entry("2026-03-29T18:00-04:00", zone="America/New_York")])
    assert found["zone"] == ["Europe/Berlin", "America/New_York"]


def test_a_day_that_comes_back_is_one_note() -> None:
    """Kiritimati is 26 hours ahead of the other side of the date line."""
    start = datetime(2026, 5, 1, 12, tzinfo=UTC)
    zones = [ZoneInfo("Pacific/Kiritimati"), ZoneInfo("Etc/GMT+12"), ZoneInfo("Asia/Kathmandu")]
    given_ = [
        Entry(kind="cramp", at=(start + timedelta(hours=n)).astimezone(zones[n % 3]), zone=zones[n % 3].key)
        for n in range(120)
    ]
    notes = written(given_)
    assert list(notes) == sorted(notes)
    for name, note in notes.items():
        found, body = parts(note)
        mine = [one for one in given_ if one.at and f"{one.at.date()}.md" == name]
        assert found["entries"] == len(mine)
        assert re.findall(r"\*\*(\d\d:\d\d)", body) == [f"{one.at:%H:%M}" for one in mine]


def test_only_a_few_days_are_kept_of_a_long_log() -> None:
    stream, sizes = ForwardOnly(), []

    def days(many: int) -> Iterable[Entry]:
        for n in range(many):
            sizes.append(len(stream.getvalue()))
            yield entry((datetime(2020, 1, 1, 5, tzinfo=UTC) + timedelta(days=n)).isoformat(), note=f"{n}")

    write(days(50), stream, ContextMaker(find_home({"CRAMPCOACH_HOME": "/nowhere"})).make("exporters", None, NOW))
    assert all(later > earlier for earlier, later in pairwise(sizes[4:]))


@pytest.mark.parametrize("year", [1, 9999])
def test_the_first_and_the_last_year_have_notes_too(year: int) -> None:
    made = [
        Entry(kind="cramp", at=datetime(year, 12 if year > 1 else 1, day, 12, tzinfo=UTC), zone="UTC")
        for day in (1, 31)
    ]
    assert len(written(made)) == 2


# --- properties ------------------------------------------------------------------------------------------------

#: What YAML 1.1 or 1.2 reads as something else than a text, or not at all.
MISREAD = [
    "no", "yes", "on", "off", "y", "N", "true", "False", "null", "~", "Null", "NULL", "12:30", "1:2:3", "0x1F", "0o17",
    "007", "1_000", "1e3", "1.0", ".5", ".inf", ".NaN", "-1", "+1", "2026-11-21", "2026-11-21T03:10:00Z", "=", "<<",
    "-", "?", ":", "#", "&", "*", "!", "|", ">", "'", '"', "%", "@", "`", "[a]", "{a}", "a:", "#b", "---", "...",
    "", " ", "a: b", "a #b", " a", "a ", "- a", "? a", "\t", "a\nb", "\x85", "\u2028", "\ufeff", "\x7f", "\x1b[0m",
    "\\n", "😴",
]  # fmt: skip


@pytest.mark.parametrize("text", MISREAD)
def test_a_text_that_looks_like_something_else_stays_a_text(text: str) -> None:
    assert front({"a": text, "b": [text, text]}) == {"a": text, "b": [text, text]}
    assert front({text: 1}) == {text: 1}


def front(values: dict[str, Any]) -> Any:
    lines = properties(values)
    assert lines.startswith("---\n")
    assert lines.endswith("\n---\n")
    assert lines.count("---\n") == 2
    return yaml.safe_load(lines.removesuffix("---\n"))


VALUES = (
    st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.dates()
    | st.text(st.characters(exclude_categories=["Cs"]))
    | st.sampled_from(MISREAD)
)
KEYS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


@given(st.dictionaries(KEYS, VALUES | st.lists(VALUES), min_size=1))
def test_properties_come_back_equal(values: dict[str, Any]) -> None:
    found = front(values)
    assert found == values
    assert {name: type(value) for name, value in found.items()} == {name: type(value) for name, value in values.items()}


def test_a_kind_and_a_medicine_that_yaml_would_take_for_something_else() -> None:
    fields = {"name": "no"}
    found, _ = only(
        [entry("2026-11-21T08:00+01:00", "yes"), entry("2026-11-21T09:00+01:00", "medicine", fields=fields)]
    )
    assert found["tags"] == ["crampcoach", "medicine", "yes"]
    assert found["medicine"] == ["no"]


# --- words -----------------------------------------------------------------------------------------------------


class Quotations(HTMLParser):
    """The text in the quotations of a page, as paragraphs of lines; tags that no note may have are kept."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.paragraphs: list[str] = []
        self.tags: set[str] = set()
        self._inside = False
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.add(tag)
        self._inside = self._inside or tag == "blockquote"
        if self._inside and tag == "p":
            self.paragraphs.append("")
        if self._inside and tag == "br":
            self.paragraphs[-1] = f"{self.paragraphs[-1]}\n"

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag != "blockquote"

    def handle_data(self, data: str) -> None:
        if self._inside and self.paragraphs:
            self.paragraphs[-1] += data.replace("\n", "")  # the end of a line in the page is none of the text's


def pages(body: str) -> dict[str, str]:
    """What two readers make of it: an older Markdown, and CommonMark with GitHub's tables and struck-out words."""
    common = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    return {
        "markdown": markdown.markdown(body, extensions=["tables", "fenced_code"]),
        "markdown-it": common.render(body),
    }


def seen(text: str) -> list[str]:
    """What stands of a text on a page: paragraphs of lines, without what may command a program."""
    lines = re.split("\r\n|[\r\n\x85\u2028\u2029]", text)
    found = [""]
    for line in lines:
        if line.strip():
            found[-1] += ("\n" if found[-1] else "") + re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", "\ufffd", line)
        elif found[-1]:
            found.append("")
    return [one for one in found if one]


WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")) | st.lists(
    st.sampled_from(
        [*"\\`*_{}[]<>#|~&$=%^+-.:!()/'\" \t\n1a@", "\n\n", "\n---\n", "\n===\n", "\n```\n", "\n~~~\n", "    ",
         "1. ", "- ", "<b>", "&amp;", "&#42;", "](x)", "![", "[[", "]]", "https://a.b/c_d", "|a|b|\n|-|-|\n", ":--|--:",
         "==", "%%", "$$"]
    ),
    max_size=12,
).map("".join)  # fmt: skip


@given(WORDS, WORDS)
@example("a\n---", "- a\n- b\n\n    code")
@example("**a** _b_ `c` [d](e) <f> ~~g~~ ==h== $i$ %%j%% ^k", "1. a\n2) b\n+ c\n> d\n# e\n|f|\n|-|")
@example(" a ", "\u00a0a\u2003\n\x85b\x1b[0m")
def test_whatever_somebody_writes_only_shows_itself(first: str, second: str) -> None:
    """In two notes, one after the other: neither may change what stands around it."""
    _, body = only(
        [
            entry("2026-11-21T08:00+01:00", "journal", note=first),
            entry("2026-11-21T09:00+01:00", "journal", note=second),
        ]
    )
    for reader, page in pages(body).items():
        found = Quotations(page)
        assert found.paragraphs == seen(first) + seen(second), reader
        assert found.tags <= {"h1", "p", "strong", "blockquote", "br"}, reader
        assert page.count("<strong>") == 2, reader


@given(WORDS)
def test_a_field_in_which_somebody_writes_only_shows_itself(words: str) -> None:
    _, body = only([entry("2026-11-21T08:00+01:00", "medicine", fields={"name": f"x{words}x"})])
    expected = re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", "\ufffd", " ".join(f"x{words}x".split()))
    for reader, page in pages(body).items():
        found = HTMLText(page)
        assert found.text.split("Medicine: ")[1].strip() == expected, reader


class HTMLText(HTMLParser):
    """All text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.feed(page)
        self.close()

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize(
    "plain",
    [
        "It cost $5, or 6 & more.",
        "-5 degrees; 12.5 km",
        "a_b, 3 < 4 > 2",
        "Tom's ~10 minutes :-)",
        "1 = 1, 50% (C#) a|b",
    ],
)
def test_what_means_nothing_in_markdown_is_left_as_it_is(plain: str) -> None:
    assert quoted(plain) == [f"> {plain}"]
    assert one_line(plain) == plain


@pytest.mark.parametrize(
    ("written_", "line"),
    [
        ("$x$ and $$y$$", "$x&#36; and $&#36;y&#36;&#36;"),
        ("==x== %%y%% ~~z~~", "=&#61;x=&#61; %&#37;y%&#37; ~&#126;z&#126;&#126;"),
        ("a block ^name", "a block &#94;name"),
        ("#tag [[link]] ![[file]] [^1]", r"\#tag \[\[link\]\] !\[\[file\]\] \[^1\]"),
    ],
)
def test_what_only_means_something_to_obsidian_does_not_either(written_: str, line: str) -> None:
    """None of it is left in the pairs that it needs; `html.unescape` and a backslash give back what was written."""
    assert quoted(written_) == [f"> {line}"]


# --- the command -----------------------------------------------------------------------------------------------


def test_words_leave_only_where_they_are_asked_for(coach: Coach, commands: Commands, tmp_path: Path) -> None:
    commands.ok("log", "journal", "--day", "calm", "--note", SECRET)
    folder = tmp_path / "notes"
    reported = commands("export", "markdown", "-o", f"{folder}/")
    assert reported.out == f"wrote {folder}: 1 file, from 1 entry, 2026-11-22 to 2026-11-22\n"
    assert reported.err == "1 entry has words of yours that were left out; --with-text hands them to the format too\n"
    note = folder / "2026-11-22.md"
    assert SECRET not in note.read_text()
    told = commands("export", "markdown", "-o", str(folder), "--with-text", "--force", "--json").json
    assert (told["files"], told["unchanged"], told["entries"]) == (1, 0, 1)
    assert note.read_text().endswith(f"\n**12:00** Journal: day calm\n\n> {SECRET}\n")


def test_an_empty_log_has_no_notes(commands: Commands, tmp_path: Path) -> None:
    said = commands.ok("export", "markdown", "-o", f"{tmp_path}/notes/")
    assert said == f"wrote {tmp_path}/notes: 0 files, from 0 entries"
    assert list((tmp_path / "notes").iterdir()) == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
KNOWN = ["severity", "count", "at_least", "part", "name", "stress", "woken", "side", "duration"]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["cramp", "night", "day", "medicine", "no"]),
            st.datetimes(datetime(2026, 1, 1), datetime(2026, 1, 3)),
            st.sampled_from(["Europe/Berlin", "Pacific/Kiritimati", "Etc/GMT+12", "UTC"]),
            st.dictionaries(
                st.sampled_from(KNOWN) | st.text(st.characters(exclude_categories=["Cs"]), max_size=5), JSON
            ),
        ),
        max_size=6,
    )
)
def test_whatever_other_plugins_enter_makes_notes(rows: list[tuple[str, datetime, str, dict[str, Any]]]) -> None:
    made = [
        Entry(kind=kind, at=at.replace(tzinfo=ZoneInfo(zone)), zone=zone, night=at.date(), fields=fields)
        for kind, at, zone, fields in rows
    ]
    made.sort(key=lambda one: one.at.astimezone(UTC) if one.at else NOW)
    notes = [parts(note) for note in written(made).values()]
    assert sum(found["entries"] for found, _ in notes) == len(made)
    for found, body in notes:
        json.dumps(found, default=str)
        assert body.count("\n\n**") == found["entries"]
        for page in pages(body).values():
            assert page.count("<strong>") == found["entries"]
