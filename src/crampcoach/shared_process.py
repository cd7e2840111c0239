"""The process that all plugins share: what a call must not do to it is refused or put right in the call's own thread.

A fork, threads without end, a closed output: everybody would suffer from it, and nobody could say whose doing it was.
"""

from __future__ import annotations

import os
import signal
import stat
import sys
import threading
from contextlib import suppress
from functools import wraps
from pathlib import Path
from typing import Any, TextIO
from weakref import WeakKeyDictionary

from crampcoach.blame import is_foreign

#: More threads of one plugin than this, all running at once, are refused.
MOST_THREADS = 50
#: A thread that computes for ever hands over this soon: with Python's 5 ms each thing that we do would wait for it.
SWITCH_SECONDS = 0.0005

_here = threading.local()
_protected: list[bool] = []
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_parent=lambda: setattr(_here, "forked", True))


def protect() -> None:
    """To be called before plugins are: from now on they cannot take the process from each other, or from us."""
    if not _protected:
        _protected.append(True)
        _limit_threads()
        _copy_output()
    ours = threading.current_thread() is threading.main_thread()
    if ours and hasattr(signal, "SIGALRM") and signal.getsignal(signal.SIGALRM) == signal.SIG_DFL:
        signal.signal(signal.SIGALRM, lambda *_: None)  # any thread can set it off, and it would end the process


def has_forked() -> bool:
    """Whether this process was forked in this thread."""
    return getattr(_here, "forked", False)


# --- threads ---------------------------------------------------------------------------------------------------

#: Whose threads run, also those that they have started themselves.
_owners: WeakKeyDictionary[threading.Thread, str] = WeakKeyDictionary()
_counting = threading.Lock()


def belongs_to(thread: threading.Thread, owner: str) -> None:
    """A thread that is about to run a plugin's code."""
    with _counting:
        _owners[thread] = owner


def owner_of(thread: threading.Thread | None) -> str:
    """The plugin whose thread it is; empty for one of ours."""
    return _owners.get(thread, "") if thread else ""


def _limit_threads() -> None:
    """What starts one thread of a plugin too many raises."""
    sys.setswitchinterval(SWITCH_SECONDS)
    start = threading.Thread.start

    @wraps(start)
    def limited(self: threading.Thread) -> None:
        with _counting:
            owner = _owners.get(threading.current_thread())
            if owner is not None:
                if sum(name == owner and thread.is_alive() for thread, name in _owners.items()) >= MOST_THREADS:
                    raise RuntimeError(f"{MOST_THREADS} threads of it run already; let them end, or keep one")
                _owners.setdefault(self, owner)
        start(self)

    threading.Thread.start = limited  # type: ignore[method-assign]  # Python tells nobody who starts a thread


def end(thread: threading.Thread) -> bool:
    """Have a given-up thread end that computes for ever, and would keep a processor busy; whether that is settled.

    Only while it is in code of its own: crampcoach's and Python's may hold a lock that others wait for.
    """
    frame = sys._current_frames().get(thread.ident or 0)
    if frame is None:
        return True
    if not is_foreign(frame):
        return False
    with suppress(ImportError):  # a Python without ctypes
        import ctypes

        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident or 0), ctypes.py_object(SystemExit))
    return True


# --- the output ------------------------------------------------------------------------------------------------


class _Kept:
    """stdout or stderr of a process in which nobody may close them for all others."""

    def __init__(self, out: TextIO, number: int) -> None:
        self._out, self._number = out, number

    def close(self) -> None:
        raise OSError("the output is everybody's; leave it open")

    detach = close

    def reopen(self) -> None:
        """Somebody has closed it by another name of it."""
        if self._out.closed:
            old = self._out
            self._out = open(self._number, "w", encoding=old.encoding, errors=old.errors, closefd=False)  # noqa: SIM115

    def __getattr__(self, name: str) -> Any:
        return getattr(self._out, name)


#: What was open under the numbers of the outputs, under numbers of their own.
_copies: dict[int, int] = {}


def _copy_output() -> None:
    if sys.platform != "win32":
        import fcntl

        for number in (1, 2):
            with suppress(OSError):  # the process was started without it
                _copies[number] = fcntl.fcntl(number, fcntl.F_DUPFD_CLOEXEC, 3)


def keep_output() -> None:
    """Refuse whoever would close stdout or stderr, in the thread that tries to."""
    for number, name in ((1, "stdout"), (2, "stderr")):
        out = getattr(sys, name)
        if out is not None and not isinstance(out, _Kept):
            setattr(sys, name, _Kept(out, number))


def own_output() -> TextIO | None:
    """stdout as nobody else can close or exchange it; None where it is no file."""
    if 1 not in _copies or sys.stdout is None:
        return None
    encoding, errors = sys.stdout.encoding, sys.stdout.errors
    return open(_copies[1], "w", encoding=encoding, errors=errors, closefd=False)


def reopen_output() -> None:
    """Put back what a call has closed by its number: the next file or socket would get the number, and all prints."""
    for number, copy in _copies.items():
        try:
            if _is_placeholder(number, copy):
                os.dup2(copy, number)
        except OSError:
            import fcntl

            # Not dup2: another thread may open something at this moment.
            taken = fcntl.fcntl(copy, fcntl.F_DUPFD, number)
            if taken != number:
                os.close(taken)
    for out in (sys.stdout, sys.stderr):
        if isinstance(out, _Kept):
            out.reopen()


def _is_placeholder(number: int, copy: int) -> bool:
    """Whether SQLite was given the number, refused it, and left /dev/null there. Raises OSError where it is closed."""
    there, ours = os.fstat(number), os.fstat(copy)
    same = (there.st_dev, there.st_ino) == (ours.st_dev, ours.st_ino)
    return not same and stat.S_ISCHR(there.st_mode) and there.st_rdev == Path(os.devnull).stat().st_rdev
