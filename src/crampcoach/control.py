"""How a command tells the running agent to look again: one datagram. It never carries state."""

from __future__ import annotations

import socket
from contextlib import suppress
from pathlib import Path

from crampcoach.home import private_folder, unwritable

LOOK = b"look"


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
