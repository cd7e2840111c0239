"""`explain`: when to see someone comes first, every claim with its grade and source, and whoever is meant is found."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import get_args

import pytest

from agent_process import Nest
from coaching import coach_of, log, said
from commands import Commands
from crampcoach import Claim, Explainer, Problem, Source
from crampcoach.advice import HEADINGS
from crampcoach.explaining.document import Document, Point
from crampcoach.explaining.explainer import GRADE_MEANS, GRADES, Grade
from crampcoach.explaining.texts import (
    LEADS_ON,
    address,
    as_object,
    cited,
    emergencies,
    explained,
    is_called,
    named,
    search,
    sources,
)
from crampcoach.safety.flags import red_flags
from crampcoach.testing import Coach
from person import Person
from pseudo_terminal import typing

DOE = Source(
    id="doe-2020",
    title="Tea and cramps: a trial.",
    authors="Doe J, Roe R",
    year=2020,
    venue="Cups 12:1-9",
    doi="10.1002/14651858.CD009402-a-long-identifier.pub2",
)
SERVICE = Source(
    id="service", title="Cramps", authors="A health service", url="https://example.org/", checked_on=date(2026, 11, 22)
)
TEA = Explainer(
    name="cause-tea",
    title="Tea",
    group="Food and drink",
    summary="Probably makes no difference.",
    claims=[
        Claim(text="8 of 20 had cramps,\n  and 9 of 21.", grade="very-low", sources=["doe-2020"], about="how often"),
        Claim(text="No service names it.", grade="advice", sources=["service", "doe-2020"]),
    ],
    sources=[DOE, SERVICE],
    see="See a doctor if:\n- it is red\n\nOr numb.",
    limits="One study.",
    in_log="Cramps on days with tea.",
    people_try="Some drink less.",
    article="It says nothing.",
    also_called=["Caffè latte", "charley horse", "did it help"],
    found_by=["herbs"],
    related=["cause-milk", "gone"],
)
MILK = replace(
    TEA, name="cause-milk", title="Milk", summary="Nobody knows.", also_called=["charley horse"], found_by=[],
    related=[], in_log="", people_try="", article="",
    claims=[Claim(text="None.", grade="none-found", sources=["service"])], sources=[SERVICE],
)  # fmt: skip
FOOT = replace(MILK, name="dx-cold", title="A cold, pale foot", group="Something else", also_called=[], limits="Tea.")
KNOWN = {one.name: one for one in (TEA, MILK, FOOT)}


def text_of(document: Document) -> list[tuple[str, list[str]]]:
    """The sections with the text of their blocks."""
    return [
        (section.title, [block.text if isinstance(block, Point) else block for block in section.blocks])
        for section in document.sections
    ]


# --- what is said ----------------------------------------------------------------------------------------------


@pytest.mark.pure
def test_when_to_see_someone_comes_before_all_else() -> None:
    document = explained(TEA, related={"cause-milk": "Milk"})
    assert (document.title, document.about) == ("Tea", "Probably makes no difference.")
    assert text_of(document) == [
        ("When to see someone", ["See a doctor if:", "it is red", "Or numb."]),
        ("What is known", ["how often: 8 of 20 had cramps, and 9 of 21.", "No service names it."]),
        ("What it may look like in a log", ["Cramps on days with tea."]),
        ("What people try", ["Some drink less."]),
        ("The article this project grew out of", ["It says nothing."]),
        ("What is not known", ["One study."]),
        ("Sources", [cited(DOE), cited(SERVICE)]),
        ("Read also", ["Milk: cause-milk"]),
    ]
    assert document.closing == [
        "Also called: Caffè latte, charley horse, did it help.",
        "This is information, not a diagnosis.",
    ]


@pytest.mark.pure
def test_what_an_explainer_has_nothing_of_has_no_heading() -> None:
    titles = [title for title, _ in text_of(explained(MILK, related={}))]
    assert titles == ["When to see someone", "What is known", "What is not known", "Sources"]


@pytest.mark.pure
@pytest.mark.parametrize("grade", get_args(Grade))
def test_every_claim_has_its_grade_in_words_and_its_sources(grade: Grade) -> None:
    assert set(GRADES) == set(GRADE_MEANS)
    claims = [Claim(text="So.", grade=grade, sources=["service", "doe-2020", "service"])]
    (section,) = (
        one for one in explained(replace(TEA, claims=claims), related={}).sections if "known" in one.title[:14]
    )
    assert section.blocks == (Point("So.", [f"Grade {grade.replace('-', ' ')}: {GRADE_MEANS[grade]} [1, 2]"]),)


@pytest.mark.pure
def test_while_measures_are_held_nothing_is_to_be_tried() -> None:
    document = explained(TEA, related={}, waits="Held: ask.")
    assert dict(text_of(document))["What people try"] == ["Held: ask."]
    assert "What people try" not in dict(text_of(explained(MILK, related={}, waits="Held: ask.")))
    made = as_object(TEA, waits="Held: ask.")
    assert (made["people_try"], made["held"]) == ("", "Held: ask.")


@pytest.mark.pure
def test_what_comes_first_stands_before_what_people_try_and_alone_it_is_not_said() -> None:
    assert dict(text_of(explained(TEA, related={}, first="Ask."))).get("What people try") == [
        "Ask.",
        "Some drink less.",
    ]
    assert as_object(TEA, first="Ask.")["people_try"] == "Ask.\n\nSome drink less."
    held = explained(TEA, related={}, first="Ask.", waits="Held.")
    assert dict(text_of(held))["What people try"] == ["Held."]
    assert "What people try" not in dict(text_of(explained(MILK, related={}, first="Ask.")))
    assert as_object(MILK, first="Ask.")["people_try"] == ""


@pytest.mark.pure
def test_sources_as_they_are_cited() -> None:
    assert cited(DOE) == "Doe J, Roe R. Tea and cramps: a trial. Cups 12:1-9, 2020."
    assert cited(SERVICE) == "A health service. Cramps. (read on 2026-11-22)"
    assert cited(Source(id="x", title="Only this")) == "Only this."
    assert cited(Source(id="x", title="What helps?", year=2020)) == "What helps? 2020."
    assert address(DOE) == "https://doi.org/10.1002/14651858.CD009402-a-long-identifier.pub2"
    assert address(SERVICE) == "https://example.org/"
    for doi in ("https://doi.org/10.1/x", "doi: 10.1/x", "http://dx.doi.org/10.1/x", "10.1/x"):
        assert address(replace(DOE, doi=doi)) == "https://doi.org/10.1/x"
    assert address(Source(id="x", title="Only this")) == ""


@pytest.mark.pure
def test_a_source_stands_once_with_all_that_name_it() -> None:
    found = sources(KNOWN.values())
    assert list(found.items()) == [(SERVICE, ["cause-tea", "cause-milk", "dx-cold"]), (DOE, ["cause-tea"])]
    other = replace(SERVICE, title="Another")
    assert len(sources([TEA, replace(MILK, sources=[other])])) == 3, "one id of two plugins may mean two sources"


# --- finding ---------------------------------------------------------------------------------------------------


@pytest.mark.pure
@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("cause-tea", "cause-tea"),
        ("tea", "cause-tea"),
        ("Cause Tea", "cause-tea"),
        ("CAFFE LATTE", "cause-tea"),
        ("caffè-latte", "cause-tea"),
        ("a cold pale foot", "dx-cold"),
        ("milk", "cause-milk"),
        ("is it the milk?", "cause-milk"),
        ("my foot is cold", "dx-cold"),
        ("lattes", "cause-tea"),
        ("herb", "cause-tea"),
    ],
)
def test_one_is_meant_by_its_id_its_title_or_an_everyday_name(words: str, name: str) -> None:
    assert named(KNOWN, words) == name


@pytest.mark.pure
@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("charley horse", "'charley horse' may be cause-tea (Tea) or cause-milk (Milk); name one of them"),
        ("cuase-tea", f"there is no explainer 'cuase-tea'; did you mean 'cause-tea'? {LEADS_ON}"),
        ("Charly Hors", f"there is no explainer 'Charly Hors'; did you mean 'charley horse'? {LEADS_ON}"),
        ("difference", f"there is no explainer 'difference'; it is spoken of in cause-tea (Tea). {LEADS_ON}"),
        ("nothing near", f"there is no explainer 'nothing near'; `crampcoach explain` lists them. {LEADS_ON}"),
        ("barley horse", f"there is no explainer 'barley horse'; `crampcoach explain` lists them. {LEADS_ON}"),
        ("help!", f"there is no explainer 'help!'; `crampcoach explain` lists them. {LEADS_ON}"),
        ("why", f"there is no explainer 'why'; `crampcoach explain` lists them. {LEADS_ON}"),
    ],
)
def test_a_slip_is_met_with_what_may_be_meant(words: str, sentence: str) -> None:
    with pytest.raises(Problem) as caught:
        named(KNOWN, words)
    assert str(caught.value) == sentence


@pytest.mark.pure
def test_where_nothing_is_near_among_many_it_says_what_lists_them() -> None:
    many = {f"cause-{n}": replace(TEA, name=f"cause-{n}", title=f"Tea {n}") for n in range(9)}
    with pytest.raises(Problem) as caught:
        named(many, "xylophone")
    assert str(caught.value) == f"there is no explainer 'xylophone'; `crampcoach explain` lists them. {LEADS_ON}"


@pytest.mark.pure
def test_what_it_is_called_is_a_whole_name_that_is_shown() -> None:
    for name in ("cause-tea", "tea", "Tea", "latte caffe", "charley horse"):
        assert is_called(TEA, ["nothing", name]), name
    assert not is_called(TEA, ["herbs", "charley", "caffe", "milk", ""])
    assert not is_called(TEA, [])


@pytest.mark.pure
@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("tea", ["cause-tea", "dx-cold"]),
        ("charley", ["cause-tea", "cause-milk"]),
        ("latté", ["cause-tea"]),
        ("cramp 20 drink", ["cause-tea"]),
        ("drink", ["cause-tea", "cause-milk"]),
        ("rink", []),
        ("herbs", ["cause-tea"]),
        ("dri", []),
        ("what is tea", ["cause-tea", "dx-cold"]),
        ("tea nowhere", []),
        ("!", []),
    ],
)
def test_a_search_needs_every_word_and_names_come_first(words: str, names: list[str]) -> None:
    assert search(KNOWN, words) == names


# --- what is an emergency ---------------------------------------------------------------------------------------


@pytest.mark.pure
@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("chest pain", ["RF-PE"]),
        ("why does my calf cramp and I have chest pain", ["RF-PE"]),
        ("cold white foot", ["RF-ALI"]),
        ("cant move my foot", ["RF-ALI"]),
        ("can\u2019t move foot", ["RF-ALI"]),
        ("lost bladder control", ["RF-CES"]),
        ("control of bowels lost", ["RF-CES"]),
        ("suicidal", ["RF-MOOD"]),
        ("I want to die", ["RF-MOOD"]),
        ("I don't want to live", ["RF-MOOD"]),
        ("breathless and suicidal", ["RF-PE", "RF-MOOD"]),
        ("no chest pain", []),
        ("never lost bladder control", []),
        ("no suicidal thoughts", []),
        ("bladder", []),
        ("chest", []),
        ("swollen calf", []),  # the same day
        ("quinine", []),
        ("stretch with an ice cold pack", []),
        ("want to live without cramps", []),
        ("", []),
        ("'", []),
    ],
)
def test_words_that_are_an_emergency_by_themselves(words: str, names: list[str]) -> None:
    assert emergencies(words) == names


@pytest.mark.pure
def test_every_word_of_an_urgent_flag_counts() -> None:
    for one in red_flags():
        for phrase in one.words if one.level == "now" else ():
            words = phrase.removesuffix("*").replace(" + ", " and ")
            assert one.id in emergencies(words), phrase


# --- the command -----------------------------------------------------------------------------------------------

PLUGIN = """\
from crampcoach import Claim, Explainer, Source, hookimpl

