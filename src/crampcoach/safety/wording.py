"""What a red flag says to this person: its text with the numbers of their country, and what their profile adds."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from crampcoach.advice import LEVELS, Advice, Level
from crampcoach.config import Profile
from crampcoach.model import Entry
from crampcoach.safety.flags import RedFlag, flag, raised, red_flags
from crampcoach.safety.numbers import Numbers, numbers

#: "Mentions" are warnings, not signs: they are no part of a list of red flags.
_MENTION = "M-"
_K2 = "M-K2"
#: Measures that reminders, buttons, commands and routines are tagged with.
MEASURES = ("stretch", "massage", "heat")
#: The one before whose first time ever the signs are shown.
FIRST_MEASURE = "stretch"
HELD_REASON = "held until a doctor or nurse has looked at the leg"
HELD = "Until a doctor or nurse has looked at this leg, crampcoach holds back stretching, massage and heat."


@dataclass(frozen=True, slots=True)
class Person:
    """What the wording depends on: the profile, and the zone's name for the country."""

    profile: Profile
    zone: str

    @property
    def numbers(self) -> Numbers:
        """Whom to call in their country."""
        return numbers(self.profile.country, self.zone)

    def says(self, one: RedFlag, *, in_list: bool = False, beside: Collection[str] = ()) -> Advice:
        """A flag as advice, with what makes it worse; in a list, that stands under its own level where it is a flag.

        beside: the ids of what is said with it, which it must not contradict.
        """
        words, worse, action = self.numbers, one.worse, one.action
        if in_list and "ask" in worse:
            worse = {}
        if one.beside and not set(one.beside["flags"]).isdisjoint(beside):
            action = one.beside["action"]
        parts = [(one.signs, action)] + ([(worse["signs"], worse["action"])] if worse else [])
        text = " ".join(f"If {signs}: {action}" for signs, action in parts)
        text = text.format(emergency=words.emergency, advice=words.advice, crisis=words.crisis)
        if one.id == _K2 and self.profile.anticoagulant == "yes":
            text = f"You said that you take a medicine against blood clots. {text}"
        return Advice(id=one.id, level=one.level, title=one.title, text=text, sources=one.sources, brief=one.brief)

    def advice(self, flags: Iterable[str]) -> tuple[Advice, ...]:
        """The advice for raised flags, by id, most urgent first, with what the profile adds to them."""
        ids = {name for name in flags if name in {one.id for one in red_flags()}}
        if self.profile.pregnant == "yes" and "RF-DVT" in ids:
            ids.add("RF-PREG")
        if self.profile.adult == "no" and any(not name.startswith(_MENTION) for name in ids):
            ids.add("RF-CHILD")
        return tuple(self.says(one, beside=ids) for one in red_flags() if one.id in ids)

    def advice_on(self, entries: Iterable[Entry]) -> tuple[Advice, ...]:
        """The advice for what some entries say."""
        return self.advice(one.id for entry in entries for one in raised(entry))

    def before_stretch(self) -> tuple[Advice, ...]:
        """What the person is shown before the first stretch ever, most urgent first; each text once."""
        return tuple(self.says(one, in_list=True) for one in urgent())

    def list(self, levels: Iterable[Level] = LEVELS) -> tuple[Advice, ...]:
        """Every sign of these levels, most urgent first; what makes one worse is a sign of its own level."""
        said = (self.says(one, in_list=True) for one in red_flags() if not one.id.startswith(_MENTION))
        wanted = set(levels)
        return tuple(one for one in said if one.level in wanted)


def urgent() -> tuple[RedFlag, ...]:
    """The flags that are told before the first stretch ever. RF-MOOD has its own places."""
    return tuple(one for one in red_flags() if one.brief)


def held(profile: Profile, flags: Iterable[str], *, acute: bool = False) -> dict[str, str]:
    """The measures ("stretch", "massage", "heat") that must wait, each with its reason: raised flags, then the profile.

    `flags` are those raised since a doctor or nurse has last looked at the leg. `acute`: to end a cramp, which
    pregnancy does not rule out (record m-pregnancy-foot-exercises).
    """
    found: dict[str, str] = {}
    if profile.adult == "no":
        found |= dict.fromkeys(MEASURES, "held: these measures were tried in adults only; for a child, ask a doctor")
    elif profile.pregnant == "yes" and not acute:
        found |= dict.fromkeys(MEASURES, "held: in pregnancy, ask your midwife first")
    for name in flags:
        found |= dict.fromkeys(flag(name).holds, HELD_REASON)
    return found
