"""Advice from real processes: beside a locked log, after a kill, in a terminal, where nothing can be saved."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import sqlite3
import struct
import subprocess
import termios
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from agent_process import POWERLESS, AgentProcess, Nest, agent
from crampcoach.safety.flags import red_flags
from crampcoach.store import notices, open_store, raised, red_flags_shown
from crampcoach.store.database import BUSY_SECONDS, Database
from crampcoach.store.schema import LOG, STATE
from desktop import WitnessProcess, private_bus, wait_for, witness

pytestmark = pytest.mark.real

ASKS = "of.asks"
#: It asks, and logs what is pressed. `lamp` shows messages in a file and presses what it finds in another.
PLUGIN = """\
from crampcoach import Action, Log, Reminder, hookimpl

@hookimpl
def reminders():
    yes = Action(label="Swollen", then=Log("symptoms", swelling="yes"))
    return [Reminder(name="asks", schedule="23:58", say="Signs?", actions=[yes])]
"""
LAMP = """\
import json, os, threading, time
from pathlib import Path
from crampcoach import Delivered, Failed, hookimpl

HERE = Path(os.environ["CRAMPCOACH_HOME"])

class Dark:
    name = "dark"
    def start(self, events): pass
    def show(self, message): return Failed("dark")
    def withdraw(self, occurrence): pass
    def close(self): pass

class Lamp(Dark):
    name = "lamp"
    def start(self, events):
        self.events, self.shown = events, ""
        threading.Thread(target=self.watch, daemon=True).start()
    def show(self, message):
        while (HERE / "hang").exists() and message.occurrence.startswith("advice/"):
            (HERE / "hanging").touch()
            time.sleep(0.01)
        self.shown = message.occurrence
        with (HERE / "shown").open("a") as file:
            file.write(json.dumps([message.occurrence, message.title, message.body]) + "\\n")
        return Delivered("shown")
    def watch(self):
        while True:
            time.sleep(0.01)
            if (HERE / "press").exists():
                key = (HERE / "press").read_text()
                (HERE / "press").unlink()
                self.events.answer(self.shown, key)

