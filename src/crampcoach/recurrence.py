"""What a schedule means: `"30m before bed"` -> the wall times of a day -> instants. Pure.

A rule is wall time per local date. A time that the spring change skips moves forward, a repeated hour counts once,
two slots at one instant are one, and a date that the zone never had has none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from functools import lru_cache

from crampcoach.clock import date_exists, to_utc, to_wall
from crampcoach.hours import Anchor, Hours

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
EVERY_DAY = frozenset(range(7))
EXAMPLES = (
    '"21:30", "mon-fri 18:00, 21:30", "every 2h 09:00-18:00", "30m before bed", "1h after wake" '
    'or "after REMINDER: ANSWER"'
)
GRACE_EXAMPLES = '"45m", "until 18:00" or "until 30m after bed"'


@dataclass(frozen=True, slots=True)
class At:
    """Fixed clock times of the calendar date."""

    times: tuple[time, ...]


@dataclass(frozen=True, slots=True)
class Every:
    """From `start` to `end` (both included) in steps of `minutes`; None is the person's wake or bed time."""

    minutes: int
    start: time | None
    end: time | None


@dataclass(frozen=True, slots=True)
class Near:
    """`minutes` after (before, if negative) waking or going to bed."""

    minutes: int
    anchor: Anchor


@dataclass(frozen=True, slots=True)
class After:
    """At once when another reminder of the same plugin is answered with one of these buttons. It has no slots."""

    reminder: str
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """A parsed schedule: on which weekdays, at what times. `text` is what was parsed."""

    text: str
    days: frozenset[int]
    when: At | Every | Near | After

    def walls(self, day: date, hours: Hours) -> list[datetime]:
        """The wall times of a day, in order. They may reach into the next date.

        "mon-fri 06:30" is about those dates; but what comes before anybody wakes belongs to the day before.
        """
        if isinstance(self.when, At):
            early = hours.earliest_wake()
            dates = [one for one in (day, day + timedelta(days=1)) if one.weekday() in self.days]
            return [
                datetime.combine(one, at) for one in dates for at in self.when.times if (at < early) == (one != day)
            ]
        if day.weekday() not in self.days:
            return []
        match self.when:
            case After():
                return []
            case Near(minutes, anchor):
                return [hours.anchor(day, anchor) + timedelta(minutes=minutes)]
            case Every(minutes, start, end):
                first = datetime.combine(day, start) if start else hours.anchor(day, "wake")
                last = datetime.combine(day, end) if end else hours.anchor(day, "bed")
                if last < first:
                    last += timedelta(days=1)
                step = timedelta(minutes=minutes)
                return [first + n * step for n in range((last - first) // step + 1)]

    def once_a_day(self) -> bool:
        """Whether a day has at most one slot."""
        return isinstance(self.when, Near) or (isinstance(self.when, At) and len(self.when.times) == 1)


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """One nominal day and wall time of a reminder, and the instant that it means in a zone."""

    due: datetime
    day: date
    wall: time


@lru_cache(maxsize=256)  # an agent asks at each turn for the same few days
def slots_of(rule: Rule, day: date, hours: Hours, zone: tzinfo) -> tuple[Slot, ...]:
    """The slots of one day, in order of time."""
    walls = rule.walls(day, hours)
    dates = [wall.date() if isinstance(rule.when, At) else day for wall in walls]
    never = {one for one in set(dates) if not date_exists(one, zone)}
    # Of those at one instant the first counts, which so comes last here.
    pairs = [(to_utc(wall, zone), wall) for wall, on in zip(walls, dates, strict=True) if on not in never]
    found = {due: Slot(due, day, wall.time()) for due, wall in reversed(pairs)}
    return tuple(sorted(found.values()))


def slots_between(rule: Rule, hours: Hours, zone: tzinfo, after: datetime, until: datetime) -> list[Slot]:
    """The slots with `after < due <= until` (UTC), in order of time."""
    # Bed may lie on the next date and an offset of up to a day before or after it: so much may a day's slots stray.
    day = to_wall(after, zone).date() - timedelta(days=2)
    last = to_wall(until, zone).date() + timedelta(days=1)
    found: dict[datetime, Slot] = {}
    while day <= last:
        for slot in slots_of(rule, day, hours, zone):
            if after < slot.due <= until:
                found.setdefault(slot.due, slot)
        day += timedelta(days=1)
    return sorted(found.values())


def next_slot(rule: Rule, hours: Hours, zone: tzinfo, after: datetime) -> Slot | None:
    """The first slot after an instant; None where there is none within ten days."""
    for start in _steps(after):
        found = slots_between(rule, hours, zone, max(after, start), start + timedelta(days=2))
        if found:
            return found[0]
    return None


def _steps(after: datetime) -> Iterator[datetime]:
    return (after + timedelta(days=2 * n) for n in range(5))


# --- reading a schedule ----------------------------------------------------------------------------------------

_DURATION = re.compile(r"(?:(\d{1,3})\s*h(?:ours?)?)?\s*(?:(\d{1,4})\s*m(?:in(?:utes?)?)?)?")
_TIME = re.compile(r"(\d{1,2}):(\d{2})")
_DAY_WORDS = {"daily": EVERY_DAY, "weekdays": frozenset(range(5)), "weekends": frozenset((5, 6))}


def parse_time(text: str) -> time:
    """Read `"21:30"`. Raises ValueError."""
    found = _TIME.fullmatch(text.strip())
    if found and int(found[1]) < 24 and int(found[2]) < 60:
        return time(int(found[1]), int(found[2]))
    raise ValueError(f"{text.strip()!r} is no time of day; write it as 21:30, from 00:00 to 23:59")


def parse_duration(text: str) -> int:
    """Read `"30m"`, `"2h"` or `"1h30m"` as minutes, 1 to 1,440. Raises ValueError."""
    found = _DURATION.fullmatch(text.strip().lower())
    minutes = int(found[1] or 0) * 60 + int(found[2] or 0) if found and (found[1] or found[2]) else 0
    if not 1 <= minutes <= 24 * 60:
        raise ValueError(f"{text.strip()!r} is no length of time from 1m to 24h; write it as 30m, 2h or 1h30m")
    return minutes


def _parse_days(word: str) -> frozenset[int] | None:
    """The weekdays that a word such as `mon-fri` or `sat,sun` means; None if it is about no days."""
    if word in _DAY_WORDS:
        return _DAY_WORDS[word]
    days: set[int] = set()
    for part in word.split(","):
        first, dash, last = part.partition("-")
        if not _is_day(first) or (dash and not _is_day(last)):
            return None
        start = WEEKDAYS.index(first[:3])
        end = WEEKDAYS.index(last[:3]) if last else start
        days.update((start + n) % 7 for n in range((end - start) % 7 + 1))
    return frozenset(days)


_FULL_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _is_day(word: str) -> bool:
    return word in WEEKDAYS or word in _FULL_DAYS


def parse_near(text: str) -> Near | None:
    """Read `"30m before bed"` or `"at wake"`; None if the text is not of that form. Raises ValueError."""
    words = text.split()
    if len(words) < 2 or words[-1] not in ("bed", "wake") or words[-2] not in ("before", "after", "at"):
        return None
    anchor: Anchor = "bed" if words[-1] == "bed" else "wake"
    if words[-2] == "at":
        if words[:-2]:
            raise ValueError(f"{text!r}: write 'at {anchor}', or a length of time 'before {anchor}'")
        return Near(0, anchor)
    minutes = parse_duration(" ".join(words[:-2]))
    return Near(-minutes if words[-2] == "before" else minutes, anchor)


def parse_schedule(text: str) -> Rule:
    """Read a schedule. Raises ValueError with a sentence that shows the accepted forms."""
    words = re.sub(r"\s*,\s*", ",", text.lower()).split()
    try:
        if not words:
            raise ValueError("it is empty")
        if words[:2] == ["every", "day"]:
            words[:2] = ["daily"]
        days = _parse_days(words[0])
        rest = " ".join(words[1:] if days is not None else words)
        return Rule(text, EVERY_DAY if days is None else days, _parse_when(rest))
    except ValueError as error:
        raise ValueError(f"schedule {text!r}: {error}; accepted are {EXAMPLES}") from None


def _parse_when(text: str) -> At | Every | Near | After:
    near = parse_near(text)
    if near:
        return near
    if text.startswith("after "):
        reminder, _, answers = text.removeprefix("after ").partition(":")
        if not reminder.strip() or not answers.strip():
            raise ValueError("write 'after REMINDER: ANSWER, ANSWER'")
        return After(reminder.strip(), tuple(one.strip() for one in answers.split(",") if one.strip()))
    if text.startswith("every "):
        step, _, window = text.removeprefix("every ").partition(" ")
        if not window:
            return Every(parse_duration(step), None, None)
        start, dash, end = window.replace(" ", "").partition("-")
        if not dash:
            raise ValueError(f"{window!r} is no span of hours such as 09:00-18:00")
        return Every(parse_duration(step), parse_time(start), parse_time(end))
    if not text:
        raise ValueError("it has days but no time")
    return At(tuple(sorted({parse_time(part) for part in text.split(",")})))


@dataclass(frozen=True, slots=True)
class Grace:
    """How long an occurrence is worth showing: minutes after its time, or until a wall time."""

    until: int | time | Near

    def expires(self, slot: Slot, hours: Hours, zone: tzinfo) -> datetime:
        """The instant at which the slot is no longer worth showing; after `slot.due`."""
        match self.until:
            case int(minutes):
                return slot.due + timedelta(minutes=minutes)
            case Near(minutes, anchor):
                end = to_utc(hours.anchor(slot.day, anchor) + timedelta(minutes=minutes), zone)
                # A schedule moved behind the end of its grace still deserves to be seen.
                return end if end > slot.due else slot.due + timedelta(hours=1)
            case time() as at:
                wall = datetime.combine(to_wall(slot.due, zone).date(), at)
                end = to_utc(wall, zone)
                return end if end > slot.due else to_utc(wall + timedelta(days=1), zone)


def parse_grace(text: str) -> Grace:
    """Read a grace: `"45m"`, `"until 18:00"` or `"until 30m after bed"`. Raises ValueError."""
    words = " ".join(text.lower().split())
    try:
        if not words.startswith("until "):
            return Grace(parse_duration(words))
        rest = words.removeprefix("until ")
        return Grace(parse_near(rest) or parse_near(f"at {rest}") or parse_time(rest))
    except ValueError as error:
        raise ValueError(f"grace {text!r}: {error}; accepted are {GRACE_EXAMPLES}") from None
