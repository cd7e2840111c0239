"""Tells your phone: messages by ntfy, Pushover, Matrix, mail and whatever else apprise sends through.

Install, beside crampcoach's own config.toml:

    crampcoach plugins install apprise
    cp push.py "$(dirname "$(crampcoach config path)")/plugins/"

Where to send it stands in the file `push.urls` beside this one, an address of apprise's a line, such as
`ntfys://a-topic-that-nobody-guesses`. Whoever knows an address may read what is sent there: nobody else may read the
file (`chmod 600 push.urls`), and no setting holds an address. CRAMPCOACH_PUSH_URLS, if it is set, is read instead.

Settings, in config.toml; these are the defaults:

    [plugins.push]
    url_file  = "push.urls"                        # beside this file, unless it begins with / or ~
    text      = "crampcoach has something for you"
    full_text = false                              # send the message itself, and what to type to answer it

    [notify]
    order = ["push", "desktop", "plyer", "terminal"]  # push first; without this line it comes last

Privacy: whoever runs the server that you name, and whoever sees your phone, sees what is sent. Without full_text that
is `text` and nothing else, followed by "(urgent)" where it is. Such a text shows nobody that a doctor is needed: advice
then counts as not shown, and is put before you by the next in `order` too. So keep another one there. apprise runs in a
process of its own for each message; neither your addresses nor what is sent is in the name of any process, or logged.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from crampcoach import Failed, Problem, Unconfirmed, hookimpl

if TYPE_CHECKING:
    import logging

    from crampcoach import Context, Delivered, Message, Notifier, NotifierEvents

api = 1

VARIABLE = "CRAMPCOACH_PUSH_URLS"
#: Seconds: for the servers to answer, and for the process as a whole. crampcoach waits for five.
PATIENCE, END = 3.5, 4.7
#: So often a message is sent without an answer in time. It may have arrived each time.
TRIES = 3
LATE = "it did not answer in time"
#: What apprise says of a failure holds the address. These words are told instead.
REASONS = {
    r"timed out|timeout": LATE,
    r"NameResolution|getaddrinfo|Name or service": "its server cannot be found; is there a network?",
    r"refused": "it refuses the connection",
    r"unreachable": "the network cannot be reached",
    r"SSL|certificate": "its certificate is not accepted",
    r"error=(\d+)": r"it answered with error \1",
}
TOLD_ONLY = Failed("the phone was told only that there is something, for full_text is off")


@dataclass(frozen=True)
class Options:
    url_file: Annotated[str, "The file with apprise's addresses; beside this file, or a whole path"] = "push.urls"
    text: Annotated[str, "What is sent"] = "crampcoach has something for you"
    full_text: Annotated[bool, "Send the message itself: others may see it"] = False

    def __post_init__(self) -> None:
        if not self.text.strip():
            raise ValueError("it is empty; write what your phone may show")


@hookimpl
def options() -> type:
    return Options


@hookimpl
def notifiers(ctx: Context[Options]) -> list[Notifier]:
    return [PushNotifier(ctx.options, ctx.logger)]


class PushNotifier:
    """The notifier `push`. A server that took a message has shown it to nobody yet: it is never called delivered."""

    name = "push"

    def __init__(self, options: Options, logger: logging.Logger) -> None:
        self._options, self._logger = options, logger
        self._file = Path(__file__).parent / Path(options.url_file).expanduser()
        self._told: set[str] = set()
        self._late: dict[str, int] = {}

    def start(self, events: NotifierEvents) -> None:
        """Answers come as commands, never through here."""

    def show(self, message: Message) -> Delivered | Unconfirmed | Failed:
        """Send it. Without full_text only a reminder may count as shown: it can wait until the person looks."""
        key = message.occurrence or message.title
        waits = bool(message.reminder) or key.startswith("away/")  # the latter lists several reminders
        if key in self._told:
            return TOLD_ONLY
        if self._late.get(key, 0) >= TRIES:
            return Failed(f"it was sent {TRIES} times, and nobody answered in time")
        try:
            told = self._ask(self._words(message))
        except Problem as problem:
            return Failed(str(problem))
        failed = [f"{name}: {why}" for name, why in told if why]
        if len(failed) == len(told):
            if any(why == LATE for _, why in told):
                self._late[key] = self._late.get(key, 0) + 1
            return Failed("; ".join(failed))
        self._late.clear()
        if failed:
            self._logger.warning("push: not everywhere: %s", "; ".join(failed))
        if waits or self._options.full_text:
            return Unconfirmed()
        self._told.add(key)  # it is asked again each minute while nobody shows the message itself
        return TOLD_ONLY

    def _words(self, message: Message) -> Mapping[str, Any]:
        urgent = message.urgency == "critical"
        if not self._options.full_text:
            return {"title": "", "body": self._options.text + (" (urgent)" if urgent else ""), "urgent": urgent}
        answering = [f"{one.lead}: {one.command}" for one in message.typed()]
        body = "\n".join(filter(None, [message.body, *answering]))
        return {"title": message.title if body else "", "body": body or message.title, "urgent": urgent}

    def check(self) -> str | Failed:
        """Have apprise read the addresses; nothing is sent."""
        try:
            told = self._ask({})
        except Problem as problem:
            return Failed(str(problem))
        if failed := [f"{name}: {why}" for name, why in told if why]:
            return Failed("; ".join(failed))
        return f"messages would be sent by {', '.join(name for name, _ in told)}; nothing says whether you see them"

    def _ask(self, words: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Start the process; for each address what it is, and why it failed. Raises Problem."""
        import subprocess  # most agents never get to this

        asked = json.dumps({"urls": _addresses(self._file), **words})
        try:
            # -P: a json.py in the plugin folder is not json.
            done = subprocess.run(
                [sys.executable, "-P", "-W", "ignore", __file__],
                input=asked.encode(),
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                timeout=END,
                start_new_session=True,  # Ctrl+C is meant for the agent
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
                check=False,
            )
        except subprocess.TimeoutExpired:
            return [("apprise", LATE)]
        except OSError as error:
            raise Problem(f"Python cannot be started for apprise ({error.strerror})") from None
        told = json.loads(done.stdout or "null")
        if told is None:
            raise Problem("apprise ended without a word")
        if not told:
            raise Problem("apprise is not installed; run: crampcoach plugins install apprise")
        return [(name, why) for name, why in told]

    def withdraw(self, occurrence: str) -> None:
        """What was sent cannot be taken back."""

    def close(self) -> None:
        """Nothing to close."""


