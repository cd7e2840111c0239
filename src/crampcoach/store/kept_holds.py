"""What must not be lost with a log: when an older backup takes its place, a hold goes on.

An answer of this morning may be newer than the newest backup. A copy in `state.db` names what holds. What it names and
a log that came back after damage no longer has is entered again, as an answer to the same questions; what the log still
has, a doctor's look may have ended. A restore carries over what holds in the log that it replaces.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime

from crampcoach.config import Profile
from crampcoach.model import Entry
from crampcoach.safety.flags import flag, red_flags
from crampcoach.safety.kinds import PROFILE, SYMPTOMS
from crampcoach.store import Store, agent_state, entries, raised
from crampcoach.store.database import Database
from crampcoach.store.profile import in_force
from crampcoach.store.schema import to_text
from crampcoach.store.undo import KEPT

_MARK = "holding"


def copy(store: Store) -> None:
    """Bring the copy up to date; writes only when something has changed."""
    text = json.dumps(raised.holding_entries(store.log), sort_keys=True)
    if text != (agent_state.mark(store.state.connection, _MARK) or "{}"):
        with store.state.transaction() as connection:
            agent_state.set_mark(connection, _MARK, text)


def bring_back(store: Store, now: datetime, zone: str) -> str:
    """Enter again what the log has lost; a sentence if there was something. Raises Problem or sqlite3.Error."""
    copied: dict[str, list[str]] = json.loads(agent_state.mark(store.state.connection, _MARK) or "{}")
    lost = {entry: names for entry, names in copied.items() if not raised.of_entry(store.log, entry)}
    again = [
        Entry(kind=SYMPTOMS, fields=_answers(names), note=_DAMAGED, at=now, zone=zone, origin=f"{KEPT}{entry}")
        for entry, names in lost.items()
    ]
    if not entries.append(store.log, again, now):
        return ""
    return "an answer that holds stretching back was newer than the log's backup; the hold stays on"


def carry_over(old: Database, new: Database, now: datetime, zone: str) -> None:
    """Enter into an older log what holds in the one that it is to replace, and what the person says of themselves.

    Raises sqlite3.Error.
    """
    again = []
    holding = raised.holding_entries(new)
    for entry, names in raised.holding_entries(old).items():
        # The same sign may have been noticed twice, and the older log may know of the first time only.
        if lost := [name for name in names if name not in holding.get(entry, ())]:
            again.append((SYMPTOMS, _answers(lost), entry))
    before, after = (asdict(in_force(Profile(), log.connection)) for log in (old, new))
    if said := {name: value for name, value in before.items() if value != after[name]}:
        again.append((PROFILE, said, PROFILE))
    made = [
        Entry(kind=kind, fields=fields, note=_RESTORED, at=now, zone=zone, origin=f"{KEPT}{of}@{to_text(now)}")
        for kind, fields, of in again
    ]
    entries.append(new, made, now)


_DAMAGED = "Entered again: log.db was damaged, and its backup was older than this answer."
_RESTORED = "Entered again: an older log was restored, and what you answered since then still counts."


def _answers(names: Iterable[str]) -> dict[str, str]:
    """The answers that raise these flags."""
    known = {one.id for one in red_flags() if one.answer}
    return {flag(name).answer: "yes" for name in names if name in known}
