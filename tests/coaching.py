"""What tests of plugins and of advice begin with: a Coach with its plugins, entries saved beside it, what it says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from crampcoach.clock import zone_name
from crampcoach.config import Profile
from crampcoach.model import Entry
from crampcoach.plugins import discover
from crampcoach.safety.flags import flag
from crampcoach.safety.wording import Person
from crampcoach.store import entries
from crampcoach.store.database import Database
from crampcoach.store.schema import LOG
from crampcoach.testing import Coach

#: A config with which no bundled plugin is on.
OFF = "".join(f"[plugins.{name}]\nenabled = false\n" for name in discover(Path()))


def coach_that_follows(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Coach:
    """A Coach without bundled plugins that takes up, as a person's agent does, what is put into the plugin folder."""
    monkeypatch.setattr("crampcoach.roster.GONE", 0.0)  # real seconds: what is removed is gone at once
    coach = Coach(folder, config=OFF, deadline=2)
    coach.agent.roster.only = None
    coach.settle()
    return coach


def coach_of(
    folder: Path,
    *plugins: str,
    sources: Mapping[str, str] = MappingProxyType({}),
    strict: bool = True,
    **given: Any,
) -> Coach:
    """A Coach that runs these bundled plugins, and those of which the source is given; ready for time to pass."""
    coach = Coach(folder, **given)
    coach.stop()  # they are all there when it starts
    for name in plugins:
        coach.load(name, strict=strict)
    for name, source in sources.items():
        coach.load(name, source, strict=strict)
    coach.settle()
    return coach


def log(coach: Coach, kind: str = "symptoms", note: str = "", **fields: Any) -> Entry:
    """Save an entry as a command does that has no terminal; the agent, if one runs, looks at it."""
    now = coach.clock.now()
    entry = Entry(kind=kind, fields=fields, note=note, at=now, zone=zone_name(coach.clock.zone(), now))
    with closing(Database(coach.home.log_db, LOG)) as database:
        (saved,) = entries.append(database, [entry], now)
    if coach.running:
        coach.settle()
    return saved


@contextmanager
def read_only(database: Database) -> Iterator[None]:
    """Nothing can be written to it, and everything be read."""
    database.connection.execute("PRAGMA query_only=ON")
    try:
        yield
    finally:
        database.connection.execute("PRAGMA query_only=OFF")


def titles(coach: Coach) -> list[str]:
    """What was shown so far, advice excepted."""
    return [message.title for message in coach.sent]


def waiting(coach: Coach) -> list[str]:
    """The occurrences that are on the screen."""
    return [key for key in coach.recorder.open if key]


def said(name: str, zone: str = "Europe/Berlin", profile: Profile | None = None) -> str:
    """What a red flag says to somebody."""
    return Person(profile or Profile(), zone).says(flag(name)).text
