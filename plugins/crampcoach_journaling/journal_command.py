"""`crampcoach journal`: a page with a question above it, in the person's editor, in the terminal, or by a pipe."""

from __future__ import annotations

import sys
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from crampcoach import Entry, Problem
from crampcoach_journaling.prompts import choose, page, prompts, written
from crampcoach_journaling.text import END, from_stdin, typed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crampcoach import Session

REMINDER = "evening"
DRAFT = "journal"
NOTHING = "Nothing was written, so nothing was saved."
HOW = f"Write. A line with only a {END!r}, or Ctrl+D, ends it."
#: So many questions are not asked again.
_LATELY = len(prompts()) // 2


@click.command("journal", context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--prompt", "here", is_flag=True, help="Write here in the terminal, not in your editor.")
@click.option("--day", type=click.Choice(["calm", "mixed", "stressful"]), help="How the day was.")
@click.option("--writing", is_flag=True, help="Longer writing about something hard, if you have turned it on.")
@click.option("--minutes", type=click.IntRange(15, 20), default=15, show_default=True, help="How long, with --writing.")
@click.pass_obj
def journal_command(session: Session, /, here: bool, day: str | None, writing: bool, minutes: int) -> None:
    """A page of your journal, with a question above it that you may pass over.

    Your editor opens: the one that VISUAL or EDITOR names. Save and close it, and the page is in your log. A text that
    another program sends in is saved as it is. Find your words again with `crampcoach entries`.
    """
    if writing:
        from crampcoach_journaling.sitting import sit

        if not sit(session, minutes):
            return
        here = True
    if not (sys.stdin and sys.stdin.isatty()):
        _save(session, from_stdin() if sys.stdin else "", "", day, piped=True)
        return
    left = _left_behind(session)
    if left is None:
        return
    here = here or not session.editor
    made = _typed(session, left) if here else session.write(left or page(_question(session)), DRAFT)
    _save(session, *written(made), day)


def _question(session: Session) -> str:
    recent = session.log.entries("journal", session.now() - timedelta(days=365))
    asked = [str(one.fields["prompt"]) for one in recent if "prompt" in one.fields]
    return choose(session.now().date(), asked[-_LATELY:])


def _left_behind(session: Session) -> str | None:
    """The draft to go on with, empty for a new page; None if it was saved as it is."""
    left = session.draft(DRAFT)
    if left is None:
        return ""
    text, question = written(left)
    if not text:
        return left
    if in_log(session, text):
        session.discard(DRAFT)
        return ""
    click.echo(f"A draft of {count(text)} was left behind.")
    answer = click.prompt(
        "Go on with it (g), save it as it is (s) or throw it away (t)?",
        type=click.Choice(["g", "s", "t"], case_sensitive=False),
        show_choices=False,
    )
    if answer == "g":
        return left
    if answer == "s":
        _save(session, text, question, None)
        return None
    session.discard(DRAFT)
    return ""


def _typed(session: Session, left: str) -> str:
    begun, question = written(left)
    question = question or ("" if begun else _question(session))
    above = [f"\n{click.wrap_text(question, 60)}\n"] if question else []
    first = "\n".join([*above, HOW, *([f"\n{_printable(begun)}"] if begun else [])])
    head = page(question)
    session.keep(left or head, DRAFT)  # before anybody types: another window may be writing
    try:
        return head + typed(first, begun, lambda text: session.keep(head + text, DRAFT), session.monotonic)
    except KeyboardInterrupt:
        kept = bool(written(session.draft(DRAFT) or "")[0])
        if not kept:
            session.discard(DRAFT)
        click.echo("\nWhat you wrote is kept: `crampcoach journal` offers it again." if kept else "", err=True)
        raise click.Abort from None


def _save(session: Session, text: str, question: str, day: str | None, *, piped: bool = False) -> None:
    if not text.strip():
        if not piped:
            session.discard(DRAFT)
        click.echo(NOTHING)
        return
    given: Mapping[str, object] = {"day": day, "prompt": question or None}
    fields = {name: value for name, value in given.items() if value}
    save(session, Entry(kind="journal", fields=fields, note=text), DRAFT, piped=piped)


def save(session: Session, entry: Entry, draft: str, *, piped: bool = False) -> None:
    """Save an entry and discard its draft, or keep one where that fails. Then the evening's question is answered too.

    `piped`: the text came from another program. A draft that was left behind is another text then, and none is made of
    what no log takes: the sender still has it.
    """
    try:
        session.save(entry)
    except BaseException as error:
        if in_log(session, entry.note):  # only what came after failed: nobody reads the output
            if not piped:
                session.discard(draft)
            raise
        if piped and not _is_text(entry.note):
            raise
        kept = _keep_at_least(session, entry.note, draft)
        if isinstance(error, Problem):
            raise Problem(f"{error}; {kept}") from None
        click.echo(f"crampcoach: {kept}", err=True)
        raise
    if not piped:
        session.discard(draft)  # before anything else can fail: else the text is offered again, and saved twice
    if asks(session):
        session.done(REMINDER)
    click.echo(f"saved: {count(entry.note)}" if entry.note else "saved")


def in_log(session: Session, text: str) -> bool:
    """Whether the newest page of the journal is this text: a kill came between saving it and discarding its draft."""
    with suppress(Exception):  # a log that cannot be read has it nowhere
        newest = session.log.last("journal")
        return newest is not None and bool(text) and newest.note == text
    return False


def _is_text(text: str) -> bool:
    """Whether a log takes it."""
    return "\0" not in text and _printable(text) == text


def _keep_at_least(session: Session, text: str, draft: str) -> str:
    try:
        session.keep(text, draft)
    except Problem:
        if sys.stdout and sys.stdout.isatty():
            click.echo(f"\n{_printable(text)}\n")
        return "what you wrote could not be kept either: copy it from here"
    return "what you wrote is kept, and `crampcoach journal` offers it again"


def _printable(text: str) -> str:
    """A draft may hold what is no text."""
    return text.encode("utf-8", "replace").decode()


def asks(session: Session) -> bool:
    """Whether the evening's question waits for an answer."""
    now = session.now()
    found = session.log.occurrences(now - timedelta(days=1), now + timedelta(seconds=1))
    return any(one.reminder.endswith(f".{REMINDER}") and one.state in ("shown", "snoozed") for one in found)


def count(text: str) -> str:
    """ "1 word", "200 words"."""
    words = len(text.split())
    return f"{words:,} word{'' if words == 1 else 's'}"
