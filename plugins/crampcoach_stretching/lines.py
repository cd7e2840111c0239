"""Texts as lines that fit a terminal: their width in columns, broken between words, in ASCII where need be."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

#: What people write and `unicodedata` takes apart into nothing that ASCII has.
_ASCII: Mapping[int, str] = str.maketrans({
    0x2018: "'", 0x2019: "'", 0x201C: '"', 0x201D: '"', 0x2013: "-", 0x2014: "-", 0x2212: "-", 0xD7: "x", 0xB0: " deg",
    0xDF: "ss", 0xE6: "ae", 0xC6: "AE", 0xF8: "o", 0xD8: "O", 0x153: "oe", 0x152: "OE", 0x2192: "->", 0x2190: "<-",
})  # fmt: skip


def to_ascii(text: str) -> str:
    """The text in ASCII: letters without their accents, "?" for what has no likeness."""
    apart = unicodedata.normalize("NFKD", text.translate(_ASCII))
    plain = "".join(one for one in apart if not unicodedata.combining(one))
    return plain.encode("ascii", "replace").decode("ascii")


def width(text: str) -> int:
    """The columns that a text takes in a terminal."""
    return sum(_columns(one) for one in text)


def _columns(one: str) -> int:
    if one.isascii():
        return 1
    if unicodedata.category(one) in {"Mn", "Me"}:
        return 0
    return 2 if unicodedata.east_asian_width(one) in {"W", "F"} else 1


def fit(text: str, columns: int) -> str:
    """As much of a text as these columns hold."""
    taken = 0
    for number, one in enumerate(text):
        taken += _columns(one)
        if taken > columns:
            return text[:number]
    return text


def wrap(text: str, columns: int) -> list[str]:
    """A text in lines of at most these columns, broken between words, or within one that is longer than a line."""
    lines = [""]
    for word in text.split():
        rest = word
        if lines[-1] and width(lines[-1]) + 1 + width(rest) <= columns:
            lines[-1] += f" {rest}"
            continue
        if lines[-1]:
            lines.append("")
        while width(rest) > columns:
            part = fit(rest, columns) or rest[0]  # one character is wider than the line
            lines[-1], rest = part, rest[len(part) :]
            if rest:
                lines.append("")
        lines[-1] = lines[-1] or rest
    return lines


def spread(left: str, right: str, columns: int) -> list[str]:
    """Two texts at both ends of a line; below each other where it is too short."""
    gap = columns - width(left) - width(right)
    if gap >= 2:
        return [left + " " * gap + right]
    return [*wrap(left, columns), *wrap(right, columns)]
