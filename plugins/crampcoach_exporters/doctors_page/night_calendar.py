"""The nights one by one: a column a week, with signs that differ in shape and not in colour."""

from __future__ import annotations

from datetime import timedelta

from crampcoach_exporters.doctors_page.grid import LEFT, SMALL, Grid, label, picture
from crampcoach_exporters.doctors_page.nights import Night
from crampcoach_exporters.doctors_page.reading import WEEK, Seen
from crampcoach_exporters.doctors_page.texts import DAYS

ROW = 3.5
_NONE = '<circle cx="{x:.2f}" cy="{y:.2f}" r="1" fill="#fff" stroke="#000" stroke-width="0.25"/>'
_ONE = '<circle cx="{x:.2f}" cy="{y:.2f}" r="1.35" fill="#000"/>'
_MORE = '<rect x="{left:.2f}" y="{top:.2f}" width="{wide:.2f}" height="3.3" fill="#000"/>'
_SILENT = '<path d="M{x:.2f} {y:.2f}h0.6" stroke="#000" stroke-width="0.4"/>'


def night_calendar(grid: Grid, seen: Seen, described_by: str) -> str:
    """The picture."""
    parts = []
    for row in range(WEEK):
        weekday = DAYS[grid.week_begins(grid.first).weekday() - WEEK + row]
        parts.append(label(LEFT - 1.5, row * ROW + ROW / 2 + SMALL / 3, weekday, anchor="end"))
    for column in grid.columns:
        for row in range(WEEK):
            day = grid.week_begins(column) + timedelta(days=row)
            if seen.shown and day >= seen.shown:
                parts += sign(seen.nights[day], grid.middle(column), row * ROW + ROW / 2, grid.step)
    y = WEEK * ROW + 2.6
    title = (
        f"Calendar of {seen.all_shown.nights} nights: without cramps, with one, with two or more, not known, not "
        "entered. The same stands in the table."
    )
    return picture(y + 1, title, described_by, [*parts, *grid.months(y)], "calendar")


def sign(night: Night, x: float, y: float, room: float = 9.0) -> list[str]:
    """What stands for a night, around a place."""
    if night.count is None:
        if night.entered:
            return [label(x, y + SMALL / 3, "?", anchor="middle", more=' font-weight="bold"')]
        return [_SILENT.format(x=x - 0.3, y=y)]
    if night.count == 0:
        return [_NONE.format(x=x, y=y)]
    if night.count == 1:
        return [_ONE.format(x=x, y=y)]
    words = f"{night.count}{'+' if night.at_least else ''}"
    wide = min(max(3.3, 1.6 * len(words) + 0.6), room - 0.3)
    white = ' fill="#fff" font-weight="bold"'
    return [
        _MORE.format(left=x - wide / 2, top=y - 1.65, wide=wide),
        label(x, y + SMALL / 3, words, anchor="middle", more=white),
    ]


def legend() -> str:
    """What the signs mean, for those who see them."""
    shown = [
        (Night(entered=True, count=0), "no cramp"),
        (Night(entered=True, count=1), "one, or at least one"),
        (Night(entered=True, count=2, at_least=True), "so many (+: at least)"),
        (Night(entered=True), "does not know"),
        (Night(), "not entered"),
    ]
    items = []
    for night, words in shown:
        drawn = "".join(sign(night, 2.2, 1.85))
        items.append(f'<li><svg viewBox="0 0 4.4 3.7" class="key" aria-hidden="true">{drawn}</svg> {words}</li>')
    return f'<ul class="legend">{"".join(items)}</ul>'
