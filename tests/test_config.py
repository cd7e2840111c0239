"""config.toml: everything wrong is said at once, with its line; a plugin's table is that plugin's trouble only."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import tomllib
from datetime import time
from pathlib import Path
from typing import Any

import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as st

from crampcoach.config import (
    Config,
    ConfigProblem,
    Notify,
    PluginTable,
    Profile,
    Quiet,
    locate,
    read_config,
)
from crampcoach.config_text import as_tables
from crampcoach.home import Home
from crampcoach.hours import Hours

pytestmark = pytest.mark.pure


def write(home: Home, text: str) -> Path:
    home.config_dir.mkdir(parents=True, exist_ok=True)
    home.config_file.write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")
    return home.config_file


def read(home: Home, text: str) -> Config:
    return read_config(write(home, text))


def problems(home: Home, text: str) -> list[str]:
    """What is wrong, with the file's own name cut off."""
    path = write(home, text)
    with pytest.raises(ConfigProblem) as refusal:
        read_config(path)
    assert str(refusal.value).splitlines() == refusal.value.problems
    assert all(one.startswith(str(path)) for one in refusal.value.problems)
    return [one.removeprefix(str(path)) for one in refusal.value.problems]


# --- what is right ---------------------------------------------------------------------------------------------


def test_without_a_file_the_defaults_hold(home: Home) -> None:
    assert read_config(home.config_file) == Config()
    assert Config().hours == Hours(time(7), time(22, 30))
    assert Config().table("anything") == PluginTable()
    assert Config().table("anything").enabled


def test_an_empty_file_is_all_defaults(home: Home) -> None:
    assert read(home, "# nothing yet\n") == Config(path=home.config_file)


def test_a_full_file(home: Home) -> None:
    config = read(
        home,
        """
        [day]
        wake = "08:30"
        bed = "01:15"

        [day.sat]
        wake = "10:00"

        [day.sun]
        bed = "22:00"

        [profile]
        adult = "yes"
        fluids = "limited"
        country = "DE"

        [quiet]
        enabled = false

        [notify]
        order = ["terminal"]
        max_per_day = 3

        [plugins.stretching]
        enabled = false
        schedule = "30m before bed"
        hold = 10

        [plugins.coffee.schedule]
        daily = "15:00"
        """,
    )
    days = {5: (time(10), time(1, 15)), 6: (time(8, 30), time(22))}
    assert config.hours == Hours(time(8, 30), time(1, 15), days)
    assert config.profile == Profile(adult="yes", fluids="limited", country="DE")
    assert config.quiet == Quiet(enabled=False)
    assert config.notify == Notify(order=("terminal",), max_per_day=3)
    stretching = config.table("stretching")
    assert (stretching.enabled, stretching.schedule, stretching.raw) == (False, "30m before bed", {"hold": 10})
    assert stretching.lines == {"enabled": 24, "schedule": 25, "hold": 26}
    assert config.table("coffee").schedule == {"daily": "15:00"}
    assert config.table("coffee").lines["schedule.daily"] == 29


def test_the_settings_in_force_can_be_written_and_read_again(home: Home) -> None:
    config = read(home, '[day]\nwake = "06:00"\nbed = "23:00"\n[day.fri]\nbed = "01:00"\n[notify]\nmax_per_day = 2\n')
    again = read(home, tomli_w.dumps(as_tables(config)))
    assert again == config
    assert as_tables(again) == as_tables(config)


# --- what is wrong ---------------------------------------------------------------------------------------------


