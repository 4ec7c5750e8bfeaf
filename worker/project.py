"""Stage 3: events become decisions, exactly once; decisions, deliveries and checkpoint move in one transaction.

This file knows the checkpoint: what continues it, who holds it, how it moves. What is written with it is `deciding`'s.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import structlog

from events.envelope import Recorded
from events.errors import Corrupt, PtmError
from events.integration import Rules
from worker.adapters import queries, schema
from worker.adapters.log import Log
from worker.adapters.postgres import Connection, Pool, Ringer, translating
from worker.deciding import SAYS, Decider, KeysContacts, Known, Said
from worker.turns import ASKING, CONFIGURATION, Applied, Batches, Turn, continuing, grouped, next_turn, refuse_unknown

log = structlog.get_logger()

SQL = queries.load("project")


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
    """Where each partition stood when this process last moved it: maybe further by now."""
    stuck: dict[int, int] = field(default_factory=dict)
    """Where a partition cannot be decided any further, said once: it must not stop the others."""
    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(4))
    """Transactions at once: each holds a connection while it may want another."""

    @property
    def decider(self) -> Decider:
        return Decider(log=self.log, vault=self.vault)

    async def heal(self, partition: int, limit: int = 500) -> Applied:
        """Projects up to *limit* events from Postgres, wherever Kafka stands."""
        with translating():
            after = await self.pool.fetchval(SQL["peek_checkpoint"], partition)
        # A standby that took over may know less than was acknowledged: what this process remembers is void there.
        if (level := self.levels.get(partition)) and level.position > after:
            del self.levels[partition]
        try:
            records = await self.log.read(partition, after, limit)
            done = (await self.apply({partition: records}))[partition]
            said = "the log does not link here"
        except Corrupt as corrupt:
            done, said = Applied(gap=True), type(corrupt).__name__.lower()
        if done.gap and limit > 1:
            return await self.heal(partition, limit // 2)  # as far as it is whole
        if done.gap and self.stuck.get(partition) != after:
            self.stuck[partition] = after
            log.error("partition stands still: run ptm verify", partition=partition, behind=after, error=said)
        return done

    async def apply(self, batches: Batches) -> dict[int, Applied]:
        """Projects what of *batches* continues the checkpoints; duplicates are skipped, anything else is a gap."""
        ahead = {partition: self.ahead(partition, records) for partition, records in batches.items()}
        groups = [self.work_off(group) for group in grouped(ahead)]
        done = dict.fromkeys(batches, Applied())
        for applied in await asyncio.gather(*groups):
            done |= applied
        return done

    def ahead(self, partition: int, records: Sequence[Recorded]) -> Sequence[Recorded]:
        level = self.levels.get(partition)
        return [record for record in records if record.position > level.position] if level else records

    async def work_off(self, group: Batches) -> dict[int, Applied]:
        """Turn after turn, each with the next of every partition that has more."""
        left, applied = dict(group), dict.fromkeys(group, Applied())
        while left:
            turns = {partition: next_turn(records) for partition, records in left.items()}
            for partition, done in (await self.take(turns)).items():
                before = applied[partition].applied
                applied[partition] = Applied(applied=before + done.applied, gap=done.gap, busy=done.busy)
                if not done.again:
                    left[partition] = left[partition][len(turns[partition]) :]
                if done.gap or done.busy or not left[partition]:
                    del left[partition]
        return applied

    async def take(self, turns: Batches) -> dict[int, Turn]:
        """Moves over what says nothing, and decides the rest: an operator's events each by itself.

        Raises `Outgrown` where that is for a newer release to do.
        """
        quiet = self.quiet(turns)
        alone = [partition for partition in turns if turns[partition][0].row.type in ASKING]
        together = {partition: turn for partition, turn in turns.items() if partition not in {*quiet, *alone}}
        passed, done = await asyncio.gather(self.pass_over(quiet), self.project(together))
        for partition in (*alone, *(quiet.keys() - passed.keys())):
            done |= await self.project({partition: turns[partition]})
        return done | passed

    def quiet(self, turns: Batches) -> dict[int, tuple[Level, Sequence[Recorded]]]:
        """The turns that say nothing, the projector's own events and outcomes, and continue what this process knows."""
        quiet: dict[int, tuple[Level, Sequence[Recorded]]] = {}
        for partition, turn in turns.items():
            level = self.levels.get(partition)
            if level is None or any(record.row.type in SAYS for record in turn):
                continue
            if fresh := continuing(turn, level.position, level.hash):
                refuse_unknown(fresh)
                quiet[partition] = level, fresh
        return quiet

    async def pass_over(self, quiet: Mapping[int, tuple[Level, Sequence[Recorded]]]) -> dict[int, Turn]:
        """Moves over them, unless somebody holds or moved the checkpoint."""
        rows = [
            (partition, fresh[-1].position, fresh[-1].hash, level.position, level.hash)
            for partition, (level, fresh) in quiet.items()
        ]
        if not rows:
            return {}
        with translating():
            moved = await self.pool.fetch(SQL["pass_over"], *map(list, zip(*rows, strict=True)), schema.newest())
        for (partition,) in moved:
            level, fresh = quiet[partition]
            self.levels[partition] = Level(position=fresh[-1].position, hash=fresh[-1].hash, rules=level.rules)
        return {partition: Turn(applied=len(quiet[partition][1])) for (partition,) in moved}

    async def project(self, turns: Batches) -> dict[int, Turn]:
        """All in one transaction; where that fails each by itself, so that none keeps the others back."""
        if not turns:
            return {}
        try:
            async with self.turns:
                with translating():
                    done = await self.transact(turns)
        except PtmError:
            if len(turns) == 1:
                raise
            return await self.each_alone(turns)
        self.tell(done)
        return done

    async def each_alone(self, turns: Batches) -> dict[int, Turn]:
        alone = [self.project({partition: turn}) for partition, turn in turns.items()]
        done: dict[int, Turn] = {}
        for one in await asyncio.gather(*alone, return_exceptions=True):
            if isinstance(one, BaseException):
                raise one
            done |= one
        return done

    def tell(self, done: Mapping[int, Turn]) -> None:
        """Only now that it is committed: who comes earlier finds nothing, and does not look again for a second."""
        for partition, turn in done.items():
            for organization in turn.organizations:
                self.ringer.ring("ptm_delivery", organization)
            if turn.organizations or turn.told or turn.again:
                self.ringer.ring("ptm_log", str(partition))

    async def transact(self, turns: Batches) -> dict[int, Turn]:
        async with self.pool.acquire() as connection, connection.transaction():
            rows = await connection.fetch(SQL["take_checkpoints"], list(turns))
            heads = {row["partition"]: Level(position=row["position"], hash=row["hash"], rules={}) for row in rows}
            for row in rows[:1]:
                schema.refuse_newer(row["migration"])
            done = dict.fromkeys(turns, Turn(busy=True)) | dict.fromkeys(heads, Turn())
            fresh: dict[int, Sequence[Recorded]] = {}
            for partition, head in heads.items():
                found = continuing(turns[partition], head.position, head.hash)
                if found:
                    refuse_unknown(found)
                    fresh[partition] = found
                elif found is None:
                    done[partition] = Turn(gap=True)
            if not fresh:
                return done
            known = {partition: self.rules_at(partition, heads[partition].position) for partition in fresh}
            said = await self.decide(connection, fresh, known)
            if said is None:
                return done | dict.fromkeys(fresh, Turn(again=True))
            levels = await self.move(connection, fresh, said, known)
        self.levels.update(levels)
        return done | {
            partition: Turn(
                applied=level.position - heads[partition].position,
                organizations=said.organizations.get(partition, frozenset()),
                told=bool(said.quietly.get(partition)),
            )
            for partition, level in levels.items()
        }

    async def decide(self, connection: Connection, fresh: Batches, known: Known) -> Said | None:
        """None: the same events once more, since an operator's event still takes back what waits."""
        first = next(iter(fresh.values()))[0]
        if first.row.type in CONFIGURATION:
            return await self.decider.configure(connection, first, known[first.partition])
        if first.row.type in ASKING:
            return await self.decider.replay(connection, first)
        return await self.decider.decide(connection, fresh, known)

    async def move(self, connection: Connection, fresh: Batches, said: Said, known: Known) -> dict[int, Level]:
        rows = [
            (partition, turn[-1].position, turn[-1].hash, said.quietly.get(partition, 0))
            for partition, turn in fresh.items()
        ]
        moved = await connection.fetch(SQL["move_checkpoints"], *map(list, zip(*rows, strict=True)))
        return {
            partition: Level(position=position, hash=hash, rules=known[partition])
            for partition, position, hash in moved
        }

    def rules_at(self, partition: int, position: int) -> dict[UUID, Rules]:
        """The rules as this process knows them, where nobody has moved the checkpoint since."""
        level = self.levels.get(partition)
        return dict(level.rules) if level is not None and level.position == position else {}
