"""The first day on the defaults: the real agent on a fast clock, a notification server, and a person who answers.

What the person reads is written to `.artifacts/first-day*.txt`, what they see to `.artifacts/first-day-*.png`.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from agent_process import Nest
from crampcoach.control import poke
from crampcoach.planner import Row
from crampcoach.store import occurrences
from crampcoach.store.database import Database
from crampcoach.store.schema import STATE
from desktop import (
    WitnessProcess,
    click_button,
    popup,
    popups,
    private_bus,
    screenshot,
    virtual_screen,
    wait_for,
    witness,
    xfce,
)
from launcher import RatedClock

pytestmark = pytest.mark.real

ARTIFACTS = Path(__file__).parent.parent / ".artifacts"
LAUNCHER = Path(__file__).with_name("launcher.py")
ZONE = ZoneInfo("Europe/London")
#: A person of their own who answers at once needs some 0.1 s: four of its minutes.
RATE = 2400.0
#: An offer that is five minutes late does not come: a quarter of a second.
PROMPT_RATE = 1200.0
#: With mouse and windows it may take a second, ten of its minutes, until a popup is seen.
MOUSE_RATE = 600.0
#: So late may a message be: a machine with other things to do.
LATE = timedelta(minutes=40)
MOST = 5

WELCOME, CHECK_IN, FOLLOW_UP = "hydration.screening", "cramps.check-in", "cramps.follow-up"
EVENING, STRETCH = "journaling.evening", "stretching.evening"
MORNING_OFFER = "hydration.morning"
#: What the person presses on which message.
PRESSES = {WELCOME: "no", CHECK_IN: "one", FOLLOW_UP: "no", EVENING: "calm", STRETCH: "done", MORNING_OFFER: "had-one"}


@dataclass
class Life:
    """A home, a clock that runs fast, and the agent that runs in it."""

    nest: Nest
    clock: RatedClock
    process: subprocess.Popen[bytes] | None = None
    outputs: list[Path] = field(default_factory=list)

    def start(self) -> None:
        """Start `crampcoach run`, and wait until it is ready."""
        output = self.nest.folder / f"output-{len(self.outputs)}"
        self.outputs.append(output)
        with output.open("wb") as file:
            self.process = subprocess.Popen(
                [sys.executable, str(LAUNCHER), *self.clock.arguments()],
                stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT, env=self.nest.environment(),
            )  # fmt: skip
        wait_for(lambda: "ready: " in output.read_text(), 20, "ready")

    def stop(self) -> None:
        assert self.process
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(10) == 0

    def local(self, real: float) -> datetime:
        """What the person's clock shows at a moment of the machine's monotonic clock."""
        return self.clock.at(real).astimezone(ZONE)

    def now(self) -> datetime:
        return self.local(time.monotonic())

    def wait_until(self, wall: str, meanwhile: Callable[[], object] = lambda: None) -> None:
        """Let time pass until the person's clock shows that."""
        end = self.clock.real(at(wall))
        while time.monotonic() < end:
            assert self.process
            assert self.process.poll() is None, self.outputs[-1].read_text()
            meanwhile()
            time.sleep(0.02)


@contextmanager
def life(folder: Path, started: str, rate: float, env: dict[str, str], config: str = "") -> Iterator[Life]:
    """Set up with `crampcoach setup --defaults`; the agent starts when the person's clock shows `started`."""
    own = {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder / "xdg"), "XDG_DATA_HOME": str(folder / "share")}
    nest = Nest(folder / "home", {**env, **own, "TZ": ZONE.key})
    if config:
        nest.configure(config)
    set_up = nest.run("setup", "--defaults", "--no-start", "--wait", "0")
    assert set_up.code == 0, set_up
    assert "GET MEDICAL HELP NOW" in set_up.out
    nest.signs_are_known()  # as they are to somebody who does that in a terminal
    one = Life(nest, RatedClock(rate, time.monotonic(), at(started), ZONE, folder / "halts"))
    try:
        one.start()
        yield one
        one.stop()
        for output in one.outputs:
            assert "Traceback" not in output.read_text()
    finally:
        if one.process and one.process.poll() is None:
            one.process.kill()
            one.process.wait()
        for output in one.outputs:
            print(output.read_text())  # for a test that fails


def at(wall: str) -> datetime:
    return datetime.fromisoformat(wall).replace(tzinfo=ZONE).astimezone(UTC)


