"""Starting the agent at login: a service of systemd, or a file in the folder that the desktop starts programs from.

One of the two, never both. A file that has not our mark in it is somebody else's and is left alone.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from crampcoach.model import Problem
from crampcoach.starting.launchers import (
    ANY_LOGIN,
    GRAPHICAL,
    LABEL,
    MARK,
    Program,
    desktop_text,
    plist_text,
    startup_text,
    unit_text,
)

Kind: TypeAlias = Literal["systemd", "xdg", "launchd", "startup"]

UNIT = "crampcoach.service"
#: Seconds that systemd is given to answer a question, and to carry something out.
ASK, ACT = 2.0, 20.0
#: Desktops that start what lies in the autostart folder. Under a bare window manager nobody reads it.
READS_FOLDER = {
    "budgie", "cinnamon", "cosmic", "dde", "deepin", "enlightenment", "gnome", "gnome-classic", "kde", "lxde", "lxqt",
    "mate", "pantheon", "trinity", "ukui", "unity", "x-cinnamon", "xfce",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """What is known of the computer, and how other programs are run there.

    `folder` is the person's home folder. `run(command, seconds)` gives the exit status, None where the program is not
    there or took too long, and what it said.
    """

    platform: str
    environ: Mapping[str, str]
    folder: Path
    run: Callable[[Sequence[str], float], tuple[int | None, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Autostart:
    """How things stand. `path` is the file that is, or would be, used.

    `current`: what is on starts this very crampcoach. `running`: whether systemd has it running; None where nobody
    knows.
    """

    kind: Kind
    path: Path
    on: bool
    current: bool = True
    running: bool | None = None

    @property
    def tested(self) -> bool:
        """Whether anybody has ever tried this on such a system."""
        return self.kind in ("systemd", "xdg")


def this_system() -> System:
    """The computer that this runs on. Raises Problem where nobody has a home folder."""
    try:
        folder = Path.home()
    except RuntimeError:
        raise Problem("this user has no home folder, so nothing can be started at login; set HOME") from None
    return System(platform=sys.platform, environ=os.environ, folder=folder, run=run_program)


def run_program(command: Sequence[str], seconds: float) -> tuple[int | None, str]:
    """Run a program to its end: its exit status, None if it is missing or too slow, and its output."""
    import subprocess

    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None, f"it took longer than {seconds:g} s"
    except (OSError, ValueError) as error:
        return None, str(error)
    return done.returncode, done.stdout.decode("utf-8", "replace").strip()


# --- questions -------------------------------------------------------------------------------------------------


def status(system: System, program: Program) -> Autostart:
    """Is it on? Raises Problem where a folder may not be read."""
    for kind, path in places(system):
        text = _read(path)
        if MARK in text and _is_on(kind, path, text):
            now = kind == "systemd" and system.run(["systemctl", "--user", "is-active", UNIT], ASK)
            running = None if not now or now[0] is None else now[1] == "active"
            current = _starting_lines(text) == _starting_lines(_text(kind, program))
            return Autostart(kind=kind, path=path, on=True, current=current, running=running)
    kind, _ = best_kind(system)
    return Autostart(kind=kind, path=dict(places(system))[kind], on=False)


def places(system: System) -> list[tuple[Kind, Path]]:
    """Every way of starting at login that this system has, with its file."""
    if system.platform == "darwin":
        return [("launchd", system.folder / "Library" / "LaunchAgents" / f"{LABEL}.plist")]
    if system.platform == "win32":
        roaming = Path(system.environ.get("APPDATA") or system.folder / "AppData" / "Roaming")
        return [("startup", roaming / "Microsoft/Windows/Start Menu/Programs/Startup" / "crampcoach.cmd")]
    settings = xdg_folder(system, "XDG_CONFIG_HOME", ".config")
    return [
        ("systemd", settings / "systemd" / "user" / UNIT),
        ("xdg", settings / "autostart" / "crampcoach.desktop"),
    ]


def xdg_folder(system: System, name: str, usual: str) -> Path:
    """A folder of the XDG base directories; one that is not absolute counts as not given."""
    given = Path(system.environ.get(name, ""))
    return given if given.is_absolute() else system.folder / usual


def best_kind(system: System) -> tuple[Kind, str]:
    """The way that works best here; for systemd also the target that starts it."""
    known = places(system)
    if len(known) == 1:
        return known[0][0], ""
    answered, text = system.run(["systemctl", "--user", "show-environment"], ASK)
    if answered != 0 or not _same_bus(text, system.environ.get("DBUS_SESSION_BUS_ADDRESS", "")):
        return "xdg", ""
    if system.run(["systemctl", "--user", "is-active", GRAPHICAL], ASK)[0] == 0:
        return "systemd", GRAPHICAL
    # Xfce, Cinnamon, LXQt and others start no such target. What their folder starts knows the display;
    # a service that any login starts would not, and its buttons could open no window.
    desktops = system.environ.get("XDG_CURRENT_DESKTOP", "").lower().split(":")
    return ("xdg", "") if READS_FOLDER & set(desktops) else ("systemd", ANY_LOGIN)


def _same_bus(environment: str, address: str) -> bool:
    """Whether systemd's services would talk to the bus of this desktop: they could show no message on another."""
    theirs = [
        line.partition("=")[2] for line in environment.splitlines() if line.startswith("DBUS_SESSION_BUS_ADDRESS=")
    ]
    return not address or not theirs or theirs[0].strip("$'").partition(",")[0] == address.partition(",")[0]


