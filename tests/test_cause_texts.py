"""What the explainers say is what the evidence says: grades, figures and sources are held to their records.

`pytest tests/test_cause_texts.py -k ID` checks one text; `-s` prints how easy they are to read.
"""

from __future__ import annotations

import re
import statistics
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from crampcoach.explaining.explainer import GRADES, Claim
from crampcoach.explaining.texts import named
from crampcoach.model import Problem
from crampcoach.safety.never_said import said_in
from crampcoach_causes.reading import GROUPS, LISTED_AS, VERDICTS, article_claims, listed, read_all, sources, words
from test_texts import reading_ease, sentences

pytestmark = [pytest.mark.pure, pytest.mark.once]

TOP = Path(__file__).resolve().parent.parent
CAUSES = TOP / "plugins" / "crampcoach_causes"
#: Titled by what is seen and felt: their names frighten, and are never what a person "has".
BY_SYMPTOM = ("dx-mnd", "dx-dvt", "dx-acute-limb-ischaemia", "dx-compartment", "dx-rest-pain-clti")
#: Nobody is offered these: crampcoach records them at most.
NEVER_OFFERED = (
    "m-quinine", "m-magnesium", "m-vitamin-k2", "m-vitamin-b", "m-electrolytes", "m-pickle-juice", "m-compression",
    "m-knowledge-therapy",
)  # fmt: skip
PROSE = ("title", "summary", "see", "limits", "in_log", "people_try")
#: Names of illnesses that stand in no list.
FRIGHTENING = re.compile(
    r"disease|thrombo|clot|isch|syndrome|compartment|neuron|lateral|\bals\b|dvt|mnd|clti|gangrene", re.IGNORECASE
)
#: A long sentence here and there is needed for a list of signs.
LONGEST_SENTENCE = 34
#: Words that no text uses elsewhere, and why they stand here.
EXCEPTIONS: dict[str, dict[str, str]] = {}


@cache
def records() -> dict[str, Any]:
    return tomllib.loads((TOP / "tests" / "evidence_records.toml").read_text("utf-8"))


@cache
def texts() -> dict[str, dict[str, Any]]:
    return {path.stem: tomllib.loads(path.read_text("utf-8")) for path in sorted((CAUSES / "texts").glob("*.toml"))}


def wanted() -> list[str]:
    return [name for name in records() if name.startswith(("cause-", "dx-", "m-", "epi-"))]


