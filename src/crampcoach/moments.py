"""When something happened, as a person says it: `03:10`, `yesterday 23:00`, `late`. Pure: the present is handed in.

A wall time is one of the person's zone at present, or of the zone that they name with it. In the gap of the spring
change it is as far after the gap as it stood inside: a clock that nobody had put forward showed it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Literal, TypeAlias

from crampcoach.clock import to_utc, to_wall, zone_named
from crampcoach.hours import Hours
from crampcoach.model import Entry
from crampcoach.recurrence import parse_time

Part: TypeAlias = Literal["early", "middle", "late", "unknown"]
#: What may be said of a time that is not known: a third of the night, or none of them.
PARTS: tuple[Part, ...] = ("early", "middle", "late", "unknown")
#: A kind whose times may be so vague has a field of this name, with these choices.
PART_FIELD = "part"
FORMS = '03:10, "yesterday 23:00", "2026-11-21 03:10" or 2026-11-21T03:10+01:00'
DAY_FORMS = "2026-11-21, today, yesterday, or 14d for the last 14 days"
_DAY = timedelta(days=1)
#: Clocks of two machines, or a slow hand, are no future.
_SLACK = timedelta(minutes=1)


class Future(ValueError):
    """What was said is still to come; its text goes on from what was said."""


class Twice(ValueError):
    """The clock showed this time twice. `times`: the first and the second, aware."""

    def __init__(self, said: str, times: tuple[datetime, datetime]) -> None:
        self.times = times
        first, second = (f"{one.isoformat(timespec='minutes')}" for one in times)
        super().__init__(
            f"the clock showed {said} twice that night: write {first} for the first, {second} for the second"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """`at` is aware, in the zone that was meant. With a `part`, it is the middle of that part of the night `night`."""

    at: datetime
    part: Part | None = None
    night: date | None = None


def parse_moment(text: str, now: datetime, hours: Hours, stood: Moment | None = None) -> Moment:
    """Read when something has happened; `now` is aware, in the person's zone.

    A time alone is the last time it was so late, or where another one stood, the nearest to that; a part of a night is
    of the last one, or of the one that stood; in the night, what is still to come of it is not taken for another one's.
    Raises Twice, Future, or ValueError with the accepted forms.
    """
    words = text.split()
    if len(words) == 1 and words[0].lower() in PARTS:
        part = next(one for one in PARTS if one == words[0].lower())
        return _part_of_night(part, now, hours, stood.night if stood else None)
    try:
        times = _times(words, now, stood.at if stood else None)
    except (ValueError, OverflowError):
        raise ValueError(f"write {FORMS}") from None
    past = _past(times, now)
    if not past:
        raise Future("is in the future; only what has happened is logged")
    if len(past) > 1:
        raise Twice(f"{past[0]:%H:%M}", (past[0], past[1]))
    return Moment(at=past[0])


def _past(times: list[datetime], now: datetime) -> list[datetime]:
    """Those that have been. In UTC: within a zone, Python compares what the clocks show."""
    return [at for at in times if at.astimezone(UTC) <= now.astimezone(UTC) + _SLACK]


def _part_of_night(part: Part, now: datetime, hours: Hours, night: date | None) -> Moment:
    """That part of `night`, or of the last night of which it has begun.

    After midnight in the night itself, whoever says a part that is still to come may mean now or the night before.
    """
    zone = now.tzinfo
    assert zone
    for one in [night] if night else [now.date() - back * _DAY for back in (1, 2, 3)]:
        begin, end = (to_utc(wall, zone) for wall in _span(part, one, hours))
        if begin <= now:
            middle = (begin + (end - begin) / 2).replace(second=0, microsecond=0)
            return Moment(at=min(middle, now).astimezone(zone), part=part, night=one)
        if not night and to_utc(hours.anchor(one, "bed"), zone) <= now:
            before = _part_of_night(part, now, hours, one - _DAY).at
            said = f'"{before:%Y-%m-%d %H:%M}"'
            raise Future(f"is still to come in this night: leave it out for now, write {said} for the one before")
    raise Future("is in the future; only what has happened is logged")


def _span(part: Part, night: date, hours: Hours) -> tuple[datetime, datetime]:
    """The wall times between which a part of a night lies: thirds of the time from bed to wake."""
    bed, wake = hours.anchor(night, "bed"), hours.anchor(night + _DAY, "wake")
    if wake <= bed:  # hours that change from one day to the next may cross
        wake = bed + timedelta(hours=8)
    if part == "unknown":
        return bed, wake
    third, number = (wake - bed) / 3, PARTS.index(part)
    return bed + number * third, bed + (number + 1) * third


def _times(words: list[str], now: datetime, stood: datetime | None = None) -> list[datetime]:
    """The instants that may be meant, in the zone that is meant; two where the clock showed it twice."""
    zone = now.tzinfo
    assert zone
    if len(words) > 1 and (named := _zone(words[-1])):
        words, zone = words[:-1], named
    now = now.astimezone(zone)
    said = [_with_colon(word.lower()) for word in words]
    if said == ["now"]:
        return [now]
    clock_face = re.fullmatch(r"\d{1,2}:\d\d", said[-1]) if said else None
    if len(said) == 2 and clock_face and (named_day := _day(said[0], now)):
        return _showing(datetime.combine(named_day, parse_time(said[1])), zone)
    if len(said) == 1 and clock_face:
        if stood:
            day = stood.astimezone(zone).date()
            days = [_showing(datetime.combine(day + n * _DAY, parse_time(said[0])), zone) for n in (-1, 0, 1)]
            return min(days, key=lambda times: min(abs(at.astimezone(UTC) - stood.astimezone(UTC)) for at in times))
        wall = datetime.combine(now.date(), parse_time(said[0]))
        times: list[datetime] = []
        for ahead in (1, 0, -1):  # a clock that is a little ahead of this one does not mean yesterday
            times = _showing(wall + ahead * _DAY, zone)
            if past := _past(times, now):
                return past
        return times
    text = " ".join(words)
    read = datetime.fromisoformat(text)
    if ":" not in text:
        raise ValueError("a date alone names no night")
    return [read.astimezone(zone)] if read.tzinfo else _showing(read, zone)


def _with_colon(word: str) -> str:
    """`03.10`, `0310`, `3am` and `3.10pm` as `03:10` has it; any other word as it is."""
    if found := re.fullmatch(r"(\d{1,2})(?:[:.](\d\d))?([ap])m", word):
        hour = int(found[1])
        return f"{hour % 12 + 12 * (found[3] == 'p')}:{found[2] or '00'}" if 1 <= hour <= 12 else word
    found = re.fullmatch(r"(\d{1,2})\.(\d\d)", word) or re.fullmatch(r"(0\d)(\d\d)", word)
    return f"{found[1]}:{found[2]}" if found else word


def _zone(word: str) -> tzinfo | None:
    if not re.fullmatch(r"[A-Za-z_]+(/[\w+-]+)+|UTC", word):
        return None
    zone = zone_named(word)
    if getattr(zone, "key", None) != word:
        raise ValueError(f"there is no zone {word!r}")
    return zone


def _showing(wall: datetime, zone: tzinfo) -> list[datetime]:
    """The instants at which the clock showed a wall time; in a gap, the one that an unchanged clock would have."""
    both = [wall.replace(tzinfo=zone, fold=fold) for fold in (0, 1)]
    real = [at for at in both if to_wall(at.astimezone(UTC), zone) == wall]
    if not real:
        return [to_utc(wall, zone).astimezone(zone)]
    return real if len(real) == 2 and real[0].utcoffset() != real[1].utcoffset() else real[:1]


def of_night(entry: Entry, hours: Hours) -> bool:
    """Whether something that was entered with its time, a cramp say, is of its night (`entry.night`), and not of a day.

    Before noon it may have been told of after the night. Where only a part of the night is known, it is of that.
    """
    assert entry.at
    return bool(entry.fields.get(PART_FIELD)) or not hours.by_day(entry.at)


def parse_bound(text: str, now: datetime, *, end: bool = False) -> datetime:
    """The instant at which a span of time begins or, with `end`, before which it ends; `now` as in `parse_moment`.

    A day is meant whole. Raises ValueError with the accepted forms.
    """
    zone = now.tzinfo
    assert zone
    try:
        if back := re.fullmatch(r"(\d{1,5})d", text.strip().lower()):
            return now - int(back[1]) * _DAY
        if day := _day(text, now):
            return to_utc(datetime.combine(day + (_DAY if end else timedelta()), time()), zone)
        return _times(text.split(), now)[-1 if end else 0]
    except (ValueError, OverflowError):
        raise ValueError(f"write {DAY_FORMS}, or a time such as {FORMS}") from None


def parse_night(text: str, now: datetime) -> date:
    """The night that a person names by its evening's date, or as `last`. Raises ValueError with the accepted forms."""
    if text.strip().lower() == "last":
        return now.date() - _DAY
    try:
        night = _day(text, now)
    except (ValueError, OverflowError):
        night = None
    if night is None:
        raise ValueError("write the date of its evening, such as 2026-11-21, or last, yesterday, today")
    return night


def _day(text: str, now: datetime) -> date | None:
    said = text.strip().lower()
    if said in ("today", "yesterday"):
        return now.date() - (_DAY if said == "yesterday" else timedelta())
    return date.fromisoformat(said) if re.fullmatch(r"\d{4}-\d\d-\d\d", said) else None
