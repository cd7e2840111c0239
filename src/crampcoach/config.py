"""Find and read config.toml: the core's tables checked, plugins' tables left raw with their lines."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

from crampcoach.checks import brief, check_range
from crampcoach.hours import Hours
from crampcoach.model import Problem
from crampcoach.options import Limits, Wrong, convert, did_you_mean, in_quotes
from crampcoach.recurrence import WEEKDAYS, parse_time

UNANSWERED = ("unknown", "auto")  # what a question of the profile says until then
YesNo: TypeAlias = Literal["unknown", "yes", "no"]
_TIME = Limits(pattern=r"^\s*([01]?[0-9]|2[0-3]):[0-5][0-9]\s*$")


@dataclass(frozen=True, slots=True)
class Day:
    """When the person's day begins and ends."""

    wake: Annotated[str, "When you usually get up; a table [day.sat] overrides single weekdays", _TIME] = "07:00"
    bed: Annotated[str, "When you usually go to bed; may be after midnight", _TIME] = "22:30"


@dataclass(frozen=True, slots=True)
class Profile:
    """What the person has said about themselves. Nobody guesses here."""

    adult: Annotated[YesNo, "Are you 18 or older?"] = "unknown"
    fluids: Annotated[Literal["unknown", "free", "limited"], "May you drink freely?"] = "unknown"
    balance: Annotated[Literal["unknown", "steady", "unsteady"], "Are you steady on your feet?"] = "unknown"
    pregnant: Annotated[YesNo, "Are you pregnant?"] = "unknown"
    anticoagulant: Annotated[YesNo, "Do you take a medicine against blood clots?"] = "unknown"
    country: Annotated[str, "Two letters, for emergency numbers; auto goes by the time zone"] = "auto"

    def __post_init__(self) -> None:
        if not re.fullmatch("auto|[A-Za-z]{2}", str(self.country)):
            raise ValueError(f"{brief(self.country)} is not accepted; write auto, or two letters such as GB")


@dataclass(frozen=True, slots=True)
class Quiet:
    """What quiet hours do."""

    enabled: Annotated[bool, "Hold reminders back from bed to wake"] = True


@dataclass(frozen=True, slots=True)
class Notify:
    """How messages reach the person."""

    order: Annotated[tuple[str, ...], "Who is asked to show a message, in this order"] = (
        "desktop",
        "plyer",
        "terminal",
    )
    max_per_day: Annotated[int, "No more reminders than this a day", Limits(ge=1, le=100)] = 8
    terminal: Annotated[str, "Opens a command in a new window, for example: xfce4-terminal -x; empty: looked for"] = ""

    def __post_init__(self) -> None:
        check_range(self.max_per_day, 1, 100)
        if self.terminal:
            import shlex

            try:
                shlex.split(self.terminal)
            except ValueError as error:
                what = str(error)[:1].lower() + str(error)[1:]
                raise ValueError(f"{brief(self.terminal)} is no command: {what}; close it, or remove it") from None


@dataclass(frozen=True, slots=True)
class PluginTable:
    """One `[plugins.NAME]` table. `raw` holds the plugin's own options; `lines` where each key stands."""

    enabled: bool = True
    schedule: str | Mapping[str, str] | None = None
    raw: Mapping[str, Any] = field(default_factory=dict)
    lines: Mapping[str, int] = field(default_factory=dict, compare=False)  # a line that moved is no change
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Config:
    """The settings in force. `path` is None where no file was found."""

    hours: Hours = field(default_factory=Hours)
    profile: Profile = Profile()
    quiet: Quiet = Quiet()
    notify: Notify = Notify()
    plugins: Mapping[str, PluginTable] = field(default_factory=dict)
    path: Path | None = None

    def table(self, plugin: str) -> PluginTable:
        """The table of a plugin; the defaults where the file has none."""
        return self.plugins.get(plugin, PluginTable())


class ConfigProblem(Problem):
    """Everything wrong with a config file's core tables. `rest` has defaults for it; None: nothing could be read."""

    def __init__(self, problems: list[str], rest: Config | None = None, text: str = "") -> None:
        super().__init__("\n".join(problems))
        self.problems, self.rest, self._text = problems, rest, text

    def mentions(self, table: str) -> bool:
        """Whether a table of the file may not count because of this."""
        if self.rest is None:
            return not self._text or table in self._text
        return any(f" {table}." in one for one in self.problems)


