"""kill -9 at random instants of whatever is done to the files: what was acknowledged is there, and they are sound.

A child does one deed again and again and says each when it has come back: from then on it must be there. 25 kills a
deed; 200 with `CRAMPCOACH_SOAK=1`. Another seed: `CRAMPCOACH_SEED=7`.
"""

from __future__ import annotations

import os
import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from conftest import SOAK
from copies import notes_in
from crampcoach.home import Home
from crampcoach.model import Entry
from crampcoach.safety.kinds import SYMPTOMS
from crampcoach.store import Store, entries, open_store, raised
from crampcoach.store.backup import BEFORE_RESTORE, BEFORE_UPDATE, back_up_to, backup, backups, fault, reason
from crampcoach.store.restore import chosen, restore
from crampcoach.store.schema import LOG
from forks import killed_after
from old_files import make_old

pytestmark = pytest.mark.real

KILLS = 200 if SOAK else 25
SEED = int(os.environ.get("CRAMPCOACH_SEED", "1"))
NOW = datetime(2026, 11, 22, 21, 0, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
Say = Callable[[str], None]


@dataclass
class Deed:
    """What a child does until it is killed, and what must be true afterwards."""

    home: Home
    #: Never falls back: what is written in one life is told from that of another.
    numbers: Iterator[int] = field(default_factory=count)
    #: The longest life, in seconds.
    life = 0.12
    acknowledged = 0

    def begin(self) -> None:
        """Once, before the first kill."""

    def work(self, say: Say, start: int) -> None:
        """In the child. Numbers from `start` on are its own."""
        raise NotImplementedError

    def judge(self, said: list[list[str]]) -> None:
        """After a kill: the words of each line that was said."""
        raise NotImplementedError

    def folder(self, number: int) -> Home:
        """Another home."""
        top = self.home.data_dir.parent / f"{number}"
        return Home(top / "config", top / "data", top / "run")

    def opened(self) -> closing[Store]:
        return closing(open_store(self.home, NOW))

    def save(self, store: Store, *numbers: int) -> list[Entry]:
        new = [
            Entry(kind="cramp", at=NOW + n * SECOND, zone="UTC", note=f"{n} {'x' * (n * 37 % 3000)}") for n in numbers
        ]
        return list(entries.append(store.log, new, NOW))

    def once(self, seconds: float) -> None:
        """One life."""
        start = next(self.numbers) * 1_000_000
        said = [line.split() for line in killed_after(seconds, lambda say: self.work(say, start))]
        self.acknowledged += len(said)
        with self.opened() as store:
            assert store.notes == ()
            assert store.log.sound()
            assert store.state.sound()
        self.judge(said)


def numbered(store: Store) -> set[int]:
    """The numbers of the cramps in a log."""
    return {int(one.note.split()[0]) for one in entries.select(store.log, kind="cramp")}


def numbers_in(path: Path) -> set[int]:
    """The numbers of the cramps in a backup, which must be good."""
    return {int(note.split()[0]) for note in notes_in(path)}


class Make(Deed):
    """The files, in one folder after the other, with one entry."""

    def work(self, say: Say, start: int) -> None:
        for number in count(start):
            say(f"begun {number}")
            with closing(open_store(self.folder(number), NOW)) as store:
                self.save(store, number)
                say(f"made {number}")

    def judge(self, said: list[list[str]]) -> None:
        for what, number in said:
            with closing(open_store(self.folder(int(number)), NOW)) as store:
                assert store.notes == ()
                assert store.log.sound()
                assert numbered(store) == {int(number)} or (what == "begun" and not numbered(store))


class Add(Deed):
    def begin(self) -> None:
        self.all: set[int] = set()

    def work(self, say: Say, start: int) -> None:
        with self.opened() as store:
            for number in count(start):
                self.save(store, number)
                say(f"{number}")

    def judge(self, said: list[list[str]]) -> None:
        self.all |= {int(number) for (number,) in said}
        with self.opened() as store:
            more = numbered(store) - self.all
            assert self.all <= numbered(store)
            assert len(more) <= 1
            self.all |= more  # it was under way, and now it is there


class Edit(Deed):
    """Each entry says how often it was edited, and has as many revisions."""

    def begin(self) -> None:
        self.last: dict[str, int] = {}
        with self.opened() as store:
            for one in self.save(store, *range(8)):
                entries.edit(store.log, replace(one, note="0"), NOW)
                self.last[one.id] = 0

    def work(self, say: Say, start: int) -> None:
        with self.opened() as store:
            while True:
                for one in list(entries.select(store.log)):
                    entries.edit(store.log, replace(one, note=f"{int(one.note) + 1}"), NOW)
                    say(f"{one.id} {int(one.note) + 1}")

    def judge(self, said: list[list[str]]) -> None:
        self.last.update({one: int(many) for one, many in said})
        with self.opened() as store:
            found = {one.id: int(one.note) for one in entries.select(store.log)}
            more = {one: many - self.last[one] for one, many in found.items()}
            assert found.keys() == self.last.keys()
            assert sorted(more.values())[:-1] == [0] * 7
            assert max(more.values()) in (0, 1)
            sql = "SELECT entry, count(*), max(number) FROM revisions GROUP BY entry"
            for one, many, newest in store.log.connection.execute(sql):
                assert many == newest == found[one] + 1
            self.last = found


class Delete(Deed):
    """Some are added, then deleted one by one."""

    def begin(self) -> None:
        self.there: set[str] = set()

    def work(self, say: Say, start: int) -> None:
        with self.opened() as store:
            for first in count(start, 20):
                new = self.save(store, *range(first, first + 20))
                say("added " + " ".join(one.id for one in new))
                for one in new:
                    entries.delete(store.log, one.id, NOW)
                    say(f"deleted {one.id}")

    def judge(self, said: list[list[str]]) -> None:
        for what, *ids in said:
            self.there = self.there | set(ids) if what == "added" else self.there - set(ids)
        with self.opened() as store:
            found = {one.id for one in entries.select(store.log)}
            # Under way was either one deletion, or twenty additions.
            assert len(self.there - found) <= 1
            assert len(found - self.there) in (0, 20)
            sql = "SELECT count(*) FROM entries e WHERE deleted IS NOT NULL AND id NOT IN (SELECT entry FROM revisions)"
            assert store.log.connection.execute(sql).fetchone()[0] == 0
            self.there = found


class Migrate(Deed):
    """A log of the first version with 400 more entries is brought up to date in one folder after the other."""

    life = 0.2

    def work(self, say: Say, start: int) -> None:
        more = (
            "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 400) INSERT INTO entries "
            "SELECT 'old-' || n, 'cramp', '2026-01-01T00:00:00.000Z', 'UTC', '2025-12-31', '{}', n || ' words', NULL, "
            "'2026-01-01T00:00:00.000Z', NULL FROM n"
        )
        for number in count(start):
            home = self.folder(number)
            make_old(home.log_db, "log", 1)
            with closing(sqlite3.connect(home.log_db)) as connection, connection:
                connection.execute(more)
            say(f"made {number}")
            open_store(home, NOW).close()
            say(f"updated {number}")

    def judge(self, said: list[list[str]]) -> None:
        updated = {int(number) for what, number in said if what == "updated"}
        for number in {int(number) for what, number in said if what == "made"}:
            home = self.folder(number)
            with closing(sqlite3.connect(home.log_db)) as connection:
                assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
                (version,) = connection.execute("PRAGMA user_version").fetchone()
                assert connection.execute("SELECT count(*) FROM entries").fetchone() == (405,)
            assert version == len(LOG.migrations) or number not in updated
            kept = [path for _, path in backups(home.backup_dir, LOG) if reason(path) == BEFORE_UPDATE]
            assert kept or version == 1, "what was there before is kept before anything is changed"
            with closing(open_store(home, NOW)) as store:
                assert store.notes == ()
                assert len(list(entries.select(store.log))) == 404  # one of them is deleted
            for path in kept:
                assert fault(path, LOG) == ""


class BackUp(Deed):
    """Into the folder of backups, and over one and the same file of the person's."""

    def begin(self) -> None:
        self.stick = self.home.data_dir.parent / "stick"
        self.stick.mkdir()
        self.copied: set[int] = set()
        with self.opened() as store:
            self.save(store, *range(50))

    def work(self, say: Say, start: int) -> None:
        with self.opened() as store:
            for number in count(start):
                self.save(store, number)
                path = backup(store.log, self.home.backup_dir, NOW + number * SECOND)
                say(f"{path.name} {number}")
                back_up_to(store.log, self.stick / "log.db", self.home.backup_dir)
                say(f"log.db {number}")

    def judge(self, said: list[list[str]]) -> None:
        for _, path in backups(self.home.backup_dir, LOG):
            numbers_in(path)  # also one that was not acknowledged is whole
        for name, number in said:
            if name == "log.db":
                self.copied.add(int(number))
            else:
                assert int(number) in numbers_in(self.home.backup_dir / name)
        if self.copied:
            assert self.copied <= numbers_in(self.stick / "log.db")
        with self.opened() as store:
            backup(store.log, self.home.backup_dir, NOW)
            back_up_to(store.log, self.stick / "log.db", self.home.backup_dir)
        assert [path.name for path in self.stick.iterdir()] == ["log.db"], "nothing half is left"
        assert not list(self.home.backup_dir.glob(".*"))
        for _, path in backups(self.home.backup_dir, LOG):
            path.unlink()


class Restore(Deed):
    """Back to the same old log again and again. A sign that was raised since then holds all the time."""

    life = 0.2

    def begin(self) -> None:
        with self.opened() as store:
            self.save(store, *range(100))
            self.old = backup(store.log, self.home.backup_dir, NOW).rename(self.home.data_dir.parent / "old.db")
            swollen = Entry(kind=SYMPTOMS, fields={"swelling": "yes"}, at=NOW, zone="UTC")
            entries.append(store.log, [swollen], NOW)
        self.there = set(range(100))

    def work(self, say: Say, start: int) -> None:
        with self.opened() as store:
            for number in count(start):
                self.save(store, number)
                say(f"saved {number}")
                if number % 3 == 2:
                    with chosen(self.old) as copy:
                        before = restore(store, copy, self.home, NOW + number * SECOND, "UTC")
                    say(f"restored {before.name}")

    def judge(self, said: list[list[str]]) -> None:
        old, saved, there = set(range(100)), set(self.there), set(self.there)
        for what, number in said:
            if what == "saved":
                saved.add(int(number))
                there.add(int(number))
            else:
                there = set(old)
        made = backups(self.home.backup_dir, LOG)
        replaced = [numbers_in(path) for _, path in made if reason(path) == BEFORE_RESTORE]
        with self.opened() as store:
            now = numbered(store)
            assert raised.holding(store.log) == ("RF-DVT",)
        # All of the one or of the other, and one more that was on its way.
        assert now == old or (there <= now and len(now - there) <= 1)
        assert saved <= now.union(*replaced), "nothing acknowledged is lost"
        for _, path in made:
            assert fault(path, LOG) == ""
            path.unlink()
        self.there = now


@pytest.mark.parametrize("deed", [Make, Add, Edit, Delete, Migrate, BackUp, Restore])
def test_kill_9_loses_nothing_that_was_acknowledged(
    home: Home, deed: type[Deed], capsys: pytest.CaptureFixture[str]
) -> None:
    rng = random.Random(f"{SEED}/{deed.__name__}")
    one = deed(home)
    one.begin()
    kills = 0
    # On a machine that is busy with other things less is done between two kills: it then takes more of them.
    while kills < KILLS or (one.acknowledged <= KILLS and kills < 4 * KILLS):
        one.once(rng.uniform(0, one.life))
        kills += 1
    with capsys.disabled():
        print(f"\nkill -9 during {deed.__name__}, seed {SEED}: {kills} kills, {one.acknowledged} acknowledged", end="")
    assert one.acknowledged > KILLS
