"""`plugins new`: what it writes is right and runs, nothing is overwritten, names that could not work are refused."""

from __future__ import annotations

import ast
import importlib.util
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from agent_process import POWERLESS, Nest
from crampcoach import __version__
from crampcoach.cli.lint.import_cost import Cost
from crampcoach.cli.plugin_scaffold import NOMINAL, PURPOSES, file_of_test, package_files, plugin_file
from crampcoach.testing import Coach
from person import Person

SCAFFOLDS = Path(__file__).resolve().parent.parent / "src" / "crampcoach" / "scaffolds"


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """How long an import takes is not measured."""
    monkeypatch.setattr("crampcoach.cli.lint.import_cost.import_cost", lambda *_: Cost(1.0))


def flags(purpose: str) -> list[str]:
    return [f"--{purpose}"]


# --- the scaffolds ---------------------------------------------------------------------------------------------


@pytest.mark.pure
@pytest.mark.parametrize("purpose", PURPOSES)
def test_each_is_read_in_a_minute(purpose: str) -> None:
    for text in (plugin_file(purpose, "tea"), file_of_test(purpose, "tea")):
        assert len(text.splitlines()) <= 75
        assert ast.get_docstring(ast.parse(text))
    assert "# " in plugin_file(purpose, "tea"), "its comments say what to change"


@pytest.mark.pure
@pytest.mark.parametrize("name", ["tea", "my-tea", "my_tea2", "t", "x" * 40])
@pytest.mark.parametrize("purpose", PURPOSES)
def test_the_name_is_put_everywhere_it_belongs(purpose: str, name: str) -> None:
    files = {"plugin": plugin_file(purpose, name), "test": file_of_test(purpose, name), **package_files(purpose, name)}
    for path, text in files.items():
        assert not re.search("example", text, re.IGNORECASE), path
        if path.endswith(".toml"):
            tomllib.loads(text)
        elif not path.endswith(".md"):
            ast.parse(text)
    project = tomllib.loads(files["pyproject.toml"])["project"]
    module = f"crampcoach_{name.replace('-', '_')}"
    assert project["entry-points"] == {"crampcoach": {name: module}}
    assert project["name"] == f"crampcoach-{name}"
    assert project["dependencies"] == [f"crampcoach>={__version__}"]
    assert "license" not in project, "which one is the author's to say"
    assert f"src/{module}/__init__.py" in files


@pytest.mark.pure
@pytest.mark.parametrize("purpose", PURPOSES)
def test_the_test_of_a_package_loads_what_is_installed(purpose: str) -> None:
    text = package_files(purpose, "tea")["tests/test_tea.py"]
    assert 'coach.load("tea")\n' in text
    assert "PLUGIN" not in text
    assert "Path" not in text


@pytest.mark.pure
@pytest.mark.parametrize("purpose", PURPOSES)
def test_what_is_written_is_formatted_and_clean(tmp_path: Path, purpose: str) -> None:
    for path, text in {**package_files(purpose, "my-tea"), "alone.py": plugin_file(purpose, "tea")}.items():
        if path.endswith(".py"):
            (tmp_path / Path(path).name).write_text(text)
    for words in (["format", "--check", "--line-length=120"], ["check", "--line-length=120", "--select=E,F,I,B,UP"]):
        command = [sys.executable, "-m", "ruff", *words, "--isolated", str(tmp_path)]
        said = subprocess.run(command, capture_output=True, text=True, check=False)
        assert said.returncode == 0, said.stdout


# --- one file --------------------------------------------------------------------------------------------------


@pytest.mark.pure
def test_a_reminder_is_written_and_in_use_at_once(person: Person) -> None:
    with Coach(person.folder, now="2026-11-22 14:00:30") as coach:
        coach._names.add("tea")
        coach.settle()
        ended = person("plugins", "new", "tea")
        assert ended.status == 0
        assert ended.out.splitlines()[:3] == [
            f"wrote {person.plugin_dir}/tea.py",
            f"      {person.plugin_dir}/test_tea.py",
            "tea is on, and tea.daily comes today 14:02; the running agent follows",
        ]
        files = {path.name: path.stat().st_mode & 0o777 for path in person.plugin_dir.iterdir() if path.is_file()}
        assert files == {"tea.py": 0o600, "test_tea.py": 0o600}
        coach.advance("14:02")
        assert [message.reminder for message in coach.sent] == ["tea.daily"]
        coach.press("Did it")
        assert [entry.kind for entry in coach.entries()] == ["tea"]


