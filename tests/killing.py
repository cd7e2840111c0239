"""Days full of reminders on a fast clock, a person who answers some of them, and an agent that is killed all the time.

`Days` starts the process of `crampcoach run` and kills it with SIGKILL; `Person` sits before the witness's imaginary
screen. What happened is kept for `test_kill.py`, which judges it by `state.db`, `log.db` and the witness's log alone.
"""

from __future__ import annotations

import json
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from agent_process import Nest
from crampcoach.hours import Hours
from crampcoach.model import occurrence_key
from crampcoach.recurrence import parse_schedule, slots_between
from desktop import WitnessProcess, private_bus, wait_for, witness
from launcher import RatedClock

#: A real second is an hour. The agent needs some 30 ms from a due time to the popup: two minutes of its own.
RATE = 3600.0
ZONE = ZoneInfo("Europe/Berlin")
#: The morning before the night in which the clocks go back.
START = datetime(2026, 10, 24, 8, tzinfo=ZONE).astimezone(UTC)
HOURS = Hours()

#: Every sort of rule, grace and catch-up; what they ask for is computed from this table alone.
SCHEDULES = {
    "stretching.evening": "30m before bed",
    "water.hourly": "every 1h 07:20-21:20",
    "water.each": "every 3h 08:05-20:05",
    "water.prompt": "every 2h 09:40-19:40",
    "water.composed": "every 2h 10:10-18:10",
    "water.nightly": "every 1h 22:45-06:45",
    "water.early": "05:10, 06:15",
    "water.noon": "12:00",
    "water.weekend": "weekends 11:11, 16:16",
}

WATER = """\
from dataclasses import dataclass

from crampcoach import Action, Done, Entry, Kind, Log, Message, Reminder, hookimpl

@dataclass(frozen=True)
class Glass:
    size: int = 1

@dataclass(frozen=True)
class Told:
    occurrence: str = ""
    action: str = ""

@hookimpl
def kinds():
    told = Kind(name="echo", title="What responded was told", fields=Told)
    return [Kind(name="glass", title="A glass", fields=Glass), told]

def compose(ctx, occurrence):
    return Message(title=f"Water at {occurrence.wall:%H:%M}?", body=f"{ctx.now:%H:%M}")

@hookimpl
def reminders():
    had = [Action(label="Had one", then=Log("glass", size=2)), Action(label="Done", then=Done())]
    def reminder(name, **more):
        return Reminder(**{"name": name, "schedule": SCHEDULES["water." + name], "say": name, "actions": had, **more})
    return [
        reminder("hourly", grace="150m"),
        reminder("each", catch_up="each", grace="4h"),
        reminder("prompt", catch_up="skip", grace="40m"),
        reminder("composed", say=compose),
        reminder("nightly", quiet="show", grace="45m"),
        reminder("early", grace="until 09:00"),
        reminder("noon", grace="until 18:00", snooze=45),
        reminder("weekend"),
    ]

@hookimpl
def responded(ctx, occurrence, action):
    yield Entry(kind="echo", fields={"occurrence": occurrence.key, "action": action.key})
"""

CONFIG = "[notify]\nmax_per_day = 100\n"


@dataclass
class Run:
    """One life of the agent, in seconds of the machine's monotonic clock."""

    process: subprocess.Popen[bytes]
    output: Path
    began: float
    ready: float = float("inf")
    ended: float = float("inf")
    #: The occurrences of which the files did not say, when it was killed, whether they had been shown.
    in_doubt: frozenset[str] = frozenset()
    #: Merged message -> the occurrences that it stood for, as the files said when it was killed.
    leads: dict[str, set[str]] = field(default_factory=dict)

    def text(self) -> str:
        return self.output.read_text(encoding="utf-8", errors="replace")


@dataclass
class Popup:
    """A message on the witness's screen, and what the person will do with it."""

    number: int
    occurrence: str
    do: str
    at: float


