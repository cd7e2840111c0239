"""`pause` and `resume`: silence for a while. They work without the agent too."""

from __future__ import annotations

from datetime import timedelta

import click

from crampcoach.cli.printing import when
from crampcoach.cli.session import Session


@click.command("pause")
@click.argument("for_", metavar="[FOR]", required=False)
@click.pass_context
def pause_command(ctx: click.Context, for_: str | None) -> None:
    """Hold every reminder back FOR a while (30m, 2h, at most 24h), or until `crampcoach resume`."""
    from crampcoach import answers
    from crampcoach.recurrence import parse_duration

    with Session(ctx) as session:
        try:
            minutes = parse_duration(for_) if for_ is not None else None
        except ValueError as error:
            raise click.UsageError(str(error), ctx) from None
        now = session.now
        until = (session.clock.now() + timedelta(minutes=minutes)).astimezone(session.zone) if minutes else None
        answers.pause(session.store, now, until)
        session.poke()
        click.echo(f"paused until {when(until, now) if until else 'you say: crampcoach resume'}")


@click.command("resume")
@click.pass_context
def resume_command(ctx: click.Context) -> None:
    """End a pause, and bring back reminders that have gone quiet."""
    from crampcoach import answers
    from crampcoach.clock import to_wall

    with Session(ctx) as session:
        store = session.store
        today = session.config.hours.day_of(to_wall(session.now, session.zone))
        resumed = answers.resume(store, session.now, today)
        session.poke()
        click.echo(f"on again: {', '.join(resumed)}" if resumed else "nothing was paused")
