"""The files of a ZIP that a format wrote, in a folder of the person's: each of them whole, and no other is touched.

Any plugin may have made the ZIP. So all of it is read and every name is looked at before the first file is written:
none leads out of the folder, through a link, or into crampcoach's own.
"""

from __future__ import annotations

import shutil
import stat
import struct
import unicodedata
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from zipfile import BadZipFile, ZipFile, ZipInfo

from crampcoach.checks import brief
from crampcoach.home import sync_folder
from crampcoach.model import Problem
from crampcoach.transfer.whole_file import MARK, remove_leftovers, whole_file

#: What reading a ZIP raises that is none, or that is damaged, encrypted, or packed in a way that Python does not know.
_UNREADABLE = (BadZipFile, RuntimeError, zlib.error, struct.error, EOFError, ValueError)
#: What Windows takes for a device, whatever ending it has.
_DEVICES = {"con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(10))}
#: Octets in the name of a file, on most disks.
_LONGEST = 255


class Unfit(Exception):
    """What is in the ZIP cannot be unpacked. The text goes on after "its exporter 'x' wrote "."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """What unpacking will do. new, changed: files that are not there, or hold something else; same: those to leave."""

    archive: ZipFile
    folder: Path
    new: Sequence[tuple[Path, ZipInfo]]
    changed: Sequence[tuple[Path, ZipInfo]]
    same: int


def look_into(file: BinaryIO, folder: Path, own: Sequence[Path]) -> Parcel:
    """What is in a ZIP for this folder, which need not be there. `own`: folders into which nothing may be written.

    Raises Unfit, and Problem or OSError for what stands in its way in the folder.
    """
    try:
        archive = ZipFile(file)
        if damaged := archive.testzip():
            raise Unfit(f"a ZIP with a damaged file, {brief(damaged)}")
    except _UNREADABLE as error:
        raise Unfit("no ZIP file that could be read") from error
    new, changed, same = [], [], 0
    for path, info in _places(archive, folder):
        _check_way(path, folder, own)
        if not path.exists():
            new.append((path, info))
        elif _is_same(archive, info, path):
            same += 1
        else:
            changed.append((path, info))
    return Parcel(archive, folder, new, changed, same)


def unpack(parcel: Parcel) -> Iterator[Path]:
    """Write the files, and give the path of each once it is whole. Raises OSError: those before it are there then."""
    todo = [*((*one, False) for one in parcel.new), *((*one, True) for one in parcel.changed)]
    folders = dict.fromkeys([parcel.folder, *(path.parent for path, *_ in todo)])
    for folder in folders:
        _make(folder)
        remove_leftovers(folder)
    for path, info, over in todo:
        with parcel.archive.open(info) as source, whole_file(path, over=over, of_many=True) as file:
            shutil.copyfileobj(source, file)
        yield path
    for folder in folders:
        sync_folder(folder)


def _places(archive: ZipFile, folder: Path) -> Iterator[tuple[Path, ZipInfo]]:
    """Where each file in it goes. Raises Unfit."""
    files: dict[str, str] = {}
    folders: set[str] = set()
    for info in archive.infolist():
        name = info.orig_filename  # as it was written: `filename` ends at a NUL
        parts = name.removesuffix("/").split("/")
        if not name.isprintable() or any(map(_is_bad, parts)):
            raise Unfit(f"a file that may not be called {brief(name)}")
        if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise Unfit(f"{brief(name)}, which is a link or no file at all")
        known = [_same_name("/".join(parts[:number])) for number in range(1, len(parts) + 1)]
        folders.update(known if name.endswith("/") else known[:-1])
        if name.endswith("/"):
            continue
        if known[-1] in files:
            raise Unfit(f"two files of one name, {brief(files[known[-1]])} and {brief(name)}")
        files[known[-1]] = name
        yield folder.joinpath(*parts), info
    for both in folders & files.keys():
        raise Unfit(f"a file and a folder of one name, {brief(files[both])}")


def _is_bad(part: str) -> bool:
    """Whether some system takes a part of a path for something else than the name of a file."""
    is_odd = part.strip(". ") == "" or part[-1] in ". " or len(part.encode()) > _LONGEST
    is_device = part.partition(".")[0].strip().lower() in _DEVICES
    return is_odd or is_device or bool(set("\\:") & set(part)) or part.startswith(MARK)


def _same_name(name: str) -> str:
    """Equal for names that are one file on some system."""
    return unicodedata.normalize("NFC", name).casefold()


def _check_way(path: Path, folder: Path, own: Sequence[Path]) -> None:
    """Raise Problem for what is in the way of a file, or leads it somewhere else."""
    for one in own:
        if path.is_relative_to(one.resolve()):
            raise Problem(f"crampcoach keeps its own files in {one}; choose another folder")
    for above in [one for one in path.parents if one.is_relative_to(folder) and one != folder]:
        if above.is_symlink():
            raise Problem(f"{above} is a link, and may lead anywhere; choose another folder")
        if above.exists() and not above.is_dir():
            raise Problem(f"{above} is there, and no folder; choose another folder")
    with suppress(FileNotFoundError, NotADirectoryError):
        if not stat.S_ISREG(path.lstat().st_mode):
            raise Problem(f"{path} is no file to replace; choose another folder")


def _is_same(archive: ZipFile, info: ZipInfo, path: Path) -> bool:
    if path.stat().st_size != info.file_size:
        return False
    with archive.open(info) as source, path.open("rb") as there:
        while chunk := source.read(1 << 16):
            if there.read(len(chunk)) != chunk:
                return False
    return True


def _make(folder: Path) -> None:
    """Make a folder, and those above it, for its owner only. One that is there keeps what it allows."""
    for missing in reversed([one for one in (folder, *folder.parents) if not one.exists()]):
        missing.mkdir(mode=0o700)
