"""One plugin from its file to what it offers: options, kinds, reminders with their rules, notifiers.

All of it runs inside one guarded call. What breaks a rule is refused whole; a plugin is never half loaded.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

from crampcoach.actions import Action, Open
from crampcoach.checks import MOST_LINE, brief, check_text
from crampcoach.clock import Clock
from crampcoach.config import Config, PluginTable, sentence
from crampcoach.context import ContextMaker
from crampcoach.guard import DEADLINE, Outcome, ask
from crampcoach.hours import Hours
from crampcoach.kind_checks import NoFields, button_misfit, check_kinds, misfit, unknown_kind
from crampcoach.model import Entry, Kind, Message, QuietTime, Reminder
from crampcoach.notifier import Named, named_notifiers
from crampcoach.options import check_options_type, convert, did_you_mean
from crampcoach.planner import Planned
from crampcoach.plugins import Found, Plugin, Unfit, load
from crampcoach.recurrence import After, parse_grace, parse_schedule
from crampcoach.safety.kinds import core_kinds
from crampcoach.safety.wording import MEASURES

#: More slots a day than this, over all its reminders, is no use to anybody and would hold up the rest.
MOST_SLOTS_A_DAY = 2000
#: Seconds from one tick to the next, at least and at most.
SHORTEST_TICK, LONGEST_TICK = 60, 366 * 86400
#: The tags that mean something to the core; a plugin may have others for itself.
TAGS = (*MEASURES, "welcome")


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A plugin that is in use, and the table it was configured with."""

    found: Found
    table: PluginTable
    plugin: Plugin
    options_type: type | None
    options: Any
    kinds: tuple[Kind, ...]
    plan: tuple[Planned, ...]
    notifiers: tuple[Named, ...]
    #: Seconds between ticks; None for a plugin without them.
    tick_every: float | None = None
    #: Why what a button logs would not fit its kind, as far as that is the plugin's own or crampcoach's; else empty.
    misfit: str = ""

    @property
    def name(self) -> str:
        return self.found.name


def load_plugin(
    found: Found, config: Config, maker: ContextMaker, now: datetime, *, only_kinds: bool = False
) -> Loaded:
    """Import, check, configure and ask a plugin. `now` is aware, in the person's zone.

    `only_kinds`: for a command that saves; neither reminders nor notifiers are asked for, which may take long.
    Raises Unfit, TypeError, ValueError with a sentence, or whatever the plugin raises.
    """
    table = config.table(found.name)
    plugin = load(found)
    made = plugin.call("options")
    options_type = None if made is None else check_options_type(made)
    options = configured(found.name, table, options_type, config)
    ctx = maker.make(found.name, options, now)
    loaded = Loaded(
        found=found,
        table=table,
        plugin=plugin,
        options_type=options_type,
        options=options,
        kinds=plugin.given("kinds", Kind),
        plan=(),
        notifiers=() if only_kinds else named_notifiers(plugin.given("notifiers", object, ctx=ctx)),
        tick_every=_tick_every(options) if plugin.has("tick") else None,
    )
    _check_unique("kinds", [kind.name for kind in loaded.kinds])
    _check_unique("notifiers", [one.name for one in loaded.notifiers])
    if not (only_kinds and found.origin == "bundled"):  # a command that saves must not take longer for what tests know
        check_kinds(loaded.kinds)
    if only_kinds:
        return loaded
    plan = ask_reminders(loaded, config, maker, now)
    return replace(loaded, plan=plan, misfit=button_misfit(plan, known_kinds([loaded])))


def load_all(
    chosen: Mapping[str, Found],
    config: Config,
    maker: ContextMaker,
    clock: Clock,
    *,
    seconds: float = DEADLINE,
    only_kinds: bool = False,
) -> tuple[dict[str, Loaded], dict[str, Outcome]]:
    """Load plugins at the same time and wait: those in use, in this order, and why others cannot be. For commands."""
    now = clock.now().astimezone(clock.zone())
    job = partial(load_plugin, config=config, maker=maker, now=now, only_kinds=only_kinds)
    outcomes = ask(clock, {name: partial(job, found) for name, found in chosen.items()}, "loading it", seconds)
    loaded = {name: outcomes[name].value for name in chosen if outcomes[name].ok}
    failed = {name: outcome for name, outcome in outcomes.items() if not outcome.ok}
    for name, reason in clashes(loaded.values()).items():
        failed[name] = Outcome(reason=reason)
        del loaded[name]
    return loaded, failed


