"""The person's entries: append, edit with revisions, soft delete, read. Nothing is ever overwritten or removed."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime

from crampcoach.clock import new_id, night_of, zone_named
from crampcoach.model import Entry, Problem
from crampcoach.store import raised
from crampcoach.store.database import Database
from crampcoach.store.schema import from_text, to_text

_FIELDS = "id, kind, at, zone, night, fields, note, origin"


def append(log: Database, entries: Iterable[Entry], now: datetime) -> tuple[Entry, ...]:
    """Save complete entries (with `at` and `zone`) with the red flags that they raise; the ones really added.

    An entry whose origin was entered before is left out, also if the person has deleted it since. Raises Problem for
    text that cannot be stored.
    """
    complete = [_completed(entry, now) for entry in entries]
    added = []
    raised.ready()
    with log.transaction() as connection:
        for entry in complete:
            cursor = connection.execute(
                f"INSERT INTO entries ({_FIELDS}, made) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) "
                "ON CONFLICT (origin) DO NOTHING",
                [*_stored(entry), to_text(now)],
            )
            if cursor.rowcount:
                raised.write_down(connection, entry, now)
                added.append(entry)
    return tuple(added)


def check(entry: Entry, now: datetime) -> None:
    """Raise what `append` would raise for this entry: Problem, ValueError, TypeError or OverflowError."""
    _stored(_completed(entry, now))


def _completed(entry: Entry, now: datetime) -> Entry:
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


def _entry(record: sqlite3.Row) -> Entry:
    number, kind, at, zone, night, fields, note, origin = tuple(record)
    return Entry(
        id=number,
        kind=kind,
        at=from_text(at).astimezone(zone_named(zone)),
        zone=zone,
        night=date.fromisoformat(night),
        fields=json.loads(fields),
        note=note,
        origin=origin,
    )


def select(
    log: Database,
    *,
    kind: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    newest_first: bool = False,
    limit: int = -1,
) -> Iterator[Entry]:
    """Entries that are not deleted, with `since <= at < until`."""
    where, values = ["deleted IS NULL"], []
    for clause, value in (("kind = ?", kind), ("at >= ?", since), ("at < ?", until)):
        if value is not None:
            where.append(clause)
            values.append(value if isinstance(value, str) else to_text(value))
    order = "DESC" if newest_first else "ASC"
    sql = f"SELECT {_FIELDS} FROM entries WHERE {' AND '.join(where)} ORDER BY at {order}, id {order} LIMIT ?"
    for record in log.connection.execute(sql, [*values, limit]):
        yield _entry(record)


def find(log: Database, number: str) -> Entry | None:
    """The entry with this id, unless it is deleted."""
    sql = f"SELECT {_FIELDS} FROM entries WHERE id = ? AND deleted IS NULL"
    record = log.connection.execute(sql, [number]).fetchone()
    return _entry(record) if record else None


def known(log: Database, name: str) -> str:
    """The id of the entry with this id or origin, also if it is deleted by now; empty where none was saved."""
    found = log.connection.execute("SELECT id FROM entries WHERE id = ? OR origin = ?", [name, name]).fetchone()
    return found[0] if found else ""


def edit(log: Database, entry: Entry, now: datetime) -> Entry:
    """Put `entry` in the place of the one with its id; what stood there is kept as a revision. Raises Problem."""
    entry = _completed(entry, now)
    raised.ready()
    with log.transaction() as connection:
        _keep_revision(connection, entry.id, now)
        number, *values, _origin = _stored(entry)
        sql = "UPDATE entries SET kind = ?, at = ?, zone = ?, night = ?, fields = ?, note = ? WHERE id = ?"
        connection.execute(sql, [*values, number])
        raised.write_down(connection, entry, now)
    return entry


def delete(log: Database, number: str, now: datetime) -> None:
    """Hide an entry; it stays in the file with its origin, so that no replay brings it back. Raises Problem."""
    with log.transaction() as connection:
        _keep_revision(connection, number, now)
        connection.execute("UPDATE entries SET deleted = ? WHERE id = ?", [to_text(now), number])


def _keep_revision(connection: sqlite3.Connection, number: str, now: datetime) -> None:
    record = connection.execute("SELECT * FROM entries WHERE id = ? AND deleted IS NULL", [number]).fetchone()
    if record is None:
        raise Problem(f"there is no entry {number}; `crampcoach entries` lists them")
    connection.execute(
        "INSERT INTO revisions SELECT ?, 1 + coalesce(max(number), 0), ?, ? FROM revisions WHERE entry = ?",
        [number, to_text(now), json.dumps(dict(record), ensure_ascii=False), number],
    )
