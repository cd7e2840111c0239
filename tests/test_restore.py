"""Going back to a backup: all of it or nothing, nothing is lost by it, and no hold ends with it."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crampcoach.config import Profile
from crampcoach.home import Home
from crampcoach.model import Entry, Problem
from crampcoach.safety.kinds import EXAMINED, PROFILE, SYMPTOMS
from crampcoach.store import Store, entries, kept_holds, open_store, raised
from crampcoach.store.backup import BEFORE_RESTORE, back_up_daily, backup, backups, reason
from crampcoach.store.database import Database
from crampcoach.store.profile import in_force
from crampcoach.store.restore import Change, Changes, changes, chosen, restore
from crampcoach.store.schema import LOG, STATE
from crampcoach.store.undo import undo
from disks import filled, small_disk

pytestmark = pytest.mark.pure

NOW = datetime(2026, 11, 22, 21, 0, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def add(store: Store, note: str = "", kind: str = "cramp", at: datetime = NOW, **fields: Any) -> Entry:
    (saved,) = entries.append(store.log, [Entry(kind=kind, at=at, zone="UTC", note=note, fields=fields)], NOW)
    return saved


def notes(log: Database) -> list[str]:
    return sorted(one.note for one in entries.select(log))


def back_up(store: Store, home: Home, at: datetime = NOW) -> Path:
    return backup(store.log, home.backup_dir, at)


def go_back(store: Store, home: Home, path: Path, at: datetime = NOW + DAY) -> Path:
    with chosen(path) as copy:
        return restore(store, copy, home, at, "UTC")


def would_change(store: Store, path: Path) -> Changes:
    with chosen(path) as copy:
        return changes(store.log, copy)


def everything(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    with closing(sqlite3.connect(path)) as connection:
        tables = ("entries", "revisions", "raised")
        return {name: connection.execute(f"SELECT * FROM {name} ORDER BY 1, 2").fetchall() for name in tables}


# --- what it would change, and what it does ------------------------------------------------------------------------


def test_what_would_change_is_told_with_its_times(store: Store, home: Home) -> None:
    add(store, "stays")
    deleted, edited = add(store, "deleted since"), add(store, "old words", at=NOW - 3 * HOUR)
    path = back_up(store, home)
    assert not would_change(store, path).any
    entries.delete(store.log, deleted.id, NOW)
    entries.edit(store.log, replace(edited, note="new words"), NOW)
    for hours in (1, 5, 3):
        add(store, f"new {hours}", at=NOW + hours * HOUR)
    found = would_change(store, path)
    assert found == Changes(
        gone=Change(many=3, first=NOW + HOUR, last=NOW + 5 * HOUR),
        back=Change(many=1, first=NOW, last=NOW),
        other=Change(many=1, first=NOW - 3 * HOUR, last=NOW - 3 * HOUR),
        holds=(),
    )
    assert found.any
    assert len(notes(store.log)) == 5, "looking changes nothing"
    assert len(backups(home.backup_dir, LOG)) == 1


def test_the_log_becomes_what_the_backup_is_and_what_was_there_is_kept(store: Store, home: Home) -> None:
    kept, deleted = add(store, "kept"), add(store, "deleted")
    path = back_up(store, home)
    wanted = everything(path)
    entries.delete(store.log, deleted.id, NOW)
    entries.edit(store.log, replace(kept, note="edited"), NOW)
    add(store, "new")
    before = everything(home.log_db)
    aside = go_back(store, home, path)
    assert aside.name == "log-20261123T210000-before-restore.db"
    assert everything(home.log_db) == wanted
    assert everything(aside) == before
    assert store.log.sound()
    assert not would_change(store, path).any
    # And back again.
    go_back(store, home, aside, NOW + 2 * DAY)
    assert everything(home.log_db) == before


def test_what_a_restore_replaced_is_never_rotated_away(store: Store, home: Home) -> None:
    path = back_up(store, home)
    aside = go_back(store, home, path)
    for day in range(100):
        back_up_daily(store.log, home.backup_dir, NOW + day * DAY)
    assert aside.exists()
    assert {reason(one) for _, one in backups(home.backup_dir, LOG)} == {"", BEFORE_RESTORE}


def test_after_damage_comes_back_what_was_restored_not_what_was_there_before(store: Store, home: Home) -> None:
    add(store, "old")
    path = back_up(store, home)
    add(store, "new")
    go_back(store, home, path)
    store.close()
    home.log_db.write_bytes(b"Dear diary, " * 500)
    with closing(open_store(home, NOW + 2 * DAY)) as again:
        assert "the backup of 2026-11-23 21:00 UTC is in use" in again.notes[0]
        assert notes(again.log) == ["old"]


def test_whoever_has_the_log_open_goes_on_with_it(store: Store, home: Home) -> None:
    add(store, "old")
    path = back_up(store, home)
    add(store, "new", at=NOW + HOUR)
    with closing(Database(home.log_db, LOG)) as other, closing(Database(home.log_db, LOG)) as reader:
        begun = entries.select(reader)
        assert next(begun).note == "old"
        go_back(store, home, path)
        assert [one.note for one in begun] == ["new"], "who is reading sees all of the old one"
        assert notes(reader) == notes(other) == ["old"]
        assert not other.replaced()
        entries.append(other, [Entry(kind="cramp", at=NOW, zone="UTC", note="afterwards")], NOW)
    assert notes(store.log) == ["afterwards", "old"]
    assert store.log.sound()


def test_another_process_goes_on_with_it_too(store: Store, home: Home) -> None:
    code = (
        "import sys\nfrom datetime import UTC, datetime\nfrom pathlib import Path\n"
        "from crampcoach.model import Entry\nfrom crampcoach.store import entries\n"
        "from crampcoach.store.database import Database\nfrom crampcoach.store.schema import LOG\n"
        "log, now = Database(Path(sys.argv[1]), LOG), datetime(2026, 11, 22, tzinfo=UTC)\n"
        "for line in sys.stdin:\n"
        "    entries.append(log, [Entry(kind='cramp', at=now, zone='UTC', note=line.strip())], now)\n"
        "    print(*sorted(one.note for one in entries.select(log)), flush=True)\n"
    )
    command = [sys.executable, "-c", code, str(home.log_db)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin
        assert process.stdout

        def says(note: str) -> str:
            assert process.stdin
            assert process.stdout
            process.stdin.write(f"{note}\n")
            process.stdin.flush()
            return process.stdout.readline().strip()

        assert says("one") == "one"
        path = back_up(store, home)
        assert says("two") == "one two"
        go_back(store, home, path)
        assert says("three") == "one three"
        process.stdin.close()
        assert process.wait(10) == 0
    assert notes(store.log) == ["one", "three"]
    assert store.log.sound()


# --- what stays as it is now ---------------------------------------------------------------------------------------


def test_a_hold_newer_than_the_backup_stays_on(store: Store, home: Home) -> None:
    path = back_up(store, home)
    add(store, kind=SYMPTOMS, swelling="yes", breathless="yes")
    add(store, "the calf is swollen")
    holding = raised.holding(store.log)
    assert holding == ("RF-PE", "RF-DVT")
    go_back(store, home, path)
    assert raised.holding(store.log) == holding
    again = {(one.kind, *sorted(one.fields)) for one in entries.select(store.log)}
    assert again == {(SYMPTOMS, "breathless", "swelling"), (SYMPTOMS, "swelling")}
    # What the agent would bring back after damage is known there: nothing is entered twice.
    assert kept_holds.bring_back(store, NOW + 2 * DAY, "UTC") == ""
    add(store, kind=EXAMINED)
    assert raised.holding(store.log) == ()
    assert kept_holds.bring_back(store, NOW + 2 * DAY, "UTC") == ""
    assert raised.holding(store.log) == ()


def test_a_sign_that_came_again_since_the_backup_stays_a_newer_one(store: Store, home: Home) -> None:
    """A look at the first is no look at the second, before a restore or after it."""
    (first,) = entries.append(store.log, [Entry(kind=SYMPTOMS, fields={"swelling": "yes"}, at=NOW, zone="UTC")], NOW)
    path = back_up(store, home)
    add(store, kind=SYMPTOMS, swelling="yes")
    go_back(store, home, path)
    add(store, kind=EXAMINED, up_to=first.id)
    assert raised.holding(store.log) == ("RF-DVT",)
    add(store, kind=EXAMINED)
    assert raised.holding(store.log) == ()


def test_what_was_carried_over_is_no_step_to_undo(store: Store, home: Home) -> None:
    add(store, "before")
    path = back_up(store, home)
    add(store, kind=PROFILE, adult="no")
    go_back(store, home, path)
    undo(store.log, NOW + DAY)
    assert [one.kind for one in entries.select(store.log)] == [PROFILE]


def test_a_hold_that_only_the_backup_believes_to_be_over_stays_on(store: Store, home: Home) -> None:
    add(store, kind=SYMPTOMS, swelling="yes")
    slip = add(store, kind=EXAMINED)
    path = back_up(store, home)
    entries.delete(store.log, slip.id, NOW)
    assert raised.holding(store.log) == ("RF-DVT",)
    go_back(store, home, path)
    assert raised.holding(store.log) == ("RF-DVT",)


def test_a_hold_that_has_ended_since_is_on_again_and_that_is_told(store: Store, home: Home) -> None:
    add(store, kind=SYMPTOMS, swelling="yes")
    path = back_up(store, home)
    add(store, kind=EXAMINED)
    assert would_change(store, path).holds == ("RF-DVT",)
    go_back(store, home, path)
    assert raised.holding(store.log) == ("RF-DVT",)
    assert len(list(entries.select(store.log))) == 1


@pytest.mark.parametrize(
    ("then", "since"),
    [({}, {"fluids": "limited"}), ({"fluids": "free"}, {"fluids": "limited", "pregnant": "yes", "country": "GB"})],
)
def test_what_was_said_about_oneself_stays(
    store: Store, home: Home, then: dict[str, Any], since: dict[str, Any]
) -> None:
    if then:
        add(store, kind=PROFILE, **then)
    path = back_up(store, home)
    add(store, kind=PROFILE, **since)
    now = in_force(Profile(), store.log.connection)
    go_back(store, home, path)
    assert in_force(Profile(), store.log.connection) == now == Profile(**since)


def test_an_answer_that_was_taken_back_does_not_come_back(store: Store, home: Home) -> None:
    free = add(store, kind=PROFILE, fluids="free")
    path = back_up(store, home)
    entries.delete(store.log, free.id, NOW)
    go_back(store, home, path)
    assert in_force(Profile(), store.log.connection).fluids == "unknown"


# --- which files it takes ------------------------------------------------------------------------------------------


def test_the_folder_of_another_computer_is_read_with_its_newest_entries(
    store: Store, home: Home, tmp_path: Path
) -> None:
    add(store, "of this one")
    theirs = Home(tmp_path / "c", tmp_path / "theirs", tmp_path / "r")
    stick = tmp_path / "stick"
    stick.mkdir()
    with closing(open_store(theirs, NOW)) as other:
        add(other, "in the write-ahead log")
        for tail in ("", "-wal"):
            shutil.copyfile(f"{theirs.log_db}{tail}", stick / f"log.db{tail}")
    go_back(store, home, stick / "log.db")
    assert notes(store.log) == ["in the write-ahead log"]


def _text(path: Path) -> None:
    path.write_text("Dear diary, " * 500)


def _foreign(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE entries (x)")


def _newer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version=99")


def _page(path: Path) -> None:
    with path.open("rb+") as file:
        file.seek(4096)
        file.write(b"\xff" * 4096)


def _state(path: Path) -> None:
    with closing(Database(path.with_name("state.db"), STATE)) as state:
        state.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copyfile(state.path, path)


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


BAD: dict[str, tuple[Callable[[Path], object], str]] = {
    "text": (_text, "it is damaged, or no file of crampcoach's"),
    "cut off": (lambda path: path.write_bytes(path.read_bytes()[:5000]), "it is damaged"),
    "a damaged page": (_page, "it is damaged; choose another"),
    "another program's": (_foreign, "it is no copy of crampcoach's log; choose"),
    "the agent's": (_state, "it is no copy of crampcoach's log; choose"),
    "newer": (_newer, "was written by a newer crampcoach; update crampcoach"),
    "empty": (lambda path: path.write_bytes(b""), "it is empty"),
    "gone": (Path.unlink, "there is no file"),
    "a folder": (_folder, "there is no file"),
}


@pytest.mark.parametrize("bad", BAD)
def test_what_is_no_good_backup_is_refused_and_changes_nothing(
    store: Store, home: Home, tmp_path: Path, bad: str
) -> None:
    add(store, "x" * 3000)
    path = tmp_path / "given" / "one.db"
    path.parent.mkdir()
    back_up(store, home).replace(path)
    spoil, sentence = BAD[bad]
    spoil(path)
    there = {one.name: one.read_bytes() for one in path.parent.iterdir() if one.is_file()}
    add(store, "since")
    with pytest.raises(Problem) as refusal, chosen(path):
        pass
    assert sentence in str(refusal.value)
    assert str(path) in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert {one.name: one.read_bytes() for one in path.parent.iterdir() if one.is_file()} == there
    assert len(notes(store.log)) == 2
    assert backups(home.backup_dir, LOG) == []


def test_on_a_full_disk_nothing_is_restored_and_nothing_lost(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", megabytes=6) as disk:
        home = Home(disk / "config", disk / "data", disk / "run")
        with closing(open_store(home, NOW)) as store:
            for number in range(30):
                add(store, f"{number} " * 2000)
            path = Path(shutil.move(back_up(store, home), tmp_path / "outside.db"))
            for number in range(20):
                add(store, f"since {number}")
            before, there = notes(store.log), {one.name for one in home.data_dir.rglob("*")}
            # From no room at all to room for the backup but not for the restored log.
            refused = 0
            for room in range(0, 3_000_000, 100_000):
                with filled(disk, room):
                    try:
                        go_back(store, home, path)
                    except (Problem, sqlite3.Error) as error:
                        assert "full" in str(error) or "space" in str(error)
                        assert notes(store.log) == before
                        refused += 1
                    else:
                        break
            assert refused > 3
            assert len(notes(store.log)) == 30
            assert store.log.sound()
            new = {one.name for one in home.data_dir.rglob("*")} - there
            assert {name.split("-", 2)[-1] for name in new} <= {"before-restore.db", f"{NOW + DAY:%Y%m%dT%H%M%S}.db"}


# --- any text ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def long_home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    top = tmp_path_factory.mktemp("texts")
    return Home(top / "config", top / "data", top / "run")


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=300)


@given(note=texts, value=texts)
def test_any_text_comes_back_from_a_backup(long_home: Home, note: str, value: str) -> None:
    with closing(open_store(long_home, NOW)) as store:
        saved = add(store, note, side=value)
        path = back_up(store, long_home)
        entries.delete(store.log, saved.id, NOW)
        aside = go_back(store, long_home, path)
        assert entries.find(store.log, saved.id) == saved
        for _, one in backups(long_home.backup_dir, LOG):
            one.unlink()
        assert not aside.exists()
