"""A message's text in paragraphs that are shown whole: servers cut each off after some lines (xfce4-notifyd: six)."""

from __future__ import annotations

import re

#: Characters of a paragraph that fit into six lines of a narrow popup (300 pixels).
MOST = 180
#: Where a paragraph may end, best first: after a sentence, a part of one, a word.
ENDS = (re.compile(r"[.?!](?= )"), re.compile(r";(?= )"), re.compile(r"[:,](?= )"), re.compile(r"(?= )"))


def paragraphs(text: str) -> str:
    """The text with line breaks added where a paragraph would be too long; no word is lost."""
    return "\n".join(part for line in text.split("\n") for part in _parts(line))


def _parts(line: str) -> list[str]:
    parts, begin = [], 0
    while len(line) - begin > MOST:
        end = _end(line, begin)
        parts.append(line[begin:end])
        begin = end + (line[end : end + 1] == " ")
    return [*parts, line[begin:]]


def _end(line: str, begin: int) -> int:
    """The last good end within the limit; not so early that it would leave a stump."""
    for ends in ENDS:
        found = [match.end() for match in ends.finditer(line, begin, begin + MOST + 1)]
        if found and found[-1] >= begin + MOST // 4:
            return found[-1]
    return begin + MOST
