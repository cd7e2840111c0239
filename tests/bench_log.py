"""The log beside jrnl's: the same entries, the same run, whole processes. Time, and the most memory of each process.

jrnl is a program people keep such a log with today; it is no dependency of ours, and without it ours is measured alone.
Our log is filled by `crampcoach import jrnl`. BENCH_MILLION=1 adds a log of 1,000,000 entries, ours only.
"""

from __future__ import annotations

import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

CRAMPCOACH = Path(sys.executable).with_name("crampcoach")
#: Where jrnl is, as tools/dev.py says.
JRNL = os.environ.get("BENCH_JRNL", "")
SIZES = [int(size) for size in os.environ.get("BENCH_SIZES", "1000 10000 100000").split()]
MILLION = 1_000_000
#: What has taken so many seconds at one size is not done again: jrnl needs minutes for one entry more at 100,000.
ENOUGH = float(os.environ.get("BENCH_ENOUGH", "30"))
TIMES = 7

WORDS = """
    morning evening night early late calm busy warm cold rain garden kitchen letter sister walk stairs train desk phone
    soup bread tea glass water shoe blanket window bed calf foot toe thigh left right tight sore eased stretched stood
    cramp minute twice once again better worse nothing much little long short read slept woke turned
"""
RARE = "lantern"  # in every hundredth entry
TAGS = ("@night", "@day", "@leg", "#work", "#home")

CONFIG = """\
journals: {{default: {{journal: {journal}}}}}
editor: ''
encrypt: false
template: false
default_hour: 9
default_minute: 0
timeformat: '%F %r'
tagsymbols: '#@'
highlight: true
linewrap: 79
indent_character: '|'
colors: {{body: none, date: none, tags: none, title: none}}
version: v4.6
"""


def journal(many: int) -> Iterator[str]:
    """The entries of a journal as jrnl writes them, oldest first; always the same ones. They end in November 2020."""
    chance, words, at = random.Random(many), WORDS.split(), datetime(2020, 11, 1) - timedelta(minutes=150) * many
    for number in range(many):
        at += timedelta(minutes=chance.randint(100, 200))
        title = " ".join(chance.choices(words, k=5)).capitalize()
        body = " ".join(chance.choices(words, k=chance.randint(10, 60)) + chance.sample(TAGS, chance.randint(0, 2)))
        yield f"[{at:%Y-%m-%d %I:%M:%S %p}] {title}.\n{body}{f' {RARE}' if number % 100 == 7 else ''}\n\n"


@dataclass
class Timed:
    """How long the runs of one operation took, in seconds, and the most memory of any, in MiB."""

    seconds: list[float] = field(default_factory=list)
    most: float = 0.0
    lines: int = 0

    def __str__(self) -> str:
        took = statistics.median(self.seconds)
        said = f"{took:.2f} s" if took >= 1 else f"{1000 * took:.0f} ms"
        return f"{said:>8} {self.most:>5.0f} MiB" + (" (1 run)" if len(self.seconds) == 1 else "")

    def run(self, command: list[str | Path], env: dict[str, str], *, first: bool = False) -> None:
        """Run it once more. The first run fills the machine's caches and counts only where there will be no second."""
        if sum(self.seconds) >= ENOUGH:
            return
        with tempfile.TemporaryFile() as out:
            began = time.perf_counter()
            child = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.PIPE)
            _, status, usage = os.wait4(child.pid, 0)
            took = time.perf_counter() - began
            assert child.stderr
            said = child.stderr.read().decode(errors="replace")
            child.stderr.close()
            child.returncode = os.waitstatus_to_exitcode(status)
            if child.returncode:
                sys.exit(f"failed with {child.returncode}: {command}\n{said[-1000:]}")
            out.seek(0)
            self.lines = sum(1 for _ in out)
        # This process is smaller than any that it measures; otherwise its own memory would count as theirs.
        self.most = max(self.most, usage.ru_maxrss / 1024)
        if not first or took >= ENOUGH:
            self.seconds.append(took)


