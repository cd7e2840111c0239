"""`crampcoach cramp left calf 7 3m`: a cramp in a few words, in any order, for somebody who is half asleep."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from typing import Any, get_args, get_type_hints

import click

from crampcoach import Entry, Session
from crampcoach_cramps.fields import CrampFields

#: Words that people use for a choice.
ALSO = {"l": "left", "r": "right", "calves": "calf", "feet": "foot", "toe": "toes", "thighs": "thigh"}
_DURATION = re.compile(r"(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m(?:in)?)?(?:(\d+(?:\.\d+)?)s(?:ec)?)?")
_NAMES = {"side": "which leg", "muscle": "where", "severity": "how bad", "duration": "how long", "part": "when"}


@click.command("cramp", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("words", nargs=-1)
@click.option("--at", help='When: 03:10, "yesterday 23:00", or early, middle, late last night; now unless given.')
@click.option("--note", default="", help="Your words; long or private text: crampcoach log cramp --note -")
@click.pass_obj
def cramp_command(session: Session, words: tuple[str, ...], at: str | None, note: str) -> None:
    """Save a cramp in a few words, in any order.

    \b
    left, right, both
    calf, foot, toes, thigh, other
    how bad from 0 to 10:  7
    how long:  3m, 90s, 1h
    early, middle or late last night

    For example: crampcoach cramp left calf 7 3m --at 03:10
    """
    fields = read(words)
    entry = session.dated(Entry(kind="cramp", fields=fields, note=note), at)
    session.save(entry)
    assert entry.at
    # Where only the part of the night is known, its time is a guess.
    time = f"night of {entry.night:%a %d %b}" if "part" in entry.fields else f"{entry.at:%a %d %b %H:%M}"
    said = [time, *(in_words(name, value) for name, value in entry.fields.items())]
    click.echo(f"saved: cramp, {', '.join(said)}")


def choices() -> dict[str, str]:
    """Every word that stands for itself, with its field."""
    hints = get_type_hints(CrampFields)
    found = {word: name for name in ("side", "muscle", "part") for word in get_args(get_args(hints[name])[0])}
    return {word: name for word, name in found.items() if word != "unknown"}


def read(words: Iterable[str]) -> dict[str, Any]:
    """The fields that the words stand for. Raises click.UsageError."""
    known = choices()
    fields: dict[str, Any] = {}
    for given in words:
        word = ALSO.get(given.lower(), given.lower())
        name, value = _number(word) if word[:1].isdigit() else (known.get(word), word)
        if name is None:
            raise click.UsageError(f"{given!r} is no word for a cramp{_near(word, known)}; nothing was saved")
        if fields.get(name, value) != value:
            both = f"{in_words(name, fields[name])} and {in_words(name, value)}"
            raise click.UsageError(f"{both} both say {_NAMES[name]}: leave one out; nothing was saved")
        fields[name] = value
    try:
        CrampFields(**fields)
    except ValueError as error:
        raise click.UsageError(f"{error}; nothing was saved") from None
    return fields


def _number(word: str) -> tuple[str | None, Any]:
    """How bad (7, 7/10) or how long (3m, 90s, 1h30m); in minutes."""
    if re.fullmatch(r"\d{1,4}(/10)?", word):
        return "severity", int(word.partition("/")[0])
    found = _DURATION.fullmatch(word)
    hours, minutes, seconds = (float(one or 0) for one in found.groups()) if found else (0.0, 0.0, 0.0)
    return ("duration", round(hours * 60 + minutes + seconds / 60, 2)) if found else (None, word)


def _near(word: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(word, [*known, *ALSO], n=1, cutoff=0.6)
    if near:
        return f"; did you mean {ALSO.get(near[0], near[0])!r}?"
    return " (a length has its unit: 3m, 90s, 1h)" if word[:1].isdigit() else f"; there are {', '.join(known)}"


def in_words(name: str, value: Any) -> str:
    """A field as it is said back."""
    if name == "severity":
        return f"{value} of 10"
    return f"{value:g} min" if name == "duration" else str(value)
