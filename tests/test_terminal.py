"""The terminal is the last resort: what it prints can be acted on, and it never claims that somebody saw it."""

from __future__ import annotations

import io
import os
import pty
import subprocess
import sys
from dataclasses import is_dataclass
from pathlib import Path

import pytest

from crampcoach.actions import Action, Log, Open, Skip, Snooze
from crampcoach.model import Message
from crampcoach.notifier import Delivered, Failed, Unconfirmed
from crampcoach.options import convert
from crampcoach_terminal import Options, TerminalNotifier, block, options

pytestmark = pytest.mark.pure

EVENING = "stretching.evening/2026-11-22/22:00"
MESSAGE = Message(
    title="Stretch your calves",
    body="Three stretches\n10 s each",
    actions=(
        Action(label="Done"),
        Action(label="Snooze 10 min", then=Snooze(10)),
        Action(label="Skip", then=Skip()),
    ),
    occurrence=EVENING,
)


class Output(io.TextIOWrapper):
    """A stdout of a given encoding that may be a terminal."""

    def __init__(self, encoding: str = "utf-8", *, terminal: bool = True) -> None:
        super().__init__(io.BytesIO(), encoding=encoding)
        self.terminal = terminal

    def isatty(self) -> bool:
        return not self.closed and self.terminal

    def said(self) -> bytes:
        assert isinstance(self.buffer, io.BytesIO)
        return self.buffer.getvalue()


def show(monkeypatch: pytest.MonkeyPatch, out: object, message: Message = MESSAGE, *, always: bool = False) -> object:
    monkeypatch.setattr(sys, "stdout", out)
    return TerminalNotifier(always=always).show(message)


def test_what_a_person_reads() -> None:
    assert block(MESSAGE) == (
        "\n"
        "Stretch your calves\n"
        "Three stretches\n"
        "10 s each\n"
        "Answer with: crampcoach done stretching.evening    (Done)\n"
        "         or: crampcoach snooze stretching.evening  (Snooze 10 min)\n"
        "         or: crampcoach skip stretching.evening    (Skip)\n"
    )


def test_every_button_has_its_command() -> None:
    actions = (
        Action(label="None", then=Log("night", count=0)),
        Action(label="Two or more", then=Log("night", count=2), key="two-or-more"),
        Action(label="Look", then=Open("today")),
    )
    text = block(Message(title="Any cramps last night?", actions=actions, occurrence="cramps.night/2026-11-23/07:30"))
    assert "Answer with: crampcoach done cramps.night --answer none  " in text
    assert "         or: crampcoach done cramps.night --answer two-or-more  (Two or more)" in text
    assert "         or: crampcoach today  " in text


@pytest.mark.parametrize("occurrence", ["", "welcome", "try/stretching.evening"])
def test_what_is_no_occurrence_cannot_be_answered(occurrence: str) -> None:
    assert "crampcoach" not in block(Message(title="Hello", actions=(Action(label="Done"),), occurrence=occurrence))


def test_what_opens_a_command_says_so_without_an_occurrence_too() -> None:
    opens = (Action(label="Done"), Action(label="Open today", then=Open("today")))
    text = block(Message(title="While you were away", actions=opens, occurrence="away/20261122T220000"))
    assert text == "\nWhile you were away\n       Type: crampcoach today  (Open today)\n"


def test_a_message_cannot_move_the_cursor() -> None:
    assert block(Message(title="a\x1b[2Jb", body="c\x07d\te\r\nf\x9bg")) == "\na [2Jb\nc d e\nf g\n"


def test_a_terminal_is_delivered_with_a_bell(monkeypatch: pytest.MonkeyPatch) -> None:
    out = Output()
    assert show(monkeypatch, out) == Delivered()
    assert out.said() == ("\a" + block(MESSAGE)).encode()


def test_a_file_is_refused_unless_it_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    out = Output(terminal=False)
    assert show(monkeypatch, out) == Failed("the agent's output is not a terminal")
    assert out.said() == b""
    assert show(monkeypatch, out, always=True) == Unconfirmed()
    assert b"Stretch your calves" in out.said()


def test_a_terminal_that_cannot_write_a_character(monkeypatch: pytest.MonkeyPatch) -> None:
    out = Output("ascii")
    assert show(monkeypatch, out, Message(title="Über die Wade 🦵 \ud83d")) == Delivered()
    assert out.said() == b"\a\n?ber die Wade ? ?\n"


def test_an_output_that_is_gone_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    closed = Output()
    closed.close()
    for out in (None, closed):
        assert isinstance(show(monkeypatch, out, always=True), Failed)

    class Broken(Output):
        def write(self, text: str) -> int:
            raise BrokenPipeError(32, "Broken pipe")

    outcome = show(monkeypatch, Broken())
    assert isinstance(outcome, Failed)
    assert "Broken pipe" in outcome.reason


def test_on_a_real_terminal(tmp_path: Path) -> None:
    code = (
        "from crampcoach_terminal import TerminalNotifier; from crampcoach.model import Message; import sys;"
        "print(TerminalNotifier().show(Message(title='Stretch')), file=sys.stderr)"
    )
    ours, theirs = pty.openpty()
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    try:
        command = [sys.executable, "-c", code]
        done = subprocess.run(command, stdout=theirs, stderr=subprocess.PIPE, env=env, check=True, timeout=30)
        assert os.read(ours, 1000) == b"\x07\r\nStretch\r\n"
    finally:
        os.close(theirs)
        os.close(ours)
    assert done.stderr == b"Delivered(receipt=None)\n"


def test_its_options_need_no_table() -> None:
    assert options() is Options
    assert is_dataclass(Options)
    assert Options().always is False
    code = "import sys, crampcoach_terminal; sys.exit('msgspec' in sys.modules)"
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], env=env, check=True, capture_output=True, timeout=30)
    assert done.stdout == b""


def test_its_option_from_a_table() -> None:
    made, wrong = convert({"always": True}, Options)
    assert (made, wrong) == (Options(always=True), [])
