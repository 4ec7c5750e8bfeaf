"""How a connection to Procountor stands: each state brought about, told once, and over without an invoice lost."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from events.connection import ConnectionBroken, ConnectionRestored, Reason
from events.invoice import Kind
from eventually import eventually
from ingesting import Ingesting, ingesting
from memory.clock import Clock
from sandbox.company import NO_ACCESS
from sandbox.server import Sandbox
from sandbox.statuses import Status
from servers.postgres import Database
from worker.adapters.credentials import CredentialKind, Credentials, to_secret
from worker.ingest import Ingest
from worker.reading import BELIEVED

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
    assert await broken(world) == [reason]
    assert await world.changes(integration) == []


async def broken(world: Ingesting) -> list[str]:
    return [event.reason for event in await world.events() if isinstance(event, ConnectionBroken)]


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


LOST = (NO_ACCESS, "NOT_ENABLED")
"""The levels of a right that is not there."""


@pytest_asyncio.fixture
async def read(world: Ingesting, worker: Ingest, clock: Clock) -> UUID:
    """Connected and read to the end, as far as an invoice that was sent since."""
    id = await world.connect()
    await world.settled(id, worker)
    clock.passes(1)
    world.sandbox.world.add_invoice(status=Status.SENT)
    await world.settled(id, worker)
    assert len(await world.changes(id)) == 1
    return id


async def turns(world: Ingesting, worker: Ingest, integration: UUID, reason: Reason | None) -> None:
    """A turn that ends with the connection so; where nothing is refused it went well."""
    fence = (await world.row(integration))["fence"]
    await world.due(integration)

    async def ended() -> bool:
        await worker.run_once()
        row = await world.row(integration)
        return row["lease_until"] is None and row["fence"] > fence

    await eventually(ended)
    assert await world.pool.fetchval("select reason from connection") == reason
    assert ((await world.row(integration))["failures"] == 0) is (reason is None)


def asked(world: Ingesting) -> int:
    """How often anybody asked for rights."""
    routes: Any = world.sandbox.procountor_meter.report()["routes"]
    return int(routes.get("procountor.users.get", 0))


@pytest.mark.parametrize("level", LOST)
async def test_a_lost_right_that_shows_as_an_empty_list_is_told_at_once_and_loses_nothing(
    world: Ingesting, worker: Ingest, clock: Clock, read: UUID, level: str
) -> None:
    stood = (await world.row(read))["cursor"]
    rights = world.sandbox.world.company().rights
    before, rights.sales_invoices = rights.sales_invoices, level
    for _ in range(3):
        clock.passes(90)
        world.sandbox.world.add_invoice(status=Status.SENT)
        await turns(world, worker, read, Reason.RIGHTS)
    assert await broken(world) == [Reason.RIGHTS]
    assert (await world.row(read))["cursor"] == stood
    assert len(await world.changes(read)) == 1

    rights.sales_invoices = before
    await world.settled(read, worker)
    assert await world.pool.fetchval("select state from connection") == "connected"
    assert {change.invoice_id for change in await world.changes(read)} == set(world.sandbox.world.company().invoices)
    assert {change.kind for change in await world.changes(read)} == {Kind.LIVE}


async def test_rights_are_not_asked_for_while_the_list_shows_something(
    world: Ingesting, worker: Ingest, read: UUID
) -> None:
    before = asked(world)
    for _ in range(3):
        await turns(world, worker, read, None)
    assert asked(world) == before


async def test_a_newest_invoice_that_is_gone_breaks_nothing_and_is_not_asked_about_at_every_pass(
    world: Ingesting, worker: Ingest, clock: Clock, read: UUID
) -> None:
    [invoice] = world.sandbox.world.company().invoices
    world.sandbox.world.hide(invoice)
    clock.passes(BELIEVED.total_seconds())
    before = asked(world)
    for _ in range(4):
        await turns(world, worker, read, None)
    assert asked(world) == before + 1
    clock.passes(BELIEVED.total_seconds())
    for _ in range(4):
        await turns(world, worker, read, None)
    assert asked(world) == before + 2
    assert await broken(world) == []


async def test_a_company_that_never_had_an_invoice_is_told_of_its_lost_right_before_long(
    world: Ingesting, worker: Ingest, clock: Clock
) -> None:
    integration = await world.connect()
    await world.settled(integration, worker)
    world.sandbox.world.company().rights.sales_invoices = NO_ACCESS
    await turns(world, worker, integration, None)
    clock.passes(BELIEVED.total_seconds())
    world.sandbox.world.add_invoice(status=Status.SENT)
    await turns(world, worker, integration, Reason.RIGHTS)
    world.sandbox.world.company().rights.sales_invoices = "VIEWING_RIGHTS"
    await recovers(world, worker, integration)


async def test_who_sees_only_its_own_invoices_has_the_right(
    world: Ingesting, worker: Ingest, clock: Clock, read: UUID
) -> None:
    home = world.sandbox.world.company()
    home.rights.personal_sales_invoices_only = True
    for invoice in home.invoices.values():
        invoice.creator = home.colleague
    clock.passes(BELIEVED.total_seconds())
    await turns(world, worker, read, None)
    assert await broken(world) == []


async def test_a_right_that_is_lost_during_the_first_reading_hides_no_invoice_that_was_waiting_to_be_sent(
    world: Ingesting, worker: Ingest, clock: Clock
) -> None:
    """Read as over, it would let what is sent later pass for old."""
    waiting = world.sandbox.world.add_invoice(status=Status.NOT_SENT).id
    clock.passes(1)
    integration = await world.connect()
    world.sandbox.world.company().rights.sales_invoices = NO_ACCESS
    await turns(world, worker, integration, Reason.RIGHTS)
    assert (await world.row(integration))["reading"] == "baseline"
    world.sandbox.world.company().rights.sales_invoices = "ALL_RIGHTS"
    await world.settled(integration, worker)
    clock.passes(1)
    world.sandbox.world.move(waiting, Status.SENT)
    await world.settled(integration, worker)
    last = (await world.changes(integration))[-1]
    assert (last.invoice_id, last.after, last.old) == (waiting, "SENT", False)


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


async def test_a_worker_that_starts_later_knows_the_suspension_too(
    world: Ingesting, worker: Ingest, integration: UUID
) -> None:
    world.sandbox.faults.replace("procountor=429_bare:1x1,procountor=403")
    await fails_a_while(world, worker, integration)
    other = world.worker()
    await stands(world, other, integration, Reason.SUSPENDED)
    # It is as long as it lasts, however long ago it was said.
    await world.pool.execute("update budget set limited_at = now() - interval '1 day'")
    await stands(world, world.worker(), integration, Reason.SUSPENDED)
    world.sandbox.faults.clear()
    await recovers(world, other, integration)


async def test_a_limit_that_is_over_makes_no_suspension_of_a_company_that_allows_no_clients(
    world: Ingesting, worker: Ingest, integration: UUID
) -> None:
    """Procountor has served somebody since it asked for less."""
    own, other = world.sandbox.world.companies
    second = await world.connect(other, partition=1)
    world.sandbox.faults.replace(f"procountor@{own}=429_bare:1x1,procountor@{own}=403")
    await world.due(integration)
    await eventually(lambda: failed_once(world, worker, integration))
    await world.settled(second, worker)
    # What has gone well is noted every 15 seconds at most.
    await world.pool.execute("update connection set last_good_at = now() where integration = $1", second)

    async def told() -> bool:
        await failed_once(world, worker, integration)
        reasons = await world.pool.fetch("select reason from connection where integration = $1", integration)
        return [row["reason"] for row in reasons] == [Reason.NOT_ENABLED]

    await eventually(told)


async def failed_once(world: Ingesting, worker: Ingest, integration: UUID) -> bool:
    await worker.run_once()
    await world.due(integration)
    return bool((await world.row(integration))["failures"])


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
