"""Drinking: a plain offer late in the morning and in the afternoon, for people who may drink freely; nothing before.

Nobody is reminded until they have said that nobody told them to limit or watch what they drink (record
`m-hydration-limits`, sources nkf-fluid, ccs-hf-2017, fresh-up-2025, eah-2015). No trial shows that drinking more
prevents night cramps (record `m-hydration`, grade none-found). Amounts may be logged; they are compared with nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any

from crampcoach import Action, Context, Kind, Log, Message, Occurrence, Reminder, check_range, hookimpl

api = 1

SCREENING = Message(
    title="Should you limit or watch what you drink?",
    body=(
        "Has anyone told you so? Or do you have heart, kidney or liver disease, dialysis or low sodium, "
        "or take water tablets? If yes, or if you are not sure, crampcoach will not remind you to drink: "
        "too much could harm you, and your own doctor or nurse knows what is right."
    ),
    actions=(
        Action(label="Yes", then=Log("profile", fluids="limited")),
        Action(label="Not sure", then=Log("profile", fluids="limited")),
        Action(label="No", then=Log("profile", fluids="free")),
    ),
)
OFFER = Message(title="A drink, if you like", body="Only if you feel like one.")
HAD_ONE = Action(label="Had one", then=Log("drink"))


@dataclass(frozen=True)
class DrinkFields:
    """What is known of a drink."""

    what: Annotated[str | None, "What it was"] = None
    millilitres: Annotated[int | None, "How much, in millilitres, 1 to 5000"] = None

    def __post_init__(self) -> None:
        check_range(self.millilitres, 1, 5000)


@hookimpl
def kinds() -> Sequence[Kind]:
    return [Kind(name="drink", title="A drink", fields=DrinkFields)]


@hookimpl
def reminders(ctx: Context[Any]) -> Sequence[Reminder]:
    offers = ctx.profile.fluids == "free" and not _answered_today(ctx)
    return [
        Reminder(
            name="screening",
            schedule="11:00",
            say=SCREENING,
            grace="until 20:00",
            tags=("welcome",),
            active=ctx.profile.fluids == "unknown",
        ),
        _offer("morning", "11:00", OFFER, active=offers),
        _offer("afternoon", "15:00", _unless_enough_was_asked, active=offers),
    ]


def _offer(name: str, at: str, say: Message | Callable[..., Message | None], *, active: bool) -> Reminder:
    return Reminder(
        name=name, schedule=at, say=say, actions=(HAD_ONE,), grace="30m", catch_up="skip", active=active
    )  # fmt: skip


def _answered_today(ctx: Context[Any]) -> bool:
    """Whether the question was answered today: to be asked and reminded on one day would be too much."""
    recent = ctx.log.entries("profile", ctx.now - timedelta(days=2))
    return any(one.at and one.at.date() == ctx.now.date() and "fluids" in one.fields for one in recent)


def _unless_enough_was_asked(ctx: Context[Any], occurrence: Occurrence) -> Message | None:
    """The offer; not after a night with cramps, whose morning brought a second question. Five messages a day do."""
    since = ctx.now - timedelta(days=2)
    last_night = occurrence.day - timedelta(days=1)
    nights = [one for one in ctx.log.entries("night", since) if one.night == last_night]
    return None if any(one.fields.get("count") for one in nights) else OFFER
