"""An entry as plain values, and back: what the formats that `import` reads as well have in common."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from crampcoach import Entry, Problem

#: The version of what is written. A reader that knows less must refuse it rather than guess.
VERSION = 1
#: What is said of an entry.
KEYS = frozenset({"id", "origin", "kind", "at", "zone", "night", "fields", "note"})

#: For the help of both directions.
WITHOUT_WORDS = "From a file without your words the entries come in without them; a later import does not add them."
ONLY_YOU = "What only you may say, who you are and that somebody has looked at your leg, `import` leaves out."

_KIND = re.compile(r"[a-z][a-z0-9_-]{0,39}")


class Odd(Exception):
    """Why something in a file becomes no entry; goes on after "skipped: ", and never holds what the person wrote."""


def check_not_newer(version: int) -> None:
    """Raise Problem for the version of a file that this reader may not understand."""
    if version > VERSION:
        raise Problem(
            f"this file is of version {version} of the format, and this crampcoach reads {VERSION}; update it"
        )


def record_of(entry: Entry) -> dict[str, Any]:
    """What is said of an entry that was in the log."""
    assert entry.at
    assert entry.night
    return {
        "id": entry.id,
        "origin": entry.origin,
        "kind": entry.kind,
        "at": written(entry.at),
        "zone": entry.zone,
        "night": entry.night,
        "fields": dict(entry.fields),
        "note": entry.note,
    }


def written(at: datetime) -> datetime:
    """A time as RFC 3339 can say it: in UTC where the offset has seconds, as it had before there were railways."""
    offset = at.utcoffset()
    assert offset is not None
    return at.astimezone(UTC) if offset.total_seconds() % 60 else at


def milliseconds(at: datetime) -> str:
    """The time in ISO 8601, with as much of its seconds as there is."""
    return at.isoformat(timespec="milliseconds" if at.microsecond else "seconds")


def entry_of(record: Mapping[str, Any], own: tzinfo | None) -> Entry:
    """The entry of which this is said; what may be left out may be missing. `own`: the person's zone. Raises Odd."""
    if not record.keys() <= KEYS:
        raise Odd("an entry with a key that no entry has")
    kind = record.get("kind")
    if not isinstance(kind, str) or not _KIND.fullmatch(kind):
        raise Odd("an entry without a kind, or one that is no short name of lower-case letters")
    fields = record.get("fields", {})
    if not isinstance(fields, Mapping):
        raise Odd("an entry whose fields are no table of names and values")
    zone = _text(record, "zone")
    return Entry(
        kind=kind,
        fields=fields,
        note=_text(record, "note"),
        at=_at(record.get("at"), zone, own),
        zone=zone,
        night=_night(record.get("night")),
        id=_text(record, "id"),
        origin=_text(record, "origin") or None,
    )


def in_zone(wall: datetime, zone: str, own: tzinfo | None) -> datetime:
    """A wall time without its offset, in the zone of that name, or in the person's own. Raises Odd."""
    try:
        place = ZoneInfo(zone) if zone else own
    except (LookupError, ValueError, OSError):
        raise Odd("a time without an offset, in a zone that this machine does not know") from None
    at = wall.replace(tzinfo=place)
    if at.utcoffset() != at.replace(fold=1).utcoffset() and _is_there(at):
        raise Odd("a time that the clock showed twice; add its offset from UTC")
    return at


def _is_there(at: datetime) -> bool:
    """Not one that the clock has skipped; that counts as far after the gap as it stands in it."""
    there_and_back = at.astimezone(UTC).astimezone(at.tzinfo)
    return there_and_back.replace(tzinfo=None, fold=0) == at.replace(tzinfo=None, fold=0)


def _text(record: Mapping[str, Any], key: str) -> str:
    value = record.get(key)
    if not isinstance(value, str | None):
        raise Odd(f"an entry whose {key} is no text")
    return value or ""


def _at(value: object, zone: str, own: tzinfo | None) -> datetime:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise Odd("a date and time that cannot be read; write it as 2026-11-21T03:10:00+01:00") from None
    if not isinstance(value, datetime):
        raise Odd("an entry without a date and time, such as 2026-11-21T03:10:00+01:00")
    return value if value.tzinfo else in_zone(value, zone, own)


def _night(value: object) -> date | None:
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            value = ""
    if value is not None and (not isinstance(value, date) or isinstance(value, datetime)):
        raise Odd("an entry whose night is no date, such as 2026-11-20")
    return value
