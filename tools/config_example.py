"""Writes config.example.toml from the dataclasses that read it: `make example`. A test fails while it is stale."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from crampcoach.config import CORE_TABLES, Day
from crampcoach.loading import Loaded
from crampcoach.options import default_of, document

HEAD = """\
# crampcoach: every setting with its default. Copy what you want to change to the file that
# `crampcoach config path` names; without a file the defaults are in force.
# `crampcoach config check` says what is wrong, `crampcoach config show` what is in force.
"""
SCHEDULES = """\
# A plugin is on unless its table says `enabled = false`. `schedule` takes the place of its reminder's own
# (schedule.NAME = "..." where it has several): "21:30", "mon-fri 18:00, 21:30", "weekends 10:00",
# "every 2h 09:00-18:00", "30m before bed", "1h after wake".
"""


def example(loaded: Mapping[str, Loaded]) -> str:
    """The example for the core and these plugins."""
    blocks = [HEAD, "\n".join(_table("day", Day)) + '\n# [day.sat]\n# bed = "23:30"\n']
    blocks += ["\n".join(_table(name, of)) + "\n" for name, of in CORE_TABLES.items()]
    blocks.append(SCHEDULES)
    blocks += ["\n".join(_plugin(one)) + "\n" for _, one in sorted(loaded.items())]
    return "\n".join(blocks)


def _table(name: str, of: type) -> Iterator[str]:
    yield f"[{name}]"
    yield from _options(of)


def _options(of: type) -> Iterator[str]:
    for one, description, accepted in document(of):
        yield f"# {description} ({accepted})"
        yield f"{one.name} = {_toml(default_of(one))}"


def _plugin(one: Loaded) -> Iterator[str]:
    yield f"# {(one.plugin.module.__doc__ or '').strip().splitlines()[0]}"
    yield f"[plugins.{one.name}]"
    yield "enabled = true"
    for planned in one.plan:
        key = "schedule" if len(one.plan) == 1 else f"schedule.{planned.reminder.name}"
        yield f"{key} = {_toml(planned.reminder.schedule)}"
    if one.options_type:
        yield from _options(one.options_type)


def _toml(value: Any) -> str:
    import tomli_w

    return tomli_w.dumps({"x": list(value) if isinstance(value, tuple) else value}).removeprefix("x = ").strip()


def bundled() -> dict[str, Loaded]:
    """The bundled plugins, as they are on the defaults."""
    from crampcoach.clock import SystemClock
    from crampcoach.config import Config
    from crampcoach.context import ContextMaker
    from crampcoach.home import find_home
    from crampcoach.loading import load_plugin
    from crampcoach.plugins import discover

    clock = SystemClock()
    now, maker = clock.now().astimezone(clock.zone()), ContextMaker(find_home())
    found = discover(Path("/nonexistent"))
    return {name: load_plugin(one, Config(), maker, now) for name, one in found.items() if one.origin == "bundled"}


if __name__ == "__main__":
    text = example(bundled())
    if sys.argv[1:]:
        Path(sys.argv[1]).write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)
