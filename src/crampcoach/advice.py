"""Advice: a fixed safety text with its level, as it is put before the person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from crampcoach.checks import MOST_LINE, as_tuple, check_choice, check_text

Level: TypeAlias = Literal["now", "same-day", "routine"]
#: Most urgent first.
LEVELS: tuple[Level, ...] = get_args(Level)
#: What a level says, as the first line that a person reads.
HEADINGS: dict[Level, str] = {
    "now": "Get medical help now",
    "same-day": "Get this looked at today",
    "routine": "Worth asking your doctor about",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What to do about a sign. `text` names the sign and the step; `id` and `sources` are those of the evidence.

    brief: the sign alone in fewer words than the title, for a small place; empty where it is not urgent.
    """

    id: str
    level: Level
    title: str
    text: str
    sources: Sequence[str] = ()
    brief: str = ""

    def __post_init__(self) -> None:
        check_text("Advice: id", self.id)
        check_choice(f"Advice {self.id!r}: level", self.level, Level)
        check_text(f"Advice {self.id!r}: title", self.title, most=MOST_LINE)
        check_text(f"Advice {self.id!r}: text", self.text)
        as_tuple(self, "sources", str, f"Advice {self.id!r}: sources")


def most_urgent(advice: Sequence[Advice]) -> Level:
    """The most urgent level among some advice, which must not be empty."""
    return min((one.level for one in advice), key=LEVELS.index)
