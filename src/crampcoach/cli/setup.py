"""`setup`: the first steps. A dozen questions at most, each with its reason, each to be left out with Enter.

Every answer is saved before the next question, so that somebody who stops half way has lost nothing.
"""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import click

from crampcoach.advice import HEADINGS, LEVELS, Advice
from crampcoach.cli import installing
from crampcoach.cli.printing import in_terminal, print_wrapped
from crampcoach.cli.questions import QUESTIONS, Question, prompt, yes
from crampcoach.cli.saving import entry_of, save, show_signs
from crampcoach.cli.session import Session
from crampcoach.model import Problem

if TYPE_CHECKING:
    from crampcoach.loading import Loaded

#: Seconds in which the test message should have been seen.
PATIENCE = 120.0
#: ... where nobody is asked: a script must not stand still for it.
BRIEFLY = 10.0


@click.command("setup")
@click.option("--defaults", is_flag=True, help="Ask nothing: leave every question out, and set up the rest.")
@click.option("--no-start", is_flag=True, help="Do not start the agent now.")
@click.option(
    "--wait",
    type=click.FloatRange(0, 600),
    default=PATIENCE,
    show_default=True,
    help=f"Seconds for the test message; with --defaults at most {BRIEFLY:g}, and 0 shows none.",
)
@click.pass_context
def setup_command(ctx: click.Context, defaults: bool, no_start: bool, wait: float) -> None:
    """First steps: a few questions, starting at login, a menu entry, a test message.

    Enter leaves a question out. Each answer is saved at once. Run it again at any time to change one.
    """
    if not defaults and not in_terminal(sys.stdin, sys.stdout):
        raise Problem("setup asks questions and needs a terminal; `crampcoach setup --defaults` asks nothing")
    with Session(ctx, strict=True) as session:
        # What is wrong with the settings, or with the place for the log, is told before anything is asked.
        _ = session.config, session.store
        try:
            well = _set_up(session, ask=not defaults, start=not no_start, wait=wait)
        except (click.Abort, KeyboardInterrupt, EOFError):
            click.echo()
            if not defaults:
                print_wrapped("What you had answered is saved. `crampcoach setup` shows it again and goes on.")
            raise click.Abort from None
    ctx.exit(0 if well else 1)


def _set_up(session: Session, *, ask: bool, start: bool, wait: float) -> bool:
    """Every step; False where one of them failed, which it has said."""
    click.echo("crampcoach: first steps. Everything stays on this machine.")
    if ask:
        print_wrapped(
            '"You" is the person with the cramps: if you are helping somebody, answer for them. '
            "Enter takes what the brackets say, Ctrl+C stops. Each answer is saved at once."
        )
    _show_signs(session, ask=ask)
    well = _begin_settings(session)
    if ask:
        _ask_all(session)
    well &= installing.offer_autostart(ask=ask, start=start)
    well &= installing.offer_menu(session, ask=ask)
    if ask:
        _offer_test(session, wait)
    elif wait:
        _show_briefly(session, min(wait, BRIEFLY))
    click.echo()
    if not installing.is_running():
        print_wrapped("crampcoach is not running now: no reminder comes until it does. To start it: crampcoach run")
    print_wrapped(f"{'Done' if well else 'Done, but for what is named above'}. `crampcoach status` says how it is.")
    print_wrapped("`crampcoach now` helps in a cramp, `crampcoach --help` lists every command.")
    _say_what_plugins_add(session)
    return well


def _say_what_plugins_add(session: Session) -> None:
    from crampcoach.cli import COMMANDS
    from crampcoach.cli.plugin_commands import collected_commands

    added = sorted(collected_commands(session, COMMANDS).items())
    if added:
        print_wrapped("Your plugins add these commands:")
    for name, command in added:
        print_wrapped(command.get_short_help_str(80), f"  {name:<{max(len(each) for each, _ in added)}}  ")


# --- the signs -------------------------------------------------------------------------------------------------


def _show_signs(session: Session, *, ask: bool) -> None:
    from crampcoach.store import red_flags_shown

    click.echo()
    if red_flags_shown.since(session.store.state):
        print_wrapped(
            "You have been shown the signs that need a doctor. To read them again: crampcoach check-symptoms --list"
        )
        return
    click.echo("First, the signs that need a doctor and not a reminder.")
    if not ask:
        show_signs(session)
        return
    pages = list(_pages(session.person.before_stretch(), *shutil.get_terminal_size()))
    prompt("Enter: read them")
    for number, page in enumerate(pages, 1):
        click.echo("\n".join(["", *page, ""]))
        prompt(f"{number} of {len(pages)}; Enter: {'next' if page is not pages[-1] else 'I have read them'}")
    red_flags_shown.mark(session.store.state, session.clock.now())


