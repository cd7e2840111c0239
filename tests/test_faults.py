"""What breaks around the agent - screens, buses, disks, files, settings - costs one sentence and loses nothing."""

from __future__ import annotations

import fcntl
import os
import signal
import sqlite3
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import timedelta
from pathlib import Path

import click
import pytest

from agent_process import POWERLESS, Nest, agent
from coffee import COFFEE
from crampcoach import lock
from crampcoach.cli import cli
from crampcoach.control import poke
from crampcoach.model import Problem
from crampcoach.notifier import Delivered, Failed
from crampcoach.store import agent_state, entries, occurrences
from crampcoach.store.database import Database
from crampcoach.store.schema import STATE
from crampcoach.testing import Coach
from crampcoach.timetable import Timetable
from desktop import WitnessProcess, has_server, private_bus, wait_for, witness
from disks import fill, small_disk
from test_desktop import process_of

LATE = '[plugins.stretching]\nschedule = "23:59"\n'
STRETCH = "stretching.evening"
LATE_COFFEE = """
from crampcoach import Reminder, hookimpl
@hookimpl
def reminders():
    return [Reminder(name="daily", schedule="23:58", say="Coffee today?")]
"""


@pytest.fixture
def nest(tmp_path: Path) -> Nest:
    """A home without a desktop."""
    made = Nest(tmp_path / "home")
    made.configure(LATE)
    return made


@pytest.fixture
def bus(nest: Nest) -> Iterator[str]:
    with private_bus() as address:
        nest.env["DBUS_SESSION_BUS_ADDRESS"] = address
        yield address


def shown(server: WitnessProcess, key: str, timeout: float = 5.0) -> int:
    """The number of the popup of an occurrence, once it is there."""
    number: int = server.wait_for(lambda seen: seen["event"] == "notify" and seen["occurrence"] == key, timeout)["id"]
    return number


def check_pressed(nest: Nest, server: WitnessProcess, key: str) -> None:
    """A press on the popup of a stretch is stored and entered."""
    server.press(shown(server, key), "done")
    wait_for(lambda: nest.row(STRETCH).state == "done", 5, "the press is stored")
    wait_for(
        lambda: [entry["kind"] for entry in nest.asked("entries")] == ["stretch"], 5, "its entry stands in the log"
    )


# --- no desktop ------------------------------------------------------------------------------------------------


@pytest.mark.real
def test_without_a_desktop_messages_come_in_the_terminal(nest: Nest) -> None:
    with agent(nest, terminal=True) as running:
        nest.make_due(STRETCH, "23:59")
        running.wait_line("Answer with: crampcoach done stretching.evening")
        assert "\a" in running.text
        wait_for(lambda: nest.row(STRETCH).delivered, 5, "the terminal's word counts")
        assert (nest.row(STRETCH).state, nest.row(STRETCH).notifier) == ("shown", "terminal")
        assert nest.run("done", "stretching").code == 0
        assert nest.today()[STRETCH] == "done"
        assert [entry["kind"] for entry in nest.asked("entries")] == ["stretch"]
        running.stop()


@pytest.mark.real
def test_without_anybody_to_see_it_the_row_says_why(nest: Nest) -> None:
    with agent(nest) as running:
        nest.make_due(STRETCH, "23:59")
        row = wait_for(lambda: (row := nest.row(STRETCH)).retry and row, 5, "it is to be tried again")
        assert row
        assert (row.state, row.shows) == ("due", 0)
        assert "no desktop session bus" in row.reason
        assert "not a terminal" in row.reason
        assert row.reason in [today["reason"] for today in nest.asked("today") if today["reminder"] == STRETCH]
        running.stop()


@pytest.mark.pure
def test_what_nobody_could_show_is_tried_each_minute_and_then_missed(tmp_path: Path) -> None:
    with Coach(tmp_path, now="2026-11-22 21:50") as coach:
        coach.load("stretching")
        coach.recorder.verdict = Failed("no screen")
        coach.advance("22:00")
        for minute in ("22:01", "22:02"):
            (row,) = coach.rows()
            assert (row.state, row.shows) == ("due", 0)
            assert row.retry is not None
            assert f"{row.retry.astimezone(coach.clock.zone()):%H:%M}" == minute
            coach.advance(minute)
        coach.advance("23:05")
        (row,) = coach.rows()
        assert (row.state, row.reason) == ("missed", "nobody could show it (recorder: no screen)")
        assert coach.sent == []


