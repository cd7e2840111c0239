"""The rest of the page: weeks, medicines, the calendar, the cramps in detail, what was tried, and what was answered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta

from crampcoach import Profile
from crampcoach_exporters.doctors_page.grid import Grid
from crampcoach_exporters.doctors_page.medicines import Medicine
from crampcoach_exporters.doctors_page.night_calendar import legend, night_calendar
from crampcoach_exporters.doctors_page.nights import Count
from crampcoach_exporters.doctors_page.plot import FEW, plot
from crampcoach_exporters.doctors_page.reading import HOURS, HOW_IT_WAS, PARTS, WEEK, Seen
from crampcoach_exporters.doctors_page.signs import ANSWERS, CARE_TEAM, LEGS, LOOKS, MUSCLES, QUESTIONS
from crampcoach_exporters.doctors_page.tallies import Spread
from crampcoach_exporters.doctors_page.texts import (
    DAYS,
    NO_ANSWER,
    NONE_ASKED,
    day,
    figure,
    known,
    many,
    said,
    section,
    span,
    spread,
    table,
    terms,
    text,
)
from crampcoach_exporters.in_words import MONTHS

NUMBERS = "numbers"
_ASKED = "symptoms"
CAUTION = "With caution: nothing here shows what helped."
_PROFILE = {
    "pregnant": ("Pregnant", {}),
    "anticoagulant": ("Takes a medicine against blood clots", {}),
    "fluids": ("Fluids", {"free": "may drink freely", "limited": "limited or watched"}),
    "balance": ("Balance", {}),
    "adult": ("18 or older", {}),
}


# --- weeks and nights ------------------------------------------------------------------------------------------


def weeks(seen: Seen, grid: Grid) -> str:
    """The plot, with what it shows said below."""
    marks = [(when, letter) for when, letter, _ in seen.medicines.marks(_letters(seen, grid))]
    counts = [seen.week(column) for column in grid.columns]
    drawn = plot(grid, counts, [seen.stretches.weeks[column] for column in grid.columns], marks, NUMBERS)
    key = [
        "Bar: nights with cramps" + (f" (white: fewer than {FEW} known)" if _any_few(counts) else ""),
        "circle: cramps, where more",
        "letter: medicine" if marks else "",
    ]
    total = seen.all_shown
    cramps = f"{'At least ' if total.at_least else ''}{many(total.cramps, 'cramp')}"
    about = f"{'; '.join(filter(None, key))}. {cramps}. They come and go by themselves, and with seasons."
    return section("weeks", "Week by week", f'<p class="beside">{text(about)}</p>', drawn, css="figure")


def _letters(seen: Seen, grid: Grid | None) -> dict[tuple[str, int], str]:
    return seen.medicines.letters(*grid.days) if grid else {}


def _any_few(counts: Iterable[Count]) -> bool:
    return any(week.with_cramps and week.known < FEW for week in counts)


def calendar(seen: Seen, grid: Grid) -> str:
    """The nights one by one."""
    return section("nights", "Night by night", legend(), night_calendar(grid, seen, NUMBERS), css="figure")


def numbers(seen: Seen, grid: Grid) -> str:
    """The same as a table: for whoever does not see the pictures, and for the screen."""
    first = grid.week_begins(grid.first)
    head = ["Week", "Nights with cramps", "Cramps", "Nights entered", "Stretches"]
    head += [DAYS[(first.weekday() + later) % WEEK] for later in range(WEEK)]
    rows = []
    for column in grid.columns:
        week, begins = seen.week(column), grid.week_begins(column)
        evenings = [begins + timedelta(days=later) for later in range(WEEK)]
        rows.append(
            [
                text(span(evenings[0], evenings[-1])),
                str(week.with_cramps),
                f"{'at least ' if week.at_least else ''}{week.cramps}",
                f"{week.entered} of {week.nights}",
                str(seen.stretches.weeks[column]),
                *(text(seen.nights[one].said) if seen.shown and one >= seen.shown else "" for one in evenings),
            ]
        )
    shown = table("Cramps of each week and night", head, rows)
    summary = "<summary>The numbers of both pictures as a table</summary>"
    return f'<details id="{NUMBERS}" class="screen">{summary}\n{shown}\n</details>'


def before(seen: Seen) -> str:
    """What came before the weeks that are shown: a row a month, of many a row a year."""
    months = seen.before
    if not months:
        return ""
    by_month = len(months) <= 12
    groups: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for month in months:
        groups.setdefault(month if by_month else (month[0], 0), []).append(month)
    listed = list(groups.items())
    if len(listed) > 12:  # of still more, the oldest in one
        old, listed = listed[:-11], listed[-11:]
        listed.insert(0, ((old[-1][0][0], -1), [month for _, of in old for month in of]))
    rows = [_before(name, [months[one] for one in of], [seen.severity.get(one) for one in of]) for name, of in listed]
    head = ["Time", "Nights with cramps", "of nights known", "a week", "Cramps", "Severity of cramps logged one by one"]
    edge = day(seen.window.edge - timedelta(days=1))
    return section("before", "Before that", table(f"Up to {edge}, only in sums", head, rows, "before"))


def _before(name: tuple[int, int], counts: list[Count], bad: list[Spread | None]) -> list[str]:
    year, month = name
    words = f"{MONTHS[month - 1]} {year}" if month > 0 else f"{year} and before" if month < 0 else str(year)
    with_cramps, of = sum(one.with_cramps for one in counts), sum(one.known for one in counts)
    least = "at least " if any(one.at_least for one in counts) else ""
    answered = sum(one.answered for one in counts)
    rate = f"{WEEK * with_cramps / of:.1f}" if answered >= WEEK and 2 * answered >= of else "-"
    all_bad = Spread(0, 10)
    for one in filter(None, bad):
        all_bad.add(one)
    cells = [str(with_cramps), str(of), rate, f"{least}{sum(one.cramps for one in counts)}", spread(all_bad)]
    return [words, *map(text, cells)]


# --- medicines, and what was tried -----------------------------------------------------------------------------


def medicines(seen: Seen, grid: Grid | None) -> str:
    """Every medicine with its dates; a letter leads to the plot."""
    letters = _letters(seen, grid)
    items = [f"<li>{_medicine(key, one, letters, seen, grid)}</li>" for key, one in seen.medicines.known.items()]
    parts = [f"<ul>{''.join(items)}</ul>" if items else f"<p>{NONE_ASKED if seen.part else 'Not entered'}.</p>"]
    if seen.medicines.other:
        parts.append(f"<p>And {many(seen.medicines.other, 'entry', 'entries')} of others.</p>")
    for sign in seen.signs.mentions.values():
        mentioned = f"{sign.title.removeprefix('About ').capitalize()}: mentioned {many(sign.n, 'time')}"
        parts.append(f"<p>{text(mentioned)}, last on {text(day(sign.newest[-1].day))}.</p>")
    return section("medicines", "Medicines and supplements, as entered", *parts)


def _medicine(key: str, one: Medicine, letters: dict[tuple[str, int], str], seen: Seen, grid: Grid | None) -> str:
    """Every change in the weeks that can be shown, and the last one before."""
    changes = list(enumerate(one.changes))
    shown = [number for number, change in changes if change.day >= seen.window.edge]
    first = max(0, (shown[0] if shown else len(changes)) - 1)
    happened = []
    for number, change in changes[first:]:
        letter = letters.get((key, number), "")
        mark = f'<b class="letter">{letter}</b> ' if letter else ""
        dose = f" ({said(change.dose)})" if change.dose else ""
        happened.append(f"{mark}{change.what} {text(day(change.day))}{dose}{_off_the_plot(change.day, grid)}")
    if earlier := one.earlier + first:
        happened.insert(0, many(earlier, "earlier change"))
    if one.last_taken:
        dose = f" ({said(one.dose)})" if one.dose else ""
        happened.append(f"noted as taken {many(one.taken, 'time')}, last {text(day(one.last_taken))}{dose}")
    return f"<strong>{said(one.name)}</strong>: {'; '.join(happened)}"


def _off_the_plot(when: date, grid: Grid | None) -> str:
    if not grid or grid.days[0] <= when <= grid.days[1]:
        return ""
    return ", before the plot" if when < grid.days[0] else ", after the plot"


def tried(seen: Seen) -> str:
    """Stretching, and what eased a cramp."""
    stretches, eased = seen.stretches, seen.cramps.eased
    pairs = []
    if stretches.first and stretches.last:
        about = f"{many(stretches.n, 'session')}, {span(stretches.first, stretches.last)}"
        stopped = f"; {stretches.stopped} stopped early" if stretches.stopped else ""
        pairs.append(("Stretching", text(f"{about}{stopped}; for each week see the plot")))
    else:
        pairs.append(("Stretching", "not entered"))
    words = [f"{said(what)} ({times})" for what, times in eased.most(5)]
    rest = eased.n - sum(times for _, times in eased.most(5))
    words += [f"other ({rest})"] if rest else []
    pairs.append(("What eased it", f"{', '.join(words)} (n={eased.n})" if words else "not entered"))
    return section("tried", "What was tried", f"<p><strong>{text(CAUTION)}</strong></p>", terms(pairs))


# --- the cramps, the leg, sleep and days -----------------------------------------------------------------------


def cramps(seen: Seen) -> str:
    """Where, when, how long and how bad, of cramps that were logged one by one."""
    own = seen.cramps
    if not own.n:
        return section("cramps", "Cramps logged one by one", "<p>None was logged one by one.</p>")
    sides = [side for side in (*LEGS, NO_ANSWER) if any(where[1] == side for where in own.places)]
    rows = [
        [muscle, *(str(own.places[muscle, side] or "-") for side in sides)]
        for muscle in (*MUSCLES, NO_ANSWER)
        if any(where[0] == muscle for where in own.places)
    ]
    order = [*(words for _, _, words in HOURS), *PARTS.values()]
    pairs = [
        ("When", text(", ".join(f"{words} ({own.times[words]})" for words in order if own.times[words]))),
        ("Hard to the touch", _answer(own.knot)),
        ("Sore afterwards", _answer(own.sore)),
    ]
    place = table("Muscle and side", ["Muscle", *sides], rows, "places")
    return section("cramps", f"Cramps logged one by one (n={own.n})", place, known(pairs))


def _answer(given: Counter[str]) -> str:
    parts = [f"{answer} ({given[answer]})" for answer in ("yes", "no", NO_ANSWER) if given[answer]]
    return text(", ".join(parts)) if given["yes"] or given["no"] else NO_ANSWER


def leg(seen: Seen) -> str:
    """Answers about the leg, of cramps and of questions about signs."""
    words = {**ANSWERS, **{name: look[0] for name, look in LOOKS.items()}}
    pairs = [(_capital(about), _answered(seen, "cramp", name)) for name, about in words.items()]
    asked = {name: given for name in QUESTIONS if (given := seen.answers.get((_ASKED, name)))}
    pairs += [
        (_capital(QUESTIONS[name][0]), _answered(seen, _ASKED, name)) for name, given in asked.items() if given["yes"]
    ]
    if no := [f"{QUESTIONS[name][1]} ({given['no']})" for name, given in asked.items() if not given["yes"]]:
        pairs.append(("Asked about signs, no", text(", ".join(no))))
    missing = len(QUESTIONS) - len(asked)
    left = f"<p>Not answered: {missing} of {len(QUESTIONS)} questions about signs.</p>" if missing else ""
    return section("leg", "Answers about the leg", known(pairs), left)


def _answered(seen: Seen, kind: str, name: str) -> str:
    given = seen.answers.get((kind, name))
    choices = LOOKS[name][1] if name in LOOKS else ("yes", "no")
    if not given:
        return NO_ANSWER
    last = f", last {day(seen.last_yes[kind, name])}" if (kind, name) in seen.last_yes else ""
    return text(", ".join(f"{answer} ({given[answer]})" for answer in choices if given[answer]) + last)


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def conditions(seen: Seen, profile: Profile) -> str:
    """What the person has said about themselves."""
    pairs = []
    for name, (words, meanings) in _PROFILE.items():
        value = getattr(profile, name)
        pairs.append((words, text(NO_ANSWER if value == "unknown" else meanings.get(value, value))))
    pairs.append((_capital(CARE_TEAM), _answered(seen, _ASKED, "care_team")))
    return section("conditions", "Conditions (others are not asked)", known(pairs))


def sleep_and_days(seen: Seen) -> str:
    """What was entered of sleep, and of days."""
    sleep, days = seen.sleep, seen.days
    drinks, minutes, heat = days.alcohol.spread, days.minutes.spread, days.counted("heat")
    some = drinks.above(0)
    alcohol = f"on {some} of {many(drinks.n, 'day')}; most {figure(drinks.most)} drinks" if some else ""
    alcohol = alcohol or (f"none on {many(drinks.n, 'day')}" if drinks.n else NO_ANSWER)
    active = f"on {many(len(days.active), 'day')}" if days.active else NO_ANSWER
    if minutes.n:
        active += f"; {spread(minutes, 'min')}"
    if unusual := days.counted("unusual")["yes"]:
        active += f"; more than usual on {unusual}"
    how = days.counted("day")
    pairs = [
        ("Sleep disturbed, 0 to 10", spread(sleep.disturbed.spread)),
        ("Woken in a night", spread(sleep.woken.spread)),
        ("Hours slept", spread(sleep.hours.spread)),
        ("Alcohol", alcohol),
        ("Stress, 0 to 10", spread(days.stress.spread)),
        ("How the day was", ", ".join(f"{one} ({how[one]})" for one in HOW_IT_WAS if how[one]) or NO_ANSWER),
        ("Heat or sweating", f"yes ({heat['yes']}), no ({heat['no']})" if heat else NO_ANSWER),
        ("Activity", active),
    ]
    title = f"Sleep, and days (n={len(days.entered)})"
    return section("days", title, known((term, text(about)) for term, about in pairs))
