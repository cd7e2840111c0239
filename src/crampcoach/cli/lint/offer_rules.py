"""Rules about what a plugin puts before people: messages with their buttons, formats, explainers, commands."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from crampcoach.actions import Action, Log, Open
from crampcoach.cli import COMMANDS
from crampcoach.cli.coming import to_come
from crampcoach.cli.lint.answer_rules import try_advice, try_answers
from crampcoach.cli.lint.source import line_of_value
from crampcoach.cli.lint.time_rules import time_findings
from crampcoach.explaining.explainer import Explainer, Fit
from crampcoach.guard import ask
from crampcoach.loading import check_entry, known_kinds, message_of
from crampcoach.model import Entry, Problem, QuietTime, Reminder
from crampcoach.planner import Planned, shown_at
from crampcoach.transfer.formats import Exporter, Importer, Skipped

if TYPE_CHECKING:
    from crampcoach.cli.lint.subject import Subject
    from crampcoach.loading import Loaded


def ask_offers(subject: Subject) -> None:
    """Note everything that is wrong with them."""
    own = _commands(subject)
    for reminder in subject.reminders:
        _buttons(subject, reminder, reminder.buttons(), own)
    logged = []
    answers: dict[str, list[str]] = {}
    for planned in subject.loaded.plan:
        actions: Sequence[Action] = planned.reminder.buttons()
        if callable(planned.reminder.say):
            actions = _composed(subject, planned, planned.reminder.say, own) or actions
        else:  # what is composed at another time may have other buttons
            answers[planned.reminder.name] = [one.key for one in actions if not isinstance(one.then, Open)]
        logged += try_answers(subject, planned, actions)
    time_findings(subject, answers)
    try_advice(subject, logged)
    subject.hook("quiet_times", QuietTime, "quiet time")
    _explainers(subject)
    _formats(subject, "exporter", Exporter, "write() of {}, without entries,", _write)
    _formats(subject, "importer", Importer, "read() of {}, with an empty file,", _read)


# --- commands --------------------------------------------------------------------------------------------------


def _commands(subject: Subject) -> list[str]:
    """The names of its commands."""
    import click

    names = [one.name or "" for one in subject.hook("commands", click.Command, "command")]
    subject.twice("command", names)
    for name in names:
        if name in COMMANDS:
            text = f"its command {name!r} is crampcoach's own; give it another name"
            subject.note("taken name", text, line_of_value(subject.sources, name))
    _taken(subject, "command", click.Command, names)
    return names


def _is_command(subject: Subject, name: str, own: Sequence[str]) -> bool:
    """Whether somebody has such a command."""
    return name in COMMANDS or name in own or name in _of_others(subject, "commands", _command_type())


def _command_type() -> type:
    import click

    return click.Command


def _of_others(subject: Subject, hook: str, of: type) -> dict[str, Loaded]:
    """What the plugins beside it give for a hook, by name, and which of them: bundled ones come first."""
    look = subject.look
    able = [one for one in subject.others if one.plugin.has(hook)]
    able.sort(key=lambda one: (one.found.origin != "bundled", one.name))

    def names(loaded: Loaded) -> list[str]:
        return [one.name or "" for one in loaded.plugin.given(hook, of, ctx=look.context(loaded))]

    outcomes = ask(look.clock, {one.name: partial(names, one) for one in able}, f"{hook}()")
    found: dict[str, Loaded] = {}
    for loaded in able:
        for name in outcomes[loaded.name].value or ():
            found.setdefault(name, loaded)
    return found


def _taken(subject: Subject, what: str, of: type, names: Iterable[str]) -> None:
    """Note what another plugin offers under the same name: one of the two is not used, and never a bundled one."""
    own = set(names)
    others = _of_others(subject, f"{what}s", of) if own and subject.found.origin != "bundled" else {}
    for name in sorted(own & others.keys()):
        owner = others[name]
        text = f"its {what} {name!r} is {owner.name}'s already ({owner.found.origin})"
        place = line_of_value(subject.sources, name)
        subject.note("taken name", f"{text}; give it another name, or turn one of the two off", place)


# --- messages --------------------------------------------------------------------------------------------------


def _buttons(subject: Subject, reminder: Reminder, actions: Sequence[Action], own: Sequence[str]) -> None:
    known = known_kinds([*subject.others, subject.loaded])
    what = f"reminder {reminder.name!r}: its button"
    for action in actions:
        place = line_of_value(subject.sources, action.label, reminder.name)
        if isinstance(action.then, Log):
            entry = Entry(kind=action.then.kind, fields=action.then.fields)
            # In a guarded call: the check of a kind is code of a plugin.
            outcome = subject.ask(f"checking an entry of kind {entry.kind!r}", partial(check_entry, entry, known))
            if (wrong := outcome.value if outcome.ok else outcome.reason) and entry.kind not in subject.unfit:
                text = f"{what} {action.label!r} logs {wrong}"
                subject.note("button", text, place)
        elif isinstance(action.then, Open) and not _is_command(subject, action.then.argv[0], own):
            text = f"{what} {action.label!r} opens {action.then.argv[0]!r}, which is no command of crampcoach"
            subject.note("button", text, place)


def _composed(subject: Subject, planned: Planned, say: Callable[..., Any], own: Sequence[str]) -> Sequence[Action]:
    """Have a reminder compose its message; the buttons of that."""
    look, place = subject.look, line_of_value(subject.sources, planned.reminder.name)
    occurrence, context = shown_at(planned, look.now, look.clock.zone()), look.context(subject.loaded)
    what = f"composing {planned.name}"
    outcome = subject.ask(what, lambda: message_of(planned, say(context, occurrence)))
    if not outcome.ok:
        subject.blame(outcome, "message", place)
    elif outcome.value:
        _buttons(subject, planned.reminder, outcome.value.actions, own)
        actions: Sequence[Action] = outcome.value.actions
        return actions
    return ()


# --- explainers and formats ------------------------------------------------------------------------------------


def _explainers(subject: Subject) -> None:
    given: tuple[Explainer, ...] = subject.hook("explainers", Explainer, "explainer")
    subject.twice("explainer", (one.name for one in given))
    _taken(subject, "explainer", Explainer, (one.name for one in given))
    context = subject.look.context(subject.loaded)
    for one in given:
        if one.fits is None:
            continue
        place = line_of_value(subject.sources, one.name)
        outcome = subject.ask(f"fits() of {one.name}", partial(one.fits, context))
        if not outcome.ok:
            subject.blame(outcome, "explainer", place)
        elif not isinstance(outcome.value, Fit | None):
            text = f"explainer {one.name!r}: fits() must return a Fit or None, not {type(outcome.value).__name__}"
            subject.note("explainer", text, place)


def _formats(subject: Subject, what: str, of: type, tried: str, use: Callable[[Subject, Any], None]) -> None:
    given = subject.hook(f"{what}s", of, what)
    subject.twice(what, (one.name for one in given))
    _taken(subject, what, of, (one.name for one in given))
    for one in given:
        outcome = subject.ask(tried.format(one.name), partial(use, subject, one))
        if not outcome.ok:
            subject.blame(outcome, what, line_of_value(subject.sources, one.name))


def _write(subject: Subject, one: Exporter) -> None:
    context = _of_format(subject, one.options)
    context = replace(context, coming=partial(to_come, subject.loaded.plan, context.now))
    try:
        result: object = one.write(iter(()), io.BytesIO(), context)  # type: ignore[func-returns-value]
    except Problem:
        return  # It may well say that there is nothing to write.
    if result is not None:
        raise TypeError(f"exporter {one.name!r}: write() must return nothing, not {type(result).__name__}")


def _read(subject: Subject, one: Importer) -> None:
    try:
        for item in one.read(io.BytesIO(), _of_format(subject, one.options)):
            if not isinstance(item, Entry | Skipped):
                raise TypeError(f"importer {one.name!r}: read() must give Entry or Skipped, not {type(item).__name__}")
    except Problem:
        pass  # It may well say that an empty file is none of its format.


def _of_format(subject: Subject, options: type | None) -> Any:
    """The context that a format's function is given."""
    context = subject.look.context(subject.loaded)
    return replace(context, options=options()) if options else context
