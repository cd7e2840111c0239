"""A doctor's look ends the holds of what it was a look at, and of nothing that was noticed later."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from commands import Commands, commands_of
from crampcoach.clock import zone_name
from crampcoach.model import Entry
from crampcoach.safety.kinds import EXAMINED, EXAMINED_LABEL
from crampcoach.store import entries, raised
from crampcoach.testing import Coach

pytestmark = pytest.mark.pure

DVT, ALI = "RF-DVT", "RF-ALI"


@pytest.fixture(params=["2026-11-22 11:50", "2026-03-29 01:50", "2026-10-25 02:10"], ids=["a day", "gap", "fold"])
def coach(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Coach]:
    """Also where the clock is about to go forward, and back."""
    with Coach(tmp_path, now=request.param, config="[quiet]\nenabled = false\n") as coach:
        coach.settle()
        yield coach


@pytest.fixture
def commands(
    coach: Coach, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Commands:
    return commands_of(coach, tmp_path, [], monkeypatch, capsys)


def save(coach: Coach, kind: str, ago: timedelta = timedelta(), **fields: Any) -> Entry:
    """Save an entry, perhaps of some time ago, as a command does."""
    now = coach.clock.now()
    entry = Entry(kind=kind, fields=fields, at=now - ago, zone=zone_name(coach.clock.zone(), now))
    (saved,) = entries.append(coach.agent.store.log, [entry], now)
    coach.settle()
    return saved


def holding(coach: Coach) -> set[str]:
    return set(raised.holding(coach.agent.store.log))


def closed(coach: Coach, key: str, reason: str) -> None:
    """The message goes away without a press."""
    assert coach.recorder.events
    coach.recorder.events.closed(key, reason)
    coach.settle()


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


def test_a_look_of_the_past_ends_nothing_that_was_noticed_after_it(coach: Coach) -> None:
    save(coach, "symptoms", hours(5), swelling="yes")
    save(coach, "symptoms", hours(1), cold_foot="yes")
    save(coach, EXAMINED, hours(3))
    assert holding(coach) == {ALI}
    save(coach, EXAMINED)
    assert holding(coach) == set()


def test_a_look_of_the_past_ends_what_was_noticed_before_it(coach: Coach) -> None:
    save(coach, "symptoms", hours(5), swelling="yes")
    save(coach, EXAMINED, hours(4))
    assert holding(coach) == set()


def test_a_look_said_before_a_sign_never_covers_it(coach: Coach) -> None:
    """Also where the sign is entered with an earlier time: nobody can have looked for it."""
    save(coach, EXAMINED)
    save(coach, "symptoms", hours(2), swelling="yes")
    assert holding(coach) == {DVT}


def test_the_command_says_what_still_waits(coach: Coach, commands: Commands) -> None:
    save(coach, "symptoms", swelling="yes")
    yesterday = f"{coach.clock.now() - hours(24):%Y-%m-%dT%H:%M}+00:00"
    assert "Until a doctor or nurse has looked" in commands.ok("log", EXAMINED, "--at", yesterday)
    assert "Nothing is held back any more." in commands.ok("log", EXAMINED)
    assert holding(coach) == set()


@pytest.mark.parametrize("again", [False, True], ids=["", "in a later run"])
def test_the_button_of_an_old_message_ends_nothing_newer(coach: Coach, again: bool) -> None:
    save(coach, "symptoms", swelling="yes")
    (old,) = coach.advice
    coach.advance(hours(2))
    save(coach, "symptoms", cold_foot="yes")
    if again:
        coach.restart()
        coach.settle()
    coach.press(EXAMINED_LABEL, old.occurrence)
    assert holding(coach) == {ALI}
    coach.press(EXAMINED_LABEL, coach.advice[-1].occurrence)
    assert holding(coach) == set()


def test_the_button_of_a_newer_message_ends_what_is_older(coach: Coach) -> None:
    save(coach, "symptoms", swelling="yes")
    coach.advance(hours(2))
    save(coach, "symptoms", cold_foot="yes")
    coach.press(EXAMINED_LABEL, coach.advice[-1].occurrence)
    assert holding(coach) == set()


def test_the_button_ends_the_hold_of_an_entry_that_was_deleted(coach: Coach) -> None:
    entry = save(coach, "symptoms", swelling="yes")
    entries.delete(coach.agent.store.log, entry.id, coach.clock.now())
    assert holding(coach) == {DVT}
    coach.press(EXAMINED_LABEL, coach.advice[-1].occurrence)
    assert holding(coach) == set()


# --- what nobody has read --------------------------------------------------------------------------------------


def test_advice_that_nobody_has_read_stands_in_status_and_today(coach: Coach, commands: Commands) -> None:
    """A notifier said that it showed it; no press says that anybody was there."""
    save(coach, "symptoms", swelling="yes")
    (message,) = coach.advice
    for command in ("status", "today"):
        assert message.body.splitlines()[0] in " ".join(commands.ok(command).split())
    assert commands("status", "--json").json["advice"] == [DVT]
    coach.press("I have read this", message.occurrence)
    assert "GET THIS LOOKED AT TODAY" not in commands.ok("status")
    assert commands("status", "--json").json["advice"] == []


def test_a_message_that_was_closed_was_seen(coach: Coach, commands: Commands) -> None:
    save(coach, "symptoms", swelling="yes")
    key = coach.advice[0].occurrence
    closed(coach, key, "dismissed")
    assert commands("status", "--json").json["advice"] == []


def test_one_that_went_away_by_itself_was_perhaps_not(coach: Coach, commands: Commands) -> None:
    save(coach, "symptoms", swelling="yes")
    closed(coach, coach.advice[0].occurrence, "expired")
    assert commands("status", "--json").json["advice"] == [DVT]


# --- graver signs of one record --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "flag", "heading"),
    [
        ("injured_numb", "RF-INJURY:now", "Get medical help now"),
        ("quinine_bleeding", "RF-QUININE:now", "Get medical help now"),
        ("child_unwell", "RF-CHILD:same-day", "Get this looked at today"),
        ("weaker_quickly", "RF-WEAK:same-day", "Get this looked at today"),
        ("diabetes_sore", "RF-NUMB:same-day", "Get this looked at today"),
    ],
)
def test_a_graver_sign_has_its_own_question_and_level(coach: Coach, answer: str, flag: str, heading: str) -> None:
    save(coach, "symptoms", timedelta(), **{answer: "yes"})
    (message,) = coach.advice
    assert message.title == heading
    assert (flag in holding(coach)) == (flag == "RF-INJURY:now")


# --- what plugins may say --------------------------------------------------------------------------------------

OPENS = """\
from crampcoach import Action, Message, Open, Reminder, hookimpl

