"""Messages that are no occurrences (advice, what has gone quiet) and that nobody has answered: later runs know them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import astuple, dataclass

#: Of those that nobody needs to read any more, no more than the newest are kept.
_MOST = 20
_COLUMNS = "key, notifier, receipt, of, shows, read"


@dataclass(frozen=True, slots=True)
class Notice:
    """Its key, who showed it last, and the receipt by which it is found again.

    of: the id or origin of the entry that advice is about. shows: how often it was shown. read: the person has read it
    elsewhere.
    """

    key: str
    notifier: str
    receipt: str
    of: str = ""
    shows: int = 1
    read: bool = False


def add(connection: sqlite3.Connection, notice: Notice) -> None:
    """It was shown; advice is kept until it is read, and of all others the newest."""
    connection.execute(
        f"INSERT INTO notices ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET "
        "notifier = excluded.notifier, receipt = excluded.receipt, shows = excluded.shows, read = excluded.read",
        astuple(notice),
    )
    connection.execute(
        "DELETE FROM notices WHERE (of = '' OR read) AND number NOT IN "
        "(SELECT number FROM notices WHERE of = '' OR read ORDER BY number DESC LIMIT ?)",
        [_MOST],
    )


def remove(connection: sqlite3.Connection, key: str) -> None:
    """It was answered, or closed by the person."""
    connection.execute("DELETE FROM notices WHERE key = ?", [key])


def mark_read(connection: sqlite3.Connection, keys: Iterable[str]) -> None:
    """The person has read these elsewhere; they may still be pressed."""
    connection.executemany("UPDATE notices SET read = 1 WHERE key = ?", [[key] for key in keys])


def standing(connection: sqlite3.Connection) -> list[Notice]:
    """Those that nobody has answered, oldest first."""
    found = connection.execute(f"SELECT {_COLUMNS} FROM notices ORDER BY number").fetchall()
    return [Notice(key, notifier, receipt, of, shows, bool(read)) for key, notifier, receipt, of, shows, read in found]


def find(connection: sqlite3.Connection, key: str) -> Notice | None:
    """One of them."""
    return next((one for one in standing(connection) if one.key == key), None)
