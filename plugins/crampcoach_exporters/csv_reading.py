"""Reads the rows of `export csv`, also as LibreOffice or Excel have saved them, and rows that somebody has added.

Spreadsheets save what they show: another character between the cells, a comma in numbers, TRUE for true, dates and
times in another form, one kind of line end. All this is read as far as it can mean one thing only.
"""

from __future__ import annotations

import csv
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, tzinfo
from itertools import chain
from typing import Any, BinaryIO

from crampcoach import Context, Entry, Importer, Problem, Skipped
from crampcoach_exporters.csv_cells import text_of, value_of
from crampcoach_exporters.csv_rows import BEFORE, BEHIND
from crampcoach_exporters.csv_times import Order, date_of, offset_of, time_of, told_order
from crampcoach_exporters.records import ONLY_YOU, WITHOUT_WORDS, Odd, entry_of, in_zone

_FOREIGN = "this is no file of `export csv`"
_NEEDED = ("date", "time", "kind")
#: As long as a text may be; csv has this one limit for all who read with it.
_LONGEST_CELL = min(sys.maxsize, (1 << 31) - 1)


@dataclass(frozen=True, slots=True)
class Table:
    """The columns of a file, and how its cells are to be read."""

    places: dict[str, int]
    fields: list[tuple[int, str, str]]
    width: int
    order: Order
    comma: bool


def read(stream: BinaryIO, ctx: Context[Any]) -> Iterator[Entry | Skipped]:
    """The entries of a file, in its order. Raises Problem for what is no such table."""
    separator = _separator(stream)
    with _rows(stream, separator) as rows:
        _, header = _first(rows)
        table, odd = _table(header, separator)
        first = next(rows, None)
    yield from odd
    if first is None:
        return
    if isinstance(first[1], list) and "-" not in _cell(first[1], table, "date")[4:5]:
        table = _with_order(table, stream, separator)
    whole = _is_ended(stream) or "id" not in table.places
    with _rows(stream, separator) as rows:
        next(rows)
        held = next(rows)
        for following in chain(rows, [None]):
            number, row = held
            if following is None and not whole and isinstance(row, list) and len(_cell(row, table, "id")) < 36:
                row = Odd("a row that ends half-way; the file may have been cut off there")
            if isinstance(row, Odd):
                yield Skipped(str(row), number)
            elif any(row):
                yield _found(row, table, number, ctx.now.tzinfo)
            if following:
                held = following


def _separator(stream: BinaryIO) -> str:
    """What stands between the cells, as the first line shows."""
    head = stream.readline(1 << 20)
    stream.seek(0)
    if not head:
        raise Problem("this file is empty")
    if b"\n" not in head and b"\r" not in head:
        raise Problem(f"{_FOREIGN}, or it was cut off: there is nothing but a first line without its end")
    names = {separator: head.count(separator.encode()) for separator in ",;\t"}
    return max(names, key=lambda separator: names[separator])


Row = tuple[int, "list[str] | Odd"]


@contextmanager
def _rows(stream: BinaryIO, separator: str) -> Iterator[Iterator[Row]]:
    """The rows from the beginning on, each with its first line, or what is odd about it."""
    stream.seek(0)
    csv.field_size_limit(_LONGEST_CELL)
    text = io.TextIOWrapper(stream, "utf-8-sig", newline="")
    try:
        yield _read_rows(text, separator)
    finally:
        text.detach()


def _read_rows(text: io.TextIOWrapper, separator: str) -> Iterator[Row]:
    rows = csv.reader(text, delimiter=separator, strict=True)
    while True:
        number = rows.line_num + 1
        try:
            row = next(rows, None)
        except UnicodeDecodeError:
            raise Problem(
                f"{_FOREIGN}, or not in UTF-8: from line {number} on it is no such text; save it as Unicode (UTF-8)"
            ) from None
        except csv.Error as error:
            cut = "unexpected end" in str(error)
            yield (
                number,
                Odd(
                    "a row that ends half-way; the file may have been cut off there"
                    if cut
                    else "a row whose quotation marks do not fit together"
                ),
            )
            continue
        if row is None:
            return
        yield number, row


def _first(rows: Iterator[Row]) -> tuple[int, list[str]]:
    number, header = next(rows, (1, Odd("")))
    if isinstance(header, Odd):
        raise Problem(f"{_FOREIGN}: its first line has no names of columns")
    # The name of a field is the person's or a plugin's, spaces and all.
    return number, [name if "." in name else name.strip() for name in header]


def _table(header: list[str], separator: str) -> tuple[Table, list[Skipped]]:
    if missing := [name for name in _NEEDED if name not in header]:
        raise Problem(f"{_FOREIGN}: its first line names no column {missing[0]!r}")
    places: dict[str, int] = {}
    fields: list[tuple[int, str, str]] = []
    odd: list[Skipped] = []
    for place, name in enumerate(header):
        if name and header.count(name) > 1:
            raise Problem("two columns have the same name; which of them counts cannot be told")
        kind, dot, field = name.partition(".")
        if name in BEFORE or name in BEHIND:
            places[name] = place
        elif dot:
            fields.append((place, kind, field))
        elif name:
            odd.append(Skipped("a column that is none of crampcoach's: a field has one named KIND.FIELD", 1))
    return Table(places, fields, len(header), None, separator != ","), odd


def _with_order(table: Table, stream: BinaryIO, separator: str) -> Table:
    with _rows(stream, separator) as rows:
        next(rows)
        cells = (_cell(row, table, name) for _, row in rows if isinstance(row, list) for name in ("date", "night"))
        order = told_order(cells)
    return Table(table.places, table.fields, table.width, order, table.comma)


def _is_ended(stream: BinaryIO) -> bool:
    """Whether the last line has its end."""
    stream.seek(-1, os.SEEK_END)
    return stream.read() in (b"\n", b"\r")


def _cell(row: list[str], table: Table, name: str) -> str:
    place = table.places.get(name, len(row))
    return row[place] if place < len(row) else ""


def _found(row: list[str], table: Table, number: int, own: tzinfo | None) -> Entry | Skipped:
    try:
        if len(row) > table.width:
            raise Odd("a row with more cells than there are columns")
        return _entry(row, table, own)
    except Odd as odd:
        return Skipped(str(odd), number)


def _entry(row: list[str], table: Table, own: tzinfo | None) -> Entry:
    said = {name: _cell(row, table, name) for name in (*BEFORE, *BEHIND)}
    kind, zone, offset = (text_of(said[name]).strip() for name in ("kind", "zone", "offset"))
    wall = datetime.combine(date_of(said["date"].strip(), table.order), time_of(said["time"].strip()))
    east = offset_of(offset)
    at = wall.replace(tzinfo=east) if east else in_zone(wall, zone, own)
    night = said["night"].strip()
    fields = {}
    for place, of, name in table.fields:
        if cell := row[place] if place < len(row) else "":
            if of != kind:
                raise Odd("a row with a value in the column of another kind")
            fields[name] = value_of(cell, comma=table.comma)
    record = {"kind": kind, "at": at, "zone": zone, "night": date_of(night, table.order) if night else None}
    texts = {name: text_of(said[name]) for name in BEHIND}
    return entry_of({**record, **texts, "fields": fields}, own)


IMPORTER = Importer(
    name="csv",
    title="What `export csv` wrote, also as LibreOffice or Excel have saved it",
    suffix=".csv",
    media_type="text/csv",
    read=read,
    about="A row that you add needs a date, a time and a kind, and no id. What your log has already stays as it is. "
    f"{ONLY_YOU} {WITHOUT_WORDS}",
)
