"""A doctor's look ends the holds of what it was a look at, and of nothing that was noticed later."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from commands import Commands
from crampcoach.actions import Open
from crampcoach.clock import zone_name
from crampcoach.model import Entry
from crampcoach.safety.kinds import EXAMINED, EXAMINED_LABEL
from crampcoach.store import entries, notices, raised
from crampcoach.store.backup import backup
from crampcoach.store.database import Database
from crampcoach.store.schema import LOG
from crampcoach.testing import Coach

pytestmark = pytest.mark.pure

DVT, ALI = "RF-DVT", "RF-ALI"


@pytest.fixture(params=["2026-11-22 11:50", "2026-03-29 01:50", "2026-10-25 02:10"], ids=["a day", "gap", "fold"])
def coach(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Coach]:
    """Also where the clock is about to go forward, and back."""
    with Coach(tmp_path, now=request.param, config="[quiet]\nenabled = false\n") as coach:
        coach.settle()
        yield coach


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
    assert (flag in holding(coach)) == (flag in ("RF-INJURY:now", "RF-CHILD:same-day"))


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
        coach.load("opens", OPENS, strict=False)
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


# --- what fresh eyes found ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("argv", [["--debug", "log", EXAMINED], ["--no-plugins", "stretch"], ["-h"]])
def test_no_button_hides_its_command_behind_an_option(argv: list[str]) -> None:
    with pytest.raises(ValueError, match="its name first"):
        Open(*argv)


@pytest.mark.parametrize("tag", ["Stretch", "stretching", "HEAT ", "Welcome"])
def test_a_slip_in_a_tag_is_named(tag: str, tmp_path: Path) -> None:
    source = f"""
from crampcoach import Reminder, hookimpl

@hookimpl
def reminders():
    return [Reminder(name="daily", schedule="12:00", say="?", tags=[{tag!r}])]
"""
    with Coach(tmp_path, now="2026-11-22 11:50") as coach:
        coach.load("slips", source, strict=False)
        coach.settle()
        assert "did you mean" in coach.agent.roster.resting["slips"]


def test_a_plugins_unknown_takes_no_answer_back(tmp_path: Path) -> None:
    buttons = BUTTONS.replace('balance="steady", anticoagulant="no", fluids="free"', 'pregnant="unknown"')
    with Coach(tmp_path, now="2026-11-22 11:50") as coach:
        coach.load("asks", buttons)
        save(coach, "profile", pregnant="yes")
        coach.advance("12:01")
        coach.press("Loosen", coach.sent[-1].occurrence)
        assert asdict(coach.agent.roster.config.profile)["pregnant"] == "yes"
        save(coach, "profile", pregnant="unknown")
        assert asdict(coach.agent.roster.config.profile)["pregnant"] == "unknown"


def test_unread_advice_outlives_a_restart_and_comes_once_more(coach: Coach, commands: Commands) -> None:
    """The server of the last run is gone, and its messages with it."""
    save(coach, "symptoms", breathless="yes")
    for shown in (2, 2, 2):
        coach.stop()
        coach.recorder.open.clear()
        coach.restart()
        coach.settle()
        assert len(coach.advice) == shown
        assert commands("status", "--json").json["advice"] == ["RF-PE"]


def test_a_server_that_dies_of_it_is_not_asked_for_ever(coach: Coach, commands: Commands) -> None:
    save(coach, "symptoms", breathless="yes")
    key = coach.advice[0].occurrence
    for _ in range(5):
        closed(coach, key, "lost")
    assert len(coach.advice) == 2
    assert commands("status", "--json").json["advice"] == ["RF-PE"]


def test_many_unread_messages_lose_none_that_matters(coach: Coach, commands: Commands) -> None:
    save(coach, "symptoms", breathless="yes")
    for number in range(25):
        coach.advance(timedelta(minutes=1))
        save(coach, "drink", what=f"tonic water {number}")
    assert commands("status", "--json").json["advice"] == ["RF-PE", "M-QUININE"]
    coach.restart()
    coach.press(EXAMINED_LABEL, coach.advice[0].occurrence)
    assert holding(coach) == set()


def test_the_same_sign_entered_again_and_again_is_told_once(coach: Coach) -> None:
    """Nobody was there to tell; now there is."""
    coach.stop()
    now, zone = coach.clock.now(), zone_name(coach.clock.zone(), coach.clock.now())
    with closing(Database(coach.home.log_db, LOG)) as log:
        for _ in range(10):
            entries.append(log, [Entry(kind="symptoms", fields={"breathless": "yes"}, at=now, zone=zone)], now)
    coach.restart()
    coach.settle()
    assert len(coach.advice) == 1
    assert raised.untold(coach.agent.store.log) == []


def test_what_is_read_is_what_was_printed(coach: Coach) -> None:
    """An entry that comes between printing and marking is not taken for read."""
    save(coach, "symptoms", breathless="yes")
    state = coach.agent.store.state
    (notice,) = notices.standing(state.connection)
    with state.transaction() as connection:
        notices.add(connection, replace(notice, key="advice/later"))
        notices.mark_read(connection, [notice.key])
    assert [(one.key, one.read) for one in notices.standing(state.connection)] == [
        (notice.key, True),
        ("advice/later", False),
    ]


def test_a_look_settles_the_message_too(coach: Coach, commands: Commands) -> None:
    save(coach, "symptoms", swelling="yes")
    commands.ok("log", EXAMINED)
    coach.settle()
    assert commands("status", "--json").json["advice"] == []
    assert not [key for key in coach.recorder.open if key]


def test_a_look_settles_what_no_message_has_told(
    coach: Coach, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Signs and look by command while no agent runs: nothing asks any more for what has been done."""
    coach.stop()
    settle = coach.settle
    monkeypatch.setattr(coach, "settle", lambda: None)
    for field in ("swelling", "after_medicine"):
        commands.ok("log", "symptoms", f"--{field.replace('_', '-')}", "yes")
    assert commands("status", "--json").json["advice"] == [DVT, "RF-DRUG"]
    commands.ok("log", EXAMINED)
    assert commands("status", "--json").json["advice"] == ["RF-DRUG"]
    monkeypatch.setattr(coach, "settle", settle)
    coach.restart()
    coach.settle()
    assert len(coach.advice) == 1
    assert "pharmacist" in coach.advice[0].body
    commands.ok("undo")
    assert DVT in commands("status", "--json").json["advice"]


