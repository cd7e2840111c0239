"""Whom to call: by the person's country, and in general words where it is not known."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from zoneinfo import TZPATH

#: Countries of the European Union, whose common number is 112.
_EU = frozenset(
    {
        "AT", "BE", "BG", "HR", "CY", "CZ", "DK", "EE", "FI", "FR", "DE", "GR", "HU", "IE", "IT", "LV", "LT", "LU",
        "MT", "NL", "PL", "PT", "RO", "SK", "SI", "ES", "SE",
    }
)  # fmt: skip

#: There 999 and the Samaritans are called as in Great Britain, but NHS 111 is a service of Great Britain only.
_NORTHERN_IRELAND = "Europe/Belfast"


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """Words that fit into "call ...": for an emergency, for advice on the same day, and in a crisis of mood."""

    emergency: str = "your local emergency number (112, 999 or 911 in many countries)"
    advice: str = "your local urgent medical service"
    crisis: str = "a crisis line in your country"


def numbers(country: str, zone: str) -> Numbers:
    """The numbers for a country of the config ("auto" goes by the time zone's name), never for a language."""
    code = country.strip().upper()
    code = country_of(zone) if code == "AUTO" else code
    if code in ("GB", "UK"):
        advice = Numbers().advice if zone == _NORTHERN_IRELAND else "NHS 111"
        return Numbers(emergency="999", advice=advice, crisis="Samaritans (116 123)")
    if code == "US":
        return Numbers(emergency="911", crisis="the 988 lifeline (call or text 988)")
    return Numbers(emergency="112") if code in _EU else Numbers()


def country_of(zone: str) -> str:
    """The country of a time zone, as two letters; empty where the zone's table does not say."""
    # These only link to zones of the same country, and machines are still set to them.
    return "US" if zone.startswith("US/") else _countries().get(zone, "")


@cache
def _countries() -> dict[str, str]:
    found = {}
    for line in _zone_table().splitlines():
        if not line.startswith("#") and line.count("\t") >= 2:
            code, _, name = line.split("\t")[:3]
            found[name] = code
    return found | {"GB": "GB", _NORTHERN_IRELAND: "GB"}


def _zone_table() -> str:
    for folder in TZPATH:
        path = Path(folder) / "zone.tab"
        if path.is_file():
            return path.read_text(encoding="utf-8")
    try:
        return files("tzdata").joinpath("zoneinfo/zone.tab").read_text(encoding="utf-8")
    except (ModuleNotFoundError, FileNotFoundError):
        return ""