WHERE = Source(id="service", title="Cramps", authors="A health service", url="https://example.org/")

def one(name, title, group="Drinks", grade="low", **more):
    claim = Claim(text="It may be so.", grade=grade, sources=["service"])
    return Explainer(**{**dict(name=name, title=title, group=group, summary="Perhaps.", claims=[claim], sources=[WHERE],
                               see="Cramps that wake you: ask your doctor.", limits="Small studies."), **more})

@hookimpl
def explainers(ctx):
    yield one("cause-tea", "Tea", people_try="Some drink less.", also_called=["cuppa"])
    yield one("cause-sun", "Sun", group="Seasons", grade="none-found")
    yield one("cause-milk", "Milk")
    yield one("cause-air", "Air", claims=[])
    yield one("cause-fog", "Fog")
"""
OTHER = PLUGIN[: PLUGIN.index("@hookimpl")] + (
    '@hookimpl\ndef explainers():\n    return [one("cause-tea", "Tea again"), one("cause-salt", "Salt")]\n'
)
REFUSED = (
    "crampcoach: plugin drinks: explainers() raised ValueError: Explainer 'cause-air' has no claims: say at least one, "
    "with its grade and sources\n"
)


@pytest.fixture
def coach(tmp_path: Path) -> Iterator[Coach]:
    given = {"drinks": PLUGIN, "salty": OTHER}
    with coach_of(tmp_path, "stretching", sources=given, now="2026-11-22 12:00") as coach:
        yield coach


@pytest.fixture
def path(coach: Coach) -> Path:
    return coach.home.plugin_dir / "drinks.py"


def mend(path: Path) -> None:
    """Leave out the one that cannot be made, and the second of one name."""
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(line for line in lines if "cause-air" not in line))
    (path.parent / "salty.py").write_text(OTHER.replace("cause-tea", "cause-mate"))


@pytest.mark.pure
def test_the_list_goes_by_group_with_a_grade_each_and_where_it_comes_from(commands: Commands) -> None:
    said = commands("explain")
    assert said.out.splitlines() == [
        "DRINKS",
        "  cause-tea   low         Tea: Perhaps. (from drinks)",
        "  cause-milk  low         Milk: Perhaps. (from drinks)",
        "  cause-salt  low         Salt: Perhaps. (from salty)",
        "",
        "SEASONS",
        "  cause-sun   none found  Sun: Perhaps. (from drinks)",
        "",
        "`crampcoach explain ID` says more: how sure it is, when to see someone, and where it comes from.",
        "This is information, not a diagnosis.",
    ]


@pytest.mark.pure
def test_one_that_cannot_be_made_is_refused_with_its_reason_and_so_is_a_second_of_one_name(
    commands: Commands, path: Path
) -> None:
    clash = f"salty: its explainer 'cause-tea' is drinks's already ({path}); give it another name, or turn one of the "
    assert commands("explain").err == f"{REFUSED}crampcoach: plugin {clash}two off\n"


@pytest.mark.pure
def test_what_a_person_types_need_not_be_shown() -> None:
    assert "herb" not in f"{explained(TEA, related={})}{as_object(TEA)}"


@pytest.mark.pure
def test_the_name_of_a_group_lists_it(commands: Commands, path: Path) -> None:
    mend(path)
    assert commands.ok("explain", "SEASONS").splitlines()[:3] == [
        "SEASONS",
        "  cause-sun  none found  Sun: Perhaps. (from drinks)",
        "",
    ]
    assert [row["name"] for row in commands("explain", "seasons", "--json").json] == ["cause-sun"]
    (only,) = commands("explain", "seasons", "--sources", "--json").json
    assert only["used_in"] == ["cause-sun"]
    assert "is a group" in commands.fails("explain", "seasons", "--format", "html", status=2)


@pytest.mark.pure
def test_one_group_written_in_two_ways_has_one_heading_and_a_title_commands_no_terminal(
    commands: Commands, path: Path
) -> None:
    mend(path)
    path.write_text(path.read_text().replace('"Milk")', '"Milk\\x1b[2J", group="DRINKS")'))
    out = commands("explain").out
    assert out.count("DRINKS\n") == 1
    assert "Milk\ufffd[2J: Perhaps." in out


@pytest.mark.pure
def test_no_word_is_as_good_as_none(commands: Commands, path: Path) -> None:
    mend(path)
    assert commands.ok("explain", " ") == commands.ok("explain")


@pytest.mark.pure
def test_the_list_for_programs(commands: Commands, path: Path) -> None:
    mend(path)
    rows = commands("explain", "--json").json
    assert [row["name"] for row in rows] == [
        "cause-tea",
        "cause-sun",
        "cause-milk",
        "cause-fog",
        "cause-mate",
        "cause-salt",
    ]
    assert rows[1] == {
        "name": "cause-sun",
        "title": "Sun",
        "group": "Seasons",
        "summary": "Perhaps.",
        "grade": "none-found",
        "about": "",
        "plugin": "drinks",
        "origin": str(path),
    }


@pytest.mark.pure
def test_one_as_plain_whole_lines(commands: Commands, path: Path) -> None:
    mend(path)
    assert commands.ok("explain", "cuppa").splitlines() == [
        "Tea",
        "Perhaps.",
        "",
        "WHEN TO SEE SOMEONE",
        "Cramps that wake you: ask your doctor.",
        "",
        "WHAT IS KNOWN",
        "  - It may be so.",
        "    Grade low: may be right; the studies are small, few or indirect [1]",
        "",
        "WHAT PEOPLE TRY",
        "Some drink less.",
        "",
        "WHAT IS NOT KNOWN",
        "Small studies.",
        "",
        "SOURCES",
        "  [1] A health service. Cramps.",
        "      https://example.org/",
        "",
        "Also called: cuppa.",
        "From the plugin drinks, a file of your own.",
        "This is information, not a diagnosis.",
    ]


@pytest.mark.pure
def test_one_in_other_forms(commands: Commands, path: Path) -> None:
    mend(path)
    assert commands.ok("explain", "tea", "--format", "text") == commands.ok("explain", "tea")
    assert commands.ok("explain", "tea", "--format", "markdown").startswith("# Tea\n\nPerhaps.\n\n## When to see")
    assert "<h1>Tea</h1>" in commands.ok("explain", "tea", "--format", "html")
    made = commands("explain", "tea", "--json").json
    assert made == {
        "name": "cause-tea",
        "title": "Tea",
        "group": "Drinks",
        "summary": "Perhaps.",
        "grade": "low",
        "about": "",
        "plugin": "drinks",
        "origin": str(path),
        "see": "Cramps that wake you: ask your doctor.",
        "claims": [
            {
                "text": "It may be so.",
                "about": "",
                "grade": "low",
                "means": GRADE_MEANS["low"],
                "sources": ["service"],
            }
        ],
        "in_log": "",
        "people_try": "Some drink less.",
        "held": "",
        "article": "",
        "limits": "Small studies.",
        "also_called": ["cuppa"],
        "related": [],
        "sources": [
            {
                "id": "service",
                "authors": "A health service",
                "title": "Cramps",
                "venue": "",
                "year": None,
                "doi": "",
                "url": "https://example.org/",
                "checked_on": None,
                "address": "https://example.org/",
            }
        ],
    }


@pytest.mark.pure
def test_a_search_and_the_sources(commands: Commands, path: Path) -> None:
    mend(path)
    first, *_ = commands.ok("explain", "--search", "cuppa").splitlines()
    assert first == "  cause-tea  low         Tea: Perhaps. (from drinks)"
    assert [row["name"] for row in commands("explain", "--search", "sun", "perhaps", "--json").json] == ["cause-sun"]
    assert commands.ok("explain", "--search", "nobody") == f"Nothing that is explained has 'nobody' in it. {LEADS_ON}"
    assert commands.ok("explain", "--sources").splitlines() == [
        "A health service. Cramps.",
        "    https://example.org/",
        "    for cause-tea, cause-sun, cause-milk, cause-fog, cause-mate, cause-salt",
    ]
    (only,) = commands("explain", "--sources", "sun", "--json").json
    assert only["used_in"] == ["cause-sun"]


@pytest.mark.pure
@pytest.mark.parametrize(
    "words",
    [
        ["--search"],
        ["--search", " "],
        ["--search", "x", "--sources"],
        ["--format", "html"],
        ["tea", "--format", "html", "--json"],
        ["--sources", "tea", "--format", "html"],
        ["tea", "--format", "pdf"],
    ],
)
def test_what_does_not_go_together(commands: Commands, words: list[str]) -> None:
    commands.fails("explain", *words, status=2)


@pytest.mark.pure
def test_without_a_plugin_that_explains_it_says_so(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRAMPCOACH_PLUGINS", "stretching")
    nothing = "there is nothing to read: no plugin that is on explains anything; `crampcoach plugins` lists them"
    assert person.ok("explain") == nothing
    assert person.fails("explain", "tea") == f"{nothing}. {LEADS_ON}"
    assert person("explain", "--json").json == []


@pytest.mark.pure
def test_a_sign_that_needs_a_doctor_comes_before_anything_and_nothing_is_to_be_tried(
    coach: Coach, commands: Commands, path: Path
) -> None:
    mend(path)
    log(coach, swelling="yes")
    said = commands.ok("explain", "tea")
    assert said.startswith(f"\n{HEADINGS['same-day'].upper()}\n")
    assert "Some drink less." not in said
    assert "WHAT PEOPLE TRY\nUntil a doctor or nurse has looked at this leg" in said
    assert commands.ok("explain").startswith(f"\n{HEADINGS['same-day'].upper()}\n")
    page = commands("explain", "tea", "--format", "markdown")
    assert page.out.startswith("# Tea")
    assert HEADINGS["same-day"].upper() in page.err
    made = commands("explain", "tea", "--json")
    assert json.loads(made.out)["people_try"] == ""
    assert json.loads(made.out)["held"].startswith("Until a doctor or nurse")


@pytest.mark.pure
def test_it_comes_before_any_plugin_is_asked(coach: Coach, commands: Commands, path: Path) -> None:
    log(coach, swelling="yes")
    assert commands("explain", "nothing of the kind").out.startswith(f"\n{HEADINGS['same-day'].upper()}\n")


@pytest.mark.pure
def test_no_group_looks_like_a_heading_of_crampcoachs_own() -> None:
    with pytest.raises(ValueError, match="group: give one line"):
        replace(TEA, group="drinks\nGet medical help now")


@pytest.mark.pure
def test_nor_in_pregnancy(coach: Coach, commands: Commands, path: Path) -> None:
    mend(path)
    log(coach, "profile", pregnant="yes")
    said = commands.ok("explain", "tea")
    assert "Some drink less." not in said
    assert "WHAT PEOPLE TRY\nHeld: in pregnancy, ask your midwife first." in said


@pytest.mark.pure
def test_the_list_says_what_a_grade_is_of(commands: Commands, path: Path) -> None:
    mend(path)
    path.write_text(
        path.read_text().replace('"service"])\n    return', '"service"], about="harm,\\nin short")\n    return')
    )
    _, second, *_ = commands.ok("explain", "drinks").splitlines()
    assert second == "  cause-tea   low         (harm, in short) Tea: Perhaps. (from drinks)"
    assert commands("explain", "drinks", "--json").json[0]["about"] == "harm,\nin short"
    made = commands("explain", "tea", "--json").json
    assert (made["grade"], made["about"]) == ("low", "harm,\nin short")


# --- who is pregnant, or not adult -----------------------------------------------------------------------------

MIDWIFE = "You said that you are pregnant. Please ask your midwife first about cramps."
CHILD = said("RF-CHILD")
ADULTS_ONLY = f"Explainers are for adults; for a child there is only `crampcoach explain growing pains`. {LEADS_ON}"
GROWING = "cause-growing-pains"


@pytest.fixture
def causes(tmp_path: Path) -> Iterator[Coach]:
    """The bundled explainers, and somebody else's."""
    with coach_of(tmp_path, "causes", sources={"salty": OTHER}, now="2026-11-22 12:00") as coach:
        yield coach


