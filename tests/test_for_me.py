"""`explain --for-me`: counts with their n, what needs a doctor first, never a cause; "not entered" is never "no"."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from crampcoach.testing import Coach, Said

pytestmark = pytest.mark.pure

LOGS: list[dict[str, Any]] = tomllib.loads(
    Path(__file__).with_name("files").joinpath("logs.toml").read_text(encoding="utf-8")
)["log"]
#: Never looked for in anybody's entries.
FRIGHTENING = ("dx-growing-weakness", "dx-one-leg", "dx-cold-foot", "dx-tight-leg", "dx-foot-pain-at-rest")
#: Nothing that is counted brings anything about.
CAUSAL = r"caus(?:ed|es|ing) |because of|due to|led to|triggered|leads to|likely|probab|you have\b"
#: A log as lines of JSON, brought in as any importer does it.
FILL = """\
import json
from datetime import date, datetime
from crampcoach import Entry, Importer, hookimpl

def read(stream, ctx):
    for line in stream:
        one = json.loads(line)
        at = datetime.fromisoformat(one["at"]).replace(tzinfo=ctx.now.tzinfo)
        yield Entry(kind=one["kind"], fields=one["fields"], at=at, night=date.fromisoformat(one["night"]))

@hookimpl
def importers():
    return [Importer(name="told", title="Lines", suffix=".txt", media_type="text/plain", read=read)]
"""
#: An explainer of somebody else's.
THEIRS = """\
from crampcoach import Claim, Explainer, Fit, Source, hookimpl

WHERE = Source(id="service", title="Cramps")

def one(name, fits):
    claim = Claim(text="It may be so.", grade="low", sources=["service"])
    return Explainer(name=name, title=name.title(), group="Drinks", summary="Perhaps.", claims=[claim],
                     sources=[WHERE], see="Ask.", limits="Small.", fits=fits)

def counts(ctx):
    return Fit(speaks_for=[f"{len(ctx.log.entries('night'))} nights,\\n {ctx.log.last('night').night}."])

def wrong(ctx):
    raise ValueError("no tea")

@hookimpl
def explainers():
    return [one("x-tea", counts), one("x-wrong", wrong), one("x-odd", lambda ctx: "much"),
            one("x-none", lambda ctx: None),
            one("x-empty", lambda ctx: Fit()), one("x-last", lambda ctx: Fit(not_recorded=["No cups."]))]
