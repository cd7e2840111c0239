"""A clinic's computer can read what `export fhir` writes, and reads nothing that the person did not say.

Read by the models of fhir.resources, by R4's own table (`r4_table.py`), and by what HL7's Symptoms guide asks for.
"""

from __future__ import annotations

import copy
import json
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any, get_type_hints
from uuid import NAMESPACE_OID, uuid5
from zoneinfo import ZoneInfo

import pytest
from fhir.resources.R4B.bundle import Bundle
from hypothesis import given, settings
from hypothesis import strategies as st

from coaching import coach_of
from commands import Commands
from crampcoach import Entry, Problem
from crampcoach.hours import Hours
from crampcoach.moments import of_night
from crampcoach.safety.kinds import core_kinds
from crampcoach_cramps.nights import nights as week_nights
from crampcoach_exporters.fhir import FhirOptions, write
from crampcoach_exporters.fhir.labels import LABELS
from r4_table import wrong

pytestmark = pytest.mark.pure

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = ["Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Apia", "Australia/Lord_Howe", "UTC"]
Json = dict[str, Any]

#: Each with where it was seen: the guide (hl7.fhir.uv.symptoms), R4, or DICOM PS3.16 for body sites.
CODES = {
    ("http://hl7.org/fhir/uv/symptoms/CodeSystem/SymptomTemporary", "symptom", "Symptom"),
    ("http://loinc.org", "75325-1", "Symptom"),
    ("http://loinc.org", "111551-8", "Symptom absent"),
    ("http://loinc.org", "64750-3", "Severity of symptoms"),
    ("http://loinc.org", "104156-5", "Condition frequency - Reported"),
    ("http://loinc.org", "100753-3", "Alleviating factors - Reported"),
    ("http://loinc.org", "72514-3", "Pain severity - 0-10 verbal numeric rating [Score] - Reported"),
    ("http://snomed.info/sct", "55300003", "Cramp (finding)"),
    ("http://snomed.info/sct", "53840002", "Calf of leg"),
    ("http://snomed.info/sct", "56459004", "Foot"),
    ("http://snomed.info/sct", "29707007", "Toe"),
    ("http://snomed.info/sct", "68367000", "Thigh"),
    ("http://snomed.info/sct", "61685007", "Lower limb"),
    ("http://terminology.hl7.org/CodeSystem/observation-category", "activity", "Activity"),
    ("http://terminology.hl7.org/CodeSystem/observation-category", "social-history", "Social History"),
}
PRESENT, ABSENT = "75325-1", "111551-8"


class Store(dict[str, Any]):
    """What a plugin keeps."""

    def set(self, key: str, value: Any) -> None:
        self[key] = value


