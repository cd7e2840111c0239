"""What else the agent must not forget: marks, pauses, plugins' failures and own small values, the rules in force."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crampcoach.model import QuietTime
from crampcoach.store.schema import from_text, storable, to_text

# --- marks: single values by name ------------------------------------------------------------------------------


def mark(connection: sqlite3.Connection, name: str) -> str | None:
    """The value of a mark, for example `swept_until`."""
    found = connection.execute("SELECT value FROM marks WHERE name = ?", [name]).fetchone()
    return found[0] if found else None


def set_mark(connection: sqlite3.Connection, name: str, value: str) -> None:
    """Remember a value by name."""
    connection.execute("INSERT OR REPLACE INTO marks VALUES (?, ?)", [name, value])


# --- pauses ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pause:
    """The person asked for silence; `until` is None for one without end."""

    began: datetime
    until: datetime | None


def pause(connection: sqlite3.Connection, now: datetime, until: datetime | None) -> None:
    """Begin a pause; a new one takes the place of a running one."""
    resume(connection, now)
    connection.execute(
        "INSERT INTO pauses (began, until) VALUES (?, ?)", [to_text(now), to_text(until) if until else None]
    )


def resume(connection: sqlite3.Connection, now: datetime) -> bool:
    """End a running pause; False if there was none."""
    running = paused(connection, now) is not None
    connection.execute("UPDATE pauses SET ended = ? WHERE ended IS NULL", [to_text(now)])
    return running


def paused(connection: sqlite3.Connection, now: datetime) -> Pause | None:
    """The pause that holds now."""
    sql = "SELECT began, until FROM pauses WHERE ended IS NULL AND (until IS NULL OR until > ?) ORDER BY id DESC"
    found = connection.execute(sql, [to_text(now)]).fetchone()
    return Pause(from_text(found[0]), from_text(found[1]) if found[1] else None) if found else None


def forget_pauses_after(connection: sqlite3.Connection, instant: datetime) -> None:
    """Delete pauses begun later than that, under a clock that ran far ahead."""
    connection.execute("DELETE FROM pauses WHERE began > ?", [to_text(instant)])


# --- failures of plugins ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a plugin was set aside or stumbled: one sentence, and the traceback."""

    plugin: str
    at: datetime
    reason: str
    detail: str


def add_failure(connection: sqlite3.Connection, failure: Failure) -> None:
    """Keep a failure for `crampcoach plugins`."""
    connection.execute(
        "INSERT INTO failures (plugin, at, reason, detail) VALUES (?, ?, ?, ?)",
        [failure.plugin, to_text(failure.at), storable(failure.reason), storable(failure.detail)],
    )


def failures(connection: sqlite3.Connection, plugin: str, most: int = 10) -> list[Failure]:
    """The newest failures of a plugin, newest first."""
    sql = "SELECT plugin, at, reason, detail FROM failures WHERE plugin = ? ORDER BY id DESC LIMIT ?"
    found = connection.execute(sql, [plugin, most])
    return [Failure(name, from_text(at), reason, detail) for name, at, reason, detail in found]


def forget_failures_before(connection: sqlite3.Connection, instant: datetime) -> None:
    """Delete failures older than that."""
    connection.execute("DELETE FROM failures WHERE at < ?", [to_text(instant)])


def set_resting(connection: sqlite3.Connection, resting: Mapping[str, str]) -> None:
    """Which plugins the agent has set aside at present, and why."""
    set_mark(connection, "resting", json.dumps({name: storable(reason) for name, reason in resting.items()}))


def resting(connection: sqlite3.Connection) -> dict[str, str]:
    """What `set_resting` wrote; it holds only while the agent runs."""
    found: dict[str, str] = json.loads(mark(connection, "resting") or "{}")
    return found


def set_quiet_times(connection: sqlite3.Connection, known: Mapping[str, Iterable[QuietTime]]) -> None:
    """The quiet times of plugins that the agent keeps to at present."""
    times = {
        name: [(one.start.isoformat(), one.end.isoformat(), one.why) for one in given] for name, given in known.items()
    }
    set_mark(connection, "quiet_times", json.dumps(times))


def quiet_times(connection: sqlite3.Connection) -> dict[str, tuple[QuietTime, ...]]:
    """What `set_quiet_times` wrote; they hold only while the agent runs."""
    found: dict[str, list[tuple[str, str, str]]] = json.loads(mark(connection, "quiet_times") or "{}")
    return {
        name: tuple(QuietTime(start=from_text(start), end=from_text(end), why=why) for start, end, why in given)
        for name, given in found.items()
    }


# --- the rules in force ----------------------------------------------------------------------------------------


def rules(connection: sqlite3.Connection) -> dict[str, str]:
    """Fingerprint of each reminder's rule as the last run knew it."""
    return dict(connection.execute("SELECT reminder, fingerprint FROM rules").fetchall())


def set_rules(connection: sqlite3.Connection, plugin: str, known: Mapping[str, str]) -> None:
    """Replace the fingerprints of one plugin's reminders."""
    connection.execute("DELETE FROM rules WHERE reminder GLOB ?", [f"{plugin}.*"])
    connection.executemany("INSERT OR REPLACE INTO rules VALUES (?, ?)", list(known.items()))


def forget_rules_except(connection: sqlite3.Connection, plugins: Iterable[str]) -> None:
    """Delete the fingerprints of plugins that are not on: switched on later, they begin then."""
    known = set(plugins)
    for reminder in rules(connection):
        if reminder.partition(".")[0] not in known:
            connection.execute("DELETE FROM rules WHERE reminder = ?", [reminder])


# --- plugins' own small values ---------------------------------------------------------------------------------


def kept(connection: sqlite3.Connection, plugin: str, key: str, default: Any = None) -> Any:
    """A value that a plugin kept."""
    found = connection.execute("SELECT value FROM kept WHERE plugin = ? AND key = ?", [plugin, key]).fetchone()
    return json.loads(found[0]) if found else default


def keep(connection: sqlite3.Connection, plugin: str, key: str, text: str | None) -> None:
    """Keep a value for a plugin, as JSON; None forgets it.

    The caller makes the JSON before its transaction: the value is the plugin's, and nobody knows how long that takes.
    """
    connection.execute("DELETE FROM kept WHERE plugin = ? AND key = ?", [plugin, key])
    if text is not None:
        connection.execute("INSERT INTO kept VALUES (?, ?, ?)", [plugin, key, text])
