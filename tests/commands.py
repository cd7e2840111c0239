"""Commands beside a Coach, and what tests ask of nearly each of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from crampcoach.testing import Coach, Said


@dataclass(frozen=True)
class Commands:
    """`commands("log", "cramp", "--side", "left")` is `coach.run` of these words; never does it show a traceback."""

    coach: Coach

    def __call__(self, *words: str, **given: Any) -> Said:
        said = self.coach.run(*words, **given)
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
