"""Finding, showing, changing and deleting entries: by options, in the editor, and back; any text comes back equal."""

from __future__ import annotations

import io
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import make_dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coaching import coach_of
from commands import Commands
from crampcoach import Kind
from crampcoach.cli import main
from crampcoach.cli.form import BELOW
from crampcoach.cli.handed import Handed
from crampcoach.testing import Coach

pytestmark = pytest.mark.real

Editor = Callable[[str], None]
DOCTOR = "GET THIS LOOKED AT TODAY"


@pytest.fixture
def coach(tmp_path: Path) -> Iterator[Coach]:
    with coach_of(tmp_path, "cramps", now="2026-11-22 14:00") as coach:
        yield coach


class Terminal(io.BytesIO):
    """What a terminal is sent."""

    def isatty(self) -> bool:
        return True


def log(commands: Commands, *words: str) -> str:
    """Save a cramp; its id as `entries` shows it."""
    number = commands("log", "cramp", "--at", "03:10", *words, "--json").json["id"]
    return str(commands("show", number, "--json").json["short"])


def fields(commands: Commands, number: str) -> dict[str, Any]:
    shown: dict[str, Any] = commands("show", number, "--json").json
    return {"note": shown["note"], **shown["fields"]}


# --- finding ---------------------------------------------------------------------------------------------------


def test_every_entry_has_a_short_id_which_every_command_takes(commands: Commands) -> None:
    number = log(commands, "--side", "left", "--note", "tight")
    assert re.fullmatch("[0-9a-f]{4}", number)
    assert commands.ok("entries") == f"{number}  today 03:10  cramp  side left; tight"
    whole = commands("entries", "--json").json[0]["id"]
    for name in (number, number.upper(), whole):
        assert commands("show", name, "--json").json["id"] == whole
    assert commands.ok("show", number).splitlines() == [
        "cramp",
        f"  id     {number}",
        "  when   Sun 22 Nov 2026 03:10 (Europe/Berlin)",
        "  night  Sat 21 Nov 2026",
        "  side   left",
        "",
        "tight",
        "",
        "saved today 14:00",
    ]


def test_every_filter_and_all_of_them_together(commands: Commands) -> None:
    for at, words in (
        ("2026-11-20 23:00", ["cramp", "--note", "calf one"]),
        ("2026-11-21 03:10", ["cramp", "--note", "calf two"]),
        ("2026-11-21 09:00", ["day", "--activity", "a long walk", "--note", "calf"]),
        ("2026-11-21 13:00", ["cramp", "--note", "foot"]),
        ("2026-11-22 03:10", ["cramp", "--note", "calf three"]),
    ):
        commands.ok("log", *words, "--at", at)

    def found(*words: str) -> list[str]:
        return [f"{row['kind']} {row['note']}" for row in commands("entries", *words, "--json").json]

    everything = ["cramp calf three", "cramp foot", "day calf", "cramp calf two", "cramp calf one"]
    assert found() == everything
    assert found("--kind", "day") == found("--search", "walk") == ["day calf"]
    assert found("--since", "2026-11-21") == found("--since", "yesterday") == everything[:4]
    assert found("--since", "2026-11-21 09:00") == everything[:3]
    assert found("--since", "1d") == everything[:1]
    assert found("--until", "yesterday") == everything[1:]
    assert found("--until", "2026-11-21 03:10") == everything[4:]
    assert found("--since", "yesterday", "--until", "yesterday") == everything[1:4]
    assert found("--night", "2026-11-20") == everything[2:]
    assert found("--night", "last") == ["cramp calf three", "cramp foot"]
    assert found("--search", "calf") == ["cramp calf three", "day calf", "cramp calf two", "cramp calf one"]
    assert found("--search", "calf NOT two", "--kind", "cramp", "--night", "2026-11-20") == ["cramp calf one"]
    assert commands.ok("entries", "--search", "wombat") == "Nothing that was logged fits that."
    assert found("--search", "wombat") == []


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            ["--since", "soon"],
            "--since 'soon': write 2026-11-21, today, yesterday, or 14d for the last 14 days, or a time",
        ),
        (["--until", ""], "--until '': write 2026-11-21, "),
        (["--night", "03:10"], "--night '03:10': write the date of its evening, such as 2026-11-21, or last, "),
        (["--search", " "], "--search ' ': write what to look for"),
        (["--search", "a\udc80"], "--search 'a\\udc80': it holds half a character (a lone surrogate); paste the text"),
        (["--search", "a\0"], "--search 'a\\x00': it holds a NUL character, which no entry has"),
    ],
)
def test_a_filter_that_is_none(commands: Commands, words: list[str], sentence: str) -> None:
    assert commands.fails("entries", *words, status=2).startswith(sentence)


