"""Backups: made in one step with SQLite's own backup, whole or not at all; how they are named, listed and rotated."""

from __future__ import annotations

import os
import re
import sqlite3
import tempfile
import zlib
from contextlib import closing, suppress
from datetime import datetime, timedelta
from pathlib import Path

from crampcoach.home import private_file, private_folder, sync_folder, unwritable
from crampcoach.model import Problem
from crampcoach.store.database import Database, Schema, database_sentence, newer_sentence, sound, turn, version_of

DAYS_KEPT = 7
WEEKS_KEPT = 4
#: Why a backup was made, as its name says; only the daily ones make room for newer ones.
DAILY, ASKED, BEFORE_RESTORE, BEFORE_UPDATE = "", "asked", "before-restore", "before-update"
_NAME = re.compile(rf"(log|state)-(\d{{8}}T\d{{6}})(?:-({ASKED}|{BEFORE_RESTORE}|{BEFORE_UPDATE}))?(?:-\d+)?\.db")


def backup(database: Database, folder: Path, now: datetime, why: str = DAILY) -> Path:
    """Write a copy of a database into the folder of backups; its path. Raises Problem."""
    private_folder(folder)
    name = f"{database.schema.name}-{now:%Y%m%dT%H%M%S}{'-' if why else ''}{why}"
    with turn(_lock(folder)):
        path, number = folder / f"{name}.db", 1
        while path.exists():
            number += 1
            path = folder / f"{name}-{number}.db"
        try:
            _write(database, path)
        except OSError as error:
            raise unwritable(path, error) from error
    return path


def back_up_to(database: Database, path: Path, folder: Path) -> None:
    """Write a copy to any place, over what is there; `folder` is the one of the backups. Raises Problem."""
    with turn(_lock(folder)):
        try:
            _write(database, path)
        except OSError as error:
            why = error.strerror or str(error)
            raise Problem(f"cannot write {path}: {why}; free it, or choose another place") from error


def _lock(folder: Path) -> Path:
    """One backup of a home at a time: what another has left half was left by a kill."""
    return private_file(folder.with_name(f"{folder.name}.lock"))


def _write(database: Database, path: Path) -> None:
    """Whole or not at all, and for its owner only. Raises OSError or Problem."""
    # The name says whose leftovers they are: the person may keep anything in a folder of theirs.
    mine = f".crampcoach-{zlib.crc32(os.fsencode(database.path.absolute())):08x}-"
    for left in path.parent.glob(f"{mine}*"):
        left.unlink(missing_ok=True)
    handle, name = tempfile.mkstemp(prefix=mine, dir=path.parent)
    part = Path(name)
    try:
        with closing(sqlite3.connect(part)) as target:
            _copy(database, target, path)
        os.fsync(handle)
        part.replace(path)
        sync_folder(path.parent)
    finally:
        os.close(handle)
        part.unlink(missing_ok=True)


def _copy(database: Database, target: sqlite3.Connection, path: Path) -> None:
    damaged = Problem(f"{database.path} is damaged and was not backed up, so that good backups stay")
    try:
        database.connection.backup(target)
        # One file that can be read where nothing can be written: no write-ahead log belongs to it.
        target.execute("PRAGMA journal_mode=DELETE")
        if not sound(target):
            raise damaged
    except sqlite3.DatabaseError as error:
        if "malformed" in str(error) or "not a database" in str(error):
            raise damaged from error
        raise Problem(database_sentence(error, path)) from error


def backups(folder: Path, schema: Schema) -> list[tuple[datetime, Path]]:
    """The backups of a file, newest first, with the time of each as its name says (UTC)."""
    found = []
    for path in folder.glob(f"{schema.name}-*.db"):
        name = _NAME.fullmatch(path.name)
        if name and name[1] == schema.name:
            found.append((datetime.strptime(name[2] + "+0000", "%Y%m%dT%H%M%S%z"), path))
    return sorted(found, reverse=True)


def reason(path: Path) -> str:
    """Why a backup was made: DAILY, ASKED, BEFORE_RESTORE or BEFORE_UPDATE."""
    name = _NAME.fullmatch(path.name)
    return (name[3] or DAILY) if name else DAILY


def back_up_daily(database: Database, folder: Path, now: datetime) -> Path | None:
    """A backup unless the newest daily one is of today, then rotation: the newest of 7 days and of 4 weeks stay."""

    def daily() -> list[tuple[datetime, Path]]:
        return [one for one in backups(folder, database.schema) if reason(one[1]) == DAILY]

    made = None
    if not any(timedelta(0) <= now - at < timedelta(hours=20) for at, _ in daily()):
        made = backup(database, folder, now)
    # Counted, not dated: a clock that runs a year ahead for an hour must not empty the folder.
    days: dict[object, Path] = {}
    weeks: dict[object, Path] = {}
    for at, path in daily():
        days.setdefault(at.date(), path)
        weeks.setdefault(at.isocalendar()[:2], path)
    kept = {*list(days.values())[:DAYS_KEPT], *list(weeks.values())[:WEEKS_KEPT]}
    for _, path in daily():
        if path not in kept:
            path.unlink(missing_ok=True)
    return made


def snapshot(path: Path) -> sqlite3.Connection:
    """A connection that only reads a backup, or another log that somebody copied. Raises sqlite3.Error."""
    wal = path.with_name(f"{path.name}-wal")
    # Its newest entries may stand in the write-ahead log. Without one nothing is to be written beside the file.
    way = "mode=ro" if wal.exists() and wal.stat().st_size else "immutable=1"
    return sqlite3.connect(f"{path.absolute().as_uri()}?{way}", uri=True)


def fault(path: Path, schema: Schema) -> str:
    """Why a file cannot be used as a backup, as one sentence; empty where it can."""
    what = f"{path} cannot be used"
    try:
        if not path.is_file():
            return f"there is no file {path}; `crampcoach backup --list` names your backups"
        # Not opened to find out: closing it would drop this process's SQLite locks (POSIX), were it a file in use.
        if not os.access(path, os.R_OK):
            return f"{what}: it may not be read; see who owns it"
        with closing(snapshot(path)) as connection:
            version = version_of(connection, schema)
            if version is None:
                return f"{what}: it is no copy of crampcoach's {schema.name}; choose another backup"
            if version > len(schema.migrations):
                return newer_sentence(path)
            if version == 0:
                return f"{what}: it is empty; choose another backup"
            return "" if sound(connection) else f"{what}: it is damaged; choose another backup"
    except OSError as error:
        return f"{what}: {error.strerror or error}; choose another backup"
    except sqlite3.OperationalError as error:
        return f"{what}: {error}; choose another backup"
    except sqlite3.DatabaseError:
        return f"{what}: it is damaged, or no file of crampcoach's; choose another backup"


def entries_in(path: Path) -> int | None:
    """How many entries a backup of the log has; None where it cannot be read."""
    with suppress(sqlite3.Error), closing(snapshot(path)) as connection:
        return int(connection.execute("SELECT count(*) FROM entries WHERE deleted IS NULL").fetchone()[0])
    return None
