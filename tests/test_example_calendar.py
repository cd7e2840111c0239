"""The calendar of examples/plugins: when it is quiet, and that nothing else of the calendar is ever seen."""

from __future__ import annotations

import logging
import os
import subprocess
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coaching import coach_of, log, titles
from coffee import COFFEE
from commands import Commands
from crampcoach import Problem, QuietTime
from crampcoach.context import ContextMaker
from crampcoach.home import Home
from crampcoach.plugins import load_file
from crampcoach.testing import Coach
from examples import FOLDER, source

pytestmark = pytest.mark.pure

NAME = "calendar_quiet"
#: What stands in every appointment, and nowhere else.
PRIVATE = "SUMMARY:Dr Quince, sleep clinic\nLOCATION:Ward 7\nATTENDEE:mailto:mary@example.org"
WORDS = ("Quince", "clinic", "Ward", "mary@")


def calendar(*events: str, head: str = "", end: str = "END:VCALENDAR") -> str:
    """A calendar with these appointments, as programs write it."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//crampcoach//tests//EN", *head.splitlines()]
    for number, event in enumerate(events):
        mine = event if "UID:" in event else f"UID:{number}\n{event}"
        lines += ["BEGIN:VEVENT", "DTSTAMP:20260101T000000Z", *f"{mine}\n{PRIVATE}".splitlines(), "END:VEVENT"]
    return "\r\n".join([*lines, end, ""])


class Days:
    """The plugin with a calendar, on a day of a test's choice."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "my calendar.ics"
        self.folder = folder

    def coach(self, now: str = "2026-11-22 08:00", zone: str = "Europe/Berlin", table: str = "", **given: Any) -> Coach:
        config = f'[plugins.{NAME}]\nfile = "{self.file}"\n{table}\n'
        sources = {NAME: source(NAME), "coffee": COFFEE}
        return coach_of(self.folder, sources=sources, config=config, now=now, zone=zone, deadline=6, **given)

    def quiet(self, *events: str, head: str = "", **given: str) -> list[str]:
        """When it is quiet, as the clock on the wall shows it."""
        self.file.write_text(calendar(*events, head=head))
        with self.coach(**given) as coach:
            assert coach.failures(NAME) == []
            return shown(coach)


def shown(coach: Coach) -> list[str]:
    zone = coach.clock.zone()
    times: Sequence[QuietTime] = coach.call(NAME, "quiet_times")
    assert {one.why for one in times} <= {"busy"}
    return [f"{one.start.astimezone(zone):%d %H:%M}-{one.end.astimezone(zone):%H:%M}" for one in times]


@pytest.fixture
def days(tmp_path: Path) -> Days:
    return Days(tmp_path)


# --- what counts -----------------------------------------------------------------------------------------------


def test_an_appointment_in_a_zone_in_utc_and_without_any(days: Days) -> None:
    events = (
        "DTSTART;TZID=Europe/Berlin:20261122T090000\nDTEND;TZID=Europe/Berlin:20261122T100000",
        "DTSTART;TZID=America/New_York:20261122T090000\nDTEND;TZID=America/New_York:20261122T093000",
        "DTSTART:20261122T100000Z\nDURATION:PT45M",
        "DTSTART:20261122T200000\nDTEND:20261122T210000",
    )
    assert days.quiet(*events) == ["22 09:00-10:00", "22 11:00-11:45", "22 15:00-15:30", "22 20:00-21:00"]


def test_what_has_no_zone_goes_along_with_the_person(days: Days) -> None:
    event = "DTSTART:20261122T200000\nDTEND:20261122T210000"
    assert days.quiet(event, zone="Asia/Tokyo") == ["22 20:00-21:00"]
    assert days.quiet(event, zone="America/Los_Angeles") == ["22 20:00-21:00"]


