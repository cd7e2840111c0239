"""Starting at login, and the menu entry: what the files say, what real readers make of them, and whose they are."""

from __future__ import annotations

import json
import os
import plistlib
import stat
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from agent_process import Nest, agent
from crampcoach.model import Problem
from crampcoach.starting import autostart, menu
from crampcoach.starting.autostart import System, best_kind, places, run_program, turn_off, turn_on
from crampcoach.starting.launchers import (
    ANY_LOGIN,
    GRAPHICAL,
    MARK,
    Program,
    desktop_text,
    menu_text,
    plist_text,
    startup_text,
    this_program,
    unit_text,
)
from desktop import wait_for

PYTHON = "/opt/cramp coach/bin/python"
PROGRAM = Program((PYTHON, "-P", "-m", "crampcoach"))
#: Everything that some reader of such files gives a meaning to.
ODD = "a b $HOME ${PATH} $$ %h %% \"q\" 'p' \\b \\\\ `id` ;#&|<>~*?() é日本\u200d"
BUS = "DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/1000/bus"


@dataclass
class Systemctl:
    """Stands in for `systemctl --user`: it answers, keeps what it was told, and makes the links that enabling makes."""

    settings: Path
    there: bool = True
    graphical: bool = False
    environment: str = BUS
    active: bool = False
    fails: str = ""
    told: list[str] = field(default_factory=list)

    def __call__(self, command: Sequence[str], seconds: float) -> tuple[int | None, str]:
        assert command[:2] == ["systemctl", "--user"]
        assert 0 < seconds <= 20
        words = " ".join(command[2:])
        if not self.there:
            return 1, "Failed to connect to bus: No medium found"
        if words == "show-environment":
            return 0, f"HOME=/home/jane\n{self.environment}\n"
        if words.startswith("is-active"):
            yes = self.graphical if words.endswith(GRAPHICAL) else self.active
            return (0, "active") if yes else (3, "inactive")
        self.told.append(words)
        if self.fails and self.fails in words:
            return 1, "some warning\nUnit is masked."
        if words == "reenable crampcoach.service":
            unit = self.settings / "systemd" / "user" / "crampcoach.service"
            for link in unit.parent.glob("*.wants/*"):
                link.unlink()
            wants = unit.parent / f"{unit.read_text().rpartition('WantedBy=')[2].strip()}.wants"
            wants.mkdir(exist_ok=True)
            (wants / unit.name).symlink_to(unit)
        if words.startswith("start"):
            self.active = True
        return 0, ""


@pytest.fixture
def systemctl(tmp_path: Path) -> Systemctl:
    return Systemctl(tmp_path / ".config")


@pytest.fixture
def system(tmp_path: Path, systemctl: Systemctl) -> System:
    """A Linux computer, with a person's empty home folder."""
    return System(platform="linux", environ={}, folder=tmp_path, run=systemctl)


