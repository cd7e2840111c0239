"""What a note denies: "no chest pain or shortness of breath", "swelling: no". Where in doubt, nothing is denied.

Too much advice is a nuisance, too little may cost a leg. So a denial covers one sign, or several that are joined as a
list is, and never what else a sentence says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from crampcoach.safety.lengths import MARKS
from crampcoach.safety.note_words import phrases as listed_phrases
from crampcoach.safety.note_words import words as listed

#: What stands in the place of a denied word.
DENIED = "-"
NO = listed("denials", "no")
UNSURE = listed("denials", "unsure")
_LEGS, _SMALL, _ASKED, _ANSWERS, _ENDING, _WITHIN, _WHOSE = (
    listed("denials", name) for name in ("legs", "small", "asked", "answers", "ending", "within", "whose")
)
#: "In one leg: no" may say that it is in both.
_ANY_LEG = frozenset(("one", "both", "either"))
_PASSES = _LEGS | _SMALL
_ASKED |= _PASSES
_BEFORE_SIGNS, _SUBJECTS = listed("signs", "before_signs"), listed("signs", "subjects")
_JOINTS: Mapping[str, str] = {"or": "or", "nor": "or", "/": "or", "and": "and", ",": ","}
#: What a question was about stands no further away from its mark than this.
_NEAR = 12

Kind = Literal["noun", "adjective", ""]


@dataclass(frozen=True, slots=True)
class Sign:
    """A sign as words; the last of them may be a beginning."""

    words: tuple[str, ...]
    is_beginning: bool = False
    kind: Kind = ""

    def stands_at(self, words: Sequence[str], at: int) -> bool:
        """Whether these words have it at a place."""
        found = tuple(words[at : at + len(self.words)])
        return found == self.words or (
            self.is_beginning and found[:-1] == self.words[:-1] and found[-1].startswith(self.words[-1])
        )


#: Signs by their first word, the longest first.
Signs = Mapping[str, Sequence[Sign]]


def signs_of(phrases: Iterable[tuple[str, ...]], beginnings: Iterable[tuple[str, ...]]) -> Signs:
    """The signs that a denial may list: these phrases, and the nouns and adjectives of notes."""
    nouns = {tuple(one.split()) for one in listed_phrases("signs", "nouns") | _SUBJECTS}
    adjectives = {tuple(one.split()) for one in listed_phrases("signs", "adjectives")}
    found = [Sign(words, is_beginning=True) for words in beginnings if len(words) > 1]
    found += [Sign(words) for words in {*phrases} - nouns - adjectives]
    found += [Sign(words, kind="noun") for words in nouns] + [Sign(words, kind="adjective") for words in adjectives]
    by_first: dict[str, list[Sign]] = {}
    for sign in sorted(found, key=lambda one: -len(one.words)):
        by_first.setdefault(sign.words[0], []).append(sign)
    return by_first


def may_deny(sentence: Iterable[str]) -> bool:
    """Whether it has a word that denies anything, after or before it."""
    return not (NO | _ANSWERS).isdisjoint(sentence)


def affirmed(sentence: Sequence[str], following: str, signs: Signs) -> list[str]:
    """The words of a sentence without what it denies; `following` is the word after it."""
    one = _Sentence(sentence, signs)
    far = [n for n, word in enumerate(sentence) if word == "so" and sentence[n + 1 : n + 2] == ["far"]]
    if UNSURE.isdisjoint([following, *(word for n, word in enumerate(sentence) if n not in far)]):
        one.deny_after_denials()
    one.deny_answered()
    return [DENIED if n in one.denied else word for n, word in enumerate(sentence)]


@dataclass(frozen=True, slots=True)
class _Item:
    """A sign in a list, from a place to before another. is_plain: neither a leg nor a place stands with it."""

    start: int
    end: int
    sign: Sign
    is_plain: bool

    @property
    def is_bare(self) -> bool:
        """Whether it is a noun alone, and none that every entry of a diary is about."""
        return self.is_plain and self.sign.kind == "noun" and self.sign.words[0] not in _SUBJECTS

    def may_follow(self, first: _Item) -> bool:
        """Whether it goes on with a list after a comma: "no pain, swelling", and not "no pain, leg swollen"."""
        return self.is_plain and self.sign.kind == first.sign.kind != "" and first.sign.words[0] not in _BEFORE_SIGNS


@dataclass(slots=True)
class _Sentence:
    words: Sequence[str]
    signs: Signs
    denied: set[int] = field(default_factory=set)

    def deny_after_denials(self) -> None:
        at, goes_on = 0, False
        while at < len(self.words):
            if self.words[at] in NO or goes_on:
                at, goes_on = self._deny(at + 1)
            else:
                at += 1

    def _deny(self, at: int) -> tuple[int, bool]:
        """Deny what follows a denial; where to read on, and whether "or" stands there and denies once more."""
        item = self._item(at)
        if item is None:
            return self._deny_word(at)
        listed, end, goes_on = self._list(item)
        if self.words[end : end + 1] in ([":"], ["?"]) and self.words[end + 1 : end + 2] == ["yes"]:
            return end, False
        for one in listed:
            self.denied.update(range(one.start, one.end))
        return end, goes_on

    def _deny_word(self, at: int) -> tuple[int, bool]:
        """Deny the next word, whatever it is; small ones do not count as one."""
        while at < len(self.words):
            word = self.words[at]
            self.denied.add(at)
            at += 1
            if word not in _PASSES:
                return at, word not in MARKS and self.words[at : at + 1] == ["or"]
        return at, False

    def _list(self, first: _Item) -> tuple[list[_Item], int, bool]:
        """The signs of a list that are denied with its first, where it ends, and whether it goes on with an "or"."""
        denied, end, is_over = [first], first.end, False
        waiting: list[_Item] = []
        while joint := self._joint(end):
            kind, at = joint
            item = self._item(at)
            if self.words[end] == "/" and first.sign.words[0] in _SUBJECTS:
                break
            if kind == "or":
                if item is None:
                    return denied, at - 1, self.words[at - 1] in ("or", "nor")
                denied += [*waiting, item]
                waiting, is_over = [], True
            elif item is None or is_over or not item.may_follow(first):
                break
            else:
                waiting.append(item)
                if kind == "and":
                    if self._ends_at(item.end) and all(one.is_bare for one in (first, *waiting)):
                        return [*denied, *waiting], item.end, False
                    break
            end = item.end
        else:  # "no pain, swelling, redness" is a list of what is not there; "no pain, swelling" may be none
            if len(waiting) > 1 and self._ends_at(end) and all(one.is_bare for one in (first, *waiting)):
                denied += waiting
        return denied, end, False

    def _joint(self, at: int) -> tuple[str, int] | None:
        """What joins two signs of a list at a place, and where the next one would be."""
        words = list(self.words[at : at + 2])
        if words[:1] == [","] and words[1:] in (["or"], ["nor"], ["and"]):
            return _JOINTS[words[1]], at + 2
        return (_JOINTS[words[0]], at + 1) if words and words[0] in _JOINTS else None

    def _ends_at(self, at: int) -> bool:
        return at >= len(self.words) or self.words[at] in MARKS

    def _item(self, at: int) -> _Item | None:
        """The sign at a place, after words that a denial passes over."""
        start, is_plain = at, True
        while at < len(self.words):
            if sign := self._sign(at):
                end = at + len(sign.words)
                after = self._after_place(end)
                return _Item(start, after, sign, is_plain and after == end)
            if self.words[at] not in _PASSES:
                return None
            is_plain = is_plain and self.words[at] not in _LEGS
            at += 1
        return None

    def _sign(self, at: int) -> Sign | None:
        return next((one for one in self.signs.get(self.words[at], ()) if one.stands_at(self.words, at)), None)

    def _after_place(self, at: int) -> int:
        """Where "in the left leg" ends, if it stands at a place."""
        end = at + 1
        if self.words[at : at + 1] and self.words[at] in _WITHIN:
            while end < len(self.words) and self.words[end] in _WHOSE:
                end += 1
            if end < len(self.words) and self.words[end] in _LEGS:
                return end + 1
        return at

    # --- questions with their answers ------------------------------------------------------------------------------

    def deny_answered(self) -> None:
        """Deny what is asked before ": no", "- no" or "? no", where that is nothing but signs."""
        for at, word in enumerate(self.words):
            answer = self.words[at + 1] if word in (":", "?") and at + 1 < len(self.words) else ""
            if answer in _ANSWERS and self._is_answered(at + 2):
                self._deny_question(at, is_asked=word == "?")

    def _is_answered(self, at: int) -> bool:
        """Whether an answer ends at a place: "no?" is a question, and "no, only the left" says more."""
        goes_on = self.words[at : at + 1]
        return self._ends_at(at) and goes_on != ["?"] and (goes_on != [","] or ":" in self.words[at:])

    def _deny_question(self, mark: int, *, is_asked: bool) -> None:
        end = mark
        while end and self.words[end - 1] in (":", "?"):
            end -= 1
        start, nearest = end, max(0, end - _NEAR)
        while start > nearest and (self.words[start - 1] not in MARKS or self.words[start - 1] == "/"):
            start -= 1
        if start and self.words[start - 1] not in MARKS:
            return
        if is_asked and not _ENDING.isdisjoint(self.words[nearest:end]):
            return  # "Is it gone, the swelling? No."
        at, has_sign = start, False
        while at < end:
            if sign := self._sign(at):
                at, has_sign = self._after_place(at + len(sign.words)), True
            elif self.words[at] in _ASKED or self.words[at] in _JOINTS:
                at += 1
            else:
                return
        if has_sign and at == end and _ANY_LEG.isdisjoint(self.words[start:end]):
            self.denied.update(range(start, end))
