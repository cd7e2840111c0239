"""`now`: a cramp at this moment. Short lines, few keys: it is read in the dark, in pain."""

from __future__ import annotations

import re
import sys

import click

from crampcoach.cli.printing import in_terminal, print_wrapped
from crampcoach.cli.saving import entry_of, print_advice, save
from crampcoach.cli.session import Session
from crampcoach.loading import check_entry

#: Record m-acute-stretch (grade low; sources nhs-legcramps-syndicated, mayo-night-cramps), seated.
FIRST = "Sit up first. Do not jump out of bed."
STEPS = (
    "Stay seated. Straighten the knee of the leg that cramps.",
    "Slowly pull your toes and foot up towards your shin.",
    "Hold until it lets go. Stop if it feels as if something tears.",
    "Then rub the muscle gently.",
)
NO_STRETCH = "No stretch now."
LASTING = "If it lasts longer than 10 minutes and does not ease, get advice the same day."
#: What a key says before any stretch: the field of kind `symptoms` that it enters.
SIGNS = {"s": "swelling", "c": "cold_foot"}
_ARROWS = re.compile(r"\x1b[\[O][0-9;]*[A-Za-z~]")
#: What one key logs afterwards, where a plugin has this kind with such a side.
CRAMP = "cramp"
SIDES = {"l": "left", "r": "right", "b": "both"}


@click.command("now")
@click.pass_context
def now_command(ctx: click.Context) -> None:
    """A cramp right now: sit up, look at the leg, then the steps. One key logs it afterwards."""
    with Session(ctx) as session:
        began = session.now
        print_wrapped(FIRST)
        if not in_terminal(sys.stdin, sys.stdout):
            _print_all(session)
            return
        click.echo("\nLook at the leg and the foot:")
        click.echo("  s  it is swollen, warm or red")
        click.echo("  c  the foot is cold, pale or numb, or you cannot move it")
        click.echo("  n  none of these; q ends\n")
        pressed = _key("scnq")
        sign = SIGNS.get(pressed)
        if pressed == "q":
            return
        if sign:
            save(session, [entry_of(session, "symptoms", {sign: "yes"})])
            return
        click.echo()
        if _may_stretch(session):
            _print_steps()
        print_wrapped(LASTING)
        by_key = {key: entry_of(session, CRAMP, {"side": side}, began) for key, side in SIDES.items()}
        if any(check_entry(entry, session.kinds) for entry in by_key.values()):
            return  # nothing here knows of cramps, or it knows of them in another way
        click.echo()
        print_wrapped("When it is over, one key logs it: l left, r right, b both legs; q ends without.")
        if entry := by_key.get(_key("lrbq")):
            save(session, [entry])
            click.echo("Saved. Rest well.")


def _print_all(session: Session) -> None:
    """Everything at once, for a pipe: the signs come before the steps. What holds these back is said in full, once."""
    reason = session.held("stretch", acute=True)
    raised = session.person.advice(session.holding) if reason else ()
    told = {one.id for one in raised}
    signs = [one for one in session.person.list() if one.id in ("RF-ALI", "RF-DVT") and one.id not in told]
    print_advice([*raised, *signs])
    if reason:
        print_wrapped(f"{NO_STRETCH} {reason}")
        return
    click.echo("If none of these signs is there:")
    _print_steps()
    print_wrapped(LASTING)


def _print_steps() -> None:
    for number, step in enumerate(STEPS, 1):
        print_wrapped(step, f"{number}  ")


def _may_stretch(session: Session) -> bool:
    """Whether the steps may be shown."""
    reason = session.held("stretch", acute=True)
    if reason:
        print_wrapped(f"{NO_STRETCH} {reason}")
        print_advice(session.person.advice(session.holding))
    return not reason


def _key(keys: str) -> str:
    while True:
        # Pressed quickly, several arrive at once: the first that means something counts. Arrows mean nothing.
        pressed = _ARROWS.sub("", click.getchar()) or "\n"
        for one in pressed.lower():
            if one in keys:
                return one
            if one in "\x03\x04\x1b":
                raise click.Abort
