"""`try`: show a reminder now. It makes no occurrence, and pressing its buttons changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

import click

from crampcoach.cli.answer import full_name
from crampcoach.cli.completion import reminder_names
from crampcoach.cli.printing import print_wrapped
from crampcoach.cli.saving import show_signs
from crampcoach.cli.session import Session
from crampcoach.model import Message, Problem
from crampcoach.notifier import Delivered, Failed, Unconfirmed

if TYPE_CHECKING:
    from crampcoach.planner import Planned


class Heard:
    """Collects what the person does with the message (model.NotifierEvents)."""

    def __init__(self, occurrence: str) -> None:
        self.occurrence = occurrence
        self.queue: SimpleQueue[str] = SimpleQueue()
        self.pressed = ""

    def answer(self, occurrence: str, action: str) -> None:
        # The running agent's messages may be pressed meanwhile; those presses are its own.
        if occurrence == self.occurrence:
            self.pressed = action
            self.queue.put("")

    def closed(self, occurrence: str, reason: str) -> None:
        if occurrence == self.occurrence:
            self.queue.put(f"the message is gone ({reason})")


@click.command("try")
@click.argument("reminder", required=False, shell_complete=reminder_names)
@click.option(
    "--wait", type=click.FloatRange(0, 600), default=30.0, show_default=True, help="Seconds to wait for a press."
)
@click.pass_context
def try_command(ctx: click.Context, reminder: str | None, wait: float) -> None:
    """Show REMINDER now, as it would look. Nothing is stored, whatever you press.

    REMINDER may be the name of a plugin with one reminder; the only one of all needs no name.
    """
    from crampcoach.safety.wording import FIRST_MEASURE
    from crampcoach.store import red_flags_shown

    with Session(ctx) as session:
        plan = {one.name: one for one in session.plan()}
        if reminder is None and len(plan) != 1:
            raise Problem(f"name a reminder: {', '.join(sorted(plan)) or 'but there is none'}")
        planned = plan[_named(session, reminder, sorted(plan)) if reminder else next(iter(plan))]
        for tag in planned.reminder.tags:
            if reason := session.held(tag):
                raise Problem(f"{planned.name} is not shown: {reason}")
            if tag == FIRST_MEASURE and red_flags_shown.since(session.store.state) is None:
                show_signs(session)
        message = _message(session, planned)
        if message is None:
            click.echo(f"{planned.name} has nothing to say at this time")
            return
        _show(session, replace(message, occurrence=f"try-{planned.name}"), wait)


def _named(session: Session, name: str, known: list[str]) -> str:
    """The full name of the reminder that is meant. Raises Problem."""
    own = [one for one in known if one.partition(".")[0] == name]
    if len(own) > 1:
        several = f"{name} has {len(own)} reminders, {', '.join(own)}; name one of them"
        raise Problem(f"{several}, for example: crampcoach try {own[0]}")
    if name not in session.found or own:
        return full_name(name, known)
    if name not in session.on:
        raise Problem(f"{name} is off; turn it on: crampcoach plugins enable {name}")
    if name in session.resting:
        raise Problem(f"{name} cannot be used, and `crampcoach plugins show {name}` says why")
    none = "no reminder that comes at present" if session.loaded[name].plan else "no reminder"
    raise Problem(f"{name} has {none}; `crampcoach plugins show {name}` says what it has")


def _message(session: Session, planned: Planned) -> Message | None:
    """What the reminder says now; None is nothing. Raises Problem."""
    from crampcoach.guard import ask
    from crampcoach.loading import message_of
    from crampcoach.planner import shown_at

    say = planned.reminder.say
    if not callable(say):
        return message_of(planned, say)
    loaded = session.loaded[planned.plugin]
    occurrence, context = shown_at(planned, session.now, session.zone), session.context(loaded)
    job = {loaded.name: lambda: message_of(planned, say(context, occurrence))}
    outcome = ask(session.clock, job, "composing it")[loaded.name]
    if not outcome.ok:
        raise Problem(f"plugin {loaded.name}: {outcome.reason}")
    message: Message | None = outcome.value
    return message


def _show(session: Session, message: Message, wait: float) -> None:
    """Have a notifier show it, and say what the person does with it. Raises Problem where none can."""

    def wait_for_press(name: str, heard: Heard) -> None:
        click.echo(f"shown by {name}; waiting {wait:g} s for a button to be pressed (Ctrl+C ends it)")
        try:
            if said := heard.queue.get(timeout=wait):
                click.echo(said)
        except Empty:
            click.echo("no button was pressed")

    verdict, heard = put_up(session, message, wait_for_press)
    if isinstance(verdict, Failed):
        click.echo()
        for line in (message.title, *message.body.splitlines()):
            print_wrapped(line)
        click.echo(f"[ {' / '.join(action.label for action in message.actions)} ]\n")
        raise Problem(f"no notifier could show it, so here it is as text: {verdict.reason}")
    if heard.pressed:
        click.echo(f"you pressed {heard.pressed!r}; in a real reminder that would now count")


def put_up(
    session: Session, message: Message, meanwhile: Callable[[str, Heard], None]
) -> tuple[Delivered | Unconfirmed | Failed, Heard]:
    """Have a notifier show a message of no consequence until `meanwhile(its name, heard)` returns; what was heard."""
    from crampcoach.delivery import Delivery
    from crampcoach.guard import Guard

    guard, heard = Guard(session.clock), Heard(message.occurrence)
    delivery = Delivery(guard, lambda name, outcome: click.echo(f"plugin {name}: {outcome.reason}", err=True))
    delivery.order = session.config.notify.order
    for one in session.loaded.values():
        delivery.replace(one.name, one.notifiers, lambda _name: heard)
    verdicts: list[tuple[str, Delivered | Unconfirmed | Failed]] = []
    delivery.show(message, lambda name, verdict: verdicts.append((name, verdict)))
    guard.wait()
    name, verdict = verdicts[0]
    if isinstance(verdict, Failed):
        return verdict, heard
    try:
        meanwhile(name, heard)
    finally:
        receipt = verdict.receipt if isinstance(verdict, Delivered) else None
        delivery.withdraw(name, message.occurrence, receipt or "")
        delivery.close()
        guard.wait()
    return verdict, heard
