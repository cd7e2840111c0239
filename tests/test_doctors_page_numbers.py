"""Every number on the page for the doctor: right, adding up, with its n, and in a space that does not grow.

What is known of a night is what `crampcoach week` says of it.
"""

from __future__ import annotations

import re
import statistics
import tracemalloc
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import partial
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crampcoach import Asked, Entry, Kind
from crampcoach.clock import night_of
from crampcoach.hours import Hours
from crampcoach.moments import of_night
from crampcoach.transfer.exporting import Words
from crampcoach_cramps.fields import CrampFields, NightFields
from crampcoach_cramps.nights import nights as nights_of_week
from crampcoach_exporters.doctors_page.medicines import Medicines
from crampcoach_exporters.doctors_page.nights import Nights
from crampcoach_exporters.doctors_page.options import Options
from crampcoach_exporters.doctors_page.reading import HOURS, Seen, now_and_before, read, time_of, window_of
from crampcoach_exporters.doctors_page.tallies import MOST_TEXTS, Spread, Texts, clipped
from crampcoach_exporters.doctors_page.texts import span
from doctors_pages import Page, context, page_of
from invented_logs import LAST, NOW, entry, half_a_year, in_order, moment, ten_years

pytestmark = pytest.mark.pure

KINDS = {
    "cramp": Kind(name="cramp", title="A cramp", fields=CrampFields),
    "night": Kind(name="night", title="A night", fields=NightFields),
}
HALF = half_a_year()


def seen_in(entries: list[Entry], weeks: int = 27, **given: Any) -> Seen:
    return read(iter(in_order(entries)), context(**given), weeks, lambda _entry: ())


# --- nights ----------------------------------------------------------------------------------------------------

COUNTS: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.just({}),
    st.fixed_dictionaries({"count": st.integers(0, 99)}, optional={"at_least": st.booleans()}),
    st.fixed_dictionaries({"hours_slept": st.floats(0, 24)}),
    st.fixed_dictionaries({"weather": st.text(max_size=3)}),
    st.fixed_dictionaries({"at_least": st.booleans()}),
)
MANY = 10
SINCE = LAST - timedelta(days=MANY - 1)


@st.composite
def told(draw: st.DrawFn) -> Entry:
    """A cramp, or what is said of a night: soon after it, or long after."""
    night = SINCE + timedelta(days=draw(st.integers(0, MANY - 1)))
    at = datetime(night.year, night.month, night.day, 12, tzinfo=UTC) + timedelta(minutes=draw(st.integers(0, 30_000)))
    note = draw(st.sampled_from(["", "", "words"]))
    if draw(st.booleans()):
        return Entry(kind="cramp", at=at, zone="UTC", night=night, note=note, fields={"severity": 5})
    return Entry(kind="night", at=at, zone="UTC", night=night, note=note, fields=draw(COUNTS))


class Log:
    """The log as the cramps plugin asks it."""

    def __init__(self, entries: list[Entry]) -> None:
        self._entries = entries

    def entries(
        self, kind: str | None = None, since: datetime | None = None, until: datetime | None = None
    ) -> tuple[Entry, ...]:
        assert until is None
        return tuple(one for one in self._entries if one.kind == kind and one.at and (not since or one.at >= since))

    def last(self, kind: str) -> Entry | None:
        raise AssertionError

    def occurrences(self, since: datetime, until: datetime) -> tuple[Any, ...]:
        raise AssertionError


@given(st.lists(told(), max_size=25))
@example([])
def test_nights_are_what_the_cramps_plugin_says_with_words_and_without(entries: list[Entry]) -> None:
    ordered = in_order(entries)
    theirs = nights_of_week(Log(ordered), partial(of_night, hours=Hours()), LAST, MANY)
    for given_to_us in (ordered, [Words(KINDS).left_out(one) for one in ordered]):
        ours = Nights(partial(of_night, hours=Hours()))
        for one in given_to_us:
            ours.take(one)
        for night, their in theirs.items():
            mine = ours[night]
            assert (mine.entered, mine.count, mine.at_least) == (their.entered, their.count, their.at_least), night