class Log:
    """A log that can be asked as an exporter asks it."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.all = list(entries)

    def entries(
        self, kind: str | None = None, since: datetime | None = None, until: datetime | None = None
    ) -> tuple[Entry, ...]:
        return tuple(
            one
            for one in self.all
            if one.at
            and kind in (None, one.kind)
            and (since is None or one.at >= since)
            and (until is None or one.at < until)
        )


def entry(at: str, kind: str = "cramp", zone: ZoneInfo = BERLIN, fold: int = 0, **given: Any) -> Entry:
    local = datetime.fromisoformat(at).replace(tzinfo=zone, fold=fold)
    night = given.pop("night", None) or (local.replace(tzinfo=None) - timedelta(hours=12)).date()
    fields = {key: given.pop(key) for key in list(given) if key not in ("note", "id")}
    given.setdefault("id", str(uuid5(NAMESPACE_OID, f"{at} {kind} {fold} {night} {fields}")))
    return Entry(kind=kind, at=local, zone=zone.key, night=night, fields=fields, **given)


STORE = Store()


def exported(*entries: Entry, log: Iterable[Entry] | None = None, store: Store = STORE, **options: Any) -> Json:
    """The Bundle of these entries; it is held to everything that holds for each."""
    stream = BytesIO()
    ordered = sorted(entries, key=lambda one: one.at.astimezone(UTC) if one.at else datetime.max.replace(tzinfo=UTC))
    ctx: Any = SimpleNamespace(
        options=FhirOptions(**options), log=Log(ordered if log is None else log), store=store, now=None,
        of_night=partial(of_night, hours=Hours()),
    )  # fmt: skip
    write(iter(ordered), stream, ctx)
    bundle: Json = json.loads(stream.getvalue(), parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    assert wrong(bundle) == []
    assert [said for one in resources(bundle) for said in unlike_the_guide(one)] == []
    assert set(codings(bundle)) <= CODES
    Bundle.model_validate_json(stream.getvalue())
    return bundle


def resources(bundle: Json, kind: str | None = None) -> list[Json]:
    found = [one["resource"] for one in bundle.get("entry", [])]
    return [one for one in found if kind in (None, one["resourceType"])]


def symptoms(bundle: Json, code: str = PRESENT) -> list[Json]:
    return [one for one in resources(bundle, "Observation") if code_of(one) == code]


def code_of(resource: Json) -> str | None:
    return str(resource["code"].get("coding", [{}])[0].get("code"))


def codings(value: object) -> Iterable[tuple[str, str, str]]:
    if isinstance(value, dict):
        for one in value.get("coding", []):
            yield one["system"], one["code"], one["display"]
        for inner in value.values():
            yield from codings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from codings(inner)


def component(resource: Json, name: str) -> Json:
    """A component by its code or its text, without that."""
    (found,) = [
        one
        for one in resource["component"]
        if name in (one["code"].get("text"), *(coding["code"] for coding in one["code"].get("coding", [])))
    ]
    return {key: value for key, value in found.items() if key != "code"}


def unlike_the_guide(resource: Json) -> list[str]:
    """What the guide's SymptomObservation and SymptomAbsentObservation ask for, and a symptom has not."""
    if resource["resourceType"] != "Observation" or code_of(resource) not in (PRESENT, ABSENT):
        return []
    asked = ("status", "category", "code", "subject", "performer", "valueCodeableConcept")
    found = [f"no {name}" for name in asked if name not in resource]
    found += ["no effective"] if not resource.keys() & {"effectiveDateTime", "effectivePeriod"} else []
    found += ["more than one performer"] if len(resource["performer"]) > 1 else []
    found += ["not the patient's"] if resource["performer"] != [resource["subject"]] else []
    found += ["no category symptom"] if resource["category"][0]["coding"][0]["code"] != "symptom" else []
    for one in resource.get("component", []):
        values = [name for name in one if name.startswith("value")]
        code = one["code"].get("coding", [{}])[0].get("code")
        found += ["a component without a value"] if len(values) != 1 else []
        if code in ("64750-3", "100753-3") and values != ["valueCodeableConcept"]:
            found.append(f"{code} takes only a CodeableConcept")
        if code == "104156-5" and values not in (["valueRatio"], ["valueCodeableConcept"]):
            found.append("a frequency is a Ratio")
    return found


# --- cramps -----------------------------------------------------------------------------------------------------


def test_a_cramp_is_a_symptom_of_the_guide() -> None:
    one = entry("2026-11-22 03:10", muscle="calf", side="left", severity=7, duration=3.5, eased_by="standing up")
    (cramp,) = symptoms(exported(one))
    assert cramp["id"] == one.id
    assert cramp["effectivePeriod"] == {"start": "2026-11-22T03:10:00+01:00", "end": "2026-11-22T03:13:30+01:00"}
    assert cramp["valueCodeableConcept"]["coding"][0]["code"] == "55300003"
    assert component(cramp, "64750-3") == {"valueCodeableConcept": {"text": "Pain 7 on a scale of 0 to 10"}}
    assert component(cramp, "72514-3")["valueQuantity"]["value"] == 7
    assert component(cramp, "100753-3") == {"valueCodeableConcept": {"text": "standing up"}}
    assert cramp["bodySite"]["coding"][0]["code"] == "53840002"
    assert cramp["bodySite"]["text"] == "left calf"
    assert cramp["bodySite"]["extension"][0]["valueString"] == "left"
    assert len(cramp["component"]) == 3


@pytest.mark.parametrize(
    ("fields", "code", "text"),
    [
        ({"muscle": "calf", "side": "both"}, "53840002", "both calves"),
        ({"muscle": "toes", "side": "right"}, "29707007", "toes of the right foot"),
        ({"muscle": "toes", "side": "both"}, "29707007", "toes of both feet"),
        ({"muscle": "thigh"}, "68367000", "thigh"),
        ({"side": "left"}, "61685007", "left leg"),
        ({"side": "both"}, "61685007", "both legs"),
        ({"muscle": "other", "side": "left"}, "61685007", "left leg, another muscle"),
        ({"muscle": "other"}, None, "another muscle"),
    ],
)
def test_where_it_was_has_a_code_only_where_it_is_certain(fields: Json, code: str | None, text: str) -> None:
    site = symptoms(exported(entry("2026-11-22 03:10", **fields)))[0]["bodySite"]
    assert (site.get("coding", [{}])[0].get("code"), site["text"]) == (code, text)


