"""The texts as explainers: files to values, in the order in which they are listed."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from crampcoach import Claim, Context, Explainer, Fit, Source

#: How the groups are listed.
GROUPS = ("how common", "telling it apart", "causes", "measures")
#: By what is seen and felt these are listed; the record's id, which names an illness, still finds them.
LISTED_AS = {
    "dx-acute-limb-ischaemia": "dx-cold-foot",
    "dx-compartment": "dx-tight-leg",
    "dx-dvt": "dx-one-leg",
    "dx-mnd": "dx-growing-weakness",
    "dx-rest-pain-clti": "dx-foot-pain-at-rest",
}
#: What the article that this project grew out of says is told in its name, and never in ours.
LEAD = "The article this project grew out of says"
#: How its claims stand beside what is published.
VERDICTS = {
    "supported": "That is supported",
    "partly": "That is supported in part",
    "not supported": "That is not supported",
    "contradicted": "What was measured contradicts that",
    "no study found": "No study that tests this was found",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleClaim:
    """One thing that the article says, how it stands beside what is published, and which explainers answer it.

    stands: said in place of the verdict's own sentence, where that would say more than is known.
    """

    id: str
    says: str
    verdict: str
    known: str
    answered_by: tuple[str, ...]
    stands: str = ""

    @property
    def told(self) -> str:
        """It, in the article's name, and what is known."""
        return f"{LEAD} {self.says}. {self.stands or VERDICTS[self.verdict]}. {self.known}"


@cache
def article_claims() -> tuple[ArticleClaim, ...]:
    """S1 to S22, in their order."""
    return tuple(
        ArticleClaim(**{**one, "answered_by": tuple(one["answered_by"])}) for one in _toml("article.toml")["claim"]
    )


@cache
def sources() -> Mapping[str, Source]:
    """Every source that a text cites, by id."""
    return {one["id"]: Source(**one) for one in _toml("sources.toml")["source"]}


@cache
def words() -> Mapping[str, list[str]]:
    """What else people type for an explainer, by the record's id."""
    return _toml("words.toml")


def listed(record: str) -> str:
    """The name under which the explainer of a record is listed."""
    return LISTED_AS.get(record, record)


def read_all(fits: Mapping[str, Callable[[Context[Any]], Fit | None]] | None = None) -> list[Explainer]:
    """Every text as an explainer, by group and name."""
    names = sorted(path.name.removesuffix(".toml") for path in files(__package__).joinpath("texts").iterdir())
    found = [read(name, _toml("texts", f"{name}.toml"), (fits or {}).get(name)) for name in names]
    return sorted(found, key=lambda one: (GROUPS.index(one.group), one.name))


def read(name: str, text: Mapping[str, Any], fits: Callable[[Context[Any]], Fit | None] | None = None) -> Explainer:
    """One text. Raises KeyError, TypeError or ValueError for what it lacks."""
    claims = [Claim(**claim) for claim in text["claims"]]
    cited = dict.fromkeys(id for claim in claims for id in claim.sources)
    article = "\n\n".join(one.told for one in article_claims() if name in one.answered_by)
    formerly = (name, name.partition("-")[2]) if name in LISTED_AS else ()
    return Explainer(
        **{**text, "claims": claims, "related": [listed(one) for one in text.get("related", ())]},
        name=listed(name),
        found_by=[*formerly, *words().get(name, ())],
        sources=[sources()[id] for id in cited],
        article=article,
        fits=fits,
    )


def _toml(*path: str) -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath(*path).read_text(encoding="utf-8"))
