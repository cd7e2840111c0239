"""Takes entries out in a format of a plugin's, one after the other, as they stood at one moment.

A plugin's `write` runs in a guarded thread without a deadline. So Ctrl+C reaches the command whatever the plugin does,
what it prints stays out of the output, and sys.exit() or a fork of its own spoils nothing.

What the person wrote in their own words goes along only if they say so. Their words are every note; every text in a
field of a private kind; and every text in a field that no kind in use declares, for nobody can say what it is.
"""

from __future__ import annotations

import heapq
import io
import sqlite3
import typing
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any, BinaryIO, cast

from crampcoach.clock import Clock
from crampcoach.context import Asked, Context, LogView
from crampcoach.guard import ask
from crampcoach.model import Entry, Kind, Problem
from crampcoach.options import plain_type
from crampcoach.store import entries
from crampcoach.store.database import Database
from crampcoach.store.schema import LOG
from crampcoach.transfer.formats import Exporter

#: As good as none: the person ends it sooner.
_A_DAY = 24.0 * 3600


class Failed(Problem):
    """An exporter did something wrong, and what it has written is not whole."""


@dataclass(slots=True)
class Taken:
    """What was handed to an exporter. left_out: from so many entries the person's own words were left out."""

    entries: int = 0
    left_out: int = 0
    first: datetime | None = None
    last: datetime | None = None

    def take(self, entry: Entry, *, left_out: bool) -> None:
        """Count an entry; they come oldest first."""
        self.entries += 1
        self.left_out += left_out
        self.first = self.first or entry.at
        self.last = entry.at


def export(
    exporter: Exporter,
    file: BinaryIO,
    ctx: Context[Any],
    *,
    asked: Asked,
    kinds: Mapping[str, Kind],
    clock: Clock,
    said: Callable[[int, int], None] = lambda _many, _of: None,
) -> Taken:
    """Have an exporter write to `file`; `said` hears, in the exporter's thread, how many entries of how many it has.

    Raises Failed, or the exporter's own Problem; OSError where `file` cannot be written and sqlite3.Error where the log
    cannot be read, also where the exporter has swallowed that and gone on.
    """
    words = Words(kinds)
    out, feed = _Out(file), _Feed(ctx.log, asked, words, said)
    given = replace(ctx if asked.with_text else wordless(ctx, kinds), asked=asked)

    def write() -> BaseException | None:
        try:
            with closing(feed.read()) as passed:
                result: object = exporter.write(passed, cast("BinaryIO", out), given)  # type: ignore[func-returns-value]
            if result is not None:
                what = f"plugin {ctx.plugin}: its exporter {exporter.name!r} returned a {type(result).__name__}"
                raise Failed(f"{what}, where `write` is to write to its stream")
        except BaseException as error:  # noqa: BLE001 - what it is has to be told in the person's thread
            return error
        return None

    try:
        outcome = ask(clock, {ctx.plugin: write}, f"its exporter {exporter.name!r}", _A_DAY)[ctx.plugin]
    finally:
        out.over = True  # a thread that goes on cannot write any more
    if error := out.error or feed.error:
        raise error
    if outcome.value:
        raise _told(exporter.name, ctx.plugin, outcome.value) from outcome.value
    if not outcome.ok:
        raise Failed(f"plugin {ctx.plugin}: {outcome.reason}")
    file.flush()
    return feed.taken


def wordless(ctx: Context[Any], kinds: Mapping[str, Kind]) -> Context[Any]:
    """The context with a log that leaves out the person's own words."""
    return replace(ctx, log=_WordlessLog(ctx.log.home, ctx.log.plugin, Words(kinds)))


def _told(name: str, plugin: str, error: BaseException) -> BaseException:
    """What to say of what an exporter raised. It may quote what it was writing, so its text is left out."""
    if isinstance(error, Problem) or (isinstance(error, sqlite3.Error) and "thread" not in str(error)):
        return error
    how = "called sys.exit()" if isinstance(error, SystemExit) else f"raised {type(error).__name__}"
    return Failed(f"plugin {plugin}: its exporter {name!r} {how}")


