"""`ptm verify`: every partition whole, every link sound, every decision as the rules of its position say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from events import codec, proof
from events.contact import ContactWithdrawn, Withdrawal
from events.envelope import Recorded
from worker.adapters import queries
from worker.adapters.audit import audit
from worker.adapters.log import Log, Reads, Seals
from worker.adapters.postgres import translating

BATCH = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    partition: int
    position: int
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What was looked at in one partition, and what is wrong with it."""

    partition: int
    events: int
    decisions: int
    unprovable: int
    """Decisions about erased persons."""
    undecided: int
    """Events beyond the projector's checkpoint."""
    faults: tuple[Fault, ...]


async def verify(log: Log, vault: Seals) -> AsyncIterator[Verified]:
    """Partition by partition, read in batches; nothing is written."""
    for partition in sorted(await log.heads()):
        yield await verify_partition(log, vault, partition)


async def verify_partition(log: Log, vault: Seals, partition: int) -> Verified:
    with translating():
        checkpoint: int = await log.pool.fetchval(queries.load("project")["peek_checkpoint"], partition)
    head = (await log.heads())[partition].position
    faults = [
        Fault(partition=partition, position=found.position, says=f"{found.fault}: {found.detail}")
        async for found in audit(log, partition)
    ]
    following = proof.Proof(
        taken_back=await taken_back(log, partition), checkpoint=checkpoint, recalled=await recalled(log, partition)
    )
    events = 0
    async for met in walk(log, vault, partition, head):
        events += 1
        faults += [problem_at(partition, problem) for problem in following.follow(met)]
    faults += [problem_at(partition, problem) for problem in following.missing()]
    return Verified(
        partition=partition,
        events=events,
        decisions=following.decisions,
        unprovable=following.unprovable,
        undecided=max(0, head - checkpoint),
        faults=tuple(faults),
    )


async def walk(log: Reads, vault: Seals, partition: int, end: int) -> AsyncIterator[proof.Met]:
    """Every event up to *end*, opened, in order. Deciding is proved as far as the projector had come when it began."""
    after = 0
    while after < end and (records := await log.read(partition, after, min(BATCH, end - after))):
        for met in await opened(vault, records):
            yield met
        after = records[-1].position


async def opened(vault: Seals, records: Sequence[Recorded]) -> list[proof.Met]:
    personal = await vault.open([(record.row.id, record.row.personal) for record in records])
    return [
        proof.Met(
            position=record.position,
            at=record.at,
            id=record.row.id,
            event=codec.decode(record.row.type, record.row.schema, record.row.data, plain),
            erased=record.row.personal is not None and plain is None,
        )
        for record, plain in zip(records, personal, strict=True)
    ]


async def taken_back(log: Log, partition: int) -> dict[UUID, list[UUID]]:
    """Configuration event → the decisions that it had decided again, oldest first."""
    with translating():
        rows = await log.pool.fetch(queries.load("project")["read_withdrawn"], partition)
    found: defaultdict[UUID, list[UUID]] = defaultdict(list)
    for row in rows:
        event = codec.decode(row["type"], row["schema"], row["data"].encode(), None)
        if isinstance(event, ContactWithdrawn) and event.reason is Withdrawal.DECIDED_AGAIN and event.by:
            found[event.by].append(event.decision)
    return {by: list(dict.fromkeys(decisions)) for by, decisions in found.items()}


async def recalled(log: Log, partition: int) -> frozenset[UUID]:
    """The changes that replays had decided again, and the register entries that they looked at."""
    with translating():
        rows = await log.pool.fetch(queries.load("project")["read_recalled"], partition)
    return frozenset(row["id"] for row in rows)


def problem_at(partition: int, problem: proof.Problem) -> Fault:
    return Fault(partition=partition, position=problem.position, says=problem.says)
