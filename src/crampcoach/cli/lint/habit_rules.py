"""Rules about what a plugin does beside its hooks: the clock, output, files, the network, what it imports."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeAlias

from crampcoach.cli.lint import Finding

if TYPE_CHECKING:
    from crampcoach.cli.lint.source import Source

#: Ways to ask the machine what time it is.
_CLOCKS = {
    "datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today", "datetime.date.today",
    "time.time", "time.time_ns", "time.localtime", "time.gmtime", "time.ctime", "time.asctime",
}  # fmt: skip
#: Libraries that cost the agent, which runs all day, memory or time.
_HEAVY = {
    "aiohttp", "apprise", "asyncio", "click", "dbus", "dbus_fast", "dbus_next", "desktop_notifier", "gi", "httpx",
    "jeepney", "jinja2", "matplotlib", "numpy", "pandas", "PIL", "pydantic", "requests", "rich", "schedule",
    "textual", "tkinter", "tomlkit",
}  # fmt: skip
_NETWORK = {
    "aiohttp", "apprise", "ftplib", "http.client", "httpx", "imaplib", "paho", "poplib", "requests", "smtplib",
    "socket", "urllib.request", "urllib3", "websocket", "websockets",
}  # fmt: skip
_STARTS = {
    "asyncio.run", "asyncio.new_event_loop", "concurrent.futures.ProcessPoolExecutor",
    "concurrent.futures.ThreadPoolExecutor", "multiprocessing", "os.popen", "os.system", "subprocess",
    "threading.Thread", "threading.Timer",
}  # fmt: skip
#: What no part of a plugin may do, a thread of its own either.
_NEVER = {
    "os._exit": "os._exit ends crampcoach itself; raise an exception instead",
    "os.abort": "os.abort ends crampcoach itself; raise an exception instead",
    "os.fork": "os.fork forks crampcoach itself; start programs with subprocess instead",
    "os.forkpty": "os.forkpty forks crampcoach itself; start programs with subprocess instead",
}
#: What only a command may do, which a person starts.
_NOT_HERE = {
    "signal.signal": "works in the main thread only; it is close() that tells a notifier that the agent stops",
    **dict.fromkeys(("sys.exit", "exit", "quit", "SystemExit"), "is no way to stop; return, or raise an exception"),
}

_OWN_FILES = re.compile(r"(?:^|[/\\])(?:log|state)\.db$")

#: A rule's name and the sentence.
Broken: TypeAlias = tuple[str, str]


def habit_findings(source: Source) -> Iterator[Finding]:
    """Everything that a module should not do. What only a command imports may be as heavy as it likes."""
    at_import = source.at_import if source.eager else ()
    by_us = {id(one): one for one in (*at_import, *source.by_hooks)}.values()
    for nodes, look in ((ast.walk(source.tree), _anywhere), (at_import, _at_import), (by_us, _run_by_us)):
        looking: Callable[[Source, ast.AST], Iterator[Broken]] = look
        for node in nodes:
            for rule, text in looking(source, node):
                yield Finding(source.path, getattr(node, "lineno", 1), rule, text)


def _anywhere(source: Source, node: ast.AST) -> Iterator[Broken]:
    name = source.full_name(node) if isinstance(node, (ast.Name, ast.Attribute)) else ""
    if name in _CLOCKS:
        yield "clock", f"{name} asks the machine for the time; take ctx.now, or session.now() in a command"
    if name in _NEVER:
        yield "process", _NEVER[name]
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and _OWN_FILES.search(node.value):
        yield "database", f"{node.value!r} is crampcoach's own; ctx.log reads the log, ctx.store keeps what is yours"
    for module in _imported(node):
        own = module.split(".")
        if own[0] == "crampcoach" and len(own) > 1 and own[1] != "testing":
            yield "private name", f"{module} may change any day; import what `crampcoach` itself has"


def _at_import(source: Source, node: ast.AST) -> Iterator[Broken]:
    for module in _imported(node):
        if (top := module.partition(".")[0]) in _HEAVY:
            yield "heavy import", f"{top} is imported by the agent, which runs all day; import it where it is used"
    if isinstance(node, ast.Call) and (name := source.full_name(node.func)):
        if _of(name, _NETWORK):
            yield "network at import", f"{name}() is called when it is imported; call it where it is needed"
        if _of(name, _STARTS):
            yield "work at import", f"{name}() is called when it is imported; start it in a hook, or in start()"


def _run_by_us(source: Source, node: ast.AST) -> Iterator[Broken]:
    if not isinstance(node, (ast.Call, ast.Raise)):
        return
    called = node.func if isinstance(node, ast.Call) else node.exc
    name = source.full_name(called) if called is not None else ""
    if name in source.functions:  # of its own, with the name of Python's
        return
    if name == "print" and not _elsewhere(source, node):
        yield "print", "print() ends up in the middle of other output; ctx.logger is for notes to yourself"
    at_import = source.eager and id(node) in source.ids_at_import
    if name == "time.sleep" and (at_import or id(node) in source.waited_for):
        yield "sleep", "time.sleep() keeps others waiting, and after five seconds the plugin is set aside; leave it out"
    if name in _NOT_HERE:
        yield "process", f"{name} {_NOT_HERE[name]}"


def _elsewhere(source: Source, node: ast.AST) -> bool:
    """Whether a print() goes to a file of the plugin's own."""
    files = [one.value for one in node.keywords if one.arg == "file"] if isinstance(node, ast.Call) else []
    shown = ("sys.stdout", "sys.stderr", "sys.__stdout__", "sys.__stderr__")
    nobody = [isinstance(one, ast.Constant) and one.value is None for one in files]
    return bool(files) and not any(nobody) and source.full_name(files[0]) not in shown


def _imported(node: ast.AST) -> Iterator[str]:
    """The modules that a statement imports."""
    if isinstance(node, ast.Import):
        yield from (one.name for one in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
        yield node.module


def _of(name: str, owners: set[str]) -> bool:
    """Whether a name is one of these, or in one of these modules."""
    parts = name.split(".")
    return any(".".join(parts[:number]) in owners for number in range(1, len(parts) + 1))
