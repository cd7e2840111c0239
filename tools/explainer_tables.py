"""Writes docs/explainers.md from the explainers' own data: `make example`.

What the article says and how it stands, which explainers are held against a log, and how a text is corrected. A test
fails while the page is stale.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from crampcoach import Source
from crampcoach.explaining.texts import address, cited
from crampcoach_causes.fitting import SAY, all_fits, without
from crampcoach_causes.reading import LEAD, article_claims, listed, read_all

PAGE = Path(__file__).resolve().parent.parent / "docs" / "explainers.md"
TEXTS = "../plugins/crampcoach_causes/texts"

HEAD = """\
# Explainers: the article, the log, the texts

<!-- Made by tools/explainer_tables.py (`make example`); do not edit it here. -->

crampcoach grew out of an article that lists causes of leg cramps and makes claims about them. Each claim is answered,
kindly and plainly, by an explainer: a short text, every statement of it graded and with its sources. `crampcoach
explain` lists them, `crampcoach explain ID` shows one. They give information, and do not replace a doctor."""

FOR_ME = """\
## Held against your own entries

`crampcoach explain --for-me` looks at your entries of the last 12 weeks (`--since` says otherwise), and says for each
of the explainers below what in them speaks for it, what speaks against it, and what is not recorded. Signs that need
a doctor come first; while one is open, nothing else is read.

- All of it is counts, each with the number that it is of: "2 of 3 cramps were at night". There is no likelihood of
  anything, and no ranking: the order is always that of the list.
- What was not entered counts on neither side, and is said. Where fewer than 7 nights have an entry about them, a cramp
  or an answer about the night, nothing is read.
- Nights are counted, and compared, only where you entered how many cramps there were: as the answer of the morning, or
  by `log night --count`, with 0 for a night without. Cramps entered one by one raise such a number. Without it they
  tell what your cramps are like, and not how often they come: nights without any do not show that way.
- Two sorts of nights are only compared where there are 7 of each, and a difference that chance often makes (less than
  two standard errors) speaks on neither side. A number for every 7 nights is only told where half of all nights, and 7
  at least, have theirs.
- Quinine, tonic water, magnesium, potassium, salt, calcium, vitamins and other supplements are told of with their date:
  nights before and after are not counted. Of any other medicine, fewer cramps after it speak on neither side. What to
  do about one is for a pharmacist or doctor.
- A cramp counts for a night between your bed time and your wake time, as `[day]` of config.toml has them (22:30 and
  07:00 where it has none), or where it was entered as a part of the night. One before noon counts for it too, since it
  may have been told after it, but is not said to have been at night. One of the day, in a nap after lunch say, makes
  no night one with cramps. Who sleeps by day sets `bed` and `wake`, and is counted by those.
- Such counts differ by chance, and do not show where a cramp came from."""

WITHOUT = """\
## Not held against your entries

Nothing is read from a log for these, and why. For the first five that is a rule: what is seen and felt comes as
advice, at once, and nobody waits for a count."""

CORRECT = f"""\
## Correcting a text

Each explainer is one file in [plugins/crampcoach_causes/texts]({TEXTS}), plain text with names before it (TOML); no
Python is needed.

1. Change the words in the file. `summary` is one line; `see` says when to see someone; each `[[claims]]` has a `text`,
   its `grade` and its `sources`.
2. A source is named by its id in `plugins/crampcoach_causes/sources.toml`. One that is not there has to be read, and
   added with its title, authors, year, and DOI or address.
3. A figure, a range, a grade or a source that the evidence record (`tests/evidence_records.toml`) does not have fails
   a test: first the record has to change, with the study that it stands on.
4. `make test ARGS="-k ID"` checks one text; `make example` writes this page anew.

The words that people type for an explainer, and that it does not show, are `plugins/crampcoach_causes/words.toml`.
What the article says, and how it stands, is `plugins/crampcoach_causes/article.toml`. Why an explainer is not held
against a log is `plugins/crampcoach_causes/fitting/without.toml`."""


def page() -> str:
    """The whole page."""
    parts = [HEAD, "\n".join(article()), FOR_ME, "\n".join(counted()), WITHOUT, "\n".join(uncounted()), CORRECT]
    return "\n\n".join(parts) + "\n"


def article() -> Iterator[str]:
    """A row for each claim of the article, then the sources of the explainers that answer them."""
    known = {one.name: one for one in read_all()}
    numbers: dict[Source, int] = {}
    yield from ("## What the article says, and how it stands", "", f"{LEAD} ...", "")
    yield from (
        "| | it says | verdict | what is known | explainers | sources |",
        "| --- | --- | --- | --- | --- | --- |",
    )
    for claim in article_claims():
        sources = dict.fromkeys(source for name in claim.answered_by for source in known[listed(name)].sources)
        for source in sources:
            numbers.setdefault(source, len(numbers) + 1)
        names = ", ".join(map(_link, claim.answered_by))
        refs = ", ".join(f"[{numbers[source]}](#s{numbers[source]})" for source in sources)
        cells = (claim.id, claim.says, claim.verdict, claim.known, names, refs)
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
    yield from ("", "### Sources of these explainers", "")
    for source, number in numbers.items():
        where = address(source)
        yield f'{number}. <a id="s{number}"></a>{cited(source)}{f" <{where}>" if where else ""}'


def counted() -> Iterator[str]:
    """The explainers that are held against a log."""
    yield from ("| explainer | about |", "| --- | --- |")
    for one in read_all(all_fits()):
        if one.name in SAY:
            yield f"| {_link(one.name)} | {one.title} |"


def uncounted() -> Iterator[str]:
    """The others, each with its reason."""
    titles = {one.name: one.title for one in read_all()}
    yield from ("| explainer | about | why not |", "| --- | --- | --- |")
    for name, reason in without().items():
        yield f"| {_link(name)} | {titles[listed(name)]} | {reason} |"


def _link(record: str) -> str:
    """An explainer as it is listed, and the file of its text."""
    return f"[{listed(record)}]({TEXTS}/{record}.toml)"


if __name__ == "__main__":
    if sys.argv[1:] == ["--check"]:
        sys.exit(
            0 if PAGE.exists() and page() == PAGE.read_text("utf-8") else f"{PAGE.name} is stale; run: make example"
        )
    PAGE.write_text(page(), "utf-8")
