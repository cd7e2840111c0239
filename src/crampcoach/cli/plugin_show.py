"""`plugins show`: everything about one plugin, as it is at this moment."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from crampcoach.cli.coming import coming, silent
from crampcoach.cli.completion import plugin_names
from crampcoach.cli.config import masked
from crampcoach.cli.plugin_facts import facts, failure, given_by, need_plugin, noted_failures
from crampcoach.cli.printing import print_json, print_wrapped, when
from crampcoach.cli.session import Session
from crampcoach.options import default_of, document

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crampcoach.loading import Loaded
    from crampcoach.planner import Planned

#: What stands before the names of what a plugin offers.
_OFFERS = {
    "kinds": "kinds",
    "notifiers": "notifier",
    "commands": "commands",
    "explainers": "explains",
    "exporters": "exports",
    "importers": "imports",
}


@click.command("show", short_help="Everything about one plugin.")
@click.argument("name", shell_complete=plugin_names)
@click.option("--json", "as_json", is_flag=True, help="Print an object for programs.")
@click.pass_context
def show_command(ctx: click.Context, name: str, as_json: bool) -> None:
    """Everything about one plugin: options, reminders with their next times, failures with tracebacks.

    JSON: as `plugins list`, and about (what it says of itself), api (the version it says it was written for), hooks,
    options {name: value}, defaults {name: value}, configured (the options that config.toml sets), schedules
    {reminder: schedule}, next {reminder: time}, held {reminder: why it does not come}, quiet_times [{start, end, why}],
    offers {kinds, notifiers, commands, explainers, exporters, importers: names}, failures [{at, reason, traceback}].
    """
    with Session(ctx) as session:
        session.poke()
        need_plugin(session, name)
        shown = _everything(session, name)
        if as_json:
            print_json(shown)
        else:
            _print(session, shown)


def _everything(session: Session, name: str) -> dict[str, Any]:
    from crampcoach.loading import active, option_values

    found, loaded = facts(session, name), session.loaded.get(name)
    failures = noted_failures(session, name)
    if loaded is None:
        tables = {key: dict[str, Any]() for key in ("options", "defaults", "schedules", "next", "held")}
        lists = dict.fromkeys(("hooks", "configured", "quiet_times"), ())
        nothing = dict.fromkeys(_OFFERS, ())
        return {**found, "about": "", "api": None, **tables, **lists, "offers": nothing, "failures": failures}
    given, wrong = given_by(session, loaded)
    failures = [*(failure(session, outcome) for outcome in wrong), *failures]
    offers = {"kinds": loaded.kinds, "notifiers": loaded.notifiers, **given}
    kept, plan = offers.pop("quiet_times", ()), active(loaded.plan)
    options = document(loaded.options_type) if loaded.options_type else []
    return {
        **found,
        "about": (loaded.plugin.module.__doc__ or "").strip().partition("\n")[0],
        "api": getattr(loaded.plugin.module, "api", None),
        "hooks": sorted(loaded.plugin.hooks),
        "options": masked(option_values(loaded)),
        "defaults": masked({one.name: default_of(one) for one, _, _ in options}),
        "configured": [one.name for one, _, _ in options if one.name in loaded.table.raw],
        "schedules": {planned.name: planned.rule.text for planned in loaded.plan},
        "next": {one: due.astimezone(session.zone) for due, one in reversed(coming(session, plan))},
        "held": silent(session, plan),
        "quiet_times": [{"start": one.start, "end": one.end, "why": one.why} for one in kept],
        "offers": {hook: sorted(one.name for one in offers.get(hook, ())) for hook in _OFFERS},
        "failures": failures,
    }


def _print(session: Session, shown: dict[str, Any]) -> None:
    name, now = shown["name"], session.now
    loaded = session.loaded.get(name)
    reason = f": {shown['reason']}" if shown["reason"] else ""
    print_wrapped(f"{name} is {shown['state']}{reason}")
    if shown["remedy"]:
        print_wrapped(shown["remedy"], "  to do     ")
    if shown["about"]:
        print_wrapped(shown["about"], "  about     ")
    written_for = f"for API {shown['api']}" if shown["api"] is not None else ""
    version = "" if shown["origin"].endswith(f" {shown['version']}") else shown["version"]
    print_wrapped(" ".join(filter(None, [shown["origin"], version, written_for])), "  from      ")
    print_wrapped(", ".join(shown["hooks"]) or "none", "  hooks     ")
    for hook, label in _OFFERS.items():
        if names := shown["offers"].get(hook):
            print_wrapped(", ".join(names), f"  {label:<8}  ")
    for line in _options(loaded, shown) if loaded else ():
        print_wrapped(line, "  option    ")
    for planned in loaded.plan if loaded else ():
        print_wrapped(_reminder(session, planned, shown), "  reminder  ")
    for one in shown["quiet_times"]:
        start, end = (one[key].astimezone(session.zone) for key in ("start", "end"))
        print_wrapped(f"{when(start, now)} to {when(end, now)}: {one['why']}", "  quiet     ")
    for one in shown["failures"]:
        print_wrapped(f"{when(one['at'], now)}: {one['reason']}", "  failed    ")
        for line in one["traceback"].splitlines():
            click.echo(f"    {line}")


def _options(loaded: Loaded, shown: dict[str, Any]) -> Iterator[str]:
    for one, description, accepted in document(loaded.options_type) if loaded.options_type else ():
        value, default = (
            json.dumps(shown[key][one.name], ensure_ascii=False, default=str) for key in ("options", "defaults")
        )
        whence = f"from config.toml, the default is {default}" if one.name in shown["configured"] else "the default"
        yield f"{one.name} = {value}  # {f'{description} ({accepted})'.strip()}; {whence}"


def _reminder(session: Session, planned: Planned, shown: dict[str, Any]) -> str:
    from crampcoach.recurrence import After

    at = shown["next"].get(planned.name)
    # What comes after an answer has no time of its own.
    waits = shown["held"].get(planned.name, "" if isinstance(planned.rule.when, After) else "not in the next days")
    said = f"next {when(at, session.now)}" if at else waits if planned.reminder.active else "not at present"
    by_config = "" if planned.rule.text == planned.reminder.schedule else "by config.toml"
    return "; ".join(filter(None, [f"{planned.name}: {planned.rule.text}", by_config, said]))
