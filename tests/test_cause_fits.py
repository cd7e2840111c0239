"""What is counted for each explainer: only what was entered, each count with its n, nothing of what frightens."""

from __future__ import annotations

import re
import statistics
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from crampcoach import Entry, Fit
from crampcoach.hours import Hours
from crampcoach.moments import of_night
from crampcoach.safety.never_said import said_in
from crampcoach_causes.fitting import SAY, all_fits, without
from crampcoach_causes.fitting.counting import compared
from crampcoach_causes.fitting.summary import Summary, summarise
from crampcoach_causes.reading import listed, read_all
from test_cause_texts import BY_SYMPTOM, LONGEST_SENTENCE, texts
from test_texts import reading_ease, sentences

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


def summary(entries: Iterable[Entry], now: datetime = NOW, hours: Hours = Hours()) -> Summary:  # noqa: B008
    return summarise(sorted(entries, key=lambda one: one.at or NOW), now, hours.in_bed, partial(of_night, hours=hours))


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


def test_nights_of_which_only_cramps_tell_have_no_number_and_are_told_of() -> None:
    found = summary([*nights(0, None, 2), entry("cramp", 2, 3), entry("cramp", 1, 3), entry("cramp", 4, 14)])
    assert found.counts == {date(2026, 11, 19): 0, LAST: 2}
    assert found.only_cramps == {date(2026, 11, 20)}
    assert summary([entry("night", 1, 8, hours_slept=7.0), entry("cramp", 1, 3)]).counts == {}
    assert summary([entry("night", 1, 8), entry("cramp", 1, 3)]).only_cramps == {LAST}, "don't know how many"
    assert summary([entry("cramp", 0, 23)]).only_cramps == set(), "a night that is not over"


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
    assert compared([1, 1, 1, 1, 1, 0, 0], [1, 0, 0, 0, 0, 0, 0]) == 1
    assert compared([1] * 7, [1] * 20) == 0
    assert compared([0] * 7, [1] * 8) == -1
    assert compared([1] * 6, [0] * 20) is None


def test_a_difference_that_chance_often_makes_speaks_on_no_side() -> None:
    assert compared([1] * 8 + [0] * 11, [1] * 14 + [0] * 26) == 0
    assert compared([1, 1, 0, 0, 0, 0, 0], [1, 0, 0, 0, 0, 0, 0]) == 0
    assert compared([0] * 7, [0] * 9) == compared([1] * 7, [1] * 9) == 0
    found = fit(
        "cause-alcohol", nights(*[1] * 5, *[0] * 3, *[1] * 2, *[0] * 7) + days("alcohol", *[2.0] * 8, *[0.0] * 9)
    )
    assert (found.speaks_for, found.speaks_against) == ((), ())
    assert found.neither[0].endswith("That is no clear difference.")


def test_where_one_sort_of_nights_is_missing_nothing_is_held_beside_none() -> None:
    found = fit("cause-alcohol", nights(*[1] * 8) + days("alcohol", *[2.0] * 8))
    assert found.neither == (
        "There were cramps on 8 of 8 nights after a day with alcohol. The number of cramps was entered for no night "
        "after a day entered as without any, so nothing is compared.",
    )


def days(field: str, *values: Any) -> list[Entry]:
    return [entry("day", len(values) - n, **{field: one}) for n, one in enumerate(values) if one is not None]


@pytest.mark.parametrize(
    ("name", "field", "yes", "no"),
    [
        ("cause-alcohol", "alcohol", 2.0, 0.0),
        ("cause-overexertion", "unusual", True, False),
    ],
)
def test_days_beside_the_nights_after_them(name: str, field: str, yes: object, no: object) -> None:
    more, fewer = [1] * 7 + [0], [1] * 2 + [0] * 7
    found = fit(name, nights(*more, *fewer, 0) + days(field, *[yes] * 8, *[no] * 9, None))
    assert re.match("There were cramps on 7 of 8 nights after .* and on 2 of 9 nights after ", found.speaks_for[0])
    assert (found.speaks_against, found.neither) == ((), ())
    assert re.match("For 1 of 18 nights one of these was not entered: ", found.not_recorded[0])
    turned = fit(name, nights(*more, *fewer) + days(field, *[no] * 8, *[yes] * 9))
    assert (len(turned.speaks_for), len(turned.speaks_against)) == (0, 1)
    few = fit(name, nights(*more, *fewer) + days(field, *[None] * 8, *[yes] * 4, *[no] * 5))
    assert few.neither[0].endswith("That is too few to compare: it takes 7 nights on each side.")
    assert not few.speaks_for


