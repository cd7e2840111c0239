"""Every setting, as a text for people to edit and as a JSON Schema for their editor, from the dataclasses that read it.

`config.example.toml` and `config.schema.json` are these for the bundled plugins; `crampcoach config init` and
`crampcoach config schema` are these for the plugins that a person has.
"""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from typing import Any

from crampcoach.config import CORE_TABLES, Config, Day
from crampcoach.config_edit import spell
from crampcoach.loading import Loaded
from crampcoach.options import default_of, document, schema_of
from crampcoach.recurrence import WEEKDAYS
from crampcoach.toml_places import spell_key

#: What a plugin's table may hold for the core.
SCHEDULE = 'When it reminds, such as "21:30", "mon-fri 18:00" or "30m before bed"; schedule.NAME where it has several'

EXAMPLE_HEAD = """\
#:schema ./config.schema.json
# crampcoach: every setting with its default. Copy what you want to change to the file that `crampcoach config path`
# names, or have `crampcoach config init` write that file. Without a file the defaults are in force.
# `crampcoach config check` says what is wrong, `crampcoach config show` what is in force.
"""
OWN_HEAD = """\
# crampcoach's settings. A line such as #bed = "22:30" shows a setting with its default: to change one, remove its #
# and write your value. What you leave as it is follows the defaults of later versions.
# A running agent follows within a minute after you have saved this file. `crampcoach config check` says what is
# wrong, `crampcoach config show` what is in force. `crampcoach config schema` prints a JSON Schema for your editor.
"""
PLUGINS_HEAD = """\
# A plugin is on unless its table says `enabled = false`. `schedule` takes the place of its reminder's own
# (schedule.NAME = "..." where it has several): "21:30", "mon-fri 18:00, 21:30", "weekends 10:00",
# "every 2h 09:00-18:00", "30m before bed", "1h after wake".
"""


def example(loaded: Mapping[str, Loaded]) -> str:
    """Every setting of the core and these plugins, with its default."""
    return "\n".join([EXAMPLE_HEAD, *_blocks(loaded, loaded)])


def to_begin_with(names: Iterable[str], loaded: Mapping[str, Loaded]) -> str:
    """The same for a person's own file: the tables are there, the keys commented out, so that none is pinned for ever.

    Of plugins that could not be loaded it has the table only.
    """
    lines = "\n".join(_blocks(names, loaded)).split("\n")
    return "\n".join([OWN_HEAD, *(f"#{line}" if line and line[0] not in "#[" else line for line in lines)])


def _blocks(names: Iterable[str], loaded: Mapping[str, Loaded]) -> Iterator[str]:
    """A text for each table, each with the end of its last line."""
    yield "".join(f"{line}\n" for line in ("[day]", *_options(Day), "#[day.sat]", '#bed = "23:30"'))
    for name, of in CORE_TABLES.items():
        yield "".join(f"{line}\n" for line in (f"[{name}]", *_options(of)))
    yield PLUGINS_HEAD
    for name in sorted(names):
        yield "".join(f"{line}\n" for line in _plugin(name, loaded.get(name)))


def _options(of: type) -> Iterator[str]:
    for one, description, accepted in document(of):
        yield from _comment(f"{description} ({accepted})" if description else accepted)
        try:
            default = spell(default_of(one))
        except ValueError:  # None, or a type that only Python knows
            yield f"# {one.name}: not set"
        else:
            yield f"{one.name} = {default}"


def _comment(text: str) -> list[str]:
    return textwrap.wrap(text, 120, initial_indent="# ", subsequent_indent="# ", break_on_hyphens=False)


def _plugin(name: str, one: Loaded | None) -> Iterator[str]:
    yield from _comment(_about(one))
    yield f"[{spell_key('plugins', name)}]"
    yield "enabled = true"
    for planned in one.plan if one else ():
        key = "schedule" if one and len(one.plan) == 1 else spell_key("schedule", planned.reminder.name)
        yield f"{key} = {spell(planned.reminder.schedule)}"
    if one and one.options_type:
        yield from _options(one.options_type)


def _about(one: Loaded | None) -> str:
    """What a plugin says of itself first."""
    return " ".join((one.plugin.module.__doc__ or "").strip().partition("\n\n")[0].split()) if one else ""


def schema(names: Iterable[str], loaded: Mapping[str, Loaded]) -> dict[str, Any]:
    """The JSON Schema of a config file. Plugins that are not here or could not be loaded may have any options."""
    day = {**schema_of(Day), "description": inspect.getdoc(Day)}
    times = {key: {name: of for name, of in one.items() if name != "default"} for key, one in day["properties"].items()}
    for name in WEEKDAYS:
        day["properties"][name] = {"type": "object", "properties": times, "additionalProperties": False}
    core = {name: {**schema_of(of), "description": inspect.getdoc(of)} for name, of in CORE_TABLES.items()}
    plugins = {
        "description": "A table for each plugin",
        "type": "object",
        "properties": {name: _plugin_schema(loaded.get(name)) for name in sorted(names)},
        "additionalProperties": _plugin_schema(None),
    }
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "crampcoach's config.toml",
        "type": "object",
        "properties": {"day": day, **core, "plugins": plugins},
        "additionalProperties": False,
    }


def _plugin_schema(one: Loaded | None) -> dict[str, Any]:
    texts = {"type": "object", "additionalProperties": {"type": "string"}}
    schedule: dict[str, Any] = {"description": SCHEDULE, "anyOf": [{"type": "string"}, texts]}
    if one and len(one.plan) == 1:
        schedule["default"] = one.plan[0].reminder.schedule
    enabled = {"description": "Whether the plugin is used", "type": "boolean", "default": True}
    own = schema_of(one.options_type) if one and one.options_type else {"properties": {}}
    about = {"description": text} if (text := _about(one)) else {}
    properties = {"enabled": enabled, "schedule": schedule, **own["properties"]}
    return {**about, "type": "object", "properties": properties, "additionalProperties": one is None}


def as_tables(config: Config) -> dict[str, Any]:
    """The config in force as TOML data, with every default filled in."""
    hours = config.hours
    day: dict[str, Any] = {"wake": f"{hours.wake:%H:%M}", "bed": f"{hours.bed:%H:%M}"}
    for number, (wake, bed) in sorted(hours.days.items()):
        day[WEEKDAYS[number]] = {"wake": f"{wake:%H:%M}", "bed": f"{bed:%H:%M}"}
    tables: dict[str, Any] = {"day": day}
    for name, of in CORE_TABLES.items():
        plain = {one.name: getattr(getattr(config, name), one.name) for one in fields(of)}
        tables[name] = {key: list(item) if isinstance(item, tuple) else item for key, item in plain.items()}
    return tables
