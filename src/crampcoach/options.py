"""Options dataclass <-> TOML table: convert, check, document, JSON Schema. For plugins' options and the core's tables.

A field's annotation gives its type; `Annotated[int, "What it is for"]` adds a description and
`Annotated[int, msgspec.Meta(ge=1, description="...")]` a range as well.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from datetime import date, datetime, time
from functools import lru_cache
from itertools import repeat
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from crampcoach.checks import brief

#: Keys of every plugin's table that the core reads.
CORE_KEYS = ("enabled", "schedule")
#: More words than this are not listed in a sentence.
_MANY = 12
#: Before the choices of which a value may be one.
_CHOICES = "one of "
_LISTS = (list, tuple, set, frozenset)
#: What people call the type of a value.
_WORDS: dict[Any, str] = {
    bool: "true or false", int: "a whole number", float: "a number", str: "a text", NoneType: "nothing",
    date: "a date", time: "a time", datetime: "a date with a time", dict: "a table", **dict.fromkeys(_LISTS, "a list"),
}  # fmt: skip
_MSGSPEC_WORDS = {"str": "a text", "int": "a whole number", "float": "a number", "array": "a list", "object": "a table"}


@dataclass(frozen=True, slots=True)
class Wrong:
    """One thing wrong with one key of a table; `key` may be dotted, or empty for the table as a whole."""

    key: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a value keeps to, in an annotation: for sentences and the schema, as `msgspec.Meta` but without its 2 MB.

    The type's own check enforces it.
    """

    ge: int | None = None
    le: int | None = None
    pattern: str | None = None


def check_options_type(made: object) -> type:
    """The dataclass type a plugin's `options` hook returned. Raises TypeError."""
    if not (isinstance(made, type) and is_dataclass(made)):
        raise TypeError(f"options() must return a dataclass type, not {made!r}")
    for one in fields(made):
        name = f"options(): {made.__name__}.{one.name}"
        if one.name in CORE_KEYS:
            raise TypeError(f"{name}: {' and '.join(CORE_KEYS)} are keys of every plugin's table; choose another name")
        if one.default is MISSING and one.default_factory is MISSING:
            raise TypeError(f"{name} needs a default")
    hints = get_type_hints(made, include_extras=True)
    for one in fields(made):
        default, hint = default_of(one), hints[one.name]
        if not _fits(default, hint):
            what = f"options(): {made.__name__}.{one.name}"
            raise TypeError(f"{what}: its default is {brief(default)}, which is not {accepted(hint)}")
    return made


def _fits(value: object, hint: Any) -> bool:
    """Whether a default is of its type. Only what can be told without msgspec is looked at."""
    plain = plain_type(hint)
    if plain is float:
        plain = (int, float)
    if plain not in (bool, int, str, (int, float)) or (value is None and plain is not hint):
        return True
    return isinstance(value, plain) and (plain is bool or not isinstance(value, bool))


def convert(table: Mapping[str, Any], to: type, *, also: Iterable[str] = ()) -> tuple[Any, list[Wrong]]:
    """Make `to` from a table: the instance (defaults where a value is wrong) and everything that is wrong.

    Without an instance (None) where something is wrong and a field has no default.
    `also` names keys of the table that somebody else reads.
    """
    known = {one.name: one for one in fields(to)}
    wrong = [
        Wrong(key, f"unknown key{did_you_mean(key, [*known, *also])}")
        for key in table
        if key not in known and key not in also
    ]
    values: dict[str, Any] = {}
    given = [name for name in known if name in table]
    hints = _hints(to) if given else {}
    for name in given:
        try:
            values[name] = _convert_value(table[name], hints[name])
        except ValueError as error:
            wrong.append(Wrong(name, str(error)))
    required = [name for name, one in known.items() if default_of(one) is MISSING]  # only fields of kinds
    wrong += [Wrong(name, "is missing") for name in required if name not in table]
    if any(name not in values for name in required):
        return None, wrong
    try:
        return to(**values), wrong
    except (ValueError, TypeError) as error:
        needed = {name: values[name] for name in required}
        # Where what every one needs is refused, the others are not to blame.
        blamed = needed if needed and _refusal(to, needed) else values
        alone = [Wrong(name, text) for name in blamed if (text := _refusal(to, {**needed, name: values[name]}))]
        wrong.extend(alone or [Wrong("", str(error))])
        if required:
            return None, wrong
        rest = {name: value for name, value in values.items() if name not in {one.key for one in alone}}
        return to(**({} if _refusal(to, rest) else rest)), wrong


