"""`crampcoach setup`: a dozen questions in a terminal, each to be left out, none to be lost; and `--defaults`."""

from __future__ import annotations

import errno
import fcntl
import os
import pty
import re
import select
import signal
import stat
import struct
import subprocess
import sys
import termios
import time
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import time as wall_time
from pathlib import Path
from typing import Any

import pytest

from agent_process import POWERLESS, Nest, agent, noon_zone
from crampcoach import lock
from crampcoach.advice import HEADINGS
from crampcoach.cli.questions import QUESTIONS
from crampcoach.config import Profile
from crampcoach.hours import Hours
from crampcoach.safety.wording import Person
from crampcoach.store import red_flags_shown
from crampcoach.store.database import Database
from crampcoach.store.schema import STATE
from desktop import click_button, popup, popups, private_bus, screenshot, virtual_screen, wait_for, waits, witness, xfce

ARTIFACTS = Path(__file__).parent.parent / ".artifacts"
ENTRY = ".config/autostart/crampcoach.desktop"
MENU = ".local/share/applications/crampcoach.desktop"
ICON = ".local/share/icons/hicolor/scalable/apps/crampcoach.svg"
#: Words of each question, in the order in which they are asked.
ADULT, WAKE, BED, FLUIDS = "Are you 18", "usually get up", "usually go to bed", "limit or watch fluids"
BALANCE, PREGNANT, CLOTS, COUNTRY = "steady on your feet", "Are you pregnant", "against blood clots", "Which country"
WITHOUT, LOGIN, IN_MENU, TEST = "do you not want", "whenever you log in", "menu of programs", "Show a test message now"
ORDER = (ADULT, WAKE, BED, FLUIDS, BALANCE, PREGNANT, CLOTS, COUNTRY, WITHOUT, LOGIN, IN_MENU, TEST)
CTRL_C, CTRL_D = "\x03", "\x04"
#: Plugins that remind, and those that show messages.
REMINDING = ["cramps", "hydration", "journaling", "stretching"]

Reply = str | Callable[[], object] | Sequence[str]


@pytest.fixture
def nest(tmp_path: Path) -> Nest:
    """A person's home folder and a home of crampcoach in it; no desktop, no systemd, London."""
    (tmp_path / "person").mkdir()
    env = {"HOME": str(tmp_path / "person"), "TZ": "Europe/London"}
    return Nest(tmp_path / "person" / "coach", env)


def person_of(nest: Nest) -> Path:
    return Path(nest.env["HOME"])


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file() or path.is_symlink()}


@dataclass
class Terminal:
    """A command in a terminal, and somebody who answers what it asks."""

    process: subprocess.Popen[bytes]
    ours: int
    text: str = ""
    #: What was said before each prompt, as one line with the prompt, and what was answered.
    asked: list[tuple[str, str]] = field(default_factory=list)

    def read(self, seconds: float) -> bool:
        """Read what comes; False at the end."""
        ready, _, _ = select.select([self.ours], [], [], seconds)
        try:
            data = os.read(self.ours, 65536) if ready else b"-"
        except OSError as error:  # nobody has the other end any more
            assert error.errno == errno.EIO
            return False
        self.text += data.decode().replace("\r\n", "\n") if ready else ""
        return bool(data)

    def type(self, keys: str) -> None:
        wait_for(lambda: waits(self.process) or self.process.poll() is not None, 5, "it waits for a key")
        os.write(self.ours, keys.encode())

    def converse(self, replies: Mapping[str, Reply], timeout: float = 30.0) -> int:
        """Answer each prompt by the words that stand before it, others with Enter, to the end; the exit status.

        A list has an answer for each time that it is asked, also by its prompt only. A function is called instead,
        and answers by what it does.
        """
        left = {words: [reply] if isinstance(reply, str) or callable(reply) else list(reply)
                for words, reply in replies.items()}  # fmt: skip
        begin, end, question = 0, time.monotonic() + timeout, ""
        while self.read(0.1):
            assert time.monotonic() < end, f"it goes on after:\n{self.text}"
            if not self.text[begin:].endswith("]: "):
                continue
            said = " ".join(self.text[begin:].split())
            begin = len(self.text)
            question = next((words for words in ORDER if words in said), question)
            words = next((words for words in left if words in said and left[words]), question)
            reply = left[words].pop(0) if left.get(words) else ""
            self.asked.append((said, reply if isinstance(reply, str) else "..."))
            if callable(reply):
                reply()
            else:
                self.type(reply if reply in (CTRL_C, CTRL_D) else f"{reply}\n")
        unused = {words: replies for words, replies in left.items() if replies}
        assert not unused, f"never asked: {unused}"
        return self.process.wait(10)

    @property
    def line(self) -> str:
        """All of it as one line."""
        return " ".join(self.text.split())

    def questions(self) -> list[str]:
        """Which of ORDER were asked, once each."""
        return [words for words in ORDER if any(words in said for said, _ in self.asked)]


