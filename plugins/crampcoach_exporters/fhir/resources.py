"""What becomes of an entry: a symptom as the guide has it, a MedicationStatement, or an Observation in plain words.

A cramp is a SymptomObservation of its own. What was entered about a night, a day, a stretch, signs that need a doctor,
or of a kind that another plugin has, is an Observation whose code and components are texts. No resource says that it
keeps to a profile (`meta.profile`): nobody has checked that.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from crampcoach import Entry
from crampcoach_exporters.fhir import codes
from crampcoach_exporters.fhir.labels import LABELS, UNITS
from crampcoach_exporters.fhir.nights import Night
from crampcoach_exporters.fhir.values import (
    SELF_REPORTED,
    component,
    date_time,
    in_words,
    joined,
    lasted,
    narrative,
    night_period,
    notes,
    spoken,
    text,
    without_empty,
    written,
)
from crampcoach_exporters.said_of_nights import OF_COUNT, said

Resource = dict[str, Any]

#: For what has no id of its own that R4 would take.
_OURS = UUID("5b0ad1b2-7a2c-4e0b-9f6e-3d1c8f6a2e55")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_TITLES = {
    "stretch": "Stretching",
    "symptoms": "Answers about signs that need a doctor",
    "examined": "A doctor or nurse has looked at the leg",
    "profile": "Answers about oneself",
}
_CATEGORIES = {"stretch": codes.ACTIVITY, "day": codes.SOCIAL_HISTORY}
_OF_MEDICINE = ("name", "change", "dose")
#: "taken" says nothing of whether it goes on.
_MEDICINE_STATUS = {"started": "active", "changed": "active", "stopped": "stopped"}
_BOTH = {"calf": "both calves", "foot": "both feet", "toes": "toes of both feet", "thigh": "both thighs"}


def uuid_of(entry: Entry) -> UUID:
    """The entry's own id."""
    return UUID(entry.id) if _UUID.fullmatch(entry.id) else uuid5(_OURS, entry.id)


