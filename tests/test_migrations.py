"""Files of every earlier version: opened by this one they hold what they held, wherever that was interrupted."""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crampcoach.config import Profile
from crampcoach.home import Home
from crampcoach.model import Entry, Problem
from crampcoach.store import agent_state, answers, database, entries, occurrences, open_store, raised
from crampcoach.store.backup import BEFORE_UPDATE, backups, reason
from crampcoach.store.database import Database, Schema
from crampcoach.store.profile import in_force
from crampcoach.store.restore import chosen
from crampcoach.store.schema import LOG, STATE
from disks import filled, small_disk
from forks import code_of, start
from old_files import OLD, ROWS, SCHEMAS, make_old

pytestmark = pytest.mark.pure

NOW = datetime(2026, 11, 22, 21, 0, 0, tzinfo=UTC)
FILES: dict[str, Schema] = {"log": LOG, "state": STATE}
DIED = 77
#: Those that are not of the present version.
EARLIER = [(name, version) for name, version in OLD if version < len(FILES[name].migrations)]


def path_of(home: Home, name: str) -> Path:
    return {"log": home.log_db, "state": home.state_db}[name]


def content(path: Path, name: str, version: int) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of a file in the columns that an earlier version knew; "version" is the file's own."""
    with closing(sqlite3.connect(":memory:")) as old, closing(sqlite3.connect(path)) as connection:
        old.executescript(SCHEMAS[name][version])
        tables = [row[0] for row in old.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT NULL")]
        found = {}
        for table in tables:
            if table.startswith("sqlite_"):
                continue
            columns = ", ".join(row[1] for row in old.execute(f"PRAGMA table_info({table})"))
            found[table] = connection.execute(f"SELECT {columns} FROM {table} ORDER BY 1, 2").fetchall()
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return found


def made_of(path: Path) -> list[tuple[str, str]]:
    """What stands in a file's schema, spaces and line ends apart."""
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql NOT NULL ORDER BY name")
        return [(name, " ".join(re.sub(r"\s*([(),])\s*", r"\1", sql).split())) for name, sql in rows]


def version(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


@pytest.mark.parametrize("name", FILES)
def test_every_earlier_version_is_tried(name: str) -> None:
    earlier = set(range(1, len(FILES[name].migrations)))
    assert SCHEMAS[name].keys() == ROWS[name].keys() >= earlier, "add the version before your migration to old_files.py"


@pytest.mark.parametrize(("name", "before"), OLD)
def test_a_migration_that_people_have_run_is_never_changed(tmp_path: Path, name: str, before: int) -> None:
    make_old(tmp_path / "old.db", name, before)
    schema = Schema(name, FILES[name].migrations[:before], FILES[name].table)
    Database(tmp_path / "new.db", schema).close()
    assert made_of(tmp_path / "old.db") == made_of(tmp_path / "new.db")


@pytest.mark.parametrize(("name", "before"), OLD)
def test_an_earlier_file_holds_afterwards_what_it_held(home: Home, tmp_path: Path, name: str, before: int) -> None:
    path = path_of(home, name)
    make_old(path, name, before)
    held = content(path, name, before)
    assert all(held.values()), "every table of it has rows"
    for _ in range(2):
        with closing(open_store(home, NOW)) as store:
            assert store.notes == ()
        assert content(path, name, before) == held
        assert version(path) == len(FILES[name].migrations)
    Database(tmp_path / "fresh.db", FILES[name]).close()
    assert made_of(path) == made_of(tmp_path / "fresh.db")


@pytest.mark.parametrize("before", SCHEMAS["log"])
def test_an_earlier_log_is_read_and_written_on(home: Home, before: int) -> None:
    make_old(home.log_db, "log", before)
    with closing(open_store(home, NOW)) as store:
        log = store.log
        found = list(entries.select(log))
        assert [(one.kind, one.night and one.night.isoformat()) for one in found] == [
            ("cramp", "2026-10-24"), ("cramp", "2026-10-24"), ("profile", "2026-11-20"), ("symptoms", "2026-11-20"),
        ]  # fmt: skip
        assert found[0].note == "küche; 'quoted'\nsecond line \N{LEG}"
        assert found[0].fields == {"duration": 3, "muscle": "calf", "side": "left"}
        assert in_force(Profile(), log.connection).fluids == "limited"
        assert raised.holding(log) == (("RF-DVT",) if before >= 2 else ())
        (saved,) = entries.append(log, [Entry(kind="cramp", at=NOW, zone="UTC", note="new")], NOW)
        entries.delete(log, found[0].id, NOW)
        assert [one.id for one in entries.select(log, newest_first=True, limit=1)] == [saved.id]
        assert entries.append(log, [found[1]], NOW) == (), "its origin is known"


@pytest.mark.parametrize("before", SCHEMAS["state"])
def test_an_earlier_state_goes_on(home: Home, before: int) -> None:
    make_old(home.state_db, "state", before)
    with closing(open_store(home, NOW)) as store:
        connection = store.state.connection
        assert [row.key for row in occurrences.open_rows(connection)] == ["cramps.check-in/2026-11-22/07:30"]
        assert [one.row.reminder for one in answers.unentered(connection)] == ["stretching.evening"]


def test_messages_that_stood_among_the_marks_are_moved(home: Home) -> None:
    make_old(home.state_db, "state", 1)
    with closing(sqlite3.connect(home.state_db)) as connection, connection:
        connection.execute("""INSERT INTO marks VALUES ('notice:quiet/x.y', '["desktop", "4 @ :1.2"]')""")
    with closing(open_store(home, NOW)) as store:
        rows = store.state.connection.execute("SELECT key, notifier, receipt, of FROM notices")
        assert [tuple(row) for row in rows] == [("quiet/x.y", "desktop", "4 @ :1.2", "")]
        assert agent_state.mark(store.state.connection, "notice:quiet/x.y") is None


# --- interrupted -----------------------------------------------------------------------------------------------


def dying_before(statement: int, work: Callable[[], object]) -> Callable[[], None]:
    """`work`, killed before so many statements of SQL have been run."""

    def die() -> None:
        left = statement
        connected = database._connected

        def counting(path: Path | str) -> sqlite3.Connection:
            def before(_sql: str) -> None:
                nonlocal left
                if left == 0:
                    os._exit(DIED)
                left -= 1

            connection = connected(path)
            connection.set_trace_callback(before)
            return connection

        database._connected = counting
        work()

    return die


@pytest.mark.once
@pytest.mark.parametrize(("name", "before"), EARLIER)
def test_killed_between_any_two_statements_it_is_the_one_or_the_other(home: Home, name: str, before: int) -> None:
    path = path_of(home, name)
    statement = 0
    versions = set()
    while True:
        for left in home.data_dir.glob("*.db*"):
            left.unlink()
        make_old(path, name, before)
        held = content(path, name, before)
        code = code_of(start(dying_before(statement, lambda: open_store(home, NOW).close())))
        assert code in (0, DIED)
        now = version(path)
        versions.add(now)
        assert now in range(before, len(FILES[name].migrations) + 1)
        make_old(path.with_name("as-it-was.db"), name, before, rows=False)
        if now == before:
            assert made_of(path) == made_of(path.with_name("as-it-was.db"))
        assert content(path, name, before) == held
        open_store(home, NOW).close()
        assert content(path, name, before) == held
        assert version(path) == len(FILES[name].migrations)
        if code == 0:
            break
        statement += 1
    assert statement > 10
    assert versions == set(range(before, len(FILES[name].migrations) + 1))


# --- the backup before it --------------------------------------------------------------------------------------


def kept(home: Home, name: str) -> list[Path]:
    return [path for _, path in backups(home.backup_dir, FILES[name]) if reason(path) == BEFORE_UPDATE]


@pytest.mark.parametrize(("name", "before"), EARLIER)
def test_what_was_there_before_an_update_is_kept(home: Home, name: str, before: int) -> None:
    path = path_of(home, name)
    make_old(path, name, before)
    held = content(path, name, before)
    for _ in range(2):
        open_store(home, NOW).close()
    (copy,) = kept(home, name)
    assert (version(copy), content(copy, name, before)) == (before, held)
    if name == "log":
        as_it_is = copy.read_bytes()
        with chosen(copy) as again:  # to restore it makes it of this version, and leaves the backup alone
            assert len(list(entries.select(again))) == 4
        assert copy.read_bytes() == as_it_is


def test_a_new_file_has_nothing_to_keep(home: Home) -> None:
    open_store(home, NOW).close()
    assert not home.backup_dir.exists()


def test_many_that_update_at_once_keep_it_once(home: Home) -> None:
    make_old(home.log_db, "log", 1)
    pids = [start(lambda: open_store(home, NOW).close()) for _ in range(8)]
    assert [code_of(pid) for pid in pids] == [0] * 8
    assert [version(path) for path in kept(home, "log")] == [1]
    assert version(home.log_db) == len(LOG.migrations)


@pytest.fixture
def full_home(tmp_path: Path) -> Iterator[Home]:
    with small_disk(tmp_path / "disk", megabytes=1) as disk:
        yield Home(disk / "config", disk / "data", disk / "run")


@pytest.mark.parametrize("room", [0, 30_000])
def test_with_no_room_to_keep_it_nothing_is_updated(full_home: Home, room: int) -> None:
    path = full_home.log_db
    make_old(path, "log", 1)
    before = path.read_bytes()
    with filled(full_home.data_dir.parent, room), pytest.raises(Problem) as refusal:
        open_store(full_home, NOW)
    assert "space" in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert (version(path), path.read_bytes()) == (1, before)
    open_store(full_home, NOW).close()
    assert version(path) == len(LOG.migrations)


def test_a_damaged_file_is_not_updated_but_set_aside(home: Home) -> None:
    make_old(home.log_db, "log", 1)
    with home.log_db.open("rb+") as file:
        file.seek(-4096, os.SEEK_END)
        file.write(b"\xff" * 4096)
    before = home.log_db.read_bytes()
    with closing(open_store(home, NOW)) as store:
        assert "is damaged; it was set aside as log.db.damaged-20261122T210000" in store.notes[0]
    assert (home.data_dir / "log.db.damaged-20261122T210000").read_bytes() == before
    assert kept(home, "log") == []
