"""A routine of stretches as data, read from a TOML file: what the guided session, a page or a drawing goes by.

The bundled ones stand in `routines/`. Which reading of the trial they take: it describes three stretches, each held for
10 seconds, three times with 10 seconds of rest, both legs, in about three minutes. That fits when the legs take turns
(`side = "turns"`), one resting while the other holds: 3 stretches x 3 times x 2 legs x 10 s are 3 minutes. The seconds
in which a person changes legs and reads the next stretch come on top, so that ours say about 4 minutes. Record
`m-evening-stretch`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

from crampcoach import Problem

Position: TypeAlias = Literal["seated", "standing"]
#: "turns": left, right, left, right ...; "both": both legs at once.
Side: TypeAlias = Literal["turns", "both", "left", "right"]

OWN = "Your own routine; not from a study."
LONGEST = 60 * 60
MOST_STEPS = 50
#: A file larger than this is no routine.
MOST_BYTES = 100_000
FOLDER = Path(__file__).with_name("routines")


class RoutineProblem(Problem):
    """Everything that is wrong with a routine's file, a line each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One stretch. hold: seconds; rest: seconds that a leg gets at least between its holds; times: for each leg."""

    title: str
    side: Side = "turns"
    instruction: str = ""
    hold: int = 10
    rest: int = 10
    times: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Routine:
    """Stretches in their order.

    ready: seconds before the first hold; change: seconds to change legs. setup: said before it begins; throughout:
    what holds all the time. sources: ids of the evidence; certainty: their grade in words. tags: the measures that a
    hold stops.
    """

    name: str
    title: str
    steps: tuple[Step, ...]
    position: Position = "seated"
    setup: str = ""
    throughout: str = "Ease in until it pulls clearly but does not hurt. Keep breathing."
    ready: int = 5
    change: int = 3
    sources: tuple[str, ...] = ()
    certainty: str = OWN
    limits: str = ""
    tags: tuple[str, ...] = ("stretch",)


@dataclass(frozen=True, slots=True)
class _Text:
    longest: int

    accepted = property(lambda self: f"a text of 1 to {self.longest} characters in one line")

    def fits(self, value: object) -> bool:
        if not isinstance(value, str) or not value.strip() or len(value) > self.longest:
            return False
        # Cc, Cf, Cs, Zl, Zp: what moves the cursor, turns the direction of writing, or is no character.
        return not any(unicodedata.category(one) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for one in value)


@dataclass(frozen=True, slots=True)
class _Whole:
    least: int
    most: int

    accepted = property(lambda self: f"a whole number from {self.least} to {self.most}")

    def fits(self, value: object) -> bool:
        return type(value) is int and self.least <= value <= self.most


@dataclass(frozen=True, slots=True)
class _OneOf:
    choices: tuple[str, ...]

    accepted = property(lambda self: "one of " + ", ".join(map(repr, self.choices)))

    def fits(self, value: object) -> bool:
        return value in self.choices


Rule: TypeAlias = _Text | _Whole | _OneOf

ROUTINE_KEYS: Mapping[str, Rule] = {
    "title": _Text(60),
    "position": _OneOf(get_args(Position)),
    "setup": _Text(300),
    "throughout": _Text(200),
    "ready": _Whole(0, 60),
    "change": _Whole(0, 60),
}
#: What only a bundled routine may say of itself.
EVIDENCE_KEYS = ("certainty", "limits", "sources")
STEP_KEYS: Mapping[str, Rule] = {
    "title": _Text(60),
    "side": _OneOf(get_args(Side)),
    "instruction": _Text(300),
    "hold": _Whole(1, 600),
    "rest": _Whole(0, 600),
    "times": _Whole(1, 50),
}


def bundled_routine(name: str) -> Routine:
    """One of the routines in `routines/`."""
    data = _read(FOLDER / f"{name}.toml")
    evidence = {key: data.pop(key) for key in EVIDENCE_KEYS}
    return _make(data, name, **(evidence | {"sources": tuple(evidence["sources"])}))


