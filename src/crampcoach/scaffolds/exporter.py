"""Example: writes entries in a format of its own, a line each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, BinaryIO

from crampcoach import Context, Entry, Exporter, hookimpl

api = 1  # the version of crampcoach's plugin boundary that this was written for


def _write(entries: Iterable[Entry], stream: BinaryIO, ctx: Context[Any]) -> None:
    # Entries come one after the other, oldest first: write each before you take the next.
    for entry in entries:
        at = entry.at.isoformat(timespec="minutes") if entry.at else ""
        # Change the line. A note is only there if the person asked for their own words.
        fields = " ".join(f"{name}={value}" for name, value in entry.fields.items())
        line = " ".join(filter(None, [at, entry.kind, fields, entry.note.replace("\n", " ")]))
        stream.write(f"{line}\n".encode())


@hookimpl
def exporters() -> list[Exporter]:
    return [
        Exporter(
            name="example",  # `crampcoach export example`
            title="A line for each entry",
            suffix=".txt",
            media_type="text/plain",
            write=_write,
        )
    ]
