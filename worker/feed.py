"""What Kafka brings goes to the projector; what it does not bring, Postgres gives: nothing depends on the topic."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from events.envelope import Recorded
from worker.adapters import queries
from worker.adapters.postgres import Pool, translating

SQL = queries.load("relay")
PATIENCE = 1.0
"""Seconds that a partition's head may stand ahead of an unmoved checkpoint."""
CHUNK = 500


class Outcome(Protocol):
    """How far the projector came: events applied, and whether what it was given does not continue the checkpoint."""

    @property
    def applied(self) -> int: ...
    @property
    def gap(self) -> bool: ...


class Projects(Protocol):
    async def apply(self, partition: int, records: Sequence[Recorded]) -> Outcome: ...
    async def heal(self, partition: int, limit: int = ...) -> Outcome: ...


class Receives(Protocol):
    async def receive(self, limit: int = ...) -> Mapping[int, Sequence[Recorded]]: ...
    async def skip(self, partitions: Collection[int]) -> None: ...


@dataclass(slots=True, kw_only=True)
class Feed:
    """Kafka → projector. A turn waits for messages by itself: run it without a pause."""

    source: Receives
    projector: Projects
    _stale: set[int] = field(default_factory=set)

    async def run_once(self) -> int:
        """Says how many events were applied."""
        stale, self._stale = self._stale, set()
        if stale:
            await self.source.skip(stale)
        batches = await self.source.receive()
        return sum(await asyncio.gather(*(self._apply(*batch) for batch in batches.items() if batch[1])))

    def skip(self, partition: int) -> None:
        """*partition* was projected from Postgres: read on from its end, wherever the topic was thought to end."""
        self._stale.add(partition)

    async def _apply(self, partition: int, records: Sequence[Recorded]) -> int:
        outcome = await self.projector.apply(partition, records)
        if not outcome.gap:
            return outcome.applied
        healed = await self.projector.heal(partition, CHUNK)
        again = await self.projector.apply(partition, records)
        return outcome.applied + healed.applied + again.applied


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How far a partition was appended, told to Kafka and decided."""

    head: int
    told: int
    decided: int


async def read_standings(pool: Pool) -> dict[int, Standing]:
    with translating():
        rows = await pool.fetch(SQL["read_standings"])
    return {partition: Standing(head=head, told=told, decided=decided) for partition, head, told, decided in rows}


@dataclass(slots=True, kw_only=True)
class Healer:
    """Postgres → projector, for partitions that stand still: a lost message, a rebalance, a broker that is away."""

    pool: Pool
    projector: Projects
    feed: Feed
    now: Callable[[], float] = time.monotonic
    _since: dict[int, tuple[int, float]] = field(default_factory=dict)
    _under_way: set[int] = field(default_factory=set)

    async def run_once(self) -> int:
        """A chunk of each partition that needs it; says how many events were applied."""
        stalled = self.stalled(await read_standings(self.pool))
        return sum(await asyncio.gather(*(self._heal(partition) for partition in stalled)))

    def stalled(self, standings: Mapping[int, Standing]) -> list[int]:
        """The partitions with something to decide whose checkpoint stood still for `PATIENCE`, until they are level."""
        now = self.now()
        waiting = {partition: each.decided for partition, each in standings.items() if each.head > each.decided}
        self._since = {
            partition: seen if (seen := self._since.get(partition, (-1, 0.0)))[0] == decided else (decided, now)
            for partition, decided in waiting.items()
        }
        return [
            partition
            for partition, (_, since) in self._since.items()
            if partition in self._under_way or now - since >= PATIENCE
        ]

    async def _heal(self, partition: int) -> int:
        done = await self.projector.heal(partition, CHUNK)
        self._under_way.discard(partition)
        if done.applied >= CHUNK:
            self._under_way.add(partition)
        self.feed.skip(partition)
        return done.applied
