"""What a format knows beside the entries: which reminders will come, and which signs an entry tells of."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from coaching import coach_of
from commands import Commands
from crampcoach import Asked, Entry
from crampcoach.cli.coming import to_come
from crampcoach.store import entries
from crampcoach.testing import Coach

pytestmark = pytest.mark.pure

PLUGIN = '''\
"""Writes what it knows."""
from datetime import timedelta
from crampcoach import Exporter, Reminder, hookimpl

def _ahead(entries, stream, ctx):
    for one in ctx.coming(ctx.now + timedelta(days=2)):
        stream.write(f"{one.due.isoformat()} {one.reminder}\\n".encode())

def _signs(entries, stream, ctx):
    for entry in entries:
        for one in ctx.red_flags(entry):
            stream.write(f"{entry.at:%d} {one.level} {one.id} {one.text}\\n".encode())

def _asked(entries, stream, ctx):
    asked = ctx.asked
    stream.write(f"{asked.kinds} {asked.since} {asked.until} {asked.with_text}\\n".encode())
    for entry in entries:
        stream.write(f"{entry.kind} {entry.note!r} {entry.left_out}\\n".encode())

@hookimpl
def reminders():
    return [Reminder(name="night", schedule="02:30", say="Night"), Reminder(name="day", schedule="12:00", say="Day"),
            Reminder(name="off", schedule="13:00", say="Off", active=False),
            Reminder(name="legs", schedule="14:00", say="Stretch", tags=["stretch"])]

@hookimpl
def exporters():
    given = {"title": "What it knows", "suffix": ".txt", "media_type": "text/plain"}
    return [Exporter(name="ahead", write=_ahead, **given), Exporter(name="signs", write=_signs, **given),
            Exporter(name="asked", write=_asked, **given)]
'''


def made(tmp_path: Path, now: str, zone: str = "Europe/Berlin") -> Coach:
    return coach_of(tmp_path, "cramps", sources={"knows": PLUGIN}, now=now, zone=zone)


@pytest.mark.parametrize(
    ("now", "times"),
    [
        # 02:30 is skipped by the spring change, and moves on.
        ("2026-03-28 12:00", ["29T03:30:00+02:00", "29T12:00:00+02:00", "30T02:30:00+02:00", "30T12:00:00+02:00"]),
        # 02:30 comes twice, and counts once.
        ("2026-10-24 12:00", ["25T02:30:00+02:00", "25T12:00:00+01:00", "26T02:30:00+01:00", "26T12:00:00+01:00"]),
    ],
)
def test_a_format_knows_what_is_to_come(tmp_path: Path, now: str, times: list[str]) -> None:
    with made(tmp_path, now) as coach:
        said = [
            line
            for line in Commands(coach).ok("export", "ahead").splitlines()
            if " knows." in line and "legs" not in line
        ]
    assert [line.partition("-")[2].partition("-")[2].split()[0] for line in said] == times
    assert {line.split()[1] for line in said} == {"knows.night", "knows.day"}, "nothing that is off"


def test_what_has_to_wait_is_not_to_come(tmp_path: Path) -> None:
    with made(tmp_path, "2026-11-22 12:00") as coach:
        assert "14:00:00+01:00 knows.legs" in Commands(coach).ok("export", "ahead")
        coach.run("log", "cramp", "--swelling", "yes")
        said = Commands(coach).ok("export", "ahead")
        assert "knows.legs" not in said
        assert "knows.day" in said
        coach.run("log", "examined")
        assert "knows.legs" in Commands(coach).ok("export", "ahead")


def test_in_another_zone_it_is_another_time(tmp_path: Path) -> None:
    with made(tmp_path, "2026-11-22 11:00", "Asia/Tokyo") as coach:
        assert "2026-11-22T12:00:00+09:00 knows.day" in Commands(coach).ok("export", "ahead").splitlines()


def test_until_a_time_without_a_zone_nobody_can_say_it(tmp_path: Path) -> None:
    with made(tmp_path, "2026-11-22 11:00") as coach, pytest.raises(ValueError, match="until has no time zone"):
        to_come((), coach.clock.now(), datetime(2026, 11, 23))


def test_only_a_format_knows_it(coach: Coach) -> None:
    ctx = coach.agent.roster.maker().make("knows", None, coach.agent.roster.now())
    with pytest.raises(RuntimeError, match="which reminders will come"):
        ctx.coming(ctx.now + timedelta(days=1))


def test_a_format_is_told_which_signs_an_entry_tells_of(tmp_path: Path) -> None:
    with made(tmp_path, "2026-11-22 12:00") as coach:
        at = datetime.fromisoformat("2026-11-20T03:00+01:00")
        swollen = Entry(kind="cramp", at=at, zone="Europe/Berlin", fields={"swelling": "yes"})
        words = Entry(kind="cramp", at=at + timedelta(days=1), zone="Europe/Berlin", note="I have crushing chest pain")
        entries.append(coach.agent.store.log, [swollen, words], coach.clock.now())
        commands = Commands(coach)
        said = [line.split()[:3] for line in commands("export", "signs").out.splitlines()]
        assert said == [["20", "same-day", "RF-DVT"]]  # words are not there unless they are asked for
        assert "21 now " in commands.ok("export", "signs", "--with-text")
        assert "112" in commands.ok("export", "signs", "--with-text")


def test_a_format_knows_what_was_asked_for_and_which_entries_had_words(tmp_path: Path) -> None:
    with made(tmp_path, "2026-11-22 12:00") as coach:
        at = datetime.fromisoformat("2026-11-20T03:00+01:00")
        given = [
            Entry(kind="cramp", at=at, zone="Europe/Berlin", note="words"),
            Entry(kind="night", at=at, zone="Europe/Berlin"),
        ]
        entries.append(coach.agent.store.log, given, coach.clock.now())
        commands = Commands(coach)
        assert commands("export", "asked").out.splitlines() == [
            "() None None False",
            "cramp '' True",
            "night '' False",
        ]
        said = commands.ok(
            "export", "asked", "--with-text", "--kind", "cramp", "--since", "2026-11-19", "--until", "today"
        )
        assert said.splitlines() == [
            "('cramp',) 2026-11-18 23:00:00+00:00 2026-11-22 23:00:00+00:00 True",
            "cramp 'words' False",
        ]


def test_anywhere_else_nothing_was_asked_for(coach: Coach) -> None:
    assert coach.agent.roster.maker().make("knows", None, coach.agent.roster.now()).asked == Asked()
