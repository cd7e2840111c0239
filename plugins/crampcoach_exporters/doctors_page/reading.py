"""Goes through the entries once and keeps what the page shows: counts, never the entries themselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from crampcoach import Advice, Context, Entry
from crampcoach_exporters.doctors_page.medicines import Medicines
from crampcoach_exporters.doctors_page.nights import MORNING, Count, Nights, count, count_of, last_night
from crampcoach_exporters.doctors_page.signs import ANSWERS, LEGS, LOOKS, MUSCLES, QUESTIONS, Signs
from crampcoach_exporters.doctors_page.tallies import Newest, Spread, Texts, yes_or_no
from crampcoach_exporters.doctors_page.texts import NO_ANSWER

WEEK = 7
MINUTES = 24 * 60.0
#: A cramp as long as this or less is as long as cramps are (record `dx-nlc-criteria`).
LONG = 10
#: Clock hours of a night, with the first hour that is no longer in each; what is left is day.
HOURS = ((21, 24, "21 to 24 h"), (0, 3, "0 to 3 h"), (3, 6, "3 to 6 h"), (6, 9, "6 to 9 h"), (9, 21, "day, 9 to 21 h"))
PARTS = {
    "early": "early in the night",
    "middle": "middle of the night",
    "late": "late in the night",
    "unknown": "night, hour not known",
}
#: The answers to the journal's question about the day, which are chosen and not written.
HOW_IT_WAS = ("calm", "mixed", "stressful")


@dataclass(frozen=True, slots=True)
class Window:
    """The nights that are shown one by one: from `edge` to `last`, or from the first that is entered.

    since: nothing before this night counts; None: everything.
    """

    edge: date
    last: date
    since: date | None

    def column(self, day: date) -> int:
        """The week that a day falls into, from 0; weeks end with the last night."""
        return (day - self.edge).days // WEEK


@dataclass(slots=True)
class Cramps:
    """Cramps that were logged by themselves, in the time that is shown."""

    n: int = 0
    places: Counter[tuple[str, str]] = field(default_factory=Counter)
    times: Counter[str] = field(default_factory=Counter)
    woke: Counter[str] = field(default_factory=Counter)
    knot: Counter[str] = field(default_factory=Counter)
    sore: Counter[str] = field(default_factory=Counter)
    severity: Spread = field(default_factory=lambda: Spread(0, 10))
    minutes: Spread = field(default_factory=lambda: Spread(0, MINUTES))
    eased: Texts = field(default_factory=Texts)

    def take(self, entry: Entry) -> None:
        """Count one."""
        fields = entry.fields
        self.n += 1
        side, muscle = fields.get("side"), fields.get("muscle")
        self.places[
            muscle if isinstance(muscle, str) and muscle in MUSCLES else NO_ANSWER,
            side if isinstance(side, str) and side in LEGS else NO_ANSWER,
        ] += 1
        self.times[time_of(entry)] += 1
        for counted, name in ((self.woke, "asleep"), (self.knot, "hard_knot"), (self.sore, "sore_after")):
            counted[yes_or_no(fields.get(name)) or NO_ANSWER] += 1
        self.severity.take(fields.get("severity"))
        self.minutes.take(fields.get("duration"))
        self.eased.take(fields.get("eased_by"))


@dataclass(slots=True)
class Sleep:
    """What was entered of nights besides the number of cramps."""

    disturbed: Newest = field(default_factory=lambda: Newest(0, 10))
    woken: Newest = field(default_factory=lambda: Newest(0, 99))
    hours: Newest = field(default_factory=lambda: Newest(0, 24))

    def take(self, entry: Entry) -> None:
        """Hear what an entry of the kind `night` says."""
        assert entry.night
        self.disturbed.take(entry.night, entry.fields.get("disturbed_sleep"))
        self.woken.take(entry.night, entry.fields.get("woken"))
        self.hours.take(entry.night, entry.fields.get("hours_slept"))


@dataclass(slots=True)
class Days:
    """What was entered of days: of each the newest answer to each question. entered: all of them."""

    entered: set[date] = field(default_factory=set)
    alcohol: Newest = field(default_factory=lambda: Newest(0, 50))
    stress: Newest = field(default_factory=lambda: Newest(0, 10))
    minutes: Newest = field(default_factory=lambda: Newest(0, MINUTES))
    active: set[date] = field(default_factory=set)
    answers: dict[str, dict[date, str]] = field(default_factory=dict)

    def take(self, entry: Entry) -> None:
        """Hear what an entry of the kind `day` says, or the answer to the journal's question."""
        assert entry.at
        fields, day = entry.fields, entry.at.date() - timedelta(days=entry.at.hour < MORNING)
        if entry.kind == "journal":
            if (how := fields.get("day")) in HOW_IT_WAS:
                self._answer("day", day, str(how))
            return
        self.entered.add(day)
        self.alcohol.take(day, fields.get("alcohol"))
        self.stress.take(day, fields.get("stress"))
        self.minutes.take(day, fields.get("activity_minutes"))
        text = fields.get("activity")
        if day in self.minutes.days or (isinstance(text, str) and text.strip()):
            self.active.add(day)
        for name in ("heat", "unusual"):
            if answer := yes_or_no(fields.get(name)):
                self._answer(name, day, answer)

    def counted(self, name: str) -> Counter[str]:
        """On how many days each answer was the newest."""
        return Counter(self.answers.get(name, {}).values())

    def _answer(self, name: str, day: date, answer: str) -> None:
        self.entered.add(day)
        self.answers.setdefault(name, {})[day] = answer


