"""A file of the person's, in any folder of theirs, that is written whole or not at all, and for its owner only.

It grows under a hidden name. Whatever fails, nothing of it stays; only a kill leaves it there, and the next file that
is written into that folder takes it away. A lock, which the kernel frees with the process, tells it from one in use.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from crampcoach.home import sync_folder

#: What the hidden names begin with.
MARK = ".crampcoach-part-"


@contextmanager
def whole_file(path: Path, *, over: bool = False, of_many: bool = False) -> Iterator[BinaryIO]:
    """A file to write to, which is called `path` once the block has ended well.

    over: it may take the place of another that is there by then. of_many: whoever writes many into one folder looks for
    leftovers before the first of them, and has their names outlive a power cut after the last. Raises OSError.
    """
    if not of_many:
        remove_leftovers(path.parent)
    # The name stands before the file does: whenever Ctrl+C comes, it is known what to take away.
    part, file = path.parent / f"{MARK}{os.urandom(8).hex()}", None
    try:
        file = _begin(part)
        yield file
        file.flush()
        os.fsync(file.fileno())
        if not over and os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
        if sys.platform == "win32":
            file.close()  # a file that is open cannot be renamed there
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    finally:
        if file:
            with suppress(OSError):  # what could not be written a moment ago cannot be now
                file.close()
    if not of_many:
        sync_folder(path.parent)


def _begin(part: Path) -> BinaryIO:
    while True:
        file: BinaryIO = open(part, "xb", 1 << 16, opener=_private)  # noqa: SIM115 - its user closes it
        with suppress(FileNotFoundError):
            if _lock(file.fileno()) is not False and os.path.samestat(os.fstat(file.fileno()), part.stat()):
                return file
        file.close()  # another process has just taken it for a leftover


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def remove_leftovers(folder: Path) -> None:
    """Take away what kills have left in a folder."""
    if sys.platform == "win32":
        return  # where nothing is locked, nobody can say which is in use
    for left in folder.glob(f"{MARK}*"):
        with suppress(OSError):  # of another user
            handle = os.open(left, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
            try:
                if _lock(handle):
                    left.unlink()
            finally:
                os.close(handle)


def _lock(handle: int) -> bool | None:
    """Whether nobody else has it locked, and now it is; None where files cannot be locked."""
    try:
        import fcntl  # not on every platform

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except (ImportError, OSError):
        return None
    return True
