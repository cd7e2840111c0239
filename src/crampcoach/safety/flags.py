"""The red flags: fixed texts with their level, and what raises each. Data in `red_flags.toml`, read once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from crampcoach.advice import LEVELS, Level
from crampcoach.model import Entry

#: What follows one of these words in a text is denied: "no swelling", "not swollen any more".
_DENIALS = frozenset({"no", "not", "nor", "without", "isnt", "arent", "wasnt", "werent", "hasnt", "havent", "didnt"})
_DENIALS |= {"dont", "doesnt", "never", "neither"}
#: With one of these nothing is denied: "no more swollen than", "not had the swelling checked", "not swollen until now".
_UNSURE = frozenset({"than", "yet", "until", "before", "checked", "looked", "going"})
#: ... or "never had a swollen leg like this", "never such swelling".
_UNSURE |= {"like", "such", "so", "bad", "worse"}
#: What is over is not there, unless the same clause denies it or goes on: "gone to the knee", "down then up again".
_OVER = re.compile(
    r"\bswelling (?:has |is |had )?(?:all )?(?:gone|went)(?: down| away)?"
    r"(?= *$| (?:now|today|completely|since|by|and|but)\b)(?!.{0,80}\b(?:again|back|then|up)\b)"
)
#: "Lasted 12 minutes", "a 20-minute cramp": what is longer than 10 is read as if it said so (RF-10MIN).
_TENS = {"eleven": 11, "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60}
_MINUTES = rf"(\d{{1,4}}|{'|'.join(_TENS)})\s?(?:min|mins|minute|minutes)\b"
_LASTING = re.compile(
    r"\b(?<!no )(?<!not )(?:lasted|lasting|lasts|(?:went|gone|goes|kept) (?:going )?on|(?:cramp|spasm)(?:s|ed|ing)?)\s"
    r"(?:(?:for|of|about|around|nearly|almost|some|at least|over|more than|well|maybe|roughly|a good|\d{1,4}|to|or)\s)*"
    rf"{_MINUTES}(?!\s(?:after|later|ago|before|apart|into|in|from)\b)"
    rf"|\b{_MINUTES}\s(?:of\s|long\s)?(?:(?:bad|strong|painful|calf|leg|foot|toe|thigh|left|right|night)\s)*(?:cramp|spasm)"
)
_LONG = 10
#: A denial goes on after these, and otherwise with the next word only: too little is denied rather than too much.
_LEGS = frozenset({"ankle", "ankles", "calf", "calves", "feet", "foot", "leg", "legs"})
_SMALL = frozenset(
    {
        "a",
        "an",
        "any",
        "at",
        "all",
        "been",
        "had",
        "have",
        "look",
        "looks",
        "more",
        "longer",
        "obvious",
        "of",
        "sign",
        "signs",
        "visible",
    }
)
_PASSES = _LEGS | _SMALL
_APOSTROPHES = re.compile("['`\N{ACUTE ACCENT}\N{MODIFIER LETTER APOSTROPHE}\u2018\u2019\u201b\u2032\uff07]")
#: Ends a denial and a phrase. A hyphen within a word stands for a space.
_BREAKS = re.compile(r"\s[-\u2010-\u2015]+\s|[\u2013-\u2015]|[^\w\s\u2010-\u2012-]|_")
_HYPHENS = re.compile(r"[-\u2010-\u2012]")


@dataclass(frozen=True, slots=True, kw_only=True)
class RedFlag:
    """One record of the evidence (section 6): `id` is the record's; "M-..." is the warning about something mentioned.

    brief: the sign in few words, where it is told before the first stretch. signs: the condition, as a person would
    notice it. action: what to do, with {emergency}, {advice} and {crisis} for
    the numbers of the person's country. worse: signs that raise the level, with their own action; "yes" to their own
    question raises a flag of its own, "ID:LEVEL". ask, answer: its question, and the field in which "yes" raises it.
    fields: other values that do. words: what in a text does. holds: measures to be suspended.
    """

    id: str
    level: Level
    title: str
    brief: str
    signs: str
    action: str
    sources: tuple[str, ...]
    checked_on: date
    worse: Mapping[str, Any]
    ask: str
    answer: str
    fields: Mapping[str, Any]
    words: tuple[str, ...]
    not_in: frozenset[str]
    holds: frozenset[str]

    @property
    def record(self) -> str:
        """The id of its record of the evidence."""
        return self.id.partition(":")[0]

    def raised_by(self, entry: Entry, said: Iterable[Said]) -> bool:
        """Whether an entry, whose texts say this, raises the flag: by a field or by a word."""
        if self.answer and _fits(entry.fields.get(self.answer), ("yes",)):
            return True
        if any(_fits(value, wanted) for value, wanted in self._named(entry)):
            return True
        if entry.kind in self.not_in:
            return False
        return any(text.has_any(self.words) for text in said)

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


@dataclass(frozen=True, slots=True)
class Said:
    """A text as words with a space around each: all of it, and without what it denies. "|" is punctuation."""

    everything: str
    affirmed: str

    def has_any(self, words: tuple[str, ...]) -> bool:
        """Whether it says one of `RedFlag.words`; of those with " + " between them each, in any order.

        One with a denial in it is looked for as it stands. Plain loops: a log of many years is gone through.
        """
        everything, affirmed = self.everything, self.affirmed
        for phrases in _wanted(words):
            for wanted, denies in phrases:
                if wanted not in (everything if denies else affirmed):
                    break
            else:
                return True
        return False


@cache
def _wanted(words: tuple[str, ...]) -> tuple[tuple[tuple[str, bool], ...], ...]:
    return tuple(tuple(map(_phrase, phrases.split(" + "))) for phrases in words)


def _phrase(phrase: str) -> tuple[str, bool]:
    words = _plain(phrase.removesuffix("*")).split()
    return f" {' '.join(words)}" + ("" if phrase.endswith("*") else " "), not _DENIALS.isdisjoint(words)


def _plain(text: str) -> str:
    text = _BREAKS.sub(" | ", _APOSTROPHES.sub("", text.casefold()))
    return _HYPHENS.sub(" ", text)


def _with_lengths(plain: str) -> str:
    """With "over 10 minutes" after a cramp's length that is."""

    def said(found: re.Match[str]) -> str:
        number = found[1] or found[2]
        minutes = _TENS.get(number) or int(number)
        return f"{found[0]} over 10 minutes " if minutes > _LONG else found[0]

    return _LASTING.sub(said, plain)


