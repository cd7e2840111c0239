"""`crampcoach journal` by pipe, in the terminal and in an editor: what was written is saved, whatever happens to it."""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import stat
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from shlex import join
from typing import Any

import pytest

from agent_process import Ended, Nest, agent
from crampcoach_journaling.prompts import BELOW, page, prompts
from desktop import WitnessProcess, private_bus, wait_for, witness
from tmux_terminal import Tmux, ending, in_terminal, process_in, window

pytestmark = pytest.mark.real

HALF = "the journal entry holds half a character (a lone surrogate); paste the text again"


@pytest.fixture
def nest() -> Iterator[Nest]:
    # The agent's socket lies below, and the path of a socket may not be long: shorter than pytest's own folders.
    with tempfile.TemporaryDirectory(prefix="person-") as folder:
        place = Path(folder)
        (place / "tmp").mkdir()
        env = {"CRAMPCOACH_PLUGINS": "journaling", "HOME": str(place), "TMPDIR": str(place / "tmp"), "VISUAL": ""}
        yield Nest(place / "home", env)


def piped(nest: Nest, data: bytes, *words: str) -> Ended:
    done = subprocess.run(
        nest.command("journal", *words),
        input=data,
        capture_output=True,
        env=nest.environment(),
        timeout=60,
        check=False,
    )
    return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())


def pages(nest: Nest) -> list[dict[str, Any]]:
    """What is in the log, newest first."""
    entries: list[dict[str, Any]] = nest.asked("entries", "--kind", "journal")
    return entries


def notes(nest: Nest) -> list[str]:
    return [one["note"] for one in pages(nest)]


def drafts(nest: Nest) -> list[Path]:
    return [one for one in (nest.home.data_dir / "drafts").rglob("*") if one.is_file()]


def leave_behind(nest: Nest, data: bytes) -> None:
    """A draft, as a program leaves it that was killed."""
    place = nest.home.data_dir / "drafts" / "journaling.journal"
    place.mkdir(parents=True, exist_ok=True)
    (place / "journaling.journal.txt").write_bytes(data)


@pytest.fixture
def editor(nest: Nest, tmp_path: Path) -> Any:
    """Makes a shell script the editor; $1 is the draft."""

    def use(script: str) -> None:
        path = tmp_path / "my editor"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o700)
        nest.env["EDITOR"] = f"'{path}'"

    return use


# --- by a pipe -------------------------------------------------------------------------------------------------


def test_a_text_by_a_pipe_is_saved_as_it_is(nest: Nest) -> None:
    text = "# Sunday\n\n  Walked to the mill — grey 🌫️, then שלום.\tHome.\n\nTea."
    ended = piped(nest, f"\n{text}\n\n".encode())
    assert (ended.code, ended.out, ended.err) == (0, "saved: 13 words\n", "")
    (entry,) = pages(nest)
    assert (entry["kind"], entry["note"], entry["fields"]) == ("journal", text, {})
    assert drafts(nest) == []


def test_how_the_day_was_goes_with_it(nest: Nest) -> None:
    assert piped(nest, b"Rain.", "--day", "mixed").code == 0
    assert [one["fields"] for one in pages(nest)] == [{"day": "mixed"}]


def test_a_million_letters(nest: Nest) -> None:
    letters = random.Random(7).choices("abc äöü ß Ω я 猫 🌧️ \n\"'\\%", k=1_000_000)
    text = "".join(letters).strip("\r\n")
    assert piped(nest, text.encode()).code == 0
    assert notes(nest) == [text]


@pytest.mark.parametrize("data", [b"", b"\n \n"])
def test_nothing_is_nothing_and_touches_no_draft(nest: Nest, data: bytes) -> None:
    leave_behind(nest, b"half a \xff")
    before = [(one, one.read_bytes()) for one in drafts(nest)]
    ended = piped(nest, data)
    assert (ended.code, ended.out) == (0, "Nothing was written, so nothing was saved.\n")
    assert piped(nest, b"Another text.").code == 0
    assert [(one, one.read_bytes()) for one in drafts(nest)] == before


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"before\0after", "the journal entry holds a NUL character; remove it and save again"),
        (b"before\xffafter", HALF),
        (b"before\xed\xa0\x80after", HALF),
    ],
)  # fmt: skip
def test_what_no_log_takes_is_refused_and_stays_with_its_sender(nest: Nest, data: bytes, sentence: str) -> None:
    ended = piped(nest, data)
    assert (ended.code, ended.out, ended.err) == (1, "", f"crampcoach: {sentence}\n")
    assert (pages(nest), drafts(nest)) == ([], [])


