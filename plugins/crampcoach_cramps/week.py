"""`crampcoach week`: the last seven nights, shown and filled in."""

from __future__ import annotations

import json as as_json
import sys
from collections.abc import Iterable
from datetime import date, datetime, timedelta

import click

from crampcoach import Entry, Session
from crampcoach_cramps.nights import line, nights

WEEK = 7
#: Before this hour the night is not over: it is not asked about.
MORNING = 5
#: Key -> what it says, and what it enters. Without a count the person was asked and does not know.
ANSWERS: dict[str, tuple[str, dict[str, object]]] = {
    "n": ("none", {"count": 0}),
    "1": ("one", {"count": 1}),
    "2": ("two or more", {"count": 2, "at_least": True}),
    "?": ("don't know", {}),
}
KEYS = "n none, 1 one, 2 two or more, ? don't know"
SIGNS = "Was a leg swollen or numb? Did a cramp last over 10 minutes?\nThen type: crampcoach check-symptoms"


@click.command("week")
@click.option("--all", "everything", is_flag=True, help="Ask about every night, also those that are entered.")
@click.option("--show", is_flag=True, help="Only show them.")
@click.option(
    "--json",
    "json",
    is_flag=True,
    help="Print a list of objects for programs: night, entered, cramps, at_least (there may have been more). "
    "cramps is null for a night that is not entered, and for one that you do not know.",
)
@click.pass_obj
def week_command(session: Session, everything: bool, show: bool, json: bool) -> None:
    """Fill in the last seven nights: none, one, two or more, or don't know.

    A night that you leave out stays "not entered", which is not the same as none. A night goes from noon to noon, but
    a cramp between noon and your bed time is one of the day, and counts for no night. In a pipe they are only shown.
    """
    last = _last_night(session.now())
    week = nights(session.log, session.of_night, last, WEEK)
    if json:
        rows = [
            {"night": str(day), "entered": night.entered, "cramps": night.count, "at_least": night.at_least}
            for day, night in week.items()
        ]
        click.echo(as_json.dumps(rows, indent=2))
        return
    seen = sys.stdout is not None and sys.stdout.isatty()
    if not show and seen and sys.stdin is not None and sys.stdin.isatty():
        _ask(session, [day for day, night in week.items() if everything or not night.entered])
        week = nights(session.log, session.of_night, last, WEEK)
    for day, night in week.items():
        click.echo(f"{_name(day)}  {night.said}")
    # A terminal may be as narrow as this; a pipe gets whole lines.
    click.echo(click.wrap_text(line(week), 60) if seen else line(week))


def _last_night(now: datetime) -> date:
    """The last night that is over, by its evening's date."""
    return now.date() - timedelta(days=2 if now.hour < MORNING else 1)


def _ask(session: Session, days: Iterable[date]) -> None:
    """Ask about these nights; each answer is saved at once."""
    asked = list(days)
    if not asked:
        click.echo("Every night is entered; --all asks again.")
        return
    click.echo(f"Cramps in these nights?\n{KEYS}\nEnter leaves a night out, q stops.\n")
    had_cramps = False
    for day in asked:
        answer = _key(_name(day))
        if answer == "q":
            break
        if answer:
            said, fields = ANSWERS[answer]
            session.save(Entry(kind="night", fields=fields, night=day))
            click.echo(f"  saved: {said}")
            had_cramps = had_cramps or bool(fields.get("count"))
    click.echo()
    if had_cramps:
        click.echo(f"{SIGNS}\n")


def _key(asked: str) -> str:
    """A key of ANSWERS, "q", or nothing."""
    while True:
        said = click.prompt(asked, default="", show_default=False).strip().lower()
        if said in ("", "q", *ANSWERS):
            return str(said)
        click.echo("  Write n, 1, 2, ? or q, or only press Enter.")


def _name(day: date) -> str:
    return f"Night of {day:%a %d %b} to {day + timedelta(days=1):%a}"
