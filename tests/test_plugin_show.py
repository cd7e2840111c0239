"""`plugins show` says everything about a plugin, and `try` shows its message by the plugin's name."""

from __future__ import annotations

import os
import re
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from crampcoach.safety.wording import HELD_REASON
from crampcoach.store.agent_state import Failure, add_failure
from crampcoach.store.database import Database
from crampcoach.store.schema import STATE
from person import ZONE, Person

pytestmark = pytest.mark.pure

TEA = '''\
"""Tea, and all that comes with it.

More of it.
"""
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated
import click
from crampcoach import Claim, Explainer, Exporter, Kind, QuietTime, Reminder, Source, hookimpl

api = 1

@dataclass(frozen=True)
class Options:
    cups: Annotated[int, "How many"] = 3
    api_token: str = "hush"

@hookimpl
def options():
    return Options

@hookimpl
def kinds():
    return [Kind(name="tea", title="Tea")]

@hookimpl
def reminders(ctx):
    return [
        Reminder(name="daily", schedule="16:00", say="Tea?"),
        Reminder(name="never", schedule="17:00", say="Tea!", active=False),
    ]

@hookimpl
def quiet_times(ctx):
    return [QuietTime(start=ctx.now, end=ctx.now + timedelta(hours=1), why="brewing")]

@hookimpl
def commands():
    return [click.Command("brew"), click.Command("another")]

@hookimpl
def explainers():
    source = Source(id="doe", title="Tea")
    claim = Claim(text="It is warm.", grade="low", sources=["doe"])
    return [
        Explainer(
            name="tea", title="Tea", group="x", summary="x", see="x", limits="x", claims=[claim], sources=[source]
        )
    ]

@hookimpl
def exporters():
    return [Exporter(name="leaves", title="x", suffix=".x", media_type="x/x", write=lambda entries, stream, ctx: None)]
'''


@pytest.fixture
def tea(person: Person) -> Path:
    """The file of the plugin."""
    return person.drop(TEA, "tea")


def lines(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines()]


def test_everything_is_shown(person: Person, tea: Path) -> None:
    person.configure('[plugins.tea]\ncups = 5\nschedule.daily = "18:00"\n')
    assert lines(person.ok("plugins", "show", "tea")) == [
        "tea is on",
        "about Tea, and all that comes with it.",
        f"from {tea} for API 1",
        "hooks commands, explainers, exporters, kinds, options, quiet_times, reminders",
        "kinds tea",
        "commands another, brew",
        "explains tea",
        "exports leaves",
        "option cups = 5 # How many (a whole number); from config.toml, the default is 3",
        'option api_token = "***" # (a text); the default',
        "reminder tea.daily: 18:00; by config.toml; next today 18:00",
        "reminder tea.never: 17:00; not at present",
        "quiet today 14:00 to today 15:00: brewing",
    ]


def test_the_same_for_programs(person: Person, tea: Path) -> None:
    person.configure("[plugins.tea]\ncups = 5\n")
    shown = person("plugins", "show", "tea", "--json").json
    assert shown["api"] == 1
    assert shown["options"] == {"cups": 5, "api_token": "***"}
    assert shown["defaults"] == {"cups": 3, "api_token": "***"}
    assert shown["configured"] == ["cups"]
    assert shown["schedules"] == {"tea.daily": "16:00", "tea.never": "17:00"}
    assert shown["next"] == {"tea.daily": "2026-11-22T16:00:00+01:00"}
    assert shown["held"] == {}
    assert shown["quiet_times"] == [
        {"start": "2026-11-22T14:00:30+01:00", "end": "2026-11-22T15:00:30+01:00", "why": "brewing"}
    ]
    assert shown["offers"] == {
        "kinds": ["tea"],
        "notifiers": [],
        "commands": ["another", "brew"],
        "explainers": ["tea"],
        "exporters": ["leaves"],
        "importers": [],
    }


