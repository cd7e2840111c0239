"""Short ids that a person can type, as git has them.

An id is a UUIDv7, and those of one hour begin alike. So the short id is the beginning of its last group, which is
chance: four characters, or as many as it takes to mean one entry only. Deleted entries count too, so that an id that
was written down never comes to mean another entry.
"""

from __future__ import annotations

import re

from crampcoach.model import Problem
from crampcoach.store.database import Database

LEAST = 4
#: Characters of a UUID before its last group. `schema.py` has an index of what follows.
_HEAD = 24
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
#: In a sentence, no more are named.
_NAMED = 5


def short_id(log: Database, number: str) -> str:
    """The shortest id that means this entry; the whole of one that is no UUID."""
    if not _UUID.fullmatch(number):
        return number
    tail = number[_HEAD:]
    sql = (
        "SELECT (SELECT max(substr(id, 25)) FROM entries WHERE substr(id, 25) < :tail), "
        "(SELECT min(substr(id, 25)) FROM entries WHERE substr(id, 25) > :tail)"
    )
    beside = log.connection.execute(sql, {"tail": tail}).fetchone()
    lengths = range(LEAST, len(tail))
    return next((tail[:n] for n in lengths if not any((one or "")[:n] == tail[:n] for one in beside)), tail)


def whole_id(log: Database, given: str) -> str:
    """The id that a short one, or the whole, means; the entry may be deleted. Raises Problem."""
    if log.connection.execute("SELECT 1 FROM entries WHERE id = ?", [given]).fetchone():
        return given
    begun = given.lower()
    if not re.fullmatch("[0-9a-f]{1,12}", begun):
        raise Problem(f"there is no entry {given!r}; `crampcoach entries` lists them with their ids")
    if len(begun) < LEAST:
        raise Problem(f"{given!r} is too short for an id: write at least {LEAST} characters of it")
    within = "substr(id, 25) >= :begun AND substr(id, 25) < :begun || 'g'"
    sql = f"SELECT id FROM entries WHERE {within} ORDER BY substr(id, 25) LIMIT :most"
    found = [number for (number,) in log.connection.execute(sql, {"begun": begun, "most": _NAMED + 1})]
    if not found:
        raise Problem(f"there is no entry {given!r}; `crampcoach entries` lists them with their ids")
    if len(found) > 1:
        names = [short_id(log, number) for number in found[:_NAMED]]
        more = ", ..." if len(found) > _NAMED else ""
        raise Problem(f"{given!r} may be {', '.join(names)}{more}: write one more character of the one you mean")
    return str(found[0])
