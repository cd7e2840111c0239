"""Example: explains one cause or measure, each claim with its grade and its sources."""

from __future__ import annotations

from crampcoach import Claim, Explainer, Source, hookimpl

api = 1  # the version of crampcoach's plugin boundary that this was written for

# Change it to a study, a review or a guideline that you have read. A claim without a source cannot be made.
SOURCE = Source(
    id="doe-2020",
    title="The title of the study",
    authors="Doe J, Roe R",
    year=2020,
    venue="The journal",
    doi="",
    url="",
)

EXPLAINER = Explainer(
    name="example",  # `crampcoach explain example`
    title="Example",
    group="lifestyle",
    # Change all that follows. Say what was found, not what somebody should do; promise nothing and blame nobody.
    summary="What people ask about it, in one line.",
    claims=[
        Claim(
            text="In one small study, people who did this had about as many cramps as others.",
            # How sure anybody can be: high, moderate, low, very-low, none-found, or advice (what health services say).
            grade="very-low",
            sources=["doe-2020"],
        ),
    ],
    sources=[SOURCE],
    limits="What is not known: one study, twelve people, four weeks.",
    see="When to see somebody: if it wakes you often, ask your doctor or pharmacist.",
    in_log="",  # what it may look like in a log, if it can be seen there
    people_try="",  # what people try
)


@hookimpl
def explainers() -> list[Explainer]:
    return [EXPLAINER]
