"""Writes the reference in docs/writing-plugins.md from the docstrings of hooks and kit: `make example`.

What a hook promises is then said in one place. A test fails while the page is stale.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from crampcoach import hookspecs
from crampcoach.plugins import HOOKS
from crampcoach.testing import Coach

PAGE = Path(__file__).resolve().parent.parent / "docs" / "writing-plugins.md"
_EXAMPLE = re.compile(r"^Example::\n\n", re.MULTILINE)


def page(text: str) -> str:
    """The page with its generated parts anew."""
    for part, lines in (("hooks", hooks()), ("kit", kit())):
        begin, end = f"<!-- {part}: made by tools/plugin_reference.py -->", f"<!-- end of {part} -->"
        head, mark, rest = text.partition(begin)
        _, other, tail = rest.partition(end)
        if not (mark and other):
            raise SystemExit(f"{PAGE.name} has lost the lines {begin} and {end}")
        text = "\n".join([f"{head}{begin}", "", *lines, f"{end}{tail}"])
    return text


def hooks() -> Iterator[str]:
    """A section for each hook, headed by its literal signature."""
    for name in HOOKS:
        function = getattr(hookspecs, name)
        words, example = _split(inspect.getdoc(function) or "")
        yield from (f"### `{_signature(function)}`", "", words, "", "```python", example.rstrip(), "```", "")


def kit() -> Iterator[str]:
    """What a Coach has, as its docstrings say."""
    yield from ("| | |", "| --- | --- |")
    for name, value in inspect.getmembers(Coach):
        function = value.fget if isinstance(value, property) else value
        if name.startswith("_") or not inspect.isfunction(function):
            continue
        words = " ".join((inspect.getdoc(function) or "").split()).replace("|", "\\|")
        signature = name if isinstance(value, property) else _signature(function)
        yield f"| `coach.{signature}` | {words} |"
    yield ""


def _signature(function: Callable[..., object]) -> str:
    """The name with its arguments, as somebody calls it."""
    signature = inspect.signature(function)
    bare = [
        one.replace(annotation=inspect.Parameter.empty) for one in signature.parameters.values() if one.name != "self"
    ]
    return f"{function.__name__}{signature.replace(parameters=bare, return_annotation=inspect.Signature.empty)}"


def _split(doc: str) -> tuple[str, str]:
    """A docstring's words, and its example without the indent."""
    words, example = _EXAMPLE.split(doc, maxsplit=1)
    return words.strip(), inspect.cleandoc(f"\n{example}")


if __name__ == "__main__":
    made = page(PAGE.read_text("utf-8"))
    if sys.argv[1:] == ["--check"]:
        sys.exit(0 if made == PAGE.read_text("utf-8") else f"{PAGE.name} is stale; run: make example")
    PAGE.write_text(made, "utf-8")
