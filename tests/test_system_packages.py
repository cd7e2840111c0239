"""Every program that a test starts comes from a package in system-packages.txt, so that CI skips nothing.

The programs are found in the tests' source: what is handed to `subprocess`, `shutil.which`, and the functions of
desktop.py that start something, followed through names and functions as far as that goes.
"""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest

pytestmark = [pytest.mark.pure, pytest.mark.once]

TESTS = Path(__file__).resolve().parent

#: Functions that start what they are given, and which of their arguments begins the command.
STARTERS = {"run": 0, "Popen": 0, "call": 0, "check_call": 0, "check_output": 0, "which": 0, "running": 0, "_x": 1}
#: What cannot be read in the source: a path that was looked for.
FOUND_BY_PATH = {"found[0]": "xfce4-notifyd"}

#: The Debian package of each program.
PACKAGES = {
    "Xvfb": "xvfb",
    "bash": "bash",
    "cat": "coreutils",
    "chromium-headless-shell": "chromium-headless-shell",
    "dbus-daemon": "dbus",
    "desktop-file-validate": "desktop-file-utils",
    "dpkg": "dpkg",
    "dpkg-query": "dpkg",
    "dunst": "dunst",
    "dunstctl": "dunst",
    "gio": "libglib2.0-bin",
    "grep": "grep",
    "head": "coreutils",
    "import": "imagemagick",
    "java": "default-jre-headless",
    "mount": "mount",
    "pdfinfo": "poppler-utils",
    "pdftoppm": "poppler-utils",
    "pdftotext": "poppler-utils",
    "ps": "procps",
    "setpriv": "util-linux",
    "setsid": "util-linux",
    "sh": "dash",
    "soffice": "libreoffice-calc",
    "sqlite3": "sqlite3",
    "systemd-analyze": "systemd",
    "tmux": "tmux",
    "umount": "mount",
    "unzip": "unzip",
    "vim": "vim",
    "xdotool": "xdotool",
    "xfce4-notifyd": "xfce4-notifyd",
}
#: On every Debian.
ESSENTIAL = {"bash", "coreutils", "dash", "dpkg", "grep"}
#: A package that another one brings along.
BROUGHT = {
    "dbus": {"dbus", "dbus-bin", "dbus-daemon"},
    "default-jre-headless": {f"openjdk-{version}-jre-headless" for version in (17, 21, 25)},
    "imagemagick": {"imagemagick", "imagemagick-6.q16"},
    "libreoffice-calc": {"libreoffice-calc", "libreoffice-common"},
}


def listed() -> dict[str, str]:
    """Package -> its reason."""
    lines = (TESTS / "system-packages.txt").read_text().splitlines()
    split = [line.partition("#") for line in lines if line.strip() and not line.startswith("#")]
    return {name.strip(): reason.strip() for name, _, reason in split}


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


@dataclass(frozen=True)
class Named:
    """What stands in all files, by name: values of variables with their file, of functions, of attributes."""

    variables: dict[str, list[tuple[Path, ast.expr]]] = field(default_factory=lambda: defaultdict(list))
    functions: dict[str, list[ast.expr]] = field(default_factory=lambda: defaultdict(list))
    attributes: dict[str, list[ast.expr]] = field(default_factory=lambda: defaultdict(list))


@cache
def named() -> Named:
    found = Named()
    for path in sorted(TESTS.glob("*.py")):
        for node in ast.walk(tree(path)):
            match node:
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    found.variables[name].append((path, value))
                case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                    found.variables[name].append((path, value))
                case ast.Assign(targets=[ast.Attribute(attr=name)], value=value):
                    found.attributes[name].append(value)
                case ast.FunctionDef(name=name):
                    returned = (one.value for one in ast.walk(node) if isinstance(one, ast.Return))
                    found.functions[name] += [value for value in returned if value is not None]
    return found


def values_of(name: str, path: Path) -> list[ast.expr]:
    """What a name is set to in a file, or where it is a constant in any; what a function of this name returns."""
    set_to = [value for other, value in named().variables.get(name, []) if other == path or name.isupper()]
    return [*set_to, *named().functions.get(name, [])]


def given_as(name: str) -> list[ast.expr]:
    """Everything that an attribute of this name is set to, in any file."""
    return named().attributes.get(name, [])


