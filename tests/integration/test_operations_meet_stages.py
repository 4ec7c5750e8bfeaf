"""What operators do while stages work on the same rows: nothing waits in a ring, leaks out or is left over."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from uuid import uuid4

import pytest

from desk import Desk, desk
from events import reasons
from events.contact import ContactWithdrawn, Withdrawal
from events.integration import Destination, DestinationKind, Waiting
from eventually import eventually
from servers.postgres import Database
from worker.adapters.deliveries import Deliveries
from worker.adapters.postgres import Connection
from worker.cli.why import show_life
from worker.dispatch import Dispatch, Manner
from worker.operations import blocks, lifecycle, triggers
from worker.operations.integrations import Integration, State
from worker.operations.why import why
from worker.project import Projector
from worker.verify import verify_partition


async def decided(at: Desk, count: int = 2) -> Integration:
    seen = await at.connect()
    await seen_sent(at, seen, count)
    await at.project(seen)
    return await at.again(seen)


async def seen_sent(at: Desk, seen: Integration, count: int = 2) -> None:
    for invoice in range(1, count + 1):
        await at.see(seen, invoice, email=f"asiakas{invoice}@asiakas.fi")


@asynccontextmanager
async def transaction(at: Desk) -> AsyncIterator[Connection]:
    async with at.context.pool.acquire() as connection, connection.transaction():
        yield connection


def dispatcher(at: Desk) -> Deliveries:
    context = at.context
    return Deliveries(context.pool, context.log, context.ringer, context.vault.contact_key, worker=uuid4())


def projector(at: Desk) -> Projector:
    return Projector(pool=at.context.pool, log=at.context.log, vault=at.context.vault, ringer=at.context.ringer)


async def claim(at: Desk, seen: Integration) -> list[int]:
    """The invoices of what may leave now."""
    stage = dispatcher(at)
    await at.context.pool.execute("update lane set lease_owner = null, lease_until = null")
    await stage.lease([seen.organization], most=1, seconds=60)
    return [one.invoice for one in await stage.claim({seen.organization: 100}, timeout=10)]


async def dispatch(at: Desk, seen: Integration) -> None:
    """Until nothing waits."""
    context, manner = at.context, Manner(pace=0)
    stage = Dispatch(dispatcher(at), context.trustmary, context.vault.secret, wake=asyncio.Event(), manner=manner)

    async def nothing_waits() -> bool:
        await stage.run_once()
        return not {"waiting", "attempting"} & set(await at.states(seen))

    async with stage:
        await eventually(nothing_waits)


async def removed(at: Desk, seen: Integration) -> bool:
    return (await at.again(seen)).state is State.REMOVED


async def test_saving_and_writing_an_invoice_of_the_same_company_do_not_wait_for_each_other(database: Database) -> None:
    async with desk(database) as at:
        seen = await at.connect()
        async with transaction(at) as ingest:
            await ingest.execute(
                "insert into invoice (integration, invoice, status, change, old) values ($1, 1, 'SENT', 1, false)",
                seen.id,
            )
            await asyncio.wait_for(lifecycle.pause(at.context, seen), 2)
            await at.context.log.lock(ingest, seen.partition)


async def test_a_removal_does_not_wait_for_an_invoice_that_is_being_written(database: Database) -> None:
    async with desk(database) as at:
        seen = await at.connect()
        async with transaction(at) as ingest:
            await ingest.execute(
                "insert into invoice (integration, invoice, status, change, old) values ($1, 1, 'SENT', 1, false)",
                seen.id,
            )
            await asyncio.wait_for(lifecycle.remove(at.context, seen), 3)


async def test_what_a_removal_finds_parked_is_withdrawn_too(database: Database) -> None:
    async with desk(database) as at:
        seen = await decided(at)
        await at.context.pool.execute("update delivery set state = 'parked', fingerprint = 'x' where invoice = 1")
        await lifecycle.remove(at.context, seen)
        await at.project(seen)
        assert await at.states(seen) == ["withdrawn", "withdrawn"]


async def test_a_call_that_fails_while_its_integration_is_removed_does_not_wait_for_ever(database: Database) -> None:
    async with desk(database) as at:
        seen = await decided(at, 1)
        await at.context.pool.execute("update delivery set state = 'attempting', attempts = 1")
        removing = asyncio.create_task(lifecycle.remove(at.context, seen))
        await eventually(partial(removed, at, seen))
        await at.project(seen)
        await at.context.pool.execute("update delivery set state = 'waiting', next_at = now() + interval '1 minute'")
        await removing
        assert await at.states(seen) == ["withdrawn"]
        reasons = [event.reason for _, event in await at.events(seen) if isinstance(event, ContactWithdrawn)]
        assert reasons == [Withdrawal.REMOVED]


async def test_what_is_decided_behind_a_save_that_drops_it_does_not_leave_in_between(database: Database) -> None:
    async with desk(database) as at:
        seen = await at.connect()
        seen = (await lifecycle.pause(at.context, seen)).integration
        await seen_sent(at, seen)
        await lifecycle.resume(at.context, seen, Waiting.DROP)
        head = (await at.context.log.heads())[seen.partition].position
        behind = await at.context.log.read(seen.partition, 0, head - 1)
        await projector(at).apply({seen.partition: behind})
        assert await at.states(seen) == ["waiting", "waiting"]
        assert await claim(at, seen) == []
        await at.project(seen)
        assert await at.states(seen) == ["withdrawn", "withdrawn"]


async def test_what_is_decided_late_is_decided_again_by_a_rule_that_was_saved_before(database: Database) -> None:
    async with desk(database) as at:
        seen = await at.connect()
        await seen_sent(at, seen, 3)
        late = at.context.log.read(seen.partition, 0, (await at.context.log.heads())[seen.partition].position)
        to_list = replace(at.trigger, destination=Destination(kind=DestinationKind.LISTS, lists=("a",)))
        behind = await late
        await triggers.save(at.context, await at.again(seen), to_list, waiting=Waiting.DECIDE_AGAIN)
        await projector(at).apply({seen.partition: behind})
        await at.project(seen)
        assert (await at.states(seen)).count("withdrawn") == 3
        calls = await at.context.pool.fetch("select call from delivery where state = 'waiting'")
        assert [row["call"] for row in calls] == ["lists"] * 3
        assert (await verify_partition(at.context.log, at.context.vault, seen.partition)).faults == ()


async def test_what_is_decided_behind_a_resume_that_sends_leaves_once_the_projector_is_there(
    database: Database,
) -> None:
    async with desk(database) as at:
        seen = (await lifecycle.pause(at.context, await decided(at))).integration
        await lifecycle.resume(at.context, seen, Waiting.SEND)
        await at.project(seen)
        assert await claim(at, seen) == [1, 2]


async def test_who_is_blocked_while_a_pause_lasts_is_not_sent_when_it_ends(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    async with desk(database) as at:
        seen = (await lifecycle.pause(at.context, await decided(at))).integration
        await blocks.add(at.context, await at.again(seen), "asiakas1@asiakas.fi")
        await lifecycle.resume(at.context, await at.again(seen), Waiting.SEND)
        await at.project(seen)
        await dispatch(at, seen)
        assert await at.states(seen) == ["withdrawn", "delivered"]
        [withdrawn] = [event for _, event in await at.events(seen) if isinstance(event, ContactWithdrawn)]
        assert withdrawn.reason is Withdrawal.BLOCKED
        assert [each.email for each in at.sandbox.world.books.arrivals] == ["asiakas2@asiakas.fi"]
        await at.project(seen)
        assert (await verify_partition(at.context.log, at.context.vault, seen.partition)).faults == ()
        [life] = await why(at.context, "10001")
        show_life(life, "Europe/Helsinki", at.context.settings.words)
        assert reasons.WITHDRAWALS[Withdrawal.BLOCKED].remedy in capsys.readouterr().out


async def test_what_somebody_has_locked_meanwhile_is_taken_back_all_the_same(database: Database) -> None:
    async with desk(database) as at:
        seen = (await lifecycle.pause(at.context, await decided(at))).integration
        await lifecycle.resume(at.context, seen, Waiting.DROP)
        async with transaction(at) as other:
            await other.execute("select from delivery where invoice = 1 for update")
            projecting = asyncio.create_task(at.project(seen))
            await asyncio.sleep(0.3)
        await projecting
        assert await at.states(seen) == ["withdrawn", "withdrawn"]
        left = await at.context.pool.fetchval(
            "select count(*) from delivery where next_at = 'infinity' and state = 'waiting'"
        )
        assert left == 0
