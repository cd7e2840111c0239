"""Quiet times of plugins: reminders wait for them, safety waits for nobody, and no plugin silences all unnoticed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coaching import coach_of, log
from commands import Commands
from crampcoach import QuietTime
from crampcoach.planner import quiet_time
from crampcoach.testing import Coach

pytestmark = pytest.mark.pure

BERLIN = ZoneInfo("Europe/Berlin")
#: Its quiet times stand in a file beside it: wall times of the zone that it is asked in, or with an offset.
BUSY = """\
import json
from datetime import datetime
from pathlib import Path
from crampcoach import QuietTime, hookimpl

FOLDER = Path(__file__).parent

def _at(text, ctx):
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=ctx.now.tzinfo)

@hookimpl
def quiet_times(ctx):
    with FOLDER.joinpath("asked").open("a") as asked:
        asked.write(f"{ctx.now:%d %H:%M} {ctx.profile.fluids}\\n")
    given = json.loads(FOLDER.joinpath("times").read_text())
    return [QuietTime(start=_at(start, ctx), end=_at(end, ctx), why=why) for start, end, why in given]

@hookimpl
def tick():
    if FOLDER.joinpath("broken").exists():
        raise OSError("no calendar")
"""
TEA = """\
from crampcoach import Reminder, hookimpl

@hookimpl
def reminders():
    return [
        Reminder(name="tea", schedule="13:30", say="Tea?", grace="3h"),
        Reminder(name="loud", schedule="13:40", say="Loud", quiet="show"),
        Reminder(name="short", schedule="13:45", say="Short", grace="5m"),
    ]
"""


def times(coach: Coach, *given: tuple[str, str] | tuple[str, str, str]) -> None:
    """What the plugin says when it is asked next; a time without a date is of 22 November."""
    full = [[at if "-" in at else f"2026-11-22T{at}" for at in one[:2]] + [*(one[2:] or ("busy",))] for one in given]
    coach.home.plugin_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    coach.home.plugin_dir.joinpath("times").write_text(json.dumps(full))


def asked(coach: Coach) -> list[str]:
    """When it was asked, and for whom, since this was last called."""
    path = coach.home.plugin_dir / "asked"
    text = path.read_text()
    path.write_text("")
    return text.splitlines()


def titles(coach: Coach) -> list[str]:
    return [message.title for message in coach.sent]


def started(folder: Path, *given: tuple[str, str] | tuple[str, str, str], now: str = "", config: str = "") -> Coach:
    coach = Coach(folder, now=now or "2026-11-22 12:00", config=config, deadline=2)
    times(coach, *given)
    coach.stop()
    coach.load("calendar", BUSY, strict=False)
    coach.load("of", TEA, strict=False)
    coach.settle()
    return coach


@pytest.fixture
def coach(tmp_path: Path) -> Iterator[Coach]:
    with started(tmp_path, ("13:00", "15:00")) as one:
        yield one


# --- waiting ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("config", ["", "[quiet]\nenabled = false\n"])
def test_reminders_wait_and_come_when_the_time_is_over(tmp_path: Path, config: str) -> None:
    with started(tmp_path, ("13:00", "15:00"), config=config) as coach:
        coach.advance("14:59")
        assert titles(coach) == ["Loud"]
        (row,) = coach.rows("of.tea")
        assert (row.state, row.reason) == ("deferred", "quiet time, calendar: busy")
        assert coach.agent.timetable.next_wake() == datetime(2026, 11, 22, 14, tzinfo=UTC)
        coach.advance("15:00")
        assert titles(coach) == ["Loud", "Tea?"]


def test_what_is_too_late_by_then_is_missed_and_says_why(coach: Coach) -> None:
    coach.advance("14:00")
    (row,) = coach.rows("of.short")
    assert (row.state, row.reason) == ("missed", "quiet time, calendar: busy")


def test_what_the_person_put_off_themselves_comes(tmp_path: Path) -> None:
    with started(tmp_path, ("13:35", "15:00")) as coach:
        coach.advance("13:30")
        coach.press("snooze")
        coach.advance("13:40")
        assert sorted(titles(coach)) == ["Loud", "Tea?", "Tea?"]


def test_quiet_times_that_follow_each_other_are_one(tmp_path: Path) -> None:
    with started(tmp_path, ("13:00", "14:00"), ("14:30", "15:10"), ("14:00", "14:30")) as coach:
        commands = Commands(coach)
        coach.advance("13:50")
        assert "quiet    until today 15:10 (calendar: busy)" in commands.ok("status")
        coach.advance("15:09")
        assert titles(coach) == ["Loud"]
        coach.advance("15:10")
        assert titles(coach) == ["Loud", "Tea?"]


def test_a_quiet_time_that_reaches_into_quiet_hours_hands_over_to_them(tmp_path: Path) -> None:
    with started(tmp_path, ("21:00", "23:00"), config="[plugins.of.schedule]\ntea = '22:00'\n") as coach:
        coach.advance("22:10")
        assert [row.reason for row in coach.rows("of.tea")] == ["quiet time, calendar: busy"]
        coach.advance("23:30")
        assert [row.reason for row in coach.rows("of.tea")] == ["quiet hours"]


def test_the_advice_of_the_core_waits_for_no_plugin(coach: Coach) -> None:
    coach.advance("14:00")
    log(coach, swelling="yes")
    log(coach, numbness="yes")
    assert len(coach.advice) == 2


def test_a_message_about_a_plugin_waits_too_and_the_welcome_does_not(tmp_path: Path) -> None:
    with started(tmp_path, ("11:00", "15:00")) as coach:
        assert [message.title for message in coach.recorder.sent] == ["Welcome to crampcoach"]
        coach.home.plugin_dir.joinpath("of.py").write_text("raise OSError('dry')")
        coach.settle()
        assert set(coach.resting()) == {"of"}
        coach.advance("14:59")
        assert len(coach.recorder.sent) == 1
        coach.advance("15:01")
        assert [message.title for message in coach.recorder.sent] == ["Welcome to crampcoach", "A plugin was set aside"]


# --- the right instant, whatever the clock does ----------------------------------------------------------------

HALF_HOURLY = """\
from crampcoach import Reminder, hookimpl

