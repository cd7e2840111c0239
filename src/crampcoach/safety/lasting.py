"""Whether a length in a note is how long a cramp lasted (RF-10MIN), going by the words on both sides of it.

How long a walk or a night's sleep took is no sign; where the words leave open what lasted, it counts.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from crampcoach.safety.note_words import words

#: The threshold of the record, in minutes.
_LONG = 10

_DENIALS = words("lasting", "no")
_DENIAL = "|".join(sorted(_DENIALS))
_MORE, _LESS, _BARELY = (words("lengths", name) for name in ("more", "less", "barely"))
_OTHER, _PEOPLE, _CRAMPS, _ITSELF, _AFTER, _ARTICLES, _EACH = (
    words("lasting", name) for name in ("other", "people", "cramps", "itself", "after", "articles", "each")
)

_LASTED = re.compile(
    r"\b(?:lasted|lasting|lasts|last|duration|continued|continues|continuing|persisted|persists|persisting"
    r"|(?:went|gone|goes|going|kept|keeps|carried|dragged|is|was|been|stayed) (?:going )?on(?: and on)?"
    r"|(?:kept|keeps) going)$|^on$"
)
_EASE = (
    r"(?:stop|stopped|stopping|stops|ease|eased|easing|eases|let go|lets go|letting go|let up|go away|went away"
    r"|gone away|going away|goes away|release|released|releases|subside|subsided|pass|passed|loosen|loosened|end|ended"
    r"|wear off|wore off|disappear|disappeared|unlock|unlocked|budge|shift|relax|relaxed|relaxes|settle|settled|fade"
    r"|faded)"
)
_STAYED = re.compile(
    rf"\b(?:(?P<who>\w+) )?(?:did |do |does |would |could |will |had )?(?:{_DENIAL}|refused to|unable to)"
    rf" (?:\w+ ){{0,3}}?(?:{_EASE}|get rid|walk it off)"
    r"(?: (?:at|all|off|up|of|it|me|the|my|left|right|cramp|cramping|hurting|spasm|calf|leg|foot|even|with|stretching"
    r"|again|fully))*(?: (?:until|till|after|in))*$"
)
_HELPLESS = re.compile(r"\b(?:nothing (?:\w+ ){0,2}?(?:helped|worked|eased)(?: it)?|no (?:relief|let up))$")
_TOOK = re.compile(r"\b(?:took|takes|taking|needed)(?: it)?$")
_TO_EASE = re.compile(rf"(?:to|before|until|till) (?:\w+ ){{0,3}}?(?:{_EASE}\b|(?:go|goes|went) *$)")
_BEFORE_IT_EASED = re.compile(rf"(?:before|until|till) (?:it|(?:the|my) \w+) (?:\w+ )?{_EASE}\b")
_EASED_AFTER = re.compile(
    rf"\b(?P<what>it|cramps?|spasms?|calf|foot|toes?|muscle)(?: \w+){{0,4}}? (?:{_EASE}|gone)(?: \w+)?? after$"
)
_STILL_THERE = re.compile(
    r"\bstill (?:\w+ )??(?:there|going|cramped|cramping|locked|seized|spasming|tight|hard)(?: even)? after$"
)
_PLACES = (
    "in|of|the|my|left|right|both|calf|calves|foot|feet|toe|toes|leg|legs|thigh|thighs|hamstring|hamstrings|arch|sole|shin"
    "|muscle|muscles|lower|upper|again|really|very|bad|badly|hard|strong|severe|painful|solid|up"
)
_CRAMPED = re.compile(
    rf"\b(?:cramps?|cramped|cramping|spasm(?:s|ed|ing)?|charley horse|seized|locked|knotted)(?: (?:{_PLACES}))*$"
)
_NO_CRAMP = re.compile(
    rf"\b(?:{_DENIAL}|against|prevent|preventing|avoid|about|for|on|anti)"
    r"(?: (?:a|any|the|my|more|calf|foot|leg|night|toe|thigh|single|such|real|bad))*$"
)
_OF_CRAMP = re.compile(
    r"(?:(?:of|long|straight|bad|strong|painful|severe|awful|terrible|solid|calf|leg|foot|toe|thigh|left|right|night"
    r"|muscle) )*(?:cramp|spasm|charley)\w*(?! free)\b"
)
_ELSEWHEN = re.compile(
    r"(?:after|later|ago|before|apart|into|from|past|since|away|early|late|to"
    r"|in(?! (?:the|my|left|right|both|calf|foot)))\b"
)
_DENIED = re.compile(
    rf"\b(?:{_DENIAL})"
    r"(?: (?:a|any|single|cramps?|spasms?|one|ones|of|them|these|those|ever|even|really|usually|did|do))*$"
)


@dataclass(frozen=True, slots=True)
class Length:
    """A length in a text: `minutes`, the words that lead to it ("for", "over"), and its clause on either side.

    "All night" is infinitely long.
    """

    minutes: float
    leading: frozenset[str]
    left: str
    right: str

    @property
    def is_over(self) -> bool:
        """Whether it is longer than the threshold: not where it is at most as long, and less than something unknown."""
        is_less = not self.leading.isdisjoint(_LESS) and self.leading.isdisjoint(_BARELY)
        if is_less and not ("within" in self.leading and _STAYED.search(self.left)):  # "it did not ease within 20 min"
            return False
        is_more = not self.leading.isdisjoint(_MORE) or self.right.startswith(("or more", "or longer", "plus"))
        return self.minutes > _LONG or (self.minutes == _LONG and is_more)

    def is_a_cramps(self) -> bool:
        """Whether the words around it say that a cramp took so long, or leave open what did."""
        if _DENIED.search(self.left):
            return False
        if (lasted := self._lasted()) is not None:
            return lasted
        if stayed := _STAYED.search(self.left):
            if not {"it", "cramp", "spasm", "calf", "leg", "foot"}.isdisjoint(stayed[0].split()):
                return True
            return stayed["who"] not in _PEOPLE and _is_cramp(self.left[: stayed.start()].split())
        if self.minutes == math.inf:  # "cramps all night" are several
            return False
        took = _TOOK.search(self.left) and _TO_EASE.match(self.right)
        if took or _HELPLESS.search(self.left) or _BEFORE_IT_EASED.match(self.right):
            return True
        if eased := _EASED_AFTER.search(self.left):
            return _is_cramp([*self.left[: eased.start()].split(), eased["what"]])
        if still := _STILL_THERE.search(self.left):
            return _is_cramp(self.left[: still.start()].split())
        return self._beside_cramp()

    def _lasted(self) -> bool | None:
        """Whether a cramp is said to have lasted so long; None where nothing is."""
        lasted = _LASTED.search(self.left)
        if lasted is None:
            return None
        before = self.left[: lasted.start()].rstrip()
        if lasted[0] == "last" and before.endswith((" the", " my", " this", " these", " past")):
            return None  # "the last 20 minutes"
        if self.minutes == math.inf and not lasted[0].startswith("last"):
            return False
        if self.right.startswith(("ago", "later")) or _DENIED.search(before):
            return False
        return (lasted[0] == "lasting" and bool(_CRAMPED.search(before))) or _is_cramp(before.split())

    def _beside_cramp(self) -> bool:
        before = self.left.split()
        about_other = self.right.removeprefix("of ").partition(" ")[0] in _OTHER
        if cramped := _CRAMPED.search(self.left):
            elsewhen = "for" not in self.leading and (_ELSEWHEN.match(self.right) or about_other)
            if self.leading == {"over"} and self.minutes >= 60 and cramped[0].startswith(("cramps", "spasms")):
                return False  # "3 cramps over 2 hours" are three
            return not elsewhen and not _NO_CRAMP.search(self.left[: cramped.start()].rstrip())
        if _OF_CRAMP.match(self.right):
            return not before or (before[-1] not in _EACH and before[-1] not in _OTHER)
        if self.leading.isdisjoint(_MORE) or (self.minutes > _LONG and "longer" not in self.leading):
            return False
        return not (about_other or _ELSEWHEN.match(self.right) or self.right.startswith("of ")) and _is_cramp(before)


def _is_cramp(subject: Sequence[str]) -> bool:
    """Whether a cramp may be what is spoken of, going by the words of a clause before its verb or length."""
    if subject and subject[-1] in _PEOPLE:
        return subject[-1] == "they" and not _CRAMPS.isdisjoint(subject)
    for n, word in enumerate(subject):
        before = [one for one in subject[max(0, n - 3) : n] if one not in _ARTICLES]
        is_named = word in _CRAMPS or (word in _ITSELF and n == len(subject) - 1)
        if is_named and not (before and before[-1] in _AFTER):
            return True
    return not any(word in _OTHER and (n == 0 or subject[n - 1] not in _DENIALS) for n, word in enumerate(subject))
