"""Whatever lies in the place of a file: it is set aside or refused with one sentence, and nothing is overwritten."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent_process import POWERLESS, Nest, agent
from crampcoach.home import Home
from crampcoach.model import Entry, Problem
from crampcoach.store import Store, agent_state, entries, open_store
from crampcoach.store.backup import backup
from crampcoach.store.database import APPLICATION_ID
from desktop import wait_for
from disks import filled, small_disk

NOW = datetime(2026, 11, 22, 21, 0, 0, tzinfo=UTC)
FILES = ("log.db", "state.db")
#: Long enough for a file of several pages.
LONG = "the same words again and again " * 1000


def write(store: Store, number: int) -> None:
    """Something that can be recognised, into both files."""
    entries.append(store.log, [Entry(kind="cramp", at=NOW, zone="UTC", note=f"{number} {LONG}")], NOW)
    with store.state.transaction() as connection:
        agent_state.set_mark(connection, f"{number}", LONG)


def found(store: Store, name: str) -> list[int]:
    """What of it is in the file."""
    if name == "log.db":
        return sorted(int(one.note.partition(" ")[0]) for one in entries.select(store.log))
    return [number for number in range(9) if agent_state.mark(store.state.connection, f"{number}") == LONG]


def filled_home(home: Home, *, kept: bool = True) -> None:
    """1 is in the backup too, 2 is not."""
    with closing(open_store(home, NOW)) as store:
        write(store, 1)
        if kept:
            for one in (store.log, store.state):
                backup(one, home.backup_dir, NOW)
        write(store, 2)


def other(name: str) -> str:
    return FILES[1 - FILES.index(name)]


# --- damaged, or no database: set aside ----------------------------------------------------------------------------


def _letter(path: Path) -> None:
    path.write_text("Dear diary,\n" * 2000)


def _short(path: Path) -> None:
    path.write_text("no\n")


def _zeros(path: Path) -> None:
    path.write_bytes(b"\0" * path.stat().st_size)


def _head(path: Path) -> None:
    with path.open("rb+") as file:
        file.write(b"\xff" * 100)


def _cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def _first_page(path: Path) -> None:
    with path.open("rb+") as file:
        file.seek(100)
        file.write(b"\xff" * 3000)


def _last_page(path: Path) -> None:
    with path.open("rb+") as file:
        file.seek(-4096, os.SEEK_END)
        file.write(b"\xff" * 4096)


DAMAGES = (_letter, _short, _zeros, _head, _cut, _first_page, _last_page)


@pytest.mark.pure
@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("name", FILES)
def test_what_is_damaged_is_set_aside_for_the_backup(home: Home, name: str, damage: Callable[[Path], None]) -> None:
    filled_home(home)
    path = home.data_dir / name
    damage(path)
    before = path.read_bytes()
    with closing(open_store(home, NOW, check=True)) as store:
        (note,) = store.notes
        aside = home.data_dir / f"{name}.damaged-20261122T210000"
        assert note.startswith(f"{path} is damaged")
        assert note.endswith(f"it was set aside as {aside.name}, and the backup of 2026-11-22 21:00 UTC is in use")
        assert "\n" not in note
        assert (found(store, name), found(store, other(name))) == ([1], [1, 2])
        write(store, 3)
        assert found(store, name) == [1, 3]
    assert aside.read_bytes() == before
    assert stat.S_IMODE(aside.stat().st_mode) == 0o600


@pytest.mark.pure
@pytest.mark.parametrize("name", FILES)
def test_what_is_damaged_without_a_backup_is_set_aside_too(home: Home, name: str) -> None:
    filled_home(home, kept=False)
    path = home.data_dir / name
    _letter(path)
    before = path.read_bytes()
    with closing(open_store(home, NOW)) as store:
        (note,) = store.notes
        assert note.endswith("and as there is no backup it starts empty")
        assert (found(store, name), found(store, other(name))) == ([], [1, 2])
    assert (home.data_dir / f"{name}.damaged-20261122T210000").read_bytes() == before


@pytest.mark.pure
@pytest.mark.parametrize("name", FILES)
def test_an_empty_file_is_a_new_one(home: Home, name: str) -> None:
    home.data_dir.mkdir(parents=True)
    (home.data_dir / name).touch()
    with closing(open_store(home, NOW)) as store:
        assert store.notes == ()
        write(store, 1)


# --- somebody else's, or a newer one: refused ----------------------------------------------------------------------


def _others(path: Path, mode: str = "delete", **pragmas: int) -> None:
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA journal_mode={mode}")
        connection.execute("CREATE TABLE photos (name)")
        for pragma, value in pragmas.items():
            connection.execute(f"PRAGMA {pragma}={value}")


def _newer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version=99")


NOT_OURS: dict[str, tuple[Callable[[Path], object], str]] = {
    "another program's": (_others, "is not crampcoach's own {name}; move it away, then start again"),
    "another program's with a write-ahead log": (lambda path: _others(path, "wal"), "is not crampcoach's own {name}"),
    "another program's with its mark": (lambda path: _others(path, application_id=7), "is not crampcoach's own {name}"),
    "our mark and nothing of ours": (
        lambda path: _others(path, application_id=APPLICATION_ID, user_version=1), "is not crampcoach's own {name}"
    ),
    "a newer crampcoach's": (_newer, "was written by a newer crampcoach; update crampcoach, nothing was changed"),
}  # fmt: skip


@pytest.mark.pure
@pytest.mark.parametrize("what", NOT_OURS)
@pytest.mark.parametrize("name", FILES)
def test_what_is_not_ours_or_newer_is_refused_and_stays(home: Home, name: str, what: str) -> None:
    filled_home(home)
    make, sentence = NOT_OURS[what]
    path = home.data_dir / name
    make(path)
    before = path.read_bytes()
    there = sorted(one.name for one in home.data_dir.rglob("*"))
    for check in (False, True):
        with pytest.raises(Problem) as refusal:
            open_store(home, NOW, check=check)
        assert str(refusal.value).startswith(f"{path} {sentence.format(name=path.stem)}")
        assert "\n" not in str(refusal.value)
    assert path.read_bytes() == before
    assert sorted(one.name for one in home.data_dir.rglob("*")) == there


@pytest.mark.real
@pytest.mark.parametrize("name", FILES)
def test_the_agent_and_the_commands_refuse_it_with_that_sentence(tmp_path: Path, name: str) -> None:
    nest = Nest(tmp_path / "home")
    filled_home(nest.home)
    path = nest.home.data_dir / name
    _newer(path)
    before = path.read_bytes()
    for words in (["run"], ["entries"], ["log", "profile", "--country", "GB"], ["backup"], ["status"], ["week"]):
        ended = nest.run(*words)
        assert (ended.code, ended.err) == (
            1, f"crampcoach: {path} was written by a newer crampcoach; update crampcoach, nothing was changed\n"
        ), words  # fmt: skip
    assert path.read_bytes() == before


def _open_in(handles: Path) -> set[str]:
    """The files that a process has open."""
    found = set()
    for one in handles.iterdir():
        with suppress(FileNotFoundError):
            found.add(str(one.readlink()))
    return found


@pytest.mark.real
@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_moved_away_while_the_agent_runs(tmp_path: Path, name: str) -> None:
    nest = Nest(tmp_path / "home", {"CRAMPCOACH_PLUGINS": "terminal"})
    filled_home(nest.home)
    path, away = nest.home.data_dir / name, tmp_path / "away.db"
    with agent(nest) as running:
        path.rename(away)
        ended = nest.run("log", "profile", "--country", "GB")
        assert ended.code == 0
        # Whoever notices it first says so.
        wait_for(lambda: f"{path} was gone and starts empty" in ended.err + running.text, 10, "it is said")
        handles = Path(f"/proc/{running.process.pid}/fd")
        wait_for(lambda: str(away) not in _open_in(handles), 10, "the agent lets go of it")
        assert len(nest.asked("entries", "--kind", "profile")) == 1
        running.stop()
    with closing(open_store(nest.home, NOW)) as store:
        assert store.log.sound()
        assert store.state.sound()


# --- no room, no right -----------------------------------------------------------------------------------------


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", megabytes=2) as disk:
        yield disk


@pytest.mark.pure
@pytest.mark.parametrize("name", FILES)
def test_with_no_room_for_the_backup_the_damaged_file_waits_for_room(disk: Path, name: str) -> None:
    home = Home(disk / "config", disk / "data", disk / "run")
    filled_home(home)
    path = home.data_dir / name
    _letter(path)
    before = path.read_bytes()
    with filled(disk, 20_000), pytest.raises(Problem) as refusal:
        open_store(home, NOW)
    assert "space" in str(refusal.value)
    assert path.read_bytes() == before
    with closing(open_store(home, NOW)) as store:
        assert found(store, name) == [1]


@pytest.mark.pure
@pytest.mark.parametrize("name", FILES)
def test_a_full_disk_refuses_a_write_and_keeps_the_rest(disk: Path, name: str) -> None:
    home = Home(disk / "config", disk / "data", disk / "run")
    filled_home(home)
    with closing(open_store(home, NOW)) as store:
        for room in range(0, 60_000, 4096):
            with filled(disk, room), pytest.raises(sqlite3.OperationalError) as refusal:
                for number in range(3, 9):
                    write(store, number)
            assert "full" in str(refusal.value) or "disk I/O" in str(refusal.value)
            assert found(store, name)[:2] == [1, 2]
            if found(store, other(name)) != [1, 2]:
                break
    with closing(open_store(home, NOW, check=True)) as store:
        assert store.notes == ()
        write(store, 8)
        assert found(store, name)[:2] == [1, 2]


@pytest.mark.real
@pytest.mark.parametrize("name", FILES)
def test_a_file_of_somebody_else_is_refused(tmp_path: Path, name: str) -> None:
    if os.getuid() != 0:
        pytest.skip("only root can give a file away")
    nest = Nest(tmp_path / "home")
    filled_home(nest.home)
    path = nest.home.data_dir / name
    os.chown(path, 65534, 65534)
    before = path.read_bytes()
    for prefix, sentence in (((), "belongs to somebody else; run crampcoach as the user whose it is"),
                             (POWERLESS, "Permission denied")):  # fmt: skip
        nest.prefix = prefix
        for words in (["entries"], ["log", "profile", "--country", "GB"], ["backup"], ["run"]):
            ended = nest.run(*words)
            assert ended.code == 1, (words, ended)
            assert ended.err.count("\n") == 1, (words, ended)
            assert str(path) in ended.err
            assert sentence in ended.err
    assert path.read_bytes() == before
    assert path.stat().st_uid == 65534


@pytest.mark.pure
def test_root_makes_nothing_in_the_folder_of_somebody_else(home: Home) -> None:
    if os.getuid() != 0:
        pytest.skip("only root can give a folder away")
    home.data_dir.mkdir(parents=True, mode=0o700)
    os.chown(home.data_dir, 65534, 65534)
    with pytest.raises(Problem, match="belongs to somebody else"):
        open_store(home, NOW)
    assert list(home.data_dir.iterdir()) == []


@pytest.mark.real
def test_a_read_only_folder_costs_one_sentence_and_nothing_else(tmp_path: Path) -> None:
    nest = Nest(tmp_path / "home", prefix=POWERLESS)
    filled_home(nest.home)
    folder = nest.home.data_dir
    there = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    if os.getuid() == 0:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, 65534, 65534)
            path.chmod(0o755 if path.is_dir() else 0o644)  # may be read, not written
    else:
        folder.chmod(0o500)
    try:
        for words in (["entries"], ["backup"], ["restore", f"log-{NOW:%Y%m%dT%H%M%S}"], ["run"]):
            ended = nest.run(*words)
            assert ended.code == 1, (words, ended)
            assert ended.err.count("\n") == 1, (words, ended)
            assert str(folder) in ended.err, (words, ended)
            assert "Permission denied" in ended.err
    finally:
        folder.chmod(0o700)
    assert {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()} == there
