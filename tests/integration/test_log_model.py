"""The log against the one in memory: whatever is appended in whatever order, both hold the same."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appending import opened, row, tampering
from events.envelope import Recorded, Row
from events.errors import Conflict
from memory.log import MemoryLog
from memory.vault import MemoryVault
from servers.postgres import Database
from worker.adapters.audit import audit
from worker.adapters.log import Appends

pytestmark = pytest.mark.integration

PARTITIONS = (2, 3)
STREAMS = ("integration/a", "invoice/a/1", "invoice/a/10")
Answer = list[tuple[str, int | None]]
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    partition: int
    facts: list[int]
    expected: int | None

    @property
    def rows(self) -> list[Row]:
        return [row((self.partition, fact), stream=STREAMS[fact % 3]) for fact in self.facts]


BATCH = st.builds(
    Batch,
    partition=st.sampled_from(PARTITIONS),
    facts=st.lists(st.integers(0, 11), min_size=1, max_size=6),
    expected=st.none() | st.integers(0, 4),
)


async def append(log: Appends[T], transaction: AbstractAsyncContextManager[T], batch: Batch) -> Answer | None:
    """None is a conflict."""
    try:
        async with transaction as held:
            appended = await log.append(held, batch.partition, batch.rows, expected=batch.expected)
    except Conflict:
        return None
    assert [each.id for each in appended] == [each.id for each in batch.rows]
    return [(each.outcome, each.position) for each in appended]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=st.lists(BATCH, max_size=8))
async def test_the_log_answers_and_holds_what_the_one_in_memory_does(database: Database, batches: list[Batch]) -> None:
    memory = MemoryLog(MemoryVault())
    async with tampering(database) as admin:
        await admin.execute("truncate event; update counter set position = 0, hash = '', at = '-infinity'")
    async with opened(database) as desk:
        for batch in batches:
            said = await append(memory, memory.transaction(), batch)
            assert await append(desk.log, desk.transaction(), batch) == said
        for partition in PARTITIONS:
            recorded = await desk.log.read(partition, 0, 1000)
            assert placed(recorded) == placed(await memory.read(partition, 0, 1000))
            assert [each.position for each in recorded] == list(range(1, len(recorded) + 1))
            assert [problem async for problem in audit(desk.log, partition)] == []


def placed(recorded: Sequence[Recorded]) -> list[tuple[int, int, Row]]:
    return [(each.partition, each.position, each.row) for each in recorded]
