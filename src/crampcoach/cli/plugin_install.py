"""`plugins install` and `plugins uninstall`: packages with plugins, by pip, in crampcoach's own environment."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from crampcoach.cli.config_files import followed
from crampcoach.cli.pip_environment import (
    Package,
    check_environment,
    normal,
    note_on,
    packages_with_plugins,
    pip,
    this_environment,
)
from crampcoach.cli.printing import in_terminal, print_rows, print_wrapped
from crampcoach.cli.session import Session
from crampcoach.hookspecs import PROJECT
from crampcoach.model import Problem
from crampcoach.options import did_you_mean

if TYPE_CHECKING:
    from crampcoach.plugins import Found

#: What whoever installs one should know.
RIGHTS = (
    "A plugin runs with your rights: it can read, change and send whatever you can, your log too. "
    "Install only what you trust."
)


# --- install ---------------------------------------------------------------------------------------------------


@click.command("install", short_help="Install a package with plugins.")
@click.argument("packages", metavar="[PKG]...", nargs=-1, type=click.Path())
@click.option("-e", "--editable", multiple=True, metavar="FOLDER", help="A project of yours; changes count at once.")
@click.option("-U", "--upgrade", is_flag=True, help="Also where it is there, in an older version.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@click.pass_context
def install_command(
    ctx: click.Context, packages: tuple[str, ...], editable: tuple[str, ...], upgrade: bool, yes: bool
) -> None:
    """Install packages with plugins, by pip, in crampcoach's own environment, and say what plugins they add.

    PKG is the name of a package, or the path of a wheel or a project's folder. crampcoach itself is never changed. A
    plugin runs with your rights: install only what you trust.
    """
    wanted = [*(_package(one) for one in packages), *(_folder(one) for one in editable)]
    if not wanted:
        raise click.UsageError("name a package, or a folder with --editable", ctx)
    here = this_environment()
    check_environment(here, wanted)
    _agree(wanted, yes=yes)
    before = packages_with_plugins()
    click.echo(f"installing {', '.join(wanted)} ...")
    words = ["install", *(["--upgrade"] if upgrade else [])]
    for one in wanted[len(packages) :]:
        words += ["--editable", one]
    pip(here, [*words, "--", *wanted[: len(packages)]])
    after = packages_with_plugins()
    changed = {name for one in after.values() if one != before.get(normal(one.name)) for name in one.plugins}
    with Session(ctx) as session:
        if not changed:
            print_wrapped(f"It is installed, and brings no new plugin; {followed(session)}.")
            return
        _print_plugins(sorted(changed))
        print_wrapped(f"{followed(session)[:1].upper()}{followed(session)[1:]}.")
    if note := note_on(here):
        print_wrapped(f"{note[:1].upper()}{note[1:]}.")


def _package(what: str) -> str:
    """What pip is to install: a path in full, or a name. Raises Problem."""
    path = Path(what)
    if path.exists():
        return str(path.resolve())
    if what.startswith("-"):
        raise Problem(f"{what!r} is no package; options of pip are not taken here")
    if path.name != what or path.suffix == ".whl":
        if "://" not in what:
            raise Problem(f"there is no file or folder {path}")
        return what
    name = re.match(r"[\w.-]*", what)
    if name and normal(name[0]) == PROJECT:
        raise Problem("that is crampcoach itself, and is updated by what installed it, not from here")
    return what


def _folder(what: str) -> str:
    if not Path(what).is_dir():
        raise Problem(f"there is no folder {what}; --editable takes a project's folder")
    return str(Path(what).resolve())


def _agree(wanted: Sequence[str], *, yes: bool) -> None:
    """Have the person decide. Raises Problem or click.Abort."""
    print_wrapped(RIGHTS)
    if yes:
        return
    if not in_terminal(sys.stdin, sys.stdout):
        raise Problem("nothing was installed: there is no terminal here to ask in; --yes says that you trust it")
    if not click.confirm(f"Install {', '.join(wanted)}?", default=False):
        raise Problem("nothing was installed")


def _print_plugins(names: Iterable[str]) -> None:
    """Print what has come. A process of its own asks: this one may not see what an editable package brings."""
    command = [sys.executable, "-m", PROJECT, "plugins", "list", "--json"]
    said = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    try:
        found = {row["name"]: row for row in json.loads(said.stdout)}
    except ValueError:
        raise Problem("it is installed, but `crampcoach plugins` does not work any more; uninstall it again") from None
    rows: list[dict[str, Any]] = [
        {**found[name], "what": ": ".join(filter(None, [found[name]["origin"], found[name]["reason"]]))}
        for name in names
        if name in found
    ]
    print_rows(rows, as_json=False, columns=["name", "state", "what"], empty="It brings no plugin.")


# --- uninstall -------------------------------------------------------------------------------------------------


def _removable(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Plugins and packages that can be uninstalled."""
    found = {name: one for name, one in packages_with_plugins().items() if name != PROJECT}
    words = {*found, *(plugin for one in found.values() for plugin in one.plugins)}
    return [CompletionItem(word) for word in sorted(words) if word.startswith(incomplete)]


@click.command("uninstall", short_help="Uninstall a package with plugins.")
@click.argument("names", metavar="PKG...", nargs=-1, required=True, shell_complete=_removable)
@click.pass_context
def uninstall_command(ctx: click.Context, names: tuple[str, ...]) -> None:
    """Uninstall packages with plugins, by pip, from crampcoach's own environment.

    PKG is the name of a package, or of a plugin in one. What was logged stays, and so do the plugin's settings.
    """
    with Session(ctx) as session:
        known = packages_with_plugins()
        packages = {one.name: one for one in (_of(name, known, session.found) for name in names)}
        here = this_environment()
        check_environment(here, list(packages))
        pip(here, ["uninstall", "--yes", *packages])
        gone = sorted(plugin for one in packages.values() for plugin in one.plugins)
        them = f"with the plugin{'' if len(gone) == 1 else 's'} {', '.join(gone)}"
        print_wrapped(f"uninstalled {', '.join(packages)}, {them}; {followed(session)}")
        if left := [name for name in gone if name in session.config.plugins]:
            tables = ", ".join(f"[plugins.{name}]" for name in left)
            print_wrapped(f"{session.home.config_file} still has {tables}, which `config check` will name.")


def _of(name: str, known: Mapping[str, Package], plugins: Mapping[str, Found]) -> Package:
    """The package that is meant. Raises Problem."""
    if normal(name) == PROJECT:
        raise Problem("crampcoach itself is not uninstalled from here; what installed it does that")
    if normal(name) in known:
        return known[normal(name)]
    for one in known.values():
        if normal(name) in map(normal, one.plugins):
            if normal(one.name) == PROJECT:
                raise Problem(f"{name} is a part of crampcoach; switch it off: crampcoach plugins disable {name}")
            return one
    if (found := plugins.get(name)) and found.path:
        raise Problem(f"{name} is a file of yours; to be rid of it, remove {found.path}")
    words = [*(one for one in known if one != PROJECT), *(name for one in known.values() for name in one.plugins)]
    hint = did_you_mean(name, words)
    if "did you mean" in hint:
        raise Problem(f"there is no package with plugins {name!r}{hint}")
    python = quote(sys.executable)
    raise Problem(
        f"no package {name!r} with plugins is installed; to remove any other: {python} -m pip uninstall {name}"
    )
