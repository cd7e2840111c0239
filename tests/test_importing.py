"""Import: what a file holds comes in whole or is named, twice is once, and old texts put nobody under advice."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from coaching import coach_of
from commands import Commands
from crampcoach import Importer, Skipped, hookspecs
from crampcoach.advice import HEADINGS
from crampcoach.cli import main
from crampcoach.clock import new_id
from crampcoach.store import entries, raised
from crampcoach.testing import Coach

pytestmark = pytest.mark.pure

JOURNAL = Path(__file__).resolve().parent / "files" / "jrnl" / "default.txt"
#: Reads JSON lines: an entry's values, or {"raise": ...}, {"skip": ...}.
PLUGIN = """\
import json, sys
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from crampcoach import Entry, Importer, Kind, Problem, Skipped, hookimpl

@dataclass(frozen=True)
class Options:
    kind: Annotated[str, "Of what kind"] = "cup"
    most: Annotated[int | None, "No more than this"] = None

def _read(stream, ctx):
    for number, line in enumerate(stream, 1):
        if number - 1 == ctx.options.most:
            return
        given = json.loads(line)
        match given:
            case {"skip": why}:
                yield Skipped(why, number)
            case {"raise": name}:
                raise {"ValueError": ValueError, "SystemExit": SystemExit, "Problem": Problem}[name]("no bones in it")
            case {"give": other}:
                yield other
            case _:
                at = datetime.fromisoformat(given.pop("at"))
                yield Entry(**{"kind": ctx.options.kind, **given}, at=at.replace(tzinfo=at.tzinfo or ctx.now.tzinfo))

@dataclass(frozen=True)
class Cup:
    size: Annotated[int | None, "How many millilitres"] = None

@hookimpl
def kinds():
    return [Kind(name="cup", title="A cup", fields=Cup)]

@hookimpl
def importers(ctx):
    return [Importer(name="cups", title="Cups", suffix=".jsonl", media_type="application/jsonl", options=Options,
                     read=_read)]
