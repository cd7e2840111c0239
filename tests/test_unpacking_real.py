"""Unpacking as a process: after a kill and on a full disk there are whole files only; other programs take the ZIP."""

from __future__ import annotations

import os
import random
import stat
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agent_process import POWERLESS, Nest
from conftest import SOAK
from crampcoach import Entry
from crampcoach.store import entries, open_store
from crampcoach.transfer.whole_file import MARK
from desktop import wait_for
from disks import filled, small_disk
from pseudo_terminal import typing

pytestmark = pytest.mark.real

KILLS = 60 if SOAK else 6
#: So many files, and in each so much, which hardly needs room in the ZIP.
MANY, SIZE = 1500, 4096
PLUGIN = f"""\
import zipfile
from crampcoach import Exporter, hookimpl

def _write(entries, stream, ctx):
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range({MANY}):
            archive.writestr(f"{{number:04}}.md", "x" * {SIZE})

@hookimpl
def exporters():
    return [Exporter(name="box", title="A box", suffix=".zip", media_type="application/zip", write=_write)]
"""
NEW, OLD = "x" * SIZE, "Dear diary"


@pytest.fixture(scope="module")
def nest(tmp_path_factory: pytest.TempPathFactory) -> Nest:
    """A home with a few months of entries, and a plugin that packs many files."""
    made = Nest(tmp_path_factory.mktemp("unpacking") / "home")
    made.drop("box", PLUGIN)
    now = datetime.now(UTC)
    given = [
        Entry(kind="cramp", at=now - timedelta(hours=20 * n), zone="UTC", note=f"Wörter *{n}*", fields={"severity": 4})
        for n in range(100)
    ]
    with closing(open_store(made.home, now)) as store:
        entries.append(store.log, given, now)
    return made


def contents(folder: Path) -> set[str]:
    """What is in the files that people see."""
    return {path.read_text() for path in folder.iterdir() if not path.name.startswith(MARK)}


def test_a_kill_leaves_whole_files_only_and_the_next_export_clears_up(nest: Nest, folder: Path) -> None:
    command = nest.command("export", "box", "--force", "-o", str(folder))
    chance, in_the_middle = random.Random(7), 0
    for _ in range(KILLS):
        for path in folder.iterdir():
            path.unlink()
        for number in range(0, MANY, 3):
            (folder / f"{number:04}.md").write_text(OLD)
        enough = len(list(folder.iterdir())) + chance.randrange(1, 300)
        quiet = subprocess.DEVNULL
        with subprocess.Popen(command, env=nest.environment(), stdout=quiet, stderr=quiet) as process:
            wait_for(lambda: len(os.listdir(folder)) > enough, 60, "files are written")  # noqa: B023, PTH208 - at once
            process.kill()
        parts = list(folder.glob(f"{MARK}*"))
        assert len(parts) <= 1
        assert all(stat.S_IMODE(part.stat().st_mode) == 0o600 for part in parts)
        assert contents(folder) <= {NEW, OLD}
        in_the_middle += OLD in contents(folder)
    assert in_the_middle > KILLS / 2
    ended = nest.run("export", "box", "--force", "-o", str(folder))
    assert (ended.code, ended.err) == (0, "")
    assert len(list(folder.iterdir())) == MANY
    assert contents(folder) == {NEW}


def test_ctrl_c_leaves_whole_files_only(nest: Nest, folder: Path) -> None:
    with typing(nest, "export", "box", "-o", str(folder)) as terminal:
        wait_for(lambda: len(os.listdir(folder)) > 20, 60, "files are written")  # noqa: PTH208 - at once
        terminal.type("\x03")
        ended = terminal.end()
    assert ended == 130 or len(list(folder.iterdir())) == MANY
    assert contents(folder) == {NEW}


def test_a_full_disk_says_how_many_files_are_there_and_what_was_there_stays(nest: Nest, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 8) as disk:
        place = disk / "notes"
        place.mkdir()
        last = place / f"{MANY - 1:04}.md"
        last.write_text(OLD)
        with filled(disk, room=1 << 20):
            ended = nest.run("export", "box", "--force", "-o", str(place))
            there = len(list(place.iterdir())) - 1
            assert 50 < there < MANY
            assert (ended.code, ended.out, ended.err) == (
                1,
                "",
                f"crampcoach: cannot write {place}: No space left on device; {there} of {MANY:,} files are written, "
                "each of them whole; free some space, or choose another place\n",
            )
            assert contents(place) == {NEW, OLD}
        with filled(disk, room=0):
            ended = nest.run("export", "box", "--force", "-o", str(place))
            sentence = f"cannot write {place}: No space left on device; free some space, or choose another place"
            assert (ended.code, ended.out, ended.err) == (1, "", f"crampcoach: {sentence}\n")
        assert last.read_text() == OLD


@pytest.mark.skipif(os.getuid() != 0, reason="only root can make what somebody else may not write")
def test_a_folder_that_may_not_be_written_is_one_sentence(nest: Nest, folder: Path) -> None:
    weak = Nest(nest.folder, dict(nest.env), prefix=POWERLESS)
    locked = folder / "0007.md"
    locked.write_text(OLD)
    locked.chmod(0o400)
    ended = weak.run("export", "box", "--force", "-o", str(folder))
    sentence = "Permission denied; choose another place\n"
    assert (ended.code, ended.err) == (1, f"crampcoach: cannot write {locked}: {sentence}")
    folder.chmod(0o500)
    for place in (folder, folder / "new"):
        ended = weak.run("export", "box", "-o", f"{place}/")
        assert (ended.code, ended.err) == (1, f"crampcoach: cannot write {place}: {sentence}")
    folder.chmod(0o700)
    assert [path.name for path in folder.iterdir()] == ["0007.md"]


def test_other_programs_unpack_the_daily_notes_to_the_same_files(nest: Nest, folder: Path) -> None:
    assert nest.run("export", "markdown", "--with-text", "-o", str(folder / "notes.zip")).code == 0
    assert nest.run("export", "markdown", "--with-text", "-o", f"{folder}/ours/").code == 0
    with (folder / "piped.zip").open("wb") as file:
        subprocess.run(
            nest.command("export", "markdown", "--with-text"), env=nest.environment(), stdout=file, check=True
        )
    subprocess.run(["unzip", "-q", "notes.zip", "-d", "unzipped"], cwd=folder, check=True)
    subprocess.run(["unzip", "-tq", "piped.zip"], cwd=folder, check=True)
    subprocess.run([sys.executable, "-m", "zipfile", "-e", "piped.zip", "pythons"], cwd=folder, check=True)
    notes = {path.name: path.read_text() for path in (folder / "ours").iterdir()}
    assert len(notes) > 80
    assert all("\n> Wörter \\*" in note for note in notes.values())
    for other in ("unzipped", "pythons"):
        assert {path.name: path.read_text() for path in (folder / other).iterdir()} == notes
    assert {stat.S_IMODE(path.stat().st_mode) for path in (folder / "unzipped").iterdir()} == {0o600}
