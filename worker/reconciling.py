"""Reconciliation: each active integration once a week, by whichever worker leases it, or when a person asks."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from uuid import UUID, uuid4

import asyncpg
import orjson
import structlog

from events import codec
from events.envelope import WORKER
from events.errors import Misconfigured, PtmError, Refused, Unavailable
from events.reconcile import Gap
from worker.adapters import queries
from worker.adapters.deliveries import Deliveries
from worker.adapters.invoices import Invoices
from worker.adapters.log import Log
from worker.adapters.postgres import Connection, Pool, Ringer, translating
from worker.adapters.procountor import Procountor
from worker.adapters.trustmary import Trustmary
from worker.adapters.vault import Vault
from worker.catching_up import By, CatchUp, Caught, Company
from worker.looking_up import Checked, LookUps, Organization
from worker.reading import Reader

log = structlog.get_logger()
SQL = queries.load("reconcile")
LEASE = timedelta(seconds=30)
WEEK = timedelta(days=7)
DAYS = 30
"""How far a reconciliation looks back."""
AGAIN = timedelta(hours=6)
"""Until a reconciliation that could not look at everything is tried again by itself."""

T = TypeVar("T")


class TurnLost(PtmError):
    """Somebody else reconciles the integration by now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One integration's reconciliation."""

    integration: UUID
    fence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """What came out, as counts and line by line; lines name people."""

    integration: UUID
    days: int
    invoices: Caught
    contacts: Checked
    failures: tuple[str, ...]
    """Why not everything could be looked at."""
    refused: bool = False
    """One of these ends only when a person has acted: a service refuses us, or shows us nothing."""

    @property
    def counts(self) -> Mapping[str, int]:
        of = [one.gap for one in self.invoices.recorded]
        return {
            "invoices": self.invoices.looked_at,
            "invoices_missing": of.count(Gap.MISSING),
            "invoices_behind": of.count(Gap.BEHIND),
            "invoices_to_come": self.invoices.to_come,
            **{f"contacts_{state}": count for state, count in sorted(self.contacts.counts.items()) if count},
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciler:
    """Sends nothing, and changes nothing in either service."""

    pool: Pool
    vault: Vault
    catch_up: CatchUp
    look_ups: LookUps
    worker: UUID
    actor: str = WORKER
    every: timedelta = WEEK

    async def run(self, turn: Turn, *, days: int = DAYS) -> Reconciled:
        """Both sides, each as far as it answers; raises `TurnLost`. What was recorded before a failure stands."""
        renewing = asyncio.create_task(self.keep(turn))
        try:
            found = await self.look(turn, days)
        finally:
            renewing.cancel()
            await asyncio.gather(renewing, return_exceptions=True)
        again = min(AGAIN, self.every) if found.failures else self.every
        counts, failure = orjson.dumps(found.counts).decode(), " ".join(found.failures) or None
        with translating():
            await self.pool.execute(SQL["finish"], turn.integration, turn.fence, again, days, counts, failure)
        log.info("reconciled", stage="reconcile", integration=str(turn.integration), **found.counts)
        return found

    async def put_off(self, turn: Turn, error: Exception) -> None:
        """It failed as nobody foresaw; what the last one had counted stands."""
        failure = f"It failed: {type(error).__name__}; the worker's log says more."
        with translating():
            await self.pool.execute(SQL["put_off"], turn.integration, turn.fence, min(AGAIN, self.every), failure)

    async def look(self, turn: Turn, days: int) -> Reconciled:
        with translating():
            row = await self.pool.fetchrow(SQL["read_subject"], turn.integration)
        if row is None:
            raise TurnLost("The integration is gone.")
        by = By(run=uuid4(), worker=self.worker, actor=self.actor)
        failures: list[PtmError] = []
        caught = await tried(self.invoices(row, turn, days, by), failures)
        checked = await tried(self.contacts(row, turn, days, by), failures)
        return Reconciled(
            integration=turn.integration,
            days=days,
            invoices=caught or Caught(),
            contacts=checked or Checked(),
            failures=tuple(map(str, failures)),
            refused=any(isinstance(one, Refused | Misconfigured) for one in failures),
        )

    async def invoices(self, row: asyncpg.Record, turn: Turn, days: int, by: By) -> Caught:
        company = company_of(row, turn.integration)
        if row["connecting"]:
            raise Unavailable("A worker has not read its invoices for the first time yet: they were not looked at.")
        return await self.catch_up.run(company, days=days, by=by)

    async def contacts(self, row: asyncpg.Record, turn: Turn, days: int, by: By) -> Checked:
        if row["trustmary_secret"] is None:
            raise Unavailable("It has no Trustmary key any more: contacts were not looked up.")
        there = Organization(
            integration=turn.integration,
            partition=row["partition"],
            id=row["organization"],
            key=(await self.vault.secret(row["trustmary_secret"])).decode(),
        )

        async def hold(connection: Connection) -> None:
            if await connection.fetchval(SQL["hold"], turn.integration, turn.fence, LEASE) is None:
                raise TurnLost("The integration was removed, or another worker reconciles it by now.")

        since = datetime.now(UTC) - timedelta(days=days)
        return await self.look_ups.run(there, since=since, by=by, hold=hold)

    async def keep(self, turn: Turn) -> None:
        """Holds the lease as long as the turn lasts; a renewal that fails is tried again while there is time."""
        while True:
            await asyncio.sleep(LEASE.total_seconds() / 3)
            with suppress(PtmError), translating():
                await self.pool.fetchval(SQL["hold"], turn.integration, turn.fence, LEASE)

    async def ask_for(self, integration: UUID) -> Turn | None:
        """A turn at once; None while one is under way."""
        with translating():
            row = await self.pool.fetchrow(SQL["lease_one"], integration, self.worker, LEASE)
        return Turn(integration=row["integration"], fence=row["fence"]) if row else None

    async def due(self, limit: int) -> list[Turn]:
        with translating():
            await self.pool.execute(SQL["schedule"], self.every)
            rows = await self.pool.fetch(SQL["lease_due"], self.worker, LEASE, limit)
        return [Turn(integration=row["integration"], fence=row["fence"]) for row in rows]

    async def give_back(self) -> None:
        with translating():
            await self.pool.execute(SQL["give_back"], self.worker)


def company_of(row: asyncpg.Record, integration: UUID) -> Company:
    """Of a row of `read_subject`."""
    if row["procountor_secret"] is None or row["baseline"] is None:
        raise Unavailable("It has no Procountor credentials any more: invoices were not looked at.")
    return Company(
        integration=integration,
        secret=row["procountor_secret"],
        rules=codec.rules_from_json(row["configuration"]),
        baseline=row["baseline"],
    )


async def tried(work: Awaitable[T], failures: list[PtmError]) -> T | None:
    """One side that does not answer does not keep the other from being looked at."""
    try:
        return await work
    except TurnLost:
        raise
    except PtmError as error:
        failures.append(error)
        return None


def reconciler(
    *,
    pool: Pool,
    log: Log,
    vault: Vault,
    ringer: Ringer,
    procountor: Procountor,
    trustmary: Trustmary,
    pace: float,
    worker: UUID,
    actor: str = WORKER,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Reconciler:
    """*pace*: calls a second that an organization's lane may make. Procountor is asked behind live reading.

    *progress* is told how many contacts have been looked up, and of how many.
    """
    invoices = Invoices(pool, log, ringer)
    reader = Reader(invoices=invoices, procountor=procountor.behind_live(), doubts=0)
    deliveries = Deliveries(pool, log, ringer, vault.contact_key, worker=worker)
    return Reconciler(
        pool=pool,
        vault=vault,
        catch_up=CatchUp(pool=pool, invoices=invoices, reader=reader),
        look_ups=LookUps(
            pool=pool, log=log, trustmary=trustmary, blocked=deliveries.blocked, pace=pace, progress=progress
        ),
        worker=worker,
        actor=actor,
    )