@pytest.mark.pure
def test_a_screen_that_comes_back_within_grace_shows_it_once(tmp_path: Path) -> None:
    with Coach(tmp_path, now="2026-11-22 21:50") as coach:
        coach.load("stretching")
        coach.recorder.verdict = Failed("no screen")
        coach.advance("22:10")
        coach.recorder.verdict = Delivered("recorded")
        coach.advance("22:30")
        assert len(coach.sent) == 1
        coach.press("Done")
        assert (coach.states(), len(coach.entries("stretch"))) == (["done"], 1)


# --- servers and buses that die --------------------------------------------------------------------------------


@pytest.mark.real
def test_a_server_and_a_bus_that_die_while_a_message_is_open(tmp_path: Path) -> None:
    with ExitStack() as buses, ExitStack() as agents:
        nests, keys, running = [], [], []
        folders = [Path(buses.enter_context(tempfile.TemporaryDirectory(prefix="crampcoach-"))) for _ in range(2)]
        owned = [ExitStack(), ExitStack()]
        servers = []
        for number, folder in enumerate(folders):
            nest = Nest(tmp_path / str(number), {"DBUS_SESSION_BUS_ADDRESS": f"unix:path={folder / 'bus'}"})
            nest.configure(LATE)
            buses.enter_context(owned[number])
            address = owned[number].enter_context(private_bus(folder))
            servers.append(owned[number].enter_context(witness(address)))
            running.append(agents.enter_context(agent(nest)))
            nests.append(nest)
            keys.append(nest.make_due(STRETCH, "23:59"))
            shown(servers[-1], keys[-1])
            wait_for(lambda nest=nest: nest.row(STRETCH).delivered, 5, "it is confirmed")  # type: ignore[misc]
        servers[0].kill()
        os.kill(process_of(f"unix:path={folders[1] / 'bus'}"), signal.SIGKILL)
        for nest in nests:
            row = wait_for(lambda nest=nest: (row := nest.row(STRETCH)).retry and row, 5, "it is lost")  # type: ignore[misc]
            assert row
            assert (row.state, row.delivered) == ("due", None)
        owned[1].close()
        again = buses.enter_context(private_bus(folders[1]))
        back = [buses.enter_context(witness(f"unix:path={folder / 'bus'}")) for folder in folders]
        assert has_server(again)
        for nest, key, server in zip(nests, keys, back, strict=True):
            nest.try_again(STRETCH)
            check_pressed(nest, server, key)
            assert len([seen for seen in server.events("notify") if seen["occurrence"] == key]) == 1
        for one in running:
            one.stop()


# --- places that cannot be written -----------------------------------------------------------------------------


@pytest.fixture
def powerless(nest: Nest) -> Nest:
    """A home of which nothing may be written: it is somebody else's, or (for tests without root) has no such right."""
    nest.prefix = POWERLESS
    return nest


def forbid(path: Path, mode: int) -> None:
    if os.getuid() == 0:
        os.chown(path, 65534, 65534)
        path.chmod(mode | (mode >> 6))
    else:
        path.chmod(mode)


COMMANDS = (
    ["run"],
    ["status"],
    ["today"],
    ["plan"],
    ["done"],
    ["pause"],
    ["entries"],
    ["log", "stretch"],
    ["plugins"],
    ["plugins", "show", "stretching"],
    ["config", "show"],
)
#: With a config that cannot be read the others go on with the defaults.
REFUSING = ("run", "plan", "config")


@pytest.mark.real
@pytest.mark.parametrize("what", ["home", "data", "files", "run", "config"])
def test_a_home_that_cannot_be_written(powerless: Nest, what: str) -> None:
    home = powerless.home
    if what in ("files", "data", "run"):
        assert powerless.run("entries").code == 0
        home.runtime_dir.mkdir(mode=0o700)
    paths = {
        "home": [powerless.folder],
        "data": [home.data_dir],
        "files": [home.log_db, home.state_db],
        "run": [home.runtime_dir],
        "config": [home.config_file],
    }[what]
    for path in paths:
        forbid(path, 0o500 if path.is_dir() else 0o000 if what == "config" else 0o400)
    try:
        for words in COMMANDS:
            if (what == "run" and words != ["run"]) or (what == "config" and words[0] not in REFUSING):
                continue  # they need it not
            ended = powerless.run(*words)
            assert ended.code == 1, (words, ended)
            assert ended.err.startswith("crampcoach: "), (words, ended)
            assert str(powerless.folder) in ended.err
            assert ended.err.count("\n") == 1, (words, ended)
    finally:
        for path in paths:
            path.chmod(0o700 if path.is_dir() else 0o600)


