"""The event log in Postgres: append a batch to one partition, read it back in order."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Literal, Protocol, TypeVar
from uuid import UUID

import asyncpg

from events import codec
from events.codec import Encoded, Event
from events.envelope import WORKER, Recorded, Row
from events.errors import Conflict, Corrupt
from events.proof import Met
from worker.adapters import queries
from worker.adapters.postgres import Connection, Pool, translating

CHANNEL = "ptm_log"
CHUNK = 500
"""Events that are fetched, or open, at once: a picture of 3 kB takes some 30 kB of memory."""

Transaction_contra = TypeVar("Transaction_contra", contravariant=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An event on its way to the log."""

    event: Event
    cause: UUID | None = None
    actor: str = WORKER


@dataclass(frozen=True, slots=True, kw_only=True)
class Appended:
    id: UUID
    position: int | None
    outcome: Literal["appended", "known", "conflict"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The last event of a partition: 0 and b"" before the first."""

    position: int
    hash: bytes


class Seals(Protocol):
    """What the log asks of the vault: a key per data subject, until it is destroyed."""

    async def seal(self, items: Sequence[tuple[UUID, str, bytes | None]]) -> list[bytes | None]: ...
    async def open(self, items: Sequence[tuple[UUID, bytes | None]]) -> list[bytes | None]: ...


class Appends(Protocol[Transaction_contra]):
    """Appending, in the caller's transaction: whatever that is to where the log is kept."""

    async def prepare(self, drafts: Sequence[Draft]) -> list[Row]: ...
    async def append(
        self, transaction: Transaction_contra, partition: int, rows: Sequence[Row], /, *, expected: int | None = None
    ) -> list[Appended]: ...
    async def lock(self, transaction: Transaction_contra, partition: int, /) -> None: ...


class Reads(Protocol):
    """Reading what is committed, in position order."""

    async def id(self) -> UUID: ...
    async def heads(self) -> dict[int, Head]: ...
    async def read(self, partition: int, after: int, limit: int) -> list[Recorded]: ...
    async def read_at(self, places: Sequence[tuple[int, int]]) -> list[Recorded]: ...
    async def read_stream(self, stream: str) -> list[Recorded]: ...
    async def find(self, ids: Sequence[UUID]) -> list[Recorded]: ...
    async def open(self, records: Sequence[Recorded]) -> list[Event]: ...


class Log:
    """Reading asks the pool; appending happens in the caller's transaction."""

    def __init__(self, pool: Pool, vault: Seals) -> None:
        self.pool = pool
        self._vault = vault
        self._id: UUID | None = None

    async def id(self) -> UUID:
        """Made at first migrate, changed by a restore."""
        if self._id is None:
            with translating():
                found = await self.pool.fetchval(queries.load("log")["read_id"])
            if found is None:
                raise Corrupt("the log has lost its id")
            self._id = found
        return self._id

    async def prepare(self, drafts: Sequence[Draft]) -> list[Row]:
        """Encode and seal, before the transaction: making keys waits for the vault, and holds nobody."""
        return await seal(self._vault, drafts)

    async def append(
        self, connection: Connection, partition: int, rows: Sequence[Row], *, expected: int | None = None
    ) -> list[Appended]:
        """One outcome per row, in order; the partition stays locked until the caller's transaction ends.

        *expected* is the position of the newest event of the first row's stream as it was seen (0: none yet); raises
        Conflict, with nothing written, where a newer one stands there.
        """
        if not rows:
            return []
        columns = batch_columns({partition: rows})
        with translating():
            answers = await connection.fetch(queries.load("log")["append_rows"], *columns, expected)
        if answers[0]["outcome"] == "conflict":
            raise Conflict(f"{rows[0].stream} has changed since position {expected}: look at it again, then repeat.")
        return by_partition(answers)[partition]

    async def append_all(
        self, connection: Connection, batches: Mapping[int, Sequence[Row]]
    ) -> dict[int, list[Appended]]:
        """`append` to many partitions in one go. Raises Unavailable soon where somebody holds one of several."""
        if not any(batches.values()):
            return {}
        with translating():
            answers = await connection.fetch(queries.load("log")["append_rows"], *batch_columns(batches), None)
        return by_partition(answers)

    async def lock(self, connection: Connection, partition: int) -> None:
        """Takes the partition without appending yet, for who must lock something behind it first."""
        with translating():
            await connection.execute(queries.load("log")["lock_counter"], partition)

    async def heads(self) -> dict[int, Head]:
        with translating():
            rows = await self.pool.fetch(queries.load("log")["read_heads"])
        return {partition: Head(position=position, hash=hash) for partition, position, hash in rows}

    async def read(self, partition: int, after: int, limit: int) -> list[Recorded]:
        return await self._fetch("read_after", partition, after, limit)

    async def read_at(self, places: Sequence[tuple[int, int]]) -> list[Recorded]:
        """The events at (partition, position), in that order; places without an event are left out."""
        return await self._fetch("read_places", [place[0] for place in places], [place[1] for place in places])

    async def read_stream(self, stream: str) -> list[Recorded]:
        return await self._fetch("read_stream", stream)

    async def find(self, ids: Sequence[UUID]) -> list[Recorded]:
        return await self._fetch("find_ids", list(ids))

    async def stream(self, partition: int, positions: Sequence[int]) -> AsyncIterator[Iterator[Met]]:
        """The events at *positions*, a chunk at a time, each opened when it is taken; what outcomes say is left out."""
        ahead = asyncio.create_task(self._past(partition, positions[:CHUNK]))
        try:
            for first in range(0, len(positions), CHUNK):
                rows = await ahead
                ahead = asyncio.create_task(self._past(partition, positions[first + CHUNK : first + 2 * CHUNK]))
                plain = await self._vault.open([(row["id"], row["personal"]) for row in rows])
                await asyncio.sleep(0)  # so that the next are asked for before these are worked at
                yield map(met, rows, plain)
        finally:
            ahead.cancel()

    async def _past(self, partition: int, positions: Sequence[int]) -> list[asyncpg.Record]:
        if not positions:
            return []
        with translating():
            return await self.pool.fetch(queries.load("log")["read_past"], partition, positions)

    async def open(self, records: Sequence[Recorded]) -> list[Event]:
        """Unsealed and decoded; what was erased is empty. Raises Corrupt, naming the place."""
        return await unseal(self._vault, records)

    async def personal(self, records: Sequence[Recorded]) -> list[bytes | None]:
        """What `decode` needs beside each record; None where nothing is sealed, or the person was erased."""
        return await personal(self._vault, records)

    async def _fetch(self, query: str, *arguments: object) -> list[Recorded]:
        with translating():
            rows = await self.pool.fetch(queries.load("log")[query], *arguments)
        return [recorded(row) for row in rows]


def met(row: asyncpg.Record, plain: bytes | None) -> Met:
    position, at, id, type, schema, data, personal = row
    event = codec.decode(type, schema, data.encode(), plain)
    return Met(position=position, at=at, id=id, event=event, erased=personal is not None and plain is None)


def recorded(row: asyncpg.Record) -> Recorded:
    """An event as the queries of log.sql select it; columns beyond those do no harm."""
    partition, position, stream, id, type, schema, at, cause, actor, data, personal, hash, *_ = row
    return Recorded(
        partition=partition,
        position=position,
        at=at,
        hash=hash,
        row=Row(
            stream=stream,
            id=id,
            type=type,
            schema=schema,
            cause=cause,
            actor=actor,
            data=data.encode(),
            personal=personal,
        ),
    )


def batch_columns(batches: Mapping[int, Sequence[Row]]) -> tuple[list[object], ...]:
    """The arguments of append(): partitions, ascending, how many rows each, and the rows by column."""
    filled = [(partition, rows) for partition, rows in sorted(batches.items()) if rows]
    rows = list(chain.from_iterable(rows for _, rows in filled))
    return (
        [partition for partition, _ in filled],
        [len(rows) for _, rows in filled],
        [row.id for row in rows],
        [row.stream for row in rows],
        [row.type for row in rows],
        [row.schema for row in rows],
        [row.cause for row in rows],
        [row.actor for row in rows],
        [row.data.decode() for row in rows],
        [row.personal for row in rows],
        [row.digest for row in rows],
    )


def by_partition(answers: Iterable[asyncpg.Record]) -> dict[int, list[Appended]]:
    """What append() answers, in the order of the rows."""
    appended = defaultdict[int, list[Appended]](list)
    for partition, id, position, outcome in answers:
        appended[partition].append(Appended(id=id, position=position, outcome=outcome))
    return appended


async def seal(vault: Seals, drafts: Sequence[Draft]) -> list[Row]:
    """Drafts as the log keeps them, wherever it keeps them."""
    encoded = [codec.encode(draft.event) for draft in drafts]
    ids = [draft.event.id for draft in drafts]
    sealed = await vault.seal(
        [(id, draft.event.subject, wire.personal) for id, draft, wire in zip(ids, drafts, encoded, strict=True)]
    )
    return [as_row(draft, wire, personal) for draft, wire, personal in zip(drafts, encoded, sealed, strict=True)]


def open_row(draft: Draft) -> Row:
    """Of an event in which nothing is to be sealed: it needs no vault."""
    wire = codec.encode(draft.event)
    assert wire.personal is None, "nothing personal stands open"
    return as_row(draft, wire, None)


def as_row(draft: Draft, wire: Encoded, personal: bytes | None) -> Row:
    return Row(
        stream=draft.event.stream,
        id=draft.event.id,
        type=wire.type,
        schema=wire.schema,
        cause=draft.cause,
        actor=draft.actor,
        data=wire.data,
        personal=personal,
    )


async def unseal(vault: Seals, records: Sequence[Recorded]) -> list[Event]:
    return [decode(record, plain) for record, plain in zip(records, await personal(vault, records), strict=True)]


async def personal(vault: Seals, records: Sequence[Recorded]) -> list[bytes | None]:
    return await vault.open([(record.row.id, record.row.personal) for record in records])


def decode(record: Recorded, personal: bytes | None) -> Event:
    """The event with *personal* unsealed. Raises Corrupt, naming the place."""
    try:
        return codec.decode(record.row.type, record.row.schema, record.row.data, personal)
    except Corrupt as error:
        raise Corrupt(f"partition {record.partition} position {record.position}: {error}") from error
