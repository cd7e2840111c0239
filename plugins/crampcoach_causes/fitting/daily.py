"""What was entered about days, beside the nights after them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from crampcoach import Fit
from crampcoach_causes.fitting.counting import beside
from crampcoach_causes.fitting.summary import STRESSFUL, Summary

#: So many minutes of activity on a day count as some.
ACTIVE = 30
#: Less sleep than so many hours is short here.
SHORT = 6


def _days(summary: Summary, field: str, so: Callable[[Any], bool]) -> dict[date, bool]:
    given = {day: fields[field] for day, fields in summary.days.items() if fields.get(field) is not None}
    return {day: so(value) for day, value in given.items()}


def alcohol(summary: Summary) -> Fit:
    """Evenings with drinks, and without where somebody said so."""
    return beside(
        summary,
        _days(summary, "alcohol", lambda drinks: drinks > 0),
        yes="after a day with alcohol",
        no="after a day entered as without any",
        what="alcohol",
    )


def overexertion(summary: Summary) -> Fit:
    """Days with more activity than usual."""
    return beside(
        summary,
        _days(summary, "unusual", bool),
        yes="after a day with more activity than usual",
        no="after a day entered as usual",
        what="whether there was more activity than usual",
    )


def sedentary(summary: Summary) -> Fit:
    """Days with little activity. They speak on neither side: the study was about whole lives."""
    return beside(
        summary,
        _days(summary, "activity_minutes", lambda minutes: minutes < ACTIVE),
        yes=f"after a day with under {ACTIVE} minutes of activity",
        no="after a day with more",
        what="the minutes of activity",
        always="The study was about how people live, not about single days, so this speaks on neither side.",
    )


def stress(summary: Summary) -> Fit:
    """Days with much stress. It speaks on neither side, whatever the counts: nothing is known to follow from them."""
    return beside(
        summary,
        summary.stressful,
        yes=f"after a stressful day ({STRESSFUL} or more of 10, or entered as stressful)",
        no="after a day that was not",
        what="how the day was",
        always="Some days and nights will match by chance, so this speaks on neither side.",
    )


def sleep(summary: Summary) -> Fit:
    """Nights with little sleep. Cramps wake people, so that it can be read both ways."""
    given = {night: fields.get("hours_slept") for night, fields in summary.nights.items()}
    return beside(
        summary,
        {night: hours < SHORT for night, hours in given.items() if hours is not None},
        yes=f"with under {SHORT} hours of sleep",
        no=f"with {SHORT} hours or more",
        what="the hours of sleep",
        always="Cramps wake people, and people who lie awake notice cramps. So this can be read both ways.",
    )
