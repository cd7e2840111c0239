"""What single words mean in a note, as `note_words.toml` has it, read once."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files


@cache
def _lists() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads(files(__package__).joinpath("note_words.toml").read_text(encoding="utf-8"))


def words(table: str, name: str) -> frozenset[str]:
    """One list of words."""
    return frozenset(_lists()[table][name].split())


def phrases(table: str, name: str) -> frozenset[str]:
    """One list of phrases, each a line."""
    return frozenset(_lists()[table][name].strip().splitlines())
