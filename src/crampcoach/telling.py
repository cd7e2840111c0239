"""What the agent tells the person about itself: that it is ready, what changed, which plugin was set aside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from functools import partial

from crampcoach.actions import Action, Open
from crampcoach.answers import holding
from crampcoach.clock import Clock, to_wall, zone_name
from crampcoach.delivery import Delivery
from crampcoach.guard import Outcome
from crampcoach.kind_checks import logs, misfit, unknown_kind
from crampcoach.loading import Loaded, known_kinds
from crampcoach.model import Message, QuietTime
from crampcoach.notifier import Delivered, Failed, Unconfirmed
from crampcoach.opening import open_command
from crampcoach.planner import Planned, Row, quiet_until, row_of, upcoming
from crampcoach.recurrence import Slot, slots_of
from crampcoach.roster import Roster
from crampcoach.safety.wording import held
from crampcoach.store import Store, agent_state, ignored, kept_holds, notices, occurrences
from crampcoach.store.notices import Notice

#: The keys of messages about a reminder that has gone quiet begin with this; its button has this key.
QUIET = "quiet/"
RESUME = "resume"


@dataclass(slots=True, kw_only=True)
class Telling:
    """`say` takes lines for whoever started the agent; `news` are lines that wait until no plugin is loading."""

    say: Callable[[str], None]
    clock: Clock
    roster: Roster
    delivery: Delivery
    store: Callable[[], Store]
    news: list[str] = field(default_factory=list)
    #: Told at once of what a plugin does wrong, before that is written down.
    failed: Callable[[agent_state.Failure], None] = lambda _failure: None
    _set_aside: list[str] = field(default_factory=list)
    _said_nobody: set[str] = field(default_factory=set)
    _failures: list[agent_state.Failure] = field(default_factory=list)
    #: What resting plugins were last written down; None: what an earlier run has left must go.
    _resting: dict[str, str] | None = None
    _quiet_times: dict[str, tuple[QuietTime, ...]] = field(default_factory=dict)

    def opened(self) -> None:
        """The files were opened: what became of them, and of a hold that a backup does not know."""
        now = self.clock.now()
        kept = kept_holds.bring_back(self.store(), now, zone_name(self.clock.zone(), now))
        for note in (*self.store().notes, kept):
            if note:
                self.say(note)

    def ready(self) -> None:
        """The first line after planning, and on the very first run a welcome."""
        slots = self._next_slots()
        self.say(f"ready: {self._outlook(slots)}")
        self._check_kinds()
        self._welcome()

    def _next_slots(self) -> list[tuple[Slot, Planned]]:
        """When each reminder comes next, without those that have to wait for a look at a leg, or have gone quiet."""
        state, now = self.store().state.connection, self.clock.now()
        quiet = ignored.names(state, self.roster.config.hours.day_of(to_wall(now, self.clock.zone())))
        waits = held(self.roster.config.profile, holding(self.store()))
        plan = [
            one
            for one in self.roster.plan()
            if one.plugin in self.roster.loaded
            and one.name not in quiet
            and not any(tag in waits for tag in one.reminder.tags)
        ]
        return upcoming(plan, self.clock.zone(), self.clock.now(), lambda key: occurrences.find(state, key) is not None)

    def _outlook(self, slots: list[tuple[Slot, Planned]]) -> str:
        many = f"{len(slots)} reminder{'' if len(slots) == 1 else 's'}"
        if not slots:
            return many
        slot, planned = slots[0]
        return f"{many}, next {planned.name} at {to_wall(slot.due, self.clock.zone()):%a %H:%M}"

    def _welcome(self) -> None:
        """Once ever. A question that a plugin tags "welcome" comes in the same message; at night both wait."""
        now, zone = self.clock.now(), self.clock.zone()
        asks = next((one for one in self.roster.plan() if "welcome" in one.reminder.tags), None)
        with self.store().state.transaction() as connection:
            if agent_state.mark(connection, "welcomed"):
                return
            row = self._first_row(asks, now, zone) if asks else None
            occurrences.insert_new(connection, [row] if row else [])
            agent_state.set_mark(connection, "welcomed", row.key if row else "1")
        slots = self._next_slots()  # without the question that comes now
        text = f"It works: {self._outlook(slots)}."
        trying = f" `crampcoach try {slots[0][1].name}` shows it now." if slots else ""
        self.say(f"Welcome to crampcoach. {text}{trying}")
        wait = self.roster.waits(now, zone)
        if row is None and (
            wait is None or wait.plugin
        ):  # whoever has just started it is there, whatever a plugin says
            self.tell("Welcome to crampcoach", f"{text}{trying}")

    def _first_row(self, planned: Planned, now: datetime, zone: tzinfo) -> Row | None:
        """Today's slot of a reminder, due at once, at night the coming day's; None if the day has none."""
        hours = self.roster.config.hours
        awake = quiet_until(now, hours, zone) or now
        slots = slots_of(planned.rule, hours.day_of(to_wall(awake, zone)), planned.hours, zone)
        return row_of(planned, replace(slots[0], due=now), zone, zone_name(zone, now)) if slots else None

    def welcoming(self, message: Message) -> Message:
        """The message with the welcome before it, if it is the one that brings it."""
        if agent_state.mark(self.store().state.connection, "welcomed") != message.occurrence:
            return message
        body = f"It works: {self._outlook(self._next_slots())}.\nFirst a question. {message.title}\n{message.body}"
        return replace(message, title="Welcome to crampcoach", body=body)

    def say_news(self) -> None:
        """Say what has gathered, once."""
        if self.news:
            self._check_kinds()
            self.say("\n".join(self.news))
            self.news.clear()
        if self._set_aside and not self.roster.waits(self.clock.now(), self.clock.zone()):
            names = ", ".join(dict.fromkeys(self._set_aside))
            self._set_aside.clear()
            self.tell("A plugin was set aside", f"{names}. `crampcoach plugins` says why. All others go on.")

    def _check_kinds(self) -> None:
        """A button that would log what does not fit is its author's slip; say so before anybody presses it.

        A kind's check is code of its plugin: what that one's own buttons log was tried as it was loaded, and what those
        of others log is tried in a call of the kind's owner.
        """
        everybody = dict(self.roster.loaded)
        known = known_kinds(everybody.values())
        owners = {kind.name: loaded for loaded in everybody.values() for kind in loaded.kinds}
        for name, loaded in everybody.items():
            if loaded.misfit:
                self._misfit(name, loaded.misfit)
            for button, then in logs(loaded.plan):
                if then.kind not in known:
                    self._misfit(name, f"{button} logs {unknown_kind(then.kind, known)}")
                elif (owner := owners.get(then.kind, loaded)) is not loaded:
                    job, tried = partial(misfit, then, known[then.kind]), partial(self._tried, name, owner, button)
                    self.roster.guard.call(owner.name, f"checking an entry of its kind {then.kind!r}", job, tried)

    def _tried(self, name: str, owner: Loaded, button: str, outcome: Outcome) -> None:
        if not outcome.ok and self.roster.loaded.get(owner.name) is owner:
            self.roster.failed(owner.name, outcome)
        elif outcome.ok and outcome.value:
            self._misfit(name, f"{button} logs {outcome.value}")

    def _misfit(self, name: str, wrong: str) -> None:
        self.plugin_failed(name, Outcome(reason=wrong, told="a button of it logs what does not fit its kind"))

    def plugin_failed(self, name: str, outcome: Outcome) -> None:
        """A plugin stumbled, or was set aside: a line, a row for `crampcoach plugins`, and a message if it rests."""
        rests = name in self.roster.resting
        more = f"`crampcoach plugins show {name}` says more"
        self.say(f"plugin {name}: {outcome.told}; " + (f"it rests until it is mended, and {more}" if rests else more))
        failure = agent_state.Failure(name, self.clock.now(), outcome.reason, outcome.detail)
        self._failures.append(failure)
        self.failed(failure)
        if rests:
            self._set_aside.append(name)

    def note(self) -> None:
        """Write down for the commands what failed, what rests, and what is quiet here: there it may be otherwise."""
        resting = dict(self.roster.resting)
        quiet_times = {name: times for name, times in self.roster.quiet_times.items() if times}
        if not self._failures and (resting, quiet_times) == (self._resting, self._quiet_times):
            return
        with self.store().state.transaction() as connection:
            for failure in self._failures:
                agent_state.add_failure(connection, failure)
            agent_state.set_resting(connection, resting)
            agent_state.set_quiet_times(connection, quiet_times)
        self._failures.clear()
        self._resting, self._quiet_times = resting, quiet_times

    def gone_quiet(self, reminder: str) -> None:
        """A reminder that nobody has answered for seven days says so once, and stays quiet."""
        body = (
            f"Nobody has answered {reminder} for seven days, so it has gone quiet. `crampcoach resume` brings it back."
        )
        actions = (Action(label="Resume", key=RESUME), Action(label="Stay quiet", key="stay"))
        message = Message(title="I have gone quiet", body=body, actions=actions, occurrence=f"{QUIET}{reminder}")

        def shown(name: str, verdict: Delivered | Unconfirmed | Failed) -> None:
            if isinstance(verdict, Failed):
                self.nobody(verdict.reason)  # It is said again when its next time comes.
                return
            receipt = (verdict.receipt or "") if isinstance(verdict, Delivered) else ""
            with self.store().state.transaction() as connection:
                ignored.mark_told(connection, reminder, self.clock.now())
                notices.add(connection, Notice(message.occurrence, name, receipt))

        self.delivery.show(message, shown)
        self.say(body)

    def tell(self, title: str, body: str, *, or_say: bool = False) -> None:
        """A message that is no occurrence: nothing is asked, nothing is remembered.

        `or_say`: said in the agent's output where nobody can show it.
        """

        def shown(_name: str, verdict: Delivered | Unconfirmed | Failed) -> None:
            if isinstance(verdict, Failed):
                self.nobody(verdict.reason)
                if or_say:
                    self.say(f"{title}\n{body}")

        self.delivery.show(Message(title=title, body=body), shown)

    def nobody(self, reason: str) -> None:
        """No notifier could show a message: said once for each reason, for nobody will see it elsewhere."""
        if reason not in self._said_nobody:
            self._said_nobody.add(reason)
            self.say(f"messages cannot be shown: {reason}; what is due is tried again, `crampcoach today` lists it")

    def open_command(self, then: Open) -> None:
        """Start a command in a terminal window, or say which one to type."""
        if not open_command(then.argv, self.roster.config.notify.terminal):
            self.tell("Open a terminal", f"There, type: crampcoach {' '.join(then.argv)}")
