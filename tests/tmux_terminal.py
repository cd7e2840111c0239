"""A command in a real terminal of any size, whose screen a test can read and whose keys it can press: tmux."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shlex import join, quote

from agent_process import Nest
from desktop import wait_for

#: What a run of a session leaves in a file: the terminal's settings before and after, and its exit status.
SCRIPT = """\
trap : INT QUIT
stty -g > {folder}/before
echo "earlier words"
{command}
echo $? > {folder}/status.part
stty -g > {folder}/after
mv {folder}/status.part {folder}/status
exec cat
"""


@dataclass(frozen=True)
class Tmux:
    """A terminal of any size with a program in it."""

    socket: Path
    folder: Path

    def __call__(self, *words: str) -> str:
        command = ["tmux", "-u", "-S", str(self.socket), *words]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=10).stdout

    def screen(self) -> list[str]:
        """The lines that stand there."""
        return [line.rstrip() for line in self("capture-pane", "-p").rstrip("\n").split("\n")]

    def text(self) -> str:
        """All of it as one line, however it is broken."""
        return " ".join(" ".join(self.screen()).split())

    def wait(self, text: str, timeout: float = 30.0) -> list[str]:
        """The screen, once this stands on it."""
        wait_for(lambda: text in self.text(), timeout, f"{text!r} on the screen")
        return self.screen()

    def keys(self, *keys: str) -> None:
        self("send-keys", *keys)

    def paste(self, text: str) -> None:
        """Have a text arrive that stands in no process's title."""
        for words, data in ((["load-buffer", "-"], text), (["paste-buffer", "-r"], "")):
            command = ["tmux", "-S", str(self.socket), *words]
            subprocess.run(command, check=True, input=data, text=True, timeout=10)

    def status(self) -> int:
        """The exit status of the session."""
        path = self.folder / "status"
        wait_for(path.exists, 30, "the session ends")
        return int(path.read_text())

    def settings(self) -> tuple[str, str]:
        """The terminal's settings before and after the session."""
        self.status()
        return (self.folder / "before").read_text(), (self.folder / "after").read_text()

    def asked(self, what: str) -> str:
        return self("display-message", "-p", f"#{{{what}}}").strip()


def window(socket: Path, columns: int, rows: int, *command: str) -> list[str]:
    """What starts a command in a terminal."""
    size = ("-x", str(columns), "-y", str(rows))
    return ["tmux", "-u", "-S", str(socket), "-f", "/dev/null", "new-session", "-d", *size, *command]


@contextmanager
def in_terminal(
    nest: Nest, *words: str, columns: int = 80, rows: int = 24, script: str = SCRIPT, **env: str
) -> Iterator[Tmux]:
    """`crampcoach WORDS` in a terminal."""
    folder = nest.folder / "terminal"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "status").unlink(missing_ok=True)
    # Each has a server of its own: one that is ending takes no new session.
    tmux = Tmux(nest.folder / f"tmux-{len([*nest.folder.glob('tmux-*')])}", folder)
    command = script.format(folder=quote(str(folder)), command=join(nest.command(*words)))
    environment = nest.environment(**{"LANG": "C.UTF-8", "TERM": "screen", **env})
    subprocess.run(window(tmux.socket, columns, rows, command), check=True, env=environment, timeout=10)
    with ending(tmux):
        yield tmux


@contextmanager
def ending(tmux: Tmux) -> Iterator[None]:
    """Whatever happens, no terminal is left."""
    try:
        yield
    finally:
        subprocess.run(["tmux", "-S", str(tmux.socket), "kill-server"], check=False, capture_output=True, timeout=10)


def process_in(nest: Nest) -> int:
    """The process of the command that runs in this home."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().split(b"\0")
            environment = (process / "environ").read_bytes().split(b"\0")
        except OSError:  # it has ended
            continue
        home = f"CRAMPCOACH_HOME={nest.folder}".encode()
        if words[:3] == [sys.executable.encode(), b"-m", b"crampcoach"] and home in environment:
            return int(process.name)
    raise AssertionError("no command runs there")
