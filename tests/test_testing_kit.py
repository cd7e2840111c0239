"""The plugin author's kit does what it says: a real agent, a clock you hand it, a notifier you can press."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from zoneinfo import ZoneInfo

import pytest

from coffee import COFFEE
from crampcoach import Action, Delivered, Failed, Reminder, Unconfirmed, hookimpl
from crampcoach.testing import Coach

pytestmark = pytest.mark.pure

TOP = Path(__file__).resolve().parent.parent

HOURLY = """\
from crampcoach import Reminder, hookimpl

@hookimpl
def reminders():
    return [Reminder(name="hour", schedule="every 1h 00:00-23:00", say="Hour", quiet="show")]
"""


def local(coach: Coach) -> str:
    return coach.clock.now().astimezone(coach.clock.zone()).isoformat(timespec="minutes")


# --- the nine-line plugin --------------------------------------------------------------------------------------


def test_the_nine_line_plugin_works_as_written(tmp_path: Path) -> None:
    with Coach(tmp_path, now="2026-11-22 14:00") as coach:
        coach.load("coffee", COFFEE)
        coach.advance("14:59")
        assert coach.sent == []
        coach.advance("15:00")
        (message,) = coach.sent
        assert message.title == "Coffee today?"
        assert [action.label for action in message.actions] == ["Had one", "Snooze 10 min", "Skip"]
        coach.press("Had one")
        assert [entry.kind for entry in coach.entries()] == ["coffee"]
        assert coach.states("coffee.daily") == ["done"]


def test_the_readme_prints_that_plugin() -> None:
    assert f"```python\n{COFFEE}```" in (TOP / "README.md").read_text()
    assert len([line for line in COFFEE.splitlines() if line.strip()]) == 9


# --- load ------------------------------------------------------------------------------------------------------


def module() -> ModuleType:
    made = ModuleType("given_plugin", "A module.")

    def reminders() -> list[Reminder]:
        return [Reminder(name="daily", schedule="15:00", say="From a module", actions=(Action(label="Yes"),))]

    reminders.__module__ = made.__name__
    vars(made)["reminders"] = hookimpl(reminders)
    return made


def test_load_a_module(tmp_path: Path) -> None:
    with Coach(tmp_path) as coach:
        coach.load("given", module())
        coach.advance("15:00")
        assert [message.title for message in coach.sent] == ["From a module"]


def test_load_a_file(tmp_path: Path) -> None:
    path = tmp_path / "elsewhere.py"
    path.write_text(COFFEE)
    with Coach(tmp_path / "home") as coach:
        coach.load("coffee", path)
        coach.advance("15:00")
        assert coach.states() == ["shown"]


def test_load_an_installed_one(tmp_path: Path) -> None:
    with Coach(tmp_path) as coach:
        coach.load("stretching")
        assert [reminder.name for reminder in coach.call("stretching", "reminders")] == ["evening"]
        assert set(coach.agent.roster.loaded) == {"recorder", "stretching"}


def test_load_while_it_runs(tmp_path: Path) -> None:
    with Coach(tmp_path) as coach:
        coach.advance("13:00")
        coach.load("coffee", COFFEE)
        coach.load("coffee", COFFEE.replace("15:00", "16:00"))
        coach.advance("15:30")
        assert coach.sent == []
        coach.advance("16:00")
        assert len(coach.sent) == 1


def test_what_cannot_be_loaded_is_named(tmp_path: Path) -> None:
    with Coach(tmp_path) as coach:
        coach.load("bad", "raise OSError('dry')")
        coach.load("near", "def reminder(): ...")
        assert coach.resting() == {
            "bad": "loading it raised OSError: dry",
            "near": "reminder() is no hook; did you mean 'reminders'? (a helper's name starts with '_')",
        }
        assert "OSError: dry" in coach.failures("bad")[0].detail
        assert coach.failures("near")[0].detail == ""


# --- time ------------------------------------------------------------------------------------------------------


def test_advance(tmp_path: Path) -> None:
    with Coach(tmp_path, now="2026-11-22 12:00") as coach:
        coach.advance("15:00")
        assert local(coach) == "2026-11-22T15:00+01:00"
        coach.advance("14:00")
        assert local(coach) == "2026-11-23T14:00+01:00"
        coach.advance("14:00")
        assert local(coach) == "2026-11-24T14:00+01:00"
        coach.advance("2026-11-25 07:30")
        assert local(coach) == "2026-11-25T07:30+01:00"
        coach.advance(timedelta(minutes=5))
        assert local(coach) == "2026-11-25T07:35+01:00"
        coach.advance("2026-11-01 00:00")
        assert local(coach) == "2026-11-25T07:35+01:00", "time does not pass backwards"


@pytest.mark.parametrize(("day", "hours"), [("2026-03-28", 23), ("2026-03-27", 24), ("2026-10-24", 24)])
def test_advance_through_a_change_of_the_clock(tmp_path: Path, day: str, hours: int) -> None:
    with Coach(tmp_path, now=f"{day} 12:00") as coach:
        coach.load("hourly", HOURLY)
        begun = coach.clock.now()
        coach.advance("12:00")
        assert local(coach)[11:16] == "12:00"
        rows = coach.rows("hourly.*")
        # In autumn the day has 25 hours, and the repeated one counts once.
        assert len(rows) == hours
        assert len({row.due for row in rows}) == hours
        assert len(coach.sent) <= 8 * 2
        elapsed = (coach.clock.now() - begun) / timedelta(hours=1)
        assert elapsed == (25 if day == "2026-10-24" else hours)


def test_jump_skips_what_lies_between(tmp_path: Path) -> None:
    with Coach(tmp_path, now="2026-11-22 14:00") as coach:
        coach.load("coffee", COFFEE)
        coach.settle()
        coach.jump("2026-11-22 20:00")
        assert coach.states() == ["missed"]
        coach.jump("14:00")
        assert local(coach) == "2026-11-22T14:00+01:00", "a jump may go back"
        coach.advance("16:30")
        assert (coach.states(), coach.sent) == (["missed"], [])


def test_jump_to_another_zone(tmp_path: Path) -> None:
    with Coach(tmp_path, now="2026-11-22 14:00") as coach:
        coach.jump("14:00", zone="America/New_York")
        assert local(coach) == "2026-11-22T08:00-05:00"
        coach.advance("09:00")
        assert coach.clock.now() == datetime(2026, 11, 22, 14, tzinfo=UTC)
        assert coach.clock.zone() == ZoneInfo("America/New_York")


def test_restart_keeps_the_home(tmp_path: Path) -> None:
    with Coach(tmp_path) as coach:
        coach.load("coffee", COFFEE)
        coach.advance("15:00")
        agent = coach.agent
        coach.restart()
        assert coach.agent is not agent
        assert coach.states() == ["shown"]
        coach.stop()
        coach.jump("15:30")
        coach.press("Had one")
        assert len(coach.entries("coffee")) == 1


def test_configure_is_followed_at_once(tmp_path: Path) -> None:
    with Coach(tmp_path, config='[plugins.coffee]\nschedule = "13:00"\n') as coach:
        coach.load("coffee", COFFEE)
        coach.advance("13:00")
        coach.configure('[plugins.coffee]\nschedule = "17:00"\n')
        coach.advance("17:00")
        assert [f"{row.wall:%H:%M}" for row in coach.rows()] == ["13:00", "17:00"]
        assert any("config read again" in line for line in coach.said)


# --- the notifier ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("button", ["Had one", "had-one"])
def test_press_by_label_and_by_key(tmp_path: Path, button: str) -> None:
    with Coach(tmp_path) as coach:
        coach.load("coffee", COFFEE)
        coach.advance("15:00")
        coach.press(button)
        assert len(coach.entries("coffee")) == 1
        assert [key for key in coach.recorder.open if key] == []


def test_press_of_a_named_message(tmp_path: Path) -> None:
    with Coach(tmp_path) as coach:
        coach.load("coffee", COFFEE)
        coach.load("tea", COFFEE.replace("offee", "ea").replace("Cea", "Tea").replace('"cea"', '"tea"'))
        coach.advance("15:00")
        assert len(coach.sent) == 2
        coach.press("Had one", "coffee.daily/2026-11-22/15:00")
        assert (coach.states("coffee.*"), coach.states("tea.*")) == (["done"], ["shown"])


def test_press_of_what_is_not_there(tmp_path: Path) -> None:
    with Coach(tmp_path) as coach:
        coach.load("coffee", COFFEE)
        coach.settle()
        with pytest.raises(LookupError, match="no message is there to press 'Had one' on; there is nothing"):
            coach.press("Had one")
        coach.advance("15:00")
        with pytest.raises(LookupError, match="no button 'Tea'; it has Had one, Snooze 10 min, Skip"):
            coach.press("Tea")
        coach.advance("16:00")
        with pytest.raises(LookupError, match="there is nothing"):
            coach.press("Had one")
        assert coach.recorder.withdrawn == ["coffee.daily/2026-11-22/15:00"]


def test_a_notifier_that_fails_or_does_not_know(tmp_path: Path) -> None:
    with Coach(tmp_path) as coach:
        coach.load("coffee", COFFEE)
        coach.recorder.verdict = Failed("no lamp")
        coach.advance("15:02")
        assert coach.sent == []
        (row,) = coach.rows()
        assert (row.state, row.reason) == ("due", "nobody could show it (recorder: no lamp)")
        coach.recorder.verdict = Unconfirmed()
        coach.advance("15:03")
        (row,) = coach.rows()
        assert (row.state, row.delivered, len(coach.sent)) == ("shown", None, 1)
        coach.recorder.verdict = Delivered("recorded")
        coach.advance("15:30")
        assert len(coach.sent) == 1


# --- looking into plugins --------------------------------------------------------------------------------------


def test_failures(tmp_path: Path) -> None:
    moody = HOURLY.replace('say="Hour"', "say=lambda ctx, occurrence: 1 / 0")
    with Coach(tmp_path, now="2026-11-22 12:30") as coach:
        coach.load("moody", moody)
        coach.advance("14:30")
        assert coach.resting() == {}
        failure, older = coach.failures("moody")
        assert failure.reason == "composing moody.hour raised ZeroDivisionError: division by zero"
        assert "1 / 0" in failure.detail
        assert older.at < failure.at
        coach.advance("15:30")
        assert set(coach.resting()) == {"moody"}
        assert coach.failures("stretching") == []


def test_a_hang_is_found_out_on_a_clock_that_stands_still(tmp_path: Path) -> None:
    with Coach(tmp_path, deadline=0.2) as coach:
        coach.load("slow", "import time\ntime.sleep(3)\n")
        coach.load("coffee", COFFEE)
        assert coach.resting() == {"slow": "loading it took longer than 0.2 s"}
        coach.advance("15:00")
        assert len(coach.sent) == 1


def test_tick(tmp_path: Path) -> None:
    source = """\
