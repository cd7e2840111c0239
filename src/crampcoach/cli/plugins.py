"""`plugins`: what is there, what is on, what rests and why; turning one on and off."""

from __future__ import annotations

import json
from shlex import quote
from typing import TYPE_CHECKING, Any

import click

from crampcoach.cli.coming import coming
from crampcoach.cli.completion import plugin_names
from crampcoach.cli.config import masked
from crampcoach.cli.printing import json_option, print_json, print_rows, print_wrapped, when
from crampcoach.cli.session import Session
from crampcoach.model import Problem
from crampcoach.options import did_you_mean, document

if TYPE_CHECKING:
    from crampcoach.plugins import Found


@click.group("plugins", invoke_without_command=True)
@json_option
@click.pass_context
def plugins_command(ctx: click.Context, as_json: bool) -> None:
    """List plugins, show one, turn one on or off. Without a command: `plugins list`."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_command, as_json=as_json)


@plugins_command.command("list")
@json_option
@click.pass_context
def list_command(ctx: click.Context, as_json: bool) -> None:
    """Every plugin: is it on, and where does it come from?

    JSON: name, state (on, off, resting), reason, remedy, origin, version, reminders.
    """
    with Session(ctx) as session:
        session.poke()
        rows = [_facts(session, name) for name in sorted(session.found)]
        for row in rows:
            row["what"] = row["reason"] or row["origin"]
        if as_json:
            rows = [{key: value for key, value in row.items() if key != "what"} for row in rows]
        print_rows(rows, as_json=as_json, columns=["name", "state", "what"], empty="There are no plugins.")


def _facts(session: Session, name: str) -> dict[str, Any]:
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
        "remedy": _remedy(found) if state == "resting" else "",
        "origin": found.origin,
        "version": found.version,
        "reminders": [planned.name for planned in loaded.plan] if loaded else [],
    }


def _remedy(found: Found) -> str:
    mend = (
        f"mend {found.path}" if found.path else "update it" if found.origin == "bundled" else "update or uninstall it"
    )
    return f"{mend}, or switch it off: crampcoach plugins disable {quote(found.name)}"


@plugins_command.command("show", short_help="Everything about one plugin.")
@click.argument("name", shell_complete=plugin_names)
@click.option("--json", "as_json", is_flag=True, help="Print an object for programs.")
@click.pass_context
def show_command(ctx: click.Context, name: str, as_json: bool) -> None:
    """Everything about one plugin: options, reminders with their next times, failures with tracebacks.

    JSON: as `plugins list`, and about (what it says of itself), hooks, options, next {reminder: time},
    failures [{at, reason, traceback}].
    """
    from crampcoach.loading import active, option_values
    from crampcoach.recurrence import After

    with Session(ctx) as session:
        session.poke()
        if name not in session.found:
            raise Problem(f"there is no plugin {name!r}{did_you_mean(name, session.found)}")
        facts, loaded = _facts(session, name), session.loaded.get(name)
        ahead = coming(session, active(loaded.plan)) if loaded else []
        facts |= {
            "about": (loaded.plugin.module.__doc__ or "").strip().partition("\n")[0] if loaded else "",
            "hooks": sorted(loaded.plugin.hooks) if loaded else [],
            "options": masked(option_values(loaded)) if loaded else {},
            "next": {name: due.astimezone(session.zone) for due, name in reversed(ahead)},
            "failures": _failures(session, name),
        }
        if as_json:
            print_json(facts)
            return
        reason = f": {facts['reason']}" if facts["reason"] else ""
        print_wrapped(f"{name} is {facts['state']}{reason}")
        if facts["remedy"]:
            print_wrapped(facts["remedy"], "  to do     ")
        if facts["about"]:
            print_wrapped(facts["about"], "  about     ")
        print_wrapped(" ".join(filter(None, [facts["origin"], facts["version"]])), "  from      ")
        print_wrapped(", ".join(facts["hooks"]) or "none", "  hooks     ")
        for one, description, accepted in document(loaded.options_type) if loaded and loaded.options_type else ():
            value = json.dumps(facts["options"][one.name], ensure_ascii=False, default=str)
            print_wrapped(f"{one.name} = {value}  # {f'{description} ({accepted})'.strip()}", "  option    ")
        for planned in loaded.plan if loaded else ():
            at = facts["next"].get(planned.name)
            # What comes after an answer has no time of its own.
            waits = "" if isinstance(planned.rule.when, After) else "not in the next days"
            said = f"next {when(at, session.now)}" if at else waits if planned.reminder.active else "not at present"
            print_wrapped("; ".join(filter(None, [f"{planned.name}: {planned.rule.text}", said])), "  reminder  ")
        for failure in facts["failures"]:
            print_wrapped(f"{when(failure['at'], session.now)}: {failure['reason']}", "  failed    ")
            for line in failure["traceback"].splitlines():
                click.echo(f"    {line}")


@plugins_command.command("enable", short_help="Turn a plugin on.")
@click.argument("name", shell_complete=plugin_names)
@click.pass_context
def enable_command(ctx: click.Context, name: str) -> None:
    """Turn a plugin on. Only its `enabled` in config.toml changes; a running agent follows at once."""
    _switch(ctx, name, True)


@plugins_command.command("disable", short_help="Turn a plugin off.")
@click.argument("name", shell_complete=plugin_names)
@click.pass_context
def disable_command(ctx: click.Context, name: str) -> None:
    """Turn a plugin off. Only its `enabled` in config.toml changes; a running agent follows at once."""
    _switch(ctx, name, False)


def _switch(ctx: click.Context, name: str, on: bool) -> None:
    """No plugin is loaded for this: it is the way to get rid of one that is broken."""
    from crampcoach.cli.config_files import followed
    from crampcoach.config import ConfigProblem, read_config
    from crampcoach.config_edit import set_values
    from crampcoach.toml_places import spell_key

    with Session(ctx) as session:
        if name not in session.found:
            raise Problem(f"there is no plugin {name!r}{did_you_mean(name, session.found)}")
        place, key = session.home.config_file, spell_key("plugins", name, "enabled")
        try:
            config = read_config(place)
        except ConfigProblem as problem:
            if problem.rest is None:
                raise
            config = problem.rest
        table = config.table(name)
        said: list[str] = []
        if table.enabled is not on or any(f": plugins.{name}.enabled: " in one for one in table.problems):
            said = set_values(place, {key: on})
        state = "on" if on else "off"
        if not said:
            click.echo(f"{name} is {state} already")
            return
        print_wrapped(f"{name} is {state} now ({said[0]}); {followed(session)}")
        order = [one for one in config.notify.order if one in session.found]
        if not on and name in order and not any(config.table(one).enabled for one in order if one != name):
            none = f"No notifier that `order` names is on any more ({', '.join(order)}): reminders may not reach you."
            print_wrapped(f"{none} To turn one on: crampcoach plugins enable {order[0]}")


def _failures(session: Session, name: str) -> list[dict[str, Any]]:
    """Why it cannot be used at this moment, then what the agent noted, newest first."""
    from crampcoach.store import agent_state

    outcome = session.failures.get(name)
    now = [{"at": session.now, "reason": outcome.reason, "traceback": outcome.detail}] if outcome else []
    stored = agent_state.failures(session.store.state.connection, name, 3)
    return now + [
        {"at": one.at.astimezone(session.zone), "reason": one.reason, "traceback": one.detail}
        for one in stored
        if not (outcome and one.reason == outcome.reason)
    ]
