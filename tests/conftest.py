"""What every test may use: hypothesis profiles, and a home of its own."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from commands import Commands
from crampcoach.home import Home
from crampcoach.testing import Coach
from desktop import WitnessProcess, private_bus, witness

#: What authors of plugins have too.
pytest_plugins = ["crampcoach.testing"]

#: `CRAMPCOACH_SOAK=1` looks longer and elsewhere; without it every run checks the same.
SOAK = bool(os.environ.get("CRAMPCOACH_SOAK"))

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
def commands(coach: Coach) -> Commands:
    """Commands beside the test's own `coach`."""
    return Commands(coach)


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
