"""`crampcoach journal`: a page with a question above it, in the person's editor, in the terminal, or by a pipe."""

from __future__ import annotations

import sys
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from crampcoach import Entry
from crampcoach_journaling.prompts import choose, page, prompts, written
from crampcoach_journaling.saving import PAGE, count, in_log, printable, save
from crampcoach_journaling.text import END, from_stdin, typed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crampcoach import Session

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
    made = _typed(session, left) if here else session.write(left or page(_question(session)), PAGE)
    _save(session, *written(made), day)


def _question(session: Session) -> str:
    recent = session.log.entries("journal", session.now() - timedelta(days=365))
    asked = [str(one.fields["prompt"]) for one in recent if "prompt" in one.fields]
    return choose(session.now().date(), asked[-_LATELY:])


def _left_behind(session: Session) -> str | None:
    """The draft to go on with, empty for a new page; None if it was saved as it is."""
    left = session.draft(PAGE)
    if left is None:
        return ""
    text, question = written(left)
    if not text:
        return left
    if in_log(session, text):
        session.discard(PAGE)
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
    session.discard(PAGE)
    return ""


def _typed(session: Session, left: str) -> str:
    begun, question = written(left)
    question = question or ("" if begun else _question(session))
    above = [f"\n{click.wrap_text(question, 60)}\n"] if question else []
    first = "\n".join([*above, HOW, *([f"\n{printable(begun)}"] if begun else [])])
    head = page(question)
    session.keep(left or head, PAGE)  # before anybody types: another window may be writing
    try:
        return head + typed(first, begun, lambda text: session.keep(head + text, PAGE), session.monotonic)
    except KeyboardInterrupt:
        kept = bool(written(session.draft(PAGE) or "")[0])
        if not kept:
            session.discard(PAGE)
        click.echo("\nWhat you wrote is kept: `crampcoach journal` offers it again." if kept else "", err=True)
        raise click.Abort from None


def _save(session: Session, text: str, question: str, day: str | None, *, piped: bool = False) -> None:
    if not text.strip():
        if not piped:
            session.discard(PAGE)
        click.echo(NOTHING)
        return
    given: Mapping[str, object] = {"day": day, "prompt": question or None}
    fields = {name: value for name, value in given.items() if value}
    save(session, Entry(kind="journal", fields=fields, note=text), PAGE, piped=piped)
