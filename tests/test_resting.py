"""A plugin that fails is set aside, told of once, and taken up again when it is mended; nobody else loses anything."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crampcoach.agent import Agent
from crampcoach.checks import NAME
from crampcoach.guard import Guard
from crampcoach.store import agent_state
from crampcoach.store.database import Database
from crampcoach.store.schema import STATE
from crampcoach.testing import Coach
from desktop import wait_for
from hostile_plugins import HOOK, WHILE_LOADING, WHILE_RUNNING

pytestmark = pytest.mark.pure

#: Composes as the file `mood` beside it says; every call of it is noted there.
MOODY = (
    HOOK
    + """
from crampcoach import Message
from pathlib import Path
MOOD = Path(__file__).with_name("mood")
def _compose(ctx, occurrence):
    if MOOD.read_text() == "bad":
        raise RuntimeError("not today")
    return Message(title="A cup of something?")
@hookimpl
def reminders():
    return [Reminder(name="hourly", schedule="every 1h 10:00-20:00", say=_compose, grace="30m")]
"""
)
STEADY = HOOK + '@hookimpl\ndef reminders():\n    return [Reminder(name="hourly", schedule="every 1h", say="Steady")]'


@pytest.fixture
def coach(tmp_path: Path) -> Iterator[Coach]:
    with Coach(tmp_path, now="2026-11-22 10:30", config="[notify]\nmax_per_day = 100\n", deadline=2) as made:
        yield made


def mood(coach: Coach, text: str) -> None:
    (coach.home.plugin_dir / "mood").write_text(text)


def test_three_exceptions_in_a_row_rest_a_plugin(coach: Coach) -> None:
    coach.load("moody", MOODY, strict=False)
    coach.load("steady", STEADY)
    moods = ["bad", "bad", "good", "bad", "bad"]  # a success in between begins the count anew
    for hour, now in enumerate(moods, 11):
        mood(coach, now)
        coach.advance(f"{hour}:00")
        assert coach.resting() == {}, hour
    mood(coach, "bad")
    coach.advance("16:00")
    assert coach.resting() == {"moody": "composing moody.hourly raised RuntimeError: not today"}
    assert coach.states("moody.hourly")[:6] == ["missed", "missed", "expired", "missed", "missed", "missed"]
    assert {failure.reason for failure in coach.failures("moody")} == set(coach.resting().values())
    assert "raise RuntimeError" in coach.failures("moody")[0].detail
    told = [message for message in coach.recorder.sent if message.title == "A plugin was set aside"]
    assert len(told) == 1
    assert "moody" in told[0].body
    coach.advance("18:30")
    assert len(coach.failures("moody")) == 5  # nobody has asked it again
    assert len([message for message in coach.recorder.sent if message.title == "A plugin was set aside"]) == 1
    # Nobody else has lost anything by it.
    assert [message.title for message in coach.sent if message.occurrence.startswith("steady")] == ["Steady"] * 8


def test_a_plugin_that_hangs_rests_at_once(coach: Coach) -> None:
    coach.load("hangs", WHILE_LOADING["hangs"].source, strict=False)
    coach.load("steady", STEADY)
    assert coach.resting() == {"hangs": "loading it took longer than 2 s"}
    coach.load(
        "composing",
        WHILE_RUNNING["composing"].source.replace("DUE", "09:00"),
        strict=False,
    )
    assert coach.resting().keys() == {"hangs"}
    coach.configure("[plugins.composing]\nschedule = '11:00'\n")
    coach.advance("11:00")
    assert coach.resting().keys() == {"hangs", "composing"}
    assert coach.states("composing.daily") == ["missed"]
    assert coach.states("steady.hourly") == ["shown"]


#: A kind of which the fields do something of their own, and a button that logs it.
FIELDS = """
from __future__ import annotations
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING
from crampcoach import *
if TYPE_CHECKING:
    from decimal import Decimal
@dataclass(frozen=True)
class Fields:
    cups: int = 1
    size: str | None = None
    def __post_init__(self):
        pass
@hookimpl
def kinds(): return [Kind(name="tea", title="Tea", fields=Fields)]
@hookimpl
def reminders():
    had = Action(label="Had one", then=Log("tea", cups=1))
    return [Reminder(name="daily", schedule="every 1h", say="Tea?", actions=[had])]
