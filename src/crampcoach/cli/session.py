"""What the commands share: home, clock, config, store and the plugins, each opened when it is first needed."""

from __future__ import annotations

import errno
import os
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, tzinfo
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import click

from crampcoach.cli.handed import handed
from crampcoach.cli.printing import keep_stdout, print_failure
from crampcoach.clock import zone_name
from crampcoach.config import Config, ConfigProblem, Profile, read_config
from crampcoach.home import find_home
from crampcoach.model import Entry, Kind, Problem
from crampcoach.options import did_you_mean

if TYPE_CHECKING:
    from crampcoach.context import Context, ContextMaker
    from crampcoach.guard import Outcome
    from crampcoach.loading import Loaded
    from crampcoach.planner import Planned
    from crampcoach.plugins import Found
    from crampcoach.safety.wording import Person
    from crampcoach.store import Store


def only_plugins(ctx: click.Context) -> frozenset[str] | None:
    """The plugins that `--no-plugins` or CRAMPCOACH_PLUGINS leave; None for those the config leaves."""
    if ctx.find_root().params.get("no_plugins"):
        return frozenset()
    named = os.environ.get("CRAMPCOACH_PLUGINS")
    return None if named is None else frozenset(name.strip() for name in named.split(",") if name.strip())


#: Where the context of a command keeps what was told of its config.
_TOLD = "crampcoach.config"
#: Where it keeps the plugins that know the kinds and may advise.
_ADVISERS = "crampcoach.advisers"


