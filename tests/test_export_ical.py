"""The calendar: two readers of others' making find in it what was logged, no night twice, and nothing in plain sight.

What calendars refuse, by their own words or by reports of people (iCloud an event without an end: bitfireAT/davx5-ose
#1859; Google a long VTIMEZONE: eoleedi/TimeTree-Exporter #157, some 1,000 events or 1 MB: roed314/seminars #777; some a
file with anything but events: libasys/calendarplus #184), is in none.
"""

from __future__ import annotations

import io
import logging
import re
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
import recurring_ical_events
from hypothesis import given
from hypothesis import strategies as st
from ical.calendar import Calendar as OtherCalendar
from ical.calendar_stream import IcsCalendarStream

from coaching import coach_of
from commands import Commands
from crampcoach import Coming, Entry, Problem
from crampcoach.context import ContextMaker
from crampcoach.home import find_home
from crampcoach.store import entries
from crampcoach.testing import Coach
from crampcoach_exporters.calendar_lines import line, text
from crampcoach_exporters.ical import IcalOptions, write

pytestmark = pytest.mark.pure

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=BERLIN)
SECRET = "My secret; words, \\n and 🦵🏽 more"


@pytest.fixture
def coach(tmp_path: Path) -> Any:
    plugins = ("cramps", "stretching", "hydration", "journaling", "exporters")
    with coach_of(tmp_path, *plugins, now="2026-11-22 12:00") as made:
        yield made


def entry(at: str, kind: str = "cramp", zone: str = "Europe/Berlin", **values: Any) -> Entry:
    moment = datetime.fromisoformat(at)
    evening = (moment.replace(tzinfo=None) - timedelta(hours=12)).date()
    usual = {"id": str(uuid.uuid5(uuid.NAMESPACE_OID, f"{kind} {at}")), "night": evening}
    return Entry(kind=kind, at=moment, zone=zone, **{**usual, **values})


def night(evening: str, *, at: str = "2026-11-22T08:00+01:00", **values: Any) -> Entry:
    return entry(at, "night", night=date.fromisoformat(evening), **values)


def written(given_: Iterable[Entry], *, now: datetime = NOW, coming: Sequence[Coming] = (), **options: Any) -> bytes:
    """The calendar of these entries."""
    ctx = ContextMaker(find_home({"CRAMPCOACH_HOME": "/nowhere"})).make("exporters", IcalOptions(**options), now)
    stream = io.BytesIO()
    write(given_, stream, replace(ctx, coming=lambda until: tuple(one for one in coming if one.due <= until)))
    return stream.getvalue()


def read(calendar: bytes) -> list[Any]:
    """Its events as icalendar has them. Whatever it or the other reader complains of fails the test."""
    found = icalendar.Calendar.from_ical(calendar)
    assert [part.errors for part in found.walk() if part.errors] == []
    assert {part.name for part in found.walk()} <= {"VCALENDAR", "VEVENT", "VALARM"}
    events: list[Any] = list(found.walk("VEVENT"))
    other = read_by_another(calendar)
    assert [(str(one["UID"]), str(one["SUMMARY"]), one.start, one.end) for one in events] == [
        (one.uid, one.summary, one.dtstart, one.dtend) for one in other.events
    ]
    assert [str(one.get("DESCRIPTION", "")) for one in events] == [one.description or "" for one in other.events]
    assert [len(list(one.walk("VALARM"))) for one in events] == [len(one.alarm) for one in other.events]
    return events


def read_by_another(calendar: bytes) -> OtherCalendar:
    return IcsCalendarStream.calendar_from_ics(calendar.decode())


def exported(commands: Commands, *words: str) -> bytes:
    """What the command writes."""
    said = commands("export", "ical", *words)
    assert said.status == 0, said
    assert all("--with-text hands them to the format too" in one for one in said.err.splitlines()), said.err
    return said.out.encode()


def titles(calendar: bytes) -> list[str]:
    return [str(one["SUMMARY"]) for one in read(calendar)]


def on(calendar: bytes, day: str) -> list[str]:
    """What a calendar shows on a day."""
    found = recurring_ical_events.of(icalendar.Calendar.from_ical(calendar)).at(date.fromisoformat(day))
    return sorted(str(one["SUMMARY"]) for one in found)


