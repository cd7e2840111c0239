"""Plugins that misbehave, each in its own way, and what each is blamed for.

DUE in a source stands for the minute at which the reminders of all plugins come.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

FROM = "from crampcoach import "
HOOK = f"{FROM}Reminder, hookimpl\n"
REMINDERS = "@hookimpl\ndef reminders():\n"


@dataclass(frozen=True)
class Hostile:
    """`source`, and the words that its reason must have.

    becomes: `rests` at once; `fails` at times, and goes on; or only a `command` asks for what it does wrong.
    """

    source: str
    blame: tuple[str, ...]
    becomes: Literal["rests", "fails", "command"] = "rests"


def reminder(say: str, schedule: str = "DUE", more: str = "") -> str:
    """A plugin with one reminder, which says what the expression `say` gives."""
    made = f"Reminder(name='daily', schedule='{schedule}', say={say})"
    return f"{HOOK}{more}\n{REMINDERS}    return [{made}]\n"


def notifier(name: str, show: str, start: str = "pass") -> str:
    """A plugin with a notifier."""
    return f"""{FROM}Delivered, Failed, hookimpl
import time
class Lamp:
    name = {name!r}
    def start(self, events):
        {start}
    def show(self, message):
        {show}
    def withdraw(self, occurrence):
        raise OSError("no withdrawal")
    def close(self):
        raise SystemExit
@hookimpl
def notifiers():
    return [Lamp()]
"""


def hook(signature: str, body: str, names: str = "hookimpl") -> str:
    """A plugin with one hook."""
    return f"{FROM}{names}\nimport time\n@hookimpl\ndef {signature}:\n    {body}\n"


def kind(check: str, of: str = "str") -> str:
    """A plugin with a kind that checks its fields so, and a button that logs it."""
    return f"""from __future__ import annotations
import time
from dataclasses import dataclass
{FROM}Action, Kind, Log, Reminder, hookimpl
@dataclass(frozen=True)
class Fields:
    size: {of} | None = None
    def __post_init__(self):
        {check}
@hookimpl
def kinds():
    return [Kind(name="kind", title="A kind", fields=Fields)]
{REMINDERS}    had = Action(label="Had one", then=Log("kind", size=None))
    return [Reminder(name="daily", schedule="DUE", say="Had one?", actions=[had])]
"""


#: Forks a child that goes on for a minute, and notes its number in the folder that CHILDREN names.
FORK = """
import os, time
from pathlib import Path
def _fork(where):
    child = os.fork()
    if child == 0:
        Path(os.environ["CHILDREN"], f"{os.getpid()}-{where}").touch()
        time.sleep(60)
        os._exit(0)
"""
OPTIONS = """from dataclasses import dataclass, field
from crampcoach import Reminder, hookimpl
@dataclass(frozen=True)
class Options:
    cups: int = 3
    tick_every: TYPE = VALUE
@hookimpl
def options():
    return Options
