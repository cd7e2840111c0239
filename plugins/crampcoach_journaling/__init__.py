"""The evening question about the day: one tap, once a day, never in the night.

It asks about the day and nothing else. It never speaks of cramps and never says that stress causes one: for that no
study was found (records `cause-stress`, `m-writing`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from crampcoach import Action, Kind, Log, Message, Reminder, hookimpl

api = 1

QUESTION = Message(
    title="How was today?",
    body="One tap is enough.",
    actions=(
        Action(label="Calm", then=Log("journal", day="calm")),
        Action(label="Mixed", then=Log("journal", day="mixed")),
        Action(label="Stressful", then=Log("journal", day="stressful")),
    ),
)


@dataclass(frozen=True)
class JournalFields:
    """What one tap says of a day."""

    day: Annotated[Literal["calm", "mixed", "stressful"] | None, "How the day was"] = None


@hookimpl
def kinds() -> Sequence[Kind]:
    return [Kind(name="journal", title="A line about the day", fields=JournalFields)]


@hookimpl
def reminders() -> Sequence[Reminder]:
    return [Reminder(name="evening", schedule="19:00", say=QUESTION, grace="2h")]
