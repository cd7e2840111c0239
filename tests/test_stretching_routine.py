"""Routines as data: the bundled ones say where they come from, and a file of the person's own is checked in one go."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as st

from crampcoach_stretching.routine import (
    FOLDER,
    OWN,
    Routine,
    RoutineProblem,
    Step,
    bundled_routine,
    in_words,
    own_routine,
    total_seconds,
)

pytestmark = pytest.mark.pure

NAMES = sorted(path.stem for path in FOLDER.glob("*.toml"))


def read(folder: Path, text: str) -> Routine:
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return own_routine(path)


def problems(folder: Path, text: str) -> list[str]:
    with pytest.raises(RoutineProblem) as problem:
        read(folder, text)
    start = f"{folder / 'mine.toml'}: "
    lines = str(problem.value).splitlines()
    assert all(line.startswith(start) for line in lines)
    return [line.removeprefix(start) for line in lines]


# --- bundled ---------------------------------------------------------------------------------------------------


def test_there_are_two() -> None:
    assert NAMES == ["evening-seated", "evening-standing"]


@pytest.mark.parametrize("name", NAMES)
def test_a_bundled_routine_names_its_grade_its_limits_and_its_sources(name: str) -> None:
    routine = bundled_routine(name)
    assert routine.name == name
    assert "Low certainty" in routine.certainty
    assert "very low" in routine.certainty
    assert "55 and over" in routine.limits
    assert routine.sources == ("hallegraeff-2012", "coppin-2005", "cochrane-nondrug-2021")
    assert routine.tags == ("stretch",)
    assert routine.position in name


@pytest.mark.parametrize("name", NAMES)
def test_its_words_are_plain_and_promise_nothing(name: str) -> None:
    routine = bundled_routine(name)
    said = [routine.setup, routine.throughout, *(step.instruction for step in routine.steps)]
    for text in said:
        assert not re.search(r"\b(will|cures?|prevents?|must|should|always|never|relax)\b|!", text, re.IGNORECASE)
        for sentence in re.split(r"(?<=[.])\s", text):
            assert len(sentence.split()) <= 25, sentence
    assert "does not hurt" in routine.throughout
    assert "breathing" in routine.throughout


def test_seated_means_seated() -> None:
    routine = bundled_routine("evening-seated")
    everything = " ".join(
        [routine.title, routine.setup, *(f"{step.title} {step.instruction}" for step in routine.steps)]
    )
    assert not re.search(r"\b(stand|standing|wall|worktop|stairs)\b", everything, re.IGNORECASE)
    assert "chair that cannot slide" in routine.setup


def test_standing_has_something_to_hold_on_to() -> None:
    routine = bundled_routine("evening-standing")
    assert "hold on to" in routine.setup
    assert "injury or operation" in routine.setup
    assert routine.throughout.startswith("Hold on.")


# --- of the person's own ---------------------------------------------------------------------------------------


def test_the_shortest(tmp_path: Path) -> None:
    routine = read(tmp_path, 'title = "Legs"\n[[steps]]\ntitle = "Calf"\n')
    assert routine.steps == (Step(title="Calf", side="turns", hold=10, rest=10, times=3),)
    assert (routine.name, routine.title, routine.position) == ("mine", "Legs", "seated")
    assert (routine.certainty, routine.sources, routine.tags) == (OWN, (), ("stretch",))


def test_everything_that_can_be_set(tmp_path: Path) -> None:
    routine = read(
        tmp_path,
        'title = "Füße"\nposition = "standing"\nsetup = "Socks off."\nthroughout = "Breathe."\nready = 0\nchange = 7\n'
        '[[steps]]\ntitle = "Sole"\nside = "left"\ninstruction = "Roll it."\nhold = 600\nrest = 0\ntimes = 1\n',
    )
    assert routine == Routine(
        name="mine",
        title="Füße",
        position="standing",
        setup="Socks off.",
        throughout="Breathe.",
        ready=0,
        change=7,
        steps=(Step(title="Sole", side="left", instruction="Roll it.", hold=600, rest=0, times=1),),
    )
    assert total_seconds(routine) == 600


def test_everything_that_is_wrong_is_named_at_once(tmp_path: Path) -> None:
    text = (
        'titel = "Legs"\nposition = "lying"\nready = 61\ncertainty = "high"\n'
        '[[steps]]\ntitle = "a\\u001b[2J"\nhold = 0\ntimes = 51\n'
        '[[steps]]\nside = "up"\nrest = "10"\ninstruction = ""\nhold = true\n'
    )
    assert problems(tmp_path, text) == [
        "'titel': unknown key; there are title, position, setup, throughout, ready, change, steps",
        "position: 'lying' is not accepted; accepted is one of 'seated', 'standing'",
        "ready: 61 is not accepted; accepted is a whole number from 0 to 60",
        "certainty: only the routines that come with crampcoach rest on studies; remove it",
        "title: is missing",
        "steps, number 1: title: 'a\\x1b[2J' is not accepted; accepted is a text of 1 to 60 characters in one line",
        "steps, number 1: hold: 0 is not accepted; accepted is a whole number from 1 to 600",
        "steps, number 1: times: 51 is not accepted; accepted is a whole number from 1 to 50",
        "steps, number 2: side: 'up' is not accepted; accepted is one of 'turns', 'both', 'left', 'right'",
        "steps, number 2: rest: '10' is not accepted; accepted is a whole number from 0 to 600",
        "steps, number 2: instruction: '' is not accepted; accepted is a text of 1 to 300 characters in one line",
        "steps, number 2: hold: True is not accepted; accepted is a whole number from 1 to 600",
        "steps, number 2: title: is missing",
    ]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ('title = "x"\n', "steps: there is none; begin each stretch with a line [[steps]]"),
        ('title = "x"\nsteps = []\n', "steps: there is none; begin each stretch with a line [[steps]]"),
        ('title = "x"\nsteps = "calf"\n', "steps: there is none; begin each stretch with a line [[steps]]"),
        ('title = "x"\nsteps = [1]\n', "steps: there is none; begin each stretch with a line [[steps]]"),
        ('title = "x"\n' + '[[steps]]\ntitle = "y"\n' * 51, "steps: there are 51; no more than 50 are accepted"),
        (
            'title = "x"\n[[steps]]\ntitle = "y"\nside = "both"\nhold = 600\nrest = 1\ntimes = 6\n',
            "it takes 61 minutes in all; no more than 60 are accepted",
        ),
        ("# " + "x" * 100_000, "is larger than 100000 bytes; a routine is a short text"),
    ],
)
def test_no_routine(tmp_path: Path, text: str, wrong: str) -> None:
    assert problems(tmp_path, text) == [wrong]


@pytest.mark.parametrize("text", ["title = ", "[[[", "a = 1\na = 2"])
def test_no_toml(tmp_path: Path, text: str) -> None:
    (wrong,) = problems(tmp_path, text)
    assert wrong.startswith("is no TOML: ")


def test_no_text_and_no_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    with pytest.raises(RoutineProblem, match=r"mine\.toml: cannot be read: No such file or directory; put that right"):
        own_routine(path)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(RoutineProblem, match=r"mine\.toml: is no TOML: "):
        own_routine(path)
    with pytest.raises(RoutineProblem, match="cannot be read: Is a directory"):
        own_routine(tmp_path)


values: st.SearchStrategy[Any] = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates()
tables: st.SearchStrategy[Any] = st.recursive(
    values.filter(lambda one: one is not None),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
known = st.sampled_from(
    ["title", "position", "setup", "throughout", "ready", "change", "hold", "rest", "times", "side", "instruction"]
)
likely = st.sampled_from(["x", "seated", "both", 0, 1, 3, 50, 600, 601])
some: st.SearchStrategy[Mapping[str, Any]] = st.dictionaries(known, likely | tables, max_size=6)


@given(
    st.fixed_dictionaries({}, optional={"title": likely | tables, "steps": st.lists(some, max_size=3) | tables}), some
)
def test_any_toml_is_a_routine_or_a_list_of_problems(
    tmp_path_factory: pytest.TempPathFactory, table: dict[str, Any], more: dict[str, Any]
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_bytes(tomli_w.dumps({**more, **table}).encode("utf-8", "replace"))
    try:
        routine = own_routine(path)
    except RoutineProblem as problem:
        assert all(line.startswith(f"{path}: ") and line.isprintable() for line in str(problem).split("\n"))
    else:
        assert 1 <= total_seconds(routine) <= 3600
        for text in (routine.title, *(step.title for step in routine.steps)):
            assert text.strip()
            assert not re.search(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(1, "about 1 minute"), (89, "about 1 minute"), (100, "about 2 minutes"), (255, "about 4 minutes")],
)
def test_how_long_in_words(seconds: int, words: str) -> None:
    assert in_words(seconds) == words
