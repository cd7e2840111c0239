"""`plugins check` finds every mistake that it knows, at its line, and nothing in what is right."""

from __future__ import annotations

from pathlib import Path

import pytest

from bad_plugins import IMPORTS, NO_KINDS, Bad, bad_plugins
from coffee import COFFEE
from crampcoach.cli.lint import RULES
from crampcoach.cli.lint.import_cost import BUDGET, Cost, cost_findings
from person import Person, put

pytestmark = pytest.mark.pure

TOP = Path(__file__).resolve().parent.parent
BUNDLED = sorted(path.name.removeprefix("crampcoach_") for path in (TOP / "plugins").glob("crampcoach_*"))
CASES = tuple(bad_plugins())
#: Rules that no source breaks; each has a test of its own.
ELSEWHERE = {
    "no hook", "misspelt import", "file permissions", "slow import", "answer", "advice", "quiet hours", "too often",
}  # fmt: skip


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """How long an import takes is not measured, and calls are given up soon."""
    monkeypatch.setattr("crampcoach.cli.lint.import_cost.import_cost", lambda *_: Cost(1.0))
    monkeypatch.setattr("crampcoach.cli.lint.subject.SECONDS", 1.0)


def test_every_rule_has_a_bad_example() -> None:
    assert {one.rule for one in CASES} | ELSEWHERE == RULES.keys()


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule}: {case.words[:40]}")
def test_a_bad_example_breaks_its_rule_and_no_other(person: Person, tmp_path: Path, case: Bad) -> None:
    path = put(tmp_path / "elsewhere", case.source, "bad.py")
    said = person("plugins", "check", str(path))
    level = RULES[case.rule]
    assert said.status == int(level == "error"), said
    assert said.err == "" or case.rule == "print"
    lines = [line for line in said.out.splitlines() if line.startswith(str(path))]
    assert len(lines) == 1, said.out
    assert lines[0].startswith(f"{path}:{case.line}: {level}: "), (lines, case)
    assert case.words in lines[0]


def test_the_same_for_programs(person: Person, tmp_path: Path) -> None:
    path = put(tmp_path, f"{IMPORTS}import click\napi = 2\n{NO_KINDS}", "bad.py")
    said = person("plugins", "check", str(path), "--json")
    assert said.status == 1
    assert (
        said.out
        == f"""[
  {{
    "file": "{path}",
    "line": 2,
    "level": "warning",
    "rule": "heavy import",
    "text": "click is imported by the agent, which runs all day; import it where it is used"
  }},
  {{
    "file": "{path}",
    "line": 3,
    "level": "error",
    "rule": "api version",
    "text": "api = 2, and this crampcoach has plugin API 1; update the one or the other"
  }}
]
"""
    )
    right = put(tmp_path, COFFEE, "coffee.py")
    assert person("plugins", "check", str(right), "--json").json == []


def test_several_mistakes_are_said_at_once_in_the_order_of_their_lines(person: Person, tmp_path: Path) -> None:
    source = f"""{IMPORTS}
@hookimpl
def reminders():
    return [
        Reminder(name="one", schedule="25:00", say="x", grace="never"),
        Reminder(name="two", schedule="noon", say="x", actions=[Action(label="Go", then=Log("nothing"))]),
        Reminder(name="two", schedule="15:00", say=lambda ctx, occurrence: 1 / 0),
    ]
"""
    path = put(tmp_path, source, "bad.py")
    said = person("plugins", "check", str(path)).out.splitlines()
    assert [line.removeprefix(f"{path}:").partition(" error")[0] for line in said] == [
        "6:",
        "6:",
        "7:",
        "7:",
        "7:",
        "8:",
    ]
    text = "\n".join(said)
    for words in (
        "'25:00' is no time of day",
        "grace 'never'",
        "'noon' is no time",
        "two of its reminders",
        "by zero",
        "logs an unknown kind",
    ):
        assert words in text


@pytest.mark.parametrize("name", BUNDLED)
def test_bundled_plugins_break_no_rule(person: Person, name: str) -> None:
    assert person.ok("plugins", "check", name) == f"{name}: nothing is wrong with it"


@pytest.mark.parametrize("path", sorted((TOP / "examples" / "plugins").glob("*.py")), ids=lambda path: path.stem)
def test_neither_do_the_examples(person: Person, path: Path) -> None:
    ended = person("plugins", "check", str(path))
    assert (ended.status, ended.err) == (0, ""), ended