@pytest.mark.parametrize("turned", [False, True])
def test_single_days_speak_neither_for_nor_against_moving_little(turned: bool) -> None:
    high, low = (60, 10) if turned else (10, 60)
    found = fit("cause-sedentary", nights(*[1] * 10, *[0] * 10) + days("activity_minutes", *[high] * 10, *[low] * 10))
    assert (found.speaks_for, found.speaks_against) == ((), ())
    assert "not about single days" in found.neither[0]


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
    assert (found.speaks_for, found.speaks_against) == ((), ()), "that none was entered is no proof of none"
    assert found.neither[0].startswith("There were cramps on 0 of 8 nights after an evening with a stretch entered")
    assert "may have been done all the same" in found.neither[0]
    assert "often followed by a better one" in found.neither[1]
    assert found.not_recorded == ("For 1 of 17 nights the number of cramps was not entered.",)
    other = fit("m-evening-stretch", [*nights(*[0] * 8, *[1] * 8), *stretched])
    assert (other.speaks_for, other.speaks_against) == ((), ())


#: What may stand in `eased_by`, by what is said of it.
EASED_BY = {
    "a stretch was named as what eased it": ["stretching", "a long Stretch", "I stretched and rubbed it"],
    "a stretch was named, but it is not clear whether it helped": [
        "stretching did not help", "Stretching didn't help", "stretch made it worse", "couldnt stretch", "stretch?",
        "walking after stretching", "nothing, not even stretching", "tried to stretch", "stretching helped little",
        "walking instead of stretching", "stretching failed", "hardly by stretching", "I can't stretch",
    ],
    'the word "stretch" is not in it': ["walking", "nothing", "a stretchy bandage", "gedehnt"],
}  # fmt: skip


@pytest.mark.parametrize(("said", "text"), [(said, text) for said, texts in EASED_BY.items() for text in texts])
def test_what_ended_a_cramp(said: str, text: str) -> None:
    found = fit("m-acute-stretch", [entry("cramp", 1, 3, eased_by=text), entry("cramp", 2, 3)])
    assert [*found.speaks_for, *found.neither] == [f"For 1 of 1 cramp with this entered, {said}."]
    assert found.speaks_against == (), "what else eased one says nothing about a stretch"
    assert found.not_recorded == ("For 1 of 2 cramps what eased it was not entered.",)


def test_before_and_after_a_medicine() -> None:
    taken = [entry("medicine", 11, 20, name="Tablet\nA" + "x" * 60, change="started"), entry("medicine", 3, name="B")]
    found = fit("cause-medicines", [*nights(*[0] * 10, *[1] * 11), *taken])
    assert re.match(
        r"Tablet Ax+\.\.\. was started on 11 Nov 2026\. .* 0 of 10 nights with the number entered\. .* 11 of 11",
        found.speaks_for[0],
    )
    assert found.speaks_for[0].endswith("What to do about it is for a pharmacist or doctor.")
    assert not [text for text in found.speaks_for if text.startswith("B")]
    fewer = fit("cause-medicines", [*nights(*[1] * 10, *[0] * 11), *taken])
    assert (fewer.speaks_for, fewer.speaks_against) == ((), ()), "nobody is to leave it off, or to trust it, for that"
    assert "10 of 10 nights" in fewer.neither[0]
    assert "0 of 11 nights" in fewer.neither[0]
    assert "does not show that it made cramps fewer" in fewer.neither[0]
    assert "often followed by a better one" in fewer.neither[0]
    review = fit("m-medicine-review", taken)
    assert "for them to say, not for such counts" in review.neither[0]
    assert review.speaks_for == (), "that one was begun is no reason by itself"
    assert not fit("m-medicine-review", nights(1)).neither


