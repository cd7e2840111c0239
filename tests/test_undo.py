"""Undo and redo: any number of steps through what was saved, changed and deleted, and nothing is ever lost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from crampcoach.home import Home
from crampcoach.model import Entry, Problem
from crampcoach.safety.kinds import EXAMINED
from crampcoach.store import Store, entries, open_store, raised
from crampcoach.store.profile import in_force
from crampcoach.store.short_ids import short_id, whole_id
from crampcoach.store.undo import history, next_redo, next_undo, redo, undo

pytestmark = pytest.mark.pure

NOW = datetime(2026, 11, 22, 21, 0, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def entry(note: str = "", **more: Any) -> Entry:
    return Entry(**{"kind": "cramp", "at": NOW, "zone": "UTC", "note": note, **more})


def add(store: Store, *given: Entry) -> tuple[Entry, ...]:
    return entries.append(store.log, given, NOW)


def notes(store: Store) -> list[str]:
    return [one.note for one in entries.select(store.log)]


def test_back_and_forth_through_everything(store: Store) -> None:
    (one,) = add(store, entry("one"))
    (two,) = add(store, entry("two"))
    entries.edit(store.log, replace(one, note="ONE", kind="day", fields={"stress": 3}, at=NOW - HOUR), NOW)
    entries.delete(store.log, two.id, NOW)
    after = list(entries.select(store.log))
    states = [["ONE"], ["ONE", "two"], ["one", "two"], ["one"], []]
    seen = [notes(store)]
    for _ in range(4):
        undo(store.log, NOW)
        seen.append(notes(store))
    assert seen == states
    with pytest.raises(Problem, match=r"^there is nothing to undo$"):
        undo(store.log, NOW)
    for state in reversed(states[:-1]):
        redo(store.log, NOW)
        assert notes(store) == state
    with pytest.raises(Problem, match=r"^there is nothing to redo: nothing was undone, or something was saved since$"):
        redo(store.log, NOW)
    assert list(entries.select(store.log)) == after
    # And all the way once more.
    for state in states[1:]:
        undo(store.log, NOW)
        assert notes(store) == state


def test_what_was_done_again_is_undone_first(store: Store) -> None:
    add(store, entry("one"))
    add(store, entry("two"))
    undo(store.log, NOW)
    undo(store.log, NOW)
    redo(store.log, NOW)
    assert notes(store) == ["one"]
    undo(store.log, NOW)
    assert notes(store) == []
    redo(store.log, NOW)
    redo(store.log, NOW)
    assert notes(store) == ["one", "two"]


def test_saving_ends_what_can_be_done_again_as_in_an_editor(store: Store) -> None:
    add(store, entry("one"))
    undo(store.log, NOW)
    add(store, entry("two"))
    assert next_redo(store.log) == []
    with pytest.raises(Problem):
        redo(store.log, NOW)
    undo(store.log, NOW)
    assert [step.entry.note for step in next_redo(store.log)] == ["two"]


def test_what_was_saved_together_is_one_step(store: Store) -> None:
    add(store, entry("before"))
    together = add(store, *(entry(f"import {n}", origin=f"jrnl:{n}") for n in range(50)))
    assert [step.entry for step in next_undo(store.log)] == list(reversed(together))
    undo(store.log, NOW)
    assert notes(store) == ["before"]
    assert add(store, entry("import 7", origin="jrnl:7")) == ()  # what was undone is not resurrected
    redo(store.log, NOW)
    assert len(notes(store)) == 51
    undo(store.log, NOW)
    undo(store.log, NOW)
    assert notes(store) == []


def test_a_large_step_is_taken_back_in_short_transactions(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """An import saves in batches; whoever saves in the meantime is neither kept waiting nor undone."""
    monkeypatch.setattr("crampcoach.store.undo.BATCH", 20)
    (first, *_) = add(store, *(entry(f"{n}") for n in range(30)))
    step = entries.step_of(store.log, first.id)
    add(store, entry("meanwhile"))
    entries.append(store.log, [entry(f"{n}") for n in range(30, 75)], NOW, step=step)
    begun: list[str] = []
    store.log.connection.set_trace_callback(lambda sql: begun.append(sql) if sql.startswith("BEGIN") else None)
    assert len(undo(store.log, NOW)) == 75
    assert len(begun) == 4
    assert notes(store) == ["meanwhile"]
    assert len(redo(store.log, NOW)) == 75
    assert len(notes(store)) == 76
    undo(store.log, NOW)
    undo(store.log, NOW)
    assert notes(store) == []


@pytest.mark.parametrize("redone", [False, True])
def test_a_step_back_that_a_kill_has_cut_short_goes_on_next_time(
    store: Store, monkeypatch: pytest.MonkeyPatch, redone: bool
) -> None:
    monkeypatch.setattr("crampcoach.store.undo.BATCH", 20)
    add(store, *(entry(f"{n}") for n in range(50)))
    if redone:
        undo(store.log, NOW)
    go = redo if redone else undo
    commits = iter(range(2))
    real = store.log.transaction

    @contextmanager
    def dies() -> Iterator[Any]:
        if next(commits, None) is None:
            raise KeyboardInterrupt
        with real() as connection:
            yield connection

    monkeypatch.setattr(type(store.log), "transaction", lambda _self: dies())
    with pytest.raises(KeyboardInterrupt):
        go(store.log, NOW)
    monkeypatch.undo()
    assert len(notes(store)) == (40 if redone else 10)
    go(store.log, NOW)
    assert len(notes(store)) == (50 if redone else 0)


def test_a_step_of_which_something_was_changed_since(store: Store) -> None:
    one, _two = add(store, entry("one"), entry("two"))
    entries.edit(store.log, replace(one, note="ONE"), NOW)
    undo(store.log, NOW)
    assert notes(store) == ["one", "two"]
    undo(store.log, NOW)
    assert notes(store) == []


def test_no_clock_decides_what_came_last(store: Store) -> None:
    """Saved under a clock a year ahead, then after it was put right."""
    entries.append(store.log, [entry("ahead")], NOW + timedelta(days=365))
    (last,) = entries.append(store.log, [entry("last")], NOW)
    entries.edit(store.log, replace(last, note="LAST"), NOW - timedelta(days=30))
    for expected in (["ahead", "last"], ["ahead"], []):
        undo(store.log, NOW)
        assert notes(store) == expected


def test_the_history_of_an_entry_is_kept(store: Store) -> None:
    (one,) = add(store, entry("one"))
    entries.edit(store.log, replace(one, note="two"), NOW + HOUR)
    undo(store.log, NOW + 2 * HOUR)
    redo(store.log, NOW + 3 * HOUR)
    entries.delete(store.log, one.id, NOW + 4 * HOUR)
    found = history(store.log, one.id)
    assert [(one.what, one.entry and one.entry.note, one.made) for one in found] == [
        ("add", "one", NOW),
        ("edit", "two", NOW + HOUR),
        ("undo", "one", NOW + 2 * HOUR),
        ("redo", "two", NOW + 3 * HOUR),
        ("delete", None, NOW + 4 * HOUR),
    ]
    assert history(store.log, "nobody") == []


# --- safety ----------------------------------------------------------------------------------------------------

SWOLLEN = {"swelling": "yes"}


def test_an_undo_never_ends_a_hold(store: Store) -> None:
    add(store, entry(fields=SWOLLEN))
    held = raised.holding(store.log)
    assert held
    undo(store.log, NOW)
    assert raised.holding(store.log) == held
    redo(store.log, NOW)
    assert raised.holding(store.log) == held


def test_undoing_a_doctors_look_brings_the_hold_back(store: Store) -> None:
    add(store, entry(fields=SWOLLEN))
    held = raised.holding(store.log)
    add(store, entry(kind=EXAMINED))
    assert raised.holding(store.log) == ()
    undo(store.log, NOW)
    assert raised.holding(store.log) == held
    redo(store.log, NOW)
    assert raised.holding(store.log) == ()


def test_what_comes_back_is_not_raised_anew_after_a_doctors_look(store: Store) -> None:
    (one,) = add(store, entry(fields=SWOLLEN))
    add(store, entry(kind=EXAMINED))
    entries.delete(store.log, one.id, NOW)
    undo(store.log, NOW)
    assert raised.holding(store.log) == ()


def test_a_sign_that_an_edit_brings_anew_holds_also_after_a_doctors_look(store: Store) -> None:
    (one,) = add(store, entry(fields=SWOLLEN))
    held = raised.holding(store.log)
    two = entries.edit(store.log, replace(one, fields={"swelling": "no"}), NOW)
    add(store, entry(kind=EXAMINED))
    entries.edit(store.log, replace(two, note="a typo mended"), NOW)
    assert raised.holding(store.log) == ()
    raised.mark_told(store.log, [(one.id, held)], NOW)
    entries.edit(store.log, replace(two, fields=SWOLLEN), NOW)
    assert raised.holding(store.log) == held
    assert [one.flags for one in raised.untold(store.log)] == [held]


def test_a_mended_typo_does_not_raise_again_what_a_doctor_has_looked_at(store: Store) -> None:
    (one,) = add(store, entry("swollen calf", fields=SWOLLEN))
    add(store, entry(kind=EXAMINED))
    entries.edit(store.log, replace(one, note="Swollen calf."), NOW)
    assert raised.holding(store.log) == ()


def test_an_answer_about_oneself_that_is_undone_no_longer_counts(store: Store) -> None:
    from crampcoach.config import Profile

    add(store, entry(kind="profile", fields={"fluids": "limited"}))
    add(store, entry(kind="profile", fields={"fluids": "free"}))
    assert in_force(Profile(), store.log.connection).fluids == "free"
    undo(store.log, NOW)
    assert in_force(Profile(), store.log.connection).fluids == "limited"


# --- anything at all -------------------------------------------------------------------------------------------


@pytest.mark.once
def test_undo_and_redo_walk_along_every_state_there_was(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Beside a list of what the log was after each step, as an editor has it."""

    class Log(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            top = tmp_path_factory.mktemp("log")
            self.store = open_store(Home(top / "config", top / "data", top / "run"), NOW)
            self.back: list[list[Entry]] = []
            self.forth: list[list[Entry]] = []

        def teardown(self) -> None:
            self.store.close()

        def there(self) -> list[Entry]:
            return list(entries.select(self.store.log))

        def stepped(self, before: list[Entry]) -> None:
            self.back.append(before)
            self.forth.clear()

        @rule(notes=st.lists(st.text("ab", max_size=2), min_size=1, max_size=3), hours=st.integers(-2, 2))
        def add(self, notes: list[str], hours: int) -> None:
            before = self.there()
            add(self.store, *(entry(note, at=NOW + hours * HOUR) for note in notes))
            self.stepped(before)

        @precondition(lambda self: self.there())
        @rule(which=st.integers(0, 9), note=st.text("ab", max_size=2), hours=st.integers(-2, 2))
        def edit(self, which: int, note: str, hours: int) -> None:
            before = self.there()
            one = before[which % len(before)]
            entries.edit(
                self.store.log, replace(one, note=note, at=NOW + hours * HOUR, night=None, fields={note: 1}), NOW
            )
            self.stepped(before)

        @precondition(lambda self: self.there())
        @rule(which=st.integers(0, 9))
        def delete(self, which: int) -> None:
            before = self.there()
            entries.delete(self.store.log, before[which % len(before)].id, NOW)
            self.stepped(before)

        @precondition(lambda self: self.back)
        @rule()
        def undo(self) -> None:
            self.forth.append(self.there())
            undo(self.store.log, NOW)
            assert self.there() == self.back.pop()

        @precondition(lambda self: self.forth)
        @rule()
        def redo(self) -> None:
            self.back.append(self.there())
            redo(self.store.log, NOW)
            assert self.there() == self.forth.pop()

        @invariant()
        def no_further_than_that(self) -> None:
            assert bool(next_undo(self.store.log)) == bool(self.back)
            assert bool(next_redo(self.store.log)) == bool(self.forth)

    many = settings(max_examples=settings().max_examples // 4, stateful_step_count=30)
    run_state_machine_as_test(Log, settings=many)


# --- short ids -------------------------------------------------------------------------------------------------

HEAD = "01932a00-0000-7000-8000-"


def test_a_short_id_is_four_characters_or_as_many_as_it_takes(store: Store) -> None:
    tails = ["000000000000", "0a1b2c3d4e5f", "0a1b2cffffff", "0a1bffffffff", "ffffffffffff"]
    add(store, *(entry(id=HEAD + tail) for tail in tails), entry(id="mine"))
    shorts = {tail: short_id(store.log, HEAD + tail) for tail in tails}
    assert shorts == {
        "000000000000": "0000",
        "0a1b2c3d4e5f": "0a1b2c3",
        "0a1b2cffffff": "0a1b2cf",
        "0a1bffffffff": "0a1bf",
        "ffffffffffff": "ffff",
    }
    for tail, short in shorts.items():
        assert whole_id(store.log, short) == whole_id(store.log, short.upper()) == HEAD + tail
        assert whole_id(store.log, HEAD + tail) == HEAD + tail
    assert (short_id(store.log, "mine"), whole_id(store.log, "mine")) == ("mine", "mine")


def test_an_id_that_was_written_down_never_means_another_entry(store: Store) -> None:
    (one,) = add(store, entry(id=f"{HEAD}abcd00000000"))
    assert short_id(store.log, one.id) == "abcd"
    entries.delete(store.log, one.id, NOW)
    (other,) = add(store, entry(id=f"{HEAD}abcd10000000"))
    assert short_id(store.log, other.id) == "abcd1"
    with pytest.raises(Problem, match="'abcd' may be abcd0, abcd1: write one more character of the one you mean"):
        whole_id(store.log, "abcd")


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("abc", "'abc' is too short for an id: write at least 4 characters of it"),
        ("beef", "there is no entry 'beef'; `crampcoach entries` lists them with their ids"),
        ("", "there is no entry ''; "),
        ("today", "there is no entry 'today'; "),
        ("%", "there is no entry '%'; "),
        ("0" * 13, "there is no entry '0000000000000'; "),
    ],
)
def test_what_is_no_id(store: Store, given: str, sentence: str) -> None:
    add(store, entry())
    with pytest.raises(Problem) as refusal:
        whole_id(store.log, given)
    assert str(refusal.value).startswith(sentence)


