"""Earlier and later nights: a year has its seasons, and bad weeks are often followed by better ones."""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo

from crampcoach import Fit
from crampcoach_causes.fitting.counting import ENOUGH, FEW, compared, missing, of
from crampcoach_causes.fitting.summary import Summary

#: The first weeks, which later ones are held beside.
FIRST = timedelta(weeks=4)
#: The warmest months, north and south.
SUMMER = {True: (6, 7, 8), False: (12, 1, 2)}
_EASED = (
    "People often begin to enter, or to try something, in a bad time, and a bad time is often followed by a better "
    "one, whatever was tried."
)
_SEASON = (
    "Studies saw more in summer and fewer in winter. So a fall from summer to winter does not show that a measure "
    "worked: compare the same months of two years."
)


def regression(summary: Summary) -> Fit | None:
    """The first weeks beside the later ones."""
    if summary.first is None or not summary.counts:
        return None
    change = summary.first + FIRST
    early, later = summary.known(date.min, change - timedelta(days=1)), summary.known(change, date.max)
    not_recorded = missing(summary)
    if not later:
        return Fit(not_recorded=[*not_recorded, "These entries are of four weeks or less: later ones would tell."])
    sentence = (
        f"From {summary.first:%d %b} to {change - timedelta(days=1):%d %b} there were cramps on {of(early.values())} "
        f"entered, and from {change:%d %b} to {summary.last:%d %b} on {of(later.values())}."
    )
    found = compared(later.values(), early.values())
    if found is None:
        return Fit(neither=[f"{sentence} {FEW}"], not_recorded=not_recorded)
    if found < 0:
        return Fit(speaks_for=[f"{sentence} {_EASED}"], not_recorded=not_recorded)
    return Fit(
        speaks_against=[sentence] if found else (), neither=[] if found else [sentence], not_recorded=not_recorded
    )


def season(summary: Summary) -> Fit | None:
    """Each month's nights, where there are enough in two months; on a side only where it is known what summer is."""
    months: dict[tuple[int, int], list[int]] = {}
    for night, count in summary.counts.items():
        months.setdefault((night.year, night.month), []).append(count)
    if sum(len(counts) >= ENOUGH for counts in months.values()) < 2:
        return None
    counted = "; ".join(
        f"{date(year, month, 1):%b %Y}: cramps on {of(counts)} entered" for (year, month), counts in months.items()
    )
    neither = [f"{counted}. {_SEASON}"]
    not_recorded = missing(summary)
    north = _north(summary.zone)
    if north is None:
        return Fit(neither=neither, not_recorded=[*not_recorded, "Which months are your summer is not known."])
    warm = [count for night, count in summary.counts.items() if night.month in SUMMER[north]]
    other = [count for night, count in summary.counts.items() if night.month not in SUMMER[north]]
    names = ("June to August", "other months") if north else ("December to February", "other months")
    sentence = f"There were cramps on {of(warm)} in {names[0]}, and on {of(other)} in {names[1]}."
    found = compared(warm, other)
    return Fit(
        speaks_for=[sentence] if found == 1 else (),
        speaks_against=[sentence] if found == -1 else (),
        neither=neither,
        not_recorded=not_recorded,
    )


def _north(zone: tzinfo | None) -> bool | None:
    """Whether summer time is in July; None for a zone without it."""
    # Entries are of the last years; a zone's summer time has not changed sides in them.
    if zone is None:
        return None
    january, july = (datetime(2026, month, 15, tzinfo=zone).utcoffset() for month in (1, 7))
    if january is None or july is None or january == july:
        return None
    return july > january
