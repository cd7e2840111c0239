"""`crampcoach card`: writes the page to print for the bedside."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crampcoach import Problem
from crampcoach_stretching.card import card
from crampcoach_stretching.routine import bundled_routine

if TYPE_CHECKING:
    from crampcoach import Session

USUAL = Path("crampcoach-card.html")
#: What a card can be known by.
MARK = "<title>Leg cramps at night: bedside card</title>"
#: Signs with a place of their own elsewhere: RF-MOOD is shown on request and where somebody writes.
NOT_ON_IT = ("RF-MOOD",)
#: Before this time of day the night that has begun is the first one of the card.
DAWN = timedelta(hours=5)


@click.command(
    "card",
    context_settings={"help_option_names": ["-h", "--help"]},
    short_help="One page to print for the bedside.",
)
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path, allow_dash=True, readable=False),
    help=f"The file to write; {USUAL} unless given, - for the output.",
)
@click.option("--undated", is_flag=True, help="Leave the nights' dates to be filled in by hand.")
@click.pass_obj
def card_command(session: Session, output: Path | None, undated: bool) -> None:
    """One page to print for the bedside: what to do in a cramp, the stretches, the signs, 14 nights to tick.

    In a pipe the page goes to the output. It needs a web browser to be printed.
    """
    if reason := session.held("stretch"):
        raise Problem(f"no card now. {reason}")
    page = _page(session, undated=undated)
    piped = sys.stdout is not None and not sys.stdout.isatty()
    if output == Path("-") or (output is None and piped):
        click.echo(page.encode(), nl=False)  # the page says of itself that it is UTF-8
        return
    place = (output or USUAL).absolute()
    try:
        if place.is_file() and not _may_go(place):
            raise Problem(f"{place} is there already and is no card; name another file with --output")
        place.write_text(page, encoding="utf-8")
    except OSError as error:
        raise Problem(f"cannot write {place}: {error.strerror}; name another file with --output") from error
    click.echo(f"wrote {click.format_filename(place)}\nOpen it in a web browser and print it, on one page.")


def _page(session: Session, *, undated: bool) -> str:
    flags, numbers = session.red_flags(), session.numbers
    return card(
        steps=[f"{step.title}: {step.instruction}" for step in bundled_routine("evening-seated").steps],
        now_flags=[one.brief for one in flags if one.level == "now" and one.id not in NOT_ON_IT],
        same_day_flags=[one.brief for one in flags if one.level == "same-day"],
        emergency=numbers.emergency,
        advice=numbers.advice,
        first_night=None if undated else (session.now() - DAWN).date(),
    )


def _may_go(place: Path) -> bool:
    """Whether it is an earlier card, or empty. Raises OSError."""
    with place.open(encoding="utf-8", errors="replace") as file:
        begin = file.read(4000)
    return not begin or MARK in begin
