"""What the commands share: home, clock, config, store and the plugins, each opened when it is first needed."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, tzinfo
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import click

from crampcoach.clock import SystemClock
from crampcoach.config import Config, ConfigProblem, read_config
from crampcoach.home import find_home
from crampcoach.model import Problem
from crampcoach.options import did_you_mean

if TYPE_CHECKING:
    from crampcoach.guard import Outcome
    from crampcoach.loading import Loaded
    from crampcoach.planner import Planned
    from crampcoach.plugins import Found
    from crampcoach.store import Store


def only_plugins(ctx: click.Context) -> frozenset[str] | None:
    """The plugins that `--no-plugins` or CRAMPCOACH_PLUGINS leave; None for those the config leaves."""
    if (ctx.find_root().obj or {}).get("no_plugins"):
        return frozenset()
    named = os.environ.get("CRAMPCOACH_PLUGINS")
    return None if named is None else frozenset(name.strip() for name in named.split(",") if name.strip())


class _CommandsOnly:
    """stdout for the thread that made it, which is the command's; what plugins print in theirs goes to stderr.

    Otherwise a forgotten print() would end up in the middle of what `--json` gives to a program.
    """

    def __init__(self, out: Any) -> None:
        self._out, self._thread = out, threading.get_ident()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._out if threading.get_ident() == self._thread else sys.stderr, name)


class Session:
    """One command's view of everything. Use it as a context manager.

    `strict`: refuse a config with a mistake in it. Otherwise it is told, and the rest counts: the agent runs on too.
    """

    def __init__(self, ctx: click.Context, *, strict: bool = False) -> None:
        self._strict = strict
        self._only = only_plugins(ctx)
        self._store: Store | None = None
        self.home = find_home()
        self.clock = SystemClock()
        self.failures: dict[str, Outcome] = {}

    def __enter__(self) -> Self:
        # `main` puts it back, not `__exit__`: what a plugin left running may print until the very end.
        out: Any = sys.stdout
        if out is not None and not isinstance(out, _CommandsOnly):
            sys.stdout = _CommandsOnly(out)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._store:
            self._store.close()

    @cached_property
    def config(self) -> Config:
        try:
            return read_config(self.home.config_file)
        except ConfigProblem as problem:
            if self._strict:
                raise
            what = "the defaults" if problem.rest is None else "the rest of it"
            for line in (*problem.problems, f"going on with {what} until that is put right"):
                click.echo(f"crampcoach: {line}", err=True)
            return problem.rest or replace(Config(), path=self.home.config_file)

    @cached_property
    def zone(self) -> tzinfo:
        return self.clock.zone()

    @property
    def now(self) -> datetime:
        """The present in the person's zone."""
        return self.clock.now().astimezone(self.zone)

    @property
    def store(self) -> Store:
        if self._store is None:
            from crampcoach.store import open_store

            self._store = open_store(self.home, self.clock.now())
            for note in self._store.notes:
                click.echo(f"crampcoach: {note}", err=True)
        return self._store

    @cached_property
    def found(self) -> dict[str, Found]:
        """Every plugin that exists."""
        from crampcoach.plugins import discover

        return discover(self.home.plugin_dir)

    @cached_property
    def on(self) -> dict[str, Found]:
        """The plugins that are switched on."""
        from crampcoach.plugins import chosen

        for name in sorted((self._only or frozenset()) - self.found.keys()):
            unknown = f"CRAMPCOACH_PLUGINS: there is no plugin {name!r}{did_you_mean(name, self.found)}"
            click.echo(f"crampcoach: {unknown}", err=True)
        return chosen(self.found, lambda name: not self.config.table(name).enabled, self._only)

    @cached_property
    def loaded(self) -> dict[str, Loaded]:
        """The plugins in use, by the same guarded call as the agent's; why others are not is in `failures`."""
        return self.load(*self.on)

    def load(self, *names: str) -> dict[str, Loaded]:
        """Load these plugins."""
        from functools import partial

        from crampcoach.context import ContextMaker
        from crampcoach.guard import Guard, Outcome
        from crampcoach.loading import clashes, load_plugin

        self.store.close()  # Contexts open the files themselves; this makes sure that they exist and are sound.
        self._store = None
        guard, loaded, maker = Guard(self.clock), {}, ContextMaker(self.home, self.config.profile)

        def then(name: str) -> Callable[[Outcome], None]:
            def note(outcome: Outcome) -> None:
                if outcome.ok:
                    loaded[name] = outcome.value
                else:
                    self.failures[name] = outcome

            return note

        for name in names:
            job = partial(load_plugin, self.on[name], self.config, maker, self.now)
            guard.call(name, "loading it", job, then(name))
        guard.wait()
        for name, reason in clashes(loaded.values()).items():
            self.failures[name] = Outcome(reason=reason)
            del loaded[name]
        return {name: loaded[name] for name in names if name in loaded}

    @cached_property
    def resting(self) -> dict[str, str]:
        """Why plugins are not in use: they cannot be loaded, or the running agent has set them aside."""
        from crampcoach import lock
        from crampcoach.store import agent_state

        _ = self.loaded
        failed = {name: outcome.reason for name, outcome in self.failures.items()}
        runs = lock.holder(self.home.lock_file) is not None
        return {**(agent_state.resting(self.store.state.connection) if runs else {}), **failed}

    def plan(self) -> list[Planned]:
        """Every reminder that will come."""
        self.say_failures()
        return [one for plugin in self.loaded.values() if plugin.name not in self.resting for one in plugin.plan]

    def say_failures(self) -> None:
        """Tell of plugins that could not be loaded."""
        for name in sorted(self.loaded.keys() ^ self.on.keys()):
            click.echo(f"crampcoach: plugin {name}: {self.failures[name].reason}", err=True)

    def reminder(self, name: str, known: list[str]) -> str:
        """The full name of a reminder that was named in full, by its plugin, or by its own name. Raises Problem."""
        found = [one for one in known if name == one or name in one.split(".", 1)]
        if name in found:
            return name
        if len(found) == 1:
            return found[0]
        if found:
            raise Problem(f"{name!r} may be {' or '.join(sorted(found))}; name one of them")
        # Somebody who mistypes a short name is to find it too.
        words = {word: one for one in known for word in (one.partition(".")[0], one.partition(".")[2], one)}
        near = did_you_mean(name, words)
        raise Problem(f"there is no reminder {name!r}{near if 'did you mean' in near else did_you_mean(name, known)}")

    def poke(self) -> bool:
        """Have the running agent look again."""
        from crampcoach.control import poke

        return poke(self.home.socket_file)
