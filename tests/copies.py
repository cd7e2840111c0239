"""What a copy of a log holds."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from crampcoach.store.backup import fault
from crampcoach.store.schema import LOG


def notes_in(path: Path) -> set[str]:
    """The notes of the cramps in a backup, which must be good."""
    assert fault(path, LOG) == ""
    with closing(sqlite3.connect(f"{path.as_uri()}?immutable=1", uri=True)) as connection:
        rows = connection.execute("SELECT note FROM entries WHERE kind = 'cramp' AND deleted IS NULL")
        return {note for (note,) in rows}