#: As people write them. Of the others some have a part of such a word in their names.
NO_COUNTS = (
    "Quinine", "quinine sulphate 300", "Chininum", "Hydroquinine", "TONIC WATER", "gin and tonic", "Magnesium citrate",
    "magnésium", "Milk of Magnesia", "Losartan potassium", "salt tablets", "Calcium + D3", "Vitamin K2", "vit k",
    "Vit. B", "multivitamins", "MK-7", "K2", "B12", "B complex", "D3", "vitamin D", "Zinc", "iron", "a food supplement",
    "electrolytes", "fish oil",
)  # fmt: skip
COUNTED = (
    "Simvastatin", "Salbutamol", "Spironolactone", "Furosemide", "Hydroxychloroquine", "Amlodipine 5", "Tablet B", "D",
    "Vitaros", "Naproxen",
)  # fmt: skip


@pytest.mark.parametrize("name", [*NO_COUNTS, *COUNTED])
@pytest.mark.parametrize("turned", [False, True])
def test_quinine_and_supplements_are_told_of_with_their_date_and_never_held_beside_nights(
    name: str, turned: bool
) -> None:
    taken = entry("medicine", 11, 20, name=name, change="started")
    before, after = ([0] * 10, [1] * 11) if turned else ([1] * 10, [0] * 11)
    found = fit("cause-medicines", [*nights(*before, *after, None), taken])
    if name in COUNTED:
        assert "0 of 10 nights" in str(found) or "10 of 10 nights" in str(found)
        assert found.not_recorded
        return
    assert found == Fit(
        neither=[
            f"{name} was started on 11 Nov 2026. Nights before and after it are not counted. "
            "What to do about it is for a pharmacist or doctor."
        ]
    )


def test_what_the_dose_names_counts_as_the_name_does() -> None:
    taken = entry("medicine", 11, 20, name="Capsules", dose="200 mg Quinine", change="started")
    found = fit("cause-medicines", [*nights(*[1] * 10, *[0] * 11), taken])
    assert "are not counted" in found.neither[0]
    assert not re.search(r"\d of \d", str(found))


def test_a_medicine_of_before_the_first_night_and_more_of_them_than_are_told_of() -> None:
    taken = [entry("medicine", n, 20, name=f"Tablet {n}", change="started") for n in range(1, 8)]
    found = fit("cause-medicines", [*nights(1), *taken])
    assert found.neither[0].endswith(
        "The number of cramps was entered for no night of the four weeks before, so nothing is compared."
    )
    assert not re.search(r"\b0 of 0\b", " ".join(found.neither))
    for name in ("cause-medicines", "m-medicine-review"):
        assert fit(name, [*nights(1), *taken]).neither[-1] == "These are the 5 newest of 7 such entries."


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
        "For 1 of 2 cramps in the foot or the toes the side was not entered.",
    )
    muscles = fit("epi-muscles", entries)
    assert muscles.speaks_for == ("Of 3 cramps with the place entered, 1 was in the foot and 1 in the toes.",)
    assert muscles.speaks_against == ("Of 3 cramps with the place entered, 1 was in the thigh.",)
    one = fit("cause-feet-toes", [entry("cramp", 1, 3, muscle="toes")])
    assert one.not_recorded == ("For 1 of 1 cramp in the foot or the toes the side was not entered.",)


@pytest.mark.parametrize(("sides", "told"), [("lll", True), ("llr", False), ("ll", False), ("bbb", False)])
def test_cramps_that_stay_in_one_foot_are_for_a_doctor(sides: str, told: bool) -> None:
    names = {"l": "left", "r": "right", "b": "both"}
    entries = [entry("cramp", n, 3, muscle="foot", side=names[side]) for n, side in enumerate(sides, 1)]
    said = "Trouble that stays in one foot is worth showing to your doctor."
    assert (said in fit("cause-feet-toes", entries).neither) is told


