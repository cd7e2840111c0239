"""Tests example: a message gets to the file."""

from __future__ import annotations

from pathlib import Path

from crampcoach import Action, Message, Unconfirmed
from crampcoach.testing import Coach

pytest_plugins = ["crampcoach.testing"]  # it has the fixture `coach`

PLUGIN = Path(__file__).with_name("example.py")


def test_a_message_gets_to_the_file(coach: Coach) -> None:
    file = coach.home.config_dir / "messages.txt"
    coach.configure(f"[plugins.example]\nfile = '{file}'\n")
    coach.load("example", PLUGIN)
    (notifier,) = coach.call("example", "notifiers")
    assert notifier.show(Message(title="Tea?", body="A cup.", actions=[Action(label="Had one")])) == Unconfirmed()
    assert "Tea?\nA cup.\n" in file.read_text(encoding="utf-8")
    assert coach.failures("example") == []
