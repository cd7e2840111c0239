"""How long the agent would take to import a plugin: measured in a process of its own, which has what the agent has."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from crampcoach.cli.lint import Finding

#: Milliseconds that importing a plugin may take.
BUDGET = 5.0
#: The quickest of so many imports counts: the others were held up by something else.
_TRIES = 5
_SECONDS = 10.0
#: What the agent has imported, and what a plugin's author may import, is there before the clock starts.
_MEASURE = """
import json, sys
from importlib import import_module
from pathlib import Path
import crampcoach, crampcoach.agent
from crampcoach.clock import SystemClock
from crampcoach.plugins import load_file
for name in crampcoach.__all__:
    getattr(crampcoach, name)
before, clock = set(sys.modules), SystemClock()
module, path = sys.argv[1:]
began = clock.monotonic()
load_file("measured", Path(path)) if path else import_module(module)
took = clock.monotonic() - began
new = {name.partition(".")[0] for name in set(sys.modules) - before}
print(json.dumps([took * 1000, sorted(new - set(sys.stdlib_module_names))]), file=sys.__stdout__)
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """What an import takes, in milliseconds, and the packages that come along."""

    milliseconds: float
    brought: tuple[str, ...] = ()


def import_cost(module: str, path: Path | None) -> Cost | None:
    """The cost of a file or, where there is none, of a module that is installed; None where it cannot be measured."""
    command = [sys.executable, "-P", "-c", _MEASURE, module, str(path or "")]
    costs = []
    for _ in range(_TRIES):
        try:
            said = subprocess.run(
                command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_SECONDS, check=True
            )
            took, brought = json.loads(said.stdout.splitlines()[-1])
        except (OSError, subprocess.SubprocessError, ValueError, IndexError):
            return None
        costs.append(Cost(took, tuple(one for one in brought if not one.startswith("_") and one != module)))
        if took <= BUDGET:
            break
    return min(costs, key=lambda one: one.milliseconds)


def cost_findings(path: Path, cost: Cost | None) -> Iterator[Finding]:
    """Whether that is too much."""
    if cost is None or cost.milliseconds <= BUDGET:
        return
    brought = f", with {', '.join(cost.brought[:4])}" if cost.brought else ""
    remedy = "import what is heavy in the function that needs it"
    text = f"importing it takes {cost.milliseconds:.0f} ms{brought}, and should take {BUDGET:g} ms at most; {remedy}"
    yield Finding(path, 1, "slow import", text)
