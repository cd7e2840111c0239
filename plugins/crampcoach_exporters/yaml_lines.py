"""Properties as YAML that YAML 1.1 and 1.2 read alike: what one of them would misread is quoted.

`no` is a truth value in the one, 12:30 a number of minutes, 0x1F and 007 are numbers, 2026-11-21 is a date. Written by
hand because a property is one line; only texts, numbers, dates, truth values and lists of them are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date

#: What may stand without quotes, unless it is one of the words below.
_PLAIN = re.compile(r"[A-Za-z][A-Za-z_/-]*")
_WORDS = {"y", "n", "yes", "no", "on", "off", "true", "false", "null"}
#: What YAML takes for the end of a line, or does not take at all; JSON escapes the rest.
_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def properties(values: Mapping[str, object]) -> str:
    """The lines between which Markdown's readers look for properties. A list has a line for each of its values."""
    lines = ["---"]
    for name, value in values.items():
        if isinstance(value, Sequence) and not isinstance(value, str) and value:
            lines += [f"{scalar(name)}:", *(f"  - {scalar(one)}" for one in value)]
        else:
            lines.append(f"{scalar(name)}: {scalar(value)}")
    return "\n".join([*lines, "---", ""])


def scalar(value: object) -> str:
    """One value."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        # YAML 1.1 takes 1e+300 for a text.
        digits, e, power = repr(value).partition("e")
        return f"{digits if '.' in digits else f'{digits}.0'}{e}{power}"
    if isinstance(value, Sequence) and not value and not isinstance(value, str):
        return "[]"
    if isinstance(value, int | date):
        return str(value)
    if not isinstance(value, str):
        raise TypeError(f"no property is a {type(value).__name__}")
    if _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
        return value
    return _ESCAPED.sub(lambda sign: f"\\u{ord(sign[0]):04x}", json.dumps(value, ensure_ascii=False))
