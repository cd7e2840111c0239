"""A calendar: cramps and nights where they happened, and the reminders to come, which then ring on a phone.

Calendars differ from each other more than from RFC 5545, so every event is of the kind that all of them take: a VEVENT
with a UID, DTSTAMP, SEQUENCE, SUMMARY and an end that lies after its beginning (iCloud refuses one without, others give
it an hour or a day); times in UTC, without a VTIMEZONE or RRULE; no VJOURNAL or VTODO, over which importers fail or
which they drop. Google takes some 1,000 events and 1 MB in one file, and sets its own alarms instead of these.

A UID stays the same from one export to the next, and SEQUENCE grows: so an import updates what an earlier one brought.
A reminder has that of its place in its day, counted from the end, since the hours that are over are not exported: when
it moves to another time, so does the event.

A night has one event, however often it was entered and with however many cramps: the newest entry with a number counts,
and cramps that were logged by themselves are at least so many. Only where a night was entered there is one.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any, BinaryIO

from crampcoach import Context, Entry, Exporter, Problem, check_range
from crampcoach_exporters.calendar_lines import day, line, text, utc
from crampcoach_exporters.in_words import details, number, part_of, said_of_night, title
from crampcoach_exporters.said_of_nights import UNKNOWN, Said, logged, said

#: So long is what has no length of its own, since a calendar shows nothing without one.
_SHORT = timedelta(minutes=5)
_DAY = timedelta(days=1)
#: What is never in a calendar: answers about the person, which happened at no time.
_NEVER = {"profile", "examined"}
#: Hides the names of reminders in their UIDs, which a calendar's server sees.
_NAMESPACE = uuid.UUID("0f2f6c4e-6a0c-5d0e-9d43-7b1f2b9c5e11")
_SEQUENCE_0 = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class IcalOptions:
    """What `crampcoach export ical` may be told."""

    days: Annotated[int, "The reminders of so many days, today being the first, 0 to 366; 0 for none"] = 28
    names: Annotated[
        bool, "Reminders with their names, as `crampcoach plan` has them; without, a lock screen shows only: Reminder"
    ] = False
    everything: Annotated[
        bool, "Also entries that are no cramp or night: medicine, drinks, stretches, the journal and others"
    ] = False

    def __post_init__(self) -> None:
        check_range(self.days, 0, 366)


@dataclass
class _Night:
    """What the entries so far say of a night. uid: the id of the first entry about it; empty where there is none."""

    uid: str = ""
    told: Said = UNKNOWN
    single: int = 0
    fields: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def take(self, entry: Entry) -> None:
        """Take an entry of the kind night: what it says replaces what earlier ones said."""
        self.uid = self.uid or entry.id
        self.told = said(entry) or self.told
        self.fields |= {name: value for name, value in entry.fields.items() if value is not None}
        if entry.note:
            self.notes.append(entry.note)

    def in_words(self) -> str:
        """How many cramps, with those that were logged by themselves."""
        return said_of_night(self.told.with_single(self.single))


class _Calendar:
    """Writes events, between the beginning and the end that a calendar has."""

    def __init__(self, stream: BinaryIO, now: datetime) -> None:
        self._stream, self._now = stream, now
        self.events = 0

    def event(self, uid: str, said: str, when: tuple[bytes, bytes], below: Iterable[str] = (), *, rings: bool) -> None:
        """Write one. `below`: lines under its title, empty ones left out."""
        if not self.events:
            self._stream.write(line("BEGIN", "VCALENDAR") + line("VERSION", "2.0"))
            self._stream.write(line("PRODID", "-//crampcoach//ical//EN") + line("CALSCALE", "GREGORIAN"))
        self.events += 1
        described = "\n".join(filter(None, below))
        sequence = max(0, int((self._now - _SEQUENCE_0).total_seconds()) // 60)
        lines = [
            line("BEGIN", "VEVENT"),
            line("UID", text(uid)),
            line("DTSTAMP", utc(self._now)),
            line("SEQUENCE", str(sequence)),
            *when,
            line("SUMMARY", text(said)),
            *([line("DESCRIPTION", text(described))] if described else []),
            line("CLASS", "PRIVATE"),
            line("TRANSP", "TRANSPARENT"),  # nobody is busy because of it
            *(_alarm(said) if rings else ()),
            line("END", "VEVENT"),
        ]
        self._stream.write(b"".join(lines))

    def end(self) -> None:
        """Write its end. Raises Problem for a calendar without events, which is none (3.6)."""
        if not self.events:
            raise Problem("there is nothing for a calendar: no cramps or nights, and no reminders; try other options")
        self._stream.write(line("END", "VCALENDAR"))


def _alarm(said: str) -> Iterator[bytes]:
    yield line("BEGIN", "VALARM")
    yield line("ACTION", "DISPLAY")
    yield line("TRIGGER", "PT0S")
    yield line("DESCRIPTION", text(said))
    yield line("END", "VALARM")


def write(entries: Iterable[Entry], stream: BinaryIO, ctx: Context[IcalOptions]) -> None:
    """Write the entries one by one, then the nights, of which only numbers are kept till then, and the reminders."""
    calendar = _Calendar(stream, ctx.now)
    nights: dict[date, _Night] = {}
    left: Counter[str] = Counter()
    for entry in entries:
        assert entry.at is not None
        night = entry.night or entry.at.date()
        if entry.kind == "night":
            nights.setdefault(night, _Night()).take(entry)
        elif entry.kind == "cramp":
            nights.setdefault(night, _Night()).single += ctx.of_night(entry)
            calendar.event(entry.id, _cramp(entry), _when(entry, night), [*details(entry), entry.note], rings=False)
        elif ctx.options.everything and entry.kind not in _NEVER:
            calendar.event(entry.id, title(entry), _when(entry, night), [*details(entry), entry.note], rings=False)
        elif entry.kind not in _NEVER:
            left[entry.kind] += 1
    for evening, cramps in logged(ctx.log, ctx.of_night, nights if ctx.asked.partial else ()):
        nights[evening].single = cramps
    for evening in sorted(nights):
        one = nights[evening]
        if one.uid:
            below = [f"cramps: {one.in_words()}", *details(Entry(kind="night", fields=one.fields)), *one.notes]
            calendar.event(one.uid, f"Night: {one.in_words()}", _all_day(evening), below, rings=False)
    _write_reminders(calendar, ctx)
    calendar.end()
    _tell(ctx, left)


def _cramp(entry: Entry) -> str:
    """Short, as people see it between their appointments."""
    severity = entry.fields.get("severity")
    if isinstance(severity, int | float) and not isinstance(severity, bool):
        return f"Cramp {number(severity)}/10"
    return "Cramp"


def _when(entry: Entry, night: date) -> tuple[bytes, bytes]:
    """At its time; on the evening's date where only a part of the night is known."""
    assert entry.at is not None
    if part_of(entry):
        return _all_day(night)
    minutes = entry.fields.get("duration" if entry.kind == "cramp" else "minutes")
    lasts = _SHORT
    if isinstance(minutes, int | float) and not isinstance(minutes, bool) and 0 < minutes <= 24 * 60:
        lasts = max(timedelta(minutes=1), timedelta(minutes=minutes))
    return _from_to(entry.at.astimezone(UTC), lasts)


