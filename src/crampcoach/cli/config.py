"""`config path`, `config check`, `config show`: where the settings are, whether they are right, what is in force."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import click

from crampcoach.cli.session import Session
from crampcoach.model import Problem
from crampcoach.options import did_you_mean

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
    from crampcoach.config import ConfigProblem, locate, read_text, sentence

    with Session(ctx, strict=True) as session:
        session.poke()
        wrong: list[str] = []
        try:
            config = session.config
        except ConfigProblem as problem:
            if problem.rest is None:
                raise
            wrong += problem.problems
            config = session.config = problem.rest  # so that the plugins' tables are looked at too
        place = config.path or session.home.config_file
        lines = locate(read_text(place)) if config.path else {}

        def say(key: str, text: str) -> None:
            line = lines.get(key) or lines.get(key.rpartition(".")[0])
            wrong.append(sentence(place, line, key, text))

        for name in config.plugins:
            if name not in session.found:
                say(f"plugins.{name}", f"unknown plugin{did_you_mean(name, session.found)}")
        notifiers = _notifiers(session)
        for name in config.notify.order:
            if name not in notifiers:
                say("notify.order", f"unknown notifier {name!r}{did_you_mean(name, notifiers)}")
        for name in sorted(session.on):
            schedules = dict(_wrong_schedules(name, config.table(name).schedule))
            for key, text in schedules.items():
                say(key, text)
            outcome = session.failures.get(name)
            # What a schedule's plugin says of it has no line.
            if outcome and not outcome.reason.endswith(tuple(schedules.values())):
                about_table = outcome.reason.startswith(f"{place}:")
                wrong.append(outcome.reason if about_table else f"plugin {name}: {outcome.reason}")
        if wrong:
            raise Problem("\n".join(wrong))
        missing = " does not exist: the defaults are in force."
        click.echo(f"{place}{missing if config.path is None else ' is right.'}")


def _notifiers(session: Session) -> set[str]:
    """What may stand in the order. Of a plugin that is off or cannot be loaded only its name is known."""
    named = {one.name for loaded in session.loaded.values() for one in loaded.notifiers}
    quiet = {name for name in session.found if name not in session.loaded}
    # On another platform it may have some.
    return named | quiet | {name for name, loaded in session.loaded.items() if loaded.plugin.has("notifiers")}


def _wrong_schedules(plugin: str, given: str | Mapping[str, str] | None) -> Iterator[tuple[str, str]]:
    """The schedules of a plugin's table that mean nothing, by key. The plugin itself stops at its first mistake."""
    from crampcoach.recurrence import parse_schedule

    key = f"plugins.{plugin}.schedule"
    texts = {f"{key}.{name}": text for name, text in given.items()} if isinstance(given, Mapping) else {key: given}
    for key, text in texts.items():
        if isinstance(text, str):
            try:
                parse_schedule(text)
            except ValueError as error:
                yield key, str(error)


@config_command.command("show", short_help="The settings in force, as TOML.")
@click.pass_context
def show_command(ctx: click.Context) -> None:
    """Print the settings in force as TOML, defaults filled in, secrets masked."""
    import tomli_w

    from crampcoach.config import as_tables
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
