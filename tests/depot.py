"""Deliveries, workers at them, and the hands of those who decide and operate: in memory, and in PostgreSQL."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from uuid import UUID, uuid4

from dispatching import PARTITION, Post
from events.codec import Event
from events.connection import ConnectionBroken, ConnectionRestored
from events.contact import (
    Carried,
    ContactAdded,
    ContactDelivered,
    ContactRefused,
    ContactUnlisted,
    ContactWithdrawn,
)
from events.delivery import Again, Broken, Delivery, Parked, Silence, Verdict
from facts import to_add, to_take_off
from memory.clock import Clock
from memory.deliveries import Deliveries as InMemory
from memory.deliveries import Shop
from worker.adapters.deliveries import Deliveries, Ended
from worker.adapters.postgres import Ringer
from worker.dispatch import Claims

MAIJA = "maija.meikalainen@esimerkki-asiakas.fi"
PEKKA = "pekka.virtanen@esimerkki-toinen.fi"
TIMEOUT = 10.0
LEASE = 60.0

TOLD = ContactDelivered | ContactRefused | ContactWithdrawn | ConnectionBroken | ConnectionRestored


class Depot(Protocol):
    """Deliveries, the workers at them, and the hands of those who decide and operate."""

    organizations: list[str]

    def worker(self) -> Claims: ...

    async def connect(self, organization: str | None = None) -> UUID:
        """An integration of *organization*; of the first, if None."""

    async def add(self, integration: UUID, email: str = MAIJA, *, replay: bool = False, **how: Any) -> ContactAdded: ...

    async def take_off(self, added: ContactAdded) -> ContactUnlisted:
        """Whom *added* was to add is to be taken off its lists."""

    async def state(self, added: Carried, step: int = 1) -> str: ...

    async def events(self) -> list[Event]:
        """Outcomes and what became of keys, in order."""

    async def turn(self, integration: UUID, state: str) -> None: ...

    async def save(self, integration: UUID, *, met: bool) -> None:
        """A rule, which the projector has met or not."""

    async def replace_key(self, integration: UUID) -> None: ...

    async def block(self, integration: UUID, who: str) -> None:
        """An address, or a domain as `@example.fi`."""

    async def undo(self, integration: UUID, replay: UUID, *, begun: bool) -> None:
        """An undoing of *replay* is planned, or begun."""

    async def passes(self, seconds: float) -> None: ...


class Memory:
    def __init__(self) -> None:
        self.organizations = ["first", "second", "third"]
        self._clock = Clock()
        self._shop = Shop(clock=self._clock)
        self._invoices = 1000

    def worker(self) -> InMemory:
        return InMemory(self._shop)

    async def connect(self, organization: str | None = None) -> UUID:
        return self._shop.connect(organization or self.organizations[0]).id

    async def add(self, integration: UUID, email: str = MAIJA, *, replay: bool = False, **how: Any) -> ContactAdded:
        self._invoices += 1
        added = to_add(integration, self._invoices, email, **how)
        self._shop.put(added, replay=replay)
        return added

    async def take_off(self, added: ContactAdded) -> ContactUnlisted:
        unlisted = to_take_off(added)
        self._shop.put(unlisted, replay=True)
        return unlisted

    async def state(self, added: Carried, step: int = 1) -> str:
        row = self._shop.step(added.id, step)
        assert row is not None
        return row.state

    async def events(self) -> list[Event]:
        return self._shop.events

    async def turn(self, integration: UUID, state: str) -> None:
        self._shop.integrations[integration].state = state

    async def save(self, integration: UUID, *, met: bool) -> None:
        self._shop.integrations[integration].unmet = not met

    async def replace_key(self, integration: UUID) -> None:
        self._shop.integrations[integration].secret = uuid4()

    async def block(self, integration: UUID, who: str) -> None:
        self._shop.block(integration, who)

    async def undo(self, integration: UUID, replay: UUID, *, begun: bool) -> None:
        self._shop.undone |= {replay} if begun else set()

    async def passes(self, seconds: float) -> None:
        self._clock.passes(seconds)


class Tables:
    def __init__(self, post: Post, ringer: Ringer) -> None:
        self.organizations = list(post.sandbox.world.organizations)
        self._post = post
        self._ringer = ringer

    def worker(self) -> Deliveries:
        return Deliveries(self._post.pool, self._post.log, self._ringer, self._post.vault.contact_key, worker=uuid4())

    async def connect(self, organization: str | None = None) -> UUID:
        return await self._post.integration(organization)

    async def add(self, integration: UUID, email: str = MAIJA, *, replay: bool = False, **how: Any) -> ContactAdded:
        return await self._post.add(integration, email, replay=replay, **how)

    async def take_off(self, added: ContactAdded) -> ContactUnlisted:
        unlisted = to_take_off(added)
        await self._post.write([unlisted], replay=True)
        return unlisted

    async def state(self, added: Carried, step: int = 1) -> str:
        return str((await self._post.row(added, step))["state"])

    async def events(self) -> list[Event]:
        log = self._post.log
        head = (await log.heads())[PARTITION].position
        return [one for one in await log.open(await log.read(PARTITION, 0, head)) if isinstance(one, TOLD)]

    async def turn(self, integration: UUID, state: str) -> None:
        await self._post.pool.execute("update integration set state = $2 where id = $1", integration, state)

    async def save(self, integration: UUID, *, met: bool) -> None:
        await self._post.pool.execute(
            "insert into rules (integration, version, rules) values ($1, $2, '{}')"
            " on conflict (integration) do update set version = excluded.version",
            *(integration, 1 if met else 0),
        )

    async def replace_key(self, integration: UUID) -> None:
        secret = await self._post.vault.put_secret("trustmary", b"another key")
        await self._post.pool.execute("update integration set trustmary_secret = $2 where id = $1", integration, secret)

    async def block(self, integration: UUID, who: str) -> None:
        await self._post.block(integration, who)

    async def undo(self, integration: UUID, replay: UUID, *, begun: bool) -> None:
        for id, undoes, at in ((replay, None, None), (uuid4(), replay, datetime.now(UTC) if begun else None)):
            await self._post.pool.execute(
                "insert into replay (id, integration, hash, triggers, pin, upto, about, planned_by, undoes, started_at)"
                " values ($1, $2, '', '{}', '', 0, '', 'somebody', $3, $4) on conflict do nothing",
                *(id, integration, undoes, at),
            )

    async def passes(self, seconds: float) -> None:
        """Whatever is written of times moves into the past."""
        by = timedelta(seconds=seconds)
        await self._post.pool.execute(
            "update lane set lease_until = lease_until - $1::interval, broken_until = broken_until - $1::interval,"
            " due_at = due_at - $1::interval, failing_since = failing_since - $1::interval",
            by,
        )
        await self._post.pool.execute(
            "update delivery set next_at = next_at - $1::interval, attempted_at = attempted_at - $1::interval", by
        )


async def hold(worker: Claims, depot: Depot) -> list[str]:
    """The lanes of all organizations, as far as they are free."""
    return sorted(await worker.lease(depot.organizations, most=10, seconds=LEASE))


async def claim(worker: Claims, depot: Depot, room: int = 100) -> list[Delivery]:
    return await worker.claim(dict.fromkeys(depot.organizations, room), timeout=TIMEOUT)


async def look_up(worker: Claims, depot: Depot, *, flying: Collection[int] = (), most: int = 100) -> list[Delivery]:
    return await worker.claim_unanswered(depot.organizations, flying, timeout=TIMEOUT, most=most)


async def end(worker: Claims, verdict: Verdict, *deliveries: Delivery) -> None:
    contacts = await worker.contacts(deliveries)
    ended = [Ended(delivery=one, added=contacts[one.id], verdict=verdict, at=0.0) for one in deliveries]
    await worker.settle(ended, now=0.0)


def invoices(deliveries: list[Delivery]) -> list[int]:
    return [delivery.invoice for delivery in deliveries]


AGAIN = Again(wait=timedelta(seconds=30), failure="Trustmary answered 503.", status=503)
PARKED = Parked(fingerprint="not_found:trustmary:404", failure="Trustmary answered 404.", status=404)
SILENCE = Silence(failure="Trustmary did not answer.")
BROKEN = Broken(reason="credentials", failure="Trustmary answered 401.", status=401)
