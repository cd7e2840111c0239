"""What `check` looks at, one function for each thing; none of them makes or changes a file, or reads what is private.

A line that says `missing` also says how to mend it.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from crampcoach import __version__
from crampcoach.clock import Clock, zone_name
from crampcoach.home import Home
from crampcoach.model import Problem
from crampcoach.store.database import read_only

if TYPE_CHECKING:
    from crampcoach.cli.looking import Look

State: TypeAlias = Literal["ok", "note", "missing", "fact"]

#: A log for many years is smaller than this; with less room nothing can be saved safely.
LEAST_ROOM = 20_000_000
#: The agent makes a backup a day while it runs.
OLD_BACKUP_DAYS = 3
#: A clock that is outside of these years was never set.
YEARS = range(2025, 2100)


@dataclass(frozen=True, slots=True)
class Line:
    """One finding."""

    state: State
    what: str
    text: str


def guarded(what: str, probe: Callable[[], Iterator[Line]]) -> Iterator[Line]:
    """The lines of a probe. One that fails says so, and the others are still asked."""
    try:
        yield from probe()
    except Problem as problem:
        yield Line("missing", what, str(problem))
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        text = f"cannot be looked at ({where}{error.strerror or error}); run this as the user whose files these are"
        yield Line("missing", what, text)
    except Exception as error:  # noqa: BLE001 - whatever is broken, the rest is still of use
        yield Line("missing", what, f"cannot be looked at ({type(error).__name__}); please report this")


def versions() -> Iterator[Line]:
    """This program, and the Python it runs on."""
    python = ".".join(map(str, sys.version_info[:3]))
    yield Line("ok", "crampcoach", f"{__version__} on Python {python}")


def settings(look: Look) -> Iterator[Line]:
    """config.toml. What is wrong is counted, never quoted: values may be private."""
    path, wrong = look.home.config_file, len(look.problems)
    if look.config.path is None:
        yield Line("ok", "config", f"none yet, the defaults are in force ({path})")
        return
    closed = next((one for one in (path.parent, path) if not os.access(one, os.R_OK)), None)
    if closed:
        mend = f"run: chmod u+rwX {closed}" if _ours(closed) else "run crampcoach as the user whose it is"
        yield Line("missing", "config", f"{closed} cannot be read; {mend}")
        return
    if wrong:
        mistakes = "1 mistake" if wrong == 1 else f"{wrong} mistakes"
        yield Line("missing", "config", f"{mistakes} in {path}; to see what: crampcoach config check")
    else:
        yield Line("ok", "config", str(path))
    if _open_to_others(path.parent) and _open_to_others(path):
        yield Line("missing", "config", f"other users can read it; run: chmod 600 {path}")


def data_folder(home: Home) -> Iterator[Line]:
    """Where everything is kept: is it there, ours, private, and is there room?"""
    folder = home.data_dir
    if not folder.exists():
        nearest = next(one for one in folder.parents if one.exists())
        if os.access(nearest, os.W_OK | os.X_OK):
            yield Line("note", "data folder", f"not there yet; the first start makes it ({folder})")
        else:
            text = f"{folder} cannot be made; set CRAMPCOACH_HOME to a folder of your own"
            yield Line("missing", "data folder", text)
        return
    if not _ours(folder):
        text = f"{folder} belongs to somebody else; run crampcoach as its owner, or set CRAMPCOACH_HOME"
        yield Line("missing", "data folder", text)
        return
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        yield Line("missing", "data folder", f"nothing can be saved in {folder}; run: chmod u+rwx {folder}")
        return
    if _open_to_others(folder):
        yield Line("missing", "data folder", f"other users can look into it; run: chmod -R go= {folder}")
    free = shutil.disk_usage(folder).free
    if free < LEAST_ROOM:
        yield Line("missing", "data folder", f"only {size(free)} are free for {folder}; make room on that disk")
    else:
        yield Line("ok", "data folder", f"{folder}, {size(free)} free")


def _ours(path: Path) -> bool:
    return not hasattr(os, "getuid") or path.stat().st_uid == os.getuid()


def _open_to_others(path: Path) -> bool:
    return os.name == "posix" and bool(path.stat().st_mode & 0o077)


def databases(home: Home, now: datetime) -> Iterator[Line]:
    """Both files: sound, of this version, backed up?"""
    from crampcoach.store.backup import backups
    from crampcoach.store.schema import LOG, STATE

    for path, schema in ((home.log_db, LOG), (home.state_db, STATE)):
        kept = backups(home.backup_dir, schema)
        newest = f"the backup of {kept[0][0]:%Y-%m-%d %H:%M} UTC" if kept else ""
        if not path.exists():
            if kept:
                copy = kept[0][1]
                mend = f"crampcoach restore {copy.name}" if schema is LOG else f"copy {copy} to its place before that"
                text = f"gone; the next start makes an empty one; to bring its newest backup back: {mend}"
                yield Line("missing", path.name, text)
            else:
                yield Line("note", path.name, "not there yet; the first start makes it")
            continue
        version = len(schema.migrations)
        # Twice: an agent that begins to write in the middle of the first look makes a sound file look damaged.
        if _wrong_with(path, version, newest) and (wrong := _wrong_with(path, version, newest)):
            yield Line("missing", path.name, wrong)
            continue
        days = (now - kept[0][0]).days if kept else 0
        if days > OLD_BACKUP_DAYS:
            text = f"sound, but the newest backup is {days} days old; the agent makes one a day while it runs"
            yield Line("note", path.name, text)
        else:
            said = newest.replace("the backup of", "backed up") if kept else "no backup yet"
            yield Line("ok", path.name, f"sound, {size(path.stat().st_size)}, {said}")


def _wrong_with(path: Path, version: int, newest: str) -> str:
    """What is wrong with a database file; empty for nothing."""
    from crampcoach.store.database import APPLICATION_ID, sound

    instead = newest or "an empty one, as there is no backup,"
    damaged = f"damaged; `crampcoach run` keeps the damaged file and puts {instead} in its place"
    if not _ours(path):
        return f"{path} belongs to somebody else; run crampcoach as its owner"
    if not os.access(path, os.R_OK | os.W_OK):
        return f"{path} cannot be read and written; run: chmod 600 {path}"
    try:
        with closing(read_only(path)) as connection:
            owner, there = (
                connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")
            )
            if owner != APPLICATION_ID:
                return f"{path} is not crampcoach's own file; move it away, then start crampcoach"
            if there > version:
                return "written by a newer crampcoach; update this one"
            return "" if sound(connection) else damaged
    except sqlite3.OperationalError as error:
        return f"cannot be opened ({error}); see who owns {path.parent}, and whether that disk is whole"
    except sqlite3.DatabaseError:
        return damaged


def size(count: float) -> str:
    """Bytes as a person would say them."""
    units = ["bytes", "kB", "MB", "GB", "TB"]
    while count >= 1000 and len(units) > 1:
        count /= 1000
        del units[0]
    return f"{count:.0f} {units[0]}"


def running(home: Home) -> Iterator[Line]:
    """The agent."""
    from crampcoach import lock

    pid = lock.holder(home.lock_file)
    if pid is None:
        text = "not running; start it with `crampcoach run`, or at every login with `crampcoach autostart on`"
        yield Line("missing", "agent", text)
    else:
        yield Line("ok", "agent", f"running (process {pid})" if pid else "running")


def at_login() -> Iterator[Line]:
    """Autostart."""
    from crampcoach.cli.autostart import BY
    from crampcoach.starting.autostart import status, this_system
    from crampcoach.starting.launchers import this_program

    found = status(this_system(), this_program())
    if not found.on:
        yield Line("note", "autostart", "off; to have it start whenever you log in: crampcoach autostart on")
    elif not found.current:
        text = "on, but it starts another crampcoach or another home; for this one: crampcoach autostart on"
        yield Line("missing", "autostart", text)
    else:
        yield Line("ok", "autostart", f"on ({BY[found.kind]})")


def display(environ: Mapping[str, str]) -> Iterator[Line]:
    """Is there a screen for windows?"""
    if sys.platform in ("darwin", "win32"):
        yield Line("ok", "display", "the system's own")
    elif environ.get("WAYLAND_DISPLAY"):
        yield Line("ok", "display", f"Wayland ({environ['WAYLAND_DISPLAY']})")
    elif environ.get("DISPLAY"):
        yield Line("ok", "display", f"X11 ({environ['DISPLAY']})")
    else:
        yield Line("note", "display", "none here, so nothing can open a window; commands and the terminal work")


def terminal(look: Look, environ: Mapping[str, str]) -> Iterator[Line]:
    """Does a button such as "Start" find a terminal program?"""
    from crampcoach.opening import terminal_command

    given = look.config.notify.terminal
    words = terminal_command(given, environ)
    if words and shutil.which(words[0]):
        yield Line("ok", "buttons", f"{words[0]} opens what a button starts")
    elif words:
        text = f"there is no program {words[0]!r}; install it, or mend notify.terminal in config.toml"
        yield Line("missing", "buttons", text)
    elif environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"):
        text = "none was found for buttons to open; install one such as xterm, or set notify.terminal in config.toml"
        yield Line("missing", "buttons", text)
    else:
        yield Line("note", "buttons", "without a display buttons open nothing; type the command that they name")


def time_and_zone(clock: Clock) -> Iterator[Line]:
    """The clock: reminders are only as right as it is."""
    zone = clock.zone()
    now = clock.now().astimezone(zone)
    said = f"{now:%Y-%m-%d %H:%M}, {zone_name(zone, now)}"
    if now.year not in YEARS:
        text = f"the computer says {said}, which cannot be; set its date and time in the system settings"
        yield Line("missing", "clock", text)
    else:
        yield Line("ok", "clock", said)
