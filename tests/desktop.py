"""A desktop for tests: private buses, notification servers, a virtual screen with a mouse.

Everything is a context manager that ends what it started and nothing else, and waits for conditions, never for luck.
"""

from __future__ import annotations

import json
import os
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from jeepney import message_bus
from jeepney.bus import get_bus
from jeepney.io.blocking import DBusConnection, prep_socket

T = TypeVar("T")
SERVER = "org.freedesktop.Notifications"

#: No service activation: Debian's servers would start themselves on a message, and a killed one would come back.
BUS_CONFIG = """\
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:path={socket}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>
</policy></busconfig>
"""

DUNST_CONFIG = """\
[global]
    dmenu = {menu}
    origin = top-right
    offset = 20x20
    width = 420
    font = DejaVu Sans 12
    mouse_left_click = do_action, close_current
    mouse_right_click = close_current
"""


#: A machine with other things to do may need so many times as long as an idle one.
BUSY = 4


def wait_for(condition: Callable[[], T], timeout: float = 5.0, what: str = "") -> T:
    """The first true value of a condition. Raises AssertionError when there is none in time."""
    deadline = time.monotonic() + max(timeout, min(timeout * BUSY, 60))
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {timeout:g} s: {what or condition}")
        time.sleep(0.01)
    return value


def waits(process: subprocess.Popen[bytes]) -> bool:
    """Whether it sleeps, as it does until somebody types. Python hears no signal between its prompt and then."""
    return Path(f"/proc/{process.pid}/stat").read_text().rpartition(") ")[2].startswith("S")


