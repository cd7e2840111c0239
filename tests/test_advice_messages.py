"""Advice comes by message: at once, before anything is saved, whatever plugins, options and crashes do, and once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from coaching import coach_of, log, read_only, said
from commands import Commands
from crampcoach.advice_messages import FIRST
from crampcoach.model import Message
from crampcoach.notifier import Delivered, Failed, Unconfirmed
from crampcoach.safety.kinds import EXAMINED
from crampcoach.store import entries
from crampcoach.store.database import Database
from crampcoach.store.schema import LOG
from crampcoach.testing import Coach
from desktop import wait_for

pytestmark = pytest.mark.pure

PLUGIN = """\
from crampcoach import Action, Entry, Kind, Log, Reminder, hookimpl

SIGNS = [
    Action(label="Swollen", then=Log("symptoms", swelling="yes")),
    Action(label="Breathless", then=Log("symptoms", breathless="yes")),
    Action(label="Fine", then=Log("symptoms", swelling="no")),
    Action(label="Tell"),
]

@hookimpl
def kinds():
    return [Kind(name="told", title="What the plugin was told")]

@hookimpl
def reminders():
    return [
        Reminder(name="asks", schedule="13:00, 14:00, 15:00, 23:30", say="Signs?", quiet="show", actions=SIGNS),
        Reminder(name="tea", schedule="13:30, 14:30", say="Tea?"),
    ]
