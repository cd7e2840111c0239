"""The page for the doctor: what a log says on one sheet, to print and to hand over.

Content: record `clinician-summary`. It goes through the entries once and keeps counts, so that a log of many years
needs no more memory than its nights do. Of the person's words it shows the short answers that export takes along, and,
where they ask for it, the beginning of notes with a sign that needs a doctor.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, BinaryIO

from crampcoach import Exporter
from crampcoach_exporters.doctors_page.options import Options

if TYPE_CHECKING:
    from crampcoach import Context, Entry


def _write(entries: Iterable[Entry], stream: BinaryIO, ctx: Context[Options]) -> None:
    from crampcoach_exporters.doctors_page.page import page
    from crampcoach_exporters.doctors_page.reading import read

    stream.write(page(read(entries, ctx, ctx.options.weeks, ctx.red_flags), ctx).encode())


def doctors_page() -> Exporter:
    """The format `html`."""
    return Exporter(
        name="html",
        title="A page for your doctor, to print: A4 or Letter",
        suffix=".html",
        media_type="text/html",
        write=_write,
        options=Options,
    )
