"""`crampcoach week`: seven nights, shown and filled in; "don't know" and "not entered" are no nights without cramps."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from agent_process import Nest
from coaching import coach_of
from commands import Commands
from crampcoach.testing import Coach
from desktop import wait_for, waits

EMPTY = {"entered": False, "cramps": None, "at_least": False}
DONT_KNOW = {"entered": True, "cramps": None, "at_least": False}


@pytest.fixture
def coach(tmp_path: Path) -> Iterator[Coach]:
    """It is Sunday, the 22nd; the last seven nights are those of the 15th to the 21st."""
    with coach_of(tmp_path, "cramps", now="2026-11-22 12:00") as coach:
        yield coach


def week(commands: Commands) -> dict[str, dict[str, Any]]:
    rows = commands("week", "--json").json
    return {row["night"]: {key: value for key, value in row.items() if key != "night"} for row in rows}


# --- what it counts --------------------------------------------------------------------------------------------


@pytest.mark.pure
def test_an_empty_week(commands: Commands) -> None:
    assert week(commands) == {f"2026-11-{day}": EMPTY for day in range(15, 22)}
    assert commands.ok("week").splitlines() == [
        "Night of Sun 15 Nov to Mon  not entered",
        "Night of Mon 16 Nov to Tue  not entered",
        "Night of Tue 17 Nov to Wed  not entered",
        "Night of Wed 18 Nov to Thu  not entered",
        "Night of Thu 19 Nov to Fri  not entered",
        "Night of Fri 20 Nov to Sat  not entered",
        "Night of Sat 21 Nov to Sun  not entered",
        "7 nights: 0 with cramps, 0 without, 7 not entered",
    ]


@pytest.mark.pure
def test_a_night_that_is_logged_in_the_evening_is_the_one_that_is_over(coach: Coach, commands: Commands) -> None:
    """A cramp is one of the night that it falls into: from noon on, of the coming one."""
    coach.advance("21:00")
    commands.ok("log", "night", "--count", "0")
    commands.ok("log", "cramp")
    night, cramp = coach.entries("night")[-1].night, coach.entries("cramp")[-1].night
    assert (str(night), str(cramp)) == ("2026-11-21", "2026-11-22")


@pytest.mark.pure
def test_everything_that_can_be_said_of_a_night(commands: Commands) -> None:
    for day, words in (("16", "--count 0"), ("17", "--count 1"), ("18", "--count 2 --at-least"), ("19", ""),
                       ("20", "--count 4")):  # fmt: skip
        commands.ok("log", "night", *words.split(), "--at", f"2026-11-{day}T23:00")
    commands.ok("log", "cramp", "--at", "2026-11-22T03:10")
    assert week(commands) == {
        "2026-11-15": EMPTY,
        "2026-11-16": {"entered": True, "cramps": 0, "at_least": False},
        "2026-11-17": {"entered": True, "cramps": 1, "at_least": False},
        "2026-11-18": {"entered": True, "cramps": 2, "at_least": True},
        "2026-11-19": DONT_KNOW,
        "2026-11-20": {"entered": True, "cramps": 4, "at_least": False},
        "2026-11-21": {"entered": True, "cramps": 1, "at_least": True},
    }
    lines = commands.ok("week", "--show").splitlines()
    assert [text.partition("  ")[2] for text in lines[:-1]] == [
        "not entered", "none", "one", "two or more", "don't know", "two or more", "one",
    ]  # fmt: skip
    assert lines[-1] == "7 nights: 4 with cramps, 1 without, 1 don't know, 1 not entered"


@pytest.mark.pure
def test_the_newest_word_counts(commands: Commands) -> None:
    for at, words in (
        ("2026-11-20T07:30", "--count 0"),
        ("2026-11-20T08:00", "--count 3"),
        ("2026-11-21T07:30", "--count 1"),
        ("2026-11-21T08:00", ""),
    ):
        commands.ok("log", "night", *words.split(), "--at", at)
    assert week(commands)["2026-11-19"]["cramps"] == 3
    assert week(commands)["2026-11-20"] == DONT_KNOW


@pytest.mark.pure
def test_what_says_nothing_of_the_number_changes_nothing(commands: Commands) -> None:
    commands.ok("log", "night", "--count", "2", "--at", "2026-11-20T07:30")
    for night in ("20", "21"):
        commands.ok("log", "night", "--hours-slept", "6.5", "--woken", "2", "--at", f"2026-11-{night}T08:00")
        commands.ok("log", "night", "--note", "warm", "--at", f"2026-11-{night}T08:30")
    assert week(commands)["2026-11-19"]["cramps"] == 2
    assert week(commands)["2026-11-20"] == EMPTY


@pytest.mark.pure
def test_cramps_that_were_logged_are_not_counted_away(commands: Commands) -> None:
    for at in ("2026-11-20T02:00", "2026-11-20T04:30", "2026-11-21T01:00"):
        commands.ok("log", "cramp", "--at", at)
    for at, words in (("2026-11-20T07:30", "--count 1"), ("2026-11-21T07:30", "")):
        commands.ok("log", "night", *words.split(), "--at", at)
    assert week(commands)["2026-11-19"] == {"entered": True, "cramps": 2, "at_least": True}
    assert week(commands)["2026-11-20"] == {"entered": True, "cramps": 1, "at_least": True}


@pytest.mark.pure
@pytest.mark.parametrize(
    ("now", "last"),
    [
        ("2026-11-22 23:59", "2026-11-21"),
        ("2026-11-23 00:30", "2026-11-21"),  # this night has just begun
        ("2026-11-23 04:59", "2026-11-21"),
        ("2026-11-23 05:00", "2026-11-22"),
    ],
)
def test_only_nights_that_are_over(coach: Coach, commands: Commands, now: str, last: str) -> None:
    coach.advance(now)
    assert list(week(commands))[-1] == last


# --- filling it in ---------------------------------------------------------------------------------------------


@dataclass
class Terminal:
    """`crampcoach week` in a terminal of 60 columns, and somebody who types."""

    process: subprocess.Popen[bytes]
    ours: int
    text: str = ""

    def read(self, until: str = "", timeout: float = 20.0) -> None:
        """Read on until what is new ends so; without `until`, until nobody writes any more."""
        end, start = time.monotonic() + timeout, len(self.text)
        while not until or not self.text[start:].endswith(until):
            assert time.monotonic() < end, f"no {until!r} in {self.text!r}"
            ready, _, _ = select.select([self.ours], [], [], 0.1)
            if not ready:
                continue
            try:
                self.text += os.read(self.ours, 65536).decode().replace("\r\n", "\n")
            except OSError:  # it has ended
                assert not until, f"no {until!r} in {self.text!r}"
                return

    def answer(self, *keys: str) -> None:
        """Answer question after question."""
        for key in keys:
            self.read(": ")
            os.write(self.ours, f"{key}\n".encode())

    def end(self) -> int:
        self.read()
        return self.process.wait(10)


@contextmanager
def typing(nest: Nest, *words: str) -> Iterator[Terminal]:
    """Start it; it must have ended by itself at the end."""
    ours, theirs = pty.openpty()
    env = nest.environment(COLUMNS="60", CRAMPCOACH_PLUGINS="cramps")
    process = subprocess.Popen(nest.command("week", *words), stdin=theirs, stdout=theirs, stderr=theirs, env=env)
    os.close(theirs)
    terminal = Terminal(process, ours)
    try:
        yield terminal
        assert "Traceback" not in terminal.text
        assert max(map(len, terminal.text.splitlines())) <= 60, terminal.text
    finally:
        os.close(ours)
        process.kill()
        process.wait()


@pytest.fixture
def nest(tmp_path: Path) -> Nest:
    return Nest(tmp_path)


def entered(nest: Nest) -> list[dict[str, Any]]:
    """What the night entries say, oldest night first."""
    rows = nest.asked("entries", "--kind", "night")
    return [row["fields"] for row in sorted(rows, key=lambda row: str(row["night"]))]


def said(nest: Nest) -> list[str]:
    """The seven nights as a pipe gets them."""
    shown = nest.run("week")
    assert (shown.code, shown.err) == (0, "")
    *lines, _line = shown.out.splitlines()
    return [text.partition("  ")[2] for text in lines]


@pytest.mark.real
def test_a_week_is_filled_in(nest: Nest) -> None:
    with typing(nest) as terminal:
        terminal.answer("n", "1", "2", "?", "", "N", " n ")
        assert terminal.end() == 0
    expected = ["none", "one", "two or more", "don't know", "not entered", "none", "none"]
    assert said(nest) == expected
    assert entered(nest) == [{"count": 0}, {"count": 1}, {"count": 2, "at_least": True}, {}, {"count": 0}, {"count": 0}]
    now = datetime.now(nest.zone).date()
    nights = [row["night"] for row in reversed(nest.asked("entries"))]
    assert nights == [str(now - timedelta(days=ago)) for ago in (7, 6, 5, 4, 2, 1)]
    text = terminal.text
    assert "Cramps in these nights?\nn none, 1 one, 2 two or more, ? don't know\n" in text
    assert re.findall(r"  saved: (.+)", text) == [one for one in expected if one != "not entered"]
    # Somebody had cramps: what would need a doctor.
    assert (
        "Was a leg swollen or numb? Did a cramp last over 10 minutes?\nThen type: crampcoach check-symptoms\n" in text
    )
    assert text.endswith("7 nights: 2 with cramps, 3 without, 1 don't know, 1 not\nentered\n")


@pytest.mark.real
def test_only_what_is_missing_is_asked_unless_all_is(nest: Nest) -> None:
    with typing(nest) as terminal:
        terminal.answer("n", "n", "", "n", "n", "n", "n")
        assert terminal.end() == 0
        assert "swollen" not in terminal.text
    with typing(nest) as terminal:
        terminal.answer("?")
        assert terminal.end() == 0
    with typing(nest) as terminal:
        assert terminal.end() == 0
        assert "Every night is entered; --all asks again.\n" in terminal.text
    assert said(nest) == ["none", "none", "don't know", "none", "none", "none", "none"]
    with typing(nest, "--all") as terminal:
        terminal.answer("1", "", "", "", "", "", "")
        assert terminal.end() == 0
    assert said(nest) == ["one", "none", "don't know", "none", "none", "none", "none"]
    assert len(entered(nest)) == 8


@pytest.mark.real
def test_q_stops_and_nothing_is_lost(nest: Nest) -> None:
    with typing(nest) as terminal:
        terminal.answer("2", "n", "q")
        assert terminal.end() == 0
        assert terminal.text.endswith("7 nights: 1 with cramps, 1 without, 5 not entered\n")
    assert said(nest) == ["two or more", "none", *["not entered"] * 5]


@pytest.mark.real
@pytest.mark.parametrize("how", ["interrupt", "end of file"])
def test_broken_off_nothing_is_lost(nest: Nest, how: str) -> None:
    with typing(nest) as terminal:
        terminal.answer("1", "?")
        terminal.read(": ")
        if how == "interrupt":
            wait_for(lambda: waits(terminal.process), 10, "it waits for a line")
            terminal.process.send_signal(signal.SIGINT)
        else:
            os.write(terminal.ours, b"\x04")
        assert terminal.end() == 130
        assert terminal.text.rstrip().endswith("crampcoach: stopped")
    assert said(nest) == ["one", "don't know", *["not entered"] * 5]


@pytest.mark.real
def test_another_word_is_asked_again(nest: Nest) -> None:
    with typing(nest) as terminal:
        terminal.answer("yes")
        terminal.answer("3", "q")
        assert terminal.end() == 0
    assert terminal.text.count("  Write n, 1, 2, ? or q, or only press Enter.\n") == 2
    assert entered(nest) == []


@pytest.mark.real
@pytest.mark.parametrize("words", [["--show"], ["--json"]])
def test_only_shown_in_a_terminal(nest: Nest, words: list[str]) -> None:
    with typing(nest, *words) as terminal:
        assert terminal.end() == 0
    assert ("Night of" in terminal.text) == (words == ["--show"])
    assert "Cramps in these nights" not in terminal.text


@pytest.mark.real
def test_in_a_pipe_nothing_is_asked(nest: Nest) -> None:
    assert said(nest) == ["not entered"] * 7
    assert said(nest) == ["not entered"] * 7
    assert [row["cramps"] for row in nest.asked("week")] == [None] * 7
