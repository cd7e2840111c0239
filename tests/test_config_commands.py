"""Changing the settings by command, as a person does: in a terminal or a script, with and without a running agent."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agent_process import POWERLESS, Ended, Nest, agent
from crampcoach.config import Config, ConfigProblem, read_config
from crampcoach.config_text import as_tables
from crampcoach.home import Home

pytestmark = pytest.mark.real

TOP = Path(__file__).resolve().parent.parent
OFF = "not set -> false"
LAMP = '''\
"""A lamp with one option that must be small."""
from dataclasses import dataclass
from typing import Annotated
import msgspec
from crampcoach import Reminder, hookimpl

@dataclass(frozen=True)
class Options:
    watts: Annotated[int, msgspec.Meta(ge=1, le=60, description="How bright")] = 5
    colour: str | None = None
    scenes: tuple[str, ...] = ()

@hookimpl
def options():
    return Options

@hookimpl
def reminders():
    return [Reminder(name="on", schedule="17:00", say="Light?")]
'''
#: Everything that a person may have in a file and that must stay.
MINE = """\
#:schema ./config.schema.json\r
# My settings \U0001f634.\r
\r
[day]   # usual days\r
  wake = '07:15'\r
\r
# Not too bright.\r
[ plugins . "lamp" ]\t# the old one\r
watts   =   7 # enough\r
\r
[plugins]\r
stretching = { snooze = 5 }   # on\r
\r
[plugins.terminal] # moves down, which is no change\r
always = false\r
\r
# The end"""


@pytest.fixture
def nest(tmp_path: Path) -> Nest:
    return Nest(tmp_path / "home")


def write(nest: Nest, text: str | bytes) -> None:
    nest.home.config_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = nest.home.config_file.with_suffix(".part")
    part.write_bytes(text.encode() if isinstance(text, str) else text)
    part.replace(nest.home.config_file)  # in one step: an agent that looks in between would tell of it twice


def words(ended: Ended) -> str:
    assert ended.code == 0, ended
    assert ended.err == "", ended
    return ended.out.rstrip("\n")


def sentence(ended: Ended) -> str:
    assert ended.code == 1, ended
    assert ended.out == "", ended
    return ended.err.removeprefix("crampcoach: ").rstrip("\n")


def lines_of(path: Path, text: str) -> list[str]:
    """The lines that are about a file, its own name cut off."""
    return [line.partition(f"{path}:")[2] for line in text.splitlines() if f"{path}:" in line]


# --- plugins enable, plugins disable ---------------------------------------------------------------------------


def test_a_running_agent_obeys_a_switch_within_a_second_and_the_file_stays_the_persons(nest: Nest) -> None:
    nest.drop("lamp", LAMP)
    write(nest, MINE)
    with agent(nest) as running:
        assert set(nest.today()) >= {"stretching.evening", "lamp.on"}
        for name, old, new in (
            ("stretching", "{ snooze = 5 }", "{ snooze = 5, enabled = false }"),
            ("lamp", "watts   =   7 # enough\r\n", "watts   =   7 # enough\r\nenabled = false\r\n"),
        ):
            before, text = len(running.lines), nest.home.config_file.read_bytes().decode()
            said = words(nest.run("plugins", "disable", name))
            line = running.wait_line("config read again", timeout=20, after=before)  # unasked it looks each minute
            assert line == f"config read again; changed: plugin {name} (off)"
            assert said == f"{name} is off now (plugins.{name}.enabled: {OFF}); the running agent follows"
            assert nest.home.config_file.read_bytes().decode() == text.replace(old, new)
        assert not set(nest.today()) & {"stretching.evening", "lamp.on"}

        before = len(running.lines)
        said = words(nest.run("plugins", "enable", "lamp"))
        line = running.wait_line("config read again", timeout=20, after=before)
        assert line == "config read again; changed: plugin lamp (on)"
        assert said == "lamp is on now (plugins.lamp.enabled: false -> true); the running agent follows"
        assert "lamp.on" in nest.today()
        running.stop()
    now = nest.home.config_file.read_bytes().decode()
    assert now == MINE.replace("{ snooze = 5 }", "{ snooze = 5, enabled = false }").replace(
        "# enough\r\n", "# enough\r\nenabled = true\r\n"
    )


