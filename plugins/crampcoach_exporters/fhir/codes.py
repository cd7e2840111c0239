"""The codes that the Bundle uses, each as it stands in a published source. What has no certain code is plain text.

The guide is HL7's Symptoms Implementation Guide (hl7.fhir.uv.symptoms, 1.0.0-ballot and 1.0.0, for FHIR R4).
"""

from __future__ import annotations

from typing import Any

LOINC, SNOMED, UCUM = "http://loinc.org", "http://snomed.info/sct", "http://unitsofmeasure.org"
_GUIDE = "http://hl7.org/fhir/uv/symptoms"
_CATEGORIES = "http://terminology.hl7.org/CodeSystem/observation-category"
#: Of the guide: which of two sides is meant.
LOCATION_QUALIFIER = f"{_GUIDE}/StructureDefinition/LocationQualifier"


def concept(system: str, code: str, display: str, text: str = "") -> dict[str, Any]:
    """A CodeableConcept with one coding."""
    made: dict[str, Any] = {"coding": [{"system": system, "code": code, "display": display}]}
    return made | {"text": text} if text else made


# The guide's profiles SymptomObservation and SymptomAbsentObservation.
SYMPTOM_CATEGORY = concept(f"{_GUIDE}/CodeSystem/SymptomTemporary", "symptom", "Symptom")
SYMPTOM = concept(LOINC, "75325-1", "Symptom")
SYMPTOM_ABSENT = concept(LOINC, "111551-8", "Symptom absent")
SEVERITY = concept(LOINC, "64750-3", "Severity of symptoms")
FREQUENCY = concept(LOINC, "104156-5", "Condition frequency - Reported")
ALLEVIATING = concept(LOINC, "100753-3", "Alleviating factors - Reported")
# Of the guide's common symptoms. Its "Cramping pain" (279093005) is a quality of pain, which nobody was asked about.
CRAMP = concept(SNOMED, "55300003", "Cramp (finding)", "Muscle cramp")
CRAMP_AT_NIGHT = CRAMP | {"text": "Muscle cramp in the night"}

#: The same number as a number: the guide's severity takes words only.
PAIN_0_TO_10 = concept(LOINC, "72514-3", "Pain severity - 0-10 verbal numeric rating [Score] - Reported")

# R4's own categories.
ACTIVITY = concept(_CATEGORIES, "activity", "Activity")
SOCIAL_HISTORY = concept(_CATEGORIES, "social-history", "Social History")

#: SNOMED CT body structures, with the names that DICOM PS3.16 gives them.
BODY_SITES = {
    "calf": concept(SNOMED, "53840002", "Calf of leg"),
    "foot": concept(SNOMED, "56459004", "Foot"),
    "toes": concept(SNOMED, "29707007", "Toe"),
    "thigh": concept(SNOMED, "68367000", "Thigh"),
    "leg": concept(SNOMED, "61685007", "Lower limb"),
}


def quantity(value: float, code: str, unit: str = "") -> dict[str, Any]:
    """A Quantity in a UCUM unit."""
    return {"value": value, "unit": unit or code, "system": UCUM, "code": code}
