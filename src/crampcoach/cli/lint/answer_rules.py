"""Rules about what a plugin makes of an answer, and advises on what is logged. Both return data: nothing is saved.

`tick` is not tried: all that it could do is to act.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from crampcoach.actions import Action, Log, Open, Skip, Snooze
from crampcoach.answers import made_misfit
from crampcoach.checks import check_fields
from crampcoach.cli.lint.source import line_in_traceback, line_of_hook
from crampcoach.clock import zone_name
from crampcoach.loading import known_kinds
from crampcoach.model import Entry, Kind, Occurrence, State
from crampcoach.planner import Planned, shown_at
from crampcoach.plugin_advice import ask_advice
from crampcoach.safety.kinds import SYMPTOMS
from crampcoach.store.entries import completed

if TYPE_CHECKING:
    from pathlib import Path

    from crampcoach.cli.lint.subject import Subject
    from crampcoach.guard import Outcome


def try_answers(subject: Subject, planned: Planned, actions: Sequence[Action]) -> list[Entry]:
    """Ask what each answer to a reminder stands for, and save nothing; what would be logged."""
    look, kinds = subject.look, known_kinds([*subject.others, subject.loaded])
    shown, place = shown_at(planned, look.now, look.clock.zone()), line_of_hook(subject.sources, "responded")
    logged = []
    for action in actions:
        if isinstance(action.then, Open):
            continue  # that is no answer
        own = [Entry(kind=action.then.kind, fields=action.then.fields)] if isinstance(action.then, Log) else []
        state: State = "skipped" if isinstance(action.then, Skip) else "done"
        occurrence = replace(shown, state="snoozed" if isinstance(action.then, Snooze) else state)
        outcome = subject.ask("responded()", partial(_responded, subject, occurrence, action, kinds))
        made, wrong = outcome.value or ((), "")
        if outcome.hung:
            subject.blame(outcome, "answer", place)
            break
        if not outcome.ok:
            _blame(subject, outcome, "answer", place, excused=bool(own))
        elif wrong:
            text = f"reminder {planned.reminder.name!r}: answered {action.label!r}, responded() gives {wrong}"
            subject.note("answer", text, place)
        logged += [*own, *made]
    return logged


def _responded(
    subject: Subject, occurrence: Occurrence, action: Action, kinds: Mapping[str, Kind]
) -> tuple[tuple[Entry, ...], str]:
    loaded = subject.loaded
    context = subject.look.context(loaded)
    made = loaded.plugin.given("responded", Entry, ctx=context, occurrence=occurrence, action=action)
    for entry in made:
        check_fields(f"Entry {entry.kind!r}", {**entry.fields, "note": entry.note})
    return made, made_misfit([one for one in made if one.kind not in subject.unfit], loaded, kinds)


def try_advice(subject: Subject, logged: Sequence[Entry]) -> None:
    """Ask what it advises on what would be logged, and on an answer about signs."""
    look, place = subject.look, line_of_hook(subject.sources, "advise")
    if not subject.loaded.plugin.has("advise"):
        return
    zone = zone_name(look.clock.zone(), look.now)
    given = [replace(one, at=one.at or look.now, zone=zone) for one in (*logged, Entry(kind=SYMPTOMS))]

    def advise() -> object:
        return ask_advice(subject.loaded, look.maker(), look.now, [completed(one, look.now) for one in given])

    outcome = subject.ask("advise()", advise)
    if not outcome.ok:
        _blame(subject, outcome, "advice", place, excused=True)


def _blame(subject: Subject, outcome: Outcome, rule: str, place: tuple[Path, int], *, excused: bool) -> None:
    """Note what went wrong. `excused`: it may raise because what has just been logged is not in the log here."""
    raised = line_in_traceback(subject.sources, outcome.detail)
    if excused and raised:
        subject.note("unready", f"{outcome.reason}, asked without what has just been logged", raised)
    else:
        subject.blame(outcome, rule, place)