def test_a_switch_that_is_there_already_changes_nothing(nest: Nest) -> None:
    assert words(nest.run("plugins", "enable", "stretching")) == "stretching is on already"
    assert not nest.home.config_file.exists()
    assert words(nest.run("plugins", "disable", "stretching")) == (
        f"stretching is off now (plugins.stretching.enabled: {OFF}); no agent is running"
    )
    assert nest.home.config_file.stat().st_mode & 0o777 == 0o600
    before = nest.home.config_file.stat()
    assert words(nest.run("plugins", "disable", "stretching")) == "stretching is off already"
    assert nest.home.config_file.stat().st_mtime_ns == before.st_mtime_ns


def test_a_name_that_is_no_plugin(nest: Nest) -> None:
    for command in ("enable", "disable"):
        said = sentence(nest.run("plugins", command, "strech"))
        assert said == "there is no plugin 'strech'; did you mean 'stretching'?"
    assert not nest.home.config_file.exists()


def test_switches_work_when_every_plugin_is_broken(nest: Nest) -> None:
    names = [row["name"] for row in nest.asked("plugins")]
    for name in [*names, "own", "Bad.Name"]:
        nest.drop(name, "open('/nonexistent/imported', 'w')\nraise SystemExit(3)\n")
    assert {row["state"] for row in nest.asked("plugins")} == {"resting"}
    (bad,) = [row for row in nest.asked("plugins") if row["name"] == "bad.name"]
    assert bad["remedy"].endswith(", or switch it off: crampcoach plugins disable bad.name")
    for name in [*names, "own", "bad.name"]:
        assert nest.run("plugins", "disable", name).out.startswith(f"{name} is off now")
    assert {row["state"] for row in nest.asked("plugins")} == {"off"}
    assert words(nest.run("config", "check")).endswith("is right.")


def test_no_plugin_is_imported_for_a_switch(nest: Nest, tmp_path: Path) -> None:
    nest.drop("curious", f"open({str(tmp_path / 'imported')!r}, 'w')\n{LAMP}")
    words(nest.run("plugins", "disable", "curious"))
    words(nest.run("plugins", "enable", "curious"))
    assert not (tmp_path / "imported").exists()


def test_the_last_notifier_may_go_and_the_person_hears_of_it(nest: Nest) -> None:
    write(nest, '[notify]\norder = ["desktop", "terminal", "lamp"]\n')
    assert "reminders may not reach you" not in words(nest.run("plugins", "disable", "desktop"))
    assert words(nest.run("plugins", "disable", "terminal")).splitlines()[1:] == [
        "No notifier that `order` names is on any more (desktop, terminal): reminders may not reach you. "
        "To turn one on: crampcoach plugins enable desktop"
    ]
    assert "reminders may not reach you" not in words(nest.run("plugins", "disable", "stretching"))


def test_a_switch_in_a_file_with_mistakes(nest: Nest) -> None:
    write(nest, '[day]\nbed = "25:00"\n[plugins.stretching]\nenabled = "no"\n')
    assert words(nest.run("plugins", "enable", "stretching")) == (
        'stretching is on now (plugins.stretching.enabled: "no" -> true); the agent does not start until what else is '
        "wrong there is put right, see `crampcoach config check`"
    )
    write(nest, "[day\n")
    assert sentence(nest.run("plugins", "disable", "stretching")).startswith(
        f"{nest.home.config_file}: this is not TOML: "
    )
    write(nest, "")
    with agent(nest) as running:
        write(nest, "[quiets]\n")
        assert words(nest.run("plugins", "disable", "stretching")).endswith(
            "; the running agent keeps the settings from before until what else is wrong there is put right, "
            "see `crampcoach config check`"
        )
        running.wait_line("the settings from before stay in force")


def test_a_file_that_may_not_be_written_is_a_sentence(tmp_path: Path) -> None:
    nest = Nest(tmp_path / "home", prefix=POWERLESS)
    write(nest, "# mine\n")
    nest.home.config_file.chmod(0o400)
    said = sentence(nest.run("plugins", "disable", "stretching"))
    assert said.startswith(f"cannot write {nest.home.config_file}: Permission denied; ")
    nest.home.config_file.chmod(0o600)
    nest.home.config_dir.chmod(0o500)
    said = sentence(nest.run("plugins", "disable", "stretching"))
    assert said.startswith(f"cannot write {nest.home.config_file}: Permission denied; ")
    nest.home.config_dir.chmod(0o700)
    assert nest.home.config_file.read_text() == "# mine\n"
    assert list(nest.home.config_dir.iterdir()) == [nest.home.config_file]