def test_a_place_that_nobody_offered_is_kept_as_words() -> None:
    (cramp,) = symptoms(exported(entry("2026-11-22 03:10", muscle="neck", side=["left"])))
    assert "bodySite" not in cramp
    assert component(cramp, "muscle") == {"valueString": "neck"}
    assert component(cramp, "side") == {"valueString": '["left"]'}


@pytest.mark.parametrize("severity", [-1, 11, 7.5, True, "7", 10**400, [7]])
def test_a_number_off_the_scale_is_no_severity(severity: object) -> None:
    (cramp,) = symptoms(exported(entry("2026-11-22 03:10", severity=severity)))
    assert [one["code"] for one in cramp["component"]] == [{"text": "severity"}]


def test_no_pain_is_a_severity_too() -> None:
    (cramp,) = symptoms(exported(entry("2026-11-22 03:10", severity=0)))
    assert component(cramp, "72514-3")["valueQuantity"]["value"] == 0


def test_what_was_not_said_is_nowhere() -> None:
    (cramp,) = symptoms(exported(entry("2026-11-22 03:10", severity=None, hard_knot=None, eased_by="")))
    assert cramp["effectiveDateTime"] == "2026-11-22T03:10:00+01:00"
    assert not cramp.keys() & {"component", "bodySite", "note"}


def test_no_and_false_are_said() -> None:
    (cramp,) = symptoms(exported(entry("2026-11-22 03:10", swelling="no", asleep=False)))
    assert component(cramp, "One leg was swollen") == {"valueString": "no"}
    assert component(cramp, "It woke the person") == {"valueBoolean": False}


def test_a_time_that_is_only_known_so_far_is_not_made_exact() -> None:
    given = entry("2026-11-22 02:15", part="middle", duration=4.0)
    (cramp,) = symptoms(exported(given))
    assert cramp["effectivePeriod"] == {"start": "2026-11-21T12:00:00+01:00", "end": "2026-11-22T12:00:00+01:00"}
    assert component(cramp, "How long it lasted")["valueQuantity"] == {
        "value": 4.0, "unit": "min", "system": "http://unitsofmeasure.org", "code": "min"
    }  # fmt: skip
    assert "02:15" not in json.dumps(cramp)


def test_the_repeated_hour_the_skipped_hour_and_a_flight_keep_their_offsets() -> None:
    bundle = exported(
        entry("2026-10-25 02:30", fold=0),
        entry("2026-10-25 02:30", fold=1),
        entry("2026-10-25 02:58", fold=0, duration=5),
        entry("2026-03-29 01:58", duration=5),
        entry("2026-11-22 03:10", zone=ZoneInfo("Asia/Kathmandu")),
        entry("1890-01-01 03:00"),  # Berlin's own time then: 53 minutes and 28 seconds
    )
    times = [one.get("effectiveDateTime") or one["effectivePeriod"] for one in symptoms(bundle)]
    assert times == [
        "1890-01-01T02:06:32+00:00",
        {"start": "2026-03-29T01:58:00+01:00", "end": "2026-03-29T03:03:00+02:00"},
        "2026-10-25T02:30:00+02:00",
        {"start": "2026-10-25T02:58:00+02:00", "end": "2026-10-25T02:03:00+01:00"},
        "2026-10-25T02:30:00+01:00",
        "2026-11-22T03:10:00+05:45",
    ]


@pytest.mark.parametrize("duration", [-3, 0, 10**9, True, "3"])
def test_a_duration_that_cannot_be_makes_no_period(duration: object) -> None:
    (cramp,) = symptoms(exported(entry("2026-11-22 03:10", duration=duration)))
    assert cramp["effectiveDateTime"] == "2026-11-22T03:10:00+01:00"
    assert component(cramp, "How long it lasted")


# --- nights -----------------------------------------------------------------------------------------------------

EVENING = date(2026, 11, 21)


def night(at: str = "2026-11-22 08:00", evening: date = EVENING, **fields: Any) -> Entry:
    return entry(at, "night", night=evening, **fields)