"""

Runs = Callable[..., str]


@pytest.fixture
def coach(tmp_path: Path) -> Iterator[Coach]:
    with coach_of(tmp_path, "journaling", sources={"cups": PLUGIN}, now="2026-11-22 12:00") as coach:
        yield coach


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., str]:
    """Writes the lines of a file for PLUGIN; its path."""

    def write(*lines: dict[str, Any]) -> str:
        path = tmp_path / "cups.jsonl"
        path.write_text("".join(json.dumps(line) + "\n" for line in lines))
        return str(path)

    return write


def cup(at: str = "2026-11-01T08:00", **values: Any) -> dict[str, Any]:
    return {"at": at, **values}


def notes(coach: Coach) -> list[str]:
    return sorted(entry.note for entry in coach.entries())


def holds(coach: Coach) -> bool:
    return bool(raised.holding(coach.agent.store.log))


# --- what comes in ---------------------------------------------------------------------------------------------


def test_the_formats_are_listed(commands: Commands) -> None:
    assert [line.split(maxsplit=1)[0] for line in commands.ok("import").splitlines()] == ["cups", "jrnl"]
    cups, jrnl = commands("import", "--json").json
    assert (cups["name"], cups["suffix"], cups["media_type"], cups["plugin"]) == (
        "cups",
        ".jsonl",
        "application/jsonl",
        "cups",
    )
    assert (jrnl["name"], jrnl["plugin"]) == ("jrnl", "journaling")


def test_an_entry_with_everything_in_it(coach: Coach, commands: Commands, file: Runs) -> None:
    path = file(cup("2026-10-25T02:30", fields={"size": 200}, note="left\nright \N{LEG}", zone="Europe/Lisbon"))
    assert commands.ok("import", "cups", path) == "imported: 1 entry, 2026-10-25 to 2026-10-25"
    (entry,) = coach.entries()
    assert (entry.kind, dict(entry.fields), entry.note) == ("cup", {"size": 200}, "left\nright \N{LEG}")
    assert (entry.zone, entry.night) == ("Europe/Lisbon", date(2026, 10, 24))
    assert entry.at
    assert entry.at.astimezone(UTC) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_a_second_run_changes_nothing_also_after_a_deletion(coach: Coach, commands: Commands, file: Runs) -> None:
    path = file(cup(note="a"), cup(note="b"), cup(note="b"))
    assert commands.ok("import", "cups", path) == "imported: 3 entries, 2026-11-01 to 2026-11-01"
    assert notes(coach) == ["a", "b", "b"]
    (deleted,) = (entry.id for entry in coach.entries() if entry.note == "a")
    entries.delete(coach.agent.store.log, deleted, coach.clock.now())
    again = commands.ok("import", "cups", path)
    gone = "deleted or taken back by you since: 1 entry; --again brings them in again"
    assert again == f"imported: 0 entries\nin your log before: 2 entries\n{gone}"
    assert notes(coach) == ["b", "b"]
    assert commands.ok("import", "cups", file(cup(note="b"), cup(note="c"))).startswith("imported: 1 entry")
    assert notes(coach) == ["b", "b", "c"]


def test_what_was_taken_back_comes_in_again_only_when_it_is_asked_for(
    coach: Coach, commands: Commands, file: Runs
) -> None:
    path = file(cup(note="a"), cup(note="b"))
    commands.ok("import", "cups", path)
    for _ in range(2):
        commands.ok("undo")
        assert commands.ok("import", "cups", path).startswith("imported: 0 entries\ndeleted or taken back")
        assert commands.ok("import", "cups", path, "--again").startswith("imported: 2 entries")
        assert notes(coach) == ["a", "b"]
        for again in ([], ["--again"]):
            assert commands.ok("import", "cups", path, *again) == "imported: 0 entries\nin your log before: 2 entries"


def test_what_was_in_a_log_of_ours_keeps_its_id_and_comes_in_once(coach: Coach, commands: Commands, file: Runs) -> None:
    first, second = (new_id(datetime(2026, 11, 1, 8, tzinfo=UTC)) for _ in range(2))
    ours = cup(id=first, origin="coffee.daily/2026-11-01/08:00", note="a")
    path = file(ours, cup(id=second), ours)
    assert commands.ok("import", "cups", path).startswith("imported: 2 entries")
    assert {entry.id: entry.origin for entry in coach.entries()} == {
        first: "coffee.daily/2026-11-01/08:00",
        second: None,
    }
    # Whatever else the file says of it, and with or without its origin.
    assert commands.ok("import", "cups", file(cup(id=first, note="b"))).startswith("imported: 0 entries\nin your log")
    entries.delete(coach.agent.store.log, first, coach.clock.now())
    assert "deleted or taken back by you since: 1 entry" in commands.ok("import", "cups", file(cup(id=first)))
    assert commands.ok("import", "cups", file(cup(id=first)), "--again").startswith("imported: 1 entry")
    assert {entry.id for entry in coach.entries()} & {first, second} == {second}


def test_two_ids_of_one_origin_are_one_thing_and_the_report_says_so(
    coach: Coach, commands: Commands, file: Runs
) -> None:
    first, second = (new_id(datetime(2026, 11, 1, 8, tzinfo=UTC)) for _ in range(2))
    path = file(
        cup(id=first, origin="coffee.daily/2026-11-01/08:00"), cup(id=second, origin="coffee.daily/2026-11-01/08:00")
    )
    expected = {"new": 1, "known": 1, "kinds": {"cup": 1}}
    for words in (["--dry-run", "--json"], ["--json"]):
        assert json.loads(commands.ok("import", "cups", path, *words)).items() >= expected.items()
    assert [entry.id for entry in coach.entries()] == [first]


def test_an_id_of_another_make_is_none(coach: Coach, commands: Commands, file: Runs) -> None:
    assert "an id that is none of crampcoach's" in commands.ok("import", "cups", file(cup(id="../7")))
    assert not coach.entries()


def test_more_than_one_transaction(coach: Coach, commands: Commands, file: Runs) -> None:
    path = file(*(cup(note=str(number)) for number in range(1234)))
    assert commands.ok("import", "cups", path).startswith("imported: 1,234 entries")
    assert sorted(int(entry.note) for entry in coach.entries()) == list(range(1234))
    ours = {"agent.lock", "backups", "backups.lock"}
    assert {path.name for path in coach.home.data_dir.iterdir() if ".db" not in path.name} == ours


@pytest.mark.once
def test_an_import_is_one_step_for_undo(coach: Coach, commands: Commands, file: Runs) -> None:
    path = file(*(cup(note=str(number)) for number in range(1234)))
    commands.ok("log", "cup", "--note", "before")
    commands.ok("import", "cups", path)
    assert commands.ok("undo").endswith("more entries of the same step")
    assert notes(coach) == ["before"]
    assert (
        commands.ok("import", "cups", path)
        == "imported: 0 entries\ndeleted or taken back by you since: 1,234 entries; --again brings them in again"
    )
    commands.ok("redo")
    assert len(coach.entries()) == 1235


def test_a_dry_run_saves_nothing(coach: Coach, commands: Commands, file: Runs) -> None:
    path = file(cup(note="a"), {"skip": "too cold"})
    said = commands.ok("import", "cups", path, "--dry-run")
    assert said.splitlines() == [
        "would be imported: 1 entry, 2026-11-01 to 2026-11-01",
        "skipped: too cold (line 2)",
        "Nothing was saved.",
    ]
    assert coach.entries() == ()


def test_the_report_for_programs(commands: Commands, file: Runs) -> None:
    path = file(*[{"skip": "too cold"}] * 7, cup())
    assert commands("import", "--json", "cups", path, "--dry-run").json["dry_run"]
    report = commands("import", "cups", path, "--json").json
    assert report == {
        "format": "cups",
        "dry_run": False,
        "new": 1,
        "known": 0,
        "gone": 0,
        "skipped": [{"why": "too cold", "count": 7, "places": [f"line {number}" for number in range(1, 6)]}],
        "first": "2026-11-01T08:00:00+01:00",
        "last": "2026-11-01T08:00:00+01:00",
        "kinds": {"cup": 1},
    }


def test_from_stdin(
    coach: Coach,
    commands: Commands,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert commands.ok("import", "jrnl", "-", stdin=JOURNAL.read_bytes()).startswith("imported: 12 entries")
    assert len(coach.entries("journal")) == 12
    monkeypatch.setenv("CRAMPCOACH_HOME", str(tmp_path))
    monkeypatch.setattr("sys.stdin", None)
    with pytest.raises(SystemExit, match="1"):
        main(["import", "jrnl", "-"])
    assert capsys.readouterr().err == "crampcoach: nothing comes by stdin; name a file\n"


def test_a_format_has_its_own_options(coach: Coach, commands: Commands, file: Runs) -> None:
    path = file(cup(), cup(), cup())
    assert commands.ok("import", "cups", path, "--most", "2").startswith("imported: 2 entries")
    assert "Of what kind" in commands.ok("import", "cups", "--help")
    commands.fails("import", "cups", path, "--most", "many", status=2)


# --- what does not ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (
            cup("2026-11-22T12:05"),
            "a time to come; only what has happened is logged (number 1 in the file, 2026-11-22 12:05)",
        ),
        (cup(kind="mug"), "an entry of kind 'mug' that does not fit: an unknown kind"),
        (cup(fields={"size": "big"}), "an entry of kind 'cup' that does not fit: size: 'big' is not accepted"),
        (cup(fields={"colour": "red"}), "an entry of kind 'cup' that does not fit: colour: unknown key"),
        (cup(note="a\0b"), "the cup entry holds a NUL character"),
        (cup(note="\ud800"), "the cup entry holds half a character"),
        (cup("0001-01-01T00:00", zone="Asia/Tokyo"), "a time that no calendar has"),
        (cup(kind="examined"), "an entry of kind 'examined', which only you can make"),
        (cup(kind="profile", fields={"fluids": "free"}), "an entry of kind 'profile', which only you can make"),
    ],
)
def test_what_cannot_be_saved_is_named_and_the_rest_comes_in(
    coach: Coach, commands: Commands, file: Runs, line: dict[str, Any], why: str
) -> None:
    first, second = commands.ok("import", "cups", file(line, cup(note="good"))).splitlines()
    assert first == "imported: 1 entry, 2026-11-01 to 2026-11-01"
    assert second.startswith(f"skipped: {why}")
    assert [entry.note for entry in coach.entries()] == ["good"]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (
            {"raise": "ValueError"},
            "plugin cups: its importer 'cups' raised ValueError: no bones in it; nothing was imported; "
            "--debug shows where",
        ),
        (
            {"raise": "SystemExit"},
            "plugin cups: its importer 'cups' called sys.exit(); nothing was imported; --debug shows where",
        ),
        ({"raise": "Problem"}, "no bones in it"),
        (
            {"give": "text"},
            "plugin cups: its importer 'cups' raised TypeError: read must give Entry or Skipped, not str; "
            "nothing was imported; --debug shows where",
        ),
    ],
)
def test_an_importer_that_fails_half_way_imports_nothing(
    coach: Coach, commands: Commands, file: Runs, line: dict[str, Any], sentence: str
) -> None:
    path = file(*(cup(note=str(number)) for number in range(1200)), line)
    assert commands.fails("import", "cups", path) == sentence
    assert coach.entries() == ()


def test_reasons_without_end_are_counted_together(commands: Commands, file: Runs) -> None:
    said = commands.ok("import", "cups", file(*({"skip": f"reason {number}"} for number in range(100))))
    assert len(said.splitlines()) == 22
    assert said.splitlines()[-1].startswith("skipped: other reasons (line 21; line 22;")
    assert said.endswith("and 75 more)")


def test_files_that_cannot_be_read(commands: Commands, tmp_path: Path) -> None:
    missing = tmp_path / "missing.txt"
    assert commands.fails("import", "jrnl", str(missing)) == f"{missing}: No such file or directory"
    assert commands.fails("import", "jrnl", str(tmp_path)) == f"{tmp_path} is a folder; name a file in it"
    sentence = commands.fails("import", "jrnk", str(JOURNAL), status=2)
    assert sentence == "there is no format 'jrnk'; did you mean 'jrnl'?"


# --- safety ----------------------------------------------------------------------------------------------------

SWOLLEN = "My left calf is swollen and warm"


def test_a_sign_of_last_week_is_told_and_holds_as_if_it_were_logged(
    coach: Coach, commands: Commands, file: Runs
) -> None:
    path = file(*(cup(f"2026-11-{day}T08:00", note=SWOLLEN) for day in (14, 15, 16)))
    said = commands.ok("import", "cups", path)
    assert said.startswith(f"\n{HEADINGS['same-day'].upper()}\n")
    assert said.endswith("\nimported: 3 entries, 2026-11-14 to 2026-11-16")
    assert holds(coach)
    assert len(coach.advice) == 1  # stdout is no terminal here, so the agent says it too: once, not for each entry
    assert commands.ok("import", "cups", path) == "imported: 0 entries\nin your log before: 3 entries"
    assert len(coach.advice) == 1


def test_words_of_long_ago_put_nobody_under_advice(coach: Coach, commands: Commands, file: Runs) -> None:
    said = commands.ok("import", "cups", file(cup("2019-03-01T08:00", note=SWOLLEN), cup("2026-10-25T11:00", note="x")))
    assert said.splitlines() == ["imported: 2 entries, 2019-03-01 to 2026-10-25"]
    assert coach.advice == []
    assert not holds(coach)


@pytest.mark.parametrize(("at", "flags"), [("2026-10-25T12:00", True), ("2026-10-25T11:59", False)])
def test_four_weeks_are_recent(coach: Coach, commands: Commands, file: Runs, at: str, flags: bool) -> None:
    commands.ok("import", "cups", file(cup(at, note=SWOLLEN)))
    assert bool(coach.advice) == flags


def test_an_answer_in_a_field_counts_at_any_age(coach: Coach, commands: Commands, file: Runs) -> None:
    """Only a doctor's or nurse's look ends what it holds, no matter how long ago it was."""
    commands.ok("import", "cups", file(cup("2024-03-01T08:00", kind="symptoms", fields={"swelling": "yes"})))
    assert holds(coach)


def test_an_import_ends_no_hold(coach: Coach, commands: Commands, file: Runs) -> None:
    commands("log", "symptoms", "--swelling", "yes")
    assert holds(coach)
    commands.ok("import", "cups", file(cup(kind="examined")))
    assert holds(coach)


# --- the boundary ----------------------------------------------------------------------------------------------


def importer(**values: Any) -> Importer:
    given = {"name": "x", "title": "X", "suffix": ".x", "media_type": "text/x", "read": lambda _stream, _ctx: []}
    return Importer(**{**given, **values})


class Plain:
    """No dataclass."""


@dataclass(frozen=True)
class Taken:
    dry_run: bool = True


@dataclass(frozen=True)
class Needed:
    zone: str


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"name": "My Format"}, "Importer: name 'My Format': use a short name"),
        ({"title": " "}, "Importer 'x': title: give a text"),
        ({"suffix": "txt"}, "Importer 'x': suffix 'txt': give the end of its files' names"),
        ({"media_type": "text"}, "Importer 'x': media_type 'text': give one such as"),
        ({"read": "read"}, "Importer 'x': read must be a function"),
        ({"options": Plain}, "Importer 'x': options must be a dataclass type"),
        ({"about": 5}, "Importer 'x': about: give a text, not 5"),
        ({"about": "x" * 1001}, "Importer 'x': about: a text of 1,001 characters is too long"),
        ({"options": Taken}, "Importer 'x': every format has the option 'dry_run' already; rename the field"),
        ({"options": Needed}, "Importer 'x': option 'zone' needs a default"),
    ],
)
def test_an_importer_is_checked_when_it_is_made(values: dict[str, Any], sentence: str) -> None:
    with pytest.raises((TypeError, ValueError), match="Importer") as error:
        importer(**values)
    assert str(error.value).startswith(sentence)


def test_what_is_skipped_has_a_reason_and_a_line() -> None:
    assert importer() == importer(read=print)
    assert Skipped("too cold", 3).line == 3
    with pytest.raises(ValueError, match="give a text"):
        Skipped("")
    with pytest.raises(ValueError, match="whole number from 1"):
        Skipped("too cold", 0)


def test_the_example_of_the_hook_works(coach: Coach, commands: Commands, tmp_path: Path) -> None:
    example = dedent((hookspecs.importers.__doc__ or "").partition("Example::\n")[2])
    imports = "from datetime import datetime\nfrom crampcoach import Entry, Importer, Kind, Skipped, hookimpl\n"
    kinds = "@hookimpl\ndef kinds():\n    return [Kind(name='coffee', title='Coffee')]\n"
    coach.load("cups", imports + kinds + example)
    (tmp_path / "cups.txt").write_text("2026-11-20T08:00\nlater\n2026-11-20T16:00+01:00\n")
    said = commands.ok("import", "cups", str(tmp_path / "cups.txt"))
    assert said.splitlines() == [
        "imported: 2 entries, 2026-11-20 to 2026-11-20",
        "skipped: it is no date and time (line 2)",
    ]
    assert [f"{entry.at:%H:%M}" for entry in coach.entries("coffee")] == ["08:00", "16:00"]


#: Saves from a command of its own.
SAVES = """
from crampcoach import Entry, hookimpl

