"""The evening question: one tap about the day, gone after two hours, never in the night, and about nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from coaching import coach_of, waiting
from commands import Commands
from crampcoach.testing import Coach

pytestmark = pytest.mark.pure

NAME = "journaling.evening"


def start(folder: Path, now: str = "2026-11-22 12:00", config: str = "", zone: str = "Europe/Berlin") -> Coach:
    return coach_of(folder, "journaling", now=now, config=config, zone=zone)


@pytest.fixture
def coach(tmp_path: Path) -> Iterator[Coach]:
    with start(tmp_path) as coach:
        yield coach


def test_it_asks_at_seven_in_the_evening(coach: Coach) -> None:
    coach.advance("18:59")
    assert coach.sent == []
    coach.advance("19:00")
    (message,) = coach.sent
    assert (message.title, message.body) == ("How was today?", "One tap is enough.")
    assert [action.label for action in message.actions] == ["Calm", "Mixed", "Stressful", "Write"]
    assert message.urgency == "normal"


@pytest.mark.parametrize("label", ["Calm", "Mixed", "Stressful"])
def test_one_tap_is_an_entry_and_the_end_of_it(coach: Coach, label: str) -> None:
    coach.advance("19:40")
    coach.press(label)
    (entry,) = coach.entries()
    assert (entry.kind, dict(entry.fields), entry.note) == ("journal", {"day": label.lower()}, "")
    assert (f"{entry.at:%H:%M}", entry.night) == ("19:40", date(2026, 11, 22))
    assert (coach.states(), waiting(coach), coach.advice) == (["done"], [], [])
    coach.restart()
    coach.advance("2026-11-23 18:59")
    assert len(coach.sent) == 1


def test_by_command(coach: Coach, commands: Commands) -> None:
    coach.advance("19:00")
    assert commands.fails("done", "journaling") == "say which answer: --answer calm or mixed or stressful"
    assert commands.ok("done", "journaling", "--answer", "mixed") == "journaling.evening: done; logged: journal"
    assert waiting(coach) == []
    assert [dict(entry.fields) for entry in coach.entries()] == [{"day": "mixed"}]


def test_by_command_before_its_time(coach: Coach, commands: Commands) -> None:
    commands.ok("done", "journaling", "--answer", "calm")
    coach.advance("22:00")
    assert coach.sent == []
    assert [dict(entry.fields) for entry in coach.entries()] == [{"day": "calm"}]


def test_unanswered_it_goes_after_two_hours_and_says_nothing(coach: Coach) -> None:
    coach.advance("20:59")
    assert coach.states() == ["shown"]
    coach.advance("21:00")
    assert (coach.states(), waiting(coach), coach.entries()) == (["expired"], [], ())


@pytest.mark.parametrize(("woke", "shown"), [("2026-11-22 20:30", 1), ("2026-11-22 21:01", 0), ("2026-11-23 08:00", 0)])
def test_a_machine_that_slept(coach: Coach, woke: str, shown: int) -> None:
    coach.advance("18:30")
    coach.jump(woke)
    assert len(coach.sent) == shown


@pytest.mark.parametrize(
    ("config", "shown"),
    [
        ('[day]\nbed = "18:30"\n', []),
        ('[plugins.journaling]\nschedule = "23:30"\n', []),
        ('[plugins.journaling]\nschedule = "03:00"\n', []),
        # Somebody who sleeps in the day and wakes within its two hours.
        ('[day]\nwake = "19:30"\nbed = "11:00"\n', ["22 19:30", "23 19:30"]),
    ],
)
def test_never_in_the_night(tmp_path: Path, config: str, shown: list[str]) -> None:
    with start(tmp_path, config=config) as coach:
        coach.advance("2026-11-24 12:00")
        times = [row.shown.astimezone(coach.clock.zone()) for row in coach.rows() if row.shown]
        assert [f"{at:%d %H:%M}" for at in times] == shown
        assert len(coach.sent) == len(shown)
        assert len(coach.rows()) == 2


def test_a_schedule_of_the_persons_own(tmp_path: Path) -> None:
    with start(tmp_path, config='[plugins.journaling]\nschedule = "mon-fri 20:15"\n') as coach:
        coach.advance("2026-11-23 20:14")
        assert coach.sent == []
        coach.advance("20:15")
        assert len(coach.sent) == 1


@pytest.mark.parametrize("day", ["2026-03-28", "2026-10-24"])
def test_days_around_a_change_of_the_clock(tmp_path: Path, day: str) -> None:
    with start(tmp_path, now=f"{day} 12:00") as coach:
        for _ in range(3):
            coach.advance("19:00")
            coach.press("Calm")
        assert [f"{entry.at:%H:%M}" for entry in coach.entries()] == ["19:00"] * 3
        assert len({entry.night for entry in coach.entries()}) == 3


def test_by_hand(coach: Coach, commands: Commands) -> None:
    commands.ok("log", "journal", "--day", "stressful", "--at", "2026-11-21T21:00")
    (entry,) = coach.entries()
    assert (dict(entry.fields), entry.night) == ({"day": "stressful"}, date(2026, 11, 21))
    sentence = commands.fails("log", "journal", "--day", "sad", status=2)
    assert sentence == "Invalid value for '--day': 'sad' is not one of 'calm', 'mixed', 'stressful'."


#: A plugin of somebody else's, with what the journal uses of a Session.
WALKS = """\
from crampcoach import hookimpl

@hookimpl
def commands():
    import click

    @click.command("bed")
    @click.pass_obj
    def bed(session):
        click.echo(f"{session.bed_time():%d %H:%M %Z}")

    @click.command("walk")
    @click.pass_obj
    def walk(session):
        before = session.draft("walk")
        made = session.write(before or "Where to?", "walk")
        click.echo(f"{before!r} {made!r} {session.editor}")
        if before:
            session.discard("walk")

    return [bed, walk]
"""


@pytest.fixture
def walks(coach: Coach, monkeypatch: pytest.MonkeyPatch) -> Commands:
    monkeypatch.setenv("VISUAL", "sed -i s/to/from/")
    coach.load("walks", WALKS)
    return Commands(coach)


def test_the_bed_time_of_the_day_that_is_running(coach: Coach, walks: Commands) -> None:
    coach.jump("2026-03-28 06:59")
    said = []
    for _ in range(3):
        said += [walks.ok("bed")]
        coach.jump("2026-03-28 07:00" if len(said) == 1 else "2026-03-29 03:30")
    assert said == ["27 22:30 CET", "28 22:30 CET", "28 22:30 CET"]
    coach.jump("2026-03-29 07:00")
    assert walks.ok("bed") == "29 22:30 CEST"
    coach.jump("2026-03-29 07:00", "America/New_York")  # one in the morning there
    assert walks.ok("bed") == "28 22:30 EDT"


def test_any_plugin_has_people_write_in_their_editor(coach: Coach, walks: Commands) -> None:
    assert walks.ok("walk") == "None 'Where from?' sed -i s/to/from/"
    assert [one.name for one in (coach.home.data_dir / "drafts").iterdir()] == ["walks.walk"]
    assert walks.ok("walk") == "'Where from?' 'Where from?' sed -i s/to/from/"
    assert list((coach.home.data_dir / "drafts").iterdir()) == []
