"""Options of plugins: what a table means, and everything that is wrong with it at once."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass, field, make_dataclass
from datetime import date, time
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crampcoach.checks import brief, check_range
from crampcoach.options import (
    Limits,
    Wrong,
    accepted,
    check_options_type,
    convert,
    default_of,
    describe,
    did_you_mean,
    document,
    schema_of,
)

pytestmark = pytest.mark.pure


@dataclass(frozen=True, slots=True)
class Options:
    cups: Annotated[int, msgspec.Meta(ge=1, le=9, description="How many a day")] = 2
    strength: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.5
    sort: Annotated[Literal["bean", "powder"], "What is in it"] = "bean"
    milk: bool = False
    name: str = "coffee"
    times: tuple[str, ...] = ()
    tags: Annotated[list[str], "Words"] = field(default_factory=list)
    extra: dict[str, int] = field(default_factory=dict)
    at_most: int = 5

    def __post_init__(self) -> None:
        if self.at_most > 99:
            raise ValueError(f"{self.at_most} is not accepted; accepted is at most 99")
        if self.name == "tea":
            raise ValueError("tea is no coffee")
        if self.milk and self.sort == "powder":
            raise ValueError("powder takes no milk")


def wrong(table: dict[str, Any]) -> list[tuple[str, str]]:
    return [(one.key, one.text) for one in convert(table, Options)[1]]


def test_an_empty_table_gives_the_defaults() -> None:
    assert convert({}, Options) == (Options(), [])


def test_a_full_table_gives_what_it_says() -> None:
    table = {
        "cups": 3, "strength": 0.25, "sort": "powder", "milk": False, "name": "mocha",
        "times": ["08:00"], "tags": ["warm"], "extra": {"sugar": 2}, "at_most": 9,
    }  # fmt: skip
    made, nothing = convert(table, Options)
    assert nothing == []
    assert made == Options(3, 0.25, "powder", False, "mocha", ("08:00",), ["warm"], {"sugar": 2}, 9)


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("cups", "three", "'three' is not accepted: it must be a whole number at least 1 and at most 9, not a text"),
        ("cups", 12, "12 is not accepted: it must be a whole number at least 1 and at most 9"),
        ("cups", 2.0, "2.0 is not accepted: it must be a whole number at least 1 and at most 9, not a decimal number"),
        ("cups", True, "True is not accepted: it must be a whole number at least 1 and at most 9, not true or false"),
        ("strength", 1.0, "1.0 is not accepted: it must be a number over 0 and under 1"),
        ("strength", 3, "3 is not accepted: it must be a number over 0 and under 1"),
        ("sort", "leaf", "'leaf' is not accepted: it must be one of 'bean', 'powder'"),
        ("sort", 1, "1 is not accepted: it must be one of 'bean', 'powder'"),
        ("milk", "yes", "'yes' is not accepted: it must be true or false, not a text"),
        ("milk", 1, "1 is not accepted: it must be true or false, not a whole number"),
        ("name", 7, "7 is not accepted: it must be a text, not a whole number"),
        ("name", time(7), 'put times in quotes: "07:00"'),
        ("name", date(2026, 11, 22), "2026-11-22 is not accepted: it must be a text, not a date"),
        ("at_most", time(7), "07:00:00 is not accepted: it must be a whole number, not a time"),
        ("times", "08:00", "'08:00' is not accepted: it must be a list, not a text"),
        ("times", ["08:00", 8], "8 is not accepted: it must be a text, not a whole number"),
        ("tags", {"a": 1}, "{'a': 1} is not accepted: it must be a list, not a table"),
        ("extra", [], "[] is not accepted: it must be a table, not a list"),
        ("extra", {"milk": 1, "sugar": "much"}, "'much' is not accepted: it must be a whole number, not a text"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_named_with_what_is_accepted(key: str, value: object, words: str) -> None:
    assert wrong({key: value}) == [(key, words)]


@dataclass(frozen=True)
class Rare:
    """What a plugin's author may ask for besides."""

    short: Annotated[str, msgspec.Meta(max_length=3)] = ""
    few: Annotated[list[int], msgspec.Meta(max_length=2)] = field(default_factory=list)
    either: int | str | None = None
    pair: tuple[int, str] = (1, "a")
    kinds: tuple[Literal["a", "b"], ...] = ()


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("short", "long", "'long' is not accepted: it must be a text of length <= 3"),
        ("few", [1, 2, 3], "[1, 2, 3] is not accepted: it must be a list of length <= 2"),
        ("either", [], "[] is not accepted: it must be a whole number or a text, not a list"),
        ("pair", [1, 2], "2 is not accepted: it must be a text, not a whole number"),
        ("pair", [1], "[1] is not accepted: it must be a list of length 2, got 1"),
        ("kinds", ["a", "c"], "'c' is not accepted: it must be one of 'a', 'b'"),
    ],
)
def test_no_sentence_is_made_for_programmers(key: str, value: object, words: str) -> None:
    assert convert({key: value}, Rare)[1] == [Wrong(key, words)]


