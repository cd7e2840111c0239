"""The explainers from Markdown files of examples/plugins: what counts, what is left out, and that the samples hold."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from shutil import copytree
from textwrap import dedent

import pytest

from coaching import coach_of
from commands import Commands
from crampcoach import Claim, Explainer, Problem, Source
from crampcoach.testing import Coach
from examples import FOLDER, source

pytestmark = pytest.mark.pure

NAME = "markdown_explainers"
SAMPLES = FOLDER / "explainers"
GOOD = dedent("""\
    +++
    id = "cold"
    title = "Cold feet"
    group = "at night"
    summary = "Nobody knows."
    grade = "very-low"
    about = "how often"
    cites = ["doe-2020"]
    also_called = ["chill", "cold toes"]
    related = ["summer"]

    [[sources]]
    id = "doe-2020"
    title = "Feet"
    authors = "Doe J"
    year = 2020
    checked_on = 2026-11-22

    [[sources]]
    id = "roe-2021"
    title = "Toes"

    [[claims]]
    text = "Nothing was found on toes."
    grade = "none-found"
    sources = ["roe-2021"]
    +++

    # Cold feet

    In **one** small study, `feet` were
    as cold as others ([the paper](https://example.org/feet)).

    ## When to see someone

    Ask your doctor.

    ## What is not known

    - How cold
    - And why

    ## What it may look like in a log

    ## What people try

    Socks.
    """)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder beside the plugin."""
    path = tmp_path / "config" / "plugins" / "explainers"
    path.mkdir(parents=True, mode=0o700)
    path.parent.chmod(0o700)
    return path


@pytest.fixture
def coach(folder: Path, tmp_path: Path) -> Iterator[Coach]:
    with coach_of(tmp_path, sources={NAME: source(NAME)}) as coach:
        yield coach


def read(coach: Coach) -> list[Explainer]:
    return list(coach.call(NAME, "explainers"))


def test_everything_that_a_file_may_say(coach: Coach, folder: Path) -> None:
    (folder / "any name.md").write_text(GOOD)
    assert read(coach) == [
        Explainer(
            name="cold",
            title="Cold feet",
            group="at night",
            summary="Nobody knows.",
            claims=[
                Claim(
                    text="In one small study, feet were\nas cold as others (the paper (https://example.org/feet)).",
                    grade="very-low",
                    sources=["doe-2020"],
                    about="how often",
                ),
                Claim(text="Nothing was found on toes.", grade="none-found", sources=["roe-2021"]),
            ],
            sources=[
                Source(id="doe-2020", title="Feet", authors="Doe J", year=2020, checked_on=date(2026, 11, 22)),
                Source(id="roe-2021", title="Toes"),
            ],
            see="Ask your doctor.",
            limits="- How cold\n- And why",
            people_try="Socks.",
            also_called=["chill", "cold toes"],
            related=["summer"],
        )
    ]


def test_without_cites_the_claim_is_from_all_of_its_sources(coach: Coach, folder: Path) -> None:
    (folder / "cold.md").write_text(GOOD.replace('cites = ["doe-2020"]\n', ""))
    assert list(read(coach)[0].claims[0].sources) == ["doe-2020", "roe-2021"]


def test_a_file_as_windows_writes_it(coach: Coach, folder: Path) -> None:
    (folder / "cold.md").write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert [one.see for one in read(coach)] == ["Ask your doctor."]


WRONG = {
    "no fence": ("Cold feet are cold.", "it does not begin with TOML between two lines +++"),
    "no second fence": (GOOD.replace("\n+++\n", "\n", 1), "it does not begin with TOML between two lines +++"),
    "empty": ("", "it does not begin with TOML between two lines +++"),
    "no toml": (GOOD.replace('"Cold feet"', "Cold feet", 1), "between the lines +++: Invalid value (at line 3, "),
    "no grade": (GOOD.replace('grade = "very-low"\n', ""), "between the lines +++: grade must be there"),
    "unknown key": (GOOD.replace("about", "abuot"), "between the lines +++: abuot is unknown; there are: id, title"),
    "no such grade": (GOOD.replace("very-low", "certain"), "'certain': use one of high, moderate, low, very-low"),
    "no source": (GOOD.replace("[[sources]]", "[[claims]]"), "between the lines +++: sources must be there"),
    "no such source": (GOOD.replace('["doe-2020"]', '["doe-2021"]'), "names the source 'doe-2021', which is not among"),
    "no sources at all": (GOOD.replace('["roe-2021"]', "[]"), "has no sources: name at least one"),
    "sources as text": (GOOD.replace("[[sources]]", "[sources]", 1).replace("[[sources]]", "[x]"), "x is unknown"),
    "a slip in a source": (GOOD.replace("authors", "autors"), "[[sources]]: autors is unknown; there are: id, title"),
    "a claim without text": (GOOD.replace("text = ", "# text = "), "[[claims]]: text must be there"),
    "no claim": (GOOD.replace("In **one** small study, `feet` were\nas cold as others ([the paper]"
                 "(https://example.org/feet)).", ""), "write the claim between the second +++ and the first section"),
    "no see": (GOOD.replace("Ask your doctor.", ""), "write a section '## When to see someone'"),
    "no limits": (GOOD.replace("## What is not known", ""), "write a section '## What is not known'"),
    "another section": (GOOD.replace("## What people try", "## What I try"), "'## What I try' is no section"),
    "a name with capitals": (GOOD.replace('id = "cold"', 'id = "Cold"'), "use a short name of lower-case letters"),
    "a number for a title": (GOOD.replace('title = "Cold feet"', "title = 7"), "title: give a text, not 7"),
    "a date for a claim": (GOOD.replace('grade = "none-found"', "grade = 2020-01-01"), "use one of high, moderate"),
    "also called one": (GOOD.replace('["chill", "cold toes"]', '"chill"'), "also_called: give a list, not 'chill'"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "why"), WRONG.values(), ids=WRONG)
def test_a_bad_file_costs_the_others_nothing_and_is_named(
    coach: Coach, folder: Path, caplog: pytest.LogCaptureFixture, text: str, why: str
) -> None:
    (folder / "bad.md").write_text(text)
    (folder / "good.md").write_text(GOOD)
    assert [one.name for one in read(coach)] == ["cold"]
    (record,) = caplog.records
    assert (record.name, record.levelno) == (f"crampcoach.plugins.{NAME}", logging.WARNING)
    assert record.getMessage().startswith(f"{NAME}: {folder / 'bad.md'} is left out: ")
    assert why in record.getMessage()
    assert "\n" not in record.getMessage()


def test_files_that_cannot_be_read(coach: Coach, folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    (folder / "good.md").write_text(GOOD)
    (folder / "latin.md").write_bytes(GOOD.encode("utf-16"))
    (folder / "folder.md").mkdir()
    (folder / "gone.md").symlink_to(folder / "nowhere")
    assert [one.name for one in read(coach)] == ["cold"]
    assert [record.getMessage().partition(" is left out: ")[2] for record in caplog.records] == [
        "Is a directory",
        "No such file or directory",
        "it is no UTF-8 text",
    ]


def test_where_no_file_is_right_every_reason_is_given(coach: Coach, folder: Path) -> None:
    (folder / "one.md").write_text("one")
    (folder / "two.md").write_text("two")
    with pytest.raises(Problem) as wrong:
        read(coach)
    lines = str(wrong.value).splitlines()
    assert [line.partition(" is left out")[0] for line in lines] == [str(folder / "one.md"), str(folder / "two.md")]


def test_no_folder_and_nothing_in_it(coach: Coach, folder: Path) -> None:
    assert read(coach) == []
    folder.rmdir()
    with pytest.raises(Problem, match="explainers is no folder; make it and put Markdown files into it, or set"):
        read(coach)


def test_a_change_counts_when_it_is_read_next(coach: Coach, folder: Path) -> None:
    (folder / "cold.md").write_text(GOOD)
    assert read(coach)[0].title == "Cold feet"
    (folder / "cold.md").write_text(GOOD.replace('title = "Cold feet"', 'title = "Cold toes"'))
    assert read(coach)[0].title == "Cold toes"


def test_another_folder(tmp_path: Path) -> None:
    config = f'[plugins.{NAME}]\nfolder = "{SAMPLES}"\n'
    with coach_of(tmp_path, sources={NAME: source(NAME)}, config=config) as coach:
        assert [one.name for one in read(coach)] == ["summer", "varicose-veins"]


# --- the samples -----------------------------------------------------------------------------------------------


def test_the_samples_say_no_more_than_their_sources(coach: Coach, folder: Path) -> None:
    """Records epi-season and cause-venous: the grade of each, and its one source."""
    copytree(SAMPLES, folder, dirs_exist_ok=True)
    summer, veins = read(coach)
    assert [(claim.grade, *claim.sources) for claim in summer.claims] == [("low", "garrison-2015")]
    assert [(claim.grade, *claim.sources) for claim in veins.claims] == [("low", "edinburgh-vein-1999")]
    assert [source.doi for one in (summer, veins) for source in one.sources] == [
        "10.1503/cmaj.140497",
        "10.1136/bmj.318.7180.353",
    ]
    for word in ("today", "do not stretch", "book an appointment"):  # as crampcoach itself says of these signs
        assert word in veins.see
    # What was counted were prescriptions of a medicine that nobody is to be led to.
    assert "quinine" not in (SAMPLES / "summer.md").read_text().casefold()


def test_they_are_read_by_command(coach: Coach, folder: Path, commands: Commands) -> None:
    copytree(SAMPLES, folder, dirs_exist_ok=True)
    listed = commands.ok("explain")
    assert "summer" in listed
    assert "varicose-veins" in listed
    said = commands.ok("explain", "veins")
    assert "have it looked at today" in said
    assert "Grade low" in said
    assert "https://doi.org/10.1136/bmj.318.7180.353" in said