# --- mistakes, and an agent that goes on -----------------------------------------------------------------------

GOOD = '# mine\n[day]\nbed = "23:15"\n[plugins.lamp]\nwatts = 7\n'
#: Each with everything that is wrong in it, by its line.
BROKEN: dict[str, tuple[str | bytes, list[str]]] = {
    "a header that is not closed": ("\n\n[day\nbed = '23:00'\n", [r" this is not TOML: .*\(at line 3, "]),
    "a text that is not closed": ("[day]\nbed = \"23:00\nwake = '7:00'\n", [r" this is not TOML: .*\(at line 2, "]),
    "a list that is not closed": (
        "[notify]\norder = [\n  'desktop',\n",
        [r" this is not TOML: .*at the end, line 3\)"],
    ),
    "a key twice": ("[quiet]\nenabled = true\nenabled = false\n", [r" this is not TOML: .*\(at line 3, "]),
    "a table twice": ("[quiet]\n[day]\n[quiet]\n", [r" this is not TOML: .*\(at line 3, "]),
    "a value without quotes": ("[profile]\ncountry = DE\n", [r" this is not TOML: .*\(at line 2, "]),
    "a time without quotes": ("[day]\nwake = '7:00'\nbed = 23:15\n", [r'3: day\.bed: put times in quotes: "23:15"']),
    "bytes that are no text": (b"[day]\nbed = '\xff'\n", [r" cannot be read: 'utf-8' codec can't decode byte 0xff"]),
    "words that are near": (
        "[dya]\nbed = '23:00'\n[day]\nwaek = '7:00'\n[day.sta]\n[notify]\noder = []\n",
        [
            r"1: dya: unknown table; did you mean 'day'\?",
            r"4: day\.waek: unknown key; did you mean 'wake'\?",
            r"5: day\.sta: unknown key; did you mean 'sat'\?",
            r"7: notify\.oder: unknown key; did you mean 'order'\?",
        ],
    ),
    "values of another type": (
        "[day]\nwake = 7\n[quiet]\nenabled = 'yes'\n[notify]\norder = 'tea'\nmax_per_day = '8'\n[profile]\nadult = 1\n",
        [
            r"2: day\.wake: 7 is not accepted",
            r"4: quiet\.enabled: 'yes' is not accepted: it must be true or false",
            r"6: notify\.order: 'tea' is not accepted: it must be a list",
            r"7: notify\.max_per_day: '8' is not accepted: .*a whole number",
            r"9: profile\.adult: 1 is not accepted: .*'unknown', 'yes', 'no'",
        ],
    ),
    "values out of range": (
        "[day]\nwake = '24:00'\nsun = {bed = '9'}\n[notify]\nmax_per_day = 0\n[profile]\nfluids = 'lots'\n",
        [
            r"2: day\.wake: '24:00' is no time of day",
            r"3: day\.sun\.bed: '9' is no time of day",
            r"5: notify\.max_per_day: 0 is not accepted; accepted is a whole number from 1 to 100",
            r"7: profile\.fluids: 'lots' is not accepted: .*'unknown', 'free', 'limited'",
        ],
    ),
    "values where tables should be": (
        "quiet = false\nplugins = []\n[day]\nsat = '23:00'\n[notify.order]\nx = 1\n",
        [
            r"1: quiet: must be a table",
            r"2: plugins: must be a table",
            r"4: day\.sat: must be a table",
            r"5: notify\.order: .* is not accepted",
        ],
    ),
    "a day without a night": (
        "[day]\nwake = '23:00'\nbed = '23:00'\n",
        [r"3: day\.bed: waking and going to bed at the same time"],
    ),
}


