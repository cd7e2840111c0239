"""Nights with and without a stretch in the evening, and what ended a cramp."""

from __future__ import annotations

import re
from datetime import timedelta

from crampcoach import Fit
from crampcoach_causes.fitting.counting import EASED, beside, many, missing
from crampcoach_causes.fitting.patterns import NONE_ENTERED, eased_by
from crampcoach_causes.fitting.summary import Summary

_STRETCH = re.compile(r"\bstretch(?:e[ds]|ing)?\b", re.IGNORECASE)
#: With one of these, what is said of a stretch may be that it did not help.
_DOUBT = re.compile(
    r"\b(?:no|not|none|nor|nothing|without|never|neither|un(?:able|successful\w*|til)|(?:ca|did|do|does|could|would|is|was|has|had)n.?t"
    r"|cannot|fail\w*|useless|wors\w+|hurt\w*|hardly|barely|little|tr(?:y|ied|ying)|but|only|except|instead|after|before)\b"
    r"|\?",
    re.IGNORECASE,
)


def evening_stretch(summary: Summary) -> Fit | None:
    """With a stretch entered, and without such an entry. No entry is no "no", so that it speaks on neither side."""
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
        always="On nights without an entry one may have been done all the same, so this speaks on neither side.",
    )
    return Fit(
        neither=[*fit.neither, f"People often begin a measure in a bad time. {EASED}"] if fit.neither else (),
        not_recorded=missing(summary),
    )


def acute_stretch(summary: Summary) -> Fit:
    """What was entered as easing a cramp. What else eased one says nothing about a stretch."""
    given, without = eased_by(summary)
    if not given:
        return Fit(not_recorded=[without or NONE_ENTERED])
    stretches = [text for text in given if _STRETCH.search(text)]
    doubtful = sum(1 for text in stretches if _DOUBT.search(text))
    eased, other = len(stretches) - doubtful, len(given) - len(stretches)
    head = f"of {many(len(given), 'cramp')} with this entered"
    neither = [f'For {other} {head}, the word "stretch" is not in it.'] if other else []
    if doubtful:
        neither.append(f"For {doubtful} {head}, a stretch was named, but it is not clear whether it helped.")
    return Fit(
        speaks_for=[f"For {eased} {head}, a stretch was named as what eased it."] if eased else (),
        neither=neither,
        not_recorded=[without] if without else (),
    )
