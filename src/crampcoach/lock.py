"""One agent at a time: a lock on a file that the kernel frees when the process ends, however it ends."""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress
from pathlib import Path

from crampcoach.home import private_file
from crampcoach.model import Problem

if sys.platform == "win32":
    import msvcrt

    def _try_lock(handle: int) -> bool:
        os.lseek(handle, 1024, os.SEEK_SET)
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
else:
    import fcntl

    def _try_lock(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def acquire(path: Path) -> int:
    """Take the lock; the handle that holds it. Raises Problem while another agent has it."""
    handle = os.open(private_file(path), os.O_RDWR | getattr(os, "O_CLOEXEC", 0))
    # Not at once: a command that asks who holds the lock has it for a moment itself.
    for pause in (0.01, 0.02, 0.04, 0.08, None):
        if _try_lock(handle):
            break
        if pause:
            time.sleep(pause)
    else:
        os.close(handle)
        owner = f" (process {pid})" if (pid := _pid(path)) else ""
        raise Problem(f"crampcoach is already running{owner}; `crampcoach status` shows how it is")
    os.truncate(handle, 0)
    os.pwrite(handle, f"{os.getpid()}\n".encode(), 0) if hasattr(os, "pwrite") else os.write(handle, b"0\n")
    return handle


def holder(path: Path) -> int | None:
    """The process id of the running agent (0 if unknown); None if none runs."""
    if not path.exists():
        return None
    handle = os.open(path, os.O_RDWR | getattr(os, "O_CLOEXEC", 0))
    try:
        return None if _try_lock(handle) else _pid(path) or 0
    finally:
        os.close(handle)


def _pid(path: Path) -> int | None:
    with suppress(OSError, ValueError):
        return int(path.read_text().split()[0])
    return None


def release(handle: int) -> None:
    """Give the lock back."""
    if handle >= 0:
        with suppress(OSError):
            os.close(handle)
