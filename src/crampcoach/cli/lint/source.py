"""A plugin's source as rules read it: where names come from, what runs at import, what hooks call."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from crampcoach.plugins import HOOKS

Function = ast.FunctionDef | ast.AsyncFunctionDef
#: What is only called, and never by being imported.
_LATER = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


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
                found |= {one.asname or one.name: f"{node.module}.{one.name}" for one in node.names}
        return found

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
            if self.full_name(called) in ("crampcoach.hookimpl", "crampcoach.hookspecs.hookimpl"):
                yield one

    @cached_property
    def functions(self) -> dict[str, Function]:
        """Those at the top level, by name."""
        return {one.name: one for one in _at_top(self.tree) if isinstance(one, Function)}

    @cached_property
    def hooks(self) -> dict[str, Function]:
        """The functions with @hookimpl."""
        return {name: one for name, one in self.functions.items() if any(self.markers(one))}

    @cached_property
    def at_import(self) -> tuple[ast.AST, ...]:
        """Everything that runs when it is imported."""
        return tuple(_running(self.tree))

    @cached_property
    def by_hooks(self) -> tuple[ast.AST, ...]:
        """What hooks run, as far as the functions of this module go; commands excepted, which a person starts."""
        reached: dict[str, Function] = {}
        waiting = [name for name in self.hooks if name != "commands"]
        while waiting:
            name = waiting.pop()
            if name in self.functions and name not in reached:
                reached[name] = self.functions[name]
                waiting += [one.id for one in ast.walk(self.functions[name]) if isinstance(one, ast.Name)]
        return tuple(node for function in reached.values() for node in ast.walk(function))


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
