"""R4's simple values, made from whatever an entry holds: texts, times, components, the narrative."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from html import escape
from typing import Any

from crampcoach_exporters.fhir.codes import quantity

#: R4 allows no longer string.
MOST = 1024 * 1024
#: What neither R4's strings nor the XML of a narrative may hold.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
#: R4's strings know four sorts of space; another one would be no sign to some readers.
_OTHER_SPACE = re.compile(r"[^\S \t\r\n]")
_MOST_INTEGER = 1 << 31
#: R4 promises a reader no more digits than these.
_MOST_DECIMAL = 10**18
SELF_REPORTED = "Self-reported, not a diagnosis."


def text(value: str) -> str:
    """As an R4 string; empty if it says nothing."""
    return _OTHER_SPACE.sub(" ", _FORBIDDEN.sub("", value)).strip()[:MOST].rstrip()


def notes(*said: str, author: dict[str, Any]) -> list[dict[str, Any]]:
    """Annotations with the person as their author. What is too long for one goes on in the next."""
    whole = [_OTHER_SPACE.sub(" ", _FORBIDDEN.sub("", one)) for one in said]
    parts = [one[at : at + MOST] for one in whole for at in range(0, len(one), MOST)]
    return [{"authorReference": author, "text": part.strip()} for part in parts if part.strip()]


def date_time(at: datetime) -> str:
    """With its offset; in UTC where R4 has no such offset: seconds in it, as before railways, or over 14 hours."""
    offset = at.utcoffset()
    assert offset is not None
    if not offset.total_seconds() % 60 and abs(offset) <= timedelta(hours=14):
        return _iso(at)
    try:
        return _iso(at.astimezone(UTC))
    except OverflowError:  # in the first or the last hours of all
        return at.date().isoformat()


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds" if at.microsecond else "seconds")


def written(at: datetime) -> str:
    """For people to read."""
    return at.isoformat(" ", "minutes")


def night_period(night: date, zone: tzinfo | None) -> dict[str, str]:
    """From noon to noon, where the person was."""
    period = {"start": date_time(datetime.combine(night, time(12), zone))}
    if night < date.max:
        period["end"] = date_time(datetime.combine(night + timedelta(days=1), time(12), zone))
    return period


def lasted(at: datetime, minutes: float) -> dict[str, str] | None:
    """The Period of so many minutes; None where it would end after all time."""
    try:
        end = (at.astimezone(UTC) + timedelta(minutes=minutes)).astimezone(at.tzinfo)
    except OverflowError:
        return None
    return {"start": date_time(at), "end": date_time(end)}


def component(label: str, value: object, unit: str = "") -> Iterator[dict[str, Any]]:
    """A field as a component: nothing where it says nothing."""
    if given := _value(value, unit):
        yield {"code": {"text": text(label) or "unnamed"}} | given


def _value(value: object, unit: str) -> dict[str, Any] | None:
    if value is None or isinstance(value, bool):
        return None if value is None else {"valueBoolean": value}
    if isinstance(value, int | float):
        if abs(value) < _MOST_DECIMAL and (unit or isinstance(value, float) or abs(value) >= _MOST_INTEGER):
            return {"valueQuantity": quantity(value, unit) if unit else {"value": value}}
        return {"valueInteger": value} if abs(value) < _MOST_INTEGER else {"valueString": f"{value}"}
    if not value:
        return None
    said = text(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
    return {"valueString": said} if said else None


def in_words(given: dict[str, Any]) -> str:
    """A component as a sentence, for who reads only the narrative: "Hours of sleep: 6.5 h."."""
    label = given["code"]["text"]
    (value,) = (value for name, value in given.items() if name != "code")
    if isinstance(value, dict):
        value = " ".join(filter(None, [str(value["value"]), value.get("unit", "")]))
    said = ("yes" if value else "no") if isinstance(value, bool) else value
    return f"{label}{'' if label.endswith('?') else ':'} {said}."


def narrative(*sentences: str) -> dict[str, str]:
    """The short text for people that each resource has."""
    said = escape(" ".join(filter(None, map(text, sentences))))
    return {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml"><p>{said}</p></div>'}


def spoken(name: str) -> str:
    """The name of a field or a kind, as one says it."""
    return name.replace("_", " ").replace("-", " ")


def without_empty(resource: dict[str, Any]) -> dict[str, Any]:
    """Nothing in R4's JSON is null or empty."""
    return {key: value for key, value in resource.items() if value not in (None, "", [], {})}


def joined(parts: Iterable[str]) -> str:
    """What there is, with commas."""
    return ", ".join(filter(None, parts))
