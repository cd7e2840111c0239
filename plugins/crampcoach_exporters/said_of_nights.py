"""What an entry says of the number of cramps in its night: the same for every format.

As the cramps plugin counts it: the newest entry that speaks of the number counts, and cramps that have entries of their
own are at least so many. A plugin imports no other, so a test holds the two to the same answers.
"""

from __future__ import annotations

from dataclasses import dataclass

from crampcoach import Entry

#: What can be said of the number: these fields of an entry of the kind `night`.
OF_COUNT = frozenset({"count", "at_least"})
MOST = 99


@dataclass(frozen=True, slots=True)
class Said:
    """So many cramps, or at least so many. No count: the person was asked and does not know."""

    count: int | None
    at_least: bool = False

    def with_single(self, many: int) -> Said:
        """With so many cramps that were logged by themselves."""
        return Said(many, at_least=True) if many > (self.count or 0) else self


UNKNOWN = Said(None)


def said(entry: Entry) -> Said | None:
    """What an entry of the kind `night` says; None if it is about something else, such as the hours slept."""
    count = entry.fields.get("count")
    if type(count) is int and 0 <= count <= MOST:
        return Said(count, bool(entry.fields.get("at_least")))
    # Words that were left out may have been about something else, too.
    about_else = bool(entry.note) or entry.left_out or not entry.fields.keys() <= OF_COUNT
    return None if about_else else UNKNOWN
