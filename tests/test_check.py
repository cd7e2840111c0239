"""`check` works when nothing else does, says how to mend what is missing, touches nothing and tells no secrets."""

from __future__ import annotations

import json
import os
import pty
import re
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from agent_process import POWERLESS, Ended, Nest, agent
from crampcoach.cli.check import nameless
from crampcoach.cli.probing import Line, guarded, size, time_and_zone
from crampcoach.model import Problem
from crampcoach.store import agent_state
from crampcoach.testing import HandedClock
from desktop import private_bus, wait_for, witness

pytestmark = pytest.mark.real

#: Something of the person's that nobody else is to read.
SECRET = "thrombosis-of-jane"


@dataclass
class Checked:
    """What `check` said, in one of its forms."""

    ended: Ended

    @property
    def rows(self) -> list[tuple[str, str, str]]:
        """State, what, and text of each line."""
        found = []
        for line in self.ended.out.splitlines():
            if match := re.match(r"(ok|note|missing|fact) +(\S.*?)  +(.*)", line):
                found.append((match[1], match[2], match[3]))
        return found

    def state(self, what: str) -> set[str]:
        return {state for state, about, _ in self.rows if about == what}

    def text(self, what: str) -> str:
        return "\n".join(text for _, about, text in self.rows if about == what)


def names(folder: Path) -> set[str]:
    return {str(path) for path in folder.rglob("*")}


def check(nest: Nest, *words: str, **env: str) -> Checked:
    """Run it, and hold what always holds: nothing is made or changed, every line is whole, words and status agree."""
    before = names(nest.folder.parent)
    ended = nest.run("check", *words, timeout=30, **env)
    assert names(nest.folder.parent) == before
    assert ended.err == "", ended
    checked = Checked(ended)
    assert ended.code == int(any(state == "missing" for state, _, _ in checked.rows)), ended
    for state, _, text in checked.rows:
        if state == "missing":
            mend = (";", "run: ", "see ", "`crampcoach", "crampcoach ")
            assert any(word in text for word in mend), f"{text!r} does not say how to mend it"
    assert SECRET not in ended.out
    assert ended.out.isascii()
    return checked


@pytest.fixture
def nest(tmp_path: Path) -> Nest:
    """A home without a desktop, and without files."""
    return Nest(tmp_path / "jane" / "coach", {"HOME": str(tmp_path / "jane"), "USER": "jane"})


@pytest.fixture
def bus() -> Iterator[str]:
    with private_bus() as address:
        yield address


# --- what works, what is missing ---------------------------------------------------------------------------------


def test_in_an_empty_home(nest: Nest) -> None:
    checked = check(nest)
    assert [(state, what) for state, what, _ in checked.rows] == [
        ("ok", "crampcoach"),
        ("ok", "config"),
        ("note", "data folder"),
        ("note", "log.db"),
        ("note", "state.db"),
        ("missing", "agent"),
        ("note", "autostart"),
        ("missing", "messages"),
        *[(state, "messages") for state, what, _ in checked.rows if what == "messages"][1:],
        ("ok", "plugins"),
        ("note", "buttons"),
        ("note", "display"),
        ("ok", "clock"),
    ]
    assert "crampcoach run" in checked.text("agent")
    assert "crampcoach autostart on" in checked.text("autostart")
    assert "DBUS_SESSION_BUS_ADDRESS is not set" in checked.text("messages")
    assert "terminal: nobody sees what is printed here" in checked.text("messages")
    assert checked.ended.out.rstrip().endswith("missing; each line says how to mend it.")
    assert not nest.folder.exists()


def test_when_everything_works(nest: Nest, bus: str) -> None:
    nest.env["DBUS_SESSION_BUS_ADDRESS"] = bus
    with witness(bus) as server, agent(nest) as running:
        wait_for(lambda: len(list(nest.home.backup_dir.glob("*.db"))) == 2, 10, "the backup is made")
        nest.run("autostart", "on")
        checked = check(nest)
        assert checked.ended.code == 0
        assert checked.ended.out.endswith("\nEverything needed works.\n")
        assert checked.text("agent") == f"running (process {running.process.pid})"
        assert checked.text("messages").splitlines()[0] == "desktop: witness 1 shows popups with buttons"
        assert checked.text("autostart") == "on (the desktop starts it)"
        assert re.fullmatch(r"sound, \d+ kB, backed up \d{4}-\d\d-\d\d \d\d:\d\d UTC", checked.text("log.db"))
        assert checked.state("state.db") == {"ok"}
        assert checked.text("data folder").startswith(f"{nest.home.data_dir}, ")
        assert len(server.events("information")) == 1
        assert not server.events("notify") or server.events("notify")[-1]["title"].startswith("Welcome"), (
            "it shows none"
        )


