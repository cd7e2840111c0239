"""An afternoon with two reminders, played by the real agent on a handed-in clock, that dies wherever it is told to.

`os._exit` in the middle of it is to the files what kill -9 is, and it hits one place exactly. What stood on the screen
is kept in a file, since a notification server does not die with the agent.

    python tests/crashing.py die FOLDER POINT       play until the named point, and die there
    python tests/crashing.py everywhere FOLDER      die at each write and each call of the notifier, then go on
"""

from __future__ import annotations

import json
import os
import pickle
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any

from crampcoach import answers
from crampcoach.clock import to_wall
from crampcoach.delivery import Delivery
from crampcoach.model import Message
from crampcoach.notifier import Delivered, Failed, Unconfirmed
from crampcoach.showing import Showing
from crampcoach.store import answers as stored_answers
from crampcoach.store.database import Database
from crampcoach.testing import Coach

DIED = 77
COFFEE = """\
from dataclasses import dataclass

from crampcoach import Action, Entry, Kind, Log, Message, Reminder, hookimpl

@dataclass(frozen=True)
class Cups:
    cups: int

@dataclass(frozen=True)
class Told:
    action: str

@hookimpl
def kinds():
    return [
        Kind(name="coffee", title="Coffee", fields=Cups),
        Kind(name="echo", title="What responded was told", fields=Told),
    ]

def compose(ctx, occurrence):
    return Message(title="Tea?")

@hookimpl
def reminders():
    had = Action(label="Had one", then=Log("coffee", cups=1))
    return [
        Reminder(name="daily", schedule="15:00", say="Coffee today?", actions=[had]),
        Reminder(name="tea", schedule="15:30", say=compose),
    ]

@hookimpl
def responded(ctx, occurrence, action):
    return [Entry(kind="echo", fields={"action": action.key})]
"""
COFFEE_KEY, TEA_KEY = "coffee.daily/2026-11-22/15:00", "coffee.tea/2026-11-22/15:30"

#: Where to die: in place of this function.
POINTS: dict[str, tuple[Any, str]] = {
    "before the notifier is called": (Delivery, "show"),
    "before `delivered` is stored": (Showing, "_taken"),
    "before the answer is stored": (answers, "record"),
    "before the log entry": (answers, "enter"),
    "before the plugin makes its entries": (answers, "_ask"),
    "before the answer is marked as entered": (stored_answers, "mark_entered"),
}


class Screen:
    """What a notification server would have seen: a line of pickles that outlives the agent."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.events: list[tuple[str, Any]] = []
        if path.exists():
            with path.open("rb") as file:
                while file.peek(1):
                    self.events.append(pickle.load(file))

    def note(self, event: str, value: Any) -> None:
        self.events.append((event, value))
        with self.path.open("ab") as file:
            file.write(pickle.dumps((event, value)))

    def open(self) -> dict[str, Message]:
        """The messages that are still there."""
        there: dict[str, Message] = {}
        for event, value in self.events:
            if event == "shown":
                there[value.occurrence] = value
            elif event in ("pressed", "withdrawn"):
                there.pop(value, None)
        return there

    def shown(self) -> list[str]:
        """Every occurrence that was put on it, in order."""
        return [value.occurrence for event, value in self.events if event == "shown" and value.occurrence]


def coach_at(folder: Path, now: str = "2026-11-22 14:50", point: Callable[[str], None] = lambda _name: None) -> Coach:
    """A Coach in this folder, before the same screen as the ones before it. It goes on when they died."""
    screen = Screen(folder / "screen")
    passed = [value for event, value in screen.events if event == "time"]
    coach = Coach(folder, now=max([now, *passed]))
    coach.stop()  # it starts when everything below stands
    coach.load("coffee", COFFEE)
    recorder = coach.recorder
    recorder.open = screen.open()
    show, withdraw = recorder.show, recorder.withdraw

    def kept_show(message: Message) -> Delivered | Unconfirmed | Failed:
        point(f"before {message.occurrence} is shown")
        verdict = show(message)
        screen.note("shown", message)
        point(f"after {message.occurrence} was shown")
        return verdict

    def kept_withdraw(occurrence: str) -> None:
        point(f"before {occurrence} is withdrawn")
        withdraw(occurrence)
        screen.note("withdrawn", occurrence)
        point(f"after {occurrence} was withdrawn")

    vars(recorder).update(show=kept_show, withdraw=kept_withdraw, screen=screen)
    set_clock = coach.clock.set

    def kept_set(now: datetime | None = None, zone: tzinfo | None = None) -> None:
        set_clock(now, zone)
        screen.note("time", f"{to_wall(coach.clock.now(), coach.clock.zone()):%Y-%m-%d %H:%M:%S}")

    vars(coach.clock)["set"] = kept_set
    return coach


def screen_of(coach: Coach) -> Screen:
    """The screen that `coach_at` put before the coach."""
    screen = vars(coach.recorder)["screen"]
    assert isinstance(screen, Screen)
    return screen


def press(coach: Coach, key: str) -> None:
    """The person presses a button of the coffee's message, which the server then takes away."""
    screen_of(coach).note("pressed", COFFEE_KEY)
    coach.press(key, COFFEE_KEY)


def answered(coach: Coach) -> list[str]:
    """The keys of the stored answers to the coffee."""
    found = coach.agent.store.state.connection.execute("SELECT action FROM answers ORDER BY id")
    return [json.loads(text)[0] for (text,) in found]


