"""Nobody is reminded to drink before they have said that they may; then plainly, seldom, and never with an amount."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from coaching import coach_of, titles
from commands import Commands
from crampcoach import Log
from crampcoach.testing import Coach

pytestmark = pytest.mark.pure

SCREENING, MORNING, AFTERNOON = "hydration.screening", "hydration.morning", "hydration.afternoon"
QUESTION = "Should you limit or watch what you drink?"
OFFER = "A drink, if you like"
FREE = '[profile]\nfluids = "free"\n'


def start(
    folder: Path, now: str = "2026-11-22 12:00", config: str = "", zone: str = "Europe/Berlin", *others: str
) -> Coach:
    return coach_of(folder, "hydration", *others, now=now, config=config, zone=zone)


@pytest.fixture
def coach(tmp_path: Path) -> Iterator[Coach]:
    with start(tmp_path) as coach:
        yield coach


def offers(coach: Coach) -> list[str]:
    """When which offer was shown: the days and the reminders."""
    rows = [row for row in coach.rows() if row.reminder in (MORNING, AFTERNOON) and row.shows]
    return [f"{row.day:%d} {row.reminder.partition('.')[2]}" for row in rows]


def mentions_drinks(coach: Coach) -> list[str]:
    return [one.occurrence for one in coach.recorder.sent if one.title == OFFER]


# --- the question ----------------------------------------------------------------------------------------------


def test_the_welcome_asks(coach: Coach) -> None:
    (message,) = coach.recorder.sent
    assert message.title == "Welcome to crampcoach"
    assert f"First a question. {QUESTION}\nHas anyone told you so? Or do you have" in message.body
    for who in ("heart", "kidney", "liver disease", "dialysis", "low sodium", "water tablets"):
        assert who in message.body
    # And why: whoever answers Yes or Not sure is not to wonder.
    assert "if you are not sure, crampcoach will not remind you to drink: too much could harm you" in message.body
    assert [action.label for action in message.actions] == ["Yes", "Not sure", "No"]
    assert [action.then for action in message.actions] == [
        Log("profile", fluids="limited"),
        Log("profile", fluids="limited"),
        Log("profile", fluids="free"),
    ]


def test_started_before_wake_the_welcome_comes_at_wake_and_the_question_only_once(tmp_path: Path) -> None:
    with start(tmp_path, now="2026-11-22 06:50") as coach:
        coach.advance("06:59")
        assert coach.recorder.sent == []
        coach.advance("07:00")
        assert titles(coach) == ["Welcome to crampcoach"]
        coach.advance("23:00")
        assert titles(coach) == ["Welcome to crampcoach"]
        assert coach.states() == ["expired"]
        coach.advance("2026-11-23 11:00")
        assert titles(coach) == ["Welcome to crampcoach", QUESTION]


@pytest.mark.parametrize("now", ["2026-11-22 23:30", "2026-11-23 03:00"])
def test_started_at_night_it_is_the_coming_days_question(tmp_path: Path, now: str) -> None:
    with start(tmp_path, now=now) as coach:
        coach.advance("2026-11-23 06:59")
        assert coach.recorder.sent == []
        coach.advance("2026-11-23 07:00")
        assert titles(coach) == ["Welcome to crampcoach"]
        assert [row.day for row in coach.rows()] == [date(2026, 11, 23)]
        coach.advance("2026-11-23 19:59")
        assert titles(coach) == ["Welcome to crampcoach"]


def test_the_question_comes_at_another_time_where_the_person_wants_it(tmp_path: Path) -> None:
    config = '[plugins.hydration]\nschedule.screening = "09:30"\n'
    with start(tmp_path, config=config) as coach:
        coach.advance("2026-11-23 09:30")
        assert titles(coach) == ["Welcome to crampcoach", QUESTION]


def test_it_can_be_answered_by_command_before_it_is_asked(coach: Coach, commands: Commands) -> None:
    coach.advance("20:00")  # today's has gone
    coach.advance("2026-11-23 09:00")
    assert commands.ok("done", "screening", "--answer", "no") == "hydration.screening: done; logged: profile"
    coach.advance("2026-11-23 20:00")
    assert titles(coach) == ["Welcome to crampcoach"]
    coach.advance("2026-11-24 11:00")
    assert offers(coach) == ["24 morning"]


# --- nothing before it is answered -----------------------------------------------------------------------------


def test_forty_days_without_an_answer_and_no_offer(coach: Coach) -> None:
    for _ in range(40):
        coach.advance(timedelta(days=1))
    assert mentions_drinks(coach) == []
    assert {row.reminder for row in coach.rows()} == {SCREENING}
    assert coach.entries() == ()


@pytest.mark.parametrize("label", ["Yes", "Not sure"])
def test_forty_days_for_somebody_who_may_not_or_is_not_sure(coach: Coach, label: str) -> None:
    coach.press(label)
    (entry,) = coach.entries()
    assert (entry.kind, dict(entry.fields)) == ("profile", {"fluids": "limited"})
    # Those who know best are named, at once.
    (advice,) = coach.advice
    assert "Ask your own team about cramps, and before you change what you drink" in advice.body
    for _ in range(40):
        coach.advance(timedelta(days=1))
    assert titles(coach) == ["Welcome to crampcoach"]
    assert mentions_drinks(coach) == []
    assert len(coach.advice) == 1


def test_a_time_of_its_own_is_accepted_before_and_brings_nothing(tmp_path: Path) -> None:
    config = '[plugins.hydration]\nschedule.morning = "10:10"\n'
    with start(tmp_path, config=config) as coach:
        assert coach.resting() == {}
        coach.advance("2026-11-23 12:00")
        assert mentions_drinks(coach) == []
        coach.press("No")
        coach.advance("2026-11-24 10:09")
        assert offers(coach) == []
        coach.advance("10:10")
        assert offers(coach) == ["24 morning"]


# --- whoever may drink freely ----------------------------------------------------------------------------------


def test_offers_begin_the_day_after_the_answer(tmp_path: Path) -> None:
    with start(tmp_path, now="2026-11-22 08:00") as coach:
        coach.press("No")
        assert dict(coach.entries("profile")[0].fields) == {"fluids": "free"}
        coach.advance("23:00")
        assert (offers(coach), coach.advice) == ([], [])
        coach.advance("2026-11-23 10:59")
        assert offers(coach) == []
        coach.advance("11:00")
        assert offers(coach) == ["23 morning"]
        coach.advance("15:00")
        coach.advance("2026-11-24 23:00")
        assert offers(coach) == ["23 morning", "23 afternoon", "24 morning", "24 afternoon"]
        assert QUESTION not in titles(coach)


def test_an_answer_in_the_settings_counts_from_the_start(tmp_path: Path) -> None:
    with start(tmp_path, now="2026-11-22 08:00", config=FREE) as coach:
        assert coach.recorder.sent[0].title == "Welcome to crampcoach"
        assert "question" not in coach.recorder.sent[0].body
        coach.advance("23:00")
        assert offers(coach) == ["22 morning", "22 afternoon"]


def test_the_settings_outweigh_an_answer(coach: Coach, commands: Commands) -> None:
    coach.press("No")
    coach.configure('[profile]\nfluids = "limited"\n')
    said = commands("log", "profile", "--fluids", "free")
    assert "config.toml says profile.fluids = 'limited', and that counts" in said.err
    coach.advance("2026-11-25 23:00")
    assert mentions_drinks(coach) == []


def test_the_offer(tmp_path: Path) -> None:
    with start(tmp_path, config=FREE) as coach:
        coach.advance("15:00")
        message = coach.sent[-1]
        assert (message.title, message.body) == (OFFER, "Only if you feel like one.")
        assert [action.label for action in message.actions] == ["Had one", "Snooze 10 min", "Skip"]
        coach.press("Had one")
        (entry,) = coach.entries()
        assert (entry.kind, dict(entry.fields)) == ("drink", {})


def test_an_offer_lasts_half_an_hour(tmp_path: Path) -> None:
    with start(tmp_path, config=FREE) as coach:
        coach.advance("15:29")
        assert coach.states() == ["shown"]
        coach.advance("15:30")
        assert coach.states() == ["expired"]
        assert not [key for key in coach.recorder.open if key]


def test_what_was_missed_is_not_made_up_for(tmp_path: Path) -> None:
    with start(tmp_path, config=FREE) as coach:
        coach.advance("14:50")
        coach.jump("2026-11-22 15:20")  # a machine that slept
        assert coach.states() == ["missed"]
        coach.stop()
        coach.clock.set(coach.clock.now() + timedelta(days=3, hours=-4, minutes=-10))  # the 25th, 11:10
        coach.restart()
        coach.advance("14:59")
        assert mentions_drinks(coach) == []


def test_after_a_night_with_cramps_there_is_one_offer(tmp_path: Path) -> None:
    """The morning has brought a second question then, and a day has no more than five messages."""
    with start(tmp_path, "2026-11-21 12:00", FREE, "Europe/Berlin", "cramps", "journaling", "stretching") as coach:
        coach.recorder.sent.clear()
        for day, answer in ((22, "One"), (23, "None"), (24, "Two or more"), (25, "")):
            coach.advance(f"2026-11-{day} 08:00")
            if answer:
                coach.press(answer, f"cramps.check-in/2026-11-{day}/07:30")
            coach.advance(f"2026-11-{day} 16:00")
        assert offers(coach) == ["21 afternoon", "22 morning", "23 morning", "23 afternoon", "24 morning",
                                 "25 morning", "25 afternoon"]  # fmt: skip
        coach.advance("2026-11-26 06:00")
        counted = [sum(row.day.day == day and bool(row.shows) for row in coach.rows()) for day in range(22, 26)]
        assert counted == [5, 5, 5, 5]


# --- a change of mind ------------------------------------------------------------------------------------------


def test_limited_later_is_obeyed_at_once(coach: Coach, commands: Commands) -> None:
    coach.press("No")
    coach.advance("2026-11-23 11:05")
    assert offers(coach) == ["23 morning"]
    said = commands.ok("log", "profile", "--fluids", "limited")
    assert said.startswith("\nWORTH ASKING YOUR DOCTOR ABOUT\n")
    assert not [key for key in coach.recorder.open if key.startswith("hydration")]
    assert coach.states(MORNING) == ["expired"]
    coach.advance("2026-12-31 23:00")
    assert offers(coach) == ["23 morning"]


def test_limited_while_no_agent_runs_is_obeyed_too(coach: Coach, commands: Commands) -> None:
    coach.press("No")
    coach.advance("2026-11-23 10:00")
    coach.stop()
    commands("log", "profile", "--fluids", "limited")  # starts an agent again to look at it
    coach.advance("2026-11-25 23:00")
    assert mentions_drinks(coach) == []


def test_free_later_begins_the_day_after(coach: Coach, commands: Commands) -> None:
    coach.press("Not sure")
    coach.advance("2026-11-25 08:00")
    commands.ok("log", "profile", "--fluids", "free")
    coach.advance("2026-11-25 23:00")
    assert offers(coach) == []
    coach.advance("2026-11-26 11:00")
    assert offers(coach) == ["26 morning"]


def test_another_answer_about_oneself_takes_no_offer_away(coach: Coach, commands: Commands) -> None:
    coach.press("No")
    coach.advance("2026-11-24 08:00")
    commands.ok("log", "profile", "--balance", "steady")
    coach.advance("11:00")
    assert offers(coach) == ["23 morning", "23 afternoon", "24 morning"]


# --- what is said of it ----------------------------------------------------------------------------------------


def test_commands_say_what_does_not_come(coach: Coach, commands: Commands) -> None:
    shown = [" ".join(line.split()) for line in commands.ok("plugins", "show", "hydration").splitlines()]
    assert "reminder hydration.morning: 11:00; not at present" in shown
    assert "reminder hydration.afternoon: 15:00; not at present" in shown
    assert {row["reminder"] for row in commands("plan", "--days", "7", "--json").json} == {SCREENING}
    coach.press("No")
    coach.advance("2026-11-23 08:00")
    assert {row["reminder"] for row in commands("plan", "--days", "7", "--json").json} == {MORNING, AFTERNOON}


# --- what can be entered ---------------------------------------------------------------------------------------


def test_a_drink_with_everything(coach: Coach, commands: Commands) -> None:
    commands.ok("log", "drink", "--what", "tea", "--millilitres", "250")
    (entry,) = coach.entries("drink")
    assert dict(entry.fields) == {"what": "tea", "millilitres": 250}
    assert coach.advice == []


@pytest.mark.parametrize("amount", ["0", "-1", "5001"])
def test_no_such_amount(coach: Coach, commands: Commands, amount: str) -> None:
    sentence = f"--millilitres: {amount} is not accepted; accepted is a whole number from 1 to 5000"
    assert commands.fails("log", "drink", "--millilitres", amount, status=2) == sentence
    assert coach.entries() == ()


def test_an_amount_in_words_is_no_amount(coach: Coach, commands: Commands) -> None:
    sentence = "Invalid value for '--millilitres': 'much' is not a valid integer."
    assert commands.fails("log", "drink", "--millilitres", "much", status=2) == sentence
