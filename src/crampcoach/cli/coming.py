"""What is still to come, as the agent will see it: slots without a row, snoozed rows, what is done or held back."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crampcoach.cli.session import Session
    from crampcoach.model import Coming
    from crampcoach.planner import Planned, Row

#: As the agent says it of what it will not show.
DONE_THAT_DAY = "already done that day"
PAUSED = "paused"


def gone_quiet(session: Session) -> frozenset[str]:
    """The reminders that nobody answers any more, and that say nothing until they are resumed."""
    from crampcoach.clock import to_wall
    from crampcoach.store import ignored

    today = session.config.hours.day_of(to_wall(session.now, session.zone))
    return ignored.names(session.store.state.connection, today)


def held_back(session: Session, plan: Collection[Planned]) -> dict[str, str]:
    """Why reminders will not come, by name, in the agent's words: not until something is done, or never.

    What they ask for has to wait, or nobody answers them. A pause, quiet hours and a full day are another matter: they
    are of some time only.
    """
    from crampcoach.deciding import GONE_QUIET

    measures, quiet = _held_measures(session, {tag for one in plan for tag in one.reminder.tags}), gone_quiet(session)
    found = {one.name: GONE_QUIET for one in plan if one.name in quiet}
    for one in plan:
        if reasons := [measures[tag] for tag in one.reminder.tags if tag in measures]:
            found[one.name] = reasons[0]
    return found


def _held_measures(session: Session, tags: Collection[str]) -> dict[str, str]:
    """The measures among these tags that must wait, each with its reason in as few words as the agent has."""
    from crampcoach.safety.wording import MEASURES, held

    told = {measure: why for measure in MEASURES if measure in tags and (why := session.held(measure))}
    brief = held(session.profile, session.holding) if told else {}
    return {measure: brief.get(measure, why) for measure, why in told.items()}


def silent(session: Session, plan: Collection[Planned]) -> dict[str, str]:
    """As `held_back`, and what a pause without end keeps away."""
    from crampcoach.recurrence import After
    from crampcoach.store import agent_state

    pause = agent_state.paused(session.store.state.connection, session.now)
    endless = pause is not None and pause.until is None
    # What comes after an answer comes in a pause too.
    found = {one.name: PAUSED for one in plan if endless and not isinstance(one.rule.when, After)}
    return found | held_back(session, plan)


def without_row(session: Session, one: Planned, day: date) -> list[Row]:
    """The rows of the day's slots that the agent has not come to: they lie ahead, or it did not run. Not stored."""
    from crampcoach.clock import zone_name
    from crampcoach.planner import row_of
    from crampcoach.recurrence import slots_of
    from crampcoach.store import occurrences

    zone, name = session.zone, zone_name(session.zone, session.now)
    rows = [row_of(one, slot, zone, name) for slot in slots_of(one.rule, day, one.hours, zone)]
    return [row for row in rows if occurrences.find(session.store.state.connection, row.key) is None]


def done_days(session: Session) -> Collection[tuple[str, date]]:
    """(reminder, day) of what was done today or is done before its time."""
    from crampcoach.clock import to_wall
    from crampcoach.store import occurrences

    today = session.config.hours.day_of(to_wall(session.now, session.zone))
    return occurrences.done_days(session.store.state.connection, today)


def is_done(one: Planned, day: date, done: Collection[tuple[str, date]]) -> bool:
    """Whether a reminder stays away that day, because it comes once a day and was done, perhaps at another time."""
    return one.rule.once_a_day() and (one.name, day) in done


def snoozed_rows(session: Session, plan: Iterable[Planned]) -> list[Row]:
    """What the person has put off until a time that lies ahead."""
    from crampcoach.store import occurrences

    names, rows = {one.name for one in plan}, occurrences.open_rows(session.store.state.connection)
    return [row for row in rows if row.state == "snoozed" and row.due > session.now and row.reminder in names]


def to_come(plan: Collection[Planned], now: datetime, until: datetime) -> tuple[Coming, ...]:
    """What these reminders bring by their schedules from now until then, soonest first. Any thread may ask.

    Raises ValueError for an `until` without a zone, which would be a time of the machine's and not of the person's.
    """
    from crampcoach.model import Coming
    from crampcoach.recurrence import slots_between

    if not until.tzinfo:
        raise ValueError("ctx.coming: until has no time zone; make it from ctx.now")
    assert now.tzinfo
    found = [
        Coming(one.name, slot.due.astimezone(now.tzinfo))
        for one in plan
        for slot in slots_between(one.rule, one.hours, now.tzinfo, now.astimezone(UTC), until.astimezone(UTC))
    ]
    return tuple(sorted(found, key=lambda one: (one.due.astimezone(UTC), one.reminder)))


def coming(session: Session, plan: Collection[Planned]) -> list[tuple[datetime, str]]:
    """When each of these reminders comes next (UTC), soonest first; one that was snoozed also at its next slot.

    Not those that will not come until something is done: `silent` says why.
    """
    from crampcoach.planner import upcoming
    from crampcoach.store import occurrences

    away = silent(session, plan)
    plan = [one for one in plan if one.name not in away]
    state, done, named = session.store.state.connection, done_days(session), {one.name: one for one in plan}

    def settled(key: str) -> bool:
        name, day, _ = key.split("/")
        return occurrences.find(state, key) is not None or is_done(named[name], date.fromisoformat(day), done)

    slots = [(slot.due, one.name) for slot, one in upcoming(plan, session.zone, session.now, settled)]
    return sorted([*slots, *((row.due, row.reminder) for row in snoozed_rows(session, plan))])
