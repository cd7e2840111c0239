"""`check`: what works here, what is missing, and how to mend it. It changes nothing and shows no health data."""

from __future__ import annotations

import os
import platform
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path

import click

from crampcoach.cli import probing, probing_plugins
from crampcoach.cli.handed import handed
from crampcoach.cli.looking import Look, look
from crampcoach.cli.printing import json_option, print_json, print_wrapped
from crampcoach.cli.probing import Line, guarded
from crampcoach.cli.session import Session
from crampcoach.home import find_home
from crampcoach.model import Problem

#: The last words of a text for a helper.
NO_HEALTH_DATA = "contains no health data"


@click.command("check")
@click.option("--for-helper", is_flag=True, help="Print a text to send to somebody who helps you.")
@json_option
@click.pass_context
def check_command(ctx: click.Context, for_helper: bool, as_json: bool) -> None:
    """What works here, what is missing, how to mend it. It changes nothing.

    The exit status is 1 where something is missing. No line holds health data.

    JSON: what, state (ok, note, missing; with --for-helper also fact), text.
    """
    try:
        find_home()
    except RuntimeError:
        raise Problem("this user has no home folder; set CRAMPCOACH_HOME to a folder of your own") from None
    with Session(ctx):  # what plugins print is not to be among the lines
        lines = list(findings(ctx, os.environ))
    if for_helper:
        lines += environment(os.environ)
        hide, unnamed = nameless(os.environ), _without_own_plugins(find_home().plugin_dir)
        lines = [Line(one.state, unnamed(one.what), hide(unnamed(one.text))) for one in lines]
    if as_json:
        print_json([{"what": one.what, "state": one.state, "text": one.text} for one in lines])
    else:
        _print(lines, for_helper=for_helper)
    ctx.exit(int(any(one.state == "missing" for one in lines)))


def _print(lines: list[Line], *, for_helper: bool) -> None:
    wide = max(len(one.what) for one in lines)
    if for_helper:
        click.echo("--- crampcoach check, for a helper ---")
    for one in lines:
        head = f"{one.state:<8} {one.what:<{wide}}  "
        # In a mail each finding is to stay one line.
        click.echo(head + one.text) if for_helper else print_wrapped(one.text, head)
    if for_helper:
        click.echo(f"--- {NO_HEALTH_DATA}")
        return
    count = sum(one.state == "missing" for one in lines)
    several = "1 thing is" if count == 1 else f"{count} things are"
    click.echo(f"\n{several} missing; each line says how to mend it." if count else "\nEverything needed works.")


def findings(ctx: click.Context, environ: Mapping[str, str]) -> Iterator[Line]:
    """Every line, in the order in which a person would mend things."""
    home, clock = find_home(environ), handed(ctx).clock
    yield from guarded("crampcoach", probing.versions)
    taken: list[Look] = []
    yield from guarded("config", partial(_look, ctx, taken))
    yield from guarded("data folder", partial(probing.data_folder, home))
    yield from guarded("databases", partial(probing.databases, home, clock.now()))
    agent = list(guarded("agent", partial(probing.running, home)))
    yield from agent
    yield from guarded("autostart", probing.at_login)
    for found in taken:
        yield from guarded("messages", partial(probing_plugins.messages, found))
        runs = any(one.state == "ok" for one in agent)
        yield from guarded("plugins", partial(probing_plugins.plugins, found, agent_runs=runs))
        yield from guarded("buttons", partial(probing.terminal, found, environ))
    yield from guarded("display", partial(probing.display, environ))
    yield from guarded("clock", partial(probing.time_and_zone, clock))


def _look(ctx: click.Context, taken: list[Look]) -> Iterator[Line]:
    taken.append(look(ctx))
    yield from probing.settings(taken[0])


# --- for a helper ----------------------------------------------------------------------------------------------


