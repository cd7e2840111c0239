"""The plugin author's kit does what it says: a real agent, a clock you hand it, a notifier you can press."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from zoneinfo import ZoneInfo

import pytest

from coffee import COFFEE
from crampcoach import Action, Delivered, Failed, Reminder, Unconfirmed, hookimpl
from crampcoach.testing import Coach, PluginFailed

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


def module(schedule: str = "15:00") -> ModuleType:
    made = ModuleType("given_plugin", "A module.")

    def reminders() -> list[Reminder]:
        return [Reminder(name="daily", schedule=schedule, say="From a module", actions=(Action(label="Yes"),))]

    reminders.__module__ = made.__name__
    vars(made)["reminders"] = hookimpl(reminders)
    return made


def test_load_a_module(tmp_path: Path) -> None:
    with Coach(tmp_path) as coach:
        coach.load("given", module())
        coach.advance("15:00")
        assert [message.title for message in coach.sent] == ["From a module"]


@pytest.mark.parametrize("kind", [Path, str])
def test_load_a_file(tmp_path: Path, kind: Callable[[Path], Path | str]) -> None:
    path = tmp_path / "elsewhere.py"
    path.write_text(COFFEE)
    with Coach(tmp_path / "home") as coach:
        coach.load("coffee", kind(path))
        coach.advance("15:00")
        assert coach.states() == ["shown"]


def test_load_installed_ones(coach: Coach) -> None:
    coach.load("stretching")
    assert [reminder.name for reminder in coach.call("stretching", "reminders")] == ["evening"]
    coach.load("cramps")  # there is no file by which the agent would notice
    assert set(coach.agent.roster.loaded) == {"recorder", "stretching", "cramps"}


def test_load_while_it_runs(tmp_path: Path) -> None:
    with Coach(tmp_path) as coach:
        coach.advance("13:00")
        coach.load("coffee", COFFEE)
        coach.load("coffee", COFFEE.replace("15:00", "16:00"))
        coach.advance("15:30")
        assert coach.sent == []
        coach.advance("16:00")
        assert len(coach.sent) == 1


def test_a_module_takes_the_place_of_another_and_a_file_that_of_a_module(coach: Coach) -> None:
    agent = coach.agent
    coach.load("given", module("16:00"))
    coach.load("given", module("17:00"))
    assert [planned.rule.text for planned in coach.agent.roster.plan()] == ["17:00"]
    coach.load("given", COFFEE)
    assert [planned.rule.text for planned in coach.agent.roster.plan()] == ["15:00"]
    assert coach.agent is agent, "nothing was started anew"


def test_after_a_stop_the_next_start_takes_it_up(coach: Coach) -> None:
    coach.load("coffee", COFFEE)
    coach.advance("15:00")
    coach.stop()
    coach.load("tea", "raise OSError('dry')")
    coach.load("coffee", COFFEE.replace("15:00", "18:00"))
    assert not coach.running
    with pytest.raises(PluginFailed, match="plugin tea: loading it raised OSError: dry"):
        coach.start()
    coach.advance("18:00")
    assert [f"{row.wall:%H:%M} {row.state}" for row in coach.rows("coffee.*")] == ["15:00 expired", "18:00 shown"]


@pytest.mark.parametrize(
    ("name", "what", "error", "sentence"),
    [
        ("cofee", None, LookupError, "there is no plugin 'cofee'; there are causes"),
        ("strecthing", None, LookupError, "there is no plugin 'strecthing'; did you mean 'stretching'?"),
        ("My plugin", COFFEE, ValueError, "Coach.load: name 'My plugin': use a short name"),
        ("recorder", COFFEE, ValueError, "'recorder' is the kit's own notifier; give the plugin another name"),
        ("coffee", Path("nowhere.py"), FileNotFoundError, "nowhere.py"),
        ("coffee", "nowhere.py", FileNotFoundError, "nowhere.py"),
    ],
)
def test_what_is_no_plugin(
    coach: Coach, name: str, what: Path | str | None, error: type[Exception], sentence: str
) -> None:
    with pytest.raises(error) as raised:
        coach.load(name, what)
    assert sentence in str(raised.value)
    coach.load("coffee", COFFEE)
    coach.load("later", strict=False)  # it may be installed while the agent runs
    assert set(coach.agent.roster.loaded) == {"recorder", "coffee"}


# --- what a plugin does wrong ----------------------------------------------------------------------------------


def test_a_plugin_that_cannot_be_loaded_fails_the_test_by_its_own_lines(tmp_path: Path) -> None:
    path = tmp_path / "coffee.py"
    path.write_text("def _boil():\n    raise OSError('dry')\n\n_boil()\n")
    with Coach(tmp_path / "home") as coach:
        with pytest.raises(PluginFailed) as failed:
            coach.load("coffee", path)
        lines = [line for line in str(failed.value).splitlines() if set(line) - {" ", "^", "~"}]
        assert lines == [
            "plugin coffee: loading it raised OSError: dry",
            "Traceback (most recent call last):",
            f'  File "{path}", line 4, in <module>',
            "    _boil()",
            f'  File "{path}", line 2, in _boil',
            "    raise OSError('dry')",
            "OSError: dry",
        ]
        (failure,) = failed.value.failures
        assert (failure.plugin, failure.reason) == ("coffee", "loading it raised OSError: dry")
        coach.settle()  # it was told, and the test may go on
        path.write_text(COFFEE)
        coach.load("coffee", path)
        coach.advance("15:00")
        assert coach.states() == ["shown"]


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("def reminder(): ...", "reminder() is no hook; did you mean 'reminders'? (a helper's name starts with '_')"),
        ("x = 1", "it has no hook; write functions with @hookimpl at the top level of the file, not in a class"),
        (COFFEE.replace('"15:00"', '"at tea time"'), "reminder 'daily': "),
        (COFFEE.replace('Log("coffee")', 'Log("cofee")'), "its button 'Had one' logs an unknown kind"),
    ],
)
def test_a_slip_is_one_sentence(coach: Coach, source: str, reason: str) -> None:
    with pytest.raises(PluginFailed) as failed:
        coach.load("coffee", source)
    assert str(failed.value).startswith("plugin coffee: ")
    assert reason in str(failed.value)
    assert "Traceback" not in str(failed.value)


def test_whatever_it_does_wrong_later_fails_the_test_there(coach: Coach) -> None:
    coach.load("moody", HOURLY.replace('say="Hour"', "say=lambda ctx, occurrence: 1 / 0"))
    coach.advance("12:59")
    with pytest.raises(PluginFailed, match=r"composing moody\.hour raised ZeroDivisionError: division by zero"):
        coach.advance("15:00")
    assert local(coach) == "2026-11-22T13:00+01:00"
    coach.load("responds", COFFEE + "@hookimpl\ndef responded(action): raise RuntimeError(action.key)\n")
    coach.load("moody", HOURLY)
    coach.advance("15:00")
    with pytest.raises(PluginFailed, match=r"plugin responds: .*RuntimeError: had-one"):
        coach.press("Had one", "responds.daily/2026-11-22/15:00")
    assert len(coach.entries("coffee")) == 1, "the answer is stored all the same"


def test_a_plugin_may_be_wrong_where_the_test_is_about_that(coach: Coach) -> None:
    coach.load("moody", HOURLY.replace('say="Hour"', "say=lambda ctx, occurrence: 1 / 0"), strict=False)
    coach.load("coffee", COFFEE)
    coach.advance("15:00")
    assert len(coach.failures("moody")) == 3
    assert coach.resting().keys() == {"moody"}
    assert coach.states("coffee.*") == ["shown"]
    for ask in (lambda: coach.call("moody", "reminders"), lambda: coach.tick("moody")):
        with pytest.raises(LookupError, match=r"'moody' is not in use: composing moody.hour raised ZeroDivisionError"):
            ask()
    with pytest.raises(LookupError, match="'cofee' is not in use; did you mean 'coffee'"):
        coach.tick("cofee")


def test_what_cannot_be_loaded_is_named(tmp_path: Path) -> None:
    with Coach(tmp_path) as coach:
        coach.load("bad", "raise OSError('dry')", strict=False)
        coach.load("near", "def reminder(): ...", strict=False)
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


@pytest.mark.coach(now="2026-03-29 01:30")
def test_a_time_that_the_clock_skips_comes_as_much_later(coach: Coach) -> None:
    coach.advance("02:30")
    assert local(coach) == "2026-03-29T03:30+02:00"
    coach.advance("03:30")
    assert local(coach) == "2026-03-30T03:30+02:00"


@pytest.mark.coach(now="2026-10-25 01:30")
def test_a_time_that_the_clock_shows_twice_comes_twice(coach: Coach) -> None:
    coach.load("night", HOURLY.replace("every 1h 00:00-23:00", "02:30"))
    for at in ("2026-10-25T02:30+02:00", "2026-10-25T02:30+01:00", "2026-10-26T02:30+01:00"):
        coach.advance("02:30")
        assert local(coach) == at
    assert [row.due for row in coach.rows()] == [
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
        datetime(2026, 10, 26, 1, 30, tzinfo=UTC),
    ], "the repeated hour counts once"


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


def test_what_a_button_opens_is_noted_and_not_started(coach: Coach) -> None:
    coach.load(
        "coffee", COFFEE.replace("Log,", "Log, Open,").replace('Log("coffee")', 'Open("entries", "--limit", "3")')
    )
    coach.advance("15:00")
    coach.press("Had one")
    assert coach.opened == [("entries", "--limit", "3")]
    assert coach.states() == ["shown"], "the occurrence stays open"
    assert coach.run(*coach.opened[0]).status == 0


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
        coach.load("moody", moody, strict=False)
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
        coach.load("slow", "import time\ntime.sleep(3)\n", strict=False)
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
        coach.load("ticker", source, strict=False)
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
