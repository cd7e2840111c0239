"""Shows messages as desktop notifications with buttons.

On Linux it talks to the notification server over D-Bus (`linux.py`). On macOS and Windows there is no desktop notifier
yet: the next one in `order` is used; a later release shows them with desktop-notifier.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from crampcoach import hookimpl

if TYPE_CHECKING:
    from crampcoach import Context, Notifier

api = 1


@hookimpl
def notifiers(ctx: Context[None]) -> list[Notifier]:
    """The notifier for this platform. Its token tells the popups of this home from those of another one."""
    if sys.platform in ("darwin", "win32"):
        return []
    # Imported here, so that a person who has turned this plugin off never pays for a D-Bus library.
    from crampcoach_desktop.linux import DesktopNotifier

    token = ctx.store.get("token")
    if not token:
        token = os.urandom(6).hex()
        ctx.store.set("token", token)
    return [DesktopNotifier(token)]
