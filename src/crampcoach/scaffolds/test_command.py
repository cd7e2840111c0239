"""Tests example: its command counts what was logged."""

from __future__ import annotations

from pathlib import Path

from crampcoach.testing import Coach

pytest_plugins = ["crampcoach.testing"]  # it has the fixture `coach`

PLUGIN = Path(__file__).with_name("example.py")


def test_it_counts(coach: Coach) -> None:
    coach.load("example", PLUGIN)
    assert coach.run("example").out == "Nothing was logged.\n"
    coach.run("log", "symptoms", "--swelling", "no")
    assert coach.run("example", "--days", "1").out == "symptoms: 1\n"
