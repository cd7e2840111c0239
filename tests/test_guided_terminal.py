"""The guided session in a real terminal: what stands on the screen, which keys and signals count, what is saved."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from shlex import join, quote
from typing import Any

import pytest

from agent_process import Nest, agent
from crampcoach_stretching.screen import KEYS, STOP
from desktop import private_bus, wait_for, witness
from tmux_terminal import SCRIPT, Tmux, ending, in_terminal, window

pytestmark = pytest.mark.real

#: Three holds of a second each.
SHORT = """\
title = "Quick"
setup = "Sit down."
throughout = "Keep breathing."
ready = 1
change = 1
[[steps]]
title = "Calf"
instruction = "Pull the toes up."
side = "turns"
hold = 1
rest = 1
times = 1
[[steps]]
title = "Foot"
instruction = "Roll the foot."
side = "both"
hold = 1
rest = 1
times = 1
"""
#: The same, but after the first hold nothing changes for a minute.
SLOW = SHORT.replace("change = 1", "change = 60")


def terminal(nest: Nest, *words: str, **how: Any) -> AbstractContextManager[Tmux]:
    """`crampcoach stretch WORDS` in a terminal."""
    return in_terminal(nest, "stretch", *words, **how)


ONE = 'title = "One"\nready = 0\n[[steps]]\ntitle = "Calf"\nside = "both"\nhold = 1\ntimes = 1\n'
#: Nobody else's reminders.
ONLY = {"CRAMPCOACH_PLUGINS": "stretching"}


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which somebody has stretched: the signs that come before the first time have been shown."""
    folder = tmp_path_factory.mktemp("used")
    (folder / "one.toml").write_text(ONE)
    nest = Nest(folder / "home", dict(ONLY))
    ended = nest.run("stretch", "--routine", str(folder / "one.toml"))
    assert "signs that need a doctor" in ended.out
    nest.signs_are_known()  # in a pipe nobody has read them
    return folder / "home"


@pytest.fixture
def nest(tmp_path: Path, used: Path) -> Nest:
    shutil.copytree(used, tmp_path / "home")
    (tmp_path / "slow.toml").write_text(SLOW)
    (tmp_path / "short.toml").write_text(SHORT)
    return Nest(tmp_path / "home", dict(ONLY))


@pytest.fixture
def slow(tmp_path: Path, nest: Nest) -> tuple[str, str]:
    """Words for the slow routine."""
    return ("--routine", str(tmp_path / "slow.toml"))


def saved(nest: Nest) -> list[dict[str, Any]]:
    """What the sessions of a test saved, newest first, without that of `used`."""
    return [entry["fields"] for entry in nest.asked("entries", "--kind", "stretch")][:-1]


def begun(tmux: Tmux, text: str = "") -> None:
    """Have the session begin, and wait until this stands on its screen."""
    tmux.wait("Press space to begin, q to leave.")
    tmux.keys("Space")
    wait_for(lambda: tmux.asked("alternate_on") == "1", 10, "its screen")
    tmux.wait(text)


def saved_after(holds: int) -> re.Pattern[str]:
    """How the session's last words end."""
    return re.compile(rf"Saved: {holds} of 3 holds, \d+ seconds?\.$")


# --- what stands there -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_the_screen_of_the_evening(nest: Nest, columns: int) -> None:
    with terminal(nest, columns=columns) as tmux:
        begun(tmux, "GET READY")
        ready = tmux.screen()
        tmux.keys("s", "Space")
        held = tmux.wait("Calf, RIGHT leg, 1 of 3 PAUSED")
        colours = tmux("capture-pane", "-p", "-e")
        tmux.keys("q")
        assert tmux.status() == 0
        assert tmux.settings()[0] == tmux.settings()[1]
        left = tmux.text()
    for lines in (ready, held):
        assert lines[0] == STOP
        assert max(map(len, lines)) <= columns
    text = " ".join(" ".join(ready).split())
    assert "Evening stretch, seated hold 1 of 18" in text
    assert "Calf, LEFT leg, 1 of 3 GET READY" in text
    assert "Sit on the front half of a firm chair" in text
    assert "Pull the toes and the foot up towards you until the calf pulls." in text
    assert "Next: Calf, right leg 4:1" in text
    assert "Low certainty that cramps hurt less" in text
    assert text.endswith(KEYS)
    assert "\x1b[" not in colours
    # Afterwards: what stood there before, what was read first, and what was saved.
    assert "earlier words" in left
    assert left.index(STOP) < left.index("ask a doctor first.") < left.index("Low certainty")
    assert left.endswith("No hold was finished, so nothing was saved.")
    assert saved(nest) == []


