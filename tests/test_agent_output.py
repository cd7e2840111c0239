"""What the agent prints quotes nobody: of an exception its type, file and line; `plugins show` has its words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from agent_process import Nest, agent
from crampcoach.notifier import Failed
from crampcoach.testing import Coach
from desktop import wait_for

WORDS = "dear diary"
HOOK = "from crampcoach import Action, Entry, Failed, Log, Reminder, hookimpl\n"

#: Its text and its answers fail, and say what the person wrote.
QUOTES = f"""\
{HOOK}
import json

def _compose(ctx, occurrence):
    raise ValueError("{WORDS}")

@hookimpl
def reminders(ctx):
    return [Reminder(name="hourly", schedule="every 1h", say=_compose), Reminder(name="a", schedule="11:10", say="A")]

@hookimpl
def responded(ctx, occurrence, action):
    return json.loads("{WORDS}")
"""
#: Each fails while it is loaded, in its own code, in Python's or in crampcoach's.
LOADING = {
    "keys": ("return {}['dear diary']", "KeyError in keys.py, line 5"),
    "maps": ("return map(int, ['dear diary'])", "ValueError in what it gave"),
    "halfway": ("yield int('dear diary')", "ValueError in halfway.py, line 5"),
    "types": ("return [Reminder(name='dear diary', schedule='09:00', say='x')]", "ValueError in types.py, line 5"),
    "entries": ("return [Entry(kind='tea', fields=['dear diary'])]", "TypeError in entries.py, line 5"),
}
LAMP = f"""\
{HOOK}
import logging, threading

class Lamp:
    name = "lamp"

    def start(self, events):
        pass

    def _work(self):
        raise ValueError("{WORDS}")

    def show(self, message):
        raise ValueError("{WORDS}")

    def withdraw(self, occurrence):
        return Failed(OSError("{WORDS}"))

    def close(self):
        pass

@hookimpl
def notifiers(ctx):
    try:
        int("{WORDS}")
    except ValueError:
        ctx.logger.exception("no lamp yet")
    return [Lamp()]
"""


#: The same lamp with threads of its own that fail, in its code and in Python's.
BUSY_LAMP = (
    LAMP.replace(
        "        pass\n",
        f"        threading.Thread(target=int, args=('{WORDS}',)).start()\n"
        "        threading.Thread(target=self._work).start()\n",
        1,
    )
    + f"\n@hookimpl\ndef kinds():\n    logging.warning('%d', '{WORDS}')\n    return []\n"
)


@pytest.fixture
def coach(tmp_path: Path) -> Iterator[Coach]:
    with Coach(tmp_path, now="2026-11-22 10:30", deadline=2) as one:
        yield one


def line_of(source: str, text: str) -> int:
    (number,) = [number for number, line in enumerate(source.splitlines(), 1) if text in line]
    return number


@pytest.mark.pure
def test_while_it_runs(coach: Coach) -> None:
    coach.load("quotes", QUOTES, strict=False)
    coach.advance("11:10")
    coach.press("done")
    for raised, text in {
        "composing quotes.hourly raised ValueError": "raise ValueError",
        "responded() raised JSONDecodeError": "json.loads",
    }.items():
        place = f"in quotes.py, line {line_of(QUOTES, text)}; `crampcoach plugins show quotes` says more"
        assert f"plugin quotes: {raised} {place}" in coach.said
    assert not [line for line in coach.said if "diary" in line]
    composing = next(one for one in coach.failures("quotes") if "composing" in one.reason)
    assert composing.reason.endswith(f"ValueError: {WORDS}")
    assert "raise ValueError" in composing.detail


@pytest.mark.pure
@pytest.mark.parametrize(("name", "body", "said"), [(name, *one) for name, one in LOADING.items()], ids=LOADING)
def test_while_it_is_loaded(coach: Coach, name: str, body: str, said: str) -> None:
    coach.load(name, f"{HOOK}\n@hookimpl\ndef reminders(ctx):\n    {body}\n", strict=False)
    assert f"plugin {name}: loading it raised {said}; it rests until it is mended, and" in "\n".join(coach.said)
    assert not [line for line in coach.said if "diary" in line]
    assert "diary" in coach.failures(name)[0].reason


@pytest.mark.pure
def test_what_nobody_could_show(coach: Coach) -> None:
    coach.recorder.verdict = Failed("no screen")
    coach.load("lamp", LAMP, strict=False)
    tea = "return [Reminder(name='daily', schedule='11:00', say='Tea?')]"
    coach.load("tea", f"{HOOK}\n@hookimpl\ndef reminders():\n    {tea}\n")
    coach.advance("11:00")
    said = "\n".join(coach.said)
    assert f"lamp.show() raised ValueError in lamp.py, line {line_of(LAMP, 'def show') + 1}" in said
    assert "messages cannot be shown: " in said
    assert "diary" not in said


@pytest.mark.pure
def test_a_button_that_would_log_what_does_not_fit(coach: Coach) -> None:
    button = f"Action(label='Again', then=Log('night', count='{WORDS}'))"
    reminders = f"[Reminder(name='a', schedule='11:00', say='A', actions=[{button}])]"
    coach.load("cramps")
    coach.load("again", f"{HOOK}\n@hookimpl\ndef reminders():\n    return {reminders}\n", strict=False)
    said = "\n".join(coach.said)
    assert "plugin again: a button of it logs what does not fit its kind; `crampcoach plugins show again`" in said
    assert "diary" not in said


@pytest.mark.pure
def test_what_goes_wrong_on_import_is_said_as_it_stands(coach: Coach) -> None:
    coach.load("dry", f"{HOOK}raise OSError('dry')\n", strict=False)
    coach.load("slip", "def\n", strict=False)
    coach.load("lacks", f"{HOOK}\n@hookimpl\ndef kinds():\n    import no_such_module\n", strict=False)
    said = "\n".join(coach.said)
    assert "plugin dry: loading it raised OSError: dry; it rests" in said
    assert "plugin slip: loading it raised SyntaxError: invalid syntax (slip.py, line 1); it rests" in said
    assert "plugin lacks: loading it raised ModuleNotFoundError: No module named 'no_such_module'; it rests" in said


@pytest.mark.real
def test_threads_and_loggers_of_plugins_print_nothing_else(tmp_path: Path) -> None:
    nest = Nest(tmp_path / "home")
    nest.drop("lamp", BUSY_LAMP)
    nest.configure('[notify]\norder = ["lamp"]\n')
    with agent(nest) as running:
        wanted = [
            f"plugin lamp: a thread of it raised ValueError in lamp.py, line {line_of(BUSY_LAMP, 'def _work') + 1}",
            f"lamp: no lamp yet (it raised ValueError in lamp.py, line {line_of(BUSY_LAMP, '        int(')})",
        ]
        wait_for(lambda: set(wanted) <= set(running.lines), 10, "both are told of")
        wait_for(lambda: "root: a line for the log raised TypeError" in running.text, 10, "and the third")
        wait_for(lambda: "plugin lamp: a thread of it raised ValueError\n" in running.text, 10, "and the fourth")
        running.stop()
        assert "diary" not in running.text
