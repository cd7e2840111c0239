"""What explainers say, in the order in which it is to be read; how one is found; and where it all comes from.

When to see someone comes before anything that might be tried. What people try waits while a sign that needs a doctor
is open.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from crampcoach.document import Document, Point, Section, blocks, plain
from crampcoach.explainer import GRADE_MEANS, Claim, Explainer, Grade, Source
from crampcoach.model import Problem
from crampcoach.options import did_you_mean

CLOSING = "This is information, not a diagnosis."
#: More than these are not named in a sentence.
_SOME = 5


# --- one explainer ---------------------------------------------------------------------------------------------


def explained(
    one: Explainer, *, related: Mapping[str, str], origin: str = "", waits: str = "", closing: Sequence[str] = ()
) -> Document:
    """An explainer as a document.

    related: the titles of others, by id. origin: where it comes from, if it is not bundled. waits: why nothing is to be
    tried now; empty where nothing speaks against it.
    """
    numbers = {source.id: number for number, source in enumerate(one.sources, 1)}
    sections = [
        ("When to see someone", blocks(one.see)),
        ("What is known", tuple(_said(claim, numbers) for claim in one.claims)),
        ("What it may look like in a log", blocks(one.in_log)),
        ("What people try", blocks(waits if one.people_try and waits else one.people_try)),
        ("The article this project grew out of", blocks(one.article)),
        ("What is not known", blocks(one.limits)),
        ("Sources", tuple(_source(source, numbers[source.id]) for source in one.sources)),
        ("Read also", tuple(Point(f"{plain(related[name])}: {name}") for name in one.related if name in related)),
    ]
    also = f"Also called: {plain(', '.join(one.also_called))}." if one.also_called else ""
    return Document(
        title=plain(one.title),
        about=plain(one.summary),
        sections=[Section(title, given) for title, given in sections if given],
        closing=[text for text in (also, f"From {plain(origin)}." if origin else "", CLOSING, *closing) if text],
    )


def _said(claim: Claim, numbers: Mapping[str, int]) -> Point:
    about = f"{plain(claim.about)}: " if claim.about else ""
    refs = ", ".join(str(number) for number in sorted(numbers[name] for name in set(claim.sources)))
    return Point(f"{about}{plain(claim.text)}", [f"Grade {said(claim.grade)}: {GRADE_MEANS[claim.grade]} [{refs}]"])


def _source(source: Source, number: int) -> Point:
    return Point(cited(source), address=address(source), number=number)


def said(grade: Grade) -> str:
    """A grade as people read it."""
    return grade.replace("-", " ")


def cited(source: Source) -> str:
    """A source as one line, without its address."""
    where = ", ".join(filter(None, [source.venue, str(source.year or "")]))
    parts = [plain(part).rstrip(".") for part in (source.authors, source.title, where) if part.strip()]
    read = f" (read on {source.checked_on:%Y-%m-%d})" if source.checked_on else ""
    return f"{'. '.join(parts)}.{read}"


def address(source: Source) -> str:
    """Where a source can be read; empty where neither DOI nor address is known."""
    doi = re.sub(r"^(https?://(dx\.)?doi\.org/|doi:\s*)", "", plain(source.doi))
    return f"https://doi.org/{doi}" if doi else plain(source.url)


def as_object(one: Explainer, *, waits: str = "") -> dict[str, Any]:
    """An explainer for programs. `held`: why nothing is to be tried now."""
    return {
        "name": one.name,
        "title": one.title,
        "group": one.group,
        "summary": one.summary,
        "grade": one.grade,
        "see": one.see,
        "claims": [
            {"text": each.text, "about": each.about, "grade": each.grade, "means": GRADE_MEANS[each.grade],
             "sources": list(each.sources)}
            for each in one.claims
        ],
        "in_log": one.in_log,
        "people_try": "" if waits else one.people_try,
        "held": waits,
        "article": one.article,
        "limits": one.limits,
        "also_called": list(one.also_called),
        "related": list(one.related),
        "sources": [source_object(source) for source in one.sources],
    }  # fmt: skip


def source_object(source: Source) -> dict[str, Any]:
    """A source for programs."""
    names = ("id", "authors", "title", "venue", "year", "doi", "url", "checked_on")
    return {**{name: getattr(source, name) for name in names}, "address": address(source)}


# --- finding one -----------------------------------------------------------------------------------------------


def named(known: Mapping[str, Explainer], words: str) -> str:
    """The id of the explainer that somebody means by its id, the end of it, its title or an everyday name.

    Raises Problem.
    """
    if words in known:
        return words
    asked = _folded(words)
    found = [name for name, one in known.items() if asked in {_folded(each) for each in _names(one)}]
    if len(found) == 1:
        return found[0]
    if found:
        raise Problem(f"{words!r} may be {' or '.join(found)}; name one of them")
    near = did_you_mean(words.lower(), [each.lower() for one in known.values() for each in _names(one)])
    if "did you mean" not in near and (hits := search(known, words)):
        near = f"; it is spoken of in {', '.join(hits[:_SOME])}"
    raise Problem(f"there is no explainer {words!r}{near or '; `crampcoach explain` lists them'}")


def _names(one: Explainer) -> tuple[str, ...]:
    return one.name, one.name.partition("-")[2] or one.name, one.title, *one.also_called


def search(known: Mapping[str, Explainer], words: str) -> list[str]:
    """The ids of those in which every word stands, or begins one: by name first, then by what they are about."""
    wanted = _folded(words).split()
    if not wanted:
        return []
    ranked = []
    for name, one in known.items():
        for rank, texts in enumerate(_texts(one)):
            there = {word for text in texts for word in _folded(text).split()}
            if all(any(word.startswith(part) for word in there) for part in wanted):
                ranked.append((rank, name))
                break
    return [name for _, name in sorted(ranked, key=lambda one: one[0])]


def _texts(one: Explainer) -> Iterator[list[str]]:
    """What may be looked through, the most telling first, each time with what came before."""
    texts = [*_names(one)]
    yield texts
    texts += [one.summary, one.group]
    yield texts
    texts += [*(f"{claim.about} {claim.text}" for claim in one.claims), one.in_log, one.people_try]
    yield [*texts, one.article, one.limits, one.see]


def _folded(text: str) -> str:
    """Words without case, accents and signs."""
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(sign))
    return " ".join(re.findall(r"\w+", bare.replace("_", " ")))


# --- sources ---------------------------------------------------------------------------------------------------


def sources(explainers: Iterable[Explainer]) -> dict[Source, list[str]]:
    """Every source with the ids of those that name it, by author and year."""
    found: dict[Source, list[str]] = {}
    for one in explainers:
        for source in one.sources:
            found.setdefault(source, []).append(one.name)
    return dict(sorted(found.items(), key=lambda pair: (cited(pair[0]).casefold(), pair[0].id)))