def test_the_night_that_is_over_is_the_one_that_week_ends_with() -> None:
    from crampcoach_cramps.week import _last_night

    for hour in range(24):
        now = moment(LAST, f"{hour:02}:30")
        assert window_of(context(now=now), 27).last == _last_night(now)


@given(st.lists(told(), min_size=1, max_size=40))
def test_counts_add_up(entries: list[Entry]) -> None:
    seen = seen_in(entries)
    if not seen.shown:
        assert not any(seen.nights[SINCE + timedelta(days=n)].entered for n in range(MANY))
        return
    all_shown = seen.all_shown
    assert all_shown.with_cramps + all_shown.without + all_shown.unknown + all_shown.not_entered == all_shown.nights
    assert all_shown.nights == (LAST - seen.shown).days + 1
    weeks = [seen.week(column) for column in range(27)]
    for name in ("nights", "with_cramps", "without", "unknown", "not_entered", "cramps"):
        shown = [week for week in weeks if week.nights]
        assert sum(getattr(week, name) for week in shown) == getattr(all_shown, name), name
    assert all_shown.cramps >= all_shown.with_cramps
    cramps = [one for one in entries if one.kind == "cramp"]
    assert all_shown.cramps >= sum(of_night(one, Hours()) for one in cramps)
    assert seen.cramps.n == len(cramps)
    assert seen.cramps.places.total() == seen.cramps.times.total() == seen.cramps.woke.total() == len(cramps)


def test_on_the_page_plot_calendar_and_table_say_the_same() -> None:
    page = Page(page_of(HALF))
    head, *rows = page.rows()
    assert head == [
        "Week",
        "Nights with cramps",
        "Cramps",
        "Nights entered",
        "Stretches",
        *["Fri", "Sat", "Sun", "Mon", "Tue", "Wed", "Thu"],
    ]
    seen = seen_in(HALF)
    assert len(rows) == 27
    total = seen.all_shown
    assert sum(int(row[1]) for row in rows) == total.with_cramps
    assert sum(int(row[2].removeprefix("at least ")) for row in rows) == total.cramps
    assert sum(int(row[3].partition(" of ")[0]) for row in rows) == total.entered
    assert sum(int(row[4]) for row in rows) == sum(1 for one in HALF if one.kind == "stretch")
    said = Counter(cell for row in rows for cell in row[5:] if cell)
    assert (said["none"], said["don't know"], said["not entered"]) == (total.without, total.unknown, total.not_entered)
    calendar, plot = page.section("nights"), page.section("weeks")
    assert calendar.count("?") == total.unknown + 1, "and in the legend"
    # Every second bar's number stands below the axis, in the order of the weeks.
    entered = [row[3].partition(" of ")[0] for row in rows]
    assert " ".join(entered).replace(" ", "") in re.sub(r"\s", "", plot)
    assert plot.count("At least 99 cramps") == 1


def test_bars_are_as_high_as_their_numbers() -> None:
    html = page_of(HALF)
    plot = html[html.index('aria-labelledby="plot-title"') : html.index("</svg>")]
    bars = [float(tall) for tall in re.findall(r'height="([\d.]+)" fill="#(?:000|fff)" stroke', plot)]
    rows = [int(row[1]) for row in Page(html).rows()[1:] if row[1] != "0"]
    bars = bars[-len(rows) :]  # before them stand the letters' frames
    assert [round(bar / bars[0] * rows[0]) for bar in bars] == rows


# --- the first numbers -----------------------------------------------------------------------------------------


def steady(many: int, with_cramps: int, end: date = LAST) -> list[Entry]:
    """Nights up to `end` of which the first so many of each seven have one cramp."""
    return [
        entry("night", moment(end - timedelta(days=n - 1), "07:30"), end - timedelta(days=n), count=n % 7 < with_cramps)
        for n in range(many)
    ]


