"""Finding words in notes and in fields, newest first, however many entries there are.

A search is FTS5's own syntax: words, "phrases", beginnings*, AND, OR, NOT. What that cannot read, or finds nowhere, is
taken as it stands. The index knows words only: a sign, or a language that is written without spaces, is looked for in
the texts themselves.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator, Sequence

#: The index comes first, in the order of places: the newest are found without looking at the rest.
INDEXED = "search CROSS JOIN entries ON entries.place = search.rowid"
#: Thai, Lao, Tibetan, Burmese, Khmer; Japanese and Chinese: the index takes what stands between two spaces for a word.
_WITHOUT_SPACES = "[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003ffff]"


def rows(
    connection: sqlite3.Connection, columns: str, text: str, where: str, values: Sequence[object]
) -> Iterator[sqlite3.Row]:
    """Records of entries that fit a search and `where`, to which order and limit belong; {place} stands for the place.

    Raises sqlite3.Error.
    """
    indexed = f"SELECT {columns} FROM {INDEXED} WHERE search MATCH ? AND {where.format(place='search.rowid')}"
    for query in _queries(text):
        try:
            cursor = connection.execute(indexed, [query, *values])
            first = cursor.fetchone()
        except sqlite3.OperationalError:
            if query is text:
                continue
            raise
        if first is not None:
            yield first
            yield from cursor
            return
    if text.isascii() and any(map(str.isalnum, text)):
        return
    contains = "(instr(note, ?) OR instr(fields, ?))"
    anywhere = f"SELECT {columns} FROM entries WHERE {contains} AND {where.format(place='place')}"
    in_json = json.dumps(text, ensure_ascii=False)[1:-1]
    yield from connection.execute(anywhere, [text, in_json, *values])


def _queries(text: str) -> list[str]:
    if re.search(_WITHOUT_SPACES, text):  # compiled by who searches: saving an entry imports this too
        return []
    # With a star in front it would be one of FTS5's own orders.
    return [*([] if text.lstrip().startswith("*") else [text]), literal(text)]


def literal(text: str) -> str:
    """A text as one phrase of FTS5."""
    return '"' + text.replace('"', '""') + '"'
