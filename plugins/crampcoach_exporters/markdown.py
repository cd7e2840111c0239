"""Daily notes, as Obsidian and its like keep them: a file for each day, with properties, in a ZIP.

A day's note has what was entered with a time on that day, as the clock showed it where the person was. What they wrote
stands in it as a quotation, in which every sign only shows itself. Properties are for tables and charts, so a number is
a number, and what was not entered is not there.

Entries come in order of time, but a day may come back when somebody flies east to west. So a day is written once no
entry can belong to it any more; at most the entries of three days are kept.
"""

from __future__ import annotations

import stat
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, BinaryIO

from crampcoach import Context, Entry, Exporter
from crampcoach_exporters.in_words import details, long_day, part_of, said_of_night, short_day, title
from crampcoach_exporters.markdown_text import one_line, quoted
from crampcoach_exporters.said_of_nights import UNKNOWN, Said, logged, said
from crampcoach_exporters.yaml_lines import properties

#: No clock is so far from UTC.
_MOST_AHEAD = timedelta(days=1)
#: The numbers that get a property, by the kind that has them; of several entries the newest says it.
_NUMBERS = {"night": ("disturbed_sleep", "woken", "hours_slept"), "day": ("stress", "alcohol", "activity_minutes")}
#: Years that a ZIP can name.
_YEARS = (1980, 2107)


def write(entries: Iterable[Entry], stream: BinaryIO, ctx: Context[Any]) -> None:
    """Write a note for each day, as soon as it is over."""
    import zipfile  # not for whoever only lists the formats

    single = Counter[date]()  # cramps of each night, which may have begun in the note before

    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for day, of_day in _by_day(entries):
            info = zipfile.ZipInfo(f"{day.isoformat()}.md", _stamp(ctx.now))
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, (stat.S_IFREG | 0o600) << 16
            cramps = [one for one in of_day if one.kind == "cramp" and ctx.of_night(one)]
            single.update(one.night for one in cramps if one.night)
            # Cramps that were not asked for, or came after the night had been told of.
            told_of = {one.night for one in of_day if one.kind == "night" and one.night}
            asked_about = {one for one in told_of if ctx.asked.partial or day <= one}
            if asked_about:
                single |= Counter(dict(logged(ctx.log, ctx.of_night, asked_about)))
            archive.writestr(info, _note(day, of_day, single).encode())


def _by_day(entries: Iterable[Entry]) -> Iterator[tuple[date, list[Entry]]]:
    """The entries of each day, in order of time, though they may come from zones that differ by a day."""
    open_days: dict[date, list[Entry]] = {}
    for entry in entries:
        assert entry.at is not None
        today = entry.at.astimezone(UTC).date()
        over = today - min(_MOST_AHEAD, today - date.min)
        for day in sorted(one for one in open_days if one < over):
            yield day, open_days.pop(day)
        open_days.setdefault(entry.at.date(), []).append(entry)
    for day in sorted(open_days):
        yield day, open_days[day]


def _stamp(now: datetime) -> tuple[int, int, int, int, int, int]:
    return (min(max(now.year, _YEARS[0]), _YEARS[1]), now.month, now.day, now.hour, now.minute, now.second)


def _note(day: date, entries: list[Entry], single: Mapping[date, int]) -> str:
    parts = [f"{properties(_properties(day, entries, single))}\n# {long_day(day)}"]
    # An hour that comes twice, or a flight: then the time on the clock alone would not say when.
    differ = len({entry.at.utcoffset() for entry in entries if entry.at}) > 1
    for entry in entries:
        parts.append(_said(entry, with_offset=differ))
        if words := quoted(entry.note):
            parts.append("\n".join(words))
    return "\n\n".join(parts) + "\n"


def _said(entry: Entry, *, with_offset: bool) -> str:
    """When it was, what it was, and what is known of it."""
    assert entry.at is not None
    when = f"{entry.at:%H:%M}"
    if with_offset:
        when += f" (UTC{entry.at.isoformat(timespec='seconds')[19:]})"
    fields = dict(entry.fields)
    if part := part_of(entry):
        when = "time not known" if part == "unknown" else f"{part} in the night"
        del fields["part"]
    what = one_line(title(entry))
    words = [one_line(one) for one in details(Entry(kind=entry.kind, fields=fields))]
    if entry.night and entry.kind in ("cramp", "night"):
        evening = f"night of {short_day(entry.night)}"
        if entry.kind == "cramp":
            words.append(evening)
        else:
            what = f"N{evening[1:]}"
            if told := said(entry):
                words.insert(0, _cramps(told))
    return f"**{when}** {what}{': ' if words else ''}{', '.join(words)}"


def _cramps(told: Said) -> str:
    if told.count is None:
        return "the number of cramps is not known"
    if told.count == 0:
        return "no cramps"
    return f"{said_of_night(told)} cramp{'' if told.count == 1 else 's'}"


def _properties(day: date, entries: list[Entry], single: Mapping[date, int]) -> dict[str, object]:
    """What tables and charts go by. Nothing that was not entered: no night is without cramps that nobody said so of."""
    zones = list(dict.fromkeys(entry.zone for entry in entries))
    made: dict[str, object] = {
        "date": day,
        "zone": zones[0] if len(zones) == 1 else zones,
        "tags": ["crampcoach", *sorted({entry.kind for entry in entries} - {"crampcoach"})],
        "entries": len(entries),
    }
    cramps = [entry for entry in entries if entry.kind == "cramp"]
    if cramps:
        made["cramps"] = len(cramps)
    if worst := [_number(entry.fields.get("severity")) or 0 for entry in cramps if _is_number(entry, "severity")]:
        made["worst"] = max(worst)
    made |= _of_last_night(entries, single)
    for kind, names in _NUMBERS.items():
        for entry in entries:
            found = {name: entry.fields[name] for name in names if entry.kind == kind and _is_number(entry, name)}
            made |= found if kind == "day" or entry.night == made.get("night") else {}
    medicine = [one.fields.get("name") for one in entries if one.kind == "medicine"]
    if medicines := list(dict.fromkeys(name for name in medicine if isinstance(name, str))):
        made["medicine"] = medicines
    return made


def _of_last_night(entries: list[Entry], single: Mapping[date, int]) -> dict[str, object]:
    """The last of the nights that were entered on this day; others that were filled in stand in the text.

    single: how many cramps of each night have entries of their own, so far.
    """
    nights = [entry for entry in entries if entry.kind == "night" and entry.night]
    if not nights:
        return {}
    last = max(entry.night for entry in nights if entry.night)
    told = UNKNOWN
    for entry in nights:
        told = (said(entry) if entry.night == last else None) or told
    if told.count is None:
        return {"night": last}
    told = told.with_single(single.get(last, 0))
    return {"night": last, "night_cramps": told.count, "night_at_least": told.at_least}


def _is_number(entry: Entry, name: str) -> bool:
    return _number(entry.fields.get(name)) is not None


def _number(value: object) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


EXPORTER = Exporter(
    name="markdown",
    title="Daily notes for Obsidian and others: a Markdown file a day, with properties; into a folder, or as a ZIP",
    suffix=".zip",
    media_type="application/zip",
    write=write,
)