def counted(given: list[Entry]) -> list[Entry]:
    return [
        Entry(kind=one.kind, at=one.at, night=one.night, fields={"count": int(one.fields["count"])}) for one in given
    ]


def test_now_and_before_are_nights_a_week_of_those_known() -> None:
    recent, earlier = counted(steady(28, 1)), counted(steady(56, 3, LAST - timedelta(days=28)))
    both = now_and_before(seen_in([*recent, *earlier]))
    assert both
    assert [(one.with_cramps, one.known, one.a_week) for one in both] == [(4, 28, 1.0), (24, 56, 3.0)]
    said = Page(page_of(in_order([*recent, *earlier]))).section("glance")
    assert "1.0 now, 3.0 before last 4 weeks 4 of 28 known nights; before 24 of 56 known nights" in said


def test_nothing_is_compared_with_a_short_time_and_a_rate_needs_a_week() -> None:
    said = Page(page_of(in_order(counted(steady(50, 2))))).section("glance")
    assert "before" not in said
    assert "2.1 15 of 50 known nights; less than eight weeks" in said
    few = Page(page_of(in_order(counted(steady(5, 2))))).section("glance")
    assert "too few 2 of 5 known nights" in few


def test_cramps_alone_are_no_rate() -> None:
    """Who logs only cramps, and no night without, has cramps in all nights that are known: not in all nights."""
    alone = [entry("cramp", moment(LAST - timedelta(days=n), "23:00")) for n in range(0, 80, 2)]
    page = Page(page_of(in_order(alone)))
    said = page.section("glance")
    assert "too few last 4 weeks 14 of 14 known nights, too few of 28 answered; before 26 of 26" in said
    assert "7.0" not in said
    half = in_order([*alone, *counted(steady(20, 2))])
    assert "now, too few before" in Page(page_of(half)).section("glance")
    long_ago = in_order([*(entry("cramp", moment(LAST - timedelta(days=n), "23:00")) for n in range(300, 330)), *alone])
    years = Page(page_of(long_ago)).section("before")
    assert "January 2026 30 30 - at least 30" in years


def evening(ago: int) -> datetime:
    return moment(LAST - timedelta(days=ago), "22:00")


def test_both_ends_of_a_scale_are_answers() -> None:
    seen = seen_in(
        [
            *(entry("cramp", moment(LAST, "22:00"), severity=n, duration=m) for n, m in ((0, 0), (10, 24 * 60))),
            *(entry("night", evening(n), disturbed_sleep=n, woken=m) for n, m in ((0, 0), (10, 99))),
            *(entry("day", evening(n), stress=n, alcohol=m) for n, m in ((0, 0), (10, 50))),
        ]
    )
    both = {
        10: (seen.cramps.severity, seen.sleep.disturbed.spread, seen.days.stress.spread),
        24 * 60: (seen.cramps.minutes,),
        99: (seen.sleep.woken.spread,),
        50: (seen.days.alcohol.spread,),
    }
    for most, spreads in both.items():
        assert [(one.n, one.least, one.most) for one in spreads] == [(2, 0, most)] * len(spreads)


def test_severity_duration_place_and_waking_carry_their_n() -> None:
    given = [
        entry("cramp", moment(LAST, "22:00"), side="left", muscle="calf", severity=4, duration=2, asleep=True),
        entry("cramp", moment(LAST, "22:10"), side="left", muscle="calf", severity=9, duration=11, asleep=False),
        entry("cramp", moment(LAST, "22:20"), side="right", muscle="foot", severity=5, duration=10),
        entry("cramp", moment(LAST, "22:30")),
    ]
    said = Page(page_of(given)).section("glance")
    assert "Severity, 0 to 10 5 median, n=3; worst 9" in said
    assert "Duration 10 min median, n=3; 2 to 11 min; over 10 min: 1" in said
    assert "Where left calf 2 of n=4" in said
    assert "When 21 to 24 h 4 of n=4; woke the person: 1 of 2 answered" in said
    cramps = Page(page_of(given)).section("cramps")
    assert "21 to 24 h (4)" in cramps
    assert cramps.endswith("Not entered hard to the touch, sore afterwards"), "the sign between them is the style's"


