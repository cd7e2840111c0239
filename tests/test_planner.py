"""What is due, late, quiet, capped or merged; and that no flight and no set clock loses or doubles anything."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crampcoach.clock import to_utc, to_wall, zone_name
from crampcoach.deciding import KEPT_FOR_OTHERS, MOST_SHOWS, Change, Decision, Show, Situation, decide, superseded
from crampcoach.hours import Hours
from crampcoach.model import OPEN_STATES, Reminder, State
from crampcoach.planner import (
    HORIZON,
    Planned,
    Row,
    Standing,
    new_rows,
    quiet_until,
    slot_wall,
    snoozed,
    sweep_from,
    upcoming,
)
from crampcoach.recurrence import parse_grace, parse_schedule

pytestmark = pytest.mark.pure

BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
APIA, KIRITIMATI = ZoneInfo("Pacific/Apia"), ZoneInfo("Pacific/Kiritimati")
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
HOURS = Hours(time(7), time(22, 30))
LATE = Hours(time(8, 30), time(1, 15))
TODAY = date(2026, 6, 10)


def at(text: str, day: date = TODAY) -> datetime:
    return datetime.combine(day, time.fromisoformat(text), UTC)


def plan(
    name: str = "x.daily", schedule: str = "15:00", *, hours: Hours = HOURS, grace: str = "1h", **more: Any
) -> Planned:
    plugin, _, short = name.partition(".")
    return Planned(
        name=name,
        plugin=plugin,
        reminder=Reminder(name=short, schedule=schedule, say="Hello", grace=grace, **more),
        rule=parse_schedule(schedule),
        grace=parse_grace(grace),
        hours=hours,
        swept=at("00:00"),
    )


def rows_of(planned: Planned, day: date = TODAY) -> list[Row]:
    """The rows that a sweep over the day makes of a reminder, in UTC."""
    return new_rows(planned, at("00:00", day), at("00:00", day + DAY), UTC, "UTC")


def row_of(planned: Planned, **changes: Any) -> Row:
    (row,) = rows_of(planned)
    return replace(row, **changes)


def situation(now: datetime, *plans: Planned, standing: Standing = "on", **more: Any) -> Situation:
    return Situation(now=now, plan={one.name: one for one in plans}, standing=lambda _: standing, **more)


def told(decisions: Iterable[Decision]) -> list[tuple[str, str] | list[str]]:
    """Decisions as (state, reason) and lists of what one message shows."""
    return [[row.key for row in one.rows] if isinstance(one, Show) else (one.state, one.reason) for one in decisions]


def only(decisions: list[Decision]) -> Change:
    (one,) = decisions
    assert isinstance(one, Change)
    return one


def is_shown(decisions: list[Decision], *rows: Row) -> bool:
    return decisions == [Show(rows)]


# --- sweeping: flights and clocks that are set -----------------------------------------------------------------


class Sweeper:
    """Sweeps as the agent does, with rows that are unique by reminder, day and wall time."""

    def __init__(self, planned: Planned, now: datetime, zone: tzinfo) -> None:
        self.planned, self.swept, self.zone = planned, now, zone
        self.rows: dict[tuple[date, time], Row] = {}

    def sweep(self, now: datetime, zone: tzinfo | None = None) -> list[Row]:
        """The rows that are new."""
        zone = zone or self.zone
        if now < self.swept:
            if self.swept - now > HORIZON:
                self.rows = {key: row for key, row in self.rows.items() if row.due <= now + HORIZON}
            self.swept = now
        start = sweep_from(self.swept, now, self.zone, zone)
        added = []
        for row in new_rows(self.planned, start, now, zone, zone_name(zone, now)):
            if self.rows.setdefault((row.day, row.wall), row) is row:
                added.append(row)
        self.swept, self.zone = now, zone
        return added

    def run(self, until: datetime, step: timedelta = HOUR) -> list[Row]:
        added = []
        while self.swept < until:
            added += self.sweep(min(self.swept + step, until))
        return added


KINDS = [
    ("02:30", HOURS),
    ("18:00, 21:30", HOURS),
    ("mon-fri 07:15", HOURS),
    ("every 2h 09:00-18:00", HOURS),
    ("every 45m 22:00-02:00", HOURS),
    ("every 3h", LATE),
    ("30m before bed", HOURS),
    ("30m before bed", LATE),
    ("1h after wake", HOURS),
]
by_kind = pytest.mark.parametrize(("schedule", "hours"), KINDS, ids=[f"{text}; bed {h.bed:%H%M}" for text, h in KINDS])


def nominal(schedule: str, hours: Hours, first: date, last: date) -> set[tuple[date, time]]:
    """Every (day, wall time) that a rule names from one day to another."""
    rule = parse_schedule(schedule)
    days = [first + n * DAY for n in range((last - first).days + 1)]
    return {(day, wall.time()) for day in days for wall in rule.walls(day, hours)}


@by_kind
@pytest.mark.parametrize("seed", range(8))
def test_whoever_travels_has_every_nominal_time_exactly_once(schedule: str, hours: Hours, seed: int) -> None:
    """Berlin, New York, Apia and Kiritimati, east and west, over the date line; without clock changes."""
    moments = random.Random(seed)
    now, end = at("00:00", date(2026, 5, 1)), at("00:00", date(2026, 9, 1))
    sweeper = Sweeper(plan(schedule=schedule, hours=hours), now, BERLIN)
    zones: list[tzinfo] = [BERLIN]
    added: list[Row] = []
    while now < end:
        now += moments.choice([MINUTE, 7 * MINUTE, HOUR, 5 * HOUR, 11 * HOUR])
        if moments.random() < 0.1:
            zones.append(moments.choice([one for one in (BERLIN, NEW_YORK, APIA, KIRITIMATI) if one is not zones[-1]]))
        added += sweeper.sweep(now, zones[-1])
    keys = [(row.day, row.wall) for row in added]
    assert len(zones) > 10
    assert len(keys) == len(set(keys))
    inside = {key for key in keys if date(2026, 5, 4) <= key[0] <= date(2026, 8, 27)}
    assert inside == nominal(schedule, hours, date(2026, 5, 4), date(2026, 8, 27))


def test_a_flight_east_brings_the_reminders_that_the_clock_jumped_over() -> None:
    sweeper = Sweeper(plan(schedule="12:00"), at("08:00"), BERLIN)  # 10:00 in Berlin
    (row,) = sweeper.sweep(at("08:01"), APIA)  # 21:01 in Apia
    assert (row.day, row.wall, row.zone) == (TODAY, time(12), "Pacific/Apia")
    assert row.expires < at("08:01")  # and says that it was missed, rather than popping up


def test_a_flight_east_is_seen_also_when_the_clock_was_put_back_a_little() -> None:
    sweeper = Sweeper(plan(schedule="12:00"), at("08:00"), BERLIN)
    assert [row.wall for row in sweeper.sweep(at("07:59"), APIA)] == [time(12)]


def test_a_flight_west_repeats_nothing_that_was_there_before() -> None:
    sweeper = Sweeper(plan(schedule="every 1h 08:00-20:00"), at("00:00"), BERLIN)
    before = len(sweeper.run(at("16:00")))  # 18:00 in Berlin
    assert before == 11
    assert sweeper.sweep(at("16:01"), NEW_YORK) == []  # 12:01 there
    assert [row.wall.hour for row in sweeper.run(at("23:30"))] == [19]


def test_a_flight_west_after_which_nobody_looked_for_hours_loses_nothing() -> None:
    sweeper = Sweeper(plan(schedule="15:00"), at("16:00"), BERLIN)  # planned at 18:00 in Berlin
    assert [row.due for row in sweeper.sweep(at("22:00"), NEW_YORK)] == [at("19:00")]


@pytest.mark.parametrize("hours_back", [2, 30])
@by_kind
def test_a_clock_that_is_set_back_replays_nothing(schedule: str, hours: Hours, hours_back: int) -> None:
    sweeper = Sweeper(plan(schedule=schedule, hours=hours), at("00:00"), BERLIN)
    now = at("23:00", TODAY + 9 * DAY)
    sweeper.run(now)
    again = [row for n in range(hours_back * 4 + 1) for row in sweeper.sweep(now - hours_back * HOUR + n * 15 * MINUTE)]
    assert again == []
    sweeper.run(now + 10 * DAY)
    days = nominal(schedule, hours, TODAY + 2 * DAY, TODAY + 17 * DAY)
    assert days <= set(sweeper.rows)


@by_kind
def test_a_clock_a_year_ahead_and_back_loses_no_day(schedule: str, hours: Hours) -> None:
    sweeper = Sweeper(plan(schedule=schedule, hours=hours), at("00:00"), BERLIN)
    now = sweeper.swept + 10 * DAY
    sweeper.run(now)
    ahead = now + 365 * DAY
    assert sweeper.sweep(ahead)
    sweeper.run(ahead + HOUR)
    sweeper.sweep(now + HOUR)
    sweeper.run(now + 403 * DAY, step=6 * HOUR)
    first = TODAY + 12 * DAY
    expected = nominal(schedule, hours, first, first + 399 * DAY)
    # On the day of the spring gap two of an interval's slots may be one instant.
    gap = date(2027, 3, 28)
    assert {key for key in expected if gap - DAY != key[0] != gap} <= set(sweeper.rows)
    assert {day for day, _ in expected} <= {day for day, _ in sweeper.rows}
    lived = [row for row in sweeper.rows.values() if row.day in {day for day, _ in expected}]
    assert all(abs(to_wall(row.due, BERLIN).date() - row.day) <= DAY for row in lived)


def test_what_is_older_than_the_horizon_is_not_caught_up() -> None:
    sweeper = Sweeper(plan(schedule="12:00"), at("00:00"), UTC)
    assert [row.day for row in sweeper.sweep(at("13:00", TODAY + 20 * DAY))] == [TODAY + 19 * DAY, TODAY + 20 * DAY]


def test_a_reminder_planned_now_has_nothing_due_before() -> None:
    planned = replace(plan(schedule="every 1h"), swept=at("12:30"))
    start = sweep_from(planned.swept, at("14:00"), UTC, UTC)
    assert [row.wall.hour for row in new_rows(planned, start, at("14:00"), UTC, "UTC")] == [13, 14]


def test_a_new_row_knows_its_zone_and_grace() -> None:
    planned = plan(schedule="21:00", grace="until 30m after bed")
    (row,) = new_rows(planned, at("00:00"), at("00:00", TODAY + DAY), BERLIN, "Europe/Berlin")
    assert row == Row(
        reminder="x.daily",
        day=TODAY,
        wall=time(21),
        zone="Europe/Berlin",
        due=at("19:00"),
        expires=at("21:00"),
    )
    assert row.key == "x.daily/2026-06-10/21:00"
    assert row.occurrence().due.isoformat() == "2026-06-10T21:00:00+02:00"


def test_what_comes_next_is_sorted_by_time() -> None:
    plans = [plan("x.late", "21:00"), plan("x.early", "09:00"), plan("x.also-early", "09:00")]
    found = upcoming(plans, UTC, at("12:00"))
    assert [(planned.name, slot.due) for slot, planned in found] == [
        ("x.late", at("21:00")),
        ("x.also-early", at("09:00", TODAY + DAY)),
        ("x.early", at("09:00", TODAY + DAY)),
    ]


def test_what_was_answered_before_its_time_does_not_come_next() -> None:
    answered = {"x.daily/2026-06-10/15:00", "x.daily/2026-06-11/15:00"}
    ((slot, _),) = upcoming([plan()], UTC, at("12:00"), answered.__contains__)
    assert slot.due == at("15:00", TODAY + 2 * DAY)


def test_a_fingerprint_changes_with_rule_and_hours_only() -> None:
    one = plan(schedule="21:00")
    assert one.fingerprint() == plan("y.other", "21:00", grace="2h").fingerprint()
    others = [
        plan(schedule="21:30"),
        plan(schedule="21:00", hours=LATE),
        plan(schedule="21:00", hours=Hours(days={5: (time(9), time(23))})),
    ]
    assert len({other.fingerprint() for other in [one, *others]}) == 4


# --- quiet hours -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "hours", "until"),
    [
        ("22:29", HOURS, None),
        ("22:30", HOURS, at("07:00", TODAY + DAY)),
        ("06:59", HOURS, at("07:00")),
        ("07:00", HOURS, None),
        ("01:14", LATE, None),
        ("01:15", LATE, at("08:30")),
        ("23:59", LATE, None),
        ("08:29", LATE, at("08:30")),
        ("06:30", Hours(days={2: (time(6), time(22))}), None),
    ],
)
def test_quiet_hours_run_from_bed_to_wake(now: str, hours: Hours, until: datetime | None) -> None:
    assert quiet_until(at(now), hours, UTC) == until


@given(st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)), st.sampled_from([HOURS, LATE]))
def test_quiet_hours_end_at_a_waking_within_a_day(now: datetime, hours: Hours) -> None:
    for zone in (BERLIN, NEW_YORK, APIA):
        end = quiet_until(now, hours, zone)
        assert end is None or (now < end <= now + 11 * HOUR and to_wall(end, zone).time() == hours.wake)


# --- what becomes of a row -------------------------------------------------------------------------------------


def test_what_is_due_is_shown_once_its_time_has_come() -> None:
    planned = plan()
    row = row_of(planned)
    assert decide([row], situation(at("14:59"), planned)) == []
    assert is_shown(decide([row], situation(at("15:00"), planned)), row)
    assert is_shown(decide([row], situation(at("15:59"), planned)), row)
    assert told(decide([row], situation(at("16:00"), planned))) == [("missed", "grace over")]


@pytest.mark.parametrize("state", ["done", "skipped", "expired", "missed", "withdrawn"])
def test_a_row_that_waits_for_nothing_is_left_alone(state: State) -> None:
    planned = plan()
    for now in ("15:00", "18:00"):
        assert decide([row_of(planned, state=state)], situation(at(now), planned, standing="off")) == []


def test_a_row_in_the_hands_of_a_notifier_is_left_alone() -> None:
    planned = plan()
    row = row_of(planned)
    assert decide([row], situation(at("17:00"), planned, busy={row.key})) == []


def test_eight_hours_of_suspend_give_one_message_and_nothing_beyond_grace() -> None:
    plans = [
        plan("a.morning", "08:00", grace="until 18:00"),
        plan("b.noon", "12:00", grace="1h"),
        plan("c.coffee", "15:00", grace="2h"),
        plan("d.drink", "every 2h 09:00-18:00", grace="30m"),
        plan("e.now", "16:00", grace="30m"),
    ]
    sweepers = [Sweeper(one, at("07:30"), UTC) for one in plans]
    rows = [row for sweeper in sweepers for row in sweeper.sweep(at("16:00"))]
    decisions = decide(rows, situation(at("16:00"), *plans))
    shows = [one for one in told(decisions) if isinstance(one, list)]
    assert shows == [
        ["a.morning/2026-06-10/08:00", "c.coffee/2026-06-10/15:00"],
        ["e.now/2026-06-10/16:00"],
    ]
    missed = {one.row.key for one in decisions if isinstance(one, Change)}
    assert missed == {f"d.drink/{TODAY}/{hour:02}:00" for hour in (9, 11, 13, 15)} | {f"b.noon/{TODAY}/12:00"}
    assert {one[0] for one in told(decisions) if isinstance(one, tuple)} == {"missed"}


def test_one_overdue_reminder_speaks_for_itself() -> None:
    planned, other = plan("a.morning", "08:00", grace="until 18:00"), plan("b.now", "16:00")
    rows = [row_of(planned), row_of(other)]
    assert decide(rows, situation(at("16:00"), planned, other)) == [Show((rows[0],)), Show((rows[1],))]


def test_a_stretch_due_in_the_evening_never_pops_up_in_the_morning() -> None:
    planned = plan(schedule="30m before bed", grace="until 30m after bed")
    assert only(decide([row_of(planned)], situation(at("06:00", TODAY + DAY), planned))).state == "missed"


def test_catching_up_shows_the_latest_unless_asked_otherwise() -> None:
    def of(catch_up: str) -> list[tuple[str, str] | list[str]]:
        planned = plan(schedule="every 1h 12:00-14:00", grace="4h", catch_up=catch_up)
        return told(decide(rows_of(planned), situation(at("14:02"), planned)))

    first, second, third = (f"x.daily/2026-06-10/{hour}:00" for hour in (12, 13, 14))
    newer = ("missed", "a newer one took its place")
    assert of("latest") == [newer, newer, [third]]
    assert of("each") == [[first, second], [third]]
    assert of("skip") == [("missed", "overdue"), ("missed", "overdue"), [third]]


def test_skip_forgives_a_moment_and_what_was_shown_before() -> None:
    planned = plan(catch_up="skip")
    row = row_of(planned)
    assert is_shown(decide([row], situation(at("15:05"), planned)), row)
    assert only(decide([row], situation(at("15:06"), planned))).reason == "overdue"
    crashed = replace(row, state="shown", shows=1)
    assert is_shown(decide([crashed], situation(at("15:30"), planned)), crashed)


def test_the_newest_is_the_newest_slot_however_it_was_put_off() -> None:
    planned = plan(schedule="every 1h 09:00-18:00", grace="2h")
    ten, eleven = rows_of(planned)[1:3]
    later = snoozed(replace(ten, state="shown", shows=1), 65, ten.due)
    assert later.due > eleven.due
    newer = ("expired", "a newer one took its place")
    assert told(decide([later, eleven], situation(at("11:08"), planned))) == [newer, [eleven.key]]


@pytest.mark.parametrize(
    ("schedule", "hours", "walls"),
    [
        ("every 30m 23:00-01:00", LATE, ["23:00", "23:30", "00:00", "00:30", "01:00"]),
        ("00:30, 23:30", LATE, ["23:30", "00:30"]),  # before anybody wakes it is still the same day
        ("every 6h", LATE, ["08:30", "14:30", "20:30"]),
    ],
)
def test_rows_are_ordered_as_their_slots_follow_each_other(schedule: str, hours: Hours, walls: list[str]) -> None:
    planned = plan(schedule=schedule, hours=hours)
    rows = [row for row in new_rows(planned, at("00:00"), at("12:00", TODAY + DAY), UTC, "UTC") if row.day == TODAY]
    # Made in another order, and snoozed: neither makes one older or newer.
    mixed = [replace(row, id=number, due=at("20:00")) for number, row in enumerate(reversed(rows))]
    ordered = sorted(mixed, key=lambda row: slot_wall(row, planned))
    assert [f"{row.wall:%H:%M}" for row in ordered] == walls


def test_a_flight_east_does_not_turn_older_and_newer_around() -> None:
    planned = plan(schedule="every 1h 00:00-23:00")
    in_york = new_rows(planned, at("14:00"), at("15:00"), NEW_YORK, "America/New_York")  # 11:00 there
    in_apia = new_rows(planned, at("03:00"), at("04:00"), APIA, "Pacific/Apia")  # 17:00 there, skipped by the flight
    assert in_york[-1].due > in_apia[-1].due
    assert slot_wall(in_york[-1], planned) < slot_wall(in_apia[-1], planned)


def test_an_edit_leaves_rows_in_the_order_of_day_and_wall() -> None:
    (row,) = rows_of(plan(schedule="15:00"))
    assert slot_wall(row, plan(schedule="16:00")) == datetime(2026, 6, 10, 15)


def test_what_is_superseded_was_missed_or_has_expired() -> None:
    row = row_of(plan())
    assert superseded(row).state == "missed"
    assert superseded(replace(row, state="shown", notifier="desktop")).state == "expired"
    assert superseded(replace(row, state="shown")).state == "missed"  # nobody knows whether it was seen
    assert superseded(replace(row, state="snoozed", chosen=True)).state == "expired"


def test_the_days_number_of_messages_is_not_exceeded() -> None:
    plans = [plan(f"x.n{n}", "15:00") for n in range(4)]
    rows = [row_of(one) for one in plans]
    capped = ("missed", "the day's number of messages was reached")
    for room, expected in ((-1, 0), (0, 0), (3, 3), (4, 4)):
        decisions = decide(rows, situation(at("15:00"), *plans, room=room))
        shown = [row for one in decisions if isinstance(one, Show) for row in one.rows]
        assert len(shown) == expected
        # What is beyond the number waits for what is on its way: that may come to nothing.
        assert told(decisions).count(capped) == (0 if shown else 4)
        rest = [row for row in rows if row not in shown]
        assert told(decide(rest, situation(at("15:00"), *plans, room=0))) == [capped] * (4 - expected)


def test_a_message_that_is_being_composed_takes_its_place_in_the_days_number() -> None:
    plans = [plan("x.a", "15:00"), plan("x.b", "15:01")]
    first, second = map(row_of, plans)
    for room, expected in ((1, []), (2, [[second.key]])):
        assert told(decide([first, second], situation(at("15:01"), *plans, room=room, busy={first.key}))) == expected
    asked_again = replace(first, shows=1, state="shown")  # has its place already
    decisions = decide([asked_again, second], situation(at("15:01"), *plans, room=1, busy={first.key}))
    assert told(decisions) == [[second.key]]


def test_a_plugin_whose_turn_has_come_leaves_room_for_those_whose_turn_has_not() -> None:
    again, first = plan("a.often", "15:00"), plan("b.once", "15:00")
    rows = [row_of(again), row_of(first)]
    kept = ("missed", KEPT_FOR_OTHERS)

    def becomes(room: int, *awaited: str) -> list[tuple[str, str] | list[str]]:
        rested = situation(at("15:00"), again, first, room=room, come={"a"}, awaited=awaited)
        return told(decide(rows[:1], rested))

    assert becomes(1) == [[rows[0].key]]
    assert becomes(1, "b") == [kept]
    assert becomes(2, "b", "c") == [kept]
    assert becomes(3, "b", "c") == becomes(2, "a", "b") == [[rows[0].key]]
    assert becomes(0, "b") == [("missed", "the day's number of messages was reached")]
    # At the same moment: the one that has not come yet comes, the other waits for what becomes of it.
    both = situation(at("15:00"), again, first, room=1, come={"a"})
    assert told(decide(rows, both)) == [[rows[1].key]]
    assert told(decide(rows, situation(at("15:00"), again, first, room=1, come={"a", "b"}))) == [[rows[0].key]]
    # What the person has put off is no new message.
    chosen = row_of(again, state="snoozed", chosen=True)
    assert is_shown(decide([chosen], situation(at("15:00"), again, room=1, come={"a"}, awaited={"b"})), chosen)


def test_a_message_that_was_shown_before_needs_no_room() -> None:
    planned = plan()
    for row in (row_of(planned, state="snoozed", chosen=True), row_of(planned, state="shown", shows=1)):
        assert is_shown(decide([row], situation(at("15:00"), planned, room=0)), row)


# --- pause, quiet, snooze --------------------------------------------------------------------------------------


def test_quiet_hours_defer_until_waking_then_show_what_is_within_its_grace() -> None:
    planned = plan(schedule="23:00", grace="until 10:00")
    row = row_of(planned)
    change = only(decide([row], situation(at("23:00"), planned, quiet="quiet hours")))
    assert (change.state, change.reason) == ("deferred", "quiet hours")
    held = replace(row, state=change.state, reason=change.reason)
    assert decide([held], situation(at("23:30"), planned, quiet="quiet hours")) == []
    assert is_shown(decide([held], situation(at("07:00", TODAY + DAY), planned)), held)
    over = only(decide([held], situation(at("10:00", TODAY + DAY), planned)))
    assert (over.state, over.reason) == ("missed", "quiet hours")


def test_a_reminder_may_ask_to_be_shown_in_quiet_hours() -> None:
    planned = plan(schedule="23:00", quiet="show")
    row = row_of(planned)
    assert is_shown(decide([row], situation(at("23:00"), planned, quiet="quiet hours")), row)


def test_a_pause_holds_everything_back_also_a_snooze_and_what_may_be_shown_in_quiet_hours() -> None:
    planned = plan(quiet="show")
    row = row_of(planned)
    for held in (row, snoozed(replace(row, state="shown", shows=1), 10, at("15:05"))):
        change = only(decide([held], situation(at("15:15"), planned, paused=True)))
        assert (change.state, change.reason) == ("deferred", "paused")
        after = replace(held, state=change.state, reason=change.reason)
        assert decide([after], situation(at("15:16"), planned, paused=True)) == []
        assert is_shown(decide([after], situation(at("15:20"), planned)), after)


def test_what_was_held_back_is_not_overdue_when_it_becomes_free() -> None:
    plans = [plan(f"x.n{n}", f"15:0{n}", catch_up="skip") for n in range(3)]
    rows = [row_of(one, state="deferred", reason="paused") for one in plans]
    assert told(decide(rows[:2], situation(at("15:30"), *plans))) == [[rows[0].key], [rows[1].key]]
    assert told(decide(rows, situation(at("15:30"), *plans))) == [[row.key for row in rows]]  # not a flood


def test_what_was_overdue_and_what_was_held_back_are_counted_apart_and_told_together() -> None:
    plans = [plan(f"x.n{n}", f"15:0{n}") for n in range(5)]
    late = [row_of(one) for one in plans[:2]]
    held = [row_of(one, state="deferred", reason="paused") for one in plans[2:]]
    assert told(decide([late[0], *held[:2]], situation(at("15:30"), *plans))) == [
        [late[0].key], [held[0].key], [held[1].key],
    ]  # fmt: skip
    assert told(decide([*late, held[0]], situation(at("15:30"), *plans))) == [[late[0].key, late[1].key], [held[0].key]]
    assert told(decide([*late, *held], situation(at("15:30"), *plans))) == [[row.key for row in [*late, *held]]]


def test_what_a_pause_outlasted_says_so() -> None:
    planned = plan()
    held = row_of(planned, state="deferred", reason="paused")
    assert told(decide([held], situation(at("16:00"), planned))) == [("missed", "paused")]


def test_a_snooze_moves_the_due_time_and_the_grace() -> None:
    row = row_of(plan(), state="shown", shows=2, delivered=at("15:00"), notifier="desktop", receipt="7", lead="away/1")
    later = snoozed(row, 10, at("15:20"))
    assert (later.state, later.due, later.expires) == ("snoozed", at("15:30"), at("16:30"))
    assert (later.shows, later.delivered, later.closed) == (0, None, "")
    assert (later.notifier, later.receipt, later.lead) == ("desktop", "7", "away/1")  # until it is withdrawn
    assert (later.key, later.chosen) == (row.key, True)
    again = snoozed(replace(later, state="shown"), 10, at("15:40"))
    assert (again.due, again.expires) == (at("15:50"), at("16:50"))


def test_a_snooze_after_the_clock_was_set_back_does_not_shorten_the_grace() -> None:
    row = row_of(plan(), state="shown", shows=1)
    later = snoozed(row, 10, at("13:00"))
    assert (later.due, later.expires) == (at("13:10"), row.expires)


def test_a_snoozed_row_waits_then_shows_also_in_quiet_hours_then_expires() -> None:
    planned = plan(schedule="30m before bed", grace="until 30m after bed")  # 22:00 to 23:00
    row = snoozed(row_of(planned, state="shown", shows=1), 10, at("22:28"))
    assert (row.due, row.expires) == (at("22:38"), at("23:38"))
    assert decide([row], situation(at("22:37"), planned)) == []
    assert is_shown(decide([row], situation(at("22:38"), planned, quiet="quiet hours")), row)
    seen = replace(row, state="shown", shows=1, delivered=at("22:38"), notifier="desktop")
    assert decide([seen], situation(at("23:37"), planned, quiet="quiet hours")) == []
    assert told(decide([seen], situation(at("23:38"), planned, quiet="quiet hours"))) == [("expired", "no answer")]


def test_a_snooze_that_nobody_could_show_never_turns_up_in_the_morning() -> None:
    planned = plan(schedule="30m before bed", grace="until 30m after bed")
    row = snoozed(row_of(planned, state="shown", shows=1), 10, at("22:28"))
    for now in (at("06:00", TODAY + DAY), at("07:00", TODAY + DAY)):
        assert told(decide([row], situation(now, planned))) == [("expired", "its time was over")]


# --- edits -----------------------------------------------------------------------------------------------------


def test_an_edited_schedule_or_a_moved_bed_withdraws_what_was_not_yet_shown() -> None:
    for old, new in (
        (plan(schedule="15:00"), plan(schedule="15:10")),
        (plan(schedule="15:00"), plan(schedule="mon 15:00")),  # a Wednesday
        (plan(schedule="7h30m before bed"), plan(schedule="7h30m before bed", hours=Hours(bed=time(23)))),
    ):
        row = row_of(old, state="deferred", reason="paused")
        assert told(decide([row], situation(at("15:20"), new))) == [("withdrawn", "its time was changed")]
        assert told(decide([row], situation(at("15:20"), old))) == [[row.key]]


def test_an_edit_leaves_alone_what_was_shown_or_snoozed() -> None:
    new = plan(schedule="15:10")
    row = row_of(plan(schedule="15:00"))
    seen = replace(row, state="shown", shows=1, delivered=at("15:00"), notifier="desktop")
    assert decide([seen], situation(at("15:20"), new)) == []
    later = snoozed(seen, 10, at("15:05"))
    assert is_shown(decide([later], situation(at("15:20"), new)), later)


def test_done_once_that_day_quiets_a_daily_reminder_after_an_edit() -> None:
    planned = plan(schedule="21:30")
    row = row_of(planned)
    done = {("x.daily", TODAY)}
    assert told(decide([row], situation(at("21:30"), planned, done_days=done))) == [
        ("withdrawn", "already done that day")
    ]
    others = {("x.daily", TODAY - DAY), ("x.other", TODAY)}
    assert is_shown(decide([row], situation(at("21:30"), planned, done_days=others)), row)


def test_done_once_that_day_does_not_quiet_a_reminder_that_comes_more_often() -> None:
    planned = plan(schedule="18:00, 21:30")
    row = rows_of(planned)[-1]
    assert is_shown(decide([row], situation(at("21:30"), planned, done_days={("x.daily", TODAY)})), row)


# --- crashes ---------------------------------------------------------------------------------------------------


def test_found_shown_but_not_delivered_after_a_crash_it_is_shown_once_more_and_not_again() -> None:
    planned = plan()
    for shows in range(1, 4):
        row = row_of(planned, state="shown", shows=shows)
        assert is_shown(decide([row], situation(at("15:10"), planned)), row) is (shows < MOST_SHOWS)
    assert MOST_SHOWS == 2
    gone = row_of(planned, state="shown", shows=1)
    stopped = ("missed", "crampcoach was stopped while it was being shown")
    assert told(decide([gone], situation(at("16:00"), planned))) == [stopped]
    for taken in ({"delivered": at("15:00")}, {"notifier": "plyer"}, {"closed": "dismissed"}):
        assert told(decide([replace(gone, **taken)], situation(at("16:00"), planned))) == [("expired", "no answer")]


def test_what_was_delivered_or_handed_on_unconfirmed_is_not_shown_again() -> None:
    planned = plan()
    for taken in ({"delivered": at("15:00")}, {"notifier": "plyer"}, {"delivered": at("15:00"), "notifier": "desktop"}):
        row = row_of(planned, state="shown", shows=1, **taken)
        assert decide([row], situation(at("15:10"), planned)) == []


def test_found_after_a_crash_it_still_keeps_to_quiet_hours_and_pauses() -> None:
    planned = plan(schedule="22:20")
    row = row_of(planned, state="shown", shows=1)
    assert decide([row], situation(at("22:40"), planned, quiet="quiet hours")) == []
    assert decide([row], situation(at("22:25"), planned, paused=True)) == []
    chosen = replace(row, chosen=True)
    assert is_shown(decide([chosen], situation(at("22:40"), planned, quiet="quiet hours")), chosen)


def test_what_nobody_could_show_is_tried_again_no_sooner_than_it_says() -> None:
    planned = plan()
    row = row_of(planned, reason="nobody could show it", retry=at("15:11"))
    assert decide([row], situation(at("15:10"), planned)) == []
    assert is_shown(decide([row], situation(at("15:11"), planned)), row)
    assert told(decide([row], situation(at("16:00"), planned))) == [("missed", "nobody could show it")]


# --- the standing of a plugin ----------------------------------------------------------------------------------


@pytest.mark.parametrize("shows", [0, 1])
def test_while_a_plugin_loads_its_rows_wait(shows: int) -> None:
    planned = plan()
    row = row_of(planned, shows=shows, state="shown" if shows else "due")
    for now in ("15:00", "18:00"):
        assert decide([row], situation(at(now), standing="loading")) == []


@pytest.mark.parametrize("state", ["due", "deferred", "snoozed", "shown"])
def test_a_broken_plugins_rows_wait_for_it_and_are_missed_in_the_end(state: State) -> None:
    shown = state == "shown"
    row = row_of(plan(), state=state, shows=int(shown), notifier="desktop" if shown else "")
    assert decide([row], situation(at("15:30"), standing="broken")) == []
    over = only(decide([row], situation(at("16:00"), standing="broken")))
    expected = ("expired", "no answer") if state == "shown" else ("missed", "its plugin rests")
    assert (over.state, over.reason) == expected


@pytest.mark.parametrize(
    ("state", "after"),
    [("due", "withdrawn"), ("deferred", "withdrawn"), ("snoozed", "withdrawn"), ("shown", "expired")],
)
def test_a_reminder_that_was_turned_off_gives_up_its_rows(state: State, after: State) -> None:
    change = only(decide([row_of(plan(), state=state)], situation(at("15:10"), standing="off")))
    assert (change.state, change.reason) == (after, "the reminder was turned off")


# --- whatever the rows -----------------------------------------------------------------------------------------

PLANS = [
    plan("a.daily", "15:00"),
    plan("a.often", "every 1h 09:00-18:00", grace="3h", catch_up="each"),
    plan("b.bed", "30m before bed", quiet="show", catch_up="skip"),
]
standings: st.SearchStrategy[Callable[[str], Standing]] = st.sampled_from(
    [
        lambda _: "on",
        lambda name: "broken" if name[0] == "a" else "on",
        lambda name: "off" if name[0] == "b" else "loading",
    ]
)


@st.composite
def any_rows(draw: st.DrawFn) -> list[Row]:
    rows = []
    for row in [row for planned in PLANS for row in rows_of(planned)]:
        moved = timedelta(minutes=draw(st.integers(-300, 300)))
        seen = draw(st.none() | st.just(at("12:00")))
        rows.append(
            replace(
                row,
                due=row.due + moved,
                expires=row.due + moved + timedelta(minutes=draw(st.integers(1, 400))),
                state=draw(st.sampled_from([*OPEN_STATES, "done", "missed"])),
                shows=draw(st.integers(0, 3)),
                delivered=seen,
                notifier="desktop" if seen else "",
                chosen=draw(st.booleans()),
                retry=draw(st.none() | st.just(at("16:00"))),
            )
        )
    return rows


@given(
    rows=any_rows(),
    minute=st.integers(0, 24 * 60 - 1),
    paused=st.booleans(),
    quiet=st.sampled_from(["", "quiet hours", "quiet time, calendar: busy"]),
    room=st.integers(-1, 4),
    standing=standings,
)
def test_whatever_the_rows_the_rules_of_restraint_hold(
    *, rows: list[Row], minute: int, paused: bool, quiet: str, room: int, standing: Callable[[str], Standing]
) -> None:
    now = at("00:00") + minute * MINUTE
    plans = {one.name: one for one in PLANS if standing(one.name) == "on"}
    decisions = decide(
        rows, Situation(now=now, plan=plans, standing=standing, paused=paused, quiet=quiet, room=room, done_days=set())
    )
    shown = [row for one in decisions if isinstance(one, Show) for row in one.rows]
    changed = [one.row for one in decisions if isinstance(one, Change)]
    keys = [row.key for row in [*shown, *changed]]
    assert len(keys) == len(set(keys))
    assert all(row.due <= now < row.expires and row.state in OPEN_STATES for row in shown)
    assert all(standing(row.reminder) == "on" for row in shown)
    assert not (paused and shown)
    assert all(row.chosen or row.reminder == "b.bed" for row in shown) or not quiet
    assert sum(row.shows == 0 and not row.chosen for row in shown) <= max(room, 0)
    assert sum(row.reminder == "a.daily" for row in shown) <= 1
    assert sum(len(one.rows) > 1 for one in decisions if isinstance(one, Show)) <= 1
    assert all(
        (one.state, one.reason) != (one.row.state, one.row.reason) for one in decisions if isinstance(one, Change)
    )


def test_deciding_twice_changes_nothing_more() -> None:
    planned = [plan(f"x.n{n}", "every 1h", grace="2h") for n in range(3)]
    rows = [row for one in planned for row in rows_of(one)]
    now = at("18:30")
    first = decide(rows, situation(now, *planned))
    after = {row.key: row for row in rows}
    for one in first:
        if isinstance(one, Change):
            after[one.row.key] = replace(one.row, state=one.state, reason=one.reason)
        for row in one.rows if isinstance(one, Show) else ():
            after[row.key] = replace(row, state="shown", shows=1, delivered=now, notifier="desktop")
    assert first
    assert decide(after.values(), situation(now, *planned)) == []


def test_wall_times_are_kept_when_the_spring_gap_moves_a_slot() -> None:
    planned = plan(schedule="02:30")
    day = date(2026, 3, 29)
    start = to_utc(datetime.combine(day, time()), BERLIN)
    (row,) = new_rows(planned, start, start + 20 * HOUR, BERLIN, "Europe/Berlin")
    assert (row.day, row.wall) == (day - DAY, time(2, 30))
    assert to_wall(row.due, BERLIN).time() == time(3, 30)
    assert is_shown(decide([row], situation(row.due, planned)), row)
