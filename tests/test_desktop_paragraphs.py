"""No server cuts a message off: long paragraphs are broken where a reader would take a breath."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crampcoach.advice_messages import advice_message, first_message
from crampcoach.config import Profile
from crampcoach.safety.flags import red_flags
from crampcoach.safety.wording import Person
from crampcoach_desktop.paragraphs import MOST, paragraphs

pytestmark = pytest.mark.pure


@given(st.text())
def test_no_word_is_lost_or_torn(text: str) -> None:
    assert paragraphs(text).replace("\n", " ").split(" ") == text.replace("\n", " ").split(" ") or any(
        len(word) > MOST for word in text.replace("\n", " ").split(" ")
    )


@given(st.lists(st.sampled_from(["a", "leg", "swollen", "x" * 400, "so;", "then.", "and,", "", "\n"]), max_size=200))
def test_each_is_short_enough(words: list[str]) -> None:
    text = " ".join(words)
    assert all(len(line) <= MOST for line in paragraphs(text).split("\n"))
    assert "".join(paragraphs(text).split()) == "".join(text.split())


def test_a_short_text_stays_as_it_is() -> None:
    assert paragraphs("One.\n\nTwo, three; four.") == "One.\n\nTwo, three; four."


def test_it_ends_where_a_sentence_ends() -> None:
    sentence = "This sentence has some eighty characters, and so one and another are too much. "
    assert paragraphs(sentence * 3).split("\n") == [(sentence * 2).strip(), sentence]


@pytest.mark.parametrize("zone", ["Europe/London", "Etc/UTC"])
def test_no_advice_is_cut_off(zone: str) -> None:
    person = Person(Profile(), zone)
    messages = [advice_message("advice/1", [person.says(one)]) for one in red_flags()] + [first_message(person)]
    for message in messages:
        lines = paragraphs(message.body).split("\n")
        assert all(len(line) <= MOST for line in lines)
        assert " ".join(lines) == " ".join(message.body.split("\n"))
