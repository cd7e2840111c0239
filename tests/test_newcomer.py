"""The newcomer: from nothing to a plugin of their own that fires and is tested, in a clean home, by four commands."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from agent_process import noon_zone
from crampcoach.store.database import read_only
from desktop import private_bus, wait_for, witness

pytestmark = pytest.mark.real

MOST_COMMANDS = 4


@dataclass
class Newcomer:
    """Somebody at a terminal, in a home in which nothing was ever set up. What they type is counted."""

    home: Path
    bus: str
    typed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.home.mkdir()
        path = f"{Path(sys.executable).parent}:{os.defpath}"
        self.env = {"HOME": str(self.home), "PATH": path, "TZ": noon_zone(), "DBUS_SESSION_BUS_ADDRESS": self.bus}

    def types(self, line: str) -> str:
        """Type a command, wait until it has ended well, and read what it says."""
        self.typed.append(line)
        ended = subprocess.run(
            shlex.split(line), cwd=self.home, env=self.env, capture_output=True, text=True, timeout=60, check=False
        )
        assert (ended.returncode, ended.stderr) == (0, ""), ended
        return ended.stdout

    @contextmanager
    def keeps_running(self, line: str) -> Iterator[Path]:
        """Type a command in another window; the file with what it says. In the end Ctrl+C is pressed there."""
        self.typed.append(line)
        window = self.home.with_name("window")
        with window.open("w") as out:
            running = subprocess.Popen(shlex.split(line), cwd=self.home, env=self.env, stdout=out, stderr=out)
            try:
                yield window
                running.send_signal(signal.SIGINT)
                assert running.wait(5) == 0
            finally:
                running.kill()
                running.wait()
                print(window.read_text())


def test_from_nothing_to_a_plugin_that_fires_and_is_tested(tmp_path: Path) -> None:
    with private_bus() as bus, witness(bus) as server:
        newcomer = Newcomer(tmp_path / "home", bus)
        with newcomer.keeps_running("crampcoach run") as window:
            wait_for(lambda: "ready: " in window.read_text(), 20, "the agent is ready")
            said = newcomer.types("crampcoach plugins new coffee")
            assert "; the running agent follows\n" in said, said
            plugin, test = (Path(path) for path in re.findall(r"/\S+\.py$", said, re.MULTILINE)[:2])
            assert plugin.is_relative_to(newcomer.home)
            wait_for(lambda: "changed: plugin coffee (added)" in window.read_text(), 5, "it is followed")

            due = change_two_lines(plugin, ZoneInfo(newcomer.env["TZ"]))
            assert newcomer.types("crampcoach plugins check coffee") == "coffee: nothing is wrong with it\n"
            wait_for(lambda: "changed: plugin coffee (changed)" in window.read_text(), 5, "its change is followed")

            popup = server.wait_for(lambda seen: seen.get("title") == "A cup of coffee?", 75)
            late = popup["t"] + time.time() - time.monotonic() - due.timestamp()
            print(f"it came {late:.3f} s late")
            assert 0 <= late < 3
            server.press(popup["id"], "did-it")
            wait_for(lambda: logged(newcomer.home) == ["coffee"], 5, "the press is in the log")

            (command,) = re.findall(r"^  (\S+ -m pytest \S+)$", said, re.MULTILINE)
            assert command.endswith(str(test))
            assert "1 passed" in newcomer.types(command)
        assert "plugin coffee: " not in window.read_text()
    print(*newcomer.typed, sep="\n")
    assert len(newcomer.typed) <= MOST_COMMANDS


def change_two_lines(plugin: Path, zone: ZoneInfo) -> datetime:
    """When it comes, soon, and what it says; when it will come."""
    soon = datetime.now(UTC) + timedelta(seconds=8)  # to type the next command in
    due = (soon.replace(second=0, microsecond=0) + timedelta(minutes=1)).astimezone(zone)
    before = plugin.read_text().splitlines()
    after = [re.sub(r'schedule="[\d:]+"', f'schedule="{due:%H:%M}"', line) for line in before]
    after = [line.replace('say="Time for coffee?"', 'say="A cup of coffee?"') for line in after]
    changed = sum(old != new for old, new in zip(before, after, strict=True))
    assert changed in (1, 2), "two lines, of which the time may be right already"
    plugin.write_text("\n".join(after) + "\n")
    return due


def logged(home: Path) -> list[str]:
    """The kinds of what stands in the log of a home."""
    (log,) = home.rglob("log.db")
    with closing(read_only(log)) as connection:
        return [row[0] for row in connection.execute("SELECT kind FROM entries")]
