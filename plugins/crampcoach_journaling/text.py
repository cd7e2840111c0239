"""Where a text comes from when no editor is used: from another program, or typed line by line in the terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

END = "."
#: A longer text is kept at most once in so many seconds.
_SELDOM, _LONG = 1.0, 20_000


def from_stdin() -> str:
    """All of it. What is no UTF-8 comes as lone surrogates, which no log takes."""
    return sys.stdin.buffer.read().decode("utf-8", "surrogateescape").removeprefix("\ufeff").strip("\r\n")


def typed(first: str, begun: str, keep: Callable[[str], None], monotonic: Callable[[], float]) -> str:
    """Lines, after those of `begun`, until a single full stop or Ctrl+D. What was typed so far is kept all along.

    `first` is printed as soon as somebody can type.

    Ctrl+C raises KeyboardInterrupt, with everything kept.
    """
    lines = [begun] if begun else []
    size, last = 0, float("-inf")
    with _long_lines() as line_buffer:
        print(first, flush=True)
        try:
            while (line := _line()) not in (None, END):
                lines.append(line or "")
                size += len(line or "")
                if size < _LONG or monotonic() - last >= _SELDOM:
                    keep("\n".join(lines))
                    last = monotonic()
        except KeyboardInterrupt:
            lines += [rest for rest in [line_buffer()] if rest]
            if lines:
                keep("\n".join(lines))
            raise
    return "\n".join(lines)


def _line() -> str | None:
    try:
        return input()
    except EOFError:
        return None


@contextmanager
def _long_lines() -> Iterator[Callable[[], str]]:
    """A terminal by itself cuts lines off at 4,096 bytes. Gives what asks for the line that is being typed."""
    try:
        import readline
        import termios
    except ImportError:
        yield str
        return
    readline.set_auto_history(False)  # it is nobody's history
    if "libedit" not in (readline.__doc__ or ""):
        readline.parse_and_bind("tab: self-insert")
    saved = None
    with suppress(termios.error):
        saved, mode = termios.tcgetattr(sys.stdin.fileno()), termios.tcgetattr(sys.stdin.fileno())
        # Also between two lines, when what is pasted goes on arriving. For each line readline takes the terminal over.
        mode[3] &= ~termios.ICANON
        termios.tcsetattr(sys.stdin.fileno(), termios.TCSANOW, mode)
    try:
        yield readline.get_line_buffer
    finally:
        if saved is not None:
            with suppress(termios.error):
                termios.tcsetattr(sys.stdin.fileno(), termios.TCSANOW, saved)
