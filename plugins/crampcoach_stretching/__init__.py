"""The evening stretch: a reminder half an hour before bed, and the guided session `crampcoach stretch`.

The routine is the one that was tried in people of 55 and over who had night cramps (Hallegraeff 2012): three
stretches of calf and hamstring, each held for 10 seconds, three times with 10 seconds of rest, both legs. It is offered
seated; standing only to somebody who is steady on their feet and asks for it. Record `m-evening-stretch`: low certainty
that cramps hurt less, very low that they come less often, and trials disagree; sources hallegraeff-2012, coppin-2005,
cochrane-nondrug-2021. The routine itself is data: see `routine.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from crampcoach import Action, Context, Done, Entry, Kind, Message, Occurrence, Open, Reminder, check_range, hookimpl

if TYPE_CHECKING:
    import click

api = 1


@dataclass(frozen=True)
class Options:
    """What a person may change in `[plugins.stretching]`."""

    snooze: Annotated[int, "Minutes that the Snooze button puts it off, 1 to 240"] = 10
    position: Annotated[
        Literal["seated", "standing"],
        'Standing only if no leg was injured or operated on lately, and with balance = "steady" under [profile]',
    ] = "seated"
    routine: Annotated[
        str, "A routine of your own: the whole path of a TOML file; empty for the one that was tried"
    ] = ""
    bell: Annotated[bool, "A sound at each change of the guided session"] = True

    def __post_init__(self) -> None:
        check_range(self.snooze, 1, 240)
        if self.routine and not self.routine.startswith("~") and not Path(self.routine).is_absolute():
            raise ValueError(f"{self.routine[:60]!r} is not accepted; accepted is a whole path, such as '~/legs.toml'")


@dataclass(frozen=True)
class StretchFields:
    """What is known of a stretch."""

    minutes: Annotated[float | None, "How long it took, in minutes, 0 to 1440"] = None
    holds: Annotated[int | None, "How many holds were finished, 0 to 10000"] = None
    position: Annotated[Literal["seated", "standing"] | None, "How it was done"] = None
    stopped_early: Annotated[bool, "It was broken off"] = False

    def __post_init__(self) -> None:
        check_range(self.minutes, 0, 24.0 * 60)
        check_range(self.holds, 0, 10_000)


TITLE = "Time for the evening stretch"
#: Said of the bundled routines; a test holds them to it. The agent does not read those files.
BODIES = {
    "seated": "Seated, about 4 minutes: stretch calf and back of the thigh, hold 10 seconds, rest 10, three times, "
    "both legs.",
    "standing": "Standing with support, about 4 minutes: calf and back of the thigh, hold 10 seconds, rest 10, three "
    "times, both legs.",
}
CAUTION = "Breathe calmly; stop if it hurts."
GRADE = "It may make cramps hurt less (low certainty; tried at 55 and over)."


@hookimpl
def options() -> type[Options]:
    return Options


@hookimpl
def kinds() -> Sequence[Kind]:
    return [Kind(name="stretch", title="Stretching", fields=StretchFields)]


@hookimpl
def commands() -> Sequence[click.Command]:
    from crampcoach_stretching.card_command import card_command
    from crampcoach_stretching.stretch_command import stretch_command

    return [stretch_command, card_command]


@hookimpl
def reminders(ctx: Context[Options]) -> Sequence[Reminder]:
    return [
        Reminder(
            name="evening",
            schedule="30m before bed",
            grace="until 30m after bed",
            say=Message(title=TITLE, body=_body(ctx)),
            actions=(Action(label="Done"), Action(label="Start", then=Open("stretch"))),
            snooze=ctx.options.snooze,
            # Bed time is where quiet hours begin, and its grace ends half an hour into them.
            quiet="show",
            tags=("stretch",),
        )
    ]


def _body(ctx: Context[Options]) -> str:
    """What is to be done, seated unless the person is steady and asked for it, with its grade."""
    steady = ctx.profile.balance == "steady"
    if ctx.options.routine:
        from crampcoach_stretching.routine import RoutineProblem, in_words, own_routine, total_seconds

        try:
            own = own_routine(Path(ctx.options.routine).expanduser())
        except (RoutineProblem, RuntimeError):  # RuntimeError: ~ of nobody
            # The evening is not lost over it: the command names every mistake.
            return f"{BODIES['seated']} {CAUTION} Your own routine has a mistake: Start says which."
        if own.position == "seated" or steady:
            return f"{own.title} ({own.position}, {in_words(total_seconds(own))}). {CAUTION} {own.certainty}"
    position = ctx.options.position if steady else "seated"
    return f"{BODIES[position]} {CAUTION} {GRADE}"


@hookimpl
def responded(ctx: Context[Any], occurrence: Occurrence, action: Action) -> Sequence[Entry]:
    return [Entry(kind="stretch")] if isinstance(action.then, Done) else []
