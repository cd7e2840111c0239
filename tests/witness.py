"""A notification server in its own process, for tests: it says what it was asked to show, and presses on command.

It is the witness of what the agent did: it shares no code with the notifier, and writes one JSON line an event to a
file that survives whatever is killed. Numbers begin at 1 in every run, as in real servers, so that a notifier that
mixes up two runs is found out.

    python tests/witness.py --log FILE [--press KEY --after SECONDS] [--no-actions] [--no-markup]

On stdin it takes JSON lines: {"press": ID, "key": KEY} (with "keep": true the popup stays), {"dismiss": ID},
{"expire": ID}, {"hang": SECONDS}, {"slow": SECONDS} (each popup is there so long before the reply that it is).
It prints "ready" when it owns the name.
"""

from __future__ import annotations

import argparse
import json
import os
import select
import stat
import sys
import time
from typing import Any

from jeepney import (
    DBusAddress,
    HeaderFields,
    Message,
    MessageFlag,
    MessageType,
    message_bus,
    new_error,
    new_method_return,
    new_signal,
)
from jeepney.io.blocking import DBusConnection, open_dbus_connection

NAME = "org.freedesktop.Notifications"
HERE = DBusAddress("/org/freedesktop/Notifications", bus_name=NAME, interface=NAME)
EXPIRED, DISMISSED, CLOSED = 1, 2, 3


