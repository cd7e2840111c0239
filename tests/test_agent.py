"""What the agent survives: slips of plugins and of people that must cost nobody else a reminder."""

from __future__ import annotations

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from agent_process import PROMPT, Nest, agent
from crampcoach import answers
from crampcoach.actions import Action, Log
from crampcoach.guard import Guard, Outcome
from crampcoach.model import Entry
from crampcoach.notifier import Failed
from crampcoach.testing import Coach, HandedClock, PluginFailed

pytestmark = pytest.mark.pure

HEAD = "from crampcoach import *\n"
COFFEE = HEAD + (
    "@hookimpl\ndef kinds(): return [Kind(name='coffee', title='Coffee')]\n"
    "@hookimpl\ndef reminders(ctx):\n"
    "    return [Reminder(name='daily', schedule='15:00', grace='4h', say=f'Coffee on {ctx.now:%A}?',\n"
    "                     actions=[Action(label='Had one', then=Log('coffee'))])]\n"
)
#: The same, with cups that can be counted.
CUPS = "from dataclasses import dataclass\n@dataclass(frozen=True)\nclass Cups:\n    cups: int = 1\n" + COFFEE.replace(
    "title='Coffee'", "title='Coffee', fields=Cups"
)
STEADY = HEAD + "@hookimpl\ndef reminders(): return [Reminder(name='b', schedule='16:00', say='Steady')]\n"


@pytest.fixture
def coach(tmp_path: Path) -> Iterator[Coach]:
    with Coach(tmp_path, deadline=2) as one:
        yield one


@contextmanager
def full_disk(coach: Coach) -> Iterator[None]:
    """Every write fails as on a full disk."""
    state = coach.agent.store.state
    state.connection.execute("PRAGMA max_page_count=1")
    state.connection.execute("PRAGMA query_only=ON")
    try:
        yield
    finally:
        state.connection.execute("PRAGMA query_only=OFF")
        state.connection.execute("PRAGMA max_page_count=1000000")


