"""What nobody may take away: a hold behind a damaged log, advice behind a restart, a profile behind a typo."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from agent_process import Nest, agent
from coaching import coach_of
from commands import Commands
from crampcoach.safety.kinds import EXAMINED, EXAMINED_LABEL
from crampcoach.store import raised
from crampcoach.testing import Coach
from desktop import WitnessProcess, private_bus, wait_for, witness

OPENS = """\
from crampcoach import Action, Open, Reminder, hookimpl

@hookimpl
def reminders():
    thanks = Action(label="Thanks", then=Open("log", "examined"))
    plan = Action(label="Plan", then=Open("plan"))
    return [Reminder(name="morning", schedule="13:00, 14:00", say="Good morning", actions=[thanks, plan])]
"""


@pytest.fixture
def coach(tmp_path: Path) -> Iterator[Coach]:
    with coach_of(tmp_path, "cramps", "stretching", now="2026-11-22 06:55") as coach:
        yield coach


def swollen(coach: Coach) -> str:
    """Answer the morning's questions; the key of the advice."""
    coach.advance("07:31")
    coach.press("One")
    coach.press("Yes, swelling")
    (advice,) = coach.advice
    return advice.occurrence


def damage(coach: Coach) -> None:
    """Its log can no longer be read."""
    with coach.home.log_db.open("rb+") as file:
        file.write(b"\xff" * 4096)
    for tail in ("-wal", "-shm"):
        coach.home.log_db.with_name(f"log.db{tail}").unlink(missing_ok=True)


@pytest.mark.pure
def test_a_hold_newer_than_the_backup_of_a_damaged_log_stays_on(coach: Coach) -> None:
    swollen(coach)
    assert raised.holding(coach.agent.store.log) == ("RF-DVT",)
    coach.stop()
    damage(coach)
    coach.restart()
    assert raised.holding(coach.agent.store.log) == ("RF-DVT",)
    assert any("the hold stays on" in line for line in coach.said)
    coach.advance("22:30")
    assert "missed" in coach.states("stretching.evening")
    coach.restart()
    assert len(coach.entries("symptoms")) == 1, "it is entered again once"


@pytest.mark.pure
@pytest.mark.parametrize("backed_up", [False, True])
def test_so_does_one_that_a_command_has_saved_while_no_agent_runs(coach: Coach, backed_up: bool) -> None:
    coach.stop()
    if backed_up:
        assert coach.run("backup").status == 0
    assert coach.run("log", "symptoms", "--swelling", "yes").status == 0
    damage(coach)
    said = coach.run("stretch", "--list-steps")
    assert "the hold stays on" in said.err
    assert said.status == 1
    assert coach.run("log", "examined").status == 0
    damage(coach)
    assert coach.run("stretch", "--list-steps").status == 0


@pytest.mark.pure
def test_so_does_one_that_came_by_an_import_of_a_command(coach: Coach, tmp_path: Path) -> None:
    coach.load("exporters")
    coach.run("log", "symptoms", "--swelling", "yes")
    assert coach.run("export", "jsonl", "-o", str(tmp_path / "log.jsonl")).status == 0
    with coach_of(tmp_path / "other", "cramps", "stretching", "exporters", now="2026-11-22 07:00") as other:
        other.stop()
        assert other.run("import", "jsonl", str(tmp_path / "log.jsonl")).status == 0
        damage(other)
        assert "the hold stays on" in other.run("stretch", "--list-steps").err


@pytest.mark.pure
def test_a_hold_that_a_doctor_ended_does_not_come_back_by_its_copy(coach: Coach) -> None:
    swollen(coach)
    coach.press(EXAMINED_LABEL)
    coach.restart()
    assert raised.holding(coach.agent.store.log) == ()
    assert coach.entries("symptoms")[0].origin != "kept"


@pytest.mark.pure
def test_a_press_on_a_message_that_was_never_shown_ends_nothing(coach: Coach) -> None:
    swollen(coach)
    assert coach.recorder.events is not None
    coach.recorder.events.answer("advice/nonsense", EXAMINED)
    coach.settle()
    assert coach.entries(EXAMINED) == ()
    assert raised.holding(coach.agent.store.log) == ("RF-DVT",)


@pytest.mark.pure
def test_a_plugins_button_does_not_type_for_the_person(tmp_path: Path) -> None:
    with Coach(tmp_path, now="2026-11-22 12:55") as coach:
        coach.load("of", OPENS)
        coach.advance("13:00")
        coach.press("Thanks")
        assert coach.opened == []
        coach.advance("14:00")
        coach.press("Plan")
        assert coach.opened == [("plan",)]


@pytest.mark.pure
def test_the_follow_up_comes_though_the_days_number_is_reached_and_in_a_pause(coach: Coach, commands: Commands) -> None:
    coach.configure("[notify]\nmax_per_day = 1\n")
    coach.advance("07:31")
    commands.ok("pause")
    coach.press("One")
    assert coach.rows("cramps.follow-up")[0].state == "shown"


@pytest.mark.pure
def test_what_was_answered_last_counts_whatever_the_clock_said(coach: Coach, commands: Commands) -> None:
    coach.jump(timedelta(days=365))
    assert commands("log", "profile", "--fluids", "free").status == 0
    coach.jump(timedelta(days=-365))
    assert commands("log", "profile", "--fluids", "limited").status == 0
    coach.settle()
    assert coach.agent.roster.config.profile.fluids == "limited"


@pytest.mark.pure
def test_a_mistake_in_the_config_hides_no_pregnancy(coach: Coach, commands: Commands) -> None:
    coach.home.config_dir.mkdir(exist_ok=True)
    assert commands("stretch", "--list-steps").status == 0
    coach.home.config_file.write_text('[profile]\npregnant = "yes"\n[day]\nbed = 22:15\n')
    ended = commands("stretch", "--list-steps")
    assert ended.status == 1
    assert "config check" in ended.err + ended.out
    coach.home.config_file.write_text("[day]\nbed = 22:15\n")
    assert commands("stretch", "--list-steps").status == 0


@pytest.fixture
def server() -> Iterator[tuple[str, WitnessProcess]]:
    with private_bus() as bus, witness(bus) as process:
        yield bus, process


@pytest.mark.real
def test_a_press_on_advice_counts_after_a_restart(tmp_path: Path, server: tuple[str, WitnessProcess]) -> None:
    bus, process = server
    nest = Nest(tmp_path / "home", {"DBUS_SESSION_BUS_ADDRESS": bus, "CRAMPCOACH_PLUGINS": "desktop"})
    with agent(nest) as first:
        assert nest.run("log", "symptoms", "--swelling", "yes").code == 0
        shown = process.wait_for(lambda seen: seen.get("title") == "Get this looked at today", 10)
        wait_for(lambda: nest.asked("status")["held"], 5, "it holds")
        first.stop()
    with agent(nest) as second:
        process.press(shown["id"], EXAMINED)
        wait_for(lambda: nest.asked("entries", "--kind", EXAMINED), 5, "the press counts")
        assert nest.asked("status")["held"] == {}
        second.stop()


@pytest.mark.pure
def test_what_has_to_wait_is_not_announced_as_next(coach: Coach) -> None:
    coach.advance("19:30")
    assert coach.run("log", "symptoms", "--swelling", "yes").status == 0
    coach.restart()
    (ready,) = [line for line in coach.said if line.startswith("ready: ")][-1:]
    assert "cramps.check-in" in ready
    assert "stretching" not in ready
