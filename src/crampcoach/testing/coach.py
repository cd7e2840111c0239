"""The Coach: what an author of a plugin holds in a test."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import partial
from typing import Any

from crampcoach.advice_messages import ADVICE, FIRST
from crampcoach.cli.handed import Handed
from crampcoach.loading import Loaded
from crampcoach.model import Entry, Message
from crampcoach.options import did_you_mean
from crampcoach.planner import Row
from crampcoach.showing import AWAY
from crampcoach.store import agent_state, entries, occurrences
from crampcoach.store.agent_state import Failure
from crampcoach.testing.command_line import Said, run_command
from crampcoach.testing.recorder import Recorder
from crampcoach.testing.running import RunningAgent

#: pytest shows the line of a test that failed, not the way from there through this module.
__tracebackhide__ = True


class Coach(RunningAgent):
    """A running agent under your control, in a home of its own::

        with Coach(tmp_path, now="2026-11-22 14:00", zone="Europe/Berlin") as coach:
            coach.load("coffee", Path("coffee.py"))
            coach.advance("15:00")
            assert [message.title for message in coach.sent] == ["Coffee today?"]

    `folder` becomes its home; `now` is wall time in `zone`, `config` the text of its config.toml. A plugin's call may
    take `deadline` real seconds. `said` has every line that the agent printed, `opened` the words of every command that
    a button has opened, which no test starts; `clock` and `recorder` are the two things that are not real.
    """

    @property
    def sent(self) -> list[Message]:
        """Every reminder's message so far, oldest first, merged ones too; no advice, nothing about the agent itself."""
        return [one for one in self.recorder.sent if one.reminder or one.occurrence.startswith(AWAY)]

    @property
    def advice(self) -> list[Message]:
        """Every message with advice so far, oldest first; not the signs shown before the first stretch."""
        return [one for one in self.recorder.sent if one.occurrence.startswith(ADVICE)]

    def press(self, label: str, occurrence: str | None = None) -> None:
        """Press a button, by its label or key, of the newest message that is still there: `coach.press("Had one")`.

        `occurrence` names another one: "coffee.daily/2026-11-22/15:00". Raises LookupError where there is no such
        button.
        """
        self.start()
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

    def run(self, *words: str, stdin: str | bytes = "", typed: Iterable[str] | None = None) -> Said:
        """Run a command beside the agent, which then looks at what it did: `coach.run("log", "coffee").out`.

        It works in the coach's home, at its time, with its plugins. `stdin` comes by a pipe; with `typed` the command
        is in a terminal instead, where these lines are typed when it asks, and then Ctrl+D. What `try` shows is in
        `coach.recorder.sent`. With "--debug" before its name, what a command raises is raised here.
        """
        if next((word for word in words if not word.startswith("-")), None) == "run":
            raise ValueError("this would start a second agent: the coach is one, see restart()")
        plugins = {**self._given, Recorder.name: self.recorder.beside().as_plugin()}
        environ = {**self._variables, "CRAMPCOACH_PLUGINS": ",".join(sorted(self._names))}
        said = run_command(words, Handed(clock=self.clock, plugins=plugins), environ, stdin=stdin, typed=typed)
        if self.running:
            self.settle()
        return said

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
        """What a plugin did wrong, newest first: plugin, at, reason, detail (the traceback)."""
        return agent_state.failures(self.agent.store.state.connection, plugin)

    def resting(self) -> dict[str, str]:
        """The plugins that were set aside, with the reason."""
        return dict(self.agent.roster.resting)

    def tick(self, plugin: str) -> None:
        """Have a plugin tick now. Raises LookupError for one that is not in use."""
        self.agent.housekeeping.tick(self._loaded(plugin))
        self.settle()

    def call(self, plugin: str, hook: str, **available: Any) -> Any:
        """Call one hook of a plugin directly, with a real context: `coach.call("coffee", "reminders")`.

        What it gives one after the other comes as a tuple. Raises what the plugin raises, and LookupError for a plugin
        that is not in use.
        """
        loaded = self._loaded(plugin)
        make = partial(self.agent.roster.maker().make, plugin, loaded.options)
        result = loaded.plugin.call(hook, ctx=make(self.agent.roster.now()), **available)
        return tuple(result) if isinstance(result, Iterable) and not isinstance(result, (str, type)) else result

    def _loaded(self, plugin: str) -> Loaded:
        roster = self.agent.roster
        if plugin not in roster.loaded:
            why = f": {roster.resting[plugin]}" if plugin in roster.resting else ""
            raise LookupError(f"plugin {plugin!r} is not in use{why or did_you_mean(plugin, roster.loaded)}")
        return roster.loaded[plugin]