def own_routine(path: Path) -> Routine:
    """A routine of the person's own. Raises RoutineProblem with everything that is wrong with it."""
    try:
        return _make(_read(path), path.stem)
    except RoutineProblem as problem:
        raise RoutineProblem("\n".join(f"{path}: {line}" for line in str(problem).splitlines())) from None


def _read(path: Path) -> dict[str, Any]:
    import tomllib  # only a session reads routines, not the agent

    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise RoutineProblem(f"is larger than {MOST_BYTES} bytes; a routine is a short text")
        return tomllib.loads(content.decode("utf-8"))
    except OSError as error:
        raise RoutineProblem(f"cannot be read: {error.strerror or error}; put that right or choose another") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise RoutineProblem(f"is no TOML: {error}; put that right or choose another") from None


def _make(data: Mapping[str, Any], name: str, **evidence: Any) -> Routine:
    wrong = list(_problems(data, ROUTINE_KEYS, "", also=("steps",)))
    steps = data.get("steps", [])
    if not isinstance(steps, list) or not all(isinstance(step, Mapping) for step in steps) or not steps:
        wrong.append("steps: there is none; begin each stretch with a line [[steps]]")
        steps = []
    if len(steps) > MOST_STEPS:
        wrong.append(f"steps: there are {len(steps)}; no more than {MOST_STEPS} are accepted")
        steps = []
    for number, step in enumerate(steps, 1):
        wrong += _problems(step, STEP_KEYS, f"steps, number {number}: ")
    if wrong:
        raise RoutineProblem("\n".join(wrong))
    own = {key: value for key, value in data.items() if key != "steps"}
    routine = Routine(name=name, steps=tuple(Step(**step) for step in steps), **own, **evidence)
    if total_seconds(routine) > LONGEST:
        minutes = -(-total_seconds(routine) // 60)
        raise RoutineProblem(f"it takes {minutes} minutes in all; no more than {LONGEST // 60} are accepted")
    return routine


def _problems(
    table: Mapping[str, Any], rules: Mapping[str, Rule], where: str, also: tuple[str, ...] = ()
) -> Iterable[str]:
    for key, value in table.items():
        rule = rules.get(key)
        if rule and not rule.fits(value):
            yield f"{where}{key}: {_brief(value)} is not accepted; accepted is {rule.accepted}"
        elif key in EVIDENCE_KEYS:
            yield f"{where}{key}: only the routines that come with crampcoach rest on studies; remove it"
        elif not rule and key not in also:
            yield f"{where}{_brief(key)}: unknown key; there are {', '.join([*rules, *also])}"
    if "title" not in table:
        yield f"{where}title: is missing"


def _brief(value: object) -> str:
    try:
        text = ascii(value) if isinstance(value, str) and not value.isprintable() else repr(value)
    except ValueError:  # a whole number of thousands of digits
        text = "such a long number"
    return text if len(text) <= 60 else f"{text[:57]}..."


# --- how long it takes -----------------------------------------------------------------------------------------


def pause_within(step: Step, change: int) -> int:
    """Seconds between two holds of a step. Legs in turns rest while the other one holds."""
    if step.side != "turns":
        return step.rest
    return max(change, -(-(step.rest - step.hold) // 2))


def pause_after(step: Step, change: int) -> int:
    """Seconds between the last hold of a step and the first one of the next, which has to be read first."""
    return max(change, step.rest)


def holds_in(step: Step) -> int:
    """How many holds a step has."""
    return step.times * (2 if step.side == "turns" else 1)


def total_seconds(routine: Routine) -> int:
    """How long a routine takes, pauses and changes counted."""
    within = sum(
        holds_in(step) * step.hold + (holds_in(step) - 1) * pause_within(step, routine.change) for step in routine.steps
    )
    return routine.ready + within + sum(pause_after(step, routine.change) for step in routine.steps[:-1])


def in_words(seconds: float) -> str:
    """A length of time as a person says it: "about 4 minutes"."""
    minutes = max(1, round(seconds / 60))
    return "about 1 minute" if minutes == 1 else f"about {minutes} minutes"
