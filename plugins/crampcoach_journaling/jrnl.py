"""Reads jrnl's journals: the text file that jrnl keeps, and what `jrnl --format json` writes.

Both give the same origins, so that a journal imported from the one changes nothing when it comes again as the other.
jrnl's JSON has no seconds, and neither file says in which zone it was written: the times are the person's own.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Annotated, Any, BinaryIO

from crampcoach import Context, Entry, Problem, Skipped
from crampcoach_journaling.jrnl_times import Stamp, named_form, stamps_of, told_form
from crampcoach_journaling.json_entries import BrokenJson, json_entries

_WRITTEN_OUT = "have jrnl write it out, import that, and delete it then: jrnl --format json --file journal.json"
_FOREIGN = "this is no journal of jrnl's"
_BLANK = " \n"


@dataclass(frozen=True)
class JrnlOptions:
    """What the file itself may not say."""

    timeformat: Annotated[
        str | None, "How its times are written, as `timeformat` in jrnl.yaml says, where that cannot be told"
    ] = None


def read(stream: BinaryIO, ctx: Context[JrnlOptions]) -> Iterator[Entry | Skipped]:
    """The entries of a journal, in its order. Raises Problem for what is no journal, or an encrypted one."""
    start = stream.read(1024).removeprefix(codecs.BOM_UTF8)
    stream.seek(0)
    if start.startswith((b"JRNLv3", b"gAAAAA")):
        raise Problem(f"this journal is encrypted; {_WRITTEN_OUT}")
    if start.lstrip().startswith(b"{"):
        yield from _read_json(stream, ctx)
    else:
        yield from _read_text(stream, ctx)


def _entry(ctx: Context[JrnlOptions], wall: datetime, text: str, fields: Mapping[str, Any], *, timed: bool) -> Entry:
    # Without seconds, spaces and stars, which text and JSON do not have alike.
    what = f"{wall.isoformat(timespec='minutes')}\0{''.join(text.split()).replace('*', '')}"
    return Entry(
        kind="journal",
        fields=fields,
        note=text,
        at=wall.replace(tzinfo=ctx.now.tzinfo),
        # What is written of a date belongs to its evening, also where midnight only stands for "no time".
        night=None if timed else wall.date(),
        # The time first: what comes in order is found quickly in a long log.
        origin=f"{wall:%Y%m%d%H%M}-{blake2b(what.encode('utf-8', 'replace'), digest_size=12).hexdigest()}",
    )


# --- text ------------------------------------------------------------------------------------------------------

_HEAD = re.compile(r"\[([^\]]+)\] (.*)", re.DOTALL)


def _head(line: str) -> re.Match[str] | None:
    return _HEAD.fullmatch(line)


def _read_text(stream: BinaryIO, ctx: Context[JrnlOptions]) -> Iterator[Entry | Skipped]:
    named = ctx.options.timeformat
    form = named_form(named) if named else told_form(head[1] for _, line in _lines(stream) if (head := _head(line)))
    stream.seek(0)
    begun: tuple[int, Stamp] | None = None
    lines: list[str] = []
    for number, line in _lines(stream):
        head = _head(line)
        stamp = form(head[1]) if head else None
        if head is None or stamp is None:
            lines.append(line)
            if head and begun and stamps_of(head[1]):
                yield Skipped("its time is written in another form, so it stays in the text of the entry above", number)
            continue
        yield from _text_entry(ctx, begun, lines)
        begun, lines = (number, stamp), [head[2]]
    if begun is None and "".join(lines).strip():
        example = named or "2026-11-21 10:15:00 PM"
        raise Problem(
            f"{_FOREIGN}: no line begins as its entries do: [{example}] Text; --timeformat names another form"
        )
    yield from _text_entry(ctx, begun, lines)


def _text_entry(
    ctx: Context[JrnlOptions], begun: tuple[int, Stamp] | None, lines: list[str]
) -> Iterator[Entry | Skipped]:
    if begun is None:
        if "".join(lines).strip():
            first = next(number for number, line in enumerate(lines, 1) if line.strip())
            yield Skipped("text above the first entry, which has no time", first)
        return
    number, stamp = begun
    title = lines[0].rstrip()
    # jrnl sets its star apart by a space; a star that stands close to a word is the person's own.
    starred, title = title.endswith("*"), title.removesuffix(" *") if title != "*" else ""
    text = f"{title}\n{''.join(lines[1:])}".strip("\n").rstrip(_BLANK)
    if not text.strip():
        yield Skipped("an entry without text", number)
        return
    yield _entry(ctx, stamp.wall, text, {"starred": True} if starred else {}, timed=stamp.timed)


def _lines(stream: BinaryIO) -> Iterator[tuple[int, str]]:
    """The lines of a text, from 1 on, each with its end as "\\n"."""
    for number, line in enumerate(stream, 1):
        try:
            text = line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError:
            why = f"line {number} is no text in UTF-8"
            raise Problem(f"{_FOREIGN}, or an encrypted one: {why}; {_WRITTEN_OUT}") from None
        yield number, f"{text[:-2]}\n" if text.endswith("\r\n") else text


# --- JSON ------------------------------------------------------------------------------------------------------


def _read_json(stream: BinaryIO, ctx: Context[JrnlOptions]) -> Iterator[Entry | Skipped]:
    try:
        for line, one in json_entries(stream):
            yield _json_entry(ctx, line, one)
    except BrokenJson as broken:
        raise Problem(f"{_FOREIGN}, or it was cut off: {broken}") from None


def _json_entry(ctx: Context[JrnlOptions], line: int, one: object) -> Entry | Skipped:
    if not isinstance(one, dict):
        return Skipped("no entry", line)
    title, body, tags = one.get("title") or "", one.get("body") or "", one.get("tags") or []
    try:
        wall = datetime.fromisoformat(f"{one['date']}T{one['time']}")
    except (KeyError, ValueError):
        return Skipped("an entry without date and time", line)
    if not (isinstance(title, str) and isinstance(body, str) and isinstance(tags, list)) or wall.tzinfo:
        return Skipped("an entry that is not as jrnl writes them", line)
    text = "\n".join(filter(None, (title.rstrip(), body.rstrip(_BLANK))))
    if not text.strip():
        return Skipped("an entry without text", line)
    fields: dict[str, Any] = {"starred": True} if one.get("starred") is True else {}
    # jrnl reads tags out of the text; those of a Day One journal stand beside it.
    if apart := [str(tag) for tag in tags if str(tag).lower() not in text.lower()]:
        fields["tags"] = apart
    return _entry(ctx, wall, text, fields, timed=True)
