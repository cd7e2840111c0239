"""A person at a terminal: commands in this process, in a home of their own, with the plugins that they have on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from agent_process import Ended
from crampcoach.cli.handed import Handed
from crampcoach.home import Home, find_home
from crampcoach.testing import HandedClock
from crampcoach.testing.command_line import run_command

ZONE = ZoneInfo("Europe/Berlin")


@dataclass
class Person:
    """`person("plugins", "new", "tea")`; for them time passes only by `at`."""

    folder: Path
    clock: HandedClock

    @property
    def home(self) -> Home:
        return find_home({"CRAMPCOACH_HOME": str(self.folder)})

    @property
    def plugin_dir(self) -> Path:
        return self.home.plugin_dir

    def __call__(self, *words: str, typed: Iterable[str] | None = None) -> Ended:
        said = run_command(words, Handed(clock=self.clock), {"CRAMPCOACH_HOME": str(self.folder)}, typed=typed)
        assert "Traceback" not in said.err
        return Ended(said.status, said.out, said.err)

    def ok(self, *words: str, typed: Iterable[str] | None = None) -> str:
        ended = self(*words, typed=typed)
        assert (ended.code, ended.err) == (0, ""), ended
        return ended.out.rstrip("\n")

    def fails(self, *words: str, code: int = 1) -> str:
        """The sentence of a command that must fail."""
        ended = self(*words)
        assert (ended.code, ended.out) == (code, ""), ended
        return ended.err.removeprefix("crampcoach: ").rstrip("\n").partition("\nsee: ")[0]

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
