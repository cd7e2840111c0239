"""`crampcoach card`: the page reaches the paper with every sign and the right numbers, and no other file is lost."""

from __future__ import annotations

import os
import pty
import select
import stat
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from agent_process import POWERLESS, Nest
from coaching import coach_of
from commands import Commands
from crampcoach.safety.flags import flag, red_flags
from crampcoach.testing import Coach
from crampcoach_stretching.card_command import MARK, NOT_ON_IT, USUAL
from crampcoach_stretching.routine import bundled_routine
from test_card import MARGIN, PAPER, Page, height

COUNTRIES = {
    "GB": ("999", "NHS 111"),
    "US": ("911", "your local urgent medical service"),
    "DE": ("112", "your local urgent medical service"),
    "XX": ("your local emergency number (112, 999 or 911 in many countries)", "your local urgent medical service"),
}


@pytest.fixture
def coach(tmp_path: Path) -> Iterator[Coach]:
    with coach_of(tmp_path, "stretching", now="2026-11-22 21:00", zone="Europe/London") as coach:
        yield coach


# --- what is on it ---------------------------------------------------------------------------------------------


@pytest.mark.pure
def test_every_sign_and_every_step_is_on_it(commands: Commands) -> None:
    page = Page(commands.ok("card"))
    items = page.all("li")
    signs = [one.brief for one in red_flags() if one.level in ("now", "same-day") and one.id != "RF-MOOD"]
    steps = [f"{step.title}: {step.instruction}" for step in bundled_routine("evening-seated").steps]
    assert len(signs) == 18
    assert flag("RF-INJURY:now").brief in items[5:12], "a graver sign stands under its own level"
    assert items[5:] == [*signs, *steps]
    assert NOT_ON_IT == ("RF-MOOD",)
    assert page.all("title") == [MARK.removeprefix("<title>").removesuffix("</title>")]


@pytest.mark.pure
@pytest.mark.parametrize("country", COUNTRIES)
def test_the_numbers_are_those_of_the_country_and_it_stays_on_one_sheet(commands: Commands, country: str) -> None:
    commands.ok("log", "profile", "--country", country)
    html = commands.ok("card")
    emergency, advice = COUNTRIES[country]
    paragraphs = Page(html).all("p")
    assert f"Call {emergency} for any of these:" in paragraphs
    assert any(text.startswith(f"Call {advice} or a doctor the same day") for text in paragraphs)
    for words in {number for numbers in COUNTRIES.values() for number in numbers} - {emergency, advice}:
        assert f"Call {words} " not in html
    for paper, (_, high) in PAPER.items():
        assert 200 < height(html) <= high - 2 * MARGIN, paper


@pytest.mark.pure
@pytest.mark.parametrize(
    ("now", "first"),
    [
        ("2026-11-22 21:00", "22 November 2026"),
        ("2026-11-23 00:30", "22 November 2026"),  # the night that has begun
        ("2026-11-23 04:59", "22 November 2026"),
        ("2026-11-23 09:00", "23 November 2026"),
    ],
)
def test_the_first_night_is_the_one_that_comes(coach: Coach, commands: Commands, now: str, first: str) -> None:
    if now > "2026-11-22 21:00":
        coach.advance(now)
    page = Page(commands.ok("card"))
    assert page.all("h2")[-1] == f"Fourteen nights from {first}"
    assert page.all("td")[0].endswith(first.split(maxsplit=1)[0])


@pytest.mark.pure
def test_undated(commands: Commands) -> None:
    page = Page(commands.ok("card", "--undated"))
    assert page.all("h2")[-1] == "Fourteen nights"
    assert set(page.all("td")) == {""}


# --- held ------------------------------------------------------------------------------------------------------


@pytest.mark.pure
@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["symptoms", "--swelling", "yes"], "Until a doctor or nurse has looked at this leg, crampcoach holds back"),
        (["profile", "--pregnant", "yes"], "Held: in pregnancy, ask your midwife first."),
        (["profile", "--adult", "no"], "Held: these measures were tried in adults only"),
    ],
)
def test_no_card_while_stretching_is_held(commands: Commands, tmp_path: Path, words: list[str], reason: str) -> None:
    assert commands("log", *words).status == 0
    card = tmp_path / "card.html"
    for more in ([], ["--undated"], ["--output", str(card)]):
        assert commands.fails("card", *more).startswith(f"no card now. {reason}")
    assert not card.exists()
    if words[0] == "symptoms":
        commands.ok("log", "examined")
        assert MARK in commands.ok("card")


# --- where it goes ---------------------------------------------------------------------------------------------


