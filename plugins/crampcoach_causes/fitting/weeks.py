"""Earlier and later nights: a year has its seasons, and bad weeks are often followed by better ones."""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo

from crampcoach import Fit
from crampcoach_causes.fitting.counting import EASED, ENOUGH, FEW, NUMBERED, UNCLEAR, compared, missing, of
from crampcoach_causes.fitting.summary import Summary

#: The first weeks, which later ones are held beside.
FIRST = timedelta(weeks=4)
#: The warmest months, north and south.
SUMMER = {True: (6, 7, 8), False: (12, 1, 2)}
_EASED = f"People often begin to enter, or to try something, in a bad time. {EASED}"
_SEASON = (
    "In one study, web searches and prescriptions for cramps were highest in summer. They only hint at cramps. Still, "
    "a fall from summer to winter does not show that a measure worked. It is better to compare the same months of two "
    "years."
)


_ONE_SUMMER = "With one summer in the entries, this may also be a bad time that has passed."


def regression(summary: Summary) -> Fit | None:
    """The first weeks beside the later ones; they begin with the first night for which the number was entered."""
    if not summary.counts:
        return _uncounted(summary)
    first = min(summary.counts)
    change = first + FIRST
    early, later = summary.known(date.min, change - timedelta(days=1)), summary.known(change, date.max)
    not_recorded = missing(summary)
    if not later:
        return Fit(
            not_recorded=[
                *not_recorded,
                f"The first night {NUMBERED} is that of {first:%d %b %Y}, and no such night comes four weeks after it "
                "or later.",
            ]
        )
    sentence = (
        f"From {first:%d %b %Y} to {change - timedelta(days=1):%d %b %Y} there were cramps on {of(early.values())} "
        f"{NUMBERED}. From {change:%d %b %Y} to {summary.last:%d %b %Y} there were cramps on {of(later.values())} "
        f"{NUMBERED}."
    )
    found = compared(later.values(), early.values())
    if not found:
        return Fit(neither=[f"{sentence} {FEW if found is None else UNCLEAR}"], not_recorded=not_recorded)
    return Fit(
        speaks_for=[f"{sentence} {_EASED}"] if found < 0 else (),
        speaks_against=[sentence] if found > 0 else (),
        not_recorded=not_recorded,
    )


def season(summary: Summary) -> Fit | None:
    """Each month's nights, where there are enough in two months; on a side only where it is known what summer is."""
    months: dict[tuple[int, int], list[int]] = {}
    for night, count in summary.counts.items():
        months.setdefault((night.year, night.month), []).append(count)
    if sum(len(counts) >= ENOUGH for counts in months.values()) < 2:
        return _uncounted(summary)
    by_month = (f"{date(year, month, 1):%b %Y}: {of(counts)}." for (year, month), counts in months.items())
    neither = [f"This is how many nights had cramps, of those {NUMBERED}. {' '.join(by_month)}", _SEASON]
    not_recorded = missing(summary)
    north = _north(summary.zone)
    if north is None:
        return Fit(
            neither=neither, not_recorded=[*not_recorded, "Your time zone does not show which months are your summer."]
        )
    warm = [count for night, count in summary.counts.items() if night.month in SUMMER[north]]
    other = [count for night, count in summary.counts.items() if night.month not in SUMMER[north]]
    names = ("June to August", "other months") if north else ("December to February", "other months")
    sentence = f"Of nights {NUMBERED}, there were cramps on {of(warm)} in {names[0]}, and on {of(other)} in {names[1]}."
    found = compared(warm, other)
    summers = {night.year + (night.month == 12) for night in summary.counts if night.month in SUMMER[north]}
    passed = f" {_ONE_SUMMER}" if len(summers) == 1 else ""
    return Fit(
        speaks_for=[f"{sentence}{passed}"] if found == 1 else (),
        speaks_against=[sentence] if found == -1 else (),
        neither=[f"{sentence} {UNCLEAR}", *neither] if found == 0 else neither,
        not_recorded=not_recorded,
    )


def _uncounted(summary: Summary) -> Fit | None:
    """Where too few numbers were entered; nights of which single cramps tell are not passed over in silence."""
    return Fit(not_recorded=missing(summary)) if summary.only_cramps else None


def _north(zone: tzinfo | None) -> bool | None:
    """Whether summer time is in July; None for a zone without it."""
    # Entries are of the last years; a zone's summer time has not changed sides in them.
    if zone is None:
        return None
    january, july = (datetime(2026, month, 15, tzinfo=zone).utcoffset() for month in (1, 7))
    if january is None or july is None or january == july:
        return None
    return july > january
