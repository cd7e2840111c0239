"""Tests example: what was logged comes out, a line each."""

from __future__ import annotations

from pathlib import Path

from crampcoach.testing import Coach

pytest_plugins = ["crampcoach.testing"]  # it has the fixture `coach`

PLUGIN = Path(__file__).with_name("example.py")


def test_each_entry_is_a_line(coach: Coach) -> None:
    coach.load("example", PLUGIN)
    coach.run("log", "symptoms", "--swelling", "no", "--at", "10:00")
    (line,) = coach.run("export", "example").out.splitlines()
    assert "symptoms" in line
    assert "T10:00" in line
