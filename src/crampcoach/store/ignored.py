"""Reminders that nobody answers: after seven days they go quiet, are said once to have done so, and can be resumed."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from datetime import date, datetime, timedelta

from crampcoach.store import agent_state
from crampcoach.store.schema import to_text

#: So many days on which a reminder was shown and nobody answered.
PATIENCE = 7
#: What lies further back says nothing about the present.
_LOOK_BACK = timedelta(days=60)


def names(connection: sqlite3.Connection, today: date) -> frozenset[str]:
    """The reminders that have gone quiet. `today` is the day (wake to wake) whose answers may still come."""
    since, ahead = (today - _LOOK_BACK).isoformat(), (today + timedelta(days=2)).isoformat()
    spoken: dict[str, str] = {}  # reminder -> when the person last answered or resumed it
    # What a clock that ran ahead has stamped says nothing either.
    sql = (
        "SELECT substr(name, 9), value FROM marks WHERE name GLOB 'resumed:*' AND value < :ahead UNION ALL "
        "SELECT o.reminder, max(a.at) FROM answers a JOIN occurrences o ON o.id = a.occurrence "
        "WHERE a.at >= :since AND a.at < :ahead GROUP BY o.reminder"
    )
    for reminder, at in connection.execute(sql, {"since": since, "ahead": ahead}):
        spoken[reminder] = max(at, spoken.get(reminder, ""))
    sql = (
        "SELECT reminder, day, due FROM occurrences WHERE day >= ? AND day < ? "
        "AND shown IS NOT NULL AND state = 'expired' AND id NOT IN (SELECT occurrence FROM answers)"
    )
    days: defaultdict[str, set[str]] = defaultdict(set)
    for reminder, day, due in connection.execute(sql, [since, today.isoformat()]):
        if due > spoken.get(reminder, ""):
            days[reminder].add(day)
    gone = connection.execute("SELECT substr(name, 7) FROM marks WHERE name GLOB 'quiet:*'")
    return frozenset([*(name for name, found in days.items() if len(found) >= PATIENCE), *(name for (name,) in gone)])


def answered(connection: sqlite3.Connection, reminder: str) -> None:
    """The person has answered it: it speaks again, and may go quiet and say so once more."""
    connection.execute("DELETE FROM marks WHERE name = ?", [f"quiet:{reminder}"])


def resume(connection: sqlite3.Connection, reminder: str, now: datetime) -> None:
    """Let it speak again: only what is ignored from now on counts."""
    agent_state.set_mark(connection, f"resumed:{reminder}", to_text(now))
    answered(connection, reminder)


def is_told(connection: sqlite3.Connection, reminder: str) -> bool:
    """Whether the person has been told that it has gone quiet."""
    return agent_state.mark(connection, f"quiet:{reminder}") is not None


def mark_told(connection: sqlite3.Connection, reminder: str, now: datetime) -> None:
    """The person has been told that it has gone quiet."""
    agent_state.set_mark(connection, f"quiet:{reminder}", to_text(now))
