"""What the person pressed: from a notifier's thread into a row, and from there into the log."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from queue import Empty, SimpleQueue

from crampcoach import answers
from crampcoach.actions import Open
from crampcoach.advice_messages import ADVICE, FIRST
from crampcoach.advising import Advising
from crampcoach.clock import Clock, zone_name
from crampcoach.guard import Guard, Outcome
from crampcoach.loading import known_kinds
from crampcoach.model import Entry, Problem
from crampcoach.roster import Roster
from crampcoach.showing import AWAY, Showing
from crampcoach.store import Store, occurrences
from crampcoach.store import answers as stored_answers
from crampcoach.store.answers import Answer, load_actions
from crampcoach.telling import QUIET, RESUME

#: Commands that a plugin's button does not start: they say or change what only the person may.
ONLY_TYPED = frozenset({"autostart", "config", "done", "log", "plugins", "setup", "skip", "snooze"})


@dataclass(frozen=True, slots=True)
class Event:
    """A press (`action`), or a message that went away without one (`reason`)."""

    occurrence: str
    action: str = ""
    reason: str = ""
    notifier: str = ""

    def __post_init__(self) -> None:
        for value in (self.occurrence, self.action, self.reason):
            if not isinstance(value, str):
                raise TypeError(f"an answer is told by the occurrence's key and the action's, not by {value!r}")


@dataclass(frozen=True, slots=True)
class NamedEvents:
    """What one notifier is given (notifier.NotifierEvents): it speaks for itself only."""

    name: str
    put: Callable[[Event], None]

    def answer(self, occurrence: str, action: str) -> None:
        """The person pressed an action. Safe from any thread."""
        self.put(Event(occurrence, action=action, notifier=self.name))

    def closed(self, occurrence: str, reason: str) -> None:
        """A message went away without an answer. Safe from any thread."""
        self.put(Event(occurrence, reason=reason, notifier=self.name))


@dataclass(slots=True, kw_only=True)
class Presses:
    """What notifiers tell, and what becomes of it on `take`."""

    clock: Clock
    guard: Guard
    roster: Roster
    showing: Showing
    advising: Advising
    store: Callable[[], Store]
    open_command: Callable[[Open], None]
    wake: Callable[[], None]
    #: Told what an answer has added to the log.
    saved: Callable[[tuple[Entry, ...]], None]
    _inbox: SimpleQueue[Event] = field(default_factory=SimpleQueue)
    _unsaved: list[Event] = field(default_factory=list)
    _tried: set[int] = field(default_factory=set)

    def events(self, notifier: str) -> NamedEvents:
        """What the notifier of this name is given."""
        return NamedEvents(notifier, self._put)

    def _put(self, event: Event) -> None:
        self._inbox.put(event)
        self.wake()

    def take(self) -> None:
        """Store what has arrived. What cannot be stored now (a full disk) is kept and tried again."""
        with suppress(Empty):
            while True:
                self._unsaved.append(self._inbox.get_nowait())
        while self._unsaved:
            event = self._unsaved.pop(0)
            try:
                if event.action:
                    self._press(event)
                elif event.occurrence.startswith((ADVICE, FIRST)):
                    self.advising.closed(event.occurrence, event.reason, event.notifier)
                else:
                    self.showing.closed(event.occurrence, event.reason)
            except (sqlite3.Error, OSError, Problem):
                self._unsaved.insert(0, event)
                raise

    def _press(self, event: Event) -> None:
        if event.occurrence.startswith(AWAY):
            self.open_command(Open("today"))
            return
        if event.occurrence.startswith((ADVICE, FIRST)):
            wanted = self.advising.pressed(event.occurrence, event.action, event.notifier)
            if wanted:
                self.open_command(wanted)
            return
        if event.occurrence.startswith(QUIET):
            if event.action == RESUME:
                answers.resume_reminder(self.store(), event.occurrence.removeprefix(QUIET), self.clock.now())
            return
        row = occurrences.find(self.store().state.connection, event.occurrence)
        action = next((one for one in load_actions(row.buttons) if one.key == event.action), None) if row else None
        if row is None or action is None:
            return
        if isinstance(action.then, Open):
            if action.then.argv[0] not in ONLY_TYPED:
                self.open_command(action.then)
            return
        now, zone = self.clock.now(), self.clock.zone()
        for entry in answers.would_log(row, action, now, zone_name(zone, now)):
            self.advising.heard(entry)
        answer = answers.record(self.store(), row.key, action, now, zone, self.roster.plan())
        if answer:
            self._tried.add(answer.id)
            self.advising.after(partial(self._enter, answer))

    def enter_all(self, *, anew: bool) -> None:
        """Enter the answers that are not in the log yet: a crash, a broken plugin, or a command left them.

        `anew`: also those that were tried before; else a plugin that fails would be asked again at every command.
        """
        if anew:
            self._tried.clear()
        for answer in stored_answers.unentered(self.store().state.connection):
            if answer.id not in self._tried:
                self._enter(answer)

    def _enter(self, answer: Answer) -> None:
        self._tried.add(answer.id)
        name = answer.row.reminder.partition(".")[0]

        def then(outcome: Outcome, saved: tuple[Entry, ...]) -> None:
            self.saved(saved)
            if outcome.ok:
                self.roster.succeeded(name)
            else:
                self.roster.failed(name, outcome)

        loaded, maker = self.roster.loaded.get(name), self.roster.maker()
        answers.enter(self.store, answer, loaded, maker, self.guard, then, self.advising.heard, self._kinds)

    def _kinds(self) -> Iterable[str]:
        return known_kinds(self.roster.loaded.values())