def _from_to(start: datetime, lasts: timedelta) -> tuple[bytes, bytes]:
    start = min(start, datetime.max.replace(tzinfo=UTC) - 2 * _DAY)  # the calendar ends there
    return line("DTSTART", utc(start)), line("DTEND", utc(start + lasts))


def _all_day(night: date) -> tuple[bytes, bytes]:
    """Ends on the next day, which is not in it any more: with the same day, many calendars show nothing."""
    night = min(night, date.max - _DAY)
    return line("DTSTART;VALUE=DATE", day(night)), line("DTEND;VALUE=DATE", day(night + _DAY))


def _write_reminders(calendar: _Calendar, ctx: Context[IcalOptions]) -> None:
    if not ctx.options.days:
        return
    until = ctx.now.date() + ctx.options.days * _DAY
    coming = [one for one in ctx.coming(datetime.combine(until, time(), ctx.now.tzinfo)) if one.due.date() < until]
    place: Counter[tuple[str, date]] = Counter()
    uids = []
    for one in reversed(coming):
        of_day = (one.reminder, one.due.date())
        place[of_day] += 1
        uids.append(str(uuid.uuid5(_NAMESPACE, f"{one.reminder}/{of_day[1]}/{place[of_day]}")))
    for one, uid in zip(coming, reversed(uids), strict=True):
        said = one.reminder if ctx.options.names else "Reminder"
        calendar.event(uid, said, _from_to(one.due.astimezone(UTC), _SHORT), rings=True)


def _tell(ctx: Context[IcalOptions], left: Counter[str]) -> None:
    """Say what is not in it, of what the person may have expected."""
    many = sum(left.values())
    if many:
        kinds = ", ".join(sorted(left))
        what = "entry is no cramp or night and" if many == 1 else "entries are no cramps or nights and"
        verb = "is" if many == 1 else "are"
        ctx.logger.warning("%s %s %s left out (%s); --everything takes them along", f"{many:,}", what, verb, kinds)


EXPORTER = Exporter(
    name="ical",
    title="A calendar for a phone: cramps, nights, and the reminders to come",
    suffix=".ics",
    media_type="text/calendar",
    write=write,
    options=IcalOptions,
)
