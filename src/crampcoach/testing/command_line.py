"""A command line in this process: what comes in, what goes out, and how it ended."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from io import BytesIO, TextIOWrapper
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

if TYPE_CHECKING:
    from crampcoach.cli.handed import Handed

#: What a terminal is wide and high where the environment does not say.
_SIZE = {"COLUMNS": "80", "LINES": "24"}


@dataclass(frozen=True, slots=True)
class Said:
    """How a command ended, and what it printed: `coach.run("log", "coffee").out`."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What `--json` printed, read. Raises AssertionError where the command failed or complained."""
        assert (self.status, self.err) == (0, ""), self
        return json.loads(self.out)


class _Stream(TextIOWrapper):
    """A stream that is held in memory, and may pass for a terminal."""

    def __init__(self, *, terminal: bool, content: bytes = b"", newline: str | None = "") -> None:
        self._bytes, self._terminal = BytesIO(content), terminal
        super().__init__(self._bytes, "utf-8", newline=newline, write_through=True)

    def isatty(self) -> bool:
        return self._terminal

    def close(self) -> None:
        """Not before it was read: a command closes what nobody else will."""

    def text(self) -> str:
        return self._bytes.getvalue().decode("utf-8", "backslashreplace")


def run_command(
    words: Iterable[str],
    handed: Handed,
    environ: Mapping[str, str],
    *,
    stdin: str | bytes = "",
    typed: Iterable[str] | None = None,
) -> Said:
    """Run `crampcoach WORDS` with these variables set. `stdin` comes by a pipe, `typed` are lines at a terminal.

    With `--debug` it raises what the command raises.
    """
    from crampcoach.cli import main

    terminal = typed is not None
    content = "".join(f"{line}\n" for line in typed) if typed is not None else stdin
    given = content.encode() if isinstance(content, str) else content
    out, err = _Stream(terminal=terminal), _Stream(terminal=terminal)
    status: Any = 0
    with (
        patch.dict(os.environ, {**_SIZE, **os.environ, **environ}),
        patch.multiple(sys, stdin=_Stream(terminal=terminal, content=given, newline=None), stdout=out, stderr=err),
        patch("getpass.getpass", lambda prompt="", **_: input(prompt)),  # it would ask the real terminal
    ):
        try:
            main(list(words), handed)
        except SystemExit as end:
            status = end.code
    if isinstance(status, str):  # a plugin's own sys.exit("why")
        err.write(f"{status}\n")
    return Said(status if isinstance(status, int) else int(status is not None), out.text(), err.text())
