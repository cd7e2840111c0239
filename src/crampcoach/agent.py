"""The agent: one thread that decides, one `select` that waits. `startup`, `turn` after `turn`, `shutdown`.

Plugins and notifiers run in guarded threads; what they have to say arrives through inboxes and a byte on the wake-up
pipe. The agent sleeps until something is due, and at most a minute, so that suspend, clock and zone changes are seen.
"""

from __future__ import annotations

import os
import selectors
import signal
import socket
import sqlite3
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from datetime import date
from types import ModuleType

from crampcoach import control, lock
from crampcoach.clock import Clock
from crampcoach.config import Config, ConfigProblem, read_config
from crampcoach.delivery import Delivery
from crampcoach.guard import Guard
from crampcoach.home import Home
from crampcoach.housekeeping import Housekeeping
from crampcoach.model import Problem
from crampcoach.pressing import Presses
from crampcoach.roster import Roster
from crampcoach.showing import Showing
from crampcoach.store import Store, open_store
from crampcoach.store.database import database_sentence
from crampcoach.telling import Telling
from crampcoach.timetable import Timetable

#: The longest sleep, so that suspend, clock and zone changes are noticed.
LONGEST_SLEEP = 60.0
#: Files up to this size, in bytes, are read whole for damage at start: 100 MB take about a second.
QUICKLY_CHECKED = 30_000_000
#: After a failed write (a full disk, say) everything is tried again this soon.
TROUBLE_SLEEP = 5.0


