"""A person at a terminal: commands in this process, in a home of their own, with the plugins that they have on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from commands import Typed
from crampcoach.cli.handed import Handed
from crampcoach.home import Home, find_home
from crampcoach.testing import HandedClock, Said
from crampcoach.testing.command_line import run_command

ZONE = ZoneInfo("Europe/Berlin")


@dataclass
class Person(Typed):
    """`person("plugins", "new", "tea")`; for them time passes only by `at`."""

    folder: Path
    clock: HandedClock

    @property
    def home(self) -> Home:
        return find_home({"CRAMPCOACH_HOME": str(self.folder)})

    @property
    def plugin_dir(self) -> Path:
        return self.home.plugin_dir

    def run(self, *words: str, **given: Any) -> Said:
        return run_command(words, Handed(clock=self.clock), {"CRAMPCOACH_HOME": str(self.folder)}, **given)

    def at(self, wall: str) -> None:
        """It is this time from now on."""
        self.clock.set(datetime.fromisoformat(wall).replace(tzinfo=ZONE))

    def configure(self, text: str) -> None:
        """Write config.toml."""
        self.home.config_file.parent.mkdir(parents=True, exist_ok=True)
        self.home.config_file.write_text(text, encoding="utf-8")

    def drop(self, source: str, name: str) -> Path:
        """Put a file into the plugin folder."""
        return put(self.plugin_dir, source, f"{name}.py")


def put(folder: Path, source: str, name: str) -> Path:
    """Write a file that only its owner can read."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.write_text(source, encoding="utf-8")
    path.chmod(0o600)
    return path


def person_of(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Person:
    """For them it is half a minute past two in the afternoon, and nothing was ever set up."""
    for name in ("CRAMPCOACH_PLUGINS", "DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR", "DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    return Person(folder, HandedClock(datetime(2026, 11, 22, 14, 0, 30, tzinfo=ZONE), ZONE))