@contextmanager
def typing(
    nest: Nest, *words: str, size: tuple[int, int] = (60, 24), env: Mapping[str, str] | None = None
) -> Iterator[Terminal]:
    """Start `crampcoach setup` in a terminal of its own; closing that hangs up on it."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
    environment = nest.environment(**(env or {}))
    for name in ("COLUMNS", "LINES"):
        environment.pop(name, None)
    # setsid: so that Ctrl+C reaches it, and it hears when the terminal is closed.
    command = ["setsid", "--ctty", *nest.command("setup", *words)]
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment)
    os.close(theirs)
    terminal = Terminal(process, ours)
    try:
        yield terminal
        assert "Traceback" not in terminal.text
        assert "\x1b" not in terminal.text
    finally:
        os.close(ours)
        if process.poll() is None:
            process.kill()
        process.wait()
        print(terminal.text)  # for a test that fails


def set_up(
    nest: Nest, replies: Mapping[str, Reply], *words: str, status: int = 0, env: Mapping[str, str] | None = None
) -> Terminal:
    """Go through it to the end. Unless asked for, no agent is started and no test message shown."""
    with typing(nest, "--no-start", *words, env=env) as terminal:
        assert terminal.converse({TEST: "n", **replies}) == status, terminal.text
    return terminal


def profile(nest: Nest) -> dict[str, str]:
    """What the person has said about themselves, newest last."""
    said: dict[str, str] = {}
    for row in reversed(nest.asked("entries", "--kind", "profile")):
        said |= row["fields"]
    return said


def settings(nest: Nest) -> dict[str, Any]:
    """What config.toml says, without the empty tables."""
    if not nest.home.config_file.exists():
        return {}
    found = tomllib.loads(nest.home.config_file.read_text())
    plugins = {name: one for name, one in found.pop("plugins", {}).items() if one}
    return {name: one for name, one in {**found, "plugins": plugins}.items() if one}


def signs_shown(nest: Nest) -> bool:
    with closing(Database(nest.home.state_db, STATE)) as state:
        return red_flags_shown.since(state) is not None


# --- somebody new ----------------------------------------------------------------------------------------------

EVERYTHING = {
    ADULT: "y", WAKE: "6:45", BED: "11 pm", FLUIDS: "N", BALANCE: "yes", PREGNANT: "n", CLOTS: "no", COUNTRY: "de",
    WITHOUT: "Journaling", LOGIN: "y", IN_MENU: "",
}  # fmt: skip


@pytest.mark.real
def test_a_dozen_questions_each_with_its_reason(nest: Nest) -> None:
    terminal = set_up(nest, EVERYTHING)
    assert terminal.questions() == list(ORDER)
    asked = [said for said, _ in terminal.asked if not re.search(r"of \d; Enter|Enter: read them", said)]
    assert len(asked) == len(ORDER) == 12
    assert all("Enter: " in said for said in asked)
    for question in QUESTIONS:
        assert f"{question.ask} {question.why} [" in terminal.line
    assert profile(nest) == {
        "adult": "yes",
        "fluids": "free",
        "balance": "steady",
        "pregnant": "no",
        "anticoagulant": "no",
        "country": "DE",
    }
    assert "In an emergency: 112." in terminal.line
    assert settings(nest) == {"day": {"wake": "06:45", "bed": "23:00"}, "plugins": {"journaling": {"enabled": False}}}
    assert files(person_of(nest)) >= {ENTRY, MENU, ICON}
    assert "Done. `crampcoach status`" in terminal.line
    assert nest.run("status").code == 0


@pytest.mark.real
def test_it_fits_into_sixty_columns(nest: Nest) -> None:
    terminal = set_up(nest, {ADULT: ["perhaps", "y"], BED: ["10", "22:15"], COUNTRY: "Germany", WITHOUT: "coffee"})
    long = [line for line in terminal.text.splitlines() if len(line) > 60 and not line.startswith(("  /", "    /"))]
    assert long == []


@pytest.mark.real
def test_what_is_set_stands_below_the_comment_that_explains_it(nest: Nest, tmp_path: Path) -> None:
    plain = Nest(tmp_path / "plain", dict(nest.env))
    assert plain.run("config", "init").code == 0
    expected = plain.home.config_file.read_text()
    set_up(nest, {WAKE: "06:45", BED: "23:00", WITHOUT: "hydration, cramps"})
    for below, line in (
        ('#wake = "07:00"', 'wake = "06:45"'),
        ('#bed = "22:30"', 'bed = "23:00"'),
        ("[plugins.hydration]\n#enabled = true", "enabled = false"),
        ("[plugins.cramps]\n#enabled = true", "enabled = false"),
    ):
        assert expected.count(f"\n{below}\n") == 1
        expected = expected.replace(f"\n{below}\n", f"\n{below}\n{line}\n")
    assert nest.home.config_file.read_text() == expected
    assert stat.S_IMODE(nest.home.config_file.stat().st_mode) == 0o600
    assert nest.run("config", "check").code == 0


@pytest.mark.real
@pytest.mark.parametrize(("off", "there"), [("journaling", True), ("stretching, cramps, journaling", False)])
def test_what_plugins_add_is_named_and_what_their_buttons_open_stands_in_the_menu(
    nest: Nest, off: str, there: bool
) -> None:
    terminal = set_up(nest, {WITHOUT: off})
    actions = "Actions=now;stretch;\n" if there else "Actions=now;\n"
    assert actions in (person_of(nest) / MENU).read_text()
    assert ("One page to print for the bedside." in terminal.line) is there
    assert ("Your plugins add these commands" in terminal.line) is there


@pytest.mark.real
def test_who_only_presses_enter_pins_nothing(nest: Nest, tmp_path: Path) -> None:
    plain = Nest(tmp_path / "plain", dict(nest.env))
    plain.run("config", "init")
    terminal = set_up(nest, {})
    assert nest.home.config_file.read_text() == plain.home.config_file.read_text()
    assert nest.asked("entries") == []
    assert "saved" not in terminal.line.partition("Are you 18")[2]
    assert files(person_of(nest)) >= {ENTRY, MENU, ICON}  # their Enter says yes, as they show
    assert "999" in terminal.line  # by the time zone


@pytest.mark.real
def test_another_answer_is_asked_for_again(nest: Nest) -> None:
    terminal = set_up(
        nest,
        {
            ADULT: ["perhaps", "?", "Y"],
            WAKE: ["7", "25:00", "7.30"],
            BED: ["22:30 or so", "10:30", "n", "10:30 PM"],
            FLUIDS: "Not  sure",
            COUNTRY: ["Germany", "UK"],
            WITHOUT: ["coffee", "desktop", ""],
            "10:30 is in the day, not in the evening": "n",
        },
    )
    assert profile(nest) == {"adult": "yes", "fluids": "limited", "country": "UK"}
    assert settings(nest) == {"day": {"wake": "07:30", "bed": "22:30"}}
    for words in ("'perhaps' is not understood; type y or n", "'7' is no time of day", "two letters, such as GB, US"):
        assert words in terminal.line
    assert "coffee: there is none of that name above" in terminal.line


@pytest.mark.real
def test_somebody_who_works_at_night(nest: Nest) -> None:
    terminal = set_up(
        nest,
        {"17:00 is not in the morning. Is that right?": "y", "08:30 is in the day": "y", WAKE: "17:00", BED: "8:30"},
    )
    assert settings(nest) == {"day": {"wake": "17:00", "bed": "08:30"}}
    again = set_up(nest, {BED: ["17:00", ""], "17:00 is in the day": "y"})
    assert "leaves no day" in again.line
    assert settings(nest) == {"day": {"wake": "17:00", "bed": "08:30"}}
    assert terminal.questions() == again.questions() == list(ORDER)


@pytest.mark.real
def test_what_an_answer_holds_back_is_said(nest: Nest) -> None:
    terminal = set_up(nest, {PREGNANT: "y", FLUIDS: "y"})
    assert "No stretch for now. Held: in pregnancy, ask your midwife first." in terminal.line
    assert "WORTH ASKING YOUR DOCTOR ABOUT" in terminal.text  # kidneys and so on
    assert "No stretch for now" not in set_up(nest, {PREGNANT: "n"}).line


# --- the signs first -------------------------------------------------------------------------------------------


def all_signs(zone: str = "Europe/London") -> list[str]:
    return [one.text for one in Person(Profile(), zone).before_stretch()]


@pytest.mark.real
@pytest.mark.parametrize(("columns", "rows"), [(60, 24), (80, 24), (120, 50), (40, 24)])
def test_the_signs_come_page_by_page_and_complete(nest: Nest, columns: int, rows: int) -> None:
    with typing(nest, size=(columns, rows)) as terminal:
        terminal.converse({ADULT: CTRL_C})
    assert signs_shown(nest)
    before, _, rest = terminal.text.partition("Enter: read them]: ")
    assert not any(heading.upper() in before for heading in HEADINGS.values())
    *pages, _settings = re.split(r"(?<=Enter: next\]: )|(?<=I have read them\]: )", rest.partition("Are you 18")[0])
    for number, page in enumerate(pages, 1):
        # From the Enter before, whose line goes, to the question: nothing has left the screen.
        assert page.count("\n") <= rows, page
        assert max(map(len, page.splitlines())) <= columns
        heading, *_ = [line for line in page.splitlines() if line]
        assert heading in (HEADINGS["now"].upper(), HEADINGS["same-day"].upper())
        assert f"[{number} of {len(pages)}; Enter: " in page
    assert [page for page in pages if "GET MEDICAL" in page] == pages[: sum("GET MEDICAL" in page for page in pages)]
    items = [" ".join(item.split()) for page in pages for item in re.split(r"\n\n|(?m:^  - )", page)]
    assert [item for item in items if item.startswith("If ")] == all_signs()


@pytest.mark.real
def test_signs_that_were_not_read_to_the_end_come_again(nest: Nest) -> None:
    with typing(nest) as terminal:
        assert terminal.converse({"2 of ": CTRL_C}) == 130
    assert not signs_shown(nest)
    assert not nest.home.config_file.exists()
    assert files(person_of(nest)).isdisjoint({ENTRY, MENU})
    assert "GET MEDICAL HELP NOW" in set_up(nest, {}).text
    again = set_up(nest, {})
    assert "GET MEDICAL HELP NOW" not in again.text
    assert "To read them again: crampcoach check-symptoms --list" in again.line


# --- somebody who stops half way -------------------------------------------------------------------------------

ANSWERS = {ADULT: "y", WAKE: "06:45", BED: "23:00", FLUIDS: "n", BALANCE: "n", PREGNANT: "n", CLOTS: "n", COUNTRY: "GB",
           WITHOUT: "cramps", LOGIN: "y", IN_MENU: "y", TEST: "y"}  # fmt: skip
FIELDS = {ADULT: ("adult", "yes"), FLUIDS: ("fluids", "free"), BALANCE: ("balance", "unsteady"),
          PREGNANT: ("pregnant", "no"), CLOTS: ("anticoagulant", "no"), COUNTRY: ("country", "GB")}  # fmt: skip
IN_CONFIG = {WAKE: ("day", "wake", "06:45"), BED: ("day", "bed", "23:00"),
             WITHOUT: ("plugins", "cramps", {"enabled": False})}  # fmt: skip
WRITTEN = {LOGIN: {ENTRY}, IN_MENU: {MENU, ICON}}


@pytest.mark.real
@pytest.mark.parametrize("stop", ORDER)
def test_stopped_at_any_question_what_was_answered_is_saved(nest: Nest, stop: str) -> None:
    assert nest.run("entries").code == 0
    nest.signs_are_known()
    before = ORDER[: ORDER.index(stop)]
    with typing(nest, "--no-start") as terminal:
        key = CTRL_C if ORDER.index(stop) % 2 else CTRL_D
        assert terminal.converse({**{words: ANSWERS[words] for words in before}, stop: key}) == 130
    assert "What you had answered is saved. `crampcoach setup` shows it again" in terminal.line
    assert terminal.text.rstrip().endswith("crampcoach: stopped")
    assert profile(nest) == dict(FIELDS[words] for words in before if words in FIELDS)
    expected: dict[str, Any] = {}
    for words in before:
        if words in IN_CONFIG:
            table, name, value = IN_CONFIG[words]
            expected.setdefault(table, {})[name] = value
    assert settings(nest) == expected
    assert nest.run("config", "check").code == 0
    installed = set().union(*(WRITTEN.get(words, set()) for words in before))
    assert {path for path in files(person_of(nest)) if not path.startswith("coach/")} == installed
    assert not [path for path in files(person_of(nest)) if path.endswith((".part", ".tmp"))]
    assert {path.name for path in nest.home.config_dir.iterdir()} == {"config.toml"}


# --- once more -------------------------------------------------------------------------------------------------


@pytest.mark.real
def test_a_second_time_it_shows_what_is_known_and_enter_keeps_it(nest: Nest) -> None:
    set_up(nest, {**EVERYTHING, FLUIDS: "?", BALANCE: "n"})
    config, entries = nest.home.config_file.read_bytes(), nest.asked("entries")
    again = set_up(nest, {})
    assert nest.home.config_file.read_bytes() == config
    assert nest.asked("entries") == entries
    shown = {words: re.search(r"Enter: ([^]]*)\]", said) for words in ORDER for said, _ in again.asked if words in said}
    assert {words: found[1] for words, found in shown.items() if found} == {
        ADULT: "yes",
        WAKE: "06:45",
        BED: "23:00",
        FLUIDS: "yes or not sure",
        BALANCE: "no",
        PREGNANT: "no",
        CLOTS: "no",
        COUNTRY: "DE",
        WITHOUT: "keep them all",
        LOGIN: "yes",
        IN_MENU: "yes",
        TEST: "yes",
    }
    assert "It does so now." in again.line
    assert "It is there now." in again.line
    assert "Off already: journaling. To turn one on: crampcoach plugins enable NAME" in again.line
    assert "  journaling  " not in again.text


@pytest.mark.real
def test_answers_can_be_changed(nest: Nest) -> None:
    set_up(nest, EVERYTHING)
    again = set_up(nest, {BALANCE: "n", BED: "22:00", LOGIN: "n", IN_MENU: "n"})
    assert profile(nest)["balance"] == "unsteady"
    assert settings(nest)["day"] == {"wake": "06:45", "bed": "22:00"}
    assert files(person_of(nest)).isdisjoint({ENTRY, MENU, ICON})
    assert "off; removed:" in again.line
    third = set_up(nest, {LOGIN: "n", IN_MENU: "n"})
    assert files(person_of(nest)).isdisjoint({ENTRY, MENU, ICON})
    assert "removed" not in third.line


@pytest.mark.real
def test_what_config_says_is_not_asked(nest: Nest) -> None:
    nest.configure('[profile]\ncountry = "US"\nadult = "yes"\n[day]\nbed = "21:00"  # mine\n')
    terminal = set_up(nest, {FLUIDS: "n"})
    assert terminal.questions() == [words for words in ORDER if words not in (ADULT, COUNTRY)]
    assert "it stands under [profile] in config.toml: adult = yes, country = US. Change it there:" in terminal.line
    assert f"\n  {nest.home.config_file}\n" in terminal.text
    assert profile(nest) == {"fluids": "free"}
    assert "21:00" in next(said for said, _ in terminal.asked if BED in said)
    assert nest.home.config_file.read_text().endswith('bed = "21:00"  # mine\n')
    assert "911" in terminal.line


# --- what may be wrong -----------------------------------------------------------------------------------------


@pytest.mark.real
@pytest.mark.parametrize("config", ['[day]\nbed = "25:00"\n[quiet]\nenable = true\n', "[day"])
def test_a_config_with_a_mistake(nest: Nest, config: str) -> None:
    nest.configure(config)
    with typing(nest, size=(200, 24)) as terminal:
        assert terminal.converse({}) == 1
    assert terminal.asked == []
    ended = nest.run("setup", "--defaults")
    assert (ended.code, ended.out) == (1, "")
    assert terminal.text.splitlines() == ended.err.splitlines()
    assert all(str(nest.home.config_file) in line for line in ended.err.splitlines())
    if "25:00" in config:
        assert "config.toml:2: day.bed: '25:00'" in ended.err
        assert "config.toml:4: quiet.enable: unknown key; did you mean 'enabled'?" in ended.err
    assert nest.home.config_file.read_text() == config
    assert files(person_of(nest)).isdisjoint({ENTRY, MENU})


@pytest.mark.real
def test_a_plugin_that_is_broken_is_named_and_nothing_else_suffers(nest: Nest) -> None:
    nest.drop("broken", "import nowhere\n")
    terminal = set_up(nest, {BED: "23:00"})
    assert "plugin broken: " in terminal.line
    assert terminal.questions() == list(ORDER)
    assert settings(nest) == {"day": {"bed": "23:00"}}
    assert "[plugins.broken]" in nest.home.config_file.read_text()


@pytest.mark.real
@pytest.mark.parametrize("how", ["no terminal", "closed", "only the output", "only the input"])
def test_without_a_terminal(nest: Nest, how: str) -> None:
    ours, theirs = pty.openpty()
    null = os.open(os.devnull, os.O_RDWR)
    streams = {
        "no terminal": (null, subprocess.PIPE),
        "closed": (null, subprocess.PIPE),
        "only the output": (null, theirs),
        "only the input": (theirs, subprocess.PIPE),
    }
    command = nest.command("setup")
    if how == "closed":
        command = ["sh", "-c", 'exec "$@" <&-', "sh", *command]
    try:
        stdin, stdout = streams[how]
        ended = subprocess.run(
            command, stdin=stdin, stdout=stdout, stderr=subprocess.PIPE, env=nest.environment(), timeout=30, check=False
        )
    finally:
        for handle in (ours, theirs, null):
            os.close(handle)
    assert ended.returncode == 1
    assert ended.stderr.decode() == (
        "crampcoach: setup asks questions and needs a terminal; `crampcoach setup --defaults` asks nothing\n"
    )
    assert not nest.folder.exists()


@pytest.mark.real
@pytest.mark.parametrize("words", [[], ["--defaults"]])
def test_a_home_that_cannot_be_written(nest: Nest, words: list[str]) -> None:
    nest.folder.mkdir(mode=0o500)
    nest.prefix = POWERLESS
    with typing(nest, *words, size=(200, 24)) as terminal:
        assert terminal.converse({}) == 1
    assert terminal.asked == []
    (line,) = terminal.text.splitlines()
    assert line.startswith(f"crampcoach: cannot write {nest.folder}/data: Permission denied; ")
    assert files(person_of(nest)) == set()


@pytest.mark.real
def test_one_step_that_fails_does_not_take_the_others_with_it(nest: Nest) -> None:
    """No folder for autostart, a menu entry of somebody else's, settings that cannot be changed."""
    nest.configure("# mine\n")
    nest.home.config_file.chmod(0o400)
    (person_of(nest) / ".config").mkdir(mode=0o500)
    entry = person_of(nest) / MENU
    entry.parent.mkdir(parents=True)
    entry.write_text("[Desktop Entry]\n")
    nest.prefix = POWERLESS
    terminal = set_up(nest, {BED: ["23:00", ""], FLUIDS: "n", WITHOUT: ["cramps", ""]}, status=1)
    assert terminal.questions() == list(ORDER)
    assert profile(nest) == {"fluids": "free"}
    assert nest.home.config_file.read_text() == "# mine\n"
    assert entry.read_text() == "[Desktop Entry]\n"
    assert terminal.line.count("not done: cannot write") == 3
    assert terminal.line.count("not done: ") == 4
    assert "was not made by crampcoach and is left alone" in terminal.line
    assert "Done, but for what is named above." in terminal.line
    ended = nest.run("setup", "--defaults", "--no-start")
    assert ended.code == 1
    assert ended.out.count("not done: ") == 2


