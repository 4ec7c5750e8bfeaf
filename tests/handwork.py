"""A company at the sandbox whose stages are turned by hand: read, decided, delivered, reconciled."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

from desk import Desk, desk
from events.integration import Condition, Destination, FieldMapping, StartsSurveys, Trigger
from events.invoice import InvoiceStatusChanged
from events.reconcile import ContactChecked, State
from eventually import eventually
from servers.postgres import Database
from worker import reconciling
from worker.adapters.deliveries import Deliveries
from worker.adapters.invoices import Invoices, Rereading
from worker.dispatch import Dispatch, Manner
from worker.ingest import Ingest, Pace
from worker.operations import reconciling as operation
from worker.operations.integrations import Integration
from worker.operations.reconciling import Report
from worker.reading import Reader
from worker.reconciling import Reconciler
from worker.verify import verify_partition

FIELDS = FieldMapping(fields={"email": "person.email", "name": "person.name", "field_invoice": "invoice.id"})
QUICK = Pace(floor=timedelta(seconds=0.05), ceiling=timedelta(seconds=0.1), polls_per_second=1000)
NEVER = Rereading(first=timedelta(days=1))


@dataclass(slots=True)
class Office:
    """A company whose stages are turned by hand."""

    at: Desk
    integration: Integration
    stage: Dispatch
    trigger: Trigger
    ingest: Ingest = field(init=False)

    def __post_init__(self) -> None:
        context = self.at.context
        invoices = Invoices(context.pool, context.log, context.ringer, rereading=NEVER)
        reader = Reader(invoices=invoices, procountor=context.procountor)
        self.ingest = Ingest(invoices=invoices, reader=reader, worker=uuid4(), pace=QUICK)

    async def seen(self) -> Integration:
        return await self.at.again(self.integration)

    def invoice(self, *acts: str, **facts: Any) -> int:
        """Of a customer of its own."""
        world = self.at.sandbox.world
        number = world.add_invoice(customer=world.add_customer().id, total=100.0, **facts).id
        for act in acts:
            world.act(number, act)
        return number

    async def read(self) -> None:
        """A whole pass of ingest that begins after this call."""
        pool = self.at.context.pool
        before = await pool.fetchval("select polled_at from ingest")

        async def passed() -> bool:
            await self.ingest.run_once()
            row = await pool.fetchrow("select polled_at, reading, reached, lease_until from ingest")
            assert row is not None
            ended = row["reading"] == "live" and row["reached"] is None and row["lease_until"] is None
            return ended and row["polled_at"] != before

        await pool.execute("update ingest set due_at = now()")
        await eventually(passed)
        await self.at.project(self.integration)

    async def deliver(self) -> None:
        await self.read()

        async def settled() -> bool:
            await self.stage.run_once()
            return not {"waiting", "attempting"} & set(await self.at.states(self.integration))

        await eventually(settled)
        await self.at.project(self.integration)

    async def delivered(self, count: int = 1) -> list[int]:
        invoices = [self.invoice("approve", "send") for _ in range(count)]
        await self.deliver()
        return invoices

    def email(self, invoice: int) -> str:
        (found,) = {
            one.email for one in self.at.sandbox.books.arrivals if one.fields.get("field_invoice") == str(invoice)
        }
        return found

    def spoil(self, invoice: int, **state: Any) -> None:
        """As somebody would in Trustmary."""
        self.at.sandbox.world.set_contact(self.email(invoice), **state)

    async def pass_by(self, *acts: str) -> int:
        """An invoice that reading never meets: shown when its cursor is too far on."""
        world = self.at.sandbox.world
        hidden = self.invoice()
        world.hide(hidden)
        for act in acts:
            world.act(hidden, act)
        world.let_pass(180)
        self.invoice()
        await self.read()
        world.hide(hidden, hidden=False)
        return hidden

    async def paid_unseen(self, invoice: int) -> None:
        """Paid without a new version, once reading looks no further back than after it."""
        world = self.at.sandbox.world
        world.let_pass(180)
        self.invoice()
        await self.read()
        world.switches.version_on_payment = False
        world.act(invoice, "pay")
        await self.read()

    async def reconcile(self, **options: Any) -> Report:
        report = await operation.reconcile(self.at.context, await self.seen(), **options)
        await self.at.project(self.integration)
        found = await verify_partition(self.at.context.log, self.at.context.vault, self.integration.partition)
        assert not found.faults
        return report

    async def changes(self, invoice: int) -> list[InvoiceStatusChanged]:
        events = [event for _, event in await self.at.events(self.integration)]
        return [one for one in events if isinstance(one, InvoiceStatusChanged) and one.invoice_id == invoice]

    async def checked(self) -> list[State]:
        events = [event for _, event in await self.at.events(self.integration)]
        return [one.state for one in events if isinstance(one, ContactChecked)]

    def reconciler(self, **options: Any) -> Reconciler:
        context = self.at.context
        made = reconciling.reconciler(
            pool=context.pool,
            log=context.log,
            vault=context.vault,
            ringer=context.ringer,
            procountor=context.procountor,
            trustmary=context.trustmary,
            pace=0,
            worker=uuid4(),
        )
        return replace(made, **options)


@asynccontextmanager
async def opened(
    database: Database, statuses: Sequence[str] = ("SENT",), *, companies: int = 1
) -> AsyncIterator[Office]:
    trigger = Trigger(
        id=uuid4(),
        name="Lähetetyt",
        condition=Condition(statuses=frozenset(statuses)),
        mapping=FIELDS,
        destination=Destination(starts_surveys=StartsSurveys.NO),
    )
    async with desk(database, companies=companies) as at:
        at.sandbox.world.let_pass(-3600)  # what is then let pass is no time still to come
        integration = await at.connect(trigger=trigger)
        await at.project(integration)
        context = replace(at.context, settings=at.context.settings.model_copy(update={"trustmary_pace": 0}))
        at.context = context
        async with Dispatch(
            Deliveries(context.pool, context.log, context.ringer, context.vault.contact_key, worker=uuid4()),
            context.trustmary,
            context.vault.secret,
            wake=asyncio.Event(),
            manner=Manner(pace=0, timeout=2.0, lease=60.0),
        ) as stage:
            office = Office(at, integration, stage, trigger)
            await office.read()
            try:
                yield office
            finally:
                await office.ingest.close()
