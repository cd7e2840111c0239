"""Longer writing: who it is offered to and when, what stands on each of its screens, and what is kept of it."""

from __future__ import annotations

import os
import re
import signal
import sys
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_process import Nest
from crampcoach import Entry
from crampcoach_journaling.sheet import KEYS, OVER, Sheet, draw, left_in_words
from crampcoach_journaling.sitting import ENOUGH, LATE, LOW, NOT_NOW, ONCE, UNSETTLED, WORSE, felt_lower, refusal
from desktop import wait_for
from tmux_terminal import Tmux, in_terminal, process_in

BERLIN = ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=BERLIN)
BED = datetime(2026, 11, 22, 22, 30, tzinfo=BERLIN)
ON = "[plugins.journaling]\nwriting = true\n"


def sittings(*ago: timedelta) -> list[Entry]:
    return [Entry(kind="journal", fields={"minutes": 15.0}, at=(NOON - one).astimezone(UTC), zone="UTC") for one in ago]


# --- when ------------------------------------------------------------------------------------------------------


@pytest.mark.pure
@pytest.mark.parametrize(
    ("now", "bed", "late"),
    [
        (NOON, BED, False),
        (BED - timedelta(hours=2, minutes=1), BED, False),
        (BED - timedelta(hours=2), BED, True),
        (BED, BED, True),
        (BED + timedelta(hours=5), BED, True),  # still the same day, until the person wakes
        # Two hours are two hours, also in the night in which the clock goes back.
        (datetime(2026, 10, 25, 2, 15, tzinfo=BERLIN), datetime(2026, 10, 25, 3, 30, tzinfo=BERLIN), False),
        (datetime(2026, 10, 25, 2, 45, tzinfo=BERLIN), datetime(2026, 10, 25, 3, 30, tzinfo=BERLIN), True),
        (datetime(2026, 3, 29, 1, 45, tzinfo=BERLIN), datetime(2026, 3, 29, 4, 30, tzinfo=BERLIN), True),
    ],
)
def test_not_late_in_the_evening_nor_at_night(now: datetime, bed: datetime, late: bool) -> None:
    instant = now.astimezone(UTC).astimezone(now.tzinfo)
    assert refusal(instant, bed.astimezone(UTC), []) == (LATE if late else "")


@pytest.mark.pure
def test_once_a_day_and_four_times_in_two_weeks() -> None:
    hour, day = timedelta(hours=1), timedelta(days=1)
    assert refusal(NOON, BED, sittings(13 * hour)) == ""
    assert refusal(NOON, BED, sittings(3 * day, 11 * hour)) == ONCE
    assert refusal(NOON, BED, sittings(3 * day, 2 * day, day)) == ""
    assert refusal(NOON, BED, sittings(4 * day, 3 * day, 2 * day, day)) == ENOUGH
    # What was yesterday in Berlin was today in Tokyo.
    there = NOON.astimezone(ZoneInfo("Asia/Tokyo"))
    assert refusal(there, BED, sittings(13 * hour)) == ONCE
    assert refusal(there, BED, sittings(21 * hour)) == ""


@pytest.mark.pure
@pytest.mark.parametrize(
    ("fields", "lower"),
    [
        ({}, False), ({"before": 8}, False), ({"after": 3}, False), ({"after": 2}, True), ({"after": 0}, True),
        ({"before": 8, "after": 6}, False), ({"before": 8, "after": 5}, True), ({"before": 3, "after": 9}, False),
    ],
)  # fmt: skip
def test_who_felt_lower_afterwards(fields: dict[str, int], lower: bool) -> None:
    assert felt_lower(Entry(kind="journal", fields=fields)) is lower


# --- what is typed ---------------------------------------------------------------------------------------------


@pytest.mark.pure
@given(text=st.text(st.characters(exclude_categories=["Cc", "Cs"], include_characters="\n\t")), size=st.integers(1, 5))
def test_any_text_is_typed_whole_however_it_arrives(text: str, size: int) -> None:
    sheet, data = Sheet(), text.encode()
    for start in range(0, len(data), size):
        sheet.type(data[start : start + size])
    assert (sheet.text, sheet.ended) == (text, False)


