"""Taking a log out in every format that `export` lists, and back, beside `jrnl --format json` of as many entries.

Whole processes; time, and the most memory of one. The entries say what jrnl's do, in turns as a cramp, a night, a page
of the journal and a medicine. BENCH_EXPORT has the sizes.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench_log import CONFIG, CRAMPCOACH, JRNL, Timed, journal

SIZES = [int(size) for size in os.environ.get("BENCH_EXPORT", "100000").split()]
TIMES = 3
_HEAD = len("[2020-11-01 09:15:00 PM] ")


def lines(many: int) -> Iterator[str]:
    """The log as `import jsonl` reads it, oldest first."""
    chance = random.Random(many)
    for number, text in enumerate(journal(many)):
        at = datetime(2020, 11, 1, tzinfo=UTC) - timedelta(minutes=150) * (many - number)
        kind, fields = _said(number, chance)
        one = {"version": 1, "id": f"01a00000-0000-7000-8000-{number:012}", "origin": None, "kind": kind}
        one |= {"at": at.isoformat(), "zone": "Europe/Berlin", "night": (at - timedelta(hours=12)).date().isoformat()}
        yield json.dumps({**one, "fields": fields, "note": text[_HEAD:].strip()}) + "\n"


def _said(number: int, chance: random.Random) -> tuple[str, dict[str, Any]]:
    side, hurt, long = chance.choice(["left", "right"]), chance.randint(0, 10), chance.randint(1, 40) / 4
    return (
        ("cramp", {"side": side, "muscle": "calf", "severity": hurt, "duration": long, "asleep": True}),
        ("night", {"count": chance.randint(0, 3)}),
        ("journal", {"day": chance.choice(["calm", "mixed", "stressful"])}),
        ("medicine", {"name": "Magnesium", "change": "taken", "dose": "300 mg"}),
    )[number % 4]


def listed(what: str, env: dict[str, str]) -> dict[str, str]:
    """The formats that `export` or `import` knows, each with the end of its files' names."""
    done = subprocess.run([CRAMPCOACH, what, "--json"], env=env, stdout=subprocess.PIPE, check=True)
    return {one["name"]: one["suffix"] for one in json.loads(done.stdout)}


def measure(many: int, folder: Path) -> None:
    env = {**os.environ, "CRAMPCOACH_HOME": str(folder / "ours"), "HOME": str(folder), "NO_COLOR": "1"}
    env |= {"XDG_CONFIG_HOME": str(folder), "XDG_DATA_HOME": str(folder)}
    with (folder / "log.jsonl").open("w", encoding="utf-8") as file:
        file.writelines(lines(many))
    filled = Timed()
    filled.run([CRAMPCOACH, "import", "jsonl", folder / "log.jsonl"], env)
    row(many, "fill it by import jsonl", filled)
    comes_back = listed("import", env)
    for name, suffix in listed("export", env).items():
        file_of_it = folder / f"out{suffix}"
        took = Timed()
        for number in range(TIMES + 1):
            command: list[str | Path] = [CRAMPCOACH, "export", name, "--with-text", "--force", "--output", file_of_it]
            took.run(command, env, first=number == 0)
        size = f"{file_of_it.stat().st_size / 1e6:.1f} MB" if file_of_it.is_file() else ""
        row(many, f"export {name}", took, size)
        if name in comes_back:
            took = Timed()
            took.run([CRAMPCOACH, "import", name, file_of_it], {**env, "CRAMPCOACH_HOME": str(folder / f"in-{name}")})
            row(many, f"import {name}, empty home", took)
    if JRNL:
        (folder / "journal.txt").write_text("".join(journal(many)), "utf-8")
        (folder / "jrnl.yaml").write_text(CONFIG.format(journal=folder / "journal.txt"), "utf-8")
        took = Timed()
        took.run([JRNL, "--config-file", folder / "jrnl.yaml", "--format", "json"], env)
        row(many, "jrnl --format json", took)


def row(many: int, what: str, took: Timed, more: str = "") -> None:
    print(f"{many:>9,}  {what:<28} {took}   {more}".rstrip(), flush=True)


def main() -> None:
    print("Out and in: whole processes, medians, and the most memory of one", flush=True)
    for many in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            measure(many, Path(folder))


if __name__ == "__main__":
    main()
