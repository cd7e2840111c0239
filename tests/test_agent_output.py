"""What the agent prints quotes nobody: of an exception its type, file and line; `plugins show` has its words."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent_process import Nest, agent
from crampcoach.notifier import Failed
from crampcoach.testing import Coach
from desktop import wait_for


def line_of(source: str, text: str) -> int:
    (number,) = [number for number, line in enumerate(source.splitlines(), 1) if text in line]
    return number


WORDS = "dear diary"
HOOK = "from datetime import datetime\nfrom crampcoach import Action, Entry, Failed, Log, Reminder, hookimpl\n"

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
    "keys": ("return {}['dear diary']", "KeyError in keys.py, line 6"),
    "times": ("return map(datetime.strptime, ['dear diary'], ['%H'])", "ValueError in what it gave"),
    "maps": ("return map(int, ['dear diary'])", "ValueError in what it gave"),
    "halfway": ("yield int('dear diary')", "ValueError in halfway.py, line 6"),
    "types": ("return [Reminder(name='dear diary', schedule='09:00', say='x')]", "ValueError in types.py, line 6"),
    "entries": ("return [Entry(kind='tea', fields=['dear diary'])]", "TypeError in entries.py, line 6"),
}
LAMP = f"""\
{HOOK}
class Lamp:
    name = "lamp"

    def start(self, events):
        pass

    def show(self, message):
        raise ValueError("{WORDS}")

    def withdraw(self, occurrence):
        pass

    def close(self):
        pass

@hookimpl
def notifiers():
    return [Lamp()]
"""
#: All that Python would print by itself, before the agent is ready: what of it the agent's process prints.
BY_ITSELF = f"""\
{HOOK}
import logging, threading

class Kept:
    def __del__(self):
        raise ValueError("{WORDS}")

def _work():
    raise ValueError("{WORDS} of a thread")

@hookimpl
def kinds():
    threading.Thread(target=int, args=("{WORDS}",)).start()
    threading.Thread(target=_work).start()
    Kept()
    return []

@hookimpl
def quiet_times(ctx):
    try:
        int("{WORDS}")
    except ValueError as error:
        ctx.logger.exception("no quiet")
        ctx.logger.warning("it is %s", error)
        ctx.logger.warning(error)
        logging.getLogger("asyncio").error("{WORDS}", exc_info=error)
    ctx.logger.warning("%d", "{WORDS}")  # no number
    return []
"""
_TRIED = f"ValueError in byitself.py, line {line_of(BY_ITSELF, '        int(')}"
PRINTED = (
    "plugin byitself: a thread of it raised ValueError in threading.py, line ",
    f"plugin byitself: a thread of it raised ValueError in byitself.py, line {line_of(BY_ITSELF, 'of a thread')}\n",
    "what Python calls by itself, such as __del__, raised ValueError in byitself.py, "
    f"line {line_of(BY_ITSELF, '__del__') + 1}\n",
    f"byitself: no quiet ({_TRIED})\n",
    "byitself: it is ValueError\n",
    "byitself: ValueError\n",
    f"byitself: error of asyncio ({_TRIED})\n",
    f"byitself: line {line_of(BY_ITSELF, '# no number')} of byitself.py logs what raises TypeError\n",
)


@pytest.fixture
def coach(tmp_path: Path) -> Iterator[Coach]:
    with Coach(tmp_path, now="2026-11-22 10:30", deadline=2) as one:
        yield one


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
def test_what_python_would_print_by_itself(tmp_path: Path) -> None:
    nest = Nest(tmp_path / "home")
    nest.drop("byitself", BY_ITSELF)
    with agent(nest) as running:
        for line in PRINTED:
            wait_for(lambda line=line: line in running.text, 10, line)  # type: ignore[misc]
        assert "diary" not in running.text


@pytest.mark.real
def test_with_debug_its_author_sees_all_of_it(tmp_path: Path) -> None:
    nest, log = Nest(tmp_path / "home"), tmp_path / "log"
    nest.drop("byitself", BY_ITSELF)
    with log.open("w") as out:
        command = nest.command("--debug", "run")
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=nest.environment())
        try:
            wait_for(lambda: f"ValueError: {WORDS} of a thread" in log.read_text(), 20, "Python prints it")
            wait_for(lambda: "ready: " in log.read_text(), 20, "it goes on")
        finally:
            process.terminate()
            assert process.wait(10) == 0
