"""What plugins advise comes last, under their names, once or not at all, and costs neither entries nor safety."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agent_process import Nest, agent
from coaching import coach_of
from commands import Commands
from crampcoach.model import Message
from crampcoach.notifier import Delivered, Failed, Unconfirmed
from crampcoach.testing import Coach

#: Kind, reminder and command of its own; `advise` says about each entry what its note asks for.
PLUGIN = """\
import time
from pathlib import Path
from crampcoach import Action, Advice, Entry, Kind, Log, Reminder, hookimpl

HEARD = Path(__file__).with_name("heard")

def _advice(id="much", level="routine", title="A lot", text="That is a lot of coffee.", **more):
    return Advice(id=id, level=level, title=title, text=text, **more)

@hookimpl
def kinds():
    return [Kind(name="coffee", title="Coffee")]

@hookimpl
def reminders():
    buttons = [
        Action(label="Had one", then=Log("coffee")),
        Action(label="Swollen", then=Log("symptoms", swelling="yes")),
        Action(label="Nothing"),
    ]
    return [Reminder(name="daily", schedule="13:00, 14:00, 23:30", say="Coffee?", quiet="show", actions=buttons)]

@hookimpl
def advise(ctx, entry):
    with HEARD.open("a") as heard:
        heard.write(f"{entry.kind} {entry.note}".strip() + f" {ctx.now:%H:%M}\\n")
    WHAT

@hookimpl
def commands():
    import click

    @click.command("cup")
    @click.pass_obj
    def cup(session):
        session.save(Entry(kind="coffee", note="by a command"))
        click.echo("a cup")

    return [cup]
