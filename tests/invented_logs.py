"""Invented logs, the same on every run: nobody's, and as people keep them, with gaps and without answers.

`half_a_year` is what a page for a doctor is usually made from; `ten_years` is how long somebody may go on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from crampcoach import Entry
from crampcoach.clock import night_of

BERLIN = "Europe/Berlin"
#: A moment after the last night, in the morning.
NOW = datetime(2026, 11, 27, 9, 30, tzinfo=ZoneInfo(BERLIN))
LAST = date(2026, 11, 26)
NOTE = "my sister says it is the garden"


def entry(kind: str, at: datetime, night: date | None = None, note: str = "", **fields: Any) -> Entry:
    return Entry(kind=kind, at=at, zone=str(at.tzinfo), night=night or night_of(at), fields=fields, note=note)


def moment(day: date, clock: str, zone: str = BERLIN) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), ZoneInfo(zone))


def in_order(entries: Iterable[Entry]) -> list[Entry]:
    """Oldest first, as the log gives them."""
    return sorted(entries, key=lambda one: one.at.timestamp() if one.at else 0)


def nights(first: date, many: int, seed: int = 7, often: float = 0.5) -> Iterator[Entry]:
    """So many nights, more than half of them entered in the morning, with cramps more rarely as time goes on."""
    random = Random(seed)
    for later in range(many):
        night = first + timedelta(days=later)
        morning = night + timedelta(days=1)
        chance = often * (1 - 0.5 * later / many)
        cramps = 0 if random.random() > chance else random.choices([1, 2, 3], [6, 3, 1])[0]
        single = sum(random.random() < 0.7 for _ in range(cramps))
        for _ in range(single):
            yield _cramp(random, morning)
        if random.random() < 0.05:
            continue  # not entered
        fields: dict[str, Any] = {"count": min(cramps, 2), "at_least": True} if cramps > 1 else {"count": cramps}
        if random.random() < 0.04:
            fields = {}  # does not know
        yield entry("night", moment(morning, "07:30"), night, **fields)
        if random.random() < 0.2:
            slept: dict[str, Any] = {"hours_slept": round(random.uniform(5, 8), 1), "woken": single}
            yield entry("night", moment(morning, "07:40"), night, **slept, disturbed_sleep=min(10, 3 * cramps))
        yield from _evening(random, night, later / many)


def _cramp(random: Random, morning: date) -> Entry:
    clock = random.choice(["00:40", "02:15", "03:10", "03:50", "04:20", "05:05"])
    fields: dict[str, Any] = {
        "side": random.choices(["left", "right", "both"], [7, 2, 1])[0],
        "muscle": random.choices(["calf", "foot", "toes"], [7, 2, 1])[0],
        "severity": random.choices(range(3, 10), [1, 2, 4, 4, 3, 2, 1])[0],
        "duration": random.choices([0.5, 1, 2, 3, 5, 8], [1, 3, 4, 4, 2, 1])[0],
        "asleep": random.random() < 0.9,
    }
    fields = {name: value for name, value in fields.items() if random.random() < 0.85}
    if random.random() < 0.5:
        fields["eased_by"] = random.choice(["stretching", "Stretching", "walking", "standing on the cold floor"])
    if random.random() < 0.3:
        fields |= {"swelling": "no", "numbness": "no", "leg_colour": "as usual"}
    if random.random() < 0.1:
        fields |= {"part": random.choice(["early", "late", "unknown"])}
    return entry("cramp", moment(morning, clock), note=NOTE if random.random() < 0.1 else "", **fields)


def _evening(random: Random, night: date, gone: float) -> Iterator[Entry]:
    if gone > 0.4 and random.random() < 0.6:
        yield entry(
            "stretch", moment(night, "21:50"), holds=18, position="seated", stopped_early=random.random() < 0.05
        )
    if random.random() < 0.35:
        fields: dict[str, Any] = {"stress": random.randint(1, 8), "alcohol": random.choice([0, 0, 0, 1, 2])}
        if random.random() < 0.4:
            fields |= {"activity": "gardening", "activity_minutes": random.choice([30, 60, 90]), "heat": gone < 0.4}
        yield entry("day", moment(night, "19:00"), **fields)
    if random.random() < 0.1:
        yield entry("journal", moment(night, "19:10"), note="A secret page about my life.", day="mixed")


def half_a_year(until: date = LAST, many: int = 183) -> list[Entry]:
    """Six months as a careful person keeps them: medicines, two signs, a doctor's look, answers about signs."""
    first = until - timedelta(days=many - 1)

    def day(later: int) -> date:
        return first + timedelta(days=later)

    more = [
        entry("medicine", moment(day(2), "08:00"), name="Amlodipine", change="started", dose="5 mg in the morning"),
        entry("medicine", moment(day(75), "08:00"), name="Amlodipine", change="changed", dose="10 mg"),
        entry("medicine", moment(day(78), "08:00"), name="Magnesium citrate", change="started", dose="chemist's"),
        entry("medicine", moment(day(120), "08:00"), name="Magnesium citrate", change="stopped"),
        entry("medicine", moment(day(130), "08:00"), name="Ibuprofen", change="taken", dose="one tablet"),
        entry("cramp", moment(day(96), "03:20"), side="left", muscle="calf", severity=9, duration=14, swelling="no",
              note="would not let go at all"),
        entry("symptoms", moment(day(140), "20:00"), walking_pain="no", rest_pain="no", numbness="yes",
              saddle_numbness="no", care_team="no", swelling="no"),
        entry("examined", moment(day(145), "11:00")),
    ]  # fmt: skip
    return in_order([*nights(first, many), *more])


def ten_years(until: date = LAST) -> list[Entry]:
    """Ten years of nights, and medicines that came and went."""
    first = until - timedelta(days=3652)
    names = ["Amlodipine", "Simvastatin", "Magnesium", "Furosemide"]
    more = [
        entry("medicine", moment(first + timedelta(days=130 * n), "08:00"), name=names[n % 4],
              change=["started", "changed", "stopped"][n // 4 % 3])
        for n in range(28)
    ]  # fmt: skip
    long = [
        entry("cramp", moment(first + timedelta(days=200 * n), "03:00"), side="right", muscle="calf", duration=20 + n)
        for n in range(18)
    ]
    half = half_a_year(until)
    return in_order([*nights(first, 3652 - 183, seed=11, often=0.4), *more, *long, *half])
