"""The Tab key: what it offers, in real shells' words, without a file made or a sentence printed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from agent_process import Ended, Nest
from crampcoach.cli import COMMANDS
from crampcoach.cli.completion import INSTALL

pytestmark = pytest.mark.real

COFFEE = """
import click
from dataclasses import dataclass
from crampcoach import Kind, hookimpl
print("noise")
@dataclass(frozen=True)
class Fields:
    cups: int = 1
@hookimpl
def kinds(): return [Kind(name="coffee", title="Coffee", fields=Fields)]
@hookimpl
def commands():
    print("noise")
    return [click.Command("brew", params=[click.Option(["--strong"], help="Less water")]), click.Command("status")]
"""


@pytest.fixture
def nest(tmp_path: Path) -> Nest:
    """A home that is not there yet."""
    return Nest(tmp_path / "coach", {"HOME": str(tmp_path)})


def ask(nest: Nest, *words: str, shell: str = "bash") -> Ended:
    """What a shell gets that asks how the last word goes on."""
    env = {
        "_CRAMPCOACH_COMPLETE": f"{shell}_complete",
        "COMP_WORDS": " ".join(["crampcoach", *words]),
        "COMP_CWORD": str(len(words)),
    }
    before = set(nest.folder.rglob("*"))
    ended = nest.run(timeout=30, **env)
    assert (ended.code, ended.err) == (0, "")
    assert set(nest.folder.rglob("*")) == before, "it makes no file"
    assert nest.folder.exists() == bool(before)
    return ended


def offered(nest: Nest, *words: str) -> list[str]:
    lines = ask(nest, *words).out.split()
    assert all(line.startswith("plain,") for line in lines), lines
    return [line.removeprefix("plain,") for line in lines]


def offered_of(nest: Nest, sort: str, *words: str) -> list[str]:
    """Those of one sort: `plain` words, or what the shell is to complete as a `file`."""
    lines = ask(nest, *words).out.split()
    return [line.removeprefix(f"{sort},") for line in lines if line.startswith(f"{sort},")]


def test_commands_of_our_own_and_of_plugins(nest: Nest) -> None:
    assert set(offered(nest, "")) >= {*COMMANDS, "stretch"}
    assert offered(nest, "stat") == ["status"]
    assert offered(nest, "--d") == ["--debug"]
    nest.drop("coffee", COFFEE)
    everything = offered(nest, "")
    assert "brew" in everything
    assert everything.count("status") == 1
    assert offered(nest, "brew", "--s") == ["--strong"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["status", "--"], ["--json", "--help"]),
        (["plugins", ""], ["check", "disable", "enable", "install", "list", "new", "show", "uninstall"]),
        (["plugins", "new", "tea", "--e"], ["--explainer", "--exporter"]),
        (["autostart", "o"], ["off", "on"]),
        (["completion", ""], ["bash", "zsh", "fish"]),
        (["check", "--f"], ["--for-helper"]),
        (["nonsense", "--"], ["--version", "--debug", "--no-plugins", "--help"]),
        (["log", "nonsense", "--"], ["--help"]),
    ],
)
def test_options_and_what_may_follow(nest: Nest, words: list[str], expected: list[str]) -> None:
    assert set(expected) <= set(offered(nest, *words))
    if words[-1] not in ("", "--"):
        assert offered(nest, *words) == expected


@pytest.mark.parametrize("command", ["show", "enable", "disable"])
def test_names_of_plugins(nest: Nest, command: str) -> None:
    assert {"stretching", "desktop"} <= set(offered(nest, "plugins", command, ""))
    assert offered(nest, "plugins", command, "stretch") == ["stretching"]
    nest.drop("coffee", "raise ValueError('never imported')")
    nest.configure("[plugins.coffee]\nenabled = false\n")
    assert "coffee" in offered(nest, "plugins", command, ""), "also of those that are off or broken"


def test_what_can_be_checked_uninstalled_and_tried(nest: Nest) -> None:
    assert "stretching" in offered_of(nest, "plain", "plugins", "check", "stre")
    assert "stre" in offered_of(nest, "file", "plugins", "check", "stre"), "a file too"
    assert offered(nest, "plugins", "uninstall", "stre") == [], "bundled plugins cannot be"
    assert offered(nest, "try", "stretch") == ["stretching", "stretching.evening"]


def test_kinds_and_their_fields(nest: Nest) -> None:
    assert {"cramp", "stretch"} <= set(offered(nest, "log", ""))
    nest.drop("coffee", COFFEE)
    assert offered(nest, "log", "co") == ["coffee"]
    assert {"--cups", "--at", "--note"} <= set(offered(nest, "log", "coffee", "--"))


OFFERS = """
from dataclasses import dataclass
from crampcoach import Claim, Explainer, Exporter, Source, hookimpl
print("noise")
@dataclass(frozen=True)
class Options:
    sugar: int = 0
