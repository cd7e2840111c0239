"""The two files: what was acknowledged is there, also on a full disk and with ten writers at once."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import fields, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crampcoach.actions import Action, Done, Log, Open, Skip, Snooze
from crampcoach.clock import night_of
from crampcoach.context import KeptValues
from crampcoach.home import Home, private_file, private_folder
from crampcoach.model import OPEN_STATES, Entry, Problem, State
from crampcoach.planner import Row
from crampcoach.store import Store, agent_state, answers, entries, occurrences, open_store
from crampcoach.store.database import (
    APPLICATION_ID,
    Damaged,
    Database,
    Schema,
    database_sentence,
    set_aside,
    statements,
)
from crampcoach.store.schema import LOG, STATE, from_text, to_text
from disks import small_disk

pytestmark = pytest.mark.pure

NOW = datetime(2026, 11, 22, 21, 0, 0, 123000, UTC)
BERLIN = ZoneInfo("Europe/Berlin")
TODAY = date(2026, 11, 22)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture(scope="module")
def long_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One store for all examples of a property."""
    top = tmp_path_factory.mktemp("store")
    with closing(open_store(Home(top / "config", top / "data", top / "run"), NOW)) as opened:
        yield opened


def entry(kind: str = "cramp", at: datetime = NOW, **more: Any) -> Entry:
    return Entry(kind=kind, at=at, zone="Europe/Berlin", **more)


def add(store: Store, *given: Entry) -> tuple[Entry, ...]:
    return entries.append(store.log, given, NOW)


def everything(store: Store) -> list[Entry]:
    return list(entries.select(store.log))


# --- entries ---------------------------------------------------------------------------------------------------


def test_an_entry_is_completed_and_comes_back_as_it_was_saved(store: Store) -> None:
    (saved,) = add(store, entry(fields={"side": "left", "severity": 3, "both": None}, note="küche", origin="occ:1"))
    assert saved.at is not None
    assert saved.at.tzinfo is BERLIN
    assert (saved.night, len(saved.id)) == (TODAY, 36)
    assert entries.find(store.log, saved.id) == saved
    assert everything(store) == [saved]


def test_an_entry_keeps_the_night_and_the_id_that_it_brings(store: Store) -> None:
    (saved,) = add(store, entry(night=TODAY - DAY, id="mine"))
    assert entries.find(store.log, "mine") == saved
    assert saved.night == TODAY - DAY


def test_the_night_of_an_entry_goes_by_its_own_zone(store: Store) -> None:
    early = datetime(2026, 11, 22, 11, 30, tzinfo=UTC)  # 12:30 in Berlin, 06:30 in New York
    berlin, york = add(store, entry(at=early), Entry(kind="cramp", at=early, zone="America/New_York"))
    assert (berlin.night, york.night) == (TODAY, TODAY - DAY)


def test_an_instant_is_kept_to_the_millisecond_and_so_returned(store: Store) -> None:
    (saved,) = add(store, entry(at=NOW.replace(microsecond=123999)))
    assert everything(store) == [saved]
    assert saved.at == NOW


def test_an_entry_in_a_repeated_hour_comes_back_as_the_same_instant(store: Store) -> None:
    both = [datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in (0, 1)]  # twice 02:30 in Berlin
    add(store, *(entry(at=at) for at in both))
    assert [one.at.astimezone(UTC) for one in everything(store) if one.at] == both


def test_an_entry_without_time_or_zone_is_the_callers_mistake(store: Store) -> None:
    for incomplete in (Entry(kind="cramp", zone="UTC"), Entry(kind="cramp", at=NOW)):
        with pytest.raises(ValueError, match="has no time or zone yet"):
            add(store, incomplete)


def test_entries_are_selected_by_kind_and_time(store: Store) -> None:
    first, second, third = add(
        store, *(entry(kind, NOW + n * HOUR) for n, kind in enumerate(["cramp", "day", "cramp"]))
    )

    def chosen(**how: Any) -> list[Entry]:
        return list(entries.select(store.log, **how))

    assert chosen() == [first, second, third]
    assert chosen(newest_first=True, limit=2) == [third, second]
    assert chosen(kind="cramp") == [first, third]
    assert chosen(since=NOW + HOUR) == [second, third]
    assert chosen(until=NOW + HOUR) == [first]
    assert chosen(kind="cramp", since=NOW, until=NOW + 2 * HOUR) == [first]
    assert chosen(kind="night") == []


def test_entries_of_one_instant_keep_their_order(store: Store) -> None:
    saved = add(store, *(entry(id=f"{n:03}") for n in range(50)))
    assert everything(store) == list(saved)


def test_an_origin_is_entered_once_also_within_one_call(store: Store) -> None:
    (saved,) = add(store, entry(origin="occ:1"), entry(origin="occ:1"))
    assert add(store, entry(origin="occ:1", note="again")) == ()
    assert everything(store) == [saved]
    assert len(add(store, entry(), entry())) == 2  # without an origin nothing is the same


def test_what_was_deleted_is_not_resurrected_by_a_replay(store: Store) -> None:
    (saved,) = add(store, entry(origin="occ:1"))
    entries.delete(store.log, saved.id, NOW)
    assert everything(store) == []
    assert entries.find(store.log, saved.id) is None
    assert add(store, entry(origin="occ:1")) == ()
    assert everything(store) == []


