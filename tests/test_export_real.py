"""Export as a process: killed anywhere, on a full disk or in a closed pipe, a file is whole, or what it was before."""

from __future__ import annotations

import fcntl
import os
import random
import signal
import struct
import subprocess
import termios
import time
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
from disks import fill, small_disk
from pseudo_terminal import typing

pytestmark = pytest.mark.real

KILLS = 100 if SOAK else 10
MANY = 3000
#: Some 150 bytes an entry, as fast or as slow as it is told.
PLUGIN = """\
import os, sys, time
from dataclasses import dataclass
from typing import Annotated
from crampcoach import Exporter, hookimpl

@dataclass(frozen=True)
class Options:
    does: Annotated[str | None, "What it does besides"] = None

def _write(entries, stream, ctx):
    does = ctx.options.does
    if does == "hang":
        print("hanging", file=sys.stderr, flush=True)
        while True:
            try:
                time.sleep(60)
            except BaseException:
                pass
    if does == "fork":
        os.fork()
    for number, entry in enumerate(entries):
        stream.write(f"{number} {entry.at.isoformat()} {entry.kind} {'x' * 100}\\n".encode())
        if does == "print":
            print("noise")
        if does == "stop" and number == 1500:
            print("half way", file=sys.stderr, flush=True)
            time.sleep(600)

@hookimpl
def exporters():
    return [Exporter(name="own", title="Own", suffix=".txt", media_type="text/plain", write=_write, options=Options)]
"""


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Nest:
    """A home with many entries; nothing but its log is ever read."""
    nest = Nest(tmp_path_factory.mktemp("export") / "home")
    nest.drop("own", PLUGIN)
    now = datetime.now(UTC)
    given = [Entry(kind="cup", at=now - timedelta(minutes=n), zone="UTC", note="words") for n in range(MANY)]
    with closing(open_store(nest.home, now)) as store:
        entries.append(store.log, given, now)
    return nest


def whole(path: Path, many: int = MANY) -> bool:
    """Whether all of an export is there, and for nobody else to read."""
    lines = path.read_text().splitlines()
    assert path.stat().st_mode & 0o777 == 0o600
    return [line.partition(" ")[0] for line in lines] == [str(number) for number in range(many)]


# --- in a terminal ---------------------------------------------------------------------------------------------


def test_in_a_terminal_it_names_the_file_shows_how_far_it_is_and_asks(filled: Nest, folder: Path) -> None:
    today = datetime.now(filled.zone).date()
    with typing(filled, "export", "own", folder=folder) as terminal:
        assert terminal.end() == 0
    (path,) = folder.iterdir()
    assert path.name in (f"crampcoach-{day}.txt" for day in (today, today + timedelta(days=1)))
    assert "\rwriting: 2,500 of 3,000\r" in terminal.text
    assert f"wrote {path}: from 3,000 entries, " in terminal.text
    assert "3,000 entries have words of yours that were left out" in terminal.text
    assert whole(path)
    path.write_text("Dear diary")
    for answer, status in (("n", 1), ("", 1), ("y", 0)):
        with typing(filled, "export", "own", "-o", str(path)) as terminal:
            terminal.wait("Replace it?")
            terminal.wait("]: ")
            terminal.type(f"{answer}\n")
            assert terminal.end() == status
        assert ("nothing was written" in terminal.text) == bool(status)
    assert whole(path)


def test_ctrl_c_ends_it_whatever_the_exporter_does(filled: Nest, folder: Path) -> None:
    with typing(filled, "export", "own", "--does", "hang", "-o", "log", folder=folder) as terminal:
        terminal.wait("hanging")
        assert list(folder.glob(f"{MARK}*"))
        began = time.monotonic()
        terminal.type("\x03")
        assert terminal.end() == 130
        assert time.monotonic() - began < 10
    assert "stopped" in terminal.text
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("_again", range(4))  # how much waits in the process to be written is another matter each time
def test_ctrl_c_ends_it_while_nobody_reads_its_output(filled: Nest, _again: int) -> None:
    ours, theirs = os.pipe()
    command = filled.command("export", "own")
    process = subprocess.Popen(command, stdout=theirs, stderr=subprocess.PIPE, env=filled.environment())
    os.close(theirs)
    with process:
        try:
            wait_for(lambda: _is_full(ours), 30, "its thread waits for a reader")
            process.send_signal(signal.SIGINT)
            assert process.stderr
            assert process.stderr.read().decode().strip().endswith("stopped")
            assert process.wait(10) == 130
        finally:
            os.close(ours)
            process.kill()


def _is_full(pipe: int) -> bool:
    (there,) = struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, b"    "))
    return bool(there > fcntl.fcntl(pipe, fcntl.F_GETPIPE_SZ) - os.sysconf("SC_PAGE_SIZE"))


# --- kills -----------------------------------------------------------------------------------------------------


def test_a_kill_leaves_the_file_as_it_was_and_the_next_export_clears_up(filled: Nest, folder: Path) -> None:
    path = folder / "log.txt"
    words = ("export", "own", "--force", "-o", str(path))
    began = time.monotonic()
    subprocess.run(filled.command(*words), env=filled.environment(), capture_output=True, check=True)
    took = time.monotonic() - began
    chance = random.Random(7)
    for number in range(KILLS):
        path.write_text(f"Dear diary {number}")
        half_way = number % 2 == 0
        command = filled.command(*words, *(("--does", "stop") if half_way else ()))
        with subprocess.Popen(
            command, env=filled.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        ) as process:
            assert process.stderr
            if half_way:
                assert process.stderr.readline() == b"half way\n"
            else:
                time.sleep(chance.uniform(0.5, 1.0) * took)
            process.kill()
        parts = list(folder.glob(f"{MARK}*"))
        assert len(parts) <= 1
        assert not half_way or parts[0].stat().st_size > 100 * MANY / 4
        assert all(one.stat().st_mode & 0o777 == 0o600 for one in parts)
        assert path.read_text() == f"Dear diary {number}" or whole(path)
    subprocess.run(filled.command(*words), env=filled.environment(), capture_output=True, check=True)
    assert [*folder.iterdir()] == [path]
    assert whole(path)