@pytest.mark.real
def test_settings_that_cannot_be_made_are_named_and_the_rest_goes_on(nest: Nest) -> None:
    assert nest.run("entries").code == 0
    nest.home.config_dir.mkdir(exist_ok=True)
    nest.home.config_dir.chmod(0o500)
    nest.prefix = POWERLESS
    # A folder of one's own is made private and writable again; one of somebody else's is not.
    ended = nest.run("setup", "--defaults", "--no-start")
    assert ended.code == 1
    assert f"not done: cannot write {nest.home.config_file}" in ended.out
    assert files(person_of(nest)) >= {ENTRY, MENU, ICON}


# --- beside a running agent ------------------------------------------------------------------------------------


@pytest.mark.real
def test_a_running_agent_follows_each_answer_at_once(nest: Nest) -> None:
    def bed() -> str:
        return next(str(row["due"])[11:16] for row in nest.asked("plan", "--days", "3") if "stretch" in row["reminder"])

    with agent(nest) as running, typing(nest) as terminal:

        def followed(what: str) -> Callable[[], None]:
            def look() -> None:
                running.wait_line(what, timeout=5)
                terminal.type("\n")

            return look

        # The question after it is not answered before the agent has followed.
        replies: dict[str, Reply] = {
            BED: "23:15",
            FLUIDS: followed("changed: hours"),
            BALANCE: "y",
            PREGNANT: followed("profile"),
        }
        assert terminal.converse({**replies, TEST: "n"}) == 0
        assert bed() == "22:45"
        assert "it is running already" in terminal.line
        assert running.process.poll() is None
        assert lock.holder(nest.home.lock_file) == running.process.pid


