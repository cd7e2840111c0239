"""csv, jsonl and toml through real processes: from one home to another by a pipe, and what other programs make of them.

LibreOffice and SQLite read the CSV: numbers are numbers, dates are dates, no formula runs, each text is whole; and what
LibreOffice saves comes back.
"""

from __future__ import annotations

import csv
import io
import json
import os
import shlex
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest

from agent_process import Nest
from crampcoach import Entry, Problem
from crampcoach.clock import zone_named
from crampcoach.store import entries, open_store
from crampcoach_exporters.csv_rows import CsvOptions
from disks import filled, small_disk
from logged import all_of_them, long_log
from test_round_trip import FORMATS, ODD_IDS, written

pytestmark = pytest.mark.real

FOLD = datetime(2026, 10, 25, 0, 30, 0, 250_000, tzinfo=UTC)  # 02:30 in Berlin, and an hour later again
TEXTS = [
    "=1+1",
    "+SUM(A1)",
    "-2",
    "@x",
    "\t=1+1",
    "'",
    "007",
    "3 May",
    "12:30",
    "1.5",
    "TRUE",
    "null",
    '"',
    "ü \U0001f9b5",
]


def sample() -> list[Entry]:
    """A log with what spreadsheets do wrong."""
    first, *others = (replace(one, origin=None) for one in long_log(len(TEXTS) + 6))
    log = [
        replace(one, note=text, fields={**one.fields, "eased_by": text})
        for one, text in zip(others, TEXTS, strict=False)
    ]
    berlin = zone_named("Europe/Berlin")
    folds = [
        replace(one, at=(FOLD + timedelta(hours=hours)).astimezone(berlin), note='a\nb\n\nc, "d"; e')
        for one, hours in zip(others[len(TEXTS) :], (0, 1), strict=False)
    ]
    early = datetime(1890, 1, 1, 12, tzinfo=UTC).astimezone(berlin)  # its offset has seconds
    apart = replace(others[-1], at=datetime(2026, 1, 1, 2, tzinfo=UTC).astimezone(zone_named("-03:30")), zone="-03:30")
    return [replace(first, at=early), *log, *folds, replace(apart, kind="tea", fields={"cups": [1, {"a": None}]})]


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Nest:
    """A home with the sample; its log is only read."""
    nest = Nest(tmp_path_factory.mktemp("rows") / "home")
    fill(nest)
    return nest


@pytest.fixture
def new(tmp_path: Path) -> Nest:
    return Nest(tmp_path / "new")


def fill(nest: Nest) -> None:
    now = datetime.now(UTC)
    with closing(open_store(nest.home, now)) as store:
        assert len(entries.append(store.log, sample(), now)) == len(sample())


def logged(nest: Nest) -> list[tuple[object, ...]]:
    with closing(open_store(nest.home, datetime.now(UTC))) as store:
        return all_of_them(entries.select(store.log))


@pytest.mark.parametrize("name", FORMATS)
def test_a_log_goes_from_home_to_home_by_a_pipe_and_twice_is_once(name: str, old: Nest, new: Nest) -> None:
    out = shlex.join(old.command("export", name, "--with-text"))
    into = shlex.join(new.command("import", name, "-", "--json"))
    given, taken = (f"CRAMPCOACH_HOME={shlex.quote(str(nest.folder))}" for nest in (old, new))
    for expected in ((len(sample()), 0), (0, len(sample()))):
        command = ["sh", "-c", f"{given} {out} | {taken} {into}"]
        done = subprocess.run(command, env=old.environment(), capture_output=True, text=True, check=True)
        said = json.loads(done.stdout)
        assert (said["new"], said["known"], said["skipped"], done.stderr) == (*expected, [], "")
    assert logged(new) == logged(old)


def test_sqlite_reads_each_cell_as_it_is(old: Nest, tmp_path: Path) -> None:
    path = exported(old, tmp_path)
    script = f".import --csv {path} log\n.mode json\nSELECT * FROM log;\n"
    done = subprocess.run(["sqlite3", ":memory:"], input=script, capture_output=True, text=True, check=True)
    theirs = [list(row.values()) for row in json.loads(done.stdout)]
    ours = list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))[1:]
    assert theirs == ours
    assert len(theirs) == len(sample())


