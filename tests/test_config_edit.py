"""Editing config.toml in place: what is asked for is set, and every other byte stays where it was."""

from __future__ import annotations

import math
import os
import threading
import tomllib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import assume, given, reject, settings
from hypothesis import strategies as st

from crampcoach.config import ConfigProblem, read_config
from crampcoach.config_edit import read_bytes, replace_bytes, set_values, write_bytes
from crampcoach.home import Home
from crampcoach.model import Problem

pytestmark = pytest.mark.pure

T = TypeVar("T")
R = TypeVar("R")
KEY = "plugins.hydration.enabled"


def write(home: Home, text: str | bytes) -> Path:
    home.config_dir.mkdir(parents=True, exist_ok=True)
    home.config_file.write_bytes(text.encode() if isinstance(text, str) else text)
    return home.config_file


def at_once(job: Callable[[T], R], given: Sequence[T]) -> list[R]:
    """The job's results, each in a thread of its own; all begin at the same moment."""
    together = threading.Barrier(len(given))

    def begin(one: T) -> R:
        together.wait()
        return job(one)

    with ThreadPoolExecutor(len(given)) as pool:
        return list(pool.map(begin, given))


def after(home: Home, text: str, changes: Mapping[str, object]) -> str:
    """The file after the change, as the text that it is."""
    path = write(home, text)
    assert set_values(path, changes)
    return path.read_bytes().decode()


