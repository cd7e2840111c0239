"""`log` and `entries`: save an entry, list what was saved."""

from __future__ import annotations

import sys
import typing
from dataclasses import MISSING, Field, fields
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from crampcoach.cli.printing import json_option, print_json, print_rows, when
from crampcoach.cli.saving import save as save_all
from crampcoach.cli.session import Session
from crampcoach.model import Entry, Kind, Problem
from crampcoach.options import accepted, convert, default_of, describe, did_you_mean, plain_type
from crampcoach.safety.kinds import core_kinds

if TYPE_CHECKING:
    from collections.abc import Mapping


#: Where the context of a command keeps the kinds.
_KINDS = "crampcoach.kinds"


class _Kinds(click.Group):
    """One command for each kind that the plugins declare, with an option for each of its fields."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_known(ctx))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        own = {kind.name: kind for kind in core_kinds()}
        if cmd_name in own:
            return _command(own[cmd_name])  # what needs a doctor waits for no plugin
        kinds = _known(ctx)
        if cmd_name not in kinds and ctx.resilient_parsing:
            return None
        if cmd_name not in kinds:
            ctx.fail(f"there is no kind {cmd_name!r}{did_you_mean(cmd_name, kinds)}")
        return _command(kinds[cmd_name])


def _known(ctx: click.Context) -> Mapping[str, Kind]:
    """Every kind by name. Plugins are loaded once for a command, however often click asks."""
    if ctx.resilient_parsing:  # a shell asks, which must touch nothing
        from crampcoach.cli.completion import kinds

        return kinds(ctx)
    if _KINDS not in ctx.meta:
        with Session(ctx) as session:
            ctx.meta[_KINDS] = session.kinds
    known: Mapping[str, Kind] = ctx.meta[_KINDS]
    return known


@click.command("log", cls=_Kinds, subcommand_metavar="KIND [OPTIONS]")
def log_command() -> None:
    """Save an entry of KIND; each kind has its own options."""


def _command(kind: Kind) -> click.Command:
    hints = typing.get_type_hints(kind.fields, include_extras=True) if kind.fields else {}
    own = fields(kind.fields) if kind.fields else ()
    options: list[click.Parameter] = [_option(one, hints[one.name]) for one in own]
    options += [
        click.Option(["--at"], help='When: 03:10, "yesterday 23:00", or 2026-11-21T03:10; now unless given.'),
        click.Option(["--note"], default="", help="Your words. Long or private text: `--note -` reads it from stdin."),
        click.Option(["--json", "json"], is_flag=True, help="Print the saved entry for programs."),
    ]
    help_text = f"Save an entry of kind `{kind.name}`: {kind.title}."
    return click.Command(
        kind.name, params=options, callback=_saver(kind), help=help_text, short_help=kind.title,
        context_settings={"help_option_names": ["-h", "--help"]},
    )  # fmt: skip


def _option(field: Field[Any], hint: Any) -> click.Option:
    """The option of one field. Ranges and other checks are `convert`'s."""
    base, name = plain_type(hint), _flag(field.name)
    # click takes a default of None for a value.
    wanted: dict[str, Any] = {"required": True} if default_of(field) is MISSING else {"default": None}
    if base is bool:
        words = [f"{name}/--no-{name.removeprefix('--')}", field.name]
        return click.Option(words, help=describe(hint), **wanted)
    multiple = typing.get_origin(base) in (tuple, list)
    one = plain_type(typing.get_args(base)[0]) if multiple else base
    kind: Any = one if one in (int, float) else None
    if typing.get_origin(one) is typing.Literal:
        kind = click.Choice(typing.get_args(one))
        says = describe(hint)
    else:
        accepts = accepted(hint) if one is base else f"{accepted(one)}; may be given several times"
        says = f"{describe(hint)} ({accepts})".strip()
    return click.Option([name, field.name], type=kind, multiple=multiple, help=says, **wanted)


def _flag(field: str) -> str:
    """`with_` -> `--with`: a field cannot be called as one of Python's words is."""
    return f"--{field.rstrip('_').replace('_', '-')}"


