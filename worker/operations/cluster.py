"""The cluster for whoever looks after it: the pulse, what rests, and how long contacts take."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import asyncpg

from worker.adapters.postgres import translating
from worker.operations import pulse
from worker.operations.context import SQL, Context
from worker.operations.pulse import Pulse
from worker.operations.trouble import Rest

LATELY = timedelta(minutes=5)
MOST = 500
"""Contacts that are looked at: the newest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Breaker:
    """An organization that nothing is sent to for now, since it did not answer."""

    organization: str
    name: str
    rest: Rest


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """Of one contact that was delivered, counted from the moment its change was recorded."""

    at: datetime
    """When it was delivered."""
    decided: float
    """Seconds."""
    delivered: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    pulse: Pulse
    breakers: tuple[Breaker, ...]
    latencies: tuple[Latency, ...]
    """Of the last minutes, oldest first."""


async def read(context: Context) -> Cluster:
    breakers = await resting(context)
    with translating():
        rows = await context.pool.fetch(SQL["read_latencies"], datetime.now(UTC) - LATELY, MOST)
    return Cluster(
        pulse=await pulse.read(context),
        breakers=breakers,
        latencies=tuple(Latency(at=row["at"], decided=row["decided"], delivered=row["delivered"]) for row in rows),
    )


async def resting(context: Context) -> tuple[Breaker, ...]:
    with translating():
        lanes = await context.pool.fetch(SQL["read_breakers"])
    return tuple(as_breaker(context, row) for row in lanes)


def as_breaker(context: Context, row: asyncpg.Record) -> Breaker:
    names = context.vault.open_names(row["id"], row["names"]) if row["id"] else {}
    return Breaker(
        organization=row["organization"],
        name=names.get("organization") or row["organization"],
        rest=Rest(failures=row["failures"], until=row["broken_until"]),
    )
