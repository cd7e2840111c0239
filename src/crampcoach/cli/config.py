"""`config path`, `config check`, `config show`: where the settings are, whether they are right, what is in force.

What makes and changes the file is in config_files.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from crampcoach.cli.config_files import edit_command, init_command, schema_command
from crampcoach.cli.session import Session
from crampcoach.model import Problem

#: Options whose value is not for every pair of eyes.
SECRET = ("token", "password", "secret", "key")


@click.group("config")
def config_command() -> None:
    """Your settings: where they are, whether they are right, and changing them."""


for _command in (init_command, edit_command, schema_command):
    config_command.add_command(_command)


@config_command.command("path", short_help="Where config.toml is looked for.")
@click.pass_context
def path_command(ctx: click.Context) -> None:
    """Print where config.toml is looked for."""
    with Session(ctx) as session:
        click.echo(session.home.config_file)


@config_command.command("check", short_help="Say everything that is wrong with it.")
@click.pass_context
def check_command(ctx: click.Context) -> None:
    """Say everything that is wrong with the settings at once, each with its line."""
    from crampcoach.cli.config_mistakes import mistakes
    from crampcoach.config import read_text, unreadable

    with Session(ctx, strict=True) as session:
        session.poke()
        place = session.home.config_file
        try:
            text = read_text(place)
        except FileNotFoundError:
            text = None
        except (OSError, UnicodeDecodeError) as error:
            raise unreadable(place, error) from error
        if wrong := mistakes(session, place, text):
            raise Problem("\n".join(wrong))
        missing = " does not exist: the defaults are in force."
        click.echo(f"{place}{missing if text is None else ' is right.'}")


@config_command.command("show", short_help="The settings in force, as TOML.")
@click.pass_context
def show_command(ctx: click.Context) -> None:
    """Print the settings in force as TOML, defaults filled in, secrets masked."""
    import tomli_w

    from crampcoach.config_text import as_tables
    from crampcoach.loading import option_values

    with Session(ctx, strict=True) as session:
        tables = as_tables(session.config)
        plugins: dict[str, Any] = {}
        for name in sorted(session.found):
            loaded, table = session.loaded.get(name), session.config.table(name)
            values = option_values(loaded) if loaded else dict(table.raw)
            schedule = {"schedule": table.schedule} if table.schedule else {}
            plugins[name] = {"enabled": name in session.on, **schedule, **_as_toml(masked(values))}
        click.echo(tomli_w.dumps({**tables, "plugins": plugins}), nl=False)
        session.say_failures()


def masked(values: Mapping[str, Any]) -> dict[str, Any]:
    """Options as anybody may see them."""
    return {name: _masked(name, value) for name, value in values.items()}


def _masked(name: str, value: Any) -> Any:
    if isinstance(value, Mapping):
        return masked(value)
    if name.endswith("_file") or not any(word in name.lower() for word in SECRET):
        return value
    if isinstance(value, (list, tuple, set, frozenset)):
        return ["***"] * len(value)
    return "***" if isinstance(value, str) and value else value


def _as_toml(value: Any) -> Any:
    """A value as TOML can say it: what is None is left out, tuples and sets are lists."""
    if isinstance(value, Mapping):
        return {str(name): _as_toml(one) for name, one in value.items() if one is not None}
    if isinstance(value, (set, frozenset)):
        return sorted(map(_as_toml, value), key=str)
    return [_as_toml(one) for one in value] if isinstance(value, (list, tuple)) else value
