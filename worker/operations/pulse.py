"""The cluster in a few numbers, cheap enough to be asked for every second."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import asyncpg

from worker.adapters.budget import Budget
from worker.adapters.postgres import translating
from worker.operations.context import SQL, Context
from worker.operations.status import Lag, Running, as_lag, as_worker

__all__ = ["Lag", "Pulse", "Running", "read"]

ON_ITS_WAY = timedelta(seconds=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulse:
    at: datetime
    lags: tuple[Lag, ...]
    workers: tuple[Running, ...]
    waiting: int
    """Deliveries that wait or are under way."""
    parked: int
    requests: int
    """To Procountor, granted in the newest slice, for a whole second of such."""
    per_second: int
    """How many requests a second the settings allow."""

    @property
    def head(self) -> int:
        """Events in the log."""
        return sum(lag.head for lag in self.lags)

    @property
    def undecided(self) -> int:
        return sum(lag.head - lag.decided for lag in self.lags)

    @property
    def late(self) -> bool:
        """Some event has been undecided for longer than it takes when all is well."""
        return any(map(self.is_late, self.lags))

    def is_late(self, lag: Lag) -> bool:
        """The same of one partition."""
        return lag.undecided_since is not None and self.at - lag.undecided_since > ON_ITS_WAY

    @property
    def alive(self) -> int:
        return sum(worker.alive for worker in self.workers)


async def read(context: Context) -> Pulse:
    with translating():
        lags = await context.pool.fetch(SQL["read_lag"])
        workers = await context.pool.fetch(SQL["read_workers"])
        busy = await context.pool.fetchrow(SQL["read_business"])
    assert busy is not None, "one row, whatever there is"
    now = datetime.now(UTC)
    return Pulse(
        at=now,
        lags=tuple(as_lag(row) for row in lags),
        workers=tuple(as_worker(row, now) for row in workers),
        waiting=busy["waiting"],
        parked=busy["parked"],
        requests=requests(busy, context.settings.procountor_per_second),
        per_second=context.settings.procountor_per_second,
    )


def requests(row: asyncpg.Record, per_second: int) -> int:
    """A slice that is over says nothing of now."""
    slice_ms, _ = Budget.shares(per_second)
    over = row["slice"] is None or row["slice"] < time.time() * 1000 // slice_ms - 1
    return 0 if over else row["granted"] * 1000 // slice_ms
