"""Signs that need a doctor, as crampcoach finds them in entries: each once, with its newest entries and their number.

What is only a mention (quinine, vitamin K2) is no sign and stands with the medicines. A medicine that was started, or
that somebody watches their fluids, is no sign either as long as nothing else was said: both have their own place on the
page. A child's signs are listed where they were answered, not for every entry of somebody who is not an adult.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from crampcoach import Advice, Entry
from crampcoach_exporters.doctors_page.tallies import clipped, number, yes_or_no

#: So many entries of each sign are shown, and so much of a note.
NEWEST, NOTE = 3, 140
#: A sign that was entered so long ago or less says what to do about it.
RECENT = timedelta(days=28)
#: Notes of these only: what another plugin keeps may be nobody's business, and a journal's page is not for this one.
_NOTED = {"cramp", "night", "day", "medicine", "stretch", "symptoms"}
_MENTION = "M-"
_URGENT = ("now", "same-day")
#: What an entry of a kind raises by merely being there.
_NO_SIGN = {("medicine", "RF-DRUG"), ("profile", "RF-CARETEAM")}
_CHILD, _CHILD_ANSWERS = "RF-CHILD", ("child_pain", "child_unwell")
LEGS = {"left": "left", "right": "right", "both": "both sides"}
MUSCLES = ("calf", "foot", "toes", "thigh", "other")
#: Answers about the leg that are yes or no, and those of which one is "as usual".
ANSWERS = {"swelling": "swelling", "numbness": "numb or tingling", "weakness": "getting weaker", "leg_injury": "injury"}
#: What crampcoach asks when somebody has it look at signs, in the words of the page. Each asks for several things at
#: once: a yes is to one of them ("swelling" is not what it is to a cramp), a no to all, so the short second will do.
QUESTIONS = {
    "swelling": ("one leg swollen, warm, red or darker, hard sore veins, or a pain that stays", "swollen"),
    "numbness": ("legs numb, tingling or swollen, or a sore on a foot", "numb"),
    "weakness": ("over weeks a leg weaker or thinner, a dropped foot, tripping or twitching", "weaker"),
    "leg_injury": ("an injury with a crack, or one that cannot take weight or gets worse", "injured"),
    "walking_pain": ("leg pain on walking, gone with rest", "pain on walking"),
    "rest_pain": (
        "foot pain at rest, a sore that stays, or a leg always painful at rest, discoloured or not moving",
        "pain at rest",
    ),
    "saddle_numbness": (
        "back or leg pain, with numbness between the legs, bladder, bowels or sexual feeling changed, pain down both "
        "legs, or both weaker",
        "numb between the legs",
    ),
    "after_medicine": (
        "cramps began or got worse after a medicine was started or changed",
        "worse after a medicine changed",
    ),
    "whole_body": ("newly tired, cold or thirsty, or a change of weight", "newly tired"),
    "disturbed": ("cramps come often, disturb sleep or days, or get no better", "often"),
}
CARE_TEAM = "kidney, liver or heart disease, dialysis or diabetes"
LOOKS = {
    "leg_colour": ("colour", ("as usual", "red", "dark", "pale", "blue")),
    "leg_temperature": ("temperature", ("as usual", "warm", "hot", "cold")),
}


@dataclass(frozen=True, slots=True)
class Found:
    """When a sign was entered, and what was."""

    day: date
    what: str


@dataclass(slots=True)
class Sign:
    """A sign: how often it was entered, and the newest entries. advice: what to do, in crampcoach's fixed words."""

    title: str
    level: str
    advice: str
    at: datetime
    n: int = 0
    first: date | None = None
    newest: deque[Found] = field(default_factory=lambda: deque(maxlen=NEWEST))


@dataclass(slots=True)
class Signs:
    """All signs and mentions of some entries. examined: when a doctor or nurse last looked at the leg, as entered."""

    known: dict[str, Sign] = field(default_factory=dict)
    mentions: dict[str, Sign] = field(default_factory=dict)
    order: dict[str, int] = field(default_factory=dict)
    examined: datetime | None = None
    times_examined: int = 0

    def take(self, entry: Entry, raised: Iterable[Advice]) -> None:
        """Note what an entry raises. They come oldest first."""
        assert entry.at
        if entry.kind == "examined":
            self.examined, self.times_examined = entry.at, self.times_examined + 1
        for one in raised:
            if (entry.kind, one.id) in _NO_SIGN or (one.id == _CHILD and not _about_child(entry)):
                continue
            where = self.mentions if one.id.startswith(_MENTION) else self.known
            sign = where.setdefault(one.id, Sign(one.title, one.level, one.text, entry.at))
            sign.n += 1
            sign.at = entry.at
            sign.first = sign.first or entry.at.date()
            sign.newest.append(Found(entry.at.date(), entered(entry)))

    def ordered(self) -> list[Sign]:
        """Most urgent first; of one urgency the newest first."""
        newest = sorted(self.known.values(), key=lambda sign: sign.at.timestamp(), reverse=True)
        return sorted(newest, key=lambda sign: (*_URGENT, "routine").index(sign.level))

    def open(self, now: datetime) -> list[Sign]:
        """Urgent ones of the last weeks, entered since a doctor or nurse last looked at the leg."""
        since = (now - RECENT).timestamp()
        since = max(since, self.examined.timestamp()) if self.examined else since
        return [sign for sign in self.ordered() if sign.level in _URGENT and sign.at.timestamp() > since]


def entered(entry: Entry) -> str:
    """What an entry says of the leg, in a few words; with the beginning of its note, where that may be shown."""
    fields = entry.fields
    said = ["answered yes"] if entry.kind == "symptoms" and _symptoms(entry) else []
    said += [place] if (place := site(entry)) else []
    minutes = number(fields.get("duration"), 0, 24 * 60) if entry.kind == "cramp" else None
    said += [f"{minutes:g} min"] if minutes is not None else []
    if entry.kind != "symptoms":
        said += [words for name, words in ANSWERS.items() if yes_or_no(fields.get(name)) == "yes"]
    for name, (words, (_usual, *others)) in LOOKS.items():
        said += [f"{words} {fields[name]}"] if fields.get(name) in others else []
    if entry.kind == "medicine" and isinstance(fields.get("name"), str):
        said.append(clipped(str(fields["name"]), 60))
    if entry.note and entry.kind in _NOTED:
        said.append(f"\N{LEFT DOUBLE QUOTATION MARK}{clipped(entry.note, NOTE)}\N{RIGHT DOUBLE QUOTATION MARK}")
    return ", ".join(said) or f"in the words of a {entry.kind} entry, not shown here"


def site(entry: Entry) -> str:
    """ "left calf", "calf", "left", or "": only what can be chosen."""
    side, muscle = entry.fields.get("side"), entry.fields.get("muscle")
    words = [LEGS[side]] if isinstance(side, str) and side in LEGS else []
    words += [muscle] if isinstance(muscle, str) and muscle in MUSCLES else []
    return " ".join(words)


def _symptoms(entry: Entry) -> bool:
    return any(yes_or_no(value) == "yes" for value in entry.fields.values())


def _about_child(entry: Entry) -> bool:
    return any(yes_or_no(entry.fields.get(name)) == "yes" for name in _CHILD_ANSWERS)
