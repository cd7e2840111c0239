"""What `--at` means for an entry: its time, zone and night. Where the clock showed a time twice, people are asked."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from types import NoneType
from typing import TYPE_CHECKING, TypeVar, get_args, get_type_hints

import click

from crampcoach.clock import night_of, zone_name
from crampcoach.moments import PART_FIELD, PARTS, Future, Moment, Twice, parse_moment, parse_night

if TYPE_CHECKING:
    from crampcoach.cli.session import Session
    from crampcoach.model import Entry, Kind

HELP = 'When: 03:10, "yesterday 23:00", or 2026-11-21T03:10; now unless given.'
HELP_PART = 'When: 03:10, "yesterday 23:00", 2026-11-21T03:10; or early, middle, late last night. Now unless given.'
_Read = TypeVar("_Read")


def part_field(kind: Kind) -> str | None:
    """The name of the field for a part of the night, if a kind has it; one with other choices means something else."""
    hint = get_type_hints(kind.fields).get(PART_FIELD) if kind.fields else None
    choices = {value for one in get_args(hint) for value in get_args(one) or (one,) if value is not NoneType}
    return PART_FIELD if choices and choices <= set(PARTS) else None


def timed(session: Session, entry: Entry, kind: Kind, at: str | None) -> Entry:
    """The entry with its time, zone and night: of now, or as `--at` says. Raises click.UsageError.

    Only a part of the night, in `at` or in the entry's own field, makes its time the middle of that part.
    """
    said = at if at is not None else entry.fields.get(PART_FIELD) if part_field(kind) else None
    if said is not None:
        entry = moved(entry, kind, read_moment(session, said, session.now))
        assert entry.at
        return replace(entry, night=_spoken_of(session, entry.at)) if kind.last_night else entry
    # Said in the afternoon, it is the night that is over, not the coming one.
    night = session.now.date() - timedelta(days=1) if kind.last_night else None
    return replace(entry, at=session.now, zone=zone_name(session.zone, session.now), night=night)


def _spoken_of(session: Session, at: datetime) -> date:
    """The night that is meant by a time: by day the one before, which is over, and not the coming one."""
    return night_of(at) - timedelta(days=session.config.hours.by_day(at))


def read_night(session: Session, text: str) -> date:
    """What `--night` says of a new entry. Raises click.UsageError, also for a night that has not begun."""
    night = read_with("--night", text, lambda said: parse_night(said, session.now))
    assert night
    if night > _spoken_of(session, session.now):
        raise click.UsageError(f"--night {text!r}: that night is not over; leave --night out for the last one that is")
    return night


def moved(entry: Entry, kind: Kind | None, moment: Moment) -> Entry:
    """The entry at another time; one with only a part of the night says so in its field. Raises click.UsageError."""
    if moment.part:
        given = entry.fields.get(PART_FIELD, moment.part)
        if kind is None or not part_field(kind):
            raise click.UsageError(
                f"--at {moment.part}: the kind {entry.kind} has times only; write one, such as 03:10"
            )
        if given != moment.part:
            raise click.UsageError(f"--at {moment.part} and --part {given} are two different parts: leave one out")
        entry = replace(entry, fields={**entry.fields, PART_FIELD: moment.part})
    assert moment.at.tzinfo
    return replace(entry, at=moment.at, zone=zone_name(moment.at.tzinfo, moment.at), night=moment.night)


def read_moment(session: Session, text: str, now: datetime, stood: Moment | None = None) -> Moment:
    """What `--at` says, as `parse_moment`. Raises click.UsageError; in a terminal, what is ambiguous is asked."""
    try:
        return parse_moment(text, now, session.config.hours, stood)
    except Twice as twice:
        if sys.stdin is None or not sys.stdin.isatty():
            raise click.UsageError(f"--at {text!r}: {twice}") from None
        return Moment(at=_ask(twice))
    except Future as future:
        raise click.UsageError(f"--at {text!r} {future}") from None
    except ValueError as error:
        raise click.UsageError(f"--at {text!r}: {error}") from None


def _ask(twice: Twice) -> datetime:
    click.echo("The clocks were put back, and this time came twice that night:", err=True)
    for number, at in enumerate(twice.times, 1):
        click.echo(f"  {number}  {at:%H:%M}, {'before' if number == 1 else 'after'} the change", err=True)
    said = click.prompt("Which one", type=click.Choice(["1", "2"]), err=True)
    return twice.times[int(said) - 1]


def read_with(option: str, text: str | None, read: Callable[[str], _Read]) -> _Read | None:
    """What an option says, by a parser that raises ValueError. Raises click.UsageError."""
    try:
        return None if text is None else read(text)
    except ValueError as error:
        raise click.UsageError(f"{option} {text!r}: {error}") from None
