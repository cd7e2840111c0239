"""How commands print: a plain table for people, a list of objects with `--json` for programs.

A terminal gets lines that fit it; a pipe gets whole lines.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date, datetime, time, tzinfo
from typing import Any, TextIO, TypeVar

import click

from crampcoach.shared_process import keep_output

Command = TypeVar("Command", bound=Callable[..., Any])

#: A last column narrower than this goes below its row instead.
_NARROW = 24
#: What a terminal may take for a command: C0 and C1 without tab and line end, and DEL.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class _CommandsOnly:
    """stdout for the thread that made it, which is the command's; what plugins print in theirs goes to stderr.

    Otherwise a forgotten print() would end up in the middle of what `--json` gives to a program.
    """

    def __init__(self, out: Any) -> None:
        self._out, self._thread = out, threading.get_ident()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._out if threading.get_ident() == self._thread else sys.stderr, name)


def keep_stdout() -> None:
    """Keep stdout for this thread. `main` puts it back: what a plugin left running may print until the very end."""
    out: Any = sys.stdout
    if out is not None and not isinstance(out, _CommandsOnly):
        keep_output()
        sys.stdout = _CommandsOnly(sys.stdout)


def json_option(command: Command) -> Command:
    """Adds `--json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print a list of objects for programs.")(command)


def print_json(value: object) -> None:
    """Print for programs: times as ISO 8601, anything else that JSON does not know as text."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False, default=_plain))


def print_rows(rows: Sequence[dict[str, Any]], *, as_json: bool, columns: Sequence[str], empty: str) -> None:
    """Print rows: the named columns as a table, or everything as JSON."""
    if as_json:
        print_json(list(rows))
        return
    if not rows:
        click.echo(empty)
        return
    texts = [[one_line(row.get(column)) for column in columns] for row in rows]
    widths = [max(len(text[number]) for text in texts) for number in range(len(columns) - 1)]
    for *cells, last in texts:
        head = "".join(f"{cell:<{width}}  " for cell, width in zip(cells, widths, strict=True))
        print_wrapped(last, head)


def print_wrapped(text: str, head: str = "", *, err: bool = False) -> None:
    """Print `head` and the text, which continues below its own beginning where a terminal is too narrow for it."""
    out = sys.stderr if err else sys.stdout
    room = _columns(out)
    if room is not None:
        head, text = _harmless(head, out), _harmless(text, out)
    if room is None or len(head) + len(text) <= room:
        click.echo((head + text).rstrip(), err=err)
        return
    indent = " " * len(head)
    if room - len(head) < _NARROW:
        click.echo(head.rstrip(), err=err)
        head = indent = "    "
    for line in textwrap.wrap(text, max(room, _NARROW), initial_indent=head, subsequent_indent=indent):
        click.echo(line.rstrip(), err=err)


def print_whole(text: str, head: str = "") -> None:
    """Print what must not be cut, such as an address, however narrow the terminal is."""
    click.echo(head + (text if _columns(sys.stdout) is None else _harmless(text, sys.stdout)))


def _harmless(text: str, out: TextIO) -> str:
    """Text that only shows itself: a note must not be able to command the terminal that it is read in."""
    sign = "\ufffd"
    try:
        sign.encode(out.encoding or "utf-8")
    except UnicodeEncodeError:
        sign = "?"
    return _CONTROL.sub(sign, text.replace("\r\n", "\n"))


def print_failure(plugin: str, reason: str) -> None:
    """Name a plugin that did something wrong, beside what was asked for."""
    click.echo(f"crampcoach: plugin {plugin}: {reason}", err=True)


def in_terminal(*streams: TextIO | None) -> bool:
    """Whether each of these is a terminal; a process may have been started without some of them."""
    return all(stream is not None and stream.isatty() for stream in streams)


def unseen(_many: int, _of: int = 0) -> None:
    """What `progress` says where nobody sees it."""


@contextmanager
def progress(what: str) -> Iterator[Callable[..., None]]:
    """Says on a terminal how far long work is, as `said(many, of)`; gone when it is done. From any thread."""
    seen, shown = in_terminal(sys.stderr), False

    def said(many: int, of: int = 0) -> None:
        nonlocal shown
        if seen and many % 500 == 0:
            shown = True
            with suppress(OSError):  # that nobody sees it any more must not cost the work
                click.echo(f"\r{what}: {many:,}" + (f" of {of:,}" if of else ""), nl=False, err=True)

    try:
        yield said
    finally:
        seen = False
        if shown:
            with suppress(OSError):
                click.echo("\r\033[K", nl=False, err=True)


def _columns(out: TextIO | None) -> int | None:
    """The width of the terminal; None where the output goes elsewhere."""
    return shutil.get_terminal_size().columns if in_terminal(out) else None


def one_line(value: object) -> str:
    """A value as one plain line."""
    return "" if value is None else " ".join(str(_plain(value)).split())


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return value.isoformat() if isinstance(value, date) else str(value)


def moment(at: datetime | None, zone: tzinfo) -> datetime | None:
    """An instant in the person's zone."""
    return at.astimezone(zone) if at else None


def when(at: datetime, now: datetime) -> str:
    """An instant as a person would say it; both aware and in one zone."""
    days = (at.date() - now.date()).days
    usual = f"{at:%a %d %b}" if at.year == now.year else f"{at:%a %d %b %Y}"
    day = {0: "today", 1: "tomorrow", -1: "yesterday"}.get(days, usual)
    return f"{day} {at:%H:%M}"
