"""Quiet while you are busy: reminders wait for the end of an appointment in your calendar, a local .ics file.

Install, beside crampcoach's own config.toml:

    crampcoach plugins install icalendar recurring-ical-events
    cp calendar_quiet.py "$(dirname "$(crampcoach config path)")/plugins/"

Settings, in config.toml; these are the defaults:

    [plugins.calendar_quiet]
    file       = "calendar.ics"  # beside this file, unless it begins with / or ~
    all_day    = false           # whether appointments of a whole day or longer count
    days_ahead = 2               # how far it looks ahead, 1 to 6
    tick_every = 600             # seconds until it looks again whether the file has changed, 60 to 86400

An appointment counts if the calendar says that you are busy (TRANSP is not TRANSPARENT) and it is not cancelled. Times
without a zone are those of the computer's own. What waits comes at the end, if its grace is not over by then; advice to
get help waits for no calendar. An appointment that makes no sense is left out; a file that makes none is named.

Privacy: it only reads that file, in a process of its own, out of which come begin and end of appointments and nothing
else. `crampcoach status` says "busy", and until when; titles, places and people appear nowhere, not even when the file
is broken. It sends nothing anywhere.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from crampcoach import Context, Problem, QuietTime, check_range, hookimpl

if TYPE_CHECKING:
    from icalendar import Calendar, Component

api = 1

DAY = timedelta(days=1)
#: Seconds in which the file must be read; crampcoach waits for five.
PATIENCE = 4.0
#: More than these on a few days nobody has.
MOST = 1000
#: What is over for a year or far off, and does not come again, need not be understood: it would take seconds.
YEAR = timedelta(days=366)
EVENT = rb"(?ims)^BEGIN:VEVENT\s*$.*?^END:VEVENT\s*$"
COMES_AGAIN = rb"(?im)^(?:RRULE|RDATE|RECURRENCE-ID)\b"
BEGINS = rb"(?im)^DTSTART\b[^:\n]*:(\d{8})"
#: No appointment comes every hour or every second, but the calendar may be somebody else's.
ENDLESS = rb"(?im)^RRULE\b.*(?:FREQ=(?:SECONDLY|MINUTELY|HOURLY)|INTERVAL=0\b)"


@dataclass(frozen=True)
class Options:
    file: Annotated[str, "The calendar, an .ics file; beside this file, or a whole path"] = "calendar.ics"
    all_day: Annotated[bool, "Whether appointments of a whole day or longer count"] = False
    days_ahead: Annotated[int, "How many days it looks ahead, 1 to 6"] = 2
    tick_every: Annotated[int, "Seconds until it looks again whether the file has changed, 60 to 86400"] = 600

    def __post_init__(self) -> None:
        check_range(self.days_ahead, 1, 6)
        check_range(self.tick_every, 60, 86400)


@dataclass
class _Last:
    """What was read last, and what was said of a file that cannot be read any more."""

    times: tuple[QuietTime, ...] | None = None
    said: str = ""


LAST = _Last()


@hookimpl
def options() -> type:
    return Options


@hookimpl
def tick() -> None:
    """Nothing to do: after each tick `quiet_times` is asked again."""


@hookimpl
def quiet_times(ctx: Context[Options]) -> tuple[QuietTime, ...]:
    """When the person is busy, today and on the days ahead.

    A file that was never read is a mistake. One that was may be on its way: what it said holds until it is back.
    """
    file = Path(__file__).parent / Path(ctx.options.file).expanduser()
    try:
        stat = file.stat()
        stamp = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
        LAST.times, LAST.said = _read(file, stamp, ctx.now.date(), ctx.now.tzinfo or UTC, ctx.options), ""
    except (OSError, Problem) as error:
        why = str(error) if isinstance(error, Problem) else f"{file} {_unreadable(error)}"
        if LAST.times is None:
            raise Problem(why) from None
        if LAST.said != why:
            ctx.logger.warning("%s: %s; what it said before holds", ctx.plugin, why)
        LAST.said = why
    return LAST.times


@lru_cache(maxsize=1)
def _read(file: Path, stamp: tuple[int, ...], today: date, zone: tzinfo, options: Options) -> tuple[QuietTime, ...]:
    """The file's busy times. It is read again only when it has changed (`stamp`), or the day or the zone has."""
    found = set()
    begin, end = (_instant(today + days * DAY, zone) for days in (0, options.days_ahead))
    for words in _asked(file, today, options.days_ahead):
        at, until = (datetime.fromisoformat(word) if "T" in word else date.fromisoformat(word) for word in words)
        start, stop = _instant(at, zone), _instant(until, zone)
        whole_day = not isinstance(at, datetime) or stop - start >= DAY
        if max(start, begin) < min(stop, end) and (options.all_day or not whole_day):
            found.add((max(start, begin), min(stop, end)))
    return tuple(QuietTime(start=start, end=stop, why="busy") for start, stop in sorted(found)[:MOST])


