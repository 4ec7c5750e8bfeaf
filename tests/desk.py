"""An operator's desk: operations over a real database and a running sandbox, projected when a test says so."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import pytest

from events.codec import Event
from events.envelope import Recorded
from events.integration import Trigger
from events.invoice import InvoiceStatusChanged, Kind
from sandbox import Sandbox
from servers.postgres import Database
from worker import settings
from worker.adapters.budget import Budget
from worker.adapters.log import Draft
from worker.adapters.sealing import make_master
from worker.opening import opened
from worker.operations import access, connecting
from worker.operations.beginning import Beginning
from worker.operations.context import Context
from worker.operations.integrations import Integration, read_one
from worker.project import Projector
from worker.settings import Settings

MAIJA = "maija.meikalainen@asiakas.fi"


def settings_for(database: Database, sandbox: Sandbox, **more: str) -> Settings:
    return settings.load(environ_for(database, sandbox, **more))


def environ_for(database: Database, sandbox: Sandbox, **more: str) -> dict[str, str]:
    return {
        "PTM_DATABASE_URL": database.database_url,
        "PTM_DATABASE_OWNER_URL": database.owner_url,
        "PTM_MASTER_KEY": make_master(),
        "PTM_PROCOUNTOR_URL": sandbox.procountor_url,
        "PTM_PROCOUNTOR_CLIENT_ID": sandbox.client_id,
        "PTM_PROCOUNTOR_CLIENT_SECRET": sandbox.client_secret,
        "PTM_TRUSTMARY_URL": sandbox.trustmary_url,
        **more,
    }


def drawing(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Fills with each request to Procountor from now on: whether it was drawn as live, before backfill."""
    drawn: list[bool] = []
    draw = Budget.draw

    async def noted(budget: Budget, *, live: bool = True) -> float:
        drawn.append(live)
        return await draw(budget, live=live)

    monkeypatch.setattr(Budget, "draw", noted)
    return drawn


@dataclass(slots=True)
class Desk:
    context: Context
    sandbox: Sandbox
    trigger: Trigger = field(default_factory=lambda: Trigger(id=uuid4(), name="Lähetetty"))

    async def connect(self, company: int = 0, *, trigger: Trigger | None = None, organization: int = 0) -> Integration:
        """The sandbox's company joined to an organization, to add a contact only; nothing is left to decide."""
        found = await access.check_key(self.context, self.sandbox.companies[company]["api_key"])
        into = await access.check_organization(self.context, self.sandbox.organizations[organization]["api_key"])
        joined = await connecting.connect(
            self.context, found, into, beginning=Beginning(triggers=(trigger or self.trigger,))
        )
        await self.project(joined)
        return joined

    async def again(self, seen: Integration) -> Integration:
        return await read_one(self.context, seen.id)

    async def see(self, seen: Integration, invoice: int, /, **facts: Any) -> InvoiceStatusChanged:
        """As if ingest had seen the invoice sent."""
        event = sent(seen.id, invoice, **facts)
        rows = await self.context.log.prepare([Draft(event=event)])
        async with self.context.pool.acquire() as connection, connection.transaction():
            await self.context.log.append(connection, seen.partition, rows)
            await connection.execute(
                "insert into invoice (integration, invoice, number, partner, status, change, old)"
                " values ($1, $2, $3, 7, 'SENT', 1, false) on conflict do nothing",
                seen.id,
                invoice,
                10_000 + invoice,
            )
        return event

    async def project(self, seen: Integration) -> None:
        """Decides until the checkpoint stands at the head."""
        projector = Projector(
            pool=self.context.pool, log=self.context.log, vault=self.context.vault, ringer=self.context.ringer
        )
        while (await projector.heal(seen.partition)).applied:
            pass

    async def states(self, seen: Integration) -> list[str]:
        rows = await self.context.pool.fetch("select state from delivery where integration = $1 order by id", seen.id)
        return [row["state"] for row in rows]

    async def events(self, seen: Integration) -> Sequence[tuple[Recorded, Event]]:
        records = await self.context.log.read(seen.partition, 0, 10_000)
        return list(zip(records, await self.context.log.open(records), strict=True))


def sent(
    integration: UUID,
    invoice: int,
    /,
    *,
    email: str | None = MAIJA,
    name: str = "Maija Meikäläinen",
    partner: int = 7,
    total: float = 10.0,
    **facts: Any,
) -> InvoiceStatusChanged:
    """*facts*: fields of the event that are to be other than of an invoice just sent."""
    person = {"name": name} | ({"email": email} if email else {})
    usual: dict[str, Any] = {
        "change": 1,
        "before": "NOT_SENT",
        "after": "SENT",
        "kind": Kind.LIVE,
        "invoice": {
            "id": invoice,
            "invoiceNumber": 10_000 + invoice,
            "type": "SALES_INVOICE",
            "partnerId": partner,
            "invoiceSumInfo": [{"invoiceSumTotal": total}],
        },
        "customer": {"id": partner, "contactPersons": [person]},
    }
    return InvoiceStatusChanged(integration=integration, invoice_id=invoice, **usual | facts)


@asynccontextmanager
async def desk(database: Database, **options: Any) -> AsyncIterator[Desk]:
    async with Sandbox(**options) as sandbox, opened(settings_for(database, sandbox)) as context:
        yield Desk(context, sandbox)
