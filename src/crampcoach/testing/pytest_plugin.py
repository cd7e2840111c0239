"""The kit for pytest: the fixture `coach`, the marker that says how it begins, and an account of it in a failure."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from crampcoach.clock import zone_name
from crampcoach.testing.coach import Coach

_MARKER = "coach(now, zone, config, deadline): how the fixture `coach` begins; see crampcoach.testing.Coach"


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line("markers", _MARKER)


@pytest.fixture
def coach(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Coach]:
    """A crampcoach agent under your control, with tmp_path as its home; `@pytest.mark.coach(...)` says how it begins.

    See crampcoach.testing.Coach.
    """
    given: dict[str, Any] = {}
    for marker in request.node.iter_markers("coach"):  # the closest comes first, and counts
        given = {**marker.kwargs, **given}
    with Coach(tmp_path, **given) as coach:
        yield coach


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Below a test that fails: what time it was, what became of the reminders, and what the agent said."""
    report = yield
    coach = getattr(item, "funcargs", {}).get("coach")
    if report.failed and isinstance(coach, Coach) and coach.running:
        with suppress(sqlite3.Error):  # a test may have damaged the files
            report.sections.append(("the coach's agent", _account(coach)))
    return report


def _account(coach: Coach) -> str:
    now, zone = coach.clock.now(), coach.clock.zone()
    lines = [f"it was {now.astimezone(zone):%a %d %b %Y %H:%M} in {zone_name(zone, now)}"]
    lines += [f"{row.key}: {row.state}{f' ({row.reason})' if row.reason else ''}" for row in coach.rows()]
    return "\n".join([*lines, *coach.said])
