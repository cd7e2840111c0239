"""Takes from the fact base what a machine can hold texts against: `python tools/evidence_records.py FACTS_FILE`.

It writes tests/evidence_records.toml: of each record its grades, its figures and the sources that it names, and none of
its sentences. The explainers are checked against that file, so that no text has a figure that its record lacks.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import tomli_w

OUT = Path(__file__).resolve().parent.parent / "tests" / "evidence_records.toml"
GRADES = ("high", "moderate", "low", "very-low", "none-found", "advice")
#: Not the digits of names: S2, HbA1c.
_NUMBER = re.compile(r"(?<![A-Za-z\d.,])\d[\d,]*(?:\.\d+)?")
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
        found[name.strip()] = {"grades": graded, "figures": _figures(text), "sources": sorted(sources)}
    # Signs that need a doctor stand in a table: what a text says of when to see someone is held against all of it.
    table = facts.partition("## 6. Red flags")[2].partition("\n---")[0]
    found["red-flags"] = {"grades": [], "figures": _figures(_SOURCE.sub(" ", table)), "sources": []}
    return found


def _figures(text: str) -> list[str]:
    return sorted({one.rstrip(",").replace(",", "") for one in _NUMBER.findall(text)}, key=float)


if __name__ == "__main__":
    OUT.write_text(
        "# Made by tools/evidence_records.py from the project's fact base; not edited by hand.\n"
        + tomli_w.dumps(records(Path(sys.argv[1]).read_text("utf-8"))),
        "utf-8",
    )
