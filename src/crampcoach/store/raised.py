"""Which red flags entries have raised, which of them the person has been told, and what they hold.

Written in the transaction that saves the entry, so that no way of saving leaves it out. What was raised stays, also
when the entry is deleted: only a doctor's or nurse's look ends a hold.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from crampcoach.model import Entry
from crampcoach.safety.flags import raised, red_flags
from crampcoach.safety.kinds import EXAMINED
from crampcoach.store.database import Database
from crampcoach.store.schema import to_text

#: The origins of what answers to plugins' reminders have logged begin with this.
BY_PLUGIN = "occ:"


@dataclass(frozen=True, slots=True)
class Untold:
    """An entry with the flags that the person has not been told of. `origin` is the entry's, or empty."""

    entry: str
    origin: str
    flags: tuple[str, ...]


def write_down(connection: sqlite3.Connection, entry: Entry, now: datetime) -> None:
    """Note what an entry raises, in the transaction that saves it.

    A plugin cannot say that a doctor or nurse has looked: its buttons may have any label.
    """
    looked = entry.kind == EXAMINED and not (entry.origin or "").startswith(BY_PLUGIN)
    write_down_named(connection, entry, [one.id for one in raised(entry)] + ([EXAMINED] if looked else []), now)


def write_down_named(connection: sqlite3.Connection, entry: Entry, names: Iterable[str], now: datetime) -> None:
    """Note that an entry raises these flags."""
    told = {EXAMINED: to_text(now)}
    connection.executemany(
        "INSERT OR IGNORE INTO raised (entry, flag, made, told) VALUES (?, ?, ?, ?)",
        [[entry.id, name, to_text(now), told.get(name)] for name in names],
    )


def untold(log: Database) -> list[Untold]:
    """What the person must still be told, oldest first."""
    sql = (
        "SELECT r.entry, coalesce(e.origin, ''), r.flag FROM raised r JOIN entries e ON e.id = r.entry "
        "WHERE r.told IS NULL ORDER BY r.number"
    )
    found: dict[tuple[str, str], list[str]] = {}
    for entry, origin, name in log.connection.execute(sql):
        found.setdefault((entry, origin), []).append(name)
    return [Untold(entry, origin, tuple(names)) for (entry, origin), names in found.items()]


def mark_told(log: Database, told: Iterable[tuple[str, Sequence[str]]], now: datetime) -> None:
    """The person has been told of these flags, named with the id of the entry that raised them."""
    with log.transaction() as connection:
        connection.executemany(
            "UPDATE raised SET told = ? WHERE entry = ? AND flag = ? AND told IS NULL",
            [[to_text(now), entry, name] for entry, names in told for name in names],
        )


def holding(log: Database) -> tuple[str, ...]:
    """The flags whose holds are on: raised since a doctor or nurse has last looked at the leg, as far as is logged."""
    found = {name for names in holding_entries(log).values() for name in names}
    return tuple(one.id for one in red_flags() if one.id in found)


def holding_entries(log: Database) -> dict[str, list[str]]:
    """The entries that raised them, by id, with the flags of each."""
    names = [one.id for one in red_flags() if one.holds]
    sql = (
        f"SELECT entry, flag FROM raised WHERE flag IN ({', '.join('?' * len(names))}) AND number > coalesce("
        "(SELECT max(r.number) FROM raised r JOIN entries e ON e.id = r.entry "
        "WHERE r.flag = ? AND e.deleted IS NULL), 0) ORDER BY number"
    )
    found: dict[str, list[str]] = {}
    for entry, name in log.connection.execute(sql, [*names, EXAMINED]):
        found.setdefault(entry, []).append(name)
    return found


def has(log: Database, entry: str) -> bool:
    """Whether the log knows that an entry raised something."""
    return log.connection.execute("SELECT 1 FROM raised WHERE entry = ?", [entry]).fetchone() is not None