def revisions(store: Store, number: str) -> list[tuple[int, str]]:
    sql = "SELECT number, json_extract(before, '$.note') FROM revisions WHERE entry = ? ORDER BY number"
    return [tuple(row) for row in store.log.connection.execute(sql, [number])]


def test_an_edit_keeps_what_stood_there_before(store: Store) -> None:
    (saved,) = add(store, entry(note="one", origin="occ:1", fields={"side": "left"}))
    second = entries.edit(store.log, replace(saved, note="two", kind="day", fields={}, origin=None), NOW + HOUR)
    third = entries.edit(store.log, replace(second, note="three"), NOW + 2 * HOUR)
    assert everything(store) == [replace(third, origin="occ:1")]  # where it came from does not change
    entries.delete(store.log, saved.id, NOW + 3 * HOUR)
    assert revisions(store, saved.id) == [(1, "one"), (2, "two"), (3, "three")]


def test_what_is_not_there_can_be_neither_edited_nor_deleted(store: Store) -> None:
    (saved,) = add(store, entry())
    entries.delete(store.log, saved.id, NOW)
    for number in (saved.id, "nobody"):
        with pytest.raises(Problem, match=f"there is no entry {number}; `crampcoach entries` lists them"):
            entries.delete(store.log, number, NOW)
        with pytest.raises(Problem, match="there is no entry"):
            entries.edit(store.log, replace(saved, id=number), NOW)
    assert revisions(store, "nobody") == []


@pytest.mark.parametrize(
    "bad",
    [
        entry(note="half \ud83d"),
        entry(fields={"side": "\udc00"}),
        entry(fields={"\ud800": 1}),
        entry(fields={"deep": [{"er": "\ud800"}]}),
        entry(origin="\ud800"),
    ],
)
def test_half_a_character_is_refused_with_a_sentence(store: Store, bad: Entry) -> None:
    with pytest.raises(
        Problem, match=r"^the cramp entry holds half a character \(a lone surrogate\); paste the text again$"
    ):
        add(store, entry(), bad)
    assert everything(store) == []


@pytest.mark.parametrize(
    "bad",
    [
        entry(note="a\0b"),
        entry(fields={"side": "\0"}),
        entry(fields={"side": "\\\0"}),
        entry(fields={"side": "\\\\\0"}),
        entry(fields={"a\0": 1}),
        entry(fields={"deep": [{"er": "x\0"}]}),
    ],
)
def test_a_nul_is_refused_with_a_sentence(store: Store, bad: Entry) -> None:
    with pytest.raises(Problem, match=r"^the cramp entry holds a NUL character; remove it and save again$"):
        add(store, bad)
    (saved,) = add(store, entry())
    with pytest.raises(Problem):
        entries.edit(store.log, replace(bad, id=saved.id), NOW)
    assert everything(store) == [saved]


@pytest.mark.parametrize("text", ["\\u0000", "C:\\u0000\\u0000", "\\\\u0000", "\\\\\\u0000"])
def test_a_backslash_u0000_that_somebody_typed_is_a_text_like_any_other(store: Store, text: str) -> None:
    (saved,) = add(store, entry(note=text, fields={"side": text, text: 1, "deep": [text]}))
    assert everything(store) == [saved]
    assert saved.note == saved.fields["side"] == text


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")) | st.sampled_from(
    [
        "'; DROP TABLE entries; --",
        "\u202e\u200b",
        "\r\n\t\x1b[31m",
        "\\",
        "\\u0000",
        '"',
        "\ufeff",
        "\U0001d54f",
        "%s ?",
        "\U0010ffff",
    ]
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
numbers = count()


@given(note=texts, values=st.dictionaries(texts, json_values, max_size=4), origin=texts)
def test_any_text_comes_back_as_it_was(long_store: Store, note: str, values: dict[str, Any], origin: str) -> None:
    origin = f"{next(numbers)}:{origin}"
    (saved,) = add(long_store, entry(note=note, fields=values, origin=origin))
    found = entries.find(long_store.log, saved.id)
    assert found == saved
    assert (found.note, found.fields, found.origin) == (note, values, origin)
    changed = entries.edit(long_store.log, replace(saved, note=note[::-1]), NOW)
    assert entries.find(long_store.log, saved.id) == changed


