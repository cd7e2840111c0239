"""A press or a command becomes state and entries. Shared by the agent and the commands.

First the answer is one row, in one transaction with the occurrence's new state; then its entries go into the log;
then the answer is marked as entered. Whatever is killed in between is done again, and the entries' origin keeps the
second time from doubling them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from datetime import date, datetime, tzinfo

from crampcoach.actions import Action, Log, Open, Skip, Snooze
from crampcoach.checks import check_fields
from crampcoach.clock import zone_name, zone_named
from crampcoach.context import ContextMaker
from crampcoach.guard import Guard, Outcome
from crampcoach.kind_checks import unknown_kind, wordless_misfit
from crampcoach.loading import Loaded, known_kinds
from crampcoach.model import OPEN_STATES, Entry
from crampcoach.planner import Planned, Row, following, snoozed
from crampcoach.safety.flags import raised as raises
from crampcoach.store import Store, agent_state, answers, entries, ignored, occurrences, raised
from crampcoach.store.answers import Answer
from crampcoach.store.raised import BY_PLUGIN
from crampcoach.store.schema import to_text


def record(
    store: Store,
    key: str,
    action: Action,
    now: datetime,
    zone: tzinfo,
    plan: Iterable[Planned] = (),
    *,
    entered: bool = False,
) -> Answer | None:
    """Store an answer together with the state it leads to; None where it changes nothing any more.

    Reminders of `plan` that come after such an answer get their row with it. `entered`: its entries are in the log
    already. An occurrence that expired or was missed
    can still be done: people answer late. Raises sqlite3.Error.
    """
    with store.state.transaction() as connection:
        row = occurrences.find(connection, key)
        after = _after(row, action, now) if row else None
        if row is None or after is None:
            return None
        occurrences.save(connection, after)
        ignored.answered(connection, row.reminder)
        occurrences.insert_new(connection, following(after, action, plan, now, zone))
        answer = answers.add(connection, after, action, now, zone_name(zone, now))
        if entered:
            answers.mark_entered(connection, answer.id)
        return answer


def _after(row: Row, action: Action, now: datetime) -> Row | None:
    match action.then:
        case Open():
            return None
        case Snooze(minutes):
            return snoozed(row, minutes, now) if row.state in OPEN_STATES else None
        case Skip():
            return replace(row, state="skipped", reason="") if row.state in OPEN_STATES else None
        case _:
            return replace(row, state="done", reason="") if row.state != "done" else None


def enter(
    store: Callable[[], Store],
    answer: Answer,
    loaded: Loaded | None,
    maker: ContextMaker,
    guard: Guard,
    then: Callable[[Outcome, tuple[Entry, ...]], None],
    heard: Callable[[Entry], None] = lambda _entry: None,
    kinds: Callable[[], Iterable[str]] | None = None,
) -> None:
    """Save what an answer stands for: what its button logs at once, what its plugin makes of it when that has answered.

    The answer counts as entered when both are in the log; without its plugin (`loaded` is None) it waits for it.
    `heard` is given what the plugin makes before it is saved, and `then` the plugin's outcome and every entry that was
    added. What the plugin makes is saved too where it does not fit its kind: `then` is told of that afterwards, as of a
    failure without entries. `kinds` gives the names of all that there are; without it, nobody knows of other plugins'.
    Raises Problem or sqlite3.Error.
    """
    asks = loaded is not None and loaded.plugin.has("responded")
    saved = _save(store(), answer, logged(answer), final=loaded is not None and not asks)
    if loaded is None or not asks:
        then(Outcome(), saved)
        return

    def responded(outcome: Outcome) -> None:
        complete, wrong = outcome.value if outcome.ok else ([], "")
        for entry in complete:
            heard(entry)
        made = _save(store(), answer, complete, final=True) if outcome.ok else ()
        then(outcome, saved + made)
        if wrong:
            then(Outcome(reason=f"responded() gave {wrong}", told="responded() gave what does not fit its kind"), ())

    others = None if kinds is None else frozenset(kinds())
    guard.call(loaded.name, "responded()", lambda: _ask(answer, loaded, maker, others), responded)


def logged(answer: Answer) -> list[Entry]:
    """What the button itself logs, complete but for its id; nothing for other buttons."""
    then = answer.action.then
    return _complete(answer, "button", [Entry(kind=then.kind, fields=then.fields)] if isinstance(then, Log) else [])


def would_log(row: Row, action: Action, at: datetime, zone: str) -> list[Entry]:
    """What the button of an occurrence will log, as `logged` has it once the answer is stored."""
    return logged(Answer(id=0, row=row, action=action, at=at, zone=zone))


def unsaved(store: Store) -> list[Entry]:
    """What buttons have logged by answers that are stored, and that is not in the log yet."""
    waiting = [entry for answer in answers.unentered(store.state.connection) for entry in logged(answer)]
    return [entry for entry in waiting if not entries.known(store.log, entry.origin or "")]


def untold(store: Store) -> list[raised.Untold]:
    """What the person must still be told, oldest first, also of entries that are not in the log yet."""
    coming = [(one.origin or "", tuple(flag.id for flag in raises(one))) for one in unsaved(store)]
    return raised.untold(store.log) + [raised.Untold("", origin, flags) for origin, flags in coming if flags]


def holding(store: Store) -> tuple[str, ...]:
    """The flags whose holds are on, also by an answer whose entries are not in the log yet."""
    coming = [one.id for entry in unsaved(store) for one in raises(entry) if one.holds]
    return tuple(dict.fromkeys([*raised.holding(store.log), *coming]))


def _ask(
    answer: Answer, loaded: Loaded, maker: ContextMaker, others: Collection[str] | None
) -> tuple[list[Entry], str]:
    """What the plugin makes of an answer, checked so far that saving it can only fail for the disk's sake.

    With it, what of it does not fit its kind. `others` are the names of all kinds.
    """
    ctx = maker.make(loaded.name, loaded.options, answer.at.astimezone(zone_named(answer.zone)))
    occurrence, action = answer.row.occurrence(), answer.action
    made = loaded.plugin.given("responded", Entry, ctx=ctx, occurrence=occurrence, action=action)
    plain = [replace(entry, id="") for entry in made]
    complete = _complete(answer, "plugin", plain)
    for entry in complete:
        check_fields(f"Entry {entry.kind!r}", {**entry.fields, "note": entry.note})
        entries.check(entry, answer.at)
    return complete, made_misfit(complete, loaded, others)


def made_misfit(made: Iterable[Entry], loaded: Loaded, others: Collection[str] | None) -> str:
    """Why an entry that `responded` gave does not fit its kind; empty if all do.

    Of another plugin's kind only the name is looked at: what that one's check does is not this one's business.
    """
    known = known_kinds([loaded])
    for entry in made:
        if entry.kind in known:
            if wrong := wordless_misfit(entry, known[entry.kind]):
                return f"an entry of kind {entry.kind!r} that does not fit it: {wrong}"
        elif others is not None and entry.kind not in others:
            return f"an entry of {unknown_kind(entry.kind, {*known, *others})}"
    return ""


def _complete(answer: Answer, source: str, made: Iterable[Entry]) -> list[Entry]:
    """Time, zone and origin filled in: entered twice, the same answer makes the same origins."""
    # The same occurrence can be snoozed again and again; all other answers end it.
    again = f"@{to_text(answer.at)}" if isinstance(answer.action.then, Snooze) else ""
    origin = f"{BY_PLUGIN}{answer.row.key}:{answer.action.key}{again}:{source}"
    return [
        replace(entry, at=entry.at or answer.at, zone=answer.zone, origin=f"{origin}:{entry.kind}:{number}")
        for number, entry in enumerate(made)
    ]


def _save(store: Store, answer: Answer, complete: list[Entry], *, final: bool) -> tuple[Entry, ...]:
    saved = entries.append(store.log, complete, answer.at) if complete else ()
    if final:
        with store.state.transaction() as connection:
            answers.mark_entered(connection, answer.id)
    return saved


def pause(store: Store, now: datetime, until: datetime | None) -> None:
    """Hold every reminder back; None is until `resume`."""
    with store.state.transaction() as connection:
        agent_state.pause(connection, now, until)


def resume_reminder(store: Store, reminder: str, now: datetime) -> None:
    """Let a reminder that has gone quiet speak again."""
    with store.state.transaction() as connection:
        ignored.resume(connection, reminder, now)


def resume(store: Store, now: datetime, today: date) -> list[str]:
    """End a pause, and let every reminder that has gone quiet speak again; what was resumed, in words."""
    with store.state.transaction() as connection:
        quiet = sorted(ignored.names(connection, today))
        for reminder in quiet:
            ignored.resume(connection, reminder, now)
        return (["reminders"] if agent_state.resume(connection, now) else []) + quiet