def test_what_is_searched_for_need_not_stand_in_a_process_title(commands: Commands) -> None:
    log(commands, "--note", "hush")
    log(commands)
    assert [row["note"] for row in commands("entries", "--search", "-", "--json", stdin="hush\n").json] == ["hush"]


# --- changing by options ---------------------------------------------------------------------------------------


def test_options_change_what_they_name_and_keep_the_rest(commands: Commands) -> None:
    number = log(commands, "--side", "left", "--severity", "7", "--note", "tight")
    assert commands.ok("edit", number, "--severity", "8", "--muscle", "calf") == (
        "changed: severity 7 -> 8; muscle none -> calf"
    )
    assert (
        commands.ok("edit", number, "--clear", "side", "--clear", "note")
        == "changed: side left -> none; note: tight -> none"
    )
    assert fields(commands, number) == {"note": "", "severity": 8, "muscle": "calf"}
    assert commands.ok("edit", number, "--at", "03:40") == "changed: today 03:10 -> today 03:40"
    assert commands.ok("edit", number, "--at", "03:40") == "nothing was changed"
    shown = commands("show", number, "--json").json
    assert (shown["at"], shown["night"]) == ("2026-11-22T03:40:00+01:00", "2026-11-21")
    assert [one["what"] for one in shown["history"]] == ["add", "edit", "edit", "edit"]
    assert shown["history"][0]["entry"]["fields"] == {"side": "left", "severity": 7}
    assert commands.ok("show", number, "--history").splitlines()[-4:] == [
        "today 14:00  saved  severity 7, side left; tight",
        "today 14:00  changed  severity 7 -> 8; muscle none -> calf",
        "today 14:00  changed  side left -> none; note: tight -> none",
        "today 14:00  changed  today 03:10 -> today 03:40",
    ]


@pytest.mark.parametrize(
    ("words", "status", "sentence"),
    [
        (["--severity", "11"], 1, "--severity: 11 is not accepted; accepted is a whole number from 0 to 10"),
        (["--side", "up"], 2, "Invalid value for '--side': 'up' is not one of 'left', 'right', 'both'."),
        (["--sides", "left"], 2, "No such option '--sides'"),
        (["--clear", "muscle"], 2, "--clear muscle: this entry has severity, side, note"),
        (["--at", "23:00", "--severity", "8"], 0, ""),
        (["--at", "2026-11-22 15:00"], 2, "--at '2026-11-22 15:00' is in the future; only what has happened is logged"),
        (
            ["--note", "half \udc80"],
            1,
            "the cramp entry holds half a character (a lone surrogate); paste the text again",
        ),
        (["--note", "a\0"], 1, "the cramp entry holds a NUL character; remove it and save again"),
    ],
)
def test_what_cannot_be_is_refused_and_everything_stays(
    commands: Commands, words: list[str], status: int, sentence: str
) -> None:
    number = log(commands, "--side", "left", "--severity", "7")
    before = commands("entries", "--json").json
    if status == 0:
        commands.ok("edit", number, *words)
        (after,) = commands("entries", "--json").json
        assert (after["at"], after["fields"]["severity"]) == ("2026-11-21T23:00:00+01:00", 8)
        return
    assert commands.fails("edit", number, *words, status=status).startswith(sentence)
    assert commands("entries", "--json").json == before


