"""What the guided session looks like: its progress as lines, for a terminal of any size, in plain text or in ASCII.

Nothing here writes anywhere. No line is wider than the terminal, and where there are too few of them, what matters
least goes first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from crampcoach_stretching.lines import fit, spread, to_ascii, wrap
from crampcoach_stretching.progress import Phase, Progress

STOP = "Stop if it hurts. Not on a swollen, warm, cold or numb leg."
KEYS = "space = pause, b = back, s = skip, q = stop"
ASK = "After a recent injury or operation of a leg, ask a doctor first."
#: Longer lines are harder to read.
WIDEST = 78
STATES = {"ready": "GET READY", "hold": "HOLD", "rest": "REST", "legs": "CHANGE LEGS", "stretch": "NEXT STRETCH"}
LEGS = {"left": "LEFT leg", "right": "RIGHT leg", "both": "both legs"}

#: Figures that can be read from a chair: five rows each.
_FIGURES = {
    "0": ("###", "# #", "# #", "# #", "###"),
    "1": ("  #", "  #", "  #", "  #", "  #"),
    "2": ("###", "  #", "###", "#  ", "###"),
    "3": ("###", "  #", "###", "  #", "###"),
    "4": ("# #", "# #", "###", "  #", "  #"),
    "5": ("###", "#  ", "###", "  #", "###"),
    "6": ("###", "#  ", "###", "# #", "###"),
    "7": ("###", "  #", "  #", "  #", "  #"),
    "8": ("###", "# #", "###", "# #", "###"),
    "9": ("###", "# #", "###", "  #", "###"),
    ":": (" ", "#", " ", "#", " "),
}
_FULL, _LIGHT = "\N{FULL BLOCK}", "\N{LIGHT SHADE}"


def clock(seconds: float) -> str:
    """Seconds as minutes and seconds: "3:05"."""
    whole = int(-(-seconds // 1))
    return f"{whole // 60}:{whole % 60:02}"


def hold_name(phase: Phase) -> str:
    """A hold in words: "Calf, left leg"."""
    return f"{phase.step.title}, {LEGS[phase.leg].lower()}"


@dataclass(frozen=True, slots=True)
class _Block:
    """Lines that stay or go together; the highest `rank` goes first, 0 never."""

    rank: int
    lines: Sequence[str]


def draw(progress: Progress, columns: int, rows: int, *, ascii_only: bool) -> list[str]:
    """The screen: at most `rows` lines, none wider than `columns`."""
    say: Callable[[str], str] = to_ascii if ascii_only else str
    blocks = _blocks(progress, min(columns, WIDEST), say, ascii_only=ascii_only)
    while sum(len(block.lines) for block in blocks) > rows:
        out = max(blocks, key=lambda block: block.rank)
        if not out.rank:
            break
        blocks.remove(out)
    lines = [line for block in blocks for line in block.lines]
    return [fit(line, columns).rstrip() for line in lines[:rows]]


def _blocks(progress: Progress, columns: int, say: Callable[[str], str], *, ascii_only: bool) -> list[_Block]:
    phase, routine = progress.phase, progress.routine
    step = phase.step
    state = "PAUSED" if progress.paused else STATES[phase.kind]
    count = clock(progress.countdown) if progress.countdown >= 100 else str(progress.countdown)
    number = f"hold {phase.unit + 1} of {progress.holds}"
    follows = progress.next
    begin = phase.kind == "ready"
    # While one gets ready there is more to read; later the figures matter more.
    return [
        _Block(0, wrap(STOP, columns)),
        _Block(8, [""]),
        _Block(2, spread(say(routine.title), number, columns)),
        _Block(1, [_bar(progress, columns, ascii_only=ascii_only)]),
        _Block(8, [""]),
        _Block(0, wrap(f"{say(step.title)}, {LEGS[phase.leg]}, {phase.time} of {step.times}", columns)),
        _Block(0, [f"{state}  {count}"]),
        _Block(9 if begin else 7, ["", *_big(count, columns, ascii_only=ascii_only)]),
        _Block(8, [""]),
        _Block(4, wrap(say(routine.setup), columns) if begin and routine.setup else []),
        _Block(1, wrap(say(step.instruction), columns) if step.instruction else []),
        _Block(5, wrap(say(routine.throughout), columns)),
        _Block(8, [""]),
        _Block(
            1,
            spread(
                f"Next: {say(hold_name(follows)) if follows else 'the end'}", f"{clock(progress.left)} left", columns
            ),
        ),
        _Block(
            6 if begin else 9, ["", *wrap(say(f"{ASK} {routine.certainty}" if begin else routine.certainty), columns)]
        ),
        _Block(8, [""]),
        _Block(0, wrap(KEYS.replace("pause", "go on") if progress.paused else KEYS, columns)),
    ]


def _bar(progress: Progress, columns: int, *, ascii_only: bool) -> str:
    full, light = ("#", "-") if ascii_only else (_FULL, _LIGHT)
    total = sum(phase.seconds for phase in progress.phases)
    done = int(columns * (1 - progress.left / total))
    return full * done + light * (columns - done)


def _big(count: str, columns: int, *, ascii_only: bool) -> list[str]:
    """The countdown in figures of five rows; each dot is two columns wide."""
    dot = "##" if ascii_only else _FULL * 2
    lines = []
    for row in range(5):
        dots = " ".join(_FIGURES[figure][row] for figure in count)
        lines.append("    " + "".join(dot if one == "#" else "  " for one in dots).rstrip())
    return lines if max(map(len, lines)) <= columns else []
