"""Where the weeks stand on the plot and on the calendar: the same for both, so that one is read below the other.

All lengths are in millimetres on paper.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from crampcoach_exporters.doctors_page.reading import WEEK, Seen
from crampcoach_exporters.doctors_page.texts import text
from crampcoach_exporters.in_words import MONTHS

WIDTH, LEFT, WIDEST = 190.0, 21.0, 9.0
#: The smallest type, 7 points, and that of numbers which stand out.
SMALL, PLAIN = 2.47, 2.8


@dataclass(frozen=True, slots=True)
class Grid:
    """Weeks side by side: the first column that is shown, how many there are, and how wide each is."""

    edge: date
    first: int
    weeks: int

    @property
    def step(self) -> float:
        return min(WIDEST, (WIDTH - LEFT - 1) / self.weeks)

    def begin(self, column: int) -> float:
        """Where a week begins, by its number in the window."""
        return LEFT + (column - self.first) * self.step

    def middle(self, column: int) -> float:
        return self.begin(column) + self.step / 2

    def at(self, day: date) -> float:
        """Where a day lies, within the weeks that are shown."""
        weeks = (day - self.edge).days / WEEK - self.first
        return LEFT + min(max(weeks, 0), self.weeks) * self.step

    @property
    def days(self) -> tuple[date, date]:
        """The first and the last that have a place: the morning after the last night, too."""
        return self.week_begins(self.first), self.week_begins(self.first + self.weeks)

    @property
    def columns(self) -> range:
        return range(self.first, self.first + self.weeks)

    @property
    def end(self) -> float:
        return LEFT + self.weeks * self.step

    def week_begins(self, column: int) -> date:
        return self.edge + timedelta(days=WEEK * column)

    def months(self, y: float) -> list[str]:
        """The names of the months along a line, each where it begins, with the year where that is new."""
        found, free, year = [], 0.0, 0
        for column in self.columns:
            for night in range(WEEK):
                day = self.week_begins(column) + timedelta(days=night)
                if day.day != 1 and (column, night) != (self.first, 0):
                    continue
                words = MONTHS[day.month - 1][:3] + (f" {day.year}" if day.year != year else "")
                x, wide = self.at(day), len(words) * SMALL * 0.62
                # A beginning that has no room before the first of the next month gives way to it.
                if x < free or (day.day > 20 and x + wide > self.at(_next_month(day))):
                    continue
                found.append(label(x, y, words))
                free, year = x + wide + 1, day.year
        return found


def grid_of(seen: Seen) -> Grid:
    """The weeks from the first night that is shown to the last."""
    assert seen.shown
    first = seen.window.column(seen.shown)
    return Grid(seen.window.edge, first, seen.window.column(seen.window.last) - first + 1)


def label(x: float, y: float, words: object, *, anchor: str = "start", size: float = SMALL, more: str = "") -> str:
    """A text in a picture."""
    return f'<text x="{x:.2f}" y="{y:.2f}" font-size="{size}" text-anchor="{anchor}"{more}>{text(words)}</text>'


def line(x1: float, y1: float, x2: float, y2: float, width: float = 0.2, more: str = "") -> str:
    """A straight line."""
    return f'<path d="M{x1:.2f} {y1:.2f}L{x2:.2f} {y2:.2f}" stroke="#000" stroke-width="{width}"{more}/>'


def picture(height: float, title: str, described_by: str, parts: list[str], name: str) -> str:
    """A picture with a text for those who do not see it; `described_by` is the id of the numbers' table."""
    return "\n".join(
        [
            f'<svg viewBox="0 0 {WIDTH:g} {height:.2f}" role="img" aria-labelledby="{name}-title" '
            f'aria-describedby="{described_by}" xmlns="http://www.w3.org/2000/svg">',
            f'<title id="{name}-title">{text(title)}</title>',
            *parts,
            "</svg>",
        ]
    )


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
