"""Writes config.example.toml, and config.schema.json beside it: `make example`. Tests fail while they are stale."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from crampcoach.config_text import example, schema
from crampcoach.loading import Loaded


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
    loaded = bundled()
    text = example(loaded)
    if sys.argv[1:]:
        Path(sys.argv[1]).write_text(text, encoding="utf-8")
        described = json.dumps(schema(loaded, loaded), indent=2, ensure_ascii=False)
        Path(sys.argv[1]).with_name("config.schema.json").write_text(f"{described}\n", encoding="utf-8")
    else:
        sys.stdout.write(text)
