"""Words that no text says to people, and why: crampcoach's own texts are held to them, plugins are warned."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

#: What programs read of a page: names of tags, attributes and classes, numbers, rules of a style sheet. Other values of
#: attributes may be read out to people.
_MARKUP = re.compile(
    r"""(?<=<)/?[A-Za-z][\w-]* | (?<![\w-])[A-Za-z][\w-]*(?==["']) | (?<=class=["'])[^"'<>]* | (?<=\sid=["'])[\w-]*
    | (?<==["'])[\d.]+%?(?=["']) | (?<=[.#])[\w-]+(?=[\w\s.,>:#+~*-]*\{)
    | (?<=\{)\s*(?:[a-z-]+\s*:[^{};:]*(?:;\s*|(?=\})))+(?=\})""",
    re.VERBOSE,
)


@cache
def never_said() -> Mapping[str, str]:
    """A pattern of the words for each reason."""
    return {one["why"]: "|".join(one["words"]) for one in _read()["never"]}


@cache
def allowed() -> Mapping[str, str]:
    """Each pattern that stands all the same, and why."""
    return {words: one["why"] for one in _read()["allowed"] for words in one["words"]}


@cache
def _read() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("never_said.toml").read_text(encoding="utf-8"))


@cache
def whole_words(pattern: str) -> re.Pattern[str]:
    """What finds a pattern as whole words, in whatever case."""
    return re.compile(rf"(?<![\w-])(?:{pattern})(?![\w-])", re.IGNORECASE)


def said_in(text: str) -> Iterator[tuple[str, str]]:
    """The words in a text that nobody should have to read, each with the reason."""
    for found, why in _found(text):
        yield found[0], why


def wrongly_said_in(text: str) -> Iterator[tuple[str, str]]:
    """The same without what is allowed where it stands, and what no person reads: markup."""
    places: list[tuple[int, int]] | None = None
    for found, why in _found(text):
        if places is None:
            places = [one.span() for words in allowed() for one in whole_words(words).finditer(text)]
            places += [one.span() for one in _MARKUP.finditer(text)]
        if not any(start <= found.start() and found.end() <= end for start, end in places):
            yield found[0], why


def _found(text: str) -> Iterator[tuple[re.Match[str], str]]:
    for why, pattern in never_said().items():
        yield from ((found, why) for found in whole_words(pattern).finditer(text))
