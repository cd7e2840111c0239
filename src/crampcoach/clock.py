"""The only module that asks what time it is, and the arithmetic between wall time and UTC.

Instants are aware datetimes in UTC. Wall times are naive datetimes, or a date and a time, in the person's zone.
"""

from __future__ import annotations

import os
import re
import time
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from datetime import time as wall_time
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Protocol
from zoneinfo import TZPATH, ZoneInfo

#: Wall and monotonic clock further apart than this, in seconds: somebody set the clock, or the machine slept.
STEP = 5.0
#: Where the machine's zone is, as a link to one of the zones or as a copy.
LOCALTIME = (Path("/etc/localtime"), Path("/usr/local/etc/localtime"))


class Clock(Protocol):
    """The clock that everything else is handed."""

    def now(self) -> datetime:
        """The present instant, in UTC."""

    def zone(self) -> tzinfo:
        """The person's time zone at present; it may change while the program runs."""

    def monotonic(self) -> float:
        """Seconds on a clock that nobody can set, for deadlines of calls."""

    def wait_for(self, instant: datetime) -> float:
        """Real seconds until `instant`, never negative."""

    def stepped(self) -> bool:
        """Whether the wall clock was set, or the machine slept, since this was last asked."""


class SystemClock:
    """The machine's clock and zone."""

    def __init__(self) -> None:
        self._apart = time.time() - time.monotonic()

    def now(self) -> datetime:
        """The present instant, in UTC."""
        return datetime.now(UTC)

    def zone(self) -> tzinfo:
        """The zone the machine is set to now, not the one it had at start."""
        return _system_zone()

    def monotonic(self) -> float:
        """Seconds since some moment, on a clock that nobody can set."""
        return time.monotonic()

    def wait_for(self, instant: datetime) -> float:
        """Seconds until `instant`, never negative."""
        return max(0.0, (instant - self.now()).total_seconds())

    def stepped(self) -> bool:
        """Whether wall and monotonic clock have moved apart since this was last asked."""
        apart = time.time() - time.monotonic()
        stepped = abs(apart - self._apart) > STEP
        self._apart = apart
        return stepped


def _system_zone() -> tzinfo:
    import tzlocal  # 25 ms that only a planning command has to pay

    if hasattr(time, "tzset"):
        time.tzset()
    file = Path(os.environ.get("TZ", "").removeprefix(":"))
    try:
        if file.is_absolute():
            return _zone_in(file)
        zone = tzlocal.reload_localzone()
        # tzlocal knows no name for it: a file was copied to where the link to a zone should be.
        return zone if _has_name(zone) else _zone_in(next(path for path in LOCALTIME if path.exists()))
    except (LookupError, ValueError, OSError, StopIteration):
        # A machine whose zone files contradict each other still has an offset, and reminders must go on.
        return datetime.now().astimezone().tzinfo or UTC


def _zone_in(file: Path) -> tzinfo:
    """The zone in a file: by its name where the file is one of the machine's zones, else nameless."""
    real = file.resolve()
    for top in map(Path, TZPATH):
        if real.is_relative_to(top.resolve()) and (zone := _known(real.relative_to(top.resolve()).as_posix())):
            return zone
    return _nameless(real.read_bytes())


@lru_cache(maxsize=4)
def _nameless(content: bytes) -> ZoneInfo:
    """One object for one content, since zones are compared by identity."""
    return ZoneInfo.from_file(BytesIO(content))


@lru_cache(maxsize=64)
def _known(name: str) -> ZoneInfo | None:
    """The zone of that name if this machine has it; "localtime" is another on each machine."""
    try:
        return ZoneInfo(name) if name != "localtime" else None
    except (LookupError, ValueError, OSError):
        return None


def _has_name(zone: tzinfo) -> bool:
    key = getattr(zone, "key", None)
    return isinstance(key, str) and _known(key) is not None


def zone_name(zone: tzinfo, at: datetime) -> str:
    """The zone as it is stored with an entry: an IANA name, or the offset at that time for a nameless zone."""
    return str(getattr(zone, "key", "")) if _has_name(zone) else at.astimezone(zone).isoformat()[-6:]


@lru_cache(maxsize=64)
def zone_named(name: str) -> tzinfo:
    """The zone that `zone_name` wrote; UTC for one that this machine does not know."""
    try:
        if name[:1] in ("+", "-") and len(name) == len("+01:00"):
            sign = -1 if name[0] == "-" else 1
            return timezone(sign * timedelta(hours=int(name[1:3]), minutes=int(name[4:6])))
    except ValueError:
        return UTC
    return _known(name) or UTC


def to_utc(wall: datetime, zone: tzinfo) -> datetime:
    """The instant of a wall time: in a repeated hour the first, in a gap as far after it as it stood inside."""
    return wall.replace(tzinfo=zone, fold=0).astimezone(UTC)


def to_wall(instant: datetime, zone: tzinfo) -> datetime:
    """The wall time (naive) of an instant."""
    return instant.astimezone(zone).replace(tzinfo=None, fold=0)


def date_exists(day: date, zone: tzinfo) -> bool:
    """False for a date the zone never had, such as 2011-12-30 in Apia."""
    noon = datetime.combine(day, wall_time(12))
    return to_wall(to_utc(noon, zone), zone).date() == day


def night_of(at: datetime) -> date:
    """The night an aware local time belongs to: from noon to noon, named by its evening's date."""
    return (at.replace(tzinfo=None) - timedelta(hours=12)).date()


_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def is_id(text: str) -> bool:
    """Whether a text looks as `new_id` makes them."""
    return _ID.fullmatch(text) is not None


def new_id(now: datetime) -> str:
    """A UUIDv7: sorts by time, unique without asking anyone."""
    milliseconds = int(now.timestamp() * 1000) & (1 << 48) - 1
    bits = milliseconds << 80 | int.from_bytes(os.urandom(10), "big")
    bits = bits & ~(0xF << 76) | 0x7 << 76
    bits = bits & ~(0x3 << 62) | 0x2 << 62
    text = f"{bits:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
