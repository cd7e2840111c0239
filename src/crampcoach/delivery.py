"""Puts messages in front of the person: notifiers are asked in order until one takes the message."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from crampcoach.guard import Guard, Outcome
from crampcoach.model import Message, Problem
from crampcoach.notifier import Delivered, Failed, Named, Notifier, NotifierEvents, Unconfirmed

#: Told the notifier's name and what it said; Failed stands for all of them.
Verdict = Callable[[str, Delivered | Unconfirmed | Failed], None]


@dataclass(frozen=True, slots=True)
class Owned:
    """A notifier, its name, and the plugin that it belongs to. Whatever is asked of it is asked in a guarded call."""

    plugin: str
    name: str
    notifier: Notifier


@dataclass(slots=True)
class Delivery:
    """The notifiers in use. Every call to one is guarded; `failed` hears of what a plugin did wrong."""

    guard: Guard
    failed: Callable[[str, Outcome], None]
    order: Sequence[str] = ()
    _asking: set[object] = field(default_factory=set)
    _notifiers: dict[str, Owned] = field(default_factory=dict)

    def replace(self, plugin: str, notifiers: Sequence[Named], events: Callable[[str], NotifierEvents]) -> None:
        """Use these notifiers of a plugin from now on, and close those it had before; each gets its own `events`."""
        kept = {id(one.notifier) for one in notifiers}
        for name, owned in list(self._notifiers.items()):
            if owned.plugin == plugin and id(owned.notifier) not in kept:
                del self._notifiers[name]
                self._close(owned)
        for one in notifiers:
            if one.name not in self._notifiers:
                self._notifiers[one.name] = Owned(plugin, one.name, one.notifier)
                self._call(plugin, f"{one.name}.start()", partial(_start, one.notifier, events(one.name)))

    def _close(self, owned: Owned) -> None:
        self._call(owned.plugin, f"{owned.name}.close()", lambda: owned.notifier.close())  # noqa: PLW0108 - see Owned

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

    @property
    def asking(self) -> bool:
        """Whether a message is in the hands of a notifier, and nobody knows yet whether the person sees it."""
        return bool(self._asking)

    def show(self, message: Message, then: Verdict) -> None:
        """Ask one notifier after the other; `then` hears of the first that took the message, or that none did."""
        one = object()
        self._asking.add(one)

        def taken(name: str, verdict: Delivered | Unconfirmed | Failed) -> None:
            self._asking.discard(one)
            then(name, verdict)

        self._ask(self.chain(), message, taken, [])

    def _ask(self, chain: list[Owned], message: Message, then: Verdict, reasons: list[str]) -> None:
        if not chain:
            then("", Failed("; ".join(reasons) or "there is no notifier"))
            return
        owned, *rest = chain
        name = owned.name

        def answered(outcome: Outcome) -> None:
            match outcome.value:
                case Delivered() | Unconfirmed() as verdict if outcome.ok:
                    then(name, verdict)
                    return
                case Failed(reason) if outcome.ok:
                    pass
                case _:
                    self.failed(owned.plugin, outcome)
                    reason = outcome.told
            self._ask(rest, message, then, [*reasons, f"{name}: {reason}"])

        self.guard.call(owned.plugin, f"{name}.show()", partial(_show, owned, message), answered)

    def withdraw(self, notifier: str, occurrence: str, receipt: str, done: Callable[[], None] = lambda: None) -> None:
        """Take a message away, also one of an earlier run, if its notifier is still in use; `done` is called then."""
        owned = self._notifiers.get(notifier)
        if owned is None:
            done()
            return

        def withdraw() -> None:
            if receipt:
                _adopt(owned.notifier, occurrence, receipt)
            owned.notifier.withdraw(occurrence)

        self._call(owned.plugin, f"{notifier}.withdraw()", withdraw, done)

    def adopt(self, notifier: str, occurrence: str, receipt: str, then: Callable[[bool], None]) -> None:
        """Ask whether a message of an earlier run can still be answered."""
        owned = self._notifiers.get(notifier)
        if owned is None:
            then(False)
            return
        self.guard.call(
            owned.plugin,
            f"{notifier}.adopt()",
            partial(_adopt, owned.notifier, occurrence, receipt),
            lambda outcome: then(outcome.ok and outcome.value),
        )

    def close(self) -> None:
        """Close every notifier; messages stay where they are."""
        for owned in self._notifiers.values():
            self._close(owned)
        self._notifiers.clear()


def _start(notifier: Notifier, events: NotifierEvents) -> None:
    notifier.start(events)


def _show(owned: Owned, message: Message) -> object:
    verdict: object = owned.notifier.show(message)
    if type(verdict) not in (Delivered, Unconfirmed, Failed):
        raise Problem(f"{owned.name}.show() returned {type(verdict).__name__}; see the Notifier protocol")
    return verdict


def _adopt(notifier: Notifier, occurrence: str, receipt: str) -> bool:
    adopt = getattr(notifier, "adopt", None)
    return bool(adopt and adopt(occurrence, receipt))
