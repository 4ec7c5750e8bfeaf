"""The event log in memory: what its ports promise, in lists."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain
from uuid import UUID, uuid4

import orjson

from events.codec import Event
from events.envelope import Recorded, Row, link
from events.errors import Conflict, Corrupt
from worker.adapters import log
from worker.adapters.log import Appended, Draft, Head, Seals


@dataclass(slots=True)
class Transaction:
    """The partitions that are its own until it ends, as they will be read once it is committed."""

    partitions: dict[int, list[Recorded]] = field(default_factory=dict)


class MemoryLog:
    def __init__(self, vault: Seals, *, partitions: int = 16) -> None:
        self._vault = vault
        self._id = uuid4()
        self._held: dict[int, list[Recorded]] = {partition: [] for partition in range(partitions)}
        self._locks = {partition: asyncio.Lock() for partition in self._held}

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """Committed when the block ends, forgotten where it raises."""
        transaction = Transaction()
        try:
            yield transaction
            self._held |= transaction.partitions
        finally:
            for partition in transaction.partitions:
                self._locks[partition].release()

    async def id(self) -> UUID:
        return self._id

    async def prepare(self, drafts: Sequence[Draft]) -> list[Row]:
        return await log.seal(self._vault, drafts)

    async def append(
        self, transaction: Transaction, partition: int, rows: Sequence[Row], /, *, expected: int | None = None
    ) -> list[Appended]:
        if not rows:
            return []
        await self.lock(transaction, partition)
        held = transaction.partitions[partition]
        known = {
            record.row.id: record.position for record in chain(self._everything(), *transaction.partitions.values())
        }
        if any(row.id not in known for row in rows):
            _refuse(rows, held, expected)
        at = max([datetime.now(UTC), *(record.at for record in held[-1:])])
        return [_append(partition, held, known, row, at) for row in rows]

    async def lock(self, transaction: Transaction, partition: int, /) -> None:
        if partition not in self._held:
            raise Corrupt(f"partition {partition} does not exist")
        if partition not in transaction.partitions:
            await self._locks[partition].acquire()
            transaction.partitions[partition] = list(self._held[partition])

    async def heads(self) -> dict[int, Head]:
        return {partition: _head(held) for partition, held in self._held.items()}

    async def read(self, partition: int, after: int, limit: int) -> list[Recorded]:
        return [record for record in self._held[partition] if record.position > after][:limit]

    async def read_at(self, places: Sequence[tuple[int, int]]) -> list[Recorded]:
        return [record for record in self._everything() if (record.partition, record.position) in places]

    async def read_stream(self, stream: str) -> list[Recorded]:
        return [record for record in self._everything() if record.row.stream == stream]

    async def find(self, ids: Sequence[UUID]) -> list[Recorded]:
        return [record for record in self._everything() if record.row.id in ids]

    async def open(self, records: Sequence[Recorded]) -> list[Event]:
        return await log.unseal(self._vault, records)

    def _everything(self) -> list[Recorded]:
        """By partition and position."""
        return [record for partition in sorted(self._held) for record in self._held[partition]]


def _head(held: Sequence[Recorded]) -> Head:
    return Head(position=held[-1].position, hash=held[-1].hash) if held else Head(position=0, hash=b"")


def _refuse(rows: Sequence[Row], held: Sequence[Recorded], expected: int | None) -> None:
    """Raises Conflict or Corrupt for what may not be written."""
    newest = max((record.position for record in held if record.row.stream == rows[0].stream), default=0)
    if expected not in (None, newest):
        raise Conflict(f"{rows[0].stream} has changed since position {expected}")
    for row in rows:
        try:
            orjson.loads(row.data)
        except orjson.JSONDecodeError as error:
            raise Corrupt(f"the data of event {row.id} is no json: {error}") from error


def _append(partition: int, held: list[Recorded], known: dict[UUID, int], row: Row, at: datetime) -> Appended:
    if row.id in known:
        return Appended(id=row.id, position=known[row.id], outcome="known")
    last = _head(held)
    position = last.position + 1
    hash = link(last.hash, row.digest, position, at)
    held.append(Recorded(partition=partition, position=position, at=at, hash=hash, row=row))
    known[row.id] = position
    return Appended(id=row.id, position=position, outcome="appended")
