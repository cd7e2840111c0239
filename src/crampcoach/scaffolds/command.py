"""Example: adds the command `crampcoach example`."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from crampcoach import Session, hookimpl

if TYPE_CHECKING:
    import click

api = 1  # the version of crampcoach's plugin boundary that this was written for


@hookimpl
def commands() -> list[click.Command]:
    import click  # here and not at the top: the agent, which runs all day, does not need it

    # Change the name, the options and what it does. Its first line of text stands in `crampcoach --help`.
    @click.command("example")
    @click.option("--days", type=click.IntRange(1, 3650), default=7, show_default=True, help="How many days back.")
    @click.pass_obj
    def count(session: Session, days: int) -> None:
        """Count what you have logged in the last days, kind by kind."""
        counts: dict[str, int] = {}
        # A session has the log, the time, your options, and `save(Entry(...))`, the only way to log something.
        for entry in session.log.entries(since=session.now() - timedelta(days=days)):
            counts[entry.kind] = counts.get(entry.kind, 0) + 1
        for kind, number in sorted(counts.items()):
            click.echo(f"{kind}: {number}")
        if not counts:
            click.echo("Nothing was logged.")

    return [count]
