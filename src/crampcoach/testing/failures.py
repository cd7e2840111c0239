"""What a plugin under test did wrong, as its author wants to read it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

import crampcoach
from crampcoach.store.agent_state import Failure

#: A call in a traceback, with the lines of code below it.
_CALL = re.compile(r'^  File "(?P<file>[^"]+)", line .*\n(?:    .*\n)*', re.MULTILINE)
_OURS = (f"{Path(crampcoach.__file__).parent}{os.sep}", "<frozen ")


class PluginFailed(AssertionError):
    """A plugin did something wrong: which one, what, and the way there through its own code.

    `failures` has plugin, at, reason and detail (the traceback) of each; there may be several at a time.
    """

    def __init__(self, failures: Iterable[Failure]) -> None:
        self.failures = tuple(failures)
        said = (f"plugin {one.plugin}: {one.reason}\n{_own(one.detail)}".rstrip() for one in self.failures)
        super().__init__("\n".join(said))


def _own(traceback: str) -> str:
    """A traceback without the calls that are crampcoach's or Python's own."""
    return _CALL.sub(lambda call: "" if call["file"].startswith(_OURS) else call[0], traceback)