def test_a_narrow_low_terminal(nest: Nest) -> None:
    with terminal(nest, columns=30, rows=10) as tmux:
        begun(tmux, "READY")
        lines = tmux.screen()
        assert max(map(len, lines)) <= 30
        assert len(lines) <= 10
        assert "Calf, LEFT leg, 1 of 3" in lines
        tmux.keys("q")
        assert tmux.status() == 0


@pytest.mark.parametrize(
    ("words", "env"),
    [
        (("--ascii",), {}),
        (("--ascii", "--plain"), {}),
        ((), {"PYTHONIOENCODING": "ascii"}),
        (("--plain",), {"PYTHONIOENCODING": "latin-1"}),
        ((), {"LC_ALL": "C"}),
    ],
)
def test_in_ascii(nest: Nest, tmp_path: Path, words: Sequence[str], env: Any) -> None:
    path = tmp_path / "fuss.toml"
    path.write_text(SLOW.replace('"Calf"', '"Füße"'), encoding="utf-8")
    with terminal(nest, *words, "--routine", str(path), **env) as tmux:
        if "--plain" not in words:
            begun(tmux, "CHANGE LEGS")
            assert "Fusse, RIGHT leg" in tmux.text()
            assert "##" in tmux.text()
        else:
            tmux.wait("Hold for 1 second: Fusse, left leg, 1 of 1.")
        assert tmux.text().isascii()


def test_in_utf8(nest: Nest, tmp_path: Path) -> None:
    path = tmp_path / "fuss.toml"
    path.write_text(SLOW.replace('"Calf"', '"Füße 左足"'), encoding="utf-8")
    with terminal(nest, "--routine", str(path), columns=60) as tmux:
        begun(tmux, "CHANGE LEGS")
        assert "Füße 左足, RIGHT leg" in tmux.text()
        assert "\N{FULL BLOCK}" in tmux.text()


def test_resizing_draws_anew_without_remains(nest: Nest, slow: Sequence[str]) -> None:
    with terminal(nest, columns=120) as tmux:
        begun(tmux)
        tmux.keys("Space")
        tmux.wait("PAUSED")
        for columns, rows in ((60, 24), (100, 12), (61, 40), (80, 24)):
            tmux("resize-window", "-x", str(columns), "-y", str(rows))

            def drawn(columns: int = columns) -> list[str]:
                # The bar is as wide as the text: when it fits the new size, the session has seen it.
                lines = tmux.screen()
                bars = [
                    line
                    for line in lines
                    if line.startswith("\N{LIGHT SHADE}") or line.startswith("\N{FULL BLOCK}" * 9)
                ]
                return lines if bars and len(bars[0]) == min(columns, 78) and lines[-1].startswith("space") else []

            lines = wait_for(drawn, 5, f"{columns} columns")
            assert max(map(len, lines)) <= columns
            assert len(lines) <= rows
            text = " ".join(lines)
            assert [text.count(part) for part in (STOP[:20], "PAUSED", "LEFT leg", "space = go on")] == [1, 1, 1, 1]
        tmux.keys("q")
        assert tmux.status() == 0


# --- keys ------------------------------------------------------------------------------------------------------