def test_a_server_without_buttons_and_a_bus_without_a_server(nest: Nest, bus: str) -> None:
    nest.env["DBUS_SESSION_BUS_ADDRESS"] = bus
    said = check(nest).text("messages")
    assert "desktop: no notification server is running; install one" in said
    with witness(bus, "--no-actions"):
        assert "cannot show buttons" in check(nest).text("messages")
    said = check(nest, DBUS_SESSION_BUS_ADDRESS="unix:path=/nowhere/bus").text("messages")
    assert "desktop: no desktop session bus answers" in said


def test_a_server_that_does_not_answer(nest: Nest, bus: str) -> None:
    nest.env["DBUS_SESSION_BUS_ADDRESS"] = bus
    with witness(bus) as server:
        server.tell(hang=30)
        assert "did not answer within 4 seconds; log out and in again" in check(nest).text("messages")


NOTIFIER = """
from crampcoach import Failed, hookimpl
class Lamp:
    name = "lamp"
    def start(self, events): ...
    def show(self, message): ...
    def withdraw(self, occurrence): ...
    def close(self): ...
    {check}
@hookimpl
def notifiers():
    return [Lamp()]
"""


@pytest.mark.parametrize(
    ("method", "state", "text"),
    [
        ("def check(self): return 'the lamp is on'", "ok", "lamp: the lamp is on"),
        ("def check(self): return Failed('no bulb; put one in')", "missing", "lamp: no bulb; put one in"),
        ("", "note", "lamp: cannot say whether it works; to see it: crampcoach try REMINDER"),
        (f"def check(self): raise ValueError('{SECRET}')", "missing", "lamp: check() raised ValueError; more: "),
        (f"def check(self): raise SystemExit('{SECRET}')", "missing", "lamp: check() called sys.exit(); more: "),
        ("def check(self): print('noise'); return 'on\\n  and on'", "ok", "lamp: on and on"),
    ],
)
def test_whoever_shows_messages_is_asked(nest: Nest, method: str, state: str, text: str) -> None:
    nest.configure('[notify]\norder = ["lamp"]\n')
    nest.drop("lamp", NOTIFIER.format(check=method))
    before = names(nest.folder)
    ended = nest.run("check")
    assert names(nest.folder) == before
    assert SECRET not in ended.out + ended.err
    assert "noise" not in ended.out
    checked = Checked(ended)
    assert checked.rows[[what for _, what, _ in checked.rows].index("messages")][0] == state
    assert checked.text("messages").startswith(text)


def test_an_earlier_one_that_works_makes_a_later_one_a_note(nest: Nest) -> None:
    nest.drop("lamp", NOTIFIER.format(check="def check(self): return 'on'"))
    nest.configure('[notify]\norder = ["lamp", "desktop", "terminal"]\n')
    checked = check(nest)
    assert [state for state, what, _ in checked.rows if what == "messages"] == ["ok", "note", "note"]
    nest.configure('[notify]\norder = ["desktop", "lamp"]\n')
    assert [state for state, what, _ in check(nest).rows if what == "messages"] == ["missing", "ok"]


def test_nobody_to_show_messages(nest: Nest) -> None:
    nest.configure('[notify]\norder = ["desktop", "lmap"]\n[plugins.desktop]\nenabled = false\n')
    checked = check(nest)
    assert [state for state, what, _ in checked.rows if what == "messages"] == ["note", "missing", "missing"]
    assert "desktop: its plugin is off" in checked.text("messages")
    assert "there is no notifier 'lmap'; mend notify.order in config.toml (there is " in checked.text("messages")
    assert "nobody can show you any" in checked.text("messages")
    assert "crampcoach plugins enable desktop" in checked.text("messages")
    nest.configure('[notify]\norder = ["desktop"]\n')
    assert "plugins enable" not in check(nest).text("messages")


