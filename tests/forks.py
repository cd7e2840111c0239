"""Children of the test's own process: quicker than new ones, and to be killed like any other."""

from __future__ import annotations

import os
import select
import signal
import time
import traceback
import warnings
from collections.abc import Callable


def start(work: Callable[[], object]) -> int:
    """Do it in a forked child; its process id. The child ends with 0, or 1 and a traceback."""
    with warnings.catch_warnings():
        # Newer Pythons warn where threads are: those that tests of hung plugins have left behind hold nothing here.
        warnings.simplefilter("ignore", DeprecationWarning)
        pid = os.fork()
    if pid == 0:
        try:
            work()
            os._exit(0)
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(1)
    return pid


def code_of(pid: int) -> int:
    """Wait for its end; the exit code, or minus the signal."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def killed_after(seconds: float, work: Callable[[Callable[[str], None]], object]) -> list[str]:
    """kill -9 of a child so many seconds into its work; the whole lines that it has said until then.

    `work` is given a function that says a line. It must not come to its end.
    """
    read, write = os.pipe()

    def say(line: str) -> None:
        os.write(write, f"{line}\n".encode())  # whole: it is shorter than the pipe's buffer

    pid = start(lambda: work(say))
    os.close(write)
    said, end = b"", time.monotonic() + seconds
    try:
        # Read all the time, lest it wait for a reader.
        while (left := end - time.monotonic()) > 0 and select.select([read], [], [], left)[0]:
            data = os.read(read, 65536)
            if not data:
                break  # it has ended by itself
            said += data
    finally:
        os.kill(pid, signal.SIGKILL)
        code = code_of(pid)
    with os.fdopen(read, "rb") as rest:
        said += rest.read()
    assert code == -signal.SIGKILL, f"it ended by itself with {code} after {said[-200:]!r}"
    return said.decode().splitlines()
