"""What a message must become for plyer: each way that it has of showing text mistakes something else for orders.

notify-send takes what begins with a dash as an option, and in the body a backslash as the beginning of a character.
Servers read the body as markup. The way out of a Flatpak pastes text between quotes. Windows has room for little.
"""

from __future__ import annotations

import re

#: Characters of title and body, commands included: a popup is to be read at a glance, and servers have limits too.
ROOM = (120, 1000)
#: On Windows: units of UTF-16, one less than its buffers hold.
WINDOWS_ROOM = (63, 255)
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")


def fit(backend: str, title: str, body: str, answering: str) -> tuple[str, str]:
    """Title and body for the class of plyer's that will show them; `answering` is the body's end, cut last."""
    room = WINDOWS_ROOM if backend == "WindowsNotification" else ROOM
    title = cut(plain(title).replace("\n", " ").strip() or "crampcoach", room[0])
    body = whole_body(plain(body), plain(answering), room[1])
    match backend:
        case "NotifySendNotification":
            return undashed(title), undashed(unmarked(body).replace("\\", "\\\\"))
        case "NotifyDbus":
            return title, unmarked(body)
        case "NotifyDesktopPortals":
            return quotable(title), quotable(body)
        case _:
            return title, body


def plain(text: str) -> str:
    """The text without control characters other than line ends, and without halves of characters."""
    text = CONTROL.sub(" ", text.replace("\r\n", "\n").replace("\0", "")).strip()
    return text.encode("utf-8", "replace").decode("utf-8")


def cut(text: str, room: int) -> str:
    """The text, or as much of its beginning as there is room for, with an ellipsis."""
    if units(text) <= room:
        return text
    text = text[:room]
    while text and units(text) > room - 1:
        text = text[:-1]
    return f"{text.rstrip()}\N{HORIZONTAL ELLIPSIS}" if text else ""


def units(text: str) -> int:
    """Its length as Windows counts it."""
    return len(text.encode("utf-16-le")) // 2


def whole_body(body: str, answering: str, room: int) -> str:
    """Body and commands. A command is left out rather than cut, and none may take more than two thirds of the room."""
    lines = answering.splitlines()
    while units("\n".join(lines)) > room * 2 // 3:
        lines.pop()
    answering = "\n".join(lines)
    if not answering:
        return cut(body, room)
    body = cut(body, room - units(answering) - 1)
    return f"{body}\n{answering}" if body else answering


def undashed(text: str) -> str:
    """No option of a program."""
    return f" {text}" if text.startswith("-") else text


def unmarked(text: str) -> str:
    """For a server that reads markup, as all but the simplest do."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def quotable(text: str) -> str:
    """For between the single quotes of a GVariant text."""
    return text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")
