"""How things stand: lag, deliveries, companies, workers, and what waits for a person."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg

from events import brake
from events.connection import ENDS_SOON, PASSING, PRESSES, needs_login, state
from events.errors import Outgrown
from events.integration import Service
from events.words import Language, Words
from worker.adapters import schema
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
    holds: Mapping[str, int]
    """`brake` or `restore` → of how many integrations nothing is sent until a person has said so."""
    broken_lanes: Mapping[str, datetime]
    """Organization → until when nothing is sent there, since it did not answer."""
    needs: tuple[Need, ...]

    @property
    def unrelayed(self) -> int:
        return sum(lag.head - lag.relayed for lag in self.lags)

    @property
    def undecided(self) -> int:
        return sum(lag.head - lag.decided for lag in self.lags)


async def read(context: Context, say: Words | None = None) -> Status:
    """Says in *say*'s language what waits for a person, without it in English."""
    with translating():
        lags = await context.pool.fetch(SQL["read_lag"])
        counts = await context.pool.fetch(SQL["count_deliveries"])
        parked = await context.pool.fetch(SQL["count_parked"])
        workers = await context.pool.fetch(SQL["read_workers"])
        budget = await context.pool.fetch(SQL["read_budget"])
        lanes = await context.pool.fetch(SQL["read_lanes"])
        held = await context.pool.fetchrow(SQL["count_held"])
        holds = await context.pool.fetch(SQL["count_holds"])
    found = await integrations.read_all(context)
    now = datetime.now(UTC)
    running = tuple(as_worker(row, now) for row in workers)
    said = say or replace(context.settings.words, language=Language.ENGLISH)
    return Status(
        at=now,
        lags=tuple(as_lag(row) for row in lags),
        deliveries={row["state"]: row["count"] for row in counts},
        oldest_waiting=next((row["oldest"] for row in counts if row["state"] == "waiting"), None),
        integrations=tuple(found),
        workers=running,
        budget={row["service"]: row["granted"] for row in budget},
        holds={row["by"]: row["count"] for row in holds},
        broken_lanes={row["organization"]: row["broken_until"] for row in lanes},
        needs=(*after_restore(held, said), *needs(found, parked, running, said), *ending(found, now, said)),
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


def after_restore(held: asyncpg.Record | None, say: Words) -> Iterator[Need]:
    if held is not None and held["count"]:
        yield Need(
            says=say(
                "Sending is held for {n} integrations since a restore: what was sent after {at} UTC is not in the log.",
                n=held["count"],
                at=f"{held['taken_at']:%Y-%m-%d %H:%M}",
            ),
            remedy=say("Look at the plan and release it: ptm release."),
            since=held["since"],
        )


def needs(
    found: list[Integration], parked: list[asyncpg.Record], workers: tuple[Running, ...], say: Words
) -> Iterator[Need]:
    if found and not any(worker.alive for worker in workers):
        yield Need(says=say("No worker is running."), remedy=say("Start one: ptm worker."))
    for worker in workers:
        yield from failing(worker, say)
    for one in found:
        yield from needs_of(one, say)
    for row in parked:
        yield Need(
            integration=row["integration"],
            says=say("{n} deliveries are parked ({key}).", n=row["count"], key=row["fingerprint"]),
            remedy=say("Look, then retry or discard: ptm delivery list --state parked."),
            since=row["oldest"],
        )


def failing(worker: Running, say: Words) -> Iterator[Need]:
    for stage, beat in worker.stages.items() if worker.alive else ():
        if beat.get("failures", 0) >= FAILS:
            yield Need(
                says=say(
                    "{stage} fails in the worker {host} {pid}: {why}",
                    stage=stage,
                    host=worker.host,
                    pid=worker.pid,
                    why=say.told(beat.get("error")),
                ),
                remedy=say("Nothing is lost; it goes on by itself once the cause is gone. The worker's log says more."),
                urgent=False,
            )


def remedy_of(one: Integration, connection: Connection, say: Words) -> str:
    told = say(state(connection.service, connection.reason).remedy)
    return f"{told} ptm integration reconnect {one.id}" if needs_login(connection.reason) else told


def ending(found: list[Integration], now: datetime, say: Words) -> Iterator[Need]:
    links = ((one, link) for one in found for link in one.connections.values())
    for one, connection in links:
        if (days := connection.ending(now)) is not None:
            yield Need(
                integration=one.id,
                says=say(
                    "{name}: the login to {service} ends within {days} days.",
                    name=one.name,
                    service=SERVICES[connection.service],
                    days=days,
                ),
                remedy=f"{say(ENDS_SOON.remedy)} ptm integration reconnect {one.id}",
                urgent=days <= PRESSES,
            )


def needs_of(one: Integration, say: Words) -> Iterator[Need]:
    refused = {service for service, connection in one.connections.items() if connection.state == "broken"}
    for service, connection in one.connections.items():
        if service in refused:
            why = say(state(service, connection.reason).says)
            yield Need(
                integration=one.id,
                says=f"{one.name}: {SERVICES[service]} ({connection.reason}): {why}",
                remedy=remedy_of(one, connection, say),
                since=connection.since,
                urgent=connection.reason not in PASSING,
            )
    if one.reading and one.reading.failing_since and one.reading.failure and Service.PROCOUNTOR not in refused:
        yield Need(
            integration=one.id,
            says=f"{one.name}: {say('reading fails')}: {say.told(one.reading.failure)}",
            remedy=say("Nothing is lost; it goes on by itself when Procountor answers. Look if it stays."),
            since=one.reading.failing_since,
            urgent=False,
        )
    if one.state is State.PAUSED:
        braked = one.rules.braked
        yield Need(
            integration=one.id,
            says=say(
                "{name} is paused by the brake ({figures}); {n} calls wait.",
                name=one.name,
                figures=brake.said(braked, say),
                n=one.waiting,
            )
            if braked
            else say("{name} is paused; {n} calls wait.", name=one.name, n=one.waiting),
            remedy=say("Resume it when you are ready: ptm integration resume {id}.", id=one.id),
        )
    if not one.rules.triggers:
        yield Need(
            integration=one.id,
            says=say("{name} has no trigger: nothing is sent.", name=one.name),
            remedy=say("Save one: ptm trigger save {id}.", id=one.id),
        )


async def ready(pool: Pool) -> str | None:
    """Why no work can be done now; for /readyz."""
    try:
        await schema.require_no_newer(pool)
    except Outgrown as error:
        return str(error)
    return None


async def measure(pool: Pool) -> list[Number]:
    """The numbers of /metrics that stand in the database; they name nobody."""
    with translating():
        lags = await pool.fetch(SQL["read_lag"])
        counts = await pool.fetch(SQL["count_deliveries"])
        states = await pool.fetch(SQL["count_connections"])
        holds = await pool.fetch(SQL["count_holds"])
        letters = await pool.fetchrow(SQL["count_letters"])
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
        *(
            Number(
                name="held",
                says="Integrations of which nothing is sent until a person has said so, by what holds them",
                value=row["count"],
                labels={"by": row["by"]},
            )
            for row in holds
        ),
        *from_letters(letters),
    ]


def from_letters(row: asyncpg.Record | None) -> Iterator[Number]:
    assert row is not None, "aggregates always answer"
    yield Number(name="alerts", says="States that somebody was told of and that last", value=row["standing"])
    yield Number(name="letters", says="Alerts and summaries that are to leave", value=row["to_leave"])
    failing = row["failing"] or 0.0
    yield Number(name="letters_failing_seconds", says="How long an address has got nothing", value=failing)


def from_lags(lags: list[Lag], now: datetime) -> Iterator[Number]:
    yield Number(name="events", says="Events in the log", value=sum(lag.head for lag in lags))
    yield Number(
        name="unrelayed", says="Events not told to Kafka yet", value=sum(lag.head - lag.relayed for lag in lags)
    )
    yield Number(name="undecided", says="Events not decided yet", value=sum(lag.head - lag.decided for lag in lags))
    ages = [(now - lag.undecided_since).total_seconds() for lag in lags if lag.undecided_since]
    yield Number(name="undecided_age_seconds", says="Age of the oldest undecided event", value=max([*ages, 0.0]))
