"""What whoever calls `main` may hand to a command line: a clock, and plugins beside those that are found.

A command that a person types is handed neither: it goes by the machine's clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import ModuleType

import click

from crampcoach.clock import Clock, SystemClock


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """The clock to go by, and plugins by name, which replace those that are found."""

    clock: Clock = field(default_factory=SystemClock)
    plugins: Mapping[str, ModuleType] = field(default_factory=dict)


def handed(ctx: click.Context) -> Handed:
    """What this command line was handed."""
    given = ctx.find_root().obj
    return given if isinstance(given, Handed) else Handed()
