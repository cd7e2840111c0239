"""`crampcoach run` on a clock that runs fast, for tests that let days pass in a minute.

Only the clock is exchanged: the process is the one of `crampcoach run`, to be killed like it. Accelerated time is
reckoned from a moment of the machine's monotonic clock, which every process shares, so that an agent that is started
anew is as far on in the day as the one before it would be.

    CRAMPCOACH_HOME=FOLDER python tests/launcher.py --rate 3600 --epoch SECONDS --start INSTANT --zone Europe/Berlin
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class RatedClock:
    """A clock on which `rate` seconds pass in a real one.

    It stood at `start` when the machine's monotonic clock stood at `epoch`. Nobody sets it and the zone stays. `halts`
    has a line for each time that it stood still: from when to when, by the machine's monotonic clock.
    """

    rate: float
    epoch: float
    start: datetime
    local: tzinfo
    halts: Path | None = None

    def now(self) -> datetime:
        return self.at(time.monotonic())

    def zone(self) -> tzinfo:
        return self.local

    def monotonic(self) -> float:
        # Deadlines of calls are real seconds: a plugin is no faster here than elsewhere.
        return time.monotonic()

    def wait_for(self, instant: datetime) -> float:
        return max(0.0, self.real(instant) - time.monotonic())

    def stepped(self) -> bool:
        return False

    def at(self, real: float) -> datetime:
        """What this clock shows at a moment of the machine's monotonic clock."""
        stood = sum(min(end, real) - begin for begin, end in self._halts() if begin < real)
        return self.start + timedelta(seconds=(real - stood - self.epoch) * self.rate)

    def real(self, instant: datetime) -> float:
        """The moment of the machine's monotonic clock at which this clock shows `instant`."""
        real = self.epoch + (instant - self.start).total_seconds() / self.rate
        for begin, end in self._halts():
            real += end - begin if begin < real else 0
        return real

    @contextmanager
    def halted(self) -> Iterator[None]:
        """It stands still meanwhile. Whoever sleeps until it shows a certain time wakes too early, or must be woken."""
        assert self.halts
        before, began = self._halts(), time.monotonic()
        self._write([*before, (began, math.inf)])
        yield
        self._write([*before, (began, time.monotonic())])

    def _halts(self) -> list[tuple[float, float]]:
        lines = self.halts.read_text().splitlines() if self.halts and self.halts.exists() else []
        return [(float(begin), float(end)) for begin, end in map(str.split, lines)]

    def _write(self, halts: list[tuple[float, float]]) -> None:
        assert self.halts
        part = self.halts.with_suffix(".part")
        part.write_text("".join(f"{begin} {end}\n" for begin, end in halts))
        part.replace(self.halts)

    def arguments(self) -> list[str]:
        """What `main` makes an equal clock of."""
        given = {"rate": self.rate, "epoch": self.epoch, "start": self.start.isoformat(), "zone": self.local}
        given |= {"halts": self.halts} if self.halts else {}
        return [word for name, value in given.items() for word in (f"--{name}", str(value))]


def main() -> None:
    parser = argparse.ArgumentParser(description="crampcoach run, on a fast clock.")
    parser.add_argument("--rate", type=float, required=True, help="seconds that pass in a real one")
    parser.add_argument("--epoch", type=float, required=True, help="the machine's monotonic clock at --start")
    parser.add_argument("--start", type=datetime.fromisoformat, required=True, help="an instant with its offset")
    parser.add_argument("--zone", type=ZoneInfo, required=True)
    parser.add_argument("--halts", type=Path, help="a file that says when it stands still")
    given = parser.parse_args()
    clock = RatedClock(given.rate, given.epoch, given.start.astimezone(UTC), given.zone, given.halts)

    from crampcoach.cli import main as command
    from crampcoach.cli.handed import Handed

    command(["--debug", "run"], Handed(clock=clock))


if __name__ == "__main__":
    main()
