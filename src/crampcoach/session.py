"""What a plugin's command is given: `@click.pass_obj` hands it a Session."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol

from crampcoach.advice import Advice
from crampcoach.config import Profile
from crampcoach.model import Entry, EntryLog
from crampcoach.safety.numbers import Numbers


class Session(Protocol):
    """One run of a command: the plugin's options, the log, the time, and the only way in which a plugin saves."""

    @property
    def options(self) -> Any:
        """The plugin's options, as its table in config.toml says."""

    @property
    def profile(self) -> Profile:
        """What the person has said about themselves."""

    @property
    def log(self) -> EntryLog:
        """The log, to read."""

    def now(self) -> datetime:
        """The present, aware, in the person's zone."""

    def monotonic(self) -> float:
        """Seconds on a clock that nobody can set, to measure how long something takes."""

    def bed_time(self) -> datetime:
        """When the day that is running ends, aware: in the past from then until the person's wake time."""

    def of_night(self, entry: Entry) -> bool:
        """Whether an entry with a time is of its night; what comes between noon and going to bed is of the day."""

    def begin(self, measure: str) -> str:
        """To be called before a measure ("stretch", "massage", "heat"): why it must wait; empty if it may be done.

        The first time ever it prints the signs that need a doctor.
        """

    def held(self, measure: str) -> str:
        """Why a measure must wait; empty if it may be done."""

    def dated(self, entry: Entry, at: str | None) -> Entry:
        """The entry with its time, zone and night: of now, or as `at` says in the words of `log --at`.

        Where a kind has a field `part`, "early", "middle" and "late" are times too. In a terminal, a time that the
        clock showed twice is asked about. Raises click.UsageError for what is no time, and for the future.
        """

    def save(self, *entries: Entry) -> tuple[Advice, ...]:
        """Save entries; time and zone are filled in. The advice that they raise, which is printed before anything else.

        Raises Problem for fields that their kind does not have, and for what only the person may say: that a doctor or
        nurse has looked at a leg (kind `examined`), and what they say about themselves (kind `profile`).
        """

    def done(self, reminder: str) -> None:
        """Today's occurrence of an own reminder (its short name) is done, as if its button had been pressed.

        Nothing happens where it has none today, or was answered already. Raises Problem for a name that it does not
        have. What `responded` makes of it is not logged.
        """

    def red_flags(self) -> tuple[Advice, ...]:
        """Every sign that needs a doctor, most urgent first, with what to do in the person's country."""

    @property
    def numbers(self) -> Numbers:
        """Whom to call in the person's country, in words that fit into "call ..."."""

    @property
    def editor(self) -> str:
        """The command of the person's editor; empty where there is none."""

    def write(self, text: str, name: str) -> str:
        """Have the person write in their editor, beginning with `text`; what they made of it.

        What is written is kept as the plugin's draft `name`, which nobody else can read, until `discard`. Raises
        Problem where the editor fails or leaves what is no text; the sentence names the file with the draft.
        """

    def keep(self, text: str, name: str) -> None:
        """Keep what is being written in another way than `write` as the draft `name`. Raises Problem."""

    def draft(self, name: str) -> str | None:
        """The draft `name` that was left behind: the program was killed, or what was written could not be saved."""

    def discard(self, name: str) -> None:
        """Remove the draft `name`: what was written is saved, or the person does not want it."""
