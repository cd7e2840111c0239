"""plyer takes whatever a message says, and what it could not show is never taken for shown: the next one is asked."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jeepney import HeaderFields, message_bus, new_error, new_method_return
from jeepney.io.blocking import open_dbus_connection

import crampcoach_plyer
from agent_process import Nest, agent
from coffee import COFFEE
from crampcoach.actions import Action, Skip, Snooze
from crampcoach.model import Message
from crampcoach.notifier import Failed, Unconfirmed
from crampcoach.testing import Coach
from crampcoach_plyer import PlyerNotifier
from crampcoach_plyer.fitting import ROOM, WINDOWS_ROOM, fit, units
from crampcoach_plyer.sending import reason
from desktop import (
    WitnessProcess,
    dunst,
    popup,
    popups,
    screenshot,
    virtual_screen,
    wait_for,
    witness,
    xfce,
)

EVENING = "stretching.evening/2026-11-22/22:00"
BUTTONS = (
    Action(label="Done"),
    Action(label="Snooze 10 min", then=Snooze(10), key="snooze"),
    Action(label="Skip", then=Skip(), key="skip"),
)
COMMANDS = (
    "Answer with: crampcoach done stretching.evening\n"
    "or: crampcoach snooze stretching.evening\n"
    "or: crampcoach skip stretching.evening"
)
ARTIFACTS = Path(__file__).parent.parent / ".artifacts"
#: Debian's own Python, for which dbus-python is packaged: there is no wheel of it that a venv could have.
DEBIAN_PYTHON = Path("/usr/bin/python3")


def message(title: str = "Stretch your calves", body: str = "Three stretches", **fields: object) -> Message:
    values = {"occurrence": EVENING, "actions": BUTTONS, **fields}
    return Message(title=title, body=body, **values)  # type: ignore[arg-type]


def seen(server: WitnessProcess) -> list[tuple[str, str]]:
    """Title and body of every popup."""
    return [(event["title"], event["body"]) for event in server.events("notify")]


@pytest.fixture
def notifier() -> Iterator[PlyerNotifier]:
    made = PlyerNotifier()
    yield made
    made.withdraw(EVENING)
    made.close()


@pytest.fixture
def program(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], str]:
    """Puts a notify-send of our own in the place of the system's, and returns the PATH that finds it."""

    def put(script: str) -> str:
        path = tmp_path / "bin" / "notify-send"
        path.parent.mkdir()
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o700)
        monkeypatch.setenv("PATH", f"{path.parent}:{os.environ['PATH']}")
        return os.environ["PATH"]

    return put


# --- text ------------------------------------------------------------------------------------------------------

#: plyer's classes, as `fit` knows them.
BACKENDS = ("NotifySendNotification", "NotifyDbus", "NotifyDesktopPortals", "WindowsNotification", "OSXNotification")


@pytest.mark.pure
@given(st.sampled_from(BACKENDS), st.text(min_size=1), st.text(), st.text())
def test_any_text_becomes_fit(backend: str, title: str, body: str, answering: str) -> None:
    fit_title, fit_body = fit(backend, title, body, answering)
    assert fit_title.strip()
    for text in (fit_title, fit_body):
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", text)
        text.encode()  # no halves of characters
    assert "\n" not in fit_title
    if backend == "NotifySendNotification":
        assert not fit_title.startswith("-")
        assert not fit_body.startswith("-")
        assert not re.search(r"[<>]|&(?!amp;|lt;|gt;)", fit_body)


@pytest.mark.pure
@given(st.text(min_size=1000), st.integers(1, 30))
def test_what_is_too_long_is_cut_but_never_a_command(text: str, actions: int) -> None:
    commands = [f"or: crampcoach done stretching.evening --answer {number}" for number in range(actions)]
    for backend, (title_room, body_room) in (("OSXNotification", ROOM), ("WindowsNotification", WINDOWS_ROOM)):
        title, body = fit(backend, text, text, "\n".join(commands))
        assert units(title) <= title_room
        assert units(body) <= body_room
        kept = [line for line in body.splitlines() if line.startswith("or: ")]
        assert kept == commands[: len(kept)]
        assert kept


