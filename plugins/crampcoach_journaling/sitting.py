"""Longer writing about something hard: caution and limits first, a way out at any moment, a lighter topic always.

Record `m-writing`: a small effect on mood and health (moderate), none found on cramps; sources frattaroli-2006,
guo-2023, baikie-wilhelm-2005, sbarra-2013, pennebaker-stop-summary. What to do in a crisis (record RF-MOOD) stands on
every screen. Nothing is ever guessed from what somebody wrote.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import click

from crampcoach import Entry, Problem
from crampcoach_journaling.saving import WRITING, count, in_log, save

if TYPE_CHECKING:
    from crampcoach import Session

SOURCES = "frattaroli-2006, guo-2023, baikie-wilhelm-2005, sbarra-2013"
ABOUT = (
    "Writing about something that weighs on you: 15 to 20 minutes, 3 or 4 times, on days close together. Only for you.",
    "What is known: in 146 studies it helped mood and health a little on average (moderate certainty). For cramps "
    "nobody has tried it.",
    "What can go wrong: you may feel stirred up right after. In one study, people who had just parted from a partner "
    "and looked for a meaning in it did worse for up to nine months. It does not replace talking to somebody.",
    "You can stop at any moment, and you can write about something lighter.",
    f"Sources: {SOURCES}.",
)
HARD = (
    "Has something very hard happened to you lately: a loss, a parting, an accident, violence? Are you in a crisis, or "
    "do bad memories keep coming back?"
)
NOT_NOW = "Then not this kind of writing, not now and not alone. It is for calmer times, or with somebody beside you."
LOW = "That is low. This kind of writing can wait; talking to somebody cannot."
UNSETTLED = "Then leave it be. It is no use to go on with what does not help."
LATE = "Not from two hours before bed until you get up: it can stir you up. Another day is soon enough."
ONCE = "You have done this today. Once a day is how it was tried."
ENOUGH = "You have done this four times in two weeks. More was hardly ever tried: let it rest for some weeks."
TOPIC = (
    "Think of something on your mind that you can look at now. Write what you think and feel about it. Spelling does "
    "not matter, and nobody reads it. If it gets too much, stop, or go on with something else."
)
LIGHTER = "Something lighter instead, on a page of the journal? Enter: yes; q: leave."
SCALE = "0 (very bad) to 10 (very good); Enter leaves it out."
SURE = "y: yes; n: no; ?: not sure."
WORSE = "Feeling lower right after is known from studies of this. If it does not settle, the lines below are for you."
DAYS, MOST = 14, 4


def refusal(now: datetime, bed: datetime, before: Sequence[Entry]) -> str:
    """Why it is not offered now; empty if it may be. `before`: earlier ones within `DAYS`."""
    if now >= bed - timedelta(hours=2):
        return LATE
    if any(one.at and one.at.astimezone(now.tzinfo).date() == now.date() for one in before):
        return ONCE
    return ENOUGH if len(before) >= MOST else ""


def felt_lower(entry: Entry) -> bool:
    """Whether somebody felt clearly lower after writing than before, or very low."""
    before, after = entry.fields.get("before"), entry.fields.get("after")
    return after is not None and (after <= 2 or (before is not None and after <= before - 3))


def sit(session: Session, minutes: int) -> bool:
    """One sitting, with all that comes before and after. Whether the person would rather write about something light.

    Raises Problem: it is off, or there is no terminal.
    """
    if not session.options.writing:
        raise Problem(
            "longer writing is off; it is not for everybody. To turn it on: writing = true under [plugins.journaling] "
            "in config.toml"
        )
    if not (sys.stdin and sys.stdin.isatty() and sys.stdout and sys.stdout.isatty()):
        raise Problem("longer writing needs a terminal; `crampcoach journal` takes a text by a pipe")
    if sys.platform == "win32" or os.environ.get("TERM", "dumb") in ("", "dumb"):
        raise Problem("longer writing needs a terminal that can move its cursor; `crampcoach journal` works in any")
    screens = Screens(next(one.text for one in session.red_flags() if one.id == "RF-MOOD"))
    try:
        return _sit(session, screens, minutes)
    except click.Abort:
        left = session.draft(WRITING)
        if not left:
            session.discard(WRITING)
        kept = "What you wrote is kept, and offered next time." if left else "Nothing was saved."
        click.echo(f"\nStopped. {kept}")
        return False


@dataclass(frozen=True, slots=True)
class Screens:
    """Pages of text with a question; what to do in a crisis stands on each."""

    crisis: str

    def ask(self, *texts: str, answers: Sequence[str], hint: str) -> str:
        """A page, until one of the answers is given; the last line says what they are."""
        room = min(72, shutil.get_terminal_size().columns)
        click.echo()
        for text in (*texts, self.crisis, hint):
            click.echo(f"{click.wrap_text(text, room)}\n")
        while (
            said := click.prompt(">", default="", show_default=False, prompt_suffix=" ").strip().casefold()
        ) not in answers:
            click.echo(click.wrap_text(hint, room))
        return str(said)

    def ask_lighter(self, *texts: str) -> bool:
        """Whether the person takes something lighter."""
        return self.ask(*texts, answers=["", "q"], hint=LIGHTER) != "q"

    def feeling(self, *texts: str) -> int | None:
        """0 to 10; None if the person leaves it out."""
        numbers = [str(number) for number in range(11)]
        said = self.ask(*texts, "How do you feel now?", answers=["", *numbers], hint=SCALE)
        return int(said) if said else None


def _sit(session: Session, screens: Screens, minutes: int) -> bool:
    if session.draft(WRITING) is not None and not _left_behind(session, screens):
        return False
    now = session.now()
    recent = session.log.entries("journal", now - timedelta(days=DAYS))
    earlier = [one for one in recent if "minutes" in one.fields]
    if reason := refusal(now, session.bed_time(), earlier) or session.held("stretch"):
        return screens.ask_lighter(f"Not now. {reason}")
    go_on = screens.ask(*ABOUT, answers=["y", "l", "q"], hint="Go on? y: yes; l: something lighter; q: leave.")
    if go_on != "y":
        return go_on == "l"
    if earlier and felt_lower(earlier[-1]):
        settled = screens.ask(
            "After the last time you felt lower. Has that settled?", answers=["y", "n", "?"], hint=SURE
        )
        if settled != "y":
            return screens.ask_lighter(UNSETTLED)
    if screens.ask(HARD, answers=["y", "n", "?"], hint=SURE) != "n":
        return screens.ask_lighter(NOT_NOW)
    before = screens.feeling()
    if before is not None and before <= 2:
        return screens.ask_lighter(LOW)
    if begin := screens.ask(TOPIC, answers=["", "l", "q"], hint="Enter begins; l: something lighter; q: leave."):
        return begin == "l"
    _write(session, screens, minutes, before)
    return False


def _write(session: Session, screens: Screens, minutes: int, before: int | None) -> None:
    from crampcoach_journaling.sheet import Sheet, write_on

    session.keep("", WRITING)  # before anybody types: another window may be writing
    sheet = Sheet()
    took = write_on(
        sheet, [screens.crisis], minutes, monotonic=session.monotonic, keep=lambda text: session.keep(text, WRITING)
    )
    text = sheet.text.strip("\n")
    written = f"{count(text)} in {max(1, round(took))} min."
    after = screens.feeling(written)
    fields: dict[str, object] = {"minutes": round(took, 1), "before": before, "after": after}
    entry = Entry(kind="journal", fields={name: value for name, value in fields.items() if value is not None})
    worse = [WORSE] if felt_lower(entry) else []
    _keep_what_is_wanted(session, screens, entry, text, worse)


def _keep_what_is_wanted(session: Session, screens: Screens, entry: Entry, text: str, first: Sequence[str]) -> None:
    """Nothing of it is saved unless the person says so."""

    def wants(*texts: str) -> bool:
        return screens.ask(*texts, answers=["", "n"], hint="Enter: yes; n: no.") != "n"

    keep = bool(text.strip()) and wants(*first, "Keep what you wrote in your log? With no it is thrown away.")
    note = wants(f"Log how long it took{' and how you felt' if len(entry.fields) > 1 else ''}?")
    if keep or note:
        fields = entry.fields if note else {}
        save(session, Entry(kind=entry.kind, fields=fields, note=text if keep else ""), WRITING)
    else:
        session.discard(WRITING)
        click.echo("Nothing was saved.")


def _left_behind(session: Session, screens: Screens) -> bool:
    """What to do with a text whose sitting was cut off. Whether to go on to a new one."""
    text = (session.draft(WRITING) or "").strip("\n")
    if text.strip() and not in_log(session, text):
        found = f"From last time {count(text)} were left behind."
        answer = screens.ask(found, answers=["s", "t", "q"], hint="s: save them; t: throw them away; q: leave them.")
        if answer == "q":
            return False
        if answer == "s":
            save(session, Entry(kind="journal", note=text), WRITING)
            return True
    session.discard(WRITING)
    return True
