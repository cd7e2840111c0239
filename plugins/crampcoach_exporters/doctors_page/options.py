"""What the page can be told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from crampcoach import check_range

LONGEST = {"question": 600, "name": 100, "born": 40}


@dataclass(frozen=True)
class Options:
    """Nothing of it is kept. Without a name the page says so."""

    question: Annotated[str | None, "Your own question to the doctor; without it there is room to write one"] = None
    name: Annotated[str | None, "Your name, for the top of the page"] = None
    born: Annotated[str | None, "Your date of birth, for the top of the page"] = None
    weeks: Annotated[int, "How many weeks are shown night by night, 4 to 53"] = 27

    def __post_init__(self) -> None:
        check_range(self.weeks, 4, 53)
        for name, most in LONGEST.items():
            if len(getattr(self, name) or "") > most:
                raise ValueError(f"it is longer than {most} characters, for which the page has no room; shorten it")
