"""`plugins install` and `plugins uninstall`: real packages in a clean environment, and refusals that say what to do."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from agent_process import POWERLESS, Ended, agent
from clean_venv import TOP, Installed, build, environment, run
from coffee import COFFEE
from crampcoach.cli.pip_environment import Environment, check_environment, note_on, packages_with_plugins
from crampcoach.cli.plugin_install import RIGHTS
from crampcoach.model import Problem
from person import Person

# --- where it cannot be done -----------------------------------------------------------------------------------


@pytest.fixture
def here(tmp_path: Path) -> Environment:
    """An environment in which everything works."""
    for name in ("stdlib", "site"):
        (tmp_path / name).mkdir()
    return Environment(
        python="/here/bin/python",
        prefix=tmp_path,
        stdlib=tmp_path / "stdlib",
        site=tmp_path / "site",
        own=True,
        pip=True,
    )


def refusal(here: Environment, *packages: str) -> str:
    with pytest.raises(Problem) as problem:
        check_environment(here, packages)
    return str(problem.value)


@pytest.mark.pure
def test_where_pip_works_nothing_is_said(here: Environment) -> None:
    check_environment(here, ["tea"])
    assert note_on(here) == ""


@pytest.mark.pure
def test_the_systems_own_python_is_left_alone(here: Environment) -> None:
    (here.stdlib / "EXTERNALLY-MANAGED").touch()
    check_environment(here, ["tea"])
    assert refusal(replace(here, own=False, pip=False), "tea") == (
        f"crampcoach is installed in the system's own Python ({here.prefix}), whose packages are not pip's to change; "
        "install crampcoach in an environment of its own, for example: pipx install crampcoach"
    )


@pytest.mark.pure
@pytest.mark.parametrize(
    ("mark", "sentence"),
    [
        (
            "",
            "to get it: /here/bin/python -m ensurepip; or with uv: uv pip install --python /here/bin/python tea 'a b'",
        ),
        (
            "pipx_metadata.json",
            "pipx made it: pipx inject crampcoach tea 'a b'; and to remove it again: pipx uninject ",
        ),
        ("uv-receipt.toml", "uv made it: uv tool install crampcoach --with tea 'a b'; without --with it is removed"),
    ],
)
def test_without_pip_it_says_what_to_type(here: Environment, mark: str, sentence: str) -> None:
    if mark:
        (here.prefix / mark).touch()
    said = refusal(replace(here, pip=False), "tea", "a b")
    assert said.startswith(f"there is no pip in crampcoach's environment ({here.prefix}); {sentence}")


@pytest.mark.pure
def test_what_pipx_does_not_know_is_said(here: Environment) -> None:
    (here.prefix / "pipx_metadata.json").touch()
    assert note_on(here) == "pipx does not know of it: after `pipx reinstall` install it again"


@pytest.mark.pure
def test_this_checkout_is_a_package_with_plugins() -> None:
    assert "stretching" in packages_with_plugins()["crampcoach"].plugins


# --- words that are refused ------------------------------------------------------------------------------------


@pytest.mark.pure
@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["install", "crampcoach"], "that is crampcoach itself, and is updated by what installed it, not from here"),
        (["install", "CrampCoach==9"], "that is crampcoach itself"),
        (["install", "./tea"], "there is no file or folder tea"),
        (["install", "tea-1.0-py3-none-any.whl"], "there is no file or folder tea-1.0-py3-none-any.whl"),
        (["install", "--", "-r", "x"], "'-r' is no package; options of pip are not taken here"),
        (["install", "--editable", "nowhere"], "there is no folder nowhere; --editable takes a project's folder"),
        (["uninstall", "Cramp_Coach"], "no package 'Cramp_Coach' with plugins is installed"),
        (["uninstall", "crampcoach"], "crampcoach itself is not uninstalled from here; what installed it does that"),
        (["uninstall", "stretching"], "is a part of crampcoach; switch it off: crampcoach plugins disable stretching"),
        (["uninstall", "strechting"], "there is no package with plugins 'strechting'; did you mean 'stretching'?"),
        (["uninstall", "coffee"], "coffee is a file of yours; to be rid of it, remove {folder}/coffee.py"),
        (["uninstall", "click"], "no package 'click' with plugins is installed; to remove any other: {python} -m pip "),
    ],
)
def test_what_is_not_done_from_here(person: Person, words: list[str], sentence: str) -> None:
    person.drop(COFFEE, "coffee")
    said = person.fails("plugins", *words)
    assert sentence.format(folder=person.plugin_dir, python=sys.executable) in said


@pytest.mark.pure
def test_without_a_package_it_is_a_wrong_use(person: Person) -> None:
    said = person.fails("plugins", "install", status=2)
    assert said == "name a package, or a folder with --editable"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """What pip would have been asked; nothing is installed."""
    words: list[tuple[str, ...]] = []
    monkeypatch.setattr("crampcoach.cli.plugin_install.pip", lambda _here, given: words.append(tuple(given)))
    return words


@pytest.mark.pure
def test_nothing_is_installed_without_consent(person: Person, asked: list[tuple[str, ...]]) -> None:
    said = person("plugins", "install", "tea")
    sentence = "nothing was installed: there is no terminal here to ask in; --yes says that you trust it"
    assert (said.status, said.err) == (1, f"crampcoach: {sentence}\n")
    assert said.out == f"{RIGHTS}\n"
    for answer in ("n", ""):
        said = person("plugins", "install", "tea", "cocoa", typed=[answer])
        assert "Install tea, cocoa? [y/N]" in said.out
        assert (said.status, said.err) == (1, "crampcoach: nothing was installed\n")
    assert asked == []
    assert "It is installed, and brings no new plugin; " in person.ok("plugins", "install", "tea", "cocoa", typed=["y"])
    assert asked == [("install", "--", "tea", "cocoa")]


@pytest.mark.pure
def test_what_pip_is_given(
    person: Person, asked: list[tuple[str, ...]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project, wheel = tmp_path / "tea", tmp_path / "x.whl"
    project.mkdir()
    wheel.touch()
    monkeypatch.chdir(tmp_path)
    person.ok("plugins", "install", "--yes", "-U", "x.whl", "tea>=1", "-e", "tea")
    assert asked == [("install", "--upgrade", "--editable", str(project), "--", str(wheel), "tea>=1")]


# --- a real package in a clean environment ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment with crampcoach, its dependencies and pip in it."""
    folder = tmp_path_factory.mktemp("clean")
    return environment(build(TOP, folder / "dist", "--wheel"), folder / "venv")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, python: Path) -> Path:
    """A package with the plugin `my-tea`, as `plugins new --package` writes it."""
    folder = tmp_path_factory.mktemp("project") / "crampcoach-my-tea"
    run(python, "-m", "crampcoach", "plugins", "new", "my-tea", "--package", folder, CRAMPCOACH_HOME=str(folder.parent))
    return folder