def said(text: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Everything that a person reads of a text, with its place."""
    for key in PROSE:
        yield key, text.get(key, "")
    for number, claim in enumerate(text["claims"], 1):
        yield f"claim {number}", claim["text"]
    yield "also_called", ", ".join(text.get("also_called", []))


def figures(text: str) -> set[float]:
    """What is written in digits; not those of a name, such as HbA1c or K2."""
    found = re.findall(r"(?<![A-Za-z\d.,])\d[\d,]*(?:\.\d+)?", text)
    return {float(one.rstrip(",").replace(",", "")) for one in found}


def test_every_record_has_its_text() -> None:
    assert sorted(texts()) == sorted(wanted())


@pytest.mark.parametrize("name", texts())
def test_a_text_has_all_that_it_needs(name: str) -> None:
    text = texts()[name]
    extra = set(text) - {*PROSE, "group", "also_called", "related", "claims"}
    assert not extra, f"unknown keys: {extra}"
    for key in ("title", "summary", "see", "limits"):
        assert text[key].strip(), f"{key} is empty"
    assert text["group"] in GROUPS
    assert len(text["summary"]) <= 90, f"summary is {len(text['summary'])} characters long"
    assert name not in text.get("related", [])
    assert set(text.get("related", [])) <= set(wanted())
    for claim in text["claims"]:
        Claim(**claim)
    if name in NEVER_OFFERED:
        assert not text.get("people_try"), "it is not to be offered"


@pytest.mark.parametrize("name", texts())
def test_grades_are_those_of_the_record(name: str) -> None:
    """None is stronger than the record's strongest; where the record is weak, a claim says so."""
    graded = {claim["grade"] for claim in texts()[name]["claims"]}
    record = set(records()[name]["grades"])
    # "advice", what health services say, is no grade of research, and anything may be known too little to be graded.
    strongest = min((GRADES.index(one) for one in record - {"advice"}), default=len(GRADES))
    stronger = {one for one in graded - {"advice"} if GRADES.index(one) < strongest}
    assert not stronger, f"the record has {sorted(record)}"
    assert {"none-found", "very-low"} & record <= graded, f"the record has {sorted(record)}"


@pytest.mark.parametrize("name", texts())
def test_sources_are_verified_ones_of_the_record(name: str) -> None:
    cited = {one for claim in texts()[name]["claims"] for one in claim["sources"]}
    assert cited <= set(records()[name]["sources"]), "a source that the record does not name"
    assert cited <= set(sources()), "a source that sources.toml lacks"


def test_every_source_that_may_be_cited_was_read_and_a_page_that_may_change_says_when() -> None:
    assert set(sources()) <= set(records()["verified"]["sources"])
    paper = r"pubmed\.|thefreelibrary\.com/A\+general\+population"  # what was printed stays as it is
    for one in sources().values():
        assert one.doi or one.checked_on or re.search(paper, one.url) or one.id == "founding-article", one.id


@pytest.mark.parametrize("name", texts())
def test_figures_are_those_of_the_record(name: str) -> None:
    own = {float(one) for one in records()[name]["figures"]}
    flags = {float(one) for one in records()["red-flags"]["figures"]}
    for place, text in said(texts()[name]):
        allowed = own | flags if place == "see" else own
        assert figures(text) <= allowed, f"{place}: {sorted(figures(text) - allowed)} do not stand in the record"


RANGE = re.compile(r"\(likely range (\d[\d.]*)[^\d)]* to (\d[\d.]*)")


@pytest.mark.parametrize("name", texts())
def test_a_range_is_that_of_its_figure(name: str) -> None:
    own = {tuple(map(float, one.split())) for one in records()[name]["ranges"]}
    for place, text in said(texts()[name]):
        assert text.count("(likely range") == len(RANGE.findall(text)), f"{place}: it would not be read"
        for one in RANGE.finditer(text):
            low, high = sorted(map(float, one.groups()))
            sentence = re.split(r"[.?!] ", text[: one.start()])[-1]
            assert {(figure, low, high) for figure in figures(sentence)} & own, f"{place}: {sentence}{one[0]})"


@pytest.mark.parametrize("name", texts())
def test_words_that_no_text_uses(name: str) -> None:
    for place, text in said(texts()[name]):
        for word, why in said_in(text):
            assert word.casefold() in EXCEPTIONS.get(name, {}), f"{place}: {word!r}: {why}"


@pytest.mark.parametrize("name", texts())
def test_sentences_are_short_and_plain(name: str) -> None:
    for place, text in said(texts()[name]):
        if place != "also_called":
            for sentence in sentences(text):
                assert len(sentence.split()) <= LONGEST_SENTENCE, f"{place}: too long: {sentence!r}"


def test_five_are_titled_by_what_is_seen_and_felt() -> None:
    assert set(LISTED_AS) == set(BY_SYMPTOM)
    for one in read_all():
        if one.name in LISTED_AS.values():
            shown = (one.name, one.title, one.summary, one.group, *one.also_called)
            assert not FRIGHTENING.search(" ".join(shown)), one.name
        assert not set(one.related) & set(BY_SYMPTOM), one.name
    assert all(FRIGHTENING.search(each) for each in (*BY_SYMPTOM, "ALS", "A clot")), "and it would be seen"


def test_every_word_that_people_type_finds_its_text_or_is_answered_with_each_that_may_be_meant() -> None:
    known = {one.name: one for one in read_all()}
    assert set(words()) <= set(texts())
    typed: dict[str, list[str]] = {}
    for record in texts():
        for word in (record, *words().get(record, ())):
            typed.setdefault(word, []).append(listed(record))
    for word, names in typed.items():
        if len(names) == 1:
            assert named(known, word) == names[0], word
        else:
            with pytest.raises(Problem) as caught:
                named(known, word)
            assert all(f"{name} (" in str(caught.value) for name in names), word


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("cramps", "dx-nlc-criteria"),
        ("why do I get leg cramps?", "dx-nlc-criteria"),
        ("charley horse", "dx-nlc-criteria"),
        ("my leg is swollen", "dx-one-leg"),
        ("blood clots", "dx-one-leg"),
        ("dx-dvt", "dx-one-leg"),
        ("DVT", "dx-one-leg"),
        ("my foot is cold and pale", "dx-cold-foot"),
        ("ALS", "dx-growing-weakness"),
        ("dx-mnd", "dx-growing-weakness"),
        ("cramp at night", "epi-night"),
        ("nocturnal leg cramps", "dx-nlc-criteria"),
        ("parkinson", "cause-neuro-other"),
        ("water", "m-hydration"),
        ("mind", "cause-psychosomatic"),
        ("cant move my foot", "dx-cold-foot"),
        ("I can't move my toes", "dx-cold-foot"),
        ("white toes", "dx-cold-foot"),
        ("cold toes", "dx-cold-foot"),
        ("toes", "cause-feet-toes"),
        ("urge to move my legs", "dx-restless-legs"),
        ("incontinence", "dx-sciatica"),
        ("numb between my legs", "dx-sciatica"),
        ("stroke", "cause-arterial"),
        ("heart attack", "cause-arterial"),
        ("suicidal", "cause-stress"),
        ("I do not want to live", "cause-stress"),
    ],
)
def test_what_a_person_types_is_understood(typed: str, name: str) -> None:
    assert named({one.name: one for one in read_all()}, typed) == name


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("numb leg", ("dx-cold-foot", "dx-neuropathy", "dx-sciatica")),
        ("numb toes", ("dx-cold-foot", "dx-neuropathy")),
        ("cold feet", ("dx-cold-foot", "cause-arterial")),
        ("hurt myself", ("cause-muscle-injury", "cause-stress")),
        ("heart", ("cause-arterial", "m-hydration-limits")),
    ],
)
def test_what_may_be_one_thing_or_another_is_answered_with_each(typed: str, names: tuple[str, ...]) -> None:
    with pytest.raises(Problem, match=r".* or ".join(rf"{name} \(" for name in names)):
        named({one.name: one for one in read_all()}, typed)


