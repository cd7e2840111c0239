"""Keeps the rows in step with the time: sweeps slots into rows, follows the clock and the zone, applies decisions.

The decisions themselves are made in `deciding.py`; here rows are read from and committed to `state.db`, in one
transaction.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta, tzinfo

from crampcoach.answers import holding
from crampcoach.clock import Clock, to_utc, to_wall, zone_name, zone_named
from crampcoach.deciding import GONE_QUIET, Change, Show, Situation, decide
from crampcoach.planner import HORIZON, Row, new_rows, sweep_from, upcoming
from crampcoach.recurrence import slots_of
from crampcoach.roster import Roster
from crampcoach.safety.wording import held
from crampcoach.store import Store, agent_state, ignored, occurrences
from crampcoach.store.schema import from_text, to_text


@dataclass(slots=True, kw_only=True)
class Timetable:
    """`busy`: keys of occurrences in the hands of a plugin or notifier."""

    clock: Clock
    roster: Roster
    store: Callable[[], Store]
    busy: Collection[str]
    #: True until every plugin has answered for the first time.
    starting: bool = True
    next_due: datetime | None = None
    _now: datetime = field(init=False)
    _zone: tzinfo = field(init=False)
    _followed: tzinfo = field(init=False)
    _start_mark: datetime = field(init=False)
    _rules: dict[str, str] = field(init=False)
    _looked: datetime = field(init=False)
    _wake: datetime | None = None
    _seen: tuple[object, ...] = ()
    #: Reminders that have gone quiet and of which nobody has been told.
    gone_quiet: list[str] = field(default_factory=list)
    #: Plugins whose rules are to be written down with the next mark.
    _replanned: set[str] = field(default_factory=set)

    def open(self) -> None:
        """Take up where the last run stopped."""
        state, now = self.store().state.connection, self.clock.now()
        swept = agent_state.mark(state, "swept_until")
        self._looked = now
        self._now = self._start_mark = from_text(swept) if swept else now
        self._zone = zone_named(agent_state.mark(state, "zone") or zone_name(self.clock.zone(), now))
        self._followed = self.clock.zone()
        self._rules = agent_state.rules(state)

    def started(self) -> None:
        """Every plugin has answered: whatever is planned from now on counts from now on."""
        self.starting = False
        with self.store().state.transaction() as connection:
            agent_state.forget_rules_except(connection, self.roster.found)

    # --- plans -------------------------------------------------------------------------------------------------

    def replan(self, name: str) -> None:
        """A plugin has planned, or is gone. Its slots count from now on; at start, from where the last run stopped.

        The next sweep writes its rules down together with the mark: under an older mark they would make due what lies
        before the edit.
        """
        self.next_due = None
        self._replanned.add(name)
        # Not from this moment on: what has come due since the last look, by the rules before, would be lost.
        now, plan = min(self.clock.now(), self._looked), self.roster.plans.get(name, ())
        renamed = [one for one in plan if one.reminder.formerly]
        if renamed:
            with self.store().state.transaction() as connection:
                for one in renamed:
                    occurrences.rename(connection, f"{name}.{one.reminder.formerly}", one.name)
        if plan:
            self.roster.plans[name] = tuple(
                # A rule that was edited while nothing ran must not make something due in the past.
                replace(one, swept=self._start_mark if self._resumes(one.name, one.fingerprint()) else now)
                for one in plan
            )

    def _resumes(self, reminder: str, fingerprint: str) -> bool:
        return self.starting and self._rules.get(reminder) == fingerprint

    # --- the clock ---------------------------------------------------------------------------------------------

    def follow_clock(self) -> bool:
        """Notice a clock that was set back; whether the clock stepped or the zone changed."""
        now = self.clock.now()
        if now < self._now:
            # Rows, not the mark, prevent replays.
            self.roster.sweep_to(now)
            self._start_mark = min(self._start_mark, now)
            if self._now - now > HORIZON:
                with self.store().state.transaction() as connection:
                    occurrences.forget_after(connection, now + HORIZON)
                    agent_state.forget_pauses_after(connection, now + HORIZON)
            self.next_due = None
        self._now = now
        zone, followed = self.clock.zone(), self._followed
        self._followed = zone  # `_zone` is kept until the slots of the new one are rows, which a full disk may prevent
        return self.clock.stepped() or zone != followed

    # --- sweeping and deciding ---------------------------------------------------------------------------------

    def sweep_and_decide(self) -> list[Show] | None:
        """Commit what came due and what became of it; what is left to be shown. None: there was nothing to look at.

        Not to be called before every plugin has answered: slots of one that comes later would lie behind the mark.
        Writes nothing, and so wakes no disk, while nothing is due and nobody has changed anything. The mark may
        therefore be as old as the last slot or change of rules: there was nothing to sweep since.
        """
        now, zone = self.clock.now(), self.clock.zone()
        shows: list[Show] = []
        gone_quiet: list[str] = []
        name = zone_name(zone, now)
        sweeping = self.next_due is None or now >= self.next_due or zone != self._zone
        due = self._wake is not None and now >= self._wake
        if not (sweeping or due) and self._changes() == self._seen:
            self._looked = now
            return None
        with self.store().state.transaction() as connection:
            if sweeping:
                for planned in self.roster.plan():
                    start = sweep_from(planned.swept, now, self._zone, zone)
                    occurrences.insert_new(connection, new_rows(planned, start, now, zone, name))
            rows = occurrences.open_rows(connection)
            situation = self._situation(now, zone, rows, self._paused_until(now) is not None)
            for decision in decide(rows, situation):
                if isinstance(decision, Change):
                    changed = replace(decision.row, state=decision.state, reason=decision.reason)
                    occurrences.save(connection, changed)
                    if decision.reason == GONE_QUIET and not ignored.is_told(connection, changed.reminder):
                        gone_quiet.append(changed.reminder)
                else:
                    shows.append(decision)
            if sweeping:
                self._mark(connection, now, name)
        # Committed: only now may memory and the screen follow.
        self._looked = now
        self.gone_quiet += gone_quiet
        if sweeping:
            self._replanned.clear()
            self.roster.sweep_to(now)
            slots = upcoming(self.roster.plan(), zone, now)
            self.next_due = slots[0][0].due if slots else now + HORIZON
            self._zone = zone
        self._wake = self._next_change(now, zone, rows)
        self._seen = self._changes() if not shows else ()
        return shows

    def _mark(self, connection: sqlite3.Connection, now: datetime, zone: str) -> None:
        """Up to when which rules have been swept, for the next run."""
        for name in self._replanned:
            plan = self.roster.plans.get(name, ())
            agent_state.set_rules(connection, name, {one.name: one.fingerprint() for one in plan})
        agent_state.set_mark(connection, "swept_until", to_text(now))
        agent_state.set_mark(connection, "zone", zone)

    def _changes(self) -> tuple[object, ...]:
        """Differs as soon as anything that a decision rests on may have changed: rows, by whomever, or plugins."""
        connection = self.store().state.connection
        version = connection.execute("PRAGMA data_version").fetchone()[0]
        roster, log = self.roster, self.store().log.connection
        logged = log.execute("PRAGMA data_version").fetchone()[0], log.total_changes
        return (
            version, connection.total_changes, *logged, len(self.busy), roster.config, *roster.resting, *roster.loading,
            *roster.quiet_times.items(),
        )  # fmt: skip

    def _situation(self, now: datetime, zone: tzinfo, rows: list[Row], paused: bool) -> Situation:
        config, connection, wait = self.roster.config, self.store().state.connection, self.roster.waits(now, zone)
        today = config.hours.day_of(to_wall(now, zone))
        oldest = min((row.day for row in rows), default=today)
        waiting = any(row.shows == 0 for row in rows)
        woke = to_utc(config.hours.anchor(today, "wake"), zone)
        quieted = ignored.names(connection, today) if waiting else frozenset[str]()
        done = occurrences.done_days(connection, oldest) if waiting else frozenset[tuple[str, date]]()
        over = {*quieted, *(name for name, day in done if day == today)}
        return Situation(
            now=now,
            plan={planned.name: planned for planned in self.roster.plan()},
            standing=self.roster.standing,
            paused=paused,
            quiet=wait.reason if wait else "",
            room=config.notify.max_per_day - (occurrences.shown_since(connection, woke) if waiting else 0),
            come=occurrences.come_since(connection, woke) if waiting else frozenset(),
            awaited=self._awaited(today, now, zone, over) if waiting else frozenset(),
            busy=self.busy,
            done_days=done,
            held=held(config.profile, holding(self.store())),
            ignored=quieted,
        )

    def _awaited(self, today: date, now: datetime, zone: tzinfo, over: Collection[str]) -> set[str]:
        """The plugins of which a reminder is still to come today; `over` are those that are done or have gone quiet."""
        plan = [one for one in self.roster.plan() if one.plugin in self.roster.loaded and one.name not in over]
        return {
            one.plugin for one in plan if any(slot.due > now for slot in slots_of(one.rule, today, one.hours, zone))
        }

    def _paused_until(self, now: datetime) -> datetime | None:
        pause = agent_state.paused(self.store().state.connection, now)
        return (pause.until or now + HORIZON) if pause else None

    def _next_change(self, now: datetime, zone: tzinfo, rows: list[Row]) -> datetime | None:
        """The next instant at which one of the open rows may change by itself."""
        times = [at for row in rows for at in (row.due, row.expires, row.retry) if at and at > now]
        if rows:
            wait, paused = self.roster.waits(now, zone), self._paused_until(now)
            times += [at for at in (wait and wait.until, paused) if at and at > now]
        return min(times, default=None)

    def next_wake(self) -> datetime:
        """The next instant at which something is to be done; at the latest midnight."""
        midnight = to_utc(datetime.combine(self.today() + timedelta(days=1), time()), self.clock.zone())
        return min(at for at in (self.next_due, self._wake, midnight) if at)

    def today(self) -> date:
        """The local date, whose change has plugins asked anew."""
        return to_wall(self.clock.now(), self.clock.zone()).date()
