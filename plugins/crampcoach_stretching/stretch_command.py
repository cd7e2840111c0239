"""`crampcoach stretch`: chooses the routine, guides through it, and saves what was really done."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from crampcoach import Entry, Problem
from crampcoach_stretching.guide import Guide, PlainView, ScreenView, seconds_in_words
from crampcoach_stretching.progress import begin
from crampcoach_stretching.routine import (
    Position,
    Routine,
    Step,
    bundled_routine,
    holds_in,
    in_words,
    own_routine,
    total_seconds,
)
from crampcoach_stretching.screen import ASK, STOP
from crampcoach_stretching.terminal import (
    NoKeyboard,
    PosixKeyboard,
    Screen,
    Signals,
    WindowsKeyboard,
    noting_signals,
)

if TYPE_CHECKING:
    from crampcoach import Session

REMINDER = "evening"
UNSTEADY = (
    "Seated instead of standing: standing is for people who are steady on their feet. If you are, and no leg was "
    'injured or operated on lately, set balance = "steady" under [profile] in config.toml.'
)


@click.command("stretch", context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--position", type=click.Choice(["seated", "standing"]), help="Of the bundled routine.")
@click.option("--routine", "own", metavar="FILE", help="A routine of your own, a TOML file.")
@click.option("--plain", is_flag=True, help="One line at each change, and no keys: for a screen reader.")
@click.option("--ascii", "ascii_only", is_flag=True, help="Nothing but ASCII characters.")
@click.option("--no-bell", is_flag=True, help="No sound at changes.")
@click.option("--list-steps", is_flag=True, help="Print the steps and do nothing else.")
@click.pass_obj
def stretch_command(
    session: Session,
    /,
    position: Position | None,
    own: str | None,
    plain: bool,
    ascii_only: bool,
    no_bell: bool,
    list_steps: bool,
) -> None:
    """The evening stretch, step by step, with a countdown.

    Keys: space pauses and goes on, b goes back, s skips, q stops. What you really did is saved, also when you stop.
    """
    if position and own is not None:
        raise click.UsageError("--position chooses between the bundled routines; leave it out with --routine")
    out = sys.stdout
    ascii_only = ascii_only or not shows_more_than_ascii(out, os.environ)
    view = PlainView(out, ascii_only=ascii_only, bell=out.isatty() and session.options.bell and not no_bell)
    hold = session.held("stretch") if list_steps else session.begin("stretch")
    if hold:
        view.write(hold)
        sys.exit(1)
    routine, note = choose(session, position, own)
    if list_steps:
        for line in steps_of(routine, note):
            view.write(line)
        return
    for line in filter(None, [STOP, ASK, f"{routine.certainty} {routine.limits}", note, _head(routine), routine.setup]):
        view.write(line)
    sys.exit(_guide(session, routine, view, screen=not plain and can_draw(out, os.environ)))


# --- which routine ---------------------------------------------------------------------------------------------


def choose(session: Session, position: Position | None, own: str | None) -> tuple[Routine, str]:
    """The routine that was asked for, and what there is to say about the choice. Raises Problem."""
    path = session.options.routine if own is None and position is None else own
    if path is None or (path == "" and own is None):
        wanted = bundled_routine(f"evening-{position or session.options.position}")
    else:
        try:
            wanted = own_routine(Path(path).expanduser())
        except RuntimeError:
            raise Problem(f"{path}: there is no such user; write the path without ~") from None
    if wanted.position == "standing" and session.profile.balance != "steady":
        return bundled_routine("evening-seated"), UNSTEADY
    return wanted, ""


def steps_of(routine: Routine, note: str = "") -> list[str]:
    """A routine to be read, a paragraph each."""
    lines = [STOP, ASK, note, _head(routine), routine.setup]
    for number, step in enumerate(routine.steps, 1):
        lines.append(f"{number}. {step.title}: {_dose(step)}. {step.instruction}")
    lines += [routine.throughout, f"{routine.certainty} {routine.limits}"]
    lines += [f"Sources: {', '.join(routine.sources)}"] if routine.sources else []
    return [line for line in lines if line.strip()]


def _dose(step: Step) -> str:
    legs = {"turns": "legs in turns", "both": "both legs", "left": "left leg", "right": "right leg"}[step.side]
    times = f"{step.times} times" if step.times > 1 else "once"
    each = " each" if step.side == "turns" else ""
    return f"{legs}, {times}{each}, hold {step.hold} s, rest {step.rest} s"


def _head(routine: Routine) -> str:
    holds = sum(map(holds_in, routine.steps))
    return f"{routine.title}: {holds} {'hold' if holds == 1 else 'holds'}, {in_words(total_seconds(routine))}."


# --- how it is shown -------------------------------------------------------------------------------------------


def shows_more_than_ascii(out: TextIO, environ: Mapping[str, str]) -> bool:
    """Whether the output takes UTF-8. Python says so also in the C locale, where terminals need not."""
    encoding = (getattr(out, "encoding", None) or "").lower().replace("-", "").replace("_", "")
    locale = environ.get("LC_ALL") or environ.get("LC_CTYPE") or environ.get("LANG") or ""
    return encoding == "utf8" and locale not in ("C", "POSIX")


def can_draw(out: TextIO, environ: Mapping[str, str]) -> bool:
    """Whether somebody sits at a terminal that can move its cursor, with a keyboard."""
    both = sys.stdin is not None and sys.stdin.isatty() and out.isatty()
    return both and (os.name == "nt" or environ.get("TERM", "") not in ("", "dumb", "unknown"))


def _guide(session: Session, routine: Routine, plain: PlainView, *, screen: bool) -> int:
    """Guide through it, save, say what was saved; the exit status."""
    with noting_signals(screen=screen) as signals:
        drawn = _drawn(plain, signals) if screen else None
        guide = Guide(
            progress=begin(routine),
            view=drawn or plain,
            keyboard=drawn.keyboard if drawn else NoKeyboard(signals),
            signals=signals,
            monotonic=session.monotonic,
            held=lambda: session.held("stretch"),
            pausable=screen,
        )
        try:
            with drawn or nullcontext():
                plain.write(routine.throughout)
                plain.write("Press space to begin, q to leave." if drawn else "Ctrl+C stops it and saves what you did.")
                guide.run()
        finally:
            # Signals are still only noted: a second Ctrl+C must not come between a person and their log.
            said = _save(session, guide)
        with suppress(OSError):  # nobody is there to read it
            if guide.hold:
                plain.write(guide.hold)
            plain.write(said, bell=plain.bell)
    if isinstance(guide.lost, BrokenPipeError):
        raise guide.lost
    if guide.stopped_by:
        return 128 + guide.stopped_by
    return 1 if guide.hold or guide.lost else 0


def _drawn(plain: PlainView, signals: Signals) -> ScreenView:
    keyboard = WindowsKeyboard() if sys.platform == "win32" else PosixKeyboard(sys.stdin.fileno(), signals)
    return ScreenView(Screen(plain.out.fileno()), keyboard, ascii_only=plain.ascii_only, bell=plain.bell)


def _save(session: Session, guide: Guide) -> str:
    """Save what was really done; what to say about it."""
    progress = guide.progress
    if not progress.done:
        return "No hold was finished, so nothing was saved."
    fields = {
        "minutes": round(progress.active / 60, 1),
        "holds": len(progress.done),
        "stopped_early": progress.end != "finished",
        "position": progress.routine.position,
    }
    session.save(Entry(kind="stretch", fields=fields))
    session.done(REMINDER)
    spent = seconds_in_words(round(progress.active)) if progress.active < 60 else f"{progress.active / 60:.1f} minutes"
    return f"Saved: {len(progress.done)} of {progress.holds} holds, {spent}."
