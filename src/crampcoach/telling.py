"""What the agent tells the person about itself: that it is ready, what changed, which plugin was set aside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from crampcoach.clock import Clock, to_wall
from crampcoach.delivery import Delivery
from crampcoach.loading import check_log_actions, known_kinds
from crampcoach.model import Message, Open
from crampcoach.notifier import Delivered, Failed, Unconfirmed
from crampcoach.opening import open_command
from crampcoach.planner import Planned, upcoming
from crampcoach.recurrence import Slot
from crampcoach.roster import Roster
from crampcoach.store import Store, agent_state, occurrences


@dataclass(slots=True, kw_only=True)
class Telling:
    """`say` takes lines for whoever started the agent; `news` are lines that wait until no plugin is loading."""

    say: Callable[[str], None]
    clock: Clock
    roster: Roster
    delivery: Delivery
    store: Callable[[], Store]
    news: list[str] = field(default_factory=list)
    _set_aside: list[str] = field(default_factory=list)
    _said_nobody: set[str] = field(default_factory=set)
    _failures: list[agent_state.Failure] = field(default_factory=list)
    #: What resting plugins were last written down; None: what an earlier run has left must go.
    _resting: dict[str, str] | None = None

    def ready(self) -> None:
        """The first line after planning, and on the very first run a welcome."""
        slots = self._next_slots()
        self.say(f"ready: {self._outlook(slots)}")
        self._check_kinds()
        self._welcome(slots)

    def _next_slots(self) -> list[tuple[Slot, Planned]]:
        state = self.store().state.connection
        plan = [one for one in self.roster.plan() if one.plugin in self.roster.loaded]
        return upcoming(plan, self.clock.zone(), self.clock.now(), lambda key: occurrences.find(state, key) is not None)

    def _outlook(self, slots: list[tuple[Slot, Planned]]) -> str:
        many = f"{len(slots)} reminder{'' if len(slots) == 1 else 's'}"
        if not slots:
            return many
        slot, planned = slots[0]
        return f"{many}, next {planned.name} at {to_wall(slot.due, self.clock.zone()):%a %H:%M}"

    def _welcome(self, slots: list[tuple[Slot, Planned]]) -> None:
        with self.store().state.transaction() as connection:
            if agent_state.mark(connection, "welcomed"):
                return
            agent_state.set_mark(connection, "welcomed", "1")
        text = f"It works: {self._outlook(slots)}."
        if slots:
            text += f" `crampcoach try {slots[0][1].plugin}` shows one now."
        self.say(f"Welcome to crampcoach. {text}")
        self.tell("Welcome to crampcoach", text)

    def say_news(self) -> None:
        """Say what has gathered, once."""
        if self.news:
            self._check_kinds()
            self.say("\n".join(self.news))
            self.news.clear()
        if self._set_aside:
            names = ", ".join(dict.fromkeys(self._set_aside))
            self._set_aside.clear()
            self.tell("A plugin was set aside", f"{names}. `crampcoach plugins` says why. All others go on.")

    def _check_kinds(self) -> None:
        """A button that would log an unknown kind is its author's slip; say so before anybody presses it."""
        kinds = known_kinds(self.roster.loaded.values())
        for name, loaded in self.roster.loaded.items():
            if wrong := check_log_actions(loaded.plan, kinds):
                self.plugin_failed(name, wrong, "")

    def plugin_failed(self, name: str, reason: str, detail: str) -> None:
        """A plugin stumbled, or was set aside: a line, a row for `crampcoach plugins`, and a message if it rests."""
        rests = name in self.roster.resting
        self.say(f"plugin {name}: {reason}" + ("; it rests until it is mended" if rests else ""))
        self._failures.append(agent_state.Failure(name, self.clock.now(), reason, detail))
        if rests:
            self._set_aside.append(name)

    def note(self) -> None:
        """Write down for the commands what failed, and what rests here: there it may well load without a fault."""
        resting = dict(self.roster.resting)
        if not self._failures and resting == self._resting:
            return
        with self.store().state.transaction() as connection:
            for failure in self._failures:
                agent_state.add_failure(connection, failure)
            agent_state.set_resting(connection, resting)
        self._failures.clear()
        self._resting = resting

    def tell(self, title: str, body: str) -> None:
        """A message that is no occurrence: nothing is asked, nothing is remembered."""

        def shown(_name: str, verdict: Delivered | Unconfirmed | Failed) -> None:
            if isinstance(verdict, Failed):
                self.nobody(verdict.reason)

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
