"""What a button does, and what to type where it cannot be pressed: a part of what crosses between core and plugins."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any, TypeAlias

from crampcoach.checks import MOST_LINE, as_tuple, check_fields, check_name, check_text


@dataclass(frozen=True, slots=True)
class Done:
    """The occurrence is done."""


@dataclass(frozen=True, slots=True)
class Skip:
    """Not this time."""


@dataclass(frozen=True, slots=True)
class Snooze:
    """Show it again in `minutes` (1 to 1,440)."""

    minutes: int = 10

    def __post_init__(self) -> None:
        if type(self.minutes) is not int or not 1 <= self.minutes <= 24 * 60:
            raise ValueError(f"Snooze({self.minutes!r}): give whole minutes from 1 to 1440")


@dataclass(frozen=True, slots=True, init=False)
class Log:
    """Save an entry of `kind` with these fields, and mark the occurrence done: `Log("coffee", cups=1)`."""

    kind: str
    fields: Mapping[str, Any]

    def __init__(self, kind: str, /, **fields: Any) -> None:
        check_name("Log: kind", kind)
        check_fields(f"Log({kind!r})", fields)
        object.__setattr__(self, "kind", kind)
        object.__setattr__(self, "fields", MappingProxyType(fields))

    def __reduce__(self) -> tuple[Any, ...]:
        # A mapping that cannot be changed cannot be pickled or copied either; notifiers may hand messages to processes.
        return partial(Log, self.kind, **self.fields), ()


@dataclass(frozen=True, slots=True, init=False)
class Open:
    """Start a crampcoach command, for example `Open("today")`; the occurrence stays open."""

    argv: tuple[str, ...]

    def __init__(self, *argv: str) -> None:
        words = all(isinstance(word, str) and word and "\0" not in word for word in argv)
        # Without an option in front everybody sees which command it is.
        if not argv or not words or argv[0].startswith("-"):
            raise ValueError(f"Open{argv!r}: give the words of a crampcoach command, its name first")
        object.__setattr__(self, "argv", argv)


_TAKEN_KEYS = ("default", "inline-reply")
Then: TypeAlias = Done | Skip | Snooze | Log | Open


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """A button. `key` names it in answers and commands; it is made from the label."""

    label: str
    then: Then = Done()
    key: str = ""

    def __post_init__(self) -> None:
        check_text("Action: label", self.label, most=MOST_LINE)
        if type(self.then) not in (Done, Skip, Snooze, Log, Open):
            raise TypeError(
                f"Action {self.label!r}: then={self.then!r} is none of Done(), Skip(), Snooze(), Log(), Open()"
            )
        key = self.key or re.sub(r"\W+", "-", self.label.casefold()).strip("-_") or "button"
        # Desktops take these two for a click on the message itself and for a text box.
        key = f"{key}-button" if not self.key and key in _TAKEN_KEYS else key
        if key in _TAKEN_KEYS or not re.fullmatch(r"[\w-]{1,60}", key):
            raise ValueError(
                f"Action {self.label!r}: key {key!r}: use letters, digits, '-', '_', and not {_TAKEN_KEYS}"
            )
        object.__setattr__(self, "key", key)

    def typed(self, reminder: str) -> str:
        """What to type after `crampcoach` in place of pressing it; `reminder` is the full name."""
        match self.then:
            case Skip():
                return f"skip {reminder}"
            case Snooze():
                return f"snooze {reminder}"
            case Log():
                return f"done {reminder} --answer {self.key}"
            case Open(argv):
                return " ".join(argv)
            case _:
                return f"done {reminder}" + ("" if self.key == "done" else f" --answer {self.key}")


@dataclass(frozen=True, slots=True)
class Typed:
    """What to type in place of a button: the words that lead to it ("Answer with", "Type", "or"), and the command."""

    lead: str
    command: str
    label: str


def typed_instead(actions: Sequence[Action], reminder: str) -> tuple[Typed, ...]:
    """What to type in place of each button; `reminder` is the full name, or empty for a message that is of none.

    Such a message cannot be answered, but a button that opens a command has it all the same.
    """
    able = [action for action in actions if reminder or isinstance(action.then, Open)]
    first = "Answer with" if reminder else "Type"
    return tuple(
        Typed("or" if number else first, f"crampcoach {action.typed(reminder)}", action.label)
        for number, action in enumerate(able)
    )


def check_actions(owner: object, what: str) -> None:
    """Make the field `actions` of a frozen owner a tuple of Actions with keys of their own. Raises like checks."""
    as_tuple(owner, "actions", Action, f"{what}: actions")
    keys = [action.key for action in owner.actions]  # type: ignore[attr-defined]
    for key in keys:
        if keys.count(key) > 1:
            raise ValueError(f"{what}: two actions are called {key!r}; give each its own label or key")
