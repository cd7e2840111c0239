"""The plugins in examples/plugins, as a person copies them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from coaching import coach_of
from crampcoach.testing import Coach

FOLDER = Path(__file__).resolve().parent.parent / "examples" / "plugins"
NAMES = sorted(path.stem for path in FOLDER.glob("*.py"))


def source(name: str) -> str:
    return (FOLDER / f"{name}.py").read_text(encoding="utf-8")


def coach_with(folder: Path, name: str, *others: str, **given: Any) -> Coach:
    """A Coach that runs an example as a file in its plugin folder, and these bundled plugins."""
    return coach_of(folder, *others, sources={name: source(name)}, **given)
