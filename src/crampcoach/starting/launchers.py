"""The files from which a system starts crampcoach: what they say, quoted as each of them wants it.

Pure texts, so that those of other systems can be tested too. MARK stands in each, and tells our files from files that
somebody else made.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from crampcoach.model import Problem

MARK = "X-crampcoach"
_MADE_BY = "made by `crampcoach autostart on`; `crampcoach autostart off` removes it"

#: The target of systemd's user manager that a desktop starts and stops with itself; not every desktop does.
GRAPHICAL = "graphical-session.target"
#: What any login starts.
ANY_LOGIN = "default.target"
#: macOS knows the agent by this name.
LABEL = "crampcoach.agent"

#: systemd takes these in arguments of a command but not in the program itself.
_ODD = frozenset("$\"'\\")
#: Control characters, line ends, bytes that are no UTF-8.
_UNSAYABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
#: What a menu entry's action may be called.
_ACTION = re.compile("[A-Za-z0-9-]+")
#: A menu entry's window closes when its command ends; this keeps it until the person has read it.
_STAY_OPEN = '"$0" "$@"; printf "\\nPress Enter to close."; read -r _'


@dataclass(frozen=True, slots=True)
class Program:
    """This crampcoach: the words that start it, without a command, and the CRAMPCOACH_HOME that it must be given."""

    words: tuple[str, ...]
    home: str | None = None


def this_program(executable: str = sys.executable, environ: Mapping[str, str] = os.environ) -> Program:
    """The program that is running. Raises Problem where Python does not know its own path."""
    if not executable:
        raise Problem("this Python does not know its own path, so nothing can start it; install crampcoach with pipx")
    home = environ.get("CRAMPCOACH_HOME")
    # -P: without it a file such as schedule.py in the folder where it is started would be taken for a library.
    words = (str(Path(executable).absolute()), "-P", "-m", "crampcoach")
    return Program(words, str(Path(home).expanduser().absolute()) if home else None)


def unit_text(program: Program, target: str = GRAPHICAL) -> str:
    """A service of systemd's user manager. Raises Problem for a path that it cannot hold."""
    words = [*program.words, "run"]
    if _ODD & set(words[0]):
        words = ["/usr/bin/env", *_for_env(words)]
    home = f"Environment={quote_for_unit(f'CRAMPCOACH_HOME={program.home}')}\n" if program.home else ""
    # It comes and goes with the desktop, which has then told systemd of the display.
    with_desktop = f"PartOf={target}\nAfter={target}\n" if target == GRAPHICAL else ""
    return f"""\
# {MARK}: {_MADE_BY}.
[Unit]
Description=crampcoach: reminders against leg cramps
{with_desktop}StartLimitIntervalSec=600
StartLimitBurst=5

[Service]
Type=exec
{home}ExecStart={" ".join(quote_for_unit(word).replace("$", "$$") for word in words)}
Restart=on-failure
RestartSec=10
SyslogIdentifier=crampcoach
UMask=0077

[Install]
WantedBy={target}
"""


def quote_for_unit(word: str) -> str:
    """A word of a setting of systemd. In command lines "$" is to be doubled too."""
    text = _sayable(word).replace("%", "%%").replace("\\", "\\\\").replace('"', '\\"')
    return text if text and not set(" '\"\\;") & set(text) else f'"{text}"'


def desktop_text(program: Program) -> str:
    """An entry for the autostart folder of a desktop. Raises Problem for a path that it cannot hold."""
    return f"""\
[Desktop Entry]
Type=Application
Name=crampcoach
Comment=Reminders against leg cramps
Exec={_exec_line(program, "run")}
Icon=crampcoach
Terminal=false
NoDisplay=true
StartupNotify=false
X-GNOME-Autostart-enabled=true
{MARK}={_MADE_BY}
"""


