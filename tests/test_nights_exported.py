"""Of one log every format and `week` say the same of a night, whichever part of the log was asked for."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import icalendar
import pytest

from coaching import coach_of
from commands import Commands
from crampcoach.testing import Coach

pytestmark = pytest.mark.pure

#: Of the night of 20 November: when cramps were logged, what was said of it in the morning, and what is known.
NIGHTS = {
    "one by one, and fewer": (["2026-11-20 23:30", "2026-11-21 02:00"], "1", "2+"),
    "by day only": (["2026-11-20 13:00", "2026-11-20 21:00"], "0", "0"),
    "by day and in the night": (["2026-11-20 13:00", "2026-11-21 03:10"], "0", "1+"),
    "told twice": (["2026-11-21 03:10"], "1", "1"),
}
#: All of the log; nights without their cramps; the morning without the evening before.
PARTS: tuple[tuple[str, ...], ...] = ((), ("--kind", "night"), ("--since", "2026-11-21 05:00"))


@pytest.fixture
def coach(tmp_path: Path) -> Iterator[Coach]:
    with coach_of(tmp_path, "cramps", "exporters", now="2026-11-21 08:00") as coach:
        yield coach


@pytest.mark.parametrize("part", PARTS, ids=" ".join)
@pytest.mark.parametrize(("cramps", "count", "known"), NIGHTS.values(), ids=NIGHTS)
def test_every_format_says_the_same(
    coach: Coach, commands: Commands, tmp_path: Path, cramps: list[str], count: str, known: str, part: tuple[str, ...]
) -> None:
    for at in cramps:
        commands.ok("log", "cramp", "--at", at)
    commands.ok("log", "night", "--count", count)
    coach.advance("2026-11-21 12:30")
    assert week(commands) == known
    assert calendar(commands, part) == known
    assert notes(commands, part, tmp_path / "notes.zip") == known
    assert record(commands, part) == known
    if "--since" not in part:  # what the page is asked for begins with that evening
        assert page(commands, part) == known


def week(commands: Commands) -> str:
    (row,) = (row for row in commands("week", "--json").json if row["entered"])
    return f"{row['cramps']}{'+' * row['at_least']}"


def calendar(commands: Commands, part: tuple[str, ...]) -> str:
    found = icalendar.Calendar.from_ical(commands("export", "ical", "--days", "0", *part).out)
    (said,) = (str(one["SUMMARY"]) for one in found.walk("VEVENT") if str(one["SUMMARY"]).startswith("Night"))
    return re.sub(r"at least (\d+)", r"\1+", said.removeprefix("Night: ").replace("none", "0"))


def notes(commands: Commands, part: tuple[str, ...], path: Path) -> str:
    commands.ok("export", "markdown", *part, "-o", str(path))
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
        text = archive.read("2026-11-21.md").decode()
    found = dict(re.findall(r"^(night_cramps|night_at_least): (.*)$", text, re.MULTILINE))
    return f"{found['night_cramps']}{'+' * (found['night_at_least'] == 'true')}"


def record(commands: Commands, part: tuple[str, ...]) -> str:
    bundle = json.loads(commands("export", "fhir", *part).out)
    told = re.findall(r"to the next day, from noon to noon: (.*?)[.,]", json.dumps(bundle))
    (said,) = set(told)
    many = re.fullmatch(r"muscle cramps: (at least )?(\d+)", said)
    assert many or said == "no muscle cramp", said
    return f"{many[2]}{'+' * bool(many[1])}" if many else "0"


def page(commands: Commands, part: tuple[str, ...]) -> str:
    html = commands("export", "html", *part).out
    if "0 cramps in 0 nights" in html:
        return "0"
    many = re.search(r"(\d+) cramps? in 1 nights?", html)
    assert many
    return f"{many[1]}{'+' * ('At least' in html)}"
