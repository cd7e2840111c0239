"""What explainers say, in the order in which it is to be read; how one is found; and where it all comes from.

When to see someone comes before anything that might be tried. What people try waits while a sign that needs a doctor
is open.
"""

from __future__ import annotations

import difflib
import re
import shlex
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from crampcoach.explaining.document import Document, Point, Section, blocks, plain
from crampcoach.explaining.explainer import GRADE_MEANS, Claim, Explainer, Grade, Source
from crampcoach.model import Entry, Problem
from crampcoach.safety.flags import RedFlag, raised, red_flags

CLOSING = "This is information, not a diagnosis."
MIDWIFE = "You said that you are pregnant. Please ask your midwife first about cramps."
#: Whoever finds nothing may have looked for a sign.
LEADS_ON = "`crampcoach check-symptoms` goes through signs that need a doctor."
#: More than these are not named in a sentence.
_SOME = 4
#: How alike a slip and a name are. Less would take "stretching" for "twitching".
_NEAR = 0.8
#: Words of a question that say nothing of what is meant.
_FILLING = frozenset({
    "a", "about", "against", "am", "an", "and", "are", "at", "can", "do", "does", "for", "from", "get", "getting",
    "had", "has", "have", "having", "help", "how", "hurt", "i", "if", "in", "is", "it", "its", "keep", "me", "my",
    "of", "on", "or", "s", "so", "that", "the", "them", "they", "this", "to", "was", "what", "when", "which", "why",
    "with", "you", "your",
})  # fmt: skip
_DENYING = frozenset({"no", "not", "never", "without"})
#: A phrase of so many telling words is known in any order, and with others between: "lost bladder control".
_TELLING = 3
#: What counts only where it is typed to look something up: from what somebody wrote, this flag is never guessed.
_LOOKED_UP = {
    "RF-MOOD": (
        "suicide", "suicidal", "self-harm", "harm myself", "harming myself", "kill myself", "killing myself",
        "end my life", "ending my life", "want to die", "not want to live", "dont want to live",
    )
}  # fmt: skip


# --- one explainer ---------------------------------------------------------------------------------------------


def explained(
    one: Explainer, *, related: Mapping[str, str], origin: str = "", waits: str = "", first: str = ""
) -> Document:
    """An explainer as a document.

    related: the titles of others, by id. origin: where it comes from, if it is not bundled. waits: why nothing is to be
    tried now; empty where nothing speaks against it. first: what comes before anything is tried.
    """
    numbers = {source.id: number for number, source in enumerate(one.sources, 1)}
    sections = [
        ("When to see someone", blocks(one.see)),
        ("What is known", tuple(_said(claim, numbers) for claim in one.claims)),
        ("What it may look like in a log", blocks(one.in_log)),
        ("What people try", blocks(waits if one.people_try and waits else _tried(one, first))),
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
        closing=[text for text in (also, f"From {plain(origin)}." if origin else "", CLOSING) if text],
    )


def _tried(one: Explainer, first: str) -> str:
    return "\n\n".join(filter(None, [first, one.people_try])) if one.people_try else ""


def _said(claim: Claim, numbers: Mapping[str, int]) -> Point:
    about = f"{plain(claim.about)}: " if claim.about else ""
    refs = ", ".join(str(number) for number in sorted(numbers[name] for name in set(claim.sources)))
    return Point(f"{about}{plain(claim.text)}", [f"Grade {said(claim.grade)}: {GRADE_MEANS[claim.grade]} [{refs}]"])


def _source(source: Source, number: int) -> Point:
    return Point(cited(source), address=address(source), number=number)


def said(grade: Grade) -> str:
    """A grade as people read it."""
    return grade.replace("-", " ")


def of_what(one: Explainer) -> str:
    """What the grade in the list is of, as it stands behind it; empty where that is the whole."""
    return f"({plain(one.about)})" if one.about else ""


def cited(source: Source) -> str:
    """A source as one line, without its address."""
    where = ", ".join(filter(None, [source.venue, str(source.year or "")]))
    parts = [plain(part) for part in (source.authors, source.title, where) if part.strip()]
    read = f" (read on {source.checked_on:%Y-%m-%d})" if source.checked_on else ""
    return " ".join(part if part.endswith((".", "?", "!")) else f"{part}." for part in parts) + read


def address(source: Source) -> str:
    """Where a source can be read; empty where neither DOI nor address is known."""
    doi = re.sub(r"^(https?://(dx\.)?doi\.org/|doi:\s*)", "", plain(source.doi))
    return f"https://doi.org/{doi}" if doi else plain(source.url)