@pytest.fixture
def tight(tmp_path: Path, bus: str) -> Iterator[Nest]:
    """A home on a small disk."""
    with small_disk(tmp_path / "disk", megabytes=3) as disk:
        nest = Nest(disk / "home", {"DBUS_SESSION_BUS_ADDRESS": bus})
        nest.configure(LATE)
        yield nest


def wait_backed_up(nest: Nest) -> None:
    """Wait until the backup of the start is made, and nothing else is written by itself."""
    wait_for(lambda: len(list(nest.home.backup_dir.glob("*.db"))) == 2, 10, "the backup is made")
    with closing(Database(nest.home.state_db, STATE)) as state:
        wait_for(lambda: agent_state.mark(state.connection, "pruned"), 10, "its thread is at its end")


@pytest.mark.real
def test_a_full_disk_costs_no_press(tight: Nest, server: WitnessProcess) -> None:
    with agent(tight) as running:
        wait_backed_up(tight)
        number = shown(server, tight.make_due(STRETCH, "23:59"))
        wait_for(lambda: tight.row(STRETCH).delivered, 5, "it is confirmed")
        ballast = fill(tight.folder.parent)
        server.press(number, "done")
        line = running.wait_line("full", 10)
        assert str(tight.home.data_dir) in line
        assert "free some space" in line
        for _ in range(3):
            poke(tight.home.socket_file)
        ended = tight.run("log", "stretch")
        assert (ended.code, ended.err.count("\n")) == (1, 1), ended
        assert "space" in ended.err
        assert running.process.poll() is None
        ballast.unlink()
        running.wait_line("can save again", 10)
        assert tight.row(STRETCH).state == "done"
        assert [entry["kind"] for entry in tight.asked("entries")] == ["stretch"]
        assert len([line for line in running.lines if "full" in line]) == 1, running.text
        running.stop()


@pytest.mark.real
def test_a_full_disk_costs_no_plugin(tight: Nest, server: WitnessProcess, tmp_path: Path) -> None:
    begun, go = tmp_path / "begun", tmp_path / "go"
    wait = (
        f"import time\nfrom pathlib import Path\nPath({str(begun)!r}).touch()\n"
        f"while not Path({str(go)!r}).exists():\n    time.sleep(0.01)\n"
    )
    later = tight.drop("later", LATE_COFFEE.replace("23:58", "23:57"))
    later.rename(later.with_suffix(".off"))
    with agent(tight) as running:
        wait_backed_up(tight)
        # With the welcome the notifier's threads are there, too.
        server.wait_for(lambda event: event["event"] == "notify", 10)
        tasks = Path(f"/proc/{running.process.pid}/task")
        tight.drop("loading", wait + LATE_COFFEE)
        before, threads = len(running.lines), len(list(tasks.iterdir()))
        poke(tight.home.socket_file)
        # One is being loaded while the disk fills up, the other comes when it is full.
        wait_for(begun.exists, 5, "it is being loaded")
        ballast = fill(tight.folder.parent)
        later.with_suffix(".off").rename(later)
        poke(tight.home.socket_file)
        running.wait_line("full", 10, after=before)
        go.touch()
        wait_for(lambda: len(list(tasks.iterdir())) <= threads, 10, "it has been loaded")
        ballast.unlink()
        running.wait_line("can save again", 10, after=before)
        shown(server, tight.make_due("loading.daily", "23:58"))
        shown(server, tight.make_due("later.daily", "23:57"))
        running.stop()


