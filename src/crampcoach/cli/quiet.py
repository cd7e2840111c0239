"""The quiet times of plugins, as the running agent keeps to them; where none runs, as the plugins say now."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from crampcoach.cli.printing import print_failure

if TYPE_CHECKING:
    from crampcoach.cli.session import Session
    from crampcoach.model import QuietTime


def quiet_times(session: Session) -> dict[str, tuple[QuietTime, ...]]:
    """By plugin. One that cannot say is named."""
    from crampcoach import lock
    from crampcoach.guard import ask
    from crampcoach.loading import ask_quiet_times
    from crampcoach.store import agent_state

    if lock.holder(session.home.lock_file) is not None:
        return agent_state.quiet_times(session.store.state.connection)
    maker = session.maker()
    asked = [
        one for one in session.loaded.values() if one.plugin.has("quiet_times") and one.name not in session.resting
    ]
    jobs = {one.name: partial(ask_quiet_times, one, maker, session.now) for one in asked}
    outcomes = ask(session.clock, jobs, "quiet_times()")
    for name, outcome in outcomes.items():
        if not outcome.ok:
            print_failure(name, outcome.reason)
    return {name: outcome.value for name, outcome in outcomes.items() if outcome.ok}