@hookimpl
def exporters():
    yield Exporter(name="cups", title="Cups", suffix=".txt", media_type="text/plain", write=print, options=Options)
@hookimpl
def explainers():
    print("noise")
    claims, sources = [Claim(text="x", grade="low", sources=["y"])], [Source(id="y", title="y")]
    texts = dict(title="x", group="x", summary="x", see="x", limits="x")
    for name in ("cause-tea", "cause-milk"):
        yield Explainer(name=name, claims=claims, sources=sources, **texts)
    raise ValueError("and one that cannot be made")
"""


def test_formats_and_explainers(nest: Nest) -> None:
    nest.drop("offers", OFFERS)
    assert offered(nest, "export", "cu") == ["cups"]
    assert {"--output", "--since", "--with-text", "--sugar"} <= set(offered(nest, "export", "cups", "--"))
    assert offered(nest, "explain", "cause-te") == ["cause-tea"]
    assert offered(nest, "explain", "--so") == ["--sources"]


def test_whatever_is_broken_nothing_is_said(nest: Nest) -> None:
    nest.configure("[[[")
    nest.drop("coffee", "import logging\nlogging.error('x')\nraise ValueError('x')")
    nest.drop("hang", "import time\ntime.sleep(60)")
    assert {"status", "stretch"} <= set(offered(nest, "st"))
    assert "stretch" in offered(nest, "log", "")
    nest.home.config_file.unlink()
    nest.home.config_file.mkdir()
    assert "status" in offered(nest, "st")


def test_words_that_are_no_request(nest: Nest) -> None:
    """An error on the way is silent too: its sentence would stand in the middle of what is being typed."""
    ended = nest.run(_CRAMPCOACH_COMPLETE="bash_complete")  # without the words
    assert (ended.out, ended.err) == ("", "")
    assert ended.code == 1
    assert not nest.folder.exists()


def test_other_shells_get_the_lines_of_help_too(nest: Nest) -> None:
    zsh = ask(nest, "autost", shell="zsh").out.splitlines()
    assert zsh == ["plain", "autostart", COMMANDS["autostart"][1]]
    fish = subprocess.run(
        nest.command(),
        env=nest.environment(_CRAMPCOACH_COMPLETE="fish_complete", COMP_WORDS="crampcoach autost", COMP_CWORD="autost"),
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    ).stdout
    assert "autostart" in fish
    assert COMMANDS["autostart"][1] in fish


@pytest.mark.parametrize("shell", list(INSTALL))
def test_the_script_comes_with_what_to_do_with_it(nest: Nest, shell: str) -> None:
    ended = nest.run("completion", shell)
    assert (ended.code, ended.err) == (0, "")
    assert "_CRAMPCOACH_COMPLETE" in ended.out
    assert f"{shell}_complete" in ended.out
    last = ended.out.rpartition("# To have this in every new terminal, type once:\n")[2].splitlines()
    assert [line.removeprefix("#   ") for line in last] == INSTALL[shell].splitlines()
    assert any(f"crampcoach completion {shell}" in line for line in last)
    assert not nest.folder.exists()
    assert nest.run("completion", "tcsh").code == 2


BASH = """
source <(crampcoach completion bash) || exit 9
complete -p crampcoach
try() {
    COMP_WORDS=(crampcoach "$@"); COMP_CWORD=$#; COMPREPLY=()
    _crampcoach_completion crampcoach "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
    echo "$*: ${COMPREPLY[*]}"
}
try stat
try plugins show stretch
try log strct
try check --for
"""


def test_a_real_bash(nest: Nest, tmp_path: Path) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    program = programs / "crampcoach"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m crampcoach "$@"\n')
    program.chmod(0o700)
    env = nest.environment()
    env["PATH"] = f"{programs}:{env['PATH']}"
    done = subprocess.run(
        ["bash", "--norc", "-c", BASH], env=env, capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "complete -o nosort -F _crampcoach_completion crampcoach",
        "stat: status",
        "plugins show stretch: stretching",
        "log strct: ",
        "check --for: --for-helper",
    ]
    assert not nest.folder.exists()
