"""The guided session without a terminal: time and keys in, what was really done and what is drawn out."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crampcoach_stretching.guide import GAP, Guide
from crampcoach_stretching.lines import fit, spread, to_ascii, width, wrap
from crampcoach_stretching.progress import Key, Phase, Progress, advance, begin, phases_of, press
from crampcoach_stretching.routine import Routine, Step, bundled_routine, total_seconds
from crampcoach_stretching.screen import KEYS, STOP, draw
from crampcoach_stretching.terminal import Signals, keys_in

pytestmark = pytest.mark.pure

EVENING = bundled_routine("evening-seated")
QUICK = Routine(
    name="quick",
    title="Quick",
    ready=2,
    change=1,
    steps=(Step(title="Calf", hold=3, rest=3, times=2), Step(title="Foot", side="both", hold=4, rest=2, times=2)),
)

texts = st.text(st.characters(exclude_categories=("Cc", "Cf", "Cs", "Zl", "Zp")), min_size=1, max_size=80)
steps = st.builds(
    Step,
    title=texts,
    side=st.sampled_from(["turns", "both", "left", "right"]),
    instruction=texts,
    hold=st.integers(1, 40),
    rest=st.integers(0, 60),
    times=st.integers(1, 4),
)
routines = st.builds(
    Routine,
    name=st.just("own"),
    title=texts,
    setup=texts,
    throughout=texts,
    ready=st.integers(0, 20),
    change=st.integers(0, 20),
    steps=st.lists(steps, min_size=1, max_size=4).map(tuple),
)
keys: st.SearchStrategy[Key] = st.sampled_from(["pause", "back", "skip", "stop"])
seconds = st.floats(0, 100) | st.sampled_from([0.0, 0.1, 0.25, 1.0, 2.999_999_9, 1e-9])
happenings: st.SearchStrategy[list[float | Key]] = st.lists(seconds | keys, max_size=40)


def after(progress: Progress, happening: float | Key) -> Progress:
    return advance(progress, happening) if isinstance(happening, float) else press(progress, happening)


# --- a routine in time -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["evening-seated", "evening-standing"])
def test_the_bundled_routines_are_the_one_that_was_tried(name: str) -> None:
    """Three stretches, 10 seconds each, three times, both legs; holding takes three minutes, changing comes on top."""
    holds = [phase for phase in phases_of(bundled_routine(name)) if phase.kind == "hold"]
    assert [phase.seconds for phase in holds] == [10] * 18
    assert sum(phase.seconds for phase in holds) == 180
    assert [phase.leg for phase in holds] == ["left", "right"] * 9
    assert [(phase.step.title, phase.time) for phase in holds if phase.leg == "left"] == [
        (step.title, time) for step in bundled_routine(name).steps for time in (1, 2, 3)
    ]
    assert 4 * 60 <= total_seconds(bundled_routine(name)) <= 4 * 60 + 30


@given(routines)
def test_each_leg_rests_at_least_as_long_as_its_step_says(routine: Routine) -> None:
    ended: dict[tuple[int, str], int] = {}
    now = 0
    for phase in phases_of(routine):
        if phase.kind == "hold":
            for leg in ("left", "right") if phase.leg == "both" else (phase.leg,):
                before = ended.get((id(phase.step), leg))
                assert before is None or now - before >= phase.step.rest
                ended[id(phase.step), leg] = now + phase.seconds
        now += phase.seconds
    assert now == total_seconds(routine)


def test_phases_in_their_order() -> None:
    def said(phase: Phase) -> str:
        return f"{phase.kind} {phase.seconds} {phase.step.title} {phase.leg} {phase.time}"

    assert [said(phase) for phase in phases_of(QUICK)] == [
        "ready 2 Calf left 1", "hold 3 Calf left 1", "legs 1 Calf right 1", "hold 3 Calf right 1",
        "legs 1 Calf left 2", "hold 3 Calf left 2", "legs 1 Calf right 2", "hold 3 Calf right 2",
        "stretch 3 Foot both 1", "hold 4 Foot both 1", "rest 2 Foot both 2", "hold 4 Foot both 2",
    ]  # fmt: skip


# --- any keys, any time ----------------------------------------------------------------------------------------


@given(routines, happenings)
def test_whatever_is_pressed_and_however_time_passes(routine: Routine, happened: list[float | Key]) -> None:
    progress = begin(routine)
    total = total_seconds(routine)
    for happening in happened:
        before, progress = progress, after(progress, happening)
        assert 0 <= progress.left <= total
        assert 0 <= progress.spent <= progress.phase.seconds + 1e-6
        assert before.done <= progress.done <= set(range(progress.holds))
        assert progress.active >= before.active
        if isinstance(happening, float):
            passed = progress.active - before.active
            assert 0 <= passed <= happening + 1e-6
            assert progress.left == pytest.approx(before.left - passed, abs=1e-4)
            assert progress.paused == before.paused
            if before.paused or before.end:
                assert progress == before
            elif happening < before.left - 1e-3:
                assert passed == pytest.approx(happening, abs=1e-6)
                assert not progress.end
            elif happening > before.left:
                assert progress.end == "finished"
        else:
            assert progress.done == before.done  # no key finishes a hold
        if not progress.end:
            assert 1 <= progress.countdown <= progress.phase.seconds
            assert 0 < progress.until_next_second <= 1
    if progress.end:
        assert (progress.left, progress.countdown) == (0, 0)


@given(routines, st.lists(st.floats(0.01, 5), min_size=1, max_size=10))
def test_left_alone_everything_is_done_in_the_time_that_was_said(routine: Routine, parts: list[float]) -> None:
    progress = begin(routine)
    number = 0
    while not progress.end:
        progress = advance(progress, parts[number % len(parts)])
        number += 1
    assert progress.end == "finished"
    assert progress.done == set(range(progress.holds))
    assert progress.active == pytest.approx(total_seconds(routine), abs=1e-3)


@given(routines, happenings)
def test_back_and_forward_again_is_where_one_was(routine: Routine, happened: list[float | Key]) -> None:
    progress = begin(routine)
    for happening in happened:
        progress = after(progress, happening)
    if progress.end or progress.phase.unit == 0:
        return
    fresh = press(press(progress, "back"), "skip")
    # In a hold `back` goes to its own pause, so that `skip` leads to the next one.
    back = press(progress, "back").phase.unit
    assert back in (progress.phase.unit, progress.phase.unit - 1)
    if not fresh.end:
        assert fresh.phase.unit == back + 1
        assert fresh.spent == 0
    else:
        assert back == progress.holds - 1
    assert (fresh.done, fresh.active) == (progress.done, progress.active)


def test_a_hold_that_was_broken_off_does_not_count() -> None:
    progress = advance(begin(QUICK), 2 + 2.9)
    assert (progress.phase.kind, progress.countdown, progress.done) == ("hold", 1, frozenset())
    progress = press(progress, "skip")
    assert (progress.phase.unit, progress.phase.kind) == (1, "legs")
    progress = advance(progress, 1 + 3)
    assert progress.done == {1}
    progress = press(progress, "stop")
    assert (progress.end, progress.done) == ("stopped", frozenset({1}))
    assert progress.active == pytest.approx(8.9)
    assert advance(progress, 100) == progress
    assert press(progress, "back") == progress


def test_back_begins_this_hold_again_and_from_its_pause_the_one_before() -> None:
    progress = advance(begin(QUICK), 2 + 3 + 1 + 2)
    assert (progress.phase.unit, progress.phase.kind) == (1, "hold")
    progress = press(progress, "back")
    assert (progress.phase.unit, progress.phase.kind, progress.countdown) == (1, "legs", 1)
    progress = press(progress, "back")
    assert (progress.phase.unit, progress.phase.kind, progress.countdown) == (0, "ready", 2)
    assert press(progress, "back").phase.unit == 0
    done = advance(progress, 2 + 3)
    assert done.done == {0}  # done twice, counted once


def test_back_gets_somewhere_also_where_there_are_no_pauses() -> None:
    routine = Routine(name="x", title="x", ready=0, change=0, steps=(Step(title="x", side="both", rest=0, times=3),))
    progress = advance(begin(routine), 10 + 10 + 5)
    progress = press(progress, "back")
    assert (progress.phase.unit, progress.spent) == (2, 0)
    assert press(progress, "back").phase.unit == 1


def test_what_comes_next() -> None:
    progress = begin(QUICK)
    named = []
    while not progress.end:
        follows = progress.next
        named.append(f"{follows.step.title} {follows.leg} {follows.time}" if follows else "the end")
        progress = press(progress, "skip")
    assert named == ["Calf right 1", "Calf left 2", "Calf right 2", "Foot both 1", "Foot both 2", "the end"]
    assert (progress.end, progress.done) == ("finished", frozenset())


def test_time_does_not_run_backwards() -> None:
    with pytest.raises(ValueError, match="cannot pass"):
        advance(begin(QUICK), -0.1)


# --- what is drawn ---------------------------------------------------------------------------------------------


@given(routines, happenings, st.integers(10, 200), st.integers(1, 60), st.booleans())
def test_it_fits_any_terminal(
    routine: Routine, happened: list[float | Key], columns: int, rows: int, ascii_only: bool
) -> None:
    progress = begin(routine)
    for happening in happened:
        progress = after(progress, happening)
    lines = draw(progress, columns, rows, ascii_only=ascii_only)
    assert 1 <= len(lines) <= rows
    for line in lines:
        assert width(line) <= columns
        assert "\x1b" not in line
        assert line.isascii() or not ascii_only


@pytest.mark.parametrize("columns", [60, 80, 120])
@pytest.mark.parametrize("name", ["evening-seated", "evening-standing"])
@pytest.mark.parametrize("ascii_only", [True, False])
def test_everything_that_matters_is_there_in_24_rows(columns: int, name: str, ascii_only: bool) -> None:
    progress = begin(bundled_routine(name))
    while not progress.end:
        lines = draw(progress, columns, 24, ascii_only=ascii_only)
        text = " ".join(" ".join(lines).split())
        phase = progress.phase
        leg = {"left": "LEFT leg", "right": "RIGHT leg"}[phase.leg]
        assert lines[0] == STOP
        assert lines[-1] == KEYS
        assert f"{phase.step.title}, {leg}, {phase.time} of 3" in text
        assert phase.step.instruction in text
        assert f"hold {phase.unit + 1} of 18" in text
        assert re.search(rf"(GET READY|HOLD|CHANGE LEGS|NEXT STRETCH)  {progress.countdown}$", "\n".join(lines), re.M)
        assert "Next: " in text
        assert f"{int(progress.left) // 60}:{int(progress.left) % 60:02} left" in text
        assert ("certainty" in text) or phase.kind != "ready"
        progress = advance(progress, 1.0)
    assert len(progress.done) == 18


def test_a_narrow_and_low_terminal_keeps_what_matters_most() -> None:
    progress = advance(begin(EVENING), 13.0)
    assert draw(progress, 60, 5, ascii_only=True) == [
        STOP,
        "Calf, LEFT leg, 1 of 3",
        "HOLD  7",
        "Next: Calf, right leg                              4:02 left",
        KEYS,
    ]
    lines = draw(progress, 30, 24, ascii_only=True)
    assert max(map(len, lines)) <= 30
    assert " ".join(lines[-2:]) == KEYS


def test_the_countdown_can_be_read_from_a_chair() -> None:
    progress = advance(begin(EVENING), 12.0)
    lines = draw(progress, 60, 24, ascii_only=True)
    at = lines.index("HOLD  8")
    assert lines[at + 2 : at + 7] == ["    ######", "    ##  ##", "    ######", "    ##  ##", "    ######"]


def test_paused_is_said_and_how_to_go_on() -> None:
    lines = draw(press(begin(EVENING), "pause"), 80, 24, ascii_only=False)
    assert "PAUSED  10" in lines
    assert lines[-1].startswith("space = go on")


# --- texts that fit --------------------------------------------------------------------------------------------


@given(st.text(), st.integers(2, 100))
def test_wrapped_lines_fit_and_lose_nothing(text: str, columns: int) -> None:
    lines = wrap(text, columns)
    assert all(width(line) <= columns for line in lines)
    assert "".join(lines).replace(" ", "") == "".join(text.split()).replace(" ", "")


@given(st.text())
def test_any_text_has_an_ascii_likeness(text: str) -> None:
    assert to_ascii(text).isascii()


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Füße, Müller\u2019s", "Fusse, Muller's"),
        ("caf\u00e9 \u2013 \u201cyes\u201d", 'cafe - "yes"'),
        ("\u5de6\u8db3", "??"),
        ("plain", "plain"),
    ],
)
def test_ascii(text: str, plain: str) -> None:
    assert to_ascii(text) == plain


def test_wide_characters_take_two_columns() -> None:
    assert width("\u5de6\u8db3 cafe\u0301") == 4 + 1 + 4
    assert wrap("\u5de6\u8db3\u5de6", 4) == ["\u5de6\u8db3", "\u5de6"]
    assert fit("\u5de6\u8db3", 3) == "\u5de6"


@given(st.text(), st.text(), st.integers(2, 100))
def test_two_texts_at_both_ends_fit(left: str, right: str, columns: int) -> None:
    left, right = " ".join(left.split()), " ".join(right.split())
    assert all(width(line) <= columns for line in spread(left, right, columns))


# --- keys ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (" ", ["pause"]),
        ("\r", ["pause"]),
        ("bSq", ["back", "skip", "stop"]),
        ("\x1b[D\x1b[C", ["back", "skip"]),
        ("\x1bOD\x1bOC", ["back", "skip"]),
        ("\x1b[A\x1b[B\x1bOB\x1b[3~\x1b[1;5Dxyz\t", []),
        ("\x1bq", ["stop"]),
        ("\x04", ["stop"]),
    ],
)
def test_keys(typed: str, meant: list[str]) -> None:
    assert keys_in(typed) == meant


# --- the loop, on a clock of the test's own --------------------------------------------------------------------


@dataclass
class Scripted:
    """A keyboard, a view and a clock in one. `waits`: how long each wait takes beyond what was asked, and its keys."""

    waits: list[tuple[float, list[Key]]] = field(default_factory=list)
    now: float = 1000.0
    shown: list[str] = field(default_factory=list)
    on_wait: Callable[[], None] = lambda: None

    def wait(self, seconds: float | None) -> list[Key]:
        at_last: list[Key] = ["stop"] if seconds is None else []
        more, pressed = self.waits.pop(0) if self.waits else (0.0, at_last)
        self.now += (seconds or 0.0) + more
        self.on_wait()
        return pressed

    def begin(self) -> None:
        self.shown.append("begin")

    def show(self, progress: Progress, *, changed: bool) -> None:
        if changed:
            self.shown.append(f"{progress.phase.kind} {progress.phase.unit}")

    def redraw(self) -> None: ...

    def suspend(self) -> None: ...

    def resume(self) -> None: ...

    def guide(self, *, pausable: bool, held: Callable[[], str] = lambda: "") -> Guide:
        return Guide(
            progress=begin(QUICK),
            view=self,
            keyboard=self,
            signals=Signals(),
            monotonic=lambda: self.now,
            held=held,
            pausable=pausable,
        )


def test_the_loop_shows_every_change_once_and_ends_by_itself() -> None:
    scripted = Scripted()
    guide = scripted.guide(pausable=False)
    guide.run()
    assert scripted.shown == ["begin", *(f"{phase.kind} {phase.unit}" for phase in phases_of(QUICK))]
    assert (guide.progress.end, len(guide.progress.done)) == ("finished", 6)
    assert scripted.now == pytest.approx(1000 + total_seconds(QUICK))


def test_a_session_that_takes_keys_waits_for_one_and_counts_nothing_before() -> None:
    scripted = Scripted([(500.0, []), (500.0, ["pause"]), (0.0, []), (0.0, ["stop"])])
    guide = scripted.guide(pausable=True)
    guide.run()
    assert guide.progress.active == pytest.approx(2.0)
    assert scripted.shown == ["begin", "ready 0"]


def test_q_before_it_begins_ends_it() -> None:
    scripted = Scripted([(5.0, ["stop"])])
    guide = scripted.guide(pausable=True)
    guide.run()
    assert (guide.progress.end, guide.progress.active) == ("stopped", 0.0)


def test_time_in_which_the_machine_slept_is_not_stretching() -> None:
    """It waits for the person where somebody can press a key, and goes on where nobody can."""
    asleep: list[tuple[float, list[Key]]] = [(0.0, ["pause"]), (0.0, []), (3600.0, []), (0.0, ["stop"])]
    scripted = Scripted(asleep)
    guide = scripted.guide(pausable=True)
    guide.run()
    assert guide.progress.paused
    assert guide.progress.active == pytest.approx(1.0)
    scripted = Scripted([(0.0, []), (3600.0, []), (GAP - 1, [])])
    guide = scripted.guide(pausable=False)
    guide.run()
    assert guide.progress.end == "finished"
    assert guide.progress.active == pytest.approx(total_seconds(QUICK))


def test_a_hold_is_asked_for_at_each_change_but_not_more_than_once_a_second() -> None:
    asked: list[float] = []
    skip: tuple[float, list[Key]] = (-0.9, ["skip"])
    hurried: list[tuple[float, list[Key]]] = [(0.0, ["pause"]), *[skip] * 5, (0.0, ["stop"])]
    scripted = Scripted(hurried)

    def held() -> str:
        asked.append(scripted.now)
        return ""

    scripted.guide(pausable=True, held=held).run()
    assert 1 <= len(asked) <= 2
    asked.clear()
    scripted = Scripted()
    scripted.guide(pausable=False, held=held).run()
    assert asked == [1000.0, *(pytest.approx(now) for now in (1002, 1005, 1006, 1009, 1010, 1013, 1014, 1017, 1020,
                                                             1024, 1026))]  # fmt: skip


def test_a_hold_is_asked_for_in_a_long_phase_and_after_a_pause_too() -> None:
    long = Routine(name="long", title="Long", ready=0, steps=(Step(title="x", side="both", hold=35, times=1),))
    asked: list[float] = []
    scripted = Scripted()

    def held() -> str:
        asked.append(scripted.now - 1000)
        return ""

    guide = scripted.guide(pausable=False, held=held)
    guide.progress = begin(long)
    guide.run()
    assert asked == [0, 10, 20, 30]
    asked.clear()
    scripted = Scripted([(0.0, ["pause"]), (0.0, []), (0.0, ["pause"]), (4.5, ["pause"]), (0.0, ["stop"])])
    guide = scripted.guide(pausable=True, held=held)
    guide.progress = begin(long)
    guide.run()
    assert asked == [0, 2 + 4.5]
    asked.clear()
    # On and off again within a second: it is asked when that second is over.
    scripted = Scripted([(0.0, ["pause"]), (-0.8, ["pause"]), (0.1, ["pause"]), (0.0, []), (0.0, []), (0.0, ["stop"])])
    guide = scripted.guide(pausable=True, held=held)
    guide.progress = begin(long)
    guide.run()
    assert asked == [0, pytest.approx(1.1)]


def test_a_hold_ends_it_at_the_next_change_and_what_was_done_stays() -> None:
    scripted = Scripted()
    guide = scripted.guide(pausable=False, held=lambda: "One leg is swollen." if scripted.now >= 1007 else "")
    guide.run()
    assert (guide.hold, guide.progress.end, guide.progress.done) == (
        "One leg is swollen.",
        "stopped",
        frozenset({0, 1}),
    )
    assert scripted.shown[-1] == "hold 1"


def test_a_terminal_that_is_gone_ends_it_and_what_was_done_stays() -> None:
    scripted = Scripted()

    def fail() -> None:
        if scripted.now >= 1005.5:
            raise OSError(5, "Input/output error")

    scripted.on_wait = fail
    guide = scripted.guide(pausable=False)
    guide.run()
    assert guide.lost is not None
    assert (guide.progress.end, guide.progress.done) == ("stopped", frozenset({0}))