def afternoon(coach: Coach) -> None:
    """Coffee is snoozed once, then had; tea is left alone until its grace is over."""
    for to in ("15:00", "15:05", "15:15", "15:25", "15:30", "15:50", "17:00"):
        coach.advance(f"2026-11-22 {to}")  # nothing, where that is past
        if COFFEE_KEY in coach.recorder.open:
            press(coach, "had-one" if "snooze" in answered(coach) else "snooze")
    coach.settle()


def die(folder: Path, name: str) -> None:
    """Play until the named point, and die there."""
    owner, function = POINTS[name]
    original = getattr(owner, function)

    def dying(*args: Any, **kwargs: Any) -> Any:
        # The welcome message is no occurrence.
        if any(isinstance(value, Message) and not value.occurrence for value in args):
            return original(*args, **kwargs)
        os._exit(DIED)

    setattr(owner, function, dying)
    with coach_at(folder) as coach:
        coach.advance("2026-11-22 15:00")
        press(coach, "had-one")


# --- everywhere ------------------------------------------------------------------------------------------------


class Points:
    """Counts the places that can be died at, and dies at one of them."""

    def __init__(self, fatal: int) -> None:
        self.fatal, self.passed = fatal, 0

    def __call__(self, name: str) -> None:
        if self.passed == self.fatal:
            os._exit(DIED)
        self.passed += 1


def in_child(folder: Path, fatal: int) -> bool:
    """Play the afternoon, or go on with it, in a forked child that dies at a point; whether it did."""
    pid = os.fork()
    if pid == 0:
        try:
            point = Points(fatal)
            die_at_commits(point)
            with coach_at(folder, point=point) as coach:
                afternoon(coach)
            os._exit(0)
        except BaseException:
            import traceback

            traceback.print_exc()
            os._exit(1)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    assert code in (0, DIED), f"point {fatal}: exit code {code}"
    return code == DIED


def die_at_commits(point: Callable[[str], None]) -> None:
    """Make each write of this process two points: just before and just after it is committed."""
    original = Database.transaction

    @contextmanager
    def transaction(self: Database) -> Iterator[Any]:
        with original(self) as connection:
            yield connection
            point("before a commit")
        point("after a commit")

    setattr(Database, "transaction", transaction)  # noqa: B010 - mypy minds the assignment


def judge(folder: Path) -> list[str]:
    """What is wrong after an afternoon that was interrupted."""
    wrong: list[str] = []

    def expect(true: object, sentence: str) -> None:
        if not true:
            wrong.append(sentence)

    with coach_at(folder) as coach:
        coach.settle()
        screen, rows = screen_of(coach), {row.key: row for row in coach.rows()}
        expect(set(rows) == {COFFEE_KEY, TEA_KEY}, f"rows: {sorted(rows)}")
        if wrong:
            return wrong
        given = answered(coach)
        for key, row in rows.items():
            told = f"{key}: {row.state} ({row.reason})"
            cut_short = row.reason == "crampcoach was stopped while it was being shown"
            pressed = sum(event == "pressed" for event, _ in screen.events) if key == COFFEE_KEY else 0
            if row.state == "missed" or cut_short:
                # Two deaths in a row, each while it was being shown; one that was snoozed is not missed but expired.
                expect(cut_short and row.shows == 2, told)
            elif row.state == "expired" and pressed > len(given):
                expect(row.shows == 2, told)  # A press that died with the agent, on what had been shown twice.
            else:
                expect(row.state == ("done" if key == COFFEE_KEY else "expired"), told)
                expect(key in screen.shown(), f"{told}, never shown")
        expect((rows[COFFEE_KEY].state == "done") == ("had-one" in given), f"done, and answered {given}")
        due, times = 0, Counter[tuple[str, int]]()
        for event, value in screen.events:
            if event == "pressed":
                due += 1  # each press is either a snooze or the end, unless it was lost with the agent
            elif event == "shown" and value.occurrence:
                times[value.occurrence, due] += 1
        expect(max(times.values()) <= 2, f"shown too often: {times}")
        unentered = stored_answers.unentered(coach.agent.store.state.connection)
        expect(not unentered, f"not entered: {unentered}")
        made = Counter((entry.kind, entry.fields.get("action", "")) for entry in coach.entries())
        wanted = Counter(("echo", key) for key in given)
        wanted["coffee", ""] = given.count("had-one")
        expect(made == +wanted, f"entries {made}, answers {given}")
        # Killed twice just after it was shown, nobody has learnt how to take it away.
        unknown = {key for key, row in rows.items() if row.shows == 2 and not row.receipt}
        left = [key for key in screen.open() if key and key not in unknown]
        expect(not left, f"still on the screen: {left}")
    return wrong


def everywhere(folder: Path) -> None:
    """Die at each point of the afternoon, die again while going on, go on; print how many points there are."""
    fatal, again = 0, 0
    while True:
        here = folder / str(fatal)
        here.mkdir()
        died = in_child(here, fatal)
        # The second death wanders through the points of going on.
        again += in_child(here, fatal * 7 % 45)
        in_child(here, -1)
        pid = os.fork()
        if pid == 0:
            wrong = judge(here)
            print("\n".join(f"point {fatal}: {sentence}" for sentence in wrong), flush=True, end="\n" if wrong else "")
            os._exit(bool(wrong))
        if os.waitpid(pid, 0)[1] != 0:
            sys.exit(f"died at point {fatal} and again at {fatal * 7 % 45}")
        if not died:
            break
        fatal += 1
    print(json.dumps({"points": fatal, "died again": again}))


if __name__ == "__main__":
    if sys.argv[1] == "die":
        die(Path(sys.argv[2]), sys.argv[3])
    else:
        everywhere(Path(sys.argv[2]))
