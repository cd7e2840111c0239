"""Medicines that were started or changed, beside the nights before and after. Nothing here is about leaving one off.

That fewer cramps came after one speaks on neither side, and what people take against cramps is never held beside nights
(record `n1-design`): such counts would lead somebody to try it, or to try without.
"""

from __future__ import annotations

import re
from datetime import timedelta
from unicodedata import combining, normalize

from crampcoach import Fit
from crampcoach_causes.fitting.counting import EASED, FEW, NUMBERED, UNCLEAR, compared, missing, of
from crampcoach_causes.fitting.summary import Medicine, Summary

#: Nights before and after that are held beside each other.
SPAN = timedelta(weeks=4)
#: No more than these, the newest, are told of.
MOST = 5
_NAME = 40
NOT_ENTERED = "No medicine was entered as started or changed in that time. One may have been, all the same."
WHO = "What to do about it is for a pharmacist or doctor."
OTHER = f"Other things may have changed at the same time. {WHO}"
#: Of what is in `UNCOUNTED`.
ONLY_DATE = f"Nights before and after it are not counted. {WHO}"
#: By what came of comparing: more cramps after it, as many, fewer, too few nights.
_AFTER = {1: OTHER, 0: UNCLEAR, -1: f"This does not show that it made cramps fewer. {EASED}", None: FEW}
#: Quinine and supplements, as people write them. Another medicine with such a word in its name ("losartan potassium")
#: loses its counts, no more. Short words stand alone: spironolactone has "iron" in it.
UNCOUNTED = re.compile(
    r"quinin|chinin|qualaquin|tonic|schweppes|magnes|potassium|kalium|salt|sodium chloride|slow sodium|electrolyt"
    r"|rehydrat|calci|kalzi|vitamin|menaquinon|cobalamin|thiamin|pyridox|biotin|fol(?:ic|ate)|supplement|mineral|zinc"
    r"|ferrous|ferric|omega|fish oil|taurin|creatin|carnitin|herbal|ginkgo|turmeric|pickle"
    r"|\b(?:iron|vits?|vit[.-]?[a-ek]\d*|mk ?-?7|k ?-?[12]|b ?-?(?:1|2|3|5|6|7|9|12)|b[ -]complex|d ?-?[23])\b"
)


def medicines(summary: Summary) -> Fit:
    """Nights before and after each date. That cramps got fewer is no reason to doubt or to trust a medicine."""
    if not summary.medicines:
        return Fit(not_recorded=[NOT_ENTERED])
    newest = summary.medicines[-MOST:]
    speaks_for, neither = list[str](), list[str]()
    for one in newest:
        said, more = _before_and_after(summary, one) if is_counted(one) else (ONLY_DATE, False)
        (speaks_for if more else neither).append(f"{_said(one)}. {said}")
    return Fit(
        speaks_for=speaks_for,
        neither=[*neither, *_older(summary)],
        not_recorded=missing(summary) if any(map(is_counted, newest)) else (),
    )


def is_counted(one: Medicine) -> bool:
    """Whether nights may be held beside it."""
    letters = normalize("NFKD", f"{one.name} {one.dose}").casefold()
    return not UNCOUNTED.search("".join(letter for letter in letters if not combining(letter)))


def _before_and_after(summary: Summary, one: Medicine) -> tuple[str, bool]:
    """The counts, and whether cramps were clearly more after it."""
    before = summary.known(one.since - SPAN, one.since - timedelta(days=1)).values()
    after = summary.known(one.since, one.since + SPAN - timedelta(days=1)).values()
    if not before or not after:
        when = "from then on" if before else "before"
        lacking = f"The number of cramps was entered for no night of the four weeks {when}, so nothing is compared."
        return lacking, False
    found = compared(after, before)
    counts = (
        f"In the four weeks before, there were cramps on {of(before)} {NUMBERED}. "
        f"In the four weeks from then on, there were cramps on {of(after)} {NUMBERED}. {_AFTER[found]}"
    )
    return counts, found == 1


def review(summary: Summary) -> Fit:
    """The dates, for whoever looks through the medicines. That a medicine was begun speaks for nothing by itself."""
    if not summary.medicines:
        return Fit(not_recorded=[NOT_ENTERED])
    listed = ". ".join(map(_said, summary.medicines[-MOST:]))
    advice = (
        "A pharmacist or doctor can look at these dates beside your nights. What to do about a medicine is for them to "
        "say, not for such counts."
    )
    return Fit(neither=[f"{listed}. {advice}", *_older(summary)])


def _older(summary: Summary) -> list[str]:
    """That there are more than are told of, if so."""
    many = len(summary.medicines)
    return [f"These are the {MOST} newest of {many} such entries."] if many > MOST else []


def _said(one: Medicine) -> str:
    name = " ".join(one.name.split())
    return f"{name if len(name) <= _NAME else name[: _NAME - 3] + '...'} was {one.change} on {one.since:%d %b %Y}"