class Session:
    """One command's view of everything. Use it as a context manager.

    `strict`: refuse a config with a mistake in it. Otherwise it is told, and the rest counts: the agent runs on too.
    """

    def __init__(self, ctx: click.Context, *, strict: bool = False) -> None:
        self._strict = strict
        self._meta = ctx.meta
        self._profile_in_doubt = False
        self._only = only_plugins(ctx)
        #: Whether tracebacks were asked for.
        self.debug = bool(ctx.find_root().params.get("debug"))
        self._store: Store | None = None
        self.home = find_home()
        self._handed = handed(ctx)
        self.clock = self._handed.clock
        self.failures: dict[str, Outcome] = {}
        self.saved = False
        #: What was saved and plugins may have advice on, and whether that goes to stderr.
        self.advise_on: list[Entry] = []
        self.advise_err = False

    def __enter__(self) -> Self:
        keep_stdout()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        late = None
        if self.advise_on and kind in (None, click.exceptions.Exit):
            from crampcoach.cli.plugin_advice import print_plugin_advice

            error = late = print_plugin_advice(self)
        if self._store:
            self._store.close()
        # Of what was printed, only the output can fail so: no file has a part in it.
        if self.saved and isinstance(error, OSError) and error.filename is None and error.errno != errno.EPIPE:
            raise Problem(f"saved, but the output could not be written ({error.strerror})") from error
        if late:
            raise late

    @cached_property
    def config(self) -> Config:
        try:
            return read_config(self.home.config_file)
        except ConfigProblem as problem:
            if self._strict:
                raise
            self._profile_in_doubt = problem.mentions("profile")
            what = "the defaults" if problem.rest is None else "the rest of it"
            said = (*problem.problems, f"going on with {what} until that is put right")
            # A command may open a second session: once is enough.
            for line in said if self._meta.setdefault(_TOLD, said) is said else ():
                click.echo(f"crampcoach: {line}", err=True)
            return problem.rest or replace(Config(), path=self.home.config_file)

    @property
    def profile(self) -> Profile:
        """The profile in force: the config's, and what the person has answered as far as the log can be read.

        It waits for nobody, and migrates nothing: what safety has to say may depend on it.
        """
        import sqlite3
        from contextlib import closing

        from crampcoach.store.database import read_only
        from crampcoach.store.profile import in_force

        try:
            with closing(read_only(self.home.log_db)) as log:
                return in_force(self.config.profile, log)
        except sqlite3.Error:
            return self.config.profile

    @property
    def person(self) -> Person:
        """Whom safety texts speak to."""
        from crampcoach.safety.wording import Person

        return Person(self.profile, zone_name(self.zone, self.now))

    def held(self, measure: str, *, acute: bool = False) -> str:
        """Why a measure must wait; empty if it may be done. A log that cannot be read holds everything back."""
        import sqlite3

        from crampcoach.answers import holding
        from crampcoach.safety.wording import HELD, HELD_REASON, held

        profile = self.profile
        if self._profile_in_doubt:
            return "A mistake in config.toml hides what its [profile] says; `crampcoach config check` names it."
        try:
            reason = held(profile, holding(self.store), acute=acute).get(measure, "")
        except (sqlite3.Error, Problem):
            return "Your log cannot be read, so nobody knows whether it is safe to go on; `crampcoach check` says more."
        if reason != HELD_REASON:
            return reason[:1].upper() + reason[1:] + ("." if reason else "")
        return f"{HELD} `crampcoach log examined` says that one has."

    @property
    def holding(self) -> tuple[str, ...]:
        """The flags whose holds are on; none where the log cannot be read."""
        import sqlite3

        from crampcoach.answers import holding

        try:
            return holding(self.store)
        except (sqlite3.Error, Problem):
            return ()

    @cached_property
    def zone(self) -> tzinfo:
        return self.clock.zone()

    @property
    def now(self) -> datetime:
        """The present in the person's zone."""
        return self.clock.now().astimezone(self.zone)

    @property
    def store(self) -> Store:
        return self._store or self.open_store()

    def open_store(self, *, check: bool = False) -> Store:
        """Open the files and tell of what became of them; `check` reads all of them for damage first."""
        from crampcoach.store import open_store

        self._store = open_store(self.home, self.clock.now(), check=check)
        for note in (*self._store.notes, self._kept_hold()):
            if note:
                click.echo(f"crampcoach: {note}", err=True)
        return self._store

    def _kept_hold(self) -> str:
        """A file was damaged, and its backup may be older than a hold."""
        assert self._store
        if not self._store.notes:
            return ""
        from crampcoach.store.kept_holds import bring_back

        now = self.clock.now()
        return bring_back(self._store, now, zone_name(self.zone, now))

    @cached_property
    def found(self) -> dict[str, Found]:
        """Every plugin that exists."""
        from crampcoach.plugins import discover

        return discover(self.home.plugin_dir, self._handed.plugins)

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

    @cached_property
    def kinds(self) -> dict[str, Kind]:
        """Every kind of entry by name, without asking plugins for more than that."""
        from crampcoach.loading import known_kinds

        return known_kinds(self.advisers.values())

    @property
    def advisers(self) -> dict[str, Loaded]:
        """The plugins in use, asked for neither reminders nor notifiers unless somebody needed those before.

        An earlier session of the command may have loaded them: a plugin is imported, and its failure told, once.
        """
        if _ADVISERS not in self._meta:
            loaded = self.__dict__.get("loaded") or self.load(*self.on, only_kinds=True)
            self.say_failures(loaded)
            self._meta[_ADVISERS] = loaded
        kept: dict[str, Loaded] = self._meta[_ADVISERS]
        return kept

    def maker(self) -> ContextMaker:
        """Makes contexts for plugins; the agent's roster has the same."""
        from crampcoach.context import ContextMaker

        return ContextMaker(self.home, self.profile, self.config.hours)

    def context(self, loaded: Loaded) -> Context[Any]:
        """What a plugin is given now."""
        return self.maker().make(loaded.name, loaded.options, self.now)

    def load(self, *names: str, only_kinds: bool = False) -> dict[str, Loaded]:
        """Load these plugins; `only_kinds` as in `load_plugin`."""
        import sqlite3
        from contextlib import nullcontext, suppress

        from crampcoach.loading import load_all

        maker = self.maker()
        # Contexts open the files themselves; this makes sure that they exist and are sound. Kinds do without: what
        # safety has to say of an entry comes before anybody learns that it cannot be saved.
        with suppress(sqlite3.Error, Problem) if only_kinds else nullcontext():
            self.store.close()
        self._store = None
        chosen = {name: self.on[name] for name in names}
        loaded, failed = load_all(chosen, self.config, maker, self.clock, only_kinds=only_kinds)
        self.failures |= failed
        return loaded

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
        from crampcoach.loading import active

        using = [plugin for plugin in self.loaded.values() if plugin.name not in self.resting]
        return [one for plugin in using for one in active(plugin.plan)]

    def say_failures(self, loaded: Collection[str] | None = None) -> None:
        """Tell of plugins that could not be loaded."""
        for name in sorted(self.on.keys() - set(self.loaded if loaded is None else loaded)):
            if name in self.failures:  # else another session of this command has loaded them, and told
                print_failure(name, self.failures[name].reason)

    def poke(self) -> bool:
        """Have the running agent look again."""
        from crampcoach.control import poke

        return poke(self.home.socket_file)
