"""Brings entries in from a file: read and checked to its end first, then saved in short transactions.

So nothing is saved of a file whose importer gives up half-way, and whoever saves in the meantime does not wait for it.
What a kill cuts short, the next run completes: each entry has an origin, and none is entered twice.

Red flags of the past. What somebody wrote years ago must not hold their stretching back today, and what they wrote last
week must. Words raise a flag in entries of the last 28 days; an answer in a field, as a log like ours has it, at any
age, for only a doctor's or nurse's look ends that. Of entries that raise the same, only the newest does. What only
the person may say, that somebody has looked at the leg or who they are, is not imported: it would end holds of today.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from hashlib import blake2b
from itertools import islice
from typing import Any, BinaryIO

from crampcoach.blame import reason_of
from crampcoach.checks import check_fields
from crampcoach.clock import is_id, zone_name
from crampcoach.context import Context
from crampcoach.loading import check_entry
from crampcoach.model import Entry, Kind, Problem
from crampcoach.safety.flags import raised as raises
from crampcoach.safety.flags import red_flags
from crampcoach.safety.kinds import EXAMINED, PROFILE
from crampcoach.store import entries, raised
from crampcoach.store.database import Database
from crampcoach.transfer.formats import Importer, Skipped

#: So long does a sign that needs a doctor concern today when it only stands in a text.
RECENT = timedelta(days=28)
#: So many entries are saved in one transaction, for which others have to wait: some 50 ms in a log of 100,000.
BATCH = 500
#: Ends the origin of what was brought in again after it had been deleted.
_AGAIN = "+"
#: So many places are named for one reason, and so many reasons.
PLACES, REASONS = 5, 20


@dataclass(slots=True)
class Report:
    """What a file holds: entries that are new, that the log has already, and what was skipped, with the reason.

    gone: those that the log had, and that were deleted or undone since.
    """

    new: int = 0
    known: int = 0
    gone: int = 0
    first: datetime | None = None
    last: datetime | None = None
    kinds: Counter[str] = field(default_factory=Counter)
    #: How often, and the first places.
    skipped: dict[str, tuple[int, list[str]]] = field(default_factory=dict)

    def skip(self, why: str, place: str) -> None:
        """Count something that becomes no entry."""
        why = why if why in self.skipped or len(self.skipped) < REASONS else "other reasons"
        many, places = self.skipped.get(why, (0, []))
        self.skipped[why] = many + 1, [*places, place][:PLACES]

    def take(self, entry: Entry) -> None:
        """Count a new entry."""
        self.new += 1
        self.kinds[entry.kind] += 1
        assert entry.at is not None
        self.first = min(self.first or entry.at, entry.at)
        self.last = max(self.last or entry.at, entry.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A file that was read. `flags`: what its new entries raise, each with the time and name of the newest."""

    report: Report
    flags: dict[str, tuple[datetime, str]]
    spool: BinaryIO

    def tells(self, entry: Entry) -> bool:
        """Whether this entry is the newest to raise some flag."""
        return any(name == _name(entry) for _, name in self.flags.values())


def read_file(
    importer: Importer,
    stream: BinaryIO,
    ctx: Context[Any],
    *,
    kinds: dict[str, Kind],
    log: Database,
    spool: BinaryIO,
    again: bool = False,
    said: Callable[[int], None] = lambda _many: None,
) -> Reading:
    """Read a file to its end; new entries wait in `spool`, which is private and empty. `said` hears how far it is.

    again: also what was deleted or undone since an earlier run. Raises Problem where it is of another format, or the
    importer fails.
    """
    reading = Reading(report=Report(), flags={}, spool=spool)
    report, origins = reading.report, _Origins(importer.name)
    for number, one in enumerate(_found(importer, stream, ctx), 1):
        said(number)
        if isinstance(one, Skipped):
            report.skip(one.why, f"line {one.line}" if one.line else f"number {number} in the file")
            continue
        if wrong := _refused(one, kinds, ctx.now):
            at = f", {one.at:%Y-%m-%d %H:%M}" if one.at else ""
            report.skip(wrong, f"number {number} in the file{at}")
            continue
        name, twice = origins.of(one)
        if twice:
            report.known += 1
            continue
        origin, stands = _newest(log, name, one.id)
        if stands is False and again:
            origin, stands = f"{origin}{_AGAIN}", None
        # What comes in again beside its own deleted self is another entry.
        back = bool(one.id) and origin == name
        entry = replace(_complete(one, ctx.now), origin=one.origin if back else origin, id=one.id if back else "")
        if stands is not None:
            report.known += stands
            report.gone += not stands
        else:
            report.take(entry)
            _note_flags(reading, entry, ctx.now)
            spool.write(_dump(entry))
    return reading


def _newest(log: Database, origin: str, number: str) -> tuple[str, bool | None]:
    """The origin under which something was brought in last, and whether that entry stands; None: it never was."""
    stands = entries.stands(log, origin, number)
    while stands is False and (later := entries.stands(log, f"{origin}{_AGAIN}")) is not None:
        origin, stands = f"{origin}{_AGAIN}", later
    return origin, stands


