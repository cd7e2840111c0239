"""The test message of `setup`: did you see it? Pressed on the message or typed in the terminal, whichever comes first.

Nobody knows beforehand whether a press can come: the notifier or the server may have no buttons.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import replace
from queue import Empty
from typing import TYPE_CHECKING, Any

import click

from crampcoach.actions import Action
from crampcoach.cli import installing
from crampcoach.cli.printing import print_wrapped
from crampcoach.cli.questions import YES_NO
from crampcoach.cli.trial import Heard, put_up
from crampcoach.model import Message
from crampcoach.notifier import Delivered, Failed, Unconfirmed

if TYPE_CHECKING:
    from crampcoach.cli.session import Session
    from crampcoach.clock import Clock

TEST = Message(
    title="Did you see it?",
    body="This is a test message of crampcoach. Press Yes, or answer in the terminal.",
    actions=(Action(label="Yes"),),
    occurrence="try-setup",
)
CHECK = (
    "Is 'do not disturb' on? Most desktops have it in the panel, in the menu of the clock or the bell.",
    "May crampcoach show messages? Look in the desktop's settings under Notifications.",
    "Is this a terminal window of the desktop itself? From elsewhere no message may come through.",
    "`crampcoach check` says what works here, and how to mend what does not.",
    "Without notifications, `crampcoach run` in a terminal shows every message there.",
)
#: Seconds between two looks for a press.
LOOK = 0.2


def show_test(session: Session, wait: float) -> None:
    """Show it, wait so many seconds for an answer, and say what to check where there was none, or a no."""
    answer = ""

    def waits(name: str, heard: Heard) -> None:
        nonlocal answer
        print_wrapped(f"Shown by {name}. Press Yes on it, or answer here (within {wait:g} s).")
        answer = _answer(session.clock, heard, wait)

    shown, heard = _put_up(session, TEST, waits)
    if heard.pressed:
        click.echo("\nGood: you saw it, and your press arrived.")
    elif answer == "yes":
        click.echo("Good: you saw it.")
        print_wrapped("If it had no button to press, answer reminders by command, such as: crampcoach done")
    else:
        if isinstance(shown, Failed):
            print_wrapped(f"It could not be shown: {shown.reason}.")
        elif not answer:
            click.echo("\nNobody pressed Yes.")
        click.echo("What to check:")
        for line in CHECK:
            print_wrapped(line, "- ")


def show_unasked(session: Session, seconds: float) -> None:
    """Show it to whoever may be there, until it is pressed or for so many seconds; a line says what to check."""
    by = ""

    def waits(name: str, heard: Heard) -> None:
        nonlocal by
        by = name
        with suppress(Empty):
            heard.queue.get(timeout=seconds)

    message = replace(TEST, body="This is a test message of crampcoach. Press Yes.")
    shown, heard = _put_up(session, message, waits)
    if heard.pressed:
        print_wrapped(f"A test message was shown by {by}, and your press on it arrived.")
    elif isinstance(shown, Failed):
        print_wrapped(f"No test message could be shown: {shown.reason}. What to do about it: crampcoach check")
    else:
        print_wrapped(
            f"A test message was shown by {by} for {seconds:g} s, and nobody pressed Yes. If it did not reach you: "
            "crampcoach check"
        )


def _put_up(
    session: Session, message: Message, waits: Callable[[str, Heard], None]
) -> tuple[Delivered | Unconfirmed | Failed, Heard]:
    # An agent that is started at login has no terminal to show anything in, and this is to be a test of that one.
    with _no_terminal() if installing.starts_at_login() else nullcontext():
        return put_up(session, message, waits)


def _answer(clock: Clock, heard: Heard, seconds: float) -> str:
    """ "yes" or "no" as it was typed; empty where it was pressed, or nobody did anything in time."""
    end = clock.monotonic() + seconds
    click.echo("  [y or n]: ", nl=False)
    while not heard.pressed and (left := end - clock.monotonic()) > 0:
        if not _typed(min(left, LOOK)):
            continue
        line = sys.stdin.readline()
        if not line:
            raise click.Abort
        if answer := YES_NO.get(line.strip().casefold()):
            return answer
        click.echo("  [y or n]: ", nl=False)
    return ""


def _typed(seconds: float) -> bool:
    """Whether something was typed, or is within so many seconds."""
    if sys.platform == "win32":
        import msvcrt

        time.sleep(seconds)
        return msvcrt.kbhit()
    import select

    return bool(select.select([sys.stdin], [], [], seconds)[0])


@contextmanager
def _no_terminal() -> Iterator[None]:
    """What plugins print goes where it went, but that is no terminal to them."""
    err: Any = sys.stderr
    sys.stderr = _File(err)
    try:
        yield
    finally:
        sys.stderr = err


class _File:
    def __init__(self, out: Any) -> None:
        self._out = out

    def isatty(self) -> bool:
        return False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._out, name)
