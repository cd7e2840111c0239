"""What plugins hand over is data: none of it runs in the core, none of it changes later, and its author is blamed."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from coaching import coach_of
from crampcoach import shared_process
from crampcoach.actions import Log
from crampcoach.blame import MOST_OF_DETAIL, MOST_OF_REASON
from crampcoach.model import Entry, Message
from crampcoach.notifier import Failed
from crampcoach.testing import Coach
from desktop import wait_for

pytestmark = pytest.mark.pure

FROM = """\
import threading, time
from dataclasses import dataclass
from crampcoach import Action, Delivered, Failed, Kind, Log, Message, Reminder, hookimpl
"""
DAILY = """
@hookimpl
def reminders():
    return [Reminder(name="daily", schedule="12:30, 13:00", say=SAY)]
"""
LAMP = """
class Lamp:
    name = "lamp"
    def start(self, events): self.events = events
    def show(self, message): return Failed("dark")
    def withdraw(self, occurrence): pass
    def close(self): pass
@hookimpl
def notifiers():
    return [Lamp()]
"""
#: Each once stopped everybody's reminders, or somebody else was blamed for it: the case, its blame, its source. DAILY
#: and LAMP stand for the above; what follows LAMP changes the class Lamp.
WRONG = """
=== a class of its own
=== Reminder 'daily': say: give a text, not a M
class M(Message):
    __slots__ = ()
    def __post_init__(self):
        if self.occurrence: raise OSError
SAY = M(title="x")
DAILY
=== a class of its own, composed
=== composing bad.daily raised TypeError: compose must return a Message or None, not M
class M(Message): __slots__ = ()
SAY = lambda ctx, occurrence: M(title="x")
DAILY
=== a button of its own
=== Message: actions: A(label='Go', then=Done(), key='go') is no Action
class A(Action): __slots__ = ()
SAY = lambda ctx, occurrence: Message(title="x", actions=[A(label="Go")])
DAILY
=== a picture that is none
=== Message: picture: give a pathlib.Path or None, not 'a.png'
SAY = lambda ctx, occurrence: Message(title="x", picture="a.png")
DAILY
=== a button that changes
=== composing bad.daily raised TypeError: 'mappingproxy' object does not support item assignment
HAD = Action(label="Had", then=Log("drink"))
def SAY(ctx, occurrence):
    HAD.then.fields["x"] = object()
DAILY
=== a long body
=== reminder 'daily': Message: body: a text of 100,001 characters is too long; the most is 100,000
SAY = Message(title="x", body="x" * 100_001)
DAILY
=== an error that cannot be told
=== composing bad.daily raised E
class E(Exception):
    def __str__(self): raise OSError
def SAY(ctx, occurrence):
    raise E
DAILY
=== threads without end
=== composing bad.daily raised RuntimeError: 50 threads of it run already; let them end, or keep one
def SAY(ctx, occurrence):
    while True: threading.Thread(target=time.sleep, args=(1,)).start()
DAILY
=== ticks that mean nothing
=== its option tick_every is 'often'; give seconds, from 60 to 31622400
@dataclass(frozen=True)
class Options:
    tick_every: str = "often"
@hookimpl
def options(): return Options
@hookimpl
def tick(): pass
=== two kinds of a name
=== two of its kinds are called 'a'; give each its own name
@hookimpl
def kinds(): return [Kind(name="a", title="A")] * 2
=== two notifiers of a name
=== two of its notifiers are called 'lamp'; give each its own name
LAMP
@hookimpl
def notifiers(): return [Lamp(), Lamp()]
=== a name that fails
===
LAMP
asked = []
Lamp.name = property(lambda self: asked.append(1) or "lamp" if len(asked) < 2 else 1 / 0)
=== a verdict that is none
=== lamp.show() returned str; see the Notifier protocol
LAMP
Lamp.show = lambda self, message: "shown"
=== a verdict that cannot be told
=== lamp.show() returned V; see the Notifier protocol
class V:
    def __repr__(self): raise OSError
