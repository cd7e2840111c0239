"""A plugin under examination: as far as it has been loaded, what was asked of it, and what was found wrong."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields, replace
from functools import partial
from pathlib import Path
from typing import Any

import crampcoach
from crampcoach.cli.lint import Finding
from crampcoach.cli.lint.source import Source, line_in_traceback, line_of_hook, line_of_value
from crampcoach.cli.looking import Look
from crampcoach.config import PluginTable
from crampcoach.guard import DEADLINE, Outcome, ask
from crampcoach.loading import Loaded
from crampcoach.model import Problem, Reminder
from crampcoach.permissions import unsafe
from crampcoach.plugins import Found, Plugin, Unfit, load

#: Seconds for one call, as in the agent.
SECONDS = DEADLINE


class Stop(Exception):
    """Something without which nothing more can be asked is broken."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.text)
        self.finding = finding


class _Told(Exception):
    """A Problem of the plugin's: what it lacks on this machine or without settings, told in its own words."""


def _told(job: Callable[[], Any]) -> Any:
    try:
        return job()
    except Unfit:
        raise
    except Problem as problem:
        raise _Told(str(problem)) from problem


def _by_name(reason: str) -> str:
    """What to do where Python counts "positional arguments" of one of crampcoach's types; else empty."""
    found = re.search(r" raised TypeError: (\w+)\.__init__\(\) takes 1 positional argument but ", reason)
    if not found or found[1] not in crampcoach.__all__:
        return ""
    first = fields(getattr(crampcoach, found[1]))[0].name
    return (
        f"{reason[: found.start()]} makes a {found[1]} of bare values; give its fields by name: {found[1]}({first}=...)"
    )


class Subject:
    """A plugin under examination. `loaded` is as far as loading has come; `reminders` those without a rule too.

    unfit: its kinds that cannot be used; nothing more is asked of them.
    """

    def __init__(self, look: Look, found: Found, sources: Sequence[Source]) -> None:
        self.look, self.found, self.sources = look, found, list(sources)
        self.findings: list[Finding] = []
        self.reminders: tuple[Reminder, ...] = ()
        self.unfit: frozenset[str] = frozenset()
        self.config = replace(look.config, plugins={})
        self.loaded = self._import()

    def _import(self) -> Loaded:
        if self.found.problem:
            path = self.found.path
            rule = "file permissions" if path and path.exists() and unsafe(path) else "loading"
            raise Stop(Finding(self.sources[0].path, 1, rule, self.found.problem))
        outcome = self.ask("loading it", partial(load, self.found))
        if not outcome.ok:
            place = line_in_traceback(self.sources, outcome.detail) or (self.sources[0].path, 1)
            raise Stop(Finding(*place, "loading", _by_name(outcome.reason) or outcome.reason))
        plugin: Plugin = outcome.value
        empty: dict[str, Any] = {"kinds": (), "plan": (), "notifiers": ()}
        return Loaded(
            found=self.found, table=PluginTable(), plugin=plugin, options_type=None, options=None, **empty
        )  # fmt: skip

    @property
    def others(self) -> list[Loaded]:
        """The plugins beside it."""
        return [one for one in self.look.loaded.values() if one.name != self.found.name]

    def ask(self, what: str, job: Callable[[], Any]) -> Outcome:
        """One guarded call."""
        return ask(self.look.clock, {self.found.name: partial(_told, job)}, what, SECONDS)[self.found.name]

    def hook(self, name: str, of: type, rule: str) -> tuple[Any, ...]:
        """What a hook gives; what is wrong with it is found."""
        job = partial(self.loaded.plugin.given, name, of, ctx=self.look.context(self.loaded))
        outcome = self.ask(f"{name}()", job)
        if not outcome.ok:
            self.blame(outcome, rule, line_of_hook(self.sources, name))
        values: tuple[Any, ...] = outcome.value or ()
        return values

    def blame(self, outcome: Outcome, rule: str, place: tuple[Path, int]) -> None:
        """Note what went wrong in a call: where the plugin raised it, or else at `place`."""
        raised = line_in_traceback(self.sources, outcome.detail)
        what, _, told = outcome.reason.partition(f" raised {_Told.__name__}: ")
        if told:
            self.note("unready", f"{what} says: {told}", raised or place)
            return
        # What crampcoach itself found wrong with the answer says so in its own words.
        own_words = outcome.detail and not raised
        text = outcome.reason.partition("Error: ")[2] if own_words else _by_name(outcome.reason)
        self.note(rule, text or outcome.reason, raised or place)

    def note(self, rule: str, text: str, place: tuple[Path, int]) -> None:
        """Note a finding."""
        self.findings.append(Finding(*place, rule, text))

    def twice(self, what: str, names: Iterable[str]) -> None:
        """Note names that are there twice."""
        for name in [one for one, count in Counter(names).items() if count > 1]:
            text = f"two of its {what}s are called {name!r}; give each its own name"
            self.note("duplicate name", text, line_of_value(self.sources, name))
