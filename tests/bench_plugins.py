"""What installed plugins cost at start: none, 20 and 100 of them, switched on and switched off.

They are distributions of one small module each, in a folder of their own that Python imports from. Each has its own
home with the same settings but for the plugins. All are measured in turns, so that a busy minute strikes each alike.
"""

from __future__ import annotations

import os
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

CRAMPCOACH = Path(sys.executable).with_name("crampcoach")
TIMES = int(os.environ.get("BENCH_TIMES", "15"))
MANY = (20, 100)

MODULE = '''\
"""Number {number}: asks once a day."""
from dataclasses import dataclass
from typing import Annotated

from crampcoach import Action, Kind, Log, Reminder, hookimpl

api = 1


@dataclass(frozen=True)
class Options:
    cups: Annotated[int, "How many"] = 3


@hookimpl
def options():
    return Options


@hookimpl
def kinds():
    return [Kind(name="bench{number}", title="Bench")]


@hookimpl
def reminders(ctx):
    did = Action(label="Did it", then=Log("bench{number}"))
    return [Reminder(name="daily", schedule="15:00", say="Now?", actions=[did])]
'''


@dataclass
class Place:
    """A home and the plugins that are installed for it. `used` has (seconds, seconds of the processor) by command."""

    name: str
    env: dict[str, str]
    used: dict[str, list[tuple[float, float]]] = field(default_factory=dict)

    def note(self, what: str, seconds: float, computed: float) -> None:
        self.used.setdefault(what, []).append((seconds, computed))

    def medians(self, what: str) -> tuple[float, float]:
        wall, computed = zip(*self.used[what], strict=True)
        return statistics.median(wall), statistics.median(computed)


def places(folder: Path) -> Iterator[Place]:
    """One without plugins, and for each number of them one where they are on, and one where they are off."""
    yield _place(folder, 0, on=True)
    for number in MANY:
        yield _place(folder, number, on=True)
        yield _place(folder, number, on=False)


def _place(folder: Path, many: int, *, on: bool) -> Place:
    name = f"{many} {'on' if on else 'off'}" if many else "none"
    home, site = folder / name / "home", folder / name / "site"
    (home / "config").mkdir(parents=True)
    site.mkdir()
    for number in range(many):
        site.joinpath(f"bench_{number}.py").write_text(MODULE.format(number=number))
        info = site / f"crampcoach_bench_{number}-1.0.dist-info"
        info.mkdir()
        info.joinpath("METADATA").write_text(f"Metadata-Version: 2.1\nName: crampcoach-bench-{number}\nVersion: 1.0\n")
        info.joinpath("entry_points.txt").write_text(f"[crampcoach]\nbench{number} = bench_{number}\n")
        info.joinpath("RECORD").write_text(f"bench_{number}.py,,\n")
    tables = "".join(f"[plugins.bench{number}]\nenabled = {str(on).lower()}\n" for number in range(many))
    home.joinpath("config", "config.toml").write_text(f'[day]\nbed = "22:45"\n{tables}')
    return Place(name, {**os.environ, "CRAMPCOACH_HOME": str(home), "PYTHONPATH": str(site)})


def command(place: Place, *words: str) -> None:
    """Run a command to its end."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    subprocess.run([CRAMPCOACH, *words], env=place.env, check=True, stdout=subprocess.DEVNULL)
    place.note(" ".join(words), time.perf_counter() - began, _computed(before))


def ready(place: Place) -> None:
    """Start the agent, until it is ready."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    process = subprocess.Popen([CRAMPCOACH, "run"], env=place.env, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    said = next(line for line in process.stdout if line.startswith("ready"))
    seconds = time.perf_counter() - began
    process.send_signal(signal.SIGTERM)
    process.wait(10)
    process.stdout.close()
    many, _, state = place.name.partition(" ")
    assert said.startswith(f"ready: {4 + (int(many) if state == 'on' else 0)} reminders"), said
    place.note("agent ready", seconds, _computed(before))


def _computed(before: resource.struct_rusage) -> float:
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        everywhere = list(places(Path(folder)))
        for turn in range(TIMES + 1):
            for place in everywhere:
                command(place, "--version")
                command(place, "status")
                ready(place)
                if turn == 0:
                    place.used.clear()  # byte code and databases were made
        print(f"{'installed plugins':<20}{'':<16}{'ms':>8}{'x none':>8}{'ms computed':>14}{'x none':>8}")
        for what in everywhere[0].used:
            wall_of_none, computed_of_none = everywhere[0].medians(what)
            for place in everywhere:
                wall, computed = place.medians(what)
                print(
                    f"{what:<20}{place.name:<16}{1000 * wall:>8.0f}{wall / wall_of_none:>8.2f}"
                    f"{1000 * computed:>14.0f}{computed / computed_of_none:>8.2f}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