def test_the_rows_that_wait_have_no_name_and_no_other_reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    waiting: list[os.stat_result] = []

    def watched() -> Iterator[Entry]:
        for entry in long_log(2000):
            yield entry
            for link in Path("/proc/self/fd").iterdir() if entry.note.startswith("Wade, 1999") else ():
                if str(link.readlink() if link.is_symlink() else "").startswith(str(tmp_path)):
                    waiting.append(link.stat())

    assert written("csv", watched()).count(b"\r\n") == 2001
    (spool,) = waiting
    assert (spool.st_nlink, stat.S_IMODE(spool.st_mode)) == (0, 0o600)
    assert spool.st_size > 100_000
    assert list(tmp_path.iterdir()) == []


def test_no_room_for_the_rows_that_wait_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with small_disk(tmp_path / "disk", 1) as disk, filled(disk, room=64_000):
        monkeypatch.setattr(tempfile, "tempdir", str(disk))
        with pytest.raises(Problem) as problem:
            written("csv", long_log(2000))
    assert str(problem.value) == (
        "no room for the rows while they wait: No space left on device; free some space, or set TMPDIR=FOLDER"
    )


# --- LibreOffice -----------------------------------------------------------------------------------------------

#: How its dialog comes up for a file that begins with the mark of UTF-8, in English, then in German.
AS_IT_IS, WITH_DETECTION, GERMAN = (
    "44,34,76,1,,1033,false,false",
    "44,34,76,1,,1033,false,true",
    "59,34,76,1,,1031,false,true",
)


def exported(nest: Nest, folder: Path, *options: str) -> Path:
    path = folder / "log.csv"
    assert nest.run("export", "csv", "--with-text", "-o", str(path), *options).code == 0
    return path


def converted(path: Path, to: str, how: str) -> Path:
    """What LibreOffice makes of a file, in a profile of its own."""
    out = path.parent / "out"
    profile = (path.parent / "profile").as_uri()
    command = [
        "soffice", f"-env:UserInstallation={profile}", "--headless", f"--infilter=CSV:{how}",
        "--convert-to", to, "--outdir", str(out), str(path),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=200, check=True)
    (made,) = out.iterdir()
    assert made.stat().st_size, done
    return made


_TABLE, _OFFICE, _TEXT = (
    f"{{urn:oasis:names:tc:opendocument:xmlns:{name}:1.0}}" for name in ("table", "office", "text")
)


def table(path: Path) -> list[list[tuple[str, str]]]:
    """Of each cell of a flat OpenDocument table what it holds, a date, float, string ... or a formula, and its text."""
    found = []
    for row in ElementTree.parse(path).iter(f"{_TABLE}table-row"):
        of: list[tuple[str, str]] = []
        for cell in row.iter(f"{_TABLE}table-cell"):
            what = "formula" if f"{_TABLE}formula" in cell.attrib else cell.get(f"{_OFFICE}value-type", "")
            said = "\n".join(map(shown, cell.iter(f"{_TEXT}p")))
            of += [(what, said)] * int(cell.get(f"{_TABLE}number-columns-repeated", "1"))
        found.append(of)
    return [of for of in found if any(what for what, _ in of)]


def shown(element: ElementTree.Element) -> str:
    """The text of a paragraph, in which spaces and tabs can be elements."""
    said = element.text or ""
    for one in element:
        spaces = " " * int(one.get(f"{_TEXT}c", "1"))
        said += {f"{_TEXT}s": spaces, f"{_TEXT}tab": "\t"}.get(one.tag) or shown(one)
        said += one.tail or ""
    return said


def types(path: Path) -> list[list[str]]:
    """Of each cell what it holds."""
    return [[what for what, _ in of] for of in table(path)]


@pytest.mark.parametrize(
    ("how", "time", "truth"), [(AS_IT_IS, "string", "string"), (WITH_DETECTION, "time", "boolean")]
)
def test_libreoffice_sees_dates_and_numbers_and_runs_nothing(
    how: str, time: str, truth: str, old: Nest, tmp_path: Path
) -> None:
    path = exported(old, tmp_path)
    header, *rows = types(converted(path, "fods", how))
    names = path.read_text("utf-8-sig").splitlines()[0].split(",")
    seen = [dict(zip(names, of, strict=False)) for of in rows]
    assert len(seen) == len(sample())
    assert set(header) <= {"string", ""}
    wanted = {"date": "date", "night": "date", "time": time, "cramp.severity": "float", "cramp.duration": "float"}
    wanted |= {"cramp.asleep": truth} | dict.fromkeys(
        ("offset", "zone", "kind", "note", "cramp.eased_by", "id"), "string"
    )
    for name, of in wanted.items():
        assert {one.get(name, "") for one in seen} - {""} == {of}, name
    # It would run one, and would take a text for a date.
    bare = path.with_name("bare.csv")
    bare.write_bytes(path.read_bytes().replace(b"'=1+1", b"=1+1").replace(b"'3 May", b"3 May"))
    path.parent.joinpath("out", "log.fods").unlink()
    others = {of for row in types(converted(bare, "fods", how)) for of in row}
    assert "formula" in others


