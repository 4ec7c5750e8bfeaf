"""Logins that end by themselves: when is kept for whoever asks, and told ahead, once a step."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import asyncpg

from events.connection import LoginEnding, step
from events.envelope import identify
from events.errors import Corrupt, Misconfigured
from events.integration import Service
from worker.adapters import queries
from worker.adapters.credentials import ends_at, from_secret
from worker.adapters.log import Draft, Log
from worker.adapters.postgres import Pool, Ringer, translating
from worker.adapters.vault import Vault

SQL = queries.load("expiring")
EVERY = 3600.0
"""Seconds between two looks."""
CHUNK = 500


@dataclass(slots=True, kw_only=True)
class Expiring:
    """Several at once are harmless: the event of a step is the same, whoever appends it."""

    pool: Pool
    log: Log
    vault: Vault
    ringer: Ringer
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    every: float = EVERY
    looked_at: float = float("-inf")

    async def run_once(self) -> int:
        """Looks at every login, once in *every* seconds; 0, for more is not to be done."""
        now = asyncio.get_running_loop().time()
        if now - self.looked_at < self.every:
            return 0
        async for row in self.logins():
            ends = self.end_of(row)
            if ends != row["ends_at"]:
                with translating():
                    await self.pool.execute(SQL["note_end"], row["id"], row["procountor_secret"], ends)
            if ends is not None and (days := step(ends - self.clock())) is not None:
                await self.tell(row, ends, days)
        self.looked_at = now
        return 0

    async def logins(self) -> AsyncIterator[asyncpg.Record]:
        last = UUID(int=0)
        while True:
            with translating():
                rows = await self.pool.fetch(SQL["list_logins"], last, CHUNK)
            for row in rows:
                yield row
            if len(rows) < CHUNK:
                return
            last = rows[-1]["id"]
            await asyncio.sleep(0)

    def end_of(self, row: asyncpg.Record) -> datetime | None:
        try:
            plain = self.vault.open_secret(row["procountor_secret"], row["sealed"])
            return ends_at(from_secret(plain), given=row["changed_at"])
        except (Corrupt, Misconfigured):
            # Reading meets it too, and tells it.
            return None

    async def tell(self, row: asyncpg.Record, ends: datetime, days: int) -> None:
        event = LoginEnding(
            integration=row["id"],
            id=identify("login ends", row["procountor_secret"], ends.isoformat(), days),
            service=Service.PROCOUNTOR,
            ends_at=ends.isoformat(),
            days=days,
        )
        rows = await self.log.prepare([Draft(event=event)])
        with translating():
            async with self.pool.acquire() as connection, connection.transaction():
                [placed] = await self.log.append(connection, row["partition"], rows)
        if placed.outcome == "appended":
            self.ringer.ring("ptm_log", str(row["partition"]))
