"""`backup` and `restore`: a copy of the log to keep, and the way back to one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crampcoach.cli.printing import json_option, print_json, print_rows, print_wrapped, when
from crampcoach.cli.session import Session
from crampcoach.model import Problem

if TYPE_CHECKING:
    from crampcoach.home import Home
    from crampcoach.store.restore import Change, Changes

#: The words of `--json` and of the list.
DAILY = "daily"
_WHY = {
    DAILY: "made daily",
    "asked": "you asked for it",
    "before-restore": "before a restore",
    "before-update": "before an update",
}
_yes_option = click.option("--yes", is_flag=True, help="Go on without asking.")


@click.command("backup")
@click.argument("place", metavar="[FILE|FOLDER]", type=click.Path(readable=False, path_type=Path), required=False)
@click.option("--list", "listing", is_flag=True, help="List your backups, newest first.")
@_yes_option
@json_option
@click.pass_context
def backup_command(ctx: click.Context, place: Path | None, listing: bool, yes: bool, as_json: bool) -> None:
    """Copy your log to FILE, into FOLDER, or to where the backups of each day are.

    The copy is whole or not there at all. Only you can read it; what is on a stick, anybody who has the stick can.

    JSON: name, file, at, why (daily, asked, before-restore, before-update), entries (null: cannot be read), bytes.
    """
    from crampcoach.store.backup import ASKED, back_up_to, backup

    with Session(ctx) as session:
        if listing:
            print_list(session, as_json=as_json)
            return
        now, folder = session.clock.now(), session.home.backup_dir
        if place is None:
            path = backup(session.store.log, folder, now, ASKED)
        else:
            path = _target(place, session.home, f"crampcoach-log-{session.now:%Y-%m-%d}.db", yes=yes)
            back_up_to(session.store.log, path, folder)
        print_json([_row(session, now, path, ASKED)]) if as_json else click.echo(f"backed up to {path}")


def print_list(session: Session, *, as_json: bool) -> bool:
    """Print the backups of the log, newest first; whether there are any."""
    rows = list(_rows(session))
    if not as_json:
        for row in rows:
            count = row["entries"]
            row["when"], row["why"] = when(row["at"], session.now), _WHY[row["why"]]
            row["holds"] = "cannot be read" if count is None else f"{count} entr{'y' if count == 1 else 'ies'}"
    empty = "no backups yet; `crampcoach backup` makes one, and the agent makes one a day while it runs"
    print_rows(rows, as_json=as_json, columns=("when", "why", "holds", "name"), empty=empty)
    return bool(rows)


def _rows(session: Session) -> Iterator[dict[str, Any]]:
    from crampcoach.store.backup import backups, reason
    from crampcoach.store.schema import LOG

    for at, path in backups(session.home.backup_dir, LOG):
        yield _row(session, at, path, reason(path))


def _row(session: Session, at: datetime, path: Path, why: str) -> dict[str, Any]:
    from crampcoach.store.backup import entries_in

    return {
        "name": path.name,
        "file": path,
        "at": at.astimezone(session.zone),
        "why": why or DAILY,
        "entries": entries_in(path),
        "bytes": path.stat().st_size,
    }


def _target(place: Path, home: Home, name: str, *, yes: bool) -> Path:
    """The file to write. Only a backup of a log is ever replaced, and only after a yes. Raises Problem."""
    from crampcoach.cli.questions import yes as says_yes
    from crampcoach.store.backup import fault
    from crampcoach.store.schema import LOG

    path = Path(os.path.realpath(place / name if place.is_dir() else place))  # resolve() raises for a link to itself
    if not path.parent.is_dir():
        raise Problem(f"there is no folder {path.parent}; make it first, or choose another place")
    if path.parent == home.data_dir.resolve():
        raise Problem(f"crampcoach keeps its own files in {path.parent}; choose another place")
    if path.exists():
        if not path.is_file() or (path.stat().st_size and fault(path, LOG)):
            raise Problem(f"{path} is there already and is no backup of a log; choose another name")
        if path.stat().st_size and not yes and not says_yes(f"{path} is there already. Replace it?", usual="no"):
            raise Problem("nothing was written")
    return path


@click.command("restore")
@click.argument("name", metavar="[BACKUP]", required=False)
@click.option("--dry-run", is_flag=True, help="Only say what it would change.")
@_yes_option
@click.pass_context
def restore_command(ctx: click.Context, name: str | None, dry_run: bool, yes: bool) -> None:
    """Go back to a backup of your log: a name from the list, or a file. Without BACKUP, list them.

    First it says what would change, and asks. What it replaces is kept as a backup, so that you can go back again. What
    you have said about yourself, and what holds stretching back, stays as it is now.
    """
    from crampcoach.cli.questions import yes as says_yes
    from crampcoach.clock import zone_name
    from crampcoach.store.restore import changes, chosen, restore

    with Session(ctx) as session:
        if name is None:
            if print_list(session, as_json=False):
                click.echo("\n`crampcoach restore NAME` says what would change, and asks.")
            return
        path, now = _named(name, session.home), session.clock.now()
        with chosen(path) as copy:
            store = session.open_store(check=True)
            found = changes(store.log, copy)
            _print_changes(session, path, found)
            if dry_run or not found.any:
                return
            if not yes and not says_yes("Restore it?", usual="no"):
                click.echo("Nothing was changed.")
                return
            before = restore(store, copy, session.home, now, zone_name(session.zone, session.now))
        session.poke()
        click.echo(f"restored; what was there before is kept as {before.name}")


def _named(name: str, home: Home) -> Path:
    """The backup of this name; anything else is a path."""
    for candidate in (home.backup_dir / name, home.backup_dir / f"{name}.db"):
        if candidate.is_file():
            return candidate
    return Path(name)


def _print_changes(session: Session, path: Path, found: Changes) -> None:
    if not found.any:
        click.echo("Nothing would change: your log has the same entries.")
        return
    click.echo(f"To go back to {path.name} would change your log:")
    for change, one, many in (
        (found.gone, "1 entry would go", "{} entries would go"),
        (found.back, "1 entry would come back", "{} entries would come back"),
        (found.other, "1 entry would read as it did then", "{} entries would read as they did then"),
    ):
        if change.many:
            text = one if change.many == 1 else many.format(change.many)
            print_wrapped(f"{text} ({_span(session, change)})", "  - ")
    if found.holds:
        print_wrapped("A hold that a doctor's look has ended would be on again; `crampcoach log examined` ends it.")
    print_wrapped("What you have said about yourself, and what holds stretching back, stays as it is now.")
    print_wrapped("Your log as it is now is kept as a backup.")


def _span(session: Session, change: Change) -> str:
    ends = [when(at.astimezone(session.zone), session.now) for at in (change.first, change.last) if at]
    return " to ".join(dict.fromkeys(ends))
