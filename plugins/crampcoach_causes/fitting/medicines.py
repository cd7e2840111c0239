"""Medicines that were started or changed, beside the nights before and after. Nothing here is about leaving one off."""

from __future__ import annotations

from datetime import timedelta

from crampcoach import Fit
from crampcoach_causes.fitting.counting import FEW, compared, missing, of
from crampcoach_causes.fitting.summary import Medicine, Summary

#: Nights before and after that are held beside each other.
SPAN = timedelta(weeks=4)
#: No more than these, the newest, are told of.
MOST = 5
_NAME = 40
NOT_ENTERED = "No medicine was entered as started or changed in that time. One may have been, all the same."
OTHER = "Other things may have changed at the same time."


def medicines(summary: Summary) -> Fit:
    """Nights before and after each date."""
    if not summary.medicines:
        return Fit(not_recorded=[NOT_ENTERED])
    fits: dict[int | None, list[str]] = {1: [], 0: [], -1: [], None: []}
    for one in summary.medicines[-MOST:]:
        before = summary.known(one.since - SPAN, one.since - timedelta(days=1)).values()
        after = summary.known(one.since, one.since + SPAN - timedelta(days=1)).values()
        found = compared(after, before)
        said = (
            f"{_said(one)}: in the four weeks before, there were cramps on {of(before)} entered; in the four weeks "
            f"from then on, {of(after)}."
        )
        fits[found].append(f"{said} {FEW if found is None else OTHER}")
    return Fit(
        speaks_for=fits[1],
        speaks_against=fits[-1],
        neither=[*fits[0], *fits[None]],
        not_recorded=missing(summary),
    )


def review(summary: Summary) -> Fit:
    """The dates, for whoever looks through the medicines."""
    if not summary.medicines:
        return Fit(not_recorded=[NOT_ENTERED])
    listed = "; ".join(_said(one) for one in summary.medicines[-MOST:])
    return Fit(
        speaks_for=[
            f"{listed}. A pharmacist or doctor can look at these dates beside your nights; until then, leave the "
            "medicine as it is."
        ]
    )


def _said(one: Medicine) -> str:
    name = " ".join(one.name.split())
    return f"{name if len(name) <= _NAME else name[: _NAME - 3] + '...'} {one.change} on {one.since:%d %b %Y}"
