"""The evening stretch: one reminder half an hour before bed, and the `stretch` kind that an answer saves.

The routine is the one that was tried in people of 55 and over who had night cramps (Hallegraeff 2012): three
stretches of calf and hamstring, each held for 10 seconds, three times with 10 seconds of rest, both legs, about three
minutes. It is offered seated. Record `m-evening-stretch`: low certainty that cramps hurt less, very low that they
come less often, and trials disagree; sources hallegraeff-2012, coppin-2005, cochrane-nondrug-2021.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from crampcoach import Action, Context, Done, Entry, Kind, Message, Occurrence, Reminder, hookimpl

api = 1


@dataclass(frozen=True)
class Options:
    """What a person may change in `[plugins.stretching]`."""

    snooze: Annotated[int, "Minutes that the Snooze button puts it off, 1 to 240"] = 10

    def __post_init__(self) -> None:
        if not 1 <= self.snooze <= 240:
            raise ValueError(f"{self.snooze} is not accepted; accepted is a whole number from 1 to 240")


@dataclass(frozen=True)
class StretchFields:
    """What is known of a stretch."""

    minutes: Annotated[float | None, "How long it took, in minutes, 0 to 1440"] = None
    stopped_early: Annotated[bool, "It was broken off"] = False

    def __post_init__(self) -> None:
        if self.minutes is not None and not 0 <= self.minutes <= 24 * 60:  # nan is not either
            raise ValueError(f"{self.minutes:g} is not accepted; accepted is a number from 0 to 1440")


TITLE = "Time for the evening stretch"
BODY = (
    "Seated, about 3 minutes: stretch calf and back of the thigh, hold 10 seconds, rest 10, three times, both legs. "
    "Breathe calmly; stop if it hurts. It may make cramps hurt less (low certainty)."
)


@hookimpl
def options() -> type[Options]:
    return Options


@hookimpl
def kinds() -> Sequence[Kind]:
    return [Kind(name="stretch", title="Stretching", fields=StretchFields)]


@hookimpl
def reminders(ctx: Context[Options]) -> Sequence[Reminder]:
    return [
        Reminder(
            name="evening",
            schedule="30m before bed",
            grace="until 30m after bed",
            say=Message(title=TITLE, body=BODY),
            actions=(Action(label="Done"),),
            snooze=ctx.options.snooze,
            # Bed time is where quiet hours begin, and its grace ends half an hour into them.
            quiet="show",
            tags=("stretch",),
        )
    ]


@hookimpl
def responded(ctx: Context[Any], occurrence: Occurrence, action: Action) -> Sequence[Entry]:
    return [Entry(kind="stretch")] if isinstance(action.then, Done) else []