def test_an_exporter_is_tried_with_what_it_has_in_earnest(person: Person, tmp_path: Path) -> None:
    source = """\
"Takes the reminders out."
from datetime import timedelta
from crampcoach import Exporter, Problem, Reminder, hookimpl

def _write(entries, stream, ctx):
    ahead = ctx.coming(ctx.now + timedelta(days=1))
    if not ahead or ctx.asked.with_text or list(entries):
        raise ValueError("this is not what it has in earnest")
    raise Problem("there is nothing to write")

def _returns(entries, stream, ctx):
    return [*entries]

@hookimpl
def reminders():
    return [Reminder(name="r", schedule="15:00", say="Now")]

@hookimpl
def exporters():
    given = {"title": "Of its own", "suffix": ".txt", "media_type": "text/plain"}
    return [Exporter(name="ahead", write=_write, **given), Exporter(name="returns", write=_returns, **given)]
"""
    (tmp_path / "ahead.py").write_text(source)
    said = person("plugins", "check", str(tmp_path / "ahead.py")).out
    assert "earnest" not in said
    assert "write() of ahead" not in said
    assert "error: exporter 'returns': write() must return nothing, not list" in said


#: A kind with a check, reminders with a button that logs it and one that does not, and what comes of the answers.
ANSWERED = f"""{IMPORTS}from dataclasses import dataclass
@dataclass(frozen=True)
class Fields:
    cups: int = 0
    def __post_init__(self):
        CHECK
@hookimpl
def kinds():
    return [Kind(name="tea", title="Tea", fields=Fields)]
@hookimpl
def reminders():
    buttons = [Action(label="One", then=Log("tea", cups=1)), Action(label="Two")]
    return [Reminder(name="daily", schedule="15:00", say="Tea?", actions=buttons)]
@hookimpl
def responded(ctx, occurrence, action):
    RESPONDED
@hookimpl
def advise(ctx, entry):
    ADVISE
"""
ADVICE = 'Advice(id="tea-many", level="LEVEL", title="Tea", text="A lot.")'


@pytest.mark.parametrize(
    ("line", "level", "words", "put_in"),
    [
        (10, "error", "kind 'tea': checking an entry without fields raised ZeroDivisionError", {"CHECK": "1 / 0"}),
        (10, "error", "checking its kind 'tea' took longer", {"CHECK": "import threading; threading.Event().wait(9)"}),
        (13, "error", "its button 'One' logs kind 'tea': checking an entry with cups raised ZeroDivisionError",
         {"CHECK": "1 // (1 - self.cups)"}),
        (16, "error", "answered 'Two', responded() gives an entry of an unknown kind; did you mean 'tea'?",
         {"RESPONDED": "return [Entry(kind='tee')] if action.key == 'two' else []"}),
        (16, "error", "'Skip', responded() gives an entry of kind 'tea' that does not fit it: cups: it must be a whole",
         {"RESPONDED": "return [Entry(kind='tea', fields={'cups': 'lots'})] * (occurrence.state == 'skipped')"}),
        (16, "error", "Entry 'tea': its fields cannot be stored",
         {"RESPONDED": "return [Entry(kind='tea', fields={'cups': {1}})]"}),
        (17, "error", "responded() raised ZeroDivisionError",
         {"RESPONDED": "return [] if action.key == 'one' else 1 // 0"}),
        (17, "warning", "asked without what has just been logged",
         {"RESPONDED": "return [] if action.key != 'one' else [ctx.log.last('tea').id]"}),
        (19, "error", "advise() gave 'tea-many' the level 'now'",
         {"ADVISE": f"return [{ADVICE.replace('LEVEL', 'now')}] if entry.fields.get('cups') else []"}),
        (20, "warning", "advise() raised KeyError: 'cups', asked without",
         {"ADVISE": "return [][entry.fields['cups']:]"}),
        (0, "", "nothing is wrong with it",
         {"ADVISE": f"return [{ADVICE.replace('LEVEL', 'routine')}] * (entry.id != '' and entry.night is not None)",
          "RESPONDED": "return [Entry(kind='symptoms', fields={'swelling': 'no'}), Entry(kind='tea')]"}),
    ],
)  # fmt: skip
def test_what_becomes_of_an_answer_is_tried_without_being_saved(
    person: Person, tmp_path: Path, line: int, level: str, words: str, put_in: dict[str, str]
) -> None:
    source = ANSWERED
    for place in ("CHECK", "RESPONDED", "ADVISE"):
        source = source.replace(place, put_in.get(place, "return None"))
    path = put(tmp_path, source, "bad.py")
    said = person("plugins", "check", str(path))
    assert said.status == int(level == "error"), said
    first = said.out.splitlines()[0]
    assert first.startswith(f"{path}:{line}: {level}: " if line else str(path)), said.out
    assert words in first
    assert len(said.out.splitlines()) == 1, said.out
    assert not person.home.log_db.exists() or not person("entries", "--json").json