# --- what is broken ----------------------------------------------------------------------------------------------


def test_a_broken_config_is_counted_and_never_quoted(nest: Nest) -> None:
    nest.configure(f'[profile]\npregnant = "{SECRET}"\n[quite]\n[plugins.stretching]\nschedul = "{SECRET}"\n')
    checked = check(nest)
    path = nest.home.config_file
    assert f"2 mistakes in {path}; to see what: crampcoach config check" in checked.text("config")
    assert "which `crampcoach config check` names" in checked.text("plugin stretching")
    nest.configure("[[[")
    assert "1 mistake in" in check(nest).text("config")
    path.write_bytes(b"\xff\xfe")
    assert "1 mistake in" in check(nest).text("config")


def test_every_plugin_broken(nest: Nest) -> None:
    everything = ["cramps", "desktop", "hydration", "journaling", "plyer", "stretching", "terminal"]
    for name in everything:
        nest.drop(name, f"raise ValueError('{SECRET}')")
    nest.drop("hang", "import time\ntime.sleep(60)")
    nest.drop("near", "def reminder(): ...")
    nest.drop("gone", "import nosuchmodule")
    nest.drop(
        "ends", "import os\nfrom crampcoach import hookimpl\n@hookimpl\ndef reminders():\n    raise SystemExit(3)\n"
    )
    nest.configure(f'[plugins.gone]\ntoken = "{SECRET}"\n')
    began = time.monotonic()
    checked = check(nest)
    assert time.monotonic() - began < 15
    for name in everything:
        reason = f"loading it raised ValueError; more: crampcoach plugins show {name}"
        assert checked.text(f"plugin {name}") == reason
    assert "took longer than 5 s" in checked.text("plugin hang")
    assert "did you mean 'reminders'?" in checked.text("plugin near")
    assert "No module named 'nosuchmodule'" in checked.text("plugin gone")
    assert "called sys.exit()" in checked.text("plugin ends")
    assert "desktop: its plugin cannot be used" in checked.text("messages")
    assert checked.state("clock") == {"ok"}, "the rest is asked all the same"


def test_what_the_agent_set_aside(nest: Nest, bus: str) -> None:
    nest.drop("late", "from crampcoach import hookimpl\n@hookimpl\ndef tick(): raise ValueError('x')\n")
    with agent(nest):
        set_aside = {"late": f"tick() raised ValueError: {SECRET}", "hydration": "tick() took longer than 5 s"}
        with closing(sqlite3.connect(nest.home.state_db)) as state, state:
            wait_for(lambda: agent_state.mark(state, "resting"), 10, "the agent has written what it set aside: nothing")
            # The last thing that the upkeep of the start does: from here on the agent's own files stand still.
            wait_for(lambda: agent_state.mark(state, "pruned"), 10, "the agent has looked after its files")
            state.execute("INSERT OR REPLACE INTO marks VALUES ('resting', ?)", [json.dumps(set_aside)])
        checked = check(nest)
        assert checked.text("plugin late").startswith("tick() raised ValueError; more:")
        assert checked.text("plugin hydration").startswith("tick() took longer than 5 s; more:")
        assert "late" not in checked.text("plugins")
    assert not check(nest).text("plugin late"), "it holds only while the agent runs"


def test_no_plugins_at_all(nest: Nest) -> None:
    ended = nest.run("--no-plugins", "check")
    checked = Checked(ended)
    assert (ended.code, ended.err) == (1, "")
    assert checked.state("plugins") == {"note"}
    assert not nest.folder.exists()


# --- files -------------------------------------------------------------------------------------------------------


@pytest.fixture
def used(nest: Nest) -> Nest:
    """A home with an entry and a backup, whose agent was killed."""
    assert nest.run("log", "stretch", "--note", SECRET).code == 0
    with agent(nest) as running:
        wait_for(lambda: len(list(nest.home.backup_dir.glob("*.db"))) == 2, 10, "the backup is made")
        running.process.kill()
    return nest


