"""Explains causes and measures out of a folder of Markdown files, a file each: `crampcoach explain ID`.

Install, beside crampcoach's own config.toml, with the folder `explainers` (two samples to begin with):

    cp -r markdown_explainers.py explainers "$(dirname "$(crampcoach config path)")/plugins/"

Settings, in config.toml; this is the default:

    [plugins.markdown_explainers]
    folder = "explainers"  # beside this file, unless it begins with / or ~

A file begins with TOML between two lines `+++`: id, title, group, summary, grade, [[sources]], and if you like
also_called, related, about, cites (the ids of the sources of the main claim, else all) and further [[claims]]. Then
comes the main claim, and below it these sections, of which the first two are needed:

    ## When to see someone
    ## What is not known
    ## What it may look like in a log
    ## What people try

The grade says how sure anybody can be of the claim: high, moderate, low, very-low, none-found or advice. Nothing is
explained without a grade and a source. A file that breaks a rule is left out, and named with its reason.

Privacy: it reads the files of that folder when you read, and nothing of your log. It sends nothing anywhere.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Any

from crampcoach import Claim, Context, Explainer, Problem, Source, hookimpl

api = 1

NEEDED = ("id", "title", "group", "summary", "grade", "sources")
KNOWN = (*NEEDED, "about", "cites", "claims", "also_called", "related")
#: Heading -> the field of an Explainer; the first two are needed.
SECTIONS = {
    "When to see someone": "see",
    "What is not known": "limits",
    "What it may look like in a log": "in_log",
    "What people try": "people_try",
}
FENCE = re.compile(r"\A\ufeff?\+\+\+[ \t]*\n(.*?)^\+\+\+[ \t]*\n(.*)\Z", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Options:
    folder: Annotated[str, "The folder with the Markdown files; beside this file, or a whole path"] = "explainers"


@hookimpl
def options() -> type:
    return Options


@hookimpl
def explainers(ctx: Context[Options]) -> list[Explainer]:
    """Every file that keeps to the rules. One that does not must not cost the others: it is said on the side."""
    folder = Path(__file__).parent / Path(ctx.options.folder).expanduser()
    if not folder.is_dir():
        raise Problem(f"{folder} is no folder; make it and put Markdown files into it, or set `folder`")
    found, wrong = [], []
    for path in sorted(folder.glob("*.md")):
        try:
            found.append(_explainer(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError) as error:
            why = error.strerror if isinstance(error, OSError) else error
            wrong.append(f"{path} is left out: {'it is no UTF-8 text' if isinstance(error, UnicodeError) else why}")
    if wrong and not found:
        raise Problem("\n".join(wrong))
    for sentence in wrong:
        ctx.logger.warning("%s: %s", ctx.plugin, sentence)
    return found


def _explainer(text: str) -> Explainer:
    """A file's text as an Explainer. Raises ValueError or TypeError with a sentence for its author."""
    parts = FENCE.match(text)
    if not parts:
        raise ValueError("it does not begin with TOML between two lines +++")
    try:
        head = tomllib.loads("\n" + parts[1])  # lines are counted from the first +++
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"between the lines +++: {error}") from None
    _check_keys("between the lines +++", head, KNOWN, NEEDED)
    claim, sections = _body(parts[2])
    sources = [_made(Source, one, "[[sources]]") for one in _tables(head, "sources")]
    main = {"text": claim, "grade": head["grade"], "about": head.get("about", "")}
    main["sources"] = head.get("cites", [source.id for source in sources])
    return Explainer(
        name=head["id"],
        title=head["title"],
        group=head["group"],
        summary=head["summary"],
        claims=[_made(Claim, one, "[[claims]]") for one in (main, *_tables(head, "claims"))],
        sources=sources,
        also_called=head.get("also_called", ()),
        related=head.get("related", ()),
        see=sections["see"],
        limits=sections["limits"],
        in_log=sections.get("in_log", ""),
        people_try=sections.get("people_try", ""),
    )


def _body(text: str) -> tuple[str, dict[str, str]]:
    """The main claim, and the sections by the field that each fills."""
    claim, *rest = re.split(r"^##[ \t]+", text, flags=re.MULTILINE)
    found: dict[str, str] = {}
    for part in rest:
        heading, _, said = part.partition("\n")
        if heading.strip() not in SECTIONS:
            raise ValueError(f"'## {heading.strip()}' is no section; there are: {', '.join(SECTIONS)}")
        found[SECTIONS[heading.strip()]] = _plain(said)
    for heading in list(SECTIONS)[:2]:
        if not found.get(SECTIONS[heading]):
            raise ValueError(f"write a section '## {heading}'")
    claim = re.sub(r"\A\s*#[ \t].*", "", claim)  # a heading that repeats the title
    if not claim.strip():
        raise ValueError("write the claim between the second +++ and the first section")
    return _plain(claim), found


def _plain(text: str) -> str:
    """Without the signs of Markdown that are not meant to be read: a link becomes its words and its address."""
    text = re.sub(r"\[([^\]]+)\]\((\S+?)\)", r"\1 (\2)", text)
    return re.sub(r"\*\*|`", "", text).strip()


def _tables(head: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    given = head.get(key, [])
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        raise TypeError(f"{key}: write each below a line [[{key}]]")
    return given


def _made(of: Any, table: Mapping[str, Any], where: str) -> Any:
    """A Source or a Claim. What is missing or of a wrong type it says itself."""
    known = [one.name for one in fields(of)]
    _check_keys(where, table, known, [name for name in known if name in ("id", "title", "text", "grade")])
    return of(**{"sources": (), **table} if of is Claim else table)


def _check_keys(where: str, table: Mapping[str, Any], known: Collection[str], needed: Collection[str]) -> None:
    if missing := [name for name in needed if name not in table]:
        raise ValueError(f"{where}: {', '.join(missing)} must be there")
    if unknown := [name for name in table if name not in known]:
        raise ValueError(f"{where}: {', '.join(unknown)} is unknown; there are: {', '.join(known)}")