# --- what stands in it -----------------------------------------------------------------------------------------


def test_a_cramp_is_at_its_time_as_long_as_it_was() -> None:
    (event,) = read(written([entry("2026-11-21T03:10+01:00", fields={"side": "left", "severity": 7, "duration": 2.5})]))
    assert (event.start, event.end) == (
        datetime(2026, 11, 21, 2, 10, tzinfo=UTC),
        datetime(2026, 11, 21, 2, 12, 30, tzinfo=UTC),
    )
    assert (event["SUMMARY"], event["CLASS"], event["TRANSP"]) == ("Cramp 7/10", "PRIVATE", "TRANSPARENT")
    assert event["DESCRIPTION"].splitlines() == ["left", "severity 7 of 10", "duration 2.5 min"]


def test_of_a_cramp_whose_time_is_not_known_no_time_is_made_up() -> None:
    cramp = entry("2026-11-21T05:35+01:00", fields={"part": "late"})
    (event,) = read(written([cramp]))
    assert (event.start, event.end) == (date(2026, 11, 20), date(2026, 11, 21)), "the night of the 20th"


@pytest.mark.parametrize("lasts", [None, 0, -3, 1e300, True, "long", 1441])
def test_what_has_no_length_that_makes_sense_is_shown_all_the_same(lasts: object) -> None:
    (event,) = read(written([entry("2026-11-21T03:10+01:00", fields={"duration": lasts})]))
    assert event.end - event.start == timedelta(minutes=5)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"count": 0}, "Night: none"),
        ({"count": 2}, "Night: 2"),
        ({"count": 2, "at_least": True}, "Night: at least 2"),
        ({}, "Night: not known"),
        ({"count": None, "woken": 2}, "Night: not known"),
    ],
)
def test_a_night_is_a_whole_day_that_of_its_evening(fields: dict[str, Any], said: str) -> None:
    calendar = written([night("2026-11-21", fields=fields)])
    (event,) = read(calendar)
    assert (event["SUMMARY"], event.start, event.end) == (said, date(2026, 11, 21), date(2026, 11, 22))
    assert on(calendar, "2026-11-21") == [said]
    assert on(calendar, "2026-11-22") == []


def test_no_night_counts_twice() -> None:
    calendar = written(
        [
            entry("2026-11-20T23:50+01:00"),
            entry("2026-11-21T03:10+01:00"),
            entry("2026-11-21T04:10+01:00"),
            night("2026-11-20", at="2026-11-21T07:00+01:00", fields={"count": 1}),
            night("2026-11-20", at="2026-11-21T08:00+01:00", fields={"hours_slept": 6.5}),
            night("2026-11-21", at="2026-11-22T07:00+01:00", fields={"count": 2}),
            night("2026-11-21", at="2026-11-22T08:00+01:00", fields={"count": 0}),
        ]
    )
    assert on(calendar, "2026-11-20") == ["Cramp", "Night: at least 3"], "three were logged by themselves"
    assert on(calendar, "2026-11-21") == ["Cramp", "Cramp", "Night: none"], "the newest entry counts"
    described = next(one["DESCRIPTION"] for one in read(calendar) if one["SUMMARY"] == "Night: at least 3")
    assert described.splitlines() == ["cramps: at least 3", "hours slept 6.5 h"]


def test_a_night_that_was_not_entered_has_no_event() -> None:
    assert titles(written([entry("2026-11-21T03:10+01:00")])) == ["Cramp"]


def test_an_entry_whose_note_was_left_out_takes_no_number_back() -> None:
    """Without --with-text it looks as if somebody had said that they do not know."""
    counted, silent = night("2026-11-20", fields={"count": 2}), night("2026-11-20", at="2026-11-22T09:00+01:00")
    assert titles(written([counted, replace(silent, left_out=True)])) == ["Night: 2"]
    assert titles(written([counted, silent])) == ["Night: not known"], "as `week` has it"