def test_everything_wrong_is_said_at_once_with_its_line(home: Home) -> None:
    found = problems(
        home,
        """
        [day]
        wake = "7"
        bedd = "22:00"

        [day.sat]
        bed = "25:00"

        [profil]
        adult = "yes"

        [profile]
        adult = "maybe"
        balance = 1

        [notify]
        order = ["terminal"]
        max_per_day = 200

        [quiet]
        enabled = "no"
        """,
    )
    assert found == [
        ":2: day.wake: '7' is no time of day; write it as 21:30, from 00:00 to 23:59",
        ":3: day.bedd: unknown key; did you mean 'bed'?",
        ":6: day.sat.bed: '25:00' is no time of day; write it as 21:30, from 00:00 to 23:59",
        ":8: profil: unknown table; did you mean 'profile'?",
        ":12: profile.adult: 'maybe' is not accepted: it must be one of 'unknown', 'yes', 'no'",
        ":13: profile.balance: 1 is not accepted: it must be one of 'unknown', 'steady', 'unsteady'",
        ":17: notify.max_per_day: 200 is not accepted; accepted is a whole number from 1 to 100",
        ":20: quiet.enabled: 'no' is not accepted: it must be true or false, not a text",
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("day = 7\n", ":1: day: must be a table: write [day] above its keys"),
        ("[day]\nsat = 7\n", ":2: day.sat: must be a table: write [day.sat] above its keys"),
        ("[[notify]]\nmax_per_day = 1\n", ":1: notify: must be a table: write [notify] above its keys"),
        ("plugins = []\n", ":1: plugins: must be a table: write [plugins] above its keys"),
        ("day = {wake = 7}\n", ":1: day.wake: 7 is not accepted: it must be a text, not a whole number"),
        ("[day]\nwake = 07:00:00\n", ':2: day.wake: put times in quotes: "07:00"'),
        ("[day]\nwake = 07:00 # early\n", ':2: day.wake: put times in quotes: "07:00"'),
        (
            "[quiet]\n[plugins.tea]\nschedule.daily=7:30\n",
            ':3: plugins.tea.schedule.daily: put times in quotes: "7:30"',
        ),
        ("a = [7:30]\n", ": this is not TOML: "),
        ("day = {sat = {bed = '99'}}\n", ":1: day.sat.bed: '99' is no time of day"),
        ("notify.oder.x = 1\n", ":1: notify.oder: unknown key; did you mean 'order'?"),
        ("[day.sta]\nbed = '22:00'\n", ":1: day.sta: unknown key; did you mean 'sat'?"),
        (
            "[day]\nwake = '22:00'\nbed = '22:00'\n",
            ":3: day.bed: waking and going to bed at the same time leaves no day",
        ),
        ("[day.sat]\nwake = '22:30'\n", ":1: day.sat.bed: waking and going to bed at the same time leaves no day"),
        ("a = 1\na = 2\n", ": this is not TOML: Cannot overwrite a value (at line 2, column 6)"),
        ("wake = 7:00\n", ':1: wake: put times in quotes: "7:00"'),
        (
            "[notify]\nterminal = 'xterm -T \"a -e'\n",
            ":2: notify.terminal: 'xterm -T \"a -e' is no command: no closing quotation; close it, or remove it",
        ),
        ("a = " + "[" * 9000 + "]" * 9000, ": this is not TOML: "),
        ("a = " + "9" * 9000, ": this is not TOML: "),
        ("[notify]\nmax_per_day = 0x1" + "0" * 9000, ":2: notify.max_per_day: such a long number is not accepted"),
    ],
)
def test_one_thing_wrong(home: Home, text: str, problem: str) -> None:
    (found,) = problems(home, text)
    assert found.startswith(problem)


def test_a_byte_order_mark_is_no_mistake(home: Home) -> None:
    path = write(home, "")
    path.write_bytes(b'\xef\xbb\xbf[day]\nbed = "23:00"\nwake = "7"\n')
    with pytest.raises(ConfigProblem) as refusal:
        read_config(path)
    assert [one.removeprefix(str(path))[:13] for one in refusal.value.problems] == [":3: day.wake:"]
    assert refusal.value.rest is not None
    assert refusal.value.rest.hours.bed == time(23)


def test_a_command_for_a_terminal_may_hold_quotes(home: Home) -> None:
    assert read(home, "[notify]\nterminal = 'xterm -T \"a b\" -e'\n").notify.terminal == 'xterm -T "a b" -e'


def test_a_wrong_usual_time_is_not_said_again_for_a_weekday(home: Home) -> None:
    assert len(problems(home, '[day]\nwake = "7"\n[day.sat]\nbed = "23:00"\n[day.sun]\nbed = "23:00"\n')) == 1


def test_a_file_that_cannot_be_read_says_so(home: Home) -> None:
    home.config_file.mkdir(parents=True)
    with pytest.raises(ConfigProblem, match=r"cannot be read: .*; put that right or remove the file"):
        read_config(home.config_file)
    home.config_file.rmdir()
    home.config_file.write_bytes(b'[day]\nwake = "\xff"\n')
    with pytest.raises(ConfigProblem, match="cannot be read: 'utf-8' codec"):
        read_config(home.config_file)


def test_a_wrong_plugin_table_is_that_plugins_trouble_only(home: Home) -> None:
    config = read(
        home,
        """
        plugins.flat = 7

        [plugins.switch]
        enabled = "no"
        schedule = ["21:00"]

        [plugins.switch2]
        schedule = {daily = 21, weekly = "mon 10:00"}

        [plugins.huge]
        enabled = 0x1{}

        [plugins.bare]
        schedule = 21:30:00

        [plugins.fine]
        cups = 3
        """.replace("{}", "0" * 9000),
    )
    path = home.config_file
    assert config.table("flat").problems == (f"{path}:1: plugins.flat: must be a table",)
    assert config.table("switch").problems == (
        f"{path}:4: plugins.switch.enabled: 'no' is not accepted; write true or false",
        f"{path}:5: plugins.switch.schedule: ['21:00'] is not accepted; write a text, or schedule.NAME = text",
    )
    assert config.table("switch2").problems == (
        f"{path}:8: plugins.switch2.schedule: {{'daily': 21, 'weekly': 'mon 10:00'}} is not accepted; "
        "write a text, or schedule.NAME = text",
    )
    assert config.table("huge").problems == (
        f"{path}:11: plugins.huge.enabled: such a long number is not accepted; write true or false",
    )
    assert config.table("bare").problems == (f'{path}:14: plugins.bare.schedule: put times in quotes: "21:30"',)
    assert config.table("fine") == PluginTable(raw={"cups": 3}, lines={"cups": 17})


