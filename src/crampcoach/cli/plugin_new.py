"""`plugins new`: a plugin to begin with and its test, in the plugin folder or as a package; nothing is overwritten."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

import click

from crampcoach.checks import check_name
from crampcoach.cli.config_files import followed
from crampcoach.cli.plugin_scaffold import NOMINAL, file_of_test, module_name, package_files, plugin_file
from crampcoach.cli.printing import print_wrapped, when
from crampcoach.cli.session import Session
from crampcoach.model import Problem

if TYPE_CHECKING:
    from crampcoach.cli.offers import Offer
    from crampcoach.plugins import Found

#: So long from now the reminder of a new plugin comes: enough to read what is printed.
SOON = timedelta(minutes=2)
#: What to type to see what a plugin does.
_SEE = {
    "reminder": ("crampcoach try {name}", "shows its message now; nothing is stored"),
    "explainer": ("crampcoach explain {name}", "what it explains"),
    "exporter": ("crampcoach export {name} -o -", "what you have logged, in its format"),
    "notifier": ("crampcoach config edit", 'name it first to be asked first: [notify] order = ["{name}", ...]'),
    "command": ("crampcoach {name}", "runs it"),
}


@click.command("new", short_help="Write a plugin to begin with, and its test.")
@click.argument("name")
@click.option("--reminder", "purpose", flag_value="reminder", help="It reminds of something and logs it (the default).")
@click.option("--explainer", "purpose", flag_value="explainer", help="It explains a cause or a measure.")
@click.option("--exporter", "purpose", flag_value="exporter", help="It writes what was logged in a format.")
@click.option("--notifier", "purpose", flag_value="notifier", help="It puts messages in front of you.")
@click.option("--command", "purpose", flag_value="command", help="It adds a command.")
@click.option(
    "--package", is_flag=False, flag_value="", metavar="[FOLDER]",
    help="Write a project that can be published instead, into FOLDER (else crampcoach-NAME here).",
)  # fmt: skip
@click.pass_context
def new_command(ctx: click.Context, name: str, purpose: str | None, package: str | None) -> None:
    """Write a plugin to begin with and a test beside it. Both run as they stand.

    It is one file in your plugin folder, in use at once, also by an agent that runs. Nothing is ever overwritten. A
    plugin runs with your rights: paste in only what you understand.
    """
    purpose = purpose or "reminder"
    with Session(ctx) as session:
        if package is None:
            _check_name(name, session.found)
            _check_free(ctx, session, purpose, name)
            _write_file(ctx, session, purpose, name)
        else:
            _check_name(name, _installed())
            _check_free(ctx, session, purpose, name)
            one = session.found.get(name)
            _write_package(Path(package or f"crampcoach-{name}"), purpose, name, one.path if one else None)


# --- names -----------------------------------------------------------------------------------------------------


def _installed() -> Mapping[str, Found]:
    """Plugins that are packages: a file of the same name may be what is to become one."""
    from crampcoach.cli.looking import NOWHERE
    from crampcoach.plugins import discover

    return discover(NOWHERE)


def _check_name(name: str, found: Mapping[str, Found]) -> None:
    """Raises Problem where a plugin cannot be called so."""
    try:
        check_name("a plugin cannot be called", name)
    except ValueError as error:
        raise Problem(str(error)) from None
    if name.startswith("test_") or name == "conftest":
        raise Problem(f"a file {name}.py is taken for tests and not for a plugin; choose another name")
    if one := found.get(name):
        there = f"there is a plugin {name!r} already ({one.origin})"
        takes_place = "" if one.path else ", for a file of that name would take its place"
        raise Problem(f"{there}; choose another name{takes_place}")
    for module in (name, module_name(name)):
        # pytest puts the folder of a test before all others.
        if importlib.util.find_spec(module):
            raise Problem(f"{module!r} is a Python module, and tests would find one for the other; choose another name")


def _check_free(ctx: click.Context, session: Session, purpose: str, name: str) -> None:
    """Raises Problem where something else has the name of what the plugin would offer."""
    if taken := next(_taken(ctx, session, purpose, name), None):
        raise Problem(f"there is {taken} already, and only one can have the name; choose another")


def _taken(ctx: click.Context, session: Session, purpose: str, name: str) -> Iterator[str]:
    """What a file of that very name offers is not taken: the package takes its place."""
    from crampcoach.cli import COMMANDS
    from crampcoach.cli.offers import offers_of
    from crampcoach.cli.plugin_facts import hooks_of_commands
    from crampcoach.loading import known_kinds

    if purpose == "reminder" and name in known_kinds(one for one in session.advisers.values() if one.name != name):
        yield f"a kind of entry {name!r}"
    if purpose == "notifier":
        others = [loaded for loaded in session.loaded.values() if loaded.name != name]
        notifiers = {one.name: loaded.name for loaded in others for one in loaded.notifiers}
        if name in notifiers:
            yield f"a notifier {name!r} of plugin {notifiers[name]}"
    if (hook := f"{purpose}s") in hooks_of_commands():
        if purpose == "command" and name in COMMANDS:
            yield f"a command {name!r}"
        offers: Mapping[str, Offer[Any]] = offers_of(session, hook, hooks_of_commands()[hook])
        if name in offers and offers[name].loaded.name != name:
            article = "an" if purpose[0] in "aeiou" else "a"
            yield f"{article} {purpose} {name!r} of plugin {offers[name].loaded.name}"


# --- one file --------------------------------------------------------------------------------------------------


def _write_file(ctx: click.Context, session: Session, purpose: str, name: str) -> None:
    from crampcoach.config_edit import replace_bytes

    at = _soon(session) if purpose == "reminder" else NOMINAL
    folder = session.home.plugin_dir
    plugin, test = folder / f"{name}.py", folder / f"test_{name}.py"
    for path in (plugin, test):
        if path.exists():
            raise Problem(f"{path} is there already; choose another name, or move it away")
    # The test first: once the plugin is there, the agent may look.
    for path, text in ((test, file_of_test(purpose, name)), (plugin, plugin_file(purpose, name, at))):
        if not replace_bytes(path, None, text.encode()):
            raise Problem(f"{path} has only just been made by something else and is left alone; try again")
    click.echo(f"wrote {plugin}\n      {test}")
    with Session(ctx) as after:
        print_wrapped(f"{_state(after, name)}; {followed(after)}")
    click.echo()
    _print_steps(
        [
            _see(purpose, name),
            (f"crampcoach plugins check {name}", "after you have changed it: what is wrong, with its line"),
            (f"crampcoach plugins show {name}", "what crampcoach makes of it"),
            (f"{quote(sys.executable)} -m pytest {quote(str(test))}", "runs its test"),
        ]
    )


def _soon(session: Session) -> str:
    """A time at which the person may still see the reminder come; later in the day where it would be quiet."""
    from crampcoach.clock import to_wall

    hours, wall = session.config.hours, to_wall(session.now, session.zone)
    soon = wall + SOON
    quiet = session.config.quiet.enabled and soon >= hours.anchor(hours.day_of(wall), "bed")
    return NOMINAL if quiet else f"{soon:%H:%M}"


def _state(session: Session, name: str) -> str:
    """What has become of the new plugin."""
    if name not in session.on:
        config = session.config.table(name).enabled
        how = "CRAMPCOACH_PLUGINS or --no-plugins leaves it out" if config else f"crampcoach plugins enable {name}"
        return f"{name} is off: {how}"
    session.loaded = session.load(name)
    if name in session.failures:
        return f"{name} cannot be used: {session.failures[name].reason}"
    from crampcoach.cli.coming import coming

    ahead = coming(session, session.loaded[name].plan)
    comes = f", and {ahead[0][1]} comes {when(ahead[0][0].astimezone(session.zone), session.now)}" if ahead else ""
    return f"{name} is on{comes}"


# --- a package -------------------------------------------------------------------------------------------------


def _write_package(folder: Path, purpose: str, name: str, file: Path | None) -> None:
    """`file` is what the plugin is at present."""
    texts = {folder / path: text for path, text in package_files(purpose, name).items()}
    for path in texts:
        if path.exists():
            raise Problem(f"{path} is there already; name another folder: --package FOLDER")
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as project:
            project.write(text)
    click.echo("wrote " + "\n      ".join(map(str, texts)))
    click.echo()
    main = folder / "src" / module_name(name) / "__init__.py"
    move = f"mv {quote(str(file))} {quote(str(main))}"
    why = "puts yours into it: a file in the plugin folder takes the place of a package of that name"
    _print_steps(
        [
            *([(move, why)] if file else ()),
            (
                f"crampcoach plugins install --editable {quote(str(folder))}",
                "puts it into use; your changes count at once",
            ),
            _see(purpose, name),
            (f"crampcoach plugins check {name}", "after you have changed it: what is wrong, with its line"),
            (f"{quote(sys.executable)} -m pytest {quote(str(folder))}", "runs its test"),
        ]
    )


def _see(purpose: str, name: str) -> tuple[str, str]:
    command, what = (text.replace("{name}", name) for text in _SEE[purpose])
    return command, what


def _print_steps(steps: list[tuple[str, str]]) -> None:
    """What to type next, to be copied: no line of it is broken up."""
    if importlib.util.find_spec("pytest") is None:
        steps.insert(-1, (f"{quote(sys.executable)} -m pip install pytest", "once, for tests"))
    click.echo("Next, change what its comments say, and:")
    for command, what in steps:
        click.echo(f"  {command}\n      {what}")
