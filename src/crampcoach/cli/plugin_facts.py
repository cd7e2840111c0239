"""What is known of a plugin: for `plugins list` and `plugins show`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

from crampcoach.cli.printing import when
from crampcoach.cli.session import Session
from crampcoach.model import Problem
from crampcoach.options import did_you_mean
from crampcoach.toml_places import spell_key

if TYPE_CHECKING:
    from crampcoach.guard import Outcome
    from crampcoach.loading import Loaded
    from crampcoach.plugins import Found
    from crampcoach.store.agent_state import Failure


def need_plugin(session: Session, name: str) -> Found:
    """The plugin of this name. Raises Problem."""
    if name not in session.found:
        raise Problem(f"there is no plugin {name!r}{did_you_mean(name, session.found)}")
    return session.found[name]


def facts(session: Session, name: str) -> dict[str, Any]:
    """Is it on, why not, and where does it come from?"""
    from crampcoach.store import agent_state

    found, loaded = session.found[name], session.loaded.get(name)
    why = session.resting.get(name, "")
    newest = agent_state.failures(session.store.state.connection, name, 1)
    state, reason = "off" if name not in session.on else "resting" if why else "on", why
    if state == "on" and newest and _counts(session, loaded, newest[0]):
        why = newest[0].reason
        reason = f"last failure {when(newest[0].at.astimezone(session.zone), session.now)}: {why}"
    return {
        "name": name,
        "state": state,
        "reason": reason,
        "remedy": remedy(session, found, why) if reason and state != "off" else "",
        "origin": found.origin,
        "version": found.version,
        "reminders": [planned.name for planned in loaded.plan] if loaded else [],
    }


def _counts(session: Session, loaded: Loaded | None, one: Failure) -> bool:
    """Whether a failure asks for something still: it is of the last day, and nothing has been mended since."""
    at_load = one.reason.startswith(("loading it ", "reminder '"))
    settled = loaded and (at_load or _wrong_keys(session, loaded.name, one.reason))
    changed = _last_change(loaded)
    # A clock may have been set: a change that is still to come tells nothing.
    mended = changed is not None and one.at < changed <= session.now
    return (session.now - one.at).days < 1 and not settled and not mended


def _last_change(loaded: Loaded | None) -> datetime | None:
    """When the source of a plugin changed last; None where that cannot be told."""
    file = getattr(loaded.plugin.module, "__file__", None) if loaded else None
    if not isinstance(file, str):
        return None
    main = Path(file)
    try:
        times = [one.stat().st_mtime for one in (main.parent.rglob("*.py") if main.name == "__init__.py" else [main])]
        return datetime.fromtimestamp(max(times), UTC) if times else None
    except (OSError, OverflowError, ValueError):
        return None


def remedy(session: Session, found: Found, why: str) -> str:
    """What to do about one that rests or fails."""
    if keys := _wrong_keys(session, found.name, why):
        table = f"[{spell_key('plugins', found.name)}] of {session.home.config_file}"
        named = " and ".join(filter(None, keys))
        mend = f"mend {named} in the table {table}" if named else f"mend the table {table}"
    elif found.path:
        mend = f"mend {found.path}"
    else:
        mend = "update it" if found.origin == "bundled" else "update or uninstall it"
    return f"{mend}, or switch it off: crampcoach plugins disable {quote(found.name)}"


def _wrong_keys(session: Session, name: str, why: str) -> list[str]:
    """The keys of its table in config.toml that a sentence is about: not the plugin is to be mended then."""
    path, table = re.escape(str(session.home.config_file)), re.escape(f"plugins.{name}")
    keys = re.findall(rf"^{path}(?::\d+)?: {table}(?:\.([^\n]*?))?: ", why, re.MULTILINE)
    given = session.config.table(name).schedule
    overrides = given.items() if isinstance(given, Mapping) else [("", given)]
    for reminder, schedule in overrides:
        if isinstance(schedule, str) and f": schedule {schedule!r}: " in why:
            keys.append(f"schedule.{reminder}" if reminder else "schedule")
    return list(dict.fromkeys(keys))


def noted_failures(session: Session, name: str) -> list[dict[str, Any]]:
    """Why it cannot be used at this moment, then what the agent noted, newest first."""
    from crampcoach.store import agent_state

    outcome = session.failures.get(name)
    now = [failure(session, outcome)] if outcome else []
    stored = agent_state.failures(session.store.state.connection, name, 3)
    return now + [
        {"at": one.at.astimezone(session.zone), "reason": one.reason, "traceback": one.detail}
        for one in stored
        if not (outcome and one.reason == outcome.reason)
    ]


def failure(session: Session, outcome: Outcome) -> dict[str, Any]:
    """What went wrong just now."""
    return {"at": session.now, "reason": outcome.reason, "traceback": outcome.detail}


# --- what it offers --------------------------------------------------------------------------------------------


def hooks_of_commands() -> Mapping[str, type]:
    """The hooks that are asked when a command needs it, and what each gives."""
    import click

    from crampcoach.explaining.explainer import Explainer
    from crampcoach.model import QuietTime
    from crampcoach.transfer.formats import Exporter, Importer

    return {
        "commands": click.Command,
        "explainers": Explainer,
        "exporters": Exporter,
        "importers": Importer,
        "quiet_times": QuietTime,
    }


def given_by(session: Session, loaded: Loaded) -> tuple[dict[str, tuple[Any, ...]], list[Outcome]]:
    """What a plugin gives for each of these hooks, and what went wrong: one call after the other, until one hangs."""
    from crampcoach.guard import ask

    given: dict[str, tuple[Any, ...]] = {}
    wrong = []
    for hook, of in hooks_of_commands().items():
        if loaded.plugin.has(hook):
            job = partial(loaded.plugin.given, hook, of, ctx=session.context(loaded))
            outcome = ask(session.clock, {loaded.name: job}, f"{hook}()")[loaded.name]
            given[hook] = outcome.value or ()
            if not outcome.ok:
                wrong.append(outcome)
            if outcome.hung:
                break
    return given, wrong
