"""The entry in the applications menu, with an icon of our own. Notification servers find name and icon there too."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources
from pathlib import Path

from crampcoach.model import Problem
from crampcoach.starting.autostart import System, remove_ours, write_ours, xdg_folder
from crampcoach.starting.launchers import Program, menu_text


def entry_files(system: System) -> tuple[Path, Path]:
    """The menu entry and its icon. Raises Problem where menus work in another way."""
    if system.platform in ("darwin", "win32"):
        raise Problem("crampcoach has no menu entry on this system yet; type `crampcoach status` in a terminal instead")
    shared = xdg_folder(system, "XDG_DATA_HOME", ".local/share")
    icon = shared / "icons" / "hicolor" / "scalable" / "apps" / "crampcoach.svg"
    return shared / "applications" / "crampcoach.desktop", icon


def is_installed(system: System, program: Program, commands: Sequence[str] = ()) -> bool:
    """Whether the entry is there and opens this very crampcoach and these of its commands."""
    entry, icon = entry_files(system)
    try:
        return icon.is_file() and entry.read_text(encoding="utf-8") == menu_text(program, commands)
    except (OSError, ValueError):
        return False


def install(system: System, program: Program, commands: Sequence[str] = ()) -> Path:
    """Make the entry and its icon, or make them anew; the entry's file. Raises Problem."""
    entry, icon = entry_files(system)
    text = menu_text(program, commands)
    write_ours(icon, icon_text())  # first, so that a menu that looks at once finds it
    write_ours(entry, text)
    return entry


def remove(system: System) -> bool:
    """Remove both; False if there was no entry. Raises Problem."""
    entry, icon = entry_files(system)
    removed = remove_ours(entry)
    remove_ours(icon)
    return removed


def icon_text() -> str:
    """The icon, as SVG."""
    return resources.files("crampcoach").joinpath("icon.svg").read_text(encoding="utf-8")
