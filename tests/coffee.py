"""The nine-line coffee plugin, as the design and the README print it."""

from __future__ import annotations

COFFEE = '''\
"""Counts coffee."""
from crampcoach import Action, Kind, Log, Reminder, hookimpl

@hookimpl
def kinds():
    return [Kind(name="coffee", title="Coffee")]

@hookimpl
def reminders():
    had = Action(label="Had one", then=Log("coffee"))
    return [Reminder(name="daily", schedule="15:00", say="Coffee today?", actions=[had])]
'''