@pytest.mark.pure
def test_what_fits_is_left_as_it_is() -> None:
    assert fit("OSXNotification", "Über die Wade 🦵", "10 s & <b>\n- each", "") == (
        "Über die Wade 🦵",
        "10 s & <b>\n- each",
    )
    assert fit("WindowsNotification", "🦵" * 40, "🦵" * 200, "")[0] == "🦵" * 31 + "…"
    assert fit("NotifyDesktopPortals", "it's", "a\\b\nc's", "")[1] == "a\\\\b\\nc\\'s"


TITLES = [
    ("-h", " -h"),
    ("--help", " --help"),
    ("--", " --"),
    ("<b>x</b>", "<b>x</b>"),  # servers read markup in the body only
    ("a & b", "a & b"),
    ("🦵 über", "🦵 über"),
    ("C:\\new", "C:\\new"),
    ("a\nb\x1b[2J", "a b [2J"),
    ("NUL\0 and half \ud83d", "NUL and half ?"),
    ("\x07", "crampcoach"),
    ("x" * 10_000, "x" * (ROOM[0] - 1) + "…"),
]


@pytest.mark.pure
def test_every_title_arrives_through_the_real_notify_send(server: WitnessProcess, notifier: PlyerNotifier) -> None:
    for title, _ in TITLES:
        assert notifier.show(message(title, body="", occurrence="")) == Unconfirmed()
    assert seen(server) == [(arrives, "") for _, arrives in TITLES]


@pytest.mark.pure
def test_every_body_arrives_through_the_real_notify_send(server: WitnessProcess, notifier: PlyerNotifier) -> None:
    bodies = [
        ("-h", " -h"),
        ("- one\n- two", " - one\n- two"),
        ("<b>x</b> & y", "&lt;b&gt;x&lt;/b&gt; &amp; y"),
        ("C:\\new \\t \\\\ \\101", "C:\\new \\t \\\\ \\101"),  # notify-send reads \n and \101 as characters
        ("tab\there\r\nline\x9b", "tab here\nline"),
        ("🦵 \ud83d\0", "🦵 ?"),
    ]
    for body, _ in bodies:
        assert notifier.show(message(body=body)) == Unconfirmed()
    assert seen(server) == [("Stretch your calves", f"{arrives}\n{COMMANDS}") for _, arrives in bodies]
    assert notifier.show(message(body="y" * 10_000)) == Unconfirmed()
    body = seen(server)[-1][1]
    assert len(body) == ROOM[1]
    assert body.endswith(f"y…\n{COMMANDS}")
    (event,) = server.events("notify")[-1:]
    assert (event["app_name"], event["timeout"], event["actions"]) == ("crampcoach", 0, [])


@pytest.mark.pure
def test_the_locale_does_not_matter(
    server: WitnessProcess, notifier: PlyerNotifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "C")
    assert notifier.show(message("🦵 über", body="ß", occurrence="")) == Unconfirmed()
    assert seen(server) == [("🦵 über", "ß")]


@pytest.mark.pure
def test_no_process_title_of_ours_has_the_text(
    bus: str, notifier: PlyerNotifier, program: Callable[[str], str], tmp_path: Path
) -> None:
    program(f"tr '\\0' '\\n' < /proc/$PPID/cmdline > {tmp_path}/parent")
    assert notifier.show(message()) == Unconfirmed()
    ours = (tmp_path / "parent").read_text()
    assert "crampcoach_plyer.sending" in ours
    assert "calves" not in ours


# --- what goes wrong -------------------------------------------------------------------------------------------


NOTHING = "plyer finds nothing to show messages with; install notify-send (on Debian the package libnotify-bin)"


