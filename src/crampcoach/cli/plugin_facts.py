"""What is known of a plugin: for `plugins list` and `plugins show`."""

from __future__ import annotations

from functools import partial
from shlex import quote
from typing import TYPE_CHECKING, Any

from crampcoach.cli.printing import when
from crampcoach.cli.session import Session
from crampcoach.model import Problem
from crampcoach.options import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crampcoach.guard import Outcome
    from crampcoach.loading import Loaded
    from crampcoach.plugins import Found


def need_plugin(session: Session, name: str) -> Found:
    """The plugin of this name. Raises Problem."""
    if name not in session.found:
        raise Problem(f"there is no plugin {name!r}{did_you_mean(name, session.found)}")
    return session.found[name]


def facts(session: Session, name: str) -> dict[str, Any]:
    """Is it on, why not, and where does it come from?"""
    from crampcoach.store import agent_state

    found, loaded = session.found[name], session.loaded.get(name)
    reason = session.resting.get(name, "")
    newest = agent_state.failures(session.store.state.connection, name, 1)
    state = "off" if name not in session.on else "resting" if reason else "on"
    if state == "on" and newest and (session.now - newest[0].at).days < 1:
        reason = f"last failure {when(newest[0].at.astimezone(session.zone), session.now)}: {newest[0].reason}"
    return {
        "name": name,
        "state": state,
        "reason": reason,
        "remedy": remedy(found) if reason and state != "off" else "",
        "origin": found.origin,
        "version": found.version,
        "reminders": [planned.name for planned in loaded.plan] if loaded else [],
    }


def remedy(found: Found) -> str:
    """What to do about one that rests or fails."""
    mend = (
        f"mend {found.path}" if found.path else "update it" if found.origin == "bundled" else "update or uninstall it"
    )
    return f"{mend}, or switch it off: crampcoach plugins disable {quote(found.name)}"


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
