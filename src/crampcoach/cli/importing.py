"""`import`: entries out of a file, ours or another program's. Each format is a plugin's; its options come from it."""

from __future__ import annotations

import sys
import tempfile
import typing
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from crampcoach.cli.formats import Formats, as_kind, counted, own_options, paragraph, print_formats
from crampcoach.cli.log import field_options
from crampcoach.cli.offers import Offer, offered, use_loaded
from crampcoach.cli.printing import json_option, print_json, print_wrapped, progress
from crampcoach.cli.saving import keep_holds, mark_read, print_advice
from crampcoach.cli.session import Session
from crampcoach.home import private_folder
from crampcoach.model import Problem

if TYPE_CHECKING:
    from crampcoach.transfer.formats import Importer
    from crampcoach.transfer.importing import Reading, Report

_NONE = "no plugin that is on reads any; `crampcoach plugins` lists them"


def _known(ctx: click.Context) -> dict[str, Offer[Importer]]:
    """Every format by name, with its plugin."""
    from crampcoach.transfer.formats import Importer

    return offered(ctx, "importers", Importer)


def _command(offer: Offer[Importer]) -> click.Command:
    importer = offer.value
    options: list[click.Parameter] = [click.Argument(["file"], type=click.Path(allow_dash=True))]
    options += field_options(as_kind(importer))
    options += [
        click.Option(["--dry-run"], is_flag=True, help="Only say what would be imported."),
        click.Option(["--again"], is_flag=True, help="Also what you have deleted, or taken back by `undo`, since."),
        click.Option(["--json", "as_json"], is_flag=True, help="Print an object for programs."),
    ]
    help_text = (
        f"{importer.title}. FILE is `-` for stdin.\n\n"
        "A second run changes nothing, also where you have deleted an entry since, unless you say --again. "
        "Signs that need a doctor are looked for in what was written in the last four weeks.\n\n"
        f"{paragraph(importer.about)}"
        "JSON: format, dry_run, new, known, gone (deleted since), skipped [{why, count, places}], first, last, kinds."
    )
    return click.Command(
        importer.name, params=options, callback=_runner(offer), help=help_text,
        short_help=importer.title, context_settings={"help_option_names": ["-h", "--help"]},
    )  # fmt: skip


@click.command(
    "import",
    cls=Formats,
    known=_known,
    made=_command,
    none=_NONE,
    invoke_without_command=True,
    subcommand_metavar="FORMAT FILE [OPTIONS]",
)
@json_option
@click.pass_context
def import_command(ctx: click.Context, as_json: bool) -> None:
    """Bring in entries from a file, ours or another program's; FILE is `-` for stdin. Without FORMAT: list the formats.

    A second run changes nothing. JSON of the list: name, title, suffix, media_type, plugin.
    """
    if ctx.invoked_subcommand:
        return
    print_formats(_known(ctx), _NONE, as_json=as_json)


def _runner(offer: Offer[Importer]) -> Any:
    importer = offer.value

    @click.pass_context
    def run(ctx: click.Context, /, file: str, dry_run: bool, again: bool, as_json: bool, **given: Any) -> None:
        from crampcoach.transfer.importing import read_file

        as_json = as_json or bool(ctx.parent and ctx.parent.params.get("as_json"))
        own = own_options(offer, given)
        with Session(ctx) as session, ExitStack() as stack:
            use_loaded(ctx, session)
            spool = stack.enter_context(_unnamed(session.home.data_dir))
            stream = stack.enter_context(_opened(file, session.home.data_dir))
            with progress("reading") as said:
                reading = read_file(
                    importer,
                    stream,
                    replace(session.context(offer.loaded), options=own),
                    kinds=session.kinds,
                    log=session.store.log,
                    spool=spool,
                    again=again,
                    said=said,
                )
            unread: OSError | None = None
            try:
                print_advice(session.person.advice(reading.flags), err=as_json)
            except OSError as error:  # that nobody reads the output must not cost the entries
                unread = error
            if not dry_run:
                _save(session, reading, told=not unread, err=as_json)
                session.saved = True
            if unread:
                raise unread
            _print(importer.name, reading.report, dry_run=dry_run, as_json=as_json)

    return run


@contextmanager
def _unnamed(folder: Path) -> Iterator[BinaryIO]:
    """A file without a name: what the person wrote is gone with this process, however it ends."""
    with tempfile.TemporaryFile(dir=private_folder(folder)) as file:
        yield typing.cast(BinaryIO, file)


@contextmanager
def _opened(file: str, folder: Path) -> Iterator[BinaryIO]:
    """The file to read, from its beginning and again; stdin and pipes are read to their end before."""
    if file != "-" and Path(file).is_dir():
        raise Problem(f"{file} is a folder; name a file in it")
    with ExitStack() as stack:
        if file == "-" and sys.stdin is None:
            raise Problem("nothing comes by stdin; name a file")
        stream = sys.stdin.buffer if file == "-" else stack.enter_context(Path(file).open("rb"))
        if file == "-" or not stream.seekable():
            import shutil

            copy = stack.enter_context(_unnamed(folder))
            shutil.copyfileobj(stream, copy)
            copy.seek(0)
            stream = copy
        yield stream


def _save(session: Session, reading: Reading, *, told: bool, err: bool) -> None:
    """Save what was read. `told`: what it raises was printed, to stderr with `err`."""
    from crampcoach.transfer.importing import save

    saved, report, now = 0, reading.report, session.clock.now()
    try:
        with progress("saving") as said:
            for added in save(reading, session.store.log, now):
                if told:
                    mark_read(session, list(filter(reading.tells, added)), err=err)
                saved += len(added)
                said(saved, report.new)
    except KeyboardInterrupt:
        raise Problem(f"stopped: {saved:,} of {report.new:,} entries are saved; run it again for the rest") from None
    finally:
        keep_holds(session)
        session.poke()
    report.known += report.new - saved  # another import was quicker
    report.new = saved


def _print(name: str, report: Report, *, dry_run: bool, as_json: bool) -> None:
    if as_json:
        skipped = [{"why": why, "count": count, "places": places} for why, (count, places) in report.skipped.items()]
        print_json(
            {
                "format": name,
                "dry_run": dry_run,
                "new": report.new,
                "known": report.known,
                "gone": report.gone,
                "skipped": skipped,
                "first": report.first,
                "last": report.last,
                "kinds": dict(report.kinds),
            }
        )
        return
    would = "would be imported" if dry_run else "imported"
    print_wrapped(f"{would}: {counted(report.new, report.first, report.last)}")
    if report.known:
        print_wrapped(f"in your log before: {counted(report.known)}")
    if report.gone:
        print_wrapped(f"deleted or taken back by you since: {counted(report.gone)}; --again brings them in again")
    for why, (count, places) in report.skipped.items():
        more = f" and {count - len(places):,} more" if count > len(places) else ""
        print_wrapped(f"skipped: {why} ({'; '.join(places)}{more})")
    if dry_run:
        click.echo("Nothing was saved.")
