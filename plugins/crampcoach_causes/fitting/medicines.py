"""Medicines that were started or changed, beside the nights before and after. Nothing here is about leaving one off."""

from __future__ import annotations

from datetime import timedelta

from crampcoach import Fit
from crampcoach_causes.fitting.counting import EASED, FEW, UNCLEAR, compared, missing, of
from crampcoach_causes.fitting.summary import Medicine, Summary

#: Nights before and after that are held beside each other.
SPAN = timedelta(weeks=4)
#: No more than these, the newest, are told of.
MOST = 5
_NAME = 40
NOT_ENTERED = "No medicine was entered as started or changed in that time. One may have been, all the same."
OTHER = "Other things may have changed at the same time."
#: By what came of comparing: more cramps after it, as many, fewer, too few nights.
_AFTER = {1: OTHER, 0: UNCLEAR, -1: f"This does not show that it made cramps fewer. {EASED}", None: FEW}


def medicines(summary: Summary) -> Fit:
    """Nights before and after each date."""
    if not summary.medicines:
        return Fit(not_recorded=[NOT_ENTERED])
    fits: dict[int | None, list[str]] = {one: [] for one in _AFTER}
    for one in summary.medicines[-MOST:]:
        before = summary.known(one.since - SPAN, one.since - timedelta(days=1)).values()
        after = summary.known(one.since, one.since + SPAN - timedelta(days=1)).values()
        found = compared(after, before)
        if before and after:
            counts = (
                f"In the four weeks before, there were cramps on {of(before)} entered. "
                f"In the four weeks from then on, there were cramps on {of(after)} entered. {_AFTER[found]}"
            )
        else:
            when = "from then on" if before else "before"
            counts = f"No night of the four weeks {when} is known, so nothing is compared."
        fits[found].append(f"{_said(one)}. {counts}")
    return Fit(
        speaks_for=fits[1],
        speaks_against=fits[-1],
        neither=[*fits[0], *fits[None], *_older(summary)],
        not_recorded=missing(summary),
    )


def review(summary: Summary) -> Fit:
    """The dates, for whoever looks through the medicines. That a medicine was begun speaks for nothing by itself."""
    if not summary.medicines:
        return Fit(not_recorded=[NOT_ENTERED])
    listed = ". ".join(map(_said, summary.medicines[-MOST:]))
    advice = (
        "A pharmacist or doctor can look at these dates beside your nights. What to do about a medicine is for them to "
        "say, not for such counts."
    )
    return Fit(neither=[f"{listed}. {advice}", *_older(summary)])


def _older(summary: Summary) -> list[str]:
    """That there are more than are told of, if so."""
    many = len(summary.medicines)
    return [f"These are the {MOST} newest of {many} such entries."] if many > MOST else []


def _said(one: Medicine) -> str:
    name = " ".join(one.name.split())
    return f"{name if len(name) <= _NAME else name[: _NAME - 3] + '...'} was {one.change} on {one.since:%d %b %Y}"
