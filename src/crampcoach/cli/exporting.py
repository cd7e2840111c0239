"""`export`: entries out of the log, into a file or the output. Each format is a plugin's; its options come from it."""

from __future__ import annotations

import errno
import os
import sys
import typing
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from crampcoach.cli.at import read_with
from crampcoach.cli.coming import to_come
from crampcoach.cli.formats import Formats, as_kind, counted, own_options, paragraph, print_formats
from crampcoach.cli.log import field_options
from crampcoach.cli.offers import Offer, offered, use_loaded
from crampcoach.cli.printing import in_terminal, json_option, print_json, progress, unseen
from crampcoach.cli.session import Session
from crampcoach.model import Problem
from crampcoach.moments import parse_bound
from crampcoach.options import did_you_mean

if TYPE_CHECKING:
    from crampcoach.exporting import Asked, Taken
    from crampcoach.transfer import Exporter

_NONE = "no plugin that is on writes any; `crampcoach plugins` lists them"
#: For the output instead of a file.
_OUTPUT = "-"


def _known(ctx: click.Context) -> dict[str, Offer[Exporter]]:
    """Every format by name, with its plugin."""
    from crampcoach.transfer import Exporter

    return offered(ctx, "exporters", Exporter)


def _command(offer: Offer[Exporter]) -> click.Command:
    exporter = offer.value
    options: list[click.Parameter] = [
        click.Option(
            ["--output", "-o"],
            metavar="FILE",
            help=f"The file to write, - for the output. Left out in a terminal: crampcoach-DATE{exporter.suffix} here.",
        ),
        click.Option(["--since"], help="From this day or time on: 2026-11-21, yesterday, or 14d for 14 days."),
        click.Option(["--until"], help="Up to the end of this day, or up to this time."),
        click.Option(["--kind"], multiple=True, help="Only entries of this kind; may be given several times."),
        click.Option(
            ["--with-text"], is_flag=True, help="Also your own words: notes, and what you wrote in a journal."
        ),
        click.Option(["--force"], is_flag=True, help="Replace FILE without asking."),
        *field_options(as_kind(exporter)),
        click.Option(["--json", "as_json"], is_flag=True, help="Print an object for programs; with --output."),
    ]
    help_text = (
        f"{exporter.title}. In a pipe it goes to the output.\n\n"
        "Your own words stay in the log unless you say --with-text. Short answers go along all the same, such as the "
        "name of a medicine.\n\n"
        "The file is whole or not there at all, and only you can read it.\n\n"
        f"{paragraph(exporter.about)}"
        "JSON: format, file, entries, left_out (entries without your words), first, last."
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
        from crampcoach.exporting import Asked

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
            usual = f"crampcoach-{now:%Y-%m-%d}{exporter.suffix}"
            place = None if to_output else _place(session, usual if output is None else output)
            if there := place is not None and place.exists():
                _ask(place, force=force)
            with _writing(place, over=there or force) if place else _output() as file:
                taken = _export(session, offer, own, file, asked, to_output=to_output)
            if place:
                _print(exporter.name, place, taken, as_json=as_json)
            if taken.left_out:
                said = f"{counted(taken.left_out)} {'has' if taken.left_out == 1 else 'have'} words of yours"
                click.echo(f"{said} that were left out; --with-text takes them along", err=True)

    return run


def _export(
    session: Session, offer: Offer[Exporter], options: Any, file: BinaryIO, asked: Asked, *, to_output: bool
) -> Taken:
    from crampcoach.exporting import Failed, export

    ctx = replace(session.context(offer.loaded), options=options, coming=partial(to_come, session.plan(), session.now))
    kinds = session.kinds
    try:
        # What reads the output may be on the same terminal.
        with nullcontext(unseen) if to_output else progress("writing") as said:
            return export(offer.value, file, ctx, asked=asked, kinds=kinds, clock=session.clock, said=said)
    except Failed as error:
        left = "what came out is not whole" if to_output else "nothing was written"
        raise Problem(f"{error}; {left}; --debug shows where") from error


def _checked_kinds(session: Session, names: Sequence[str]) -> tuple[str, ...]:
    """The kinds, each once. A slip must not look like a log without such entries. Raises click.UsageError."""
    from crampcoach.store import entries

    log = session.store.log
    for name in names:
        if name not in session.kinds and not any(entries.select(log, kind=name, limit=1)):
            raise click.UsageError(f"--kind {name!r}: there is no such kind{did_you_mean(name, session.kinds)}")
    return tuple(dict.fromkeys(names))


def _place(session: Session, output: str) -> Path:
    """The file to write; what a link leads to is written, and the link stays. Raises Problem."""
    path = Path(os.path.realpath(output))  # resolve() raises for a link to itself
    home = session.home
    try:
        if path.is_dir():
            raise Problem(f"{path} is a folder; name a file in it")
        if not path.parent.is_dir():
            raise Problem(f"there is no folder {path.parent}; make it first, or choose another place")
        for own in (home.data_dir, home.config_dir, home.runtime_dir):
            if path.is_relative_to(own.resolve()):
                raise Problem(f"crampcoach keeps its own files in {own}; choose another place")
        if path.exists() and not path.is_file():
            raise Problem(f"{path} is no file to replace; name another, or - for the output")
    except OSError as error:
        raise _unwritable(path, error) from error
    return path


def _ask(path: Path, *, force: bool) -> None:
    """Make sure that a file that is there may go. Raises Problem."""
    from crampcoach.cli.questions import yes

    if not os.access(path, os.W_OK):
        raise _unwritable(path, OSError(errno.EACCES, os.strerror(errno.EACCES)))
    if force:
        return
    if not in_terminal(sys.stdin, sys.stdout):
        raise Problem(f"{path} is there already; name another file, or replace it with --force")
    if not yes(f"{path} is there already. Replace it?", usual="no"):
        raise Problem("nothing was written")


@contextmanager
def _writing(path: Path, *, over: bool) -> Iterator[BinaryIO]:
    from crampcoach.whole_file import whole_file

    try:
        with whole_file(path, over=over) as file:
            yield file
    except OSError as error:
        raise _unwritable(path, error) from error


@contextmanager
def _output() -> Iterator[BinaryIO]:
    """The output, as bytes that nothing else gets between. It comes as it is made: nothing of it waits on a disk."""
    if sys.stdout is None:
        raise Problem("there is no output to write to; name a file with --output")
    sys.stdout.flush()
    try:
        # A handle of its own: a reader that stops reading would keep Python's locked, also at Ctrl+C.
        file: BinaryIO = os.fdopen(os.dup(sys.stdout.fileno()), "wb", 1 << 16)
    except OSError:  # no file, as in a test
        yield typing.cast("BinaryIO", sys.stdout.buffer)
        return
    try:
        yield file
        file.close()
    except KeyboardInterrupt:
        raise  # a thread may be stuck in it
    except BaseException as error:
        with suppress(OSError):
            file.close()
        if isinstance(error, OSError) and not isinstance(error, BrokenPipeError):
            raise Problem(f"cannot write the output: {error.strerror or error}") from error
        raise


def _unwritable(path: Path, error: OSError) -> Problem:
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    why = error.strerror or str(error)
    return Problem(f"cannot write {path}: {why}; {'free some space, or ' if full else ''}choose another place")


def _print(name: str, path: Path, taken: Taken, *, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "format": name,
                "file": path,
                "entries": taken.entries,
                "left_out": taken.left_out,
                "first": taken.first,
                "last": taken.last,
            }
        )
    else:
        click.echo(f"wrote {click.format_filename(path)}: {counted(taken.entries, taken.first, taken.last)}")
