"""Of each night how many cramps there were, counted as `crampcoach week` does: nothing twice, and nothing made up.

The newest entry that speaks of the number counts, however long after the night it was made; so the nights can be told
at the end only. Cramps with entries of their own are at least so many. In memory stay a few hundred bytes for a night
and 16 for a cramp.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, tzinfo
from uuid import UUID

from crampcoach import Entry, EntryLog
from crampcoach_exporters.said_of_nights import logged, said


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
    """What was said of the nights so far; `of_night` is the Context's."""

    of_night: Callable[[Entry], bool]
    _said: dict[date, tuple[int, bool, tzinfo | None]] = field(default_factory=dict)
    _cramps: dict[date, bytearray] = field(default_factory=dict)

    def take_cramp(self, entry: Entry, uuid: UUID) -> None:
        """Count a cramp that has an entry of its own."""
        if entry.night and self.of_night(entry):
            self._cramps.setdefault(entry.night, bytearray()).extend(uuid.bytes)

    def take_night(self, entry: Entry) -> None:
        """Hear what an entry says of the number; it may be about something else, such as the hours slept."""
        if not entry.night:
            return
        told = said(entry)
        if told and told.count is not None and (told.count or not told.at_least):
            self._said[entry.night] = told.count, told.at_least, entry.at.tzinfo if entry.at else None
        elif told:
            self._said.pop(entry.night, None)  # they were asked and do not know; "at least none" is no number either

    def known(self, log: EntryLog) -> Iterator[Night]:
        """The nights that were entered with a number, in their order; `log` is asked for all of their cramps."""
        for night, many in logged(log, self.of_night, self._said):
            yield self._night(night, many)

    def _night(self, night: date, logged: int) -> Night:
        count, at_least, zone = self._said[night]
        ids = bytes(self._cramps.get(night, b""))
        members = tuple(str(UUID(bytes=ids[at : at + 16])) for at in range(0, len(ids), 16))
        single = max(len(members), logged)
        at_least = at_least or single > count
        return Night(evening=night, zone=zone, count=max(count, single), at_least=at_least, members=members)
