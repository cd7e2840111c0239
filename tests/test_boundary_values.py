"""What a plugin hands over is checked where it is made, with a sentence that its author can act on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

import crampcoach
from crampcoach import Action, Advice, Delivered, Entry, Failed, Kind, Log, Message, Open, QuietTime, Reminder, Snooze
from crampcoach.testing import Coach

pytestmark = pytest.mark.pure

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
WRONG: list[tuple[Callable[..., object], dict[str, Any], str]] = [
    (Message, {"title": ""}, "Message: title: give a text, not ''"),
    (Action, {"label": "Had one", "then": "done"}, "Action 'Had one': then='done' is none of Done(), Skip()"),
    (Snooze, {"minutes": 0}, "Snooze(0): give whole minutes from 1 to 1440"),
    (Reminder, {"name": "Daily", "schedule": "15:00", "say": "?"}, "use a short name of lower-case letters"),
    (Reminder, {"name": "daily", "schedule": "15:00", "say": "?", "actions": "x"}, "actions: give a list, not 'x'"),
    (Kind, {"name": "tea", "title": "Tea", "fields": dict}, "Kind 'tea': fields must be a dataclass type"),
    (Advice, {"id": "tea", "level": "bad", "title": "?", "text": "?"}, "use one of now, same-day, routine"),
    (QuietTime, {"start": NOON, "end": NOON}, "is not after its start"),
    (Delivered, {"receipt": 3}, "Delivered: receipt must be a text or None, not 3"),
    (Failed, {"reason": 3}, "Failed: reason must be a text, not 3"),
    (lambda: Log("Bad kind"), {}, "use a short name of lower-case letters"),
    (Open, {}, "Open(): give the words of a crampcoach command"),
    (Entry, {"kind": "tea", "at": "03:10"}, "Entry 'tea': at='03:10': give an aware datetime, or None"),
    (Entry, {"kind": "tea", "at": datetime(2026, 11, 22)}, "Entry 'tea': at=2026-11-22 00:00:00 has no time zone"),
    (Entry, {"kind": "tea", "night": NOON}, "give the date of its evening, or None"),
    (Entry, {"kind": "tea", "origin": 3}, "Entry 'tea': origin must be a text"),
]


@pytest.mark.parametrize(("of", "given", "sentence"), WRONG, ids=[one[2] for one in WRONG])
def test_what_cannot_be_made_says_why(of: Callable[..., object], given: dict[str, Any], sentence: str) -> None:
    with pytest.raises((TypeError, ValueError)) as caught:
        of(**given)
    assert sentence in str(caught.value)


@pytest.mark.parametrize("name", crampcoach.__all__)
def test_a_public_name_says_what_it_is_and_a_value_cannot_be_changed(name: str) -> None:
    one: Any = getattr(crampcoach, name)
    assert one.__doc__
    if is_dataclass(one):
        values: Any = one  # the types of dataclasses do not know how one was made
        assert values.__dataclass_params__.frozen
        assert {each.name for each in fields(values)} <= set(values.__slots__)


def test_what_a_notifier_returns_is_named_by_its_type_only(coach: Coach) -> None:
    """The agent itself would trip over a value that cannot be shown."""
    source = (
        "from crampcoach import *\n"
        "class Odd:\n    def __repr__(self): raise ValueError('not me')\n"
        "class Lamp:\n    name = 'lamp'\n    def start(self, events): pass\n    def show(self, message): return Odd()\n"
        "    def withdraw(self, occurrence): pass\n    def close(self): pass\n"
        "@hookimpl\ndef notifiers(): return [Lamp()]\n"
        "@hookimpl\ndef reminders(): return [Reminder(name='daily', schedule='15:00', say='Tea?')]\n"
    )
    coach.load("lamp", source, strict=False)
    coach.configure("[notify]\norder = ['lamp', 'recorder']\n")
    coach.advance("15:00")
    assert [message.title for message in coach.sent] == ["Tea?"]
    assert "lamp.show() returned Odd; see the Notifier protocol" in {one.reason for one in coach.failures("lamp")}
