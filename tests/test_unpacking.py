"""What a format packs is unpacked whole into a folder: nothing leaves it, nothing else in it is touched, unasked.

The ZIP may be any plugin's, and wrong in every way.
"""

from __future__ import annotations

import io
import os
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coaching import coach_of
from commands import Commands
from crampcoach import Problem
from crampcoach.testing import Coach
from crampcoach.transfer.unpacking import Unfit, look_into, unpack
from crampcoach.transfer.whole_file import MARK

pytestmark = pytest.mark.pure

#: A ZIP with a file for each name, and what else an author can do wrong.
PLUGIN = """\
import zipfile
from dataclasses import dataclass
from typing import Annotated
from crampcoach import Exporter, Problem, hookimpl

@dataclass(frozen=True)
class Options:
    name: Annotated[list[str], "A file in it"] = ()
    text: Annotated[str, "What is in each"] = "new"
    fails: Annotated[str, "How, after that"] = ""

def _write(entries, stream, ctx):
    if ctx.options.fails == "no zip":
        stream.write(b"PK, or so it seems")
        return
    with zipfile.ZipFile(stream, "w") as archive:
        for name in ctx.options.name:
            archive.writestr(name, ctx.options.text)
        if ctx.options.fails == "raises":
            raise ValueError("half way")
        if ctx.options.fails == "problem":
            raise Problem("it is too hot; wait until it is cooler")

@hookimpl
def exporters():
    is_zip = {"suffix": ".zip", "media_type": "application/zip"}
    yield Exporter(name="box", title="A box", write=_write, options=Options, **is_zip)
    yield Exporter(name="line", title="A line", suffix=".txt", media_type="text/plain", write=lambda e, s, c: None)
"""


@pytest.fixture
def coach(tmp_path: Path) -> Iterator[Coach]:
    with coach_of(tmp_path / "home", sources={"boxes": PLUGIN}) as made:
        yield made


def box(commands: Commands, *names: str, to: str = "out/", **more: Any) -> Any:
    words = [word for name in names for word in ("--name", name)]
    return commands("export", "box", *words, "-o", to, *more.pop("words", ()), **more)


def everything(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text() for path in sorted(folder.rglob("*")) if path.is_file()
    }


# --- a folder --------------------------------------------------------------------------------------------------


