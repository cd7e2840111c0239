"""Whatever is done to plugins while the agent runs counts at once, loses no occurrence, and is said in one line."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from agent_process import Nest, agent
from coaching import OFF, coach_that_follows
from coffee import COFFEE
from crampcoach.control import poke
from crampcoach.options import document
from crampcoach.plugins import discover
from crampcoach.testing import Coach

#: Every bundled plugin is off, so that the config decides what is on.
TEA = """\
from crampcoach import Reminder, hookimpl

@hookimpl
def reminders():
    return [Reminder(name="daily", schedule="15:30", say="Tea?", grace="4h")]
"""
PATIENT = COFFEE.replace('say="Coffee today?"', 'say="Coffee today?", grace="4h"')


@pytest.fixture
def coach(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Coach]:
    with coach_that_follows(tmp_path, monkeypatch) as one:
        yield one


def drop(coach: Coach, name: str, source: str) -> str:
    """Put a file into the plugin folder of the running agent; what the agent then says."""
    before = len(coach.said)
    path = coach.home.plugin_dir / name
    path.write_text(source)
    path.chmod(0o600)
    coach.settle()
    return "\n".join(coach.said[before:])


def remove(coach: Coach, name: str) -> str:
    before = len(coach.said)
    coach.home.plugin_dir.joinpath(name).unlink()
    coach.settle()
    return "\n".join(coach.said[before:])


def configure(coach: Coach, more: str) -> str:
    before = len(coach.said)
    coach.configure(OFF + more)
    return "\n".join(coach.said[before:])


def titles(coach: Coach) -> list[str]:
    return [message.title for message in coach.sent]


# --- what counts at once, and what is said ---------------------------------------------------------------------


@pytest.mark.pure
def test_a_file_that_is_added_fires_and_one_that_is_removed_takes_its_message_along(coach: Coach) -> None:
    assert drop(coach, "coffee.py", COFFEE) == "config read again; changed: plugin coffee (added)"
    coach.advance("15:00")
    assert titles(coach) == ["Coffee today?"]
    assert remove(coach, "coffee.py") == "config read again; changed: plugin coffee (removed)"
    (row,) = coach.rows("coffee.*")
    assert (row.state, row.reason) == ("expired", "the reminder was turned off")
    assert coach.recorder.withdrawn == [row.key]


@pytest.mark.pure
def test_what_is_turned_off_is_silent_and_what_is_turned_on_again_comes_from_then_on(coach: Coach) -> None:
    drop(coach, "coffee.py", PATIENT)
    assert configure(coach, "[plugins.coffee]\nenabled = false\n") == "config read again; changed: plugin coffee (off)"
    coach.advance("15:10")
    assert coach.rows("coffee.*") == []
    assert configure(coach, "") == "config read again; changed: plugin coffee (on)"
    coach.advance("16:00")
    assert coach.rows("coffee.*") == [], "an edit makes nothing due in the past"
    coach.advance("2026-11-23 15:00")
    assert titles(coach) == ["Coffee today?"]


@pytest.mark.pure
def test_options_that_are_edited_count_and_what_is_open_stays_and_can_be_answered(coach: Coach) -> None:
    drop(coach, "coffee.py", PATIENT)
    coach.advance("15:05")
    said = configure(coach, "[plugins.coffee]\nschedule = '16:00'\n")
    assert said == "config read again; changed: plugin coffee (settings)"
    assert coach.states("coffee.*") == ["shown"]
    coach.press("Had one")
    assert len(coach.entries("coffee")) == 1
    assert configure(coach, "[plugins.coffee]\nschedule = '17:00'\n").endswith("coffee (settings)")
    coach.advance("2026-11-23 17:00")  # on this day it is done already
    assert [f"{row.day:%d} {row.wall:%H:%M} {row.state}" for row in coach.rows("coffee.*")] == [
        "22 15:00 done",
        "22 17:00 withdrawn",
        "23 17:00 shown",
    ]


@pytest.mark.pure
def test_a_file_that_is_changed_says_the_new_words_and_keeps_what_is_open(coach: Coach) -> None:
    drop(coach, "coffee.py", PATIENT.replace("today?", "now?"))
    coach.advance("15:05")
    assert drop(coach, "coffee.py", PATIENT) == "config read again; changed: plugin coffee (changed)"
    assert coach.states("coffee.*") == ["shown"]
    coach.press("Had one")
    assert len(coach.entries("coffee")) == 1
    coach.advance("15:00")
    assert titles(coach) == ["Coffee now?", "Coffee today?"]


@pytest.mark.pure
def test_several_changes_at_once_are_one_line(coach: Coach) -> None:
    drop(coach, "coffee.py", COFFEE)
    drop(coach, "tea.py", TEA)
    coach.home.plugin_dir.joinpath("tea.py").unlink()
    coach.home.plugin_dir.joinpath("cocoa.py").write_text(TEA)
    said = configure(coach, "[plugins.coffee]\nschedule = '16:00'\n[quiet]\nenabled = false\n")
    changed = "quiet, plugin cocoa (added), plugin coffee (settings), plugin tea (removed)"
    assert said == f"config read again; changed: {changed}"


@pytest.mark.pure
def test_two_files_of_nearly_the_same_name_are_two_modules(coach: Coach) -> None:
    options = """\
