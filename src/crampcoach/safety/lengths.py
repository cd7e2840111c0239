"""The lengths in a note: "half an hour", "12-15 min", "1h30". What is a cramp's and too long is marked as such.

Whose length it is, is a question of the words around it: `lasting.py`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from crampcoach.safety.note_words import words as listed

if TYPE_CHECKING:
    from crampcoach.safety.lasting import Length

#: Words that stand for every length of a cramp that is over the threshold of RF-10MIN.
OVER = ("over", "10", "minutes")
_LITERALS = (OVER, ("over", "ten", "minutes"))
#: Punctuation as it stands among the words of a text.
MARKS = frozenset("|,:/?")
NEW_LINE = "\n"
#: Words around a length are looked for no further away than this.
_NEAR = 12

_HOUR = 60.0
_UNITS = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), 1 / 60),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), 1.0),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), _HOUR),
    **dict.fromkeys(("day", "night"), math.inf),
}
_ONES = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9}
_TEENS = {"ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16}
_TEENS |= {"seventeen": 17, "eighteen": 18, "nineteen": 19}
_TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
_NUMBERS = {**_ONES, **_TEENS, **_TENS}
_RANGES = frozenset(("to", "or", "and", "/"))
_HEADINGS, _FILLERS = listed("lengths", "headings"), listed("lengths", "fillers")
_SOME_HOURS = listed("lengths", "some_hours")

_HOURS, _MINUTES = "h|hrs?|hours?", "m|mins?|minutes?"
_DECIMAL = re.compile(rf"\b(\d{{1,4}})[.,](\d{{1,2}})\s?(?:({_HOURS})|(?:{_MINUTES}))\b")
_CLOCK = re.compile(rf"\b(\d{{1,2}}):([0-5]\d)\s?(?:{_HOURS})\b")
_JOINED = re.compile(rf"\b(\d{{1,4}})({_HOURS}|{_MINUTES})(?=\d|\b)")
_SIGNS = (
    (re.compile(rf"\b(\d{{1,4}})\s?\+(?=\s?(?:{_HOURS}|{_MINUTES})\b)"), r"over \1"),
    (re.compile(r"[~\N{ALMOST EQUAL TO}](?=\s?\d)"), " "),
    (re.compile(r">(?=\s?\d)"), " over "),
    (re.compile(r"<(?=\s?\d)"), " under "),
)


def spelt(text: str) -> str:
    """A text in lower case with its lengths in words and whole numbers: "1.5h" is 90 minutes, "20+ min" over 20."""
    if not any(letter.isdecimal() for letter in text):
        return text
    text = _DECIMAL.sub(_whole_minutes, text)
    text = _CLOCK.sub(lambda found: f"{60 * int(found[1]) + int(found[2])} minutes", text)
    for sign, said in _SIGNS:
        text = sign.sub(said, text)
    return _JOINED.sub(r"\1 \2 ", text)


def _whole_minutes(found: re.Match[str]) -> str:
    value = int(found[1]) + int(found[2]) / 10 ** len(found[2])
    return f"{math.ceil(value * _HOUR if found[3] else value)} minutes"


def marked(words: list[str]) -> list[str]:
    """The words of a text with `OVER` after each length of a cramp that is, and without it where it is another thing's.

    A new line among the words parts nothing here: notes are wrapped.
    """
    if _UNITS.keys().isdisjoint(words):
        return words
    places = [n for n, word in enumerate(words) if word != NEW_LINE]
    plain = [words[n] for n in places]
    found: list[list[str]] = [[word] for word in words]
    for unit, length in _lengths(plain):
        if tuple(plain[max(0, unit - 2) : unit + 1]) in _LITERALS:
            if not length.is_a_cramps():
                found[places[unit - 2]] = ["-"]
        elif length.is_over and length.is_a_cramps():
            found[places[unit]] += OVER
    return [word for some in found for word in some]


def _lengths(words: Sequence[str]) -> Iterator[tuple[int, Length]]:
    """Each length, with the place of its unit."""
    from crampcoach.safety.lasting import Length  # not before a length is met: it has many patterns to compile

    for unit, word in enumerate(words):
        if word not in _UNITS or not (amount := _amount(words, unit)):
            continue
        minutes, start = amount
        first = start
        while first > max(0, start - _NEAR) and words[first - 1] in _FILLERS:
            first -= 1
        leading = words[first:start]
        mark = words[first - 1] if first > 1 and words[first - 2] in _HEADINGS else ""
        if mark == ":" or (mark == "," and _ends(words, unit + 1)):  # "cramp: 12 min", "cramp, 12 min."
            first -= 1
        left = _clause(words[max(0, first - _NEAR) : first][::-1])[::-1]
        right = _clause(words[unit + 1 : unit + 1 + _NEAR])
        yield unit, Length(minutes, frozenset(leading), " ".join(left), " ".join(right))


def _ends(words: Sequence[str], at: int) -> bool:
    return at >= len(words) or words[at] in MARKS


def _clause(words: Sequence[str]) -> Sequence[str]:
    return next((words[:n] for n, word in enumerate(words) if word in MARKS), words)


def _amount(words: Sequence[str], unit: int) -> tuple[float, int] | None:
    """The minutes of what ends with a unit, and where it starts; None where no number, or words for one, lead to it."""
    size, before = _UNITS[words[unit]], list(words[max(0, unit - 3) : unit])
    if size == math.inf:
        wholes = (["all"], ["the", "whole"], ["the", "entire"], ["most", "of", "the"])
        return next(((size, unit - len(one)) for one in wholes if before[-len(one) :] == one), None)
    half = before == ["and", "a", "half"]
    number, at = _number(words, unit - 4 if half else unit - 1)
    if number is None:
        return _some_hours(words, unit) if size == _HOUR else None
    minutes = (number + half / 2) * size
    low, further = _number(words, at - (at > 0 and words[at] in _RANGES))
    if low is not None:  # "10 to 15 minutes"
        return minutes, further + 1
    joined = at - (at > 0 and words[at] == "and")
    if at > 0 and _UNITS.get(words[joined], 0) > size:  # "1 hour and 20 minutes"
        larger, further = _number(words, joined - 1)
        return minutes + (larger or 0) * _UNITS[words[joined]], further + 1
    return minutes, at + 1


def _some_hours(words: Sequence[str], unit: int) -> tuple[float, int] | None:
    """Hours without a number: all that counts of them is that they are longer than the threshold."""
    start = unit
    while start > max(0, unit - _NEAR) and (words[start - 1] in _SOME_HOURS or words[start - 1] in ("of", "three")):
        start -= 1
    return (_HOUR / 4, start) if start < unit or words[unit] == "hours" else None


def _number(words: Sequence[str], at: int) -> tuple[int | None, int]:
    """The number that ends at a place, and the place before it."""
    word = words[at] if at >= 0 else ""
    if word.isdecimal() and len(word) <= 6:
        return int(word), at - 1
    if word in _ONES and at and words[at - 1] in _TENS:
        return _TENS[words[at - 1]] + _ONES[word], at - 2
    return (_NUMBERS[word], at - 1) if word in _NUMBERS else (None, at)
