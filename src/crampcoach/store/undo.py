"""The way back: what was saved or changed last is undone, step by step, and an undo is undone by `redo`.

Nothing is lost on the way: an undo is one more change, with a revision of what stood there. What was undone and done
again stands, so that the next undo finds it.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias

from crampcoach.model import Entry, Problem
from crampcoach.store import changes, raised
from crampcoach.store.database import Database
from crampcoach.store.entries import of_record
from crampcoach.store.schema import from_text, to_text

#: So many entries are taken back in one transaction.
BATCH = 500
_COLUMNS = ("kind", "at", "zone", "night", "fields", "note", "deleted")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What came of one entry in a step of `undo` or `redo`; None is "not there"."""

    before: Entry | None
    after: Entry | None

    @property
    def entry(self) -> Entry:
        """The entry, as it is or was."""
        found = self.after or self.before
        assert found
        return found


def next_undo(log: Database) -> list[Step]:
    """What the next `undo` would do; empty where there is nothing left to undo."""
    return [_as_step(log.connection, one) for one in _undoable(log.connection)]


def undo(log: Database, now: datetime) -> list[Step]:
    """Take back the newest step that stands, whoever made it. Raises Problem where there is none."""
    done = _go(log, "undo", _undoable, now)
    if not done:
        raise Problem("there is nothing to undo")
    return done


def next_redo(log: Database) -> list[Step]:
    """What the next `redo` would do; empty where there is nothing to bring back."""
    return [_as_step(log.connection, one) for one in _redoable(log.connection)]


def redo(log: Database, now: datetime) -> list[Step]:
    """Take back the newest undo. As in an editor, that ends when something else is saved. Raises Problem."""
    done = _go(log, "redo", _redoable, now)
    if not done:
        raise Problem("there is nothing to redo: nothing was undone, or something was saved since")
    return done


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    """One change of a step, and the state that taking it back leads to; None: the entry goes."""

    entry: str
    number: int
    step: int
    back_to: Mapping[str, Any] | None


#: The origins of what was entered again when an older log took this one's place begin so: nobody did that as a step.
KEPT = "kept:"
_STANDS = "NOT EXISTS (SELECT 1 FROM revisions later WHERE later.undoes = {})"


def _undoable(connection: sqlite3.Connection, step: int = 0, most: int = -1) -> list[_Change]:
    """The changes of the newest step that stands, newest first; or what still stands of `step`."""
    if step:
        return _added(connection, step, most) or _revised(connection, step, most)
    by_hand = f"coalesce(origin, '') NOT GLOB '{KEPT}*'"
    added = _newest(connection, f"entries WHERE {by_hand} AND {_STANDS.format('entries.number')}", "number")
    changed = _newest(connection, f"revisions WHERE what != 'undo' AND {_STANDS.format('revisions.change')}", "change")
    if added and (not changed or added["number"] > changed["change"]):
        return _added(connection, added["step"], most)
    return _revised(connection, changed["step"], most) if changed else []


def _redoable(connection: sqlite3.Connection, step: int = 0, most: int = -1) -> list[_Change]:
    """The changes of the newest undo that was not taken back, if nothing but undo and redo came after it."""
    if step:
        return _revised(connection, step, most)
    undone = _newest(connection, f"revisions WHERE what = 'undo' AND {_STANDS.format('revisions.change')}", "change")
    added = _newest(connection, "entries", "number")
    changed = _newest(connection, "revisions WHERE what IN ('edit', 'delete')", "change")
    last = max([added["number"] if added else 0, changed["change"] if changed else 0])
    return _revised(connection, undone["step"], most) if undone and undone["change"] > last else []


def _newest(connection: sqlite3.Connection, rows: str, number: str) -> sqlite3.Row | None:
    found: sqlite3.Row | None = connection.execute(f"SELECT * FROM {rows} ORDER BY {number} DESC LIMIT 1").fetchone()
    return found


