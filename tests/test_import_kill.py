"""An import that is killed anywhere leaves whole entries and no other trace; the next run brings the rest, once."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

pytestmark = pytest.mark.real

CRAMPCOACH = Path(sys.executable).with_name("crampcoach")
KILLS = 100 if os.environ.get("CRAMPCOACH_SOAK") else 8
MANY = 3000
SIGN = "My left calf is swollen and warm"


def start(journal: Path, home: Path) -> subprocess.Popen[bytes]:
    env = {**os.environ, "CRAMPCOACH_HOME": str(home)}
    return subprocess.Popen([CRAMPCOACH, "import", "jrnl", journal], env=env, stdout=subprocess.DEVNULL)


def test_kills_during_an_import(tmp_path: Path) -> None:
    journal = tmp_path / "journal.txt"
    # The last one is of yesterday and raises a flag.
    days = [f"[2025-{1 + n % 12:02}-{1 + n % 28:02} {n % 24:02}:{n % 60:02}] Entry {n}\n\n" for n in range(MANY - 1)]
    yesterday = time.strftime("%Y-%m-%d", time.localtime(time.time() - 24 * 3600))
    journal.write_text("".join([*days, f"[{yesterday} 09:00] {SIGN}\n"]))
    began = time.perf_counter()
    whole = start(journal, tmp_path / "whole")
    assert whole.wait(60) == 0
    took = time.perf_counter() - began
    chance = random.Random(11)
    cut_short = 0
    for number in range(KILLS):
        home = tmp_path / str(number)
        running = start(journal, home)
        time.sleep(chance.uniform(0.3, 1.0) * took)
        running.send_signal(signal.SIGKILL)
        running.wait(60)
        cut_short += 0 < _saved(home) < MANY
        left = {path.name for path in (home / "data").iterdir()} if (home / "data").exists() else set()
        assert not [name for name in left if not name.startswith(("log.db", "state.db"))]
        assert start(journal, home).wait(60) == 0
        assert _saved(home) == MANY
    assert cut_short, "no kill hit the saving"


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