@pytest.mark.pure
def test_in_pregnancy_an_acute_stretch_and_foot_exercises_are_not_held_back(causes: Coach) -> None:
    commands = Commands(causes)
    log(causes, "profile", pregnant="yes")
    for name in ("m-pregnancy-foot-exercises", "cause-pregnancy", "m-acute-stretch"):
        out = commands.ok("explain", name)
        assert f"WHAT PEOPLE TRY\n{MIDWIFE}\n" in out
        assert "Held" not in out
        made = commands("explain", name, "--json").json
        assert made["people_try"].startswith(f"{MIDWIFE}\n\n")
        assert made["held"] == ""
        assert MIDWIFE in commands.ok("explain", name, "--format", "html")
    for name in ("m-massage-heat", "m-evening-stretch"):
        assert "WHAT PEOPLE TRY\nHeld: in pregnancy, ask your midwife first.\n" in commands.ok("explain", name)
    log(causes, swelling="yes")
    assert "WHAT PEOPLE TRY\nUntil a doctor or nurse has looked" in commands.ok("explain", "m-acute-stretch")


@pytest.mark.pure
def test_so_it_is_where_config_says_so_and_whoever_is_not_pregnant_reads_no_such_thing(causes: Coach) -> None:
    assert "midwife first" not in Commands(causes).ok("explain", "m-acute-stretch")
    causes.configure('[profile]\npregnant = "yes"\n')
    assert f"WHAT PEOPLE TRY\n{MIDWIFE}\n" in Commands(causes).ok("explain", "m-acute-stretch")


