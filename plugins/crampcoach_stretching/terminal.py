"""The person's terminal while a session runs: keys one by one, signals as facts, the other screen, and all put back.

POSIX terminals are tested; the part for Windows is written after its documentation and untested.
"""

from __future__ import annotations

import os
import re
import select
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from types import FrameType
from typing import Any, Protocol

from crampcoach_stretching.progress import Key

_OTHER_SCREEN, _OWN_SCREEN = "\x1b[?1049h\x1b[?25l", "\x1b[?25h\x1b[?1049l"
#: What arrives for a key: an escape sequence, or one character.
_TYPED = re.compile(r"\x1b\[[0-9;]*[A-Za-z~]|\x1bO[A-Za-z]|.", re.DOTALL)
_UNFINISHED = re.compile(r"\x1b(\[[0-9;]*|O)?\Z")
KEYS: Mapping[str, Key] = {
    " ": "pause", "p": "pause", "\r": "pause", "\n": "pause", "b": "back", "s": "skip", "n": "skip", "q": "stop",
    "\x03": "stop", "\x04": "stop", "\x1b[d": "back", "\x1bod": "back", "\x1b[c": "skip", "\x1boc": "skip",
}  # fmt: skip


class Keyboard(Protocol):
    """Where keys come from."""

    def wait(self, seconds: float | None) -> list[Key]:
        """Keys that were pressed; returns early for a key or a signal. Raises OSError when the terminal is gone."""


# --- signals ---------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Signals:
    """What has been signalled since it was last looked at. `stop` is the number of the signal that ends the session."""

    stop: int = 0
    redraw: bool = False
    suspend: bool = False
    wake: int = -1

    def note(self, number: int, frame: FrameType | None = None) -> None:
        """The handler: nothing but a fact for the loop, so that it may come at any moment."""
        name = signal.Signals(number).name
        if name == "SIGTSTP":
            self.suspend = True
        elif name in ("SIGWINCH", "SIGCONT"):
            self.redraw = True
        else:
            self.stop = number

    def drain(self) -> None:
        """Forget that something woke the loop."""
        with suppress(BlockingIOError):
            while os.read(self.wake, 512):
                pass


_STOPS = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGBREAK")


@contextmanager
def noting_signals(*, screen: bool) -> Iterator[Signals]:
    """Note signals instead of dying of them. With `screen` also a new size and Ctrl+Z."""
    signals = Signals()
    names = [*_STOPS, *(("SIGWINCH", "SIGCONT", "SIGTSTP") if screen else ())]
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    # What is ignored stays so: nohup, a background job of a script.
    before = {number: signal.getsignal(number) for number in numbers}
    before = {number: handler for number, handler in before.items() if handler is not signal.SIG_IGN}
    with _waking(signals):
        try:
            for number in before:
                signal.signal(number, signals.note)
            yield signals
        finally:
            for number, handler in before.items():
                signal.signal(number, handler if handler is not None else signal.SIG_DFL)


@contextmanager
def _waking(signals: Signals) -> Iterator[None]:
    """Have every signal end the loop's waiting at once. Windows cannot wait for a pipe, and asks in turns instead."""
    if os.name == "nt":
        yield
        return
    reading, writing = os.pipe()
    try:
        for end in (reading, writing):
            os.set_blocking(end, False)
        signals.wake = reading
        before = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
        try:
            yield
        finally:
            signal.set_wakeup_fd(before)
    finally:
        os.close(reading)
        os.close(writing)


def suspend(signals: Signals) -> None:
    """Stop as Ctrl+Z would have without us; returns when the shell lets us go on."""
    handler = signal.signal(signal.SIGTSTP, signal.SIG_DFL)
    os.kill(os.getpid(), signal.SIGTSTP)
    signal.signal(signal.SIGTSTP, handler)
    signals.suspend = False


# --- keys ------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class NoKeyboard:
    """For a pipe, and for `--plain`: only signals end the waiting early."""

    signals: Signals

    def wait(self, seconds: float | None) -> list[Key]:
        if sys.platform == "win32":
            _sleep_in_parts(seconds)
            return []
        select.select([self.signals.wake], [], [], seconds)
        self.signals.drain()
        return []


