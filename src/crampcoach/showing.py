"""From a row that is ready to a message in front of the person, and back to what the row then says.

The row says `shown` before a notifier is asked, and `delivered` when it has confirmed: a crash in between is visible.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

from crampcoach.actions import Action, Open
from crampcoach.clock import Clock, to_wall
from crampcoach.deciding import superseded
from crampcoach.delivery import Delivery
from crampcoach.guard import Guard, Outcome
from crampcoach.loading import message_of
from crampcoach.model import Message, State
from crampcoach.notifier import Delivered, Failed, Unconfirmed
from crampcoach.planner import Planned, Row, slot_wall
from crampcoach.roster import Roster
from crampcoach.store import Store, occurrences
from crampcoach.store.answers import dump_actions

#: All notifiers failed: tried again after this.
RETRY = timedelta(minutes=1)
#: The key of a merged message begins with this.
AWAY = "away/"


@dataclass(slots=True, kw_only=True)
class Showing:
    """`store` is asked for anew each time: the agent may have had to open its files again."""

    clock: Clock
    guard: Guard
    roster: Roster
    delivery: Delivery
    store: Callable[[], Store]
    #: Told why no notifier could show a message.
    nobody: Callable[[str], None] = lambda _reason: None
    #: Puts the welcome before the message that brings it.
    welcoming: Callable[[Message], Message] = lambda message: message
    #: Keys of the occurrences that are in the hands of a plugin or notifier at this moment.
    busy: set[str] = field(default_factory=set)
    #: Keys of messages of an earlier run, while their notifiers find out whether they are still there.
    adopting: set[str] = field(default_factory=set)
    _leaving: set[str] = field(default_factory=set)

    def show(self, rows: Sequence[Row]) -> None:
        """Put ready rows before the person: one by its own message, several by one that lists them."""
        self.busy.update(row.key for row in rows)
        if len(rows) > 1:
            self._present(rows, self._away_message(rows))
            return
        row, planned = rows[0], self.roster.planned(rows[0].reminder)
        loaded = self.roster.loaded.get(planned.plugin) if planned else None
        if planned is None or loaded is None:
            self.busy.discard(row.key)
            return
        say = planned.reminder.say
        if not callable(say):
            self._composed(row, planned, Outcome(message_of(planned, say)))
            return
        ctx = self.roster.maker().make(loaded.name, loaded.options, self.roster.now())
        job = lambda: message_of(planned, say(ctx, row.occurrence()))  # noqa: E731
        self.guard.call(loaded.name, f"composing {planned.name}", job, partial(self._composed, row, planned))

    def _composed(self, row: Row, planned: Planned, outcome: Outcome) -> None:
        if outcome.ok and outcome.value is not None:
            if callable(planned.reminder.say):
                self.roster.succeeded(planned.plugin)
            self._present([row], self.welcoming(replace(outcome.value, occurrence=row.key)))
            return
        self.busy.discard(row.key)
        reason = "its plugin had nothing to say" if outcome.ok else f"its plugin failed: {outcome.reason}"
        self._change(row, state="missed", reason=reason)
        if not outcome.ok:
            self.roster.failed(planned.plugin, outcome)

    def put_off(self, rows: Sequence[Row], reason: str) -> None:
        """What had to be shown before these could not be: they are tried again as if it had been they."""
        for row in rows:
            self._change(row, reason=f"nobody could show it ({reason})", retry=self.clock.now() + RETRY)

    def _change(self, row: Row, **changes: object) -> None:
        with self.store().state.transaction() as connection:
            current = _unless_changed(connection, row)
            if current:
                occurrences.save(connection, replace(current, **changes))  # type: ignore[arg-type]

    def _away_message(self, rows: Sequence[Row]) -> Message:
        zone = self.clock.zone()
        lines = [f"{to_wall(row.due, zone):%H:%M}  {self._title(row)}" for row in rows]
        actions = (Action(label="Open today", then=Open("today"), key="today"),)
        key = f"{AWAY}{self.clock.now():%Y%m%dT%H%M%S}"
        return Message(title="While you were away", body="\n".join(lines), actions=actions, occurrence=key)

    def _title(self, row: Row) -> str:
        planned = self.roster.planned(row.reminder)
        say = planned.reminder.say if planned else None
        if isinstance(say, str | Message):
            return say if isinstance(say, str) else say.title
        # To have it composed would take a call for a single line.
        return row.reminder.partition(".")[2].replace("-", " ").replace("_", " ").capitalize()

    def _present(self, rows: Sequence[Row], message: Message) -> None:
        """Commit `shown`, then ask the notifiers."""
        try:
            shown = self._commit_shown(rows, message)
        except BaseException:
            self.busy.difference_update(row.key for row in rows)
            raise
        self.busy.difference_update({row.key for row in rows} - {row.key for row in shown})
        if shown:
            self.delivery.show(message, partial(self._taken, shown, message.occurrence))

    def _commit_shown(self, rows: Sequence[Row], message: Message) -> list[Row]:
        """Store as `shown` those rows that still want it; they are returned as they were before."""
        now = self.clock.now()
        shown = []
        with self.store().state.transaction() as connection:
            for row in rows:
                before = _unless_changed(connection, row)
                if before is None:
                    continue
                lead = message.occurrence if message.occurrence.startswith(AWAY) else ""
                planned = self.roster.planned(row.reminder)
                own = planned.reminder.buttons() if planned and lead else message.actions
                current = replace(
                    before, state="shown", reason="", shows=before.shows + 1, shown=now, lead=lead,
                    delivered=None, notifier="", receipt="", closed="", retry=None, buttons=dump_actions(own),
                )  # fmt: skip
                occurrences.save(connection, current)
                shown.append(before)
                for older in self._older(occurrences.open_rows(connection), current, planned):
                    change = superseded(older)
                    occurrences.save(connection, replace(older, state=change.state, reason=change.reason))
        return shown

    def _older(self, rows: Sequence[Row], newer: Row, planned: Planned | None) -> list[Row]:
        if planned is None or planned.reminder.catch_up == "each":
            return []
        return [
            row
            for row in rows
            if row.reminder == newer.reminder
            and slot_wall(row, planned) < slot_wall(newer, planned)
            and row.key not in self.busy
        ]

    def _taken(
        self, rows: Sequence[Row], message_key: str, notifier: str, verdict: Delivered | Unconfirmed | Failed
    ) -> None:
        """Write down what the notifiers said; `rows` as they were before."""
        self.busy.difference_update(row.key for row in rows)
        now = self.clock.now()
        waiting = False
        with self.store().state.transaction() as connection:
            for row in rows:
                current = occurrences.find(connection, row.key)
                if current is None or current.state != "shown":
                    continue
                waiting = True
                occurrences.save(connection, _after(row, current, notifier, verdict, now))
        if isinstance(verdict, Failed):
            self.nobody(verdict.reason)
        if not waiting and notifier:
            self.delivery.withdraw(notifier, message_key, "")  # Answered by command while it was on its way.

    def clear_away(self) -> None:
        """Withdraw the messages of rows that are no longer `shown`, whoever changed them and whenever."""
        connection = self.store().state.connection
        for row in occurrences.left_on_screen(connection):
            key = row.lead or row.key
            if key not in self._leaving and not (row.lead and occurrences.spoken_for(connection, key)):
                self._leaving.add(key)
                self.delivery.withdraw(row.notifier, key, row.receipt, partial(self._withdrawn, key))

    def _withdrawn(self, key: str) -> None:
        """Only now: had the agent been killed in between, the next one would have to do it."""
        self._leaving.discard(key)
        with self.store().state.transaction() as connection:
            for row in occurrences.left_on_screen(connection):
                if (row.lead or row.key) == key:
                    occurrences.save(connection, replace(row, closed="withdrawn"))

    def closed(self, key: str, reason: str) -> None:
        """A message went away without an answer. A lost one may be shown again."""
        with self.store().state.transaction() as connection:
            for row in self._rows_of(key):
                occurrences.save(connection, _lost(row) if reason == "lost" else replace(row, closed=reason))

    def _rows_of(self, key: str) -> list[Row]:
        connection = self.store().state.connection
        if key.startswith(AWAY):
            return occurrences.spoken_for(connection, key)
        row = occurrences.find(connection, key)
        return [row] if row and row.state == "shown" else []

    def adopt(self, notifiers: Sequence[str] | None) -> None:
        """Take up messages of an earlier run, of these notifiers or (None) of those that are no longer there."""
        present = {owned.name for owned in self.delivery.chain()}
        connection = self.store().state.connection
        shown = [row for row in occurrences.open_rows(connection) if row.state == "shown" and row.delivered]
        # What ended while nothing ran can still be answered, late, until its message has been withdrawn.
        for row in [*shown, *occurrences.left_on_screen(connection)]:
            if not row.notifier or row.key in self.busy:
                continue
            message_key = row.lead or row.key
            mine = row.notifier not in present if notifiers is None else row.notifier in notifiers
            if mine and message_key not in self.adopting:
                self.adopting.add(message_key)
                then = partial(self._adopted, message_key, row.notifier, row.receipt)
                self.delivery.adopt(row.notifier, message_key, row.receipt, then)

    def _adopted(self, message_key: str, notifier: str, receipt: str, there: bool) -> None:
        self.adopting.discard(message_key)
        if there:
            return
        with self.store().state.transaction() as connection:
            for row in self._rows_of(message_key):
                # Shown anew in the meantime, it has another message than the one that was asked for.
                if (row.notifier, row.receipt) == (notifier, receipt) and row.key not in self.busy:
                    occurrences.save(connection, _lost(row))


def _unless_changed(connection: sqlite3.Connection, row: Row) -> Row | None:
    """The row as stored; None if it was answered, snoozed or moved since it was read: the newer word counts."""
    current = occurrences.find(connection, row.key)
    return current if current and (current.state, current.due) == (row.state, row.due) else None


def _lost(row: Row) -> Row:
    return replace(row, closed="lost", delivered=None, notifier="", receipt="")


def _after(before: Row, row: Row, notifier: str, verdict: Delivered | Unconfirmed | Failed, now: datetime) -> Row:
    match verdict:
        case Delivered(receipt):
            return replace(row, delivered=now, notifier=notifier, receipt=receipt or "", closed="")
        case Unconfirmed():
            return replace(row, notifier=notifier, closed="")
        case Failed(reason):
            # As if it had not been tried. One that was found `shown` after a crash is known by now not to be there.
            waits: State = "snoozed" if before.chosen else "due"
            state = waits if before.state == "shown" else before.state
            return replace(before, state=state, reason=f"nobody could show it ({reason})", retry=now + RETRY)
