"""How a connection to Procountor stands: each state brought about, told once, and over without an invoice lost."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import UUID

import pytest
import pytest_asyncio

from events.connection import ConnectionBroken, ConnectionRestored, Reason
from eventually import eventually
from ingesting import Ingesting, ingesting
from memory.clock import Clock
from sandbox.company import NO_ACCESS
from sandbox.server import Sandbox
from sandbox.statuses import Status
from servers.postgres import Database
from worker.adapters.credentials import CredentialKind, Credentials, to_secret
from worker.ingest import Ingest

pytestmark = pytest.mark.integration


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest_asyncio.fixture
async def world(database: Database, clock: Clock) -> AsyncIterator[Ingesting]:
    async with Sandbox(companies=2, clock=clock) as sandbox, ingesting(database, sandbox) as found:
        found.clock = clock
        yield found


@pytest.fixture
def worker(world: Ingesting) -> Ingest:
    return world.worker()


@pytest_asyncio.fixture
async def integration(world: Ingesting, worker: Ingest, clock: Clock) -> UUID:
    """Connected and read to the end; since then an invoice was sent."""
    id = await world.connect()
    await world.settled(id, worker)
    clock.passes(1)
    world.sandbox.world.add_invoice(kind="named_contact", status=Status.SENT)
    return id


async def stands(world: Ingesting, worker: Ingest, integration: UUID, reason: Reason) -> None:
    """Turns until the connection stands so, and two more, which say nothing new."""

    async def told() -> bool:
        await world.due(integration)
        await worker.run_once()
        return bool(await world.pool.fetchval("select reason from connection") == reason)

    await eventually(told)
    failures = (await world.row(integration))["failures"]

    async def again() -> bool:
        await told()
        return bool((await world.row(integration))["failures"] >= failures + 2)

    await eventually(again)
    broken = [event.reason for event in await world.events() if isinstance(event, ConnectionBroken)]
    assert broken == [reason]
    assert await world.changes(integration) == []


async def recovers(world: Ingesting, worker: Ingest, integration: UUID) -> None:
    await world.settled(integration, worker)
    assert sum(isinstance(event, ConnectionRestored) for event in await world.events()) == 1
    assert await world.pool.fetchval("select state from connection") == "connected"
    [invoice] = world.sandbox.world.company().invoices.values()
    changes = await world.changes(integration)
    assert [(change.invoice_id, change.missing) for change in changes] == [(invoice.id, {})]


async def test_a_company_that_allows_no_api_clients_is_told_from_missing_rights(
    world: Ingesting, worker: Ingest, integration: UUID
) -> None:
    world.sandbox.world.switches.api_off_at = "call"
    world.sandbox.world.company().api_enabled = False
    await stands(world, worker, integration, Reason.NOT_ENABLED)
    world.sandbox.world.company().api_enabled = True
    await recovers(world, worker, integration)


async def test_missing_rights_are_told_as_such(world: Ingesting, worker: Ingest, integration: UUID) -> None:
    world.sandbox.world.switches.missing_rights_are_403 = True
    rights = world.sandbox.world.company().rights
    before, rights.sales_invoices = rights.sales_invoices, NO_ACCESS
    await stands(world, worker, integration, Reason.RIGHTS)
    rights.sales_invoices = before
    await recovers(world, worker, integration)


async def test_a_login_that_opens_another_company_reads_nothing_of_it(
    world: Ingesting, worker: Ingest, integration: UUID
) -> None:
    own, other = list(world.sandbox.world.companies.values())
    world.sandbox.world.add_invoice(company=other.id, status=Status.SENT)
    secret = await world.pool.fetchval("select procountor_secret from integration")
    for company in (other, own):
        key = Credentials(kind=CredentialKind.API_KEY, value=company.api_key)
        await world.vault.replace_secret(secret, to_secret(key))
        world.sandbox.world.access.expire_access_tokens()
        if company is other:
            await stands(world, worker, integration, Reason.OTHER_COMPANY)
    await recovers(world, worker, integration)


async def test_what_is_refused_in_the_middle_of_a_turn_is_not_taken_for_a_customer_without_rights(
    world: Ingesting, worker: Ingest, integration: UUID
) -> None:
    """The list of invoices comes still; with the customer left out nobody would be asked, ever."""
    world.sandbox.faults.replace("procountor.businesspartners=403,procountor.sessioninfo=403")
    await stands(world, worker, integration, Reason.NOT_ENABLED)
    world.sandbox.faults.clear()
    await recovers(world, worker, integration)


async def test_a_login_that_opens_another_company_in_the_middle_of_a_turn_reads_nothing_of_it(
    world: Ingesting, worker: Ingest, integration: UUID
) -> None:
    own, other = list(world.sandbox.world.companies.values())
    secret = await world.pool.fetchval("select procountor_secret from integration")
    for company in (other, own):
        key = Credentials(kind=CredentialKind.API_KEY, value=company.api_key)
        await world.vault.replace_secret(secret, to_secret(key))
        if company is other:
            world.sandbox.faults.replace("procountor.businesspartners=401:1x1")
            await stands(world, worker, integration, Reason.OTHER_COMPANY)
    world.sandbox.world.access.expire_access_tokens()
    await recovers(world, worker, integration)


async def test_a_service_that_is_down_is_told_once_it_lasts(
    world: Ingesting, worker: Ingest, integration: UUID
) -> None:
    world.sandbox.faults.replace("procountor=503")
    await fails_a_while(world, worker, integration)
    await stands(world, worker, integration, Reason.DOWN)
    world.sandbox.faults.clear()
    await recovers(world, worker, integration)


async def test_a_suspended_client_is_not_taken_for_missing_rights(
    world: Ingesting, worker: Ingest, integration: UUID
) -> None:
    world.sandbox.faults.replace("procountor=429_bare:1x1,procountor=403")
    await fails_a_while(world, worker, integration)
    await stands(world, worker, integration, Reason.SUSPENDED)
    world.sandbox.faults.clear()
    await recovers(world, worker, integration)


async def fails_a_while(world: Ingesting, worker: Ingest, integration: UUID) -> None:
    """One failure, which says nothing, and then time passes."""

    async def failed() -> bool:
        await worker.run_once()
        await world.due(integration)
        return bool((await world.row(integration))["failures"] >= 1)

    await world.due(integration)
    await eventually(failed)
    assert await world.pool.fetchval("select state from connection") == "connected"
    await world.pool.execute("update ingest set failing_since = now() - interval '1 hour'")