def test_zones_of_the_calendars_own(days: Days) -> None:
    zone = "\n".join([
        "BEGIN:VTIMEZONE", "TZID:Our office", "BEGIN:STANDARD", "DTSTART:19700101T000000", "TZOFFSETFROM:+0500",
        "TZOFFSETTO:+0500", "END:STANDARD", "END:VTIMEZONE",
    ])  # fmt: skip
    ours = "DTSTART;TZID=Our office:20261122T120000\nDTEND;TZID=Our office:20261122T130000"
    assert days.quiet(ours, head=zone) == ["22 08:00-09:00"]
    windows = "DTSTART;TZID=W. Europe Standard Time:20261122T120000\nDURATION:PT1H"
    assert days.quiet(windows) == ["22 12:00-13:00"]
    unknown = "DTSTART;TZID=Nobody/Knows:20261122T120000\nDURATION:PT1H"
    assert days.quiet(unknown) == ["22 12:00-13:00"]  # as if it had none
    whole = "DTSTART:20261122T120000\nDURATION:PT1H"
    assert days.quiet(whole, head="X-WR-TIMEZONE:America/New_York") == ["22 18:00-19:00"]


def test_what_comes_again_and_its_exceptions(days: Days) -> None:
    weekly = "UID:w\nDTSTART;TZID=Europe/Berlin:20200106T090000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE"
    left_out = f"{weekly}\nEXDATE;TZID=Europe/Berlin:20261124T090000"
    moved = (
        "UID:w\nRECURRENCE-ID;TZID=Europe/Berlin:20261125T090000\n"
        "DTSTART;TZID=Europe/Berlin:20261123T150000\nDURATION:PT2H"
    )
    assert days.quiet(left_out, moved, table="days_ahead = 6") == ["23 09:00-10:00", "23 15:00-17:00"]
    again = "DTSTART:20190101T090000Z\nDURATION:PT1H\nRDATE:20261122T110000Z"
    assert days.quiet(again) == ["22 12:00-13:00"]


def test_one_that_comes_again_keeps_to_the_clock_through_summer_time(days: Days) -> None:
    daily = "DTSTART;TZID=Europe/Berlin:20260101T090000\nDURATION:PT1H\nRRULE:FREQ=DAILY"
    assert days.quiet(daily, now="2026-03-28 08:00") == ["28 09:00-10:00", "29 09:00-10:00"]
    assert days.quiet(daily, now="2026-10-24 08:00") == ["24 09:00-10:00", "25 09:00-10:00"]
    night = "DTSTART;TZID=Europe/Berlin:20261025T013000\nDTEND;TZID=Europe/Berlin:20261025T033000"
    self_long = days.quiet(night, now="2026-10-25 00:30")
    assert self_long == ["25 01:30-03:30"]
    gap = "DTSTART;TZID=Europe/Berlin:20260329T013000\nDTEND;TZID=Europe/Berlin:20260329T033000"
    assert days.quiet(gap, now="2026-03-29 00:30") == ["29 01:30-03:30"]


def test_how_long_it_is_through_a_change_of_the_clock(days: Days) -> None:
    days.file.write_text(calendar("DTSTART:20261025T013000\nDTEND:20261025T033000"))
    with days.coach(now="2026-10-25 00:30") as coach:
        (one,) = coach.call(NAME, "quiet_times")
        assert one.end - one.start == timedelta(hours=3)
        assert one.start == datetime(2026, 10, 24, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "free",
    ["TRANSP:TRANSPARENT", "STATUS:CANCELLED", "X-MICROSOFT-CDO-BUSYSTATUS:FREE", "TRANSP:transparent"],
)
def test_what_leaves_the_person_free(days: Days, free: str) -> None:
    event = "DTSTART:20261122T090000\nDURATION:PT1H"
    assert days.quiet(f"{event}\n{free}") == []
    assert days.quiet(f"{event}\nTRANSP:OPAQUE\nSTATUS:TENTATIVE") == ["22 09:00-10:00"]


def test_whole_days_count_only_where_the_person_wants_it(days: Days) -> None:
    events = (
        "DTSTART;VALUE=DATE:20261123\nDTEND;VALUE=DATE:20261124",
        "DTSTART;VALUE=DATE:20261122",  # without an end it is that day
        "DTSTART:20261122T080000\nDTEND:20261123T080000",  # a day long
    )
    assert days.quiet(*events) == []
    assert days.quiet(*events, table="all_day = true") == ["22 00:00-00:00", "22 08:00-08:00", "23 00:00-00:00"]
    weeks = "DTSTART;VALUE=DATE:20261101\nDTEND;VALUE=DATE:20261224"
    assert days.quiet(weeks, table="all_day = true\ndays_ahead = 6") == ["22 00:00-00:00"]


