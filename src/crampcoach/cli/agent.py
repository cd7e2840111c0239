"""`run` and `status`: the agent in the foreground, and how it is."""

from __future__ import annotations

import faulthandler
import gc
import os
import sys
from typing import TYPE_CHECKING, Any

import click

from crampcoach.cli import GC_THRESHOLDS
from crampcoach.cli.coming import coming, gone_quiet
from crampcoach.cli.handed import handed
from crampcoach.cli.printing import one_line, print_json, print_wrapped, when
from crampcoach.cli.quiet import quiet_times
from crampcoach.cli.session import Session, only_plugins
from crampcoach.cli.unread import print_unread, unread
from crampcoach.shared_process import keep_output, protect

if TYPE_CHECKING:
    from collections.abc import Collection

    from crampcoach.agent import Agent
    from crampcoach.planner import Planned, Row


@click.command("run")
@click.pass_context
def run_command(ctx: click.Context) -> None:
    """Start the agent, in the foreground. Ctrl+C stops it."""
    from crampcoach.agent import Agent
    from crampcoach.cli.lines import say, take_over
    from crampcoach.home import find_home

    if not ctx.find_root().params.get("debug"):
        take_over()

    given = handed(ctx)
    run_agent(Agent(find_home(), given.clock, say, given=given.plugins, only=only_plugins(ctx)))


def run_agent(agent: Agent) -> None:
    """Run an agent to its end, and end the process with it."""
    from crampcoach.cli.lines import begin, finish, say

    gc.set_threshold(*GC_THRESHOLDS)  # from here on it is a long life
    protect()
    keep_output()
    if sys.__stderr__:
        faulthandler.enable(sys.__stderr__)  # a crash in C then names the lines it came through, and no values
    begin()
    agent.startup()
    try:
        agent.run()
    finally:
        agent.shutdown()
    say("stopped")
    finish()
    # Threads that a plugin left behind must not keep the process alive.
    os._exit(0)


@click.command("status")
@click.option("--json", "as_json", is_flag=True, help="Print an object for programs.")
@click.pass_context
def status_command(ctx: click.Context, as_json: bool) -> None:
    """Is the agent running? What is next, and what failed?

    What is held back, has gone quiet, or waits for `resume` is not next; `plan` says why.

    JSON: running, pid, paused, paused_until (null: without end), next {reminder, due} or null, open and missed (today)
    [{reminder, due, state, reason}], held {measure: reason}, advice [id] (that nobody is known to have read), quiet
    [reminder], quiet_time {until, plugin, why} or null, resting {plugin: reason}, config (null: the defaults), data.
    """
    with Session(ctx) as session:
        session.poke()
        if not as_json:
            print_unread(session)  # before anything that a plugin could delay
        plan = session.plan()
        facts = _facts(session, plan)
        if as_json:
            print_json(facts)
            return
        now, pid = session.now, facts["pid"]
        running = "not running; start it with: crampcoach run" if pid is None else f"running (process {pid})"
        print_wrapped(running, "agent    ")
        if facts["paused"]:
            until = when(facts["paused_until"], now) if facts["paused_until"] else "you say: crampcoach resume"
            print_wrapped(f"until {until}", "paused   ")
        if wait := facts["quiet_time"]:
            print_wrapped(f"until {when(wait['until'], now)} ({wait['plugin']}: {wait['why']})", "quiet    ")
        nothing = "nothing comes at present; `crampcoach plan` says why" if plan else "nothing is planned"
        following = facts["next"]
        print_wrapped(f"{following['reminder']}, {when(following['due'], now)}" if following else nothing, "next     ")
        for row in facts["open"]:
            why = f" ({row['reason']})" if row["reason"] else ""
            print_wrapped(f"{row['reminder']}, {row['state']}{why}, {when(row['due'], now)}", "open     ")
        if not facts["open"]:
            print_wrapped("nothing waits for an answer", "open     ")
        for measure, reason in facts["held"].items():
            print_wrapped(f"{measure}: {reason}", "held     ")
        for name in facts["quiet"]:
            print_wrapped(f"{name} has gone quiet: seven days without an answer; `crampcoach resume`", "quiet    ")
        for row in facts["missed"]:
            print_wrapped(f"{row['reminder']}, {when(row['due'], now)}: {row['reason']}", "missed   ")
        for name, reason in facts["resting"].items():
            print_wrapped(f"{name}: {one_line(reason)}; see `crampcoach plugins show {name}`", "resting  ")
        print_wrapped(str(facts["config"] or "none: the defaults are in force"), "config   ")
        print_wrapped(facts["data"], "data     ")


def _facts(session: Session, plan: Collection[Planned]) -> dict[str, Any]:
    from crampcoach import lock
    from crampcoach.clock import to_wall
    from crampcoach.planner import quiet_time
    from crampcoach.safety.wording import MEASURES
    from crampcoach.store import agent_state, occurrences

    def said(row: Row) -> dict[str, Any]:
        due = row.due.astimezone(session.zone)
        return {"reminder": row.reminder, "due": due, "state": row.state, "reason": row.reason}

    pid, zone = lock.holder(session.home.lock_file), session.zone
    state = session.store.state.connection
    ahead, wait = coming(session, plan), quiet_time(session.now, quiet_times(session))
    pause = agent_state.paused(state, session.now)
    today = session.config.hours.day_of(to_wall(session.now, zone))
    return {
        "running": pid is not None,
        "pid": pid,
        "paused": pause is not None,
        "paused_until": pause.until.astimezone(zone) if pause and pause.until else None,
        "next": {"reminder": ahead[0][1], "due": ahead[0][0].astimezone(zone)} if ahead else None,
        "open": [said(row) for row in occurrences.open_rows(state)],
        "missed": [said(row) for row in occurrences.of_day(state, today) if row.state == "missed"],
        "held": {measure: reason for measure in MEASURES if (reason := session.held(measure))},
        "advice": [one.id for one in unread(session).advice],
        "quiet": sorted(gone_quiet(session)),
        "quiet_time": {"until": wait.until.astimezone(zone), "plugin": wait.plugin, "why": wait.why} if wait else None,
        "resting": session.resting,
        "config": str(session.config.path) if session.config.path else None,
        "data": str(session.home.data_dir),
    }
