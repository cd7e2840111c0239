"""What is due, late, quiet, capped or merged: pure decisions over slots and rows.

The agent hands in rows as they are stored and gets back what to do with each. Nothing here reads a clock, a file
or a plugin, so that every rule can be tested by calling it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Literal, TypeAlias

from crampcoach.clock import to_utc, to_wall, zone_named
from crampcoach.model import OPEN_STATES, Occurrence, Reminder, State, occurrence_key
from crampcoach.recurrence import Grace, Hours, Rule, Slot, next_slot, slots_between

#: Slots older than this are never caught up.
HORIZON = timedelta(hours=48)
#: Later than this counts as overdue: it was missed by a gap, not by a moment.
LATE = timedelta(minutes=5)
#: How often one due time may be put in front of the person.
MOST_SHOWS = 2


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
        return self.occurrence().key

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
    return [
        Row(
            reminder=planned.name, day=slot.day, wall=slot.wall, zone=name, due=slot.due,
            expires=planned.grace.expires(slot, planned.hours, zone),
        )
        for slot in slots_between(planned.rule, planned.hours, zone, start, now)
    ]  # fmt: skip


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


# --- quiet hours -----------------------------------------------------------------------------------------------


def quiet_until(now: datetime, hours: Hours, zone: tzinfo) -> datetime | None:
    """When the quiet hours (bed to wake) that hold now will end; None outside them."""
    day = hours.day_of(to_wall(now, zone))
    wake = to_utc(hours.anchor(day + timedelta(days=1), "wake"), zone)
    return wake if to_utc(hours.anchor(day, "bed"), zone) <= now < wake else None


# --- deciding --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Change:
    """A row moves to another state without anything being shown. A shown one is taken away."""

    row: Row
    state: State
    reason: str


@dataclass(frozen=True, slots=True)
class Show:
    """Put these rows before the person: one as its own message, several as one 'while you were away'."""

    rows: tuple[Row, ...]


Decision: TypeAlias = Change | Show
Standing: TypeAlias = Literal["on", "loading", "broken", "off"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """All that a decision depends on besides the rows. `busy`: keys in the hands of a plugin or notifier now."""

    now: datetime
    plan: Mapping[str, Planned]
    standing: Callable[[str], Standing]
    paused: bool = False
    quiet: bool = False
    room: int = 1000
    busy: Collection[str] = field(default_factory=frozenset)
    done_days: Collection[tuple[str, date]] = field(default_factory=frozenset)


def decide(rows: Iterable[Row], situation: Situation) -> list[Decision]:
    """What to do now with the open rows."""
    changes: list[Decision] = []
    ready: list[Row] = []
    for row in sorted(rows, key=lambda row: (row.due, row.reminder)):
        if row.state not in OPEN_STATES or row.key in situation.busy:
            continue
        verdict = _verdict(row, situation)
        if isinstance(verdict, Row):
            ready.append(verdict)
        elif verdict and (verdict.state, verdict.reason) != (row.state, row.reason):
            changes.append(verdict)
    ready, superseded = _latest(ready, situation)
    ready, capped = _cap(ready, situation)
    return [*changes, *superseded, *capped, *_merge(ready, situation)]


def _verdict(row: Row, situation: Situation) -> Change | Row | None:
    """A change of state, the row itself if it is ready to be shown, or None: nothing to do now."""
    now = situation.now
    standing = situation.standing(row.reminder)
    if standing == "loading":
        return None
    if standing == "off":
        return Change(row, "expired" if row.state == "shown" else "withdrawn", "the reminder was turned off")
    if row.expires <= now:
        return _too_late(row, standing)
    if row.due > now or (row.retry and row.retry > now) or standing == "broken":
        return None
    planned = situation.plan[row.reminder]
    quiet = situation.quiet and planned.reminder.quiet == "defer" and not row.chosen
    if row.state == "shown":
        # Found so after a crash: nobody knows whether the person saw it, so it may be shown once more.
        unseen = row.delivered is None and not row.notifier and row.shows < MOST_SHOWS
        return row if unseen and not (situation.paused or quiet) else None
    if row.shows == 0 and not row.chosen:
        if planned.rule.once_a_day() and (row.reminder, row.day) in situation.done_days:
            return Change(row, "withdrawn", "already done that day")
        if _moved(row, planned):
            return Change(row, "withdrawn", "its time was changed")
    if situation.paused or quiet:
        return Change(row, "deferred", "paused" if situation.paused else "quiet hours")
    return row


def _too_late(row: Row, standing: Standing) -> Change:
    if _seen(row) or row.chosen:
        return Change(row, "expired", "no answer" if row.state == "shown" else row.reason or "its time was over")
    if row.state == "shown":
        return Change(row, "missed", "crampcoach was stopped while it was being shown")
    if standing == "broken":
        return Change(row, "missed", "its plugin rests")
    return Change(row, "missed", row.reason or "grace over")


def _seen(row: Row) -> bool:
    """Whether a notifier has said that it took the message; of what a crash came between nobody knows."""
    return row.state == "shown" and bool(row.delivered or row.notifier or row.closed)


def _moved(row: Row, planned: Planned) -> bool:
    """Whether the schedule no longer asks for this row."""
    return not any(wall.time() == row.wall for wall in planned.rule.walls(row.day, planned.hours))


def _latest(ready: list[Row], situation: Situation) -> tuple[list[Row], list[Decision]]:
    """Apply each reminder's catch-up."""
    newest = {row.reminder: row for row in ready}
    kept: list[Row] = []
    changes: list[Decision] = []
    for row in ready:
        planned = situation.plan.get(row.reminder)
        catch_up = planned.reminder.catch_up if planned else "latest"
        if catch_up == "latest" and newest[row.reminder] is not row:
            changes.append(superseded(row))
        elif catch_up == "skip" and row.shows == 0 and not row.chosen and situation.now - row.due > LATE:
            changes.append(Change(row, "missed", "overdue"))
        else:
            kept.append(row)
    return kept, changes


def superseded(row: Row) -> Change:
    """A newer occurrence of the same reminder takes the place of this one."""
    return Change(row, "expired" if _seen(row) or row.chosen else "missed", "a newer one took its place")


def _cap(ready: list[Row], situation: Situation) -> tuple[list[Row], list[Decision]]:
    """Hold back new messages beyond the day's number; one that was shown before is not a new one."""
    kept: list[Row] = []
    changes: list[Decision] = []
    room = situation.room
    for row in ready:
        if row.shows == 0 and not row.chosen:
            if room <= 0:
                changes.append(Change(row, "missed", "the day's number of messages was reached"))
                continue
            room -= 1
        kept.append(row)
    return kept, changes


def _merge(ready: list[Row], situation: Situation) -> list[Decision]:
    overdue = [row for row in ready if situation.now - row.due > LATE]
    alone = [row for row in ready if row not in overdue] if len(overdue) > 1 else ready
    decisions: list[Decision] = [Show((row,)) for row in alone]
    if len(overdue) > 1:
        decisions.insert(0, Show(tuple(overdue)))
    return decisions


# --- answering -------------------------------------------------------------------------------------------------


def snoozed(row: Row, minutes: int, now: datetime) -> Row:
    """The row as a Snooze leaves it: due later, and its grace with it. Who showed it is kept until it is withdrawn."""
    due = now + timedelta(minutes=minutes)
    expires = row.expires + max(due - row.due, timedelta(0))
    return replace(
        row, state="snoozed", reason="", due=due, expires=expires, chosen=True,
        shows=0, delivered=None, closed="", retry=None,
    )  # fmt: skip
