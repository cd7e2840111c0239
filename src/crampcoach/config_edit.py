"""Edit config.toml in place: outside of what is changed every byte stays, comments and line endings too.

tomlkit spells the values. It does not place them: of 20,000 random edits 233 of its own gave a file that was no TOML
or said something else, some moved whole tables, and it puts a new key below the comments of the next table. So
`toml_places` cuts the text, and what comes out is read with tomllib before it counts.
"""

from __future__ import annotations

import codecs
import errno
import os
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from crampcoach.config import ConfigProblem, locate, parse_config, sentence, unreadable
from crampcoach.home import private_folder, unwritable
from crampcoach.model import Problem
from crampcoach.toml_places import Unclear, as_path, changed, spell_key, unix_lines

#: Somebody else may save the file between reading and writing; then it is read again, so many times.
TRIES = 5


def set_values(path: Path, changes: Mapping[str, object]) -> list[str]:
    """Set keys such as `plugins.coffee.enabled` in a config file; None removes one.

    Tables that are missing are made, and so is the file. Returns a line for each change; without one the file is not
    touched. Raises Problem, and then nothing has been written.
    """
    with _alone(path.parent):
        for _ in range(TRIES):
            before = read_bytes(path)
            after, said = _edited(path, before or b"", changes)
            if not said:
                return []
            if _replaced(path, before, after):
                return said
    raise Problem(f"{path} is being changed by another program at the same time; try again")


def replace_bytes(path: Path, before: bytes | None, data: bytes) -> bool:
    """Put new content in the place of `before` (None: no file), as `write_bytes` does.

    False where the file is another one by now; it is left as it is. Raises Problem.
    """
    private_folder(path.parent)  # it is what is locked
    with _alone(path.parent):
        return _replaced(path, before, data)


def _replaced(path: Path, before: bytes | None, data: bytes) -> bool:
    if read_bytes(path) != before:
        return False
    write_bytes(path, data)
    return True


def read_bytes(path: Path) -> bytes | None:
    """A config file as it is; None where there is none. Raises ConfigProblem."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise unreadable(path, error) from error


def write_bytes(path: Path, data: bytes) -> None:
    """Put a config file's new content in place in one step, readable by its owner only; a link stays a link.

    Raises Problem.
    """
    private_folder(path.parent)
    try:
        target = path.resolve()  # the folder of what a link leads to is not ours to make private
        if target.is_symlink():
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
        if target.exists() and not os.access(target, os.W_OK):
            target.open("ab").close()  # raises what it is that forbids it
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")  # 0600
        try:
            with os.fdopen(handle, "wb") as part:
                part.write(data)
                part.flush()
                os.fsync(part.fileno())
            Path(name).replace(target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except (OSError, RuntimeError) as error:  # RuntimeError: a link to itself, up to Python 3.12
        raise unwritable(path, error if isinstance(error, OSError) else OSError(str(error))) from error


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep a second command from writing at the same time, which would lose the change of one."""
    handle = -1
    with suppress(ImportError, OSError):  # not on this platform, or no folder yet
        import fcntl

        handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
        fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        yield
    finally:
        if handle >= 0:
            os.close(handle)


def spell(value: object) -> str:
    """A value as TOML writes it, on one line. Raises ValueError for what TOML does not have."""
    import tomlkit

    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{spell_key(str(name))} = {spell(one)}' for name, one in value.items())}}}"
    if isinstance(value, (set, frozenset)):
        value = sorted(value, key=str)
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(spell, value))}]"
    try:
        return tomlkit.item(value).as_string()
    except (TypeError, ValueError) as error:
        raise ValueError(f"{value!r} cannot be written in TOML") from error


# --- from text to text -----------------------------------------------------------------------------------------


def _edited(path: Path, data: bytes, changes: Mapping[str, object]) -> tuple[bytes, list[str]]:
    mark = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise unreadable(path, error) from error
    before, said = _mistakes(path, text), []
    for key, given in changes.items():
        try:
            spelt = None if given is None else spell(given)
            value = None if spelt is None else tomllib.loads(f"x = {spelt}")["x"]
            parts = as_path(key)
        except ValueError as error:
            raise Problem(f"{path}: {key}: {error}; nothing was changed") from error
        now = _value_in(path, text, parts)
        if not _same(now, value):
            text = _with_value(path, text, parts, value, spelt)
            said.append(f"{key}: {'not set' if now is None else spell(now)} -> {spelt or 'not set'}")
    if wrong := [one for one in _mistakes(path, text) if one not in before]:
        raise Problem("\n".join(f"{one}; nothing was changed" for one in wrong))
    try:
        return mark + text.encode(), said
    except UnicodeEncodeError:
        raise Problem(
            f"{path}: this text cannot be saved: it has half a character in it; nothing was changed"
        ) from None


def _mistakes(path: Path, text: str) -> list[str]:
    """What is wrong with the settings in a text, without lines: those move. Raises ConfigProblem for no TOML."""
    try:
        config, wrong = parse_config(path, unix_lines(text)), []
    except ConfigProblem as problem:
        if problem.rest is None:
            raise
        config, wrong = problem.rest, problem.problems
    wrong = [*wrong, *(one for table in config.plugins.values() for one in table.problems)]
    return [f"{path}:{one.removeprefix(str(path)).lstrip(':0123456789')}" for one in wrong]


def _value_in(path: Path, text: str, parts: tuple[str, ...]) -> Any:
    """What stands at a key now; None where nothing does. Raises Problem where the way to it is no table."""
    node: Any = _data(text)
    for number, part in enumerate(parts):
        if not isinstance(node, dict):
            name = ".".join(parts[:number])
            line = locate(unix_lines(text)).get(name)
            raise Problem(sentence(path, line, name, f"must be a table: write [{name}] above its keys"))
        if part not in node:
            return None
        node = node[part]
    return node


def _data(text: str) -> dict[str, Any]:
    return tomllib.loads(unix_lines(text))


def _with_value(path: Path, text: str, parts: tuple[str, ...], value: object, spelt: str | None) -> str:
    """The text with one value set or, where `spelt` is None, removed. Raises Problem."""
    wanted = _data(text)
    *tables, name = parts
    node = wanted
    for part in tables:
        node = node.setdefault(part, {})
    is_table = isinstance(node.get(name), dict)
    node[name] = value
    if spelt is None:
        del node[name]
    with suppress(Unclear):
        for one in changed(text, parts, spelt):
            with suppress(ValueError):  # also what is no TOML
                if _same(_data(one), wanted) or (spelt is None and _same(_pruned(_data(one)), _pruned(wanted))):
                    return one
    line = locate(unix_lines(text)).get(".".join(parts))
    what = "is a table with lines of its own" if is_table else "cannot be changed here without harm to the rest"
    raise Problem(sentence(path, line, ".".join(parts), f"{what}; change it by hand in the file"))


def _same(one: object, other: object) -> bool:
    """Equal as TOML sees it: true is not 1, and nan is nan."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return type(one) is type(other) and (one == other or (one != one and other != other))  # noqa: PLR0124 - nan


def _pruned(data: Any) -> Any:
    """Without empty tables: one that was written as a dotted key goes with its last key."""
    if not isinstance(data, dict):
        return data
    kept = {name: _pruned(one) for name, one in data.items()}
    return {name: one for name, one in kept.items() if one != {}}
