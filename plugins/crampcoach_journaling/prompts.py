"""The questions that stand above a page of the journal, and which one it is today."""

from __future__ import annotations

import textwrap
import tomllib
from collections.abc import Collection
from datetime import date
from functools import cache
from importlib.resources import files

#: What stands above a page besides its question. Lines begin with "# " and are not saved.
BELOW = "Write below, about this or anything else. These lines are not saved."
_WIDTH = 72


@cache
def prompts() -> tuple[str, ...]:
    """Every question."""
    data = tomllib.loads(files(__package__).joinpath("prompts.toml").read_text(encoding="utf-8"))
    return tuple(data["prompts"])


def choose(day: date, lately: Collection[str]) -> str:
    """The question of a day: another one each day, and none of those that were written about lately."""
    every = prompts()
    turn = day.toordinal() % len(every)
    in_turn = [*every[turn:], *every[:turn]]
    return next((one for one in in_turn if one not in lately), in_turn[0])


def page(question: str) -> str:
    """An empty page: the question in lines that are not saved, then room to write."""
    return "\n".join([*_above(question), "", ""])


def _above(question: str) -> list[str]:
    return [*_comment(question), *_comment(BELOW)]


def _comment(text: str) -> list[str]:
    return [f"# {line}" for line in textwrap.wrap(text, _WIDTH)]


def written(made: str) -> tuple[str, str]:
    """What somebody wrote on a page, and the question that still stands above it, if any.

    Only lines that stand on a page by themselves are left out, so that a heading of one's own, "# Sunday", is kept.
    """
    lines = made.split("\n")
    question = next((one for one in prompts() if all(line in lines for line in _comment(one))), "")
    for line in _above(question):
        if line in lines:
            lines.remove(line)
    while lines and not lines[0].strip():
        del lines[0]
    while lines and not lines[-1].strip():
        del lines[-1]
    return "\n".join(lines), question
