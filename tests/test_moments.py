"""When something happened, as a person says it: through the gap, the repeated hour, a flight, and odd hours."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crampcoach.clock import night_of
from crampcoach.hours import Hours
from crampcoach.moments import PARTS, Future, Moment, Twice, parse_bound, parse_moment, parse_night

pytestmark = pytest.mark.pure

BERLIN, YORK, APIA = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York"), ZoneInfo("Pacific/Apia")
USUAL = Hours()
LATE = Hours(wake=time(12), bed=time(4))


def at(text: str, zone: ZoneInfo = BERLIN, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold)


def iso(moment: Moment) -> str:
    return moment.at.isoformat(timespec="minutes")


@pytest.mark.parametrize(
    ("now", "said", "meant"),
    [
        ("2026-11-22 14:00", "03:10", "2026-11-22T03:10+01:00"),
        ("2026-11-22 14:00", "14:00", "2026-11-22T14:00+01:00"),
        # A clock a little ahead of this one; more is the day before.
        ("2026-11-22 14:00", "14:01", "2026-11-22T14:01+01:00"),
        ("2026-11-22 23:59", "00:00", "2026-11-23T00:00+01:00"),
        ("2026-11-22 14:00", "14:02", "2026-11-21T14:02+01:00"),
        ("2026-11-22 00:30", "23:10", "2026-11-21T23:10+01:00"),
        ("2026-11-22 14:00", "now", "2026-11-22T14:00+01:00"),
        ("2026-11-22 14:00", "yesterday 23:00", "2026-11-21T23:00+01:00"),
        ("2026-11-22 14:00", " Today   3:10 ", "2026-11-22T03:10+01:00"),
        ("2026-11-22 14:00", "2026-07-01 03:10", "2026-07-01T03:10+02:00"),
        ("2026-11-22 14:00", "2026-11-21T03:10:30Z", "2026-11-21T04:10+01:00"),
        ("2026-11-22 14:00", "2026-11-20 22:10-05:00", "2026-11-21T04:10+01:00"),
        # Where the person was, when they say so.
        ("2026-11-22 14:00", "2026-11-20 22:10 America/New_York", "2026-11-20T22:10-05:00"),
        ("2026-11-22 03:00", "yesterday 22:10 America/New_York", "2026-11-20T22:10-05:00"),
        # As somebody half asleep types it.
        ("2026-11-22 14:00", "0310", "2026-11-22T03:10+01:00"),
        ("2026-11-22 14:00", "03.10", "2026-11-22T03:10+01:00"),
        ("2026-11-22 14:00", "3am", "2026-11-22T03:00+01:00"),
        ("2026-11-22 14:00", "12am", "2026-11-22T00:00+01:00"),
        ("2026-11-22 14:00", "yesterday 11.30pm", "2026-11-21T23:30+01:00"),
        ("2026-11-22 14:00", "2026-11-20 3:10", "2026-11-20T03:10+01:00"),
        ("2026-11-22 14:00", "2026-11-20 3am", "2026-11-20T03:00+01:00"),
        ("2026-11-22 14:00", "03:10 UTC", "2026-11-22T03:10+00:00"),
        # The gap of the spring change: as far after it.
        ("2026-03-29 08:00", "02:30", "2026-03-29T03:30+02:00"),
        ("2026-03-30 01:00", "02:30", "2026-03-29T03:30+02:00"),
        ("2026-03-29 03:10", "02:30", "2026-03-28T02:30+01:00"),
        # Minutes before and after the repeated hour nothing is ambiguous.
        ("2026-10-25 08:00", "01:59", "2026-10-25T01:59+02:00"),
        ("2026-10-25 08:00", "03:00", "2026-10-25T03:00+01:00"),
        ("2026-10-25 08:00", "2026-10-25T02:30+01:00", "2026-10-25T02:30+01:00"),
        ("2026-10-25 08:00", "2026-10-25T02:30+02:00", "2026-10-25T02:30+02:00"),
    ],
)
def test_what_is_meant(now: str, said: str, meant: str) -> None:
    assert iso(parse_moment(said, at(now), USUAL)) == meant


@pytest.mark.parametrize(
    "said",
    ["", "25:00", "3", "soon", "2026-11-21", "2026-02-30 03:10", "yesterday", "yesterday 3", "0001-01-01 00:00",
     "tomorrow 03:10", "early night", "03:10 Europe/Berlim", "2026-11-21 03:10 03:10", "\0", "03:10 ../etc/passwd"],
)  # fmt: skip
def test_what_cannot_be_read_says_the_forms(said: str) -> None:
    with pytest.raises(ValueError, match=r'^write 03:10, "yesterday 23:00", "2026-11-21 03:10" or 2026-11-21T03:10'):
        parse_moment(said, at("2026-11-22 14:00"), USUAL)


@pytest.mark.parametrize("said", ["today 14:02", "2027-01-01 00:00", "2026-11-22T14:00-01:00", "9999-12-31 23:59"])
def test_the_future_is_refused(said: str) -> None:
    with pytest.raises(Future):
        parse_moment(said, at("2026-11-22 14:00"), USUAL)


def test_a_minute_is_no_future() -> None:
    assert iso(parse_moment("today 14:01", at("2026-11-22 14:00:30"), USUAL)) == "2026-11-22T14:01+01:00"


@pytest.mark.parametrize("said", ["02:30", "today 02:30", "2026-10-25 02:30"])
def test_what_the_clock_showed_twice_is_asked_back(said: str) -> None:
    with pytest.raises(Twice) as twice:
        parse_moment(said, at("2026-10-25 08:00"), USUAL)
    assert str(twice.value) == (
        "the clock showed 02:30 twice that night: write 2026-10-25T02:30+02:00 for the first, "
        "2026-10-25T02:30+01:00 for the second"
    )
    assert [one.isoformat() for one in twice.value.times] == ["2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"]


def test_inside_the_repeated_hour_what_is_still_to_come_is_not_meant() -> None:
    # The first time round only the first can be meant; the second time both.
    assert iso(parse_moment("02:30", at("2026-10-25 02:45"), USUAL)) == "2026-10-25T02:30+02:00"
    assert iso(parse_moment("02:30", at("2026-10-25 02:15", fold=1), USUAL)) == "2026-10-25T02:30+02:00"
    assert iso(parse_moment("02:30", at("2026-10-25 02:15"), USUAL)) == "2026-10-24T02:30+02:00"
    with pytest.raises(Twice):
        parse_moment("02:10", at("2026-10-25 02:15", fold=1), USUAL)


def test_a_day_that_a_zone_skipped_is_read_as_the_next() -> None:
    assert iso(parse_moment("2011-12-30 03:10", at("2026-01-01 00:00", APIA), USUAL)) == "2011-12-31T03:10+14:00"


# --- parts of a night ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "hours", "said", "meant", "night"),
    [
        ("2026-11-22 09:00", USUAL, "early", "2026-11-21T23:55+01:00", "2026-11-21"),
        ("2026-11-22 09:00", USUAL, "Middle", "2026-11-22T02:45+01:00", "2026-11-21"),
        ("2026-11-22 09:00", USUAL, "late", "2026-11-22T05:35+01:00", "2026-11-21"),
        ("2026-11-22 09:00", USUAL, "unknown", "2026-11-22T02:45+01:00", "2026-11-21"),
        ("2026-11-22 17:00", USUAL, "late", "2026-11-22T05:35+01:00", "2026-11-21"),
        ("2026-11-22 23:30", USUAL, "late", "2026-11-22T05:35+01:00", "2026-11-21"),
        # In the night itself: never later than now.
        ("2026-11-22 01:30", USUAL, "middle", "2026-11-22T01:30+01:00", "2026-11-21"),
        # Someone who sleeps from 04:00 to 12:00.
        ("2026-11-22 13:00", LATE, "early", "2026-11-22T05:20+01:00", "2026-11-21"),
        ("2026-11-22 13:00", LATE, "late", "2026-11-22T10:40+01:00", "2026-11-21"),
        ("2026-11-22 02:00", LATE, "early", "2026-11-21T05:20+01:00", "2026-11-20"),
        # The nights of both changes: an hour shorter, an hour longer.
        ("2026-03-29 09:00", USUAL, "late", "2026-03-29T05:35+02:00", "2026-03-28"),
        ("2026-10-25 09:00", USUAL, "early", "2026-10-24T23:55+02:00", "2026-10-24"),
        ("2026-10-25 09:00", USUAL, "middle", "2026-10-25T02:15+01:00", "2026-10-24"),
    ],
)
def test_a_part_of_the_night(now: str, hours: Hours, said: str, meant: str, night: str) -> None:
    moment = parse_moment(said, at(now), hours)
    assert (iso(moment), str(moment.night), moment.part) == (meant, night, said.lower())


@pytest.mark.parametrize(
    ("now", "hours", "said", "before"),
    [
        ("2026-11-22 00:10", USUAL, "middle", "2026-11-21 02:45"),
        ("2026-11-22 04:00", USUAL, "late", "2026-11-21 05:35"),
        ("2026-11-22 05:00", LATE, "late", "2026-11-21 10:40"),
    ],
)
def test_in_the_night_a_part_still_to_come_is_not_quietly_the_night_before(
    now: str, hours: Hours, said: str, before: str
) -> None:
    with pytest.raises(Future, match=f'is still to come in this night: leave it out for now, write "{before}"'):
        parse_moment(said, at(now), hours)
    assert parse_moment(before, at(now), hours).at < at(now)


instants = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))
zones = st.sampled_from([BERLIN, YORK, APIA, ZoneInfo("Australia/Lord_Howe"), ZoneInfo("Asia/Kathmandu")])
walls = st.times().map(lambda one: one.replace(microsecond=0, second=0))


@given(instants, zones, walls, walls, st.sampled_from(PARTS))
def test_a_part_is_never_in_the_future_and_less_than_three_days_ago(
    now: datetime, zone: ZoneInfo, wake: time, bed: time, part: str
) -> None:
    try:
        moment = parse_moment(part, now.astimezone(zone), Hours(wake=wake, bed=bed))
    except Future as future:
        assert "still to come in this night" in str(future)
        return
    assert now - timedelta(days=3, hours=2) < moment.at.astimezone(UTC) <= now


@given(instants, zones, walls)
def test_a_time_alone_is_the_last_one(now: datetime, zone: ZoneInfo, wall: time) -> None:
    local = now.astimezone(zone)
    try:
        found = parse_moment(f"{wall:%H:%M}", local, USUAL)
    except Twice as twice:
        assert all(one.astimezone(UTC) <= now + timedelta(minutes=1) for one in twice.times)
        return
    age = now - found.at.astimezone(UTC)
    assert timedelta(minutes=-1) <= age <= timedelta(hours=26)


@given(instants, zones)
def test_what_is_written_is_read_back(moment: datetime, zone: ZoneInfo) -> None:
    local = moment.replace(second=0, microsecond=0).astimezone(zone)
    later = (moment + timedelta(days=3)).astimezone(zone)
    assert parse_moment(local.isoformat(timespec="minutes"), later, USUAL).at.astimezone(UTC) == local.astimezone(UTC)
    try:
        found = parse_moment(f"{local:%Y-%m-%d %H:%M} {zone.key}", later.astimezone(BERLIN), USUAL)
    except Twice as twice:
        assert local.astimezone(UTC) in [one.astimezone(UTC) for one in twice.times]
    else:
        assert (found.at.astimezone(UTC), found.at.tzinfo) == (local.astimezone(UTC), zone)


# --- correcting a time -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stood", "said", "meant"),
    [
        ("2026-11-10 03:10", "03:20", "2026-11-10T03:20+01:00"),
        ("2026-11-10 23:50", "00:10", "2026-11-11T00:10+01:00"),
        ("2026-11-10 00:10", "23:50", "2026-11-09T23:50+01:00"),
        ("2026-11-22 13:50", "14:10", None),
        ("2026-11-10 03:10", "yesterday 03:10", "2026-11-21T03:10+01:00"),
        ("2026-11-10 03:10", "late", "2026-11-10T05:35+01:00"),
        ("2026-10-24 23:00", "02:30", "twice"),
    ],
)
def test_a_corrected_time_is_near_the_one_that_stood(stood: str, said: str, meant: str | None) -> None:
    before = Moment(at=at(stood), night=night_of(at(stood)))
    if meant in (None, "twice"):
        with pytest.raises(Twice if meant else Future):
            parse_moment(said, at("2026-11-22 14:00"), USUAL, before)
    else:
        assert iso(parse_moment(said, at("2026-11-22 14:00"), USUAL, before)) == meant


# --- spans and nights ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "since", "until"),
    [
        ("2026-11-21", "2026-11-21T00:00+01:00", "2026-11-22T00:00+01:00"),
        ("today", "2026-11-22T00:00+01:00", "2026-11-23T00:00+01:00"),
        ("Yesterday", "2026-11-21T00:00+01:00", "2026-11-22T00:00+01:00"),
        ("2026-10-25", "2026-10-25T00:00+02:00", "2026-10-26T00:00+01:00"),
        ("2026-10-25 02:30", "2026-10-25T02:30+02:00", "2026-10-25T02:30+01:00"),
        ("14d", "2026-11-08T14:00+01:00", "2026-11-08T14:00+01:00"),
        ("2027-01-01 10:00", "2027-01-01T10:00+01:00", "2027-01-01T10:00+01:00"),
    ],
)
def test_a_span_takes_whole_days(said: str, since: str, until: str) -> None:
    now = at("2026-11-22 14:00")
    found = [parse_bound(said, now, end=end).astimezone(BERLIN) for end in (False, True)]
    assert [one.isoformat(timespec="minutes") for one in found] == [since, until]


@pytest.mark.parametrize("said", ["", "soon", "2026-11-31", "2026", "9999999d", "early"])
def test_no_span(said: str) -> None:
    with pytest.raises(ValueError, match="write 2026-11-21, today, yesterday, or 14d"):
        parse_bound(said, at("2026-11-22 14:00"))


def test_a_night_is_named_by_its_evening() -> None:
    now = at("2026-11-22 14:00")
    named = {"last": 21, "yesterday": 21, "today": 22, "2026-11-03": 3}
    assert {said: parse_night(said, now) for said in named} == {said: date(2026, 11, n) for said, n in named.items()}
    for said in ("", "soon", "2026-13-01", "03:10"):
        with pytest.raises(ValueError, match="write the date of its evening"):
            parse_night(said, now)
