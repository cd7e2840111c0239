"""Where a text comes from when no editor is used: from another program, or typed line by line in the terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress

END = "."
#: A longer text is kept at most once in so many seconds.
_SELDOM, _LONG = 1.0, 20_000


def from_stdin() -> str:
    """All of it. What is no UTF-8 comes as lone surrogates, which no log takes."""
    return sys.stdin.buffer.read().decode("utf-8", "surrogateescape").removeprefix("\ufeff").strip("\r\n")


def typed(begun: str, keep: Callable[[str], None], monotonic: Callable[[], float]) -> str:
    """Lines, after those of `begun`, until a single full stop or Ctrl+D. What was typed so far is kept all along.

    Ctrl+C raises KeyboardInterrupt, with everything kept.
    """
    line_buffer = _long_lines()
    lines = [begun] if begun else []
    size, last = 0, float("-inf")
    try:
        while (line := _line()) not in (None, END):
            lines.append(line or "")
            size += len(line or "")
            if size < _LONG or monotonic() - last >= _SELDOM:
                keep("\n".join(lines))
                last = monotonic()
    except KeyboardInterrupt:
        lines += [rest for rest in [line_buffer()] if rest]
        keep("\n".join(lines))
        raise
    return "\n".join(lines)


def _line() -> str | None:
    try:
        return input()
    except EOFError:
        return None


def _long_lines() -> Callable[[], str]:
    """A terminal by itself cuts lines off at 4,096 bytes; what asks for the line that is being typed."""
    with suppress(ImportError):
        import readline

        readline.set_auto_history(False)  # it is nobody's history
        if "libedit" not in (readline.__doc__ or ""):
            readline.parse_and_bind("tab: self-insert")
        return readline.get_line_buffer
    return str