def test_a_plugin_removed_while_it_loads_holds_nobody_up(coach: Coach, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crampcoach.roster.GONE", 0.0)
    tardy = coach.home.plugin_dir / "tardy.py"
    coach.stop()
    coach.load("tardy", HEAD + "import time\n@hookimpl\ndef reminders(): time.sleep(60)\n")
    coach.load("coffee", COFFEE)
    with monkeypatch.context() as patch:
        patch.setattr(Coach, "settle", lambda _self: None)
        agent = coach.agent
    agent.turn()
    assert "tardy" in agent.roster.loading
    tardy.unlink()
    coach.advance("15:00")
    assert [message.title for message in coach.sent] == ["Coffee on Sunday?"]


def test_an_event_that_raises_costs_the_next_ones_nothing(coach: Coach, monkeypatch: pytest.MonkeyPatch) -> None:
    coach.load("coffee", COFFEE)
    coach.advance("15:00")

    def wrong(key: str, reason: str) -> None:
        raise RuntimeError("a mistake of ours")

    monkeypatch.setattr(type(coach.agent.showing), "closed", lambda _self, key, reason: wrong(key, reason))
    assert coach.recorder.events is not None
    coach.recorder.events.closed(coach.sent[0].occurrence, "dismissed")
    coach.settle()
    said = [line for line in coach.said if "please report it" in line]
    assert any(re.search(r"went wrong \(RuntimeError in test_agent\.py, line \d+\)", line) for line in said), coach.said
    coach.press("Had one")
    assert len(coach.entries("coffee")) == 1


def test_trouble_is_waited_out_not_spun_through(coach: Coach) -> None:
    coach.load("coffee", COFFEE)
    coach.advance("14:59")
    with full_disk(coach):
        coach.jump("15:00")
        assert coach.agent.sleep_seconds() == 5.0
        said = [line for line in coach.said if "reminders wait" in line]
        assert len(said) == 1
    coach.settle()
    assert coach.states("coffee.*") == ["shown"]
    assert coach.said[-1] == "crampcoach can save again."


def test_a_button_and_its_plugin_may_log_the_same_kind(coach: Coach) -> None:
    coach.load("coffee", CUPS + "@hookimpl\ndef responded(action): return [Entry(kind='coffee', fields={'cups': 3})]\n")
    coach.advance("15:00")
    coach.press("Had one")
    assert sorted(len(entry.fields) for entry in coach.entries("coffee")) == [0, 1]
    coach.restart()
    assert len(coach.entries("coffee")) == 2


def test_what_a_reminder_says_may_change_at_midnight(coach: Coach) -> None:
    coach.load("coffee", COFFEE)
    coach.advance("2026-11-24 15:00")
    assert [message.title for message in coach.sent] == [f"Coffee on {day}?" for day in ("Sunday", "Monday", "Tuesday")]


@pytest.mark.parametrize(
    "made",
    ["Entry(kind='coffee', id='x')", "Entry(kind='coffee', fields={1: 2, 'a': 3})", "Entry(kind='coffee', note='\\0')",
     "Entry(kind='coffee', fields={'x': float('nan')})", "Entry(kind='coffee', at=MIN)"],
)  # fmt: skip
def test_entries_that_cannot_be_saved_are_the_plugins_fault(coach: Coach, made: str) -> None:
    head = "import datetime\nMIN = datetime.datetime.min.replace(tzinfo=datetime.timezone.max)\n"
    coach.load("coffee", COFFEE + head + f"@hookimpl\ndef responded(): return [{made}]\n", strict=False)
    coach.load("steady", STEADY)
    coach.advance("15:00")
    coach.press("Had one")
    before = len(coach.said)
    for _ in range(10):
        coach.settle()
    assert len(coach.said) == before
    assert coach.entries("coffee")[0].fields == {}  # the button's own
    coach.advance("16:00")
    assert coach.sent[-1].title == "Steady"


def test_a_private_note_never_gets_into_a_reason(coach: Coach) -> None:
    coach.load(
        "coffee", COFFEE + "@hookimpl\ndef responded(): return Entry(kind='coffee', note='my secret')\n", strict=False
    )
    coach.advance("15:00")
    coach.press("Had one")
    (failure,) = coach.failures("coffee")
    assert failure.reason == "responded() raised TypeError: responded() must return a list of Entry, not Entry"
    assert "secret" not in failure.detail + "\n".join(coach.said)
    assert "secret" not in repr(Entry(kind="coffee", note="secret", fields={"what": "secret"}))


NOTIFIER = HEAD + (
    "class Lamp:\n    {name}\n    def start(self, events): pass\n    def show(self, message): return Delivered()\n"
    "    def withdraw(self, occurrence): pass\n    def close(self): pass\n"
    "@hookimpl\ndef notifiers(): return [Lamp()]\n"
)


@pytest.mark.parametrize(
    ("name", "reason"),
    [("def name(self): return 'x'", "Notifier: name <bound method"), ("name = 'recorder'", "is lamp's already")],
)
def test_a_notifier_with_a_wrong_or_taken_name_breaks_no_other(coach: Coach, name: str, reason: str) -> None:
    coach.load("coffee", COFFEE)
    coach.load("lamp", NOTIFIER.replace("{name}", name), strict=False)
    coach.advance("15:00")
    assert reason in " ".join(coach.resting().values())
    # The lamp, which is not given but found, goes before the recorder: with it the lamp shows the message.
    assert coach.states("coffee.*") == ["shown"]


def test_two_plugins_with_one_kind_are_named(coach: Coach) -> None:
    coach.load("coffee", COFFEE)
    coach.load("tea", HEAD + "@hookimpl\ndef kinds(): return [Kind(name='coffee', title='Tea')]\n", strict=False)
    assert coach.resting().keys() == {"tea"}
    assert "its kind 'coffee' is coffee's already" in coach.resting()["tea"]


def test_a_config_that_came_on_a_full_disk_is_followed_afterwards(coach: Coach) -> None:
    coach.load("stretching")
    with full_disk(coach):
        coach.home.config_file.write_text('[day]\nbed = "20:00"\n')
        coach.agent.turn()
    coach.settle()
    coach.advance("19:30")
    assert coach.sent


def test_everything_is_read_anew_also_where_there_is_no_file(tmp_path: Path) -> None:
    """What SIGHUP does; a plugin that was installed meanwhile has no file that the agent would see change."""
    with Coach(tmp_path) as coach:
        agent = coach.agent
        assert agent.settings.changed() is None
        agent.settings.forget()
        assert agent.settings.changed() is not None
        assert agent.settings.changed() is None


def test_an_answer_that_its_plugin_cannot_take_is_one_strike_not_one_a_command(coach: Coach) -> None:
    coach.load("coffee", COFFEE + "@hookimpl\ndef responded(): raise RuntimeError('boom')\n", strict=False)
    coach.advance("15:00")
    coach.press("Had one")
    for _ in range(5):
        coach.agent.presses.enter_all(anew=False)  # what a poke does
        coach.settle()
    assert coach.resting() == {}
    assert len(coach.failures("coffee")) == 1
    coach.restart()
    assert len(coach.failures("coffee")) == 2


def test_calls_given_up_are_told_even_if_telling_fails_at_first() -> None:
    guard = Guard(HandedClock(datetime(2026, 1, 1, tzinfo=UTC), UTC))
    told: list[Outcome] = []
    tries: list[int] = []

    def fails_once(outcome: Outcome) -> None:
        tries.append(1)
        if len(tries) == 1:
            raise sqlite3.OperationalError("database or disk is full")
        told.append(outcome)

    guard.call("p", "first", lambda: None, lambda _outcome: None)
    guard.call("p", "second", lambda: None, fails_once)
    guard.call("p", "third", lambda: None, told.append)
    guard.forget("p")
    with pytest.raises(sqlite3.OperationalError):
        guard.collect()
    guard.wait()
    reasons = {outcome.reason for outcome in told}
    assert reasons == {"second was not called: p rests", "third was not called: p rests"}


def test_a_tick_comes_when_it_is_due_also_over_restarts_and_suspends(coach: Coach) -> None:
    coach.load(
        "ticker",
        HEAD
        + "from dataclasses import dataclass\n@dataclass(frozen=True)\nclass Options:\n    tick_every: int = 7200\n"
        "@hookimpl\ndef options(): return Options\n"
        "@hookimpl\ndef tick(ctx): ctx.store.set('ticks', ctx.store.get('ticks', 0) + 1)\n",
    )

    def ticks() -> Any:
        loaded = coach.agent.roster.loaded["ticker"]
        return coach.agent.roster.maker().make("ticker", loaded.options, coach.agent.roster.now()).store.get("ticks", 0)

    _ = coach.agent
    assert ticks() == 0
    coach.jump(timedelta(hours=1.5))
    coach.restart()
    coach.jump(timedelta(hours=1))
    coach.agent.housekeeping.tick_due()
    coach.settle()
    assert ticks() == 1
    coach.agent.housekeeping.tick_due()
    coach.settle()
    assert ticks() == 1


@pytest.mark.parametrize("every", ["str = '5m'", "float = float('inf')", "float = float('nan')", "object = None"])
def test_a_plugin_that_cannot_say_when_it_ticks_is_set_aside_and_others_go_on(coach: Coach, every: str) -> None:
    options = f"from dataclasses import dataclass\n@dataclass(frozen=True)\nclass Options:\n    tick_every: {every}\n"
    hooks = "@hookimpl\ndef options(): return Options\n@hookimpl\ndef tick(): pass\n"
    coach.load("ticker", HEAD + options + hooks, strict=False)
    coach.load("steady", STEADY)
    coach.advance("16:00")
    assert "tick_every" in coach.resting()["ticker"]
    assert [message.title for message in coach.sent] == ["Steady"]


def test_a_coach_leaves_no_file_open(tmp_path: Path) -> None:
    def opened() -> int:
        return len(list(Path("/proc/self/fd").iterdir())) if Path("/proc/self/fd").exists() else 0

    with Coach(tmp_path) as coach:
        coach.restart()
    before = opened()
    for _ in range(3):
        with Coach(tmp_path) as coach:
            coach.restart()
    assert opened() == before


def test_sigterm_ends_an_agent_whose_output_nobody_reads(tmp_path: Path) -> None:
    """A terminal that was stopped, or a lock that another process holds, keeps nobody waiting."""
    command = [sys.executable, "-m", "crampcoach", "run"]
    env = {**os.environ, "CRAMPCOACH_HOME": str(tmp_path)}
    read_end, write_end = os.pipe()
    os.set_blocking(write_end, False)
    try:
        while os.write(write_end, b"x" * 4096):
            pass
    except BlockingIOError:
        os.set_blocking(write_end, True)
    process = subprocess.Popen(command, env=env, stdout=write_end, stderr=subprocess.DEVNULL)
    os.close(write_end)
    try:
        status = [sys.executable, "-m", "crampcoach", "status", "--json"]
        for _ in range(100):
            told = subprocess.run(status, env=env, capture_output=True, check=False).stdout
            state = tmp_path / "data" / "state.db"
            if told and json.loads(told)["running"] and state.exists() and b"welcomed" in _marks(state):
                break
        process.send_signal(signal.SIGTERM)
        assert process.wait(PROMPT) == 0
    finally:
        process.kill()
        os.close(read_end)


#: The agent is stopped while this shows a message; it takes its time, and somebody may still press.
STOPS = """
import os, signal, time
from pathlib import Path
from crampcoach import Action, Delivered, Log, Reminder, hookimpl
SHOWN = Path(os.environ["CRAMPCOACH_HOME"]) / "shown"
class Stops:
    name = "stops"
    def start(self, events): self.events = events
    def show(self, message):
        if message.occurrence:  # not the welcome
            with SHOWN.open("a") as file:
                file.write(message.occurrence + "\\n")
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep({seconds})
            if {pressed}:
                self.events.answer(message.occurrence, "tea")
        return Delivered("it")
    def adopt(self, occurrence, receipt): return True
    def withdraw(self, occurrence): pass
    def close(self): pass
@hookimpl
def notifiers(): return [Stops()]
@hookimpl
def reminders():
    return [Reminder(name="asks", schedule="23:58", say="Tea?", actions=[Action(label="Tea", key="tea")])]
"""


@pytest.mark.parametrize(("pressed", "state"), [(False, "shown"), (True, "done")])
def test_what_is_being_shown_when_it_is_stopped_is_not_shown_again(tmp_path: Path, pressed: bool, state: str) -> None:
    nest = Nest(tmp_path / "home", {"CRAMPCOACH_PLUGINS": "stops"})
    nest.drop("stops", STOPS.format(seconds=0.05, pressed=pressed))
    with agent(nest) as running:
        key = nest.make_due("stops.asks", "23:58")
        assert running.process.wait(PROMPT) == 0
    assert (nest.row("stops.asks").state, nest.row("stops.asks").delivered is None) == (state, pressed)
    with agent(nest) as running:
        running.stop()
    assert (nest.folder / "shown").read_text().split() == [key]


def test_a_notifier_that_hangs_when_it_is_stopped_is_not_waited_for(tmp_path: Path) -> None:
    nest = Nest(tmp_path / "home", {"CRAMPCOACH_PLUGINS": "stops"})
    nest.drop("stops", STOPS.format(seconds=60, pressed=False))
    with agent(nest) as running:
        nest.make_due("stops.asks", "23:58")
        assert running.process.wait(PROMPT) == 0
        assert running.lines[-1] == "stopped"


def _marks(state: Path) -> bytes:
    connection = sqlite3.connect(f"file:{state}?mode=ro", uri=True)
    try:
        return " ".join(name for (name,) in connection.execute("SELECT name FROM marks")).encode()
    except sqlite3.OperationalError:
        return b""
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("then", "told"),
    [("Log('cofee')", "an unknown kind; did you mean 'coffee'?"), ("Log('coffee', cups='lots')", "cups: unknown key")],
)
def test_a_button_that_does_not_fit_its_kind_is_told_and_saved_all_the_same(coach: Coach, then: str, told: str) -> None:
    coach.load("coffee", COFFEE.replace("Log('coffee')", then), strict=False)
    coach.advance("15:00")
    assert told in coach.failures("coffee")[0].reason
    coach.press("Had one")
    assert len(coach.entries()) == 1