@contextmanager
def failing(monkeypatch: pytest.MonkeyPatch, owner: object, name: str) -> Iterator[None]:
    """Every call of this function meets a full disk."""

    def full(*_: object, **__: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(owner, name, full)
        yield


@pytest.mark.pure
def test_an_answer_whose_entry_could_not_be_saved_is_entered_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Coach(tmp_path, now="2026-11-22 14:59") as coach:
        coach.load("coffee", COFFEE)
        coach.advance("15:00")
        with failing(monkeypatch, entries, "append"):  # the state is stored, the log is not
            coach.press("Had one")
            assert coach.states() == ["done"]
            assert coach.entries() == ()
        coach.settle()
        assert "crampcoach can save again." in coach.said
        assert [entry.kind for entry in coach.entries()] == ["coffee"]
        coach.settle()
        assert len(coach.entries()) == 1


@pytest.mark.pure
def test_settings_that_came_while_nothing_could_be_written_are_followed_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Coach(tmp_path, now="2026-11-22 14:00") as coach:
        coach.load("coffee", COFFEE)
        coach.settle()
        with failing(monkeypatch, Timetable, "sweep_and_decide"):
            coach.configure('[plugins.coffee]\nschedule = "16:00"\n')
            assert any("disk is full" in line for line in coach.said)
        coach.advance("16:00")
        assert [f"{row.wall:%H:%M}" for row in coach.rows()] == ["16:00"]


@pytest.mark.pure
def test_a_plugin_that_stumbles_on_a_full_disk_gets_one_strike_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Coach(tmp_path, now="2026-11-22 14:00") as coach:
        coach.load("coffee", COFFEE.replace('"Coffee today?"', "lambda ctx, occurrence: 1 / 0"), strict=False)
        coach.settle()
        with failing(monkeypatch, occurrences, "save"), failing(monkeypatch, agent_state, "add_failure"):
            coach.clock.set(coach.clock.now() + timedelta(hours=1))

            def met() -> bool:
                coach.agent.turn()
                return any("disk is full" in line for line in coach.said)

            wait_for(met, 5, "the full disk is met")
            for _ in range(5):
                coach.agent.turn()
        coach.settle()
        assert coach.states() == ["missed"]
        assert coach.resting() == {}
        assert len(coach.failures("coffee")) == 1


# --- one agent -------------------------------------------------------------------------------------------------


@pytest.mark.real
def test_a_second_agent_is_refused_and_the_first_unharmed(nest: Nest, server: WitnessProcess) -> None:
    with agent(nest) as first:
        second = nest.run("run")
        assert second.code == 1
        assert second.err == (
            f"crampcoach: crampcoach is already running (process {first.process.pid}); "
            "`crampcoach status` shows how it is\n"
        )
        assert nest.asked("status")["pid"] == first.process.pid
        check_pressed(nest, server, nest.make_due(STRETCH, "23:59"))  # it is poked: its socket is still there
        first.stop()
    assert nest.asked("status")["running"] is False


@pytest.mark.pure
def test_asking_whether_an_agent_runs_does_not_keep_it_from_starting(tmp_path: Path) -> None:
    path = tmp_path / "agent.lock"
    lock.release(lock.acquire(path))
    asking = os.open(path, os.O_RDWR)
    fcntl.flock(asking, fcntl.LOCK_EX)  # as `lock.holder` does for a moment
    threading.Timer(0.05, os.close, [asking]).start()
    handle = lock.acquire(path)
    with pytest.raises(Problem, match=f"already running .process {os.getpid()}"):
        lock.acquire(path)
    lock.release(handle)


@pytest.mark.real
def test_a_command_never_cuts_the_agent_off_its_files(nest: Nest, server: WitnessProcess) -> None:
    # Each command is for a moment the only other one that has the files open. The agent's own connections come and
    # go too (the backup's, the plugins'): none of it may take the agent's locks from it.
    with agent(nest) as running:
        wait_backed_up(nest)
        for _ in range(3):
            nest.asked("today")
            wal = nest.home.state_db.with_name("state.db-wal")
            held = {str(handle.readlink()) for handle in Path(f"/proc/{running.process.pid}/fd").iterdir()}
            assert str(wal) in held
            assert not {name for name in held if name.endswith("(deleted)") and "state.db" in name}
        check_pressed(nest, server, nest.make_due(STRETCH, "23:59"))


# --- damaged files ---------------------------------------------------------------------------------------------


def overwrite(path: Path, start: int = 0) -> None:
    """Put other bytes in the place of those from `start` on, in the same file."""
    with path.open("rb+") as file:
        size = path.stat().st_size
        file.seek(start)
        file.write(b"\xa5" * (size - start))


def aside(path: Path) -> list[Path]:
    return [one for one in path.parent.glob(f"{path.name}.damaged-*") if not one.name.endswith(("-wal", "-shm"))]


@pytest.mark.real
@pytest.mark.parametrize("start", [0, 100, 4096])
@pytest.mark.parametrize("backed_up", [True, False])
def test_a_state_damaged_before_the_start(nest: Nest, server: WitnessProcess, start: int, backed_up: bool) -> None:
    with agent(nest) as first:
        wait_backed_up(nest)
        first.stop()
    if not backed_up:
        for copy in nest.home.backup_dir.iterdir():
            copy.unlink()
    with closing(sqlite3.connect(nest.home.state_db)) as whole:
        whole.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    overwrite(nest.home.state_db, start)
    with agent(nest) as running:
        line = running.wait_line("set aside as")
        assert str(nest.home.state_db) in line
        assert ("is in use" if backed_up else "it starts empty") in line
        assert len(aside(nest.home.state_db)) == 1
        check_pressed(nest, server, nest.make_due(STRETCH, "23:59"))


@pytest.mark.real
def test_a_state_damaged_under_a_running_agent(nest: Nest, server: WitnessProcess) -> None:
    with agent(nest) as running:
        wait_backed_up(nest)
        assert nest.run("log", "stretch").code == 0
        for tail in ("", "-wal"):
            overwrite(nest.home.state_db.with_name(f"state.db{tail}"))
        said = nest.run("today")  # or the agent meets it first
        poke(nest.home.socket_file)
        wait_for(lambda: "set aside as" in said.err + running.text, 10, "it is noticed")
        wait_for(lambda: len(aside(nest.home.state_db)) == 1, 5, "it is set aside")
        key = nest.make_due(STRETCH, "23:59")
        number = shown(server, key)
        wait_for(lambda: nest.row(STRETCH).delivered, 5, f"agent and commands see the same file; {running.text}")
        server.press(number, "done")
        wait_for(lambda: nest.today()[STRETCH] == "done", 5, "the press is stored")
        assert [entry["kind"] for entry in nest.asked("entries")] == ["stretch", "stretch"]
        running.stop()


@pytest.mark.real
@pytest.mark.parametrize("start", [0, 4096])
def test_a_damaged_log_comes_back_from_its_backup(nest: Nest, server: WitnessProcess, start: int) -> None:
    assert nest.run("log", "stretch", "--note", "before").code == 0
    with agent(nest) as first:
        wait_backed_up(nest)
        first.stop()
    overwrite(nest.home.log_db, start)
    with agent(nest) as running:
        key = nest.make_due(STRETCH, "23:59")
        server.press(shown(server, key), "done")
        line = running.wait_line("set aside as")
        assert str(nest.home.log_db) in line
        assert "is in use" in line
        wait_for(lambda: len(nest.asked("entries")) == 2, 5, "old and new entry")
        assert [entry["note"] for entry in nest.asked("entries")] == ["", "before"]
        running.stop()


# --- settings --------------------------------------------------------------------------------------------------

BAD = '[day]\nbed = "25:00"\n[notify]\nmax_per_day = "many"\n[quiets]\nenabled = true\n'


@pytest.mark.real
def test_bad_settings_at_start_are_all_said_at_once(nest: Nest) -> None:
    nest.configure(BAD)
    ended = nest.run("run")
    assert ended.code == 1
    lines = ended.err.splitlines()
    assert len(lines) == 3
    for number, key in ((2, "day.bed"), (4, "notify.max_per_day"), (5, "quiets")):
        assert any(f"{nest.home.config_file}:{number}: {key}: " in line for line in lines), lines
    nest.configure("[day\n")
    ended = nest.run("run")
    assert (ended.code, ended.err.count("\n")) == (1, 1), ended
    assert "this is not TOML" in ended.err


@pytest.mark.real
def test_bad_settings_on_a_running_agent_change_nothing(nest: Nest, server: WitnessProcess) -> None:
    with agent(nest) as running:
        for text in ("[day\n", BAD):
            before = len(running.lines)
            nest.configure(text)
            running.process.send_signal(signal.SIGHUP)
            running.wait_line("the settings from before stay in force", after=before)
            assert str(nest.home.config_file) in "\n".join(running.lines[before:])
        shown(server, nest.make_due(STRETCH, "23:59"))  # a slot of the old settings
        before = len(running.lines)
        nest.configure('[plugins.stretching]\nschedule = "23:58"\n')
        running.process.send_signal(signal.SIGHUP)
        running.wait_line("changed: plugin stretching", after=before)
        running.stop()


@pytest.mark.real
def test_sighup_has_everything_read_again(nest: Nest) -> None:
    with agent(nest) as running:
        running.process.send_signal(signal.SIGHUP)
        running.wait_line("config read again; changed: nothing")
        nest.configure(LATE + '[quiet]\nenabled = false\n[notify]\norder = ["terminal"]\n')
        nest.drop("coffee", LATE_COFFEE)
        running.process.send_signal(signal.SIGHUP)
        running.wait_line("config read again; changed: quiet, notify, plugin coffee")
        running.stop()


# --- commands --------------------------------------------------------------------------------------------------

LISTINGS = (
    ["status"],
    ["today", "--json"],
    ["plan", "--days", "62"],
    ["entries"],
    ["plugins"],
    ["plugins", "show", "stretching", "--json"],
    ["config", "show"],
    ["config", "path"],
    ["--help"],
    ["log", "stretch", "--json"],
)


@pytest.mark.real
@pytest.mark.parametrize("output", ["closed", "broken"])
def test_a_command_whose_output_nobody_reads(nest: Nest, output: str) -> None:
    with tempfile.TemporaryFile() as errors:
        processes = []
        for words in LISTINGS:
            read, write = os.pipe()
            os.close(read)
            command = nest.command(*words)
            if output == "closed":
                command = ["sh", "-c", 'exec "$@" >&-', "sh", *command]
            processes.append(subprocess.Popen(command, stdout=write, stderr=errors, env=nest.environment()))
            os.close(write)
        for process in processes:
            assert process.wait(60) in (0, 1), process.args
        errors.seek(0)
        assert errors.read() == b""


def all_commands() -> list[list[str]]:
    """The words of every command and subcommand."""
    found: list[list[str]] = [[]]
    with click.Context(cli, **cli.context_settings) as ctx:
        for name in cli.list_commands(ctx):
            found.append([name])
            command = cli.get_command(ctx, name)
            if isinstance(command, click.Group) and name != "log":
                found += [[name, one] for one in command.commands]
    return [*found, ["log", "stretch"]]


@pytest.mark.real
def test_every_help_helps(nest: Nest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CRAMPCOACH_HOME", str(tmp_path / "listing"))  # not the home of whoever runs the tests
    everything = all_commands()
    for words in everything:
        ended = nest.run(*words, "--help")
        assert ended.code == 0, (words, ended)
        assert ended.out.startswith("Usage: crampcoach"), (words, ended)
        assert ended.err == ""
    assert len(everything) > 15
    assert not nest.home.runtime_dir.exists()


@pytest.mark.real
def test_errors_are_sentences_without_a_traceback_unless_asked(nest: Nest) -> None:
    for words, code in (
        (["nonsense"], 2),
        (["entries", "--limit", "none"], 2),
        (["log", "nonsense"], 2),
        (["log", "stretch", "--minutes", "few"], 2),
        (["log", "stretch", "--at", "whenever"], 2),
        (["pause", "for ever"], 2),
        (["done", "nonsense"], 1),
        (["snooze"], 1),
        (["try", "nonsense"], 1),
        (["plugins", "show", "nonsense"], 1),
    ):
        ended = nest.run(*words)
        assert ended.code == code, (words, ended)
        assert ended.err.startswith("crampcoach: "), (words, ended)
    nest.home.data_dir.rename(nest.folder / "elsewhere")
    nest.home.data_dir.write_text("")  # no folder
    for words in COMMANDS:
        ended = nest.run(*words)
        assert ended.code == 1, (words, ended)
        assert str(nest.folder / "data") in ended.err, (words, ended)
    debugged = subprocess.run(
        nest.command("--debug", "entries"), env=nest.environment(), capture_output=True, text=True, check=False
    )
    assert debugged.returncode == 1
    assert "Traceback" in debugged.stderr