def test_everything_wrong_is_said_at_once_and_the_rest_still_counts() -> None:
    made, problems = convert({"cups": 0, "milk": "yes", "nme": "x", "tags": ["kept"], "zzz": 1}, Options)
    assert [one.key for one in problems] == ["nme", "zzz", "cups", "milk"]
    assert made == Options(tags=["kept"])


def test_an_unknown_key_comes_with_the_nearest_one_or_all_of_them() -> None:
    assert wrong({"cusp": 1}) == [("cusp", "unknown key; did you mean 'cups'?")]
    ((_, text),) = wrong({"zzz": 1})
    assert text == "unknown key; there are at_most, cups, extra, milk, name, sort, strength, tags, times"
    assert convert({"sat": {}}, Options, also=["sat"])[1] == []
    ((other),) = convert({"sta": {}}, Options, also=["sat"])[1]
    assert "did you mean 'sat'?" in other.text


def test_what_the_dataclass_itself_refuses_is_laid_at_the_right_keys_door() -> None:
    assert wrong({"cups": 3, "name": "tea", "at_most": 100}) == [
        ("name", "tea is no coffee"),
        ("at_most", "100 is not accepted; accepted is at most 99"),
    ]
    assert convert({"cups": 3, "at_most": 100}, Options)[0] == Options(cups=3)


def test_values_that_only_together_are_wrong_belong_to_the_whole_table() -> None:
    assert wrong({"milk": True, "sort": "powder"}) == [("", "powder takes no milk")]


def test_a_number_of_thousands_of_digits_is_refused_like_any_other() -> None:
    huge = 1 << 30_000
    ((key, text),) = wrong({"name": huge})
    assert key == "name"
    assert "such a long number is not accepted" in text
    assert len(text) < 200


def test_a_long_value_is_cut_in_a_sentence() -> None:
    assert brief("x" * 500) == "'" + "x" * 76 + "..."
    assert brief([1, 2]) == "[1, 2]"


values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.times(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from([*Options.__dataclass_fields__, "zzz"]) | st.text(max_size=5), values))
def test_any_table_gives_options_and_a_list_of_what_is_wrong(table: dict[str, Any]) -> None:
    made, problems = convert(table, Options)
    assert isinstance(made, Options)
    assert all(isinstance(one, Wrong) and one.text for one in problems)
    for key in table:
        if key not in Options.__dataclass_fields__:
            assert key in {one.key for one in problems}


def test_the_documentation_of_options_says_what_each_is_for_and_takes() -> None:
    documented = {one.name: (about, takes) for one, about, takes in document(Options)}
    assert documented["cups"] == ("How many a day", "a whole number at least 1 and at most 9")
    assert documented["sort"] == ("What is in it", "one of 'bean', 'powder'")
    assert documented["tags"] == ("Words", "a list")
    assert documented["name"] == ("", "a text")
    assert [default_of(one) for one, _, _ in document(Options)] == [2, 0.5, "bean", False, "coffee", (), [], {}, 5]


def test_words_for_types() -> None:
    assert accepted(Annotated[float, msgspec.Meta(ge=0.5)]) == "a number at least 0.5"
    assert accepted(bool) == "true or false"
    assert describe(int) == ""


@pytest.mark.parametrize("made", [None, {"cups": 1}, Options(), int])
def test_options_must_be_a_dataclass_type(made: object) -> None:
    with pytest.raises(TypeError, match=r"options\(\) must return a dataclass type, not"):
        check_options_type(made)


def test_every_option_needs_a_default() -> None:
    @dataclass(frozen=True)
    class Bare:
        cups: int

    with pytest.raises(TypeError, match=r"Bare.cups needs a default"):
        check_options_type(Bare)
    assert check_options_type(Options) is Options


@pytest.mark.parametrize("name", ["enabled", "schedule"])
def test_an_option_cannot_take_a_key_of_the_core(name: str) -> None:
    made = make_dataclass("Taken", [("cups", int, 1), (name, str, "x")], frozen=True)
    with pytest.raises(TypeError, match=rf"Taken.{name}: enabled and schedule are keys of every plugin's table"):
        check_options_type(made)


@pytest.mark.parametrize(
    ("hint", "default", "takes"),
    [
        (int, "3", "a whole number"),
        (int, True, "a whole number"),
        (int, None, "a whole number"),
        (bool, 0, "true or false"),
        (str, 5, "a text"),
        (Annotated[float | None, msgspec.Meta(ge=0)], "x", "a number at least 0"),
    ],
)
def test_a_default_of_the_wrong_type_is_refused(hint: Any, default: object, takes: str) -> None:
    made = make_dataclass("Odd", [("cups", hint, field(default=default))], frozen=True)
    with pytest.raises(TypeError, match=rf"Odd.cups: its default is {default!r}, which is not {takes}$"):
        check_options_type(made)


