"""Export: what comes out is whole, in order, nothing but the format; the person's own words stay unless they say so.

Whatever an exporter or a disk does wrong is one sentence without those words, and leaves no half of a file.
"""

from __future__ import annotations

import csv
import errno
import io
import json
import os
import stat
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, BinaryIO, Literal, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coaching import coach_of
from commands import Commands
from crampcoach import Asked, Entry, Exporter, Kind, Problem
from crampcoach.context import Context, ContextMaker
from crampcoach.loading import known_kinds
from crampcoach.options import plain_type
from crampcoach.store import entries
from crampcoach.store.database import Database
from crampcoach.store.schema import LOG
from crampcoach.testing import Coach
from crampcoach.transfer.exporting import Failed, Taken, Words, export
from person import Person

pytestmark = pytest.mark.pure

#: A line of JSON an entry, and everything that an exporter can do wrong.
PLUGIN = """\
import json
from dataclasses import dataclass
from typing import Annotated
from crampcoach import Exporter, Kind, Problem, hookimpl

@dataclass(frozen=True)
class Options:
    mark: Annotated[str, "What stands in every line"] = ""
    fails: Annotated[str | None, "How, after two entries"] = None

def _write(entries, stream, ctx):
    print("a print that was left behind")
    for number, one in enumerate(entries, 1):
        row = {"mark": ctx.options.mark, "kind": one.kind, "at": one.at.isoformat(), "fields": dict(one.fields),
               "note": one.note, "origin": one.origin}
        stream.write(json.dumps(row).encode() + b"\\n")
        if number == 2 and ctx.options.fails:
            wrong = f"cannot write {one.note}"
            match ctx.options.fails:
                case "ValueError": raise ValueError(wrong)
                case "KeyError": raise KeyError(wrong)
                case "OSError": raise FileNotFoundError(2, wrong, wrong)
                case "exit": raise SystemExit(wrong)
                case "text": stream.write(wrong)
                case "problem": raise Problem("there are two of them; take one out")
                case "returns": return wrong

def _looks(entries, stream, ctx):
    for one in ctx.log.entries():
        stream.write(f"{one.kind} {one.note} {dict(one.fields)}\\n".encode())
    stream.write(str(ctx.log.last("journal")).encode())
    stream.write(str([one.note for one in ASKED[-1].log.entries()]).encode())

@dataclass(frozen=True)
class Cup:
    size: Annotated[int | None, "Millilitres"] = None

@hookimpl
def kinds():
    return [Kind(name="cup", title="A cup", fields=Cup)]

ASKED = []

@hookimpl
def exporters(ctx):
    ASKED.append(ctx)
    yield Exporter(name="lines", title="A line each", suffix=".jsonl", media_type="application/jsonl", write=_write,
                   options=Options)
    yield Exporter(name="looks", title="Looks around", suffix=".txt", media_type="text/plain", write=_looks)
"""
NOISE = "a print that was left behind\n"
SECRET = "My secret words"
#: Their own folder: nothing else is ever there.
Folder = Path


@pytest.fixture
def coach(tmp_path: Path) -> Iterator[Coach]:
    with coach_of(tmp_path, "cramps", "journaling", sources={"lines": PLUGIN}, now="2026-11-22 12:00") as coach:
        yield coach


def save(coach: Coach, *given: Entry) -> tuple[Entry, ...]:
    return entries.append(coach.agent.store.log, given, coach.clock.now())


def entry(at: str, kind: str = "cup", zone: str = "Europe/Berlin", **values: Any) -> Entry:
    return Entry(kind=kind, at=datetime.fromisoformat(at), zone=zone, **values)


def three(coach: Coach) -> None:
    """Three entries, two of them with words."""
    save(
        coach,
        entry("2026-11-20T08:00+01:00", note=SECRET),
        entry("2026-11-21T08:00+01:00", note=SECRET, fields={"size": 200}),
        entry("2026-11-22T08:00+01:00"),
    )