@dataclass(slots=True)
class PosixKeyboard:
    """A terminal that gives each key at once and does not show it. `enter` and `leave` may come in turns."""

    fd: int
    signals: Signals
    _saved: list[Any] | None = None
    _typed: str = ""

    def enter(self) -> None:
        import termios
        import tty

        try:
            # Kept from the first time: what a shell sets while we are stopped is not what we found.
            self._saved = self._saved or termios.tcgetattr(self.fd)
            # At once: waiting until everything is written would wait for ever behind Ctrl+S.
            tty.setcbreak(self.fd, termios.TCSANOW)
        except termios.error as error:
            raise OSError(*error.args) from None

    def leave(self) -> None:
        import termios

        if self._saved:
            with suppress(termios.error, OSError):  # the terminal was closed
                termios.tcsetattr(self.fd, termios.TCSANOW, self._saved)
                # Keys that came too late are no command for the shell.
                termios.tcflush(self.fd, termios.TCIFLUSH)

    def wait(self, seconds: float | None) -> list[Key]:
        ready, _, _ = select.select([self.fd, self.signals.wake], [], [], seconds)
        self.signals.drain()
        if self.fd not in ready:
            return []
        read = os.read(self.fd, 1024)
        if not read:
            raise OSError("the terminal was closed")
        self._typed += read.decode("ascii", "replace")
        unfinished = _UNFINISHED.search(self._typed)
        whole = self._typed[: unfinished.start()] if unfinished else self._typed
        self._typed = self._typed[len(whole) :]
        return keys_in(whole)


def keys_in(typed: str) -> list[Key]:
    """The keys that were typed; what means nothing is left out."""
    return [KEYS[one.lower()] for one in _TYPED.findall(typed) if one.lower() in KEYS]


@dataclass(slots=True)
class WindowsKeyboard:
    """The console of Windows, asked twenty times a second. Untested."""

    def enter(self) -> None:
        """Nothing to set: `getwch` shows nothing and waits for no Enter."""

    def leave(self) -> None:
        """Nothing to put back."""

    def wait(self, seconds: float | None) -> list[Key]:
        if sys.platform != "win32":
            raise OSError("this is not Windows")
        import msvcrt

        _sleep_in_parts(seconds, msvcrt.kbhit)
        typed = ""
        while msvcrt.kbhit():
            one = msvcrt.getwch()
            # An arrow comes as two characters.
            typed += {"K": "\x1b[D", "M": "\x1b[C"}.get(msvcrt.getwch(), "") if one in "\0\xe0" else one
        return keys_in(typed)


def _sleep_in_parts(seconds: float | None, until: Any = lambda: False) -> None:
    """Where nothing can be waited for but time: Ctrl+C comes between the parts."""
    import time

    left = 1.0 if seconds is None else seconds
    while left > 0 and not until():
        time.sleep(min(left, 0.05))
        left -= 0.05


# --- the screen ------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Screen:
    """The other screen of a terminal, so that what stood there before comes back. Written to by its file number."""

    fd: int
    _clear: bool = field(default=True)

    def enter(self) -> None:
        self._write(_OTHER_SCREEN)
        self._clear = True

    def leave(self) -> None:
        with suppress(OSError):  # the terminal was closed
            self._write(_OWN_SCREEN)

    def redraw(self) -> None:
        """What is drawn next begins on an empty screen: the size has changed."""
        self._clear = True

    def size(self) -> tuple[int, int]:
        """Columns and rows as they are now; COLUMNS in the environment would not follow a new size."""
        try:
            columns, rows = os.get_terminal_size(self.fd)
        except OSError:
            return 80, 24
        return columns or 80, rows or 24

    def show(self, lines: list[str], *, bell: bool) -> None:
        """Draw over what stands there, in one go, so that nothing flickers."""
        clear = "\x1b[2J" if self._clear else ""
        self._clear = False
        drawn = "\x1b[K\r\n".join(lines)
        self._write(f"{clear}\x1b[H{drawn}\x1b[K\x1b[J" + ("\a" if bell else ""))

    def _write(self, text: str) -> None:
        rest = text.encode("utf-8", "replace")
        while rest:
            rest = rest[os.write(self.fd, rest) :]
