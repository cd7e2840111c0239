"""A plugin that is a package: made, built, installed beside crampcoach, in use; then it goes, under a running agent."""

from __future__ import annotations

import re
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from agent_process import agent
from clean_venv import TOP, Installed, build, environment, run
from crampcoach.model import occurrence_key
from desktop import private_bus, wait_for, witness

pytestmark = pytest.mark.real

#: What it says stands in a file of the package, which is read when its time has come.
WORDS = """
def _say(ctx: object, occurrence: object) -> str:
    return Path(__file__).with_name("words.txt").read_text()
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment with crampcoach, its dependencies and pip in it."""
    folder = tmp_path_factory.mktemp("clean")
    return environment(build(TOP, folder / "dist", "--wheel"), folder / "venv")


@pytest.fixture
def wheel(tmp_path: Path, python: Path) -> Path:
    """What `plugins new --package` writes, given something to say, as a wheel."""
    project = tmp_path / "crampcoach-tea"
    new = ("crampcoach", "plugins", "new", "tea", "--package", str(project))
    run(python, "-m", *new, CRAMPCOACH_HOME=str(tmp_path / "nobody"))
    main = project / "src" / "crampcoach_tea" / "__init__.py"
    text = main.read_text().replace('say="Time for tea?"', "say=_say")
    main.write_text(
        text.replace("from crampcoach import", "from pathlib import Path\n\nfrom crampcoach import", 1) + WORDS
    )
    main.with_name("words.txt").write_text("A cup of tea?")
    return build(project, tmp_path / "dist", "--wheel")


def test_a_packaged_plugin_works_and_its_end_is_survived(tmp_path: Path, python: Path, wheel: Path) -> None:
    with private_bus() as bus, witness(bus) as server:
        nest = Installed(tmp_path / "home", {"DBUS_SESSION_BUS_ADDRESS": bus}, python=python)
        nest.signs_are_known()
        nest.pip("install", "--no-deps", wheel)
        due = nest.next_minute(notice=10)
        later = due + timedelta(minutes=1)
        nest.configure(
            f'[plugins.tea]\nschedule = "{due:%H:%M}, {later:%H:%M}"\n'
            f'[plugins.stretching]\nschedule = "{later:%H:%M}"\n'
        )
        with agent(nest) as running:
            tea = {row["name"]: row for row in nest.asked("plugins", "list")}["tea"]
            assert (tea["state"], tea["origin"], tea["version"]) == ("on", "crampcoach-tea 0.1.0", "0.1.0")

            def comes(name: str, at: datetime) -> int:
                key = occurrence_key(name, at.date(), at.time().replace(second=0))
                popup = server.wait_for(lambda seen: seen.get("occurrence") == key, 75)
                late = popup["t"] + time.time() - time.monotonic() - at.timestamp()
                assert 0 <= late < 3
                return int(popup["id"])

            number = comes("tea.daily", due)
            assert server.events("notify")[-1]["title"] == "A cup of tea?"
            # It goes while its message is there, and nobody tells the agent.
            nest.pip("uninstall", "--yes", "crampcoach-tea")
            assert not list(python.parent.parent.glob("lib/*/site-packages/crampcoach_tea"))
            server.press(number, "did-it")
            wait_for(lambda: nest.row("tea.daily").state == "done", 5, "the press counts")
            # At its next time there is nothing left of it to say, and everybody else is on time.
            comes("stretching.evening", later)
            line = running.wait_line("plugin tea: composing tea.daily raised FileNotFoundError")
            assert line.endswith("`crampcoach plugins show tea` says more")
            assert nest.row("tea.daily").state == "missed"
            assert not [line for line in running.lines if "changed: plugin tea" in line]

            assert nest.run("status").code == 0
            assert running.wait_line("changed:") == "config read again; changed: plugin tea (removed)"
            assert "tea" not in {row["name"] for row in nest.asked("plugins", "list")}
            assert not [row for row in nest.asked("plan") if row["reminder"].startswith("tea.")]
            # What was logged stays, and can be read without the plugin.
            assert [entry["kind"] for entry in nest.asked("entries", "--kind", "tea")] == ["tea"]
            said = nest.run("log", "tea")
            assert (said.code, len(re.findall("tea", said.err)) > 0) == (2, True)
            running.stop()
        with agent(nest) as again:
            assert "tea" not in again.text
            again.stop()
