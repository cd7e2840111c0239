"""`explain`: what cramps may come from and what is known of it: the list, one of them, a search, the sources."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any, TypeAlias

import click
from click.shell_completion import CompletionItem

from crampcoach.cli.offers import Offer, offered
from crampcoach.cli.printing import in_terminal, json_option, print_json, print_whole, print_wrapped
from crampcoach.cli.saving import print_advice, why_held
from crampcoach.cli.session import Session
from crampcoach.model import Problem

if TYPE_CHECKING:
    from crampcoach.explaining.document import Document
    from crampcoach.explaining.explainer import Explainer

    Offers: TypeAlias = Mapping[str, Offer[Explainer]]

_NONE = "there is nothing to read: no plugin that is on explains anything; `crampcoach plugins` lists them"
_YOURS = "a file of your own"
_WAITS = "Not now: what is said above about signs that need a doctor comes first."
#: What is not held back in pregnancy, by everyday names: the core knows no plugin.
_IN_PREGNANCY = ("pregnancy", "acute stretch", "foot exercises in pregnancy")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reader:
    """Who reads. waits: why nothing is to be tried now, if so; exempt_waits: the same of what is meant for them."""

    child: bool
    pregnant: bool
    waits: str
    exempt_waits: str


def _known(ctx: click.Context) -> Offers:
    """Every explainer by its id, with its plugin."""
    from crampcoach.explaining.explainer import Explainer

    return offered(ctx, "explainers", Explainer)


def _names(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    known = _known(ctx)
    with Session(ctx) as session:
        if session.profile.adult == "no":
            known, _ = _for_a_child(known)
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
    information, and does not replace a doctor. Nothing that you type here is logged.

    JSON of the list: name, title, group, summary, grade, about (what the grade is of), plugin, origin; of one also see,
    claims, in_log, people_try, held, article, limits, also_called, related, sources; of sources id, authors, title,
    venue, year, doi, url, checked_on, address, used_in. With --for-me one object: since, first_night, last_night,
    nights, entered, not_entered, said, explainers; each of these with name, title, group, plugin, origin, speaks_for,
    speaks_against, neither, not_recorded.
    """
    text = " ".join(words).strip()
    if for_me and (words or searching or of_sources or form):
        raise click.UsageError("--for-me is about all of them; leave out what else is asked for")
    if since is not None and not for_me:
        raise click.UsageError("--since goes with --for-me")
    if searching and (of_sources or not text):
        raise click.UsageError("--search needs the words to look for, and nothing else")
    if form and (as_json or searching or of_sources or not text):
        raise click.UsageError("--format says how one ID is printed; leave out what else is asked for")
    if for_me:
        _for_me(ctx, since, as_json=as_json)
    else:
        _explain(ctx, text, searching=searching, of_sources=of_sources, form=form or "text", as_json=as_json)


def _explain(ctx: click.Context, text: str, *, searching: bool, of_sources: bool, form: str, as_json: bool) -> None:
    from crampcoach.explaining.texts import LEADS_ON, in_group, search

    one = bool(text) and not searching
    err = as_json or form != "text"
    with Session(ctx) as session:  # before any plugin is asked, which may take long
        reader = _say_what_is_open(session, text, err=err)
        if reader.child:
            print_advice(session.person.advice(["RF-CHILD"]), err=err)
    known, refusal = _known(ctx), ""
    if text and not known:
        raise Problem(f"{_NONE}. {LEADS_ON}")
    if reader.child:
        known, refusal = _for_a_child(known)
    explainers = {name: offer.value for name, offer in known.items()}
    group = in_group(explainers, text) if one and text not in known else []
    if group and form != "text":
        raise click.UsageError(f"--format says how one ID is printed, and {text!r} is a group")
    if one and not group:
        name = _meant(explainers, text, refusal)
        if not of_sources:
            _print_one(known, name, form, reader, as_json=as_json)
            return
        group = [name]
    if of_sources:
        _print_sources([explainers[name] for name in group or known], as_json=as_json)
    else:
        found = search(explainers, text) if searching else group or list(known)
        empty = f"Nothing that is explained has {text!r} in it. {LEADS_ON}" if searching else _NONE
        if refusal and found and not as_json:
            print_wrapped(refusal)
            click.echo()
        _print_list({name: known[name] for name in found}, refusal or empty, by_group=not searching, as_json=as_json)


def _meant(explainers: Mapping[str, Explainer], words: str, refusal: str) -> str:
    """The id of the one that is meant; to whom most are refused, nothing else is named."""
    from crampcoach.explaining.texts import named

    try:
        return named(explainers, words)
    except Problem:
        if not refusal:
            raise
    raise Problem(refusal)


