"""Rows of occurrences: the agent's memory of what came due and what became of it.

Every function takes the connection of a running transaction, or of a reader.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import fields
from datetime import date, datetime, time
from typing import Any

from crampcoach.model import OPEN_STATES
from crampcoach.planner import Row
from crampcoach.store.schema import from_text, storable, to_text

_COLUMNS = tuple(one.name for one in fields(Row) if one.name != "id")
_INSTANTS = frozenset({"due", "expires", "shown", "delivered", "retry"})
_ENTERED = "id NOT IN (SELECT occurrence FROM answers WHERE entered = 0)"


def _stored(name: str, value: Any) -> Any:
    if value is None or isinstance(value, str):
        return storable(value) if value else value
    if name in _INSTANTS:
        return to_text(value)
    if name == "wall":
        return f"{value:%H:%M}"
    return value.isoformat() if name == "day" else int(value)


def _row(record: sqlite3.Row) -> Row:
    values: dict[str, Any] = dict(record)
    for name in _INSTANTS:
        values[name] = from_text(values[name]) if values[name] else None
    values["day"] = date.fromisoformat(values["day"])
    values["wall"] = time.fromisoformat(values["wall"])
    values["chosen"] = bool(values["chosen"])
    return Row(**values)


def insert_new(connection: sqlite3.Connection, rows: Iterable[Row]) -> int:
    """Add rows that are not there yet; the number added."""
    sql = (
        f"INSERT INTO occurrences ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))}) "
        "ON CONFLICT (reminder, day, wall) DO NOTHING"
    )
    before = connection.total_changes
    connection.executemany(sql, [[_stored(name, getattr(row, name)) for name in _COLUMNS] for row in rows])
    return connection.total_changes - before


def save(connection: sqlite3.Connection, row: Row) -> None:
    """Write a row that was read in the same transaction."""
    sql = f"UPDATE occurrences SET {', '.join(f'{name} = ?' for name in _COLUMNS)} WHERE id = ?"
    connection.execute(sql, [*(_stored(name, getattr(row, name)) for name in _COLUMNS), row.id])


def _select(connection: sqlite3.Connection, where: str, *values: object) -> list[Row]:
    sql = f"SELECT id, {', '.join(_COLUMNS)} FROM occurrences WHERE {where} ORDER BY due, id"
    return [_row(record) for record in connection.execute(sql, values)]


def open_rows(connection: sqlite3.Connection) -> list[Row]:
    """Everything that still waits for something."""
    states = ", ".join(f"'{state}'" for state in OPEN_STATES)
    return _select(connection, f"state IN ({states})")


def find(connection: sqlite3.Connection, key: str) -> Row | None:
    """The row of an occurrence's key, `REMINDER/DAY/WALL`."""
    reminder, _, rest = key.partition("/")
    day, _, wall = rest.partition("/")
    rows = _select(connection, "reminder = ? AND day = ? AND wall = ?", reminder, day, wall)
    return rows[0] if rows else None


def of_day(connection: sqlite3.Connection, day: date) -> list[Row]:
    """The occurrences of one day, wake to wake."""
    return _select(connection, "day = ?", day.isoformat())


def between(connection: sqlite3.Connection, reminder: str, since: datetime, until: datetime) -> list[Row]:
    """Occurrences with `since <= due < until` of the reminders whose name matches the GLOB pattern."""
    where = "reminder GLOB ? AND due >= ? AND due < ?"
    return _select(connection, where, reminder, to_text(since), to_text(until))


def spoken_for(connection: sqlite3.Connection, lead: str) -> list[Row]:
    """The rows that a merged message stands for."""
    return _select(connection, "lead = ? AND state = 'shown'", lead)


def left_on_screen(connection: sqlite3.Connection) -> list[Row]:
    """Rows that are no longer shown, but whose message nobody has withdrawn yet."""
    return _select(connection, "closed = '' AND notifier != '' AND state != 'shown'")


def done_days(connection: sqlite3.Connection, since: date) -> set[tuple[str, date]]:
    """(reminder, day) of everything done on or after a day."""
    sql = "SELECT reminder, day FROM occurrences WHERE state = 'done' AND day >= ?"
    return {(name, date.fromisoformat(day)) for name, day in connection.execute(sql, [since.isoformat()])}


def shown_since(connection: sqlite3.Connection, instant: datetime) -> int:
    """How many messages were put before the person since then; a merged one counts once."""
    sql = "SELECT count(DISTINCT CASE lead WHEN '' THEN id ELSE lead END) FROM occurrences WHERE shown >= ?"
    return int(connection.execute(sql, [to_text(instant)]).fetchone()[0])


def come_since(connection: sqlite3.Connection, instant: datetime) -> set[str]:
    """The plugins of which a message was put before the person since then."""
    found = connection.execute("SELECT DISTINCT reminder FROM occurrences WHERE shown >= ?", [to_text(instant)])
    return {name.partition(".")[0] for (name,) in found}


def forget_after(connection: sqlite3.Connection, instant: datetime) -> int:
    """Delete rows due later than that, made under a clock that ran far ahead; not one with an unentered answer."""
    return connection.execute(f"DELETE FROM occurrences WHERE due > ? AND {_ENTERED}", [to_text(instant)]).rowcount


def forget_before(connection: sqlite3.Connection, instant: datetime) -> int:
    """Delete rows due before that which wait for nothing."""
    states = ", ".join(f"'{state}'" for state in OPEN_STATES)
    sql = f"DELETE FROM occurrences WHERE due < ? AND state NOT IN ({states}) AND {_ENTERED}"
    return connection.execute(sql, [to_text(instant)]).rowcount


def rename(connection: sqlite3.Connection, old: str, new: str) -> None:
    """Let the history of a reminder follow its new name."""
    connection.execute("UPDATE OR IGNORE occurrences SET reminder = ? WHERE reminder = ?", [new, old])