@dataclass
class Person:
    """Reads every message and presses what they mean to press, once each."""

    life: Life
    server: WitnessProcess
    presses: Mapping[str, str]
    read: list[dict[str, Any]] = field(default_factory=list)

    def look(self) -> None:
        for event in self.server.events("notify")[len(self.read) :]:
            self.read.append(event)
            key = self.presses.get(name_of(event), "")
            event["pressed"] = next((label for one, label in event["actions"] if one == key), "")
            if key:
                assert event["pressed"], f"{key!r} is no button of {event}"
                self.server.press(event["id"], key)

    def names(self) -> list[str]:
        return [name_of(event) for event in self.read]

    def when(self, event: dict[str, Any]) -> datetime:
        return self.life.local(event["t"])

    def transcript(self) -> str:
        """Every message as the person reads it."""
        lines = []
        for event in self.read:
            lines.append(f"{self.when(event):%a %d %b %H:%M}  {event['title']}")
            lines += [f"    {line}" for line in event["body"].splitlines()]
            buttons = "  ".join(f"[{label}]" for _, label in event["actions"])
            lines += [f"    {buttons}", *([f"    -> {event['pressed']}"] if event["pressed"] else []), ""]
        return "\n".join(lines)


def name_of(event: dict[str, Any]) -> str:
    """The reminder that a message is of; its key's first part for any other."""
    return str(event["occurrence"]).partition("/")[0]


def check_restraint(person: Person) -> None:
    """Five messages a day at most, and none from bed to wake."""
    days = Counter(person.when(event).date() for event in person.read)
    assert max(days.values()) <= MOST, days
    for event in person.read:
        moment = person.when(event)
        assert "07:00" <= f"{moment:%H:%M}" < "22:30", f"{moment}: {event['title']}"


def check_times(person: Person, expected: list[tuple[str, str]]) -> None:
    """Every message in this order, not before its time and not much later. An empty time: after the one before."""
    assert person.names() == [name for name, _ in expected]
    before = None
    for event, (name, wall) in zip(person.read, expected, strict=True):
        moment = person.when(event).astimezone(UTC)
        due = at(wall) if wall else before
        assert due
        assert due <= moment < due + LATE, f"{name}: {moment.astimezone(ZONE)}"
        before = moment


def rows(nest: Nest, reminder: str) -> list[Row]:
    """The occurrences of a reminder as they are stored."""
    everything = (datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC))
    with closing(Database(nest.home.state_db, STATE)) as state:
        return occurrences.between(state.connection, reminder, *everything)


def is_done(nest: Nest, reminder: str) -> bool:
    return nest.row(reminder).state == "done"


def entries(nest: Nest) -> list[tuple[str, str, dict[str, Any]]]:
    """What stands in the log, oldest first: kind, night, fields."""
    return [(row["kind"], row["night"], row["fields"]) for row in reversed(nest.asked("entries", "--limit", "100"))]


def settled(nest: Nest, many: int) -> list[tuple[str, str, dict[str, Any]]]:
    """The log, once it has so many entries."""
    wait_for(lambda: len(nest.asked("entries", "--limit", "100")) >= many, 10, f"{many} entries")
    return entries(nest)


def write_down(part: str, text: str) -> None:
    """Keep a transcript."""
    ARTIFACTS.mkdir(exist_ok=True)
    (ARTIFACTS / f"first-day{part}.txt").write_text(text)


@contextmanager
def lived(
    folder: Path, started: str, presses: Mapping[str, str] = PRESSES, config: str = "", rate: float = RATE
) -> Iterator[tuple[Life, Person]]:
    """A life before the witness, whose screen shows text as it is."""
    with (
        private_bus() as bus,
        witness(bus, "--no-markup") as server,
        life(folder, started, rate, {"DBUS_SESSION_BUS_ADDRESS": bus}, config) as one,
    ):
        yield one, Person(one, server, presses)


# --- the first day ---------------------------------------------------------------------------------------------


def test_started_before_wake(tmp_path: Path) -> None:
    with lived(tmp_path, "2026-11-25 06:50") as (one, person):
        one.wait_until("2026-11-25 23:10", person.look)
        log = settled(one.nest, 5)
        write_down("", person.transcript())
        check_times(
            person,
            [
                (WELCOME, "2026-11-25 07:00"),
                (CHECK_IN, "2026-11-25 07:30"),
                (FOLLOW_UP, ""),
                (EVENING, "2026-11-25 19:00"),
                (STRETCH, "2026-11-25 22:00"),
            ],
        )
        check_restraint(person)
        assert [event["title"] for event in person.read] == [
            "Welcome to crampcoach",
            "Any cramps last night?",
            "Any of these signs in a leg?",
            "How was today?",
            "Time for the evening stretch",
        ]
        assert "First a question. Should you limit or watch what you drink?" in person.read[0]["body"]
        assert log == [
            ("profile", "2026-11-24", {"fluids": "free"}),
            ("night", "2026-11-24", {"count": 1}),
            ("symptoms", "2026-11-24", {"numb_or_long": "no", "swelling": "no"}),
            ("journal", "2026-11-25", {"day": "calm"}),
            ("stretch", "2026-11-25", {}),
        ]


