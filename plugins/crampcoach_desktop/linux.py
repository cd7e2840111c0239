"""Desktop notifications over D-Bus, as org.freedesktop.Notifications describes them.

The server's reply to Notify is the confirmation that a message is up. A popup is known by its server's unique name and
a number, because a new server counts from one again; both are in the receipt, with the id of the bus, so that an agent
that was started anew still takes the press on a popup of the one before.
"""

from __future__ import annotations

import contextlib
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jeepney import DBusAddress, message_bus

from crampcoach import Delivered, Failed
from crampcoach_desktop import request
from crampcoach_desktop.bus import Bus, BusError, Received, connect, method
from crampcoach_desktop.words import PATIENCE, described, reason, remedy

if TYPE_CHECKING:
    from crampcoach import Message, NotifierEvents

SERVER = DBusAddress(
    "/org/freedesktop/Notifications",
    bus_name="org.freedesktop.Notifications",
    interface="org.freedesktop.Notifications",
)
MATCHES = (
    "type='signal',sender='org.freedesktop.Notifications',path='/org/freedesktop/Notifications',"
    "interface='org.freedesktop.Notifications'",
    "type='signal',sender='org.freedesktop.DBus',interface='org.freedesktop.DBus',member='NameOwnerChanged',"
    "arg0='org.freedesktop.Notifications'",
)
#: Reason of NotificationClosed. 3 and 4 that were not our doing: it is gone, and nobody is known to have done it.
CLOSED = {1: "expired", 2: "dismissed", 3: "expired", 4: "expired"}


@dataclass(slots=True, eq=False)
class _Popup:
    occurrence: str
    keys: frozenset[str] | None  # None: shown by an earlier run; the core checks its keys
    answered: bool = False
    withdrawn: bool = False
    expired: bool = False  # for some servers (elementary) that means: off the screen, still in a list with its buttons

    @property
    def is_news(self) -> bool:
        """Whether the core is still to be told that it went away."""
        return not (self.answered or self.withdrawn or self.expired)


class DesktopNotifier:
    """The notifier `desktop`. It connects when the first message comes, and again after its bus has died."""

    name = "desktop"

    def __init__(self, token: str = "") -> None:
        self._token = token
        self._events: NotifierEvents | None = None
        self._connecting = threading.Lock()
        self._session: _Session | None = None
        self._closed = False

    def start(self, events: NotifierEvents) -> None:
        """Remember whom to tell."""
        self._events = events

    def show(self, message: Message) -> Delivered | Failed:
        """Put a popup up, in place of one of the same occurrence."""
        deadline = time.monotonic() + PATIENCE
        try:
            return Delivered(self._connected(deadline).show(message, deadline))
        except BusError as error:
            return Failed(reason(error))

    def check(self) -> str | Failed:
        """Ask the server what it is and what it can do; nothing is shown."""
        deadline = time.monotonic() + PATIENCE
        try:
            return self._connected(deadline).describe(deadline)
        except BusError as error:
            return Failed(f"{reason(error)}; {remedy(error)}")

    def adopt(self, occurrence: str, receipt: str) -> bool:
        """Whether the server that gave this receipt is still there; presses on its popup then count."""
        deadline = time.monotonic() + PATIENCE
        try:
            return self._connected(deadline).adopt(occurrence, receipt, deadline)
        except BusError:
            return False

    def withdraw(self, occurrence: str) -> None:
        """Take the popup away."""
        session = self._session
        if session is not None:
            session.withdraw(occurrence)

    def close(self) -> None:
        """Leave the bus. Popups stay."""
        self._closed = True
        session = self._session
        if session is not None:
            session.bus.close()

    def _connected(self, deadline: float) -> _Session:
        with self._connecting:
            if self._closed:
                raise BusError("the desktop notifier is closed")
            if self._session is None or self._session.bus.ended:
                self._session = None
                self._session = _Session(self._events, self._token, deadline)
            return self._session


