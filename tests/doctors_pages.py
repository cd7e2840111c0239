"""Makes the page for the doctor from entries without a log, and reads it as a parser that knows nothing of it does."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from crampcoach import Asked, Context, Entry, Profile
from crampcoach.context import ContextMaker
from crampcoach.home import Home
from crampcoach_exporters.doctors_page import doctors_page
from crampcoach_exporters.doctors_page.options import Options
from invented_logs import NOW

_VOID = {"meta", "br"}
#: Words on both sides of one of these are one text.
_INLINE = {"b", "bdi", "strong", "text"}
_NOWHERE = Home(Path("/nowhere"), Path("/nowhere"), Path("/nowhere"))


def context(
    options: Options | None = None, asked: Asked | None = None, profile: Profile | None = None, now: datetime = NOW
) -> Context[Any]:
    """As the page's `write` gets it; there is no log behind it."""
    made = ContextMaker(_NOWHERE, profile or Profile()).make("exporters", options or Options(), now)
    return replace(made, asked=asked or Asked())


def page_of(entries: Iterable[Entry], **given: Any) -> str:
    """The page as text."""
    out = io.BytesIO()
    doctors_page().write(iter(entries), out, context(**given))
    return out.getvalue().decode()


class Page(HTMLParser):
    """Each element with its attributes and all its text, in the order in which they begin."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None], list[str]]] = []
        self._open: list[tuple[str, list[str]]] = []
        self.feed(html)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _INLINE:
            self.handle_data(" ")
        found: list[str] = []
        self.elements.append((tag, dict(attrs), found))
        if tag not in _VOID:
            self._open.append((tag, found))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs), []))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        for _, found in self._open:
            found.append(data)

    def all(self, tag: str) -> list[str]:
        """The text of each element of this name."""
        return [" ".join("".join(text).split()) for name, _, text in self.elements if name == tag]

    def with_id(self, name: str) -> str:
        """The text of the element with this id."""
        (found,) = (text for _, attributes, text in self.elements if attributes.get("id") == name)
        return " ".join("".join(found).split())

    def section(self, name: str) -> str:
        """The text of the section whose heading has this id."""
        found = [text for tag, attributes, text in self.elements if attributes.get("aria-labelledby") == name]
        assert len(found) == 1, name
        return " ".join("".join(found[0]).split())

    def rows(self) -> list[list[str]]:
        """The cells of each row of the table of all numbers."""
        rows: list[list[str]] = []
        inside = False
        for tag, attributes, text in self.elements:
            inside = (inside or attributes.get("id") == "numbers") and tag != "section"
            if inside and tag == "tr":
                rows.append([])
            elif inside and tag in ("td", "th"):
                rows[-1].append("".join(text))
        return rows