def test_what_is_right_is_said_in_one_sentence(person: Person) -> None:
    person.drop(COFFEE, "coffee")
    for what in ("coffee", f"{person.plugin_dir}/coffee.py"):
        assert person.ok("plugins", "check", what) == f"{what}: nothing is wrong with it"


COMMAND = """
import sys, time
@hookimpl
def commands():
    import click
    def brew():
        print("brewing")
        time.sleep(0)
        sys.exit(0)
    return [click.Command("brew", callback=brew)]
"""


def test_a_command_may_do_what_a_hook_may_not(person: Person, tmp_path: Path) -> None:
    path = put(tmp_path, IMPORTS + COMMAND, "bad.py")
    assert person.ok("plugins", "check", str(path)).endswith("nothing is wrong with it")


TYPED = """
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    import click
else:
    import json
if __name__ == "__main__":
    print("run me")
def _helper():
    import rich
"""


OWN_NAMES = """
api = int("1")
PLACE = "catalog.db"
def quit(): ...
def print(): ...
@hookimpl
def reminders():
    quit()
    print()
    return []
"""


def test_what_only_looks_like_a_mistake_is_none(person: Person, tmp_path: Path) -> None:
    path = put(tmp_path, IMPORTS + OWN_NAMES, "bad.py")
    assert person.ok("plugins", "check", str(path)).endswith("nothing is wrong with it")