# --- what it does to a file ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        pytest.param("", "[plugins.hydration]\nenabled = false\n", id="an empty file"),
        pytest.param("# hello\n", "# hello\n\n[plugins.hydration]\nenabled = false\n", id="only a comment"),
        pytest.param(
            '[day]\nwake = "07:00" # early',
            '[day]\nwake = "07:00" # early\n\n[plugins.hydration]\nenabled = false\n',
            id="no newline at the end",
        ),
        pytest.param(
            "[plugins.hydration]\r\nenabled   =\ttrue   # yes\r\n\r\n# next\r\n[day]\r\n",
            "[plugins.hydration]\r\nenabled   =\tfalse   # yes\r\n\r\n# next\r\n[day]\r\n",
            id="lines that end in CRLF, a value that is there",
        ),
        pytest.param(
            "# a\r\n[plugins.hydration]\r\n  foo = 1\r\n\r\n# b\r\n[day]\r\n",
            "# a\r\n[plugins.hydration]\r\n  foo = 1\r\n  enabled = false\r\n\r\n# b\r\n[day]\r\n",
            id="lines that end in CRLF, a new key that stands in like the one above it",
        ),
        pytest.param("\ufeff[day]\n", "\ufeff[day]\n\n[plugins.hydration]\nenabled = false\n", id="a byte order mark"),
        pytest.param(
            "[plugins.hydration]\nfoo = 1\n# bar = 2\n\n# About the day\n[day]\n",
            "[plugins.hydration]\nfoo = 1\nenabled = false\n# bar = 2\n\n# About the day\n[day]\n",
            id="not among the comments of the next table",
        ),
        pytest.param(
            "[plugins.hydration]\n# Is it on?\n#enabled = true\n# When?\n#schedule = '1'\n\n[day]\n",
            "[plugins.hydration]\n# Is it on?\n#enabled = true\nenabled = false\n# When?\n#schedule = '1'\n\n[day]\n",
            id="below the comment that shows it",
        ),
        pytest.param(
            "plugins.hydration.enabled = true # c\nplugins.x.a = 1\n\n[day]\n",
            "plugins.hydration.enabled = false # c\nplugins.x.a = 1\n\n[day]\n",
            id="a dotted key that is there",
        ),
        pytest.param(
            "plugins.x.a = 1 # c\nplugins.hydration.foo = 1\n# end\n[day]\n",
            "plugins.x.a = 1 # c\nplugins.hydration.foo = 1\nplugins.hydration.enabled = false\n# end\n[day]\n",
            id="dotted keys",
        ),
        pytest.param(
            "[plugins]\nhydration.foo = 1\na.enabled = true\n[day]\n",
            "[plugins]\nhydration.foo = 1\nhydration.enabled = false\na.enabled = true\n[day]\n",
            id="dotted keys in a table",
        ),
        pytest.param(
            "[plugins]\n# c\nhydration = { enabled = true } # d\n[day]\n",
            "[plugins]\n# c\nhydration = { enabled = false } # d\n[day]\n",
            id="an inline table with it",
        ),
        pytest.param(
            "[plugins]\nhydration = { b = 1 } # d\n",
            "[plugins]\nhydration = { b = 1, enabled = false } # d\n",
            id="an inline table",
        ),
        pytest.param(
            "plugins = {hydration = {}, x = {a = '}'}} # d\n",
            "plugins = {hydration = {enabled = false}, x = {a = '}'}} # d\n",
            id="an empty inline table in another",
        ),
        pytest.param("plugins = { }\n", "plugins = {hydration.enabled = false}\n", id="an empty inline table above it"),
        pytest.param(
            "[plugins.a]\nx = 1\n\n# day\n[day]\nwake = '7:00'\n\n# h\n[plugins.hydration]\nfoo = 1\n\n[quiet]\n",
            "[plugins.a]\nx = 1\n\n# day\n[day]\nwake = '7:00'\n\n"
            "# h\n[plugins.hydration]\nfoo = 1\nenabled = false\n\n[quiet]\n",
            id="tables out of order",
        ),
        pytest.param(
            "[plugins.a]\nx = 1\n# y = 2\n\n# day\n[day]\nwake = '7:00'\n",
            "[plugins.a]\nx = 1\n# y = 2\n\n[plugins.hydration]\nenabled = false\n\n# day\n[day]\nwake = '7:00'\n",
            id="a new table beside its like",
        ),
        pytest.param(
            "[plugins.hydration.schedule]\nx = '1'\n\n[day]\n",
            "[plugins.hydration.schedule]\nx = '1'\n\n[plugins.hydration]\nenabled = false\n\n[day]\n",
            id="a table of which only one inside is there",
        ),
        pytest.param(
            "[ plugins . 'hydration' ] # [x]\nfoo = '''\n[plugins.hydration]\nenabled = true\n'''\n",
            "[ plugins . 'hydration' ] # [x]\nfoo = '''\n[plugins.hydration]\nenabled = true\n'''\nenabled = false\n",
            id="a text that looks like a table",
        ),
        pytest.param(
            "[plugins.hydration]\nfoo = '''\n# enabled = 1\n'''\n",
            "[plugins.hydration]\nfoo = '''\n# enabled = 1\n'''\nenabled = false\n",
            id="a text that looks like a comment",
        ),
        pytest.param(
            "[[list]]\nx = 1\n[[list]]\nx = [ # c ]\n 1, 1979-05-27 07:32:00,\n]\n[plugins]\n",
            "[[list]]\nx = 1\n[[list]]\nx = [ # c ]\n 1, 1979-05-27 07:32:00,\n]\n[plugins]\n\n"
            "[plugins.hydration]\nenabled = false\n",
            id="lists of tables",
        ),
    ],
)
def test_a_switch_in_every_way_to_write_a_file(home: Home, before: str, expected: str) -> None:
    assert after(home, before, {KEY: False}) == expected
    assert not read_config_leniently(home).table("hydration").enabled
    assert set_values(home.config_file, {KEY: False}) == []


def read_config_leniently(home: Home) -> Any:
    try:
        return read_config(home.config_file)
    except ConfigProblem as problem:
        assert problem.rest
        return problem.rest


@pytest.mark.parametrize(
    ("before", "key", "expected"),
    [
        ("# a\n[day]\nwake = '7:00' # b\nbed = '23:00'\n", "day.wake", "# a\n[day]\nbed = '23:00'\n"),
        ("[day]\nbed = '23:00'", "day.bed", "[day]\n"),
        ("day = {wake = '7:00', bed = '23:00'}\n", "day.wake", "day = {bed = '23:00'}\n"),
        ("day = { wake = '7:00', bed = '23:00' }\n", "day.bed", "day = { wake = '7:00' }\n"),
        ("day = {bed = '23:00'} # c\n", "day.bed", "day = {} # c\n"),
        ("day.bed = '23:00'\n# c\n", "day.bed", "# c\n"),
        ("[notify]\norder = [\n  # first\n  'tea',\n]\nterminal = ''\n", "notify.order", "[notify]\nterminal = ''\n"),
        ("[day]\nsat = {bed = '1:00'}\n", "day.sat", "[day]\n"),
    ],
)  # fmt: skip
def test_a_key_is_removed_with_its_line(home: Home, before: str, key: str, expected: str) -> None:
    assert after(home, before, {key: None}) == expected
    assert set_values(home.config_file, {key: None}) == []


