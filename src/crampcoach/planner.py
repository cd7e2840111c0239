"""Reminders as they are planned, and their slots as rows. Pure: nothing here reads a clock, a file or a plugin.

What becomes of the rows is decided in `deciding.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Literal, TypeAlias

from crampcoach.actions import Action
from crampcoach.clock import to_utc, to_wall, zone_name, zone_named
from crampcoach.hours import Hours
from crampcoach.model import Occurrence, QuietTime, Reminder, State, occurrence_key
from crampcoach.recurrence import After, Grace, Rule, Slot, next_slot, slots_between

#: Slots older than this are never caught up.
HORIZON = timedelta(hours=48)
#: Whether a reminder's plugin is there to speak for it.
Standing: TypeAlias = Literal["on", "loading", "broken", "off"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A reminder with its rules, as the agent plans it. `swept`: up to when its slots have become rows."""

    name: str
    plugin: str
    reminder: Reminder
    rule: Rule
    grace: Grace
    hours: Hours
    swept: datetime

    def fingerprint(self) -> str:
        """Changes whenever the times that it asks for may change."""
        hours = self.hours
        days = ",".join(f"{day}:{wake:%H%M}-{bed:%H%M}" for day, (wake, bed) in sorted(hours.days.items()))
        return f"{self.rule.text}|{hours.wake:%H%M}-{hours.bed:%H%M}|{days}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An occurrence as stored. Instants are UTC. `id` is the row's number.

    due: moved by a snooze, and `expires` with it. shows: how often this due time was put before the person.
    delivered: when a notifier confirmed. chosen: the person pressed Snooze, so quiet hours do not hold it back.
    notifier: who took the message. retry: not to be tried again before. lead: the occurrence whose message speaks for
    this one too. buttons: what its buttons mean, as JSON, for a press that a later run receives.
    """

    id: int = 0
    reminder: str
    day: date
    wall: time
    zone: str
    due: datetime
    expires: datetime
    state: State = "due"
    reason: str = ""
    shows: int = 0
    shown: datetime | None = None
    delivered: datetime | None = None
    notifier: str = ""
    receipt: str = ""
    closed: str = ""
    chosen: bool = False
    retry: datetime | None = None
    lead: str = ""
    buttons: str = ""

    @property
    def key(self) -> str:
        """The identity as text, the same in messages, answers and origins."""
        return occurrence_key(self.reminder, self.day, self.wall)

    def occurrence(self) -> Occurrence:
        """The row as plugins see it."""
        return Occurrence(
            reminder=self.reminder,
            day=self.day,
            wall=self.wall,
            zone=self.zone,
            due=self.due.astimezone(zone_named(self.zone)),
            state=self.state,
        )


# --- sweeping --------------------------------------------------------------------------------------------------


def sweep_from(swept: datetime, now: datetime, before: tzinfo, zone: tzinfo) -> datetime:
    """From where to look for slots. After a flight east it reaches back over the wall times that were skipped."""
    start = min(swept, now)
    if before != zone:
        start = min(start, to_utc(to_wall(start, before), zone))
    return max(start, now - HORIZON)


def new_rows(planned: Planned, start: datetime, now: datetime, zone: tzinfo, name: str) -> list[Row]:
    """The slots that came due in (start, now] as rows; `name` is the zone's."""
    slots = slots_between(planned.rule, planned.hours, zone, start, now)
    return [row_of(planned, slot, zone, name) for slot in slots]


def row_of(planned: Planned, slot: Slot, zone: tzinfo, name: str) -> Row:
    """A slot as a new row."""
    expires = planned.grace.expires(slot, planned.hours, zone)
    return Row(reminder=planned.name, day=slot.day, wall=slot.wall, zone=name, due=slot.due, expires=expires)


def upcoming(
    plan: Iterable[Planned], zone: tzinfo, after: datetime, is_row: Callable[[str], bool] = lambda _key: False
) -> list[tuple[Slot, Planned]]:
    """The next slot of each reminder, soonest first; `is_row` tells which keys were answered before their time."""

    def next_of(one: Planned) -> Slot | None:
        slot = next_slot(one.rule, one.hours, zone, after)
        while slot and is_row(occurrence_key(one.name, slot.day, slot.wall)):
            slot = next_slot(one.rule, one.hours, zone, slot.due)
        return slot

    found = ((next_of(one), one) for one in plan)
    return sorted(((slot, p) for slot, p in found if slot), key=lambda pair: (pair[0].due, pair[1].name))


