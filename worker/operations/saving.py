"""Saving configuration: the event and the row that screens read, in one transaction, on the version that was seen."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from events import codec, versions
from events.connection import GONE
from events.errors import Conflict
from events.integration import Configuration, Rules, Service, Settings, SettingsSaved, Waiting, fold
from events.versions import Change
from worker.adapters import schema
from worker.adapters.log import Appended, Draft
from worker.adapters.postgres import Connection, translating
from worker.operations import browse, recipients
from worker.operations.context import SQL, Context
from worker.operations.integrations import Integration, State, read_one
from worker.operations.recipients import Resolved


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Decisions that wait: what resuming, or saving a rule, has to ask about."""

    count: int
    since: datetime | None
    surveys: int
    """Calls among them that may start a survey."""


async def held(context: Context, integration: UUID, trigger: UUID | None = None) -> Held:
    with translating():
        row = await context.pool.fetchrow(SQL["count_waiting"], integration, trigger)
    assert row is not None, "an aggregate always answers"
    return Held(count=row["count"], since=row["since"], surveys=row["surveys"])


def summed(each: Sequence[Held]) -> Held:
    """What waits in several places together."""
    return Held(
        count=sum(one.count for one in each),
        since=min((one.since for one in each if one.since), default=None),
        surveys=sum(one.surveys for one in each),
    )


class Overtaken(Conflict):
    """Somebody saved since: nothing of ours was written. Says what was saved, so that nobody has to look for it."""

    def __init__(self, seen: Integration, newer: Sequence[Change]) -> None:
        known = f"has changed since version {seen.version}" if newer else f"has no version {seen.version}"
        super().__init__(f"{seen.name} {known}: nothing was saved. Look again, then repeat.")
        self.newer = newer


@asynccontextmanager
async def saving(
    context: Context, seen: Integration, *events: Configuration, state: State | None = None
) -> AsyncIterator[Connection]:
    """Appends *events* behind the version that *seen* has, and gives the transaction to what belongs with them.

    All of them or none. Raises `Overtaken` where somebody saved a newer version, and `Outgrown` where a console has
    outlived its release: what it does not know of a trigger would be lost.
    """
    if seen.state is State.REMOVED:
        raise Conflict(f"{seen.name} has been removed.")
    rows = await context.log.prepare([Draft(event=event, actor=context.actor) for event in events])
    placed: list[Appended] | None = None
    try:
        with translating():
            async with context.pool.acquire() as connection, connection.transaction():
                placed = await context.log.append(connection, seen.partition, rows, expected=seen.version)
                await schema.require_no_newer(connection)
                before = codec.rules_from_json(await connection.fetchval(SQL["lock_configuration"], seen.id))
                rules = folded(before, events, placed)
                kept = codec.rules_to_json(rules)
                await connection.execute(SQL["write_configuration"], seen.id, rules.version, kept, state)
                yield connection
                await look_again(connection, seen)
    except Conflict as conflict:
        if placed is not None:
            raise
        raise Overtaken(seen, versions.changes(await browse.said(context, seen), after=seen.version)) from conflict
    context.ringer.ring("ptm_log", str(seen.partition))
    context.ringer.ring("ptm_configuration", str(seen.id))


async def look_again(connection: Connection, seen: Integration) -> None:
    """Where a list or an automation was gone, a trigger may name another now: that is looked at soon."""
    trustmary = seen.connections.get(Service.TRUSTMARY)
    if trustmary and trustmary.reason in GONE:
        await connection.execute(SQL["probe_soon"], seen.organization)


def folded(rules: Rules, events: Sequence[Configuration], placed: Sequence[Appended]) -> Rules:
    for event, place in zip(events, placed, strict=True):
        assert place.position is not None, "appended or refused"
        rules = fold(rules, event, place.position)
    return rules


async def hold(connection: Connection, integration: UUID, trigger: UUID | None, waiting: Waiting) -> None:
    """Keeps what waits from leaving before the projector has come to the event that takes it back."""
    if waiting is not Waiting.SEND:
        await connection.execute(SQL["hold_waiting"], integration, trigger)


async def edit(
    context: Context,
    seen: Integration,
    *,
    cool_down_days: int | None = None,
    role_addresses: bool | None = None,
    brake: int | str | None = None,
    oldest_invoice: int | None = None,
    told: Resolved | None = None,
    waiting: Waiting = Waiting.SEND,
    reason: str | None = None,
) -> Integration:
    """Saves what holds for all triggers, and who is *told* of its states; None leaves it as it is."""
    given: dict[str, Any] = {
        "cool_down_days": cool_down_days,
        "role_addresses": role_addresses,
        "brake": brake,
        "oldest_invoice": oldest_invoice,
    }
    asked = {name: value for name, value in given.items() if value is not None}
    settings: Settings = replace(seen.rules.settings, **asked)
    events: list[Configuration] = []
    if told is not None:
        events.append(recipients.saved(seen, told, reason))
    if asked or told is None:
        events.append(SettingsSaved(integration=seen.id, id=uuid4(), settings=settings, waiting=waiting, reason=reason))
    async with saving(context, seen, *events) as connection:
        if told is not None:
            await recipients.keep(context, connection, seen.id, told.secrets)
        if asked or told is None:
            await hold(connection, seen.id, None, waiting)
    return await read_one(context, seen.id)
