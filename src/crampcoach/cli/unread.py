"""Advice that nobody is known to have read: `status` and `today` say it in full, whatever became of its message.

A notifier may have claimed to show it, a message may have gone unseen, or nobody could show it at all.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crampcoach.cli.printing import in_terminal
from crampcoach.cli.saving import print_advice
from crampcoach.model import Problem

if TYPE_CHECKING:
    from crampcoach.advice import Advice
    from crampcoach.cli.session import Session
    from crampcoach.store.notices import Notice
    from crampcoach.store.raised import Untold


@dataclass(frozen=True, slots=True)
class Unread:
    """The advice, most urgent first; the entries that it was never told of, and the messages that nobody answered."""

    advice: tuple[Advice, ...] = ()
    untold: tuple[Untold, ...] = ()
    notices: tuple[Notice, ...] = ()


def unread(session: Session) -> Unread:
    """What nobody is known to have read; nothing where the log cannot be read, which says itself what that holds."""
    import sqlite3

    from crampcoach import answers
    from crampcoach.store import notices, raised

    try:
        store = session.store
        untold = tuple(answers.untold(store))
        standing = tuple(one for one in notices.standing(store.state.connection) if one.of and not one.read)
        flags = {name for one in untold for name in one.flags}
        flags |= {name for one in standing for name in raised.of_entry(store.log, one.of)}
        return Unread(session.person.advice(flags), untold, standing)
    except (sqlite3.Error, Problem):
        return Unread()


def print_unread(session: Session) -> None:
    """Print it. In a terminal it is read thereby, and the next command is silent of it."""
    from crampcoach.store import notices, raised

    found = unread(session)
    print_advice(found.advice)
    if not found.advice or not in_terminal(sys.stdout):
        return
    store = session.store
    told = [(one.entry, one.flags) for one in found.untold if one.entry]
    raised.mark_told(store.log, told, session.clock.now())
    with store.state.transaction() as connection:
        notices.mark_read(connection, [one.key for one in found.notices])
