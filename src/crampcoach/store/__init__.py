"""The files in the data folder: `log.db`, what the person's life put there, and `state.db`, what the agent needs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from crampcoach.home import Home
from crampcoach.store.database import Database
from crampcoach.store.recovery import open_or_recover
from crampcoach.store.schema import LOG, STATE


@dataclass(frozen=True, slots=True)
class Store:
    """This thread's connections to both files. `notes`: what the person must be told about opening them."""

    log: Database
    state: Database
    notes: tuple[str, ...] = ()

    def replaced(self) -> bool:
        """Whether a command has met damage and set a file aside: what is written here then is lost."""
        return self.log.replaced() or self.state.replaced()

    def close(self) -> None:
        """Give both connections back."""
        self.log.close()
        self.state.close()


def open_store(home: Home, now: datetime, *, check: bool = False) -> Store:
    """Open both files, made, migrated or recovered as needed; `check` looks for damage first. Raises Problem."""
    log, log_note = open_or_recover(home, LOG, now, check=check)
    try:
        state, state_note = open_or_recover(home, STATE, now, check=check)
    except BaseException:
        log.close()
        raise
    return Store(log, state, tuple(note for note in (log_note, state_note) if note))
