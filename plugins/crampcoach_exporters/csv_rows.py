"""CSV: a row for each entry, a column for each field, for spreadsheets.

Which columns there are is known at the end. Until then the rows wait in a file without a name, which nobody else can
read and which is gone with this process, so that a long log needs no more memory than a short one.
"""

from __future__ import annotations

import codecs
import io
import json
import re
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, BinaryIO

from crampcoach import Context, Entry, Exporter, Problem
from crampcoach_exporters.csv_cells import text_cell, value_cell
from crampcoach_exporters.records import ONLY_YOU, WITHOUT_WORDS

#: The columns before those of the fields, and behind them. The id is the last: a row that was cut off has none.
BEFORE = ("date", "time", "offset", "zone", "night", "kind")
BEHIND = ("note", "origin", "id")

#: LibreOffice splits at all three separators unless somebody unticks them, and trims spaces where told to; neither
#: between quotation marks.
_NEEDS_QUOTES = re.compile(r'[,;\t"\r\n]|^ | $')


@dataclass(frozen=True)
class CsvOptions:
    """How spreadsheets are set up where the person lives."""

    decimal_comma: Annotated[
        bool, "Numbers with a comma, and semicolons between cells: for spreadsheets in many languages but English"
    ] = False


def write(entries: Iterable[Entry], stream: BinaryIO, ctx: Context[CsvOptions]) -> None:
    comma = ctx.options.decimal_comma
    try:
        with tempfile.TemporaryFile() as spool:
            columns = _wait(entries, spool, comma=comma)
            spool.seek(0)
            stream.write(codecs.BOM_UTF8)  # without it, spreadsheets take the text for an older encoding
            out = io.TextIOWrapper(stream, "utf-8", newline="")
            separator = ";" if comma else ","
            out.write(_line([*BEFORE, *(f"{kind}.{name}" for kind, name in columns), *BEHIND], separator))
            out.writelines(_line(row, separator) for row in _rows(spool, columns))
            out.flush()
            out.detach()
    except OSError as error:
        why = error.strerror or error
        raise Problem(f"no room for the rows while they wait: {why}; free some space, or set TMPDIR=FOLDER") from error


def _wait(entries: Iterable[Entry], spool: Any, *, comma: bool) -> list[tuple[str, str]]:
    """Put the rows into `spool`; the columns of fields, of each kind together."""
    fields: dict[str, set[str]] = defaultdict(set)
    for entry in entries:
        fields[entry.kind] |= entry.fields.keys()
        cells = {name: value_cell(value, comma=comma) for name, value in entry.fields.items()}
        spool.write(json.dumps([_before(entry), entry.kind, cells, _behind(entry)]).encode() + b"\n")
    return [(kind, name) for kind in sorted(fields) for name in sorted(fields[kind])]


def _before(entry: Entry) -> list[str]:
    assert entry.at
    assert entry.night
    at = entry.at.replace(tzinfo=None)
    time = at.time().isoformat("milliseconds" if at.microsecond else "seconds")
    named = text_cell(entry.zone) if entry.zone else ""
    return [at.date().isoformat(), time, offset_cell(entry.at.utcoffset()), named, entry.night.isoformat()]


def _behind(entry: Entry) -> list[str]:
    return [text_cell(text) if text else "" for text in (entry.note, entry.origin or "", entry.id)]


def offset_cell(offset: timedelta | None) -> str:
    """An offset from UTC. A sign at the beginning, or a time of day, would be read as something else."""
    assert offset is not None
    sign, size = ("-", -offset) if offset < timedelta() else ("+", offset)
    hours, seconds = divmod(int(size.total_seconds()), 3600)
    minutes, seconds = divmod(seconds, 60)
    return f"UTC{sign}{hours:02}:{minutes:02}" + (f":{seconds:02}" if seconds else "")


def _rows(spool: Iterable[bytes], columns: list[tuple[str, str]]) -> Iterator[list[str]]:
    """The rows that wait, each with all its cells."""
    width = len(columns)
    places: dict[str, dict[str, int]] = defaultdict(dict)
    for place, (kind, name) in enumerate(columns):
        places[kind][name] = place
    for line in spool:
        before, kind, cells, behind = json.loads(line)
        row = [""] * width
        for name, cell in cells.items():
            row[places[kind][name]] = cell
        yield [*before, text_cell(kind), *row, *behind]


def _line(cells: Iterable[str], separator: str) -> str:
    """A line of the file. The csv module would quote the one separator only."""
    return separator.join([_quoted(cell) if _NEEDS_QUOTES.search(cell) else cell for cell in cells]) + "\r\n"


def _quoted(cell: str) -> str:
    doubled = cell.replace('"', '""')
    return f'"{doubled}"'


EXPORTER = Exporter(
    name="csv",
    title="A row for each entry, for spreadsheets; `import csv` reads it, also from LibreOffice",
    suffix=".csv",
    media_type="text/csv",
    write=write,
    options=CsvOptions,
    about="A text that a spreadsheet would run, or take for a number or date, has an apostrophe before it. "
    f"{ONLY_YOU} {WITHOUT_WORDS}",
)