def test_pause_back_skip_and_stop_by_key(nest: Nest, slow: Sequence[str]) -> None:
    with terminal(nest, *slow) as tmux:
        begun(tmux, "CHANGE LEGS")  # the first hold is done
        tmux.keys("Space")
        paused = tmux.wait("PAUSED")
        time.sleep(1.5)
        assert tmux.screen() == paused
        assert "Calf, RIGHT leg" in tmux.text()
        tmux.keys("b")  # from its pause to the one before
        tmux.wait("Calf, LEFT leg")
        assert "PAUSED" in tmux.text()
        tmux.keys("Right")
        tmux.wait("Calf, RIGHT leg")
        tmux.keys("s")
        tmux.wait("Foot, both legs")
        tmux.keys("Left")
        tmux.wait("Calf, RIGHT leg, 1 of 1 PAUSED 60")
        tmux.keys("x", "Up", "Escape")  # mean nothing
        tmux.keys("Enter")
        tmux.wait("Calf, RIGHT leg, 1 of 1 CHANGE LEGS 59")
        tmux.keys("q")
        assert tmux.status() == 0
        assert saved_after(1).search(tmux.text())
    (entry,) = saved(nest)
    assert 0 <= entry.pop("minutes") <= 0.3
    assert entry == {"holds": 1, "stopped_early": True, "position": "seated"}


def test_to_the_end(nest: Nest, tmp_path: Path) -> None:
    before = time.monotonic()
    with terminal(nest, "--routine", str(tmp_path / "short.toml")) as tmux:
        begun(tmux)
        assert tmux.status() == 0
        assert tmux.text().endswith("Saved: 3 of 3 holds, 6 seconds.")
    assert time.monotonic() - before >= 6
    (entry,) = saved(nest)
    assert entry == {"minutes": 0.1, "holds": 3, "stopped_early": False, "position": "seated"}


def test_leaving_before_it_begins(nest: Nest, slow: Sequence[str]) -> None:
    with terminal(nest, *slow) as tmux:
        tmux.wait("Press space to begin")
        tmux.keys("z")
        time.sleep(0.3)
        assert "GET READY" not in tmux.text()
        tmux.keys("q")
        assert tmux.status() == 0
        assert tmux.settings()[0] == tmux.settings()[1]
        assert tmux.text().endswith("No hold was finished, so nothing was saved.")
    assert saved(nest) == []


def test_keys_that_came_too_late_are_no_command_for_the_shell(nest: Nest, slow: Sequence[str]) -> None:
    with terminal(nest, *slow) as tmux:
        begun(tmux)
        tmux("send-keys", "qecho typed")
        assert tmux.status() == 0
        assert "saved" in tmux.text()
        tmux("send-keys", "marker")
        tmux.wait("marker")  # what was on its way to the shell stands before it
        assert "typed" not in tmux.text()


# --- interrupted -----------------------------------------------------------------------------------------------


def session_of(tmux: Tmux) -> int:
    """The process of the session: the only child of the terminal's shell."""
    shell = tmux.asked("pane_pid")
    (child,) = Path(f"/proc/{shell}/task/{shell}/children").read_text().split()
    return int(child)


@pytest.mark.parametrize(
    ("number", "plain"),
    [
        (signal.SIGINT, ()),
        (signal.SIGTERM, ()),
        (signal.SIGHUP, ()),
        (signal.SIGQUIT, ()),
        (signal.SIGINT, ("--plain",)),
        (signal.SIGTERM, ("--plain",)),
    ],
)
def test_a_signal_ends_it_and_what_was_done_is_saved(
    nest: Nest, slow: Sequence[str], number: signal.Signals, plain: Sequence[str]
) -> None:
    with terminal(nest, *slow, *plain) as tmux:
        if plain:
            tmux.wait("Change legs")
        else:
            begun(tmux, "CHANGE LEGS")
        os.kill(session_of(tmux), number)
        assert tmux.status() == 128 + number
        assert tmux.settings()[0] == tmux.settings()[1]
        assert (tmux.asked("alternate_on"), tmux.asked("cursor_flag")) == ("0", "1")
        assert saved_after(1).search(tmux.text())
    (entry,) = saved(nest)
    assert (entry["holds"], entry["stopped_early"]) == (1, True)


def test_ctrl_c_twice(nest: Nest, slow: Sequence[str]) -> None:
    with terminal(nest, *slow) as tmux:
        begun(tmux, "CHANGE LEGS")
        tmux("send-keys", "C-c", "C-c")
        assert tmux.status() == 130
        assert tmux.settings()[0] == tmux.settings()[1]
    assert len(saved(nest)) == 1


