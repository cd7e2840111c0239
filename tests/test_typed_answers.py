"""Where a button cannot be pressed, the message says what to type instead; three notifiers lay it out, each its way."""

from __future__ import annotations

import pytest

from crampcoach import Action, Log, Message, Open, Skip, Snooze
from crampcoach_desktop.request import arguments

pytestmark = pytest.mark.pure

NIGHT = "cramps.night/2026-11-23/07:30"
OPENS = (Action(label="Done"), Action(label="Open today", then=Open("today")))


def typed(*actions: Action, occurrence: str = NIGHT) -> list[tuple[str, str, str]]:
    message = Message(title="Any cramps?", actions=actions, occurrence=occurrence)
    return [(one.lead, one.command, one.label) for one in message.typed()]


def test_every_button_has_its_command() -> None:
    assert typed(
        Action(label="Done"),
        Action(label="None", then=Log("night", count=0)),
        Action(label="Two or more", then=Log("night", count=2), key="more"),
        Action(label="Later", then=Snooze(10)),
        Action(label="No", then=Skip()),
        Action(label="Questions", then=Open("log", "cramp")),
    ) == [
        ("Answer with", "crampcoach done cramps.night", "Done"),
        ("or", "crampcoach done cramps.night --answer none", "None"),
        ("or", "crampcoach done cramps.night --answer more", "Two or more"),
        ("or", "crampcoach snooze cramps.night", "Later"),
        ("or", "crampcoach skip cramps.night", "No"),
        ("or", "crampcoach log cramp", "Questions"),
    ]


@pytest.mark.parametrize("occurrence", ["", "welcome", "try-stretching.evening", "away/20261122T220000"])
def test_what_is_no_occurrence_can_be_opened_but_not_answered(occurrence: str) -> None:
    assert typed(Action(label="Done"), occurrence=occurrence) == []
    assert typed(*OPENS, occurrence=occurrence) == [("Type", "crampcoach today", "Open today")]


def test_a_notification_server_without_buttons_says_what_opens_a_command_too() -> None:
    away = Message(title="While you were away", body="Two reminders", actions=OPENS, occurrence="away/20261122T220000")
    assert arguments(away, 0, frozenset())[4] == "Two reminders\nType: crampcoach today  (Open today)"
