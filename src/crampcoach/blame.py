"""Whose code raised an exception, and what of it may be told: its words may quote what the person wrote."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from crampcoach.model import Problem

#: Of a reason, and of a traceback, no more characters than this are kept: what an exception says may have no end.
MOST_OF_REASON = 300
MOST_OF_DETAIL = 20_000


def is_foreign(frame: FrameType) -> bool:
    """Whether it runs a plugin's code, or a library's that it has brought: neither crampcoach's nor Python's own."""
    name = frame.f_globals.get("__name__")
    module = name.partition(".")[0] if isinstance(name, str) else ""
    return module not in sys.stdlib_module_names and module != __name__.partition(".")[0]


def next_given(given: Iterator[object]) -> object:
    """What comes next of what a plugin gave. What fails right in here is its doing: `map(int, texts)` is no code."""
    return next(given)


def reason_of(what: str, error: BaseException) -> str:
    """One sentence for an exception out of a plugin; a Problem's own, which may be several lines."""
    if isinstance(error, SystemExit):
        return f"{what} called sys.exit()"
    try:
        text = str(error).strip()
    except BaseException:  # noqa: BLE001 - that is a plugin's code too
        text = ""
    if isinstance(error, Problem):
        return _shortened(text, MOST_OF_REASON * 10) or f"{what} raised {type(error).__name__}"
    first = _shortened(text.partition("\n")[0].rstrip(), MOST_OF_REASON)
    return f"{what} raised {type(error).__name__}" + (f": {first}" if first else "")


def told_of(what: str, error: BaseException) -> str:
    """The same for a log line: file and line in place of the words, where these may quote what the person wrote.

    They cannot in a Problem, in what crampcoach itself says of what a plugin gave, in what goes wrong as a file is read
    or imported, and where a module is missing.
    """
    return wordless(what, error) if _place(error) else reason_of(what, error)


def wordless(what: str, error: BaseException) -> str:
    """The same without its words in any case, as from a thread that a plugin has started: nothing of it is ours."""
    return f"{what} raised {type(error).__name__} {_place(error)}".rstrip()


def detail_of(error: BaseException) -> str:
    """Its traceback. A Problem says where and what to do by itself; the way it took through this code helps nobody."""
    return "" if isinstance(error, Problem) else _shortened("".join(traceback.format_exception(error)), MOST_OF_DETAIL)


def _place(error: BaseException) -> str:
    """Where a plugin's code was when it came to that; empty for an exception whose words may be told."""
    missing = type(error) is ModuleNotFoundError and str(error) == f"No module named {error.name!r}"
    if missing or isinstance(error, Problem | SystemExit):
        return ""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    if frames and frames[-1].f_code is next_given.__code__:
        return "in what it gave"
    foreign = [
        (frame.f_code, line)
        for frame, line in traceback.walk_tb(error.__traceback__)
        if is_foreign(frame) and not frame.f_code.co_filename.startswith("<")  # what a dataclass has made of itself
    ]
    if not foreign or any(code.co_name == "<module>" for code, _ in foreign):
        return ""
    code, line = foreign[-1]
    return f"in {Path(code.co_filename).name}, line {line}"


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most // 2]} ... {text[-most // 2 :]}"
