"""The person's entries: append, edit with revisions, soft delete, read. Nothing is ever overwritten or removed."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any, TypeAlias

from crampcoach.clock import new_id, night_of, zone_named
from crampcoach.model import Entry, Problem
from crampcoach.store import changes, raised, search
from crampcoach.store.database import Database
from crampcoach.store.schema import from_text, to_text

#: Writes down which red flags an entry raises, in the transaction that saves it.
Raises: TypeAlias = Callable[[sqlite3.Connection, Entry, datetime], None]

_FIELDS = "id, kind, at, zone, night, fields, note, origin"
#: Places in one second of time (see schema.py).
_SECOND = 1 << 24


def append(
    log: Database,
    entries: Iterable[Entry],
    now: datetime,
    *,
    raises: Raises = raised.write_down,
    step: int | None = None,
) -> tuple[Entry, ...]:
    """Save complete entries (with `at` and `zone`) with the red flags that they raise; the ones really added.

    An entry whose origin or id is known is left out, also if the person has deleted it since. What is saved in one
    call is one step for `undo`, or part of an earlier one, `step`. Raises Problem for text that cannot be stored.
    """
    complete = [completed(entry, now) for entry in entries]
    added: list[Entry] = []
    raised.ready()
    with log.transaction() as connection:
        number = changes.next_number(connection)
        for entry in complete:
            cursor = connection.execute(
                f"INSERT INTO entries ({_FIELDS}, made, number, step) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
                "ON CONFLICT (origin) DO NOTHING ON CONFLICT (id) DO NOTHING",
                [*_stored(entry), to_text(now), number + len(added), number if step is None else step],
            )
            if cursor.rowcount:
                raises(connection, entry, now)
                added.append(entry)
    return tuple(added)


def step_of(log: Database, number: str) -> int | None:
    """The step in which the entry with this id was saved."""
    found = log.connection.execute("SELECT step FROM entries WHERE id = ?", [number]).fetchone()
    return found[0] if found else None


def check(entry: Entry, now: datetime) -> None:
    """Raise what `append` would raise for this entry: Problem, ValueError, TypeError or OverflowError."""
    _stored(completed(entry, now))


def completed(entry: Entry, now: datetime) -> Entry:
    """The entry with its id and night, its time to the millisecond, as it will be saved. Raises ValueError."""
    if entry.at is None or not entry.zone:
        raise ValueError(f"entry of kind {entry.kind!r} has no time or zone yet")
    # To the millisecond, so that what is returned equals what will be read.
    at = entry.at.replace(microsecond=entry.at.microsecond // 1000 * 1000)
    local = at.astimezone(zone_named(entry.zone))
    return replace(entry, id=entry.id or new_id(now), at=local, night=entry.night or night_of(local))


def _stored(entry: Entry) -> list[object]:
    assert entry.at is not None
    assert entry.night is not None
    fields = json.dumps(dict(entry.fields), ensure_ascii=False, sort_keys=True)
    _check_text(entry.kind, fields, _NUL_IN_JSON)
    for text in (entry.note, entry.origin or ""):
        _check_text(entry.kind, text, _NUL)
    night = entry.night.isoformat()
    return [entry.id, entry.kind, to_text(entry.at), entry.zone, night, fields, entry.note, entry.origin]


_NUL = re.compile("\0")
#: A backslash that is itself escaped begins no escape: `\\\\u0000` is a text that a person typed.
_NUL_IN_JSON = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


def _check_text(kind: str, text: str, nul: re.Pattern[str]) -> None:
    """Refuse what would not come back equal."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Problem(f"the {kind} entry holds half a character (a lone surrogate); paste the text again") from None
    if nul.search(text):
        raise Problem(f"the {kind} entry holds a NUL character; remove it and save again")


def of_record(record: Mapping[str, Any] | sqlite3.Row) -> Entry:
    """The entry that a record of the table, or of a revision, stands for."""
    return Entry(
        id=record["id"],
        kind=record["kind"],
        at=from_text(record["at"]).astimezone(zone_named(record["zone"])),
        zone=record["zone"],
        night=date.fromisoformat(record["night"]),
        fields=json.loads(record["fields"]),
        note=record["note"],
        origin=record["origin"],
    )


