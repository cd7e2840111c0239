"""docs/writing-plugins.md holds: its tutorial is followed, every hook has its section, every example loads."""

from __future__ import annotations

import importlib.util
import inspect
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, fields
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

import crampcoach
from coffee import COFFEE
from crampcoach import Context, hookspecs
from crampcoach.plugins import HOOKS
from crampcoach.testing import Coach
from person import Person

pytestmark = pytest.mark.pure

TOP = Path(__file__).resolve().parent.parent
PAGE = TOP / "docs" / "writing-plugins.md"
#: What an example of a hook may use without saying where it is from.
PRELUDE = """
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated
from crampcoach import *
"""


@dataclass(frozen=True)
class Block:
    """A block of code: its language, the file that it is (or an empty name), its lines, the heading above it."""

    language: str
    file: str
    text: str
    under: str


def blocks() -> Iterator[Block]:
    heading = ""
    for match in re.finditer(
        r"^(#+ [^\n]*)$|^```(\w*) ?(\S*)\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL
    ):
        if match[1]:
            heading = match[1].lstrip("# ").strip("`")
        else:
            yield Block(match[2], match[3], match[4], heading)


def tutorial() -> list[Block]:
    return [block for block in blocks() if re.match(r"\d\. ", block.under)]


def console(block: Block) -> list[tuple[list[str], list[str]]]:
    """Each command of a block with the lines that it prints; `...` stands for anything, alone for any lines."""
    found: list[tuple[list[str], list[str]]] = []
    for line in block.text.splitlines():
        if line.startswith("$ crampcoach "):
            found.append((line.split()[2:], []))
        else:
            found[-1][1].append(line)
    return found


def says(out: str, lines: list[str]) -> bool:
    return fnmatchcase(out.strip(), "\n".join(lines).strip().replace("[", "[[]").replace("...", "*"))


