"""Going back to a backup of the log: first what it would change, then all of it in one transaction.

The backup is copied into the log, not put in its place: whoever has the log open - the agent, a command - goes on with
the same file, reads the one or the other and never half of both, and writes nothing into a file that is out of use.

Only the log is restored. state.db says what was shown and answered up to now, and an old one would have the agent show
it again; it is the agent's, and comes back by itself when it is damaged.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from crampcoach.home import Home
from crampcoach.model import Problem
from crampcoach.store import Store, kept_holds, raised
from crampcoach.store.backup import BEFORE_RESTORE, backup, fault, snapshot
from crampcoach.store.database import Database, PrivateCopy
from crampcoach.store.schema import LOG, from_text

_SHOWN = "SELECT id, kind, at, zone, night, fields, note FROM {0}.entries WHERE deleted IS NULL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """So many entries, and the times (UTC) of the first and the last of them."""

    many: int
    first: datetime | None = None
    last: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What a restore would do: entries that go, that come back, and that are as they were; holds that are on again."""

    gone: Change
    back: Change
    other: Change
    holds: tuple[str, ...]

    @property
    def any(self) -> bool:
        return bool(self.gone.many or self.back.many or self.other.many)


@contextmanager
def chosen(path: Path) -> Iterator[Database]:
    """A private copy of a backup, brought up to date. Raises Problem or sqlite3.Error."""
    if wrong := fault(path, LOG):
        raise Problem(wrong)
    with closing(snapshot(path)) as source:
        copy = PrivateCopy(source, path, LOG)
    try:
        yield copy
    finally:
        copy.close()


def changes(log: Database, copy: Database) -> Changes:
    """What restoring the copy would change in the log. Raises sqlite3.Error."""
    both = copy.connection
    both.execute("ATTACH ? AS present", [str(log.path)])
    try:
        here, there = _SHOWN.format("present"), _SHOWN.format("main")
        ids = "SELECT id FROM {0}.entries WHERE deleted IS NULL"
        return Changes(
            gone=_change(both, f"{here} AND id NOT IN ({ids.format('main')})"),
            back=_change(both, f"{there} AND id NOT IN ({ids.format('present')})"),
            other=_change(both, f"{here} AND id IN ({ids.format('main')}) EXCEPT {there}"),
            holds=tuple(name for name in raised.holding(copy) if name not in raised.holding(log)),
        )
    finally:
        both.execute("DETACH present")


def _change(connection: sqlite3.Connection, sql: str) -> Change:
    many, first, last = connection.execute(f"SELECT count(*), min(at), max(at) FROM ({sql})").fetchone()
    return Change(many=many, first=from_text(first) if first else None, last=from_text(last) if last else None)


def restore(store: Store, copy: Database, home: Home, now: datetime, zone: str) -> Path:
    """Put the copy's content in the place of the log's; where a backup of what was there is. Raises Problem.

    What the person has said about themselves, and what holds measures back, stays as it is now.
    """
    log = store.log
    with log.turn():
        before = backup(log, home.backup_dir, now, BEFORE_RESTORE)
        try:
            kept_holds.carry_over(log, copy, now, zone)
            copy.connection.backup(log.connection)
        except BaseException:
            before.unlink()  # it is all still there
            raise
    log.shrink()
    kept_holds.copy(store)
    # Should the log be damaged tomorrow, what comes back is not to be what was there before. The agent makes one a day.
    with suppress(Problem):
        backup(log, home.backup_dir, now)
    return before
