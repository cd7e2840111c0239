"""`coach.run`: a command as a person types it, beside the coach's agent, in its home, at its time, with its plugins."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import ModuleType

import pytest

from coffee import COFFEE
from crampcoach import Failed, Kind, hookimpl
from crampcoach.testing import Coach, Said

pytestmark = pytest.mark.pure

#: A plugin with commands that ask, read, fail and save, with formats, and with something to explain.
CUPS = '''\
"""Counts cups."""
from crampcoach import Claim, Entry, Explainer, Exporter, Importer, Kind, Source, hookimpl

@hookimpl
def kinds():
    return [Kind(name="cup", title="A cup")]

def _read(stream, ctx):
    for line in stream:
        yield Entry(kind="cup", note=line.decode().strip(), at=ctx.now)

@hookimpl
def importers():
    return [Importer(name="cups", title="A line each", suffix=".txt", media_type="text/plain", read=_read)]

def _write(entries, stream, ctx):
    for entry in entries:
        stream.write(f"{entry.at:%H:%M} {entry.kind}\\n".encode())

@hookimpl
def exporters():
    return [Exporter(name="cups", title="A line each", suffix=".txt", media_type="text/plain", write=_write)]

@hookimpl
def explainers():
    study = Source(id="doe-2020", title="Cups and cramps", authors="Doe J", year=2020)
    claim = Claim(text="In one small study cups made no difference.", grade="very-low", sources=["doe-2020"])
    return [
        Explainer(
            name="cause-cups", title="Cups", group="lifestyle", summary="Probably no cause.", claims=[claim],
            sources=[study], limits="One study of twelve people.", see="Cramps that cost you sleep: ask a doctor.",
        )
    ]

@hookimpl
def commands():
    import sys
    import click

    @click.command("cups")
    @click.pass_obj
    def cups(session):
        """How many cups so far?"""
        many = click.prompt("How many", type=int)
        session.save(*[Entry(kind="cup", note=click.prompt("Which", hide_input=True)) for _ in range(many)])
        click.echo(f"{len(session.log.entries('cup'))} at {session.now():%H:%M}")

    @click.command("shout")
    def shout():
        click.echo(f"{sys.stdin.isatty()} {sys.stdout.isatty()} {sys.stdin.read().upper()}")

    @click.command("fails")
    def fails():
        raise ZeroDivisionError("no cups")

    @click.command("quits")
    def quits():
        sys.exit("no more")

    return [cups, shout, fails, quits]
'''


@pytest.fixture
def coach(coach: Coach) -> Coach:
    coach.load("coffee", COFFEE)
    return coach


def test_it_says_how_it_ended_and_what_was_printed(coach: Coach) -> None:
    assert coach.run("log", "coffee") == Said(0, "saved: Coffee, today 12:00\n", "")
    assert coach.run("log", "cofee") == Said(
        2, "", "crampcoach: there is no kind 'cofee'; did you mean 'coffee'?\nsee: crampcoach log --help\n"
    )
    assert coach.run("done", "tea").status == 1


def test_json(coach: Coach) -> None:
    saved = coach.run("log", "coffee", "--note", "schwarz, ☕", "--json").json
    assert (saved["at"], saved["note"]) == ("2026-11-22T12:00:00+01:00", "schwarz, ☕")
    with pytest.raises(AssertionError, match="there is no kind"):
        _ = coach.run("log", "cofee").json


@pytest.mark.coach(now="2026-10-25 02:30", zone="Europe/Berlin")
def test_it_goes_by_the_clock_of_the_coach(coach: Coach) -> None:
    coach.advance("02:30")
    assert coach.run("log", "coffee", "--json").json["at"] == "2026-10-25T02:30:00+01:00"
    coach.jump("2026-11-22 09:00", zone="America/New_York")
    assert coach.run("log", "coffee", "--json").json["at"] == "2026-11-22T03:00:00-05:00"


def test_the_agent_looks_at_what_it_did(coach: Coach) -> None:
    coach.run("pause")
    coach.advance("15:00")
    assert (coach.states(), coach.sent) == (["deferred"], [])
    coach.run("resume")
    assert (coach.states(), len(coach.sent)) == (["shown"], 1)
    assert coach.run("done", "coffee").status == 0
    assert (coach.states(), coach.recorder.withdrawn) == (["done"], ["coffee.daily/2026-11-22/15:00"])
    assert coach.run("log", "symptoms", "--swelling", "yes").status == 0
    assert [message.title for message in coach.advice] == ["Get this looked at today"]


def test_what_the_agent_knows_is_known_to_commands(coach: Coach) -> None:
    coach.advance("15:00")
    status = coach.run("status", "--json").json
    assert (status["pid"], [row["reminder"] for row in status["open"]]) == (os.getpid(), ["coffee.daily"])
    assert [row["state"] for row in coach.run("today", "--json").json] == ["shown"]
    assert {row["reminder"] for row in coach.run("plan", "--days", "2", "--json").json} == {"coffee.daily"}
    assert coach.run("plugins", "show", "coffee", "--json").json["next"] == {
        "coffee.daily": "2026-11-23T15:00:00+01:00"
    }
    coach.press("Had one")
    assert [entry["kind"] for entry in coach.run("entries", "--json").json] == ["coffee"]


def test_a_plugin_that_rests_is_said_to(coach: Coach) -> None:
    coach.load("bad", "raise OSError('dry')", strict=False)
    shown = coach.run("plugins", "show", "bad", "--json").json
    assert (shown["state"], shown["reason"]) == ("resting", "loading it raised OSError: dry")
    assert "plugin bad: loading it raised OSError: dry" in coach.run("plan").err


def test_what_a_plugin_adds(coach: Coach, tmp_path: Path) -> None:
    coach.load("cups", CUPS)
    (tmp_path / "cups.txt").write_text("one\ntwo\n")
    assert coach.run("import", "cups", str(tmp_path / "cups.txt")).out.startswith("imported: 2 entries")
    assert [entry.note for entry in coach.entries("cup")] == ["one", "two"]
    assert coach.run("export", "cups").out == "12:00 cup\n12:00 cup\n"
    assert coach.run("export", "cups", "-o", str(tmp_path / "out.txt"), typed=[]).status == 0
    assert (tmp_path / "out.txt").read_text() == "12:00 cup\n12:00 cup\n"
    assert "In one small study cups made no difference." in coach.run("explain", "cause-cups").out
    assert "Doe J" in coach.run("explain", "cups", typed=[]).out
    assert "cups" in coach.run("--help").out


def test_a_module_that_was_given_adds_too(coach: Coach) -> None:
    made = ModuleType("tea_plugin", "A module.")

    def kinds() -> list[Kind]:
        return [Kind(name="tea", title="Tea")]

    kinds.__module__ = made.__name__
    vars(made)["kinds"] = hookimpl(kinds)
    coach.load("tea", made)
    assert coach.run("log", "tea").out == "saved: Tea, today 12:00\n"
    assert coach.run("plugins", "show", "tea", "--json").json["origin"] == "given"


def test_what_a_command_shows_itself_is_there_and_nobody_waits_for_a_press(coach: Coach) -> None:
    coach.advance("15:00")
    before = dict(coach.recorder.open)
    said = coach.run("try", "coffee")
    assert (said.status, said.out.splitlines()[-1]) == (0, "the message is gone (nobody presses here)")
    assert [message.title for message in coach.recorder.sent[-2:]] == ["Coffee today?", "Coffee today?"]
    assert len(coach.sent) == 1, "a try is no reminder"
    assert coach.recorder.open == before
    coach.press("Had one")
    assert coach.states() == ["done"]
    coach.recorder.verdict = Failed("dark")
    assert "no notifier could show it" in coach.run("try", "coffee").err


def test_text_that_comes_by_a_pipe(coach: Coach) -> None:
    coach.load("cups", CUPS)
    assert coach.run("shout", stdin="müde\n").out == "False False MÜDE\n\n"
    assert coach.run("shout", stdin="müde".encode()).out == "False False MÜDE\n"
    assert coach.run("shout").out == "False False \n"
    coach.run("log", "coffee", "--note", "-", stdin="in my own words\n")
    assert coach.entries("coffee")[0].note == "in my own words"
    assert coach.run("log", "coffee", "--note", "-", stdin=b"\xff").err == (
        "crampcoach: what came by stdin is no text in this system's encoding; nothing was saved\n"
    )


def test_answers_that_are_typed_in_a_terminal(coach: Coach) -> None:
    coach.load("cups", CUPS)
    said = coach.run("cups", typed=["several", "2", "hush", "hush too"])
    assert said.out.endswith("2 at 12:00\n")
    assert "'several' is not a valid integer" in said.out
    assert [entry.note for entry in coach.entries("cup")] == ["hush", "hush too"]
    assert coach.run("shout", typed=["a", "b"]).out == "True True A\nB\n\n"


def test_where_nobody_types_any_more_it_is_ctrl_d(coach: Coach) -> None:
    coach.load("cups", CUPS)
    for said in (coach.run("cups", typed=["1"]), coach.run("cups", stdin="1\n"), coach.run("cups")):
        assert (said.status, said.err.splitlines()[-1]) == (130, "crampcoach: stopped")
    assert coach.entries() == ()


def test_a_terminal_is_80_columns_wide_and_a_pipe_has_no_width(coach: Coach, monkeypatch: pytest.MonkeyPatch) -> None:
    coach.run("log", "coffee", "--note", "word " * 40)
    assert max(map(len, coach.run("entries", typed=[]).out.splitlines())) in range(60, 81)
    assert max(map(len, coach.run("entries").out.splitlines())) > 180
    monkeypatch.setenv("COLUMNS", "60")
    assert max(map(len, coach.run("entries", typed=[]).out.splitlines())) in range(40, 61)


def test_a_command_that_fails(coach: Coach) -> None:
    coach.load("cups", CUPS)
    said = coach.run("fails")
    assert (said.status, said.out) == (1, "")
    assert said.err == (
        "crampcoach: plugin cups: its command failed (ZeroDivisionError: no cups); --debug shows where\n"
    )
    with pytest.raises(ZeroDivisionError, match="no cups"):
        coach.run("--debug", "fails")
    assert coach.run("quits") == Said(1, "", "no more\n")
    assert coach.run("--help").status == 0


def test_afterwards_everything_is_as_it_was(coach: Coach) -> None:
    coach.load("cups", CUPS)
    before = dict(os.environ), sys.stdin, sys.stdout, sys.stderr
    coach.run("fails")
    with pytest.raises(ZeroDivisionError):
        coach.run("--debug", "fails")
    assert (dict(os.environ), sys.stdin, sys.stdout, sys.stderr) == before


def test_it_works_without_an_agent_and_starts_none(coach: Coach) -> None:
    coach.stop()
    assert coach.run("status", "--json").json["running"] is False
    coach.run("log", "coffee")
    assert not coach.running
    assert len(coach.entries("coffee")) == 1
    with pytest.raises(ValueError, match="the coach is one"):
        coach.run("--debug", "run")
    assert coach.run("log", "coffee", "--note", "run").status == 0


def test_two_coaches_have_two_homes(coach: Coach, tmp_path: Path) -> None:
    with Coach(tmp_path / "other", now="2026-01-01 08:00") as other:
        coach.run("log", "coffee")
        assert other.run("log", "coffee").status == 2
        assert (len(coach.entries()), other.entries()) == (1, ())