"""
STUCK = {
    "hangs": (FIELDS.replace("        pass", "        time.sleep(3600)"), "loading it took longer than 2 s"),
    "raises": (
        FIELDS.replace("        pass", "        self.size.lower()"),
        "kind 'tea': checking an entry without fields raised AttributeError: 'NoneType' object has no attribute "
        "'lower' (tea.py, line 14); have it take what the types allow, and raise ValueError for what it refuses",
    ),
    "raises at the button": (
        FIELDS.replace("        pass", "        [0][self.cups]").replace("cups: int = 1", "cups: int = 0"),
        "kind 'tea': checking an entry with cups raised IndexError: list index out of range (tea.py, line 14); "
        "have it take what the types allow, and raise ValueError for what it refuses",
    ),
    "a type for the checker only": (
        FIELDS.replace("size: str", "size: Decimal"),
        "kind 'tea': its fields cannot be understood (reading them raised NameError: name 'Decimal' is not defined); "
        "import the type when it runs too, not only under TYPE_CHECKING",
    ),
}


@pytest.mark.parametrize(("source", "reason"), STUCK.values(), ids=STUCK)
def test_a_kind_whose_fields_cannot_be_checked_keeps_nobody_else(coach: Coach, source: str, reason: str) -> None:
    coach.load("steady", STEADY)
    coach.load("tea", FIELDS)
    coach.advance("11:00")
    coach.load("tea", source, strict=False)
    assert coach.resting() == {"tea": reason}
    assert coach.failures("tea")[0].reason == reason  # it is written down, so the turn went on to its end
    assert not [line for line in coach.said if "unexpected" in line]
    coach.press("Had one", "tea.daily/2026-11-22/11:00")
    assert [entry.kind for entry in coach.entries()] == ["tea"]
    coach.configure("[notify]\nmax_per_day = 50\n")
    assert coach.said[-1] == "config read again; changed: notify, plugin tea (tried again)"
    coach.advance("12:00")
    assert coach.states("steady.hourly") == ["expired", "shown"]
    if "sleep" not in source:
        said = coach.run("log", "tea")
        assert (said.status == 0, "unexpected" in said.err) == ("with cups" in reason, False), said
        assert coach.run("log", "--help").status == 0


OTHERS = (
    HOOK
    + """
from crampcoach import Action, Log
@hookimpl
def reminders():
    had = Action(label="Had one", then=Log("tea", cups=1))
    return [Reminder(name="daily", schedule="11:00", say="And tea?", actions=[had])]
