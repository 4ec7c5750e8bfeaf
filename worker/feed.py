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
SHORT = 0.2
"""The same while this worker has no share of the topic: before the group has agreed, and during a rebalance."""
CHUNK = 500


class Outcome(Protocol):
    """How far the projector came: events applied, and whether what it was given does not continue the checkpoint."""

    @property
    def applied(self) -> int: ...
    @property
    def gap(self) -> bool: ...


class Projects(Protocol):
    async def apply(self, batches: Mapping[int, Sequence[Recorded]]) -> Mapping[int, Outcome]: ...
    async def heal(self, partition: int, limit: int = ...) -> Outcome: ...


class Receives(Protocol):
    @property
    def partitions(self) -> Collection[int]: ...
    async def receive(self, limit: int = ...) -> Mapping[int, Sequence[Recorded]]: ...
    async def skip(self, partitions: Collection[int]) -> None: ...


@dataclass(slots=True, kw_only=True)
class Feed:
    """Kafka → projector. A turn waits for messages by itself: run it without a pause."""

    source: Receives
    projector: Projects
    now: Callable[[], float] = time.monotonic
    _seen: dict[int, int] = field(default_factory=dict)
    _healed: dict[int, tuple[int, float]] = field(default_factory=dict)

    async def run_once(self) -> int:
        """Says how many events were applied."""
        if deaf := self.deaf():
            await self.source.skip(deaf)
        batches = {partition: records for partition, records in (await self.source.receive()).items() if records}
        self._seen |= {partition: records[-1].position for partition, records in batches.items()}
        done = await self.projector.apply(batches)
        gaps = [partition for partition, outcome in done.items() if outcome.gap]
        filled = await asyncio.gather(*(self._fill(partition, batches[partition]) for partition in gaps))
        return sum(outcome.applied for outcome in done.values()) + sum(filled)

    def healed(self, partition: int, position: int) -> None:
        """*partition* was projected from Postgres up to *position*, which Kafka has `PATIENCE` to bring as well."""
        self._healed[partition] = (position, self.now())

    def deaf(self) -> set[int]:
        """Partitions that Kafka brought nothing of that Postgres gave: read on from their end, wherever we stood.

        A topic made anew may end before where we wait, and say nothing; one long behind holds only what is known.
        """
        late = {p for p, (_, since) in self._healed.items() if self.now() - since >= PATIENCE}
        return {p for p in late if self._healed.pop(p)[0] > self._seen.get(p, 0)}

    async def _fill(self, partition: int, records: Sequence[Recorded]) -> int:
        """What Kafka left out, from Postgres, and then again what it brought."""
        healed = await self.projector.heal(partition, CHUNK)
        again = (await self.projector.apply({partition: records}))[partition]
        return healed.applied + again.applied


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
        standings = await read_standings(self.pool)
        stalled = self.stalled(standings)
        return sum(await asyncio.gather(*(self._heal(partition, standings[partition].head) for partition in stalled)))

    def stalled(self, standings: Mapping[int, Standing]) -> list[int]:
        """The partitions with something to decide whose checkpoint stood still for too long, until they are level."""
        now, patience = self.now(), PATIENCE if self.feed.source.partitions else SHORT
        waiting = {partition: each.decided for partition, each in standings.items() if each.head > each.decided}
        self._since = {
            partition: seen if (seen := self._since.get(partition, (-1, 0.0)))[0] == decided else (decided, now)
            for partition, decided in waiting.items()
        }
        return [
            partition
            for partition, (_, since) in self._since.items()
            if partition in self._under_way or now - since >= patience
        ]

    async def _heal(self, partition: int, head: int) -> int:
        done = await self.projector.heal(partition, CHUNK)
        self._under_way.discard(partition)
        if done.applied >= CHUNK:
            self._under_way.add(partition)
        self.feed.healed(partition, head)
        return done.applied
