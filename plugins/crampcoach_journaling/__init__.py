"""The journal: one tap in the evening about the day, and pages to write on, never in the night.

It asks about the day and nothing else. It never speaks of cramps and never says that stress causes one: for that no
study was found (records `cause-stress`, `m-writing`). Longer writing is off unless turned on: `sitting.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from crampcoach import Action, Importer, Kind, Log, Message, Open, Reminder, check_range, hookimpl

if TYPE_CHECKING:
    import click

api = 1

QUESTION = Message(
    title="How was today?",
    body="One tap is enough.",
    actions=(
        Action(label="Calm", then=Log("journal", day="calm")),
        Action(label="Mixed", then=Log("journal", day="mixed")),
        Action(label="Stressful", then=Log("journal", day="stressful")),
        Action(label="Write", then=Open("journal")),
    ),
)


@dataclass(frozen=True)
class Options:
    """What a person may change in `[plugins.journaling]`."""

    writing: Annotated[bool, "Offer longer writing about something hard: `crampcoach journal --writing`"] = False


@dataclass(frozen=True)
class JournalFields:
    """What is known of a page besides its text, which is the note. Only longer writing has minutes, before, after."""

    day: Annotated[Literal["calm", "mixed", "stressful"] | None, "How the day was"] = None
    starred: Annotated[bool | None, "One to find again"] = None
    tags: Annotated[list[str] | None, "Tags that do not stand in the text"] = None
    prompt: Annotated[str | None, "The question above the page"] = None
    minutes: Annotated[float | None, "How long you wrote, in minutes, 0 to 1440"] = None
    before: Annotated[int | None, "How you felt before, 0 very bad to 10 very good"] = None
    after: Annotated[int | None, "How you felt after, 0 very bad to 10 very good"] = None

    def __post_init__(self) -> None:
        check_range(self.minutes, 0.0, 24 * 60.0)
        check_range(self.before, 0, 10)
        check_range(self.after, 0, 10)


@hookimpl
def options() -> type[Options]:
    return Options


@hookimpl
def kinds() -> Sequence[Kind]:
    return [Kind(name="journal", title="A page of the journal", fields=JournalFields, private=True)]


@hookimpl
def commands() -> Sequence[click.Command]:
    from crampcoach_journaling.journal_command import journal_command

    return [journal_command]


@hookimpl
def importers() -> Sequence[Importer]:
    from crampcoach_journaling.jrnl import JrnlOptions, read

    about = "A journal of jrnl's: the file it keeps, or what `jrnl --format json --file` writes"
    return [Importer(name="jrnl", title=about, suffix=".txt", media_type="text/plain", options=JrnlOptions, read=read)]


@hookimpl
def reminders() -> Sequence[Reminder]:
    return [Reminder(name="evening", schedule="19:00", say=QUESTION, grace="2h")]