# --- lines -----------------------------------------------------------------------------------------------------


def test_the_line_of_every_table_and_key() -> None:
    text = """\
top = 1
dotted.key = 2
"quoted.name" = 3

[a]  # the first
one = 1
  two = "[b]"
[a.b]
one = 11
'x y'.z = 12
[ a . "c" ]
one = 13
[[list]]
one = 1
[[list]]
one = 2
[a.b.deep.deeper]
one = 17
[plugins.p]
grid = [
  [1, 2],
  [3, 4]
]
size = 3
"""
    assert locate(text) == {
        "top": 1, "dotted.key": 2, "dotted": 2, "quoted.name": 3, "quoted": 3,
        "a": 5, "a.one": 6, "a.two": 7,
        "a.b": 8, "a.b.one": 9, "a.b.x y.z": 10, "a.b.x y": 10,
        "a.c": 11, "a.c.one": 12,
        "list": 13, "list.one": 14,
        "a.b.deep": 17, "a.b.deep.deeper": 17, "a.b.deep.deeper.one": 18,
        "plugins": 19, "plugins.p": 19, "plugins.p.grid": 20, "plugins.p.size": 24,
    }  # fmt: skip


def test_only_what_toml_calls_a_line_counts_as_one(home: Home) -> None:
    (found,) = problems(home, '# a\u2028b\x85c\r\n[day]\r\n# d\u2029\r\nwake = "7"\r\n')
    assert found.startswith(":4: day.wake: ")


keys = st.text("abcXYZ019-_", min_size=1, max_size=6)
leaves = (
    st.booleans() | st.integers(-99, 99) | st.text("ab[]=# '\u2028", max_size=5) | st.lists(st.integers(), max_size=2)
)
trees = st.recursive(leaves, lambda inner: st.dictionaries(keys, inner, max_size=4), max_leaves=12)


@given(st.dictionaries(keys, trees, max_size=4))
def test_the_line_of_a_key_is_where_it_stands(data: dict[str, Any]) -> None:
    text = tomli_w.dumps(data)
    lines = text.split("\n")
    for name, number in locate(text).items():
        assert name.rpartition(".")[2] in lines[number - 1]
    for name in _names(tomllib.loads(text)):
        assert name in locate(text)


def _names(table: dict[str, Any], prefix: str = "") -> list[str]:
    names = []
    for key, value in table.items():
        names.append(f"{prefix}{key}")
        names += _names(value, f"{prefix}{key}.") if isinstance(value, dict) else []
    return names


# --- any file at all -------------------------------------------------------------------------------------------

WORDS = [
    "[day]", "[day.sat]", "[profile]", "[quiet]", "[notify]", "[plugins.x]", "[plugins]", "[[plugins.x]]", "[", "]",
    "\n",
    "wake", "bed", "enabled", "order", "max_per_day", "adult", "schedule", "=", ".", ",", '"07:00"', "'bed'", "true",
    "7", "-1e9", "nan", "07:00:00", "2026-02-30", "{", "}", "[]", '["a"]', '"""', "\\u0000", "#", "\x00", "é",
]  # fmt: skip
toml_like = st.lists(st.sampled_from(WORDS) | st.text(max_size=3), max_size=25).map(" ".join)
core = st.fixed_dictionaries(
    {},
    optional={
        name: st.dictionaries(st.sampled_from(known) | keys, trees, max_size=4) | leaves
        for name, known in {
            "day": ["wake", "bed", "sat"],
            "profile": ["adult", "country"],
            "quiet": ["enabled"],
            "notify": ["order", "max_per_day", "terminal"],
            "plugins": ["x", "y"],
            "zzz": ["x"],
        }.items()
    },
)


def _outcome(path: Path) -> None:
    """Reading gives settings, or a problem of which every line names the file."""
    try:
        assert isinstance(read_config(path), Config)
    except ConfigProblem as problem:
        assert problem.problems
        assert all(one.startswith(str(path)) for one in problem.problems)


@given(text=toml_like | st.text() | core.map(tomli_w.dumps))
def test_no_text_as_a_config_is_anything_but_settings_or_a_config_problem(
    text: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    _outcome(path)


@given(data=st.binary())
def test_no_bytes_as_a_config_are_anything_but_settings_or_a_config_problem(
    data: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_bytes(data)
    _outcome(path)


def test_an_empty_config_costs_no_msgspec(home: Home) -> None:
    path = write(home, "[day]\n[notify]\n[plugins]\n")
    code = (
        "import sys\nfrom pathlib import Path\nfrom crampcoach.config import read_config\n"
        f"read_config(Path({str(path)!r})); read_config(Path({str(path)!r} + '.none'))\n"
        "print('msgspec' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