# --- --defaults ------------------------------------------------------------------------------------------------


@pytest.mark.real
def test_defaults_asks_nothing(nest: Nest) -> None:
    """Not even by a message, where none is wanted."""
    with private_bus() as bus, witness(bus) as server:
        words = ("--defaults", "--no-start", "--wait", "0")
        with typing(nest, *words, env={"DBUS_SESSION_BUS_ADDRESS": bus}) as terminal:
            assert terminal.converse({}) == 0
        assert terminal.asked == []
        assert server.events("notify") == []
    assert "test message" not in terminal.line
    assert "?" not in terminal.text.partition("GET THIS LOOKED AT")[2].partition("Your settings")[2]
    assert files(person_of(nest)) >= {ENTRY, MENU, ICON}
    assert settings(nest) == {}
    assert nest.home.config_file.exists()
    assert nest.asked("entries") == []
    assert [text for text in all_signs() if text not in terminal.line] == []
    assert signs_shown(nest)
    assert lock.holder(nest.home.lock_file) is None
    assert "crampcoach is not running now" in terminal.line


@pytest.mark.real
def test_signs_that_went_to_no_terminal_were_shown_to_nobody(nest: Nest) -> None:
    ended = nest.run("setup", "--defaults", "--no-start")
    assert (ended.code, ended.err) == (0, "")
    assert "GET MEDICAL HELP NOW" in ended.out
    assert not signs_shown(nest)
    assert "GET MEDICAL HELP NOW" in nest.run("setup", "--defaults", "--no-start").out
    for closed in ("<&-", ">&-", "<&- >&- 2>&-"):
        command = ["sh", "-c", f'exec "$@" {closed}', "sh", *nest.command("setup", "--defaults", "--no-start")]
        done = subprocess.run(command, env=nest.environment(), capture_output=True, check=False, timeout=30)
        assert (done.returncode, done.stderr) == (0, b"")
    assert not signs_shown(nest)