def test_each_change_is_a_line(home: Home) -> None:
    path = write(home, '[day]\nwake = "07:00"\n[notify]\nmax_per_day = 8 # many\n')
    said = set_values(
        path,
        {
            "day.wake": "06:30",
            "day.sat.bed": "23:30",
            "notify.max_per_day": None,
            "notify.order": ("desktop", "terminal"),
            "quiet.enabled": True,
            "profile.adult": None,
            "plugins.tea.schedule": {"daily": '"16:00"\n'},
        },
    )
    assert said == [
        'day.wake: "07:00" -> "06:30"',
        'day.sat.bed: not set -> "23:30"',
        "notify.max_per_day: 8 -> not set",
        'notify.order: not set -> ["desktop", "terminal"]',
        "quiet.enabled: not set -> true",
        'plugins.tea.schedule: not set -> {daily = "\\"16:00\\"\\n"}',
    ]
    assert path.read_text() == (
        '[day]\nwake = "06:30"\n\n[day.sat]\nbed = "23:30"\n\n[notify]\norder = ["desktop", "terminal"]\n\n'
        '[quiet]\nenabled = true\n\n[plugins.tea]\nschedule = {daily = "\\"16:00\\"\\n"}\n'
    )


def test_a_name_that_needs_quotes(home: Home) -> None:
    path = write(home, '[plugins."a.b"]\n"\\u0078" = 1\n')
    assert set_values(path, {'plugins."a.b".enabled': False, "plugins.'a.b'.x": 2})
    assert path.read_text() == '[plugins."a.b"]\n"\\u0078" = 2\nenabled = false\n'


def test_true_is_not_one_and_what_is_not_a_number_is_itself(home: Home) -> None:
    path = write(home, "[plugins.x]\na = 1\nb = nan\nc = 1.0\nd = [inf]\n")
    assert set_values(path, {"plugins.x.b": math.nan, "plugins.x.d": [math.inf], "plugins.x.a": 1}) == []
    assert set_values(path, {"plugins.x.a": True, "plugins.x.c": 1}) == [
        "plugins.x.a: 1 -> true",
        "plugins.x.c: 1.0 -> 1",
    ]
    assert path.read_text() == "[plugins.x]\na = true\nb = nan\nc = 1\nd = [inf]\n"


# --- what it writes to, and what it leaves alone ---------------------------------------------------------------


def test_a_file_that_is_not_there_is_made_for_its_owner_only(home: Home) -> None:
    assert set_values(home.config_file, {KEY: False}) == [f"{KEY}: not set -> false"]
    assert home.config_file.read_text() == "[plugins.hydration]\nenabled = false\n"
    assert home.config_file.stat().st_mode & 0o777 == 0o600
    assert home.config_dir.stat().st_mode & 0o777 == 0o700


def test_nothing_to_change_touches_nothing(home: Home) -> None:
    assert set_values(home.config_file, {"day.wake": None}) == []
    assert not home.config_dir.exists()
    path = write(home, "[plugins.hydration]\nenabled = false\n")
    path.chmod(0o640)
    os.utime(path, ns=(1, 1))
    before = path.stat()
    assert set_values(path, {KEY: False, "day.bed": None}) == []
    now = path.stat()
    assert (now.st_mtime_ns, now.st_ino, now.st_mode) == (1, before.st_ino, before.st_mode)


def test_a_change_leaves_one_private_file_and_no_other(home: Home) -> None:
    path = write(home, "[plugins.hydration]\n")
    path.chmod(0o644)
    assert set_values(path, {KEY: False})
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(home.config_dir.iterdir()) == [path]


