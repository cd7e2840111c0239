"""The plugin author's kit: the real agent with a home of its own, a clock you hand it, and a notifier you can press.

Nothing is imitated but the clock and the notifier: planner, store, delivery and guarded calls are the agent's own.

    with Coach(tmp_path, now="2026-11-22 14:00", zone="Europe/Berlin") as coach:
        coach.load("coffee", SOURCE)
        coach.advance("15:00")
        coach.press("Had one")
        assert [entry.kind for entry in coach.entries()] == ["coffee"]
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterable
from contextlib import AbstractContextManager, suppress
from datetime import UTC, datetime, timedelta, tzinfo
from functools import partial
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any
from zoneinfo import ZoneInfo

from crampcoach.advice_messages import ADVICE, FIRST
from crampcoach.agent import Agent
from crampcoach.clock import SystemClock, to_utc, to_wall
from crampcoach.home import Home
from crampcoach.hookspecs import hookimpl
from crampcoach.model import Entry, Message
from crampcoach.notifier import Delivered, Failed, NotifierEvents, Unconfirmed
from crampcoach.planner import Row
from crampcoach.recurrence import parse_time
from crampcoach.showing import AWAY
from crampcoach.store import agent_state, entries, occurrences
from crampcoach.store.agent_state import Failure

#: Calls of plugins under test may take this long, in real seconds.
DEADLINE = 2.0


class HandedClock:
    """A clock that stands still until it is set."""

    def __init__(self, now: datetime, zone: tzinfo) -> None:
        self._now, self._zone = now.astimezone(UTC), zone
        self._stepped = False

    def now(self) -> datetime:
        return self._now

    def zone(self) -> tzinfo:
        return self._zone

    def monotonic(self) -> float:
        # Real seconds: a plugin that hangs is found out while this clock stands still.
        return SystemClock().monotonic()

    def wait_for(self, instant: datetime) -> float:
        return max(0.0, (instant - self._now).total_seconds())

    def stepped(self) -> bool:
        """Whether it has jumped since this was last asked."""
        stepped, self._stepped = self._stepped, False
        return stepped

    def set(self, now: datetime | None = None, zone: tzinfo | None = None) -> None:
        """Set the time (aware), the zone, or both."""
        self._now = now.astimezone(UTC) if now else self._now
        self._zone = zone or self._zone

    def jump(self, now: datetime, zone: tzinfo | None = None) -> None:
        """Set it as no passing of time does: the agent is told that it was."""
        self.set(now, zone)
        self._stepped = True


class Recorder:
    """A notifier that keeps what it is shown. `verdict` is what it answers; a Failed one shows nothing."""

    name = "recorder"

    def __init__(self) -> None:
        self.sent: list[Message] = []
        self.open: dict[str, Message] = {}
        self.withdrawn: list[str] = []
        self.verdict: Delivered | Unconfirmed | Failed = Delivered("recorded")
        self.events: NotifierEvents | None = None

    def start(self, events: NotifierEvents) -> None:
        self.events = events

    def show(self, message: Message) -> Delivered | Unconfirmed | Failed:
        if not isinstance(self.verdict, Failed):
            self.sent.append(message)
            self.open[message.occurrence] = message
        return self.verdict

    def withdraw(self, occurrence: str) -> None:
        if self.open.pop(occurrence, None):
            self.withdrawn.append(occurrence)

    def adopt(self, occurrence: str, receipt: str) -> bool:
        """A message of an earlier agent is still there if nobody took it away."""
        return occurrence in self.open and receipt == "recorded"

    def close(self) -> None:
        """Nothing to close."""


def _as_plugin(recorder: Recorder) -> ModuleType:
    module = ModuleType("crampcoach_recorder", "The notifier of crampcoach.testing.")

    def notifiers() -> list[Recorder]:
        return [recorder]

    notifiers.__module__ = module.__name__
    vars(module)["notifiers"] = hookimpl(notifiers)
    return module


class Coach(AbstractContextManager["Coach"]):
    """A running agent under your control. `folder` becomes its home; `now` is wall time in `zone`."""

    def __init__(
        self,
        folder: Path,
        *,
        now: str = "2026-11-22 12:00",
        zone: str = "Europe/Berlin",
        config: str = "",
        deadline: float = DEADLINE,
    ) -> None:
        self.home = Home(folder / "config", folder / "data", folder / "run")
        start_zone = ZoneInfo(zone)
        self.clock = HandedClock(to_utc(datetime.fromisoformat(now), start_zone), start_zone)
        self.recorder = Recorder()
        self.said: list[str] = []
        self._deadline = deadline
        self._names: set[str] = {"recorder"}
        self._given: dict[str, ModuleType] = {"recorder": _as_plugin(self.recorder)}
        self._agent: Agent | None = None
        if config:
            self.configure(config)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # --- what runs ---------------------------------------------------------------------------------------------

    def load(self, name: str, what: ModuleType | Path | str | None = None) -> None:
        """Switch a plugin on: an installed one by its name, or a module, the path of a file, or a source text."""
        self._names.add(name)
        if isinstance(what, ModuleType):
            self._given[name] = what
        elif what is not None:
            self.home.plugin_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
            path = self.home.plugin_dir / f"{name}.py"
            if isinstance(what, Path):
                shutil.copyfile(what, path)
            else:
                path.write_text(what, encoding="utf-8")
            path.chmod(0o600)
        if self._agent:
            self.restart()

    def configure(self, text: str) -> None:
        """Write config.toml; a running agent follows it at once."""
        self.home.config_file.parent.mkdir(parents=True, exist_ok=True)
        self.home.config_file.write_text(text, encoding="utf-8")
        if self._agent:
            self.settle()

    @property
    def agent(self) -> Agent:
        """The agent, started when it is first needed. Raises Problem as `crampcoach run` would."""
        if self._agent is None:
            agent = Agent(self.home, self.clock, self.said.append, given=self._given, only=self._names)
            agent.guard.deadline_seconds = self._deadline
            agent.startup()
            self._agent = agent
            self.settle()
        return self._agent

    def stop(self) -> None:
        """Stop the agent; its home stays."""
        if self._agent:
            self._agent.shutdown()
            with suppress(sqlite3.Error):  # its files are closed
                self._agent.guard.wait()
            self._agent = None

    def restart(self) -> None:
        """Stop the agent and start a new one in the same home."""
        self.stop()
        _ = self.agent

    def settle(self) -> None:
        """Let the agent turn until nothing is under way."""
        agent = self.agent
        agent.turn()
        while agent.guard.busy():
            try:
                agent.guard.wait()
            except sqlite3.Error:  # what cannot be written now is handed over again by a later turn
                agent.turn()
                return
            agent.turn()

    def advance(self, to: str | timedelta) -> None:
        """Let time pass: until the next `"22:00"` or `"2026-11-23 07:00"` (wall time), or for a timedelta.

        The agent is woken whenever it asked to be, as in real life.
        """
        agent, target = self.agent, self._target(to)
        self.settle()
        while self.clock.now() < target:
            wake = agent.timetable.next_wake()
            # A minute is the longest that the real agent sleeps; a second keeps a stuck wake time from stopping us.
            step = max(min(wake, target), self.clock.now() + timedelta(seconds=1))
            self.clock.set(min(step, target))
            self.settle()

    def jump(self, to: str | timedelta, zone: str | None = None) -> None:
        """Set the clock, forward or back, without anything in between: a suspend, a wrong clock, a flight."""
        self.clock.jump(self._target(to, forward=False), ZoneInfo(zone) if zone else None)
        self.settle()

    def _target(self, to: str | timedelta, *, forward: bool = True) -> datetime:
        if isinstance(to, timedelta):
            return self.clock.now() + to
        zone = self.clock.zone()
        if len(to) > len("22:00"):
            return to_utc(datetime.fromisoformat(to), zone)
        wall = datetime.combine(to_wall(self.clock.now(), zone).date(), parse_time(to))
        target = to_utc(wall, zone)
        return to_utc(wall + timedelta(days=1), zone) if forward and target <= self.clock.now() else target

    # --- what a person does and sees ---------------------------------------------------------------------------

    @property
    def sent(self) -> list[Message]:
        """Every reminder's message so far, oldest first, merged ones too; no advice, nothing about the agent itself."""
        return [one for one in self.recorder.sent if one.reminder or one.occurrence.startswith(AWAY)]

    @property
    def advice(self) -> list[Message]:
        """Every message with advice so far, oldest first; not the signs shown before the first stretch."""
        return [one for one in self.recorder.sent if one.occurrence.startswith(ADVICE)]

    def press(self, label: str, occurrence: str | None = None) -> None:
        """Press a button, by its label or key, of the newest message that is still there (or of the named one)."""
        waiting = {key: message for key, message in self.recorder.open.items() if key and key != FIRST}
        key = occurrence or next(reversed(waiting), None)
        if key is None or key not in waiting:
            raise LookupError(f"no message is there to press {label!r} on; there is {list(waiting) or 'nothing'}")
        for action in waiting[key].actions:
            if label in (action.label, action.key):
                del self.recorder.open[key]
                assert self.recorder.events is not None
                self.recorder.events.answer(key, action.key)
                self.settle()
                return
        labels = ", ".join(action.label for action in waiting[key].actions)
        raise LookupError(f"the message has no button {label!r}; it has {labels}")

    def entries(self, kind: str | None = None) -> tuple[Entry, ...]:
        """What stands in the log, oldest first."""
        return tuple(entries.select(self.agent.store.log, kind=kind))

    def rows(self, reminder: str = "*") -> list[Row]:
        """Every occurrence, oldest first, of the reminders that match."""
        everything = (datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC))
        return occurrences.between(self.agent.store.state.connection, reminder, *everything)

    def states(self, reminder: str = "*") -> list[str]:
        """The states of those occurrences."""
        return [row.state for row in self.rows(reminder)]

    def failures(self, plugin: str) -> list[Failure]:
        """What a plugin did wrong, newest first."""
        return agent_state.failures(self.agent.store.state.connection, plugin)

    def resting(self) -> dict[str, str]:
        """The plugins that were set aside, with the reason."""
        return dict(self.agent.roster.resting)

    def tick(self, plugin: str) -> None:
        """Have a plugin tick now."""
        self.agent.housekeeping.tick(self.agent.roster.loaded[plugin])
        self.settle()

    def call(self, plugin: str, hook: str, **available: Any) -> Any:
        """Call one hook of a loaded plugin directly, with a real context. Raises what the plugin raises."""
        loaded = self.agent.roster.loaded[plugin]
        make = partial(self.agent.roster.maker().make, plugin, loaded.options)
        result = loaded.plugin.call(hook, ctx=make(self.agent.roster.now()), **available)
        return tuple(result) if isinstance(result, Iterable) and not isinstance(result, (str, type)) else result