def test_a_new_folder_is_made_for_its_owner_only(commands: Commands, folder: Path) -> None:
    said = box(commands, "a.md", "deep/er/b.md")
    assert (said.out, said.err) == (f"wrote {folder / 'out'}: 2 files, from 0 entries\n", "")
    assert everything(folder) == {"out/a.md": "new", "out/deep/er/b.md": "new"}
    modes = {stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*") if path.is_dir()}
    assert modes == {0o700}
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*.md")} == {0o600}


def test_a_folder_that_is_there_keeps_all_else_and_what_it_allows(commands: Commands, folder: Path) -> None:
    (folder / "out").mkdir(mode=0o755)
    (folder / "out" / "mine.md").write_text("Dear diary")
    assert box(commands, "a.md", to="out").status == 0
    assert everything(folder) == {"out/a.md": "new", "out/mine.md": "Dear diary"}
    assert stat.S_IMODE((folder / "out").stat().st_mode) == 0o755


def test_a_file_gets_the_zip_and_so_does_a_pipe(commands: Commands, folder: Path) -> None:
    assert box(commands, "a.md", to="out.zip").out == f"wrote {folder / 'out.zip'}: from 0 entries\n"
    assert zipfile.ZipFile(folder / "out.zip").namelist() == ["a.md"]
    assert commands("export", "box", "--name", "a.md").out.startswith("PK\x03\x04")


def test_only_a_zip_goes_into_a_folder(commands: Commands, folder: Path) -> None:
    sentence = f"{folder / 'out'} is a folder; name a file in it"
    assert commands.fails("export", "line", "-o", "out/") == sentence
    (folder / "out").mkdir()
    assert commands.fails("export", "line", "-o", "out") == sentence
    (folder / "file").write_text("Dear diary")
    assert commands.fails("export", "box", "-o", "file/", "--force") == f"{folder / 'file'} is a file; name a folder"
    sentence = f"there is no folder {folder / 'none'}; make it first, or choose another place"
    assert commands.fails("export", "box", "-o", "none/out/") == sentence
    assert everything(folder) == {"file": "Dear diary"}


def test_the_report_for_programs(commands: Commands, folder: Path) -> None:
    box(commands, "a", "b")
    told = box(commands, "a", "b", "c", words=["--json"]).json
    assert (told["file"], told["files"], told["unchanged"]) == (str(folder / "out"), 1, 2)


def test_the_help_says_what_a_folder_gets(commands: Commands) -> None:
    said = " ".join(commands.ok("export", "box", "--help").split())
    assert "-o, --output FILE|FOLDER/" in said
    assert "you are asked before any of the same name is replaced" in said
    assert "FOLDER" not in commands.ok("export", "line", "--help")


# --- what is there already -------------------------------------------------------------------------------------


def test_nothing_is_replaced_unasked(commands: Commands, folder: Path) -> None:
    names = ["a", "b", "c", "d", "e"]
    box(commands, *names)
    for name in names[:4]:
        (folder / "out" / name).write_text("Dear diary")
    before = everything(folder)
    sentence = (
        f"in {folder / 'out'} 4 files are there already with other content (a, b, c and 1 more); choose another "
        "folder, or replace them with --force"
    )
    assert box(commands, *names, "new").err == f"crampcoach: {sentence}\n"
    assert everything(folder) == before
    said = box(commands, *names, "new", words=["--force"])
    assert said.out == f"wrote {folder / 'out'}: 5 files, 1 as they were, from 0 entries\n"
    assert everything(folder) == {f"out/{name}": "new" for name in [*names, "new"]}


def test_what_is_the_same_already_is_nothing_to_ask_about(commands: Commands, folder: Path) -> None:
    box(commands, "a")
    number = (folder / "out" / "a").stat().st_ino
    assert box(commands, "a").out == f"wrote {folder / 'out'}: 0 files, 1 as they were, from 0 entries\n"
    assert (folder / "out" / "a").stat().st_ino == number
    assert box(commands, "a", words=["--text", "old"]).status == 1, "of one length, but another"


@pytest.mark.parametrize(("typed", "replaced"), [(["n"], False), ([""], False), (["y"], True)])
def test_in_a_terminal_it_asks(
    commands: Commands, folder: Path, monkeypatch: pytest.MonkeyPatch, typed: list[str], replaced: bool
) -> None:
    monkeypatch.setenv("COLUMNS", "500")
    (folder / "out").mkdir()
    (folder / "out" / "a").write_text("Dear diary")
    said = box(commands, "a", "b", to="out", typed=typed)
    question = f"In {folder / 'out'} a file is there already with other content (a). Replace it?\n"
    assert said.out.startswith(question)
    assert said.err.endswith("nothing was written\n") != replaced
    assert everything(folder) == ({"out/a": "new", "out/b": "new"} if replaced else {"out/a": "Dear diary"})


def test_what_comes_there_meanwhile_is_not_replaced_either(tmp_path: Path) -> None:
    parcel = look_into(zipped({"a": "new", "b": "new"}), tmp_path, ())
    steps = unpack(parcel)
    assert next(steps) == tmp_path / "a"
    (tmp_path / "b").write_text("Dear diary")
    with pytest.raises(FileExistsError):
        next(steps)
    assert everything(tmp_path) == {"a": "new", "b": "Dear diary"}


def test_in_the_middle_there_are_whole_files_only_and_it_is_said_how_many(
    commands: Commands, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace = Path.replace

    def replaced(path: Path, target: Path) -> Path:
        if target.name == "c":
            raise OSError(28, os.strerror(28))
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", replaced)
    sentence = (
        f"cannot write {folder / 'out'}: No space left on device; 2 of 4 files are written, each of them whole; free "
        "some space, or choose another place"
    )
    assert box(commands, "a", "b", "c", "d").err == f"crampcoach: {sentence}\n"
    assert everything(folder) == {"out/a": "new", "out/b": "new"}


# --- what a plugin does wrong ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fails", "sentence"),
    [
        ("raises", "plugin boxes: its exporter 'box' raised ValueError; nothing was written; --debug shows where"),
        ("problem", "it is too hot; wait until it is cooler"),
        ("no zip", "plugin boxes: its exporter 'box' wrote no ZIP file that could be read; nothing was written"),
    ],
)
def test_nothing_is_written_when_the_exporter_fails(
    commands: Commands, folder: Path, fails: str, sentence: str
) -> None:
    assert box(commands, "a", words=["--fails", fails]).err == f"crampcoach: {sentence}\n"
    assert list(folder.iterdir()) == []


BAD = [
    "/etc/passwd", "../a", "a/../../b", "..", ".", "a//b", "./a", "C:/a", "C:a", "a\\b", "..\\a", "\\\\host\\share",
    "a\n", "\x1b[2J", "a.", "a /b", "a/ /b", "...", "", "a:stream", "ö" * 128, f"{MARK}x", f"x/{MARK}y", "a\u202eb",
    "nul", "a/CON.md", "com1 .txt",
]  # fmt: skip


@pytest.mark.parametrize("name", [*BAD, *(f"{name}/" for name in BAD if name)])
def test_no_name_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(Unfit, match="a file that may not be called"):
        look_into(zipped({"good": "new", name: "new"}), tmp_path / "out", ())


def test_a_name_that_ends_early_is_seen_whole(tmp_path: Path) -> None:
    """Python cuts a name off at a NUL; another program would not."""
    raw = zipped({"a.mdX/../../b": "new"}).getvalue().replace(b"a.mdX", b"a.md\0")
    with pytest.raises(Unfit, match="may not be called"):
        look_into(io.BytesIO(raw), tmp_path, ())


@pytest.mark.parametrize(
    ("names", "why"),
    [
        (["a", "a"], "two files of one name, 'a' and 'a'"),
        (["a.md", "A.md"], "two files of one name, 'a.md' and 'A.md'"),
        (["\u00e4", "a\u0308"], "two files of one name"),
        (["a", "a/b"], "a file and a folder of one name, 'a'"),
        (["A/b", "a"], "a file and a folder of one name, 'a'"),
    ],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_that_are_one_on_some_system_are_refused(tmp_path: Path, names: list[str], why: str) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, "new")
    with pytest.raises(Unfit, match=why):
        look_into(file, tmp_path, ())


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_a_link_in_it_is_refused(tmp_path: Path, kind: int) -> None:
    info = zipfile.ZipInfo("link")
    info.external_attr = (kind | 0o777) << 16
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(info, "/etc/passwd")
    with pytest.raises(Unfit, match="'link', which is a link or no file at all"):
        look_into(file, tmp_path, ())


def test_a_damaged_one_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    raw = bytearray(zipped({"good": "new", "bad": "x" * 1000}).getvalue())
    raw[raw.index(b"xxx") + 5] ^= 1
    with pytest.raises(Unfit, match="a damaged file, 'bad'"):
        look_into(io.BytesIO(raw), tmp_path, ())
    for cut in range(0, len(raw), 7):
        with pytest.raises(Unfit):
            look_into(io.BytesIO(raw[:cut]), tmp_path, ())


def test_an_encrypted_one_is_refused(tmp_path: Path) -> None:
    raw = bytearray(zipped({"a": "new"}).getvalue())
    raw[6] |= 1  # the flag in the file's header, and in the list of files
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(Unfit, match="no ZIP file that could be read"):
        look_into(io.BytesIO(raw), tmp_path, ())


# --- what stands in the way ------------------------------------------------------------------------------------


def test_no_link_in_the_folder_is_followed(commands: Commands, folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "a").write_text("Dear diary")
    (folder / "out").mkdir()
    (folder / "out" / "sub").symlink_to(other)
    (folder / "out" / "link").symlink_to(other / "a")
    (folder / "out" / "nowhere").symlink_to(other / "b")
    way = f"{folder / 'out' / 'sub'} is a link, and may lead anywhere; choose another folder"
    assert box(commands, "sub/a", words=["--force"]).err == f"crampcoach: {way}\n"
    for name in ("link", "nowhere"):
        sentence = f"{folder / 'out' / name} is no file to replace; choose another folder"
        assert box(commands, "new", name, words=["--force"]).err == f"crampcoach: {sentence}\n"
    assert everything(other) == {"a": "Dear diary"}
    assert not (folder / "out" / "new").exists()


def test_a_folder_that_is_a_link_is_one_and_stays_one(commands: Commands, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "vault").mkdir()
    (folder / "out").symlink_to(tmp_path / "vault")
    assert box(commands, "a", to="out").status == 0
    assert (folder / "out").is_symlink()
    assert everything(tmp_path / "vault") == {"a": "new"}


def test_a_folder_in_the_place_of_a_file_and_the_other_way_round(commands: Commands, folder: Path) -> None:
    (folder / "out" / "a").mkdir(parents=True)
    (folder / "out" / "b").write_text("Dear diary")
    sentence = f"{folder / 'out' / 'a'} is no file to replace; choose another folder"
    assert box(commands, "a", words=["--force"]).err == f"crampcoach: {sentence}\n"
    sentence = f"{folder / 'out' / 'b'} is there, and no folder; choose another folder"
    assert box(commands, "new", "b/c", words=["--force"]).err == f"crampcoach: {sentence}\n"
    assert everything(folder) == {"out/b": "Dear diary"}


def test_crampcoachs_own_files_are_none_to_replace(coach: Coach, commands: Commands) -> None:
    above = coach.home.data_dir.parent
    before = coach.home.log_db.read_bytes()
    sentence = f"crampcoach keeps its own files in {coach.home.data_dir}; choose another folder"
    assert box(commands, "data/log.db", to=str(above), words=["--force"]).err == f"crampcoach: {sentence}\n"
    sentence = f"crampcoach keeps its own files in {coach.home.config_dir}; choose another place"
    place = str(coach.home.plugin_dir)
    assert box(commands, "x.py", to=place, words=["--force"]).err == f"crampcoach: {sentence}\n"
    assert coach.home.log_db.read_bytes() == before


def zipped(files: dict[str, str]) -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name), text)
    return file


@pytest.mark.filterwarnings("ignore:Duplicate name")
@given(st.dictionaries(st.text("ab./\\: \0\n", max_size=12), st.text(), max_size=4))
def test_whatever_it_is_called_stays_in_the_folder_or_is_refused(
    tmp_path_factory: pytest.TempPathFactory, files: dict[str, str]
) -> None:
    top = tmp_path_factory.mktemp("top")
    folder = top / "in" / "out"
    folder.parent.mkdir()
    try:
        written = list(unpack(look_into(zipped(files), folder, ())))
    except (Unfit, Problem):
        written = []
    assert all(path.resolve().is_relative_to(folder) for path in written)
    assert {path for path in top.rglob("*") if path.is_file()} == set(written)