@pytest.mark.pure
def test_whoever_is_not_adult_reads_of_growing_pains_and_of_the_signs_and_of_nothing_else(causes: Coach) -> None:
    commands = Commands(causes)
    log(causes, "profile", adult="no")
    lines = commands.ok("explain").splitlines()
    assert lines[:6] == ["", HEADINGS["routine"].upper(), f"  - {CHILD}", "", ADULTS_ONLY, ""]
    assert [line.split()[0] for line in lines[6:8]] == ["CAUSES", GROWING]
    assert lines[8] == ""
    assert lines[9].startswith("`crampcoach explain ID`")
    one = commands.ok("explain", "growing pains")
    assert one.index(CHILD) < one.index("WHEN TO SEE SOMEONE")
    assert "WHAT PEOPLE TRY\nComfort, gentle massage and warmth." in one
    assert "READ ALSO" not in one, "what it leads on to does not open"
    assert commands.ok("explain", GROWING) == one
    assert "WHAT PEOPLE TRY\nComfort" in commands.ok("explain", "--for-me")
    for words in (["m-quinine"], ["measures"], ["charley horse"], ["cause-salt"], ["xyzzy"], ["--sources", "m-prt"]):
        said = commands("explain", *words)
        assert (said.status, said.err) == (1, f"crampcoach: {ADULTS_ONLY}\n"), words
        assert said.out == f"\n{HEADINGS['routine'].upper()}\n  - {CHILD}\n\n", words