def test_a_draft_that_is_no_text_can_be_looked_at(nest: Nest) -> None:
    leave_behind(nest, b"A heron\xff.")
    with in_terminal(nest, "journal", "--prompt", columns=300) as tmux:
        tmux.wait("was left behind.")
        tmux.keys("g", "Enter")
        tmux.wait("A heron?.")
        tmux.keys(".", "Enter")
        assert tmux.status() == 1
        tmux.wait(HALF)
    assert [one.read_bytes() for one in drafts(nest)] == [b"A heron\xff."]


def press_enter_if_asked(tmux: Tmux) -> None:
    """An editor that ends within two seconds and changes nothing may have a window of its own."""
    wait_for(lambda: "Then press Enter" in tmux.text() or (tmux.folder / "status").exists(), 30, "the editor ends")
    if "Then press Enter" in tmux.text():
        tmux.keys("Enter")


def test_an_alarming_word_brings_advice_and_no_echo_of_the_text(nest: Nest) -> None:
    ended = piped(nest, b"Zwiebelkuchen. My calf is swollen and warm since noon.")
    assert ended.code == 0
    assert ended.out.index("GET THIS LOOKED AT TODAY") < ended.out.index("saved: 9 words")
    assert "Zwiebelkuchen" not in ended.out + ended.err
    assert "since noon" not in ended.out + ended.err


# --- in the terminal -------------------------------------------------------------------------------------------


def test_lines_in_the_terminal(nest: Nest) -> None:
    nest.env["EDITOR"] = "false"
    with in_terminal(nest, "journal", "--prompt", columns=60) as tmux:
        tmux.wait("Write. A line with only a '.', or Ctrl+D, ends it.")
        question = next(one for one in prompts() if one in tmux.text())
        assert max(map(len, tmux.screen())) <= 60
        tmux.keys("One line,", "Enter", "Enter", "and anotehr", "BSpace", "BSpace", "BSpace", "her.", "Enter")
        tmux.keys("C-d")
        assert tmux.status() == 0
        assert tmux.wait("saved: 4 words")
    (entry,) = pages(nest)
    assert (entry["note"], entry["fields"]) == ("One line,\n\nand another.", {"prompt": question})
    assert drafts(nest) == []
    # The next page asks something else.
    with in_terminal(nest, "journal", "--prompt") as tmux:
        tmux.wait("ends it.")
        assert question not in tmux.text()
        tmux.keys(".", "Enter")
        assert tmux.status() == 0
        tmux.wait("Nothing was written, so nothing was saved.")
    assert len(pages(nest)) == 1


def test_a_pasted_line_longer_than_a_terminal_takes(nest: Nest) -> None:
    text = " ".join(f"word{number}" for number in range(1500))
    assert len(text) > 2 * 4096
    with in_terminal(nest, "journal", "--prompt") as tmux:
        tmux.wait("ends it.")
        tmux.paste(text)
        tmux.wait("word1499")
        tmux.keys("Enter", ".", "Enter")
        assert tmux.status() == 0
    assert notes(nest) == [text]