class _Session:
    """What is known on one connection. Popups do not outlive it: after the bus has died they are lost."""

    def __init__(self, events: NotifierEvents | None, token: str, deadline: float) -> None:
        self._events = events
        self._token = token
        self._lock = threading.Lock()  # guards the fields below
        self._popups: dict[tuple[str, int], _Popup] = {}
        self._coming: list[_Popup] = []
        self._capabilities: frozenset[str] | None = None  # of the present server, once asked
        self.bus: Bus = connect(deadline, self._on_signal, lambda: self._lose(None))
        try:
            for rule in MATCHES:
                self.bus.call(message_bus.AddMatch(rule), deadline)
            self._bus_id = str(self.bus.call(message_bus.GetId(), deadline).body[0])
        except BaseException:
            self.bus.close()
            raise

    def show(self, message: Message, deadline: float) -> str:
        """Show it and return the receipt. Raises BusError."""
        capabilities = self._ask_capabilities(deadline)
        popup = _Popup(message.occurrence, frozenset(action.key for action in message.actions))
        with self._lock:
            self._coming.append(popup)
            replaced = next((at for at, old in self._popups.items() if _same(old, popup)), ("", 0))
        arguments = request.arguments(message, replaced[1], capabilities, self._token)
        try:
            reply = self.bus.call(
                method(SERVER, "Notify", request.SIGNATURE, *arguments),
                deadline,
                lambda reply, late: self._shown(reply, late, popup, replaced),
            )
        finally:
            with self._lock:
                self._coming.remove(popup)
        number = _number(reply)
        if not number:
            raise BusError("the notification server gave an answer that is none")
        return f"{self._bus_id}/{reply.sender}/{number}"

    def describe(self, deadline: float) -> str:
        """The server's name, version and abilities in a sentence. Raises BusError."""
        reply = self.bus.call(method(SERVER, "GetServerInformation"), deadline)
        return described(reply.body, self._ask_capabilities(deadline))

    def adopt(self, occurrence: str, receipt: str, deadline: float) -> bool:
        """Count the popup of an earlier run as ours if its server is there. Raises BusError."""
        bus_id, _, place = receipt.partition("/")
        server, _, number = place.partition("/")
        if bus_id != self._bus_id or not number.isdecimal():
            return False
        at = server, int(number)
        with self._lock:  # before the question, so that no press falls between its answer and this
            self._popups[at] = _Popup(occurrence, keys=None)
        there = False
        try:
            there = self.bus.call(message_bus.GetNameOwner(SERVER.bus_name), deadline).body == (server,)
        finally:
            if not there:
                with self._lock:
                    self._popups.pop(at, None)
        return there

    def withdraw(self, occurrence: str) -> None:
        """Close its popup, also one that is only just on its way."""
        with self._lock:
            numbers = []
            for at, popup in list(self._popups.items()):
                if popup.occurrence == occurrence and not popup.withdrawn:
                    popup.withdrawn = True
                    numbers.append(at[1])
                    if popup.expired:
                        del self._popups[at]  # most servers will not say again that it has closed
            for popup in self._coming:
                popup.withdrawn = popup.withdrawn or popup.occurrence == occurrence
        for number in numbers:
            self._close_popup(number)

    def _ask_capabilities(self, deadline: float) -> frozenset[str]:
        known = self._capabilities
        if known is None:

            def learnt(reply: Received, _late: bool) -> None:
                # In the listening thread: in order with the signal that says that this server is gone.
                self._capabilities = frozenset(reply.body[0] if reply.signature == "as" else ())

            reply = self.bus.call(method(SERVER, "GetCapabilities"), deadline, learnt)
            known = frozenset(reply.body[0] if reply.signature == "as" else ())
        return known

    def _shown(self, reply: Received, late: bool, popup: _Popup, replaced: tuple[str, int]) -> None:
        """Called in the listening thread: a press that comes right behind the reply finds its popup."""
        number = _number(reply)
        if not number:
            return
        with self._lock:
            self._popups.pop(replaced, None)
            # show() has said that it failed, and another notifier may have shown it: not twice.
            popup.withdrawn = popup.withdrawn or late
            self._popups[reply.sender, number] = popup
        if popup.withdrawn:
            self._close_popup(number)

    def _close_popup(self, number: int) -> None:
        with contextlib.suppress(BusError):  # with the bus gone there is nobody to take it away
            self.bus.tell(method(SERVER, "CloseNotification", "u", number))

    def _on_signal(self, signal: Received) -> None:
        if signal.member == "ActionInvoked" and signal.signature == "us":
            self._pressed((signal.sender, signal.body[0]), signal.body[1])
        elif signal.member == "NotificationClosed" and signal.signature == "uu":
            self._went((signal.sender, signal.body[0]), signal.body[1])
        elif signal.member == "NameOwnerChanged" and signal.signature == "sss":
            self._capabilities = None
            if signal.body[1]:
                self._lose(signal.body[1])

    def _pressed(self, at: tuple[str, int], full: str) -> None:
        key, occurrence = request.owner_of(full, self._token)
        with self._lock:
            popup = self._popups.get(at)
            if popup is None and occurrence:
                # Shown by an earlier run that was killed before it learnt, or could pass on, the number.
                popup = self._popups[at] = _Popup(occurrence, keys=None)
            # "default" is a press on the body; servers send it also when no such action was asked for.
            if popup is None or (popup.keys is not None and key not in popup.keys):
                return
            popup.answered = True  # kept until it closes: some servers leave it on the screen
        self._tell("answer", popup.occurrence, key)

    def _went(self, at: tuple[str, int], reason: int) -> None:
        with self._lock:
            popup = self._popups.get(at)
            if popup is None:
                return
            news = popup.is_news
            popup.expired = news and reason == 1
            if not popup.expired:
                del self._popups[at]
        if news:
            self._tell("closed", popup.occurrence, CLOSED.get(reason, "expired"))

    def _lose(self, server: str | None) -> None:
        """This server is gone, or with None the bus and all of them."""
        with self._lock:
            gone = [at for at in self._popups if server in (None, at[0])]
            popups = [self._popups.pop(at) for at in gone]
        for popup in popups:
            if popup.is_news:
                self._tell("closed", popup.occurrence, "lost")

    def _tell(self, what: str, occurrence: str, detail: str) -> None:
        if self._events is None:
            return
        try:
            getattr(self._events, what)(occurrence, detail)
        except Exception:  # whatever the core does with it, later presses must still arrive
            import logging

            logging.getLogger(__name__).exception("telling the agent of a press or a closed message failed")


def _same(old: _Popup, new: _Popup) -> bool:
    return bool(new.occurrence) and old.occurrence == new.occurrence and not old.withdrawn


def _number(reply: Received) -> int:
    """The popup's number, never 0, or 0 for an answer without one."""
    return int(reply.body[0]) if reply.signature == "u" else 0