def first_words(node: ast.expr, path: Path, seen: tuple[str, ...] = ()) -> Iterator[str]:
    """The program of a command: its name, or the source of what cannot be followed any further."""
    match node:
        case ast.Constant(value=str(word)):
            yield word.split("/")[-1]
        case ast.List(elts=[_, *_] as words) | ast.Tuple(elts=[_, *_] as words):
            yield from of_list(words, path, seen)
        case ast.IfExp(body=body, orelse=orelse):
            for branch in (body, orelse):
                if ast.unparse(branch) not in ("()", "[]"):
                    yield from first_words(branch, path, seen)
        case ast.Starred(value=inner) | ast.BinOp(left=inner) | ast.Call(func=ast.Name(id="str"), args=[inner]):
            yield from first_words(inner, path, seen)
        case ast.Attribute(value=ast.Name(id="self"), attr=name):
            for value in given_as(name):
                yield from first_words(value, path, (*seen, name))
        case ast.Name(id=name) | ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)) if name not in seen:
            for value in values_of(name, path):
                yield from first_words(value, path, (*seen, name))
        case _:
            yield f"<{ast.unparse(node)}>"


def of_list(words: list[ast.expr], path: Path, seen: tuple[str, ...]) -> Iterator[str]:
    """The program of a command in a list; for a shell, also what its script pipes into."""
    first, *rest = words
    yield from first_words(first, path, seen)
    if isinstance(first, ast.Starred) and rest:
        yield from of_list(rest, path, seen)
    if ast.unparse(first) == "'sh'" and len(rest) > 1:
        scripts = values_of(rest[1].id, path) if isinstance(rest[1], ast.Name) else [rest[1]]
        for script in scripts:
            yield from re.findall(r"(?<=\| )[a-z]+", ast.unparse(script))


def started() -> dict[str, set[str]]:
    """Program -> where it is started."""
    found: dict[str, set[str]] = {}
    for path in sorted(TESTS.glob("*.py")):
        for node in ast.walk(tree(path)):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            owner = ast.unparse(node.func).rpartition(".")[0]
            place = STARTERS.get(name)
            if place is None or len(node.args) <= place or owner not in ("", "subprocess", "shutil", "desktop"):
                continue
            for word in first_words(node.args[place], path):
                found.setdefault(word, set()).add(f"{path.name}:{node.lineno}")
    return found


def programs() -> dict[str, set[str]]:
    """The same without what leads to no name: sys.executable, and what only looks like a command."""
    found = {FOUND_BY_PATH.get(word.strip("<>"), word): places for word, places in started().items()}
    return {name: places for name, places in found.items() if not name.startswith("<")}


def test_this_test_finds_what_is_started() -> None:
    assert {"dbus-daemon", "Xvfb", "dunst", "dunstctl", "xdotool", "import", "xfce4-notifyd"} <= set(programs())
    assert {"setpriv", "mount", "umount", "sh", "head"} <= set(programs())


def test_every_program_comes_from_a_listed_package() -> None:
    known = {*listed(), *ESSENTIAL}
    for program, places in programs().items():
        where = ", ".join(sorted(places))
        assert program in PACKAGES, f"{where} start {program!r}: say in {Path(__file__).name} which package has it"
        package = PACKAGES[program]
        assert package in known, f"{where} start {program!r}: add {package} to system-packages.txt, with its reason"


def test_every_package_has_a_reason() -> None:
    for package, reason in listed().items():
        assert reason, package
    assert list(listed()) == sorted(listed())


@pytest.mark.skipif(not shutil.which("dpkg"), reason="no Debian: who has a program cannot be asked")
@pytest.mark.parametrize("program", sorted(PACKAGES))
def test_debian_agrees(program: str) -> None:
    path = shutil.which(program)
    if path is None:
        found = sorted(Path("/usr/lib").glob(f"*/*/*/{program}"))
        path = str(found[0]) if found else None
    if path is None:
        assert program not in programs(), f"{program} is not installed"
        return
    # What a link stands for (alternatives), and a system whose /bin is /usr/bin: dpkg knows one name of several.
    real = str(Path(path).resolve())
    names = {path, real, path.removeprefix("/usr"), real.removeprefix("/usr"), f"/usr{path}"}
    said = subprocess.run(["dpkg", "-S", *sorted(names)], capture_output=True, text=True, check=False).stdout
    owners = {name for line in said.splitlines() for name in re.split(r", ", line.rpartition(": ")[0])}
    owners = {name.partition(":")[0] for name in owners}
    package = PACKAGES[program]
    assert owners & BROUGHT.get(package, {package}), f"{program} ({path}) belongs to {owners or 'no package'}"
