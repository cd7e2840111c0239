"""Backups of both files, made in one step with SQLite's own backup, and the way back from a damaged file."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
from contextlib import closing, suppress
from datetime import datetime, timedelta
from pathlib import Path

from crampcoach.home import Home, private_file, private_folder, unwritable
from crampcoach.model import Problem
from crampcoach.store.database import APPLICATION_ID, Damaged, Database, Schema, set_aside, sound, turn
from crampcoach.store.schema import LOG, STATE

DAYS_KEPT = 7
WEEKS_KEPT = 4
_NAME = re.compile(r"(log|state)-(\d{8}T\d{6})\.db")


def backup(database: Database, folder: Path, now: datetime) -> Path:
    """Write a copy of a database, whole or not at all; its path. Raises Problem or sqlite3.Error."""
    private_folder(folder)
    path = folder / f"{database.schema.name}-{now:%Y%m%dT%H%M%S}.db"
    part = private_file(path.with_suffix(".part"))
    try:
        with closing(sqlite3.connect(part)) as target:
            database.connection.backup(target)
            if not sound(target):
                raise Problem(f"{database.path} is damaged and was not backed up, so that good backups stay")
        with part.open("rb+") as handle:
            os.fsync(handle.fileno())
        part.replace(path)
    except OSError as error:
        raise unwritable(path, error) from error
    finally:
        part.unlink(missing_ok=True)
    return path


def backups(folder: Path, schema: Schema) -> list[tuple[datetime, Path]]:
    """The backups of a file, newest first, with the time of each as its name says (UTC)."""
    found = []
    for path in folder.glob(f"{schema.name}-*.db"):
        name = _NAME.fullmatch(path.name)
        if name and name[1] == schema.name:
            found.append((datetime.strptime(name[2] + "+0000", "%Y%m%dT%H%M%S%z"), path))
    return sorted(found, reverse=True)


def back_up_daily(database: Database, folder: Path, now: datetime) -> Path | None:
    """A backup unless the newest is of today, then rotation: the newest of 7 days and of 4 weeks stay."""
    made = None
    if not any(timedelta(0) <= now - at < timedelta(hours=20) for at, _ in backups(folder, database.schema)):
        made = backup(database, folder, now)
    # Counted, not dated: a clock that runs a year ahead for an hour must not empty the folder.
    days: dict[object, Path] = {}
    weeks: dict[object, Path] = {}
    for at, path in backups(folder, database.schema):
        days.setdefault(at.date(), path)
        weeks.setdefault(at.isocalendar()[:2], path)
    kept = {*list(days.values())[:DAYS_KEPT], *list(weeks.values())[:WEEKS_KEPT]}
    for _, path in backups(folder, database.schema):
        if path not in kept:
            path.unlink(missing_ok=True)
    return made


def open_or_recover(home: Home, schema: Schema, now: datetime, *, check: bool = False) -> tuple[Database, str]:
    """Open a file; a damaged one is set aside for the newest good backup. The database, and a sentence if so.

    `check` reads the whole file for damage that opening does not meet. Raises Problem.
    """
    path = {LOG.name: home.log_db, STATE.name: home.state_db}[schema.name]
    part = path.with_name(f"{path.name}.recovered")
    missing = _missing(path) and _missing(part)
    opened = _opened(path, part, schema, check)
    if isinstance(opened, Database):
        return opened, _gone(path, home.backup_dir, schema) if missing else ""
    with turn(private_file(path.with_name(f"{path.name}.recovery.lock"))):
        # Another process may have recovered it while this one waited.
        opened = _opened(path, part, schema, check)
        if isinstance(opened, Database):
            return opened, ""
        # The copy is complete before anything is moved: on a full disk the next start begins anew.
        at = _newest_good(home.backup_dir, schema, part)
        aside = set_aside(path, now)
        if at:
            part.replace(path)
        instead = f"the backup of {at:%Y-%m-%d %H:%M} UTC is in use" if at else "as there is no backup it starts empty"
        return Database(path, schema), f"{opened}; it was set aside as {aside.name}, and {instead}"


def _opened(path: Path, part: Path, schema: Schema, check: bool) -> Database | str:
    """The database, or what is wrong with it."""
    with suppress(OSError):
        if not path.exists():
            part.replace(path)  # A recovery was killed just before its end.
    try:
        database = Database(path, schema)
    except Damaged as error:
        return str(error)
    if not check or database.sound():
        return database
    database.close()
    return f"{path} is damaged"


def _missing(path: Path) -> bool:
    try:
        return not path.exists()
    except OSError:
        return False  # In a folder that may not be read; opening it says so.


def _gone(path: Path, folder: Path, schema: Schema) -> str:
    """A file that is not there is new, unless there are backups of it."""
    made = backups(folder, schema)
    return f"{path} was gone and starts empty; its newest backup is {made[0][1]}" if made else ""


def _newest_good(folder: Path, schema: Schema, part: Path) -> datetime | None:
    """Copy the newest good backup to `part`; the time it was made, or None where there is none. Raises Problem."""
    for at, copy in backups(folder, schema):
        try:
            private_file(part)
            shutil.copyfile(copy, part)
        except OSError as error:
            part.unlink(missing_ok=True)
            raise unwritable(part, error) from error
        if _good(part, schema):
            return at
    part.unlink(missing_ok=True)
    return None


def _good(path: Path, schema: Schema) -> bool:
    """Whether a copy is a whole file of ours that this version can read."""
    try:
        # Immutable: nothing is to be written beside the copy.
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?immutable=1", uri=True)) as connection:
            ask = [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")]
            return ask[0] == APPLICATION_ID and 0 < ask[1] <= len(schema.migrations) and sound(connection)
    except sqlite3.DatabaseError:
        return False
