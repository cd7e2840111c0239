"""What FHIR R4 (4.0.1) asks of the resources that `export fhir` writes, as a table, and a reader that holds them to it.

The models of fhir.resources are R4B's, and take any status. The table is of R4's own pages: bundle, patient,
observation, medicationstatement, datatypes, narrative, and the value sets bound as "required". It knows only elements
that we write: one that is not in it is wrong here until somebody has looked it up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from xml.etree import ElementTree

#: element: type, least, most. `[x]` stands for one of the types behind it.
ELEMENTS: dict[str, dict[str, tuple[str, int, int | None]]] = {
    "Bundle": {"type": ("bundle-type", 1, 1), "entry": ("Entry", 0, None)},
    "Entry": {"fullUrl": ("uri", 0, 1), "resource": ("Resource", 0, 1)},
    "Patient": {"name": ("HumanName", 0, None), "birthDate": ("date", 0, 1)},
    "Observation": {
        "status": ("observation-status", 1, 1),
        "category": ("CodeableConcept", 0, None),
        "code": ("CodeableConcept", 1, 1),
        "subject": ("Reference", 0, 1),
        "effective[x]": ("dateTime Period", 0, 1),
        "performer": ("Reference", 0, None),
        "value[x]": ("CodeableConcept", 0, 1),
        "note": ("Annotation", 0, None),
        "bodySite": ("CodeableConcept", 0, 1),
        "hasMember": ("Reference", 0, None),
        "component": ("Component", 0, None),
    },
    "Component": {
        "code": ("CodeableConcept", 1, 1),
        "value[x]": ("Quantity CodeableConcept string boolean integer Ratio", 0, 1),
    },
    "MedicationStatement": {
        "status": ("medication-statement-status", 1, 1),
        "medication[x]": ("CodeableConcept", 1, 1),
        "subject": ("Reference", 1, 1),
        "effective[x]": ("dateTime Period", 0, 1),
        "dateAsserted": ("dateTime", 0, 1),
        "informationSource": ("Reference", 0, 1),
        "note": ("Annotation", 0, None),
        "dosage": ("Dosage", 0, None),
    },
    "Narrative": {"status": ("narrative-status", 1, 1), "div": ("xhtml", 1, 1)},
    "HumanName": {"text": ("string", 0, 1)},
    "CodeableConcept": {"coding": ("Coding", 0, None), "text": ("string", 0, 1)},
    "Coding": {"system": ("uri", 0, 1), "code": ("code", 0, 1), "display": ("string", 0, 1)},
    "Reference": {"reference": ("string", 0, 1)},
    "Annotation": {"author[x]": ("Reference", 0, 1), "text": ("markdown", 1, 1)},
    "Period": {"start": ("dateTime", 0, 1), "end": ("dateTime", 0, 1)},
    "Quantity": {
        "value": ("decimal", 0, 1),
        "comparator": ("quantity-comparator", 0, 1),
        "unit": ("string", 0, 1),
        "system": ("uri", 0, 1),
        "code": ("code", 0, 1),
    },
    "Ratio": {"numerator": ("Quantity", 0, 1), "denominator": ("Quantity", 0, 1)},
    "Dosage": {"text": ("string", 0, 1)},
    "Extension": {"url": ("uri", 1, 1), "value[x]": ("string", 0, 1)},
}
RESOURCES = ("Bundle", "Patient", "Observation", "MedicationStatement")
VALUE_SETS = {
    "bundle-type": "document message transaction transaction-response batch batch-response history searchset "
    "collection",
    "observation-status": "registered preliminary final amended corrected cancelled entered-in-error unknown",
    "medication-statement-status": "active completed entered-in-error intended stopped on-hold unknown not-taken",
    "narrative-status": "generated extensions additional empty",
    "quantity-comparator": "< <= >= >",
}
_YEAR = r"([0-9]([0-9]([0-9][1-9]|[1-9]0)|[1-9]00)|[1-9]000)"
_DAY = r"(0[1-9]|[1-2][0-9]|3[0-1])"
_TIME = r"([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\.[0-9]+)?"
_ZONE = r"(Z|(\+|-)((0[0-9]|1[0-3]):[0-5][0-9]|14:00))"
#: R4's own regular expressions, in ASCII and in whole.
PATTERNS = {
    "id": r"[A-Za-z0-9\-\.]{1,64}",
    "uri": r"\S+",
    "code": r"[^\s]+(\s[^\s]+)*",
    "string": r"[ \r\n\t\S]+",
    "markdown": r"[ \r\n\t\S]+",
    "date": rf"{_YEAR}(-(0[1-9]|1[0-2])(-{_DAY})?)?",
    "dateTime": rf"{_YEAR}(-(0[1-9]|1[0-2])(-{_DAY}(T{_TIME}{_ZONE})?)?)?",
}
MOST = 1024 * 1024
XHTML = "{http://www.w3.org/1999/xhtml}"


def wrong(bundle: dict[str, Any]) -> list[str]:
    """Everything that R4 does not allow in a Bundle, with its place."""
    found = list(_of("Bundle", bundle, "Bundle"))
    entries = bundle.get("entry", [])
    urls = [entry.get("fullUrl") for entry in entries]
    if len(set(urls)) < len(urls):
        found.append("Bundle: bdl-7: a fullUrl stands there twice")
    resources = {entry.get("fullUrl"): entry.get("resource", {}) for entry in entries}
    for url, resource in resources.items():
        if url != f"urn:uuid:{resource.get('id')}":
            found.append(f"{url}: its resource has another id")
        for reference in _references(resource):
            if reference.startswith("urn:uuid:") and reference not in resources:
                found.append(f"{url}: {reference} is not in the Bundle")
    return found


def _references(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("reference"), str):
            yield value["reference"]
        for inner in value.values():
            yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)


def _of(name: str, value: object, where: str) -> Iterator[str]:
    """What is wrong in a value of a complex type."""
    if not isinstance(value, dict) or not value:
        yield f"{where}: no {name}, or an empty one"
        return
    known = {"extension": ("Extension", 0, None)} | ELEMENTS[name]
    if name in RESOURCES:
        if value.get("resourceType") != name:
            yield f"{where}: no resourceType {name}"
        known |= {"resourceType": ("code", 1, 1), "id": ("id", 0, 1), "text": ("Narrative", 0, 1)}
    seen = set()
    for element, (kinds, least, most) in known.items():
        names = {element: kinds}
        if element.endswith("[x]"):
            names = {f"{element[:-3]}{kind[0].upper()}{kind[1:]}": kind for kind in kinds.split()}
        there = [one for one in names if one in value]
        seen.update(there)
        if len(there) < least or len(there) > 1:
            yield f"{where}.{element}: {len(there)} of them"
        for one in there:
            yield from _element(names[one], value[one], most, f"{where}.{one}")
    yield from (f"{where}.{name}: R4 has no such element, or it is not in the table" for name in value.keys() - seen)
    yield from (f"{where}: {said}" for said in _broken(name, value))


def _element(kind: str, value: object, most: int | None, where: str) -> Iterator[str]:
    if most is None:
        if not isinstance(value, list) or not value:
            yield f"{where}: no list, or an empty one"
            return
        for number, one in enumerate(value):
            yield from _value(kind, one, f"{where}[{number}]")
    else:
        yield from _value(kind, value, where)


def _value(kind: str, value: object, where: str) -> Iterator[str]:
    if kind == "Resource":
        name = value.get("resourceType") if isinstance(value, dict) else None
        yield from _of(name, value, f"{where}({name})") if name in RESOURCES else [f"{where}: a resource {name!r}"]
    elif kind in ELEMENTS:
        yield from _of(kind, value, where)
    elif not _is_primitive(kind, value):
        yield f"{where}: no {kind}: {str(value)[:80]!r}"


def _is_primitive(kind: str, value: object) -> bool:
    if kind == "boolean":
        return isinstance(value, bool)
    if kind in ("integer", "decimal"):
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        return kind == "decimal" or (isinstance(value, int) and -(1 << 31) <= value < 1 << 31)
    if not isinstance(value, str) or not value or len(value) > MOST or re.search("[\x00-\x08\x0b\x0c\x0e-\x1f]", value):
        return False
    if kind == "xhtml":
        return _is_narrative(value)
    if kind in VALUE_SETS:
        return value in VALUE_SETS[kind].split()
    if not re.fullmatch(PATTERNS[kind], value, re.ASCII) or not value.strip():
        return False
    return kind not in ("date", "dateTime") or _exists(value)


def _exists(value: str) -> bool:
    try:
        datetime.fromisoformat(value if "T" in value else (value + "-01-01")[:10])
    except ValueError:
        return False
    return True


def _is_narrative(value: str) -> bool:
    """txt-1, txt-2: only simple formatting, and something to read."""
    try:
        tree = ElementTree.fromstring(value)
    except ElementTree.ParseError:
        return False
    plain = all(one.tag in (f"{XHTML}div", f"{XHTML}p") and not one.attrib for one in tree.iter())
    return plain and tree.tag == f"{XHTML}div" and bool("".join(tree.itertext()).strip())


def _broken(name: str, value: dict[str, Any]) -> Iterator[str]:
    """The invariants of a type."""
    if name == "Quantity" and "code" in value and "system" not in value:
        yield "qty-3: a code without a system"
    if name == "Ratio" and len(value.keys() & {"numerator", "denominator"}) == 1:
        yield "rat-1: half a ratio"
    if name == "Extension" and len(value) < 2:
        yield "ext-1: an extension without a value"
    if name == "Period" and {"start", "end"} <= value.keys():
        start, end = value["start"], value["end"]
        if all(_is_primitive("dateTime", one) and "T" in one for one in (start, end)) and datetime.fromisoformat(
            start
        ) > datetime.fromisoformat(end):
            yield "per-1: it ends before it starts"
    if name == "Observation":
        codes = [one.get("code") for one in value.get("component", []) if isinstance(one, dict)]
        if value.get("code") in codes and any(one.startswith("value") for one in value):
            yield "obs-7: a component has the observation's own code"
