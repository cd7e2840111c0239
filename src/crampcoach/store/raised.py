"""Which red flags entries have raised, which of them the person has been told, and what they hold.

Written in the transaction that saves the entry, so that no way of saving leaves it out. What was raised stays, also
when the entry is deleted: only a doctor's or nurse's look ends a hold.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from crampcoach.model import Entry
from crampcoach.safety.flags import flag, raised, red_flags
from crampcoach.safety.kinds import EXAMINED, SYMPTOMS
from crampcoach.store.database import Database
from crampcoach.store.schema import from_text, to_text

#: The origins of what answers to plugins' reminders have logged begin with this.
BY_PLUGIN = "occ:"
#: A look that is dated no earlier than this is of the moment in which it is said.
_NOW = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Untold:
    """An entry with the flags that the person has not been told of; without an id it is not saved yet."""

    entry: str
    origin: str
    flags: tuple[str, ...]

    @property
    def of(self) -> str:
        """The name by which its entry is known before it is saved too."""
        return self.origin or self.entry


@cache
def ready() -> None:
    """Read the rules, which takes a while, before the transaction in which they are needed: others wait for that."""
    raised(Entry(kind=SYMPTOMS, note="any words"))


def write_down(connection: sqlite3.Connection, entry: Entry, now: datetime, *, before: Entry | None = None) -> None:
    """Note what an entry raises, in the transaction that saves it.

    A plugin cannot say that a doctor or nurse has looked: its buttons may have any label. `before`: what stood there
    before an edit; a sign that is new since then counts from now on, also if the entry had raised it long ago.
    """
    looked = entry.kind == EXAMINED and not (entry.origin or "").startswith(BY_PLUGIN)
    names = [one.id for one in raised(entry)]
    if looked:  # it settles what it speaks of, but not what must be seen to now
        names.sort(key=lambda name: (flag(name).level == "now", name))
        names.insert(sum(flag(name).level != "now" for name in names), EXAMINED)
    told = {EXAMINED: to_text(now)}
    if before is not None:
        stood = {one.id for one in raised(before)}
        new = [[entry.id, name] for name in names if name not in stood and name != EXAMINED]
        connection.executemany("DELETE FROM raised WHERE entry = ? AND flag = ?", new)
    connection.executemany(
        "INSERT OR IGNORE INTO raised (entry, flag, made, told) VALUES (?, ?, ?, ?)",
        [[entry.id, name, to_text(now), told.get(name)] for name in names],
    )


def untold(log: Database) -> list[Untold]:
    """What the person must still be told, oldest first; what only holds and a look has covered since is settled."""
    sql = (
        "SELECT r.number, r.entry, coalesce(e.origin, ''), r.flag, e.at FROM raised r JOIN entries e ON e.id = r.entry "
        "WHERE r.told IS NULL ORDER BY r.number"
    )
    rows = log.connection.execute(sql).fetchall()
    looks = _looks(log) if rows else []
    found: dict[tuple[str, str], list[str]] = {}
    for number, entry, origin, name, at in rows:
        if name not in _holding_flags() or not any(look.covers(number, at) for look in looks):
            found.setdefault((entry, origin), []).append(name)
    return [Untold(entry, origin, tuple(names)) for (entry, origin), names in found.items()]


@cache
def _holding_flags() -> frozenset[str]:
    return frozenset(one.id for one in red_flags() if one.holds)


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
    names = sorted(_holding_flags())
    looks = _looks(log)
    whole = max((look.number for look in looks if look.is_whole), default=0)
    sql = (
        "SELECT r.number, r.entry, r.flag, e.at FROM raised r JOIN entries e ON e.id = r.entry "
        f"WHERE r.flag IN ({', '.join('?' * len(names))}) AND r.number > ? ORDER BY r.number"
    )
    found: dict[str, list[str]] = {}
    for number, entry, name, at in log.connection.execute(sql, [*names, whole]):
        if not any(look.covers(number, at) for look in looks):
            found.setdefault(entry, []).append(name)
    return found


@dataclass(frozen=True, slots=True)
class _Look:
    """A doctor's or nurse's look. What was raised after it was said is never covered, whatever the clock says.

    up_to: the last sign's number where it was said of certain signs. at: when it was, where that was before it was
    said; what was noticed after that is not covered either.
    """

    number: int
    up_to: int | None
    at: str | None

    @property
    def is_whole(self) -> bool:
        return self.up_to is None and self.at is None

    def covers(self, number: int, at: str) -> bool:
        """Whether it ends the hold of a flag with this number, raised by an entry of this time."""
        seen = self.up_to is None or number <= self.up_to
        return number < self.number and seen and (self.at is None or at <= self.at)


def _looks(log: Database) -> list[_Look]:
    sql = (
        "SELECT r.number, e.at, e.made, json_extract(e.fields, '$.up_to') FROM raised r "
        "JOIN entries e ON e.id = r.entry WHERE r.flag = ? AND e.deleted IS NULL"
    )
    looks = []
    for number, at, made, up_to in log.connection.execute(sql, [EXAMINED]).fetchall():
        # Said of now, it is as good as the moment: a clock that was wrong was wrong for both.
        earlier = from_text(made) - from_text(at) > _NOW
        last = None if up_to is None else _last_number(log, str(up_to), number)
        looks.append(_Look(number, last, at if earlier else None))
    return looks


def _last_number(log: Database, entry: str, before: int) -> int:
    """The number of the last flag that an entry had raised before a look; 0 where there is none.

    What an edit adds to the entry later is newer than the look, and no measure of how far it reached.
    """
    sql = "SELECT max(number) FROM raised WHERE entry = ? AND number < ?"
    return log.connection.execute(sql, [entry, before]).fetchone()[0] or 0


def of_entry(log: Database, entry: str) -> tuple[str, ...]:
    """The flags that an entry, named by its id or origin, has raised; also if it is deleted by now."""
    found = "SELECT r.flag FROM raised r JOIN entries e ON e.id = r.entry"
    sql = f"{found} WHERE e.id = ? OR e.origin = ? ORDER BY r.number"
    return tuple(name for (name,) in log.connection.execute(sql, [entry, entry]))
