"""Guarded calls: plugin code runs in a thread of its own, and nobody ever waits for it.

Each call runs in a fresh daemon thread, at most one at a time for an owner (a plugin). Its result comes back
through an inbox; the one who reads the inbox also watches the deadline. A thread that misses it is abandoned: its
late result is discarded.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any

from crampcoach import shared_process
from crampcoach.blame import detail_of, next_given, reason_of, told_of
from crampcoach.checks import is_of
from crampcoach.clock import Clock

DEADLINE = 5.0
#: A command looks up this often, in seconds: Ctrl+C just before Python begins to wait does not end the waiting.
CTRL_C = 0.3
#: More results than this from one hook are no use to anybody.
MOST_RESULTS = 1000


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a call: a value, or a reason (one sentence) and a traceback. `hung`: it missed its deadline.

    told: the reason as it may stand in a log line, for others to read too (`blame.told_of`).
    """

    value: Any = None
    reason: str = ""
    detail: str = ""
    hung: bool = False
    told: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "told", self.told or self.reason)

    @property
    def ok(self) -> bool:
        return not self.reason


@dataclass(slots=True, eq=False)
class _Call:
    owner: str
    what: str
    function: Callable[[], Any]
    then: Callable[[Outcome], None]
    seconds: float
    deadline: float = 0.0
    finished: Outcome | None = None
    thread: threading.Thread | None = None


@dataclass(slots=True)
class Guard:
    """Runs calls and hands their outcomes, on `collect`, to the thread that owns it.

    `wake` is called from a worker when an outcome is there.
    """

    clock: Clock
    wake: Callable[[], None] = lambda: None
    deadline_seconds: float = DEADLINE
    _inbox: SimpleQueue[_Call] = field(default_factory=SimpleQueue)
    _running: dict[str, _Call] = field(default_factory=dict)
    _waiting: dict[str, deque[_Call]] = field(default_factory=dict)
    _again: deque[tuple[_Call, Outcome]] = field(default_factory=deque)
    #: Threads that were given up, and may compute for ever.
    _given_up: list[threading.Thread] = field(default_factory=list)

    def call(
        self,
        owner: str,
        what: str,
        function: Callable[[], Any],
        then: Callable[[Outcome], None],
        seconds: float | None = None,
    ) -> None:
        """Run `function` for `owner`; `then` gets the outcome from `collect`. `what` names it in reasons."""
        call = _Call(owner, what, function, then, self.deadline_seconds if seconds is None else seconds)
        if owner in self._running:
            self._waiting.setdefault(owner, deque()).append(call)
        else:
            self._start(call)

    def _start(self, call: _Call) -> None:
        call.deadline = self.clock.monotonic() + call.seconds
        self._running[call.owner] = call
        call.thread = threading.Thread(target=self._work, args=(call,), name=f"{call.owner}: {call.what}", daemon=True)
        shared_process.belongs_to(call.thread, call.owner)
        call.thread.start()

    def _work(self, call: _Call) -> None:
        pid = os.getpid()
        try:
            outcome = Outcome(call.function())
        except BaseException as error:  # noqa: BLE001 - SystemExit too: a plugin must not end its host
            reason, told = reason_of(call.what, error), told_of(call.what, error)
            outcome = Outcome(reason=reason, detail=detail_of(error), told=told)
        if os.getpid() != pid:
            os._exit(0)  # A child that a plugin forked off must not go on living as a second agent.
        shared_process.reopen_output()
        if outcome.ok and shared_process.has_forked():
            outcome = Outcome(reason=f"{call.what} forked this process; start programs with subprocess instead")
        call.finished = outcome
        self._inbox.put(call)
        self.wake()

    def collect(self) -> None:
        """Hand over every outcome that has arrived, and give up on calls past their deadline.

        An outcome that could not be written down (a full disk) is handed over again at the next `collect`, after those
        that have arrived in the meantime: it must not keep them waiting for as long as the disk is full.
        """
        again = len(self._again)
        while True:
            try:
                call = self._inbox.get_nowait()
            except Empty:
                break
            if self._running.get(call.owner) is call and call.finished:
                self._finish(call, call.finished)
        now = self.clock.monotonic()
        for call in [one for one in self._running.values() if one.deadline <= now]:
            self._finish(call, Outcome(reason=f"{call.what} took longer than {call.seconds:g} s", hung=True))
        self._given_up = [thread for thread in self._given_up if not shared_process.end(thread)]
        for _ in range(again):
            self._hand_over(*self._again.popleft())

    def _finish(self, call: _Call, outcome: Outcome) -> None:
        del self._running[call.owner]
        if outcome.hung and call.thread:
            self._given_up.append(call.thread)
        waiting = self._waiting.get(call.owner)
        if waiting:
            self._start(waiting.popleft())
        self._hand_over(call, outcome)

    def _hand_over(self, call: _Call, outcome: Outcome) -> None:
        try:
            call.then(outcome)
        except sqlite3.DatabaseError as error:
            if type(error) in (sqlite3.DatabaseError, sqlite3.OperationalError):  # neither is the outcome's own fault
                self._again.append((call, outcome))
            raise

    def forget(self, owner: str) -> None:
        """Give up the calls of an owner that have not begun; `collect` tells whoever waits for them."""
        for call in self._waiting.pop(owner, ()):
            self._again.append((call, Outcome(reason=f"{call.what} was not called: {owner} rests")))
            self.wake()

    def deadline(self) -> float | None:
        """The next moment, on the monotonic clock, at which `collect` must be called; None while nothing runs."""
        return min((call.deadline for call in self._running.values()), default=None)

    def busy(self) -> bool:
        """Whether a call is running or waits for its turn."""
        return bool(self._running or self._again)

    def wait(self) -> None:
        """Block until every call has ended or missed its deadline. For commands; the agent never waits."""
        self.collect()
        while self._running:
            left = max(0.0, (self.deadline() or 0.0) - self.clock.monotonic())
            try:
                call = self._inbox.get(timeout=min(left, CTRL_C) + 0.001)
            except Empty:
                pass
            else:
                self._inbox.put(call)
            self.collect()


def ask(
    clock: Clock, jobs: Mapping[str, Callable[[], Any]], what: str, seconds: float = DEADLINE
) -> dict[str, Outcome]:
    """Run a job for each owner, all at the same time, and wait: what became of each, by owner. For commands.

    `what` names the jobs in reasons; one that takes longer than `seconds` is given up.
    """
    shared_process.protect()
    guard, outcomes = Guard(clock, deadline_seconds=seconds), dict[str, Outcome]()
    for owner, job in jobs.items():
        guard.call(owner, what, job, partial(outcomes.__setitem__, owner))
    guard.wait()
    return outcomes


def each(what: str, result: object, of: type) -> Iterator[Any]:
    """A hook's result one by one, checked: what came before something that is wrong has come.

    To be drained in the guarded thread, for a generator is the plugin's code. Raises TypeError, ValueError.
    """
    if result is None:
        return
    if isinstance(result, (str, bytes)) or not hasattr(result, "__iter__"):
        # Never the value itself: it may hold what the person wrote.
        raise TypeError(f"{what} must return a list of {of.__name__}, not {type(result).__name__}")
    given, number = iter(result), 0
    while True:
        try:
            item = next_given(given)
        except StopIteration:
            return
        number += 1
        if not is_of(item, of):
            raise TypeError(
                f"{what} must give {of.__name__}{' itself' * isinstance(item, of)}, not {type(item).__name__}"
            )
        if number > MOST_RESULTS:
            raise ValueError(f"{what} gave more than {MOST_RESULTS:,} results")
        yield item