def select(
    log: Database,
    *,
    kind: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    night: date | None = None,
    text: str | None = None,
    newest_first: bool = False,
    limit: int = -1,
) -> Iterator[Entry]:
    """Entries that are not deleted, with `since <= at < until`; `text` is looked for as `search.py` says.

    Those of one second come in the order in which they were saved. Raises sqlite3.Error.
    """
    where, values = _asked(kind, since, until, night)
    where += f" ORDER BY {{place}} {'DESC' if newest_first else 'ASC'} LIMIT ?"
    values.append(limit)
    sql = f"SELECT {_FIELDS} FROM entries WHERE {where.format(place='place')}"
    found: Iterator[sqlite3.Row] = (
        log.connection.execute(sql, values)
        if text is None
        else search.rows(log.connection, _FIELDS, text, where, values)
    )
    return map(of_record, found)


def count(
    log: Database, *, kind: str | None = None, since: datetime | None = None, until: datetime | None = None
) -> int:
    """How many entries `select` would give. Raises sqlite3.Error."""
    where, values = _asked(kind, since, until)
    sql = f"SELECT count(*) FROM entries WHERE {where.format(place='place')}"
    return int(log.connection.execute(sql, values).fetchone()[0])


def _asked(
    kind: str | None, since: datetime | None, until: datetime | None, night: date | None = None
) -> tuple[str, list[object]]:
    """What is asked of an entry, with its values; {place} stands for the place."""
    # `place` is asked for beside `at`, so that no entry of another time is looked at.
    asked = [
        ("kind = ?", kind),
        ("night = ?", night.isoformat() if night else None),
        ("{place} >= ?", _place(since) if since else None),
        ("at >= ?", to_text(since) if since else None),
        ("{place} < ?", _place(until) + _SECOND if until else None),
        ("at < ?", to_text(until) if until else None),
    ]
    where = " AND ".join(["deleted IS NULL", *(clause for clause, value in asked if value is not None)])
    return where, [value for _, value in asked if value is not None]


def _place(at: datetime) -> int:
    return int(at.timestamp() // 1) * _SECOND


def find(log: Database, number: str) -> Entry | None:
    """The entry with this id, unless it is deleted."""
    sql = f"SELECT {_FIELDS} FROM entries WHERE id = ? AND deleted IS NULL"
    record = log.connection.execute(sql, [number]).fetchone()
    return of_record(record) if record else None


def known(log: Database, name: str) -> str:
    """The id of the entry with this id or origin, also if it is deleted by now; empty where none was saved."""
    found = log.connection.execute("SELECT id FROM entries WHERE id = ? OR origin = ?", [name, name]).fetchone()
    return found[0] if found else ""


def stands(log: Database, origin: str, number: str = "") -> bool | None:
    """Whether an entry with this origin or id is there; False if it was deleted, None if none was ever saved."""
    sql = "SELECT max(deleted IS NULL) FROM entries WHERE origin = ? OR id = ?"
    found = log.connection.execute(sql, [origin, number]).fetchone()[0]
    return None if found is None else bool(found)


def edit(log: Database, entry: Entry, now: datetime) -> Entry:
    """Put `entry` in the place of the one with its id; what stood there is kept as a revision. Raises Problem."""
    entry = completed(entry, now)
    raised.ready()
    with log.transaction() as connection:
        record = connection.execute(f"SELECT {_FIELDS} FROM entries WHERE id = ?", [entry.id]).fetchone()
        changes.keep_revision(connection, entry.id, "edit", to_text(now))
        number, *values, _origin = _stored(entry)
        sql = "UPDATE entries SET kind = ?, at = ?, zone = ?, night = ?, fields = ?, note = ? WHERE id = ?"
        connection.execute(sql, [*values, number])
        raised.write_down(connection, entry, now, before=of_record(record))
    return entry


def delete(log: Database, number: str, now: datetime) -> None:
    """Hide an entry; it stays in the file with its origin, so that no replay brings it back. Raises Problem."""
    with log.transaction() as connection:
        changes.keep_revision(connection, number, "delete", to_text(now))
        connection.execute("UPDATE entries SET deleted = ? WHERE id = ?", [to_text(now), number])
