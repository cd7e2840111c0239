"""What a log can say about each explainer, in counts: one small function for each where it can say something.

Why the others have none stands in `without.toml`. "Not entered" is never "no": it is counted apart, and said.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from functools import partial
from importlib.resources import files
from typing import Any

from crampcoach import Context, Fit
from crampcoach_causes.fitting import daily, measures, medicines, patterns, weeks
from crampcoach_causes.fitting.summary import Summary, summarise

#: By explainer. A function of what was entered, and of nothing else.
SAY: Mapping[str, Callable[[Summary], Fit | None]] = {
    "cause-alcohol": daily.alcohol,
    "cause-feet-toes": patterns.feet_toes,
    "cause-medicines": medicines.medicines,
    "cause-overexertion": daily.overexertion,
    "cause-sedentary": daily.sedentary,
    "cause-sleep": daily.sleep,
    "cause-stress": daily.stress,
    "dx-nlc-criteria": patterns.criteria,
    "epi-frequency-duration": patterns.frequency_duration,
    "epi-muscles": patterns.muscles,
    "epi-night": patterns.at_night,
    "epi-regression": weeks.regression,
    "epi-season": weeks.season,
    "m-acute-stretch": measures.acute_stretch,
    "m-evening-stretch": measures.evening_stretch,
    "m-medicine-review": medicines.review,
}
#: In pregnancy the midwife comes first: nothing is counted for a measure but the stretch that ends a cramp.
NOT_IN_PREGNANCY = frozenset({"m-evening-stretch", "m-medicine-review"})


def all_fits() -> Mapping[str, Callable[[Context[Any]], Fit | None]]:
    """`fits` by explainer. All of one run share what was read of the log."""
    run = _Run()
    return {name: partial(_fit, run, name) for name in SAY}


def without() -> Mapping[str, str]:
    """Why the other explainers have no `fits`."""
    return tomllib.loads(files(__package__).joinpath("without.toml").read_text(encoding="utf-8"))


class _Run:
    """Reads the log once for all the explainers that are asked with one context."""

    def __init__(self) -> None:
        self._read: tuple[Context[Any], Summary] | None = None

    def summary(self, ctx: Context[Any]) -> Summary:
        if self._read is None or self._read[0] is not ctx:
            self._read = ctx, summarise(ctx.log.entries(), ctx.now, ctx.in_bed, ctx.of_night)
        return self._read[1]


def _fit(run: _Run, name: str, ctx: Context[Any]) -> Fit | None:
    if ctx.profile.adult == "no" or (ctx.profile.pregnant == "yes" and name in NOT_IN_PREGNANCY):
        return None
    return SAY[name](run.summary(ctx))
