"""Pausing, resuming and removing an integration."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

from events.contact import Withdrawal
from events.integration import IntegrationPaused, IntegrationRemoved, IntegrationResumed, Waiting
from worker.adapters.postgres import translating
from worker.operations import deliveries
from worker.operations.context import SQL, Context
from worker.operations.integrations import Integration, State, read_one
from worker.operations.saving import hold, saving

LAST_CALLS = 15.0
"""Seconds that a pause waits for calls under way: longer than a call may take."""
LOOK_EVERY = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Paused:
    integration: Integration
    under_way: int
    """Calls that had left and were not answered when waiting for them ended."""
    waiting: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    integration: Integration
    discarded: int
    """Contacts that waited and are not sent any more."""
    erased_keys: int
    """Data subjects whose key was destroyed."""


async def pause(
    context: Context, seen: Integration, *, reason: str | None = None, within: float = LAST_CALLS
) -> Paused:
    """Stops sending at once: when it returns, no further call leaves. Invoices are still read and recorded."""
    if seen.state is not State.PAUSED:
        await write_pause(context, seen, reason)
    under_way = await last_calls(context, [seen.id], within)
    now = await read_one(context, seen.id)
    return Paused(integration=now, under_way=under_way, waiting=now.waiting)


async def write_pause(context: Context, seen: Integration, reason: str | None) -> Integration:
    """From the commit on no further call leaves; answers what was *seen*. Raises `Conflict` on a newer version."""
    event = IntegrationPaused(integration=seen.id, id=uuid4(), reason=reason)
    async with saving(context, seen, event, state=State.PAUSED):
        return seen


async def last_calls(context: Context, integrations: Sequence[UUID], within: float) -> int:
    """Waits for the calls that have left, and says how many are still not answered."""
    until = time.monotonic() + within
    while True:
        with translating():
            count: int = await context.pool.fetchval(SQL["count_attempting"], list(integrations))
        if not count or time.monotonic() > until:
            return count
        await asyncio.sleep(LOOK_EVERY)


async def resume(context: Context, seen: Integration, waiting: Waiting, *, reason: str | None = None) -> Integration:
    """Sends again; *waiting* says what becomes of what was decided meanwhile and before."""
    if seen.state is State.ACTIVE:
        return seen
    event = IntegrationResumed(integration=seen.id, id=uuid4(), waiting=waiting, reason=reason)
    async with saving(context, seen, event, state=State.ACTIVE) as connection:
        await hold(connection, seen.id, None, waiting)
    context.ringer.ring("ptm_delivery", seen.organization)
    return await read_one(context, seen.id)


async def remove(context: Context, seen: Integration, *, erase: bool = False, reason: str | None = None) -> Removed:
    """Stops reading and sending, discards what waits, forgets the credentials; the log stays.

    *erase* destroys the keys of everybody in it, so that log, Kafka and copies name nobody any more.
    """
    discarded = await unsent(context, seen)
    if seen.state is not State.REMOVED:
        event = IntegrationRemoved(integration=seen.id, id=uuid4(), erased=erase, reason=reason)
        async with saving(context, seen, event, state=State.REMOVED) as connection:
            await hold(connection, seen.id, None, Waiting.DROP)
            await connection.execute(SQL["stop_polling"], seen.id)
            await connection.execute(SQL["forget_secrets"], seen.id)
    await last_calls(context, [seen.id], LAST_CALLS)
    await withdraw_rest(context, seen)
    erased = await erase_people(context, seen) if erase else 0
    return Removed(integration=await read_one(context, seen.id), discarded=discarded, erased_keys=erased)


async def unsent(context: Context, seen: Integration) -> int:
    """Contacts that removing it would discard."""
    with translating():
        count: int = await context.pool.fetchval(SQL["count_unsent"], seen.id)
    return count


async def withdraw_rest(context: Context, seen: Integration) -> None:
    """The projector drops what waits; what is parked, or came back from a last call that failed, nobody else ends."""
    wanted = deliveries.Filter(integrations=(seen.id,), states=("waiting", "parked"), limit=500)
    while left := [one.id for one in await deliveries.read(context, wanted)]:
        await deliveries.discard_in(context, seen.partition, left, None, why=Withdrawal.REMOVED)
    context.ringer.ring("ptm_log", str(seen.partition))


async def erase_people(context: Context, seen: Integration) -> int:
    destroyed = await context.vault.destroy_integration(seen.id)
    with translating():
        await context.pool.execute(SQL["blank_names"], seen.id, context.vault.seal_names(seen.id, {}))
    return destroyed
