"""The person's own editor, on a private draft that outlives whatever happens to the editor or to crampcoach."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crampcoach.cli.drafts import discard, draft, folder, keep
from crampcoach.clock import SystemClock
from crampcoach.model import Problem

if TYPE_CHECKING:
    from crampcoach.home import Home

__all__ = ["discard", "draft", "edited", "editor_named", "editor_words"]

#: Tried in turn where neither VISUAL nor EDITOR names one.
USUAL = ("editor", "nano", "vim", "vi", "notepad")
#: Editors with a window of their own, which return at once unless they are told to wait.
WAITS = {
    **dict.fromkeys(("code", "code-insiders", "codium", "cursor", "subl", "zed", "atom", "bbedit", "mate"), "--wait"),
    **dict.fromkeys(("gedit", "xed", "pluma"), "--wait"),
    **dict.fromkeys(("kate", "kwrite"), "--block"),
    **dict.fromkeys(("gvim", "mvim"), "--nofork"),
    "gnome-text-editor": "--standalone",
    "mousepad": "--disable-server",
}
_VIM = ("vim", "nvim", "vim.basic", "vim.tiny", "vim.nox", "gvim", "mvim", "vim.gtk3")
#: Whatever the person's own settings say: swap file, backup and history of this text lie beside it or nowhere.
_PRIVATE_VIM = (
    *("-i", "NONE", "--cmd"),
    "autocmd BufReadPre,BufNewFile * set directory=. backupdir=. undodir=. nobackup noundofile noswapfile swapfile",
)
#: These never return before they are closed.
_STAY = (*_VIM, "vi", "nano", "emacs", "micro", "hx", "joe", "jmacs", "mcedit", "ne", "ed")
#: `+7` has these begin in the seventh line.
_AT_LINE = (*_VIM, "nvi", "nano", "emacs", "emacs-gtk", "emacs-nox", "micro", "mg")
#: An editor not in `_STAY` that has gone so soon, in seconds, without a change may have a window of its own.
AT_ONCE = 2.0


def edited(home: Home, name: str, text: str, suffix: str = ".txt") -> str:
    """Open a text in the person's editor, on the draft `name`; what they made of it.

    The draft stays until `discard`, which is due once the text is safely saved. Raises Problem where the editor fails,
    is killed, or leaves what is no text; what was written is then kept, and the sentence names the file.
    """
    words = editor_words()
    resumed = draft(home, name) is not None
    # Editors end the last line; that is no part of what was written.
    ended = text if not text or text.endswith("\n") else f"{text}\n"
    file = keep(home, name, ended, suffix)
    before = file.read_bytes()
    try:
        last = ended.count("\n") or 1
        at = [f"+{last}"] if _names(words[0])[1] in _AT_LINE else []
        _run([*words, *at, str(file)], file, before)
        return _read(file, text)
    except Problem as problem:
        if not file.exists():
            keep(home, name, ended, suffix)
        beside = [one for one in folder(home, name).iterdir() if one != file]
        if resumed or beside or file.read_bytes() != before:
            raise Problem(f"{problem}; what you wrote is kept in {file}") from None
        discard(home, name)
        raise Problem(f"{problem}; nothing was changed") from None


def editor_named(environ: Mapping[str, str] = os.environ) -> str:
    """The editor's command as it was named, there or not; else one that was found; empty for none."""
    return _named(environ) or next(filter(None, map(shutil.which, USUAL)), "")


def _named(environ: Mapping[str, str]) -> str:
    return environ.get("VISUAL", "").strip() or environ.get("EDITOR", "").strip()


def editor_words(environ: Mapping[str, str] = os.environ) -> list[str]:
    """The command line of the person's editor, to be followed by a file. Raises Problem."""
    if named := _named(environ):
        try:
            words = shlex.split(named, posix=os.name != "nt")
        except ValueError as error:
            raise Problem(f"EDITOR is {named!r}, which cannot be read ({error}); write the name of an editor") from None
        program = shutil.which(str(Path(words[0]).expanduser())) if words else None
        if program is None:
            raise Problem(f"there is no editor {named!r}: set EDITOR to the name of an editor that you have")
    else:
        program = editor_named({})
        if not program:
            raise Problem("no editor was found: set EDITOR to the name of one")
        words = [program]
    names = _names(program)
    private = _PRIVATE_VIM if any(name in _VIM for name in names) else ()
    return [program, *words[1:], *_said_to_wait(names[0], words[1:]), *private]


