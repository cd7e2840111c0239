"""Rules about what a plugin is once it is loaded as the agent would load it: each call of it is guarded.

What it is shown of the person is empty, as for `check`: no log, no profile, nothing kept. So is config.toml, which
`config check` is for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from crampcoach.cli.lint import Finding
from crampcoach.cli.lint.offer_rules import offer_findings
from crampcoach.cli.lint.source import Source, line_in_traceback, line_of_field, line_of_hook, line_of_value
from crampcoach.cli.looking import Look, stranger, strangers
from crampcoach.config import Config, PluginTable
from crampcoach.guard import Outcome, ask, drained
from crampcoach.loading import Loaded, clashes, load_plugin, with_rule
from crampcoach.model import Kind, Reminder
from crampcoach.notifier import named_notifiers
from crampcoach.options import check_options_type, document
from crampcoach.permissions import unsafe
from crampcoach.planner import Planned
from crampcoach.plugins import Found, Plugin, Unfit, load
from crampcoach.recurrence import parse_grace, parse_schedule

#: Seconds for one call, as in the agent.
SECONDS = 5.0


class Stop(Exception):
    """Something without which nothing more can be asked is broken."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.text)
        self.finding = finding


class Subject:
    """A plugin under examination. `loaded` is as far as loading has come."""

    def __init__(self, look: Look, found: Found, sources: Sequence[Source]) -> None:
        self.look, self.found, self.sources = look, found, list(sources)
        self.findings: list[Finding] = []
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
            raise Stop(Finding(*place, "loading", outcome.reason))
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
        return ask(self.look.clock, {self.found.name: job}, what, SECONDS)[self.found.name]

    def hook(self, name: str, of: type, rule: str) -> tuple[Any, ...]:
        """What a hook gives; what is wrong with it is found."""
        call = partial(self.loaded.plugin.call, name, ctx=stranger(self.look, self.loaded))
        outcome = self.ask(f"{name}()", lambda: drained(f"{name}()", call(), of))
        if not outcome.ok:
            self.blame(outcome, rule, line_of_hook(self.sources, name))
        values: tuple[Any, ...] = outcome.value or ()
        return values

    def blame(self, outcome: Outcome, rule: str, place: tuple[Path, int]) -> None:
        """Note what went wrong in a call: where the plugin raised it, or else at `place`."""
        raised = line_in_traceback(self.sources, outcome.detail)
        # What crampcoach itself found wrong with the answer says so in its own words.
        own_words = outcome.detail and not raised
        text = outcome.reason.partition("Error: ")[2] if own_words else outcome.reason
        self.note(rule, text or outcome.reason, raised or place)

    def note(self, rule: str, text: str, place: tuple[Path, int]) -> None:
        """Note a finding."""
        self.findings.append(Finding(*place, rule, text))

    def twice(self, what: str, names: Iterable[str]) -> None:
        """Note names that are there twice."""
        for name in [one for one, count in Counter(names).items() if count > 1]:
            text = f"two of its {what}s are called {name!r}; give each its own name"
            self.note("duplicate name", text, line_of_value(self.sources, name))


def loaded_findings(look: Look, found: Found, sources: Sequence[Source]) -> Iterator[Finding]:
    """Everything that is wrong with a plugin when it is loaded and asked."""
    try:
        subject = Subject(look, found, sources)
        _options(subject)
        _kinds(subject)
        _reminders(subject)
        _notifiers(subject)
        offer_findings(subject)
    except Stop as stop:
        yield stop.finding
        return
    if not subject.findings:
        _whole(subject)
    yield from subject.findings


def _options(subject: Subject) -> None:
    outcome = subject.ask("options()", partial(subject.loaded.plugin.call, "options"))
    place = line_of_hook(subject.sources, "options")
    if not outcome.ok:
        subject.blame(outcome, "options", place)
    if outcome.value is None:
        return
    try:
        of = check_options_type(outcome.value)
        document(of)
    except (TypeError, NameError) as error:
        text = str(error).removeprefix("options(): ")
        owner, _, name = text.partition(":")[0].partition(" ")[0].partition(".")
        raise Stop(Finding(*(line_of_field(subject.sources, owner, name) or place), "options", text)) from None
    made = subject.ask(f"{of.__name__}()", of)
    if not made.ok:
        subject.blame(made, "options", place)
        raise Stop(subject.findings.pop())
    subject.loaded = replace(subject.loaded, options_type=of, options=made.value)


def _kinds(subject: Subject) -> None:
    kinds: tuple[Kind, ...] = subject.hook("kinds", Kind, "kind")
    subject.twice("kind", (one.name for one in kinds))
    for kind in kinds:
        try:
            document(kind.fields) if kind.fields else None
        except (TypeError, NameError) as error:
            text = f"kind {kind.name!r}: its fields cannot be understood ({error})"
            subject.note("kind", text, line_of_value(subject.sources, kind.name))
    subject.loaded = replace(subject.loaded, kinds=kinds)


def _reminders(subject: Subject) -> None:
    reminders: tuple[Reminder, ...] = subject.hook("reminders", Reminder, "reminder")
    subject.twice("reminder", (one.name for one in reminders))
    plan = [planned for one in reminders if (planned := _planned(subject, one))]
    subject.loaded = replace(subject.loaded, plan=tuple(plan))


def _planned(subject: Subject, one: Reminder) -> Planned | None:
    """The reminder with its rule; None where what it says of its times or tags is no use."""
    well = True
    for rule, value, read in (("schedule", one.schedule, parse_schedule), ("grace", one.grace, parse_grace)):
        reading: Callable[[str], object] = read
        try:
            reading(value)
        except ValueError as error:
            well = False
            subject.note(rule, f"reminder {one.name!r}: {error}", line_of_value(subject.sources, value, one.name))
    try:
        return with_rule(subject.loaded, one, one.schedule, subject.config.hours, subject.look.now) if well else None
    except Unfit as error:
        subject.note("tag", str(error), line_of_value(subject.sources, *one.tags, one.name))
    return None


def _notifiers(subject: Subject) -> None:
    notifiers = subject.hook("notifiers", object, "notifier")
    place = line_of_hook(subject.sources, "notifiers")
    try:
        names = [one.name for one in named_notifiers(notifiers)]
    except (TypeError, ValueError) as error:
        subject.note("notifier", str(error), place)
        return
    subject.twice("notifier", names)
    for one in notifiers:
        closed = subject.ask(f"{one.name}.close()", one.close)
        if not closed.ok:
            subject.blame(closed, "notifier", place)


def _whole(subject: Subject) -> None:
    """Whatever else would keep it from being used, by itself or beside the others."""
    config: Config = subject.config
    job = partial(load_plugin, subject.found, config, strangers(subject.look), subject.look.now)
    outcome = subject.ask("loading it", job)
    if not outcome.ok:
        subject.blame(outcome, "loading", (subject.sources[0].path, 1))
        return
    clash = clashes([*subject.others, outcome.value])
    claimed = [one.name for one in (*outcome.value.kinds, *outcome.value.notifiers)]
    for name in sorted(clash.keys() - clashes(subject.others).keys()):
        own = name == subject.found.name
        text = clash[name] if own else f"beside it {name} could not be used: {clash[name]}"
        there = [one for one in claimed if repr(one) in clash[name]]
        subject.note("taken name", text, line_of_value(subject.sources, *there))
