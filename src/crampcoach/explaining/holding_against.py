"""Explainers held against a person's entries: how much was entered, and what each explainer's `fits` says of it.

Only counts come of it: nothing is ranked, nothing is likely, and what was not entered counts on neither side.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, get_type_hints

from crampcoach.clock import Clock
from crampcoach.context import Context, LogView
from crampcoach.explaining.explainer import Explainer, Fit
from crampcoach.guard import DEADLINE, Guard, Outcome
from crampcoach.model import Entry, Kind
from crampcoach.moments import PART_FIELD

#: So far back it looks unless asked.
WEEKS = 12
#: Fewer nights say too little about anything.
ENOUGH = 7
#: The parts of a Fit, in the order in which they are told, each with the words for it.
PARTS = {
    "speaks_for": "speaks for it",
    "speaks_against": "speaks against",
    "neither": "either way",
    "not_recorded": "not recorded",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Nights:
    """The nights from the first entry on to the last one that is over; `entered`: those with an entry about them.

    That need not be how many cramps there were: whoever counts something says for how many nights it was entered.
    """

    first: date | None
    last: date
    entered: int = 0

    @property
    def total(self) -> int:
        """How many there are."""
        return max(0, (self.last - self.first).days + 1) if self.first else 0

    @property
    def not_entered(self) -> int:
        """How many nobody said anything about. They may have been nights with cramps, or without."""
        return self.total - self.entered

    @property
    def said(self) -> str:
        """In one line, which every number below stands on."""
        if not self.total:
            return "Nothing was entered about a night in that time."
        span = f"From the night of {self.first:%d %b %Y} to that of {self.last:%d %b %Y}"
        total = f"{self.total} night{'s' * (self.total != 1)}"
        counts = f"{self.entered} with an entry about the night, {self.not_entered} without one"
        return f"{span}: {total}, {counts}. What was not entered counts on neither side."


def of_nights(kinds: Iterable[Kind]) -> Mapping[str, bool]:
    """The kinds whose entries may be about a night, which then counts as entered; whether they are at any hour."""
    asked = [one for one in kinds if one.last_night or (one.fields and PART_FIELD in _names(one.fields))]
    return {one.name: one.last_night for one in asked}


def _names(fields: type) -> Collection[str]:
    return get_type_hints(fields)


def nights(
    entries: Iterable[Entry], kinds: Mapping[str, bool], today: date, in_bed: Callable[[datetime], bool]
) -> Nights:
    """The nights that entries tell of.

    Where the kind asks about the night, an entry that says nothing is "don't know", and tells of none. Any other, of a
    cramp say, tells of its night by being there.

    in_bed: whether the person usually is, at the time of an entry of a kind with parts of the night; by day it may be
    about a nap.
    """
    first: date | None = None
    last, known = today - timedelta(days=1), set[date]()
    for entry in entries:
        assert entry.at and entry.night
        first = min(first or entry.night, entry.night)
        if entry.kind not in kinds or entry.night > last:
            continue
        if kinds[entry.kind]:
            about_it = bool(entry.fields or entry.note)
        else:
            about_it = bool(entry.fields.get(PART_FIELD)) or in_bed(entry.at)
        if about_it:
            known.add(entry.night)
    return Nights(first=first, last=last, entered=len(known))


def since(ctx: Context[Any], first: datetime) -> Context[Any]:
    """The context with a log that begins then."""
    return replace(ctx, log=_LogSince(ctx.log.home, ctx.log.plugin, first))


@dataclass(frozen=True, slots=True)
class _LogSince(LogView):
    """No entry before `first` is in it."""

    first: datetime

    def entries(
        self, kind: str | None = None, since: datetime | None = None, until: datetime | None = None
    ) -> tuple[Entry, ...]:
        return LogView.entries(self, kind, max(since, self.first) if since else self.first, until)

    def last(self, kind: str) -> Entry | None:
        newest = LogView.last(self, kind)
        return newest if newest and newest.at and newest.at >= self.first else None


def fits(
    clock: Clock,
    asked: Mapping[str, tuple[str, Explainer]],
    contexts: Mapping[str, Context[Any]],
    say: Callable[[str, str], None],
    seconds: float = DEADLINE,
) -> dict[str, Fit]:
    """What each explainer that can say something says, in the order given, by name.

    asked: the plugin and the explainer. contexts: what each plugin is given; all its explainers get the same. What one
    does wrong is given to `say(plugin, reason)`, and costs the others nothing, but of a plugin that hangs no more is
    asked.
    """
    guard, found = Guard(clock, deadline_seconds=seconds), dict[str, Fit]()

    def heard(name: str, outcome: Outcome) -> None:
        owner = asked[name][0]
        if outcome.hung:
            guard.forget(owner)
        if not outcome.ok:
            say(owner, outcome.reason)
        elif outcome.value is not None:
            found[name] = outcome.value

    for name, (owner, one) in asked.items():
        if one.fits:
            guard.call(owner, f"fits() of {name}", partial(_asked, one, contexts[owner]), partial(heard, name))
    guard.wait()
    return {name: found[name] for name in asked if name in found}


def _asked(one: Explainer, ctx: Context[Any]) -> Fit | None:
    assert one.fits
    given = one.fits(ctx)
    if not isinstance(given, Fit | None):
        raise TypeError(f"it must return a Fit or None, not {type(given).__name__}")
    return given if given and any(getattr(given, part) for part in PARTS) else None
