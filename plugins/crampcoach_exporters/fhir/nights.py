"""Of each night how many cramps there were, counted as `crampcoach week` does: nothing twice, and nothing made up.

The newest entry that speaks of the number counts, however long after the night it was made; so the nights can be told
at the end only. Cramps with entries of their own are at least so many. In memory stay a few hundred bytes for a night
and 16 for a cramp.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from uuid import UUID

from crampcoach import Entry, EntryLog

#: What can be said of the number of cramps in a night: these fields of an entry.
OF_COUNT = frozenset({"count", "at_least"})
_MOST = (1 << 31) - 1
#: For so many days at a time the log is asked, so that never all of its cramps are in memory.
_AT_ONCE = timedelta(days=31)


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """A night whose number is known. members: the cramps of which it has entries of their own in the export."""

    evening: date
    zone: tzinfo | None
    count: int
    at_least: bool
    members: tuple[str, ...]


@dataclass(slots=True)
class Nights:
    """What was said of the nights so far."""

    _said: dict[date, tuple[int, bool, tzinfo | None]] = field(default_factory=dict)
    _cramps: dict[date, bytearray] = field(default_factory=dict)

    def take_cramp(self, entry: Entry, uuid: UUID) -> None:
        """Count a cramp that has an entry of its own."""
        if entry.night:
            self._cramps.setdefault(entry.night, bytearray()).extend(uuid.bytes)

    def take_night(self, entry: Entry) -> None:
        """Hear what an entry says of the number; it may be about something else, such as the hours slept."""
        if not entry.night:
            return
        count = counted(entry)
        if count is not None:
            zone = entry.at.tzinfo if entry.at else None
            self._said[entry.night] = count, bool(entry.fields.get("at_least")), zone
        elif entry.fields.get("count") is not None or not (entry.fields.keys() - OF_COUNT or _has_words(entry)):
            self._said.pop(entry.night, None)  # the person was asked and does not know, or said what nobody can count

    def known(self, log: EntryLog) -> Iterator[Night]:
        """The nights that were entered with a number, in their order.

        `log` is asked too: whoever exports only the nights, or some days, has no night without cramps that had some.
        """
        nights, at = sorted(self._said), 0
        while at < len(nights):
            last = nights[at] + min(_AT_ONCE, date.max - nights[at])
            some = [night for night in nights[at : at + _AT_ONCE.days + 1] if night <= last]
            logged = _logged(log, some[0], some[-1])
            yield from (self._night(night, logged[night]) for night in some)
            at += len(some)

    def _night(self, night: date, logged: int) -> Night:
        count, at_least, zone = self._said[night]
        ids = bytes(self._cramps.get(night, b""))
        members = tuple(str(UUID(bytes=ids[at : at + 16])) for at in range(0, len(ids), 16))
        single = max(len(members), logged)
        at_least = at_least or single > count
        return Night(evening=night, zone=zone, count=max(count, single), at_least=at_least, members=members)


def counted(entry: Entry) -> int | None:
    """How many cramps an entry says there were in its night. "At least none" says nothing."""
    count = entry.fields.get("count")
    if type(count) is not int or not 0 <= count <= _MOST or (count == 0 and entry.fields.get("at_least")):
        return None
    return count


def _has_words(entry: Entry) -> bool:
    """A note is about something else than the number, also one that may not come along."""
    return bool(entry.note) or entry.left_out


def _logged(log: EntryLog, first: date, last: date) -> Counter[date]:
    since = _around(first, lambda noon: noon - timedelta(days=2))
    until = _around(last, lambda noon: noon + timedelta(days=3))
    return Counter(one.night for one in log.entries("cramp", since, until) if one.night)


def _around(night: date, moved: Callable[[datetime], datetime]) -> datetime | None:
    try:
        return moved(datetime.combine(night, time(12), UTC))
    except OverflowError:
        return None
