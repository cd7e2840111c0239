"""Example: puts messages into a file. Change it to what is in front of you: a lamp, a loudspeaker, another screen."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from crampcoach import Context, Delivered, Failed, Message, NotifierEvents, Unconfirmed, hookimpl

api = 1  # the version of crampcoach's plugin boundary that this was written for


@dataclass(frozen=True)
class Options:
    # In config.toml: [plugins.example] file = "/somewhere/else.txt"
    file: Annotated[str, "The file that messages are put into"] = "~/example.txt"


@hookimpl
def options() -> type:
    return Options


@hookimpl
def notifiers(ctx: Context[Options]) -> list[FileNotifier]:
    return [FileNotifier(Path(ctx.options.file).expanduser())]


class FileNotifier:
    """crampcoach calls it in a thread of its own, and waits five seconds at most."""

    name = "example"  # in config.toml, `order` under [notify] says which notifier is asked first

    def __init__(self, file: Path) -> None:
        self._file = file

    def start(self, events: NotifierEvents) -> None:
        """Keep `events` if yours has buttons: events.answer(message.occurrence, action.key) when one is pressed."""

    def show(self, message: Message) -> Delivered | Unconfirmed | Failed:
        """Change it. Delivered: somebody sees it. Unconfirmed: perhaps. Failed: the next notifier is asked."""
        lines = [message.title, *message.body.splitlines()]
        lines += [f"{one.lead} {one.command} ({one.label})" for one in message.typed()]
        try:
            # For your eyes only: what it says is about your health.
            with open(self._file, "a", encoding="utf-8", opener=_private) as file:
                file.write("\n".join(lines) + "\n\n")
        except OSError as error:
            return Failed(f"{self._file} cannot be written ({error.strerror})")
        return Unconfirmed()

    def check(self) -> str | Failed:
        """For `crampcoach check`: would a message be seen now?"""
        return f"messages are put into {self._file}"

    def withdraw(self, occurrence: str) -> None:
        """Take the message away again, if that can be done."""

    def close(self) -> None:
        """The agent stops."""


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
