"""How times are written in a jrnl journal: as its owner's jrnl.yaml says, which the journal itself does not tell.

The usual forms are told from the file; any other is named with `--timeformat`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TypeAlias

from crampcoach import Problem


@dataclass(frozen=True, slots=True)
class Stamp:
    """A time as it was read. `form` is how its date is written, `shape` whether it has a time, seconds, AM or PM."""

    wall: datetime
    form: str
    shape: tuple[bool, bool, bool]

    @property
    def timed(self) -> bool:
        """False for a date alone."""
        return self.shape[0]


#: Reads a time that is written as those of its file are; None for anything else.
Form: TypeAlias = Callable[[str], Stamp | None]

_WEEKDAY = r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? )?"
_TIME = r"(?:(?:T|,? (?:at )?)(\d{1,2}:\d\d(:\d\d)?)(?: ?([AaPp][Mm]))?)?"
_STAMP = re.compile(f"{_WEEKDAY}(.*?){_TIME}")
_ISO = "%Y-%m-%d"
_DATES = (
    _ISO, "%Y/%m/%d", "%Y.%m.%d", "%d.%m.%Y", "%d.%m.%y", "%d/%m/%Y", "%m/%d/%Y", "%d/%m/%y", "%m/%d/%y",
    "%d-%m-%Y", "%m-%d-%Y", "%d %b %Y", "%d %B %Y", "%d. %B %Y", "%b %d %Y", "%b %d, %Y", "%B %d, %Y",
)  # fmt: skip
#: What only the C library knows, for strptime.
_SHORT = {"%F": _ISO, "%r": "%I:%M:%S %p", "%T": "%H:%M:%S", "%R": "%H:%M", "%D": "%m/%d/%y", "%e": "%d", "%-": "%"}


def named_form(timeformat: str) -> Form:
    """The form that stands as `timeformat` in jrnl.yaml. Raises Problem for one that names no date."""
    spelt = timeformat
    for short, long in _SHORT.items():
        spelt = spelt.replace(short, long)
    if wrong := _why_none(spelt):
        raise Problem(f"--timeformat {timeformat!r}: {wrong}; write it as it stands in jrnl.yaml")
    shape = (bool(re.search("%[HIXc]", spelt)), False, False)

    def form(text: str) -> Stamp | None:
        try:
            return Stamp(_parsed(text, spelt), timeformat, shape)
        except ValueError:
            return None

    return form


def _why_none(timeformat: str) -> str:
    if not (re.search("%[cxdj]", timeformat) and re.search("%[cxYy]", timeformat)):
        return "it names no day of a year"
    try:
        _parsed("", timeformat)
    except ValueError as error:
        return "" if "does not match" in str(error) else str(error)
    return ""


def told_form(texts: Iterable[str]) -> Form:
    """The form of a file, told from what stands in brackets at the beginning of its lines.

    It is the form of the first that is a time. Raises Problem where two forms fit all of them.
    """
    fits: dict[str, _Fit] = {}
    shape: tuple[bool, bool, bool] | None = None
    for text in texts:
        stamps = stamps_of(text, tuple(fits) or _DATES)
        if stamps and shape is None:
            shape = stamps[0].shape
            fits = {one.form: _Fit() for one in stamps}
        if len(fits) == 1:
            break
        for stamp in stamps:
            if stamp.shape == shape:
                fits[stamp.form].count(stamp.wall.date())
    # jrnl keeps its entries in order: read in the wrong form, they go back.
    ranked = sorted(fits, key=lambda form: fits[form].doubts)
    if len(ranked) > 1 and fits[ranked[0]].doubts == fits[ranked[1]].doubts:
        both = " or ".join(form.replace("%", "") for form in ranked[:2])
        raise Problem(f"its dates may be {both}; say which, for example: --timeformat '{ranked[0]} %H:%M'")
    return lambda text: next((one for one in stamps_of(text, ranked[:1]) if one.shape == shape), None)


@dataclass(slots=True)
class _Fit:
    """How well a form fits: how many times it reads, and how often they go back."""

    read: int = 0
    back: int = 0
    before: date = date.min

    def count(self, day: date) -> None:
        self.read += 1
        self.back += day < self.before
        self.before = day

    @property
    def doubts(self) -> tuple[int, int]:
        return -self.read, self.back


def stamps_of(text: str, forms: Sequence[str] = _DATES) -> list[Stamp]:
    """A time in each of the forms that it may be written in."""
    found = _STAMP.fullmatch(text)
    if not found or not any(char.isdigit() for char in found[1]):
        return []
    wall = _time(found[2] or "0:00", found[4] or "")
    shape = (bool(found[2]), bool(found[3]), bool(found[4]))
    days = [(form, _date(found[1], form)) for form in forms]
    return [Stamp(datetime.combine(day, wall), form, shape) for form, day in days if day and wall]


def _date(text: str, form: str) -> date | None:
    try:
        if form == _ISO and len(text) == len("2026-11-21"):
            return date.fromisoformat(text)
        return _parsed(text, form).date()
    except ValueError:
        return None


def _parsed(text: str, form: str) -> datetime:
    return datetime.strptime(text, form)  # noqa: DTZ007 - jrnl's times are wall times


def _time(text: str, half: str) -> time | None:
    hour, minute, second = (*map(int, text.split(":")), 0)[:3]
    if half and 1 <= hour <= 12:
        hour = hour % 12 + (12 if half.lower() == "pm" else 0)
    try:
        return time(hour, minute, second)
    except ValueError:
        return None
