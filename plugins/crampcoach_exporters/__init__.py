"""Takes the log out: rows for spreadsheets and programs, notes, a calendar, a clinic's record, the doctor's page.

Each format is one module (or package) of this plugin, which is imported when somebody asks for the formats. What one of
them writes it can write for a log of many years: nothing but what it has to know at the end stays in memory.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from crampcoach import hookimpl

if TYPE_CHECKING:
    from crampcoach import Exporter, Importer

api = 1


@hookimpl
def exporters() -> Iterable[Exporter]:
    from crampcoach_exporters import csv_rows, fhir, ical, jsonl, markdown, toml
    from crampcoach_exporters.doctors_page import doctors_page

    return [
        doctors_page(),
        csv_rows.EXPORTER,
        markdown.EXPORTER,
        ical.EXPORTER,
        fhir.exporter(),
        jsonl.EXPORTER,
        toml.EXPORTER,
    ]


@hookimpl
def importers() -> Iterable[Importer]:
    from crampcoach_exporters import csv_reading, jsonl, toml

    return [csv_reading.IMPORTER, jsonl.IMPORTER, toml.IMPORTER]