@pytest.mark.pure
def test_and_so_does_whatever_else_is_asked_for_in_their_name(causes: Coach) -> None:
    commands = Commands(causes)
    log(causes, "profile", adult="no")
    for words in ([], ["causes"], ["--search", "pain"]):
        said = commands("explain", *words, "--json")
        assert [one["name"] for one in json.loads(said.out)] == [GROWING], words
        assert CHILD in said.err, words
    made = commands("explain", GROWING, "--json")
    assert (json.loads(made.out)["held"], json.loads(made.out)["people_try"][:7]) == ("", "Comfort")
    assert CHILD in made.err
    assert commands("explain", "m-quinine", "--json").out == ""
    assert commands("explain", "--search", "quinine", "--json").out == "[]\n"
    assert commands.ok("explain", "--search", "quinine").endswith(f"\n{ADULTS_ONLY}")
    found = json.loads(commands("explain", "--sources", "--json").out)
    assert {name for one in found for name in one["used_in"]} == {GROWING}


@pytest.mark.pure
def test_a_sign_holds_that_back_too(causes: Coach) -> None:
    log(causes, "profile", adult="no")
    log(causes, child_unwell="yes")
    assert "WHAT PEOPLE TRY\nUntil a doctor or nurse has looked" in Commands(causes).ok("explain", "growing pains")