@hookimpl
def notifiers(): return [Dark(), Lamp()]
"""
TODAY = "Get this looked at today"
#: What stands behind it cannot write a byte to any file.
FULL = ("sh", "-c", 'ulimit -f 0; exec "$@"', "sh")
#: A command says the next thing within so many seconds.
PATIENCE = 20.0
SWOLLEN = "one leg has a throbbing or cramping pain that stays"


@pytest.fixture
def nest(tmp_path: Path) -> Nest:
    """A home with one question, and a lamp that shows messages after a notifier that never does."""
    made = Nest(tmp_path / "home", {"CRAMPCOACH_PLUGINS": "of,lamp"})
    made.configure('[notify]\norder = ["dark", "lamp"]\n')
    made.drop("of", PLUGIN)
    made.drop("lamp", LAMP)
    return made


@pytest.fixture
def server(nest: Nest) -> Iterator[WitnessProcess]:
    """A notification server instead of the lamp."""
    nest.env["CRAMPCOACH_PLUGINS"] = "of,desktop"
    with private_bus() as bus, witness(bus) as process:
        nest.env["DBUS_SESSION_BUS_ADDRESS"] = bus
        yield process


@contextmanager
def locked(nest: Nest, how: str) -> Iterator[None]:
    """Another process is writing to the log, and does not come to an end."""
    path = nest.home.log_db
    if how == "flock":
        with path.with_name(f"{path.name}.lock").open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
            fcntl.flock(file, fcntl.LOCK_UN)
        return
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        yield
        connection.execute("ROLLBACK")


def notified(server: WitnessProcess, title: str, timeout: float = 5.0) -> int:
    number: int = server.wait_for(lambda seen: seen["event"] == "notify" and seen["title"] == title, timeout)["id"]
    return number


def shown(nest: Nest) -> list[str]:
    """The titles of what the lamp has shown."""
    path = nest.folder / "shown"
    return re.findall(r'^\["[^"]*", "([^"]*)"', path.read_text(), re.MULTILINE) if path.exists() else []


def press(nest: Nest) -> None:
    """Have the lamp press what it shows."""
    (nest.folder / "part").write_text("swollen")
    (nest.folder / "part").rename(nest.folder / "press")


def symptoms(nest: Nest) -> list[dict[str, str]]:
    return [entry["fields"] for entry in nest.asked("entries", "--kind", "symptoms")]


def untold(nest: Nest) -> int:
    with closing(Database(nest.home.log_db, LOG)) as log:
        return len(raised.untold(log))


# --- a locked log ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["flock", "exclusive"])
def test_a_locked_log_delays_no_popup(nest: Nest, server: WitnessProcess, how: str) -> None:
    with agent(nest) as running:
        key = nest.make_due(ASKS, "23:58")
        number = notified(server, "Signs?")
        wait_for(lambda: nest.row(ASKS).delivered, 5, "it is confirmed")
        with locked(nest, how):
            began = time.monotonic()
            server.press(number, "swollen")
            notified(server, TODAY)
            assert time.monotonic() - began < BUSY_SECONDS / 2
            assert symptoms(nest) == []
        wait_for(lambda: symptoms(nest) == [{"swelling": "yes"}], 40, "it is saved once it can be")
        wait_for(lambda: untold(nest) == 0, 40, "it counts as told")
        assert nest.row(ASKS).key == key
        assert nest.row(ASKS).state == "done"
        assert len([seen for seen in server.events("notify") if seen["title"] == TODAY]) == 1
        running.stop()


@pytest.mark.parametrize("how", ["flock", "exclusive"])
def test_nor_where_the_first_notifier_fails(nest: Nest, how: str) -> None:
    """Whoever asks the second one must not be waiting for the log."""
    with agent(nest) as running:
        nest.make_due(ASKS, "23:58")
        wait_for(lambda: shown(nest)[-1:] == ["Signs?"] and nest.row(ASKS).delivered, 15, "it is shown")
        with locked(nest, how):
            began = time.monotonic()
            press(nest)
            wait_for(lambda: shown(nest)[-1:] == [TODAY], 5, "the advice is shown")
            assert time.monotonic() - began < BUSY_SECONDS / 2
            assert symptoms(nest) == []
        wait_for(lambda: symptoms(nest) == [{"swelling": "yes"}], 40, "it is saved once it can be")
        running.stop()
    assert shown(nest).count(TODAY) == 1


@pytest.mark.parametrize("how", ["flock", "exclusive"])
def test_a_command_says_it_before_it_waits_for_the_log(nest: Nest, how: str) -> None:
    assert nest.run("entries").code == 0
    words = ("log", "symptoms", "--swelling", "yes")
    with locked(nest, how):
        process = subprocess.Popen(nest.command(*words), stdout=subprocess.PIPE, env=nest.environment())
        assert process.stdout
        out = b""
        deadline = time.monotonic() + 10
        while SWOLLEN.encode() not in out:
            ready, _, _ = select.select([process.stdout], [], [], max(0.0, deadline - time.monotonic()))
            assert ready, out
            out += os.read(process.stdout.fileno(), 65536)
        assert process.poll() is None
        assert b"saved" not in out
    with process.stdout:
        assert b"saved" in process.stdout.read()
    assert process.wait(40) == 0
    assert symptoms(nest) == [{"swelling": "yes"}]


# --- killed ----------------------------------------------------------------------------------------------------


def noted(nest: Nest, times: int) -> bool:
    """Whether the agent has written down that its advice was shown so often."""
    with closing(Database(nest.home.state_db, STATE)) as state:
        return any(one.of and one.shows >= times for one in notices.standing(state.connection))


def test_what_a_kill_cut_short_is_told_by_the_next_run_once(nest: Nest) -> None:
    """Killed after the entry was saved and before its message was shown."""
    (nest.folder / "hang").touch()
    with agent(nest) as running:
        assert SWOLLEN in nest.run("log", "symptoms", "--swelling", "yes").out
        wait_for((nest.folder / "hanging").exists, 5, "it is about to be shown")
        running.process.send_signal(signal.SIGKILL)
        running.process.wait()
    assert TODAY not in shown(nest)
    assert untold(nest) == 1
    (nest.folder / "hang").unlink()
    for times in (1, 2, 2):  # nobody pressed or closed it, and its server forgot it: it comes once more
        with agent(nest) as running:
            wait_for(lambda: untold(nest) == 0, 10, "it is told")
            wait_for(partial(noted, nest, times), 10, "it is written down")
            running.stop()
        assert shown(nest).count(TODAY) == times


def test_what_a_kill_cut_short_after_the_press_is_told_and_saved(nest: Nest) -> None:
    with agent(nest) as running:
        nest.make_due(ASKS, "23:58")
        wait_for(lambda: shown(nest)[-1:] == ["Signs?"] and nest.row(ASKS).delivered, 15, "it is shown")
        (nest.folder / "hang").touch()
        press(nest)
        wait_for((nest.folder / "hanging").exists, 5, "the advice is about to be shown")
        wait_for(lambda: nest.row(ASKS).state == "done", 5, "the answer is stored")
        running.process.send_signal(signal.SIGKILL)
        running.process.wait()
    assert symptoms(nest) == []
    (nest.folder / "hang").unlink()
    with agent(nest) as running:
        wait_for(lambda: shown(nest)[-1:] == [TODAY], 10, "the next run tells it")
        wait_for(lambda: symptoms(nest) == [{"swelling": "yes"}], 10, "and saves it")
        running.stop()
    assert shown(nest).count(TODAY) == 1


# --- without plugins -------------------------------------------------------------------------------------------


@contextmanager
def agent_without_plugins(nest: Nest, log: Path) -> Iterator[AgentProcess]:
    with log.open("wb") as file:
        process = subprocess.Popen(
            nest.command("--no-plugins", "run"), stdout=file, stderr=file, env=nest.environment()
        )
    try:
        yield AgentProcess(nest, process, log)
    finally:
        process.kill()
        process.wait()


def test_without_plugins_the_agents_output_says_it(nest: Nest, tmp_path: Path) -> None:
    with agent_without_plugins(nest, tmp_path / "out") as running:
        running.wait_line("ready: 0 reminders")
        assert SWOLLEN in nest.run("--no-plugins", "log", "symptoms", "--swelling", "yes").out
        running.wait_line(SWOLLEN)
        running.stop()
    with agent(nest) as running:
        wait_for(lambda: shown(nest)[-1:] == [TODAY], 10, "somebody can show it now")
        running.stop()


# --- where nothing can be saved --------------------------------------------------------------------------------

RAISING = (
    ["log", "symptoms", "--swelling", "yes"],
    ["log", "cramp", "--note", "my leg is swollen"],
    ["log", "symptoms", "--swelling", "yes", "--json"],
    ["--no-plugins", "log", "symptoms", "--swelling", "yes"],
)


@pytest.mark.parametrize("words", RAISING, ids=" ".join)
@pytest.mark.parametrize("what", ["files", "folder", "unreadable"])
def test_what_cannot_be_saved_is_advised_on_all_the_same(nest: Nest, words: list[str], what: str) -> None:
    nest.env["CRAMPCOACH_PLUGINS"] = "cramps"
    assert nest.run("entries").code == 0
    nest.prefix = POWERLESS
    paths = [nest.home.data_dir] if what == "folder" else sorted(nest.home.data_dir.glob("*.db*"))
    for path in paths:
        if os.getuid() == 0:
            os.chown(path, 65534, 65534)
        path.chmod({"files": 0o444, "folder": 0o555, "unreadable": 0o000}[what])
    ended = nest.run(*words)
    assert ended.code == 1
    assert SWOLLEN in (ended.err if "--json" in words else ended.out)
    assert str(nest.folder) in ended.err
    assert "saved" not in ended.out


@pytest.mark.parametrize("words", RAISING[:1], ids=" ".join)
def test_a_disk_that_takes_no_byte_takes_no_advice_away(nest: Nest, words: list[str]) -> None:
    assert nest.run("entries").code == 0
    nest.prefix = FULL
    process = subprocess.run(nest.command(*words), capture_output=True, text=True, env=nest.environment(), check=False)
    assert process.returncode == 1, process
    assert SWOLLEN in process.stdout
    assert "free some space" in process.stderr
    assert "Traceback" not in process.stderr


@pytest.mark.parametrize("output", ["closed", "broken"])
def test_an_output_that_nobody_reads_costs_no_entry(nest: Nest, output: str) -> None:
    """And counts as untold: the agent says it."""
    read, write = os.pipe()
    os.close(read)
    command = nest.command("log", "symptoms", "--swelling", "yes")
    if output == "closed":
        command = ["sh", "-c", 'exec "$@" >&-', "sh", *command]
    try:
        ended = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, env=nest.environment(), check=False)
    finally:
        os.close(write)
    assert b"Traceback" not in ended.stderr
    assert symptoms(nest) == [{"swelling": "yes"}]
    assert untold(nest) == 1


@pytest.mark.parametrize(
    "words",
    [
        ["setup", "--defaults", "--no-start"],
        ["stretch"],
        ["try", "stretching.evening", "--wait", "0"],
        ["now"],
        ["week"],
        ["check-symptoms"],
    ],
    ids=" ".join,
)
def test_without_any_input_and_output_nothing_unexpected_goes_wrong(nest: Nest, words: list[str]) -> None:
    """And signs that nobody can have read do not count as shown."""
    nest.env |= {"CRAMPCOACH_PLUGINS": "stretching,cramps", "HOME": str(nest.folder / "person")}
    command = ["sh", "-c", 'exec "$@" <&- >&-', "sh", *nest.command(*words)]
    ended = subprocess.run(command, stderr=subprocess.PIPE, env=nest.environment(), check=False, timeout=60)
    assert b"unexpected" not in ended.stderr
    assert b"Traceback" not in ended.stderr
    with closing(open_store(nest.home, datetime.now(UTC))) as store:
        assert red_flags_shown.since(store.state) is None


# --- in a terminal ---------------------------------------------------------------------------------------------


class Screen:
    """A command in a terminal of 60 columns."""

    def __init__(self, nest: Nest, *words: str) -> None:
        self.ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 60, 0, 0))
        environment = {name: value for name, value in nest.environment(TERM="xterm").items() if name != "COLUMNS"}
        self.process = subprocess.Popen(
            ["setsid", "--ctty", *nest.command(*words)],  # so that Ctrl+C reaches it
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=environment,
        )
        os.close(theirs)
        self.text, self.at = "", 0

    def wait(self, part: str) -> str:
        """Read until this stands there, behind what was waited for before; what stands between the two."""
        deadline, wanted = time.monotonic() + PATIENCE, re.compile(re.escape(part).replace(r"\ ", r"\s+"))
        while not (found := wanted.search(self.text, self.at)):
            assert self._read(deadline), f"no {part!r}, but the end:\n{self.text}"
        between, self.at = self.text[self.at : found.start()], found.end()
        return between

    def _read(self, deadline: float) -> bool:
        ready, _, _ = select.select([self.ours], [], [], max(0.0, deadline - time.monotonic()))
        assert ready, f"nothing more after:\n{self.text}"
        try:
            data = os.read(self.ours, 65536)
        except OSError:  # nobody has the other end any more
            return False
        self.text += data.decode().replace("\r\n", "\n")
        return bool(data)

    def type(self, keys: str) -> None:
        os.write(self.ours, keys.encode())

    def press(self, keys: str) -> None:
        """Type keys once it reads single ones; what comes before that is dropped."""
        wait_for(lambda: not termios.tcgetattr(self.ours)[3] & termios.ICANON, PATIENCE, "it reads keys")
        self.type(keys)

    def end(self) -> int:
        """Read to the end; the exit status."""
        deadline = time.monotonic() + PATIENCE
        while self._read(deadline):
            pass
        return self.process.wait(10)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.ours)


@contextmanager
def screen(nest: Nest, *words: str) -> Iterator[Screen]:
    one = Screen(nest, *words)
    try:
        yield one
    finally:
        one.close()
    assert "Traceback" not in one.text
    # What was typed stands behind the question; an error's sentence names a path.
    lines = [line for line in one.text.splitlines() if "crampcoach: " not in line]
    assert max(map(len, lines), default=0) <= 62, one.text
    assert "\x1b" not in one.text


@pytest.fixture
def alone(tmp_path: Path) -> Nest:
    """A home in Berlin, with the kinds of cramps and without an agent."""
    return Nest(tmp_path / "alone", {"CRAMPCOACH_PLUGINS": "cramps", "TZ": "Europe/Berlin"})


def entered(nest: Nest) -> list[tuple[str, dict[str, str]]]:
    return [(entry["kind"], entry["fields"]) for entry in reversed(nest.asked("entries"))]


STEP = "Straighten the knee"


@pytest.mark.parametrize(
    ("key", "field", "says"),
    [
        ("s", "swelling", "Have it looked at today"),
        ("c", "cold_foot", "Call 112 now"),
        ("S", "swelling", "today"),
        ("sc", "swelling", "today"),
        ("cn", "cold_foot", "Call 112 now"),
        ("\x1b[C\x1b[Ds", "swelling", "today"),
        ("x\rs", "swelling", "today"),
    ],
)
def test_now_with_a_sign_advises_and_shows_no_step(alone: Nest, key: str, field: str, says: str) -> None:
    """Also when keys are pressed in a hurry, or a wrong one."""
    with screen(alone, "now") as one:
        one.wait("none of these")
        one.press(key)
        assert one.end() == 0
    said = " ".join(one.text.split())
    assert said.index("Sit up first. Do not jump out of bed.") < said.index("it is swollen, warm or red")
    assert says in said
    assert STEP not in one.text
    assert entered(alone) == [("symptoms", {field: "yes"})]
    assert untold(alone) == 0  # it was read here


def test_now_without_a_sign_shows_the_steps_and_one_key_logs_it(alone: Nest) -> None:
    with screen(alone, "now") as one:
        one.wait("none of these")
        assert STEP not in one.text
        one.press("n")
        one.wait("q ends without.")
        assert "longer than 10 minutes" in " ".join(one.text.split())
        one.press("l")
        assert one.end() == 0
    assert one.text.rstrip().endswith("Saved. Rest well.")
    assert entered(alone) == [("cramp", {"side": "left"})]


@pytest.mark.parametrize(("keys", "saved"), [("q", False), ("\x03", False), ("lr", True)])
def test_now_ends_without_logging_where_it_is_told_to(alone: Nest, keys: str, saved: bool) -> None:
    with screen(alone, "now") as one:
        one.wait("none of these")
        one.press("n")
        one.wait("q ends without.")
        one.press(keys)
        one.end()
    assert [kind for kind, _ in entered(alone)] == (["cramp"] if saved else [])


@pytest.mark.parametrize("key", ["n", "s"])
def test_now_with_a_hold_asks_and_shows_no_step(alone: Nest, key: str) -> None:
    alone.run("log", "symptoms", "--leg-injury", "yes")
    with screen(alone, "now") as one:
        one.wait("none of these")
        one.press(key)
        if key == "n":
            one.wait("No stretch now. Until a doctor or nurse has looked at this leg")
            one.wait("q ends without.")
            one.press("l")
        assert one.end() == 0
    assert STEP not in one.text
    assert [kind for kind, _ in entered(alone)] == ["symptoms", "cramp" if key == "n" else "symptoms"]


@pytest.mark.parametrize("key", ["\x03", "\x1b", "\x04", "q"])
def test_now_can_be_left_at_once(alone: Nest, key: str) -> None:
    with screen(alone, "now") as one:
        one.wait("none of these")
        one.press(key)
        assert (one.end() == 0) is (key == "q")
    assert STEP not in one.text
    assert entered(alone) == []


def test_now_advises_where_nothing_can_be_saved(alone: Nest) -> None:
    alone.prefix = FULL
    with screen(alone, "now") as one:
        one.wait("none of these")
        one.press("s")
        assert one.end() == 1
    assert "Have it looked at today" in " ".join(one.text.split())


def number_of(level: str, name: str) -> str:
    """The number under which a sign is asked for."""
    asked = [one.id for one in red_flags() if one.level == level and one.ask]
    return str(asked.index(name) + 1)


def fields(level: str, *names: str) -> dict[str, str]:
    asked = [one for one in red_flags() if one.level == level and one.ask]
    return {one.answer: "yes" if one.id in names else "no" for one in asked}


def test_check_symptoms_asks_by_level_and_advises_after_each(alone: Nest) -> None:
    with screen(alone, "check-symptoms") as one:
        assert "HELP" not in one.wait("Is any of these there now?")
        one.wait("q to stop:")
        one.type("0\r")
        one.wait("or was it in the last days?")
        one.wait("q to stop:")
        one.type(f"{number_of('same-day', 'RF-DVT')}, {number_of('same-day', 'RF-10MIN')}\r")
        said = " ".join(one.wait("And is any of these there?").split())
        assert "GET THIS LOOKED AT TODAY" in said
        assert "Have it looked at today" in said
        one.wait("q to stop:")
        one.type("\r")
        one.wait("Saved.")
        assert one.end() == 0
    assert entered(alone) == [("symptoms", fields("now")), ("symptoms", fields("same-day", "RF-DVT", "RF-10MIN"))]
    assert "holds back" in alone.run("now").out


def test_check_symptoms_stops_at_an_emergency(alone: Nest) -> None:
    with screen(alone, "check-symptoms") as one:
        one.wait("q to stop:")
        for typed in ("seven", "99"):
            one.type(f"{typed}\r")
            one.wait("Write numbers from 0 to")
            one.wait("q to stop:")
        one.type(f"{number_of('now', 'RF-ALI')}\r")
        one.wait("GET MEDICAL HELP NOW")
        one.wait("Call 112 now")
        one.wait("The rest can wait")
        assert one.end() == 0
    assert "in the last days?" not in one.text
    assert entered(alone) == [("symptoms", fields("now", "RF-ALI"))]


@pytest.mark.parametrize("keys", [["\r", "\r", "\r"], ["q\r"], ["\x04"]])
def test_what_was_passed_over_is_not_entered(alone: Nest, keys: Sequence[str]) -> None:
    """Not even as "no"."""
    with screen(alone, "check-symptoms") as one:
        for key in keys:
            one.wait("q to stop:")
            one.type(key)
        one.end()
    assert entered(alone) == []


def test_ctrl_c_leaves_the_questions_and_enters_nothing(alone: Nest) -> None:
    with screen(alone, "check-symptoms") as one:
        one.wait("q to stop:")

        def ended() -> bool:
            one.type("\x03")  # Python misses one that comes just before it begins to read
            with suppress(subprocess.TimeoutExpired):
                one.process.wait(0.2)
            return one.process.poll() is not None

        wait_for(ended, PATIENCE, "it ends")
    assert one.process.returncode == 128 + signal.SIGINT
    assert entered(alone) == []


@pytest.mark.parametrize(("answer", "held"), [("y", False), ("n", True), ("", True)])
def test_check_symptoms_asks_whether_somebody_has_looked(alone: Nest, answer: str, held: bool) -> None:
    """After what may need an emergency number, and before everything else."""
    alone.run("log", "symptoms", "--swelling", "yes")
    with screen(alone, "check-symptoms") as one:
        one.wait("q to stop:")
        one.type("\r")
        assert "last days?" not in one.wait("A doctor or nurse has looked at this leg? [y/N]:")
        one.type(f"{answer}\r")
        between = one.wait("last days?")
        assert ("Nothing is held back" in between) is not held
        one.wait("q to stop:")
        one.type("q\r")
        one.end()
    assert ("holds back" in alone.run("now").out) is held


def test_check_symptoms_asks_on_where_nothing_can_be_saved(alone: Nest) -> None:
    alone.run("entries")
    alone.prefix = FULL
    with screen(alone, "check-symptoms") as one:
        one.wait("q to stop:")
        one.type("0\r")
        one.wait("or was it in the last days?")
        one.wait("q to stop:")
        one.type(f"{number_of('same-day', 'RF-DVT')}\r")
        one.wait("Have it looked at today")
        one.wait("And is any of these there?")
        one.wait("q to stop:")
        one.type("q\r")
        one.wait("free some space")
        assert one.end() == 1


def test_a_child_is_asked_for_emergencies_and_for_a_childs_signs(alone: Nest) -> None:
    alone.run("log", "profile", "--adult", "no")
    with screen(alone, "check-symptoms") as one:
        assert "breathlessness" in one.wait("q to stop:")
        one.type("0\r")
        for asked in ("Is this about a child who limps", "Is this about a child whose pain is on one side"):
            said = one.wait("q to stop:")
            assert asked in said
            assert " 2 " not in said
            one.type("1\r")
        assert one.end() == 0
    text = " ".join(one.text.split())
    assert text.index("Have the child seen today") < text.index("Book an appointment with a doctor soon")


def test_a_list_that_somebody_could_read_was_shown(alone: Nest) -> None:
    """The agent need not show it again before the first stretch."""
    with screen(alone, "check-symptoms", "--list") as one:
        assert one.end() == 0
    with closing(Database(alone.home.state_db, STATE)) as state:
        assert state.connection.execute("SELECT 1 FROM marks WHERE name = 'red_flags_shown'").fetchone()


def test_advice_read_in_a_terminal_is_not_repeated_by_message(nest: Nest) -> None:
    with agent(nest) as running:
        with screen(nest, "log", "symptoms", "--swelling", "yes") as one:
            assert one.end() == 0
        assert "Have it looked at today" in " ".join(one.text.split())
        nest.run("log", "symptoms", "--weakness", "yes")
        wait_for(lambda: shown(nest)[-1:] == ["Worth asking your doctor about"], 10, "the next one is told")
        assert TODAY not in shown(nest)
        running.stop()