def test_every_mistake_is_named_with_its_line_and_the_agent_keeps_the_last_good_settings(nest: Nest) -> None:
    nest.drop("lamp", LAMP)
    write(nest, GOOD)
    place = nest.home.config_file
    with agent(nest) as running:
        for what, (text, expected) in BROKEN.items():
            before = len(running.lines)
            write(nest, text)
            assert running.process.poll() is None
            said = nest.run("config", "check")  # which pokes the agent
            running.wait_line("the settings from before stay in force", after=before)
            for told in ("\n".join(running.lines[before:]), said.err):
                found = lines_of(place, told)
                assert len(found) == len(expected), (what, found)
                for number, pattern in enumerate(expected):
                    assert any(re.match(pattern, one) for one in found), (what, number, found)
            assert said.code == 1
        before = len(running.lines)
        write(nest, GOOD)
        running.process.send_signal(signal.SIGHUP)
        # What is in force is what was there before all that.
        assert running.wait_line("config read again", after=before) == "config read again; changed: nothing"
        running.stop()


def test_a_plugin_with_a_wrong_table_rests_alone(nest: Nest) -> None:
    nest.drop("lamp", LAMP)
    write(nest, GOOD)
    wrong = GOOD.replace("watts = 7\n", "watts = 70\nwats = 7\ncolour = 1\nenabled = 'yes'\n")
    expected = [
        r"5: plugins\.lamp\.watts: 70 is not accepted: .*a whole number at least 1 and at most 60",
        r"6: plugins\.lamp\.wats: unknown key; did you mean 'watts'\?",
        r"7: plugins\.lamp\.colour: 1 is not accepted: it must be a text",
        r"8: plugins\.lamp\.enabled: 'yes' is not accepted; write true or false",
    ]
    with agent(nest) as running:
        before = len(running.lines)
        write(nest, wrong)
        said = nest.run("config", "check")
        running.wait_line("config read again; changed: plugin lamp", after=before)
        for told in ("\n".join(running.lines[before:]), said.err):
            found = lines_of(nest.home.config_file, told)
            assert len(found) == len(expected), found
            assert all(any(re.match(pattern, one) for one in found) for pattern in expected), found
        assert "stretching.evening" in nest.today()
        assert words(nest.run("plugins", "enable", "lamp")).startswith("lamp is on now")
        running.stop()


# --- config init -----------------------------------------------------------------------------------------------


def uncommented(text: str) -> dict[str, Any]:
    return tomllib.loads(
        re.sub(r"(?m)^#(?=[a-z\[])", "", text.replace("#[day.sat]\n", "").replace('#bed = "23:30"\n', ""))
    )


def test_init_writes_every_setting_commented_out(nest: Nest) -> None:
    nest.drop("lamp", LAMP)
    nest.drop("broken", "raise OSError('dry')")
    ended = nest.run("config", "init")
    assert (ended.code, ended.err) == (0, "crampcoach: plugin broken: loading it raised OSError: dry\n")
    path = nest.home.config_file
    assert ended.out.splitlines()[0] == f"wrote {path}"
    assert path.stat().st_mode & 0o777 == 0o600
    text = path.read_text()
    config = read_config(path)
    assert as_tables(config) == as_tables(Config())
    assert not any(table.raw or table.schedule for table in config.plugins.values())
    assert set(config.plugins) == {row["name"] for row in nest.asked("plugins")}
    data = uncommented(text)
    assert {name: data[name] for name in as_tables(Config())} == as_tables(Config())
    assert data["plugins"]["lamp"] == {"enabled": True, "schedule": "17:00", "watts": 5, "scenes": []}
    assert data["plugins"]["broken"] == {"enabled": True}
    assert "# How bright (a whole number at least 1 and at most 60)\n#watts = 5\n" in text
    assert all(len(line) <= 120 for line in text.splitlines())


def test_what_init_wrote_can_be_used_at_once(nest: Nest) -> None:
    words(nest.run("config", "init"))
    before = nest.home.config_file.read_text()
    assert words(nest.run("config", "check")) == f"{nest.home.config_file} is right."
    words(nest.run("plugins", "disable", "stretching"))
    now = nest.home.config_file.read_text()
    assert "[plugins.stretching]\n#enabled = true\nenabled = false\n" in now
    assert now.replace("\nenabled = false", "") == before


