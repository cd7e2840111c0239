"""Reads jrnl's JSON one entry at a time: a journal of many years need not fit into memory."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from typing import BinaryIO

_CHUNK = 1 << 16
_DECODER = json.JSONDecoder()
#: A number may be cut in two after any of these, and at the very end.
_MORE_OF_A_NUMBER = ("", *"0123456789.eE+-")
_SPACE = re.compile(r"\s*")


class BrokenJson(Exception):
    """It is no JSON, it was cut off, or it has no list of entries; the text says which."""


def json_entries(stream: BinaryIO) -> Iterator[tuple[int, object]]:
    """The members of the list `entries`, each with its line. Raises BrokenJson."""
    text = _Text(stream)
    try:
        yield from _members(text)
    except (ValueError, RecursionError):
        raise BrokenJson(f"its JSON goes wrong at line {text.line}") from None


def _members(text: _Text) -> Iterator[tuple[int, object]]:
    text.take("{")
    while text.peek() != "}":
        name = text.value()
        text.take(":")
        if name == "entries" and text.peek() == "[":
            text.take("[")
            while text.peek() != "]":
                line = text.line
                yield line, text.value()
                text.comma_unless("]")
            return
        text.value()
        text.comma_unless("}")
    raise BrokenJson("its JSON has no list of entries")


class _Text:
    """A JSON text, read as far as it is asked for. Its methods raise ValueError where it is none."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._decode = codecs.getincrementaldecoder("utf-8-sig")().decode
        self._text, self._at, self._ended = "", 0, False
        self._line, self._counted = 1, 0

    @property
    def line(self) -> int:
        """The line of what comes next."""
        self._line += self._text.count("\n", self._counted, self._at)
        self._counted = self._at
        return self._line

    def peek(self) -> str:
        """The next character that is no space."""
        while True:
            found = _SPACE.match(self._text, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            self._more(_CHUNK)

    def take(self, char: str) -> None:
        """Go past this character."""
        if self.peek() != char:
            raise ValueError(char)
        self._at += 1

    def comma_unless(self, end: str) -> None:
        """Go past a comma, unless the end comes."""
        if self.peek() != end:
            self.take(",")

    def value(self) -> object:
        """The next value."""
        self.peek()
        size = _CHUNK
        while True:
            try:
                found, end = _DECODER.raw_decode(self._text, self._at)
            except ValueError:
                if self._ended:
                    raise
            else:
                if self._text[end : end + 1] not in _MORE_OF_A_NUMBER:
                    self._at = end
                    return found
            self._more(size)
            size *= 2

    def _more(self, size: int) -> None:
        if self._ended:
            raise ValueError("it ends too early")
        data = self._stream.read(size)
        self._ended = not data
        _ = self.line
        self._text, self._at, self._counted = self._text[self._at :] + self._decode(data, self._ended), 0, 0
