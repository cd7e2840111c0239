"""Where crampcoach keeps its files, and making them readable by their owner only."""

from __future__ import annotations

import errno
import os
import warnings
import zlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from crampcoach.model import Problem

#: A Unix socket's path may not be longer than this on every system.
_SOCKET_PATH = 100


@dataclass(frozen=True, slots=True)
class Home:
    """The folders for settings, the person's data, and what only lives while the agent runs."""

    config_dir: Path
    data_dir: Path
    runtime_dir: Path

    @property
    def config_file(self) -> Path:
        """The settings."""
        return self.config_dir / "config.toml"

    @property
    def plugin_dir(self) -> Path:
        """Where the person's own plugin files lie."""
        return self.config_dir / "plugins"

    @property
    def log_db(self) -> Path:
        """The person's entries."""
        return self.data_dir / "log.db"

    @property
    def state_db(self) -> Path:
        """What the agent must not forget."""
        return self.data_dir / "state.db"

    @property
    def backup_dir(self) -> Path:
        """The backups of both files."""
        return self.data_dir / "backups"

    @property
    def lock_file(self) -> Path:
        """Held by the one agent of this data folder."""
        return self.data_dir / "agent.lock"

    @property
    def socket_file(self) -> Path:
        """Named after the data folder, so that agents of different homes never meet."""
        name = f"{zlib.crc32(os.fsencode(self.data_dir.absolute())):08x}.sock"
        path = self.runtime_dir / name
        if len(os.fsencode(path)) <= _SOCKET_PATH:
            return path
        import tempfile

        return Path(tempfile.gettempdir()) / f"crampcoach-{os.getuid() if hasattr(os, 'getuid') else 0}" / name

    def data_size(self) -> int:
        """Bytes in both database files."""
        size = 0
        for path in (self.log_db, self.state_db):
            with suppress(OSError):
                size += path.stat().st_size
        return size

    def signature(self) -> tuple[object, ...]:
        """Changes whenever config.toml or a file in the plugin folder does."""
        found: list[object] = []
        for path in [self.config_file, *plugin_files(self.plugin_dir)]:
            with suppress(OSError):
                stat = path.stat()
                found.append((str(path), stat.st_mtime_ns, stat.st_size, stat.st_ino, stat.st_mode))
        return tuple(found)


def plugin_files(folder: Path) -> list[Path]:
    """The plugins among the files of a folder, sorted; their tests lie beside them."""
    return sorted(
        path for path in folder.glob("*.py") if not path.name.startswith("test_") and path.name != "conftest.py"
    )


def find_home(environ: Mapping[str, str] = os.environ) -> Home:
    """The platform's folders, or the one that CRAMPCOACH_HOME names."""
    if root := environ.get("CRAMPCOACH_HOME"):
        top = Path(root).expanduser()
        return Home(top / "config", top / "data", top / "run")
    import tempfile  # 15 ms that CRAMPCOACH_HOME saves

    import platformdirs

    dirs = platformdirs.PlatformDirs("crampcoach", appauthor=False)
    runtime = dirs.user_data_path / "run"
    with warnings.catch_warnings(), suppress(PermissionError):  # somebody else's folder has the name
        warnings.simplefilter("ignore")  # it warns once in a process, and also where all is well
        given = dirs.user_runtime_path
        # What it falls back on, as over ssh and in containers, lies in the temporary folder.
        if not given.is_relative_to(Path(tempfile.gettempdir(), f"runtime-{getattr(os, 'geteuid', int)()}")):
            runtime = given
    return Home(dirs.user_config_path, dirs.user_data_path, runtime)


def private_folder(path: Path) -> Path:
    """Make a folder that only its owner may enter. Raises Problem."""
    try:
        for missing in reversed([one for one in (path, *path.parents) if not one.exists()]):
            missing.mkdir(mode=0o700, exist_ok=True)  # with parents=True, mkdir gives the mode to the last one only
        _refuse_somebody_elses(path)
        if path.stat().st_mode & 0o077 and (not hasattr(os, "getuid") or path.stat().st_uid == os.getuid()):
            path.chmod(0o700)
    except OSError as error:
        raise unwritable(path, error) from error
    return path


def private_file(path: Path) -> Path:
    """Make sure that a file exists and only its owner may read it. Raises Problem."""
    private_folder(path.parent)
    try:
        # A file that is there is never opened here: closing it would drop this process's SQLite locks on it (POSIX),
        # and another process would then delete the write-ahead log that a running agent still writes to.
        try:
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0), 0o600))
        except FileExistsError:
            if not os.access(path, os.R_OK | os.W_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES)) from None
            _refuse_somebody_elses(path)
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)
    except OSError as error:
        raise unwritable(path, error) from error
    return path


def _refuse_somebody_elses(path: Path) -> None:
    """root may write anywhere; what it makes there, whose it is could not read: backups, for example."""
    if hasattr(os, "getuid") and path.stat().st_uid != os.getuid() and os.access(path, os.W_OK):
        where = "or set CRAMPCOACH_HOME to a folder of your own"
        raise Problem(f"{path} belongs to somebody else; run crampcoach as the user whose it is, {where}")


def unwritable(path: Path, error: OSError) -> Problem:
    """The sentence for a place that cannot be written."""
    why = error.strerror or str(error)
    return Problem(f"cannot write {path}: {why}; free it, or set CRAMPCOACH_HOME to a folder of your own")


def sync_folder(folder: Path) -> None:
    """Have the names in a folder outlive a power cut, where the platform and its file system can."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
