"""An author's own project: pytest finds the kit where it is asked for, and a plugin that is wrong fails readably."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from coffee import COFFEE

pytestmark = pytest.mark.real

CONFTEST = """\
from crampcoach.testing import Coach

pytest_plugins = ["crampcoach.testing"]
"""
TESTS = """\
from pathlib import Path

import pytest

FILE = Path(__file__).with_name("coffee.py")
pytestmark = pytest.mark.coach(now="2026-03-28 14:00", zone="Europe/Paris")


def test_it_asks_and_logs(coach, tmp_path):
    coach.load("coffee", FILE)
    coach.advance("15:00")
    coach.press("Had one")
    assert [f"{entry.at:%d %H:%M %z}" for entry in coach.entries("coffee")] == ["28 15:00 +0100"]
    assert "coffee" in coach.run("entries").out
    assert coach.home.config_file.is_relative_to(tmp_path)


@pytest.mark.coach(now="2026-03-28 18:00", config="[plugins.coffee]\\nschedule = '19:00'")
def test_a_marker_that_is_closer_counts_and_leaves_the_rest(coach):
    coach.load("coffee", FILE)
    coach.advance("19:00")
    assert [message.title for message in coach.sent] == ["Coffee today?"]
    assert coach.clock.zone().key == "Europe/Paris"
    coach.advance("2026-03-29 19:00")
    assert len(coach.sent) == 2


def test_each_test_has_a_coach_of_its_own(coach):
    assert not coach.running
    assert coach.entries() == ()
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    for name, text in (("conftest.py", CONFTEST), ("coffee.py", COFFEE), ("test_coffee.py", TESTS)):
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def run(folder: Path, *words: str) -> tuple[int, str]:
    """What pytest says of the project, with warnings as errors."""
    environ = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "CRAMPCOACH", "COLUMNS"))
    }
    options = ("-p", "no:cacheprovider", "-W", "error", "--strict-markers", "--strict-config", "--color=no")
    command = [sys.executable, "-m", "pytest", *options, *words]
    done = subprocess.run(
        command, cwd=folder, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
        timeout=120,
    )  # fmt: skip
    return done.returncode, done.stdout


def test_it_passes(project: Path) -> None:
    status, said = run(project)
    assert status == 0, said
    assert "3 passed" in said


def test_the_marker_as_the_docs_write_it(project: Path) -> None:
    page = (Path(__file__).resolve().parent.parent / "docs" / "writing-plugins.md").read_text(encoding="utf-8")
    block = page.partition("## Testing\n")[2].partition("```python\n")[2].partition("```")[0]
    body = 'def test_it(coach):\n    assert f"{coach.clock.now():%H:%M}" == "22:00"\n'
    body += '    assert "cups = 2" in coach.home.config_file.read_text()\n'
    (project / "test_coffee.py").write_text(f"import pytest\n\n\n{block}{body}", encoding="utf-8")
    status, said = run(project)
    assert (status, "1 passed" in said) == (0, True), said


def test_a_test_may_ask_for_the_kit_itself(project: Path) -> None:
    (project / "conftest.py").unlink()
    body = f"def test_it(coach: Coach):\n    coach.load('coffee', '{project}/coffee.py')\n"
    (project / "test_coffee.py").write_text(f"{CONFTEST}\n\n{body}", encoding="utf-8")
    status, said = run(project)
    assert (status, "1 passed" in said) == (0, True), said


def test_the_kit_is_asked_for_on_the_command_line_too(project: Path) -> None:
    (project / "conftest.py").unlink()
    status, said = run(project)
    assert status != 0
    assert "'coach' not found in `markers`" in said, "nobody gets it who has not asked"
    status, said = run(project, "-p", "crampcoach.testing")
    assert (status, "3 passed" in said) == (0, True), said


def test_pytest_says_what_there_is(project: Path) -> None:
    status, said = run(project, "--markers")
    assert (status, "@pytest.mark.coach(now, zone, config, deadline): how the fixture `coach` begins" in said) == (
        0,
        True,
    )
    status, said = run(project, "--fixtures")
    assert (status, said.count("coach -- ")) == (0, 1)
    assert "A crampcoach agent under your control, with tmp_path as its home" in said


def test_a_plugin_that_cannot_be_loaded_fails_at_load_with_its_own_lines(project: Path) -> None:
    (project / "coffee.py").write_text(COFFEE.replace("Kind(", "Knid("))
    status, said = run(project, "-k", "asks_and_logs")
    assert status == 1
    assert '>       coach.load("coffee", FILE)' in said
    assert "PluginFailed: plugin coffee: loading it raised NameError: name 'Knid' is not defined" in said
    assert f'File "{project / "coffee.py"}", line 6, in kinds' in said
    assert 'return [Knid(name="coffee", title="Coffee")]' in said
    for ours in ("running.py", "guard.py", "loading.py", "importlib"):
        assert ours not in said


def test_a_test_that_fails_says_what_became_of_the_reminders(project: Path) -> None:
    (project / "coffee.py").write_text(COFFEE.replace("15:00", "23:00"))
    (project / "test_coffee.py").write_text(
        "from pathlib import Path\n\n\n"
        "def test_it_asks_in_the_night(coach):\n"
        "    coach.load('coffee', Path(__file__).with_name('coffee.py'))\n"
        "    coach.advance('23:00')\n"
        "    assert coach.sent\n"
    )
    status, said = run(project)
    assert status == 1
    account = said.partition("- the coach's agent -")[2]
    assert "it was Sun 22 Nov 2026 23:00 in Europe/Berlin\ncoffee.daily/2026-11-22/23:00: deferred (quiet" in account
    assert "ready: 1 reminder, next coffee.daily at Sun 23:00\n" in account


def test_a_wrong_word_in_the_marker_is_an_error(project: Path) -> None:
    (project / "test_coffee.py").write_text(
        "import pytest\n\n\n@pytest.mark.coach(nwo='2026-11-22 12:00')\ndef test_it(coach):\n    pass\n"
    )
    status, said = run(project)
    assert status == 1
    assert "unexpected keyword argument 'nwo'" in said


WITHOUT_PYTEST = """
import sys
sys.modules["pytest"] = sys.modules["_pytest"] = None  # an import of either fails
from pathlib import Path
from crampcoach.testing import Coach
with Coach(Path(sys.argv[1])) as coach:
    coach.load("coffee", Path(sys.argv[2]))
    coach.advance("15:00")
    print(*[message.title for message in coach.sent], coach.run("today").status)
"""


def test_the_coach_needs_no_pytest(project: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-W", "error", "-c", WITHOUT_PYTEST, str(tmp_path / "home"), str(project / "coffee.py")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (0, "Coffee today? 0\n"), done.stderr
