"""The append function in batches of 1, 100 and 1000 beside raw COPY of the same rows into the same table."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from itertools import count
from typing import Any
from uuid import uuid4

from benchmarks.ground import Ground, sent, side_by_side
from events.envelope import EPOCH, Row
from worker.adapters.log import Draft, batch_columns

COLUMNS = [
    "partition",
    "position",
    "stream",
    "id",
    "type",
    "schema",
    "at",
    "cause",
    "actor",
    "data",
    "personal",
    "digest",
    "hash",
]
PARTITION, COPIED, UNCHAINED = 0, 1, 2
ROUNDS = 7


async def run(ground: Ground) -> dict[str, Any]:
    """Sealing is done before: what is measured is writing rows that are ready."""
    integration = await ground.integration(PARTITION)
    rows = await ground.log.prepare([Draft(event=sent(integration, number)) for number in range(1000)])
    await without_chain(ground)
    works = {
        "copy 1000": copying(ground, rows, 1000, 4),
        "append 1000": appending(ground, rows, 1000, 4),
        "append 1000 without the chain": unchained(ground, rows, 1000, 4),
        "copy 100": copying(ground, rows, 100, 10),
        "append 100": appending(ground, rows, 100, 10),
        "copy 1": copying(ground, rows, 1, 200),
        "append 1": appending(ground, rows, 1, 200),
    }
    figures = await side_by_side(works, rounds=ROUNDS)
    ratio = {size: figures[f"append {size}"].median / figures[f"copy {size}"].median for size in (1, 100, 1000)}
    return {
        "rows_per_second": {name: figure.as_json() for name, figure in figures.items()},
        "append_of_copy": {str(size): round(value, 2) for size, value in ratio.items()},
    }


def fresh(rows: list[Row], size: int) -> list[Row]:
    """The same facts under new ids: what is known is not written."""
    return [replace(row, id=uuid4()) for row in rows[:size]]


def appending(ground: Ground, rows: list[Row], size: int, times: int) -> Callable[[], Awaitable[int]]:
    batches = [fresh(rows, size) for _ in range(times * ROUNDS)]

    async def work() -> int:
        for _ in range(times):
            async with ground.pool.acquire() as connection, connection.transaction():
                await ground.log.append(connection, PARTITION, batches.pop())
        return size * times

    return work


def copying(ground: Ground, rows: list[Row], size: int, times: int) -> Callable[[], Awaitable[int]]:
    positions = count(10_000_000 * size)
    batches = [
        [
            (
                *(COPIED, next(positions), row.stream, row.id, row.type, row.schema, EPOCH, row.cause, row.actor),
                *(row.data.decode(), row.personal, row.digest, bytes(32)),
            )
            for row in fresh(rows, size)
        ]
        for _ in range(times * ROUNDS)
    ]

    async def work() -> int:
        for _ in range(times):
            async with ground.owner.acquire() as connection:
                await connection.copy_records_to_table("event", records=batches.pop(), columns=COLUMNS)
        return size * times

    return work


async def without_chain(ground: Ground) -> None:
    """The append function as it would be if it linked nothing."""
    source: str = await ground.owner.fetchval("select pg_get_functiondef('append'::regproc)")
    linked = "sha256(head.hash || digest || int8send(head.position) || micros)"
    assert source.count(linked) == 1
    source = source.replace(linked, "digest").replace("public.append(", "public.append_unchained(")
    await ground.owner.execute(source)
    await ground.owner.execute("grant execute on function append_unchained to ptm_worker")


def unchained(ground: Ground, rows: list[Row], size: int, times: int) -> Callable[[], Awaitable[int]]:
    batches = [fresh(rows, size) for _ in range(times * ROUNDS)]

    async def work() -> int:
        for _ in range(times):
            await ground.pool.fetch(
                "select * from append_unchained($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
                *batch_columns({UNCHAINED: batches.pop()}),
            )
        return size * times

    return work