def test_a_time_that_was_only_a_part_of_the_night(commands: Commands) -> None:
    number = log(commands)
    (row,) = [row for row in commands("entries", "--json").json if row["fields"] == {}]
    commands.ok("edit", number, "--at", "late")
    assert fields(commands, number) == {"note": "", "part": "late"}
    assert commands.ok("entries") == f"{number}  today ~05:35  cramp  part late"
    commands.ok("edit", number, "--part", "early")
    assert commands("entries", "--json").json[0]["at"] == "2026-11-21T23:55:00+01:00"
    commands.ok("edit", number, "--at", "03:10")
    assert commands("entries", "--json").json == [row]


def test_an_edit_that_raises_something_says_so_first(coach: Coach, commands: Commands) -> None:
    number = log(commands)
    lines = commands.ok("edit", number, "--swelling", "yes").splitlines()
    assert lines[1] == DOCTOR
    assert lines[-1] == "changed: swelling none -> yes"
    assert len(coach.advice) == 1  # no terminal has shown it, so it comes by message too
    # Undone, it stays raised; done again, it is said again.
    held = "Until a doctor or nurse has looked at this leg, crampcoach holds back stretching, massage and heat."
    assert commands.ok("undo").splitlines() == ["changed back: cramp: swelling yes -> none"]
    assert commands.ok("redo").splitlines()[1] == DOCTOR
    assert commands.ok("delete", number).splitlines()[1].startswith(held)
    assert commands.ok("undo", "3").splitlines()[-1].startswith(held)
    assert commands.ok("redo", "3").splitlines().count(DOCTOR) == 1
    assert len(coach.advice) == 1


@pytest.mark.parametrize("name", ["at", "note", "json", "help", "clear", "night"])
def test_no_field_of_a_kind_takes_the_place_of_what_every_entry_or_command_has(name: str) -> None:
    with pytest.raises(ValueError, match=f"^Kind 'odd': every kind has {name} already; rename the field$"):
        Kind(name="odd", title="Odd", fields=make_dataclass("Odd", [(name, str, "")]))


def test_without_its_plugin_an_entry_can_still_be_corrected(coach: Coach, commands: Commands) -> None:
    number = log(commands, "--side", "left")
    assert commands.fails("--no-plugins", "edit", number, "--side", "right", status=2).startswith("No such option")
    commands.ok("--no-plugins", "edit", number, "--note", "the left one", "--at", "03:20", "--clear", "side")
    assert fields(commands, number) == {"note": "the left one"}


def test_what_is_not_there_or_deleted_cannot_be_changed(commands: Commands) -> None:
    assert commands.fails("edit", "beef") == "there is no entry 'beef'; `crampcoach entries` lists them with their ids"
    number = log(commands)
    commands.ok("delete", number)
    for command in ("edit", "delete"):
        assert commands.fails(command, number) == f"the entry {number} is deleted; `crampcoach show {number}` shows it"
    assert commands.ok("show", number).endswith("It is deleted.")


# --- in the editor ---------------------------------------------------------------------------------------------


def test_the_editor_shows_everything_and_takes_what_was_made_of_it(
    coach: Coach, commands: Commands, editor: Editor
) -> None:
    number = log(commands, "--side", "left", "--severity", "7", "--note", "tight\n\n  as a \"rope\" \\ '''")
    seen_in = coach.home.data_dir / "seen"
    changes = "s/^severity = 7/severity = 3/; s/^# muscle/muscle/; s/tight/loose/"
    editor(f"cp \"$1\" '{seen_in}'; sed -i '{changes}' \"$1\"")
    said = commands.ok("edit", number)
    assert said.startswith("changed: ")
    seen = seen_in.read_text()
    assert seen.splitlines()[:5] == [
        "# Change what is wrong, save, and close the editor. An empty file changes nothing.",
        'at = "2026-11-22 03:10"',
        'night = "2026-11-21"',
        "severity = 7",
        'side = "left"',
    ]
    assert '\n# muscle = "calf"  # or "foot" or "toes" or "thigh" or "other"\n' in seen
    assert "\n# duration = 0.0  # How long it lasted, in minutes, 0 to 1440\n" in seen
    assert seen.endswith(f"{BELOW}\ntight\n\n  as a \"rope\" \\ '''\n")
    assert fields(commands, number) == {
        "note": "loose\n\n  as a \"rope\" \\ '''", "side": "left", "severity": 3, "muscle": "calf"
    }  # fmt: skip