@pytest.mark.parametrize(
    ("made", "told"),
    [
        ("Entry(kind='coffee', fields={'cups': 'secret'})", "cups: it must be a whole number, not a text"),
        ("Entry(kind='coffee', fields={'cpus': 3})", "cpus: unknown key; did you mean 'cups'?"),
    ],
)
def test_what_a_plugin_makes_of_an_answer_and_does_not_fit_is_told_and_saved_all_the_same(
    coach: Coach, made: str, told: str
) -> None:
    source = CUPS.replace("15:00", "15:00, 16:00, 17:00, 18:00")
    coach.load("coffee", source + f"@hookimpl\ndef responded(): return [{made}]\n", strict=False)
    for number, hour in enumerate((15, 16, 17, 18), 1):
        coach.advance(f"{hour}:00")
        coach.press("Had one")
        assert len(coach.entries()) == 2 * number
    assert {one.reason for one in coach.failures("coffee")} == {
        f"responded() gave an entry of kind 'coffee' that does not fit it: {told}"
    }
    assert coach.resting() == {}, "as with a button, its author is told, and nothing else becomes of it"
    assert coach.said[-1].startswith("plugin coffee: responded() gave what does not fit its kind; ")
    assert "secret" not in "\n".join(coach.said)
    coach.load("coffee")
    coach.advance("2026-11-23 15:00")
    with pytest.raises(PluginFailed, match="that does not fit it: "):
        coach.press("Had one")


