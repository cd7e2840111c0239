"""What the person pressed: from a notifier's thread into a row, and from there into the log."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue

from crampcoach import answers
from crampcoach.clock import Clock
from crampcoach.guard import Guard, Outcome
from crampcoach.model import Entry, Open, Problem
from crampcoach.roster import Roster
from crampcoach.showing import AWAY, Showing
from crampcoach.store import Store, occurrences
from crampcoach.store import answers as stored_answers
from crampcoach.store.answers import Answer, load_actions


@dataclass(frozen=True, slots=True)
class Event:
    """A press (`action`), or a message that went away without one (`reason`)."""

    occurrence: str
    action: str = ""
    reason: str = ""


@dataclass(slots=True, kw_only=True)
class Presses:
    """The events that notifiers are given (model.NotifierEvents), and what becomes of them on `take`."""

    clock: Clock
    guard: Guard
    roster: Roster
    showing: Showing
    store: Callable[[], Store]
    open_command: Callable[[Open], None]
    wake: Callable[[], None]
    _inbox: SimpleQueue[Event] = field(default_factory=SimpleQueue)
    _unsaved: list[Event] = field(default_factory=list)
    _tried: set[int] = field(default_factory=set)

    def answer(self, occurrence: str, action: str) -> None:
        """The person pressed an action. Safe from any thread."""
        self._inbox.put(Event(occurrence, action=action))
        self.wake()

    def closed(self, occurrence: str, reason: str) -> None:
        """A message went away without an answer. Safe from any thread."""
        self._inbox.put(Event(occurrence, reason=reason))
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
                else:
                    self.showing.closed(event.occurrence, event.reason)
            except (sqlite3.Error, Problem):
                self._unsaved.insert(0, event)
                raise

    def _press(self, event: Event) -> None:
        if event.occurrence.startswith(AWAY):
            self.open_command(Open("today"))
            return
        row = occurrences.find(self.store().state.connection, event.occurrence)
        action = next((one for one in load_actions(row.buttons) if one.key == event.action), None) if row else None
        if row is None or action is None:
            return
        if isinstance(action.then, Open):
            self.open_command(action.then)
            return
        answer = answers.record(self.store(), row.key, action, self.clock.now(), self.clock.zone())
        if answer:
            self._enter(answer)

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

        def then(outcome: Outcome, _saved: tuple[Entry, ...]) -> None:
            if outcome.ok:
                self.roster.succeeded(name)
            else:
                self.roster.failed(name, outcome)

        answers.enter(self.store, answer, self.roster.loaded.get(name), self.roster.maker(), self.guard, then)