def test_init_does_not_write_over_a_file_unless_told_and_then_keeps_it(nest: Nest) -> None:
    write(nest, MINE)
    said = sentence(nest.run("config", "init"))
    assert said.startswith(f"{nest.home.config_file} is there already: ")
    assert nest.home.config_file.read_bytes() == MINE.encode()
    for text, number in ((MINE, ""), ("[day\n", "-2"), ("", "-3")):
        write(nest, text)
        first = words(nest.run("config", "init", "--force")).splitlines()[0]
        kept = Path(first.removeprefix("kept what was there as "))
        assert re.fullmatch(rf"config\.toml\.before-\d{{4}}-\d\d-\d\d{number}", kept.name)
        assert kept.parent == nest.home.config_dir
        assert kept.read_bytes() == text.encode()
        assert kept.stat().st_mode & 0o777 == 0o600
        assert read_config(nest.home.config_file).table("stretching").enabled


def test_init_works_when_every_plugin_is_broken(nest: Nest) -> None:
    names = [row["name"] for row in nest.asked("plugins")]
    for name in names:
        nest.drop(name, "raise SystemExit(3)\n")
    assert nest.run("config", "init").code == 0
    assert set(read_config(nest.home.config_file).plugins) == set(names)


def test_an_agent_that_runs_is_not_changed_by_init(nest: Nest) -> None:
    with agent(nest) as running:
        assert nest.run("config", "init").code == 0
        running.process.send_signal(signal.SIGHUP)
        assert running.wait_line("config read again") == "config read again; changed: nothing"


# --- config edit -----------------------------------------------------------------------------------------------

#: Writes what the next of the files `1`, `2`, ... beside it holds into the file it is given; without one it fails.
EDITOR = """\
import sys
from pathlib import Path
folder, copy = Path(sys.argv[1]), Path(sys.argv[2])
assert copy.name == "config.toml" and copy.stat().st_mode & 0o077 == 0 or copy.parent.stat().st_mode & 0o077 == 0
texts = sorted(folder.glob("[0-9]"))
(folder / "seen").write_bytes(copy.read_bytes())
if not texts:
    sys.exit(7)
if (other := folder / "meanwhile").exists():
    Path(other.read_text()).write_text("# somebody else\\n")
copy.write_bytes(texts[0].read_bytes())
texts[0].unlink()
"""


QUESTION = b"throw your changes away (t)?:"


class Editing:
    """`config edit` in a terminal, with an editor that saves given texts and a person who gives given answers."""

    def __init__(self, nest: Nest, folder: Path) -> None:
        self.nest, self.folder = nest, folder
        folder.mkdir()
        (folder / "editor.py").write_text(EDITOR)
        self.variables = {"EDITOR": f"{sys.executable} {folder / 'editor.py'} {folder}", "TERM": "dumb", "VISUAL": ""}

    def __call__(self, *texts: str | bytes, answers: str = "") -> tuple[int, str]:
        for number, text in enumerate(texts, 1):
            (self.folder / str(number)).write_bytes(text.encode() if isinstance(text, str) else text)
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            self.nest.command("config", "edit"),
            stdin=theirs, stdout=theirs, stderr=theirs, env=self.nest.environment(**self.variables),
            start_new_session=True,
        )  # fmt: skip
        os.close(theirs)
        said, given = b"", 0
        try:
            while select.select([ours], [], [], 30)[0]:
                try:
                    said += os.read(ours, 4096)
                except OSError:  # nobody has the terminal open any more
                    break
                if said.count(QUESTION) > given:
                    assert given < len(answers), said.decode()
                    os.write(ours, answers[given : given + 1].encode() + b"\n")
                    given += 1
            assert process.wait(10) is not None, said
            return process.returncode, said.decode().replace("\r\n", "\n")
        finally:
            process.kill()
            process.wait()
            os.close(ours)

    @property
    def seen(self) -> str:
        """What the editor was last given."""
        return (self.folder / "seen").read_bytes().decode()

    def left(self) -> list[str]:
        return sorted(path.name for path in self.nest.home.config_dir.iterdir() if path.name != "plugins")


@pytest.fixture
def editing(nest: Nest, tmp_path: Path) -> Editing:
    return Editing(nest, tmp_path / "editing")