def configured(name: str, table: PluginTable, options_type: type | None, config: Config) -> Any:
    """The plugin's options as its table says. Raises Unfit with everything that is wrong."""
    options, wrong = convert(table.raw, options_type or NoFields, also=("enabled", "schedule"))
    problems = [
        *table.problems,
        *(sentence(config.path, table.lines.get(one.key), f"plugins.{name}.{one.key}", one.text) for one in wrong),
    ]
    if problems:
        raise Unfit("\n".join(problems))
    return options if options_type else None


def _tick_every(options: Any) -> float:
    """The agent itself reckons with it, and would trip over anything else. Raises Unfit."""
    every = getattr(options, "tick_every", 3600)
    if not (isinstance(every, int | float) and 0 <= every <= LONGEST_TICK):
        raise Unfit(f"its option tick_every is {brief(every)}; give seconds, from {SHORTEST_TICK} to {LONGEST_TICK}")
    return float(max(every, SHORTEST_TICK))


def ask_reminders(loaded: Loaded, config: Config, maker: ContextMaker, now: datetime) -> tuple[Planned, ...]:
    """The plugin's reminders with their rules. Raises like load_plugin."""
    ctx = maker.make(loaded.name, loaded.options, now)
    reminders = loaded.plugin.given("reminders", Reminder, ctx=ctx)
    names = [reminder.name for reminder in reminders]
    _check_unique("reminders", names)
    schedules = _overrides(loaded, names, config)
    plan = tuple(with_rule(loaded, one, schedules.get(one.name, one.schedule), config.hours, now) for one in reminders)
    for one in plan:
        if isinstance(one.rule.when, After) and one.rule.when.reminder not in names:
            raise Unfit(
                f"reminder {one.reminder.name!r} comes after {one.rule.when.reminder!r}, which it does not have"
            )
    asked = sum(_most_slots(planned, now.date()) for planned in plan)
    if asked > MOST_SLOTS_A_DAY:
        raise Unfit(f"its reminders come {asked:,} times a day; the most is {MOST_SLOTS_A_DAY:,}")
    return plan


def ask_quiet_times(loaded: Loaded, maker: ContextMaker, now: datetime) -> tuple[QuietTime, ...]:
    """The times in which a plugin has reminders wait, in UTC; those that are over are left out."""
    times = loaded.plugin.given("quiet_times", QuietTime, ctx=maker.make(loaded.name, loaded.options, now))
    return tuple(
        replace(one, start=one.start.astimezone(UTC), end=end)
        for one in times
        if (end := one.end.astimezone(UTC)) > now
    )


def active(plan: Iterable[Planned]) -> tuple[Planned, ...]:
    """The reminders that come at present."""
    return tuple(planned for planned in plan if planned.reminder.active)


def _most_slots(planned: Planned, day: date) -> int:
    walls = (planned.rule.walls(date.fromordinal(day.toordinal() + n), planned.hours) for n in range(7))
    return max(len(times) for times in walls)


def _overrides(loaded: Loaded, names: list[str], config: Config) -> dict[str, str]:
    """The schedules that the person's config puts in the place of the plugin's. Raises Unfit."""
    given = loaded.table.schedule
    if given is None:
        return {}
    if isinstance(given, str):
        if len(names) == 1:
            return {names[0]: given}
        wrong = (
            f"it has {len(names)} reminders; write schedule.NAME = ... for one of {', '.join(sorted(names)) or 'none'}"
        )
        key = "schedule"
    else:
        unknown = sorted(given.keys() - set(names))
        if not unknown:
            return dict(given)
        wrong, key = f"there is no reminder {unknown[0]!r}{did_you_mean(unknown[0], names)}", f"schedule.{unknown[0]}"
    raise Unfit(sentence(config.path, loaded.table.lines.get(key), f"plugins.{loaded.name}.{key}", wrong))