@pytest.mark.parametrize("script", ["true", ': > "$1"', 'printf "\\n \\n" > "$1"'])
def test_nothing_changed_is_nothing_saved(coach: Coach, commands: Commands, editor: Editor, script: str) -> None:
    number = log(commands, "--note", "as it is")
    editor(script)
    assert commands.ok("edit", number) == "nothing was changed"
    assert len(commands("show", number, "--json").json["history"]) == 1
    assert not list((coach.home.data_dir / "drafts").iterdir())


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        (
            "s/^severity.*/severity = 17/",
            "line 4: severity: 17 is not accepted; accepted is a whole number from 0 to 10",
        ),
        ("s/^severity.*/severity = many/", "line 4 cannot be read: write NAME = VALUE, with texts and times in quotes"),
        ("s/^severity/sevrity/", "line 4: sevrity: unknown key; did you mean 'severity'?"),
        ('s/^at.*/at = "tomorrow"/', "--at 'tomorrow': write 03:10, "),
        ('s/^at.*/at = "2026-11-22 15:00"/', "--at '2026-11-22 15:00' is in the future; only what has happened"),
        ('s/^night.*/night = "soon"/', "night 'soon': write the date of its evening"),
        ("/^-----/d", f"the line {BELOW!r} is missing; put it back above your note"),
    ],
)
def test_a_bad_text_is_named_by_its_line_and_kept(
    coach: Coach, commands: Commands, editor: Editor, monkeypatch: pytest.MonkeyPatch, script: str, sentence: str
) -> None:
    number = log(commands, "--severity", "7", "--note", "before")
    editor(f"sed -i '{script}; s/before/what I wrote/' \"$1\"")
    said = commands.fails("edit", number)
    assert said.startswith(sentence)
    assert said.endswith(f"; your text is kept: `crampcoach edit {number}` opens it again")
    assert fields(commands, number) == {"note": "before", "severity": 7}
    # It is opened again as it was left, and what is mended is saved.
    editor('grep -q "what I wrote" "$1" || exit 7; cp "$RIGHT" "$1"')
    right = coach.home.data_dir / "right"
    right.write_text(f'at = "2026-11-22 03:10"\nseverity = 5\n{BELOW}\nwhat I wrote\n')
    monkeypatch.setenv("RIGHT", str(right))
    again = commands("edit", number)
    assert (again.status, again.err) == (0, "crampcoach: going on with the text that was left behind\n")
    assert fields(commands, number) == {"note": "what I wrote", "severity": 5}
    assert not list((coach.home.data_dir / "drafts").iterdir())


@pytest.mark.parametrize("end", ["exit 3", "kill -9 $$"])
def test_an_editor_that_crashes_loses_nothing(coach: Coach, commands: Commands, editor: Editor, end: str) -> None:
    number = log(commands, "--note", "before")
    editor(f"sed -i 's/before/after/' \"$1\"; {end}")
    assert "what you wrote is kept in" in commands.fails("edit", number)
    assert fields(commands, number) == {"note": "before"}
    opened, draft = sorted((coach.home.data_dir / "drafts").rglob("*.txt"), key=lambda one: len(one.name), reverse=True)
    assert draft.read_text().endswith("after\n")
    assert opened.read_text().endswith("before\n")
    assert {one.stat().st_mode & 0o777 for one in (draft, opened)} == {0o600}
    editor("true")
    assert commands("edit", number).out == "changed: note: before -> after\n"


def elsewhere(change: str) -> str:
    """The shell's words for another window, which at the Coach's time does something with the newest entry."""
    code = f"""if True:
        from dataclasses import replace
        from datetime import timedelta
        from crampcoach.home import find_home
        from crampcoach.store import entries, open_store
        from crampcoach.clock import SystemClock
        store = open_store(find_home(), SystemClock().now())
        entry = next(entries.select(store.log, newest_first=True))
        {change}"""
    return shlex.join([sys.executable, "-c", code])


