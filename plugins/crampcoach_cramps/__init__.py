"""Cramps: the question about the night in the morning, the signs that need a doctor, and what can be logged.

The fields are those that trials and doctors ask for (records `o-diary-fields`, `clinician-summary`). "Not entered" is
never "no": a night without an answer counts on neither side.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from crampcoach import Action, Context, Done, Entry, Kind, Log, Message, Occurrence, Reminder, hookimpl
from crampcoach_cramps.fields import CrampFields, DayFields, MedicineFields, NightFields
from crampcoach_cramps.nights import NIGHTS, known, line, nights

if TYPE_CHECKING:
    import click

api = 1

ANSWERS = {
    "none": {"count": 0},
    "one": {"count": 1},
    "two-or-more": {"count": 2, "at_least": True},
}
SUNDAY = 6
#: Fewer nights say too little for a line about them.
ENOUGH = NIGHTS // 2
CHECK_IN = "Any cramps last night?"
FOLLOW_UP = Message(
    # Servers cut a long title off, and this is to be read whole.
    title="Any of these signs in a leg?",
    body=(
        "Swelling, numbness, or a cramp over 10 minutes?\nIf one leg is swollen, warm or red, do not stretch or rub it."
    ),
    actions=(
        Action(label="No", then=Log("symptoms", swelling="no", numb_or_long="no")),
        Action(label="Yes, swelling", then=Log("symptoms", swelling="yes")),
        Action(label="Yes, another", then=Log("symptoms", numb_or_long="yes")),
    ),
)


@hookimpl
def kinds() -> Sequence[Kind]:
    return [
        Kind(name="cramp", title="A cramp", fields=CrampFields),
        Kind(name="night", title="A night: how many cramps", fields=NightFields, last_night=True),
        Kind(name="day", title="A day: what may matter for the night", fields=DayFields),
        Kind(name="medicine", title="A medicine started, changed or stopped", fields=MedicineFields),
    ]


@hookimpl
def reminders() -> Sequence[Reminder]:
    buttons = (
        Action(label="None", then=Done()),
        Action(label="One", then=Done()),
        Action(label="Two or more", then=Done()),
    )
    return [
        Reminder(
            name="check-in",
            schedule="30m after wake",
            grace="until 18:00",
            say=_check_in,
            actions=buttons,
            snooze=None,
            skip=False,
        ),
        Reminder(
            name="follow-up",
            schedule="after check-in: one, two-or-more",
            grace="until bed",
            say=FOLLOW_UP,
            # Whoever has just answered is awake; in the morning it would seem to be about another night.
            quiet="show",
        ),
    ]


def _check_in(ctx: Context[Any], occurrence: Occurrence) -> Message:
    """The question; on Sundays with a line about the last nights, once there are a few to tell of."""
    body = "You can answer until 18:00."
    if occurrence.day.weekday() == SUNDAY:
        # The night that is asked about is not entered yet.
        entered = nights(ctx.log, ctx.of_night, occurrence.day - timedelta(days=2))
        if known(entered) >= ENOUGH:
            body = f"{line(entered)}.\n{body}"
    return Message(title=CHECK_IN, body=body)


@hookimpl
def responded(occurrence: Occurrence, action: Action) -> Iterable[Entry]:
    """What was answered about the night that ended that morning, however late in the day."""
    if action.key not in ANSWERS:
        return []
    return [Entry(kind="night", fields=ANSWERS[action.key], night=occurrence.day - timedelta(days=1))]


@hookimpl
def commands() -> Sequence[click.Command]:
    from crampcoach_cramps.quick import cramp_command
    from crampcoach_cramps.week import week_command

    return [cramp_command, week_command]
