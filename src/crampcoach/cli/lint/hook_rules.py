"""Rules about hooks as they are written: names, markers, arguments."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from crampcoach import API
from crampcoach.cli.lint import Finding
from crampcoach.cli.lint.source import misspelt
from crampcoach.hookspecs import PROJECT
from crampcoach.plugins import HOOKS, asks_too_much, misnamed

if TYPE_CHECKING:
    from crampcoach.cli.lint.source import Function, Source

#: What a hook makes in its own body.
_GIVES = {
    "kinds": "crampcoach.Kind",
    "reminders": "crampcoach.Reminder",
    "responded": "crampcoach.Entry",
    "quiet_times": "crampcoach.QuietTime",
    "advise": "crampcoach.Advice",
    "explainers": "crampcoach.Explainer",
    "exporters": "crampcoach.Exporter",
    "importers": "crampcoach.Importer",
}
_ORDER = {"hookwrapper", "wrapper", "tryfirst", "trylast"}


def hook_findings(source: Source) -> Iterator[Finding]:
    """Everything that is wrong with the hooks of a plugin's main module."""
    misplaced = [*_misspelt(source), *_misnamed(source), *_in_classes(source)]
    yield from misplaced
    for name, function in source.hooks.items():
        if name in HOOKS:
            yield from _written(source, name, function)
    yield from _api(source)
    yield from _twice(source)
    if not (source.hooks or source.brought or misplaced):
        text = "it has no hook; write functions with @hookimpl at the top level of the file"
        yield Finding(source.path, 1, "no hook", text)


def _misspelt(source: Source) -> Iterator[Finding]:
    for node in source.at_import:
        named = [one.name for one in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            named = [node.module]
        for module in named:
            if misspelt(module):
                text = f"there is no module {module!r}; did you mean {PROJECT!r}?"
                yield Finding(source.path, getattr(node, "lineno", 1), "misspelt import", text)


def _misnamed(source: Source) -> Iterator[Finding]:
    for name, function in source.functions.items():
        marked = any(source.markers(function)) or source.hooks.get(name) is function
        wrong = misnamed(name, marked=marked) if marked or not name.startswith("_") else ""
        if wrong:
            rule = "missing hookimpl" if name in HOOKS else "hook name"
            yield Finding(source.path, function.lineno, rule, wrong)


def _written(source: Source, name: str, function: Function) -> Iterator[Finding]:
    line = function.lineno
    args = function.args
    needed = [*args.posonlyargs, *args.args]
    needed = needed[: len(needed) - len(args.defaults)]
    needed += [one for one, default in zip(args.kwonlyargs, args.kw_defaults, strict=True) if default is None]
    if wrong := asks_too_much(name, [one.arg for one in needed]):
        yield Finding(source.path, line, "hook arguments", wrong)
    if isinstance(function, ast.AsyncFunctionDef):
        text = f"{name}() is an async function, and hooks are plain ones; write def {name}(...)"
        yield Finding(source.path, line, "async hook", text)
    elif _forgets_to_return(source, name, function):
        text = f"{name}() makes something and returns nothing, as if it had none; put return before what it gives"
        yield Finding(source.path, line, "no result", text)
    for marker in source.markers(function):
        given = {one.arg for one in marker.keywords} if isinstance(marker, ast.Call) else set()
        if given & _ORDER:
            text = f"{name}: wrappers and tryfirst/trylast are not used here; write a plain @hookimpl"
            yield Finding(source.path, marker.lineno, "hook order", text)


def _forgets_to_return(source: Source, name: str, function: Function) -> bool:
    """Whether it makes what it is for, and gives it to nobody."""
    makes = False
    waiting: list[ast.AST] = [*function.body]
    while waiting:
        node = waiting.pop()
        if isinstance(node, (ast.Yield, ast.YieldFrom)) or (isinstance(node, ast.Return) and node.value):
            return False
        makes = makes or (isinstance(node, ast.Call) and source.full_name(node.func) == _GIVES.get(name))
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            waiting += ast.iter_child_nodes(node)
    return makes


def _in_classes(source: Source) -> Iterator[Finding]:
    for owner in ast.walk(source.tree):
        for one in owner.body if isinstance(owner, ast.ClassDef) else ():
            if isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef)) and any(source.markers(one)):
                text = f"{one.name}() is a hook in a class, where nobody looks; put it at the top level of the file"
                yield Finding(source.path, one.lineno, "hook in a class", text)


def _api(source: Source) -> Iterator[Finding]:
    for node in source.tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id="api")], value=ast.Constant(value=said)) if said != API:
                text = f"api = {said!r}, and this crampcoach has plugin API {API}; update the one or the other"
                yield Finding(source.path, node.lineno, "api version", text)


def _twice(source: Source) -> Iterator[Finding]:
    """Of two functions with one name Python keeps the later, and says nothing."""
    seen = set[str]()
    for one in source.tree.body:
        if isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef)):
            if one.name in seen and one.name in HOOKS:
                text = f"{one.name}() is there twice, and only this one counts; make one of the two"
                yield Finding(source.path, one.lineno, "duplicate name", text)
            seen.add(one.name)
