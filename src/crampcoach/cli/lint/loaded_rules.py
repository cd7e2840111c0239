"""Rules about what a plugin is once it is loaded as the agent would load it: each call of it is guarded.

What it is shown of the person is empty, as for `check`: no log, no profile, nothing kept. So is config.toml, which
`config check` is for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from crampcoach.cli.lint import Finding
from crampcoach.cli.lint.offer_rules import ask_offers
from crampcoach.cli.lint.source import Source, line_of_field, line_of_hook, line_of_value
from crampcoach.cli.lint.subject import Stop, Subject
from crampcoach.cli.looking import Look
from crampcoach.config import Config
from crampcoach.kind_checks import check_kinds
from crampcoach.loading import clashes, load_plugin, with_rule
from crampcoach.model import Kind, Reminder
from crampcoach.notifier import named_notifiers
from crampcoach.options import check_options_type, document
from crampcoach.planner import Planned
from crampcoach.plugins import Found, Unfit
from crampcoach.recurrence import parse_grace, parse_schedule


def loaded_findings(look: Look, found: Found, sources: Sequence[Source]) -> Iterator[Finding]:
    """Everything that is wrong with a plugin when it is loaded and asked."""
    try:
        subject = Subject(look, found, sources)
        _options(subject)
        _kinds(subject)
        _reminders(subject)
        _notifiers(subject)
        ask_offers(subject)
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
    able = []
    for kind in kinds:
        outcome = subject.ask(f"checking its kind {kind.name!r}", partial(check_kinds, [kind]))
        if outcome.ok:
            able.append(kind)
        else:
            subject.note("kind", outcome.reason, line_of_value(subject.sources, kind.name))
    subject.loaded = replace(subject.loaded, kinds=tuple(able))
    subject.unfit = frozenset(kind.name for kind in kinds) - {kind.name for kind in able}


def _reminders(subject: Subject) -> None:
    subject.reminders = subject.hook("reminders", Reminder, "reminder")
    subject.twice("reminder", (one.name for one in subject.reminders))
    plan = [planned for one in subject.reminders if (planned := _planned(subject, one))]
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
            said = _spelt(value) or error
            subject.note(rule, f"reminder {one.name!r}: {said}", line_of_value(subject.sources, value, one.name))
    try:
        return with_rule(subject.loaded, one, one.schedule, subject.config.hours, subject.look.now) if well else None
    except Unfit as error:
        subject.note("tag", str(error), line_of_value(subject.sources, *one.tags, one.name))
    return None


def _spelt(schedule: str) -> str:
    """How to write what was meant by `every 2 hours`; empty where that is no help."""
    meant = re.sub(r"\bevery (\d+) ?(h|m)[a-z]*", r"every \1\2", schedule, flags=re.IGNORECASE)
    try:
        parse_schedule(meant)
    except ValueError:
        return ""
    return f"schedule {schedule!r}: write it as {meant!r}" if meant != schedule else ""


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
    job = partial(load_plugin, subject.found, config, subject.look.maker(), subject.look.now)
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
