"""How a page gets into the log: whatever fails, its text is there or in its draft, and in one of them only.

It answers the evening's question too, where that waits.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from crampcoach import Problem

if TYPE_CHECKING:
    from crampcoach import Entry, Session

REMINDER = "evening"
#: The drafts, each with the command that offers it again.
PAGE, WRITING = "journal", "writing"
_OFFERS = {PAGE: "crampcoach journal", WRITING: "crampcoach journal --writing"}


def save(session: Session, entry: Entry, draft: str, *, piped: bool = False) -> None:
    """Save an entry and discard its draft, or keep one where that fails. Then the evening's question is answered too.

    `piped`: the text came from another program. A draft that was left behind is another text then, and none is made of
    what no log takes: the sender still has it.
    """
    try:
        session.save(entry)
    except BaseException as error:
        if in_log(session, entry.note):  # only what came after failed: nobody reads the output
            if not piped:
                session.discard(draft)
            raise
        if piped and not _is_text(entry.note):
            raise
        kept = _keep_at_least(session, entry.note, draft)
        if isinstance(error, Problem):
            raise Problem(f"{error}; {kept}") from None
        click.echo(f"crampcoach: {kept}", err=True)
        raise
    if not piped:
        session.discard(draft)  # before anything else can fail: else the text is offered again, and saved twice
    if asks(session):
        session.done(REMINDER)
    click.echo(f"saved: {count(entry.note)}" if entry.note else "saved")


def in_log(session: Session, text: str) -> bool:
    """Whether the newest page of the journal is this text: a kill came between saving it and discarding its draft."""
    with suppress(Exception):  # a log that cannot be read has it nowhere
        newest = session.log.last("journal")
        return newest is not None and bool(text) and newest.note == text
    return False


def _is_text(text: str) -> bool:
    """Whether a log takes it."""
    return "\0" not in text and printable(text) == text


def _keep_at_least(session: Session, text: str, draft: str) -> str:
    try:
        session.keep(text, draft)
    except Problem:
        if sys.stdout and sys.stdout.isatty():
            click.echo(f"\n{printable(text)}\n")
        return "what you wrote could not be kept either: copy it from here"
    return f"what you wrote is kept, and `{_OFFERS[draft]}` offers it again"


def printable(text: str) -> str:
    """A draft may hold what is no text."""
    return text.encode("utf-8", "replace").decode()


def asks(session: Session) -> bool:
    """Whether the evening's question waits for an answer."""
    now = session.now()
    found = session.log.occurrences(now - timedelta(days=1), now + timedelta(seconds=1))
    return any(one.reminder.endswith(f".{REMINDER}") and one.state in ("shown", "snoozed") for one in found)


def count(text: str) -> str:
    """ "1 word", "200 words"."""
    words = len(text.split())
    return f"{words:,} word{'' if words == 1 else 's'}"