@pytest.mark.pure
def test_where_nothing_is_for_a_child_it_says_so(coach: Coach, commands: Commands, path: Path) -> None:
    mend(path)
    log(coach, "profile", adult="no")
    none = f"Explainers are for adults; for a child there is none. {LEADS_ON}"
    assert commands.ok("explain").endswith(f"\n{none}")
    assert commands("explain", "tea").err == f"crampcoach: {none}\n"
    assert commands("explain", "--json").out == "[]\n"


@pytest.mark.real
def test_the_tab_key_offers_a_child_no_other(tmp_path: Path) -> None:
    nest = Nest(tmp_path / "home")

    def offered() -> list[str]:
        return nest.run(
            _CRAMPCOACH_COMPLETE="bash_complete", COMP_WORDS="crampcoach explain c", COMP_CWORD="2"
        ).out.split()

    assert len(offered()) > 5
    assert nest.run("log", "profile", "--adult", "no").code == 0
    assert offered() == [f"plain,{GROWING}"]


# --- words that are an emergency -------------------------------------------------------------------------------


@pytest.mark.pure
def test_what_an_emergency_needs_comes_before_the_explainer_or_the_miss(causes: Coach) -> None:
    commands, heading = Commands(causes), f"\n{HEADINGS['now'].upper()}\n  - "
    out = commands.ok("explain", "cold", "white", "foot")
    assert out.startswith(f"{heading}{said('RF-ALI')}\n\nA cold, pale")
    miss = commands("explain", "lost bladder control xyzzy")
    assert (miss.status, miss.out) == (1, f"{heading}{said('RF-CES')}\n\n")
    assert miss.err.endswith(f"{LEADS_ON}\n")
    assert commands.ok("explain", "suicidal").startswith(f"{heading}{said('RF-MOOD')}\n\n")
    assert commands("explain", "--search", "chest", "pain").out.startswith(f"{heading}{said('RF-PE')}\n\n")
    assert commands("explain", "--sources", "chest pain").out.startswith(f"{heading}{said('RF-PE')}\n\n")
    for more in (["--json"], ["--format", "markdown"], ["--search", "--json"]):
        page = commands("explain", "chest pain", *more)
        assert page.err.startswith(f"{heading}{said('RF-PE')}\n\n"), more
        assert HEADINGS["now"].upper() not in page.out, more