@pytest.mark.pure
def test_no_notify_send(server: WitnessProcess, notifier: PlyerNotifier, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert notifier.show(message()) == Failed(NOTHING)
    monkeypatch.undo()
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
    assert isinstance(notifier.show(message()), Failed)
    assert seen(server) == []


@pytest.mark.pure
def test_no_bus_starts_no_process(
    notifier: PlyerNotifier, program: Callable[[str], str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program(f"touch {tmp_path}/started")
    monkeypatch.setenv("DISPLAY", ":99")  # with one, notify-send would start a bus of its own
    for name in ("DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR"):
        monkeypatch.delenv(name, raising=False)
    assert notifier.show(message()) == Failed("no desktop session bus")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert notifier.show(message()) == Failed("no desktop session bus")
    assert not (tmp_path / "started").exists()


@pytest.mark.pure
def test_a_bus_that_is_known_by_its_place_only(
    server: WitnessProcess, bus: str, notifier: PlyerNotifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As under cron or ssh: here the desktop notifier gives up.
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(Path(bus.removeprefix("unix:path=")).parent))
    assert notifier.show(message(body="", occurrence="")) == Unconfirmed()
    assert seen(server) == [("Stretch your calves", "")]


@pytest.mark.pure
@pytest.mark.parametrize("address", ["unix:path=/nowhere/bus", "nonsense"])
def test_a_bus_that_does_not_answer(notifier: PlyerNotifier, monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
    outcome = notifier.show(message())
    assert isinstance(outcome, Failed)
    assert re.fullmatch(r"notify-send: \S.*", outcome.reason)


@pytest.mark.pure
def test_no_server_and_then_one(bus: str, notifier: PlyerNotifier) -> None:
    assert notifier.show(message()) == Failed("no notification server is running")
    with witness(bus) as server:
        assert notifier.show(message()) == Unconfirmed()
        assert len(seen(server)) == 1


@pytest.mark.pure
def test_a_server_that_hangs(server: WitnessProcess, notifier: PlyerNotifier) -> None:
    server.tell(hang=10)
    began = time.monotonic()
    assert notifier.show(message()) == Failed("plyer did not finish within 4 seconds")
    assert time.monotonic() - began < 15


@pytest.mark.pure
def test_a_notify_send_that_hangs_is_ended(
    bus: str, notifier: PlyerNotifier, program: Callable[[str], str], tmp_path: Path
) -> None:
    program(f"echo $$ > {tmp_path}/number; exec sleep 60")
    assert notifier.show(message()) == Failed("plyer did not finish within 4 seconds")
    number = int((tmp_path / "number").read_text())
    wait_for(lambda: not lives(number), 2, "notify-send is gone")


def lives(number: int) -> bool:
    with suppress(OSError):
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


@pytest.mark.pure
@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("exit 3", "notify-send: exit status 3"),
        ("echo 'no such display' >&2; echo more >&2; exit 1", "notify-send: no such display"),
        ("kill -9 $$", "notify-send: exit status -9"),
        ("kill -9 $PPID", "plyer ended without a word"),
    ],
)
def test_a_notify_send_that_fails(
    bus: str, notifier: PlyerNotifier, program: Callable[[str], str], script: str, why: str
) -> None:
    program(script)
    assert notifier.show(message()) == Failed(why)


@pytest.mark.pure
def test_warnings_of_a_notify_send_that_works_are_no_failure(
    bus: str, notifier: PlyerNotifier, program: Callable[[str], str]
) -> None:
    program("echo 'GLib-WARNING: something' >&2")
    assert notifier.show(message()) == Unconfirmed()


THREADED = """
import threading, time
class Balloon:
    def notify(self, title, message, app_name, timeout):
        threading.Thread(target=self.show, args=[title]).start()
    def show(self, title):
        time.sleep(0.1)
        if title == "fails":
            raise Exception("Shell_NotifyIconW failed.")
        time.sleep(3)
instance = Balloon
"""


def another_plyer(folder: Path, module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A plyer that behaves as the real one does on a system that is not here."""
    (folder / "plyer/platforms/linux").mkdir(parents=True)
    for package in ("plyer", "plyer/platforms", "plyer/platforms/linux"):
        (folder / package / "__init__.py").touch()
    (folder / "plyer/utils.py").write_text("platform = 'linux'\n")
    (folder / "plyer/platforms/linux/notification.py").write_text(module)
    path = [str(folder), *filter(None, [os.environ.get("PYTHONPATH")])]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(path))


@pytest.mark.pure
def test_what_plyer_does_in_a_thread(
    bus: str, notifier: PlyerNotifier, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    another_plyer(tmp_path, THREADED, monkeypatch)  # as on Windows
    assert notifier.show(message("fails")) == Failed("plyer failed (Exception: Shell_NotifyIconW failed.)")
    began = time.monotonic()
    assert notifier.show(message("shows")) == Unconfirmed()
    assert time.monotonic() - began < 3  # the balloon stays, and nobody waits for it
    assert notifier.show(message("fails")) == Failed("plyer failed (Exception: Shell_NotifyIconW failed.)")
    wait_for(lambda: not notifier.lingering(), 5, "the balloon goes, and its process with it")


@pytest.mark.pure
@pytest.mark.parametrize(
    ("module", "why"),
    [
        ("import pyobjus_that_is_missing", "plyer cannot be used here (No module named 'pyobjus_that_is_missing')"),
        ("raise Exception", "plyer failed (Exception)"),
        ("import os; os._exit(3)", "plyer ended without a word"),
        ("import sys; sys.exit('no')", "plyer ended without a word"),
    ],
)
def test_a_plyer_that_cannot_be_imported(
    bus: str, notifier: PlyerNotifier, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, module: str, why: str
) -> None:
    another_plyer(tmp_path, module, monkeypatch)
    assert notifier.show(message()) == Failed(why)


@pytest.mark.pure
def test_no_python_to_start(bus: str, notifier: PlyerNotifier, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    assert notifier.show(message()) == Failed("Python cannot be started for plyer (No such file or directory)")


@pytest.mark.pure
def test_a_file_in_the_present_folder_is_not_plyer(
    server: WitnessProcess, notifier: PlyerNotifier, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "plyer.py").write_text("raise SystemExit")
    (tmp_path / "json.py").write_text("raise SystemExit")
    monkeypatch.chdir(tmp_path)
    assert notifier.show(message()) == Unconfirmed()


@pytest.mark.pure
def test_what_a_check_says(
    server: WitnessProcess, notifier: PlyerNotifier, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    says = "plyer would hand messages to notify-send, without buttons, and cannot say whether you see them"
    assert notifier.check() == says
    with monkeypatch.context() as without:
        without.setenv("PATH", "")
        assert notifier.check() == Failed(NOTHING)
    with monkeypatch.context() as without:
        without.delenv("DBUS_SESSION_BUS_ADDRESS")
        without.delenv("XDG_RUNTIME_DIR", raising=False)
        missing = "no desktop session bus; run crampcoach in a terminal window of your desktop"
        assert notifier.check() == Failed(missing)
    another_plyer(tmp_path, "import pyobjus_that_is_missing", monkeypatch)
    assert isinstance(notifier.check(), Failed)
    assert seen(server) == []


@pytest.mark.pure
def test_every_reason_is_one_sentence() -> None:
    gone = "org.freedesktop.DBus.Error.ServiceUnknown: The name was not provided\nby any .service files"
    assert reason(Exception(gone)) == "no notification server is running"
    assert reason(ValueError("a\nb")) == "plyer failed (ValueError: a)"
    assert reason(NotImplementedError("No usable implementation found!")).startswith("plyer finds nothing")


@pytest.mark.pure
def test_the_plugin_carries_nothing_heavy_and_neither_does_who_has_shown(server: WitnessProcess) -> None:
    code = (
        "import sys, crampcoach_plyer; from crampcoach.model import Message\n"
        "print(*sorted({'plyer', 'subprocess', 'threading', 'shlex'} & set(sys.modules) - before))\n"
        "print(crampcoach_plyer.PlyerNotifier().show(Message(title='Hello')), 'plyer' in sys.modules)"
    )
    code = f"import sys, crampcoach, crampcoach.model; before = set(sys.modules)\n{code}"
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], env=env, check=True, capture_output=True, text=True, timeout=30)
    assert done.stdout == "\nUnconfirmed() False\n"


# --- plyer's other ways on Linux -------------------------------------------------------------------------------


@pytest.mark.pure
def test_out_of_a_flatpak_the_text_cannot_leave_its_quotes(bus: str) -> None:
    # plyer takes this way where there is a folder /app.
    said: list[tuple[object, ...]] = []
    portal = open_dbus_connection(bus)
    name = "org.freedesktop.portal.Desktop"
    portal.send_and_get_reply(message_bus.RequestName(name, 4), timeout=5)

    def serve() -> None:
        while not said:
            call = portal.receive()
            if call.header.fields.get(HeaderFields.member) == "AddNotification":
                said.append(call.body)
                portal.send(new_method_return(call))
            elif call.header.fields.get(HeaderFields.member) == "Introspect":
                portal.send(new_error(call, "org.freedesktop.DBus.Error.UnknownMethod", "s", ("no",)))

    serving = Thread(target=serve, daemon=True)
    serving.start()
    code = (
        "import plyer.platforms.linux.notification as real; real.instance = real.NotifyDesktopPortals\n"
        "from crampcoach_plyer.sending import main; main()"
    )
    asked = {"title": "it's \\ <b>", "body": "'>, 'x': <'\n\"line\" 🦵", "answering": "Type: crampcoach 'a b'"}
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-W", "ignore", "-c", code]
    done = subprocess.run(
        command, input=json.dumps(asked), env=env, check=True, capture_output=True, text=True, timeout=30
    )
    assert json.loads(done.stdout) == {"failed": "", "through": "the desktop portal"}, done.stderr
    serving.join(5)
    portal.close()
    body = "'>, 'x': <'\n\"line\" 🦵\nType: crampcoach 'a b'"
    assert said == [("", {"title": ("s", "it's \\ <b>"), "body": ("s", body)})]


SHOW_WITH_DEBIANS_PYTHON = """
import json, sys
from crampcoach.model import Message
from crampcoach_plyer import PlyerNotifier
title, body = json.load(sys.stdin)
print(PlyerNotifier().show(Message(title=title, body=body)))
"""


def shown_by_debians_python(title: str, body: str) -> str:
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    command = [str(DEBIAN_PYTHON), "-B", "-c", SHOW_WITH_DEBIANS_PYTHON]
    done = subprocess.run(
        command, input=json.dumps([title, body]), env=env, check=True, capture_output=True, text=True, timeout=30
    )
    return done.stdout.strip()


@pytest.fixture(scope="module")
def display() -> Iterator[str]:
    with virtual_screen() as made:
        yield made


@pytest.mark.real
def test_through_dbus_python(bus: str, display: str) -> None:
    there = subprocess.run([str(DEBIAN_PYTHON), "-c", "import dbus"], check=False)
    assert there.returncode == 0, "dbus-python is missing: apt-get install python3-dbus"
    assert shown_by_debians_python("Hello", "") == "Failed(reason='no notification server is running')"
    with dunst(bus, display):
        assert shown_by_debians_python("--help & <b>x</b>", "- 10 s <b>each</b> & C:\\new 🦵") == "Unconfirmed()"
        popup(display, "dunst")
        screenshot(display, ARTIFACTS / "plyer-dbus.png")
    with witness(bus):  # it does not say how it wants to be called, without which dbus-python is lost
        assert shown_by_debians_python("Hello", "").startswith("Failed(reason='plyer failed (ValueError: ")


@pytest.mark.real
def test_a_real_popup(bus: str, display: str, notifier: PlyerNotifier) -> None:
    with xfce(bus, display):
        assert notifier.show(message("--help & <b>x</b>", body="10 s <b>each</b> & both legs")) == Unconfirmed()
        popup(display)
        screenshot(display, ARTIFACTS / "plyer-xfce.png")
        notifier.withdraw(EVENING)
        assert len(popups(display)) == 1  # a message of plyer's stays


# --- in the agent ----------------------------------------------------------------------------------------------

DAILY = "coffee.daily"
COFFEE_COMMANDS = (
    "Answer with: crampcoach done coffee.daily --answer had-one\n"
    "or: crampcoach snooze coffee.daily\n"
    "or: crampcoach skip coffee.daily"
)


@pytest.fixture
def nest(tmp_path: Path) -> Nest:
    made = Nest(tmp_path / "home")
    made.drop("coffee", COFFEE)
    return made


@pytest.mark.pure
def test_the_chain_asks_one_after_the_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR"):
        monkeypatch.delenv(name, raising=False)
    with Coach(tmp_path, now="2026-11-22 14:50") as coach:
        coach.load("coffee", COFFEE)
        coach.load("desktop")
        coach.load("terminal")
        coach.load("plyer", crampcoach_plyer)
        coach.recorder.verdict = Failed("no screen")
        coach.advance("15:00")
        (row,) = coach.rows()
        assert row.reason == (
            "nobody could show it (desktop: no desktop session bus (DBUS_SESSION_BUS_ADDRESS is not set); "
            "plyer: no desktop session bus; terminal: the agent's output is not a terminal; recorder: no screen)"
        )
        assert coach.failures("plyer") == []


@pytest.mark.pure
def test_what_plyer_has_taken_is_not_shown_again(tmp_path: Path, server: WitnessProcess) -> None:
    with Coach(tmp_path, now="2026-11-22 14:50", deadline=5) as coach:
        coach.load("coffee", COFFEE)
        coach.load("plyer", crampcoach_plyer)
        coach.advance("15:30")
        (row,) = coach.rows()
        assert (row.state, row.notifier, row.shows, row.delivered) == ("shown", "plyer", 1, None)
        coach.restart()
        coach.advance("16:05")
        assert coach.states() == ["expired"]
        assert [body for title, body in seen(server) if title == "Coffee today?"] == [COFFEE_COMMANDS]
        assert coach.sent == []


@pytest.mark.real
def test_an_agent_without_a_desktop_notifier(nest: Nest, server: WitnessProcess, bus: str) -> None:
    nest.env["DBUS_SESSION_BUS_ADDRESS"] = bus
    nest.configure("[plugins.desktop]\nenabled = false\n")
    with agent(nest, terminal=True) as running:
        nest.make_due(DAILY, "15:00")
        wait_for(lambda: nest.row(DAILY).notifier == "plyer", 5, "plyer shows it")
        (body,) = [body for title, body in seen(server) if title == "Coffee today?"]
        assert body == COFFEE_COMMANDS
        assert "Answer with" not in running.text
        assert nest.run(*body.splitlines()[0].split()[3:]).code == 0  # what it says to type
        wait_for(lambda: nest.today()[DAILY] == "done", 5, "the command counts")
        running.stop()


@pytest.mark.real
def test_an_agent_on_a_bus_where_nobody_shows_anything(nest: Nest, bus: str) -> None:
    nest.env["DBUS_SESSION_BUS_ADDRESS"] = bus
    with agent(nest, terminal=True) as running:
        nest.make_due(DAILY, "15:00")
        running.wait_line("Answer with: crampcoach done coffee.daily")
        wait_for(lambda: nest.row(DAILY).notifier == "terminal", 5, "the terminal's word counts")
        assert "GDBus" not in running.text  # what notify-send says is not for the person's screen
        running.stop()


@pytest.mark.real
def test_an_agent_is_stopped_while_notify_send_hangs(
    nest: Nest, bus: str, program: Callable[[str], str], tmp_path: Path
) -> None:
    path = program(f"echo $$ > {tmp_path}/number; exec sleep 2")
    nest.env |= {"DBUS_SESSION_BUS_ADDRESS": bus, "PATH": path}
    with agent(nest) as running:
        wait_for((tmp_path / "number").exists, 10, "the welcome is on its way")
        running.stop()
    wait_for(lambda: not lives(int((tmp_path / "number").read_text())), 10, "it ends by itself")
