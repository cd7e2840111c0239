"""The coffee counter of examples/plugins: what people copy first."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from coaching import titles, waiting
from commands import Commands
from crampcoach.plugins import load_file
from crampcoach.testing import Coach
from examples import FOLDER, coach_with

pytestmark = pytest.mark.pure

NAME = "coffee_counter"
ASK = "coffee_counter.ask"


def start(folder: Path, table: str = "", now: str = "2026-11-22 08:00") -> Coach:
    return coach_with(folder, NAME, now=now, config=f"[plugins.{NAME}]\n{table}\n")


@pytest.fixture
def coach(tmp_path: Path) -> Iterator[Coach]:
    with start(tmp_path) as coach:
        yield coach


def asked(coach: Coach) -> list[str]:
    return [f"{row.wall:%H:%M}" for row in coach.rows(ASK) if row.shows]


def test_it_asks_until_the_hour_that_is_set(coach: Coach) -> None:
    coach.advance("23:59")
    assert asked(coach) == ["09:00", "12:00", "15:00"]
    assert coach.failures(NAME) == []


@pytest.mark.parametrize(
    ("hour", "times"),
    [(10, ["09:00"]), (12, ["09:00"]), (13, ["09:00", "12:00"]), (22, ["09:00", "12:00", "15:00", "18:00", "21:00"])],
)
def test_the_hour_is_the_persons(tmp_path: Path, hour: int, times: list[str]) -> None:
    with start(tmp_path, f"last_hour = {hour}") as coach:
        coach.advance("2026-11-23 06:00")
        assert asked(coach) == times


@pytest.mark.parametrize("hour", [9, 25])
def test_no_such_hour(hour: int) -> None:
    with pytest.raises(ValueError, match=f"^{hour} is not accepted; accepted is a whole number from 10 to 24$"):
        load_file(NAME, FOLDER / f"{NAME}.py").Options(last_hour=hour)


def test_what_was_put_off_does_not_come_after_that_hour(tmp_path: Path) -> None:
    with start(tmp_path, 'last_hour = 16\nschedule = "15:55"') as coach:
        coach.advance("15:55")
        coach.press("Snooze 10 min")
        coach.advance("16:30")
        assert len(coach.sent) == 1
        assert coach.states() == ["missed"]


def test_a_press_is_logged_and_counted_in_the_next_question(coach: Coach) -> None:
    coach.advance("09:00")
    assert (coach.sent[0].title, coach.sent[0].body) == ("A coffee?", "")
    assert [action.label for action in coach.sent[0].actions] == ["Had one", "Snooze 10 min", "Skip"]
    coach.press("Had one")
    assert [(entry.kind, dict(entry.fields)) for entry in coach.entries()] == [("coffee", {})]
    assert coach.states(ASK) == ["done"]
    coach.advance("12:00")
    assert coach.sent[-1].body == "Logged today: 1."
    coach.advance("2026-11-23 09:00")
    assert coach.sent[-1].body == ""  # another day


def test_a_button_for_decaf_where_it_is_wanted(tmp_path: Path) -> None:
    with start(tmp_path, "decaf = true") as coach:
        coach.advance("09:00")
        coach.press("Had a decaf")
        assert [dict(entry.fields) for entry in coach.entries()] == [{"decaf": True}]
        coach.configure(f"[plugins.{NAME}]\ndecaf = false\n")
        coach.advance("12:00")
        assert [action.label for action in coach.sent[-1].actions] == ["Had one", "Snooze 10 min", "Skip"]


def test_an_answer_ends_the_question_and_no_answer_does_too(coach: Coach) -> None:
    coach.advance("09:00")
    assert waiting(coach) == ["coffee_counter.ask/2026-11-22/09:00"]
    coach.advance("10:00")
    assert waiting(coach) == []
    assert coach.states() == ["expired"]
    assert titles(coach) == ["A coffee?"]


def test_more_at_once_and_how_much_it_was(coach: Coach, commands: Commands) -> None:
    commands.ok("log", "coffee", "--cups", "2", "--at", "2026-11-20 10:00")
    commands.ok("log", "coffee", "--cups", "3", "--at", "2026-11-20 11:00")
    coach.advance("09:00")
    coach.press("Had one")
    assert commands.ok("coffee", "--days", "4").splitlines() == [
        "Thu 2026-11-19  not entered",
        "Fri 2026-11-20  5",
        "Sat 2026-11-21  not entered",
        "Sun 2026-11-22  1",
    ]
    assert len(commands.ok("coffee").splitlines()) == 7
    wrong = commands.fails("log", "coffee", "--cups", "21", status=2)
    assert wrong == "--cups: 21 is not accepted; accepted is a whole number from 1 to 20"
