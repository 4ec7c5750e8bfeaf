"""Deliveries to send, without the stages before: integrations, decisions in the log, and workers that dispatch.

Run as a program it is one such worker, for tests that kill or freeze it.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID, uuid4

from events import codec
from events.codec import Event
from events.contact import Carried, ContactAdded
from events.integration import AddressBlocked, Rules
from facts import to_add
from sandbox.server import Sandbox
from worker import logs, loop
from worker.adapters import ledger
from worker.adapters.deliveries import Deliveries
from worker.adapters.ledger import calls_of
from worker.adapters.log import Draft, Log
from worker.adapters.postgres import Bell, Pool, Ringer, open_pool
from worker.adapters.sealing import MasterKey
from worker.adapters.trustmary import Trustmary, open_session
from worker.adapters.vault import Vault
from worker.dispatch import Dispatch, Manner

PARTITION = 3
MASTER = MasterKey(key=b"m" * 32)
BRISK = Manner(pace=0, timeout=2.0, lease=6.0)


@dataclass(slots=True, kw_only=True)
class Post:
    """One database and one sandbox, and what is to be carried between them."""

    url: str
    pool: Pool
    log: Log
    vault: Vault
    sandbox: Sandbox
    trustmary_url: str
    invoices: int = 1000
    companies: int = 0
    organizations: dict[UUID, str] = field(default_factory=dict)

    async def integration(self, organization: str | None = None, *, api_key: str | None = None) -> UUID:
        """Connected, active and without triggers."""
        home = self.sandbox.world.organization(organization)
        id, self.companies = uuid4(), self.companies + 1
        secret = await self.vault.put_secret("trustmary", (api_key or home.api_key).encode())
        nothing = Rules(integration=id, version=1)
        await self.pool.execute(
            "insert into integration (id, partition, version, state, company_id, organization, names, configuration,"
            " trustmary_secret) values ($1, $2, 1, 'active', $3, $4, '', $5, $6)",
            *(id, PARTITION, self.companies, home.id, codec.rules_to_json(nothing), secret),
        )
        await self.pool.execute(
            "insert into connection (integration, service, state) values ($1, 'trustmary', 'connected')", id
        )
        await self.pool.execute("insert into lane (organization) values ($1) on conflict do nothing", home.id)
        self.organizations[id] = home.id
        return id

    async def add(self, integration: UUID, email: str, **also: Any) -> ContactAdded:
        return (await self.add_all(integration, [email], **also))[0]

    async def add_all(
        self, integration: UUID, emails: Sequence[str], *, replay: bool = False, **also: Any
    ) -> list[ContactAdded]:
        """Decisions in the log and their deliveries, as the projector writes them; one invoice each."""
        events = [to_add(integration, self.invoices + place, email, **also) for place, email in enumerate(emails, 1)]
        self.invoices += len(emails)
        await self.write(events, replay=replay)
        return events

    async def write(self, events: Sequence[Carried], *, replay: bool) -> None:
        key = await self.vault.contact_key()
        rows = await self.log.prepare([Draft(event=event, cause=event.cause) for event in events])
        async with self.pool.acquire() as connection, connection.transaction():
            appended = await self.log.append(connection, PARTITION, rows)
            organization = self.organizations[events[0].integration]
            await connection.executemany(
                "insert into delivery (integration, organization, partition, position, decision, cause, trigger,"
                " contact_key, invoice, step, call, starts_surveys, replay)"
                " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, true, $12)",
                [
                    (
                        *(event.integration, organization, PARTITION, place.position, event.id, event.cause),
                        *(event.trigger, key(organization, event.contact["email"]), event.invoice_id),
                        *(step, call, replay),
                    )
                    for event, place in zip(events, appended, strict=True)
                    for step, call in enumerate(calls_of(event), start=1)
                ],
            )
            for event, place in zip(events, appended, strict=True):
                if isinstance(event, ContactAdded):
                    who = key(organization, event.contact["email"])
                    await connection.execute(
                        "insert into cooldown (decision, integration, contact_key, at, position)"
                        " values ($1, $2, $3, now(), $4)",
                        *(event.id, event.integration, who, place.position),
                    )
                    await connection.executemany(
                        "insert into added (decision, integration, invoice, contact_key, target)"
                        " values ($1, $2, $3, $4, $5)",
                        [(event.id, event.integration, event.invoice_id, who, target) for target in event.targets],
                    )
        await self.pool.execute("select pg_notify('ptm_delivery', $1)", organization)

    async def block(self, integration: UUID, who: str) -> None:
        """An address or a domain is on the block list, as the projector writes it."""
        event = AddressBlocked(integration=integration, id=uuid4(), address=who)
        async with self.pool.acquire() as connection:
            await ledger.change_block_list(connection, event, await self.vault.contact_key())

    async def states(self, *, step: int | None = None) -> list[str]:
        rows = await self.pool.fetch(
            "select state from delivery where $1::int is null or step = $1 order by invoice, step", step
        )
        return [row["state"] for row in rows]

    async def all_in(self, *states: str) -> bool:
        return set(await self.states()) <= set(states)

    async def row(self, added: Carried, step: int = 1) -> Any:
        return await self.pool.fetchrow("select * from delivery where decision = $1 and step = $2", added.id, step)

    async def outcomes(self, added: ContactAdded) -> list[Event]:
        events = await self.log.open(await self.log.read_stream(added.stream))
        return [event for event in events if getattr(event, "decision", None) == added.id]

    def arrived(self, call: str = "contact") -> list[tuple[str, str]]:
        """(address, invoice) of every call that took effect, in order."""
        arrivals = self.sandbox.world.books.arrivals
        return [(each.email, each.fields.get("field_invoice", "")) for each in arrivals if each.call == call]

    def has_arrived(self, count: int) -> bool:
        return len(self.arrived()) >= count

    @asynccontextmanager
    async def worker(self, manner: Manner = BRISK) -> AsyncIterator[Dispatch]:
        async with dispatching(self.url, self.trustmary_url, manner) as stage:
            yield stage


@asynccontextmanager
async def posting(url: str, sandbox: Sandbox) -> AsyncIterator[Post]:
    pool = await open_pool(url)
    try:
        vault = Vault(pool, MASTER)
        yield Post(
            url=url,
            pool=pool,
            log=Log(pool, vault),
            vault=vault,
            sandbox=sandbox,
            trustmary_url=sandbox.trustmary_url,
        )
    finally:
        await pool.close()


@asynccontextmanager
async def dispatching(url: str, trustmary_url: str, manner: Manner) -> AsyncIterator[Dispatch]:
    """A worker with the one stage, as the real one runs it."""
    stop, beats = asyncio.Event(), loop.Beats()
    async with AsyncExitStack() as stack:
        pool = await open_pool(url)
        stack.push_async_callback(pool.close)
        vault = Vault(pool, MASTER)
        bell = await stack.enter_async_context(Bell(url, ["ptm_delivery"]))
        ringer = await stack.enter_async_context(Ringer(pool))
        session = await stack.enter_async_context(open_session())
        wake = bell.event("ptm_delivery")
        stage = await stack.enter_async_context(
            Dispatch(
                Deliveries(pool, Log(pool, vault), ringer, vault.contact_key, worker=uuid4()),
                Trustmary(session, url=trustmary_url, timeout=manner.timeout),
                vault.secret,
                wake=wake,
                rung=lambda: bell.take("ptm_delivery"),
                manner=manner,
            )
        )
        turning = asyncio.create_task(loop.run("dispatch", stage.run_once, stop=stop, wake=wake, beats=beats))
        try:
            yield stage
        finally:
            stop.set()
            await turning


async def main(url: str, trustmary_url: str, manner: str) -> None:
    logs.configure(form="json")
    async with dispatching(url, trustmary_url, replace(BRISK, **json.loads(manner))):
        sys.stdout.write("dispatching\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
