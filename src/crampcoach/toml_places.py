"""Where the keys of a TOML text stand, and the text with one of them set or removed: everything else keeps its bytes.

tomllib tells what a text says but not where, and tomlkit rewrites more than it is asked to (see config_edit). The text
is known to be TOML here, so finding its parts is little work; whoever changes it reads the result again all the same.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field

Parts = tuple[str, ...]


class Unclear(ValueError):
    """The text is not understood here."""


@dataclass(frozen=True, slots=True)
class Pair:
    """`key = value` on a line or in an inline table: its full path, and where key, value and end of the value are."""

    path: Parts
    start: int
    value: int
    end: int


@dataclass(frozen=True, slots=True)
class Section:
    """A `[header]` and the pairs below it; the first one has no header. `end` is where its last pair or header ends."""

    path: Parts
    start: int
    header_end: int
    is_list: bool = False
    pairs: list[Pair] = field(default_factory=list)

    @property
    def end(self) -> int:
        return self.pairs[-1].end if self.pairs else self.header_end


# --- reading ---------------------------------------------------------------------------------------------------

_PART = r"""(?:[A-Za-z0-9_-]+|"(?:\\.|[^"\\])*+"|'[^']*+')"""
_KEY = re.compile(rf"{_PART}(?:[ \t]*\.[ \t]*{_PART})*")
_HEADER = re.compile(rf"\[{{1,2}}[ \t]*({_KEY.pattern})[ \t]*\]{{1,2}}")
_EQUALS = re.compile(r"[ \t]*=[ \t]*")
_BETWEEN = re.compile(r"(?:[ \t\r\n]|#[^\r\n]*+)*+")
#: A text of each sort, a date with a time after a space, anything else; also key and equals sign in an inline table.
_PLAIN = re.compile(
    r'''"""(?:\\.|[^\\])*?"""+|\'\'\'.*?\'\'\'+|"(?:\\.|[^"\\])*+"|'[^']*+\''''
    r"""|\d{4}-\d\d-\d\d[ Tt]\d[^\s,\[\]{}#]*+|[^\s,\[\]{}#"']++""",
    re.DOTALL,
)
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)?")


def _match(pattern: re.Pattern[str], text: str, at: int) -> re.Match[str]:
    if found := pattern.match(text, at):
        return found
    raise Unclear(f"character {at} of the text")


def sections(text: str) -> list[Section]:
    """Every section of a TOML text, in order. Raises Unclear."""
    found = [Section((), 0, 0)]
    at = _match(_BETWEEN, text, 0).end()
    while at < len(text):
        if text[at] == "[":
            header = _match(_HEADER, text, at)
            found.append(Section(as_path(header[1]), at, header.end(), is_list=text.startswith("[[", at)))
        else:
            found[-1].pairs.append(_pair(text, at, found[-1].path))
        at = _match(_BETWEEN, text, found[-1].end).end()
    return found


def _pair(text: str, at: int, table: Parts) -> Pair:
    key = _match(_KEY, text, at)
    value = _match(_EQUALS, text, key.end()).end()
    return Pair((*table, *as_path(key[0])), at, value, _value_end(text, value))


def _value_end(text: str, at: int) -> int:
    depth = 0
    while at < len(text):
        if depth:
            at = _match(_BETWEEN, text, at).end()
        one = text[at : at + 1]
        depth += (one in ("[", "{")) - (one in ("]", "}"))
        at = at + 1 if one in ("[", "{", "]", "}", ",") else _match(_PLAIN, text, at).end()
        if depth == 0:
            return at
    raise Unclear("the end of the text")


def members(text: str, table: Pair) -> list[Pair]:
    """The pairs of an inline table. Raises Unclear."""
    found: list[Pair] = []
    at = _match(_BETWEEN, text, table.value + 1).end()
    while not text.startswith("}", at):
        if text.startswith(",", at):
            at += 1
        else:
            found.append(_pair(text, at, table.path))
            at = found[-1].end
        at = _match(_BETWEEN, text, at).end()
    return found


def _way_to(text: str, pairs: list[Pair], path: Parts) -> list[Pair]:
    """The inline tables that a key lies or belongs in, from the outside; at the end its own pair, if there is one."""
    for one in pairs:
        if one.path == path:
            return [one]
        if text[one.value] == "{" and path[: len(one.path)] == one.path:
            return [one, *_way_to(text, members(text, one), path)]
    return []


def as_path(key: str) -> Parts:
    """The parts of a dotted key. Raises ValueError."""
    node, parts = tomllib.loads(f"{key} = 0"), []
    while isinstance(node, dict):
        ((part, node),) = node.items()
        parts.append(part)
    return tuple(parts)


def spell_key(*parts: str) -> str:
    """A dotted key, its parts in quotes where they need them."""
    return ".".join(
        part if re.fullmatch(r"[A-Za-z0-9_-]+", part) else json.dumps(part, ensure_ascii=False) for part in parts
    )


# --- changing --------------------------------------------------------------------------------------------------


