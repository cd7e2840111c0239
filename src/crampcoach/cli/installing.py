"""What `setup` puts in place on the computer: starting at login, the agent that runs now, the menu entry."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crampcoach.actions import Open
from crampcoach.cli import COMMANDS
from crampcoach.cli.autostart import notes, running_agent, wait_for_agent
from crampcoach.cli.printing import print_wrapped
from crampcoach.cli.questions import yes
from crampcoach.model import Problem

if TYPE_CHECKING:
    import subprocess

    from crampcoach.cli.session import Session
    from crampcoach.starting.autostart import Autostart
    from crampcoach.starting.launchers import Program

#: What a process of a desktop knows. Without any of these an agent could show nothing, and the one that the desktop
#: starts at the next login would find it running and go away.
DESKTOP = ("DISPLAY", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS")


def tried(step: Callable[[], object]) -> bool:
    """Take one step. One that fails says why and must not take the others with it."""
    try:
        step()
    except Problem as problem:
        for line in str(problem).splitlines():
            print_wrapped(f"not done: {line}", "  ")
        return False
    return True


def is_running() -> bool:
    """Whether an agent runs for this home."""
    return running_agent() is not None


def starts_at_login() -> bool:
    """Whether this very crampcoach does."""
    from crampcoach.starting.autostart import status, this_system
    from crampcoach.starting.launchers import this_program

    try:
        found = status(this_system(), this_program())
    except Problem:
        return False
    return found.on and found.current


# --- starting at login -----------------------------------------------------------------------------------------


def offer_autostart(*, ask: bool, start: bool) -> bool:
    """Have the agent started at login unless the person does not want it; with `start` also now. False: it failed."""
    return tried(lambda: _autostart(ask=ask, start=start))


def _autostart(*, ask: bool, start: bool) -> None:
    from crampcoach.starting.autostart import status, this_system, turn_off, turn_on
    from crampcoach.starting.launchers import this_program

    system, program = this_system(), this_program()
    before = status(system, program)
    why = "It does so now." if before.on else "Otherwise reminders come only while `crampcoach run` runs in a terminal."
    click.echo()
    if ask and not yes("Start crampcoach whenever you log in?", why):
        for path in turn_off(system) if before.on else ():
            _name("off; removed", path)
        return
    pid = running_agent()
    after = turn_on(system, program, start=start and pid is None)
    _name("starts at login", after.path)
    print_wrapped("it is running already" if pid is not None else _started(after, program, start=start), "  ")
    for note in notes(after):
        print_wrapped(note, "  ")


def _name(what: str, path: Path) -> None:
    """Say where something is. A path that is broken up into lines can be copied by nobody."""
    click.echo(f"  {what}:\n    {path}")


def _started(after: Autostart, program: Program, *, start: bool) -> str:
    """Start the agent where systemd has not done so; how that went."""
    if not start:
        return "not started now"
    if after.kind == "xdg" and not any(os.environ.get(name) for name in DESKTOP):
        return "not started now, for there is no desktop here to show messages on; it starts at your next login there"
    process = None if after.kind == "systemd" else _start(program)
    if wait_for_agent() is not None:
        return "it is running now"
    if process is not None and process.poll() is None:
        return "it is being started; `crampcoach status` says when it runs"
    return "it did not start; to see why: crampcoach run"


def _start(program: Program) -> subprocess.Popen[bytes] | None:
    """The agent as autostart will have it: of no terminal, in no folder of the moment, with no plugins left out."""
    import subprocess

    environ = {name: value for name, value in os.environ.items() if name != "CRAMPCOACH_PLUGINS"}
    if program.home:
        environ["CRAMPCOACH_HOME"] = program.home
    try:
        return subprocess.Popen(
            [*program.words, "run"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=Path.home(),
            env=environ,
            start_new_session=sys.platform != "win32",
        )
    except OSError:
        return None


# --- the menu --------------------------------------------------------------------------------------------------


def offer_menu(session: Session, *, ask: bool) -> bool:
    """Put an entry into the menu of programs unless the person does not want it. False: it failed."""
    if sys.platform in ("darwin", "win32"):
        return True  # menus work in another way there, and `setup` is not the place to regret it
    return tried(lambda: _menu(_opened_by_buttons(session), ask=ask))


def _opened_by_buttons(session: Session) -> list[str]:
    """The commands of plugins that a button of a reminder opens: what is a press away there is to be so in the menu."""
    buttons = [one for each in session.loaded.values() for plan in each.plan for one in plan.reminder.buttons()]
    words = {one.then.argv for one in buttons if isinstance(one.then, Open)}
    return sorted(name for name, *rest in words if not rest and name not in COMMANDS)


def _menu(commands: Sequence[str], *, ask: bool) -> None:
    from crampcoach.starting import menu
    from crampcoach.starting.autostart import this_system
    from crampcoach.starting.launchers import this_program

    system, program = this_system(), this_program()
    there = menu.is_installed(system, program, commands)
    why = "It is there now." if there else "There it shows how things stand, and helps in a cramp."
    click.echo()
    if not ask or yes("Put crampcoach into the menu of programs?", why):
        _name("menu entry", menu.install(system, program, commands))
    elif there:
        menu.remove(system)
        click.echo("  removed")
