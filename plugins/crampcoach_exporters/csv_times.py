"""Dates and times in a CSV file: as crampcoach writes them, and as spreadsheets write them back."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, time, timedelta, timezone
from typing import Literal, TypeAlias

from crampcoach_exporters.records import Odd

#: Whether the day or the month stands first in 10/11/2026; None: nothing in the file tells.
Order: TypeAlias = Literal["day", "month"] | None

_YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})")
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})")
_SHORT_YEAR = re.compile(r"\d{1,2}([-/.])\d{1,2}\1\d{2}")
_TIME = re.compile(r"(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,](\d{1,6}))?)?(?:\s*([AP])\.?M\.?)?", re.IGNORECASE)
_OFFSET = re.compile(r"(?:UTC|GMT)?\s*([+-])(\d{1,2}):?(\d\d)(?::(\d\d))?", re.IGNORECASE)


def told_order(dates: Iterable[str]) -> Order:
    """What the dates of a file tell together."""
    orders: set[Order] = set()
    for text in dates:
        if (found := _YEAR_LAST.fullmatch(text)) and found[2] != ".":
            first, second = int(found[1]), int(found[3])
            if first > 12 or second > 12:
                orders.add("day" if first > 12 else "month")
    return orders.pop() if len(orders) == 1 else None


def date_of(text: str, order: Order) -> date:
    """The date in a cell. Raises Odd."""
    try:
        if found := _YEAR_FIRST.fullmatch(text):
            return date(int(found[1]), int(found[3]), int(found[4]))
        if found := _YEAR_LAST.fullmatch(text):
            first, second, year = int(found[1]), int(found[3]), int(found[4])
            if found[2] == "." or order == "day" or first == second:
                return date(year, second, first)
            if order == "month":
                return date(year, first, second)
            raise Odd("a date that can be read in two ways; write it as 2026-11-21")
    except ValueError:
        raise Odd("a date that no calendar has") from None
    if _SHORT_YEAR.fullmatch(text):
        raise Odd("a date whose year has two figures; write it as 2026-11-21")
    raise Odd("a row without a date such as 2026-11-21")


def time_of(text: str) -> time:
    """The time in a cell. Raises Odd."""
    found = _TIME.fullmatch(text)
    if not found:
        raise Odd("a row without a time such as 03:10:00")
    hour, half = int(found[1]), found[5]
    if half:
        if not 1 <= hour <= 12:
            raise Odd("a time that no clock shows")
        hour = hour % 12 + (12 if half.upper() == "P" else 0)
    try:
        return time(hour, int(found[2]), int(found[3] or 0), int((found[4] or "").ljust(6, "0")))
    except ValueError:
        raise Odd("a time that no clock shows") from None


def offset_of(text: str) -> timezone | None:
    """The offset from UTC in a cell; None where it is empty. Raises Odd."""
    if not text:
        return None
    if text.upper() in ("Z", "UTC", "GMT"):
        return timezone.utc  # noqa: UP017 - of the same type as all the others
    if not (found := _OFFSET.fullmatch(text)):
        raise Odd("an offset from UTC that is none; write it as UTC+01:00")
    hours, minutes, seconds = int(found[2]), int(found[3]), int(found[4] or 0)
    size = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    if size >= timedelta(hours=24):
        raise Odd("an offset from UTC of more than a day")
    return timezone(-size if found[1] == "-" else size)