def test_what_has_no_length_or_ends_before_it_begins(days: Days) -> None:
    assert days.quiet("DTSTART:20261122T090000") == []
    assert days.quiet("DTSTART:20261122T090000\nDTEND:20261122T090000") == []
    assert days.quiet("DTSTART:20261122T090000\nDTEND:20261120T090000") == []


def test_tasks_and_notes_are_no_appointments(days: Days) -> None:
    task = calendar().replace(
        "END:VCALENDAR", "BEGIN:VTODO\nUID:t\nDTSTART:20261122T090000Z\nDUE:20261122T100000Z\nEND:VTODO\nEND:VCALENDAR"
    )
    days.file.write_text(task)
    with days.coach() as coach:
        assert shown(coach) == []


def test_several_calendars_in_one_file(days: Days) -> None:
    days.file.write_text(
        calendar("DTSTART:20261122T090000\nDURATION:PT1H") * 2 + calendar("DTSTART:20261122T110000\nDURATION:PT1H")
    )
    with days.coach() as coach:
        assert shown(coach) == ["22 09:00-10:00", "22 11:00-12:00"]


def test_how_far_ahead(days: Days) -> None:
    daily = "DTSTART:20261101T200000\nDURATION:PT1H\nRRULE:FREQ=DAILY"
    assert len(days.quiet(daily)) == 2
    assert len(days.quiet(daily, table="days_ahead = 6")) == 6
    over_midnight = "DTSTART:20261123T230000\nDTEND:20261124T010000"
    assert days.quiet(over_midnight) == ["23 23:00-00:00"]  # tomorrow it is known to go on
    assert days.quiet(over_midnight, now="2026-11-24 00:00") == ["24 00:00-01:00"]


def test_what_never_stops_coming_is_no_appointment(days: Days) -> None:
    rules = ("FREQ=SECONDLY", "FREQ=MINUTELY", "FREQ=HOURLY", "FREQ=DAILY;INTERVAL=0")
    endless = [f"DTSTART:20200101T000000Z\nDURATION:PT1S\nRRULE:{rule}" for rule in rules]
    assert days.quiet(*endless, "DTSTART:20261122T090000\nDURATION:PT1H") == ["22 09:00-10:00"]


# --- large calendars -------------------------------------------------------------------------------------------

DATES = st.datetimes(datetime(2024, 6, 1), datetime(2028, 6, 1))
RULES = st.sampled_from(["", "", "RRULE:FREQ=WEEKLY", "RRULE:FREQ=YEARLY", "RRULE:FREQ=MONTHLY;COUNT=40"])


@given(st.lists(st.tuples(DATES, st.integers(1, 2000), RULES, st.booleans()), max_size=12))
def test_leaving_out_what_is_far_off_changes_nothing(made: list[tuple[datetime, int, str, bool]]) -> None:
    events = []
    for at, minutes, rule, folded in made:
        start = f"DTSTART;TZID=Europe/Berlin{chr(13)}{chr(10)} :" if folded else "DTSTART;TZID=Europe/Berlin:"
        events.append(f"{start}{at:%Y%m%dT%H%M%S}\nDURATION:PT{minutes}M" + (f"\n{rule}" if rule else ""))
    module = load_file(NAME, FOLDER / f"{NAME}.py")
    raw, today = calendar(*events).encode(), date(2026, 11, 22)
    quick = sorted(module._appointments(raw, today, 6))
    vars(module)["_near"] = lambda whole, _since, _until: whole
    assert quick == sorted(module._appointments(raw, today, 6))


def test_what_was_years_ago_is_not_even_parsed(days: Days) -> None:
    module: ModuleType = load_file(NAME, FOLDER / f"{NAME}.py")
    past = [f"DTSTART:20{year}0101T090000Z\nDURATION:PT1H" for year in range(10, 25)]
    raw = calendar(*past, "DTSTART:20261122T090000Z\nDURATION:PT1H").encode()
    near = module._near(raw, date(2025, 11, 22), date(2026, 11, 25))
    assert near.count(b"BEGIN:VEVENT") == 1


# --- files that change, break, or are not there ----------------------------------------------------------------

NINE = "DTSTART:20261122T090000\nDURATION:PT1H"
TEN = "DTSTART:20261122T100000\nDURATION:PT1H"