@pytest.mark.parametrize("gone", [[], ["-shm"], ["-wal", "-shm"]], ids=str)
def test_files_of_an_agent_that_was_killed(used: Nest, gone: list[str]) -> None:
    for path in (used.home.log_db, used.home.state_db):
        for tail in gone:
            path.with_name(path.name + tail).unlink()
    checked = check(used)
    assert checked.state("log.db") == checked.state("state.db") == {"ok"}
    assert checked.state("agent") == {"missing"}


def test_damaged_files(used: Nest) -> None:
    log, state = used.home.log_db, used.home.state_db
    for path in (log, state):
        for tail in ("-wal", "-shm"):
            path.with_name(path.name + tail).unlink(missing_ok=True)
    content = log.read_bytes()
    log.write_bytes(content[:4096] + b"\0" * 8192 + content[12288:])
    state.write_text(f"this is no database, but {SECRET}")
    checked = check(used)
    for what in ("log.db", "state.db"):
        assert "damaged; `crampcoach run` keeps the damaged file and puts the backup of 20" in checked.text(what)
    for backup in used.home.backup_dir.glob("*.db"):
        backup.unlink()
    assert "puts an empty one, as there is no backup, in its place" in check(used).text("log.db")


def test_files_that_are_gone_foreign_or_newer(used: Nest) -> None:
    log, state = used.home.log_db, used.home.state_db
    (backup,) = used.home.backup_dir.glob("log-*.db")
    log.unlink()
    with closing(sqlite3.connect(state)) as connection:
        connection.execute("PRAGMA user_version=99")
    checked = check(used)
    mend = f"to bring its newest backup back: crampcoach restore {backup.name}"
    assert checked.text("log.db") == f"gone; the next start makes an empty one; {mend}"
    assert checked.text("state.db") == "written by a newer crampcoach; update this one"
    with closing(sqlite3.connect(state)) as connection:
        connection.execute("PRAGMA application_id=1")
    assert check(used).text("state.db") == f"{state} is not crampcoach's own file; move it away, then start crampcoach"


def test_an_old_backup(used: Nest) -> None:
    for path in used.home.backup_dir.glob("*.db"):
        name, _, stamp = path.stem.partition("-")
        made = datetime.strptime(stamp, "%Y%m%dT%H%M%S").replace(tzinfo=UTC) - timedelta(days=12)
        path.rename(path.with_name(f"{name}-{made:%Y%m%dT%H%M%S}.db"))
    checked = check(used)
    assert checked.state("log.db") == {"note"}
    assert "the newest backup is 12 days old" in checked.text("log.db")


@pytest.mark.parametrize(
    ("what", "mode", "text"),
    [
        ("data_dir", 0o755, "other users can look into it; run: chmod -R go= "),
        ("config_dir", 0o755, "other users can read it; run: chmod 600 "),
    ],
)
def test_what_others_can_read(nest: Nest, what: str, mode: int, text: str) -> None:
    nest.configure("")
    nest.home.data_dir.mkdir(mode=0o700)
    assert "other users" not in check(nest).ended.out
    folder: Path = getattr(nest.home, what)
    folder.chmod(mode)
    nest.home.config_file.chmod(0o644)
    about = "config" if what == "config_dir" else "data folder"
    assert text in check(nest).text(about)


# --- without rights ----------------------------------------------------------------------------------------------


@pytest.fixture
def powerless(used: Nest) -> Iterator[Nest]:
    """A home that can be somebody else's: nobody passes the permissions, root neither."""
    used.prefix = POWERLESS
    yield used
    for path in (used.folder, *used.folder.rglob("*")):
        path.chmod(0o700 if path.is_dir() else 0o600)


def test_a_home_of_somebody_else(powerless: Nest) -> None:
    if os.getuid() != 0:
        pytest.skip("only root can give files away")
    home = powerless.home
    for path in (home.data_dir, home.log_db, home.state_db):
        os.chown(path, 65534, 65534)
    home.data_dir.chmod(0o755)
    for path in (home.log_db, home.state_db):
        path.chmod(0o644)
    checked = check(powerless)
    assert "belongs to somebody else; run crampcoach as its owner" in checked.text("data folder")
    assert "belongs to somebody else; run crampcoach as its owner" in checked.text("log.db")
    home.data_dir.chmod(0o700)
    powerless.configure("")
    os.chown(home.config_dir, 65534, 65534)
    checked = check(powerless)
    assert checked.text("config") == f"{home.config_dir} cannot be read; run crampcoach as the user whose it is"
    for what in ("databases", "agent"):
        assert f"cannot be looked at ({home.data_dir}" in checked.text(what)
        assert "run this as the user whose files these are" in checked.text(what)
    assert checked.state("clock") == {"ok"}