class Witness:
    """The server's state: what is on its imaginary screen, and which presses are due."""

    def __init__(self, connection: DBusConnection, log: str, options: argparse.Namespace) -> None:
        self.connection = connection
        self.log_file = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self.options = options
        self.shown: dict[int, str] = {}  # id -> occurrence
        self.next_id = 1
        self.keys: dict[int, dict[str, str]] = {}
        self.presses: list[tuple[float, int]] = []
        self.slow = 0.0

    def log(self, event: str, **fields: Any) -> None:
        line = {"event": event, "t": time.monotonic(), **fields}
        os.write(self.log_file, (json.dumps(line) + "\n").encode())

    def handle(self, message: Message) -> None:
        """Answer a call."""
        header = message.header
        if header.message_type is not MessageType.method_call:
            return
        name = header.fields.get(HeaderFields.member)
        handler = {
            "GetCapabilities": self.on_get_capabilities,
            "GetServerInformation": self.on_get_server_information,
            "Notify": self.on_notify,
            "CloseNotification": self.on_close_notification,
        }.get(name)
        if handler is not None:
            reply = handler(message, header.fields.get(HeaderFields.sender, ""))
        else:
            reply = new_error(message, "org.freedesktop.DBus.Error.UnknownMethod", "s", (f"no method {name}",))
        if not header.flags & MessageFlag.no_reply_expected:
            self.connection.send(reply)

    def on_get_capabilities(self, message: Message, sender: str) -> Message:
        able = ["body"]
        if not self.options.no_actions:
            able.append("actions")
        if not self.options.no_markup:
            able.append("body-markup")
        self.log("capabilities", sender=sender)
        return new_method_return(message, "as", (able,))

    def on_get_server_information(self, message: Message, sender: str) -> Message:
        self.log("information", sender=sender)
        return new_method_return(message, "ssss", ("witness", "crampcoach", "1", "1.2"))

    def on_notify(self, message: Message, sender: str) -> Message:
        app_name, replaces_id, _icon, title, body, actions, hints, timeout = message.body
        number = replaces_id if replaces_id in self.shown else self.next_id
        if number == self.next_id:
            self.next_id += 1
        values = {name: value for name, (_, value) in hints.items()}
        occurrence = str(values.get("x-crampcoach-occurrence", ""))
        self.shown[number] = occurrence
        # Keys are known by what stands before "|": what the agent adds behind it is its own affair.
        self.keys[number] = {key.partition("|")[0]: key for key in actions[::2]}
        self.log(
            "notify",
            id=number,
            replaces_id=replaces_id,
            occurrence=occurrence,
            title=title,
            body=body,
            actions=[[key.partition("|")[0], label] for key, label in zip(actions[::2], actions[1::2], strict=True)],
            hints={name: str(value) if isinstance(value, bytes) else value for name, value in values.items()},
            app_name=app_name,
            timeout=timeout,
            sender=sender,
        )
        time.sleep(self.slow)
        if self.options.press is not None:
            self.presses.append((time.monotonic() + self.options.after, number))
        return new_method_return(message, "u", (number,))

    def on_close_notification(self, message: Message, sender: str) -> Message:
        (number,) = message.body
        self.log("close", id=number, occurrence=self.shown.get(number, ""), sender=sender)
        if number not in self.shown:
            return new_error(message, "org.freedesktop.Notifications.NoSuchPopup", "s", ("",))
        self.close(number, CLOSED)
        return new_method_return(message)

    def close(self, number: int, reason: int) -> None:
        """Take it off the screen and say so."""
        occurrence = self.shown.pop(number, "")
        self.log("closed", id=number, occurrence=occurrence, reason=reason)
        self.connection.send(new_signal(HERE, "NotificationClosed", "uu", (number, reason)))

    def press(self, number: int, key: str, keep: bool = False) -> None:
        """Press a button. As real servers do, the popup then closes as dismissed."""
        self.log("press", id=number, key=key, occurrence=self.shown.get(number, ""))
        full = self.keys.get(number, {}).get(key, key)
        self.connection.send(new_signal(HERE, "ActionInvoked", "us", (number, full)))
        if not keep:
            self.close(number, DISMISSED)

    def obey(self, line: str) -> None:
        """Carry out a line of stdin."""
        match json.loads(line):
            case {"press": int(number), "key": str(key), **rest}:
                self.press(number, key, bool(rest.get("keep")))
            case {"dismiss": int(number)}:
                self.close(number, DISMISSED)
            case {"expire": int(number)}:
                self.close(number, EXPIRED)
            case {"hang": int() | float() as seconds}:
                self.log("hang", seconds=seconds)
                time.sleep(seconds)
            case {"slow": int() | float() as seconds}:
                self.slow = seconds
            case other:
                sys.exit(f"witness: no such command: {other!r}")
        self.log("obeyed", command=line)

    def press_what_is_due(self) -> float | None:
        """Do the presses that are due; return how long the next one may wait."""
        now = time.monotonic()
        due = [number for at, number in self.presses if at <= now]
        self.presses = [(at, number) for at, number in self.presses if at > now]
        for number in due:
            if number in self.shown:
                self.press(number, self.options.press)
        return max(0.0, min(at for at, _ in self.presses) - now) if self.presses else None

    def run(self) -> None:
        """Serve until the bus goes, or the test that holds the other end of stdin does."""
        commands = 0
        listening = [self.connection.sock, commands]
        typed = b""
        while True:
            ready, _, _ = select.select(listening, [], [], self.press_what_is_due())
            if self.connection.sock in ready:
                try:
                    while True:
                        self.handle(self.connection.receive(timeout=0))
                except TimeoutError:
                    pass  # everything that was there has been read
                except ConnectionError:
                    return
            if commands in ready:
                data = os.read(commands, 65536)
                if not data:
                    if stat.S_ISFIFO(os.fstat(commands).st_mode):
                        return
                    listening.remove(commands)  # /dev/null: nobody means to say anything
                *lines, typed = (typed + data).split(b"\n")
                for line in lines:
                    self.obey(line.decode())


def main() -> None:
    parser = argparse.ArgumentParser(description="A notification server for tests.")
    parser.add_argument("--log", required=True)
    parser.add_argument("--press", metavar="KEY", help="press this button of every popup")
    parser.add_argument("--after", metavar="SECONDS", type=float, default=0.0, help="so long after it was shown")
    parser.add_argument("--no-actions", action="store_true", help="a server without buttons")
    parser.add_argument("--no-markup", action="store_true", help="a server that shows the body as it is")
    options = parser.parse_args()
    connection = open_dbus_connection()
    witness = Witness(connection, options.log, options)
    do_not_queue, owner = 4, 1
    reply = connection.send_and_get_reply(message_bus.RequestName(NAME, do_not_queue), timeout=5)
    if reply.body != (owner,):
        sys.exit(f"witness: {NAME} is taken on this bus ({reply.body})")
    print("ready", flush=True)
    witness.run()


if __name__ == "__main__":
    main()
