"""Puts safety advice before the person by message: at once after an answer, and whatever an entry raised untold.

Nothing that a plugin does comes before it, and it waits for nobody: the message leaves before the answer and its
entries are stored, in a thread of its own. What a crash cut short stands in the log as not told, and is told by the
next run. Where no notifier takes it, it is said in the agent's output, and tried again each minute.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from crampcoach import answers
from crampcoach.actions import Open
from crampcoach.advice import most_urgent
from crampcoach.advice_messages import FIRST, LIST, QUESTIONS, advice_key, advice_message, first_message
from crampcoach.clock import Clock, zone_name
from crampcoach.deciding import MOST_SHOWS
from crampcoach.delivery import Delivery
from crampcoach.model import Entry, Message, Problem
from crampcoach.notifier import Delivered, Failed, Unconfirmed
from crampcoach.planner import quiet_until
from crampcoach.roster import Roster
from crampcoach.safety.flags import raised, red_flags
from crampcoach.safety.kinds import EXAMINED
from crampcoach.safety.wording import FIRST_MEASURE, Person
from crampcoach.store import Store, entries, kept_holds, notices, red_flags_shown
from crampcoach.store import raised as stored
from crampcoach.store.notices import Notice

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
    _shows: Counter[str] = field(default_factory=Counter)
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
        self._take_settled_away()
        alike: dict[tuple[str, ...], list[stored.Untold]] = {}
        for one in answers.untold(store):
            alike.setdefault(one.flags, []).append(one)
        told = []
        for flags, found in alike.items():
            of = found[-1].of  # the same sign, entered again and again while nobody was there, is told once
            soon = self._too_soon(advice_key(of, flags), now)
            if not self._is_told(of, flags) and not soon and not self._at_night(flags):
                self._tell(of, flags)
            if self._is_told(of, flags):
                told += [(one.entry, flags) for one in found if one.entry]
        if told:
            stored.mark_told(store.log, told, now)

    def settled(self) -> bool:
        """Whether nothing is left to be told."""
        return not (self._in_hands or self._lost or answers.untold(self.store()))

    def _take_settled_away(self) -> None:
        """What only held is settled by a look at the leg."""
        store = self.store()
        standing = [one for one in notices.standing(store.state.connection) if one.of]
        holding = stored.holding_entries(store.log) if standing else {}
        for notice in standing:
            flags = stored.of_entry(store.log, notice.of)
            if flags and _ONLY_HOLD.issuperset(flags) and entries.known(store.log, notice.of) not in holding:
                self._take_away(notice)

    def _is_told(self, of: str, flags: Sequence[str]) -> bool:
        return advice_key(of, flags) in self._told or not self.person().advice(flags)

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
        key = advice_key(of, flags)
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
            self._shows[key] += 1
            # A disk that takes nothing costs a later run this message, and must cost nothing else.
            with suppress(sqlite3.Error, OSError, Problem), self.store().state.transaction() as connection:
                before = notices.find(connection, key)
                shows = max(self._shows[key], before.shows + 1 if before else 0)
                notices.add(connection, Notice(key, notifier, receipt, self._of.get(key, ""), shows))
            if key == FIRST:
                red_flags_shown.mark(self.store().state, self.clock.now())
        while self._after and not self._in_hands:
            self._after.pop(0)()

    def closed(self, key: str, reason: str, notifier: str) -> None:
        """A message went away without a press. One that the person closed, they have seen."""
        notice = self._notice(key)
        if notice and notice.notifier != notifier:
            return
        if reason == "lost":
            self._show_again(key)
        elif reason == "dismissed":
            self._forget(key)

    def _show_again(self, key: str) -> None:
        """It is gone, and nobody knows whether it was read: once more, then only `status` has it."""
        notice = self._notice(key)
        message = self._told.get(key) or (self._written(notice) if notice else None)
        shows = max(self._shows[key], notice.shows if notice else 0)
        if message and key not in (*self._in_hands, FIRST) and shows < MOST_SHOWS and not (notice and notice.read):
            self._of.setdefault(key, notice.of if notice else "")
            self._lost[key] = message
            self._show_lost()

    def _written(self, notice: Notice) -> Message | None:
        """The message of an earlier run, from what its entry has raised."""
        advice = self.person().advice(stored.of_entry(self.store().log, notice.of)) if notice.of else ()
        return advice_message(notice.key, advice) if advice else None

    def _notice(self, key: str) -> Notice | None:
        return notices.find(self.store().state.connection, key)

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
        notice = self._notice(key)
        if there or notice is None:
            return
        if notice.of and not notice.read:
            self._show_again(key)
        else:
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

    def pressed(self, key: str, action: str, notifier: str) -> Open | None:
        """What a press on one of these messages asks for; the look of a doctor or nurse is saved here."""
        notice = self._notice(key)
        if key not in self._told and notice is None:
            return None  # No such message was ever shown.
        if notice and notice.notifier != notifier:
            return None  # It is somebody else's: whoever did not show it cannot have seen the press.
        if action == EXAMINED:
            self._looked(key, self._of.get(key) or (notice.of if notice else ""))
        if notice:
            self._take_away(notice)
        return {"questions": QUESTIONS, "list": LIST}.get(action)

    def _take_away(self, notice: Notice) -> None:
        self.delivery.withdraw(notice.notifier, notice.key, notice.receipt)
        self._forget(notice.key)

    def _looked(self, key: str, of: str) -> None:
        """A doctor or nurse has looked at what this message was about; what came after it is another matter."""
        now, zone, log = self.clock.now(), self.clock.zone(), self.store().log
        # What was answered before comes before it in the log too.
        entries.append(log, answers.unsaved(self.store()), now)
        looked = Entry(
            kind=EXAMINED,
            fields={"up_to": entries.known(log, of) or key},
            at=now.astimezone(zone),
            zone=zone_name(zone, now),
            origin=f"{key}:{EXAMINED}",
        )
        entries.append(log, [looked], now)


#: Flags that a look at the leg settles.
_ONLY_HOLD = frozenset(one.id for one in red_flags() if one.holds)
