"""Which plugins are on, loading or resting, and what they have planned.

A plugin that fails to load, hangs, or raises three times in a row rests until the next reload: it is set aside with
its reason, and everybody else goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from types import ModuleType

from crampcoach.clock import Clock
from crampcoach.config import Config, PluginTable
from crampcoach.context import ContextMaker
from crampcoach.guard import Guard, Outcome
from crampcoach.home import Home
from crampcoach.loading import Loaded, active, ask_reminders, clashes, load_plugin
from crampcoach.model import Reminder
from crampcoach.planner import Planned, Standing
from crampcoach.plugins import Found, chosen, discover
from crampcoach.recurrence import Rule

STRIKES = 3


@dataclass(slots=True, kw_only=True)
class Roster:
    """The plugins of one agent.

    `changed(name)` is called when a plugin has come, gone, or planned anew; `rested(name, reason, detail)` when it
    failed or was set aside; `before_change()` while the old plan still holds.
    """

    home: Home
    clock: Clock
    guard: Guard
    changed: Callable[[str], None]
    rested: Callable[[str, str, str], None]
    before_change: Callable[[], None] = lambda: None
    given: Mapping[str, ModuleType] | None = None
    only: Collection[str] | None = None
    config: Config = field(default_factory=Config)
    found: dict[str, Found] = field(default_factory=dict)
    loaded: dict[str, Loaded] = field(default_factory=dict)
    plans: dict[str, tuple[Planned, ...]] = field(default_factory=dict)
    loading: set[str] = field(default_factory=set)
    resting: dict[str, str] = field(default_factory=dict)
    _strikes: dict[str, int] = field(default_factory=dict)
    _tables: dict[str, PluginTable] = field(default_factory=dict)
    _untold: set[str] = field(default_factory=set)

    def load(self, config: Config) -> list[str]:
        """Bring the plugins in line with a config; the names of those that are loaded anew or put away."""
        same_hours, same_profile = config.hours == self.config.hours, config.profile == self.config.profile
        everything = discover(self.home.plugin_dir, self.given)
        found = chosen(everything, lambda name: not config.table(name).enabled, self.only)
        touched = sorted({*self.loaded, *self.resting, *self.loading} - found.keys())
        if touched:
            self.before_change()  # The last that may fail: from here on only memory changes.
        self.config = config
        for name in touched:
            self._put_away(name)
        for name, one in found.items():
            before, table = self.found.get(name), config.table(name)
            if (
                before is None
                or name in self.resting
                or (before.stamp, before.origin, before.problem) != (one.stamp, one.origin, one.problem)
                or not same_hours
                or (not same_profile and name in self.loading)
                or self._tables.get(name) != table
            ):
                touched.append(name)
                self._load_one(one, table)
            else:
                found[name] = before  # It may be loading still: `_on_loaded` knows it by its identity.
        self.found = found
        self.tell()
        if not same_profile:
            self.ask_again()  # Their notifiers, and what is on the screen, stay as they are.
        return touched

    def maker(self) -> ContextMaker:
        return ContextMaker(self.home, self.config.profile)

    def now(self) -> datetime:
        """The present in the person's zone, as contexts have it."""
        return self.clock.now().astimezone(self.clock.zone())

    def _load_one(self, found: Found, table: PluginTable) -> None:
        self.loading.add(found.name)
        self._tables[found.name] = table
        job = partial(load_plugin, found, self.config, self.maker(), self.now())
        self.guard.call(found.name, "loading it", job, partial(self._on_loaded, found))

    def _on_loaded(self, found: Found, outcome: Outcome) -> None:
        name = found.name
        if self.found.get(name) is not found:
            return  # It was changed or put away in the meantime.
        self._strikes.pop(name, None)
        self.resting.pop(name, None)
        if not outcome.ok:
            self.loading.discard(name)
            self.rest(name, outcome)
            return
        self.before_change()
        self.loaded[name] = outcome.value
        self.plans[name] = active(outcome.value.plan)
        # Not earlier: a plugin that is neither loading nor loaded is off, and its open occurrences would be dropped.
        self.loading.discard(name)
        self._untold.add(name)
        for other, reason in clashes(self.loaded.values()).items():
            self.rest(other, Outcome(reason=reason))
        self.tell()

    def ask_again(self) -> None:
        """Ask every plugin for its reminders anew."""
        for loaded in list(self.loaded.values()):
            job = partial(ask_reminders, loaded, self.config, self.maker(), self.now())
            self.guard.call(loaded.name, "reminders()", job, partial(self._on_asked, loaded))

    def _on_asked(self, loaded: Loaded, outcome: Outcome) -> None:
        name = loaded.name
        if self.loaded.get(name) is not loaded:
            return
        if not outcome.ok:
            self.failed(name, outcome)
            return
        plan = active(outcome.value)
        if _asked(plan) != _asked(self.plans[name]):
            self.before_change()
            self.plans[name] = plan
            self._untold.add(name)
            self.tell()
        else:
            # What it says may have changed all the same; up to when its slots are rows has not.
            swept = {one.name: one.swept for one in self.plans[name]}
            self.plans[name] = tuple(replace(one, swept=swept[one.name]) for one in plan)

    def tell(self) -> None:
        """Call `changed` for what has changed; what fails (a full disk) is told again at the next turn."""
        while self._untold:
            # First those that go: what they held, such as a notifier's name, is then free.
            name = min(self._untold, key=lambda one: one in self.loaded)
            self.changed(name)
            self._untold.discard(name)

    def _put_away(self, name: str) -> None:
        for table in (self.loaded, self.plans, self.resting, self.found, self._tables, self._strikes):
            table.pop(name, None)
        self.loading.discard(name)
        self.guard.forget(name)
        self._untold.add(name)

    # --- failures ----------------------------------------------------------------------------------------------

    def failed(self, name: str, outcome: Outcome) -> None:
        """A call into the plugin went wrong: it is a strike, and a hang is three."""
        if name in self.resting or name not in self.found:
            return
        self._strikes[name] = self._strikes.get(name, 0) + 1
        if outcome.hung or self._strikes[name] >= STRIKES:
            self.rest(name, outcome)
        else:
            self.rested(name, outcome.reason, outcome.detail)

    def succeeded(self, name: str) -> None:
        """A call into the plugin went well: only strikes in a row count."""
        self._strikes.pop(name, None)

    def rest(self, name: str, outcome: Outcome) -> None:
        """Set a plugin aside until the next reload."""
        self.resting[name] = outcome.reason
        self.loaded.pop(name, None)
        self.guard.forget(name)
        self._untold.add(name)
        self.rested(name, outcome.reason, outcome.detail)
        self.tell()

    # --- the plan ----------------------------------------------------------------------------------------------

    def standing(self, reminder: str) -> Standing:
        """Whether a reminder's plugin is there to speak for it."""
        name = reminder.partition(".")[0]
        if name in self.resting:
            return "broken"
        if name not in self.loaded:
            return "loading" if name in self.loading else "off"
        return "on" if any(one.name == reminder for one in self.plans[name]) else "off"

    def plan(self) -> Iterator[Planned]:
        """Every planned reminder, those of resting plugins too."""
        for plan in self.plans.values():
            yield from plan

    def planned(self, reminder: str) -> Planned | None:
        """One reminder by its full name."""
        plans = self.plans.get(reminder.partition(".")[0], ())
        return next((one for one in plans if one.name == reminder), None)

    def tags(self, reminders: Iterable[str]) -> list[str]:
        """Every tag of these reminders."""
        planned = [one for name in reminders if (one := self.planned(name))]
        return [tag for one in planned for tag in one.reminder.tags]

    def sweep_to(self, instant: datetime) -> None:
        """Remember up to when slots have become rows."""
        for name, plan in self.plans.items():
            self.plans[name] = tuple(replace(one, swept=instant) for one in plan)


def _asked(plan: tuple[Planned, ...]) -> list[tuple[Reminder, Rule]]:
    """What a plan asks for, to tell a new one from the old."""
    return [(one.reminder, one.rule) for one in plan]