def _instant(at: date, zone: tzinfo) -> datetime:
    """In UTC. A date begins at midnight. What has no zone means the clock on the wall."""
    moment = at if isinstance(at, datetime) else datetime.combine(at, time())
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def _unreadable(error: OSError) -> str:
    return f"cannot be read ({error.strerror}); put your calendar there, or set `file`"


def _asked(file: Path, today: date, days: int) -> list[tuple[str, str]]:
    """Have a process read the file: begin and end of what counts, as ISO 8601 writes them. Raises Problem.

    What is read may come from anybody: whatever it does there, it neither stays in the agent nor holds it up.
    """
    import subprocess

    try:
        done = subprocess.run(
            [sys.executable, "-P", "-W", "ignore", __file__],  # -P: an icalendar.py beside this file is not icalendar
            input=json.dumps([str(file), today.isoformat(), days]).encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # it may name a line of the calendar: a title, perhaps
            timeout=PATIENCE,
            start_new_session=True,  # Ctrl+C is meant for the agent
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Problem(f"{file} takes longer than {PATIENCE:g} s to read; export less of it") from None
    told = json.loads(done.stdout or '"cannot be understood; export it anew"')
    if isinstance(told, str):
        raise Problem(f"{file} {told}")
    return [(start, stop) for start, stop in told]


# --- the process that reads ------------------------------------------------------------------------------------


def _tell(file: str, today: str, days: int) -> list[tuple[str, str]] | str:
    """What `_asked` returns, or what is wrong with the file."""
    try:
        raw = Path(file).read_bytes()
        if not raw.rstrip().upper().endswith(b"END:VCALENDAR"):
            return "is no whole calendar; export it anew"
        return list(_appointments(raw, date.fromisoformat(today), days))
    except OSError as error:
        return _unreadable(error)
    except ImportError as error:
        how = "crampcoach plugins install icalendar recurring-ical-events"
        return f"needs {error.name}, which is not installed; run: {how}"


def _appointments(raw: bytes, today: date, days: int) -> Iterator[tuple[str, str]]:
    """Begin and end of each that makes the person busy."""
    import icalendar
    import recurring_ical_events

    # A day more on either side: what has no zone is compared as if it were in UTC.
    since, until = today - DAY, today + (days + 1) * DAY
    for calendar in icalendar.Calendar.from_ical(_near(raw, since - YEAR, until), multiple=True):
        for one in _each(calendar):
            try:
                found = recurring_ical_events.of(one, skip_bad_series=True).between(since, until)
                yield from [(_word(event.start), _word(event.end)) for event in found if _busy(event)]
            except Exception:  # noqa: BLE001 - one that makes no sense must not cost the others
                continue


def _near(raw: bytes, since: date, until: date) -> bytes:
    """The calendar without the appointments that cannot matter now, as text: that is ten times as quick."""
    raw = re.sub(rb"\r?\n[ \t]", b"", raw)  # long lines are folded
    first, last = f"{since:%Y%m%d}".encode(), f"{until:%Y%m%d}".encode()

    def kept(match: re.Match[bytes]) -> bytes:
        begins = re.search(BEGINS, match[0])
        far = begins is not None and not first <= begins[1] <= last and not re.search(COMES_AGAIN, match[0])
        return b"" if far or re.search(ENDLESS, match[0]) else match[0]

    return re.sub(EVENT, kept, raw)


def _each(calendar: Calendar) -> Iterator[Calendar]:
    """A calendar for each appointment, with what changes single occurrences of it."""
    events: dict[str, list[Component]] = {}
    for number, event in enumerate(calendar.walk("VEVENT")):
        events.setdefault(str(event.get("UID", number)), []).append(event)
    for mine in events.values():
        one = calendar.copy()  # with its zone, if it has one
        one.subcomponents = mine
        yield one


def _busy(event: Component) -> bool:
    """Whether the person cannot be reached then. Outlook says it in words of its own."""
    said = {name: str(event.get(name, "")).upper() for name in ("TRANSP", "STATUS", "X-MICROSOFT-CDO-BUSYSTATUS")}
    return not {"TRANSPARENT", "CANCELLED", "FREE"} & set(said.values())


def _word(at: date) -> str:
    return (at.astimezone(UTC) if isinstance(at, datetime) and at.tzinfo else at).isoformat()


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_tell(*json.load(sys.stdin))))
    sys.stdout.flush()
