"""The evening question about the day: one tap, once a day, never in the night.

It asks about the day and nothing else. It never speaks of cramps and never says that stress causes one: for that no
study was found (records `cause-stress`, `m-writing`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from crampcoach import Action, Importer, Kind, Log, Message, Reminder, hookimpl

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
    starred: Annotated[bool | None, "One to find again"] = None
    tags: Annotated[list[str] | None, "Tags that do not stand in the text"] = None


@hookimpl
def kinds() -> Sequence[Kind]:
    return [Kind(name="journal", title="A line about the day", fields=JournalFields)]


@hookimpl
def importers() -> Sequence[Importer]:
    from crampcoach_journaling.jrnl import JrnlOptions, read

    about = "A journal of jrnl's: the file it keeps, or what `jrnl --format json --file` writes"
    return [Importer(name="jrnl", title=about, suffix=".txt", media_type="text/plain", options=JrnlOptions, read=read)]


@hookimpl
def reminders() -> Sequence[Reminder]:
    return [Reminder(name="evening", schedule="19:00", say=QUESTION, grace="2h")]
