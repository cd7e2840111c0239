"""Two heaps of nights beside each other, and how a count is said: always with the number that it is of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from crampcoach import Fit
from crampcoach_causes.fitting.summary import Summary

#: With fewer nights on a side, two sides are not compared.
ENOUGH = 7
FEW = f"That is too few to compare: it takes {ENOUGH} nights on each side."
#: A smaller difference is one that chance often makes: two standard errors, squared.
CLEAR = 4
UNCLEAR = "That is no clear difference."
#: The nights that counts are of: those for which somebody entered how many cramps there were.
NUMBERED = "with the number entered"
#: Where cramps got fewer, this stands beside the counts.
EASED = "A bad time is often followed by a better one, whatever was tried."


def many(number: int, one: str, more: str = "") -> str:
    """`1 night`, `3 nights`."""
    return f"{number} {one if number == 1 else more or one + 's'}"


def were(number: int) -> str:
    """The verb after `1 of 3 cramps`, `2 of 3 cramps`."""
    return "was" if number == 1 else "were"


def with_cramps(counts: Iterable[int]) -> tuple[int, int]:
    """On how many nights there were cramps, and of how many."""
    known = list(counts)
    return sum(1 for count in known if count), len(known)


def of(counts: Iterable[int]) -> str:
    """`3 of 9 nights`."""
    some, known = with_cramps(counts)
    return f"{some} of {many(known, 'night')}"


def missing(summary: Summary) -> list[str]:
    """For how many nights nobody entered the number, if there are any."""
    if not summary.unknown:
        return []
    unknown = f"For {summary.unknown} of {many(summary.total, 'night')} the number of cramps was not entered."
    return [unknown, *only_cramps(summary)]


def only_cramps(summary: Summary) -> list[str]:
    """On how many nights there were single cramps, and why those are in no count of nights; if there are any."""
    if not summary.only_cramps:
        return []
    return [
        f"On {len(summary.only_cramps)} of {many(summary.total, 'night')} only cramps were entered, and no number for "
        "the night. Nights without any do not show that way, so how often cramps come cannot be told from these."
    ]


def compared(one: Iterable[int], other: Iterable[int]) -> int | None:
    """1 where the first had cramps on a clearly larger share of its nights, -1 on a smaller, 0; None: too few."""
    (a, n), (b, m) = with_cramps(one), with_cramps(other)
    if min(n, m) < ENOUGH:
        return None
    apart, spread = a * m - b * n, n * m * (a + b) * (n + m - a - b)
    if apart * apart * (n + m) <= CLEAR * spread:
        return 0
    return 1 if apart > 0 else -1


def beside(
    summary: Summary,
    entered: Mapping[date, bool],
    *,
    yes: str,
    no: str,
    what: str,
    always: str = "",
) -> Fit:
    """Nights on which something was so, beside those on which it was not.

    yes, no: the two sorts, after "nights". what: what may not have been entered. always: said with the counts, which
    then speak on neither side.
    """
    one = [count for night, count in summary.counts.items() if entered.get(night) is True]
    other = [count for night, count in summary.counts.items() if entered.get(night) is False]
    left = summary.total - len(one) - len(other)
    nights = many(summary.total, "night")
    not_recorded = [f"For {left} of {nights} one of these was not entered: {what}, or the number of cramps."]
    not_recorded = not_recorded if left else []
    if entered.keys() & summary.only_cramps:
        not_recorded += only_cramps(summary)
    if not one and not other:
        return Fit(not_recorded=not_recorded)
    if not one or not other:
        counts, sort, lacking = (one, yes, no) if one else (other, no, yes)
        alone = f"The number of cramps was entered for no night {lacking}, so nothing is compared."
        return Fit(neither=[f"There were cramps on {of(counts)} {sort}. {alone}"], not_recorded=not_recorded)
    sentence = f"There were cramps on {of(one)} {yes}, and on {of(other)} {no}."
    found = compared(one, other)
    if always or not found:
        said = FEW if found is None else always or UNCLEAR
        return Fit(neither=[f"{sentence} {said}"], not_recorded=not_recorded)
    return Fit(
        speaks_for=[sentence] if found > 0 else (),
        speaks_against=[sentence] if found < 0 else (),
        not_recorded=not_recorded,
    )
