"""A plugin's file runs only if nobody else can write it or put another in its place, through links too."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from agent_process import POWERLESS, Nest, agent
from coffee import COFFEE
from crampcoach.permissions import unsafe

NOBODY = 65534


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A plugin's file as it should be."""
    folder = tmp_path / "plugins"
    folder.mkdir(mode=0o700)
    path = folder / "coffee.py"
    path.write_text(COFFEE)
    path.chmod(0o600)
    return path


def moved(path: Path, folder: Path) -> Path:
    """Put the file elsewhere, with a link in its place."""
    folder.mkdir(mode=0o700)
    target = path.rename(folder / "real.py")
    path.symlink_to(target)
    return target


@pytest.mark.pure
@pytest.mark.parametrize("mode", [0o600, 0o644, 0o700, 0o755, 0o444])
def test_what_only_its_owner_can_write_is_safe(path: Path, mode: int) -> None:
    path.chmod(mode)
    path.parent.chmod(0o755)
    assert unsafe(path) == ""


@pytest.mark.pure
@pytest.mark.parametrize("mode", [0o666, 0o602, 0o777])
def test_a_file_that_anybody_can_write(path: Path, mode: int) -> None:
    path.chmod(mode)
    assert unsafe(path) == f"{path} can be written by others; run: chmod go-w {path}"


@pytest.mark.pure
@pytest.mark.parametrize("mode", [0o777, 0o1777, 0o702])
def test_a_folder_in_which_anybody_can_put_another_file(path: Path, mode: int) -> None:
    path.parent.chmod(mode)
    assert unsafe(path) == f"{path.parent} can be written by others; run: chmod go-w {path.parent}"


@pytest.mark.pure
def test_the_remedy_mends_it(path: Path) -> None:
    path.chmod(0o666)
    path.parent.chmod(0o777)
    for _ in range(2):
        remedy = unsafe(path).partition("run: ")[2]
        subprocess.run(remedy.split(), check=True)
    assert unsafe(path) == ""


@pytest.mark.pure
def test_a_link_is_as_safe_as_what_it_leads_to(path: Path, tmp_path: Path) -> None:
    target = moved(path, tmp_path / "elsewhere")
    assert unsafe(path) == ""
    target.chmod(0o666)
    assert f"chmod go-w {target}" in unsafe(path)
    target.chmod(0o600)
    target.parent.chmod(0o777)
    assert f"chmod go-w {target.parent}" in unsafe(path)


@pytest.mark.pure
def test_every_link_on_the_way_counts(path: Path, tmp_path: Path) -> None:
    target = moved(path, tmp_path / "elsewhere")
    between = tmp_path / "between"
    between.mkdir(mode=0o700)
    (between / "link.py").symlink_to(Path("..", "elsewhere", target.name))
    path.unlink()
    path.symlink_to(between / "link.py")
    assert unsafe(path) == ""
    between.chmod(0o777)
    assert f"chmod go-w {between}" in unsafe(path)


@pytest.mark.real
@pytest.mark.parametrize("make", [lambda path: path.symlink_to(path), lambda path: path.symlink_to("nowhere.py")])
def test_a_link_that_leads_nowhere_is_named(tmp_path: Path, make: Callable[[Path], None]) -> None:
    nest = Nest(tmp_path / "home")
    path = nest.drop("coffee", COFFEE)
    path.unlink()
    make(path)
    assert f"{path} cannot be read: " in nest.run("plugins", "show", "coffee").out


@pytest.mark.pure
def test_what_belongs_to_somebody_else(path: Path) -> None:
    if os.getuid() != 0:
        pytest.skip("only root can give a file away")
    for one in (path, path.parent):
        os.chown(one, NOBODY, NOBODY)
        assert unsafe(path) == f"{one} belongs to somebody else; make it yours, or remove it"
        os.chown(one, 0, 0)
    assert unsafe(path) == ""


def as_nobody(path: Path) -> str:
    """What an ordinary user is told of the file. Root passes every permission, and its files are trusted."""
    ask = f"from pathlib import Path\nfrom crampcoach.permissions import unsafe\nprint(unsafe(Path({str(path)!r})))"
    prefix = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"] if os.getuid() == 0 else []
    done = subprocess.run([*prefix, sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.mark.real
def test_roots_files_are_trusted_and_another_users_are_not() -> None:
    if os.getuid() != 0:
        pytest.skip("only root can be somebody else")
    with tempfile.TemporaryDirectory() as folder:  # pytest's own folders are closed to others
        path = Path(folder) / "coffee.py"
        path.parent.chmod(0o755)
        path.write_text(COFFEE)
        path.chmod(0o644)
        assert as_nobody(path) == ""
        os.chown(path, 12345, 12345)
        assert as_nobody(path) == f"{path} belongs to somebody else; make it yours, or remove it"
        os.chown(path, NOBODY, NOBODY)
        assert as_nobody(path) == ""
        # A group that is not its owner's own.
        os.chown(path, NOBODY, 4)
        path.chmod(0o664)
        assert as_nobody(path) == f"{path} can be written by others; run: chmod go-w {path}"


@pytest.mark.real
def test_the_agent_and_the_commands_run_none_of_it(tmp_path: Path) -> None:
    nest = Nest(tmp_path / "home", prefix=POWERLESS)
    marker = tmp_path / "was run"
    shared = tmp_path / "shared"
    shared.mkdir(mode=0o777)
    shared.chmod(0o777)
    source = f"open({str(marker)!r}, 'w')\n{COFFEE}"
    for name in ("writable", "linked"):
        nest.drop(name, source)
    (nest.home.plugin_dir / "writable.py").chmod(0o646)
    target = (nest.home.plugin_dir / "linked.py").rename(shared / "linked.py")
    (nest.home.plugin_dir / "linked.py").symlink_to(target)
    with agent(nest) as running:
        for name in ("writable", "linked"):
            assert "can be written by others; run: chmod go-w" in running.wait_line(f"plugin {name}: ", 10)
        running.stop()
    for words in (["plugins"], ["--help"], ["plan"], ["plugins", "check", "linked"], ["plugins", "show", "writable"]):
        nest.run(*words)
    assert not marker.exists()