def shown_at(planned: Planned, now: datetime, zone: tzinfo) -> Occurrence:
    """An occurrence that is none: to see at any time, aware and in this zone, what a reminder would say."""
    slots = upcoming([planned], zone, now)
    day, wall = (slots[0][0].day, slots[0][0].wall) if slots else (now.date(), now.time())
    return Occurrence(reminder=planned.name, day=day, wall=wall, zone=zone_name(zone, now), due=now, state="shown")


# --- rows and slots --------------------------------------------------------------------------------------------


def asked_for(row: Row, planned: Planned) -> datetime | None:
    """The wall time with its date that the schedule means by this row; None if it no longer asks for it."""
    if isinstance(planned.rule.when, After):
        return datetime.combine(row.day, row.wall)
    return next((wall for wall in planned.rule.walls(row.day, planned.hours) if wall.time() == row.wall), None)


def slot_wall(row: Row, planned: Planned) -> datetime:
    """When its slot stands in the calendar: the order in which the rows of one reminder are older and newer.

    Not `due`, which a snooze puts off and a flight turns around; nor the row's number, since an answer before its
    time makes a row early. A slot at 00:30 of a day that ends after midnight is newer than the one at 23:30.
    """
    return asked_for(row, planned) or datetime.combine(row.day, row.wall)


# --- quiet hours -----------------------------------------------------------------------------------------------


def quiet_until(now: datetime, hours: Hours, zone: tzinfo) -> datetime | None:
    """When the quiet hours (bed to wake) that hold now will end; None outside them."""
    day = hours.day_of(to_wall(now, zone))
    wake = to_utc(hours.anchor(day + timedelta(days=1), "wake"), zone)
    return wake if to_utc(hours.anchor(day, "bed"), zone) <= now < wake else None


@dataclass(frozen=True, slots=True)
class Wait:
    """Until when reminders wait, and why: in the person's own quiet hours, or in a quiet time of this plugin."""

    until: datetime
    plugin: str = ""
    why: str = ""

    @property
    def reason(self) -> str:
        """As it stands with a row."""
        return f"quiet time, {self.plugin}: {self.why}" if self.plugin else "quiet hours"


def quiet_time(now: datetime, times: Mapping[str, Iterable[QuietTime]]) -> Wait | None:
    """The quiet time of a plugin that holds now; None outside them. Those that follow each other are one."""
    known = [(one.end, name, one) for name, given in times.items() for one in given if one.end > now]
    holding = [(end, name, one.why) for end, name, one in known if one.start <= now]
    if not holding:
        return None
    until, name, why = max(holding)
    for end, _, one in sorted(known, key=lambda each: each[2].start):
        if one.start <= until:
            until = max(until, end)
    return Wait(until, name, why)


# --- answering -------------------------------------------------------------------------------------------------


def following(row: Row, action: Action, plan: Iterable[Planned], now: datetime, zone: tzinfo) -> list[Row]:
    """The rows of reminders that come after this answer ("after check-in: one"): due at once, under the row's slot."""
    plugin, _, name = row.reminder.partition(".")
    found = []
    for planned in plan:
        when = planned.rule.when
        if (
            planned.plugin == plugin
            and isinstance(when, After)
            and when.reminder == name
            and action.key in when.answers
        ):
            slot = Slot(now, row.day, row.wall)
            # As after a Snooze: the person has just asked for it, so that no number of the day and no night holds it.
            found.append(replace(row_of(planned, slot, zone, zone_name(zone, now)), chosen=True))
    return found


def snoozed(row: Row, minutes: int, now: datetime) -> Row:
    """The row as a Snooze leaves it: due later, and its grace with it. Who showed it is kept until it is withdrawn."""
    due = now + timedelta(minutes=minutes)
    expires = row.expires + max(due - row.due, timedelta(0))
    return replace(
        row, state="snoozed", reason="", due=due, expires=expires, chosen=True,
        shows=0, delivered=None, closed="", retry=None,
    )  # fmt: skip