"""

#: What their exceptions say, and might have quoted: it is in no line of the agent.
RAISED_WORDS = ("dry", "no options", "no kinds", "never quiet", "no bulb", "no withdrawal")

WHILE_LOADING = {
    "raises": Hostile("raise RuntimeError('no bones in this one')", ("loading it raised RuntimeError", "no bones")),
    "shouts": Hostile("raise OSError('x' * 50_000_000)", ("loading it raised OSError: xxx", "xxx")),
    "exits": Hostile("import sys\nsys.exit(3)", ("sys.exit()",)),
    "hangs": Hostile(hook("reminders()", "time.sleep(3600)"), ("loading it took longer than 5 s",)),
    "slow": Hostile("import time\ntime.sleep(8)\n" + reminder("'Late'"), ("loading it took longer than 5 s",)),
    "misspelt": Hostile(hook("remainders()", "return []"), ("remainders() is no hook", "did you mean 'reminders'?")),
    "unmarked": Hostile(
        HOOK + "def reminders():\n    return []", ("reminders() is the name of a hook but lacks @hookimpl",)
    ),
    "greedy": Hostile(hook("reminders(ctx, everything)", "return []"), ("asks for everything, but it is given ctx",)),
    "mistyped": Hostile(hook("reminders()", "return ['21:00']"), ("reminders() must give Reminder, not str",)),
    "halfway": Hostile(
        f"{HOOK}{REMINDERS}    yield Reminder(name='first', schedule='09:00', say='First')\n    raise OSError('dry')",
        ("loading it raised OSError", "dry"),
    ),
    "endless": Hostile(
        f"{HOOK}{REMINDERS}    while True:\n        yield Reminder(name='again', schedule='09:00', say='Again')",
        ("more than 1,000 results",),
    ),
    "many": Hostile(
        f"{HOOK}{REMINDERS}    return [Reminder(name=f'r{{n}}', schedule='09:00', say='x') for n in range(10_000)]",
        ("more than 1,000 results",),
    ),
    "often": Hostile(
        f"{HOOK}{REMINDERS}    return [Reminder(name=f'r{{n}}', schedule='every 1m', say='x') for n in range(3)]",
        ("its reminders come 2,793 times a day", "the most is 2,000"),
    ),
    "twice": Hostile(
        f"{HOOK}{REMINDERS}    return [Reminder(name='a', schedule='09:00', say='x') for _ in 'ab']",
        ("two of its reminders are called 'a'", "give each its own name"),
    ),
    "overrides": Hostile(
        f"{HOOK}class Mine(Reminder):\n    __slots__ = ()\n    def buttons(self):\n        raise OSError\n"
        f"{REMINDERS}    return [Mine(name='daily', schedule='DUE', say='x')]",
        ("reminders() must give Reminder itself, not Mine",),
    ),
    "huge": Hostile(reminder("'x' * 50_000_000"), ("50,000,000 characters is too long",)),
    "recurses": Hostile(
        f"{HOOK}def _again(n):\n    return _more(n + 1)\ndef _more(n):\n    return _again(n)\n{REMINDERS}    _again(0)",
        ("RecursionError",),
    ),
    "signals": Hostile(
        "import signal\nsignal.alarm(2)\nsignal.signal(signal.SIGTERM, lambda *_: None)",
        ("signal only works in main thread",),
    ),
    "forks": Hostile(f"{HOOK}{FORK}_fork('import')\n{REMINDERS}    _fork('reminders')\n    return []", ("subprocess",)),
    "threads": Hostile(
        f"{HOOK}import threading, time\n{REMINDERS}    for _ in range(10_000):\n"
        "        threading.Thread(target=time.sleep, args=(3600,)).start()",
        ("50 threads of it run already", "let them end"),
    ),
    "closes": Hostile("import os, sys\nos.close(1)\nos.close(2)\nsys.stdout.close()", ("leave it open",)),
    "options-raise": Hostile(hook("options()", "raise OSError('no options')"), ("no options",)),
    "options-instance": Hostile(hook("options()", "return object()"), ("options() must return a dataclass type",)),
    "tick-often": Hostile(
        OPTIONS.replace("TYPE = VALUE", "str = 'often'") + "@hookimpl\ndef tick():\n    pass\n",
        ("its option tick_every is 'often'", "give seconds, from 60"),
    ),
    "mutates": Hostile(
        OPTIONS.replace("TYPE = VALUE", "int = 60")
        + "@hookimpl\ndef reminders(ctx):\n    object.__setattr__(ctx.profile, 'balance', 'steady')\n"
        "    Options.__dataclass_fields__.clear()\n    ctx.options.cups = 4\n",
        ("FrozenInstanceError", "cups"),
    ),
    "kind-hangs": Hostile(kind("time.sleep(3600)"), ("loading it took longer than 5 s",)),
    "kind-raises": Hostile(
        kind("self.size.lower()"),
        ("kind 'kind': checking an entry without fields raised AttributeError", "have it take"),
    ),
    "kind-unread": Hostile(
        kind("pass", "Decimal"), ("kind 'kind': its fields cannot be understood", "name 'Decimal' is not defined")
    ),
    "kinds-raise": Hostile(hook("kinds()", "raise OSError('no kinds')"), ("no kinds",)),
    "same-kind": Hostile(
        hook("kinds()", "return [Kind(name='cramp', title='Mine')]", "Kind, hookimpl"),
        ("its kind 'cramp' is cramps's already (bundled)", "give it another name"),
    ),
    "same-notifier": Hostile(
        notifier("desktop", "return Delivered()"),
        ("its notifier 'desktop' is desktop's already (bundled)", "give it another name"),
    ),
    "no-notifier": Hostile(hook("notifiers()", "return ['lamp']"), ("notifiers() gave a str, which has no name",)),
    "quiet-raises": Hostile(hook("quiet_times(ctx)", "raise OSError('never quiet')"), ("never quiet",)),
}
WHILE_RUNNING = {
    "composing": Hostile(
        reminder("_say", more="def _say(ctx, occurrence):\n    while True:\n        pass\n"),
        ("composing composing.daily took longer than 5 s",),
    ),
    "says-nothing": Hostile(
        reminder("lambda ctx, occurrence: 1 / 0"), ("composing says-nothing.daily", "ZeroDivisionError"), "fails"
    ),
    "draws": Hostile(
        reminder("lambda ctx, occurrence: Message(title='x', picture='a.png')", more=f"{FROM}Message\n"),
        ("picture: give a pathlib.Path",),
        "fails",
    ),
    "lamp-hangs": Hostile(notifier("lamp-hangs", "time.sleep(3600)"), ("lamp-hangs.show() took longer than 5 s",)),
    "lamp-raises": Hostile(notifier("lamp-raises", "raise OSError('no bulb')"), ("lamp-raises.show()", "no bulb")),
    "lamp-lies": Hostile(notifier("lamp-lies", "return 'shown'"), ("lamp-lies.show() returned str",)),
    "lamp-presses": Hostile(
        notifier("lamp-presses", "return Failed('no power')", "events.answer(None, 3)"),
        ("lamp-presses.start()", "an answer is told by the occurrence's key"),
        "fails",
    ),
    "ticks": Hostile(hook("tick(ctx)", "raise SystemExit"), ("tick() called sys.exit()",), "fails"),
    "responds": Hostile(
        reminder("'Answer me'") + "@hookimpl\ndef responded(occurrence, action):\n"
        "    occurrence.state = 'missed'\n",
        ("responded()", "FrozenInstanceError"),
        "fails",
    ),
    "advises": Hostile(hook("advise(entry)", "entry.kind = 'tea'"), ("advise()", "FrozenInstanceError"), "fails"),
}  # fmt: skip
BY_COMMAND = {
    "commands-raise": Hostile(hook("commands(ctx)", "yield 3"), ("commands() must give Command, not int",), "command"),
    "commands-hang": Hostile(hook("commands(ctx)", "time.sleep(60)"), ("commands() took longer than 5 s",), "command"),
    "exporters-raise": Hostile(hook("exporters()", "raise OSError('no ink')"), ("exporters()", "no ink"), "command"),
    "importers-raise": Hostile(hook("importers()", "raise SystemExit"), ("importers() called sys.exit()",), "command"),
    "explainers-raise": Hostile(
        hook("explainers(ctx)", "raise OSError('no idea')"), ("explainers()", "no idea"), "command"
    ),
}
#: All at once, in one folder.
HOSTILE = {**WHILE_LOADING, **WHILE_RUNNING, **BY_COMMAND}
