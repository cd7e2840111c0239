"""A copy in `state.db` of what holds: when a damaged log came back from an older backup, a hold must not be lost.

An answer of this morning may be newer than the newest backup. What the copy names and the log no longer has is entered
again, as an answer to the same questions; what the log still has, a doctor's look may have ended.
"""

from __future__ import annotations

import json
from datetime import datetime

from crampcoach.model import Entry
from crampcoach.safety.flags import flag, red_flags
from crampcoach.safety.kinds import SYMPTOMS
from crampcoach.store import Store, agent_state, entries, raised

_MARK = "holding"


def copy(store: Store) -> None:
    """Bring the copy up to date; writes only when something has changed."""
    text = json.dumps(raised.holding_entries(store.log), sort_keys=True)
    if text != (agent_state.mark(store.state.connection, _MARK) or "{}"):
        with store.state.transaction() as connection:
            agent_state.set_mark(connection, _MARK, text)


def bring_back(store: Store, now: datetime, zone: str) -> str:
    """Enter again what the log has lost; a sentence if there was something. Raises Problem or sqlite3.Error."""
    known = {one.id for one in red_flags() if one.answer}
    copied: dict[str, list[str]] = json.loads(agent_state.mark(store.state.connection, _MARK) or "{}")
    lost = {entry: names for entry, names in copied.items() if not raised.of_entry(store.log, entry)}
    again = [
        Entry(
            kind=SYMPTOMS,
            fields={flag(name).answer: "yes" for name in names if name in known},
            note="Entered again: log.db was damaged, and its backup was older than this answer.",
            at=now,
            zone=zone,
            origin=f"kept:{entry}",
        )
        for entry, names in lost.items()
    ]
    if not entries.append(store.log, again, now):
        return ""
    return "an answer that holds stretching back was newer than the log's backup; the hold stays on"
