"""Opening SQLite files and writing to them: the one way that all of crampcoach uses.

Every write passes `Database.transaction()`: a fair queue on a lock file, then BEGIN IMMEDIATE ... COMMIT with
synchronous=FULL, so that what was acknowledged is on the disk. A damaged file is set aside, never overwritten.
"""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from crampcoach.home import private_file, unwritable
from crampcoach.model import Problem

#: "crco": says whose file it is.
APPLICATION_ID = 0x6372636F
BUSY_SECONDS = 30.0
#: What SQLite keeps beside a file that is in use.
COMPANIONS = ("-wal", "-shm")


@dataclass(frozen=True, slots=True)
class Schema:
    """What a file holds: its name, its migrations, oldest first, and a table that tells it from our other file."""

    name: str
    migrations: Sequence[str]
    table: str = ""


class Damaged(Exception):
    """The file is no sound SQLite database."""


class Database:
    """One file and this thread's connection to it. Not to be shared between threads: each opens its own."""

    def __init__(
        self, path: Path, schema: Schema, before_update: Callable[[Database], object] = lambda _database: None
    ) -> None:
        """Open the file, made and migrated as needed. Raises Problem, or Damaged.

        `before_update` is called before a file that holds something is migrated, while nobody else may write to it.
        """
        self.path = path
        self.schema = schema
        private_file(path)
        self._file = _identity(path)
        self._lock = private_file(path.with_name(path.name + ".lock"))
        try:
            self.connection = _connected(path)
        except sqlite3.DatabaseError as error:
            raise _translated(error, path) from error
        try:
            self._migrate(before_update)
        except sqlite3.DatabaseError as error:
            self.connection.close()
            raise _translated(error, path) from error
        except BaseException:
            self.connection.close()
            raise

    def _migrate(self, before_update: Callable[[Database], object]) -> None:
        run = self.connection.execute
        run("PRAGMA synchronous=FULL")
        run("PRAGMA foreign_keys=ON")
        newest = len(self.schema.migrations)
        if self._version() == newest and _has_wal(self.connection):
            return
        with self.turn():
            run("PRAGMA journal_mode=WAL")
            # Another process may have migrated while this one waited.
            if 0 < self._version() < newest:
                before_update(self)
            for number, script in enumerate(self.schema.migrations, 1):
                with self._whole() as connection:
                    if connection.execute("PRAGMA user_version").fetchone()[0] < number:
                        for statement in statements(script):
                            connection.execute(statement)
                        connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
                        connection.execute(f"PRAGMA user_version={number}")

    def _version(self) -> int:
        version = version_of(self.connection, self.schema)
        if version is None:
            raise Problem(f"{self.path} is not crampcoach's own {self.schema.name}; move it away, then start again")
        if version > len(self.schema.migrations):
            raise Problem(newer_sentence(self.path))
        return version

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All of the block is committed, or nothing of it."""
        with self.turn(), self._whole() as connection:
            yield connection

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Nobody else writes to the file meanwhile. Raises sqlite3.OperationalError where another has its place."""
        with turn(self._lock):
            if self.replaced():
                # What would be acknowledged here is in a file that was set aside.
                raise sqlite3.OperationalError("it was exchanged for another while it was in use")
            yield

    @contextmanager
    def _whole(self) -> Iterator[sqlite3.Connection]:
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield self.connection
            self.connection.execute("COMMIT")
        except BaseException:
            # A full disk makes SQLite roll back by itself.
            with suppress(sqlite3.Error):
                self.connection.execute("ROLLBACK")
            raise

    def replaced(self) -> bool:
        """Whether the file is no longer the one that stands at its path."""
        return _identity(self.path) != self._file

    def shrink(self) -> None:
        """Empty the write-ahead log, which has grown as long as the longest transaction, unless somebody reads it."""
        run = self.connection.execute
        with suppress(sqlite3.Error):
            run("PRAGMA busy_timeout=0")
            run("PRAGMA wal_checkpoint(TRUNCATE)")
        run(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000:.0f}")

    def sound(self) -> bool:
        """Whether SQLite finds nothing wrong in the whole file."""
        return sound(self.connection)

    def close(self) -> None:
        """Give the connection back."""
        self.connection.close()


class PrivateCopy(Database):
    """A copy of a database that nobody else sees, of this version: in a temporary file that is gone with the process.

    `path` is where it comes from, for messages.
    """

    def __init__(self, source: sqlite3.Connection, path: Path, schema: Schema) -> None:
        """Copy and migrate it. Raises Problem or sqlite3.Error."""
        self.path, self.schema = path, schema
        self.connection = _connected("")
        try:
            source.backup(self.connection)
            self._migrate(lambda _database: None)
        except BaseException:
            self.connection.close()
            raise

    @contextmanager
    def turn(self) -> Iterator[None]:
        """It is always this process's turn."""
        yield


