"""What the topic promises to the relay and to the feed, in memory and on each broker."""

from __future__ import annotations

import asyncio
import os
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from typing import Protocol
from uuid import UUID, uuid4

import pytest
import pytest_asyncio

from appending import row
from events.envelope import Recorded, Row
from events.errors import Unavailable
from eventually import eventually
from memory.topic import MemoryPublisher, MemoryReceiver, MemoryTopic
from worker.adapters.kafka import Topic
from worker.adapters.publisher import Publisher
from worker.adapters.subscriber import Subscriber
from worker.feed import Receives
from worker.relay import Publishes

PARTITIONS = 4
EVERYWHERE = range(PARTITIONS)
OURS = uuid4()
MARK = "Mark"
JOINING = 40.0
"""Seconds that a consumer group may take to share the topic out."""


class Tells(Publishes, Protocol):
    async def close(self) -> None: ...


class Hears(Receives, Protocol):
    async def close(self) -> None: ...


@dataclass(slots=True)
class Listener:
    """Keeps what it hears, by partition, in the order in which it came; marks are only counted."""

    source: Hears
    heard: defaultdict[int, list[Recorded]] = field(default_factory=lambda: defaultdict(list))
    marked: set[int] = field(default_factory=set)

    async def turn(self, limit: int = 2000) -> int:
        """One call; says how much it brought."""
        brought = await self.source.receive(limit)
        for partition, records in brought.items():
            marks = [record for record in records if record.row.type == MARK]
            self.marked |= {partition} if marks else set()
            if told := [record for record in records if record.row.type != MARK]:
                self.heard[partition] += told
        return sum(map(len, brought.values()))

    def came(self, *last: Recorded) -> bool:
        return all(each in self.heard.get(each.partition, ()) for each in last)

    async def hear(self, *last: Recorded) -> dict[int, list[Recorded]]:
        """Everything up to each of *last*."""

        async def come() -> bool:
            await self.turn()
            return self.came(*last)

        await eventually(come)
        return self.heard


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A topic of this test's own, and the ways into it and out of it."""

    tell: Callable[[UUID], Tells]
    hear: Callable[[UUID], Hears]
    exits: AsyncExitStack

    def publisher(self, log_id: UUID = OURS) -> Tells:
        made = self.tell(log_id)
        self.exits.push_async_callback(made.close)
        return made

    def listener(self) -> Listener:
        made = self.hear(OURS)
        self.exits.push_async_callback(made.close)
        return Listener(made)

    async def listening(self) -> Listener:
        return (await self.sharing(self.listener()))[0]

    async def sharing(self, *listeners: Listener) -> Sequence[Listener]:
        """They, and they alone, have shared the topic out and hear what is told from now on."""
        publisher = self.publisher()
        for each in listeners:
            each.marked.clear()

        async def shared() -> bool:
            await publisher.publish([mark(partition) for partition in EVERYWHERE])
            for each in listeners:
                await each.turn()
            marked = [partition for each in listeners for partition in each.marked]
            return sorted(marked) == list(EVERYWHERE) and all(
                each.marked == set(each.source.partitions) for each in listeners
            )

        await eventually(shared, within=JOINING)
        return listeners


@pytest.fixture(params=["memory", *(pytest.param(each, marks=pytest.mark.integration) for each in ("tansu", "apache"))])
def bootstrap_if_any(request: pytest.FixtureRequest) -> str | None:
    return None if request.param == "memory" else request.getfixturevalue(request.param)


@pytest_asyncio.fixture
async def place(bootstrap_if_any: str | None, topic: str) -> AsyncIterator[Place]:
    async with AsyncExitStack() as exits:
        if bootstrap_if_any is None:
            memory = MemoryTopic(PARTITIONS)
            yield Place(
                tell=partial(MemoryPublisher, memory), hear=partial(MemoryReceiver, memory, "workers"), exits=exits
            )
        else:
            real = Topic(bootstrap=bootstrap_if_any, name=topic, partitions=PARTITIONS)
            yield Place(tell=partial(Publisher, real), hear=partial(Subscriber, real, f"{topic}.workers"), exits=exits)


def at(position: int, *, partition: int = 1, of: Row | None = None) -> Recorded:
    moment = datetime(2026, 3, 2, 12, 0, 0, 123456, tzinfo=UTC)
    return Recorded(partition=partition, position=position, at=moment, hash=os.urandom(32), row=of or row(uuid4()))


def run(count: int, *, partition: int = 1, size: int | None = None) -> list[Recorded]:
    """Positions one to *count*, sealed parts of *size* bytes."""
    sealed = None if size is None else os.urandom(size)
    return [at(n, partition=partition, of=row(uuid4(), personal=sealed)) for n in range(1, count + 1)]


def mark(partition: int) -> Recorded:
    return at(1, partition=partition, of=replace(row("mark"), type=MARK))


async def test_what_was_published_is_received_equal(place: Place) -> None:
    plain = row("ä\u0000😀", stream="invoice/ä/1")
    records = [
        at(1, of=plain),
        at(2, of=row("b", cause=plain.id, personal=b"")),
        at(3, of=replace(row("c", personal=os.urandom(5000)), actor="päivi", schema=2, data=b'{ "verbatim" : 1.0 }')),
    ]
    listener = await place.listening()
    await place.publisher().publish(records)

    assert await listener.hear(records[-1]) == {1: records}


