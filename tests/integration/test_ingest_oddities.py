"""ingest through what is not known of Procountor, and through its faults: the same is recorded, once."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio

from eventually import eventually
from ingesting import QUICK, Ingesting, ingesting
from memory.clock import Clock
from sandbox.server import Sandbox
from sandbox.switches import Switches
from servers.postgres import Database
from worker.adapters.invoices import Rereading

pytestmark = pytest.mark.integration

POSITIONS: dict[str, dict[str, Any]] = {
    "as most likely": {},
    "no version moves": {"version_on_send": False, "version_on_payment": False},
    "ranges without their ends": {"version_range_inclusive": False},
    "stamps in UTC": {"local_zone": "UTC"},
    "an older plain version": {"plain_api_is_old": True},
    "empty is 404": {"empty_list_is_404": True},
    "empty is left out": {"empty_as": "absent"},
    "every position but the likely ones": {
        "version_on_send": False,
        "version_on_payment": False,
        "version_range_inclusive": False,
        "local_zone": "UTC",
        "plain_api_is_old": True,
        "empty_list_is_404": True,
        "empty_as": "absent",
        "repeated_keys": "refuse",
        "token_errors": "text",
        "error_shape": "constraintViolations",
    },
}
TROUBLE = ("drop", "half_close", "garbage", "truncated", "no_connection:400", "page:403", "page:200", "429_bare", "5xx")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest_asyncio.fixture
async def world(request: pytest.FixtureRequest, database: Database, clock: Clock) -> AsyncIterator[Ingesting]:
    switches = Switches(**POSITIONS[getattr(request, "param", "as most likely")])
    async with (
        Sandbox(seed=3, companies=2, history=12, clock=clock, switches=switches) as sandbox,
        ingesting(database, sandbox) as found,
    ):
        found.clock = clock
        yield found


@pytest.mark.parametrize("world", POSITIONS, indirect=True)
async def test_an_invoice_is_seen_sent_and_paid_whatever_is_true(world: Ingesting, clock: Clock) -> None:
    integration = await world.connect(statuses=("SENT", "PAID"))
    worker = world.worker(rereading=Rereading(first=timedelta(milliseconds=10), longest=timedelta(milliseconds=20)))
    clock.passes(1)
    invoice = world.sandbox.world.add_invoice(kind="named_contact", status="NOT_SENT", channel="EMAIL")
    await world.settled(integration, worker)
    for act, after in (("send", "SENT"), ("pay", "PAID")):
        clock.passes(300)
        world.sandbox.world.act(invoice.id, act)

        async def seen(status: str = after) -> bool:
            await world.settled(integration, worker)
            return (await world.steps(integration, invoice.id))[-1][1] == status

        await eventually(seen)
    assert await world.steps(integration, invoice.id) == [(None, "NOT_SENT"), ("NOT_SENT", "SENT"), ("SENT", "PAID")]
    last = (await world.changes(integration))[-1]
    assert last.missing == {}
    assert last.invoice["counterParty"]["counterPartyAddress"]["name"]
    assert last.customer is not None
    assert last.customer["contactPersons"][0]["email"]


async def test_two_companies_with_the_same_ids_are_two(database: Database, clock: Clock) -> None:
    switches = Switches(ids_of_each_company=True)
    async with (
        Sandbox(seed=3, companies=2, clock=clock, switches=switches) as sandbox,
        ingesting(database, sandbox) as world,
    ):
        world.clock, worker = clock, world.worker()
        homes = list(sandbox.world.companies)
        integrations = [await world.connect(home, partition=place) for place, home in enumerate(homes)]
        for each in integrations:
            await world.settled(each, worker)
        clock.passes(5)
        made = [sandbox.world.add_invoice(home, kind="named_contact", status="SENT") for home in homes]
        assert made[0].id == made[1].id
        for each, invoice in zip(integrations, made, strict=True):
            await world.settled(each, worker)
            [change] = await world.changes(each)
            assert (change.invoice_id, change.invoice["invoiceNumber"]) == (invoice.id, invoice.number)
            assert change.customer is not None
            name = sandbox.world.company(invoice.company).customers[change.customer["id"]].name
            assert change.customer["name"] == name
        assert len({change.customer["name"] for change in await world.changes() if change.customer}) == 2


async def test_through_all_its_faults_nothing_is_missed_or_seen_twice(world: Ingesting, clock: Clock) -> None:
    integration = await world.connect()
    worker = world.worker(size=8, pace=QUICK)
    await world.settled(integration, worker)
    world.sandbox.faults.replace(",".join(f"procountor={fault}:0.05" for fault in TROUBLE))
    made = []
    for _ in range(6):
        clock.passes(20)
        made += [world.sandbox.world.add_invoice(kind="named_contact", status="SENT").id for _ in range(5)]
        await world.settled(integration, worker)
    world.sandbox.faults.clear()
    await world.settled(integration, worker)
    live = [change for change in await world.changes(integration) if change.invoice_id in made]
    assert Counter(change.invoice_id for change in live) == dict.fromkeys(made, 1)


async def test_a_maintenance_window_and_a_suspension_pass_and_nothing_is_missed(world: Ingesting, clock: Clock) -> None:
    integration, worker = await world.connect(), world.worker()
    await world.settled(integration, worker)
    made = []
    trouble: tuple[tuple[str, dict[str, object]], ...] = (
        ("procountor=maintenance:600:1x1", {}),
        ("", {"requests_per_second": 1, "suspended_after": 1}),
    )
    for spec, changes in trouble:
        world.sandbox.faults.replace(spec)
        world.sandbox.switches.throw(changes)
        clock.passes(5)
        made.append(world.sandbox.world.add_invoice(status="SENT").id)

        async def failed() -> bool:
            await world.due(integration)
            await worker.run_once()
            return bool((await world.row(integration))["failures"])

        await eventually(failed)
        clock.passes(601)
        world.sandbox.faults.clear()
        world.sandbox.switches.requests_per_second = 0
        await world.settled(integration, worker)
        assert await world.pool.fetchval("select state from connection") == "connected"
    assert [change.invoice_id for change in await world.changes(integration) if change.invoice_id in made] == made
