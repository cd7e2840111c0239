"""Tests example: a real agent runs it, with a clock that stands still until the test moves it."""

from __future__ import annotations

from pathlib import Path

from crampcoach.testing import Coach

pytest_plugins = ["crampcoach.testing"]  # it has the fixture `coach`

PLUGIN = Path(__file__).with_name("example.py")


def test_it_comes_and_its_button_is_logged(coach: Coach) -> None:
    # Whatever schedule the file has, config.toml can name another.
    coach.configure('[plugins.example]\nschedule = "15:00"\n')
    coach.load("example", PLUGIN)
    coach.advance("15:00")
    (message,) = coach.sent
    coach.press(message.actions[0].label)
    assert [entry.kind for entry in coach.entries()] == ["example"]
    assert coach.failures("example") == []