def test_what_was_edited_is_saved_and_a_running_agent_follows(nest: Nest, editing: Editing) -> None:
    nest.drop("lamp", LAMP)
    write(nest, MINE)
    changed = MINE.replace("'07:15'", "'06:45'")
    with agent(nest) as running:
        status, said = editing(changed)
        assert running.wait_line("config read again").startswith("config read again; changed: hours")
    assert (status, said) == (0, f"saved {nest.home.config_file}\nThe running agent follows.\n")
    assert editing.seen == MINE
    assert nest.home.config_file.read_bytes() == changed.encode()
    assert editing.left() == ["config.toml"]


def test_what_was_not_changed_is_not_saved(nest: Nest, editing: Editing) -> None:
    write(nest, MINE)
    before = nest.home.config_file.stat().st_mtime_ns
    assert editing(MINE) == (0, "Nothing was changed.\n")
    assert nest.home.config_file.stat().st_mtime_ns == before


def test_without_a_file_there_is_one_to_begin_with(nest: Nest, editing: Editing) -> None:
    assert editing("# unchanged?\n")[0] == 0
    begin = editing.seen
    assert nest.home.config_file.read_text() == "# unchanged?\n"
    nest.home.config_file.unlink()
    assert editing(begin) == (0, "Nothing was changed.\n")
    assert not nest.home.config_file.exists()
    words(nest.run("config", "init"))
    assert nest.home.config_file.read_text() == begin


WRONG = '[day]\nbed = "25:00"\n[plugins.lamp]\nwats = 7\nschedule = "often"\n'


def test_mistakes_are_named_and_the_person_chooses(nest: Nest, editing: Editing) -> None:
    nest.drop("lamp", LAMP)
    nest.drop("broken", "raise OSError('dry')")  # is not what is asked about
    write(nest, GOOD)
    place = nest.home.config_file
    status, said = editing(WRONG, "[day\n", answers="et")
    assert status == 0
    found = lines_of(place, said)
    assert [one.partition(": ")[0] for one in found] == ["2", "4", "5", " this is not TOML"]
    assert "day.bed" in found[0]
    assert "dry" not in said
    assert editing.seen == WRONG, "the second time the editor shows what was written the first time"
    assert said.endswith("Nothing was changed.\n")
    assert place.read_text() == GOOD
    status, said = editing(WRONG, GOOD + "# mended\n", answers="e")
    assert status == 0
    assert place.read_text() == GOOD + "# mended\n"
    status, said = editing(WRONG, answers="s")
    assert status == 0
    assert place.read_text() == WRONG
    then = "The agent does not start until what else is wrong there is put right"
    assert f"saved {place}\n{then}" in said
    assert sorted(editing.left()) == ["config.toml"]


def test_control_d_throws_the_changes_away(nest: Nest, editing: Editing) -> None:
    write(nest, GOOD)
    status, said = editing(WRONG, answers="\x04")
    assert (status, "stopped" in said) == (130, True)
    assert nest.home.config_file.read_text() == GOOD
    assert editing.left() == ["config.toml"]


def test_what_was_changed_in_the_meantime_is_not_written_over(nest: Nest, editing: Editing) -> None:
    nest.drop("lamp", LAMP)
    write(nest, GOOD)
    (editing.folder / "meanwhile").write_text(str(nest.home.config_file))
    status, said = editing(GOOD + "# more\n")
    assert status == 1
    assert nest.home.config_file.read_text() == "# somebody else\n"
    (kept,) = [name for name in editing.left() if name != "config.toml"]
    assert re.fullmatch(r"config\.toml\.edited-\d{4}-\d\d-\d\d", kept)
    assert (nest.home.config_dir / kept).read_text() == GOOD + "# more\n"
    assert kept in said


@pytest.mark.parametrize("variables", [{}, {"EDITOR": "/nonexistent/editor"}, {"EDITOR": "'"}])
def test_an_editor_that_fails_is_a_sentence(nest: Nest, editing: Editing, variables: dict[str, str]) -> None:
    write(nest, GOOD)
    editing.variables |= variables
    status, said = editing()
    assert status == 1
    assert said.startswith("crampcoach: ")
    assert (
        f"nothing was changed: set EDITOR to the name of an editor, or change {nest.home.config_file} by hand" in said
    )
    assert "Traceback" not in said
    assert nest.home.config_file.read_text() == GOOD
    assert editing.left() == ["config.toml"]


