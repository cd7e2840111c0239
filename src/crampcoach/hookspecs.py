"""The hooks: every way in which a plugin takes part. A plugin writes only those it needs, with `@hookimpl`.

A hook may leave out arguments that it does not need. It returns data; the core acts on it, in any order of plugins.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import pluggy

if TYPE_CHECKING:
    import click

    from crampcoach.actions import Action
    from crampcoach.advice import Advice
    from crampcoach.context import Context
    from crampcoach.explaining.explainer import Explainer
    from crampcoach.model import Entry, Kind, Occurrence, QuietTime, Reminder
    from crampcoach.notifier import Notifier
    from crampcoach.transfer.formats import Exporter, Importer

PROJECT = "crampcoach"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def options() -> type:  # type: ignore[empty-body]
    """The plugin's options: a frozen dataclass type, every field with a default. Asked once, after import.

    Example::

        @dataclass(frozen=True)
        class Options:
            cups: Annotated[int, "How many cups before it says something"] = 3

        @hookimpl
        def options():
            return Options
    """


@hookspec
def kinds() -> Iterable[Kind]:  # type: ignore[empty-body]
    """The kinds of entries that the plugin adds to the log.

    A field named like one that `log symptoms` has (`swelling`, `numbness`, `weakness` ...) is taken for an answer to
    that question about a sign: "yes" or True brings the advice, in an entry of any kind. Name yours so only if they ask
    the same.

    No field is called at, note, night, json, help or clear: every entry, or `log` and `edit`, have these.

    A kind whose time may only be known to be early, middle or late in the night has a field `part` with these choices
    and "unknown": `--at late` then fills it in.

    A kind with fields in which people write more than a short answer is `private=True`: what is written there stays in
    the log as their notes do, unless they ask for it.

    Its fields are tried as the plugin is loaded. Their types must be there when it runs, not only under TYPE_CHECKING,
    and a `__post_init__` takes whatever they allow, the defaults too, and raises ValueError for what it refuses.

    Example::

        @hookimpl
        def kinds():
            return [Kind(name="coffee", title="Coffee")]
    """


@hookspec
def reminders(ctx: Context[Any]) -> Iterable[Reminder]:  # type: ignore[empty-body]
    """The plugin's reminders. Asked at start, at reload, at local midnight, and when the person's profile changes.

    Example::

        @hookimpl
        def reminders():
            return [Reminder(name="daily", schedule="15:00", say="Coffee today?")]
    """


@hookspec
def responded(ctx: Context[Any], occurrence: Occurrence, action: Action) -> Iterable[Entry]:  # type: ignore[empty-body]
    """Entries that an answer to one of the plugin's own reminders stands for. Called after the answer is stored.

    Time, zone and id are filled in, and the night where the entry names none. It may be called again for the same
    answer after a crash: the same entries are then not entered twice.

    An entry that does not fit its kind is saved all the same, as that of a button is, and told as a failure.

    Example::

        @hookimpl
        def responded(occurrence, action):
            return [Entry(kind="coffee")] if action.key == "done" else []
    """


@hookspec
def quiet_times(ctx: Context[Any]) -> Iterable[QuietTime]:  # type: ignore[empty-body]
    """Times in which reminders wait, beside the person's quiet hours: each a week at most, 1,000 in all.

    Asked with `reminders`, after each `tick` of the plugin, and when the clock is set or the time zone changes. What it
    says holds until it is asked again, and ends with the plugin: off, or set aside, it has no quiet times.

    As in quiet hours, what waits comes when the time is over, if its grace is not; what the person put off themselves,
    and a reminder with quiet="show", comes all the same. crampcoach's own advice waits for no plugin. `status`, `today`
    and `plan` say which plugin has reminders wait.

    Example::

        @hookimpl
        def quiet_times(ctx):
            noon = ctx.now.replace(hour=12, minute=0, second=0, microsecond=0)
            return [QuietTime(start=noon, end=noon.replace(hour=13), why="lunch")]
    """


@hookspec
def advise(ctx: Context[Any], entry: Entry) -> Iterable[Advice]:  # type: ignore[empty-body]
    """Advice on an entry that was just saved or changed: three pieces at most, after crampcoach's own.

    Its text is one line of 300 characters at most, its level "same-day" or "routine": only crampcoach itself says
    "now". It may repeat, weaken or delay nothing. It stands under the plugin's name: below all else that a command
    prints, or, on what an answer has made, in a message of its own, never in quiet hours. A message that a crash cuts
    short is lost rather than told twice. `sources` may be left out. What is imported, or brought back by `undo`, is not
    asked about. What `advise` raises is told by its type and line, by a command too; `crampcoach --debug log KIND` has
    its words.

    Example::

        @hookimpl
        def advise(entry):
            many = entry.kind == "coffee" and entry.fields.get("cups", 0) > 8
            text = "More than eight cups a day: ask your pharmacist whether that suits your medicines."
            return [Advice(id="coffee-many", level="routine", title="A lot of coffee", text=text)] if many else []
    """


@hookspec
def explainers(ctx: Context[Any]) -> Iterable[Explainer]:  # type: ignore[empty-body]
    """Causes and measures that `crampcoach explain` tells of. Asked when the person reads, never in the agent.

    One that cannot be made is refused, with the reason; those that were given before it with `yield` are told of.
    What you read from files is best tried one by one, and `ctx.logger.warning` says which of them is wrong.

    One with `fits` is held against the person's entries by `explain --for-me`: `fits(ctx)` is called on its own, reads
    `ctx.log`, which has only the time that is asked about, and returns a Fit: counts with the number that each is of.

    Example::

        @hookimpl
        def explainers():
            study = Source(id="doe-2020", title="Coffee and cramps", authors="Doe J", year=2020)
            text = "In one small study people who drank coffee had as many cramps as others."
            return [
                Explainer(
                    name="cause-coffee", title="Coffee", group="lifestyle", summary="Probably no cause.",
                    claims=[Claim(text=text, grade="very-low", sources=["doe-2020"])], sources=[study],
                    limits="One study of twelve people.", see="Cramps that disturb your sleep: ask your doctor.",
                )
            ]
    """


@hookspec
def notifiers(ctx: Context[Any]) -> Iterable[Notifier]:  # type: ignore[empty-body]
    """Ways to put a message in front of the person.

    Example::

        class _Printer:
            name = "printer"

            def start(self, events):
                self.events = events  # for the presses of buttons: events.answer(message.occurrence, action.key)

            def show(self, message):
                Path("/dev/lp0").write_text(message.title)
                return Unconfirmed()

            def withdraw(self, occurrence): ...

            def close(self): ...

        @hookimpl
        def notifiers():
            return [_Printer()]
    """


@hookspec
def exporters(ctx: Context[Any]) -> Iterable[Exporter]:  # type: ignore[empty-body]
    """Formats that `crampcoach export` writes. Their `write` runs when the person asks for it, never in the agent.

    It runs in a thread of its own, as long as it takes. Without --with-text it sees nothing of what the person wrote in
    their own words, neither in `entries` nor in `ctx.log`. What it raises is told by its type only, for the text may
    quote them; a Problem is told as it stands. Of an "application/zip" people can have the files in a folder.

    Example::

        def _write(entries, stream, ctx):
            for entry in entries:
                stream.write(f"{entry.at.isoformat()} {entry.kind}\\n".encode())

        @hookimpl
        def exporters():
            return [Exporter(name="plain", title="A line each", suffix=".txt", media_type="text/plain", write=_write)]
    """


@hookspec
def importers(ctx: Context[Any]) -> Iterable[Importer]:  # type: ignore[empty-body]
    """Formats that `crampcoach import` reads. Their `read` runs when the person asks for it, never in the agent.

    Example::

        def _read(stream, ctx):
            for number, line in enumerate(stream, 1):
                try:
                    at = datetime.fromisoformat(line.decode().strip())
                except ValueError:
                    yield Skipped("it is no date and time", number)
                else:
                    yield Entry(kind="coffee", at=at.replace(tzinfo=at.tzinfo or ctx.now.tzinfo))

        @hookimpl
        def importers():
            return [Importer(name="cups", title="A time a line", suffix=".txt", media_type="text/plain", read=_read)]
    """


@hookspec
def tick(ctx: Context[Any]) -> None:
    """Called while the agent runs, every `tick_every` seconds: a field of the plugin's options, 60 or more.

    Without that field it is called every hour.

    Example::

        @hookimpl
        def tick(ctx):
            ctx.store.set("minutes", ctx.store.get("minutes", 0) + 1)
    """


@hookspec
def commands(ctx: Context[Any]) -> Iterable[click.Command]:  # type: ignore[empty-body]
    """Commands of `crampcoach`. They are returned, not attached; `@click.pass_obj` hands each a Session.

    Import click inside the function: the agent does not need it.

    Example::

        @hookimpl
        def commands():
            import click

            @click.command("cups")
            @click.pass_obj
            def cups(session):
                \"\"\"How many cups so far?\"\"\"
                click.echo(len(session.log.entries("coffee")))

            return [cups]
    """