CORE_TABLES: Mapping[str, type] = {"profile": Profile, "quiet": Quiet, "notify": Notify}


def read_config(path: Path) -> Config:
    """The config in a file; the defaults where there is none. Raises ConfigProblem with everything wrong at once."""
    try:
        text = read_text(path)
    except FileNotFoundError:
        return Config()
    except (OSError, UnicodeDecodeError) as error:
        raise unreadable(path, error) from error
    return parse_config(path, text)


def parse_config(path: Path, text: str) -> Config:
    """The config in a text, as if it stood in that file. Raises ConfigProblem with everything wrong at once."""
    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # also a number or a nesting beyond what Python reads
        what = str(error).replace("(at end of document)", f"(at the end, line {text.rstrip().count(chr(10)) + 1})")
        raise ConfigProblem([_bare_time(path, text, what) or f"{path}: this is not TOML: {what}"], text=text) from None
    return _Reader(path, locate(text)).config(data)


def unreadable(path: Path, error: OSError | UnicodeDecodeError) -> ConfigProblem:
    """The sentence for a config file that is there but cannot be read as text."""
    why = error.strerror if isinstance(error, OSError) else error
    return ConfigProblem([f"{path}: cannot be read: {why}; put that right or remove the file"])


def read_text(path: Path) -> str:
    """The text of a config file; some editors begin it with a byte order mark. Raises OSError, UnicodeDecodeError."""
    return path.read_text(encoding="utf-8-sig")


def _bare_time(path: Path, text: str, error: str) -> str:
    """The sentence for the mistake that people make first, `bed = 23:15`; empty where TOML stumbled over another."""
    at = re.search(r"\(at line (\d+), ", error)
    number = int(at[1]) if at else 0
    found = _BARE_TIME.match(text.split("\n")[number - 1]) if number else None
    if not found:
        return ""
    headers = (_HEADER.match(line) for line in text.split("\n")[:number])
    table = ([""] + [f"{_plain(header[1])}." for header in headers if header])[-1]
    return sentence(path, number, f"{table}{_plain(found[1])}", in_quotes(found[2]))