@pytest.mark.pure
@pytest.mark.parametrize(
    ("typed", "text"),
    [
        (b"one\x7f\x7fut", "out"),
        ("cafe\u0301\x7f".encode(), "caf"),
        (b"\x7f\x7fa", "a"),
        (b"one two\x17three", "one three"),
        (b"one\r\x17\x17x", "one\nx"),
        (b"a\x1b[Ab\x1b[1;5Cc\x1bOPd\x1b[200~e\x1bxf", "abcdef"),
        (b"a\0\x07\x1a\x13b", "ab"),
        (b"a\xffb", "a\N{REPLACEMENT CHARACTER}b"),
    ],
)
def test_keys(typed: bytes, text: str) -> None:
    for chunks in ([typed], [typed[number : number + 1] for number in range(len(typed))]):
        sheet = Sheet()
        for one in chunks:
            sheet.type(one)
        assert sheet.text == text


@pytest.mark.pure
@pytest.mark.parametrize("key", [b"\x03", b"\x04"])
def test_ctrl_c_and_ctrl_d_end_it(key: bytes) -> None:
    sheet = Sheet()
    sheet.type(b"kept" + key + b"not any more")
    assert (sheet.text, sheet.ended) == ("kept", True)


HEAD = ["In danger, call 112 now.", f"15 minutes left. {KEYS}"]


@pytest.mark.pure
@given(
    text=st.text(st.characters(exclude_categories=["Cc", "Cs", "Mn", "Me", "Cf"], include_characters="\n")),
    columns=st.integers(20, 200),
    rows=st.integers(8, 60),
)
def test_the_screen_holds_what_is_above_and_the_end_of_the_text(text: str, columns: int, rows: int) -> None:
    lines, column = draw(text, HEAD, columns, rows)
    assert len(lines) <= rows
    assert column < columns
    shown = "".join("".join(lines).split())
    for one in HEAD:
        assert "".join(one.split()) in shown
    below = "".join("".join(lines[[line[:5] for line in lines].index("-----") + 1 :]).split())
    assert "".join(text.split()).endswith(below)
    if len(text) < 20:
        assert below == "".join(text.split())
    if text.isascii():
        assert max(map(len, lines)) <= columns


@pytest.mark.pure
def test_words_stay_whole_and_wide_letters_fit() -> None:
    lines, column = draw("one two three four five\n\n  猫猫猫猫猫猫猫猫猫猫猫", [], 20, 24)
    assert lines[1:] == ["one two three four", "five", "", "  猫猫猫猫猫猫猫猫", "猫猫猫"]
    assert column == 6


@pytest.mark.pure
def test_the_time_that_is_left() -> None:
    assert [left_in_words(one) for one in (900, 841, 840, 61, 60, 1)] == [
        "15 minutes left", "15 minutes left", "14 minutes left", "2 minutes left",
        "less than a minute left", "less than a minute left",
    ]  # fmt: skip


# --- in a terminal ---------------------------------------------------------------------------------------------

CRISIS = (
    "If you think of harming yourself or of not wanting to live, or being upset does not settle: In danger, call 999"
)
CALL = "Otherwise talk to Samaritans (116 123), or to a doctor, today."


@pytest.fixture
def nest(tmp_path: Path) -> Nest:
    nest = Nest(tmp_path / "home", {"CRAMPCOACH_PLUGINS": "journaling", "EDITOR": "false", "VISUAL": ""})
    nest.configure(f'{ON}[profile]\ncountry = "GB"\n')
    return nest


def writing(nest: Nest, *words: str, **how: Any) -> AbstractContextManager[Tmux]:
    return in_terminal(nest, "journal", "--writing", *words, **{"columns": 100, "rows": 60, **how})


def answer(tmux: Tmux, question: str, *keys: str) -> None:
    """Answer the question that stands on the newest page, which says what to do in a crisis too."""
    wait_for(lambda: question in last_page(tmux), 30, f"{question!r}; there is {tmux.text()!r}")
    page = last_page(tmux)
    assert CRISIS in page
    assert CALL in page
    tmux.keys(*keys, "Enter")


