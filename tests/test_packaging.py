"""What is built can be installed and has everything in it; what is written down about it is true."""

from __future__ import annotations

import json
import runpy
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

from clean_venv import TOP, build, environment, run
from crampcoach.config import Config, read_config
from crampcoach.config_text import as_tables

pytestmark = pytest.mark.real

EXAMPLE = TOP / "config.example.toml"
SCHEMA = TOP / "config.schema.json"


def project() -> dict[str, object]:
    data: dict[str, object] = tomllib.loads((TOP / "pyproject.toml").read_text())["project"]
    return data


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist, and the wheel that was built from it."""
    return build(TOP, tmp_path_factory.mktemp("dist")).parent


@pytest.fixture(scope="module")
def installed(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment with the wheel in it."""
    (wheel,) = built.glob("*.whl")
    return environment(wheel, tmp_path_factory.mktemp("venv"))


def source_files() -> set[str]:
    roots = ((TOP / "src", "crampcoach"), (TOP / "plugins", "crampcoach_*"))
    return {
        path.relative_to(root).as_posix()
        for root, pattern in roots
        for top in root.glob(pattern)
        for path in top.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_the_wheel_has_the_core_and_every_plugin(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert {"crampcoach/py.typed", "crampcoach/cli/__init__.py", "crampcoach_stretching/__init__.py"} <= names
    assert names == source_files()


def test_the_sdist_has_what_building_and_testing_need(built: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    for path in ("pyproject.toml", "README.md", "LICENSE", "src/crampcoach/py.typed", "tests/test_packaging.py"):
        assert path in names
    assert {f"{'src' if name.startswith('crampcoach/') else 'plugins'}/{name}" for name in source_files()} <= names


def test_entry_points_are_the_folders_in_plugins() -> None:
    points = project()["entry-points"]
    assert isinstance(points, dict)
    folders = {path.name for path in (TOP / "plugins").iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert points["crampcoach"] == {name.removeprefix("crampcoach_"): name for name in folders}


def test_every_entry_point_loads_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    ask = """
import json
from importlib import metadata
import crampcoach
points = metadata.entry_points(group="crampcoach")
print(json.dumps([crampcoach.__file__, {point.name: point.load().__file__ for point in points}]))
"""
    core, plugins = json.loads(run(installed, "-c", ask, cwd=tmp_path))
    expected = project()["entry-points"]
    assert isinstance(expected, dict)
    assert set(plugins) == set(expected["crampcoach"])
    for path in (core, *plugins.values()):
        assert Path(path).is_relative_to(installed.parent.parent), path


def test_the_installed_command_works(installed: Path, tmp_path: Path) -> None:
    command = installed.with_name("crampcoach")
    assert run(command, "--version", cwd=tmp_path).split() == ["crampcoach", version()]
    rows = json.loads(run(command, "plugins", "list", "--json", cwd=tmp_path, CRAMPCOACH_HOME=str(tmp_path / "home")))
    assert {(row["origin"], row["state"], row["version"]) for row in rows} == {("bundled", "on", version())}


def version() -> str:
    import crampcoach

    return crampcoach.__version__


def test_the_lock_names_no_host() -> None:
    lines = (TOP / "requirements.lock").read_text().splitlines()
    assert any(line.startswith("click==") for line in lines)
    for line in lines:
        assert not any(word in line for word in ("://", "--index", "--extra-index", "--find-links", "--trusted")), line


def test_the_lock_has_every_dependency_with_a_hash() -> None:
    text = (TOP / "requirements.lock").read_text().replace("\\\n", " ")
    locked = {line.partition("==")[0]: line for line in text.splitlines() if "==" in line and not line.startswith("#")}
    named = project()["dependencies"]
    assert isinstance(named, list)
    groups = tomllib.loads((TOP / "pyproject.toml").read_text())["dependency-groups"]["test"]
    for one in [*named, *groups]:
        name = one.split(";")[0].split(">")[0].strip()
        assert "--hash=sha256:" in locked.get(name, ""), f"{name} is not in the lock: run `make lock`"


def test_the_example_config_is_up_to_date() -> None:
    printed = run(sys.executable, TOP / "tools" / "config_example.py")
    assert EXAMPLE.read_text() == printed, "run `make example`"


def test_the_schema_of_the_config_is_up_to_date(tmp_path: Path) -> None:
    run(sys.executable, TOP / "tools" / "config_example.py", tmp_path / "config.example.toml")
    assert SCHEMA.read_text() == (tmp_path / "config.schema.json").read_text(), "run `make example`"
    assert EXAMPLE.read_text().startswith(f"#:schema ./{SCHEMA.name}\n")


def test_the_installed_command_has_the_example_and_the_schema(installed: Path, tmp_path: Path) -> None:
    command, home = installed.with_name("crampcoach"), str(tmp_path / "home")
    run(command, "config", "init", cwd=tmp_path, CRAMPCOACH_HOME=home)
    text = (tmp_path / "home" / "config" / "config.toml").read_text()
    settings = [line for line in EXAMPLE.read_text().splitlines() if line and not line.startswith("#")]
    assert [line.removeprefix("#") for line in text.splitlines() if line.removeprefix("#") in settings] == settings
    assert json.loads(run(command, "config", "schema", CRAMPCOACH_HOME=home)) == json.loads(SCHEMA.read_text())


def test_the_example_config_is_the_defaults() -> None:
    config, defaults = read_config(EXAMPLE), Config()
    assert as_tables(config) == as_tables(defaults)
    loaded = runpy.run_path(str(TOP / "tools" / "config_example.py"))["bundled"]()
    assert set(config.plugins) == set(loaded)
    for name, table in config.plugins.items():
        assert table.enabled
        assert not table.problems
        options = loaded[name].options
        given = {key: tuple(value) if isinstance(value, list) else value for key, value in table.raw.items()}
        assert (loaded[name].options_type(**given) if loaded[name].options_type else None) == options
        plan = {planned.reminder.name: planned.rule.text for planned in loaded[name].plan}
        assert (table.schedule or {}) == (plan if len(plan) != 1 else next(iter(plan.values())))


def test_the_example_config_is_found_right_by_the_program(tmp_path: Path) -> None:
    folder = tmp_path / "config"
    folder.mkdir()
    (folder / "config.toml").write_text(EXAMPLE.read_text())
    said = run(sys.executable, "-m", "crampcoach", "config", "check", CRAMPCOACH_HOME=str(tmp_path))
    assert said == f"{folder}/config.toml is right.\n"
