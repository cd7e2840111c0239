"""The house keeps its shape: imports run one way, each library has its one place, and no module grows too long."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

pytestmark = [pytest.mark.pure, pytest.mark.once]

TOP = Path(__file__).resolve().parent.parent
CORE = TOP / "src" / "crampcoach"
PLUGINS = TOP / "plugins"
MOST_LINES = 300

#: From the bottom up. A module may import what stands in its own line or in one above it, never below.
LEVELS = (
    (
        "actions",
        "advice",
        "model",
        "checks",
        "clock",
        "home",
        "notifier",
        "",
    ),  # "": what `crampcoach` itself holds, the version and the public names
    ("hours", "recurrence", "planner", "deciding", "moments"),
    ("config", "config_edit", "options", "hookspecs", "toml_places"),
    ("blame", "packages", "permissions", "plugins", "guard", "shared_process", "store", "safety"),
    ("config_text", "context", "kind_checks", "loading"),
    (
        "advice_messages",
        "answers",
        "delivery",
        "explaining",
        "housekeeping",
        "opening",
        "roster",
        "session",
        "settings",
        "starting",
        "transfer",
    ),
    ("advising", "following", "plugin_advice", "pressing", "showing", "telling", "timetable"),
    ("agent", "control", "lock"),
    ("cli", "testing", "scaffolds", "__main__"),
)
LEVEL = {name: number for number, names in enumerate(LEVELS) for name in names}


def core() -> list[Path]:
    return sorted(CORE.rglob("*.py"))


def bundled() -> list[Path]:
    return sorted(path for path in PLUGINS.glob("crampcoach_*") if path.name != "__pycache__")


def packages() -> list[Path]:
    """Those within the core."""
    return sorted(path.parent for path in CORE.glob("*/__init__.py"))


def relative(path: Path) -> str:
    return path.relative_to(TOP).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def running(node: ast.AST) -> Iterator[ast.AST]:
    """Every node below, except what only a type checker reads."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            for other in child.orelse:
                yield from (other, *running(other))
            continue
        yield child
        yield from running(child)


