"""An integration's story, told to a projector event by event, on real PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from events.codec import Event
from events.contact import ContactAdded
from events.envelope import Recorded
from events.integration import Configuration, IntegrationConnected, Trigger, TriggerSaved, Waiting
from events.invoice import InvoiceStatusChanged, Kind
from servers.postgres import Database
from worker.adapters.log import Draft, Log
from worker.adapters.postgres import Pool, Ringer, open_pool
from worker.adapters.sealing import MasterKey
from worker.adapters.vault import Vault
from worker.project import Projector
from worker.verify import verify_partition

PARTITION = 3
MAIJA = "maija.meikalainen@asiakas.fi"


@dataclass(slots=True)
class Teller:
    """Tells what happens to one integration, and what came of it in its partition."""

    pool: Pool
    log: Log
    vault: Vault
    projector: Projector
    integration: UUID = field(default_factory=uuid4)
    partition: int = PARTITION
    trigger: Trigger = field(default_factory=lambda: Trigger(id=uuid4(), name="Lähetetty"))

    async def tell(self, *events: Event) -> None:
        rows = await self.log.prepare([Draft(event=event) for event in events])
        async with self.pool.acquire() as connection, connection.transaction():
            await self.log.append(connection, self.partition, rows)

    async def connect(self, *also: Configuration) -> None:
        secret = uuid4()
        await self.pool.execute(
            "insert into integration (id, partition, version, state, company_id, organization, names, configuration)"
            " values ($1, $2, 1, 'active', $2::integer, 'esimerkki', '', '{}')",
            self.integration,
            self.partition,
        )
        connected = IntegrationConnected(
            integration=self.integration,
            id=uuid4(),
            company_id=1,
            organization="esimerkki",
            procountor_secret=secret,
            trustmary_secret=secret,
            baseline=None,
        )
        await self.tell(connected, self.saved(self.trigger), *also)

    def saved(self, trigger: Trigger, waiting: Waiting = Waiting.SEND) -> TriggerSaved:
        return TriggerSaved(integration=self.integration, id=uuid4(), trigger=trigger, waiting=waiting)

    def sent(
        self, invoice: int, *, email: str | None = MAIJA, change: int = 1, before: str | None = "NOT_SENT"
    ) -> InvoiceStatusChanged:
        person = {"name": "Maija Meikäläinen"} | ({"email": email} if email else {})
        return InvoiceStatusChanged(
            integration=self.integration,
            invoice_id=invoice,
            change=change,
            before=before,
            after="SENT",
            kind=Kind.LIVE,
            invoice={
                "id": invoice,
                "type": "SALES_INVOICE",
                "partnerId": 7,
                "invoiceSumInfo": [{"invoiceSumTotal": 10.0}],
            },
            customer={"id": 7, "contactPersons": [person]},
        )

    async def level(self) -> None:
        """Projects until the checkpoint stands at the head."""
        while (await self.projector.heal(self.partition)).applied:
            pass

    async def records(self) -> list[Recorded]:
        return await self.log.read(self.partition, 0, 10_000)

    async def said(self) -> list[str]:
        """The decisions and outcomes so far: type, or the reason where there is one."""
        events = await self.log.open(await self.records())
        return [
            str(getattr(event, "reason", None) or event.type) for event in events if event.type.startswith("Contact")
        ]

    async def added(self) -> list[ContactAdded]:
        return [event for event in await self.log.open(await self.records()) if isinstance(event, ContactAdded)]

    async def waiting(self) -> list[tuple[int, str, int]]:
        rows = await self.pool.fetch("select invoice, call, step from delivery where state = 'waiting' order by id")
        return [tuple(row) for row in rows]

    async def prove(self) -> None:
        found = await verify_partition(self.log, self.vault, self.partition)
        assert found.faults == ()
        assert found.undecided == 0


@asynccontextmanager
async def told(database: Database) -> AsyncIterator[Teller]:
    async with AsyncExitStack() as stack:
        pool = await open_pool(database.database_url)
        stack.push_async_callback(pool.close)
        vault = Vault(pool, MasterKey(key=b"m" * 32))
        log = Log(pool, vault)
        ringer = await stack.enter_async_context(Ringer(pool))
        yield Teller(pool, log, vault, Projector(pool=pool, log=log, vault=vault, ringer=ringer))