@pytest.mark.parametrize("word", ["chest pain", "heart attack", "stroke", "suicidal", "incontinence", "white toes"])
def test_a_word_for_an_emergency_leads_to_when_to_call(word: str) -> None:
    known = {one.name: one for one in read_all()}
    first = known[named(known, word)].see.strip().partition("\n\n")[0]
    assert "all the emergency number (112, 999 or 911 in many countries)" in first
    words = {"heart attack": "chest pain", "stroke": "a face, an arm or speech", "suicidal": "harming yourself"}
    assert words.get(word, "") in known[named(known, word)].see


@pytest.mark.parametrize("name", [*texts(), "the article"])
def test_two_legs_that_cramp_are_no_emergency(name: str) -> None:
    """RF-CES of the evidence is sciatica in both legs, not any pain in both."""
    article = ("the article", " ".join(one.known for one in article_claims()))
    for place, text in [article] if name == "the article" else said(texts()[name]):
        for found in re.finditer(r"[^.\n]*\bdown both legs", text):
            assert re.search(r"nerve pain \(sciatica\) .*from the back or bottom down", found[0], re.IGNORECASE), place


def test_reading_ease() -> None:
    """As printed with -s; a text may be harder than the others, not hard."""
    eases = {
        name: reading_ease(" ".join(one for place, one in said(text) if place != "also_called"))
        for name, text in texts().items()
    }
    hardest = sorted(eases.items(), key=lambda item: item[1])[:5]
    print(f"\nexplainers: median {statistics.median(eases.values()):.0f}, hardest {hardest}")
    assert statistics.median(eases.values()) >= 65
    assert min(eases.values()) >= 45, hardest


# --- the article -----------------------------------------------------------------------------------------------


def test_every_claim_of_the_article_is_answered() -> None:
    claims = article_claims()
    assert [one.id for one in claims] == [f"S{number}" for number in range(1, 23)]
    for one in claims:
        assert one.verdict in VERDICTS
        assert one.answered_by, one.id
        assert set(one.answered_by) <= set(wanted()), one.id
        figured = {float(figure) for name in one.answered_by for figure in records()[name]["figures"]}
        assert figures(f"{one.says} {one.known}") <= figured, one.id


def test_a_verdict_of_growing_pains_says_no_more_than_is_known() -> None:
    """Nothing about growth was measured, and no study shows that feelings bring them on."""
    told = {one.id: one.told for one in article_claims()}
    for name in ("S5", "S6"):
        assert not any(verdict in told[name] for verdict in VERDICTS.values())
    assert "the teens. The age at which they come contradicts that. The usual age is" in told["S5"]
    assert "the mind. Some doctors have indeed thought so. No study was found that shows it." in told["S6"]


def test_no_sentence_of_the_article_is_copied() -> None:
    """Runs of its words are told from our own by length; the article itself is not part of this repository."""
    for one in article_claims():
        assert len(one.says.split()) <= 30, f"{one.id}: say it shorter"
