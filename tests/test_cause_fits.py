"""What is counted for each explainer: only what was entered, each count with its n, nothing of what frightens."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from crampcoach import Entry, Fit
from crampcoach.safety.never_said import said_in
from crampcoach_causes.fitting import SAY, all_fits, without
from crampcoach_causes.fitting.counting import compared
from crampcoach_causes.fitting.summary import Summary, summarise
from crampcoach_causes.reading import listed, read_all
from test_cause_texts import BY_SYMPTOM, texts

pytestmark = pytest.mark.pure

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 22, 12, tzinfo=BERLIN)
LAST = date(2026, 11, 21)


def entry(kind: str, ago: int, hour: int = 20, **fields: Any) -> Entry:
    """Of the night that was `ago` nights before the one that comes."""
    night = date(2026, 11, 22) - timedelta(days=ago)
    day = night + timedelta(days=hour < 12)
    at = datetime(day.year, day.month, day.day, hour, tzinfo=BERLIN)
    return Entry(kind=kind, fields=fields, at=at, night=night)


def nights(*counts: int | None) -> list[Entry]:
    """A night's entry for each, oldest first, the last one being last night; None: not entered."""
    numbered = enumerate(counts)
    return [entry("night", len(counts) - n, 8, count=count) for n, count in numbered if count is not None]


def summary(entries: Iterable[Entry], now: datetime = NOW) -> Summary:
    return summarise(sorted(entries, key=lambda one: one.at or NOW), now)


def fit(name: str, entries: Iterable[Entry]) -> Fit:
    found = SAY[name](summary(entries))
    assert found
    return found


# --- which are evaluated ---------------------------------------------------------------------------------------


def test_the_five_that_frighten_are_never_evaluated() -> None:
    assert not set(BY_SYMPTOM) & {*SAY, *all_fits()}
    assert not [one.name for one in read_all(all_fits()) if one.fits and one.name in map(listed, BY_SYMPTOM)]
    assert len([one for one in read_all(all_fits()) if one.fits]) == len(SAY)


def test_every_other_explainer_is_counted_or_says_why_not() -> None:
    assert sorted([*SAY, *without()]) == sorted(texts())
    for name, reason in without().items():
        assert reason.endswith("."), name
        assert not list(said_in(reason)), name


# --- what is read ----------------------------------------------------------------------------------------------


def test_not_entered_is_not_zero() -> None:
    found = summary([*nights(0, None, 2), entry("night", 5, 8), entry("night", 6, 8, hours_slept=7.0)])
    assert found.counts == {date(2026, 11, 19): 0, LAST: 2}
    assert (found.total, found.unknown) == (6, 4)


def test_the_newest_count_of_a_night_counts_and_single_cramps_are_at_least_so_many() -> None:
    newer = entry("night", 1, 9, count=1)
    assert summary([*nights(3), newer]).counts == {LAST: 1}
    assert summary([newer, entry("cramp", 1, 3), entry("cramp", 1, 4)]).counts == {LAST: 2}
    assert summary([entry("cramp", 0, 13)]).counts == {}, "a night that is not over"


@pytest.mark.parametrize(
    ("ago", "hour", "night"), [(1, 19, LAST), (1, 1, LAST), (2, 8, LAST), (2, 11, LAST), (1, 12, LAST)]
)
def test_a_day_is_the_one_before_its_night(ago: int, hour: int, night: date) -> None:
    assert summary([entry("day", ago, hour, stress=6)]).stressful == {night: True}


def test_stress_is_a_number_or_an_answer_of_the_evening() -> None:
    entries = [entry("day", 1, stress=5), entry("journal", 2, day="stressful"), entry("journal", 3, day="mixed")]
    entries += [entry("journal", 4), entry("day", 5, heat=True)]
    assert sorted(summary(entries).stressful.values()) == [False, False, True]


def test_a_stretch_counts_in_the_evening_and_when_it_was_not_broken_off() -> None:
    entries = [entry("stretch", 1, 22), entry("stretch", 2, 1), entry("stretch", 3, 9), entry("stretch", 4, 14)]
    found = summary([*entries, entry("stretch", 5, 22, stopped_early=True)])
    assert found.stretched == {LAST, LAST - timedelta(days=1)}


# --- what is said of it ----------------------------------------------------------------------------------------


