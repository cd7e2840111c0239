"""The notifier of the kit: it keeps what it is shown, and its buttons are pressed by tests."""

from __future__ import annotations

from types import ModuleType

from crampcoach.hookspecs import hookimpl
from crampcoach.model import Message
from crampcoach.notifier import Delivered, Failed, NotifierEvents, Unconfirmed


class Recorder:
    """A notifier that keeps what it is shown. `verdict` is what it answers; a Failed one shows nothing.

    `sent` is everything so far, `open` what is on the screen, by its occurrence, `withdrawn` what was taken away.
    """

    name = "recorder"

    def __init__(self) -> None:
        self.sent: list[Message] = []
        self.open: dict[str, Message] = {}
        self.withdrawn: list[str] = []
        self.verdict: Delivered | Unconfirmed | Failed = Delivered("recorded")
        self.events: NotifierEvents | None = None

    def start(self, events: NotifierEvents) -> None:
        self.events = events

    def show(self, message: Message) -> Delivered | Unconfirmed | Failed:
        if not isinstance(self.verdict, Failed):
            self.sent.append(message)
            self.open[message.occurrence] = message
        return self.verdict

    def withdraw(self, occurrence: str) -> None:
        if self.open.pop(occurrence, None):
            self.withdrawn.append(occurrence)

    def adopt(self, occurrence: str, receipt: str) -> bool:
        """A message of an earlier agent is still there if nobody took it away."""
        return occurrence in self.open and receipt == "recorded"

    def close(self) -> None:
        """Nothing to close."""

    def beside(self) -> Recorder:
        """The one of a command: it shows to the same eyes, and the agent's messages are not its own."""
        other = _Alone()
        other.sent, other.verdict = self.sent, self.verdict
        return other

    def as_plugin(self) -> ModuleType:
        """A plugin that has this notifier."""
        module = ModuleType("crampcoach_recorder", "The notifier of crampcoach.testing.")

        def notifiers() -> list[Recorder]:
            return [self]

        notifiers.__module__ = module.__name__
        vars(module)["notifiers"] = hookimpl(notifiers)
        return module


class _Alone(Recorder):
    """A recorder that nobody waits at: what it shows is closed at once."""

    def show(self, message: Message) -> Delivered | Unconfirmed | Failed:
        verdict = super().show(message)
        if self.events and not isinstance(verdict, Failed):
            self.events.closed(message.occurrence, "nobody presses here")
        return verdict