def test_the_tutorial_is_followed_from_the_first_line_to_the_last(tmp_path: Path) -> None:
    desk = tmp_path / "desk"
    desk.mkdir()
    typed = 0
    with Coach(tmp_path / "home", now="2026-11-22 09:00") as coach:
        for block in tutorial():
            if block.file == "coffee.py":
                (desk / block.file).write_text(block.text)
                coach.configure("")
                coach.load("coffee", desk / block.file)
            elif block.file == "config.toml":
                coach.configure(block.text)
            elif block.file.endswith(".py"):
                (desk / block.file).write_text(block.text)
            elif block.language == "console":
                for words, lines in console(block):
                    said = coach.run(*words)
                    assert said.status == 0, said
                    assert says(said.out, lines), f"{' '.join(words)} says:\n{said.out}"
                    typed += 1
            elif block.file == "pyproject.toml":
                assert tomllib.loads(block.text) == {
                    "project": {"entry-points": {"crampcoach": {"coffee": "crampcoach_coffee"}}}
                }
            else:
                assert block.text == "crampcoach try coffee\n", block
                said = coach.run("try", "coffee", "--wait", "0")
                assert (said.status, coach.recorder.sent[-1].title) == (0, "Coffee today?")
                typed += 1
    assert typed >= 4
    command = [sys.executable, "-W", "error", "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_coffee.py"]
    done = subprocess.run(command, cwd=desk, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout


def inline_commands() -> list[str]:
    """The commands in the sentences of the tutorial, but for the one that needs a package index."""
    text = PAGE.read_text("utf-8").partition("\n### 1. ")[2].partition("\n## ")[0]
    prose = " ".join(re.sub("^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL).split())
    found = {one.removeprefix("crampcoach ") for one in re.findall("`(crampcoach [^`]*)`", prose)}
    return sorted(found - {"plugins", "plugins install crampcoach-coffee"})


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a folder of their own; that the tests here have a module `coffee` is nobody's business."""
    find = importlib.util.find_spec
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "coffee" else find(name))
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("elsewhere")
@pytest.mark.parametrize("command", inline_commands())
def test_a_command_in_a_sentence_of_the_tutorial_works_where_it_stands(person: Person, command: str) -> None:
    if command != "plugins new coffee":  # that is for whoever has none yet
        person.drop(COFFEE, "coffee")
    assert person.ok(*command.split())


@pytest.mark.usefixtures("elsewhere")
def test_what_was_a_file_is_moved_into_the_package(person: Person) -> None:
    assert "plugins new coffee --package" in inline_commands()
    file, main = person.drop(COFFEE, "coffee"), Path("crampcoach-coffee", "src", "crampcoach_coffee", "__init__.py")
    said = person.ok("plugins", "new", "coffee", "--package")
    assert f"  mv {file} {main}\n" in said
    assert "coffee.py` over its `src/crampcoach_coffee/__init__.py`" in PAGE.read_text("utf-8")
    file.rename(main)
    assert person.ok("plugins", "check", str(main)).endswith(": nothing is wrong with it")


def test_what_the_options_of_the_tutorial_say_counts(tmp_path: Path) -> None:
    """Its second plugin asks until it is enough, and `cups` says when."""
    second = [block for block in tutorial() if block.file == "coffee.py"][1]
    with Coach(tmp_path, now="2026-11-22 08:00", config="[plugins.coffee]\ncups = 2\n") as coach:
        coach.load("coffee", second.text, strict=False)
        for at, so_far in (("09:00", "0"), ("12:00", "1")):
            coach.advance(at)
            assert coach.sent[-1].body == f"{so_far} so far today."
            coach.press("Had one")
        coach.advance("15:00")
        assert len(coach.sent) == 2
        coach.configure("[plugins.coffee]\ncups = 21\n")
        assert "cups: 21 is not accepted" in coach.resting()["coffee"]


def test_the_first_nine_lines_are_those_of_the_readme() -> None:
    assert next(block.text for block in tutorial() if block.file == "coffee.py") == COFFEE
    assert f"```python\n{COFFEE}```" in (TOP / "README.md").read_text("utf-8")


def test_the_format_of_ones_own_has_fifteen_lines_and_writes_what_it_says(tmp_path: Path) -> None:
    (block,) = [one for one in blocks() if one.file == "nights.py"]
    assert len(block.text.splitlines()) <= 15
    with Coach(tmp_path, now="2026-11-22 09:00") as coach:
        coach.load("cramps")
        coach.load("nights", block.text)
        for day, count in (("2026-11-20", "2"), ("2026-11-21", "0"), ("2026-11-22", "1")):
            coach.run("log", "night", "--count", count, "--at", f"{day} 08:00")
        assert coach.run("export", "nights").out == "2026-11-19 2\n2026-11-21 1\n"
        assert "Nights with cramps, one a line" in coach.run("export").out


def test_the_tables_of_values_and_of_the_context_leave_out_nothing_that_is_public() -> None:
    rows = "\n".join(line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| `"))
    of_context = {one.name for one in fields(Context)} | {"in_bed", "of_night", "red_flags", "logger"}
    assert {name for name in vars(Context) if not name.startswith("_")} <= of_context
    assert not {name for name in of_context - {"plugin"} if f"`ctx.{name}" not in rows}
    # What no plugin makes or is handed by its name, or has a section or a sentence of its own.
    elsewhere = {"Context", "EntryLog", "Numbers", "Problem", "Profile", "check_range", "hookimpl"}
    assert not {name for name in set(crampcoach.__all__) - elsewhere if not re.search(rf"`{name}\b", rows)}


def test_the_reference_is_what_hooks_and_kit_say() -> None:
    done = subprocess.run(
        [sys.executable, TOP / "tools" / "plugin_reference.py", "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", HOOKS)
def test_every_hook_has_a_section_headed_by_its_signature(name: str) -> None:
    arguments = ", ".join(inspect.signature(getattr(hookspecs, name)).parameters)
    sections = [block for block in blocks() if block.under == f"{name}({arguments})"]
    assert sections, f"{PAGE.name} has no section `{name}({arguments})` with an example"


@pytest.mark.parametrize("name", HOOKS)
def test_the_example_of_a_hook_loads_and_is_called(name: str, tmp_path: Path) -> None:
    (example,) = [block for block in blocks() if block.under.startswith(f"{name}(")]
    with Coach(tmp_path) as coach:
        coach.load("example", PRELUDE + example.text)
        assert name in coach.agent.roster.loaded["example"].plugin.hooks
        assert coach.failures("example") == []