@pytest.mark.parametrize("left_behind", [True, False])
def test_a_text_that_was_opened_before_other_changes_takes_back_none_of_them(
    commands: Commands, editor: Editor, left_behind: bool
) -> None:
    number = log(commands, "--severity", "7", "--side", "left", "--muscle", "calf", "--note", "before\n")
    mine = "sed -i 's/^severity = 7/severity = 3/; /^muscle/d; s/^# duration = 0.0/duration = 4.5/' \"$1\""
    if left_behind:
        editor(f"{mine}; exit 3")
        assert "what you wrote is kept in" in commands.fails("edit", number)
        commands.ok("edit", number, "--at", "02:40", "--side", "right", "--note", "their words")
        editor("true")
    else:
        earlier = "at=entry.at - timedelta(minutes=30)"
        theirs = f"replace(entry, {earlier}, fields={{**entry.fields, 'side': 'right'}}, note='their words')"
        editor(f"{mine}; {elsewhere(f'entries.edit(store.log, {theirs}, entry.at + timedelta(hours=9))')}")
    assert commands("edit", number).out == "changed: muscle calf -> none; severity 7 -> 3; duration none -> 4.5\n"
    assert fields(commands, number) == {"note": "their words", "side": "right", "severity": 3, "duration": 4.5}
    assert commands("show", number, "--json").json["at"] == "2026-11-22T02:40:00+01:00"


def test_an_entry_that_was_deleted_while_its_text_was_open(coach: Coach, commands: Commands, editor: Editor) -> None:
    number = log(commands, "--note", "before")
    gone = elsewhere("entries.delete(store.log, entry.id, entry.at + timedelta(hours=9))")
    editor(f"sed -i 's/before/what I wrote/' \"$1\"; {gone}")
    said = commands.fails("edit", number)
    assert said.startswith(f"{number} was deleted meanwhile; what you wrote is kept in {coach.home.data_dir}")
    file, _, rest = said.partition(" kept in ")[2].partition(" (")
    assert Path(file).read_text().endswith("what I wrote\n")
    assert rest == "`crampcoach undo` brings the entry back)"
    commands.ok("undo")
    editor("true")
    assert commands("edit", number).out == "changed: note: before -> what I wrote\n"


def test_times_as_people_write_them_in_the_text(commands: Commands, editor: Editor) -> None:
    number = log(commands)
    for written, at, night in (
        ('"03:25"', "2026-11-22T03:25:00+01:00", "2026-11-21"),
        ("03:26:00", "2026-11-22T03:26:00+01:00", "2026-11-21"),
        ("2026-11-20 23:30:00", "2026-11-20T23:30:00+01:00", "2026-11-20"),
        ('"2026-10-25T02:30+01:00"', "2026-10-25T02:30:00+01:00", "2026-10-24"),
    ):
        editor(f"sed -i 's/^at = .*/at = {written}/' \"$1\"")
        commands.ok("edit", number)
        shown = commands("show", number, "--json").json
        assert (shown["at"], shown["night"]) == (at, night)
    # The second time round it is shown so that it stays the second.
    editor('sed -i \'s/^# side.*/side = "left"/\' "$1"')
    assert commands.ok("edit", number) == "changed: side none -> left"
    editor("sed -i 's/^night = .*/night = 2026-10-20/' \"$1\"")
    assert commands.ok("edit", number) == "changed: night 2026-10-24 -> 2026-10-20"


def test_an_entry_in_another_zone_keeps_it(coach: Coach, commands: Commands, editor: Editor) -> None:
    number = log(commands)
    coach.jump("2026-11-23 14:00", zone="America/New_York")
    commands.ok("edit", number, "--at", "03:20")
    editor('sed -i \'s/^at = .*/at = "2026-11-22 03:30"/\' "$1"')
    commands.ok("edit", number)
    shown = commands("show", number, "--json").json
    assert (shown["at"], shown["zone"]) == ("2026-11-22T03:30:00+01:00", "Europe/Berlin")


