"""`plugins check`: what is wrong with a plugin, with its line, before anybody else finds out."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from crampcoach.checks import NAME
from crampcoach.cli.completion import plugin_names
from crampcoach.cli.lint import KEEPS_FROM_LOADING, Finding
from crampcoach.cli.printing import json_option, print_json
from crampcoach.cli.session import Session
from crampcoach.hookspecs import PROJECT
from crampcoach.model import Problem
from crampcoach.options import did_you_mean

if TYPE_CHECKING:
    from types import ModuleType

    from crampcoach.cli.looking import Look
    from crampcoach.plugins import Found


@dataclass(frozen=True, slots=True)
class Target:
    """What is checked: its module with the hooks first, then the others of its package."""

    found: Found
    files: tuple[Path, ...]
    module: str = ""

    @property
    def single(self) -> Path | None:
        """The file, where it is loaded as one."""
        return None if self.module else self.files[0]


def _files_and_plugins(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    return [*plugin_names(ctx, param, incomplete), CompletionItem(incomplete, type="file")]


@click.command("check", short_help="Say what is wrong with a plugin.")
@click.argument("what", metavar="FILE|NAME", shell_complete=_files_and_plugins)
@json_option
@click.pass_context
def check_command(ctx: click.Context, what: str, as_json: bool) -> None:
    """Say what is wrong with a plugin: a file, or one that `crampcoach plugins` lists.

    It is read, then loaded and asked as the agent would, without your log. Its reminders compose their messages. An
    agent that runs takes up what you have changed. The exit status is 1 where there is an error; a warning is only
    advice.

    JSON: file, line, level (error, warning), rule, text.
    """
    from crampcoach.cli.looking import look

    with Session(ctx) as session:  # what plugins print is not to be among the lines
        target = _target(session.found, what)
        findings = check(target, partial(look, ctx))
        session.poke()  # whoever has just changed it wants to see it
    if as_json:
        print_json([_row(one) for one in findings])
    else:
        for one in findings:
            click.echo(f"{one.file}:{one.line}: {one.level}: {one.text}")
        if not findings:
            click.echo(f"{what}: nothing is wrong with it")
        elif any(one.rule in KEEPS_FROM_LOADING for one in findings):
            click.echo("What it offers can be looked at once that is mended.")
    ctx.exit(int(any(one.level == "error" for one in findings)))


def _row(one: Finding) -> dict[str, object]:
    return {"file": str(one.file), "line": one.line, "level": one.level, "rule": one.rule, "text": one.text}


# --- what is meant ---------------------------------------------------------------------------------------------


def _target(everything: Mapping[str, Found], what: str) -> Target:
    """The file or plugin that is meant. Raises Problem."""
    path = Path(what)
    if what in everything:
        return _plugin(everything[what])
    if path.is_dir():
        raise Problem(f"{path} is a folder; name the file with the hooks in it, such as {path / '__init__.py'}")
    if path.is_file():
        return _file(path, everything)
    if path.suffix == ".py" or path.name != what:
        raise Problem(f"there is no file {path}")
    raise Problem(f"there is neither a plugin nor a file {what!r}{did_you_mean(what, everything)}")


def _plugin(found: Found) -> Target:
    """One that is in use or could be."""
    if found.path:
        return Target(found, (found.path,))
    for point in metadata.entry_points(group=PROJECT, name=found.name):
        with suppress(ImportError):
            spec = importlib.util.find_spec(point.module)
            if spec and spec.origin and spec.origin.endswith(".py"):
                return Target(found, _of_package(Path(spec.origin)), point.module)
    raise Problem(f"the source of {found.name} ({found.origin}) is not there to be read")


def _file(path: Path, everything: Mapping[str, Found]) -> Target:
    """One that may lie anywhere; permissions count in the plugin folder only."""
    from crampcoach.plugins import Found, load_file

    for one in everything.values():
        if one.path and one.path.resolve() == path.resolve():
            return Target(replace(one, origin=str(path)), (path,))
    whole = path.name == "__init__.py"
    name = (path.resolve().parent.name.removeprefix(f"{PROJECT}_") if whole else path.stem).lower()
    problem = "" if NAME.fullmatch(name) else f"{path}: rename it to a short lower-case name"
    load = partial(_load_package, path) if whole else partial(load_file, name, path)
    return Target(Found(name=name, origin=str(path), load=load, problem=problem, path=path), _of_package(path))


def _of_package(main: Path) -> tuple[Path, ...]:
    others = sorted(one for one in main.parent.rglob("*.py") if one != main) if main.name == "__init__.py" else ()
    return (main, *others)


def _load_package(path: Path) -> ModuleType:
    """Import a package that is not installed under a name that cannot clash with any other."""
    import sys

    name = f"_crampcoach_package_{path.resolve().parent.name}"
    spec = importlib.util.spec_from_file_location(name, path, submodule_search_locations=[str(path.parent)])
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


# --- checking --------------------------------------------------------------------------------------------------


def check(target: Target, looking: partial[Look]) -> list[Finding]:
    """Everything that is wrong, in the order of the lines. It is loaded only if nothing in it is known to forbid it."""
    from crampcoach.cli.lint.habit_rules import habit_findings
    from crampcoach.cli.lint.hook_rules import hook_findings
    from crampcoach.cli.lint.import_cost import cost_findings, import_cost
    from crampcoach.cli.lint.loaded_rules import loaded_findings
    from crampcoach.cli.lint.source import Source, of_one_plugin, read
    from crampcoach.cli.lint.text_rules import text_findings

    sources: list[Source] = []
    findings: list[Finding] = []
    for path in target.files:
        try:
            sources.append(read(path))
        except (SyntaxError, ValueError) as error:
            line = getattr(error, "lineno", None) or 1
            findings.append(Finding(path, line, "syntax", f"this is not Python: {getattr(error, 'msg', error)}"))
        except OSError as error:
            raise Problem(f"{path}: cannot be read: {error.strerror}") from None
    if not sources or sources[0].path != target.files[0]:
        return findings
    sources = of_one_plugin(sources)
    for source in sources:
        findings += hook_findings(source) if source.main else ()
        findings += [*habit_findings(source), *text_findings(source)]
    if not any(one.rule in KEEPS_FROM_LOADING for one in findings):
        loaded = list(loaded_findings(looking(), target.found, sources))
        findings += loaded
        if not any(one.rule in ("loading", "file permissions") for one in loaded):
            findings += cost_findings(target.files[0], import_cost(target.module, target.single))
    return _once(findings)


def _once(findings: Sequence[Finding]) -> list[Finding]:
    """In order; what both the source and the loaded plugin show is said once."""
    return sorted(set(findings))
