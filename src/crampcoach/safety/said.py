"""A text as words: all of it, and without what it denies. Red flags are looked for in both, phrase by phrase."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product

from crampcoach.safety.denials import DENIED, NO, Signs, affirmed, may_deny, signs_of
from crampcoach.safety.lengths import NEW_LINE, marked, spelt
from crampcoach.safety.note_words import words as listed

#: What is over is not there, unless the same clause denies it, asks for it or goes on: "gone to the knee", "then up".
_OVER = re.compile(
    r"\bswelling (?:has |is |had )?(?:all )?(?:gone|went)(?: down| away)?"
    r"(?= *$| (?:now|today|completely|since|by|and|but)\b)"
    r"(?!.{0,80}\b(?:again|back|then|up|still|remains|remaining|some|bit|not)\b)"
)
_CLAUSE = re.compile(r"[^|,:/?]+\??")
_APOSTROPHES = re.compile("['`\N{ACUTE ACCENT}\N{MODIFIER LETTER APOSTROPHE}\u2018\u2019\u201b\u2032\uff07]")
#: ":", "=", a bracket or a dash, which an answer may follow; a hyphen within a word stands for a space.
_COLONS = re.compile(r"\s[-\u2010-\u2015]+\s|[\u2013-\u2015]|[:=(]")
#: Ends a sentence.
_BREAKS = re.compile(r"[^\w\s\u2010-\u2012,:/?-]|_")
_HYPHENS = re.compile(r"[-\u2010-\u2012]")
#: "(a|b) c" in a phrase stands for "a c" and for "b c".
_CHOICES = re.compile(r"\(([^()]*)\)")
#: These after the end of a sentence still belong to it.
_GOES_ON = frozenset(("until", "till"))
#: "Very" and the like stand anywhere in a phrase.
_PASSED = listed("phrases", "passed")

Phrases = tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class Said:
    """A text as words with a space around each: all of it, and without what it denies. "|" ends a sentence."""

    everything: str
    affirmed: str
    words: frozenset[str]

    def has_any(self, phrases: tuple[str, ...]) -> bool:
        """Whether it says one of `RedFlag.words`; of those with " + " between them each, in any order.

        One with a denial in it is looked for as it stands. Plain loops: a log of many years is gone through.
        """
        by_first, others = _wanted(phrases)
        for first in self.words & by_first.keys():
            if self._has(by_first[first]):
                return True
        return self._has(others)

    def _has(self, wanted: Sequence[Phrases]) -> bool:
        everything, affirmed = self.everything, self.affirmed
        for phrases in wanted:
            for phrase, denies in phrases:
                if phrase not in (everything if denies else affirmed):
                    break
            else:
                return True
        return False


@cache
def _wanted(phrases: tuple[str, ...]) -> tuple[Mapping[str, Sequence[Phrases]], Sequence[Phrases]]:
    """Phrases by the first word of what is looked for first, and those that begin with the beginning of a word."""
    by_first: dict[str, list[Phrases]] = {}
    others: list[Phrases] = []
    for one in phrases:
        wanted = tuple(map(_phrase, one.split(" + ")))
        first, *more = wanted[0][0].split()
        if more or wanted[0][0].endswith(" "):
            by_first.setdefault(first, []).append(wanted)
        else:
            others.append(wanted)
    return by_first, others


def _phrase(phrase: str) -> tuple[str, bool]:
    words = [word for word in _plain(phrase.removesuffix("*")).split() if word not in _PASSED]
    return f" {' '.join(words)}" + ("" if phrase.endswith("*") else " "), not NO.isdisjoint(words)


def spelt_out(phrase: str) -> Iterator[str]:
    """The phrases that one with choices stands for."""
    parts = _CHOICES.split(phrase)
    yield from map("".join, product(*(part.split("|") if n % 2 else (part,) for n, part in enumerate(parts))))


def signs_in(phrases: Sequence[str]) -> Signs:
    """What of these phrases a denial may list."""
    single = [one for one in phrases if " + " not in one]
    whole = [tuple(_plain(one).split()) for one in single if not one.endswith("*")]
    begun = [tuple(_plain(one.removesuffix("*")).split()) for one in single if one.endswith("*")]
    return signs_of(whole, begun)


def read(text: str, signs: Callable[[], Signs]) -> Said:
    """A text as it is looked through; `signs` are what it may deny, asked for only where it denies anything."""
    words: list[str] = []
    for line in _plain(text).splitlines():
        words += [*line.split(), NEW_LINE]
    everything: list[str] = []
    left: list[str] = []
    for sentence, following in _sentences(marked(words)):
        everything += [word for word in sentence if word not in _PASSED]
        said = affirmed(sentence, following, signs()) if may_deny(sentence) else sentence
        left += [word for word in said if word not in _PASSED]
    return Said(f" {' '.join(everything)} ", f" {' '.join(left)} ", frozenset(everything))


def _sentences(words: Sequence[str]) -> Iterator[tuple[list[str], str]]:
    """The parts that denials do not cross, each with the word after it where that may put a denial in doubt."""
    start = 0
    for n, word in enumerate(words):
        if word not in ("|", NEW_LINE):
            continue
        after = next((one for one in words[n + 1 : n + 5] if one not in ("|", NEW_LINE)), "")
        sentence = _without_what_is_over(f" {' '.join(words[start:n])} ").replace(" can not ", " cannot ").split()
        if word == "|":
            sentence.append(word)
        if sentence:
            yield sentence, after if word == NEW_LINE or after in _GOES_ON else ""
        start = n + 1


def _without_what_is_over(sentence: str) -> str:
    if "swelling" not in sentence:
        return sentence

    def without(clause: re.Match[str]) -> str:
        is_asked = clause[0].endswith("?") or sentence[clause.end() :].startswith((": no", ": not"))
        is_open = is_asked or not NO.isdisjoint(clause[0].split())
        return clause[0] if is_open else _OVER.sub(DENIED, clause[0])

    return _CLAUSE.sub(without, sentence)


def _plain(text: str) -> str:
    if text.replace(" ", "").isalpha():  # as nearly every phrase is
        return text.casefold()
    text = _APOSTROPHES.sub("", spelt(text.casefold()))
    text = _BREAKS.sub(" | ", _COLONS.sub(" : ", text))
    return _HYPHENS.sub(" ", text.replace(",", " , ").replace("/", " / ").replace("?", " ? "))
