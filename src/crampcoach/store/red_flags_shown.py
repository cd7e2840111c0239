"""Whether the person has been shown the signs that need a doctor, which comes before the first stretch ever."""

from __future__ import annotations

from datetime import datetime

from crampcoach.store import agent_state
from crampcoach.store.database import Database
from crampcoach.store.schema import from_text, to_text

_MARK = "red_flags_shown"


def since(state: Database) -> datetime | None:
    """When they were shown; None if they never were."""
    shown = agent_state.mark(state.connection, _MARK)
    return from_text(shown) if shown else None


def mark(state: Database, now: datetime) -> None:
    """They have been shown."""
    with state.transaction() as connection:
        agent_state.set_mark(connection, _MARK, to_text(now))