def test_a_link_stays_a_link(home: Home, tmp_path: Path) -> None:
    dotfiles = tmp_path / "dotfiles"
    dotfiles.mkdir(mode=0o755)
    real = dotfiles / "crampcoach.toml"
    real.write_text("# mine\n")
    home.config_dir.mkdir()
    home.config_file.symlink_to(real)
    assert set_values(home.config_file, {KEY: False})
    assert home.config_file.is_symlink()
    assert real.read_text() == "# mine\n\n[plugins.hydration]\nenabled = false\n"
    assert dotfiles.stat().st_mode & 0o777 == 0o755
    real.unlink()
    assert set_values(home.config_file, {KEY: True})
    assert home.config_file.is_symlink()
    assert real.read_text() == "[plugins.hydration]\nenabled = true\n"


def test_a_link_to_itself_is_a_sentence(home: Home) -> None:
    home.config_dir.mkdir()
    home.config_file.symlink_to(home.config_file)
    with pytest.raises(Problem, match=r"config\.toml: cannot be read: "):
        set_values(home.config_file, {KEY: False})
    with pytest.raises(Problem, match=r"cannot write .*config\.toml: "):
        write_bytes(home.config_file, b"")


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(home, "[plugins.hydration]\n")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Problem, match=r"^cannot write .*config\.toml: No space left on device; "):
        set_values(path, {KEY: False})
    assert path.read_text() == "[plugins.hydration]\n"
    assert list(home.config_dir.iterdir()) == [path]


def test_changes_at_the_same_time_all_count(home: Home) -> None:
    path = write(home, "# shared\n")
    keys = [f"plugins.p{number}.enabled" for number in range(24)]
    at_once(lambda key: set_values(path, {key: False}), keys)
    config = read_config(path)
    assert sorted(config.plugins) == sorted(key.split(".")[1] for key in keys)
    assert path.read_text().startswith("# shared\n")


@pytest.mark.parametrize("before", [None, b"# mine\n"])
def test_of_many_who_replace_the_same_content_one_does(home: Home, before: bytes | None) -> None:
    for attempt in range(10):
        path = home.config_dir / f"{attempt}" / "config.toml"
        if before is not None:
            write_bytes(path, before)
        contents = [b"# %d\n" % number for number in range(8)]
        done = at_once(partial(replace_bytes, path, before), contents)
        assert [one for one, won in zip(contents, done, strict=True) if won] == [read_bytes(path)]


