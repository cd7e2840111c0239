"""Advice of plugins on what was just saved: after crampcoach's own and under the plugin's name, or not at all.

Nothing waits for it, and it is kept nowhere: what a crash or a stop cuts short is lost, so that nothing is ever told
twice. It keeps quiet hours and times, and a pause. Where no notifier shows it, it is said in the agent's output once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from crampcoach.advice import HEADINGS, LEVELS, Advice, Level, most_urgent
from crampcoach.plugins import Unfit
from crampcoach.safety.flags import red_flags
from crampcoach.store import agent_state

if TYPE_CHECKING:
    from crampcoach.advising import Advising
    from crampcoach.clock import Clock
    from crampcoach.context import ContextMaker
    from crampcoach.guard import Guard, Outcome
    from crampcoach.loading import Loaded
    from crampcoach.model import Entry
    from crampcoach.roster import Roster
    from crampcoach.telling import Telling

#: More on one entry would push what crampcoach itself has said out of sight.
MOST = 3
#: So is more than a few lines of each, and what looks like a heading of crampcoach's own.
LONGEST = 300
#: So many wait at most, of all plugins, until they may be shown.
_MOST_WAITING = 20


def ask_advice(loaded: Loaded, maker: ContextMaker, now: datetime, entries: Iterable[Entry]) -> tuple[Advice, ...]:
    """What a plugin advises on these entries, each once, most urgent first. Raises Unfit, or what it raises."""
    ctx, found = maker.make(loaded.name, loaded.options, now), dict[str, Advice]()
    for entry in entries:
        own = replace(entry, fields=deepcopy(dict(entry.fields)))  # what it does to them is nobody else's business
        given = loaded.plugin.given("advise", Advice, ctx=ctx, entry=own)
        if len(given) > MOST:
            raise Unfit(f"advise() gave {len(given)} pieces of advice on one entry; the most is {MOST}")
        for one in given:
            if one.level == "now":
                only = "which only crampcoach itself says; make it 'same-day' or 'routine'"
                raise Unfit(f"advise() gave {one.id!r} the level 'now', {only}")
            if one.id in {flag.id for flag in red_flags()}:
                raise Unfit(f"advise() gave {one.id!r}, which is crampcoach's own; give it another id")
            if len(one.text) > LONGEST or not one.text.isprintable():
                raise Unfit(f"advise() gave {one.id!r} a text that is not one line of {LONGEST} characters at most")
            found.setdefault(one.id, one)
    return tuple(sorted(found.values(), key=lambda one: LEVELS.index(one.level)))


def heading(plugin: str, level: Level) -> str:
    """What stands above a plugin's advice: nobody may take it for crampcoach's own."""
    said = HEADINGS[level]
    return f"Plugin {plugin}: {said[:1].lower()}{said[1:]}"


@dataclass(slots=True, kw_only=True)
class PluginAdvice:
    """Asks plugins about what answers have made, and tells what they advise."""

    clock: Clock
    guard: Guard
    roster: Roster
    advising: Advising
    telling: Telling
    _waiting: dict[tuple[str, str], Advice] = field(default_factory=dict)

    def saved(self, entries: Sequence[Entry]) -> None:
        """Ask about entries that an answer has just added to the log."""
        for loaded in list(self.roster.loaded.values()) if entries else ():
            if loaded.plugin.has("advise"):
                job = partial(ask_advice, loaded, self.roster.maker(), self.roster.now(), entries)
                self.guard.call(loaded.name, "advise()", job, partial(self._advised, loaded))

    def _advised(self, loaded: Loaded, outcome: Outcome) -> None:
        name = loaded.name
        if self.roster.loaded.get(name) is not loaded:
            return
        if not outcome.ok:
            self.roster.failed(name, outcome)
            return
        self.roster.succeeded(name)
        self._waiting |= {(name, one.id): one for one in outcome.value}
        for key in list(self._waiting)[:-_MOST_WAITING]:
            del self._waiting[key]

    def look(self) -> None:
        """Tell what may be told by now: nothing before all that crampcoach itself has to say."""
        if not self._waiting or self._is_quiet() or not self.advising.settled():
            return
        waiting, self._waiting = self._waiting, {}
        for plugin in dict.fromkeys(name for name, _ in waiting):
            advice = [one for (name, _), one in waiting.items() if name == plugin]
            if plugin in self.roster.loaded:  # one that was turned off has nothing to say any more
                title = heading(plugin, most_urgent(advice))
                self.telling.tell(title, "\n".join(one.text for one in advice), or_say=True)

    def _is_quiet(self) -> bool:
        now, state = self.clock.now(), self.telling.store().state.connection
        return bool(self.roster.waits(now, self.clock.zone()) or agent_state.paused(state, now))
