"""The questions above a page: another one each day, light, about no body and no cause; and what is saved of a page."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crampcoach import Entry
from crampcoach.safety.flags import raised
from crampcoach_journaling.prompts import BELOW, choose, page, prompts, written

pytestmark = pytest.mark.pure

FIRST = date(2026, 11, 22)
NEVER = (
    r"cramp\w*|pains?|painful|hurts?|ache\w*|sore|legs?|calf|calves|foot|feet|toes?|thighs?|muscles?|body|health\w*|"
    r"sick|ill|doctor|medicine|symptoms?|sleep\w*|slept|nights?|dreams?|stretch\w*|drinks?|drank|"
    r"stress\w*|anxi\w*|worr\w*|fears?|afraid|upset|angry|anger|sad|sadness|guilt\w*|blame|lost|died?|death|"
    r"why|because|causes?|reasons?|due to|led to|leads to|triggers?|must|should|goals?|better than"
)


def test_there_are_several_dozen_and_each_is_one_short_line_in_plain_words() -> None:
    assert len(prompts()) >= 48
    assert len(set(prompts())) == len(prompts())
    for one in prompts():
        assert 10 <= len(one) <= 80
        assert one[-1] in "?."
        assert one == one.strip()


@pytest.mark.parametrize("prompt", prompts())
def test_none_names_cramps_pain_legs_or_a_cause(prompt: str) -> None:
    assert not re.findall(rf"\b(?:{NEVER})\b", prompt, re.IGNORECASE)


@pytest.mark.parametrize("prompt", prompts())
def test_none_raises_a_flag_by_itself(prompt: str) -> None:
    """The question is saved with the page, and a page's words are looked through."""
    assert raised(Entry(kind="journal", fields={"prompt": prompt})) == ()


def test_none_comes_twice_in_as_many_days_as_there_are() -> None:
    days = [choose(FIRST + timedelta(days=number), ()) for number in range(len(prompts()))]
    assert sorted(days) == sorted(prompts())
    assert [choose(FIRST + timedelta(days=number), ()) for number in range(len(prompts()))] == days


@given(days=st.lists(st.integers(0, 3), min_size=30, max_size=120))
def test_what_was_written_about_lately_is_not_asked_again(days: list[int]) -> None:
    """Several pages a day, days without any."""
    lately: list[str] = []
    day = FIRST
    for step in days:
        day += timedelta(days=step)
        recent = lately[-len(prompts()) // 2 :]
        chosen = choose(day, recent)
        assert chosen not in recent
        lately.append(chosen)


def test_when_every_question_was_asked_it_begins_again() -> None:
    assert choose(FIRST, prompts()) in prompts()


@pytest.mark.parametrize("prompt", prompts())
def test_of_an_empty_page_nothing_is_left(prompt: str) -> None:
    assert written(page(prompt)) == ("", prompt)
    assert written(page(prompt) + "  \n\n") == ("", prompt)
    assert max(map(len, page(prompt).split("\n"))) <= 74


@pytest.mark.parametrize(
    ("made", "text"),
    [
        (page(prompts()[0]) + "One.\n\n  Two.", "One.\n\n  Two."),
        ("First.\n" + page(prompts()[0]), "First."),
        (page(prompts()[0]) + "# Sunday\n#tag\n#", "# Sunday\n#tag\n#"),
        (page(prompts()[0]).replace("?", "? The dog.", 1), f"# {prompts()[0]} The dog."),
        (f"# {BELOW}\nAll else was removed.", "All else was removed."),
        ("All of it was removed.", "All of it was removed."),
        (page(prompts()[0]) + f"# {prompts()[0]}", f"# {prompts()[0]}"),
    ],
)  # fmt: skip
def test_only_what_stood_there_before_is_left_out(made: str, text: str) -> None:
    assert written(made)[0] == text


@given(st.text(st.characters(exclude_categories=["Cs"])).filter(lambda text: not text.startswith("# ")))
def test_any_text_comes_off_a_page_but_for_blank_lines_around_it(text: str) -> None:
    lines = text.split("\n")
    while lines and not lines[0].strip():
        del lines[0]
    while lines and not lines[-1].strip():
        del lines[-1]
    assert written(page(prompts()[3]) + text) == ("\n".join(lines), prompts()[3])
