"""`explain`: what cramps may come from and what is known of it: the list, one of them, a search, the sources."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import TYPE_CHECKING, Any, TypeAlias

import click
from click.shell_completion import CompletionItem

from crampcoach.cli.offers import Offer, offered
from crampcoach.cli.printing import json_option, print_json, print_whole, print_wrapped
from crampcoach.cli.session import Session
from crampcoach.model import Problem

if TYPE_CHECKING:
    from crampcoach.explaining.document import Document
    from crampcoach.explaining.explainer import Explainer

    Offers: TypeAlias = Mapping[str, Offer[Explainer]]

_NONE = "there is nothing to read: no plugin that is on explains anything; `crampcoach plugins` lists them"
_YOURS = "a file of your own"
_WAITS = "Not now: what is said above about signs that need a doctor comes first."


def _known(ctx: click.Context) -> Offers:
    """Every explainer by its id, with its plugin."""
    from crampcoach.explaining.explainer import Explainer

    return offered(ctx, "explainers", Explainer)


def _names(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    known = _known(ctx)
    return [CompletionItem(name, help=known[name].value.title) for name in sorted(known) if name.startswith(incomplete)]


@click.command("explain")
@click.argument("words", metavar="[ID]", nargs=-1, shell_complete=_names)
@click.option("--search", "searching", is_flag=True, help="List those in which these words stand: --search calf knot")
@click.option("--sources", "of_sources", is_flag=True, help="List the sources, of all or of ID.")
@click.option("--format", "form", type=click.Choice(["text", "markdown", "html"]), help="How ID is printed.")
@click.option("--for-me", is_flag=True, help="What your own entries say for and against them, in counts.")
@click.option(
    "--since", help="With --for-me: look at the entries from this day on, or of the last 30d; else of 12 weeks."
)
@json_option
@click.pass_context
def explain_command(
    ctx: click.Context,
    words: tuple[str, ...],
    searching: bool,
    of_sources: bool,
    form: str | None,
    for_me: bool,
    since: str | None,
    as_json: bool,
) -> None:
    """What cramps may come from, what people try, and how sure anybody can be of it. Without ID: list all.

    ID is what stands first in the list, or an everyday name; the name of a group lists that group. It gives
    information, and does not replace a doctor.

    JSON of the list: name, title, group, summary, grade, plugin, origin; of one also see, claims, in_log, people_try,
    held, article, limits, also_called, related, sources; of sources id, authors, title, venue, year, doi, url,
    checked_on, address, used_in. With --for-me one object: since, first_night, last_night, nights, entered,
    not_entered, said, explainers; each of these with name, title, group, plugin, origin, speaks_for, speaks_against,
    neither, not_recorded.
    """
    from crampcoach.explaining.texts import in_group, named, search

    text = " ".join(words).strip()
    if for_me and (words or searching or of_sources or form):
        raise click.UsageError("--for-me is about all of them; leave out what else is asked for")
    if since is not None and not for_me:
        raise click.UsageError("--since goes with --for-me")
    if for_me:
        _for_me(ctx, since, as_json=as_json)
        return
    if searching and (of_sources or not text):
        raise click.UsageError("--search needs the words to look for, and nothing else")
    if form and (as_json or searching or of_sources or not text):
        raise click.UsageError("--format says how one ID is printed; leave out what else is asked for")
    waits = ""
    one = bool(text) and not searching
    if not of_sources and (one or not as_json):
        with Session(ctx) as session:  # before any plugin is asked, which may take long
            waits = _say_what_is_open(session, err=as_json or form not in (None, "text"))
    known = _known(ctx)
    if text and not known:
        raise Problem(_NONE)
    explainers = {name: offer.value for name, offer in known.items()}
    group = in_group(explainers, text) if one and text not in known else []
    if group and form:
        raise click.UsageError(f"--format says how one ID is printed, and {text!r} is a group")
    if one and not group:
        name = named(explainers, text)
        if not of_sources:
            _print_one(known, name, form or "text", waits, as_json=as_json)
            return
        group = [name]
    if of_sources:
        _print_sources([explainers[name] for name in group or known], as_json=as_json)
    else:
        found = search(explainers, text) if searching else group or list(known)
        empty = f"Nothing that is explained has {text!r} in it." if searching else _NONE
        _print_list({name: known[name] for name in found}, empty, by_group=not searching, as_json=as_json)


def _for_me(ctx: click.Context, since: str | None, *, as_json: bool) -> None:
    from crampcoach.cli import for_me
    from crampcoach.explaining.texts import named

    with Session(ctx) as session:
        begins = for_me.since_of(since, session.now)
        stopped = for_me.why_not(session)  # before advice is printed, which counts as read in a terminal
        waits = _say_what_is_open(session, err=as_json)
        child = session.profile.adult == "no"
        if child:
            for_me.say_what_a_child_needs(session, err=as_json)
        if as_json or not child:
            stopped = for_me.NO_CHILD if child else stopped
            for_me.look(session, lambda: _known(ctx), begins, stopped, as_json=as_json)
            return
    known = _known(ctx)
    try:
        name = named({name: offer.value for name, offer in known.items()}, for_me.CHILDREN)
    except Problem:
        return
    _print_one(known, name, "text", waits, as_json=False)


def _print_list(found: Offers, empty: str, *, by_group: bool, as_json: bool) -> None:
    from crampcoach.explaining.document import plain
    from crampcoach.explaining.texts import CLOSING, said

    if as_json:
        print_json([_row(offer) for offer in found.values()])
        return
    if not found:
        print_wrapped(empty)
        return
    width = max(map(len, found))
    offers = list(found.values())
    groups = list(dict.fromkeys(offer.value.group.upper() for offer in offers))
    if by_group:
        offers.sort(key=lambda offer: groups.index(offer.value.group.upper()))
    for group, members in groupby(offers, lambda offer: offer.value.group.upper() if by_group else ""):
        if group:
            print_wrapped(group)
        for offer in members:
            one = offer.value
            head = f"  {one.name:<{width}}  {said(one.grade):<10}  "
            origin = "" if offer.loaded.found.origin == "bundled" else f" (from {offer.loaded.name})"
            print_wrapped(plain(f"{one.title}: {one.summary}{origin}"), head)
        if group:
            click.echo()
    print_wrapped("`crampcoach explain ID` says more: how sure it is, when to see someone, and where it comes from.")
    print_wrapped(CLOSING)


def _row(offer: Offer[Explainer]) -> dict[str, Any]:
    one = offer.value
    names = ("name", "title", "group", "summary", "grade")
    row = {name: getattr(one, name) for name in names}
    return {**row, "plugin": offer.loaded.name, "origin": offer.loaded.found.origin}


def _print_one(known: Offers, name: str, form: str, waits: str, *, as_json: bool) -> None:
    from crampcoach.explaining.document import as_html, as_markdown
    from crampcoach.explaining.texts import as_object, explained

    offer = known[name]
    found = offer.loaded.found
    if as_json:
        print_json({**_row(offer), **as_object(offer.value, waits=waits)})
        return
    document = explained(
        offer.value,
        related={other: each.value.title for other, each in known.items()},
        # No path: what is printed may be given to somebody.
        origin=""
        if found.origin == "bundled"
        else f"the plugin {found.name}, {_YOURS if found.path else found.origin}",
        waits=waits,
    )
    if form == "text":
        _print_document(document)
    else:
        click.echo((as_html if form == "html" else as_markdown)(document), nl=False)


def _say_what_is_open(session: Session, *, err: bool) -> str:
    """Advice that nobody is known to have read comes before anything else. Why nothing is to be tried, if so."""
    from crampcoach.cli.saving import print_advice, why_held
    from crampcoach.cli.unread import print_unread, unread

    advice = unread(session).advice
    if err:
        print_advice(advice, err=True)
    else:
        print_unread(session)
    return why_held(session) or (_WAITS if any(one.level != "routine" for one in advice) else "")


def _print_document(document: Document) -> None:
    from crampcoach.explaining.document import as_lines

    for line in as_lines(document):
        if line.whole:
            print_whole(line.text, line.head)
        else:
            print_wrapped(line.text, line.head)


def _print_sources(explainers: Iterable[Explainer], *, as_json: bool) -> None:
    from crampcoach.explaining.texts import address, cited, source_object, sources

    found = sources(explainers)
    if as_json:
        print_json([{**source_object(source), "used_in": used} for source, used in found.items()])
        return
    if not found:
        print_wrapped(_NONE)
    for source, used in found.items():
        print_wrapped(cited(source))
        if address(source):
            print_whole(address(source), "    ")
        print_wrapped(f"for {', '.join(used)}", "    ")