instants = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)).map(
    lambda at: at.replace(microsecond=at.microsecond // 1000 * 1000)
)


@given(instants, instants)
def test_instants_come_back_and_sort_as_text(one: datetime, other: datetime) -> None:
    assert from_text(to_text(one)) == one
    assert (to_text(one) < to_text(other)) == (one < other)
    assert to_text(one.astimezone(BERLIN)) == to_text(one)


@given(instants, st.sampled_from(["Europe/Berlin", "Pacific/Apia", "America/St_Johns", "+05:45", "-09:30"]))
def test_an_entry_has_the_night_of_its_own_zone_wherever_it_was_made(
    long_store: Store, at: datetime, zone: str
) -> None:
    (saved,) = entries.append(long_store.log, [Entry(kind="cramp", at=at, zone=zone)], NOW)
    found = entries.find(long_store.log, saved.id)
    assert found == saved
    assert found.at is not None
    assert found.at.astimezone(UTC) == at  # two zones never agree about a repeated hour (PEP 495)
    assert found.night == night_of(found.at)


# --- rows of occurrences ---------------------------------------------------------------------------------------


def row(reminder: str = "x.daily", day: date = TODAY, wall: time = time(21), **more: Any) -> Row:
    due = datetime.combine(day, wall, UTC)
    return Row(reminder=reminder, day=day, wall=wall, zone="UTC", **{"due": due, "expires": due + HOUR, **more})


def insert(store: Store, *rows: Row) -> list[Row]:
    with store.state.transaction() as connection:
        occurrences.insert_new(connection, rows)
        found = [occurrences.find(connection, one.key) for one in rows]
    return [one for one in found if one]


FULL = row(
    wall=time(23, 5),
    due=NOW,
    expires=NOW + HOUR,
    state="shown",
    reason="a reason",
    shows=2,
    shown=NOW + timedelta(seconds=1),
    delivered=NOW + timedelta(seconds=2),
    notifier="desktop",
    receipt="7 @ :1.42",
    closed="dismissed",
    chosen=True,
    retry=NOW + timedelta(seconds=3),
    lead="away/20261122T210000",
    buttons='["{}"]',
)


def test_every_field_of_a_row_comes_back(store: Store) -> None:
    assert all(getattr(FULL, one.name) != one.default for one in fields(Row) if one.name != "id")
    (found,) = insert(store, FULL)
    assert replace(found, id=0) == FULL
    assert found.id


@pytest.mark.parametrize("name", [one.name for one in fields(Row) if one.name not in ("id", "reminder", "day", "wall")])
def test_every_field_of_a_row_is_saved(store: Store, name: str) -> None:
    plain, other = insert(store, row(wall=time(23, 5)), row("x.other"))
    changed = replace(plain, **{name: getattr(FULL, name)})
    if name == "zone":
        changed = replace(plain, zone="Europe/Berlin")
    assert changed != plain
    with store.state.transaction() as connection:
        occurrences.save(connection, changed)
    connection = store.state.connection
    assert occurrences.find(connection, plain.key) == changed
    assert occurrences.find(connection, other.key) == other


def test_a_slot_becomes_a_row_once(store: Store) -> None:
    (found,) = insert(store, row())
    with store.state.transaction() as connection:
        assert occurrences.insert_new(connection, [row(state="shown"), row(wall=time(22)), row(day=TODAY + DAY)]) == 2
        assert occurrences.insert_new(connection, []) == 0
    assert occurrences.find(store.state.connection, found.key) == found


def test_rows_are_found_by_what_they_wait_for(store: Store) -> None:
    states: list[State] = ["due", "deferred", "snoozed", "shown", "done", "skipped", "expired", "missed", "withdrawn"]
    insert(store, *(row(wall=time(hour), state=state) for hour, state in enumerate(states)))
    found = occurrences.open_rows(store.state.connection)
    assert [one.state for one in found] == list(OPEN_STATES)


def test_a_key_finds_its_row_and_any_other_text_finds_none(store: Store) -> None:
    insert(store, row())
    connection = store.state.connection
    assert occurrences.find(connection, "x.daily/2026-11-22/21:00")
    for key in ("", "x.daily", "x.daily/2026-11-22", "x.daily/2026-11-22/21:01", "away/1", "a/b/c/d", "'/\"/%"):
        assert occurrences.find(connection, key) is None


def test_rows_of_a_day_and_of_a_span_of_time(store: Store) -> None:
    rows = insert(store, row(day=TODAY - DAY), row(wall=time(8)), row(), row("y.daily"), row("xy.daily"))
    connection = store.state.connection
    assert occurrences.of_day(connection, TODAY) == [rows[1], *rows[2:]]
    assert occurrences.between(connection, "x.*", rows[0].due, rows[2].due) == rows[:2]


def test_a_merged_message_speaks_for_the_rows_that_are_still_shown(store: Store) -> None:
    shown, *_ = insert(store, row(state="shown", lead="away/1"), row("y.a", state="done", lead="away/1"), row("y.b"))
    assert occurrences.spoken_for(store.state.connection, "away/1") == [shown]


def test_days_on_which_a_reminder_was_done(store: Store) -> None:
    insert(store, row(state="done"), row("y.a", state="skipped"), row(day=TODAY - DAY, state="done"))
    assert occurrences.done_days(store.state.connection, TODAY) == {("x.daily", TODAY)}
    assert len(occurrences.done_days(store.state.connection, TODAY - DAY)) == 2


def test_how_many_were_shown_since(store: Store) -> None:
    insert(store, row(shown=NOW), row("y.a", shown=NOW - HOUR), row("y.b"))
    assert occurrences.shown_since(store.state.connection, NOW) == 1
    assert occurrences.shown_since(store.state.connection, NOW - HOUR) == 2


def press(store: Store, of: Row, action: Action | None = None, at: datetime = NOW) -> answers.Answer:
    with store.state.transaction() as connection:
        return answers.add(connection, of, action or Action(label="Done"), at, "Europe/Berlin")


def test_rows_made_under_a_clock_far_ahead_are_forgotten_but_no_answer_is(store: Store) -> None:
    ahead = [row(day=TODAY + 365 * DAY, wall=time(hour)) for hour in (8, 12, 16)]
    kept, gone, pressed, entered = insert(store, row(), *ahead)
    press(store, pressed)
    with store.state.transaction() as connection:
        answers.mark_entered(connection, answers.add(connection, entered, Action(label="Done"), NOW, "UTC").id)
    with store.state.transaction() as connection:
        assert occurrences.forget_after(connection, kept.due + 2 * DAY) == 2
        assert occurrences.forget_after(connection, kept.due) == 0
    connection = store.state.connection
    assert [occurrences.find(connection, one.key) for one in (kept, gone, pressed, entered)] == [
        kept,
        None,
        pressed,
        None,
    ]
    assert [one.row for one in answers.unentered(connection)] == [pressed]


def test_old_rows_that_wait_for_nothing_are_forgotten(store: Store) -> None:
    old = NOW - 800 * DAY
    walls = iter(time(hour) for hour in range(24))
    waiting, done, pressed = insert(
        store, *(row(wall=next(walls), due=old, state=s) for s in ("shown", "done", "done"))
    )
    (fresh,) = insert(store, row(wall=next(walls), state="done"))
    press(store, pressed)
    with store.state.transaction() as connection:
        assert occurrences.forget_before(connection, NOW - 730 * DAY) == 1
    found = [occurrences.find(store.state.connection, one.key) for one in (waiting, done, pressed, fresh)]
    assert found == [waiting, None, pressed, fresh]


def test_the_history_of_a_reminder_follows_its_new_name(store: Store) -> None:
    insert(
        store, row("x.old", state="done"), row("x.old", day=TODAY - DAY), row("x.new", day=TODAY - DAY, state="done")
    )
    with store.state.transaction() as connection:
        occurrences.rename(connection, "x.old", "x.new")
    assert occurrences.done_days(store.state.connection, TODAY - DAY) == {("x.new", TODAY), ("x.new", TODAY - DAY)}


def test_what_a_plugin_wrote_never_makes_a_row_unsaveable(store: Store) -> None:
    (found,) = insert(store, row(reason="bad \ud800", receipt="\udfff"))
    assert (found.reason, found.receipt) == ("bad \\ud800", "\\udfff")


# --- answers ---------------------------------------------------------------------------------------------------

ACTIONS = [
    Action(label="Done"),
    Action(label="Not now", then=Skip()),
    Action(label="Later", then=Snooze(25)),
    Action(label="Had one", then=Log("coffee")),
    Action(label="Zwei, größer", then=Log("coffee", cups=2, kind_="x", note="é", parts=["a", {"b": None}]), key="k"),
    Action(label="Start", then=Open("stretch", "--seated")),
]


@pytest.mark.parametrize("action", ACTIONS, ids=[type(one.then).__name__ for one in ACTIONS])
def test_a_later_run_knows_what_a_button_meant(action: Action) -> None:
    assert answers.load_action(answers.dump_action(action)) == action


def test_buttons_are_kept_together() -> None:
    assert answers.load_actions(answers.dump_actions(tuple(ACTIONS))) == tuple(ACTIONS)
    assert answers.load_actions("") == ()


thens = st.sampled_from([Done(), Skip(), Open("today")]) | st.builds(Snooze, st.integers(1, 1440))


@given(thens, texts, st.from_regex(r"k[\w-]{0,20}", fullmatch=True))
def test_any_button_is_kept(then: Done | Skip | Open | Snooze, label: str, key: str) -> None:
    action = Action(label=f"x{label}", then=then, key=key)
    assert answers.load_action(answers.dump_action(action)) == action


def test_answers_wait_until_they_are_entered_oldest_first(store: Store) -> None:
    first, second = insert(store, row(state="done"), row("y.daily", state="done"))
    one, two = press(store, second, ACTIONS[3]), press(store, first, ACTIONS[2], NOW + HOUR)
    assert (one.row, one.action, one.at, one.zone) == (second, ACTIONS[3], NOW, "Europe/Berlin")
    assert answers.unentered(store.state.connection) == [one, two]
    with store.state.transaction() as connection:
        answers.mark_entered(connection, one.id)
    assert answers.unentered(store.state.connection) == [two]


def test_an_answer_needs_its_row(store: Store) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        press(store, replace(row(), id=999))


# --- the agent's other state -----------------------------------------------------------------------------------


def test_marks(store: Store) -> None:
    with store.state.transaction() as connection:
        assert agent_state.mark(connection, "swept_until") is None
        agent_state.set_mark(connection, "swept_until", "a")
        agent_state.set_mark(connection, "zone", "b")
        agent_state.set_mark(connection, "swept_until", "c")
    assert agent_state.mark(store.state.connection, "swept_until") == "c"
    assert agent_state.mark(store.state.connection, "zone") == "b"


def test_a_pause_holds_until_its_end_or_until_it_is_ended(store: Store) -> None:
    with store.state.transaction() as connection:
        assert agent_state.paused(connection, NOW) is None
        assert not agent_state.resume(connection, NOW)
        agent_state.pause(connection, NOW, NOW + HOUR)
        assert agent_state.paused(connection, NOW) == agent_state.Pause(NOW, NOW + HOUR)
        assert agent_state.paused(connection, NOW + HOUR) is None
        assert not agent_state.resume(connection, NOW + HOUR)
        agent_state.pause(connection, NOW + HOUR, None)
        assert agent_state.paused(connection, NOW + 900 * DAY) == agent_state.Pause(NOW + HOUR, None)
        agent_state.pause(connection, NOW + 2 * HOUR, NOW + 3 * HOUR)  # takes the other's place
        assert agent_state.paused(connection, NOW + 3 * HOUR) is None
        agent_state.pause(connection, NOW + 4 * HOUR, None)
        assert agent_state.resume(connection, NOW + 5 * HOUR)
        assert agent_state.paused(connection, NOW + 5 * HOUR) is None


def test_a_pause_begun_under_a_clock_far_ahead_is_forgotten(store: Store) -> None:
    with store.state.transaction() as connection:
        agent_state.pause(connection, NOW, None)
        agent_state.forget_pauses_after(connection, NOW)
        assert agent_state.paused(connection, NOW)
        agent_state.pause(connection, NOW + 365 * DAY, None)
        agent_state.forget_pauses_after(connection, NOW + 2 * DAY)
        assert agent_state.paused(connection, NOW) is None


def test_the_newest_failures_of_a_plugin_come_first(store: Store) -> None:
    made = [agent_state.Failure("x", NOW + n * HOUR, f"reason {n}", "traceback") for n in range(4)]
    with store.state.transaction() as connection:
        for failure in [*made, agent_state.Failure("y", NOW, "other", "")]:
            agent_state.add_failure(connection, failure)
        assert agent_state.failures(connection, "x", most=2) == [made[3], made[2]]
        agent_state.forget_failures_before(connection, NOW + 2 * HOUR)
        assert agent_state.failures(connection, "x") == [made[3], made[2]]
        assert agent_state.failures(connection, "y") == []


def test_a_failure_with_half_a_character_is_kept_too(store: Store) -> None:
    with store.state.transaction() as connection:
        agent_state.add_failure(connection, agent_state.Failure("x", NOW, "no file a\udcff", "Trace\udcff"))
        (found,) = agent_state.failures(connection, "x")
    assert (found.reason, found.detail) == ("no file a\\udcff", "Trace\\udcff")


def test_rules_are_replaced_plugin_by_plugin(store: Store) -> None:
    with store.state.transaction() as connection:
        agent_state.set_rules(connection, "x", {"x.a": "1", "x.b": "2"})
        agent_state.set_rules(connection, "xy", {"xy.a": "3"})
        agent_state.set_rules(connection, "x", {"x.b": "4"})
        assert agent_state.rules(connection) == {"x.b": "4", "xy.a": "3"}


@given(value=json_values.filter(lambda value: value is not None))
def test_a_plugin_keeps_any_json_value(long_store: Store, value: Any) -> None:
    with long_store.state.transaction() as connection:
        agent_state.keep(connection, "x", "key", json.dumps(value))
        agent_state.keep(connection, "y", "key", '"other"')
        assert agent_state.kept(connection, "x", "key") == value
        agent_state.keep(connection, "x", "key", None)
        assert agent_state.kept(connection, "x", "key", "default") == "default"
        assert agent_state.kept(connection, "y", "key") == "other"


def test_what_json_cannot_hold_is_refused_and_the_old_value_stays(home: Home) -> None:
    values = KeptValues(home, "x")
    values.set("key", 1)
    with pytest.raises(TypeError):
        values.set("key", object())
    assert values.get("key") == 1
    values.set("key", None)
    assert values.get("key", "default") == "default"


def test_a_plugins_value_is_made_json_before_anybody_has_to_wait_for_it(home: Home) -> None:
    others: list[str] = []

    class Sneaky(dict[str, int]):
        """Its JSON is made by a call into the plugin."""

        def items(self) -> Any:
            with closing(open_store(home, NOW)) as other, other.state.transaction() as connection:
                agent_state.set_mark(connection, "other", "1")  # would wait for ever
            others.append("written")
            return super().items()

    KeptValues(home, "x").set("key", Sneaky(a=1))
    assert others == ["written"]
    assert KeptValues(home, "x").get("key") == {"a": 1}


# --- how rows are found ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "question",
    [
        occurrences.open_rows,
        occurrences.left_on_screen,
        lambda connection: occurrences.find(connection, "x.daily/2026-11-22/21:00"),
        lambda connection: occurrences.of_day(connection, TODAY),
        lambda connection: occurrences.between(connection, "x.*", NOW, NOW + DAY),
        lambda connection: occurrences.spoken_for(connection, "away/1"),
        lambda connection: occurrences.done_days(connection, TODAY),
        lambda connection: occurrences.shown_since(connection, NOW),
        lambda connection: occurrences.forget_after(connection, NOW),
        lambda connection: occurrences.forget_before(connection, NOW),
        lambda connection: occurrences.rename(connection, "x.old", "x.new"),
        answers.unentered,
        # What deleting an occurrence does to its answers:
        lambda connection: connection.execute("DELETE FROM answers WHERE occurrence = 1"),
    ],
    ids=["open_rows", "left_on_screen", "find", "of_day", "between", "spoken_for", "done_days", "shown_since",
         "forget_after", "forget_before", "rename", "unentered", "cascade"],
)  # fmt: skip
def test_no_question_reads_through_the_rows_of_all_years(
    store: Store, question: Callable[[sqlite3.Connection], object]
) -> None:
    asked: list[str] = []
    connection = store.state.connection
    connection.set_trace_callback(asked.append)
    question(connection)
    connection.set_trace_callback(None)
    for sql in asked:
        for *_, step in connection.execute(f"EXPLAIN QUERY PLAN {sql}"):
            # An index of what still waits is short, and may be read from end to end.
            short = step.endswith(("INDEX answers_unentered", "INDEX occurrences_left"))
            assert "SCAN" not in step or short, (sql, step)


