"""A command in a terminal of a given width: what it writes there byte for byte, and keys for it."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from agent_process import Nest


@dataclass
class Typing:
    """A running command and its terminal."""

    process: subprocess.Popen[bytes]
    ours: int
    said: bytes = b""

    @property
    def text(self) -> str:
        """All that it has written so far."""
        return self.said.decode("utf-8", "replace").replace("\r\n", "\n")

    def wait(self, words: str, timeout: float = 30.0) -> None:
        """Read until these words stand there."""
        end = time.monotonic() + timeout
        while words not in self.text:
            assert time.monotonic() < end, f"no {words!r} in:\n{self.text}"
            assert self._read(1.0) is not None, f"it ended without {words!r}:\n{self.text}"

    def type(self, keys: str) -> None:
        os.write(self.ours, keys.encode())

    def end(self, timeout: float = 30.0) -> int:
        """Read to the end; the exit status."""
        end = time.monotonic() + timeout
        while self._read(1.0) is not None:
            assert time.monotonic() < end, f"it goes on after:\n{self.text}"
        return self.process.wait(timeout)

    def _read(self, seconds: float) -> bytes | None:
        """What comes in this time; None where nobody has the terminal open any more."""
        if not select.select([self.ours], [], [], seconds)[0]:
            return b""
        try:
            data = os.read(self.ours, 65536)
        except OSError:
            return None
        self.said += data
        return data or None


@contextmanager
def typing(nest: Nest, *words: str, columns: int = 80, folder: Path | None = None, **env: str) -> Iterator[Typing]:
    """Start a command; closing hangs up on it."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    environment = nest.environment(**env)
    for name in ("COLUMNS", "LINES"):
        environment.pop(name, None)
    # setsid: so that Ctrl+C reaches it, and it hears when the terminal is closed.
    command = ["setsid", "--ctty", *nest.command(*words)]
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment, cwd=folder)
    os.close(theirs)
    try:
        yield Typing(process, ours)
    finally:
        os.close(ours)
        if process.poll() is None:
            process.kill()
        process.wait()