def _connected(path: Path | str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
    connection.row_factory = sqlite3.Row
    return connection


def _has_wal(connection: sqlite3.Connection) -> bool:
    return bool(connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal")


def version_of(connection: sqlite3.Connection, schema: Schema) -> int | None:
    """The version of a file of ours, 0 for an empty one; None where it is somebody else's, or our other file."""

    def ask(sql: str, *values: str) -> int:
        return int(connection.execute(sql, values).fetchone()[0])

    # First whether it is empty: another process may be making it at this moment.
    empty = ask("SELECT count(*) FROM sqlite_master") == 0
    version, owner = ask("PRAGMA user_version"), ask("PRAGMA application_id")
    ours = owner == APPLICATION_ID and (
        not schema.table or ask("SELECT count(*) FROM sqlite_master WHERE name = ?", schema.table)
    )
    return version if ours or (empty and owner == 0) else None


def newer_sentence(path: Path) -> str:
    """What to do with a file of a newer version."""
    return f"{path} was written by a newer crampcoach; update crampcoach, nothing was changed"


def statements(script: str) -> Iterator[str]:
    """The statements of a script. One that makes a trigger has semicolons within."""
    statement = ""
    for part in script.split(";"):
        statement += f"{part};"
        if sqlite3.complete_statement(statement):
            if statement.strip("; \n"):
                yield statement
            statement = ""


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_dev, stat.st_ino


def sound(connection: sqlite3.Connection) -> bool:
    """Whether SQLite finds nothing wrong in a whole file."""
    try:
        return [tuple(row) for row in connection.execute("PRAGMA integrity_check(1)")] == [("ok",)]
    except sqlite3.DatabaseError:
        return False


@contextmanager
def turn(lock: Path) -> Iterator[None]:
    """Wait for this process's turn to write. The kernel queues waiters fairly, SQLite's own retries do not."""
    if sys.platform == "win32":
        yield  # SQLite's busy timeout has to do there.
        return
    import fcntl  # not on every platform

    handle = os.open(lock, os.O_RDWR | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        # Closing is not enough: a child that a plugin forked off in the meantime has the file open too.
        fcntl.flock(handle, fcntl.LOCK_UN)
        os.close(handle)


def _translated(error: sqlite3.DatabaseError, path: Path) -> Exception:
    """SQLite's error as ours: Damaged, or a Problem saying what to do."""
    text = str(error)
    if isinstance(error, sqlite3.OperationalError) and "malformed" not in text:
        return Problem(database_sentence(error, path))
    return Damaged(f"{path} is damaged ({text})")


def database_sentence(error: sqlite3.Error, path: Path) -> str:
    """One sentence for a failed read or write."""
    text = str(error)
    if "no such module: fts5" in text:
        python = "this Python's SQLite has no full-text search (FTS5), which the log needs"
        return f"{python}; run crampcoach with another Python, such as your system's"
    remedy = "check the folder's permissions"
    if "exchanged" in text:
        remedy = "do it again"
    elif "full" in text or "disk I/O" in text:
        remedy = "free some space on the disk"
    elif "malformed" in text or "not a database" in text:
        remedy = "`crampcoach run` sets it aside and uses the newest backup"
    return f"cannot use {path}: {text}; {remedy}"


def set_aside(path: Path, now: datetime) -> Path:
    """Rename a file and its companions out of the way; nothing is deleted. Raises Problem."""
    stamp = f"damaged-{now:%Y%m%dT%H%M%S}"
    aside = path.with_name(f"{path.name}.{stamp}")
    number = 1
    while any(aside.with_name(aside.name + tail).exists() for tail in ("", *COMPANIONS)):
        number += 1
        aside = path.with_name(f"{path.name}.{stamp}-{number}")
    try:
        for tail in ("", *COMPANIONS):
            with suppress(FileNotFoundError):
                path.with_name(path.name + tail).rename(aside.with_name(aside.name + tail))
    except OSError as error:
        raise unwritable(path, error) from error
    return aside


def read_only(path: Path) -> sqlite3.Connection:
    """A connection that makes no file beside the database. Raises sqlite3.Error."""
    # Immutable means: do not look for a journal, and make none. With the agent's journal there, it must be read.
    in_use = all(path.with_name(path.name + tail).exists() for tail in COMPANIONS)
    way = "mode=ro" if in_use else "mode=ro&immutable=1"
    return sqlite3.connect(f"{path.absolute().as_uri()}?{way}", uri=True, timeout=2.0)
