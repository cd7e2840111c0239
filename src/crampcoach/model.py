"""The values that cross between the core and plugins.

Everything here is frozen and checked when it is made, with a sentence its author can act on. Plugins return
these values; only the core acts on them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, is_dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Literal, Protocol, TypeAlias

from crampcoach.actions import Action, Done, Skip, Snooze, Typed, check_actions, typed_instead
from crampcoach.checks import MOST_LINE, as_tuple, check_choice, check_line, check_name, check_text

#: Names every kind has already: options of `crampcoach log KIND` and `edit`, and lines of the text that `edit` opens.
RESERVED_FIELDS = frozenset({"at", "note", "json", "help", "clear", "night"})

Urgency: TypeAlias = Literal["low", "normal", "critical"]
CatchUp: TypeAlias = Literal["latest", "each", "skip"]
Quiet: TypeAlias = Literal["defer", "show"]
State: TypeAlias = Literal["due", "deferred", "snoozed", "shown", "done", "skipped", "expired", "missed", "withdrawn"]
#: A quiet time is no longer: a week, in which the clock may be put back.
LONGEST_QUIET = timedelta(days=7, hours=1)
OPEN_STATES: tuple[State, ...] = ("due", "deferred", "snoozed", "shown")


class Problem(Exception):
    """Something a person can put right: one sentence saying what is wrong, where, and what to do."""


# --- reminders and messages ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What a notifier shows. `picture` is a path to a PNG; `occurrence`, the key that comes back, is the core's."""

    title: str
    body: str = ""
    actions: Sequence[Action] = ()
    picture: Path | None = None
    urgency: Urgency = "normal"
    occurrence: str = ""

    def __post_init__(self) -> None:
        check_text(
            "Message: title", self.title, most=None
        )  # crampcoach's own may be long; a plugin's is looked at later
        check_text("Message: body", self.body, empty=True, most=None)
        check_actions(self, "Message")
        check_choice("Message: urgency", self.urgency, Urgency)
        if not isinstance(self.picture, Path | None):
            raise TypeError(f"Message: picture: give a pathlib.Path or None, not {self.picture!r}")

    @property
    def reminder(self) -> str:
        """The full name of the reminder that it is an occurrence of; empty for any other message."""
        reminder, _, rest = self.occurrence.partition("/")
        return reminder if "." in reminder and "/" in rest else ""

    def typed(self) -> tuple[Typed, ...]:
        """What to type in place of its buttons, for a notifier that has none."""
        return typed_instead(self.actions, self.reminder)


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """A slot that something has happened to, as a plugin sees it. `due` is aware, in `zone`."""

    reminder: str
    day: date
    wall: time
    zone: str
    due: datetime
    state: State

    @property
    def key(self) -> str:
        """The occurrence's identity as text, for example `coffee.daily/2026-11-22/15:00`."""
        return occurrence_key(self.reminder, self.day, self.wall)


def occurrence_key(reminder: str, day: date, wall: time) -> str:
    """The identity of an occurrence as text: `REMINDER/DAY/WALL`."""
    return f"{reminder}/{day.isoformat()}/{wall:%H:%M}"


@dataclass(frozen=True, slots=True)
class Coming:
    """When a reminder (`coffee.daily`) will come by its schedule. `due` is aware, in the person's zone."""

    reminder: str
    due: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """Something said on a schedule.

    name: short; the core puts the plugin's name before it (`coffee.daily`).
    schedule: `"21:30"`, `"mon-fri 18:00, 21:30"`, `"every 2h 09:00-18:00"`, `"30m before bed"`, `"1h after wake"`, or
    `"after NAME: KEY, KEY"`: when the plugin's reminder NAME is answered so.
    say: a text, a Message, or `compose(ctx, occurrence)` returning a Message or None (not this time).
    actions: the buttons; without any there is Done. Snooze and Skip are added: `snooze=None`, `skip=False` refuse them.
    A Message with actions of its own shows just those.
    grace: how long after its time it is still worth showing: `"1h"`, `"until 18:00"`, `"until 30m after bed"`.
    catch_up: of several overdue together show the `latest`, `each`, or `skip` them.
    quiet: in quiet hours and times `defer` it, or `show` it all the same.
    tags: the measure it asks for ("stretch", "massage", "heat"), which advice may hold; a button that opens it is one.
    formerly: an earlier name of this reminder, so that its history stays with it.
    active: False while it does not come; its name and schedule are known all the same.
    """

    name: str
    schedule: str
    say: str | Message | Callable[..., Message | None] = field(compare=False, repr=False)
    actions: Sequence[Action] = ()
    grace: str = "1h"
    catch_up: CatchUp = "latest"
    quiet: Quiet = "defer"
    snooze: int | None = 10
    skip: bool = True
    tags: Sequence[str] = ()
    formerly: str | None = None
    active: bool = True

    def __post_init__(self) -> None:
        check_name("Reminder: name", self.name)
        what = f"Reminder {self.name!r}"
        check_text(f"{what}: schedule", self.schedule)
        check_text(f"{what}: grace", self.grace)
        if not (callable(self.say) or type(self.say) is Message):
            check_text(f"{what}: say", self.say, most=MOST_LINE)
        check_actions(self, what)
        check_choice(f"{what}: catch_up", self.catch_up, CatchUp)
        check_choice(f"{what}: quiet", self.quiet, Quiet)
        if self.snooze is not None:
            Snooze(self.snooze)
        as_tuple(self, "tags", str, f"{what}: tags")
        if self.formerly is not None:
            check_name(f"{what}: formerly", self.formerly)

    def buttons(self) -> tuple[Action, ...]:
        """The buttons a person sees: its Message's; else its own (or Done), then Snooze and Skip unless refused."""
        said = self.say.actions if isinstance(self.say, Message) else ()
        buttons = list(said or self.actions) or [Action(label="Done", then=Done())]
        kinds = {Snooze, Skip} if said else {type(action.then) for action in buttons}
        if self.snooze is not None and Snooze not in kinds:
            buttons.append(Action(label=f"Snooze {self.snooze} min", then=Snooze(self.snooze), key="snooze"))
        if self.skip and Skip not in kinds:
            buttons.append(Action(label="Skip", then=Skip(), key="skip"))
        return tuple(buttons)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietTime:
    """A stretch of time in which reminders wait, as in quiet hours. Both ends are aware; it lasts a week at most.

    why: one or two words that `crampcoach status` shows: never what the person wrote, such as an appointment's title.
    """

    start: datetime
    end: datetime
    why: str = "busy"

    def __post_init__(self) -> None:
        check_text("QuietTime: why", self.why)
        if len(self.why) > 40 or not self.why.isprintable():
            raise ValueError("QuietTime: why is one or two words, in one line of 40 characters at most")
        for name in ("start", "end"):
            at = getattr(self, name)
            if not isinstance(at, datetime) or at.tzinfo is None:
                raise ValueError(f"QuietTime: {name}={at!r}: give an aware datetime")
        # In UTC: within a zone, Python compares what the clocks show.
        lasts = self.end.astimezone(UTC) - self.start.astimezone(UTC)
        if lasts <= timedelta(0):
            raise ValueError(f"QuietTime: its end {self.end} is not after its start {self.start}")
        if lasts > LONGEST_QUIET:
            raise ValueError(
                f"QuietTime: from {self.start:%Y-%m-%d %H:%M} to {self.end:%Y-%m-%d %H:%M} is more than a week; end it "
                "earlier (a longer silence is the person's to ask for: crampcoach pause)"
            )