def test_a_kind_that_nobody_has_and_one_of_another_plugin_in_what_a_plugin_makes(coach: Coach) -> None:
    tea = COFFEE.replace("offee", "ea").replace("15:00", "16:00").replace("cea", "tea").replace("Cea", "Tea")
    both = "@hookimpl\ndef responded(): return [Entry(kind='tea'), Entry(kind='coffe', note='mine')]\n"
    coach.load("tea", tea)
    coach.load("coffee", COFFEE + both)
    coach.advance("15:00")
    agent, outcomes = coach.agent, list[tuple[Outcome, int]]()
    (row,) = coach.rows("coffee.*")
    button = Action(label="Had one", then=Log("coffee"))
    now = coach.clock.now()
    answer = answers.record(agent.store, row.key, button, now, coach.clock.zone())
    assert answer
    loaded, maker = agent.roster.loaded, agent.roster.maker()

    def then(outcome: Outcome, saved: tuple[Entry, ...]) -> None:
        outcomes.append((outcome, len(saved)))

    answers.enter(
        lambda: agent.store, answer, loaded["coffee"], maker, agent.guard, then, kinds=lambda: ("coffee", "tea")
    )
    agent.guard.wait()
    assert [(outcome.reason, saved) for outcome, saved in outcomes] == [
        ("", 3),
        ("responded() gave an entry of an unknown kind; did you mean 'coffee'?", 0),
    ]
    assert [entry.kind for entry in coach.entries()] == ["coffee", "tea", "coffe"]


def test_that_nobody_can_show_messages_is_said_once(coach: Coach) -> None:
    coach.recorder.verdict = Failed("the lamp is dark")
    coach.load("coffee", COFFEE)
    coach.advance("15:05")
    told = [line for line in coach.said if "messages cannot be shown" in line]
    assert told == [
        "messages cannot be shown: recorder: the lamp is dark; what is due is tried again, `crampcoach today` lists it"
    ]