def _without_what_is_over(line: str) -> str:
    clauses = (" ".join(clause.split()) for clause in line.split("|"))
    return " | ".join(_OVER.sub("-", one) if _DENIALS.isdisjoint(one.split()) else one for one in clauses)


def _said(text: str) -> Said:
    everything: list[str] = []
    affirmed: list[str] = []
    for line in _with_lengths(_plain(text)).splitlines():
        words = f" {_without_what_is_over(line)} ".replace(" can not ", " cannot ").split()
        denials = _DENIALS if _UNSURE.isdisjoint(words) else frozenset()
        denied = follows = False
        for word in words:
            everything.append(word)
            affirmed.append("-" if denied else word)
            if word in denials or (word == "or" and follows):
                denied = True
            else:
                follows = denied  # "no pain or swelling" denies both
                denied = denied and word in _PASSES
    return Said(f" {' '.join(everything)} ", f" {' '.join(affirmed)} ")


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
            sources=tuple(record["sources"]),
            checked_on=record["checked_on"],
            worse=record.get("worse", {}),
            ask=record.get("ask", ""),
            answer=record.get("answer", ""),
            fields=record.get("fields", {}),
            words=tuple(record["words"]),
            not_in=frozenset(record.get("not_in", ())),
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
    return replace(one, **said, id=f"{one.id}:{said['level']}", worse={}, fields={})


def flag(name: str) -> RedFlag:
    """One flag by its id. Raises KeyError."""
    return {one.id: one for one in red_flags()}[name]


def raised(entry: Entry) -> tuple[RedFlag, ...]:
    """The flags that an entry raises, most urgent first."""
    said = [_said(text) for text in _texts(entry) if text]
    return tuple(one for one in red_flags() if one.raised_by(entry, said))
