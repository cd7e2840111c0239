"""Ten hostile plugins at once: all others stay on time, each culprit is named, and the agent can be stopped."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from agent_process import Nest, agent
from crampcoach.agent import Agent
from crampcoach.checks import NAME
from crampcoach.guard import Guard
from crampcoach.store import agent_state
from crampcoach.store.database import Database
from crampcoach.store.schema import STATE
from crampcoach.testing import Coach
from desktop import WitnessProcess, private_bus, wait_for, witness

HOOK = "from crampcoach import Reminder, hookimpl\n"
#: Forks a child that goes on for a minute, and notes its number in the folder that CHILDREN names.
FORK = """
import os, time
from pathlib import Path
def _fork(where):
    child = os.fork()
    if child == 0:
        Path(os.environ["CHILDREN"], f"{os.getpid()}-{where}").touch()
        time.sleep(60)
        os._exit(0)
"""
SOURCES = {
    "raises": "raise RuntimeError('no bones in this one')",
    "exits": "import sys\nsys.exit(3)",
    "hangs": HOOK + "import time\n@hookimpl\ndef reminders():\n    time.sleep(3600)",
    "composing": HOOK
    + "def _compose(ctx, occurrence):\n    while True:\n        pass\n"
    + "@hookimpl\ndef reminders():\n    return [Reminder(name='daily', schedule='09:00', say=_compose)]",
    "misspelt": HOOK + "@hookimpl\ndef remainders():\n    return []",
    "unmarked": HOOK + "def reminders():\n    return []",
    "mistyped": HOOK + "@hookimpl\ndef reminders():\n    return ['21:00']",
    "halfway": HOOK
    + "@hookimpl\ndef reminders():\n"
    + "    yield Reminder(name='first', schedule='09:00', say='First')\n    raise OSError('dry')",
    "forks": HOOK + FORK + "_fork('import')\n@hookimpl\ndef reminders():\n    _fork('reminders')\n    return []",
    "many": HOOK
    + "@hookimpl\ndef reminders():\n"
    + "    return [Reminder(name=f'r{n}', schedule='09:00', say='Again') for n in range(10_000)]",
}
#: What each is blamed for: words that its reason must have.
BLAME = {
    "raises": ["loading it raised RuntimeError", "no bones in this one"],
    "exits": ["sys.exit()"],
    "hangs": ["loading it took longer than 5 s"],
    "composing": ["composing composing.daily took longer than 5 s"],
    "misspelt": ["remainders() is no hook", "did you mean 'reminders'?"],
    "unmarked": ["reminders() is the name of a hook but lacks @hookimpl"],
    "mistyped": ["reminders() must give Reminder, not str"],
    "halfway": ["loading it raised OSError", "dry"],
    "forks": ["fork", "subprocess"],
    "many": ["more than 1,000 results"],
}


@pytest.fixture
def children(tmp_path: Path) -> Iterator[Path]:
    """Where forked children note their numbers; those that live on are ended."""
    folder = tmp_path / "children"
    folder.mkdir()
    yield folder
    for child in living(folder):
        os.kill(child, signal.SIGKILL)


def living(folder: Path) -> list[int]:
    """The children that are still there, and are no zombies."""
    numbers = [int(path.name.partition("-")[0]) for path in folder.iterdir()]
    return [number for number in numbers if _state(number) not in ("", "Z", "X")]


def _state(number: int) -> str:
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return ""


def held_by(number: int) -> set[str]:
    """What a process has open, by name; a socket by its number."""
    held = set()
    for handle in Path(f"/proc/{number}/fd").iterdir():
        with suppress(OSError):
            held.add(str(handle.readlink()))
    return held


def listening(path: Path) -> set[str]:
    """The sockets bound to a path, as `held_by` calls them."""
    lines = [line.split() for line in Path("/proc/net/unix").read_text().splitlines()]
    return {f"socket:[{words[6]}]" for words in lines if words[7:] == [str(path)]}


@pytest.mark.real
def test_ten_hostile_plugins_at_once(tmp_path: Path, children: Path) -> None:
    with private_bus() as bus, witness(bus) as server:
        nest = Nest(tmp_path / "home", {"DBUS_SESSION_BUS_ADDRESS": bus, "CHILDREN": str(children)})
        for name, source in SOURCES.items():
            nest.drop(name, source)
        due = nest.next_minute(notice=8)  # those that hang have five seconds
        nest.configure(
            f'[plugins.stretching]\nschedule = "{due:%H:%M}"\n[plugins.composing]\nschedule = "{due:%H:%M}"\n'
        )
        with agent(nest, ready=False) as running:
            running.wait_line("ready: ", 20)
            # The stretch is on time, although at the same moment another plugin composes for ever.
            stretch = server.wait_for(lambda seen: "stretching.evening" in seen.get("occurrence", ""), 75)
            late = stretch["t"] + time.time() - time.monotonic() - due.timestamp()
            print(f"the stretch was {late:.3f} s late")
            assert 0 <= late < 1
            server.press(stretch["id"], "done")
            running.wait_line("plugin composing: ", 10)
            for name, blame in BLAME.items():
                line = running.wait_line(f"plugin {name}: ")
                assert all(word in line for word in blame), line
                assert line.endswith("; it rests until it is mended")
            wait_for(lambda: sorted(told_of(server)) == sorted(BLAME), 5, "the person is told of each")
            check_blame(nest)
            assert nest.today()["stretching.evening"] == "done"
            assert [entry["kind"] for entry in nest.asked("entries")] == ["stretch"]

            socket, lock = listening(nest.home.socket_file), str(nest.home.lock_file)
            assert socket
            assert socket | {lock} <= held_by(running.process.pid)
            seconds = running.stop()
            print(f"SIGTERM took {seconds:.3f} s")
            assert seconds < 0.5
        check_freed(nest, children)


def told_of(server: WitnessProcess) -> list[str]:
    """The plugins that messages say were set aside."""
    told = [seen["body"] for seen in server.events("notify") if seen["title"] == "A plugin was set aside"]
    return [name for body in told for name in body.partition(".")[0].split(", ")]


def check_blame(nest: Nest) -> None:
    """`plugins list` and `plugins show` name each culprit with its reason and what to do."""
    listed = {row["name"]: row for row in nest.asked("plugins", "list")}
    with ThreadPoolExecutor(len(BLAME)) as pool:
        shown = dict(zip(BLAME, pool.map(lambda name: nest.run("plugins", "show", name).out, BLAME), strict=True))
    for name, blame in BLAME.items():
        assert listed[name]["state"] == "resting"
        assert all(word in listed[name]["reason"] for word in blame), listed[name]
        assert str(nest.home.plugin_dir / f"{name}.py") in listed[name]["remedy"]
        assert all(word in shown[name] for word in blame), shown[name]
        assert listed[name]["remedy"] in shown[name]
    bundled = {name for name, row in listed.items() if row["origin"] == "bundled"}
    assert {name for name, row in listed.items() if row["state"] == "on"} == bundled >= {"desktop", "stretching"}
    assert nest.asked("status")["resting"].keys() == BLAME.keys()


def check_freed(nest: Nest, children: Path) -> None:
    """Children that go on after the agent hold nothing that the next agent needs, and can be ended."""
    before = living(children)
    assert len(before) >= 2
    assert not listening(nest.home.socket_file)
    for child in before:
        assert str(nest.home.lock_file) not in held_by(child)
    only = "stretching,forks"
    with agent(nest, CRAMPCOACH_PLUGINS=only) as second:
        born = set(living(children)) - set(before)
        assert len(born) == 2  # at import, and in reminders
        socket = listening(nest.home.socket_file)
        assert socket
        for child in born:
            assert not held_by(child) & {*socket, str(nest.home.lock_file)}
        second.process.kill()
        second.process.wait()
        assert born <= set(living(children))
        with agent(nest, CRAMPCOACH_PLUGINS=only) as third:
            assert third.stop() < 0.5
    for child in born:
        os.kill(child, signal.SIGTERM)
    wait_for(lambda: not born & set(living(children)), 5, "SIGTERM ends a forked child")


RUDE = "import sys, threading, time\nthreading.Thread(target=time.sleep, args=(3600,), daemon=False).start()\n"


@pytest.mark.real
def test_neither_a_closed_output_nor_a_thread_that_stays_keeps_the_agent(tmp_path: Path) -> None:
    with private_bus() as bus, witness(bus) as server:
        nest = Nest(tmp_path / "home", {"DBUS_SESSION_BUS_ADDRESS": bus})
        nest.drop("rude", f"{RUDE}sys.stdout.close()\n")
        nest.configure('[plugins.stretching]\nschedule = "23:59"\n')
        with agent(nest, ready=False) as running:
            server.wait_for(lambda seen: seen.get("title") == "Welcome to crampcoach", 20)
            key = nest.make_due("stretching.evening", "23:59")
            server.wait_for(lambda seen: seen.get("occurrence") == key)
            assert running.stop() < 0.5
        nest.drop("rude", RUDE)
        assert nest.run("today", timeout=10).code == 0


# --- resting, with a handed-in clock ---------------------------------------------------------------------------

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
    with Coach(tmp_path, now="2026-11-22 10:30", config="[notify]\nmax_per_day = 100\n", deadline=0.5) as made:
        yield made


def mood(coach: Coach, text: str) -> None:
    (coach.home.plugin_dir / "mood").write_text(text)


@pytest.mark.pure
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


@pytest.mark.pure
def test_a_plugin_that_hangs_rests_at_once(coach: Coach) -> None:
    coach.load("hangs", SOURCES["hangs"], strict=False)
    coach.load("steady", STEADY)
    assert coach.resting() == {"hangs": "loading it took longer than 0.5 s"}
    coach.load(
        "composing",
        SOURCES["composing"]
        .replace("while True:\n        pass", "time.sleep(60)")
        .replace(HOOK, HOOK + "import time\n"),
        strict=False,
    )
    assert coach.resting().keys() == {"hangs"}
    coach.configure("[plugins.composing]\nschedule = '11:00'\n")
    coach.advance("11:00")
    assert coach.resting().keys() == {"hangs", "composing"}
    assert coach.states("composing.daily") == ["missed"]
    assert coach.states("steady.hourly") == ["shown"]


@pytest.mark.pure
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


@pytest.mark.pure
def test_a_mended_file_works_after_a_reload(coach: Coach) -> None:
    coach.load("moody", SOURCES["raises"], strict=False)
    assert coach.resting() == {"moody": "loading it raised RuntimeError: no bones in this one"}
    mood(coach, "good")
    (coach.home.plugin_dir / "moody.py").write_text(MOODY)
    coach.settle()
    assert coach.resting() == {}
    coach.advance("11:00")
    assert coach.states("moody.hourly") == ["shown"]


@pytest.mark.pure
def test_a_late_result_of_a_plugin_given_up_is_discarded(coach: Coach) -> None:
    slow = STEADY.replace("return", "import time; time.sleep(0.8); return")
    coach.load("slow", slow, strict=False)
    assert coach.resting() == {"slow": "loading it took longer than 0.5 s"}
    wait_for(lambda: not any(thread.name.startswith("slow") for thread in threading.enumerate()), 5, "it ends")
    coach.settle()
    coach.advance("11:00")
    assert (coach.states(), coach.sent) == ([], [])


@pytest.mark.pure
def test_a_reload_while_a_plugin_is_loading_does_not_lose_it(tmp_path: Path) -> None:
    with Coach(tmp_path, now="2026-11-22 10:30", deadline=5) as coach:
        coach.stop()
        coach.load("slow", STEADY.replace("return", "import time; time.sleep(0.3); return"))
        coach.load("hangs", SOURCES["hangs"].replace("3600", "6"))
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


@pytest.mark.pure
def test_a_signal_handler_is_the_plugins_own_failure(coach: Coach) -> None:
    before = signal.getsignal(signal.SIGTERM)
    coach.load("signals", "import signal\nsignal.signal(signal.SIGTERM, lambda *_: None)", strict=False)
    coach.load("steady", STEADY)
    assert coach.resting().keys() == {"signals"}
    assert "ValueError: signal only works in main thread" in coach.resting()["signals"]
    assert signal.getsignal(signal.SIGTERM) == before


@pytest.mark.pure
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


@pytest.mark.pure
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