@hookimpl
def commands():
    import click

    @click.command("saves")
    @click.pass_obj
    def saves(session):
        session.save(Entry(kind="cup"))

    return [saves]
"""


def test_a_plugin_that_cannot_be_loaded_is_named_once_and_stops_nobody(
    coach: Coach, commands: Commands, file: Runs
) -> None:
    coach.load("broken", "raise ValueError('bones')", strict=False)
    coach.load("saves", SAVES)
    broken = "crampcoach: plugin broken: loading it raised ValueError: bones\n"
    said = commands("import", "cups", file(cup()))
    assert (said.status, said.err) == (0, broken)
    said = commands("saves")
    assert (said.status, said.err) == (0, broken)
    assert len(coach.entries("cup")) == 2


def test_two_plugins_with_one_name_for_a_format(coach: Coach, commands: Commands) -> None:
    coach.load("cups", PLUGIN.replace('name="cups"', 'name="jrnl"'))
    assert commands("import").err == (
        "crampcoach: plugin cups: its importer 'jrnl' is journaling's already (bundled); "
        "give it another name, or turn one of the two off\n"
    )


@pytest.mark.parametrize(
    ("returned", "reason"),
    [
        ("[1]", "importers() must give Importer, not int"),
        ("_twice()", "two of its importers are called 'cups'; give each its own name"),
    ],
)
def test_a_plugin_that_returns_something_else_is_named(
    coach: Coach, commands: Commands, returned: str, reason: str
) -> None:
    source = PLUGIN.replace("return [Importer(", "one = [Importer(") + f"    return {returned}\n"
    coach.load("cups", source.replace("_twice()", "one * 2"))
    assert reason in commands("import").err
    assert coach.resting() == {}  # the agent asks nobody for formats
