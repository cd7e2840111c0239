"""Runs a guided session in real time: asks the keyboard, lets the seconds pass, shows what changes, heeds holds.

Two views: `ScreenView` draws, `PlainView` prints a line at each change, for pipes and screen readers.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol, TextIO

from crampcoach_stretching.lines import to_ascii, wrap
from crampcoach_stretching.progress import Key, Phase, Progress, advance, press
from crampcoach_stretching.screen import clock, draw, hold_name
from crampcoach_stretching.terminal import Keyboard, PosixKeyboard, Screen, Signals, WindowsKeyboard, suspend

#: Nobody stretched in a wait so many seconds longer than it was to be: the program was stopped, the machine slept.
GAP = 3.0
#: A hold is looked for at each change and when a pause ends, but not more often than this, in seconds.
HELD_AT_MOST = 1.0
#: ... and within a long phase after so many.
HELD_AT_LEAST = 10.0


class View(Protocol):
    """Shows a session."""

    def begin(self) -> None:
        """The session begins."""

    def show(self, progress: Progress, *, changed: bool) -> None:
        """Show where it stands; `changed`: another phase has begun. Raises OSError when nobody can see it any more."""

    def redraw(self) -> None:
        """The terminal may have changed under it: a new size, a shell in between."""

    def suspend(self) -> None:
        """Give the terminal back for a while: Ctrl+Z."""

    def resume(self) -> None:
        """Take it again."""


@dataclass(slots=True, kw_only=True)
class Guide:
    """A running session. `progress` is what was really done, at any moment; `held` says why it may not go on.

    pausable: somebody can press a key to go on. stopped_by: the number of the signal that ended it. hold: the reason of
    the hold that did. lost: what made the terminal unusable.
    """

    progress: Progress
    view: View
    keyboard: Keyboard
    signals: Signals
    monotonic: Callable[[], float]
    held: Callable[[], str]
    pausable: bool
    stopped_by: int = 0
    hold: str = ""
    lost: OSError | None = None
    _asked: float = field(default=float("-inf"))
    _ask: bool = False

    def run(self) -> None:
        """Until its end, whatever ends it."""
        try:
            self._run()
        except OSError as error:
            self.lost = error
        self.stopped_by = self.signals.stop
        if not self.progress.end:
            self.progress = press(self.progress, "stop")

    def _run(self) -> None:
        if self.pausable:
            self._wait_for_begin()
        self.view.begin()
        last, place, went_on = self.monotonic(), -1, False
        while not self.progress.end and not self.signals.stop:
            changed = self.progress.place != place
            if self._is_held(last, at_once=changed or went_on):
                return
            place = self.progress.place
            self.view.show(self.progress, changed=changed)
            wait = None if self.progress.paused else self.progress.until_next_second
            keys = self.keyboard.wait(wait)
            now = self.monotonic()
            self._pass(now - last, wait)
            last = now
            paused = self.progress.paused
            for key in keys:
                self.progress = press(self.progress, key)
            went_on = paused and not self.progress.paused
            if self.signals.suspend and not self.progress.paused:
                self.progress = press(self.progress, "pause")
            if self._disturbed():
                last = self.monotonic()

    def _wait_for_begin(self) -> None:
        """What was printed is there to be read first; and nobody is counted who has not sat down yet."""
        keys: list[Key] = []
        while not keys and not self.signals.stop:
            keys = self.keyboard.wait(None)
            self._disturbed()
        if "stop" in keys:
            self.progress = press(self.progress, "stop")

    def _disturbed(self) -> bool:
        """Do what Ctrl+Z or a new size asks for; whether time has passed over it."""
        suspended = self.signals.suspend
        if suspended:
            self.view.suspend()
            suspend(self.signals)
            self.view.resume()
        if self.signals.redraw:
            self.signals.redraw = False
            self.view.redraw()
        return suspended

    def _pass(self, seconds: float, expected: float | None) -> None:
        if expected is None:
            return
        if seconds <= expected + GAP:
            self.progress = advance(self.progress, max(0.0, seconds))
        elif self.pausable:
            self.progress = press(self.progress, "pause")

    def _is_held(self, now: float, *, at_once: bool) -> bool:
        self._ask = self._ask or at_once  # what comes too soon after the last time is asked later, not never
        if now - self._asked >= (HELD_AT_MOST if self._ask else HELD_AT_LEAST):
            self._asked, self._ask = now, False
            self.hold = self.held()
        return bool(self.hold)


@dataclass(slots=True)
class ScreenView:
    """Draws on the whole terminal, again at each second, from `begin` on; before it only takes the keys."""

    screen: Screen
    keyboard: PosixKeyboard | WindowsKeyboard
    ascii_only: bool
    bell: bool
    _draws: bool = False
    _drawn: bool = False

    def __enter__(self) -> ScreenView:
        self.keyboard.enter()
        return self

    def __exit__(self, *_: object) -> None:
        self.suspend()

    def begin(self) -> None:
        self._draws = True
        self.screen.enter()

    def show(self, progress: Progress, *, changed: bool) -> None:
        bell = self.bell and changed and self._drawn
        self._drawn = True
        self.screen.show(draw(progress, *self.screen.size(), ascii_only=self.ascii_only), bell=bell)

    def redraw(self) -> None:
        self.keyboard.enter()
        self.screen.redraw()

    def resume(self) -> None:
        self.keyboard.enter()
        if self._draws:
            self.screen.enter()

    def suspend(self) -> None:
        if self._draws:
            self.screen.leave()
        self.keyboard.leave()


@dataclass(slots=True)
class PlainView:
    """One line at each change, to be kept or read aloud. A terminal gets lines that fit it, a pipe whole ones."""

    out: TextIO
    ascii_only: bool
    bell: bool
    _stretch: object = None

    def begin(self) -> None:
        """Nothing to prepare."""

    def show(self, progress: Progress, *, changed: bool) -> None:
        if not changed:
            return
        phase = progress.phase
        text = f"{clock(progress.left)} left. {_said(phase)}"
        if phase.step is not self._stretch:
            self._stretch = phase.step
            text += f" {phase.step.instruction}"
        first = progress.place == 0
        self.write(text, bell=self.bell and not first)

    def write(self, text: str, *, bell: bool = False) -> None:
        """A line, or as many as it takes. Raises OSError when nobody reads them."""
        text = to_ascii(text) if self.ascii_only else text
        columns = terminal_columns(self.out)
        lines = wrap(text, columns) if columns else [text.strip()]
        self.out.write(("\a" if bell else "") + "\n".join(lines) + "\n")
        self.out.flush()

    def redraw(self) -> None:
        """Lines stay as they are."""

    def suspend(self) -> None:
        """Nothing to give back."""

    def resume(self) -> None:
        """Nothing to take again."""


def _said(phase: Phase) -> str:
    where = f"{hold_name(phase)}, {phase.time} of {phase.step.times}"
    match phase.kind:
        case "hold":
            return f"Hold for {seconds_in_words(phase.seconds)}: {where}."
        case "legs":
            return f"Change legs, {seconds_in_words(phase.seconds)}. Next: {where}."
        case "rest":
            return f"Rest, {seconds_in_words(phase.seconds)}. Next: {where}."
        case "stretch":
            return f"Next stretch, in {seconds_in_words(phase.seconds)}: {where}."
        case _:
            return f"Get ready, {seconds_in_words(phase.seconds)}: {where}."


def seconds_in_words(number: int) -> str:
    """ "1 second", "10 seconds"."""
    return f"{number} second{'' if number == 1 else 's'}"


def terminal_columns(out: TextIO) -> int:
    """The width of the terminal that it writes to; 0 where that is none."""
    with suppress(OSError, ValueError):
        return os.get_terminal_size(out.fileno()).columns if out.isatty() else 0
    return 0
