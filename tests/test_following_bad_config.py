"""A mistake in config.toml keeps nobody from adding, mending or removing a plugin while the agent runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from coaching import OFF, coach_that_follows
from coffee import COFFEE
from crampcoach.testing import Coach

pytestmark = pytest.mark.pure

#: Every bundled plugin is off.
TYPO = f'{OFF}[day]\nwake = "7:00x"\n[plugins.coffee]\nschedule = "16:00"\n'


@pytest.fixture
def coach(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Coach]:
    with coach_that_follows(tmp_path, monkeypatch) as one:
        yield one


def drop(coach: Coach, source: str) -> Path:
    path = coach.home.plugin_dir / "coffee.py"
    path.write_text(source)
    path.chmod(0o600)
    coach.settle()
    return path


def test_the_plugin_folder_is_followed_while_the_config_cannot_be_used(coach: Coach) -> None:
    before = len(coach.said)
    coach.configure(TYPO)
    file = drop(coach, COFFEE)
    coach.advance("15:00")
    assert [message.title for message in coach.sent] == ["Coffee today?"], "by the settings from before"
    drop(coach, COFFEE.replace("today?", "now?"))
    coach.advance("2026-11-23 15:00")
    assert coach.sent[-1].title == "Coffee now?"
    drop(coach, "raise OSError('dry')")
    assert coach.resting() == {"coffee": "loading it raised OSError: dry"}
    drop(coach, COFFEE)
    assert coach.resting() == {}
    file.unlink()
    coach.settle()
    coach.settle()
    assert "coffee" not in coach.agent.roster.loaded
    said = "\n".join(coach.said[before:])
    assert said.count("the settings from before stay in force") == said.count("7:00x") == 1, "it is said once"
    for what in ("added", "changed", "removed"):
        assert f"plugins looked at again; changed: plugin coffee ({what})" in said
    assert "config read again" not in said
    coach.configure(OFF)
    coach.configure(TYPO)
    assert "\n".join(coach.said).count("the settings from before stay in force") == 2, "a new mistake is said again"


def test_a_file_that_is_missed_for_a_moment_does_not_have_the_mistake_said_again_and_again(coach: Coach) -> None:
    file = drop(coach, COFFEE)
    coach.configure(TYPO)
    file.unlink()
    for _ in range(5):
        coach.settle()
    assert "\n".join(coach.said).count("stay in force") == 1
    assert coach.agent.roster.missed() is None
