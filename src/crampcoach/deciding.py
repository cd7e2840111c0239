"""What is due, late, quiet, capped or merged: pure decisions over rows.

The agent hands in rows as they are stored and gets back what to do with each. Nothing here reads a clock, a file
or a plugin, so that every rule can be tested by calling it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TypeAlias

from crampcoach.model import OPEN_STATES, State
from crampcoach.planner import Planned, Row, Standing, asked_for, slot_wall
from crampcoach.recurrence import After

#: Why a reminder that nobody answers stays away.
GONE_QUIET = "gone quiet after seven days without an answer; `crampcoach resume` brings it back"
#: Why a message of a plugin stays away of which others came today.
KEPT_FOR_OTHERS = "the rest of the day's number of messages is kept for other plugins"
#: Later than this counts as overdue: it was missed by a gap, not by a moment.
LATE = timedelta(minutes=5)
#: How often one due time may be put in front of the person.
MOST_SHOWS = 2
#: So many that a pause or quiet held back come one by one when it ends; more come in one message.
MOST_AT_ONCE = 2


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """All that a decision depends on besides the rows. `busy`: keys in the hands of a plugin or notifier now.

    come, awaited: plugins of which a message came today, and those of which one is still to come.
    quiet: why what may wait does, in quiet hours or a plugin's quiet time; else empty. held: measures that must wait,
    with the reason; a reminder names the measure it asks for in its tags. ignored: reminders that have gone quiet.
    """

    now: datetime
    plan: Mapping[str, Planned]
    standing: Callable[[str], Standing]
    paused: bool = False
    quiet: str = ""
    room: int = 1000
    come: Collection[str] = field(default_factory=frozenset)
    awaited: Collection[str] = field(default_factory=frozenset)
    busy: Collection[str] = field(default_factory=frozenset)
    done_days: Collection[tuple[str, date]] = field(default_factory=frozenset)
    held: Mapping[str, str] = field(default_factory=dict)
    ignored: Collection[str] = field(default_factory=frozenset)


def decide(rows: Iterable[Row], situation: Situation) -> list[Decision]:
    """What to do now with the open rows."""
    changes: list[Decision] = []
    ready: list[Row] = []
    in_hands: list[Row] = []
    for row in sorted(rows, key=lambda row: (row.due, row.reminder)):
        if row.state not in OPEN_STATES:
            continue
        if row.key in situation.busy:
            in_hands.append(row)
            continue
        verdict = _verdict(row, situation)
        if isinstance(verdict, Row):
            ready.append(verdict)
        elif verdict and (verdict.state, verdict.reason) != (row.state, row.reason):
            changes.append(verdict)
    ready, superseded = _latest(ready, situation)
    return [*changes, *superseded, *_cap(_merge(ready, situation), in_hands, situation)]


def _verdict(row: Row, situation: Situation) -> Change | Row | None:
    """A change of state, the row itself if it is ready to be shown, or None: nothing to do now."""
    now = situation.now
    standing = situation.standing(row.reminder)
    if standing == "loading":
        return None
    if standing == "off":
        return Change(row, "expired" if row.state == "shown" else "withdrawn", "the reminder was turned off")
    if reason := _held(row, situation):
        return Change(row, "expired" if _seen(row) or row.chosen else "missed", reason)
    if row.expires <= now:
        return _too_late(row, standing)
    if row.due > now or (row.retry and row.retry > now) or standing == "broken":
        return None
    planned = situation.plan[row.reminder]
    quiet = situation.quiet if planned.reminder.quiet == "defer" and not row.chosen else ""
    if row.state == "shown":
        # Found so after a crash: nobody knows whether the person saw it, so it may be shown once more.
        unseen = row.delivered is None and not row.notifier and row.shows < MOST_SHOWS
        return row if unseen and not (situation.paused or quiet) else None
    if _is_new(row):
        if planned.rule.once_a_day() and (row.reminder, row.day) in situation.done_days:
            return Change(row, "withdrawn", "already done that day")
        if asked_for(row, planned) is None:
            return Change(row, "withdrawn", "its time was changed")
    if (situation.paused and not isinstance(planned.rule.when, After)) or quiet:
        return Change(row, "deferred", "paused" if situation.paused else quiet)
    if _is_new(row) and row.reminder in situation.ignored:
        return Change(row, "missed", GONE_QUIET)  # and says so, which a pause holds back too
    return row


def _held(row: Row, situation: Situation) -> str:
    """Why the measure that it asks for must wait; empty if it need not."""
    planned = situation.plan.get(row.reminder)
    tags = planned.reminder.tags if planned else ()
    return next((situation.held[tag] for tag in tags if tag in situation.held), "")


def _too_late(row: Row, standing: Standing) -> Change:
    if row.state == "shown" and not _seen(row):
        return Change(row, "expired" if row.chosen else "missed", "crampcoach was stopped while it was being shown")
    if _seen(row) or row.chosen:
        return Change(row, "expired", "no answer" if row.state == "shown" else row.reason or "its time was over")
    if standing == "broken":
        return Change(row, "missed", "its plugin rests")
    return Change(row, "missed", row.reason or "grace over")


def _seen(row: Row) -> bool:
    """Whether a notifier has said that it took the message; of what a crash came between nobody knows."""
    return row.state == "shown" and bool(row.delivered or row.notifier or row.closed)


def _is_new(row: Row) -> bool:
    """Whether its message would be a new one: neither shown before nor put off by the person."""
    return row.shows == 0 and not row.chosen


def _is_overdue(row: Row, now: datetime) -> bool:
    """Whether a gap missed it: a suspend, a stop, a set clock. What was held back on purpose was not missed."""
    return row.state != "deferred" and now - row.due > LATE


def _latest(ready: list[Row], situation: Situation) -> tuple[list[Row], list[Decision]]:
    """Apply each reminder's catch-up."""
    by_slot = sorted(ready, key=lambda row: slot_wall(row, situation.plan[row.reminder]))
    newest = {row.reminder: row for row in by_slot}
    kept: list[Row] = []
    changes: list[Decision] = []
    for row in ready:
        catch_up = situation.plan[row.reminder].reminder.catch_up
        if catch_up == "latest" and newest[row.reminder] is not row:
            changes.append(superseded(row))
        elif catch_up == "skip" and _is_new(row) and _is_overdue(row, situation.now):
            changes.append(Change(row, "missed", "overdue"))
        else:
            kept.append(row)
    return kept, changes