@pytest.mark.parametrize("how", ["Ctrl+C", "kill -9"])
def test_what_was_typed_before_an_interruption_is_offered_again(nest: Nest, how: str) -> None:
    with in_terminal(nest, "journal", "--prompt") as tmux:
        tmux.wait("ends it.")
        tmux.keys("First line", "Enter", "and half a")
        tmux.wait("half a")
        if how == "Ctrl+C":
            tmux.keys("C-c")
            tmux.wait("What you wrote is kept: `crampcoach journal` offers it again.")
            assert tmux.status() == 130
        else:
            os.kill(process_in(nest), signal.SIGKILL)
            assert tmux.status() == 137
    assert notes(nest) == []
    with in_terminal(nest, "journal", "--prompt") as tmux:
        tmux.wait("was left behind." if how == "Ctrl+C" else "A draft of 2 words was left behind.")
        tmux.keys("g", "Enter")
        tmux.wait("First line")
        tmux.keys("Last line", "Enter", "C-d")
        assert tmux.status() == 0
    (note,) = notes(nest)
    assert re.fullmatch(r"First line\n(and half a\n)?Last line", note)
    assert drafts(nest) == []


def test_where_there_is_no_editor_the_terminal_does(nest: Nest) -> None:
    nest.env["EDITOR"] = ""
    with in_terminal(nest, "journal", script=NO_EDITOR) as tmux:
        tmux.wait("ends it.")
        tmux.keys(".", "Enter")
        assert tmux.status() == 0


#: As `tmux_terminal.SCRIPT`, but the command itself finds no program.
NO_EDITOR = "PATH=/nowhere {command}; echo $? > {folder}/status; exec cat"


# --- in an editor ----------------------------------------------------------------------------------------------


def journal(nest: Nest, *keys: str, status: int = 0) -> str:
    """A run in a terminal in which these keys are pressed when a question waits; what stands there at the end."""
    with in_terminal(nest, "journal", columns=300) as tmux:
        if keys:
            tmux.wait("was left behind.")
            tmux.keys(*keys)
        press_enter_if_asked(tmux)
        assert tmux.status() == status, tmux.screen()
        return tmux.text()


def test_a_page_in_the_editor(nest: Nest, editor: Any, tmp_path: Path) -> None:
    editor(f'cp "$1" {tmp_path}/seen; printf "A heron,\\n\\n# and a mill.\\n" >> "$1"')
    assert journal(nest).endswith("saved: 6 words")
    (entry,) = pages(nest)
    assert entry["note"] == "A heron,\n\n# and a mill."
    assert (tmp_path / "seen").read_text() == page(entry["fields"]["prompt"])
    assert drafts(nest) == []
    # Whoever takes the question away has written about something else.
    editor('echo "Something else." > "$1"')
    journal(nest)
    assert pages(nest)[0]["fields"] == {}


@pytest.mark.parametrize("script", ["exit 0", 'sed -i "s/^[^#].*//" "$1"', ': > "$1"', 'echo >> "$1"'])
def test_an_editor_in_which_nothing_was_written(nest: Nest, editor: Any, script: str) -> None:
    editor(script)
    assert journal(nest).endswith("Nothing was written, so nothing was saved.")
    assert (pages(nest), drafts(nest)) == ([], [])


@pytest.mark.parametrize(
    ("script", "wrong"),
    [
        ('echo "A heron." >> "$1"; exit 3', "the editor my editor ended with status 3"),
        ('echo "A heron." >> "$1"; kill -9 $$', "the editor my editor was killed (SIGKILL)"),
        ('printf "A heron.\\377\\n" >> "$1"', "line 4 is no text in UTF-8: save it as UTF-8 in the editor"),
        ('printf "A heron.\\0\\n" >> "$1"', "line 4 holds a NUL character; remove it"),
    ],
)
def test_an_editor_that_fails_loses_nothing(nest: Nest, editor: Any, script: str, wrong: str) -> None:
    editor(script)
    said = journal(nest, status=1)
    (draft,) = drafts(nest)
    assert f"crampcoach: {wrong}; what you wrote is kept in {draft}" in said
    assert "heron" not in said
    assert stat.S_IMODE(draft.stat().st_mode) == 0o600
    assert stat.S_IMODE(draft.parent.stat().st_mode) == 0o700
    assert pages(nest) == []
    editor('tr -d "\\000\\377" < "$1" > "$1.new"; mv "$1.new" "$1"; echo "A mill." >> "$1"')
    assert "saved: 4 words" in journal(nest, "g", "Enter")
    (entry,) = pages(nest)
    assert entry["note"] == "A heron.\nA mill."
    assert entry["fields"]["prompt"] in prompts()
    assert drafts(nest) == []


