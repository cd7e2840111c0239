"""docs/explainers.md holds: it is what the data says, every claim of the article has its row, every link its file."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from crampcoach_causes.fitting import SAY, without
from crampcoach_causes.reading import VERDICTS, listed

pytestmark = [pytest.mark.pure, pytest.mark.once]

TOP = Path(__file__).resolve().parent.parent
PAGE = TOP / "docs" / "explainers.md"


def rows(first: str) -> list[list[str]]:
    """The cells of the rows that begin so."""
    found = re.findall(rf"^\| ({first}.*) \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    return [re.split(r" (?<!\\)\| ", row) for row in found]


def test_the_page_is_what_the_data_says() -> None:
    done = subprocess.run(
        [sys.executable, TOP / "tools" / "explainer_tables.py", "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_each_claim_of_the_article_has_an_explainer_a_verdict_and_sources() -> None:
    table = rows(r"S\d")
    assert [row[0] for row in table] == [f"S{number}" for number in range(1, 23)]
    numbered = re.findall(r'^(\d+)\. <a id="s(\d+)"></a>\S', PAGE.read_text("utf-8"), re.MULTILINE)
    assert [one for one, _ in numbered] == [other for _, other in numbered]
    for name, says, verdict, known, explainers, sources in table:
        assert verdict in VERDICTS, name
        assert says, name
        assert known, name
        assert "[" in explainers, name
        cited = re.findall(r"#s(\d+)\)", sources)
        assert cited, name
        assert set(cited) <= {one for one, _ in numbered}, name


def test_every_explainer_is_in_one_of_the_two_lists() -> None:
    named = [re.findall(r"\[([\w-]+)\]", row[0])[0] for row in rows(r"\[")]
    assert sorted(named) == sorted(map(listed, [*SAY, *without()]))


def test_every_link_leads_to_a_file() -> None:
    targets = set(re.findall(r"\]\((\.\./[^)#]+)", PAGE.read_text("utf-8")))
    assert len(targets) > 60
    assert [one for one in sorted(targets) if not (PAGE.parent / one).exists()] == []
