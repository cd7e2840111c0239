"""Plugins that are installed, upgraded and uninstalled while the agent runs: what is on the disk is what runs."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import Distribution
from pathlib import Path
from shutil import rmtree

import pytest

from agent_process import agent
from clean_venv import Installed
from crampcoach.control import poke
from crampcoach.packages import name_and_version
from crampcoach.plugins import discover
from crampcoach.testing import Coach

SAYS = """\
from crampcoach import Reminder, hookimpl
{more}

@hookimpl
def reminders():
    return [Reminder(name="daily", schedule="{at}", say={say!r})]
"""


def says(text: str, at: str = "13:00", more: str = "") -> str:
    return SAYS.format(say=text, at=at, more=more)


@dataclass
class Site:
    """A folder that packages are installed in, and this process imports from."""

    folder: Path

    def install(self, version: str, files: Mapping[str, str], points: Mapping[str, str]) -> None:
        """Put the package crampcoach-live there in the place of the one that was; what belongs to it is listed last."""
        self.uninstall()
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        info = self.folder / f"crampcoach_live-{version}.dist-info"
        info.mkdir()
        info.joinpath("METADATA").write_text(f"Metadata-Version: 2.1\nName: crampcoach-live\nVersion: {version}\n")
        lines = "".join(f"{name} = {value}\n" for name, value in points.items())
        info.joinpath("entry_points.txt").write_text(f"[crampcoach]\n{lines}")
        info.joinpath("RECORD").write_text("".join(f"{name},{hash(text)},\n" for name, text in files.items()))

    def uninstall(self) -> None:
        for path in self.folder.iterdir():
            rmtree(path) if path.is_dir() else path.unlink()


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(folder)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)  # which goes by whole seconds
    before = set(sys.modules)
    yield Site(folder)
    for name in set(sys.modules) - before:
        if name.startswith("live_"):
            del sys.modules[name]


@pytest.fixture
def coach(tmp_path: Path, site: Site) -> Iterator[Coach]:
    with Coach(tmp_path / "home", deadline=1.0) as one:
        for name in ("live", "second"):
            one.load(name, strict=False)  # they are to come: nothing of that name is installed yet
        one.settle()
        yield one


def ask(coach: Coach) -> list[str]:
    """Have the agent look, as every command does; what it says."""
    before = len(coach.said)
    assert poke(coach.home.socket_file)
    coach.settle()
    return coach.said[before:]


def said(coach: Coach) -> list[str]:
    """What comes at the next 13:00."""
    before = len(coach.sent)
    coach.advance("13:00")
    return [message.title for message in coach.sent[before:]]


LIVE = {"live": "live_one"}


@pytest.mark.pure
def test_what_is_installed_is_found_when_somebody_asks_and_not_sought_before(coach: Coach, site: Site) -> None:
    site.install("1", {"live_one.py": says("One")}, LIVE)
    before = len(coach.said)
    coach.settle()
    assert coach.said[before:] == []
    assert ask(coach) == ["config read again; changed: plugin live (added)"]
    assert said(coach) == ["One"]
    assert ask(coach) == []


@pytest.mark.pure
def test_an_upgrade_is_imported_anew_with_its_submodules(coach: Coach, site: Site) -> None:
    files = {"live_one/__init__.py": "from live_one.words import reminders\n", "live_one/words.py": says("One")}
    inner = "reminders.__module__ = 'live_one'\n"
    files["live_one/__init__.py"] += inner
    site.install("1", files, LIVE)
    assert ask(coach) == ["config read again; changed: plugin live (added)"]
    assert said(coach) == ["One"]
    site.install("2", {**files, "live_one/words.py": says("Two")}, LIVE)
    assert ask(coach) == ["config read again; changed: plugin live (changed)"]
    assert said(coach) == ["Two"]
    # Back again, and the same version with other code in it.
    site.install("1", files, LIVE)
    ask(coach)
    assert said(coach) == ["One"]
    site.install("1", {**files, "live_one/words.py": says("Three")}, LIVE)
    ask(coach)
    assert said(coach) == ["Three"]


@pytest.mark.pure
def test_the_same_installed_again_changes_nothing(coach: Coach, site: Site) -> None:
    files = {"live_one.py": says("One")}
    site.install("1", files, LIVE)
    ask(coach)
    module = sys.modules["live_one"]
    site.install("1", files, LIVE)
    assert ask(coach) == []
    coach.configure("[plugins.live]\nschedule = '14:00'\n")
    assert sys.modules["live_one"] is module


@pytest.mark.pure
def test_two_plugins_of_one_package_share_what_is_imported_anew(coach: Coach, site: Site) -> None:
    points = {"live": "live_pair.a", "second": "live_pair.b"}
    files = {"live_pair/__init__.py": "", "live_pair/shared.py": "HEARD = []\n"}
    more = "from live_pair.shared import HEARD\nHEARD.append(__name__)\n"
    for text in ("One", "Two"):
        new = {f"live_pair/{name}.py": says(f"{text} {name}", more=more) for name in "ab"}
        site.install(text, {**files, **new}, points)
        ask(coach)
        assert sorted(said(coach)) == [f"{text} a", f"{text} b"]
        assert sorted(sys.modules["live_pair.shared"].HEARD) == ["live_pair.a", "live_pair.b"]


@pytest.mark.pure
def test_what_others_have_in_a_namespace_is_left_alone(coach: Coach, site: Site, tmp_path: Path) -> None:
    theirs = tmp_path / "theirs" / "live_space"
    theirs.mkdir(parents=True)
    theirs.joinpath("other.py").write_text("")
    sys.path.append(str(theirs.parent))
    try:
        site.install("1", {"live_space/mine.py": says("One")}, {"live": "live_space.mine"})
        ask(coach)
        assert said(coach) == ["One"]
        import live_space.other  # type: ignore[import-not-found]

        site.install("2", {"live_space/mine.py": says("Two")}, {"live": "live_space.mine"})
        ask(coach)
        assert said(coach) == ["Two"]
        assert sys.modules["live_space.other"] is live_space.other
    finally:
        sys.path.remove(str(theirs.parent))


@pytest.mark.pure
def test_what_an_installer_has_not_finished_is_looked_at_again(coach: Coach, site: Site) -> None:
    site.install("1", {"live_one.py": "import live_late\n" + says("One")}, LIVE)
    (info,) = site.folder.glob("*.dist-info")
    record = info.joinpath("RECORD").read_text()
    info.joinpath("RECORD").unlink()
    assert "No module named 'live_late'" in ask(coach)[0]
    site.folder.joinpath("live_late.py").write_text("")
    ask(coach)
    info.joinpath("RECORD").write_text(record)
    assert ask(coach) == ["config read again; changed: plugin live (changed)"]
    assert said(coach) == ["One"]


@pytest.mark.pure
def test_an_upgrade_that_is_broken_rests_and_the_next_one_mends_it(coach: Coach, site: Site) -> None:
    site.install("1", {"live_one.py": says("One")}, LIVE)
    ask(coach)
    site.install("2", {"live_one.py": "raise OSError('dry')\n"}, LIVE)
    assert "loading it raised OSError: dry; it rests" in ask(coach)[0]
    coach.advance("13:00")
    assert coach.states("live.daily") == ["due"]
    site.install("3", {"live_one.py": says("Three")}, LIVE)
    ask(coach)
    assert coach.states("live.daily") == ["shown"]
    assert coach.sent[-1].title == "Three"


@pytest.mark.pure
def test_what_is_uninstalled_goes_when_somebody_asks(coach: Coach, site: Site) -> None:
    site.install("1", {"live_one.py": says("One")}, LIVE)
    ask(coach)
    site.uninstall()
    assert ask(coach) == ["config read again; changed: plugin live (removed)"]
    assert said(coach) == []
    assert coach.resting() == {}


LATE = """\
from crampcoach import Message, Reminder, hookimpl

