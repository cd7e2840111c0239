"""What went wrong between us and the notification server, or what it is, in words for the person."""

from __future__ import annotations

import re

from crampcoach_desktop.bus import BusError

#: For a whole show(): less than the 5 s after which the core gives a notifier up.
PATIENCE = 4.0
NO_SERVER = re.compile(r"org\.freedesktop\.DBus\.Error\.(ServiceUnknown|NameHasNoOwner|Spawn\..*)")
_SLOW = "no answer in time"


def reason(error: BusError) -> str:
    """Why a message was not shown."""
    if NO_SERVER.fullmatch(error.name):
        return "no notification server is running"
    if error.name == "org.freedesktop.DBus.Error.NoReply":
        return "the notification server went away before it answered"
    if error.name:
        return f"the notification server refused the message: {error}"
    if str(error) == _SLOW:
        return f"the notification server did not answer within {PATIENCE:.0f} seconds"
    return str(error)


def remedy(error: BusError) -> str:
    """What the person can do about it."""
    if NO_SERVER.fullmatch(error.name):
        return "install one, for example the package xfce4-notifyd or dunst, then log in again"
    if error.name or str(error) == _SLOW:
        return "log out and in again; if that does not help, another notification server may"
    return "run crampcoach in a terminal window of your desktop, not over ssh or as another user"


def described(information: tuple[object, ...], capabilities: frozenset[str]) -> str:
    """What GetServerInformation and GetCapabilities mean for the person."""
    name, version = (str(information[number]) if len(information) > number else "" for number in (0, 2))
    said = " ".join(filter(None, [name, version])) or "a server without a name"
    if "actions" in capabilities:
        return f"{said} shows popups with buttons"
    return f"{said} shows popups, but it cannot show buttons: answer with the commands that the popup names"
