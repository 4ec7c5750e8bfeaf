"""ingest against the sandbox and a real database: connected as an operator's `connect` would leave it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from math import inf
from typing import Any
from uuid import UUID, uuid4

import aiohttp

from events import codec
from events.integration import Condition, Rules, Trigger
from events.invoice import InvoiceStatusChanged
from sandbox.server import Sandbox
from servers.postgres import Database
from worker.adapters.budget import Budget
from worker.adapters.credentials import CredentialKind, Credentials, to_secret
from worker.adapters.invoices import Invoices, Rereading
from worker.adapters.log import Log
from worker.adapters.postgres import Pool, Ringer, open_pool
from worker.adapters.procountor import Procountor
from worker.adapters.vault import MasterKey, Vault
from worker.ingest import Ingest, Pace
from worker.reading import Reader

QUICK = Pace(floor=timedelta(seconds=0.05), ceiling=timedelta(seconds=1), polls_per_second=1000)


class Unlimited:
    """A budget for tests that ask for something else than the budget."""

    async def draw(self, *, live: bool = True) -> float:
        return inf


@dataclass(slots=True, kw_only=True)
class Ingesting:
    sandbox: Sandbox
    pool: Pool
    vault: Vault
    log: Log
    ringer: Ringer
    session: aiohttp.ClientSession
    clock: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))

    async def connect(
        self,
        company: int | None = None,
        *,
        partition: int = 0,
        statuses: Collection[str] = ("SENT",),
        reading: str = "baseline",
        credentials: Credentials | None = None,
    ) -> UUID:
        """An integration with one trigger; its cursor is the newest version, as `connect` takes it."""
        home = self.sandbox.world.company(company)
        id = uuid4()
        given = credentials or Credentials(kind=CredentialKind.API_KEY, value=home.api_key)
        secret = await self.vault.put_secret("procountor", to_secret(given))
        trigger = Trigger(id=uuid4(), name="sent", condition=Condition(statuses=frozenset(statuses)))
        rules = Rules(integration=id, version=1, organization="organization", triggers={trigger.id: trigger})
        newest = home.versions[-1][0] if home.versions else ""
        await self.pool.execute(
            """
            insert into integration
                (id, partition, version, state, company_id, organization, names, procountor_secret, configuration)
            values ($1, $2, 1, 'active', $3, $4, $5, $6, $7)
            """,
            id,
            partition,
            home.id,
            str(id),
            self.vault.seal_names(id, {"company": home.name}),
            secret,
            codec.rules_to_json(rules),
        )
        await self.pool.execute(
            "insert into connection (integration, service, state) values ($1, 'procountor', 'connected')", id
        )
        await self.pool.execute(
            "insert into ingest (integration, cursor, baseline, reading) values ($1, $2, $2, $3)", id, newest, reading
        )
        return id

    async def name(self, integration: UUID, *types: str) -> None:
        """Its trigger wants documents of *types* from now on."""
        rules = codec.rules_from_json(
            await self.pool.fetchval("select configuration from integration where id = $1", integration)
        )
        [trigger] = rules.triggers.values()
        wanted = replace(trigger, condition=replace(trigger.condition, types=frozenset(types)))
        saved = codec.rules_to_json(replace(rules, triggers={trigger.id: wanted}))
        await self.pool.execute("update integration set configuration = $2 where id = $1", integration, saved)

    def procountor(self, budget: Any = None, **options: Any) -> Procountor:
        return Procountor(
            self.session,
            url=self.sandbox.procountor_url,
            client_id=self.sandbox.client_id,
            client_secret=self.sandbox.client_secret,
            budget=budget or Unlimited(),
            secrets=self.vault,
            **options,
        )

    def worker(
        self,
        *,
        pace: Pace = QUICK,
        budget: Budget | None = None,
        size: int = 200,
        pages: int = 3,
        rereading: Rereading | None = None,
    ) -> Ingest:
        invoices = Invoices(self.pool, self.log, self.ringer, rereading=rereading or Rereading())
        reader = Reader(invoices=invoices, procountor=self.procountor(budget), clock=self.clock, size=size, pages=pages)
        return Ingest(invoices=invoices, reader=reader, worker=uuid4(), pace=pace, jitter=lambda: 0.5)

    @asynccontextmanager
    async def running(self, *workers: Ingest) -> AsyncIterator[None]:
        """The workers in loops, as a process would run them."""
        tasks = [asyncio.create_task(_loop(worker)) for worker in workers]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
            for worker in workers:
                await worker.close()
            for one in ended:
                if isinstance(one, Exception):
                    raise one

    async def changes(self, integration: UUID | None = None) -> list[InvoiceStatusChanged]:
        """Every recorded change in the order of the log."""
        events = [event for event in await self.events() if isinstance(event, InvoiceStatusChanged)]
        return [event for event in events if integration in (None, event.integration)]

    async def events(self) -> list[codec.Event]:
        found: list[codec.Event] = []
        for partition, head in (await self.log.heads()).items():
            if head.position:
                found += await self.log.open(await self.log.read(partition, 0, head.position))
        return found

    async def steps(self, integration: UUID, invoice: int) -> list[tuple[str | None, str]]:
        return [
            (change.before, change.after) for change in await self.changes(integration) if change.invoice_id == invoice
        ]

    async def row(self, integration: UUID) -> Any:
        return await self.pool.fetchrow("select * from ingest where integration = $1", integration)

    async def due(self, integration: UUID) -> None:
        await self.pool.execute("update ingest set due_at = now() where integration = $1", integration)

    async def settled(self, integration: UUID, worker: Ingest) -> None:
        """Reads until a whole live pass that began after this call has ended well."""
        began = False
        for _ in range(200):
            before = await self.row(integration)
            began |= before["reading"] == "live" and before["reached"] is None
            await self.due(integration)
            while await worker.run_once():
                row = await self.row(integration)
                if row["lease_until"] is None:
                    break
            row = await self.row(integration)
            if began and row["reached"] is None and row["polled_at"] != before["polled_at"]:
                return
        raise AssertionError(f"not level: {dict(row)}")


async def _loop(worker: Ingest) -> None:
    while True:
        if not await worker.run_once():
            await asyncio.sleep(0.01)


@asynccontextmanager
async def ingesting(database: Database, sandbox: Sandbox) -> AsyncIterator[Ingesting]:
    async with AsyncExitStack() as stack:
        pool = await open_pool(database.database_url)
        stack.push_async_callback(pool.close)
        vault = Vault(pool, MasterKey(key=bytes(range(32))))
        ringer = await stack.enter_async_context(Ringer(pool))
        session = await stack.enter_async_context(aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)))
        yield Ingesting(sandbox=sandbox, pool=pool, vault=vault, log=Log(pool, vault), ringer=ringer, session=session)