LAMP
Lamp.show = lambda self, message: V()
=== a reason that is none
=== lamp.show() raised TypeError: Failed: reason must be a text, not 3
LAMP
Lamp.show = lambda self, message: Failed(3)
=== presses that are none
=== lamp.show() raised TypeError: an answer is told by the occurrence's key and the action's, not by 3
LAMP
Lamp.show = lambda self, message: self.events.answer(3, None)
"""


def source(text: str) -> str:
    """A plugin, with DAILY and LAMP put in."""
    lines = {"DAILY": DAILY, "LAMP": LAMP}
    return FROM + "\n".join(lines.get(line, line) for line in text.splitlines())


def cases() -> dict[str, tuple[str, str]]:
    """Blame and source of each case of WRONG."""
    parts = re.findall(r"^=== (.+)\n===(.*)\n((?:(?!===).*\n)+)", WRONG, re.MULTILINE)
    return {title: (blame.strip(), source(text)) for title, blame, text in parts}


CONFIG = "[notify]\norder = ['lamp', 'recorder']\n"
STEADY = source("SAY = 'Steady'\nDAILY")


@pytest.mark.parametrize(("blame", "text"), cases().values(), ids=cases())
def test_what_is_wrong_is_its_authors_and_costs_nobody_else_anything(tmp_path: Path, blame: str, text: str) -> None:
    with coach_of(
        tmp_path, now="2026-11-22 12:29", config=CONFIG, strict=False, sources={"bad": text, "steady": STEADY}
    ) as coach:
        coach.advance("13:05")
        assert [message.title for message in coach.sent if message.reminder == "steady.daily"] == ["Steady", "Steady"]
        assert not [line for line in coach.said if "unexpected" in line]
        assert coach.resting().keys() <= {"bad"}
        reasons = [one.reason for one in coach.failures("bad")]
        assert bool(reasons) is bool(blame)
        assert all(blame in one for one in reasons)


def test_a_notifier_with_attributes_that_fail_shows_all_the_same(tmp_path: Path) -> None:
    deaf = "LAMP\nLamp.show = lambda self, message: Delivered()\ndef _ask(self, name): raise KeyError(name)\n"
    text = source(f"{deaf}Lamp.__getattr__ = _ask")
    with coach_of(
        tmp_path, now="2026-11-22 12:29", config=CONFIG, strict=False, sources={"bad": text, "steady": STEADY}
    ) as coach:
        coach.advance("12:30")
        for _ in range(2):
            assert coach.states() == ["shown"]
            assert coach.rows()[0].notifier == "lamp"
            coach.restart()  # asks whether its message is still there, which it cannot say
        assert coach.failures("steady") == []


def test_what_safety_goes_by_is_in_no_plugins_hands(tmp_path: Path) -> None:
    text = source("@hookimpl\ndef reminders(ctx):\n    object.__setattr__(ctx.profile, 'balance', 'steady')\n")
    with coach_of(tmp_path, sources={"bad": text}) as coach:
        assert coach.resting() == {}
        assert coach.agent.roster.config.profile.balance == "unknown"


def test_values_do_not_change_once_they_are_made() -> None:
    given = {"cups": 1}
    entry = Entry(kind="coffee", fields=given)
    given["cups"] = 2
    assert entry.fields == {"cups": 1}
    assert Log("coffee", cups=1) == Log("coffee", cups=1) != Log("coffee", cups=2)


def test_what_crampcoach_itself_says_may_be_long() -> None:
    assert len(Message(title="x", body="x" * 1_000_000).body) == 1_000_000
    with pytest.raises(ValueError, match="1,001 characters is too long; the most is 1,000"):
        Failed("x" * 1001)


def test_of_what_an_exception_says_only_so_much_is_kept(tmp_path: Path) -> None:
    with coach_of(tmp_path, strict=False, sources={"bad": "raise OSError('x' * 1_000_000 + 'the end')"}) as coach:
        (failure,) = coach.failures("bad")
        assert failure.reason.startswith("loading it raised OSError: xxx")
        assert failure.reason.endswith("xxxthe end")
        assert len(failure.reason) < MOST_OF_REASON + 50
        assert len(failure.detail) < MOST_OF_DETAIL + 50


# --- threads ---------------------------------------------------------------------------------------------------


@pytest.fixture
def coach(tmp_path: Path) -> Iterator[Coach]:
    with Coach(tmp_path, now="2026-11-22 12:29", deadline=2) as made:
        yield made


def threads_of(owner: str) -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith(f"{owner}: ")]


@pytest.mark.parametrize(
    "loop",
    ["while True: pass", "while True: len(repr([n for n in range(9)]))", "while True: re.sub('a+', 'b', 'caaat' * 9)"],
)
def test_one_that_computes_for_ever_is_ended_when_it_is_given_up(coach: Coach, loop: str) -> None:
    coach.load("spins", source(f"import re\ndef SAY(ctx, occurrence):\n    {loop}\nDAILY"), strict=False)
    coach.advance("12:30")
    assert coach.resting() == {"spins": "composing spins.daily took longer than 2 s"}

    def ended() -> bool:
        coach.settle()  # in code of Python's own it is left alone, until another look finds it in its own
        return not threads_of("spins")

    wait_for(ended, 20, "its thread ends")
    assert len(coach.failures("spins")) == 1


BRISK = """
def SAY(ctx, occurrence):
    for _ in range(120):
        thread = threading.Thread(target=len, args=("",))
        thread.start()
        thread.join()
    return Message(title="x")
DAILY
"""
POOL = """
from concurrent.futures import ThreadPoolExecutor
def SAY(ctx, occurrence):
    pool = ThreadPoolExecutor(99)
    for _ in range(99):
        pool.submit(time.sleep, 0.5)
DAILY
"""
DEEP = """
REFUSED = []
def deep():
    try:
        while True:
            threading.Thread(target=time.sleep, args=(0.5,)).start()
    except RuntimeError as error:
        REFUSED.append(str(error))
def SAY(ctx, occurrence):
    thread = threading.Thread(target=deep)
    thread.start()
    thread.join()
    return Message(title=REFUSED[0])
DAILY
"""


def test_threads_that_have_ended_do_not_count(coach: Coach) -> None:
    assert shared_process.MOST_THREADS < 120
    coach.load("brisk", source(BRISK), strict=False)
    coach.advance("12:30")
    assert coach.states() == ["shown"]
    assert coach.failures("brisk") == []


def test_a_pool_counts_and_so_does_what_a_thread_starts(coach: Coach) -> None:
    coach.load("pool", source(POOL), strict=False)
    coach.load("deep", source(DEEP), strict=False)
    coach.advance("12:30")
    refused = "50 threads of it run already; let them end, or keep one"
    assert coach.failures("pool")[0].reason == f"composing pool.daily raised RuntimeError: {refused}"
    assert [message.title for message in coach.sent] == [refused]
    wait_for(lambda: threading.active_count() < 20, 10, "they end")
