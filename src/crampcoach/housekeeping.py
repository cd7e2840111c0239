"""The jobs that `schedule` runs: upkeep (backup, integrity check, pruning) and ticks of plugins.

Nothing that a person waits for is here: `schedule` reads the clock by itself and loses its way when the clock is set
or the machine sleeps. So its jobs are short-lived questions - is the backup a day old? is a tick due? - whose answers
stand in the files, and they are rebuilt when the clock steps.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

import schedule

from crampcoach.clock import Clock
from crampcoach.guard import Guard, Outcome
from crampcoach.home import Home
from crampcoach.loading import Loaded
from crampcoach.roster import Roster
from crampcoach.store import Store, agent_state, occurrences
from crampcoach.store.backup import back_up_daily
from crampcoach.store.database import Database
from crampcoach.store.schema import LOG, STATE, from_text, to_text

OCCURRENCES_KEPT = timedelta(days=730)
FAILURES_KEPT = timedelta(days=30)
PRUNED_EVERY = timedelta(days=1)
CHECKED_EVERY = timedelta(days=7)
#: Whose call upkeep is: no plugin can be called so, and keep it waiting.
_CORE = "crampcoach itself"
#: A backup of a very long log takes its time.
UPKEEP_SECONDS = 600.0


@dataclass(slots=True, kw_only=True)
class Housekeeping:
    """One private scheduler. Its jobs only start guarded calls, so none can raise or take long."""

    home: Home
    clock: Clock
    guard: Guard
    roster: Roster
    store: Callable[[], Store]
    say: Callable[[str], None]
    _scheduler: schedule.Scheduler = field(default_factory=schedule.Scheduler)
    _ticking: bool = False

    def rebuild(self) -> None:
        """Plan every job anew, and do at once what is overdue: the clock may have stepped over its time."""
        self._scheduler.clear()
        self._ticking = False
        self._scheduler.every(1).hours.do(self.upkeep)
        self.upkeep()

    def run_due(self) -> None:
        """Run what is due."""
        ticking = any(one.tick_every for one in self.roster.loaded.values())
        if ticking and not self._ticking:
            self._scheduler.every(1).minutes.do(self.tick_due)
            self.tick_due()
        self._ticking = self._ticking or ticking
        self._scheduler.run_pending()

    def wait(self) -> float:
        """Seconds until the next job."""
        idle = self._scheduler.idle_seconds
        return max(0.0, idle) if idle is not None else 3600.0

    def upkeep(self) -> None:
        """Look after the files, guarded and with connections of its own."""

        def then(outcome: Outcome) -> None:
            if text := outcome.value if outcome.ok else outcome.told:
                self.say(text)

        self.guard.call(_CORE, "upkeep", partial(upkeep, self.home, self.clock.now()), then, UPKEEP_SECONDS)

    def tick_due(self) -> None:
        """Have each plugin tick whose last tick, in this run or an earlier one, is long enough ago."""
        now = self.clock.now()
        for name, loaded in self.roster.loaded.items():
            if loaded.tick_every and _due(
                self.store().state, f"tick {name}", now, timedelta(seconds=loaded.tick_every)
            ):
                self.tick(loaded)

    def tick(self, loaded: Loaded) -> None:
        """Have a plugin tick now, and then say its quiet times."""
        name = loaded.name
        ctx = self.roster.maker().make(name, loaded.options, self.roster.now())

        def then(outcome: Outcome) -> None:
            if not outcome.ok:
                self.roster.failed(name, outcome)
            elif loaded.plugin.has("quiet_times"):
                self.roster.ask_quiet_times(name)  # it went well if that does too
            else:
                self.roster.succeeded(name)

        self.guard.call(name, "tick()", lambda: loaded.plugin.call("tick", ctx=ctx), then)


def _due(state: Database, mark: str, now: datetime, every: timedelta) -> bool:
    """Whether something was last done longer ago than `every`, or by a clock that ran ahead; it then counts as done.

    What was never done begins to count now.
    """
    last = agent_state.mark(state.connection, mark)
    if last and timedelta(0) <= now - from_text(last) < every:
        return False
    with state.transaction() as connection:
        agent_state.set_mark(connection, mark, to_text(now))
    return last is not None


def upkeep(home: Home, now: datetime) -> str:
    """Backup, integrity check, pruning, each if it is due; a sentence for the person, or an empty text."""
    notes = []
    state = Database(home.state_db, STATE)
    log = Database(home.log_db, LOG)
    try:
        for database in (log, state):
            back_up_daily(database, home.backup_dir, now)
        if _due(state, "checked", now, CHECKED_EVERY):
            notes += [
                f"{database.path} is damaged; start crampcoach again: it then uses the newest backup"
                for database in (log, state)
                if not database.sound()
            ]
        if _due(state, "pruned", now, PRUNED_EVERY):
            with state.transaction() as connection:
                occurrences.forget_before(connection, now - OCCURRENCES_KEPT)
                agent_state.forget_failures_before(connection, now - FAILURES_KEPT)
    finally:
        log.close()
        state.close()
    return "; ".join(notes)
