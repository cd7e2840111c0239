"""Checks of boundary values, each with a sentence that the author of a plugin can act on."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import is_dataclass
from typing import Any, get_args

NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")
#: What a plugin makes is kept, stored and sent: no title or label is longer than the first, in characters, and no text
#: than the second.
MOST_LINE, MOST_TEXT = 1_000, 100_000
#: Lists and tables in an entry's fields have no more others around them.
DEEPEST = 100


def is_of(value: object, of: type) -> bool:
    """Whether a value may cross the boundary as `of`. A class made from one of ours would run its code in the core."""
    return type(value) is of if is_dataclass(of) else isinstance(value, of)


def check_name(what: str, name: object) -> None:
    """Raise ValueError unless `name` is a short lower-case name."""
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise ValueError(
            f"{what} {name!r}: use a short name of lower-case letters, digits, '-' and '_', starting with a letter"
        )


def check_choice(what: str, value: object, choices: Any) -> None:
    """Raise ValueError unless `value` is one of a Literal's choices."""
    accepted = get_args(choices)
    if value not in accepted:
        raise ValueError(f"{what} {value!r}: use one of {', '.join(accepted)}")


def as_tuple(owner: object, name: str, of: type, what: str) -> None:
    """Turn an iterable field of a frozen dataclass into a tuple of `of`."""
    value = getattr(owner, name)
    if isinstance(value, (str, bytes)) or not isinstance(value, Iterable):
        raise TypeError(f"{what}: give a list, not {value!r}")
    items = tuple(value)
    for item in items:
        if not is_of(item, of):
            raise TypeError(f"{what}: {item!r} is no {of.__name__}")
    object.__setattr__(owner, name, items)


def check_fields(what: str, fields: Mapping[str, Any]) -> None:
    """Raise TypeError or ValueError unless the fields can be stored: JSON values, no NUL, no half characters.

    Nor are they nested so deeply that whoever reads them later, with more around the call, could not.
    """
    if not _is_shallow(fields, DEEPEST):
        raise ValueError(f"{what}: its fields are nested more than {DEEPEST} deep; make them flatter")
    try:
        json.dumps(dict(fields), ensure_ascii=False, allow_nan=False).encode()
    except (TypeError, ValueError) as error:
        raise TypeError(f"{what}: its fields cannot be stored ({error}); use texts, numbers, true or false") from None
    for name, value in fields.items():
        if not isinstance(name, str):
            raise TypeError(f"{what}: the name of a field must be a text, not {name!r}")
        if "\0" in f"{name}{value}":
            raise ValueError(f"{what}: {name} holds a NUL character; remove it")


def _is_shallow(value: object, most: int) -> bool:
    if not isinstance(value, Mapping | list | tuple):
        return True
    return most > 0 and all(
        _is_shallow(one, most - 1) for one in (value.values() if isinstance(value, Mapping) else value)
    )


def check_range(value: float | None, least: float, most: float) -> None:
    """Raise ValueError unless a number lies between these, or is None. Where both are whole, so should it be.

    For `__post_init__` of options and of a kind's fields: the sentence is shown behind the name of the key.
    """
    if value is not None and not least <= value <= most:  # nan is not either
        number = "a whole number" if isinstance(least, int) and isinstance(most, int) else "a number"
        shown = f"{value:g}" if isinstance(value, float) else brief(value)
        raise ValueError(f"{shown} is not accepted; accepted is {number} from {least:g} to {most:g}")


def brief(value: object) -> str:
    """A value as it may stand in a sentence."""
    try:
        text = repr(value)
    except ValueError:  # a whole number of thousands of digits
        text = "such a long number"
    return text if len(text) <= 80 else f"{text[:77]}..."


def check_line(what: str, value: object) -> None:
    """Raise ValueError unless `value` is one line. What is printed beside advice must not command the terminal."""
    check_text(what, value, most=MOST_LINE)
    if not str(value).isprintable():
        raise ValueError(f"{what}: give one line, without signs that command a terminal, not {brief(value)}")


def check_text(what: str, value: object, *, empty: bool = False, most: int | None = MOST_TEXT) -> None:
    """Raise ValueError unless `value` is a text that says something, in `most` characters."""
    if not isinstance(value, str) or not (empty or value.strip()):
        # Of a list, or what else may hold the person's words, only what it is.
        told = brief(value) if isinstance(value, str | int | float | None) else f"a {type(value).__name__}"
        raise ValueError(f"{what}: give a text, not {told}")
    if most is not None and len(value) > most:
        raise ValueError(f"{what}: a text of {len(value):,} characters is too long; the most is {most:,}")
