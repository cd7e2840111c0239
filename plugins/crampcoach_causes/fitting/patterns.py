"""What cramps that were entered one by one look like: when, where, how long, how strong."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from crampcoach import Entry, Fit
from crampcoach_causes.fitting.counting import ENOUGH, NUMBERED, many, missing, of, were
from crampcoach_causes.fitting.summary import Summary

NONE_ENTERED = "No cramp was entered one by one. This can only be counted from such entries."
#: Minutes: the usual ceiling of definitions (record `epi-frequency-duration`).
LONGEST = 10
#: Pain from here on counts as strong, of 10.
STRONG = 7
#: So many in one foot are told of.
ONE_FOOT = 3
#: How a field is called where it was left empty.
_CALLED = {
    "asleep": "whether it woke you",
    "duration": "the length",
    "eased_by": "what eased it",
    "hard_knot": "whether the muscle was hard",
    "muscle": "the place",
    "severity": "the pain",
    "side": "the side",
    "sore_after": "whether the muscle was sore afterwards",
}


def at_night(summary: Summary) -> Fit:
    """In the night or not. What the morning asks is about nights only, and says nothing of that."""
    n = len(summary.cramps)
    if not n:
        return Fit(not_recorded=[NONE_ENTERED])
    night = summary.at_night
    other, how = n - night, "between your bed time and your wake time, or entered as a part of the night"
    more = any(count > summary.single.get(one, 0) for one, count in summary.counts.items())
    return Fit(
        speaks_for=[f"{night} of {many(n, 'cramp')} {were(night)} at night ({how})."] if night else (),
        speaks_against=[f"{other} of {many(n, 'cramp')} {were(other)} at another time."] if other else (),
        not_recorded=["Cramps that were only counted for a night have no time, and are not in this."] if more else (),
    )


def muscles(summary: Summary) -> Fit:
    """Calf first, then foot, is the usual."""
    given, unsaid = _given(summary.cramps, "muscle")
    if not given:
        return Fit(not_recorded=[unsaid or NONE_ENTERED])

    def counted(**places: str) -> list[str]:
        found = [(given.count(place), words) for place, words in places.items() if place in given]
        if not found:
            return []
        first, *others = [f"{number} {words}" for number, words in found]
        first = first.replace(" ", f" {were(found[0][0])} ", 1)
        listed = f"{', '.join([first, *others[:-1]])} and {others[-1]}" if others else first
        return [f"Of {many(len(given), 'cramp')} with the place entered, {listed}."]

    return Fit(
        speaks_for=counted(calf="in the calf", foot="in the foot", toes="in the toes"),
        speaks_against=counted(thigh="in the thigh", other="in another place"),
        not_recorded=[unsaid] if unsaid else (),
    )


def feet_toes(summary: Summary) -> Fit:
    """How many were in the foot or the toes, and on which side those were."""
    given, unsaid = _given(summary.cramps, "muscle")
    if not given:
        return Fit(not_recorded=[unsaid or NONE_ENTERED])
    feet = [entry for entry in summary.cramps if entry.fields.get("muscle") in ("foot", "toes")]
    elsewhere = len(given) - len(feet)
    sides, sideless = _given(feet, "side", " in the foot or the toes")
    counted = ", ".join(f"{sides.count(side)} {side}" for side in ("left", "right", "both") if side in sides)
    head = f"of {many(len(given), 'cramp')} with the place entered"
    neither = [f"Sides of those in the foot or the toes: {counted}."] if counted else []
    if len(sides) >= ONE_FOOT and len(set(sides)) == 1 and "both" not in sides:
        neither.append("Trouble that stays in one foot is worth showing to your doctor.")
    return Fit(
        speaks_for=[f"{len(feet)} {head} {were(len(feet))} in the foot or the toes."] if feet else (),
        speaks_against=[f"{elsewhere} {head} {were(elsewhere)} elsewhere."] if elsewhere else (),
        neither=neither,
        not_recorded=[one for one in (unsaid, sideless) if one],
    )


def frequency_duration(summary: Summary) -> Fit:
    """How often, and how long: few nights and seconds to minutes are usual.

    A rate is only told where the number was entered for half of the nights at least.
    """
    counts, known = summary.counts, len(summary.counts)
    total = sum(counts.values())
    neither, not_recorded = [], missing(summary)
    if counts:
        said = [f"There were cramps on {of(counts.values())} {NUMBERED}"]
        said += [f"at least {many(total, 'cramp')} in those"] if total else []
        rate = f" That is at least {total / known * 7:.1f} for every 7 of those nights."
        enough = known >= ENOUGH and 2 * known >= summary.total
        neither.append(f"{', '.join(said)}.{rate if total and enough else ''}")
    lengths, unsaid = _given(summary.cramps, "duration")
    not_recorded += [unsaid] if unsaid else []
    short = sum(1 for minutes in lengths if minutes <= LONGEST)
    head = f"of {many(len(lengths), 'cramp')} with the length entered"
    return Fit(
        speaks_for=[f"{short} {head} took {LONGEST} minutes at most."] if short else (),
        speaks_against=[f"{len(lengths) - short} {head} took longer than {LONGEST} minutes."]
        if len(lengths) > short
        else (),
        neither=neither,
        not_recorded=not_recorded,
    )


def criteria(summary: Summary) -> Fit:
    """The features of a night cramp, each with the cramps for which it was entered."""
    if not summary.cramps:
        return Fit(not_recorded=[NONE_ENTERED])
    features: list[tuple[str, Callable[[Any], bool], str, str]] = [
        (
            "severity",
            lambda pain: pain >= STRONG,
            f"the pain was strong ({STRONG} or more of 10)",
            f"the pain was less than {STRONG} of 10",
        ),
        (
            "duration",
            lambda minutes: minutes <= LONGEST,
            f"it lasted {LONGEST} minutes at most",
            f"it lasted longer than {LONGEST} minutes",
        ),
        (
            "muscle",
            lambda place: place in ("calf", "foot", "toes"),
            "it was in the calf, the foot or the toes",
            "it was in another place",
        ),
        ("sore_after", bool, "the muscle was sore afterwards", "the muscle was not sore afterwards"),
        ("asleep", bool, "it woke you", "it did not wake you"),
        ("hard_knot", bool, "the muscle was hard", "the muscle was not hard"),
    ]
    speaks_for, against, empty = [], [], dict[int, list[str]]()
    for field, so, yes, no in features:
        given, _ = _given(summary.cramps, field)
        fit = sum(1 for value in given if so(value))
        head = f"of {many(len(given), 'cramp')} with this entered"
        if fit:
            speaks_for.append(f"In {fit} {head}, {yes}.")
        if len(given) - fit:
            against.append(f"In {len(given) - fit} {head}, {no}.")
        if lacking := len(summary.cramps) - len(given):
            empty.setdefault(lacking, []).append(_CALLED[field])
    cramps = many(len(summary.cramps), "cramp")
    return Fit(
        speaks_for=speaks_for,
        speaks_against=against,
        neither=["What fits may still be something else. What does not fit may still be a cramp."]
        if speaks_for or against
        else (),
        not_recorded=[
            *(f"For {number} of {cramps} this was not entered: {', '.join(what)}." for number, what in empty.items()),
            "There is no field for how much a cramp troubled you.",
        ],
    )


def _given(cramps: Iterable[Entry], field: str, where: str = "") -> tuple[list[Any], str]:
    """What was entered in a field, and a sentence about those cramps that have nothing there; empty if all have."""
    values = [entry.fields.get(field) for entry in cramps]
    given = [value for value in values if value is not None]
    missing = len(values) - len(given)
    said = f"For {missing} of {many(len(values), 'cramp')}{where} {_CALLED[field]} was not entered."
    return given, said if missing else ""


def eased_by(summary: Summary) -> tuple[list[str], str]:
    """What was entered as easing a cramp, and a sentence about the others."""
    return _given(summary.cramps, "eased_by")
