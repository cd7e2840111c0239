"""What the red flags say: every record at its level and from its sources, in words that nobody and nothing softens.

The tables are copied from section 6 of the evidence, so that an edit of `red_flags.toml` that strays from it is seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from itertools import product
from typing import get_args, get_type_hints
from zoneinfo import available_timezones

import pytest

from crampcoach import Entry
from crampcoach.advice import HEADINGS, LEVELS, Advice, Level, most_urgent
from crampcoach.advice_messages import FIRST, advice_message, first_message
from crampcoach.config import Profile, YesNo
from crampcoach.safety.flags import RedFlag, flag, raised, red_flags
from crampcoach.safety.kinds import EXAMINED, EXAMINED_LABEL, core_kinds
from crampcoach.safety.numbers import numbers
from crampcoach.safety.wording import HELD, MEASURES, Person, held

pytestmark = pytest.mark.pure

#: Record -> its level, and the level of what makes it worse (empty: nothing does).
RECORDS: dict[str, tuple[Level, str]] = {
    "RF-PE": ("now", ""),
    "RF-ALI": ("now", ""),
    "RF-CES": ("now", ""),
    "RF-COMP": ("now", ""),
    "RF-HYPONA": ("now", ""),
    "RF-DVT": ("same-day", ""),
    "RF-10MIN": ("same-day", ""),
    "RF-TETANUS": ("same-day", ""),
    "RF-STATIN": ("same-day", ""),
    "RF-QUININE": ("same-day", "now"),
    "RF-CLTI": ("same-day", ""),
    "RF-PREG": ("same-day", ""),
    "RF-INJURY": ("same-day", "now"),
    "RF-CHILD": ("routine", "same-day"),
    "RF-MOOD": ("now", ""),
    "RF-WEAK": ("routine", "same-day"),
    "RF-NUMB": ("routine", "same-day"),
    "RF-PAD": ("routine", ""),
    "RF-DRUG": ("routine", ""),
    "RF-CARETEAM": ("routine", ""),
    "RF-SLEEP": ("routine", ""),
    "RF-ROUTINE": ("routine", ""),
}
#: Record -> the sources of its row. Each is marked as verified in the evidence's list.
SOURCES = {
    "RF-PE": {"dvt-clincalc", "nhs-dvt-press"},
    "RF-ALI": {"nz-ali", "devon-ali"},
    "RF-CES": {"chesterfield-ces", "healthify-sciatica"},
    "RF-COMP": {"compartment-nhs-syndicated"},
    "RF-HYPONA": {"eah-2015"},
    "RF-DVT": {"uclh-dvt", "nhs-dvt-press"},
    "RF-10MIN": {"nhs-legcramps-syndicated", "nidirect-legcramps"},
    "RF-TETANUS": {"nhs-legcramps-syndicated"},
    "RF-STATIN": {"statin-nhs-press"},
    "RF-QUININE": {"mhra-quinine-mims", "fda-qualaquin"},
    "RF-CLTI": {"bnssg-pad", "clti-case", "nhs-pad-syndicated"},
    "RF-PREG": {"uclh-dvt"},
    "RF-INJURY": {"sprains-nhs-syndicated"},
    "RF-CHILD": {"rhc-glasgow-legpain", "ebmg-leg-aches", "nhs-growing-pains-syndicated"},
    "RF-MOOD": {
        "nhs-sheffield-111-mental-health",
        "oxford-oh-mental-health",
        "nidirect-mental-health-emergency",
        "988-webmd",
        "988-hillsborough",
    },
    "RF-WEAK": {"mnd-redflag", "redwhale-mnd", "nhs-legcramps-syndicated"},
    "RF-NUMB": {"nhs-legcramps-syndicated", "nidirect-neuropathy", "bnssg-pad"},
    "RF-PAD": {"nhs-pad-syndicated", "bnssg-pad"},
    "RF-DRUG": {"garrison-2012"},
    "RF-CARETEAM": {"nkf-fluid", "ccs-hf-2017"},
    "RF-SLEEP": {"nhs-legcramps-syndicated", "nidirect-legcramps", "mayo-when-doctor-copy"},
    "RF-ROUTINE": {"bishopgate-thyroid"},
    "M-QUININE": {"cochrane-quinine-2015", "mhra-quinine-mims", "fda-qualaquin"},
    "M-K2": {"mk7-vka-2013"},
}
MENTIONS = ("M-QUININE", "M-K2")
#: A leg that may be clotted, starved of blood, injured or pressed on is left alone until somebody has looked at it.
HOLDING = {"RF-PE", "RF-ALI", "RF-CES", "RF-COMP", "RF-DVT", "RF-CLTI", "RF-PREG", "RF-INJURY"}

ZONES = {
    "Europe/London": "GB",
    "Europe/Belfast": "GB",
    "Europe/Berlin": "DE",
    "Europe/Dublin": "IE",
    "America/New_York": "US",
    "US/Pacific": "US",
    "Europe/Zurich": "CH",
    "Asia/Tokyo": "JP",
    "Europe/Jersey": "JE",
    "Etc/UTC": "",
    "Nowhere/Never": "",
}
GENERAL = "your local emergency number (112, 999 or 911 in many countries)"
#: The emergency number of every country above; all others have the general words.
EMERGENCY = {"GB": "999", "US": "911", "DE": "112", "IE": "112"}

#: Whole words, for any text that a person reads here. Each with why it has no place.
BANNED = {
    r"you (have got|suffer from|probably|likely)": "a diagnosis",
    r"(your|the) (diagnosis|disease|condition) is": "a diagnosis",
    r"(means|shows|proves) (that )?you": "a diagnosis",
    r"clots?|thrombosis|embolism|isch\w+|gangrene|cauda|compartment|motor neurone?|mnd|als|cancer|stroke|sepsis|tetanus"
    r"|hyponatr\w+|neuropathy|claudication": "a frightening label: signs and what to do, not what it may be",
    r"your (own )?fault|you should(n't| not)? have|you failed|you forgot|careless|lazy|because you": "blame",
    r"cures?|cured|heals? (it|you|them)|guarantee\w*|promise\w*|will (go away|stop|help|ease)": "a promise",
    r"no risk|risk.?free|harmless|safe|nothing serious|all clear|in no time": "a promise",
    r"don't worry|do not worry|no need to worry|relax|calm down|unfortunately": "false comfort",
    r"\d+ ?(mg|micrograms?|mcg|tablets?|pills?|drops?)|dose|dosage": "talk of doses",
    r"(should|must|please|to|and) take|take (more|less|some|this|two|your (medicine|tablets))"
    r"|stop your|increase|reduce": "advice about a medicine",
    r"(?<!do not )drink (more|plenty|lots)|more (water|salt|fluids?)": "advice to drink",
}
#: "Stop" is said of a medicine only where a health service or regulator says so, and who says it stands beside it.
RELAYED = {"RF-STATIN": "NHS guidance", "RF-QUININE": "regulators say", "M-QUININE": "regulators say"}


def people() -> Iterator[Person]:
    """Everybody whom the profile can describe, in a few countries and zones."""
    hints = get_type_hints(Profile)
    asked = [name for name in hints if name != "country"]
    places = [("auto", zone) for zone in ZONES] + [(country, "Etc/UTC") for country in ("gb", "US", "DE", "CH", "XX")]
    for values in product(*(get_args(hints[name]) for name in asked)):
        for country, zone in places:
            yield Person(Profile(country=country, **dict(zip(asked, values, strict=True))), zone)


def everybody_in(*zones: str) -> list[Person]:
    return [Person(Profile(), zone) for zone in zones or ZONES]


def filled(text: str, person: Person) -> str:
    words = numbers(person.profile.country, person.zone)
    return text.format(emergency=words.emergency, advice=words.advice, crisis=words.crisis)


def all_texts() -> list[tuple[str, str]]:
    """Everything that a person can read here, with whose it is."""
    texts = [("heading", heading) for heading in HEADINGS.values()]
    texts += [("held", text) for text in (HELD, EXAMINED_LABEL, *held(Profile(adult="no"), ()).values())]
    texts += [("held", text) for text in held(Profile(pregnant="yes"), ["RF-DVT"]).values()]
    texts += [("kind", kind.title) for kind in core_kinds()]
    for person in everybody_in("Europe/London", "America/New_York", "Europe/Berlin", "Etc/UTC"):
        first = first_message(person)
        texts += [("first", f"{first.title}\n{first.body}")]
        for one in red_flags():
            advice = person.says(one)
            message = advice_message("advice/1", [advice])
            texts += [(one.id, text) for text in (advice.title, advice.text, one.ask, message.title, message.body)]
            texts += [(one.id, action.label) for action in message.actions]
            texts += [(one.id, person.says(one, beside=one.beside["flags"]).text)] if one.beside else []
    return texts


# --- the records -----------------------------------------------------------------------------------------------


def test_every_record_is_there_once_and_nothing_else() -> None:
    ids = [one.id for one in red_flags()]
    worse = [f"{name}:{level}" for name, (_, level) in RECORDS.items() if level]
    assert sorted(ids) == sorted([*RECORDS, *worse, *MENTIONS])
    assert len(RECORDS) == 22


@pytest.mark.parametrize("name", RECORDS)
def test_a_record_has_its_level(name: str) -> None:
    level, worse = RECORDS[name]
    one = flag(name)
    assert one.level == level
    assert one.worse.get("level", "") == worse
    if worse:
        graver = flag(f"{name}:{worse}")
        assert (graver.level, graver.record) == (worse, name)
        assert (graver.sources, graver.checked_on) == (one.sources, one.checked_on)
        assert graver.holds >= one.holds


@pytest.mark.parametrize("name", MENTIONS)
def test_a_mention_is_a_warning_and_no_alarm(name: str) -> None:
    assert flag(name).level == "routine"
    assert not flag(name).holds


@pytest.mark.parametrize("name", SOURCES)
def test_a_record_has_its_sources(name: str) -> None:
    assert set(flag(name).sources) == SOURCES[name]
    assert Person(Profile(), "Etc/UTC").says(flag(name)).sources == flag(name).sources


@pytest.mark.parametrize("one", red_flags(), ids=lambda one: one.id)
def test_a_record_says_when_it_was_checked(one: RedFlag) -> None:
    assert isinstance(one.checked_on, date)
    assert one.checked_on >= date(2026, 11, 22)


def test_what_holds_holds_every_measure() -> None:
    worse = {"RF-INJURY:now", "RF-CHILD:same-day"}  # what was tried in adults is not for a child with such signs
    assert {one.id for one in red_flags() if one.holds} == HOLDING | worse
    assert {measure for one in red_flags() for measure in one.holds} == set(MEASURES)
    assert all(one.holds in (frozenset(), frozenset(MEASURES)) for one in red_flags())


def test_each_question_has_a_field_of_its_own() -> None:
    """One field for two questions would raise both by either answer."""
    fields = [one.answer for one in red_flags() if one.answer]
    assert len(fields) == len(set(fields))
    assert {one.id for one in red_flags() if bool(one.ask) != bool(one.answer)} == set()
    assert {one.id for one in red_flags() if not one.ask} == {"RF-MOOD", *MENTIONS}
    assert all(one.ask.endswith("?") for one in red_flags() if one.ask)


def test_the_most_urgent_come_first() -> None:
    levels = [LEVELS.index(one.level) for one in red_flags()]
    assert levels == sorted(levels)


# --- the words -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pattern", BANNED, ids=lambda pattern: BANNED[pattern] + " " + pattern[:12])
def test_no_text_says_what_none_may_say(pattern: str) -> None:
    found = [
        (owner, match[0])
        for owner, text in all_texts()
        for match in re.finditer(rf"\b(?:{pattern})\b", text.casefold().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'"))
    ]
    assert not found


def test_you_have_is_only_ever_said_after_if() -> None:
    """A condition is no diagnosis. Every advice begins with one."""
    for one in red_flags():
        for said in (one.action, one.title, one.worse.get("action", "")):
            assert not re.search(r"\byou(r leg)? (have|has|are|is)\b", said.casefold()), one.id
        for person in everybody_in():
            text = person.says(one).text
            assert text.startswith("If "), one.id
            assert text.count("If ") == (2 if one.worse else 1)


def test_stopping_a_medicine_is_relayed_and_never_ours() -> None:
    for one in red_flags():
        said = f"{one.action} {one.worse.get('action', '')}"
        if re.search(r"\bstop\b", said.casefold()) and "Do not stop" not in said:
            assert RELAYED[one.id] in said
    for name in ("RF-STATIN", "RF-QUININE"):
        assert re.search(r"\bcall your doctor or \{advice\} today\b", flag(name).action, re.IGNORECASE)


def test_texts_read_well() -> None:
    for owner, text in all_texts():
        assert text.isascii(), owner  # a terminal without UTF-8, and speech
        assert "  " not in text, (owner, text)
        assert not re.search(r"[{}]|\bNone\b", text), (owner, text)
    for one in red_flags():
        assert one.action.endswith("."), one.id
        assert not one.signs.endswith("."), one.id
        longest = max(len(sentence.split()) for sentence in re.split(r"[.:;]", one.action))
        assert longest <= 30, (one.id, longest)


def test_a_now_text_names_the_emergency_number() -> None:
    urgent = [one for one in red_flags() if one.level == "now"]
    assert len(urgent) == 6 + 2
    for one in urgent:
        assert re.search(r"\bcall \{emergency\} now\b", one.action, re.IGNORECASE), one.id
        for person in everybody_in():
            assert f"all {EMERGENCY.get(ZONES[person.zone], GENERAL)} now" in person.says(one).text


def test_a_same_day_text_says_today() -> None:
    for one in red_flags():
        if one.level == "same-day":
            assert re.search(r"\btoday\b", one.action), one.id
    for one in red_flags():
        for wanted, word in (("now", "{emergency}"), ("same-day", "today")):
            if one.worse.get("level") == wanted:
                assert word in one.worse["action"], one.id


def test_what_makes_it_worse_is_more_urgent() -> None:
    for one in red_flags():
        if one.worse:
            assert LEVELS.index(one.worse["level"]) < LEVELS.index(one.level), one.id


def test_a_held_leg_is_neither_stretched_nor_rubbed_nor_warmed() -> None:
    """Where it is not the emergency number that comes first, the text says so."""
    for name in ("RF-DVT", "RF-PREG"):
        assert re.search(r"do not stretch or rub this leg, or put heat on it", flag(name).action)
    for name in ("RF-ALI", "RF-COMP"):
        assert re.search(r"do not stretch, rub or warm the leg", flag(name).action, re.IGNORECASE)
    assert all(measure in HELD for measure in ("stretching", "massage", "heat"))


def test_two_legs_that_cramp_are_no_emergency_and_sciatica_in_both_is() -> None:
    for text in (flag("RF-CES").signs, flag("RF-CES").ask):
        assert re.search(r"nerve pain \(sciatica\) shoot(s|ing) from the back or bottom down both legs", text)
    for note in (
        "pain down both legs",
        "pain shooting down both legs",
        "sciatica in both legs",
        "sciatica on both sides",
    ):
        assert "RF-CES" in {one.id for one in raised(Entry(kind="cramp", note=note))}, note
    for note in ("cramps in both legs", "both legs cramped all night", "sciatica in the left leg"):
        assert "RF-CES" not in {one.id for one in raised(Entry(kind="cramp", note=note))}, note


def test_the_threshold_is_that_of_the_source() -> None:
    assert "longer than 10 minutes" in flag("RF-10MIN").signs
    assert dict(flag("RF-10MIN").fields["cramp.duration"]) == {"over": 10}


# --- nothing softens them ---------------------------------------------------------------------------------------


@pytest.mark.once
def test_the_profile_never_softens_a_level_or_drops_a_step() -> None:
    """Whoever the person is: each raised flag comes with the level of its record and says what to do."""
    names = [one.id for one in red_flags()]
    seen = 0
    for person in people():
        by_id = {advice.id: advice for advice in person.advice(names)}
        assert list(by_id) == names
        for name, advice in by_id.items():
            one = flag(name)
            assert advice.level == one.level
            assert filled(one.beside.get("action", one.action), person) in advice.text
            assert filled(one.worse.get("action", ""), person) in advice.text
            assert one.signs in advice.text
            assert advice.title == one.title
        seen += 1
    assert seen == 3**5 * 16


@pytest.mark.parametrize("one", red_flags(), ids=lambda one: one.id)
def test_a_flag_alone_is_said_to_everybody(one: RedFlag) -> None:
    answers = get_args(YesNo)
    for adult, pregnant, zone in product(answers, answers, ZONES):
        person = Person(Profile(adult=adult, pregnant=pregnant), zone)
        said = person.advice([one.id])
        assert person.says(one) in said
        assert said[0] == min(said, key=lambda advice: LEVELS.index(advice.level))
        assert most_urgent(said) in (one.level, "same-day" if one.id == "RF-DVT" else one.level)


def test_what_the_profile_adds() -> None:
    def said(profile: Profile, *names: str) -> set[str]:
        return {advice.id for advice in Person(profile, "Europe/London").advice(names)}

    assert said(Profile(pregnant="yes"), "RF-DVT") == {"RF-DVT", "RF-PREG"}
    assert said(Profile(pregnant="yes"), "RF-NUMB") == {"RF-NUMB"}
    assert said(Profile(pregnant="unknown"), "RF-DVT") == {"RF-DVT"}
    for name in RECORDS:
        assert said(Profile(adult="no"), name) == {name, "RF-CHILD"}
    assert said(Profile(adult="no"), "M-K2") == {"M-K2"}
    assert said(Profile(adult="unknown"), "RF-NUMB") == {"RF-NUMB"}
    assert said(Profile(adult="no", pregnant="yes")) == set()


@pytest.mark.parametrize("beside", ["RF-STATIN", "RF-QUININE", "M-QUININE"])
def test_what_a_health_service_says_of_one_medicine_is_not_contradicted(beside: str) -> None:
    """Both may be raised by one note: "new tablets: atorvastatin" of a cramp."""
    assert beside in RELAYED
    for person in everybody_in():
        said = {advice.id: advice.text for advice in person.advice(["RF-DRUG", beside])}
        assert said[beside] == person.says(flag(beside)).text
        assert "Do not stop a medicine without their advice, unless what is said here" in said["RF-DRUG"]
        assert said["RF-DRUG"].startswith(
            filled(f"If {flag('RF-DRUG').signs}: Ask a pharmacist or your doctor.", person)
        )
        (alone,) = person.advice(["RF-DRUG"])
        assert alone.text.endswith("Do not stop a medicine without their advice.")
    assert set(flag("RF-DRUG").beside["flags"]) == set(RELAYED)


def test_an_unknown_flag_is_left_out_and_takes_none_with_it() -> None:
    """A newer crampcoach may have raised it in the same log."""
    assert [one.id for one in Person(Profile(), "Etc/UTC").advice(["RF-NEW", "RF-DVT"])] == ["RF-DVT"]


def test_the_list_has_every_sign_under_its_own_level_and_no_mention() -> None:
    """What makes a sign worse too: nobody looks for "call now" among what can wait."""
    for person in everybody_in():
        listed = person.list()
        assert [one.id for one in listed] == [one.id for one in red_flags() if one.record in RECORDS]
        for one, advice in zip([one for one in red_flags() if one.record in RECORDS], listed, strict=True):
            assert advice.level == one.level
            assert filled(f"If {one.signs}: {one.action}", person) == advice.text
        assert {one.id for one in person.before_stretch()} == {one.id for one in listed if one.brief}
        assert {one.level for one in person.list(("same-day",))} == {"same-day"}


def test_the_message_before_the_first_stretch_names_every_urgent_sign() -> None:
    """RF-MOOD is no sign of a leg and has its own places."""
    for person in everybody_in():
        message = first_message(person)
        assert message.occurrence == FIRST
        now, today = message.body.splitlines()
        assert now.startswith(f"Call {person.numbers.emergency} now for: ")
        assert today.startswith(f"Call your doctor or {person.numbers.advice} today for: ")
        for one in red_flags():
            if one.level in ("now", "same-day") and one.id != "RF-MOOD":
                assert one.brief
                assert (one.brief in now, one.brief in today) == (one.level == "now", one.level == "same-day")
        assert message.body.count(". ") == 6 + 10


# --- as a message ----------------------------------------------------------------------------------------------


def advice_of(*names: str, person: Person | None = None) -> list[Advice]:
    return list((person or Person(Profile(), "Europe/Berlin")).advice(names))


def test_a_message_has_the_heading_of_its_most_urgent_advice() -> None:
    for names, heading, urgency in (
        (["RF-SLEEP", "RF-DVT", "RF-PE"], "Get medical help now", "critical"),
        (["RF-SLEEP", "RF-DVT"], "Get this looked at today", "normal"),
        (["RF-SLEEP"], "Worth asking your doctor about", "normal"),
    ):
        message = advice_message("advice/1", advice_of(*names))
        assert (message.title, message.urgency) == (heading, urgency)


def test_a_message_says_every_advice_the_most_urgent_in_full() -> None:
    everything = advice_of(*RECORDS)
    message = advice_message("advice/1", everything)
    for number, one in enumerate(everything):
        assert (one.text if number < 3 else one.title) in message.body
    assert "Also:" not in advice_message("advice/1", everything[:3]).body


@pytest.mark.parametrize("one", red_flags(), ids=lambda one: one.id)
def test_a_message_speaks_of_a_hold_only_where_the_flag_holds(one: RedFlag) -> None:
    """Also for a child and in pregnancy: their measures wait whatever a doctor has looked at."""
    for profile in (Profile(), Profile(adult="no"), Profile(pregnant="yes")):
        message = advice_message("advice/1", advice_of(one.id, person=Person(profile, "Etc/UTC")))
        keys = [action.key for action in message.actions]
        assert (HELD in message.body, EXAMINED in keys) == (bool(one.holds),) * 2
        assert {"read", "questions"} <= set(keys)


def test_where_there_are_no_buttons_the_message_says_what_to_type() -> None:
    message = advice_message("advice/1", advice_of("RF-DVT"))
    typed = {action.key: action.typed(message.reminder) for action in message.actions}
    assert typed[EXAMINED] == "log examined"
    assert typed["questions"] == "check-symptoms"


# --- numbers ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("zone", "country"), ZONES.items())
def test_the_number_goes_by_the_zone(zone: str, country: str) -> None:
    assert numbers("auto", zone).emergency == EMERGENCY.get(country, GENERAL)


@pytest.mark.parametrize(
    ("country", "emergency"),
    [
        *(
            ("GB", "999"),
            ("uk", "999"),
            (" gb ", "999"),
            ("us", "911"),
            ("FR", "112"),
            ("CH", GENERAL),
            ("AU", GENERAL),
        ),
        *(("Germany", GENERAL), ("", GENERAL), ("XX", GENERAL)),
    ],
)
def test_the_country_of_the_config_goes_before_the_zone(country: str, emergency: str) -> None:
    for zone in ZONES:
        assert numbers(country, zone).emergency == emergency


def test_the_european_union_has_27_members() -> None:
    codes = [a + b for a in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" for b in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"]
    assert sum(numbers(code, "Etc/UTC").emergency == "112" for code in codes) == 27
    assert numbers("GB", "Europe/Berlin").emergency == "999"


def test_nhs_111_is_named_in_great_britain_and_nowhere_else() -> None:
    named = {zone for zone in available_timezones() if "NHS 111" in numbers("auto", zone).advice}
    assert named == {"Europe/London", "GB"}
    assert numbers("auto", "Europe/Belfast").emergency == numbers("GB", "Europe/Belfast").emergency == "999"
    assert "111" not in numbers("GB", "Europe/Belfast").advice
    for zone in sorted(available_timezones()):
        for one in Person(Profile(), zone).list():
            assert ("111" in one.text) <= (zone in named), (zone, one.id)
    assert any("NHS 111" in one.text for one in Person(Profile(), "Europe/London").list())


def test_a_crisis_has_its_own_number() -> None:
    def said(zone: str) -> str:
        return Person(Profile(), zone).says(flag("RF-MOOD")).text

    assert "999" in said("Europe/London")
    assert "116 123" in said("Europe/London")
    assert "911" in said("America/Chicago")
    assert "988" in said("America/Chicago")
    for zone in available_timezones():
        assert ("988" in said(zone)) == (numbers("auto", zone).emergency == "911")
        assert ("116 123" in said(zone)) == (numbers("auto", zone).emergency == "999")
    assert GENERAL in said("Etc/UTC")
    assert "a crisis line in your country" in said("Europe/Berlin")


def test_the_language_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    before = [one for person in everybody_in() for one in person.list()]
    for language in ("en_GB.UTF-8", "en_US.UTF-8", "de_DE.UTF-8", "C", ""):
        for name in ("LANG", "LC_ALL", "LC_MESSAGES", "LANGUAGE"):
            monkeypatch.setenv(name, language)
        assert [one for person in everybody_in() for one in person.list()] == before


def test_every_country_has_every_placeholder_filled() -> None:
    codes = [a + b for a in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" for b in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"]
    for code in codes:
        for one in Person(Profile(country=code), "Etc/UTC").list():
            assert not re.search(r"[{}]", one.text), (code, one.id)
