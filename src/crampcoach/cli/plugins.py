"""`plugins`: what is there, what is on, what rests and why; turning one on and off.

Each of the other commands of this noun has a module beside this one.
"""

from __future__ import annotations

import click

from crampcoach.cli.completion import plugin_names
from crampcoach.cli.plugin_check import check_command
from crampcoach.cli.plugin_facts import facts, need_plugin
from crampcoach.cli.plugin_install import install_command, uninstall_command
from crampcoach.cli.plugin_new import new_command
from crampcoach.cli.plugin_show import show_command
from crampcoach.cli.printing import json_option, print_rows, print_wrapped
from crampcoach.cli.session import Session


@click.group("plugins", invoke_without_command=True)
@json_option
@click.pass_context
def plugins_command(ctx: click.Context, as_json: bool) -> None:
    """List plugins, turn them on or off, write, check and install them. Without a command: `plugins list`."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_command, as_json=as_json)


for _command in (show_command, new_command, check_command, install_command, uninstall_command):
    plugins_command.add_command(_command)


@plugins_command.command("list")
@json_option
@click.pass_context
def list_command(ctx: click.Context, as_json: bool) -> None:
    """Every plugin: is it on, and where does it come from?

    JSON: name, state (on, off, resting), reason, remedy, origin, version, reminders.
    """
    with Session(ctx) as session:
        session.poke()
        rows = [facts(session, name) for name in sorted(session.found)]
        for row in rows:
            row["what"] = row["reason"] or row["origin"]
        if as_json:
            rows = [{key: value for key, value in row.items() if key != "what"} for row in rows]
        print_rows(rows, as_json=as_json, columns=["name", "state", "what"], empty="There are no plugins.")


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
        need_plugin(session, name)
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
