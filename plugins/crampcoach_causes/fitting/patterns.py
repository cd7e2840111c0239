"""What cramps that were entered one by one look like: when, where, how long, how strong."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from crampcoach import Entry, Fit
from crampcoach_causes.fitting.counting import many, missing, of
from crampcoach_causes.fitting.summary import Summary

#: What counts as the night where a cramp has a time.
FROM, TO = 22, 7
NONE_ENTERED = "No cramp was entered one by one, which is where this would stand."
#: Minutes: the usual ceiling of definitions (record `epi-frequency-duration`).
LONGEST = 10
#: Pain from here on counts as strong, of 10.
STRONG = 7


def at_night(summary: Summary) -> Fit:
    """In the night or by day. What the morning asks is about nights only, and says nothing of that."""
    n = len(summary.cramps)
    if not n:
        return Fit(not_recorded=[NONE_ENTERED])
    night = sum(map(_in_the_night, summary.cramps))
    how = f"between {FROM}:00 and {TO:02}:00, or entered as a part of the night"
    return Fit(
        speaks_for=[f"{night} of {many(n, 'cramp')} {'was' if n == 1 else 'were'} at night ({how})."] if night else (),
        speaks_against=[f"{n - night} of {many(n, 'cramp')} came by day."] if n - night else (),
        not_recorded=missing(summary),
    )


def _in_the_night(entry: Entry) -> bool:
    assert entry.at
    return bool(entry.fields.get("part")) or entry.at.hour >= FROM or entry.at.hour < TO


def muscles(summary: Summary) -> Fit:
    """Calf first, then foot, is the usual."""
    given, unsaid = _given(summary.cramps, "muscle")
    if not given:
        return Fit(not_recorded=[unsaid or NONE_ENTERED])
    places = {
        "calf": "the calf",
        "foot": "the foot",
        "toes": "the toes",
        "thigh": "the thigh",
        "other": "another place",
    }
    counted = {place: given.count(place) for place in places}
    usual = [f"{counted[one]} in {places[one]}" for one in ("calf", "foot", "toes") if counted[one]]
    seldom = [f"{counted[one]} in {places[one]}" for one in ("thigh", "other") if counted[one]]
    head = f"Of {many(len(given), 'cramp')} with the place entered, "
    return Fit(
        speaks_for=[f"{head}{', '.join(usual)}."] if usual else (),
        speaks_against=[f"{head}{', '.join(seldom)}."] if seldom else (),
        not_recorded=[unsaid] if unsaid else (),
    )


def feet_toes(summary: Summary) -> Fit:
    """How many were in the foot or the toes, and on which side those were."""
    given, unsaid = _given(summary.cramps, "muscle")
    if not given:
        return Fit(not_recorded=[unsaid or NONE_ENTERED])
    feet = [entry for entry in summary.cramps if entry.fields.get("muscle") in ("foot", "toes")]
    elsewhere = len(given) - len(feet)
    sides, sideless = _given(feet, "side")
    counted = ", ".join(f"{sides.count(side)} {side}" for side in ("left", "right", "both") if side in sides)
    head = f"of {many(len(given), 'cramp')} with the place entered"
    sideless = sideless.replace("cramps", "of those in the foot or the toes")
    return Fit(
        speaks_for=[f"{len(feet)} {head} {'was' if len(feet) == 1 else 'were'} in the foot or the toes."]
        if feet
        else (),
        speaks_against=[f"{elsewhere} {head} {'was' if elsewhere == 1 else 'were'} elsewhere."] if elsewhere else (),
        neither=[f"Sides of those in the foot or the toes: {counted}."] if counted else (),
        not_recorded=[one for one in (unsaid, sideless) if one],
    )


def frequency_duration(summary: Summary) -> Fit:
    """How often, and how long: few nights and seconds to minutes are usual."""
    counts, weeks = summary.counts, len(summary.counts) / 7
    neither, not_recorded = [], missing(summary)
    if counts:
        total = sum(counts.values())
        neither.append(
            f"There were cramps on {of(counts.values())} entered, at least {many(total, 'cramp')} in all: "
            f"{total / weeks:.1f} for every 7 nights entered."
        )
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
    features: list[tuple[str, str, Callable[[Any], bool], str, str]] = [
        ("severity", "pain", lambda pain: pain >= STRONG, f"{STRONG} or more of 10", f"less than {STRONG} of 10"),
        ("duration", "length", lambda minutes: minutes <= LONGEST, f"{LONGEST} minutes at most", "longer"),
        ("muscle", "place", lambda place: place in ("calf", "foot", "toes"), "calf, foot or toes", "elsewhere"),
        ("sore_after", "soreness afterwards", bool, "sore", "not sore"),
        ("asleep", "sleep", bool, "it woke you", "it did not wake you"),
        ("hard_knot", "hard muscle", bool, "hard", "not hard"),
    ]
    speaks_for, against, not_recorded = [], [], list[str]()
    for field, what, so, yes, no in features:
        given, unsaid = _given(summary.cramps, field)
        fit = sum(1 for value in given if so(value))
        if fit:
            speaks_for.append(f"Your entries look like it: {what}: {yes}, in {fit} of {many(len(given), 'cramp')}.")
        if len(given) - fit:
            against.append(f"{what.capitalize()}: {no}, in {len(given) - fit} of {many(len(given), 'cramp')}.")
        not_recorded += [f"{what.capitalize()}: {unsaid[:1].lower()}{unsaid[1:]}"] if unsaid else []
    return Fit(
        speaks_for=speaks_for,
        speaks_against=against,
        neither=["Looking like it cannot rule out something else."] if speaks_for else (),
        not_recorded=[*not_recorded, "How much a cramp troubled you has no field."],
    )


def _given(cramps: Iterable[Entry], field: str) -> tuple[list[Any], str]:
    """What was entered in a field, and a sentence about those cramps that have nothing there; empty if all have."""
    values = [entry.fields.get(field) for entry in cramps]
    given = [value for value in values if value is not None]
    missing = len(values) - len(given)
    words = {"muscle": "the place", "duration": "the length", "side": "the side", "eased_by": "what eased it"}
    what = words.get(field, "this")
    return given, f"For {missing} of {len(values)} cramps {what} was not entered." if missing else ""


def eased_by(summary: Summary) -> tuple[list[str], str]:
    """What was entered as easing a cramp, and a sentence about the others."""
    return _given(summary.cramps, "eased_by")