def test_a_change_counts_and_without_one_the_file_is_not_read_again(
    days: Days, monkeypatch: pytest.MonkeyPatch
) -> None:
    days.file.write_text(calendar(NINE))
    with days.coach() as coach:
        assert shown(coach) == ["22 09:00-10:00"]
        started: list[object] = []
        real = subprocess.run

        def run(*words: Any, **given: Any) -> Any:
            started.append(words)
            return real(*words, **given)

        monkeypatch.setattr(subprocess, "run", run)
        coach.tick(NAME)
        assert shown(coach) == ["22 09:00-10:00"]
        assert started == []
        days.file.write_text(calendar(NINE, TEN))
        assert shown(coach) == ["22 09:00-10:00", "22 10:00-11:00"]
        assert len(started) == 1
        coach.advance("2026-11-23 00:01")
        assert shown(coach) == []
        assert len(started) == 2  # for another day


BROKEN = {
    "cut off": calendar(NINE)[:150],
    "empty": "",
    "a page": f"<html><p>Log in, {WORDS[0]}</p></html>",
    "no calendar": f"{WORDS[0]}\r\nEND:VCALENDAR\r\n",
    "a broken end": calendar(NINE, end=f"END:{WORDS[0]}\r\nEND:VCALENDAR"),
    "a line without a name": calendar(NINE, head=f"{WORDS[0]} and so on"),
}


def refused(days: Days, home: Home) -> str:
    """Why the plugin cannot be used."""
    module = load_file(NAME, FOLDER / f"{NAME}.py")
    now = datetime(2026, 11, 22, 8, tzinfo=ZoneInfo("Europe/Berlin"))
    with pytest.raises(Problem) as wrong:
        module.quiet_times(ContextMaker(home).make(NAME, module.Options(file=str(days.file)), now))
    assert (wrong.value.__cause__, wrong.value.__suppress_context__) == (None, True)
    return str(wrong.value)


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
def test_a_broken_file_is_a_sentence_and_tells_nothing(
    days: Days, home: Home, text: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    days.file.write_text(text)
    why = refused(days, home)
    assert why.startswith(f"{days.file} ")
    assert why.endswith("; export it anew")
    assert [word for word in WORDS if word in "".join([why, caplog.text, *capfd.readouterr()])] == []


def test_no_file_from_the_beginning(days: Days, home: Home) -> None:
    missing = f"{days.file} cannot be read (No such file or directory); put your calendar there, or set `file`"
    assert refused(days, home) == missing
    days.file.mkdir()
    assert refused(days, home).startswith(f"{days.file} cannot be read (Is a directory)")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("raise ImportError(name='icalendar')", "needs icalendar, which is not installed; run: "
         "crampcoach plugins install icalendar recurring-ical-events"),
        ("import os; os._exit(3)", "cannot be understood; export it anew"),
        ("import time; time.sleep(30)", "takes longer than 4 s to read; export less of it"),
    ],
)  # fmt: skip
def test_a_library_that_is_not_there_or_fails(
    days: Days, home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, why: str
) -> None:
    days.file.write_text(calendar(NINE))
    shadow = tmp_path / "shadow"
    shadow.mkdir()
    (shadow / "icalendar.py").write_text(text)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, [str(shadow), os.environ.get("PYTHONPATH")])))
    assert refused(days, home) == f"{days.file} {why}"


def test_a_file_that_goes_and_comes_back(days: Days, caplog: pytest.LogCaptureFixture) -> None:
    days.file.write_text(calendar(NINE))
    with days.coach() as coach:
        assert shown(coach) == ["22 09:00-10:00"]
        for text in (None, calendar(NINE, TEN)[:200]):
            days.file.write_text(text) if text else days.file.unlink()
            caplog.clear()
            for _ in range(4):
                coach.tick(NAME)
                assert shown(coach) == ["22 09:00-10:00"]
            (record,) = caplog.records  # said once
            assert record.getMessage().startswith(f"{NAME}: {days.file} ")
            assert record.getMessage().endswith("; what it said before holds")
            assert [word for word in WORDS if word in record.getMessage()] == []
        days.file.write_text(calendar(TEN))
        assert shown(coach) == ["22 10:00-11:00"]
        assert (coach.failures(NAME), coach.resting()) == ([], {})


