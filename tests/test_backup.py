"""Backups, and the way back: a damaged file is set aside, the newest good backup is used, and it is said."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crampcoach.home import Home
from crampcoach.model import Entry, Problem
from crampcoach.store import entries, open_store
from crampcoach.store.backup import (
    ASKED,
    BEFORE_RESTORE,
    BEFORE_UPDATE,
    DAYS_KEPT,
    WEEKS_KEPT,
    back_up_daily,
    backup,
    backups,
    reason,
)
from crampcoach.store.database import Database, Schema, set_aside
from crampcoach.store.recovery import open_or_recover
from crampcoach.store.schema import LOG, STATE

pytestmark = pytest.mark.pure

NOW = datetime(2026, 11, 22, 21, 0, 0, tzinfo=UTC)  # a Sunday
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def save(home: Home, *notes: str) -> None:
    with closing(Database(home.log_db, LOG)) as log:
        new = [Entry(kind="cramp", at=NOW + n * HOUR, zone="UTC", note=note) for n, note in enumerate(notes)]
        entries.append(log, new, NOW)


def notes(log: Database) -> list[str]:
    return sorted(one.note for one in entries.select(log))


def back_up(home: Home, at: datetime = NOW) -> Path:
    with closing(Database(home.log_db, LOG)) as log:
        return backup(log, home.backup_dir, at)


def daily(home: Home, at: datetime) -> Path | None:
    with closing(Database(home.log_db, LOG)) as log:
        return back_up_daily(log, home.backup_dir, at)


def kept(home: Home) -> list[str]:
    return [f"{at:%Y-%m-%d}" for at, _ in backups(home.backup_dir, LOG)]


def reopened(home: Home, *, check: bool = False) -> tuple[list[str], str]:
    """What is in the log when it is opened again, and what the person is told."""
    database, note = open_or_recover(home, LOG, NOW, check=check)
    with closing(database):
        assert database.sound()
        return notes(database), note


def files(home: Home) -> set[str]:
    return {path.name for path in home.data_dir.iterdir() if path.is_file() and not path.name.endswith("lock")}


# --- making them -----------------------------------------------------------------------------------------------


def test_a_backup_is_a_whole_private_file(home: Home) -> None:
    save(home, "one", "two")
    with closing(Database(home.log_db, LOG)) as log:
        entries.append(log, [Entry(kind="cramp", at=NOW + DAY, zone="UTC", note="still in the WAL")], NOW)
        path = backup(log, home.backup_dir, NOW)
    assert path == home.backup_dir / "log-20261122T210000.db"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(home.backup_dir.stat().st_mode) == 0o700
    assert [one.name for one in home.backup_dir.iterdir()] == [path.name]
    copy = home.data_dir / "copy.db"
    shutil.copyfile(path, copy)
    with closing(Database(copy, LOG)) as log:
        assert notes(log) == ["one", "still in the WAL", "two"]


def test_backups_are_listed_newest_first_and_nothing_else_is(home: Home) -> None:
    save(home, "one")
    paths = [back_up(home, NOW + n * DAY) for n in (1, 0, 2)]
    for name in ("log-2026.db", "log-20261122T210000.part", "state-20261122T210000.db", "log-20261122T210000.db.old"):
        (home.backup_dir / name).touch()
    assert backups(home.backup_dir, LOG) == [(NOW + n * DAY, paths[i]) for n, i in ((2, 2), (1, 0), (0, 1))]
    assert [path.name for _, path in backups(home.backup_dir, STATE)] == ["state-20261122T210000.db"]
    assert backups(home.backup_dir / "none", LOG) == []


def test_a_backup_that_fails_leaves_nothing_half(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    save(home, "one")
    good = back_up(home)
    monkeypatch.setattr(os, "fsync", _no_room)
    with pytest.raises(Problem, match=r"^cannot write .*No space left on device; free it"):
        back_up(home, NOW + DAY)
    assert list(home.backup_dir.iterdir()) == [good]


def _no_room(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_backup_is_read_where_nothing_can_be_written(home: Home) -> None:
    save(home, "one")
    path = back_up(home)
    assert path.read_bytes()[18:20] == b"\1\1", "no write-ahead log belongs to it"
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as copy:
        assert copy.execute("SELECT note FROM entries").fetchone() == ("one",)
    assert [one.name for one in home.backup_dir.iterdir()] == [path.name]


def test_a_second_backup_within_a_second_takes_nobodys_place(home: Home) -> None:
    save(home, "one")
    first = back_up(home)
    content = first.read_bytes()
    save(home, "two")
    second = back_up(home)
    assert (second.name, first.read_bytes()) == ("log-20261122T210000-2.db", content)
    assert [path for _, path in backups(home.backup_dir, LOG)] == [first, second]


def test_what_a_kill_has_left_of_a_backup_is_cleared_away_and_nothing_else(home: Home, tmp_path: Path) -> None:
    save(home, "one")
    back_up(home)
    with pytest.MonkeyPatch.context() as dying:
        dying.setattr(Path, "unlink", lambda *_args, **_more: None)
        dying.setattr(os, "fsync", _no_room)
        with pytest.raises(Problem):
            back_up(home, NOW + DAY)
    (left,) = home.backup_dir.glob(".*")
    (home.backup_dir / f"{left.name}-journal").touch()
    theirs = home.backup_dir / ".crampcoach-something"
    theirs.touch()
    path = back_up(home, NOW + 2 * DAY)
    assert sorted(home.backup_dir.iterdir())[0] == theirs
    assert len(list(home.backup_dir.iterdir())) == 3
    assert path.exists()


def test_only_daily_backups_make_room_for_newer_ones(home: Home) -> None:
    save(home, "one")
    with closing(Database(home.log_db, LOG)) as log:
        others = [backup(log, home.backup_dir, NOW, why) for why in (ASKED, BEFORE_RESTORE, BEFORE_UPDATE)]
        assert [reason(path) for path in others] == [ASKED, BEFORE_RESTORE, BEFORE_UPDATE]
    assert daily(home, NOW), "they are not the day's either"
    for n in range(60):
        daily(home, NOW + n * DAY)
    assert all(path.exists() for path in others)
    assert len([one for _, one in backups(home.backup_dir, LOG) if reason(one) == ""]) == 9


def test_a_damaged_file_is_not_backed_up_over_good_ones(home: Home) -> None:
    save(home, *(f"{n} " * 400 for n in range(60)))
    daily(home, NOW)
    _damage_a_page(home.log_db)
    with pytest.raises(Problem, match="is damaged and was not backed up") as refusal:
        daily(home, NOW + DAY)
    assert "\n" not in str(refusal.value)
    assert kept(home) == ["2026-11-22"]


# --- rotation --------------------------------------------------------------------------------------------------


def test_there_is_one_backup_a_day(home: Home) -> None:
    save(home, "one")
    made = [daily(home, NOW + n * HOUR) for n in range(73)]
    assert [n for n, path in enumerate(made) if path] == [0, 20, 40, 60]


def test_the_newest_of_seven_days_and_of_four_weeks_stay(home: Home) -> None:
    save(home, "one")
    for n in range(60):
        daily(home, NOW + n * DAY)
    assert kept(home) == [
        *("2027-01-20", "2027-01-19", "2027-01-18", "2027-01-17", "2027-01-16", "2027-01-15", "2027-01-14"),
        *("2027-01-10", "2027-01-03"),
    ]
    assert (DAYS_KEPT, WEEKS_KEPT) == (7, 4)


def test_both_files_have_their_own_rotation(home: Home) -> None:
    with closing(open_store(home, NOW)) as store:
        for n in range(3):
            back_up_daily(store.log, home.backup_dir, NOW + n * DAY)
        back_up_daily(store.state, home.backup_dir, NOW + 3 * DAY)
    assert len(kept(home)) == 3
    assert len(backups(home.backup_dir, STATE)) == 1


def test_a_clock_a_year_ahead_for_an_hour_does_not_empty_the_folder(home: Home) -> None:
    save(home, "one")
    for n in range(30):
        daily(home, NOW + n * DAY)
    before = kept(home)
    daily(home, NOW + 395 * DAY)
    assert len(set(before) & set(kept(home))) >= len(before) - 2
    back = NOW + 30 * DAY
    made = [daily(home, back + n * HOUR) for n in range(48)]
    assert [n for n, path in enumerate(made) if path] == [0, 20, 40]  # not one at every look for a year
    assert "2026-12-22" in kept(home)
    assert len(kept(home)) <= DAYS_KEPT + WEEKS_KEPT


@pytest.mark.once
@given(days=st.lists(st.integers(-400, 400), min_size=1, max_size=40))
def test_whatever_the_clock_does_the_newest_days_stay(
    days: list[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    top = tmp_path_factory.mktemp("rotation")
    folder = top / "backups"
    folder.mkdir()
    with closing(Database(top / "log.db", Schema("log", ["CREATE TABLE small (x)"]))) as log:
        found: list[datetime] = []
        for day in days:
            made = back_up_daily(log, folder, NOW + day * DAY)
            found = [at for at, _ in backups(folder, log.schema)]
            newest = sorted({at.date() for at in found}, reverse=True)[:DAYS_KEPT]
            assert len(found) <= DAYS_KEPT + WEEKS_KEPT
            if made and (NOW + day * DAY).date() >= newest[-1]:
                assert made.exists()
    expected = sorted({NOW + day * DAY for day in days}, reverse=True)[:DAYS_KEPT]
    assert [at for at in expected if at not in found] == []


# --- the way back ----------------------------------------------------------------------------------------------


def _garbage(path: Path) -> None:
    path.write_bytes(b"Dear diary, " * 500)


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:300])


def _head(path: Path) -> None:
    with path.open("rb+") as file:
        file.write(b"\0" * 200)


@pytest.mark.parametrize("damage", [_garbage, _cut, _head])
def test_a_damaged_file_is_set_aside_for_the_newest_good_backup(home: Home, damage: Callable[[Path], None]) -> None:
    save(home, "one")
    back_up(home, NOW - 2 * DAY)
    save(home, "two")
    back_up(home, NOW - DAY)
    damage(home.log_db)
    before = home.log_db.read_bytes()
    found, note = reopened(home)
    assert found == ["one", "two"]
    aside = home.data_dir / "log.db.damaged-20261122T210000"
    assert aside.read_bytes() == before
    assert note.startswith(f"{home.log_db} is damaged (")
    assert note.endswith(f"; it was set aside as {aside.name}, and the backup of 2026-11-21 21:00 UTC is in use")
    assert "\n" not in note
    assert files(home) == {"log.db", aside.name}
    assert stat.S_IMODE(home.log_db.stat().st_mode) == 0o600
    assert reopened(home) == (["one", "two"], "")


def _damage_a_page(path: Path) -> None:
    """Opening reads the first page only."""
    with path.open("rb+") as file:
        file.seek(4096 * 5)
        file.write(b"\xff" * 4096 * 8)


def test_damage_deep_in_a_file_is_found_when_somebody_looks_for_it(home: Home) -> None:
    save(home, *(f"{n} " * 400 for n in range(60)))
    back_up(home, NOW - DAY)
    _damage_a_page(home.log_db)
    database, note = open_or_recover(home, LOG, NOW)
    database.close()
    assert note == ""
    found, note = reopened(home, check=True)
    assert len(found) == 60
    assert note.startswith(f"{home.log_db} is damaged; it was set aside as ")


@pytest.mark.parametrize("damage", [_garbage, _cut, _head, _damage_a_page, lambda path: path.write_bytes(b"")])
def test_a_damaged_newest_backup_is_skipped(home: Home, damage: Callable[[Path], None]) -> None:
    save(home, *(f"{n} " * 400 for n in range(60)))
    back_up(home, NOW - 2 * DAY)
    damage(back_up(home, NOW - DAY))
    _garbage(home.log_db)
    found, note = reopened(home)
    assert len(found) == 60
    assert "the backup of 2026-11-20 21:00 UTC is in use" in note


def test_a_backup_that_is_not_ours_or_from_a_newer_version_is_skipped(home: Home) -> None:
    save(home, "one")
    back_up(home, NOW - 3 * DAY)
    newer, foreign = back_up(home, NOW - 2 * DAY), back_up(home, NOW - DAY)
    for path, change in ((newer, "user_version=99"), (foreign, "application_id=7")):
        with closing(sqlite3.connect(path)) as connection:
            connection.execute(f"PRAGMA {change}")
    _garbage(home.log_db)
    found, note = reopened(home)
    assert found == ["one"]
    assert "the backup of 2026-11-19 21:00 UTC is in use" in note


def test_without_any_good_backup_it_starts_empty_and_says_so(home: Home) -> None:
    save(home, "one")
    _garbage(back_up(home))
    _garbage(home.log_db)
    found, note = reopened(home)
    assert found == []
    assert note.endswith("and as there is no backup it starts empty")
    assert files(home) == {"log.db", "log.db.damaged-20261122T210000"}


def test_files_set_aside_never_replace_each_other(home: Home) -> None:
    contents = []
    for n in range(3):
        save(home, f"{n}")
        home.log_db.write_bytes(f"garbage {n} ".encode() * 100)
        contents.append(home.log_db.read_bytes())
        reopened(home)
    asides = sorted(home.data_dir.glob("log.db.damaged-*"), key=lambda path: (len(path.name), path.name))
    assert [path.read_bytes() for path in asides] == contents


def test_the_wal_of_a_damaged_file_is_not_applied_to_the_backup(home: Home) -> None:
    save(home, "one")
    back_up(home)
    log = Database(home.log_db, LOG)
    entries.append(log, [Entry(kind="cramp", at=NOW, zone="UTC", note="in the WAL")], NOW)
    wal = home.log_db.with_name("log.db-wal")
    remains = wal.read_bytes()
    log.close()
    _garbage(home.log_db)
    wal.write_bytes(remains)
    assert reopened(home)[0] == ["one"]
    # SQLite itself may have moved it from the one file to the other.
    assert any(b"in the WAL" in path.read_bytes() for path in home.data_dir.glob("log.db.damaged-*"))


def test_what_lies_beside_a_file_is_set_aside_with_it(home: Home) -> None:
    home.data_dir.mkdir(parents=True)
    for tail in ("", "-wal", "-shm"):
        (home.data_dir / f"log.db{tail}").write_text(f"main{tail}")
    aside = set_aside(home.log_db, NOW)
    assert {path.name: path.read_text() for path in home.data_dir.iterdir()} == {
        aside.name: "main",
        f"{aside.name}-wal": "main-wal",
        f"{aside.name}-shm": "main-shm",
    }


def test_with_no_room_for_the_backup_the_damaged_file_stays_for_the_next_start(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(home, "one")
    back_up(home)
    _garbage(home.log_db)
    before = home.log_db.read_bytes()
    with monkeypatch.context() as full:
        full.setattr(shutil, "copyfile", _no_room)
        for _ in range(2):
            with pytest.raises(Problem, match="No space left on device"):
                open_or_recover(home, LOG, NOW)
    assert home.log_db.read_bytes() == before
    assert files(home) == {"log.db"}
    assert reopened(home)[0] == ["one"]


def test_a_recovery_that_was_killed_between_two_renames_is_finished_by_the_next_start(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(home, "one")
    back_up(home)
    _garbage(home.log_db)
    real = Path.replace

    def killed(path: Path, target: Path) -> Path:
        if target == home.log_db and path.exists():
            raise KeyboardInterrupt
        return real(path, target)

    with monkeypatch.context() as dying:
        dying.setattr(Path, "replace", killed)
        with pytest.raises(KeyboardInterrupt):
            open_or_recover(home, LOG, NOW)
    assert not home.log_db.exists()
    assert reopened(home) == (["one"], "")


def test_a_write_ahead_log_without_its_file_is_set_aside_and_applied_to_nothing(home: Home) -> None:
    save(home, "one")
    back_up(home)
    log = Database(home.log_db, LOG)
    entries.append(log, [Entry(kind="cramp", at=NOW, zone="UTC", note="in the WAL")], NOW)
    wal = home.log_db.with_name("log.db-wal")
    remains = wal.read_bytes()
    log.close()
    # Killed between two renames: the copy is ready, the damaged file is aside, its write-ahead log is not.
    part = home.log_db.with_name("log.db.recovered")
    shutil.copyfile(backups(home.backup_dir, LOG)[0][1], part)
    home.log_db.unlink()
    wal.write_bytes(remains)
    assert reopened(home) == (["one"], "")
    (aside,) = home.data_dir.glob("log.db.damaged-*")
    assert (aside.name, aside.read_bytes()) == ("log.db.damaged-20261122T210000-wal", remains)


def test_what_is_gone_is_told_with_the_way_back(home: Home) -> None:
    with closing(open_store(home, NOW)) as store:
        paths = {one.schema.name: backup(one, home.backup_dir, NOW) for one in (store.log, store.state)}
    for path in (home.log_db, home.state_db):
        path.unlink()
    with closing(open_store(home, NOW)) as store:
        assert store.notes == (
            f"{home.log_db} was gone and starts empty; `crampcoach restore {paths['log'].name}` brings it back",
            f"{home.state_db} was gone and starts empty; its newest backup is {paths['state']}",
        )


def test_both_files_recover_on_their_own(home: Home) -> None:
    with closing(open_store(home, NOW)) as store:
        entries.append(store.log, [Entry(kind="cramp", at=NOW, zone="UTC", note="one")], NOW)
    _garbage(home.state_db)
    with closing(open_store(home, NOW)) as store:
        assert notes(store.log) == ["one"]
        (note,) = store.notes
    assert note.startswith(f"{home.state_db} is damaged")
