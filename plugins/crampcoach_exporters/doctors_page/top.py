"""What a doctor sees first: whose log it is and what it is, the question, signs that may matter, and a few numbers."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from crampcoach import Asked
from crampcoach_exporters.doctors_page.nights import Count
from crampcoach_exporters.doctors_page.reading import HOURS, LONG, PARTS, Seen, now_and_before
from crampcoach_exporters.doctors_page.signs import LEGS, Found, Sign
from crampcoach_exporters.doctors_page.tallies import Spread
from crampcoach_exporters.doctors_page.texts import (
    NO_ANSWER,
    NONE_ASKED,
    day,
    figure,
    many,
    said,
    section,
    span,
    table,
    text,
)

TITLE = "Leg cramps: a log for the doctor"


def header(seen: Seen, name: str | None, born: str | None, now: datetime, asked: Asked) -> str:
    """Whose log, which time, and that nobody has checked it."""
    who = [f"<b>Name:</b> {said(name)}" if name else "", f"<b>Born:</b> {said(born)}" if born else ""]
    who = [*filter(None, who)] or ["<b>Name:</b> not given"]
    shown = seen.shown
    if shown:
        nights = seen.all_shown
        when = f"{text(span(shown, seen.window.last))} ({many(nights.nights, 'night')})"
        if seen.nights.first and seen.nights.first < shown:
            when += f", sums since {text(day(seen.nights.first))} at the end"
    else:
        when = "no night is entered"
    made = f"printed {text(day(now.date()))}"
    lines = [
        f"<p>{' &nbsp; '.join([*who, f'<b>Period:</b> {when}', made])}</p>",
        '<p class="honest"><strong>Self-reported, not a diagnosis.</strong> Entered with crampcoach by the person. '
        "\N{LEFT SINGLE QUOTATION MARK}Not entered\N{RIGHT SINGLE QUOTATION MARK} never means "
        "\N{LEFT SINGLE QUOTATION MARK}no\N{RIGHT SINGLE QUOTATION MARK}; n: so many were entered."
        "</p>",
    ]
    if asked.kinds:
        lines.append(f"<p>Only entries of these kinds were asked for: {text(', '.join(asked.kinds))}.</p>")
    if said_of := _asked_time(seen, asked, now):
        lines.append(f"<p>{text(said_of)}</p>")
    return f"<header>\n<h1>{TITLE}</h1>\n{''.join(lines)}\n</header>"


def _asked_time(seen: Seen, asked: Asked, now: datetime) -> str:
    """That a sign or a medicine may lie outside the time that was asked for: nobody may read that there was none."""
    shown, window = seen.shown, seen.window
    words, missing = [], []
    if window.since:
        words.append(f"from {day(window.since)}")
        missing.append("earlier")
    if asked.until:
        words.append(f"up to {day((asked.until - timedelta(microseconds=1)).astimezone(now.tzinfo).date())}")
        missing.append("later")
    if not words:
        return ""
    begins = window.since and shown and (shown - window.since).days > 1 and shown > window.edge
    first = f"; the first night entered is {day(shown)}" if begins and shown else ""
    what = " or ".join(missing)
    return f"Asked for {' '.join(words)}{first}. What was {what}, signs and medicines too, is not on this page."


def question(asked: str | None) -> str:
    """The person's own question; without one, room to write it."""
    if asked:
        return section("question", "My question", f'<p class="asked">{said(asked)}</p>', css="question")
    return section("question", "My question", '<p class="asked line"></p>', css="question")


# --- signs -----------------------------------------------------------------------------------------------------


def signs(seen: Seen, now: datetime, with_text: bool) -> str:
    """Every sign with its newest entries; or that none was entered."""
    found = seen.signs.ordered()
    parts = []
    if found:
        rows = [(text(sign.title), _times(sign), "<br>".join(map(_found, reversed(sign.newest)))) for sign in found]
        parts.append(table("Signs, most pressing first", _HEAD, rows, "signs"))
    else:
        parts.append(f"<p><strong>{NONE_ASKED if seen.part else 'None entered'}.</strong></p>")
    if seen.signs.examined:
        times = many(seen.signs.times_examined, "time")
        when = day(seen.signs.examined.date())
        parts.append(f"<p>A doctor or nurse has looked at the leg, as entered: {times}, last on {text(when)}.</p>")
    words = (
        f"{many(seen.left_out, 'entry has', 'entries have')} words that are left out, and were not searched for signs"
    )
    parts += [f"<p>{text(words)}.</p>"] if seen.left_out and not with_text else []
    advice = [f"<p>{text(sign.advice)}</p>" for sign in seen.signs.open(now)]
    if advice:
        body = "\n".join(["<p><b>For the person who keeps this log:</b></p>", *advice])
        parts.append(f'<div class="advice">{body}</div>')
    return section(
        "signs",
        "Signs that may need a doctor" + ", most pressing first" * bool(found),
        *parts,
        css="flags" if found else "no-flags",
    )


