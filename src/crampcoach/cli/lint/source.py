"""A plugin's source as rules read it: where names come from, what runs at import, what hooks call."""

from __future__ import annotations

import ast
import importlib.util
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cached_property, partial
from pathlib import Path

from crampcoach import __all__
from crampcoach.hookspecs import PROJECT
from crampcoach.plugins import HOOKS

Function = ast.FunctionDef | ast.AsyncFunctionDef
#: What is only called, and never by being imported.
_LATER = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_MARKER = f"{PROJECT}.hookimpl"
#: What a thread or timer is given beside what it runs.
_OF_THREAD = ("group", "name", "args", "kwargs", "daemon", "interval")


@dataclass(frozen=True)
class Source:
    """One module. `main`: the one with the hooks. `eager`: importing that one imports this one too."""

    path: Path
    tree: ast.Module
    main: bool = True
    eager: bool = True

    @cached_property
    def names(self) -> dict[str, str]:
        """What each imported name stands for, in full: `dt` -> `datetime.datetime`."""
        found: dict[str, str] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                for one in node.names:
                    found[one.asname or one.name.partition(".")[0]] = (
                        one.name if one.asname else one.name.partition(".")[0]
                    )
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                own = __all__ if node.module == PROJECT else ()
                named = [(one.asname or one.name, one.name) for one in node.names if one.name != "*"]
                found |= {name: f"{node.module}.{of}" for name, of in (*named, *self._starred(node, own))}
        for name, value in _assigned(self.tree):
            made = value.func if isinstance(value, ast.Call) else None
            if isinstance(made, ast.Name) and found.get(made.id) == "pluggy.HookimplMarker":
                found[name] = _MARKER
        return found

    @staticmethod
    def _starred(node: ast.ImportFrom, own: Iterable[str]) -> list[tuple[str, str]]:
        return [(name, name) for name in own] if any(one.name == "*" for one in node.names) else []

    def full_name(self, node: ast.AST) -> str:
        """`datetime.datetime.now` for whatever way of writing it; empty for what is no name."""
        if isinstance(node, ast.Name):
            return self.names.get(node.id, node.id)
        if isinstance(node, ast.Attribute):
            owner = self.full_name(node.value)
            return f"{owner}.{node.attr}" if owner else ""
        return ""

    def markers(self, function: Function) -> Iterator[ast.expr]:
        """Its decorators that are @hookimpl."""
        for one in function.decorator_list:
            called = one.func if isinstance(one, ast.Call) else one
            if self._marks(called):
                yield one

    def _marks(self, node: ast.AST) -> bool:
        module, _, name = self.full_name(node).rpartition(".")
        return name == "hookimpl" and (module in (PROJECT, f"{PROJECT}.hookspecs") or misspelt(module))

    @cached_property
    def functions(self) -> dict[str, Function]:
        """Those at the top level, by name."""
        return {one.name: one for one in _at_top(self.tree) if isinstance(one, Function)}

    @cached_property
    def hooks(self) -> dict[str, Function]:
        """The functions with @hookimpl, and those that are handed to it: `reminders = hookimpl(_ask)`."""
        found = {name: one for name, one in self.functions.items() if any(self.markers(one))}
        for name, value in _assigned(self.tree):
            match value:
                case ast.Call(args=[ast.Name(id=handed)]) if handed in self.functions and self._marks(value.func):
                    found[name] = self.functions[handed]
        return found

    @cached_property
    def brought(self) -> bool:
        """Whether a hook may come from elsewhere: another module of the plugin, or whatever is bound to its name."""
        bound = {name for name, _ in _assigned(self.tree)}
        for node in _at_top(self.tree):
            if isinstance(node, ast.ImportFrom) and (node.level or node.module != PROJECT):
                bound |= {one.asname or one.name for one in node.names}
        return not bound.isdisjoint((*HOOKS, "*"))

    @cached_property
    def at_import(self) -> tuple[ast.AST, ...]:
        """Everything that runs when it is imported."""
        return tuple(_running(self.tree))

    @cached_property
    def ids_at_import(self) -> frozenset[int]:
        """The ids of these."""
        return frozenset(map(id, self.at_import))

    @cached_property
    def by_hooks(self) -> tuple[ast.AST, ...]:
        """What hooks run, as far as the functions of this module go; commands excepted, which a person starts."""
        return tuple(self._reached(ast.walk))

    @cached_property
    def waited_for(self) -> frozenset[int]:
        """The ids of those of them that a hook waits for: a thread of its own runs the others."""
        return frozenset(id(node) for node in self._reached(partial(in_turn, self)))

    def _reached(self, walk: Callable[[ast.AST], Iterable[ast.AST]]) -> Iterator[ast.AST]:
        reached: dict[int, Function] = {}
        waiting = [one for name, one in self.hooks.items() if name != "commands"]
        while waiting:
            function = waiting.pop()
            if id(function) not in reached:
                reached[id(function)] = function
                named = [one.id for one in walk(function) if isinstance(one, ast.Name)]
                waiting += [self.functions[name] for name in named if name in self.functions]
        return (node for function in reached.values() for node in walk(function))


def read(path: Path) -> Source:
    """Read a module. Raises SyntaxError, ValueError or OSError."""
    return Source(path, ast.parse(path.read_bytes(), str(path)))


