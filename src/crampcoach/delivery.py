"""Puts messages in front of the person: notifiers are asked in order until one takes the message."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from crampcoach.guard import Guard, Outcome
from crampcoach.model import Message
from crampcoach.notifier import Delivered, Failed, Notifier, NotifierEvents, Unconfirmed

#: Told the notifier's name and what it said; Failed stands for all of them.
Verdict = Callable[[str, Delivered | Unconfirmed | Failed], None]


@dataclass(frozen=True, slots=True)
class Owned:
    """A notifier and the plugin that it belongs to."""

    plugin: str
    notifier: Notifier


@dataclass(slots=True)
class Delivery:
    """The notifiers in use. Every call to one is guarded; `failed` hears of what a plugin did wrong."""

    guard: Guard
    failed: Callable[[str, Outcome], None]
    order: Sequence[str] = ()
    _notifiers: dict[str, Owned] = field(default_factory=dict)

    def replace(self, plugin: str, notifiers: Sequence[Notifier], events: Callable[[str], NotifierEvents]) -> None:
        """Use these notifiers of a plugin from now on, and close those it had before; each gets its own `events`."""
        kept = {id(notifier) for notifier in notifiers}
        for name, owned in list(self._notifiers.items()):
            if owned.plugin == plugin and id(owned.notifier) not in kept:
                del self._notifiers[name]
                self._call(plugin, f"{name}.close()", owned.notifier.close)
        for notifier in notifiers:
            if notifier.name not in self._notifiers:
                self._notifiers[notifier.name] = Owned(plugin, notifier)
                self._call(plugin, f"{notifier.name}.start()", partial(notifier.start, events(notifier.name)))

    def _call(
        self, plugin: str, what: str, function: Callable[[], object], done: Callable[[], None] = lambda: None
    ) -> None:
        def then(outcome: Outcome) -> None:
            if not outcome.ok:
                self.failed(plugin, outcome)
            done()

        self.guard.call(plugin, what, function, then)

    def chain(self) -> list[Owned]:
        """The notifiers in the order in which they are asked: the config's, then the rest."""
        rank = {name: number for number, name in enumerate(self.order)}
        names = sorted(self._notifiers, key=lambda name: (rank.get(name, len(rank)), name))
        return [self._notifiers[name] for name in names]

    def show(self, message: Message, then: Verdict) -> None:
        """Ask one notifier after the other; `then` hears of the first that took the message, or that none did."""
        self._ask(self.chain(), message, then, [])

    def _ask(self, chain: list[Owned], message: Message, then: Verdict, reasons: list[str]) -> None:
        if not chain:
            then("", Failed("; ".join(reasons) or "there is no notifier"))
            return
        owned, *rest = chain
        name = owned.notifier.name

        def answered(outcome: Outcome) -> None:
            match outcome.value:
                case Delivered() | Unconfirmed() as verdict if outcome.ok:
                    then(name, verdict)
                    return
                case Failed(reason) if outcome.ok:
                    pass
                case other:
                    if outcome.ok:
                        outcome = Outcome(
                            reason=f"{name}.show() returned {type(other).__name__}; see the Notifier protocol"
                        )
                    self.failed(owned.plugin, outcome)
                    reason = outcome.reason
            self._ask(rest, message, then, [*reasons, f"{name}: {reason}"])

        self.guard.call(owned.plugin, f"{name}.show()", lambda: owned.notifier.show(message), answered)

    def withdraw(self, notifier: str, occurrence: str, receipt: str, done: Callable[[], None] = lambda: None) -> None:
        """Take a message away, also one of an earlier run, if its notifier is still in use; `done` is called then."""
        owned = self._notifiers.get(notifier)
        if owned is None:
            done()
            return
        adopt = getattr(owned.notifier, "adopt", None)

        def withdraw() -> None:
            if adopt and receipt:
                adopt(occurrence, receipt)
            owned.notifier.withdraw(occurrence)

        self._call(owned.plugin, f"{notifier}.withdraw()", withdraw, done)

    def adopt(self, notifier: str, occurrence: str, receipt: str, then: Callable[[bool], None]) -> None:
        """Ask whether a message of an earlier run can still be answered."""
        owned = self._notifiers.get(notifier)
        adopt = getattr(owned.notifier, "adopt", None) if owned else None
        if owned is None or adopt is None:
            then(False)
            return
        self.guard.call(
            owned.plugin,
            f"{notifier}.adopt()",
            lambda: adopt(occurrence, receipt),
            lambda outcome: then(bool(outcome.ok and outcome.value)),
        )

    def close(self) -> None:
        """Close every notifier; messages stay where they are."""
        for name, owned in self._notifiers.items():
            self._call(owned.plugin, f"{name}.close()", owned.notifier.close)
        self._notifiers.clear()
