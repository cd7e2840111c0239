"""The plugins in examples/plugins do what their heads say, copied as those say, and the agent carries no library."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from dataclasses import fields
from pathlib import Path
from textwrap import dedent
from types import ModuleType
from typing import Any

import pytest

from agent_process import Nest
from crampcoach.options import default_of
from crampcoach.plugins import load_file
from examples import FOLDER, NAMES, source

TOP = FOLDER.parent.parent
every = pytest.mark.parametrize("name", NAMES)


def head(name: str) -> str:
    return ast.get_docstring(ast.parse(source(name))) or ""


def indented(text: str, begin: str) -> str:
    """The indented lines below the line that begins so."""
    found = re.search(rf"^{begin}[^\n]*\n\n((?: {{4}}.*\n|\n)+)", text + "\n", re.MULTILINE)
    assert found, f"nothing is indented below {begin!r}"
    return dedent(found[1])


def loaded(name: str) -> ModuleType:
    return load_file(f"example_{name}", FOLDER / f"{name}.py")


@pytest.mark.pure
def test_there_are_four() -> None:
    assert NAMES == ["calendar_quiet", "coffee_counter", "markdown_explainers", "push"]


@pytest.mark.pure
@every
def test_its_settings_are_those_that_its_head_shows_with_their_defaults(name: str) -> None:
    shown: dict[str, Any] = tomllib.loads(indented(head(name), "Settings"))["plugins"][name]
    options = loaded(name).options()
    assert shown == {one.name: default_of(one) for one in fields(options)}
    options(**shown)  # it keeps to its own ranges


@pytest.mark.pure
@every
def test_its_head_says_what_becomes_of_your_data(name: str) -> None:
    assert re.search(r"^Privacy: ", head(name), re.MULTILINE)
    assert "\n" not in head(name).partition("\n\n")[0]  # `plugins show` has room for one line


@pytest.mark.pure
@every
def test_the_packages_that_it_needs_are_installed_for_its_tests(name: str) -> None:
    needs = re.findall(r"^ +crampcoach plugins install (.+)$", head(name), re.MULTILINE)
    packages = {package for line in needs for package in line.split()}
    group = tomllib.loads((TOP / "pyproject.toml").read_text())["dependency-groups"]["test"]
    assert packages <= {re.split(r"[^\w-]", one)[0] for one in group}
    known = {"apprise", "icalendar", "recurring_ical_events"}
    used = {word for word in re.findall(r"^ +import (\w+)", source(name), re.MULTILINE) if word in known}
    assert {package.replace("-", "_") for package in packages} == used


@pytest.mark.pure
@every
def test_it_uses_public_names_only(name: str) -> None:
    for node in ast.walk(ast.parse(source(name))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("crampcoach"):
            assert node.module == "crampcoach"
        if isinstance(node, ast.Import):
            assert not [one.name for one in node.names if one.name.startswith("crampcoach")]


@pytest.mark.pure
def test_the_agent_carries_none_of_their_libraries() -> None:
    heavy = ("apprise", "requests", "icalendar", "recurring_ical_events", "dateutil", "click", "subprocess")
    code = (
        "import sys; from pathlib import Path; import crampcoach.agent; from crampcoach.plugins import load_file\n"
        "for name in ('click', 'subprocess'): sys.modules.pop(name, None)\n"
        f"for path in sorted(Path({str(FOLDER)!r}).glob('*.py')): load_file(path.stem, path)\n"
        f"print(*sorted(set({heavy!r}) & set(sys.modules)))\n"
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


@pytest.mark.pure
def test_the_readme_lists_each() -> None:
    text = (FOLDER / "README.md").read_text()
    assert sorted(re.findall(r"\[(\w+)\.py\]\(\1\.py\)", text)) == NAMES
    assert "(examples/plugins/README.md)" in (TOP / "README.md").read_text()


# --- as a person installs them ---------------------------------------------------------------------------------


def install(nest: Nest, name: str) -> None:
    """Run the commands of its head that copy it, in the folder where it is."""
    nest.home.plugin_dir.mkdir(parents=True, exist_ok=True, mode=0o700)  # the agent makes it
    tools = nest.folder / "bin"
    tools.mkdir(exist_ok=True)
    command = tools / "crampcoach"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m crampcoach "$@"\n')
    command.chmod(0o700)
    lines = [line for line in indented(head(name), "Install").splitlines() if line.startswith("cp ")]
    assert lines
    env = nest.environment(PATH=f"{tools}{os.pathsep}{os.environ['PATH']}")
    for line in lines:
        subprocess.run(["sh", "-ec", line], cwd=FOLDER, env=env, check=True, timeout=60)


@pytest.mark.real
def test_copied_as_their_heads_say_all_of_them_work(tmp_path: Path) -> None:
    nest = Nest(tmp_path / "my home")
    for name in NAMES:
        install(nest, name)
    (nest.home.plugin_dir / "calendar.ics").write_text("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")
    addresses = nest.home.plugin_dir / "push.urls"
    addresses.touch(mode=0o600)
    addresses.write_text("json://127.0.0.1/s3cr3t\n")
    listed = {one["name"]: one for one in nest.asked("plugins")}
    for name in NAMES:
        assert (listed[name]["state"], listed[name]["origin"]) == ("on", str(nest.home.plugin_dir / f"{name}.py"))
    assert nest.run("coffee").out.count("not entered") == 7
    nest.configure('[notify]\norder = ["push"]\n')
    said = nest.run("check")
    assert "messages would be sent by JSON" in " ".join(said.out.split())
    assert "s3cr3t" not in said.out + said.err
    assert [row["reminder"] for row in nest.asked("plan") if row["reminder"].startswith("coffee")]


@pytest.mark.real
@every
def test_the_checker_of_plugins_finds_nothing_wrong(name: str, tmp_path: Path) -> None:
    nest = Nest(tmp_path / "home")
    install(nest, name)
    (nest.home.plugin_dir / "calendar.ics").write_text("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")
    said = nest.run("plugins", "check", name)
    # How long its import takes depends on what the machine does besides.
    wrong = [line for line in (said.out + said.err).splitlines() if "importing it takes" not in line]
    assert said.code == 0
    assert [line for line in wrong if "nothing is wrong" not in line] == []
