"""`backup` and `restore` as a person meets them: what they say, what they ask, what they never touch."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from agent_process import POWERLESS, Nest, agent
from commands import Commands
from crampcoach.store import entries, raised
from crampcoach.store.backup import backups
from crampcoach.store.schema import LOG
from crampcoach.testing import Coach
from desktop import wait_for
from disks import filled, small_disk

DAY_OF = "20261122T110000"  # noon in Berlin


@pytest.fixture
def coach(tmp_path: Path) -> Iterator[Coach]:
    with Coach(tmp_path / "home", now="2026-11-22 12:00") as coach:
        for name in ("cramps", "stretching"):
            coach.load(name)
        coach.settle()
        for path in coach.home.backup_dir.glob("*"):
            path.unlink()  # what the agent has made at its start
        yield coach


def private(path: Path) -> bool:
    return stat.S_IMODE(path.stat().st_mode) == 0o600


def named(coach: Coach) -> list[str]:
    return [path.name for _, path in backups(coach.home.backup_dir, LOG)]


# --- backup ----------------------------------------------------------------------------------------------------


@pytest.mark.pure
def test_a_backup_says_where_it_is_and_stands_in_the_list(coach: Coach, commands: Commands) -> None:
    assert commands.ok("backup", "--list").startswith("no backups yet; `crampcoach backup` makes one")
    commands.ok("log", "cramp", "--side", "left")
    path = coach.home.backup_dir / f"log-{DAY_OF}-asked.db"
    assert commands.ok("backup") == f"backed up to {path}"
    assert private(path)
    commands.ok("log", "cramp", "--side", "right")
    again = commands("backup", "--json").json
    assert [one["name"] for one in again] == [f"log-{DAY_OF}-asked-2.db"], "another one never takes its place"
    listed = commands("backup", "--list", "--json").json
    assert [(one["name"], one["entries"], one["why"]) for one in listed] == [
        (f"log-{DAY_OF}-asked.db", 1, "asked"),
        (f"log-{DAY_OF}-asked-2.db", 2, "asked"),
    ]
    assert set(listed[0]) == {"name", "file", "at", "why", "entries", "bytes"}
    assert listed[0]["at"] == "2026-11-22T12:00:00+01:00"
    assert Path(listed[0]["file"]) == path
    path.write_text("Dear diary")
    assert commands.ok("backup", "--list").splitlines() == [
        f"today 12:00  you asked for it  cannot be read  {path.name}",
        f"today 12:00  you asked for it  2 entries       log-{DAY_OF}-asked-2.db",
    ]


@pytest.mark.pure
def test_a_backup_to_a_file_or_a_folder_of_ones_own(coach: Coach, commands: Commands, tmp_path: Path) -> None:
    commands.ok("log", "cramp", "--note", "küche")
    stick = tmp_path / "stick"
    stick.mkdir(mode=0o755)
    (stick / ".crampcoach-notes").write_text("mine")
    old = os.umask(0)
    try:
        assert commands.ok("backup", str(stick)) == f"backed up to {stick / 'crampcoach-log-2026-11-22.db'}"
        assert commands.ok("backup", str(stick / "one")) == f"backed up to {stick / 'one'}"
    finally:
        os.umask(old)
    there = {path.name for path in stick.iterdir()}
    assert there == {".crampcoach-notes", "crampcoach-log-2026-11-22.db", "one"}
    assert private(stick / "one")
    assert stat.S_IMODE(stick.stat().st_mode) == 0o755, "the folder is the person's"
    with closing(sqlite3.connect(f"file:{stick / 'one'}?mode=ro", uri=True)) as copy:
        assert copy.execute("SELECT note FROM entries").fetchall() == [("küche",)]
    assert {path.name for path in stick.iterdir()} == there, "reading it makes nothing beside it"
    assert named(coach) == []


@pytest.mark.pure
def test_a_backup_is_replaced_only_after_a_yes(commands: Commands, tmp_path: Path) -> None:
    path, link = tmp_path / "copy.db", tmp_path / "link.db"
    commands.ok("backup", str(path))
    link.symlink_to(path)
    before = path.read_bytes()
    commands.ok("log", "cramp")
    for typed in ("n\n", "\n"):
        said = commands("backup", str(link), stdin=typed)
        assert (said.status, said.err) == (1, "crampcoach: nothing was written\n")
        assert f"{path} is there already. Replace it?" in said.out
    assert commands("backup", str(path)).status == 130
    assert path.read_bytes() == before
    assert commands("backup", str(link), stdin="y\n").status == 0
    assert link.is_symlink()
    after = path.read_bytes()
    assert after != before
    commands.ok("log", "cramp")
    commands.ok("backup", str(path), "--yes")
    assert path.read_bytes() != after


@pytest.mark.pure
def test_nothing_but_a_backup_is_ever_replaced(coach: Coach, commands: Commands, tmp_path: Path) -> None:
    text, foreign, newer = tmp_path / "thesis.txt", tmp_path / "photos.db", tmp_path / "newer.db"
    text.write_text("Chapter 1")
    with closing(sqlite3.connect(foreign)) as connection:
        connection.execute("CREATE TABLE photos (x)")
    commands.ok("backup", str(newer))
    with closing(sqlite3.connect(newer)) as connection:
        connection.execute("PRAGMA user_version=99")
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    for path in (text, foreign, newer, fifo):
        before = path.read_bytes() if path.is_file() else b""
        sentence = commands.fails("backup", str(path), "--yes")
        assert sentence == f"{path} is there already and is no backup of a log; choose another name"
        assert not path.is_file() or path.read_bytes() == before
    for path in (coach.home.log_db, coach.home.state_db, coach.home.data_dir):
        sentence = commands.fails("backup", str(path), "--yes")
        assert sentence == f"crampcoach keeps its own files in {coach.home.data_dir}; choose another place"
    nowhere = tmp_path / "no" / "where"
    assert commands.fails("backup", str(nowhere)) == (
        f"there is no folder {nowhere.parent}; make it first, or choose another place"
    )
    assert not nowhere.parent.exists()


@pytest.mark.pure
def test_a_full_stick_gets_no_half_backup(commands: Commands, tmp_path: Path) -> None:
    commands.ok("log", "cramp", "--note", "x" * 300_000)
    with small_disk(tmp_path / "stick", megabytes=1) as stick:
        commands.ok("backup", str(stick / "good.db"))
        good = (stick / "good.db").read_bytes()
        commands.ok("log", "cramp", "--note", "x" * 300_000)
        for room in (0, 100_000, 400_000):
            with filled(stick, room):
                sentence = commands.fails("backup", str(stick / "good.db"), "--yes")
            assert str(stick / "good.db") in sentence
            assert "space" in sentence
            assert [path.name for path in stick.iterdir()] == ["good.db"]
            assert (stick / "good.db").read_bytes() == good


@pytest.mark.real
def test_a_folder_that_may_not_be_written_or_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    nest = Nest(tmp_path / "home", prefix=POWERLESS)
    assert nest.run("backup", str(tmp_path / "mine.db")).code == 0
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (tmp_path / "mine.db").rename(theirs / "copy.db")
    for path in (theirs / "copy.db", theirs):
        os.chown(path, 65534, 65534)
        path.chmod(0o755 if path.is_dir() else 0o600)
    written = nest.run("backup", str(theirs / "new.db"))
    assert (written.code, written.err) == (
        1, f"crampcoach: cannot write {theirs / 'new.db'}: Permission denied; free it, or choose another place\n"
    )  # fmt: skip
    read = nest.run("restore", str(theirs / "copy.db"))
    assert (read.code, read.err) == (
        1, f"crampcoach: {theirs / 'copy.db'} cannot be used: it may not be read; see who owns it\n"
    )  # fmt: skip
    assert nest.run("backup", str(theirs / "copy.db"), "--yes").code == 1
    assert [path.name for path in theirs.iterdir()] == ["copy.db"]


# --- restore ---------------------------------------------------------------------------------------------------


@pytest.fixture
def older(coach: Coach, commands: Commands) -> str:
    """The name of a backup with one cramp; in the log it is gone and there are two others."""
    commands.ok("log", "cramp", "--at", "yesterday 23:00", "--note", "old")
    commands.ok("backup")
    (old,) = coach.entries("cramp")
    entries.delete(coach.agent.store.log, old.id, coach.clock.now())
    commands.ok("log", "cramp", "--at", "03:10", "--note", "new")
    commands.ok("log", "cramp", "--note", "new")
    return f"log-{DAY_OF}-asked.db"


def cramps(coach: Coach) -> list[str]:
    return [one.note for one in coach.entries("cramp")]


CHANGES = """\
To go back to log-20261122T110000-asked.db would change your log:
  - 2 entries would go (today 03:10 to today 12:00)
  - 1 entry would come back (yesterday 23:00)