#: What stands behind a separator there must not become a cell of its own, and perhaps a formula.
SPLIT = [
    "hello;=1+1", "tab\t=2+2", "a,=3+3", 'a";=4+4', '"a;"=5+5', 'a"",=6+6', "a\n;=7+7", "  spaces  ", "ä;\t,=8+8"
]  # fmt: skip


@pytest.mark.parametrize(("comma", "language", "trimmed"), [(False, 1033, "false"), (True, 1031, "true")])
def test_libreoffice_splits_no_cell_where_it_splits_at_every_separator(
    comma: bool, language: int, trimmed: str, tmp_path: Path
) -> None:
    first, *log = (replace(one, origin=None) for one in long_log(len(SPLIT) + 1))
    first = replace(first, kind="medicine", note="", fields={"dose": "5 mg; evening", "a;=1+1": "b"})
    log = [
        replace(one, note=text, fields={"eased_by": text, "duration": 2.5})
        for one, text in zip(log, SPLIT, strict=True)
    ]
    path = tmp_path / "log.csv"
    path.write_bytes(written("csv", [first, *log], CsvOptions(decimal_comma=comma)))
    # All separators, as its dialog has them ticked; formulas are evaluated, as it can be told to.
    how = f"44/59/9,34,76,1,,{language},false,true,false,false,{trimmed},-1,true"
    header, *rows = table(converted(path, "fods", how))
    seen = [dict(zip((name for _, name in header if name), of, strict=False)) for of in rows]
    assert seen[0]["medicine.dose"] == ("string", "5 mg; evening")
    assert seen[0]["medicine.a;=1+1"] == ("string", "b")
    for one, text in zip(seen[1:], SPLIT, strict=True):
        assert one["note"] == one["cramp.eased_by"] == ("string", text)
        assert one["cramp.duration"][0] == "float"
    assert [one["id"] for one in seen] == [("string", one.id) for one in (first, *log)]


@pytest.mark.parametrize("language", [1033, 1031])
def test_libreoffice_takes_no_id_for_anything_else_so_that_ids_need_no_apostrophe(
    language: int, tmp_path: Path
) -> None:
    path = tmp_path / "ids.csv"
    # A part of one alone it would take for a number.
    path.write_text("".join(f"x,{cell}\n" for cell in (*ODD_IDS, "1234e567", "2026-11-21")), "utf-8-sig")
    seen = [of[1] for of in table(converted(path, "fods", f"44/59/9,34,76,1,,{language},false,true"))]
    assert seen[: len(ODD_IDS)] == [("string", odd) for odd in ODD_IDS]
    assert "string" not in {what for what, _ in seen[len(ODD_IDS) :]}


@pytest.mark.parametrize(
    ("how", "to", "options"),
    [
        (AS_IT_IS, "44,34,76,1", ()),
        (WITH_DETECTION, "59,34,76,1,,0,false,true,false", ()),
        (GERMAN, "59,34,76,1,,0,false,true,false", ("--decimal-comma",)),
    ],
)
def test_what_libreoffice_saves_comes_back(
    how: str, to: str, options: tuple[str, ...], old: Nest, new: Nest, tmp_path: Path
) -> None:
    path = exported(old, tmp_path, *options)
    saved = converted(path, f"csv:Text - txt - csv (StarCalc):{to}", how)
    assert b"3.74165738677394;" in saved.read_bytes().replace(b",", b";")  # one figure less: it was a number
    said = new.asked("import", "csv", str(saved))
    assert (said["new"], said["skipped"]) == (len(sample()), [])
    for ours, theirs in zip(logged(old), logged(new), strict=True):
        before, after = ([json.loads(str(one[5])), *one[:5], *one[6:]] for one in (ours, theirs))
        # It shows 3.0 as 3, and not every figure behind the point.
        near = {name: pytest.approx(said) if type(said) is float else said for name, said in before[0].items()}
        assert after == [near, *before[1:]]
    said = old.asked("import", "csv", str(saved))
    assert (said["new"], said["known"]) == (0, len(sample()))