"""
RESPONDED = "\n@hookimpl\ndef responded(ctx, occurrence, action):\n    "
TODAY, NOW = "Get this looked at today", "Get medical help now"
YES = {"swelling": "yes"}


@contextmanager
def started(
    folder: Path,
    more: str = "",
    now: str = "2026-11-22 12:50",
    config: str = "",
    plugin: str = PLUGIN,
    *,
    strict: bool = True,
) -> Iterator[Coach]:
    sources = {"of": plugin + more}
    with coach_of(folder, sources=sources, now=now, config=config, deadline=2, strict=strict) as coach:
        yield coach


@pytest.fixture
def coach(tmp_path: Path) -> Iterator[Coach]:
    with started(tmp_path) as one:
        yield one


def titles(coach: Coach) -> list[str]:
    return [message.title for message in coach.advice]


def answer(coach: Coach, label: str, at: str = "13:00") -> None:
    coach.advance(at)
    coach.press(label, [one.occurrence for one in coach.sent if one.reminder == "of.asks"][-1])


def answer_in_trouble(coach: Coach, label: str, until: Callable[[], object]) -> None:
    """The same where the log takes nothing: the agent turns and turns, as it does in life."""
    (key,) = [one.occurrence for one in coach.sent if one.reminder == "of.asks"]
    (action,) = [one for one in coach.recorder.open[key].actions if one.label == label]
    assert coach.recorder.events
    coach.recorder.events.answer(key, action.key)
    turn(coach, until)


def in_the_dark(coach: Coach) -> list[str]:
    """Nothing can be shown; what is tried all the same."""
    tried: list[str] = []

    def show(message: Message) -> Failed:
        tried.append(message.title)
        return Failed("dark")

    vars(coach.recorder)["show"] = show
    return tried


def turn(coach: Coach, until: Callable[[], object]) -> None:
    """Let the agent turn until something is so. Trouble would end `settle`."""

    def turned() -> object:
        coach.agent.turn()
        return until()

    wait_for(turned, 10)


# --- at once ---------------------------------------------------------------------------------------------------


def test_an_answer_is_answered_at_once(coach: Coach) -> None:
    answer(coach, "Swollen")
    (message,) = coach.advice
    assert (message.title, message.urgency) == (TODAY, "normal")
    assert message.body.startswith(said("RF-DVT"))
    assert [action.label for action in message.actions] == [
        "I have read this",
        "A doctor or nurse has looked at this leg",
        "More questions",
    ]


def test_no_raises_nothing(coach: Coach) -> None:
    answer(coach, "Fine")
    answer(coach, "Tell", "14:00")
    assert coach.advice == []


def test_it_has_left_before_anything_is_saved(coach: Coach) -> None:
    stood: list[int] = []
    show = coach.recorder.show

    def look_and_show(message: Message) -> Delivered | Unconfirmed | Failed:
        if message.occurrence.startswith("advice/"):
            time.sleep(0.2)  # what does not wait for the message would be saved by now
            with closing(Database(coach.home.log_db, LOG)) as database:
                stood.append(len(list(entries.select(database))))
        return show(message)

    vars(coach.recorder)["show"] = look_and_show
    answer(coach, "Swollen")
    assert stood == [0]
    assert [dict(entry.fields) for entry in coach.entries()] == [YES]


def test_what_a_plugin_makes_of_an_answer_does_not_wait_for_the_disk_either(tmp_path: Path) -> None:
    with started(tmp_path, RESPONDED + "return [Entry(kind='told', note='my leg is swollen')]") as coach:
        coach.advance("13:00")
        with read_only(coach.agent.store.log):
            answer_in_trouble(coach, "Tell", lambda: coach.advice)
            assert (titles(coach), coach.entries()) == ([TODAY], ())
        turn(coach, coach.entries)
        assert (titles(coach), len(coach.entries())) == ([TODAY], 1)


@pytest.mark.parametrize(
    "more",
    [
        RESPONDED + "raise RuntimeError('dry')",
        RESPONDED + "raise SystemExit",
        RESPONDED + "return 5",
        RESPONDED + "return [Entry(kind='symptoms', fields={'swelling': 'no'})] * 5000",
        RESPONDED + "import time; time.sleep(30)",
    ],
)
def test_no_broken_plugin_takes_it_away_or_rewords_it(tmp_path: Path, more: str) -> None:
    with started(tmp_path, more, strict=False) as coach:
        answer(coach, "Swollen")
        assert [message.body.splitlines()[0] for message in coach.advice] == [said("RF-DVT")]
        assert [dict(entry.fields) for entry in coach.entries("symptoms")] == [YES]


def test_a_plugin_that_was_set_aside_in_between_takes_nothing_away(tmp_path: Path) -> None:
    with started(tmp_path) as coach:
        coach.advance("13:00")
        coach.load("of", "raise OSError('gone')", strict=False)
        assert "of" in coach.resting()
        coach.press("Swollen", coach.sent[0].occurrence)
        assert titles(coach) == [TODAY]


def test_what_a_plugin_makes_of_an_answer_is_advised_on_too(tmp_path: Path) -> None:
    with started(tmp_path, RESPONDED + "return [Entry(kind='told', note='my leg is swollen')]") as coach:
        answer(coach, "Tell")
        assert titles(coach) == [TODAY]
        assert [entry.kind for entry in coach.entries()] == ["told"]
        coach.restart()
        assert titles(coach) == [TODAY]


@pytest.mark.parametrize(
    "config", ["[notify]\nmax_per_day = 1\n", "[quiet]\nenabled = false\n", '[notify]\norder = ["nobody"]\n']
)
def test_no_option_takes_it_away(tmp_path: Path, config: str) -> None:
    with started(tmp_path, config=config) as coach:
        answer(coach, "Swollen")
        log(coach, breathless="yes")
        log(coach, weakness="yes")
        assert titles(coach) == [TODAY, NOW, "Worth asking your doctor about"]


def test_a_pause_holds_no_advice_back(coach: Coach, commands: Commands) -> None:
    coach.advance("13:00")
    commands.ok("pause")
    answer(coach, "Swollen", "13:01")
    log(coach, breathless="yes")
    assert titles(coach) == [TODAY, NOW]


def test_at_night_an_answer_is_answered_and_only_now_wakes_anybody(coach: Coach) -> None:
    coach.advance("23:30")
    log(coach, weakness="yes")
    log(coach, numbness="yes")
    log(coach, leg_injury="yes")
    assert titles(coach) == []
    log(coach, cold_foot="yes")
    assert titles(coach) == [NOW]
    answer(coach, "Swollen", "23:31")
    assert titles(coach) == [NOW, TODAY]
    coach.advance("06:59")
    assert len(coach.advice) == 2
    coach.advance("07:01")
    assert sorted(titles(coach)[2:]) == sorted([TODAY, *["Worth asking your doctor about"] * 2])


def test_an_entry_of_a_command_without_a_terminal_is_told_by_message(coach: Coach, commands: Commands) -> None:
    assert said("RF-DVT") in commands.ok("log", "symptoms", "--swelling", "yes")
    assert titles(coach) == [TODAY]
    coach.advance("13:00")
    out = commands.ok("done", "of.asks", "--answer", "breathless")
    assert said("RF-PE") in out
    assert titles(coach) == [TODAY, NOW]
    coach.restart()
    assert titles(coach) == [TODAY, NOW]


def test_a_mention_is_warned_of(coach: Coach) -> None:
    log(coach, "journal", note="Tried tonic water.")
    (message,) = coach.advice
    assert message.body == said("M-QUININE")
    assert EXAMINED not in [action.key for action in message.actions]


# --- in whose words --------------------------------------------------------------------------------------------


def test_the_number_follows_the_person(coach: Coach) -> None:
    log(coach, breathless="yes")
    coach.jump(timedelta(), "Europe/London")
    log(coach, breathless="yes")
    coach.configure('[profile]\ncountry = "US"\n')
    log(coach, breathless="yes")
    log(coach, "profile", country="GB")
    log(coach, breathless="yes")
    coach.configure("")
    log(coach, breathless="yes")
    numbers = [message.body.partition("Call ")[2].partition(" now")[0] for message in coach.advice]
    assert numbers == ["112", "999", "911", "911", "999"]


@pytest.mark.parametrize("kind", ["symptoms", "examined", "profile"])
def test_a_plugin_that_claims_a_kind_of_ours_is_refused(coach: Coach, kind: str) -> None:
    source = f"from crampcoach import *\n@hookimpl\ndef kinds(): return [Kind(name={kind!r}, title='Mine')]\n"
    coach.load("mine", source, strict=False)
    assert coach.resting() == {"mine": f"its kind {kind!r} is crampcoach's own; give it another name"}
    answer(coach, "Swollen")
    assert titles(coach) == [TODAY]


def test_a_slip_in_a_plugins_button_costs_no_advice(tmp_path: Path) -> None:
    """It logs what no question of ours accepts; the number in the text is then the general one."""
    slip = PLUGIN.replace('Action(label="Tell")', 'Action(label="Tell", then=Log("profile", country=5, adult=[1]))')
    with started(tmp_path, plugin=slip, strict=False) as coach:
        answer(coach, "Tell")
        answer(coach, "Swollen", "14:00")
        assert [message.body.splitlines()[0] for message in coach.advice] == [said("RF-DVT")]


# --- once ------------------------------------------------------------------------------------------------------


def test_it_is_told_once(coach: Coach) -> None:
    answer(coach, "Swollen")
    log(coach, weakness="yes")
    assert len(coach.advice) == 2
    for _ in range(3):
        coach.restart()
        coach.advance(timedelta(days=1))
    assert len(coach.advice) == 2


def test_what_nobody_was_told_of_is_told_by_the_next_run(coach: Coach) -> None:
    """The agent was killed between saving and showing, or none ran."""
    coach.stop()
    log(coach, **YES)
    assert coach.advice == []
    coach.restart()
    assert titles(coach) == [TODAY]
    coach.restart()
    assert titles(coach) == [TODAY]


def test_what_is_deleted_before_anybody_was_told_is_told(coach: Coach) -> None:
    coach.stop()
    saved = log(coach, **YES)
    with closing(Database(coach.home.log_db, LOG)) as database:
        entries.delete(database, saved.id, coach.clock.now())
    coach.restart()
    assert titles(coach) == [TODAY]


def test_an_edit_tells_what_it_adds(coach: Coach) -> None:
    saved = log(coach, numbness="yes")
    for fields in ({"numbness": "yes", **YES}, {"numbness": "yes", **YES, "breathless": "yes"}, {"numbness": "yes"}):
        with closing(Database(coach.home.log_db, LOG)) as database:
            entries.edit(database, replace(saved, fields=fields), coach.clock.now())
        coach.settle()
    assert titles(coach) == ["Worth asking your doctor about", TODAY, NOW]
    coach.restart()
    assert len(coach.advice) == 3


def test_the_same_sign_another_day_is_told_again(coach: Coach) -> None:
    answer(coach, "Swollen")
    answer(coach, "Swollen", "14:00")
    assert titles(coach) == [TODAY, TODAY]
    assert len({message.occurrence for message in coach.advice}) == 2


def test_a_second_press_on_the_same_message_says_nothing_new(coach: Coach) -> None:
    answer(coach, "Swollen")
    message = coach.sent[0]
    coach.recorder.open[message.occurrence] = message
    coach.press("Swollen", message.occurrence)
    assert titles(coach) == [TODAY]


def test_yes_on_a_message_that_was_answered_with_no_is_heard(coach: Coach) -> None:
    """Some servers leave it on the screen. The answer that counted stays; what was meant is answered all the same."""
    answer(coach, "Fine")
    message = coach.sent[0]
    coach.recorder.open[message.occurrence] = message
    coach.press("Swollen", message.occurrence)
    assert titles(coach) == [TODAY]


# --- when it cannot be shown, or not be stored -----------------------------------------------------------------


def test_it_is_tried_again_every_minute_until_somebody_shows_it(coach: Coach) -> None:
    coach.recorder.verdict = Failed("dark")
    log(coach, **YES)
    coach.advance("13:20")
    assert coach.advice == []
    coach.recorder.verdict = Delivered("recorded")
    coach.advance(timedelta(minutes=2))
    assert titles(coach) == [TODAY]
    coach.advance("15:00")
    assert titles(coach) == [TODAY]


def test_an_answer_that_nobody_could_answer_is_answered_within_two_minutes(coach: Coach) -> None:
    coach.advance("13:00")
    coach.recorder.verdict = Failed("dark")
    answer(coach, "Swollen", "13:01")
    assert coach.advice == []
    coach.recorder.verdict = Unconfirmed()
    coach.advance("13:03")
    assert titles(coach) == [TODAY]


def test_where_nobody_shows_messages_the_agents_output_says_it_once(coach: Coach) -> None:
    coach.advance("13:00")
    coach.recorder.verdict = Failed("dark")
    answer(coach, "Swollen", "13:01")
    coach.advance("13:30")
    assert [line for line in coach.said if said("RF-DVT") in line] == [line for line in coach.said if TODAY in line]
    assert sum(said("RF-DVT") in line for line in coach.said) == 1
    assert any("messages cannot be shown: recorder: dark" in line for line in coach.said)


def test_without_any_plugin_the_agents_output_says_it(tmp_path: Path) -> None:
    with started(tmp_path) as coach:
        coach.stop()
        log(coach, **YES)
        bare = Coach(tmp_path, now="2026-11-22 13:00")
        vars(bare)["_names"] = set()
        with bare:
            bare.settle()
            assert not bare.agent.roster.loaded
            assert sum(said("RF-DVT") in line for line in bare.said) == 1


def test_at_the_start_it_waits_for_whoever_shows_it(tmp_path: Path) -> None:
    """A slow plugin does not make the agent believe that nobody can."""
    with started(tmp_path) as coach:
        coach.stop()
        log(coach, **YES)
        coach.said.clear()
        coach.load("slow", "import time\ntime.sleep(0.3)\n", strict=False)
        coach.settle()
        assert titles(coach) == [TODAY]
        assert not [line for line in coach.said if "cannot be shown" in line or TODAY in line]


def test_at_the_start_it_comes_by_the_notifier_that_is_wanted_first(tmp_path: Path) -> None:
    """Not by the one that happens to be ready first: that may be an output that nobody looks at."""
    with started(tmp_path, config='[notify]\norder = ["late", "recorder"]\n') as coach:
        coach.stop()
        log(coach, **YES)
        path = tmp_path / "shown"
        late = (
            "from pathlib import Path\nfrom crampcoach import *\nimport time\ntime.sleep(0.3)\n"
            "class Late:\n    name = 'late'\n    def start(self, events): pass\n"
            "    def withdraw(self, occurrence): pass\n    def close(self): pass\n"
            f"    def show(self, message):\n        with open({str(path)!r}, 'a') as out: out.write(message.title)\n"
            "        return Delivered()\n"
            "@hookimpl\ndef notifiers(): return [Late()]\n"
        )
        coach.load("late", late)
        coach.settle()
        assert coach.advice == []
        assert TODAY in path.read_text()


def test_a_plugin_that_never_loads_delays_it_by_its_deadline_only(tmp_path: Path) -> None:
    with started(tmp_path) as coach:
        coach.stop()
        log(coach, **YES)
        coach.load("hangs", "import time\ntime.sleep(60)\n", strict=False)
        coach.settle()
        assert titles(coach) == [TODAY]
        assert "hangs" in coach.resting()


def test_a_notifier_that_hangs_hands_it_on(tmp_path: Path) -> None:
    lamp = (
        "from crampcoach import *\nimport time\n"
        "class Lamp:\n    name = 'aa-lamp'\n    def start(self, events): pass\n"
        "    def withdraw(self, occurrence): pass\n    def close(self): pass\n"
        "    def show(self, message):\n        time.sleep(60 if message.occurrence.startswith('advice/') else 0)\n"
        "        return Failed('out')\n"
        "@hookimpl\ndef notifiers(): return [Lamp()]\n"
    )
    with started(tmp_path) as coach:
        coach.load("lamp", lamp, strict=False)
        answer(coach, "Swollen")
        assert titles(coach) == [TODAY]
        assert [dict(entry.fields) for entry in coach.entries("symptoms")] == [YES]
        assert "lamp" in coach.resting()


def test_a_message_that_its_server_lost_is_shown_again(coach: Coach) -> None:
    answer(coach, "Swollen")
    events = coach.recorder.events
    assert events
    for reason, shown in (("dismissed", 1), ("expired", 1), ("lost", 2)):
        events.closed(coach.advice[0].occurrence, reason)
        coach.settle()
        assert len(coach.advice) == shown
    assert coach.advice[0] == coach.advice[1]


def test_a_log_that_takes_nothing_delays_no_advice(coach: Coach) -> None:
    coach.advance("13:00")
    with read_only(coach.agent.store.log):
        answer_in_trouble(coach, "Swollen", lambda: coach.advice)
        assert (titles(coach), coach.entries()) == ([TODAY], ())
    turn(coach, coach.entries)
    assert (titles(coach), [dict(entry.fields) for entry in coach.entries()]) == ([TODAY], [YES])


def test_what_was_not_shown_is_tried_again_while_it_cannot_be_saved(coach: Coach) -> None:
    coach.advance("13:00")
    with read_only(coach.agent.store.log):
        tried = in_the_dark(coach)
        answer_in_trouble(coach, "Swollen", lambda: tried and not coach.agent.guard.busy())
        del vars(coach.recorder)["show"]
        coach.clock.set(coach.clock.now() + timedelta(minutes=1))
        turn(coach, lambda: coach.advice)
        assert (titles(coach), coach.entries()) == ([TODAY], ())
    turn(coach, coach.entries)
    assert (titles(coach), len(coach.entries())) == ([TODAY], 1)


def test_what_was_neither_shown_nor_saved_is_told_by_the_next_run(coach: Coach) -> None:
    """Killed with the answer in its row only, while the log cannot be written, and with a screen that was dark."""
    coach.advance("13:00")
    with read_only(coach.agent.store.log):
        tried = in_the_dark(coach)
        answer_in_trouble(coach, "Swollen", lambda: tried and not coach.agent.guard.busy())
        assert (coach.advice, coach.entries()) == ([], ())
    coach.stop()
    del vars(coach.recorder)["show"]
    coach.restart()
    assert titles(coach) == [TODAY]
    assert [dict(entry.fields) for entry in coach.entries()] == [YES]
    coach.restart()
    assert titles(coach) == [TODAY]


# --- its buttons -----------------------------------------------------------------------------------------------


def test_its_buttons_open_the_questions(coach: Coach) -> None:
    answer(coach, "Swollen")
    coach.press("More questions")
    assert coach.opened == [("check-symptoms",)]
    assert coach.entries(EXAMINED) == ()
    assert coach.advice[0].occurrence not in coach.recorder.open


def test_reading_it_ends_nothing(coach: Coach) -> None:
    answer(coach, "Swollen")
    coach.press("I have read this")
    assert coach.entries(EXAMINED) == ()


def test_a_press_is_kept_while_the_log_takes_nothing(coach: Coach) -> None:
    answer(coach, "Swollen")
    with read_only(coach.agent.store.log):
        assert coach.recorder.events
        coach.recorder.events.answer(coach.advice[0].occurrence, EXAMINED)
        turn(coach, lambda: any("readonly" in line for line in coach.said))
        assert coach.entries(EXAMINED) == ()
    turn(coach, lambda: coach.entries(EXAMINED))
    assert len(coach.entries(EXAMINED)) == 1


# --- before the first stretch ----------------------------------------------------------------------------------

STRETCH = """\
from crampcoach import Reminder, hookimpl