@hookimpl
def reminders():
    return [Reminder(name="half", schedule="every 30m 00:00-06:00", say="Half", grace="5h")]
"""
ALWAYS = "[quiet]\nenabled = false\n[notify]\nmax_per_day = 100\n"


@pytest.mark.parametrize(
    ("now", "quiet", "comes"),
    [
        # 02:30 does not exist that night: as far after the gap as it stood inside.
        ("2026-03-29 01:20", ("2026-03-29T01:00", "2026-03-29T02:30"), "2026-03-29T01:30+00:00"),
        ("2026-03-29 01:20", ("2026-03-29T02:15", "2026-03-29T04:10"), "2026-03-29T02:10+00:00"),
        # 02:30 comes twice: the first, or the second, as the plugin says.
        ("2026-10-25 01:50", ("2026-10-25T01:55", "2026-10-25T02:30"), "2026-10-25T00:30+00:00"),
        ("2026-10-25 01:50", ("2026-10-25T01:55", "2026-10-25T02:30+01:00"), "2026-10-25T01:30+00:00"),
        # An end that the clock shows before its beginning.
        ("2026-10-25 01:50", ("2026-10-25T01:55", "2026-10-25T01:10:00+00:00"), "2026-10-25T01:10+00:00"),
    ],
)
def test_it_ends_at_its_instant_through_gap_and_fold(
    tmp_path: Path, now: str, quiet: tuple[str, str], comes: str
) -> None:
    with Coach(tmp_path, now=now, config=ALWAYS) as coach:
        times(coach, quiet)
        coach.load("calendar", BUSY)
        coach.load("of", HALF_HOURLY)
        end = datetime.fromisoformat(comes)
        coach.advance(end - coach.clock.now() - timedelta(seconds=1))
        shown_before = [
            row for row in coach.rows() if row.state == "shown" and row.shown and row.due > end - timedelta(hours=1)
        ]
        assert shown_before == []
        assert [row.state for row in coach.rows()].count("deferred") >= 1
        coach.advance(timedelta(seconds=1))
        assert coach.clock.now() == end
        assert coach.rows()[-1].state == "shown"


def test_after_a_flight_they_are_asked_for_anew(tmp_path: Path) -> None:
    """Lunch is at noon wherever the person is."""
    with started(tmp_path, ("12:30", "14:30")) as coach:
        asked(coach)
        coach.advance("13:45")
        assert titles(coach) == ["Loud"]
        coach.jump(timedelta(minutes=1), zone="America/New_York")  # 07:46 there
        assert set(asked(coach)) == {"22 07:46 unknown"}
        assert "Tea?" in titles(coach)
        coach.jump(timedelta(minutes=1), zone="Europe/Berlin")
        assert set(asked(coach)) == {"22 13:47 unknown"}
        coach.advance("14:10")
        assert coach.agent.roster.waits(coach.clock.now(), coach.clock.zone()) is not None


def test_a_zone_that_changes_at_the_start_has_nobody_asked_in_a_loop(tmp_path: Path) -> None:
    with started(tmp_path, ("13:00", "15:00")) as coach:
        coach.stop()
        asked(coach)
        coach.clock.set(zone=ZoneInfo("America/New_York"))
        coach.settle()
        assert len(asked(coach)) == 1


def test_a_clock_set_forward_ends_it(coach: Coach) -> None:
    coach.advance("13:50")
    coach.jump("15:00")
    assert titles(coach) == ["Loud", "Tea?"]


def test_a_clock_set_back_into_it_begins_it_again(coach: Coach) -> None:
    coach.advance("12:50")
    coach.jump("15:20")
    assert coach.states("of.tea") == ["shown"]
    coach.load("late", TEA.replace("13:30", "14:00"))
    coach.jump("13:10")
    coach.advance("14:59")
    assert coach.states("late.tea") == ["deferred"]
    assert coach.states("of.tea") == ["shown"], "what was shown is not taken back"
    coach.advance("15:00")
    assert coach.states("late.tea") == ["shown"]


def test_a_clock_set_back_before_it_has_it_come_in_its_time(coach: Coach) -> None:
    coach.advance("13:29")
    coach.jump("12:00")
    coach.advance("13:30")
    assert coach.states("of.tea") == ["deferred"]
    coach.advance("15:00")
    assert titles(coach) == ["Loud", "Tea?"]


def test_a_machine_that_slept_through_its_end_shows_what_waited_at_once(coach: Coach) -> None:
    coach.advance("13:50")
    coach.jump("16:00")
    assert titles(coach) == ["Loud", "Tea?"]


# --- when they are asked ---------------------------------------------------------------------------------------


def test_they_are_asked_for_at_load_at_midnight_with_the_profile_and_after_each_tick(coach: Coach) -> None:
    assert asked(coach) == ["22 12:00 unknown"]
    coach.configure("[profile]\nfluids = 'limited'\n")
    assert asked(coach) == ["22 12:00 limited"]
    coach.tick("calendar")
    assert asked(coach) == ["22 12:00 limited"]
    coach.home.plugin_dir.joinpath("broken").touch()
    coach.tick("calendar")
    assert asked(coach) == [], "a tick that failed has learnt nothing"
    coach.home.plugin_dir.joinpath("broken").unlink()
    coach.advance("23:59")
    asked(coach)
    coach.advance("00:00")
    assert asked(coach) == ["23 00:00 limited"]


def test_what_a_tick_learns_counts_at_once(coach: Coach) -> None:
    coach.advance("13:31")
    times(coach)
    coach.tick("calendar")
    assert titles(coach) == ["Tea?"]
    times(coach, ("13:00", "15:00"))
    coach.tick("calendar")
    coach.advance("13:46")
    assert coach.states("of.short") == ["deferred"]


def test_nobody_else_is_asked_and_the_agent_is_not_woken_more(tmp_path: Path) -> None:
    with coach_of(tmp_path, sources={"of": TEA}) as coach:
        before = coach.agent.timetable.next_wake()
        coach.agent.roster.ask_quiet_times()
        assert not coach.agent.guard.busy()
        assert coach.agent.timetable.next_wake() == before
    with started(tmp_path / "other", ("14:00", "15:00"), ("16:00", "17:00")) as coach:
        # Nothing waits: neither its beginning nor its end is a reason to wake up.
        assert coach.agent.timetable.next_wake() == datetime(2026, 11, 22, 12, 30, tzinfo=UTC)


def test_three_failures_in_a_row_rest_it_though_its_ticks_go_well(coach: Coach) -> None:
    coach.home.plugin_dir.joinpath("times").write_text("no JSON")
    coach.tick("calendar")
    coach.tick("calendar")
    assert coach.resting() == {}
    assert coach.failures("calendar")[0].reason.startswith("quiet_times() raised JSONDecodeError")
    coach.advance("13:35")
    assert coach.states("of.tea") == ["deferred"], "what it said before holds"
    coach.tick("calendar")
    assert set(coach.resting()) == {"calendar"}
    assert coach.states("of.tea") == ["shown"]


# --- gone with the plugin --------------------------------------------------------------------------------------


def _off(coach: Coach) -> None:
    assert coach.agent.roster.only  # which counts before what the config says
    coach.agent.roster.only = {"of", "recorder"}
    coach.configure("[quiet]\nenabled = true\n")


def _removed(coach: Coach) -> None:
    coach.home.plugin_dir.joinpath("calendar.py").unlink()
    coach.settle()


def _broken(coach: Coach) -> None:
    coach.home.plugin_dir.joinpath("calendar.py").write_text(BUSY + "\nraise OSError('dry')\n")
    coach.settle()


def _changed(coach: Coach) -> None:
    coach.home.plugin_dir.joinpath("calendar.py").write_text(
        BUSY.replace("for start, end, why in given]", "for start, end, why in []]")
    )
    coach.settle()


def _without_the_hook(coach: Coach) -> None:
    coach.home.plugin_dir.joinpath("calendar.py").write_text(
        "from crampcoach import hookimpl\n@hookimpl\ndef tick(): pass\n"
    )
    coach.settle()


def _hanging(coach: Coach) -> None:
    coach.home.plugin_dir.joinpath("calendar.py").write_text(BUSY + "\nimport time\ntime.sleep(60)\n")
    coach.settle()


@pytest.mark.parametrize("end", [_off, _removed, _broken, _changed, _without_the_hook, _hanging])
def test_they_go_with_the_plugin(coach: Coach, end: Callable[[Coach], None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crampcoach.roster.GONE", 0.0)
    coach.advance("13:50")
    assert titles(coach) == ["Loud"]
    end(coach)
    assert titles(coach) == ["Loud", "Tea?"]
    assert not coach.agent.roster.quiet_times.get("calendar")


def test_while_it_is_loaded_anew_its_old_ones_hold(coach: Coach) -> None:
    """A slip of the config must not let everything pop up in the middle of a meeting."""
    coach.advance("13:50")
    coach.configure("[day]\nbed = '23:00'\n")
    assert titles(coach) == ["Loud"]


# --- limits ----------------------------------------------------------------------------------------------------


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-11-22 13:00", "2026-11-22 13:01"),
        ("2026-11-22 00:00", "2026-11-29 00:00"),
        ("2026-10-19 00:00", "2026-10-26 00:00"),  # a week with an hour more
    ],
)
def test_up_to_a_week(start: str, end: str) -> None:
    assert QuietTime(start=moment(start), end=moment(end)).why == "busy"


@pytest.mark.parametrize(
    ("start", "end", "says"),
    [
        (moment("2026-11-22 13:00"), moment("2026-11-22 13:00"), "is not after its start"),
        (moment("2026-11-22 13:00"), moment("2026-11-29 15:00"), "more than a week; end it .*crampcoach pause"),
        (moment("2026-11-22 13:00"), datetime(9999, 12, 31, tzinfo=UTC), "is more than a week"),
        (datetime(2026, 11, 22, 13), moment("2026-11-22 14:00"), "give an aware datetime"),
        # Later on the clock, earlier in truth.
        (moment("2026-10-25 02:15").replace(fold=1), moment("2026-10-25 02:30"), "is not after its start"),
    ],
)  # fmt: skip
def test_what_is_no_quiet_time(start: datetime, end: datetime, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        QuietTime(start=start, end=end)


@pytest.mark.parametrize("why", ["Dinner with\nAnna", "x" * 41, "a\x1b[2Jb"])
def test_why_is_a_word_or_two_and_what_it_was_is_not_repeated(why: str) -> None:
    with pytest.raises(ValueError, match="one or two words") as error:
        QuietTime(start=moment("2026-11-22 13:00"), end=moment("2026-11-22 14:00"), why=why)
    assert why not in str(error.value)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("return [QuietTime(start=NOON, end=NOON + timedelta(days=9))]", "is more than a week"),
        ("return [QuietTime(start=NOON, end=NOON + timedelta(hours=1))] * 1001", "more than 1,000 results"),
        ("return [(NOON, NOON)]", "quiet_times() must give QuietTime, not tuple"),
        ("return 'always'", "quiet_times() must return a list of QuietTime, not str"),
        ("raise OSError('no calendar')", "loading it raised OSError: no calendar"),
    ],
)  # fmt: skip
def test_what_breaks_a_rule_is_refused_whole(tmp_path: Path, body: str, reason: str) -> None:
    head = "from datetime import *\nfrom crampcoach import *\nNOON = datetime(2026, 11, 22, 12, tzinfo=timezone.utc)\n"
    rest = "@hookimpl\ndef reminders(): return [Reminder(name='r', schedule='13:00', say='Half loaded')]\n"
    sources = {"bad": f"{head}@hookimpl\ndef quiet_times(): {body}\n{rest}"}
    with coach_of(tmp_path, sources=sources, strict=False) as coach:
        assert reason in coach.resting()["bad"]
        coach.advance("14:00")
        assert coach.sent == []


# --- noticed ---------------------------------------------------------------------------------------------------


def test_status_today_and_plan_say_who_has_reminders_wait(coach: Coach, commands: Commands) -> None:
    assert commands("status", "--json").json["quiet_time"] is None
    planned = {row["reminder"]: row["held"] for row in commands("plan", "--days", "1", "--json").json}
    assert planned == {"of.tea": "quiet time, calendar: busy", "of.loud": "", "of.short": "quiet time, calendar: busy"}
    coach.advance("13:40")
    assert "quiet    until today 15:00 (calendar: busy)\n" in commands.ok("status")
    assert commands("status", "--json").json["quiet_time"] == {
        "until": "2026-11-22T15:00:00+01:00", "plugin": "calendar", "why": "busy",
    }  # fmt: skip
    assert "today 13:30  of.tea    deferred (quiet time, calendar: busy)" in commands.ok("today")


def test_they_say_what_the_running_agent_keeps_to(coach: Coach, commands: Commands) -> None:
    times(coach)
    assert commands("plan", "--days", "1", "--json").json[0]["held"] == "quiet time, calendar: busy"
    asked(coach)
    coach.tick("calendar")
    assert commands("plan", "--days", "1", "--json").json[0]["held"] == ""
    assert len(asked(coach)) == 1, "commands ask nobody while an agent runs"


def test_without_an_agent_the_plugins_are_asked(coach: Coach, commands: Commands) -> None:
    def held() -> str:
        return str(commands("plan", "--days", "1", "--json").json[0]["held"])

    coach.stop()
    assert held() == "quiet time, calendar: busy"
    times(coach)
    assert held() == ""
    coach.home.plugin_dir.joinpath("times").write_text("no JSON")
    said = commands("plan", "--days", "1")
    assert said.status == 0
    assert said.err.startswith("crampcoach: plugin calendar: quiet_times() raised JSONDecodeError")


# --- whatever the times ----------------------------------------------------------------------------------------

some = st.lists(st.tuples(st.integers(0, 40), st.integers(1, 12)), max_size=8)


@given(st.dictionaries(st.sampled_from(["a", "b", "c"]), some), st.integers(0, 50))
def test_it_is_quiet_until_the_first_instant_that_none_covers(
    given: dict[str, list[tuple[int, int]]], hour: int
) -> None:
    def at(number: int) -> datetime:
        return datetime(2026, 11, 22, tzinfo=UTC) + timedelta(hours=number)

    known = {
        name: [QuietTime(start=at(start), end=at(start + length), why=name) for start, length in each]
        for name, each in given.items()
    }
    covered = {start + n for each in given.values() for start, length in each for n in range(length)}
    wait = quiet_time(at(hour), known)
    assert (wait is None) == (hour not in covered)
    if wait:
        assert wait.until == at(next(one for one in range(hour, 100) if one not in covered))
        assert wait.plugin == wait.why
        assert any(start <= hour < start + length for start, length in given[wait.plugin])
