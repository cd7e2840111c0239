"""When the person's day begins and ends, and which day or night a wall time falls into. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Literal, TypeAlias

Anchor: TypeAlias = Literal["wake", "bed"]
#: From this hour on a night is the one that begins that evening.
_NOON = 12


@dataclass(frozen=True, slots=True)
class Hours:
    """When the person's day starts and ends; `days` overrides single weekdays (0 is Monday)."""

    wake: time = time(7)
    bed: time = time(22, 30)
    days: Mapping[int, tuple[time, time]] = field(default_factory=dict, hash=False)

    def anchor(self, day: date, which: Anchor) -> datetime:
        """Wall time of waking or going to bed on `day`. A bed time before the wake time is the next date's."""
        wake, bed = self.days.get(day.weekday(), (self.wake, self.bed))
        if which == "wake":
            return datetime.combine(day, wake)
        return datetime.combine(day + timedelta(days=1) if bed <= wake else day, bed)

    def earliest_wake(self) -> time:
        """The earliest wake time of the week: one border for all dates, so that no wall time comes twice in a day."""
        return min([self.wake, *(wake for wake, _ in self.days.values())])

    def day_of(self, wall: datetime) -> date:
        """The day a wall time belongs to: it begins with waking."""
        day = wall.date()
        return day if wall >= self.anchor(day, "wake") else day - timedelta(days=1)

    def in_bed(self, at: datetime) -> bool:
        """Whether it falls, by its own clock, between going to bed and waking."""
        wall = at.replace(tzinfo=None)
        return wall >= self.anchor(self.day_of(wall), "bed")

    def by_day(self, at: datetime) -> bool:
        """Whether it falls between noon and going to bed: after one night is over, and before the next has begun."""
        return at.hour >= _NOON and not self.in_bed(at)
