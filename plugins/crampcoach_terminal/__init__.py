"""Prints messages in the agent's own terminal, with the commands that answer them, and rings its bell.

The last of the notifiers: it works wherever somebody looks at the agent's output, also without a desktop.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from crampcoach import Delivered, Failed, Unconfirmed, hookimpl

if TYPE_CHECKING:
    from crampcoach import Context, Message, Notifier, NotifierEvents

api = 1

#: Everything that could move the cursor or change the terminal; a message is text.
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")


@dataclass(frozen=True)
class Options:
    always: Annotated[bool, "Print messages also when the agent's output is a file or a pipe"] = False


@hookimpl
def options() -> type:
    return Options


@hookimpl
def notifiers(ctx: Context[Options]) -> list[Notifier]:
    return [TerminalNotifier(always=ctx.options.always)]


class TerminalNotifier:
    """The notifier `terminal`. What is printed stays printed, so that nothing can be withdrawn."""

    name = "terminal"

    def __init__(self, *, always: bool = False) -> None:
        self._always = always

    def start(self, events: NotifierEvents) -> None:
        """Answers come as commands, never through here."""

    def show(self, message: Message) -> Delivered | Unconfirmed | Failed:
        """Print it. Only a terminal has somebody in front of it: elsewhere nothing says that it was seen."""
        out = sys.stdout  # looked up at each call: it may have been closed or replaced
        if out is None:
            return Failed("the agent has no output")
        try:
            somebody = out.isatty()
            if not somebody and not self._always:
                return Failed("the agent's output is not a terminal")
            encoding = getattr(out, "encoding", None) or "utf-8"
            out.write("\a" + block(message).encode(encoding, "replace").decode(encoding))
            out.flush()
        except (OSError, ValueError) as error:  # ValueError: a closed file
            return Failed(f"the agent's output cannot be written to ({error})")
        return Delivered() if somebody else Unconfirmed()

    def check(self) -> str | Failed:
        """Only the agent's own output counts. Whoever asks has the one that an agent started there would have."""
        if self._always or (sys.stdout is not None and sys.stdout.isatty()):
            return "messages appear where `crampcoach run` was started, if that is a terminal that somebody looks at"
        return Failed("nobody sees what is printed here; start the agent in a terminal window: crampcoach run")

    def withdraw(self, occurrence: str) -> None:
        """Nothing to take away."""

    def close(self) -> None:
        """Nothing to close."""


def block(message: Message) -> str:
    """The message as lines of text, with what to type for each of its buttons."""
    lines = [message.title, *message.body.splitlines()]
    instead = message.typed()
    width = max((len(one.command) for one in instead), default=0)
    lines += [f"{one.lead + ':':>12} {one.command:<{width}}  ({one.label})" for one in instead]
    return "\n" + "".join(CONTROL.sub(" ", line).rstrip() + "\n" for line in lines)