def test_a_closed_terminal(nest: Nest, slow: Sequence[str]) -> None:
    with terminal(nest, *slow) as tmux:
        begun(tmux, "CHANGE LEGS")
        process = session_of(tmux)
        tmux("kill-session")
        wait_for(lambda: not Path(f"/proc/{process}").exists(), 5, "the session ends")
    (entry,) = saved(nest)
    assert (entry["holds"], entry["stopped_early"]) == (1, True)


def test_ctrl_z_gives_the_terminal_back_and_time_does_not_count(nest: Nest, slow: Sequence[str]) -> None:
    script = "set -m\nstty -g > {folder}/before\n{command}\nstty -g > {folder}/stopped\necho the shell again\n"
    script += "read -r _\nfg > /dev/null\necho $? > {folder}/status.part\nstty -g > {folder}/after\n"
    script += "mv {folder}/status.part {folder}/status\nexec cat\n"
    with terminal(nest, *slow, script=script) as tmux:
        begun(tmux, "CHANGE LEGS")
        tmux.keys("C-z")
        tmux.wait("the shell again")
        assert (tmux.folder / "stopped").read_text() == (tmux.folder / "before").read_text()
        assert (tmux.asked("alternate_on"), tmux.asked("cursor_flag")) == ("0", "1")
        time.sleep(2)
        tmux.keys("Enter")
        lines = tmux.wait("PAUSED")
        assert lines[0] == STOP
        assert "Calf, RIGHT leg" in tmux.text()
        tmux.keys("q")
        assert tmux.status() == 0
        assert tmux.settings()[0] == tmux.settings()[1]
        assert saved_after(1).search(tmux.text())


def test_a_stopped_process_stretches_nothing(nest: Nest, slow: Sequence[str]) -> None:
    with terminal(nest, *slow) as tmux:
        begun(tmux, "CHANGE LEGS")
        process = session_of(tmux)
        os.kill(process, signal.SIGSTOP)
        time.sleep(5)
        os.kill(process, signal.SIGCONT)
        tmux.wait("PAUSED")
        tmux.keys("q")
        assert tmux.status() == 0
        assert saved_after(1).search(tmux.text())


def test_a_fault_in_the_middle_gives_the_terminal_back_and_saves(
    nest: Nest, slow: Sequence[str], tmp_path: Path
) -> None:
    (tmp_path / "faulty").mkdir()
    fault = "import crampcoach_stretching.guide as guide, crampcoach_stretching.screen as screen\n"
    fault += "def draw(progress, *args, **named):\n    assert not progress.done, 'a fault'\n"
    fault += "    return screen.draw(progress, *args, **named)\nguide.draw = draw\n"
    (tmp_path / "faulty" / "sitecustomize.py").write_text(fault)
    with terminal(nest, *slow, PYTHONPATH=str(tmp_path / "faulty")) as tmux:
        begun(tmux)
        assert tmux.status() == 1
        assert tmux.settings()[0] == tmux.settings()[1]
        assert (tmux.asked("alternate_on"), tmux.asked("cursor_flag")) == ("0", "1")
        assert "its command failed (AssertionError: a fault)" in tmux.text()
    (entry,) = saved(nest)
    assert (entry["holds"], entry["stopped_early"]) == (1, True)


# --- lines instead of a screen ---------------------------------------------------------------------------------

LINES = [
    "0:06 left. Get ready, 1 second: Calf, left leg, 1 of 1. Pull the toes up.",
    "0:05 left. Hold for 1 second: Calf, left leg, 1 of 1.",
    "0:04 left. Change legs, 1 second. Next: Calf, right leg, 1 of 1.",
    "0:03 left. Hold for 1 second: Calf, right leg, 1 of 1.",
    "0:02 left. Next stretch, in 1 second: Foot, both legs, 1 of 1. Roll the foot.",
    "0:01 left. Hold for 1 second: Foot, both legs, 1 of 1.",
    "Saved: 3 of 3 holds, 6 seconds.",
]


