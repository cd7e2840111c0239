"""`entries`, `show`: what was logged, newest first, and one entry with everything that stands in it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import click

from crampcoach.cli.at import read_with
from crampcoach.cli.given import text_of
from crampcoach.cli.printing import json_option, print_json, print_rows, print_wrapped, when
from crampcoach.cli.session import Session
from crampcoach.model import Entry
from crampcoach.moments import PART_FIELD, PARTS, parse_bound, parse_night

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crampcoach.store.undo import Version


#: A listing shows no more of an entry than this many characters, and a change no more of a note.
_ROOM, _NOTE_ROOM = 200, 80


def as_object(entry: Entry) -> dict[str, Any]:
    """An entry for programs: id, kind, at, zone, night, fields, note."""
    assert entry.at is not None
    assert entry.night is not None
    return {
        "id": entry.id,
        "kind": entry.kind,
        "at": entry.at.isoformat(timespec="seconds"),
        "zone": entry.zone,
        "night": entry.night.isoformat(),
        "fields": dict(entry.fields),
        "note": entry.note,
    }


@click.command("entries")
@click.option("--kind", help="Only entries of this kind.")
@click.option(
    "--since", help='From this day or time on: 2026-11-21, yesterday, "2026-11-21 22:00", or 14d for 14 days.'
)
@click.option("--until", help="Up to the end of this day, or up to this time.")
@click.option("--night", help="Of this night, named by its evening's date: 2026-11-21, or last.")
@click.option(
    "--search",
    "text",
    help='With these words: calf water, "a phrase", magn*, calf OR foot, calf NOT foot. `--search -` reads from stdin.',
)
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="No more than this.")
@json_option
@click.pass_context
def entries_command(
    ctx: click.Context,
    /,
    kind: str | None,
    since: str | None,
    until: str | None,
    night: str | None,
    text: str | None,
    limit: int,
    as_json: bool,
) -> None:
    """List what you have logged, newest first, each entry with its id for `show`, `edit` and `delete`.

    Of a long note only the beginning is listed; `show` has all of it.

    JSON: id, kind, at, zone, night, fields, note.
    """
    from crampcoach.store import entries
    from crampcoach.store.short_ids import short_id

    with Session(ctx) as session:
        now = session.now
        asked: dict[str, Any] = {
            "kind": kind,
            "since": read_with("--since", since, lambda said: parse_bound(said, now)),
            "until": read_with("--until", until, lambda said: parse_bound(said, now, end=True)),
            "night": read_with("--night", night, lambda said: parse_night(said, now)),
            "text": read_with("--search", text, _searchable),
        }
        log = session.store.log
        found = list(entries.select(log, **asked, newest_first=True, limit=limit + 1))
        rows = [as_object(entry) for entry in found[:limit]]
        if not as_json:
            for row, entry in zip(rows, found, strict=False):
                row["id"] = short_id(log, entry.id)
                row["time"] = said_time(entry, now)
                row["what"] = shortened(said(entry), _ROOM)
        only_kind = kind is not None and {*asked.values()} == {None, kind}
        print_rows(rows, as_json=as_json, columns=["id", "time", "kind", "what"], empty=_empty(asked, only_kind))
        if len(found) > limit and not as_json:
            click.echo(f"(older ones with --limit {limit * 5})", err=True)


def _empty(asked: Mapping[str, Any], only_kind: bool) -> str:
    if only_kind:
        return f"Nothing of kind {asked['kind']!r} has been logged."
    return "Nothing that was logged fits that." if any(asked.values()) else "Nothing has been logged yet."


def _searchable(given: str) -> str:
    text = text_of(given)
    if not text.strip():
        raise ValueError("write what to look for")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("it holds half a character (a lone surrogate); paste the text again") from None
    if "\0" in text:
        raise ValueError("it holds a NUL character, which no entry has")
    return text


def said_time(entry: Entry, now: datetime) -> str:
    """The time of an entry as a person would say it; with a "~" where only the part of the night is known."""
    assert entry.at is not None
    day, _, time = when(entry.at, now).rpartition(" ")
    return f"{day} {'~' if _vague(entry) else ''}{time}"


def said_night(night: date) -> str:
    """A night as a person would say it."""
    return f"night of {night:%a %d %b %Y}"


def _vague(entry: Entry) -> bool:
    return entry.fields.get(PART_FIELD) in PARTS


def said(entry: Entry) -> str:
    """What stands in an entry, as a person would say it."""
    return "; ".join(filter(None, [fields_text(entry.fields), entry.note]))


def shortened(text: str, room: int) -> str:
    """A text in one line, with no more than its beginning where it has more characters than `room`."""
    text = " ".join(text.split())
    return f"{text[: room - 3]}..." if text[room:] else text


def fields_text(given: Mapping[str, Any]) -> str:
    """Fields as a person would say them."""
    return ", ".join(field_text(name, value) for name, value in given.items())


def field_text(name: str, value: Any) -> str:
    """A field as a person would say it."""
    words = name.replace("_", " ").strip()
    if isinstance(value, bool):
        return words if value else f"not {words}"
    if isinstance(value, list):
        value = ", ".join(map(str, value))
    return f"{words} {value:g}" if isinstance(value, float) else f"{words} {value}"


# --- one entry -------------------------------------------------------------------------------------------------


@click.command("show")
@click.argument("id")
@click.option("--history", is_flag=True, help="Also every earlier version of it.")
@click.option("--json", "as_json", is_flag=True, help="Print it for programs.")
@click.pass_context
def show_command(ctx: click.Context, /, id: str, history: bool, as_json: bool) -> None:
    """Show one entry whole. ID is what `entries` shows before it; an entry that you deleted is shown too.

    JSON: as `entries`, and short, made, deleted, history (a list: made, what, entry).
    """
    from crampcoach.store.short_ids import short_id, whole_id
    from crampcoach.store.undo import history as versions_of
    from crampcoach.store.undo import last_state

    with Session(ctx) as session:
        log, now = session.store.log, session.now
        number = whole_id(log, id)
        entry, versions = last_state(log, number), versions_of(log, number)
        assert entry
        short, gone = short_id(log, number), versions[-1].entry is None
        if as_json:
            past = [
                {"made": one.made, "what": one.what, "entry": as_object(one.entry) if one.entry else None}
                for one in versions
            ]
            more = {"short": short, "made": versions[0].made, "deleted": gone, "history": past}
            print_json({**as_object(entry), **more})
            return
        _print_entry(entry, short)
        saved = f"saved {when(versions[0].made.astimezone(now.tzinfo), now)}"
        changes = len(versions) - 1
        click.echo("\n" + saved + (f", changed {changes} time{'s'[: changes > 1]}" if changes else ""))
        if gone:
            click.echo("It is deleted.")
        if history:
            _print_history(versions, now)


def _print_entry(entry: Entry, short: str) -> None:
    assert entry.at
    assert entry.night
    day, time = f"{entry.at:%a %d %b %Y}", f"{'~' if _vague(entry) else ''}{entry.at:%H:%M}"
    rows = [("id", short), ("when", f"{day} {time} ({entry.zone})"), ("night", f"{entry.night:%a %d %b %Y}")]
    rows += [(name.replace("_", " ").strip(), field_text("", value).strip()) for name, value in entry.fields.items()]
    width = max(len(name) for name, _ in rows)
    print_wrapped(entry.kind)
    for name, value in rows:
        print_wrapped(value, f"  {name:<{width}}  ")
    if entry.note:
        click.echo()
        for line in entry.note.splitlines():
            print_wrapped(line)


WHAT = {"add": "saved", "edit": "changed", "delete": "deleted", "undo": "undone", "redo": "done again"}


def _print_history(versions: list[Version], now: datetime) -> None:
    before: Entry | None = None
    for one in versions:
        made = when(one.made.astimezone(now.tzinfo), now)
        print_wrapped(difference(before, one.entry, now, whole=True), f"{made}  {WHAT[one.what]}  ")
        before = one.entry


def difference(before: Entry | None, after: Entry | None, now: datetime, *, whole: bool = False) -> str:
    """What a change made of an entry, in words; long notes only where `whole`."""
    if after is None:
        return "not there any more"
    if before is None:
        return said(after)
    names = [*dict.fromkeys([*before.fields, *after.fields])]
    pairs = [(name, before.fields.get(name), after.fields.get(name)) for name in names]
    parts = [f"{name.replace('_', ' ')} {_plain(old)} -> {_plain(new)}" for name, old, new in pairs if old != new]
    assert before.at
    assert after.at
    # In UTC: the two times of a repeated hour are equal to Python.
    if (before.at.astimezone(UTC), before.zone) != (after.at.astimezone(UTC), after.zone):
        parts.insert(0, f"{said_time(before, now)} -> {said_time(after, now)}")
    if before.night != after.night:
        parts.append(f"night {before.night} -> {after.night}")
    if before.note != after.note:
        short = whole or max(len(before.note), len(after.note)) <= _NOTE_ROOM
        parts.append(f"note: {before.note or 'none'} -> {after.note or 'none'}" if short else "note changed")
    return "; ".join(parts) or "nothing was changed"


def _plain(value: Any) -> str:
    return (
        "none"
        if value is None
        else "no"
        if value is False
        else "yes"
        if value is True
        else field_text("", value).strip()
    )
