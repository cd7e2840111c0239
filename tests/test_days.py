"""Days as a person lives them, played by the real agent on a handed-in clock: what comes, what waits, what not."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from coaching import titles
from crampcoach import Action, Delivered, Failed, Message, Notifier, NotifierEvents, Reminder, Unconfirmed, hookimpl
from crampcoach import answers as answering
from crampcoach.actions import Snooze, Then
from crampcoach.agent import Agent
from crampcoach.deciding import KEPT_FOR_OTHERS
from crampcoach.planner import new_rows
from crampcoach.showing import Showing
from crampcoach.store import agent_state, occurrences, open_store
from crampcoach.testing import Coach

pytestmark = pytest.mark.pure

MINUTE = timedelta(minutes=1)
HOUR = 60 * MINUTE
COFFEE = """
from crampcoach import Action, Log, Kind, Reminder, hookimpl

@hookimpl
def kinds():
    return [Kind(name="coffee", title="Coffee")]

@hookimpl
def reminders():
    return [Reminder(name="daily", schedule="15:00", say="Coffee?", grace="3h", actions=[Action(label="Had one")])]
"""
COFFEE_KEY = "coffee.daily/2026-11-22/15:00"


def a_plugin(*reminders: Reminder, notifier: Notifier | None = None) -> ModuleType:
    """A plugin made here, so that a test can hold its calls up."""
    made = ModuleType("given_plugin", "A module.")
    hooks: dict[str, Any] = {"reminders": lambda: list(reminders)}
    if notifier:
        hooks["notifiers"] = lambda: [notifier]
    for name, hook in hooks.items():
        hook.__name__, hook.__module__ = name, made.__name__
        vars(made)[name] = hookimpl(hook)
    return made


def a_reminder(name: str, at: str, **more: Any) -> Reminder:
    return Reminder(**{"name": name, "schedule": at, "say": name.upper(), "grace": "3h", **more})


class Held:
    """A `say` that composes its message only when it may."""

    def __init__(self, says: str | None) -> None:
        self.may, self._says = threading.Event(), says

    def __call__(self, ctx: object, occurrence: object) -> Message | None:
        self.may.wait(10)
        return Message(title=self._says) if self._says else None


def nothing_to_say(ctx: object, occurrence: object) -> Message | None:
    return None


def becomes(coach: Coach, reminder: str = "*") -> list[tuple[str, str]]:
    return [(row.state, row.reason) for row in coach.rows(reminder)]


def by_command(coach: Coach, key: str, then: Then) -> None:
    """An answer from another process, while the agent is busy."""
    with_own_files = open_store(coach.home, coach.clock.now())
    action = Action(label="By command", then=then)
    assert answering.record(with_own_files, key, action, coach.clock.now(), coach.clock.zone())
    with_own_files.close()


def minute_by_minute(coach: Coach, minutes: int) -> None:
    """Time passes, and nobody waits for what is under way."""
    for _ in range(minutes):
        coach.clock.set(coach.clock.now() + MINUTE)
        coach.agent.turn()


# --- the day's number of messages ------------------------------------------------------------------------------

ONE_A_DAY = "[notify]\nmax_per_day = 1\n"


def test_a_message_that_nobody_could_show_does_not_use_up_the_days_number(tmp_path: Path) -> None:
    with Coach(tmp_path, now="2026-11-22 14:59", config=ONE_A_DAY) as coach:
        coach.load("coffee", COFFEE)
        coach.recorder.verdict = Failed("the bus is down")
        coach.advance("15:00")
        assert becomes(coach) == [("due", "nobody could show it (recorder: the bus is down)")]
        assert coach.rows()[0].shown is None
        coach.recorder.verdict = Delivered("recorded")
        coach.advance("15:01")
        assert titles(coach) == ["Coffee?"]


def test_a_show_that_failed_leaves_the_row_as_it_was(tmp_path: Path) -> None:
    with Coach(tmp_path, now="2026-11-22 14:59") as coach:
        coach.load("coffee", COFFEE)
        coach.advance("15:00")
        coach.press("snooze")
        (before,) = coach.rows()
        coach.recorder.verdict = Failed("the bus is down")
        coach.advance("15:10")
        (after,) = coach.rows()
        assert after.retry is not None
        assert replace(after, retry=None, reason="") == before


def test_what_comes_every_minute_costs_nobody_else_their_turn(tmp_path: Path) -> None:
    with Coach(tmp_path, now="2026-11-22 11:59") as coach:
        coach.load("often", a_plugin(a_reminder("again", "every 1m")))
        coach.load("p", a_plugin(a_reminder("a", "13:00"), a_reminder("b", "21:00")))
        coach.load("q", a_plugin(a_reminder("c", "13:01"), a_reminder("never", "mon 14:00")))
        coach.load("done", a_plugin(a_reminder("early", "20:00")))
        coach.advance("12:01")
        with coach.agent.store.state.transaction() as connection:  # as `crampcoach done` does it before its time
            planned = coach.agent.roster.planned("done.early")
            assert planned
            (row,) = new_rows(
                planned, coach.clock.now(), coach.clock.now() + 9 * HOUR, coach.clock.zone(), "Europe/Berlin"
            )
            occurrences.insert_new(connection, [replace(row, state="done")])
        coach.advance("21:00")
        # Eight a day: six, and two are left for the first of p and of q. What is done or of another day needs no place.
        assert titles(coach) == ["AGAIN"] * 6 + ["A", "C"]
        reasons = Counter(row.reason for row in coach.rows("often.*") if row.state == "missed")
        assert reasons[KEPT_FOR_OTHERS] > 50
        assert coach.rows("p.b")[0].reason == "the day's number of messages was reached"


@pytest.mark.parametrize(("says", "then"), [("Slow", ["Slow"]), (None, ["B"])])
def test_a_message_that_is_being_composed_keeps_its_place_until_it_comes_to_nothing(
    tmp_path: Path, says: str | None, then: list[str]
) -> None:
    slow = Held(says)
    with Coach(tmp_path, now="2026-11-22 14:59", config=ONE_A_DAY) as coach:
        coach.load("p", a_plugin(a_reminder("a", "15:00", say=slow), a_reminder("b", "15:01")))
        _ = coach.agent
        minute_by_minute(coach, 2)
        assert coach.states() == ["due", "due"]
        slow.may.set()
        coach.settle()
        assert titles(coach) == then


# --- newer and older -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("gap", [False, True])
def test_the_newer_slot_takes_the_place_of_the_older_however_long_that_was_put_off(tmp_path: Path, gap: bool) -> None:
    with Coach(tmp_path, now="2026-11-22 09:59") as coach:
        coach.load("p", a_plugin(a_reminder("h", "every 1h 09:00-18:00", grace="50m", snooze=65)))
        coach.advance("10:00")
        coach.press("snooze")
        if gap:
            coach.jump("11:08")
        else:
            coach.advance("11:08")
        assert becomes(coach) == [("shown", ""), ("expired", "a newer one took its place")]
        assert [f"{row.wall:%H:%M}" for row in coach.rows()] == ["11:00", "10:00"]


def test_after_midnight_is_newer_than_before_where_the_day_ends_later(tmp_path: Path) -> None:
    config = '[day]\nwake = "08:30"\nbed = "01:15"\n'
    with Coach(tmp_path, now="2026-11-22 22:59", config=config) as coach:
        coach.load("p", a_plugin(a_reminder("late", "every 30m 23:30-00:30", quiet="show", snooze=70)))
        coach.advance("2026-11-22 23:30")
        coach.press("snooze")
        coach.advance("2026-11-23 00:30")
        assert {f"{row.wall:%H:%M}": row.state for row in coach.rows()} == {
            "23:30": "expired", "00:00": "expired", "00:30": "shown",
        }  # fmt: skip


# --- while a plugin composes -----------------------------------------------------------------------------------


def test_a_snooze_by_command_while_the_plugin_finds_nothing_to_say_is_kept(tmp_path: Path) -> None:
    slow = Held(None)
    with Coach(tmp_path, now="2026-11-22 14:59") as coach:
        coach.load("p", a_plugin(a_reminder("a", "15:00", say=slow)))
        _ = coach.agent
        minute_by_minute(coach, 1)
        by_command(coach, "p.a/2026-11-22/15:00", Snooze(30))
        slow.may.set()
        coach.settle()
        assert becomes(coach) == [("snoozed", "")]


# --- pauses ----------------------------------------------------------------------------------------------------


def paused(coach: Coach, *reminders: Reminder) -> None:
    """A pause from 14:50 to 15:20, lived through."""
    coach.load("p", a_plugin(*reminders))
    now = coach.clock.now()
    answering.pause(coach.agent.store, now, now + 30 * MINUTE)
    coach.advance("15:19")
    assert {row.state for row in coach.rows()} == {"deferred"}
    coach.advance("15:20")


def test_after_a_pause_each_message_speaks_for_itself_with_its_own_buttons(tmp_path: Path) -> None:
    yes = Action(label="Yes")
    with Coach(tmp_path, now="2026-11-22 14:50") as coach:
        paused(
            coach,
            a_reminder("a", "15:00", actions=(yes,)),
            a_reminder("b", "15:01", actions=(yes,), catch_up="skip"),
            a_reminder("none", "15:02", say=nothing_to_say, catch_up="skip"),
        )
        # Three are a flood, of which a line each is told.
        assert [message.body for message in coach.sent] == ["15:00  A\n15:01  B\n15:02  None"]

    with Coach(tmp_path / "two", now="2026-11-22 14:50") as coach:
        paused(
            coach,
            a_reminder("a", "15:00", actions=(yes,)),
            a_reminder("b", "15:01", actions=(yes,), catch_up="skip"),
        )
        assert [(one.title, one.actions[0].label) for one in coach.sent] == [("A", "Yes"), ("B", "Yes")]


def test_what_was_held_back_and_could_not_be_shown_at_once_is_still_not_overdue(tmp_path: Path) -> None:
    with Coach(tmp_path, now="2026-11-22 14:50") as coach:
        coach.recorder.verdict = Failed("the bus is down")
        paused(coach, a_reminder("a", "15:00", catch_up="skip"))
        coach.recorder.verdict = Delivered("recorded")
        coach.advance("15:30")
        assert titles(coach) == ["A"]


def test_a_message_that_lists_others_names_them_readably(tmp_path: Path) -> None:
    with Coach(tmp_path, now="2026-11-22 14:50") as coach:
        composed = a_reminder("evening-stretch_two", "15:00", say=nothing_to_say)
        coach.load("p", a_plugin(composed, a_reminder("b", "15:05", say=Message(title="Its title"))))
        _ = coach.agent
        coach.jump("15:30")
        assert [message.body for message in coach.sent] == ["15:00  Evening stretch two\n15:05  Its title"]


# --- messages of an earlier run --------------------------------------------------------------------------------


class Forgetful:
    """A notifier that has lost every message of an earlier run, and says so only when told to."""

    name = "forgetful"

    def __init__(self) -> None:
        self.may_say, self.withdrawn = threading.Event(), list[str]()

    def start(self, events: NotifierEvents) -> None:
        self.events = events

    def show(self, message: Message) -> Delivered:
        return Delivered("1")

    def withdraw(self, occurrence: str) -> None:
        self.withdrawn.append(occurrence)

    def adopt(self, occurrence: str, receipt: str) -> bool:
        self.may_say.wait(10)
        return False

    def close(self) -> None:
        """Nothing to close."""


@pytest.mark.parametrize(
    ("by", "says_so"), [("forgetful", "show"), ("recorder", "_taken")], ids=["while on its way", "once delivered"]
)
def test_what_was_shown_anew_is_not_lost_with_the_message_of_an_earlier_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, by: str, says_so: str
) -> None:
    notifier, original = Forgetful(), getattr(Showing, says_so)

    def then_say_so(self: Showing, *given: Any) -> None:
        original(self, *given)
        notifier.may_say.set()

    monkeypatch.setattr(Showing, says_so, then_say_so)
    with Coach(tmp_path, now="2026-11-22 14:59", config='[notify]\norder = ["forgetful"]\n') as coach:
        coach.load("coffee", COFFEE)
        coach.load("notifier", a_plugin(notifier=notifier))
        coach.advance("15:00")
        by_command(coach, COFFEE_KEY, Snooze(10))
        coach.stop()  # before it took the popup away
        coach.clock.set(coach.clock.now() + 12 * MINUTE)
        coach.configure(f'[notify]\norder = ["{by}"]\n')
        notifier.may_say.clear()
        (row,) = coach.rows()
        assert (row.state, row.shows, row.notifier, row.closed) == ("shown", 1, by, "")
        by_command(coach, COFFEE_KEY, Action(label="Done").then)
        coach.settle()
        assert [*notifier.withdrawn, *coach.recorder.withdrawn][-1:] == [COFFEE_KEY]


def test_what_was_said_lost_while_it_was_shown_anew_is_taken_away_in_the_end(tmp_path: Path) -> None:
    with Coach(tmp_path, now="2026-11-22 14:59") as coach:
        coach.load("coffee", COFFEE)
        agent, show, may = coach.agent, coach.recorder.show, threading.Event()

        def held_show(message: Message) -> Delivered | Unconfirmed | Failed:
            may.wait(10)
            return show(message)

        vars(coach.recorder)["show"] = held_show
        minute_by_minute(coach, 1)
        agent.presses.events("recorder").closed(COFFEE_KEY, "lost")  # another message than the one that is on its way
        agent.turn()
        may.set()
        coach.settle()
        assert [(row.state, row.notifier, row.closed) for row in coach.rows()] == [("shown", "recorder", "")]
        by_command(coach, COFFEE_KEY, Action(label="Done").then)
        coach.settle()
        assert coach.recorder.withdrawn == [COFFEE_KEY]


# --- what the next run goes by ---------------------------------------------------------------------------------

TWICE = a_plugin(a_reminder("a", "12:00, 18:00", grace="5h"))
EARLIER = a_plugin(a_reminder("a", "13:00, 18:00", grace="5h"))


def in_force(coach: Coach) -> tuple[dict[str, str], str | None]:
    state = open_store(coach.home, coach.clock.now())
    try:
        return agent_state.rules(state.state.connection), agent_state.mark(state.state.connection, "swept_until")
    finally:
        state.close()


def walls(coach: Coach) -> list[str]:
    return [f"{row.wall:%H:%M}" for row in coach.rows()]


def test_while_nothing_is_due_nothing_is_written(tmp_path: Path) -> None:
    with Coach(tmp_path, now="2026-11-22 11:00") as coach:
        coach.load("p", TWICE)
        coach.advance("12:00")
        coach.press("Done")
        before = in_force(coach), coach.agent.store.state.connection.total_changes
        minute_by_minute(coach, 350)
        assert (in_force(coach), coach.agent.store.state.connection.total_changes) == before


def test_an_edit_makes_nothing_due_in_the_past_also_for_the_next_run(tmp_path: Path) -> None:
    with Coach(tmp_path, now="2026-11-22 11:00") as coach:
        coach.load("p", TWICE)
        coach.advance("14:00")  # the last that was due, and so the mark, was at 12:00
        coach.configure('[plugins.p]\nschedule = "13:00, 18:00"\n')
        coach.restart()
        assert walls(coach) == ["12:00"]


def test_rules_and_the_mark_up_to_which_they_were_swept_are_written_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Coach(tmp_path, now="2026-11-22 11:00") as coach:
        coach.load("p", TWICE)
        coach.advance("14:00")
        before = in_force(coach)

        def killed(*_: object) -> None:
            raise OSError("killed here")

        with monkeypatch.context() as patched:
            patched.setattr(agent_state, "set_mark", killed)
            coach.configure('[plugins.p]\nschedule = "13:00, 18:00"\n')
            assert in_force(coach) == before
        coach.restart()
        assert walls(coach) == ["12:00"]


def test_an_edit_while_nothing_ran_is_still_one_after_a_start_that_was_killed(tmp_path: Path) -> None:
    goes_on = tmp_path / "goes-on"
    slow = f"import pathlib, time\nwhile not pathlib.Path({str(goes_on)!r}).exists():\n    time.sleep(0.01)\n"
    with Coach(tmp_path, now="2026-11-22 11:00") as coach:
        coach.load("p", TWICE)
        coach.advance("12:00")
        coach.stop()
        coach.load("p", EARLIER)
        coach.load("slow", slow, strict=False)
        coach.clock.set(coach.clock.now() + timedelta(hours=2))
        first = Agent(coach.home, coach.clock, coach.said.append, given=coach._given, only=coach._names)
        first.startup()
        while "p" not in first.roster.loaded:
            first.turn()
        assert first.timetable.starting
        first.shutdown()
        goes_on.touch()
        for thread in threading.enumerate():
            if thread.name.startswith("slow:"):
                thread.join(60)
        assert walls(coach) == ["12:00"]


@pytest.mark.parametrize("until", ["11:30", "13:30"])
def test_a_slot_of_the_time_in_which_nothing_ran_is_caught_up(tmp_path: Path, until: str) -> None:
    with Coach(tmp_path, now="2026-11-22 11:00") as coach:
        coach.load("p", TWICE)
        coach.advance(until)
        coach.stop()
        coach.clock.set(coach.clock.now() + timedelta(hours=7))
        assert walls(coach) == ["12:00", "18:00"]


# --- clocks that are set ---------------------------------------------------------------------------------------


def test_a_clock_that_jumps_has_housekeeping_planned_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Coach(tmp_path, now="2026-11-22 11:00") as coach:
        rebuilt: list[datetime] = []
        housekeeping = type(coach.agent.housekeeping)
        monkeypatch.setattr(housekeeping, "rebuild", lambda _self: rebuilt.append(coach.clock.now()))
        coach.advance("11:30")
        assert rebuilt == []
        coach.jump("14:00")
        coach.advance("14:30")
        assert len(rebuilt) == 1
        coach.jump("13:00")
        assert len(rebuilt) == 2


def test_a_merged_message_counts_once_against_the_days_number(tmp_path: Path) -> None:
    source = a_plugin_of_many(9)
    with Coach(tmp_path, now="2026-11-22 08:30") as coach:
        coach.load("many", source)
        coach.load("stretching")
        coach.settle()
        coach.jump("18:30")
        assert [message.title for message in coach.sent] == ["While you were away"]
        coach.advance("22:00")
        assert coach.sent[-1].title == "Time for the evening stretch"


def a_plugin_of_many(many: int) -> str:
    return (
        "from crampcoach import *\n@hookimpl\ndef reminders():\n"
        "    times = [f'{9 + n % 8:02}:1{n}' for n in range(MANY)]\n"
        "    return [Reminder(name=f'r{n}', schedule=at, grace='12h', say=at) for n, at in enumerate(times)]\n"
    ).replace("MANY", str(many))
