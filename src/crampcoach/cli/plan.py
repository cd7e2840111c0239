"""`today` and `plan`: what happened, and what will."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any

import click

from crampcoach.cli.coming import (
    DONE_THAT_DAY,
    PAUSED,
    done_days,
    gone_quiet,
    held_back,
    is_done,
    snoozed_rows,
    without_row,
)
from crampcoach.cli.printing import json_option, moment, print_rows, when
from crampcoach.cli.quiet import quiet_times
from crampcoach.cli.session import Session
from crampcoach.cli.unread import print_unread

if TYPE_CHECKING:
    from crampcoach.planner import Planned, Row
    from crampcoach.recurrence import Slot

ANSWERED = ("done", "skipped")


@click.command("today")
@json_option
@click.pass_context
def today_command(ctx: click.Context, as_json: bool) -> None:
    """Today's reminders and what became of them; a day is from waking to waking. What is open since earlier too.

    JSON: reminder, due, state (planned, or as stored), reason, day.
    """
    from crampcoach import lock
    from crampcoach.clock import to_wall
    from crampcoach.store import occurrences

    with Session(ctx) as session:
        session.poke()
        if not as_json:
            print_unread(session)  # before anything that a plugin could delay
        plan, now, state = session.plan(), session.now, session.store.state.connection
        day = session.config.hours.day_of(to_wall(now, session.zone))
        rows = [*occurrences.of_day(state, day), *(row for row in occurrences.open_rows(state) if row.day != day)]
        done, runs = done_days(session), lock.holder(session.home.lock_file) is not None
        away = held_back(session, plan)
        found = [_object(row, row.state, row.reason, session.zone) for row in rows]
        for one in plan:
            for row in without_row(session, one, day):
                # A running agent has a row for whatever it was to show; the rest came before the plugin did.
                if row.due > now or not runs:
                    reason = away.get(one.name, "") if row.due > now else "the agent is not running"
                    what = ("withdrawn", DONE_THAT_DAY) if is_done(one, day, done) else ("planned", reason)
                    found.append(_object(row, *what, session.zone))
        found.sort(key=lambda row: (row["due"], row["reminder"]))
        for each in found:
            each["time"] = when(each["due"], now)
            each["what"] = f"{each['state']} ({each['reason']})" if each["reason"] else each["state"]
        columns = ["time", "reminder", "what"]
        print_rows(_without(found, as_json), as_json=as_json, columns=columns, empty="Nothing today.")


def _object(row: Row, state: str, reason: str, zone: tzinfo) -> dict[str, Any]:
    due = moment(row.due, zone)
    return {"reminder": row.reminder, "due": due, "state": state, "reason": reason, "day": row.day}


@click.command("plan")
@click.option("--days", type=click.IntRange(1, 62), default=7, show_default=True, help="How many days ahead.")
@json_option
@click.pass_context
def plan_command(ctx: click.Context, days: int, as_json: bool) -> None:
    """What will fire in the next days, changes of the clock shown. Works without the agent.

    JSON: reminder, due, day, wall, held (why it will not be shown at its nominal time, or empty).
    """
    from crampcoach.model import occurrence_key
    from crampcoach.recurrence import Slot, slots_between

    with Session(ctx, strict=True) as session:
        session.poke()
        now, zone = session.clock.now(), session.zone
        until = now + timedelta(days=days)
        plan = {one.name: one for one in session.plan()}
        put_off = {row.key: row for row in snoozed_rows(session, plan.values())}
        found = [
            (slot, one)
            for one in plan.values()
            for slot in slots_between(one.rule, one.hours, zone, now, until)
            if occurrence_key(one.name, slot.day, slot.wall) not in put_off
        ]
        found += [
            (Slot(row.due, row.day, row.wall), plan[row.reminder]) for row in put_off.values() if row.due <= until
        ]
        found.sort(key=lambda pair: (pair[0].due, pair[1].name))
        rows: list[dict[str, Any]] = [
            {
                "reminder": one.name,
                "due": moment(slot.due, zone),
                "day": slot.day,
                "wall": slot.wall,
                "held": "; ".join(reasons),
            }
            for (slot, one), reasons in zip(found, _held(session, found), strict=True)
        ]
        if not as_json:
            for row in rows:
                row["time"] = f"{row['due']:%a %d %b %H:%M}"
            for at, row in _clock_changes(zone, now, until):
                rows.insert(sum(other["due"] < at for other in rows), {**row, "due": at})
        columns = ["time", "reminder", "held"]
        print_rows(_without(rows, as_json), as_json=as_json, columns=columns, empty="Nothing is planned.")


def _held(session: Session, found: list[tuple[Slot, Planned]]) -> Iterator[list[str]]:
    """For each slot, in order of time, why it will not be shown at its nominal time. A snoozed one has its new time."""
    from crampcoach.clock import to_utc, to_wall
    from crampcoach.model import occurrence_key
    from crampcoach.planner import quiet_time, quiet_until
    from crampcoach.store import agent_state, occurrences

    config, zone, state = session.config, session.zone, session.store.state.connection
    pause = agent_state.paused(state, session.now)
    times = quiet_times(session)
    today, done = config.hours.day_of(to_wall(session.now, zone)), done_days(session)
    woke = to_utc(config.hours.anchor(today, "wake"), zone)
    counts = {today: occurrences.shown_since(state, woke)}
    come = {today: occurrences.come_since(state, woke)}
    rows = [occurrences.find(state, occurrence_key(one.name, slot.day, slot.wall)) for slot, one in found]
    open_yet = [not (row or is_done(one, slot.day, done)) for row, (slot, one) in zip(rows, found, strict=True)]
    away, quieted = held_back(session, [one for _, one in found]), gone_quiet(session)
    # The agent keeps a message for a plugin whose measure has to wait, too: that may end at any time.
    last = {
        (slot.day, one.plugin): number
        for number, (slot, one) in enumerate(found)
        if open_yet[number] and one.name not in quieted
    }
    for number, (row, (slot, one)) in enumerate(zip(rows, found, strict=True)):
        why = [away[one.name]] if one.name in away else []
        paused = [PAUSED] if pause and (pause.until is None or slot.due < pause.until) else []
        if not open_yet[number]:
            snoozed = row is not None and row.state == "snoozed"
            said = DONE_THAT_DAY if row is None else f"{row.state}{' already' if row.state in ANSWERED else ''}"
            yield [said, *(why or paused)] if snoozed else [said]
            continue
        if why:
            yield why  # and it takes no other's place in the day
            continue
        held = []
        if to_wall(slot.due, zone).time().replace(second=0) != slot.wall:
            held.append(f"{slot.wall:%H:%M} does not exist that day")
        held += paused
        if one.reminder.quiet == "defer":
            if config.quiet.enabled and quiet_until(slot.due, config.hours, zone):
                held.append("quiet hours")
            if wait := quiet_time(slot.due, times):
                held.append(wait.reason)
        here = come.setdefault(slot.day, set())
        others = sum(day == slot.day and at > number and name not in here for (day, name), at in last.items())
        counts[slot.day] = counts.get(slot.day, 0) + 1
        if counts[slot.day] > config.notify.max_per_day:
            held.append(f"beyond {config.notify.max_per_day} a day")
        elif one.plugin in here and counts[slot.day] > config.notify.max_per_day - others:
            counts[slot.day] -= 1
            held.append(f"the rest of {config.notify.max_per_day} a day is kept for other plugins")
        else:
            here.add(one.plugin)
        yield held


def _clock_changes(zone: tzinfo, after: datetime, until: datetime) -> Iterator[tuple[datetime, dict[str, str]]]:
    """When the zone's clocks are changed, and how; to the minute."""
    from crampcoach.clock import to_wall

    def offset(at: datetime) -> timedelta | None:
        return at.astimezone(zone).utcoffset()

    step = timedelta(hours=1)
    while after < until:
        end = min(after + step, until)
        if offset(after) != offset(end):
            low, high = after, end
            while high - low > timedelta(seconds=1):
                middle = low + (high - low) / 2
                low, high = (middle, high) if offset(middle) == offset(after) else (low, middle)
            at = (high + timedelta(seconds=30)).replace(second=0, microsecond=0)
            before, now = to_wall(at - timedelta(minutes=1), zone) + timedelta(minutes=1), to_wall(at, zone)
            way = "forward" if now > before else "back"
            yield at, {"time": f"{before:%a %d %b %H:%M}", "reminder": f"clocks go {way} to {now:%H:%M}"}
        after = end


def _without(rows: list[dict[str, Any]], as_json: bool) -> list[dict[str, Any]]:
    """Programs get no words that are made for the table."""
    return [{key: row[key] for key in row if key not in ("time", "what")} for row in rows] if as_json else rows
