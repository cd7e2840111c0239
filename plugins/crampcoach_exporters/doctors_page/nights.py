"""Nights from entries that go by once: what is known of each, in one small value, however many entries tell of it.

The counterpart of the cramps plugin's count, which asks the log; a test holds both to the same answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache

from crampcoach import Entry, EntryLog
from crampcoach_exporters.said_of_nights import logged, said

#: Before this hour the night is not over.
MORNING = 5
#: With fewer answers nothing is said of a rate, nor where they are for less than half of the nights.
FEW = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """What is known of a night. `entered` without a `count`: the person was asked and does not know.

    answered: they said how many; else only cramps that were logged one by one tell of it.
    """

    entered: bool = False
    count: int | None = None
    at_least: bool = False
    answered: bool = False

    @property
    def said(self) -> str:
        """In words."""
        if self.count is None:
            return "don't know" if self.entered else "not entered"
        if self.count == 0:
            return "none"
        return f"{'at least ' if self.at_least else ''}{self.count}"


NOT_ENTERED = Night()


@dataclass(slots=True)
class Nights:
    """Every night of which an entry tells. Some hundred bytes a night; a number of entries changes nothing.

    of_night: the Context's.
    """

    of_night: Callable[[Entry], bool]
    _said: dict[date, Night] = field(default_factory=dict)
    _single: dict[date, int] = field(default_factory=dict)
    #: The first that is entered.
    first: date | None = None

    def take(self, entry: Entry) -> None:
        """Hear what an entry of the kind `night` or `cramp` says; they come oldest first."""
        assert entry.night
        if entry.kind == "cramp":
            if not self.of_night(entry):
                return
            self._single[entry.night] = self._single.get(entry.night, 0) + 1
        elif (told := said(entry)) is not None:
            self._said[entry.night] = _same(told.count, told.at_least, told.count is not None)
        else:
            return
        self.first = min(self.first or entry.night, entry.night)

    def complete(self, log: EntryLog) -> None:
        """Not all of the log has gone by: ask it for the cramps of the nights that have."""
        for night, many in logged(log, self.of_night, self._said):
            if many:
                self._single[night] = many

    def __getitem__(self, night: date) -> Night:
        """The newest entry that speaks of the number counts; cramps logged by themselves are at least so many."""
        told, single = self._said.get(night, NOT_ENTERED), self._single.get(night, 0)
        return _same(single, True, told.answered) if single > (told.count or 0) else told

    @property
    def entered(self) -> list[date]:
        """Nights that are entered, in order."""
        return sorted(self._said.keys() | self._single.keys())


def last_night(now: datetime) -> date:
    """The last night that is over, by its evening's date."""
    return now.date() - timedelta(days=2 if now.hour < MORNING else 1)


@lru_cache(maxsize=512)
def _same(count: int | None, at_least: bool, answered: bool) -> Night:
    """One value for all nights that are alike."""
    return Night(entered=True, count=count, at_least=at_least, answered=answered)


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """Some nights: how many there are, and how many with cramps, without, and of which the person does not know."""

    nights: int = 0
    with_cramps: int = 0
    without: int = 0
    unknown: int = 0
    cramps: int = 0
    answered: int = 0
    #: There were at least so many cramps.
    at_least: bool = False

    @property
    def known(self) -> int:
        """Of how many nights it is known whether there were cramps."""
        return self.with_cramps + self.without

    @property
    def entered(self) -> int:
        return self.known + self.unknown

    @property
    def not_entered(self) -> int:
        return self.nights - self.entered

    @property
    def a_week(self) -> float | None:
        """Nights with cramps in seven nights of which it is known; None where too few were answered.

        Who logs cramps alone, and no night without, would have them in every night that is known.
        """
        enough = self.answered >= FEW and 2 * self.answered >= self.nights
        return 7 * self.with_cramps / self.known if enough else None


def count(nights: Nights, first: date, last: date) -> Count:
    """The nights from `first` to `last`."""
    many = max(0, (last - first).days + 1)
    return count_of(nights, (first + timedelta(days=later) for later in range(many)), many)


def count_of(nights: Nights, days: Iterable[date], many: int) -> Count:
    """Some of these nights, `many` in all."""
    found = [nights[day] for day in days]
    counted = [night.count for night in found if night.count is not None]
    return Count(
        nights=many,
        with_cramps=sum(1 for one in counted if one),
        without=sum(1 for one in counted if not one),
        unknown=sum(1 for night in found if night.entered and night.count is None),
        cramps=sum(counted),
        answered=sum(1 for night in found if night.answered),
        at_least=any(night.at_least for night in found),
    )
