"""The commands: what they print, what they change, and one sentence where they cannot."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import metadata
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from coaching import coach_of
from crampcoach import control
from crampcoach.cli import COMMANDS, main
from crampcoach.cli.handed import Handed
from crampcoach.clock import to_utc
from crampcoach.config import read_config
from crampcoach.config_text import as_tables
from crampcoach.deciding import GONE_QUIET
from crampcoach.home import find_home
from crampcoach.model import Problem
from crampcoach.safety.wording import HELD_REASON
from crampcoach.store.ignored import PATIENCE
from crampcoach.testing import Coach, HandedClock, Said
from crampcoach.testing.command_line import run_command

pytestmark = pytest.mark.pure

BERLIN = ZoneInfo("Europe/Berlin")

COFFEE = '''\
"""Counts coffee."""
from dataclasses import dataclass
from typing import Annotated, Literal

import msgspec
from crampcoach import Action, Kind, Log, Message, Reminder, hookimpl

@dataclass(frozen=True)
class Fields:
    cups: Annotated[int, msgspec.Meta(ge=1, le=9, description="How many")]
    size: Annotated[Literal["small", "large"] | None, "How large"] = None
    strength: Literal[1, 2, 3] | None = None
    with_: tuple[Literal["milk", "sugar"], ...] = ()
    price: float | None = None
    decaf: Annotated[bool, "Without caffeine"] = False

@hookimpl
def kinds():
    return [Kind(name="coffee", title="Coffee", fields=Fields)]

@hookimpl
def reminders():
    cups = [Action(label=f"{number} cups", then=Log("coffee", cups=number)) for number in (1, 2)]
    return [Reminder(name="daily", schedule="15:00", say=Message(title="Coffee?", body="word " * 30), actions=cups)]
'''
TEA = '''\
"""Tea, every day and when there is a reason."""
from crampcoach import Reminder, hookimpl

@hookimpl
def reminders():
    return [
        Reminder(name="daily", schedule="16:00", say="Tea?"),
        Reminder(name="often", schedule="every 1h 09:00-17:00", say=lambda ctx, occurrence: None),
    ]
'''
LAMP = '''\
"""A lamp that can be pressed."""
from crampcoach import Delivered, hookimpl

class Lamp:
    name = "lamp"
    shown, gone = [], []
    def start(self, events): self.events = events
    def show(self, message):
        self.shown.append(message)
        if PRESS:
            self.events.answer(message.occurrence, message.actions[0].key)
        return Delivered()
    def withdraw(self, occurrence): self.gone.append(occurrence)
    def close(self): pass

@hookimpl
def notifiers():
    return [Lamp()]
'''


def plain(text: str) -> list[str]:
    """The words of each line, apart by one space."""
    return [" ".join(line.split()) for line in text.splitlines()]


@dataclass
class Shell:
    """A home, a clock, and the commands in this process."""

    folder: Path
    clock: HandedClock
    monkeypatch: pytest.MonkeyPatch

    def __call__(self, *words: str, stdin: str = "") -> Said:
        return run_command(words, Handed(clock=self.clock), {}, stdin=stdin)

    def ok(self, *words: str, stdin: str = "") -> str:
        said = self(*words, stdin=stdin)
        assert (said.status, said.err) == (0, "")
        return said.out.rstrip("\n")

    def fails(self, *words: str, status: int = 1) -> str:
        """The sentence of a command that must fail: one, for a person, and nothing else."""
        said = self(*words)
        assert said.status == status, said
        assert "Traceback" not in said.err
        sentence, _, rest = said.err.removeprefix("crampcoach: ").rstrip("\n").partition("\nsee: ")
        assert said.err.startswith("crampcoach: ")
        assert (rest != "") == (status == 2)
        return sentence

    def set(self, wall: str, zone: ZoneInfo = BERLIN) -> None:
        self.clock.set(to_utc(datetime.fromisoformat(wall), zone), zone)

    def plugin(self, name: str, source: str) -> Path:
        path = self.folder / "config" / "plugins" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.write_text(source)
        path.chmod(0o600)
        return path

    def config(self, text: str) -> Path:
        path = self.folder / "config" / "config.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def coach(self, now: str = "2026-11-22 14:00", config: str = "") -> Coach:
        """An agent in the same home, on the same clock."""
        coach = Coach(self.folder, now=now, config=config)
        self.set(now)
        coach.clock = self.clock
        coach.load("stretching")
        return coach


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shell]:
    clock = HandedClock(to_utc(datetime(2026, 11, 22, 14), BERLIN), BERLIN)
    monkeypatch.setenv("CRAMPCOACH_HOME", str(tmp_path))
    for name in ("CRAMPCOACH_PLUGINS", "DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR", "DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    # What the commands do does not depend on which plugins happen to be bundled.
    installed = metadata.entry_points

    def few(*, group: str) -> list[metadata.EntryPoint]:
        return [one for one in installed(group=group) if one.name in ("desktop", "plyer", "stretching", "terminal")]

    monkeypatch.setattr("crampcoach.plugins.metadata.entry_points", few)
    yield Shell(tmp_path, clock, monkeypatch)
    for path in (tmp_path, *tmp_path.rglob("*")):
        if path.is_relative_to(tmp_path / "data"):
            assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600), path


def process(folder: Path, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "crampcoach", *words]
    environ = {**os.environ, "CRAMPCOACH_HOME": str(folder), **env}
    return subprocess.run(command, env=environ, capture_output=True, text=True, timeout=30, check=False)


# --- finding one's way -----------------------------------------------------------------------------------------

EVERY = [
    *((name,) for name in COMMANDS),
    *(("plugins", name) for name in ("list", "show", "enable", "disable", "new", "check", "install", "uninstall")),
    *(("config", name) for name in ("init", "path", "check", "show", "edit", "schema")),
    ("log", "stretch"),
]


@pytest.mark.parametrize("words", EVERY, ids=" ".join)
@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_every_command_explains_itself(shell: Shell, words: tuple[str, ...], flag: str) -> None:
    text = shell.ok(*words, flag)
    assert text.startswith(f"Usage: crampcoach {' '.join(words)}")
    assert "..." not in text.partition("\n")[2], "a line is cut short"


def test_help_lists_every_command_with_a_line(shell: Shell) -> None:
    lines = plain(shell.ok("-h"))
    for name, (_, line) in COMMANDS.items():
        assert any(one.startswith(f"{name} {line[:20]}") for one in lines), name


@pytest.mark.parametrize("words", [(), ("config",), ("log",)])
def test_without_a_command_the_help_is_shown(shell: Shell, words: tuple[str, ...]) -> None:
    said = shell(*words)
    assert (said.status, said.out) == (2, "")
    assert said.err.startswith("Usage: crampcoach ")
    assert "\nCommands:\n" in said.err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["statu"], "there is no command 'statu'; did you mean 'status'?"),
        (["xyzzy"], "there is no command 'xyzzy'"),
        (["status", "--jsn"], "No such option '--jsn'. Did you mean '--json'?"),
        (["plugins", "shw"], "No such command 'shw'. Did you mean 'show'?"),
        (["plan", "--days", "0"], "Invalid value for '--days': 0 is not in the range 1<=x<=62."),
        (["entries", "--limit", "0"], "Invalid value for '--limit': 0 is not in the range x>=1."),
        (["snooze", "0"], "0 is not in the range 1<=x<=1440."),
        (["snooze", "stretching", "1441"], "1441 is not in the range 1<=x<=1440."),
        (["pause", "soon"], "'soon' is no length of time from 1m to 24h; write it as 30m, 2h or 1h30m"),
        (["pause", "25h"], "'25h' is no length of time from 1m to 24h; write it as 30m, 2h or 1h30m"),
        (["pause", ""], "'' is no length of time from 1m to 24h; write it as 30m, 2h or 1h30m"),
        (["log", "strech"], "there is no kind 'strech'; did you mean 'stretch'?"),
        (["log", "cramp"], "there is no kind 'cramp'; there are examined, profile, stretch, symptoms"),
        (["today", "tomorrow"], "Got unexpected extra argument (tomorrow)"),
    ],
)
def test_a_wrong_word_gets_a_sentence_and_the_way_to_the_help(shell: Shell, words: list[str], sentence: str) -> None:
    assert shell.fails(*words, status=2).endswith(sentence)


def test_debug_shows_the_traceback(shell: Shell) -> None:
    with pytest.raises(Problem, match="there is no reminder 'tea'"):
        main(["--debug", "done", "tea"])
    said = process(shell.folder, "--debug", "done", "tea")
    assert said.returncode == 1
    assert "Traceback" in said.stderr
    assert said.stderr.rstrip().endswith("stretching.evening")


def test_something_unexpected_is_one_sentence_too(shell: Shell) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("by nothing")

    shell.monkeypatch.setattr("crampcoach.answers.resume", broken)
    said = shell.fails("resume")
    assert re.fullmatch(
        r"something unexpected went wrong \(ZeroDivisionError in test_cli\.py, line \d+\); "
        r"run it again with --debug before the command to see more",
        said,
    )


def test_a_home_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    said = process(tmp_path / "file", "resume")
    assert (said.returncode, said.stdout) == (1, "")
    assert said.stderr == (
        f"crampcoach: cannot write {tmp_path}/file/data: Not a directory; "
        "free it, or set CRAMPCOACH_HOME to a folder of your own\n"
    )
    unwritable = (
        f"cannot write {tmp_path}/file/data: Not a directory; free it, or set CRAMPCOACH_HOME to a folder of your own\n"
    )
    said = process(tmp_path / "file", "today")
    assert (said.returncode, said.stdout) == (1, "")
    assert said.stderr == (
        f"crampcoach: {tmp_path}/file/config/config.toml: cannot be read: Not a directory; "
        "put that right or remove the file\n"
        "crampcoach: going on with the defaults until that is put right\n"
        f"crampcoach: {unwritable}"
    )


def test_a_reader_that_goes_away_is_no_error(shell: Shell) -> None:
    command = f"{sys.executable} -m crampcoach plan --days 62 | head -1"
    said = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=30, check=True)
    assert (said.stdout.count("\n"), said.stderr) == (1, "")


def test_without_a_runtime_folder_nothing_is_said_and_nothing_lies_in_tmp(tmp_path: Path) -> None:
    environ = {"HOME": str(tmp_path), "PATH": os.environ["PATH"]}
    command = [sys.executable, "-m", "crampcoach", "resume"]
    said = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=30, check=True)
    assert (said.stdout, said.stderr) == ("nothing was paused\n", "")
    # A command may look more than once, and finds the same.
    ask = "from crampcoach.home import find_home; print(find_home().runtime_dir, find_home().runtime_dir, sep='\\n')"
    said = subprocess.run([sys.executable, "-c", ask], env=environ, capture_output=True, text=True, check=True)
    first, second = said.stdout.splitlines()
    assert first == second
    assert Path(first).is_relative_to(tmp_path) or first.startswith("/run/user/")


# --- status, today, plan ---------------------------------------------------------------------------------------


def test_status_in_an_empty_home(shell: Shell) -> None:
    assert plain(shell.ok("status")) == [
        "agent not running; start it with: crampcoach run",
        "next stretching.evening, today 22:00",
        "open nothing waits for an answer",
        "config none: the defaults are in force",
        f"data {shell.folder}/data",
    ]
    assert shell("status", "--json").json == {
        "advice": [],
        "running": False,
        "pid": None,
        "paused": False,
        "paused_until": None,
        "next": {"reminder": "stretching.evening", "due": "2026-11-22T22:00:00+01:00"},
        "open": [],
        "missed": [],
        "held": {},
        "quiet": [],
        "quiet_time": None,
        "resting": {},
        "config": None,
        "data": f"{shell.folder}/data",
    }


def test_status_of_an_agent_that_has_something_to_say(shell: Shell) -> None:
    shell.plugin("tea", TEA)
    with shell.coach() as coach:
        coach.load("tea")
        coach.advance("22:10")
        shell.ok("pause", "2h")
        said = plain(shell.ok("status"))
        assert said[:3] == [
            f"agent running (process {os.getpid()})",
            "paused until tomorrow 00:10",
            "next tea.often, tomorrow 09:00",
        ]
        assert "open stretching.evening, shown, today 22:00" in said
        assert "missed tea.often, today 17:00: its plugin had nothing to say" in said
        facts = shell("status", "--json").json
        assert (facts["running"], facts["paused"], facts["paused_until"]) == (True, True, "2026-11-23T00:10:00+01:00")
        assert {row["reminder"] for row in facts["missed"]} == {"tea.often"}
        assert facts["open"] == [
            {"reminder": "stretching.evening", "due": "2026-11-22T22:00:00+01:00", "state": "shown", "reason": ""}
        ]
    assert shell("status", "--json").json["running"] is False


def test_status_names_what_rests(shell: Shell) -> None:
    shell.plugin("bad", "raise OSError('dry')")
    said = shell("status")
    assert said.status == 0
    assert said.err == "crampcoach: plugin bad: loading it raised OSError: dry\n"
    assert "resting bad: loading it raised OSError: dry; see `crampcoach plugins show bad`" in plain(said.out)


def test_today_from_morning_to_night(shell: Shell) -> None:
    assert shell.ok("today") == "today 22:00  stretching.evening  planned"
    with shell.coach() as coach:
        coach.advance("22:05")
        assert shell.ok("today") == "today 22:00  stretching.evening  shown"
        coach.press("Done")
        coach.advance("2026-11-23 02:00")
        assert shell.ok("today") == "yesterday 22:00  stretching.evening  done"
        assert shell("today", "--json").json == [
            {
                "reminder": "stretching.evening",
                "due": "2026-11-22T22:00:00+01:00",
                "state": "done",
                "reason": "",
                "day": "2026-11-22",
            }
        ]


def test_today_tells_that_nobody_was_there_to_show_it(shell: Shell) -> None:
    shell.set("2026-11-22 22:40")
    assert shell.ok("today") == "today 22:00  stretching.evening  planned (the agent is not running)"
    with shell.coach("2026-11-22 22:40") as coach:
        coach.settle()
        # Switched on after its time: it was never to come today.
        assert shell.ok("today") == "Nothing today."


def test_plan_lists_the_next_days(shell: Shell) -> None:
    lines = shell.ok("plan").splitlines()
    assert lines[0] == "Sun 22 Nov 22:00  stretching.evening"
    assert lines[-1] == "Sat 28 Nov 22:00  stretching.evening"
    assert len(lines) == 7
    assert len(shell.ok("plan", "--days", "1").splitlines()) == 1
    assert len(shell.ok("plan", "--days", "62").splitlines()) == 62
    assert shell("plan", "--days", "1", "--json").json == [
        {
            "reminder": "stretching.evening",
            "due": "2026-11-22T22:00:00+01:00",
            "day": "2026-11-22",
            "wall": "22:00",
            "held": "",
        }
    ]
    assert shell.ok("--no-plugins", "plan") == "Nothing is planned."


def test_plan_shows_when_the_clock_is_changed(shell: Shell) -> None:
    shell.set("2026-03-28 12:00")
    assert plain(shell.ok("plan", "--days", "2")) == [
        "Sat 28 Mar 22:00 stretching.evening",
        "Sun 29 Mar 02:00 clocks go forward to 03:00",
        "Sun 29 Mar 22:00 stretching.evening",
    ]
    rows = shell("plan", "--days", "2", "--json").json
    assert [row["due"][-6:] for row in rows] == ["+01:00", "+02:00"]
    shell.set("2026-10-24 12:00")
    assert "Sun 25 Oct 03:00 clocks go back to 02:00" in plain(shell.ok("plan"))
    shell.set("2026-04-04 12:00", ZoneInfo("Australia/Lord_Howe"))
    assert "Sun 05 Apr 02:00 clocks go back to 01:30" in plain(shell.ok("plan"))


def test_plan_says_that_a_time_does_not_exist(shell: Shell) -> None:
    shell.config('[plugins.stretching]\nschedule = "02:30"\n')
    shell.set("2026-03-28 12:00")
    assert plain(shell.ok("plan", "--days", "2")) == [
        "Sun 29 Mar 02:00 clocks go forward to 03:00",
        "Sun 29 Mar 03:30 stretching.evening 02:30 does not exist that day",
        "Mon 30 Mar 02:30 stretching.evening",
    ]
    shell.set("2026-10-24 12:00")
    assert [row["due"] for row in shell("plan", "--days", "1", "--json").json] == ["2026-10-25T02:30:00+02:00"]


def test_plan_says_what_is_held_back(shell: Shell) -> None:
    shell.plugin("tea", TEA)
    shell.config('[notify]\nmax_per_day = 3\n[plugins.tea]\nschedule.daily = "23:30"\n')
    shell.ok("pause", "90m")
    shell.ok("done", "stretching")
    held = {line[11:]: line for line in plain(shell.ok("plan", "--days", "1"))}
    assert [line.partition(" ")[2].partition(" ")[2] for line in held] == [
        "paused",  # 15:00
        "",
        "",
        "done already",
        "quiet hours; beyond 3 a day",
        *[""] * 3,
        *["beyond 3 a day"] * 3,
    ]


def test_plan_says_what_is_kept_for_others(shell: Shell) -> None:
    shell.plugin("tea", TEA)
    shell.config(
        '[notify]\nmax_per_day = 2\n[plugins.tea]\nschedule.daily = "18:00"\nschedule.often = "15:00, 16:00"\n'
    )
    kept = "the rest of 2 a day is kept for other plugins"
    held = [(row["reminder"], row["held"]) for row in shell("plan", "--days", "1", "--json").json]
    assert held == [("tea.often", ""), ("tea.often", kept), ("tea.daily", kept), ("stretching.evening", "")]
    shell.ok("done", "stretching")
    held = [(row["reminder"], row["held"]) for row in shell("plan", "--days", "1", "--json").json]
    assert held[:3] == [("tea.often", ""), ("tea.often", ""), ("tea.daily", "beyond 2 a day")]


CAUSES = {
    "a sign": (("log", "symptoms", "--swelling", "yes"), HELD_REASON),
    "pregnant": (("log", "profile", "--pregnant", "yes"), "held: in pregnancy, ask your midwife first"),
    "a child": (
        ("log", "profile", "--adult", "no"),
        "held: these measures were tried in adults only; for a child, ask a doctor",
    ),
}


@pytest.mark.parametrize(("words", "why"), CAUSES.values(), ids=CAUSES)
def test_what_has_to_wait_is_announced_by_nobody(shell: Shell, words: tuple[str, ...], why: str) -> None:
    shell(*words)
    assert shell.ok("plan", "--days", "1") == f"Sun 22 Nov 22:00  stretching.evening  {why}"
    assert {row["held"] for row in shell("plan", "--json").json} == {why}
    assert f"today 22:00 stretching.evening planned ({why})" in plain(shell.ok("today"))
    assert "next nothing comes at present; `crampcoach plan` says why" in plain(shell.ok("status"))
    assert shell("status", "--json").json["next"] is None
    assert f"reminder stretching.evening: 30m before bed; {why}" in plain(shell.ok("plugins", "show", "stretching"))
    shown = shell("plugins", "show", "stretching", "--json").json
    assert (shown["next"], shown["held"]) == ({}, {"stretching.evening": why})
    with shell.coach() as coach:
        coach.advance("22:05")
        assert coach.sent == []
        (row,) = coach.rows()
        assert (row.state, row.reason) == ("missed", why), "the agent says the same"


def test_what_comes_again_is_announced_again(shell: Shell) -> None:
    shell("log", "symptoms", "--swelling", "yes")
    shell.plugin("tea", TEA)
    assert shell("status", "--json").json["next"]["reminder"].startswith("tea."), "others come as before"
    shell("log", "examined")
    assert "next today 22:00" in shell.ok("plugins", "show", "stretching")
    assert shell("plugins", "show", "stretching", "--json").json["held"] == {}
    assert [row["held"] for row in shell("plan", "--json").json if row["reminder"] == "stretching.evening"] == [""] * 7


def test_a_mistake_that_hides_who_somebody_is_holds_back_and_says_so(shell: Shell) -> None:
    shell.config("[profile]\nadult = 'maybe'\n")
    why = "A mistake in config.toml hides what its [profile] says; `crampcoach config check` names it."
    assert json.loads(shell("plugins", "show", "stretching", "--json").out)["held"] == {"stretching.evening": why}
    assert json.loads(shell("status", "--json").out)["next"] is None


def test_what_has_to_wait_takes_no_place_in_the_day(shell: Shell) -> None:
    shell.plugin("legs", TEA.replace("Reminder(", "Reminder(tags=['heat'], "))
    shell.config("[notify]\nmax_per_day = 1\n")
    shell("log", "symptoms", "--swelling", "yes")
    assert {row["held"] for row in shell("plan", "--days", "1", "--json").json} == {HELD_REASON}
    shell.plugin("cup", "from crampcoach import *\n@hookimpl\ndef reminders():\n"
                 "    return [Reminder(name='last', schedule='23:00', say='Cup?', quiet='show')]\n")  # fmt: skip
    held = {row["reminder"]: row["held"] for row in shell("plan", "--days", "1", "--json").json}
    assert held.pop("cup.last") == ""
    assert set(held.values()) == {HELD_REASON}


def test_what_was_put_off_and_has_to_wait_since_is_not_next(shell: Shell) -> None:
    shell.ok("snooze", "stretching", "20")
    shell("log", "symptoms", "--swelling", "yes")
    assert shell.ok("plan", "--days", "1") == f"Sun 22 Nov 22:20  stretching.evening  snoozed; {HELD_REASON}"
    assert shell("status", "--json").json["next"] is None


def test_until_a_pause_is_ended_nothing_is_next(shell: Shell) -> None:
    shell.ok("pause")
    assert "next nothing comes at present; `crampcoach plan` says why" in plain(shell.ok("status"))
    assert shell("plugins", "show", "stretching", "--json").json["held"] == {"stretching.evening": "paused"}
    assert {row["held"] for row in shell("plan", "--json").json} == {"paused"}
    shell.ok("pause", "2h")
    assert "next stretching.evening, today 22:00" in plain(shell.ok("status"))
    assert shell("plugins", "show", "stretching", "--json").json["held"] == {}
    assert "next nothing is planned" in plain(shell.ok("--no-plugins", "status"))


def test_what_nobody_answers_is_not_announced_until_it_is_resumed(shell: Shell) -> None:
    with shell.coach() as coach:
        coach.advance(timedelta(days=PATIENCE))
        assert [row["held"] for row in shell("plan", "--days", "2", "--json").json] == [GONE_QUIET] * 2
        assert f"today 22:00 stretching.evening planned ({GONE_QUIET})" in plain(shell.ok("today"))
        assert shell("status", "--json").json["next"] is None
        assert GONE_QUIET in shell.ok("plugins", "show", "stretching")
        coach.advance(timedelta(days=1))
        assert len(coach.sent) == PATIENCE
        shell.ok("resume")
        assert [row["held"] for row in shell("plan", "--days", "2", "--json").json] == ["", ""]
        assert shell("status", "--json").json["next"]["reminder"] == "stretching.evening"
        assert "; next today 22:00" in shell.ok("plugins", "show", "stretching")


def test_the_readme_says_when_the_question_about_drinking_comes(tmp_path: Path) -> None:
    text = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
    (row,) = [line for line in text.splitlines() if "limit what you drink" in line]
    with coach_of(tmp_path, "hydration", now="2026-11-22 09:00") as coach:
        (welcome,) = coach.sent
        assert welcome.reminder == "hydration.screening"
        coach.advance("2026-11-22 21:00")
        asks = coach.run("plan", "--days", "3", "--json").json
        assert [(one["reminder"], str(one["wall"])) for one in asks] == [("hydration.screening", "11:00")] * 3
        coach.advance("2026-11-23 11:05")
        coach.press("Not sure")
        assert coach.run("plan", "--days", "3", "--json").json == []
    assert row.startswith("| at the first start, then daily at 11:00 until you answer; ")


# --- answering -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["stretching.evening", "stretching", "evening"])
def test_done_before_its_time_by_any_name(shell: Shell, name: str) -> None:
    assert shell.ok("done", name) == "stretching.evening: done; logged: stretch"
    assert shell.ok("today") == "today 22:00  stretching.evening  done"
    (entry,) = shell("entries", "--json").json
    assert (entry["kind"], entry["at"]) == ("stretch", "2026-11-22T14:00:00+01:00")
    twice = "stretching.evening is done already; `crampcoach today` shows it"
    assert shell.fails("done", name) == twice
    assert shell.fails("skip", name) == twice
    assert shell.fails("snooze", name) == twice
    assert len(shell("entries", "--json").json) == 1
    assert shell("status", "--json").json["next"]["due"] == "2026-11-23T22:00:00+01:00"


def test_what_waits_needs_no_name_and_its_message_goes(shell: Shell) -> None:
    with shell.coach() as coach:
        coach.advance("22:05")
        assert [message.title for message in coach.recorder.open.values() if message.occurrence]
        assert shell.ok("done") == "stretching.evening: done; logged: stretch"
        coach.settle()
        assert coach.recorder.withdrawn == ["stretching.evening/2026-11-22/22:00"]
        assert len(coach.entries("stretch")) == 1
        nothing = "nothing waits for an answer; name a reminder, `crampcoach today` lists them"
        for command in ("done", "skip", "snooze"):
            assert shell.fails(command) == nothing
        coach.advance("2026-11-23 23:59")
        assert coach.states() == ["done", "expired"]


def test_done_after_its_grace_still_counts(shell: Shell) -> None:
    with shell.coach() as coach:
        coach.advance("23:30")
        assert coach.states() == ["expired"]
        assert shell.fails("skip", "stretching") == "stretching.evening is expired already; `crampcoach today` shows it"
        assert shell.ok("done", "stretching") == "stretching.evening: done; logged: stretch"
        assert coach.states() == ["done"]


def test_done_when_the_agent_did_not_run(shell: Shell) -> None:
    shell.set("2026-11-22 23:45")
    assert shell.ok("done", "stretching") == "stretching.evening: done; logged: stretch"
    # In the night it is still that evening; after waking it is the next one.
    shell.set("2026-11-23 02:00")
    assert "done already" in shell.fails("done", "stretching")
    shell.set("2026-11-23 07:00")
    assert shell.ok("today") == "today 22:00  stretching.evening  planned"


def test_of_several_times_a_day_the_latest_is_meant(shell: Shell) -> None:
    shell.plugin("tea", TEA)
    shell.set("2026-11-22 11:30")
    for expected in ("11:00", "12:00", "13:00"):
        assert shell.ok("done", "often") == "tea.often: done"
        done = [row["due"][11:16] for row in shell("today", "--json").json if row["state"] == "done"]
        assert done[-1] == expected


def test_several_that_wait_must_be_named(shell: Shell) -> None:
    shell.plugin("tea", TEA)
    shell.plugin("coffee", COFFEE)
    with shell.coach() as coach:
        coach.load("tea")
        coach.load("coffee")
        coach.advance("15:05")
        shell.ok("snooze", "coffee", "70")
        coach.advance("16:05")
        several = "several wait for an answer: tea.daily, coffee.daily; name one"
        assert shell.fails("done") == several
        assert shell.fails("done", "daily") == "'daily' may be coffee.daily or tea.daily; name one of them"
        assert shell.ok("skip", "tea.daily") == "tea.daily: skipped"
        assert shell.fails("done") == "say which answer: --answer 1-cups or 2-cups"


@pytest.mark.parametrize(
    ("word", "meant"), [("strech", "stretching"), ("evenin", "evening"), ("stretching.evning", "stretching.evening")]
)
@pytest.mark.parametrize("command", ["done", "skip", "snooze", "try"])
def test_a_mistyped_reminder(shell: Shell, command: str, word: str, meant: str) -> None:
    assert shell.fails(command, word) == f"there is no reminder {word!r}; did you mean {meant!r}?"


def test_a_reminder_that_there_is_not(shell: Shell) -> None:
    assert shell.fails("done", "xyzzy") == "there is no reminder 'xyzzy'; there is stretching.evening"
    assert shell.fails("--no-plugins", "done", "xyzzy") == "there is no reminder 'xyzzy'; there is none"
    shell.config('[plugins.stretching]\nschedule = "mon 21:00"\n')
    nothing = "stretching.evening has nothing today that could be answered; `crampcoach plan` shows when it comes"
    assert shell.fails("done", "stretching") == nothing


def test_which_of_several_buttons(shell: Shell) -> None:
    shell.plugin("coffee", COFFEE)
    assert shell.fails("done", "coffee") == "say which answer: --answer 1-cups or 2-cups"
    wrong = "there is no answer 'three'; --answer may be 1-cups or 2-cups"
    assert shell.fails("done", "coffee", "--answer", "three") == wrong
    assert shell.fails("done", "coffee", "--answer", "skip") == wrong.replace("three", "skip")
    assert shell("entries", "--json").json == []
    assert shell.ok("done", "coffee", "--answer", "2-cups") == "coffee.daily: done; logged: coffee"
    assert [entry["fields"] for entry in shell("entries", "--json").json] == [{"cups": 2}]
    assert listed(shell) == "today 14:00  coffee  cups 2"


def test_skip_logs_nothing(shell: Shell) -> None:
    assert shell.ok("skip", "stretching") == "stretching.evening: skipped"
    assert shell.ok("today") == "today 22:00  stretching.evening  skipped"
    assert shell.ok("entries") == "Nothing has been logged yet."
    assert shell.fails("snooze", "stretching") == "stretching.evening is skipped already; `crampcoach today` shows it"
    # Somebody who does it all the same may say so.
    assert shell.ok("done", "stretching") == "stretching.evening: done; logged: stretch"


def test_snooze(shell: Shell) -> None:
    with shell.coach(config="[plugins.stretching]\nsnooze = 7\n") as coach:
        coach.advance("22:02")
        assert shell.ok("snooze") == "stretching.evening: snoozed until today 22:09"
        coach.settle()
        assert not [message for message in coach.recorder.open.values() if message.reminder]
        # It comes later than it would have, never earlier.
        assert shell.ok("snooze", "evening", "15") == "stretching.evening: snoozed until today 22:24"
        assert shell.ok("snooze", "1") == "stretching.evening: snoozed until today 22:25"
        coach.advance("22:24")
        assert len(coach.sent) == 1
        coach.advance("22:25")
        assert len(coach.sent) == 2
        assert shell.ok("snooze", "3") == "stretching.evening: snoozed until today 22:28"


def test_snooze_before_its_time_never_brings_it_forward(shell: Shell) -> None:
    with shell.coach() as coach:
        coach.settle()
        assert shell.ok("snooze", "stretching", "20") == "stretching.evening: snoozed until today 22:20"
        assert shell.ok("snooze", "stretching", "5") == "stretching.evening: snoozed until today 22:25"
        coach.advance("22:24")
        assert coach.sent == []
        coach.advance("22:25")
        assert len(coach.sent) == 1


def test_a_snoozed_reminder_is_announced_at_its_new_time(shell: Shell) -> None:
    shell.ok("snooze", "stretching", "20")
    assert shell("status", "--json").json["next"] == {
        "reminder": "stretching.evening",
        "due": "2026-11-22T22:20:00+01:00",
    }
    assert shell("plugins", "show", "stretching", "--json").json["next"] == {
        "stretching.evening": "2026-11-22T22:20:00+01:00"
    }
    lines = shell.ok("plan", "--days", "2").splitlines()
    assert lines == ["Sun 22 Nov 22:20  stretching.evening  snoozed", "Mon 23 Nov 22:00  stretching.evening"]
    shell.ok("pause")
    assert "snoozed; paused" in shell.ok("plan", "--days", "1")
    shell.ok("resume")
    # Its nominal time is past: it comes all the same.
    shell.set("2026-11-22 22:10")
    assert shell.ok("plan", "--days", "1").splitlines()[0] == "Sun 22 Nov 22:20  stretching.evening  snoozed"
    assert "next stretching.evening, today 22:20" in plain(shell.ok("status"))
    shell.set("2026-11-22 22:21")
    assert shell("status", "--json").json["next"]["due"] == "2026-11-23T22:00:00+01:00"
    assert len(shell.ok("plan", "--days", "2").splitlines()) == 2


def test_what_is_done_is_not_promised_at_another_time_of_the_day(shell: Shell) -> None:
    shell.ok("done", "stretching")
    shell.config('[plugins.stretching]\nschedule = "21:00"\n')
    assert shell.ok("today").splitlines() == [
        "today 21:00  stretching.evening  withdrawn (already done that day)",
        "today 22:00  stretching.evening  done",
    ]
    assert shell("status", "--json").json["next"]["due"] == "2026-11-23T21:00:00+01:00"
    assert shell("plan", "--days", "1", "--json").json[0]["held"] == "already done that day"
    with shell.coach(config='[plugins.stretching]\nschedule = "21:00"\n') as coach:
        coach.advance("22:30")
        assert coach.sent == []
    # What comes several times a day does come.
    shell.config('[plugins.stretching]\nschedule = "22:40, 22:50"\n')
    shell.set("2026-11-22 22:35")
    assert shell("status", "--json").json["next"]["due"] == "2026-11-22T22:40:00+01:00"
    assert "already done" not in shell.ok("plan", "--days", "1")


def test_what_was_put_off_into_the_next_morning_is_in_today(shell: Shell) -> None:
    with shell.coach() as coach:
        coach.advance("22:05")
        shell.ok("snooze", "600")
        coach.advance("2026-11-23 07:30")
        assert shell.ok("today").splitlines() == [
            "today 08:05  stretching.evening  snoozed",
            "today 22:00  stretching.evening  planned",
        ]
        assert shell("today", "--json").json[0]["day"] == "2026-11-22"


def test_status_says_why_something_waits(shell: Shell) -> None:
    with shell.coach() as coach:
        shell.ok("pause")
        coach.advance("22:05")
        assert "open stretching.evening, deferred (paused), today 22:00" in plain(shell.ok("status"))


# --- a config with a mistake in it -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "out"),
    [
        (["done", "stretching"], "stretching.evening: done; logged: stretch"),
        (["skip", "stretching"], "stretching.evening: skipped"),
        (["snooze", "stretching"], "stretching.evening: snoozed until today 22:10"),
        (["pause"], "paused until you say: crampcoach resume"),
        (["resume"], "nothing was paused"),
        (["log", "stretch"], "saved: Stretching, today 14:00"),
    ],
)
@pytest.mark.parametrize("text", ["[day\n", "[day]\nbed = '22:70'\nwake = '06:00'\n"])
def test_a_typo_in_the_config_keeps_nobody_from_answering(shell: Shell, words: list[str], out: str, text: str) -> None:
    path = shell.config(text)
    said = shell(*words)
    assert (said.status, said.out) == (0, f"{out}\n")
    if words[0] not in ("pause", "resume"):  # which need no settings
        lines = said.err.splitlines()
        assert lines[0].startswith(f"crampcoach: {path}:")
        what = "the defaults" if text == "[day\n" else "the rest of it"
        assert lines[1:] == [f"crampcoach: going on with {what} until that is put right"]


def test_a_typo_in_the_config_is_told_by_whoever_looks_and_the_rest_counts(shell: Shell) -> None:
    path = shell.config("[day]\nbed = '23:00'\n[notify]\nmax = 1\n")
    for words in (["today"], ["status"], ["plugins"], ["plugins", "show", "stretching"]):
        said = shell(*words)
        assert said.status == 0
        assert said.err.splitlines()[0].startswith(f"crampcoach: {path}:4: notify.max: unknown key")
    assert shell("today").out.split() == ["today", "22:30", "stretching.evening", "planned"]
    path.write_text("[day")
    assert str(path) in shell("status").out
    for words in (["plan"], ["config", "show"], ["config", "check"]):
        assert shell.fails(*words).startswith(f"{path}: this is not TOML")


# --- plugins that a running agent does not have yet, or that print ----------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        ["plugins"],
        ["plugins", "list"],
        ["plugins", "show", "tea"],
        ["plan"],
        ["status"],
        ["today"],
        ["config", "check"],
    ],
    ids=" ".join,
)
def test_whoever_shows_a_new_plugin_has_the_agent_look_too(shell: Shell, words: list[str]) -> None:
    shell.plugin("tea", TEA)
    listener = control.listen(find_home().socket_file)
    assert listener is not None
    try:
        shell.ok(*words)
        assert control.drain(listener)
    finally:
        listener.close()


NOISY = """\
import sys, threading, time
print("at import")
from crampcoach import Kind, Reminder, hookimpl
def _chatter():
    while True:
        print("chatter")
        time.sleep(0.001)
