"""Restraint: a reminder that nobody answers for seven days goes quiet, says so once, and comes back when wanted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from coaching import coach_of
from commands import Commands
from crampcoach.clock import to_wall
from crampcoach.deciding import GONE_QUIET
from crampcoach.model import Message
from crampcoach.notifier import Delivered, Failed
from crampcoach.store.ignored import PATIENCE
from crampcoach.testing import Coach

pytestmark = pytest.mark.pure

PLUGIN = """\
from crampcoach import Reminder, hookimpl

@hookimpl
def reminders():
    coffee = Reminder(name="coffee", schedule="15:00", say="Coffee?")
    return [coffee, Reminder(name="tea", schedule="16:00", say="Tea?")]
"""
SAID = "I have gone quiet"
MANY = "[notify]\nmax_per_day = 100\n"


def start(folder: Path, now: str = "2026-11-02 14:00", zone: str = "Europe/Berlin", plugin: str = PLUGIN) -> Coach:
    return coach_of(folder, sources={"of": plugin}, now=now, zone=zone, config=MANY)


@pytest.fixture
def coach(tmp_path: Path) -> Iterator[Coach]:
    with start(tmp_path) as one:
        yield one


def pass_days(coach: Coach, many: int, answer: str = "") -> int:
    """Let days pass, from 14:00 to 14:00; on each the coffee is answered so, or not. How often it was shown."""
    before = count(coach)
    for _ in range(many):
        coach.advance("15:05")
        key = [one.occurrence for one in coach.sent if one.reminder == "of.coffee"][-1:]
        if answer and key and key[0] in coach.recorder.open:
            coach.press(answer, key[0])
        coach.advance("14:00")
    return count(coach) - before


def count(coach: Coach, reminder: str = "of.coffee") -> int:
    return sum(message.reminder == reminder for message in coach.sent)


def quiet(coach: Coach) -> list[Message]:
    """Every "I have gone quiet" about the coffee so far."""
    return [one for one in coach.recorder.sent if one.title == SAID and "of.coffee" in one.body]


def announced(commands: Commands) -> set[str]:
    """What a calendar for a phone brings of the next two days."""
    said = commands.ok("export", "ical", "--days", "2", "--names")
    return {line.partition(":")[2].strip() for line in said.splitlines() if line.startswith("SUMMARY:")}


def newest(coach: Coach) -> tuple[str, str]:
    row = coach.rows("of.coffee")[-1]
    return row.state, row.reason


# --- going quiet -----------------------------------------------------------------------------------------------


def test_after_seven_days_it_goes_quiet_and_says_so_once(coach: Coach) -> None:
    assert PATIENCE == 7
    assert pass_days(coach, 7) == 7
    assert newest(coach) == ("expired", "no answer")
    assert quiet(coach) == []
    assert pass_days(coach, 1) == 0
    assert newest(coach) == ("missed", GONE_QUIET)
    (message,) = quiet(coach)
    assert [action.label for action in message.actions] == ["Resume", "Stay quiet"]
    assert pass_days(coach, 12) == 0
    assert newest(coach) == ("missed", GONE_QUIET)
    assert len(quiet(coach)) == 1


def test_it_stays_quiet_for_good(coach: Coach) -> None:
    pass_days(coach, 8)
    coach.press("Stay quiet", quiet(coach)[0].occurrence)
    assert pass_days(coach, 100) == 0
    coach.restart()
    assert pass_days(coach, 2) == 0
    assert len(quiet(coach)) == 1


def test_each_reminder_goes_by_itself(coach: Coach) -> None:
    """The tea is answered on the fourth day."""
    pass_days(coach, 3)
    coach.advance("16:05")
    coach.press("Done", [one.occurrence for one in coach.sent if one.reminder == "of.tea"][-1])
    coach.advance("14:00")
    pass_days(coach, 6)
    assert len(quiet(coach)) == 1
    assert count(coach, "of.tea") == 10


def test_an_answer_a_week_keeps_it(coach: Coach) -> None:
    for answer in ("Done", "snooze", "Skip", "Done"):
        assert pass_days(coach, 6) == 6
        assert pass_days(coach, 1, answer) == (2 if answer == "snooze" else 1)
    assert quiet(coach) == []


def test_a_snooze_every_day_is_an_answer_every_day(coach: Coach) -> None:
    assert pass_days(coach, 10, "snooze") == 20
    assert quiet(coach) == []


def test_a_late_answer_counts_from_when_it_was_given(coach: Coach) -> None:
    """Some servers leave the old message there."""
    pass_days(coach, 1)
    first = coach.sent[0]
    pass_days(coach, 5)
    coach.recorder.open[first.occurrence] = first
    coach.press("Done", first.occurrence)
    assert pass_days(coach, 7) == 7
    assert quiet(coach) == []
    assert pass_days(coach, 1) == 0


def test_a_message_that_was_dismissed_was_not_answered(coach: Coach) -> None:
    for _ in range(7):
        coach.advance("15:05")
        assert coach.recorder.events
        coach.recorder.events.closed(coach.sent[-1].occurrence, "dismissed")
        coach.advance("14:00")
    assert pass_days(coach, 1) == 0
    assert len(quiet(coach)) == 1


def test_what_nobody_could_show_is_said_again_the_next_day(coach: Coach) -> None:
    pass_days(coach, 7)
    coach.recorder.verdict = Failed("dark")
    assert pass_days(coach, 2) == 0
    assert quiet(coach) == []
    coach.recorder.verdict = Delivered("recorded")
    assert pass_days(coach, 3) == 0
    assert len(quiet(coach)) == 1


# --- what does not count ---------------------------------------------------------------------------------------


def test_days_while_the_machine_was_off_do_not_count(coach: Coach) -> None:
    assert pass_days(coach, 6) == 6
    for _ in range(4):
        coach.stop()
        coach.clock.set(coach.clock.now() + timedelta(days=2))
        coach.settle()
    assert pass_days(coach, 1) == 1
    assert quiet(coach) == []
    assert pass_days(coach, 1) == 0


def test_days_of_a_pause_do_not_count_and_nothing_is_said_in_it(coach: Coach, commands: Commands) -> None:
    assert pass_days(coach, 6) == 6
    commands.ok("pause")
    assert pass_days(coach, 5) == 0
    commands.ok("resume")
    assert pass_days(coach, 1) == 1
    commands.ok("pause")
    assert pass_days(coach, 3) == 0
    assert quiet(coach) == []
    commands.ok("resume")
    assert quiet(coach) == []


@pytest.mark.once
def test_days_that_nobody_could_show_do_not_count(coach: Coach) -> None:
    coach.recorder.verdict = Failed("dark")
    assert pass_days(coach, 8) == 0
    coach.recorder.verdict = Delivered("recorded")
    assert pass_days(coach, 7) == 7
    assert quiet(coach) == []


def test_days_of_a_hold_do_not_count(tmp_path: Path) -> None:
    with start(tmp_path, plugin=PLUGIN.replace('say="Coffee?"', 'say="Coffee?", tags=["stretch"]')) as coach:
        pass_days(coach, 6)
        coach.configure(MANY + '[profile]\nadult = "no"\n')
        pass_days(coach, 5)
        coach.configure(MANY)
        assert pass_days(coach, 1) == 1
        assert quiet(coach) == []


# --- what is announced -----------------------------------------------------------------------------------------


def test_a_phone_is_not_to_ask_for_what_has_gone_quiet(tmp_path: Path) -> None:
    with coach_of(tmp_path, "exporters", sources={"of": PLUGIN}, now="2026-11-02 14:00", config=MANY) as coach:
        commands = Commands(coach)
        for _ in range(PATIENCE):
            assert announced(commands) == {"of.coffee", "of.tea"}
            coach.advance("16:05")
            coach.press("Done", [one.occurrence for one in coach.sent if one.reminder == "of.tea"][-1])
            coach.advance("14:00")
        assert announced(commands) == {"of.tea"}
        held = {row["reminder"]: row["held"] for row in commands("plan", "--days", "1", "--json").json}
        assert held == {"of.coffee": GONE_QUIET, "of.tea": ""}
        assert commands("status", "--json").json["next"]["reminder"] == "of.tea"
        commands.ok("resume")
        assert announced(commands) == {"of.coffee", "of.tea"}


# --- coming back -----------------------------------------------------------------------------------------------


def test_the_button_brings_it_back(coach: Coach) -> None:
    pass_days(coach, 8)
    coach.press("Resume", quiet(coach)[0].occurrence)
    assert pass_days(coach, 7) == 7
    assert pass_days(coach, 3) == 0
    assert len(quiet(coach)) == 2


def test_the_button_works_after_a_restart(coach: Coach) -> None:
    pass_days(coach, 8)
    coach.restart()
    coach.press("Resume", quiet(coach)[0].occurrence)
    assert pass_days(coach, 2) == 2


def test_resume_brings_it_back(coach: Coach, commands: Commands) -> None:
    pass_days(coach, 8)
    assert "of.coffee" in commands.ok("resume")
    assert pass_days(coach, 7) == 7


def test_an_answer_by_command_brings_it_back(coach: Coach, commands: Commands) -> None:
    pass_days(coach, 9)
    commands.ok("done", "coffee")
    coach.advance("14:00")
    assert pass_days(coach, 6) == 6
    assert pass_days(coach, 4) == 1
    assert len(quiet(coach)) == 2


def test_one_that_is_resumed_leaves_the_others_quiet(coach: Coach) -> None:
    pass_days(coach, 9)
    coach.press("Resume", quiet(coach)[0].occurrence)
    pass_days(coach, 2)
    assert (count(coach), count(coach, "of.tea")) == (9, 7)


# --- clocks and zones ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("began", "wall"),
    [
        ("2026-10-21 14:00", "15:00"),
        ("2027-03-24 14:00", "15:00"),
        ("2026-10-21 01:00", "02:30"),
        ("2027-03-24 01:00", "02:30"),
    ],
)
def test_a_week_with_a_repeated_or_a_missing_hour_has_seven_days(tmp_path: Path, began: str, wall: str) -> None:
    plugin = PLUGIN.replace('"15:00"', f'"{wall}", quiet="show"')
    with start(tmp_path, began, plugin=plugin) as coach:
        for shown in (*range(1, 8), 7, 7):
            coach.advance(began[-5:])
            assert count(coach) == shown
        assert len(quiet(coach)) == 1


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Pacific/Auckland", "Pacific/Kiritimati"])
def test_a_flight_makes_it_neither_sooner_nor_later(coach: Coach, zone: str) -> None:
    pass_days(coach, 3)
    coach.jump(timedelta(), zone)
    before = coach.clock.now()
    while count(coach) < 7 and coach.clock.now() - before < timedelta(days=8):
        coach.advance(timedelta(hours=1))
    days = {row.day for row in coach.rows("of.coffee") if row.shown}
    assert len(days) == 7
    coach.advance(timedelta(days=4))
    assert count(coach) == 7
    assert len(quiet(coach)) == 1


@pytest.mark.parametrize("years", [-1, 1])
def test_a_clock_that_was_wrong_for_an_hour_changes_nothing(coach: Coach, years: int) -> None:
    pass_days(coach, 5)
    coach.jump(timedelta(days=365 * years))
    coach.advance(timedelta(minutes=30))
    coach.jump(timedelta(days=-365 * years))
    assert pass_days(coach, 1) == 1
    assert quiet(coach) == []


def test_a_resume_under_a_clock_a_year_ahead_does_not_count_for_a_year(coach: Coach, commands: Commands) -> None:
    pass_days(coach, 8)
    now = coach.clock.now()
    coach.jump(timedelta(days=365))
    assert "of.coffee" in commands.ok("resume")
    coach.jump(now - coach.clock.now())
    pass_days(coach, 8)
    assert len(quiet(coach)) == 2


def test_answers_far_back_say_nothing_about_now(coach: Coach) -> None:
    assert pass_days(coach, 3, "Done") == 3
    assert pass_days(coach, 7) == 7
    assert pass_days(coach, 60) == 0
    assert datetime(2027, 1, 1) < to_wall(coach.clock.now(), coach.clock.zone())
