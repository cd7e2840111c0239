"""Hostile plugins, all at once: others stay on time, each culprit is named, and the process stays as it should be."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agent_process import AgentProcess, Nest, agent
from crampcoach.store import agent_state
from crampcoach.store.database import Database
from crampcoach.store.schema import STATE, to_text
from desktop import WitnessProcess, private_bus, wait_for, witness
from hostile_plugins import BY_COMMAND, HOSTILE, RAISED_WORDS, WHILE_LOADING, WHILE_RUNNING, Hostile

pytestmark = pytest.mark.real

IN_AGENT = {**WHILE_LOADING, **WHILE_RUNNING}
RESTING = {name for name, one in IN_AGENT.items() if one.becomes == "rests"}
#: The bundled reminders that come at the same minute as those of the hostile ones.
BUNDLED = {"cramps.check-in", "journaling.evening", "stretching.evening"}
CONFIG = """\
[notify]
order = ["lamp-hangs", "lamp-raises", "lamp-lies", "lamp-presses", "desktop"]
max_per_day = 60
[plugins.stretching]
schedule = "DUE"
[plugins.journaling]
schedule = "DUE"
[plugins.cramps]
schedule.check-in = "DUE"
"""
#: Seconds by which a message may be late on a busy machine: nobody waits for a call to be given up, which takes five.
LATE = 3.0
#: So long, in seconds, the process is watched while nothing is to be done.
WATCHED = 8.0


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


def drop(nest: Nest, plugins: Mapping[str, Hostile], due: datetime) -> None:
    for name, one in plugins.items():
        nest.drop(name, one.source.replace("DUE", f"{due:%H:%M}"))


def make_tick(nest: Nest, plugin: str) -> None:
    """Its last tick is long ago."""
    assert nest.run("--no-plugins", "status").code == 0
    with closing(Database(nest.home.state_db, STATE)) as state, state.transaction() as connection:
        agent_state.set_mark(connection, f"tick {plugin}", to_text(datetime.now(UTC) - timedelta(days=1)))


def test_twenty_and_more_hostile_plugins_at_once(tmp_path: Path, children: Path) -> None:
    assert len(HOSTILE) >= 20
    with private_bus() as bus, witness(bus) as server:
        nest = Nest(tmp_path / "home", {"DBUS_SESSION_BUS_ADDRESS": bus, "CHILDREN": str(children)})
        make_tick(nest, "ticks")
        # Those that hang have five seconds, and so has each of the messages that come first.
        due = nest.next_minute(notice=30)
        drop(nest, HOSTILE, due)
        nest.configure(CONFIG.replace("DUE", f"{due:%H:%M}"))
        with agent(nest, ready=False) as running:
            running.wait_line("ready: ", 30)
            check_named(running, WHILE_LOADING)
            check_on_time(server, due)
            check_answered(nest, server)
            for name, timeout in (("composing", 10), ("ticks", 70), ("responds", 10), ("advises", 10)):
                running.wait_line(f"plugin {name}: ", timeout)
            check_named(running, WHILE_RUNNING)
            wait_for(lambda: set(told_of(server)) == RESTING, 10, "the person is told of each that rests")
            check_blame(nest)
            check_budget(running)

            socket, lock = listening(nest.home.socket_file), str(nest.home.lock_file)
            assert socket
            assert socket | {lock} <= held_by(running.process.pid)
            print(f"SIGTERM took {running.stop():.3f} s")
        check_freed(nest, children)


def check_named(running: AgentProcess, plugins: Mapping[str, Hostile]) -> None:
    """The agent's line says what each did wrong, or where; what becomes of it, and where there is more."""
    for name, one in plugins.items():
        lines = [line for line in running.lines if line.startswith(f"plugin {name}: ")]
        what = rf"loading it|composing {name}\.daily|{name}\.\w+\(\)|\w+\(\)"
        place = re.compile(rf"plugin {name}: ({what}) raised \w+ in {name}\.py, line \d+; ")
        line = next((line for line in lines if place.match(line) or all(word in line for word in one.blame)), "")
        assert line, (name, lines)
        assert line.endswith(f"`crampcoach plugins show {name}` says more"), line
        assert len(line) < 500
        rests = [line for line in lines if "; it rests until it is mended, and " in line]
        assert len(rests) <= 1
        assert rests or one.becomes == "fails", lines
    assert not [line for line in running.lines if any(words in line for words in RAISED_WORDS)]


