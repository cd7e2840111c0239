"""What `check` says of plugins, and of the notifiers that they bring: the way a message takes to the person."""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from functools import partial
from typing import Any

from crampcoach.cli.looking import Look
from crampcoach.cli.printing import one_line
from crampcoach.cli.probing import Line, State
from crampcoach.guard import ask
from crampcoach.notifier import Failed
from crampcoach.store.database import read_only

#: Seconds for all notifiers together to say whether they work.
PATIENCE = 5.0
#: Of what an exception says only its type is repeated: the rest may be an option's value, or anybody's words.
_RAISED = re.compile(r"^(.{1,80}? raised (ModuleNotFoundError: No module named '[\w.]+'|[\w.]+))")


def plugins(look: Look, *, agent_runs: bool) -> Iterator[Line]:
    """Which are on, which are off, which cannot be used and why."""
    resting = {**(_set_aside(look) if agent_runs else {}), **{name: one.reason for name, one in look.failures.items()}}
    well = [name for name in look.on if name not in resting]
    off = [name for name in look.found if name not in look.on]
    yield Line("ok" if well else "note", "plugins", f"on: {', '.join(sorted(well)) or 'none'}")
    if off:
        text = f"off: {', '.join(sorted(off))}; to turn one on: crampcoach plugins enable NAME"
        yield Line("note", "plugins", text)
    folder = look.home.plugin_dir
    if os.access(folder.parent, os.X_OK) and folder.exists() and not os.access(folder, os.R_OK | os.X_OK):
        yield Line(
            "missing", "plugins", f"{folder} cannot be read, so no plugin in it is used; run: chmod 700 {folder}"
        )
    for name, reason in sorted(resting.items()):
        yield Line("missing", f"plugin {name}", f"{without_values(look, reason)}; more: crampcoach plugins show {name}")


def without_values(look: Look, reason: str) -> str:
    """A reason as anybody may read it."""
    if look.config.path and f"{look.config.path}:" in reason:
        return "its settings have a mistake, which `crampcoach config check` names"
    raised = _RAISED.match(reason)
    return raised[1] if raised else reason.partition("\n")[0]


def _set_aside(look: Look) -> dict[str, str]:
    """What the running agent has set aside."""
    from crampcoach.store import agent_state

    with suppress(sqlite3.Error, OSError), closing(read_only(look.home.state_db)) as state:
        return {name: reason for name, reason in agent_state.resting(state).items() if name in look.on}
    return {}


def messages(look: Look) -> Iterator[Line]:
    """Each notifier in the order: does it work here? One that fails is no loss where an earlier one works."""
    brought = {one.name: (loaded.name, one.notifier) for loaded in look.loaded.values() for one in loaded.notifiers}
    able = [name for name in look.config.notify.order if name in brought]
    outcomes = ask(look.clock, {name: partial(_check, brought[name][1]) for name in able}, "check()", PATIENCE)
    works, hope = False, False
    for name in look.config.notify.order:
        bad: State = "note" if works else "missing"
        outcome = outcomes.get(name)
        if name not in brought:
            yield _absent(look, name, bad)
        elif outcome is None or (outcome.ok and outcome.value is None):
            hope = True
            text = f"{name}: cannot say whether it works; to see it: crampcoach try REMINDER"
            yield Line("note", "messages", text)
        elif not outcome.ok:
            more = f"{without_values(look, outcome.reason)}; more: crampcoach plugins show {brought[name][0]}"
            yield Line(bad, "messages", f"{name}: {more}")
        elif isinstance(outcome.value, Failed):
            yield Line(bad, "messages", f"{name}: {one_line(outcome.value.reason)}")
        else:
            works = True
            yield Line("ok", "messages", f"{name}: {one_line(outcome.value)}")
    if not (works or hope):
        off = next((name for name in look.config.notify.order if name in look.found and name not in look.on), None)
        turn_on = f", or turn one on: crampcoach plugins enable {off}" if off else ""
        yield Line("missing", "messages", f"nobody can show you any; mend one of the ways above{turn_on}")


def _check(notifier: Any) -> object:
    """What it says of itself; None for one that cannot say."""
    if not hasattr(notifier, "check"):
        return None
    try:
        return notifier.check()
    finally:
        notifier.close()


def _absent(look: Look, name: str, bad: State) -> Line:
    """Nobody brings a notifier of this name."""
    if name in look.failures:
        return Line(bad, "messages", f"{name}: its plugin cannot be used; see below")
    if name in look.found and name not in look.on:
        return Line("note", "messages", f"{name}: its plugin is off")
    if name in look.loaded:
        return Line("note", "messages", f"{name}: not for this system")
    known = ", ".join(sorted({one.name for each in look.loaded.values() for one in each.notifiers})) or "none"
    text = f"there is no notifier {name!r}; mend notify.order in config.toml (there is {known})"
    return Line("missing", "messages", text)