def test_a_cramp_by_day_makes_no_night_one_with_cramps() -> None:
    by_day = [entry("cramp", 1, 14, asleep=True), entry("cramp", 2, 15)]
    assert summary([*nights(0), *by_day]).counts == {LAST: 0}
    assert summary([*nights(0), entry("cramp", 1, 3), entry("cramp", 1, 14, part="early")]).counts == {LAST: 2}
    assert fit("epi-night", [*nights(0), *by_day]).speaks_against == ("2 of 2 cramps were at another time.",)
    assert fit("epi-night", by_day[:1]).speaks_against == ("1 of 1 cramp was at another time.",)
    mixed = fit("epi-night", [*nights(2), entry("cramp", 1, 3), *by_day])
    assert mixed.speaks_for[0].startswith("1 of 3 cramps was at night")
    assert mixed.not_recorded == ("Cramps that were only counted for a night have no time, and are not in this.",)


def test_who_sleeps_by_day_is_counted_by_their_own_hours() -> None:
    cramps = [entry("cramp", 1, 3), entry("cramp", 2, 14), *nights(0, 0)]
    found = [summary(cramps, hours=Hours(time(16), time(8))), summary(cramps)]
    told = [SAY["epi-night"](one) for one in found]
    before = LAST - timedelta(days=1)
    assert [one.counts for one in found] == [{before: 1, LAST: 1}, {before: 0, LAST: 1}]
    assert [one.speaks_for[0].startswith("1 of 2 cramps was at night") for one in told if one] == [True, True]
    by_day = [summary([entry("cramp", 1, 14)], hours=hours) for hours in (Hours(time(16), time(8)), Hours())]
    assert [one.at_night for one in by_day] == [1, 0]


def test_what_is_logged_in_the_morning_counts_for_the_night_but_was_not_in_it() -> None:
    found = summary([entry("cramp", 1, 8), *nights(0)])
    assert (found.counts, found.at_night) == ({LAST: 1}, 0)


def test_who_says_later_that_they_do_not_know_is_believed() -> None:
    assert summary([*nights(3), entry("night", 1, 9)]).counts == {}
    assert summary([*nights(3), entry("night", 1, 9, hours_slept=7.0)]).counts == {LAST: 3}


def test_what_a_night_cramp_looks_like_is_counted_feature_by_feature() -> None:
    entries = [
        entry("cramp", 1, 3, severity=8, duration=2.0, muscle="calf", hard_knot=True),
        entry("cramp", 2, 3, severity=3),
    ]
    found = fit("dx-nlc-criteria", entries)
    assert "In 1 of 2 cramps with this entered, the pain was strong (7 or more of 10)." in found.speaks_for
    assert found.speaks_against == ("In 1 of 2 cramps with this entered, the pain was less than 7 of 10.",)
    assert found.neither == ("What fits may still be something else. What does not fit may still be a cramp.",)
    assert found.not_recorded[:2] == (
        "For 1 of 2 cramps this was not entered: the length, the place, whether the muscle was hard.",
        "For 2 of 2 cramps this was not entered: whether the muscle was sore afterwards, whether it woke you.",
    )


def test_how_often_and_how_long() -> None:
    found = fit("epi-frequency-duration", [*nights(0, 2, None, 0), entry("cramp", 1, 3, duration=12.0)])
    assert found.speaks_against == ("1 of 1 cramp with the length entered took longer than 10 minutes.",)
    assert found.neither == (
        "There were cramps on 2 of 3 nights with the number entered, at least 3 cramps in those.",
    ), "no rate of so few"
    week = fit("epi-frequency-duration", nights(0, 0, 0, 1, 2, 0, 0))
    assert week.neither[0].endswith("in those. That is at least 3.0 for every 7 of those nights.")
    assert fit("epi-frequency-duration", nights(*[0] * 8)).neither == (
        "There were cramps on 0 of 8 nights with the number entered.",
    )


