"""A crampcoach command, or a writer, that notes how long each of its writes took.

    python tests/timed.py NOTES crampcoach WORDS...          the command
    python tests/timed.py NOTES waiting WORDS...             the command, once stdin says go
    python tests/timed.py NOTES writer NAME MANY             adds so many entries, one by one, once stdin says go

NOTES gets a line for each write: the seconds from asking for one's turn until it is on the disk, and those of them
from BEGIN to COMMIT.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

from crampcoach.store.database import Database


def note_writes(path: str) -> None:
    """From now on each write of this process adds its line."""
    notes = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    transaction, whole = Database.transaction, Database._whole
    held = 0.0

    @contextmanager
    def timed_transaction(self: Database) -> Iterator[Any]:
        asked = time.monotonic()
        with transaction(self) as connection:
            yield connection
        os.write(notes, f"{time.monotonic() - asked:.6f} {held:.6f}\n".encode())

    @contextmanager
    def timed_whole(self: Database) -> Iterator[Any]:
        nonlocal held
        began = time.monotonic()
        with whole(self) as connection:
            yield connection
        held = time.monotonic() - began

    vars_of: Any = Database
    vars_of.transaction, vars_of._whole = timed_transaction, timed_whole


def wait() -> None:
    """Until stdin says go."""
    print("ready", flush=True)
    sys.stdin.readline()


def add(name: str, many: int) -> None:
    """Add entries, saying each that is saved."""
    from crampcoach.home import find_home
    from crampcoach.model import Entry
    from crampcoach.store import entries, open_store

    store = open_store(find_home(), datetime.now(UTC))
    wait()
    for number in range(many):
        now = datetime.now(UTC)
        entries.append(store.log, [Entry(kind="cramp", at=now, zone="UTC", note=f"{name}:{number}")], now)
        print(f"{name}:{number}", flush=True)
    store.close()


def run(*words: str) -> None:
    """A crampcoach command."""
    from crampcoach.cli import main

    main(list(words))


def run_when_told(*words: str) -> None:
    """What takes the time of a command, the imports, is done before."""
    for name in ("entries", "saving", "session"):
        import_module(f"crampcoach.cli.{name}")
    for name in ("context", "guard", "loading", "plugins", "safety.wording", "store.raised", "store.recovery"):
        import_module(f"crampcoach.{name}")
    wait()
    run(*words)


if __name__ == "__main__":
    note_writes(sys.argv[1])
    what, given = sys.argv[2], sys.argv[3:]
    if what == "writer":
        add(given[0], int(given[1]))
    else:
        (run if what == "crampcoach" else run_when_told)(*given)
