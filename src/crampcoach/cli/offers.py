"""What plugins offer to commands: more commands, formats, explainers. They are asked when a command needs it only.

Each plugin is asked in a guarded call, all at the same time; what one of them does wrong is said, and costs neither the
others anything nor what it gave before. Of two that offer the same name, the bundled one is kept.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import click

from crampcoach.checks import NAME
from crampcoach.cli.printing import print_failure
from crampcoach.cli.session import Session
from crampcoach.guard import DEADLINE, ask, each

if TYPE_CHECKING:
    from collections.abc import Callable

    from crampcoach.cli.looking import Look
    from crampcoach.loading import Loaded

T = TypeVar("T")

#: Where the context of a command keeps the plugins that it has loaded, and what they offer.
_LOADED = "crampcoach.loaded"
_OFFERS = "crampcoach.offers"


@dataclass(frozen=True, slots=True)
class Offer(Generic[T]):
    """Something that a plugin offers, and the plugin."""

    loaded: Loaded
    value: T


def offered(ctx: click.Context, hook: str, of: type[T], taken: Collection[str] = ()) -> dict[str, Offer[T]]:
    """What the plugins in use give for a hook, by its name, once for a command. `taken` are names of crampcoach's own.

    While a shell asks for completions nothing is touched, and nobody is told of anything.
    """
    if ctx.resilient_parsing:
        return _seen_by_tab(ctx, hook, of, taken)
    offers: dict[str, dict[str, Offer[T]]] = ctx.meta.setdefault(_OFFERS, {})
    if hook not in offers:
        with Session(ctx) as session:
            use_loaded(ctx, session)
            offers[hook] = offers_of(session, hook, of, taken)
    return offers[hook]


def use_loaded(ctx: click.Context, session: Session) -> None:
    """A plugin is imported once for a command: give a session the plugins of an earlier one, or keep its own."""
    if _LOADED in ctx.meta:
        session.loaded = ctx.meta[_LOADED]
    else:
        session.say_failures()
        ctx.meta[_LOADED] = session.loaded


def offers_of(session: Session, hook: str, of: type[T], taken: Collection[str] = ()) -> dict[str, Offer[T]]:
    """The same for a session that is open already."""
    return _collected(session, hook, of, taken, print_failure)


def _seen_by_tab(ctx: click.Context, hook: str, of: type[T], taken: Collection[str]) -> dict[str, Offer[T]]:
    from crampcoach.cli.completion import looked
    from crampcoach.cli.looking import TAB

    return _collected(looked(ctx), hook, of, taken, lambda *_: None, TAB)


def _collected(
    view: Session | Look,
    hook: str,
    of: type[T],
    taken: Collection[str],
    say: Callable[[str, str], None],
    seconds: float = DEADLINE,
) -> dict[str, Offer[T]]:
    given: dict[str, list[Any]] = {}
    maker, now = view.maker(), view.now

    def asked(loaded: Loaded) -> None:
        kept, ctx = given.setdefault(loaded.name, []), maker.make(loaded.name, loaded.options, now)
        if hook == "exporters":
            from crampcoach.loading import known_kinds
            from crampcoach.transfer.exporting import wordless

            # Its `write` may keep it, and the person has not said --with-text yet.
            ctx = wordless(ctx, known_kinds(view.loaded.values()))
        for value in each(f"{hook}()", loaded.plugin.call(hook, ctx=ctx), of):
            kept.append(value)

    able = [one for one in view.loaded.values() if one.plugin.has(hook)]
    able.sort(key=lambda one: (one.found.origin != "bundled", one.name))
    outcomes = ask(view.clock, {one.name: partial(asked, one) for one in able}, f"{hook}()", seconds)
    found: dict[str, Offer[T]] = {}
    for loaded in able:
        outcome = outcomes[loaded.name]
        if not outcome.ok:
            say(loaded.name, outcome.reason)
        for value in tuple(given.get(loaded.name, ())):
            name = value.name or ""
            if wrong := _clash(loaded, name, of.__name__.lower(), found, taken):
                say(loaded.name, wrong)
            else:
                found[name] = Offer(loaded, value)
    return found


def _clash(loaded: Loaded, name: str, what: str, found: Mapping[str, Offer[Any]], taken: Collection[str]) -> str:
    """Why somebody cannot offer this under this name; empty if they can."""
    if name in taken:
        return f"its {what} {name!r} is crampcoach's own; give it another name"
    if not NAME.fullmatch(name):
        return f"its {what} {name!r}: use a short name of lower-case letters, digits, '-' and '_'"
    if name not in found:
        return ""
    owner = found[name].loaded
    if owner is loaded:
        return f"two of its {what}s are called {name!r}; give each its own name"
    whose = f"{owner.name}'s already ({owner.found.origin})"
    return f"its {what} {name!r} is {whose}; give it another name, or turn one of the two off"
