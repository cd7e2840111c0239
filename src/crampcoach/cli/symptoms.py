"""`check-symptoms`: a few questions about signs that need a doctor, and every one of them in full with `--list`."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from crampcoach.advice import LEVELS, Advice, Level
from crampcoach.cli.printing import in_terminal, print_json, print_wrapped
from crampcoach.cli.saving import entry_of, print_advice, save
from crampcoach.cli.session import Session
from crampcoach.model import Problem

if TYPE_CHECKING:
    from crampcoach.safety.flags import RedFlag

QUESTIONS: dict[Level, str] = {
    "now": "Is any of these there now?",
    "same-day": "Is any of these there, or was it in the last days?",
    "routine": "And is any of these there?",
}


@click.command("check-symptoms")
@click.option("--list", "listing", is_flag=True, help="Only print every sign and what to do.")
@click.option("--json", "as_json", is_flag=True, help="Print the list for programs: id, level, title, text, sources.")
@click.pass_context
def check_symptoms_command(ctx: click.Context, listing: bool, as_json: bool) -> None:
    """Ask about signs that need a doctor. It gives no diagnosis; what you answer stays in your log."""
    with Session(ctx) as session:
        if as_json:
            print_json([_as_object(one) for one in session.person.list()])
        elif listing or not in_terminal(sys.stdin):
            _print_list(session)
        else:
            _ask_all(session)


def _as_object(one: Advice) -> dict[str, object]:
    return {"id": one.id, "level": one.level, "title": one.title, "text": one.text, "sources": list(one.sources)}


def _print_list(session: Session) -> None:
    from crampcoach.store import red_flags_shown

    print_advice(session.person.list())
    print_wrapped("This is information, not a diagnosis. `crampcoach check-symptoms` in a terminal asks and saves.")
    if in_terminal(sys.stdout):
        red_flags_shown.mark(session.store.state, session.clock.now())


def _ask_all(session: Session) -> None:
    click.echo("Signs that need a doctor. Nothing here is a diagnosis.")
    closing = ""
    unsaved: Exception | None = None
    for level in LEVELS:
        try:
            if level == "same-day":
                _ask_about_hold(session)  # what may need an emergency number comes first
        except (sqlite3.Error, Problem) as error:
            unsaved = error
        asked = _questions(session, level)
        chosen = _ask_group(level, asked) if asked else "skipped"
        if chosen is None:
            break
        if chosen == "skipped":
            continue
        closing = "Saved. If something changes, ask again."
        fields = {one.answer: "yes" if one in chosen else "no" for one in asked}
        try:
            save(session, [entry_of(session, "symptoms", fields)])
        except (sqlite3.Error, Problem) as error:  # the next questions matter more than the disk
            unsaved = error
        if level == "now" and chosen:
            closing = "The rest can wait: `crampcoach check-symptoms` asks again."
            break
    if unsaved:
        raise unsaved
    if closing:
        click.echo(closing)


def _ask_about_hold(session: Session) -> None:
    from crampcoach.answers import holding
    from crampcoach.safety.kinds import EXAMINED, EXAMINED_LABEL

    if not holding(session.store):
        return
    print_wrapped(session.held("stretch"))
    if click.confirm(f"{EXAMINED_LABEL}?", default=False):
        save(session, [entry_of(session, EXAMINED, {})])


def _questions(session: Session, level: Level) -> list[RedFlag]:
    """The signs of a level that may concern this person: whoever it is, those of an emergency, and a child its own."""
    from crampcoach.safety.flags import red_flags

    profile = session.profile
    asked = [one for one in red_flags() if one.level == level and one.ask]
    if profile.adult == "no" and level != "now":
        return [one for one in asked if one.record == "RF-CHILD"]
    left_out = {"RF-CHILD"} if profile.adult == "yes" else set()
    left_out |= {"RF-PREG"} if profile.pregnant == "no" else set()
    return [one for one in asked if one.record not in left_out]


def _ask_group(level: Level, asked: Sequence[RedFlag]) -> list[RedFlag] | str | None:
    """Those that are there; "skipped" where the person passed the group over, None where they stopped."""
    click.echo(f"\n{QUESTIONS[level]}")
    for number, one in enumerate(asked, 1):
        print_wrapped(one.ask, f"{number:>3}  ")
    while True:
        said = click.prompt("Numbers, 0 for none, Enter to leave it out, q to stop", default="", show_default=False)
        words = said.replace(",", " ").split()
        if words == ["q"]:
            return None
        if not words:
            return "skipped"
        if all(word.isdecimal() and 0 <= int(word) <= len(asked) for word in words):
            return [asked[int(word) - 1] for word in words if int(word)]
        click.echo(f"Write numbers from 0 to {len(asked)}.")