def _added(connection: sqlite3.Connection, step: int, most: int) -> list[_Change]:
    # A step is named by its first number: what came before it need not be looked at.
    sql = f"SELECT id, number FROM entries WHERE number >= ? AND step = ? AND {_STANDS.format('entries.number')}"
    found = connection.execute(f"{sql} ORDER BY number DESC LIMIT ?", [step, step, most])
    return [_Change(entry=one["id"], number=one["number"], step=step, back_to=None) for one in found]


def _revised(connection: sqlite3.Connection, step: int, most: int) -> list[_Change]:
    sql = f"SELECT * FROM revisions WHERE change >= ? AND step = ? AND {_STANDS.format('revisions.change')}"
    return [
        _Change(entry=one["entry"], number=one["change"], step=step, back_to=json.loads(one["before"]))
        for one in connection.execute(f"{sql} ORDER BY change DESC LIMIT ?", [step, step, most])
    ]


def _as_step(connection: sqlite3.Connection, change: _Change) -> Step:
    record = connection.execute("SELECT * FROM entries WHERE id = ?", [change.entry]).fetchone()
    return Step(before=_there(dict(record)), after=_there(change.back_to))


def _there(record: Mapping[str, Any] | None) -> Entry | None:
    return None if record is None or record["deleted"] else of_record(record)


def _go(
    log: Database,
    what: Literal["undo", "redo"],
    find: Callable[[sqlite3.Connection, int, int], list[_Change]],
    now: datetime,
) -> list[Step]:
    """Take back a step in short transactions, so that nobody waits; what a kill cuts short goes on next time."""
    done: list[Step] = []
    step = first = 0
    while True:
        with log.transaction() as connection:
            found = find(connection, step, BATCH)
            for change in found:
                number = changes.next_number(connection)
                first, step = first or number, change.step
                done.append(_take_back(connection, change, what, first, now))
        if len(found) < BATCH:
            return done


def _take_back(
    connection: sqlite3.Connection, change: _Change, what: Literal["undo", "redo"], step: int, now: datetime
) -> Step:
    taken = _as_step(connection, change)
    changes.keep_revision(connection, change.entry, what, to_text(now), step=step, undoes=change.number)
    if change.back_to is None:
        connection.execute("UPDATE entries SET deleted = ? WHERE id = ?", [to_text(now), change.entry])
    else:
        sql = f"UPDATE entries SET {', '.join(f'{name} = ?' for name in _COLUMNS)} WHERE id = ?"
        connection.execute(sql, [*(change.back_to[name] for name in _COLUMNS), change.entry])
    if taken.after:
        # What it raised when it was saved stays raised, and is not raised anew.
        raised.write_down(connection, taken.after, now)
    return taken


# --- the history of one entry ----------------------------------------------------------------------------------

Kind: TypeAlias = Literal["add", "edit", "delete", "undo", "redo"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """What an entry was from `made` on, and by which change. `entry` is None while it was deleted."""

    made: datetime
    what: Kind
    entry: Entry | None


def history(log: Database, number: str) -> list[Version]:
    """Every version of an entry, oldest first; empty where there is no such entry. It may be deleted."""
    now = log.connection.execute("SELECT * FROM entries WHERE id = ?", [number]).fetchone()
    if now is None:
        return []
    sql = "SELECT changed, what, before FROM revisions WHERE entry = ? ORDER BY number"
    revisions = log.connection.execute(sql, [number]).fetchall()
    states = [*(json.loads(one["before"]) for one in revisions), dict(now)]
    made: list[tuple[str, Kind]] = [(now["made"], "add"), *((one["changed"], one["what"]) for one in revisions)]
    return [
        Version(made=from_text(at), what=what, entry=_there(state))
        for (at, what), state in zip(made, states, strict=True)
    ]


def last_state(log: Database, number: str) -> Entry | None:
    """An entry as it is, or as it was when it was deleted; None where there is no such entry."""
    record = log.connection.execute("SELECT * FROM entries WHERE id = ?", [number]).fetchone()
    return of_record(record) if record else None
