"""Counts coffee: asks a few times, but no more from an hour that you set, and shows the last days.

Install, beside crampcoach's own config.toml:

    cp coffee_counter.py "$(dirname "$(crampcoach config path)")/plugins/"

Settings, in config.toml; these are the defaults:

    [plugins.coffee_counter]
    last_hour = 16     # from this hour on it does not ask, 10 to 24
    decaf     = false  # a button for decaf too

It asks at 9, 12, 15 ... o'clock, unless you add a line such as `schedule = "10:30, 14:00"`. More at once is logged by
`crampcoach log coffee --cups 2`; `crampcoach coffee` shows them.

Privacy: what you log stays in your log on this machine. It sends nothing anywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

from crampcoach import Action, Context, Kind, Log, Message, Occurrence, Reminder, Session, check_range, hookimpl

if TYPE_CHECKING:
    import click

api = 1


@dataclass(frozen=True)
class Options:
    last_hour: Annotated[int, "From this hour on it does not ask, 10 to 24"] = 16
    decaf: Annotated[bool, "A button for decaf too"] = False

    def __post_init__(self) -> None:
        check_range(self.last_hour, 10, 24)


@dataclass(frozen=True)
class CoffeeFields:
    cups: Annotated[int, "How many, 1 to 20"] = 1
    decaf: Annotated[bool, "Without caffeine"] = False

    def __post_init__(self) -> None:
        check_range(self.cups, 1, 20)


@hookimpl
def options() -> type:
    return Options


@hookimpl
def kinds() -> list[Kind]:
    return [Kind(name="coffee", title="Coffee", fields=CoffeeFields)]


@hookimpl
def reminders(ctx: Context[Options]) -> list[Reminder]:
    buttons = [Action(label="Had one", then=Log("coffee"))]
    if ctx.options.decaf:
        buttons.append(Action(label="Had a decaf", then=Log("coffee", decaf=True)))
    until = f"{ctx.options.last_hour - 1}:59"
    return [Reminder(name="ask", schedule=f"every 3h 09:00-{until}", say=_ask, actions=buttons)]


def _ask(ctx: Context[Options], occurrence: Occurrence) -> Message | None:
    """The question; None is "not this time", such as for one that was put off until it is too late."""
    if ctx.now.hour >= ctx.options.last_hour:
        return None
    midnight = ctx.now.replace(hour=0, minute=0, second=0, microsecond=0)
    cups = sum(entry.fields.get("cups", 1) for entry in ctx.log.entries("coffee", since=midnight))
    return Message(title="A coffee?", body=f"Logged today: {cups}." if cups else "")


@hookimpl
def commands() -> list[click.Command]:
    import click  # here and not at the top: the agent, which runs all day, does not need it

    @click.command("coffee")
    @click.option("--days", type=click.IntRange(1, 366), default=7, show_default=True, help="How many days back.")
    @click.pass_obj
    def coffee(session: Session, days: int) -> None:
        """Show how much coffee you have logged, day by day."""
        today = session.now().date()
        cups: dict[object, int] = {}
        for entry in session.log.entries("coffee", since=session.now() - timedelta(days=days)):
            if entry.at:
                cups[entry.at.date()] = cups.get(entry.at.date(), 0) + entry.fields.get("cups", 1)
        for ago in reversed(range(days)):
            day = today - timedelta(days=ago)
            # A day without an entry is not a day without coffee.
            click.echo(f"{day:%a %Y-%m-%d}  {cups.get(day, 'not entered')}")

    return [coffee]