def files(folder: Path) -> set[str]:
    """Everything below a folder that is no folder."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_symlink() or path.is_file()}


UNIT = ".config/systemd/user/crampcoach.service"
ENTRY = ".config/autostart/crampcoach.desktop"


# --- which way -------------------------------------------------------------------------------------------------


@pytest.mark.pure
@pytest.mark.parametrize(
    ("desktop", "there", "graphical", "expected"),
    [
        ("GNOME", True, True, ("systemd", GRAPHICAL)),
        ("KDE", True, True, ("systemd", GRAPHICAL)),
        ("XFCE", True, False, ("xdg", "")),
        ("X-Cinnamon", True, False, ("xdg", "")),
        ("ubuntu:GNOME", True, False, ("xdg", "")),
        ("i3", True, False, ("systemd", ANY_LOGIN)),
        ("", True, False, ("systemd", ANY_LOGIN)),
        ("GNOME", False, False, ("xdg", "")),
        ("", False, False, ("xdg", "")),
    ],
)
def test_the_way_that_works_on_this_desktop(
    system: System, systemctl: Systemctl, desktop: str, there: bool, graphical: bool, expected: tuple[str, str]
) -> None:
    systemctl.there, systemctl.graphical = there, graphical
    assert best_kind(replace(system, environ={"XDG_CURRENT_DESKTOP": desktop})) == expected


@pytest.mark.pure
@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("", "systemd"),
        ("unix:path=/run/user/1000/bus", "systemd"),
        ("unix:path=/run/user/1000/bus,guid=12ab", "systemd"),
        ("unix:abstract=/tmp/dbus-x1", "xdg"),
    ],
)
def test_a_service_that_would_talk_to_another_bus_is_of_no_use(
    system: System, systemctl: Systemctl, address: str, kind: str
) -> None:
    systemctl.graphical = True
    assert best_kind(replace(system, environ={"DBUS_SESSION_BUS_ADDRESS": address}))[0] == kind


@pytest.mark.pure
def test_a_folder_of_settings_that_is_not_absolute_counts_as_not_given(system: System, tmp_path: Path) -> None:
    usual = dict(places(system))
    assert usual["xdg"] == tmp_path / ENTRY
    assert dict(places(replace(system, environ={"XDG_CONFIG_HOME": "relative"}))) == usual
    given = dict(places(replace(system, environ={"XDG_CONFIG_HOME": "/etc/jane"})))
    assert given["xdg"] == Path("/etc/jane/autostart/crampcoach.desktop")
    assert given["systemd"] == Path("/etc/jane/systemd/user/crampcoach.service")


# --- on and off ------------------------------------------------------------------------------------------------


@pytest.mark.pure
def test_on_and_off_with_systemd(system: System, systemctl: Systemctl, tmp_path: Path) -> None:
    off = autostart.status(system, PROGRAM)
    assert (off.on, off.kind, off.path) == (False, "systemd", tmp_path / UNIT)
    on = turn_on(system, PROGRAM, start=True)
    assert (on.on, on.kind, on.current, on.running, on.tested) == (True, "systemd", True, True, True)
    assert systemctl.told == [
        "daemon-reload", "reenable crampcoach.service", "reset-failed crampcoach.service", "start crampcoach.service",
    ]  # fmt: skip
    link = ".config/systemd/user/default.target.wants/crampcoach.service"
    assert files(tmp_path) == {UNIT, link}
    assert stat.S_IMODE((tmp_path / UNIT).stat().st_mode) == 0o644
    text = (tmp_path / UNIT).read_text()
    assert turn_on(system, PROGRAM, start=False) == on, "twice is the same as once"
    assert (tmp_path / UNIT).read_text() == text
    assert systemctl.told[4:] == ["daemon-reload", "reenable crampcoach.service"]
    assert turn_off(system) == [tmp_path / UNIT]
    assert files(tmp_path) == set()
    assert systemctl.told[-1] == "daemon-reload"
    assert systemctl.active, "what runs goes on"
    assert turn_off(system) == []


@pytest.mark.pure
def test_it_is_wanted_by_one_target_only(system: System, systemctl: Systemctl, tmp_path: Path) -> None:
    turn_on(system, PROGRAM, start=False)
    systemctl.graphical = True
    turn_on(system, PROGRAM, start=False)
    assert files(tmp_path) == {UNIT, ".config/systemd/user/graphical-session.target.wants/crampcoach.service"}


@pytest.mark.pure
def test_one_of_the_two_never_both(system: System, systemctl: Systemctl, tmp_path: Path) -> None:
    turn_on(system, PROGRAM, start=False)
    systemctl.there = False
    on = turn_on(system, PROGRAM, start=True)
    assert (on.kind, on.on, on.running) == ("xdg", True, None)
    assert files(tmp_path) == {ENTRY}
    assert stat.S_IMODE((tmp_path / ENTRY).stat().st_mode) == 0o644
    systemctl.there = True
    assert turn_on(system, PROGRAM, start=False).kind == "systemd"
    assert ENTRY not in files(tmp_path)


@pytest.mark.pure
@pytest.mark.parametrize("line", ["Hidden=true", "X-GNOME-Autostart-enabled=false"])
def test_switched_off_in_the_desktops_settings_is_off(
    system: System, systemctl: Systemctl, tmp_path: Path, line: str
) -> None:
    systemctl.there = False
    turn_on(system, PROGRAM, start=False)
    entry = tmp_path / ENTRY
    key = line.partition("=")[0]
    kept = [one for one in entry.read_text().splitlines() if not one.startswith(key)]
    entry.write_text("\n".join([*kept, line, ""]))
    assert not autostart.status(system, PROGRAM).on
    assert turn_on(system, PROGRAM, start=False).on
    entry.write_text(entry.read_text().replace("Comment=", "Comment[de]=x\nComment="))
    assert autostart.status(system, PROGRAM).current, "what desktops add changes nothing"


@pytest.mark.pure
@pytest.mark.parametrize("there", [True, False])
def test_another_program_or_home_is_seen(system: System, systemctl: Systemctl, there: bool) -> None:
    systemctl.there = there
    turn_on(system, PROGRAM, start=False)
    moved = Program(("/opt/other/bin/python", *PROGRAM.words[1:]))
    for other in (moved, replace(PROGRAM, home="/media/stick")):
        assert autostart.status(system, PROGRAM).current
        found = autostart.status(system, other)
        assert found.on
        assert not found.current
        assert turn_on(system, other, start=False).current
        turn_on(system, PROGRAM, start=False)


@pytest.mark.pure
@pytest.mark.parametrize("name", [UNIT, ENTRY])
@pytest.mark.parametrize("link", [False, True])
def test_what_somebody_else_made_is_left_alone(
    system: System, systemctl: Systemctl, tmp_path: Path, name: str, link: bool
) -> None:
    systemctl.there = name == UNIT
    path = tmp_path / name
    path.parent.mkdir(parents=True)
    if link:
        path.symlink_to("/dev/null")  # as `systemctl --user mask` does
    else:
        path.write_text("[Desktop Entry]\nExec=something\n")
    before = files(tmp_path)
    with pytest.raises(Problem, match=rf"{path.name} was not made by crampcoach and is left alone; move it away"):
        turn_on(system, PROGRAM, start=False)
    assert not autostart.status(system, PROGRAM).on
    assert files(tmp_path) == before
    if not link and name == ENTRY:
        with pytest.raises(Problem, match="was not made by crampcoach"):
            turn_off(system)
        assert path.read_text().endswith("something\n")


@pytest.mark.pure
def test_what_systemd_refuses_is_a_sentence(system: System, systemctl: Systemctl, tmp_path: Path) -> None:
    systemctl.fails = "reenable"
    with pytest.raises(Problem) as refused:
        turn_on(system, PROGRAM, start=True)
    path = tmp_path / UNIT
    assert str(refused.value) == (
        f"{path} is written, but `systemctl --user reenable crampcoach.service` failed: Unit is masked."
    )


@pytest.mark.pure
def test_a_place_that_cannot_be_written_is_a_sentence(system: System, systemctl: Systemctl, tmp_path: Path) -> None:
    systemctl.there = False
    (tmp_path / ".config").write_text("a file where a folder should be")
    with pytest.raises(Problem, match=r"^cannot write .*crampcoach\.desktop: .*; put that right, then try again$"):
        turn_on(system, PROGRAM, start=False)
    assert files(tmp_path) == {".config"}


@pytest.mark.pure
def test_programs_are_run_with_a_deadline() -> None:
    assert run_program([sys.executable, "-c", "print('é'); raise SystemExit(3)"], 20) == (3, "é")
    assert run_program([sys.executable, "-c", "import time; time.sleep(60)"], 0.2) == (
        None,
        "it took longer than 0.2 s",
    )
    status, said = run_program(["/nowhere/systemctl"], 1)
    assert status is None
    assert "No such file" in said


# --- systems that nobody has tried it on ------------------------------------------------------------------------


def nothing(command: Sequence[str], seconds: float) -> tuple[int | None, str]:
    """There is no program to run."""
    raise AssertionError(command)


@pytest.mark.pure
def test_on_a_mac_it_is_a_launch_agent(tmp_path: Path) -> None:
    mac = System(platform="darwin", environ={}, folder=tmp_path, run=nothing)
    program = Program((f"/Users/{ODD}/python", "-P", "-m", "crampcoach"), home=f"/Volumes/{ODD}")
    on = turn_on(mac, program, start=True)
    assert (on.kind, on.on, on.current, on.tested) == ("launchd", True, True, False)
    assert on.path == tmp_path / "Library/LaunchAgents/crampcoach.agent.plist"
    values = plistlib.loads(on.path.read_bytes())
    assert values["ProgramArguments"] == [*program.words, "run"]
    assert values["EnvironmentVariables"] == {"CRAMPCOACH_HOME": program.home}
    assert values["RunAtLoad"] is True
    assert values["Label"] == "crampcoach.agent"
    assert not autostart.status(mac, replace(program, home=None)).current
    assert turn_off(mac) == [on.path]
    assert not autostart.status(mac, program).on


@pytest.mark.pure
def test_on_windows_it_is_a_script_in_the_startup_folder(tmp_path: Path) -> None:
    environ = {"APPDATA": str(tmp_path / "Roaming")}
    windows = System(platform="win32", environ=environ, folder=tmp_path, run=nothing)
    program = Program((r"C:\100% ü & co\python.exe", "-P", "-m", "crampcoach"), home=r"D:\a %PATH% b")
    on = turn_on(windows, program, start=True)
    assert (on.kind, on.on, on.tested) == ("startup", True, False)
    assert on.path.parent == tmp_path / "Roaming/Microsoft/Windows/Start Menu/Programs/Startup"
    lines = on.path.read_bytes().decode().split("\r\n")
    assert lines[0] == "@echo off"
    assert lines[2:] == [
        "chcp 65001 >nul",
        r'set "CRAMPCOACH_HOME=D:\a %%PATH%% b"',
        r'start "" "C:\100%% ü & co\pythonw.exe" "-P" "-m" "crampcoach" "run"',
        "",
    ]
    assert MARK in lines[1]
    assert turn_off(windows) == [on.path]


# --- what cannot be said ---------------------------------------------------------------------------------------


@pytest.mark.pure
@pytest.mark.parametrize("make", [unit_text, desktop_text, menu_text, plist_text, startup_text])
@pytest.mark.parametrize("bad", ["new\nline", "tab\t", "bell\a", "half\udce9", "next\x85", "del\x7f"])
def test_a_path_that_no_line_can_hold_is_a_sentence(make: Any, bad: str) -> None:
    for program in (Program((f"/opt/{bad}/python", "-m")), Program((PYTHON, "-m"), home=f"/home/{bad}")):
        with pytest.raises(Problem, match="has characters in it that no settings file can hold; use another folder"):
            make(program)


@pytest.mark.pure
def test_a_program_that_env_would_take_for_a_variable_is_a_sentence() -> None:
    program = Program(("/opt/a=b/python", "-m"))
    assert "ExecStart=/opt/a=b/python -m run" in unit_text(program)
    with pytest.raises(Problem, match="has a '=' in its path"):
        desktop_text(replace(program, home="/home/jane"))
    with pytest.raises(Problem, match="has a '=' in its path"):
        unit_text(Program(("/opt/a=b$/python", "-m")))
    with pytest.raises(Problem, match="a quotation mark"):
        startup_text(Program(('C:\\"\\python.exe', "-m")))


@pytest.mark.pure
def test_this_program() -> None:
    assert this_program("/usr/bin/python3", {}) == Program(("/usr/bin/python3", "-P", "-m", "crampcoach"))
    assert this_program("bin/python", {}).words[0] == str(Path.cwd() / "bin/python")
    assert this_program("/p", {"CRAMPCOACH_HOME": "~/coach"}).home == str(Path.home() / "coach")
    assert this_program("/p", {"CRAMPCOACH_HOME": ""}).home is None
    with pytest.raises(Problem, match="does not know its own path"):
        this_program("", {})


# --- real readers ----------------------------------------------------------------------------------------------


@pytest.fixture
def odd(tmp_path: Path) -> Program:
    """A program at a path full of what must be quoted; it writes down how it was started."""
    folder = tmp_path / ODD
    folder.mkdir()
    path = folder / "py thon"
    path.write_text(
        f"#!{sys.executable}\nimport json, os, sys\n"
        f"said = [sys.argv, os.environ.get('CRAMPCOACH_HOME')]\n"
        f"part = {str(tmp_path / 'part')!r}\nopen(part, 'w').write(json.dumps(said))\n"
        f"os.replace(part, {str(tmp_path / 'said')!r})\n"
    )
    path.chmod(0o700)
    return Program((str(path), "-P", "-m", "crampcoach"), home=f"/media/{ODD}=x")


def launched(entry: Path, said: Path) -> Any:
    """What a program says of its start by GLib, as desktops start it."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("DBUS_", "CRAMPCOACH_"))}
    subprocess.run(["gio", "launch", entry], env=environ, stdin=subprocess.DEVNULL, check=True, timeout=20)
    wait_for(said.exists, 10, "the program was started")
    return json.loads(said.read_text())