threading.Thread(target=_chatter, daemon=True).start()
@hookimpl
def kinds():
    print("in a hook")
    return [Kind(name="noise", title="Noise")]
@hookimpl
def reminders():
    sys.stdout.write("written")
    return [Reminder(name="daily", schedule="16:00", say="Noise?")]
@hookimpl
def responded():
    print("answered")
    return []
"""


def test_what_plugins_print_is_not_in_the_output(tmp_path: Path) -> None:
    folder = tmp_path / "config" / "plugins"
    folder.mkdir(parents=True, mode=0o700)
    (folder / "noisy.py").write_text(NOISY)
    (folder / "noisy.py").chmod(0o600)
    for words in (["plugins"], ["today"], ["plan"], ["status"], ["log", "noise"], ["entries"]):
        said = process(tmp_path, *words, "--json")
        assert said.returncode == 0
        json.loads(said.stdout)
        assert words == ["entries"] or "at import" in said.stderr
    said = process(tmp_path, "done", "noisy")
    assert said.stdout == "noisy.daily: done\n"
    assert "answered" in said.stderr


def test_of_two_plugins_with_one_kind_the_second_rests(shell: Shell) -> None:
    shell.plugin(
        "yoga",
        'from crampcoach import Kind, hookimpl\n@hookimpl\ndef kinds(): return [Kind(name="stretch", title="Y")]',
    )
    (row,) = [row for row in json.loads(shell("plugins", "--json").out) if row["name"] == "yoga"]
    assert row["state"] == "resting"
    assert row["reason"].startswith("its kind 'stretch' is stretching's already (bundled)")


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (
            "from crampcoach import hookimpl\n@hookimpl\nasync def kinds(): return []\n",
            "kinds() is an async function, and hooks are plain ones; write def kinds(...)",
        ),
        (
            "from crampcoach import hookimpl\n@hookimpl\nasync def reminders(ctx): yield 1\n",
            "reminders() is an async function, and hooks are plain ones; write def reminders(...)",
        ),
        (
            "from crampcoach import hookimpl\nclass Tea:\n    @hookimpl\n    def kinds(self): return []\ntea = Tea()\n",
            "it has no hook; write functions with @hookimpl at the top level of the file, not in a class",
        ),
        ("", "it has no hook; write functions with @hookimpl at the top level of the file, not in a class"),
    ],
)
def test_a_plugin_whose_hooks_would_never_be_called_is_refused(shell: Shell, source: str, reason: str) -> None:
    shell.plugin("tea", source)
    said = shell("plugins", "show", "tea")
    assert plain(said.out)[0] == f"tea is resting: {reason}"


def test_an_answer_for_a_plugin_that_cannot_answer_is_entered_later(shell: Shell) -> None:
    path = shell.plugin("tea", TEA + "\n@hookimpl\ndef responded(ctx): raise OSError('dry')\n")
    said = shell("done", "tea.daily")
    assert (said.status, said.out) == (0, "tea.daily: done\n")
    assert said.err == "crampcoach: plugin tea: responded() raised OSError: dry; it is asked again later\n"
    path.write_text(
        TEA + "\nfrom crampcoach import Entry\n@hookimpl\ndef responded(ctx): return [Entry(kind='stretch')]\n"
    )
    with shell.coach() as coach:
        coach.load("tea")
        assert [entry.kind for entry in coach.entries()] == ["stretch"]


# --- pause and resume ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "until"),
    [
        ([], "you say: crampcoach resume"),
        (["30m"], "today 14:30"),
        (["2h"], "today 16:00"),
        (["1h30m"], "today 15:30"),
        (["24h"], "tomorrow 14:00"),
    ],
)
def test_pause_and_resume(shell: Shell, words: list[str], until: str) -> None:
    assert shell.ok("pause", *words) == f"paused until {until}"
    assert f"paused until {until}" in plain(shell.ok("status"))
    assert shell.ok("resume") == "on again: reminders"
    assert shell.ok("resume") == "nothing was paused"
    assert "paused" not in shell.ok("status")


def test_a_pause_lasts_as_long_as_was_said_through_the_autumn_change(shell: Shell) -> None:
    shell.set("2026-10-25 01:30")
    assert shell.ok("pause", "3h") == "paused until today 03:30"
    assert shell("status", "--json").json["paused_until"] == "2026-10-25T03:30:00+01:00"


def test_a_pause_holds_and_a_resume_frees(shell: Shell) -> None:
    with shell.coach() as coach:
        shell.ok("pause")
        coach.advance("22:05")
        assert coach.states() == ["deferred"]
        assert shell.ok("today") == "today 22:00  stretching.evening  deferred (paused)"
        shell.ok("resume")
        coach.settle()
        assert coach.states() == ["shown"]


# --- try -------------------------------------------------------------------------------------------------------


def test_try_hears_a_press_and_stores_nothing(shell: Shell) -> None:
    shell.plugin("lamp", f"PRESS = True\n{LAMP}")
    said = shell.ok("try", "stretching")
    assert "GET MEDICAL HELP NOW" in said, "the signs come before the first stretch"
    assert said.splitlines()[-2:] == [
        "shown by lamp; waiting 30 s for a button to be pressed (Ctrl+C ends it)",
        "you pressed 'done'; in a real reminder that would now count",
    ]
    module = sys.modules["_crampcoach_file_lamp"]
    assert [message.title for message in module.Lamp.shown] == ["Time for the evening stretch"]
    assert module.Lamp.gone == ["try-stretching.evening"]
    assert shell.ok("today") == "today 22:00  stretching.evening  planned"
    assert shell.ok("entries") == "Nothing has been logged yet."


def test_try_without_a_press_ends_by_itself(shell: Shell) -> None:
    shell.plugin("lamp", f"PRESS = False\n{LAMP}")
    assert shell.ok("try", "--wait", "0.05").splitlines()[-1] == "no button was pressed"


def test_try_without_any_notifier_prints_the_text(shell: Shell) -> None:
    said = shell("try", "stretching")
    assert said.status == 1
    lines = said.out.splitlines()[-5:]
    assert lines[:2] == ["", "Time for the evening stretch"]
    assert lines[2].startswith("Seated, about 4 minutes:")
    assert lines[3] == "[ Done / Start / Snooze 10 min / Skip ]"
    assert said.err.startswith("crampcoach: no notifier could show it, so here it is as text: desktop: ")
    assert "terminal: the agent's output is not a terminal" in said.err


def test_try_of_what_has_nothing_to_say_or_fails(shell: Shell) -> None:
    shell.plugin("tea", TEA)
    assert shell.fails("try") == "name a reminder: stretching.evening, tea.daily, tea.often"
    assert shell.ok("try", "often") == "tea.often has nothing to say at this time"
    shell.plugin("tea", TEA.replace("lambda ctx, occurrence: None", "lambda ctx, occurrence: 1 / 0"))
    assert shell.fails("try", "often") == "plugin tea: composing it raised ZeroDivisionError: division by zero"
    assert shell.fails("--no-plugins", "try") == "name a reminder: but there is none"


# --- plugins ---------------------------------------------------------------------------------------------------


def test_plugins_lists_all_with_their_state(shell: Shell) -> None:
    tea, bad = shell.plugin("tea", TEA), shell.plugin("bad", "raise OSError('dry')")
    shell.plugin("near", "def reminder(): ...")
    shell.config("[plugins.terminal]\nenabled = false\n")
    expected = [
        "bad resting loading it raised OSError: dry",
        "desktop on bundled",
        "near resting reminder() is no hook; did you mean 'reminders'? (a helper's name starts with '_')",
        "plyer on bundled",
        "stretching on bundled",
        f"tea on {tea}",
        "terminal off bundled",
    ]
    assert plain(shell("plugins").out) == expected
    assert plain(shell("plugins", "list").out) == expected
    rows = shell("plugins", "list", "--json").json
    assert shell("plugins", "--json").json == rows
    assert {tuple(row) for row in rows} == {
        ("name", "state", "reason", "remedy", "origin", "version", "reminders"),
    }
    assert rows[0]["remedy"] == f"mend {bad}, or switch it off: crampcoach plugins disable bad"
    assert rows[5]["reminders"] == ["tea.daily", "tea.often"]


def test_plugins_show(shell: Shell) -> None:
    path = shell.plugin("coffee", COFFEE)
    assert plain(shell.ok("plugins", "show", "coffee")) == [
        "coffee is on",
        "about Counts coffee.",
        f"from {path}",
        "hooks kinds, reminders",
        "kinds coffee",
        "reminder coffee.daily: 15:00; next today 15:00",
    ]
    lines = plain(shell.ok("plugins", "show", "stretching"))
    snooze = "option snooze = 10 # Minutes that the Snooze button puts it off, 1 to 240 (a whole number); the default"
    assert snooze in lines
    assert "reminder stretching.evening: 30m before bed; next today 22:00" in lines
    facts = shell("plugins", "show", "stretching", "--json").json
    assert facts["options"]["snooze"] == 10
    assert facts["next"] == {"stretching.evening": "2026-11-22T22:00:00+01:00"}
    assert facts["hooks"] == ["commands", "kinds", "options", "reminders", "responded"]
    assert facts["failures"] == []
    assert shell.fails("plugins", "show", "strech") == "there is no plugin 'strech'; did you mean 'stretching'?"


def test_a_broken_plugin_is_shown_with_its_traceback(shell: Shell) -> None:
    path = shell.plugin("bad", "x = 1\nraise OSError('dry')\n")
    said = shell("plugins", "show", "bad")
    assert said.status == 0
    assert plain(said.out)[0] == "bad is resting: loading it raised OSError: dry"
    assert f'File "{path}", line 2, in <module>' in said.out
    (failure,) = shell("plugins", "show", "bad", "--json").json["failures"]
    assert (failure["at"], failure["reason"]) == ("2026-11-22T14:00:00+01:00", "loading it raised OSError: dry")
    assert failure["traceback"].endswith("OSError: dry\n")


def test_what_the_agent_saw_fail_is_shown_afterwards(shell: Shell) -> None:
    shell.plugin("tea", TEA.replace("lambda ctx, occurrence: None", "lambda ctx, occurrence: 1 / 0"))
    with shell.coach() as coach:
        coach.load("tea", strict=False)
        coach.advance("15:00")
        said = shell.ok("plugins", "show", "tea")
        failure = "composing tea.often raised ZeroDivisionError: division by zero"
        assert plain(said)[0] == f"tea is on: last failure today 15:00: {failure}"
        assert f"failed today 15:00: {failure}" in plain(said)
        assert "ZeroDivisionError" in said.splitlines()[-1]
        coach.advance("17:00")
        assert shell("plugins", "--json").json[3]["state"] == "resting"


def test_plugins_from_the_command_line_and_the_environment(shell: Shell) -> None:
    def states(*words: str) -> dict[str, str]:
        said = shell(*words, "plugins", "list", "--json")
        return {row["name"]: row["state"] for row in json.loads(said.out)}

    shell.plugin("bad", "raise OSError('dry')")
    assert set(states("--no-plugins").values()) == {"off"}
    shell.monkeypatch.setenv("CRAMPCOACH_PLUGINS", "stretching, terminal")
    assert states() == {"bad": "off", "desktop": "off", "plyer": "off", "stretching": "on", "terminal": "on"}
    assert set(states("--no-plugins").values()) == {"off"}
    shell.monkeypatch.setenv("CRAMPCOACH_PLUGINS", "")
    assert set(states().values()) == {"off"}
    shell.monkeypatch.setenv("CRAMPCOACH_PLUGINS", "strech")
    said = shell("plan")
    assert (said.status, said.out) == (0, "Nothing is planned.\n")
    assert said.err == "crampcoach: CRAMPCOACH_PLUGINS: there is no plugin 'strech'; did you mean 'stretching'?\n"


# --- config ----------------------------------------------------------------------------------------------------


def test_config_path(shell: Shell) -> None:
    assert shell.ok("config", "path") == f"{shell.folder}/config/config.toml"


def test_config_check_of_what_is_right(shell: Shell) -> None:
    path = shell.folder / "config" / "config.toml"
    assert shell.ok("config", "check") == f"{path} does not exist: the defaults are in force."
    shell.config("[day]\nbed = '23:00'\n[plugins.stretching]\nsnooze = 5\n")
    assert shell.ok("config", "check") == f"{path} is right."


def test_config_check_names_everything_at_once(shell: Shell) -> None:
    shell.plugin("bad", "raise OSError('dry')")
    path = shell.config(
        "[day]\n"
        "bed = '25:00'\n"
        "[notify]\n"
        "max_per_dya = 3\n"
        "[plugins.stretching]\n"
        "snooze = 'x'\n"
        "snoze = 5\n"
        "[plugins.terminal]\n"
        "always = 1\n"
        "[plugins.strech]\n"
        "[plugin]\n"
    )
    lines = shell.fails("config", "check").splitlines()
    assert lines == [
        f"{path}:2: day.bed: '25:00' is no time of day; write it as 21:30, from 00:00 to 23:59",
        f"{path}:4: notify.max_per_dya: unknown key; did you mean 'max_per_day'?",
        f"{path}:6: plugins.stretching.snooze: 'x' is not accepted: it must be a whole number, not a text",
        f"{path}:7: plugins.stretching.snoze: unknown key; did you mean 'snooze'?",
        f"{path}:9: plugins.terminal.always: 1 is not accepted: it must be true or false, not a whole number",
        f"{path}:10: plugins.strech: unknown plugin; did you mean 'stretching'?",
        f"{path}:11: plugin: unknown table; did you mean 'plugins'?",
        "plugin bad: loading it raised OSError: dry",
    ]


def test_config_check_of_schedules_and_notifiers(shell: Shell) -> None:
    shell.plugin("tea", TEA)
    shell.plugin("lamp", f"PRESS = False\n{LAMP}".replace('"lamp"', '"light"'))
    path = shell.config(
        "[notify]\n"
        "order = ['desktop', 'termnal', 'growl', 'light', 'stretching']\n"
        "max_per_day = -3\n"
        "[plugins.stretching]\n"
        "schedule = '30m befor bed'\n"
        "snooze = 'x'\n"
        "[plugins.tea]\n"
        "schedule.daily = 'mon 25:00'\n"
        "schedule.often = 'sometimes'\n"
        "[plugins.terminal]\n"
        "enabled = false\n"
        "schedule = 'never looked at'\n"
    )
    lines = shell.fails("config", "check").splitlines()
    for start in (
        f"{path}:2: notify.order: unknown notifier 'termnal'; did you mean 'terminal'?",
        f"{path}:2: notify.order: unknown notifier 'growl'; there are ",
        f"{path}:3: notify.max_per_day: -3 is not accepted",
        f"{path}:5: plugins.stretching.schedule: schedule '30m befor bed': ",
        f"{path}:6: plugins.stretching.snooze: 'x' is not accepted",
        f"{path}:8: plugins.tea.schedule.daily: schedule 'mon 25:00': '25:00' is no time of day",
        f"{path}:9: plugins.tea.schedule.often: schedule 'sometimes': ",
    ):
        assert [line for line in lines if line.startswith(start)], (start, lines)
    assert len(lines) == 7
    path.write_text("[notify]\norder = ['light', 'desktop', 'terminal']\n[plugins.tea]\nschedule.daily = 'mon 15:00'\n")
    assert shell.ok("config", "check") == f"{path} is right."


def test_config_check_of_a_file_with_a_byte_order_mark(shell: Shell) -> None:
    path = shell.config("")
    path.write_bytes(b"\xef\xbb\xbf[plugins.strech]\n")
    sentence = f"{path}:1: plugins.strech: unknown plugin; did you mean 'stretching'?"
    assert shell.fails("config", "check") == sentence


def test_config_check_of_what_is_no_toml(shell: Shell) -> None:
    path = shell.config("[day\n")
    assert shell.fails("config", "check").startswith(f"{path}: this is not TOML: ")


def test_config_show_can_be_read_back(shell: Shell) -> None:
    path = shell.config(
        '[day]\nbed = "23:15"\nsat.bed = "00:30"\n[quiet]\nenabled = false\n[notify]\norder = ["terminal"]\n'
        '[plugins.stretching]\nsnooze = 5\nschedule = "20:00"\n[plugins.terminal]\nenabled = false\nalways = true\n'
    )
    shown = shell.ok("config", "show")
    before = read_config(path)
    path.write_text(shown)
    after = read_config(path)
    assert as_tables(after) == as_tables(before)
    assert shell.ok("config", "show") == shown
    plugins = tomllib.loads(shown)["plugins"]
    assert plugins["stretching"].items() >= {"enabled": True, "schedule": "20:00", "snooze": 5}.items()
    assert plugins["terminal"] == {"enabled": False, "always": True}


SECRETS = '''\
"""Has secrets."""
from dataclasses import dataclass, field
from crampcoach import hookimpl

@dataclass(frozen=True)
class Options:
    api_token: str = "hush-1"
    token_file: str = "/run/token"
    passwords: tuple[str, ...] = ("hush-2", "hush-3")
    servers: dict[str, dict[str, str]] = field(default_factory=lambda: {"home": {"secret": "hush-4", "user": "me"}})
    limit: int | None = None

@hookimpl
def options():
    return Options
'''


def test_secrets_are_masked(shell: Shell) -> None:
    shell.plugin("vault", SECRETS)
    shown = tomllib.loads(shell.ok("config", "show"))["plugins"]["vault"]
    assert shown == {
        "enabled": True,
        "api_token": "***",
        "token_file": "/run/token",
        "passwords": ["***", "***"],
        "servers": {"home": {"secret": "***", "user": "me"}},
    }
    shell.plugin("broken", "raise OSError('dry')")
    shell.config("[plugins.broken]\ntoken = 'hush-5'\n[plugins.vault]\nenabled = false\napi_token = 'hush-6'\n")
    for words in (["config", "show"], ["plugins", "show", "vault"], ["plugins", "show", "vault", "--json"]):
        assert "hush" not in shell(*words).out, words


# --- log and entries -------------------------------------------------------------------------------------------


def without_ids(listing: str) -> str:
    return re.sub(r"(?m)^[0-9a-f]{4,12}  ", "", listing)


def listed(shell: Shell, *words: str) -> str:
    """What `entries` prints, but for the ids before each line."""
    return without_ids(shell.ok("entries", *words))


def test_log_has_an_option_for_each_field(shell: Shell) -> None:
    shell.plugin("coffee", COFFEE)
    lines = plain(shell.ok("log", "coffee", "-h"))
    for line in (
        "--cups INTEGER How many (a whole number at least 1 and at most 9)",
        "--size [small|large] How large",
        "--strength [1|2|3]",
        "--with [milk|sugar]",
        "--price FLOAT (a number)",
        "--decaf / --no-decaf Without caffeine",
    ):
        assert [one for one in lines if one.startswith(line)], (line, lines)
    (entry,) = [
        shell(
            "log", "coffee", "--cups", "2", "--size", "large", "--strength", "3", "--with", "milk", "--with", "sugar",
            "--price", "2.5", "--no-decaf", "--json",
        ).json
    ]  # fmt: skip
    assert entry["fields"] == {
        "cups": 2,
        "size": "large",
        "strength": 3,
        "with_": ["milk", "sugar"],
        "price": 2.5,
        "decaf": False,
    }
    assert set(entry) == {"id", "kind", "at", "zone", "night", "fields", "note"}
    assert shell("entries", "--json").json == [entry]
    assert (
        listed(shell) == "today 14:00  coffee  cups 2, not decaf, price 2.5, size large, strength 3, with milk, sugar"
    )


@pytest.mark.parametrize(
    ("words", "sentence", "status"),
    [
        ([], "Missing option '--cups'.", 2),
        (["--cups", "two"], "Invalid value for '--cups': 'two' is not a valid integer.", 2),
        (["--cups", "2", "--size", "huge"], "Invalid value for '--size': 'huge' is not one of 'small', 'large'.", 2),
        (["--cups", "2", "--strength", "4"], "Invalid value for '--strength': '4' is not one of '1', '2', '3'.", 2),
        (
            ["--cups", "12"],
            "--cups: 12 is not accepted: it must be a whole number at least 1 and at most 9",
            2,
        ),
        (["--cups", "2", "--note", "a\0b"], "the coffee entry holds a NUL character; remove it and save again", 1),
    ],
)
def test_a_wrong_value_is_one_sentence(shell: Shell, words: list[str], sentence: str, status: int) -> None:
    shell.plugin("coffee", COFFEE)
    assert shell.fails("log", "coffee", *words, status=status) == sentence
    assert shell("entries", "--json").json == []


@pytest.mark.parametrize(
    ("now", "at", "meant"),
    [
        ("2026-11-22 14:00", "03:10", "2026-11-22T03:10:00+01:00"),
        ("2026-11-22 14:00", "3:10", "2026-11-22T03:10:00+01:00"),
        ("2026-11-22 14:00", "14:00", "2026-11-22T14:00:00+01:00"),
        ("2026-11-22 14:00", "23:10", "2026-11-21T23:10:00+01:00"),
        ("2026-11-22 00:30", "23:10", "2026-11-21T23:10:00+01:00"),
        ("2026-11-22 14:00", "today 03:10", "2026-11-22T03:10:00+01:00"),
        ("2026-11-22 14:00", "yesterday 03:10", "2026-11-21T03:10:00+01:00"),
        ("2026-11-22 14:00", "Yesterday  23:00", "2026-11-21T23:00:00+01:00"),
        ("2026-11-22 14:00", "2026-07-01 03:10", "2026-07-01T03:10:00+02:00"),
        ("2026-11-22 14:00", "2026-11-21T03:10", "2026-11-21T03:10:00+01:00"),
        ("2026-11-22 14:00", "2026-11-21T03:10Z", "2026-11-21T04:10:00+01:00"),
        ("2026-11-22 14:00", "2026-11-20T22:10-05:00", "2026-11-21T04:10:00+01:00"),
        # In the gap as far after it; with an offset exactly as said.
        ("2026-10-25 08:00", "2026-10-25T02:30+01:00", "2026-10-25T02:30:00+01:00"),
        ("2026-03-29 08:00", "02:30", "2026-03-29T03:30:00+02:00"),
        ("2026-03-30 01:00", "02:30", "2026-03-29T03:30:00+02:00"),
    ],
)
def test_when_it_happened(shell: Shell, now: str, at: str, meant: str) -> None:
    shell.set(now)
    entry = shell("log", "stretch", "--at", at, "--json").json
    assert (entry["at"], entry["zone"]) == (meant, "Europe/Berlin")
    noon = datetime.fromisoformat(meant) - timedelta(hours=12)
    assert entry["night"] == noon.date().isoformat()
    assert shell("entries", "--json").json == [entry]


@pytest.mark.parametrize(
    "at", ["", "25:00", "3", "soon", "2026-11-21", "2026-02-30 03:10", "yesterday", "yesterday 3", "0001-01-01 00:00"]
)
def test_no_time(shell: Shell, at: str) -> None:
    forms = '03:10, "yesterday 23:00", "2026-11-21 03:10" or 2026-11-21T03:10+01:00'
    assert shell.fails("log", "stretch", "--at", at, status=2) == f"--at {at!r}: write {forms}"


@pytest.mark.parametrize("at", ["2026-11-22 14:02", "today 23:00", "2027-01-01T00:00", "2026-11-22T14:00-01:00"])
def test_the_future_cannot_be_logged(shell: Shell, at: str) -> None:
    sentence = f"--at {at!r} is in the future; only what has happened is logged"
    assert shell.fails("log", "stretch", "--at", at, status=2) == sentence
    assert shell("entries", "--json").json == []


def test_a_note_in_words_and_by_stdin(shell: Shell) -> None:
    assert shell.ok("log", "stretch", "--minutes", "3", "--note", "good") == "saved: Stretching, today 14:00"
    assert listed(shell) == "today 14:00  stretch  minutes 3; good"
    long = "Zeile äöü 💧\n" * 20_000
    shell.ok("log", "stretch", "--note", "-", "--at", "13:00", stdin=long)
    assert shell("entries", "--json").json[1]["note"] == long.rstrip("\n")
    shell.ok("log", "stretch", "--note", "-", "--at", "12:00", stdin="")
    assert shell("entries", "--json").json[2]["note"] == ""


def test_a_note_that_is_no_text_is_refused(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "crampcoach", "log", "stretch", "--note", "-"]
    environ = {**os.environ, "CRAMPCOACH_HOME": str(tmp_path), "PYTHONIOENCODING": "utf-8:strict"}
    said = subprocess.run(command, env=environ, input=b"\xff\xfe", capture_output=True, timeout=30, check=False)
    assert said.returncode == 1
    assert said.stderr.decode() == (
        "crampcoach: what came by stdin is no text in this system's encoding; nothing was saved\n"
    )


def test_entries_newest_first_of_a_kind_and_so_many(shell: Shell) -> None:
    assert shell.ok("entries") == "Nothing has been logged yet."
    assert shell("entries", "--json").json == []
    shell.plugin("coffee", COFFEE)
    for at in ("11:00", "2025-12-24 13:00", "yesterday 12:00"):
        shell.ok("log", "stretch", "--at", at)
    shell.ok("log", "coffee", "--cups", "1", "--at", "2026-11-19 08:00")
    assert listed(shell).splitlines() == [
        "today 11:00            stretch",
        "yesterday 12:00        stretch",
        "Thu 19 Nov 08:00       coffee   cups 1",
        "Wed 24 Dec 2025 13:00  stretch",
    ]
    assert listed(shell, "--kind", "coffee") == "Thu 19 Nov 08:00  coffee  cups 1"
    assert shell.ok("entries", "--kind", "cramp") == "Nothing of kind 'cramp' has been logged."
    said = shell("entries", "--limit", "2")
    assert (len(said.out.splitlines()), said.err) == (2, "(older ones with --limit 10)\n")
    assert [row["kind"] for row in shell("entries", "--limit", "3", "--json").json] == ["stretch"] * 2 + ["coffee"]
    assert shell("entries", "--limit", "4").err == ""


def test_entries_stay_readable_without_the_plugin(shell: Shell) -> None:
    shell.plugin("coffee", COFFEE)
    shell.ok("log", "coffee", "--cups", "1")
    assert without_ids(shell.ok("--no-plugins", "entries")) == "today 14:00  coffee  cups 1"
    assert (
        shell.fails("--no-plugins", "log", "coffee", status=2)
        == "there is no kind 'coffee'; there are examined, profile, symptoms"
    )


# --- privacy and form ------------------------------------------------------------------------------------------


def test_what_a_person_wrote_is_seen_only_in_entries(shell: Shell) -> None:
    shell.ok("log", "stretch", "--note", "hush-hush")
    with shell.coach() as coach:
        coach.advance("22:05")
        listings = [["status"], ["today"], ["plan"], ["plugins", "list"], ["plugins", "show", "stretching"]]
        for words in listings:
            for json_flag in ([], ["--json"]):
                assert "hush" not in shell.ok(*words, *json_flag)
        assert not any("hush" in line for line in coach.said)
    assert "hush-hush" in shell.ok("entries")


@pytest.mark.parametrize("words", [["today"], ["plan"], ["plugins", "list"], ["entries"]], ids=" ".join)
def test_every_listing_is_a_list_of_objects(shell: Shell, words: list[str]) -> None:
    shell.ok("log", "stretch")
    rows = shell(*words, "--json").json
    assert rows
    assert all(isinstance(row, dict) for row in rows)
    documented = re.search(r"JSON: ([^.]*)\.", " ".join(shell.ok(*words, "-h").split()))
    assert documented
    assert set(re.sub(r" \([^)]*\)", "", documented[1]).split(", ")) == set(rows[0])


def test_status_has_the_documented_keys(shell: Shell) -> None:
    text = " ".join(shell.ok("status", "-h").split())
    for key in shell("status", "--json").json:
        assert re.search(rf"\b{key}\b", text), key


@pytest.mark.parametrize(
    "words",
    [["status"], ["today"], ["plan"], ["plugins"], ["plugins", "show", "stretching"], ["entries"], ["try", "coffee"]],
    ids=" ".join,
)
def test_a_terminal_of_60_columns_is_wide_enough(shell: Shell, words: list[str]) -> None:
    shell.plugin("coffee", COFFEE)
    shell.plugin("near", "def reminder(): ...")
    shell.ok("--no-plugins", "resume")
    said = shell("log", "coffee", "--cups", "2", "--note", "word " * 30)
    assert said.status == 0
    shell.monkeypatch.setattr("crampcoach.cli.printing._columns", lambda _out: 60)
    shell.monkeypatch.setenv("COLUMNS", "60")
    folder = str(shell.folder)
    for line in shell(*words).out.splitlines():
        assert len(line) <= 60 or folder in line, line
    whole = " ".join(shell("entries").out.split())
    assert whole.count("word") == 30


def test_the_home_is_the_persons_alone(tmp_path: Path) -> None:
    folder = tmp_path / "home"
    for words in (["log", "stretch"], ["pause", "1h"], ["done", "stretching"], ["status"]):
        assert process(folder, *words).returncode == 0
    os.umask(old := os.umask(0))
    assert old & 0o077 != 0o077, "the test must not owe its success to the umask"
    home = find_home({"CRAMPCOACH_HOME": str(folder)})
    assert home.log_db.exists()
    for path in (folder, *folder.rglob("*")):
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600), path


def test_ctrl_c_while_a_lock_is_being_left_is_ctrl_c(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Python then says that the lock was released already."""

    def interrupted(**_given: object) -> None:
        try:
            raise KeyboardInterrupt
        finally:
            raise RuntimeError("release unlocked lock")

    monkeypatch.setattr("crampcoach.cli.cli.main", interrupted)
    with pytest.raises(SystemExit) as end:
        main(["status"])
    assert (end.value.code, capsys.readouterr().err) == (130, "crampcoach: stopped\n")
