"""Advice that nobody is known to have read: `status` and `today` say it in full, whatever became of its message.

A notifier may have claimed to show it, a message may have gone unseen, or nobody could show it at all.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from crampcoach.cli.saving import print_advice
from crampcoach.model import Problem

if TYPE_CHECKING:
    from crampcoach.advice import Advice
    from crampcoach.cli.session import Session
    from crampcoach.store import Store


def unread(session: Session) -> tuple[Advice, ...]:
    """That advice, most urgent first; none where the log cannot be read, which says itself what that holds."""
    import sqlite3

    try:
        return session.person.advice(_flags(session.store))
    except (sqlite3.Error, Problem):
        return ()


def print_unread(session: Session) -> None:
    """Print it. In a terminal it is read thereby, and the next command is silent of it."""
    from crampcoach.store import notices, raised

    advice = unread(session)
    print_advice(advice)
    if not advice or not sys.stdout.isatty():
        return
    store, now = session.store, session.clock.now()
    raised.mark_told(store.log, [(one.entry, one.flags) for one in raised.untold(store.log)], now)
    with store.state.transaction() as connection:
        notices.mark_read(connection)


def _flags(store: Store) -> set[str]:
    from crampcoach.answers import unsaved
    from crampcoach.safety.flags import raised as raises
    from crampcoach.store import notices, raised

    of = [notice.of for notice in notices.standing(store.state.connection) if notice.of and not notice.read]
    flags = {name for one in of for name in raised.of_entry(store.log, one)}
    flags |= {name for one in raised.untold(store.log) for name in one.flags}
    return flags | {one.id for entry in unsaved(store) for one in raises(entry)}