def told(*entries: Entry, **given: Any) -> list[tuple[str, str, int]]:
    """Of each night that is told: its evening, how its number is to be read, and the number."""
    found = []
    for one in resources(exported(*entries, **given), "Observation"):
        start = one.get("effectivePeriod", {}).get("start", "")
        if code_of(one) == ABSENT:
            found.append((start[:10], "=", 0))
        elif "104156-5" in str(one.get("component")):
            ratio = component(one, "104156-5")["valueRatio"]
            assert ratio["denominator"]["value"] == 1
            assert ratio["denominator"]["code"] == "d"
            found.append((start[:10], ratio["numerator"].get("comparator", "="), ratio["numerator"]["value"]))
    return found


def test_a_night_without_cramps_is_an_absent_symptom() -> None:
    bundle = exported(night(count=0))
    (absent,) = symptoms(bundle, ABSENT)
    assert absent["valueCodeableConcept"]["text"] == "Muscle cramp in the night"
    assert absent["effectivePeriod"] == {"start": "2026-11-21T12:00:00+01:00", "end": "2026-11-22T12:00:00+01:00"}
    assert len(resources(bundle, "Observation")) == 1


@pytest.mark.parametrize(
    "said",
    [
        [],
        [night()],
        [night(count=None)],
        [night(hours_slept=7.5)],
        [night(note="slept well")],
        [night(count=0), night("2026-11-22 09:00")],
        [night(count=0, at_least=True)],
        [night(count=-1)],
        [night(count=False)],
        [night(count="none")],
        [night(count=0), night("2026-11-22 09:00", count="many")],
        [entry("2026-11-22 20:00", "day", activity="none")],
    ],
    ids=str,
)
def test_not_entered_and_do_not_know_are_never_without(said: list[Entry]) -> None:
    assert told(*said) == []
    assert symptoms(exported(*said), ABSENT) == []


def test_the_newest_number_counts_however_late_it_was_entered() -> None:
    later = night("2027-06-01 10:00", count=2, at_least=True)
    assert told(night(count=0), entry("2027-01-01 03:00"), later) == [("2026-11-21", ">=", 2)]
    assert told(night(count=2), night("2027-06-01 10:00", count=0)) == [("2026-11-21", "=", 0)]


def test_something_else_about_the_night_leaves_the_number_as_it_was() -> None:
    about_sleep = night("2026-11-22 09:00", hours_slept=6.5, note="awake for long")
    bundle = exported(night(count=0), about_sleep, night("2026-11-22 10:00", note="and a note"))
    assert len(symptoms(bundle, ABSENT)) == 1
    (sleep,) = [one for one in resources(bundle) if one["id"] == about_sleep.id]
    assert sleep["code"] == {"text": "Night, self-reported"}
    assert component(sleep, "Hours of sleep")["valueQuantity"]["code"] == "h"
    assert [one["text"] for one in sleep["note"]] == ["awake for long"]


def test_words_that_may_not_come_along_still_are_words() -> None:
    """A night's note about something else must not read as "don't know" because it was left out."""
    silent = SimpleNamespace(**{name: getattr(night("2026-11-22 09:00"), name) for name in Entry.__slots__})
    silent.left_out = True
    spoken: Any = silent
    assert told(night(count=0), spoken) == [("2026-11-21", "=", 0)]


def test_cramps_with_entries_of_their_own_are_not_counted_twice() -> None:
    cramps = [entry("2026-11-21 23:30"), entry("2026-11-22 03:10")]
    bundle = exported(*cramps, night(count=3))
    (summary,) = [one for one in symptoms(bundle) if "hasMember" in one]
    assert {one["reference"] for one in summary["hasMember"]} == {f"urn:uuid:{one.id}" for one in cramps}
    assert component(summary, "104156-5")["valueRatio"]["numerator"] == {"value": 3, "unit": "cramps"}
    assert len(symptoms(bundle)) == 3


def test_a_night_has_at_least_the_cramps_that_were_logged() -> None:
    cramps = [entry("2026-11-21 23:30"), entry("2026-11-22 03:10")]
    assert told(*cramps, night(count=1)) == [("2026-11-21", ">=", 2)]
    assert told(*cramps, night(count=0)) == [("2026-11-21", ">=", 2)]
    assert told(*cramps) == []
    assert told(*cramps, night()) == []


def test_a_night_is_not_without_cramps_because_its_cramps_were_not_asked_for() -> None:
    cramp = entry("2026-11-22 03:10")
    given = [night(count=0), night("2027-03-02 08:00", date(2027, 3, 1), count=0)]
    assert told(*given, log=[cramp, *given]) == [("2026-11-21", ">=", 1), ("2027-03-01", "=", 0)]


