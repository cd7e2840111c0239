"""The plot: nights with cramps and cramps in each week, with how much was entered below, and medicine dates above."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from crampcoach_exporters.doctors_page.grid import LEFT, SMALL, Grid, label, line, picture
from crampcoach_exporters.doctors_page.nights import Count

#: Of fewer nights a week's bar is drawn without filling: it says little.
FEW = 4
TALL = 21.0
_LANE = 4.2
#: How wide a letter is with its frame.
_SINGLE = 3.4


def plot(
    grid: Grid, weeks: Sequence[Count], stretches: Sequence[int], marks: Sequence[tuple[date, str]], described_by: str
) -> str:
    """The picture. `marks`: day and letter, oldest first."""
    top = _LANE * bool(marks) + 3
    bottom = top + TALL
    most = max(7, *(week.cramps for week in weeks))
    parts = _scale(grid, most, top, bottom)
    parts += [
        line(x, 3.7, x, bottom, 0.2, ' stroke-dasharray="0.8 0.8"') for x in sorted({grid.at(day) for day, _ in marks})
    ]
    for middle, wide, words in _groups(grid, marks):
        parts.append(
            f'<rect x="{middle - wide / 2:.2f}" y="0.3" width="{wide:.2f}" height="3.4" rx="1.7" fill="#fff" '
            'stroke="#000" stroke-width="0.25"/>'
        )
        parts.append(label(middle, 2.9, words, anchor="middle"))
    for column, week in zip(grid.columns, weeks, strict=True):
        parts += _week(grid, column, week, most, bottom)
    rows = [("nights entered", [week.entered or "-" for week in weeks])]
    rows += [("stretches", [many or "-" for many in stretches])] if any(stretches) else []
    for number, (name, values) in enumerate(rows):
        y = bottom + 3.2 + 3.1 * number
        parts.append(label(LEFT - 1.5, y, name, anchor="end"))
        parts += [
            label(grid.middle(c), y, value, anchor="middle") for c, value in zip(grid.columns, values, strict=True)
        ]
    y = bottom + 3.2 + 3.1 * len(rows) + 0.4
    parts += grid.months(y)
    total = sum(week.cramps for week in weeks)
    title = (
        f"Plot of {len(weeks)} weeks: nights with cramps and cramps in each week; {total} cramps in "
        f"{sum(week.with_cramps for week in weeks)} nights. The same numbers stand in the table."
    )
    return picture(y + 1, title, described_by, parts, "plot")


def _week(grid: Grid, column: int, week: Count, most: int, bottom: float) -> list[str]:
    x, high = grid.middle(column), TALL / most
    wide = min(4.2, grid.step * 0.62)
    found = []
    if week.with_cramps:
        tall = week.with_cramps * high
        fill = "#000" if week.known >= FEW else "#fff"
        found.append(
            f'<rect x="{x - wide / 2:.2f}" y="{bottom - tall:.2f}" width="{wide:.2f}" height="{tall:.2f}" '
            f'fill="{fill}" stroke="#000" stroke-width="0.25"/>'
        )
    if week.cramps > week.with_cramps:
        y = bottom - week.cramps * high
        found.append(line(x, bottom - week.with_cramps * high, x, y + 0.9, 0.25))
        found.append(f'<circle cx="{x:.2f}" cy="{y:.2f}" r="0.9" fill="#fff" stroke="#000" stroke-width="0.3"/>')
    return found


def _scale(grid: Grid, most: int, top: float, bottom: float) -> list[str]:
    step = next(step for power in range(9) for factor in (1, 2, 5) if most <= 5 * (step := factor * 10**power))
    found = [line(LEFT, bottom, grid.end, bottom, 0.3)]
    for value in range(0, most + 1, step):
        y = bottom - value * TALL / most
        found.append(label(LEFT - 1.5, y + SMALL / 3, value, anchor="end"))
        if value:
            found.append(line(LEFT, y, grid.end, y, 0.1, ' stroke-opacity="0.5"'))
    return found


def _groups(grid: Grid, marks: Sequence[tuple[date, str]]) -> list[tuple[float, float, str]]:
    """Middle, width and words of each letter; of letters that are too near, together: "B C", or "D-G"."""
    groups: list[list[tuple[float, str]]] = []
    for day, letter in marks:
        x = grid.at(day)
        if groups and x - _width(groups[-1]) / 2 - _middle(groups[-1]) < _SINGLE / 2 + 0.3:
            groups[-1].append((x, letter))
        else:
            groups.append([(x, letter)])
    return [(_middle(group), _width(group), _words(group)) for group in groups]


def _middle(group: list[tuple[float, str]]) -> float:
    return (group[0][0] + group[-1][0]) / 2


def _words(group: list[tuple[float, str]]) -> str:
    letters = [letter for _, letter in group]
    return " ".join(letters) if len(letters) < 3 else f"{letters[0]}-{letters[-1]}"


def _width(group: list[tuple[float, str]]) -> float:
    return _SINGLE if len(group) == 1 else 2 * _SINGLE
