"""How far a guided session is: pure, told of every second that passes and of every key, for any view to draw.

A session is a row of units, each a pause to get ready in and a hold. Back and skip move by units, and a hold counts as
done only when its last second has passed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from crampcoach_stretching.routine import Routine, Step, pause_after, pause_within

#: "legs": change legs; "stretch": the next stretch begins; "rest": the same once more.
PhaseKind: TypeAlias = Literal["ready", "rest", "legs", "stretch", "hold"]
Leg: TypeAlias = Literal["left", "right", "both"]
Key: TypeAlias = Literal["pause", "back", "skip", "stop"]
#: Sums of parts of a second may be off by less than this.
_ROUNDING = 1e-6
_JUST = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """A stretch of time: a hold, or the pause before one. `unit` counts holds from 0, `time` a leg's from 1."""

    kind: PhaseKind
    seconds: int
    unit: int
    step: Step
    leg: Leg
    time: int


def phases_of(routine: Routine) -> tuple[Phase, ...]:
    """A routine in time: before each hold its pause."""
    found: list[Phase] = []
    before: tuple[Step, Leg] | None = None
    for unit, (step, leg, time) in enumerate(_units(routine)):
        kind, seconds = _pause(routine, before, step, leg)
        found.append(Phase(kind=kind, seconds=seconds, unit=unit, step=step, leg=leg, time=time))
        found.append(Phase(kind="hold", seconds=step.hold, unit=unit, step=step, leg=leg, time=time))
        before = (step, leg)
    return tuple(found)


def _units(routine: Routine) -> Iterator[tuple[Step, Leg, int]]:
    for step in routine.steps:
        for time in range(1, step.times + 1):
            if step.side == "turns":
                yield step, "left", time
                yield step, "right", time
            else:
                yield step, step.side, time


def _pause(routine: Routine, before: tuple[Step, Leg] | None, step: Step, leg: Leg) -> tuple[PhaseKind, int]:
    if before is None:
        return "ready", routine.ready
    if before[0] is not step:
        return "stretch", pause_after(before[0], routine.change)
    return "legs" if before[1] != leg else "rest", pause_within(step, routine.change)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Where a session stands.

    spent: seconds of the present phase that have passed. done: the units whose hold was finished. active: seconds that
    the session ran, pauses by key not counted. end: how it ended, if it has.
    """

    routine: Routine
    phases: tuple[Phase, ...]
    place: int = 0
    spent: float = 0.0
    paused: bool = False
    end: Literal["", "finished", "stopped"] = ""
    done: frozenset[int] = frozenset()
    active: float = 0.0

    @property
    def phase(self) -> Phase:
        """The present phase; at the end the last one."""
        return self.phases[self.place]

    @property
    def countdown(self) -> int:
        """Whole seconds of the present phase that are left; 0 only when it is over."""
        return 0 if self.end else int(-(-(self.phase.seconds - self.spent - _ROUNDING) // 1))

    @property
    def next(self) -> Phase | None:
        """The hold after the present unit; None in the last one."""
        after = 2 * self.phase.unit + 3
        return self.phases[after] if after < len(self.phases) else None

    @property
    def left(self) -> float:
        """Seconds until the end, if nothing is paused or skipped."""
        if self.end:
            return 0.0
        return max(0.0, sum(phase.seconds for phase in self.phases[self.place :]) - self.spent)

    @property
    def holds(self) -> int:
        """How many holds there are in all."""
        return len(self.phases) // 2

    @property
    def until_next_second(self) -> float:
        """Seconds until the countdown shows another number, never 0."""
        part = (self.phase.seconds - self.spent) % 1
        return part if part > _ROUNDING else 1.0


def begin(routine: Routine) -> Progress:
    """A session that has just begun."""
    return _settle(Progress(routine=routine, phases=phases_of(routine)))


def advance(progress: Progress, seconds: float) -> Progress:
    """Let time pass. Nothing happens while it is paused or after its end."""
    if seconds < 0:
        raise ValueError(f"{seconds} seconds cannot pass")
    if progress.paused or progress.end:
        return progress
    passed = min(seconds, progress.left)
    return _settle(replace(progress, spent=progress.spent + passed, active=progress.active + passed))


def _settle(progress: Progress) -> Progress:
    """Leave every phase whose time is up."""
    place, spent, done = progress.place, progress.spent, set(progress.done)
    while spent >= progress.phases[place].seconds - _ROUNDING:
        if progress.phases[place].kind == "hold":
            done.add(progress.phases[place].unit)
        if place == len(progress.phases) - 1:
            return replace(progress, place=place, spent=spent, done=frozenset(done), end="finished")
        spent = max(0.0, spent - progress.phases[place].seconds)
        place += 1
    return replace(progress, place=place, spent=spent, done=frozenset(done))


def press(progress: Progress, key: Key) -> Progress:
    """A key of the person's.

    pause: stop the clock, or let it run again. skip: to the next unit, after the last one to the end. back: to the
    beginning of this unit, or where it has only just begun, of the one before. stop: the end.
    """
    if progress.end:
        return progress
    unit = progress.phase.unit
    match key:
        case "pause":
            return replace(progress, paused=not progress.paused)
        case "stop":
            return replace(progress, end="stopped")
        case "skip":
            if unit == progress.holds - 1:
                return replace(progress, end="finished")
            return _settle(replace(progress, place=2 * (unit + 1), spent=0.0))
        case "back":
            # A hold without a pause before it has only just begun in its first seconds.
            just = progress.phases[2 * unit].seconds == 0 and progress.spent < _JUST
            to = unit if progress.phase.kind == "hold" and not just else max(0, unit - 1)
            return _settle(replace(progress, place=2 * to, spent=0.0))