@pytest.mark.parametrize(("key", "left"), [("s", ["A heron."]), ("t", [])])
def test_a_kill_in_the_middle_of_it(nest: Nest, editor: Any, tmp_path: Path, key: str, left: list[str]) -> None:
    editor(f'echo "A heron." >> "$1"; touch {tmp_path}/written; read -r _ < /dev/tty')
    with in_terminal(nest, "journal") as tmux:
        wait_for((tmp_path / "written").exists, 30, "the editor writes")
        os.kill(process_in(nest), signal.SIGKILL)
        assert tmux.status() == 137
    assert len(drafts(nest)) == 1
    editor("exit 0")
    with in_terminal(nest, "journal") as tmux:
        tmux.wait("A draft of 2 words was left behind.")
        tmux.keys("x", "Enter", key, "Enter")
        press_enter_if_asked(tmux)
        assert tmux.status() == 0
    assert (notes(nest), drafts(nest)) == (left, [])


#: As `tmux_terminal.SCRIPT`, but nothing can be printed.
NO_OUTPUT = "{command} > /dev/full; echo $? > {folder}/status; exec cat"


@pytest.mark.parametrize("text", ["A heron.", "My calf is swollen and warm."])
def test_a_page_that_is_saved_leaves_no_draft_though_nothing_can_be_printed(nest: Nest, editor: Any, text: str) -> None:
    editor(f'echo "{text}" >> "$1"')
    with in_terminal(nest, "journal", script=NO_OUTPUT) as tmux:
        assert tmux.status() != 0
        assert "kept" not in tmux.text()
    assert (notes(nest), drafts(nest)) == ([text], [])


def test_a_draft_whose_text_was_saved_before_a_kill_is_not_offered_again(nest: Nest, editor: Any) -> None:
    assert piped(nest, b"A heron.").code == 0
    leave_behind(nest, f"{page(prompts()[0])}A heron.\n".encode())
    editor('echo "A mill." >> "$1"')
    with in_terminal(nest, "journal") as tmux:
        press_enter_if_asked(tmux)
        assert tmux.status() == 0
        assert "left behind" not in tmux.text()
    assert (notes(nest), drafts(nest)) == (["A mill.", "A heron."], [])


def test_a_second_window_is_refused_before_anybody_types(nest: Nest, editor: Any, tmp_path: Path) -> None:
    editor(f'touch {tmp_path}/open; read -r _ < /dev/tty; echo "A heron." >> "$1"')
    with in_terminal(nest, "journal") as first:
        wait_for((tmp_path / "open").exists, 30, "the editor is open")
        with in_terminal(nest, "journal", "--prompt", columns=300) as second:
            assert second.status() == 1
            assert "is being written in another window; finish there first" in second.text()
            assert "ends it." not in second.text()
            (second.folder / "status").unlink()
        first.keys("Enter")
        press_enter_if_asked(first)
        assert first.status() == 0
    assert (notes(nest), drafts(nest)) == (["A heron."], [])


def test_an_editor_that_is_not_there_is_a_sentence(nest: Nest) -> None:
    nest.env["EDITOR"] = "nosuch --wait"
    assert "crampcoach: there is no editor 'nosuch --wait': set EDITOR to" in journal(nest, status=1)
    assert drafts(nest) == []


# --- the evening's reminder ------------------------------------------------------------------------------------


def asked_in_the_evening(nest: Nest, server: WitnessProcess) -> int:
    """Have the reminder come, and press Write on it."""
    nest.make_due("journaling.evening", "19:00")
    shown = server.wait_for(lambda seen: seen["event"] == "notify" and "How was today?" in str(seen))
    server.press(shown["id"], "write", keep=True)
    number: int = shown["id"]
    return number


