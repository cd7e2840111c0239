"""What installed plugins cost at start: none, 20 and 100 of them, on and off, for `make bench`.

Each is a package of its own with one reminder, as an installer leaves it: a module and its metadata.
"""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CRAMPCOACH = Path(sys.executable).with_name("crampcoach")
TIMES = 5
SOURCE = """\
from crampcoach import Reminder, hookimpl

@hookimpl
def reminders():
    return [Reminder(name="daily", schedule="23:59", say="Something.")]
"""


def install(site: Path, many: int) -> None:
    """Packages as they lie on the disk."""
    for number in range(many):
        name = f"bench{number:03d}"
        (site / f"crampcoach_{name}.py").write_text(SOURCE)
        info = site / f"crampcoach_{name}-1.0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: crampcoach-{name}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[crampcoach]\n{name} = crampcoach_{name}\n")
        (info / "RECORD").write_text(f"crampcoach_{name}.py,,\n")


def median(command: list[str | Path], env: dict[str, str]) -> float:
    """Seconds that a command takes."""
    seconds = []
    for _ in range(TIMES):
        began = time.perf_counter()
        subprocess.run(command, env=env, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds)


def ready(env: dict[str, str]) -> float:
    """Seconds until the agent says that it is ready."""
    seconds = []
    for _ in range(TIMES):
        began = time.perf_counter()
        with subprocess.Popen([CRAMPCOACH, "run"], env=env, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            next(line for line in process.stdout if line.startswith("ready"))
            seconds.append(time.perf_counter() - began)
            process.send_signal(signal.SIGTERM)
    return statistics.median(seconds)


def main() -> None:
    print(f"{'start-up with installed plugins':<46} {'--version':>10} {'status':>10} {'ready':>10}", flush=True)
    first: list[float] = []
    for many, on in ((0, True), (20, True), (20, False), (100, True), (100, False)):
        with tempfile.TemporaryDirectory() as folder:
            site, home = Path(folder, "site"), Path(folder, "home")
            site.mkdir()
            install(site, many)
            (home / "config").mkdir(parents=True)
            off = "" if on else "".join(f"[plugins.bench{number:03d}]\nenabled = false\n" for number in range(many))
            (home / "config" / "config.toml").write_text(off)
            env = {**os.environ, "CRAMPCOACH_HOME": str(home), "PYTHONPATH": str(site)}
            took = [median([CRAMPCOACH, "--version"], env), median([CRAMPCOACH, "status"], env), ready(env)]
        first = first or took
        cells = [f"{1000 * one:.0f} ms x{one / base:.1f}" for one, base in zip(took, first, strict=True)]
        print(f"{f'{many} plugins, ' + ('on' if on else 'off'):<46} " + " ".join(f"{cell:>10}" for cell in cells))


if __name__ == "__main__":
    main()
