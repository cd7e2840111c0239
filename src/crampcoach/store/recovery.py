"""The way back from a damaged file: it is set aside, never overwritten, and the newest good backup takes its place."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path

from crampcoach.home import Home, private_file, unwritable
from crampcoach.store.backup import BEFORE_UPDATE, backup, backups, fault
from crampcoach.store.database import COMPANIONS, Damaged, Database, Schema, set_aside, turn
from crampcoach.store.schema import LOG, STATE


def open_or_recover(home: Home, schema: Schema, now: datetime, *, check: bool = False) -> tuple[Database, str]:
    """Open a file; a damaged one is set aside for the newest good backup. The database, and a sentence if so.

    `check` reads the whole file for damage that opening does not meet. An older file is backed up before it is brought
    up to date. Raises Problem.
    """
    path = {LOG.name: home.log_db, STATE.name: home.state_db}[schema.name]
    part = path.with_name(f"{path.name}.recovered")
    keep = partial(_keep, folder=home.backup_dir, now=now)
    look = partial(_opened, path, part, schema, check, keep)
    missing = _missing(path) and _missing(part)
    if _left_alone(path):
        with turn(private_file(path.with_name(f"{path.name}.recovery.lock"))):
            if _left_alone(path):
                set_aside(path, now)
    opened = look()
    if isinstance(opened, Database):
        return opened, _gone(path, home.backup_dir, schema) if missing else ""
    with turn(private_file(path.with_name(f"{path.name}.recovery.lock"))):
        # Another process may have recovered it while this one waited.
        opened = look()
        if isinstance(opened, Database):
            return opened, ""
        # The copy is complete before anything is moved: on a full disk the next start begins anew.
        at = _newest_good(home.backup_dir, schema, part)
        with turn(private_file(path.with_name(f"{path.name}.lock"))):  # nobody acknowledges what is set aside
            aside = set_aside(path, now)
            if at:
                part.replace(path)
        instead = f"the backup of {at:%Y-%m-%d %H:%M} UTC is in use" if at else "as there is no backup it starts empty"
        return Database(path, schema, keep), f"{opened}; it was set aside as {aside.name}, and {instead}"


def _keep(database: Database, folder: Path, now: datetime) -> None:
    """An update has mistakes of its own: what was there before stays as a backup."""
    if not database.sound():
        raise Damaged(f"{database.path} is damaged")
    backup(database, folder, now, BEFORE_UPDATE)


def _left_alone(path: Path) -> bool:
    """Whether a write-ahead log is there without its file: SQLite would apply it to whatever comes to that place."""
    with suppress(OSError):
        return any(path.with_name(path.name + tail).exists() for tail in COMPANIONS) and not path.exists()
    return False


def _opened(path: Path, part: Path, schema: Schema, check: bool, keep: Callable[[Database], object]) -> Database | str:
    """The database, or what is wrong with it."""
    with suppress(OSError):
        if not path.exists():
            part.replace(path)  # A recovery was killed just before its end.
    try:
        database = Database(path, schema, keep)
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
    if not made:
        return ""
    newest = made[0][1]
    back = f"`crampcoach restore {newest.name}` brings it back" if schema is LOG else f"its newest backup is {newest}"
    return f"{path} was gone and starts empty; {back}"


def _newest_good(folder: Path, schema: Schema, part: Path) -> datetime | None:
    """Copy the newest good backup to `part`; the time it was made, or None where there is none. Raises Problem."""
    for at, copy in backups(folder, schema):
        try:
            private_file(part)
            shutil.copyfile(copy, part)
        except OSError as error:
            part.unlink(missing_ok=True)
            raise unwritable(part, error) from error
        if not fault(part, schema):
            return at
    part.unlink(missing_ok=True)
    return None