@pytest.mark.parametrize(
    "bad",
    [
        "DTSTART:soon",
        "DTSTART:20261322T110000\nDURATION:PT1H",
        "DTSTART:20261122T110000\nDURATION:long",
        "DTSTART:20261122T110000\nDURATION:P99999999999D",
        "DTEND:20261122T110000",
        "DTSTART:20261122T110000\nRRULE:FREQ=SOMETIMES",
        "DTSTART:20261122T110000\nDURATION:PT1H\nRRULE:FREQ=DAILY;UNTIL=never",
        "DTSTART:99991231T235900\nDURATION:PT1H\nRRULE:FREQ=DAILY",
    ],
)
def test_an_appointment_that_makes_no_sense_costs_the_others_nothing(days: Days, bad: str) -> None:
    assert days.quiet(bad, NINE) == ["22 09:00-10:00"]


def test_a_calendar_beside_the_plugin(tmp_path: Path) -> None:
    folder = tmp_path / "config" / "plugins"
    folder.mkdir(parents=True, mode=0o700)
    (folder / "calendar.ics").write_text(calendar(NINE))
    with coach_of(tmp_path, sources={NAME: source(NAME)}, now="2026-11-22 08:00") as coach:
        assert shown(coach) == ["22 09:00-10:00"]


@pytest.mark.parametrize(
    ("wrong", "accepted"),
    [({"days_ahead": 0}, "1 to 6"), ({"days_ahead": 7}, "1 to 6"), ({"tick_every": 59}, "60 to 86400")],
)
def test_settings_that_cannot_be(wrong: dict[str, int], accepted: str) -> None:
    with pytest.raises(ValueError, match=f"is not accepted; accepted is a whole number from {accepted}$"):
        load_file(NAME, FOLDER / f"{NAME}.py").Options(**wrong)


# --- in the agent ----------------------------------------------------------------------------------------------

AT_THREE = "DTSTART:20261122T144500\nDTEND:20261122T153000"


@pytest.fixture
def coach(days: Days) -> Iterator[Coach]:
    days.file.write_text(calendar(AT_THREE))
    with days.coach(now="2026-11-22 14:00") as coach:
        yield coach


def test_a_reminder_waits_for_the_end(coach: Coach) -> None:
    coach.advance("15:29")
    assert titles(coach) == []
    assert coach.states() == ["deferred"]
    coach.advance("15:30")
    assert titles(coach) == ["Coffee today?"]


def test_one_that_is_entered_while_the_agent_runs_is_seen_at_the_next_tick(coach: Coach, days: Days) -> None:
    coach.advance("15:10")
    days.file.write_text(calendar(AT_THREE, "DTSTART:20261122T153000\nDTEND:20261122T154500"))
    coach.tick(NAME)
    coach.advance("15:44")
    assert titles(coach) == []
    coach.advance("15:45")
    assert titles(coach) == ["Coffee today?"]


def test_advice_waits_for_no_calendar(coach: Coach) -> None:
    coach.advance("15:00")
    log(coach, breathless="yes")
    assert len(coach.advice) == 1


def test_status_says_busy_and_nothing_more(coach: Coach, commands: Commands) -> None:
    coach.advance("15:00")
    assert f"({NAME}: busy)" in commands.ok("status")
    quiet = commands("status", "--json").json["quiet_time"]
    assert (quiet["plugin"], quiet["why"]) == (NAME, "busy")
    said = [commands.ok(*words) for words in (("status",), ("plugins", "show", NAME), ("today",), ("plan",))]
    assert [word for word in WORDS if word in "".join(said)] == []
    stored = b"".join(path.read_bytes() for path in coach.home.state_db.parent.iterdir() if path.is_file())
    assert [word for word in WORDS if word.encode() in stored] == []


def test_a_calendar_that_was_never_there_sets_the_plugin_aside_with_a_sentence(days: Days) -> None:
    with days.coach(strict=False) as coach:
        why = f"{days.file} cannot be read (No such file or directory); put your calendar there, or set `file`"
        assert coach.resting() == {NAME: why}
        coach.advance("15:00")
        assert titles(coach) == ["Coffee today?"]  # nobody else is held up
        days.file.write_text(calendar(AT_THREE))
        coach.configure(f'[plugins.{NAME}]\nfile = "{days.file}"\nall_day = true\n')
        assert coach.resting() == {}