def _found(importer: Importer, stream: BinaryIO, ctx: Context[Any]) -> Iterator[Entry | Skipped]:
    """What the importer finds. What it raises names its plugin."""
    try:
        for one in importer.read(stream, ctx):
            if not isinstance(one, Entry | Skipped):
                raise TypeError(f"read must give Entry or Skipped, not {type(one).__name__}")
            yield one
    except (Problem, OSError):
        raise
    except (Exception, SystemExit) as error:
        what = f"plugin {ctx.plugin}: {reason_of(f'its importer {importer.name!r}', error)}"
        raise Problem(f"{what}; nothing was imported; --debug shows where") from error


class _Origins:
    """Makes origins: the same for the same thing in the same file, whenever it is read."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._seen: set[int] = set()  # not the origins themselves: there may be a million of them
        self._again: Counter[int] = Counter()

    def of(self, entry: Entry) -> tuple[str, bool]:
        """The origin of the next entry, and whether it was there already.

        The second of two alike has one of its own, for both happened; but nothing has the id of something else.
        """
        if entry.id:
            name = entry.origin or f"entry:{entry.id}"
            keys = {hash(entry.id), hash(name)}
            twice = not keys.isdisjoint(self._seen)
            self._seen |= keys
            return name, twice
        own = entry.origin
        if own is None:
            # As it was written: where the person is now, which its zone may be, changes.
            wall = entry.at.replace(tzinfo=None).isoformat() if entry.at else ""
            what = [entry.kind, wall, dict(entry.fields), entry.note]
            own = blake2b(json.dumps(what, sort_keys=True, default=repr).encode(), digest_size=16).hexdigest()
        key = hash(own)
        if key in self._seen:
            self._again[key] += 1
            own = f"{own}#{self._again[key] + 1}"
        self._seen.add(key)
        return f"{self._name}:{own}", False


def _name(entry: Entry) -> str:
    """What tells one new entry from the others: its origin, or the id that it came back with."""
    return entry.origin or entry.id


def _complete(entry: Entry, now: datetime) -> Entry:
    assert entry.at is not None
    assert now.tzinfo is not None
    return replace(entry, id="", origin=None, zone=entry.zone or zone_name(now.tzinfo, entry.at))


def _refused(entry: Entry, kinds: dict[str, Kind], now: datetime) -> str:
    """Why an entry cannot be saved; empty if it can."""
    if entry.kind in (EXAMINED, PROFILE):
        return f"an entry of kind {entry.kind!r}, which only you can make"
    if entry.id and not is_id(entry.id):
        return "an id that is none of crampcoach's"
    if entry.at is None:
        return "an entry without a time"
    if entry.at > now + timedelta(minutes=1):
        return "a time to come; only what has happened is logged"
    try:
        check_fields(f"an entry of kind {entry.kind!r}", entry.fields)
        entries.check(_complete(entry, now), now)
    except OverflowError:
        return "a time that no calendar has"
    except (Problem, ValueError, TypeError) as error:
        return str(error)
    if entry.id and entry.kind not in kinds:
        return ""  # it was in a log of ours, made by a plugin that is off here, or not there
    wrong = check_entry(entry, kinds)
    return f"an entry of kind {entry.kind!r} that does not fit: {wrong}" if wrong else ""


def _heard(entry: Entry, now: datetime) -> Entry:
    """What of an entry can raise a flag."""
    return entry if _is_recent(entry, now) else replace(entry, note="")


def _is_recent(entry: Entry, now: datetime) -> bool:
    assert entry.at is not None
    return now - entry.at <= RECENT


def _note_flags(reading: Reading, entry: Entry, now: datetime) -> None:
    assert entry.at is not None
    if _is_recent(entry, now):
        flags = raises(entry)
    else:  # To look for words takes most of the time, and those of an old entry do not count.
        flags = tuple(one for one in red_flags() if one.raised_by(entry, ())) if entry.fields else ()
    for flag in flags:
        newest = reading.flags.get(flag.id)
        if newest is None or entry.at > newest[0]:
            reading.flags[flag.id] = (entry.at, _name(entry))


def _dump(entry: Entry) -> bytes:
    assert entry.at is not None
    night = entry.night.isoformat() if entry.night else None
    row = [entry.kind, entry.at.isoformat(), entry.zone, night, dict(entry.fields), entry.note, entry.origin, entry.id]
    return json.dumps(row).encode() + b"\n"


def _load(line: bytes) -> Entry:
    kind, at, zone, night, fields, note, origin, number = json.loads(line)
    return Entry(
        kind=kind,
        at=datetime.fromisoformat(at),
        zone=zone,
        night=date.fromisoformat(night) if night else None,
        fields=fields,
        note=note,
        origin=origin,
        id=number,
    )


def save(reading: Reading, log: Database, now: datetime) -> Iterator[tuple[Entry, ...]]:
    """Save what was read, one batch after the other, all as one step for `undo`; of each what was really added.

    Raises Problem or sqlite3.Error.
    """

    def write_down(connection: sqlite3.Connection, entry: Entry, now: datetime) -> None:
        if reading.tells(entry):
            raised.write_down(connection, _heard(entry, now), now)

    reading.spool.seek(0)
    step: int | None = None
    while lines := list(islice(reading.spool, BATCH)):
        added = entries.append(log, map(_load, lines), now, raises=write_down, step=step)
        if added and step is None:
            step = entries.step_of(log, added[0].id)
        yield added
