"""What leg cramps may come from, and what may help: every claim with its grade and sources.

When to see someone comes before anything that might be tried.

The texts are data, one file each in `texts/`, so that somebody who writes no Python can correct them. Their figures and
grades are those of the project's evidence records; the record's id is the name of the file.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from crampcoach import hookimpl

if TYPE_CHECKING:
    from crampcoach import Explainer

api = 1


@hookimpl
def explainers() -> Iterable[Explainer]:
    from crampcoach_causes.fitting import all_fits
    from crampcoach_causes.reading import read_all

    return read_all(all_fits())