def changed(text: str, path: Parts, spelt: str | None) -> Iterator[str]:
    """The text with a key set to what is spelt, or without it for None: the ways to do that, the best first.

    Not every way gives TOML, nor is there always one: a table cannot be dotted in one place and have a header in
    another, and a table with lines of its own is neither set nor removed. Raises Unclear.
    """
    found = sections(text)
    way = _way_to(text, [one for section in found for one in section.pairs], path)
    if way and way[-1].path == path:
        if spelt is None:
            yield _without(text, way)
        else:
            yield text[: way[-1].value] + spelt + text[way[-1].end :]
    elif spelt is not None and way:
        yield _in_inline_table(text, way[-1], f"{spell_key(*path[len(way[-1].path) :])} = {spelt}")
    elif spelt is not None:
        yield from _in_own_table(text, found, path, spelt)
        yield from _beside_dotted_keys(text, found, path, spelt)
        yield _in_new_table(text, found, path, spelt)


def _without(text: str, way: list[Pair]) -> str:
    one = way[-1]
    if len(way) == 1:  # a line, with what its comment says of it
        return text[: _line_start(text, one.start)] + text[_line_end(text, one.end) :]
    beside = members(text, way[-2])
    number = beside.index(one)
    if one != beside[-1]:
        return text[: one.start] + text[beside[number + 1].start :]
    return text[: beside[number - 1].end if number else one.start] + text[one.end :]


def _in_inline_table(text: str, table: Pair, pair: str) -> str:
    if inside := members(text, table):
        return f"{text[: inside[-1].end]}, {pair}{text[inside[-1].end :]}"
    return f"{text[: table.value]}{{{pair}}}{text[table.end :]}"


def _in_own_table(text: str, found: list[Section], path: Parts, spelt: str) -> Iterator[str]:
    key, newline = spell_key(path[-1]), newline_of(text)
    for number, one in enumerate(found):
        if one.path != path[:-1] or one.is_list:
            continue
        until = found[number + 1].start if number + 1 < len(found) else len(text)
        # Where a comment shows the key, below that; but not below the comment's own idea of another table.
        comments = re.split(r"(?m)^[ \t]*#[ \t]*\[", text[one.header_end : until])[0]
        if shown := re.search(rf"(?m)^([ \t]*)#[ \t]*{re.escape(key)}[ \t]*=", comments):
            yield _below(text, one.header_end + shown.start(), f"{shown[1]}{key} = {spelt}")
        if one.pairs or one.path:
            first = one.pairs[-1].start if one.pairs else one.start
            yield _below(text, one.end, f"{text[_line_start(text, first) : first]}{key} = {spelt}")
        elif until < len(text):
            yield f"{key} = {spelt}{newline}{newline}{text}"


def _beside_dotted_keys(text: str, found: list[Section], path: Parts, spelt: str) -> Iterator[str]:
    """A table that was begun as dotted keys can only grow by more of them."""
    dotted = [
        (shared, pair.start, section, pair)
        for section in found
        for pair in section.pairs
        if (shared := _shared(pair.path, path)) > len(section.path)
    ]
    if dotted:
        *_, section, pair = max(dotted, key=lambda one: one[:2])
        indent = text[_line_start(text, pair.start) : pair.start]
        yield _below(text, pair.end, f"{indent}{spell_key(*path[len(section.path) :])} = {spelt}")


def _in_new_table(text: str, found: list[Section], path: Parts, spelt: str) -> str:
    """With a header of its own, below the last of its nearest relatives or at the end."""
    newline, table = newline_of(text), path[:-1]
    near = max(_shared(one.path, table) for one in found)
    last = max((number for number, one in enumerate(found) if near and _shared(one.path, table) == near), default=-1)
    at = len(text)
    if 0 <= last < len(found) - 1:
        at = _line_end(text, found[last].end)
        # Comments right below it are its own, unless they stand right above the next one.
        if own := re.compile(r"(?:[ \t]*#[^\r\n]*(?:\r\n|\r|\n))*+(?=[ \t]*[\r\n])").match(text, at):
            at = own.end()
    before, after = text[:at], text[at:]
    if before and not before.endswith(("\n", "\r")):
        before += newline
    if before.strip() and before.splitlines()[-1].strip():
        before += newline
    header = f"[{spell_key(*table)}]{newline}" if table else ""
    gap = newline if after[: _line_end(after, 0)].strip() else ""
    return f"{before}{header}{spell_key(path[-1])} = {spelt}{newline}{gap}{after}"


def _below(text: str, at: int, line: str) -> str:
    """The text with a line below the one in which `at` lies."""
    end, newline = _line_end(text, at), newline_of(text)
    before = text[:end] if text[:end].endswith(("\n", "\r")) else text[:end] + newline
    return f"{before}{line}{newline}{text[end:]}"


def _shared(one: Parts, other: Parts) -> int:
    """How many parts two paths have in common."""
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def unix_lines(text: str) -> str:
    """The text as `read_text` gives it."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def newline_of(text: str) -> str:
    """How the lines of a text end, most of them."""
    return "\r\n" if text.count("\r\n") * 2 > text.count("\n") else "\n"


def _line_start(text: str, at: int) -> int:
    return max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1


def _line_end(text: str, at: int) -> int:
    return _match(_LINE, text, at).end()
