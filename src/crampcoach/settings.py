"""The settings in force: config.toml, its profile filled in with what the person has answered since."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from crampcoach.config import Config, ConfigProblem, read_config
from crampcoach.home import Home
from crampcoach.store import Store
from crampcoach.store.profile import in_force

#: What has changed where nothing has.
NOTHING = "nothing"
#: The tables whose changes are named when a config is read again.
_TABLES = ("hours", "profile", "quiet", "notify")


@dataclass(slots=True, kw_only=True)
class Settings:
    """Reads the settings, and notices when they change."""

    home: Home
    store: Callable[[], Store]
    _file: Config = field(default_factory=Config)
    #: None: to be read anew. Not an empty one, which is that of a home without any file.
    _seen: tuple[object, ...] | None = None
    _in_force: Config = field(default_factory=Config)

    def start(self, config: Config) -> Config:
        """Take up a config that was read; what is in force with it."""
        self._seen = self.home.signature()
        self._file = config
        self._in_force = self._with_answers(config)
        return self._in_force

    def forget(self) -> None:
        """Read everything anew at the next `changed`."""
        self._seen = None

    def changed(self) -> Config | None:
        """What is in force now if a file or an answer has changed it; else None. Raises ConfigProblem once a change."""
        signature = self.home.signature()
        read, config = signature != self._seen, self._file
        if read:
            try:
                config = read_config(self.home.config_file)
            except ConfigProblem:
                self._seen = signature
                raise
        found = self._with_answers(config)
        # Only now: what could not be worked out is noticed again.
        before, self._seen, self._file, self._in_force = self._in_force, signature, config, found
        return found if read or found != before else None

    def _with_answers(self, config: Config) -> Config:
        return replace(config, profile=in_force(config.profile, self.store().log.connection))


def differences(before: Config, after: Config, plugins: Mapping[str, str]) -> str:
    """Which tables and plugins a change has touched, in words; with each plugin stands why."""
    parts = [name for name in _TABLES if getattr(before, name) != getattr(after, name)]
    return ", ".join([*parts, *(f"plugin {name} ({why})" for name, why in sorted(plugins.items()))]) or NOTHING
