"""Stage 2: the log, told to Kafka in position order; the cursor moves when Kafka has confirmed."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Protocol, TypeVar

import structlog

from events.envelope import Recorded
from worker.adapters import queries
from worker.adapters.log import recorded
from worker.adapters.postgres import Connection, Pool, translating

log = structlog.get_logger()
T = TypeVar("T")

SQL = queries.load("relay")
PLACE = attrgetter("partition", "position")
HOLD = 2.0
"""Seconds after which a transaction that waits for Kafka says that it still lives."""


class Publishes(Protocol):
    async def publish(self, records: Sequence[Recorded]) -> bool:
        """Says whether the topic turned out to be new: it lacks what it was told before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Relay:
    """Any number at once are harmless: whoever holds a partition's cursor tells it."""

    pool: Pool
    publisher: Publishes
    batch: int = 2000
    """Events a turn, over all partitions."""

    async def run_once(self) -> int:
        """Says how many events Kafka was told. Raises Unavailable, Misconfigured: nothing moved, all is told again."""
        with translating():
            async with self.pool.acquire() as connection, connection.transaction():
                records = sorted(map(recorded, await connection.fetch(SQL["take_backlog"], self.batch)), key=PLACE)
                if records:
                    anew = await holding(connection, self.publisher.publish(records))
                    last = {record.partition: record.position for record in records}
                    await connection.execute(SQL["move_cursors"], list(last), list(last.values()))
                    if anew:
                        log.warning("topic is new and told from the start", stage="relay")
                        await connection.execute(SQL["rewind_cursors"])
        return len(records)


async def holding(connection: Connection, work: Coroutine[object, object, T]) -> T:
    """Awaits *work* and keeps the transaction from timing out meanwhile; a frozen worker's locks go all the same."""
    task = asyncio.ensure_future(work)
    try:
        while not (await asyncio.wait([task], timeout=HOLD))[0]:
            await connection.execute(SQL["hold_on"])
        return task.result()
    finally:
        if not task.done():
            task.cancel()
            await asyncio.wait([task])
