"""The files that `plugins new` begins a plugin with: those in `crampcoach/scaffolds`, with the plugin's own name.

They are plugins and tests that run as they stand, so that they are linted, typed and tested like anything else here.
"""

from __future__ import annotations

import re
from importlib.resources import files

from crampcoach import __version__

#: What a plugin may be for; each has two files, for itself and for its test.
PURPOSES = ("reminder", "explainer", "exporter", "notifier", "command")
#: The time of the reminder in the scaffold.
NOMINAL = "15:00"
#: How a test finds the file beside it; that of a package finds its plugin by the entry point.
_BESIDE = ("from pathlib import Path\n\n", '\nPLUGIN = Path(__file__).with_name("example.py")\n', ", PLUGIN")


def module_name(name: str) -> str:
    """The module of a package with this plugin."""
    return f"crampcoach_{name.replace('-', '_')}"


def plugin_file(purpose: str, name: str, at: str = NOMINAL) -> str:
    """The plugin; `at` is when the reminder comes that it may have."""
    return _named(_read(f"{purpose}.py"), name).replace(f'schedule="{NOMINAL}"', f'schedule="{at}"')


def file_of_test(purpose: str, name: str) -> str:
    """The test beside it."""
    return _named(_read(f"test_{purpose}.py"), name)


def package_files(purpose: str, name: str) -> dict[str, str]:
    """Everything that a package with this plugin is made of, by its path."""
    test = _read(f"test_{purpose}.py")
    for part in _BESIDE:
        test = test.replace(part, "")
    project = _read("package/pyproject.toml").replace("crampcoach>=0.1", f"crampcoach>={__version__}")
    return {
        "pyproject.toml": _named(project, name),
        "README.md": _named(_read("package/README.md"), name),
        f"src/{module_name(name)}/__init__.py": plugin_file(purpose, name),
        f"tests/test_{name.replace('-', '_')}.py": _named(test, name),
    }


def _read(path: str) -> str:
    return files("crampcoach").joinpath("scaffolds", *path.split("/")).read_text(encoding="utf-8")


def _named(text: str, name: str) -> str:
    title = re.sub(r"[-_]+", " ", name).strip().capitalize()
    text = text.replace("crampcoach_example", module_name(name))
    return re.sub(r"\bExample\b", title, re.sub(r"\bexample\b", name, text))
