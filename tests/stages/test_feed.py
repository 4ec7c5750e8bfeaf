"""When the healer steps in, and when it steps back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from events.envelope import Recorded, Row
from memory.topic import MemoryPublisher, MemoryReceiver, MemoryTopic
from worker.feed import CHUNK, Feed, Healer, Standing

LOG = uuid4()


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
    brought: list[int] = field(default_factory=list)

    async def apply(self, batches: Mapping[int, Sequence[Recorded]]) -> Mapping[int, Outcome]:
        self.asked.append("apply")
        self.brought += [record.position for records in batches.values() for record in records]
        return {partition: self.outcomes.pop(0) for partition in batches}

    async def heal(self, partition: int, limit: int = CHUNK) -> Outcome:
        self.asked.append("heal")
        return Outcome(applied=self.healed.pop(0))


@dataclass(slots=True, kw_only=True)
class Worker:
    """A feed and a healer that has a share of the topic, or waits for one."""

    topic: MemoryTopic
    clock: list[float]
    feed: Feed
    healer: Healer

    async def tell(self, *positions: int) -> None:
        await MemoryPublisher(self.topic, LOG).publish([at(position) for position in positions])


async def working(*, projector: Projector | None = None, joined: bool = True) -> Worker:
    projector, topic, clock = projector or Projector(), MemoryTopic(), [10.0]
    source = MemoryReceiver(topic, "workers", LOG, wait=0)
    if joined:
        await source.receive()
    feed = Feed(source=source, projector=projector, now=lambda: clock[0])
    healer = Healer(pool=None, projector=projector, feed=feed, now=lambda: clock[0])  # type: ignore[arg-type] # not asked
    return Worker(topic=topic, clock=clock, feed=feed, healer=healer)


async def test_without_a_share_of_the_topic_nobody_waits_for_it() -> None:
    made = await working(joined=False)
    made.healer.stalled(standing(5, 2))
    made.clock[0] = 10.25
    assert made.healer.stalled(standing(5, 2)) == [3]


def standing(head: int, decided: int) -> dict[int, Standing]:
    return {3: Standing(head=head, told=head, decided=decided)}


async def test_a_partition_is_healed_when_its_checkpoint_stood_still_for_a_second() -> None:
    made = await working()
    assert made.healer.stalled(standing(5, 2)) == []
    made.clock[0] = 10.9
    assert made.healer.stalled(standing(9, 2)) == []
    made.clock[0] = 11.0
    assert made.healer.stalled(standing(9, 2)) == [3]


async def test_a_checkpoint_that_moves_is_left_alone_however_far_behind() -> None:
    made = await working()
    for second in range(20):
        made.clock[0] = 10.0 + second * 0.9
        assert made.healer.stalled(standing(1000, second)) == []


async def test_a_partition_that_was_level_is_given_its_second_again() -> None:
    made = await working()
    made.healer.stalled(standing(5, 2))
    made.clock[0] = 10.5
    assert made.healer.stalled(standing(5, 5)) == []
    made.clock[0] = 11.2
    assert made.healer.stalled(standing(6, 5)) == []


async def test_healing_goes_on_without_waiting_until_a_chunk_is_not_full() -> None:
    made = await working(projector=Projector(healed=[CHUNK, 7]))
    made.healer.stalled(standing(600, 0))
    made.clock[0] = 11.0
    assert made.healer.stalled(standing(600, 0)) == [3]
    await made.healer._heal(3, 600)
    assert made.healer.stalled(standing(600, CHUNK)) == [3]
    await made.healer._heal(3, 600)
    assert made.healer.stalled(standing(600, 507)) == []


async def test_a_gap_is_read_from_the_log_at_once_and_what_came_is_tried_again() -> None:
    projector = Projector(healed=[4], outcomes=[Outcome(gap=True), Outcome(applied=2)])
    made = await working(projector=projector)
    await made.tell(9, 10)
    assert await made.feed.run_once() == 6
    assert projector.asked == ["apply", "heal", "apply"]
    assert projector.brought == [9, 10, 9, 10]


@pytest.mark.parametrize(("seen", "brought"), [(599, [599, 602]), (600, [600, 601, 602])])
async def test_a_healed_partition_is_read_on_from_its_end_unless_kafka_brings_it_too(
    seen: int, brought: list[int]
) -> None:
    projector = Projector(healed=[1], outcomes=[Outcome()] * 3)
    made = await working(projector=projector)
    await made.tell(seen)
    await made.healer._heal(3, 600)
    await made.feed.run_once()
    await made.tell(601)
    made.clock[0] = 11.0
    await made.feed.run_once()
    await made.tell(602)
    await made.feed.run_once()
    assert projector.brought == brought


def at(position: int) -> Recorded:
    row = Row(stream="s", id=uuid4(), type="t", schema=1, cause=None, actor="worker", data=b"{}", personal=None)
    return Recorded(partition=3, position=position, at=datetime.now(UTC), hash=b"h" * 32, row=row)
