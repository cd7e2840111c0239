"""The lines that the agent's process prints. They never wait for a reader, and no exception's words stand in them.

What a plugin logs, and what ends a thread of its own, would otherwise be printed by Python with all that it says.
"""

from __future__ import annotations

import logging
import sys
import threading
from contextlib import suppress
from queue import SimpleQueue
from typing import TextIO

import click

from crampcoach.blame import told_of, wordless
from crampcoach.shared_process import own_output, owner_of

#: Seconds that the last lines get to be read.
LAST_WORDS = 0.2
#: Lines that nobody reads are dropped beyond this many.
MOST_UNREAD = 1000
_said: SimpleQueue[str | None] = SimpleQueue()
_printing: list[threading.Thread] = []
#: What lines are printed to: plugins do with the other outputs as they like.
_output: list[TextIO | None] = []


def say(line: str) -> None:
    """A line for whoever started the agent. It never waits: a terminal that was stopped must not stop the agent."""
    if not _printing:
        _printing.append(threading.Thread(target=_print_lines, name="output", daemon=True))
        _printing[0].start()
    if _said.qsize() < MOST_UNREAD:
        _said.put(line)


def _print_lines() -> None:
    while (line := _said.get()) is not None:
        with suppress(OSError, ValueError):  # nobody need be there to read it
            click.echo(line, file=_output[-1] if _output else None)


def take_over() -> None:
    """From now on everything that this process has to say comes as such a line."""
    _output.append(own_output())
    logging.getLogger().addHandler(_Lines(logging.WARNING))
    threading.excepthook = _thread_failed
    sys.unraisablehook = _unraisable


def finish() -> None:
    """Print what has been said; who does not read it now will not."""
    _said.put(None)
    if _printing:
        _printing[0].join(LAST_WORDS)


class _Lines(logging.Handler):
    """What is logged from a warning on."""

    def emit(self, record: logging.LogRecord) -> None:
        whose = record.name.removeprefix("crampcoach.plugins.")
        try:
            text = record.getMessage()
        except Exception as wrong:  # noqa: BLE001 - its arguments are a plugin's, and so are their texts
            say(wordless(f"{whose}: a line for the log", wrong))
            return
        error = record.exc_info[1] if record.exc_info else None
        say(f"{whose}: {text}" + (f" ({wordless('it', error)})" if error else ""))


def _thread_failed(failed: threading.ExceptHookArgs) -> None:
    owner, error = owner_of(failed.thread), failed.exc_value
    if error and not isinstance(error, SystemExit):
        say(wordless(f"plugin {owner}: a thread of it", error) if owner else told_of("a thread", error))


def _unraisable(failed: sys.UnraisableHookArgs) -> None:
    if failed.exc_value:
        say(wordless(failed.err_msg or f"letting go of a {type(failed.object).__name__}", failed.exc_value))