async def test_every_partition_comes_whole_and_in_order(place: Place) -> None:
    told = {0: run(700, partition=0, size=3000), 2: run(1, partition=2), 3: run(300, partition=3, size=3000)}
    listener, publisher = await place.listening(), place.publisher()
    for part in (slice(0, 250), slice(250, None)):
        await publisher.publish([record for records in told.values() for record in records[part]])

    assert await listener.hear(*(records[-1] for records in told.values())) == told


async def test_what_is_told_twice_comes_twice(place: Place) -> None:
    records, last = run(5), at(6)
    listener, publisher = await place.listening(), place.publisher()
    await publisher.publish(records)
    await publisher.publish([*records[1:], last])

    assert await listener.hear(last) == {1: [*records, *records[1:], last]}


async def test_of_two_who_tell_the_same_at_once_each_is_heard_whole_and_in_order(place: Place) -> None:
    records, last = run(300, size=3000), at(301)
    listener, publishers = await place.listening(), [place.publisher(), place.publisher()]
    await asyncio.gather(*(publisher.publish(records) for publisher in publishers))
    await publishers[0].publish([last])
    heard = (await listener.hear(last))[1][:-1]

    assert len(heard) == 600
    assert list(dict.fromkeys(each.position for each in heard)) == list(range(1, 301))
    assert list(dict.fromkeys(each.position for each in reversed(heard))) == list(range(300, 0, -1))


async def test_what_belongs_to_another_log_is_not_heard(place: Place) -> None:
    last = at(4)
    listener = await place.listening()
    await place.publisher(uuid4()).publish(run(3))
    await place.publisher().publish([last])

    assert await listener.hear(last) == {1: [last]}


async def test_who_comes_late_hears_only_what_is_told_from_then_on(place: Place) -> None:
    last, publisher = at(4), place.publisher()
    await publisher.publish(run(3))
    listener = await place.listening()
    await publisher.publish([last])

    assert await listener.hear(last) == {1: [last]}


async def test_what_came_since_the_last_call_comes_with_the_next(place: Place) -> None:
    """What comes during a turn must not wait for another: nearly all, since the last may be on its way."""
    told, listener, publisher = run(50), await place.listening(), place.publisher()
    for one in told:
        await publisher.publish([one])
    await listener.turn()

    assert len(listener.heard[1]) > len(told) / 2


async def test_a_call_brings_no_more_than_it_was_asked_for_and_the_next_goes_on_until_nothing_is_left(
    place: Place,
) -> None:
    one, other = run(50), run(50, partition=2)
    listener = await place.listening()
    await place.publisher().publish([*one, *other])
    turns: list[int] = []

    async def come() -> bool:
        turns.append(await listener.turn(7))
        return listener.came(one[-1], other[-1])

    await eventually(come)
    assert max(turns) <= 7
    assert listener.heard == {1: one, 2: other}

    async def nothing_left() -> bool:
        return not await listener.source.receive()

    await eventually(nothing_left)


async def test_what_was_skipped_is_not_heard_and_the_rest_is(place: Place) -> None:
    listener, publisher = await place.listening(), place.publisher()
    kept, last = run(50, partition=2), at(51)
    await publisher.publish(kept)
    for passed in run(50):  # one by one: Tansu takes the end of a batch for its second message
        await publisher.publish([passed])
    await listener.source.skip({1})
    await publisher.publish([last])

    assert await listener.hear(last, kept[-1]) == {1: [last], 2: kept}


async def test_skipping_what_is_not_ones_own_does_nothing(place: Place) -> None:
    records, listener = run(3), place.listener()
    await listener.source.skip({1})
    assert not listener.source.partitions
    await place.sharing(listener)
    await place.publisher().publish(records)
    await listener.source.skip({0, PARTITIONS})

    assert await listener.hear(records[-1]) == {1: records}


async def test_the_workers_of_a_group_share_the_topic_and_what_one_leaves_the_other_takes(place: Place) -> None:
    one, two = await place.sharing(place.listener(), place.listener())
    assert one.source.partitions
    assert two.source.partitions
    told = {partition: run(3, partition=partition) for partition in EVERYWHERE}
    await place.publisher().publish([record for records in told.values() for record in records])
    ours, theirs = [
        await each.hear(*(told[partition][-1] for partition in each.source.partitions)) for each in (one, two)
    ]
    assert ours | theirs == told
    assert not ours.keys() & theirs.keys()

    await two.source.close()
    await place.sharing(one)
    assert set(one.source.partitions) == set(EVERYWHERE)


async def test_who_tells_a_new_topic_what_is_not_the_start_is_told_so_once(place: Place) -> None:
    publisher = place.publisher()
    assert not await publisher.publish(run(3, partition=0))
    assert not await publisher.publish([at(4, partition=0)])
    assert await publisher.publish([at(5, partition=0), at(7, partition=2), at(8, partition=2)])
    assert not await publisher.publish([at(6, partition=0), at(9, partition=2)])
    assert not await place.publisher().publish([at(10, partition=2)])


async def test_a_partition_that_the_topic_lacks_is_said_and_nothing_is_told(place: Place) -> None:
    publisher, last = place.publisher(), at(2)
    listener = await place.listening()
    with pytest.raises(Unavailable, match=f"no partition {PARTITIONS}"):
        await publisher.publish([at(1), at(1, partition=PARTITIONS)])
    await publisher.publish([last])

    assert await listener.hear(last) == {1: [last]}
