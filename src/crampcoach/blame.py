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
        return shortened(text, MOST_OF_REASON * 10) or f"{what} raised {type(error).__name__}"
    first = shortened(text.partition("\n")[0].rstrip(), MOST_OF_REASON)
    return f"{what} raised {type(error).__name__}" + (f": {first}" if first else "")


def told_of(what: str, error: BaseException) -> str:
    """The same for a log line: file and line in place of the words, where these may quote what the person wrote.

    They cannot in a Problem, in what crampcoach itself says of what a plugin gave, in what goes wrong as a file is read
    or imported, and where a module is missing.
    """
    return wordless(what, error) if _may_quote(error) else reason_of(what, error)


def wordless(what: str, error: BaseException) -> str:
    """The same without its words in any case, as from a thread that a plugin has started: nothing of it is ours."""
    return reason_of(what, error) if _is_missing_module(error) else f"{what} raised {type_and_place(error)}"


def type_and_place(error: BaseException) -> str:
    """Its type, and the last line of a plugin's code that it came through; of anybody's where there is none."""
    lines = _lines(error)
    foreign = _foreign(lines)
    if not foreign and _in_what_it_gave(lines):
        return f"{type(error).__name__} in what it gave"
    for frame, line in reversed(foreign or lines):
        return f"{type(error).__name__} in {Path(frame.f_code.co_filename).name}, line {line}"
    return type(error).__name__


def detail_of(error: BaseException) -> str:
    """Its traceback. A Problem says where and what to do by itself; the way it took through this code helps nobody."""
    return "" if isinstance(error, Problem) else shortened("".join(traceback.format_exception(error)), MOST_OF_DETAIL)


def _may_quote(error: BaseException) -> bool:
    if isinstance(error, Problem | SystemExit) or _is_missing_module(error):
        return False
    lines = _lines(error)
    foreign = _foreign(lines)
    if any(frame.f_code.co_name == "<module>" for frame, _ in foreign):
        return False
    return bool(foreign) or _in_what_it_gave(lines)


def _is_missing_module(error: BaseException) -> bool:
    """Python's own sentence; another may stand there too, or what makes one."""
    known = type(error) is ModuleNotFoundError and type(error.msg) is str and type(error.name) is str
    return known and error.msg == f"No module named {error.name!r}"  # type: ignore[attr-defined]


def _lines(error: BaseException) -> list[tuple[FrameType, int]]:
    """The lines that it came through, the one that raised it last."""
    return list(traceback.walk_tb(error.__traceback__))


def _foreign(lines: list[tuple[FrameType, int]]) -> list[tuple[FrameType, int]]:
    """Those of plugins' code, and of what they have brought; but not of what a dataclass has made of itself."""
    return [one for one in lines if is_foreign(one[0]) and not one[0].f_code.co_filename.startswith("<")]


def _in_what_it_gave(lines: list[tuple[FrameType, int]]) -> bool:
    return any(frame.f_code is next_given.__code__ for frame, _ in lines)


def shortened(text: str, most: int) -> str:
    """A text in about so many characters: its beginning and its end."""
    return text if len(text) <= most else f"{text[: most // 2]} ... {text[-most // 2 :]}"
