"""A raised flag holds stretch, massage and heat until a doctor or nurse has looked, whatever happens in between."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from coaching import coach_of, log, read_only
from commands import Commands
from crampcoach import answers
from crampcoach.model import Entry
from crampcoach.safety.flags import red_flags
from crampcoach.safety.kinds import EXAMINED, EXAMINED_LABEL
from crampcoach.safety.wording import HELD, HELD_REASON, MEASURES
from crampcoach.store import entries, open_store
from crampcoach.store.answers import unentered
from crampcoach.store.backup import backup
from crampcoach.store.database import Database
from crampcoach.store.schema import LOG
from crampcoach.testing import Coach

pytestmark = pytest.mark.pure

#: Something every half hour for each measure, and for none.
PLUGIN = """\
from crampcoach import Action, Entry, Kind, Log, Reminder, hookimpl

SIGNS = [
    Action(label="Swollen", then=Log("symptoms", swelling="yes")),
    Action(label="Fine", then=Log("symptoms", swelling="no")),
    Action(label="A doctor or nurse has looked at this leg", then=Log("examined")),
]

@hookimpl
def reminders():
    every = [
        Reminder(name=tag, schedule="every 30m 00:00-23:30", say=tag, quiet="show", tags=(tag,))
        for tag in ("stretch", "massage", "heat", "tea")
    ]
    return [*every, Reminder(name="asks", schedule="every 30m 00:15-23:45", say="?", quiet="show", actions=SIGNS)]

@hookimpl
def responded(action):
    return [Entry(kind="examined")] if action.key == "fine" else []
