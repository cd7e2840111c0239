"""`plugins show` says everything about a plugin, and `try` shows its message by the plugin's name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from person import Person

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
