"""jrnl's journals come in as jrnl wrote them, whatever form their times have, as text or as JSON.

Those in `files/jrnl` were written by jrnl itself.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crampcoach import Entry, Problem, Skipped
from crampcoach_journaling.jrnl import JrnlOptions, read
from crampcoach_journaling.json_entries import json_entries

pytestmark = pytest.mark.pure

FILES = Path(__file__).resolve().parent / "files" / "jrnl"
#: What each of them holds.
NOTES = [
    "Slept through.\nWalked to the station, 20 minutes.",
    "Calf cramp again \N{LEG}\N{CONFOUNDED FACE} @cramp #left\nEased after standing up. \N{SLIGHTLY SMILING FACE}",
    "\u062a\u0634\u0646\u062c \u0641\u064a \u0627\u0644\u0633\u0627\u0642\n"
    "\u05d6\u05d4 \u05e2\u05d1\u05e8 \u05d0\u05d7\u05e8\u05d9 \u05d3\u05e7\u05d4 @\u05dc\u05d9\u05dc\u05d4",
    "List for tomorrow\n[ ] soup\n[x] stretch\n[1] a footnote\n\n    set in\n\nlast line",
    "A good day to remember\nWith friends.",
    "Tired",
    "\u65e5\u8a18\u3002\n\u8db3\u304c\u3064\u3063\u305f\u3002",
    "2 * 3 * 4 is arithmetic",
    "Glass of water",
    "Glass of water",
    "In the hour that the clocks left out",
    "In the hour that came twice",
]
TIMES = [
    "03-01 07:15", "03-02 22:40", "03-03 08:05", "03-04 21:00", "03-05 19:30", "03-06 06:45", "03-07 23:10",
    "03-08 10:00", "03-09 12:00", "03-09 12:00", "03-29 02:30", "10-25 02:30",
]  # fmt: skip
OWN_FORM = "%y%m%d-%H%M"
TIMED = [path for path in sorted(FILES.glob("*.txt")) if path.stem not in ("dates", "encrypted", "date-in-body", "own")]


def found(data: str | bytes, timeformat: str | None = None, zone: str = "Europe/Berlin") -> list[Entry | Skipped]:
    """What the importer makes of a file, for somebody in that zone."""
    ctx: Any = SimpleNamespace(options=JrnlOptions(timeformat), now=datetime(2026, 11, 22, 12, tzinfo=ZoneInfo(zone)))
    return list(read(BytesIO(data.encode() if isinstance(data, str) else data), ctx))


def entries(data: str | bytes, timeformat: str | None = None) -> list[Entry]:
    made = found(data, timeformat)
    assert all(isinstance(one, Entry) for one in made), made
    return [one for one in made if isinstance(one, Entry)]


def wall(entry: Entry) -> str:
    assert entry.at
    return f"{entry.at:%m-%d %H:%M}"


def refusal(data: str | bytes, timeformat: str | None = None) -> str:
    with pytest.raises(Problem) as problem:
        found(data, timeformat)
    return str(problem.value)


# --- what jrnl wrote -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", TIMED, ids=lambda path: path.stem)
def test_every_form_of_the_times(path: Path) -> None:
    made = entries(path.read_bytes())
    assert [one.note for one in made] == NOTES
    assert [wall(one) for one in made] == TIMES
    assert {one.kind for one in made} == {"journal"}
    assert [one.note for one in made if one.fields] == ["A good day to remember\nWith friends."]
    assert made[4].fields == {"starred": True}


def test_there_are_journals_to_read() -> None:
    assert len(TIMED) == 8


def test_seconds_are_kept_where_they_stand() -> None:
    first = entries((FILES / "default.txt").read_bytes())[0]
    assert first.at
    assert first.at.second == 20


def test_json_is_the_same_but_for_seconds() -> None:
    text, parsed = entries((FILES / "default.txt").read_bytes()), entries((FILES / "default.json").read_bytes())
    assert [(one.note, one.fields, one.origin) for one in parsed] == [
        (one.note, one.fields, one.origin) for one in text
    ]
    assert [wall(one) for one in parsed] == TIMES


def test_dates_without_a_time_belong_to_their_evening() -> None:
    made = entries((FILES / "dates.txt").read_bytes())
    assert [one.note for one in made] == NOTES
    assert [one.night for one in made][:3] == [date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 3)]


def test_a_form_of_its_own_must_be_named() -> None:
    data = (FILES / "own.txt").read_bytes()
    assert refusal(data).startswith("this is no journal of jrnl's: no line begins as its entries do: [2026-11-21 10:15")
    assert [wall(one) for one in entries(data, OWN_FORM)] == TIMES


def test_a_date_in_a_text_stays_there_and_is_named() -> None:
    made = found((FILES / "date-in-body.txt").read_bytes())
    (skipped,) = (one for one in made if isinstance(one, Skipped))
    assert (skipped.line, "stays in the text" in skipped.why) == (34, True)
    notes = [one.note for one in made if isinstance(one, Entry)]
    assert "Copied from the calendar\n[2026-01-02] see the dentist" in notes
    assert sorted(notes) == sorted([*NOTES, "Copied from the calendar\n[2026-01-02] see the dentist"])


def test_an_encrypted_journal() -> None:
    remedy = "have jrnl write it out, import that, and delete it then: jrnl --format json --file journal.json"
    sentence = f"this journal is encrypted; {remedy}"
    assert refusal((FILES / "encrypted.txt").read_bytes()) == sentence
    assert refusal(b"gAAAAABl0LgAb3BlbiBzZXNhbWU=") == sentence  # as jrnl 2 to 4.5 begins
    assert "or an encrypted one: line 2 is no text" in refusal(bytes(range(256)))  # and jrnl 1


def test_local_times_around_a_change_of_the_clock() -> None:
    gap, fold = entries((FILES / "default.txt").read_bytes())[-2:]
    assert gap.at
    assert fold.at
    assert gap.at.astimezone(UTC) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)  # as far after the gap as it stood in it
    assert fold.at.astimezone(UTC) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # the first of the two


# --- what it may look like besides -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "notes"),
    [
        ("", []),
        ("\n\n", []),
        ("\ufeff[2026-03-01 07:15] one\n", ["one"]),
        ("[2026-03-01 07:15] one\r\ntwo\r\n\r\n[2026-03-01 07:16] three\r\n", ["one\ntwo", "three"]),
        ("[2026-03-01 07:15] \nonly a body\n", ["only a body"]),
        ("[2026-03-01 07:15] ends without a line's end", ["ends without a line's end"]),
        ("[2026-03-01 07:15] a\u2028b\x0bc\rd\n", ["a\u2028b\x0bc\rd"]),
        ("[2026-03-01 07:15] **bold**\n", ["**bold**"]),
    ],
)
def test_texts(text: str, notes: list[str]) -> None:
    assert [one.note for one in entries(text)] == notes


def test_what_is_skipped_says_where() -> None:
    text = "\nabove\n[2026-03-01 07:15] one\n[2026-03-01 07:16] *\n\n[2026-03-01 07:17] two\n"
    made = found(text)
    assert [(one.line, one.why) for one in made if isinstance(one, Skipped)] == [
        (2, "text above the first entry, which has no time"),
        (4, "an entry without text"),
    ]
    assert [one.note for one in made if isinstance(one, Entry)] == ["one", "two"]


@pytest.mark.parametrize(
    ("lines", "day"),
    [
        (["[01/02/2026 08:00] a", "[13/02/2026 08:00] b"], "2026-02-01"),
        (["[01/02/2026 08:00] a", "[01/13/2026 08:00] b"], "2026-01-02"),
        # jrnl keeps its entries in order, which only one of the two is in.
        (["[09/02/2026 08:00] a", "[01/03/2026 08:00] b"], "2026-02-09"),
        (["[02/09/2026 08:00] a", "[03/01/2026 08:00] b"], "2026-02-09"),
    ],
)
def test_day_and_month_are_told_from_the_whole_file(lines: list[str], day: str) -> None:
    first = entries("\n".join(lines))[0]
    assert first.at
    assert first.at.date() == date.fromisoformat(day)


def test_day_and_month_that_nobody_can_tell() -> None:
    text = "[01/02/2026 08:00] a\n"
    sentence = "its dates may be d/m/Y or m/d/Y; say which, for example: --timeformat '%d/%m/%Y %H:%M'"
    assert refusal(text) == sentence
    assert wall(entries(text, "%d/%m/%Y %H:%M")[0]) == "02-01 08:00"
    assert wall(entries(text, "%m/%d/%Y %H:%M")[0]) == "01-02 08:00"


@pytest.mark.parametrize(
    ("timeformat", "wrong"),
    [("%H:%M", "it names no day of a year"), ("%Y-%m-%d %Q", "'Q' is a bad directive"), ("%d %", "it names no day")],
)
def test_a_form_that_cannot_be(timeformat: str, wrong: str) -> None:
    assert f"--timeformat {timeformat!r}: {wrong}" in refusal("[2026-03-01 07:15] one\n", timeformat)


def test_what_jrnls_shorthands_mean() -> None:
    text = "[2026-03-01 07:15:20 PM] one\n"
    assert wall(entries(text, "%F %r")[0]) == "03-01 19:15"


# --- JSON ------------------------------------------------------------------------------------------------------


def exported(*members: object) -> str:
    return json.dumps({"tags": {"@a": 1}, "entries": members}, indent=2)


ONE = {"title": "one", "body": "", "date": "2026-03-01", "time": "07:15", "tags": [], "starred": False}


def test_tags_that_stand_in_no_text_are_kept() -> None:
    (entry,) = entries(exported({**ONE, "title": "with @Cramp", "tags": ["@cramp", "@night"]}))
    assert entry.fields == {"tags": ["@night"]}


@pytest.mark.parametrize(
    ("member", "why"),
    [
        (1, "no entry"),
        ({**ONE, "time": "25:00"}, "an entry without date and time"),
        ({"title": "one"}, "an entry without date and time"),
        ({**ONE, "title": 3}, "an entry that is not as jrnl writes them"),
        ({**ONE, "title": ""}, "an entry without text"),
    ],
)
def test_members_that_are_no_entries(member: object, why: str) -> None:
    skipped, entry = found(exported(member, ONE))
    assert isinstance(skipped, Skipped)
    assert isinstance(entry, Entry)
    assert (skipped.why, skipped.line) == (why, 6)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"a": 1}', "its JSON has no list of entries"),
        ("{}", "its JSON has no list of entries"),
        ("{", "its JSON goes wrong at line 1"),
        ('{"entries": {}}', "its JSON has no list of entries"),
        ("{" + "[" * 100_000, "its JSON goes wrong at line 1"),
        ('{"a": ' + "[" * 100_000, "its JSON goes wrong at line 1"),
        (exported(ONE)[:-20], "its JSON goes wrong at line 6"),
    ],
)
def test_json_of_somebody_else(text: str, says: str) -> None:
    assert refusal(text) == f"this is no journal of jrnl's, or it was cut off: {says}"


# --- any text --------------------------------------------------------------------------------------------------

STAMPS = st.datetimes(datetime(1970, 1, 1), datetime(2026, 11, 22))
#: jrnl cannot keep spaces around a text, and its own reading ends an entry where a line begins as one.
LINES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n")).map(
    lambda line: line.strip().strip("*[").strip()
)
TEXTS = st.lists(LINES, min_size=1, max_size=6).map(lambda lines: "\n".join(lines).strip()).filter(bool)


@given(st.lists(st.tuples(STAMPS, TEXTS, st.booleans()), max_size=8))
def test_any_text_comes_back_equal(given: list[tuple[datetime, str, bool]]) -> None:
    """Written as jrnl writes it: title, star, body, an empty line."""
    text = ""
    for at, note, starred in given:
        title, _, body = note.partition("\n")
        text += f"[{at:%Y-%m-%d %I:%M:%S %p}] {title.rstrip()}{' *' if starred else ''}\n{body}\n\n"
    made = entries(text)
    assert [(one.note, one.fields == {"starred": True}) for one in made] == [
        (note, starred) for _, note, starred in given
    ]
    assert [one.at.replace(tzinfo=None) for one in made if one.at] == [at.replace(microsecond=0) for at, *_ in given]


JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


class Slow(BytesIO):
    """Gives as little at a time as it likes."""

    def __init__(self, data: bytes, most: int) -> None:
        super().__init__(data)
        self._most = most

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(self._most)


@given(st.lists(JSON, max_size=5), JSON, st.sampled_from([None, 0, 3]), st.booleans(), st.integers(1, 40))
def test_json_read_in_pieces_is_the_same(
    members: list[object], other: object, indent: int | None, ascii_only: bool, most: int
) -> None:
    text = json.dumps({"tags": other, "entries": members}, indent=indent, ensure_ascii=ascii_only)
    data = text.encode("utf-8", "replace")
    assert [one for _, one in json_entries(Slow(data, most))] == json.loads(data)["entries"]