def test_a_rate_is_only_told_where_half_of_the_nights_have_their_number() -> None:
    seven = [entry("night", n, 8, count=1) for n in range(2, 15, 2)]
    assert "for every 7" in fit("epi-frequency-duration", seven[:-1] + nights(1)).neither[0]
    assert "for every 7" not in fit("epi-frequency-duration", [entry("journal", 15), *seven]).neither[0]


#: Ten cramps in 58 nights, and no night entered as such.
TEN_CRAMPS = [entry("cramp", ago, 3) for ago in range(4, 59, 6)]
ONLY_CRAMPS = (
    "On 10 of 58 nights only cramps were entered, and no number for the night. Nights without any do not show that "
    "way, so how often cramps come cannot be told from these."
)


def test_who_enters_cramps_alone_is_told_no_rate_and_why() -> None:
    assert fit("epi-frequency-duration", TEN_CRAMPS) == Fit(
        not_recorded=[
            "For 58 of 58 nights the number of cramps was not entered.",
            ONLY_CRAMPS,
            "For 10 of 10 cramps the length was not entered.",
        ]
    )
    for name in ("epi-regression", "epi-season"):
        assert ONLY_CRAMPS in fit(name, TEN_CRAMPS).not_recorded
    assert fit("epi-night", TEN_CRAMPS).speaks_for[0].startswith("10 of 10 cramps were at night")


@pytest.mark.parametrize("name", SAY)
def test_no_night_of_which_only_a_cramp_tells_is_of_any_count(name: str) -> None:
    about = [
        *[entry("day", n, alcohol=2.0 * (n > 30), unusual=n > 30, stress=9 * (n > 30)) for n in range(1, 59)],
        *[entry("day", n, activity_minutes=60 * (n > 30)) for n in range(1, 59)],
        *[entry("night", n, 9, hours_slept=4.0 + 4 * (n > 30)) for n in range(1, 59)],
        *[entry("stretch", n, 22) for n in range(30, 59)],
        entry("medicine", 30, name="Tablet A", change="started"),
    ]
    found = SAY[name](summary([*TEN_CRAMPS, *about]))
    assert found
    assert not re.search(
        r"cramps on \d|had cramps", " ".join([*found.speaks_for, *found.speaks_against, *found.neither])
    )
    asks_for_cramps = {"cause-feet-toes", "dx-nlc-criteria", "epi-muscles", "epi-night", "m-acute-stretch"}
    assert (ONLY_CRAMPS in found.not_recorded) is (name not in asks_for_cramps | {"m-medicine-review"})


def test_a_habit_that_changed_is_no_easing() -> None:
    """Cramps alone in September, the morning's question from November on: the cramps may have been as many."""
    september = [entry("cramp", ago, 3) for ago in range(54, 84, 4)]
    november = nights(*[1, 0, 0] * 5)
    found = fit("epi-regression", [*september, *november])
    assert not (found.speaks_for or found.speaks_against or found.neither)
    assert found.not_recorded == (
        "For 67 of 82 nights the number of cramps was not entered.",
        ONLY_CRAMPS.replace("10 of 58", "8 of 82"),
        "The first night with the number entered is that of 07 Nov 2026, and no such night comes four weeks after it "
        "or later.",
    )


def test_later_weeks_beside_the_first() -> None:
    eased = fit("epi-regression", nights(*[1] * 28, *[0] * 28))
    assert "28 of 28 nights with the number entered" in eased.speaks_for[0]
    assert "followed by a better one" in eased.speaks_for[0]
    assert len(fit("epi-regression", nights(*[0] * 28, *[1] * 28)).speaks_against) == 1
    assert "too few" in fit("epi-regression", nights(*[1] * 28, 0)).neither[0]
    assert "no such night comes four weeks after it" in fit("epi-regression", nights(1, 1)).not_recorded[-1]
    assert SAY["epi-regression"](summary([])) is None