def check_on_time(server: WitnessProcess, due: datetime) -> None:
    """Every bundled reminder comes, and no plugin's hanging is waited for."""
    for name in sorted(BUNDLED):
        seen = server.wait_for(lambda seen, name=name: seen.get("occurrence", "").startswith(f"{name}/"), 100)  # type: ignore[misc]
        late = seen["t"] + time.time() - time.monotonic() - due.timestamp()
        print(f"{name} was {late:.3f} s late")
        assert 0 <= late < LATE


def told_of(server: WitnessProcess) -> list[str]:
    """The plugins that messages say were set aside."""
    told = [seen["body"] for seen in server.events("notify") if seen["title"] == "A plugin was set aside"]
    return [name for body in told for name in " ".join(body.split()).partition(".")[0].split(", ")]


def check_answered(nest: Nest, server: WitnessProcess) -> None:
    """What the person pressed is in the log, whatever plugins make of it."""
    for name, key in (("responds.daily", "done"), ("stretching.evening", "done")):
        popup = server.wait_for(lambda seen, name=name: seen.get("occurrence", "").startswith(name))  # type: ignore[misc]
        server.press(popup["id"], key)
    wait_for(lambda: [entry["kind"] for entry in nest.asked("entries")] == ["stretch"], 20, "the stretch is in the log")
    today = nest.asked("today")
    assert {row["state"] for row in today if row["reminder"] in ("responds.daily", "stretching.evening")} == {"done"}


def check_blame(nest: Nest) -> None:
    """`plugins list` and `plugins show` name each culprit with its reason and what to do."""
    wait_for(lambda: nest.asked("status")["resting"].keys() >= RESTING, 20, "all of them rest")
    listed = {row["name"]: row for row in nest.asked("plugins", "list")}
    with ThreadPoolExecutor(4) as pool:
        # Each by itself: the others would be loaded each time.
        shows = pool.map(lambda name: nest.run("plugins", "show", name, CRAMPCOACH_PLUGINS=name).out, HOSTILE)
        shown = dict(zip(HOSTILE, shows, strict=True))
    for name, one in HOSTILE.items():
        flat = " ".join(shown[name].split())
        assert all(word in flat for word in one.blame), (name, shown[name])
        if one.becomes == "command":
            assert listed[name]["state"] == "on"
            continue
        assert listed[name]["state"] == ("resting" if one.becomes == "rests" else "on"), listed[name]
        assert any(word in listed[name]["reason"] for word in one.blame), listed[name]
        assert f"mend {nest.home.plugin_dir / name}.py, or switch it off: " in listed[name]["remedy"]
        assert listed[name]["remedy"] in flat
    bundled = {row["name"]: row["state"] for row in listed.values() if row["origin"] == "bundled"}
    assert set(bundled.values()) == {"on"}
    assert bundled.keys() >= {"desktop", "stretching", "cramps", "journaling"}


def check_budget(running: AgentProcess) -> None:
    """After all that nothing computes, nothing wakes up, no thread comes along, and memory is what it should be."""
    pid = running.process.pid

    def used() -> tuple[int, float, int]:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        switches = sum(_number(task / "status", "voluntary_ctxt_switches") for task in tasks)
        return switches, sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9, len(tasks)

    def idle() -> bool:
        before = used()
        time.sleep(WATCHED)
        after = used()
        print(f"{after[0] - before[0]} wake-ups, {after[1] - before[1]:.3f} s computed, {after[2]} threads")
        # A busy loop would be thousands, and a thread that computes all of the time.
        return after[0] - before[0] < 50 and after[1] - before[1] < WATCHED / 8 and after[2] == before[2]

    assert idle() or idle()  # once a minute it looks
    assert used()[2] < 100
    memory = _number(Path(f"/proc/{pid}/smaps_rollup"), "Pss") / 1024
    print(f"{memory:.1f} MB")
    assert memory < 60


def _number(path: Path, name: str) -> int:
    found = re.search(rf"^{name}:\s+(\d+)", path.read_text(), re.MULTILINE)
    assert found
    return int(found[1])


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
            third.stop()
    for child in born:
        os.kill(child, signal.SIGTERM)
    wait_for(lambda: not born & set(living(children)), 5, "SIGTERM ends a forked child")


