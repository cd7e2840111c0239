"""Two heaps of nights beside each other, and how a count is said: always with the number that it is of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from crampcoach import Fit
from crampcoach_causes.fitting.summary import Summary

#: With fewer nights on a side, two sides are not compared.
ENOUGH = 7
FEW = "That is too few to compare."


def many(number: int, one: str, more: str = "") -> str:
    """`1 night`, `3 nights`."""
    return f"{number} {one if number == 1 else more or one + 's'}"


def with_cramps(counts: Iterable[int]) -> tuple[int, int]:
    """On how many nights there were cramps, and of how many."""
    known = list(counts)
    return sum(1 for count in known if count), len(known)


def of(counts: Iterable[int]) -> str:
    """`3 of 9 nights`."""
    some, known = with_cramps(counts)
    return f"{some} of {many(known, 'night')}"


def missing(summary: Summary) -> list[str]:
    """How many nights nobody told of, if there are any."""
    if not summary.unknown:
        return []
    return [f"For {summary.unknown} of {many(summary.total, 'night')} the number of cramps was not entered."]


def compared(one: Iterable[int], other: Iterable[int]) -> int | None:
    """1 where the first had cramps on a larger share of its nights, -1 on a smaller, 0; None: too few to say."""
    (a, n), (b, m) = with_cramps(one), with_cramps(other)
    if min(n, m) < ENOUGH:
        return None
    return (a * m > b * n) - (a * m < b * n)


def beside(
    summary: Summary,
    entered: Mapping[date, bool],
    *,
    yes: str,
    no: str,
    what: str,
    always: str = "",
    less: bool = False,
) -> Fit:
    """Nights on which something was so, beside those on which it was not.

    yes, no: the two sorts, after "nights". what: what may not have been entered. always: said with the counts, on
    neither side. less: fewer cramps are what speaks for it.
    """
    one = [count for night, count in summary.counts.items() if entered.get(night) is True]
    other = [count for night, count in summary.counts.items() if entered.get(night) is False]
    left = summary.total - len(one) - len(other)
    nights = many(summary.total, "night")
    not_recorded = [f"For {left} of {nights}, {what} or the number of cramps was not entered."] if left else []
    if not one and not other:
        return Fit(not_recorded=not_recorded)
    sentence = f"There were cramps on {of(one)} {yes}, and on {of(other)} {no}."
    found = compared(one, other)
    if found is None:
        return Fit(neither=[f"{sentence} {FEW}"], not_recorded=not_recorded)
    if always or not found:
        return Fit(neither=[f"{sentence} {always}".strip()], not_recorded=not_recorded)
    speaks = (found > 0) is not less
    return Fit(
        speaks_for=[sentence] if speaks else (),
        speaks_against=[] if speaks else [sentence],
        not_recorded=not_recorded,
    )
