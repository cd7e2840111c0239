"""`plugins check` says nothing of what works: other ways to write a hook, threads of one's own, markup, codes, docs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bad_plugins import IMPORTS, NO_KINDS
from crampcoach.cli.lint import RULES
from crampcoach.cli.lint.import_cost import Cost
from person import Person, put

pytestmark = pytest.mark.pure

PAGE = Path(__file__).resolve().parent.parent / "docs" / "writing-plugins.md"
#: What an example of a hook may use without saying where it is from.
PRELUDE = """\
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated
from crampcoach import *
"""


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """How long an import takes is not measured."""
    monkeypatch.setattr("crampcoach.cli.lint.import_cost.import_cost", lambda *_: Cost(1.0))


def examples() -> list[str]:
    blocks = re.findall(r"^```python.*?\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    return [one if "import hookimpl" in one or "hookimpl\n" in one.split("@")[0] else PRELUDE + one
            for one in blocks if "@hookimpl" in one]  # fmt: skip


@pytest.mark.parametrize("source", examples(), ids=lambda one: "-".join(re.findall(r"^def (\w+)", one, re.M))[:60])
def test_no_example_of_the_docs_breaks_a_rule(person: Person, tmp_path: Path, source: str) -> None:
    said = person("plugins", "check", str(put(tmp_path, source, "example.py")))
    assert (said.status, said.out) == (0, f"{tmp_path}/example.py: nothing is wrong with it\n"), said


STAR = """\
from crampcoach import *
@hookimpl
def kinds():
    return [Kind(name="tea", title="Tea")]
"""
HANDED = f"""{IMPORTS}
def _ask(ctx):
    return [Reminder(name="daily", schedule="15:00", say="Tea?")]
reminders = hookimpl(_ask)
def kinds():
    return [Kind(name="tea", title="Tea")]
kinds = hookimpl(kinds)
"""
OWN_MARKER = """\
from pluggy import HookimplMarker
impl = HookimplMarker("crampcoach")
@impl
def kinds():
    return []
"""
THREADS = f"""{IMPORTS}
import sys
import threading
import time
from pathlib import Path
from threading import Thread
def _poll():
    while True:
        time.sleep(60)
class _Watch(Thread):
    def run(self):
        time.sleep(60)
@hookimpl
def tick(ctx):
    def inner():
        time.sleep(1)
    class Inner(threading.Thread):
        def run(self):
            time.sleep(1)
    threads = [
        threading.Thread(target=_poll, daemon=True), Thread(None, inner), Thread(target=lambda: time.sleep(1)),
        threading.Timer(1, lambda: time.sleep(1)), _Watch(), Inner(),
    ]
    if ctx.now.year < 2000:
        for one in threads:
            one.start()
    with Path("/dev/null").open("w") as out:
        print("tea", file=out)
{NO_KINDS}"""
CODES = f"""{IMPORTS}
A = {{"system": "http://loinc.org", "code": "1-8", "display": "Pain score of a patient"}}
B = ("72514-3", "Pain score of a patient")
C = dict(B=["271681002", "Perfect stroke of a patient"])
PAGE = "<style>td {{ width: 100%; }}</style><p class='score' stroke=\\"1\\">How it was, not a diagnosis</p>"
{NO_KINDS}"""


@pytest.mark.parametrize("source", [STAR, HANDED, OWN_MARKER, THREADS, CODES])
def test_what_works_is_no_mistake(person: Person, tmp_path: Path, source: str) -> None:
    path = put(tmp_path, source, "tea.py")
    assert person.ok("plugins", "check", str(path)) == f"{path}: nothing is wrong with it"


@pytest.mark.parametrize("line", ["from .hooks import kinds", "from .hooks import *"])
def test_a_hook_may_come_from_another_module(person: Person, tmp_path: Path, line: str) -> None:
    main = put(tmp_path / "tea", f"{line}\n", "__init__.py")
    hooks = put(tmp_path / "tea", STAR, "hooks.py")
    assert person.ok("plugins", "check", str(main)) == f"{main}: nothing is wrong with it"
    put(tmp_path / "tea", STAR.replace("    return [", "    print('tea')\n    return ["), "hooks.py")
    assert f"{hooks}:4: error: print() ends up" in person("plugins", "check", str(main)).out
    main = put(tmp_path / "mug", f"{line}\n", "__init__.py")
    put(tmp_path / "mug", "kinds = 1\n", "hooks.py")
    assert f"{main}:1: error: it has no hook" in person("plugins", "check", str(main)).out


@pytest.mark.parametrize(
    ("source", "line", "words"),
    [
        ("def _ask():\n    print('x')\n    return []\nreminders = hookimpl(_ask)", 3, "print() ends up"),
        ("def _ask(tea):\n    return []\nreminders = hookimpl(_ask)", 2, "reminders() asks for tea, but"),
        ("import sys\nprint('x', file=sys.stderr)", 3, "print() ends up"),
        ("print('x', file=None)", 2, "print() ends up"),
        ("import time, threading\ndef _poll(): time.sleep(1)\n@hookimpl\ndef tick():\n"
         "    threading.Thread(target=_poll)\n    _poll()", 3, "time.sleep() keeps others waiting"),
        ("import time\n@hookimpl\ndef tick():\n    def inner():\n        time.sleep(1)\n    inner()", 6,
         "time.sleep()"),
        ("import threading\ndef _poll(): print('x')\n@hookimpl\ndef tick():\n    threading.Thread(target=_poll)", 3,
         "print() ends up"),
        ("X = {'text': 'It cures cramps', 'code': 1}", 2, "'cures'"),
        ("X = ('10', 'It cures cramps')", 2, "'cures'"),
        ("X = '<p title=\"It cures cramps\">'", 2, "'cures'"),
    ],
)  # fmt: skip
def test_what_only_looks_so_is_one(person: Person, tmp_path: Path, source: str, line: int, words: str) -> None:
    path = put(tmp_path, f"{IMPORTS}{source}\n{NO_KINDS}", "bad.py")
    (said,) = [one for one in person("plugins", "check", str(path)).out.splitlines() if one.startswith(f"{path}:")]
    assert said.startswith(f"{path}:{line}: ")
    assert words in said


@pytest.mark.parametrize(
    "source",
    [
        "from crampcoch import hookimpl\n@hookimpl\ndef kinds(): return []\n",
        "import crampcoch\n@crampcoch.hookimpl\ndef kinds(): return []\n",
    ],
)
def test_a_misspelt_module_is_what_is_wrong(person: Person, tmp_path: Path, source: str) -> None:
    path = put(tmp_path, source, "bad.py")
    assert person("plugins", "check", str(path)).out.splitlines() == [
        f"{path}:1: error: there is no module 'crampcoch'; did you mean 'crampcoach'?",
        "What it offers can be looked at once that is mended.",
    ]
    assert RULES["misspelt import"] == "error"
