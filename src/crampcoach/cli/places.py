"""Where an export goes: a file, the output, or a folder into which the files of a ZIP are unpacked."""

from __future__ import annotations

import errno
import os
import sys
import tempfile
import typing
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from crampcoach.cli.printing import in_terminal, progress
from crampcoach.model import Problem

if TYPE_CHECKING:
    from crampcoach.cli.session import Session
    from crampcoach.transfer.unpacking import Parcel

#: So many names of files are told in one sentence.
_NAMED = 3


@dataclass(frozen=True, slots=True)
class Place:
    """A path that may be written to; `folder`: the files of a ZIP go there."""

    path: Path
    folder: bool = False


@dataclass(frozen=True, slots=True)
class Unpacked:
    """How many files of a ZIP were written; same: so many more were there already, and are as they were."""

    files: int
    same: int


def find_place(session: Session, output: str, *, zipped: bool) -> Place:
    """Where to write; what a link leads to is written, and the link stays. Raises Problem.

    zipped: a ZIP goes into a folder that is there, or whose path ends in a slash.
    """
    path = Path(os.path.realpath(output))  # resolve() raises for a link to itself
    try:
        folder = path.is_dir() or output.endswith(tuple(filter(None, (os.sep, os.altsep))))
        if folder and not zipped:
            raise Problem(f"{path} is a folder; name a file in it")
        if folder and path.exists() and not path.is_dir():
            raise Problem(f"{path} is a file; name a folder")
        if not path.parent.is_dir():
            raise Problem(f"there is no folder {path.parent}; make it first, or choose another place")
        for own in own_folders(session):
            if path.is_relative_to(own.resolve()):
                raise Problem(f"crampcoach keeps its own files in {own}; choose another place")
        if not folder and path.exists() and not path.is_file():
            raise Problem(f"{path} is no file to replace; name another, or - for the output")
    except OSError as error:
        raise _unwritable(path, error) from error
    return Place(path, folder)


def own_folders(session: Session) -> Sequence[Path]:
    """Where nothing else may be written."""
    return (session.home.data_dir, session.home.config_dir, session.home.runtime_dir)


# --- a file, and the output ------------------------------------------------------------------------------------


@contextmanager
def into_file(path: Path, *, force: bool) -> Iterator[BinaryIO]:
    """A file that is whole or not there; people are asked first whether it may take another's place."""
    from crampcoach.transfer.whole_file import whole_file

    if there := path.exists():
        _check_writable(path)
        if not force:
            _ask(f"{path} is there already", "it", "name another file")
    try:
        with whole_file(path, over=there or force) as file:
            yield file
    except OSError as error:
        raise _unwritable(path, error) from error


@contextmanager
def into_output() -> Iterator[BinaryIO]:
    """The output, as bytes that nothing else gets between. It comes as it is made: nothing of it waits on a disk."""
    if sys.stdout is None:
        raise Problem("there is no output to write to; name a file with --output")
    sys.stdout.flush()
    try:
        # A handle of its own: a reader that stops reading would keep Python's locked, also at Ctrl+C.
        file: BinaryIO = os.fdopen(os.dup(sys.stdout.fileno()), "wb", 1 << 16)
    except OSError:  # no file, as in a test
        yield typing.cast("BinaryIO", sys.stdout.buffer)
        return
    try:
        yield file
        file.close()
    except KeyboardInterrupt:
        # A thread may be stuck in it, so it is not closed; but at its end the process writes what is left in it, and
        # would be stuck as well where nobody reads.
        with suppress(OSError), Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), file.fileno())
        raise
    except BaseException as error:
        with suppress(OSError):
            file.close()
        if isinstance(error, OSError) and not isinstance(error, BrokenPipeError):
            raise Problem(f"cannot write the output: {error.strerror or error}") from error
        raise


# --- a folder --------------------------------------------------------------------------------------------------


@contextmanager
def beside(folder: Path) -> Iterator[BinaryIO]:
    """A file without a name on the disk that the folder is on, for the ZIP until it is unpacked."""
    try:
        with tempfile.TemporaryFile(dir=folder if folder.exists() else folder.parent) as file:
            yield typing.cast("BinaryIO", file)
    except OSError as error:
        raise _unwritable(folder, error) from error


def into_folder(file: BinaryIO, folder: Path, own: Sequence[Path], *, force: bool) -> Unpacked:
    """Unpack a ZIP; people are asked first whether its files may take others' places.

    Raises unpacking.Unfit for what cannot be unpacked, and Problem.
    """
    from crampcoach.transfer.unpacking import look_into, unpack

    try:
        parcel = look_into(file, folder, own)
    except OSError as error:
        raise _unwritable(folder, error) from error
    for path, _ in parcel.changed:
        _check_writable(path)
    if parcel.changed and not force:
        _ask(_there_already(parcel), "them" if len(parcel.changed) > 1 else "it", "choose another folder")
    written, of = 0, len(parcel.new) + len(parcel.changed)
    try:
        with progress("unpacking") as said:
            for written, _path in enumerate(unpack(parcel), 1):
                said(written, of)
    except OSError as error:
        so_far = f"; {written:,} of {of:,} files are written, each of them whole" if written else ""
        raise _unwritable(folder, error, so_far) from error
    return Unpacked(written, parcel.same)


def _there_already(parcel: Parcel) -> str:
    names = [path.relative_to(parcel.folder).as_posix() for path, _ in parcel.changed]
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    many = f"{len(names):,} files are" if len(names) > 1 else "a file is"
    return f"in {parcel.folder} {many} there already with other content ({', '.join(names[:_NAMED])}{more})"


# --- what both say ---------------------------------------------------------------------------------------------


def _check_writable(path: Path) -> None:
    if not os.access(path, os.W_OK):
        raise _unwritable(path, OSError(errno.EACCES, os.strerror(errno.EACCES)))


def _ask(there: str, them: str, else_: str) -> None:
    """Make sure that what is there already may go. Raises Problem."""
    from crampcoach.cli.questions import yes

    if not in_terminal(sys.stdin, sys.stdout):
        raise Problem(f"{there}; {else_}, or replace {them} with --force")
    if not yes(f"{there[0].upper()}{there[1:]}. Replace {them}?", usual="no"):
        raise Problem("nothing was written")


def _unwritable(path: Path, error: OSError, so_far: str = "") -> Problem:
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    why = error.strerror or str(error)
    advice = f"{'free some space, or ' if full else ''}choose another place"
    return Problem(f"cannot write {path}: {why}{so_far}; {advice}")