def test_the_first_weeks_begin_with_the_first_night_that_is_known_and_have_their_year() -> None:
    found = fit("epi-regression", [entry("journal", 300, 20), *nights(*[1] * 28, *[0] * 28)])
    assert found.speaks_for[0].startswith(
        "From 27 Sep 2026 to 24 Oct 2026 there were cramps on 28 of 28 nights with the number entered."
    )


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
    assert "had cramps, of those with the number entered. Aug 2026: 31 of 31 nights. Sep 2026: 0 of" in found.neither[0]
    assert "They only hint at cramps" in found.neither[1]
    assert bool(found.speaks_for) is (side == "for")
    assert ("Your time zone does not show which months are your summer." in found.not_recorded) is (
        zone == "Asia/Kolkata"
    )


def test_one_summer_may_be_a_bad_time_that_has_passed() -> None:
    entries = [entry("night", n, 8, count=int((LAST - timedelta(days=n)).month in (6, 7, 8))) for n in range(1, 181)]
    passed = "With one summer in the entries, this may also be a bad time that has passed."
    assert fit("epi-season", entries).speaks_for[0].endswith(passed)
    entries += [entry("night", n, 8, count=int((LAST - timedelta(days=n)).month in (6, 7, 8))) for n in range(181, 600)]
    assert fit("epi-season", entries).speaks_for[0].endswith("in other months.")


def test_months_of_no_clear_difference_speak_on_neither_side() -> None:
    found = fit("epi-season", [entry("night", n, 8, count=1) for n in range(1, 181)])
    assert (found.speaks_for, found.speaks_against) == ((), ())
    assert found.neither[0].endswith("in other months. That is no clear difference.")


def test_one_month_has_no_season() -> None:
    assert SAY["epi-season"](summary(nights(*[1] * 14))) is None


@pytest.mark.parametrize("name", SAY)
def test_nothing_entered_is_met_by_what_is_missing(name: str) -> None:
    found = SAY[name](summary([]))
    assert found is None or not (found.speaks_for or found.speaks_against)


# --- how it is said --------------------------------------------------------------------------------------------

#: Sides of a comparison, as cramps in nights of which something was so and was not: clear, turned, unclear, few, one.
SIDES = {
    "clear": ([1] * 20, [0] * 20),
    "turned": ([0] * 20, [1] * 20),
    "unclear": ([1, 0] * 10, [0, 1] * 10),
    "few": ([1, 0], [0]),
    "one sort": ([1] * 9, []),
    "the other": ([], [1] * 9),
    "one night": ([1], []),
}


def logs_of_all_sorts() -> dict[str, list[Entry]]:
    """So that every sentence of every function is said by some."""
    found: dict[str, list[Entry]] = {"nothing": [], "one cramp": [entry("cramp", 1, 3)]}
    for name, (yes, no) in SIDES.items():
        many = len(yes) + len(no)
        so = [True] * len(yes) + [False] * len(no)
        # Two more nights, at the beginning and at the end, with nothing about the day.
        found[name] = [
            *nights(0, *yes, *no, 0),
            *[entry("day", many + 1 - n, alcohol=2.0 * one, unusual=one) for n, one in enumerate(so)],
            *[entry("day", many + 1 - n, stress=9 * one, activity_minutes=60 * one) for n, one in enumerate(so)],
            *[entry("night", many + 1 - n, 9, hours_slept=8.0 - 4 * one) for n, one in enumerate(so)],
            *[entry("stretch", many + 1 - n, 22) for n, one in enumerate(so) if one],
            *[entry("medicine", len(no) + 1 + n, name=f"Tablet {n}", change="started") for n in range(len(yes[:7]))],
        ]
    full = {"side": "left", "duration": 3.0, "severity": 8, "sore_after": True, "asleep": True, "hard_knot": True}
    other = {"side": "right", "duration": 12.0, "severity": 3, "sore_after": False, "asleep": False, "hard_knot": False}
    of_cramps = [
        *[entry("cramp", n, 3, **full, muscle=muscle) for n, muscle in enumerate(("calf", "foot", "toes"), 1)],
        *[entry("cramp", n, 14, **other, muscle=muscle) for n, muscle in enumerate(("thigh", "other", "foot"), 4)],
        *[entry("cramp", 7, 3, eased_by=text) for texts in EASED_BY.values() for text in texts],
    ]
    found |= {f"cramp {n}": [one] for n, one in enumerate(of_cramps)} | {"cramps": of_cramps}
    found["only cramps"] = [*TEN_CRAMPS, *[entry("day", n, alcohol=2.0) for n in range(1, 20)]]
    names = ("Quinine", "Magnesium", "Tablet A")
    found["supplements"] = nights(*[1] * 10, *[0] * 10)
    found["supplements"] += [entry("medicine", 10, name=name, change="started") for name in names]
    found["left foot"] = [entry("cramp", n, 3, muscle="foot", side="left") for n in range(1, 5)]
    return found