def rows(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


# --- what comes out --------------------------------------------------------------------------------------------


def test_the_formats_are_listed_with_what_each_is_for(commands: Commands) -> None:
    assert commands.ok("export").splitlines() == ["lines  A line each", "looks  Looks around"]
    lines, _ = commands("export", "--json").json
    assert lines == {
        "name": "lines",
        "title": "A line each",
        "suffix": ".jsonl",
        "media_type": "application/jsonl",
        "plugin": "lines",
    }
    assert commands.fails("export", "linse", status=2) == "there is no format 'linse'; did you mean 'lines'?"


def test_without_a_plugin_that_writes_there_is_no_format(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRAMPCOACH_PLUGINS", "cramps")
    assert person.ok("export").startswith("There is no format: no plugin that is on writes any")
    assert person.fails("export", "lines", status=2).startswith("there is no format 'lines'; no plugin that is on")


def test_in_a_pipe_the_output_is_the_formats_bytes_and_nothing_else(coach: Coach, commands: Commands) -> None:
    three(coach)
    for words in ([], ["-o", "-"]):
        said = commands("export", "lines", *words)
        assert said.status == 0
        assert [row["at"][:10] for row in rows(said.out)] == ["2026-11-20", "2026-11-21", "2026-11-22"]
        assert said.err.startswith(NOISE)


def test_a_file_is_private_and_its_path_is_said(coach: Coach, commands: Commands, folder: Folder) -> None:
    three(coach)
    said = commands("export", "lines", "-o", "log.jsonl")
    assert said.out == f"wrote {folder / 'log.jsonl'}: from 3 entries, 2026-11-20 to 2026-11-22\n"
    assert [row["fields"] for row in rows((folder / "log.jsonl").read_text())] == [{}, {"size": 200}, {}]
    assert stat.S_IMODE((folder / "log.jsonl").stat().st_mode) == 0o600
    assert [*folder.iterdir()] == [folder / "log.jsonl"]


def test_an_empty_log_comes_out_empty(commands: Commands, folder: Folder) -> None:
    assert commands("export", "lines", "-o", "log.jsonl").out == f"wrote {folder / 'log.jsonl'}: from 0 entries\n"
    assert (folder / "log.jsonl").read_bytes() == b""


def test_the_report_for_programs(coach: Coach, commands: Commands, folder: Folder) -> None:
    three(coach)
    for words in (["export", "lines", "--json"], ["export", "--json", "lines"]):
        said = commands(*words, "--force", "-o", "log.jsonl")
        assert json.loads(said.out) == {
            "format": "lines",
            "file": str(folder / "log.jsonl"),
            "entries": 3,
            "left_out": 2,
            "first": "2026-11-20T08:00:00+01:00",
            "last": "2026-11-22T08:00:00+01:00",
        }
    sentence = "--json says what became of a file; name it with --output"
    assert commands.fails("export", "lines", "--json", status=2) == sentence
    assert commands.fails("export", "lines", "--json", "-o", "-", status=2) == sentence


def test_a_format_has_its_own_options(coach: Coach, commands: Commands) -> None:
    three(coach)
    assert [row["mark"] for row in rows(commands("export", "lines", "--mark", "x").out)] == ["x"] * 3
    assert "What stands in every line" in commands.ok("export", "lines", "--help")


def test_which_entries(coach: Coach, commands: Commands) -> None:
    three(coach)
    save(coach, entry("2026-11-21T20:00+01:00", "cramp"), entry("2026-11-21T21:00+01:00", "night"))

    def days(*words: str) -> list[str]:
        return [f"{row['kind']} {row['at'][8:10]}" for row in rows(commands("export", "lines", *words).out)]

    assert days("--since", "2026-11-21", "--until", "2026-11-21") == ["cup 21", "cramp 21", "night 21"]
    assert days("--since", "yesterday", "--kind", "cup") == ["cup 21", "cup 22"]
    assert days("--kind", "night", "--kind", "cup", "--kind", "night") == ["cup 20", "cup 21", "night 21", "cup 22"]
    assert days("--until", "2026-11-19") == []
    commands.fails("export", "lines", "--since", "some day", status=2)
    turned = commands.fails("export", "lines", "--since", "2026-11-22", "--until", "2026-11-20", status=2)
    assert "--since 2026-11-22 does not lie before --until 2026-11-20: nothing is between them" in turned


def test_a_kind_that_nobody_has_is_a_slip_but_one_of_a_plugin_that_is_off_is_none(
    coach: Coach, commands: Commands
) -> None:
    save(coach, entry("2026-11-21T20:00+01:00", "mug", fields={"of": "tea", "size": 2}))
    sentence = "--kind 'cupp': there is no such kind; did you mean 'cup'?"
    assert commands.fails("export", "lines", "--kind", "cupp", status=2) == sentence
    (mug,) = rows(commands("export", "lines", "--kind", "mug").out)
    assert mug["fields"] == {"size": 2}, "nobody can say whether what was written there is private"


def test_kinds_are_merged_in_the_order_in_which_they_happened_also_when_an_hour_comes_twice(coach: Coach) -> None:
    walls = ["02:10+02:00", "02:50+02:00", "02:05+01:00", "02:30+01:00"]  # Berlin, the night of 25 October
    save(coach, *(entry(f"2026-10-25T{wall}", "cup" if n % 2 else "cramp") for n, wall in enumerate(walls)))
    got: list[Entry] = []
    run(coach, lambda given, _stream, _ctx: got.extend(given), asked=Asked(kinds=("cup", "cramp"), with_text=True))
    assert [f"{one.at:%H:%M%z}" for one in got] == ["02:10+0200", "02:50+0200", "02:05+0100", "02:30+0100"]


# --- the person's own words ------------------------------------------------------------------------------------


def test_words_leave_only_where_they_are_asked_for(coach: Coach, commands: Commands, folder: Folder) -> None:
    three(coach)
    page = {"day": "mixed", "tags": ["tom"], "prompt": "What was hard?", "minutes": 3.0}
    save(coach, entry("2026-11-22T09:00+01:00", "journal", fields=page, note=SECRET, origin="jrnl:hash"))
    said = commands("export", "lines")
    assert SECRET not in said.out
    journal = rows(said.out)[-1]
    assert (journal["fields"], journal["note"], journal["origin"]) == ({"day": "mixed", "minutes": 3.0}, "", None)
    left = "3 entries have words of yours that were left out; --with-text hands them to the format too\n"
    assert said.err == NOISE + left
    assert commands("export", "lines", "-o", "log.jsonl").err == NOISE + left
    assert commands("export", "lines", "--since", "2026-11-22 08:30").err.removeprefix(NOISE) == (
        "1 entry has words of yours that were left out; --with-text hands them to the format too\n"
    )
    whole = commands("export", "lines", "--with-text")
    assert whole.err == NOISE
    assert [row["note"] for row in rows(whole.out)] == [SECRET, SECRET, "", SECRET]
    assert rows(whole.out)[-1]["fields"] == page
    assert rows(whole.out)[-1]["origin"] == "jrnl:hash"


def test_the_log_that_an_exporter_can_read_holds_no_more_than_its_entries(coach: Coach, commands: Commands) -> None:
    three(coach)
    save(coach, entry("2026-11-22T09:00+01:00", "journal", fields={"tags": ["tom"], "day": "calm"}, note=SECRET))
    seen = commands("export", "looks").out
    assert SECRET not in seen
    assert "tom" not in seen
    assert "calm" in seen
    assert commands("export", "looks", "--with-text").out.count(SECRET) == 3


#: The fields of bundled kinds in which people write, and whether that leaves with every export: short answers to a
#: question, which somebody who helps needs. A new field is to be decided on here.
WRITTEN = {
    "cramp.eased_by": True,
    "day.activity": True,
    "medicine.name": True,
    "medicine.dose": True,
    "drink.what": True,
    "journal.tags": False,
    "journal.prompt": False,
    "examined.up_to": True,
    "profile.country": True,
}


def test_every_field_in_which_people_write_is_decided_on(tmp_path: Path) -> None:
    names = sorted(path.name.removeprefix("crampcoach_") for path in Path(__file__).parents[1].glob("plugins/*_*"))
    with coach_of(tmp_path, *names) as coach:
        assert coach.resting() == {}
        kinds = known_kinds(coach.agent.roster.loaded.values())
    words, found = Words(kinds), {}
    for kind in kinds.values():
        hints = get_type_hints(kind.fields, include_extras=True) if kind.fields else {}
        for name, hint in hints.items():
            if plain_type(hint) in (str, list[str]):
                value = "some words" if plain_type(hint) is str else ["some", "words"]
                left = words.left_out(Entry(kind=kind.name, fields={name: value}))
                found[f"{kind.name}.{name}"] = left.fields == {name: value}
    assert found == WRITTEN


@dataclass(frozen=True)
class Dream:
    text: str = ""
    mood: Annotated[Literal["good", "bad"] | None, "How it was"] = None
    people: tuple[str, ...] = ()
    scenes: Annotated[int | None, "How many"] = None


KINDS = {
    "dream": Kind(name="dream", title="A dream", fields=Dream, private=True),
    "open": Kind(name="open", title="The same, told", fields=Dream),
}
json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
field_names = st.sampled_from(["text", "mood", "people", "scenes", "undeclared"])


def texts_in(value: object) -> set[str]:
    if isinstance(value, Mapping):
        return {text for one in [*value, *value.values()] for text in texts_in(one)}
    if isinstance(value, list):
        return {text for one in value for text in texts_in(one)}
    return {value} if isinstance(value, str) and value else set()


@given(st.sampled_from(["dream", "gone"]), st.dictionaries(field_names, json_values), st.text())
def test_nothing_that_was_written_in_a_private_or_unknown_kind_is_left(
    kind: str, fields: dict[str, Any], note: str
) -> None:
    left = Words(KINDS).left_out(Entry(kind=kind, fields=fields, note=note, origin="x:y"))
    assert (left.note, left.origin) == ("", None)
    assert texts_in([*left.fields.values()]) <= ({"good", "bad"} if kind == "dream" else set())
    assert {name: value for name, value in fields.items() if not texts_in(value)}.items() <= left.fields.items()


def test_of_an_open_kind_the_declared_answers_stay() -> None:
    fields = {"text": "short", "mood": "good", "people": ["Tom"], "undeclared": "words"}
    left = Words(KINDS).left_out(Entry(kind="open", fields=fields, note=SECRET))
    assert (dict(left.fields), left.note) == ({"text": "short", "mood": "good", "people": ["Tom"]}, "")


def test_a_kind_whose_types_stand_for_nothing_costs_the_others_nothing() -> None:
    @dataclass
    class Broken:
        text: NoSuchType  # type: ignore[name-defined]  # noqa: F821 - that is what is wrong with it

    words = Words({"broken": Kind(name="broken", title="Broken", fields=Broken)})
    assert words.left_out(Entry(kind="broken", fields={"text": "words", "size": 2})).fields == {"size": 2}


# --- the exporter's side ---------------------------------------------------------------------------------------

Write = Callable[[Iterable[Entry], BinaryIO, Context[Any]], Any]


def run(coach: Coach, write: Write, file: BinaryIO | None = None, asked: Asked | None = None) -> Taken:
    """Export with this function, beside the test's own Coach."""
    exporter = Exporter(name="own", title="Own", suffix=".x", media_type="text/x", write=write)
    ctx = ContextMaker(coach.home).make("own", None, coach.clock.now())
    return export(exporter, file or io.BytesIO(), ctx, asked=asked or Asked(), kinds=KINDS, clock=coach.clock)


def _csv(given: Iterable[Entry], stream: BinaryIO, _ctx: object) -> None:
    writer = csv.writer(io.TextIOWrapper(stream, "utf-8", newline=""))
    writer.writerows([one.kind, one.at] for one in given)


def _text(given: Iterable[Entry], stream: BinaryIO, _ctx: object) -> None:
    with io.TextIOWrapper(stream, "utf-8") as text:
        for one in given:
            print(one.kind, one.at, sep=",", file=text)


def _zip(given: Iterable[Entry], stream: BinaryIO, _ctx: object) -> None:
    with zipfile.ZipFile(stream, "w") as archive:
        for number, one in enumerate(given):
            archive.writestr(f"{number}.txt", one.kind)


@pytest.mark.parametrize("write", [_csv, _text, _zip])
def test_what_authors_put_around_the_stream_works(coach: Coach, write: Write) -> None:
    three(coach)
    file = io.BytesIO()
    assert run(coach, write, file).entries == 3
    if write is _zip:
        assert zipfile.ZipFile(file).namelist() == ["0.txt", "1.txt", "2.txt"]
    else:
        assert [line.partition(",")[0] for line in file.getvalue().decode().splitlines()] == ["cup"] * 3


def test_entries_are_read_one_by_one(coach: Coach, monkeypatch: pytest.MonkeyPatch) -> None:
    three(coach)
    made: list[str] = []
    record = entries.of_record

    def of_record(row: Any) -> Entry:
        made.append(row["id"])
        return record(row)

    monkeypatch.setattr(entries, "of_record", of_record)

    def write(given: Iterable[Entry], _stream: BinaryIO, _ctx: object) -> None:
        for number, _ in enumerate(given, 1):
            assert len(made) == number

    assert run(coach, write).entries == 3
    assert len(made) == 3


def test_what_is_saved_meanwhile_is_not_in_it(coach: Coach) -> None:
    three(coach)

    def write(given: Iterable[Entry], stream: BinaryIO, _ctx: object) -> None:
        for one in given:
            with closing(Database(coach.home.log_db, LOG)) as log:
                later = entry("2026-11-22T10:00+01:00", note="later")
                entries.append(log, [later], coach.clock.now())
            stream.write(f"{one.at:%H}\n".encode())

    file = io.BytesIO()
    assert run(coach, write, file).entries == 3
    assert file.getvalue() == b"08\n" * 3
    assert len(coach.entries()) == 6, "and nobody has waited for it"


def test_progress_is_heard(coach: Coach) -> None:
    three(coach)
    heard: list[tuple[int, int]] = []
    exporter = Exporter(name="own", title="Own", suffix=".x", media_type="text/x", write=_text)
    ctx = ContextMaker(coach.home).make("own", None, coach.clock.now())
    asked = Asked(since=datetime(2026, 11, 21, tzinfo=UTC))
    export(
        exporter, io.BytesIO(), ctx, asked=asked, kinds={}, clock=coach.clock, said=lambda *given: heard.append(given)
    )
    assert heard == [(1, 2), (2, 2)]


def test_an_exporter_that_stops_early_is_its_own_affair(coach: Coach) -> None:
    three(coach)
    assert run(coach, lambda given, _stream, _ctx: next(iter(given)) and None).entries == 1


class Full(io.BytesIO):
    """A disk with room for so many bytes."""

    room = 10

    def write(self, data: Any, /) -> int:
        if self.tell() + len(data) > self.room:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return super().write(data)


def test_an_exporter_that_swallows_what_the_disk_says_does_not_make_half_a_file_whole(coach: Coach) -> None:
    three(coach)

    def write(given: Iterable[Entry], stream: BinaryIO, _ctx: object) -> None:
        for one in given:
            try:
                stream.write(one.kind.encode() * 2)
            except OSError:
                stream.flush()

    with pytest.raises(OSError, match="No space left"):
        run(coach, write, Full())


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # from Python 3.13 on, it says so itself
def test_a_text_that_is_written_when_its_wrapper_goes_is_missed_where_the_disk_is_full(coach: Coach) -> None:
    three(coach)
    with pytest.raises(OSError, match="No space left"):
        run(coach, _csv, Full())


def test_nothing_can_be_written_once_it_has_ended(coach: Coach) -> None:
    kept: list[BinaryIO] = []
    file = io.BytesIO()
    run(coach, lambda _given, stream, _ctx: kept.append(stream), file)
    with pytest.raises(ValueError, match="the export has ended"):
        kept[0].write(b"late")
    assert file.getvalue() == b""


def test_a_log_that_cannot_be_read_on_is_no_fault_of_the_exporter(
    coach: Coach, monkeypatch: pytest.MonkeyPatch
) -> None:
    three(coach)

    def damaged(*_: object, **__: object) -> int:
        raise Problem("the log is damaged; use a backup")

    monkeypatch.setattr(entries, "count", damaged)

    def write(given: Iterable[Entry], _stream: BinaryIO, _ctx: object) -> None:
        with suppress(Problem):
            list(given)

    with pytest.raises(Problem, match="the log is damaged; use a backup") as caught:
        run(coach, write)
    assert not isinstance(caught.value, Failed)


# --- what goes wrong -------------------------------------------------------------------------------------------

FAILS = {
    "ValueError": "raised ValueError",
    "KeyError": "raised KeyError",
    "OSError": "raised FileNotFoundError",
    "exit": "called sys.exit()",
    "text": "raised TypeError",
    "returns": "returned a str, where `write` is to write to its stream",
}


@pytest.mark.parametrize("how", [*FAILS, "problem"])
@pytest.mark.parametrize("before", [b"", b"what was there"])
def test_an_exporter_that_fails_half_way_leaves_what_was_there(
    coach: Coach, commands: Commands, folder: Folder, how: str, before: bytes
) -> None:
    three(coach)
    if before:
        (folder / "log").write_bytes(before)
    said = commands("export", "lines", "--with-text", "--fails", how, "-o", "log", "--force")
    what = f"plugin lines: its exporter 'lines' {FAILS.get(how)}; nothing was written; --debug shows where"
    sentence = "there are two of them; take one out" if how == "problem" else what
    assert (said.status, said.out, said.err) == (1, "", f"{NOISE}crampcoach: {sentence}\n")
    assert [path.read_bytes() for path in folder.iterdir()] == ([before] if before else [])


def test_what_came_out_by_a_pipe_is_said_to_be_no_whole(coach: Coach, commands: Commands) -> None:
    three(coach)
    said = commands("export", "lines", "--with-text", "--fails", "ValueError")
    assert said.status == 1
    assert len(rows(said.out)) == 2
    assert said.err == (
        f"{NOISE}crampcoach: plugin lines: its exporter 'lines' raised ValueError; what came out is not whole; "
        "--debug shows where\n"
    )


def test_debug_shows_where(coach: Coach, commands: Commands, folder: Folder) -> None:
    three(coach)
    with pytest.raises(Problem) as caught:
        commands("--debug", "export", "lines", "--fails", "ValueError", "-o", "log")
    failed = caught.value.__cause__
    assert failed
    assert isinstance(failed.__cause__, ValueError)
    assert list(folder.iterdir()) == []


def test_places_that_cannot_be_written(coach: Coach, commands: Commands, folder: Folder) -> None:
    (folder / "inside").mkdir()
    (folder / "loop").symlink_to("loop")
    os.mkfifo(folder / "pipe")
    sentences = {
        "inside": f"{folder / 'inside'} is a folder; name a file in it",
        "": f"{folder} is a folder; name a file in it",
        "none/log": f"there is no folder {folder / 'none'}; make it first, or choose another place",
        "pipe": f"{folder / 'pipe'} is no file to replace; name another, or - for the output",
        "x" * 300: f"cannot write {folder / ('x' * 300)}: File name too long; choose another place",
        str(coach.home.log_db): f"crampcoach keeps its own files in {coach.home.data_dir}; choose another place",
        str(coach.home.backup_dir / "x"): f"crampcoach keeps its own files in {coach.home.data_dir}; "
        "choose another place",
        str(coach.home.plugin_dir / "x.py"): f"crampcoach keeps its own files in {coach.home.config_dir}; "
        "choose another place",
    }
    before = coach.home.log_db.read_bytes()
    for place, sentence in sentences.items():
        assert commands.fails("export", "lines", "--force", "-o", place) == sentence
    assert coach.home.log_db.read_bytes() == before
    assert {path.name for path in folder.iterdir()} == {"inside", "loop", "pipe"}


def test_what_a_link_leads_to_is_written_and_the_link_stays(commands: Commands, folder: Folder) -> None:
    (folder / "link").symlink_to("real")
    assert commands("export", "lines", "-o", "link").status == 0
    assert (folder / "link").is_symlink()
    assert (folder / "real").read_bytes() == b""
    assert commands("export", "lines", "-o", "link").status == 1


# --- what is there already -------------------------------------------------------------------------------------


def test_nothing_is_replaced_unasked(commands: Commands, folder: Folder) -> None:
    (folder / "log").write_text("Dear diary")
    sentence = f"{folder / 'log'} is there already; name another file, or replace it with --force"
    assert commands.fails("export", "lines", "-o", "log") == sentence
    assert (folder / "log").read_text() == "Dear diary"
    (folder / "log").chmod(0o644)
    assert commands("export", "lines", "-o", "log", "--force").status == 0
    assert (folder / "log").read_text() == ""
    assert stat.S_IMODE((folder / "log").stat().st_mode) == 0o600


def test_what_comes_there_meanwhile_is_not_replaced_either(
    coach: Coach, commands: Commands, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    three(coach)
    count = entries.count

    def counted(*given: Any, **more: Any) -> int:
        (folder / "log").write_text("Dear diary")
        return count(*given, **more)

    monkeypatch.setattr(entries, "count", counted)
    said = commands("export", "lines", "-o", "log")
    assert said.err == f"{NOISE}crampcoach: cannot write {folder / 'log'}: File exists; choose another place\n"
    assert [path.read_text() for path in folder.iterdir()] == ["Dear diary"]


@pytest.mark.parametrize(("typed", "replaced"), [(["n"], False), ([""], False), (["what?", "y"], True)])
def test_in_a_terminal_it_asks(
    commands: Commands, folder: Folder, monkeypatch: pytest.MonkeyPatch, typed: list[str], replaced: bool
) -> None:
    place = folder / "crampcoach-2026-11-22.jsonl"
    place.write_text("Dear diary")
    monkeypatch.setenv("COLUMNS", "500")
    said = commands("export", "lines", typed=typed)
    assert said.out.startswith(f"{place} is there already. Replace it?\n")
    assert said.out.endswith(f"wrote {place}: from 0 entries\n") == replaced
    assert said.err.endswith("nothing was written\n") != replaced
    assert place.read_text() == ("" if replaced else "Dear diary")


def test_in_a_terminal_the_file_is_called_after_the_day(
    commands: Commands, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    said = commands("export", "lines", typed=[]).out
    assert said == f"wrote {folder / 'crampcoach-2026-11-22.jsonl'}: from 0 entries\n"


# --- the boundary ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Takes:
    with_text: bool = False


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"name": "My Format"}, "Exporter: name 'My Format': use a short name"),
        ({"title": "A\033[2J"}, "Exporter 'x': title: give one line, without signs that command a terminal, not 'A"),
        ({"write": "x"}, "Exporter 'x': write must be a function"),
        ({"options": Takes}, "Exporter 'x': every format has the option 'with_text' already; rename the field"),
    ],
)
def test_a_format_that_breaks_a_rule_is_refused_with_a_sentence(values: dict[str, Any], sentence: str) -> None:
    given_ = {"name": "x", "title": "X", "suffix": ".x", "media_type": "text/x", "write": _text, **values}
    with pytest.raises((ValueError, TypeError)) as caught:
        Exporter(**given_)
    assert str(caught.value).startswith(sentence)


def test_what_a_plugin_gave_before_it_failed_is_kept(coach: Coach, commands: Commands) -> None:
    three(coach)
    broken = PLUGIN.replace(
        '    yield Exporter(name="looks"', '    raise ValueError("no looks")\n    yield Exporter(name="l"'
    )
    (coach.home.plugin_dir / "lines.py").write_text(broken)
    said = commands("export")
    assert said.out == "lines  A line each\n"
    assert said.err == "crampcoach: plugin lines: exporters() raised ValueError: no looks\n"


def test_a_command_whose_name_commands_the_terminal_is_none(coach: Coach, commands: Commands) -> None:
    odd = "\n@hookimpl\ndef commands():\n    import click\n    return [click.Command('\\33[2Jcup')]\n"
    path = coach.home.plugin_dir / "lines.py"
    path.write_text(path.read_text() + odd)
    said = commands("--help")
    assert "\33" not in said.out
    assert said.err.startswith("crampcoach: plugin lines: its command '\\x1b[2Jcup': use a short name")