def test_write_opens_a_page_and_what_is_written_answers_the_evening(nest: Nest, editor: Any, tmp_path: Path) -> None:
    editor('echo "A heron." >> "$1"')
    tmux = Tmux(tmp_path / "tmux", tmp_path)
    nest.configure(f'[notify]\norder = ["desktop"]\nterminal = "{join(window(tmux.socket, 80, 24))}"\n')
    with private_bus() as bus, witness(bus) as server, ending(tmux):
        nest.env |= {"DBUS_SESSION_BUS_ADDRESS": bus, "CRAMPCOACH_PLUGINS": "journaling,desktop"}
        with agent(nest, LANG="C.UTF-8"):
            number = asked_in_the_evening(nest, server)
            wait_for(tmux.socket.exists, 30, "a window")
            tmux.wait("Press Enter to close.")
            assert "saved: 2 words" in tmux.text()
            server.wait_for(lambda seen: seen["event"] == "close" and seen["id"] == number)
            assert nest.today() == {"journaling.evening": "done"}
    assert notes(nest) == ["A heron."]


def test_where_no_terminal_opens_it_says_what_to_type(nest: Nest) -> None:
    nest.configure('[notify]\norder = ["desktop"]\n')
    with private_bus() as bus, witness(bus) as server:
        nest.env |= {"DBUS_SESSION_BUS_ADDRESS": bus, "CRAMPCOACH_PLUGINS": "journaling,desktop"}
        with agent(nest):
            asked_in_the_evening(nest, server)
            server.wait_for(lambda seen: "type: crampcoach journal" in str(seen))
            # An empty page answers nothing, a written one does.
            piped(nest, b"")
            assert nest.today() == {"journaling.evening": "shown"}
            piped(nest, b"A heron.")
            assert nest.today() == {"journaling.evening": "done"}


def test_a_page_at_noon_leaves_the_evenings_question_alone(nest: Nest) -> None:
    piped(nest, b"A heron.")
    assert nest.today() == {"journaling.evening": "planned"}


# --- privacy ---------------------------------------------------------------------------------------------------

#: Found nowhere but in the log. It raises advice, so that a message is sent, too.
SECRET = "Zwiebelkuchen"
TEXT = f"{SECRET}: my calf is swollen and warm."


@contextmanager
def watched_processes() -> Iterator[list[str]]:
    """Every process whose words or environment hold the secret while this lasts."""
    seen: list[str] = []
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.02):
            for process in Path("/proc").glob("[0-9]*"):
                for name in ("cmdline", "environ", "comm"):
                    try:
                        data = (process / name).read_bytes()
                    except OSError:
                        continue
                    if SECRET.encode() in data:
                        seen.append(f"{name} of {process.name}: {data!r}")

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        yield seen
    finally:
        over.set()
        watching.join()


def holders(top: Path) -> dict[str, Path]:
    """The files below a folder that hold the secret, by name."""
    found = [one for one in top.rglob("*") if one.is_file() and SECRET.encode() in one.read_bytes()]
    return {one.name: one for one in found}


def is_private(path: Path, top: Path) -> bool:
    folders = [one for one in path.parents if one.is_relative_to(top)]
    return not path.stat().st_mode & 0o077 and all(not one.stat().st_mode & 0o077 for one in folders)


def by_pipe(nest: Nest) -> None:
    ended = piped(nest, TEXT.encode())
    assert ended.code == 0
    assert SECRET not in ended.out + ended.err


def by_prompt(nest: Nest) -> None:
    with in_terminal(nest, "journal", "--prompt") as tmux:
        tmux.wait("ends it.")
        tmux.paste(TEXT)
        tmux.keys("Enter", ".", "Enter")
        assert tmux.status() == 0
        assert tmux.text().count(SECRET) == 1, "what was typed, and no more"