def test_commands_work_beside_them_and_name_those_that_they_ask(tmp_path: Path, children: Path) -> None:
    nest = Nest(tmp_path / "home", {"CHILDREN": str(children)})
    drop(nest, HOSTILE, nest.next_minute())
    asks = {
        ("status",): set[str](),
        ("plan",): set[str](),
        ("log", "cramp", "--side", "left"): {"advises"},
        ("export",): {"exporters-raise"},
        ("import",): {"importers-raise"},
        ("explain",): {"explainers-raise"},
        ("--help",): {"commands-raise", "commands-hang"},
    }
    with ThreadPoolExecutor(3) as pool:
        ended = dict(zip(asks, pool.map(lambda words: nest.run(*words, timeout=120), asks), strict=True))
    for words, culprits in asks.items():
        assert ended[words].code == 0, (words, ended[words])
        assert ended[words].out
        # An entry is saved without a word of reminders, and quiet times are asked for where they count.
        loading = set() if words[0] == "log" else WHILE_LOADING.keys() - {"quiet-raises"}
        for name in {*loading, *culprits}:
            (line,) = [one for one in ended[words].err.splitlines() if one.startswith(f"crampcoach: plugin {name}: ")]
            assert all(word in line for word in HOSTILE[name].blame), line
        assert not [name for name in BY_COMMAND.keys() - culprits if f"plugin {name}: " in ended[words].err]
    assert [entry["kind"] for entry in nest.asked("entries")] == ["cramp"]


OUTPUT = """
import os, sqlite3, sys
from crampcoach.clock import SystemClock
from crampcoach.guard import ask
from crampcoach.shared_process import keep_output

def by_its_number():
    os.close(1)

def and_something_takes_its_number():
    os.close(1)
    sqlite3.connect(sys.argv[1]).execute("PRAGMA user_version")

def by_another_name():
    sys.__stdout__.close()

def as_anybody_would():
    sys.stdout.close()

keep_output()
for job in (by_its_number, and_something_takes_its_number, by_another_name, as_anybody_would):
    outcome = ask(SystemClock(), {"job": job}, "it")["job"]
    print(job.__name__, outcome.reason, sep=": ", flush=True)
"""


def test_an_output_that_is_closed_is_open_again(tmp_path: Path) -> None:
    said = subprocess.run([sys.executable, "-c", OUTPUT, tmp_path / "db"], check=True, capture_output=True, text=True)
    assert said.stdout.splitlines() == [
        "by_its_number: ",
        "and_something_takes_its_number: ",
        "by_another_name: ",
        "as_anybody_would: it raised OSError: the output is everybody's; leave it open",
    ]


RUDE = "import sys, threading, time\nthreading.Thread(target=time.sleep, args=(3600,), daemon=False).start()\n"


def test_neither_a_closed_output_nor_a_thread_that_stays_keeps_the_agent(tmp_path: Path) -> None:
    with private_bus() as bus, witness(bus) as server:
        nest = Nest(tmp_path / "home", {"DBUS_SESSION_BUS_ADDRESS": bus})
        nest.drop("rude", f"{RUDE}import os\nos.close(1)\nsys.stdout.buffer.close()\n")
        nest.configure('[plugins.stretching]\nschedule = "23:59"\n')
        with agent(nest, ready=False) as running:
            server.wait_for(lambda seen: seen.get("title") == "Welcome to crampcoach", 20)
            key = nest.make_due("stretching.evening", "23:59")
            server.wait_for(lambda seen: seen.get("occurrence") == key)
            running.stop()
            assert running.lines[-1] == "stopped"
        nest.drop("rude", RUDE)
        assert nest.run("today", timeout=10).code == 0


CRASHES = """
from crampcoach import hookimpl
@hookimpl
def tick(ctx):
    import ctypes
    secret = "dear diary"
    ctypes.string_at(0)
"""


def test_a_crash_in_c_names_the_line_that_it_came_through_and_no_value(tmp_path: Path) -> None:
    nest = Nest(tmp_path / "home")
    make_tick(nest, "crashes")
    nest.drop("crashes", CRASHES)
    said = nest.run("run", timeout=60)
    assert said.code == -signal.SIGSEGV, said
    assert "Fatal Python error: Segmentation fault" in said.err
    assert f'File "{nest.home.plugin_dir}/crashes.py", line 7 in tick' in said.err
    assert "diary" not in said.out + said.err
