"""How things stand: lag, deliveries, companies, workers, and what waits for a person."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg

from events import brake
from events.connection import ENDS_SOON, PASSING, PRESSES, needs_login, state
from events.integration import Service
from worker.adapters.postgres import Pool, translating
from worker.gauge import Number
from worker.operations import integrations
from worker.operations.context import SQL, Context
from worker.operations.integrations import Connection, Integration, State

ALIVE = 15.0
"""Seconds since a worker was last seen within which it counts as running."""
FAILS = 3
"""Failures of a stage, one after the other, that are worth a word."""
SERVICES = {"procountor": "Procountor", "trustmary": "Trustmary"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Lag:
    """How far one partition stands."""

    partition: int
    head: int
    relayed: int
    decided: int
    undecided_since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A worker that was seen within a day."""

    id: UUID
    host: str
    pid: int
    version: str
    started_at: datetime
    seen_at: datetime
    stages: Mapping[str, Mapping[str, Any]]
    """Stage → `turns`, `done`, `failures` one after the other until now, and the last `error`."""
    alive: bool
    memory_mib: int | None = None
    """Resident; None where its system does not say."""
    partitions: tuple[int, ...] = ()
    """Whose events it hears from Kafka."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """Something that waits for a person, and what to do about it."""

    says: str
    remedy: str
    integration: UUID | None = None
    since: datetime | None = None
    urgent: bool = True
    """False: it may well pass by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    at: datetime
    lags: tuple[Lag, ...]
    deliveries: Mapping[str, int]
    """Of those that have not ended: how many in each state."""
    oldest_waiting: datetime | None
    integrations: tuple[Integration, ...]
    workers: tuple[Running, ...]
    budget: Mapping[str, int]
    """Service → requests granted in the newest tenth of a second."""
    broken_lanes: Mapping[str, datetime]
    """Organization → until when nothing is sent there, since it did not answer."""
    needs: tuple[Need, ...]

    @property
    def unrelayed(self) -> int:
        return sum(lag.head - lag.relayed for lag in self.lags)

    @property
    def undecided(self) -> int:
        return sum(lag.head - lag.decided for lag in self.lags)


async def read(context: Context) -> Status:
    with translating():
        lags = await context.pool.fetch(SQL["read_lag"])
        counts = await context.pool.fetch(SQL["count_deliveries"])
        parked = await context.pool.fetch(SQL["count_parked"])
        workers = await context.pool.fetch(SQL["read_workers"])
        budget = await context.pool.fetch(SQL["read_budget"])
        lanes = await context.pool.fetch(SQL["read_lanes"])
        held = await context.pool.fetchrow(SQL["count_held"])
    found = await integrations.read_all(context)
    now = datetime.now(UTC)
    running = tuple(as_worker(row, now) for row in workers)
    return Status(
        at=now,
        lags=tuple(as_lag(row) for row in lags),
        deliveries={row["state"]: row["count"] for row in counts},
        oldest_waiting=next((row["oldest"] for row in counts if row["state"] == "waiting"), None),
        integrations=tuple(found),
        workers=running,
        budget={row["service"]: row["granted"] for row in budget},
        broken_lanes={row["organization"]: row["broken_until"] for row in lanes},
        needs=(*after_restore(held), *needs(found, parked, running), *ending(found, now)),
    )


def as_lag(row: asyncpg.Record) -> Lag:
    return Lag(
        partition=row["partition"],
        head=row["head"],
        relayed=row["relayed"],
        decided=row["decided"],
        undecided_since=row["undecided_since"],
    )


def as_worker(row: asyncpg.Record, now: datetime) -> Running:
    return Running(
        id=row["id"],
        host=row["host"],
        pid=row["pid"],
        version=row["version"],
        started_at=row["started_at"],
        seen_at=row["seen_at"],
        stages=json.loads(row["stages"]),
        alive=(now - row["seen_at"]).total_seconds() < ALIVE,
        memory_mib=row["memory_mib"],
        partitions=tuple(row["partitions"]),
    )


def after_restore(held: asyncpg.Record | None) -> Iterator[Need]:
    if held is not None and held["count"]:
        yield Need(
            says=f"Sending is held for {held['count']} integrations since a restore: what was sent after "
            f"{held['taken_at']:%Y-%m-%d %H:%M} UTC is not in the log.",
            remedy="Look at the plan and release it: ptm release.",
            since=held["since"],
        )


