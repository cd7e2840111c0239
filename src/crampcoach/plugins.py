"""Discover, import and check plugins. Whether one is on is decided before it is imported.

Bundled plugins and installed ones are found through the entry point group `crampcoach`, a person's own files in the
plugin folder by path. pluggy holds the hooks; calling them is `Plugin.call`, never `pm.hook`, because there one
exception discards everybody's results.
"""

from __future__ import annotations

import importlib.util
import inspect
import sys
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import partial
from importlib import metadata
from pathlib import Path
from types import ModuleType
from typing import Any

import pluggy

from crampcoach import API, hookspecs
from crampcoach.checks import NAME
from crampcoach.guard import each
from crampcoach.home import plugin_files
from crampcoach.hookspecs import PROJECT
from crampcoach.model import Problem
from crampcoach.packages import import_plugin, name_and_version, stamp_of
from crampcoach.permissions import unsafe

HOOKS = tuple(name for name, value in vars(hookspecs).items() if hasattr(value, f"{PROJECT}_spec"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A plugin that exists, not yet imported. `origin` says where it comes from, `stamp` changes when it does.

    `problem` is why it cannot be used at all.
    """

    name: str
    origin: str
    load: Callable[[], ModuleType]
    version: str = ""
    stamp: str = ""
    path: Path | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Plugin:
    """An imported and checked plugin."""

    name: str
    module: ModuleType
    hooks: Mapping[str, pluggy.HookImpl]

    def has(self, hook: str) -> bool:
        return hook in self.hooks

    def call(self, hook: str, **available: Any) -> Any:
        """Call a hook with the arguments it names; None where the plugin does not have it."""
        impl = self.hooks.get(hook)
        return impl.function(*(available[name] for name in impl.argnames)) if impl else None

    def given(self, hook: str, of: type, **available: Any) -> tuple[Any, ...]:
        """What a hook gives, drained and checked. Raises TypeError, ValueError, or whatever the plugin raises."""
        return tuple(each(f"{hook}()", self.call(hook, **available), of))


class Unfit(Problem):
    """The plugin breaks a rule of the boundary; one sentence that names the remedy."""


# --- discovery -------------------------------------------------------------------------------------------------


def discover(folder: Path, given: Mapping[str, ModuleType] | None = None, *, stamped: bool = False) -> dict[str, Found]:
    """Every plugin by name: installed ones, then the files of `folder`, which replace bundled ones, then `given`.

    Packages are `stamped` for whoever compares them with what they were; to others it would be a loss of time.
    """
    found: dict[str, Found] = {}
    for one in _installed(stamped=stamped):
        other = found.get(one.name)
        if other:
            problem = f"two installed plugins are called {one.name!r}: {other.origin} and {one.origin}; uninstall one"
            one = replace(one, stamp="", problem=problem)  # noqa: PLW2901
        found[one.name] = one
    for path in plugin_files(folder):
        one = _file(path)
        other = found.get(one.name)
        if other and not one.problem:
            one = _file(path, f"{path} (replaces {other.origin})")
        found[one.name] = one
    for name, module in (given or {}).items():
        found[name] = Found(name=name, origin="given", load=partial(_given, module), stamp=str(id(module)))
    return found


def _given(module: ModuleType) -> ModuleType:
    return module


def _installed(*, stamped: bool) -> list[Found]:
    found = {}
    for point in metadata.entry_points(group=PROJECT):
        name, version = name_and_version(point.dist)
        stamp = stamp_of(point.dist) if stamped and name != PROJECT else version
        one = Found(
            name=point.name,
            origin="bundled" if name == PROJECT else f"{name} {version}".strip(),
            load=point.load if name == PROJECT else partial(import_plugin, point, name, stamp),
            version=version,
            stamp=stamp,
        )
        # The same package can be seen twice, for example through a lib64 link.
        found[one.name, one.origin, point.value] = one
    return list(found.values())


def _file(path: Path, origin: str = "") -> Found:
    name = path.stem.lower()
    problem = "" if NAME.fullmatch(name) else f"{path}: rename it to a short lower-case name"
    try:
        stat = path.stat()
        stamp = f"{stat.st_mtime_ns}:{stat.st_size}:{stat.st_ino}"
        problem = problem or unsafe(path)
    except OSError as error:
        stamp, problem = "", f"{path} cannot be read: {error.strerror}"
    return Found(
        name=name,
        origin=origin or str(path),
        load=lambda: load_file(name, path),
        stamp=stamp,
        path=path,
        problem=problem,
    )


def load_file(name: str, path: Path) -> ModuleType:
    """Import a single file under a name that cannot clash with any other module."""
    mangled = f"_crampcoach_file_{name}"  # as it is: `a-b` and `a_b` are two plugins, and nobody imports them by name
    spec = importlib.util.spec_from_file_location(mangled, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # Compiled from the text, not the cache: two edits within a second must both count.
    code = compile(path.read_bytes(), str(path), "exec", dont_inherit=True)
    sys.modules[mangled] = module
    exec(code, module.__dict__)
    return module


def chosen(found: Mapping[str, Found], off: Callable[[str], bool], only: Collection[str] | None) -> dict[str, Found]:
    """The plugins to load: those the config leaves on, or just those named by CRAMPCOACH_PLUGINS."""
    return {name: one for name, one in found.items() if (name in only if only is not None else not off(name))}


# --- import and check ------------------------------------------------------------------------------------------


def load(found: Found) -> Plugin:
    """Import a plugin and check what it offers. Raises Unfit, or whatever the plugin raises."""
    if found.problem:
        raise Unfit(found.problem)
    module = found.load()
    api = getattr(module, "api", API)
    if api != API:
        raise Unfit(f"it was written for plugin API {api!r}, this crampcoach has {API}; update the one or the other")
    _check_names(module)
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(hookspecs)
    try:
        manager.register(module, found.name)
    except pluggy.PluginValidationError as error:
        raise Unfit(_argument_sentence(module, str(error))) from None
    hooks = {}
    for caller in manager.get_hookcallers(manager.get_plugin(found.name)) or ():
        (impl,) = caller.get_hookimpls()
        if impl.wrapper or impl.hookwrapper or impl.tryfirst or impl.trylast:
            raise Unfit(f"{caller.name}: wrappers and tryfirst/trylast are not used here; write a plain @hookimpl")
        if inspect.iscoroutinefunction(impl.function) or inspect.isasyncgenfunction(impl.function):
            raise Unfit(f"{caller.name}() is an async function, and hooks are plain ones; write def {caller.name}(...)")
        hooks[caller.name] = impl
    if not hooks:
        raise Unfit("it has no hook; write functions with @hookimpl at the top level of the file, not in a class")
    return Plugin(found.name, module, hooks)


def _check_names(module: ModuleType) -> None:
    for name, value in vars(module).items():
        if name.startswith("_") or not inspect.isfunction(value) or value.__module__ != module.__name__:
            continue
        if wrong := misnamed(name, marked=hasattr(value, f"{PROJECT}_impl")):
            raise Unfit(wrong)


def misnamed(name: str, *, marked: bool) -> str:
    """What is wrong with a public function of this name, with @hookimpl or without; empty if nothing is.

    pluggy is silent about a misspelt hook and a forgotten marker; their author would wait for ever.
    """
    if name in HOOKS:
        return "" if marked else f"{name}() is the name of a hook but lacks @hookimpl; add it, or rename the function"
    near = get_close_matches(name, HOOKS, n=1, cutoff=0.8)
    if marked or near:
        hint = f"did you mean {near[0]!r}?" if near else f"the hooks are {', '.join(HOOKS)}"
        return f"{name}() is no hook; {hint} (a helper's name starts with '_')"
    return ""


def asks_too_much(hook: str, names: Iterable[str]) -> str:
    """Why a hook cannot be given these arguments; empty if it can."""
    given = tuple(inspect.signature(getattr(hookspecs, hook)).parameters)
    extra = [name for name in names if name not in given]
    if not extra:
        return ""
    return f"{hook}() asks for {', '.join(extra)}, but it is given {', '.join(given) or 'nothing'}"


def _argument_sentence(module: ModuleType, text: str) -> str:
    for hook in HOOKS:
        function = getattr(module, hook, None)
        if function is not None and (wrong := asks_too_much(hook, inspect.signature(function).parameters)):
            return wrong
    return text.strip().splitlines()[-1]
