"""`explain --for-me`: what the person's own entries say for and against each explainer, in counts.

What needs a doctor comes first; while it is open, nothing else is told. No cause is ever named as the person's own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from itertools import chain, groupby
from typing import TYPE_CHECKING, Any

import click

from crampcoach.cli.at import read_with
from crampcoach.cli.offers import Offer
from crampcoach.cli.printing import one_line, print_failure, print_json, print_wrapped
from crampcoach.cli.session import Session
from crampcoach.explaining.holding_against import ENOUGH, PARTS, WEEKS, Nights
from crampcoach.moments import parse_bound

if TYPE_CHECKING:
    from crampcoach.explaining.explainer import Explainer, Fit

#: By this everyday name the one explainer for whoever is no adult is found; the core knows no plugin.
CHILDREN = "growing pains"
NO_CHILD = "crampcoach is made for adults, and looks at no child's entries."
_STOPPED = "Nothing is read from your entries here meanwhile."
_NO_NIGHTS = (
    "No plugin that is on has entries about nights, so nothing is counted. `crampcoach plugins` lists what can be "
    "turned on."
)
_URGENT = "What is said above about signs that need a doctor comes first."
_FEW = (
    f"Fewer than {ENOUGH} nights have an entry about them, too few to say anything from. Enter some more, and ask "
    "again."
)
_CHANCE = (
    "These are counts. Chance alone makes such numbers differ, and they do not show where a cramp came from. The order "
    "says nothing about how likely anything is."
)
_NOT_RECORDED = "NOT RECORDED"
_NOTHING_FITS = "None of the explainers in use can say anything about your entries."


def since_of(said: str | None, now: datetime) -> datetime:
    """Where the time begins that is looked at. Raises click.UsageError."""
    asked = read_with("--since", said, lambda text: parse_bound(text, now))
    return asked or now - timedelta(weeks=WEEKS)


def why_not(session: Session) -> str:
    """Why nothing is to be read from the entries now; empty if it may be."""
    from crampcoach.cli.unread import unread
    from crampcoach.safety.wording import MEASURES

    # Pregnancy alone does not stop it: `acute` leaves that out.
    held = next((reason for measure in MEASURES if (reason := session.held(measure, acute=True))), "")
    urgent = any(one.level != "routine" for one in unread(session).advice)
    return f"{held or _URGENT} {_STOPPED}" if held or urgent else ""


def say_what_a_child_needs(session: Session, *, err: bool = False) -> None:
    """The signs for whoever is no adult."""
    from crampcoach.cli.saving import print_advice

    print_advice(session.person.advice(["RF-CHILD"]), err=err)
    if not err:
        print_wrapped(f"{NO_CHILD} This is what it can tell you:")
        click.echo()


def look(
    session: Session,
    known: Callable[[], Mapping[str, Offer[Explainer]]],
    since: datetime,
    stopped: str,
    *,
    as_json: bool,
) -> None:
    """Hold the explainers against the entries since then, and print what came of it; `stopped`: why nothing is read."""
    from crampcoach.explaining.holding_against import of_nights
    from crampcoach.explaining.texts import MIDWIFE

    kinds = of_nights(session.kinds.values())  # first: loading plugins opens the files anew
    found = _nights(session, kinds, since)
    offers: Mapping[str, Offer[Explainer]] = {}
    fits: Mapping[str, Fit] = {}
    reason = stopped or ("" if kinds else _NO_NIGHTS) or (_FEW if found.entered < ENOUGH else "")
    if not reason:
        offers = known()
        fits = _fits(session, offers, since)
        reason = "" if fits else _NOTHING_FITS
    pregnant = session.profile.pregnant == "yes"
    if as_json:
        said = " ".join(filter(None, [MIDWIFE if pregnant else "", reason]))
        print_json(_as_object(found, since, said, offers, fits))
        return
    if pregnant:
        print_wrapped(MIDWIFE)
    if not stopped and kinds:
        print_wrapped(found.said)
    if reason:
        print_wrapped(reason)
    _print(offers, fits)


def _nights(session: Session, kinds: Mapping[str, bool], since: datetime) -> Nights:
    from crampcoach.explaining.holding_against import nights
    from crampcoach.store import entries

    log = session.store.log
    # Of the other entries only the first is needed: it is where the time begins.
    asked = [
        entries.select(log, since=since, limit=1),
        *(entries.select(log, kind=kind, since=since) for kind in kinds),
    ]
    return nights(chain.from_iterable(asked), kinds, session.now.date(), session.config.hours.in_bed)


def _fits(session: Session, offers: Mapping[str, Offer[Explainer]], since: datetime) -> dict[str, Fit]:
    from crampcoach.explaining.holding_against import fits
    from crampcoach.explaining.holding_against import since as only_since

    plugins = {offer.loaded.name: offer.loaded for offer in offers.values()}
    contexts = {name: only_since(session.context(loaded), since) for name, loaded in plugins.items()}
    asked = {name: (offer.loaded.name, offer.value) for name, offer in offers.items()}
    return fits(session.clock, asked, contexts, print_failure)


def _print(offers: Mapping[str, Offer[Explainer]], fits: Mapping[str, Fit]) -> None:
    from crampcoach.explaining.texts import CLOSING

    told = [name for name, fit in fits.items() if any(getattr(fit, part) for part in PARTS if part != "not_recorded")]
    groups = list(dict.fromkeys(offers[name].value.group for name in told))
    order = sorted(told, key=lambda name: groups.index(offers[name].value.group))
    for group, names in groupby(order, lambda name: offers[name].value.group):
        click.echo()
        print_wrapped(group.upper())
        for name in names:
            offer = offers[name]
            origin = "" if offer.loaded.found.origin == "bundled" else f" (from {offer.loaded.name})"
            print_wrapped(f"{one_line(offer.value.title)}{origin}", f"  {name}  ")
            for part, words in PARTS.items():
                head = f"    {words:<{max(map(len, PARTS.values()))}}  "
                for text in getattr(fits[name], part):
                    print_wrapped(one_line(text), head)
    click.echo()
    _print_missing({name: fit for name, fit in fits.items() if name not in told})
    if fits:
        print_wrapped(_CHANCE)
        print_wrapped("`crampcoach explain ID` says what is known, and when to see someone.")
    print_wrapped(CLOSING)


def _print_missing(fits: Mapping[str, Fit]) -> None:
    """What is not recorded, once for all of which nothing else can be said."""
    reasons: dict[str, list[str]] = {}
    for name, fit in fits.items():
        reasons.setdefault(" ".join(map(one_line, fit.not_recorded)), []).append(name)
    if reasons:
        print_wrapped(_NOT_RECORDED)
    for reason, names in reasons.items():
        print_wrapped(f"{', '.join(names)}: {reason}", "  - ")
    if reasons:
        click.echo()


def _as_object(
    found: Nights, since: datetime, why: str, offers: Mapping[str, Offer[Explainer]], fits: Mapping[str, Fit]
) -> dict[str, Any]:
    return {
        "since": since,
        "first_night": found.first,
        "last_night": found.last,
        "nights": found.total,
        "entered": found.entered,
        "not_entered": found.not_entered,
        "said": why,
        "explainers": [
            {
                **{key: getattr(offers[name].value, key) for key in ("name", "title", "group")},
                "plugin": offers[name].loaded.name,
                "origin": offers[name].loaded.found.origin,
                **{part: list(getattr(fit, part)) for part in PARTS},
            }
            for name, fit in fits.items()
        ],
    }
