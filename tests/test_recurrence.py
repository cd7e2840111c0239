"""What a schedule means, in every time zone: each slot exactly once, however the time is cut into sweeps."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crampcoach.hours import Hours
from crampcoach.recurrence import (
    EVERY_DAY,
    At,
    Every,
    Grace,
    Near,
    Rule,
    Slot,
    next_slot,
    parse_grace,
    parse_schedule,
    slots_between,
    slots_of,
)

pytestmark = pytest.mark.pure

BERLIN = ZoneInfo("Europe/Berlin")
APIA = ZoneInfo("Pacific/Apia")
ZONES = sorted(available_timezones() - {"Factory", "localtime"})
FIRST, LAST = date(2026, 1, 1), date(2027, 12, 31)
DAY = timedelta(days=1)
WORKDAYS = frozenset(range(5))
HOURS = Hours()
LATE = Hours(time(8, 30), time(1, 15))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# --- the grammar -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "days", "when"),
    [
        ("21:30", EVERY_DAY, At((time(21, 30),))),
        ("9:05", EVERY_DAY, At((time(9, 5),))),
        (" 00:00 ", EVERY_DAY, At((time(0),))),
        ("18:00, 21:30", EVERY_DAY, At((time(18), time(21, 30)))),
        ("21:30,18:00 , 18:00", EVERY_DAY, At((time(18), time(21, 30)))),
        ("daily 21:30", EVERY_DAY, At((time(21, 30),))),
        ("every day 21:30", EVERY_DAY, At((time(21, 30),))),
        ("mon-fri 18:00, 21:30", WORKDAYS, At((time(18), time(21, 30)))),
        ("weekdays 18:00", WORKDAYS, At((time(18),))),
        ("Weekends 10:00", frozenset((5, 6)), At((time(10),))),
        ("sat 10:00", frozenset((5,)), At((time(10),))),
        ("mon,wed,fri 10:00", frozenset((0, 2, 4)), At((time(10),))),
        ("mon, wed ,  fri 10:00", frozenset((0, 2, 4)), At((time(10),))),
        ("Monday, thursday-saturday 10:00", frozenset((0, 3, 4, 5)), At((time(10),))),
        ("fri-mon 10:00", frozenset((4, 5, 6, 0)), At((time(10),))),
        ("every 2h 09:00-18:00", EVERY_DAY, Every(120, time(9), time(18))),
        ("every 90m 09:00 - 18:00", EVERY_DAY, Every(90, time(9), time(18))),
        ("every 1h30m 22:00-02:00", EVERY_DAY, Every(90, time(22), time(2))),
        ("every 2h", EVERY_DAY, Every(120, None, None)),
        ("mon-fri every 45 minutes 09:00-18:00", WORKDAYS, None),
        ("weekdays every 45min 09:00-18:00", WORKDAYS, Every(45, time(9), time(18))),
        ("30m before bed", EVERY_DAY, Near(-30, "bed")),
        ("30 minutes before bed", EVERY_DAY, Near(-30, "bed")),
        ("1h after wake", EVERY_DAY, Near(60, "wake")),
        ("2 hours after wake", EVERY_DAY, Near(120, "wake")),
        ("1h 30m before wake", EVERY_DAY, Near(-90, "wake")),
        ("24h after bed", EVERY_DAY, Near(1440, "bed")),
        ("at bed", EVERY_DAY, Near(0, "bed")),
        ("sun at wake", frozenset((6,)), Near(0, "wake")),
        ("mon-fri 30m before bed", WORKDAYS, Near(-30, "bed")),
    ],
)
def test_every_form_of_the_grammar(text: str, days: frozenset[int], when: object) -> None:
    if when is None:
        with pytest.raises(ValueError, match=r"no length of time|no span of hours"):
            parse_schedule(text)
        return
    assert parse_schedule(text) == Rule(text, days, when)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "it is empty"),
        ("  ", "it is empty"),
        ("soon", "'soon' is no time of day; write it as 21:30"),
        ("24:00", "from 00:00 to 23:59"),
        ("12:60", "'12:60' is no time of day"),
        ("9:5", "'9:5' is no time of day"),
        ("21:30:00", "'21:30:00' is no time of day"),
        ("21.30", "'21.30' is no time of day"),
        ("18:00,", "'' is no time of day"),
        ("daily", "it has days but no time"),
        ("mon-fri", "it has days but no time"),
        ("mon-xyz 10:00", "no time of day"),
        ("mon- 10:00", "no time of day"),
        ("mond 10:00", "no time of day"),
        ("mon fri 10:00", "'fri 10:00' is no time of day"),
        ("every 0m 09:00-18:00", "'0m' is no length of time from 1m to 24h"),
        ("every 25h 09:00-18:00", "'25h' is no length of time from 1m to 24h"),
        ("every -5m 09:00-18:00", "'-5m' is no length of time"),
        ("every 30s 09:00-18:00", "write it as 30m, 2h or 1h30m"),
        ("every 2h 09:00", "'09:00' is no span of hours such as 09:00-18:00"),
        ("every 2h 09:00-", "'' is no time of day"),
        ("every 2h 09:00-25:00", "'25:00' is no time of day"),
        ("every", "'every' is no time of day"),
        ("before bed", "'' is no length of time"),
        ("soon before bed", "'soon' is no length of time"),
        ("24h1m before bed", "no length of time from 1m to 24h"),
        ("10m at bed", "write 'at bed', or a length of time 'before bed'"),
        ("30m before lunch", "no time of day"),
    ],
)
def test_a_refused_schedule_says_what_is_wrong_and_what_is_accepted(text: str, why: str) -> None:
    with pytest.raises(ValueError) as refusal:
        parse_schedule(text)
    sentence = str(refusal.value)
    assert sentence.startswith(f"schedule {text!r}: ")
    assert why in sentence
    assert '"mon-fri 18:00, 21:30"' in sentence
    assert '"30m before bed"' in sentence
    assert "\n" not in sentence


@given(st.text(max_size=30) | st.from_regex(r"(every |mon-|fri |at |[0-9hm:, -]|bed|wake|before |after ){0,8}"))
def test_no_text_as_a_schedule_or_a_grace_is_anything_but_understood_or_refused(text: str) -> None:
    for parse in (parse_schedule, parse_grace):
        try:
            parse(text)
        except ValueError as refusal:
            assert "accepted are" in str(refusal)


@pytest.mark.parametrize(
    ("text", "once"),
    [
        ("21:30", True),
        ("mon-fri 21:30", True),
        ("30m before bed", True),
        ("18:00, 21:30", False),
        ("every 2h 09:00-18:00", False),
    ],
)
def test_what_comes_at_most_once_a_day(text: str, once: bool) -> None:
    assert parse_schedule(text).once_a_day() is once


# --- grace -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "until"),
    [
        ("45m", 45),
        ("2h", 120),
        ("until 18:00", time(18)),
        ("Until  18:00", time(18)),
        ("until bed", Near(0, "bed")),
        ("until wake", Near(0, "wake")),
        ("until 30m after bed", Near(30, "bed")),
        ("until 1h before bed", Near(-60, "bed")),
    ],
)
def test_every_form_of_grace(text: str, until: object) -> None:
    assert parse_grace(text) == Grace(until)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["", "until", "until noon", "0m", "18:00", "for ever", "until 5 before bed"])
def test_a_refused_grace_says_what_is_accepted(text: str) -> None:
    with pytest.raises(ValueError, match=r'grace .*accepted are "45m", "until 18:00" or "until 30m after bed"'):
        parse_grace(text)


@pytest.mark.parametrize(
    ("schedule", "grace", "hours", "expires"),
    [
        pytest.param("21:00", "45m", HOURS, "2026-06-10 21:45", id="minutes"),
        pytest.param("07:30", "until 18:00", HOURS, "2026-06-10 18:00", id="a wall time"),
        pytest.param(
            "18:00", "until 18:00", HOURS, "2026-06-11 18:00", id="a wall time that is over is the next day's"
        ),
        pytest.param("22:00", "until 30m after bed", HOURS, "2026-06-10 23:00", id="after bed"),
        pytest.param("22:00", "until 30m after bed", LATE, "2026-06-11 01:45", id="after a bed time after midnight"),
        pytest.param("30m before bed", "until bed", LATE, "2026-06-11 01:15", id="bed after midnight, slot on the day"),
        pytest.param("23:30", "until bed", HOURS, "2026-06-11 00:30", id="moved behind its grace: an hour"),
    ],
)
def test_when_a_grace_ends(schedule: str, grace: str, hours: Hours, expires: str) -> None:
    (slot,) = slots_of(parse_schedule(schedule), date(2026, 6, 10), hours, UTC)
    assert parse_grace(grace).expires(slot, hours, UTC) == utc(expires)


graces = st.sampled_from(
    ["1m", "24h", "until 18:00", "until 02:30", "until bed", "until 24h before wake", "until wake"]
)
wall_times = st.times(time(0), time(23, 59)).map(lambda at: at.replace(second=0, microsecond=0))
some_hours = st.tuples(wall_times, wall_times).filter(lambda pair: pair[0] != pair[1]).map(lambda pair: Hours(*pair))


@given(graces, some_hours, wall_times, st.dates(FIRST, LAST), st.sampled_from(ZONES))
def test_a_grace_always_ends_after_its_slot(grace: str, hours: Hours, at: time, day: date, name: str) -> None:
    for slot in slots_of(Rule("", EVERY_DAY, At((at,))), day, hours, ZoneInfo(name)):
        assert parse_grace(grace).expires(slot, hours, ZoneInfo(name)) > slot.due


# --- the person's day ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wall", "day"),
    [
        ("2026-11-22 08:30", "2026-11-22"),
        ("2026-11-22 23:59", "2026-11-22"),
        ("2026-11-23 01:00", "2026-11-22"),
        ("2026-11-23 08:29", "2026-11-22"),
    ],
)
def test_with_a_bed_time_after_midnight_the_small_hours_belong_to_the_evening_before(wall: str, day: str) -> None:
    assert LATE.day_of(datetime.fromisoformat(wall)) == date.fromisoformat(day)


@pytest.mark.parametrize(
    ("hours", "wall", "in_bed"),
    [
        (Hours(), "2026-11-22 22:29", False),
        (Hours(), "2026-11-22 22:30", True),
        (Hours(), "2026-11-23 06:59", True),
        (Hours(), "2026-11-23 07:00", False),
        (Hours(time(12), time(4)), "2026-11-23 03:59", False),
        (Hours(time(12), time(4)), "2026-11-23 11:59", True),
        (Hours(time(16), time(9)), "2026-11-23 03:00", False),
        (Hours(time(16), time(9)), "2026-11-23 15:59", True),
        (Hours(days={5: (time(10), time(2))}), "2026-11-21 09:59", True),  # a Saturday, in Friday's night
        (Hours(days={5: (time(10), time(2))}), "2026-11-22 01:59", False),
        (Hours(days={5: (time(10), time(2))}), "2026-11-22 02:00", True),
    ],
)
def test_when_somebody_is_in_bed(hours: Hours, wall: str, in_bed: bool) -> None:
    assert hours.in_bed(datetime.fromisoformat(wall)) is in_bed


@pytest.mark.parametrize("at", ["2026-03-29 03:00", "2026-10-25 02:59", "2026-03-29 02:30"])
def test_it_goes_by_the_clock_of_the_place_also_where_the_clock_is_changed(at: str) -> None:
    """In a gap, in a fold, and for somebody who has flown: the hours of the evening are those of the place."""
    for fold in (0, 1):
        wall = datetime.fromisoformat(at).replace(fold=fold)
        assert HOURS.in_bed(wall.replace(tzinfo=BERLIN))
        assert HOURS.in_bed(wall.replace(tzinfo=ZoneInfo("America/New_York")))
        assert not HOURS.in_bed(wall.replace(tzinfo=BERLIN).astimezone(ZoneInfo("America/New_York")))


def test_a_weekday_of_its_own_begins_the_day_at_its_own_time() -> None:
    hours = Hours(days={5: (time(10), time(2))})
    saturday = date(2026, 11, 21)
    assert hours.anchor(saturday, "wake") == datetime(2026, 11, 21, 10)
    assert hours.anchor(saturday, "bed") == datetime(2026, 11, 22, 2)
    assert hours.day_of(datetime(2026, 11, 21, 9)) == date(2026, 11, 20)
    assert hours.day_of(datetime(2026, 11, 22, 6, 59)) == saturday


@given(some_hours, st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1)))
def test_a_day_runs_from_waking_to_waking(hours: Hours, wall: datetime) -> None:
    day = hours.day_of(wall)
    assert hours.anchor(day, "wake") <= wall < hours.anchor(day + DAY, "wake")
    assert hours.anchor(day, "wake") < hours.anchor(day, "bed") < hours.anchor(day + DAY, "wake")
    assert hours.in_bed(wall) is (wall >= hours.anchor(day, "bed"))


def test_a_clock_time_before_anybody_wakes_belongs_to_the_day_before() -> None:
    saturday = date(2026, 11, 21)
    late = Hours(time(7), time(0, 45))
    assert slots("00:30", "2026-11-21", BERLIN, late) == [("00:30", "11-21 23:30")]  # 00:30 on Sunday
    # "sat" is about the date: 00:30 on Saturday is Friday's.
    assert slots("sat 00:30", "2026-11-20", BERLIN, late) == [("00:30", "11-20 23:30")]
    assert slots("sat 00:30", "2026-11-21", BERLIN, late) == []
    night_worker = Hours(time(16), time(9))
    assert slots("08:15", "2026-11-21", BERLIN, night_worker) == [("08:15", "11-22 07:15")]
    # A grace until bed ends with that night, not with the next one.
    (slot,) = slots_of(parse_schedule("00:15"), saturday, Hours(time(7), time(22, 30)), BERLIN)
    assert parse_grace("until 30m after bed").expires(slot, HOURS, BERLIN) == slot.due + timedelta(hours=1)


@given(
    some_hours,
    st.times().map(lambda at: at.replace(second=0, microsecond=0)),
    st.dates(date(2026, 1, 1), date(2027, 1, 1)),
)
def test_a_clock_time_comes_once_on_each_date_whatever_the_hours(hours: Hours, at: time, first: date) -> None:
    rule = parse_schedule(f"{at:%H:%M}")
    days = [first + n * DAY for n in range(20)]
    found = [(day, wall) for day in days for wall in rule.walls(day, hours)]
    assert [wall for _, wall in found] == [found[0][1] + n * DAY for n in range(20)]
    assert len({(day, wall.time()) for day, wall in found}) == 20


# --- clock changes, and a date that was skipped ----------------------------------------------------------------


def slots(text: str, day: str, zone: tzinfo, hours: Hours = HOURS) -> list[tuple[str, str]]:
    """(nominal wall time, UTC) of the slots of a day."""
    found = slots_of(parse_schedule(text), date.fromisoformat(day), hours, zone)
    return [(f"{slot.wall:%H:%M}", f"{slot.due:%m-%d %H:%M}") for slot in found]


def test_a_time_in_the_spring_gap_moves_forward() -> None:
    assert slots("02:30", "2026-03-28", BERLIN) == [("02:30", "03-29 01:30")]  # 03:30 local


def test_the_repeated_hour_of_autumn_counts_once() -> None:
    assert slots("02:30", "2026-10-24", BERLIN) == [("02:30", "10-25 00:30")]


def test_two_slots_at_one_instant_are_one() -> None:
    assert slots("02:30, 03:30", "2026-03-28", BERLIN) == [("02:30", "03-29 01:30")]
    assert slots("every 30m 01:30-03:30", "2026-03-29", BERLIN) == [
        ("01:30", "03-29 00:30"),
        ("02:00", "03-29 01:00"),
        ("02:30", "03-29 01:30"),
    ]


def test_slots_of_two_days_at_one_instant_are_one() -> None:
    hours = Hours(time(10), time(9), {0: (time(7), time(23))})  # Sunday's bed lies in Monday's morning
    found = slots_between(parse_schedule("every 1h"), hours, UTC, utc("2026-06-07 00:00"), utc("2026-06-09 00:00"))
    dues = [slot.due for slot in found]
    assert len(dues) == len(set(dues))
    # The earlier day keeps it, whatever window it is looked at through.
    assert [slot.day.day for slot in found if slot.due >= utc("2026-06-08 07:00")][:4] == [7, 7, 7, 8]
    for slot in found:
        assert slots_between(parse_schedule("every 1h"), hours, UTC, slot.due - DAY, slot.due)[-1] == slot


def test_the_date_that_apia_skipped_has_no_slots() -> None:
    for text in ("12:00", "every 2h 09:00-18:00", "30m before bed", "1h after wake"):
        assert slots(text, "2011-12-30", APIA) == []
        assert slots(text, "2011-12-29", APIA)
        assert slots(text, "2011-12-31", APIA)
    found = slots_between(parse_schedule("12:00"), HOURS, APIA, utc("2011-12-28 00:00"), utc("2012-01-01 12:00"))
    assert [slot.day.day for slot in found] == [28, 29, 31, 1]


def test_a_bed_time_after_midnight_belongs_to_the_day_before() -> None:
    assert slots("30m before bed", "2026-06-10", UTC, LATE) == [("00:45", "06-11 00:45")]
    assert slots("1h after bed", "2026-06-10", UTC, LATE) == [("02:15", "06-11 02:15")]
    assert slots("every 8h", "2026-06-10", UTC, LATE) == [
        ("08:30", "06-10 08:30"),
        ("16:30", "06-10 16:30"),
        ("00:30", "06-11 00:30"),
    ]


def test_weekdays_go_by_the_nominal_day_also_past_midnight() -> None:
    assert slots("sat 30m before bed", "2026-06-13", UTC, LATE) == [("00:45", "06-14 00:45")]
    assert slots("sun 30m before bed", "2026-06-13", UTC, LATE) == []


def test_hours_of_a_weekday_move_what_is_near_bed() -> None:
    hours = Hours(days={5: (time(9), time(0, 30))})
    assert slots("30m before bed", "2026-06-12", UTC, hours) == [("22:00", "06-12 22:00")]
    assert slots("30m before bed", "2026-06-13", UTC, hours) == [("00:00", "06-14 00:00")]


def test_a_span_of_hours_may_cross_midnight() -> None:
    assert slots("every 1h 22:30-00:30", "2026-06-10", UTC) == [
        ("22:30", "06-10 22:30"),
        ("23:30", "06-10 23:30"),
        ("00:30", "06-11 00:30"),
    ]


# --- every slot exactly once, everywhere -----------------------------------------------------------------------

Walls = Callable[[date], Iterator[datetime]]


def _times(*times: time, days: frozenset[int] = EVERY_DAY) -> Walls:
    """Clock times of those dates; before the usual waking they count to the day before."""

    def walls(day: date) -> Iterator[datetime]:
        for at in times:
            on = day + DAY if at < HOURS.wake else day
            if on.weekday() in days:
                yield datetime.combine(on, at)

    return walls


def _steps(first: timedelta, last: timedelta, step: timedelta) -> Walls:
    midnight = time()
    count = (last - first) // step + 1
    return lambda day: (datetime.combine(day, midnight) + first + n * step for n in range(count))


def hm(hours: int, minutes: int = 0) -> timedelta:
    return timedelta(hours=hours, minutes=minutes)


#: A schedule, the hours it is used with, and what it means, written down a second time without crampcoach.
RULES: list[tuple[str, Hours, Walls]] = [
    ("02:30", HOURS, _times(time(2, 30))),
    ("00:00, 23:59", HOURS, _times(time(0), time(23, 59))),
    ("mon-fri 01:15", HOURS, _times(time(1, 15), days=WORKDAYS)),
    ("every 3h 00:30-21:30", HOURS, _steps(hm(0, 30), hm(21, 30), hm(3))),
    ("every 50m 23:10-03:30", HOURS, _steps(hm(23, 10), hm(27, 30), hm(0, 50))),
    ("30m before bed", HOURS, _steps(hm(22), hm(22), hm(1))),
    ("30m before bed", LATE, _steps(hm(24, 45), hm(24, 45), hm(1))),
    ("24h after bed", LATE, _steps(hm(49, 15), hm(49, 15), hm(1))),
    ("24h before wake", LATE, _steps(hm(-15, -30), hm(-15, -30), hm(1))),
    ("every 5h", LATE, _steps(hm(8, 30), hm(25, 15), hm(5))),
]


@cache
def alike() -> dict[tuple[tuple[datetime, timedelta], ...], list[str]]:
    """The zones by their offsets around 2026-27: those with the same are the same to every rule."""
    groups: dict[tuple[tuple[datetime, timedelta], ...], list[str]] = {}
    for name in ZONES:
        groups.setdefault(_changes(ZoneInfo(name)), []).append(name)
    return groups


def _changes(zone: tzinfo) -> tuple[tuple[datetime, timedelta], ...]:
    def offset(at: datetime) -> timedelta:
        return at.astimezone(zone).utcoffset() or timedelta()

    start = datetime(2025, 12, 20, tzinfo=UTC)
    found = [(start, offset(start))]
    for n in range(760):
        low, high = start + n * DAY, start + (n + 1) * DAY
        if offset(low) == offset(high):
            continue
        while high - low > timedelta(minutes=1):
            middle = low + (high - low) // 2
            low, high = (middle, high) if offset(middle) == offset(low) else (low, middle)
        found.append((high, offset(high)))
    return tuple(found)


def test_there_are_at_least_500_zones_and_they_are_not_all_alike() -> None:
    assert len(ZONES) >= 500
    assert sum(map(len, alike().values())) == len(ZONES)
    assert len(alike()) >= 50


@pytest.mark.once
@pytest.mark.parametrize(("text", "hours", "walls"), RULES, ids=[f"{text}; bed {h.bed:%H%M}" for text, h, _ in RULES])
def test_every_slot_comes_exactly_once_in_every_zone(text: str, hours: Hours, walls: Walls) -> None:
    rule = parse_schedule(text)
    for names in alike().values():
        zone = ZoneInfo(names[0])
        begin = datetime.combine(FIRST, time(12)).replace(tzinfo=zone).astimezone(UTC)
        end = datetime.combine(LAST, time(12)).replace(tzinfo=zone).astimezone(UTC)
        expected = _meant(walls, zone, begin, end)
        swept = _swept(rule, hours, zone, begin, end)
        assert swept == expected, f"{text} in {', '.join(names)}"
        assert slots_between(rule, hours, zone, begin, end) == expected, f"{text} in {', '.join(names)}"


def _meant(walls: Walls, zone: tzinfo, begin: datetime, end: datetime) -> list[Slot]:
    """The slots by the words of the design alone: wall time, fold 0, one for an instant."""
    found: dict[datetime, Slot] = {}
    for n in range(-3, (LAST - FIRST).days + 3):
        day = FIRST + n * DAY
        for wall in walls(day):
            due = wall.replace(tzinfo=zone).astimezone(UTC)
            if begin < due <= end:
                found.setdefault(due, Slot(due, day, wall.time()))
    return sorted(found.values())


def _swept(rule: Rule, hours: Hours, zone: tzinfo, begin: datetime, end: datetime) -> list[Slot]:
    """What sweeps at random moments find, one after the other, as an agent makes them."""
    moments = random.Random(f"{rule.text} {zone}")
    found: list[Slot] = []
    while begin < end:
        step = moments.choice([timedelta(minutes=1), timedelta(hours=moments.randint(1, 60)), 40 * DAY])
        until = min(begin + step, end)
        found += slots_between(rule, hours, zone, begin, until)
        begin = until
    return found


whens = st.one_of(
    st.lists(wall_times, min_size=1, max_size=4).map(lambda times: At(tuple(sorted(set(times))))),
    st.builds(Every, st.integers(20, 1440), wall_times, wall_times),
    st.builds(Every, st.integers(20, 1440), st.none(), st.none()),
    st.builds(Near, st.integers(-1440, 1440), st.sampled_from(["wake", "bed"])),
)
rules = st.builds(Rule, st.just("any"), st.frozensets(st.integers(0, 6), min_size=1), whens)
weeks = st.builds(
    lambda usual, days: Hours(usual.wake, usual.bed, {day: (one.wake, one.bed) for day, one in days.items()}),
    some_hours,
    st.dictionaries(st.integers(0, 6), some_hours, max_size=3),
)


@given(rules, weeks, st.sampled_from(ZONES), st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 1)), st.data())
def test_windows_laid_end_to_end_lose_and_double_nothing(
    rule: Rule, hours: Hours, name: str, start: datetime, data: st.DataObject
) -> None:
    zone, begin = ZoneInfo(name), start.replace(tzinfo=UTC)
    minutes = data.draw(st.lists(st.integers(1, 4000), min_size=1, max_size=12))
    moments = [begin]
    for step in minutes:
        moments.append(moments[-1] + timedelta(minutes=step))
    parts = [slot.due for a, b in pairwise(moments) for slot in slots_between(rule, hours, zone, a, b)]
    assert parts == [slot.due for slot in slots_between(rule, hours, zone, begin, moments[-1])]
    assert parts == sorted(set(parts))
    assert all(begin < due <= moments[-1] for due in parts)


@given(rules, weeks, st.sampled_from(ZONES), st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 1)))
def test_the_next_slot_is_the_first_that_a_sweep_would_find(
    rule: Rule, hours: Hours, name: str, after: datetime
) -> None:
    zone, now = ZoneInfo(name), after.replace(tzinfo=UTC)
    found = slots_between(rule, hours, zone, now, now + 10 * DAY)
    upcoming = next_slot(rule, hours, zone, now)
    assert (upcoming.due if upcoming else None) == (found[0].due if found else None)


def test_the_next_slot_is_never_the_present_one() -> None:
    rule = parse_schedule("12:00")
    first = next_slot(rule, HOURS, UTC, utc("2026-06-10 11:59"))
    assert first is not None
    assert first.due == utc("2026-06-10 12:00")
    second = next_slot(rule, HOURS, UTC, first.due)
    assert second is not None
    assert second.due == utc("2026-06-11 12:00")


def test_a_weekly_reminder_has_a_next_slot_also_right_after_its_last() -> None:
    rule = parse_schedule("sun 12:00")
    found = next_slot(rule, HOURS, BERLIN, utc("2026-10-25 11:00"))
    assert found is not None
    assert found.due == utc("2026-11-01 11:00")