def glance(*given: Entry) -> str:
    return Page(page_of(in_order(given))).section("glance")


@pytest.mark.parametrize(
    ("places", "words"),
    [
        ([{"side": "left"}, {"side": "left"}, {"side": "both"}], "Where left 2 of n=3"),
        ([{"side": "both"}, {}], "Where both sides 1 of n=2"),
        ([{"muscle": "calf"}, {"muscle": "calf"}, {"muscle": "foot", "side": "left"}], "Where calf 2 of n=3"),
        # More have no muscle than have one: a single cramp with both is not the place of most.
        ([{"side": "left"}, {"side": "left"}, {"side": "right", "muscle": "calf"}], "Where left 2 of n=3"),
        (
            [{"side": "right", "muscle": "foot"}, {"side": "both", "muscle": "calf"}],
            "Where calf (both) and right foot 1 each of n=2",
        ),
        (
            [{"side": "left", "muscle": muscle} for muscle in ("calf", "foot", "toes")],
            "Where various 3 places, 1 each of n=3",
        ),
        ([{}], "Where not entered"),
    ],
)
def test_where_is_the_place_of_most_cramps_as_far_as_it_was_entered(places: list[dict[str, Any]], words: str) -> None:
    assert words in glance(*(entry("cramp", evening(n), **place) for n, place in enumerate(places)))


def test_when_is_the_time_of_most_cramps() -> None:
    said = glance(*(entry("cramp", moment(LAST, f"{hour}:10")) for hour in ("02", "05", "05", "22")))
    assert "When 3 to 6 h 2 of n=4; woke the person: not entered" in said
    night = [entry("cramp", evening(n), part=part) for n, part in enumerate(["unknown", "unknown", "late"])]
    assert "When late in the night 1 of n=3" in glance(*night)
    assert "When night, hour not known 2 of n=2" in glance(*night[:2])
    assert "When not entered" in glance(*steady(8, 1))


# --- entered more than once ------------------------------------------------------------------------------------


def days_of(*given: Entry) -> str:
    return Page(page_of(in_order(given))).section("days")


def test_a_day_that_was_entered_three_times_is_one() -> None:
    at = moment(LAST, "18:00")
    night = entry("night", at, count=1)
    given: list[dict[str, Any]] = [
        {"activity": "walk", "unusual": True},
        {"alcohol": 1, "heat": True},
        {"alcohol": 2.0, "heat": False},
    ]
    day = [entry("day", at + timedelta(minutes=n), **fields) for n, fields in enumerate(given)]
    said = days_of(night, *day)
    assert said.startswith("Sleep, and days (n=1)")
    assert "Alcohol on 1 of 1 day; most 2 drinks" in said
    assert "Heat or sweating yes (0), no (1)" in said
    assert "Activity on 1 day; more than usual on 1" in said
    # What is said after midnight is about the day that was.
    late = entry("day", moment(LAST, "00:30"), alcohol=0), entry("day", moment(LAST - timedelta(days=1), "19:00"))
    assert days_of(night, *late).startswith("Sleep, and days (n=1)")
    nothing = entry("day", at + timedelta(hours=1), alcohol="lots", stress=3)
    said = days_of(night, *day, nothing)
    assert "most 2 drinks" in said, "what is no number takes nothing back"
    assert "Stress, 0 to 10 3 (n=1)" in said


