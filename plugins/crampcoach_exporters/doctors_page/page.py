"""The page as HTML: one file that needs no other, without a script."""

from __future__ import annotations

from crampcoach import Context
from crampcoach_exporters.doctors_page import sections, top
from crampcoach_exporters.doctors_page.grid import grid_of
from crampcoach_exporters.doctors_page.options import Options
from crampcoach_exporters.doctors_page.reading import Seen
from crampcoach_exporters.doctors_page.style import STYLE
from crampcoach_exporters.doctors_page.texts import day, many, text

#: What a doctor wants to know (record `clinician-summary`) and no question of crampcoach's is about.
_NOT_ASKED = (
    "when the cramps began; at rest or on exertion; illness of thyroid, blood vessels or nerves; whether what was "
    "tried helped; what cramps do to the mood."
)


def page(seen: Seen, ctx: Context[Options]) -> str:
    """All of it."""
    options, now = ctx.options, ctx.now
    grid = grid_of(seen) if seen.shown else None
    body = [
        top.header(seen, options.name, options.born, now, ctx.asked),
        "<main>",
        top.question(options.question),
        top.signs(seen, now, ctx.asked.with_text),
        top.glance(seen),
    ]
    body += [sections.weeks(seen, grid)] if grid else []
    body.append(_parts(sections.medicines(seen, grid), sections.tried(seen), sections.conditions(seen, ctx.profile)))
    body += [sections.calendar(seen, grid), sections.numbers(seen, grid)] if grid else []
    body.append(_parts(sections.cramps(seen), sections.leg(seen), sections.sleep_and_days(seen)))
    body += [sections.before(seen), "</main>", _footer(seen)]
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{text(top.TITLE)}</title>",
            f"<style>\n{STYLE}\n</style>",
            "</head>",
            "<body>",
            *filter(None, body),
            "</body>",
            "</html>",
            "",
        ]
    )


def _parts(*found: str) -> str:
    return f'<div class="parts">\n{"".join(found)}\n</div>'


def _footer(seen: Seen) -> str:
    """What was not asked, and how it was counted."""
    said = [
        "A night goes from noon to noon, named by its evening; a cramp between noon and bed time is one of the day. "
        "Cramps logged one by one and a morning's answer about that night are counted once. Of a night's sleep and of "
        "a day the newest value counts."
    ]
    if seen.nights.first and seen.nights.first < seen.window.edge:
        said.append(
            f"Cramps, answers, sleep and days are those since {day(seen.window.edge)}; signs, medicines and stretching "
            "are of the whole log."
        )
    if seen.outside:
        said.append(f"{many(seen.outside, 'entry', 'entries')} outside the period, or of a night not over, left out.")
    return f"<footer><p><b>crampcoach does not ask:</b> {text(' '.join([_NOT_ASKED, *said]))}</p></footer>"
