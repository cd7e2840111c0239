"""The evening stretch: at its time, once, answered once, gone in the night, and honest about what it can do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest

from coaching import coach_of
from crampcoach.actions import Open
from crampcoach.model import Message
from crampcoach.options import convert
from crampcoach.testing import Coach
from crampcoach_stretching import BODIES
from crampcoach_stretching.routine import bundled_routine, in_words, total_seconds

pytestmark = pytest.mark.pure

NAME = "stretching.evening"


def start(
    folder: Path, now: str = "2026-11-22 14:00", config: str = "", zone: str = "Europe/Berlin", *, strict: bool = True
) -> Coach:
    return coach_of(folder, "stretching", now=now, config=config, zone=zone, strict=strict)


@pytest.fixture
def coach(tmp_path: Path) -> Iterator[Coach]:
    with start(tmp_path) as coach:
        yield coach


def local(coach: Coach) -> str:
    return f"{coach.clock.now().astimezone(coach.clock.zone()):%Y-%m-%d %H:%M}"


def until_shown(coach: Coach, latest: str) -> str:
    """Let time pass, wake by wake, until one more message is there; the local time then."""
    before = len(coach.sent)
    end = datetime.fromisoformat(latest).replace(tzinfo=coach.clock.zone()).astimezone(UTC)
    while len(coach.sent) == before:
        wake = coach.agent.timetable.next_wake()
        assert wake is not None
        assert wake <= end, f"nothing was shown by {latest}"
        coach.clock.set(max(wake, coach.clock.now()))
        coach.settle()
    return local(coach)


# --- when ------------------------------------------------------------------------------------------------------


def test_half_an_hour_before_bed_to_the_second(coach: Coach) -> None:
    coach.advance("21:59")
    assert coach.sent == []
    assert until_shown(coach, "2026-11-22 23:00") == "2026-11-22 22:00"
    (message,) = coach.sent
    assert [action.label for action in message.actions] == ["Done", "Start", "Snooze 10 min", "Skip"]
    assert message.urgency == "normal"
    coach.advance("2026-11-23 21:59")
    assert len(coach.sent) == 1
    coach.advance("2026-11-23 22:00")
    assert len(coach.sent) == 2


def test_unanswered_it_goes_half_an_hour_after_bed(coach: Coach) -> None:
    coach.advance("22:59")
    assert coach.states() == ["shown"]
    assert coach.recorder.withdrawn == []
    coach.advance("23:00")
    assert coach.states() == ["expired"]
    assert coach.recorder.withdrawn == [f"{NAME}/2026-11-22/22:00"]
    coach.advance("2026-11-23 07:30")
    assert len(coach.sent) == 1
    assert coach.entries() == ()


def test_a_bed_time_after_midnight_belongs_to_the_evening_before(tmp_path: Path) -> None:
    with start(tmp_path, config='[day]\nwake = "08:00"\nbed = "00:15"\n') as coach:
        assert until_shown(coach, "2026-11-23 01:00") == "2026-11-22 23:45"
        coach.advance("2026-11-23 00:44")
        assert coach.states() == ["shown"]
        coach.press("Done")
        (row,) = coach.rows()
        assert (row.day, row.wall) == (date(2026, 11, 22), time(23, 45))
        (entry,) = coach.entries("stretch")
        assert entry.night == date(2026, 11, 22)
    with start(tmp_path / "later", config='[day]\nwake = "09:00"\nbed = "01:00"\n') as coach:
        assert until_shown(coach, "2026-11-23 02:00") == "2026-11-23 00:30"
        assert coach.rows()[0].day == date(2026, 11, 22)
        coach.advance("2026-11-23 01:30")
        assert coach.states() == ["expired"]


def test_a_weekday_of_its_own(tmp_path: Path) -> None:
    config = '[day]\nbed = "22:00"\n[day.sat]\nbed = "23:30"\n[day.sun]\nbed = "21:00"\n'
    with start(tmp_path, now="2026-11-20 12:00", config=config) as coach:
        times = [until_shown(coach, "2026-11-24 00:00") for _ in range(4)]
    assert times == ["2026-11-20 21:30", "2026-11-21 23:00", "2026-11-22 20:30", "2026-11-23 21:30"]


@pytest.mark.parametrize(
    ("schedule", "shown", "gone"),
    [
        ("21:00", "2026-11-22 21:00", "2026-11-22 23:00"),
        ("1h before bed", "2026-11-22 21:30", "2026-11-22 23:00"),
        ("mon 20:00", "2026-11-23 20:00", "2026-11-23 23:00"),
        # A time behind the end of its grace still gets an hour.
        ("23:30", "2026-11-22 23:30", "2026-11-23 00:30"),
    ],
)
def test_a_schedule_of_the_persons_own(tmp_path: Path, schedule: str, shown: str, gone: str) -> None:
    with start(tmp_path, config=f'[plugins.stretching]\nschedule = "{schedule}"\n') as coach:
        assert until_shown(coach, "2026-11-24 00:00") == shown
        assert coach.states() == ["shown"]
        coach.advance(gone)
        assert coach.states() == ["expired"]


@pytest.mark.parametrize(
    ("zone", "eve", "shown", "utc"),
    [
        # A bed time in the skipped hour: 02:30 means 03:30 there, and the reminder 02:00 means 03:00.
        ("Europe/Berlin", "2026-03-28 20:00", "2026-03-29 03:00", "01:00"),
        # In the repeated hour it comes the first time, once.
        ("Europe/Berlin", "2026-10-24 20:00", "2026-10-25 02:00", "00:00"),
        ("America/New_York", "2026-11-01 20:00", "2026-11-02 02:00", "07:00"),
    ],
)
def test_nights_in_which_the_clock_is_changed(tmp_path: Path, zone: str, eve: str, shown: str, utc: str) -> None:
    with start(tmp_path, now=eve, zone=zone, config='[day]\nwake = "10:00"\nbed = "02:30"\n') as coach:
        assert until_shown(coach, "2026-12-01 00:00") == shown
        assert f"{coach.clock.now():%H:%M}" == utc
        coach.press("Done")
        coach.advance(f"{shown[:10]} 20:00")
        assert (len(coach.sent), len(coach.entries())) == (1, 1)


@pytest.mark.parametrize("day", ["2026-03-28", "2026-10-24"])
def test_evenings_around_a_change_of_the_clock_stay_at_ten(tmp_path: Path, day: str) -> None:
    with start(tmp_path, now=f"{day} 12:00") as coach:
        times = [until_shown(coach, "2026-12-01 00:00")[11:] for _ in range(3)]
    assert times == ["22:00"] * 3


def test_a_flight_west_after_it_was_done_brings_no_second_one(coach: Coach) -> None:
    coach.advance("22:05")
    coach.press("Done")
    coach.jump("22:10", zone="America/New_York")  # 16:10 there
    assert local(coach) == "2026-11-22 16:10"
    coach.advance("2026-11-23 12:00")
    assert (len(coach.sent), len(coach.entries("stretch"))) == (1, 1)
    coach.advance("22:00")
    assert len(coach.sent) == 2


def test_a_flight_west_before_it_came_shows_it_in_the_evening_there(coach: Coach) -> None:
    coach.advance("18:00")
    coach.jump("18:05", zone="America/New_York")  # noon there
    assert until_shown(coach, "2026-11-22 23:00") == "2026-11-22 22:00"
    coach.press("Done")
    (entry,) = coach.entries("stretch")
    assert (entry.zone, entry.night) == ("America/New_York", date(2026, 11, 22))


def test_a_machine_that_slept_over_bed_time_stays_silent_in_the_morning(coach: Coach) -> None:
    coach.advance("21:50")
    coach.jump("2026-11-23 06:00")
    coach.advance("12:00")
    assert coach.sent == []
    assert coach.states() == ["missed"]
    assert coach.entries() == ()


def test_a_machine_that_slept_a_little_shows_it_late(coach: Coach) -> None:
    coach.advance("21:50")
    coach.jump("2026-11-22 22:40")
    assert [message.title for message in coach.sent] == ["Time for the evening stretch"]
    coach.advance("23:00")
    assert coach.states() == ["expired"]


# --- answers ---------------------------------------------------------------------------------------------------


def test_done_is_entered_once(coach: Coach) -> None:
    coach.advance("22:03")
    coach.press("Done")
    (entry,) = coach.entries()
    assert (entry.kind, dict(entry.fields), entry.note) == ("stretch", {}, "")
    assert f"{entry.at:%Y-%m-%d %H:%M}" == "2026-11-22 22:03"
    assert coach.states() == ["done"]
    coach.restart()
    coach.advance("2026-11-23 12:00")
    assert coach.entries() == (entry,)


def test_an_answer_that_a_crash_kept_from_the_log_is_entered_once(coach: Coach) -> None:
    coach.advance("22:03")
    coach.press("Done")
    for _ in range(2):
        with coach.agent.store.state.transaction() as connection:
            connection.execute("UPDATE answers SET entered = 0")
        coach.restart()
    assert len(coach.entries()) == 1
    with coach.agent.store.state.transaction() as connection:
        connection.execute("UPDATE answers SET entered = 0")
    with coach.agent.store.log.transaction() as connection:
        connection.execute("DELETE FROM entries")
    coach.restart()
    (entry,) = coach.entries("stretch")
    assert f"{entry.at:%H:%M}" == "22:03"


def test_a_message_from_before_a_restart_can_still_be_pressed(coach: Coach) -> None:
    coach.advance("22:03")
    coach.restart()
    assert len(coach.sent) == 1
    coach.press("Done")
    assert len(coach.entries("stretch")) == 1


def test_snooze(coach: Coach) -> None:
    coach.advance("22:03")
    coach.press("Snooze 10 min")
    assert coach.states() == ["snoozed"]
    assert until_shown(coach, "2026-11-22 23:00") == "2026-11-22 22:13"
    assert coach.entries() == ()
    coach.press("Done")
    coach.advance("2026-11-23 12:00")
    assert (len(coach.sent), len(coach.entries("stretch")), coach.states()) == (2, 1, ["done"])


def test_snooze_as_long_as_the_person_wants(tmp_path: Path) -> None:
    with start(tmp_path, config="[plugins.stretching]\nsnooze = 25\n") as coach:
        coach.advance("22:00")
        coach.press("Snooze 25 min")
        assert until_shown(coach, "2026-11-22 23:00") == "2026-11-22 22:25"


@pytest.mark.parametrize("minutes", [0, 241, -5])
def test_no_snooze(tmp_path: Path, minutes: int) -> None:
    with start(tmp_path, config=f"[plugins.stretching]\nsnooze = {minutes}\n", strict=False) as coach:
        assert coach.resting() == {
            "stretching": f"{tmp_path}/config/config.toml:2: plugins.stretching.snooze: {minutes} is not accepted; "
            "accepted is a whole number from 1 to 240"
        }


def test_a_snooze_past_bed_time_shows_but_never_turns_up_in_the_morning(coach: Coach) -> None:
    coach.advance("22:25")
    coach.press("snooze")
    assert until_shown(coach, "2026-11-22 23:00") == "2026-11-22 22:35"
    coach.advance("22:55")
    coach.press("snooze")
    assert until_shown(coach, "2026-11-22 23:30") == "2026-11-22 23:05"
    coach.advance("2026-11-23 08:00")
    assert coach.states() == ["expired"]
    assert len(coach.sent) == 3


def test_skip_saves_nothing(coach: Coach) -> None:
    coach.advance("22:03")
    coach.press("Skip")
    coach.advance("2026-11-23 12:00")
    assert (coach.states(), coach.entries(), len(coach.sent)) == (["skipped"], (), 1)


def test_done_by_command_before_its_time_quiets_the_evening(coach: Coach) -> None:
    coach.advance("18:00")
    assert coach.run("done", "stretching").status == 0
    coach.advance("2026-11-23 12:00")
    assert coach.sent == []
    assert (coach.states(), len(coach.entries("stretch"))) == (["done"], 1)
    coach.advance("22:00")
    assert len(coach.sent) == 1


# --- what it says ----------------------------------------------------------------------------------------------


def words(message: Message) -> str:
    return f"{message.title}. {message.body}"


@pytest.mark.parametrize("minutes", [0, 3, 2.5, 1440])
def test_how_long_it_took(coach: Coach, minutes: float) -> None:
    (kind,) = coach.call("stretching", "kinds")
    assert convert({"minutes": minutes}, kind.fields)[1] == []


@pytest.mark.parametrize("minutes", [-5, -0.5, 1440.5, float("nan"), float("inf"), float("-inf")])
def test_no_length_of_time(coach: Coach, minutes: float) -> None:
    (kind,) = coach.call("stretching", "kinds")
    (wrong,) = convert({"minutes": minutes, "stopped_early": True}, kind.fields)[1]
    assert wrong.key == "minutes"
    assert wrong.text == f"{minutes:g} is not accepted; accepted is a number from 0 to 1440"


@pytest.fixture
def message(coach: Coach) -> Message:
    (reminder,) = coach.call("stretching", "reminders")
    assert isinstance(reminder.say, Message)
    return reminder.say


def test_it_offers_to_sit_first(message: Message) -> None:
    assert message.body.startswith("Seated")
    assert not re.search(r"\b(stand|standing|wall|floor|lunge)\b", words(message), re.IGNORECASE)


def test_it_describes_the_routine_that_was_tried(message: Message) -> None:
    for part in ("calf", "back of the thigh", "hold 10 seconds", "rest 10", "three times", "both legs", "4 minutes"):
        assert part in message.body
    assert "stop if it hurts" in message.body
    routine = bundled_routine("evening-seated")
    assert in_words(total_seconds(routine)) in message.body
    assert {(step.hold, step.rest, step.times, step.side) for step in routine.steps} == {(10, 10, 3, "turns")}


def test_it_names_how_little_is_known_and_promises_nothing(message: Message) -> None:
    assert "may make cramps hurt less (low certainty; tried at 55 and over)" in message.body
    promises = r"\b(will|cures?|prevents?|stops? cramps|guarantee\w*|always|never|proven|fewer|no more)\b"
    assert not re.search(promises, words(message), re.IGNORECASE)


def test_it_blames_nobody_and_counts_nothing(message: Message) -> None:
    blame = r"\b(must|should|forgot\w*|missed|again|fail\w*|skipped|streak|goal|because you|have to|don't)\b"
    assert not re.search(blame, words(message), re.IGNORECASE)
    assert "!" not in words(message)


def test_it_is_short_enough_for_a_notification(message: Message) -> None:
    assert len(message.title) <= 40
    assert len(message.body) <= 220


# --- seated, standing, or a routine of one's own ---------------------------------------------------------------

STEADY = '[profile]\nbalance = "steady"\n'
STANDING = '[plugins.stretching]\nposition = "standing"\n'
OWN = 'title = "Legs of mine"\n[[steps]]\ntitle = "Calf"\nhold = 20\n'


def body(coach: Coach) -> str:
    (reminder,) = coach.call("stretching", "reminders")
    assert isinstance(reminder.say, Message)
    return reminder.say.body


@pytest.mark.parametrize(
    ("config", "begins"),
    [
        ("", "Seated, about 4 minutes"),
        (STEADY, "Seated, about 4 minutes"),
        (STANDING, "Seated, about 4 minutes"),
        ('[profile]\nbalance = "unsteady"\n' + STANDING, "Seated, about 4 minutes"),
        (STEADY + STANDING, "Standing with support, about 4 minutes"),
    ],
)
def test_standing_only_for_those_who_are_steady_and_ask_for_it(tmp_path: Path, config: str, begins: str) -> None:
    with start(tmp_path, config=config) as coach:
        text = body(coach)
    assert text.startswith(begins)
    assert ("with support" in text) == begins.startswith("Standing")
    assert "stop if it hurts" in text
    assert text.endswith("(low certainty; tried at 55 and over).")
    assert len(text) <= 220


def test_the_words_for_standing_fit_the_routine() -> None:
    routine = bundled_routine("evening-standing")
    assert in_words(total_seconds(routine)) in BODIES["standing"]
    assert {(step.hold, step.times, step.side) for step in routine.steps} == {(10, 3, "turns")}
    assert [step.title for step in routine.steps][-1].endswith("seated")


@pytest.mark.parametrize(
    ("position", "balance", "begins"),
    [
        ("seated", "unknown", "Legs of mine (seated, about 2 minutes). Breathe calmly; stop if it hurts."),
        ("standing", "steady", "Legs of mine (standing, about 2 minutes). Breathe calmly; stop if it hurts."),
        ("standing", "unknown", "Seated, about 4 minutes"),
    ],
)
def test_a_routine_of_the_persons_own(tmp_path: Path, position: str, balance: str, begins: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(f'position = "{position}"\n{OWN}', encoding="utf-8")
    config = f'[profile]\nbalance = "{balance}"\n[plugins.stretching]\nroutine = "{path}"\n'
    with start(tmp_path / "home", config=config) as coach:
        text = body(coach)
        (reminder,) = coach.call("stretching", "reminders")
    assert text.startswith(begins)
    assert ("not from a study" in text) == text.startswith("Legs of mine")
    assert reminder.tags == ("stretch",)


@pytest.mark.parametrize("content", [None, "title = 3", "[[["])
def test_an_own_routine_with_a_mistake_does_not_cost_the_evening(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "mine.toml"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with start(tmp_path / "home", config=f'[plugins.stretching]\nroutine = "{path}"\n') as coach:
        coach.advance("22:00")
        (message,) = coach.sent
    assert message.body.startswith("Seated")
    assert message.body.endswith("Your own routine has a mistake: Start says which.")
    assert len(message.body) <= 220


@pytest.mark.parametrize("path", ["legs.toml", "./legs.toml", "a/b.toml"])
def test_the_path_of_an_own_routine_is_a_whole_one(tmp_path: Path, path: str) -> None:
    with start(tmp_path, config=f'[plugins.stretching]\nroutine = "{path}"\n', strict=False) as coach:
        (reason,) = coach.resting().values()
    assert reason.endswith(f"plugins.stretching.routine: {path!r} is not accepted; accepted is a whole path, "
                           "such as '~/legs.toml'")  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "key"),
    [({"holds": -1}, "holds"), ({"holds": 10_001}, "holds"), ({"position": "lying"}, "position")],
)
def test_what_no_stretch_is(coach: Coach, fields: dict[str, object], key: str) -> None:
    (kind,) = coach.call("stretching", "kinds")
    (wrong,) = convert(fields, kind.fields)[1]
    assert wrong.key == key


def test_start_opens_the_guided_session_and_leaves_the_message_unanswered(coach: Coach) -> None:
    (reminder,) = coach.call("stretching", "reminders")
    (start_button,) = [action for action in reminder.actions if action.label == "Start"]
    assert start_button.then == Open("stretch")


def test_its_tag_lets_safety_find_it(coach: Coach) -> None:
    (reminder,) = coach.call("stretching", "reminders")
    assert reminder.tags == ("stretch",)
    assert [kind.name for kind in coach.call("stretching", "kinds")] == ["stretch"]
