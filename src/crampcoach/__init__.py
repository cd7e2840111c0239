"""What a plugin author imports. Nothing else in this package is public.

Names are loaded on first use, so that `crampcoach --version` and a plugin's import stay quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

#: Version of the plugin boundary. A plugin says which one it was written for with `api = 1` in its module.
API = 1

if TYPE_CHECKING:
    from crampcoach.actions import Action, Done, Log, Open, Skip, Snooze
    from crampcoach.advice import Advice
    from crampcoach.checks import check_range
    from crampcoach.config import Profile
    from crampcoach.context import Asked, Context
    from crampcoach.explaining.explainer import Claim, Explainer, Fit, Source
    from crampcoach.hookspecs import hookimpl
    from crampcoach.model import Coming, Entry, EntryLog, Kind, Message, Occurrence, Problem, QuietTime, Reminder
    from crampcoach.notifier import Delivered, Failed, Notifier, NotifierEvents, Unconfirmed
    from crampcoach.safety.numbers import Numbers
    from crampcoach.session import Session
    from crampcoach.transfer.formats import Exporter, Importer, Skipped

__all__ = [
    "Action",
    "Advice",
    "Asked",
    "Claim",
    "Coming",
    "Context",
    "Delivered",
    "Done",
    "Entry",
    "EntryLog",
    "Explainer",
    "Exporter",
    "Failed",
    "Fit",
    "Importer",
    "Kind",
    "Log",
    "Message",
    "Notifier",
    "NotifierEvents",
    "Numbers",
    "Occurrence",
    "Open",
    "Problem",
    "Profile",
    "QuietTime",
    "Reminder",
    "Session",
    "Skip",
    "Skipped",
    "Snooze",
    "Source",
    "Unconfirmed",
    "check_range",
    "hookimpl",
]


_HOMES = {
    "hookimpl": "hookspecs",
    "Advice": "advice",
    "check_range": "checks",
    **dict.fromkeys(("Asked", "Context"), "context"),
    "Profile": "config",
    "Numbers": "safety.numbers",
    "Session": "session",
    **dict.fromkeys(("Claim", "Explainer", "Fit", "Source"), "explaining.explainer"),
    **dict.fromkeys(("Exporter", "Importer", "Skipped"), "transfer.formats"),
    **dict.fromkeys(("Action", "Done", "Log", "Open", "Skip", "Snooze"), "actions"),
    **dict.fromkeys(("Delivered", "Failed", "Notifier", "NotifierEvents", "Unconfirmed"), "notifier"),
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"crampcoach has no public name {name!r}; it has {', '.join(__all__)}")
    home = _HOMES.get(name, "model")
    value = getattr(import_module(f"crampcoach.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, "API", "__version__"]
