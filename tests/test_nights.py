"""Nights fall where a person would say, on every clock; what was said twice counts once; nothing said is no zero."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from coaching import coach_of
from commands import Commands
from crampcoach.testing import Coach

pytestmark = pytest.mark.pure

CHECK_IN = "cramps.check-in"


@pytest.fixture
def coach(tmp_path: Path) -> Iterator[Coach]:
    with coach_of(tmp_path, "cramps", now="2026-11-20 20:00") as coach:
        yield coach


def week(commands: Commands) -> dict[str, Any]:
    """The nights that are entered: how many cramps, with a "+" where there may have been more."""
    rows = commands("week", "--json").json
    return {row["night"][5:]: f"{row['cramps']}{'+' * row['at_least']}" for row in rows if row["entered"]}


def night_of_cramp(commands: Commands, *words: str) -> str:
    """Log a cramp; the night that it belongs to."""
    saved = commands("log", "cramp", *words, "--json").json
    return str(saved["night"])


def answer(coach: Coach, label: str, wake: str = "07:30") -> None:
    coach.advance(wake)
    coach.press(label)
    if label != "None":
        coach.press("No")  # to the follow-up question


# --- said twice, counted once ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cramps", "label", "counted"),
    [
        ([], "None", "0"),
        ([], "One", "1"),
        ([], "Two or more", "2+"),
        # The same night, told twice.
        (["03:10"], "One", "1"),
        (["03:10", "04:00"], "Two or more", "2+"),
        (["23:50", "03:10", "04:00"], "Two or more", "3+"),
        # What was logged by itself is not taken away by an answer half asleep.
        (["03:10"], "None", "1+"),
        (["23:50", "03:10"], "One", "2+"),
        (["03:10"], "Two or more", "2+"),
        # Without an answer it is known that there was at least one.
        (["03:10"], "", "1+"),
        ([], "", None),
    ],
)
def test_the_morning_and_the_night_are_reconciled(
    coach: Coach, commands: Commands, cramps: list[str], label: str, counted: str | None
) -> None:
    if label:
        answer(coach, label)
    coach.advance("2026-11-21 09:00")
    for at in cramps:
        commands.ok("log", "cramp", "--at", at)
    assert week(commands) == ({"11-20": counted} if counted else {})


@pytest.mark.parametrize(
    ("at", "label", "counted"),
    [
        ("2026-11-20 13:00", "None", "0"),
        ("2026-11-20 22:29", "None", "0"),
        ("2026-11-20 22:30", "None", "1+"),
        ("2026-11-20 13:00", "One", "1"),
        ("2026-11-20 13:00", "", None),
        # It may be one of the night, told over breakfast.
        ("2026-11-21 08:30", "", "1+"),
    ],
)
def test_a_cramp_between_noon_and_bed_time_is_one_of_the_day(
    coach: Coach, commands: Commands, at: str, label: str, counted: str | None
) -> None:
    if label:
        answer(coach, label)
    coach.advance("2026-11-21 09:00")
    commands.ok("log", "cramp", "--at", at)
    assert week(commands) == ({"11-20": counted} if counted else {})


def test_who_goes_to_bed_in_the_afternoon_has_their_night_then(coach: Coach, commands: Commands) -> None:
    coach.configure('[day]\nbed = "14:00"\nwake = "22:00"\n')
    coach.advance("2026-11-21 23:00")
    commands.ok("log", "cramp", "--at", "2026-11-20 15:00")
    assert week(commands) == {"11-20": "1+"}


def test_log_night_says_which_night_it_is_about(coach: Coach, commands: Commands) -> None:
    coach.advance("2026-11-22 16:00")
    of_last = "saved: A night: how many cramps, today 16:00, night of Sat 21 Nov 2026"
    assert commands.ok("log", "night", "--count", "2") == of_last
    # By day a time too is that of the morning after, and not of the night that comes.
    assert commands.ok("log", "night", "--count", "2", "--at", "15:53").endswith("night of Sat 21 Nov 2026")
    assert commands.ok("log", "night", "--count", "2", "--at", "yesterday 23:00").endswith("night of Sat 21 Nov 2026")
    assert commands.ok("log", "night", "--count", "2", "--at", "03:00").endswith("night of Sat 21 Nov 2026")
    assert week(commands) == {"11-21": "2"}


def test_what_is_said_last_of_a_night_counts_also_long_after_it(coach: Coach, commands: Commands) -> None:
    coach.advance("2026-11-22 16:00")
    commands.ok("log", "night", "--count", "2")
    commands.ok("log", "night", "--count", "0", "--night", "2026-11-21")
    commands.ok("log", "night", "--count", "1", "--night", "2026-11-18")
    assert week(commands) == {"11-18": "1", "11-21": "0"}
    assert commands("log", "night", "--night", "last", "--count", "3", "--json").json["night"] == "2026-11-21"
    for words in (
        ["--night", "today"],
        ["--night", "2026-11-23"],
        ["--night", "soon"],
        ["--night", "last", "--at", "3:00"],
    ):
        refused = commands("log", "night", "--count", "1", *words)
        assert (refused.status, "--night" in refused.err) == (2, True)
    assert week(commands) == {"11-18": "1", "11-21": "3"}


def test_whichever_comes_first(coach: Coach, commands: Commands) -> None:
    coach.advance("2026-11-21 03:12")
    commands.ok("cramp", "left", "calf", "7", "3m")
    assert week(commands) == {}  # the night is not over
    answer(coach, "One")
    coach.advance("2026-11-21 09:00")
    assert week(commands) == {"11-20": "1"}
    commands.ok("cramp", "late")
    assert week(commands) == {"11-20": "2+"}
    commands.ok("log", "night", "--count", "2")
    assert week(commands) == {"11-20": "2"}


def test_what_is_deleted_undone_or_moved_no_longer_counts_there(coach: Coach, commands: Commands) -> None:
    coach.advance("2026-11-21 09:00")
    number = commands("log", "cramp", "--at", "03:10", "--json").json["id"]
    commands.ok("edit", number, "--at", "2026-11-20 03:10")
    assert week(commands) == {"11-19": "1+"}
    commands.ok("undo")
    assert week(commands) == {"11-20": "1+"}
    commands("delete", number)
    assert week(commands) == {}
    commands.ok("undo")
    # The afternoon belongs to the night that follows.
    commands.ok("edit", number, "--at", "2026-11-20 13:00")
    assert commands("entries", "--night", "2026-11-20", "--json").json[0]["at"] == "2026-11-20T13:00:00+01:00"


def test_a_check_in_stays_with_its_night_however_late_its_time_is_changed_to(coach: Coach, commands: Commands) -> None:
    answer(coach, "One")
    coach.advance("2026-11-21 19:00")
    (entry,) = commands("entries", "--kind", "night", "--json").json
    commands.ok("edit", entry["id"], "--at", "14:00")
    (entry,) = commands("entries", "--night", "last", "--kind", "night", "--json").json
    assert (entry["at"], entry["night"]) == ("2026-11-21T14:00:00+01:00", "2026-11-20")


def test_a_dont_know_is_no_zero_and_neither_is_silence(coach: Coach, commands: Commands) -> None:
    coach.advance("2026-11-23 09:00")
    commands.ok("log", "night", "--at", "2026-11-21 09:00")
    assert week(commands) == {"11-20": "None"}
    assert commands.ok("week").splitlines()[-1] == "7 nights: 0 with cramps, 0 without, 1 don't know, 6 not entered"
    # A cramp in a night of which one does not know how many there were.
    commands.ok("log", "cramp", "--at", "2026-11-21 03:10")
    assert week(commands) == {"11-20": "1+"}


# --- the clock is changed --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "night"),
    [
        ("2026-03-28 12:00", "2026-03-28"),
        ("2026-03-28 23:30", "2026-03-28"),
        ("2026-03-29 01:59", "2026-03-28"),
        ("2026-03-29 02:30", "2026-03-28"),  # on a clock that nobody had put forward
        ("2026-03-29 03:00", "2026-03-28"),
        ("2026-03-29 11:59", "2026-03-28"),
        ("2026-03-29 12:00", "2026-03-29"),
        ("late", "2026-03-28"),
    ],
)
def test_the_night_of_the_spring_change(coach: Coach, commands: Commands, at: str, night: str) -> None:
    coach.jump("2026-03-29 13:00")
    assert night_of_cramp(commands, "--at", at) == night
    assert week(commands).get("03-28") == (None if night == "2026-03-29" or at.endswith("28 12:00") else "1+")


@pytest.mark.parametrize(
    ("at", "night"),
    [
        ("2026-10-24 12:00", "2026-10-24"),
        ("2026-10-25 01:59", "2026-10-24"),
        ("2026-10-25T02:30+02:00", "2026-10-24"),
        ("2026-10-25T02:30+01:00", "2026-10-24"),
        ("2026-10-25 11:59", "2026-10-24"),
        ("2026-10-25 12:00", "2026-10-25"),
        ("early", "2026-10-24"),
    ],
)
def test_the_night_of_the_autumn_change(coach: Coach, commands: Commands, at: str, night: str) -> None:
    coach.jump("2026-10-25 13:00")
    assert night_of_cramp(commands, "--at", at) == night
    assert week(commands).get("10-24") == (None if night == "2026-10-25" or at.endswith("24 12:00") else "1+")


def test_two_cramps_in_the_hour_that_came_twice_are_two_of_one_night(coach: Coach, commands: Commands) -> None:
    coach.jump("2026-10-24 20:00")
    coach.advance("2026-10-25 07:30")
    for instant in ("2026-10-25T02:30+02:00", "2026-10-25T02:30+01:00"):
        commands.ok("log", "cramp", "--at", instant)
    coach.press("Two or more")
    coach.press("No")
    assert week(commands) == {"10-24": "2+"}
    rows = commands("entries", "--kind", "cramp", "--json").json
    assert [row["at"] for row in rows] == ["2026-10-25T02:30:00+01:00", "2026-10-25T02:30:00+02:00"]


@pytest.mark.parametrize(("evening", "night"), [("2026-03-28", "03-28"), ("2026-10-24", "10-24")])
def test_the_check_in_after_a_change_is_about_that_night(
    coach: Coach, commands: Commands, evening: str, night: str
) -> None:
    coach.jump(f"{evening} 20:00")
    answer(coach, "One")
    assert week(commands) == {night: "1"}


# --- a flight --------------------------------------------------------------------------------------------------


def test_a_flight_to_the_west(coach: Coach, commands: Commands) -> None:
    """Berlin to New York, leaving on the 22nd at 17:00; the day has 30 hours."""
    coach.jump("2026-11-22 23:00")  # on the plane, by the clock of Berlin
    assert night_of_cramp(commands, "--at", "22:50") == "2026-11-22"
    coach.jump("2026-11-23 02:00", zone="America/New_York")  # where it is 20:00 on the 22nd
    assert night_of_cramp(commands, "--at", "19:30") == "2026-11-22"
    coach.advance("2026-11-23 03:12")
    assert night_of_cramp(commands, "--at", "03:10") == "2026-11-22"
    answer(coach, "Two or more")
    # One night, however long; what came in the evening, by the clock of the place, is one of the day.
    assert week(commands) == {"11-22": "2+"}
    commands.ok("log", "cramp", "--at", "2026-11-23 04:00")
    assert week(commands) == {"11-22": "3+"}
    # In the evening, 01:00 in Berlin, the next one has begun.
    coach.advance("2026-11-23 19:05")
    assert night_of_cramp(commands, "--at", "19:00") == "2026-11-23"
    # What is entered later is still of the zone that it happened in, when that is said.
    assert night_of_cramp(commands, "--at", "2026-11-21 17:30") == "2026-11-21"
    assert night_of_cramp(commands, "--at", "2026-11-21 11:30 Europe/Berlin") == "2026-11-20"
    assert night_of_cramp(commands, "--at", "2026-11-21 12:30 Europe/Berlin") == "2026-11-21"


def test_a_flight_to_the_east(coach: Coach, commands: Commands) -> None:
    """New York to Berlin, leaving on the 22nd at 18:00 and landing at 08:00 on the 23rd: a night of a few hours."""
    coach.jump("2026-11-23 00:00", zone="America/New_York")  # where it is 18:00 on the 22nd
    coach.advance("2026-11-22 23:40")
    assert night_of_cramp(commands, "--at", "23:30") == "2026-11-22"  # 05:30 in Berlin
    coach.jump("2026-11-23 02:00", zone="Europe/Berlin")  # where it is 08:00
    coach.press("One", f"{CHECK_IN}/2026-11-23/07:30")
    coach.press("No")
    assert week(commands) == {"11-22": "1"}
    # 12:30 in Berlin is 06:30 in New York: by the clock that the person now lives by it is a new day.
    coach.advance("2026-11-23 12:31")
    assert night_of_cramp(commands, "--at", "12:30") == "2026-11-23"
    (entry, *_) = commands("entries", "--night", "2026-11-22", "--kind", "cramp", "--json").json
    assert (entry["at"], entry["zone"]) == ("2026-11-22T23:30:00-05:00", "America/New_York")


# --- someone who sleeps from 04:00 to 12:00 --------------------------------------------------------------------


def test_a_late_sleeper(tmp_path: Path) -> None:
    config = '[day]\nwake = "12:00"\nbed = "04:00"\n'
    with Coach(tmp_path, now="2026-11-21 20:00", config=config) as coach:
        coach.load("cramps")
        commands = Commands(coach)
        coach.advance("2026-11-22 11:45")
        for at in ("04:30", "08:00", "11:40"):
            assert night_of_cramp(commands, "--at", at) == "2026-11-21"
        coach.advance("2026-11-22 12:30")
        assert coach.sent[-1].title == "Any cramps last night?"
        coach.press("Two or more")
        coach.press("No")
        assert week(commands) == {"11-21": "3+"}
        for part, time in (("early", "05:20"), ("middle", "08:00"), ("late", "10:40")):
            saved = commands("log", "cramp", "--at", part, "--json").json
            assert (saved["at"], saved["night"]) == (f"2026-11-22T{time}:00+01:00", "2026-11-21")
        # After midnight, before bed: the evening of the 22nd goes on, and its night begins.
        coach.advance("2026-11-23 02:00")
        assert night_of_cramp(commands, "--at", "01:50") == "2026-11-22"
        assert night_of_cramp(commands, "--at", "late") == "2026-11-21"