def _is_on(kind: Kind, path: Path, text: str) -> bool:
    if kind == "systemd":
        return any(link.is_symlink() for link in _links(path))
    # Settings programs of desktops switch an entry off inside the file.
    off = {"hidden=true", "x-gnome-autostart-enabled=false"}
    return kind != "xdg" or not off & {line.strip().lower() for line in text.splitlines()}


def _links(unit: Path) -> list[Path]:
    """Where systemd has its links to a unit that is started by itself; some may not be there."""
    return [folder / unit.name for folder in unit.parent.glob("*.wants")]


def _text(kind: Kind, program: Program, target: str = ANY_LOGIN) -> str:
    if kind == "systemd":
        return unit_text(program, target)
    return {"xdg": desktop_text, "launchd": plist_text, "startup": startup_text}[kind](program)


def _starting_lines(text: str) -> list[str]:
    """What a file starts, and with which home: desktops may add other lines."""
    lines = [line.strip() for line in text.splitlines()]
    return [line for line in lines if line.startswith(("Exec", "Environment", "<string>", "start ", "set "))]


# --- changes ---------------------------------------------------------------------------------------------------


def turn_on(system: System, program: Program, *, start: bool) -> Autostart:
    """Have the agent started at each login; with `start` also now, where systemd can do that. Raises Problem."""
    kind, target = best_kind(system)
    path = dict(places(system))[kind]
    write_ours(path, _text(kind, program, target))
    if kind == "systemd":
        _order(system, path, "daemon-reload")
        _order(system, path, "reenable", UNIT)  # also where an older file was wanted by another target
        if start:
            system.run(["systemctl", "--user", "reset-failed", UNIT], ACT)  # what failed too often is not started
            _order(system, path, "start", UNIT)
    for other, file in places(system):
        if other != kind and MARK in _read(file):
            _remove(system, other, file)
    return status(system, program)


def _order(system: System, path: Path, *words: str) -> None:
    done, said = system.run(["systemctl", "--user", *words], ACT)
    if done != 0:
        why = said.splitlines()[-1] if said else f"exit status {done}"
        raise Problem(f"{path} is written, but `systemctl --user {' '.join(words)}` failed: {why}")


def turn_off(system: System) -> list[Path]:
    """Have it started no more; the files that were removed. What runs goes on. Raises Problem."""
    removed = []
    for kind, path in places(system):
        text = _read(path)
        if MARK in text:
            _remove(system, kind, path)
            removed.append(path)
        elif text and _is_on(kind, path, text):
            raise foreign(path)
    return removed


def _remove(system: System, kind: Kind, path: Path) -> None:
    remove_ours(path)
    if kind == "systemd":
        for link in _links(path):
            link.unlink(missing_ok=True)
        system.run(["systemctl", "--user", "daemon-reload"], ACT)  # whether or not somebody is there to hear it


# --- files of ours, for the menu entry too ---------------------------------------------------------------------


def write_ours(path: Path, text: str) -> None:
    """Write a file whole, unless somebody else's is there. Raises Problem."""
    there = _read(path)
    if (there or path.is_symlink()) and MARK not in there:
        raise foreign(path)
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part.write_text(text, encoding="utf-8", newline="")
        part.chmod(0o644)
        part.replace(path)
    except OSError as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise Problem(f"cannot write {path}: {error.strerror or error}; put that right, then try again") from error


def remove_ours(path: Path) -> bool:
    """Remove a file; False if there is none. Raises Problem, for somebody else's file too."""
    if not (there := _read(path)):
        return False
    if MARK not in there:
        raise foreign(path)
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise Problem(f"cannot remove {path}: {error.strerror or error}; remove it yourself") from error
    return True


def foreign(path: Path) -> Problem:
    """The sentence for a file that somebody else made."""
    return Problem(f"{path} was not made by crampcoach and is left alone; move it away, then try again")


def _read(path: Path) -> str:
    """What stands there; empty for nothing. Raises Problem."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except OSError as error:
        raise Problem(f"cannot read {path}: {error.strerror or error}; put that right, then try again") from error