def test_started_in_the_afternoon_and_the_day_after(tmp_path: Path) -> None:
    with lived(tmp_path, "2026-11-25 16:00", rate=PROMPT_RATE) as (one, person):
        one.wait_until("2026-11-26 23:10", person.look)
        log = settled(one.nest, 8)
        write_down("-afternoon", person.transcript())
        check_times(
            person,
            [
                (WELCOME, "2026-11-25 16:00"),
                (EVENING, "2026-11-25 19:00"),
                (STRETCH, "2026-11-25 22:00"),
                (CHECK_IN, "2026-11-26 07:30"),
                (FOLLOW_UP, ""),
                (MORNING_OFFER, "2026-11-26 11:00"),
                (EVENING, "2026-11-26 19:00"),
                (STRETCH, "2026-11-26 22:00"),
            ],
        )
        check_restraint(person)
        assert [(kind, night) for kind, night, _ in log] == [
            ("profile", "2026-11-25"),
            ("journal", "2026-11-25"),
            ("stretch", "2026-11-25"),
            ("night", "2026-11-25"),
            ("symptoms", "2026-11-25"),
            ("drink", "2026-11-25"),
            ("journal", "2026-11-26"),
            ("stretch", "2026-11-26"),
        ]


# --- a swollen leg ---------------------------------------------------------------------------------------------


def test_a_swollen_leg_holds_the_stretch_until_somebody_has_looked_at_it(tmp_path: Path) -> None:
    presses = {**PRESSES, FOLLOW_UP: "yes-swelling"}
    config = '[plugins.stretching]\nschedule = "18:00, 20:00, 22:00"\n'
    with lived(tmp_path, "2026-11-25 05:00", presses, config) as (one, person):
        one.wait_until("2026-11-25 12:00", person.look)
        assert person.names() == [WELCOME, CHECK_IN, FOLLOW_UP, "advice"]
        *_, asked, advice = person.read
        assert person.when(advice) - person.when(asked) < LATE
        assert advice["title"] == "Get this looked at today"
        assert "Until a doctor or nurse has looked at this leg, crampcoach holds back stretching" in advice["body"]
        assert "NHS 111" in advice["body"]
        labels = [label for _, label in advice["actions"]]
        assert labels == ["I have read this", "A doctor or nurse has looked at this leg", "More questions"]

        one.wait_until("2026-11-25 18:30", person.look)
        one.stop()
        one.start()
        one.wait_until("2026-11-25 21:00", person.look)
        # Neither before the restart nor after it a stretch; and what was told is not told again.
        assert person.names() == [WELCOME, CHECK_IN, FOLLOW_UP, "advice", EVENING]
        held = {row.wall.hour: (row.state, row.reason) for row in rows(one.nest, STRETCH)}
        assert held == dict.fromkeys((18, 20), ("missed", "held until a doctor or nurse has looked at the leg"))

        (examined,) = (key for key, label in advice["actions"] if label.startswith("A doctor or nurse"))
        person.server.press(advice["id"], examined)
        one.wait_until("2026-11-25 22:30", person.look)
        write_down("-swollen", person.transcript())
        assert person.names()[-1] == STRETCH
        assert [kind for kind, _, _ in settled(one.nest, 6)] == [
            "profile", "night", "symptoms", "journal", "examined", "stretch",
        ]  # fmt: skip


# --- with a mouse ----------------------------------------------------------------------------------------------


def test_the_first_day_with_a_mouse(tmp_path: Path) -> None:
    """On a server that draws: each message is read off the screen, and its button clicked."""
    clicks = [(WELCOME, 2, 3), (CHECK_IN, 1, 3), (FOLLOW_UP, 0, 3), (EVENING, 0, 4), (STRETCH, 0, 4)]
    with private_bus() as bus, virtual_screen() as display, xfce(bus, display):
        env = {"DBUS_SESSION_BUS_ADDRESS": bus, "DISPLAY": display}
        with life(tmp_path, "2026-11-25 06:50", MOUSE_RATE, env) as one:
            for number, (name, button, of) in enumerate(clicks, 1):
                wait_for(lambda: popups(display), 120, name)
                with one.clock.halted():  # however long screenshots and clicks take on a busy machine
                    window = popup(display)
                    assert one.nest.row(name).state == "shown"
                    screenshot(display, ARTIFACTS / f"first-day-{number}-{name}.png")
                    click_button(display, window, button, of)
                    wait_for(partial(is_done, one.nest, name), 30, f"the click on {name} counts")
                poke(one.nest.home.socket_file)
                if name != CHECK_IN:  # upon which another one follows at once
                    wait_for(lambda: not popups(display), 5, "the popup goes")
            assert f"{one.now():%H}" == "22"
            log = settled(one.nest, 5)
            assert [kind for kind, _, _ in log] == ["profile", "night", "symptoms", "journal", "stretch"]
            assert log[1] == ("night", "2026-11-24", {"count": 1})
