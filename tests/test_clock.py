"""The arithmetic between wall time and UTC, the names of zones and nights, and the ids of entries."""

from __future__ import annotations

import time as machine_time
import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crampcoach.clock import (
    STEP,
    SystemClock,
    date_exists,
    new_id,
    night_of,
    to_utc,
    to_wall,
    zone_name,
    zone_named,
)

pytestmark = pytest.mark.pure

BERLIN = ZoneInfo("Europe/Berlin")
APIA = ZoneInfo("Pacific/Apia")
ZONES = sorted(available_timezones() - {"Factory", "localtime"})
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)

named_zones = st.sampled_from(ZONES)
offsets = st.integers(-23 * 60 - 59, 23 * 60 + 59).map(lambda minutes: timezone(timedelta(minutes=minutes)))
instants = st.datetimes(datetime(1970, 1, 2), datetime(2200, 1, 1), timezones=st.just(UTC))


@pytest.mark.parametrize(
    ("wall", "utc"),
    [
        pytest.param("2026-03-29 01:59", "2026-03-29 00:59", id="before the gap"),
        pytest.param("2026-03-29 02:30", "2026-03-29 01:30", id="in the gap: 03:30 local"),
        pytest.param("2026-03-29 03:00", "2026-03-29 01:00", id="after the gap"),
        pytest.param("2026-10-25 02:30", "2026-10-25 00:30", id="the repeated hour: the first"),
        pytest.param("2026-10-25 03:00", "2026-10-25 02:00", id="after the repeated hour"),
    ],
)
def test_wall_time_to_utc_in_berlin(wall: str, utc: str) -> None:
    assert to_utc(datetime.fromisoformat(wall), BERLIN) == datetime.fromisoformat(utc).replace(tzinfo=UTC)


def test_a_wall_time_in_the_gap_moves_forward_by_the_gap() -> None:
    assert to_wall(to_utc(datetime(2026, 3, 29, 2, 30), BERLIN), BERLIN) == datetime(2026, 3, 29, 3, 30)


def test_a_wall_time_carries_neither_zone_nor_fold() -> None:
    wall = to_wall(datetime(2026, 10, 25, 1, 30, tzinfo=UTC), BERLIN)
    assert (wall, wall.tzinfo, wall.fold) == (datetime(2026, 10, 25, 2, 30), None, 0)


@given(instants, named_zones)
def test_wall_and_back_is_the_instant_or_the_first_of_a_repeated_hour(instant: datetime, name: str) -> None:
    zone = ZoneInfo(name)
    back = to_utc(to_wall(instant, zone), zone)
    assert back == instant or (back < instant and to_wall(back, zone) == to_wall(instant, zone))


def test_apia_never_had_the_thirtieth_of_december_2011() -> None:
    days = [date(2011, 12, 29) + timedelta(days=n) for n in range(3)]
    assert [date_exists(day, APIA) for day in days] == [True, False, True]


@pytest.mark.parametrize(
    "name", ["America/Santiago", "Africa/Cairo", "America/Havana", "Asia/Beirut", "America/Asuncion"]
)
def test_every_date_exists_where_the_gap_is_at_midnight(name: str) -> None:
    assert all(date_exists(date(2026, 1, 1) + timedelta(days=n), ZoneInfo(name)) for n in range(730))


@pytest.mark.parametrize(
    ("at", "night"),
    [
        ("2026-11-22 03:10", "2026-11-21"),
        ("2026-11-22 11:59", "2026-11-21"),
        ("2026-11-22 12:00", "2026-11-22"),
        ("2026-11-22 23:59", "2026-11-22"),
    ],
)
def test_a_night_runs_from_noon_to_noon_and_has_its_evenings_date(at: str, night: str) -> None:
    assert night_of(datetime.fromisoformat(at).replace(tzinfo=BERLIN)) == date.fromisoformat(night)


def test_a_night_goes_by_local_time_also_while_the_clocks_change() -> None:
    second = datetime(2026, 10, 25, 1, 30, tzinfo=UTC).astimezone(BERLIN)
    assert second.fold == 1
    assert night_of(second) == date(2026, 10, 24)


@given(named_zones, instants)
def test_the_name_of_a_zone_finds_it_again(name: str, at: datetime) -> None:
    zone = ZoneInfo(name)
    assert zone_name(zone, at) == name
    assert zone_named(name) is zone


@given(offsets, instants)
def test_a_zone_without_a_name_is_found_again_by_its_offset(zone: tzinfo, at: datetime) -> None:
    name = zone_name(zone, at)
    assert len(name) == len("+01:00")
    assert at.astimezone(zone_named(name)).utcoffset() == zone.utcoffset(None)


def test_a_zone_read_from_a_file_goes_by_its_offset_at_that_time() -> None:
    file = files("tzdata") / "zoneinfo" / "Europe" / "Berlin"
    local = ZoneInfo.from_file(BytesIO(file.read_bytes()), key="local")
    assert zone_name(local, datetime(2026, 1, 1, tzinfo=UTC)) == "+01:00"
    assert zone_name(local, datetime(2026, 7, 1, tzinfo=UTC)) == "+02:00"


@pytest.mark.parametrize(
    "name", ["", "/", "..", "\0", "Mars/Base", "Europe", "x" * 300, "\ud800", "+ab:cd", "-99:00", "+"]
)
def test_an_unknown_zone_is_utc_and_never_an_error(name: str) -> None:
    assert zone_named(name) is UTC


@given(st.text(max_size=8))
def test_no_text_as_a_zone_is_an_error(name: str) -> None:
    assert zone_named(name).utcoffset(datetime(2026, 1, 1)) is not None


