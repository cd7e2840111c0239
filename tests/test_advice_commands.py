"""Advice in commands: said first, out of a program's way, in whatever place and language, and then saved."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from coaching import coach_of, said
from commands import Commands
from crampcoach.advice import HEADINGS, LEVELS
from crampcoach.cli.now import FIRST, STEPS
from crampcoach.notifier import Failed
from crampcoach.safety.flags import flag, red_flags
from crampcoach.store import open_store, raised, red_flags_shown
from crampcoach.testing import Coach

pytestmark = pytest.mark.pure


@pytest.fixture
def coach(tmp_path: Path) -> Iterator[Coach]:
    with coach_of(tmp_path, "cramps", now="2026-11-22 12:00") as one:
        yield one


# --- log -------------------------------------------------------------------------------------------------------


def test_log_says_it_before_it_saves(commands: Commands) -> None:
    out = commands.ok("log", "cramp", "--duration", "15")
    assert out.index("GET THIS LOOKED AT TODAY") < out.index(said("RF-10MIN")) < out.index("saved: A cramp")
    assert [dict(entry.fields) for entry in commands.coach.entries()] == [{"duration": 15}]


def test_log_says_nothing_where_there_is_nothing(commands: Commands) -> None:
    assert commands.ok("log", "cramp", "--duration", "10").startswith("saved: ")
    assert commands.ok("log", "cramp", "--swelling", "no", "--note", "no swelling").startswith("saved: ")


def test_json_gets_it_on_stderr_only(commands: Commands) -> None:
    ended = commands("log", "cramp", "--duration", "15", "--swelling", "yes", "--json")
    assert ended.status == 0
    assert said("RF-10MIN") in ended.err
    assert said("RF-DVT") in ended.err
    assert json.loads(ended.out)["fields"] == {"duration": 15, "swelling": "yes"}
    assert "Call" not in ended.out


def test_the_most_urgent_comes_first(commands: Commands) -> None:
    out = commands.ok(
        "log", "symptoms", "--disturbed", "yes", "--swelling", "yes", "--breathless", "yes", "--numbness", "no"
    )
    headings = [line for line in out.splitlines() if line.isupper()]
    assert headings == [HEADINGS[level].upper() for level in LEVELS]
    assert out.index(said("RF-PE")) < out.index(said("RF-DVT")) < out.index(said("RF-SLEEP")) < out.index("saved: ")
    assert "numb" not in out


def test_words_and_mentions_count_too(commands: Commands) -> None:
    assert said("RF-DVT") in commands.ok("log", "cramp", "--note", "my calf\nis WARM")
    assert said("M-QUININE") in commands.ok("log", "medicine", "--name", "Quinine")
    assert said("M-K2") in commands.ok("log", "cramp", "--eased-by", "vitamin K2?")


@pytest.mark.parametrize("before", [[], ["--no-plugins"]])
def test_the_kinds_of_safety_need_no_plugin(commands: Commands, before: list[str]) -> None:
    out = commands.ok(*before, "log", "symptoms", "--swelling", "yes")
    assert out.index(said("RF-DVT")) < out.index("saved: ")
    commands.ok(*before, "log", "examined")
    commands.ok(*before, "log", "profile", "--pregnant", "yes")
    out = commands.ok(*before, "log", "symptoms", "--swelling", "yes")
    assert "Call your midwife" in out


def test_a_broken_plugin_changes_no_word_of_it(commands: Commands) -> None:
    right = commands.ok("log", "symptoms", "--swelling", "yes")
    assert said("RF-DVT") in right
    grabs = "from crampcoach import *\n@hookimpl\ndef kinds(): return [Kind(name='symptoms', title='Mine')]\n"
    commands.coach.load("bad", "raise OSError('dry')\n", strict=False)
    commands.coach.load("grabs", grabs, strict=False)
    ended = commands("log", "symptoms", "--swelling", "yes")
    assert (ended.status, ended.out.rstrip("\n")) == (0, right)
    # They are asked for advice once all this is printed and saved.
    assert [line.split(":")[1] for line in ended.err.splitlines()] == [" plugin bad", " plugin grabs"]
    ended = commands("log", "cramp", "--swelling", "yes")
    assert ended.status == 0
    assert said("RF-DVT") in ended.out
    assert "OSError: dry" in ended.err
    assert "its kind 'symptoms' is crampcoach's own" in ended.err


def test_a_broken_config_takes_nothing_away(commands: Commands) -> None:
    commands.coach.stop()
    commands.coach.home.config_file.write_text("[profile]\ncountry = 'GB'\nadult = 7\n[nonsense\n")
    assert said("RF-PE") in commands("log", "symptoms", "--breathless", "yes").out
    commands.coach.home.config_file.write_text("[profile]\ncountry = 'GB'\nadult = 7\n")
    assert said("RF-PE", "Europe/London") in commands("log", "symptoms", "--breathless", "yes").out


@pytest.mark.parametrize("language", ["en_GB.UTF-8", "de_DE.UTF-8", "C", "ar_EG.UTF-8"])
def test_the_language_changes_no_number(commands: Commands, monkeypatch: pytest.MonkeyPatch, language: str) -> None:
    for name in ("LANG", "LC_ALL", "LC_MESSAGES", "LANGUAGE"):
        monkeypatch.setenv(name, language)
    assert "Call 112 now" in commands.ok("log", "symptoms", "--breathless", "yes")


def test_what_no_terminal_has_shown_is_not_told_yet(commands: Commands) -> None:
    coach = commands.coach
    coach.stop()
    commands.ok("log", "symptoms", "--swelling", "yes")
    with closing(open_store(coach.home, coach.clock.now())) as store:
        assert [one.flags for one in raised.untold(store.log)] == [("RF-DVT",)]


def test_done_says_it_first_too(commands: Commands) -> None:
    commands.coach.advance("2026-11-23 07:30")
    commands.ok("done", "check-in", "--answer", "one")
    out = commands.ok("done", "follow-up", "--answer", "yes-swelling")
    assert out.index(said("RF-DVT")) < out.index("cramps.follow-up: done")
    assert [dict(entry.fields) for entry in commands.coach.entries("symptoms")] == [{"swelling": "yes"}]


# --- check-symptoms --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [["--list"], []], ids=["--list", "without a terminal"])
def test_the_list_has_every_sign_under_its_level(commands: Commands, words: list[str]) -> None:
    out = commands.ok("check-symptoms", *words)
    places = [out.index(HEADINGS[level].upper()) for level in LEVELS] + [len(out)]
    for one in red_flags():
        if one.id.startswith("RF-"):
            at = LEVELS.index(one.level)
            assert places[at] < out.index(f"If {one.signs}: ") < places[at + 1], one.id
        else:
            assert said(one.id) not in out
    assert "not a diagnosis" in out
    assert commands.coach.entries() == ()


def test_a_list_that_went_to_no_terminal_was_shown_to_nobody(commands: Commands) -> None:
    """The signs still come before the first stretch."""
    commands.ok("check-symptoms", "--list")
    assert red_flags_shown.since(commands.coach.agent.store.state) is None


def test_the_list_for_programs(commands: Commands) -> None:
    listed = commands("check-symptoms", "--json").json
    assert [one["id"] for one in listed] == [one.id for one in red_flags() if one.id.startswith("RF-")]
    for one in listed:
        assert set(one) == {"id", "level", "title", "text", "sources"}
        assert said(one["id"]).startswith(one["text"])
        assert one["level"] == flag(one["id"]).level
        assert one["sources"]


def test_the_list_has_the_numbers_of_the_country(commands: Commands) -> None:
    commands.coach.configure('[profile]\ncountry = "GB"\n')
    assert "Call 999 now" in commands.ok("check-symptoms", "--list")
    assert "NHS 111" in commands.ok("--no-plugins", "check-symptoms", "--list")
    commands.coach.configure("")
    assert "111" not in commands.ok("check-symptoms", "--list")


# --- now -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("before", [[], ["--no-plugins"]])
def test_now_says_the_signs_before_any_step(commands: Commands, before: list[str]) -> None:
    out = commands.ok(*before, "now")
    order = [out.index(text) for text in (FIRST, said("RF-ALI"), said("RF-DVT"), "If none of these", *STEPS)]
    assert order == sorted(order)
    assert "longer than 10 minutes" in out
    assert commands.coach.entries() == ()


def test_now_with_a_hold_has_no_steps(commands: Commands) -> None:
    commands.ok("log", "symptoms", "--swelling", "yes")
    out = commands.ok("now")
    assert said("RF-DVT") in out
    assert out.count(said("RF-DVT")) == out.count("GET THIS LOOKED AT TODAY") == 1
    assert out.index(FIRST) < out.index(said("RF-ALI")) < out.index(said("RF-DVT")) < out.index("No stretch now.")
    assert "crampcoach log examined" in out
    assert not [step for step in STEPS if step in out]
    commands.ok("log", "examined")
    assert STEPS[0] in commands.ok("now")


def test_now_says_all_that_holds_back_and_what_the_profile_adds(commands: Commands) -> None:
    commands.ok("log", "profile", "--pregnant", "yes")
    assert STEPS[0] in commands.ok("now"), "a cramp may be stretched in pregnancy"
    commands.ok("log", "symptoms", "--swelling", "yes")
    out = commands.ok("now")
    assert [out.count(said(name)) for name in ("RF-ALI", "RF-DVT", "RF-PREG")] == [1, 1, 1]
    assert not [step for step in STEPS if step in out]


def test_now_is_for_adults_only(commands: Commands) -> None:
    commands.ok("log", "profile", "--adult", "no")
    out = commands.ok("now")
    assert "for a child, ask a doctor" in out
    assert not [step for step in STEPS if step in out]


# --- try -------------------------------------------------------------------------------------------------------


def test_a_stretch_that_is_tried_comes_after_the_signs(commands: Commands) -> None:
    commands.coach.load("stretching")
    commands.coach.recorder.verdict = Failed("dark")
    said_first = commands("try", "stretching")
    assert "evening stretch" in said_first.out  # as text: nobody can show it
    for one in red_flags():
        if one.level in ("now", "same-day") and one.id != "RF-MOOD":
            assert said_first.out.index(f"If {one.signs}: ") < said_first.out.index("evening stretch"), one.id
    assert said("RF-MOOD") not in said_first.out