@dataclass(slots=True)
class Stretches:
    """Sessions of stretching: in each week that is shown, and in all."""

    weeks: Counter[int] = field(default_factory=Counter)
    n: int = 0
    stopped: int = 0
    first: date | None = None
    last: date | None = None

    def take(self, entry: Entry, column: int | None) -> None:
        """Count one."""
        assert entry.at
        self.n += 1
        self.stopped += yes_or_no(entry.fields.get("stopped_early")) == "yes"
        self.first = self.first or entry.at.date()
        self.last = entry.at.date()
        if column is not None:
            self.weeks[column] += 1


@dataclass(slots=True)
class Seen:
    """All that the page is made from. outside: entries of nights that are not over, or before what was asked for.

    answers: by kind and field, of cramps and of questions about signs. last_yes: when each was last answered so.
    severity: by year and month, before the time that is shown. left_out: entries whose words are missing. part: not all
    of the log was asked for.
    """

    window: Window
    nights: Nights
    n: int = 0
    part: bool = False
    outside: int = 0
    left_out: int = 0
    first: date | None = None
    cramps: Cramps = field(default_factory=Cramps)
    severity: dict[tuple[int, int], Spread] = field(default_factory=dict)
    sleep: Sleep = field(default_factory=Sleep)
    days: Days = field(default_factory=Days)
    stretches: Stretches = field(default_factory=Stretches)
    medicines: Medicines = field(default_factory=Medicines)
    signs: Signs = field(default_factory=Signs)
    answers: dict[tuple[str, str], Counter[str]] = field(default_factory=dict)
    last_yes: dict[tuple[str, str], date] = field(default_factory=dict)

    @property
    def shown(self) -> date | None:
        """The first night that is shown; None where no night is entered."""
        return max(self.nights.first, self.window.edge) if self.nights.first else None

    @property
    def all_shown(self) -> Count:
        """The nights that are shown."""
        return count(self.nights, self.shown, self.window.last) if self.shown else Count()

    def week(self, column: int) -> Count:
        """The nights of a week that is shown."""
        first = self.window.edge + timedelta(days=WEEK * column)
        return count(self.nights, max(first, self.shown or first), first + timedelta(days=WEEK - 1))

    @property
    def before(self) -> dict[tuple[int, int], Count]:
        """Year and month -> the nights that are entered, before those that are shown; in order."""
        months: dict[tuple[int, int], list[date]] = {}
        for night in self.nights.entered:
            if night < self.window.edge:
                months.setdefault((night.year, night.month), []).append(night)
        return {month: count_of(self.nights, days, len(days)) for month, days in months.items()}