def test_what_a_look_itself_says_now_is_not_settled_by_it(coach: Coach) -> None:
    now, zone = coach.clock.now(), zone_name(coach.clock.zone(), coach.clock.now())
    looked = Entry(kind=EXAMINED, note="Nurse: swelling is a bruise. Now chest pain.", at=now, zone=zone)
    save(coach, "symptoms", swelling="yes")
    entries.append(coach.agent.store.log, [looked], now)
    assert holding(coach) == {"RF-PE"}


def test_only_who_showed_a_message_hears_its_press(coach: Coach) -> None:
    save(coach, "symptoms", swelling="yes")
    coach.agent.presses.events("somebody-else").answer(coach.advice[0].occurrence, EXAMINED)
    coach.agent.presses.events("somebody-else").closed(coach.advice[0].occurrence, "dismissed")
    coach.settle()
    assert holding(coach) == {DVT}
    assert len(notices.standing(coach.agent.store.state.connection)) == 1


def test_a_command_that_recovers_a_log_brings_a_hold_back(coach: Coach, commands: Commands) -> None:
    backup(coach.agent.store.log, coach.home.backup_dir, coach.clock.now())
    save(coach, "symptoms", swelling="yes")
    coach.stop()
    coach.home.log_db.write_bytes(b"\xff" * 8192)
    for tail in ("-wal", "-shm"):
        coach.home.log_db.with_name(f"log.db{tail}").unlink(missing_ok=True)
    said = commands("status", "--json")
    assert "the hold stays on" in said.err
    assert set(json.loads(said.out)["held"]) == {"stretch", "massage", "heat"}
    coach.restart()


def test_an_edit_of_what_was_looked_at_ends_nothing_newer(coach: Coach) -> None:
    old = save(coach, "symptoms", swelling="yes")
    save(coach, "symptoms", cold_foot="yes")
    save(coach, EXAMINED, up_to=old.id)
    assert holding(coach) == {ALI}
    changed = replace(old, fields={"swelling": "yes", "breathless": "yes"})
    entries.edit(coach.agent.store.log, changed, coach.clock.now())
    assert holding(coach) == {ALI, "RF-PE"}


def test_an_edit_says_that_nothing_is_held_any_more(coach: Coach, commands: Commands) -> None:
    entry = save(coach, "symptoms", swelling="yes")
    yesterday = f"{coach.clock.now() - hours(24):%Y-%m-%dT%H:%M}+00:00"
    commands.ok("log", EXAMINED, "--at", yesterday)
    earlier = f"{coach.clock.now() - hours(48):%Y-%m-%dT%H:%M}+00:00"
    assert "Nothing is held back any more." in commands.ok("edit", entry.id, "--at", earlier)
    commands.ok("undo")
    assert holding(coach) == {DVT}
