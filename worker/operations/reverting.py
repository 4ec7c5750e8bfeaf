"""Undoing the last change of an integration's configuration: shown in words first, then said as an event of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID, uuid4

from events import reverting, versions
from events.integration import (
    Configuration,
    IntegrationPaused,
    IntegrationResumed,
    Rules,
    SettingsSaved,
    TriggerRemoved,
    TriggerSaved,
    Waiting,
)
from events.reverting import Standing
from events.versions import Act, Told
from worker.operations import browse, lifecycle, saving, triggers
from worker.operations.context import Context
from worker.operations.integrations import Integration, read_one
from worker.operations.saving import Held, hold


@dataclass(frozen=True, slots=True, kw_only=True)
class Undoing:
    """What would take back the last change of *integration*, on the version that was seen."""

    integration: Integration
    act: Act
    events: tuple[Configuration, ...]

    @property
    def steps(self) -> Iterator[tuple[Rules, Configuration]]:
        return versions.stepping(self.integration.rules, self.events)

    @property
    def says(self) -> tuple[str, ...]:
        return versions.all_in_words(self.steps)

    @property
    def only_removes(self) -> bool:
        """A trigger that goes cannot decide again."""
        return all(isinstance(event, TriggerRemoved) for event in self.events)

    @property
    def asks(self) -> tuple[UUID | None, ...]:
        """The triggers whose waiting decisions are concerned; (None,): all."""
        if any(isinstance(event, SettingsSaved | IntegrationResumed) for event in self.events):
            return (None,)
        named = [trigger_of(event) for event in self.events]
        return tuple(dict.fromkeys(each for each in named if each in self.integration.rules.triggers))


def trigger_of(event: Configuration) -> UUID | None:
    match event:
        case TriggerSaved(trigger=trigger):
            return trigger.id
        case TriggerRemoved(trigger=gone):
            return gone
        case _:
            return None


async def prepare(context: Context, seen: Integration) -> Undoing:
    """Raises `Misconfigured` where the last change cannot be undone, and says why."""
    return prepared(seen, await browse.said(context, seen))


def prepared(seen: Integration, told: Told) -> Undoing:
    """As `prepare`, where all that was said about *seen* is at hand."""
    known = [(record, event) for record, event in told if record.position <= seen.version]
    act = versions.acts(known)[-1]
    earlier = [event for _, event in known[: len(known) - len(act.events)]]
    before = Standing(rules=act.before, blocked=reverting.block_list(earlier))
    return Undoing(integration=seen, act=act, events=reverting.undo(before, act.events, uuid4))


async def held(context: Context, undoing: Undoing) -> Held:
    """What waits that undoing concerns."""
    each = [await saving.held(context, undoing.integration.id, trigger) for trigger in undoing.asks]
    since = min((one.since for one in each if one.since), default=None)
    return Held(count=sum(one.count for one in each), since=since, surveys=sum(one.surveys for one in each))


async def save(
    context: Context, undoing: Undoing, *, waiting: Waiting = Waiting.SEND, reason: str | None = None
) -> Integration:
    """All of it or nothing. Raises `Overtaken` where somebody saved a newer version."""
    seen, why = undoing.integration, reason or f"version {undoing.act.position} undone"
    events = reverting.with_waiting(undoing.events, waiting, why)
    match events:
        case [IntegrationPaused()]:
            return (await lifecycle.pause(context, seen, reason=why)).integration
        case [IntegrationResumed()]:
            return await lifecycle.resume(context, seen, waiting, reason=why)
    for event in events:
        if isinstance(event, TriggerSaved):
            await triggers.check_here(context, seen, event.trigger)
    async with saving.saving(context, seen, *events) as connection:
        for trigger in undoing.asks:
            await hold(connection, seen.id, trigger, waiting)
    return await read_one(context, seen.id)
