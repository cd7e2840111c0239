"""Counting nights: with cramps, without, not known, not entered. Only a night that was entered as such is "without"."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from crampcoach import Entry, EntryLog

#: Nights in the weekly line.
NIGHTS = 14
#: What can be said of the number of cramps in a night: these fields of an entry.
_OF_COUNT = {"count", "at_least"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """What is known of a night. `entered` without a `count`: the person was asked and does not know."""

    entered: bool = False
    count: int | None = None
    at_least: bool = False

    @property
    def said(self) -> str:
        """In words."""
        if self.count is None:
            return "don't know" if self.entered else "not entered"
        return {0: "none", 1: "one"}.get(self.count, "two or more")


def nights(log: EntryLog, of_night: Callable[[Entry], bool], last: date, many: int = NIGHTS) -> dict[date, Night]:
    """Each of `many` nights up to `last` (evenings' dates), oldest first; `of_night` is a Context's or a Session's.

    The newest entry that speaks of the number counts. Cramps of the night that were logged by themselves are at least
    so many.
    """
    first = last - timedelta(days=many - 1)
    found = {first + timedelta(days=n): Night() for n in range(many)}
    single = dict.fromkeys(found, 0)
    # Early enough for every zone; and a night may be filled in long after it.
    since = datetime.combine(first - timedelta(days=1), time(), UTC)
    for entry in log.entries("night", since):
        if entry.night in found and (night := _night(entry)):
            found[entry.night] = night
    for entry in log.entries("cramp", since):
        if entry.night in single and of_night(entry):
            single[entry.night] += 1
    return {night: _with(one, single[night]) for night, one in found.items()}


def _night(entry: Entry) -> Night | None:
    """What an entry says of the number of cramps; None if it is about something else, such as the hours slept."""
    count = entry.fields.get("count")
    if isinstance(count, int):
        return Night(entered=True, count=count, at_least=bool(entry.fields.get("at_least")))
    return Night(entered=True) if not entry.note and entry.fields.keys() <= _OF_COUNT else None


def _with(night: Night, single: int) -> Night:
    """The night with so many cramps that were logged by themselves."""
    return Night(entered=True, count=single, at_least=True) if single > (night.count or 0) else night


def line(entered: Mapping[date, Night]) -> str:
    """`14 nights: 5 with cramps, 6 without, 1 don't know, 2 not entered`; "don't know" only where somebody said so."""
    all_nights = list(entered.values())
    with_cramps = sum(1 for night in all_nights if night.count)
    unknown = sum(1 for night in all_nights if night.entered and night.count is None)
    parts = [f"{with_cramps} with cramps", f"{known(entered) - with_cramps} without"]
    parts += [f"{unknown} don't know"] if unknown else []
    parts += [f"{sum(1 for night in all_nights if not night.entered)} not entered"]
    return f"{len(all_nights)} nights: {', '.join(parts)}"


def known(entered: Mapping[date, Night]) -> int:
    """Of how many nights it is known whether there were cramps."""
    return sum(1 for night in entered.values() if night.count is not None)
