"""What plugins advise on what a command has saved: the last thing that it prints, so that nothing waits for it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from crampcoach.cli.printing import print_failure
from crampcoach.cli.saving import print_advice

if TYPE_CHECKING:
    from crampcoach.cli.session import Session


def print_plugin_advice(session: Session) -> OSError | None:
    """Ask the plugins in use about every entry that was saved in this session. One that fails is named.

    What came between where the output cannot be written.
    """
    from crampcoach.guard import ask
    from crampcoach.plugin_advice import ask_advice, heading

    asked = {name: one for name, one in sorted(session.advisers.items()) if one.plugin.has("advise")}
    maker = session.maker()
    jobs = {name: partial(ask_advice, one, maker, session.now, session.advise_on) for name, one in asked.items()}
    try:
        for name, outcome in ask(session.clock, jobs, "advise()").items():
            if outcome.ok:
                print_advice(outcome.value, err=session.advise_err, head=partial(heading, name))
            else:
                # What it says may quote the entry, and is for its author.
                print_failure(name, outcome.detail or outcome.reason if session.debug else outcome.told)
    except OSError as error:
        return error
    return None