def test_a_default_of_the_right_type_is_taken() -> None:
    hints: list[tuple[Any, object]] = [(float, 1), (int | None, None), (Annotated[str | None, "x"], "y"), (Any, 1)]
    made = make_dataclass("Fine", [(f"o{number}", *one) for number, one in enumerate(hints)], frozen=True)
    assert check_options_type(made) is made


def test_nothing_is_near_where_nothing_is_known() -> None:
    assert did_you_mean("x", []) == "; there is none"
    assert did_you_mean("zzz", ["day"]) == "; there is day"
    assert did_you_mean("pluign", ["plugins", "day"]) == "; did you mean 'plugins'?"
    assert did_you_mean("zzz", ["plugins", "day"]) == "; there are day, plugins"
    assert did_you_mean("zzz", [f"word{number}" for number in range(20)]) == ""


def test_msgspec_is_imported_for_a_value_and_not_for_an_empty_table() -> None:
    code = (
        "import sys\n"
        "from crampcoach.config import Notify\n"
        "from crampcoach.options import convert\n"
        "convert({}, Notify); print('msgspec' in sys.modules)\n"
        "convert({'max_per_day': 3}, Notify); print('msgspec' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]


# --- the JSON Schema -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Server:
    """Where something is."""

    host: str = "localhost"
    mirrors: tuple[Server, ...] = ()


def test_the_schema_of_options() -> None:
    schema = schema_of(Options)
    assert schema["additionalProperties"] is False
    assert schema["properties"] == {
        "cups": {"type": "integer", "minimum": 1, "maximum": 9, "description": "How many a day", "default": 2},
        "strength": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1, "default": 0.5},
        "sort": {"enum": ["bean", "powder"], "description": "What is in it", "default": "bean"},
        "milk": {"type": "boolean", "default": False},
        "name": {"type": "string", "default": "coffee"},
        "times": {"type": "array", "items": {"type": "string"}, "default": []},
        "tags": {"type": "array", "items": {"type": "string"}, "description": "Words", "default": []},
        "extra": {"type": "object", "additionalProperties": {"type": "integer"}, "default": {}},
        "at_most": {"type": "integer", "default": 5},
    }


def test_the_schema_of_what_json_and_toml_do_not_share() -> None:
    odd = make_dataclass(
        "Odd",
        [
            ("some", Annotated[int | None, "May be missing"], None),
            ("either", int | str | None, None),
            ("place", Path, Path("/tmp")),
            ("endless", float, float("inf")),
            ("kept", Annotated[str, Limits(pattern="^a")], "ab"),
            ("level", Annotated[int, "How high", Limits(ge=0, le=3)], 1),
        ],
    )
    assert schema_of(odd)["properties"] == {
        "some": {"type": "integer", "description": "May be missing"},
        "either": {"anyOf": [{"type": "integer"}, {"type": "string"}]},
        "place": {},
        "endless": {"type": "number"},
        "kept": {"type": "string", "pattern": "^a", "default": "ab"},
        "level": {"type": "integer", "description": "How high", "minimum": 0, "maximum": 3, "default": 1},
    }
    assert accepted(Annotated[int, Limits(ge=0, le=3)]) == "a whole number at least 0 and at most 3"


def test_the_schema_of_what_holds_itself_ends() -> None:
    schema = schema_of(make_dataclass("Net", [("server", Server, Server())]))["properties"]["server"]
    assert schema["default"] == {"host": "localhost", "mirrors": []}
    assert schema["properties"]["host"] == {"type": "string", "default": "localhost"}
    assert schema["properties"]["mirrors"]["items"] == {}
    assert "$ref" not in str(schema)


@pytest.mark.parametrize(
    ("value", "least", "most", "says"),
    [
        (11, 0, 10, "11 is not accepted; accepted is a whole number from 0 to 10"),
        (-0.5, 0, 24.0, "-0.5 is not accepted; accepted is a number from 0 to 24"),
        (float("nan"), 0.0, 1.0, "nan is not accepted; accepted is a number from 0 to 1"),
        (10**5000, 1, 10_000, "such a long number is not accepted; accepted is a whole number from 1 to 10000"),
    ],
    ids=["above", "below", "no number", "of thousands of digits"],
)
def test_a_number_outside_of_its_range_is_a_sentence(value: float, least: float, most: float, says: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(says)}$"):
        check_range(value, least, most)
    for fits in (None, least, most):
        check_range(fits, least, most)
