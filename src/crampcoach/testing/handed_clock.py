"""The clock of the kit, which is set and never runs."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo

from crampcoach.clock import SystemClock


class HandedClock:
    """A clock that stands still until it is set."""

    def __init__(self, now: datetime, zone: tzinfo) -> None:
        self._now, self._zone = now.astimezone(UTC), zone
        self._stepped = False

    def now(self) -> datetime:
        return self._now

    def zone(self) -> tzinfo:
        return self._zone

    def monotonic(self) -> float:
        # Real seconds: a plugin that hangs is found out while this clock stands still.
        return SystemClock().monotonic()

    def wait_for(self, instant: datetime) -> float:
        return max(0.0, (instant - self._now).total_seconds())

    def stepped(self) -> bool:
        """Whether it has jumped since this was last asked."""
        stepped, self._stepped = self._stepped, False
        return stepped

    def set(self, now: datetime | None = None, zone: tzinfo | None = None) -> None:
        """Set the time (aware), the zone, or both."""
        self._now = now.astimezone(UTC) if now else self._now
        self._zone = zone or self._zone

    def jump(self, now: datetime, zone: tzinfo | None = None) -> None:
        """Set it as no passing of time does: the agent is told that it was."""
        self.set(now, zone)
        self._stepped = True
