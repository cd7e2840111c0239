"""What importing a plugin costs the agent is measured in a process that has what the agent has."""

from __future__ import annotations

from pathlib import Path

import pytest

from coffee import COFFEE
from crampcoach.cli.lint.import_cost import import_cost
from person import put

pytestmark = pytest.mark.real


def test_an_import_is_measured_with_what_it_brings_along(tmp_path: Path) -> None:
    light = import_cost("", put(tmp_path, COFFEE, "light.py"))
    heavy = import_cost("", put(tmp_path, f"import click, msgspec\nprint('noise')\n{COFFEE}", "heavy.py"))
    assert light
    assert light.brought == ()
    assert heavy
    assert {"click", "msgspec"} <= set(heavy.brought)
    assert heavy.milliseconds > light.milliseconds
    assert import_cost("", put(tmp_path, "raise OSError", "broken.py")) is None
    installed = import_cost("crampcoach_terminal", None)
    assert installed
    assert installed.brought == ()