def test_the_two_hours_of_the_autumn_change_are_two_and_the_gap_of_spring_none() -> None:
    fold = written([entry("2026-10-25T02:30+02:00"), entry("2026-10-25T02:30+01:00")])
    assert [one.start.hour for one in read(fold)] == [0, 1]
    gap = written([entry("2026-03-29T01:59+01:00", fields={"duration": 2})])
    assert [(one.start.hour, one.end.hour, one.end.minute) for one in read(gap)] == [(0, 1, 1)]
    assert {one.start.astimezone(BERLIN).hour for one in read(gap)} == {1}
    assert {one.end.astimezone(BERLIN).hour for one in read(gap)} == {3}


# --- other kinds, and words ------------------------------------------------------------------------------------


def test_other_entries_are_named_as_left_out_and_come_when_asked_for(
    coach: Coach, commands: Commands, caplog: pytest.LogCaptureFixture
) -> None:
    commands.ok("log", "medicine", "--name", "magnesium", "--change", "started", "--note", SECRET)
    commands.ok("log", "journal", "--day", "calm", "--note", SECRET)
    commands.ok("log", "profile", "--adult", "yes")
    with caplog.at_level(logging.WARNING):
        said = exported(commands)
    assert {str(one["SUMMARY"]) for one in read(said)} == {"Reminder"}
    assert caplog.messages == [
        "2 entries are no cramps or nights and are left out (journal, medicine); --everything takes them along"
    ]
    said = exported(commands, "--everything", "--days", "0")
    assert titles(said) == ["Medicine", "Journal"]
    assert b"secret" not in said
    whole = exported(commands, "--everything", "--days", "0", "--with-text")
    assert [one["DESCRIPTION"] for one in read(whole)] == [
        f"magnesium\nstarted\n{SECRET}",
        f"day calm\n{SECRET}",
    ]


@pytest.mark.parametrize("kind", ["profile", "examined"])
def test_answers_about_the_person_are_in_no_calendar(kind: str) -> None:
    with pytest.raises(Problem, match="nothing for a calendar"):
        written([entry("2026-11-21T03:10+01:00", kind)], everything=True, days=0)


def test_it_is_stamped_with_the_instant_at_which_it_was_made() -> None:
    (event,) = read(written([entry("2026-11-21T03:10+01:00")], days=0))
    assert event["DTSTAMP"].dt == NOW


def test_words_leave_only_where_they_are_asked_for(coach: Coach, commands: Commands) -> None:
    commands.ok("log", "cramp", "--at", "03:10", "--note", SECRET)
    commands.ok("log", "night", "--count", "1", "--note", SECRET)
    assert b"secret" not in exported(commands)
    whole = read(exported(commands, "--with-text", "--days", "0"))
    assert [one["DESCRIPTION"].splitlines()[-1] for one in whole] == [SECRET, SECRET]


# --- reminders -------------------------------------------------------------------------------------------------


def test_the_reminders_to_come_ring_and_tell_a_lock_screen_nothing(coach: Coach, commands: Commands) -> None:
    commands.ok("log", "profile", "--fluids", "free")
    said = exported(commands, "--days", "3")
    events = read(said)
    assert {str(one["SUMMARY"]) for one in events} == {"Reminder"}
    for event in events:
        (alarm,) = event.walk("VALARM")
        assert (alarm["ACTION"], alarm["DESCRIPTION"], alarm["TRIGGER"].dt) == ("DISPLAY", "Reminder", timedelta())
        assert "DESCRIPTION" not in event
    shown = "".join(f"{one.to_ical()!r}" for one in events)
    assert not re.search(r"(?i)cramp|stretch|stress|medic|leg|drink|health", shown)
    times = [one.start.astimezone(BERLIN).strftime("%d %H:%M") for one in events]
    plan = commands("plan", "--days", "3", "--json").json
    due = [datetime.fromisoformat(one["due"]).astimezone(BERLIN).strftime("%d %H:%M") for one in plan]
    assert times == [one for one in due if one < "25"]


def test_with_names_it_says_which(coach: Coach, commands: Commands) -> None:
    names = titles(exported(commands, "--days", "1", "--names"))
    assert names == ["journaling.evening", "stretching.evening"]


def test_without_days_there_are_none(commands: Commands) -> None:
    sentence = "there is nothing for a calendar: no cramps or nights, and no reminders; try other options"
    assert commands.fails("export", "ical", "--days", "0") == sentence
    assert "accepted is a whole number from 0 to 366" in commands.fails("export", "ical", "--days", "400", status=2)