@dataclass(slots=True)
class _Reader:
    path: Path
    lines: Mapping[str, int]
    problems: list[str] = field(default_factory=list)

    def say(self, key: str, text: str) -> None:
        place = key
        while place and place not in self.lines:
            place = place.rpartition(".")[0]
        self.problems.append(sentence(self.path, self.lines.get(place), key, text))

    def say_all(self, table: str, wrong: Iterable[Wrong]) -> None:
        for one in wrong:
            self.say(f"{table}.{one.key}" if one.key else table, one.text)

    def config(self, data: Mapping[str, Any]) -> Config:
        known = {"day", "plugins", *CORE_TABLES}
        for key in data:
            if key not in known:
                self.say(key, f"unknown table{did_you_mean(key, known)}")
        hours = self.hours(self.table(data, "day"))
        core: dict[str, Any] = {}
        for name, to in CORE_TABLES.items():
            core[name], wrong = convert(self.table(data, name), to)
            self.say_all(name, wrong)
        plugins = {name: self.plugin(name, table) for name, table in self.table(data, "plugins").items()}
        config = Config(hours=hours, plugins=plugins, path=self.path, **core)
        if self.problems:
            raise ConfigProblem(by_line(self.path, self.problems), config)
        return config

    def table(self, data: Mapping[str, Any], key: str, inside: str = "") -> Mapping[str, Any]:
        value = data.get(key, {})
        if isinstance(value, dict):
            return value
        self.say(f"{inside}{key}", f"must be a table: write [{inside}{key}] above its keys")
        return {}

    def hours(self, data: Mapping[str, Any]) -> Hours:
        usual, wrong = convert(data, Day, also=WEEKDAYS)
        self.say_all("day", wrong)
        wake, bed = self.wake_and_bed("day", usual)
        days: dict[int, tuple[time, time]] = {}
        for number, name in enumerate(WEEKDAYS):
            if name in data:
                given = {"wake": f"{wake:%H:%M}", "bed": f"{bed:%H:%M}", **self.table(data, name, "day.")}
                override, wrong = convert(given, Day)
                self.say_all(f"day.{name}", wrong)
                days[number] = self.wake_and_bed(f"day.{name}", override)
        return Hours(wake, bed, days)

    def wake_and_bed(self, table: str, day: Day) -> tuple[time, time]:
        times = [time(7), time(22, 30)]
        for number, key in enumerate(("wake", "bed")):
            try:
                times[number] = parse_time(getattr(day, key))
            except ValueError as error:
                self.say(f"{table}.{key}", str(error))
        if times[0] == times[1]:
            self.say(f"{table}.bed", "waking and going to bed at the same time leaves no day; change one of them")
        return times[0], times[1]

    def plugin(self, name: str, table: object) -> PluginTable:
        """A wrong plugin table is that plugin's trouble only: its problems rest it."""
        prefix = f"plugins.{name}"
        if not isinstance(table, dict):
            return PluginTable(problems=(sentence(self.path, self.lines.get(prefix), prefix, "must be a table"),))
        raw = dict(table)
        enabled, schedule = raw.pop("enabled", True), raw.pop("schedule", None)
        inside = f"{prefix}."
        lines = {key.removeprefix(inside): line for key, line in self.lines.items() if key.startswith(inside)}
        problems = []
        if not isinstance(enabled, bool):
            problems.append(("enabled", f"{brief(enabled)} is not accepted; write true or false"))
        texts = schedule.values() if isinstance(schedule, dict) else () if schedule is None else (schedule,)
        if not all(isinstance(text, str) for text in texts):
            bare = [in_quotes(text) for text in texts if isinstance(text, time)]
            wrong = f"{brief(schedule)} is not accepted; write a text, or schedule.NAME = text"
            problems.append(("schedule", (bare or [wrong])[0]))
        return PluginTable(
            enabled=enabled is not False,
            schedule=schedule,
            raw=raw,
            lines=lines,
            problems=tuple(sentence(self.path, lines.get(key), f"{prefix}.{key}", text) for key, text in problems),
        )


def sentence(path: Path | None, line: int | None, key: str, text: str) -> str:
    """`FILE:LINE: KEY: what is wrong`, the one form of every config problem."""
    place = f"{path}:{line}" if line else f"{path}"
    return f"{place}: {key}: {text}"


def by_line(path: Path, problems: Iterable[str]) -> list[str]:
    """Sentences in the order of the lines of the file that they are about; those without a line come last."""
    line = re.compile(rf"{re.escape(str(path))}:(\d+): ")
    return sorted(problems, key=lambda one: int(found[1]) if (found := line.match(one)) else float("inf"))


_PART = r"""(?:[\w-]+|"[^"]*"|'[^']*')"""
_NAME = rf"\s*({_PART}(?:\s*\.\s*{_PART})*)\s*"
_HEADER = re.compile(rf"\s*\[{{1,2}}{_NAME}\]{{1,2}}\s*(?:#.*)?$")
_KEY = re.compile(rf"{_NAME}=")
_BARE_TIME = re.compile(rf"{_NAME}=\s*(\d{{1,2}}:\d\d)(?::\d\d)?\s*(?:#.*)?$")


def locate(text: str) -> dict[str, int]:
    """The line of every table and key, by dotted name: tomllib does not tell. Wrong inside a multi-line text."""
    lines: dict[str, int] = {}
    table = ""
    for number, line in enumerate(text.split("\n"), 1):
        if header := _HEADER.match(line):
            table = _plain(header[1])
            lines.setdefault(table, number)
        elif key := _KEY.match(line):
            lines.setdefault(f"{table}.{_plain(key[1])}".lstrip("."), number)
    # A table that has no header of its own stands where its first key does.
    for name, number in sorted(lines.items(), key=lambda item: item[1]):
        parent = name
        while parent := parent.rpartition(".")[0]:
            lines.setdefault(parent, number)
    return lines


def _plain(key: str) -> str:
    return ".".join(part.strip().strip("\"'") for part in key.split("."))
