"""Plugins that break one rule of `plugins check` each: the rule, words of what is said, the source.

The line that is to be named ends in `# <-`; without one it is the first. Before each source stands a line that imports
everything of crampcoach, and after it a hook that gives nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import crampcoach

IMPORTS = f"from crampcoach import {', '.join(crampcoach.__all__)}\n"
NO_KINDS = "\n@hookimpl\ndef kinds(): return []\n"

CASES = """
=== syntax: this is not Python
def f(: # <-
=== hook name: remainders() is no hook; did you mean 'reminders'?
@hookimpl
def remainders(): ... # <-
=== hook name: coffee() is no hook; the hooks are options, kinds,
@hookimpl
def coffee(): ... # <-
=== hook name: reminder() is no hook; did you mean 'reminders'?
def reminder(): ... # <-
=== hook name: _reminders() is no hook; did you mean 'reminders'?
@hookimpl
def _reminders(): ... # <-
=== missing hookimpl: reminders() is the name of a hook but lacks @hookimpl
def reminders(): ... # <-
=== missing hookimpl: responded() is the name of a hook
try:
    def responded(): ... # <-
finally:
    pass
=== hook in a class: kinds() is a hook in a class
class Tea:
    @hookimpl
    def kinds(self): ... # <-
=== hook arguments: reminders() asks for context, but it is given ctx
@hookimpl
def reminders(context, other=1): ... # <-
=== hook arguments: options() asks for ctx, but it is given nothing
@hookimpl
def options(*, ctx): ... # <-
=== hook order: wrappers and tryfirst/trylast are not used here
@hookimpl(tryfirst=True) # <-
def reminders(): ...
=== hook order: write a plain @hookimpl
@hookimpl(wrapper=True) # <-
def reminders(): yield
=== async hook: write def reminders(...)
@hookimpl
async def reminders(): ... # <-
=== no result: reminders() makes something and returns nothing
@hookimpl
def reminders(): # <-
    [Reminder(name="daily", schedule="15:00", say="Tea?")]
=== no result: kinds() makes something and returns nothing
@hookimpl
def kinds(): # <-
    found = []
    def keep(one): return found.append(one)
    keep(Kind(name="tea", title="Tea"))
=== api version: api = 2, and this crampcoach has plugin API 1
api = 2 # <-
=== private name: crampcoach.store.entries may change any day
from crampcoach.store.entries import select # <-
=== heavy import: click is imported by the agent
import click # <-
=== heavy import: jeepney is imported by the agent
try:
    from jeepney.io.blocking import open_dbus_connection # <-
except ImportError:
    pass
=== clock: datetime.datetime.now asks the machine for the time
from datetime import datetime as dt
def _today():
    return dt.now().date() # <-
=== clock: datetime.date.today asks
import datetime
class Lamp:
    def show(self, message): return datetime.date.today() # <-
=== clock: time.time asks
import time
seconds = time.time # <-
=== sleep: time.sleep() keeps others waiting
import time as clock
def _wait(): clock.sleep(0) # <-
@hookimpl
def reminders():
    _wait()
    return []
=== sleep: after five seconds the plugin is set aside
from time import sleep
sleep(0) # <-
=== print: print() ends up in the middle of other output
print("hello") # <-
=== print: ctx.logger is for notes to yourself
def _say(ctx, occurrence):
    print("hello") # <-
    return "Tea?"
@hookimpl
def reminders():
    return [Reminder(name="daily", schedule="15:00", say=lambda ctx, occurrence: Message(title=_say(ctx, occurrence)))]
=== database: 'data/log.db' is crampcoach's own
PLACE = "data/log.db" # <-
=== network at import: urllib.request.urlopen() is called when it is imported
import urllib.request
NEWS = urllib.request.urlopen("http://localhost") # <-
=== network at import: http.client.HTTPConnection() is called
from http import client
class Lamp:
    found = client.HTTPConnection("localhost") # <-
=== work at import: threading.Thread() is called when it is imported
import threading
threading.Thread(target=len).start() # <-
=== work at import: subprocess.run() is called
import subprocess
def _f(done=subprocess.run(["true"])): ... # <-
=== process: os._exit ends crampcoach itself
import os
def _f(): os._exit(1) # <-
=== process: os.fork forks crampcoach itself
from os import fork
class Lamp:
    def start(self, events): fork() # <-
=== process: signal.signal works in the main thread only
import signal
signal.signal(signal.SIGTERM, len) # <-
=== process: sys.exit is no way to stop
import sys
@hookimpl
def reminders():
    sys.exit(1) # <-
=== process: SystemExit is no way to stop
@hookimpl
def reminders():
    raise SystemExit # <-
=== claim without sources: Claim without grade
CLAIM = lambda: Claim(text="It is so.", sources=["doe"]) # <-
=== claim without sources: Claim without sources
CLAIM = lambda: Claim(text="It is so.", grade="low", sources=[]) # <-
=== claim without sources: Explainer without limits
TEA = lambda: Explainer(name="tea", title="x", group="x", summary="x", claims=X, sources=X, see="x") # <-
=== health wording: 'cures': no promise can be kept here
TEXT = "Tea cures cramps." # <-
=== health wording: 'Stop taking': a medicine is its doctor's affair
def _text(name): return f"Stop taking {name} now." # <-
=== loading: loading it raised OSError: dry
def _f():
    raise OSError("dry") # <-
_f()
=== loading: cannot import name 'Remainder'
from crampcoach import Remainder # <-
=== options: Options.cups needs a default
from dataclasses import dataclass
@dataclass(frozen=True)
class Options:
    cups: int # <-
@hookimpl
def options(): return Options
=== options: Options.enabled: enabled and schedule are keys of every plugin's table
from dataclasses import dataclass
@dataclass(frozen=True)
class Options:
    cups: int = 1
    enabled: bool = True # <-
@hookimpl
def options(): return Options
=== options: Options.cups: its default is '3', which is not a whole number
from dataclasses import dataclass
@dataclass(frozen=True)
class Options:
    cups: int = "3" # <-
@hookimpl
def options(): return Options
=== options: must return a dataclass type
@hookimpl
def options(): return int # <-
=== options: options() raised OSError: dry
@hookimpl
def options(): raise OSError("dry") # <-
=== options: Options() raised ValueError: too few
from dataclasses import dataclass
@dataclass(frozen=True)
class Options:
    cups: int = 0
    def __post_init__(self):
        raise ValueError("too few") # <-
@hookimpl
def options(): return Options
=== kind: Kind 'tea': every kind has at, note already; rename the field
from dataclasses import make_dataclass
@hookimpl
def kinds():
    return [Kind(name="tea", title="Tea", fields=make_dataclass("F", [("note", str), ("at", str)]))] # <-
=== kind: use a short name of lower-case letters
@hookimpl
def kinds():
    return [Kind(name="Tea", title="Tea")] # <-
=== kind: kinds() must give Kind, not str
@hookimpl
def kinds(): return ["tea"] # <-
=== kind: kind 'tea': its fields cannot be understood
from dataclasses import dataclass
@dataclass
class Fields:
    cups: "Cups" = 0
@hookimpl
def kinds():
    return [Kind(name="tea", title="Tea", fields=Fields)] # <-
=== reminder: reminders() raised TypeError
@hookimpl
def reminders():
    return [Reminder(name="daily", schedule="15:00", say="Tea?", color="red")] # <-
=== reminder: reminders() must return a list of Reminder, not str
@hookimpl
def reminders(): return "15:00" # <-
=== reminder: reminders() raised OSError: dry
@hookimpl
def reminders():
    yield Reminder(name="daily", schedule="15:00", say="Tea?")
    raise OSError("dry") # <-
=== reminder: two actions are called 'had'
@hookimpl
def reminders():
    had = [Action(label=label) for label in ("Had", "had")]
    return [Reminder(name="daily", schedule="15:00", say="Tea?", actions=had)] # <-
=== reminder: reminders() took longer than
@hookimpl
def reminders(): # <-
    while True: pass
=== schedule: reminder 'daily': schedule '25:00': '25:00' is no time of day
AT = "25:00" # <-
@hookimpl
def reminders():
    return [Reminder(name="daily", schedule=AT, say="Tea?")]
=== grace: reminder 'daily': grace 'for ever'
@hookimpl
def reminders():
    return [Reminder(name="daily", schedule="15:00", say="Tea?",
        grace="for ever")] # <-
=== tag: reminder 'daily': its tag 'Stretching' has no effect; did you mean 'stretch'?
@hookimpl
def reminders():
    return [Reminder(name="daily", schedule="15:00", say="Tea?", tags=["Stretching"])] # <-
=== button: its button 'Had one' logs an unknown kind; did you mean 'tea'?
@hookimpl
def kinds(): return [Kind(name="tea", title="Tea")]
@hookimpl
def reminders():
    had = Action(label="Had one", then=Log("tee")) # <-
    return [Reminder(name="daily", schedule="15:00", say="Tea?", actions=[had])]
=== button: its button 'Had one' logs cups: unknown key
@hookimpl
def kinds(): return [Kind(name="tea", title="Tea")]
@hookimpl
def reminders():
    had = Action(label="Had one", then=Log("tea", cups=1)) # <-
    return [Reminder(name="daily", schedule="15:00", say="Tea?", actions=[had])]
=== button: its button 'Go' opens 'todya', which is no command of crampcoach
@hookimpl
def reminders():
    return [Reminder(name="daily", schedule="15:00", say=Message(
        title="Tea?", actions=[Action(label="Go", then=Open("todya"))]))] # <-
=== button: its button 'Had one' logs an unknown kind
def _say(ctx, occurrence):
    return Message(title="Tea?", actions=[Action(label="Had one", then=Log("nothing"))]) # <-
@hookimpl
def reminders(): return [Reminder(name="daily", schedule="15:00", say=_say)]
=== message: composing bad.daily raised ZeroDivisionError
def _say(ctx, occurrence):
    return 1 / 0 # <-
@hookimpl
def reminders(): return [Reminder(name="daily", schedule="15:00", say=_say)]
=== message: compose must return a Message or None, not int
@hookimpl
def reminders(): return [Reminder(name="daily", schedule="15:00", say=lambda ctx, occurrence: 5)] # <-
=== message: its message has a button that opens 'stretch': give the reminder tags=['stretch']
def _say(ctx, occurrence):
    return Message(title="Now?", actions=[Action(label="Go", then=Open("stretch"))])
@hookimpl
def reminders(): return [Reminder(name="daily", schedule="15:00", say=_say)] # <-
=== duplicate name: reminders() is there twice, and only this one counts
@hookimpl
def reminders(): return []
@hookimpl
def reminders(): return [] # <-
=== duplicate name: two of its reminders are called 'daily'
@hookimpl
def reminders(): return 2 * [Reminder(name="daily", schedule="15:00", say="Tea?")] # <-
=== duplicate name: two of its kinds are called 'tea'
@hookimpl
def kinds(): return 2 * [Kind(name="tea", title="Tea")] # <-
=== duplicate name: two of its exporters are called 'tea'
def _write(entries, stream, ctx): ...
@hookimpl
def exporters(): return 2 * [Exporter(name="tea", title="x", suffix=".x", media_type="x/x", write=_write)] # <-
=== loading: reminder 'later' comes after 'noon', which it does not have
@hookimpl
def reminders(): return [Reminder(name="later", schedule="after noon: done", say="Tea?")]
=== taken name: its kind 'profile' is crampcoach's own
@hookimpl
def kinds(): return [Kind(name="profile", title="Tea")] # <-
=== taken name: its command 'status' is crampcoach's own
@hookimpl
def commands():
    import click
    return [click.Command("status")] # <-
=== command: commands() must give Command, not str
@hookimpl
def commands(): return ["brew"] # <-
=== unready: quiet_times() says: there is no calendar; set `file`
@hookimpl
def quiet_times(ctx):
    raise Problem("there is no calendar; set `file`") # <-
=== notifier: which has no withdraw, close
class Lamp:
    name = "lamp"
    def start(self, events): ...
    def show(self, message): ...
@hookimpl
def notifiers(): return [Lamp()] # <-
=== explainer: use one of high, moderate
@hookimpl
def explainers():
    source = Source(id="doe", title="x")
    claim = Claim(text="It is so.", grade="certain", sources=["doe"]) # <-
    return [Explainer(name="tea", title="x", group="x", summary="x", claims=[claim], sources=[source], see="x",
        limits="x")]
=== explainer: explainer 'tea': fits() must return a Fit or None, not int
@hookimpl
def explainers():
    source = Source(id="doe", title="x")
    claim = Claim(text="It is so.", grade="low", sources=["doe"])
    return [Explainer(name="tea", title="x", group="x", summary="x", claims=[claim], sources=[source], see="x", # <-
        limits="x", fits=lambda ctx: 5)]
=== exporter: suffix 'txt': give the end of its files' names
def _write(entries, stream, ctx): ...
@hookimpl
def exporters(): return [Exporter(name="tea", title="x", suffix="txt", media_type="x/x", write=_write)] # <-
=== exporter: write() of tea, without entries, raised TypeError
def _write(entries, stream, ctx):
    stream.write("a text") # <-
@hookimpl
def exporters(): return [Exporter(name="tea", title="x", suffix=".x", media_type="x/x", write=_write)]
=== importer: read() of tea, with an empty file, raised IndexError
def _read(stream, ctx):
    return [stream.readlines()[0]] # <-
@hookimpl
def importers(): return [Importer(name="tea", title="x", suffix=".x", media_type="x/x", read=_read)]
=== importer: importer 'tea': read() must give Entry or Skipped, not str
def _read(stream, ctx): return ["leaf"]
@hookimpl
def importers(): return [Importer(name="tea", title="x", suffix=".x", media_type="x/x", read=_read)] # <-
=== quiet time: quiet_times() raised ValueError: QuietTime: its end
@hookimpl
def quiet_times(ctx):
    return [QuietTime(start=ctx.now, end=ctx.now)] # <-
"""


@dataclass(frozen=True)
class Bad:
    """A rule, words of the sentence, the line, and the source that breaks it."""

    rule: str
    words: str
    line: int
    source: str


def bad_plugins() -> Iterator[Bad]:
    """All of them."""
    for case in CASES.split("\n=== ")[1:]:
        header, _, body = case.partition("\n")
        rule, _, words = header.partition(": ")
        source = IMPORTS + body + ("" if "def kinds" in body else NO_KINDS)
        lines = source.splitlines()
        marked = [number for number, line in enumerate(lines, 1) if line.endswith("# <-")]
        yield Bad(rule, words, marked[0] if marked else 1, source)