def test_a_night_that_was_corrected_is_one_with_the_newest_of_each() -> None:
    first = entry("night", moment(LAST, "08:00"), LAST - timedelta(days=1), hours_slept=5, woken=3)
    later = entry("night", moment(LAST, "20:00"), LAST - timedelta(days=1), hours_slept=7, disturbed_sleep=0)
    said = days_of(entry("night", moment(LAST, "07:00"), LAST - timedelta(days=1), count=1), first, later)
    assert "Hours slept 7 (n=1)" in said
    assert "Woken in a night 3 (n=1)" in said
    assert "Sleep disturbed, 0 to 10 0 (n=1)" in said


def test_how_the_day_was_is_counted_once_a_day_and_what_is_written_is_not() -> None:
    given = [("18:00", "calm"), ("19:00", "mixed"), ("20:00", None), ("21:00", "as I feared")]
    taps = [entry("journal", moment(LAST, clock), note="words", day=how) for clock, how in given]
    taps.append(entry("journal", moment(LAST - timedelta(days=1), "19:00"), day="stressful"))
    said = days_of(entry("night", moment(LAST - timedelta(days=9), "22:00"), count=1), *taps)
    assert "How the day was mixed (1), stressful (1)" in said
    assert said.startswith("Sleep, and days (n=2)")
    assert "feared" not in said


def test_what_the_record_wants_and_nobody_is_asked_is_said_not_to_be_asked() -> None:
    (footer,) = Page(page_of(HALF)).all("footer")
    not_asked = footer.partition("crampcoach does not ask: ")[2].partition(".")[0]
    for missing in ("when the cramps began", "exertion", "thyroid", "blood vessels", "nerves", "helped", "mood"):
        assert missing in not_asked


@given(
    st.lists(st.one_of(st.integers(0, 10), st.none(), st.integers(-(10**30), 10**30), st.floats(), st.text(max_size=2)))
)
def test_only_numbers_that_can_be_entered_count(values: list[Any]) -> None:
    spread = Spread(0, 10)
    for value in values:
        spread.take(value)
    good = [round(float(one), 1) for one in values if type(one) in (int, float) and 0 <= one <= 10]
    assert spread.n == len(good)
    if good:
        assert spread.median == pytest.approx(statistics.median(good))
        assert (spread.least, spread.most) == (min(good), max(good))
        assert spread.above(3) == sum(1 for one in good if one > 3)


def test_yes_is_no_number() -> None:
    spread = Spread(0, 10)
    assert [spread.take(value) for value in (True, False, "5", [5], float("nan"), 10**400)] == [None] * 6
    assert spread.n == 0


@given(st.lists(st.sampled_from(["a", "A ", " a", "b", "", 7, None]), max_size=40))
def test_texts_that_differ_in_case_or_space_are_one(values: list[Any]) -> None:
    texts = Texts()
    for value in values:
        texts.take(value)
    wanted = Counter(str(value).strip().lower() for value in values if value in ("a", "A ", " a", "b"))
    assert {what.lower(): times for what, times in texts.most(9)} == dict(wanted)
    assert texts.n == wanted.total()


def test_what_eased_it_is_bounded_and_nothing_is_lost() -> None:
    texts = Texts()
    for number in range(10 * MOST_TEXTS):
        texts.take(f"thing {number}")
    assert len(texts.most(10**6)) == MOST_TEXTS
    assert texts.n == 10 * MOST_TEXTS


@given(st.text(max_size=300), st.integers(2, 60))
def test_a_cut_text_is_short_and_one_line(text: str, most: int) -> None:
    cut = clipped(text, most)
    assert len(cut) <= most
    assert len(cut.split("\n")) == 1
    assert cut == " ".join(text.split()) or cut.endswith("…")


# --- which nights ----------------------------------------------------------------------------------------------


