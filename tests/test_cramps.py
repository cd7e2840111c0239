"""The question about the night: at its time, about the right night, and never "none" where nobody said so."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from coaching import coach_of, titles, waiting
from commands import Commands
from crampcoach import Delivered, Failed
from crampcoach.testing import Coach
from crampcoach_cramps.fields import CrampFields, DayFields, MedicineFields, NightFields

pytestmark = pytest.mark.pure

CHECK_IN, FOLLOW_UP = "cramps.check-in", "cramps.follow-up"
QUESTION = "Any cramps last night?"
SIGNS = "Any of these signs in a leg?"
#: A Sunday; its night is the one that ends on Monday.
SUNDAY = date(2026, 11, 22)


def start(folder: Path, now: str = "2026-11-22 20:00", config: str = "", zone: str = "Europe/Berlin") -> Coach:
    return coach_of(folder, "cramps", now=now, config=config, zone=zone)


@pytest.fixture
def coach(tmp_path: Path) -> Iterator[Coach]:
    with start(tmp_path) as coach:
        yield coach


def logged(coach: Coach, kind: str = "night") -> list[tuple[date | None, dict[str, Any]]]:
    return [(entry.night, dict(entry.fields)) for entry in coach.entries(kind)]


# --- the question ----------------------------------------------------------------------------------------------


def test_it_comes_half_an_hour_after_wake(coach: Coach) -> None:
    coach.advance("2026-11-23 07:29")
    assert coach.sent == []
    coach.advance("07:30")
    (message,) = coach.sent
    assert (message.title, message.body) == (QUESTION, "You can answer until 18:00.")
    assert [action.label for action in message.actions] == ["None", "One", "Two or more"]
    assert message.urgency == "normal"


@pytest.mark.parametrize(
    ("button", "fields"),
    [("None", {"count": 0}), ("One", {"count": 1}), ("Two or more", {"count": 2, "at_least": True})],
)
def test_each_button_says_how_many_in_that_night(coach: Coach, button: str, fields: dict[str, Any]) -> None:
    coach.advance("2026-11-23 07:30")
    coach.press(button)
    assert logged(coach) == [(SUNDAY, fields)]
    assert [entry.kind for entry in coach.entries()] == ["night"]
    assert coach.states(CHECK_IN) == ["done"]


def test_answered_in_the_afternoon_it_is_still_about_the_night_before(coach: Coach) -> None:
    coach.advance("2026-11-23 14:00")
    coach.press("One")
    (entry,) = coach.entries("night")
    assert (entry.night, f"{entry.at:%d %H:%M}") == (SUNDAY, "23 14:00")


def test_unanswered_it_goes_at_six_and_says_nothing_of_the_night(coach: Coach) -> None:
    coach.advance("2026-11-23 17:59")
    assert coach.states() == ["shown"]
    coach.advance("18:00")
    assert (coach.states(), waiting(coach), coach.entries()) == (["expired"], [], ())


def test_it_is_asked_late_but_not_too_late(tmp_path: Path) -> None:
    for hour, asked in (("12:00", 1), ("17:59", 1), ("18:01", 0)):
        with start(tmp_path / hour) as coach:
            coach.advance("22:00")
            coach.jump(f"2026-11-23 {hour}")  # a machine that slept
            assert len(coach.sent) == asked, hour
            if asked:
                coach.press("None")
                assert logged(coach) == [(SUNDAY, {"count": 0})]


def test_on_the_day_on_which_it_is_installed_nothing_is_caught_up(tmp_path: Path) -> None:
    with start(tmp_path, now="2026-11-22 14:00") as coach:
        coach.advance("23:00")
        assert coach.sent == []


def test_it_is_asked_every_day_and_a_left_over_question_makes_way(coach: Coach) -> None:
    coach.advance("2026-11-23 07:30")
    coach.stop()
    coach.clock.set(coach.clock.now() + timedelta(days=1))
    coach.restart()
    assert titles(coach) == [QUESTION] * 2
    assert coach.states(CHECK_IN) == ["expired", "shown"]
    assert waiting(coach) == [f"{CHECK_IN}/2026-11-24/07:30"]
    coach.press("None")
    assert logged(coach) == [(date(2026, 11, 23), {"count": 0})]


def test_a_schedule_of_the_persons_own(tmp_path: Path) -> None:
    with start(tmp_path, config='[plugins.cramps]\nschedule.check-in = "09:15"\n') as coach:
        coach.advance("2026-11-23 09:14")
        assert coach.sent == []
        coach.advance("09:15")
        coach.press("None")
        assert logged(coach) == [(SUNDAY, {"count": 0})]


def test_a_bed_time_after_midnight(tmp_path: Path) -> None:
    with start(tmp_path, config='[day]\nwake = "10:00"\nbed = "02:30"\n') as coach:
        coach.advance("2026-11-23 10:30")
        coach.press("One")
        assert logged(coach) == [(SUNDAY, {"count": 1})]


def test_somebody_who_sleeps_in_the_day(tmp_path: Path) -> None:
    """Home at seven, asleep from eight to three: a cramp at ten belongs to the night of the evening before."""
    with start(tmp_path, config='[day]\nwake = "15:00"\nbed = "08:00"\n') as coach:
        coach.advance("2026-11-23 15:29")
        assert coach.sent == []
        coach.advance("15:30")
        coach.press("One")
        assert logged(coach) == [(SUNDAY, {"count": 1})]


@pytest.mark.parametrize(
    ("eve", "shown", "utc"),
    [
        # Up at two: half past two is skipped and comes an hour later, or is there twice and counts once.
        ("2026-03-28", "2026-03-29 03:30", "01:30"),
        ("2026-10-24", "2026-10-25 02:30", "00:30"),
    ],
)
def test_mornings_on_which_the_clock_is_changed(tmp_path: Path, eve: str, shown: str, utc: str) -> None:
    with start(tmp_path, now=f"{eve} 12:00", config='[day]\nwake = "02:00"\nbed = "19:00"\n') as coach:
        coach.advance(shown)
        assert f"{coach.clock.now():%H:%M}" == utc
        coach.press("Two or more")
        assert logged(coach) == [(date.fromisoformat(eve), {"count": 2, "at_least": True})]
        coach.press("No")
        coach.advance(f"{shown[:10]} 12:00")
        assert titles(coach) == [QUESTION, SIGNS]
        coach.advance(timedelta(hours=14) + timedelta(minutes=30))
        assert titles(coach) == [QUESTION, SIGNS, QUESTION]


def test_answered_after_a_flight_it_is_about_the_same_night(coach: Coach) -> None:
    coach.advance("2026-11-23 07:30")
    coach.jump("2026-11-23 13:00", zone="America/New_York")  # 07:00 there
    coach.press("One")
    (entry,) = coach.entries("night")
    assert (entry.night, entry.zone) == (SUNDAY, "America/New_York")
    coach.press("No")
    # Half past seven comes there as well: it was asked that day.
    coach.advance("2026-11-23 20:00")
    assert titles(coach) == [QUESTION, SIGNS]
    coach.advance("2026-11-24 07:30")
    coach.press("None")
    assert logged(coach)[1] == (date(2026, 11, 23), {"count": 0})


def test_a_flight_over_the_date_line(tmp_path: Path) -> None:
    with start(tmp_path, zone="Pacific/Auckland") as coach:
        coach.advance("2026-11-23 07:30")
        coach.press("None")
        coach.jump("2026-11-23 09:00", zone="Pacific/Honolulu")  # the 22nd, ten o'clock
        coach.advance("2026-11-22 23:00")
        assert titles(coach) == [QUESTION]
        coach.advance("2026-11-24 07:30")
        assert titles(coach) == [QUESTION] * 2
        coach.press("One")
        assert logged(coach) == [(SUNDAY, {"count": 0}), (date(2026, 11, 23), {"count": 1})]


# --- by command ------------------------------------------------------------------------------------------------


def test_answered_by_command(coach: Coach, commands: Commands) -> None:
    coach.advance("2026-11-23 14:00")
    assert commands.ok("done", "cramps", "--answer", "one") == "cramps.check-in: done; logged: night"
    assert logged(coach) == [(SUNDAY, {"count": 1})]
    assert titles(coach) == [QUESTION, SIGNS]
    assert waiting(coach) == [f"{FOLLOW_UP}/2026-11-23/07:30"]
    # Now the short name means what waits.
    assert commands.ok("done", "cramps", "--answer", "no") == "cramps.follow-up: done; logged: symptoms"
    assert waiting(coach) == []
    assert commands.fails("done", "cramps", "--answer", "one") == (
        "cramps.check-in is done already; `crampcoach today` shows it"
    )


def test_a_command_must_say_which_answer(coach: Coach, commands: Commands) -> None:
    coach.advance("2026-11-23 14:00")
    assert commands.fails("done", "cramps") == "say which answer: --answer none or one or two-or-more"
    assert commands.fails("done", "cramps", "--answer", "three") == (
        "there is no answer 'three'; --answer may be none or one or two-or-more"
    )
    assert coach.entries() == ()


def test_answered_by_command_in_the_evening(coach: Coach, commands: Commands) -> None:
    """Long after its time, and with nobody there to show anything: what follows is there once somebody is."""
    coach.advance("2026-11-23 18:30")
    coach.stop()
    coach.clock.set(coach.clock.now() + timedelta(hours=1))
    commands.ok("done", "check-in", "--answer", "two-or-more")
    assert logged(coach) == [(SUNDAY, {"count": 2, "at_least": True})]
    assert titles(coach) == [QUESTION, SIGNS]
    coach.advance("22:30")
    assert coach.states(FOLLOW_UP) == ["expired"]


def test_answered_by_command_after_bed_time_what_follows_does_not_wait_for_the_morning(
    coach: Coach, commands: Commands
) -> None:
    coach.advance("2026-11-23 23:00")
    commands.ok("done", "cramps", "--answer", "one")
    assert titles(coach) == [QUESTION, SIGNS]
    coach.advance("2026-11-24 00:00")
    assert waiting(coach) == []
    coach.advance("2026-11-24 12:00")
    assert titles(coach) == [QUESTION, SIGNS, QUESTION]


# --- the second question ---------------------------------------------------------------------------------------


def test_after_a_night_without_cramps_nothing_follows(coach: Coach) -> None:
    coach.advance("2026-11-23 07:30")
    coach.press("None")
    coach.advance("22:00")
    assert titles(coach) == [QUESTION]


@pytest.mark.parametrize("button", ["One", "Two or more"])
def test_after_cramps_it_asks_about_signs_at_once_and_once(coach: Coach, button: str) -> None:
    coach.advance("2026-11-23 09:10")
    coach.press(button)
    message = coach.sent[-1]
    assert message.title == SIGNS
    assert message.body.splitlines() == [
        "Swelling, numbness, or a cramp over 10 minutes?",
        "If one leg is swollen, warm or red, do not stretch or rub it.",
    ]
    assert [action.label for action in message.actions] == ["No", "Yes, swelling", "Yes, another"]
    coach.press("No")
    assert logged(coach, "symptoms") == [(SUNDAY, {"swelling": "no", "numb_or_long": "no"})]
    assert coach.advice == []
    coach.restart()
    coach.advance("2026-11-24 07:00")
    assert titles(coach) == [QUESTION, SIGNS]


@pytest.mark.parametrize(
    ("button", "fields", "level", "said", "holds"),
    [
        ("Yes, swelling", {"swelling": "yes"}, "Get this looked at today", "swollen", True),
        ("Yes, another", {"numb_or_long": "yes"}, "Get this looked at today", "10 minutes", False),
    ],
)
def test_a_sign_brings_its_advice_at_once(
    coach: Coach, button: str, fields: dict[str, str], level: str, said: str, holds: bool
) -> None:
    coach.advance("2026-11-23 07:30")
    coach.press("One")
    coach.press(button)
    assert logged(coach, "symptoms") == [(SUNDAY, fields)]
    (message,) = coach.advice
    assert message.title == level
    assert said in message.body
    assert ("examined" in [action.key for action in message.actions]) == holds


def test_a_restart_between_the_questions_loses_neither(coach: Coach) -> None:
    coach.advance("2026-11-23 07:30")
    # Nobody can show the second one now, and then the agent is gone.
    coach.recorder.verdict = Failed("no screen")
    coach.press("One")
    assert waiting(coach) == []
    coach.stop()
    coach.clock.set(coach.clock.now() + timedelta(hours=2))
    coach.recorder.verdict = Delivered("recorded")
    coach.restart()
    assert waiting(coach) == [f"{FOLLOW_UP}/2026-11-23/07:30"]
    coach.restart()
    assert titles(coach) == [QUESTION, SIGNS]
    coach.press("No")
    coach.restart()
    assert logged(coach) == [(SUNDAY, {"count": 1})]
    assert logged(coach, "symptoms") == [(SUNDAY, {"swelling": "no", "numb_or_long": "no"})]


def test_unanswered_the_second_question_goes_at_bed_time(coach: Coach) -> None:
    coach.advance("2026-11-23 07:30")
    coach.press("One")
    coach.advance("22:29")
    assert coach.states(FOLLOW_UP) == ["shown"]
    coach.advance("22:30")
    assert (coach.states(FOLLOW_UP), waiting(coach)) == (["expired"], [])
    assert coach.entries("symptoms") == ()


# --- the line on Sundays ---------------------------------------------------------------------------------------


def live(coach: Coach, first: date, answers: str) -> None:
    """Answer the check-ins of the mornings from `first` on: a count, or "-" for none of the buttons."""
    labels = {"0": "None", "1": "One", "2": "Two or more"}
    for n, answer in enumerate(answers):
        coach.advance(f"{first + timedelta(days=n)} 08:00")
        if answer != "-":
            coach.press(labels[answer], f"{CHECK_IN}/{first + timedelta(days=n)}/07:30")
            if answer != "0":
                coach.press("No")


@pytest.fixture
def sunday(tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """What the check-in says on a Sunday after mornings with these answers, the last of them on Saturday."""
    coaches: list[Coach] = []

    def body(answers: str) -> str:
        first = SUNDAY - timedelta(days=len(answers))
        coach = start(tmp_path / f"{len(coaches)}", now=f"{first - timedelta(days=1)} 20:00")
        coaches.append(coach)
        live(coach, first, answers)
        coach.advance(f"{SUNDAY} 07:30")
        return coach.sent[-1].body

    yield body
    for coach in coaches:
        coach.stop()


def test_the_line_counts_and_what_was_not_entered_is_not_without(sunday: Callable[[str], str]) -> None:
    plain = "\nYou can answer until 18:00."
    assert sunday("0102010-0-0110") == f"14 nights: 5 with cramps, 7 without, 2 not entered.{plain}"
    assert sunday("00-000-0000000") == f"14 nights: 0 with cramps, 12 without, 2 not entered.{plain}"
    assert sunday("1111111") == f"14 nights: 7 with cramps, 0 without, 7 not entered.{plain}"
    # One that is older than fourteen nights does not count any more.
    assert sunday("200000000000000") == f"14 nights: 0 with cramps, 14 without, 0 not entered.{plain}"


def test_no_line_where_there_is_little_to_tell(sunday: Callable[[str], str]) -> None:
    assert sunday("012000") == "You can answer until 18:00."
    assert sunday("1------0-02-00") == "You can answer until 18:00."
    assert sunday("-") == "You can answer until 18:00."


def test_the_line_comes_on_sundays_only(tmp_path: Path) -> None:
    with start(tmp_path, now="2026-11-01 20:00") as coach:
        live(coach, date(2026, 11, 2), "0" * 28)
        told = [message.occurrence[len(CHECK_IN) + 1 :][:10] for message in coach.sent if "14 nights" in message.body]
    assert told == ["2026-11-15", "2026-11-22", "2026-11-29"]


def test_a_cramp_logged_by_itself_makes_a_night_with_cramps(coach: Coach, commands: Commands) -> None:
    live(coach, SUNDAY + timedelta(days=1), "-000000")  # up to the Sunday after
    commands.ok("log", "cramp", "--at", "2026-11-24T03:10")
    commands.ok("log", "cramp", "--at", "2026-11-25T23:50")
    live(coach, SUNDAY + timedelta(days=8), "0000")
    coach.advance("2026-12-06 07:30")
    # Monday to Monday, and Wednesday to Thursday: "none" in the morning does not take a logged cramp away.
    assert coach.sent[-1].body.startswith("14 nights: 2 with cramps, 8 without, 4 not entered.\n")


# --- what can be entered ---------------------------------------------------------------------------------------

#: Every field with a value as it is typed, and as it is stored.
GIVEN: dict[str, dict[str, tuple[list[str], Any]]] = {
    "cramp": {
        "side": (["--side", "left"], "left"),
        "muscle": (["--muscle", "calf"], "calf"),
        "severity": (["--severity", "6"], 6),
        "duration": (["--duration", "3"], 3.0),
        "part": (["--part", "late"], "late"),
        "asleep": (["--asleep"], True),
        "hard_knot": (["--no-hard-knot"], False),
        "eased_by": (["--eased-by", "getting up"], "getting up"),
        "sore_after": (["--sore-after"], True),
        "swelling": (["--swelling", "no"], "no"),
        "numbness": (["--numbness", "no"], "no"),
        "weakness": (["--weakness", "no"], "no"),
        "leg_colour": (["--leg-colour", "as usual"], "as usual"),
        "leg_temperature": (["--leg-temperature", "as usual"], "as usual"),
        "leg_injury": (["--leg-injury", "no"], "no"),
    },
    "night": {
        "count": (["--count", "2"], 2),
        "at_least": (["--at-least"], True),
        "disturbed_sleep": (["--disturbed-sleep", "0"], 0),
        "woken": (["--woken", "3"], 3),
        "hours_slept": (["--hours-slept", "6.5"], 6.5),
    },
    "day": {
        "activity": (["--activity", "a long walk"], "a long walk"),
        "activity_minutes": (["--activity-minutes", "90"], 90),
        "unusual": (["--unusual"], True),
        "alcohol": (["--alcohol", "1.5"], 1.5),
        "stress": (["--stress", "10"], 10),
        "heat": (["--no-heat"], False),
    },
    "medicine": {
        "name": (["--name", "a tablet"], "a tablet"),
        "change": (["--change", "taken"], "taken"),
        "dose": (["--dose", "half a tablet"], "half a tablet"),
    },
}
TYPES = {"cramp": CrampFields, "night": NightFields, "day": DayFields, "medicine": MedicineFields}


def test_every_field_of_every_kind_is_tried_here() -> None:
    for kind, fields in TYPES.items():
        assert GIVEN[kind].keys() == {field.name for field in dataclasses.fields(fields)}


@pytest.mark.parametrize("kind", GIVEN)
def test_all_fields_at_once(coach: Coach, commands: Commands, kind: str) -> None:
    words = [word for typed, _ in GIVEN[kind].values() for word in typed]
    saved = commands("log", kind, *words, "--at", "03:10", "--note", "as told", "--json").json
    assert saved["fields"] == {name: value for name, (_, value) in GIVEN[kind].items()}
    assert (saved["kind"], saved["night"], saved["note"]) == (kind, "2026-11-21", "as told")
    assert saved["at"] == "2026-11-22T03:10:00+01:00"
    assert logged(coach, kind) == [(date(2026, 11, 21), saved["fields"])]
    assert coach.advice == []


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, fields in GIVEN.items() for name in fields])
def test_each_field_by_itself(coach: Coach, commands: Commands, kind: str, name: str) -> None:
    typed, value = GIVEN[kind][name]
    needed = ["--name", "x"] if kind == "medicine" and name != "name" else []
    commands.ok("log", kind, *typed, *needed)
    (entry,) = coach.entries(kind)
    assert entry.fields[name] == value
    assert len(entry.fields) == 1 + bool(needed)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("cramp --severity 11", "--severity: 11 is not accepted; accepted is a whole number from 0 to 10"),
        ("cramp --severity -1", "--severity: -1 is not accepted; accepted is a whole number from 0 to 10"),
        ("cramp --duration -0.5", "--duration: -0.5 is not accepted; accepted is a number from 0 to 1440"),
        ("cramp --duration nan", "--duration: nan is not accepted; accepted is a number from 0 to 1440"),
        ("cramp --duration 1441", "--duration: 1441 is not accepted; accepted is a number from 0 to 1440"),
        ("night --count 100", "--count: 100 is not accepted; accepted is a whole number from 0 to 99"),
        (
            "night --disturbed-sleep 11",
            "--disturbed-sleep: 11 is not accepted; accepted is a whole number from 0 to 10",
        ),
        ("night --woken -1", "--woken: -1 is not accepted; accepted is a whole number from 0 to 99"),
        ("night --hours-slept 24.5", "--hours-slept: 24.5 is not accepted; accepted is a number from 0 to 24"),
        (
            "day --activity-minutes 1441",
            "--activity-minutes: 1441 is not accepted; accepted is a whole number from 0 to 1440",
        ),
        ("day --alcohol 51", "--alcohol: 51 is not accepted; accepted is a number from 0 to 50"),
        ("day --stress 11", "--stress: 11 is not accepted; accepted is a whole number from 0 to 10"),
        ("medicine --name= --change taken", "--name: it is empty; write which one it is"),
    ],
)
def test_a_value_out_of_range_is_named_and_nothing_is_saved(
    coach: Coach, commands: Commands, words: str, sentence: str
) -> None:
    assert commands.fails("log", *words.split(), status=2) == sentence
    assert coach.entries() == ()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("cramp --side up", "Invalid value for '--side': 'up' is not one of 'left', 'right', 'both'."),
        ("cramp --muscle arm", "Invalid value for '--muscle': 'arm' is not one of 'calf', 'foot', 'toes', 'thigh', "),
        ("cramp --part noon", "Invalid value for '--part': 'noon' is not one of 'early', 'middle', 'late', 'unknown'."),
        ("cramp --severity bad", "Invalid value for '--severity': 'bad' is not a valid integer."),
        ("cramp --swelling maybe", "Invalid value for '--swelling': 'maybe' is not one of 'yes', 'no'."),
        ("cramp --leg-colour green", "Invalid value for '--leg-colour': 'green' is not one of 'as usual', 'red', "),
        (
            "cramp --leg-temperature 40",
            "Invalid value for '--leg-temperature': '40' is not one of 'as usual', 'warm', ",
        ),
        ("cramp --where calf", "No such option '--where'."),
        ("night --count one", "Invalid value for '--count': 'one' is not a valid integer."),
        ("medicine", "Missing option '--name'."),
        ("medicine --name x --change paused", "Invalid value for '--change': 'paused' is not one of 'started', "),
        ("cramp --at tomorrow", "--at 'tomorrow': write 03:10, "),
        ("cramp --at 2026-11-23T03:10", "--at '2026-11-23T03:10' is in the future; only what has happened is logged"),
    ],
)
def test_a_word_that_is_no_value_is_named_and_nothing_is_saved(
    coach: Coach, commands: Commands, words: str, sentence: str
) -> None:
    assert commands.fails("log", *words.split(), status=2).startswith(sentence)
    assert coach.entries() == ()


def test_several_wrong_values_are_named_together(commands: Commands) -> None:
    assert commands.fails("log", "cramp", "--severity", "11", "--duration", "-1", status=2).splitlines() == [
        "--severity: 11 is not accepted; accepted is a whole number from 0 to 10",
        "--duration: -1 is not accepted; accepted is a number from 0 to 1440",
    ]


def test_a_medicine_is_noted_and_never_judged(coach: Coach, commands: Commands) -> None:
    """What a doctor wants to see is the date; whether to take it is theirs to say."""
    commands.ok("log", "medicine", "--name", "a tablet", "--change", "stopped")
    assert coach.advice == []
    said = commands.ok("log", "medicine", "--name", "a tablet", "--change", "started")
    assert "Ask a pharmacist or your doctor. Do not stop a medicine without their advice." in said
