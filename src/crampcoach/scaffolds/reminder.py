"""Example: what it is for, in one line. `crampcoach plugins` and `plugins show example` begin with it."""

from __future__ import annotations

from crampcoach import Action, Kind, Log, Reminder, hookimpl

api = 1  # the version of crampcoach's plugin boundary that this was written for


@hookimpl
def kinds() -> list[Kind]:
    # What can be logged: `crampcoach log example` saves one, `crampcoach entries --kind example` lists them.
    return [Kind(name="example", title="Example")]


@hookimpl
def reminders() -> list[Reminder]:
    # Change the button. Log(...) saves an entry; Done(), Skip(), Snooze(20) and Open("today") are the other ways.
    did = Action(label="Did it", then=Log("example"))
    return [
        Reminder(
            name="daily",
            # Change when it comes: "21:30", "mon-fri 18:00", "every 2h 09:00-18:00", "30m before bed".
            schedule="15:00",
            # Change what it says. `crampcoach try example` shows it at once.
            say="Time for example?",
            actions=[did],
            # How long after its time it is still worth showing.
            grace="1h",
        )
    ]