def test_a_night_that_is_corrected_keeps_its_id() -> None:
    before, after = exported(night(count=0)), exported(night(count=0), night("2026-11-22 20:00", count=1))
    assert [one["id"] for one in symptoms(before, ABSENT)] == [one["id"] for one in symptoms(after)]


def test_the_nights_at_the_ends_of_the_calendar_can_be_told() -> None:
    first, last = date(1, 1, 1), date(9999, 12, 31)
    assert [one[2] for one in told(night(evening=first, count=1), night(evening=last, count=0))] == [1, 0]


# --- the other kinds --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "status", "when"),
    [
        ("started", "active", {"effectivePeriod": {"start": "2026-11-22T08:00:00+01:00"}}),
        ("changed", "active", {"effectiveDateTime": "2026-11-22T08:00:00+01:00"}),
        ("stopped", "stopped", {"effectivePeriod": {"end": "2026-11-22T08:00:00+01:00"}}),
        ("taken", "unknown", {"effectiveDateTime": "2026-11-22T08:00:00+01:00"}),
        (None, "unknown", {"effectiveDateTime": "2026-11-22T08:00:00+01:00"}),
        ("paused", "unknown", {"effectiveDateTime": "2026-11-22T08:00:00+01:00"}),
    ],
)
def test_a_medicine_is_in_the_words_of_the_person(change: str | None, status: str, when: Json) -> None:
    given = entry("2026-11-22 08:00", "medicine", name="Magnesium <b>", change=change, dose="1 tablet", odd=[1])
    (one,) = resources(exported(given), "MedicationStatement")
    assert one["status"] == status
    assert one["medicationCodeableConcept"] == {"text": "Magnesium <b>"}
    assert one["dosage"] == [{"text": "1 tablet"}]
    assert one["informationSource"] == one["subject"]
    assert {key: one[key] for key in one if key.startswith("effective")} == when
    assert [note["text"] for note in one["note"]] == [f"Entered as: {change or 'taken'}", "odd: [1]"]
    assert "Magnesium &lt;b&gt;" in one["text"]["div"]


def test_a_medicine_without_a_name_is_still_a_statement() -> None:
    (one,) = resources(exported(entry("2026-11-22 08:00", "medicine", name=" \0")), "MedicationStatement")
    assert one["medicationCodeableConcept"] == {"text": "not named"}


def test_other_kinds_are_observations_in_plain_words() -> None:
    bundle = exported(
        entry("2026-11-22 20:00", "day", activity="a walk", activity_minutes=40, stress=4, heat=False),
        entry("2026-11-22 22:00", "stretch", minutes=4.5, holds=9),
        entry("2026-11-22 22:05", "symptoms", chest_pain="yes"),
        entry("2026-11-22 22:06", "sock-size", left_foot=42, tags=["a", "b"], nothing=None),
    )
    day, stretch, signs, socks = resources(bundle, "Observation")
    assert day["category"][0]["coding"][0]["code"] == "social-history"
    assert component(day, "activity minutes")["valueQuantity"]["code"] == "min"
    assert stretch["category"][0]["coding"][0]["code"] == "activity"
    assert component(stretch, "holds") == {"valueInteger": 9}
    assert signs["code"] == {"text": "Answers about signs that need a doctor, self-reported"}
    assert component(signs, "chest pain") == {"valueString": "yes"}
    assert socks["code"] == {"text": "Sock size, self-reported"}
    assert component(socks, "tags") == {"valueString": '["a", "b"]'}
    assert len(socks["component"]) == 2


def test_an_answer_about_signs_says_all_that_was_asked_and_no_more() -> None:
    """ "Swelling: yes" would say more than a yes to "swollen, warm, red or ..."."""
    asked = {kind.name: kind for kind in core_kinds()}
    for name, skipped in (("symptoms", set()), ("profile", {"country"})):
        fields = asked[name].fields
        assert fields
        hints = get_type_hints(fields, include_extras=True)
        assert {one: hint.__metadata__[0] for one, hint in hints.items() if one not in skipped} == LABELS[name]
    given = entry("2026-11-22 22:05", "symptoms", swelling="yes", care_team="no")
    (signs,) = resources(exported(given), "Observation")
    assert [one["code"]["text"] for one in signs["component"]] == [
        "One leg swollen, warm, red or darker, with hard sore veins, or with a pain that stays?",
        "Kidney, liver or heart disease, dialysis, or diabetes?",
    ]


