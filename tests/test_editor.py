"""The person's editor on a private draft: whatever the editor does, what was written is there, and nobody else's."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crampcoach.cli.drafts import keep
from crampcoach.cli.editor import discard, draft, edited, editor_words
from crampcoach.home import Home, find_home
from crampcoach.model import Problem

pytestmark = pytest.mark.real

Editor = Callable[[str], None]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return find_home({"CRAMPCOACH_HOME": str(tmp_path / "home")})


def files(home: Home) -> list[str]:
    place = home.data_dir / "drafts"
    return sorted(str(one.relative_to(place)) for one in place.rglob("*") if one.is_file())


def test_it_gives_back_what_was_made_of_the_text(home: Home, editor: Editor) -> None:
    editor('cat "$1" > "$1.seen"; echo "two\nthree" >> "$1"')
    assert edited(home, "walk", "one") == "one\ntwo\nthree"
    assert (home.data_dir / "drafts/walk/walk.txt.seen").read_text() == "one\n"
    # Nothing is safe until the caller has saved it.
    assert draft(home, "walk") is not None
    discard(home, "walk")
    assert (draft(home, "walk"), files(home)) == (None, [])


def test_the_draft_is_nobody_elses(home: Home, editor: Editor) -> None:
    editor('stat -c %a "$1" "$(dirname "$1")" "$(dirname "$(dirname "$1")")" > "$1.modes"; echo copy > "$1~"')
    before = os.umask(0)
    try:
        edited(home, "walk", "", ".md")
    finally:
        os.umask(before)
    place = home.data_dir / "drafts/walk"
    assert (place / "walk.md.modes").read_text().split() == ["600", "700", "700"]
    assert stat.S_IMODE((place / "walk.md~").stat().st_mode) == 0o600, "what the editor leaves beside it neither"
    discard(home, "walk")
    assert files(home) == []


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_any_text_comes_back_equal_from_an_editor_that_changes_nothing(home: Home, editor: Editor, text: str) -> None:
    editor("exit 0")
    assert edited(home, "walk", text) == text
    discard(home, "walk")


@pytest.mark.parametrize(
    ("script", "wrong"),
    [
        ('echo more >> "$1"; exit 3', "ended with status 3"),
        ('echo more >> "$1"; kill -9 $$', "was killed (SIGKILL)"),
        ('echo more >> "$1.save"; kill -HUP $$', "was killed (SIGHUP)"),
        ('printf "more\\n\\377" > "$1"', "line 2 is no text in UTF-8: save it as UTF-8 in the editor"),
        ('printf "more\\n\\355\\240\\200" > "$1"', "line 2 is no text in UTF-8"),
        ('printf "more\\n\\na\\0b" > "$1"', "line 3 holds a NUL character; remove it"),
    ],
)
def test_whatever_an_editor_does_the_draft_is_kept_and_named(
    home: Home, editor: Editor, script: str, wrong: str
) -> None:
    editor(script)
    with pytest.raises(Problem) as caught:
        edited(home, "walk", "one")
    assert wrong in str(caught.value)
    assert str(caught.value).endswith(f"; what you wrote is kept in {home.data_dir / 'drafts/walk/walk.txt'}")
    left = draft(home, "walk")
    assert left is not None
    assert "more" in left
    # The next editor is given the very bytes, and the person puts them right.
    editor('cat "$1" > "$1.seen"; echo done > "$1"')
    assert edited(home, "walk", left) == "done"
    seen = (home.data_dir / "drafts/walk/walk.txt.seen").read_bytes()
    assert seen.decode("utf-8", "surrogateescape").rstrip("\n") == left.rstrip("\n")


def test_an_editor_that_fails_before_anything_was_written_leaves_nothing(home: Home, editor: Editor) -> None:
    editor("exit 1")
    with pytest.raises(Problem, match="ended with status 1; nothing was changed"):
        edited(home, "walk", "one")
    assert files(home) == []


def test_an_editor_that_removes_the_file_removes_nothing_else(home: Home, editor: Editor) -> None:
    editor('rm "$1"')
    with pytest.raises(Problem, match=r"cannot be read any more: No such file or directory; nothing was changed"):
        edited(home, "walk", "one")
    keep(home, "walk", "older")
    discard_lock(home)
    with pytest.raises(Problem, match="what you wrote is kept"):
        edited(home, "walk", "older")
    assert draft(home, "walk") == "older"


def test_an_older_draft_stays_whatever_the_editor_does(home: Home, editor: Editor) -> None:
    keep(home, "walk", "older")
    discard_lock(home)
    editor("exit 1")
    with pytest.raises(Problem, match="what you wrote is kept"):
        edited(home, "walk", "older")
    assert draft(home, "walk") == "older"


def discard_lock(home: Home) -> None:
    """As if the process that wrote the draft had ended."""
    from crampcoach.cli import drafts

    for place in [one for one in drafts._mine if one.is_relative_to(home.data_dir)]:
        os.close(drafts._mine.pop(place))


def test_a_draft_is_never_written_over(home: Home, editor: Editor, capsys: pytest.CaptureFixture[str]) -> None:
    for number in (1, 2):
        keep(home, "walk", f"older {number}")
        discard_lock(home)
    editor('echo new > "$1"')
    assert edited(home, "walk", "") == "new"
    discard(home, "walk")
    assert files(home) == ["walk-before-1.txt", "walk-before-2.txt"]
    assert (home.data_dir / "drafts/walk-before-2.txt").read_text() == "older 2"
    assert "an earlier draft was kept as" in capsys.readouterr().err


def test_one_draft_is_written_in_one_place_at_a_time(home: Home, editor: Editor) -> None:
    code = (
        "import sys; from crampcoach.home import find_home; from crampcoach.cli.drafts import keep\n"
        f"keep(find_home({{'CRAMPCOACH_HOME': {str(home.data_dir.parent)!r}}}), 'walk', 'theirs')\n"
        "print('ready', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "ready\n"
        assert draft(home, "walk") is None, "it was not left behind"
        discard(home, "walk")
        with pytest.raises(Problem, match="is being written in another window; finish there first"):
            edited(home, "walk", "mine")
        other.send_signal(signal.SIGKILL)
    assert draft(home, "walk") == "theirs"


@pytest.mark.parametrize(
    ("named", "sentence"),
    [
        ("nosuch --wait", "there is no editor 'nosuch --wait': set EDITOR to the name of an editor that you have"),
        ("'", 'EDITOR is "\'", which cannot be read (No closing quotation); write the name of an editor'),
    ],
)
def test_an_editor_that_is_not_there(home: Home, monkeypatch: pytest.MonkeyPatch, named: str, sentence: str) -> None:
    monkeypatch.setenv("VISUAL", named)
    with pytest.raises(Problem) as caught:
        edited(home, "walk", "one")
    assert str(caught.value) == sentence
    assert not home.data_dir.exists()


def test_which_editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("nano", "code", "gvim", "mine", "vim"):
        program = tmp_path / name
        program.write_text("#!/bin/sh\n")
        program.chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path))

    def words(**environ: str) -> list[str]:
        return [word.replace(f"{tmp_path}/", "") for word in editor_words(environ)]

    assert words() == ["nano"]
    assert words(EDITOR="mine -x 'a b'") == ["mine", "-x", "a b"]
    assert words(VISUAL="code", EDITOR="mine") == ["code", "--wait"]
    assert words(VISUAL=" ", EDITOR="code -w") == ["code", "-w"]
    assert words(EDITOR="gvim")[:2] == ["gvim", "--nofork"]
    assert words(EDITOR="vim")[:3] == ["vim", "-i", "NONE"]
    (tmp_path / "editor").symlink_to(tmp_path / "vim")
    assert words()[:3] == ["editor", "-i", "NONE"]
    (tmp_path / "editor").unlink()
    for name in ("nano", "vim"):
        (tmp_path / name).unlink()
    with pytest.raises(Problem, match="no editor was found: set EDITOR"):
        words()


@pytest.mark.parametrize("name", ["", "a/b", "../up", ".hidden", "a b", "x" * 90])
def test_a_drafts_name_is_a_name(home: Home, name: str) -> None:
    with pytest.raises(ValueError, match="use letters"):
        draft(home, name)