def of_one_plugin(sources: list[Source]) -> list[Source]:
    """The modules of a plugin, its main one first, each told what it is to that one."""
    main, folder = sources[0], sources[0].path.parent
    eager, waiting = {main.path}, [main]
    while waiting:
        named = [folder.joinpath(*name) for name in _own_imports(waiting.pop(), folder)]
        paths = {path for one in named for path in (one.with_suffix(".py"), one / "__init__.py")}
        waiting += [one for one in sources if one.path in paths - eager]
        eager |= paths
    return [replace(one, main=one is main, eager=one.path in eager) for one in sources]


def _own_imports(source: Source, folder: Path) -> Iterator[tuple[str, ...]]:
    """What a module imports at once of its own package, as paths in it; not all of them are modules."""
    here = source.path.parent.relative_to(folder).parts
    for node in source.at_import:
        if isinstance(node, ast.Import):
            yield from (tuple(one.name.split(".")[1:]) for one in node.names if one.name.startswith(f"{folder.name}."))
        elif isinstance(node, ast.ImportFrom):
            module = tuple(node.module.split(".")) if node.module else ()
            if node.level:
                module = (*here[: len(here) + 1 - node.level], *module)
            elif module[:1] == (folder.name,):
                module = module[1:]
            else:
                continue
            yield module
            yield from ((*module, one.name) for one in node.names)


def misspelt(module: str) -> bool:
    """Whether this can only be a slip for crampcoach itself."""
    top = module.partition(".")[0]
    near = not top.startswith(PROJECT) and get_close_matches(top, [PROJECT], cutoff=0.8)
    return bool(near) and importlib.util.find_spec(top) is None


def _assigned(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    """Each name at the top level and what is bound to it."""
    for node in _at_top(tree):
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value:
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                if isinstance(target, ast.Name):
                    yield target.id, node.value


def _at_top(node: ast.AST) -> Iterator[ast.AST]:
    """Everything at the top level, also below `if` and `try`."""
    for child in ast.iter_child_nodes(node):
        yield child
        if isinstance(child, (ast.If, ast.Try, ast.With, ast.ExceptHandler)):
            yield from _at_top(child)


def _running(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and re.search(r"\bTYPE_CHECKING\b|__main__", ast.unparse(child.test)):
            for other in child.orelse:
                yield other
                yield from _running(other)
        elif isinstance(child, _LATER):
            # Decorators and defaults are worked out at once, the body is not.
            now = [*getattr(child, "decorator_list", ()), *child.args.defaults, *filter(None, child.args.kw_defaults)]
            for one in now:
                yield one
                yield from _running(one)
        else:
            yield child
            yield from _running(child)


# --- threads ---------------------------------------------------------------------------------------------------


def in_turn(source: Source, node: ast.AST) -> Iterator[ast.AST]:
    """Everything in a function that is run, if at all, before it returns, or by whoever it hands it to."""
    handed = {id(one) for call in ast.walk(node) for one in _run_by_thread(source, call)}
    names = {one.id for one in ast.walk(node) if isinstance(one, ast.Name) and id(one) in handed}
    names -= {one.id for one in ast.walk(node) if isinstance(one, ast.Name) and id(one) not in handed}
    waiting = [node]
    while waiting:
        one = waiting.pop()
        apart = one is not node and isinstance(one, Function) and one.name in names
        if id(one) not in handed and not apart and not _is_thread(source, one):
            yield one
            waiting += ast.iter_child_nodes(one)


def _run_by_thread(source: Source, call: ast.AST) -> Iterator[ast.expr]:
    """What a call has another thread run."""
    if not isinstance(call, ast.Call):
        return
    if source.full_name(call.func) in ("threading.Thread", "threading.Timer"):
        yield from (one.value for one in call.keywords if one.arg not in _OF_THREAD)
        yield from call.args[1:2]
    elif isinstance(call.func, ast.Attribute) and call.func.attr == "submit":
        yield from call.args[:1]


def _is_thread(source: Source, node: ast.AST) -> bool:
    return isinstance(node, ast.ClassDef) and any(source.full_name(one) == "threading.Thread" for one in node.bases)


# --- finding a place again -------------------------------------------------------------------------------------


def line_of_value(sources: list[Source], *values: str) -> tuple[Path, int]:
    """Where one of these texts stands as a value, the first that does; else the beginning."""
    for value in values:
        for source in sources:
            for node in ast.walk(source.tree):
                if isinstance(node, ast.Constant) and node.value == value:
                    return source.path, node.lineno
    return sources[0].path, 1


def line_of_hook(sources: list[Source], hook: str) -> tuple[Path, int]:
    """Where a hook is defined."""
    assert hook in HOOKS
    function = sources[0].functions.get(hook)
    return sources[0].path, function.lineno if function else 1


def line_of_field(sources: list[Source], owner: str, name: str) -> tuple[Path, int] | None:
    """Where a class says that it has a field."""
    for source in sources:
        for node in ast.walk(source.tree):
            if isinstance(node, ast.ClassDef) and node.name == owner:
                for one in node.body:
                    if isinstance(one, ast.AnnAssign) and ast.unparse(one.target) == name:
                        return source.path, one.lineno
    return None


def line_in_traceback(sources: list[Source], traceback: str) -> tuple[Path, int] | None:
    """The last place in the plugin that an exception came through."""
    paths = {source.path.resolve(): source.path for source in sources}
    places = re.findall(r'^\s*File "(.*)", line (\d+)', traceback, re.MULTILINE)
    resolved = ((Path(file).resolve(), int(line)) for file, line in reversed(places))
    return next(((paths[file], line) for file, line in resolved if file in paths), None)
