"""Every word that a person may read: no blame, no promise, no diagnosis, no amounts to drink, and easy to read.

`pytest tests/test_texts.py -s` prints how easy each group of texts is.
"""

from __future__ import annotations

import ast
import re
import statistics
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click
import pytest

from crampcoach import Entry, Message, Occurrence
from crampcoach.advice import HEADINGS, LEVELS
from crampcoach.advice_messages import advice_message, first_message
from crampcoach.cli import COMMANDS, cli
from crampcoach.config import CORE_TABLES, Day, Profile
from crampcoach.context import ContextMaker
from crampcoach.loading import Loaded, message_of
from crampcoach.options import document
from crampcoach.safety.flags import RedFlag, red_flags
from crampcoach.safety.kinds import EXAMINED_LABEL, core_kinds
from crampcoach.safety.never_said import allowed, never_said, whole_words, wrongly_said_in
from crampcoach.safety.wording import HELD, Person
from crampcoach.store import entries as stored
from crampcoach.testing import Coach
from crampcoach_journaling import sitting
from crampcoach_journaling.prompts import prompts

pytestmark = [pytest.mark.pure, pytest.mark.once]

TOP = Path(__file__).resolve().parent.parent
BERLIN = ZoneInfo("Europe/Berlin")
BUNDLED = sorted(path.name.removeprefix("crampcoach_") for path in (TOP / "plugins").iterdir() if path.is_dir())
#: A longer title is cut off by xfce4-notifyd in the middle of a word.
TITLE = 42


@dataclass(frozen=True)
class Text:
    """What a person may read, and where it stands."""

    where: str
    text: str


# --- collecting ------------------------------------------------------------------------------------------------


def literals() -> Iterator[Text]:
    """Every text in the code, f-strings with "..." for what is filled in: messages, questions, errors, headings."""
    for folder in ("src", "plugins", "examples"):
        for path in sorted((TOP / folder).rglob("*.py")):
            yield from _literals(str(path.relative_to(TOP)), path.read_text(encoding="utf-8"))
    page = (TOP / "docs" / "writing-plugins.md").read_text(encoding="utf-8")
    for block in re.findall(r"^```python.*?\n(.*?)^```$", page, re.MULTILINE | re.DOTALL):
        if "@hookimpl" in block:
            yield from _literals("writing-plugins.md", block)


def _literals(where: str, source: str) -> Iterator[Text]:
    tree = ast.parse(source)
    inner = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    comments = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        text = _said(node) if id(node) not in inner | comments else ""
        if re.search("[A-Za-z]", text):
            yield Text(f"{where}:{getattr(node, 'lineno', 0)}", text)


