"""Puts safety advice before the person by message: at once after an answer, and whatever an entry raised untold.

Nothing that a plugin does comes before it, and it waits for nobody: the message leaves before the answer and its
entries are stored, in a thread of its own. What a crash cut short stands in the log as not told, and is told by the
next run. Where no notifier takes it, it is said in the agent's output, and tried again each minute.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from crampcoach import answers
from crampcoach.actions import Action, Open
from crampcoach.advice import HEADINGS, Advice, most_urgent
from crampcoach.clock import Clock, zone_name
from crampcoach.delivery import Delivery
from crampcoach.model import Entry, Message, Problem, Urgency
from crampcoach.notifier import Delivered, Failed, Unconfirmed
from crampcoach.planner import quiet_until
from crampcoach.roster import Roster
from crampcoach.safety.flags import flag, raised
from crampcoach.safety.kinds import EXAMINED, EXAMINED_LABEL
from crampcoach.safety.wording import FIRST_MEASURE, HELD, Person, urgent
from crampcoach.store import Store, entries, kept_holds, notices, red_flags_shown
from crampcoach.store import raised as stored
from crampcoach.store.notices import Notice

#: The keys of these messages begin with this: they are no occurrences.
ADVICE = "advice/"
FIRST = "first/red-flags"
QUESTIONS, LIST = Open("check-symptoms"), Open("check-symptoms", "--list")
#: So many are told in full in one message.
_IN_FULL = 3
_RETRY = timedelta(minutes=1)


@dataclass(slots=True, kw_only=True)
class Advising:
    """`nobody` hears why no notifier could show a message, and `say` what it would have said."""

    clock: Clock
    roster: Roster
    delivery: Delivery
    store: Callable[[], Store]
    nobody: Callable[[str], None] = lambda _reason: None
    say: Callable[[str], None] = lambda _text: None
    #: Keys of messages of an earlier run, while their notifiers find out whether they are still there.
    adopting: set[str] = field(default_factory=set)
    _in_hands: set[str] = field(default_factory=set)
    _told: dict[str, Message] = field(default_factory=dict)
    _of: dict[str, str] = field(default_factory=dict)  # the id or origin of the entry that each is about
    _lost: dict[str, Message] = field(default_factory=dict)
    _said: set[str] = field(default_factory=set)
    _after: list[Callable[[], None]] = field(default_factory=list)
    _not_before: dict[str, datetime] = field(default_factory=dict)
    _first_failed: str = ""

    def person(self) -> Person:
        zone = self.clock.zone()
        return Person(self.roster.config.profile, zone_name(zone, self.clock.now()))

    # --- after an answer, and untold ---------------------------------------------------------------------------

    def heard(self, entry: Entry) -> None:
        """An answer stands for this entry (with its origin), which is about to be saved."""
        self._tell(entry.origin or "", [one.id for one in raised(entry)])

    def after(self, do: Callable[[], None]) -> None:
        """Do something that may have to wait for the disk once every message has left, or nobody could show it."""
        if self._in_hands:
            self._after.append(do)
        else:
            do()

    def look(self) -> None:
        """Tell what entries have raised and nobody has been told; in quiet hours only `now`."""
        if self.roster.loading:
            return  # Whoever is to show it may come last; nobody loads for longer than a call may take.
        self._show_lost()
        store, now = self.store(), self.clock.now()
        kept_holds.copy(store)
        saved = [(one.entry, one.origin or one.entry, one.flags) for one in stored.untold(store.log)]
        coming = [("", one.origin or "", tuple(flag.id for flag in raised(one))) for one in answers.unsaved(store)]
        for _entry, of, flags in (*saved, *coming):
            soon = self._too_soon(_key(of, flags), now)
            if not self._is_told(of, flags) and not soon and not self._at_night(flags):
                self._tell(of, flags)
        told = [(entry, flags) for entry, of, flags in saved if self._is_told(of, flags)]
        if told:
            stored.mark_told(store.log, told, now)

    def _is_told(self, of: str, flags: Sequence[str]) -> bool:
        return _key(of, flags) in self._told or not self.person().advice(flags)

    def _at_night(self, flags: Sequence[str]) -> bool:
        """Whether it can wait until quiet hours are over."""
        return self._is_night() and most_urgent(self.person().advice(flags)) != "now"

    def _is_night(self) -> bool:
        now, config = self.clock.now(), self.roster.config
        return config.quiet.enabled and quiet_until(now, config.hours, self.clock.zone()) is not None

    def _too_soon(self, key: str, now: datetime) -> bool:
        again = self._not_before.get(key)
        return again is not None and again - _RETRY <= now < again

    def _tell(self, of: str, flags: Sequence[str]) -> None:
        advice = self.person().advice(flags)
        key = _key(of, flags)
        if advice and key not in self._in_hands and key not in self._told:
            self._of[key] = of
            self._send(advice_message(key, advice))

    def _send(self, message: Message) -> None:
        if self.roster.loading and not self.delivery.chain():
            return  # At the very start; `look` comes again.
        self._in_hands.add(message.occurrence)
        self.delivery.show(message, partial(self._taken, message))

    def _taken(self, message: Message, notifier: str, verdict: Delivered | Unconfirmed | Failed) -> None:
        key = message.occurrence
        self._in_hands.discard(key)
        if isinstance(verdict, Failed):
            self._not_before[key] = self.clock.now() + _RETRY
            self.nobody(verdict.reason)
            if key == FIRST:
                self._first_failed = verdict.reason
            elif key not in self._said:
                self._said.add(key)
                self.say(f"{message.title}\n{message.body}")
        else:
            receipt = (verdict.receipt or "") if isinstance(verdict, Delivered) else ""
            self._told[key] = message
            # A disk that takes nothing costs a later run this message, and must cost nothing else.
            with suppress(sqlite3.Error, OSError, Problem), self.store().state.transaction() as connection:
                notices.add(connection, Notice(key, notifier, receipt, self._of.get(key, "")))
            if key == FIRST:
                red_flags_shown.mark(self.store().state, self.clock.now())
        while self._after and not self._in_hands:
            self._after.pop(0)()

    def closed(self, key: str, reason: str) -> None:
        """A message went away without a press. One that the person closed, they have seen."""
        if reason == "lost":
            self._lose(key)
        elif reason == "dismissed":
            self._forget(key)

    def _lose(self, key: str) -> None:
        """Its server died; nobody knows whether it was read."""
        message = self._told.get(key)
        if message and key not in (*self._in_hands, FIRST):
            self._lost[key] = message
            self._show_lost()

    def _show_lost(self) -> None:
        """Again what was lost; at night only what says `now`."""
        for key, message in list(self._lost.items()):
            if message.urgency == "critical" or not self._is_night():
                del self._lost[key]
                self._send(message)

    def adopt(self, notifiers: Sequence[str]) -> None:
        """Take up messages of an earlier run that these notifiers have shown, so that a press on one is heard."""
        for notice in notices.standing(self.store().state.connection):
            if notice.notifier in notifiers and notice.key not in (*self._told, *self.adopting):
                self.adopting.add(notice.key)
                then = partial(self._adopted, notice.key)
                self.delivery.adopt(notice.notifier, notice.key, notice.receipt, then)

    def _adopted(self, key: str, there: bool) -> None:
        self.adopting.discard(key)
        if not there:
            self._forget(key)

    def _forget(self, key: str) -> None:
        with self.store().state.transaction() as connection:
            notices.remove(connection, key)

    # --- before the first stretch ------------------------------------------------------------------------------

    def first_before(self, tags: Sequence[str]) -> str | None:
        """None if a reminder with these tags may be shown; else it waits for the signs to look out for.

        They come before the first stretch ever. The text says why they could not be shown, once each time.
        """
        if FIRST_MEASURE not in tags or red_flags_shown.since(self.store().state):
            return None
        reason, self._first_failed = self._first_failed, ""
        if FIRST not in self._in_hands and not self._too_soon(FIRST, self.clock.now()):
            self._send(first_message(self.person()))
        return reason

    # --- presses -----------------------------------------------------------------------------------------------

    def pressed(self, key: str, action: str) -> Open | None:
        """What a press on one of these messages asks for; the look of a doctor or nurse is saved here."""
        standing = [notice for notice in notices.standing(self.store().state.connection) if notice.key == key]
        if key not in self._told and not standing:
            return None  # No such message was ever shown.
        if action == EXAMINED:
            of = self._of.get(key) or next((notice.of for notice in standing if notice.of), key)
            self._looked(key, of)
        for notice in standing:
            self.delivery.withdraw(notice.notifier, key, notice.receipt)
            self._forget(key)
        return {"questions": QUESTIONS, "list": LIST}.get(action)

    def _looked(self, key: str, of: str) -> None:
        """A doctor or nurse has looked at what this message was about; what came after it is another matter."""
        now, zone, log = self.clock.now(), self.clock.zone(), self.store().log
        # An entry that is not in the log yet will be the newer one: this look does not cover it.
        looked = Entry(
            kind=EXAMINED,
            fields={"up_to": entries.known(log, of) or key},
            at=now.astimezone(zone),
            zone=zone_name(zone, now),
            origin=f"{key}:{EXAMINED}",
        )
        entries.append(log, [looked], now)


def _key(of: str, flags: Sequence[str]) -> str:
    """Short, and the same before and after the entry is saved, and in every run."""
    what = "\n".join([of, *sorted(flags)])
    return f"{ADVICE}{zlib.crc32(what.encode('utf-8', 'replace')):08x}"


def advice_message(key: str, advice: Sequence[Advice]) -> Message:
    """Advice as a message, most urgent first."""
    level = most_urgent(advice)
    holds = any(flag(one.id).holds for one in advice)
    lines = [one.text for one in advice[:_IN_FULL]]
    if advice[_IN_FULL:]:
        lines.append(f"Also: {'; '.join(one.title for one in advice[_IN_FULL:])}.")
    lines += [HELD] if holds else []
    urgency: Urgency = "critical" if level == "now" else "normal"
    actions = [Action(label="I have read this", key="read")]
    if holds:
        # Its press is taken by `pressed`; where there are no buttons, the person is told what to type.
        actions.append(Action(label=EXAMINED_LABEL, then=Open("log", EXAMINED), key=EXAMINED))
    actions.append(Action(label="More questions", then=QUESTIONS, key="questions"))
    return Message(title=HEADINGS[level], body="\n".join(lines), actions=actions, urgency=urgency, occurrence=key)


def first_message(person: Person) -> Message:
    """The signs to look out for and what to do then, shown once before the first stretch ever."""
    numbers, lines = person.numbers, []
    now = f"Call {numbers.emergency} now for:"
    today = f"Call your doctor or {numbers.advice} today for:"
    for level, heading in (("now", now), ("same-day", today)):
        # As running text: as a list it would not fit on a small screen, and its buttons would be cut off.
        lines.append(f"{heading} {'. '.join(one.brief for one in urgent() if one.level == level)}.")
    actions = [Action(label="I have read this", key="read"), Action(label="Read it in full", then=LIST, key="list")]
    return Message(title="Before your first stretch", body="\n".join(lines), actions=actions, occurrence=FIRST)