def menu_text(program: Program, commands: Sequence[str] = ()) -> str:
    """An entry of the applications menu, from which some more commands can be chosen.

    Raises Problem for a path that it cannot hold.
    """

    def in_window(command: str) -> str:
        return _exec_line(Program(("sh", "-c", _STAY_OPEN, *program.words), program.home), command)

    titles = {"now": "A cramp right now", **{name: name.capitalize() for name in commands if _ACTION.fullmatch(name)}}
    actions = [f"[Desktop Action {name}]\nName={title}\nExec={in_window(name)}\n" for name, title in titles.items()]
    return f"""\
[Desktop Entry]
Type=Application
Name=crampcoach
GenericName=Leg cramp reminders
Comment=How it is, and what comes next
Keywords=leg;calf;cramp;stretch;night;
Categories=Utility;
Exec={in_window("status")}
Icon=crampcoach
Terminal=true
StartupNotify=false
Actions={"".join(f"{name};" for name in titles)}
{MARK}=made by `crampcoach setup`

""" + "\n".join(actions)


def _exec_line(program: Program, command: str) -> str:
    words = [*program.words, command]
    if program.home or (_ODD | {"%"}) & set(words[0]):  # systemd starts desktop entries too
        home = [f"CRAMPCOACH_HOME={program.home}"] if program.home else []
        words = ["env", *home, *_for_env(words)]
    return " ".join(map(quote_for_desktop, words))


def quote_for_desktop(word: str) -> str:
    """A word of the Exec line of a desktop entry. Two rules, one after the other: the line's, then any value's."""
    text = _sayable(word).replace("%", "%%")
    if not text or set(" \"'\\><~|&;$*?#()`") & set(text):
        for special in '\\"`$':
            text = text.replace(special, f"\\{special}")
        text = f'"{text}"'
    return text.replace("\\", "\\\\")


def plist_text(program: Program) -> str:
    """A launch agent of macOS."""
    import plistlib

    words = [_sayable(word) for word in (*program.words, "run")]
    values = {
        "Label": LABEL,
        "ProgramArguments": words,
        "RunAtLoad": True,
        "KeepAlive": {"SuccessfulExit": False},
        "ThrottleInterval": 30,
        "ProcessType": "Background",
        "LimitLoadToSessionType": "Aqua",
        "Umask": 0o077,
        **({"EnvironmentVariables": {"CRAMPCOACH_HOME": _sayable(program.home)}} if program.home else {}),
    }
    text = plistlib.dumps(values, sort_keys=False).decode()
    return text.replace("<plist ", f"<!-- {MARK}: {_MADE_BY}. -->\n<plist ", 1)


def startup_text(program: Program) -> str:
    """A script for the Startup folder of Windows. A scheduled task cannot be given CRAMPCOACH_HOME."""
    # Without a console window of its own, and without waiting for it.
    python = program.words[0].removesuffix("python.exe")
    python += "" if python == program.words[0] else "pythonw.exe"
    words = [python, *program.words[1:], "run"]
    home = f'set "CRAMPCOACH_HOME={_for_batch(program.home)}"\n' if program.home else ""
    quoted = " ".join(f'"{_for_batch(word)}"' for word in words)
    return f'@echo off\nrem {MARK}: {_MADE_BY}.\nchcp 65001 >nul\n{home}start "" {quoted}\n'.replace("\n", "\r\n")


def _for_batch(word: str) -> str:
    if '"' in word:
        raise Problem(f"{word!r} has a quotation mark in it, which a Windows script cannot hold; use another folder")
    return _sayable(word).replace("%", "%%")


def _for_env(words: Sequence[str]) -> Sequence[str]:
    """The words of a command that `env` starts."""
    if "=" in words[0]:
        raise Problem(f"{words[0]} has a '=' in its path, so it cannot be started from there; use another folder")
    return words


def _sayable(word: str) -> str:
    """The word, unless no line of text can hold it. Raises Problem."""
    if _UNSAYABLE.search(word):
        raise Problem(f"{word!r} has characters in it that no settings file can hold; use another folder")
    return word
