"""Medicines with the dates of what happened to them. Noted, never judged."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from string import ascii_letters

from crampcoach import Entry
from crampcoach_exporters.doctors_page.tallies import clipped

CHANGES = ("started", "changed", "stopped")
#: So many medicines, and so many of the newest changes of each.
MOST, MOST_CHANGES = 40, 6
_NAME, _DOSE = 60, 40


@dataclass(frozen=True, slots=True)
class Change:
    """`started`, `changed` or `stopped`, on a day; `dose` is as the person wrote it."""

    day: date
    what: str
    dose: str


@dataclass(slots=True)
class Medicine:
    """One of them. taken: how often it was only noted as taken."""

    name: str
    changes: deque[Change] = field(default_factory=lambda: deque(maxlen=MOST_CHANGES))
    earlier: int = 0
    taken: int = 0
    last_taken: date | None = None
    dose: str = ""


@dataclass(slots=True)
class Medicines:
    """All that were entered, in the order of their first entry. other: entries of more of them than are told apart."""

    known: dict[str, Medicine] = field(default_factory=dict)
    other: int = 0

    def take(self, entry: Entry) -> None:
        """Note what an entry of the kind `medicine` says. One without a name is none."""
        given = entry.fields.get("name")
        name = clipped(given, _NAME) if isinstance(given, str) else ""
        if not name or not entry.at:
            return
        key = name.casefold()
        if key not in self.known and len(self.known) >= MOST:
            self.other += 1
            return
        one = self.known.setdefault(key, Medicine(name))
        dose = _text(entry.fields.get("dose"))
        what, day = entry.fields.get("change"), entry.at.date()
        if what in CHANGES:
            one.earlier += len(one.changes) == MOST_CHANGES
            one.changes.append(Change(day, str(what), dose))
        else:
            one.taken += 1
            one.last_taken, one.dose = day, dose or one.dose

    def letters(self, first: date, last: date) -> dict[tuple[str, int], str]:
        """A letter for each change from `first` to `last`, by the medicine's key and the change's number, oldest first.

        They are the days that the plot has: a mark at its edge would say that what was before happened then.
        """
        dated = [
            (change.day, place, number, key)
            for place, (key, one) in enumerate(self.known.items())
            for number, change in enumerate(one.changes)
            if first <= change.day <= last
        ]
        ordered = [(key, number) for _, _, number, key in sorted(dated)]
        return dict(zip(ordered, ascii_letters[26:] + ascii_letters[:26], strict=False))

    def marks(self, letters: Mapping[tuple[str, int], str]) -> list[tuple[date, str, str]]:
        """Day, letter, and what happened, for the plot; oldest first."""
        found = []
        for (key, number), letter in letters.items():
            one = self.known[key]
            change = one.changes[number]
            found.append((change.day, letter, f"{one.name} {change.what}"))
        return found


def _text(value: object) -> str:
    return clipped(value, _DOSE) if isinstance(value, str) else ""
