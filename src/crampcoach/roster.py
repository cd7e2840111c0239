"""Which plugins are on, loading or resting, and what they have planned.

A plugin that fails to load, hangs, or raises three times in a row rests until the next reload: it is set aside with
its reason, and everybody else goes on.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from functools import partial
from types import ModuleType

from crampcoach.clock import Clock
from crampcoach.config import Config
from crampcoach.context import ContextMaker
from crampcoach.guard import Guard, Outcome
from crampcoach.home import Home
from crampcoach.loading import Loaded, active, ask_quiet_times, ask_reminders, clashes, load_plugin
from crampcoach.model import QuietTime, Reminder
from crampcoach.packages import installed_places
from crampcoach.planner import Planned, Standing, Wait, quiet_time, quiet_until
from crampcoach.plugins import Found, chosen, discover
from crampcoach.recurrence import Rule

STRIKES = 3
#: An installer that has begun is done within this, in seconds.
SETTLING = 60.0
#: A plugin's file that is not there for so many seconds is gone; until then an editor may be saving it anew.
GONE = 2.0


@dataclass(slots=True, kw_only=True)
class Roster:
    """The plugins of one agent.

    `changed(name)` is called when a plugin has come, gone, or planned anew; `rested(name, outcome)` when it failed or
    was set aside; `before_change()` while the old plan still holds.
    """

    home: Home
    clock: Clock
    guard: Guard
    changed: Callable[[str], None]
    rested: Callable[[str, Outcome], None]
    before_change: Callable[[], None] = lambda: None
    given: Mapping[str, ModuleType] | None = None
    only: Collection[str] | None = None
    config: Config = field(default_factory=Config)
    found: dict[str, Found] = field(default_factory=dict)
    loaded: dict[str, Loaded] = field(default_factory=dict)
    plans: dict[str, tuple[Planned, ...]] = field(default_factory=dict)
    quiet_times: dict[str, tuple[QuietTime, ...]] = field(default_factory=dict)
    loading: set[str] = field(default_factory=set)
    resting: dict[str, str] = field(default_factory=dict)
    _strikes: dict[str, int] = field(default_factory=dict)
    _untold: set[str] = field(default_factory=set)
    _everything: dict[str, Found] = field(default_factory=dict)
    _places: tuple[object, ...] = ()
    _settled_at: float = 0.0
    _missed: dict[str, float] = field(default_factory=dict)  # until when they may be saved anew

    def load(self, config: Config) -> dict[str, str]:
        """Bring the plugins in line with a config: those that are loaded anew or put away, and in one word why."""
        same_hours, same_profile = config.hours == self.config.hours, config.profile == self.config.profile
        known, everything = self._everything, self._discover()
        everything |= self._being_saved(everything)
        found = chosen(everything, lambda name: not config.table(name).enabled, self.only)
        gone = sorted({*self.loaded, *self.resting, *self.loading} - found.keys())
        if gone:
            self.before_change()  # The last that may fail: from here on only memory changes.
        old, self.config, self._everything = self.config, config, everything
        touched = {name: "off" if name in everything else "removed" for name in gone}
        for name in gone:
            self._put_away(name)
        for name, one in found.items():
            if name in self._missed:
                continue
            before = self.found.get(name)
            if before is None:
                touched[name] = "on" if name in known else "added"
            elif _looks(before) != _looks(one):
                touched[name] = "changed"
            elif old.table(name) != config.table(name):
                touched[name] = "settings"
            elif name in self.resting:
                touched[name] = "tried again"
            elif same_hours and (same_profile or name not in self.loading):
                found[name] = before  # It may be loading still: `_on_loaded` knows it by its identity.
                continue
            self._load_one(one)
        self.found = found
        self.tell()
        if not same_profile:
            self.ask_again()  # Their notifiers, and what is on the screen, stay as they are.
        return touched

    def _being_saved(self, there: Collection[str]) -> dict[str, Found]:
        """Plugins whose files are not there at this moment, as they were: what is open of theirs must not be lost."""
        now = self.clock.monotonic()
        missed = {name: one for name, one in self.found.items() if one.path and name not in there}
        self._missed = {name: self._missed.get(name, now + GONE) for name in missed}
        self._missed = {name: until for name, until in self._missed.items() if until > now}
        return {name: missed[name] for name in self._missed}

    def missed(self) -> float | None:
        """In how many seconds to look again for a file that was not there; None where none is missed."""
        return max(0.0, min(self._missed.values()) - self.clock.monotonic()) if self._missed else None

    def _discover(self) -> dict[str, Found]:
        self._places = installed_places()
        importlib.invalidate_caches()
        return discover(self.home.plugin_dir, self.given, stamped=True)

    def is_out_of_date(self) -> bool:
        """Whether plugins were installed, upgraded or uninstalled since `load`. Quick where no package was, for long.

        An installer that is at work changes a package's own files last, of which `installed_places` knows nothing.
        """
        if installed_places() != self._places:
            self._settled_at = self.clock.monotonic() + SETTLING
        if self.clock.monotonic() >= self._settled_at:
            return False
        return {name: _looks(one) for name, one in self._discover().items()} != {
            name: _looks(one) for name, one in self._everything.items()
        }

    def maker(self) -> ContextMaker:
        return ContextMaker(self.home, self.config.profile, self.config.hours)

    def now(self) -> datetime:
        """The present in the person's zone, as contexts have it."""
        return self.clock.now().astimezone(self.clock.zone())

    def _load_one(self, found: Found) -> None:
        self.loading.add(found.name)
        job = partial(_load, found, self.config, self.maker(), self.now())
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
        self.loaded[name], self.quiet_times[name] = outcome.value
        self.plans[name] = active(self.loaded[name].plan)
        # Not earlier: a plugin that is neither loading nor loaded is off, and its open occurrences would be dropped.
        self.loading.discard(name)
        self._untold.add(name)
        for other, reason in clashes(self.loaded.values()).items():
            self.rest(other, Outcome(reason=reason))
        self.tell()

    def ask_again(self) -> None:
        """Ask every plugin for its reminders and quiet times anew."""
        for loaded in list(self.loaded.values()):
            job = partial(ask_reminders, loaded, self.config, self.maker(), self.now())
            self.guard.call(loaded.name, "reminders()", job, partial(self._on_asked, loaded))
        self.ask_quiet_times()

    def ask_quiet_times(self, *names: str) -> None:
        """Ask these plugins, or all, for their quiet times anew. Until one has answered, what it said before holds."""
        for loaded in [one for one in self.loaded.values() if not names or one.name in names]:
            if loaded.plugin.has("quiet_times"):
                job = partial(ask_quiet_times, loaded, self.maker(), self.now())
                self.guard.call(loaded.name, "quiet_times()", job, partial(self._on_quiet_times, loaded))

    def _on_quiet_times(self, loaded: Loaded, outcome: Outcome) -> None:
        if self.loaded.get(loaded.name) is not loaded:
            return
        if outcome.ok:
            self.quiet_times[loaded.name] = outcome.value
            self.succeeded(loaded.name)
        else:
            self.failed(loaded.name, outcome)

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
        for known in (self.loaded, self.plans, self.quiet_times, self.resting, self.found, self._strikes):
            known.pop(name, None)
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
            self.rested(name, outcome)

    def succeeded(self, name: str) -> None:
        """A call into the plugin went well: only strikes in a row count."""
        self._strikes.pop(name, None)

    def rest(self, name: str, outcome: Outcome) -> None:
        """Set a plugin aside until the next reload."""
        self.resting[name] = outcome.reason
        self.loaded.pop(name, None)
        self.quiet_times.pop(name, None)
        self.guard.forget(name)
        self._untold.add(name)
        self.rested(name, outcome)
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

    def waits(self, now: datetime, zone: tzinfo) -> Wait | None:
        """Why what may wait does now, and until when: in the person's quiet hours, else in a plugin's quiet time."""
        own = quiet_until(now, self.config.hours, zone) if self.config.quiet.enabled else None
        return Wait(own) if own else quiet_time(now, self.quiet_times)

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


def _load(found: Found, config: Config, maker: ContextMaker, now: datetime) -> tuple[Loaded, tuple[QuietTime, ...]]:
    loaded = load_plugin(found, config, maker, now)
    return loaded, ask_quiet_times(loaded, maker, now)


def _looks(found: Found) -> tuple[str, ...]:
    """What of a plugin on the disk has it loaded anew when it changes."""
    return found.stamp, found.origin, found.problem


def _asked(plan: tuple[Planned, ...]) -> list[tuple[Reminder, Rule]]:
    """What a plan asks for, to tell a new one from the old."""
    return [(one.reminder, one.rule) for one in plan]
