"""What was entered, read once: nights with their number of cramps, single cramps, days, medicines, stretches.

A night without an entry is in none of them. Of two entries that say the same of one night or day the newest counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

from crampcoach import Entry

#: Before this hour it is still the evening before; until noon an entry about a day is about the one that has begun.
EARLY = 4
#: A stretch from this hour on is one of the evening.
EVENING = 17
#: Stress from here on counts as much, of 10.
STRESSFUL = 6
#: A night's entry with nothing else in it is about the number of cramps.
_OF_COUNT = frozenset({"count", "at_least"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Medicine:
    """One that was started or changed, and from which night on that counts."""

    name: str
    dose: str
    change: str
    since: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """All of it. Nights are named by their evening's date; a day is that of the evening before its night.

    counts: how many cramps at least, of each night for which somebody entered that; those of the day are in none.
    cramps: those entered one by one, of night and day; single: how many of those count for each night, as `week` counts
    them. at_night: how many came while the person is usually in bed, or were entered as a part of the night.
    nights, days: the fields of what was entered about them. stressful: whether a day was.
    """

    zone: tzinfo | None
    first: date | None
    last: date
    counts: Mapping[date, int]
    cramps: tuple[Entry, ...]
    single: Mapping[date, int]
    at_night: int
    nights: Mapping[date, Mapping[str, Any]]
    days: Mapping[date, Mapping[str, Any]]
    stressful: Mapping[date, bool]
    medicines: tuple[Medicine, ...]
    stretched: frozenset[date]

    @property
    def total(self) -> int:
        """Nights from the first entry to the last that is over, entered or not."""
        return max(0, (self.last - self.first).days + 1) if self.first else 0

    @property
    def only_cramps(self) -> frozenset[date]:
        """Nights of which only single cramps tell. They are no sample: a night without would not be among them."""
        return frozenset(night for night in self.single if night <= self.last and night not in self.counts)

    @property
    def unknown(self) -> int:
        """Nights of which nobody entered how many cramps there were."""
        return self.total - len(self.counts)

    def known(self, first: date, last: date) -> dict[date, int]:
        """`counts` of the nights from `first` to `last`."""
        return {night: count for night, count in self.counts.items() if first <= night <= last}


def summarise(
    entries: Iterable[Entry], now: datetime, in_bed: Callable[[datetime], bool], of_night: Callable[[Entry], bool]
) -> Summary:
    """Of entries, oldest first; `in_bed` and `of_night` are a Context's."""
    last, first = now.date() - timedelta(days=1), None
    counts: dict[date, int] = {}
    single: dict[date, int] = {}
    nights: dict[date, dict[str, Any]] = {}
    days: dict[date, dict[str, Any]] = {}
    stressful: dict[date, bool] = {}
    cramps, medicines, stretched, at_night = [], [], set[date](), 0
    for entry in entries:
        night, fields = entry.night, entry.fields
        assert night and entry.at
        first = min(first or night, night)
        if entry.kind == "night":
            nights.setdefault(night, {}).update(fields)
            if isinstance(fields.get("count"), int):
                counts[night] = fields["count"]
            elif not entry.note and fields.keys() <= _OF_COUNT:  # "don't know", said later, is the newest
                counts.pop(night, None)
        elif entry.kind == "cramp":
            cramps.append(entry)
            at_night += bool(fields.get("part")) or in_bed(entry.at)
            if of_night(entry):
                single[night] = single.get(night, 0) + 1
        elif entry.kind in ("day", "journal"):
            day = _day(entry)
            if entry.kind == "day":
                days.setdefault(day, {}).update(fields)
            if (much := _stressful(entry)) is not None:
                stressful[day] = much
        elif entry.kind == "medicine" and fields.get("change") in ("started", "changed"):
            name, dose = (str(fields.get(field) or "") for field in ("name", "dose"))
            medicines.append(Medicine(name=name, dose=dose, change=fields["change"], since=_day(entry)))
        elif entry.kind == "stretch" and not fields.get("stopped_early") and _in_the_evening(entry):
            stretched.add(night)
    # What was entered one by one is at least so many; without a number for the night it says nothing of how often.
    counts = {night: max(count, single.get(night, 0)) for night, count in counts.items()}
    return Summary(
        zone=now.tzinfo,
        first=first,
        last=last,
        counts={night: count for night, count in sorted(counts.items()) if night <= last},
        cramps=tuple(cramps),
        single=single,
        at_night=at_night,
        nights=nights,
        days=days,
        stressful=stressful,
        medicines=tuple(medicines),
        stretched=frozenset(stretched),
    )


def _day(entry: Entry) -> date:
    assert entry.at
    return entry.at.date() - timedelta(days=entry.at.hour < EARLY)


def _in_the_evening(entry: Entry) -> bool:
    assert entry.at
    return entry.at.hour >= EVENING or entry.at.hour < EARLY


def _stressful(entry: Entry) -> bool | None:
    if entry.kind == "day":
        stress = entry.fields.get("stress")
        return None if stress is None else stress >= STRESSFUL
    said = entry.fields.get("day")
    return None if said is None else said == "stressful"
