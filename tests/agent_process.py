"""The real `crampcoach run` in a home of its own, as a process that a test can watch and stop.

Its output goes to a file: a child that a plugin forks off would keep a pipe open for ever. It gets no display and no
bus unless it is given them, and a time zone in which it is noon, so that neither quiet hours nor midnight come between.
"""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any
from zoneinfo import ZoneInfo

from crampcoach.control import poke
from crampcoach.home import Home, find_home
from crampcoach.hours import Hours
from crampcoach.planner import Row
from crampcoach.recurrence import parse_time
from crampcoach.store import occurrences, red_flags_shown
from crampcoach.store.database import Database
from crampcoach.store.schema import STATE
from desktop import wait_for

#: Root without any of root's powers, so that permissions count. A no-op for everybody else.
POWERLESS = ("setpriv", "--bounding-set=-all", "--inh-caps=-all") if os.getuid() == 0 else ()
#: A plugin's call that hangs is given up after five seconds; what is to end at once must not wait for that.
PROMPT = 4.0
#: What a process may know of the desktop or of the person's own crampcoach.
_PRIVATE = ("DISPLAY", "WAYLAND_DISPLAY", "DBUS_", "XDG_", "CRAMPCOACH_", "TZ")


def noon_zone() -> str:
    """A time zone in which it is about noon now."""
    ahead = 12 - datetime.now(UTC).hour
    return f"Etc/GMT{-ahead:+d}" if ahead else "Etc/UTC"  # POSIX counts the other way round


@dataclass(frozen=True)
class Ended:
    """A command that has ended. None of them may ever print a traceback."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass
class Nest:
    """A home that agents and commands share. `env` is what all of them get."""

    folder: Path
    env: dict[str, str] = field(default_factory=dict)
    prefix: Sequence[str] = ()

    def __post_init__(self) -> None:
        self.zone = ZoneInfo(self.env.setdefault("TZ", noon_zone()))
        self.env["CRAMPCOACH_HOME"] = str(self.folder)

    @property
    def home(self) -> Home:
        return find_home({"CRAMPCOACH_HOME": str(self.folder)})

    def configure(self, text: str) -> None:
        """Write config.toml, in one step: an agent that looks meanwhile must not find an empty one."""
        self.home.config_file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = self.home.config_file.with_suffix(".part")
        part.write_text(text, encoding="utf-8")
        part.replace(self.home.config_file)

    def drop(self, name: str, source: str) -> Path:
        """Put a plugin's file into the plugin folder, in one step."""
        self.home.plugin_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self.home.plugin_dir / f"{name}.py"
        part = path.with_suffix(".part")
        part.write_text(source, encoding="utf-8")
        part.chmod(0o600)
        part.replace(path)
        return path

    def environment(self, **env: str) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(_PRIVATE)}
        return {**inherited, **self.env, **env}

    def command(self, *words: str) -> list[str]:
        return [*self.prefix, sys.executable, "-m", "crampcoach", *words]

    def run(self, *words: str, timeout: float = 30.0, **env: str) -> Ended:
        """Run another crampcoach command to its end."""
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            command, environment = self.command(*words), self.environment(**env)
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=environment, timeout=timeout, check=False
            )
            ended = Ended(done.returncode, _text(out), _text(err))
        shows = words[:1] == ("plugins",)  # whose business it is to show what plugins raised
        assert "Traceback" not in (ended.err if shows else ended.out + ended.err), ended
        return ended

    def asked(self, *words: str) -> Any:
        """What a command that must succeed says with `--json`."""
        ended = self.run(*words, "--json")
        assert ended.code == 0, ended
        return ended.json

    def today(self) -> dict[str, str]:
        """The state of each of today's reminders."""
        return {row["reminder"]: row["state"] for row in self.asked("today")}

    def row(self, reminder: str) -> Row:
        """The newest occurrence of a reminder as it is stored."""
        everything = (datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC))
        with closing(Database(self.home.state_db, STATE)) as state:
            return occurrences.between(state.connection, reminder, *everything)[-1]

    def make_due(self, reminder: str, wall: str) -> str:
        """Make today's slot of a reminder due now, as if it were its time; the occurrence's key.

        It is the row that the agent's sweep would write at that time; the agent takes it from there.
        """
        now = datetime.now(UTC).replace(microsecond=0)
        row = Row(
            reminder=reminder,
            day=Hours().day_of(now.astimezone(self.zone).replace(tzinfo=None)),
            wall=parse_time(wall),
            zone=self.zone.key,
            due=now,
            expires=now + timedelta(hours=1),
        )
        with closing(Database(self.home.state_db, STATE)) as state, state.transaction() as connection:
            assert occurrences.insert_new(connection, [row]) == 1
        assert poke(self.home.socket_file)
        return row.key

    def signs_are_known(self) -> None:
        """The person has been shown the signs that need a doctor, which would come before the first stretch."""
        with closing(Database(self.home.state_db, STATE)) as state:
            red_flags_shown.mark(state, datetime.now(UTC))

    def try_again(self, reminder: str) -> None:
        """Let the minute pass after which the agent tries a message again that nobody could show."""
        row = self.row(reminder)
        assert row.retry
        with closing(Database(self.home.state_db, STATE)) as state, state.transaction() as connection:
            occurrences.save(connection, replace(row, retry=datetime.now(UTC)))
        assert poke(self.home.socket_file)

    def next_minute(self, notice: float = 3.0) -> datetime:
        """The next full minute that is at least so many seconds ahead, in the nest's zone."""
        soonest = datetime.now(UTC) + timedelta(seconds=notice)
        return (soonest.replace(second=0, microsecond=0) + timedelta(minutes=1)).astimezone(self.zone)


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode("utf-8", "replace")


