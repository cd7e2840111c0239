"""What is not imported costs nothing: `--version` is quick, the idle agent is small."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.pure

TOP = Path(__file__).resolve().parent.parent
BUNDLED = sorted(path.name for path in (TOP / "plugins").glob("crampcoach_*") if path.is_dir())


def modules_after(code: str, folder: Path) -> set[str]:
    """The top-level names of everything that a fresh Python has imported after running `code`."""
    ask = f"{code}\nimport json, sys\nprint(json.dumps(sorted({{name.partition('.')[0] for name in sys.modules}})))"
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("DBUS_", "CRAMPCOACH_"))}
    environ["CRAMPCOACH_HOME"] = str(folder)
    command = [sys.executable, "-c", ask]
    said = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60, check=False)
    assert said.returncode == 0, said.stderr
    return set(json.loads(said.stdout.splitlines()[-1]))


RUN = """
from crampcoach.cli import main
try:
    main({words!r})
except SystemExit as end:
    assert not end.code
"""

IDLE = """
import time
from crampcoach.agent import Agent
from crampcoach.clock import SystemClock
from crampcoach.home import find_home

said = []
agent = Agent(find_home(), SystemClock(), said.append)
agent.startup()
while not any("ready" in line for line in said) or agent.guard.busy():
    time.sleep(0.01)
    agent.turn()
assert set(agent.roster.loaded) == {bundled!r}, (agent.roster.resting, said)
agent.turn()
agent.shutdown()
"""

#: What `--version` must not have to wait for.
HEAVY = {"asyncio", "sqlite3", "schedule", "plyer", "rich", "tomlkit", "tomllib", "msgspec", "pluggy", "tzlocal"}


def test_this_test_sees_imports(tmp_path: Path) -> None:
    assert {"sqlite3", "asyncio"} <= modules_after("import sqlite3, asyncio", tmp_path)


def test_version_imports_next_to_nothing(tmp_path: Path) -> None:
    loaded = modules_after(RUN.format(words=["--version"]), tmp_path)
    assert "click" in loaded
    assert not loaded & (HEAVY | set(BUNDLED))
    assert not any(tmp_path.iterdir()), "--version touched the home"


def test_help_of_a_command_imports_no_plugin(tmp_path: Path) -> None:
    """`--help` alone lists the commands that plugins add."""
    loaded = modules_after(RUN.format(words=["run", "--help"]), tmp_path)
    assert not loaded & ((HEAVY - {"tomllib"}) | set(BUNDLED))


def test_listing_entries_loads_no_plugin(tmp_path: Path) -> None:
    loaded = modules_after(RUN.format(words=["entries"]), tmp_path)
    assert "sqlite3" in loaded
    assert not loaded & {"asyncio", "schedule", "msgspec", "rich", "tomlkit", *BUNDLED}


def test_an_idle_agent_on_the_defaults_stays_small(tmp_path: Path) -> None:
    loaded = modules_after(
        IDLE.format(bundled=frozenset(name.removeprefix("crampcoach_") for name in BUNDLED)), tmp_path
    )
    assert set(BUNDLED) <= loaded
    assert not loaded & {"asyncio", "msgspec", "rich", "tomlkit", "tomli_w", "plyer", "hypothesis", "pytest"}


@pytest.mark.parametrize("name", BUNDLED)
def test_importing_a_bundled_plugin_pulls_in_no_library(name: str, tmp_path: Path) -> None:
    # The public names and what they stand on are there already when a plugin is imported.
    before = modules_after("import crampcoach.agent", tmp_path)
    added = modules_after(f"import crampcoach.agent, {name}", tmp_path) - before
    assert name in added
    assert not added & {"click", "rich", "jeepney", "plyer", "desktop_notifier", "asyncio", "msgspec", "tomlkit"}