class _Out(io.BufferedIOBase):
    """What an exporter writes to: bytes, in one go from the beginning to the end. It remembers what went wrong.

    Closing it does nothing, for a TextIOWrapper around it does so when it goes; the command closes the file.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.error: OSError | None = None
        self.over = False

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        if self.over:
            raise ValueError("the export has ended; write before `write` returns")
        return cast("int", self._tried(self._file.write, data))

    def flush(self) -> None:
        if not self.over:
            self._tried(self._file.flush)

    def close(self) -> None:
        """Leave it open."""

    def _tried(self, deed: Callable[..., Any], *given: Any) -> Any:
        if self.error:
            raise self.error
        try:
            return deed(*given)
        except OSError as error:
            self.error = error
            raise


class _Feed:
    """The entries, read in the thread that goes through them. It remembers what went wrong."""

    def __init__(self, log: LogView, asked: Asked, words: Words, said: Callable[[int, int], None]) -> None:
        self._log, self._asked, self._words, self._said = log, asked, words, said
        self.taken = Taken()
        self.error: Exception | None = None

    def read(self) -> Generator[Entry, None, None]:
        try:
            with closing(Database(self._log.home.log_db, LOG)) as log:
                log.connection.execute("BEGIN")  # what is saved from now on is not seen
                yield from self._read(log)
        except Exception as error:
            self.error = error
            raise

    def _read(self, log: Database) -> Iterator[Entry]:
        asked = self._asked
        kinds = asked.kinds or (None,)
        of = sum(entries.count(log, kind=kind, since=asked.since, until=asked.until) for kind in kinds)
        found = [entries.select(log, kind=kind, since=asked.since, until=asked.until) for kind in kinds]
        # Each is in order already, so none has to be read to its end.
        for entry in heapq.merge(*found, key=_instant):
            given = entry if asked.with_text else self._words.left_out(entry)
            self.taken.take(entry, left_out=given.left_out)
            self._said(self.taken.entries, of)
            yield given


def _instant(entry: Entry) -> datetime:
    assert entry.at
    return entry.at.astimezone(UTC)  # the two times of a repeated hour are equal to Python in their own zone


# --- the person's own words ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Words:
    """Tells what a person wrote in their own words from what they chose or counted."""

    kinds: Mapping[str, Kind] = field(repr=False)

    def left_out(self, entry: Entry) -> Entry:
        """The entry without them. Without its origin too, which may be made from them."""
        kind = self.kinds.get(entry.kind)
        kept = {name: value for name, value in entry.fields.items() if not _is_own(kind, name, value)}
        left_out = bool(entry.note) or len(kept) < len(entry.fields)
        return replace(entry, fields=kept, note="", origin=None, left_out=left_out)


def _is_own(kind: Kind | None, name: str, value: object) -> bool:
    if not _has_text(value):
        return False
    choices = _choices(kind.fields) if kind and kind.fields else {}
    if kind is None or name not in choices:
        return True
    return kind.private and value not in choices[name]


def _has_text(value: object) -> bool:
    if isinstance(value, Mapping):
        return any(map(_has_text, [*value, *value.values()]))
    return any(map(_has_text, value)) if isinstance(value, list | tuple) else isinstance(value, str) and value != ""


@cache
def _choices(fields: type) -> dict[str, tuple[object, ...]]:
    """The fields that a kind declares, each with what can be chosen there; nothing where people write."""
    try:
        hints = {name: plain_type(hint) for name, hint in typing.get_type_hints(fields, include_extras=True).items()}
    except Exception:  # noqa: BLE001 - annotations that stand for nothing: one kind must not cost the others
        return {}
    return {
        name: typing.get_args(hint) if typing.get_origin(hint) is typing.Literal else () for name, hint in hints.items()
    }


@dataclass(frozen=True, slots=True)
class _WordlessLog(LogView):
    """The log as a plugin may read it, without the person's own words."""

    words: Words

    def _ask(self, question: Callable[[Database], Iterator[Entry]]) -> tuple[Entry, ...]:
        return tuple(map(self.words.left_out, LogView._ask(self, question)))