@dataclass
class AgentProcess:
    """A running `crampcoach run`."""

    nest: Nest
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def text(self) -> str:
        """Everything that it has said, to stdout and stderr."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    def wait_line(self, part: str, timeout: float = 10.0, after: int = 0) -> str:
        """The first line with `part` in it, not counting the first `after` lines."""

        def found() -> str | None:
            line = next((line for line in self.lines[after:] if part in line), None)
            assert line or self.process.poll() is None, f"it ended ({self.process.poll()}) and said:\n{self.text}"
            return line

        return wait_for(found, timeout, f"a line with {part!r}; it said:\n{self.text}") or ""

    def stop(self) -> float:
        """SIGTERM; the seconds until the process is gone. It must end well, and before anything that hangs has ended.

        In how few milliseconds it ends on an idle machine is the benchmark's to say.
        """
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(10)
        seconds = time.monotonic() - began
        assert status == 0, self.text
        assert seconds < PROMPT
        return seconds


@contextmanager
def agent(nest: Nest, *, ready: bool = True, terminal: bool = False, **env: str) -> Iterator[AgentProcess]:
    """Start the agent; with `ready` wait until it says so. It is ended at the end, and must have shown no traceback.

    With `terminal` its output is a terminal's, and somebody reads it.
    """
    with tempfile.TemporaryDirectory(prefix="crampcoach-agent-") as folder, ExitStack() as at_end:
        log = Path(folder) / "log"
        output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        at_end.callback(os.close, output)
        screen = at_end.enter_context(_terminal(output)) if terminal else output
        process = subprocess.Popen(
            nest.command("run"), stdin=subprocess.DEVNULL, stdout=screen, stderr=screen, env=nest.environment(**env)
        )
        running = AgentProcess(nest, process, log)
        try:
            if ready:
                running.wait_line("ready: ")
            yield running
            assert "Traceback" not in running.text, running.text
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()
            print(running.text)  # for a test that fails


@contextmanager
def _terminal(log: int) -> Iterator[int]:
    """A terminal whose text is copied to a file."""
    ours, theirs = pty.openpty()

    def copy() -> None:
        with suppress(OSError):  # nobody has the terminal open any more
            while data := os.read(ours, 65536):
                os.write(log, data)

    copying = threading.Thread(target=copy, daemon=True)
    copying.start()
    try:
        yield theirs
    finally:
        os.close(theirs)
        copying.join(5)
        os.close(ours)