def _addresses(file: Path) -> list[str]:
    """Where to send messages. Raises Problem with a sentence that holds none of it."""
    if given := os.environ.get(VARIABLE, "").split():
        return given
    try:
        if os.name == "posix" and file.stat().st_mode & 0o077:
            raise Problem(f"{file} can be read by others; run: chmod 600 {file}")
        lines = [line.strip() for line in file.read_text(encoding="utf-8").splitlines()]
    except OSError as error:
        raise Problem(f"{file} cannot be read ({error.strerror}); write apprise's addresses into it") from None
    except UnicodeDecodeError:
        raise Problem(f"{file} is no text; write apprise's addresses into it") from None
    found = [line for line in lines if line and not line.startswith("#")]
    if not found:
        raise Problem(f"{file} has no address; write one of apprise's into each line")
    return found


# --- the process that sends ------------------------------------------------------------------------------------


def _send(urls: Sequence[str], title: str = "", body: str = "", urgent: bool = False) -> list[tuple[str, str]]:
    """Send it everywhere at once, or (without a body) nowhere. What each address is, and why it failed."""
    import threading
    import time

    end = time.monotonic() + PATIENCE
    try:
        import apprise
    except ImportError:
        return []
    heard = _listen()
    asset = apprise.AppriseAsset(image_url_mask="", image_url_logo="")  # no picture for the phone to fetch elsewhere
    servers = [apprise.Apprise.instantiate(url, asset=asset) for url in urls]
    told = [str(server.service_name) if server else f"address {n}" for n, server in enumerate(servers, 1)]
    why = ["" if server else "it is none that apprise knows" for server in servers]
    kind = apprise.NotifyType.WARNING if urgent else apprise.NotifyType.INFO

    def send(number: int, server: apprise.NotifyBase) -> None:
        try:
            sent = server.notify(body=body, title=title, notify_type=kind, body_format=apprise.NotifyFormat.TEXT)
            why[number] = "" if sent else _reason("\n".join(heard.get(threading.get_ident(), [])))
        except Exception as error:  # noqa: BLE001 - whatever goes wrong in there, the next notifier is to be asked
            why[number] = f"apprise failed ({type(error).__name__})"

    for number, server in enumerate(servers):
        if server and body:
            why[number] = LATE
            threading.Thread(target=send, args=(number, server), daemon=True).start()
    for thread in threading.enumerate():
        if thread is not threading.current_thread():
            thread.join(max(0.0, end - time.monotonic()))
    return list(zip(told, why, strict=True))


def _listen() -> dict[int, list[str]]:
    """What apprise says from now on, by thread. It says it nowhere else: it names addresses."""
    import logging

    heard: dict[int, list[str]] = {}

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            heard.setdefault(record.thread or 0, []).append(record.getMessage())

    logger = logging.getLogger("apprise")
    logger.handlers, logger.propagate = [Listener()], False
    logger.setLevel(logging.DEBUG)
    return heard


def _reason(said: str) -> str:
    """Why it failed, out of what apprise said, without a word of that."""
    for pattern, reason in REASONS.items():
        if found := re.search(pattern, said):
            return found.expand(reason)
    return "it did not take it"


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_send(**json.load(sys.stdin))))
    sys.stdout.flush()
