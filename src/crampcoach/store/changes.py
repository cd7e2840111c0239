"""The order of everything that was saved and changed, and what stood there before each change.

Entries and revisions take their numbers from one row, so that no clock decides what came last. What is done together
is one step, named by its first number.
"""

from __future__ import annotations

import json
import sqlite3
from typing import Literal, TypeAlias

from crampcoach.model import Problem

What: TypeAlias = Literal["edit", "delete", "undo", "redo"]


def next_number(connection: sqlite3.Connection) -> int:
    """The number of the next entry or revision, in the transaction that writes it."""
    sql = (
        "SELECT 1 + max(coalesce((SELECT max(number) FROM entries), 0), "
        "coalesce((SELECT max(change) FROM revisions), 0))"
    )
    number: int = connection.execute(sql).fetchone()[0]
    return number


def keep_revision(
    connection: sqlite3.Connection, entry: str, what: What, changed: str, *, step: int = 0, undoes: int | None = None
) -> int:
    """Keep what stands in an entry, which is about to be changed; the change's number.

    `undoes`: the number of what an undo or a redo takes back. Raises Problem where there is no such entry, or where it
    is deleted and this is no undo.
    """
    record = connection.execute("SELECT * FROM entries WHERE id = ?", [entry]).fetchone()
    if record is None or (record["deleted"] and undoes is None):
        raise Problem(f"there is no entry {entry}; `crampcoach entries` lists them")
    number = next_number(connection)
    connection.execute(
        "INSERT INTO revisions (entry, number, changed, before, what, change, step, undoes) "
        "SELECT ?, 1 + coalesce(max(number), 0), ?, ?, ?, ?, ?, ? FROM revisions WHERE entry = ?",
        [entry, changed, json.dumps(dict(record), ensure_ascii=False), what, number, step or number, undoes, entry],
    )
    return number