@pytest.mark.parametrize(
    ("what", "about", "text"),
    [
        ("data_dir", "data folder", "nothing can be saved in "),
        ("log_db", "log.db", "cannot be read and written; run: chmod 600 "),
        ("config_file", "config", "config.toml cannot be read; run: chmod u+rwX "),
        ("plugin_dir", "plugins", "cannot be read, so no plugin in it is used; run: chmod 700 "),
        ("config_dir", "config", "/config cannot be read; run: chmod u+rwX "),
    ],
)
def test_what_may_not_be_used(powerless: Nest, what: str, about: str, text: str) -> None:
    powerless.configure("")
    powerless.home.plugin_dir.mkdir(exist_ok=True)
    path: Path = getattr(powerless.home, what)
    path.chmod(0o500 if what == "data_dir" else 0o000)
    checked = check(powerless)
    assert text in checked.text(about)
    assert checked.state("clock") == {"ok"}


def test_no_place_to_make_a_home_in(nest: Nest) -> None:
    nest.prefix = POWERLESS
    top = nest.folder.parent
    top.mkdir(mode=0o500)
    assert "cannot be made; set CRAMPCOACH_HOME to a folder of your own" in check(nest).text("data folder")


# --- screen, terminal, clock -------------------------------------------------------------------------------------


def test_a_program_for_buttons(nest: Nest, tmp_path: Path) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    checked = check(nest, DISPLAY=":7", PATH=str(programs))
    assert checked.text("display") == "X11 (:7)"
    assert "install one such as xterm" in checked.text("buttons")
    (programs / "xterm").write_text("#!/bin/sh\n")
    (programs / "xterm").chmod(0o700)
    assert check(nest, DISPLAY=":7", PATH=str(programs)).text("buttons") == "xterm opens what a button starts"
    assert check(nest, WAYLAND_DISPLAY="wayland-0", PATH=str(programs)).text("display") == "Wayland (wayland-0)"
    nest.configure('[notify]\nterminal = "kitty --title x"\n')
    said = check(nest, DISPLAY=":7", PATH=str(programs)).text("buttons")
    assert said == "there is no program 'kitty'; install it, or mend notify.terminal in config.toml"


def test_autostart_of_another_home(nest: Nest, tmp_path: Path) -> None:
    assert nest.run("autostart", "on", CRAMPCOACH_HOME=str(tmp_path / "other")).code == 0
    checked = check(nest)
    assert checked.state("autostart") == {"missing"}
    assert "for this one: crampcoach autostart on" in checked.text("autostart")


@pytest.mark.parametrize(("year", "state"), [(1970, "missing"), (2026, "ok"), (2200, "missing")])
def test_a_clock_that_was_never_set(year: int, state: str) -> None:
    clock = HandedClock(datetime(year, 6, 1, 12, tzinfo=UTC), ZoneInfo("Europe/Berlin"))
    (line,) = time_and_zone(clock)
    assert line.state == state
    assert line.text.startswith(f"{year}-06-01" if state == "ok" else "the computer says")
    assert f"{year}-06-01 1" in line.text
    assert "Europe/Berlin" in line.text


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (Problem("that is wrong; do this"), "that is wrong; do this"),
        (PermissionError(13, "Permission denied", "/x"), "cannot be looked at (/x: Permission denied); run this as "),
        (ZeroDivisionError(SECRET), "cannot be looked at (ZeroDivisionError); please report this"),
    ],
)
def test_a_probe_that_fails_is_a_line(error: Exception, said: str) -> None:
    def fails() -> Iterator[Line]:
        yield Line("ok", "x", "first")
        raise error

    first, second = guarded("x", fails)
    assert (first.state, second.state) == ("ok", "missing")
    assert second.text.startswith(said)
    assert SECRET not in second.text