def everything_said() -> dict[str, set[str]]:
    """The texts of each function, from logs of all sorts, of entries that begin in different parts of the year."""
    found: dict[str, set[str]] = {name: set() for name in SAY}
    for entries in logs_of_all_sorts().values():
        for name, function in SAY.items():
            fits = [function(summary(entries))]
            if name == "epi-season":  # with summer in it; the clock's zone says which months that is
                for zone in ("Europe/Berlin", "Australia/Sydney", "Asia/Kolkata"):
                    fits.append(function(summary(entries, datetime(2026, 11, 22, 12, tzinfo=ZoneInfo(zone)))))
            for one in fits:
                if one:
                    found[name] |= {*one.speaks_for, *one.speaks_against, *one.neither, *one.not_recorded}
    summer = [entry("night", n, 8, count=int(n > 83)) for n in range(1, 120)]
    for turn in (lambda n: n, lambda n: 1 - n, lambda _: 1):
        season = fit("epi-season", [replace(one, fields={"count": turn(one.fields["count"])}) for one in summer])
        found["epi-season"] |= {*season.speaks_for, *season.speaks_against, *season.neither}
    return found


def test_no_sentence_of_a_count_names_a_cause_a_likelihood_or_what_no_text_says() -> None:
    for name, told in everything_said().items():
        assert told, name
        for text in told:
            assert not list(said_in(text)), text
            assert not re.search(r"\bcaus|because|due to|led to|likely|probab|you have\b|more often than", text), text
            assert not re.search(r"\b1 (?:nights|cramps)\b|\b0 of 0\b|\b1 of \d+ cramps.* were\b|  ", text), text
            assert re.match(r"[A-Z0-9].*[.]$", text), text


def test_every_number_of_cramps_or_nights_is_told_with_what_it_is_of() -> None:
    for told in everything_said().values():
        for text in told:
            counted = re.findall(r"\b(\d+(?: of \d+)?) (?:cramps?|nights?)\b", text)
            alone = [one for one in counted if " of " not in one]
            allowed = r"Of \d+ cramps?|at least \d+ cramps? in those|it takes 7 nights"
            assert len(alone) == len(re.findall(allowed, text)), text


def test_reading_ease() -> None:
    """As printed with -s: of what is said for each explainer, together and each text alone."""
    told = everything_said()
    eases = {name: reading_ease(" ".join(sorted(texts))) for name, texts in told.items()}
    alone = sorted((reading_ease(text), text) for texts in told.values() for text in texts)
    hardest = sorted(eases.items(), key=lambda item: item[1])[:5]
    print(f"\nfits: median {statistics.median(eases.values()):.0f}, hardest {hardest}")
    print(f"{len(alone)} texts: median {statistics.median(one for one, _ in alone):.0f}, hardest {alone[:12]}")
    assert statistics.median(eases.values()) >= 80
    assert min(eases.values()) >= 70, hardest
    assert alone[0][0] >= 60, alone[0]
    for _, text in alone:
        for sentence in sentences(text):
            assert len(sentence.split()) <= LONGEST_SENTENCE, f"too long: {sentence!r}"