def as_object(one: Explainer, *, waits: str = "", first: str = "") -> dict[str, Any]:
    """An explainer for programs. `held`: why nothing is to be tried now."""
    return {
        "name": one.name,
        "title": one.title,
        "group": one.group,
        "summary": one.summary,
        "grade": one.grade,
        "about": one.about,
        "see": one.see,
        "claims": [
            {"text": each.text, "about": each.about, "grade": each.grade, "means": GRADE_MEANS[each.grade],
             "sources": list(each.sources)}
            for each in one.claims
        ],
        "in_log": one.in_log,
        "people_try": "" if waits else _tried(one, first),
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

    Where no name is meant as a whole, the one in whose names every word stands. Raises Problem.
    """
    if words in known:
        return words
    nothing = f"there is no explainer {words!r}"
    none = Problem(f"{nothing}; `crampcoach explain` lists them. {LEADS_ON}")
    if not (asked := _telling(words)):
        raise none
    found = [name for name, one in known.items() if asked in map(_telling, _names(one))]
    found = found or _standing_in(known, words, 1)
    if len(found) == 1:
        return found[0]
    if 0 < len(found) <= _SOME:
        raise Problem(f"{words!r} may be {' or '.join(_titled(known, found))}; name one of them")
    if not found and (near := _near(known, words)):
        raise Problem(f"{nothing}; did you mean {near!r}? {LEADS_ON}")
    if found := found or search(known, words):
        told = ", ".join(_titled(known, found[:_SOME]))
        more = f"; `crampcoach explain --search {shlex.quote(words)}` lists all" if len(found) > _SOME else ""
        raise Problem(f"{nothing}; it is spoken of in {told}{more}. {LEADS_ON}")
    raise none


def is_called(one: Explainer, names: Collection[str]) -> bool:
    """Whether one of these is what it is called, as a whole; what is not shown counts for nothing."""
    return not {_telling(name) for name in names}.isdisjoint(map(_telling, _shown_names(one)))


def in_group(known: Mapping[str, Explainer], words: str) -> list[str]:
    """The ids of a group's, if these words are its name."""
    return [name for name, one in known.items() if _folded(one.group) == _folded(words)]


def _titled(known: Mapping[str, Explainer], names: Iterable[str]) -> list[str]:
    """Each with its title: an id alone says little."""
    return [f"{name} ({plain(known[name].title)})" for name in names]


def _near(known: Mapping[str, Explainer], words: str) -> str:
    """The name that is nearest to a slip. The first letter is seldom wrong: "chest pain" is no "rest pain"."""
    slip = words.casefold()
    names = {each.casefold() for one in known.values() for each in _names(one)}
    near = difflib.get_close_matches(slip, sorted(one for one in names if one[:1] == slip[0]), n=1, cutoff=_NEAR)
    return near[0] if near else ""


def _names(one: Explainer) -> tuple[str, ...]:
    return *_shown_names(one), *one.found_by


def _shown_names(one: Explainer) -> tuple[str, ...]:
    return one.name, one.name.partition("-")[2] or one.name, one.title, *one.also_called


def search(known: Mapping[str, Explainer], words: str) -> list[str]:
    """The ids of those in which every word stands, or begins one: by name first, then by what they are about."""
    return _standing_in(known, words, 3)


def _standing_in(known: Mapping[str, Explainer], words: str, ranks: int) -> list[str]:
    wanted = _telling(words) or _stems(words)
    if not wanted:
        return []
    ranked = []
    for name, one in known.items():
        for rank, texts in enumerate(islice(_texts(one), ranks)):
            there = {stem for text in texts for stem in _stems(text)}
            # What is short begins too much: "als" is not meant by "also".
            if all(
                part in there or (len(part) > 3 and any(stem.startswith(part) for stem in there)) for part in wanted
            ):
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


def _telling(text: str) -> frozenset[str]:
    """The words that say what is meant, in whatever order: "my leg is swollen" is a swollen leg."""
    return _stems(text) - _FILLING


def _stems(text: str) -> frozenset[str]:
    """The words of a text, of one thing and of many alike."""
    return frozenset(
        word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
        for word in _folded(text).split()
    )


def _folded(text: str) -> str:
    """Words without case, accents and signs."""
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(sign))
    return " ".join(re.findall(r"\w+", bare.replace("_", " ")))


# --- emergencies -----------------------------------------------------------------------------------------------


def emergencies(words: str) -> list[str]:
    """The ids of the red flags with level `now` of which words tell that are typed to look something up. No entry."""
    flags = {one.id for one in raised(Entry(kind="words", note=words))}
    asked = _telling(_bare(words))
    return [one.id for one in red_flags() if one.level == "now" and (one.id in flags or _tells(asked, one))]


def _tells(asked: frozenset[str], one: RedFlag) -> bool:
    phrases = [(_telling(_bare(phrase)), _TELLING) for phrase in one.words]
    phrases += [(_telling(_bare(phrase)), 1) for phrase in _LOOKED_UP.get(one.id, ())]
    return any(len(phrase) >= enough and phrase <= asked and asked & _DENYING <= phrase for phrase, enough in phrases)


def _bare(words: str) -> str:
    return re.sub("['`\u2019]", "", words)


# --- sources ---------------------------------------------------------------------------------------------------


def sources(explainers: Iterable[Explainer]) -> dict[Source, list[str]]:
    """Every source with the ids of those that name it, by author and year."""
    found: dict[Source, list[str]] = {}
    for one in explainers:
        for source in one.sources:
            found.setdefault(source, []).append(one.name)
    return dict(sorted(found.items(), key=lambda pair: (cited(pair[0]).casefold(), pair[0].id)))
