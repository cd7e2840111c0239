"""JSON Lines: an object for each entry, all of one form, as docs/log.v1.schema.json says. For programs.

Whoever reads it needs no more than one line at a time, and one that is broken costs no other.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from datetime import tzinfo
from typing import Any, BinaryIO, NoReturn

from crampcoach import Context, Entry, Exporter, Importer, Problem, Skipped
from crampcoach_exporters.records import (
    ONLY_YOU,
    VERSION,
    WITHOUT_WORDS,
    Odd,
    check_not_newer,
    entry_of,
    milliseconds,
    record_of,
)

_TITLE = "An object for each entry, one a line, for programs; `import jsonl` reads it"
#: A line longer than this is no entry, and should not have to fit into memory.
_LONGEST = 1 << 28
#: What some programs take for the end of a line.
_ENDS = re.compile("[\x85\u2028\u2029]")


def write(entries: Iterable[Entry], stream: BinaryIO, ctx: Context[Any]) -> None:
    for entry in entries:
        stream.write(line_of(entry))


def line_of(entry: Entry) -> bytes:
    """The line of an entry."""
    record = record_of(entry)
    record |= {"at": milliseconds(record["at"]), "night": record["night"].isoformat()}
    text = json.dumps({"version": VERSION, **record}, ensure_ascii=False, allow_nan=False)
    return _ENDS.sub(lambda end: f"\\u{ord(end[0]):04x}", text).encode() + b"\n"


def read(stream: BinaryIO, ctx: Context[Any]) -> Iterator[Entry | Skipped]:
    """The entries of a file, in its order. Raises Problem for another format, and for a newer version of this one."""
    ours, number = False, 0
    while line := stream.readline(_LONGEST):
        number += 1
        if len(line) == _LONGEST:
            raise Problem(f"line {number} is too long for an entry; this is no file of `crampcoach export jsonl`")
        if not line.strip():
            continue
        try:
            found = _object(line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line)
            version = found.pop("version", None)
            ours |= type(version) is int
            yield _entry(found, version, ctx.now.tzinfo)
        except Odd as odd:
            yield Skipped(str(odd), number)
    if number and not ours:
        raise Problem("this is no file of `crampcoach export jsonl`: no line is a JSON object with its version")


def _object(line: bytes) -> dict[str, Any]:
    try:
        found = json.loads(line.decode(), parse_constant=_no_number)
    except UnicodeDecodeError:
        raise Odd("a line that is no text in UTF-8") from None
    except (ValueError, RecursionError):
        raise Odd("a line that is no whole JSON object; the file may have been cut off there") from None
    if not isinstance(found, dict):
        raise Odd("a line that is no JSON object")
    return found


def _entry(found: dict[str, Any], version: object, own: tzinfo | None) -> Entry:
    if type(version) is not int or version < 1:
        raise Odd("an object without its version")
    check_not_newer(version)
    return entry_of(found, own)


def _no_number(name: str) -> NoReturn:
    raise ValueError(name)


EXPORTER = Exporter(
    name="jsonl",
    title=_TITLE,
    suffix=".jsonl",
    media_type="application/jsonl",
    write=write,
    about=f"docs/log.v1.schema.json describes its lines. {ONLY_YOU} {WITHOUT_WORDS}",
)
IMPORTER = Importer(
    name="jsonl",
    title="What `export jsonl` wrote",
    suffix=".jsonl",
    media_type="application/jsonl",
    read=read,
    about=f"{ONLY_YOU} {WITHOUT_WORDS}",
)