def imported(path: Path) -> Iterator[tuple[str, int]]:
    """The dotted name and line of each module that is imported anywhere in a file, functions included."""
    package = path.relative_to(CORE.parent).with_suffix("").parts[:-1] if path.is_relative_to(CORE) else ()
    for node in running(tree(path)):
        if isinstance(node, ast.Import):
            yield from ((one.name, node.lineno) for one in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = [*package[: len(package) + 1 - node.level]] if node.level else []
            base += node.module.split(".") if node.module else []
            # `from crampcoach import agent` imports a module, `from crampcoach.model import Entry` does not.
            for one in node.names:
                yield ".".join([*base, one.name]), node.lineno


def part(dotted: str) -> str | None:
    """The module or package of the core that a dotted name lies in; None for anything else."""
    names = dotted.split(".")
    if names[0] != "crampcoach":
        return None
    name = names[1] if len(names) > 1 else ""
    return name if (CORE / name).is_dir() or (CORE / f"{name}.py").exists() else ""


def own_part(path: Path) -> str:
    name = path.relative_to(CORE).parts[0].removesuffix(".py")
    return "" if name == "__init__" else name


@pytest.mark.parametrize("path", core(), ids=relative)
def test_imports_run_one_way(path: Path) -> None:
    mine = own_part(path)
    assert mine in LEVEL, f"{relative(path)}: say in {Path(__file__).name} at which level {mine!r} stands"
    for dotted, line in imported(path):
        theirs = part(dotted)
        if theirs in LEVEL and theirs != mine:
            assert LEVEL[theirs] <= LEVEL[mine], f"{relative(path)}:{line} imports {dotted} from a level above its own"


def find_no_circle(needs: dict[str, set[str]]) -> None:
    """Raises AssertionError that names the circle. `needs`: what each module imports."""
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, f"a circle of imports: {' -> '.join([*trail, name])}"
        if name not in done:
            for other in sorted(needs.get(name, set()) - {name}):
                visit(other, (*trail, name))
            done.add(name)

    for name in sorted(needs):
        visit(name, ())


def test_modules_do_not_import_each_other_in_a_circle() -> None:
    """Within a level too. A package counts as one."""
    needs: dict[str, set[str]] = {}
    for path in core():
        theirs = {part(dotted) for dotted, _ in imported(path)}
        needs.setdefault(own_part(path), set()).update(name for name in theirs if name)
    find_no_circle(needs)


@pytest.mark.parametrize("folder", [*packages(), *bundled()], ids=relative)
def test_nor_do_those_of_one_package(folder: Path) -> None:
    """Also by an import within a function. `__init__` is left out: it stands for the package."""
    own = {path.stem: path for path in folder.glob("*.py") if path.stem != "__init__"}
    needs = {}
    for name, path in own.items():
        lies_in = ".".join(path.relative_to(TOP / "src" if path.is_relative_to(CORE) else PLUGINS).parts[:-1])
        inside = [dotted.removeprefix(f"{lies_in}.") for dotted, _ in imported(path) if dotted.startswith(lies_in)]
        needs[name] = {one.split(".")[0] for one in inside} & own.keys()
    find_no_circle(needs)


@pytest.mark.parametrize("path", [*core(), *sorted(PLUGINS.rglob("*.py"))], ids=relative)
def test_no_module_is_longer_than_300_lines(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").count("\n")
    assert lines <= MOST_LINES


@pytest.mark.parametrize("path", [*core(), *sorted(PLUGINS.rglob("*.py"))], ids=relative)
def test_every_module_says_why_it_exists_and_is_named_for_what_is_in_it(path: Path) -> None:
    assert ast.get_docstring(tree(path))
    vague = {"utils", "util", "helpers", "helper", "misc", "common", "tools", "base", "shared"}
    assert path.stem not in vague
    assert path.parent.name not in vague
    classes = [node.name for node in ast.walk(tree(path)) if isinstance(node, ast.ClassDef)]
    assert not [name for name in classes if name.endswith(("Manager", "Helper")) or name.startswith("Base")]


@pytest.mark.parametrize(
    ("library", "places"),
    [
        ("schedule", {"housekeeping"}),
        ("pluggy", {"hookspecs", "plugins"}),
        ("click", {"cli", "scaffolds"}),  # a scaffold is a plugin, and those add commands
        ("rich", {"cli"}),
        ("msgspec", {"options"}),
        ("tomlkit", {"config_edit", "cli"}),
        ("jeepney", set()),
        ("plyer", set()),
        ("desktop_notifier", set()),
        ("asyncio", set()),
        ("tzlocal", {"clock"}),
        ("platformdirs", {"home"}),
    ],
)
def test_each_library_has_its_own_places(library: str, places: set[str]) -> None:
    users = {own_part(path) for path in core() for dotted, _ in imported(path) if dotted.split(".")[0] == library}
    assert users <= places


#: What asks the machine for the time, by module or class.
CLOCKS = {
    "time": {
        "time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns", "localtime", "gmtime",
        "ctime", "strftime", "clock_gettime", "clock_gettime_ns",
    },
    "datetime": {"now", "utcnow", "today", "fromtimestamp", "utcfromtimestamp"},
    "date": {"today", "fromtimestamp"},
}  # fmt: skip
#: These make a datetime of a number that somebody else read.
MAKES_ONE_OF_A_NUMBER = {"fromtimestamp", "utcfromtimestamp"}


@pytest.mark.parametrize("path", [path for path in core() if path.name != "clock.py"], ids=relative)
def test_only_the_clock_asks_what_time_it_is(path: Path) -> None:
    assert list(asks_for_the_time(tree(path))) == []


def asks_for_the_time(module: ast.Module) -> Iterator[str]:
    names = {"time": "time", "datetime": "datetime", "date": "date"}
    for node in ast.walk(module):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            names |= {one.asname: one.name for one in node.names if one.asname and one.name in CLOCKS}
    for node in ast.walk(module):
        if isinstance(node, ast.ImportFrom) and node.module == "time":
            yield from (f"line {node.lineno}: {one.name}" for one in node.names if one.name in CLOCKS["time"])
        if isinstance(node, ast.Attribute):
            owner = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
            if node.attr in CLOCKS.get(names.get(owner, ""), set()) - MAKES_ONE_OF_A_NUMBER:
                yield f"line {node.lineno}: {owner}.{node.attr}"


@pytest.mark.parametrize(
    "code",
    [
        "import time\ntime.time()",
        "import time as t\nt.monotonic()",
        "from time import time",
        "from time import monotonic as clock",
        "import datetime\ndatetime.datetime.now()",
        "from datetime import datetime\ndatetime.now(UTC)",
        "from datetime import datetime as dt\ndt.utcnow()",
        "from datetime import date\ndate.today()",
        "import datetime as d\nd.date.today()",
        "def f():\n    from time import perf_counter",
        "now = datetime.now",
    ],
)
def test_asking_for_the_time_is_recognised(code: str) -> None:
    assert list(asks_for_the_time(ast.parse(code)))


@pytest.mark.parametrize(
    "code", ["import time\ntime.sleep(1)", "clock.now()", "self.clock.monotonic()", "from datetime import time"]
)
def test_being_handed_the_time_is_not_asking_for_it(code: str) -> None:
    assert not list(asks_for_the_time(ast.parse(code)))


def test_what_only_a_type_checker_reads_does_not_count(tmp_path: Path) -> None:
    path = tmp_path / "example.py"
    path.write_text(
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import a\nelse:\n    import b\n"
        "def f():\n    if True:\n        import c\n        from d import e\n"
    )
    assert [name for name, _ in imported(path)] == ["typing.TYPE_CHECKING", "b", "c", "d.e"]


# --- bundled plugins -------------------------------------------------------------------------------------------

HEAVY = ("click", "rich", "jeepney", "plyer", "desktop_notifier", "dbus_fast", "asyncio", "schedule", "tomlkit")


@pytest.mark.parametrize("folder", bundled(), ids=relative)
def test_importing_a_bundled_plugin_imports_no_heavy_library(folder: Path) -> None:
    code = (
        f"import sys; sys.path[:0] = [{str(CORE.parent)!r}, {str(PLUGINS)!r}]; before = set(sys.modules)\n"
        f"import {folder.stem}\n"
        f"print(*sorted(set({HEAVY!r}) & (set(sys.modules) - before)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


@pytest.mark.parametrize("path", sorted(PLUGINS.rglob("*.py")), ids=relative)
def test_a_bundled_plugin_uses_public_names_only(path: Path) -> None:
    for node in running(tree(path)):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "crampcoach":
            assert node.module in ("crampcoach", "crampcoach.testing"), f"{relative(path)}:{node.lineno}"
        if isinstance(node, ast.Import):
            assert not [one.name for one in node.names if one.name.split(".")[0] == "crampcoach" and "." in one.name]


def test_there_are_bundled_plugins_to_look_at() -> None:
    assert {path.stem for path in bundled()} >= {"crampcoach_stretching", "crampcoach_desktop"}
    assert len(core()) > 15
