"""What lay in Procountor before connecting: read when a person asks, recorded, fired by nothing, sent by a replay."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from desk import Desk, desk
from events.attention import Cause
from events.errors import Misconfigured, Unavailable
from events.integration import FieldMapping
from events.invoice import InvoiceStatusChanged, Kind
from events.plan import Class
from events.replay import Reach
from eventually import eventually
from office import ALL, Office, manned
from sandbox.statuses import Status
from servers.postgres import Database
from worker.adapters.invoices import Invoices
from worker.ingest import Ingest
from worker.operations import attention, backfilling, lifecycle, planning, reconciling
from worker.operations.integrations import Integration
from worker.reading import Reader

pytestmark = pytest.mark.integration
HISTORY = 3
BY_NUMBER = FieldMapping(fields={"email": "person.email", "name": "invoice.invoiceNumber", "phone": "customer.name"})


@pytest_asyncio.fixture
async def office(database: Database) -> AsyncIterator[Office]:
    """Connected when some invoices had been sent already."""
    async with desk(database) as at:
        world = at.sandbox.world
        for _ in range(HISTORY):
            invoice = world.add_invoice(customer=world.add_customer(kind="named_contact").id, total=100.0).id
            world.act(invoice, "approve")
            world.act(invoice, "send")
        async with manned(at) as made:
            yield made


@asynccontextmanager
async def deciding(at: Desk, seen: Integration) -> AsyncIterator[None]:
    """Beside whatever is done: a worker decides."""

    async def go_on() -> None:
        while True:
            await at.project(seen)
            await asyncio.sleep(0.05)

    worker = asyncio.create_task(go_on())
    try:
        yield
    finally:
        worker.cancel()
        await asyncio.gather(worker, return_exceptions=True)


async def read(office: Office, *, days: int = 30) -> int:
    async with deciding(office.at, office.integration):
        return await backfilling.read(office.at.context, office.integration, days=days)


async def changes(office: Office) -> Sequence[InvoiceStatusChanged]:
    found = [event for _, event in await office.at.events(office.integration)]
    return [event for event in found if isinstance(event, InvoiceStatusChanged)]


async def ingested(office: Office) -> None:
    """A pass of ingest that begins after this call."""
    context = office.at.context
    invoices = Invoices(context.pool, context.log, context.ringer)
    ingest = Ingest(
        invoices=invoices,
        reader=Reader(invoices=invoices, procountor=context.procountor),
        worker=UUID(int=1),
    )
    before = await context.pool.fetchval("select polled_at from ingest")
    await context.pool.execute("update ingest set due_at = now()")

    async def passed() -> bool:
        await ingest.run_once()
        return bool(await context.pool.fetchval("select polled_at from ingest") != before)

    await eventually(passed)
    await office.at.project(office.integration)


async def test_a_plan_of_the_past_finds_nothing_until_it_is_read_and_then_sends_it(office: Office) -> None:
    with pytest.raises(Misconfigured, match="Nothing of"):
        await office.plan()
    assert await read(office) == HISTORY
    assert {(one.kind, one.old, one.change) for one in await changes(office)} == {(Kind.BACKFILL, True, 1)}
    assert await office.at.states(office.integration) == [], "it fires nothing by itself"
    kept = await office.plan()
    assert kept.plan.counts[Class.NEW] == HISTORY
    await office.apply(kept, Reach.CONTACT)
    await office.carry_out(kept)
    assert len(office.arrived()) == HISTORY


async def test_what_is_known_is_not_read_again(office: Office) -> None:
    told: list[tuple[int, int]] = []
    async with deciding(office.at, office.integration):
        await backfilling.read(
            office.at.context, office.integration, days=30, progress=lambda done, of: told.append((done, of))
        )
    assert told == [(0, HISTORY), (HISTORY, HISTORY)]
    assert await read(office) == 0
    assert len(await changes(office)) == HISTORY


async def test_only_so_many_days_are_read(database: Database) -> None:
    async with desk(database) as at:
        world = at.sandbox.world
        home, now = world.company(), world.clock()
        for days in (40, 20):
            made = world.stamp(now - timedelta(days=days))
            home.move(world.add_invoice(created=made), Status.SENT, made)
        async with manned(at) as office:
            assert await read(office, days=30) == 1
            assert await read(office, days=50) == 1


async def test_what_happens_to_it_later_is_recorded_and_fires_nothing(office: Office) -> None:
    await ingested(office)
    await read(office)
    paid = next(one for one in await changes(office) if one.after == "SENT").invoice_id
    office.at.sandbox.world.act(paid, "pay")
    await ingested(office)
    last = [one for one in await changes(office) if one.invoice_id == paid][-1]
    assert (last.change, last.kind, last.old, last.after) == (2, Kind.LIVE, True, "PAID")
    assert await office.at.states(office.integration) == []
    await office.prove()


async def test_it_is_nothing_that_waits_for_a_person(office: Office) -> None:
    await ingested(office)
    await read(office)
    since = datetime(2000, 1, 1, tzinfo=UTC)
    assert await reconciling.late(office.at.context, {office.integration.id}, since=since, only=None) == []
    found = await attention.find(office.at.context, causes=frozenset({Cause.FOUND_LATE, Cause.UNASKED}))
    assert found.concerns == ()


async def test_without_a_worker_nothing_is_planned_on_half_of_it(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backfilling, "PATIENCE", 0.1)
    with pytest.raises(Unavailable, match="no worker has come to it yet"):
        await backfilling.read(office.at.context, office.integration, days=30)
    await office.at.project(office.integration)
    assert (await planning.plan(office.at.context, await office.seen(), ALL)).plan.looked_at > 0


async def test_a_removed_one_has_no_past_to_be_read(office: Office) -> None:
    await lifecycle.remove(office.at.context, office.integration)
    with pytest.raises(Misconfigured, match="no past to be read"):
        await backfilling.read(office.at.context, await office.seen(), days=30)


@dataclass(slots=True)
class Customer:
    """Whose invoices are told apart by the name that they give the contact: their own number."""

    office: Office
    id: int

    def sent_before(self, days: int, *, paid: int | None = None) -> int:
        """An invoice that was made and sent so many days ago, and *paid* so many."""
        world = self.office.at.sandbox.world
        home, made = world.company(), world.stamp(world.clock() - timedelta(days=days))
        invoice = world.add_invoice(customer=self.id, created=made, total=100.0)
        home.move(invoice, Status.SENT, made)
        if paid is not None:
            home.move(invoice, Status.PAID, world.stamp(world.clock() - timedelta(days=paid)))
        return invoice.id

    async def sent_now(self) -> int:
        """Seen live, and carried to Trustmary."""
        world = self.office.at.sandbox.world
        invoice = world.add_invoice(customer=self.id, total=100.0).id
        world.act(invoice, "approve")
        world.act(invoice, "send")
        await self.seen(invoice, "SENT")
        await self.office.deliver()
        return invoice

    async def paid_now(self, invoice: int) -> None:
        self.office.at.sandbox.world.act(invoice, "pay")
        await self.seen(invoice, "PAID")

    async def seen(self, invoice: int, status: str) -> None:
        async def there() -> bool:
            await ingested(self.office)
            return any((one.invoice_id, one.after) == (invoice, status) for one in await changes(self.office))

        await eventually(there)

    async def planned(self, **wanted: Any) -> list[tuple[str, str | None, int, tuple[int, ...]]]:
        """What a plan says of the customer: what, why not, which invoice carries it and which do not."""
        kept = await self.office.plan(**wanted)
        mine = [item for item in kept.plan.items if item.partner == self.id]
        return [(item.kind.value, item.reason, item.invoice, item.others) for item in mine]

    async def replayed(self) -> None:
        kept = await self.office.plan()
        await self.office.apply(kept, Reach.CONTACT)
        await self.office.carry_out(kept)


@pytest_asyncio.fixture
async def customer(office: Office) -> Customer:
    """Whose next invoice is made in a later second than the company was connected."""
    world = office.at.sandbox.world
    connected = world.stamp()
    await eventually(lambda: world.stamp() > connected)
    return Customer(office, world.add_customer(kind="named_contact").id)


async def test_what_was_sent_before_connecting_is_older_than_what_was_seen_live(customer: Customer) -> None:
    before, live = customer.sent_before(20), await customer.sent_now()
    await read(customer.office)
    assert await customer.planned() == [("same", None, live, (before,))]


async def test_of_what_was_sent_before_connecting_the_invoice_made_last_is_the_newest(customer: Customer) -> None:
    first, second = customer.sent_before(20, paid=2), customer.sent_before(10)
    await read(customer.office)
    assert await customer.planned() == [("new", None, second, (first,))]


async def test_an_old_invoice_that_is_paid_later_is_no_newer_for_it(customer: Customer) -> None:
    before, live = customer.sent_before(20), await customer.sent_now()
    await customer.paid_now(before)
    assert await customer.planned() == [("same", None, live, (before,))]


async def test_what_a_replay_has_sent_of_the_past_is_held_against_it_by_the_same_order(customer: Customer) -> None:
    first, second = customer.sent_before(20, paid=2), customer.sent_before(10)
    await read(customer.office)
    await customer.replayed()
    await customer.office.save(mapping=BY_NUMBER)
    assert await customer.planned() == [("changed", None, second, (first,))]
    world = customer.office.at.sandbox.world
    middle = (world.clock() - timedelta(days=15)).date()
    assert await customer.planned(dated_to=middle) == [("blocked", "newer_sent", first, ())]
    live = await customer.sent_now()
    assert await customer.planned() == [("same", None, live, (first, second))]
