"""The log as a record for a clinic: a FHIR R4 (4.0.1) Bundle of the type collection, after HL7's Symptoms guide.

docs/fhir.md says what becomes of what. Nobody has validated it against the guide, and it does not say so of itself.
Each entry is written as it comes; only the numbers of the nights are kept until the end.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any, BinaryIO
from uuid import UUID, uuid4

from crampcoach import Context, Entry, Exporter, Problem
from crampcoach_exporters.fhir.nights import Nights
from crampcoach_exporters.fhir.resources import Records, uuid_of
from crampcoach_exporters.fhir.values import narrative, text, without_empty

#: A clinic can do nothing with them; the pages of a journal are the person's own.
LEFT_OUT = frozenset({"drink", "journal"})
_KEPT = "fhir-patient"
_ID = r"[A-Za-z0-9.-]{1,64}"
_REFERENCE = re.compile(rf"Patient/{_ID}|https?://[^\s|#?]+/Patient/{_ID}")
_BORN = re.compile(r"\d{4}(-\d\d(-\d\d)?)?")


@dataclass(frozen=True)
class FhirOptions:
    """Who the person is. Unless they say so, it stands nowhere."""

    patient: Annotated[
        str | None, "The clinic's own reference to you, such as Patient/123; then your name has no place in it"
    ] = None
    name: Annotated[str | None, "Your name; without it the file does not say who you are"] = None
    born: Annotated[str | None, "When you were born: 1961-04-30, or only 1961"] = None

    def __post_init__(self) -> None:
        if self.patient is not None and not re.fullmatch(rf"{_ID}|{_REFERENCE.pattern}", self.patient):
            raise ValueError("accepted is Patient/ID as the clinic gave it, its ID alone, or the whole address")
        if self.patient is not None and (self.name is not None or self.born is not None):
            raise ValueError("the clinic knows who that is; leave --name and --born out, or --patient")
        if self.name is not None and not text(self.name):
            raise ValueError("the name is empty; write it, or leave --name out")
        if self.born is not None and not _is_date(self.born):
            raise ValueError("accepted is a date of birth such as 1961-04-30, 1961-04 or 1961")


def exporter() -> Exporter:
    """The format."""
    return Exporter(
        name="fhir",
        title="For a clinic's computer: a FHIR R4 Bundle after HL7's Symptoms guide, not validated; without drinks and "
        "journal",
        suffix=".json",
        media_type="application/fhir+json",
        write=write,
        options=FhirOptions,
    )


def write(entries: Iterable[Entry], stream: BinaryIO, ctx: Context[FhirOptions]) -> None:
    """Write the Bundle. Raises Problem where all that was asked for has no place in it."""
    uuid, who = _patient(ctx)
    records, nights, bundle = Records(who), Nights(ctx.of_night), _Bundle(stream)
    if uuid:
        bundle.later(uuid, _person(uuid, ctx.options))
    left_out = 0
    for entry in entries:
        if entry.kind in LEFT_OUT:
            left_out += 1
            continue
        if entry.kind == "cramp":
            nights.take_cramp(entry, uuid_of(entry))
        elif entry.kind == "night":
            nights.take_night(entry)
        bundle.begin()
        for one in records.of(entry):
            bundle.add(*one)
    if left_out and not bundle.begun:
        raise Problem("drinks and the journal stay out of fhir, and there is nothing else; choose another format")
    bundle.begin()
    for night in nights.known(ctx.log):
        bundle.add(*records.night(night))
    bundle.end()


def _patient(ctx: Context[FhirOptions]) -> tuple[UUID | None, str]:
    """The id of the Patient in the Bundle, unless the clinic has one, and the reference to them.

    It is made once and kept, so that one export continues another; it says nothing of the person.
    """
    given = ctx.options.patient
    if given is not None:
        return None, given if "/" in given else f"Patient/{given}"
    try:
        uuid = UUID(str(ctx.store.get(_KEPT)))
    except ValueError:
        uuid = uuid4()
        ctx.store.set(_KEPT, str(uuid))
    return uuid, f"urn:uuid:{uuid}"


def _person(uuid: UUID, options: FhirOptions) -> dict[str, Any]:
    name = text(options.name or "")
    return without_empty(
        {
            "resourceType": "Patient",
            "id": str(uuid),
            "text": narrative(f"{name or 'Anonymous'}: the person who kept this log, and reports what stands in it."),
            "name": [{"text": name}] if name else [],
            "birthDate": options.born,
        }
    )


def _is_date(born: str) -> bool:
    try:
        date.fromisoformat((born + "-01-01")[:10])
    except ValueError:
        return False
    return _BORN.fullmatch(born) is not None


@dataclass(slots=True)
class _Bundle:
    """Writes a Bundle, an entry a line. It begins when it must: until then, nothing is lost if there is no place."""

    stream: BinaryIO
    begun: bool = False
    _any: bool = False
    _waiting: list[tuple[UUID, dict[str, Any]]] = field(default_factory=list)

    def later(self, uuid: UUID, resource: dict[str, Any]) -> None:
        """Add it as soon as it begins."""
        self._waiting.append((uuid, resource))

    def begin(self) -> None:
        """Write the beginning, once."""
        if self.begun:
            return
        self.begun = True
        self.stream.write(b'{"resourceType":"Bundle","type":"collection"')
        for one in self._waiting:
            self.add(*one)

    def add(self, uuid: UUID, resource: dict[str, Any]) -> None:
        """Write a resource."""
        entry = {"fullUrl": f"urn:uuid:{uuid}", "resource": resource}
        said = json.dumps(entry, ensure_ascii=False, separators=(",", ":"))
        self.stream.write((",\n" if self._any else ',"entry":[\n').encode() + said.encode())
        self._any = True

    def end(self) -> None:
        """Write the end. R4 has no empty list."""
        self.stream.write(b"\n]}\n" if self._any else b"}\n")