@lru_cache(maxsize=64)
def _hints(of: type) -> dict[str, Any]:
    """Found once: of a long file's entries, it would take most of the time."""
    return get_type_hints(of, include_extras=True)


def _refusal(to: type, values: Mapping[str, object]) -> str:
    """Why the type's own check refuses these values beside defaults; empty if it does not."""
    try:
        to(**values)
    except (ValueError, TypeError) as error:
        return str(error)
    return ""


def _convert_value(value: object, hint: Any) -> Any:
    """Raises ValueError with what is accepted."""
    if _is_plainly(value, hint):
        return value
    import msgspec  # 2 MB that a person without a config does not need

    try:
        return msgspec.convert(value, hint, strict=True)
    except (msgspec.ValidationError, TypeError) as error:
        said = str(error)
    if isinstance(value, time) and plain_type(hint) is str:
        raise ValueError(in_quotes(value))
    for part, of in _parts(value, plain_type(hint)):
        _convert_value(part, of)  # where one of them is to blame, it is named and not all of them
    shown = str(value) if isinstance(value, date | time) else brief(value)
    raise ValueError(f"{shown} is not accepted: {_why_not(value, hint, said)}")


def _parts(value: object, base: Any) -> Iterator[tuple[object, Any]]:
    """What is in a list or table, each with its type."""
    within = get_args(base)
    if get_origin(base) is dict and isinstance(value, Mapping):
        yield from ((one, within[1]) for one in value.values())
    elif get_origin(base) in _LISTS and isinstance(value, _LISTS):
        fixed = get_origin(base) is tuple and within[-1] is not Ellipsis
        yield from zip(value, within if fixed else repeat(within[0]), strict=False)


def _why_not(value: object, hint: Any, said: str) -> str:
    """What a value should be and is not; `said` is how msgspec puts it."""
    must, word = accepted(hint), _word(plain_type(hint))
    kind = "a decimal number" if isinstance(value, float) else _word(type(value))
    fits = kind in word or ("a number" in word and kind in ("a whole number", "a decimal number"))
    if not fits or must != word:
        return f"it must be {must}" + ("" if fits or must.startswith(_CHOICES) else f", not {kind}")
    said = re.sub("`([a-z]+)`", lambda found: _MSGSPEC_WORDS.get(found[1], found[1]), said).replace("`", "'")
    if said.startswith("Expected "):  # with a length, or a pattern
        return f"it must be {said.removeprefix('Expected ')}"
    return f"{said[:1].lower()}{said[1:]}; accepted is {must}"


def _is_plainly(value: object, hint: Any) -> bool:
    """Whether a value needs no msgspec to be seen right: of a simple type, or one of the choices, without limits."""
    if get_origin(hint) is Annotated and not all(isinstance(meta, str) for meta in get_args(hint)[1:]):
        return False
    base = plain_type(hint)
    if str(get_origin(base)) == "typing.Literal":
        return any(value == choice and type(value) is type(choice) for choice in get_args(base))
    return base in (bool, int, str) and type(value) is base


def in_quotes(value: object) -> str:
    """What to say of a time of day that TOML took for a value of its own."""
    text = f"{value:%H:%M}" if isinstance(value, time) else str(value)
    return f'put times in quotes: "{text}"'


def plain_type(hint: Any) -> Any:
    """The `T` in `Annotated[T | None, ...]`."""
    base = get_args(hint)[0] if get_origin(hint) is Annotated else hint
    plain = [one for one in get_args(base) if one is not type(None)]
    return plain_type(plain[0]) if len(plain) == 1 and type(None) in get_args(base) else base


