"""TOML: a table for each entry, to be read and changed in any editor, and by whatever reads TOML.

What TOML has no value for (null, a whole number of more than 64 bits, what is nested deeply) stands as JSON in a table
of its own, so that all comes back as it was.

The file is read a table at a time where it can be. That a line says `[[entries]]` inside a text is possible only in a
file that somebody wrote by hand: then no piece up to there is TOML, and the file is read as a whole from there on.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from datetime import tzinfo
from typing import Any, BinaryIO

from crampcoach import Context, Entry, Exporter, Importer, Problem, Skipped
from crampcoach_exporters.records import ONLY_YOU, VERSION, WITHOUT_WORDS, Odd, check_not_newer, entry_of, record_of

_TITLE = "A table for each entry, to read and change in an editor; `import toml` reads it"
_HEAD = b"[[entries]]"
_END = "end"
_MARKS = (_HEAD, f"[{_END}]".encode())
_OURS = frozenset({"version", "entries", _END})
_FOREIGN = "this is no file of `crampcoach export toml`"
_DEEPEST = 16


# --- out -------------------------------------------------------------------------------------------------------


def write(entries: Iterable[Entry], stream: BinaryIO, ctx: Context[Any]) -> None:
    stream.write(f"version = {VERSION}\n".encode())
    for entry in entries:
        stream.write(table_of(entry))
    # A file that was cut off between two lines would look whole.
    stream.write(f"\n[{_END}]\n".encode())


def table_of(entry: Entry) -> bytes:
    """The table of an entry, with an empty line above it."""
    import tomli_w

    record = record_of(entry)
    fields = record.pop("fields")
    as_json = {name: json.dumps(value, ensure_ascii=False) for name, value in fields.items() if not _has_toml(value)}
    own = {name: value for name, value in fields.items() if name not in as_json}
    record = {key: value for key, value in record.items() if value not in (None, "")}
    record |= ({"fields": own} if own else {}) | ({"json": as_json} if as_json else {})
    text = ""
    # Lines are easier to read as lines; but tomli-w turns \r\n into \n there, and a text must not look like a table.
    if "\n" in entry.note and "\\r" not in json.dumps([entry.note, entry.origin, entry.zone, fields]):
        text = tomli_w.dumps({"entries": record}, multiline_strings=True)
    if not text or f"\n{_HEAD.decode()}" in text:
        text = tomli_w.dumps({"entries": record})
    return f"\n[{text.replace('[entries]', '[entries]]', 1)}".encode()


def _has_toml(value: object, depth: int = 0) -> bool:
    if isinstance(value, Mapping):
        return depth < _DEEPEST and all(_has_toml(one, depth + 1) for one in value.values())
    if isinstance(value, list):
        return depth < _DEEPEST and all(_has_toml(one, depth + 1) for one in value)
    if isinstance(value, int):
        return -(1 << 63) <= value < 1 << 63
    return value is not None


# --- in --------------------------------------------------------------------------------------------------------


def read(stream: BinaryIO, ctx: Context[Any]) -> Iterator[Entry | Skipped]:
    """The entries of a file, in its order. Raises Problem for what is no TOML, another format, or a newer version."""
    many, ended, first = 0, False, True
    for line, piece in _pieces(stream):
        if first:
            _check_version(piece)
            first = False
        tables = piece.get("entries", [])
        if not isinstance(tables, list):
            raise Problem(f"{_FOREIGN}: its entries do not stand in tables headed [[entries]]")
        # A piece without a line is the whole file, of which the beginning may have been read already.
        for table in tables if line else tables[many:]:
            many += 1
            yield _found(table, line if len(tables) == 1 else None, ctx.now.tzinfo)
        ended |= _END in piece
    if not ended:
        raise Problem(f"this file was cut off, for its last line [{_END}] is missing; export it anew, or copy it again")


def _pieces(stream: BinaryIO) -> Iterator[tuple[int | None, dict[str, Any]]]:
    """What a file says, a table at a time, each with its line; without a line as a whole, where that cannot be."""
    begun, lines = 1, bytearray()
    for number, line in enumerate(stream, 1):
        if line.startswith(_MARKS) and lines:
            if (found := _parsed(lines)) is None or not found.keys() <= _OURS:
                break
            yield begun, found
            begun = number
            lines.clear()
        lines += line
    else:
        if (found := _parsed(lines)) is not None and found.keys() <= _OURS:
            yield begun, found
            return
    stream.seek(0)
    yield None, _whole(stream)


def _parsed(lines: bytearray) -> dict[str, Any] | None:
    try:
        return tomllib.loads(lines.decode())
    except (ValueError, RecursionError):
        return None


def _whole(stream: BinaryIO) -> dict[str, Any]:
    data = stream.read()
    try:
        return tomllib.loads(data.removeprefix(b"\xef\xbb\xbf").decode())
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise Problem(f"{_FOREIGN}, or it was damaged: line {line} is no text in UTF-8") from None
    except RecursionError:
        raise Problem(f"{_FOREIGN}: it is nested too deeply") from None
    except ValueError as error:  # its text may quote the person
        at = re.search(r"\(at line (\d+), column \d+\)$", str(error))
        where = f"at line {at[1]}" if at else "at its end; it may have been cut off"
        raise Problem(f"this file is no TOML, or it was damaged: it goes wrong {where}") from None


def _check_version(piece: Mapping[str, Any]) -> None:
    version = piece.get("version")
    if type(version) is not int or version < 1:
        raise Problem(f"{_FOREIGN}: it does not begin with `version = {VERSION}`")
    check_not_newer(version)


def _found(table: object, line: int | None, own: tzinfo | None) -> Entry | Skipped:
    try:
        if not isinstance(table, Mapping):
            raise Odd("an entry that is no table")
        record = {key: value for key, value in table.items() if key != "json"}
        as_json, fields = table.get("json", {}), record.get("fields", {})
        if not isinstance(as_json, Mapping) or not isinstance(fields, Mapping):
            raise Odd("an entry whose fields are no table of names and values")
        return entry_of({**record, "fields": {**fields, **{name: _json(text) for name, text in as_json.items()}}}, own)
    except Odd as odd:
        return Skipped(str(odd), line)


def _json(text: object) -> object:
    try:
        return json.loads(text) if isinstance(text, str) else text
    except (ValueError, RecursionError):
        raise Odd("an entry in whose table `json` something is no JSON") from None


EXPORTER = Exporter(
    name="toml",
    title=_TITLE,
    suffix=".toml",
    media_type="application/toml",
    write=write,
    about=f"{ONLY_YOU} {WITHOUT_WORDS}",
)
IMPORTER = Importer(
    name="toml",
    title="What `export toml` wrote, also after you have changed it",
    suffix=".toml",
    media_type="application/toml",
    read=read,
    about=f"An entry that your log has already stays as it is there. {ONLY_YOU} {WITHOUT_WORDS}",
)
