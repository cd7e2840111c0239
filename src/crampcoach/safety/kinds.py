"""The kinds of entries that the core has itself: answers about signs, a doctor's look, and about the person."""

from __future__ import annotations

from dataclasses import dataclass, field, make_dataclass
from functools import cache
from typing import Annotated, Any, Literal

from crampcoach.config import Profile
from crampcoach.model import Kind
from crampcoach.safety.flags import red_flags

SYMPTOMS = "symptoms"
EXAMINED = "examined"
PROFILE = "profile"
#: The field for an answer that leaves open which of two signs it was.
NUMB_OR_LONG = "numb_or_long"
_NUMB_OR_LONG_ASKS = "Numbness, or a cramp over 10 minutes?"
EXAMINED_LABEL = "A doctor or nurse has looked at this leg"


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """What was looked at. A button on an old message must not end what was noticed after it."""

    up_to: Annotated[str | None, "The id of the entry with the last sign that was looked at; all unless given"] = None


@cache
def core_kinds() -> tuple[Kind, ...]:
    """Always there, also with `--no-plugins`."""
    return (
        Kind(name=SYMPTOMS, title="Answers about signs that need a doctor", fields=_symptoms()),
        Kind(name=EXAMINED, title=EXAMINED_LABEL, fields=Examined),
        Kind(name=PROFILE, title="Answers about yourself", fields=Profile),
    )


def _symptoms() -> type:
    """One field for each question; what was not answered is None."""
    asked = [one for one in red_flags() if one.answer]
    types: list[Any] = [Annotated[Literal["yes", "no"] | None, one.ask] for one in asked]
    fields: list[Any] = [(one.answer, hint, field(default=None)) for one, hint in zip(asked, types, strict=True)]
    fields.append((NUMB_OR_LONG, Annotated[Literal["yes", "no"] | None, _NUMB_OR_LONG_ASKS], field(default=None)))
    made: type = make_dataclass("Symptoms", fields, frozen=True, kw_only=True)
    return made