@given(instants)
def test_an_id_is_a_uuid_of_version_7_that_tells_its_time(now: datetime) -> None:
    made = uuid.UUID(new_id(now))
    assert made.version == 7
    assert made.variant == uuid.RFC_4122
    assert str(made) == str(made).lower()
    assert made.int >> 80 == int(now.timestamp() * 1000)


@given(instants, st.integers(1, 10**12))
def test_ids_sort_by_time(now: datetime, later: int) -> None:
    assert new_id(now) < new_id(now + timedelta(milliseconds=later))


def test_ids_of_one_instant_differ() -> None:
    assert len({new_id(NOON) for _ in range(10_000)}) == 10_000


def test_the_wait_for_an_instant_that_is_over_is_zero() -> None:
    clock = SystemClock()
    now = clock.now()
    assert now.tzinfo is UTC
    assert clock.wait_for(now - timedelta(hours=1)) == 0.0
    assert 3000 < clock.wait_for(now + timedelta(hours=1)) <= 3600


def test_a_clock_that_somebody_set_is_seen_once(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SystemClock()
    real = machine_time.time
    assert not clock.stepped()
    for seconds, seen in ((STEP - 1, False), (3600.0, True), (3600.0, False), (-7200.0, True), (-7200.0, False)):
        monkeypatch.setattr(machine_time, "time", lambda ahead=seconds: real() + ahead)
        assert clock.stepped() is seen


@pytest.mark.skipif(not hasattr(machine_time, "tzset"), reason="the zone is not an environment variable here")
def test_the_zone_follows_a_change_while_the_program_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SystemClock()
    summer = datetime.combine(date(2026, 7, 1), time(12), UTC)
    try:
        for name in ("Europe/Berlin", "America/New_York", "Pacific/Apia"):
            monkeypatch.setenv("TZ", name)
            assert zone_name(clock.zone(), summer) == name
    finally:
        monkeypatch.undo()
        clock.zone()


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Berlin's rules in a file that has no zone's name, for the machine's zone; undone afterwards."""
    path = tmp_path / "localtime-of-mine"
    path.write_bytes((files("tzdata") / "zoneinfo" / "Europe" / "Berlin").read_bytes())
    yield path
    monkeypatch.undo()
    SystemClock().zone()


def is_berlin(clock: SystemClock) -> None:
    """The zone has Berlin's offsets, no name but those, and does not seem to change from call to call."""
    zone = clock.zone()
    assert zone == clock.zone()
    summer, winter = datetime(2026, 7, 1, 0, tzinfo=UTC), datetime(2026, 11, 22, 11, tzinfo=UTC)
    assert [zone_name(zone, at) for at in (summer, winter)] == ["+02:00", "+01:00"]
    assert to_wall(summer, zone) == datetime(2026, 7, 1, 2)
    assert to_utc(datetime(2026, 7, 1, 2), zone) == summer
    # As an entry is read back: its night goes by the stored name of the zone.
    assert night_of(winter.astimezone(zone_named(zone_name(zone, winter)))) == date(2026, 11, 22)
    assert night_of((winter - timedelta(minutes=1)).astimezone(zone_named("+01:00"))) == date(2026, 11, 21)


@pytest.mark.skipif(not hasattr(machine_time, "tzset"), reason="the zone is not an environment variable here")
@pytest.mark.parametrize("prefix", ["", ":"])
def test_a_zone_given_as_a_file_is_that_files_zone(copied: Path, monkeypatch: pytest.MonkeyPatch, prefix: str) -> None:
    monkeypatch.setenv("TZ", f"{prefix}{copied}")
    is_berlin(SystemClock())


@pytest.mark.skipif(not hasattr(machine_time, "tzset"), reason="the zone is not an environment variable here")
def test_one_of_the_machines_zones_given_as_a_file_goes_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, copied: Path
) -> None:
    there = tmp_path / "Europe" / "Berlin"
    there.parent.mkdir()
    copied.rename(there)
    link = tmp_path / "link"
    link.symlink_to(there)
    monkeypatch.setattr("crampcoach.clock.TZPATH", (str(tmp_path),))
    monkeypatch.setenv("TZ", str(link))
    assert SystemClock().zone() is BERLIN


def test_a_zone_copied_to_where_its_link_should_be_is_that_zone(copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def as_tzlocal_reads_a_copy() -> ZoneInfo:
        with copied.open("rb") as file:
            return ZoneInfo.from_file(file, key="local")

    monkeypatch.delenv("TZ", raising=False)
    monkeypatch.setattr("tzlocal.reload_localzone", as_tzlocal_reads_a_copy)
    monkeypatch.setattr("crampcoach.clock.LOCALTIME", (copied.with_name("none"), copied))
    is_berlin(SystemClock())


@pytest.mark.parametrize("key", ["lt", "localtime", "local", "../x", ""])
def test_a_zone_whose_name_means_nothing_elsewhere_goes_by_its_offset(key: str) -> None:
    file = files("tzdata") / "zoneinfo" / "Europe" / "Berlin"
    zone = ZoneInfo.from_file(BytesIO(file.read_bytes()), key=key)
    assert zone_name(zone, NOON) == "+02:00"


def test_a_zone_setting_that_makes_no_sense_still_leaves_an_offset(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SystemClock()
    try:
        monkeypatch.setenv("TZ", "Not/AZone")
        assert clock.zone().utcoffset(datetime(2026, 1, 1)) is not None
    finally:
        monkeypatch.undo()
        clock.zone()