def needs(found: list[Integration], parked: list[asyncpg.Record], workers: tuple[Running, ...]) -> Iterator[Need]:
    if found and not any(worker.alive for worker in workers):
        yield Need(says="No worker is running.", remedy="Start one: ptm worker.")
    for worker in workers:
        yield from failing(worker)
    for one in found:
        yield from needs_of(one)
    for row in parked:
        yield Need(
            integration=row["integration"],
            says=f"{row['count']} deliveries are parked ({row['fingerprint']}).",
            remedy="Look, then retry or discard: ptm delivery list --state parked.",
            since=row["oldest"],
        )


def failing(worker: Running) -> Iterator[Need]:
    for stage, beat in worker.stages.items() if worker.alive else ():
        if beat.get("failures", 0) >= FAILS:
            yield Need(
                says=f"{stage} fails in the worker {worker.host} {worker.pid}: {beat.get('error')}",
                remedy="Nothing is lost; it goes on by itself once the cause is gone. The worker's log says more.",
                urgent=False,
            )


def remedy_of(one: Integration, connection: Connection) -> str:
    told = state(connection.service, connection.reason).remedy
    return f"{told} ptm integration reconnect {one.id}" if needs_login(connection.reason) else told


def ending(found: list[Integration], now: datetime) -> Iterator[Need]:
    links = ((one, link) for one in found for link in one.connections.values())
    for one, connection in links:
        if (days := connection.ending(now)) is not None:
            yield Need(
                integration=one.id,
                says=f"{one.name}: the login to {SERVICES[connection.service]} ends within {days} days.",
                remedy=f"{ENDS_SOON.remedy} ptm integration reconnect {one.id}",
                urgent=days <= PRESSES,
            )


def needs_of(one: Integration) -> Iterator[Need]:
    refused = {service for service, connection in one.connections.items() if connection.state == "broken"}
    for service, connection in one.connections.items():
        if service in refused:
            yield Need(
                integration=one.id,
                says=f"{one.name}: {SERVICES[service]} ({connection.reason}): {state(service, connection.reason).says}",
                remedy=remedy_of(one, connection),
                since=connection.since,
                urgent=connection.reason not in PASSING,
            )
    if one.reading and one.reading.failing_since and one.reading.failure and Service.PROCOUNTOR not in refused:
        yield Need(
            integration=one.id,
            says=f"{one.name}: reading fails: {one.reading.failure}",
            remedy="Nothing is lost; it goes on by itself when Procountor answers. Look if it stays.",
            since=one.reading.failing_since,
            urgent=False,
        )
    if one.state is State.PAUSED:
        by_brake = f" by the brake ({brake.said(one.rules.braked)})" if one.rules.braked else ""
        yield Need(
            integration=one.id,
            says=f"{one.name} is paused{by_brake}; {one.waiting} calls wait.",
            remedy=f"Resume it when you are ready: ptm integration resume {one.id}.",
        )
    if not one.rules.triggers:
        yield Need(
            integration=one.id,
            says=f"{one.name} has no trigger: nothing is sent.",
            remedy=f"Save one: ptm trigger save {one.id}.",
        )


async def ready(pool: Pool) -> str | None:
    """Why no work can be done now; for /readyz."""
    with translating():
        await pool.fetchval("select 1")
    return None


async def measure(pool: Pool) -> list[Number]:
    """The numbers of /metrics that stand in the database; they name nobody."""
    with translating():
        lags = await pool.fetch(SQL["read_lag"])
        counts = await pool.fetch(SQL["count_deliveries"])
        states = await pool.fetch(SQL["count_connections"])
    now = datetime.now(UTC)
    return [
        *from_lags([as_lag(row) for row in lags], now),
        *(
            Number(
                name="deliveries",
                says="Deliveries that have not ended",
                value=row["count"],
                labels={"state": row["state"]},
            )
            for row in counts
        ),
        *(
            Number(
                name="connections",
                says="Connections by service and state",
                value=row["count"],
                labels={"service": row["service"], "state": row["state"]},
            )
            for row in states
        ),
    ]


def from_lags(lags: list[Lag], now: datetime) -> Iterator[Number]:
    yield Number(name="events", says="Events in the log", value=sum(lag.head for lag in lags))
    yield Number(
        name="unrelayed", says="Events not told to Kafka yet", value=sum(lag.head - lag.relayed for lag in lags)
    )
    yield Number(name="undecided", says="Events not decided yet", value=sum(lag.head - lag.decided for lag in lags))
    ages = [(now - lag.undecided_since).total_seconds() for lag in lags if lag.undecided_since]
    yield Number(name="undecided_age_seconds", says="Age of the oldest undecided event", value=max([*ages, 0.0]))