@pytest.mark.pure
def test_then_nothing_is_to_be_tried(causes: Coach) -> None:
    out = Commands(causes)("explain", "suicidal").out
    assert "WHAT PEOPLE TRY\nNot now: what is said above about signs that need a doctor comes first." in out


@pytest.mark.pure
def test_nothing_typed_is_logged(causes: Coach) -> None:
    for words in (["chest", "pain"], ["suicidal"], ["--search", "chest pain"]):
        Commands(causes)("explain", *words)
    assert Commands(causes)("entries", "--json").json == []
    for path in causes.home.data_dir.rglob("*"):
        assert not path.is_file() or b"suicidal" not in path.read_bytes(), path
    assert Commands(causes).ok("explain").startswith("HOW COMMON\n")


# --- in a terminal ---------------------------------------------------------------------------------------------


@pytest.mark.real
@pytest.mark.parametrize("columns", [60, 100])
def test_in_a_terminal_every_line_fits_but_an_address(tmp_path: Path, columns: int) -> None:
    nest = Nest(tmp_path / "home")
    long = "Words that go on and on about what is known and what is not. " * 5
    source = PLUGIN.replace("Perhaps.", long).replace("https://example.org/", f"https://example.org/{'x' * 120}")
    nest.drop("drinks", source.replace('"cause-air", "Air", claims=[]', '"cause-air", "Air\\x1b[31m"'))
    for words in (["explain"], ["explain", "tea"], ["explain", "air"], ["explain", "--sources"]):
        with typing(nest, *words, columns=columns) as terminal:
            assert terminal.end() == 0
        lines = terminal.text.splitlines()
        wide = [line.strip() for line in lines if len(line) > columns]
        assert [line for line in wide if not line.startswith(("http://", "https://"))] == []
        assert (f"https://example.org/{'x' * 120}" in wide) is (words != ["explain"]), "and that one is whole"
        if "--sources" not in words:
            assert max(len(line) for line in lines if "https://" not in line) > columns - 15, "and the room is used"
        assert "\x1b" not in terminal.text


@pytest.mark.real
@pytest.mark.parametrize("columns", [60, 80])
def test_in_a_terminal_the_text_stands_below_the_grade_and_what_that_is_of(tmp_path: Path, columns: int) -> None:
    nest = Nest(tmp_path / "home")
    with typing(nest, "explain", "measures", columns=columns) as terminal:
        assert terminal.end() == 0
    lines = terminal.text.splitlines()
    assert max(map(len, lines)) <= columns
    row = next(number for number, line in enumerate(lines) if line.startswith("  m-quinine"))
    assert lines[row].split(maxsplit=1) == ["m-quinine", "high (harm)"]
    assert lines[row + 1].startswith("    Quinine and tonic water: a warning: ")
