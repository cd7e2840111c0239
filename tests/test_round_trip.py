"""What csv, jsonl and toml carry out comes back equal: every field with its type, in any zone, any text, any JSON."""

from __future__ import annotations

import io
import re
import tomllib
import tracemalloc
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, cast
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis.strategies import booleans, from_regex

from crampcoach import Asked, Context, Entry, Exporter, Skipped
from crampcoach.context import ContextMaker
from crampcoach.home import find_home
from crampcoach.store import entries, open_store
from crampcoach.store.database import Database
from crampcoach.testing import HandedClock
from crampcoach.transfer.exporting import export
from crampcoach.transfer.importing import read_file, save
from crampcoach_exporters import csv_reading, csv_rows, jsonl, toml
from crampcoach_exporters.csv_cells import text_cell, text_of, value_cell, value_of
from crampcoach_exporters.csv_rows import CsvOptions
from crampcoach_exporters.toml import table_of
from logged import all_of_them, json_values, known, logs, long_log, text

pytestmark = pytest.mark.pure

EXPORTERS = {one.name: one for one in (csv_rows.EXPORTER, jsonl.EXPORTER, toml.EXPORTER)}
IMPORTERS = {one.name: one for one in (csv_reading.IMPORTER, jsonl.IMPORTER, toml.IMPORTER)}
FORMATS = sorted(EXPORTERS)
NOW = datetime(2026, 11, 22, 12, tzinfo=ZoneInfo("Europe/Berlin"))
CLOCK = HandedClock(NOW, ZoneInfo("Europe/Berlin"))


def context(home: Path | None = None, options: Any = None) -> Context[Any]:
    made = ContextMaker(find_home({"CRAMPCOACH_HOME": str(home or "nowhere")}))
    return made.make("exporters", options or CsvOptions(), NOW)


def written(name: str, given: Iterable[Entry], options: Any = None) -> bytes:
    out = io.BytesIO()
    EXPORTERS[name].write(given, out, context(options=options))
    return out.getvalue()


def back(name: str, data: bytes) -> list[Entry]:
    """The entries in a file; nothing of it may be skipped."""
    found = list(IMPORTERS[name].read(io.BytesIO(data), context()))
    assert not [one for one in found if isinstance(one, Skipped)]
    return cast("list[Entry]", found)


@pytest.mark.parametrize("name", FORMATS)
@given(log=logs)
def test_any_log_comes_back(name: str, log: list[Entry]) -> None:
    assert all_of_them(back(name, written(name, log))) == all_of_them(log)


