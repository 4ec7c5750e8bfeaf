"""Many companies and several workers: each change once, everybody's turn comes, and the dead are replaced."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio

import ingesting as tools
from events.invoice import Kind
from eventually import eventually
from ingesting import QUICK, Ingesting, ingesting
from sandbox.server import Sandbox
from sandbox.statuses import Status
from servers.postgres import Database
from worker.adapters.budget import MOST, Budget

pytestmark = pytest.mark.integration


@pytest_asyncio.fixture
async def world(database: Database) -> AsyncIterator[Ingesting]:
    async with Sandbox(companies=12, customers=7) as sandbox, ingesting(database, sandbox) as found:
        yield found


async def seen(world: Ingesting) -> Counter[str]:
    """How many changes to SENT stand in the log, by invoice stream."""
    rows = await world.pool.fetch(
        "select stream, count(*) from event where type = 'InvoiceStatusChanged' and data->>'after' = 'SENT' group by 1"
    )
    return Counter({row["stream"]: row["count"] for row in rows})


async def test_two_workers_on_the_same_integrations_append_each_change_once(world: Ingesting) -> None:
    for place, company in enumerate(world.sandbox.world.companies):
        await world.connect(company, partition=place % 4, reading="live")
    workers = [world.worker(size=5), world.worker(size=5), world.worker(size=5)]
    async with world.running(*workers):
        flow = world.sandbox.start_flow(count=150, per_second=75)
        await flow

        async def all_seen() -> bool:
            return len(await seen(world)) == 150

        await eventually(all_seen)
    assert set((await seen(world)).values()) == {1}
    changes = await world.changes()
    for stream in {change.stream for change in changes}:
        numbers = [change.change for change in changes if change.stream == stream]
        assert numbers == list(range(1, len(numbers) + 1))
    assert await world.pool.fetchval("select count(*) from ingest where lease_owner is not null") == 0


async def test_a_killed_workers_lease_is_taken_over_within_ten_seconds(database: Database, world: Ingesting) -> None:
    integration = await world.connect(reading="live")
    world.sandbox.faults.add("procountor.invoices=latency:600000")  # it dies in the middle of a turn
    arguments = [
        database.database_url,
        world.sandbox.procountor_url,
        world.sandbox.client_id,
        world.sandbox.client_secret,
    ]
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(Path(tools.__file__).with_name("reading_process.py")), *arguments
    )
    try:

        async def leased() -> bool:
            return (await world.row(integration))["lease_owner"] is not None

        await eventually(leased)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    world.sandbox.faults.clear()
    invoice = world.sandbox.world.add_invoice(status=Status.SENT)
    async with world.running(world.worker()):

        async def taken_over() -> bool:
            return [change.invoice_id for change in await world.changes(integration)] == [invoice.id]

        await eventually(taken_over)


async def test_a_worker_that_stops_leaves_no_lease_behind(world: Ingesting) -> None:
    integration = await world.connect(reading="live")
    world.sandbox.faults.add("procountor.invoices=latency:600000")
    worker = world.worker()
    assert await worker.run_once()
    assert (await world.row(integration))["lease_owner"] is not None
    await worker.close()
    row = await world.row(integration)
    assert (row["lease_owner"], row["failures"]) == (None, 0)


async def test_a_slow_turn_keeps_its_lease(world: Ingesting) -> None:
    integration = await world.connect(reading="live")
    world.sandbox.faults.add("procountor.invoices=latency:900:1x1")
    slow, other = [world.worker(pace=replace(QUICK, lease=timedelta(seconds=0.3))) for _ in range(2)]
    async with world.running(slow, other):

        async def polled() -> bool:
            return (await world.row(integration))["polled_at"] is not None

        await eventually(polled)
        routes = world.sandbox.procountor_meter.report()["routes"]
    assert isinstance(routes, dict)
    assert routes["procountor.token.post"] == 1


async def test_one_company_that_brings_the_unforeseen_does_not_stop_the_others(world: Ingesting) -> None:
    companies = list(world.sandbox.world.companies)
    first, second = [await world.connect(company, reading="live") for company in companies[:2]]
    await world.pool.execute("update ingest set cursor = 'nonsense' where integration = $1", first)
    invoice = world.sandbox.world.add_invoice(companies[1], status=Status.SENT)
    async with world.running(world.worker()):

        async def read() -> bool:
            return [change.invoice_id for change in await world.changes(second)] == [invoice.id]

        await eventually(read)
    assert (await world.row(first))["failure"] == "ValueError"


async def test_a_paused_integration_is_read_on_and_a_removed_one_is_not(world: Ingesting) -> None:
    companies = list(world.sandbox.world.companies)
    paused, removed = [await world.connect(company, reading="live") for company in companies[:2]]
    await world.pool.execute("update integration set state = 'paused' where id = $1", paused)
    await world.pool.execute("update integration set state = 'removed' where id = $1", removed)
    sent, left = [world.sandbox.world.add_invoice(company, status=Status.SENT) for company in companies[:2]]
    assert sent.id != left.id
    await world.settled(paused, world.worker())
    assert [change.invoice_id for change in await world.changes()] == [sent.id]
    assert (await world.row(removed))["polled_at"] is None


async def test_connecting_a_company_with_many_drafts_reads_them_all(world: Ingesting) -> None:
    drafts = [world.sandbox.world.add_invoice(status=Status.NOT_SENT, created="2026-01-05T10:00:00") for _ in range(45)]
    integration = await world.connect()
    await world.settled(integration, world.worker(size=10, pages=2))
    changes = await world.changes(integration)
    assert {change.invoice_id for change in changes} == {draft.id for draft in drafts}
    assert len(changes) == 45
    assert {change.kind for change in changes} == {Kind.BASELINE}


@pytest.mark.measured
async def test_one_greedy_company_does_not_starve_a_hundred_others(database: Database) -> None:
    async with Sandbox(companies=101, customers=7) as sandbox, ingesting(database, sandbox) as world:
        hungry_company, *others = sandbox.world.companies
        hungry = await world.connect(hungry_company, reading="live")
        for place, company in enumerate(others):
            await world.connect(company, partition=place % 16, reading="live")
        thousands = [sandbox.world.add_invoice(hungry_company, status=Status.SENT).id for _ in range(2000)]
        for company in others:
            sandbox.world.add_invoice(company, status=Status.SENT)

        async def send_them_again_and_again() -> None:
            while True:
                for invoice in thousands[:200]:
                    sandbox.world.act(invoice, "send")
                thousands.extend(thousands[:200])
                del thousands[:200]
                await asyncio.sleep(0.05)

        worker = world.worker(budget=Budget(world.pool), pace=replace(QUICK, at_once=1, floor=timedelta(seconds=5)))

        async def others_seen() -> bool:
            return sum(str(hungry) not in stream for stream in await seen(world)) == 100

        async def all_seen() -> bool:
            return len(await seen(world)) == 2100

        async with world.running(worker):
            churning = asyncio.create_task(send_them_again_and_again())
            try:
                await eventually(others_seen)
            finally:
                churning.cancel()
            # Its pass never ended, and yet it had no more turns than the others needed.
            requests = sandbox.procountor_meter.report()["tenants"]
            assert isinstance(requests, dict)
            assert requests[str(hungry_company)]["total"] < sandbox.procountor_meter.total / 2
            await eventually(all_seen)
        assert set((await seen(world)).values()) == {1}
        assert sandbox.procountor_meter.max_in_any_second() <= MOST
