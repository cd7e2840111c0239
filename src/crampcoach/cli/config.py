"""`config path`, `config check`, `config show`: where the settings are, whether they are right, what is in force."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from crampcoach.cli.printing import hint
from crampcoach.cli.session import Session
from crampcoach.model import Problem

#: Options whose value is not for every pair of eyes.
SECRET = ("token", "password", "secret", "key")


@click.group("config")
def config_command() -> None:
    """Where the settings are, and whether they are right."""


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
    from crampcoach.config import ConfigProblem, locate, sentence

    with Session(ctx) as session:
        wrong: list[str] = []
        try:
            config = session.config
        except ConfigProblem as problem:
            if problem.rest is None:
                raise
            wrong += problem.problems
            config = session.config = problem.rest  # so that the plugins' tables are looked at too
        place = config.path or session.home.config_file
        lines = locate(place.read_text(encoding="utf-8")) if config.plugins else {}
        for name in config.plugins:
            if name not in session.found:
                unknown = f"unknown plugin{hint(name, session.found)}"
                wrong.append(sentence(place, lines.get(f"plugins.{name}"), f"plugins.{name}", unknown))
        _ = session.loaded
        for name, outcome in sorted(session.failures.items()):
            about_table = outcome.reason.startswith(f"{place}:")
            wrong.append(outcome.reason if about_table else f"plugin {name}: {outcome.reason}")
        if wrong:
            raise Problem("\n".join(wrong))
        missing = " does not exist: the defaults are in force."
        click.echo(f"{place}{missing if config.path is None else ' is right.'}")


@config_command.command("show", short_help="The settings in force, as TOML.")
@click.pass_context
def show_command(ctx: click.Context) -> None:
    """Print the settings in force as TOML, defaults filled in, secrets masked."""
    import tomli_w

    from crampcoach.config import as_tables
    from crampcoach.loading import option_values

    with Session(ctx) as session:
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