@contextmanager
def started_agent(nest: Nest) -> Iterator[Callable[[], int]]:
    """The process of the agent that setup starts; it is ended at the end. Where it lives it is noon: no quiet hours."""
    nest.env["TZ"] = noon_zone()

    def process() -> int:
        return wait_for(lambda: lock.holder(nest.home.lock_file) if nest.home.lock_file.exists() else None, 10) or 0

    try:
        yield process
    finally:
        if nest.home.lock_file.exists() and (pid := lock.holder(nest.home.lock_file)):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
            wait_for(lambda: lock.holder(nest.home.lock_file) is None, 10, "the agent ends")


def environ_of(pid: int) -> dict[str, str]:
    data = Path(f"/proc/{pid}/environ").read_bytes().decode()
    return dict(one.split("=", 1) for one in data.split("\0") if "=" in one)


@pytest.mark.real
@pytest.mark.parametrize("words", [[], ["--defaults"]])
def test_the_agent_that_is_started_is_the_one_of_autostart_and_survives_the_terminal(
    nest: Nest, words: list[str]
) -> None:
    with private_bus() as bus, witness(bus) as server, started_agent(nest) as process:
        nest.env |= {"DBUS_SESSION_BUS_ADDRESS": bus, "CRAMPCOACH_PLUGINS": "desktop,stretching"}
        with typing(nest, *words, "--wait", "0") as terminal:
            assert terminal.converse({} if words else {TEST: "n"}) == 0
        assert "it is running now" in terminal.line
        assert "crampcoach is not running now" not in terminal.line
        # Its terminal is closed by now, which hangs up on whatever belongs to it.
        pid = process()
        server.wait_for(lambda event: event["event"] == "notify", 15)  # the welcome
        assert process() == pid
        assert os.getsid(pid) == pid
        assert {Path(f"/proc/{pid}/fd/{number}").readlink() for number in range(3)} == {Path(os.devnull)}
        assert Path(f"/proc/{pid}/cwd").readlink() == person_of(nest)
        line = next(one for one in (person_of(nest) / ENTRY).read_text().splitlines() if one.startswith("Exec="))
        command = Path(f"/proc/{pid}/cmdline").read_bytes().decode().rstrip("\0").split("\0")
        assert line == f"Exec=env CRAMPCOACH_HOME={nest.folder} {' '.join(command)}"
        assert environ_of(pid)["CRAMPCOACH_HOME"] == str(nest.folder)
        assert "CRAMPCOACH_PLUGINS" not in environ_of(pid)  # the one at login will not have it either
        assert nest.asked("autostart")["current"]

        again = nest.run("setup", "--defaults", "--wait", "0")
        assert again.code == 0
        assert "it is running already" in again.out
        assert process() == pid