def test_a_pipe_gets_plain_lines_in_real_time(nest: Nest, tmp_path: Path) -> None:
    command = nest.command("stretch", "--routine", str(tmp_path / "short.toml"))
    arrived = []
    with subprocess.Popen(command, env=nest.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        for line in process.stdout:
            arrived.append((time.monotonic(), line.decode().rstrip("\n")))
    assert process.returncode == 0
    said = [line for _, line in arrived]
    assert said[:5] == [
        STOP,
        "After a recent injury or operation of a leg, ask a doctor first.",
        "Your own routine; not from a study.",
        "Quick: 3 holds, about 1 minute.",
        "Sit down.",
    ]
    assert said[5:7] == ["Keep breathing.", "Ctrl+C stops it and saves what you did."]
    assert said[7:] == LINES
    assert not re.search(r"[\x00-\x1f]", "".join(said))
    assert 5.5 <= arrived[-1][0] - arrived[7][0] <= 10
    assert len(saved(nest)) == 1


def test_plain_lines_in_a_terminal(nest: Nest, tmp_path: Path) -> None:
    with terminal(nest, "--plain", "--routine", str(tmp_path / "short.toml"), columns=60, rows=40) as tmux:
        tmux.wait("Change legs, 1 second.")
        assert tmux.asked("alternate_on") == "0"
        assert tmux.status() == 0
        lines = tmux.screen()
        text = tmux.text()
    assert max(map(len, lines)) <= 60
    assert " ".join(LINES) in text
    assert "Ctrl+C stops it and saves what you did." in text


@pytest.mark.parametrize(
    ("words", "option", "bells"),
    [((), "true", 6), (("--no-bell",), "true", 0), (("--plain",), "true", 6), (("--plain",), "false", 0)],
)
def test_the_bell(nest: Nest, tmp_path: Path, words: Sequence[str], option: str, bells: int) -> None:
    """At five changes and at the end."""
    nest.configure(f"[plugins.stretching]\nbell = {option}\n")
    raw = tmp_path / "raw"
    script = f"sleep 1\n{SCRIPT}"
    with terminal(nest, *words, "--routine", str(tmp_path / "short.toml"), script=script) as tmux:
        tmux("pipe-pane", f"cat > {quote(str(raw))}")
        if "--plain" not in words:
            begun(tmux)
        assert tmux.status() == 0
        wait_for(lambda: b"Saved: 3 of 3" in raw.read_bytes(), 5, "its last line")
        assert raw.read_bytes().count(b"\a") == bells


@pytest.mark.parametrize("term", ["dumb", "unknown", "''"])
def test_a_terminal_that_cannot_draw_gets_lines(nest: Nest, slow: Sequence[str], term: str) -> None:
    with terminal(nest, *slow, script=f"export TERM={term}\n{SCRIPT}") as tmux:
        tmux.wait("Hold for 1 second: Calf")
        assert tmux.asked("alternate_on") == "0"


def test_without_a_keyboard_there_are_no_keys(nest: Nest, tmp_path: Path) -> None:
    with terminal(
        nest, "--routine", str(tmp_path / "short.toml"), script=SCRIPT.replace("{command}", "{command} < /dev/null")
    ) as tmux:
        tmux.wait("Hold for 1 second: Calf")
        assert tmux.asked("alternate_on") == "0"
        assert tmux.status() == 0
    assert len(saved(nest)) == 1


def test_a_reader_who_goes_away_ends_it(nest: Nest, tmp_path: Path) -> None:
    command = nest.command("stretch", "--routine", str(tmp_path / "short.toml"))
    with subprocess.Popen(command, env=nest.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        for line in process.stdout:
            if b"Change legs" in line:
                break
        process.stdout.close()
        assert process.wait(10) == 1
        assert process.stderr.read() == b""
    (entry,) = saved(nest)
    assert (entry["holds"], entry["stopped_early"]) == (1, True)


# --- which routine ---------------------------------------------------------------------------------------------


def steps(nest: Nest, *words: str) -> list[str]:
    ended = nest.run("stretch", "--list-steps", *words)
    assert (ended.code, ended.err) == (0, "")
    return ended.out.splitlines()


def test_the_steps_of_the_evening(nest: Nest) -> None:
    lines = steps(nest)
    assert lines[0] == STOP
    assert "Evening stretch, seated: 18 holds, about 4 minutes." in lines
    assert [line[:2] for line in lines if re.match(r"\d\.", line)] == ["1.", "2.", "3."]
    assert lines[-1] == "Sources: hallegraeff-2012, coppin-2005, cochrane-nondrug-2021"
    assert "very low that they come less often" in lines[-2]
    assert saved(nest) == []


@pytest.mark.parametrize(
    ("balance", "option", "words", "title", "why"),
    [
        ("steady", "standing", (), "standing", False),
        ("steady", "seated", ("--position", "standing"), "standing", False),
        ("steady", "standing", ("--position", "seated"), "seated", False),
        ("unsteady", "standing", (), "seated", True),
        ("unknown", "standing", (), "seated", True),
        ("unknown", "seated", ("--position", "standing"), "seated", True),
        ("unknown", "seated", (), "seated", False),
    ],
)
def test_standing_only_for_those_who_are_steady(
    nest: Nest, balance: str, option: str, words: Sequence[str], title: str, why: bool
) -> None:
    nest.configure(f'[profile]\nbalance = "{balance}"\n[plugins.stretching]\nposition = "{option}"\n')
    lines = steps(nest, *words)
    assert f"Evening stretch, {title}: 18 holds, about 4 minutes." in lines
    assert any(line.startswith("Seated instead of standing: ") for line in lines) == why


def test_a_standing_routine_of_ones_own_needs_steadiness_too(nest: Nest, tmp_path: Path) -> None:
    path = tmp_path / "standing.toml"
    path.write_text(f'position = "standing"\n{SHORT}')
    lines = steps(nest, "--routine", str(path))
    assert "Evening stretch, seated: 18 holds, about 4 minutes." in lines
    nest.configure(f'[profile]\nbalance = "steady"\n[plugins.stretching]\nroutine = "{path}"\n')
    lines = steps(nest)
    assert "Quick: 3 holds, about 1 minute." in lines
    assert "Your own routine; not from a study." in lines
    assert "Evening stretch, seated: 18 holds, about 4 minutes." in steps(nest, "--position", "seated")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--routine", "nowhere.toml"), 1, "nowhere.toml: cannot be read: No such file or directory; put that right"),
        (("--routine", "~nobody-here/x.toml"), 1, "~nobody-here/x.toml: there is no such user; write the path"),
        (("--routine", ""), 1, ".: cannot be read: Is a directory"),
        (("--routine", "x.toml", "--position", "seated"), 2, "leave it out with --routine"),
        (("--position", "lying"), 2, "'lying' is not one of 'seated', 'standing'"),
        (("--colour",), 2, "No such option"),
    ],
)
def test_wrong_words(nest: Nest, words: Sequence[str], code: int, said: str) -> None:
    ended = nest.run("stretch", *words)
    assert (ended.code, ended.out) == (code, "")
    assert ended.err.startswith("crampcoach: ")
    assert said in ended.err


