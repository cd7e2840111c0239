"""`undo`, `redo`: take back what was saved or changed last, whoever did it, step by step; and an undo itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import click

from crampcoach.cli.changing import one_entry, say_what_holds
from crampcoach.cli.entries import difference
from crampcoach.cli.printing import print_wrapped
from crampcoach.cli.saving import after_advice
from crampcoach.cli.session import Session
from crampcoach.model import Entry

if TYPE_CHECKING:
    from crampcoach.store.undo import Step

#: Of a step with more entries, such as an import, only so many are named.
_NAMED = 5


@click.command("undo")
@click.argument("steps", type=click.IntRange(1), default=1)
@click.pass_context
def undo_command(ctx: click.Context, steps: int) -> None:
    """Take back what was saved, changed or deleted last, also by a button; STEPS of them, one unless given.

    Nothing is lost: `redo` takes the undo back, until something else is saved. What an entry has raised, such as a sign
    that needs a doctor, stays raised.
    """
    from crampcoach.store.undo import next_undo, undo

    with Session(ctx) as session:
        log = session.store.log
        for _ in range(steps):
            _go(session, next_undo(log), lambda now: undo(log, now))


@click.command("redo")
@click.argument("steps", type=click.IntRange(1), default=1)
@click.pass_context
def redo_command(ctx: click.Context, steps: int) -> None:
    """Take back the last `undo`; STEPS of them, one unless given. It ends when something else is saved."""
    from crampcoach.store.undo import next_redo, redo

    with Session(ctx) as session:
        log = session.store.log
        for _ in range(steps):
            _go(session, next_redo(log), lambda now: redo(log, now))


def _go(session: Session, coming: Sequence[Step], go: Callable[[datetime], Sequence[Step]]) -> None:
    """What comes back with a sign in it is advised about first, as at any saving."""
    done: list[Step] = []

    def write(now: datetime) -> tuple[Entry, ...]:
        done.extend(go(now))
        return tuple(step.after for step in done if step.after)

    after_advice(session, [step.after for step in coming if step.after], write)
    for step in done[:_NAMED]:
        print_wrapped(*_in_words(step, session.now))
    if done[_NAMED:]:
        click.echo(f"and {len(done) - _NAMED} more entries of the same step")
    say_what_holds(session, [step.entry for step in done if step.after is None])


def _in_words(step: Step, now: datetime) -> tuple[str, str]:
    """The words, and what comes before them."""
    if step.after is None:
        return one_entry(step.entry, now), "taken back: "
    if step.before is None:
        return one_entry(step.entry, now), "brought back: "
    return f"{step.entry.kind}: {difference(step.before, step.after, now)}", "changed back: "
