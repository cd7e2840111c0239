"""`autostart on`, `off`, `status`: whether the agent starts when you log in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crampcoach.cli.printing import print_json, print_wrapped

if TYPE_CHECKING:
    from crampcoach.starting.autostart import Autostart

#: Who starts it, by kind.
BY = {
    "systemd": "systemd starts it",
    "xdg": "the desktop starts it",
    "launchd": "macOS starts it",
    "startup": "Windows starts it",
}
_json = click.option("--json", "as_json", is_flag=True, help="Print an object for programs.")


@click.group("autostart", invoke_without_command=True)
@_json
@click.pass_context
def autostart_command(ctx: click.Context, as_json: bool) -> None:
    """Start the agent at every login. Without a command: `autostart status`."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(status_command, as_json=as_json)


@autostart_command.command("on")
@_json
def on_command(as_json: bool) -> None:
    """Start the agent at every login, and now where that is possible.

    JSON: as `autostart status`.
    """
    from crampcoach.starting.autostart import this_system, turn_on
    from crampcoach.starting.launchers import this_program

    system, before = this_system(), running_agent()
    after = turn_on(system, this_program(), start=before is None)
    pid = before if before is not None or after.kind != "systemd" else wait_for_agent()
    if as_json:
        print_json(_facts(after, pid))
        return
    print_wrapped(f"On: crampcoach starts whenever you log in ({BY[after.kind]}).")
    print_wrapped(str(after.path), "file   ")
    if pid is not None:
        print_wrapped(f"{'it was running already' if pid == before else 'it is running'}{_process(pid)}", "now    ")
    elif after.kind == "systemd":
        print_wrapped("it did not start; to see why: crampcoach check", "now    ")
    else:
        print_wrapped("it starts at your next login; to start it now: crampcoach run", "now    ")
    for note in notes(after):
        print_wrapped(note, "note   ")


@autostart_command.command("off")
@_json
def off_command(as_json: bool) -> None:
    """Start the agent no more at login. One that is running goes on.

    JSON: as `autostart status`.
    """
    from crampcoach.starting.autostart import status, this_system, turn_off
    from crampcoach.starting.launchers import this_program

    system = this_system()
    before = status(system, this_program())
    removed = turn_off(system)
    pid = running_agent()
    if as_json:
        print_json(_facts(status(system, this_program()), pid))
        return
    click.echo("Off: crampcoach does not start when you log in." if removed else "It was off already.")
    for path in removed:
        print_wrapped(f"{path} (removed)", "file   ")
    if pid is not None:
        stop = "systemctl --user stop crampcoach" if before.running else f"kill {pid}" if pid else "log out"
        print_wrapped(f"it goes on running{_process(pid)}; to stop it: {stop}", "now    ")


@autostart_command.command("status")
@_json
def status_command(as_json: bool) -> None:
    """Does the agent start at login?

    JSON: on, kind (systemd, xdg, launchd, startup), path, current (it starts this very crampcoach), running, pid.
    """
    from crampcoach.starting.autostart import status, this_system
    from crampcoach.starting.launchers import this_program

    found, pid = status(this_system(), this_program()), running_agent()
    if as_json:
        print_json(_facts(found, pid))
        return
    off = "off; to have it start whenever you log in: crampcoach autostart on"
    print_wrapped(f"on ({BY[found.kind]})" if found.on else off, "login  ")
    if found.on:
        print_wrapped(str(found.path), "file   ")
    print_wrapped("not running" if pid is None else f"running{_process(pid)}", "now    ")
    for note in notes(found):
        print_wrapped(note, "note   ")


def notes(found: Autostart) -> list[str]:
    """What else the person should know."""
    said = []
    if not found.current:
        said.append("it starts another crampcoach, or another home; to have this one: crampcoach autostart on")
    if found.on and not found.tested:
        said.append("this is untested on this system: see after your next login whether it works")
    return said


def running_agent() -> int | None:
    """The process of the running agent (0 if unknown); None if none runs, or nobody may know."""
    from crampcoach import lock
    from crampcoach.home import find_home

    try:
        return lock.holder(find_home().lock_file)
    except OSError:
        return None


def wait_for_agent(seconds: float = 5.0) -> int | None:
    """The process of the agent that was started just now."""
    import time

    for _ in range(int(seconds / 0.1)):
        pid = running_agent()
        if pid is not None:
            return pid
        time.sleep(0.1)
    return None


def _process(pid: int) -> str:
    return f" (process {pid})" if pid else ""


def _facts(found: Autostart, pid: int | None) -> dict[str, Any]:
    path: Path = found.path
    return {
        "on": found.on,
        "kind": found.kind,
        "path": str(path),
        "current": found.current,
        "running": pid is not None,
        "pid": pid,
    }