def _names(program: str) -> tuple[str, str]:
    """What it is called, and what that stands for: "editor" and "vi" are links to the one chosen for the machine."""
    return Path(program).name.removesuffix(".exe"), Path(os.path.realpath(program)).name


def _said_to_wait(name: str, given: Sequence[str]) -> list[str]:
    flag = WAITS.get(name)
    short = {"--wait": "-w", "--nofork": "-f", "--block": "-b"}.get(flag or "", "")
    return [flag] if flag and flag not in given and short not in given else []


def _run(command: Sequence[str], file: Path, before: bytes) -> None:
    """Until the person has closed the editor. Raises Problem when it ends badly."""
    clock, name = SystemClock(), Path(command[0]).name
    begun = clock.monotonic()
    # Private also where it writes more than the file, and its own temporary files lie with the draft.
    more = {"umask": 0o077} if os.name != "nt" else {}
    environment = {**os.environ, "TMPDIR": str(file.parent)} if name in _VIM or "--cmd" in command else None
    with _terminal_put_back() as put_back:
        try:
            process = subprocess.Popen(command, env=environment, **more)  # type: ignore[call-overload]
        except OSError as error:
            raise Problem(f"the editor {command[0]} cannot be started: {error.strerror}") from None
        status = process.wait()
        if status < 0:
            put_back()
    if status < 0:
        raise Problem(f"the editor {name} was killed ({signal.Signals(-status).name})")
    if status:
        raise Problem(f"the editor {name} ended with status {status}")
    stays = any(one in _STAY for one in _names(command[0]))
    asks = not stays and sys.stdin is not None and sys.stdin.isatty()
    if asks and clock.monotonic() - begun < AT_ONCE and file.exists() and file.read_bytes() == before:
        click.echo("The editor was closed at once. If it has a window of its own, save there first.", err=True)
        click.prompt("Then press Enter", default="", show_default=False, prompt_suffix=" ", err=True)


@contextmanager
def _terminal_put_back() -> Iterator[Callable[[], None]]:
    """Ctrl+C is the editor's while it runs, and a terminal that it left in disorder is set right."""
    handlers = {}
    saved = None
    if os.name != "nt":
        import termios

        with suppress(termios.error, OSError, ValueError, AttributeError):
            saved = termios.tcgetattr(sys.stdin.fileno())

    def put_back() -> None:
        if saved is not None:
            with suppress(termios.error, OSError):
                termios.tcsetattr(sys.stdin.fileno(), termios.TCSANOW, saved)
                os.write(sys.stdin.fileno(), b"\x1b[?1049l\x1b[?2004l\x1b[?25h\x1b[0m\r\n")

    try:
        for name in ("SIGINT", "SIGQUIT"):
            if hasattr(signal, name):
                # Not SIG_IGN, which the editor would inherit.
                number = getattr(signal, name)
                handlers[number] = signal.signal(number, lambda *_: None)
        yield put_back
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


def _read(file: Path, text: str) -> str:
    try:
        data = file.read_bytes()
    except OSError as error:
        raise Problem(f"{file} cannot be read any more: {error.strerror}") from None
    try:
        made = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise Problem(f"line {line} is no text in UTF-8: save it as UTF-8 in the editor") from None
    if "\0" in made:
        line = made[: made.index("\0")].count("\n") + 1
        raise Problem(f"line {line} holds a NUL character; remove it") from None
    if not text.startswith("\ufeff"):  # some editors put a mark before every file
        made = made.removeprefix("\ufeff")
    if "\r" not in text:
        made = made.replace("\r\n", "\n")
    return made if text.endswith("\n") else made.removesuffix("\n")