def commands(many: int, folder: Path, env: dict[str, str]) -> dict[str, dict[str, list[str | Path]]]:
    """What is measured: operation -> program -> command. `{}` becomes the number of the run."""
    entry = "Tight calf, run {}. Eased after a minute. @leg"
    since, until = "2020-10-01", "2020-10-31"
    all_of_them = ["--limit", str(many + TIMES + 1)]
    found: dict[str, dict[str, list[str | Path]]] = {
        "add an entry": {"crampcoach": [CRAMPCOACH, "log", "cramp", "--side", "left", "--note", entry]},
        "the last ten": {"crampcoach": [CRAMPCOACH, "entries", "--limit", "10"]},
    }
    help_text = subprocess.run([CRAMPCOACH, "entries", "--help"], env=env, capture_output=True, text=True, check=True)
    if "--search" in help_text.stdout:
        found["search a word"] = {"crampcoach": [CRAMPCOACH, "entries", "--search", RARE, *all_of_them]}
    if "--since" in help_text.stdout:
        ours: list[str | Path] = [CRAMPCOACH, "entries", "--since", since, "--until", until, *all_of_them]
        found["filter a month"] = {"crampcoach": ours}
    if JRNL and many < MILLION:
        jrnl: list[str | Path] = [JRNL, "--config-file", folder / "jrnl.yaml"]
        theirs = {
            "add an entry": [f"2020-11-02 22:15: {entry}"],
            "the last ten": ["-n", "10"],
            "search a word": ["-contains", RARE, "--short"],
            "filter a month": ["-from", since, "-to", until, "--short"],
        }
        for operation, programs in found.items():
            programs["jrnl"] = [*jrnl, *theirs[operation]]
    return found


def measure(many: int, folder: Path) -> dict[tuple[str, str], Timed]:
    """Fill both and measure; (operation, program) -> what was measured."""
    env = {
        **os.environ,
        "CRAMPCOACH_HOME": str(folder / "ours"),
        "HOME": str(folder),
        "XDG_CONFIG_HOME": str(folder),
        "XDG_DATA_HOME": str(folder),
        "NO_COLOR": "1",
    }
    with (folder / "journal.txt").open("w", encoding="utf-8") as file:
        file.writelines(journal(many))
    (folder / "jrnl.yaml").write_text(CONFIG.format(journal=folder / "journal.txt"), "utf-8")
    measured = {("fill it from jrnl's file", "crampcoach"): Timed()}
    measured["fill it from jrnl's file", "crampcoach"].run([CRAMPCOACH, "import", "jrnl", folder / "journal.txt"], env)
    wanted = commands(many, folder, env)
    for number in range(TIMES + 1):
        for operation, programs in wanted.items():
            for program, command in programs.items():
                words = [word.replace("{}", str(number)) if isinstance(word, str) else word for word in command]
                one = measured.setdefault((operation, program), Timed())
                one.run(words, env, first=number == 0)
    return measured


def main() -> None:
    print(f"The log: medians of {TIMES} runs of whole processes, and the most memory of one", flush=True)
    if not JRNL:
        print("jrnl is not there (`make bench` installs it where it can): ours alone")
    budget = ""
    for many in [*SIZES, *([MILLION] if os.environ.get("BENCH_MILLION") else [])]:
        with tempfile.TemporaryDirectory() as folder:
            measured = measure(many, Path(folder))
        for operation in dict.fromkeys(operation for operation, _ in measured):
            ours, theirs = measured[operation, "crampcoach"], measured.get((operation, "jrnl"))
            if theirs and operation == "add an entry" and not budget:
                budget = f"; budget: jrnl at {many:,}, {1000 * statistics.median(theirs.seconds):.0f} ms"
            beside = f"jrnl {theirs}" if theirs else ""
            note = budget if operation == "add an entry" else ""
            if theirs and operation in ("search a word", "filter a month"):
                note = f"; {ours.lines:,} and {theirs.lines:,} lines"
            print(f"{many:>9,}  {operation:<25} ours {ours}   {beside}{note}", flush=True)


if __name__ == "__main__":
    main()
