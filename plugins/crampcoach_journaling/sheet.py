"""The screen of longer writing: what to do in a crisis and the time above, the text below, the end at any moment.

The text only grows or is taken back at its end: nobody mends spelling here. It is kept every few seconds, in the middle
of a line too. POSIX terminals only.
"""

from __future__ import annotations

import codecs
import os
import re
import select
import signal
import sys
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from crampcoach import Problem

KEYS = "Ctrl+D ends it at any time."
OVER = "The time is over. End your sentence, then press Ctrl+D."
#: A sequence that a key other than a letter sends; an unfinished one waits for its rest.
_SEQUENCE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|O.|[^\[O])", re.DOTALL)
_UNFINISHED = re.compile(r"\x1b(?:\[[0-?]*[ -/]*|O)?\Z")
#: So many seconds of writing may be lost to a kill.
_KEPT_EVERY = 2.0


@dataclass(slots=True)
class Sheet:
    """A text that is being typed. `ended` once Ctrl+C or Ctrl+D was pressed."""

    text: str = ""
    ended: bool = False
    _rest: str = ""
    _decoder: Any = field(default_factory=lambda: codecs.getincrementaldecoder("utf-8")("replace"))

    def type(self, data: bytes) -> None:
        """What came from the keyboard, or was pasted."""
        typed = self._rest + self._decoder.decode(data)
        unfinished = _UNFINISHED.search(typed)
        self._rest = unfinished[0] if unfinished else ""
        typed = _SEQUENCE.sub("", typed[: unfinished.start()] if unfinished else typed)
        for one in typed.replace("\r", "\n"):
            match one:
                case "\x03" | "\x04":
                    self.ended = True
                    return
                case "\x7f" | "\b":
                    self.text = re.sub(r".[\u0300-\u036f\ufe0f\u200d]*\Z", "", self.text, flags=re.DOTALL)
                case "\x17":
                    self.text = re.sub(r"\S*[^\S\n]*\Z", "", self.text)
                case "\n" | "\t":
                    self.text += one
                case _ if one >= " ":
                    self.text += one


def draw(text: str, head: Sequence[str], columns: int, rows: int) -> tuple[list[str], int]:
    """The lines of a screen, and the column after the last of them. `head` stays, of the text its end does."""
    above = [line for part in head for line in _wrapped(part, columns)]
    below = _end_of(text, columns, max(1, rows - len(above) - 1))
    return [*above, "-" * min(columns, 72), *below][-rows:], _width(below[-1])


def _end_of(text: str, columns: int, rows: int) -> list[str]:
    lines: list[str] = []
    for paragraph in reversed(text.split("\n")):
        lines = [*_wrapped(paragraph.expandtabs(4), columns - 1), *lines]  # the last column is the cursor's
        if len(lines) >= rows:
            break
    return lines[-rows:]


def _wrapped(text: str, columns: int) -> list[str]:
    lines, line, used = [], "", 0
    for word in re.findall(r"\s+|\S+", text):
        if used + _width(word) > columns and line.strip():
            lines.append(line.rstrip())
            line, used = "", 0
        for one in word if line or not word.isspace() or not lines else "":
            if used + _width(one) > columns:
                lines.append(line)
                line, used = "", 0
            line, used = line + one, used + _width(one)
    return [*lines, line]


def _width(text: str) -> int:
    wide = sum(unicodedata.east_asian_width(one) in "WF" for one in text)
    return len(text) + wide - sum(unicodedata.category(one) in ("Mn", "Me", "Cf") for one in text)


def left_in_words(seconds: float) -> str:
    """ "15 minutes left", by the minute; the last one by "less than"."""
    minutes = int(-(-seconds // 60))
    return f"{minutes} minutes left" if minutes > 1 else "less than a minute left"


def write_on(
    sheet: Sheet,
    head: Sequence[str],
    minutes: int,
    *,
    monotonic: Callable[[], float],
    keep: Callable[[str], None],
) -> float:
    """Until the person ends it; the minutes that it took. Raises OSError when the terminal is gone, with all kept."""
    begun = kept_at = monotonic()
    kept, rung = sheet.text, False
    with _screen() as (keyboard, show):
        try:
            while not sheet.ended:
                left = minutes * 60 - (monotonic() - begun)
                lines, column = draw(
                    sheet.text, [*head, OVER if left <= 0 else f"{left_in_words(left)}. {KEYS}"], *size()
                )
                show(lines, column, "\a" if left <= 0 and not rung else "")
                rung = rung or left <= 0
                if select.select([keyboard], [], [], 1.0)[0]:
                    data = os.read(keyboard, 4096)
                    if not data:
                        raise OSError("the terminal was closed")
                    sheet.type(data)
                if sheet.text != kept and monotonic() - kept_at >= _KEPT_EVERY:
                    kept_at = monotonic()
                    with suppress(Problem):  # a full disk ends nobody's writing; saving will say so
                        keep(sheet.text)
                        kept = sheet.text
        finally:
            if sheet.text != kept:
                with suppress(Problem):
                    keep(sheet.text)
    return (monotonic() - begun) / 60


def size() -> tuple[int, int]:
    """Columns and rows of the terminal as they are now."""
    try:
        columns, rows = os.get_terminal_size(sys.stdin.fileno())
    except OSError:
        return 80, 24
    return max(20, columns or 80), max(8, rows or 24)


@contextmanager
def _screen() -> Iterator[tuple[int, Callable[[list[str], int, str], None]]]:
    """The terminal's other screen, on which nothing stays, and its keys one by one."""
    import termios
    import tty

    keyboard, out = sys.stdin.fileno(), sys.stdout.fileno()

    def write(text: str) -> None:
        rest = text.encode("utf-8", "replace")
        while rest:
            rest = rest[os.write(out, rest) :]

    def show(lines: list[str], column: int, bell: str) -> None:
        drawn = "\x1b[K\r\n".join(lines)
        write(f"\x1b[H{drawn}\x1b[K\x1b[J\x1b[{len(lines)};{column + 1}H{bell}")

    def end(number: int, _frame: object) -> None:
        raise SystemExit(128 + number)

    saved = termios.tcgetattr(keyboard)
    handlers = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGHUP)}
    sys.stdout.flush()
    try:
        tty.setcbreak(keyboard, termios.TCSANOW)
        mode = termios.tcgetattr(keyboard)
        mode[0] &= ~termios.IXON
        mode[3] &= ~termios.ISIG  # Ctrl+C is a key like Ctrl+D; Ctrl+Z would leave this screen in a shell
        termios.tcsetattr(keyboard, termios.TCSANOW, mode)
        write("\x1b[?1049h\x1b[2J")
        yield keyboard, show
    finally:
        with suppress(OSError):
            write("\x1b[?1049l")
        with suppress(termios.error):
            termios.tcsetattr(keyboard, termios.TCSANOW, saved)
        for number, handler in handlers.items():
            signal.signal(number, handler)