@dataclass(frozen=True, slots=True)
class Records:
    """Makes the resources of one person; `who` is the reference to them."""

    who: str

    def of(self, entry: Entry) -> Iterator[tuple[UUID, Resource]]:
        """What an entry says, except how many cramps a night had."""
        assert entry.at is not None
        uuid = uuid_of(entry)
        if entry.kind == "cramp":
            yield uuid, self._cramp(entry, entry.at)
        elif entry.kind == "medicine":
            yield uuid, self._medicine(entry, entry.at)
        elif entry.kind != "night" or entry.note or any(_told(entry)):
            yield uuid, self._plain(entry, entry.at)

    def night(self, night: Night) -> tuple[UUID, Resource]:
        """A night with its number: without cramps, or with how many. Entries of these cramps are its members."""
        uuid = uuid5(_OURS, f"{self.who} night {night.evening}")
        of = f"Night of {night.evening} to the next day, from noon to noon"
        if not night.count:
            said = narrative(f"{of}: no muscle cramp.", SELF_REPORTED)
            code, details = codes.SYMPTOM_ABSENT, {}
        else:
            number = f"{'at least ' if night.at_least else ''}{night.count}"
            own = f", {len(night.members)} of them as observations of their own" if night.members else ""
            said = narrative(f"{of}: muscle cramps: {number}{own}.", SELF_REPORTED)
            comparator = {"comparator": ">="} if night.at_least else {}
            ratio = {
                "numerator": {"value": night.count} | comparator | {"unit": "cramps"},
                "denominator": codes.quantity(1, "d"),
            }
            code, details = (
                codes.SYMPTOM,
                {
                    "hasMember": [{"reference": f"urn:uuid:{one}"} for one in night.members],
                    "component": [{"code": codes.FREQUENCY, "valueRatio": ratio}],
                },
            )
        return uuid, self._observation(
            uuid,
            said,
            codes.SYMPTOM_CATEGORY,
            code,
            {
                "effectivePeriod": night_period(night.evening, night.zone),
                "valueCodeableConcept": codes.CRAMP_AT_NIGHT,
                **details,
            },
        )

    def _cramp(self, entry: Entry, at: datetime) -> Resource:
        fields, rest = entry.fields, dict(entry.fields)
        components: list[Resource] = []
        severity = fields.get("severity")
        if type(severity) is int and 0 <= severity <= 10:
            del rest["severity"]
            words = {"text": f"Pain {severity} on a scale of 0 to 10"}
            components.append({"code": codes.SEVERITY, "valueCodeableConcept": words})
            components.append({"code": codes.PAIN_0_TO_10, "valueQuantity": codes.quantity(severity, "{score}")})
        eased_by = fields.get("eased_by")
        if isinstance(eased_by, str):
            del rest["eased_by"]
            if said := text(eased_by):
                components.append({"code": codes.ALLEVIATING, "valueCodeableConcept": {"text": said}})
        if site := _body_site(fields):
            rest = {name: value for name, value in rest.items() if name not in ("muscle", "side")}
        effective = self._when(entry, at)
        if "effectivePeriod" in effective and fields.get("part") is None:
            del rest["duration"]
        where = site["text"] if site else ""
        how = f"pain {severity} of 10" if "severity" not in rest and severity is not None else ""
        others = list(_components(entry.kind, rest))
        said = f"{joined([f'Muscle cramp, {_time(entry, at)}', where, how])}."
        return self._observation(
            uuid_of(entry),
            narrative(said, *map(in_words, others), SELF_REPORTED),
            codes.SYMPTOM_CATEGORY,
            codes.SYMPTOM,
            {
                **effective,
                "valueCodeableConcept": codes.CRAMP,
                "note": notes(entry.note, author=self._person),
                "bodySite": site,
                "component": components + others,
            },
        )

    def _when(self, entry: Entry, at: datetime) -> Resource:
        """A cramp of which only the part of the night is known has the middle of it as its time: that was not said."""
        if entry.fields.get("part") is not None and entry.night:
            return {"effectivePeriod": night_period(entry.night, at.tzinfo)}
        minutes = entry.fields.get("duration")
        if isinstance(minutes, int | float) and minutes is not True and 0 < minutes <= 24 * 60:
            period = lasted(at, minutes)
            return {"effectivePeriod": period} if period else {"effectiveDateTime": date_time(at)}
        return {"effectiveDateTime": date_time(at)}

    def _plain(self, entry: Entry, at: datetime) -> Resource:
        title = _TITLES.get(entry.kind, spoken(entry.kind).capitalize())
        when: Resource
        when, said = {"effectiveDateTime": date_time(at)}, f"{title}, {written(at)}."
        if entry.kind == "night" and entry.night:
            when, said = {"effectivePeriod": night_period(entry.night, at.tzinfo)}, f"{title} of {entry.night}."
        components = list(_components(entry.kind, dict(_told(entry))))
        return self._observation(
            uuid_of(entry),
            narrative(said, *map(in_words, components), SELF_REPORTED),
            _CATEGORIES.get(entry.kind),
            {"text": f"{title}, self-reported"},
            {
                **when,
                "note": notes(entry.note, author=self._person),
                "component": components,
            },
        )

    def _medicine(self, entry: Entry, at: datetime) -> Resource:
        fields, when = entry.fields, date_time(at)
        name = _words(fields.get("name")) or "not named"
        change = _words(fields.get("change")) or "taken"  # as the kind has it where nothing is said
        dose = _words(fields.get("dose"))
        other = [f"{spoken(key)}: {_words(value)}" for key, value in fields.items() if key not in _OF_MEDICINE]
        period = {"started": {"start": when}, "stopped": {"end": when}}.get(change)
        return without_empty(
            {
                "resourceType": "MedicationStatement",
                "id": str(uuid_of(entry)),
                "text": narrative(f"{joined([f'{name}: {change}', written(at), dose])}.", SELF_REPORTED),
                "status": _MEDICINE_STATUS.get(change, "unknown"),
                "medicationCodeableConcept": {"text": name},
                "subject": self._person,
                **({"effectivePeriod": period} if period else {"effectiveDateTime": when}),
                "dateAsserted": when,
                "informationSource": self._person,
                "note": notes(f"Entered as: {change}", *other, entry.note, author=self._person),
                "dosage": [{"text": dose}] if dose else [],
            }
        )

    def _observation(
        self, uuid: UUID, said: Resource, category: Resource | None, code: Resource, more: Resource
    ) -> Resource:
        return without_empty(
            {
                "resourceType": "Observation",
                "id": str(uuid),
                "text": said,
                "status": "final",
                "category": [category] if category else [],
                "code": code,
                "subject": self._person,
                "performer": [self._person],
                **more,
            }
        )

    @property
    def _person(self) -> Resource:
        return {"reference": self.who}


def _components(kind: str, fields: Mapping[str, Any]) -> Iterable[Resource]:
    labels, units = LABELS.get(kind, {}), UNITS.get(kind, {})
    for name, value in fields.items():
        yield from component(labels.get(name, spoken(name)), value, units.get(name, ""))


def _told(entry: Entry) -> Iterator[tuple[str, Any]]:
    """The fields that say something; of a night, all but its number, which stands elsewhere."""
    told = said(entry) if entry.kind == "night" else None
    told_elsewhere = OF_COUNT if told and told.count is not None else frozenset()
    for name, value in entry.fields.items():
        if name not in told_elsewhere and value not in (None, "", [], {}) and (name, value) != ("at_least", False):
            yield name, value


def _body_site(fields: Mapping[str, Any]) -> Resource | None:
    muscle, side = fields.get("muscle"), fields.get("side")
    if muscle not in (None, *_BOTH, "other") or side not in (None, "left", "right", "both") or muscle == side:
        return None
    if side is None:
        words = "another muscle" if muscle == "other" else str(muscle)
        return {**codes.BODY_SITES.get(str(muscle), {}), "text": words}
    one = muscle if muscle in _BOTH else "leg"
    words = _BOTH.get(one, "both legs") if side == "both" else f"{side} {one}"
    if one == "toes" and side != "both":
        words = f"toes of the {side} foot"
    if muscle == "other":
        words += ", another muscle"
    qualifier = [{"url": codes.LOCATION_QUALIFIER, "valueString": side}]
    return {"extension": qualifier, **codes.BODY_SITES[one], "text": words}


def _time(entry: Entry, at: datetime) -> str:
    part = entry.fields.get("part")
    return f"night of {entry.night}, time not known" if part is not None and entry.night else written(at)


def _words(value: object) -> str:
    if value is None:
        return ""
    return text(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
