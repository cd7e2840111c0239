"""Takes from the fact base what a machine can hold texts against: `python tools/evidence_records.py FOLDER`.

It reads facts.md and sources.toml there, and writes tests/evidence_records.toml: of each record its grades, its
figures, which figure each range is of, and the sources that it names, and none of its sentences; and which sources
somebody has read. The explainers are checked against that file, so that no text has a figure that its record lacks.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

import tomli_w

OUT = Path(__file__).resolve().parent.parent / "tests" / "evidence_records.toml"
GRADES = ("high", "moderate", "low", "very-low", "none-found", "advice")
#: Not the digits of names: S2, HbA1c.
_NUMBER = re.compile(r"(?<![A-Za-z\d.,])\d[\d,]*(?:\.\d+)?")
_RANGE = re.compile(r"-?(\d+(?:\.\d+)?)(?: to |-)-?(\d+(?:\.\d+)?)")
#: So far before a range stands the figure that it is of, in characters.
_BEFORE = 70
_SOURCE = re.compile(r"\[([a-z0-9][a-z0-9-]*-[a-z0-9-]+|grandner-2017)(?:,[^\]]*)?\]")


def records(facts: str) -> dict[str, dict[str, list[str]]]:
    """By id: grades, figures (without thousands' commas), sources. A record that says "as above" has that one's too."""
    found: dict[str, dict[str, list[str]]] = {}
    for part in re.split(r"^### ", facts, flags=re.MULTILINE)[1:]:
        name, _, rest = part.partition("\n")
        body = re.split(r"^(?:---|## )", rest, flags=re.MULTILINE)[0]
        grade = re.search(r"\bgrade: (.*?)(?: \| |$)", body, re.MULTILINE)
        words = grade[1] if grade else ""
        # What joins two grades ("low-moderate") is the lower of them.
        graded = [
            one for one in GRADES if re.search(rf"(?<![\w-]){one}(?![\w-])", words.replace("low-moderate", "low"))
        ]
        sources = set(_SOURCE.findall(body))
        text = _SOURCE.sub(" ", body)
        for other in re.findall(r"^- figures: ([a-z0-9-]+-\d{4}) as above", body, re.MULTILINE):
            sources.add(other)
        found[name.strip()] = {
            "grades": graded,
            "figures": _figures(text),
            "ranges": _ranges(text),
            "sources": sorted(sources),
        }
    # Signs that need a doctor stand in a table: what a text says of when to see someone is held against all of it.
    table = facts.partition("## 6. Red flags")[2].partition("\n---")[0]
    found["red-flags"] = {"grades": [], "figures": _figures(_SOURCE.sub(" ", table)), "sources": []}
    return found


def _figures(text: str) -> list[str]:
    return sorted({one.rstrip(",").replace(",", "") for one in _NUMBER.findall(text)}, key=float)


def _ranges(text: str) -> list[str]:
    """A range with each figure that it may be of, without signs: "1.2 0.6 1.8"."""
    found = set()
    for one in _RANGE.finditer(text):
        low, high = sorted(one.groups(), key=float)
        before = text[max(0, one.start() - _BEFORE) : one.start()].rpartition(";")[2]
        found |= {f"{figure} {low} {high}" for figure in _figures(before)}
    return sorted(found)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    found = records((folder / "facts.md").read_text("utf-8"))
    listed = tomllib.loads((folder / "sources.toml").read_text("utf-8"))["source"]
    found["verified"] = {"grades": [], "figures": [], "sources": sorted(one["id"] for one in listed if one["verified"])}
    OUT.write_text(
        "# Made by tools/evidence_records.py from the project's fact base; not edited by hand.\n"
        + tomli_w.dumps(found),
        "utf-8",
    )
