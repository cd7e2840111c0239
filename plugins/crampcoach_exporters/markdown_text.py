"""A text in Markdown in which every sign only shows itself, in CommonMark, in Obsidian and in older Markdown alike.

A sign is only touched where it would mean something, so that the text stays readable as it stands in the file. What all
of them take a backslash before gets one; where older ones would show the backslash, the sign is written by its number.
So are the spaces at the ends of a line, which would be lost.
"""

from __future__ import annotations

import re

#: What may command a program that shows it.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_ENDS = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
#: Emphasis, code, links, tags. An _ within a word is none of Markdown's.
_BACKSLASH = r"[\\`*\[\]]|(?<!\w)#|(?<![^\W_])_|_(?![^\W_])"
#: HTML and entities; then, of Obsidian's and GitHub's, what would end a formula, what is struck out, highlighted or
#: a comment, and the name of a block. Tabs would become spaces.
_NUMBER = r"<(?=[A-Za-z/!?])|&(?=#?\w+;)|(?<=\S)[$~]|(?<==)=|(?<=%)%|(?<=\s)\^(?=[\w-]+$)|\t"
_EITHER = re.compile(f"(?P<number>{_NUMBER})|(?:{_BACKSLASH})")
#: The signs of both: to look for these first is quicker.
_PERHAPS = re.compile(r"[\\`*\[\]#_<&$~=%^\t]")
#: At the beginning of a line: lists and quotations; the second also underlines what becomes a heading, or a table.
_START = re.compile(r">|-(?=\s|[-:|\s]*$)|\+(?=\s|$)|\d+[.)](?=\s|$)")
_START_BY_NUMBER = re.compile(r"\||=(?==*$)|:(?=[-:|\s]*$)")


def one_line(text: str) -> str:
    """A text without its ends of lines, somewhere within a line."""
    return _signs(" ".join(text.split()))


def quoted(text: str) -> list[str]:
    """The lines of a quotation: each line of the text by itself, empty ones between paragraphs."""
    lines: list[str] = []
    for line in _ENDS.split(text):
        if line.strip():
            # Two spaces at its end keep it apart from the next.
            lines[-1:] = [f"{lines[-1]}  "] if lines and lines[-1] != ">" else lines[-1:]
            lines.append(f"> {_line(line)}")
        elif lines and lines[-1] != ">":
            lines.append(">")
    return lines[:-1] if lines and lines[-1] == ">" else lines


def _line(text: str) -> str:
    """A whole line, with the spaces at its ends."""
    inner = text.strip()
    before = text[: len(text) - len(text.lstrip())]
    after = text[len(before) + len(inner) :]
    return f"{_numbers(before)}{_start(inner)}{_numbers(after)}"


def _start(text: str) -> str:
    begin = _START.match(text)
    if begin:
        return f"{text[: begin.end() - 1]}\\{text[begin.end() - 1]}{_signs(text[begin.end() :])}"
    if _START_BY_NUMBER.match(text):
        return f"{_numbers(text[0])}{_signs(text[1:])}"
    return _signs(text)


def _signs(text: str) -> str:
    def written(found: re.Match[str]) -> str:
        sign = _EITHER.match(found.string, found.start())
        if sign is None:
            return found[0]
        return _numbers(found[0]) if sign.lastgroup == "number" else f"\\{found[0]}"

    return _PERHAPS.sub(written, _CONTROL.sub("\ufffd", text))


def _numbers(text: str) -> str:
    """Each sign by its number."""
    return "".join(f"&#{ord(sign)};" for sign in _CONTROL.sub("\ufffd", text))