def last_page(tmux: Tmux) -> str:
    """From the last answered question on."""
    text = "\n".join(tmux.screen())
    return " ".join(re.split(r"(?m)^> ?\S*\n(?=.)", text.replace("\n\n", "\n"))[-1].split())


def to_the_sheet(tmux: Tmux, feels: str = "6") -> None:
    answer(tmux, "Go on?", "y")
    answer(tmux, "Has something very hard happened to you lately", "n")
    answer(tmux, "How do you feel now?", feels)
    answer(tmux, "Enter begins")
    tmux.wait("minutes left.")


def pages(nest: Nest) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = nest.asked("entries", "--kind", "journal")
    return found


def drafts(nest: Nest) -> list[Path]:
    """What is kept; a file that is only being written does not count."""
    files = (nest.home.data_dir / "drafts").rglob("*")
    return [one for one in files if one.is_file() and one.suffix != ".part"]


@pytest.mark.real
def test_it_is_off_unless_it_was_turned_on(nest: Nest) -> None:
    nest.configure("")
    with writing(nest) as tmux:
        assert tmux.status() == 1
        tmux.wait("crampcoach: longer writing is off; it is not for everybody. To turn it on: writing = true")


@pytest.mark.real
def test_it_needs_a_terminal(nest: Nest) -> None:
    ended = nest.run("journal", "--writing")
    assert (ended.code, ended.out) == (1, "")
    assert "needs a terminal" in ended.err
    with writing(nest, script="TERM=dumb {command}; echo $? > {folder}/status; exec cat") as tmux:
        assert tmux.status() == 1
        tmux.wait("a terminal that can move its cursor")


@pytest.mark.real
def test_a_sitting(nest: Nest) -> None:
    with writing(nest, "--minutes", "20") as tmux:
        tmux.wait("Go on?")
        first = tmux.text()
        for said in ("moderate certainty", "For cramps nobody has tried it", "frattaroli-2006", "sbarra-2013"):
            assert said in first
        assert first.index("What can go wrong") < first.index("Go on?")
        to_the_sheet(tmux)
        tmux.wait("20 minutes left. Ctrl+D ends it at any time.")
        tmux.paste("".join(f"Line {number} of it.\n" for number in range(100)))
        tmux.wait("Line 99 of it.")
        assert CRISIS in tmux.text()
        assert CALL in tmux.text()
        wait_for(lambda: any(b"Line 99" in one.read_bytes() for one in drafts(nest)), 30, "it is kept meanwhile")
        tmux.keys("C-d")
        answer(tmux, "400 words in 1 min.", "7")
        assert "Line 99" not in tmux.text(), "nothing of it stays on the screen"
        answer(tmux, "Keep what you wrote in your log?")
        answer(tmux, "Log how long it took and how you felt?")
        assert tmux.status() == 0
        tmux.wait("saved: 400 words")
        assert tmux.settings()[0] == tmux.settings()[1]
    (entry,) = pages(nest)
    assert entry["note"].startswith("Line 0 of it.\nLine 1 of it.")
    assert (entry["fields"]["before"], entry["fields"]["after"]) == (6, 7)
    assert drafts(nest) == []
    # Once a day.
    with writing(nest) as tmux:
        answer(tmux, ONCE, "q")
        assert tmux.status() == 0


@pytest.mark.real
@pytest.mark.parametrize(("keep", "log"), [("n", ""), ("", "n"), ("n", "n")])
def test_what_is_kept_is_the_persons_choice(nest: Nest, keep: str, log: str) -> None:
    with writing(nest) as tmux:
        to_the_sheet(tmux, feels="")
        tmux.keys("Words.")
        tmux.wait("Words.")
        tmux.keys("C-c")
        answer(tmux, "1 word in 1 min.", "2")
        wait_for(lambda: WORSE in last_page(tmux), 30, "what to know")
        answer(tmux, "Keep what you wrote", *filter(None, [keep]))
        answer(tmux, "Log how long it took", *filter(None, [log]))
        assert tmux.status() == 0
        tmux.wait("Nothing was saved." if keep and log else "saved")
    notes = [(one["note"], sorted(one["fields"])) for one in pages(nest)]
    assert notes == ([] if keep and log else [("" if keep else "Words.", [] if log else ["after", "minutes"])])
    assert drafts(nest) == []


