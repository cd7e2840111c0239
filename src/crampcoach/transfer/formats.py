"""The values with which plugins bring entries in from other programs' files, and take them out.

Both directions stream: a journal of many years must not have to fit into memory.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from typing import TYPE_CHECKING, Any, BinaryIO

from crampcoach.checks import MOST_LINE, check_line, check_name, check_text
from crampcoach.model import Entry

if TYPE_CHECKING:
    from crampcoach.context import Context

#: Options that `crampcoach import FORMAT` has already.
RESERVED_OPTIONS = frozenset({"help", "json", "file", "again", "dry_run", "as_json"})
#: Options that `crampcoach export FORMAT` has already.
RESERVED_EXPORT_OPTIONS = frozenset(
    {"help", "json", "output", "since", "until", "kind", "with_text", "force", "as_json"}
)


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something in the file that becomes no entry. `why` goes on after "skipped: "; `line` (1 is the first) says where.

    The person's own words never stand in `why`.
    """

    why: str
    line: int | None = None

    def __post_init__(self) -> None:
        check_text("Skipped: why", self.why)
        if self.line is not None and (type(self.line) is not int or self.line < 1):
            raise ValueError(f"Skipped: line={self.line!r}: give a whole number from 1, or None")


@dataclass(frozen=True, slots=True, kw_only=True)
class Importer:
    """Reads entries from a format: `crampcoach import NAME FILE`.

    name: what the person types. title: one line for the list of formats.
    suffix, media_type: of its files, for example ".txt" and "text/plain".
    read: `read(stream, ctx)` gives an Entry or a Skipped for each thing found, one after the other. `stream` is binary
    and can be read again from its beginning. Nothing is saved when it raises: a Problem with one sentence where the
    file is none of this format.
    options: a frozen dataclass type with defaults, for a format that needs to be told something: each field becomes an
    option of the command, and `ctx.options` is an instance of it in place of the plugin's own options.
    about: what else stands in its --help; a sentence or a few.

    An entry needs `at`, aware: `ctx.now.tzinfo` is the person's zone. Its `origin` is a text that is the same whenever
    this thing is read again, so that a second run changes nothing; without one, its content is. A format that carries
    entries of crampcoach's back gives their `id` too: then it keeps both, and what the log has, or had, under either is
    not entered again. Such an entry may be of a kind that no plugin in use has.
    """

    name: str
    title: str
    suffix: str
    media_type: str
    read: Callable[[BinaryIO, Context[Any]], Iterable[Entry | Skipped]] = field(compare=False, repr=False)
    options: type | None = field(default=None, compare=False)
    about: str = ""

    def __post_init__(self) -> None:
        check_format("Importer", self.name, self.title, self.suffix, self.media_type)
        what = f"Importer {self.name!r}"
        if not callable(self.read):
            raise TypeError(f"{what}: read must be a function, not {self.read!r}")
        check_text(f"{what}: about", self.about, empty=True, most=MOST_LINE)
        check_format_options(what, self.options, RESERVED_OPTIONS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exporter:
    """Writes entries in a format: `crampcoach export NAME`.

    name: what the person types. title: one line for the list of formats: what it is for.
    suffix, media_type: of its files, for example ".csv" and "text/csv". What is in an "application/zip" people can have
    in a folder instead: a ZipFile can write to `stream`. Names in it are relative and none a link.
    write: `write(entries, stream, ctx)` writes each entry to `stream`, which is binary and only goes forward. `entries`
    come one after the other, oldest first, and can be gone through once. What the person wrote in their own words
    stands in them only where they asked for it: without, notes are empty and a private kind's texts are missing, and an
    entry that had some says so by `left_out`. `ctx.asked` has what was asked for. No file is left behind when it
    raises: a Problem with one sentence says why.
    options: a frozen dataclass type with defaults, for a format that can be told something: each field becomes an
    option of the command, and `ctx.options` is an instance of it in place of the plugin's own options.
    about: what else stands in its --help; a sentence or a few.
    """

    name: str
    title: str
    suffix: str
    media_type: str
    write: Callable[[Iterable[Entry], BinaryIO, Context[Any]], None] = field(compare=False, repr=False)
    options: type | None = field(default=None, compare=False)
    about: str = ""

    def __post_init__(self) -> None:
        check_format("Exporter", self.name, self.title, self.suffix, self.media_type)
        what = f"Exporter {self.name!r}"
        if not callable(self.write):
            raise TypeError(f"{what}: write must be a function, not {self.write!r}")
        check_text(f"{what}: about", self.about, empty=True, most=MOST_LINE)
        check_format_options(what, self.options, RESERVED_EXPORT_OPTIONS)


def check_format(what: str, name: str, title: str, suffix: str, media_type: str) -> None:
    """Check what names a format to people and to programs. Raises ValueError."""
    check_name(f"{what}: name", name)
    check_line(f"{what} {name!r}: title", title)
    if not isinstance(suffix, str) or not re.fullmatch(r"(\.\w+)+", suffix):
        raise ValueError(f'{what} {name!r}: suffix {suffix!r}: give the end of its files\' names, such as ".txt"')
    if not isinstance(media_type, str) or not re.fullmatch(r"[\w.+-]+/[\w.+-]+", media_type):
        raise ValueError(f'{what} {name!r}: media_type {media_type!r}: give one such as "text/plain"')


def check_format_options(what: str, options: object, taken: frozenset[str]) -> None:
    """Check the type of a format's own options. Raises TypeError or ValueError."""
    if options is None:
        return
    if not (isinstance(options, type) and is_dataclass(options)):
        raise TypeError(f"{what}: options must be a dataclass type, not {options!r}")
    for one in fields(options):
        if one.name in taken:
            raise ValueError(f"{what}: every format has the option {one.name!r} already; rename the field")
        if one.default is MISSING and one.default_factory is MISSING:
            raise ValueError(f"{what}: option {one.name!r} needs a default")
