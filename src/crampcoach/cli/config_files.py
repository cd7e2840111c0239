"""`config init`, `config edit`, `config schema`: making the settings file, changing it, and what may be in it."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import click

from crampcoach.cli.config_mistakes import mistakes
from crampcoach.cli.printing import in_terminal, print_json, print_wrapped
from crampcoach.cli.session import Session
from crampcoach.config import Config, ConfigProblem, PluginTable, read_config, unreadable
from crampcoach.home import private_folder
from crampcoach.model import Problem


def followed(session: Session) -> str:
    """Have the running agent read the settings again; whether it does, for the end of a sentence."""
    from crampcoach import lock

    poked = session.poke()
    runs = lock.holder(session.home.lock_file) is not None
    try:
        read_config(session.home.config_file)
    except ConfigProblem:
        what = "the running agent keeps the settings from before" if runs else "the agent does not start"
        return f"{what} until what else is wrong there is put right, see `crampcoach config check`"
    if not runs:
        return "no agent is running"
    return "the running agent follows" if poked else "the running agent follows within a minute"


@click.command("init", short_help="Write a settings file to begin with.")
@click.option("--force", is_flag=True, help="Also where there is one; that is kept beside it.")
@click.pass_context
def init_command(ctx: click.Context, force: bool) -> None:
    """Write a settings file to begin with.

    Every setting is in it with its default, commented out: nothing changes until you remove a # and write your value.
    """
    from crampcoach.config_edit import read_bytes, replace_bytes

    with Session(ctx) as session:
        place = session.home.config_file
        before = read_bytes(place)
        if before is not None and not force:
            raise Problem(
                f"{place} is there already: `crampcoach config edit` changes it; "
                "--force writes a new one and keeps this one beside it"
            )
        data = _to_begin_with(session)
        if before is not None:
            click.echo(f"kept what was there as {_keep(session, 'before', before)}")
        if not replace_bytes(place, before, data):
            raise Problem(f"{place} was changed by something else in the meantime and is left alone; try again")
        click.echo(f"wrote {place}")
        print_wrapped(
            "Every setting is in it, commented out: remove the # in front of what you want to change. "
            "`crampcoach config edit` opens it."
        )
        if before is not None:
            print_wrapped(f"The defaults are in force; {followed(session)}.")


def _to_begin_with(session: Session) -> bytes:
    from crampcoach.config_text import to_begin_with

    session.config = Config()  # what is switched off or wrong now need not be so in a new file
    data = to_begin_with(session.found, session.loaded).encode()
    session.say_failures()
    return data


def _keep(session: Session, why: str, data: bytes) -> Path:
    """Save a file's content beside config.toml, under a name that is free."""
    from crampcoach.config_edit import replace_bytes

    name = f"config.toml.{why}-{session.now:%Y-%m-%d}"
    path = session.home.config_dir / name
    number = 1
    while not replace_bytes(path, None, data):
        number += 1
        path = path.with_name(f"{name}-{number}")
    return path


@click.command("edit", short_help="Open it in your editor, and check it afterwards.")
@click.pass_context
def edit_command(ctx: click.Context) -> None:
    """Open the settings in your editor, and check them before they are saved.

    The editor is the one that VISUAL or EDITOR names. One that opens a window of its own must be told to wait, for
    example EDITOR="code --wait".
    """
    from crampcoach.config_edit import read_bytes, replace_bytes

    with Session(ctx) as session:
        place = session.home.config_file
        if not in_terminal(sys.stdin, sys.stdout):
            raise Problem(
                f"there is no terminal here to edit in: change {place} with any editor, "
                "then run `crampcoach config check`"
            )
        before = read_bytes(place)
        # Beside it, so that it is nobody else's to read.
        with tempfile.TemporaryDirectory(dir=private_folder(place.parent), prefix=".edit-") as folder:
            copy = Path(folder) / place.name
            copy.write_bytes(_to_begin_with(session) if before is None else before)
            data = _edited(ctx, copy, place)
        if data is None:
            return
        if not replace_bytes(place, before, data):
            kept = _keep(session, "edited", data)
            raise Problem(f"{place} was changed by something else in the meantime, so yours was saved as {kept}")
        click.echo(f"saved {place}")
        then = followed(session)
        print_wrapped(f"{then[:1].upper()}{then[1:]}.")


def _edited(ctx: click.Context, copy: Path, place: Path) -> bytes | None:
    """What the person made of the copy and wants to be saved; None for nothing."""
    before = copy.read_bytes()
    while True:
        _open_editor(copy, place)
        data = copy.read_bytes()
        if data == before:
            click.echo("Nothing was changed.")
            return None
        wrong = _mistakes_in(ctx, data, place)
        if not wrong:
            return data
        for line in wrong:
            click.echo(line)
        question = "Edit again (e), save anyway (s) or throw your changes away (t)?"
        answer = click.prompt(question, type=click.Choice(["e", "s", "t"], case_sensitive=False), show_choices=False)
        if answer == "s":
            return data
        if answer == "t":
            click.echo("Nothing was changed.")
            return None


def _mistakes_in(ctx: click.Context, data: bytes, place: Path) -> list[str]:
    from crampcoach.toml_places import unix_lines

    try:
        text = unix_lines(data.decode("utf-8-sig"))
        with Session(ctx) as session:
            wrong = mistakes(session, place, text)
    except UnicodeDecodeError as error:
        return [str(unreadable(place, error))]
    except ConfigProblem as problem:
        return problem.problems
    return [one for one in wrong if one.startswith(f"{place}:")]  # a plugin that is broken otherwise is not mended here


def _open_editor(path: Path, place: Path) -> None:
    """Raises Problem."""
    friendly = next((name for name in ("sensible-editor", "nano") if shutil.which(name)), None)
    chosen = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    try:
        click.edit(filename=str(path), editor=chosen or friendly)
    except (click.ClickException, ValueError) as error:
        what = error.format_message() if isinstance(error, click.ClickException) else f"{chosen}: {error}"
        raise Problem(
            f"{what}; nothing was changed: set EDITOR to the name of an editor, or change {place} by hand"
        ) from None


@click.command("schema", short_help="Print a JSON Schema, for editors.")
@click.pass_context
def schema_command(ctx: click.Context) -> None:
    """Print a JSON Schema of the settings with those of your plugins, for editors that check TOML with one.

    Save it beside config.toml as config.schema.json, and begin config.toml with the line: #:schema ./config.schema.json
    """
    from crampcoach.config_text import schema

    with Session(ctx) as session:
        # A plugin whose table is wrong is described all the same; one that is off is not imported for it.
        tables = {name: PluginTable(enabled=table.enabled) for name, table in session.config.plugins.items()}
        session.config = replace(Config(), plugins=tables)
        print_json(schema(session.found, session.loaded))
        session.say_failures()