@dataclass
class Person:
    """Presses some popups after a while and leaves others alone; what they do to which hangs on the seed only."""

    server: WitnessProcess
    seed: int
    popups: dict[int, Popup] = field(default_factory=dict)
    _read: int = 0
    _times: dict[str, int] = field(default_factory=dict)

    def look(self) -> list[dict[str, Any]]:
        """Take in what has happened on the screen since the last look."""
        with self.server.log.open("rb") as log:
            log.seek(self._read)
            data = log.read()
        data = data[: data.rfind(b"\n") + 1]
        self._read += len(data)
        events = [json.loads(line) for line in data.splitlines()]
        for event in events:
            if event["event"] == "notify":
                self.popups[event["id"]] = self._plan(event)
            elif event["event"] == "closed":
                self.popups.pop(event["id"], None)
        return events

    def _plan(self, event: dict[str, Any]) -> Popup:
        occurrence = str(event["occurrence"])
        nth = self._times[occurrence] = self._times.get(occurrence, 0) + 1
        rng = random.Random(f"{self.seed}/{occurrence}/{nth}")
        do = "" if "/" not in occurrence or occurrence.startswith("away/") or rng.random() < 0.3 else "dismiss"
        if do and rng.random() < 0.95:
            do = rng.choice([key for key, _label in event["actions"]])
        after = rng.choice([0.0, rng.uniform(0, 0.3), rng.uniform(0, 3)])
        return Popup(event["id"], occurrence, do, event["t"] + after)

    def act(self) -> None:
        """Do what is due."""
        self.look()
        for popup in [one for one in self.popups.values() if one.do and one.at <= time.monotonic()]:
            if popup.do == "dismiss":
                self.server.tell(dismiss=popup.number)
            else:
                self.server.press(popup.number, popup.do)
            self.look()


@dataclass
class Days:
    """The agent's home, and its lives so far."""

    nest: Nest
    person: Person
    clock: RatedClock
    rng: random.Random
    runs: list[Run] = field(default_factory=list)

    def start(self) -> Run:
        """Start `crampcoach run`."""
        output = self.nest.folder / f"output-{len(self.runs):04}"
        launcher = Path(__file__).with_name("launcher.py")
        with output.open("wb") as file:
            process = subprocess.Popen(
                [sys.executable, str(launcher), *self.clock.arguments()],
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                env=self.nest.environment(),
            )
        self.runs.append(Run(process, output, time.monotonic()))
        return self.runs[-1]

    def until_ready(self, run: Run) -> None:
        """Wait until it says that it is ready; the person does nothing meanwhile."""

        def ready() -> bool:
            assert run.process.poll() is None, run.text()
            return any(line.startswith("ready: ") for line in run.text().splitlines())

        wait_for(ready, 20, "ready")
        run.ready = time.monotonic()

    def live_until(self, run: Run, moment: float) -> None:
        """Let time pass; the person presses what they mean to press."""
        while (left := moment - time.monotonic()) > 0:
            self.person.act()
            assert run.process.poll() is None, run.text()
            time.sleep(min(0.005, max(0.0, left)))

    def kill(self, run: Run) -> None:
        """kill -9, and a look at the files as they lie there."""
        run.ended = time.monotonic()  # before: a press that came later may not have arrived
        run.process.kill()
        run.process.wait()
        with self.copies() as (state, log):
            for connection in (state, log):
                assert [tuple(row) for row in connection.execute("PRAGMA integrity_check")] == [("ok",)]
            if state.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                rows = state.execute("SELECT * FROM occurrences").fetchall()
                doubt = [row for row in rows if row["state"] == "shown" and not row["delivered"]]
                run.in_doubt = frozenset(key_of(row) for row in doubt)
                run.leads = leads(rows)

    @contextmanager
    def copies(self) -> Iterator[tuple[sqlite3.Connection, sqlite3.Connection]]:
        """Both files, copied: to open them would tidy up what the next agent is to find."""
        with tempfile.TemporaryDirectory(prefix="crampcoach-copies-") as folder:
            for path in self.nest.home.data_dir.glob("*.db*"):
                if path.suffix in (".db", ".db-wal"):
                    shutil.copyfile(path, Path(folder) / path.name)
            state, log = (sqlite3.connect(Path(folder) / name) for name in ("state.db", "log.db"))
            with closing(state), closing(log):
                state.row_factory = log.row_factory = sqlite3.Row
                yield state, log

    def next_due(self, moment: float) -> float:
        """The moment at which the next reminder after that is due."""
        now = self.clock.at(moment)
        end = now + timedelta(days=1)
        rules = [parse_schedule(text) for text in SCHEDULES.values()]
        return self.clock.real(min(slot.due for rule in rules for slot in slots_between(rule, HOURS, ZONE, now, end)))

    def one_life(self) -> None:
        """Start the agent and kill it at a random instant, often one at which it has its hands full."""
        run, rng = self.start(), self.rng
        where = rng.choices(["starting", "anywhere", "due", "shown", "pressed"], [2, 3, 4, 3, 2])[0]
        if where == "starting":
            time.sleep(rng.uniform(0.0, 0.6))
            return self.kill(run)
        self.until_ready(run)
        life = rng.uniform(0.2, 3.0)
        if where == "due":
            due = self.next_due(time.monotonic() + life / 2)
            self.live_until(run, due + rng.uniform(-0.005, 0.045))
        else:
            self.live_until(run, time.monotonic() + life)
        if where in ("shown", "pressed"):
            wanted = "notify" if where == "shown" else "press"
            deadline = time.monotonic() + 2.0
            while time.monotonic() < deadline and not self._happens(wanted):
                assert run.process.poll() is None, run.text()
            time.sleep(rng.uniform(0.0, 0.015))
        return self.kill(run)

    def _happens(self, wanted: str) -> bool:
        if wanted == "notify":
            return any(event["event"] == wanted for event in self.person.look())
        before = len(self.person.popups)
        self.person.act()
        return len(self.person.popups) < before

    def last_life(self) -> None:
        """A quiet run: everything is entered, nothing is left half done, and SIGTERM ends it."""
        run = self.start()
        self.until_ready(run)

        def settled() -> bool:
            with self.copies() as (state, _log):
                (left,) = state.execute("SELECT count(*) FROM answers WHERE NOT entered").fetchone()
                (busy,) = state.execute(
                    "SELECT count(*) FROM occurrences WHERE state = 'due' AND reason = '' "
                    "OR state = 'shown' AND delivered IS NULL AND shows < 2"
                ).fetchone()
                return not (left or busy)

        wait_for(settled, 20, "every answer is entered and every reminder shown")
        run.ended = time.monotonic()
        run.process.send_signal(signal.SIGTERM)
        assert run.process.wait(10) == 0, run.text()
        self.person.look()


