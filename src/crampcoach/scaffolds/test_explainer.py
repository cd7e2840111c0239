"""Tests example: what it explains is graded, has sources, and can be read."""

from __future__ import annotations

from pathlib import Path

from crampcoach.testing import Coach

pytest_plugins = ["crampcoach.testing"]  # it has the fixture `coach`

PLUGIN = Path(__file__).with_name("example.py")


def test_it_is_explained_with_its_sources(coach: Coach) -> None:
    coach.load("example", PLUGIN)
    (explainer,) = coach.call("example", "explainers")
    shown = coach.run("explain", "example").out
    assert explainer.title in shown
    for source in explainer.sources:
        assert source.title in shown