@pytest.mark.pure
@pytest.mark.parametrize("purpose", PURPOSES)
def test_what_is_written_breaks_no_rule(person: Person, purpose: str) -> None:
    person("plugins", "new", "tea", *flags(purpose))
    assert person.ok("plugins", "check", "tea") == "tea: nothing is wrong with it"
    shown = person("plugins", "show", "tea", "--json").json
    assert (shown["state"], shown["api"], shown["failures"]) == ("on", 1, [])
    assert shown["hooks"]


@pytest.mark.pure
@pytest.mark.parametrize("purpose", PURPOSES)
def test_the_next_steps_are_commands_that_can_be_copied(
    person: Person, purpose: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crampcoach.cli.printing._columns", lambda _out: 60)
    lines = person("plugins", "new", "tea", *flags(purpose)).out.splitlines()
    steps = [line.strip() for line in lines if re.match(r"  \S", line)]
    assert "crampcoach plugins check tea" in steps
    assert f"{sys.executable} -m pytest {person.plugin_dir}/test_tea.py" in steps
    assert not any("pip install" in step for step in steps), "pytest is there already"


@pytest.mark.pure
def test_without_pytest_it_says_how_to_get_it(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "pytest" else find(name))
    assert f"\n  {sys.executable} -m pip install pytest\n" in person("plugins", "new", "tea").out


@pytest.mark.pure
def test_a_command_and_a_notifier_can_be_used_at_once(person: Person) -> None:
    person("plugins", "new", "tally", "--command")
    person("plugins", "new", "lamp", "--notifier")
    assert person("tally").out == "Nothing was logged.\n"
    file = person.home.config_dir / "messages.txt"
    person.configure(f"[notify]\norder = ['lamp']\n[plugins.lamp]\nfile = '{file}'\n")
    person("plugins", "new", "tea")
    said = person("try", "tea", "--wait", "0")
    assert said.out.startswith("shown by lamp; ")
    assert file.read_text().splitlines()[0] == "Time for tea?"
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.pure
@pytest.mark.parametrize(
    ("now", "config", "at"),
    [
        ("2026-11-22 22:27:30", "", "22:29"),
        ("2026-11-22 22:28:30", "", NOMINAL),
        ("2026-11-23 03:00:00", "", NOMINAL),
        ("2026-11-23 07:00:00", "", "07:02"),
        ("2026-11-23 03:00:00", "[quiet]\nenabled = false\n", "03:02"),
        ("2026-11-22 23:58:30", "[day]\nbed = '01:00'\n", "00:00"),
    ],
)
def test_its_reminder_comes_soon_but_never_at_night(person: Person, now: str, config: str, at: str) -> None:
    person.configure(config)
    person.at(now)
    person("plugins", "new", "tea")
    assert f'schedule="{at}"' in (person.plugin_dir / "tea.py").read_text()


@pytest.mark.pure
def test_one_that_is_switched_off_already_says_so(person: Person) -> None:
    person.configure("[plugins.tea]\nenabled = false\n")
    assert "\ntea is off: crampcoach plugins enable tea; " in person("plugins", "new", "tea").out


@pytest.mark.pure
@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["Tea"], "a plugin cannot be called 'Tea': use a short name of lower-case letters, digits, '-' and '_'"),
        (["../tea"], "a plugin cannot be called '../tea'"),
        (["t" * 41], "use a short name"),
        (["test_tea"], "a file test_tea.py is taken for tests and not for a plugin; choose another name"),
        (["conftest"], "a file conftest.py is taken for tests"),
        (["stretching"], "there is a plugin 'stretching' already (bundled); choose another name, for a file of that"),
        (["calendar"], "'calendar' is a Python module, and tests would find one for the other; choose another name"),
        (["click"], "'click' is a Python module"),
        (["cramp"], "there is a kind of entry 'cramp' already, and only one can have the name; choose another"),
        (["status", "--command"], "there is a command 'status' already"),
        (["week", "--command"], "there is a command 'week' of plugin cramps already"),
        (["symptoms"], "there is a kind of entry 'symptoms' already"),
        (["stretching", "--package"], "there is a plugin 'stretching' already (bundled)"),
        (["symptoms", "--package"], "there is a kind of entry 'symptoms' already"),
    ],
)
def test_a_name_that_could_not_work(person: Person, words: list[str], sentence: str) -> None:
    assert sentence in person.fails("plugins", "new", *words)
    assert not list(person.plugin_dir.glob("*"))


