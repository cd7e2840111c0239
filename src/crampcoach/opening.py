"""Starts a crampcoach command for a button such as "Open today": in a terminal window, where there is one."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from crampcoach.starting.launchers import this_program

#: Terminal programs that take a command after these words, best known first.
TERMINALS = (
    ("x-terminal-emulator", "-e"),
    ("gnome-terminal", "--"),
    ("konsole", "-e"),
    ("xfce4-terminal", "-x"),
    ("xterm", "-e"),
)


def terminal_command(configured: str, environ: Mapping[str, str] = os.environ) -> list[str] | None:
    """The words that open a command in a terminal window; None where there is no desktop or no terminal."""
    import shlex  # here and below: only the press of such a button needs these
    import shutil

    if configured:
        return shlex.split(configured)
    if not (environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY")):
        return None
    return next((list(words) for words in TERMINALS if shutil.which(words[0])), None)


def open_command(argv: Sequence[str], configured: str) -> bool:
    """Start `crampcoach ARGV` in a terminal window that stays open; False where that is not possible."""
    import shlex
    import subprocess

    terminal = terminal_command(configured)
    if terminal is None:
        return False
    command = shlex.join([*this_program().words, *argv])
    script = f'{command}; printf "\\nPress Enter to close."; read -r _'
    try:
        subprocess.Popen(
            [*terminal, "sh", "-c", script],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except (OSError, ValueError):
        return False
    return True
