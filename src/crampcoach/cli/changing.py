"""`edit`, `delete`: change an entry by options or in the editor, or hide it. What stood there is kept."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import click

from crampcoach.checks import check_fields
from crampcoach.cli import form
from crampcoach.cli.at import moved, read_moment, read_with
from crampcoach.cli.entries import difference, said, said_time, shortened
from crampcoach.cli.given import text_of
from crampcoach.cli.log import checked, field_options, flag
from crampcoach.cli.printing import print_wrapped
from crampcoach.cli.saving import change, why_held
from crampcoach.cli.session import Session
from crampcoach.clock import zone_named
from crampcoach.model import Entry, Kind, Problem
from crampcoach.moments import PART_FIELD, Moment, parse_night
from crampcoach.options import convert


class _ById(click.Group):
    """A command for the entry that an id names, with the options of its kind."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return []

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if ctx.resilient_parsing:
            return None
        with Session(ctx) as session:
            entry = _find(session, cmd_name)
            return _command(cmd_name, entry, session.kinds.get(entry.kind))


@click.command(
    "edit", cls=_ById, subcommand_metavar="ID [OPTIONS]", context_settings={"help_option_names": ["-h", "--help"]}
)
def edit_command() -> None:
    """Change an entry: by its options, or without any in your editor.

    ID is what `entries` shows before it; `crampcoach edit ID --help` lists the options of its kind. What stood there
    is kept: `show ID --history` shows it, `undo` brings it back.
    """


def _find(session: Session, given: str) -> Entry:
    from crampcoach.store import entries
    from crampcoach.store.short_ids import whole_id

    found = entries.find(session.store.log, whole_id(session.store.log, given))
    if found is None:
        raise Problem(f"the entry {given} is deleted; `crampcoach show {given}` shows it")
    return found


def _standing(session: Session, entry: Entry) -> Entry:
    """The entry as it stands by now: other windows write too. Raises Problem."""
    from crampcoach.store import entries

    found = entries.find(session.store.log, entry.id)
    if found is None:
        raise Problem("the entry was deleted meanwhile; nothing was changed (`crampcoach undo` brings it back)")
    return found


def _command(given_id: str, entry: Entry, kind: Kind | None) -> click.Command:
    options: list[click.Parameter] = [
        *(field_options(kind, change=True) if kind else []),
        click.Option(["--at"], help="When it was, as for `log`; a time alone is near to the one that stands there."),
        click.Option(["--note"], help="Your words, in the place of those that stand there; `--note -` reads stdin."),
        click.Option(["--clear"], multiple=True, metavar="NAME", help="Empty a field, or `note`; again for more."),
    ]

    @click.pass_context
    def edit(ctx: click.Context, /, at: str | None, note: str | None, clear: Sequence[str], **given: Any) -> None:
        values = {name: value for name, value in given.items() if value not in (None, ())}
        with Session(ctx) as session:
            if at is None and note is None and not clear and not values:
                _in_editor(session, entry, kind, given_id)
                return
            note = None if note is None else text_of(note)
            stands = _standing(session, entry)  # writing the note may have taken a while
            note = "" if "note" in clear else stands.note if note is None else note
            names = {flag(name).removeprefix("--"): name for name in (*stands.fields, *values)}
            for name in clear:
                if name.replace("_", "-") not in {*names, "note"}:
                    raise click.UsageError(f"--clear {name}: this entry has {', '.join([*sorted(names), 'note'])}")
            gone = {names.get(name.replace("_", "-")) for name in clear}
            kept = {name: value for name, value in {**stands.fields, **values}.items() if name not in gone}
            _save(session, _rewritten(session, stands, kind, at=at, night=None, given=kept, note=note))

    help_text = f"Change this entry of kind `{entry.kind}`. Without options it opens in your editor."
    return click.Command(
        given_id, params=options, callback=edit, help=help_text,
        context_settings={"help_option_names": ["-h", "--help"]},
    )  # fmt: skip


def _rewritten(
    session: Session,
    entry: Entry,
    kind: Kind | None,
    *,
    at: str | None,
    night: str | None,
    given: Mapping[str, Any],
    note: str,
) -> Entry:
    """The entry with other contents. Raises Problem or click.UsageError."""
    fields = checked(kind, given) if kind else dict(given)
    part, stood = fields.get(PART_FIELD), entry.fields.get(PART_FIELD)
    if at is None and part is not None and part != stood and stood is not None:
        at = str(part)  # its time was no more than that
    if at is not None and part == stood:
        fields.pop(PART_FIELD, None)
    changed = replace(entry, fields=fields, note=note)
    if at is not None:
        assert entry.at
        now = session.now.astimezone(zone_named(entry.zone))
        moment = read_moment(session, at, now, Moment(at=entry.at, night=entry.night))
        changed = moved(changed, kind, moment)
        # What is said of a night stays with that night, whenever it was said.
        changed = replace(changed, night=entry.night) if kind and kind.last_night else changed
    if night is not None:
        changed = replace(changed, night=read_with("night", night, lambda said: parse_night(said, session.now)))
    return changed