def test_what_does_not_come_says_why_and_not_when(person: Person, tea: Path) -> None:
    tea.write_text(
        TEA.replace('say="Tea?"', 'say="Tea?", tags=["heat"]').replace(
            'Reminder(name="never"',
            'Reminder(name="more", schedule="after daily: done", say="More?"), Reminder(name="never"',
        )
    )
    person.ok("pause")
    said = lines(person.ok("plugins", "show", "tea"))
    assert "reminder tea.daily: 16:00; paused" in said
    assert "reminder tea.more: after daily: done" in said, "an answer brings it in a pause too"
    person("log", "symptoms", "--swelling", "yes")
    said = lines(person.ok("plugins", "show", "tea"))
    assert f"reminder tea.daily: 16:00; {HELD_REASON}" in said
    assert "reminder tea.never: 17:00; not at present" in said
    shown = person("plugins", "show", "tea", "--json").json
    assert (shown["next"], shown["held"]) == ({}, {"tea.daily": HELD_REASON})


def test_its_keys_are_documented_and_the_same_for_a_plugin_that_cannot_be_used(person: Person, tea: Path) -> None:
    whole = person("plugins", "show", "tea", "--json").json
    described = " ".join((person.ok("plugins", "show", "--help") + person.ok("plugins", "list", "--help")).split())
    for key in (*whole, *whole["offers"], *whole["quiet_times"][0]):
        assert re.search(rf"\b{key}\b", described), key
    tea.write_text("raise OSError('dry')")
    broken = person("plugins", "show", "tea", "--json").json
    assert broken.keys() == whole.keys()
    assert broken["offers"].keys() == whole["offers"].keys()
    assert (broken["state"], broken["options"], broken["failures"][0]["reason"]) == (
        "resting",
        {},
        "loading it raised OSError: dry",
    )


def test_what_it_does_wrong_when_asked_is_shown_with_the_traceback(person: Person, tea: Path) -> None:
    tea.write_text(TEA.replace('return [click.Command("brew"), click.Command("another")]', "raise OSError('dry')"))
    said = person.ok("plugins", "show", "tea")
    assert "failed    today 14:00: commands() raised OSError: dry" in said
    assert f'File "{tea}"' in said
    assert "explains  tea" in said, "the other hooks are asked all the same"
    (failure,) = person("plugins", "show", "tea", "--json").json["failures"]
    assert failure["traceback"].endswith("OSError: dry\n")


