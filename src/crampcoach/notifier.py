"""What a notifier is: it puts a message in front of the person, and says what became of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from crampcoach.checks import MOST_LINE, check_name, check_text
from crampcoach.model import Message


@dataclass(frozen=True, slots=True)
class Delivered:
    """The message is in front of the person. `receipt` lets a later run find it again (see `Notifier.adopt`)."""

    receipt: str | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.receipt, str | None):
            raise TypeError(f"Delivered: receipt must be a text or None, not {self.receipt!r}")


@dataclass(frozen=True, slots=True)
class Unconfirmed:
    """Handed on, but nothing says that it was seen. It ends the chain and is not shown again."""


@dataclass(frozen=True, slots=True)
class Failed:
    """Not shown, and why; the next notifier is asked. The reason is told as it stands: it quotes no message."""

    reason: str

    def __post_init__(self) -> None:
        if not isinstance(self.reason, str):
            raise TypeError(f"Failed: reason must be a text, not {self.reason!r}")
        check_text("Failed: reason", self.reason, empty=True, most=MOST_LINE)


class NotifierEvents(Protocol):
    """How a notifier tells the core what the person did. May be called from any thread."""

    def answer(self, occurrence: str, action: str) -> None:
        """The person pressed the action with this key."""

    def closed(self, occurrence: str, reason: str) -> None:
        """The message went away without an answer: `expired`, `dismissed`, or `lost` (its server or bus died)."""


class Notifier(Protocol):
    """Puts a message in front of the person. It owns its thread, if it needs one.

    A press may be handed on even after `withdraw` or `closed`: the core knows which answers still count.

    A notifier may also have `adopt(occurrence, receipt) -> bool`: is the message of an earlier run, with that
    receipt, still there to be answered?

    It may have `check() -> str | Failed` too, for `crampcoach check`: a sentence on what would show a message now, or
    Failed with what is missing and how to mend it. It shows nothing, says nothing of the person, and is asked of a
    notifier that was not started.
    """

    name: str

    def start(self, events: NotifierEvents) -> None:
        """Called once, before the first message."""

    def show(self, message: Message) -> Delivered | Unconfirmed | Failed:
        """Show the message; may block for up to the deadline of a call (5 s)."""

    def withdraw(self, occurrence: str) -> None:
        """Take the message away if it is still there."""

    def close(self) -> None:
        """The agent stops. Messages stay where they are."""


@dataclass(frozen=True, slots=True)
class Named:
    """A notifier that a plugin gave, and its name, for which it is asked once: that is its code too."""

    name: str
    notifier: Notifier


def named_notifiers(notifiers: Iterable[Any]) -> tuple[Named, ...]:
    """Notifiers that have what one needs. Raises TypeError or ValueError."""
    named = []
    for one in notifiers:
        missing = [name for name in ("name", "start", "show", "withdraw", "close") if not hasattr(one, name)]
        if missing:
            raise TypeError(f"notifiers() gave a {type(one).__name__}, which has no {', '.join(missing)}")
        named.append(Named(one.name, one))
        check_name("Notifier: name", named[-1].name)
    return tuple(named)