def test_who_reads_only_the_narrative_misses_no_answer() -> None:
    bundle = exported(
        entry("2026-11-22 03:10", severity=7, swelling="yes", asleep=False),
        entry("2026-11-22 22:05", "symptoms", saddle_numbness="yes"),
        entry("2026-11-22 07:00", "night", hours_slept=6.5),
    )
    said = " ".join(one["text"]["div"] for one in resources(bundle, "Observation"))
    assert "pain 7 of 10. One leg was swollen: yes. It woke the person: no. Self-reported" in said
    assert "both legs getting weaker? yes. Self-reported" in said
    assert "Hours of sleep: 6.5 h. Self-reported" in said


def test_drinks_and_the_journal_stay_out_and_nobody_is_given_an_empty_bundle_for_it() -> None:
    others = [entry("2026-11-22 10:00", "drink"), entry("2026-11-22 20:00", "journal", note="a secret", day="calm")]
    bundle = exported(*others, entry("2026-11-22 03:10"))
    assert len(resources(bundle)) == 2
    with pytest.raises(Problem, match="drinks and the journal stay out"):
        exported(*others)


def test_words_become_notes_whole() -> None:
    words = "fünf <b>\u2028\x01 \U0001f9b5 & 表" + "x" * (3 << 20)
    (cramp,) = symptoms(exported(entry("2026-11-22 03:10", note=words)))
    assert all(one["authorReference"] == cramp["subject"] for one in cramp["note"])
    assert "".join(one["text"] for one in cramp["note"]) == words.replace("\u2028\x01", " ")
    assert "fünf" not in cramp["text"]["div"]


@pytest.mark.parametrize(
    ("value", "given"),
    [
        (3, {"valueInteger": 3}),
        (-(2**31), {"valueQuantity": {"value": -(2**31)}}),
        (10**17, {"valueQuantity": {"value": 10**17}}),
        (10**18, {"valueString": "1" + "0" * 18}),
        (0.5, {"valueQuantity": {"value": 0.5}}),
        (1e300, {"valueString": "1e+300"}),
        ({"a": [None]}, {"valueString": '{"a": [null]}'}),
        ("\u3000 yes\x0b", {"valueString": "yes"}),
    ],
)
def test_values_of_any_sort_fit(value: object, given: Json) -> None:
    (one,) = resources(exported(entry("2026-11-22 10:00", "tea", much=value)), "Observation")
    assert component(one, "much") == given


# --- the person -------------------------------------------------------------------------------------------------


def test_an_empty_log_is_a_bundle() -> None:
    bundle = exported()
    assert [one["resourceType"] for one in resources(bundle)] == ["Patient"]
    assert exported(patient="7") == {"resourceType": "Bundle", "type": "collection"}


def test_the_patient_is_anonymous_and_the_same_in_each_export() -> None:
    store = Store()
    (patient,) = resources(exported(store=store))
    assert patient.keys() == {"resourceType", "id", "text"}
    assert "Anonymous" in patient["text"]["div"]
    bundle = exported(entry("2026-11-22 03:10"), store=store)
    assert resources(bundle)[0] == patient
    assert symptoms(bundle)[0]["subject"] == {"reference": f"urn:uuid:{patient['id']}"}
    assert resources(exported(store=Store()))[0]["id"] != patient["id"]


def test_the_same_log_gives_the_same_bundle() -> None:
    log = [entry("2026-11-22 03:10", severity=3), night(count=2), entry("2026-11-22 08:00", "medicine", name="x")]
    assert exported(*log) == exported(*log)


def test_each_entry_is_written_before_the_next_is_asked_for() -> None:
    stream, sizes = BytesIO(), []

    def one_by_one() -> Iterable[Entry]:
        for minute in range(10, 20):
            sizes.append(len(stream.getvalue()))
            yield entry(f"2026-11-22 03:{minute}")

    ctx: Any = SimpleNamespace(
        options=FhirOptions(), log=Log([]), store=STORE, now=None, of_night=partial(of_night, hours=Hours())
    )
    write(one_by_one(), stream, ctx)
    assert sizes == sorted(set(sizes))
    assert len(sizes) == 10


def test_a_person_who_gives_a_name_has_it() -> None:
    (patient,) = resources(exported(name="Ada <Nowak>", born="1961-04"))
    assert patient["name"] == [{"text": "Ada <Nowak>"}]
    assert patient["birthDate"] == "1961-04"