def test_every_mistake_of_an_own_routine_is_said_in_a_terminal_too(nest: Nest, tmp_path: Path) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text('title = 1\n[[steps]]\ntitle = "x"\nhold = 0\n')
    nest.configure(f'[plugins.stretching]\nroutine = "{path}"\n')
    ended = nest.run("stretch")
    assert ended.code == 1
    assert ended.err.count(f"{path}: ") == 2
    assert saved(nest) == []


def test_help_starts_nothing(nest: Nest) -> None:
    ended = nest.run("stretch", "--help")
    assert ended.code == 0
    assert "--list-steps" in ended.out
    assert STOP not in ended.out
    assert saved(nest) == []


# --- safety ----------------------------------------------------------------------------------------------------


def test_the_first_time_ever_it_shows_the_signs_first(tmp_path: Path) -> None:
    nest = Nest(tmp_path / "home", dict(ONLY))
    with terminal(nest, columns=80, rows=120) as tmux:
        tmux.wait("Press space to begin")
        text = tmux.text()
        assert text.index("signs that need a doctor") < text.index("GET MEDICAL HELP NOW") < text.index(STOP)
        tmux.keys("q")
        assert tmux.status() == 0


def test_a_hold_is_in_its_way(nest: Nest) -> None:
    assert nest.run("log", "symptoms", "--swelling", "yes").code == 0
    for words in ((), ("--plain",), ("--list-steps",)):
        ended = nest.run("stretch", *words)
        assert ended.code == 1
        assert "Until a doctor or nurse has looked at this leg" in ended.out
        assert "Evening stretch" not in ended.out
    assert saved(nest) == []
    assert nest.run("log", "examined").code == 0
    assert steps(nest)