# --- the person's log ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """The type of an entry. `fields` is a frozen dataclass type whose annotations give types, choices and ranges.

    last_night: logged without a time it is about the night that is over, however late in the day.
    private: what is written in its fields is in the person's own words, as every note is; what is counted or chosen is
    not. None of their words leaves the log unless they ask for it.
    """

    name: str
    title: str
    fields: type | None = field(default=None, compare=False)
    last_night: bool = False
    private: bool = False

    def __post_init__(self) -> None:
        check_name("Kind: name", self.name)
        check_line(f"Kind {self.name!r}: title", self.title)
        if self.fields is None:
            return
        if not (isinstance(self.fields, type) and is_dataclass(self.fields)):
            raise TypeError(f"Kind {self.name!r}: fields must be a dataclass type, not {self.fields!r}")
        taken = RESERVED_FIELDS & set(self.fields.__dataclass_fields__)
        if taken:
            raise ValueError(f"Kind {self.name!r}: every kind has {', '.join(sorted(taken))} already; rename the field")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that happened. A plugin gives kind, fields and note; the core fills in the rest.

    at: when, aware. zone: the zone's name at that time. night: the evening's date of the night (noon to noon) it
    belongs to. origin: what it was made from, so that the same thing is never entered twice. left_out: the person's own
    words are missing, for a format may not have them; nothing that is stored ever is.
    """

    kind: str
    fields: Mapping[str, Any] = field(default_factory=dict, repr=False)
    note: str = field(default="", repr=False)  # what the person wrote never gets into a message by accident
    at: datetime | None = None
    zone: str = ""
    night: date | None = None
    id: str = ""
    origin: str | None = None
    left_out: bool = field(default=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        check_name("Entry: kind", self.kind)
        check_text(f"Entry {self.kind!r}: note", self.note, empty=True, most=None)
        if not isinstance(self.fields, Mapping):
            raise TypeError(f"Entry {self.kind!r}: fields must be a mapping, not {self.fields!r}")
        object.__setattr__(self, "fields", dict(self.fields))  # whoever made them may change them later
        if self.at is not None and not isinstance(self.at, datetime):
            raise TypeError(f"Entry {self.kind!r}: at={self.at!r}: give an aware datetime, or None")
        if self.at is not None and self.at.tzinfo is None:
            raise ValueError(f"Entry {self.kind!r}: at={self.at} has no time zone")
        if self.night is not None and (not isinstance(self.night, date) or isinstance(self.night, datetime)):
            raise TypeError(f"Entry {self.kind!r}: night={self.night!r}: give the date of its evening, or None")
        for name in ("zone", "id", "origin"):
            if not isinstance(getattr(self, name) or "", str):
                raise TypeError(f"Entry {self.kind!r}: {name} must be a text")


class EntryLog(Protocol):
    """A plugin's view of the log: whole tuples, never a cursor."""

    def entries(
        self, kind: str | None = None, since: datetime | None = None, until: datetime | None = None
    ) -> tuple[Entry, ...]:
        """Entries, oldest first, with `since <= at < until` (aware datetimes)."""

    def last(self, kind: str) -> Entry | None:
        """The newest entry of a kind, or None."""

    def occurrences(self, since: datetime, until: datetime) -> tuple[Occurrence, ...]:
        """The plugin's own occurrences that were due in that time, oldest first."""