class Agent:
    """Everything that runs. `say` gets each line for the person who started it."""

    store: Store

    def __init__(
        self,
        home: Home,
        clock: Clock,
        say: Callable[[str], None],
        *,
        given: Mapping[str, ModuleType] | None = None,
        only: Collection[str] | None = None,
    ) -> None:
        self.home, self.clock, self.say = home, clock, say
        self.should_exit = False
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_read, False)
        os.set_blocking(self._wake_write, False)
        self.guard = guard = Guard(clock, self.wake)
        self.roster = roster = Roster(
            home=home, clock=clock, guard=guard, given=given, only=only,
            changed=self._plugin_changed, rested=self._rested, before_change=self._look,
        )  # fmt: skip

        def store() -> Store:
            return self.store

        self.delivery = Delivery(guard, roster.failed)
        self.showing = Showing(clock=clock, guard=guard, roster=roster, delivery=self.delivery, store=store)
        self.telling = Telling(say=say, clock=clock, roster=roster, delivery=self.delivery, store=store)
        self.presses = Presses(
            clock=clock, guard=guard, roster=roster, showing=self.showing, store=store,
            open_command=self.telling.open_command, wake=self.wake,
        )  # fmt: skip
        self.timetable = Timetable(clock=clock, roster=roster, store=store, busy=self.showing.busy)
        self.housekeeping = Housekeeping(home=home, clock=clock, guard=guard, roster=roster, say=say)
        self._signature: tuple[object, ...] = ()
        self._asked_on = date.min
        self._trouble = ""
        self._signals: list[signal.Signals] = []

    # --- start and stop ----------------------------------------------------------------------------------------

    def startup(self) -> None:
        """Take the lock, open everything, begin to load the plugins. Raises Problem."""
        config = read_config(self.home.config_file)
        self._lock = lock.acquire(self.home.lock_file)
        self.store = open_store(self.home, self.clock.now(), check=self.home.data_size() < QUICKLY_CHECKED)
        for note in self.store.notes:
            self.say(note)
        self._listener: socket.socket | None = control.listen(self.home.socket_file)
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._close_in_child)
        try:
            self.timetable.open()
        except sqlite3.DatabaseError:
            self._reopen()
            self.timetable.open()
        self._asked_on = self.timetable.today()
        self._signature = self.home.signature()
        self._use(config)
        self.housekeeping.rebuild()
        self.housekeeping.run_job("backup")

    def shutdown(self) -> None:
        """Close what is open. Messages stay where they are, hung threads die with the process."""
        self.delivery.close()
        self.store.close()
        if self._listener:
            self._listener.close()
            self.home.socket_file.unlink(missing_ok=True)
        lock.release(self._lock)
        self._lock = -1

    def _close_in_child(self) -> None:
        """A child that a plugin forks off must not keep the lock, answer the socket, or live through a SIGTERM."""
        lock.release(self._lock)
        if self._listener:
            self._listener.close()
        for number in self._signals:
            signal.signal(number, signal.SIG_DFL)
            signal.set_wakeup_fd(-1)

    def run(self) -> None:
        """Until SIGTERM or SIGINT. To be called in the main thread."""
        signal.set_wakeup_fd(self._wake_write, warn_on_full_buffer=False)
        self._signals = [getattr(signal, name) for name in ("SIGTERM", "SIGINT", "SIGHUP") if hasattr(signal, name)]
        for number in self._signals:
            signal.signal(number, self._on_signal)
        with selectors.DefaultSelector() as selector:
            selector.register(self._wake_read, selectors.EVENT_READ)
            if self._listener:
                selector.register(self._listener, selectors.EVENT_READ)
            # The first turn is here: whoever reads "ready" may send a signal at once.
            while not self.should_exit:
                self.turn()
                if not self.should_exit:
                    selector.select(self.sleep_seconds())

    def _on_signal(self, number: int, _frame: object) -> None:
        if number == getattr(signal, "SIGHUP", None):
            self._signature = ()
        else:
            self.should_exit = True

    def wake(self) -> None:
        """Let `select` return. Safe from any thread."""
        with suppress(OSError):
            os.write(self._wake_write, b"\0")

    def sleep_seconds(self) -> float:
        """How long nothing is to be done, if nobody wakes us."""
        seconds = [TROUBLE_SLEEP if self._trouble else LONGEST_SLEEP, self.housekeeping.wait()]
        if at := self.timetable.next_wake():
            seconds.append(self.clock.wait_for(at))
        if deadline := self.guard.deadline():
            seconds.append(max(0.0, deadline - self.clock.monotonic()))
        return min(seconds)

    # --- a turn ------------------------------------------------------------------------------------------------

    def turn(self) -> None:
        """Look at everything once. A file that cannot be written is said once and tried again."""
        with suppress(BlockingIOError):
            while os.read(self._wake_read, 4096):
                pass
        asked = bool(self._listener and control.drain(self._listener))
        try:
            if self.store.replaced():
                self._reopen()
            self.presses.take()
            if asked:
                self.presses.enter_all()
            self.guard.collect()
            self._follow_config()
            self._follow_clock()
            self._look()
            self._settle()
            self.telling.note()
            self.housekeeping.run_due()
            if self._trouble:
                self.presses.enter_all()
                self._trouble = ""
                self.say("crampcoach can save again.")
        except sqlite3.Error as error:
            self._in_trouble(database_sentence(error, self.home.data_dir))
            if isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError):
                self._reopen()
        except (OSError, Problem) as error:
            self._in_trouble(str(error))
        except Exception as error:  # noqa: BLE001 - a mistake of ours must not end everybody's reminders
            what = f"something unexpected went wrong ({type(error).__name__}: {error})"
            self._in_trouble(f"{what}; please report it")

    def _look(self) -> None:
        if self.timetable.starting and self.roster.loading:
            return  # Whoever is to show it may come last, and what is overdue belongs into one message.
        shows = self.timetable.sweep_and_decide()
        if shows is None:
            return
        for show in shows:
            self.showing.show(show.rows)
        if not self.timetable.starting:
            self.showing.clear_away()

    def _in_trouble(self, sentence: str) -> None:
        if sentence != self._trouble:
            self.say(f"{sentence}; reminders wait until then")
        self._trouble = sentence

    def _reopen(self) -> None:
        """SQLite met damage: set the file aside and go on with the newest good backup."""
        self.store.close()
        try:
            self.store = open_store(self.home, self.clock.now(), check=True)
        except Problem as problem:
            self._in_trouble(str(problem))
            return
        for note in self.store.notes:
            self.say(note)

    def _follow_clock(self) -> None:
        if self.timetable.follow_clock():
            self.housekeeping.rebuild()
        if self._asked_on != self.timetable.today():
            self._asked_on = self.timetable.today()
            self.roster.ask_again()

    # --- config and plugins ------------------------------------------------------------------------------------

    def _follow_config(self) -> None:
        signature = self.home.signature()
        if signature == self._signature:
            return
        self._signature = signature
        try:
            config = read_config(self.home.config_file)
        except ConfigProblem as problem:
            self.say(f"{problem}\nthe settings from before stay in force")
            return
        before = self.roster.config
        try:
            self._look()
            touched = self._use(config)
        except sqlite3.Error:
            self._signature = ()  # to be followed when it can be written down
            raise
        tables = ("hours", "profile", "quiet", "notify")
        parts = [name for name in tables if getattr(before, name) != getattr(config, name)]
        parts += [f"plugin {name}" for name in sorted(touched)]
        self.telling.news.append(f"config read again; changed: {', '.join(parts) or 'nothing'}")

    def _use(self, config: Config) -> list[str]:
        self.delivery.order = config.notify.order
        return self.roster.load(config)

    def _plugin_changed(self, name: str) -> None:
        """The plugin has come, gone, planned anew, or rests."""
        loaded = self.roster.loaded.get(name)
        if name not in self.roster.resting:
            self.timetable.replan(name)
        self.delivery.replace(name, loaded.notifiers if loaded else (), self.presses)
        if loaded and loaded.notifiers:
            self.showing.adopt([one.name for one in loaded.notifiers])
        self.housekeeping.rebuild()

    def _rested(self, name: str, reason: str, detail: str) -> None:
        self.telling.plugin_failed(name, reason, detail)

    def _settle(self) -> None:
        """Once no plugin is loading: take up what an earlier run left, and say where we stand."""
        # Whoever reads "ready" may press: also on a message of an earlier run.
        if self.roster.loading or self.showing.adopting:
            return
        if self.timetable.starting:
            self.timetable.started()
            self.showing.adopt(None)
            self.presses.enter_all()
            self._look()
            self.telling.ready()
        elif self.telling.news:
            self.presses.enter_all()
        self.telling.say_news()
