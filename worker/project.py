"""Stage 3: events become decisions, exactly once; decisions, deliveries and checkpoint move in one transaction.

This file knows the checkpoint: what continues it, who holds it, how it moves. What is written with it is `deciding`'s.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import get_args
from uuid import UUID

import structlog

from events import codec
from events.contact import ContactRefused, ContactWithdrawn
from events.envelope import Recorded, link
from events.errors import Corrupt
from events.integration import Configuration, Rules
from events.invoice import InvoiceStatusChanged
from worker.adapters import queries
from worker.adapters.log import Log
from worker.adapters.postgres import Pool, Ringer, translating
from worker.deciding import Decider, KeysContacts, Said

log = structlog.get_logger()

SQL = queries.load("project")
CONFIGURATION = frozenset(kind.type for kind in get_args(Configuration))
READ = CONFIGURATION | {InvoiceStatusChanged.type}
FREES = frozenset({ContactRefused.type, ContactWithdrawn.type})
SAYS = READ | FREES
"""What a projector has to read; it only moves over the rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """How far one call came."""

    applied: int = 0
    """Events that the checkpoint moved over."""
    gap: bool = False
    """What was given starts beyond the checkpoint, or does not link to it: Postgres has to be read."""
    busy: bool = False
    """Somebody else holds the partition."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """A checkpoint as this process left it, and the rules in force there."""

    position: int
    hash: bytes
    rules: dict[UUID, Rules]


@dataclass(frozen=True, slots=True, kw_only=True)
class Projector:
    """Applies the rules in force at each event's position. Safe to run anywhere, any number of times, at once."""

    pool: Pool
    log: Log
    vault: KeysContacts
    ringer: Ringer
    levels: dict[int, Level] = field(default_factory=dict)
    """Where each partition stood when this process last moved it: maybe further by now, never less far."""
    stuck: dict[int, int] = field(default_factory=dict)
    """Where a partition cannot be decided any further, said once: it must not stop the others."""
    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(4))
    """Partitions decided at once: each holds a connection while it may want another."""

    @property
    def decider(self) -> Decider:
        return Decider(log=self.log, vault=self.vault)

    async def heal(self, partition: int, limit: int = 500) -> Applied:
        """Projects up to *limit* events from Postgres, wherever Kafka stands."""
        with translating():
            after = await self.pool.fetchval(SQL["peek_checkpoint"], partition)
        try:
            done = await self.apply(partition, await self.log.read(partition, after, limit))
            said = "the log does not link here"
        except Corrupt as corrupt:
            done, said = Applied(gap=True), type(corrupt).__name__.lower()
        if done.gap and limit > 1:
            return await self.heal(partition, limit // 2)  # as far as it is whole
        if done.gap and self.stuck.get(partition) != after:
            self.stuck[partition] = after
            log.error("partition stands still: run ptm verify", partition=partition, behind=after, error=said)
        return done

    async def apply(self, partition: int, records: Sequence[Recorded]) -> Applied:
        """Projects what of *records* continues the checkpoint; duplicates are skipped, anything else is a gap."""
        applied = 0
        if level := self.levels.get(partition):
            records = [record for record in records if record.position > level.position]
        while records:
            turn = next_turn(records)
            if passed := await self.pass_over(partition, turn):
                applied, records = applied + passed, records[len(turn) :]
                continue
            async with self.turns:
                events = await self.read(turn)
                with translating():
                    done = await self.project(partition, turn, events)
            applied += done.applied
            if done.gap or done.busy:
                return Applied(applied=applied, gap=done.gap, busy=done.busy)
            if not done.again:
                records = records[len(turn) :]
        return Applied(applied=applied)

    async def pass_over(self, partition: int, turn: Sequence[Recorded]) -> int:
        """Moves over events that say nothing, the projector's own and outcomes; 0 where that is not so simple."""
        level = self.levels.get(partition)
        if level is None or any(record.row.type in SAYS for record in turn):
            return 0
        fresh = continuing(turn, level.position, level.hash)
        if not fresh:
            return 0
        position, hash = fresh[-1].position, fresh[-1].hash
        with translating():
            moved = await self.pool.fetchval(SQL["pass_over"], partition, position, hash, level.position, level.hash)
        if moved:
            self.levels[partition] = Level(position=position, hash=hash, rules=level.rules)
        return len(fresh) if moved else 0

    async def read(self, turn: Sequence[Recorded]) -> Mapping[int, codec.Event]:
        """The events that say something to a projector, by position; most are its own decisions and say nothing."""
        wanted = [record for record in turn if record.row.type in READ]
        events = dict(zip((record.position for record in wanted), await self.log.open(wanted), strict=True))
        for record in turn:
            if record.row.type in FREES:
                row = record.row
                events[record.position] = codec.decode(row.type, row.schema, row.data, None)
        return events

    async def project(self, partition: int, turn: Sequence[Recorded], events: Mapping[int, codec.Event]) -> Turn:
        done = await self.transact(partition, turn, events)
        # Only now that it is committed: who comes earlier finds nothing, and does not look again for a second.
        for organization in done.organizations:
            self.ringer.ring("ptm_delivery", organization)
        if done.organizations or done.told or done.again:
            self.ringer.ring("ptm_log", str(partition))
        return done

    async def transact(self, partition: int, turn: Sequence[Recorded], events: Mapping[int, codec.Event]) -> Turn:
        async with self.pool.acquire() as connection, connection.transaction():
            head = await connection.fetchrow(SQL["take_checkpoint"], partition)
            if head is None:
                return Turn(busy=True)
            fresh = continuing(turn, head["position"], head["hash"])
            if fresh is None:
                return Turn(gap=True)
            if not fresh:
                return Turn()
            first = events.get(fresh[0].position)
            known = self.rules_at(partition, head["position"])
            if isinstance(first, get_args(Configuration)):
                again, organizations = await self.decider.configure(connection, fresh[0], first)
                known.pop(first.integration, None)
                said = Said(organizations=organizations)
            else:
                again, said = False, await self.decider.decide(connection, fresh, events, known)
            if again:
                return Turn(again=True)
            last = (fresh[-1].position, fresh[-1].hash)
            position, hash = await connection.fetchrow(SQL["move_checkpoint"], partition, *last, said.quietly) or last
        self.levels[partition] = Level(position=position, hash=hash, rules=known)
        applied = position - head["position"]
        return Turn(applied=applied, organizations=said.organizations, told=said.quietly > 0)

    def rules_at(self, partition: int, position: int) -> dict[UUID, Rules]:
        """The rules as this process knows them, where nobody has moved the checkpoint since."""
        level = self.levels.get(partition)
        return dict(level.rules) if level is not None and level.position == position else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What one transaction did."""

    applied: int = 0
    gap: bool = False
    busy: bool = False
    organizations: frozenset[str] = frozenset()
    """Where something may leave now."""
    told: bool = False
    """Something was appended."""
    again: bool = False
    """The same events once more: a configuration event still takes back what waits."""


def next_turn(records: Sequence[Recorded]) -> Sequence[Recorded]:
    """As many as one transaction takes: a configuration event alone, or everything up to the next."""
    if records[0].row.type in CONFIGURATION:
        return records[:1]
    return list(takewhile(lambda record: record.row.type not in CONFIGURATION, records))


def continuing(turn: Sequence[Recorded], position: int, hash: bytes) -> Sequence[Recorded] | None:
    """What of *turn* lies beyond the checkpoint, or None where it does not continue it link by link."""
    fresh = [record for record in turn if record.position > position]
    for record in fresh:
        position += 1
        hash = link(hash, record.row.digest, record.position, record.at)
        if record.position != position or record.hash != hash:
            return None
    return fresh