def _for_a_child(known: Offers) -> tuple[Offers, str]:
    """What there is for whoever is no adult, and why it is no more."""
    from crampcoach.cli.for_me import CHILDREN
    from crampcoach.explaining.texts import LEADS_ON, is_called

    theirs = {name: offer for name, offer in known.items() if is_called(offer.value, [CHILDREN])}
    what = f"only `crampcoach explain {CHILDREN}`" if theirs else "none"
    return theirs, f"Explainers are for adults; for a child there is {what}. {LEADS_ON}"


def _for_me(ctx: click.Context, since: str | None, *, as_json: bool) -> None:
    from crampcoach.cli import for_me

    with Session(ctx) as session:
        begins = for_me.since_of(since, session.now)
        stopped = for_me.why_not(session)  # before advice is printed, which counts as read in a terminal
        reader = _say_what_is_open(session, err=as_json)
        if reader.child:
            for_me.say_what_a_child_needs(session, err=as_json)
        if as_json or not reader.child:
            stopped = for_me.NO_CHILD if reader.child else stopped
            for_me.look(session, lambda: _known(ctx), begins, stopped, as_json=as_json)
            return
    theirs, _ = _for_a_child(_known(ctx))
    for name in theirs:
        _print_one(theirs, name, "text", reader, as_json=False)


def _print_list(found: Offers, empty: str, *, by_group: bool, as_json: bool) -> None:
    from crampcoach.explaining.document import plain
    from crampcoach.explaining.texts import CLOSING, of_what, said

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
            head, of = f"  {one.name:<{width}}  ", of_what(one)
            origin = "" if offer.loaded.found.origin == "bundled" else f" (from {offer.loaded.name})"
            text = plain(f"{one.title}: {one.summary}{origin}")
            if in_terminal(sys.stdout):  # beside all of these the text would get a narrow column
                print_wrapped(f"{said(one.grade)} {of}", head)
                print_wrapped(text, "    ")
            else:
                print_wrapped(f"{of} {text}".lstrip(), f"{head}{said(one.grade):<10}  ")
        if group:
            click.echo()
    print_wrapped("`crampcoach explain ID` says more: how sure it is, when to see someone, and where it comes from.")
    print_wrapped(CLOSING)


def _row(offer: Offer[Explainer]) -> dict[str, Any]:
    one = offer.value
    names = ("name", "title", "group", "summary", "grade", "about")
    row = {name: getattr(one, name) for name in names}
    return {**row, "plugin": offer.loaded.name, "origin": offer.loaded.found.origin}


def _print_one(known: Offers, name: str, form: str, reader: _Reader, *, as_json: bool) -> None:
    from crampcoach.explaining.document import as_html, as_markdown
    from crampcoach.explaining.texts import MIDWIFE, as_object, explained, is_called

    offer = known[name]
    found = offer.loaded.found
    exempt = reader.child or (reader.pregnant and is_called(offer.value, _IN_PREGNANCY))
    waits = reader.exempt_waits if exempt else reader.waits
    first = MIDWIFE if reader.pregnant else ""
    if as_json:
        print_json({**_row(offer), **as_object(offer.value, waits=waits, first=first)})
        return
    document = explained(
        offer.value,
        related={other: each.value.title for other, each in known.items()},
        # No path: what is printed may be given to somebody.
        origin=""
        if found.origin == "bundled"
        else f"the plugin {found.name}, {_YOURS if found.path else found.origin}",
        waits=waits,
        first=first,
    )
    if form == "text":
        _print_document(document)
    else:
        click.echo((as_html if form == "html" else as_markdown)(document), nl=False)


def _say_what_is_open(session: Session, text: str = "", *, err: bool) -> _Reader:
    """First comes what words that are an emergency need, then advice that nobody is known to have read. Who reads."""
    from crampcoach.cli.unread import print_unread, unread
    from crampcoach.explaining.texts import emergencies

    typed = [one for one in session.person.advice(emergencies(text)) if one.level == "now"]
    print_advice(typed, err=err)
    advice = unread(session).advice
    if err:
        print_advice(advice, err=True)
    else:
        print_unread(session)
    waits = _WAITS if any(one.level != "routine" for one in (*typed, *advice)) else ""
    return _Reader(
        child=session.profile.adult == "no",
        pregnant=session.profile.pregnant == "yes",
        waits=why_held(session) or waits,
        exempt_waits=why_held(session, exempt=True) or waits,
    )


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