def test_what_was_asked_for_is_what_is_counted() -> None:
    since, until = moment(date(2026, 9, 1), "00:00").astimezone(UTC), moment(date(2026, 10, 1), "00:00").astimezone(UTC)
    asked = Asked(since=since, until=until)
    within = [one for one in HALF if one.at and since <= one.at < until]
    seen = seen_in(within, asked=asked)
    # The night before the first day is not whole, nor is the one that midnight cuts.
    assert (seen.shown, seen.window.last) == (date(2026, 9, 1), date(2026, 9, 29))
    assert seen.all_shown.nights == 29
    assert seen.outside > 0
    header = Page(page_of(within, asked=asked)).all("header")[0]
    assert "1 to 29 Sep 2026 (29 nights)" in header
    early = Asked(since=since - timedelta(days=100))
    assert "Asked for from 24 May 2026; the first night entered is 1 Sep 2026." in page_of(within[3:], asked=early)


def test_what_was_not_asked_for_is_not_said_to_be_none() -> None:
    at = moment(LAST - timedelta(days=20), "00:00")
    kept = in_order(counted(steady(10, 2)))
    since = Page(page_of(kept, asked=Asked(since=at)))
    assert "What was earlier, signs and medicines too, is not on this page." in since.all("header")[0]
    until = Page(page_of([], asked=Asked(since=at, until=at + timedelta(days=2))))
    asked = "Asked for from 6 Nov 2026 up to 7 Nov 2026. What was earlier or later, signs and"
    assert asked in until.all("header")[0]
    for page in (since, until, Page(page_of(kept, asked=Asked(kinds=["night"])))):
        assert "None in what was asked for." in page.section("signs")
        assert "None in what was asked for." in page.section("medicines")
        assert "None entered" not in " ".join(page.all("body"))
    assert "not on this page" not in page_of(kept)


def test_a_long_log_has_its_last_weeks_and_sums_of_the_years() -> None:
    log = ten_years()
    page = Page(page_of(log))
    seen = seen_in(log)
    assert "22 May to 26 Nov 2026 (189 nights), sums since 25 Nov 2016 at the end" in page.all("header")[0]
    years = [text for text in page.all("tr") if re.match(r"20\d\d ", text)]
    assert [text[:4] for text in years] == [str(year) for year in range(2016, 2027)]
    assert sum(int(text.split()[1]) for text in years) == sum(one.with_cramps for one in seen.before.values())
    bad = sum(int(n) for text in years for n in re.findall(r"n=(\d+)", text))
    before = [one for one in log if one.kind == "cramp" and one.night and one.night < seen.window.edge]
    assert bad == sum("severity" in one.fields for one in before)
    assert seen.cramps.n + len(before) == sum(one.kind == "cramp" for one in log)


def test_of_some_months_before_each_is_a_row_and_of_many_years_the_oldest_are_one() -> None:
    months = Page(page_of([one for one in ten_years() if one.night and one.night >= date(2026, 2, 1)])).section(
        "before"
    )
    assert [month for month in ("January", "February", "May") if month in months] == ["February", "May"]
    century = [entry("night", moment(LAST - timedelta(days=200 * n), "23:00"), count=1) for n in range(150)]
    said = Page(page_of(in_order(century))).section("before")
    assert "2015 and before" in said
    assert len(re.findall(r"\b20\d\d (?=\d|and before)", said)) == 12


@pytest.mark.parametrize("weeks", [4, 13, 53])
def test_as_many_weeks_as_are_wanted(weeks: int) -> None:
    page = Page(page_of(ten_years(), options=Options(weeks=weeks)))
    assert len(page.rows()) == weeks + 1
    assert f"Plot of {weeks} weeks" in page.with_id("plot-title")


def test_one_cramp_is_a_page() -> None:
    page = Page(page_of([entry("cramp", moment(LAST, "23:50"), side="left", muscle="calf")]))
    assert "26 Nov 2026 (1 night)" in page.all("header")[0]
    assert page.rows()[1:] == [
        ["20 to 26 Nov 2026", "1", "at least 1", "1 of 1", "0", "", "", "", "", "", "", "at least 1"]
    ]