from crampcoach import hookimpl

@hookimpl
def tick(ctx):
    ctx.store.set("ticks", ctx.store.get("ticks", 0) + 1)
    if ctx.store.get("ticks") > 2:
        raise OSError("enough")
"""
    with Coach(tmp_path) as coach:
        coach.load("ticker", source)
        coach.tick("ticker")
        coach.tick("ticker")
        assert coach.failures("ticker") == []
        coach.restart()
        coach.tick("ticker")
        assert [failure.reason for failure in coach.failures("ticker")] == ["tick() raised OSError: enough"]


def test_call_gives_what_the_plugin_gives_and_raises_what_it_raises(tmp_path: Path) -> None:
    source = """\
from crampcoach import Entry, Kind, hookimpl

@hookimpl
def kinds():
    yield Kind(name="coffee", title="Coffee")

@hookimpl
def responded(ctx, action):
    if action == "hard":
        raise OSError(f"{ctx.plugin} at {ctx.now:%H:%M %z}")
    return [Entry(kind="coffee")]
"""
    with Coach(tmp_path) as coach:
        coach.load("odd", source)
        assert [kind.name for kind in coach.call("odd", "kinds")] == ["coffee"]
        assert [entry.kind for entry in coach.call("odd", "responded", occurrence=None, action="easy")] == ["coffee"]
        with pytest.raises(OSError, match=r"odd at 12:00 \+0100"):
            coach.call("odd", "responded", occurrence=None, action="hard")
        assert coach.call("odd", "tick") is None
        assert coach.entries() == ()