@hookimpl
def reminders():
    every = [Reminder(name="stretch", schedule="every 30m 13:00-16:00", say="Stretch?", tags=["stretch"], grace="2h")]
    return [*every, Reminder(name="heat", schedule="12:55", say="Heat?", tags=["heat"])]
"""


def shown(coach: Coach) -> list[str]:
    return [message.title for message in coach.recorder.sent if message.occurrence]


def test_the_signs_are_shown_once_before_the_first_stretch_ever(tmp_path: Path) -> None:
    with started(tmp_path, plugin=STRETCH) as coach:
        coach.advance("13:30")
        assert shown(coach) == ["Heat?", "Before your first stretch", "Stretch?", "Stretch?"]
        first = next(message for message in coach.recorder.sent if message.occurrence == FIRST)
        assert said("RF-ALI") not in first.body
        assert "Sudden leg pain, the foot cold, pale or numb" in first.body
        coach.restart()
        coach.advance("14:00")
        assert shown(coach).count("Before your first stretch") == 1
        assert shown(coach)[-1] == "Stretch?"


def test_no_stretch_comes_before_they_were_shown(tmp_path: Path) -> None:
    with started(tmp_path, plugin=STRETCH) as coach:
        coach.recorder.verdict = Failed("dark")
        coach.advance("13:00")
        assert shown(coach) == []
        coach.advance("13:05")
        assert [row.state for row in coach.rows("of.stretch")] == ["due"]
        coach.recorder.verdict = Unconfirmed()
        coach.advance("13:07")
        assert shown(coach) == ["Before your first stretch", "While you were away"]
        assert "Stretch?" in coach.sent[-1].body


def test_a_notifier_that_refuses_just_them_keeps_the_stretch_waiting(tmp_path: Path) -> None:
    with started(tmp_path, plugin=STRETCH) as coach:
        show = coach.recorder.show
        vars(coach.recorder)["show"] = lambda message: Failed("no") if message.occurrence == FIRST else show(message)
        coach.advance("15:30")
        assert shown(coach) == ["Heat?"]
        assert {row.state for row in coach.rows("of.stretch") if row.shows} == set()
        vars(coach.recorder)["show"] = show
        coach.advance("15:32")
        assert shown(coach) == ["Heat?", "Before your first stretch", "Stretch?"]


def test_a_kill_between_them_and_the_stretch_shows_them_again_rather_than_never(tmp_path: Path) -> None:
    with started(tmp_path, plugin=STRETCH) as coach:
        coach.recorder.verdict = Failed("dark")
        coach.advance("13:01")
        coach.recorder.verdict = Delivered("recorded")
        coach.restart()
        coach.advance("13:03")
        assert shown(coach)[-2:] == ["Before your first stretch", "Stretch?"]


def test_with_a_hold_neither_comes(tmp_path: Path) -> None:
    with started(tmp_path, plugin=STRETCH) as coach:
        log(coach, **YES)
        coach.advance("15:00")
        assert "Stretch?" not in shown(coach)
        assert "Before your first stretch" not in shown(coach)


def test_the_list_opens_in_full_from_there(tmp_path: Path) -> None:
    with started(tmp_path, plugin=STRETCH) as coach:
        coach.advance("13:00")
        assert coach.recorder.events
        coach.recorder.events.answer(FIRST, "list")
        coach.settle()
        assert coach.opened == [("check-symptoms", "--list")]


def test_a_kind_whose_title_would_wipe_advice_off_a_terminal_is_refused(coach: Coach) -> None:
    """The title stands in "saved: ...", below the advice on what was saved."""
    source = "from crampcoach import *\n@hookimpl\ndef kinds(): return [Kind(name='tea', title='Tea\\33[2J')]\n"
    coach.load("mine", source, strict=False)
    assert "title: give one line, without signs that command a terminal" in coach.resting()["mine"]
