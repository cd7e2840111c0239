"""`make bench`: the budgets, measured beside bare Python in the same run. Not a test: machines differ, ratios less so.

Ready, memory and wake-ups are those of the real agent in an empty home, with every bundled plugin, without a desktop
unless a session bus is there. PSS is honest only while no other Python runs; USS is printed beside it.
"""

from __future__ import annotations

import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import bench_export
import bench_log
import bench_plugins

CRAMPCOACH = Path(sys.executable).with_name("crampcoach")
IDLE_SECONDS = float(os.environ.get("BENCH_IDLE", "120"))


def timed(command: list[str | Path], env: dict[str, str]) -> float:
    began = time.perf_counter()
    subprocess.run(command, env=env, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - began


def median(run: Callable[[], float], times: int = 15) -> float:
    return statistics.median(run() for _ in range(times))


def row(what: str, measured: str, budget: str) -> None:
    print(f"{what:<46} {measured:<34} budget {budget}", flush=True)


def start_up(env: dict[str, str]) -> None:
    bare = median(lambda: timed([sys.executable, "-c", "pass"], env))
    version = median(lambda: timed([CRAMPCOACH, "--version"], env))
    row("--version over bare python -c pass", f"+{1000 * (version - bare):.0f} ms (bare {1000 * bare:.0f})", "+60 ms")
    status = median(lambda: timed([CRAMPCOACH, "status"], env))
    row("status", f"{1000 * status:.0f} ms", "-")


def agent(env: dict[str, str]) -> None:
    """Ready, memory, wake-ups and CPU of an idle agent."""
    # Idle is an agent that waits for nobody: an open question that no notifier can show is tried again each minute.
    subprocess.run([CRAMPCOACH, "log", "profile", "--fluids", "free"], env=env, check=True, stdout=subprocess.DEVNULL)
    began = time.perf_counter()
    process = subprocess.Popen([CRAMPCOACH, "run"], env=env, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("ready"):
            break
    row("ready after start", f"{time.perf_counter() - began:.2f} s", "0.4 s")
    settle = 10.0
    time.sleep(settle)
    before = _counters(process.pid)
    time.sleep(IDLE_SECONDS)
    after = _counters(process.pid)
    minutes = IDLE_SECONDS / 60
    roll = Path(f"/proc/{process.pid}/smaps_rollup").read_text()
    pss = _kilobytes(roll, "Pss") / 1024
    uss = (_kilobytes(roll, "Private_Clean") + _kilobytes(roll, "Private_Dirty")) / 1024
    row("idle agent, PSS / USS", f"{pss:.1f} / {uss:.1f} MB", "25 MB")
    row("idle wake-ups a minute", f"{(after[0] - before[0]) / minutes:.1f}", "2")
    row("idle CPU a minute", f"{(after[1] - before[1]) * 1000 / minutes:.0f} ms", "10 ms")
    process.send_signal(signal.SIGTERM)
    began = time.perf_counter()
    process.wait(10)
    row("SIGTERM to end", f"{1000 * (time.perf_counter() - began):.0f} ms", "500 ms")


def _counters(pid: int) -> tuple[int, float]:
    """Voluntary context switches of all threads, and CPU seconds (in nanosecond steps where the kernel tells)."""
    switches, cpu = 0, 0.0
    for task in Path(f"/proc/{pid}/task").iterdir():
        found = re.search(r"^voluntary_ctxt_switches:\s+(\d+)", (task / "status").read_text(), re.MULTILINE)
        switches += int(found[1]) if found else 0
        cpu += int((task / "schedstat").read_text().split()[0]) / 1e9
    return switches, cpu


def _kilobytes(roll: str, name: str) -> int:
    found = re.search(rf"^{name}:\s+(\d+)", roll, re.MULTILINE)
    return int(found[1]) if found else 0


def main() -> None:
    load = f"load {os.getloadavg()[0]:.1f}"
    print(f"Python {sys.version.split()[0]}, {os.cpu_count()} processors, {load}; times are medians of whole processes")
    with tempfile.TemporaryDirectory() as folder:
        env = {**os.environ, "CRAMPCOACH_HOME": folder}
        start_up(env)
        agent(env)
    bench_plugins.main()
    bench_log.main()
    bench_export.main()


if __name__ == "__main__":
    main()