def by_editor(nest: Nest) -> None:
    """A real editor with settings that spread what is written: swap files, backups, undo and history elsewhere."""
    vim = shutil.which("vim")
    assert vim
    person = Path(nest.env["HOME"])
    (person / "elsewhere").mkdir(mode=0o755)
    (person / ".vimrc").write_text(
        f"set directory={person}/elsewhere// backup backupdir={person}/elsewhere undofile undodir={person}/elsewhere\n"
        f"set viminfo='100,<50,n{person}/elsewhere/viminfo\n"
    )
    nest.env["EDITOR"] = "vim"
    with in_terminal(nest, "journal", columns=200) as tmux:
        tmux.wait(BELOW)
        tmux.keys("i")
        tmux.paste(TEXT)
        tmux.keys("Escape", "yyp")
        tmux.wait(f"{TEXT} {TEXT}")
        tmux.keys(":w", "Enter")
        wait_for(lambda: len(holders(person)) >= 1, 30, "it is written")
        # While it is written: in its own folder only.
        place = nest.home.data_dir / "drafts"
        assert all(
            one.is_relative_to(place) and is_private(one, nest.home.data_dir) for one in holders(person).values()
        )
        tmux.keys(":wq", "Enter")
        assert tmux.status() == 0
        assert SECRET not in tmux.text()


@pytest.mark.parametrize("write", [by_pipe, by_prompt, by_editor], ids=lambda write: write.__name__)
def test_a_text_is_nowhere_but_in_the_log(nest: Nest, write: Any) -> None:
    """Not in output, messages, process titles, files left behind, nor in a file that others can read."""
    person = Path(nest.env["HOME"])
    before = os.umask(0)  # nothing relies on the person's own caution
    with ExitStack() as at_end:
        at_end.callback(os.umask, before)
        bus = at_end.enter_context(private_bus())
        server = at_end.enter_context(witness(bus))
        nest.env |= {"DBUS_SESSION_BUS_ADDRESS": bus, "CRAMPCOACH_PLUGINS": "journaling,desktop"}
        nest.configure('[notify]\norder = ["desktop"]\n')
        running = at_end.enter_context(agent(nest))
        with watched_processes() as seen:
            write(nest)
        nest.run("status")
        told = str(server.events())
        assert SECRET not in running.text
    assert (SECRET in told, seen) == (False, [])
    found = holders(person)
    assert found.keys() >= {"log.db"} or found.keys() >= {"log.db-wal"}
    assert found.keys() <= {"log.db", "log.db-wal", "log.db-shm"}
    assert all(is_private(one, nest.home.data_dir) for one in found.values())
    assert list((person / "tmp").iterdir()) == []
    assert drafts(nest) == []


def test_an_editor_that_was_killed_leaves_its_swap_file_with_the_draft(nest: Nest) -> None:
    person = Path(nest.env["HOME"])
    (person / "elsewhere").mkdir()
    (person / ".vimrc").write_text(f"set directory={person}/elsewhere//\nset updatetime=100\n")
    nest.env["EDITOR"] = "vim"
    with in_terminal(nest, "journal", columns=200) as tmux:
        tmux.wait(BELOW)
        tmux.keys("i", TEXT)  # below the question: that is where it begins
        wait_for(lambda: holders(person), 30, "the editor keeps what was typed")
        (editing,) = [
            one
            for one in Path("/proc").glob("[0-9]*")
            if (one / "cmdline").exists()
            and (one / "comm").read_text().startswith("vim")
            and str(nest.folder).encode() in (one / "cmdline").read_bytes()
        ]
        os.kill(int(editing.name), signal.SIGKILL)
        tmux.wait("the editor vim was killed (SIGKILL); what you wrote is kept in")
        assert tmux.status() == 1
        assert tmux.settings()[0] == tmux.settings()[1], "the terminal is as it was"
        assert SECRET not in tmux.text()
    assert holders(person).keys() == {".journaling.journal.txt.swp"}
    assert all(is_private(one, nest.home.data_dir) for one in holders(person).values())
    # The editor itself offers what it had not saved.
    with in_terminal(nest, "journal", columns=200) as tmux:
        tmux.wait("Found a swap file")
        tmux.keys("r")
        tmux.wait("Press ENTER")
        tmux.keys("Enter")
        tmux.wait(TEXT)
        tmux.keys(":wq", "Enter")
        press_enter_if_asked(tmux)
        assert tmux.status() == 0
    assert notes(nest) == [TEXT]
    assert holders(person).keys() <= {"log.db", "log.db-wal", "log.db-shm"}