from __future__ import annotations
from dataclasses import dataclass
from crampcoach import hookimpl
class Size(int): ...
@dataclass(frozen=True)
class Options:
    size: Size = Size(3)
@hookimpl
def options(): return Options
"""
    drop(coach, "a-b.py", options)
    drop(coach, "a_b.py", TEA)
    assert coach.resting() == {}
    sizes = [document(one.options_type) for one in coach.agent.roster.loaded.values() if one.options_type]
    assert [one.name for (one, *_), *_ in sizes if one.name == "size"] == ["size"]
    coach._names |= {"a-b", "a_b"}
    assert "option    size = 3" in coach.run("plugins", "show", "a-b").out
    assert '"a-b"' in coach.run("config", "schema").out


@pytest.mark.pure
def test_the_tests_of_a_plugin_beside_it_are_no_plugins(coach: Coach) -> None:
    drop(coach, "coffee.py", COFFEE)
    for name in ("test_coffee.py", "conftest.py"):
        assert drop(coach, name, "raise AssertionError('imported')") == ""
    assert set(discover(coach.home.plugin_dir)) - set(discover(Path())) == {"coffee"}
    assert coach.resting() == {}


# --- no occurrence is lost -------------------------------------------------------------------------------------


@pytest.mark.pure
@pytest.mark.parametrize("change", ["coffee.py", "tea.py"])
def test_what_comes_due_in_the_middle_of_a_change_is_not_lost(
    coach: Coach, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    """Its time comes after the last look by the old rules, and before the new ones count."""
    drop(coach, "coffee.py", PATIENT)
    coach.advance("14:59")
    coach.clock.set(coach.clock.now() + timedelta(seconds=59, milliseconds=500))
    replan = type(coach.agent.timetable).replan

    def slowly(timetable: object, name: str) -> None:
        coach.clock.set(coach.clock.now() + timedelta(seconds=1))
        replan(timetable, name)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(type(coach.agent.timetable), "replan", slowly)
        drop(coach, change, PATIENT.replace("Coffee", "More coffee") if change == "coffee.py" else TEA)
    assert coach.states("coffee.*") == ["shown"]


BROKEN = {
    "a slip": "def reminders(:\n",
    "nothing": "",
    "raises": PATIENT + "\nraise OSError('dry')\n",
    "hangs": PATIENT + "\nimport time\ntime.sleep(60)\n",
    "no such hook": PATIENT.replace("def reminders", "def remainders"),
    "a bad schedule": PATIENT.replace("15:00", "25:00"),
    "notifiers raise": PATIENT + "\n@hookimpl\ndef notifiers(): raise OSError('dry')\n",
    "quiet times raise": PATIENT + "\n@hookimpl\ndef quiet_times(): raise OSError('dry')\n",
    "somebody else's kind": PATIENT.replace('Kind(name="coffee"', 'Kind(name="symptoms"'),
}


@pytest.mark.pure
@pytest.mark.parametrize("source", BROKEN.values(), ids=BROKEN)
def test_one_that_becomes_broken_rests_whole_and_what_is_open_waits_for_it(coach: Coach, source: str) -> None:
    good = PATIENT.replace("15:00", "13:00, 15:00")
    drop(coach, "coffee.py", good)
    coach.advance("13:00")
    said = drop(coach, "coffee.py", source)
    assert said.splitlines()[-1] == "config read again; changed: plugin coffee (changed)"
    assert "it rests until it is mended" in said
    assert set(coach.resting()) == {"coffee"}
    assert "coffee" not in coach.agent.roster.loaded
    # What is on the screen can be answered; what comes due waits.
    assert coach.states("coffee.*") == ["shown"]
    coach.press("Had one")
    assert [entry.kind for entry in coach.entries()] == ["coffee"], "what a button logs needs no plugin"
    coach.advance("15:05")
    assert coach.states("coffee.*") == ["done", "due"]
    assert titles(coach) == ["Coffee today?"]
    assert drop(coach, "coffee.py", good) == "config read again; changed: plugin coffee (changed)"
    assert titles(coach) == ["Coffee today?"] * 2
    assert coach.states("coffee.*") == ["done", "shown"]
    coach.press("Had one")
    assert len(coach.entries()) == 2


@pytest.mark.pure
@pytest.mark.parametrize("source", [PATIENT.replace("Coffee", "A coffee"), PATIENT], ids=["changed", "the same"])
def test_an_editor_that_deletes_and_writes_anew_costs_no_occurrence(
    coach: Coach, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    """The agent is woken in between, as by a command."""
    monkeypatch.setattr("crampcoach.roster.GONE", 3600.0)
    drop(coach, "coffee.py", PATIENT)
    coach.advance("15:05")
    assert remove(coach, "coffee.py") == ""
    assert 3500 < (coach.agent.roster.missed() or 0) <= 3600, "it looks again by itself"
    assert coach.states("coffee.*") == ["shown"]
    assert drop(coach, "coffee.py", source) == "config read again; changed: plugin coffee (changed)"
    assert coach.agent.roster.missed() is None
    coach.press("Had one")
    assert len(coach.entries("coffee")) == 1
    assert coach.recorder.withdrawn == []


@pytest.mark.pure
def test_one_that_rests_waits_for_an_editor_too(coach: Coach, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crampcoach.roster.GONE", 3600.0)
    drop(coach, "coffee.py", PATIENT)
    coach.advance("15:05")
    drop(coach, "coffee.py", "raise OSError('dry')")
    assert remove(coach, "coffee.py") == ""
    assert set(coach.resting()) == {"coffee"}
    drop(coach, "coffee.py", PATIENT)
    assert (coach.resting(), coach.states("coffee.*")) == ({}, ["shown"])


@pytest.mark.pure
def test_what_is_off_is_off_though_its_file_may_come_back(coach: Coach, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crampcoach.roster.GONE", 3600.0)
    drop(coach, "coffee.py", PATIENT)
    coach.advance("15:05")
    remove(coach, "coffee.py")
    configure(coach, "[plugins.coffee]\nenabled = false\n")
    assert coach.states("coffee.*") == ["expired"]


@pytest.mark.pure
def test_one_that_is_mended_too_late_has_missed_its_time(coach: Coach) -> None:
    drop(coach, "coffee.py", COFFEE)
    drop(coach, "coffee.py", "")
    coach.advance("16:30")
    (row,) = coach.rows("coffee.*")
    assert (row.state, row.reason) == ("missed", "its plugin rests")
    drop(coach, "coffee.py", COFFEE)
    coach.advance("15:00")
    assert titles(coach) == ["Coffee today?"]


@pytest.mark.pure
def test_a_mended_plugin_hears_of_the_answers_that_were_given_meanwhile(coach: Coach) -> None:
    hears = (
        PATIENT
        + "\nfrom crampcoach import Entry\n@hookimpl\ndef responded(): return [Entry(kind='coffee', note='heard')]\n"
    )
    drop(coach, "coffee.py", hears)
    coach.advance("15:00")
    drop(coach, "coffee.py", "")
    coach.press("Had one")
    assert [entry.note for entry in coach.entries()] == [""]
    drop(coach, "coffee.py", hears)
    assert sorted(entry.note for entry in coach.entries()) == ["", "heard"]


@pytest.mark.pure
def test_a_file_that_is_saved_in_two_steps_is_whole_in_the_end(coach: Coach) -> None:
    """Editors empty a file before they fill it; the agent may look in between."""
    drop(coach, "coffee.py", PATIENT)
    coach.advance("15:00")
    drop(coach, "coffee.py", "")
    drop(coach, "coffee.py", PATIENT[:100])
    drop(coach, "coffee.py", PATIENT)
    assert coach.resting() == {}
    assert coach.states("coffee.*") == ["shown"]


# --- the real agent --------------------------------------------------------------------------------------------


@pytest.mark.real
def test_the_real_agent_follows_each_change_within_a_second(tmp_path: Path) -> None:
    nest = Nest(tmp_path / "home")
    nest.configure(OFF.replace("[plugins.terminal]\nenabled = false\n", ""))
    with agent(nest, terminal=True) as running:

        def follows(line: str, *command: str) -> None:
            before = len(running.lines)
            if command:
                assert nest.run(*command).code == 0
            else:
                assert poke(nest.home.socket_file)
            said = running.wait_line("changed:", 20, before)  # unasked it looks each minute
            assert said == f"config read again; changed: {line}"

        nest.drop("coffee", PATIENT)
        follows("plugin coffee (added)")
        nest.make_due("coffee.daily", "15:00")
        running.wait_line("Coffee today?")
        nest.drop("coffee", PATIENT + "raise OSError('dry')\n")
        before = len(running.lines)
        follows("plugin coffee (changed)")
        running.wait_line("plugin coffee: loading it raised OSError: dry; it rests until it is mended", 5, before)
        assert nest.row("coffee.daily").state == "shown"
        nest.drop("coffee", PATIENT)
        follows("plugin coffee (changed)")
        assert nest.today() == {"coffee.daily": "shown"}
        assert nest.run("done", "coffee").code == 0
        follows("plugin coffee (off)", "plugins", "disable", "coffee")
        follows("plugin coffee (on)", "plugins", "enable", "coffee")
        before = len(running.lines)
        nest.home.plugin_dir.joinpath("coffee.py").unlink()
        assert poke(nest.home.socket_file)
        # Not before it is sure that no editor is at work, and then by itself.
        assert running.wait_line("changed:", 5, before) == "config read again; changed: plugin coffee (removed)"
        assert [entry["kind"] for entry in nest.asked("entries")] == ["coffee"]
        running.stop()
