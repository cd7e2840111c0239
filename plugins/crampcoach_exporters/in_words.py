"""An entry in plain words, as a person would read it out. Whatever a plugin has put into it is named by itself."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date

from crampcoach import Entry
from crampcoach_exporters.said_of_nights import OF_COUNT, Said

#: In this order where an entry has them, then all others by name.
_FIRST = (
    "name",
    "change",
    "dose",
    "side",
    "muscle",
    "severity",
    "duration",
    "part",
    "count",
    "disturbed_sleep",
    "woken",
    "hours_slept",
    "day",
    "activity",
    "activity_minutes",
    "stress",
    "alcohol",
    "what",
    "minutes",
    "holds",
)
#: What stands behind a number.
_UNITS = {
    **dict.fromkeys(("severity", "disturbed_sleep", "stress", "before", "after"), "of 10"),
    **dict.fromkeys(("duration", "activity_minutes", "minutes"), "min"),
    "hours_slept": "h",
}
#: Without a name of their own: what they say stands for itself.
_BY_ITSELF = {"name", "change", "side", "muscle", "activity", "what"}
#: What stands in the field `part` where only so much is known of the time.
_PARTS = ("early", "middle", "late", "unknown")


def title(entry: Entry) -> str:
    """What it is: "Cramp", "Night"."""
    words = entry.kind.replace("_", " ").replace("-", " ")
    return f"{words[0].upper()}{words[1:]}"


def details(entry: Entry) -> list[str]:
    """Each of its fields in a few words: "left", "severity 7 of 10", "duration 3 min"; nothing that is not entered."""
    fields = entry.fields
    if entry.kind == "night":
        fields = {name: value for name, value in fields.items() if name not in OF_COUNT}
    said = [_field(name, fields[name]) for name in _in_order(fields) if fields[name] is not None]
    # A question about signs is about several things at once: a yes to "numbness" may be to a sore.
    asked = "asked about " if entry.kind == "symptoms" else ""
    return [f"{asked}{one}" for one in said if one]


def said_of_night(told: Said) -> str:
    """How many cramps: "none", "2", "at least 2". Nobody who has not said so had none."""
    if told.count is None:
        return "not known"
    return f"{'at least ' if told.at_least else ''}{told.count}" if told.count else "none"


def part_of(entry: Entry) -> str | None:
    """The part of the night, where the time of an entry only stands for it."""
    part = entry.fields.get("part")
    return part if isinstance(part, str) and part in _PARTS else None


def number(value: float) -> str:
    """3.0 is "3"."""
    text = repr(value)
    return text.removesuffix(".0")


def long_day(day: date) -> str:
    """Saturday, 21 November 2026: the same in every language that a system may be set to."""
    return f"{_DAYS[day.weekday()]}, {short_day(day)} {day.year}"


def short_day(day: date) -> str:
    """21 November."""
    return f"{day.day} {MONTHS[day.month - 1]}"


_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


def _in_order(fields: Mapping[str, object]) -> Iterator[str]:
    yield from (name for name in _FIRST if name in fields)
    yield from sorted(fields.keys() - set(_FIRST))


def _field(name: str, value: object) -> str:
    said = _value(value)
    if isinstance(value, str) and name in _BY_ITSELF:
        return said
    unit = _UNITS.get(name, "") if isinstance(value, int | float) and not isinstance(value, bool) else ""
    return " ".join(filter(None, [name.replace("_", " "), said, unit]))


def _value(value: object) -> str:
    """In one line."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return number(value)
    if isinstance(value, str):
        return " ".join(value.split())
    if isinstance(value, list | tuple) and not any(isinstance(one, list | tuple | dict) for one in value):
        return ", ".join(map(_value, value))
    return json.dumps(value, ensure_ascii=False)
