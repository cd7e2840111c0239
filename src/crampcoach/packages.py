"""Packages that plugins are installed in: told from what they were, and imported anew when they have changed.

They may be installed, upgraded and removed at any moment, under a process that has imported them.
"""

from __future__ import annotations

import sys
import threading
import zlib
from collections.abc import Iterable
from contextlib import suppress
from importlib.metadata import Distribution, EntryPoint
from pathlib import Path
from types import ModuleType

from crampcoach.model import Problem


def name_and_version(dist: Distribution | None) -> tuple[str, str]:
    """Of a package that may be half removed at this moment."""
    with suppress(OSError, ValueError):
        # Not `dist.name`, which has a whole e-mail parser read the file, and `dist.version` once more.
        text = (dist.read_text("METADATA") or dist.read_text("PKG-INFO") or "") if dist else ""
        head = dict(line.partition(": ")[::2] for line in text.partition("\n\n")[0].splitlines())
        if head.get("Name") and head.get("Version"):
            return head["Name"].strip(), head["Version"].strip()
    return "unknown package", ""


def stamp_of(dist: Distribution | None) -> str:
    """What changes with any file of a package: the list of them, with their hashes, that its installer made."""
    with suppress(OSError):
        record = dist.read_text("RECORD") if dist else None
        return f"{zlib.crc32((record or '').encode('utf-8', 'replace')):08x}"
    return ""


def installed_places() -> tuple[object, ...]:
    """Changes when a package is installed or removed. Cheaper than to look at every package."""
    times: list[object] = []
    for folder in map(Path, sys.path):
        with suppress(OSError):
            times.append((folder, folder.stat().st_mtime_ns))
    return tuple(times)


#: What this process has imported: package -> its stamp then, and the plugins' modules.
_imported: dict[str, tuple[str, frozenset[str]]] = {}
_importing = threading.Lock()


def import_plugin(point: EntryPoint, package: str, stamp: str) -> ModuleType:
    """Import an installed plugin; anew, with its submodules, if its package has changed since. Raises Problem."""
    with _importing:  # two plugins of one package are loaded at the same time, and must share what is anew
        before, modules = _imported.get(package, (stamp, frozenset[str]()))
        if before != stamp:
            _forget(modules)
            modules = frozenset()
        _imported[package] = stamp, modules | {point.module}
    try:
        module: ModuleType = point.load()
    except ModuleNotFoundError as error:
        if error.name not in (point.module, point.module.partition(".")[0]):
            raise
        hint = "if it was only just installed, start crampcoach again"
        raise Problem(f"its module {error.name!r} is not there; {hint}") from None
    return module


def _forget(modules: Iterable[str]) -> None:
    """Have modules imported anew, with all of the package that each is in; but a namespace holds others' too."""
    for module in modules:
        names = module.split(".")
        parents = [".".join(names[:number]) for number in range(1, len(names) + 1)]
        top = next((one for one in parents if getattr(sys.modules.get(one), "__file__", None)), module)
        for name in [one for one in sys.modules if one == top or one.startswith(f"{top}.")]:
            del sys.modules[name]
