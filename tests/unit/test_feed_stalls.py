"""When the healer steps in, and when it steps back."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from events.envelope import Recorded, Row
from worker.feed import CHUNK, Feed, Healer, Standing


@dataclass(frozen=True, slots=True)
class Outcome:
    applied: int = 0
    gap: bool = False


@dataclass(slots=True)
class Projector:
    """Answers what it was told to answer, and remembers what it was asked."""

    healed: list[int] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    async def apply(self, batches: Mapping[int, Sequence[Recorded]]) -> Mapping[int, Outcome]:
        self.asked.append("apply")
        return {partition: self.outcomes.pop(0) for partition in batches}

    async def heal(self, partition: int, limit: int = CHUNK) -> Outcome:
        self.asked.append("heal")
        return Outcome(applied=self.healed.pop(0))


@dataclass(slots=True)
class Source:
    batches: Mapping[int, Sequence[Recorded]] = field(default_factory=dict)
    skipped: set[int] = field(default_factory=set)
    partitions: frozenset[int] = frozenset({3})

    async def receive(self, limit: int = 1) -> Mapping[int, Sequence[Recorded]]:
        return self.batches

    async def skip(self, partitions: Collection[int]) -> None:
        self.skipped |= set(partitions)


def healer(*, projector: Projector | None = None, clock: list[float]) -> Healer:
    projector = projector or Projector()
    feed = Feed(source=Source(), projector=projector, now=lambda: clock[0])
    return Healer(pool=None, projector=projector, feed=feed, now=lambda: clock[0])  # type: ignore[arg-type] # not asked


def test_without_a_share_of_the_topic_nobody_waits_for_it() -> None:
    clock = [0.0]
    made = Healer(
        pool=None,  # type: ignore[arg-type] # not asked
        projector=Projector(),
        feed=Feed(source=Source(partitions=frozenset()), projector=Projector(), now=lambda: clock[0]),
        now=lambda: clock[0],
    )
    made.stalled(standing(5, 2))
    clock[0] = 0.25
    assert made.stalled(standing(5, 2)) == [3]


def standing(head: int, decided: int) -> dict[int, Standing]:
    return {3: Standing(head=head, told=head, decided=decided)}


def test_a_partition_is_healed_when_its_checkpoint_stood_still_for_a_second() -> None:
    clock = [10.0]
    made = healer(clock=clock)
    assert made.stalled(standing(5, 2)) == []
    clock[0] = 10.9
    assert made.stalled(standing(9, 2)) == []
    clock[0] = 11.0
    assert made.stalled(standing(9, 2)) == [3]


def test_a_checkpoint_that_moves_is_left_alone_however_far_behind() -> None:
    clock = [10.0]
    made = healer(clock=clock)
    for second in range(20):
        clock[0] = 10.0 + second * 0.9
        assert made.stalled(standing(1000, second)) == []


def test_a_partition_that_was_level_is_given_its_second_again() -> None:
    clock = [10.0]
    made = healer(clock=clock)
    made.stalled(standing(5, 2))
    clock[0] = 10.5
    assert made.stalled(standing(5, 5)) == []
    clock[0] = 11.2
    assert made.stalled(standing(6, 5)) == []


async def test_healing_goes_on_without_waiting_until_a_chunk_is_not_full() -> None:
    clock = [10.0]
    made = healer(projector=Projector(healed=[CHUNK, 7]), clock=clock)
    made.stalled(standing(600, 0))
    clock[0] = 11.0
    assert made.stalled(standing(600, 0)) == [3]
    await made._heal(3, 600)
    assert made.stalled(standing(600, CHUNK)) == [3]
    await made._heal(3, 600)
    assert made.stalled(standing(600, 507)) == []


async def test_a_gap_is_read_from_the_log_at_once_and_what_came_is_tried_again() -> None:
    projector = Projector(healed=[4], outcomes=[Outcome(gap=True), Outcome(applied=2)])
    feed = Feed(source=Source(batches={3: [at(9)]}), projector=projector)
    assert await feed.run_once() == 6
    assert projector.asked == ["apply", "heal", "apply"]


@pytest.mark.parametrize(("seen", "skipped"), [(599, {3}), (600, set())])
async def test_a_healed_partition_is_read_on_from_its_end_unless_kafka_brings_it_too(
    seen: int, skipped: set[int]
) -> None:
    clock = [10.0]
    made = healer(projector=Projector(healed=[1], outcomes=[Outcome(), Outcome()]), clock=clock)
    source = Source(batches={3: [at(seen)]})
    made.feed.source = source
    await made._heal(3, 600)
    await made.feed.run_once()
    assert source.skipped == set()
    clock[0] = 11.0
    await made.feed.run_once()
    assert source.skipped == skipped


def at(position: int) -> Recorded:
    row = Row(stream="s", id=uuid4(), type="t", schema=1, cause=None, actor="worker", data=b"{}", personal=None)
    return Recorded(partition=3, position=position, at=datetime.now(UTC), hash=b"h" * 32, row=row)