def test_without_a_terminal_it_says_what_to_do(nest: Nest) -> None:
    assert sentence(nest.run("config", "edit")) == (
        f"there is no terminal here to edit in: change {nest.home.config_file} with any editor, "
        "then run `crampcoach config check`"
    )


# --- the schema ------------------------------------------------------------------------------------------------


def refusals(value: Any, schema: dict[str, Any], at: str = "") -> Iterator[str]:
    """Where a value breaks a JSON Schema, as far as ours go; a keyword that is not known here is an error."""
    known = {"$schema", "title", "description", "default", "type", "properties", "additionalProperties", "anyOf"}
    assert schema.keys() <= known | {"enum", "items", "minimum", "maximum", "pattern"}, schema
    types: dict[str, Any] = {
        "object": dict,
        "array": list,
        "string": str,
        "boolean": bool,
        "integer": int,
        "number": (int, float),
    }
    kind = schema.get("type")
    if kind and (not isinstance(value, types[kind]) or (isinstance(value, bool) and kind != "boolean")):
        yield at
        return
    if "enum" in schema and value not in schema["enum"]:
        yield at
    if "anyOf" in schema and all(list(refusals(value, one, at)) for one in schema["anyOf"]):
        yield at
    if isinstance(value, int) and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        yield at
    if isinstance(value, str) and not re.search(schema.get("pattern", ""), value):
        yield at
    for one in value if isinstance(value, list) else ():
        yield from refusals(one, schema.get("items", {}), at)
    for name, one in value.items() if isinstance(value, dict) else ():
        rest = schema.get("additionalProperties", True)
        inside = schema.get("properties", {}).get(name, rest if isinstance(rest, dict) else {})
        path = f"{at}.{name}".lstrip(".")
        if rest is False and name not in schema.get("properties", {}):
            yield path
        yield from refusals(one, inside, path)


def test_the_schema_says_of_every_example_what_the_program_says(nest: Nest, home: Home) -> None:
    nest.drop("lamp", LAMP)
    nest.drop("broken", "raise OSError('dry')")
    ended = nest.run("config", "schema")
    assert ended.code == 0
    schema = json.loads(ended.out)
    assert list(refusals(tomllib.loads((TOP / "config.example.toml").read_text()), schema)) == []
    assert list(refusals(tomllib.loads(GOOD), schema)) == []
    assert list(refusals(tomllib.loads("[plugins.unheard-of]\nx = 1\n[plugins.broken]\ny = [2]\n"), schema)) == []
    home.config_dir.mkdir()
    seen = 0
    for what, (text, _) in BROKEN.items():
        home.config_file.write_bytes(text.encode() if isinstance(text, str) else text)
        try:
            data = tomllib.loads(home.config_file.read_text())
        except ValueError:
            continue  # there is nothing that a schema could look at
        with pytest.raises(ConfigProblem) as refusal:
            read_config(home.config_file)
        program = {one.split(": ")[1] for one in refusal.value.problems}
        expected = program - {"day.bed"} if what == "a day without a night" else program
        assert set(refusals(data, schema)) == expected, what
        seen += 1
    assert seen == 5


def test_the_schema_has_the_options_of_a_plugin(nest: Nest) -> None:
    nest.drop("lamp", LAMP)
    # Also where its table is wrong, and as it were not; what is off is not looked into.
    write(nest, "[plugins.lamp]\nwatts = 99\n[plugins.stretching]\nenabled = false\n")
    plugins = json.loads(nest.run("config", "schema").out)["properties"]["plugins"]["properties"]
    lamp = plugins["lamp"]
    assert lamp["description"] == "A lamp with one option that must be small."
    assert lamp["additionalProperties"] is False
    assert lamp["properties"]["schedule"]["default"] == "17:00"
    assert {name: one for name, one in lamp["properties"].items() if name not in ("enabled", "schedule")} == {
        "watts": {"description": "How bright", "type": "integer", "minimum": 1, "maximum": 60, "default": 5},
        "colour": {"type": "string"},
        "scenes": {"type": "array", "items": {"type": "string"}, "default": []},
    }
    assert plugins["stretching"]["additionalProperties"] is True
