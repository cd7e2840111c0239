"""Shows messages through plyer where the desktop notifier cannot: the second in `order`.

plyer has no buttons, and says nothing of what became of a message: on Linux it drops the exit status of notify-send, on
Windows it shows a balloon from a thread that stays. So each message gets a process of its own (`sending.py`): there a
failure is seen and told, what hangs can be ended, and the agent never carries plyer. Untested on macOS and Windows.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from crampcoach import Failed, Unconfirmed, hookimpl

if TYPE_CHECKING:
    import subprocess

    from crampcoach import Context, Delivered, Message, Notifier, NotifierEvents

api = 1

#: For one message. A call of a plugin may take 5 seconds, and one that takes longer rests the plugin.
PATIENCE = 4.0
NO_BUS = Failed("no desktop session bus")


@hookimpl
def notifiers(ctx: Context[None]) -> list[Notifier]:
    return [PlyerNotifier()]


class PlyerNotifier:
    """The notifier `plyer`. It has no hold on what it has shown: a message stays until the person clicks it away."""

    name = "plyer"

    def __init__(self) -> None:
        self._started: list[subprocess.Popen[bytes]] = []

    def start(self, events: NotifierEvents) -> None:
        """Answers come as commands, never through here."""

    def show(self, message: Message) -> Delivered | Unconfirmed | Failed:
        """Hand it to plyer. That it was seen is more than plyer can say, so it is never called delivered."""
        answering = "\n".join(f"{one.lead}: {one.command}" for one in message.typed())
        words = {"title": message.title, "body": message.body, "answering": answering}
        told = self._ask(words)
        return told if isinstance(told, Failed) else Unconfirmed()

    def check(self) -> str | Failed:
        """Have plyer choose what would show a message; nothing is shown."""
        told = self._ask(None)
        if told == NO_BUS:
            return Failed(f"{NO_BUS.reason}; run crampcoach in a terminal window of your desktop")
        if isinstance(told, Failed):
            return told
        return f"plyer would hand messages to {told}, without buttons, and cannot say whether you see them"

    def _ask(self, words: Mapping[str, str] | None) -> str | Failed:
        """Start the process, have it show the words (None: nothing), and return with whose help it does."""
        import json  # here and below: most agents never get to this
        import subprocess

        if sys.platform not in ("darwin", "win32") and not _has_session_bus(os.environ):
            # Otherwise notify-send may start a bus of its own, on which nobody shows anything.
            return NO_BUS
        # -P: a plyer.py in the folder where the agent was started is not plyer.
        command = [sys.executable, "-P", "-W", "ignore", "-m", "crampcoach_plyer.sending"]
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl+C is meant for the agent; and all of it can be ended together
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError as error:
            return Failed(f"Python cannot be started for plyer ({error.strerror or error})")
        line, ended = _talk(process, json.dumps(words).encode())
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(1.0)
        self._started.append(process)  # on Windows it lives as long as its balloon
        self.lingering()
        if not line:
            late = f"plyer did not finish within {PATIENCE:g} seconds"
            return Failed(late if ended else "plyer ended without a word")
        told = json.loads(line)
        return Failed(told["failed"]) if told["failed"] else str(told["through"])

    def withdraw(self, occurrence: str) -> None:
        """plyer cannot take a message away."""

    def close(self) -> None:
        """Messages stay where they are."""
        self.lingering()

    def lingering(self) -> int:
        """How many processes are still there; those that have ended are let go of."""
        self._started = [process for process in self._started if process.poll() is None]
        return len(self._started)


def _talk(process: subprocess.Popen[bytes], words: bytes) -> tuple[bytes, bool]:
    """Say it to the process and return the line that it answers, and whether it had to be ended for being late."""
    import threading

    late = threading.Event()

    def end() -> None:
        late.set()
        _end(process)

    assert process.stdin is not None
    assert process.stdout is not None
    timer = threading.Timer(PATIENCE, end)
    timer.start()
    try:
        with contextlib.suppress(OSError), process.stdin:  # it may have ended already; then it answers nothing
            process.stdin.write(words)
        return process.stdout.readline(), late.is_set()
    finally:
        timer.cancel()
        timer.join()  # so that it ends nobody who has got the number of a process that is gone
        process.stdout.close()


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the process and what it has started, notify-send above all."""
    import signal

    with contextlib.suppress(OSError):
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)


def _has_session_bus(environ: Mapping[str, str]) -> bool:
    """Whether there is a session bus to ask, known by its address or by its place in the runtime folder."""
    if environ.get("DBUS_SESSION_BUS_ADDRESS"):
        return True
    folder = environ.get("XDG_RUNTIME_DIR")
    return bool(folder) and Path(folder or "", "bus").exists()
