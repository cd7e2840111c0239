"""The commands that plugins add, and the Session that each is given."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from crampcoach.actions import Action
from crampcoach.advice import Advice
from crampcoach.cli.answer import todays_row
from crampcoach.cli.offers import Offer, offered, offers_of, use_loaded
from crampcoach.cli.saving import save, show_signs
from crampcoach.cli.session import Session
from crampcoach.clock import zone_name
from crampcoach.model import Entry, Problem
from crampcoach.options import did_you_mean
from crampcoach.safety.kinds import EXAMINED, PROFILE
from crampcoach.safety.wording import FIRST_MEASURE

if TYPE_CHECKING:
    from crampcoach.config import Profile
    from crampcoach.context import LogView
    from crampcoach.loading import Loaded
    from crampcoach.safety.numbers import Numbers

#: Where the context of a command keeps what plugins add.
_COMMANDS = "crampcoach.commands"


def plugin_commands(ctx: click.Context, taken: Mapping[str, object]) -> dict[str, click.Command]:
    """The commands of the plugins in use, by name. `taken` are crampcoach's own, which no plugin replaces."""
    if _COMMANDS not in ctx.meta:
        ctx.meta[_COMMANDS] = _runnable(offered(ctx, "commands", click.Command, taken))
    found: dict[str, click.Command] = ctx.meta[_COMMANDS]
    return found


def collected_commands(session: Session, taken: Mapping[str, object]) -> dict[str, click.Command]:
    """The same for a session that is open already; they can be described but not run."""
    return _runnable(offers_of(session, "commands", click.Command, taken))


def _runnable(offers: Mapping[str, Offer[click.Command]]) -> dict[str, click.Command]:
    return {name: _with_session(offer.value, offer.loaded.name) for name, offer in offers.items()}


def _with_session(command: click.Command, plugin: str) -> click.Command:
    """The command, given its Session when it is run; a copy, for the plugin may hand out the same one again."""
    command = copy.copy(command)
    run = command.invoke

    def invoke(ctx: click.Context) -> Any:
        debug = ctx.find_root().params.get("debug")
        with Session(ctx) as session:
            use_loaded(ctx, session)
            ctx.obj = CommandSession(session, session.loaded[plugin])
            try:
                return run(ctx)
            except (click.ClickException, click.exceptions.Exit, click.Abort, Problem, OSError):
                raise
            except Exception as error:
                if debug:
                    raise
                what = f"{type(error).__name__}: {error}"
                raise Problem(f"plugin {plugin}: its command failed ({what}); --debug shows where") from error

    command.invoke = invoke  # type: ignore[method-assign]
    return command


@dataclass(frozen=True, slots=True)
class CommandSession:
    """What `crampcoach.Session` promises."""

    _session: Session
    _loaded: Loaded

    @property
    def options(self) -> Any:
        return self._loaded.options

    @property
    def profile(self) -> Profile:
        return self._session.profile

    @property
    def log(self) -> LogView:
        from crampcoach.context import LogView

        return LogView(self._session.home, self._loaded.name)

    def now(self) -> datetime:
        return self._session.now

    def monotonic(self) -> float:
        return self._session.clock.monotonic()

    def bed_time(self) -> datetime:
        from crampcoach.clock import to_utc, to_wall

        session = self._session
        wall = to_wall(session.now, session.zone)
        hours = session.config.hours
        return to_utc(hours.anchor(hours.day_of(wall), "bed"), session.zone).astimezone(session.zone)

    def of_night(self, entry: Entry) -> bool:
        from crampcoach.moments import of_night

        return of_night(entry, self._session.config.hours)

    def begin(self, measure: str) -> str:
        from crampcoach.store import red_flags_shown

        if measure == FIRST_MEASURE and red_flags_shown.since(self._session.store.state) is None:
            click.echo("Before your first stretch: signs that need a doctor.")
            show_signs(self._session)
        return self.held(measure)

    def held(self, measure: str) -> str:
        return self._session.held(measure)

    def dated(self, entry: Entry, at: str | None) -> Entry:
        from crampcoach.cli.at import timed

        known = self._session.kinds
        if entry.kind not in known:
            raise Problem(
                f"plugin {self._loaded.name}: there is no kind {entry.kind!r}{did_you_mean(entry.kind, known)}"
            )
        return timed(self._session, entry, known[entry.kind], at)

    def save(self, *entries: Entry) -> tuple[Advice, ...]:
        from crampcoach.loading import check_entry

        now, zone = self._session.now, self._session.zone
        known = self._session.kinds
        complete = [
            replace(one, id="", origin=None, at=one.at or now, zone=one.zone or zone_name(zone, one.at or now))
            for one in entries
        ]
        for one in complete:
            if one.kind in (EXAMINED, PROFILE):
                raise Problem(
                    f"plugin {self._loaded.name}: kind {one.kind!r} is for the person to enter, not for plugins"
                )
            if wrong := check_entry(one, known):
                raise Problem(f"plugin {self._loaded.name}: an entry of kind {one.kind!r} does not fit: {wrong}")
        save(self._session, complete)
        return self._session.person.advice_on(complete)

    def done(self, reminder: str) -> None:
        from crampcoach import answers
        from crampcoach.store import occurrences

        session = self._session
        plan = {one.reminder.name: one for one in self._loaded.plan}
        if reminder not in plan:
            raise Problem(f"plugin {self._loaded.name}: it has no reminder {reminder!r}{did_you_mean(reminder, plan)}")
        row = todays_row(session, plan[reminder])
        if row is None:
            return
        with session.store.state.transaction() as connection:
            occurrences.insert_new(connection, [row] if not row.id else [])
        now, zone = session.clock.now(), session.zone
        answers.record(session.store, row.key, Action(label="Done"), now, zone, entered=True)
        session.poke()

    @property
    def numbers(self) -> Numbers:
        return self._session.person.numbers

    def red_flags(self) -> tuple[Advice, ...]:
        return self._session.person.list()

    @property
    def editor(self) -> str:
        from crampcoach.cli.editor import editor_named

        return editor_named()

    def write(self, text: str, name: str) -> str:
        from crampcoach.cli.editor import edited

        return edited(self._session.home, self._draft(name), text, at_end=True)

    def keep(self, text: str, name: str) -> None:
        from crampcoach.cli.drafts import keep

        keep(self._session.home, self._draft(name), text)

    def draft(self, name: str) -> str | None:
        from crampcoach.cli.drafts import draft

        return draft(self._session.home, self._draft(name))

    def discard(self, name: str) -> None:
        from crampcoach.cli.drafts import discard

        discard(self._session.home, self._draft(name))

    def _draft(self, name: str) -> str:
        return f"{self._loaded.name}.{name}"
