"""An agent that dies between two given steps: the next one goes on as if nothing had happened, and doubles nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from crampcoach.store import answers as stored_answers
from crampcoach.testing import Coach
from crashing import COFFEE_KEY, DIED, POINTS, coach_at, press, screen_of

pytestmark = pytest.mark.pure

STOPPED = "crampcoach was stopped while it was being shown"


def dying(folder: Path, point: str) -> None:
    """An agent plays, or goes on, and dies at the point."""
    command = [sys.executable, str(Path(__file__).with_name("crashing.py")), "die", str(folder), point]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == DIED, done.stderr


def kinds(coach: Coach) -> list[str]:
    return sorted(entry.kind for entry in coach.entries())


def unentered(coach: Coach) -> int:
    return len(stored_answers.unentered(coach.agent.store.state.connection))


def row(coach: Coach) -> tuple[str, str, int]:
    (found,) = coach.rows("coffee.daily")
    return found.state, found.reason, found.shows


def had_one(coach: Coach) -> None:
    """Press, and find it done and entered once, now and later."""
    press(coach, "had-one")
    for _ in range(2):
        assert row(coach)[0] == "done"
        assert kinds(coach) == ["coffee", "echo"]
        assert unentered(coach) == 0
        coach.restart()


def test_between_the_commit_of_shown_and_the_notifier_it_is_shown_by_the_next_run(tmp_path: Path) -> None:
    dying(tmp_path, "before the notifier is called")
    with coach_at(tmp_path) as coach:
        assert screen_of(coach).shown() == []
        coach.settle()
        assert screen_of(coach).shown() == [COFFEE_KEY]
        assert row(coach) == ("shown", "", 2)
        had_one(coach)


def test_between_the_notifier_and_the_commit_of_delivered_it_is_shown_once_more_and_no_more(tmp_path: Path) -> None:
    dying(tmp_path, "before `delivered` is stored")
    with coach_at(tmp_path) as coach:
        assert screen_of(coach).shown() == [COFFEE_KEY]
        for _ in range(3):
            coach.restart()
            assert screen_of(coach).shown() == [COFFEE_KEY, COFFEE_KEY]
        assert row(coach) == ("shown", "", 2)
        had_one(coach)


@pytest.mark.parametrize("point", ["before the notifier is called", "before `delivered` is stored"])
def test_dying_there_again_and_again_never_becomes_a_loop(tmp_path: Path, point: str) -> None:
    dying(tmp_path, point)
    dying(tmp_path, point)
    with coach_at(tmp_path) as coach:
        before = screen_of(coach).shown()
        coach.advance("15:59")
        assert row(coach) == ("shown", "", 2)
        coach.advance("16:01")
        assert row(coach) == ("missed", STOPPED, 2)
        assert screen_of(coach).shown().count(COFFEE_KEY) == len(before)


def test_what_nobody_may_have_seen_is_not_called_unanswered(tmp_path: Path) -> None:
    dying(tmp_path, "before the notifier is called")
    with coach_at(tmp_path, now="2026-11-22 18:00") as coach:
        coach.settle()
        assert row(coach) == ("missed", STOPPED, 1)
        assert screen_of(coach).shown() == []


def test_a_press_that_dies_with_the_agent_can_be_made_again(tmp_path: Path) -> None:
    dying(tmp_path, "before the answer is stored")
    with coach_at(tmp_path) as coach:
        coach.settle()
        assert row(coach) == ("shown", "", 2)
        assert kinds(coach) == []
        assert screen_of(coach).shown() == [COFFEE_KEY, COFFEE_KEY]
        had_one(coach)


@pytest.mark.parametrize(
    "point",
    ["before the log entry", "before the plugin makes its entries", "before the answer is marked as entered"],
)
def test_an_answer_that_was_stored_is_entered_by_the_next_run_and_only_once(tmp_path: Path, point: str) -> None:
    dying(tmp_path, point)
    dying(tmp_path, point)
    with coach_at(tmp_path) as coach:
        for _ in range(3):
            coach.restart()
            assert row(coach) == ("done", "", 1)
            assert kinds(coach) == ["coffee", "echo"]
            assert unentered(coach) == 0
        assert screen_of(coach).shown() == [COFFEE_KEY]


def test_each_of_several_snoozes_is_entered(tmp_path: Path) -> None:
    with coach_at(tmp_path) as coach:
        for now in ("15:00", "15:10"):
            coach.advance(now)
            press(coach, "snooze")
        coach.advance("15:20")
        press(coach, "had-one")
        coach.restart()
        assert [entry.fields.get("action") for entry in coach.entries("echo")] == ["snooze", "snooze", "had-one"]
        assert unentered(coach) == 0


def test_every_point_was_tried() -> None:
    source = Path(__file__).read_text("utf-8")
    assert all(f'"{point}"' in source for point in POINTS)


@pytest.mark.once
def test_dying_at_each_write_and_each_call_of_the_notifier_loses_and_doubles_nothing(tmp_path: Path) -> None:
    command = [sys.executable, str(Path(__file__).with_name("crashing.py")), "everywhere", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    figures = json.loads(done.stdout)
    # Fewer would mean that the points are not found any more.
    assert figures["points"] > 40, figures
    assert figures["died again"] > 20, figures
