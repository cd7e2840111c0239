"""`log`: save an entry of any kind, with an option for each of its fields; the same options change one in `edit`."""

from __future__ import annotations

import typing
from dataclasses import MISSING, Field, fields, replace
from typing import TYPE_CHECKING, Any

import click

from crampcoach.cli.at import HELP, HELP_PART, part_field, read_night, timed
from crampcoach.cli.entries import as_object, said_night, said_time
from crampcoach.cli.given import text_of
from crampcoach.cli.printing import print_json
from crampcoach.cli.saving import save as save_all
from crampcoach.cli.session import Session
from crampcoach.model import Entry, Kind, Problem
from crampcoach.options import accepted, default_of, describe, did_you_mean, plain_type
from crampcoach.safety.kinds import core_kinds

if TYPE_CHECKING:
    from collections.abc import Mapping

NIGHT = "Which night, by the date of its evening: 2026-11-21, yesterday, last. Without it, the night that is over."


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
    """Every kind by name."""
    if ctx.resilient_parsing:  # a shell asks, which must touch nothing
        from crampcoach.cli.completion import kinds

        return kinds(ctx)
    with Session(ctx) as session:
        return session.kinds


@click.command("log", cls=_Kinds, subcommand_metavar="KIND [OPTIONS]")
def log_command() -> None:
    """Save an entry of KIND; each kind has its own options."""


def _command(kind: Kind) -> click.Command:
    options: list[click.Parameter] = [
        *field_options(kind),
        click.Option(["--at"], help=HELP_PART if part_field(kind) else HELP),
        *([click.Option(["--night"], help=NIGHT)] if kind.last_night else []),
        click.Option(["--note"], default="", help="Your words. Long or private text: `--note -` reads it from stdin."),
        click.Option(["--json", "json"], is_flag=True, help="Print the saved entry for programs."),
    ]
    help_text = f"Save an entry of kind `{kind.name}`: {kind.title}."
    return click.Command(
        kind.name, params=options, callback=_saver(kind), help=help_text, short_help=kind.title,
        context_settings={"help_option_names": ["-h", "--help"]},
    )  # fmt: skip


def field_options(kind: Kind, *, change: bool = False) -> list[click.Option]:
    """An option for each field of a kind; to `change` an entry none is needed."""
    hints = typing.get_type_hints(kind.fields, include_extras=True) if kind.fields else {}
    own = fields(kind.fields) if kind.fields else ()
    return [_option(one, hints[one.name], change=change) for one in own]


def _option(field: Field[Any], hint: Any, *, change: bool) -> click.Option:
    """The option of one field. Ranges and other checks are `convert`'s."""
    base, name = plain_type(hint), flag(field.name)
    needed = default_of(field) is MISSING and not change
    # click takes a default of None for a value.
    wanted: dict[str, Any] = {"required": True} if needed else {"default": None}
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


def flag(field: str) -> str:
    """`with_` -> `--with`: a field cannot be called as one of Python's words is."""
    return f"--{field.rstrip('_').replace('_', '-')}"


def checked(kind: Kind, given: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that were given, without those left out. Raises Problem with everything that is wrong."""
    values = {name: value for name, value in given.items() if value not in (None, ())}
    if kind.fields:
        from crampcoach.kind_checks import mistakes

        if wrong := mistakes(Entry(kind=kind.name, fields=values), kind, "with what was typed"):
            raise Problem("\n".join(f"{flag(one.key)}: {one.text}" if one.key else one.text for one in wrong))
    return values


def typed(kind: Kind, given: Mapping[str, Any]) -> dict[str, Any]:
    """The same of options that were typed. Raises click.UsageError."""
    try:
        return checked(kind, given)
    except Problem as wrong:
        raise click.UsageError(str(wrong)) from None


def _saver(kind: Kind) -> Any:
    @click.pass_context
    def save(
        ctx: click.Context, /, at: str | None, note: str, json: bool, night: str | None = None, **given: Any
    ) -> None:
        values = typed(kind, given)
        if at is not None and night is not None:
            raise click.UsageError("--at and --night both say which night: leave one out")
        with Session(ctx) as session:
            entry = timed(session, Entry(kind=kind.name, fields=values), kind, at)
            if night is not None:
                entry = replace(entry, night=read_night(session, night))
            (saved,) = save_all(session, [replace(entry, note=text_of(note))], err=json)
            if json:
                print_json(as_object(saved))
            else:
                of = f", {said_night(saved.night)}" if kind.last_night and saved.night else ""
                click.echo(f"saved: {kind.title}, {said_time(saved, session.now)}{of}")

    return save