@pytest.mark.real
def test_a_relative_home_is_the_same_for_the_agent(nest: Nest) -> None:
    """It is started in the person's folder, wherever they are."""
    with private_bus() as bus, started_agent(nest) as process:
        environment = nest.environment(DBUS_SESSION_BUS_ADDRESS=bus, CRAMPCOACH_HOME="coach")
        command = [sys.executable, "-m", "crampcoach", "setup", "--defaults", "--wait", "0"]
        subprocess.run(command, cwd=person_of(nest), env=environment, check=True, capture_output=True, timeout=30)
        assert environ_of(process())["CRAMPCOACH_HOME"] == str(nest.folder)


@pytest.mark.real
def test_without_a_desktop_no_agent_is_left_that_nobody_would_hear(nest: Nest) -> None:
    """It would keep the one away that the desktop starts at the next login."""
    with started_agent(nest):
        ended = nest.run("setup", "--defaults")
        assert ended.code == 0
        assert "there is no desktop here to show messages on; it starts at your next login there" in ended.out
        assert not nest.home.lock_file.exists() or lock.holder(nest.home.lock_file) is None


SYSTEMCTL = """\
#!/bin/sh
echo "$*" >> "{log}"
case "$*" in
    "--user show-environment") exit 0 ;;
    "--user is-active graphical-session.target") exit 0 ;;
    "--user reenable crampcoach.service")
        mkdir -p "{units}/graphical-session.target.wants"
        ln -sf "{units}/crampcoach.service" "{units}/graphical-session.target.wants/" ;;
    "--user start crampcoach.service")
        [ {started} = 0 ] || exit 1
        $(sed -n s/^ExecStart=//p "{units}/crampcoach.service") >/dev/null 2>&1 & ;;
esac
"""


@pytest.mark.real
@pytest.mark.parametrize("started", [0, 1])
def test_with_systemd_it_is_the_unit_and_never_both(nest: Nest, tmp_path: Path, started: int) -> None:
    nest.run("setup", "--defaults", "--no-start")
    log, units = tmp_path / "log", person_of(nest) / ".config/systemd/user"
    (tmp_path / "bin").mkdir()
    systemctl = tmp_path / "bin" / "systemctl"
    systemctl.write_text(SYSTEMCTL.format(log=log, units=units, started=started))
    systemctl.chmod(0o755)
    with started_agent(nest) as process:
        path = f"{tmp_path / 'bin'}:{os.environ['PATH']}"
        ended = nest.run("setup", "--defaults", PATH=path)
        assert ended.code == started
        if started == 0:
            assert f"starts at login:\n    {units / 'crampcoach.service'}\n" in ended.out
            assert "it is running now" in ended.out
            assert process()
            assert ENTRY not in files(person_of(nest))
            assert "it is running already" in nest.run("setup", "--defaults", PATH=path).out
        else:
            assert "not done: " in ended.out
            assert "crampcoach is not running now" in ended.out
        assert log.read_text().splitlines().count("--user start crampcoach.service") == 1
    assert files(person_of(nest)) >= {MENU, ICON}


