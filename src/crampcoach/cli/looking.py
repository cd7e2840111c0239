"""Plugins as they are, looked at without touching anything: for `check` and for shell completion.

No file is made or opened for writing, nothing is printed, and what a plugin is shown of the person is empty: the log,
the profile, and what it has kept. So nothing of them can come back in what it says.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crampcoach.cli.handed import handed
from crampcoach.cli.session import only_plugins
from crampcoach.clock import Clock
from crampcoach.config import Config, ConfigProblem, Profile, read_config
from crampcoach.context import Context, ContextMaker, KeptValues, LogView
from crampcoach.guard import DEADLINE, Outcome
from crampcoach.home import Home, find_home
from crampcoach.loading import Loaded, load_all
from crampcoach.model import Entry, Occurrence
from crampcoach.plugins import Found, chosen, discover

if TYPE_CHECKING:
    from collections.abc import Mapping


#: A folder that cannot be there: whatever might still open a file finds and makes none.
NOWHERE = Path(os.devnull) / "crampcoach"
#: Seconds that plugins get while somebody waits for the Tab key.
TAB = 1.0


@dataclass(frozen=True, slots=True)
class _EmptyLog(LogView):
    """A log in which nothing has been written yet."""

    def entries(
        self, kind: str | None = None, since: datetime | None = None, until: datetime | None = None
    ) -> tuple[Entry, ...]:
        return ()

    def last(self, kind: str) -> Entry | None:
        return None

    def occurrences(self, since: datetime, until: datetime) -> tuple[Occurrence, ...]:
        return ()


@dataclass(frozen=True, slots=True)
class _NothingKept(KeptValues):
    """Values that nobody has kept, and that stay so."""

    def get(self, key: str, default: Any = None) -> Any:
        return default

    def set(self, key: str, value: Any) -> None:
        """Forget it."""


@dataclass(frozen=True, slots=True)
class _Stranger(ContextMaker):
    """Makes contexts that know nothing of anybody."""

    def make(self, plugin: str, options: Any, now: datetime) -> Context[Any]:
        ctx = ContextMaker(self.home, Profile()).make(plugin, options, now)
        nowhere = Home(NOWHERE, NOWHERE, NOWHERE)
        return replace(ctx, log=_EmptyLog(nowhere, plugin), store=_NothingKept(nowhere, plugin))


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What was found. `problems` are those of the config, `failures` why plugins that are on cannot be used."""

    home: Home
    clock: Clock
    config: Config
    problems: tuple[str, ...]
    found: Mapping[str, Found]
    on: Mapping[str, Found]
    loaded: Mapping[str, Loaded]
    failures: Mapping[str, Outcome]

    @property
    def now(self) -> datetime:
        return self.clock.now().astimezone(self.clock.zone())

    def maker(self) -> ContextMaker:
        """Makes contexts that know nothing of anybody."""
        return _Stranger(self.home)

    def context(self, loaded: Loaded) -> Context[Any]:
        """What one of the plugins is given: it knows nothing of anybody."""
        return self.maker().make(loaded.name, loaded.options, self.now)


def look(ctx: click.Context, seconds: float = DEADLINE) -> Look:
    """Read the config and load the plugins that are on."""
    home, given = find_home(), handed(ctx)
    problems: tuple[str, ...] = ()
    try:
        config = read_config(home.config_file)
    except ConfigProblem as problem:
        problems = tuple(problem.problems)
        config = problem.rest or replace(Config(), path=home.config_file)
    try:
        found = discover(home.plugin_dir, given.plugins)
    except OSError as error:
        problems = (*problems, f"{home.plugin_dir}: cannot be read: {error.strerror}")
        found = discover(NOWHERE)
    on = chosen(found, lambda name: not config.table(name).enabled, only_plugins(ctx))
    loaded, failures = load_all(on, config, _Stranger(home), given.clock, seconds=seconds)
    return Look(
        home=home,
        clock=given.clock,
        config=config,
        problems=problems,
        found=found,
        on=on,
        loaded=loaded,
        failures=failures,
    )