def test_two_heaps_are_compared_by_their_shares_and_only_where_both_are_large_enough() -> None:
    assert compared([1, 1, 0, 0, 0, 0, 0], [1, 0, 0, 0, 0, 0, 0]) == 1
    assert compared([1] * 7, [1] * 20) == 0
    assert compared([0] * 7, [1] * 8) == -1
    assert compared([1] * 6, [0] * 20) is None


def days(field: str, *values: Any) -> list[Entry]:
    return [entry("day", len(values) - n, **{field: one}) for n, one in enumerate(values) if one is not None]


@pytest.mark.parametrize(
    ("name", "field", "yes", "no"),
    [
        ("cause-alcohol", "alcohol", 2.0, 0.0),
        ("cause-overexertion", "unusual", True, False),
        ("cause-sedentary", "activity_minutes", 10, 60),
    ],
)
def test_days_beside_the_nights_after_them(name: str, field: str, yes: object, no: object) -> None:
    more, fewer = [1] * 5 + [0] * 3, [1] * 2 + [0] * 7
    found = fit(name, nights(*more, *fewer, 0) + days(field, *[yes] * 8, *[no] * 9, None))
    assert re.match("There were cramps on 5 of 8 nights after .* and on 2 of 9 nights after ", found.speaks_for[0])
    assert (found.speaks_against, found.neither) == ((), ())
    assert re.match("For 1 of 18 nights, .* not entered", found.not_recorded[0])
    turned = fit(name, nights(*more, *fewer) + days(field, *[no] * 8, *[yes] * 9))
    assert (len(turned.speaks_for), len(turned.speaks_against)) == (0, 1)
    few = fit(name, nights(*more, *fewer) + days(field, *[None] * 8, *[yes] * 4, *[no] * 5))
    assert few.neither[0].endswith("That is too few to compare.")
    assert not few.speaks_for


@pytest.mark.parametrize("turned", [False, True])
def test_stress_speaks_on_neither_side_whatever_the_counts(turned: bool) -> None:
    high, low = (0, 10) if turned else (10, 0)
    found = fit("cause-stress", nights(*[1] * 10, *[0] * 10) + days("stress", *[high] * 10, *[low] * 10))
    assert (found.speaks_for, found.speaks_against) == ((), ())
    assert "match by chance" in found.neither[0]


def test_sleep_can_be_read_both_ways() -> None:
    slept = [entry("night", 20 - n, 9, hours_slept=4.0 if n < 10 else 8.0) for n in range(20)]
    found = fit("cause-sleep", nights(*[1] * 10, *[0] * 10) + slept)
    assert found.neither[0].startswith(
        "There were cramps on 10 of 10 nights with under 6 hours of sleep, and on 0 of 10"
    )
    assert found.neither[0].endswith("this can be read both ways.")


def test_nights_with_a_stretch_and_those_without_an_entry() -> None:
    stretched = [entry("stretch", n, 22) for n in range(1, 9)]
    found = fit("m-evening-stretch", [*nights(*[1] * 8, None, *[0] * 8), *stretched])
    assert found.speaks_for[0].startswith("There were cramps on 0 of 8 nights after an evening with a stretch entered")
    assert found.not_recorded[0] == "For 1 of 17 nights the number of cramps was not entered."
    assert "may have been done all the same" in found.not_recorded[1]
    other = fit("m-evening-stretch", [*nights(*[0] * 8, *[1] * 8), *stretched])
    assert (len(other.speaks_for), len(other.speaks_against)) == (0, 1)


@pytest.mark.parametrize(
    ("text", "eased"), [("stretching", 1), ("a long Stretch", 1), ("stretching did not help", 0), ("walking", 0)]
)
def test_what_ended_a_cramp(text: str, eased: int) -> None:
    found = fit("m-acute-stretch", [entry("cramp", 1, 3, eased_by=text), entry("cramp", 2, 3)])
    assert len(found.speaks_for) == eased
    assert len(found.speaks_against) == 1 - eased
    assert found.not_recorded == ("For 1 of 2 cramps what eased it was not entered.",)


def test_before_and_after_a_medicine() -> None:
    taken = [entry("medicine", 11, 20, name="Tablet\nA" + "x" * 60, change="started"), entry("medicine", 3, name="B")]
    found = fit("cause-medicines", [*nights(*[0] * 10, *[1] * 11), *taken])
    assert re.match(
        r"Tablet Ax+\.\.\. started on 11 Nov 2026: .* 0 of 10 nights entered; .* 11 of 11", found.speaks_for[0]
    )
    assert not [text for text in found.speaks_for if text.startswith("B")]
    assert len(fit("cause-medicines", [*nights(*[1] * 10, *[0] * 11), *taken]).speaks_against) == 1
    assert "leave the medicine as it is" in fit("m-medicine-review", taken).speaks_for[0]
    assert not fit("m-medicine-review", nights(1)).speaks_for