"""
)


@pytest.mark.parametrize(
    ("check", "reason", "culprit"),
    [
        ("time.sleep(3600 * (self.cups == 1))", "checking an entry of its kind 'tea' took longer than 2 s", "tea"),
        ("[0][self.cups]", "kind 'tea': checking an entry with cups raised IndexError: list index out of range", "tea"),
        (
            "if self.cups: raise ValueError('no more')",
            "reminder 'daily': its button 'Had one' logs cups: no more",
            "or",
        ),
    ],
)
def test_a_button_that_logs_what_another_plugin_has_to_check(
    coach: Coach, check: str, reason: str, culprit: str
) -> None:
    source = FIELDS.replace("        pass", f"        {check}").replace("cups: int = 1", "cups: int = 0")
    source = source.replace('Log("tea", cups=1)', 'Log("tea", cups=0)')
    for name, text in (("tea", source), ("or", OTHERS)):
        coach.load(name, text, strict=False)
    (failure,) = {*coach.failures("tea"), *coach.failures("or")}
    assert (failure.plugin, failure.reason[: len(reason)]) == (culprit, reason)
    assert list(coach.resting()) == (["tea"] if "longer" in reason else [])
    coach.advance("11:00")
    coach.press("Had one", "or.daily/2026-11-22/11:00")
    assert [entry.fields for entry in coach.entries("tea")] == [{"cups": 1}]


def test_no_plugin_can_be_called_so_that_upkeep_and_it_wait_for_each_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: dict[str, str] = {}
    call = Guard.call

    def noted(self: Guard, owner: str, what: str, *given: Any) -> None:
        calls[what] = owner
        call(self, owner, what, *given)

    monkeypatch.setattr(Guard, "call", noted)
    with Coach(tmp_path) as coach:
        coach.settle()
    assert not NAME.fullmatch(calls["upkeep"])


def test_a_mended_file_works_after_a_reload(coach: Coach) -> None:
    coach.load("moody", WHILE_LOADING["raises"].source, strict=False)
    assert coach.resting() == {"moody": "loading it raised RuntimeError: no bones in this one"}
    mood(coach, "good")
    (coach.home.plugin_dir / "moody.py").write_text(MOODY)
    coach.settle()
    assert coach.resting() == {}
    coach.advance("11:00")
    assert coach.states("moody.hourly") == ["shown"]


def test_a_late_result_of_a_plugin_given_up_is_discarded(coach: Coach) -> None:
    slow = STEADY.replace("return", "import time; time.sleep(2.8); return")
    coach.load("slow", slow, strict=False)
    assert coach.resting() == {"slow": "loading it took longer than 2 s"}
    wait_for(lambda: not any(thread.name.startswith("slow") for thread in threading.enumerate()), 5, "it ends")
    coach.settle()
    coach.advance("11:00")
    assert (coach.states(), coach.sent) == ([], [])


def test_a_reload_while_a_plugin_is_loading_does_not_lose_it(tmp_path: Path) -> None:
    with Coach(tmp_path, now="2026-11-22 10:30", deadline=5) as coach:
        coach.stop()
        coach.load("slow", STEADY.replace("return", "import time; time.sleep(0.3); return"))
        coach.load("hangs", WHILE_LOADING["hangs"].source.replace("3600", "6"))
        coach.home.plugin_dir.joinpath("later.py").write_text("")
        agent = Agent(coach.home, coach.clock, coach.said.append, only={"slow", "hangs"})
        agent.guard.deadline_seconds = 0.6
        agent.startup()
        coach.configure("[quiet]\nenabled = false\n")
        agent.turn()  # reads the config while both are still loading
        while agent.guard.busy():
            agent.guard.wait()
            agent.turn()
        assert agent.roster.loaded.keys() == {"slow"}
        assert agent.roster.resting.keys() == {"hangs"}
        assert agent.roster.loading == set()
        agent.shutdown()
        agent.guard.wait()


def test_a_signal_handler_is_the_plugins_own_failure(coach: Coach) -> None:
    before = signal.getsignal(signal.SIGTERM)
    coach.load("signals", "import signal\nsignal.signal(signal.SIGTERM, lambda *_: None)", strict=False)
    coach.load("steady", STEADY)
    assert coach.resting().keys() == {"signals"}
    assert "ValueError: signal only works in main thread" in coach.resting()["signals"]
    assert signal.getsignal(signal.SIGTERM) == before


def test_a_file_that_others_may_write_is_refused(coach: Coach) -> None:
    coach.load("steady", STEADY, strict=False)
    path = coach.home.plugin_dir / "steady.py"
    path.chmod(0o666)
    coach.settle()
    assert coach.resting() == {"steady": f"{path} can be written by others; run: chmod go-w {path}"}
    path.chmod(0o644)
    coach.settle()
    assert coach.resting() == {}
    coach.home.plugin_dir.chmod(0o777)
    path.touch()
    coach.settle()
    assert f"chmod go-w {path.parent}" in coach.resting()["steady"]
    coach.restart()  # the folder is ours: it is made private again
    assert coach.resting() == {}


def test_a_fork_does_not_keep_the_lock_of_the_files(tmp_path: Path) -> None:
    # The child is born in the middle of a transaction, and lives on.
    state = Database(tmp_path / "state.db", STATE)
    with state.transaction():
        child = os.fork()
        if child == 0:
            time.sleep(60)
            os._exit(0)
    try:
        done: list[bool] = []

        def write() -> None:
            other = Database(tmp_path / "state.db", STATE)
            with other.transaction() as connection:
                agent_state.set_mark(connection, "test", "1")
            other.close()
            done.append(True)

        threading.Thread(target=write, daemon=True).start()
        wait_for(lambda: done, 5, "a second writer")
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        state.close()
