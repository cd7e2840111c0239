"""A crampcoach command, or a writer, that notes how long each of its writes took.

    python tests/timed.py NOTES crampcoach WORDS...          the command
    python tests/timed.py NOTES writer NAME MANY             adds so many entries, one by one, once stdin says go

NOTES gets a line for each write: the seconds from asking for the turn to COMMIT, and those of them from BEGIN on.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from typing import Any

from crampcoach.store.database import Database


def note_writes(path: str) -> None:
    """From now on each write of this process adds its line."""
    notes = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    transaction, whole = Database.transaction, Database._whole
    began = 0.0

    @contextmanager
    def timed_transaction(self: Database) -> Iterator[Any]:
        asked = time.monotonic()
        with transaction(self) as connection:
            yield connection
        now = time.monotonic()
        os.write(notes, f"{now - asked:.6f} {now - began:.6f}\n".encode())

    def timed_whole(self: Database) -> AbstractContextManager[Any]:
        nonlocal began
        began = time.monotonic()
        return whole(self)

    vars_of: Any = Database
    vars_of.transaction, vars_of._whole = timed_transaction, timed_whole


def add(name: str, many: int) -> None:
    """Add entries, saying each that is saved."""
    from crampcoach.home import find_home
    from crampcoach.model import Entry
    from crampcoach.store import entries, open_store

    store = open_store(find_home(), datetime.now(UTC))
    print("ready", flush=True)
    sys.stdin.readline()
    for number in range(many):
        now = datetime.now(UTC)
        entries.append(store.log, [Entry(kind="cramp", at=now, zone="UTC", note=f"{name}:{number}")], now)
        print(f"{name}:{number}", flush=True)
    store.close()


if __name__ == "__main__":
    note_writes(sys.argv[1])
    if sys.argv[2] == "writer":
        add(sys.argv[3], int(sys.argv[4]))
    else:
        from crampcoach.cli import main

        main(sys.argv[3:])
