"""What every test may use: hypothesis profiles, and a home of its own."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from commands import Commands
from crampcoach.home import Home
from crampcoach.store import Store, open_store
from crampcoach.testing import Coach
from crampcoach.transfer.whole_file import MARK
from desktop import WitnessProcess, private_bus, witness
from person import Person, person_of

#: What whoever runs the tests ignores (nohup, a job in the background), every process that a test starts would ignore.
for _name in ("SIGINT", "SIGQUIT", "SIGHUP"):
    if (_number := getattr(signal, _name, None)) and signal.getsignal(_number) == signal.SIG_IGN:
        signal.signal(_number, signal.default_int_handler if _name == "SIGINT" else signal.SIG_DFL)

#: What authors of plugins have too.
pytest_plugins = ["crampcoach.testing"]

#: `CRAMPCOACH_SOAK=1` looks longer and elsewhere; without it every run checks the same.
SOAK = bool(os.environ.get("CRAMPCOACH_SOAK"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What starts real processes comes first: it takes longest, and no processor is to wait for another at the end."""

    def turn(item: pytest.Item) -> int:
        return (item.get_closest_marker("pure") is not None) - (item.get_closest_marker("real") is not None)

    items.sort(key=turn)


settings.register_profile(
    "ci", deadline=None, derandomize=True, max_examples=100, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("soak", parent=settings.get_profile("ci"), derandomize=False, max_examples=2000)
settings.load_profile("soak" if SOAK else "ci")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Folders that nobody else uses; none of them is there yet."""
    return Home(tmp_path / "config", tmp_path / "data", tmp_path / "run")


@pytest.fixture
def store(home: Home) -> Iterator[Store]:
    """The two files of that home, new."""
    with closing(open_store(home, datetime(2026, 11, 22, 21, tzinfo=UTC))) as opened:
        yield opened


@pytest.fixture
def commands(coach: Coach) -> Commands:
    """Commands beside the test's own `coach`."""
    return Commands(coach)


@pytest.fixture
def person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Person:
    """A person at a terminal, whose home is the folder `home` of `tmp_path`."""
    return person_of(tmp_path / "home", monkeypatch)


@pytest.fixture
def editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Makes a shell script the editor; $1 is the draft."""
    monkeypatch.delenv("VISUAL", raising=False)

    def use(script: str) -> None:
        path = tmp_path / "my editor"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o700)
        monkeypatch.setenv("EDITOR", f"'{path}'")

    return use


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder in which commands are typed, and into which they write. In the end nothing half is left there."""
    made = tmp_path / "my files"
    made.mkdir()
    monkeypatch.chdir(made)
    yield made
    assert not list(made.glob(f"{MARK}*"))


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a private bus, on which this process talks too."""
    with private_bus() as address:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        yield address


@pytest.fixture
def server(bus: str) -> Iterator[WitnessProcess]:
    """A notification server that says what it was asked."""
    with witness(bus) as process:
        yield process