# --- the files -------------------------------------------------------------------------------------------------


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_only_their_owner_may_read_the_files(home: Home) -> None:
    old = os.umask(0)
    try:
        home.data_dir.mkdir(parents=True, mode=0o755)
        home.log_db.touch(mode=0o644)
        with closing(open_store(home, NOW)) as store:
            add(store, entry())
            insert(store, row())
            assert mode(home.data_dir) == 0o700
            files = {path.name: mode(path) for path in home.data_dir.iterdir()}
    finally:
        os.umask(old)
    assert {"log.db", "log.db-wal", "log.db-shm", "state.db", "state.db-wal"} <= set(files)
    assert set(files.values()) == {0o600}


def test_what_was_acknowledged_is_on_the_disk(store: Store) -> None:
    for database in (store.log, store.state):
        ask = [
            database.connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "foreign_keys", "application_id")
        ]
        assert ask == ["wal", 2, 1, APPLICATION_ID]


def test_what_is_saved_is_there_for_the_next_run(home: Home) -> None:
    for n in range(3):
        with closing(open_store(home, NOW)) as store:
            assert store.notes == ()
            assert len(everything(store)) == n
            add(store, entry())


def test_a_transaction_is_whole_or_not_at_all(store: Store) -> None:
    with pytest.raises(KeyboardInterrupt), store.state.transaction() as connection:
        occurrences.insert_new(connection, [row()])
        raise KeyboardInterrupt
    before: list[Entry] = []

    def fail(_connection: sqlite3.Connection, saved: Entry, _now: datetime) -> None:
        before.append(saved)
        assert len(before) < 2

    with pytest.raises(AssertionError):
        entries.append(store.log, [entry(id="new"), entry(id="other")], NOW, raises=fail)
    assert occurrences.open_rows(store.state.connection) == []
    assert everything(store) == []
    assert len(add(store, entry())) == 1