def test_a_hold_that_comes_meanwhile_ends_it_with_its_reason(nest: Nest, slow: Sequence[str]) -> None:
    with terminal(nest, *slow) as tmux:
        begun(tmux, "CHANGE LEGS")
        tmux.keys("Space")
        tmux.wait("PAUSED")
        assert nest.run("log", "symptoms", "--swelling", "yes").code == 0
        tmux.keys("Space")
        assert tmux.status() == 1
        assert tmux.settings()[0] == tmux.settings()[1]
        text = tmux.text()
        assert "Until a doctor or nurse has looked at this leg" in text
        assert saved_after(1).search(text)
    assert len(saved(nest)) == 1


@pytest.mark.parametrize("profile", ['adult = "no"', 'pregnant = "yes"'])
def test_who_it_is_not_for(nest: Nest, profile: str) -> None:
    nest.configure(f"[profile]\n{profile}\n")
    ended = nest.run("stretch")
    assert ended.code == 1
    assert "ask" in ended.out
    assert "Evening stretch" not in ended.out


# --- with the reminder -----------------------------------------------------------------------------------------


def test_a_session_counts_as_this_evenings_stretch(tmp_path: Path) -> None:
    (tmp_path / "one.toml").write_text(ONE)
    nest = Nest(tmp_path / "home", dict(ONLY))
    assert nest.today() == {"stretching.evening": "planned"}
    assert nest.run("stretch", "--routine", str(tmp_path / "one.toml")).code == 0
    assert nest.today() == {"stretching.evening": "done"}
    assert len(nest.asked("entries")) == 1


def test_start_on_the_notification_opens_it_in_a_terminal(nest: Nest, tmp_path: Path) -> None:
    """The press of the button's key, through the agent, into a window; and the popup goes when it is done."""
    tmux = Tmux(tmp_path / "tmux", tmp_path)
    settings = f'[notify]\norder = ["desktop"]\nterminal = "{join(window(tmux.socket, 80, 24))}"\n'
    nest.configure(f'{settings}[plugins.stretching]\nroutine = "{tmp_path / "short.toml"}"\n')
    with private_bus() as bus, witness(bus) as server, ending(tmux):
        nest.env |= {"DBUS_SESSION_BUS_ADDRESS": bus, "CRAMPCOACH_PLUGINS": "stretching,desktop"}
        nest.home.state_db.unlink()  # `used` has done today's already
        with agent(nest, LANG="C.UTF-8"):
            nest.make_due("stretching.evening", "22:00")
            first = server.wait_for(lambda seen: seen["event"] == "notify" and "first stretch" in str(seen))
            server.press(first["id"], "read")
            shown = server.wait_for(lambda seen: seen["event"] == "notify" and "Time for" in str(seen))
            server.press(shown["id"], "start", keep=True)
            wait_for(tmux.socket.exists, 10, "a window")
            tmux.wait("Press space to begin", 15)
            tmux.keys("Space")
            tmux.wait("Press Enter to close.", 20)
            assert "Saved: 3 of 3 holds" in tmux.text()
            wait_for(lambda: nest.today() == {"stretching.evening": "done"}, 5, "it counts")
            server.wait_for(lambda seen: seen["event"] == "close" and seen["id"] == shown["id"])
    (entry,) = saved(nest)
    assert entry["holds"] == 3
