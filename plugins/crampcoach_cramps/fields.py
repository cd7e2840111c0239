"""What can be entered about a cramp, a night, a day and a medicine. Every field may be left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from crampcoach import check_range

YesNo = Literal["yes", "no"]


@dataclass(frozen=True)
class CrampFields:
    """One cramp (record `o-diary-fields`)."""

    side: Annotated[Literal["left", "right", "both"] | None, "Which leg"] = None
    muscle: Annotated[Literal["calf", "foot", "toes", "thigh", "other"] | None, "Where"] = None
    severity: Annotated[int | None, "How bad the pain was, 0 to 10"] = None
    duration: Annotated[float | None, "How long it lasted, in minutes, 0 to 1440"] = None
    part: Annotated[
        Literal["early", "middle", "late", "unknown"] | None, "Part of the night, where the time is not known"
    ] = None
    asleep: Annotated[bool | None, "It woke you"] = None
    hard_knot: Annotated[bool | None, "The muscle was hard to the touch"] = None
    eased_by: Annotated[str | None, "What eased it"] = None
    sore_after: Annotated[bool | None, "The muscle was sore afterwards"] = None
    swelling: Annotated[YesNo | None, "Was one leg swollen?"] = None
    numbness: Annotated[YesNo | None, "Was it numb, or tingling?"] = None
    weakness: Annotated[YesNo | None, "Is the leg getting weaker?"] = None
    leg_colour: Annotated[Literal["as usual", "red", "dark", "pale", "blue"] | None, "Colour of the leg or foot"] = None
    leg_temperature: Annotated[Literal["as usual", "warm", "hot", "cold"] | None, "The leg or foot to the touch"] = None
    leg_injury: Annotated[
        YesNo | None, "Was it injured, and cannot take your weight, is out of shape, or gets worse?"
    ] = None

    def __post_init__(self) -> None:
        check_range(self.severity, 0, 10)
        check_range(self.duration, 0, 24.0 * 60)


@dataclass(frozen=True)
class NightFields:
    """One night. An entry without any field says that the person was asked and does not know."""

    count: Annotated[int | None, "How many cramps, 0 to 99; 0 is a night without"] = None
    at_least: Annotated[bool, "There were at least so many"] = False
    disturbed_sleep: Annotated[int | None, "How much cramps disturbed your sleep, 0 to 10"] = None
    woken: Annotated[int | None, "How often you woke, 0 to 99"] = None
    hours_slept: Annotated[float | None, "Hours of sleep, 0 to 24"] = None

    def __post_init__(self) -> None:
        check_range(self.count, 0, 99)
        check_range(self.disturbed_sleep, 0, 10)
        check_range(self.woken, 0, 99)
        check_range(self.hours_slept, 0, 24.0)


@dataclass(frozen=True)
class DayFields:
    """One day, entered before the night."""

    activity: Annotated[str | None, "What you did that moved you"] = None
    activity_minutes: Annotated[int | None, "For how many minutes, 0 to 1440"] = None
    unusual: Annotated[bool | None, "It was more than usual"] = None
    alcohol: Annotated[float | None, "Alcoholic drinks, 0 to 50"] = None
    stress: Annotated[int | None, "Stress, 0 to 10"] = None
    heat: Annotated[bool | None, "It was hot, or you sweated a lot"] = None

    def __post_init__(self) -> None:
        check_range(self.activity_minutes, 0, 24 * 60)
        check_range(self.alcohol, 0, 50.0)
        check_range(self.stress, 0, 10)


@dataclass(frozen=True)
class MedicineFields:
    """A medicine or supplement: noted, never judged. Changes belong to the doctor or pharmacist."""

    name: Annotated[str, "Which one"]
    change: Annotated[Literal["started", "changed", "stopped", "taken"], "What happened"] = "taken"
    dose: Annotated[str | None, "How much, in your words"] = None

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise ValueError("it is empty; write which one it is")