# --- deleting, undo, redo --------------------------------------------------------------------------------------


def test_deleted_undone_and_done_again(coach: Coach, commands: Commands) -> None:
    one, two = log(commands, "--side", "left"), log(commands, "--note", "word " * 40)
    assert commands.ok("delete", one, two).splitlines() == [
        "deleted: cramp, today 03:10, side left",
        f"deleted: cramp, today 03:10, {'word ' * 11}wo...",
        "`crampcoach undo` brings the last back.",
    ]
    assert commands.ok("entries") == "Nothing has been logged yet."
    assert commands.ok("undo", "2").splitlines()[1] == "brought back: cramp, today 03:10, side left"
    assert commands.ok("redo") == "taken back: cramp, today 03:10, side left"
    assert commands("undo", "9").err == "crampcoach: there is nothing to undo\n"
    assert commands.ok("entries") == "Nothing has been logged yet."
    commands.ok("redo", "2")
    assert len(commands.ok("entries").splitlines()) == 2
    log(commands)
    assert commands.fails("redo") == "there is nothing to redo: nothing was undone, or something was saved since"


def test_what_a_button_has_logged_is_undone_too_and_not_entered_again(coach: Coach, commands: Commands) -> None:
    coach.advance("2026-11-23 07:30")
    coach.press("One")
    assert commands.ok("undo") == "taken back: night, today 07:30, count 1"
    coach.restart()
    assert coach.entries() == ()
    commands.ok("redo")
    assert [entry.kind for entry in coach.entries()] == ["night"]


def test_of_a_large_step_only_a_few_are_named(coach: Coach, commands: Commands) -> None:
    from crampcoach.model import Entry
    from crampcoach.store import entries

    now = coach.clock.now()
    entries.append(coach.agent.store.log, [Entry(kind="day", at=now, zone="UTC", note=str(n)) for n in range(30)], now)
    lines = commands.ok("undo").splitlines()
    assert lines[0] == "taken back: day, today 13:00, 29"
    assert lines[5:] == ["and 25 more entries of the same step"]


# --- any text --------------------------------------------------------------------------------------------------

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")) | st.sampled_from(
    [
        "💧🦵🏽",
        "שלום עולם",
        "\u202eright to left\u202c",
        "a\r\nb\rc",
        "\n\n",
        " ",
        "\ufeff",
        "\x1b[31m",
        f"{BELOW}\nx",
        '"',
        "-",
    ]
)


