"""Nights with and without a stretch in the evening, and what ended a cramp."""

from __future__ import annotations

import re
from datetime import timedelta

from crampcoach import Fit
from crampcoach_causes.fitting.counting import beside, many, missing
from crampcoach_causes.fitting.patterns import NONE_ENTERED, eased_by
from crampcoach_causes.fitting.summary import Summary

_STRETCH = re.compile(r"\bstretch", re.IGNORECASE)
_DENIED = re.compile(r"\b(?:no|not|nothing|without|never|didn.?t)\b", re.IGNORECASE)


def evening_stretch(summary: Summary) -> Fit | None:
    """With a stretch entered, and without such an entry, which is no proof that there was none."""
    if not summary.stretched:
        return Fit(not_recorded=["No evening stretch was entered in that time; one may have been done all the same."])
    assert summary.first
    nights = (summary.first + timedelta(days=n) for n in range(summary.total))
    fit = beside(
        summary,
        {night: night in summary.stretched for night in nights},
        yes="after an evening with a stretch entered",
        no="without such an entry",
        what="a stretch",
        less=True,
    )
    unsaid = (
        "On nights without an entry a stretch may have been done all the same; and people stretch more in bad weeks."
    )
    return Fit(
        speaks_for=fit.speaks_for,
        speaks_against=fit.speaks_against,
        neither=fit.neither,
        not_recorded=[*missing(summary), unsaid],
    )


def acute_stretch(summary: Summary) -> Fit:
    """What was entered as easing a cramp."""
    given, without = eased_by(summary)
    if not given:
        return Fit(not_recorded=[without or NONE_ENTERED])
    stretched = sum(1 for text in given if _STRETCH.search(text) and not _DENIED.search(text))
    other, head = len(given) - stretched, f"of {many(len(given), 'cramp')} for which it was entered"
    return Fit(
        speaks_for=[f"Stretching eased {stretched} {head}."] if stretched else (),
        speaks_against=[f"Something else was entered for {other} {head}."] if other else (),
        not_recorded=[without] if without else (),
    )