@pytest.mark.pure
def test_nothing_is_overwritten(person: Person) -> None:
    person("plugins", "new", "tea")
    folder = person.plugin_dir
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    said = person("plugins", "new", "tea", "--command")
    assert said.status == 1
    assert said.err.splitlines()[-1] == (
        f"crampcoach: there is a plugin 'tea' already ({folder}/tea.py); choose another name"
    )
    (folder / "tea.py").unlink()
    assert f"{folder}/test_tea.py is there already" in person("plugins", "new", "tea").err
    assert (folder / "test_tea.py").read_bytes() == before["test_tea.py"]
    assert not (folder / "tea.py").exists(), "nothing is written where one of the two cannot be"


# --- a package -------------------------------------------------------------------------------------------------


@pytest.mark.pure
def test_a_package_in_a_folder_of_its_own(person: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    lines = person.ok("plugins", "new", "my-tea", "--package").splitlines()
    files = {
        path.relative_to(tmp_path / "crampcoach-my-tea").as_posix()
        for path in Path("crampcoach-my-tea").resolve().rglob("*")
        if path.is_file()
    }
    assert files == package_files("reminder", "my-tea").keys()
    assert lines[0] == "wrote crampcoach-my-tea/pyproject.toml"
    assert "  crampcoach plugins install --editable crampcoach-my-tea" in lines
    assert not list(person.plugin_dir.glob("*")), "the plugin folder has no part in it"
    sentence = "crampcoach-my-tea/pyproject.toml is there already; name another folder: --package FOLDER"
    assert person.fails("plugins", "new", "my-tea", "--package") == sentence
    main = tmp_path / "crampcoach-my-tea" / "src" / "crampcoach_my_tea" / "__init__.py"
    assert person.ok("plugins", "check", str(main)).endswith(": nothing is wrong with it")


@pytest.mark.pure
def test_a_package_in_a_folder_that_is_named_and_has_other_things(person: Person, tmp_path: Path) -> None:
    folder = tmp_path / "projects" / "tea"
    folder.mkdir(parents=True)
    (folder / "LICENSE").write_text("mine")
    person.ok("plugins", "new", "tea", "--exporter", "--package", str(folder))
    assert (folder / "LICENSE").read_text() == "mine"
    assert "exporters()" in (folder / "src" / "crampcoach_tea" / "__init__.py").read_text()


@pytest.mark.pure
@pytest.mark.parametrize("purpose", PURPOSES)
def test_what_is_a_file_at_present_may_become_a_package(person: Person, tmp_path: Path, purpose: str) -> None:
    person("plugins", "new", "cocoa", *flags(purpose))
    folder, file = tmp_path / "cocoa", person.plugin_dir / "cocoa.py"
    lines = person.ok("plugins", "new", "cocoa", "--package", str(folder), *flags(purpose)).splitlines()
    assert f"  mv {file} {folder}/src/crampcoach_cocoa/__init__.py" in lines
    file.rename(file.with_stem("another"))  # what it offers is another plugin's then
    assert "'cocoa'" in person.fails("plugins", "new", "cocoa", "--package", str(tmp_path / "b"), *flags(purpose))


# --- the tests that are written, with pytest, and a running agent --------------------------------------------------


def pytest_says(nest: Nest, *paths: Path) -> str:
    """What pytest says, as a person has it who runs it."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *map(str, paths)]
    environ = nest.environment(PYTHONDONTWRITEBYTECODE="1")
    done = subprocess.run(
        command, cwd=nest.folder, env=environ, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.mark.real
@pytest.mark.parametrize("purpose", PURPOSES)
def test_the_test_that_is_written_passes_and_can_fail(tmp_path: Path, purpose: str) -> None:
    nest = Nest(tmp_path / "home")
    assert nest.run("plugins", "new", "my-tea", *flags(purpose)).code == 0
    folder = nest.home.plugin_dir
    assert "1 passed" in pytest_says(nest, folder / "test_my-tea.py")
    plugin = folder / "my-tea.py"
    plugin.write_text(plugin.read_text().replace("@hookimpl\ndef ", "@hookimpl\ndef _"))
    with pytest.raises(AssertionError, match="1 failed"):
        pytest_says(nest, folder / "test_my-tea.py")


@pytest.mark.real
def test_a_plugin_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    nest = Nest(tmp_path / "home", prefix=POWERLESS)
    folder = nest.home.plugin_dir
    folder.mkdir(parents=True, mode=0o700)
    folder.chmod(0o500)
    try:
        ended = nest.run("plugins", "new", "tea")
        assert (ended.code, ended.out) == (1, "")
        assert ended.err.count("\n") == 1
        assert str(folder) in ended.err
        assert "Permission denied" in ended.err
    finally:
        folder.chmod(0o700)
