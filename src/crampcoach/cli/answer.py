"""`done`, `skip`, `snooze`: answers without the notification. They work without the agent too."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import click

from crampcoach.actions import Action, Done, Log, Skip, Snooze
from crampcoach.cli.coming import without_row
from crampcoach.cli.printing import print_failure, when
from crampcoach.cli.saving import keep_holds, mark_read, print_advice
from crampcoach.cli.session import Session
from crampcoach.clock import zone_name
from crampcoach.model import Entry, Problem
from crampcoach.options import did_you_mean

if TYPE_CHECKING:
    from crampcoach.planner import Planned, Row
    from crampcoach.store.answers import Answer

MOST_MINUTES = 24 * 60

_reminder = click.argument("reminder", required=False)


@dataclass(frozen=True, slots=True)
class _Meant:
    """What is to be answered. `planned` is None where the reminder is gone."""

    row: Row
    planned: Planned | None
    buttons: tuple[Action, ...]
    now: datetime


@click.command("done")
@_reminder
@click.option("--answer", "key", help="Which button, where there are several.")
@click.pass_context
def done_command(ctx: click.Context, reminder: str | None, key: str | None) -> None:
    """Say that a reminder is done: the one that waits, or today's REMINDER, also before its time.

    REMINDER is the plugin's name, the reminder's own, or both as `crampcoach today` shows them.
    """

    def choose(meant: _Meant) -> Action:
        fitting = [action for action in meant.buttons if isinstance(action.then, (Done, Log))]
        keys = " or ".join(action.key for action in fitting)
        if key is not None:
            named = [action for action in fitting if key in (action.key, action.label)]
            if not named:
                raise Problem(f"there is no answer {key!r}; {f'--answer may be {keys}' if keys else 'leave it out'}")
            return named[0]
        plain = [action for action in fitting if isinstance(action.then, Done)]
        if len(fitting) > 1 and len(plain) != 1:
            raise Problem(f"say which answer: --answer {keys}")
        return (plain or fitting or [Action(label="Done")])[0]

    _answer(ctx, reminder, choose, "done")


@click.command("skip")
@_reminder
@click.pass_context
def skip_command(ctx: click.Context, reminder: str | None) -> None:
    """Leave a reminder out this time: the one that waits, or today's REMINDER, also before its time."""
    _answer(ctx, reminder, lambda _meant: Action(label="Skip", then=Skip()), "skipped")


@click.command("snooze")
@_reminder
@click.argument("minutes", type=click.IntRange(1, MOST_MINUTES), required=False)
@click.pass_context
def snooze_command(ctx: click.Context, reminder: str | None, minutes: int | None) -> None:
    """Put a reminder off by MINUTES (10 unless the reminder says otherwise), from when it would come."""
    if reminder and reminder.isdigit() and minutes is None:
        minutes, reminder = click.IntRange(1, MOST_MINUTES).convert(int(reminder), None, ctx), None

    def choose(meant: _Meant) -> Action:
        off = minutes or (meant.planned and meant.planned.reminder.snooze) or 10
        # Before its time, or that of an earlier snooze, from then on: it never comes earlier than it would have.
        off += max(0, math.ceil((meant.row.due - meant.now) / timedelta(minutes=1)))
        return Action(label="Snooze", then=Snooze(min(off, MOST_MINUTES)))

    _answer(ctx, reminder, choose, "snoozed")


def _answer(ctx: click.Context, name: str | None, choose: Callable[[_Meant], Action], word: str) -> None:
    from crampcoach import answers
    from crampcoach.store import occurrences
    from crampcoach.store.answers import load_actions

    with Session(ctx) as session:
        plan = {one.name: one for one in session.plan()}
        row = _row(session, name, plan)
        planned = plan.get(row.reminder)
        buttons = load_actions(row.buttons) or (planned.reminder.buttons() if planned else ())
        action = choose(_Meant(row, planned, buttons, session.now))
        now = session.clock.now()
        said = session.person.advice_on(answers.would_log(row, action, now, zone_name(session.zone, now)))
        print_advice(said)
        if not row.id:
            # Answered before its time: the slot becomes a row now, so that it will not come later.
            with session.store.state.transaction() as connection:
                occurrences.insert_new(connection, [row])
        answer = answers.record(session.store, row.key, action, now, session.zone, plan.values())
        if answer is None:
            raise Problem(f"{row.reminder} is {row.state} already; `crampcoach today` shows it")
        session.saved = True
        saved = _enter(session, answer)
        keep_holds(session)
        print_advice([one for one in session.person.advice_on(saved) if one not in said])  # what its plugin logged
        mark_read(session, saved)
        session.advise_on += saved
        session.poke()
        until = f" until {when(answer.row.due.astimezone(session.zone), session.now)}" if word == "snoozed" else ""
        kinds = ", ".join(dict.fromkeys(entry.kind for entry in saved))
        click.echo(f"{row.reminder}: {word}{until}" + (f"; logged: {kinds}" if kinds else ""))


