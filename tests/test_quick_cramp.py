"""`crampcoach cramp left calf 7 3m`: a few words in any order, and nothing saved that was not understood."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from coaching import coach_of
from commands import Commands
from crampcoach.testing import Coach

pytestmark = pytest.mark.pure


@pytest.fixture
def coach(tmp_path: Path) -> Iterator[Coach]:
    with coach_of(tmp_path, "cramps", now="2026-11-22 03:15") as coach:
        yield coach


@pytest.mark.parametrize("words", list(itertools.permutations(["left", "calf", "7", "3m"])), ids=" ".join)
def test_in_any_order(coach: Coach, commands: Commands, words: tuple[str, ...]) -> None:
    said = commands.ok("cramp", *words)
    (entry,) = coach.entries("cramp")
    assert entry.fields == {"side": "left", "muscle": "calf", "severity": 7, "duration": 3.0}
    assert said.startswith("saved: cramp, Sun 22 Nov 03:15, ")
    assert sorted(said.split(", ")[2:]) == ["3 min", "7 of 10", "calf", "left"]


@pytest.mark.parametrize(
    ("words", "fields"),
    [
        ("", {}),
        ("RIGHT Toes", {"side": "right", "muscle": "toes"}),
        ("l feet", {"side": "left", "muscle": "foot"}),
        ("0", {"severity": 0}),
        ("7/10", {"severity": 7}),
        ("10 10", {"severity": 10}),
        ("90s", {"duration": 1.5}),
        ("3min", {"duration": 3.0}),
        ("2.5m", {"duration": 2.5}),
        ("1m30s", {"duration": 1.5}),
    ],
)
def test_what_words_mean(coach: Coach, commands: Commands, words: str, fields: dict[str, Any]) -> None:
    commands.ok("cramp", *words.split(), "--at", "03:10", "--note", "hush")
    (entry,) = coach.entries("cramp")
    assert (entry.fields, entry.note) == (fields, "hush")
    assert entry.at is not None
    assert entry.at.isoformat() == "2026-11-22T03:10:00+01:00"


def test_a_part_of_the_night_in_place_of_a_time(coach: Coach, commands: Commands) -> None:
    coach.advance("09:00")
    assert commands.ok("cramp", "late", "both") == "saved: cramp, night of Sat 21 Nov, late, both"
    assert commands.ok("cramp", "--at", "early") == "saved: cramp, night of Sat 21 Nov, early"
    late, early = coach.entries("cramp")[::-1]
    assert (early.fields, early.night) == ({"part": "early"}, late.night)
    assert late.fields == {"part": "late", "side": "both"}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("lft calf", "'lft' is no word for a cramp; did you mean 'left'?; nothing was saved"),
        ("left cafl", "'cafl' is no word for a cramp; did you mean 'calf'?; nothing was saved"),
        ("wombat", "'wombat' is no word for a cramp; there are left, right, both, calf, foot, toes, thigh, other, "),
        ("3x", "'3x' is no word for a cramp (a length has its unit: 3m, 90s, 1h); nothing was saved"),
        ("11", "11 is not accepted; accepted is a whole number from 0 to 10; nothing was saved"),
        ("25h", "1500 is not accepted; accepted is a number from 0 to 1440; nothing was saved"),
        ("7 3", "7 of 10 and 3 of 10 both say how bad: leave one out; nothing was saved"),
        ("left right", "left and right both say which leg: leave one out; nothing was saved"),
        ("3m 90s", "3 min and 1.5 min both say how long: leave one out; nothing was saved"),
        ("early --at middle", "--at middle and --part early are two different parts: leave one out"),
        ("left --at tomorrow", "--at 'tomorrow': write 03:10, "),
        ("left --at 2026-11-22T03:30", "--at '2026-11-22T03:30' is in the future; only what has happened is logged"),
        ("unknown", "'unknown' is no word for a cramp; there are "),
    ],
)
def test_what_is_not_understood_is_named_and_nothing_is_saved(
    coach: Coach, commands: Commands, words: str, sentence: str
) -> None:
    assert commands.fails("cramp", *words.split(), status=2).startswith(sentence)
    assert coach.entries() == ()


def test_advice_comes_first(coach: Coach, commands: Commands) -> None:
    lines = commands.ok("cramp", "left", "15m").splitlines()
    assert lines[1] == "GET THIS LOOKED AT TODAY"
    assert lines[-1] == "saved: cramp, Sun 22 Nov 03:15, left, 15 min"
