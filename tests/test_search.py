"""Searching the log: words, phrases, beginnings, folded accents, and any text as it stands; the index stays in step."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from crampcoach.home import Home
from crampcoach.model import Entry, Problem
from crampcoach.store import Store, entries, open_store, undo
from crampcoach.store.database import Database, Schema
from crampcoach.store.schema import LOG
from crampcoach.store.search import literal

pytestmark = pytest.mark.pure

NOW = datetime(2026, 11, 22, 21, 0, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def add(store: Store, *notes: str, at: datetime = NOW, **more: Any) -> tuple[Entry, ...]:
    made = [Entry(kind="cramp", at=at + n * HOUR, zone="UTC", note=note, **more) for n, note in enumerate(notes)]
    return entries.append(store.log, made, NOW)


def found(store: Store, text: str, **how: Any) -> list[str]:
    return [one.note for one in entries.select(store.log, text=text, newest_first=True, **how)]


NOTES = (
    "Crème brûlée before bed",
    "left calf, tight as a rope",
    "the calf of the left leg",
    "magnesium at night; can't sleep",
    "MAGNESIUM again",
    "straße, Ångström, naïve",
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("calf", {1, 2}),
        ("CALF", {1, 2}),
        ("left calf", {1, 2}),
        ('"left calf"', {1}),
        ('"calf of the left"', {2}),
        ("magn*", {3, 4}),
        ('"magnesium ag" *', {4}),
        ("magn", set()),
        ("creme", {0}),
        ("CREME BRULEE", {0}),
        ("crème", {0}),
        ("naive angstrom", {5}),
        ("straße", {5}),
        ("rope OR bed", {0, 1}),
        ("calf NOT rope", {2}),
        ("magnesium AND sleep", {3}),
        ("calf or rope", set()),  # small letters are words
        ("can't", {3}),
        ("can't sleep", {3}),
        ("sleep can't", set()),  # taken as it stands
        ("left-calf", {1}),
        ("calf,", {1, 2}),
        ("calf, tight", {1}),
        ("night;", {3}),
        ("(calf", {1, 2}),
        ("AND", set()),
        ("calf AND", set()),
        ("*", set()),
        ("nothing", set()),
    ],
)
def test_what_a_search_finds(store: Store, text: str, expected: set[int]) -> None:
    add(store, *NOTES)
    assert found(store, text) == [NOTES[number] for number in sorted(expected, reverse=True)]


@pytest.mark.parametrize(
    "text", ["", "   ", "!!!", "*", "*calf", '"', '""', "AND", "NEAR(", "a:b", "in_note: calf", "-", "^", "{x}",
             "NOT a", "a" * 40_000, "a " * 20_000, "(" * 500, '"' * 301, "\\", "'; DROP TABLE entries; --", "?1", "%s"],
    ids=lambda text: text[:12],
)  # fmt: skip
def test_no_search_is_an_error(store: Store, text: str) -> None:
    add(store, "calf", f"so: {text} it was")
    assert f"so: {text} it was" in found(store, text) or text in ("", "   ", "in_note: calf", "NOT a", "^")


def test_words_in_fields_are_found_too_and_names_of_fields_are_not(store: Store) -> None:
    add(store, "", fields={"side": "left", "eased_by": "Getting up", "severity": 7, "more": ["Élan", {"deep": "down"}]})
    for text in ("left", "getting", '"getting up"', "elan", "down"):
        assert found(store, text) == [""], text
    for text in ("side", "eased_by", "severity", "deep", "7"):
        assert found(store, text) == [], text


@pytest.mark.parametrize("text", ["💧", "ลุก", "の夜", "—", "«", "…", "שלום", "🦵🏽"])
def test_signs_and_languages_without_spaces_are_found_in_the_text_itself(store: Store, text: str) -> None:
    notes = add(store, "calf 💧 again", "ตื่นลุกขึ้น", "昨日の夜、足がつった", "pain — «bad»…", "תה שלום", "my 🦵🏽")
    assert found(store, text) == [one.note for one in notes if text in one.note]
    add(store, "", fields={"eased_by": f'"up"\\{text}'})
    assert len(found(store, text)) == 2


def test_newest_first_within_a_kind_a_time_and_a_night(store: Store) -> None:
    add(store, *(f"calf {n}" for n in range(30)))
    entries.append(store.log, [Entry(kind="day", at=NOW + 5 * HOUR, zone="UTC", note="calf day")], NOW)
    assert found(store, "calf", limit=3) == ["calf 29", "calf 28", "calf 27"]
    assert found(store, "calf", kind="day") == ["calf day"]
    assert found(store, "calf", since=NOW + 28 * HOUR) == ["calf 29", "calf 28"]
    assert found(store, "calf", until=NOW + 2 * HOUR) == ["calf 1", "calf 0"]
    assert found(store, "calf", since=NOW + 4 * HOUR, until=NOW + 5 * HOUR) == ["calf 4"]
    night = (NOW + 20 * HOUR).date()
    assert found(store, "calf", night=night) == [f"calf {n}" for n in range(29, 14, -1)]
    oldest = entries.select(store.log, text="calf", limit=2)
    assert [one.note for one in oldest] == ["calf 0", "calf 1"]


def test_a_time_long_past_or_to_come_is_in_its_place(store: Store) -> None:
    years = (1, 1066, 1969, 1970, 2026, 9998)
    for year in years:
        add(store, f"calf {year}", at=datetime(year, 6, 1, 12, tzinfo=UTC))
    assert found(store, "calf") == [f"calf {year}" for year in reversed(years)]
    assert found(store, "calf", since=datetime(1969, 7, 1, tzinfo=UTC)) == ["calf 9998", "calf 2026", "calf 1970"]


def test_deleting_and_editing_change_what_is_found(store: Store) -> None:
    (one,) = add(store, "calf", fields={"side": "left"})
    two = entries.edit(store.log, replace(one, note="thigh", at=NOW - HOUR, fields={}), NOW)
    assert (found(store, "calf"), found(store, "left"), found(store, "thigh")) == ([], [], ["thigh"])
    entries.delete(store.log, two.id, NOW)
    assert found(store, "thigh") == []
    undo.undo(store.log, NOW)
    assert found(store, "thigh") == ["thigh"]
    undo.undo(store.log, NOW)
    assert (found(store, "calf"), found(store, "left"), found(store, "thigh")) == (["calf"], ["calf"], [])


words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)
tricky = st.lists(
    st.sampled_from(
        ["calf", "AND", "OR", "NOT", "NEAR", "(", ")", '"', "*", "^", ":", "-", "+", "{", "}", "'", ",", "💧"]
    )
).map(" ".join)


@pytest.fixture(scope="module")
def long_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    top = tmp_path_factory.mktemp("search")
    with closing(open_store(Home(top / "config", top / "data", top / "run"), NOW)) as opened:
        yield opened


@given(note=words | tricky)
def test_any_text_finds_itself_and_comes_back_equal(long_store: Store, note: str) -> None:
    """In a log of its own, for a text may read as "this, but not that"."""
    (saved,) = add(long_store, note)
    try:
        if note.strip():
            assert list(entries.select(long_store.log, text=note)) == [saved]
            assert list(entries.select(long_store.log, text=literal(note) if note.isascii() else note)) == [saved] or (
                not any(map(str.isalnum, note))
            )
        changed = entries.edit(long_store.log, replace(saved, note=note[::-1]), NOW)
        if note.strip():
            assert list(entries.select(long_store.log, text=note[::-1])) == [changed]
    finally:
        entries.delete(long_store.log, saved.id, NOW)
    assert list(entries.select(long_store.log, text=note)) == []


# --- the index in step -----------------------------------------------------------------------------------------


def indexed(connection: sqlite3.Connection, table: str) -> list[tuple[Any, ...]]:
    """Every word of an index with the place, column and position in which it stands."""
    connection.execute(f"CREATE VIRTUAL TABLE temp.words USING fts5vocab(main, {table}, instance)")
    try:
        return sorted(map(tuple, connection.execute("SELECT * FROM temp.words")))
    finally:
        connection.execute("DROP TABLE temp.words")


def built_anew(connection: sqlite3.Connection) -> list[tuple[Any, ...]]:
    """What the index would be, made of what stands in the entries."""
    with closing(sqlite3.connect(":memory:")) as fresh:
        fresh.execute(
            "CREATE VIRTUAL TABLE again USING fts5(in_note, in_fields, tokenize='unicode61 remove_diacritics 2')"
        )
        in_fields = "(SELECT group_concat(atom, char(10)) FROM json_tree(fields) WHERE type = 'text')"
        for row in connection.execute(f"SELECT place, note, {in_fields} FROM entries WHERE deleted IS NULL"):
            fresh.execute("INSERT INTO again (rowid, in_note, in_fields) VALUES (?, ?, ?)", tuple(row))
        return indexed(fresh, "again")


@pytest.mark.once
def test_the_index_stays_in_step_with_the_entries(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Whatever is saved, changed, deleted, undone and done again."""

    class Log(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            top = tmp_path_factory.mktemp("log")
            self.store = open_store(Home(top / "config", top / "data", top / "run"), NOW)
            self.now = NOW

        def teardown(self) -> None:
            assert self.store.log.sound()
            self.store.close()

        def there(self) -> list[Entry]:
            return list(entries.select(self.store.log))

        @rule(
            notes=st.lists(st.sampled_from(["calf tight", "", "crème", "💧"]), min_size=1, max_size=3),
            back=st.integers(0, 3),
        )
        def add(self, notes: list[str], back: int) -> None:
            add(self.store, *notes, at=NOW - back * HOUR, fields={"side": "left"} if back else {})

        @rule(which=st.integers(0, 9), note=st.sampled_from(["foot", "calf", ""]), hours=st.integers(-2, 2))
        def edit(self, which: int, note: str, hours: int) -> None:
            there = self.there()
            if there:
                one = there[which % len(there)]
                assert one.at
                entries.edit(self.store.log, replace(one, note=note, at=one.at + hours * HOUR, night=None), NOW)

        @rule(which=st.integers(0, 9))
        def delete(self, which: int) -> None:
            there = self.there()
            if there:
                entries.delete(self.store.log, there[which % len(there)].id, NOW)

        @rule(redo=st.booleans())
        def go_back(self, redo: bool) -> None:
            with suppress(Problem):
                (undo.redo if redo else undo.undo)(self.store.log, NOW)

        @invariant()
        def in_step(self) -> None:
            assert indexed(self.store.log.connection, "search") == built_anew(self.store.log.connection)

    many = settings(max_examples=settings().max_examples // 4, stateful_step_count=20)
    run_state_machine_as_test(Log, settings=many)


# --- where there is no FTS5, and older files --------------------------------------------------------------------


def test_a_python_without_full_text_search_is_told_in_one_sentence(home: Home) -> None:
    """No such Python can be had here; a module that is missing for sure takes its part."""
    without = Schema("log", [one.replace("USING fts5", "USING fts5_missing") for one in LOG.migrations])
    with pytest.raises(Problem) as refusal:
        Database(home.log_db, without)
    assert str(refusal.value) == (
        "this Python's SQLite has no full-text search (FTS5), which the log needs; run crampcoach with another Python, "
        "such as your system's"
    )
    with closing(Database(home.log_db, LOG)) as log:  # nothing was spoilt
        entries.append(log, [Entry(kind="cramp", at=NOW, zone="UTC", note="calf")], NOW)


@pytest.mark.parametrize("version", [1, 2])
def test_an_older_log_is_searched_and_undone_as_well(home: Home, version: int) -> None:
    older = Schema("log", LOG.migrations[:version])
    with closing(Database(home.log_db, older)) as log:
        insert = (
            "INSERT INTO entries (id, kind, at, zone, night, fields, note, origin, made, deleted) "
            "VALUES (?, 'cramp', ?, 'UTC', '2026-11-22', ?, ?, NULL, '2026-11-22T21:00:00.000Z', ?)"
        )
        rows = [("a", "calf one", None), ("b", "foot two", "2026-11-22T21:00:02.000Z"), ("c", "calf three", None)]
        for number, (name, note, deleted) in enumerate(rows):
            log.connection.execute(
                insert, [name, f"2026-11-2{number}T03:10:00.500Z", '{"side": "left"}', note, deleted]
            )
        before = log.connection.execute("SELECT * FROM entries WHERE id = 'c'").fetchone()
        revise = "INSERT INTO revisions VALUES (?, 1, ?, ?)"
        was = json.dumps({**dict(before), "note": "thigh three"})
        log.connection.execute(revise, ["c", "2026-11-22T21:00:01.000Z", was])
        log.connection.execute(
            revise, ["b", "2026-11-22T21:00:02.000Z", json.dumps({**dict(before), "id": "b", "note": "foot two"})]
        )
    with closing(open_store(home, NOW)) as store:
        assert found(store, "calf") == ["calf three", "calf one"]
        assert found(store, "left") == ["calf three", "calf one"]
        assert found(store, "foot") == []
        notes = [
            (step.before and step.before.note, step.after and step.after.note)
            for _ in range(4)
            for step in undo.undo(store.log, NOW)
        ]
        assert notes == [
            (None, "foot two"),
            ("calf three", "thigh three"),
            ("thigh three", None),
            ("foot two", None),
        ]
        assert found(store, "calf") == ["calf one"]
        connection = store.log.connection
        assert indexed(connection, "search") == built_anew(connection)