def key_of(row: sqlite3.Row) -> str:
    """The key of an occurrence's row."""
    return f"{row['reminder']}/{row['day']}/{row['wall']}"


def leads(rows: list[sqlite3.Row]) -> dict[str, set[str]]:
    """Merged message -> the occurrences that it stands for."""
    found: dict[str, set[str]] = {}
    for row in rows:
        if row["lead"]:
            found.setdefault(row["lead"], set()).add(key_of(row))
    return found


#: Those whose reminders SCHEDULES names, and who shows them.
ONLY = "desktop,stretching,terminal,water"


def wanted_keys(after: datetime, until: datetime) -> set[str]:
    """Every occurrence that the schedules ask for in a span of time."""
    return {
        occurrence_key(name, slot.day, slot.wall)
        for name, text in SCHEDULES.items()
        for slot in slots_between(parse_schedule(text), HOURS, ZONE, after, until)
    }


@contextmanager
def days(folder: Path, seed: int) -> Iterator[Days]:
    """Everything set up, with nothing running but the bus and the witness."""
    with private_bus() as bus, witness(bus, log=folder / "witness.jsonl") as server:
        nest = Nest(folder, env={"DBUS_SESSION_BUS_ADDRESS": bus, "CRAMPCOACH_PLUGINS": ONLY})
        nest.signs_are_known()
        nest.configure(CONFIG)
        nest.drop("water", f"SCHEDULES = {SCHEDULES!r}\n{WATER}")
        clock = RatedClock(RATE, time.monotonic(), START, ZONE)
        world = Days(nest, Person(server, seed), clock, random.Random(seed))
        try:
            yield world
        finally:
            for run in world.runs:
                if run.process.poll() is None:
                    run.process.kill()
                    run.process.wait()
