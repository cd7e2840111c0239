"""The agent under test: started when it is needed, with the plugins that a test loads, on the clock that it sets."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Self
from zoneinfo import ZoneInfo

from crampcoach.actions import Open
from crampcoach.agent import Agent
from crampcoach.checks import check_name
from crampcoach.clock import to_utc, to_wall
from crampcoach.home import find_home
from crampcoach.options import did_you_mean
from crampcoach.plugins import discover
from crampcoach.recurrence import parse_time
from crampcoach.store.agent_state import Failure
from crampcoach.testing.failures import PluginFailed
from crampcoach.testing.handed_clock import HandedClock
from crampcoach.testing.recorder import Recorder

#: Calls of plugins under test may take this long, in real seconds.
DEADLINE = 2.0
#: pytest shows the line of a test that failed, not the way from there through this module.
__tracebackhide__ = True


class RunningAgent:
    """An agent in a home of its own, the plugins that it has, and the time that passes for it."""

    def __init__(
        self,
        folder: Path,
        *,
        now: str = "2026-11-22 12:00",
        zone: str = "Europe/Berlin",
        config: str = "",
        deadline: float = DEADLINE,
    ) -> None:
        self._variables = {"CRAMPCOACH_HOME": str(folder)}
        self.home = find_home(self._variables)
        start_zone = ZoneInfo(zone)
        self.clock = HandedClock(to_utc(datetime.fromisoformat(now), start_zone), start_zone)
        self.recorder = Recorder()
        self.said: list[str] = []
        self.opened: list[tuple[str, ...]] = []
        self._deadline = deadline
        self._agent: Agent | None = None
        self._stopped = False
        # What the agent is given: the same objects, so that it sees what `load` adds.
        self._names = {Recorder.name}
        self._given = {Recorder.name: self.recorder.as_plugin()}
        # The plugins whose every failure fails the test, and the failures that no test was told of.
        self._strict: set[str] = set()
        self._failed: list[Failure] = []
        # The files that were loaded, by where their copies lie.
        self._files: dict[str, str] = {}
        if config:
            self.configure(config)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def load(self, name: str, what: ModuleType | Path | str | None = None, *, strict: bool = True) -> None:
        """Switch a plugin on, or change it, while the agent runs: `coach.load("coffee", Path("coffee.py"))`.

        `what` is a module, the path of a file, or its text; without it, the installed plugin of that name is meant.
        Raises LookupError where there is none. Whatever the plugin does wrong from now on raises PluginFailed, here and
        wherever the agent acts; with `strict=False` all this is for the test to find, in `failures` and `resting`.
        After `stop` the next start takes it up.
        """
        check_name("Coach.load: name", name)
        if name == Recorder.name:
            raise ValueError(f"{name!r} is the kit's own notifier; give the plugin another name")
        if isinstance(what, ModuleType):
            self._given[name] = what
        elif what is not None:
            self._given.pop(name, None)
            self._write(self.home.plugin_dir / f"{name}.py", what)
        known = discover(self.home.plugin_dir, self._given).keys() - {Recorder.name}
        if strict and name not in known:
            raise LookupError(f"there is no plugin {name!r}{did_you_mean(name, known)}")
        self._names.add(name)
        (self._strict.add if strict else self._strict.discard)(name)
        if self._agent:
            self._agent.settings.forget()  # a module has no file that would have changed
            self.settle()
        elif not self._stopped:
            self.start()  # not only when it is needed: what is wrong with a plugin is told at once

    def _write(self, path: Path, what: Path | str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._files.pop(str(path), None)
        if isinstance(what, Path) or what.endswith(".py"):
            shutil.copyfile(what, path)
            self._files[str(path)] = str(what)
        else:
            path.write_text(what, encoding="utf-8")
        path.chmod(0o600)

    def configure(self, text: str) -> None:
        """Write config.toml; a running agent follows it at once."""
        self.home.config_file.parent.mkdir(parents=True, exist_ok=True)
        self.home.config_file.write_text(text, encoding="utf-8")
        if self._agent:
            self.settle()

    @property
    def agent(self) -> Agent:
        """The agent, started when it is first needed."""
        if self._agent is None:
            self.start()
        assert self._agent
        return self._agent

    @property
    def running(self) -> bool:
        """Whether an agent runs."""
        return self._agent is not None

    def start(self) -> None:
        """Start the agent, if none runs. Raises Problem as `crampcoach run` would."""
        if self._agent is None:
            agent = Agent(self.home, self.clock, self.said.append, given=self._given, only=self._names)
            agent.guard.deadline_seconds = self._deadline
            agent.telling.failed = self._failed.append
            agent.presses.open_command = self._note_opened
            agent.startup()
            self._agent = agent
            self._stopped = False
            self.settle()

    def _note_opened(self, then: Open) -> None:
        self.opened.append(then.argv)

    def stop(self) -> None:
        """Stop the agent; its home stays. It is started again as soon as a test asks something of it."""
        if self._agent:
            self._agent.shutdown()
            with suppress(sqlite3.Error):  # its files are closed
                self._agent.guard.wait()
            self._agent = None
        self._stopped = True

    def restart(self) -> None:
        """Stop the agent and start a new one in the same home."""
        self.stop()
        self.start()

    def settle(self) -> None:
        """Let the agent turn until nothing is under way."""
        agent = self.agent
        agent.turn()
        while agent.guard.busy():
            try:
                agent.guard.wait()
            except sqlite3.Error:  # what cannot be written now is handed over again by a later turn
                agent.turn()
                break
            agent.turn()
        failures = [self._by_its_file(one) for one in self._failed if one.plugin in self._strict]
        self._failed.clear()
        if failures:
            raise PluginFailed(failures)

    def _by_its_file(self, failure: Failure) -> Failure:
        """Its author is not to mend the copy."""
        detail = failure.detail
        for copy, file in self._files.items():
            detail = detail.replace(f'File "{copy}"', f'File "{file}"')
        return replace(failure, detail=detail)

    def advance(self, to: str | timedelta) -> None:
        """Let time pass: until the next `"22:00"` or `"2026-11-23 07:00"` (wall time), or for a timedelta.

        The agent is woken whenever it asked to be, as in real life. Where the clock goes back a time comes twice, and
        the next of the two is meant; one that it skips comes as much later.
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
        now = self.clock.now()
        wall = datetime.combine(to_wall(now, zone).date(), parse_time(to))
        first, second = to_utc(wall, zone), wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
        if first > now or not forward:
            return first
        return second if second > now else to_utc(wall + timedelta(days=1), zone)