@pytest.mark.real
@pytest.mark.parametrize("home", [True, False])
def test_a_desktop_starts_what_the_entry_means(odd: Program, tmp_path: Path, home: bool) -> None:
    program = odd if home else replace(odd, home=None)
    entry = tmp_path / "crampcoach.desktop"
    entry.write_text(desktop_text(program))
    assert launched(entry, tmp_path / "said") == [[*program.words, "run"], program.home]


@pytest.mark.real
def test_the_menu_starts_what_the_entry_means(odd: Program, tmp_path: Path) -> None:
    entry = tmp_path / "crampcoach.desktop"
    # Without a screen there is no terminal to open; its shell is the same.
    entry.write_text(menu_text(odd).replace("Terminal=true", "Terminal=false"))
    assert launched(entry, tmp_path / "said") == [[*odd.words, "status"], odd.home]


@pytest.mark.real
def test_the_window_of_a_menu_entry_stays_until_it_has_been_read(tmp_path: Path) -> None:
    line = next(line for line in menu_text(Program(("echo", "how it is:"))).splitlines() if line.startswith("Exec="))
    entry = tmp_path / "crampcoach.desktop"
    entry.write_text(f"[Desktop Entry]\nType=Application\nName=x\n{line}\n")
    process = subprocess.Popen(["gio", "launch", str(entry)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    said, _ = process.communicate("\n", timeout=20)
    assert said == "how it is: status\n\nPress Enter to close."


@pytest.mark.real
def test_entries_are_valid(odd: Program, tmp_path: Path) -> None:
    for number, text in enumerate([desktop_text(odd), menu_text(odd), desktop_text(PROGRAM), menu_text(PROGRAM)]):
        path = tmp_path / f"entry-{number}.desktop"
        path.write_text(text)
        done = subprocess.run(["desktop-file-validate", path], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), text


@pytest.mark.real
@pytest.mark.parametrize("target", [GRAPHICAL, ANY_LOGIN])
def test_systemd_understands_the_unit(odd: Program, tmp_path: Path, target: str) -> None:
    """It is run as a check only: that it starts the right words was tried by hand with a real user manager."""
    plain = tmp_path / "with space %h é" / "python"
    plain.parent.mkdir()
    plain.write_text("#!/bin/sh\n")
    plain.chmod(0o700)
    for program in (odd, replace(odd, words=(str(plain), *odd.words[1:]))):
        assert verify(tmp_path, unit_text(program, target)) == ""
    plain.unlink()
    assert "is not executable" in verify(tmp_path, unit_text(Program((str(plain), "-m")), target))
    assert "Unknown key" in verify(tmp_path, unit_text(odd, target).replace("UMask", "Umsk"))


def verify(folder: Path, text: str) -> str:
    unit = folder / "crampcoach.service"
    unit.write_text(text)
    runtime = folder / "run"
    runtime.mkdir(mode=0o700, exist_ok=True)
    environ = {**os.environ, "HOME": str(folder), "XDG_RUNTIME_DIR": str(runtime)}
    words = ["systemd-analyze", "--user", "verify", str(unit)]
    done = subprocess.run(words, env=environ, capture_output=True, text=True, check=False, timeout=30)
    return done.stderr


@pytest.mark.real
def test_no_file_of_the_persons_is_taken_for_a_library(tmp_path: Path) -> None:
    """What a system starts, it starts in the person's home folder."""
    for name in ("click", "schedule", "crampcoach", "select"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('the wrong one')")
    words = [sys.executable, *this_program().words[1:], "--version"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=30)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("crampcoach ")


# --- the menu entry --------------------------------------------------------------------------------------------


@pytest.mark.pure
def test_the_menu_entry_comes_with_its_icon_and_goes(system: System, tmp_path: Path) -> None:
    entry, icon = ".local/share/applications/crampcoach.desktop", "icons/hicolor/scalable/apps/crampcoach.svg"
    assert not menu.is_installed(system, PROGRAM)
    assert menu.install(system, PROGRAM) == tmp_path / entry
    assert menu.install(system, PROGRAM) == tmp_path / entry
    assert files(tmp_path) == {entry, f".local/share/{icon}"}
    assert menu.is_installed(system, PROGRAM)
    assert not menu.is_installed(system, replace(PROGRAM, home="/media/stick"))
    assert menu.remove(system)
    assert not menu.remove(system)
    assert files(tmp_path) == set()
    elsewhere = replace(system, environ={"XDG_DATA_HOME": str(tmp_path / "data")})
    assert menu.install(elsewhere, PROGRAM) == tmp_path / "data/applications/crampcoach.desktop"
    assert (tmp_path / "data" / icon).read_text() == menu.icon_text()


@pytest.mark.pure
def test_a_menu_entry_that_somebody_else_made_is_left_alone(system: System, tmp_path: Path) -> None:
    entry, _ = menu.entry_files(system)
    entry.parent.mkdir(parents=True)
    entry.write_text("[Desktop Entry]\n")
    for change in (lambda: menu.install(system, PROGRAM), lambda: menu.remove(system)):
        with pytest.raises(Problem, match="was not made by crampcoach"):
            change()
    assert entry.read_text() == "[Desktop Entry]\n"
    with pytest.raises(Problem, match="no menu entry on this system"):
        menu.install(replace(system, platform="darwin"), PROGRAM)


@pytest.mark.pure
def test_every_action_of_the_menu_has_its_group() -> None:
    text = menu_text(PROGRAM, ["stretch", "no action;is called so", "tea-time"])
    named = text.partition("Actions=")[2].partition("\n")[0].strip(";").split(";")
    assert [line for line in text.splitlines() if line.startswith("[")] == [
        "[Desktop Entry]",
        *(f"[Desktop Action {name}]" for name in named),
    ]
    assert len([line for line in text.splitlines() if line.startswith("Exec=")]) == 1 + len(named)
    assert named == ["now", "stretch", "tea-time"]
    assert "Name=Stretch\n" in text
    assert "Actions=now;\n" in menu_text(PROGRAM)


@pytest.mark.pure
def test_the_icon_is_one_colour_and_marked_as_ours() -> None:
    text = menu.icon_text()
    assert MARK in text
    drawing = ElementTree.fromstring(text)
    assert {one.get("fill") for one in drawing.iter() if one.tag.endswith("path")} == {"#1f7fa3"}
    assert drawing.get("viewBox") == "0 0 64 64"


# --- the command -----------------------------------------------------------------------------------------------


@pytest.fixture
def nest(tmp_path: Path) -> Nest:
    """A home without systemd."""
    return Nest(tmp_path / "coach", {"HOME": str(tmp_path)})


@pytest.mark.real
def test_the_command_turns_it_on_and_off(nest: Nest, tmp_path: Path) -> None:
    assert nest.run("autostart").out == (
        "login  off; to have it start whenever you log in: crampcoach autostart on\nnow    not running\n"
    )
    on = nest.run("autostart", "on")
    assert (on.code, on.err) == (0, "")
    assert on.out == (
        "On: crampcoach starts whenever you log in (the desktop starts it).\n"
        f"file   {tmp_path / ENTRY}\n"
        "now    it starts at your next login; to start it now: crampcoach run\n"
    )
    assert f"CRAMPCOACH_HOME={nest.folder}" in (tmp_path / ENTRY).read_text()
    with agent(nest) as running:
        said = nest.run("autostart", "status").out
        assert said.splitlines()[0] == "login  on (the desktop starts it)"
        assert said.splitlines()[-1] == f"now    running (process {running.process.pid})"
        assert f"it was running already (process {running.process.pid})" in nest.run("autostart", "on").out
        assert f"to stop it: kill {running.process.pid}" in nest.run("autostart", "off").out
        assert running.process.poll() is None
    assert not (tmp_path / ENTRY).exists()
    assert nest.run("autostart", "off").out == "It was off already.\n"


@pytest.mark.real
def test_the_command_for_programs(nest: Nest, tmp_path: Path) -> None:
    text = " ".join(nest.run("autostart", "status", "-h").out.split())
    for words in (["on"], ["status"], [], ["off"]):
        facts = nest.asked("autostart", *words)
        assert facts["on"] == (words != ["off"])
        assert (facts["kind"], facts["path"]) == ("xdg", str(tmp_path / ENTRY))
        assert all(f"{key}" in text for key in facts)


@pytest.mark.real
def test_the_command_says_what_is_wrong(nest: Nest, tmp_path: Path) -> None:
    nest.run("autostart", "on")
    other = nest.run("autostart", CRAMPCOACH_HOME=str(tmp_path / "other"))
    assert "note   it starts another crampcoach, or another home" in other.out
    (tmp_path / ENTRY).write_text("[Desktop Entry]\n")
    failed = nest.run("autostart", "on")
    assert (failed.code, failed.out) == (1, "")
    assert failed.err.startswith(f"crampcoach: {tmp_path / ENTRY} was not made by crampcoach")
    assert failed.err.count("\n") == 1