ZONES = st.sampled_from(["Europe/Berlin", "Pacific/Apia", "America/St_Johns", "Asia/Kathmandu", "Pacific/Kiritimati"])


@given(ZONES, st.datetimes(datetime(2011, 1, 1), datetime(2026, 11, 27)))
def test_a_cramp_has_the_hour_that_its_clock_showed(zone: str, local: datetime) -> None:
    for fold in (0, 1):
        words = time_of(entry("cramp", local.replace(tzinfo=ZoneInfo(zone), fold=fold)))
        first, end, _ = next(one for one in HOURS if one[2] == words)
        assert first <= local.hour < end


def test_a_part_of_the_night_stands_for_an_hour_that_is_not_known() -> None:
    assert time_of(entry("cramp", NOW, part="early")) == "early in the night"
    assert time_of(entry("cramp", NOW, part="some time")) == "day, 9 to 21 h"


def test_the_repeated_hour_and_a_change_of_zone_cost_nothing() -> None:
    berlin, tokyo = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Tokyo")
    given = [
        entry("cramp", datetime(2026, 10, 25, 2, 30, tzinfo=berlin, fold=fold), severity=3 + fold) for fold in (0, 1)
    ] + [entry("cramp", datetime(2026, 10, 26, 3, 0, tzinfo=tokyo))]
    seen = seen_in(given)
    assert (seen.nights[date(2026, 10, 24)].count, seen.nights[date(2026, 10, 25)].count) == (2, 1)


# --- medicines -------------------------------------------------------------------------------------------------


def test_each_change_has_a_letter_on_the_plot_and_in_the_list() -> None:
    html = page_of(HALF)
    said = Page(html).section("medicines")
    assert "Amlodipine: A started 30 May 2026 (5 mg in the morning); B changed 11 Aug 2026 (10 mg)" in said
    assert "Magnesium citrate: C started 14 Aug 2026 (chemist's); D stopped 25 Sep 2026" in said
    assert "Ibuprofen: noted as taken 1 time, last 5 Oct 2026 (one tablet)" in said
    plot = html[html.index('aria-labelledby="plot-title"') : html.index("</svg>")]
    assert re.findall(r">([A-Z](?:[ -][A-Z])?)</text>", plot) == ["A", "B C", "D"], "near ones share a frame"


def test_of_many_changes_the_last_before_the_plot_and_those_on_it_are_shown() -> None:
    changes: Mapping[int, str] = MappingProxyType({900: "started", 600: "changed", 400: "stopped", 20: "started"})
    given = [
        entry("medicine", moment(LAST - timedelta(days=ago), "08:00"), name="Tea", change=what)
        for ago, what in changes.items()
    ]
    said = Page(page_of([*given, *steady(30, 1)[::-1]])).section("medicines")
    assert "Tea: 2 earlier changes; stopped 22 Oct 2025, before the plot; A started 6 Nov 2026" in said


def test_a_change_from_before_the_first_night_has_no_mark_where_the_nights_begin() -> None:
    first = date(2026, 11, 20)
    given = [
        entry("medicine", moment(date(2026, 6, 1), "08:00"), name="Amlodipine", change="started", dose="5 mg"),
        entry("medicine", moment(date(2026, 7, 1), "08:00"), name="Amlodipine", change="changed"),
        entry("cramp", moment(first, "23:00")),
        entry("night", moment(first + timedelta(days=1), "08:00"), first, count=1),
    ]
    html = page_of(given)
    said = Page(html).section("medicines")
    assert said.endswith("Amlodipine: started 1 Jun 2026 (5 mg), before the plot; changed 1 Jul 2026, before the plot")
    assert "stroke-dasharray" not in html
    assert "letter: medicine" not in html
    # One within is at its own day.
    html = page_of([*given, entry("medicine", moment(LAST, "08:00"), name="Amlodipine", change="stopped")])
    assert "before the plot; A stopped 26 Nov 2026" in Page(html).section("medicines")
    ((x, end),) = re.findall(r'd="M([\d.]+) 3.70L([\d.]+) [\d.]+"[^>]*stroke-dasharray', html)
    assert float(x) == float(end) == pytest.approx(21 + 9 * 6 / 7, abs=0.01)


