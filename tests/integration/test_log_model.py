"""The log against its model: whatever is appended in whatever order, it holds what a list would."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appending import Desk, opened, row, tampering
from events.envelope import Row
from events.errors import Conflict
from servers.postgres import Database
from worker.adapters.audit import audit

pytestmark = pytest.mark.integration

PARTITIONS = (2, 3)
STREAMS = ("integration/a", "invoice/a/1", "invoice/a/10")
Answer = list[tuple[str, int | None]]


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


@dataclass(slots=True)
class Model:
    """What the log means, in lists."""

    held: dict[int, list[Row]] = field(default_factory=lambda: {partition: [] for partition in PARTITIONS})

    def append(self, batch: Batch) -> Answer | None:
        """None is a conflict."""
        held = self.held[batch.partition]
        places = {each.id: place for place, each in enumerate(held, 1)}
        newest = max((places[each.id] for each in held if each.stream == batch.rows[0].stream), default=0)
        if batch.expected not in (None, newest) and any(each.id not in places for each in batch.rows):
            return None
        answer: Answer = []
        for each in batch.rows:
            if each.id not in places:
                held.append(each)
                places[each.id] = len(held)
                answer.append(("appended", len(held)))
            else:
                answer.append(("known", places[each.id]))
        return answer


async def append(desk: Desk, batch: Batch) -> Answer | None:
    try:
        appended = await desk.append(batch.rows, partition=batch.partition, expected=batch.expected)
    except Conflict:
        return None
    assert [each.id for each in appended] == [each.id for each in batch.rows]
    return [(each.outcome, each.position) for each in appended]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=st.lists(BATCH, max_size=8))
async def test_the_log_answers_and_holds_what_its_model_does(database: Database, batches: list[Batch]) -> None:
    model = Model()
    async with tampering(database) as admin:
        await admin.execute("truncate event; update counter set position = 0, hash = '', at = '-infinity'")
    async with opened(database) as desk:
        for batch in batches:
            assert await append(desk, batch) == model.append(batch)
        for partition in PARTITIONS:
            recorded = await desk.log.read(partition, 0, 1000)
            assert [each.row for each in recorded] == model.held[partition]
            assert [each.position for each in recorded] == list(range(1, len(recorded) + 1))
            assert [problem async for problem in audit(desk.log, partition)] == []
