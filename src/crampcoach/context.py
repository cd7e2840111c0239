"""A plugin's Context: its options, the time, the profile, the log and a small store of its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from crampcoach.clock import zone_name
from crampcoach.config import Profile
from crampcoach.home import Home
from crampcoach.hours import Hours
from crampcoach.model import Coming, Entry, Occurrence
from crampcoach.store import agent_state, entries, occurrences
from crampcoach.store.database import Database
from crampcoach.store.schema import LOG, STATE

if TYPE_CHECKING:
    import logging

    from crampcoach.advice import Advice

Options = TypeVar("Options")


def _no_plan(_until: datetime) -> tuple[Coming, ...]:
    raise RuntimeError("only what is handed to `write` of an exporter knows which reminders will come")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which entries an export is to have, with `since <= at < until`, and whether with the person's own words.

    No kinds: all of them. A format finds it as `ctx.asked`.
    """

    kinds: Sequence[str] = ()
    since: datetime | None = None
    until: datetime | None = None
    with_text: bool = False

    @property
    def partial(self) -> bool:
        """Whether that is not the whole log."""
        return bool(self.kinds or self.since or self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Context(Generic[Options]):
    """What a hook is given as `ctx`. `now` is aware, in the person's zone at the time of the call.

    coming: in `write` of an exporter, `ctx.coming(until)` gives what every plugin's reminders bring by their schedules
    from now until then (aware), soonest first, without those that advice holds back now; anywhere else it raises
    RuntimeError.
    asked: in `write` of an exporter, which entries the person asked for; anywhere else, all of them.
    hours: `[day]` of the person's config.
    """

    plugin: str
    options: Options
    now: datetime
    profile: Profile
    log: LogView
    store: KeptValues
    coming: Callable[[datetime], tuple[Coming, ...]] = field(default=_no_plan, repr=False)
    asked: Asked = field(default_factory=Asked)
    hours: Hours = field(default_factory=Hours, repr=False)

    def in_bed(self, at: datetime) -> bool:
        """Whether the person is usually in bed then, by the clock of `at`: from `bed` to `wake` of their `[day]`."""
        return self.hours.in_bed(at)

    def of_night(self, entry: Entry) -> bool:
        """Whether an entry with a time is of its night; what comes between noon and going to bed is of the day."""
        from crampcoach.moments import of_night  # not before somebody counts

        return of_night(entry, self.hours)

    def red_flags(self, entry: Entry) -> tuple[Advice, ...]:
        """The signs that need a doctor which an entry tells of, by its fields or its words, most urgent first."""
        from crampcoach.safety.wording import Person  # not before somebody asks: it has much to read

        assert self.now.tzinfo
        return Person(self.profile, zone_name(self.now.tzinfo, self.now)).advice_on([entry])

    @property
    def logger(self) -> logging.Logger:
        """A logger named after the plugin. Never give it what the person wrote."""
        import logging

        return logging.getLogger(f"crampcoach.plugins.{self.plugin}")


@dataclass(frozen=True, slots=True)
class LogView:
    """The log as plugins may read it (model.EntryLog). Opens the files for each question: hooks run in any thread."""

    home: Home
    plugin: str

    def entries(
        self, kind: str | None = None, since: datetime | None = None, until: datetime | None = None
    ) -> tuple[Entry, ...]:
        return self._ask(lambda log: entries.select(log, kind=kind, since=since, until=until))

    def last(self, kind: str) -> Entry | None:
        newest = self._ask(lambda log: entries.select(log, kind=kind, newest_first=True, limit=1))
        return newest[0] if newest else None

    def occurrences(self, since: datetime, until: datetime) -> tuple[Occurrence, ...]:
        state = Database(self.home.state_db, STATE)
        try:
            rows = occurrences.between(state.connection, f"{self.plugin}.*", since, until)
            return tuple(row.occurrence() for row in rows)
        finally:
            state.close()

    def _ask(self, question: Callable[[Database], Iterator[Entry]]) -> tuple[Entry, ...]:
        log = Database(self.home.log_db, LOG)
        try:
            return tuple(question(log))
        finally:
            log.close()


@dataclass(frozen=True, slots=True)
class KeptValues:
    """A few JSON values that a plugin keeps between runs."""

    home: Home
    plugin: str

    def get(self, key: str, default: Any = None) -> Any:
        """The value kept under `key`."""
        state = Database(self.home.state_db, STATE)
        try:
            return agent_state.kept(state.connection, self.plugin, key, default)
        finally:
            state.close()

    def set(self, key: str, value: Any) -> None:
        """Keep a JSON value; None forgets it. Raises TypeError or ValueError for what JSON cannot hold."""
        text = None if value is None else json.dumps(value)
        state = Database(self.home.state_db, STATE)
        try:
            with state.transaction() as connection:
                agent_state.keep(connection, self.plugin, key, text)
        finally:
            state.close()


@dataclass(frozen=True, slots=True)
class ContextMaker:
    """Makes each call's Context."""

    home: Home
    profile: Profile = field(default_factory=Profile)
    hours: Hours = field(default_factory=Hours)

    def make(self, plugin: str, options: Any, now: datetime) -> Context[Any]:
        """`now` is aware, in the person's zone."""
        log, store = LogView(self.home, plugin), KeptValues(self.home, plugin)
        # A profile of its own: what safety goes by is in no plugin's hands.
        profile = replace(self.profile)
        return Context(plugin=plugin, options=options, now=now, profile=profile, log=log, store=store, hours=self.hours)
