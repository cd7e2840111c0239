"""What changes while the agent runs, and is followed: the clock, the settings, plugins' files, what is installed.

A change counts from now on: what came due before it, by the rules of then, is a row before they are replaced.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from crampcoach.config import Config, ConfigProblem
from crampcoach.delivery import Delivery
from crampcoach.housekeeping import Housekeeping
from crampcoach.roster import Roster
from crampcoach.settings import NOTHING, Settings, differences
from crampcoach.telling import Telling
from crampcoach.timetable import Timetable


@dataclass(slots=True, kw_only=True)
class Following:
    """`look` sweeps and decides, while the rules from before still hold."""

    settings: Settings
    roster: Roster
    timetable: Timetable
    housekeeping: Housekeeping
    delivery: Delivery
    telling: Telling
    look: Callable[[], None]
    _asked_on: date = field(default=date.min)
    _wrong: str = ""  # what is wrong with the config, once it was said

    def start(self, config: Config) -> None:
        """Take up the settings that were read, and begin to load the plugins."""
        self._asked_on = self.timetable.today()
        self._use(self.settings.start(config))

    def clock(self) -> None:
        """The clock may have been set, the zone or the date have changed."""
        if self.timetable.follow_clock():
            self.housekeeping.rebuild()
            self.roster.ask_quiet_times()
        if self._asked_on != self.timetable.today():
            self._asked_on = self.timetable.today()
            self.roster.ask_again()

    def installed(self) -> None:
        """Somebody asks us to look: perhaps a package with a plugin has come, gone or changed."""
        if self.roster.is_out_of_date():
            self.settings.forget()

    def config(self) -> None:
        """The settings, what the person says of themselves, or a file in the plugin folder may have changed."""
        if self.roster.missed() == 0:
            self.settings.forget()
        before, wrong = self.roster.config, ""
        config: Config | None
        try:
            config = self.settings.changed()
        except ConfigProblem as problem:
            config, wrong = before, str(problem)  # the plugin folder is followed all the same
        if config is None:
            return
        if wrong and wrong != self._wrong:
            self.telling.say(f"{wrong}\nthe settings from before stay in force")
        self._wrong = wrong
        try:
            self.look()
            touched = self._use(config)
        except sqlite3.Error:
            self.settings.forget()  # to be followed when it can be written down
            raise
        changed = differences(before, config, touched)
        if wrong and changed != NOTHING:
            self.telling.news.append(f"plugins looked at again; changed: {changed}")
        elif not wrong and (changed != NOTHING or self.roster.missed() is None):
            self.telling.news.append(f"config read again; changed: {changed}")

    def _use(self, config: Config) -> dict[str, str]:
        self.delivery.order = config.notify.order
        return self.roster.load(config)