def test_a_file_named_from_here_and_a_package_are_blamed_at_their_lines(
    person: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    source = f"{IMPORTS}x = 1\nraise OSError('dry')\n{NO_KINDS}"
    for path in ("bad.py", "crampcoach_bad/__init__.py"):
        put(tmp_path / Path(path).parent, source, Path(path).name)
        said = person("plugins", "check", path)
        assert said.out == f"{path}:3: error: loading it raised OSError: dry\n"


def test_what_does_not_run_at_import_costs_nothing(person: Person, tmp_path: Path) -> None:
    path = put(tmp_path, f"{IMPORTS}{TYPED}{NO_KINDS}", "bad.py")
    assert person.ok("plugins", "check", str(path)).endswith("nothing is wrong with it")


def test_a_file_without_a_hook(person: Person, tmp_path: Path) -> None:
    path = put(tmp_path, "x = 1\n", "bad.py")
    said = person("plugins", "check", str(path))
    assert said.status == 1
    assert said.out.splitlines()[0].startswith(f"{path}:1: error: it has no hook; ")
    assert person("plugins", "check", str(path), "--json").out.count('"rule": "no hook"') == 1


def test_what_may_not_be_run_is_not_run(person: Person, tmp_path: Path) -> None:
    marker = tmp_path / "was run"
    source = f"{IMPORTS}import os\nopen({str(marker)!r}, 'w')\ndef _f(): os._exit(9)\n{NO_KINDS}"
    said = person("plugins", "check", str(put(tmp_path, source, "bad.py")))
    assert said.status == 1
    assert said.out.splitlines()[-1] == "What it offers can be looked at once that is mended."
    assert not marker.exists()


def test_nothing_of_the_person_is_shown_to_it_or_changed(person: Person, tmp_path: Path) -> None:
    person.ok("log", "symptoms", "--swelling", "no")
    source = f"""{IMPORTS}
def _say(ctx, occurrence):
    assert ctx.log.entries() == () and ctx.log.last("symptoms") is None
    ctx.store.set("seen", 1)
    assert ctx.store.get("seen") is None
    print("secret")
    return None
@hookimpl
def reminders(): return [Reminder(name="daily", schedule="15:00", say=_say)]
""".replace('    print("secret")\n', "")
    before = {path: path.read_bytes() for path in (person.home.log_db, person.home.state_db)}
    assert person.ok("plugins", "check", str(put(tmp_path, source, "bad.py"))).endswith("nothing is wrong with it")
    assert {path: path.read_bytes() for path in before} == before


# --- which file is meant -----------------------------------------------------------------------------------------


def test_a_package_is_checked_whole(person: Person, tmp_path: Path) -> None:
    folder = tmp_path / "src" / "crampcoach_tea"
    main = put(
        folder,
        f"from . import early\nfrom .inner import deep\n{IMPORTS}def _f():\n    from . import late\n{NO_KINDS}",
        "__init__.py",
    )
    early = put(folder, "import click\n", "early.py")
    deep = put(folder / "inner", "from ..early import click\nTEXT = 'It cures cramps.'\n", "deep.py")
    put(folder / "inner", "", "__init__.py")
    put(folder, "import click\n", "late.py")
    heavy = "warning: click is imported by the agent, which runs all day; import it where it is used"
    cures = "warning: 'cures': no promise can be kept here; say it in other words"
    assert person.ok("plugins", "check", str(main)).splitlines() == [f"{early}:1: {heavy}", f"{deep}:2: {cures}"]
    put(folder, "def f(:", "late.py")
    assert f"{folder}/late.py:1: error: this is not Python" in person("plugins", "check", str(main)).out


@pytest.mark.parametrize(
    ("what", "sentence"),
    [
        ("tae", "there is neither a plugin nor a file 'tae'; did you mean 'tea'?"),
        ("/nowhere/tea.py", "there is no file /nowhere/tea.py"),
        ("tea.py", "there is no file tea.py"),
    ],
)
def test_what_is_not_there(person: Person, what: str, sentence: str) -> None:
    person.drop(COFFEE, "tea")
    assert person.fails("plugins", "check", what) == sentence


def test_a_folder_is_no_file(person: Person, tmp_path: Path) -> None:
    sentence = f"{tmp_path} is a folder; name the file with the hooks in it, such as {tmp_path}/__init__.py"
    assert person.fails("plugins", "check", str(tmp_path)) == sentence


def test_a_file_that_others_may_write(person: Person, tmp_path: Path) -> None:
    path = person.drop(COFFEE, "coffee")
    path.chmod(0o666)
    said = person("plugins", "check", "coffee")
    assert (said.status, said.out) == (
        1,
        f"{path}:1: error: {path} can be written by others; run: chmod go-w {path}\n",
    )
    elsewhere = put(tmp_path / "project", COFFEE, "coffee.py")
    elsewhere.chmod(0o666)
    assert person.ok("plugins", "check", str(elsewhere)).endswith("nothing is wrong with it")


def test_a_name_that_no_plugin_can_have(person: Person, tmp_path: Path) -> None:
    path = put(tmp_path, COFFEE, "1 coffee.py")
    assert f"{path}:1: error: {path}: rename it to a short lower-case name" in person("plugins", "check", str(path)).out


def test_beside_another_plugin_with_the_same_kind(person: Person, tmp_path: Path) -> None:
    owner = person.drop(COFFEE, "coffee")
    path = put(tmp_path, COFFEE, "cafe.py")
    said = person("plugins", "check", str(path))
    assert said.status == 1
    line = f"{path}:6: error: beside it coffee could not be used: its kind 'coffee' is cafe's already ({path}); "
    assert said.out.startswith(line)
    after = put(tmp_path, COFFEE, "later.py")
    line = f"{after}:6: error: its kind 'coffee' is coffee's already ({owner}); "
    assert person("plugins", "check", str(after)).out.startswith(line)


def test_its_table_in_the_settings_is_not_its_own_fault(person: Person) -> None:
    person.drop(COFFEE, "coffee")
    person.configure("[plugins.coffee]\nnonsense = 1\nenabled = false\n")
    assert person.ok("plugins", "check", "coffee") == "coffee: nothing is wrong with it"


# --- how long an import takes ------------------------------------------------------------------------------------


def test_a_slow_import_is_a_warning(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    path = person.drop(COFFEE, "coffee")
    monkeypatch.setattr("crampcoach.cli.lint.import_cost.import_cost", lambda *_: Cost(31.4, ("msgspec", "numpy")))
    assert person.ok("plugins", "check", "coffee") == (
        f"{path}:1: warning: importing it takes 31 ms, with msgspec, numpy, and should take 5 ms at most; "
        "import what is heavy in the function that needs it"
    )


def test_what_keeps_to_the_budget_or_cannot_be_measured_is_no_finding(tmp_path: Path) -> None:
    assert list(cost_findings(tmp_path, Cost(BUDGET))) == []
    assert list(cost_findings(tmp_path, None)) == []