def test_what_an_editor_saves_in_between_is_not_lost(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(home, "[day]\n")
    saves = iter([b"[day]\nwake = '6:00'\n", b"[day]\nwake = '5:00'\n"])
    reads = 0

    def reading(where: Path) -> bytes | None:
        nonlocal reads
        reads += 1
        if reads in (2, 4) and (text := next(saves, None)):
            where.write_bytes(text)
        return read_bytes(where)

    monkeypatch.setattr("crampcoach.config_edit.read_bytes", reading)
    assert set_values(path, {"day.bed": "23:00"})
    assert path.read_text() == "[day]\nwake = '5:00'\nbed = \"23:00\"\n"


# --- what it refuses -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "before",
    [
        b"[day\n",
        b"[day]\nbed = 23:15\n",
        b"a = 1\na = 2\n",
        b"[day]\nbed = '",
        b"\xff\xfe",
        b"[a]\n[a]\n",
        b"x = {a = 1",
    ],
)
def test_what_is_no_toml_gets_the_sentence_of_reading_it(home: Home, before: bytes) -> None:
    path = write(home, before)
    with pytest.raises(ConfigProblem) as reading:
        read_config(path)
    with pytest.raises(ConfigProblem) as editing:
        set_values(path, {KEY: False})
    assert str(editing.value) == str(reading.value)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("before", "changes", "sentence"),
    [
        ("# c\nplugins = 3\n", {KEY: False}, ":2: plugins: must be a table: write [plugins] above its keys"),
        ("[[plugins]]\n", {KEY: False}, ":1: plugins: must be a table: write [plugins] above its keys"),
        ("[day]\nsat = '1'\n", {"day.sat.bed": "1:00"}, ":2: day.sat: must be a table: write [day.sat] above its keys"),
        (
            "[day]\n[day.sat]\nbed = '1:00'\n",
            {"day.sat": None},
            ":2: day.sat: is a table with lines of its own; change it by hand in the file",
        ),
        (
            "[plugins.x.schedule]\na = '1:00'\n",
            {"plugins.x.schedule": "2:00"},
            ":1: plugins.x.schedule: is a table with lines of its own; change it by hand in the file",
        ),
        (
            "[day]\nbed = '23:00'\n",
            {"quiet.enabled": False, "day.wake": "25:00"},
            ": day.wake: '25:00' is no time of day; write it as 21:30, from 00:00 to 23:59; nothing was changed",
        ),
        (
            "[day]\nbed = '23:00'\n",
            {"day.wake": "23:00"},
            ": day.bed: waking and going to bed at the same time leaves no day; change one of them; "
            "nothing was changed",
        ),
        ("", {"profil.adult": "yes"}, ": profil: unknown table; did you mean 'profile'?; nothing was changed"),
        (
            "",
            {KEY: "no"},
            ": plugins.hydration.enabled: 'no' is not accepted; write true or false; nothing was changed",
        ),
        ("", {"plugins.x.a": [None]}, ": plugins.x.a: None cannot be written in TOML; nothing was changed"),
        ("", {"plugins.x.a": object}, ": plugins.x.a: <class 'object'> cannot be written in TOML; nothing was changed"),
        (
            "",
            {"plugins.x.a": "\ud800"},
            ": this text cannot be saved: it has half a character in it; nothing was changed",
        ),
    ],
)
def test_a_change_that_would_not_be_read_is_refused(
    home: Home, before: str, changes: dict[str, object], sentence: str
) -> None:
    path = write(home, before)
    with pytest.raises(Problem) as refusal:
        set_values(path, changes)
    assert str(refusal.value) == f"{path}{sentence}"
    assert path.read_text() == before
    assert list(home.config_dir.iterdir()) == [path]


def test_mistakes_that_were_there_before_are_not_in_the_way(home: Home) -> None:
    before = "[day]\nbed = '25:00'\n[plugins.tea]\nschedule = 7\nenabled = 'yes'\n"
    assert after(home, before, {"plugins.tea.enabled": False}) == before.replace("'yes'", "false")
    assert set_values(home.config_file, {"day.bed": "23:00"}) == ['day.bed: "25:00" -> "23:00"']


@pytest.mark.parametrize("key", ["", ".", "day.", "day wake", "day = 1\nx"])
def test_a_key_that_is_none(home: Home, key: str) -> None:
    with pytest.raises(Problem, match="nothing was changed"):
        set_values(home.config_file, {key: 1})
    assert not home.config_file.exists()


# --- any file at all -------------------------------------------------------------------------------------------

VALUES = (
    "true", "false # off", "1", '"07:00"', "'#'", "nan", "-0.0", "1979-05-27 07:32:00 # then", "07:32:00", "[]",
    "[ # one ]\n  1,\n  # two\n  2 ]", '"""\n[plugins.a]\n# enabled = 1\n\\""" x"""""', "'''\nenabled = true'''''",
    "{}", "{ enabled = true }", "{x = {y = [1, {z = '}'}]}, enabled = false} # inline", "{enabled.x = 1}",
)  # fmt: skip
HEADERS = (
    "[day]", "[plugins]", "[plugins.a]", "[ plugins . 'b' ] # quoted", "  [plugins.a.schedule]", "[plugins.b.x]",
    "[plugins.c.d.e]", "[[list]]", "[quiet]\n", '["plugins".\t"a b"]',
)  # fmt: skip
NAMES = ("enabled", "x", "a", "b", "'a b'", '"\\u0061"', "a.enabled", "b . x", "plugins.a.x", "plugins.b.y", "wake")
COMMENTS = ("", "# note", "\t# enabled = 1", "#enabled = true", "# [plugins.a]", "   ", "# \u2028 \U0001f634")
PATHS = tuple(
    tuple(path.split("."))
    for path in (
        "enabled", "plugins.a.enabled", "plugins.b.enabled", "plugins.a.x", "plugins.a b.enabled", "plugins.c.enabled",
        "plugins.c.d.x", "plugins.z.enabled", "plugins.b.x.y", "day.wake", "quiet.enabled", "new.table.of.its.own",
    )
)  # fmt: skip