def test_a_hook_that_hangs_is_waited_for_once(person: Person, tea: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crampcoach.guard.ask.__defaults__", (0.3,))
    tea.write_text(
        TEA.replace('return [click.Command("brew"), click.Command("another")]', "import time; time.sleep(3)")
    )
    shown = person("plugins", "show", "tea", "--json").json
    assert [one["reason"] for one in shown["failures"]] == ["commands() took longer than 0.3 s"]
    assert shown["offers"]["explainers"] == []


@pytest.mark.parametrize(
    ("config", "keys"),
    [
        ('[plugins.tea]\nschedul = "10:00"\n', "schedul in the table"),
        ("[plugins.tea]\ncups = 'three'\n", "cups in the table"),
        ("[plugins.tea]\ncups = 'three'\nmugs = 1\n", "mugs and cups in the table"),
        ('[plugins.tea]\nschedule.daily = "25:00"\n', "schedule.daily in the table"),
        ('[plugins.tea]\nschedule = "10:00"\n', "schedule in the table"),
        ('[plugins.tea.schedule]\ndayly = "10:00"\n', "schedule.dayly in the table"),
        ("[plugins]\ntea = 1\n", "the table"),
    ],
)
def test_what_is_wrong_in_the_settings_is_to_be_mended_there(person: Person, tea: Path, config: str, keys: str) -> None:
    person.configure(config)
    shown = person("plugins", "show", "tea", "--json").json
    where = f"{keys} [plugins.tea] of {person.home.config_file}"
    assert shown["remedy"] == f"mend {where}, or switch it off: crampcoach plugins disable tea"
    listed = {row["name"]: row for row in person("plugins", "list", "--json").json}
    assert listed["tea"]["remedy"] == shown["remedy"]
    person.configure("")
    tea.write_text(TEA.replace('"16:00"', '"25:00"'))
    assert person("plugins", "show", "tea", "--json").json["remedy"].startswith(f"mend {tea}, or ")


def test_a_bundled_plugin_with_a_wrong_key_needs_no_update(person: Person) -> None:
    person.configure('[plugins.stretching]\nschedul = "21:00"\n')
    said = " ".join(person.ok("plugins", "show", "stretching").split())
    assert f"to do mend schedul in the table [plugins.stretching] of {person.home.config_file}, or switch" in said


def note_failure(person: Person, reason: str, minute: int) -> None:
    """As the agent does."""
    person.ok("plugins", "show", "tea")  # makes the file
    at = datetime(2026, 11, 22, 13, minute, tzinfo=ZONE)
    with closing(Database(person.home.state_db, STATE)) as state, state.transaction() as connection:
        add_failure(connection, Failure("tea", at, reason, "Traceback"))


def test_what_was_mended_since_a_failure_asks_for_nothing(person: Person, tea: Path) -> None:
    note_failure(person, "composing tea.daily raised KeyError: 'x'", 30)

    def first(changed: datetime) -> list[str]:
        os.utime(tea, (changed.timestamp(), changed.timestamp()))
        return lines(person.ok("plugins", "show", "tea"))[:2]

    before, after, to_come = (datetime(2026, 11, 22, *at, tzinfo=ZONE) for at in ((13, 29), (13, 31), (18, 0)))
    failed = "tea is on: last failure today 13:30: composing tea.daily raised KeyError: 'x'"
    mend = f"to do mend {tea}, or switch it off: crampcoach plugins disable tea"
    assert first(before) == first(to_come) == [failed, mend]
    assert first(after) == ["tea is on", "about Tea, and all that comes with it."]
    assert "failed today 13:30: composing tea.daily raised KeyError: 'x'" in lines(person.ok("plugins", "show", "tea"))


@pytest.mark.parametrize(
    "reason",
    [
        "loading it raised OSError: dry",
        "{config}:2: plugins.tea.cups: unknown key",
        "reminder 'daily': schedule '25:00': '25:00' is no time of day",
    ],
)
def test_neither_does_one_that_could_not_be_loaded_and_now_can(person: Person, tea: Path, reason: str) -> None:
    note_failure(person, reason.replace("{config}", str(person.home.config_file)), 30)
    past = datetime(2026, 11, 22, 12, tzinfo=ZONE).timestamp()
    os.utime(tea, (past, past))
    assert lines(person.ok("plugins", "show", "tea"))[0] == "tea is on"
    note_failure(person, "composing tea.daily raised OSError: dry", 31)
    assert lines(person.ok("plugins", "show", "tea"))[0].startswith("tea is on: last failure today 13:31: ")


# --- try -------------------------------------------------------------------------------------------------------


def test_the_name_of_a_plugin_with_one_reminder_is_enough(person: Person, tea: Path) -> None:
    for name in ("tea", "daily", "tea.daily"):
        said = person("try", name, "--wait", "0")
        assert "\nTea?\n" in said.out, name


def test_of_several_reminders_one_must_be_named(person: Person, tea: Path) -> None:
    tea.write_text(TEA.replace(", active=False", ""))
    assert person.fails("try", "tea") == (
        "tea has 2 reminders, tea.daily, tea.never; name one of them, for example: crampcoach try tea.daily"
    )
    assert "\nTea!\n" in person("try", "tea.never", "--wait", "0").out


def test_a_plugin_without_anything_to_try_says_what_to_do(person: Person, tea: Path) -> None:
    person.configure("[plugins.tea]\nenabled = false\n")
    assert person.fails("try", "tea") == "tea is off; turn it on: crampcoach plugins enable tea"
    person.configure("")
    tea.write_text(TEA.replace('Reminder(name="daily", schedule="16:00", say="Tea?"),', ""))
    assert person.fails("try", "tea") == (
        "tea has no reminder that comes at present; `crampcoach plugins show tea` says what it has"
    )
    tea.write_text(TEA.replace("def reminders(ctx)", "def responded(ctx)"))
    assert person.fails("try", "tea") == "tea has no reminder; `crampcoach plugins show tea` says what it has"
    tea.write_text("raise OSError('dry')")
    said = person("try", "tea")
    assert said.err.splitlines()[-1] == ("crampcoach: tea cannot be used, and `crampcoach plugins show tea` says why")