@pytest.mark.parametrize(
    ("now", "times"),
    [
        ("2026-03-28 12:00", ["28 19:00", "28 22:00", "29 19:00", "29 22:00"]),
        ("2026-10-24 12:00", ["24 19:00", "24 22:00", "25 19:00", "25 22:00"]),
    ],
)
def test_over_a_change_of_the_clocks_they_keep_their_time_on_the_wall(
    tmp_path: Path, now: str, times: list[str]
) -> None:
    with coach_of(tmp_path, "stretching", "journaling", "exporters", now=now) as coach:
        events = read(exported(Commands(coach), "--days", "2"))
    assert [one.start.astimezone(BERLIN).strftime("%d %H:%M") for one in events] == times
    assert len({one.start.hour for one in events}) == 4, "in UTC they move"


# --- importing it again ----------------------------------------------------------------------------------------


def versions(calendar: bytes) -> dict[str, tuple[int, Any]]:
    """What decides whether an import updates an event, and what it begins with."""
    return {str(one["UID"]): (int(one["SEQUENCE"]), one.start) for one in read(calendar)}


def test_an_import_updates_what_an_earlier_one_brought(coach: Coach, commands: Commands) -> None:
    commands.ok("log", "cramp", "--at", "03:10")
    commands.ok("log", "night", "--count", "1")
    before = versions(exported(commands, "--days", "5"))
    assert versions(exported(commands, "--days", "5")) == before, "nothing happened, nothing changes"
    coach.advance("13:00")
    commands.ok("log", "night", "--count", "2")
    coach.configure('[day]\nbed = "23:45"\n')
    after = versions(exported(commands, "--days", "5"))
    assert after.keys() == before.keys()
    assert all(after[uid][0] > before[uid][0] for uid in before)
    moved = [uid for uid in before if after[uid][1] != before[uid][1]]
    assert len(moved) == 5, "of each day the stretch, which goes by bed time"


def test_in_the_afternoon_the_reminders_of_the_morning_are_no_others(tmp_path: Path) -> None:
    plugin = (
        "from crampcoach import Reminder, hookimpl\n@hookimpl\ndef reminders():\n"
        "    return [Reminder(name='r', schedule='every 2h 09:00-21:00', say='Now')]\n"
    )
    with coach_of(tmp_path, "exporters", sources={"often": plugin}, now="2026-11-22 08:00") as coach:
        morning = versions(exported(Commands(coach), "--days", "2"))
        coach.advance("16:30")
        evening = versions(exported(Commands(coach), "--days", "2"))
    assert len(morning) == 14
    assert len(evening) == 10
    assert all(morning[uid][1] == start for uid, (_, start) in evening.items())


def test_a_night_keeps_its_event_whatever_is_entered_later() -> None:
    first = night("2026-11-20", fields={"count": 1})
    later = night("2026-11-20", at="2026-11-22T09:00+01:00", fields={"count": 2})
    uids = {str(one["UID"]) for given_ in ([first], [first, later]) for one in read(written(given_))}
    assert uids == {first.id}


# --- what calendars refuse -------------------------------------------------------------------------------------


def many_cramps(many: int) -> Iterable[Entry]:
    fields = {
        "side": "left",
        "muscle": "calf",
        "severity": 7,
        "duration": 3.5,
        "asleep": True,
        "eased_by": "stretching",
    }
    start = datetime(2020, 1, 1, tzinfo=UTC)
    return (entry((start + timedelta(hours=7 * n)).isoformat(), fields=fields) for n in range(many))


def test_google_takes_as_many_events_as_it_takes_at_all() -> None:
    calendar = written(many_cramps(1000), coming=[Coming("stretching.evening", NOW + timedelta(hours=1))])
    assert len(read(calendar)) == 1001
    assert len(calendar) < 1_000_000


def test_it_streams() -> None:
    """What is over is written before the next is asked for."""
    stream = io.BytesIO()
    sizes = []

    def asked() -> Iterable[Entry]:
        for one in many_cramps(5):
            sizes.append(len(stream.getvalue()))
            yield one

    ctx = ContextMaker(find_home({"CRAMPCOACH_HOME": "/nowhere"})).make("exporters", IcalOptions(days=0), NOW)
    write(asked(), stream, ctx)
    assert sizes == sorted(set(sizes))