@pytest.mark.real
@pytest.mark.parametrize("answered", ["y", "?"])
def test_after_something_very_hard_it_is_not_offered_but_something_lighter_is(nest: Nest, answered: str) -> None:
    with writing(nest) as tmux:
        answer(tmux, "Go on?", "y")
        answer(tmux, "Has something very hard happened to you lately", answered)
        answer(tmux, NOT_NOW)
        tmux.wait("Write. A line with only a '.', or Ctrl+D, ends it.")
        tmux.keys("A heron.", "Enter", ".", "Enter")
        assert tmux.status() == 0
    (entry,) = pages(nest)
    assert (entry["note"], list(entry["fields"])) == ("A heron.", ["prompt"])


@pytest.mark.real
def test_who_feels_very_low_is_not_sent_into_it(nest: Nest) -> None:
    with writing(nest) as tmux:
        answer(tmux, "Go on?", "y")
        answer(tmux, "Has something very hard", "n")
        answer(tmux, "How do you feel now?", "eleven")
        tmux.wait("> eleven 0 (very bad) to 10 (very good)")
        tmux.keys("2", "Enter")
        answer(tmux, LOW, "q")
        assert tmux.status() == 0
    assert pages(nest) == []


@pytest.mark.real
def test_who_was_low_after_the_last_time_is_asked(nest: Nest) -> None:
    yesterday = "yesterday 12:00"
    words = ("--minutes", "15", "--before", "7", "--after", "3", "--at", yesterday)
    assert nest.run("log", "journal", *words).code == 0
    with writing(nest) as tmux:
        answer(tmux, "Go on?", "y")
        answer(tmux, "After the last time you felt lower. Has that settled?", "?")
        answer(tmux, UNSETTLED, "q")
        assert tmux.status() == 0


@pytest.mark.real
def test_it_is_not_offered_at_night_nor_while_a_leg_waits_for_a_doctor(nest: Nest) -> None:
    nest.configure(f'{ON}[profile]\ncountry = "GB"\n[day]\nwake = "06:00"\nbed = "13:30"\n')
    with writing(nest) as tmux:
        answer(tmux, LATE, "q")
        assert tmux.status() == 0
    nest.configure(f'{ON}[profile]\ncountry = "GB"\n')
    assert nest.run("log", "symptoms", "--swelling", "yes").code == 0
    with writing(nest) as tmux:
        answer(tmux, "Not now. Until a doctor or nurse has looked at this leg", "q")
        assert tmux.status() == 0


@pytest.mark.real
@pytest.mark.parametrize("where", ["Go on?", "How do you feel now?", "Enter begins"])
def test_there_is_a_way_out_at_every_question(nest: Nest, where: str) -> None:
    with writing(nest) as tmux:
        for question, key in (("Go on?", "y"), ("Has something very hard", "n"), ("How do you feel now?", "5")):
            if question == where:
                break
            answer(tmux, question, key)
        wait_for(lambda: where in last_page(tmux), 30, where)
        tmux.keys("C-c")
        assert tmux.status() == 0
        tmux.wait("Stopped. Nothing was saved.")
    assert (pages(nest), drafts(nest)) == ([], [])


@pytest.mark.real
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
def test_a_text_that_was_cut_off_is_offered_again(nest: Nest, number: signal.Signals) -> None:
    with writing(nest) as tmux:
        to_the_sheet(tmux)
        tmux.keys("Half a thought")
        wait_for(lambda: any(b"thought" in one.read_bytes() for one in drafts(nest)), 30, "it is kept")
        if number == signal.SIGKILL:
            tmux.wait("Half a thought")
        os.kill(process_in(nest), number)
        assert tmux.status() == 128 + number
        if number == signal.SIGTERM:
            assert tmux.settings()[0] == tmux.settings()[1]
    (draft,) = drafts(nest)
    assert (draft.read_text(), draft.stat().st_mode & 0o777) == ("Half a thought", 0o600)
    with writing(nest) as tmux:
        answer(tmux, "From last time 3 words were left behind.", "s")
        answer(tmux, "Go on?", "q")
        assert tmux.status() == 0
    assert [one["note"] for one in pages(nest)] == ["Half a thought"]
    assert drafts(nest) == []


