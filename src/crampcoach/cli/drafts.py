"""Drafts: what somebody is writing, kept in a folder that only they can enter until it is safely saved.

Each draft has a folder of its own below the data folder, so that what an editor leaves beside it goes with it.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crampcoach.home import private_file, private_folder, unwritable
from crampcoach.model import Problem

if TYPE_CHECKING:
    from crampcoach.home import Home

#: The drafts that this process is writing: the handle is a lock, which the kernel frees however the process ends.
_mine: dict[Path, int] = {}


def folder(home: Home, name: str) -> Path:
    """Where the draft called `name` lies."""
    if not re.fullmatch(r"\w[\w.-]{0,79}", name):
        raise ValueError(f"draft {name!r}: use letters, digits, '.', '-', '_', at most 80")
    return home.data_dir / "drafts" / name


def keep(home: Home, name: str, text: str, suffix: str = ".txt") -> Path:
    """Put a text into the draft and return its file. What another run left there is kept beside the folder.

    Raises Problem: it is being written in another window, the disk is full, or the text holds half a character.
    """
    place = folder(home, name)
    left = None if place in _mine else draft(home, name)
    _take(place)
    file = place / f"{name}{suffix}"
    part = file.with_name(f".{file.name}.part")
    try:
        data = text.encode("utf-8", "surrogateescape")  # what came out of a damaged draft goes into it again
    except UnicodeEncodeError:
        raise Problem("the text holds half a character (a lone surrogate); paste it again") from None
    if left is not None and left.rstrip("\n") != text.rstrip("\n"):
        _set_aside(place, left)
    try:
        with private_file(part).open("wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        part.replace(file)
    except OSError as error:
        raise unwritable(file, error) from error
    return file


def draft(home: Home, name: str) -> str | None:
    """The text that was left behind; None where there is none, or where it is being written at this moment.

    Bytes that are no UTF-8 come as lone surrogates, which `keep` turns back into the same bytes.
    """
    place = folder(home, name)
    if not place.is_dir() or (place not in _mine and _taken(place)):
        return None
    # Of an editor that was killed, what it rescued is newer than what was last saved: nano's .save, Emacs's #...#.
    files = [one for one in (*place.glob(f"{name}.*"), *place.glob(f"#{name}.*#")) if not one.name.endswith("~")]
    if not files:
        return None
    newest = max(files, key=lambda one: (one.stat().st_size > 0, one.stat().st_mtime_ns))
    return newest.read_bytes().decode("utf-8", "surrogateescape").removesuffix("\n")  # editors end the last line


def discard(home: Home, name: str) -> None:
    """Remove a draft, with whatever an editor left beside it. Nothing happens where there is none."""
    place = folder(home, name)
    if place.is_dir() and (place in _mine or not _taken(place)):
        shutil.rmtree(place, ignore_errors=True)
    if (handle := _mine.pop(place, None)) is not None:
        os.close(handle)


def _take(place: Path) -> None:
    if place in _mine:
        return
    private_folder(place)
    if sys.platform == "win32":  # a folder cannot be opened there
        return
    while (handle := _locked(place)) is not None:
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(handle), place.stat()):
                _mine[place] = handle
                return
        os.close(handle)  # another run has just discarded what it wrote there
        private_folder(place)
    raise Problem(f"the draft in {place} is being written in another window; finish there first")


def _taken(place: Path) -> bool:
    if sys.platform == "win32":
        return False
    handle = _locked(place)
    if handle is None:
        return True
    os.close(handle)
    return False


def _locked(place: Path) -> int | None:
    if sys.platform == "win32":
        return None
    import fcntl

    try:
        handle = os.open(place, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    return handle


def _set_aside(place: Path, text: str) -> None:
    """Nothing that somebody wrote is written over. Raises Problem."""
    number = 1
    while (file := place.with_name(f"{place.name}-before-{number}.txt")).exists():
        number += 1
    try:
        private_file(file).write_bytes(text.encode("utf-8", "surrogateescape"))
    except OSError as error:
        raise unwritable(file, error) from error
    click.echo(f"crampcoach: an earlier draft was kept as {file}", err=True)