def environment(environ: Mapping[str, str]) -> Iterator[Line]:
    """What a helper asks first: the system, the desktop, the versions of what crampcoach stands on."""
    yield Line("fact", "system", platform.platform())
    with suppress(OSError):
        yield Line("fact", "release", platform.freedesktop_os_release().get("PRETTY_NAME", "unknown"))
    desktop = [environ.get(name, "") for name in ("XDG_CURRENT_DESKTOP", "XDG_SESSION_TYPE")]
    yield Line("fact", "desktop", ", ".join(filter(None, desktop)) or "none")
    kind, known, _ = environ.get("DBUS_SESSION_BUS_ADDRESS", "").partition("=")
    yield Line("fact", "session bus", kind if known else "an address that is none" if kind else "none")
    who = "root" if hasattr(os, "getuid") and os.getuid() == 0 else "an ordinary user"
    yield Line("fact", "user", f"{who}{', over ssh' if environ.get('SSH_CONNECTION') else ''}")
    kept = "an environment of its own" if sys.prefix != sys.base_prefix else "the system's Python"
    yield Line("fact", "python", f"{sys.executable}, {kept}")
    language = environ.get("LC_ALL") or environ.get("LC_MESSAGES") or environ.get("LANG") or "none"
    yield Line("fact", "language", f"{language}, {getattr(sys.stdout, 'encoding', None)}")
    yield Line("fact", "packages", ", ".join(_packages()))


def _packages() -> Iterator[str]:
    from importlib import metadata
    from sqlite3 import sqlite_version

    yield f"SQLite {sqlite_version}"
    with suppress(metadata.PackageNotFoundError):
        for wanted in metadata.requires("crampcoach") or ():
            name = re.split(r"[^\w.-]", wanted, maxsplit=1)[0]
            try:
                yield f"{name} {metadata.version(name)}"
            except metadata.PackageNotFoundError:
                yield f"{name} -"


def _without_own_plugins(folder: Path) -> Callable[[str], str]:
    """Numbers the person's own plugins instead of naming them: a name such as "dialysis" would be health data."""
    from crampcoach.plugins import discover

    found: list[str] = []
    with suppress(OSError):
        found = [name for name, one in discover(folder).items() if one.origin == str(folder / f"{name}.py")]
    numbers = {name: f"OWN-PLUGIN-{number}" for number, name in enumerate(sorted(found), 1)}
    names = "|".join(map(re.escape, sorted(numbers, key=len, reverse=True)))
    where = re.compile(rf"(?<![\w-])(?:{names})(?![\w-])")

    def unnamed(text: str) -> str:
        return where.sub(lambda one: numbers[one[0]], text) if numbers else text

    return unnamed


def nameless(environ: Mapping[str, str]) -> Callable[[str], str]:
    """Hides who it is: the home folder becomes ~, the names of user and computer and the bus address go."""
    hidden: list[tuple[re.Pattern[str], str]] = []
    if bus := environ.get("DBUS_SESSION_BUS_ADDRESS"):
        hidden.append((re.compile(re.escape(bus)), "(bus)"))
    folders, names = set[str](), {environ.get(name, "") for name in ("USER", "LOGNAME", "USERNAME")}
    with suppress(RuntimeError):
        folders |= {str(Path.home()), str(Path.home().resolve())}
    if os.name == "posix":
        import pwd

        with suppress(KeyError):
            names.add(pwd.getpwuid(os.getuid()).pw_name)
            folders.add(pwd.getpwuid(os.getuid()).pw_dir)
    hidden += [(re.compile(rf"{re.escape(one)}(?![\w.-])"), "~") for one in sorted(folders - {"/", ""}, reverse=True)]
    names |= {Path(one).name for one in folders}
    for name in sorted(names - {"", "root"}, key=len, reverse=True):
        # A name of one or two letters is looked for in paths only: as a word it could be any.
        before, after = ("(?<![^/\\\\])", "(?![^/\\\\])") if len(name) < 3 else (r"(?<![^\W_])", r"(?![^\W_])")
        hidden.append((re.compile(before + re.escape(name) + after), "USER"))
    if host := platform.node():
        hidden.append((re.compile(rf"(?<![\w.-]){re.escape(host)}(?![\w-])"), "HOST"))

    def hide(text: str) -> str:
        for pattern, instead in hidden:
            text = pattern.sub(instead, text)
        return text

    return hide