def accepted(hint: Any) -> str:
    """What a field takes, in words."""
    base = plain_type(hint)
    choices = get_args(base)
    if str(get_origin(base)) == "typing.Literal":
        return _CHOICES + ", ".join(repr(choice) for choice in choices)
    words = _word(base)
    limits = [
        f"{sign} {limit}"
        for meta in get_args(hint)[1:]
        for name, sign in (("ge", "at least"), ("gt", "over"), ("le", "at most"), ("lt", "under"))
        if (limit := getattr(meta, name, None)) is not None
    ]
    return " ".join([words, " and ".join(limits)]).strip()


def _word(of: Any) -> str:
    """What people call a type, or several of which it may be one."""
    if get_origin(of) in (Union, UnionType):
        return " or ".join(_word(one) for one in get_args(of) if one is not NoneType)
    return _WORDS.get(get_origin(of) or of, str(of))


def describe(hint: Any) -> str:
    """The description in a field's annotation, or an empty text."""
    for meta in get_args(hint)[1:] if get_origin(hint) is Annotated else ():
        text = meta if isinstance(meta, str) else getattr(meta, "description", None)
        if text:
            return str(text)
    return ""


def document(of: type) -> list[tuple[Field[Any], str, str]]:
    """Each field of an options dataclass with its description and what it accepts."""
    hints = get_type_hints(of, include_extras=True)
    return [(one, describe(hints[one.name]), accepted(hints[one.name])) for one in fields(of)]


def schema_of(of: type) -> dict[str, Any]:
    """The JSON Schema of a table that `of` is made from: a property for each field, and no others."""
    hints = get_type_hints(of, include_extras=True)
    properties = {one.name: _schema_of_field(one, hints[one.name]) for one in fields(of)}
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _schema_of_field(one: Field[Any], hint: Any) -> dict[str, Any]:
    import msgspec

    schema: dict[str, Any] = {"description": text} if (text := describe(hint)) else {}
    try:
        (found,), parts = msgspec.json.schema_components([hint], ref_template="{name}")
        schema |= _in_toml(found, parts)
        schema["default"] = json.loads(msgspec.json.encode(default_of(one)))
    except TypeError:  # a type that only Python knows
        pass
    if schema.get("default", 0) is None:
        del schema["default"]
    for meta in get_args(hint)[1:] if get_origin(hint) is Annotated else ():
        for name, word in (("ge", "minimum"), ("le", "maximum"), ("pattern", "pattern")):
            if isinstance(meta, Limits) and (limit := getattr(meta, name)) is not None:
                schema[word] = limit
    return schema


def _in_toml(schema: Any, parts: Mapping[str, Any]) -> Any:
    """A schema for TOML, which has no null, with the parts that it refers to put in their places."""
    if isinstance(schema, list):
        return [_in_toml(one, parts) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if name := schema.get("$ref"):
        rest = {other: one for other, one in parts.items() if other != name}  # what holds itself ends there
        return _in_toml(parts.get(name, {}), rest)
    if "anyOf" in schema:
        choices = [one for one in schema["anyOf"] if one != {"type": "null"}]
        schema = {**schema, "anyOf": choices}
        if len(choices) == 1:
            del schema["anyOf"]
            schema |= choices[0]
    return {name: _in_toml(one, parts) for name, one in schema.items()}


def default_of(one: Field[Any]) -> Any:
    """The default of a dataclass field."""
    if one.default is MISSING and one.default_factory is not MISSING:
        return one.default_factory()
    return one.default


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`; did you mean 'x'?`, or the known words where nothing is near."""
    known = sorted(known)
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    if near:
        return f"; did you mean {near[0]!r}?"
    if not known:
        return "; there is none"
    return "" if len(known) > _MANY else f"; there {'is' if len(known) == 1 else 'are'} {', '.join(known)}"
