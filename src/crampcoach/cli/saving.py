"""Saving from a command: advice is said first, then the entries are saved, then the agent is told."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from crampcoach.advice import HEADINGS, LEVELS, Advice, Level
from crampcoach.cli.printing import in_terminal, print_wrapped
from crampcoach.model import Problem

if TYPE_CHECKING:
    from crampcoach.cli.session import Session
    from crampcoach.model import Entry

NOTHING_HELD = "Nothing is held back any more."


def save(session: Session, entries: Sequence[Entry], *, err: bool = False) -> tuple[Entry, ...]:
    """Save complete entries. What they raise is printed before; `err` sends it to stderr, out of a program's way."""
    from crampcoach.answers import unsaved
    from crampcoach.safety.kinds import EXAMINED
    from crampcoach.store import entries as stored

    def write(now: datetime) -> tuple[Entry, ...]:
        if any(entry.kind == EXAMINED for entry in entries):
            # What was answered before, and waits for an agent to enter it, comes before a look in the log too.
            stored.append(session.store.log, unsaved(session.store), now)
        return stored.append(session.store.log, entries, now)

    saved = after_advice(session, entries, write, err=err)
    session.advise_on += saved
    session.advise_err = session.advise_err or err
    return saved


def change(session: Session, entry: Entry) -> Entry:
    """Put a complete entry in the place of the one with its id. What it raises is printed before."""
    from crampcoach.store import entries as stored

    held = why_held(session)
    (changed,) = after_advice(session, [entry], lambda now: (stored.edit(session.store.log, entry, now),))
    session.advise_on.append(changed)
    if held and not why_held(session):
        print_wrapped(NOTHING_HELD)  # a slip, of the time for example, must not go unnoticed
    return changed


def after_advice(
    session: Session, entries: Sequence[Entry], write: Callable[[datetime], tuple[Entry, ...]], *, err: bool = False
) -> tuple[Entry, ...]:
    """Print what these entries raise, then write them; what was really written. Then the agent is told."""
    unread: OSError | None = None
    try:
        print_advice(session.person.advice_on(entries), err=err)
    except OSError as error:  # that nobody reads the output must not cost the entry
        unread = error
    saved = write(session.clock.now())
    session.saved = True
    keep_holds(session)
    if not unread:
        mark_read(session, saved, err=err)
    _say_what_config_keeps(session, saved)
    _say_what_waits(session, saved, err=err)
    session.poke()
    if unread:
        raise unread
    return saved


def keep_holds(session: Session) -> None:
    """What holds now must not be lost with the log either, also where no agent runs to see to it."""
    import sqlite3

    from crampcoach.store import kept_holds

    with suppress(sqlite3.Error, OSError, Problem):  # what was saved is saved
        kept_holds.copy(session.store)


def mark_read(session: Session, saved: Sequence[Entry], *, err: bool = False) -> None:
    """What these entries raise was printed. Where it went to no terminal, the running agent says it by message too."""
    from crampcoach.safety.flags import raised as raises
    from crampcoach.store import raised

    out = sys.stderr if err else sys.stdout
    told = [(entry.id, names) for entry in saved if (names := [one.id for one in raises(entry)])]
    if told and in_terminal(out):
        raised.mark_told(session.store.log, told, session.clock.now())


def _say_what_waits(session: Session, saved: Sequence[Entry], *, err: bool) -> None:
    """A look may have been at something else, or before what was noticed last."""
    from crampcoach.safety.kinds import EXAMINED

    if any(entry.kind == EXAMINED for entry in saved):
        print_wrapped(why_held(session) or NOTHING_HELD, err=err)


def why_held(session: Session, *, exempt: bool = False) -> str:
    """Why measures must wait; empty where none is held back.

    exempt: of what is meant for whom their profile alone holds the others back: pregnant, or not adult.
    """
    from crampcoach.safety.wording import MEASURES, held

    # `acute` leaves pregnancy out; what the profile still says then is that somebody is no adult.
    passed = {f"{one}.".casefold() for one in held(session.profile, (), acute=True).values()} if exempt else set()
    reasons = (session.held(measure, acute=exempt) for measure in MEASURES)
    return next((reason for reason in reasons if reason and reason.casefold() not in passed), "")


def _say_what_config_keeps(session: Session, saved: Sequence[Entry]) -> None:
    """An answer about oneself counts only where config.toml leaves the question open."""
    from crampcoach.config import UNANSWERED

    profile = session.config.profile
    for entry in saved:
        for name, value in entry.fields.items() if entry.kind == "profile" else ():
            stands = getattr(profile, name, value)
            if stands not in (*UNANSWERED, value):
                said = f"config.toml says profile.{name} = {stands!r}, and that counts; change or remove it there"
                click.echo(f"crampcoach: {said}", err=True)


def entry_of(session: Session, kind: str, fields: Mapping[str, Any], at: datetime | None = None) -> Entry:
    """A complete entry; of now unless `at` (aware) says when."""
    from crampcoach.clock import zone_name
    from crampcoach.model import Entry

    at = at or session.now
    return Entry(kind=kind, fields=fields, at=at, zone=zone_name(session.zone, at))


def show_signs(session: Session) -> None:
    """Print the signs that come before the first stretch. Where that is a terminal, they count as shown."""
    from crampcoach.store import red_flags_shown

    print_advice(session.person.before_stretch())
    if in_terminal(sys.stdout):
        red_flags_shown.mark(session.store.state, session.clock.now())


def print_advice(
    advice: Sequence[Advice], *, err: bool = False, head: Callable[[Level], str] = lambda level: HEADINGS[level].upper()
) -> None:
    """Advice under the heading of its level, most urgent first."""
    for level in LEVELS:
        texts = [one.text for one in advice if one.level == level]
        if texts:
            click.echo(f"\n{head(level)}", err=err)
            for text in texts:
                print_wrapped(text, "  - ", err=err)
    if advice:
        click.echo(err=err)