def _row(session: Session, name: str | None, plan: dict[str, Planned]) -> Row:
    """The occurrence meant: what waits for an answer, else today's latest, else today's next. Raises Problem."""
    from crampcoach.recurrence import After
    from crampcoach.store import occurrences

    state, now = session.store.state.connection, session.now
    waiting = [row for row in occurrences.open_rows(state) if row.due <= now or row.chosen]
    if name is None:
        if len(waiting) == 1:
            return waiting[0]
        if not waiting:
            raise Problem("nothing waits for an answer; name a reminder, `crampcoach today` lists them")
        raise Problem(f"several wait for an answer: {', '.join(row.reminder for row in waiting)}; name one")
    # What comes after an answer can only be meant when it waits; and what waits is rather meant than what does not.
    named = {row.reminder for row in waiting if name in row.reminder.split(".", 1)}
    timed = {one for one, planned in plan.items() if one == name or not isinstance(planned.rule.when, After)}
    full = full_name(name, sorted(named or {*timed, *(row.reminder for row in waiting)}))
    for row in reversed(waiting):
        if row.reminder == full:
            return row
    found = todays_row(session, plan.get(full), full)
    if found is None:
        raise Problem(f"{full} has nothing today that could be answered; `crampcoach plan` shows when it comes")
    return found


def full_name(name: str, known: list[str]) -> str:
    """The full name of a reminder that was named in full, by its plugin, or by its own name. Raises Problem."""
    found = [one for one in known if name == one or name in one.split(".", 1)]
    if name in found:
        return name
    if len(found) == 1:
        return found[0]
    if found:
        raise Problem(f"{name!r} may be {' or '.join(sorted(found))}; name one of them")
    # Somebody who mistypes a short name is to find it too.
    words = {word: one for one in known for word in (one.partition(".")[0], one.partition(".")[2], one)}
    near = did_you_mean(name, words)
    raise Problem(f"there is no reminder {name!r}{near if 'did you mean' in near else did_you_mean(name, known)}")


def todays_row(session: Session, planned: Planned | None, name: str = "") -> Row | None:
    """Today's occurrence of a reminder to be answered: the latest that has come, else the next. None without any."""
    from crampcoach.clock import to_wall
    from crampcoach.store import occurrences

    now, name = session.now, planned.name if planned else name
    today = session.config.hours.day_of(to_wall(now, session.zone))
    rows = [row for row in occurrences.of_day(session.store.state.connection, today) if row.reminder == name]
    rows += without_row(session, planned, today) if planned else []
    if not rows:
        return None
    rows.sort(key=lambda row: row.due)
    done = [number for number, row in enumerate(rows) if row.state == "done"]
    if done and planned and planned.rule.once_a_day():
        return rows[done[-1]]
    rest = rows[done[-1] + 1 :] if done else rows
    past = [row for row in rest if row.due <= now]
    return (past[-1:] or rest or rows[-1:])[0]


def _enter(session: Session, answer: Answer) -> tuple[Entry, ...]:
    """Save what the answer stands for, as the agent does; the entries saved."""
    from crampcoach import answers
    from crampcoach.guard import Guard, Outcome

    name = answer.row.reminder.partition(".")[0]
    saved: list[Entry] = []
    becomes = "it is asked again later"

    def then(outcome: Outcome, made: tuple[Entry, ...]) -> None:
        nonlocal becomes
        saved.extend(made)
        if not outcome.ok:
            print_failure(name, f"{outcome.reason}; {becomes}")
        becomes = "it is saved all the same"  # what is told after an answer is about what was made of it

    guard = Guard(session.clock)
    loaded, maker = session.loaded.get(name), session.maker()
    answers.enter(lambda: session.store, answer, loaded, maker, guard, then, kinds=lambda: session.kinds)
    guard.wait()
    return tuple(saved)
