"""What every benchmark stands on: a real database of its own, integrations, and invoices with pictures of 3 kB."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from events.codec import Event
from events.integration import OFF, IntegrationConnected, Settings, SettingsSaved, Trigger, TriggerSaved
from events.invoice import InvoiceStatusChanged, Kind
from worker.adapters import embedded, schema
from worker.adapters.log import Draft, Log
from worker.adapters.postgres import Pool, Ringer, open_pool
from worker.adapters.sealing import MasterKey
from worker.adapters.vault import Vault

MASTER = MasterKey(key=bytes(range(32)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    admin_url: str
    server_log: Path
    owner_url: str
    database_url: str
    pool: Pool
    owner: Pool
    log: Log
    vault: Vault
    ringer: Ringer

    async def append(self, partition: int, events: Sequence[Event]) -> None:
        rows = await self.log.prepare([Draft(event=event) for event in events])
        async with self.pool.acquire() as connection, connection.transaction():
            await self.log.append(connection, partition, rows)

    async def integration(self, partition: int) -> UUID:
        """One that adds every sent invoice's contact."""
        id = uuid4()
        await self.pool.execute(
            "insert into integration (id, partition, version, state, company_id, organization, names, configuration)"
            " values ($1, $2, 1, 'active', 1, $3, '', '{}')",
            id,
            partition,
            str(id),
        )
        connected = IntegrationConnected(
            integration=id,
            id=uuid4(),
            company_id=1,
            organization=str(id),
            procountor_secret=id,
            trustmary_secret=id,
            baseline=None,
        )
        trigger = TriggerSaved(integration=id, id=uuid4(), trigger=Trigger(id=uuid4(), name="Lähetetty"))
        # All within minutes, and of one day in the past.
        settings = SettingsSaved(integration=id, id=uuid4(), settings=Settings(brake=OFF, oldest_invoice=0))
        await self.append(partition, [connected, settings, trigger])
        return id


@asynccontextmanager
async def ground() -> AsyncIterator[Ground]:
    """A new server with fsync and synchronous_commit on, as the worker's embedded one has them."""
    async with AsyncExitStack() as stack:
        directory = stack.enter_context(tempfile.TemporaryDirectory())
        server = await stack.enter_async_context(embedded.postgres(Path(directory) / "data"))
        await schema.migrate(server.owner_url)
        pool = await open_pool(server.database_url)
        stack.push_async_callback(pool.close)
        owner = await open_pool(server.owner_url)
        stack.push_async_callback(owner.close)
        vault = Vault(pool, MASTER)
        ringer = await stack.enter_async_context(Ringer(pool))
        yield Ground(
            admin_url=server.admin_url,
            server_log=server.data_dir / "postgres.log",
            owner_url=server.owner_url,
            database_url=server.database_url,
            pool=pool,
            owner=owner,
            log=Log(pool, vault),
            vault=vault,
            ringer=ringer,
        )


def sent(integration: UUID, number: int, *, customers: int = 2000) -> InvoiceStatusChanged:
    """An invoice sent to one of *customers*, with a picture of about 3 kB."""
    customer = number % customers
    rows = [
        {
            "id": row,
            "product": "Huoltotyö ja varaosat",
            "quantity": 2,
            "unit": "PIECE",
            "unitPrice": 104.5,
            "vatPercent": 25.5,
        }
        | {"comment": "Toimitettu sovitusti, työ tehty paikan päällä"}
        for row in range(10)
    ]
    name = f"Maija Meikäläinen {customer}"
    address = {"name": f"Asiakas {customer} Oy", "street": "Esimerkkitie 1", "zip": "00100", "city": "Helsinki"}
    return InvoiceStatusChanged(
        integration=integration,
        invoice_id=number,
        change=1,
        before="NOT_SENT",
        after="SENT",
        kind=Kind.LIVE,
        version="2026-03-02T09:20:41",
        created="2026-03-02T09:14:05",
        invoice={
            "id": number,
            "partnerId": customer,
            "type": "SALES_INVOICE",
            "status": "SENT",
            "invoiceNumber": number,
            "invoiceChannel": "EMAIL",
            "language": "FINNISH",
            "date": "2026-03-02",
            "invoiceSumInfo": [{"currency": "EUR", "inAccountingCurrency": True, "invoiceSumTotal": 2622.95}],
            "counterParty": {"contactPersonName": name, "counterPartyAddress": address},
            "billingAddress": address,
            "invoiceRows": rows,
        },
        customer={
            "id": customer,
            "name": address["name"],
            "type": "CUSTOMER",
            "address": address,
            "invoicingInfo": {"contactPerson": name, "customerNumber": str(customer), "email": "laskut@asiakas.fi"},
            "contactPersons": [
                {"id": 1, "name": name, "email": f"maija.{customer}@asiakas.fi", "phone": "+358401234567"}
            ],
        },
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """Rates of several rounds of the same thing."""

    per_second: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.per_second)

    def as_json(self) -> dict[str, Any]:
        low, high = min(self.per_second), max(self.per_second)
        return {"median": round(self.median), "min": round(low), "max": round(high), "rounds": len(self.per_second)}


async def side_by_side(works: dict[str, Callable[[], Awaitable[int]]], *, rounds: int) -> dict[str, Figure]:
    """Runs each work once a round, one after the other, so that a noisy minute hits all of them."""
    rates: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            started = time.perf_counter()
            done = await work()
            rates[name].append(done / (time.perf_counter() - started))
    return {name: Figure(per_second=tuple(seen)) for name, seen in rates.items()}
