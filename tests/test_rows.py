"""csv, jsonl and toml as people meet them: the schema holds, and what is wrong in a file is named with its line.

What a spreadsheet or an editor has changed is read as far as it can mean one thing only.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import jsonschema
import pytest
from hypothesis import given

from coaching import coach_of, log
from commands import Commands
from crampcoach import Entry, Problem, Skipped
from crampcoach.testing import Coach
from crampcoach_exporters.jsonl import line_of
from logged import OWNERS, all_of, all_of_them, logged, long_log
from test_round_trip import FORMATS, IMPORTERS, context, written

pytestmark = pytest.mark.pure

TOP = Path(__file__).resolve().parent.parent
SCHEMA = json.loads((TOP / "docs" / "log.v1.schema.json").read_text("utf-8"))
ID = "01a00000-0000-7000-8000-000000000001"


def found(name: str, data: bytes | str) -> tuple[list[Entry], list[tuple[int | None, str]]]:
    """The entries of a file, and what was skipped, each with its line."""
    raw = data if isinstance(data, bytes) else data.encode()
    both = list(IMPORTERS[name].read(io.BytesIO(raw), context()))
    skipped = [(one.line, one.why) for one in both if isinstance(one, Skipped)]
    return [one for one in both if isinstance(one, Entry)], skipped


def refused(name: str, data: bytes | str) -> str:
    """The sentence of a file that is none of this format."""
    with pytest.raises(Problem) as problem:
        found(name, data)
    return str(problem.value)


# --- jsonl -----------------------------------------------------------------------------------------------------


@given(entry=logged())
def test_each_line_is_as_the_schema_says(entry: Entry) -> None:
    line = line_of(entry)
    assert len(line.decode().splitlines()) == 1
    check = jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER)
    check.validate(json.loads(line))


def test_the_schema_is_one_and_refuses_what_is_none() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    line = json.loads(line_of(next(iter(long_log(1)))))
    wrong = [
        *({key: value for key, value in line.items() if key != left_out} for left_out in line),
        {**line, "version": 2}, {**line, "at": "2026-11-21T03:10"}, {**line, "night": None}, {**line, "fields": []},
        {**line, "kind": "A cramp"}, {**line, "id": "7"}, {**line, "more": 1},
    ]  # fmt: skip
    for one in wrong:
        assert not jsonschema.Draft202012Validator(SCHEMA).is_valid(one), one


def test_a_line_that_is_wrong_is_named_and_costs_no_other() -> None:
    good = written("jsonl", long_log(2)).splitlines()
    one: dict[str, object] = json.loads(good[0])
    values: list[dict[str, object]] = [
        {"at": "yesterday"}, {"at": 5}, {"at": "2026-10-25T02:30:00"}, {"at": "2026-03-29T02:30:00", "zone": "Nowhere"},
        {"kind": "My Kind"}, {"fields": []}, {"note": 5}, {"night": "soon"}, {"more": 1}, {"my words": 1},
    ]  # fmt: skip
    bad = [
        b"{", b"\xff", b"[1]", b"", json.dumps({**one, "version": True}).encode(),
        *(json.dumps({**one, **wrong}).encode() for wrong in values),
        good[0].replace(b'"fields": {', b'"fields": {"x": NaN, '), b"[" * 100_000,
    ]  # fmt: skip
    entries, skipped = found("jsonl", b"\n".join([good[0], *bad, good[1]]))
    assert all_of_them(entries) == all_of_them(long_log(2))
    cut, json_object = "a line that is no whole JSON object; the file may have been cut off there", "a line that is no"
    assert skipped == [
        (2, cut),
        (3, f"{json_object} text in UTF-8"),
        (4, f"{json_object} JSON object"),
        (6, "an object without its version"),
        (7, "a date and time that cannot be read; write it as 2026-11-21T03:10:00+01:00"),
        (8, "an entry without a date and time, such as 2026-11-21T03:10:00+01:00"),
        (9, "a time that the clock showed twice; add its offset from UTC"),
        (10, "a time without an offset, in a zone that this machine does not know"),
        (11, "an entry without a kind, or one that is no short name of lower-case letters"),
        (12, "an entry whose fields are no table of names and values"),
        (13, "an entry whose note is no text"),
        (14, "an entry whose night is no date, such as 2026-11-20"),
        (15, "an entry with a key that no entry has"),
        (16, "an entry with a key that no entry has"),
        (17, cut),
        (18, cut),
    ]


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize(
    ("zone", "at", "offset"),
    [
        ("Asia/Kolkata", datetime(2026, 11, 22, 3, 10), "+05:30"),
        ("Europe/Berlin", datetime(2026, 10, 25, 2, 30), "+02:00"),  # comes twice
        ("Europe/Berlin", datetime(2026, 10, 25, 2, 30, fold=1), "+01:00"),
    ],
)
def test_a_time_stands_there_as_the_clock_showed_it_with_its_offset(
    name: str, zone: str, at: datetime, offset: str
) -> None:
    """For whoever reads the file: back in the log it would be right in UTC as well."""
    entry = replace(next(iter(long_log(1))), at=at.replace(tzinfo=ZoneInfo(zone)), zone=zone)
    csv_has = f"{at:%Y-%m-%d,%H:%M:%S},UTC{offset},{zone},"
    expected = {
        "csv": csv_has,
        "jsonl": f'"{at:%Y-%m-%dT%H:%M:%S}{offset}"',
        "toml": f"{at:%Y-%m-%d %H:%M:%S}{offset}\n",
    }
    assert expected[name] in written(name, [entry]).decode()


@pytest.mark.parametrize("name", ["jsonl", "toml"])
def test_a_newer_version_is_refused_with_what_to_do(name: str) -> None:
    data = written(name, long_log(2)).replace(b'"version": 1', b'"version": 2').replace(b"version = 1", b"version = 2")
    assert refused(name, data) == "this file is of version 2 of the format, and this crampcoach reads 1; update it"


# --- toml ------------------------------------------------------------------------------------------------------

HAND = """
# Mine
version = 1
entries = [
  {kind = "cramp", at = 2026-11-21T03:10:00+01:00, fields = {side = "left"}},
  {kind = "night", at = 2026-11-21 08:00:00, zone = "Europe/Berlin", night = 2026-11-20, fields.count = 1},
]
[end]
"""


def test_a_toml_that_somebody_wrote_is_read_as_a_whole() -> None:
    entries, skipped = found("toml", HAND)
    assert [(one.kind, one.at and one.at.astimezone(UTC).hour, one.fields) for one in entries] == [
        ("cramp", 2, {"side": "left"}),
        ("night", 7, {"count": 1}),
    ]
    assert not skipped


def test_a_toml_of_ours_with_a_table_inside_a_text_is_read_once() -> None:
    lines = written("toml", long_log(5)).decode().replace("Wade, 2\n", "Wade, 2\n[[entries]]\n")
    entries, skipped = found("toml", lines)
    assert [one.note for one in entries][1:4] == [
        "Wade, 1\nganz fest", "Wade, 2\n[[entries]]\nganz fest", "Wade, 3\nganz fest"
    ]  # fmt: skip
    assert (len(entries), skipped) == (5, [])


def test_what_is_wrong_in_a_table_is_named_with_its_line() -> None:
    data = written("toml", long_log(3)).decode()
    wrong = data.replace('kind = "cramp"', 'kind = "A cramp"', 1).replace(
        "[entries.fields]", '[entries.json]\nx="{"', 2
    )
    entries, skipped = found("toml", wrong.replace('[entries.json]\nx="{"', "[entries.fields]", 1))
    assert len(entries) == 1
    assert [line for line, _ in skipped] == [
        number for number, line in enumerate(data.splitlines(), 1) if line == "[[entries]]"
    ][:2]
    assert skipped[1][1] == "an entry in whose table `json` something is no JSON"


# --- csv: what spreadsheets write back -------------------------------------------------------------------------


def test_the_csv_is_as_spreadsheets_want_it() -> None:
    (entry,) = long_log(1)
    entry = replace(entry, fields={"side": "left", "severity": 7, "duration": 2.5, "asleep": True, "tags": ["a"]})
    data = written("csv", [replace(entry, note='=1+1\n"ü"', origin="-x")])
    assert data.startswith(b"\xef\xbb\xbfdate,time,")
    assert data.endswith(b"\r\n")
    assert b"\r\n" not in data.removesuffix(b"\r\n").partition(b"\r\n")[2]
    header, row = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    assert dict(zip(header, row, strict=True)) == {
        "date": "2026-11-20", "time": "00:00:00", "offset": "UTC+01:00", "zone": "Europe/Berlin", "night": "2026-11-19",
        "kind": "cramp", "cramp.asleep": "true", "cramp.duration": "2.5", "cramp.severity": "7", "cramp.side": "left",
        "cramp.tags": '["a"]', "note": '\'=1+1\n"ü"', "origin": "'-x", "id": entry.id,
    }  # fmt: skip


COLUMNS = "date time offset zone night kind cramp.severity cramp.duration cramp.asleep note origin id"
HEAD = COLUMNS.split()


def saved(*rows: str, head: list[str] = HEAD, separator: str = ",", end: str = "\n") -> str:
    """A file with these rows, whose cells stand with `|` between them."""
    out = io.StringIO()
    csv.writer(out, delimiter=separator, lineterminator=end).writerows([head, *(row.split("|") for row in rows)])
    return out.getvalue()


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize(
    ("row", "utc"),
    [
        ("2026-11-21|03:10:00.250|UTC+01:00|Europe/Berlin|2026-11-20|cramp|7|2.5|true|||", "02:10:00.250000"),
        ("21.11.2026|3:10|UTC+01:00|Europe/Berlin|20.11.2026|cramp|7|2,5|TRUE|||", "02:10:00"),
        ("11/21/2026|03:10:00 AM|'+01:00|Europe/Berlin|11/20/2026|cramp|7|2.50|True|||", "02:10:00"),
        ("21/11/2026|03:10 p.m.||Europe/Berlin|20/11/2026|cramp|7|2.5E+000|true|||", "14:10:00"),
        ("2026/11/21|03:10|||2026-11-20|cramp|7|2.5|true|||", "02:10:00"),
        ("2026-11-21|12:10:00 AM|GMT-01:00||2026-11-20|cramp|7|2.5|true", "01:10:00"),
    ],
)
def test_dates_times_and_numbers_are_read_as_spreadsheets_write_them(row: str, utc: str, separator: str) -> None:
    entries, skipped = found("csv", saved(row, separator=separator))
    assert not skipped
    (entry,) = entries
    assert entry.at
    assert entry.at.astimezone(UTC).time().isoformat() == utc
    assert entry.fields == {"severity": 7, "duration": 2.5, "asleep": True}
    assert str(entry.night) == "2026-11-20"


@pytest.mark.parametrize("first", ["10/11/2026", "11-10-2026"])
def test_a_date_that_means_two_days_is_told_by_the_others_or_skipped(first: str) -> None:
    row = "|03:10|UTC+01:00|Europe/Berlin||cramp|7||"
    assert found("csv", saved(first + row)) == (
        [], [(2, "a date that can be read in two ways; write it as 2026-11-21")]
    )  # fmt: skip
    between = first[2]
    for other, order in ((f"13{between}10{between}2026", "%d"), (f"10{between}13{between}2026", "%m")):
        (one, _), skipped = found("csv", saved(first + row, other + row))
        assert not skipped
        assert one.at
        assert f"{one.at:{order}}" == first[:2]


def test_a_row_that_cannot_be_read_is_named_and_costs_no_other() -> None:
    good = "2026-11-21|03:10|UTC+01:00|Europe/Berlin||cramp|7|||a\nb||"
    rows = {
        "2026-11-21|soon|||||": "a row without a time such as 03:10:00",
        "|03:10|||||": "a row without a date such as 2026-11-21",
        "21.11.26|03:10|||||": "a date whose year has two figures; write it as 2026-11-21",
        "2026-11-31|03:10|||||": "a date that no calendar has",
        "2026-11-21|25:10|||||": "a time that no clock shows",
        "2026-11-21|13:10 PM|||||": "a time that no clock shows",
        "2026-11-21|03:10|1|||||": "an offset from UTC that is none; write it as UTC+01:00",
        "2026-11-21|03:10|UTC+25:00|||||": "an offset from UTC of more than a day",
        "2026-10-25|02:30||Europe/Berlin||cramp|": "a time that the clock showed twice; add its offset from UTC",
        "2026-11-21|03:10||Berlin||cramp|": "a time without an offset, in a zone that this machine does not know",
        "2026-11-21|03:10||||my words|": "an entry without a kind, or one that is no short name of lower-case letters",
        "2026-11-21|03:10||||night|7": "a row with a value in the column of another kind",
        "2026-11-21|03:10||||cramp||1,500": (
            "a number that can be read in two ways, with a comma or point before three figures"
        ),
        "2026-11-21|03:10||||cramp|||||||more|": "a row with more cells than there are columns",
    }
    entries, skipped = found("csv", saved(good, "|||", *rows, good))
    assert [entry.note for entry in entries] == ["a\nb", "a\nb"]
    assert skipped == [(number, why) for number, why in enumerate(rows.values(), 5)]
    # A time that the clock skipped is as far after the gap as it stands in it, as everywhere else.
    entries, _ = found("csv", saved("2026-03-29|02:30||Europe/Berlin||cramp|"))
    assert entries[0].at
    assert entries[0].at.astimezone(UTC) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def test_quotation_marks_that_do_not_fit_cost_their_row_only() -> None:
    good = "2026-11-21,03:10,,,,cramp"
    entries, skipped = found("csv", f'date,time,offset,zone,night,kind\n{good}\n2026-11-21,"0"3:10\n{good}\n')
    assert (len(entries), skipped) == (2, [(3, "a row whose quotation marks do not fit together")])


def test_what_the_first_line_names_is_checked() -> None:
    row = "2026-11-21|03:10|||||"
    assert "names no column 'kind'" in refused("csv", saved(row, head=HEAD[:5]))
    assert "two columns have the same name" in refused("csv", saved(row, head=[*HEAD, "note"]))
    _, skipped = found("csv", saved("2026-11-21|03:10||||cramp|", head=[*HEAD, "colour"]))
    assert skipped == [(1, "a column that is none of crampcoach's: a field has one named KIND.FIELD")]


def test_an_older_encoding_is_named_with_its_line() -> None:
    (entry,) = long_log(1)
    data = written("csv", [entry, replace(entry, note="ü")]).removeprefix(b"\xef\xbb\xbf").decode()
    said = refused("csv", data.encode("cp1252"))
    assert said.endswith("is no such text; save it as Unicode (UTF-8)")
    assert "line 1 names" not in said
    assert all_of_them(found("csv", data)[0]) == all_of_them([entry, replace(entry, note="ü")])


# --- files that are none ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_of_another_format_is_refused_in_one_sentence(name: str) -> None:
    others = {other: written(other, long_log(3)) for other in FORMATS if other != name}
    others |= {
        "binary": bytes(range(256)) * 50, "gzip": gzip.compress(b"x" * 1000), "picture": b"\x89PNG\r\n\x1a\n\0\0",
        "text": b"Dear diary\n\nmy words, and more\n", "config": b'[day]\nbed = "23:15"\n',
        "utf-16": "x,y\n".encode("utf-16"),
        "jrnl": (TOP / "tests" / "files" / "jrnl" / "default.json").read_bytes(), "html": b"<!doctype html>\n<p>x\n",
        "zeros": bytes(5000),
    }  # fmt: skip
    for what, data in others.items():
        said = refused(name, data)
        assert said.startswith(("this is no file of `export", "this is no file of `crampcoach export", "this file ")), (
            what
        )
        assert "my words" not in said
        assert "\n" not in said


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_that_was_cut_off_anywhere_never_gives_half_an_entry(name: str) -> None:
    log = [replace(entry, origin=f"own:{entry.id}") for entry in long_log(3)]
    data = written(name, log)
    whole = {all_of(entry) for entry in log}
    for at in range(4, len(data) - 1):
        try:
            entries, skipped = found(name, data[:at])
        except Problem as problem:
            assert "\n" not in str(problem)
            continue
        assert {all_of(entry) for entry in entries} <= whole, at
        # Where it ends between two rows or lines nobody can tell.
        ends = data[:at].endswith((b"\n", b"\r")) or data[at:].startswith((b"\n", b"\r"))
        assert skipped or ends, at
        assert name != "toml" or len(entries) == 3


@pytest.mark.parametrize("name", FORMATS)
def test_an_empty_file_is_said_to_be_one_or_brings_nothing(name: str) -> None:
    if name == "jsonl":  # as it is of an empty log
        assert found(name, b"") == ([], [])
    else:
        assert len(refused(name, b"")) > 10


# --- by commands -----------------------------------------------------------------------------------------------


@pytest.fixture
def coach(tmp_path: Path) -> Iterator[Coach]:
    with coach_of(tmp_path, "exporters", *OWNERS, now="2026-11-22 12:00") as coach:
        yield coach


@pytest.fixture
def commands(coach: Coach) -> Commands:
    return Commands(coach)


@pytest.mark.parametrize("name", FORMATS)
def test_what_only_the_person_may_say_is_not_imported_and_the_report_says_so(
    name: str, coach: Coach, commands: Commands, tmp_path: Path
) -> None:
    log(coach, "symptoms", swelling="yes")
    log(coach, "profile", pregnant="no")
    log(coach, "examined")
    path = str(tmp_path / "file")
    commands("export", name, "--with-text", "-o", path)
    with coach_of(tmp_path / "other", "exporters", *OWNERS, now="2026-11-22 12:00") as other:
        said = Commands(other)("import", name, path).out
        assert "imported: 1 entry" in said
        for kind in ("profile", "examined"):
            assert f"skipped: an entry of kind '{kind}', which only you can make" in said
        assert [entry.kind for entry in other.entries()] == ["symptoms"]


@pytest.mark.parametrize("name", FORMATS)
def test_words_left_out_do_not_come_in_later_and_the_help_says_so(
    name: str, coach: Coach, commands: Commands, tmp_path: Path
) -> None:
    log(coach, "cramp", "My calf", side="left")
    without, with_words = str(tmp_path / "without"), str(tmp_path / "with")
    commands("export", name, "-o", without)
    commands("export", name, "--with-text", "-o", with_words)
    with coach_of(tmp_path / "other", "exporters", *OWNERS, now="2026-11-22 12:00") as other:
        there = Commands(other)
        assert there.ok("import", name, without).startswith("imported: 1 entry")
        assert "in your log before: 1 entry" in there.ok("import", name, with_words)
        (entry,) = other.entries()
        assert (entry.note, entry.fields) == ("", {"side": "left"})
        for command in ("export", "import"):
            said = " ".join(there.ok(command, name, "--help").split())
            assert "without your words the entries come in without them" in said
            assert "does not add them" in said


@pytest.mark.parametrize("name", FORMATS)
def test_a_kind_that_no_plugin_has_comes_back_and_one_with_a_slip_does_not(
    name: str, coach: Coach, commands: Commands, tmp_path: Path
) -> None:
    log(coach, "tea", cups=[1, None])
    path = tmp_path / "file"
    commands("export", name, "--with-text", "-o", str(path))
    with coach_of(tmp_path / "other", "exporters", now="2026-11-22 12:00") as other:
        assert Commands(other).ok("import", name, str(path)).startswith("imported: 1 entry")
        (entry,) = other.entries()
        assert (entry.kind, entry.fields) == ("tea", {"cups": [1, None]})
        # What never was in a log needs a kind that somebody has.
        path.write_bytes(path.read_bytes().replace(entry.id.encode(), b""))
        assert "an unknown kind" in Commands(other).ok("import", name, str(path))


def test_values_that_are_nested_too_deeply_cost_no_other(commands: Commands, tmp_path: Path) -> None:
    path = tmp_path / "deep.jsonl"
    good = json.loads(written("jsonl", long_log(1)))
    depths = [0, 10, 99, 100, 101, *range(800, 1100, 5), 3000, 100_000]
    lines = [
        json.dumps({**good, "kind": "tea", "id": f"{ID[:-6]}{number:06}", "fields": {"x": "@"}}).replace(
            '"@"', "[" * depth + "]" * depth if depth else "7"
        )
        for number, depth in enumerate(depths)
    ]
    path.write_text("\n".join(lines))
    said = json.loads(commands("import", "jsonl", str(path), "--json").out)
    assert said["new"] == 3
    assert said["new"] + sum(one["count"] for one in said["skipped"]) == len(depths)


def test_rows_that_somebody_added_come_in_once(coach: Coach, commands: Commands, tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("kind;date;time;cramp.side;cramp.duration;note\ncramp;20.11.2026;03:10;left;2,5;'tis\n")
    assert commands.ok("import", "csv", str(path)).startswith("imported: 1 entry")
    assert "in your log before: 1 entry" in commands.ok("import", "csv", str(path))
    (entry,) = coach.entries()
    assert (entry.zone, entry.fields, entry.note) == ("Europe/Berlin", {"side": "left", "duration": 2.5}, "'tis")
