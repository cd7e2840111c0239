"""The lines that the agent's process prints. They never wait for a reader, and no exception's words stand in them.

What a plugin logs, and what ends a thread of its own, would otherwise be printed by Python with all that it says.
"""

from __future__ import annotations

import logging
import sys
import threading
from contextlib import suppress
from copy import copy
from queue import SimpleQueue
from typing import TextIO

import click

from crampcoach.blame import MOST_OF_REASON, shortened, type_and_place, wordless
from crampcoach.shared_process import own_output, owner_of

#: Seconds that the last lines get to be read.
LAST_WORDS = 0.2
#: Lines that nobody reads are dropped beyond this many; those of plugins leave room for the agent's own.
MOST_UNREAD = 1000
_said: SimpleQueue[str | None] = SimpleQueue()
_printing: list[threading.Thread] = []


def begin() -> None:
    """Start to print, before any plugin's thread could be the one that starts it."""
    _printing.append(threading.Thread(target=_print_lines, args=(own_output(),), name="output", daemon=True))
    _printing[0].start()


def say(line: str, most: int = MOST_UNREAD) -> None:
    """A line for whoever started the agent. It never waits: a terminal that was stopped must not stop the agent."""
    if _said.qsize() < most:
        _said.put(line)


def _print_lines(output: TextIO | None) -> None:
    """`output`: plugins do with the other ones as they like."""
    while (line := _said.get()) is not None:
        with suppress(OSError, ValueError):  # nobody need be there to read it
            click.echo(line, file=output)


def finish() -> None:
    """Print what has been said; who does not read it now will not."""
    _said.put(None)
    _printing[0].join(LAST_WORDS)


def take_over() -> None:
    """Print as lines what Python prints by itself of a plugin's doing."""
    handler = _Logged(logging.WARNING)
    logging.getLogger().addHandler(handler)
    logging.lastResort = handler
    logging.raiseExceptions = False  # of another handler, with everything that it was to log
    threading.excepthook = _thread_failed
    sys.unraisablehook = _unraisable


def _note(line: str) -> None:
    say(shortened(line, MOST_OF_REASON * 10), MOST_UNREAD // 2)


class _Logged(logging.Handler):
    """What is logged from a warning on."""

    def handle(self, record: logging.LogRecord) -> bool:
        """Without the lock of others: to put a text together is a plugin's code, and may hang."""
        self.emit(record)
        return True

    def emit(self, record: logging.LogRecord) -> None:
        whose = owner_of(threading.current_thread()) or record.name.removeprefix("crampcoach.plugins.")
        error = record.exc_info[1] if record.exc_info else None
        try:
            text = _text(record)
        except Exception as wrong:  # noqa: BLE001 - see `handle`
            text = f"line {record.lineno} of {record.filename} logs what raises {type(wrong).__name__}"
        _note(f"{whose}: {text}" + (f" ({type_and_place(error)})" if error is not None else ""))


def _text(record: logging.LogRecord) -> str:
    """What it says, with an exception by its type. Python's own libraries put together what was on its way in them."""
    if record.name.partition(".")[0] in sys.stdlib_module_names:
        return f"{record.levelname.lower()} of {record.name}"
    told = copy(record)
    told.msg = _named(record.msg)
    if isinstance(record.args, tuple):
        told.args = tuple(map(_named, record.args))
    elif record.args:
        told.args = {name: _named(one) for name, one in record.args.items()}
    return told.getMessage()


def _named(value: object) -> object:
    return type(value).__name__ if isinstance(value, BaseException) else value


def _thread_failed(failed: threading.ExceptHookArgs) -> None:
    owner, error = owner_of(failed.thread), failed.exc_value
    if error is not None and not isinstance(error, SystemExit):
        _note(wordless(f"plugin {owner}: a thread of it" if owner else "a thread", error))


def _unraisable(failed: sys.UnraisableHookArgs) -> None:
    if failed.exc_value is not None:
        _note(wordless("what Python calls by itself, such as __del__,", failed.exc_value))
