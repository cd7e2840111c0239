"""Import as a process: killed anywhere it leaves whole entries and no trace; in a terminal it shows how far it is.

The next run brings the rest, once.
"""

from __future__ import annotations

import os
import pty
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, suppress
from pathlib import Path

import pytest

from crampcoach.store.database import read_only
from desktop import wait_for

pytestmark = pytest.mark.real

CRAMPCOACH = Path(sys.executable).with_name("crampcoach")
KILLS = 100 if os.environ.get("CRAMPCOACH_SOAK") else 8
MANY = 3000
SIGN = "My left calf is swollen and warm"


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """The last entry is of yesterday and raises a flag."""
    path = tmp_path / "journal.txt"
    days = [f"[2025-{1 + n % 12:02}-{1 + n % 28:02} {n % 24:02}:{n % 60:02}] Entry {n}\n\n" for n in range(MANY - 1)]
    yesterday = time.strftime("%Y-%m-%d", time.localtime(time.time() - 24 * 3600))
    path.write_text("".join([*days, f"[{yesterday} 09:00] {SIGN}\n"]))
    return path


def start(journal: Path, home: Path, out: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
    env = {**os.environ, "CRAMPCOACH_HOME": str(home), "COLUMNS": "60"}
    return subprocess.Popen([CRAMPCOACH, "import", "jrnl", journal], env=env, stdout=out, stderr=out)


def in_terminal(journal: Path, home: Path) -> str:
    """What it writes to a terminal."""
    ours, theirs = pty.openpty()
    said = b""
    try:
        running = start(journal, home, theirs)
        os.close(theirs)
        with suppress(OSError):  # the terminal is gone
            while data := os.read(ours, 65536):
                said += data
        assert running.wait(60) == 0
    finally:
        os.close(ours)
    return said.decode()


def test_in_a_terminal_it_shows_how_far_it_is_and_what_was_read_there_is_told(tmp_path: Path, journal: Path) -> None:
    said = in_terminal(journal, tmp_path / "home")
    assert "\rreading: 2,500" in said
    assert "\rsaving: 2,500 of 3,000" in said
    assert said.index("LOOKED AT TODAY") < said.index("saving") < said.index("imported: 3,000 entries")
    with closing(sqlite3.connect(tmp_path / "home" / "data" / "log.db")) as log:
        assert log.execute("SELECT count(*), count(told) FROM raised").fetchone() == (1, 1)
    again = in_terminal(journal, tmp_path / "home")
    assert "in your log before: 3,000 entries" in again
    assert "LOOKED AT" not in again
    assert "saving" not in again


def test_kills_during_an_import(tmp_path: Path, journal: Path) -> None:
    began = time.perf_counter()
    whole = start(journal, tmp_path / "whole")
    assert whole.wait(60) == 0
    took = time.perf_counter() - began
    chance = random.Random(11)
    cut_short = 0
    for number in range(KILLS):
        home = tmp_path / str(number)
        running = start(journal, home)
        if number % 2:
            time.sleep(chance.uniform(0.3, 1.0) * took)
        else:
            enough = chance.randrange(MANY // 2)
            wait_for(lambda: _many(home) > enough, 60, "entries are saved")  # noqa: B023 - at once
        running.send_signal(signal.SIGKILL)
        running.wait(60)
        cut_short += 0 < _saved(home) < MANY
        left = {path.name for path in (home / "data").iterdir()} if (home / "data").exists() else set()
        assert not [name for name in left if not name.startswith(("log.db", "state.db"))]
        assert start(journal, home).wait(60) == 0
        assert _saved(home) == MANY
    assert cut_short >= KILLS / 4, "too few kills hit the saving"


def _many(home: Path) -> int:
    """How many entries are saved so far."""
    with suppress(sqlite3.Error), closing(read_only(home / "data" / "log.db")) as log:
        return int(log.execute("SELECT count(*) FROM entries").fetchone()[0])
    return 0


def _saved(home: Path) -> int:
    """How many entries there are, all whole, the sign's flag with it."""
    path = home / "data" / "log.db"
    if not path.exists() or not path.stat().st_size:
        return 0
    with closing(sqlite3.connect(path)) as log:
        assert log.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        if not log.execute("SELECT 1 FROM sqlite_master WHERE name = 'raised'").fetchone():
            return 0
        notes = [note for (note,) in log.execute("SELECT note FROM entries")]
        flags = [note for (note,) in log.execute("SELECT note FROM entries JOIN raised ON raised.entry = entries.id")]
    assert len(notes) == len(set(notes))
    assert all(note == SIGN or note.startswith("Entry ") for note in notes)
    assert (SIGN in notes) == (SIGN in flags)
    return len(notes)