def superseded(row: Row) -> Change:
    """A newer occurrence of the same reminder takes the place of this one."""
    return Change(row, "expired" if _seen(row) or row.chosen else "missed", "a newer one took its place")


def _cap(shows: list[Show], in_hands: list[Row], situation: Situation) -> list[Decision]:
    """Hold back new messages beyond the day's number; one that speaks for several rows is one.

    Of a plugin whose turn has come today, one comes only if it leaves room for others whose turn has not: what comes
    every minute must not cost the person the stretch in the evening.

    One that a plugin is composing takes its place. Until every message on its way has arrived or come to nothing,
    those beyond the number only wait.
    """
    decisions: list[Decision] = []
    room = situation.room - sum(map(_is_new, in_hands))
    on_its_way = bool(in_hands)
    come = {*situation.come, *_plugins(in_hands)}
    for show in sorted(shows, key=lambda one: _plugins(one.rows) <= come):
        if any(map(_is_new, show.rows)):
            plugins = _plugins(show.rows)
            kept = len(set(situation.awaited) - come) if plugins <= come else 0
            if room <= kept:
                if not on_its_way:
                    reason = KEPT_FOR_OTHERS if room > 0 else "the day's number of messages was reached"
                    decisions += [Change(row, "missed", reason) for row in show.rows]
                continue
            room -= 1
            on_its_way = True
            come |= plugins
        decisions.append(show)
    return decisions


def _plugins(rows: Iterable[Row]) -> set[str]:
    return {row.reminder.partition(".")[0] for row in rows}


def _merge(ready: list[Row], situation: Situation) -> list[Show]:
    """One message for what is overdue after a gap, if that is more than one.

    What a pause or quiet held back speaks for itself, with its own buttons, unless so much becomes free at once
    that it would be a flood.
    """
    overdue = [row for row in ready if _is_overdue(row, situation.now)]
    held = [row for row in ready if row.state == "deferred"]
    merged = (overdue if len(overdue) > 1 else []) + (held if len(held) > MOST_AT_ONCE else [])
    alone = [Show((row,)) for row in ready if row not in merged]
    return [Show(tuple(row for row in ready if row in merged)), *alone] if merged else [*alone]
