"""Advice as messages: what they say, their buttons, and the keys by which they are known in every run."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from crampcoach.actions import Action, Open
from crampcoach.advice import HEADINGS, Advice, most_urgent
from crampcoach.model import Message, Urgency
from crampcoach.safety.flags import flag
from crampcoach.safety.kinds import EXAMINED, EXAMINED_LABEL
from crampcoach.safety.wording import HELD, Person, urgent

#: The keys of these messages begin with this: they are no occurrences.
ADVICE = "advice/"
FIRST = "first/red-flags"
QUESTIONS, LIST = Open("check-symptoms"), Open("check-symptoms", "--list")
#: So many are told in full in one message.
_IN_FULL = 3


def advice_key(of: str, flags: Sequence[str]) -> str:
    """Short, and the same before and after the entry is saved, and in every run; `of` is its origin, else its id."""
    what = "\n".join([of, *sorted(flags)])
    return f"{ADVICE}{zlib.crc32(what.encode('utf-8', 'replace')):08x}"


def advice_message(key: str, advice: Sequence[Advice]) -> Message:
    """Advice as a message, most urgent first."""
    level = most_urgent(advice)
    holds = any(flag(one.id).holds for one in advice)
    lines = [one.text for one in advice[:_IN_FULL]]
    if advice[_IN_FULL:]:
        lines.append(f"Also: {'; '.join(one.title for one in advice[_IN_FULL:])}.")
    lines += [HELD] if holds else []
    urgency: Urgency = "critical" if level == "now" else "normal"
    actions = [Action(label="I have read this", key="read")]
    if holds:
        # Its press is taken by `pressed`; where there are no buttons, the person is told what to type.
        actions.append(Action(label=EXAMINED_LABEL, then=Open("log", EXAMINED), key=EXAMINED))
    actions.append(Action(label="More questions", then=QUESTIONS, key="questions"))
    return Message(title=HEADINGS[level], body="\n".join(lines), actions=actions, urgency=urgency, occurrence=key)


def first_message(person: Person) -> Message:
    """The signs to look out for and what to do then, shown once before the first stretch ever."""
    numbers, lines = person.numbers, []
    now = f"Call {numbers.emergency} now for:"
    today = f"Call your doctor or {numbers.advice} today for:"
    for level, heading in (("now", now), ("same-day", today)):
        # As running text: as a list it would not fit on a small screen, and its buttons would be cut off.
        lines.append(f"{heading} {'. '.join(one.brief for one in urgent() if one.level == level)}.")
    actions = [Action(label="I have read this", key="read"), Action(label="Read it in full", then=LIST, key="list")]
    return Message(title="Before your first stretch", body="\n".join(lines), actions=actions, occurrence=FIRST)
