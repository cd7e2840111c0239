"""Answers as rows: stored in the same transaction as the new state, entered in the log afterwards.

An answer that a crash kept from being entered is found again by `unentered`.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crampcoach.actions import Action, Done, Log, Open, Skip, Snooze, Then
from crampcoach.planner import Row
from crampcoach.store import occurrences
from crampcoach.store.schema import from_text, to_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A stored answer: what was pressed, when, and in which zone the person then was."""

    id: int
    row: Row
    action: Action
    at: datetime
    zone: str


def add(connection: sqlite3.Connection, row: Row, action: Action, at: datetime, zone: str) -> Answer:
    """Store an answer. Its id is unique in this file."""
    cursor = connection.execute(
        "INSERT INTO answers (occurrence, action, at, zone) VALUES (?, ?, ?, ?)",
        [row.id, dump_action(action), to_text(at), zone],
    )
    return Answer(id=cursor.lastrowid or 0, row=row, action=action, at=at, zone=zone)


def unentered(connection: sqlite3.Connection) -> list[Answer]:
    """Answers whose entries may not be in the log yet, oldest first."""
    sql = (
        "SELECT a.id, o.reminder || '/' || o.day || '/' || o.wall, a.action, a.at, a.zone "
        "FROM answers a JOIN occurrences o ON o.id = a.occurrence WHERE a.entered = 0 ORDER BY a.id"
    )
    found = []
    for number, key, action, at, zone in connection.execute(sql).fetchall():
        row = occurrences.find(connection, key)
        if row:
            found.append(Answer(id=number, row=row, action=load_action(action), at=from_text(at), zone=zone))
    return found


def mark_entered(connection: sqlite3.Connection, number: int) -> None:
    """The answer's entries stand in the log."""
    connection.execute("UPDATE answers SET entered = 1 WHERE id = ?", [number])


def _as_data(then: Then) -> list[Any]:
    match then:
        case Snooze(minutes):
            return ["snooze", minutes]
        case Log():
            return ["log", then.kind, dict(then.fields)]
        case Open(argv):
            return ["open", *argv]
        case _:
            return ["skip"] if isinstance(then, Skip) else ["done"]


def _from_data(data: list[Any]) -> Then:
    match data:
        case ["snooze", minutes]:
            return Snooze(minutes)
        case ["log", kind, values]:
            return Log(kind, **values)
        case ["open", *argv]:
            return Open(*argv)
        case ["skip"]:
            return Skip()
        case _:
            return Done()


def dump_action(action: Action) -> str:
    """An action as JSON, so that a later run knows what a button meant. Raises TypeError for what JSON cannot hold."""
    return json.dumps([action.key, action.label, _as_data(action.then)])


def load_action(text: str) -> Action:
    """The action that `dump_action` wrote."""
    key, label, data = json.loads(text)
    return Action(key=key, label=label, then=_from_data(data))


def dump_actions(actions: Sequence[Action]) -> str:
    """The buttons of a message as JSON."""
    return json.dumps([dump_action(action) for action in actions])


def load_actions(text: str) -> tuple[Action, ...]:
    """The buttons that `dump_actions` wrote; none for an empty text."""
    return tuple(load_action(one) for one in json.loads(text)) if text else ()