def with_rule(loaded: Loaded, reminder: Reminder, schedule: str, hours: Hours, now: datetime) -> Planned:
    """A reminder with what its schedule and grace mean. Raises Unfit."""
    _check_tags(reminder)
    try:
        planned = Planned(
            name=f"{loaded.name}.{reminder.name}",
            plugin=loaded.name,
            reminder=replace(reminder, tags=(*reminder.tags, *_opened(reminder.buttons(), reminder.tags))),
            rule=parse_schedule(schedule),
            grace=parse_grace(reminder.grace),
            hours=hours,
            swept=now,
        )
        if not callable(reminder.say):
            message_of(planned, reminder.say)  # here, not in the agent's own thread when its time has come
        return planned
    except ValueError as error:
        raise Unfit(f"reminder {reminder.name!r}: {error}") from None


def _check_tags(reminder: Reminder) -> None:
    """A slip in a measure ("Stretch", "stretching") would leave its reminder out of a hold. Raises Unfit."""
    for tag in reminder.tags:
        for meant in TAGS:
            if tag != meant and tag.strip().casefold().startswith(meant):
                raise Unfit(f"reminder {reminder.name!r}: its tag {tag!r} has no effect; did you mean {meant!r}?")


def _opened(actions: Iterable[Action], tags: Collection[str]) -> list[str]:
    """The measures whose commands these buttons open, and that are no tags: such a reminder asks for them too."""
    opened = {action.then.argv[0] for action in actions if isinstance(action.then, Open)}
    return [measure for measure in MEASURES if measure in opened and measure not in tags]


def _check_unique(what: str, names: list[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise Unfit(f"two of its {what} are called {name!r}; give each its own name")


def message_of(planned: Planned, made: object) -> Message | None:
    """What a reminder says as a message with its buttons; None is 'not this time'. Raises TypeError or ValueError."""
    if made is None:
        return None
    message = Message(title=made) if isinstance(made, str) else made
    if type(message) is not Message:
        raise TypeError(f"compose must return a Message or None, not {type(made).__name__}")
    check_text("Message: title", message.title, most=MOST_LINE)
    check_text("Message: body", message.body, empty=True)
    if opened := _opened(message.actions, planned.reminder.tags):
        raise TypeError(f"its message has a button that opens {opened[0]!r}: give the reminder tags=[{opened[0]!r}]")
    return message if message.actions else replace(message, actions=planned.reminder.buttons())


def clashes(loaded: Iterable[Loaded]) -> dict[str, str]:
    """Plugins that claim a kind or notifier that another has, with the sentence: bundled ones come first."""
    owners: dict[tuple[str, str], Loaded] = {}
    wrong: dict[str, str] = {}
    taken = {kind.name for kind in core_kinds()}
    for one in sorted(loaded, key=lambda one: (one.found.origin != "bundled", one.name)):
        for name in taken & {kind.name for kind in one.kinds}:
            wrong[one.name] = f"its kind {name!r} is crampcoach's own; give it another name"
        claims = [("kind", kind.name) for kind in one.kinds] + [("notifier", each.name) for each in one.notifiers]
        for claim in claims:
            owner = owners.setdefault(claim, one)
            if owner is not one:
                what = f"its {claim[0]} {claim[1]!r} is {owner.name}'s already ({owner.found.origin})"
                wrong[one.name] = f"{what}; give it another name, or turn one of the two off"
    return wrong


def known_kinds(loaded: Iterable[Loaded]) -> dict[str, Kind]:
    """Every kind by name: the core's own, and those of plugins."""
    return {kind.name: kind for kind in (*core_kinds(), *(kind for one in loaded for kind in one.kinds))}


def check_entry(entry: Entry, known: Mapping[str, Kind]) -> str:
    """Why an entry does not fit its kind; empty if it does. Runs the code of the kind's plugin."""
    if entry.kind not in known:
        return unknown_kind(entry.kind, known)
    try:
        return misfit(entry, known[entry.kind])
    except Unfit as error:
        return str(error)


def option_values(loaded: Loaded) -> dict[str, Any]:
    """A plugin's options with the values in force."""
    return {one.name: getattr(loaded.options, one.name) for one in fields(loaded.options)} if loaded.options else {}