def test_where_and_on_which_side() -> None:
    entries = [
        entry("cramp", 1, 3, muscle="toes", side="left"), entry("cramp", 2, 3, muscle="foot"),
        entry("cramp", 3, 3, muscle="thigh", side="right"), entry("cramp", 4, 3),
    ]  # fmt: skip
    feet = fit("cause-feet-toes", entries)
    assert feet.speaks_for == ("2 of 3 cramps with the place entered were in the foot or the toes.",)
    assert feet.speaks_against == ("1 of 3 cramps with the place entered was elsewhere.",)
    assert feet.neither == ("Sides of those in the foot or the toes: 1 left.",)
    assert feet.not_recorded == (
        "For 1 of 4 cramps the place was not entered.",
        "For 1 of 2 of those in the foot or the toes the side was not entered.",
    )
    muscles = fit("epi-muscles", entries)
    assert muscles.speaks_for == ("Of 3 cramps with the place entered, 1 in the foot, 1 in the toes.",)
    assert muscles.speaks_against == ("Of 3 cramps with the place entered, 1 in the thigh.",)


def test_what_a_night_cramp_looks_like_is_counted_feature_by_feature() -> None:
    entries = [
        entry("cramp", 1, 3, severity=8, duration=2.0, muscle="calf", hard_knot=True),
        entry("cramp", 2, 3, severity=3),
    ]
    found = fit("dx-nlc-criteria", entries)
    assert "Your entries look like it: pain: 7 or more of 10, in 1 of 2 cramps." in found.speaks_for
    assert found.speaks_against == ("Pain: less than 7 of 10, in 1 of 2 cramps.",)
    assert found.neither == ("Looking like it cannot rule out something else.",)
    assert "Length: for 1 of 2 cramps the length was not entered." in found.not_recorded


def test_how_often_and_how_long() -> None:
    found = fit("epi-frequency-duration", [*nights(0, 2, None, 0), entry("cramp", 1, 3, duration=12.0)])
    assert found.speaks_against == ("1 of 1 cramp with the length entered took longer than 10 minutes.",)
    assert "cramps on 2 of 3 nights entered, at least 3 cramps in all: 7.0 for every 7 nights" in found.neither[0]


def test_later_weeks_beside_the_first() -> None:
    eased = fit("epi-regression", nights(*[1] * 28, *[0] * 28))
    assert "28 of 28 nights entered" in eased.speaks_for[0]
    assert "followed by a better one" in eased.speaks_for[0]
    assert len(fit("epi-regression", nights(*[0] * 28, *[1] * 28)).speaks_against) == 1
    assert "too few" in fit("epi-regression", nights(*[1] * 28, 0)).neither[0]
    assert "later ones would tell" in fit("epi-regression", nights(1, 1)).not_recorded[-1]
    assert SAY["epi-regression"](summary([])) is None


@pytest.mark.parametrize(
    ("zone", "side"), [("Europe/Berlin", "for"), ("Australia/Sydney", None), ("Asia/Kolkata", None)]
)
def test_summer_is_where_the_clock_says(zone: str, side: str | None) -> None:
    now = datetime(2026, 9, 30, 12, tzinfo=ZoneInfo(zone))
    entries = []
    for n in range(1, 61):
        night = now.date() - timedelta(days=n)
        at = datetime(night.year, night.month, night.day, 23, tzinfo=ZoneInfo(zone))
        entries.append(Entry(kind="night", fields={"count": int(night.month < 9)}, at=at, night=night))
    found = SAY["epi-season"](summary(entries, now))
    assert found
    assert "Sep 2026: cramps on 0 of 29 nights entered" in found.neither[0]
    assert bool(found.speaks_for) is (side == "for")
    assert ("Which months are your summer is not known." in found.not_recorded) is (zone == "Asia/Kolkata")


def test_one_month_has_no_season() -> None:
    assert SAY["epi-season"](summary(nights(*[1] * 14))) is None


@pytest.mark.parametrize("name", SAY)
def test_nothing_entered_is_met_by_what_is_missing(name: str) -> None:
    found = SAY[name](summary([]))
    assert found is None or not (found.speaks_for or found.speaks_against)