def _say(ctx, occurrence):
    from live_one.words import TEXT
    return Message(title=TEXT)

@hookimpl
def reminders():
    return [Reminder(name="daily", schedule="13:00, 14:00, 15:00, 16:00", say=_say)]
"""


@pytest.mark.pure
def test_one_whose_files_are_gone_is_named_and_rests_and_costs_nobody_else_anything(coach: Coach, site: Site) -> None:
    coach.load("steady", says("Steady", at="every 1h 13:00-16:00"))
    site.install("1", {"live_one/__init__.py": LATE, "live_one/words.py": "TEXT = 'One'\n"}, LIVE)
    ask(coach)
    site.uninstall()
    coach.advance("16:00")
    assert [message.title for message in coach.sent] == ["Steady"] * 4
    reason = "composing live.daily raised ModuleNotFoundError: No module named 'live_one.words'"
    assert coach.resting() == {"live": reason}


@pytest.mark.pure
def test_a_module_that_is_not_there_says_what_to_do(coach: Coach, site: Site) -> None:
    site.install("1", {}, LIVE)  # as an editable install is for a process that runs already
    ask(coach)
    assert coach.resting() == {
        "live": "its module 'live_one' is not there; if it was only just installed, start crampcoach again"
    }


@pytest.mark.pure
@pytest.mark.parametrize("gone", ["METADATA", "RECORD", "entry_points.txt"])
def test_a_package_that_is_half_removed_at_this_moment_is_survived(coach: Coach, site: Site, gone: str) -> None:
    site.install("1", {"live_one.py": says("One")}, LIVE)
    ask(coach)
    (info,) = site.folder.glob("*.dist-info")
    info.joinpath(gone).unlink()
    assert not [line for line in ask(coach) if "unexpected" in line]
    coach.load("steady", says("Steady"))
    assert "Steady" in said(coach)


@pytest.mark.pure
@pytest.mark.parametrize(
    ("file", "text", "found"),
    [
        ("METADATA", "Metadata-Version: 2\nName: tea-X\nVersion: 1.0\nSummary: a\n b\n\nVersion: 9", ("tea-X", "1.0")),
        ("PKG-INFO", "Version: 2\r\nName:  tea\r\n\r\n", ("tea", "2")),
        ("METADATA", "Name: tea\n\nVersion: 1", ("unknown package", "")),
        ("METADATA", "", ("unknown package", "")),
        ("METADATA", "Name: t\udcff\nVersion: 1", ("unknown package", "")),
    ],
)  # fmt: skip
def test_name_and_version_stand_at_the_top_of_a_packages_own_file(
    tmp_path: Path, file: str, text: str, found: tuple[str, str]
) -> None:
    tmp_path.joinpath(file).write_bytes(text.encode("utf-8", "surrogateescape"))
    assert name_and_version(Distribution.at(tmp_path)) == found


# --- the real thing --------------------------------------------------------------------------------------------


def wheel(folder: Path, version: str, text: str) -> Path:
    """The package crampcoach-live with one module, as a wheel."""
    path = folder / f"crampcoach_live-{version}-py3-none-any.whl"
    info = f"crampcoach_live-{version}.dist-info"
    files = {
        "live_wheel/__init__.py": "from live_wheel.words import TEXT\n"
        + says("x", at="13:00, 13:01").replace("'x'", "TEXT"),
        "live_wheel/words.py": f"TEXT = {text!r}\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: crampcoach-live\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: a test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": "[crampcoach]\nlive = live_wheel\n",
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
        archive.writestr(f"{info}/RECORD", "".join(f"{name},,\n" for name in [*files, f"{info}/RECORD"]))
    return path


@pytest.fixture
def elsewhere(tmp_path: Path) -> Installed:
    folder = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True, timeout=60)
    asked = "import json, sysconfig, sys; print(json.dumps([sysconfig.get_path('purelib'), sys.path]))"
    mine = subprocess.run([folder / "bin" / "python", "-c", asked], check=True, capture_output=True, text=True)
    site = Path(json.loads(mine.stdout)[0])
    site.joinpath("ours.pth").write_text("".join(f"{one}\n" for one in sys.path if Path(one).is_dir()))
    off = "".join(f"[plugins.{name}]\nenabled = false\n" for name in discover(Path()) if name != "terminal")
    nest = Installed(tmp_path / "home", python=folder / "bin" / "python")
    nest.configure(off)
    return nest


@pytest.mark.real
def test_a_wheel_is_installed_upgraded_and_uninstalled_under_a_running_agent(
    elsewhere: Installed, tmp_path: Path
) -> None:
    with agent(elsewhere, terminal=True) as running:

        def asked(line: str) -> None:
            before = len(running.lines)
            assert elsewhere.run("status").code == 0
            assert running.wait_line("changed:", 5, before) == f"config read again; changed: plugin live ({line})"

        elsewhere.pip("install", "--no-deps", wheel(tmp_path, "1.0", "The first"))
        asked("added")
        assert {row["name"]: row["version"] for row in elsewhere.asked("plugins")}["live"] == "1.0"
        key = elsewhere.make_due("live.daily", "13:00")
        running.wait_line("The first")
        elsewhere.pip("install", "--no-deps", "--upgrade", wheel(tmp_path, "2.0", "The second"))
        asked("changed")
        assert elsewhere.row("live.daily").state == "shown"
        assert elsewhere.row("live.daily").key == key
        assert elsewhere.run("snooze", "live", "1").code == 0
        elsewhere.make_due("live.daily", "13:01")
        running.wait_line("The second")
        elsewhere.pip("uninstall", "--yes", "crampcoach-live")
        asked("removed")
        assert elsewhere.row("live.daily").state in ("expired", "withdrawn")
        running.stop()
