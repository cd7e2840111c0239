"""Everything that is wrong with a config file, in the core's tables and in the plugins', each with its line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from crampcoach.cli.session import Session
from crampcoach.config import Config, ConfigProblem, by_line, locate, parse_config, sentence
from crampcoach.options import did_you_mean


def mistakes(session: Session, place: Path, text: str | None) -> list[str]:
    """What is wrong with a text as the file at `place`; None is no file. The session goes on with what is right in it.

    In the order of its lines. Then why plugins that are on cannot be loaded with it: those do not begin with the file.
    Raises ConfigProblem for what is no TOML.
    """
    wrong: list[str] = []
    try:
        config = Config() if text is None else parse_config(place, text)
    except ConfigProblem as problem:
        if problem.rest is None:
            raise
        wrong += problem.problems
        config = problem.rest
    session.config = config
    lines = locate(text or "")

    def say(key: str, what: str) -> None:
        line = lines.get(key) or lines.get(key.rpartition(".")[0])
        wrong.append(sentence(place, line, key, what))

    for name in config.plugins:
        if name not in session.found:
            say(f"plugins.{name}", f"unknown plugin{did_you_mean(name, session.found)}")
    notifiers = _notifiers(session)
    for name in config.notify.order:
        if name not in notifiers:
            say("notify.order", f"unknown notifier {name!r}{did_you_mean(name, notifiers)}")
    for name in sorted(session.on):
        schedules = dict(_wrong_schedules(name, config.table(name).schedule))
        for key, what in schedules.items():
            say(key, what)
        outcome = session.failures.get(name)
        # What a schedule's plugin says of it has no line.
        if outcome and not outcome.reason.endswith(tuple(schedules.values())):
            about_table = outcome.reason.startswith(f"{place}:")
            wrong += outcome.reason.splitlines() if about_table else [f"plugin {name}: {outcome.reason}"]
    return by_line(place, wrong)


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
