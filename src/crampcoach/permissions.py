"""Whether a file that is to run with the person's rights is theirs alone: what others can write runs for nobody."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path


def unsafe(path: Path) -> str:
    """Why a file may not run: others can write it, or put another in its place. Empty if it is the person's alone.

    Raises OSError.
    """
    if not hasattr(os, "getuid"):
        return ""
    for one in _places(path):
        stat = one.stat()
        if stat.st_uid not in (os.getuid(), 0):
            return f"{one} belongs to somebody else; make it yours, or remove it"
        if stat.st_mode & 0o002 or (stat.st_mode & 0o020 and not _private_group(stat.st_uid, stat.st_gid)):
            return f"{one} can be written by others; run: chmod go-w {one}"
    return ""


def _places(path: Path) -> Iterator[Path]:
    """The file that is read in the end, its folder, and the folder of each link that leads there."""
    yield path.resolve()
    while True:
        yield path.parent
        if not path.is_symlink():
            return
        path = path.parent / path.readlink()


def _private_group(uid: int, gid: int) -> bool:
    """Whether a group is its owner's own, with nobody else in it."""
    import grp
    import pwd

    try:
        owner, group = pwd.getpwuid(uid), grp.getgrgid(gid)
    except KeyError:
        return False
    return owner.pw_gid == gid and set(group.gr_mem) <= {owner.pw_name} and group.gr_name == owner.pw_name