def states(nest: Installed) -> dict[str, tuple[str, str]]:
    return {row["name"]: (row["state"], row["origin"]) for row in nest.asked("plugins", "list")}


@pytest.fixture
def nest(python: Path, tmp_path: Path) -> Iterator[Installed]:
    """No index is asked, and nothing is built apart from what is there. At the end the plugin is gone again."""
    env = {"PIP_NO_INDEX": "1", "PIP_NO_BUILD_ISOLATION": "0", "PIP_CONFIG_FILE": os.devnull}
    made = Installed(tmp_path / "home", env, python=python)
    yield made
    if "my-tea" in states(made):
        made.prefix = ()
        made.run("plugins", "uninstall", "my-tea")
    assert "my-tea" not in states(made)


@pytest.mark.real
def test_a_wheel_adds_its_plugin_and_uninstalling_takes_it_away(nest: Installed, project: Path) -> None:
    wheel = build(project, nest.folder.parent / "dist", "--wheel")
    ended = nest.run("plugins", "install", "--yes", str(wheel))
    assert ended == Ended(
        0,
        f"{RIGHTS}\ninstalling {wheel} ...\nmy-tea  on  crampcoach-my-tea 0.1.0\nNo agent is running.\n",
        "",
    )
    assert states(nest)["my-tea"] == ("on", "crampcoach-my-tea 0.1.0")
    assert nest.run("plugins", "check", "my-tea").out == "my-tea: nothing is wrong with it\n"
    nest.configure("[plugins.my-tea]\nschedule = '16:00'\n")
    again = nest.run("plugins", "install", "--yes", str(wheel))
    assert again.out.endswith("It is installed, and brings no new plugin; no agent is running.\n")
    ended = nest.run("plugins", "uninstall", "crampcoach_my.tea")
    assert ended.out == (
        "uninstalled crampcoach-my-tea, with the plugin my-tea; no agent is running\n"
        f"{nest.home.config_file} still has [plugins.my-tea], which `config check` will name.\n"
    )


