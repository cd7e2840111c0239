"""The lines of a calendar as RFC 5545 wants them: folded, escaped, ended by CRLF, with times in UTC.

It is written by hand because a calendar is short, and a library for it would be a dependency that only this needs.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

#: A line may have so many octets (3.1); one that goes on begins with a space.
_OCTETS = 75
#: No text of a calendar may hold these; what some readers take for the end of a line becomes one.
_ENDS, _CONTROL = re.compile("\r\n|[\r\n\x85\u2028\u2029]"), re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_ESCAPED = re.compile(r"[\\;,]")


def line(name: str, value: str) -> bytes:
    """A property, or a beginning or an end; `value` as it is to stand there."""
    octets = f"{name}:{value}".encode()
    parts, start, room = [], 0, _OCTETS
    while len(octets) - start > room:
        end = start + room
        while octets[end] & 0xC0 == 0x80:  # within a character
            end -= 1
        parts.append(octets[start:end])
        start, room = end, _OCTETS - 1
    return b"\r\n ".join([*parts, octets[start:]]) + b"\r\n"


def text(value: str) -> str:
    """A text as the value of a property."""
    clean = _CONTROL.sub("\ufffd", _ENDS.sub("\n", value))
    return _ESCAPED.sub(r"\\\g<0>", clean).replace("\n", "\\n")


def utc(at: datetime) -> str:
    """An instant. In UTC no zone has to be described, over which calendars stumble."""
    return f"{_digits(at.astimezone(UTC).replace(tzinfo=None, microsecond=0).isoformat())}Z"


def day(value: date) -> str:
    """A date."""
    return _digits(value.isoformat())


def _digits(value: str) -> str:
    return value.replace("-", "").replace(":", "")
