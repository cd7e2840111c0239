"""The core knows no plugin: no name, kind, command or reminder of a bundled one is written anywhere in it.

What bundled plugins declare is looked for in two ways: as a value in code (`"cramp"`), and in any text, data and
comments too, in a shape that can mean nothing else (`crampcoach card`, `plugins.desktop`, `stretching.evening`).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import pytest

from crampcoach import hookspecs
from crampcoach.clock import SystemClock
from crampcoach.config import Config
from crampcoach.context import ContextMaker
from crampcoach.home import Home
from crampcoach.loading import Loaded, load_all
from crampcoach.plugins import discover

pytestmark = pytest.mark.pure

CORE = Path(__file__).resolve().parent.parent / "src" / "crampcoach"
TEXTS = ("*.py", "*.toml", "*.svg")

#: Words that mean something else in the core, wherever it says them; as a kind (`kind == "night"`) they count.
OWN_WORDS = {
    "day": "wake to wake: a table of the config, a column of occurrences",
    "night": "noon to noon: a column of entries",
}
#: (file, word): why it may stand there.
EXCEPTIONS = {
    ("config.py", "desktop"): "the default order of [notify]: a person is to see and change it before any plugin loads",
    ("config.py", "plyer"): "as desktop",
    ("config.py", "terminal"): "as desktop",
    ("cli/check.py", "desktop"): "the person's own desktop, not what shows messages there",
    ("safety/wording.py", "stretch"): "the measure that advice holds",
    ("cli/now.py", "stretch"): "the measure",
    ("cli/setup.py", "stretch"): "the measure",
    ("cli/symptoms.py", "stretch"): "the measure",
    ("cli/now.py", "cramp"): "what `now` is about; it asks whether there is such a kind, with such a field",
    ("safety/red_flags.toml", "cramp.duration"): "safety is core data, and says by which fields a flag is raised",
    ("safety/red_flags.toml", "medicine.change"): "the same",
    ("safety/lasting.py", "cramp"): "the word in a note, whatever kind it is of",
    ("safety/lasting.py", "cramps"): "the same",
}


@cache
def bundled() -> tuple[Loaded, ...]:
    with TemporaryDirectory() as folder:
        maker = ContextMaker(Home(Path(folder), Path(folder), Path(folder)))
        found = {name: one for name, one in discover(Path(folder) / "plugins").items() if one.origin == "bundled"}
        loaded, failures = load_all(found, Config(), maker, SystemClock())
        assert not failures
        return tuple(loaded.values())


@cache
def commands() -> tuple[str, ...]:
    asked = [one.plugin.call("commands", ctx=None) for one in bundled() if one.plugin.has("commands")]
    return tuple(each.name for given in asked for each in given if isinstance(each, click.Command) and each.name)


def plugins() -> tuple[str, ...]:
    return tuple(one.name for one in bundled())


def kinds() -> tuple[str, ...]:
    return tuple(kind.name for one in bundled() for kind in one.kinds)


@cache
def names() -> frozenset[str]:
    """What a value in the core's code may not be. A hook's name is the core's own."""
    return frozenset({*plugins(), *kinds(), *commands()} - OWN_WORDS.keys() - vars(hookspecs).keys())


@cache
def shapes() -> re.Pattern[str]:
    """What means a plugin wherever it stands."""
    named = "|".join(map(re.escape, plugins()))
    fields = "|".join(re.escape(name) for name in kinds() if name not in OWN_WORDS)
    reminders = [re.escape(planned.name) for one in bundled() for planned in one.plan]
    return re.compile(
        rf"""
          \bcrampcoach\ (?P<command>{"|".join(map(re.escape, commands()))})\b(?!-)
        | \bplugins(?:\.|\ \w+\ )(?P<plugin>{named})\b
        | \bcrampcoach_(?P<module>{named})\b
        | \b(?P<reminder>{"|".join(reminders)})\b
        | ["'](?P<field>(?:{fields})\.[a-z_]+)["']
        """,
        re.VERBOSE,
    )


def values(text: str) -> Iterator[tuple[int, str]]:
    """Each text in the code that is no docstring, and each kind by which the code tells entries apart."""
    module = ast.parse(text)
    said = {id(node.value) for node in ast.walk(module) if isinstance(node, ast.Expr)}
    for node in ast.walk(module):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said:
            yield node.lineno, node.value
        if isinstance(node, ast.Compare) and re.search(r"\bkind(\.name)?$", ast.unparse(node.left)):
            for one in ast.walk(node):
                if isinstance(one, ast.Constant) and isinstance(one.value, str):
                    yield node.lineno, f"kind {one.value}"
        if isinstance(node, ast.keyword) and node.arg == "kind" and isinstance(node.value, ast.Constant):
            yield node.lineno, f"kind {node.value.value!s}"


def known(text: str, *, code: bool) -> Iterator[tuple[int, str]]:
    """Line and word of whatever it says of a plugin."""
    for line, value in values(text) if code else ():
        if value in names() or (value.removeprefix("kind ") in kinds() and value.startswith("kind ")):
            yield line, value
    for found in shapes().finditer(text):
        yield text.count("\n", 0, found.start()) + 1, next(word for word in found.groups() if word)


def all_known() -> dict[tuple[str, str], int]:
    paths = sorted(path for pattern in TEXTS for path in CORE.rglob(pattern))
    assert len(paths) > 50
    return {
        (path.relative_to(CORE).as_posix(), word): line
        for path in paths
        for line, word in known(path.read_text(encoding="utf-8"), code=path.suffix == ".py")
    }


def test_the_core_knows_no_plugin() -> None:
    found = all_known()
    assert {f"{name}:{line}: {word}" for (name, word), line in found.items() if (name, word) not in EXCEPTIONS} == set()


def test_every_exception_is_still_one() -> None:
    assert EXCEPTIONS.keys() - all_known().keys() == set()


def test_there_is_something_to_look_for() -> None:
    assert {"stretching", "desktop", "cramp", "journal", "card", "week"} <= names()
    assert "stretching.evening" in {planned.name for one in bundled() for planned in one.plan}


@pytest.mark.parametrize(
    "code",
    [
        'order = ["desktop"]',
        'if "cramp" in kinds: pass',
        'if kind.name == "night": pass',
        'if entry.kind in ("day", "x"): pass',
        'Entry(kind="night")',
        'f"""Exec={in_window("stretch")}"""',
        'print("`crampcoach card` makes a page")',
        'print("turn one on: crampcoach plugins enable desktop")',
        'table = "plugins.hydration"',
        "# as stretching.evening does",
        "import crampcoach_cramps",
    ],
)
def test_knowing_a_plugin_is_recognised(code: str) -> None:
    assert list(known(code, code=True))


@pytest.mark.parametrize(
    "code",
    [
        'print("stretching is on again")',
        'row["day"]',
        '"""stretch"""',
        'print("crampcoach plugins enable NAME")',
        'print("no terminal here")',
        'print("crampcoach cardigan")',
    ],
)
def test_an_ordinary_word_is_none(code: str) -> None:
    assert not list(known(code, code=True))