"""
MANY = "[notify]\nmax_per_day = 100\n"
YES = {"swelling": "yes"}


def start(folder: Path, config: str = MANY, now: str = "2026-11-22 11:50") -> Coach:
    return coach_of(folder, sources={"of": PLUGIN}, now=now, config=config)


@pytest.fixture
def coach(tmp_path: Path) -> Iterator[Coach]:
    with start(tmp_path) as one:
        yield one


@contextmanager
def elsewhere(coach: Coach) -> Iterator[Database]:
    """The log as another process has it."""
    with closing(Database(coach.home.log_db, LOG)) as log:
        yield log
    coach.settle()


def on_screen(coach: Coach) -> set[str]:
    """The reminders whose messages are there, by their short names."""
    names = {message.reminder.removeprefix("of.") for message in coach.recorder.open.values()}
    return names & {*MEASURES, "tea"}


def coming(coach: Coach) -> set[str]:
    """Which reminders show in the next half hour."""
    before = len(coach.recorder.sent)
    coach.advance(timedelta(minutes=30))
    names = {message.reminder.removeprefix("of.") for message in coach.recorder.sent[before:]}
    return names & {*MEASURES, "tea"}


def reasons(coach: Coach) -> dict[str, tuple[str, str]]:
    """State and reason of the newest occurrence of each measure."""
    return {tag: (rows[-1].state, rows[-1].reason) for tag in MEASURES if (rows := coach.rows(f"of.{tag}"))}


def assert_held(coach: Coach, reason: str = HELD_REASON) -> None:
    """Nothing of it is there, nothing more comes, each says why; everything else comes as before."""
    assert on_screen(coach) <= {"tea"}
    assert coming(coach) == {"tea"}
    assert reasons(coach) == dict.fromkeys(MEASURES, ("missed", reason))


def assert_free(coach: Coach) -> None:
    assert coming(coach) == {*MEASURES, "tea"}


def press(coach: Coach, label: str) -> None:
    """Answer the newest question about signs."""
    key = [message.occurrence for message in coach.sent if message.reminder == "of.asks"][-1]
    coach.press(label, key)


def jump(coach: Coach, years: int) -> None:
    """Set the clock. Rows that then lie in the future are forgotten, and with them what is on the screen."""
    coach.jump(timedelta(days=365 * years))
    coach.recorder.open.clear()


# --- what holds ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("one", [one for one in red_flags() if one.answer], ids=lambda one: one.id)
def test_each_sign_holds_what_its_record_says(one: Any, coach: Coach) -> None:
    assert_free(coach)
    log(coach, "symptoms", **{one.answer: "no"})
    assert_free(coach)
    log(coach, "symptoms", **{one.answer: "yes"})
    if one.holds:
        assert_held(coach)
    else:
        assert_free(coach)


def test_yes_takes_away_at_once_what_is_on_the_screen(coach: Coach) -> None:
    coach.advance("12:15")
    assert on_screen(coach) == {*MEASURES, "tea"}
    press(coach, "Swollen")
    assert on_screen(coach) == {"tea"}
    assert reasons(coach) == dict.fromkeys(MEASURES, ("expired", HELD_REASON))
    assert [message.title for message in coach.advice] == ["Get this looked at today"]
    assert_held(coach)
    assert_held(coach)


def test_no_holds_nothing(coach: Coach) -> None:
    coach.advance("12:15")
    press(coach, "Fine")
    assert coach.advice == []
    assert_free(coach)


def test_a_word_in_a_note_holds_too(coach: Coach) -> None:
    now = coach.clock.now()
    note = Entry(kind="journal", note="my calf is warm", at=now, zone="Europe/Berlin")
    with elsewhere(coach) as database:
        entries.append(database, [note], now)
    assert_held(coach)


@pytest.mark.parametrize(
    ("kind", "fields", "note"),
    [
        ("cramp", {"duration": 120, "side": "left"}, ""),
        ("symptoms", {"over_10_minutes": "yes"}, ""),
        ("symptoms", {"numb_or_long": "yes"}, ""),
        ("cramp", {}, "lasted 2 hours"),
        ("cramp", {}, "swelling: no"),
        ("cramp", {}, "No chest pain or shortness of breath. No swelling, redness or warmth."),
    ],
)
def test_what_no_record_holds_for_holds_nothing(coach: Coach, kind: str, fields: dict[str, Any], note: str) -> None:
    """A long cramp (RF-10MIN) needs advice that day; what stays, swells or is warm (RF-DVT, trap 3) holds."""
    now = coach.clock.now()
    with elsewhere(coach) as database:
        entries.append(database, [Entry(kind=kind, fields=fields, note=note, at=now, zone="Europe/Berlin")], now)
    assert_free(coach)


@pytest.mark.parametrize(
    "note", ["the cramp won't stop", "a cramp that never let go", "leg throbbing", "no fever. leg swollen"]
)
def test_a_cramp_that_stays_holds(coach: Coach, note: str) -> None:
    now = coach.clock.now()
    with elsewhere(coach) as database:
        entries.append(database, [Entry(kind="cramp", note=note, at=now, zone="Europe/Berlin")], now)
    assert_held(coach)


def test_a_snoozed_stretch_is_held(coach: Coach) -> None:
    coach.advance("12:00")
    coach.press("snooze", [one.occurrence for one in coach.sent if one.reminder == "of.stretch"][-1])
    log(coach, "symptoms", **YES)
    coach.advance("12:20")
    assert on_screen(coach) <= {"tea"}
    assert reasons(coach)["stretch"] == ("expired", HELD_REASON)


def test_start_on_a_message_that_was_left_starts_nothing(coach: Coach, commands: Commands) -> None:
    """Commands ask again: a terminal that was opened before says why too."""
    log(coach, "symptoms", **YES)
    assert "crampcoach holds back stretching, massage and heat" in commands.ok("now")
    assert "Sit up first" in commands.ok("now")
    assert "Straighten" not in commands.ok("now")
    assert "Straighten" not in commands.ok("--no-plugins", "now")
    log(coach, EXAMINED)
    assert "Straighten" in commands.ok("now")


def test_a_held_reminder_cannot_be_tried_either(coach: Coach, commands: Commands) -> None:
    log(coach, "symptoms", **YES)
    for tag in MEASURES:
        assert f"of.{tag} is not shown: {HELD}" in commands.fails("try", tag)
    assert commands("try", "tea").status == 0
    assert coach.recorder.sent[-1].occurrence == "try-of.tea"
    assert "No stretch now" in commands("--no-plugins", "now").out


def test_status_says_what_is_held(coach: Coach, commands: Commands) -> None:
    def held() -> list[str]:
        return [line.split()[1] for line in commands.ok("status").splitlines() if line.startswith("held ")]

    assert held() == []
    log(coach, "symptoms", **YES)
    assert held() == [f"{measure}:" for measure in MEASURES]


# --- what does not end it --------------------------------------------------------------------------------------


def test_it_survives_a_restart(coach: Coach) -> None:
    log(coach, "symptoms", **YES)
    coach.restart()
    assert_held(coach)


def test_it_survives_backup_and_restore(coach: Coach) -> None:
    log(coach, "symptoms", **YES)
    backup(coach.agent.store.log, coach.home.backup_dir, coach.clock.now())
    coach.stop()
    for path in coach.home.data_dir.glob("log.db*"):
        if path.is_file():
            path.write_bytes(b"not a database at all" * 100 if path.name == "log.db" else b"")
    coach.settle()
    assert any("was set aside" in line and "the backup of" in line for line in coach.said)
    assert_held(coach)


def test_it_survives_deleting_and_editing_the_entry(coach: Coach) -> None:
    saved = log(coach, "symptoms", **YES)
    with elsewhere(coach) as database:
        entries.edit(database, replace(saved, fields={"swelling": "no"}), coach.clock.now())
    assert_held(coach)
    with elsewhere(coach) as database:
        entries.delete(database, saved.id, coach.clock.now())
    assert_held(coach)
    coach.restart()
    assert_held(coach)


def test_an_entry_that_is_edited_to_say_it_holds(coach: Coach) -> None:
    saved = log(coach, "symptoms", swelling="no")
    assert_free(coach)
    with elsewhere(coach) as database:
        entries.edit(database, replace(saved, fields=YES), coach.clock.now())
    assert_held(coach)
    assert len(coach.advice) == 1


def test_it_survives_disabling_every_plugin(coach: Coach, tmp_path: Path) -> None:
    coach.advance("12:15")
    press(coach, "Swollen")
    coach.stop()
    with Coach(tmp_path, now="2026-11-22 12:16") as bare:
        assert set(bare.agent.roster.loaded) == {"recorder"}
        commands = Commands(bare)
        assert "holds back" in commands.ok("now")
        assert "holds back" in commands.ok("--no-plugins", "now")
        bare.advance("12:40")
    coach.advance("12:45")
    assert_held(coach)


def test_a_new_flag_and_an_old_one_hold_as_one(coach: Coach) -> None:
    log(coach, "symptoms", **YES)
    log(coach, "symptoms", leg_injury="yes")
    assert_held(coach)
    log(coach, EXAMINED)
    assert_free(coach)


def test_no_plugin_says_that_a_doctor_has_looked(coach: Coach) -> None:
    """Its button may have any label, and `responded` needs none."""
    log(coach, "symptoms", **YES)
    coach.advance("12:15")
    press(coach, "Fine")
    assert len(coach.entries(EXAMINED)) == 1
    assert_held(coach)
    press(coach, EXAMINED_LABEL)
    assert len(coach.entries(EXAMINED)) == 2
    assert_held(coach)


@pytest.mark.parametrize("years", [-30, -1, 1, 30])
def test_no_clock_ends_it(coach: Coach, years: int) -> None:
    log(coach, "symptoms", **YES)
    jump(coach, years)
    assert_held(coach)
    coach.restart()
    assert_held(coach)


@pytest.mark.parametrize("years", [-30, -1, 1, 30])
def test_what_happened_last_counts_whatever_the_clock_said(coach: Coach, years: int) -> None:
    log(coach, "symptoms", **YES)
    jump(coach, years)
    log(coach, EXAMINED)
    assert_free(coach)
    jump(coach, -years)
    log(coach, "symptoms", **YES)
    assert_held(coach)


# --- what ends it ----------------------------------------------------------------------------------------------


def test_the_button_of_the_message_ends_it(coach: Coach) -> None:
    log(coach, "symptoms", **YES)
    (message,) = coach.advice
    assert HELD in message.body
    coach.press("I have read this", message.occurrence)
    assert_held(coach)
    coach.restart()
    log(coach, "symptoms", leg_injury="yes")
    coach.press(EXAMINED_LABEL, coach.advice[-1].occurrence)
    assert len(coach.entries(EXAMINED)) == 1
    assert_free(coach)


def test_the_button_works_on_a_message_of_an_earlier_run(coach: Coach) -> None:
    log(coach, "symptoms", **YES)
    coach.restart()
    coach.press(EXAMINED_LABEL, coach.advice[0].occurrence)
    assert_free(coach)


def test_two_presses_are_one_look(coach: Coach) -> None:
    log(coach, "symptoms", **YES)
    (message,) = coach.advice
    coach.press(EXAMINED_LABEL, message.occurrence)
    coach.recorder.open[message.occurrence] = message  # some servers leave it there
    coach.press(EXAMINED_LABEL, message.occurrence)
    assert len(coach.entries(EXAMINED)) == 1


def test_the_command_ends_it(coach: Coach, commands: Commands) -> None:
    log(coach, "symptoms", **YES)
    assert "saved" in commands.ok("log", "examined")
    assert_free(coach)


def test_it_ends_without_plugins_too(coach: Coach, commands: Commands) -> None:
    log(coach, "symptoms", **YES)
    assert "saved" in commands.ok("--no-plugins", "log", "examined")
    assert_free(coach)


def test_it_returns_when_that_entry_is_deleted(coach: Coach) -> None:
    log(coach, "symptoms", **YES)
    looked = log(coach, EXAMINED)
    assert_free(coach)
    with elsewhere(coach) as database:
        entries.delete(database, looked.id, coach.clock.now())
    assert_held(coach)
    log(coach, EXAMINED)
    assert_free(coach)


def test_what_is_raised_later_holds_again(coach: Coach) -> None:
    for _ in range(2):
        log(coach, "symptoms", **YES)
        assert_held(coach)
        log(coach, EXAMINED)
        assert_free(coach)
    assert len(coach.advice) == 2


def test_a_look_without_a_hold_holds_nothing_off(coach: Coach) -> None:
    """It counts for what came before it only."""
    log(coach, EXAMINED)
    log(coach, "symptoms", **YES)
    assert_held(coach)


# --- the person ------------------------------------------------------------------------------------------------


def test_what_was_tried_in_adults_is_not_offered_to_a_child(coach: Coach, commands: Commands) -> None:
    coach.configure(MANY + '[profile]\nadult = "no"\n')
    assert_held(coach, "held: these measures were tried in adults only; for a child, ask a doctor")
    log(coach, EXAMINED)
    assert_held(coach, "held: these measures were tried in adults only; for a child, ask a doctor")
    assert "Straighten" not in commands.ok("now")
    coach.configure(MANY + '[profile]\nadult = "yes"\n')
    assert_free(coach)


def asked(commands: Commands, *typed: str) -> str:
    return " ".join(commands("check-symptoms", typed=typed).out.split())


def test_a_child_is_asked_for_an_emergency_first_and_then_for_a_childs_signs(coach: Coach, commands: Commands) -> None:
    urgent = [one for one in red_flags() if one.level == "now" and one.ask]
    others = [one for one in red_flags() if one.level != "now" and one.ask]
    grown_up = asked(commands, "0", "0", "0")
    coach.configure(MANY + '[profile]\nadult = "no"\n')
    out = asked(commands, "0", "0", "0")
    for one in urgent:
        assert one.ask in out, one.id
        assert one.ask in grown_up, one.id
    for one in others:
        assert (one.ask in out) == (one.record == "RF-CHILD"), one.id
    assert out.index(urgent[-1].ask) < out.index("who limps or cannot bear weight")
    assert [set(entry.fields.values()) for entry in coach.entries("symptoms")[-3:]] == [{"no"}] * 3


def test_a_childs_emergency_has_the_emergency_number(coach: Coach, commands: Commands) -> None:
    coach.configure(MANY + '[profile]\nadult = "no"\n')
    urgent = [one.id for one in red_flags() if one.level == "now" and one.ask]
    out = asked(commands, str(urgent.index("RF-ALI") + 1))
    assert "Call 112 now. Do not stretch, rub or warm the leg." in out
    assert "The rest can wait" in out
    assert [entry.fields["cold_foot"] for entry in coach.entries("symptoms")] == ["yes"]


def test_in_pregnancy_the_midwife_comes_first_but_a_cramp_may_be_stretched(coach: Coach, commands: Commands) -> None:
    coach.configure(MANY + '[profile]\npregnant = "yes"\n')
    assert_held(coach, "held: in pregnancy, ask your midwife first")
    assert "Straighten" in commands.ok("now")
    log(coach, "symptoms", **YES)
    assert {advice for message in coach.advice for advice in message.body.splitlines() if "midwife" in advice}
    assert_held(coach)
    assert "Straighten" not in commands.ok("now")
    log(coach, EXAMINED)
    assert_held(coach, "held: in pregnancy, ask your midwife first")


def test_an_answer_about_oneself_holds_as_the_config_does(coach: Coach, commands: Commands) -> None:
    assert_free(coach)
    commands.ok("log", "profile", "--pregnant", "yes")
    assert_held(coach, "held: in pregnancy, ask your midwife first")
    commands.ok("log", "profile", "--pregnant", "no")
    assert_free(coach)


def test_no_plugins_button_frees_whom_the_profile_holds(tmp_path: Path) -> None:
    """Its label may say anything. What holds may come from one."""
    buttons = PLUGIN.replace(
        "SIGNS = [",
        'SIGNS = [Action(label="Free", then=Log("profile", adult="yes", pregnant="no")), '
        'Action(label="Bind", then=Log("profile", pregnant="yes")),',
    )
    with Coach(tmp_path, now="2026-11-22 11:50", config=MANY) as coach:
        coach.load("of", buttons)
        log(coach, "profile", adult="no")
        coach.advance("12:15")
        press(coach, "Free")
        assert_held(coach, "held: these measures were tried in adults only; for a child, ask a doctor")
        log(coach, "profile", adult="yes")
        assert_free(coach)
        press(coach, "Bind")
        assert_held(coach, "held: in pregnancy, ask your midwife first")
        press(coach, "Free")
        assert_held(coach, "held: in pregnancy, ask your midwife first")


@pytest.mark.parametrize("odd", [5, None, True, ["yes"], {}, "maybe", ""])
def test_an_odd_answer_about_oneself_changes_nothing(coach: Coach, odd: object) -> None:
    """A plugin may have logged it. Advice and holds go on as if it had not."""
    log(coach, "profile", adult=odd, pregnant=odd, country=odd if not isinstance(odd, str) else "auto")
    assert_free(coach)
    log(coach, "symptoms", **YES)
    assert "112" in coach.advice[0].body or "urgent medical service" in coach.advice[0].body
    assert_held(coach)


# --- what cannot be read, or not be written --------------------------------------------------------------------


def test_a_log_that_cannot_be_read_holds_everything(coach: Coach, commands: Commands) -> None:
    coach.advance("12:05")
    with elsewhere(coach) as database:
        database.connection.execute("ALTER TABLE raised RENAME TO away")
    before = len(coach.sent)
    coach.advance("13:05")
    assert coach.sent[before:] == []  # nobody knows what is held
    said = commands("now")
    assert "Straighten" not in said.out
    assert "Your log cannot be read" in said.out
    with elsewhere(coach) as database:
        database.connection.execute("ALTER TABLE away RENAME TO raised")
    assert_free(coach)


def test_a_log_that_cannot_be_opened_holds_everything(coach: Coach, commands: Commands) -> None:
    coach.stop()
    for path in coach.home.data_dir.glob("log.db*"):
        path.unlink()
    coach.home.log_db.mkdir()
    for words in (["now"], ["--no-plugins", "now"]):
        said = commands(*words)
        assert "Sit up first" in said.out
        assert "Straighten" not in said.out
        assert "No stretch now. Your log cannot be read" in said.out
        assert "Call" in said.out or "call" in said.out


def test_an_answer_that_cannot_be_saved_yet_holds_already(coach: Coach) -> None:
    coach.advance("12:15")
    assert on_screen(coach) == {*MEASURES, "tea"}
    with read_only(coach.agent.store.log):
        press(coach, "Swollen")
        coach.settle()
        assert len(coach.advice) == 1
        assert coach.entries("symptoms") == ()
        assert on_screen(coach) == {"tea"}
        assert_held(coach)
    coach.settle()
    assert [dict(entry.fields) for entry in coach.entries("symptoms")] == [YES]
    assert_held(coach)
    assert len(coach.advice) == 1
    log(coach, EXAMINED)
    assert_free(coach)


def test_a_look_covers_an_answer_that_is_not_saved_yet(coach: Coach, commands: Commands) -> None:
    """The answer came before the look, and so it does in the log."""
    coach.advance("12:15")
    with read_only(coach.agent.store.log):
        press(coach, "Swollen")
        coach.settle()
        coach.press(EXAMINED_LABEL, coach.advice[-1].occurrence)
    coach.settle()
    assert {entry.kind for entry in coach.entries()} == {"symptoms", EXAMINED}
    assert_free(coach)


def test_a_look_by_command_covers_an_answer_that_no_agent_has_entered(coach: Coach, commands: Commands) -> None:
    coach.advance("12:15")
    key = [message.occurrence for message in coach.sent if message.reminder == "of.asks"][-1]
    (action,) = [one for one in coach.recorder.open[key].actions if one.key == "swollen"]
    coach.stop()
    with closing(open_store(coach.home, coach.clock.now())) as store:
        assert answers.record(store, key, action, coach.clock.now(), coach.clock.zone())
    assert "Nothing is held back any more." in commands.ok("log", EXAMINED)
    coach.restart()
    assert_free(coach)


def test_commands_know_of_an_answer_that_is_not_saved_yet(coach: Coach, commands: Commands) -> None:
    coach.advance("12:15")
    with read_only(coach.agent.store.log):
        press(coach, "Swollen")
        assert "Straighten" not in commands.ok("now")


def test_an_answer_whose_plugin_is_gone_holds_once(coach: Coach, tmp_path: Path) -> None:
    """It waits to be entered for as long as the plugin is away; a look at the leg ends the hold all the same."""
    coach.advance("12:15")
    key = [message.occurrence for message in coach.sent if message.reminder == "of.asks"][-1]
    (action,) = [one for one in coach.recorder.open[key].actions if one.key == "swollen"]
    coach.stop()
    with closing(open_store(coach.home, coach.clock.now())) as store:
        assert answers.record(store, key, action, coach.clock.now(), coach.clock.zone())
        assert answers.holding(store) == ("RF-DVT",)
        with Coach(tmp_path, now="2026-11-22 12:16") as bare:
            assert [entry.kind for entry in bare.entries()] == ["symptoms"]
            assert answers.holding(store) == ("RF-DVT",)
            log(bare, EXAMINED)
            assert unentered(store.state.connection)
            assert answers.holding(store) == ()
