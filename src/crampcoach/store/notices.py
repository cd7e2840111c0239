"""Messages that are no occurrences - advice, what has gone quiet - and are on the screen: a later run takes them up."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass

from crampcoach.store import agent_state

_MARK = "notice:"
#: More than these are not taken up: whoever left so many unread will not press them.
_MOST = 20


@dataclass(frozen=True, slots=True)
class Notice:
    """Its key, who showed it, and the receipt by which it is found again."""

    key: str
    notifier: str
    receipt: str


def add(connection: sqlite3.Connection, notice: Notice) -> None:
    """It is on the screen."""
    agent_state.set_mark(connection, f"{_MARK}{notice.key}", json.dumps([notice.notifier, notice.receipt]))
    connection.execute(
        "DELETE FROM marks WHERE name GLOB ? AND name NOT IN "
        "(SELECT name FROM marks WHERE name GLOB ? ORDER BY rowid DESC LIMIT ?)",
        [f"{_MARK}*", f"{_MARK}*", _MOST],
    )


def remove(connection: sqlite3.Connection, key: str) -> None:
    """It is gone, or was answered."""
    connection.execute("DELETE FROM marks WHERE name = ?", [f"{_MARK}{key}"])


def standing(connection: sqlite3.Connection) -> list[Notice]:
    """Those that were on the screen when this was last written down, oldest first."""
    found = connection.execute("SELECT name, value FROM marks WHERE name GLOB ? ORDER BY rowid", [f"{_MARK}*"])
    return [Notice(name.removeprefix(_MARK), *json.loads(value)) for name, value in found]
