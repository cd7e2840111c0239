"""`export`: entries out of the log, into a file or the output. Each format is a plugin's; its options come from it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from crampcoach.cli.at import read_with
from crampcoach.cli.coming import held_back, to_come
from crampcoach.cli.formats import Formats, as_kind, counted, own_options, paragraph, print_formats
from crampcoach.cli.log import field_options
from crampcoach.cli.offers import Offer, offered, use_loaded
from crampcoach.cli.places import Place, Unpacked, beside, find_place, into_file, into_folder, into_output, own_folders
from crampcoach.cli.printing import in_terminal, json_option, print_json, progress, unseen
from crampcoach.cli.session import Session
from crampcoach.model import Problem
from crampcoach.moments import parse_bound
from crampcoach.options import did_you_mean

if TYPE_CHECKING:
    from crampcoach.context import Asked
    from crampcoach.transfer.exporting import Taken
    from crampcoach.transfer.formats import Exporter

_NONE = "no plugin that is on writes any; `crampcoach plugins` lists them"
#: For the output instead of a file.
_OUTPUT = "-"
#: What a format says of its files, for what is in them to go into a folder.
_ZIP = "application/zip"

_ABOUT_ZIP = (
    "The file is a ZIP. A folder that is there, or a new one whose name ends in a slash, gets what is in it instead: "
    "each file whole or not at all. Files of other names stay as they are, and you are asked before any of the same "
    "name is replaced.\n\n"
)


def _known(ctx: click.Context) -> dict[str, Offer[Exporter]]:
    """Every format by name, with its plugin."""
    from crampcoach.transfer.formats import Exporter

    return offered(ctx, "exporters", Exporter)


def _command(offer: Offer[Exporter]) -> click.Command:
    exporter = offer.value
    zipped = exporter.media_type == _ZIP
    options: list[click.Parameter] = [
        click.Option(
            ["--output", "-o"],
            metavar="FILE|FOLDER/" if zipped else "FILE",
            help=f"The file to write, - for the output. Left out in a terminal: crampcoach-DATE{exporter.suffix} here.",
        ),
        click.Option(["--since"], help="From this day or time on: 2026-11-21, yesterday, or 14d for 14 days."),
        click.Option(["--until"], help="Up to the end of this day, or up to this time."),
        click.Option(["--kind"], multiple=True, help="Only entries of this kind; may be given several times."),
        click.Option(
            ["--with-text"], is_flag=True, help="Also your own words: notes, and what you wrote in a journal."
        ),
        click.Option(["--force"], is_flag=True, help=f"Replace {'files' if zipped else 'FILE'} without asking."),
        *field_options(as_kind(exporter)),
        click.Option(["--json", "as_json"], is_flag=True, help="Print an object for programs; with --output."),
    ]
    help_text = (
        f"{exporter.title}. In a pipe it goes to the output.\n\n"
        "Your own words stay in the log unless you say --with-text. Short answers go along all the same, such as the "
        "name of a medicine.\n\n"
        "The file is whole or not there at all, and only you can read it.\n\n"
        f"{paragraph(exporter.about)}"
        f"{_ABOUT_ZIP if zipped else ''}"
        "JSON: format, file, entries, left_out (entries without your words), first, last"
        f"{'; files and unchanged, of a FOLDER' if zipped else ''}."
    )
    return click.Command(
        exporter.name, params=options, callback=_runner(offer), help=help_text,
        short_help=exporter.title, context_settings={"help_option_names": ["-h", "--help"]},
    )  # fmt: skip


@click.command(
    "export",
    cls=Formats,
    known=_known,
    made=_command,
    none=_NONE,
    invoke_without_command=True,
    subcommand_metavar="FORMAT [OPTIONS]",
)
@json_option
@click.pass_context
def export_command(ctx: click.Context, as_json: bool) -> None:
    """Take your log out, as a file or by a pipe. Without FORMAT: list the formats, and what each is for.

    JSON of the list: name, title, suffix, media_type, plugin.
    """
    if not ctx.invoked_subcommand:
        print_formats(_known(ctx), _NONE, as_json=as_json)


def _runner(offer: Offer[Exporter]) -> Any:
    exporter = offer.value

    @click.pass_context
    def run(
        ctx: click.Context,
        /,
        output: str | None,
        since: str | None,
        until: str | None,
        kind: tuple[str, ...],
        with_text: bool,
        force: bool,
        as_json: bool,
        **given: Any,
    ) -> None:
        from crampcoach.context import Asked

        as_json = as_json or bool(ctx.parent and ctx.parent.params.get("as_json"))
        to_output = output == _OUTPUT or (output is None and not in_terminal(sys.stdout))
        if as_json and to_output:
            raise click.UsageError("--json says what became of a file; name it with --output")
        own = own_options(offer, given)
        with Session(ctx) as session:
            use_loaded(ctx, session)
            now = session.now
            asked = Asked(
                kinds=_checked_kinds(session, kind),
                since=read_with("--since", since, lambda said: parse_bound(said, now)),
                until=read_with("--until", until, lambda said: parse_bound(said, now, end=True)),
                with_text=with_text,
            )
            if asked.since and asked.until and asked.since >= asked.until:
                raise click.UsageError(f"--since {since} does not lie before --until {until}: nothing is between them")
            usual = f"crampcoach-{now:%Y-%m-%d}{exporter.suffix}"
            zipped = exporter.media_type == _ZIP
            place = None if to_output else find_place(session, usual if output is None else output, zipped=zipped)
            unpacked = None
            if place and place.folder:
                with beside(place.path) as file:
                    taken = _export(session, offer, own, file, asked, to_output=False)
                    unpacked = _unpack(session, offer, file, place, force=force)
            else:
                with into_file(place.path, force=force) if place else into_output() as file:
                    taken = _export(session, offer, own, file, asked, to_output=to_output)
            if place:
                _print(exporter.name, place, taken, unpacked, as_json=as_json)
            if taken.left_out:
                said = f"{counted(taken.left_out)} {'has' if taken.left_out == 1 else 'have'} words of yours"
                click.echo(f"{said} that were left out; --with-text hands them to the format too", err=True)

    return run


def _export(
    session: Session, offer: Offer[Exporter], options: Any, file: BinaryIO, asked: Asked, *, to_output: bool
) -> Taken:
    from crampcoach.transfer.exporting import Failed, export

    # Somebody's phone must not ask for what has to wait, nor for what nobody answers.
    plan = session.plan()
    away = held_back(session, plan)
    plan = [one for one in plan if one.name not in away]
    ctx = replace(session.context(offer.loaded), options=options, coming=partial(to_come, plan, session.now))
    kinds = session.kinds
    try:
        # What reads the output may be on the same terminal.
        with nullcontext(unseen) if to_output else progress("writing") as said:
            return export(offer.value, file, ctx, asked=asked, kinds=kinds, clock=session.clock, said=said)
    except Failed as error:
        left = "what came out is not whole" if to_output else "nothing was written"
        raise Problem(f"{error}; {left}; --debug shows where") from error


def _unpack(session: Session, offer: Offer[Exporter], file: BinaryIO, place: Place, *, force: bool) -> Unpacked:
    from crampcoach.transfer.unpacking import Unfit

    try:
        return into_folder(file, place.path, own_folders(session), force=force)
    except Unfit as error:
        whose = f"plugin {offer.loaded.name}: its exporter {offer.value.name!r}"
        raise Problem(f"{whose} wrote {error}; nothing was written") from error


def _checked_kinds(session: Session, names: Sequence[str]) -> tuple[str, ...]:
    """The kinds, each once. A slip must not look like a log without such entries. Raises click.UsageError."""
    from crampcoach.store import entries

    log = session.store.log
    for name in names:
        if name not in session.kinds and not any(entries.select(log, kind=name, limit=1)):
            raise click.UsageError(f"--kind {name!r}: there is no such kind{did_you_mean(name, session.kinds)}")
    return tuple(dict.fromkeys(names))


def _print(name: str, place: Place, taken: Taken, unpacked: Unpacked | None, *, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "format": name,
                "file": place.path,
                "entries": taken.entries,
                "left_out": taken.left_out,
                "first": taken.first,
                "last": taken.last,
                **({"files": unpacked.files, "unchanged": unpacked.same} if unpacked else {}),
            }
        )
        return
    files = ""
    if unpacked:
        files = f"{unpacked.files:,} {'file' if unpacked.files == 1 else 'files'}, "
        files += f"{unpacked.same:,} as they were, " if unpacked.same else ""
    counts = counted(taken.entries, taken.first, taken.last)
    click.echo(f"wrote {click.format_filename(place.path)}: {files}from {counts}")