def _saver(kind: Kind) -> Any:
    @click.pass_context
    def save(ctx: click.Context, /, at: str | None, note: str, json: bool, **given: Any) -> None:
        from crampcoach.clock import zone_name

        given = {name: value for name, value in given.items() if value not in (None, ())}
        if kind.fields:
            _, wrong = convert(given, kind.fields)
            if wrong:
                raise Problem("\n".join(f"{_flag(one.key)}: {one.text}" if one.key else one.text for one in wrong))
        with Session(ctx) as session:
            now = session.now
            moment = parse_at(at, now) if at is not None else now
            # Said in the afternoon, it is the night that is over, not the coming one.
            night = now.date() - timedelta(days=1) if kind.last_night and at is None else None
            zone = zone_name(session.zone, moment)
            entry = Entry(kind=kind.name, fields=given, note=_text(note), at=moment, zone=zone, night=night)
            (saved,) = save_all(session, [entry], err=json)
            if json:
                print_json(as_object(saved))
            else:
                click.echo(f"saved: {kind.title}, {when(moment, now)}")

    return save


def _text(note: str) -> str:
    if note != "-":
        return note
    if sys.stdin.isatty():
        click.echo("Write; Ctrl+D on an empty line ends it.", err=True)
    try:
        return sys.stdin.read().rstrip("\n")
    except UnicodeDecodeError:
        raise Problem("what came by stdin is no text in this system's encoding; nothing was saved") from None


def parse_at(text: str, now: datetime) -> datetime:
    """The time that `--at` names: the last time it was 03:10, one of yesterday, or a date and time.

    Local unless it has an offset; in a repeated hour the first, in a gap as far after it. `now` is aware, local.
    Raises click.UsageError for anything else, and for the future.
    """
    from crampcoach.clock import to_utc
    from crampcoach.recurrence import parse_time

    zone = now.tzinfo
    assert zone is not None
    day, _, rest = text.strip().lower().partition(" ")
    try:
        if day in ("today", "yesterday"):
            wall = datetime.combine(now.date() - timedelta(days=day == "yesterday"), parse_time(rest))
            at = to_utc(wall, zone)
        elif ":" in day and len(day) <= len("03:10") and not rest:
            wall = datetime.combine(now.date(), parse_time(day))
            at = to_utc(wall, zone)
            at = at if at <= now else to_utc(wall - timedelta(days=1), zone)
        else:
            read = datetime.fromisoformat(text.strip())
            if ":" not in text:
                raise ValueError("a date alone names no night")
            at = read.astimezone(UTC) if read.tzinfo else to_utc(read, zone)
        local = at.astimezone(zone)
    except (ValueError, OverflowError):
        forms = '03:10, "yesterday 23:00", 2026-11-21T03:10 or 2026-11-21T03:10+01:00'
        raise click.UsageError(f"--at {text!r}: write {forms}") from None
    if at > now + timedelta(minutes=1):
        raise click.UsageError(f"--at {text!r} is in the future; only what has happened is logged")
    return local


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
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="No more than this.")
@json_option
@click.pass_context
def entries_command(ctx: click.Context, kind: str | None, limit: int, as_json: bool) -> None:
    """List what you have logged, newest first.

    JSON: id, kind, at, zone, night, fields, note.
    """
    from crampcoach.store import entries

    with Session(ctx) as session:
        found = list(entries.select(session.store.log, kind=kind, newest_first=True, limit=limit + 1))
        rows = [as_object(entry) for entry in found[:limit]]
        if not as_json:
            for row in rows:
                row["time"] = when(datetime.fromisoformat(row["at"]), session.now)
                row["what"] = "; ".join(filter(None, [_fields_text(row["fields"]), row["note"]]))
        empty = f"Nothing of kind {kind!r} has been logged." if kind else "Nothing has been logged yet."
        print_rows(rows, as_json=as_json, columns=["time", "kind", "what"], empty=empty)
        if len(found) > limit and not as_json:
            click.echo(f"(older ones with --limit {limit * 5})", err=True)


def _fields_text(given: Mapping[str, Any]) -> str:
    """Fields as a person would say them."""

    def said(name: str, value: Any) -> str:
        words = name.replace("_", " ").strip()
        if isinstance(value, bool):
            return words if value else f"not {words}"
        text = (
            ", ".join(map(str, value))
            if isinstance(value, list)
            else f"{value:g}"
            if isinstance(value, float)
            else value
        )
        return f"{words} {text}"

    return ", ".join(said(name, value) for name, value in given.items())
