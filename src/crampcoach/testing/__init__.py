"""The kit for testing a plugin: the real agent in a home of its own, with a clock that you set and a notifier to press.

Nothing is imitated but the clock and the notifier: planner, store, delivery, guarded calls and commands are the agent's
own. In a conftest.py, `pytest_plugins = ["crampcoach.testing"]` gives tests the fixture `coach`::

    def test_it_asks_at_three(coach):
        coach.load("coffee", Path("coffee.py"))
        coach.advance("15:00")
        coach.press("Had one")
        assert [entry.kind for entry in coach.entries()] == ["coffee"]
        assert "coffee" in coach.run("entries").out

`@pytest.mark.coach(now="2026-03-28 12:00", zone="Europe/Berlin", config="...")` says how it begins. Without pytest:
`with Coach(folder, now=...) as coach:`.

PYTEST_DONT_REWRITE: a conftest.py may import from here before pytest does.
"""

from __future__ import annotations

from crampcoach.testing.coach import Coach
from crampcoach.testing.command_line import Said
from crampcoach.testing.failures import PluginFailed
from crampcoach.testing.handed_clock import HandedClock
from crampcoach.testing.recorder import Recorder

__all__ = ["Coach", "HandedClock", "PluginFailed", "Recorder", "Said"]

#: Only pytest reads this: the fixture and the marker are there where it is, and nobody else needs it.
pytest_plugins = ["crampcoach.testing.pytest_plugin"]
