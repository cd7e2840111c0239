"""The jobs that `schedule` runs: backup, integrity check, pruning, ticks of plugins.

Nothing that a person waits for is here: `schedule` reads the clock by itself and loses its way when the clock is
set, so its jobs are rebuilt then, and what is due never comes from it.
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
from crampcoach.roster import Roster
from crampcoach.store import agent_state, occurrences
from crampcoach.store.backup import back_up_daily
from crampcoach.store.database import Database
from crampcoach.store.schema import LOG, STATE

OCCURRENCES_KEPT = timedelta(days=730)
FAILURES_KEPT = timedelta(days=30)
#: A backup of a very long log takes its time.
JOB_SECONDS = 600.0


@dataclass(slots=True, kw_only=True)
class Housekeeping:
    """One private scheduler. Its jobs only start guarded calls, so none can raise or take long."""

    home: Home
    clock: Clock
    guard: Guard
    roster: Roster
    say: Callable[[str], None]
    _scheduler: schedule.Scheduler = field(default_factory=schedule.Scheduler)

    def rebuild(self) -> None:
        """Plan every job anew from now."""
        self._scheduler.clear()
        self._scheduler.every(1).hours.do(self.run_job, "backup")
        self._scheduler.every(1).days.do(self.run_job, "integrity check")
        self._scheduler.every(1).days.do(self.run_job, "prune")
        for name, loaded in self.roster.loaded.items():
            if every := loaded.tick_every:
                self._scheduler.every(int(every)).seconds.do(self.tick, name)

    def run_due(self) -> None:
        """Run what is due."""
        self._scheduler.run_pending()

    def wait(self) -> float:
        """Seconds until the next job."""
        idle = self._scheduler.idle_seconds
        return max(0.0, idle) if idle is not None else 3600.0

    def run_job(self, name: str) -> None:
        """Do a job of the core's own."""

        def then(outcome: Outcome) -> None:
            if text := outcome.value if outcome.ok else f"{name}: {outcome.reason}":
                self.say(text)

        self.guard.call("core", name, partial(do_job, name, self.home, self.clock.now()), then, JOB_SECONDS)

    def tick(self, name: str) -> None:
        """Have a plugin tick."""
        loaded = self.roster.loaded.get(name)
        if loaded is None:
            return
        ctx = self.roster.maker().make(name, loaded.options, self.roster.now())

        def then(outcome: Outcome) -> None:
            if outcome.ok:
                self.roster.succeeded(name)
            else:
                self.roster.failed(name, outcome)

        self.guard.call(name, "tick()", lambda: loaded.plugin.call("tick", ctx=ctx), then)


def do_job(name: str, home: Home, now: datetime) -> str:
    """Do a job; a sentence for the person, or an empty text. Runs in a guarded thread with its own connections."""
    notes = []
    for path, schema in ((home.log_db, LOG), (home.state_db, STATE)):
        database = Database(path, schema)
        try:
            if name == "backup":
                back_up_daily(database, home.backup_dir, now)
            elif name == "integrity check" and not database.sound():
                notes.append(f"{path} is damaged; start crampcoach again: it then uses the newest backup")
            elif name == "prune" and schema is STATE:
                with database.transaction() as connection:
                    occurrences.forget_before(connection, now - OCCURRENCES_KEPT)
                    agent_state.forget_failures_before(connection, now - FAILURES_KEPT)
        finally:
            database.close()
    return "; ".join(notes)
