"""A document says the same in a terminal, as Markdown and as HTML, whatever signs stand in its texts."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crampcoach.explaining.document import Document, Line, Point, Section, as_html, as_lines, as_markdown, blocks, plain

pytestmark = pytest.mark.pure

EXAMPLE = Document(
    title="Tea",
    about="Nobody knows.",
    sections=[
        Section("What is known", ["Before.", Point("One", ["how sure"]), Point("Two"), "After."]),
        Section("Sources", [Point("Doe J. Tea.", address="https://example.org/a?b=1&c=2", number=1)]),
    ],
    closing=["This is information."],
)


def test_for_a_terminal() -> None:
    assert list(as_lines(EXAMPLE)) == [
        Line("Tea"),
        Line("Nobody knows."),
        Line(),
        Line("WHAT IS KNOWN"),
        Line("Before."),
        Line("One", "  - "),
        Line("how sure", "    "),
        Line("Two", "  - "),
        Line("After."),
        Line(),
        Line("SOURCES"),
        Line("Doe J. Tea.", "  [1] "),
        Line("https://example.org/a?b=1&c=2", "      ", whole=True),
        Line(),
        Line("This is information."),
    ]


def test_as_markdown() -> None:
    assert as_markdown(EXAMPLE) == (
        "# Tea\n\nNobody knows.\n\n## What is known\n\nBefore.\n\n- One\\\n  how sure\n- Two\n\nAfter.\n\n"
        "## Sources\n\n1. Doe J. Tea.\\\n   <https://example.org/a?b=1&c=2>\n\nThis is information.\n"
    )


class Page(HTMLParser):
    """What a page shows, and whether its tags are closed in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.texts: list[str] = []
        self.links: list[str] = []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag != "script"
        self.links += [value or "" for name, value in attrs if name == "href"]
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "body" in self.open and data.strip():
            self.texts.append(data)


def test_as_a_page() -> None:
    page = Page(as_html(EXAMPLE))
    assert page.texts == [
        "Tea", "Nobody knows.", "What is known", "Before.", "One", "how sure", "Two", "After.", "Sources",
        "Doe J. Tea.", "https://example.org/a?b=1&c=2", "This is information.",
    ]  # fmt: skip
    assert page.links == ["https://example.org/a?b=1&c=2"]


#: A text with what means something elsewhere.
signs = st.text(st.sampled_from("a1 <>&\"'*_`[]()#-+=.\\|~!\x1b\r\n\t$:/"), max_size=30).map(plain)


@given(signs, signs, signs)
def test_signs_only_show_themselves_on_a_page(title: str, text: str, address: str) -> None:
    given_ = Document(title, text, [Section(title, [text, Point(text, [text], address)])], [text])
    page = Page(as_html(given_))
    shown = [one for one in (title, text, title, text, text, text, address, text) if one]
    assert "".join("".join(page.texts).split()) == "".join("".join(shown).split())
    assert all(link.startswith(("http://", "https://")) for link in page.links)


#: What must never stand there unescaped, but for the signs of the document itself.
_UNESCAPED = re.compile(r"(?<!\\)(?:\\\\)*[`*_\[\]<>#|~&]")


@given(signs)
def test_signs_only_show_themselves_in_markdown(text: str) -> None:
    markdown = as_markdown(Document("t", text, [Section("s", [text, Point(text, [text])])]))
    for line in markdown.splitlines():
        bare = (
            re.sub(r"^(#+ |- |\s+|\d\. )", "", line).removesuffix("\\") if line.startswith(("#", "- ", " ")) else line
        )
        assert not _UNESCAPED.search(bare), line
        assert not re.match(r"[-+=]|\d+[.)]", bare), line
    unescaped = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", markdown)
    assert not text or text in unescaped.replace("\\\n", "\n")


@pytest.mark.parametrize("address", ["javascript:alert(1)", "https://a b", 'https://a"b', "ftp://a"])
def test_only_addresses_of_the_web_are_links(address: str) -> None:
    given_ = Document("t", "", [Section("s", [Point("p", address=address)])])
    assert Page(as_html(given_)).links == []
    assert f"<{address}>" not in as_markdown(given_)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ()),
        ("One\nline  of\ttwo.\n", ("One line of two.",)),
        ("First.\n\n \nSecond.", ("First.", "Second.")),
        ("See a doctor if:\n- it is red\n- it\n  hurts\n\nThen rest.",
         ("See a doctor if:", Point("it is red"), Point("it hurts"), "Then rest.")),
        ("* one\n* two", (Point("one"), Point("two"))),
        ("3 - 4 minutes\n-5 degrees", ("3 - 4 minutes -5 degrees",)),
        ("\x1b[31mred\x07", ("\ufffd[31mred\ufffd",)),
    ],
)  # fmt: skip
def test_what_authors_write_as_paragraphs_and_points(text: str, expected: tuple[str | Point, ...]) -> None:
    assert blocks(text) == expected
