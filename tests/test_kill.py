"""kill -9 at any instant: nothing is lost, nothing is entered twice, nothing is shown twice without need.

25 kills; 200 with `CRAMPCOACH_SOAK=1`. Another seed: `CRAMPCOACH_SEED=7`.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from conftest import SOAK
from crampcoach.deciding import MOST_SHOWS
from crampcoach.store.schema import from_text
from killing import Days, Run, days, key_of, leads, wanted_keys

KILLS = 200 if SOAK else 25
SEED = int(os.environ.get("CRAMPCOACH_SEED", "1"))
#: A press that an agent had so long to take up, in real seconds, must count. It needs some 10 ms.
TAKEN_UP = 1.0
#: Later than this no answer comes, however busy the machine is.
LATEST = 3.0
#: A press may cross with the end of its occurrence by so long: by a turn of the agent's, while other tests run.
CROSSED = 0.1 if SOAK else 0.5


@dataclass(frozen=True)
class Showing:
    """A popup that was put up for an occurrence: when, by which life of the agent, and as which number."""

    at: float
    run: Run
    number: int
    replaced: bool


@dataclass
class Verdict:
    """What the files and the witness say happened, as far as it is needed to judge it."""

    world: Days
    state: sqlite3.Connection
    log: sqlite3.Connection
    wrong: list[str] = field(default_factory=list)
    #: How many due times were shown so and so often; each snooze makes a new due time.
    times: Counter[int] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.events = self.world.person.server.events()
        self.rows = {key_of(row): row for row in self.state.execute("SELECT * FROM occurrences ORDER BY id")}
        self.answers = self.state.execute(
            "SELECT a.id, a.at, a.action, a.entered, o.reminder, o.day, o.wall "
            "FROM answers a JOIN occurrences o ON o.id = a.occurrence ORDER BY a.id"
        ).fetchall()

    def expect(self, true: object, sentence: str) -> None:
        if not true:
            self.wrong.append(sentence)

    def moment(self, stored: str) -> float:
        """A stored instant on the machine's monotonic clock."""
        return self.world.clock.real(from_text(stored))

    @cached_property
    def owner(self) -> dict[str, Run]:
        """The life of the agent behind each name on the bus."""
        owners: dict[str, Run] = {}
        for event in self.events:
            if "sender" in event and event["sender"] not in owners:
                # What was sent just before a kill may be read just after it, but not after the next start.
                owners[event["sender"]] = [run for run in self.world.runs if run.began <= event["t"]][-1]
        return owners

    @cached_property
    def showings(self) -> dict[str, list[Showing]]:
        """Occurrence -> every popup that spoke for it, merged ones too."""
        spoken_for: dict[str, set[str]] = {}
        for found in [*(run.leads for run in self.world.runs), leads(list(self.rows.values()))]:
            for lead, keys in found.items():
                spoken_for.setdefault(lead, set()).update(keys)
        showings: dict[str, list[Showing]] = {}
        for event in self.events:
            if event["event"] == "notify":
                one = Showing(
                    event["t"],
                    self.owner[event["sender"]],
                    event["id"],
                    0 < event["replaces_id"] == event["id"],
                )
                for key in spoken_for.get(event["occurrence"], {event["occurrence"]}):
                    showings.setdefault(key, []).append(one)
        return showings

    @cached_property
    def span(self) -> tuple[datetime, datetime]:
        """From the first time that an agent was ready to the last look at what is due."""
        ready = min(run.ready for run in self.world.runs)
        (swept,) = self.state.execute("SELECT value FROM marks WHERE name = 'swept_until'").fetchone()
        return self.world.clock.at(ready), from_text(swept)

    # --- what must hold ----------------------------------------------------------------------------------------

    def every_slot_is_a_row(self) -> None:
        since, until = self.span
        wanted = wanted_keys(since, until)
        possible = wanted_keys(self.world.clock.at(self.world.runs[0].began), until)
        self.expect(wanted <= self.rows.keys(), f"lost: {sorted(wanted - self.rows.keys())}")
        self.expect(self.rows.keys() <= possible, f"nobody asked for {sorted(self.rows.keys() - possible)}")
        (count,) = self.state.execute("SELECT count(*) FROM occurrences").fetchone()
        self.expect(count == len(self.rows), "there are two rows of one occurrence")

    def every_row_was_shown_or_says_why_not(self) -> None:
        for key, row in self.rows.items():
            told = f"{key}: {row['state']} ({row['reason']})"
            if row["state"] in ("shown", "done", "skipped", "expired", "snoozed"):
                self.expect(key in self.showings, f"{told}, and the witness has not seen it")
            else:
                self.expect(row["state"] in ("missed", "deferred", "withdrawn"), f"{told}: no state to be left in")
                self.expect(row["reason"], f"{told}: without a reason")
                # After a kill between showing and confirming nobody knows, and the agent must not claim to.
                doubtful = any(key in run.in_doubt for run in self.world.runs)
                self.expect(doubtful or key not in self.showings, f"{told}, yet the witness has seen it")

    def nothing_is_shown_twice_without_need(self) -> None:
        snoozes: dict[str, list[float]] = {}
        for answer in self.answers:
            if json.loads(answer["action"])[2][0] == "snooze":
                snoozes.setdefault(key_of(answer), []).append(self.moment(answer["at"]))
        for key, showings in self.showings.items():
            by_due: dict[int, list[Showing]] = {}
            for one in showings:
                if key in self.rows and not one.replaced:
                    due = sum(at <= one.at for at in snoozes.get(key, ()))
                    by_due.setdefault(due, []).append(one)
            for due, same in by_due.items():
                self.expect(len(same) <= MOST_SHOWS, f"{key}: shown {len(same)} times for one due time")
                self.times[len(same)] += 1
                for first, second in pairwise(same):
                    needed = first.run is not second.run and key in first.run.in_doubt
                    self.expect(needed, f"{key}: shown at {first.at:.3f} and again at {second.at:.3f} without need")
                if due == max(by_due) == len(snoozes.get(key, ())):
                    counted = self.rows[key]["shows"]
                    self.expect(len(same) <= counted, f"{key}: seen {len(same)} times, and {counted} are written down")

    def every_press_counts(self) -> Counter[str]:
        """What became of the presses: counted, or lost with the agent."""
        fates: Counter[str] = Counter()
        taken, left = self.taken_up()
        for event in self.events:
            if event["event"] != "press":
                continue
            action, at = event["key"], event["t"]
            key = event["occurrence"] or self.stood_at(event["id"], at)
            popup = [one for one in self.showings[key] if one.number == event["id"] and one.at <= at][-1]
            run = [run for run in self.world.runs if run.began <= at][-1]
            told = f"{key}: {action} pressed at {at:.3f} (ready at {run.ready:.3f}, ended at {run.ended:.3f})"
            if (event["id"], at) in taken:
                fates["counted" if popup.run is run else "counted, on a popup from before a kill"] += 1
            elif action == "start" and self.was_told_what_to_type(at):
                fates["opened, which is no answer"] += 1
            elif not run.ready <= at <= run.ended - TAKEN_UP:
                fates["fell while no agent was there to take it up"] += 1
            elif not event["occurrence"]:
                fates["crossed with its popup being taken away"] += 1
            elif self.answered(key) <= at and self.is_twin(key, popup, at):
                fates["on the other popup of what was answered already"] += 1
            elif action in ("snooze", "skip") and at >= self.over(key) - CROSSED:
                fates["crossed with the end of the occurrence"] += 1
            else:
                self.expect(False, f"{told}, over at {self.over(key):.3f}: it was not taken up; {dict(self.rows[key])}")
        self.expect(not left, f"answers that nobody gave: {left}")
        counted = fates["counted"] + fates["counted, on a popup from before a kill"]
        self.expect(2 * counted > fates.total(), f"most presses count for nothing: {fates}")
        return fates

    def was_told_what_to_type(self, at: float) -> bool:
        """Whether a button that opens the guided session, pressed then, did so: there is no terminal here to open."""
        told = [one["t"] for one in self.events if one["event"] == "notify" and one["title"] == "Open a terminal"]
        return any(at <= one <= at + TAKEN_UP for one in told)

    def is_twin(self, key: str, popup: Showing, at: float) -> bool:
        """Whether it stands for what another popup does too: of before a kill, or of after it and not yet withdrawn."""
        shown_again = any(key in run.in_doubt for run in self.world.runs)
        return key in popup.run.in_doubt or (shown_again and at <= self.answered(key) + TAKEN_UP)

    def answered(self, key: str) -> float:
        """When an answer ended the occurrence; infinity while none has."""
        ends = [one for one in self.answers if key_of(one) == key and json.loads(one["action"])[2][0] != "snooze"]
        return min((self.moment(one["at"]) for one in ends), default=float("inf"))

    def taken_up(self) -> tuple[set[tuple[int, float]], list[str]]:
        """The presses (popup, moment) that became an answer, and the answers that no press explains."""
        taken: set[tuple[int, float]] = set()
        left: list[str] = []
        for answer in self.answers:
            at, meant = self.moment(answer["at"]), (key_of(answer), json.loads(answer["action"])[0])
            presses = [
                (event["id"], event["t"])
                for event in self.events
                if event["event"] == "press"
                and at - LATEST <= event["t"] <= at
                and meant == (event["occurrence"] or self.stood_at(event["id"], event["t"]), event["key"])
            ]
            if new := [press for press in presses if press not in taken]:
                taken.add(new[-1])
            else:
                left.append(f"{meant} at {at:.3f}")
        return taken, left

    def stood_at(self, number: int, at: float) -> str:
        """The occurrence of a popup that had just gone when the person pressed."""
        shown = [one for one in self.events if one["event"] == "notify" and one["id"] == number and one["t"] <= at]
        return str(shown[-1]["occurrence"])

    def over(self, key: str) -> float:
        """The moment at which an occurrence that is over has ended without an answer."""
        row = self.rows[key]
        if row["state"] not in ("expired", "missed"):
            return float("inf")
        newer = [
            other
            for other, one in self.rows.items()
            if one["reminder"] == row["reminder"] and (one["day"], one["wall"]) > (row["day"], row["wall"])
        ]
        # The newer one takes its place as it is written down to be shown; `shown` is that of its last time.
        written = [self.moment(self.rows[other]["shown"]) for other in newer if self.rows[other]["shown"]]
        seen = [showing.at for other in newer for showing in self.showings.get(other, ())]
        return min([self.moment(row["expires"]), *written, *seen])

    def every_answer_is_entered_once(self) -> None:
        found: Counter[tuple[str, ...]] = Counter()
        for entry in self.log.execute("SELECT kind, fields, origin FROM entries"):
            fields = json.loads(entry["fields"])
            if entry["kind"] == "echo":
                found["echo", fields["occurrence"], fields["action"]] += 1
            else:
                _occ, reminder_day, rest = entry["origin"].split(":", 2)
                found[entry["kind"], f"{reminder_day}:{rest[:2]}", rest.split(":")[1]] += 1
        wanted: Counter[tuple[str, ...]] = Counter()
        for answer in self.answers:
            key, (action, _label, then) = key_of(answer), json.loads(answer["action"])
            self.expect(answer["entered"], f"{key}: {action} was never entered")
            if key.startswith("water."):
                wanted["echo", key, action] += 1
            if then[0] == "log":
                wanted[then[1], key, action] += 1
            if key.startswith("stretching.") and then[0] == "done":
                wanted["stretch", key, action] += 1
        self.expect(found == wanted, f"not in the log: {wanted - found}; too much in it: {found - wanted}")

    def no_popup_is_left_behind(self) -> int:
        """Popups stay up only for what waits for an answer, or where no agent could know their number."""
        unknown = 0
        waiting = {key for key, row in self.rows.items() if row["state"] == "shown"}
        waiting |= {row["lead"] for row in self.rows.values() if row["state"] == "shown"}
        for popup in self.world.person.popups.values():
            if "/" in popup.occurrence and popup.occurrence not in waiting:
                shown = [(key, one) for key, every in self.showings.items() for one in every]
                if any(key in one.run.in_doubt for key, one in shown if one.number == popup.number):
                    unknown += 1
                else:
                    self.wrong.append(f"{popup.occurrence} is over, and its popup {popup.number} is still there")
        return unknown

    def nobody_despaired(self) -> None:
        for run in self.world.runs:
            text = run.text()
            for bad in ("Traceback", "Error", "crampcoach: ", "cannot", "damaged", "plugin "):
                self.expect(bad not in text, f"an agent said:\n{text}")
        for connection in (self.state, self.log):
            sound = [tuple(row) for row in connection.execute("PRAGMA integrity_check")]
            self.expect(sound == [("ok",)], f"integrity_check: {sound}")
        self.expect(not self.state.execute("SELECT * FROM failures").fetchall(), "a plugin is said to have failed")

    # --- figures -----------------------------------------------------------------------------------------------

    def figures(self, fates: Counter[str], unknown: int) -> str:
        since, until = self.span
        seconds = self.world.runs[-1].ended - self.world.runs[0].began
        states = Counter(row["state"] for row in self.rows.values())
        lines: dict[str, Any] = {
            "kills": f"{len(self.world.runs) - 1}, {sum(run.ready == float('inf') for run in self.world.runs)} "
            "before the agent was ready",
            "days": f"{(until - since).total_seconds() / 86400:.1f} in {seconds:.0f} real seconds",
            "occurrences": len(self.rows),
            "never shown": sum(key not in self.showings for key in self.rows),
            "due times shown once": self.times[1],
            "due times shown twice": self.times[2],
            "kills between shown and delivered": sum(bool(run.in_doubt) for run in self.world.runs),
            "states": _told(states),
            "presses": f"{fates.total()}: {_told(fates)}",
            "answers": len(self.answers),
            "entries": self.log.execute("SELECT count(*) FROM entries").fetchone()[0],
            "popups left that no agent could know": unknown,
        }
        return "\n".join(f"  {name}: {value}" for name, value in lines.items())


def _told(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {many}" for name, many in counts.most_common())


@pytest.mark.real
def test_an_agent_that_is_killed_all_the_time_loses_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with days(tmp_path, SEED) as world:
        for _ in range(KILLS):
            world.one_life()
        world.last_life()
        with world.copies() as (state, log):
            verdict = Verdict(world, state, log)
            verdict.every_slot_is_a_row()
            verdict.every_row_was_shown_or_says_why_not()
            verdict.nothing_is_shown_twice_without_need()
            fates = verdict.every_press_counts()
            verdict.every_answer_is_entered_once()
            unknown = verdict.no_popup_is_left_behind()
            verdict.nobody_despaired()
            with capsys.disabled():
                print(f"\nkill -9, seed {SEED}:\n{verdict.figures(fates, unknown)}")
    assert not verdict.wrong, "\n".join(verdict.wrong)
    assert verdict.answers
