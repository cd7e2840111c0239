"""Shows one message through plyer: a process that `PlyerNotifier` starts, and that ends when this is done.

It reads the message as JSON from its input, so that no process title of ours has it (null: show nothing), and answers
with one line: `{"failed": REASON, "through": NAME}`. The reason is empty when plyer has taken the message without a
fault; the name is that of what plyer shows messages with.
"""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
import threading
from collections.abc import Sequence
from types import ModuleType, SimpleNamespace

from crampcoach_plyer.fitting import fit

#: plyer's classes, in words for the person.
THROUGH = {
    "NotifySendNotification": "notify-send",
    "NotifyDbus": "the notification server",
    "NotifyDesktopPortals": "the desktop portal",
    "WindowsNotification": "the notification area",
    "OSXNotification": "the Notification Center",
}
#: Seconds. On Windows the balloon goes with this process; elsewhere 0 is "until it is clicked away".
STAYS = {"WindowsNotification": 20}
#: Seconds to wait for what plyer does in a thread: long enough to fail, not to show.
MOMENT = 0.5


class Refused(Exception):
    """A program that plyer started has failed; the text says why."""


def main() -> None:
    asked = json.loads(sys.stdin.buffer.read())
    failed = through = ""
    try:
        module = find_module()
        through = show(module, **asked) if asked else choose(module)
    except Exception as error:  # noqa: BLE001 - whatever goes wrong in plyer, the next notifier is to be asked
        failed = reason(error)
    print(json.dumps({"failed": failed, "through": through}), flush=True)


def find_module() -> ModuleType:
    """plyer's module for this system. Raises ImportError where plyer, or what it needs there, is missing.

    `plyer.notification` would import the same, but prints the traceback of a failure and forgets what it was.
    """
    from plyer.utils import platform  # type: ignore[import-untyped]  # ships no types

    return importlib.import_module(f"plyer.platforms.{platform}.notification")


def choose(module: ModuleType) -> str:
    """What plyer would show a message with. Raises NotImplementedError where it has nothing."""
    name = type(module.instance()).__name__
    if name == "Notification":
        raise NotImplementedError
    return THROUGH.get(name, name)


def show(module: ModuleType, title: str, body: str, answering: str) -> str:
    """Have plyer show it. Raises whatever plyer raises, and Refused for what it would not have noticed."""
    raised: list[BaseException] = []
    threading.excepthook = lambda failure: raised.append(failure.exc_value or failure.exc_type())
    if hasattr(module, "subprocess"):
        # plyer never looks at the exit status of what it starts.
        vars(module)["subprocess"] = SimpleNamespace(call=watched, run=watched, DEVNULL=subprocess.DEVNULL)
    implementation = module.instance()
    backend = type(implementation).__name__
    title, body = fit(backend, title, body, answering)
    implementation.notify(title=title, message=body, app_name="crampcoach", timeout=STAYS.get(backend, 0))
    for thread in threading.enumerate():
        if thread is not threading.current_thread():
            thread.join(MOMENT)
    if raised:
        raise raised[0]
    return THROUGH.get(backend, backend)


def watched(command: Sequence[str], **_options: object) -> None:
    """In place of `subprocess.call` and `run`. Raises Refused when the program fails."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    if done.returncode:
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise Refused(f"{command[0]}: {lines[0] if lines else f'exit status {done.returncode}'}")


def reason(error: BaseException) -> str:
    """One sentence for what went wrong."""
    text = (str(error).strip().splitlines() or [""])[0]
    if any(name in text for name in ("DBus.Error.ServiceUnknown", "DBus.Error.NameHasNoOwner")):
        return "no notification server is running"
    match error:
        case NotImplementedError():
            return (
                "plyer finds nothing to show messages with; install notify-send (on Debian the package libnotify-bin)"
            )
        case ImportError():
            return f"plyer cannot be used here ({text})"
        case Refused():
            return text
        case _:
            return f"plyer failed ({type(error).__name__}{': ' if text else ''}{text})"


if __name__ == "__main__":
    main()
