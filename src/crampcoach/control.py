"""The agent's ends to other threads and processes: how it is woken, and what a forked child must let go of.

A worker thread or a signal rings a pipe, a command sends one datagram. No state travels.
"""

from __future__ import annotations

import os
import select
import socket
import threading
from contextlib import suppress
from pathlib import Path
from typing import Protocol
from weakref import WeakSet

from crampcoach.home import private_folder, unwritable

LOOK = b"look"


class Closing(Protocol):
    """Something that a forked child must let go of."""

    def close_in_child(self) -> None:
        """Called in the child, right after the fork."""


_closing: WeakSet[Closing] = WeakSet()


def close_in_children(one: Closing) -> None:
    """Have a child that somebody forks off let go of what this one holds: locks, sockets, signal handlers."""
    _closing.add(one)


def spare_children(one: Closing) -> None:
    """It has closed everything itself."""
    _closing.discard(one)


def _close_in_child() -> None:
    for one in list(_closing):
        one.close_in_child()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_close_in_child)


class Wakeup:
    """A pipe that `select` can wait on. `ring` may be called from any thread, also after `close`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.read_end, self.write_end = os.pipe()
        os.set_blocking(self.read_end, False)
        os.set_blocking(self.write_end, False)

    def ring(self) -> None:
        """Let `select` return."""
        with self._lock, suppress(OSError):
            if self.write_end >= 0:
                os.write(self.write_end, b"\0")

    def drain(self) -> None:
        """Forget the rings so far."""
        with suppress(BlockingIOError):
            while os.read(self.read_end, 4096):
                pass

    def wait(self, seconds: float) -> None:
        """Until somebody rings, for so many seconds at most."""
        select.select([self.read_end], [], [], seconds)
        self.drain()

    def close(self) -> None:
        """Close the pipe. A late worker must not write into a file that has the number by then."""
        with self._lock:
            os.close(self.read_end)
            os.close(self.write_end)
            self.write_end = -1


def listen(path: Path) -> socket.socket | None:
    """The agent's socket; the caller holds the agent's lock. None where the platform has no Unix sockets.

    Raises Problem.
    """
    if not hasattr(socket, "AF_UNIX"):
        return None  # The agent then sees changes at its next wake, within a minute.
    private_folder(path.parent)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        path.unlink(missing_ok=True)
        listener.bind(str(path))
        path.chmod(0o600)
    except OSError as error:
        listener.close()
        raise unwritable(path, error) from error
    listener.setblocking(False)
    return listener


def drain(listener: socket.socket) -> bool:
    """Read what has arrived; whether anybody asked to look again."""
    asked = False
    with suppress(BlockingIOError):
        while True:
            asked = listener.recv(64) == LOOK or asked
    return asked


def poke(path: Path) -> bool:
    """Ask the running agent to look again; False if there is none to hear it."""
    if not hasattr(socket, "AF_UNIX"):
        return False
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.settimeout(1.0)
        try:
            sender.sendto(LOOK, str(path))
        except OSError:
            return False
    return True
