"""What tests ask of nearly each command, beside a Coach and wherever else one is run."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

from crampcoach.testing import Coach, Said


class Typed(ABC):
    """`commands("log", "cramp", "--side", "left")` runs these words; never does it show a traceback."""

    @abstractmethod
    def run(self, *words: str, **given: Any) -> Said:
        """Run a command."""

    def __call__(self, *words: str, **given: Any) -> Said:
        said = self.run(*words, **given)
        assert "Traceback" not in said.err
        return said

    def ok(self, *words: str, **given: Any) -> str:
        said = self(*words, **given)
        assert (said.status, said.err) == (0, ""), said
        return said.out.rstrip("\n")

    def fails(self, *words: str, status: int = 1, **given: Any) -> str:
        """The sentence of a command that must fail."""
        said = self(*words, **given)
        assert (said.status, said.out) == (status, ""), said
        return said.err.removeprefix("crampcoach: ").rstrip("\n").partition("\nsee: ")[0]


@dataclass(frozen=True)
class Commands(Typed):
    """Commands beside a Coach."""

    coach: Coach

    def run(self, *words: str, **given: Any) -> Said:
        return self.coach.run(*words, **given)