def test_without_a_plot_no_change_has_a_letter_and_each_has_its_day() -> None:
    change = entry("medicine", moment(LAST - timedelta(days=9), "08:00"), name="Tea", change="started")
    html = page_of([change])
    assert Page(html).section("medicines").endswith("Tea: started 17 Nov 2026")
    coming = entry("medicine", NOW + timedelta(days=9), name="Tea", change="stopped")
    html = page_of([change, *steady(3, 1)[::-1], coming])
    assert "started 17 Nov 2026, before the plot; stopped 6 Dec 2026, after the plot" in Page(html).section("medicines")


def test_medicines_are_bounded_and_nothing_is_lost() -> None:
    medicines = Medicines()
    for number in range(1000):
        medicines.take(entry("medicine", NOW, name=f"Number {number}", change="started"))
        medicines.take(entry("medicine", NOW, name="number 3", change="changed"))
    assert len(medicines.known) == 40
    assert medicines.other == 1000 - 40
    three = medicines.known["number 3"]
    assert len(three.changes) + three.earlier == 1001
    assert medicines.letters(LAST, NOW.date())[("number 0", 0)] == "A"


# --- words and space -------------------------------------------------------------------------------------------


@given(st.dates(date(1, 1, 1), date(9999, 12, 31)), st.dates(date(1, 1, 1), date(9999, 12, 31)))
def test_a_span_has_both_ends(one: date, other: date) -> None:
    first, last = sorted((one, other))
    said = span(first, last)
    assert said.startswith(str(first.day))
    assert said.endswith(f"{last.year}")
    assert (" to " in said) == (first != last)
    if first.year != last.year:
        assert f" {first.year} to " in said


def many_cramps(many: int) -> Iterator[Entry]:
    """The same half year with more and more in each night; oldest first, made as they are asked for."""
    begin = datetime(2026, 6, 1, 22, tzinfo=UTC)
    for number in range(many):
        at = begin + timedelta(days=170 * number / many)
        fields = {"side": "left", "severity": number % 11, "duration": number % 30 / 3, "swelling": "yes"}
        yield Entry(kind="cramp", at=at, night=night_of(at), fields={**fields, "eased_by": f"thing {number}"})


def peak(many: int) -> int:
    """Bytes that reading so many entries takes at most."""
    ctx = context()
    read(many_cramps(10), ctx, 27, ctx.red_flags)
    tracemalloc.start()
    try:
        read(many_cramps(many), ctx, 27, ctx.red_flags)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_entries_are_not_kept() -> None:
    assert peak(2_000) < 250_000, "bytes; the entries alone would take 900,000"


def test_of_a_day_and_of_a_night_only_the_newest_is_kept() -> None:
    seen = seen_in(
        [
            one
            for number in range(500)
            for at in [moment(LAST, "18:00") + timedelta(seconds=number)]
            for one in (
                entry("day", at, alcohol=number % 3, stress=number % 11, activity_minutes=number, heat=number % 2 > 0),
                entry("night", at, hours_slept=number % 24, woken=number % 99, disturbed_sleep=number % 11),
                entry("journal", at, day="mixed"),
            )
        ]
    )
    kept = [seen.days.alcohol, seen.days.stress, seen.days.minutes, seen.sleep.hours, seen.sleep.woken]
    assert [one.spread.n for one in kept] == [1] * len(kept)
    assert seen.days.entered == {LAST}
    assert {name: len(answers) for name, answers in seen.days.answers.items()} == {"heat": 1, "day": 1}