@st.composite
def files(draw: st.DrawFn) -> str:
    comments = st.lists(st.sampled_from(COMMENTS), max_size=2)
    lines: list[str] = []
    for header in ("", *draw(st.lists(st.sampled_from(HEADERS), max_size=5, unique=True))):
        lines += [*draw(comments), header] if header else []
        for name in draw(st.lists(st.sampled_from(NAMES), max_size=3, unique=True)):
            lines += [*draw(comments), f"{draw(st.sampled_from(('', '  ')))}{name} = {draw(st.sampled_from(VALUES))}"]
    lines += draw(comments)
    text = "\n".join(lines) + draw(st.sampled_from(("", "\n", "\n\n")))
    return text.replace("\n", "\r\n") if draw(st.booleans()) else text


@pytest.mark.once
@settings(max_examples=5 * settings().max_examples)
@given(text=files(), path=st.sampled_from(PATHS), value=st.sampled_from([True, False, "06:00", [1], None]))
def test_in_any_file_only_the_one_place_changes(
    text: str, path: tuple[str, ...], value: object, tmp_path_factory: pytest.TempPathFactory
) -> None:
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        reject()
    node = data
    for part in path[:-1]:
        assume(isinstance(node, dict))
        node = node.get(part, {})
    assume(isinstance(node, dict))
    old = node.get(path[-1])
    wanted = deepcopy(data)
    put(wanted, path, value)
    file = tmp_path_factory.getbasetemp() / "any.toml"
    file.write_bytes(text.encode())
    try:
        said = set_values(file, {".".join(f'"{part}"' for part in path): value})
    except Problem as problem:
        # A new mistake in the settings, such as `enabled = [1]`, or a table with lines of its own.
        assert "nothing was changed" in str(problem) or isinstance(old, dict)
        assert file.read_bytes() == text.encode()
        return
    now = file.read_bytes().decode()
    if not said:
        assert (now, repr(old)) == (text, repr(value))
        return
    assert ordered(tomllib.loads(now)) == ordered(wanted)
    gone, new = apart(text.splitlines(keepends=True), now.splitlines(keepends=True))
    assert len(new) <= 4, "a gap, a header, the key, a gap"
    if old is None:
        # All lines are still there, unless the place was in an inline table or the last line had no end.
        assert not gone or (len(gone) == 1 and ("{" in gone[0] or not gone[0].endswith("\n")))
    elif len(gone) == 1 and value is not None:
        assert gone[0].partition("=")[0] == new[0].partition("=")[0]
        assert gone[0].rpartition(" # ")[2] == new[0].rpartition(" # ")[2] or " # " not in gone[0]
    elif value is None:
        assert not new or "{" in new[0]
    else:
        # What was written over may have had more lines.
        assert any(len(spelt.splitlines()) >= len(gone) for spelt in VALUES)
    if "\r\n" in text:
        assert now.count("\r\n") == now.count("\n")


def apart(one: list[str], other: list[str]) -> tuple[list[str], list[str]]:
    """The lines between those that both begin with and those that both end with."""
    while one and other and one[0] == other[0]:
        one, other = one[1:], other[1:]
    while one and other and one[-1] == other[-1]:
        one, other = one[:-1], other[:-1]
    return one, other


def put(data: dict[str, Any], path: tuple[str, ...], value: object) -> None:
    for part in path[:-1]:
        data = data.setdefault(part, {})
    data[path[-1]] = value
    if value is None:
        del data[path[-1]]


def ordered(data: Any) -> Any:
    """Without empty tables, which may go with the last of their dotted keys, and in an order that can be compared."""
    if isinstance(data, dict):
        kept = sorted((name, ordered(one)) for name, one in data.items())
        return [(name, one) for name, one in kept if one != []]
    return ("list", *map(ordered, data)) if isinstance(data, list) else repr(data)
