"""Rules about when reminders come: in nobody's day, far too often, or after an answer that nobody can give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

from crampcoach.cli.lint.source import line_of_value
from crampcoach.config import Notify, Quiet
from crampcoach.hours import Hours
from crampcoach.options import did_you_mean
from crampcoach.planner import quiet_until
from crampcoach.recurrence import After, Slot, slots_of

if TYPE_CHECKING:
    from crampcoach.cli.lint.subject import Subject
    from crampcoach.planner import Planned

#: What people have unless they say otherwise; a plugin is for them too.
_HOURS, _CAP = Hours(), Notify().max_per_day
#: So many times a day may be asked whether there is something to say: nobody can have more messages.
_ASKED = 100


def time_findings(subject: Subject, answers: Mapping[str, Sequence[str]]) -> None:
    """Note what is wrong with times. `answers`: what each reminder can be answered with, as far as that is known."""
    for planned in subject.loaded.plan:
        days = [subject.look.now.date() + timedelta(days=number) for number in range(7)]
        week = [slots_of(planned.rule, day, _HOURS, UTC) for day in days]
        for rule, text in (
            ("schedule", _unanswerable(planned, answers)),
            ("quiet hours", _unseen(planned, [slot for day in week for slot in day])),
            ("too often", _too_often(planned, max(map(len, week)))),
        ):
            if text:
                place = line_of_value(subject.sources, planned.reminder.schedule, planned.reminder.name)
                subject.note(rule, f"reminder {planned.reminder.name!r}: {text}", place)


def _unanswerable(planned: Planned, answers: Mapping[str, Sequence[str]]) -> str:
    when = planned.rule.when
    if not isinstance(when, After) or not (known := answers.get(when.reminder)):
        return ""
    wrong = [one for one in when.answers if one not in known]
    if not wrong:
        return ""
    return f"it comes after {when.reminder}: {wrong[0]}, which is none of its answers{did_you_mean(wrong[0], known)}"


def _unseen(planned: Planned, slots: Sequence[Slot]) -> str:
    """Why nobody with the usual hours ever sees it; empty if somebody may."""
    if planned.reminder.quiet == "show" or not slots or not Quiet().enabled:
        return ""
    for slot in slots:
        until = quiet_until(slot.due, _HOURS, UTC)
        if until is None or planned.grace.expires(slot, _HOURS, UTC) > until:
            return ""
    hours = f"{_HOURS.bed:%H:%M} to {_HOURS.wake:%H:%M}"
    why = f"it comes in quiet hours only ({hours} where nobody says otherwise), and its grace ends before they do"
    return f"{why}; give it other times, a longer grace, or quiet='show'"


def _too_often(planned: Planned, times: int) -> str:
    """Why most of it is never shown; empty if it may be. One that composes its message may have nothing to say."""
    if times <= (_ASKED if callable(planned.reminder.say) else _CAP):
        return ""
    return f"it comes {times:,} times a day, which has room for {_CAP} messages of all plugins; let it come less often"