@pytest.mark.pure
def test_to_a_file(commands: Commands, tmp_path: Path) -> None:
    card = tmp_path / "a card.html"
    said = commands.ok("card", "--output", str(card))
    assert said == f"wrote {card}\nOpen it in a web browser and print it, on one page."
    page = card.read_text(encoding="utf-8")
    assert page == commands("card").out == commands("card", "-o", "-").out
    # An earlier card, or an empty file, is written anew.
    commands.ok("card", "--undated", "-o", str(card))
    assert card.read_text(encoding="utf-8") == commands("card", "--undated").out != page
    card.write_text("")
    commands.ok("card", "-o", str(card))
    assert card.read_text(encoding="utf-8") == page


@pytest.mark.pure
@pytest.mark.parametrize("there", [b"my notes\n", b"<title>Leg cramps</title>", b"\xff\xfe\x00"])
def test_a_file_that_is_no_card_is_left_alone(commands: Commands, tmp_path: Path, there: bytes) -> None:
    other = tmp_path / "notes.html"
    other.write_bytes(there)
    said = commands.fails("card", "--output", str(other))
    assert said == f"{other} is there already and is no card; name another file with --output"
    assert other.read_bytes() == there


@pytest.mark.pure
@pytest.mark.parametrize(
    ("place", "why"),
    [("nowhere/card.html", "No such file or directory"), (".", "Is a directory"), ("x" * 300, "File name too long")],
)
def test_a_place_that_cannot_be_written(commands: Commands, tmp_path: Path, place: str, why: str) -> None:
    path = tmp_path / place
    said = commands.fails("card", "--output", str(path))
    assert said == f"cannot write {path}: {why}; name another file with --output"


@pytest.fixture
def nest(tmp_path: Path) -> Nest:
    return Nest(tmp_path / "coach", {"TZ": "Europe/London", "CRAMPCOACH_PLUGINS": "stretching"})


def in_terminal(nest: Nest, folder: Path, *words: str) -> tuple[int, str]:
    """`crampcoach card` in a terminal, in this folder: exit status and everything that it says."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        nest.command("card", *words), cwd=folder, stdin=theirs, stdout=theirs, stderr=theirs, env=nest.environment()
    )
    os.close(theirs)
    text = b""
    with suppress(OSError):  # nobody has the other end any more
        while select.select([ours], [], [], 30)[0]:
            text += os.read(ours, 65536)
    os.close(ours)
    return process.wait(10), text.decode().replace("\r\n", "\n")


@pytest.mark.real
def test_in_a_terminal_it_is_a_file_in_the_present_folder(nest: Nest, tmp_path: Path) -> None:
    folder = tmp_path / "desk"
    folder.mkdir()
    card = folder / USUAL
    for _ in range(2):  # again after a fortnight
        status, said = in_terminal(nest, folder)
        assert (status, said) == (0, f"wrote {card}\nOpen it in a web browser and print it, on one page.\n")
        Page(card.read_text(encoding="utf-8"))
    assert [one.name for one in folder.iterdir()] == [card.name]
    card.write_text("mine")
    status, said = in_terminal(nest, folder)
    assert status == 1
    assert said == f"crampcoach: {card} is there already and is no card; name another file with --output\n"
    status, said = in_terminal(nest, folder, "-o", "-")
    assert (status, MARK in said, card.read_text()) == (0, True, "mine")


@pytest.mark.real
def test_a_folder_that_may_not_be_written(nest: Nest, tmp_path: Path) -> None:
    folder = tmp_path / "desk"
    folder.mkdir(mode=0o500)
    nest.prefix = POWERLESS
    status, said = in_terminal(nest, folder)
    assert status == 1
    assert said == (f"crampcoach: cannot write {folder / USUAL}: Permission denied; name another file with --output\n")
    closed = tmp_path / "closed.html"
    closed.write_text("mine")
    closed.chmod(0)
    assert f"cannot write {closed}: Permission denied" in nest.run("card", "-o", str(closed)).err


@pytest.mark.real
def test_in_a_pipe_it_is_utf_8_whatever_the_terminal_speaks(nest: Nest, tmp_path: Path) -> None:
    environment = nest.environment(LC_ALL="C", PYTHONIOENCODING="latin-1", PYTHONUTF8="0")
    done = subprocess.run(nest.command("card"), cwd=tmp_path, env=environment, capture_output=True, check=True)
    assert done.stderr == b""
    assert "\N{LEFT DOUBLE QUOTATION MARK}Get help now" in done.stdout.decode()
    assert not (tmp_path / USUAL).exists()


@pytest.mark.real
def test_without_any_output_it_is_a_file(nest: Nest, tmp_path: Path) -> None:
    command = ["sh", "-c", 'exec "$@" >&-', "sh", *nest.command("card")]
    done = subprocess.run(command, cwd=tmp_path, env=nest.environment(), stderr=subprocess.PIPE, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert stat.S_ISREG((tmp_path / USUAL).stat().st_mode)
    Page((tmp_path / USUAL).read_text(encoding="utf-8"))
