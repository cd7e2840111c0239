"""`plugins check` says when a reminder would reach nobody, and when a name is somebody else's already."""

from __future__ import annotations

from pathlib import Path

import pytest

from bad_plugins import IMPORTS, NO_KINDS
from crampcoach.cli.lint import RULES
from crampcoach.cli.lint.import_cost import Cost
from person import Person, put

pytestmark = pytest.mark.pure

RIGHT = "nothing is wrong with it"


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """How long an import takes is not measured."""
    monkeypatch.setattr("crampcoach.cli.lint.import_cost.import_cost", lambda *_: Cost(1.0))


def says(person: Person, folder: Path, source: str) -> str:
    """What is said of a plugin, without the name of its file."""
    path = put(folder, f"{IMPORTS}{source}\n{NO_KINDS}", "tea.py")
    said = person("plugins", "check", str(path)).out.rstrip("\n")
    return said.replace(f"{path}:", "").strip()


def reminder(schedule: str, more: str = "", say: str = "'Tea?'") -> str:
    return f"@hookimpl\ndef reminders(): return [Reminder(name='daily', schedule={schedule!r}, say={say}{more})]"


@pytest.mark.parametrize("schedule", ["03:00", "23:00, 04:30", "every 1h 23:00-05:00", "1h after bed", "mon 05:00"])
def test_a_time_that_lies_in_quiet_hours_is_seen_by_nobody(person: Person, tmp_path: Path, schedule: str) -> None:
    said = says(person, tmp_path, reminder(schedule))
    assert said.startswith("3: warning: reminder 'daily': it comes in quiet hours only (22:30 to 07:00 ")
    assert RULES["quiet hours"] == "warning"


@pytest.mark.parametrize(
    ("schedule", "more"),
    [
        ("03:00", ", quiet='show'"),
        ("03:00", ", grace='until 09:00'"),
        ("06:30", ""),
        ("03:00, 15:00", ""),
        ("22:15", ""),
        ("every 2h", ""),
        ("30m before bed", ""),
        ("after daily: done", ""),
    ],
)
def test_a_time_that_somebody_sees_is_right(person: Person, tmp_path: Path, schedule: str, more: str) -> None:
    assert says(person, tmp_path, reminder(schedule, more)) == RIGHT


@pytest.mark.parametrize(
    ("schedule", "say", "times"),
    [("every 1m", "'Tea?'", "931"), ("every 1h", "'Tea?'", "16"), ("every 1m", "lambda ctx, occurrence: None", "931")],
)
def test_what_comes_far_too_often(person: Person, tmp_path: Path, schedule: str, say: str, times: str) -> None:
    assert says(person, tmp_path, reminder(schedule, say=say)) == (
        f"3: warning: reminder 'daily': it comes {times} times a day, which has room for 8 messages of all plugins; "
        "let it come less often"
    )
    assert RULES["too often"] == "warning"


def test_who_composes_may_be_asked_more_often(person: Person, tmp_path: Path) -> None:
    assert says(person, tmp_path, reminder("every 10m", say="lambda ctx, occurrence: None")) == RIGHT


AFTER = """\
@hookimpl
def reminders():
    buttons = [Action(label="Yes"), Action(label="Look", then=Open("today"))]
    return [
        Reminder(name="q", schedule="15:00", say=SAY, actions=buttons),
        Reminder(name="more", schedule="after q: ANSWER", say="More?"),
    ]
"""


@pytest.mark.parametrize("answer", ["no", "yes, no", "look"])
def test_after_an_answer_that_nobody_can_give(person: Person, tmp_path: Path, answer: str) -> None:
    said = says(person, tmp_path, AFTER.replace("SAY", "'Tea?'").replace("ANSWER", answer))
    wrong = answer.rpartition(" ")[2]
    assert said.startswith(f"7: error: reminder 'more': it comes after q: {wrong}, which is none of its answers; ")
    assert "yes" in said


@pytest.mark.parametrize(
    ("answer", "say"),
    [("yes, skip, snooze", "'Tea?'"), ("no", "lambda ctx, occurrence: Message(title='Tea?')"),
     ("no", "Message(title='Tea?', actions=[Action(label='No')])")],
)  # fmt: skip
def test_after_an_answer_that_somebody_can_give(person: Person, tmp_path: Path, answer: str, say: str) -> None:
    assert says(person, tmp_path, AFTER.replace("SAY", say).replace("ANSWER", answer)) == RIGHT


# --- names -----------------------------------------------------------------------------------------------------

EXPORTER = """\
def _write(entries, stream, ctx): ...
@hookimpl
def exporters(): return [Exporter(name="NAME", title="x", suffix=".x", media_type="x/x", write=_write)]
"""
EXPLAINER = """\
@hookimpl
def explainers():
    source = Source(id="doe", title="x")
    claim = Claim(text="It is so.", grade="low", sources=["doe"])
    return [Explainer(name="NAME", title="x", group="x", summary="x", claims=[claim], sources=[source], see="x",
        limits="x")]
"""
COMMAND = """\
@hookimpl
def commands():
    import click
    return [click.Command("NAME")]
"""


@pytest.mark.parametrize(
    ("what", "source", "name", "owner"),
    [
        ("exporter", EXPORTER, "csv", "exporters"),
        ("explainer", EXPLAINER, "cause-stress", "causes"),
        ("command", COMMAND, "week", "cramps"),
    ],
)
def test_what_is_named_like_what_another_plugin_offers(
    person: Person, tmp_path: Path, what: str, source: str, name: str, owner: str
) -> None:
    assert says(person, tmp_path, source.replace("NAME", "of-its-own")) == RIGHT
    said = says(person, tmp_path, source.replace("NAME", name))
    assert f"error: its {what} {name!r} is {owner}'s already (bundled); give it another name" in said
    assert len(said.splitlines()) == 1
    # A bundled one is the one that is kept: it is not to blame.
    person.drop(f"{IMPORTS}{source.replace('NAME', name)}\n{NO_KINDS}", "tea")
    assert person("plugins", "check", owner).out.rstrip("\n").endswith(RIGHT)


# --- words -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("schedule", "meant"),
    [
        ("every 2 hours", "every 2h"),
        ("every 90 minutes 09:00-18:00", "every 90m 09:00-18:00"),
        ("Every 2 h", "every 2h"),
    ],
)
def test_a_step_with_its_unit_apart(person: Person, tmp_path: Path, schedule: str, meant: str) -> None:
    said = says(person, tmp_path, reminder(schedule))
    assert said == f"3: error: reminder 'daily': schedule {schedule!r}: write it as {meant!r}"


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("@hookimpl\ndef reminders(): return [Reminder('daily', '15:00', 'Tea?')]",
         "3: error: reminders() makes a Reminder of bare values; give its fields by name: Reminder(name=...)"),
        ("@hookimpl\ndef reminders(): return [Reminder('daily', '15:00', say='Tea?')]", "Reminder(name=...)"),
        ("TEA = Kind('tea', title='Tea')",
         "2: error: loading it makes a Kind of bare values; give its fields by name: Kind(name=...)"),
    ],
)  # fmt: skip
def test_fields_are_given_by_name(person: Person, tmp_path: Path, source: str, words: str) -> None:
    said = says(person, tmp_path, source)
    assert words in said
    assert len(said.splitlines()) == 1


def test_what_a_type_of_its_own_takes_is_left_to_python(person: Person, tmp_path: Path) -> None:
    said = says(person, tmp_path, "class Tea: ...\nclass Reminders:\n    def __init__(self): ...\nTEA = Reminders(1)")
    assert "Reminders.__init__() takes 1 positional argument but 2 were given" in said