@pytest.mark.parametrize(
    ("count", "said"), [(0, "0 bytes"), (999, "999 bytes"), (53248, "53 kB"), (8.3e10, "83 GB"), (5e16, "50000 TB")]
)
def test_sizes(count: float, said: str) -> None:
    assert size(count) == said


# --- for a helper, for programs, for a small terminal --------------------------------------------------------------


def test_for_a_helper(used: Nest, bus: str) -> None:
    used.configure(f'[profile]\npregnant = "yes"\n[plugins.stretching]\nschedul = "{SECRET}"\n')
    env = {"DBUS_SESSION_BUS_ADDRESS": bus, "XDG_CURRENT_DESKTOP": "XFCE", "XDG_SESSION_TYPE": "x11", "LANG": "C.UTF-8"}
    checked = check(used, "--for-helper", **env)
    out = checked.ended.out
    assert out.startswith("--- crampcoach check, for a helper ---\n")
    assert out.endswith("contains no health data\n")
    assert len(checked.rows) == len(out.splitlines()) - 2, "each finding is one line"
    assert "~/coach/data, " in checked.text("data folder")
    assert checked.text("desktop") == "XFCE, x11"
    assert checked.text("session bus") == "unix:path"
    assert "pluggy " in checked.text("packages")
    assert "SQLite " in checked.text("packages")
    for private in ("jane", bus.partition("=")[2], str(used.folder), "stretch-", "pregnant", "yes"):
        assert private not in out, private
    assert {state for state, _, _ in checked.rows} == {"ok", "note", "missing", "fact"}
    assert check(used, "--for-helper").text("session bus") == "none"


def test_a_helper_is_not_told_what_ones_own_plugins_are_called(nest: Nest) -> None:
    """By its name alone a plugin may tell of an illness."""
    nest.drop("dialysis", "nothing = 1\n")
    nest.drop("insulin", "from crampcoach import hookimpl\n@hookimpl\ndef kinds():\n    return []\n")
    nest.configure("[plugins.dialysis]\nnonsense = 1\n[plugins.coffe]\n")
    assert "dialysis" in check(nest).ended.out
    checked = check(nest, "--for-helper")
    assert "OWN-PLUGIN-1" in checked.ended.out
    assert "OWN-PLUGIN-2" in checked.text("plugins")
    for name in ("dialysis", "insulin"):
        assert name not in checked.ended.out + checked.ended.err


def test_names_are_hidden_wherever_they_stand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/jane")
    hide = nameless({"USER": "jane", "LOGNAME": "jd", "DBUS_SESSION_BUS_ADDRESS": "unix:path=/run/user/7/bus"})
    assert hide("/home/jane/coach, /home/janet, /media/jane/stick") == "~/coach, /home/janet, /media/USER/stick"
    assert hide("jane's file") == "USER's file"
    assert hide("/srv/jane_old/jane.txt") == "/srv/USER_old/USER.txt"
    assert hide("/srv/jd/x and jd alone") == "/srv/USER/x and jd alone"
    assert hide("no bus at unix:path=/run/user/7/bus") == "no bus at (bus)"


def test_for_programs(nest: Nest) -> None:
    described = " ".join(nest.run("check", "--help").out.split())
    for words in ([], ["--for-helper"]):
        ended = nest.run("check", "--json", *words)
        assert ended.code == 1
        for row in ended.json:
            assert list(row) == ["what", "state", "text"]
            assert row["state"] in described
        assert len(ended.json) > 10


def test_a_terminal_of_60_columns_is_wide_enough(nest: Nest) -> None:
    ours, theirs = pty.openpty()
    environment = nest.environment(COLUMNS="60")
    process = subprocess.Popen(nest.command("check"), stdin=theirs, stdout=theirs, stderr=theirs, env=environment)
    os.close(theirs)
    text = b""
    while True:
        try:
            data = os.read(ours, 65536)
        except OSError:
            break
        if not data:
            break
        text += data
    os.close(ours)
    assert process.wait(30) == 1
    lines = text.decode().splitlines()
    assert max(map(len, lines)) <= 60
    assert re.search(r"ok +messages +terminal: messages appear", text.decode())
