"""Entries as a log may hold them: of every bundled kind and of unknown ones, in every zone, with all that is typed."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any, Literal, get_args, get_origin, get_type_hints
from zoneinfo import available_timezones

from hypothesis import strategies as st

import crampcoach_cramps
import crampcoach_hydration
import crampcoach_journaling
import crampcoach_stretching
from crampcoach import Entry, Kind
from crampcoach.clock import zone_named
from crampcoach.loading import check_entry
from crampcoach.options import plain_type
from crampcoach.safety.kinds import SYMPTOMS, core_kinds

#: Plugins whose kinds occur.
OWNERS = ("cramps", "hydration", "journaling", "stretching")
#: What a spreadsheet, a parser or a terminal may stumble over.
TRICKY = (
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "'", "''", "'=1", "=cmd|' /C calc'!A0", "007", "1e5", "1,5",
    "1.500", "-0", "TRUE", "false", "null", "None", "[1]", "[", "{}", '{"a": 1}', '"', '""', ",", ";", "a,b;c\td",
    "3 May", "5. mai", "1/2", "10%", "12:30", "3 pm", "2026-11-21", "#N/A", " ", "  =1", "\n", "\r\n", "\r",
    "a\rb\nc\r\nd", "\n\n", "\ufeff", "nan", "inf", "\x01\x1f\x7f\x85\u2028\u2029", "\U0001f9b5 \U00010348",
    "ü\u0308ß", "\u202eright to left", "\uff1d1\uff0b1", "[[entries]]", "a\n[[entries]]\n[end]\nb", '"""', "'''", "\\",
    "\\n", "x\\", "٣", "½", "1_000", "0x10", "1:2:3:4", "a\n", 'Wadenkrampf\n\nlinks,\n\tganz "schlimm"',
    "<b>&amp;</b>", "\N{NO-BREAK SPACE}5",
)  # fmt: skip

text = st.one_of(
    st.sampled_from(TRICKY),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30),
    st.text("0123456789.,-+eE'=\r\n\t\" ;:/TRUEtrue", max_size=12),
)
numbers = st.one_of(
    st.integers(-20, 20),
    st.integers(),
    st.sampled_from([0, 1 << 53, (1 << 63) - 1, 1 << 63, -(1 << 63), -(1 << 63) - 1, 10**400]),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([0.0, -0.0, 1e308, -1e308, 5e-324, 1.5, 1.125, 1234.567, 3.0, 1e16, 0.1 + 0.2]),
)
json_values: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), numbers, text),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=8,
)


@cache
def known() -> Mapping[str, Kind]:
    """Every bundled kind whose entries may be imported."""
    owners = (crampcoach_cramps, crampcoach_hydration, crampcoach_journaling, crampcoach_stretching)
    kinds = [kind for owner in owners for kind in owner.kinds()]
    return {kind.name: kind for kind in (*kinds, *(one for one in core_kinds() if one.name == SYMPTOMS))}


def of_type(hint: Any) -> st.SearchStrategy[Any]:
    """Values that a field of a kind takes."""
    plain = plain_type(hint)
    if get_origin(plain) is Literal:
        return st.sampled_from(get_args(plain))
    if get_origin(plain) is list:
        return st.lists(of_type(get_args(plain)[0]), max_size=3)
    return {
        bool: st.booleans(),
        int: st.integers(1, 10),
        float: st.floats(0, 20) | st.integers(0, 20),
        str: text.filter(str.strip),
    }[plain]


@st.composite
def said(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """A kind, and fields that fit it."""
    name = draw(st.sampled_from(sorted(known())))
    of = known()[name].fields
    assert of
    hints = get_type_hints(of, include_extras=True)
    wanted = [one.name for one in fields(of) if one.name == "name" or draw(st.booleans())]
    values = {name: draw(of_type(hints[name])) for name in wanted}
    assert not check_entry(Entry(kind=name, fields=values), known())
    return name, values


foreign = st.tuples(st.sampled_from(["tea", "x-9_z", "true"]), st.dictionaries(text, json_values, max_size=4))
instants = st.one_of(
    st.datetimes(datetime(1850, 1, 1), datetime(2026, 11, 20), timezones=st.just(UTC)),
    # Around the changes of spring and autumn.
    st.sampled_from([datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 10, 25, tzinfo=UTC)]).flatmap(
        lambda day: st.integers(0, 4 * 3600_000).map(lambda many: day + timedelta(milliseconds=many))
    ),
)
zones = st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "+05:30", "-00:30", "+14:00"]) | (
    st.sampled_from(sorted(available_timezones() - {"localtime"}))
)


@st.composite
def logged(draw: st.DrawFn) -> Entry:
    """An entry as it comes out of the log."""
    kind, values = draw(said() | foreign)
    zone, at = draw(zones), draw(instants)
    at = at.replace(microsecond=at.microsecond // 1000 * 1000).astimezone(zone_named(zone))
    night = draw(st.dates(date(1800, 1, 1), date(2027, 1, 1)))
    number = draw(st.uuids(version=4))
    origin = draw(st.none() | text.filter(bool).map(lambda text: f"{text}{number}"))
    return Entry(
        kind=kind, fields=values, note=draw(text), at=at, zone=zone, night=night, id=str(number), origin=origin
    )


logs = st.lists(logged(), max_size=12, unique_by=lambda entry: entry.id)


def all_of(entry: Entry) -> tuple[object, ...]:
    """Everything that is said of an entry; unlike `==`, it tells 1 from 1.0 and true, and the two hours of a fold."""
    assert entry.at
    said = json.dumps(dict(entry.fields), sort_keys=True)
    return (
        entry.id, entry.kind, entry.at.astimezone(UTC), entry.zone, entry.night, said, entry.note, entry.origin,
    )  # fmt: skip


def all_of_them(entries: Iterable[Entry]) -> list[tuple[object, ...]]:
    """The same of each, by their ids."""
    return sorted((all_of(entry) for entry in entries), key=lambda one: str(one[0]))


def long_log(many: int) -> Iterable[Entry]:
    """A log of any length, made as it is read."""
    zone = zone_named("Europe/Berlin")
    for number in range(many):
        at = datetime(2026, 11, 20, tzinfo=UTC) - timedelta(hours=many - number)
        values = {
            "side": "left",
            "severity": number % 11,
            "duration": math.sqrt(number % 50),
            "asleep": number % 2 == 0,
        }
        yield Entry(
            kind="cramp",
            fields=values,
            note=f"Wade, {number}\nganz fest",
            at=at.astimezone(zone),
            zone="Europe/Berlin",
            night=at.date(),
            id=f"01a00000-0000-7000-8000-{number:012}",
        )