"""


def lines(log: dict[str, Any], today: datetime) -> Iterator[str]:
    """The entries of a log."""

    def line(kind: str, ago: int, wall: str, **fields: Any) -> str:
        night, at = today.date() - timedelta(days=ago), time.fromisoformat(wall)
        day = night + timedelta(days=at.hour < 12)
        given = {"kind": kind, "at": f"{datetime.combine(day, at)}", "night": f"{night}", "fields": fields}
        return json.dumps(given)

    def signs(of: str) -> Iterator[tuple[int, str]]:
        given = log.get(of, "")
        return ((ago, sign) for ago, sign in zip(range(len(given), 0, -1), given, strict=True) if sign != ".")

    for ago, sign in signs("nights"):
        yield line("night", ago, "08:00", **({} if sign == "?" else {"count": int(sign)}))
    for field in ("stress", "alcohol"):
        for ago, sign in signs(field):
            yield line("day", ago, "19:00", **{field: int(sign)})
    for ago, _ in signs("stretch"):
        yield line("stretch", ago, "22:00")
    for one in log.get("entries", ()):
        yield line(one["kind"], one["ago"], one["at"], **one["fields"])


def coach_with(folder: Path, log: dict[str, Any], *, adult: bool = True) -> Coach:
    """A coach in whose log that stands."""
    coach = Coach(folder / "home", now=log.get("now", "2026-11-22 12:00"), zone="Europe/Berlin")
    for name in ("cramps", "stretching", "journaling", "causes"):
        coach.load(name)
    coach.load("told", FILL)
    file = folder / "told.txt"
    file.write_text("".join(f"{line}\n" for line in lines(log, coach.clock.now())), encoding="utf-8")
    if file.stat().st_size:
        assert coach.run("import", "told", str(file)).status == 0
    for words in log.get("commands", ()):
        assert coach.run(*words).status == 0
    return coach


def for_me(coach: Coach, *words: str) -> Said:
    said = coach.run("explain", "--for-me", *words)
    assert said.status == 0, said
    assert said.err == "", said
    return said


@pytest.mark.parametrize("log", LOGS, ids=[log["name"] for log in LOGS])
def test_what_it_says_about_an_invented_log(tmp_path: Path, log: dict[str, Any]) -> None:
    with coach_with(tmp_path, log) as coach:
        out = for_me(coach).out
    for pattern in log["must"]:
        assert re.search(pattern, out), f"not said: {pattern}\n{out}"
    for pattern in log["must_not"]:
        assert not re.search(pattern, out), f"said: {pattern}\n{out}"
    _, _, counts = out.partition("From the night of")  # before it stands advice, and nothing from the entries
    assert not re.search(CAUSAL, re.sub("how likely anything is", "", counts)), out
    for name in FRIGHTENING:
        assert not re.search(rf"^  {name}  ", out, re.MULTILINE), name


def test_the_logs_are_there() -> None:
    assert len(LOGS) >= 10
    assert len({log["name"] for log in LOGS}) == len(LOGS)


RICH = {
    "nights": "1101?01101.110110110100",
    "stress": "818181818181818181818.8",
    "alcohol": "000222000222000222000.2",
    "stretch": "xxxxxxxxxx.............",
    "entries": [
        {"ago": 20, "at": "03:10", "kind": "cramp", "fields": {"side": "left", "muscle": "toes", "severity": 8}},
        {"ago": 19, "at": "04:10", "kind": "cramp", "fields": {"muscle": "calf", "eased_by": "stretching"}},
        {"ago": 18, "at": "14:10", "kind": "cramp", "fields": {"eased_by": "nothing", "sore_after": True}},
    ],
}  # fmt: skip


def test_counts_are_said_with_what_they_are_of(tmp_path: Path) -> None:
    with coach_with(tmp_path, RICH) as coach:
        out = for_me(coach).out
        (given,) = [for_me(coach, "--json").json]
    assert (
        "From the night of 30 Oct 2026 to that of 21 Nov 2026: 23 nights, 22 with an entry about the night, 1 without"
        in out
    )
    assert "on 13 of 21 nights with the number entered" in out, "a cramp was entered on the night that has no number"
    assert "For 2 of 23 nights the number of cramps was not entered." in out
    assert "On 1 of 23 nights only cramps were entered" in out
    assert re.search(r"epi-night .*\n +speaks for it +2 of 3 cramps were at night", out)
    assert "1 of 3 cramps was at another time." in out
    assert "For 1 of 2 cramps with this entered, a stretch was named as what eased it." in out
    assert "For 1 of 3 cramps the place was not entered." in out
    assert list(given) == [
        "since", "first_night", "last_night", "nights", "entered", "not_entered", "said", "explainers",
    ]  # fmt: skip
    assert (given["nights"], given["entered"], given["not_entered"], given["said"]) == (23, 22, 1, "")
    names = [one["name"] for one in given["explainers"]]
    assert {"epi-night", "dx-nlc-criteria", "cause-stress", "m-evening-stretch"} <= set(names)
    listed = re.findall(r"^  (\S+)  \S", out, re.MULTILINE)
    unrecorded = re.findall(r"[\w-]+", " ".join(re.findall(r"^  - (.*?):", out, re.MULTILINE)))
    assert sorted([*listed, *unrecorded]) == sorted(names)
    assert {"m-evening-stretch", "cause-stress"} <= {*listed}
    assert "cause-medicines" in unrecorded
    assert list(given["explainers"][0]) == [
        "name", "title", "group", "plugin", "origin", "speaks_for", "speaks_against", "neither", "not_recorded",
    ]  # fmt: skip


def test_the_order_is_that_of_the_list_whatever_was_entered(tmp_path: Path) -> None:
    with coach_with(tmp_path, RICH) as coach:
        listed = [one["name"] for one in coach.run("explain", "--json").json]
        names = [one["name"] for one in for_me(coach, "--json").json["explainers"]]
    assert names == [name for name in listed if name in names]


def test_since_leaves_out_what_came_before(tmp_path: Path) -> None:
    with coach_with(tmp_path, {"nights": "1" * 20 + "0" * 20}) as coach:
        coach.load("theirs", THEIRS.replace('one("x-wrong", wrong), one("x-odd", lambda ctx: "much"),', ""))
        given = for_me(coach, "--since", "20d", "--json").json
        assert (given["nights"], given["first_night"]) == (20, "2026-11-02")
        tea = next(one for one in given["explainers"] if one["name"] == "x-tea")
        assert tea["speaks_for"] == ["20 nights,\n 2026-11-21."]
        assert "There were cramps on 0 of 20 nights with the number" in for_me(coach, "--since", "20d").out
        assert for_me(coach, "--since", "3d", "--json").json["explainers"] == []
        said = coach.run("explain", "--for-me", "--since", "some day")
        assert (said.status, "--since 'some day'" in said.err) == (2, True)


def test_another_plugins_explainer_is_asked_too_and_what_it_does_wrong_costs_nobody_else(tmp_path: Path) -> None:
    with coach_with(tmp_path, {"nights": "1010101010"}) as coach:
        coach.load("theirs", THEIRS)
        said = coach.run("explain", "--for-me")
    assert said.status == 0
    assert "DRINKS\n  x-tea  X-Tea (from theirs)\n    speaks for it   10 nights, 2026-11-21.\n" in said.out
    assert "x-last" in said.out
    assert not re.search("x-wrong|x-odd|x-none|x-empty", said.out)
    assert said.err.splitlines() == [
        "crampcoach: plugin theirs: fits() of x-wrong raised ValueError: no tea",
        "crampcoach: plugin theirs: fits() of x-odd raised TypeError: it must return a Fit or None, not str",
    ]
    assert "epi-night" in said.out


def test_a_log_that_cannot_be_read_is_a_sentence(tmp_path: Path) -> None:
    with coach_with(tmp_path, {"nights": "1010101010"}) as coach:
        coach.stop()
        for path in coach.home.data_dir.glob("log.db*"):
            path.unlink()
        coach.home.log_db.mkdir()
        said = coach.run("explain", "--for-me")
    assert (said.status, said.out) == (1, "")
    assert "log.db" in said.err
    assert "Traceback" not in said.err


@pytest.mark.parametrize("as_json", [False, True])
def test_without_a_plugin_for_nights_it_does_not_say_that_none_was_entered(tmp_path: Path, as_json: bool) -> None:
    coach_with(tmp_path, {"nights": "1010101010"}).stop()
    with Coach(tmp_path / "home", now="2026-11-22 12:00", zone="Europe/Berlin") as coach:
        coach.load("causes")
        said = for_me(coach, *["--json"] * as_json).out
    assert "No plugin that is on has entries about nights" in said
    assert not re.search("Fewer than|0 entered|speaks for it", said)


@pytest.mark.parametrize(("day", "entered"), [("", 0), ('[day]\nwake = "16:00"\nbed = "08:00"\n', 7)])
def test_who_works_at_night_is_counted_by_their_own_hours(tmp_path: Path, day: str, entered: int) -> None:
    cramps = [{"kind": "cramp", "ago": ago, "at": "10:00", "fields": {"severity": 4}} for ago in range(1, 8)]
    with coach_with(tmp_path, {"entries": cramps}) as coach:
        coach.configure(day)
        found = for_me(coach, "--json").json
    assert found["entered"] == entered
    told = {one["name"]: one["speaks_for"] for one in found["explainers"]}
    assert ("epi-night" in told) is bool(entered)
    if entered:
        assert told["epi-night"][0].startswith("7 of 7 cramps were at night (between your bed time and")


def test_a_cramp_that_was_entered_without_a_word_tells_of_its_night(tmp_path: Path) -> None:
    bare = [["log", "cramp", "--at", f"2026-11-{day:02}T03:10"] for day in range(5, 21, 2)]
    with coach_with(tmp_path, {"commands": bare}) as coach:
        out = for_me(coach).out
        coach.run("log", "night", "--night", "2026-11-20")
        coach.run("log", "cramp", "--at", "2026-11-20T14:10")
        again = for_me(coach, "--json").json
    assert (
        "From the night of 04 Nov 2026 to that of 21 Nov 2026: 18 nights, 8 with an entry about the night, 10 " in out
    )
    assert "8 of 8 cramps were at night" in out
    assert not re.search(r"cramps on \d", out), "nights without were never entered"
    assert "On 8 of 18 nights only cramps were entered" in out
    assert again["entered"] == 8, "who was asked and does not know, or has one by day, tells of no night"


def test_once_the_leg_was_looked_at_entries_are_read_again(tmp_path: Path) -> None:
    (log,) = [one for one in LOGS if one["name"] == "a leg that is swollen"]
    with coach_with(tmp_path, log) as coach:
        stopped = json.loads(coach.run("explain", "--for-me", "--json").out)
        coach.run("log", "examined")
        read = for_me(coach, "--json").json
    assert (stopped["explainers"], "holds back" in stopped["said"]) == ([], True)
    assert (read["said"], "epi-night" in {one["name"] for one in read["explainers"]}) == ("", True)


def test_one_that_hangs_is_given_up(tmp_path: Path) -> None:
    source = THEIRS.replace("def wrong(ctx):", "def wrong(ctx):\n    import time\n    time.sleep(60)")
    with coach_with(tmp_path, {"nights": "1010101010"}) as coach:
        coach.load("theirs", source)
        said = coach.run("explain", "--for-me")
    assert said.status == 0
    assert "fits() of x-wrong took longer than 5 s" in said.err
    assert "fits() of x-last was not called" in said.err
    assert "epi-night" in said.out


@pytest.mark.parametrize(
    "words", [["--for-me", "tea"], ["--for-me", "--sources"], ["--for-me", "--format", "html"], ["--since", "3d"]]
)
def test_what_does_not_go_together(tmp_path: Path, words: list[str]) -> None:
    with Coach(tmp_path) as coach:
        coach.load("causes")
        assert coach.run("explain", *words).status == 2


def test_for_a_child_a_program_is_told_that_nothing_was_read(tmp_path: Path) -> None:
    with coach_with(tmp_path, {"nights": "1010101010", "commands": [["log", "profile", "--adult", "no"]]}) as coach:
        said = coach.run("explain", "--for-me", "--json")
    assert json.loads(said.out)["explainers"] == []
    assert "no child's entries" in json.loads(said.out)["said"]
    assert "a child with leg pain limps" in said.err
