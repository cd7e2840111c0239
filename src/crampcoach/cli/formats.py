"""The formats of plugins: a command for each of them below `import` and `export`, and their list."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeAlias

import click

from crampcoach.cli.log import typed
from crampcoach.cli.offers import Offer
from crampcoach.cli.printing import print_rows
from crampcoach.model import Kind
from crampcoach.options import convert, did_you_mean

if TYPE_CHECKING:
    from crampcoach.transfer.formats import Exporter, Importer

    Format: TypeAlias = Importer | Exporter


class Formats(click.Group):
    """One command for each format, with an option for each of its fields.

    known: every format by name, with its plugin. made: its command. none: why there may be no format.
    """

    def __init__(
        self,
        *args: Any,
        known: Callable[[click.Context], Mapping[str, Offer[Any]]],
        made: Callable[[Offer[Any]], click.Command],
        none: str,
        **attrs: Any,
    ) -> None:
        super().__init__(*args, **attrs)
        self.known, self.made, self.none = known, made, none

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(self.known(ctx))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        known = self.known(ctx)
        if cmd_name in known:
            return self.made(known[cmd_name])
        if not ctx.resilient_parsing:
            ctx.fail(f"there is no format {cmd_name!r}{did_you_mean(cmd_name, known) if known else f'; {self.none}'}")
        return None


def print_formats(known: Mapping[str, Offer[Any]], none: str, *, as_json: bool) -> None:
    """List the formats. JSON: name, title, suffix, media_type, plugin."""
    rows = [
        {
            "name": name,
            "title": one.value.title,
            "suffix": one.value.suffix,
            "media_type": one.value.media_type,
            "plugin": one.loaded.name,
        }
        for name, one in sorted(known.items())
    ]
    print_rows(rows, as_json=as_json, columns=["name", "title"], empty=f"There is no format: {none}.")


def as_kind(one: Format) -> Kind:
    """Its options are given, checked and described as the fields of an entry are."""
    return Kind(name=one.name, title=one.title, fields=one.options)


def own_options(offer: Offer[Any], given: Mapping[str, Any]) -> Any:
    """The options in `ctx` of a format's function, as they were typed. Raises click.UsageError."""
    values = typed(as_kind(offer.value), given)
    return convert(values, offer.value.options)[0] if offer.value.options else offer.loaded.options


def paragraph(about: str) -> str:
    """What a format says of itself besides, as a part of its help."""
    return f"{about}\n\n" if about else ""


def counted(many: int, first: datetime | None = None, last: datetime | None = None) -> str:
    """How many entries, and from when to when."""
    span = f", {first:%Y-%m-%d} to {last:%Y-%m-%d}" if first and last else ""
    return f"{many:,} {'entry' if many == 1 else 'entries'}{span}"