# --- the test message ------------------------------------------------------------------------------------------

SKIP = {LOGIN: "n", IN_MENU: "n", TEST: "y"}
SEEN = "[y or n]:"
CHECKS = "What to check:"
PAPER = """
from crampcoach import Unconfirmed, hookimpl
class Paper:
    name = "paper"
    def start(self, events): pass
    def show(self, message): return Unconfirmed()
    def withdraw(self, occurrence): pass
    def close(self): pass
@hookimpl
def notifiers(): return [Paper()]
"""


@pytest.fixture
def known(nest: Nest) -> Nest:
    """Somebody who has read the signs."""
    assert nest.run("entries").code == 0
    nest.signs_are_known()
    return nest


@pytest.mark.real
def test_a_press_on_the_message(known: Nest) -> None:
    with private_bus() as bus, witness(bus) as server:
        known.env |= {"DBUS_SESSION_BUS_ADDRESS": bus, "TZ": noon_zone()}
        with agent(known) as running:
            # Its welcome is a question, which is another popup; in quiet hours it would wait.
            server.wait_for(lambda event: event["event"] == "notify")
            before = len(server.events("notify"))

            def press_newest() -> None:
                wait_for(lambda: len(server.events("notify")) > before, 10, "the test message")
                shown = server.events("notify")[-1]
                assert (shown["title"], shown["actions"]) == ("Did you see it?", [["yes", "Yes"]])
                server.press(shown["id"], "yes", keep=True)

            terminal = set_up(known, {**SKIP, SEEN: press_newest})
            assert running.process.poll() is None
        assert "Shown by desktop. Press Yes on it, or answer here (within 120 s)." in terminal.line
        assert "Good: you saw it, and your press arrived." in terminal.line
        assert CHECKS not in terminal.line
        assert server.wait_for(lambda event: event["event"] == "close")["occurrence"] == "try-setup"
        assert known.asked("entries") == []


@pytest.mark.real
def test_no_press_says_what_to_check(known: Nest) -> None:
    with private_bus() as bus, witness(bus) as server:
        terminal = set_up(known, {**SKIP, SEEN: lambda: None}, "--wait", "1", env={"DBUS_SESSION_BUS_ADDRESS": bus})
        server.wait_for(lambda event: event["event"] == "close")
    assert "Nobody pressed Yes. What to check:" in terminal.line
    for words in ("do not disturb", "Notifications", "terminal window of the desktop", "`crampcoach check`"):
        assert words in terminal.line.partition(CHECKS)[2]
    assert "Good" not in terminal.line


@pytest.mark.real
@pytest.mark.parametrize(
    ("typed", "good"), [("y\n", True), ("\nwhat\nYES\n", True), ("n\n", False)], ids=["y", "at last", "n"]
)
def test_a_server_without_buttons_is_answered_for_in_the_terminal(known: Nest, typed: str, good: bool) -> None:
    with (
        private_bus() as bus,
        witness(bus, "--no-actions"),
        typing(known, "--no-start", env={"DBUS_SESSION_BUS_ADDRESS": bus}) as terminal,
    ):
        replies: dict[str, Reply] = {SEEN: lambda: terminal.type(typed)}
        began = time.monotonic()
        assert terminal.converse({**SKIP, **replies}) == 0
        assert time.monotonic() - began < 60  # not the two minutes
    assert ("Good: you saw it. If it had no button to press" in terminal.line) is good
    assert (CHECKS in terminal.line) is not good
    assert "Nobody pressed" not in terminal.line


@pytest.mark.real
def test_a_notifier_that_can_only_show(known: Nest) -> None:
    known.drop("paper", PAPER)
    terminal = set_up(known, {**SKIP, SEEN: "y"}, env={"CRAMPCOACH_PLUGINS": "paper"})
    assert "Shown by paper." in terminal.line
    assert "Good: you saw it. If it had no button" in terminal.line


@pytest.mark.real
def test_the_terminal_counts_only_where_the_agent_will_have_one(known: Nest) -> None:
    terminal = set_up(known, {**SKIP, SEEN: "y"})
    assert "Shown by terminal." in terminal.line
    assert "This is a test message of crampcoach." in terminal.line
    assert "Good: you saw it." in terminal.line

    at_login = set_up(known, {**SKIP, LOGIN: "y"})
    assert "It could not be shown: desktop: no desktop session bus" in at_login.line
    assert "terminal: the agent's output is not a terminal" in at_login.line
    assert "`crampcoach run` in a terminal shows every message there." in at_login.line


@pytest.mark.real
def test_nobody_who_could_show_it(known: Nest) -> None:
    terminal = set_up(known, SKIP, env={"CRAMPCOACH_PLUGINS": "stretching"})
    assert "It could not be shown: there is no notifier." in terminal.line
    assert CHECKS in terminal.line
    assert "Nobody pressed" not in terminal.line


