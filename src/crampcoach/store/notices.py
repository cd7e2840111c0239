"""Messages that are no occurrences - advice, what has gone quiet - and are on the screen: a later run takes them up."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass, replace

from crampcoach.store import agent_state

_MARK = "notice:"
#: More than these are not taken up: whoever left so many unread will not press them.
_MOST = 20


@dataclass(frozen=True, slots=True)
class Notice:
    """Its key, who showed it, and the receipt by which it is found again.

    of: the id or origin of the entry that it is about. read: the person has read it elsewhere.
    """

    key: str
    notifier: str
    receipt: str
    of: str = ""
    read: bool = False


def add(connection: sqlite3.Connection, notice: Notice) -> None:
    """It is on the screen."""
    _write(connection, notice)
    connection.execute(
        "DELETE FROM marks WHERE name GLOB ? AND name NOT IN "
        "(SELECT name FROM marks WHERE name GLOB ? ORDER BY rowid DESC LIMIT ?)",
        [f"{_MARK}*", f"{_MARK}*", _MOST],
    )


def remove(connection: sqlite3.Connection, key: str) -> None:
    """It is gone, or was answered."""
    connection.execute("DELETE FROM marks WHERE name = ?", [f"{_MARK}{key}"])


def mark_read(connection: sqlite3.Connection) -> None:
    """The person has read all of them elsewhere; they may still be pressed."""
    for notice in standing(connection):
        _write(connection, replace(notice, read=True))


def _write(connection: sqlite3.Connection, notice: Notice) -> None:
    value = json.dumps([notice.notifier, notice.receipt, notice.of, notice.read])
    agent_state.set_mark(connection, f"{_MARK}{notice.key}", value)


def standing(connection: sqlite3.Connection) -> list[Notice]:
    """Those that were on the screen when this was last written down, oldest first."""
    found = connection.execute("SELECT name, value FROM marks WHERE name GLOB ? ORDER BY rowid", [f"{_MARK}*"])
    return [Notice(name.removeprefix(_MARK), *json.loads(value)) for name, value in found]
