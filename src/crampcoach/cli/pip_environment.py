"""The environment that crampcoach is installed in: whether pip may change it, and what to do where it may not."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from shlex import join, quote

from crampcoach import __version__
from crampcoach.hookspecs import PROJECT
from crampcoach.model import Problem

#: A file in an environment says who made it.
_PIPX = "pipx_metadata.json"
_UV = "uv-receipt.toml"
#: So many of pip's last lines say what went wrong.
_LINES = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """What this crampcoach runs in. `site`: where packages lie; `own`: whether it is apart from the system's Python."""

    python: str
    prefix: Path
    stdlib: Path
    site: Path
    own: bool
    pip: bool

    def made_by(self, mark: str) -> bool:
        """Whether the tool made it that leaves this file."""
        return (self.prefix / mark).exists()


def this_environment() -> Environment:
    """The one that this process runs in."""
    return Environment(
        python=sys.executable,
        prefix=Path(sys.prefix),
        stdlib=Path(sysconfig.get_path("stdlib")),
        site=Path(sysconfig.get_path("purelib")),
        own=sys.prefix != sys.base_prefix,
        pip=importlib.util.find_spec("pip") is not None,
    )


def check_environment(here: Environment, packages: Sequence[str]) -> None:
    """Raise Problem, with what to do instead, where pip cannot install or uninstall these packages."""
    named = join(packages)
    if not here.own and (here.stdlib / "EXTERNALLY-MANAGED").exists():
        raise Problem(
            f"crampcoach is installed in the system's own Python ({here.prefix}), whose packages are not pip's to "
            "change; install crampcoach in an environment of its own, for example: pipx install crampcoach"
        )
    if not here.pip:
        raise Problem(f"there is no pip in crampcoach's environment ({here.prefix}); {_without_pip(here, named)}")
    if not os.access(here.site, os.W_OK):
        raise Problem(
            f"{here.site} cannot be written by you; ask whoever installed crampcoach there, "
            "or install crampcoach in an environment of your own"
        )


def _without_pip(here: Environment, named: str) -> str:
    if here.made_by(_PIPX):
        return f"pipx made it: pipx inject crampcoach {named}; and to remove it again: pipx uninject crampcoach {named}"
    if here.made_by(_UV):
        return f"uv made it: uv tool install crampcoach --with {named}; without --with it is removed again"
    python = quote(here.python)
    return f"to get it: {python} -m ensurepip; or with uv: uv pip install --python {python} {named}"


def note_on(here: Environment) -> str:
    """What whoever made the environment does not know of; empty if nothing."""
    return "pipx does not know of it: after `pipx reinstall` install it again" if here.made_by(_PIPX) else ""


def pip(here: Environment, words: Sequence[str]) -> None:
    """Run pip; crampcoach itself stays at the version that runs. Raises Problem with what pip says."""
    with tempfile.TemporaryDirectory(prefix="crampcoach-") as folder:
        keep = Path(folder) / "constraints.txt"
        keep.write_text(f"{PROJECT}=={__version__}\n", encoding="utf-8")
        constraint = ["--constraint", str(keep)] if words[0] == "install" else []
        command = [here.python, "-m", "pip", "--disable-pip-version-check", "--no-input", "--quiet"]
        done = subprocess.run(
            [*command, words[0], *constraint, *words[1:]],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", check=False,
        )  # fmt: skip
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip()).splitlines()[-_LINES:]
        raise Problem("\n".join([f"pip did not {words[0]} it:", *(f"  {line}" for line in said)]))


@dataclass(frozen=True, slots=True)
class Package:
    """A package with plugins in it, and their names."""

    name: str
    version: str
    plugins: frozenset[str]


def packages_with_plugins() -> dict[str, Package]:
    """By their normal names: every installed package with an entry point of ours, crampcoach itself too."""
    importlib.invalidate_caches()
    found: dict[str, Package] = {}
    for point in metadata.entry_points(group=PROJECT):
        if point.dist:
            name = normal(point.dist.name)
            others = found[name].plugins if name in found else frozenset[str]()
            found[name] = Package(point.dist.name, point.dist.version, others | {point.name})
    return found


def normal(name: str) -> str:
    """A package's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()