def test_what_another_export_is_writing_is_no_leftover(filled: Nest, folder: Path) -> None:
    with typing(filled, "export", "own", "--does", "hang", "-o", "slow", folder=folder) as terminal:
        terminal.wait("hanging")
        (part,) = folder.glob(f"{MARK}*")
        commands = [filled.command("export", "own", "--force", "-o", str(folder / name)) for name in "abab"]
        both = [
            subprocess.Popen(one, env=filled.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            for one in commands
        ]
        assert [one.wait(60) for one in both] == [0, 0, 0, 0]
        assert {one.name for one in folder.iterdir()} == {"a", "b", part.name}
        assert whole(folder / "a")
        assert whole(folder / "b")
        terminal.type("\x03")
        assert terminal.end() == 130


# --- disks, pipes, permissions ---------------------------------------------------------------------------------


def test_a_full_disk_is_one_sentence_and_what_was_there_stays(filled: Nest, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 1) as disk:
        path = disk / "log.txt"
        path.write_text("Dear diary")
        ballast = fill(disk)
        os.truncate(ballast, ballast.stat().st_size - 3 * 65536)
        ended = filled.run("export", "own", "--force", "-o", str(path))
        sentence = f"crampcoach: cannot write {path}: No space left on device; free some space, or choose another place"
        assert (ended.code, ended.out, ended.err) == (1, "", f"{sentence}\n")
        assert {one.name for one in disk.iterdir()} == {"log.txt", "ballast"}
        assert path.read_text() == "Dear diary"
        ballast.unlink()
        assert filled.run("export", "own", "--force", "-o", str(path)).code == 0
        assert whole(path)


def test_a_log_on_a_full_disk_says_so(tmp_path: Path, folder: Path) -> None:
    with small_disk(tmp_path / "disk", 8) as disk:
        full = Nest(disk / "home")
        full.drop("own", PLUGIN)
        assert full.run("export", "own").code == 0
        fill(disk)
        ended = full.run("export", "own", "-o", str(folder / "log.txt"))
        assert (ended.code, ended.out) == (1, "")
        assert ended.err.endswith("free some space on the disk\n")
        assert not list(folder.iterdir())


def test_a_full_output_and_none_at_all_are_a_sentence_each(filled: Nest) -> None:
    command = filled.command("export", "own")
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            command, stdout=full, stderr=subprocess.PIPE, text=True, env=filled.environment(), check=False
        )
    assert (done.returncode, done.stderr) == (1, "crampcoach: cannot write the output: No space left on device\n")
    done = subprocess.run(
        ["sh", "-c", '"$@" >&-', "sh", *command], capture_output=True, text=True, env=filled.environment(), check=False
    )
    assert done.returncode == 1
    assert done.stderr == "crampcoach: there is no output to write to; name a file with --output\n"


def test_a_reader_that_has_enough_hears_nothing(filled: Nest) -> None:
    """As every command does: `crampcoach export csv | head` is no mistake."""
    ours, theirs = os.pipe()
    process = subprocess.Popen(
        filled.command("export", "own"), stdout=theirs, stderr=subprocess.PIPE, env=filled.environment()
    )
    os.close(theirs)
    assert os.read(ours, 10).startswith(b"0 ")
    os.close(ours)
    assert process.communicate(timeout=30)[1] == b""
    assert process.returncode == 1


def test_what_a_plugin_prints_is_not_in_the_output(filled: Nest) -> None:
    ended = filled.run("export", "own", "--does", "print", "--since", "2d")
    assert ended.code == 0
    assert "noise" not in ended.out
    assert ended.err.count("noise\n") == len(ended.out.splitlines()) > 1000


def test_a_fork_doubles_nothing(filled: Nest, folder: Path) -> None:
    path = folder / "log.txt"
    ended = filled.run("export", "own", "--does", "fork", "-o", str(path))
    assert ended.code == 1
    assert "its exporter 'own' forked this process" in ended.err
    assert "nothing was written" in ended.err
    assert not path.exists()


@pytest.mark.skipif(os.getuid() != 0, reason="only root can make what somebody else may not write")
def test_a_place_that_may_not_be_written_is_one_sentence(filled: Nest, tmp_path: Path, folder: Path) -> None:
    weak = Nest(filled.folder, dict(filled.env), prefix=POWERLESS)
    locked = folder / "log.txt"
    locked.write_text("Dear diary")
    locked.chmod(0o400)
    ended = weak.run("export", "own", "--force", "-o", str(locked))
    sentence = f"crampcoach: cannot write {locked}: Permission denied; choose another place\n"
    assert (ended.code, ended.err) == (1, sentence)
    folder.chmod(0o500)
    other = folder / "other.txt"
    ended = weak.run("export", "own", "-o", str(other))
    assert (ended.code, ended.err) == (
        1,
        f"crampcoach: cannot write {other}: Permission denied; choose another place\n",
    )
    folder.chmod(0o700)
    assert [one.name for one in folder.iterdir()] == ["log.txt"]