def test_only_what_is_known_is_left_out(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A number that another entry has is no reason to lose one in silence."""
    assert [one.id for one in add(store, entry(id="new"), entry(id="twice"), entry(id="twice"))] == ["new", "twice"]
    assert add(store, entry(id="new")) == ()
    (number,) = store.log.connection.execute("SELECT number FROM entries WHERE id = 'new'").fetchone()
    monkeypatch.setattr("crampcoach.store.changes.next_number", lambda _connection: number)
    with pytest.raises(sqlite3.IntegrityError):
        add(store, entry())


def test_another_programs_file_is_refused_and_left_as_it_is(home: Home) -> None:
    home.data_dir.mkdir(parents=True)
    with closing(sqlite3.connect(home.log_db)) as connection:
        connection.execute("CREATE TABLE theirs (x)")
    before = home.log_db.read_bytes()
    with pytest.raises(Problem) as refusal:
        open_store(home, NOW)
    assert str(refusal.value) == f"{home.log_db} is not crampcoach's own log; move it away, then start again"
    assert home.log_db.read_bytes() == before
    assert not list(home.data_dir.glob("*damaged*"))


def test_another_programs_empty_file_with_its_mark_is_refused(home: Home) -> None:
    home.data_dir.mkdir(parents=True)
    with closing(sqlite3.connect(home.state_db)) as connection:
        connection.execute("PRAGMA application_id=7")
    with pytest.raises(Problem, match="is not crampcoach's own state"):
        open_store(home, NOW)


def test_a_newer_crampcoachs_file_is_refused_and_left_as_it_is(home: Home) -> None:
    with closing(open_store(home, NOW)) as store:
        add(store, entry())
        store.log.connection.execute("PRAGMA user_version=99")
    before = home.log_db.read_bytes()
    with pytest.raises(Problem) as refusal:
        open_store(home, NOW)
    assert (
        str(refusal.value) == f"{home.log_db} was written by a newer crampcoach; update crampcoach, nothing was changed"
    )
    assert home.log_db.read_bytes() == before


def test_an_older_file_is_brought_up_to_date_and_keeps_what_it_holds(home: Home) -> None:
    with closing(Database(home.log_db, LOG)) as log:
        entries.append(log, [entry()], NOW)
    newer = Schema("log", [*LOG.migrations, "CREATE TABLE added (x);\nCREATE INDEX added_x ON added (x)"])
    for _ in range(2):
        with closing(Database(home.log_db, newer)) as log:
            assert log.connection.execute("PRAGMA user_version").fetchone()[0] == len(newer.migrations)
            assert log.connection.execute("SELECT count(*) FROM added").fetchone()[0] == 0
            assert len(list(entries.select(log))) == 1


def test_a_migration_that_fails_changes_nothing(home: Home) -> None:
    with closing(Database(home.log_db, LOG)):
        pass
    broken = Schema("log", [*LOG.migrations, "CREATE TABLE added (x);\nCREATE NONSENSE"])
    with pytest.raises(Problem):
        Database(home.log_db, broken)
    with closing(Database(home.log_db, LOG)) as log:
        assert log.connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'added'").fetchone()[0] == 0


TRIGGER = """
CREATE TABLE words (text TEXT);
CREATE TABLE counted (many INTEGER DEFAULT ';');
CREATE TRIGGER counts AFTER INSERT ON words BEGIN
    INSERT INTO counted VALUES (1);
    INSERT INTO counted VALUES (2); -- with a ; in it
END;
CREATE INDEX words_text ON words (text)
"""


def test_a_migration_may_make_triggers(home: Home) -> None:
    assert [one.split()[1] for one in statements(TRIGGER)] == ["TABLE", "TABLE", "TRIGGER", "INDEX"]
    with closing(Database(home.log_db, Schema("log", [*LOG.migrations, TRIGGER]))) as log:
        log.connection.execute("INSERT INTO words VALUES ('a')")
        assert log.connection.execute("SELECT many FROM counted").fetchall() != []
    with pytest.raises(Problem, match="newer"):
        Database(home.log_db, LOG)


@pytest.mark.parametrize("name", ["log", "state"])
def test_the_one_file_in_the_place_of_the_other_is_refused(home: Home, name: str) -> None:
    open_store(home, NOW).close()
    paths = {"log": (home.state_db, home.log_db), "state": (home.log_db, home.state_db)}[name]
    before = paths[0].read_bytes()
    paths[1].write_bytes(before)
    with pytest.raises(Problem, match=f"is not crampcoach's own {name}; move it away"):
        open_store(home, NOW)
    assert paths[1].read_bytes() == before


def test_nothing_is_acknowledged_that_goes_into_a_file_out_of_use(store: Store, home: Home) -> None:
    add(store, entry(note="before"))
    set_aside(home.log_db, NOW)
    with closing(open_store(home, NOW)) as other:
        with pytest.raises(sqlite3.OperationalError, match="exchanged") as refusal:
            add(store, entry(note="lost"))
        said = database_sentence(refusal.value, home.log_db)
        assert said == (f"cannot use {home.log_db}: it was exchanged for another while it was in use; do it again")
        assert store.replaced()
        add(other, entry(note="after"))
        assert [one.note for one in everything(other)] == ["after"]
    assert [one.note for one in everything(store)] == ["before"]


def test_a_file_that_came_without_its_write_ahead_log_gets_one(home: Home) -> None:
    with closing(open_store(home, NOW)) as store:
        add(store, entry())
        store.log.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        content = home.log_db.read_bytes()
    home.log_db.write_bytes(content[:18] + b"\1\1" + content[20:])
    with closing(open_store(home, NOW)) as store:
        assert store.log.connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
        assert len(everything(store)) == 1


def test_a_file_that_is_no_database_is_damaged(home: Home) -> None:
    home.data_dir.mkdir(parents=True)
    home.log_db.write_text("Dear diary,\n" * 1000)
    with pytest.raises(Damaged, match="is damaged"):
        Database(home.log_db, LOG)


def test_a_place_that_is_no_folder_is_said_in_one_sentence(home: Home) -> None:
    home.data_dir.parent.mkdir(parents=True, exist_ok=True)
    home.data_dir.write_text("")
    with pytest.raises(Problem, match=r"^cannot write .*; free it, or set CRAMPCOACH_HOME to a folder of your own$"):
        open_store(home, NOW)


def test_a_folder_in_the_place_of_a_file_is_said_in_one_sentence(home: Home) -> None:
    home.state_db.mkdir(parents=True)
    with pytest.raises(Problem, match=r"^cannot (use|write) .*state\.db.*;"):
        open_store(home, NOW)


# --- other processes -------------------------------------------------------------------------------------------

WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from crampcoach.home import Home
from crampcoach.model import Entry
from crampcoach.store import entries, open_store

top, name, most = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
sys.stdin.readline()
now = datetime(2026, 11, 22, tzinfo=UTC)
store = open_store(Home(top / "config", top / "data", top / "run"), now)
for number in range(most):
    new = Entry(kind="cramp", at=now, zone="UTC", origin=f"{name}:{number}", note="x" * (number * 37 % 5000))
    entries.append(store.log, [new], now)
    print(f"{name}:{number}", flush=True)
store.close()
"""


def writer(home: Home, name: str, most: int) -> subprocess.Popen[bytes]:
    """A process that waits for a line, then saves entries and prints the origin of each that is saved."""
    command = [sys.executable, "-c", WRITER, str(home.data_dir.parent), name, str(most)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)


def go(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin is not None
    process.stdin.write(b"go\n")


def origins(store: Store) -> set[str | None]:
    return {one.origin for one in everything(store)}


def test_ten_processes_that_write_at_once_lose_nothing(home: Home) -> None:
    processes = [writer(home, f"w{n}", 50) for n in range(10)]
    for process in processes:  # they also make the file all at once
        go(process)
    said = {line.decode() for process in processes for line in process.communicate(timeout=120)[0].split()}
    assert [process.returncode for process in processes] == [0] * 10
    assert said == {f"w{n}:{number}" for n in range(10) for number in range(50)}
    with closing(open_store(home, NOW)) as store:
        assert store.notes == ()
        assert origins(store) == said
        assert store.log.sound()


READER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from crampcoach.home import Home
from crampcoach.store import entries, open_store

top = Path(sys.argv[1])
store = open_store(Home(top / "config", top / "data", top / "run"), datetime(2026, 11, 22, tzinfo=UTC))
print(len(list(entries.select(store.log))))
store.close()
"""


def test_files_opened_twice_in_a_process_stay_whole_beside_another_process(home: Home) -> None:
    """Closing any handle of a file drops all locks that a process has on it (POSIX): then others think it is gone."""

    def seen_by_another_process() -> int:
        command = [sys.executable, "-c", READER, str(home.data_dir.parent)]
        return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)

    with closing(open_store(home, NOW)) as store:
        for n in range(3):
            add(store, entry())
            with closing(open_store(home, NOW)) as second:
                private_file(home.log_db)
                assert seen_by_another_process() == 2 * n + 1
                add(second, entry())
            assert seen_by_another_process() == 2 * n + 2
            assert len(everything(store)) == 2 * n + 2
        assert store.log.sound()


# --- no room, no right -----------------------------------------------------------------------------------------


def test_on_a_full_disk_nothing_is_lost_and_writing_goes_on_when_there_is_room(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", megabytes=1) as disk:
        home = Home(disk / "config", disk / "data", disk / "run")
        ballast = disk / "ballast"
        ballast.write_bytes(b"x" * 400_000)
        with closing(open_store(home, NOW)) as store:
            kept: list[Entry] = []
            failures = 0
            while failures < 3:
                try:
                    kept += add(store, entry(at=NOW + len(kept) * HOUR, note="x" * 3000))
                except (Problem, sqlite3.Error) as error:
                    failures += 1
                    assert "full" in str(error) or "disk" in str(error)
                assert len(kept) < 1000
            assert kept
            assert everything(store) == kept
            ballast.unlink()
            kept += add(store, entry(at=NOW + len(kept) * HOUR, note="there is room again"))
            assert everything(store) == kept
        with closing(open_store(home, NOW)) as store:
            assert everything(store) == kept
            assert store.log.sound()


def test_a_disk_that_is_full_from_the_start_is_said_in_one_sentence(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", megabytes=1) as disk:
        with pytest.raises(OSError), (disk / "ballast").open("wb") as ballast:
            ballast.write(b"x" * 2_000_000)
        home = Home(disk / "config", disk / "data", disk / "run")
        with pytest.raises(Problem) as refusal:
            open_store(home, NOW)
        assert "\n" not in str(refusal.value)
        assert str(home.data_dir) in str(refusal.value)
        (disk / "ballast").unlink()
        with closing(open_store(home, NOW)) as store:
            assert store.notes == ()
            add(store, entry())


def as_another_user(folder: Path, work: Callable[[], object]) -> str:
    """What `work` says when somebody does it who may not write in `folder`."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        said = "it did not refuse"
        try:
            if os.getuid() == 0:
                os.setgroups([])
                os.setgid(65534)
                os.setuid(65534)
            else:
                folder.chmod(0o500)
            work()
        except Problem as problem:
            said = str(problem)
        except BaseException as error:
            said = repr(error)
        os.write(write, said.encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read, encoding="utf-8") as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    folder.chmod(0o755)
    return said


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no other user to be had without fork")
def test_a_folder_that_may_not_be_written_is_said_in_one_sentence() -> None:
    # Not below tmp_path, which nobody else may enter at all.
    with tempfile.TemporaryDirectory() as name:
        top = Path(name)
        top.chmod(0o755)
        home = Home(top / "config", top / "data", top / "run")
        said = as_another_user(top, lambda: open_store(home, NOW))
        assert said.startswith(f"cannot write {home.data_dir}: Permission denied; free it, or set CRAMPCOACH_HOME to ")
        home.data_dir.mkdir(mode=0o755)
        said = as_another_user(home.data_dir, lambda: open_store(home, NOW))
        assert said.startswith(f"cannot write {home.log_db}: Permission denied; ")
        with closing(open_store(home, NOW)):
            pass
        for path in (home.data_dir, *home.data_dir.iterdir()):
            path.chmod(0o755 if path.is_dir() else 0o444)
        for rights in (0o755, 0o700):
            home.data_dir.chmod(rights)
            said = as_another_user(home.data_dir, lambda: open_store(home, NOW))
            assert said.startswith("cannot write ")
            assert "Permission denied" in said
            assert "\n" not in said


def test_private_files_and_folders_are_made_private(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    old = os.umask(0)
    try:
        assert private_folder(folder) == folder
        assert mode(folder) == 0o700
        folder.chmod(0o777)
        (folder / "file").touch(mode=0o666)
        assert private_file(folder / "file") == folder / "file"
    finally:
        os.umask(old)
    assert (mode(folder), mode(folder / "file")) == (0o700, 0o600)


def test_both_files_have_tables_of_their_own(store: Store) -> None:
    names = [
        {name for (name,) in database.connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        for database in (store.log, store.state)
    ]
    assert (store.log.schema, store.state.schema) == (LOG, STATE)
    assert {"entries", "revisions"} <= names[0]
    assert {"occurrences", "answers", "pauses", "failures"} <= names[1]
    assert not names[0] & names[1] - {"sqlite_sequence", "sqlite_stat1"}
