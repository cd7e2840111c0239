"""Words that no text says to people, and why: crampcoach's own texts are held to them, plugins are warned."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files


@cache
def never_said() -> Mapping[str, str]:
    """A pattern of the words for each reason."""
    data = tomllib.loads(files(__package__).joinpath("never_said.toml").read_text(encoding="utf-8"))
    return {one["why"]: "|".join(one["words"]) for one in data["never"]}


@cache
def whole_words(pattern: str) -> re.Pattern[str]:
    """What finds a pattern as whole words, in whatever case."""
    return re.compile(rf"(?<![\w-])(?:{pattern})(?![\w-])", re.IGNORECASE)


def said_in(text: str) -> Iterator[tuple[str, str]]:
    """The words in a text that nobody should have to read, each with the reason."""
    for why, pattern in never_said().items():
        yield from ((found[0], why) for found in whole_words(pattern).finditer(text))
