"""Counts of what was entered: numbers, answers and short texts, in a space that does not grow with the log."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

#: So many different short texts are told apart, and so much of each is kept.
MOST_TEXTS, LONGEST = 200, 60


def number(value: object, least: float, most: float) -> float | None:
    """A number as it can be entered; None for anything else, which another program may have left there."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if not least <= value <= most:  # refuses what is no number, too
        return None
    return float(value)


@dataclass(slots=True)
class Spread:
    """Numbers between two ends, to a tenth: how many, the middle one, the least and the most."""

    least_allowed: float
    most_allowed: float
    _values: Counter[float] = field(default_factory=Counter)

    def take(self, value: object) -> float | None:
        """Count a number; what is none counts as not entered."""
        given = number(value, self.least_allowed, self.most_allowed)
        if given is not None:
            self._values[round(given, 1)] += 1
        return given

    def add(self, other: Spread) -> None:
        """Count those of another one, too."""
        self._values.update(other._values)

    @property
    def n(self) -> int:
        return self._values.total()

    @property
    def least(self) -> float:
        return min(self._values)

    @property
    def most(self) -> float:
        return max(self._values)

    @property
    def median(self) -> float:
        """The middle one; of an even number the mean of both in the middle. Only where there is one."""
        middle = (self.n - 1) / 2
        return (self._at(math.floor(middle)) + self._at(math.ceil(middle))) / 2

    def above(self, limit: float) -> int:
        """How many are more than `limit`."""
        return sum(many for value, many in self._values.items() if value > limit)

    def _at(self, place: int) -> float:
        for value in sorted(self._values):
            place -= self._values[value]
            if place < 0:
                return value
        raise IndexError("there are not so many")


@dataclass(slots=True)
class Newest:
    """Numbers between two ends, one for each night or day: what was entered of it last, however often it was."""

    least_allowed: float
    most_allowed: float
    _values: dict[date, float] = field(default_factory=dict)

    def take(self, day: date, value: object) -> None:
        """Let a number take the place of an earlier one; what is none changes nothing."""
        given = number(value, self.least_allowed, self.most_allowed)
        if given is not None:
            self._values[day] = given

    @property
    def days(self) -> Iterable[date]:
        """Of which one is entered."""
        return self._values.keys()

    @property
    def spread(self) -> Spread:
        """All of them."""
        found = Spread(self.least_allowed, self.most_allowed)
        for value in self._values.values():
            found.take(value)
        return found


@dataclass(slots=True)
class Texts:
    """Short texts, each with how often; those that differ in case or space only are one. `other`: too many of them."""

    _many: Counter[str] = field(default_factory=Counter)
    _shown: dict[str, str] = field(default_factory=dict)
    other: int = 0

    def take(self, value: object) -> None:
        """Count a text; anything else is none."""
        if not isinstance(value, str) or not (shown := clipped(value, LONGEST)):
            return
        key = shown.casefold()
        if key not in self._many and len(self._many) >= MOST_TEXTS:
            self.other += 1
            return
        self._shown.setdefault(key, shown)
        self._many[key] += 1

    @property
    def n(self) -> int:
        return self._many.total() + self.other

    def most(self, many: int) -> list[tuple[str, int]]:
        """The commonest, as they were first written, and how often; in the order of the alphabet among equals."""
        ordered = sorted(self._many.items(), key=lambda one: (-one[1], one[0]))
        return [(self._shown[key], times) for key, times in ordered[:many]]


def clipped(text: str, most: int) -> str:
    """A text as one line, not longer than `most` characters; "…" says that there is more."""
    line = " ".join(text[: 20 * most].split())  # a text may be a book
    return line if len(line) <= most and len(text) <= 20 * most else f"{line[: most - 1].rstrip()}…"


def yes_or_no(value: object) -> str:
    """ "yes", "no", or "" where neither was entered."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    given = value.strip().casefold() if isinstance(value, str) else ""
    return given if given in ("yes", "no") else ""