@given(log=logs)
def test_with_commas_in_numbers_too(log: list[Entry]) -> None:
    data = written("csv", log, CsvOptions(decimal_comma=True))
    assert all_of_them(back("csv", data)) == all_of_them(log)


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(log=logs)
def test_it_goes_out_of_one_log_and_into_an_empty_one(
    name: str, log: list[Entry], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("homes")
    with opened(folder / "old") as old, opened(folder / "new") as new:
        entries.append(old, log, NOW)
        before = all_of_them(entries.select(old))
        assert before == all_of_them(log)
        data = io.BytesIO()
        export(EXPORTERS[name], data, context(folder / "old"), asked=Asked(with_text=True), kinds=known(), clock=CLOCK)
        for expected in ((len(log), 0), (0, len(log))):  # twice is once
            data.seek(0)
            read = read_file(IMPORTERS[name], data, context(), kinds=dict(known()), log=new, spool=io.BytesIO())
            assert read.report.skipped == {}
            assert (read.report.new, read.report.known) == expected
            assert sum(map(len, save(read, new, NOW))) == read.report.new
            assert all_of_them(entries.select(new)) == before


@contextmanager
def opened(folder: Path) -> Iterator[Database]:
    """The log of a home of its own."""
    with closing(open_store(find_home({"CRAMPCOACH_HOME": str(folder)}), NOW)) as store:
        yield store.log


@given(value=json_values, comma=booleans())
def test_a_cell_says_one_value_only(value: object, comma: bool) -> None:
    cell = value_cell(value, comma=comma)
    assert cell
    again = value_of(cell, comma=comma)
    assert (repr(again), type(again)) == (repr(value), type(value))


@given(text)
def test_no_cell_begins_a_formula_and_a_text_is_never_changed(text: str) -> None:
    cell = text_cell(text)
    assert text_of(cell) == text
    assert cell[:1] == "'" or cell.lstrip()[:1] not in {*"=+-@\t\r\uff1d\uff0b\uff0d\uff20"}
    assert value_of(cell) == text


@pytest.mark.parametrize("text", ["Magnesium 300 mg", "'tis", "left calf", "10 km walk", "May", "marathon 10", "5 mg"])
def test_a_text_that_means_only_itself_stays_as_it_is(text: str) -> None:
    assert text_cell(text) == (text if text != "'tis" else "''tis")
    assert text_of(text) == text


@given(log=logs, comma=booleans())
def test_no_separator_of_any_spreadsheet_stands_outside_quotation_marks(log: list[Entry], comma: bool) -> None:
    data = written("csv", log, CsvOptions(decimal_comma=comma)).decode("utf-8-sig")
    own, others = (";", ",") if comma else (",", ";")
    lines = re.sub('"([^"]|"")*"', "quoted", data).split("\r\n")
    assert not {*others, *'\t"\r\n'} & {*"".join(lines)}
    # Spaces there would be trimmed, where a spreadsheet is told to.
    assert not [cell for line in lines for cell in line.split(own) if cell != cell.strip(" ")]


#: What would be taken for a number, a time or a month, were it not between dashes; LibreOffice is asked elsewhere.
ODD_IDS = [
    f"{start}-0000-7000-8000-{end}" for start, end in [
        ("01980000", "000000000000"), ("1234e567", "000000000000"), ("019b0000", "0000000f6b0a"),
        ("01980000", "00000000000a"), ("01980000", "00000000001e"), ("00000dec", "000000000001"),
    ]
]  # fmt: skip


@given(from_regex("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", fullmatch=True))
@example(ODD_IDS[0])
@example(ODD_IDS[1])
def test_every_id_stays_as_it_is_for_joins(id_: str) -> None:
    assert text_cell(id_) == text_of(id_) == value_of(id_) == id_
    assert text_of(text_cell(f"'{id_}")) == f"'{id_}"


def test_ids_of_files_that_have_an_apostrophe_before_some_are_read_without_it() -> None:
    log = [replace(*long_log(1), id=odd) for odd in ODD_IDS]
    data = written("csv", log)
    assert b"'" not in data
    for odd in ODD_IDS:
        data = data.replace(odd.encode(), b"'" + odd.encode())
    assert all_of_them(back("csv", data)) == all_of_them(log)


@given(log=logs)
def test_the_toml_is_one_document(log: list[Entry]) -> None:
    data = written("toml", log)
    whole = tomllib.loads(data.decode())
    assert (whole["version"], len(whole.get("entries", ()))) == (1, len(log))
    assert [one["id"] for one in whole.get("entries", ())] == [entry.id for entry in log]


def test_lines_of_a_note_are_lines_in_toml_and_a_trap_among_them_is_none() -> None:
    (entry,) = long_log(1)
    assert b'note = """\nWade, 0\nganz fest"""\n' in table_of(entry)
    trap = replace(entry, note="a\n[[entries]]\nb", fields={"eased_by": "c\n[[entries]]"})
    assert table_of(trap).count(b"\n[[entries]]") == 1
    ends = replace(entry, note="a\nb", origin="c\r\nd", id="01a00000-0000-7000-8000-000000000009")
    log = [trap, ends]
    assert all_of_them(back("toml", written("toml", log))) == all_of_them(log)


@pytest.mark.parametrize("name", FORMATS)
def test_an_empty_log_comes_back_empty(name: str) -> None:
    assert back(name, written(name, [])) == []


@pytest.mark.parametrize("name", FORMATS)
def test_a_text_of_a_million_characters_comes_back(name: str) -> None:
    (entry,) = long_log(1)
    long = replace(entry, note='Wade, "links"\n' * 75_000, fields={"eased_by": "x" * 200_000})
    assert all_of_them(back(name, written(name, [long]))) == all_of_them([long])


# --- memory ----------------------------------------------------------------------------------------------------


class _Nowhere(io.RawIOBase):
    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        return len(data)


def most(work: Any) -> int:
    """The most bytes that Python held at any time of it."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("name", FORMATS)
def test_a_log_ten_times_as_long_needs_no_more_memory(name: str, tmp_path: Path) -> None:
    exporter: Exporter = EXPORTERS[name]

    def out(many: int) -> None:
        exporter.write(long_log(many), cast("BinaryIO", _Nowhere()), context())

    def read(many: int) -> None:
        with (tmp_path / str(many)).open("rb") as file:
            assert sum(isinstance(one, Entry) for one in IMPORTERS[name].read(file, context())) == many

    out(10)  # what is imported on first use
    back(name, written(name, long_log(3)))
    for many in (800, 8_000):
        (tmp_path / str(many)).write_bytes(written(name, long_log(many)))
    for work in (out, read):
        short, long = (most(lambda many=many, work=work: work(many)) for many in (800, 8_000))
        assert long < short + 100_000, (short, long)