def test_among_many_no_more_than_five_are_named(store: Store) -> None:
    add(store, *(entry(id=f"{HEAD}abcd{n:08x}") for n in range(9)))
    with pytest.raises(Problem, match=r"'abcd' may be abcd00000000, .*abcd00000004, \.\.\.: write one more"):
        whole_id(store.log, "abcd")


def test_neither_saving_nor_finding_reads_through_all_entries(store: Store) -> None:
    (one,) = add(store, entry("calf"))
    asked: list[str] = []
    connection = store.log.connection
    connection.set_trace_callback(asked.append)
    add(store, entry("calf"))
    entries.edit(store.log, replace(one, note="foot"), NOW)
    entries.delete(store.log, one.id, NOW)
    undo(store.log, NOW)
    redo(store.log, NOW)
    short_id(store.log, one.id)
    whole_id(store.log, short_id(store.log, one.id))
    history(store.log, one.id)
    for how in ({}, {"kind": "cramp"}, {"night": NOW.date()}, {"since": NOW, "until": NOW + HOUR}, {"text": "foot"}):
        list(entries.select(store.log, **how, newest_first=True, limit=10))
    connection.set_trace_callback(None)
    looked = [sql for sql in asked if sql.lstrip().upper().startswith(("SELECT", "UPDATE", "INSERT"))]
    assert len(looked) > 20
    for sql in looked:
        for *_, step in connection.execute(f"EXPLAIN QUERY PLAN {sql}"):
            # In order by an index, up to a limit; or what the table-valued function and the index of words do.
            fine = "USING" in step or "VIRTUAL TABLE" in step or "CONSTANT ROW" in step
            assert fine or not step.startswith("SCAN"), f"{step}: {sql}"
            assert "TEMP B-TREE" not in step, f"{step}: {sql}"