START = Action(label="Start", then=Open("stretch"))

def compose(ctx, occurrence):
    return Message(title="Stretch?", actions=[START])

@hookimpl
def reminders():
    return [
        Reminder(name="untagged", schedule="every 30m 00:00-23:30", say="Stretch?", actions=[START]),
        Reminder(name="composed", schedule="every 30m 00:00-23:30", say=compose),
    ]
"""


def test_a_button_that_opens_a_measure_is_held_with_it(tmp_path: Path) -> None:
    with Coach(tmp_path, now="2026-11-22 11:50") as coach:
        coach.load("opens", OPENS)
        save(coach, "symptoms", swelling="yes")
        coach.advance("12:10")
        assert coach.states("opens.untagged")[-1] == "missed"
        assert "held" in coach.rows("opens.untagged")[-1].reason
        assert "give the reminder tags=['stretch']" in coach.rows("opens.composed")[-1].reason


BUTTONS = """\
from crampcoach import Action, Log, Reminder, hookimpl

@hookimpl
def reminders():
    say = [
        Action(label="Loosen", then=Log("profile", balance="steady", anticoagulant="no", fluids="free", country="US")),
        Action(label="Tighten", then=Log("profile", balance="unsteady", anticoagulant="yes", fluids="limited")),
    ]
    return [Reminder(name="asks", schedule="every 30m 00:00-23:30", say="?", actions=say)]
"""


def test_a_plugins_button_may_tighten_and_not_loosen(tmp_path: Path) -> None:
    """Only the question about fluids is answered by message, and only while nobody has answered it."""
    with Coach(tmp_path, now="2026-11-22 11:50") as coach:
        coach.load("asks", BUTTONS)

        def press(label: str) -> tuple[str, str, str, str]:
            coach.advance(timedelta(minutes=31))
            coach.press(label, coach.sent[-1].occurrence)
            profile = coach.agent.roster.config.profile
            return profile.balance, profile.anticoagulant, profile.fluids, profile.country

        assert press("Loosen") == ("unknown", "unknown", "free", "auto")
        assert press("Tighten") == ("unsteady", "yes", "limited", "auto")
        assert press("Loosen") == ("unsteady", "yes", "limited", "auto")