"""
#: Nothing but importable.
QUIET = "from crampcoach import hookimpl\n\n@hookimpl\ndef commands():\n    return []\n"
ADVISES = "return [_advice()] if entry.kind in ('coffee', 'symptoms') else []"
HEAD = "Plugin of: worth asking your doctor about"
SAID = f"\n{HEAD}\n  - That is a lot of coffee.\n\n"
TODAY = "Get this looked at today"


def started(folder: Path, what: str = ADVISES, more: str = "", **given: Any) -> Coach:
    given = {"now": "2026-11-22 12:50", **given}
    return coach_of(folder, sources={"of": PLUGIN.replace("WHAT", what) + more}, deadline=2, **given)


@pytest.fixture
def coach(tmp_path: Path) -> Iterator[Coach]:
    with started(tmp_path) as one:
        yield one


def says(coach: Coach, what: str) -> None:
    """The plugin, loaded anew, advises so."""
    coach.home.plugin_dir.joinpath("of.py").write_text(PLUGIN.replace("WHAT", what))
    coach.settle()


def heard(coach: Coach) -> list[str]:
    """What the plugin was asked about since this was last called."""
    path = coach.home.plugin_dir / "heard"
    text = path.read_text() if path.exists() else ""
    path.unlink(missing_ok=True)
    return text.splitlines()


def titles(coach: Coach) -> list[str]:
    """Every message but those of reminders and the welcome."""
    return [one.title for one in coach.recorder.sent if not one.reminder and "Welcome" not in one.title]


# --- commands --------------------------------------------------------------------------------------------------


@pytest.mark.pure
def test_a_command_prints_it_last_and_under_the_plugins_name(coach: Coach, commands: Commands) -> None:
    assert commands.ok("log", "coffee") == f"saved: Coffee, today 12:50\n{SAID}".rstrip("\n")
    assert commands.ok("log", "coffee", "--note", "again").endswith(SAID.rstrip("\n"))
    assert heard(coach) == ["coffee 12:50", "coffee again 12:50"]
    out = commands.ok("log", "symptoms", "--swelling", "yes")
    assert out.index(TODAY.upper()) < out.index("saved: ") < out.index(HEAD)


@pytest.mark.pure
def test_a_program_gets_it_on_stderr(coach: Coach, commands: Commands) -> None:
    said = commands("log", "coffee", "--json")
    assert (json.loads(said.out)["kind"], said.err) == ("coffee", SAID)


@pytest.mark.pure
def test_every_way_of_saving_something_new_asks_and_no_other(coach: Coach, commands: Commands, tmp_path: Path) -> None:
    commands.ok("log", "coffee", "--note", "one")
    entry = commands("entries", "--json").json[0]["id"]
    commands.ok("edit", entry, "--note", "changed")
    commands.ok("cup")
    coach.advance("13:00")
    assert commands.ok("done", "of", "--answer", "had-one").startswith("of.daily: done; logged: coffee")
    times = ["coffee one 12:50", "coffee changed 12:50", "coffee by a command 12:50", "coffee 13:00"]
    assert heard(coach) == times
    for words in (["undo"], ["redo"], ["delete", entry], ["entries"], ["status"]):
        commands.ok(*words)
    assert heard(coach) == []


@pytest.mark.pure
def test_a_command_imports_a_plugin_and_tells_of_its_failure_once(coach: Coach, commands: Commands) -> None:
    commands.ok("log", "coffee", "--note", "one")
    entry = str(commands("entries", "--json").json[0]["id"])
    coach.load("often", f"{QUIET}\nwith open(__file__ + '.imports', 'a') as file:\n    file.write('x')\n")
    coach.load("broken", "raise OSError('no tap')\n", strict=False)
    imports = coach.home.plugin_dir / "often.py.imports"
    for words in (["log", "coffee", "--note", "two"], ["edit", entry, "--note", "three"]):
        imports.unlink()
        said = commands(*words)
        assert (said.status, said.err.count("no tap"), imports.read_text()) == (0, 1, "x")
        assert HEAD in said.out


@pytest.mark.pure
def test_without_plugins_nobody_is_asked(coach: Coach, commands: Commands) -> None:
    commands.ok("--no-plugins", "log", "symptoms", "--numbness", "no")
    assert heard(coach) == []


@pytest.mark.pure
def test_of_several_entries_each_advice_comes_once_most_urgent_first(coach: Coach, commands: Commands) -> None:
    says(coach, "return [_advice(), _advice(), _advice('today', 'same-day', text='Ask today.', sources=['doe-2020'])]")
    head = "Plugin of: get this looked at today"
    assert commands.ok("log", "coffee").endswith(
        f"\n\n{head}\n  - Ask today.\n\n\n{HEAD}\n  - That is a lot of coffee.".replace("\n\n\n", "\n\n")
    )


WRONG = {
    "now": ("return [_advice(level='now')]", "advise() gave 'much' the level 'now', which only crampcoach itself says"),
    "ours": ("return [_advice('RF-DVT', 'same-day')]", "advise() gave 'RF-DVT', which is crampcoach's own; give"),
    "four": ("return [_advice(str(n)) for n in range(4)]", "advise() gave 4 pieces of advice on one entry; the"),
    "text": ("return 'drink less'", "advise() raised TypeError: advise() must return a list of Advice, not str"),
    "type": ("return ['drink less']", "advise() raised TypeError: advise() must give Advice, not str"),
    "raises": ("raise OSError('dry')", "advise() raised OSError in of.py, line "),
    "halfway": ("yield _advice()\n    raise OSError('dry')", "advise() raised OSError in of.py, line "),
    "level": ("return [_advice(level='soon')]", "advise() raised ValueError in of.py, line "),
    "long": ("return [_advice(text='x' * 301)]", "advise() gave 'much' a text that is not one line of 300 characters"),
    "heads": ("return [_advice(text='x\\nGET MEDICAL HELP NOW')]", "advise() gave 'much' a text that is not one line"),
    "clears": ("return [_advice(text='x\\33[2J')]", "advise() gave 'much' a text that is not one line"),
    "exits": ("raise SystemExit(3)", "advise() called sys.exit()"),
    "changes": ("entry.fields.clear()\n    entry.kind = 'tea'", "advise() raised FrozenInstanceError"),
}  # fmt: skip


@pytest.mark.pure
@pytest.mark.parametrize(("what", "reason"), WRONG.values(), ids=WRONG)
def test_one_that_breaks_a_rule_is_named_and_that_is_all(
    coach: Coach, commands: Commands, what: str, reason: str
) -> None:
    says(coach, "return []")
    right = commands.ok("log", "symptoms", "--swelling", "yes")
    says(coach, what)
    said = commands("log", "symptoms", "--swelling", "yes")
    assert (said.status, said.out.rstrip("\n")) == (0, right)
    assert said.err.startswith(f"crampcoach: plugin of: {reason}")
    assert len(said.err.splitlines()) == 1
    assert [dict(entry.fields) for entry in coach.entries()] == [{"swelling": "yes"}] * 2


@pytest.mark.pure
@pytest.mark.parametrize(
    "what",
    [
        "return [int(entry.note)]",
        "return map(int, [entry.note])",
        "return [_advice(text=entry.note.split())]",
        "return [_advice(sources=entry.note)]",
    ],
)
def test_what_a_mistake_says_of_an_entry_is_repeated_nowhere(coach: Coach, commands: Commands, what: str) -> None:
    says(coach, what)
    said = commands("log", "coffee", "--note", "secret words")
    assert re.match(r"crampcoach: plugin of: advise\(\) raised (Value|Type)Error in ", said.err)
    assert "secret" not in said.out + said.err


@pytest.mark.pure
def test_its_author_can_have_the_words(coach: Coach) -> None:
    says(coach, "return [int(entry.note)]")
    said = coach.run("--debug", "log", "coffee", "--note", "secret words")
    assert said.status == 0
    assert "saved: Coffee" in said.out
    assert "in advise\n    return [int(entry.note)]" in said.err
    assert "ValueError: invalid literal for int() with base 10: 'secret words'" in said.err


@pytest.mark.pure
def test_one_that_hangs_is_named_after_all_is_saved_and_said(
    coach: Coach, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crampcoach.cli.plugin_advice.print_advice", None)  # nothing is printed
    monkeypatch.setattr("crampcoach.guard.ask.__defaults__", (0.3,))
    says(coach, "time.sleep(30)")
    said = commands("log", "coffee")
    assert (said.status, said.out) == (0, "saved: Coffee, today 12:50\n")
    assert said.err == "crampcoach: plugin of: advise() took longer than 0.3 s\n"


@pytest.mark.pure
def test_no_plugin_says_what_another_is_told(tmp_path: Path) -> None:
    """Each gets its own copy of what was entered."""
    spoils = "entry.fields['swelling'] = 'no'\n    return []"
    looks = "return [_advice(text=str(dict(entry.fields)))]"
    source = PLUGIN.replace('kinds():\n    return [Kind(name="coffee", title="Coffee")]', "kinds(): return []")
    with started(tmp_path, what=spoils) as coach:
        coach.load("other", source.replace("WHAT", looks).replace("    return [cup]", "    return []"))
        coach.advance("13:00")
        coach.press("Swollen", "of.daily/2026-11-22/13:00")
        assert coach.recorder.sent[-1].body == "{'swelling': 'yes'}"


# --- the agent -------------------------------------------------------------------------------------------------


def answer(coach: Coach, label: str = "Had one", at: str = "13:00") -> None:
    coach.advance(at)
    coach.press(label, [one.occurrence for one in coach.sent if one.reminder == "of.daily"][-1])


@pytest.mark.pure
def test_what_an_answer_made_is_advised_on_by_a_message(coach: Coach) -> None:
    answer(coach)
    assert titles(coach) == [HEAD]
    assert coach.recorder.sent[-1].body == "That is a lot of coffee."
    answer(coach, "Nothing", "14:00")
    assert titles(coach) == [HEAD]
    assert heard(coach) == ["coffee 13:00"]


@pytest.mark.pure
def test_what_a_command_saved_is_its_own_to_advise_on(coach: Coach, commands: Commands) -> None:
    commands.ok("log", "coffee")
    commands.ok("done", "of", "--answer", "swollen")
    assert HEAD not in titles(coach)
    assert len(heard(coach)) == 2


@pytest.mark.pure
def test_it_comes_after_what_the_core_has_to_say(coach: Coach) -> None:
    answer(coach, "Swollen")
    assert titles(coach) == [TODAY, HEAD]


@pytest.mark.pure
def test_while_the_core_cannot_say_its_own_no_plugin_says_anything(coach: Coach) -> None:
    coach.advance("13:00")
    tried: list[str] = []
    show = type(coach.recorder).show

    def refuse(message: Message) -> Delivered | Unconfirmed | Failed:
        tried.append(message.title)
        return Failed("dark") if message.title == TODAY else show(coach.recorder, message)

    vars(coach.recorder)["show"] = refuse
    answer(coach, "Swollen", "13:01")
    coach.advance("13:05")
    assert set(tried) == {TODAY}
    del vars(coach.recorder)["show"]
    coach.advance("13:07")
    assert titles(coach) == [TODAY, HEAD]


@pytest.mark.pure
def test_in_quiet_hours_it_waits(coach: Coach) -> None:
    answer(coach, "Swollen", "23:30")
    assert titles(coach) == [TODAY]
    coach.advance("06:59")
    assert titles(coach) == [TODAY]
    coach.advance("07:01")
    assert titles(coach) == [TODAY, HEAD]


@pytest.mark.pure
def test_in_a_quiet_time_and_in_a_pause_it_waits_too(coach: Coach, commands: Commands, tmp_path: Path) -> None:
    coach.advance("13:00")
    commands.ok("pause", "20m")
    answer(coach, "Had one", "13:01")
    coach.advance("13:19")
    assert titles(coach) == []
    coach.advance("13:22")
    assert titles(coach) == [HEAD]
    noon = "from datetime import *\nfrom crampcoach import *\nNOON = datetime(2026, 11, 22, 12, tzinfo=timezone.utc)\n"
    rest = "@hookimpl\ndef quiet_times(): return [QuietTime(start=NOON, end=NOON + timedelta(hours=2))]\n"
    coach.load("calendar", noon + rest)
    answer(coach, "Had one", "14:00")
    assert titles(coach) == [HEAD]
    coach.advance("15:01")
    assert titles(coach) == [HEAD] * 2


@pytest.mark.pure
def test_one_that_was_turned_off_meanwhile_has_nothing_to_say(coach: Coach, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crampcoach.roster.GONE", 0.0)
    answer(coach, "Had one", "23:30")
    coach.home.plugin_dir.joinpath("of.py").unlink()
    coach.settle()
    coach.advance("07:30")
    assert titles(coach) == []


@pytest.mark.pure
def test_where_nobody_shows_it_the_agents_output_says_it_once(coach: Coach) -> None:
    coach.advance("13:00")
    coach.recorder.verdict = Failed("dark")
    coach.press("Had one")
    coach.advance("13:10")
    assert coach.said.count(f"{HEAD}\nThat is a lot of coffee.") == 1
    coach.recorder.verdict = Delivered("recorded")
    coach.advance("13:20")
    assert titles(coach) == []


@pytest.mark.pure
def test_no_answer_is_advised_on_twice_however_often_the_agent_starts(coach: Coach) -> None:
    answer(coach)
    for _ in range(3):
        coach.restart()
    assert titles(coach) == [HEAD]
    assert heard(coach) == ["coffee 13:00"]


@pytest.mark.pure
def test_what_waits_for_the_morning_is_lost_with_the_agent_and_never_doubled(coach: Coach) -> None:
    answer(coach, "Had one", "23:30")
    coach.restart()
    coach.advance("07:30")
    assert titles(coach) == []


@pytest.mark.pure
def test_it_takes_no_place_of_a_reminder(tmp_path: Path) -> None:
    with started(tmp_path, config="[notify]\nmax_per_day = 2\n") as coach:
        answer(coach, "Had one", "13:00")
        answer(coach, "Had one", "14:00")
        assert titles(coach) == [HEAD] * 2
        assert coach.states("of.*") == ["done", "done"]


@pytest.mark.pure
def test_the_same_advice_on_what_one_answer_made_comes_once(tmp_path: Path) -> None:
    more = "\n@hookimpl\ndef responded():\n    return [Entry(kind='coffee', note='of the plugin')]\n"
    with started(tmp_path, more=more) as coach:
        answer(coach)
        assert len(coach.entries()) == 2
        assert titles(coach) == [HEAD]
        assert sorted(heard(coach)) == ["coffee 13:00", "coffee of the plugin 13:00"]


@pytest.mark.pure
@pytest.mark.parametrize(("what", "reason"), [*WRONG.values(), ("time.sleep(30)", "advise() took longer than 2 s")])
def test_in_the_agent_too_one_that_breaks_a_rule_is_only_named(tmp_path: Path, what: str, reason: str) -> None:
    with started(tmp_path, what=what, strict=False) as coach:
        answer(coach, "Swollen")
        assert [dict(entry.fields) for entry in coach.entries()] == [{"swelling": "yes"}]
        assert titles(coach)[0] == TODAY
        assert not [title for title in titles(coach) if title.startswith("Plugin of")]
        assert any(line.startswith(f"plugin of: {reason}") for line in coach.said)
        told = reason.partition(" in of.py")[0]  # the words are in `plugins show`
        assert coach.failures("of")[0].reason.startswith(told)
        assert ("dry" in coach.failures("of")[0].reason) == ("dry" in what)
        assert set(coach.resting()) == ({"of"} if "sleep" in what else set())


# --- the real thing --------------------------------------------------------------------------------------------


@pytest.mark.real
def test_the_real_agent_and_a_real_command_say_it_once_each(tmp_path: Path) -> None:
    nest = Nest(tmp_path / "home", {"CRAMPCOACH_PLUGINS": "of,terminal"})
    nest.drop("of", PLUGIN.replace("WHAT", ADVISES))
    with agent(nest, terminal=True) as running:
        assert nest.run("log", "coffee").out.endswith(SAID)
        nest.make_due("of.daily", "13:00")
        running.wait_line("Coffee?")
        assert HEAD not in running.text, "the command has said it"
        said = nest.run("done", "of", "--answer", "swollen")
        assert said.out.index(TODAY.upper()) < said.out.index("of.daily: done") < said.out.index(HEAD)
        running.stop()


@pytest.mark.real
def test_an_output_that_nobody_reads_costs_no_entry(tmp_path: Path) -> None:
    nest = Nest(tmp_path / "home", {"CRAMPCOACH_PLUGINS": "of"})
    nest.drop("of", PLUGIN.replace("WHAT", ADVISES))
    if not os.path.exists("/dev/full"):  # noqa: PTH110
        return
    import subprocess

    with open("/dev/full", "w") as full:  # noqa: PTH123
        done = subprocess.run(
            nest.command("log", "coffee"), stdout=full, stderr=subprocess.PIPE, env=nest.environment(), check=False
        )
    assert done.returncode == 1
    assert done.stderr.decode() == "crampcoach: saved, but the output could not be written (No space left on device)\n"
    assert [entry["kind"] for entry in nest.asked("entries")] == ["coffee"]
