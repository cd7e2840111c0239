"""The questions of `setup`: what is asked, why, what an answer means, and how people are asked."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import click

from crampcoach.cli.printing import print_wrapped
from crampcoach.config import UNANSWERED, Profile
from crampcoach.hours import Hours
from crampcoach.recurrence import parse_time

YES_NO = {"y": "yes", "yes": "yes", "n": "no", "no": "no"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """`key` is the setting's name in config.toml.

    answers: what may be typed, with the value that it stands for; other: reads anything else, or raises ValueError.
    said: values in the words of an answer. doubt: why a value may be a slip; empty for none.
    """

    key: str
    ask: str
    why: str
    hint: str
    answers: Mapping[str, str] = field(default_factory=dict)
    other: Callable[[str], str] | None = None
    said: Mapping[str, str] = field(default_factory=dict)
    doubt: Callable[[str], str] | None = None

    @property
    def name(self) -> str:
        """The name of the answer in its table."""
        return self.key.partition(".")[2]

    @property
    def is_setting(self) -> bool:
        """Whether the answer belongs into config.toml; what people say about themselves goes into their log."""
        return self.key.startswith("day.")

    def read(self, said: str) -> str:
        """The value that was typed. Raises ValueError with what is accepted."""
        value = self.answers.get(" ".join(said.casefold().split()))
        if value is None and self.other:
            return self.other(said)
        if value is None:
            raise ValueError(f"{said!r} is not understood; type {self.hint}, or only press Enter")
        return value

    def known(self, hours: Hours, profile: Profile) -> str:
        """The present value in words, which Enter keeps; empty where there is none."""
        value = f"{getattr(hours, self.name):%H:%M}" if self.is_setting else str(getattr(profile, self.name))
        return "" if value in UNANSWERED else self.said.get(value, value)


def prompt(hint: str) -> str:
    """Ask for a line; `hint` says what it may be. Ctrl+C and Ctrl+D raise click.Abort."""
    return str(click.prompt(f"  [{hint}]", default="", show_default=False)).strip()


def yes(ask: str, why: str = "", *, usual: str = "yes") -> bool:
    """Ask until it is yes or no; Enter means the usual one."""
    print_wrapped(ask)
    if why:
        print_wrapped(why, "  ")
    while True:
        answer = YES_NO.get((prompt(f"y or n; Enter: {usual}") or usual).casefold())
        if answer:
            return answer == "yes"


_HALF_DAYS = re.compile(r"(\d{1,2})(?:[:.](\d\d))?\s*([ap])\.?\s*m\.?", re.IGNORECASE)


def _clock(said: str) -> str:
    """Also "10:30 pm" and "22.30"."""
    text = said.strip()
    if (found := _HALF_DAYS.fullmatch(text)) and 1 <= int(found[1]) <= 12:
        text = f"{int(found[1]) % 12 + 12 * (found[3].lower() == 'p')}:{found[2] or '00'}"
    return f"{parse_time(text.replace('.', ':')):%H:%M}"


def _late_to_rise(value: str) -> str:
    return f"{value} is not in the morning." if value >= "12:00" else ""


def _early_to_bed(value: str) -> str:
    # "10:30", where the evening is meant, would make all the day quiet.
    return f"{value} is in the day, not in the evening." if "05:00" <= value < "18:00" else ""


def _country(said: str) -> str:
    if len(said) == 2 and said.isascii() and said.isalpha():
        return said.upper()
    raise ValueError(f"{said!r} is not understood; type two letters, such as GB, US or DE, or only press Enter")


QUESTIONS = (
    Question(
        key="profile.adult",
        ask="Are you 18 or older?",
        why="The stretches were tried in adults only. For a child, ask a doctor.",
        hint="y or n",
        answers=YES_NO,
    ),
    Question(
        key="day.wake",
        ask="When do you usually get up?",
        why="It is quiet until then. What you are asked about the night comes after it.",
        hint="such as 07:00",
        other=_clock,
        doubt=_late_to_rise,
    ),
    Question(
        key="day.bed",
        ask="When do you usually go to bed?",
        why="What is for the evening comes before, and then it is quiet.",
        hint="such as 22:30",
        other=_clock,
        doubt=_early_to_bed,
    ),
    Question(
        key="profile.fluids",
        ask=(
            "Has anyone told you to limit or watch fluids, or do you have heart, kidney or liver disease, dialysis, "
            "low sodium, or take water tablets?"
        ),
        why="If so, or if you are not sure, you are never reminded to drink: it could harm you.",
        hint="y, n, or ? for not sure",
        answers={"y": "limited", "yes": "limited", "not sure": "limited", "?": "limited", "n": "free", "no": "free"},
        said={"limited": "yes or not sure", "free": "no"},
    ),
    Question(
        key="profile.balance",
        ask="Are you steady on your feet, with no leg injury or surgery lately?",
        why="The stretches are done sitting. Only steady feet are ever offered standing ones.",
        hint="y or n",
        answers={"y": "steady", "yes": "steady", "n": "unsteady", "no": "unsteady"},
        said={"steady": "yes", "unsteady": "no"},
    ),
    Question(
        key="profile.pregnant",
        ask="Are you pregnant?",
        why="If so, your midwife comes first: a stretch is then shown for a cramp itself only.",
        hint="y or n",
        answers=YES_NO,
    ),
    Question(
        key="profile.anticoagulant",
        ask="Do you take a medicine against blood clots, such as warfarin?",
        why="Some supplements that people try against cramps do not go with it.",
        hint="y or n",
        answers=YES_NO,
    ),
    Question(
        key="profile.country",
        ask="Which country are you in?",
        why="It decides which number you are told to call. Left out, it goes by your time zone.",
        hint="two letters, such as GB",
        other=_country,
    ),
)