def read(
    entries: Iterable[Entry], ctx: Context[Any], weeks: int, red_flags: Callable[[Entry], Iterable[Advice]]
) -> Seen:
    """Go through the entries, oldest first."""
    seen = Seen(window_of(ctx, weeks), Nights(ctx.of_night), part=ctx.asked.partial)
    for entry in entries:
        seen.n += 1
        seen.left_out += entry.left_out
        _take(seen, entry)
        if entry.fields or entry.note or entry.kind == "examined":
            seen.signs.take(entry, red_flags(entry))
    if seen.part:
        seen.nights.complete(ctx.log)
    return seen


def window_of(ctx: Context[Any], weeks: int) -> Window:
    """The nights that are shown, by the time and by what was asked for."""
    zone, asked = ctx.now.tzinfo, ctx.asked
    last = last_night(ctx.now)
    if asked.until:
        last = min(last, last_night(asked.until.astimezone(zone)))
    edge = last - timedelta(days=WEEK * weeks - 1)
    return Window(edge, last, asked.since.astimezone(zone).date() if asked.since else None)


def _take(seen: Seen, entry: Entry) -> None:
    assert entry.at
    assert entry.night
    window, day = seen.window, entry.at.date()
    if entry.kind == "medicine":
        seen.medicines.take(entry)  # also what was changed today
    if entry.night > window.last or (window.since and entry.night < window.since):
        seen.outside += entry.kind in ("cramp", "night")
        if entry.kind in ("cramp", "night", "day", "journal"):
            return
    seen.first = min(seen.first or day, day)
    shown = entry.night >= window.edge
    match entry.kind:
        case "cramp":
            seen.nights.take(entry)
            if shown:
                seen.cramps.take(entry)
            else:
                month = (entry.night.year, entry.night.month)
                seen.severity.setdefault(month, Spread(0, 10)).take(entry.fields.get("severity"))
        case "night":
            seen.nights.take(entry)
            if shown:
                seen.sleep.take(entry)
        case "day" | "journal" if shown:
            seen.days.take(entry)
        case "stretch":
            seen.stretches.take(
                entry, window.column(entry.night) if window.edge <= entry.night <= window.last else None
            )
    if shown and entry.kind in ("cramp", "symptoms"):
        _answers(seen, entry)


def _answers(seen: Seen, entry: Entry) -> None:
    assert entry.at
    for name in (*ANSWERS, *LOOKS) if entry.kind == "cramp" else (*QUESTIONS, "care_team"):
        value, choices = entry.fields.get(name), LOOKS[name][1] if name in LOOKS else ("yes", "no")
        answer = value if isinstance(value, str) and value in choices else yes_or_no(value)
        if answer not in choices:
            continue
        seen.answers.setdefault((entry.kind, name), Counter())[answer] += 1
        if answer not in ("no", "as usual"):
            seen.last_yes[entry.kind, name] = entry.at.date()


def time_of(entry: Entry) -> str:
    """The hours in which a cramp fell, by the clock of its place; the part of the night where only that is known."""
    assert entry.at
    part = entry.fields.get("part")
    if isinstance(part, str) and part in PARTS:
        return PARTS[part]
    return next(words for first, end, words in HOURS if first <= entry.at.hour < end)


def now_and_before(seen: Seen, recent: int = 28) -> tuple[Count, Count] | None:
    """The last four weeks, and what is shown before them; None where less than four weeks of that are there."""
    first, last = seen.shown, seen.window.last
    begin = last - timedelta(days=recent - 1)
    if not first or (begin - first).days < recent:
        return None
    return count(seen.nights, begin, last), count(seen.nights, first, begin - timedelta(days=1))
