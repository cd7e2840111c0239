"""Whether entries fit their kinds. What a kind's fields check is its plugin's code: guarded calls and commands only.

A kind whose fields cannot be used is refused with its plugin, where it is loaded. What merely does not fit is told, and
saved all the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from crampcoach.actions import Log
from crampcoach.blame import reason_of, type_and_place
from crampcoach.model import Entry, Kind
from crampcoach.options import Wrong, convert, did_you_mean, document
from crampcoach.planner import Planned
from crampcoach.plugins import Unfit


@dataclass(frozen=True)
class NoFields:
    """A kind without fields, and a plugin without options, has none of its own."""


def check_kinds(kinds: Iterable[Kind]) -> None:
    """Read the fields of kinds as commands do, and make them from nothing. Raises Unfit."""
    for kind in kinds:
        if kind.fields is None:
            continue
        try:
            document(kind.fields)
        except Exception as error:
            missing = isinstance(error, NameError)
            remedy = "import the type when it runs too, not only under TYPE_CHECKING" if missing else "mend its types"
            text = f"kind {kind.name!r}: its fields cannot be understood ({reason_of('reading them', error)}); {remedy}"
            raise Unfit(text) from error
        mistakes(Entry(kind=kind.name), kind, "without fields")


def button_misfit(plan: Iterable[Planned], known: Mapping[str, Kind]) -> str:
    """Why the entry of a button would not fit its kind, of those that are known; empty if all do. Raises Unfit."""
    for button, then in logs(plan):
        if then.kind in known and (wrong := misfit(then, known[then.kind])):
            return f"{button} logs {wrong}"
    return ""


def logs(plan: Iterable[Planned]) -> Iterator[tuple[str, Log]]:
    """Every button that logs something, in words, and what it logs."""
    for planned in plan:
        for action in planned.reminder.buttons():
            if isinstance(action.then, Log):
                yield f"reminder {planned.reminder.name!r}: its button {action.label!r}", action.then


def misfit(made: Log | Entry, kind: Kind) -> str:
    """Why the fields do not fit the kind; empty if they do. Raises Unfit where the kind cannot tell."""
    wrong = mistakes(made, kind, f"with {', '.join(made.fields)}" if made.fields else "without fields")
    return f"{wrong[0].key}: {wrong[0].text}".removeprefix(": ") if wrong else ""


def unknown_kind(name: str, known: Iterable[str]) -> str:
    """What to say of a kind that nobody has."""
    return f"an unknown kind{did_you_mean(name, known)}"


def wordless_misfit(entry: Entry, kind: Kind) -> str:
    """As `misfit`, without values: those of an entry may be what the person wrote."""
    try:
        wrong = mistakes(entry, kind, "with what responded() gave")
    except Unfit as error:
        return f"its check raised {type_and_place(error.__cause__)}" if error.__cause__ else "its check raised"
    if not wrong:
        return ""
    key, text = wrong[0].key, wrong[0].text
    _, refused, must = text.partition(" is not accepted: ")
    plain = text if text == "is missing" or text.startswith("unknown key") else "its check refuses it"
    return f"{key}: {must if refused else plain}" if key else plain


def mistakes(made: Log | Entry, kind: Kind, how: str) -> list[Wrong]:
    """What of the fields does not fit the kind. Raises Unfit where it cannot tell; `how` says what was checked."""
    try:
        return convert(made.fields, kind.fields or NoFields)[1]
    except Exception as error:
        place = type_and_place(error).partition(" in ")[2]
        what = reason_of(f"checking an entry {how}", error) + (f" ({place})" if place else "")
        remedy = "have it take what the types allow, and raise ValueError for what it refuses"
        raise Unfit(f"kind {kind.name!r}: {what}; {remedy}") from error