@pytest.mark.real
@pytest.mark.parametrize("key", [CTRL_C, CTRL_D])
def test_stopped_while_it_waits_the_message_goes(known: Nest, key: str) -> None:
    with (
        private_bus() as bus,
        witness(bus) as server,
        typing(known, "--no-start", env={"DBUS_SESSION_BUS_ADDRESS": bus}) as terminal,
    ):
        assert terminal.converse({**SKIP, SEEN: key}) == 130
        assert server.wait_for(lambda event: event["event"] == "close")["occurrence"] == "try-setup"
    assert "What you had answered is saved." in terminal.line


@pytest.mark.real
@pytest.mark.parametrize("pressed", [True, False])
def test_without_a_question_it_is_shown_too_and_a_line_says_what_to_check(known: Nest, pressed: bool) -> None:
    with private_bus() as bus, witness(bus) as server:
        known.env["DBUS_SESSION_BUS_ADDRESS"] = bus
        words = ("setup", "--defaults", "--no-start", "--wait", "60" if pressed else "0.5")
        began = time.monotonic()
        with subprocess.Popen(known.command(*words), env=known.environment(), stdout=subprocess.PIPE) as process:
            shown = server.wait_for(lambda event: event["event"] == "notify")
            assert (shown["title"], shown["actions"]) == ("Did you see it?", [["yes", "Yes"]])
            assert "terminal" not in shown["body"], "there may be none"
            if pressed:
                server.press(shown["id"], "yes")
            out = " ".join(process.communicate(timeout=30)[0].decode().split())
        assert process.returncode == 0
        assert time.monotonic() - began < 60
        if pressed:
            assert "A test message was shown by desktop, and your press on it arrived." in out
        else:
            said = "A test message was shown by desktop for 0.5 s, and nobody pressed Yes. If it did not reach you:"
            assert f"{said} crampcoach check" in out
            assert server.wait_for(lambda event: event["event"] == "close")["occurrence"] == "try-setup"


@pytest.mark.real
def test_without_a_desktop_a_script_is_told_so_at_once_and_has_not_failed(known: Nest) -> None:
    ended = known.run("setup", "--defaults", "--no-start")
    assert (ended.code, ended.err) == (0, "")
    line = next(line for line in ended.out.splitlines() if "test message" in line)
    assert line.startswith("No test message could be shown: desktop: no desktop session bus")
    assert line.endswith(". What to do about it: crampcoach check")


@pytest.mark.real
def test_a_real_click_on_a_real_button(known: Nest) -> None:
    with private_bus() as bus, virtual_screen() as display, xfce(bus, display):
        env = {"DBUS_SESSION_BUS_ADDRESS": bus, "DISPLAY": display}

        def click() -> None:
            window = popup(display)
            screenshot(display, ARTIFACTS / "setup-test-message.png")
            click_button(display, window, 0, 1)

        terminal = set_up(known, {**SKIP, SEEN: click}, env=env)
        assert "Good: you saw it, and your press arrived." in terminal.line
        wait_for(lambda: not popups(display), 5, "the popup goes")


# --- the questions ---------------------------------------------------------------------------------------------


def question(key: str) -> Any:
    return next(one for one in QUESTIONS if one.key == key)


@pytest.mark.pure
@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("22:30", "22:30"), ("7:05", "07:05"), ("22.30", "22:30"), ("10:30 pm", "22:30"), ("10:30PM", "22:30"),
        ("11 p.m.", "23:00"), ("12 am", "00:00"), ("12:15 pm", "12:15"), ("00:00", "00:00"), (" 6.45 a.m ", "06:45"),
    ],
)  # fmt: skip
def test_times_as_people_write_them(typed: str, value: str) -> None:
    assert question("day.bed").read(typed) == value


@pytest.mark.pure
@pytest.mark.parametrize("typed", ["10", "24:00", "13 pm", "0 am", "late", "22:30:00", "22:3", "-1:00", "at 9 pm"])
def test_what_is_no_time(typed: str) -> None:
    with pytest.raises(ValueError, match="is no time of day; write it as 21:30"):
        question("day.bed").read(typed)


@pytest.mark.pure
def test_a_slip_of_half_a_day_is_doubted_and_usual_times_are_not() -> None:
    bed, wake = question("day.bed").doubt, question("day.wake").doubt
    assert [one for one in ("20:00", "22:30", "00:30", "04:00") if bed(one)] == []
    assert [one for one in ("07:00", "04:30", "11:59", "00:00") if wake(one)] == []
    assert all(bed(one) for one in ("10:30", "09:00", "11:00"))
    assert all(wake(one) for one in ("19:00", "18:30", "12:00"))
    assert wake("12:00") == "12:00 is not in the morning."  # nor after noon


def profile_of(values: dict[str, Any]) -> Profile:
    return Profile(**values)


@pytest.mark.pure
def test_every_value_has_its_words_and_can_be_given() -> None:
    for one in QUESTIONS:
        for typed, value in one.answers.items():
            assert one.read(f" {typed.upper()} ") == value
            if not one.is_setting:
                known = one.known(Hours(), profile_of({one.name: value}))
                assert one.answers[known.partition(" or ")[0]] == value
        assert one.known(Hours(wall_time(6), wall_time(21)), Profile()) == {"wake": "06:00", "bed": "21:00"}.get(
            one.name, ""
        )
    assert question("profile.fluids").read("?") == question("profile.fluids").read("not sure") == "limited"
    assert {one.name for one in QUESTIONS if not one.is_setting} == set(Profile.__dataclass_fields__)
    with pytest.raises(ValueError, match="'maybe' is not understood; type y, n, or "):
        question("profile.fluids").read("maybe")
    for typed in ("Germany", "G", "1A", "дe"):
        with pytest.raises(ValueError, match="type two letters"):
            question("profile.country").read(typed)