def _save(session: Session, changed: Entry) -> bool:
    """Save it, and say what is different; whether anything was."""
    from crampcoach.store import entries

    before = _standing(session, changed)
    changed = replace(entries.completed(changed, session.clock.now()), origin=before.origin)
    if (changed, _instant(changed)) == (before, _instant(before)):
        click.echo("nothing was changed")
        return False
    after = change(session, changed)
    print_wrapped(difference(before, after, session.now), "changed: ")
    return True


def _instant(entry: Entry) -> datetime:
    """The time in UTC: the two times of a repeated hour are equal to Python."""
    assert entry.at
    return entry.at.astimezone(UTC)


# --- in the editor ---------------------------------------------------------------------------------------------


def _in_editor(session: Session, entry: Entry, kind: Kind | None, given_id: str) -> None:
    """Open the entry as a text, as often as it takes; a text that cannot be read is kept and opened again.

    The text as it was opened is kept as a draft of its own: only what was changed in it counts, however late.
    """
    from crampcoach.cli.drafts import discard, draft, folder, keep
    from crampcoach.cli.editor import edited

    home = session.home
    name = f"entry-{re.sub(r'[^0-9A-Za-z.-]', '-', entry.id)[:60]}"
    text = opened = form.write(entry, kind)
    left = draft(home, name)
    if left is not None:
        click.echo("crampcoach: going on with the text that was left behind", err=True)
        opened = draft(home, f"{name}-opened") or opened
        text = left + "\n" * opened.endswith("\n")  # a draft comes without its last line end
    else:
        discard(home, f"{name}-opened")
        keep(home, f"{name}-opened", f"{opened}\n")
    while True:
        try:
            text = edited(home, name, text)
        finally:
            if draft(home, name) is None:
                discard(home, f"{name}-opened")
        if not text.strip() or text == opened:
            click.echo("nothing was changed")
            break
        try:
            stands = _standing(session, entry)
        except Problem:
            kept = f"what you wrote is kept in {folder(home, name) / name}.txt"
            raise Problem(
                f"{given_id} was deleted meanwhile; {kept} (`crampcoach undo` brings the entry back)"
            ) from None
        try:
            _save(session, _from_form(session, text, opened, stands, kind))
            break
        except (form.Unreadable, Problem, click.UsageError) as error:
            said = error.message if isinstance(error, click.UsageError) else str(error)
            if not (sys.stdin.isatty() and sys.stdout.isatty()):
                raise Problem(f"{said}; your text is kept: `crampcoach edit {given_id}` opens it again") from None
            print_wrapped(said)
            if not click.confirm("Open it again?", default=True):
                raise Problem(f"your text is kept: `crampcoach edit {given_id}` opens it again") from None
    discard(home, name)
    discard(home, f"{name}-opened")


def _from_form(session: Session, text: str, opened: str, entry: Entry, kind: Kind | None) -> Entry:
    """What a text that was `opened` makes of the entry as it stands by now: all that is the same in both stays.

    Raises Unreadable, Problem or click.UsageError.
    """
    made, then = form.read(text), form.read(opened)
    if kind is None:
        try:
            check_fields(f"kind {entry.kind}", made.fields)
        except (TypeError, ValueError) as error:
            raise form.Unreadable(str(error)) from None
    elif kind.fields:
        _, wrong = convert(made.fields, kind.fields)
        if wrong:
            raise form.Unreadable("\n".join(f"{form.line_of(text, one.key)}{one.key}: {one.text}" for one in wrong))
    elif made.fields:
        raise form.Unreadable(f"{form.line_of(text, next(iter(made.fields)))}the kind {entry.kind} has no fields")
    gone = then.fields.keys() - made.fields.keys()
    new = {name: value for name, value in made.fields.items() if then.fields.get(name) != value}
    kept = {name: value for name, value in entry.fields.items() if name not in gone}
    return _rewritten(
        session,
        entry,
        kind,
        at=None if made.at == then.at else made.at,
        night=None if made.night == then.night else made.night,
        given={**kept, **new},
        note=entry.note if made.note == then.note else made.note,
    )


# --- deleting --------------------------------------------------------------------------------------------------


@click.command("delete")
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@click.pass_context
def delete_command(ctx: click.Context, /, ids: tuple[str, ...]) -> None:
    """Delete entries. They stay in the file: `undo` brings them back, and `show ID` still shows them."""
    from crampcoach.store import entries

    with Session(ctx) as session:
        found = list({one.id: one for one in (_find(session, given) for given in ids)}.values())
        for entry in found:
            entries.delete(session.store.log, entry.id, session.clock.now())
            session.saved = True
            print_wrapped(one_entry(entry, session.now), "deleted: ")
        session.poke()
        say_what_holds(session, found)
        click.echo(
            "`crampcoach undo` brings it back." if len(found) == 1 else "`crampcoach undo` brings the last back."
        )


def one_entry(entry: Entry, now: datetime) -> str:
    """An entry in a line, with no more than the beginning of its note."""
    return ", ".join(filter(None, [f"{entry.kind}, {said_time(entry, now)}", shortened(said(entry), 60)]))


def say_what_holds(session: Session, gone: Sequence[Entry]) -> None:
    """Deleting an entry never ends what it holds back."""
    from crampcoach.store.raised import holding_entries

    if {one.id for one in gone} & holding_entries(session.store.log).keys():
        print_wrapped(why_held(session))