def _said(node: ast.AST) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(_said(part) or "..." for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def helps() -> Iterator[Text]:
    """The help of every command, the core's and the plugins', with its options."""
    for name, (_, line) in COMMANDS.items():
        yield Text(f"crampcoach --help: {name}", line)
    # With their settings: click keeps the help option that it makes for one.
    root = click.Context(cli, info_name="crampcoach", obj={"debug": False, "no_plugins": False}, **cli.context_settings)
    yield from _helps(cli, root)


def _helps(command: click.Command, ctx: click.Context) -> Iterator[Text]:
    where = f"{ctx.command_path} --help"
    for text in (command.help, command.epilog, *(getattr(one, "help", None) for one in command.params)):
        if text:
            yield Text(where, text)
    if isinstance(command, click.Group):
        for name in command.list_commands(ctx):
            found = command.get_command(ctx, name)
            assert found
            yield from _helps(found, click.Context(found, info_name=name, parent=ctx, **found.context_settings))


def descriptions(loaded: Iterable[Loaded]) -> Iterator[Text]:
    """What settings, options and fields of entries are for."""
    types = {"[day]": Day, **{f"[{name}]": one for name, one in CORE_TABLES.items()}}
    for plugin in loaded:
        yield Text(f"plugins show {plugin.name}", (plugin.plugin.module.__doc__ or "").strip().partition("\n")[0])
        if plugin.options_type:
            types[f"[plugins.{plugin.name}]"] = plugin.options_type
    for kind in (*core_kinds(), *(kind for plugin in loaded for kind in plugin.kinds)):
        yield Text(f"log {kind.name}", kind.title)
        if kind.fields:
            types[f"log {kind.name}"] = kind.fields
    for name, one in types.items():
        for field, description, _ in document(one):
            yield Text(f"{name} {field.name}", description)


def data() -> Iterator[Text]:
    """What stands in TOML files, and in the README."""
    # The red flags are read as they are put together: see `advice_texts`.
    # Titles of publications are not ours to word; what people type is not shown (see test_explain.py).
    unsaid = ("sources.toml", "words.toml")
    for path in sorted(one for one in (TOP / "plugins").rglob("*.toml") if one.name not in unsaid):
        for text in _strings(tomllib.loads(path.read_text(encoding="utf-8"))):
            yield Text(str(path.relative_to(TOP)), text)
    for name in ("README.md", "config.example.toml"):
        for number, paragraph in enumerate((TOP / name).read_text(encoding="utf-8").split("\n\n"), 1):
            yield Text(f"{name}, paragraph {number}", paragraph)


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _strings(one)


#: People to whom messages and advice speak in other words.
PROFILES = (
    Profile(),
    Profile(adult="yes", fluids="free", balance="steady", country="GB"),
    Profile(adult="yes", fluids="limited", balance="unsteady", anticoagulant="yes", country="US"),
    Profile(adult="no", country="DE"),
    Profile(pregnant="yes"),
)


@dataclass(frozen=True)
class Collected:
    """Everything that needs an agent to be asked for."""

    messages: dict[str, list[Message]]
    loaded: tuple[Loaded, ...]
    helps: tuple[Text, ...]


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Collected:
    """Each reminder's message for every profile, on a weekday and on a Sunday with a log; loaded once."""
    folder = tmp_path_factory.mktemp("texts")
    messages: dict[str, list[Message]] = {}
    with pytest.MonkeyPatch.context() as patch, Coach(folder) as coach:
        for name in BUNDLED:
            coach.load(name)
        coach.settle()
        assert coach.resting() == {}
        loaded = tuple(coach.agent.roster.loaded[name] for name in BUNDLED)
        _fill(coach)
        for profile in PROFILES:
            for name, message in _messages(coach, loaded, profile):
                messages.setdefault(name, []).append(message)
        patch.setenv("CRAMPCOACH_HOME", str(folder))
        patch.delenv("CRAMPCOACH_PLUGINS", raising=False)
        found = tuple(helps())
    return Collected(messages, loaded, found)


def _fill(coach: Coach) -> None:
    """Two weeks of nights, so that there is something to tell of them."""
    now = coach.clock.now()
    nights = [
        Entry(kind="night", fields={"count": day % 3}, at=now, zone="Europe/Berlin", night=date(2026, 11, day))
        for day in range(8, 19)
    ]
    stored.append(coach.agent.store.log, nights, now)


def _messages(coach: Coach, loaded: Iterable[Loaded], profile: Profile) -> Iterator[tuple[str, Message]]:
    maker = ContextMaker(coach.home, profile)
    for plugin in loaded:
        for planned in plugin.plan:
            say = planned.reminder.say
            for day in (date(2026, 11, 22), date(2026, 11, 23)):
                now = datetime.combine(day, time(12), BERLIN)
                ctx = maker.make(plugin.name, plugin.options, now)
                asked = Occurrence(
                    reminder=planned.name, day=day, wall=time(12), zone="Europe/Berlin", due=now, state="shown"
                )
                message = message_of(planned, say(ctx, asked) if callable(say) else say)
                if message:
                    yield planned.name, message


def advice_texts() -> Iterator[Text]:
    """Every red flag as it is said to each of these people, and the signs that are shown before the first stretch."""
    for profile in PROFILES:
        for zone in ("Etc/UTC", "Europe/London"):
            person = Person(profile, zone)
            for flag in red_flags():
                said = person.advice([flag.id])
                assert flag.id in {one.id for one in said}
                message = advice_message("advice/x", said)
                yield Text(f"advice {flag.id}", message.body)
                yield Text(f"title of {flag.id}", flag.title)
                yield from of_message(f"buttons of {flag.id}", replace(message, body=""))
            yield Text("before the first stretch", first_message(person).body)


@cache
def everything_written() -> tuple[Text, ...]:
    return (*literals(), *data())


def of_message(name: str, message: Message) -> Iterator[Text]:
    for text in (message.title, message.body, *(action.label for action in message.actions)):
        yield Text(name, text)


def every_text(collected: Collected) -> list[Text]:
    texts = [*everything_written(), *collected.helps, *descriptions(collected.loaded)]
    for name, messages in collected.messages.items():
        texts += [text for message in messages for text in of_message(name, message)]
    return list(dict.fromkeys([*texts, *advice_texts()]))


def sentences(text: str) -> list[str]:
    """What stands between full stops, question marks and line ends."""
    return [part for part in re.split(r"[.!?](?=\s|$)|\n", text) if re.search("[A-Za-z]", part)]


@dataclass(frozen=True)
class Found:
    """A place at which a pattern was found."""

    where: str
    text: str
    start: int
    end: int

    def __str__(self) -> str:
        return f"{self.where}: ...{self.text[max(0, self.start - 60) : self.end + 60]!r}..."


def find(pattern: str, texts: Iterable[Text]) -> list[Found]:
    """Where a pattern stands as whole words, in whatever case."""
    compiled = whole_words(pattern)
    return [Found(one.where, one.text, *match.span()) for one in texts for match in compiled.finditer(one.text)]


# --- what is never said ----------------------------------------------------------------------------------------

#: Why, and the words.
BANNED = never_said()
#: Words that stand all the same: what must surround them, and why.
EXCEPTIONS = allowed()


@pytest.fixture(scope="module")
def wrong(collected: Collected) -> dict[str, list[str]]:
    """Whatever is said that should not, by the reason."""
    found: dict[str, list[str]] = {}
    for one in every_text(collected):
        for words, why in wrongly_said_in(one.text):
            found.setdefault(why, []).append(f"{one.where}: {words!r} in {one.text!r}")
    return found


@pytest.mark.parametrize("reason", BANNED)
def test_what_is_never_said(wrong: dict[str, list[str]], reason: str) -> None:
    said = wrong.get(reason, [])
    assert not said, f"{reason}:\n" + "\n".join(said)


def test_every_exception_is_needed_and_has_its_reason(collected: Collected) -> None:
    texts = every_text(collected)
    banned = [place for words in BANNED.values() for place in find(words, texts)]
    for pattern, reason in EXCEPTIONS.items():
        places = find(pattern, texts)
        assert places, f"nobody says {pattern!r} any more: remove the exception"
        assert any(
            (one.where, one.text) == (place.where, place.text) and place.start <= one.start and one.end <= place.end
            for one in banned
            for place in places
        ), f"{pattern!r} needs no exception"
        assert len(reason.split()) >= 5, pattern


@pytest.mark.parametrize(
    "text",
    [
        "It cures cramps in no time.",
        "You missed three stretches: no excuses!",
        "Don't worry, it is all in your head.",
        "Your streak: 5 nights. Goal reached!",
        "You probably have a clot.",
        "You have peripheral artery disease.",
        "Stop taking your tablets.",
        "Take a tablet of magnesium.",
        "Drink more: 2 litres today.",
        "This may be cancer.",
        "STOP  TAKING".replace("  ", " "),
    ],
)
def test_the_words_are_found(text: str) -> None:
    for around in (
        "{}",
        "<p>{}</p>",
        '<img alt="{}">',
        "<style>p {{ width: 100%; }}</style> {}",
        "Not a diagnosis. {}",
    ):
        assert list(wrongly_said_in(around.format(text))), around


@pytest.mark.parametrize(
    "text",
    [
        '<path d="M0 0" stroke="#000" stroke-width="1"/>',
        '<table width="100%" class="score points"><tr id="goal">',
        "table { width: 100%; border: 0 }\nsvg { width: 100% }\n.score, p.goal > .points { color: red }",
        "Self-reported, not a diagnosis.",
        "More than eight cups a day: ask your pharmacist whether that suits your medicines.",
    ],
)
def test_what_nobody_reads_or_is_allowed_is_not(text: str) -> None:
    assert list(wrongly_said_in(text)) == []


@pytest.mark.parametrize(
    "text",
    [
        "A stroke is near.", "Reach 100% of it.", "Your score: {score}.", "Have eight cups a day.",
        "More than eight cups a day are good.", "Not a diagnosis: you have diabetes.", "{name}, your score.",
    ],
)  # fmt: skip
def test_what_only_resembles_that_is(text: str) -> None:
    assert list(wrongly_said_in(text))


def test_each_reason_stands_once_with_words_that_compile() -> None:
    assert len(BANNED) >= 9
    for pattern in BANNED.values():
        assert "||" not in pattern
        assert not whole_words(pattern).search("")


@pytest.mark.parametrize(
    "text", ["Secure files", "a goalkeeper", "risk-freely", "die-cut", "procured", "If you have diabetes: call."]
)
def test_only_whole_words_count(text: str) -> None:
    assert not any(find(words, [Text("here", text)]) for words in BANNED.values())


#: Nobody has found that stress sets off cramps (record `cause-stress`).
CAUSING = r"causes?|caused|causing|because|due to|leads? to|triggers?|triggered|sets? off|brings? on|behind|result of"
MIND = r"stress\w*|anxi\w+|worr\w+|mood|emotions?|feelings?|nerves|tense|tension|dreams?"


#: An explainer may say what an idea is, as an idea, and that nobody has found it to be so.
ONLY_TOLD = r"no study|the idea|whether|no clear cause"


def test_stress_is_nowhere_a_cause(collected: Collected) -> None:
    said = [
        f"{one.where}: {part}"
        for one in every_text(collected)
        for part in sentences(one.text)
        if find(MIND, [Text("", part)])
        and find(CAUSING, [Text("", part)])
        and not ("crampcoach_causes" in one.where and find(ONLY_TOLD, [Text("", part)]))
    ]
    assert not said, said


# --- drinks and the journal ------------------------------------------------------------------------------------


def about(collected: Collected, plugin: str) -> list[Text]:
    """Everything that a plugin says by message or asks when something is logged, but for the core's own buttons."""
    (loaded,) = (one for one in collected.loaded if one.name == plugin)
    texts = [
        text
        for name, messages in collected.messages.items()
        for message in messages
        for text in of_message(name, message)
        if name.startswith(f"{plugin}.") and not re.fullmatch(r"Snooze \d+ min|Skip", text.text)
    ]
    for kind in loaded.kinds:
        texts.append(Text(f"log {kind.name}", kind.title))
        texts += [Text(f"log {kind.name}", said) for _, said, _ in document(kind.fields or type(None))]
    return texts


def test_nothing_about_drinks_has_an_amount_or_counts_days(collected: Collected) -> None:
    amounts = (
        r"\d+|one|two|litres?|millilitres?|ml|glass|glasses|cups?|bottles?|enough|plenty|at least|more|less|per day|"
        r"daily|every day|intake|target|goal|streak|in a row|again|still|so far|today|week"
    )
    texts = about(collected, "hydration")
    assert {one.text for one in texts} > {"A drink, if you like", "Only if you feel like one.", "Had one", "A drink"}
    plain = {"Only if you feel like one.", "Had one"}  # "one" is the drink itself
    amount = "How much, in millilitres, 1 to 5000"  # may be logged, and is compared with nothing
    said = [str(found) for found in find(amounts, texts) if found.text not in {*plain, amount}]
    assert not said, said


def test_an_offer_is_no_demand(collected: Collected) -> None:
    offers = [*collected.messages["hydration.morning"], *collected.messages["hydration.afternoon"]]
    words = [text for message in offers for text in of_message("", message)]
    assert not find(r"must|should|need|have to|remember|don't forget|time to|please|important|healthy|good for", words)
    assert all(message.urgency != "critical" for message in offers)


def test_the_journal_asks_about_the_day_and_nothing_else(collected: Collected) -> None:
    body = (
        r"cramp\w*|legs?|calf|calves|foot|feet|toes?|thigh|muscles?|pains?|painful|hurts?|ache\w*|sore\w*|nights?|"
        r"sleep\w*|slept|stretch\w*|symptoms?|body|health\w*|drinks?|because|why"
    )
    texts = about(collected, "journaling")
    assert {one.text for one in texts} > {"How was today?", "Calm", "Mixed", "Stressful"}
    said = [str(found) for found in find(body, texts)]
    assert not said, said


# --- levels ----------------------------------------------------------------------------------------------------


def test_headings_say_how_urgent_it_is() -> None:
    assert list(HEADINGS) == list(LEVELS) == ["now", "same-day", "routine"]
    urgent = {
        level: [find(word, [Text("", said)]) != [] for word in ("now", "today")] for level, said in HEADINGS.items()
    }
    assert urgent == {"now": [True, False], "same-day": [False, True], "routine": [False, False]}


@pytest.mark.parametrize("flag", red_flags(), ids=lambda flag: flag.id)
def test_each_step_is_as_urgent_as_its_level(flag: RedFlag) -> None:
    steps = [(flag.level, flag.action)]
    if flag.worse:
        level: Any = flag.worse.get("level", flag.level)
        steps.append((level, flag.worse["action"]))
        assert LEVELS.index(level) < LEVELS.index(flag.level), "what is worse is more urgent"
    for level, action in steps:
        said = [Text("", action)]
        emergency, today = "{emergency}" in action, find("today|now", said)
        assert emergency == (level == "now"), action
        assert bool(today) == (level in ("now", "same-day")), action
    assert re.fullmatch(r"(RF|M)-[A-Z0-9]+", flag.record)
    assert flag.id in (flag.record, f"{flag.record}:{flag.level}")


def test_a_hold_says_how_it_ends() -> None:
    assert "doctor or nurse" in HELD
    for flag in red_flags():
        if flag.holds:
            assert flag.level != "routine", flag.id
        message = advice_message("advice/x", [Person(Profile(), "Etc/UTC").says(flag)])
        assert (HELD in message.body) == bool(flag.holds)
        assert (EXAMINED_LABEL in [action.label for action in message.actions]) == bool(flag.holds)


# --- titles and reading ease -----------------------------------------------------------------------------------


def test_no_title_is_cut_off(collected: Collected) -> None:
    titles = {message.title for messages in collected.messages.values() for message in messages}
    titles |= {*HEADINGS.values(), "Welcome to crampcoach", "Before your first stretch", "While you were away"}
    assert {title for title in titles if len(title) > TITLE} == set()


def syllables(word: str) -> int:
    """About how many: groups of vowels, without a silent e."""
    word = re.sub("[^a-z]", "", word.lower())
    many = len(re.findall("[aeiouy]+", word))
    silent = re.search("[^aeiouyl]e$|[^aeiouydt]ed$|[^aeiouyscxzg]es$", word)
    return max(1, many - bool(silent))


def reading_ease(text: str) -> float:
    """Flesch's reading ease. 90 and more: 11 years old; 60 to 70: 13 to 15; below 30: university."""
    plain = re.sub(r"`[^`]*`", "it", text)
    words = re.findall(r"[A-Za-z][A-Za-z']*", plain)
    per_sentence = len(words) / max(1, len(sentences(plain)))
    return 206.835 - 1.015 * per_sentence - 84.6 * sum(map(syllables, words)) / max(1, len(words))


def groups(collected: Collected) -> dict[str, set[str]]:
    """Texts of at least four words, by who reads them when."""
    prose = [
        paragraph
        for paragraph in (TOP / "README.md").read_text(encoding="utf-8").split("\n\n")
        if not re.match(r"```|#|\||@|\[", paragraph) and paragraph[:1].isalpha()
    ]
    longer = [*sitting.ABOUT, *(one for name, one in vars(sitting).items() if name.isupper() and isinstance(one, str))]
    found = {
        "messages": {f"{one.title}\n{one.body}" for many in collected.messages.values() for one in many},
        "advice": {one.text for one in advice_texts() if one.where.startswith(("advice ", "before "))},
        "help": {one.text for one in collected.helps},
        "settings and fields": {one.text for one in descriptions(collected.loaded)},
        "questions of the journal": set(prompts()),
        "longer writing": {one for one in longer if sitting.SOURCES not in one},
        "README": {" ".join(paragraph.split()) for paragraph in prose},
    }
    return {name: {text for text in texts if len(text.split()) >= 4} for name, texts in found.items()}


#: The least that the median, and every single text, may have. Advice names body parts, medicines and whom to call.
FLOORS = {
    "messages": (80, 70),
    "advice": (60, 30),
    "help": (75, 25),
    "settings and fields": (70, 15),
    "questions of the journal": (90, 55),
    "longer writing": (80, 60),
    "README": (60, 40),
}


def test_what_people_read_is_easy_to_read(collected: Collected) -> None:
    for name, texts in groups(collected).items():
        ease = {text: reading_ease(text) for text in texts}
        middle, hardest = statistics.median(ease.values()), min(ease, key=lambda text: ease[text])
        print(f"{name}: {len(texts)} texts, median {middle:.0f}, least {ease[hardest]:.0f}: {hardest[:90]!r}")
        assert middle >= FLOORS[name][0], name
        assert ease[hardest] >= FLOORS[name][1], hardest


def test_reading_ease_is_flesch() -> None:
    assert [syllables(word) for word in ("cramp", "stretched", "table", "seated", "advice", "medicine")] == [
        1, 1, 2, 2, 2, 3,
    ]  # fmt: skip
    assert reading_ease("The cat sat on the mat.") == pytest.approx(116.1, abs=0.1)
    assert reading_ease("Cardiovascular complications necessitate immediate hospitalisation.") < 0