@settings(max_examples=settings().max_examples // 4, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=texts, other=texts)
def test_any_text_comes_back_equal(commands: Commands, editor: Editor, text: str, other: str) -> None:
    """From add, edit, the editor, search and undo."""
    number = commands("log", "day", "--note", "-", "--json", stdin=f"{text}\n").json["id"]
    assert commands("show", number, "--json").json["note"] == text
    editor("sed -i 's/^# stress = 0/stress = 3/' \"$1\"")
    assert commands("edit", number).status == 0
    assert fields(commands, number) == {"note": text, "stress": 3}
    commands("edit", number, "--note", "-", stdin=f"{other}\n")
    assert fields(commands, number)["note"] == other
    if other.strip():
        rows = commands("entries", "--search", "-", "--json", stdin=f"{other}\n").json
        assert [row["note"] for row in rows] == [other]
    commands("undo", "3")
    assert commands("entries", "--json").json == []


@pytest.mark.parametrize("words", [["log", "cramp", "--side", "left"], ["log", "symptoms", "--swelling", "yes"]])
def test_that_an_entry_was_saved_is_said_also_where_the_output_is_full(tmp_path: Path, words: list[str]) -> None:
    environ = {**os.environ, "CRAMPCOACH_HOME": str(tmp_path), "CRAMPCOACH_PLUGINS": "cramps"}
    command = [sys.executable, "-m", "crampcoach"]
    with Path("/dev/full").open("w") as full:
        said = subprocess.run(
            [*command, *words], stdout=full, stderr=subprocess.PIPE, text=True, env=environ, timeout=30, check=False
        )
    assert "saved, but the output could not be written (No space left on device)\n" in said.stderr
    assert "Traceback" not in said.stderr
    assert said.returncode == 1
    listed = subprocess.run(
        [sys.executable, "-m", "crampcoach", "entries", "--json"],
        capture_output=True,
        env=environ,
        timeout=30,
        check=True,
    )
    assert len(json.loads(listed.stdout)) == 1


def test_a_long_note_is_printed_whole_only_by_show(commands: Commands) -> None:
    long = "a page of words " * 30
    number = log(commands, "--note", "short")
    assert commands.ok("edit", number, "--note", long) == "changed: note changed"
    (line,) = (line for line in commands.ok("entries").splitlines() if line.startswith(number))
    assert line.endswith(f"  {long[:197]}...")
    assert commands("entries", "--json").json[0]["note"] == long
    assert long.strip() in commands.ok("show", number)
    assert commands.ok("undo") == "changed back: cramp: note changed"
    assert f"note: short -> {long}".strip() in commands.ok("show", number, "--history")
    assert commands.ok("edit", number, "--note", "brief") == "changed: note: short -> brief"


@pytest.mark.parametrize(("encoding", "sign"), [("utf-8", "\ufffd"), ("ascii", "?")])
def test_a_note_does_not_command_the_terminal_that_shows_it(
    coach: Coach, commands: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoding: str, sign: str
) -> None:
    note = "\x1b]0;title\a a\x9bm\x7f\tend"
    number = log(commands, "--note", note)
    assert note in commands.ok("show", number)
    for name, value in (("COLUMNS", "60"), ("CRAMPCOACH_HOME", str(tmp_path)), ("CRAMPCOACH_PLUGINS", "cramps")):
        monkeypatch.setenv(name, value)
    for words in (["show", number], ["show", number, "--history"], ["entries"], ["delete", number], ["undo"]):
        terminal = io.TextIOWrapper(Terminal(), encoding=encoding)
        monkeypatch.setattr(sys, "stdout", terminal)
        with pytest.raises(SystemExit, match="0"):
            main(words, Handed(clock=coach.clock))
        shown = terminal.buffer.getvalue().decode(encoding)
        assert f"{sign}]0;title{sign} a{sign}m{sign}" in shown, words
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", shown), words


def test_a_megabyte_by_stdin_comes_back_equal(tmp_path: Path) -> None:
    text = ("Zeile äöü 💧 שלום\r\n\t" * 40_000)[:1_000_000] + " wombat"
    env = {**os.environ, "CRAMPCOACH_HOME": str(tmp_path), "PYTHONUTF8": "1"}

    def asked(*words: str, given: str = "") -> Any:
        command = [sys.executable, "-m", "crampcoach", *words, "--json"]
        done = subprocess.run(command, env=env, input=given.encode(), capture_output=True, timeout=60, check=True)
        return json.loads(done.stdout)

    number = asked("log", "day", "--note", "-", given=text)["id"]
    assert asked("show", number)["note"] == text
    assert [row["note"] == text for row in asked("entries", "--search", "wombat")] == [True]


# --- what the clock showed twice -------------------------------------------------------------------------------


def test_in_a_terminal_people_are_asked_which_of_two_times(coach: Coach, commands: Commands) -> None:
    coach.jump("2026-10-25 08:00")
    for typed, at in ((["1"], "2026-10-25T02:30:00+02:00"), (["x", "2"], "2026-10-25T02:30:00+01:00")):
        said = commands("log", "cramp", "--at", "02:30", "--json", typed=typed)
        assert json.loads(said.out)["at"] == at
        assert (
            "this time came twice that night:\n  1  02:30, before the change\n  2  02:30, after the change" in said.err
        )


def test_in_a_pipe_it_is_said_what_to_type(coach: Coach, commands: Commands) -> None:
    coach.jump("2026-10-25 08:00")
    assert commands.fails("log", "cramp", "--at", "02:30", status=2) == (
        "--at '02:30': the clock showed 02:30 twice that night: write 2026-10-25T02:30+02:00 for the first, "
        "2026-10-25T02:30+01:00 for the second"
    )
    assert commands("entries", "--json").json == []