def test_there_is_no_calendar_without_an_event() -> None:
    with pytest.raises(Problem, match="nothing for a calendar"):
        written([], days=0)


FIELDS = st.dictionaries(
    st.sampled_from(["severity", "duration", "part", "side", "count", "at_least", "other", "minutes"]),
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(max_size=9),
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
        max_leaves=4,
    ),
    max_size=4,
)
ZONES = [ZoneInfo(name) for name in ("Europe/Berlin", "Pacific/Apia", "Asia/Kathmandu", "America/St_Johns", "UTC")]
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=300)


@st.composite
def some_entries(draw: st.DrawFn) -> list[Entry]:
    made = []
    for number in range(draw(st.integers(1, 5))):
        zone = draw(st.sampled_from(ZONES))
        at = draw(st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1), timezones=st.just(zone)))
        kind = draw(st.sampled_from(["cramp", "night", "medicine", "no"]))
        evening = draw(st.dates())
        note = draw(TEXTS)
        made.append(
            Entry(kind=kind, at=at, zone=zone.key, id=f"id-{number}", night=evening, fields=draw(FIELDS), note=note)
        )
    return made


def seen(words: str) -> str:
    """What a reader makes of a text that holds what no calendar may."""
    words = re.sub("\r\n|[\r\x85\u2028\u2029]", "\n", words)
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", "\ufffd", words)


@given(some_entries(), st.sampled_from(ZONES))
def test_whatever_is_logged_makes_a_calendar_that_everybody_takes(made: list[Entry], zone: ZoneInfo) -> None:
    calendar = written(made, now=NOW.astimezone(zone), coming=[Coming("a.b", NOW)], everything=True)
    events = read(calendar)
    nights = {one.night for one in made if one.kind == "night"}
    assert len(events) == len([one for one in made if one.kind != "night"]) + len(nights) + 1
    assert len({str(one["UID"]) for one in events}) == len(events)
    assert all(one.end > one.start for one in events)
    assert all(type(one.start) is date or one.start.utcoffset() == timedelta() for one in events)
    assert all(one["CLASS"] == "PRIVATE" and one["TRANSP"] == "TRANSPARENT" for one in events)
    raw = calendar.split(b"\r\n")
    assert raw.pop() == b""
    assert not [one for one in raw if len(one) > 75 or b"\r" in one or b"\n" in one]
    assert not [one for one in raw if re.search(rb"[\x00-\x08\x0e-\x1f\x7f]", one)]
    assert all(one.decode() for one in raw), "no character is cut in two"
    assert not re.search(rb"VTIMEZONE|TZID|RRULE|VJOURNAL|VTODO|METHOD", b"\n".join(raw).replace(b"\n ", b""))
    described = "".join(str(one.get("DESCRIPTION", "")) for one in events)
    assert all(seen(one.note) in described for one in made)


@given(TEXTS | st.text("🦵ü\\;,\n :", min_size=60, max_size=200))
def test_a_text_comes_back_however_it_has_to_be_folded(words: str) -> None:
    lines = [line("BEGIN", "VCALENDAR"), line("BEGIN", "VEVENT"), line("DESCRIPTION", text(words))]
    calendar = b"".join([*lines, line("END", "VEVENT"), line("END", "VCALENDAR")])
    event: Any = icalendar.Calendar.from_ical(calendar).walk("VEVENT")[0]
    assert event["DESCRIPTION"] == seen(words)


def test_a_note_of_a_million_characters_is_whole() -> None:
    (event,) = read(written([entry("2026-11-21T03:10+01:00", note="ö" * 1_000_000)]))
    assert event["DESCRIPTION"] == "ö" * 1_000_000


def test_what_was_saved_by_the_store_comes_out(coach: Coach, commands: Commands) -> None:
    made = [
        Entry(kind="cramp", at=datetime(2026, 11, day, 2, tzinfo=ZoneInfo(zone)), zone=zone)
        for day, zone in ((19, "Pacific/Auckland"), (20, "America/New_York"), (21, "Europe/Berlin"))
    ]
    entries.append(coach.agent.store.log, made, coach.clock.now())
    events = read(exported(commands, "--days", "0"))
    assert [one.start for one in events] == [one.at for one in made]
