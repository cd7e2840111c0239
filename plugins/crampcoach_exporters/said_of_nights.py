"""What an entry says of the number of cramps in its night: the same for every format.

As the cramps plugin counts it: the newest entry that speaks of the number counts, and cramps of the night that have
entries of their own are at least so many. A plugin imports no other, so a test holds the two to the same answers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from crampcoach import Entry, EntryLog

#: What can be said of the number: these fields of an entry of the kind `night`.
OF_COUNT = frozenset({"count", "at_least"})
MOST = 99
#: For so many days at a time the log is asked, so that never all of its cramps are in memory.
_AT_ONCE = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class Said:
    """So many cramps, or at least so many. No count: the person was asked and does not know."""

    count: int | None
    at_least: bool = False

    def with_single(self, many: int) -> Said:
        """With so many cramps that were logged by themselves."""
        return Said(many, at_least=True) if many > (self.count or 0) else self


UNKNOWN = Said(None)


def logged(log: EntryLog, of_night: Callable[[Entry], bool], nights: Iterable[date]) -> Iterator[tuple[date, int]]:
    """How many cramps of each of these nights the whole log has, in order; `of_night` is the Context's.

    Whoever exports only the nights, or some days, has no night without cramps that had some.
    """
    ordered, at = sorted(nights), 0
    while at < len(ordered):
        last = ordered[at] + min(_AT_ONCE, date.max - ordered[at])
        some = [night for night in ordered[at : at + _AT_ONCE.days + 1] if night <= last]
        since = _around(some[0], lambda noon: noon - timedelta(days=2))
        until = _around(some[-1], lambda noon: noon + timedelta(days=3))
        found = Counter(one.night for one in log.entries("cramp", since, until) if one.night and of_night(one))
        yield from ((night, found[night]) for night in some)
        at += len(some)


def _around(night: date, moved: Callable[[datetime], datetime]) -> datetime | None:
    try:
        return moved(datetime.combine(night, time(12), UTC))
    except OverflowError:
        return None


def said(entry: Entry) -> Said | None:
    """What an entry of the kind `night` says; None if it is about something else, such as the hours slept."""
    count = entry.fields.get("count")
    if type(count) is int and 0 <= count <= MOST:
        return Said(count, bool(entry.fields.get("at_least")))
    # Words that were left out may have been about something else, too.
    about_else = bool(entry.note) or entry.left_out or not entry.fields.keys() <= OF_COUNT
    return None if about_else else UNKNOWN
