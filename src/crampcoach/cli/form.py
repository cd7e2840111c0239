"""An entry as a text that is changed in an editor, and back. What stands above a line is TOML, below it is the note.

The note stands as it is, so that any text comes back equal; the line above it is the first of its kind.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin, get_type_hints

import tomli_w

from crampcoach.model import Problem
from crampcoach.moments import PART_FIELD, PARTS
from crampcoach.options import describe, plain_type

if TYPE_CHECKING:
    from crampcoach.model import Entry, Kind

BELOW = "----- your note: all that stands below this line -----"
_HEAD = "# Change what is wrong, save, and close the editor. An empty file changes nothing."


class Unreadable(ValueError):
    """What was made of the text, in a sentence that begins with its line where that is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What the text says. `at` and `night` are None where it says none."""

    at: str | None
    night: str | None
    fields: dict[str, Any]
    note: str


def write(entry: Entry, kind: Kind | None) -> str:
    """The entry as a text. What it does not say stands there as a comment to begin with. Raises Problem."""
    given = {name: value for name, value in entry.fields.items() if value is not None}
    try:
        table = tomli_w.dumps(given).splitlines()
    except TypeError:
        raise Problem(f"the fields of {entry.id} are no TOML; change it by options, see its --help") from None
    hints = get_type_hints(kind.fields, include_extras=True) if kind and kind.fields else {}
    names = [one.name for one in fields(kind.fields)] if kind and kind.fields else []
    head = [_HEAD, f"at = {_toml(said_at(entry))}", f"night = {_toml(str(entry.night))}", *table]
    head += [_example(name, hints[name]) for name in names if name not in given]
    return "\n".join([*head, BELOW, entry.note])


def _example(name: str, hint: Any) -> str:
    """A line for a field that is not given; without its first two signs it gives one."""
    base = plain_type(hint)
    choices = get_args(base) if get_origin(base) is Literal else ()
    value = choices[0] if choices else {bool: True, int: 0, float: 0.0, str: ""}.get(base, [])
    says = " or ".join(["", *map(_toml, choices[1:])]) if choices else f" {describe(hint)}" if describe(hint) else ""
    return f"# {name} = {_toml(value)}{f'  #{says}' if says else ''}"


def said_at(entry: Entry) -> str:
    """The time as `--at` reads it; only the part of the night where no more is known."""
    assert entry.at
    part = entry.fields.get(PART_FIELD)
    if part in PARTS:
        return str(part)
    twice = entry.at.replace(fold=0).astimezone(UTC) != entry.at.replace(fold=1).astimezone(UTC)
    return entry.at.isoformat(" ", "minutes") if twice else f"{entry.at:%Y-%m-%d %H:%M}"


def _toml(value: object) -> str:
    return tomli_w.dumps({"x": value}).removeprefix("x = ").rstrip("\n")


def read(text: str) -> Form:
    """What the text says. Raises Unreadable."""
    lines = text.split("\n")
    border = next((number for number, line in enumerate(lines) if line.strip() == BELOW), None)
    if border is None:
        raise Unreadable(f"the line {BELOW!r} is missing; put it back above your note")
    try:
        table = tomllib.loads("\n".join(line.rstrip("\r") for line in lines[:border]))
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"\(at line (\d+)", str(error))
        line = f"line {place[1]}" if place else f"a line above line {border + 1}"
        raise Unreadable(f"{line} cannot be read: write NAME = VALUE, with texts and times in quotes") from None
    return Form(
        at=_as_text(table.pop("at", None)),
        night=_as_text(table.pop("night", None)),
        fields=table,
        note="\n".join(lines[border + 1 :]),
    )


def line_of(text: str, name: str) -> str:
    """`line 4: `, where a name has its value; empty where it has none."""
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip() == BELOW:
            break
        if re.match(rf"\s*{re.escape(name)}\s*=", line):
            return f"line {number}: "
    return ""


def _as_text(value: object) -> str | None:
    """A time or date that was written without quotes is one too."""
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return str(value) if isinstance(value, str | date | datetime) else None if value is None else repr(value)