@pytest.mark.parametrize(
    ("given", "reference"),
    [
        ("123", "Patient/123"),
        ("Patient/a-1.b", "Patient/a-1.b"),
        ("https://clinic.example/fhir/Patient/9", "https://clinic.example/fhir/Patient/9"),
    ],
)
def test_the_clinics_own_reference_takes_the_place_of_a_patient(given: str, reference: str) -> None:
    bundle = exported(entry("2026-11-22 03:10"), patient=given)
    assert resources(bundle, "Patient") == []
    assert symptoms(bundle)[0]["performer"] == [{"reference": reference}]


@pytest.mark.parametrize(
    "given",
    [
        {"patient": ""},
        {"patient": "a b"},
        {"patient": "Doctor/1"},
        {"patient": "javascript:Patient/1"},
        {"patient": "x" * 65},
        {"patient": "1", "name": "Ada"},
        {"patient": "1", "born": "1961"},
        {"name": " \u200a"},
        {"born": "61"},
        {"born": "1961-13"},
        {"born": "1961-02-30"},
        {"born": "19610430"},
        {"born": "1961-W01"},
        {"born": "0000"},
    ],
    ids=str,
)
def test_a_slip_in_who_it_is_is_refused(given: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"accepted|leave|empty"):
        FhirOptions(**given)


# --- any log ----------------------------------------------------------------------------------------------------

WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=5,
)
KNOWN: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "cramp": {
        "side": st.sampled_from(["left", "right", "both"]),
        "muscle": st.sampled_from(["calf", "foot", "toes", "thigh", "other"]),
        "severity": st.integers(0, 10),
        "duration": st.floats(0, 1440),
        "part": st.sampled_from(["early", "middle", "late", "unknown"]),
        "asleep": st.booleans(),
        "eased_by": WORDS,
        "swelling": st.sampled_from(["yes", "no"]),
    },
    "night": {
        "count": st.integers(0, 4),
        "at_least": st.booleans(),
        "disturbed_sleep": st.integers(0, 10),
        "hours_slept": st.floats(0, 24),
    },
    "medicine": {"name": WORDS, "change": st.sampled_from(["started", "changed", "stopped", "taken"]), "dose": WORDS},
    "day": {"activity": WORDS, "stress": st.integers(0, 10)},
    "stretch": {"minutes": st.floats(0, 1440), "stopped_early": st.booleans()},
    "tea": {},
}


@st.composite
def any_entry(draw: Callable[[st.SearchStrategy[Any]], Any], strange: bool = True) -> Entry:
    zone = ZoneInfo(draw(st.sampled_from(ZONES)))
    at = draw(st.datetimes(datetime(2026, 1, 1), datetime(2026, 2, 20), timezones=st.just(UTC))).astimezone(zone)
    kind = draw(st.sampled_from(sorted(KNOWN)))
    fields = draw(st.fixed_dictionaries({}, optional=KNOWN[kind]))
    if strange:
        fields |= draw(
            st.dictionaries(WORDS | st.sampled_from(["severity", "count", "side", "name"]), VALUES, max_size=3)
        )
    night = (at.replace(tzinfo=None) - timedelta(hours=12)).date() - timedelta(days=draw(st.sampled_from([0, 0, 1, 9])))
    note = draw(WORDS)
    return Entry(kind=kind, at=at, zone=zone.key, night=night, id=str(draw(st.uuids())), fields=fields, note=note)


@given(st.lists(any_entry(), max_size=8, unique_by=lambda one: one.id))
@settings(max_examples=300, deadline=None)
def test_any_log_is_a_bundle_that_others_can_read(log: list[Entry]) -> None:
    bundle = exported(*log)
    ids = {one["id"] for one in resources(bundle)}
    assert {one.id for one in log if one.kind not in ("night",)} <= ids


@given(st.lists(any_entry(strange=False), max_size=12, unique_by=lambda one: one.id))
@settings(max_examples=200, deadline=None)
def test_nights_are_counted_as_the_week_counts_them(log: list[Entry]) -> None:
    log = [one for one in log if not (one.fields.get("count") == 0 and one.fields.get("at_least"))]
    log.sort(key=lambda one: one.at.astimezone(UTC) if one.at else datetime.max.replace(tzinfo=UTC))
    week_log: Any = Log(log)
    expected = week_nights(week_log, partial(of_night, hours=Hours()), date(2026, 3, 1), 90)
    found = told(*log)
    assert max(Counter(evening for evening, _, _ in found).values(), default=1) == 1
    for evening, how, many in found:
        known = expected[date.fromisoformat(evening)]
        assert (known.count, known.at_least) == (many, how == ">=")
    with_number = {str(evening) for evening, known in expected.items() if known.count is not None}
    logged = {str(one.night) for one in log if one.kind == "cramp"}
    assert {evening for evening, _, _ in found} <= with_number <= {evening for evening, _, _ in found} | logged