_HEAD = ("Sign", "Entries", "When (the newest), and what was entered")


def _times(sign: Sign) -> str:
    assert sign.first
    return text(str(sign.n) if sign.n <= len(sign.newest) else f"{sign.n}, first {day(sign.first)}")


def _found(one: Found) -> str:
    return f"{text(day(one.day))}: {said(one.what)}"


# --- a few numbers ---------------------------------------------------------------------------------------------


_NOTHING = (NO_ANSWER, "")
_TOO_FEW = "too few"
#: Times of the night or day that say something, in their order.
_CLEAR = (*(words for _, _, words in HOURS), *(words for part, words in PARTS.items() if part != "unknown"))


def glance(seen: Seen) -> str:
    """Nights, now and before; how bad, how long, where, when, and whether it woke the person."""
    nights = seen.all_shown
    counted = f"{nights.without} without, {nights.unknown} not known, {nights.not_entered} not entered"
    boxes = [
        ("Nights with cramps a week", *_rate(seen)),
        ("Nights", *((f"{nights.with_cramps} with", f"{counted}; of {nights.nights}") if nights.nights else _NOTHING)),
        ("Severity, 0 to 10", *_severity(seen.cramps.severity)),
        ("Duration", *_duration(seen.cramps.minutes)),
        ("Where", *_where(seen)),
        ("When", *_when(seen)),
    ]
    body = "".join(
        f'<div><dt>{text(term)}</dt><dd class="big">{text(big)}</dd><dd>{text(small)}</dd></div>'
        for term, big, small in boxes
    )
    return section("glance", "At a glance", f'<dl class="glance">{body}</dl>', css="first")


def _rate(seen: Seen) -> tuple[str, str]:
    if not seen.all_shown.entered:
        return _NOTHING
    both = now_and_before(seen)
    if both is None:
        return (_a_week(seen.all_shown), f"{_of(seen.all_shown)}; less than eight weeks: nothing to compare")
    now, before = both
    rates = f"{_a_week(now)} now, {_a_week(before)} before"
    return (
        _TOO_FEW if now.a_week is None and before.a_week is None else rates,
        f"last 4 weeks {_of(now)}; before {_of(before)}",
    )


def _a_week(nights: Count) -> str:
    return _TOO_FEW if nights.a_week is None else f"{nights.a_week:.1f}"


def _of(nights: Count) -> str:
    too_few = f", too few of {nights.nights} answered" if nights.a_week is None else ""
    return f"{nights.with_cramps} of {many(nights.known, 'known night')}{too_few}"


def _severity(given: Spread) -> tuple[str, str]:
    return (figure(given.median), f"median, n={given.n}; worst {figure(given.most)}") if given.n else _NOTHING


def _duration(given: Spread) -> tuple[str, str]:
    if not given.n:
        return _NOTHING
    ends = f"; {figure(given.least)} to {figure(given.most)} min" if given.least < given.most else ""
    return (f"{figure(given.median)} min", f"median, n={given.n}{ends}; over {LONG} min: {given.above(LONG)}")


def _where(seen: Seen) -> tuple[str, str]:
    """The place in most cramps: muscle and side, or that of both which was entered, where both seldom were."""
    both, muscles, sides = Counter[str](), Counter[str](), Counter[str]()
    placed = 0
    for (muscle, side), times in seen.cramps.places.items():
        placed += times * ((muscle, side) != (NO_ANSWER, NO_ANSWER))
        if muscle != NO_ANSWER:
            muscles[muscle] += times
        if side != NO_ANSWER:
            sides[LEGS[side]] += times
        if NO_ANSWER not in (muscle, side):
            both[f"{side} {muscle}" if side != "both" else f"{muscle} (both)"] += times
    return _most(next(one for one in (both, muscles, sides) if 2 * one.total() >= placed), seen.cramps.n, "places")


def _when(seen: Seen) -> tuple[str, str]:
    """The time of most cramps, and how many woke the person."""
    times = seen.cramps.times
    clear = Counter({words: times[words] for words in _CLEAR if times[words]})
    most, of = _most(clear or times, seen.cramps.n, "times")
    woke = seen.cramps.woke
    answered = woke["yes"] + woke["no"]
    words = f"{woke['yes']} of {answered} answered" if answered else NO_ANSWER
    return (most, f"{of}; woke the person: {words}" if of else of)


def _most(found: Counter[str], of: int, what: str) -> tuple[str, str]:
    """What is commonest, and in how many; of two that are equally common both."""
    if not found:
        return _NOTHING
    times = max(found.values())
    most = [words for words, many_times in found.items() if many_times == times]
    if len(most) > 2:
        return ("various", f"{len(most)} {what}, {times} each of n={of}")
    return (" and ".join(most), f"{times}{' each' * (len(most) - 1)} of n={of}")