@pytest.mark.real
def test_a_project_is_installed_so_that_its_changes_count(nest: Installed, project: Path) -> None:
    ended = nest.run("plugins", "install", "--yes", "--editable", str(project))
    assert (ended.code, ended.err) == (0, "")
    assert "my-tea  on  crampcoach-my-tea 0.1.0\n" in ended.out
    main = project / "src" / "crampcoach_my_tea" / "__init__.py"
    text = main.read_text()
    try:
        main.write_text(text.replace("Time for my-tea?", "Tea?").replace("api = 1", "api = 2"))
        assert states(nest)["my-tea"][0] == "resting"
        ended = nest.run("plugins", "check", "my-tea")
        assert ended.out.startswith(f"{main}:7: error: api = 2, and this crampcoach has plugin API 1; ")
        # The test that was written beside it, in that environment.
        main.write_text(text)
        assert "1 passed" in run(nest.python, "-m", "pytest", "-p", "no:cacheprovider", project)
    finally:
        main.write_text(text)


@pytest.mark.real
def test_an_agent_that_runs_follows(nest: Installed, project: Path) -> None:
    wheel = build(project, nest.folder.parent / "dist", "--wheel")
    with agent(nest) as running:
        ended = nest.run("plugins", "install", "--yes", str(wheel))
        assert ended.out.endswith("The running agent follows.\n")
        running.wait_line("plugin my-tea", 10)
        assert "my-tea.daily" in {row["reminder"] for row in nest.asked("plan")}
        before = len(running.lines)
        ended = nest.run("plugins", "uninstall", "My_Tea")
        assert ended.out == "uninstalled crampcoach-my-tea, with the plugin my-tea; the running agent follows\n"
        running.wait_line("plugin my-tea", 10, after=before)
        assert nest.asked("status")["running"]
        running.stop()


@pytest.mark.real
def test_what_pip_says_is_shown_where_it_fails(nest: Installed, tmp_path: Path) -> None:
    broken = tmp_path / "tea-1.0-py3-none-any.whl"
    broken.write_text("no wheel")
    ended = nest.run("plugins", "install", "--yes", str(broken))
    assert ended.code == 1
    assert ended.err.startswith("crampcoach: pip did not install it:\n  ERROR: ")
    ended = nest.run("plugins", "install", "--yes", "crampcoach-nothing-of-that-name")
    assert ended.code == 1
    assert "No matching distribution found" in ended.err


@pytest.mark.real
def test_a_plugin_for_another_crampcoach_is_refused_and_nothing_changes(
    nest: Installed, project: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    shutil.copytree(project, other)
    file = other / "pyproject.toml"
    text = file.read_text()
    file.write_text(text.replace("crampcoach>=", "crampcoach>9, >="))
    ended = nest.run("plugins", "install", "--yes", str(other))
    assert ended.code == 1
    assert "crampcoach" in ended.err
    assert "my-tea" not in states(nest)


@pytest.mark.real
def test_an_environment_that_cannot_be_written_is_one_sentence(nest: Installed, project: Path) -> None:
    site = next(nest.python.parent.parent.glob("lib/*/site-packages"))
    nest.prefix = POWERLESS
    if os.getuid() == 0:
        os.chown(site, 65534, 65534)
    site.chmod(0o555)
    try:
        ended = nest.run("plugins", "install", "--yes", str(project))
        assert (ended.code, ended.out) == (1, "")
        assert ended.err == (
            f"crampcoach: {site} cannot be written by you; ask whoever installed crampcoach there, "
            "or install crampcoach in an environment of your own\n"
        )
    finally:
        site.chmod(0o755)
        if os.getuid() == 0:
            os.chown(site, 0, 0)
