"""One connection to the session bus: calls that have a deadline, and one thread that listens.

jeepney's own connections wait for a reply by reading the socket in the calling thread. Here presses must arrive while
nobody calls, so that one thread reads everything and hands each reply to its caller; of jeepney the handshake, the
messages and the parser are used. The thread blocks in `recv`: nothing wakes up while nothing happens.
"""

from __future__ import annotations

import contextlib
import os
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from jeepney import (
    DBusAddress,
    HeaderFields,
    Message,
    MessageFlag,
    MessageType,
    Parser,
    message_bus,
    new_method_call,
)
from jeepney.bus import get_connectable_addresses
from jeepney.io.blocking import prep_socket

GONE = "the desktop session bus went away"
#: A bus that takes no bytes for so long is stuck; without it a full socket would block the sender for ever.
SEND_SECONDS = 2


class BusError(Exception):
    """A call that failed; the text is a reason to show, `name` the D-Bus name of the error or ''."""

    def __init__(self, text: str, name: str = "") -> None:
        super().__init__(text)
        self.name = name


@dataclass(frozen=True, slots=True)
class Received:
    """A reply or a signal."""

    sender: str
    member: str
    signature: str
    body: tuple[Any, ...]


@dataclass(slots=True)
class _Waiting:
    """A call on its way. `late` once its caller has given up."""

    on_reply: Callable[[Received, bool], None] | None
    done: threading.Event = field(default_factory=threading.Event)
    taken: bool = False
    late: bool = False
    reply: Received | None = None
    error: BusError | None = None


def connect(deadline: float, on_signal: Callable[[Received], None], on_end: Callable[[], None]) -> Bus:
    """Connect to the session bus and start to listen. Raises BusError.

    `deadline` is a time of the monotonic clock. `on_signal` is called in the listening thread, and so is `on_end`,
    once, when the bus dies.
    """
    address = os.environ.get("DBUS_SESSION_BUS_ADDRESS")
    if not address:
        raise BusError("no desktop session bus (DBUS_SESSION_BUS_ADDRESS is not set)")
    bus = Bus(_open(address, deadline), on_signal, on_end)
    try:
        bus.call(message_bus.Hello(), deadline)
    except BaseException:
        bus.close()
        raise
    return bus


def _open(address: str, deadline: float) -> socket.socket:
    problem: Exception | None = None
    try:
        for path in get_connectable_addresses(address):
            try:
                opened = prep_socket(path, timeout=min(1.0, max(0.05, deadline - time.monotonic())))
                assert isinstance(opened, socket.socket)
                opened.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("@ll", SEND_SECONDS, 0))
                return opened
            except (OSError, ValueError) as error:
                problem = error
    except (RuntimeError, ValueError):  # jeepney's words for an address that it cannot use
        raise BusError(f"DBUS_SESSION_BUS_ADDRESS is {address!r}: no address of a Unix socket") from None
    raise BusError(f"no desktop session bus answers at {address} ({problem})") from problem


class Bus:
    """A connection. It never comes back once it has ended: make a new one."""

    def __init__(
        self, opened: socket.socket, on_signal: Callable[[Received], None], on_end: Callable[[], None]
    ) -> None:
        self._socket = opened
        self._on_signal = on_signal
        self._on_end = on_end
        self._sending = threading.Lock()
        self._lock = threading.Lock()  # guards the fields below
        self._waiting: dict[int, _Waiting] = {}
        self._serials = count(1)
        self.ended = False
        self._closing = False
        self._thread = threading.Thread(target=self._listen, name="crampcoach-desktop", daemon=True)
        self._thread.start()

    def call(
        self, message: Message, deadline: float, on_reply: Callable[[Received, bool], None] | None = None
    ) -> Received:
        """Send a call and wait for its reply. Raises BusError, at the deadline at the latest.

        `on_reply(reply, late)` is called in the listening thread before any message that came after the reply is
        looked at, also when the reply comes too `late` for the caller.
        """
        waiting = _Waiting(on_reply)
        with self._lock:
            if self.ended:
                raise BusError(GONE)
            serial = next(self._serials)
            self._waiting[serial] = waiting
        try:
            self._send(message, serial)
        except BaseException:
            with self._lock:
                self._waiting.pop(serial, None)
            raise
        if not waiting.done.wait(max(0.0, deadline - time.monotonic())):
            with self._lock:
                waiting.late = not waiting.taken
            if waiting.late:
                raise BusError("no answer in time")
            waiting.done.wait()  # its reply is being handled at this moment
        if waiting.error is not None:
            raise waiting.error
        assert waiting.reply is not None
        return waiting.reply

    def tell(self, message: Message) -> None:
        """Send a call whose outcome does not matter; it starts no server. Raises BusError when the bus is gone."""
        message.header.flags = MessageFlag.no_reply_expected | MessageFlag.no_auto_start
        with self._lock:
            serial = next(self._serials)
        self._send(message, serial)

    def close(self) -> None:
        """End the connection and its thread; `on_end` is not called."""
        self._closing = True
        self._hang_up()
        if threading.current_thread() is not self._thread:
            self._thread.join(1.0)

    def _send(self, message: Message, serial: int) -> None:
        try:
            data = message.serialise(serial=serial)
        except Exception as error:  # jeepney has no error of its own for values that it cannot send
            raise BusError(f"the message cannot be sent ({error})") from error
        try:
            with self._sending:
                self._socket.sendall(data)
        except OSError as error:
            self._hang_up()  # part of the message may be out: nothing can follow it
            raise BusError(GONE) from error

    def _hang_up(self) -> None:
        with contextlib.suppress(OSError):  # not connected any more
            self._socket.shutdown(socket.SHUT_RDWR)  # wakes the thread; close() alone would leave it in recv

    def _listen(self) -> None:
        parser = Parser()
        try:
            while data := self._socket.recv(16384):
                parser.add_data(data)
                while (message := parser.get_next_message()) is not None:
                    self._dispatch(message)
        except OSError:
            pass
        except Exception:  # a message that cannot be parsed: what follows it cannot be trusted either
            import logging

            logging.getLogger(__name__).exception("the session bus sent something that cannot be read")
        finally:
            self._finish()

    def _dispatch(self, message: Message) -> None:
        fields = message.header.fields
        received = Received(
            sender=fields.get(HeaderFields.sender, ""),
            member=fields.get(HeaderFields.member, ""),
            signature=fields.get(HeaderFields.signature, ""),
            body=message.body,
        )
        kind = message.header.message_type
        if kind is MessageType.signal:
            self._on_signal(received)
        elif kind in (MessageType.method_return, MessageType.error):
            with self._lock:
                waiting = self._waiting.pop(fields.get(HeaderFields.reply_serial, 0), None)
                if waiting is None:
                    return
                waiting.taken = True
            try:
                if kind is MessageType.error:
                    name = fields.get(HeaderFields.error_name, "")
                    text = received.body[0] if received.signature.startswith("s") else name
                    waiting.error = BusError(text or name, name)
                else:
                    waiting.reply = received
                    if waiting.on_reply is not None:
                        waiting.on_reply(received, waiting.late)
            finally:
                waiting.done.set()

    def _finish(self) -> None:
        with self._lock:
            self.ended = True
            left, self._waiting = self._waiting, {}
        self._socket.close()
        for waiting in left.values():
            waiting.error = BusError(GONE)
            waiting.taken = True
            waiting.done.set()
        if not self._closing:
            self._on_end()


def method(address: DBusAddress, name: str, signature: str = "", *values: object) -> Message:
    """A call of a method."""
    return new_method_call(address, name, signature or None, values)
