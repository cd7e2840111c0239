"""The red flags: fixed texts with their level, and what raises each. Data in `red_flags.toml`, read once."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from crampcoach.advice import LEVELS, Level
from crampcoach.model import Entry
from crampcoach.safety.denials import Signs
from crampcoach.safety.said import Said, read, signs_in, spelt_out


@dataclass(frozen=True, slots=True, kw_only=True)
class RedFlag:
    """One record of the evidence (section 6): `id` is the record's; "M-..." is the warning about something mentioned.

    brief: the sign in few words, where it is told before the first stretch. signs: the condition, as a person would
    notice it. action: what to do, with {emergency}, {advice} and {crisis} for the numbers of the person's country.
    beside: the action where one of these `flags` is raised too, which it must not contradict. worse: signs that raise
    the level, with their own action; "yes" to their own question raises a flag of its own, "ID:LEVEL". ask, answer: its
    question, and the field in which "yes" raises it. fields: other values that do. words: what in a text does. pair:
    what does together, `first` and `second`. holds: measures to be suspended.
    """

    id: str
    level: Level
    title: str
    brief: str
    signs: str
    action: str
    beside: Mapping[str, Any]
    sources: tuple[str, ...]
    checked_on: date
    worse: Mapping[str, Any]
    ask: str
    answer: str
    fields: Mapping[str, Any]
    words: tuple[str, ...]
    pair: Mapping[str, tuple[str, ...]]
    holds: frozenset[str]

    @property
    def record(self) -> str:
        """The id of its record of the evidence."""
        return self.id.partition(":")[0]

    def raised_by(self, entry: Entry, said: Sequence[Said]) -> bool:
        """Whether an entry, whose texts say this, raises the flag: by a field or by a word."""
        if self.answer and _fits(entry.fields.get(self.answer), ("yes",)):
            return True
        if any(_fits(value, wanted) for value, wanted in self._named(entry)):
            return True
        return any(text.has_any(self.words) for text in said) or self._has_pair(entry.kind, said)

    def _has_pair(self, kind: str, said: Sequence[Said]) -> bool:
        pair = self.pair
        if not pair or not any(text.has_any(pair["first"]) for text in said):
            return False
        return kind in pair["kinds"] or any(text.has_any(pair["second"]) for text in said)

    def _named(self, entry: Entry) -> Iterator[tuple[object, Any]]:
        for name, wanted in self.fields.items():
            kind, _, field = name.rpartition(".")
            if kind in ("", entry.kind) and field in entry.fields:
                yield entry.fields[field], wanted


def _fits(value: object, wanted: Any) -> bool:
    if isinstance(wanted, Mapping):
        number = value if isinstance(value, (int, float)) and not isinstance(value, bool) else None
        return number is not None and number > wanted["over"]
    values = value if isinstance(value, (list, tuple)) else (value,)
    return any(("yes" if one is True else str(one).strip().casefold()) in wanted for one in values)


def _texts(entry: Entry) -> Iterator[str]:
    waiting: list[object] = [entry.note, *entry.fields.values()]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, Mapping):
            waiting.extend(value.values())
        elif isinstance(value, (list, tuple)):
            waiting.extend(value)


@cache
def red_flags() -> tuple[RedFlag, ...]:
    """Every flag, most urgent first."""
    data = tomllib.loads(files(__package__).joinpath("red_flags.toml").read_text(encoding="utf-8"))
    flags = [
        RedFlag(
            id=record["id"],
            level=record["level"],
            title=record["title"],
            brief=record.get("brief", ""),
            signs=record["signs"],
            action=record["action"],
            beside=record.get("beside", {}),
            sources=tuple(record["sources"]),
            checked_on=record["checked_on"],
            worse=record.get("worse", {}),
            ask=record.get("ask", ""),
            answer=record.get("answer", ""),
            fields=record.get("fields", {}),
            words=_spelt_out(record["words"]),
            pair={name: _spelt_out(words) for name, words in record.get("pair", {}).items()},
            holds=frozenset(record["holds"]),
        )
        for record in data["flag"]
    ]
    flags += [_worse(one) for one in flags if "ask" in one.worse]
    return tuple(sorted(flags, key=lambda flag: LEVELS.index(flag.level)))


def _worse(one: RedFlag) -> RedFlag:
    """What makes a flag more urgent, as a flag of its own: its own question and words raise it."""
    said: dict[str, Any] = {"words": (), **one.worse}
    said |= {name: kind(said[name]) for name, kind in (("words", tuple), ("holds", frozenset)) if name in said}
    return replace(one, **said, id=f"{one.id}:{said['level']}", beside={}, worse={}, fields={}, pair={})


def _spelt_out(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(phrase for word in words for phrase in spelt_out(word)))


def flag(name: str) -> RedFlag:
    """One flag by its id. Raises KeyError."""
    return {one.id: one for one in red_flags()}[name]


@cache
def _signs() -> Signs:
    return signs_in([phrase for one in red_flags() for phrase in one.words])


def raised(entry: Entry) -> tuple[RedFlag, ...]:
    """The flags that an entry raises, most urgent first."""
    said = [read(text, _signs) for text in _texts(entry) if text]
    return tuple(one for one in red_flags() if one.raised_by(entry, said))