@contextmanager
def running(command: Sequence[str | Path], **env: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process with pipes to its stdin and stdout, ended at the end."""
    process = subprocess.Popen(
        [str(word) for word in command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **env},
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(3)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for pipe in (process.stdin, process.stdout):
            assert pipe is not None
            with suppress(BrokenPipeError):  # a command that it did not live to read
                pipe.close()


def first_line(process: subprocess.Popen[bytes], timeout: float = 10.0) -> str:
    """The first line that a process prints."""
    assert process.stdout is not None
    deadline = time.monotonic() + timeout
    line = b""
    while not line.endswith(b"\n"):
        ready, _, _ = select.select([process.stdout], [], [], max(0.0, deadline - time.monotonic()))
        byte = os.read(process.stdout.fileno(), 1) if ready else b""
        assert byte, f"{process.args!r} said {line!r} and no more in {timeout:g} s (exit code {process.poll()})"
        line += byte
    return line.decode().strip()


@contextmanager
def private_bus(folder: Path | None = None) -> Iterator[str]:
    """A session bus of our own; its address. A second bus in the same folder has the same address."""
    own = Path(tempfile.mkdtemp(prefix="crampcoach-bus-")) if folder is None else folder
    try:
        config = own / "bus.conf"
        config.write_text(BUS_CONFIG.format(socket=own / "bus"))
        with running(["dbus-daemon", f"--config-file={config}", "--nofork", "--print-address"]) as daemon:
            first_line(daemon)
            yield f"unix:path={own / 'bus'}"
    finally:
        if folder is None:
            shutil.rmtree(own, ignore_errors=True)


def has_server(bus: str) -> bool:
    """Whether somebody owns the name of the notification server. Asking does not start one."""
    with DBusConnection(prep_socket(get_bus(bus))) as connection:
        reply = connection.send_and_get_reply(message_bus.NameHasOwner(SERVER), timeout=5)
        return bool(reply.body[0])


@dataclass(frozen=True)
class WitnessProcess:
    """The notification server of `witness.py`, seen from the test."""

    process: subprocess.Popen[bytes]
    log: Path

    def events(self, event: str = "") -> list[dict[str, Any]]:
        """What it has seen so far, of one event or of all."""
        text = self.log.read_text() if self.log.exists() else ""
        lines = text[: text.rfind("\n") + 1].splitlines()  # it may be writing the next one
        return [seen for line in lines if (seen := json.loads(line)) and event in ("", seen["event"])]

    def wait_for(self, predicate: Callable[[dict[str, Any]], object], timeout: float = 5.0) -> dict[str, Any]:
        """The first event for which the predicate holds."""
        return wait_for(lambda: next(filter(predicate, self.events()), None), timeout, f"in {self.log}") or {}

    def tell(self, **command: Any) -> None:
        """Send a command and wait until it has been carried out, or with `hang` has begun."""
        done = "hang" if "hang" in command else "obeyed"
        before = len(self.events(done))
        assert self.process.stdin is not None
        self.process.stdin.write((json.dumps(command) + "\n").encode())
        self.process.stdin.flush()
        wait_for(lambda: len(self.events(done)) > before, 10, f"the witness obeys {command}")

    def press(self, number: int, key: str, *, keep: bool = False) -> None:
        self.tell(press=number, key=key, keep=keep)

    def kill(self) -> None:
        """As a crash would."""
        self.process.kill()
        self.process.wait()


@contextmanager
def witness(bus: str, *options: str, log: Path | None = None) -> Iterator[WitnessProcess]:
    """Start the witness on a bus; `options` are those of `witness.py`. Without `log` its log goes with it."""
    with tempfile.TemporaryDirectory(prefix="crampcoach-witness-") as folder:
        log = log or Path(folder) / "log.jsonl"
        command: list[str | Path] = [sys.executable, Path(__file__).with_name("witness.py"), "--log", log, *options]
        with running(command, DBUS_SESSION_BUS_ADDRESS=bus) as process:
            assert first_line(process) == "ready"
            yield WitnessProcess(process, log)


@contextmanager
def virtual_screen(size: str = "1280x720x24") -> Iterator[str]:
    """An X server without a screen; its display."""
    with running(["Xvfb", "-displayfd", "1", "-screen", "0", size, "-nolisten", "tcp"]) as xvfb:
        yield f":{first_line(xvfb)}"


@contextmanager
def xfce(bus: str, display: str) -> Iterator[None]:
    """Xfce's notification server, which draws real buttons."""
    found = sorted(Path("/usr/lib").glob("*/xfce4/notifyd/xfce4-notifyd"))
    assert found, "xfce4-notifyd is missing: apt-get install xfce4-notifyd"
    with tempfile.TemporaryDirectory(prefix="crampcoach-xfce-") as folder:
        env = {"DBUS_SESSION_BUS_ADDRESS": bus, "DISPLAY": display, "XDG_CONFIG_HOME": folder, "NO_AT_BRIDGE": "1"}
        with running([found[0]], **env):
            wait_for(lambda: has_server(bus), 10, "xfce4-notifyd on the bus")
            yield


@contextmanager
def dunst(bus: str, display: str) -> Iterator[Callable[[str], None]]:
    """dunst, which draws no buttons but has a menu of them; yields `choose(label)`."""
    with tempfile.TemporaryDirectory(prefix="crampcoach-dunst-") as name:
        folder = Path(name)
        menu, pick, config = folder / "menu", folder / "pick", folder / "dunstrc"
        menu.write_text(f'#!/bin/sh\ngrep -m1 -F "#$(cat {pick}) ("\n')
        menu.chmod(0o700)
        config.write_text(DUNST_CONFIG.format(menu=menu))
        env = {"DBUS_SESSION_BUS_ADDRESS": bus, "DISPLAY": display}

        def choose(label: str) -> None:
            pick.write_text(label)
            subprocess.run(["dunstctl", "context"], env={**os.environ, **env}, check=True, timeout=10)

        with running(["dunst", "-config", config], **env):
            wait_for(lambda: has_server(bus), 10, "dunst on the bus")
            yield choose


@dataclass(frozen=True)
class Box:
    """Where something is on the screen, in pixels."""

    x: int
    y: int
    width: int
    height: int


def screenshot(display: str, path: Path) -> None:
    """Keep a picture of the whole screen."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _x(display, "import", "-window", "root", path)


def popups(display: str, window_class: str = "xfce4-notifyd") -> list[Box]:
    """The windows of a notification server that can be seen."""
    search = ["xdotool", "search", "--onlyvisible", "--class", window_class]
    env = {**os.environ, "DISPLAY": display}  # xdotool fails when there is no such window
    found = subprocess.run(search, env=env, check=False, capture_output=True, text=True, timeout=10)
    boxes = []
    for window in found.stdout.split():
        with suppress(subprocess.CalledProcessError):  # it has gone in the meantime
            text = _x(display, "xdotool", "getwindowgeometry", "--shell", window)
            at = dict(re.findall(r"(\w+)=(-?\d+)", text))
            boxes.append(Box(*(int(at[name]) for name in ("X", "Y", "WIDTH", "HEIGHT"))))
    return boxes


def popup(display: str, window_class: str = "xfce4-notifyd") -> Box:
    """The one popup, once it has stopped moving."""

    def still() -> Box | None:
        before = popups(display, window_class)
        time.sleep(0.2)
        return before[0] if len(before) == 1 and before == popups(display, window_class) else None

    return wait_for(still, 15, f"a popup of {window_class}") or Box(0, 0, 0, 0)


def _x(display: str, *command: str | Path) -> str:
    env = {**os.environ, "DISPLAY": display}
    words = [str(word) for word in command]
    return subprocess.run(words, env=env, check=True, capture_output=True, text=True, timeout=10).stdout


def click_button(display: str, window: Box, index: int, count: int) -> None:
    """Click the button of this index on a popup of xfce4-notifyd that has `count` of them.

    The buttons stand in one row, 31 pixels above the lower edge, as wide as their labels and flush right: they are
    found by their colour in a line of pixels above the text.
    """
    line = window.y + window.height - 43

    def pixels() -> bytes:
        area = f"{window.width}x1+{window.x}+{line}"
        command = ["import", "-window", "root", "-crop", area, "-depth", "8", "gray:-"]
        env = {**os.environ, "DISPLAY": display}
        return subprocess.run(command, env=env, check=True, capture_output=True, timeout=10).stdout

    def drawn() -> tuple[bytes, list[tuple[int, int]]] | None:
        plain = pixels()
        darker = max(plain[3] - 4, 0)  # than the background; a window that is there is black until it is drawn
        buttons = [run.span() for run in re.finditer(rb"[\x00-%c]{20,}" % darker, plain, re.DOTALL)]
        return (plain, buttons) if len(buttons) == count else None

    _x(display, "xdotool", "mousemove", "1", "1")  # a button below the mouse looks different
    row = wait_for(drawn, 5, f"{count} buttons are drawn")
    assert row
    plain, buttons = row
    left, right = buttons[index]
    _x(display, "xdotool", "mousemove", str(window.x + (left + right) // 2), str(line + 12))
    wait_for(lambda: pixels() != plain, 5, "the button below the mouse lights up")
    _x(display, "xdotool", "click", "1")