def leave_behind(nest: Nest, data: bytes) -> None:
    """A text whose sitting was killed."""
    place = nest.home.data_dir / "drafts" / "journaling.writing"
    place.mkdir(parents=True)
    (place / "journaling.writing.txt").write_bytes(data)


@pytest.mark.real
def test_a_text_that_cannot_be_saved_stays_and_it_is_said_where(nest: Nest) -> None:
    leave_behind(nest, b"Half a \xff")
    with writing(nest, columns=300) as tmux:
        answer(tmux, "From last time 3 words were left behind.", "s")
        assert tmux.status() == 1
        tmux.wait("what you wrote is kept, and `crampcoach journal --writing` offers it again")
    assert [one.read_bytes() for one in drafts(nest)] == [b"Half a \xff"]


@pytest.mark.real
def test_a_text_that_was_saved_before_a_kill_is_not_offered_again(nest: Nest) -> None:
    assert nest.run("log", "journal", "--note", "Half a thought").code == 0
    leave_behind(nest, b"Half a thought\n\n")
    with writing(nest) as tmux:
        answer(tmux, "Go on?", "q")
        assert tmux.status() == 0
        assert "left behind" not in tmux.text()
    assert ([one["note"] for one in pages(nest)], drafts(nest)) == (["Half a thought"], [])


@pytest.mark.real
def test_a_second_sheet_is_refused_before_it_opens(nest: Nest) -> None:
    with writing(nest) as first:
        to_the_sheet(first)
        with writing(nest, columns=300) as second:
            for question, key in (("Go on?", "y"), ("Has something very hard", "n"), ("How do you feel now?", "6")):
                answer(second, question, key)
            answer(second, "Enter begins")
            assert second.status() == 1
            assert "is being written in another window; finish there first" in second.text()
            (second.folder / "status").unlink()
        first.keys("Words.")
        first.wait("Words.")
        first.keys("C-c")
        answer(first, "1 word in 1 min.", "6")
        answer(first, "Keep what you wrote")
        answer(first, "Log how long it took")
        assert first.status() == 0
    assert ([one["note"] for one in pages(nest)], drafts(nest)) == (["Words."], [])


#: Commands of plugins on a clock on which a minute passes in a twentieth of a second.
FAST = """\
import sys, time
from crampcoach.cli import main, plugin_commands
plugin_commands.CommandSession.monotonic = lambda self: time.monotonic() * 1200
main(sys.argv[1:])
"""


@dataclass
class FastNest(Nest):
    """Commands in it live through 15 minutes within a second."""

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-c", FAST, *words] if "--writing" in words else super().command(*words)


@pytest.mark.real
def test_a_bell_rings_when_the_time_is_over_and_nobody_is_cut_off(nest: Nest) -> None:
    fast = FastNest(nest.folder, nest.env)
    with writing(fast) as tmux:
        tmux("set-option", "-g", "monitor-bell", "on")
        to_the_sheet(tmux)
        tmux.keys("One.")
        tmux.wait(OVER)
        tmux.keys(" Two.")
        tmux.wait("One. Two.")
        tmux.keys("C-d")
        answer(tmux, "2 words in", "7")
        answer(tmux, "Keep what you wrote")
        answer(tmux, "Log how long")
        assert tmux.status() == 0
    (entry,) = pages(nest)
    assert entry["note"] == "One. Two."
    assert entry["fields"]["minutes"] > 15


@pytest.mark.real
@pytest.mark.parametrize(("columns", "rows"), [(60, 20), (30, 14)])
def test_a_small_terminal(nest: Nest, columns: int, rows: int) -> None:
    with writing(nest, columns=columns, rows=60) as tmux:
        to_the_sheet(tmux)
        tmux("resize-window", "-x", str(columns), "-y", str(rows))
        tmux.paste("many words " * 100)
        tmux.keys("the end")
        tmux.wait("the end")
        tmux.wait("minutes left.")
        assert CRISIS in tmux.text()
        assert max(map(len, tmux.screen())) <= columns
        tmux.keys("C-d")
        tmux.wait("Enter leaves it out. >")