# --- the table itself -------------------------------------------------------------------------------------------


def _cramp(bundle: Json) -> Json:
    return symptoms(bundle)[0]


@pytest.mark.parametrize(
    "harm",
    [
        lambda one: _cramp(one).update(status="nonsense"),
        lambda one: _cramp(one).pop("status"),
        lambda one: _cramp(one).pop("code"),
        lambda one: _cramp(one).update(category=[]),
        lambda one: _cramp(one).update(effectiveDateTime="2026-11-22T03:10:00"),
        lambda one: _cramp(one).update(effectiveDateTime="2026-02-30"),
        lambda one: _cramp(one).update(effectiveDateTime="2026-11-22T03:10:00+01:00"),
        lambda one: _cramp(one)["effectivePeriod"].update(end="2026-11-22T03:10:00+02:00"),
        lambda one: _cramp(one).update(note=[{"text": ""}]),
        lambda one: _cramp(one).update(unheard_of=1),
        lambda one: _cramp(one)["text"].update(div="<div>no namespace</div>"),
        lambda one: _cramp(one)["text"].update(div='<div xmlns="http://www.w3.org/1999/xhtml"> </div>'),
        lambda one: _cramp(one)["text"].update(status="made"),
        lambda one: _cramp(one)["component"][1]["valueQuantity"].pop("system"),
        lambda one: _cramp(one)["component"][1]["valueQuantity"].update(comparator="about"),
        lambda one: _cramp(one)["component"][1]["valueQuantity"].update(value="7"),
        lambda one: _cramp(one)["component"].append({"code": {"text": "\x01"}}),
        lambda one: _cramp(one)["component"].append({"code": {"text": "a"}, "valueInteger": 2**31}),
        lambda one: _cramp(one)["component"].append({"valueInteger": 2}),
        lambda one: _cramp(one)["component"].append(_cramp(one)["component"][0] | {"valueString": "two values"}),
        lambda one: _cramp(one).update(subject={"reference": "urn:uuid:00000000-0000-0000-0000-000000000000"}),
        lambda one: one["entry"].append(one["entry"][0]),
        lambda one: one.update(type="pile"),
        lambda one: resources(one, "MedicationStatement")[0].update(status="taken"),
        lambda one: resources(one, "MedicationStatement")[0].pop("medicationCodeableConcept"),
    ],
)
def test_the_table_finds_what_r4_forbids(harm: Callable[[Json], object]) -> None:
    cramp = entry("2026-11-22 03:10", severity=7, duration=2)
    bundle = copy.deepcopy(exported(cramp, entry("2026-11-22 08:00", "medicine", name="x")))
    harm(bundle)
    assert wrong(bundle)


# --- as somebody uses it ----------------------------------------------------------------------------------------


def test_the_command_writes_it_and_their_words_only_if_they_say_so(tmp_path: Path) -> None:
    with coach_of(tmp_path / "home", "cramps", "journaling", "exporters", now="2026-11-22 12:00") as coach:
        typed = Commands(coach)
        typed.ok("log", "cramp", "--at", "03:10", "--side", "left", "--note", "my secret words")
        typed.ok("log", "night", "--count", "0", "--at", "2026-11-20 08:00")
        said = typed("export", "fhir")
        bundle = json.loads(said.out)
        assert "my secret words" not in said.out
        assert "1 entry has words of yours that were left out" in said.err
        again = typed("export", "fhir", "--with-text")
        assert "my secret words" in again.out
        file = tmp_path / "clinic.json"
        assert typed("export", "fhir", "--patient", "Patient/12", "-o", str(file)).status == 0
        for one in (bundle, json.loads(again.out), json.loads(file.read_text(encoding="utf-8"))):
            assert wrong(one) == []
            assert (len(symptoms(one)), len(symptoms(one, ABSENT))) == (1, 1)
        assert resources(bundle)[0] == resources(json.loads(again.out))[0]
        assert "accepted is Patient/ID" in typed.fails("export", "fhir", "--patient", "a b", status=2)
        listed = typed.ok("export")
    assert "not validated" in listed
    assert "without drinks and journal" in listed


def test_nothing_says_that_it_keeps_to_a_profile() -> None:
    text = json.dumps(exported(entry("2026-11-22 03:10"), night(count=0)))
    assert "profile" not in text
    assert "valid" not in text