What you have said about yourself, and what holds stretching back, stays as it is now.
Your log as it is now is kept as a backup.
"""


@pytest.mark.pure
def test_without_a_name_the_backups_are_listed(commands: Commands, older: str) -> None:
    listed, hint = commands.ok("restore").split("\n\n")
    assert listed == commands.ok("backup", "--list") == f"today 12:00  you asked for it  1 entry  {older}"
    assert hint == "`crampcoach restore NAME` says what would change, and asks."


@pytest.mark.pure
def test_nothing_changes_before_a_yes(coach: Coach, commands: Commands, older: str) -> None:
    assert commands.ok("restore", older, "--dry-run") == CHANGES.rstrip("\n")
    for typed in ("n\n", "\n", "what?\nno\n"):
        said = commands("restore", older, stdin=typed)
        assert (said.status, said.err) == (0, "")
        assert said.out.startswith(CHANGES)
        assert said.out.endswith("Nothing was changed.\n")
    assert commands("restore", older).status == 130
    assert cramps(coach) == ["new", "new"]
    assert named(coach) == [older]


@pytest.mark.pure
def test_a_yes_goes_back_and_there_is_a_way_back_from_there(coach: Coach, commands: Commands, older: str) -> None:
    coach.advance("12:01")
    said = commands("restore", older.removesuffix(".db"), stdin="y\n")
    before = "log-20261122T110100-before-restore.db"
    assert (said.status, said.err) == (0, "")
    assert said.out.endswith(f"restored; what was there before is kept as {before}\n")
    assert cramps(coach) == ["old"]
    assert commands.ok("restore", older, "--yes") == "Nothing would change: your log has the same entries."
    coach.advance("12:02")
    assert "before is kept as" in commands.ok("restore", str(coach.home.backup_dir / before), "--yes")
    assert cramps(coach) == ["new", "new"]
    listed = commands("backup", "--list", "--json").json
    assert [one["why"] for one in listed] == ["daily", "before-restore", "daily", "before-restore", "asked"]


@pytest.mark.pure
def test_a_hold_of_today_is_told_and_stays(coach: Coach, commands: Commands, older: str) -> None:
    assert commands("log", "symptoms", "--swelling", "yes").status == 0
    assert "A hold that" not in commands.ok("restore", older, "--yes")
    assert raised.holding(coach.agent.store.log) == ("RF-DVT",)
    assert "stretch" in commands("status", "--json").json["held"]
    coach.advance("12:01")
    commands.ok("backup")
    coach.advance("12:02")
    assert commands("log", "examined").status == 0
    assert commands("status", "--json").json["held"] == {}
    said = commands.ok("restore", "log-20261122T110100-asked.db", "--yes")
    assert "A hold that a doctor's look has ended would be on again; `crampcoach log examined` ends it." in said
    coach.settle()
    assert raised.holding(coach.agent.store.log) == ("RF-DVT",)


@pytest.mark.pure
def test_a_log_that_is_damaged_deep_inside_can_be_restored(coach: Coach, commands: Commands) -> None:
    commands.ok("log", "cramp", "--note", "x" * 30_000)
    commands.ok("backup")
    commands.ok("log", "cramp", "--note", "since")
    coach.stop()
    with coach.home.log_db.open("rb+") as file:
        file.seek(-8192, os.SEEK_END)
        file.write(b"\xff" * 8192)
    said = commands("restore", f"log-{DAY_OF}-asked.db", "--yes")
    assert said.status == 0
    assert "is damaged; it was set aside as log.db.damaged-" in said.err
    assert "Nothing would change" in said.out
    assert len(coach.entries("cramp")) == 1


@pytest.mark.pure
def test_a_name_that_is_no_backup(commands: Commands, tmp_path: Path) -> None:
    assert commands.fails("restore", "yesterday") == (
        "there is no file yesterday; `crampcoach backup --list` names your backups"
    )
    assert commands.fails("restore", str(tmp_path)).startswith(f"there is no file {tmp_path};")
    (tmp_path / "letter").write_text("Dear doctor")
    assert commands.fails("restore", str(tmp_path / "letter"), "--yes") == (
        f"{tmp_path / 'letter'} cannot be used: it is damaged, or no file of crampcoach's; choose another backup"
    )


@pytest.mark.real
def test_the_running_agent_goes_on_with_the_restored_log(tmp_path: Path) -> None:
    nest = Nest(tmp_path / "home", {"CRAMPCOACH_PLUGINS": "terminal,stretching,hydration"})
    nest.signs_are_known()
    nest.configure('[plugins.stretching]\nschedule = "23:59"\n')
    assert nest.run("log", "profile", "--fluids", "free", "--note", "old").code == 0
    assert nest.run("backup", str(tmp_path / "old.db")).code == 0
    assert nest.run("log", "profile", "--fluids", "limited", "--note", "new").code == 0
    with agent(nest, terminal=True) as running:
        nest.make_due("stretching.evening", "23:59")
        wait_for(lambda: nest.row("stretching.evening").delivered, 5, "it is shown")
        ended = nest.run("restore", str(tmp_path / "old.db"), "--yes")
        assert (ended.code, ended.err) == (0, "")
        assert nest.run("done", "stretching").code == 0
        wait_for(lambda: nest.asked("entries", "--kind", "stretch"), 5, "what is answered then is logged")
        notes = {entry["note"].partition(":")[0] for entry in nest.asked("entries", "--kind", "profile")}
        assert notes == {"old", "Entered again"}
        assert nest.run("restore", str(tmp_path / "old.db"), "--dry-run").out.count("would go") == 1
        assert "damaged" not in running.text
        running.stop()
    coming = {row["reminder"].partition(".")[0] for row in nest.asked("plan")}
    assert coming == {"stretching"}, "nobody who said so since is reminded to drink again"