def _pages(signs: Sequence[Advice], columns: int, rows: int) -> Iterator[list[str]]:
    """The signs as pages of lines, each with its heading; what fits on the screen, and never half a sign."""
    room = rows - 4  # heading, question, and an empty line before each
    for level in LEVELS:
        page: list[str] = []
        for one in signs:
            if one.level != level:
                continue
            lines = textwrap.wrap(one.text, max(columns, 24), initial_indent="  - ", subsequent_indent="    ")
            if page and len(page) + len(lines) > room:
                yield [HEADINGS[level].upper(), *page]
                page = []
            page += lines
        if page:
            yield [HEADINGS[level].upper(), *page]


# --- questions -------------------------------------------------------------------------------------------------


def _begin_settings(session: Session) -> bool:
    """Write the file of `config init` where there is none, so that what is set stands among explained settings."""
    from crampcoach.config_edit import read_bytes, replace_bytes
    from crampcoach.config_text import to_begin_with

    def write() -> None:
        place = session.home.config_file
        if read_bytes(place) is not None:
            return
        if replace_bytes(place, None, to_begin_with(session.found, session.loaded).encode()):
            click.echo("\nYour settings, with every one of them explained, are in:")
            click.echo(f"  {place}")

    session.say_failures()
    return installing.tried(write)


def _ask_all(session: Session) -> None:
    stands = _answered_by_config(session)
    if stands:
        said = ", ".join(f"{name} = {value}" for name, value in stands.items())
        print_wrapped(f"\nNot asked, for it stands under [profile] in config.toml: {said}. Change it there:")
        click.echo(f"  {session.home.config_file}")
    for question in QUESTIONS:
        if question.is_setting or question.name not in stands:
            _ask(session, question)
    if reason := session.held("stretch"):
        click.echo()
        print_wrapped(f"No stretch for now. {reason}")
    _ask_about_plugins(session)


def _answered_by_config(session: Session) -> dict[str, str]:
    """What the config says about the person; that counts, whatever they answer elsewhere."""
    from dataclasses import asdict

    from crampcoach.config import UNANSWERED

    return {name: value for name, value in asdict(session.config.profile).items() if value not in UNANSWERED}


def _ask(session: Session, question: Question) -> None:
    """Ask until an answer is saved or left out."""
    click.echo()
    print_wrapped(question.ask)
    print_wrapped(question.why, "  ")
    hint = f"{question.hint}; Enter: {question.known(session.config.hours, session.profile) or 'leave it out'}"
    while answer := prompt(hint):
        try:
            value = question.read(answer)
        except ValueError as error:
            print_wrapped(str(error), "  ")
            continue
        doubt = question.doubt(value) if question.doubt else ""
        if doubt and not yes(f"  {doubt} Is that right?", usual="no"):
            continue
        if question.is_setting:
            saved = _set(session, {question.key: value})
        else:
            save(session, [entry_of(session, "profile", {question.name: value})])
            saved = True
        if saved:
            print_wrapped(f"saved: {question.said.get(value, value)}", "  ")
            break
    if question.key == "profile.country":
        words = session.person.numbers
        print_wrapped(f"In an emergency: {words.emergency}. For advice the same day: {words.advice}.", "  ")


def _set(session: Session, changes: Mapping[str, object]) -> bool:
    """Put settings into config.toml, and have the running agent follow; False where that failed, which is said."""
    from crampcoach.config_edit import set_values

    saved = installing.tried(lambda: set_values(session.home.config_file, changes))
    session.poke()
    return saved


def _ask_about_plugins(session: Session) -> None:
    """Which of the plugins that remind shall be off."""
    speaking = {name: one for name, one in sorted(session.loaded.items()) if one.plan}
    if not speaking:
        return
    click.echo("\nWhich of these reminders do you not want?")
    for name, one in speaking.items():
        print_wrapped(_about(one), f"  {name:<{max(map(len, speaking))}}  ")
    off = sorted(session.found.keys() - session.on.keys())
    if off:
        print_wrapped(f"Off already: {', '.join(off)}. To turn one on: crampcoach plugins enable NAME", "  ")
    while said := prompt("names to turn off; Enter: keep them all"):
        names = said.replace(",", " ").casefold().split()
        unknown = [name for name in names if name not in speaking]
        if unknown:
            print_wrapped(f"{', '.join(unknown)}: there is none of that name above.", "  ")
        elif _set(session, {f"plugins.{name}.enabled": False for name in names}):
            print_wrapped(f"saved: {', '.join(names)} off", "  ")
            for name in names:
                session.on.pop(name, None)
                session.loaded.pop(name, None)
            break


def _about(one: Loaded) -> str:
    """What a plugin says of itself in the first line."""
    return (one.plugin.module.__doc__ or "").strip().partition("\n")[0]


# --- the test message ------------------------------------------------------------------------------------------


def _offer_test(session: Session, wait: float) -> None:
    from crampcoach.cli.seen import show_test

    click.echo()
    if yes("Show a test message now?", "So that you know that messages reach you."):
        show_test(session, wait)


def _show_briefly(session: Session, wait: float) -> None:
    from crampcoach.cli.seen import show_unasked

    click.echo()
    show_unasked(session, wait)
