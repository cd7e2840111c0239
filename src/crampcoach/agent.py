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
from types import ModuleType

from crampcoach import control, lock, shared_process
from crampcoach.advising import Advising
from crampcoach.blame import type_and_place
from crampcoach.clock import Clock
from crampcoach.config import Config, read_config
from crampcoach.delivery import Delivery
from crampcoach.following import Following
from crampcoach.guard import Guard, Outcome
from crampcoach.home import Home, private_folder
from crampcoach.housekeeping import Housekeeping
from crampcoach.model import Problem
from crampcoach.plugin_advice import PluginAdvice
from crampcoach.pressing import Presses
from crampcoach.roster import Roster
from crampcoach.settings import Settings
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
#: After SIGTERM or SIGINT the process ends within this, in seconds, whatever it is waiting for.
LAST_SECONDS = 0.4
#: Of these, so long it waits for what notifiers are just showing.
LAST_LOOK = 0.2


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
        self._wakeup = control.Wakeup()
        self.guard = guard = Guard(clock, self._wakeup.ring)

        def store() -> Store:
            return self.store

        def rested(name: str, outcome: Outcome) -> None:
            self.telling.plugin_failed(name, outcome)

        self.roster = roster = Roster(
            home=home, clock=clock, guard=guard, given=given, only=only,
            changed=self._plugin_changed, rested=rested, before_change=self._look,
        )  # fmt: skip
        self.delivery = Delivery(guard, roster.failed)
        self.showing = Showing(clock=clock, guard=guard, roster=roster, delivery=self.delivery, store=store)
        self.telling = Telling(say=say, clock=clock, roster=roster, delivery=self.delivery, store=store)
        self.showing.nobody, self.showing.welcoming = self.telling.nobody, self.telling.welcoming
        self.advising = Advising(
            clock=clock, roster=roster, delivery=self.delivery, store=store, nobody=self.telling.nobody, say=say
        )
        self.settings = Settings(home=home, store=store)
        self.plugin_advice = PluginAdvice(
            clock=clock, guard=guard, roster=roster, advising=self.advising, telling=self.telling
        )
        self.presses = Presses(
            clock=clock, guard=guard, roster=roster, showing=self.showing, advising=self.advising, store=store,
            open_command=self.telling.open_command, wake=self._wakeup.ring, saved=self.plugin_advice.saved,
        )  # fmt: skip
        self.timetable = Timetable(clock=clock, roster=roster, store=store, busy=self.showing.busy)
        self.housekeeping = Housekeeping(home=home, clock=clock, guard=guard, roster=roster, store=store, say=say)
        self.following = Following(
            settings=self.settings, roster=roster, timetable=self.timetable, housekeeping=self.housekeeping,
            delivery=self.delivery, telling=self.telling, look=self._look,
        )  # fmt: skip
        self._trouble = ""
        self._unopened = False
        self._signals: list[signal.Signals] = []
        self._listener: socket.socket | None = None

    # --- start and stop ----------------------------------------------------------------------------------------

    def startup(self) -> None:
        """Take the lock, open everything, begin to load the plugins. Raises Problem."""
        config = read_config(self.home.config_file)
        private_folder(self.home.plugin_dir)
        shared_process.protect()
        self._lock = lock.acquire(self.home.lock_file)
        try:
            self._open(config)
        except BaseException:
            lock.release(self._lock)
            raise

    def _open(self, config: Config) -> None:
        self.store = open_store(self.home, self.clock.now(), check=self.home.data_size() < QUICKLY_CHECKED)
        self.telling.opened()
        self._listener = control.listen(self.home.socket_file)
        control.close_in_children(self)
        try:
            self.timetable.open()
        except sqlite3.DatabaseError:
            self._reopen()
            self.timetable.open()
        self.following.start(config)
        self.housekeeping.rebuild()

    def shutdown(self) -> None:
        """Close what is open. Messages stay where they are, hung threads die with the process."""
        self.delivery.close()
        self.store.close()
        if self._listener:
            self._listener.close()
            self.home.socket_file.unlink(missing_ok=True)
        lock.release(self._lock)
        control.spare_children(self)
        self._wakeup.close()

    def close_in_child(self) -> None:
        """A child that a plugin forks off must not keep the lock, answer the socket, or live through a SIGTERM."""
        lock.release(self._lock)
        if self._listener:
            self._listener.close()
        for number in self._signals:
            signal.signal(number, signal.SIG_DFL)
            signal.set_wakeup_fd(-1)

    def run(self) -> None:
        """Until SIGTERM or SIGINT. To be called in the main thread."""
        signal.set_wakeup_fd(self._wakeup.write_end, warn_on_full_buffer=False)
        self._signals = [getattr(signal, name) for name in ("SIGTERM", "SIGINT", "SIGHUP") if hasattr(signal, name)]
        for number in self._signals:
            signal.signal(number, self._on_signal)
        with selectors.DefaultSelector() as selector:
            selector.register(self._wakeup.read_end, selectors.EVENT_READ)
            if self._listener:
                selector.register(self._listener, selectors.EVENT_READ)
            # The first turn is here: whoever reads "ready" may send a signal at once.
            while not self.should_exit:
                self.turn()
                if not self.should_exit:
                    selector.select(self.sleep_seconds())
        with suppress(sqlite3.Error, OSError, Problem):
            self._look_back()

    def _look_back(self) -> None:
        """Write down what was pressed, and what is just being shown: the next run would show it again."""
        until = self.clock.monotonic() + LAST_LOOK
        while True:
            self.presses.take()
            self.guard.collect()
            left = until - self.clock.monotonic()
            if not self.delivery.asking or left <= 0:
                break
            self._wakeup.wait(left)

    def _on_signal(self, number: int, _frame: object) -> None:
        if number == getattr(signal, "SIGHUP", None):
            self.settings.forget()
        else:
            self.should_exit = True
            if hasattr(signal, "setitimer"):
                # Whatever this thread is waiting for - another process's lock, a terminal that was stopped - must not
                # keep the person waiting. What counts is committed.
                signal.signal(signal.SIGALRM, lambda *_: os._exit(0))
                signal.setitimer(signal.ITIMER_REAL, LAST_SECONDS)

    def sleep_seconds(self) -> float:
        """How long nothing is to be done, if nobody wakes us."""
        if self._trouble:
            return TROUBLE_SLEEP  # What failed is due at once, and would be for ever.
        seconds = [LONGEST_SLEEP, self.housekeeping.wait(), self.clock.wait_for(self.timetable.next_wake())]
        if (missed := self.roster.missed()) is not None:
            seconds.append(missed)
        if deadline := self.guard.deadline():
            seconds.append(max(0.0, deadline - self.clock.monotonic()))
        return min(seconds)

    # --- a turn ------------------------------------------------------------------------------------------------

    def turn(self) -> None:
        """Look at everything once. A file that cannot be written is said once and tried again."""
        self._wakeup.drain()
        asked = bool(self._listener and control.drain(self._listener))
        try:
            if self._unopened or self.store.replaced():
                self._reopen()
            self.presses.take()
            if asked:
                self.presses.enter_all(anew=False)
                self.following.installed()
            self.guard.collect()
            self.roster.tell()
            self.following.config()
            self.following.clock()
            self.advising.look()
            self.plugin_advice.look()
            self._look()
            self._settle()
            self.telling.note()
            self.housekeeping.run_due()
            if self._trouble:
                self.presses.enter_all(anew=True)
                self._trouble = ""
                self.say("crampcoach can save again.")
        except sqlite3.Error as error:
            self._in_trouble(database_sentence(error, self.home.data_dir))
            # Its subclasses are other troubles: a full disk, a value that cannot be stored.
            self._unopened = self._unopened or type(error) is sqlite3.DatabaseError
        except (OSError, Problem) as error:
            self._in_trouble(str(error))
        except Exception as error:  # noqa: BLE001 - a mistake of ours must not end everybody's reminders
            what = f"something unexpected went wrong ({type_and_place(error)})"  # its words may quote an entry
            self._in_trouble(f"{what}; please report it")

    def _look(self) -> None:
        if self.timetable.starting and self.roster.loading:
            return  # Whoever is to show it may come last, and what is overdue belongs into one message.
        shows = self.timetable.sweep_and_decide()
        if shows is None:
            return
        for show in shows:
            waits = self.advising.first_before(self.roster.tags(row.reminder for row in show.rows))
            if waits is None:
                self.showing.show(show.rows)
            elif waits:
                self.showing.put_off(show.rows, waits)
        while self.timetable.gone_quiet:
            self.telling.gone_quiet(self.timetable.gone_quiet.pop(0))
        if not self.timetable.starting:
            self.showing.clear_away()

    def _in_trouble(self, sentence: str) -> None:
        if sentence != self._trouble:
            self.say(f"{sentence}; reminders wait until then")
        self._trouble = sentence

    def _reopen(self) -> None:
        """A file was damaged or exchanged: set it aside and go on with the newest good backup. Raises Problem."""
        self._unopened = True
        self.store.close()
        self.store = open_store(self.home, self.clock.now(), check=True)
        self._unopened = False
        self.telling.opened()

    # --- plugins -----------------------------------------------------------------------------------------------

    def _plugin_changed(self, name: str) -> None:
        """The plugin has come, gone, planned anew, or rests."""
        loaded = self.roster.loaded.get(name)
        if name not in self.roster.resting:
            self.timetable.replan(name)
        self.delivery.replace(name, loaded.notifiers if loaded else (), self.presses.events)
        if loaded and loaded.notifiers:
            names = [one.name for one in loaded.notifiers]
            self.showing.adopt(names)
            self.advising.adopt(names)

    def _settle(self) -> None:
        """Once no plugin is loading: take up what an earlier run left, and say where we stand."""
        # Whoever reads "ready" may press: also on a message of an earlier run.
        if self.roster.loading or self.showing.adopting or self.advising.adopting:
            return
        if self.timetable.starting:
            self.timetable.started()
            self.showing.adopt(None)
            self.presses.enter_all(anew=True)
            self._look()
            # What a look decided while the last plugins were asked is still on the screen, and nothing changed since.
            self.showing.clear_away()
            self.telling.ready()
            self._look()
        elif self.telling.news:
            self.presses.enter_all(anew=True)
        self.telling.say_news()
