"""What a message becomes for a notification server: the arguments of its method Notify."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crampcoach_desktop.paragraphs import paragraphs

if TYPE_CHECKING:
    from crampcoach import Message

SIGNATURE = "susssasa{sv}i"
URGENCY = {"low": 0, "normal": 1, "critical": 2}


def full_key(key: str, token: str, occurrence: str) -> str:
    """A button's key with whose it is: an agent killed before it learnt its popup's number still knows the press."""
    return f"{key}|{token}|{occurrence}" if token and occurrence else key


def owner_of(full: str, token: str) -> tuple[str, str]:
    """The plain key, and the occurrence if the popup was shown under this token (else an empty text)."""
    key, _, rest = full.partition("|")
    whose, _, occurrence = rest.partition("|")
    return key, occurrence if token and whose == token else ""


def arguments(message: Message, replaces: int, capabilities: frozenset[str], token: str = "") -> tuple[object, ...]:
    """The arguments, for a server that can do `capabilities`; `replaces` is a popup's number or 0."""
    body = paragraphs(message.body)
    actions: list[str] = []
    if "actions" in capabilities:
        for action in message.actions:
            key = full_key(action.key, token, message.occurrence)
            actions += [_sendable(key), _sendable(action.label)]
    elif instead := message.typed():
        body = f"{body}\n".lstrip("\n") + "\n".join(f"{one.lead}: {one.command}  ({one.label})" for one in instead)
    if "body-markup" in capabilities:
        body = body.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    hints: dict[str, tuple[str, object]] = {
        "urgency": ("y", URGENCY[message.urgency]),
        "desktop-entry": ("s", "crampcoach"),
        "x-crampcoach-occurrence": ("s", _sendable(message.occurrence)),
    }
    if message.picture is not None:
        hints["image-path"] = ("s", message.picture.absolute().as_uri())
    stays = 0  # until it is answered or withdrawn
    return "crampcoach", replaces, "", _sendable(message.title), _sendable(body), actions, hints, stays


def _sendable(text: str) -> str:
    """The text without what the bus would hang up on: NUL, and halves of characters."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
