"""The profile in force: what config.toml says, and where it says nothing, what the person has answered since."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import asdict, replace
from functools import cache
from typing import Any, get_args, get_type_hints

from crampcoach.config import UNANSWERED, Profile
from crampcoach.safety.kinds import PROFILE
from crampcoach.store.raised import BY_PLUGIN

#: Answers that let more happen: only the person's own answer to crampcoach gives them, never a plugin's button.
_FREES = frozenset({("adult", "yes"), ("pregnant", "no"), ("balance", "steady"), ("anticoagulant", "no")})
#: ... but the question about fluids is asked by message too. Its answer there stands against no other.
_FREES_UNLESS_ANSWERED = ("fluids", "free")


def in_force(config: Profile, log: sqlite3.Connection) -> Profile:
    """The profile with every unanswered question filled in from the answer to it that was saved last."""
    open_questions = {name for name, value in asdict(config).items() if value in UNANSWERED}
    answered: dict[str, Any] = {}
    # In the order of saving: under a clock that ran ahead `at` says nothing.
    sql = "SELECT fields, coalesce(origin, '') FROM entries WHERE kind = ? AND deleted IS NULL ORDER BY rowid"
    for fields, origin in log.execute(sql, [PROFILE]) if open_questions else ():
        for name, value in json.loads(fields).items():
            # An entry may be older than the question's present answers, or a plugin's slip.
            if name not in open_questions or not isinstance(value, str):
                continue
            if origin.startswith(BY_PLUGIN) and _frees(name, value, answered):
                continue
            if value in UNANSWERED:
                answered.pop(name, None)
            elif value in (_choices(name) or (value,)):
                answered[name] = value
    try:
        return replace(config, **answered)
    except ValueError:
        return replace(config, **{name: value for name, value in answered.items() if name != "country"})


def _frees(name: str, value: str, answered: Mapping[str, str]) -> bool:
    """Whether it is more than a plugin's button may say. Whom to call in need is the person's to say too."""
    if (name, value) == _FREES_UNLESS_ANSWERED:
        return name in answered
    return name == "country" or value in UNANSWERED or (name, value) in _FREES


@cache
def _choices(name: str) -> tuple[Any, ...]:
    hint = get_type_hints(Profile)[name]
    return get_args(hint)
