"""Ten programs, a hundred commands and the agent write at once while a backup is made: all of it is kept."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent_process import Nest, agent
from copies import notes_in
from crampcoach.store import entries, open_store
from crampcoach.store.backup import backups
from crampcoach.store.schema import LOG

pytestmark = pytest.mark.real

WRITERS, ADDS, COMMANDS = 10, 100, 100
#: From BEGIN to COMMIT, in seconds.
MOST_HELD = 1.0
#: With more than so many others at work for each processor it is their load that would be measured.
BUSY = 0.5


@dataclass
class Timed(Nest):
    """A home all of whose processes note how long their writes took."""

    @property
    def notes(self) -> Path:
        return self.folder / "notes"

    def command(self, *words: str) -> list[str]:
        return [sys.executable, str(Path(__file__).with_name("timed.py")), str(self.notes), "crampcoach", *words]

    def start(self, *words: str) -> subprocess.Popen[str]:
        """A process of timed.py that says when it is ready, and waits for a line."""
        return subprocess.Popen(
            [*self.command()[:3], *words],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=self.environment(), text=True,
        )  # fmt: skip

    def times(self) -> tuple[list[float], list[float]]:
        """The seconds that each write waited and was held, in order of length."""
        lines = [line.split() for line in self.notes.read_text().splitlines()]
        return sorted(float(waited) for waited, _ in lines), sorted(float(held) for _, held in lines)


def go(*processes: subprocess.Popen[str]) -> float:
    """Let all of them begin once all of them are ready; the moment."""
    for process in processes:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
    began = time.monotonic()
    for process in processes:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    return began


@pytest.fixture
def nest(tmp_path: Path) -> Timed:
    made = Timed(tmp_path / "home", {"CRAMPCOACH_PLUGINS": "cramps,terminal"})
    open_store(made.home, datetime.now(UTC)).close()
    return made


def test_a_thousand_adds_and_a_hundred_commands_at_once(nest: Timed, capsys: pytest.CaptureFixture[str]) -> None:
    quiet = os.getloadavg()[0] < BUSY * (os.cpu_count() or 1)
    with agent(nest) as running, ExitStack() as stack:
        commands = [
            stack.enter_context(nest.start("waiting", "log", "cramp", "--note", f"c:{number}"))
            for number in range(COMMANDS)
        ]
        writers = [stack.enter_context(nest.start("writer", f"w{number}", f"{ADDS}")) for number in range(WRITERS)]
        began = go(*writers, *commands)
        backed_up = nest.run("backup", timeout=60)
        assert (backed_up.code, backed_up.err) == (0, "")
        said = {line for writer in writers for line in writer.communicate(timeout=120)[0].split()}
        saved = [command.communicate(timeout=120)[0] for command in commands]
        took = time.monotonic() - began
        assert [one.returncode for one in (*writers, *commands)] == [0] * (WRITERS + COMMANDS)
        assert all(one.startswith("saved: A cramp") for one in saved)
        assert nest.run("status").code == 0
        running.stop()
        assert "cannot use" not in running.text
    wanted = {f"c:{number}" for number in range(COMMANDS)}
    wanted |= {f"w{writer}:{number}" for writer in range(WRITERS) for number in range(ADDS)}
    with closing(open_store(nest.home, datetime.now(UTC), check=True)) as store:
        assert store.notes == ()
        found = [one.note for one in entries.select(store.log)]
    assert len(found) == len(set(found))
    assert set(found) == wanted
    assert said == {note for note in wanted if note.startswith("w")}
    asked = [path for _, path in backups(nest.home.backup_dir, LOG) if path.name.endswith("-asked.db")]
    (kept,) = (notes_in(path) for path in asked)
    assert kept <= wanted
    waited, held = nest.times()
    with capsys.disabled():
        print(
            f"\n{len(held)} writes in {took:.1f} s, {len(kept)} of {len(wanted)} entries in the backup: "
            f"from BEGIN to COMMIT {_told(held)}; with waiting for one's turn {_told(waited)}"
        )
    assert held[-1 if quiet else len(held) * 99 // 100] < MOST_HELD


def _told(seconds: list[float]) -> str:
    middle, late, last = (seconds[len(seconds) * part // 1000 - 1] * 1000 for part in (500, 990, 1000))
    return f"{middle:.0f} ms, 1 in 100 over {late:.0f} ms, worst {last:.0f} ms"


def test_a_restore_in_the_middle_of_it_loses_nothing(nest: Timed) -> None:
    """What was saved up to the restore is in what it keeps, what was saved after it is in the log."""
    assert nest.run("log", "cramp", "--note", "old").code == 0
    assert nest.run("backup", str(nest.folder / "old.db")).code == 0
    with agent(nest) as running, ExitStack() as stack:
        writers = [stack.enter_context(nest.start("writer", f"w{number}", f"{4 * ADDS}")) for number in range(4)]
        go(*writers)
        for _ in range(4):
            ended = nest.run("restore", str(nest.folder / "old.db"), "--yes")
            assert (ended.code, ended.err) == (0, "")
        said = {line for writer in writers for line in writer.communicate(timeout=120)[0].split()}
        running.stop()
        assert "cannot use" not in running.text
    assert len(said) == 4 * 4 * ADDS
    kept = [path for _, path in backups(nest.home.backup_dir, LOG) if "-before-restore" in path.name]
    assert kept, "it came in the middle"
    with closing(open_store(nest.home, datetime.now(UTC), check=True)) as store:
        assert store.notes == ()
        now = {one.note for one in entries.select(store.log)}
    everything = [now, *map(notes_in, kept)]
    assert said | {"old"} == set.union(*everything)
    # Nobody's entry is in two of them: each restore began anew with the old one.
    assert sum(len(notes - {"old"}) for notes in everything) == len(said)
