"""The values with which plugins explain a cause or a measure: every claim with its grade and its sources.

What has no grade or no source cannot be made: the person reads none of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

from crampcoach.checks import as_tuple, check_choice, check_line, check_name, check_text

if TYPE_CHECKING:
    from crampcoach.context import Context

Grade: TypeAlias = Literal["high", "moderate", "low", "very-low", "none-found", "advice"]
#: The strongest evidence first.
GRADES: tuple[Grade, ...] = get_args(Grade)
#: What a grade says, in one line. It grades the claim that it stands with, not the topic.
GRADE_MEANS: dict[Grade, str] = {
    "high": "more studies are very unlikely to change this",
    "moderate": "probably right, with one important weakness",
    "low": "may be right; the studies are small, few or indirect",
    "very-low": "little more than a guess with some data behind it",
    "none-found": "looked for, and no study that tests this was found",
    "advice": "a definition or what health services advise; not graded research",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a claim comes from. `id` is what claims name; `checked_on`: when advice that may change was last read."""

    id: str
    title: str
    authors: str = ""
    year: int | None = None
    venue: str = ""
    doi: str = ""
    url: str = ""
    checked_on: date | None = None

    def __post_init__(self) -> None:
        what = f"Source {self.id!r}"
        if not isinstance(self.id, str) or not re.fullmatch(r"[a-z0-9][a-z0-9_.-]{0,59}", self.id):
            raise ValueError(f"{what}: use a short id of lower-case letters, digits, '-', '_' and '.'")
        check_text(f"{what}: title", self.title)
        for name in ("authors", "venue", "doi", "url"):
            check_text(f"{what}: {name}", getattr(self, name), empty=True)
        if self.year is not None and type(self.year) is not int:
            raise TypeError(f"{what}: year={self.year!r}: give a whole number, or None")
        if self.checked_on is not None and type(self.checked_on) is not date:
            raise TypeError(f"{what}: checked_on={self.checked_on!r}: give a date, or None")


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One thing that is said, how sure anybody can be of it, and the ids of its sources.

    about: what the grade is of, where an explainer has several claims: "severity", "how often".
    """

    text: str
    grade: Grade
    sources: Sequence[str]
    about: str = ""

    def __post_init__(self) -> None:
        check_text("Claim: text", self.text)
        what = f"Claim {self.text[:40]!r}"
        check_choice(f"{what}: grade", self.grade, Grade)
        check_text(f"{what}: about", self.about, empty=True)
        as_tuple(self, "sources", str, f"{what}: sources")
        if not self.sources:
            raise ValueError(f"{what} has no sources: name at least one")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """What the person's entries say about an explainer: whole sentences in counts, each with its n. Never a cause.

    speaks_for, speaks_against: what is in the log. neither: what is in it too, and speaks on neither side.
    not_recorded: what would tell, and is not in it.
    """

    speaks_for: Sequence[str] = ()
    speaks_against: Sequence[str] = ()
    neither: Sequence[str] = ()
    not_recorded: Sequence[str] = ()

    def __post_init__(self) -> None:
        for name in ("speaks_for", "speaks_against", "neither", "not_recorded"):
            as_tuple(self, name, str, f"Fit: {name}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Explainer:
    """One cause or measure: `crampcoach explain NAME`.

    name: its id, lower-case. title: as people say it. group: under which it is listed. summary: one line.
    claims: what is said, the main one first; its grade stands in the list, with what that is of (`Claim.about`).
    sources: every source that a claim names.
    see: when to see someone, in words. limits: what is not known. in_log: what it may look like in a log.
    people_try: what people try. article: what the article this project grew out of says about it, and what is known.
    also_called: everyday names by which it is found. found_by: more words that people type for it, and that are not
    shown: slips, and names that would frighten whoever did not type them. related: ids of others worth reading.
    fits: `fits(ctx)` returns a Fit, or None where nothing can be said; it only reads `ctx.log`, which has the entries
    of the time that is looked at and no others.
    """

    name: str
    title: str
    group: str
    summary: str
    claims: Sequence[Claim]
    sources: Sequence[Source]
    see: str
    limits: str
    in_log: str = ""
    people_try: str = ""
    article: str = ""
    also_called: Sequence[str] = ()
    found_by: Sequence[str] = ()
    related: Sequence[str] = ()
    fits: Callable[[Context[Any]], Fit | None] | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        check_name("Explainer: name", self.name)
        what = f"Explainer {self.name!r}"
        check_line(f"{what}: group", self.group)
        for name in ("title", "summary", "see", "limits"):
            check_text(f"{what}: {name}", getattr(self, name))
        for name in ("in_log", "people_try", "article"):
            check_text(f"{what}: {name}", getattr(self, name), empty=True)
        as_tuple(self, "claims", Claim, f"{what}: claims")
        as_tuple(self, "sources", Source, f"{what}: sources")
        for name in ("also_called", "found_by", "related"):
            as_tuple(self, name, str, f"{what}: {name}")
        if not self.claims:
            raise ValueError(f"{what} has no claims: say at least one, with its grade and sources")
        known = [source.id for source in self.sources]
        for claim in self.claims:
            if missing := [one for one in claim.sources if one not in known]:
                raise ValueError(f"{what}: a claim names the source {missing[0]!r}, which is not among its sources")
        if self.fits is not None and not callable(self.fits):
            raise TypeError(f"{what}: fits must be a function, not {self.fits!r}")

    @property
    def grade(self) -> Grade:
        """The grade of its main claim."""
        return self.claims[0].grade

    @property
    def about(self) -> str:
        """What that grade is of: "harm", and not the whole; empty where the claim says nothing of it."""
        return self.claims[0].about
