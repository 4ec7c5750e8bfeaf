"""Stage 3: events become decisions, exactly once; decisions, deliveries and checkpoint move in one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import takewhile
from typing import get_args
from uuid import UUID

import structlog

from events import codec, rules
from events.contact import ContactAdded, ContactRefused, ContactSkipped, ContactWithdrawn, Withdrawal
from events.envelope import Recorded, link
from events.errors import Corrupt
from events.integration import (
    AddressBlocked,
    AddressUnblocked,
    Configuration,
    IntegrationRemoved,
    Rules,
    TriggerRemoved,
    TriggerSaved,
    Waiting,
    fold,
    waiting_of,
)
from events.invoice import InvoiceStatusChanged
from events.rules import Candidate
from worker.adapters import ledger, queries
from worker.adapters.log import Appended, Draft, Log
from worker.adapters.postgres import Connection, Pool, Ringer, translating
from worker.adapters.vault import Vault

log = structlog.get_logger()

SQL = queries.load("project")
CONFIGURATION = frozenset(kind.type for kind in get_args(Configuration))
READ = CONFIGURATION | {InvoiceStatusChanged.type}
FREES = frozenset({ContactRefused.type, ContactWithdrawn.type})
SAYS = READ | FREES
"""What a projector has to read; it only moves over the rest."""
CHUNK = 500
"""Waiting decisions that one transaction takes back."""


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
class Said:
    """What a transaction appended: nothing that a projector would have to read again."""

    quietly: int = 0
    """How many decisions."""
    organizations: frozenset[str] = frozenset()
    """Where contacts are to be added."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Projector:
    """Applies the rules in force at each event's position. Safe to run anywhere, any number of times, at once."""

    pool: Pool
    log: Log
    vault: Vault
    ringer: Ringer
    levels: dict[int, Level] = field(default_factory=dict)
    """Where each partition stood when this process last moved it: maybe further by now, never less far."""
    stuck: dict[int, int] = field(default_factory=dict)
    """Where a partition cannot be decided any further, said once: it must not stop the others."""
    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(4))
    """Partitions decided at once: each holds a connection while it may want another."""

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
                again, organizations = await self.configure(connection, fresh[0], first)
                known.pop(first.integration, None)
                said = Said(organizations=organizations)
            else:
                again, said = False, await self.decide(connection, fresh, events, known)
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

    async def decide(
        self,
        connection: Connection,
        fresh: Sequence[Recorded],
        events: Mapping[int, codec.Event],
        in_force: dict[UUID, Rules],
    ) -> Said:
        """Decides every change in *fresh*; in order, so that a refusal frees the cool-down for what follows it."""
        met = [(record, events[record.position]) for record in fresh if record.position in events]
        changed = {event.integration for _, event in met if isinstance(event, InvoiceStatusChanged)}
        in_force |= await self.rules_in_force(connection, changed - in_force.keys())
        acts: list[Candidate | UUID] = []
        for record, event in met:
            match event:
                case InvoiceStatusChanged(integration=integration) if integration in in_force:
                    acts += rules.consider(in_force[integration], event, record.at, cause=record.row.id)
                case ContactRefused(decision=decision, step=1) | ContactWithdrawn(decision=decision, step=1):
                    acts.append(decision)
                case _:
                    pass
        return await self.settle(connection, fresh[0].partition, acts)

    async def settle(self, connection: Connection, partition: int, acts: Sequence[Candidate | UUID]) -> Said:
        """Writes the decisions and the deliveries of contacts to be added; an id among *acts* frees its cool-down."""
        key = cache(await self.vault.contact_key())
        used = await ledger.read(connection, [act for act in acts if isinstance(act, Candidate)], key)
        if freed := [act for act in acts if isinstance(act, UUID)]:
            await connection.execute(SQL["free_cooldown"], freed)
        decisions = []
        for act in acts:
            if isinstance(act, Candidate):
                decisions.append((act, rules.settle(act, used)))
            else:
                used.free(act)
        if not decisions:
            return Said()
        rows = await self.log.prepare([Draft(event=decision, cause=decision.cause) for _, decision in decisions])
        appended = await self.log.append(connection, partition, rows)
        await ledger.write(connection, placed(partition, decisions, appended), key)
        return Said(
            quietly=sum(place.outcome == "appended" for place in appended),
            organizations=frozenset(
                found.rules.organization for found, made in decisions if isinstance(made, ContactAdded)
            ),
        )

    async def rules_in_force(self, connection: Connection, integrations: set[UUID]) -> dict[UUID, Rules]:
        rows = await connection.fetch(SQL["read_rules"], list(integrations)) if integrations else []
        return {found.integration: found for found in (codec.rules_from_json(row["rules"]) for row in rows)}

    async def configure(
        self, connection: Connection, record: Recorded, event: Configuration
    ) -> tuple[bool, frozenset[str]]:
        """Folds a configuration event; says whether it has more to take back, and whose lane it frees."""
        before = (await self.rules_in_force(connection, {event.integration})).get(event.integration)
        after = fold(before, event, record.position)
        await connection.execute(SQL["write_rules"], event.integration, record.position, codec.rules_to_json(after))
        if isinstance(event, AddressBlocked | AddressUnblocked):
            await ledger.change_block_list(connection, event, await self.vault.contact_key())
        again = waiting_of(event) is not Waiting.SEND and await self.take_back(connection, record, event, after)
        return again, frozenset() if again else frozenset({after.organization})

    async def take_back(self, connection: Connection, record: Recorded, event: Configuration, after: Rules) -> bool:
        """Withdraws a chunk of what waits from before *record*, decides it again if asked; says if more may wait."""
        trigger = trigger_of(event)
        again = waiting_of(event) is Waiting.DECIDE_AGAIN
        await self.log.lock(connection, record.partition)
        wanted = (event.integration, trigger, record.position, CHUNK, event.id)
        found = await connection.fetch(SQL["lock_waiting"], *wanted)
        if not found:
            return again and await self.decide_again(connection, record, after)
        waiting = await connection.fetch(SQL["read_waiting"], [row["id"] for row in found])
        if not waiting:
            return True
        decided = await self.log.open(await self.log.read_at([(row["partition"], row["position"]) for row in waiting]))
        reason = Withdrawal.DECIDED_AGAIN if again else dropped(event)
        withdrawn = [
            ContactWithdrawn(
                integration=event.integration,
                invoice_id=row["invoice"],
                partner=added.partner if isinstance(added, ContactAdded) else None,
                decision=row["decision"],
                step=row["step"],
                reason=reason,
                by=event.id,
            )
            for row, added in zip(waiting, decided, strict=True)
        ]
        rows = await self.log.prepare([Draft(event=one, cause=one.decision) for one in withdrawn])
        await self.log.append(connection, record.partition, rows)
        await connection.execute(SQL["withdraw"], [row["id"] for row in waiting], event.id if again else None)
        if again:
            decisions = list({row["decision"] for row in waiting})
            await connection.execute(SQL["free_added"], decisions)
            await connection.execute(SQL["free_cooldown"], decisions)
        return True

    async def decide_again(self, connection: Connection, record: Recorded, after: Rules) -> bool:
        """Once all is taken back: decides a chunk of it under the rules *after*; says whether there was any."""
        taken = await connection.fetch(SQL["take_taken_back"], record.row.id, CHUNK)
        found = await self.log.find(list({row["cause"] for row in taken}))
        opened = await self.log.open(found)
        causes = {cause.row.id: (cause, change) for cause, change in zip(found, opened, strict=True)}
        candidates: list[Candidate] = []
        for row in taken:
            cause, change = causes[row["cause"]]
            if isinstance(change, InvoiceStatusChanged):
                again = rules.consider(after, change, cause.at, cause=cause.row.id, asked_by=record.row.id)
                candidates += [candidate for candidate in again if candidate.trigger.id == row["trigger"]]
        await self.settle(connection, record.partition, candidates)
        return bool(taken)


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


def placed(
    partition: int,
    decisions: Sequence[tuple[Candidate, ContactAdded | ContactSkipped]],
    appended: Sequence[Appended],
) -> list[ledger.Placed]:
    """The contacts to be added that are new to the log, with their positions."""
    return [
        ledger.Placed(added=made, candidate=found, id=place.id, partition=partition, position=place.position)
        for (found, made), place in zip(decisions, appended, strict=True)
        if isinstance(made, ContactAdded) and place.outcome == "appended" and place.position is not None
    ]


def trigger_of(event: Configuration) -> UUID | None:
    """The one trigger whose waiting decisions the event speaks of; None: all of the integration's."""
    match event:
        case TriggerSaved(trigger=trigger):
            return trigger.id
        case TriggerRemoved(trigger=gone):
            return gone
        case _:
            return None


def dropped(event: Configuration) -> Withdrawal:
    return Withdrawal.REMOVED if isinstance(event, IntegrationRemoved) else Withdrawal.DROPPED
