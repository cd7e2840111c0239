"""Commands beside a Coach: in this process, in its home, at its time, with its plugins."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from crampcoach.cli import main
from crampcoach.testing import Coach


@dataclass(frozen=True)
class Said:
    """What a command has printed, and how it ended."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        assert (self.status, self.err) == (0, ""), self
        return json.loads(self.out)


@dataclass
class Commands:
    """`commands("log", "cramp", "--side", "left")`; the agent looks at what it did."""

    coach: Coach
    capsys: pytest.CaptureFixture[str]

    def __call__(self, *words: str) -> Said:
        self.capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            main(list(words))
        assert isinstance(end.value.code, int)
        said = Said(end.value.code, *self.capsys.readouterr())
        assert "Traceback" not in said.err
        self.coach.settle()
        return said

    def ok(self, *words: str) -> str:
        said = self(*words)
        assert (said.status, said.err) == (0, ""), said
        return said.out.rstrip("\n")

    def fails(self, *words: str, status: int = 1) -> str:
        """The sentence of a command that must fail."""
        said = self(*words)
        assert (said.status, said.out) == (status, ""), said
        return said.err.removeprefix("crampcoach: ").rstrip("\n").partition("\nsee: ")[0]


def commands_of(
    coach: Coach,
    folder: Path,
    plugins: Iterable[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Commands:
    """The commands of this Coach, whose home is `folder`."""
    monkeypatch.setenv("CRAMPCOACH_HOME", str(folder))
    monkeypatch.setenv("CRAMPCOACH_PLUGINS", ",".join(plugins))
    monkeypatch.setattr("crampcoach.cli.session.SystemClock", lambda: coach.clock)
    return Commands(coach, capsys)
