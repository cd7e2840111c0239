"""What `plugins check` looks for, in the source of a plugin and in what it offers once it is loaded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

Level: TypeAlias = Literal["error", "warning"]

#: Every rule, and how bad it is to break it: an error keeps a plugin from working or harms somebody.
RULES: dict[str, Level] = {
    # read in the source
    "syntax": "error",
    "misspelt import": "error",
    "hook name": "error",
    "missing hookimpl": "error",
    "hook in a class": "error",
    "no hook": "error",
    "hook arguments": "error",
    "hook order": "error",
    "async hook": "error",
    "no result": "warning",
    "api version": "error",
    "private name": "warning",
    "heavy import": "warning",
    "clock": "error",
    "sleep": "error",
    "print": "error",
    "database": "error",
    "network at import": "error",
    "work at import": "error",
    "process": "error",
    "claim without sources": "error",
    "health wording": "warning",
    # seen once it is loaded
    "file permissions": "error",
    "loading": "error",
    "slow import": "warning",
    "unready": "warning",
    "options": "error",
    "kind": "error",
    "reminder": "error",
    "schedule": "error",
    "quiet hours": "warning",
    "too often": "warning",
    "grace": "error",
    "tag": "error",
    "button": "error",
    "answer": "error",
    "advice": "error",
    "message": "error",
    "duplicate name": "error",
    "taken name": "error",
    "notifier": "error",
    "command": "error",
    "explainer": "error",
    "exporter": "error",
    "importer": "error",
    "quiet time": "error",
}
#: Who breaks one of these cannot be loaded as it is meant, or does something at once when it is.
KEEPS_FROM_LOADING = frozenset(
    {
        "syntax", "misspelt import", "hook name", "missing hookimpl", "hook in a class", "no hook", "hook arguments",
        "hook order", "async hook", "api version", "network at import", "work at import", "process",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One place at which a rule is broken. `text` is a sentence: what is wrong, and what to do."""

    file: Path
    line: int
    rule: str
    text: str

    def __post_init__(self) -> None:
        assert self.rule in RULES, self.rule

    @property
    def level(self) -> Level:
        """How bad it is."""
        return RULES[self.rule]
