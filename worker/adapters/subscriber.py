"""Recorded events out of Kafka: this worker's share of the topic, and of that only what is our log's."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from uuid import UUID

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from events.envelope import Recorded
from worker.adapters.cloudevents import from_message
from worker.adapters.kafka import LIBRARY_ERRORS, METADATA_AGE, PATIENCE, Kind, Topic, translating

WAIT = 0.5
"""Seconds that one call waits for messages."""
GATHER = 0.02
"""Seconds from one handing over to the next, for messages to gather: a turn costs as much with one as with ten."""
MOST = 2000
"""Messages that are kept for the next turn, over all partitions."""
LOOK = 5.0
"""Seconds from one look at whether the topic has all its partitions to the next."""
SESSION = 10.0
"""Seconds after which a silent worker's share goes to others. Nothing waits for that: the healer is quicker."""


class Subscriber:
    """Opens when first used, at the end of the topic; commits nothing, since the checkpoint knows what is missing."""

    def __init__(self, topic: Topic, group: str, log_id: UUID) -> None:
        self.topic = topic
        self._group = group
        self._log_id = log_id
        self._consumer: AIOKafkaConsumer | None = None
        self._taking: asyncio.Task[None] | None = None
        self._kept: dict[int, list[Recorded]] = {}
        self._came, self._room = asyncio.Event(), asyncio.Event()
        self._handed_over = 0.0
        self._looked_at = 0.0

    @property
    def partitions(self) -> frozenset[int]:
        """This worker's share: empty until the group has agreed."""
        return frozenset(place.partition for place in self._consumer.assignment()) if self._consumer else frozenset()

    async def receive(self, limit: int = 2000) -> dict[int, list[Recorded]]:
        """What has come, by partition, in the order of the topic; nothing after half a second. Raises Unavailable."""
        consumer = self._consumer or await self._open()
        if self._taking is None:
            self._taking = asyncio.create_task(self._take(consumer))
            self._taking.add_done_callback(lambda _: self._came.set())
        await self._keep_whole(consumer)
        with suppress(TimeoutError):
            async with asyncio.timeout(WAIT):
                await self._came.wait()
        if self._taking.done():
            failed, self._taking = self._taking, None
            failed.result()
        if self._kept:
            await asyncio.sleep(max(0.0, self._handed_over + GATHER - time.monotonic()))
            self._handed_over = time.monotonic()
        return self._hand_over(limit)

    async def _keep_whole(self, consumer: AIOKafkaConsumer) -> None:
        """A topic that somebody deletes comes back with one partition, or not at all, and nobody may have anything to
        tell that lacks another. Raises Unavailable, Misconfigured.
        """
        if time.monotonic() - self._looked_at < LOOK:
            return
        self._looked_at = time.monotonic()
        if len(consumer.partitions_for_topic(self.topic.name) or ()) < self.topic.partitions:
            await self.topic.ensure()

    async def _take(self, consumer: AIOKafkaConsumer) -> None:
        """Also while a turn is under way: aiokafka asks for no more of a partition of which something lies with it."""
        while True:
            self._room.clear()
            if room := MOST - sum(map(len, self._kept.values())):
                for place, messages in (await take(consumer, room, within=WAIT)).items():
                    if ours := self._ours(place.partition, messages):
                        self._kept.setdefault(place.partition, []).extend(ours)
                        self._came.set()
            else:
                await self._room.wait()

    def _hand_over(self, limit: int) -> dict[int, list[Recorded]]:
        handed: dict[int, list[Recorded]] = {}
        for partition in list(self._kept):
            kept = self._kept.pop(partition)
            handed[partition], rest = kept[:limit], kept[limit:]
            limit -= len(handed[partition])
            if rest:
                self._kept[partition] = rest
        self._room.set()
        if not self._kept:
            self._came.clear()
        return handed

    async def skip(self, partitions: Collection[int]) -> None:
        """Go on at the end of *partitions*, where they are ours to read: what lies before has been read elsewhere."""
        consumer = self._consumer
        if consumer is None:
            return
        places = consumer.assignment() & {TopicPartition(self.topic.name, partition) for partition in partitions}
        if places:
            with translating():
                async with asyncio.timeout(WAIT * 2):
                    await consumer.seek_to_end(*places)
            for place in places:
                self._kept.pop(place.partition, None)

    async def close(self) -> None:
        consumer, self._consumer = self._consumer, None
        taking, self._taking = self._taking, None
        if taking is not None:
            taking.cancel()
            await asyncio.gather(taking, return_exceptions=True)
        if consumer is not None:
            await stop(consumer)

    async def _open(self) -> AIOKafkaConsumer:
        await self.topic.ensure()
        waits = 10 if await self.topic.kind() is Kind.MEMORY else 500
        consumer = AIOKafkaConsumer(
            **self.topic.way_in,
            group_id=self._group,
            auto_offset_reset="latest",
            enable_auto_commit=False,
            session_timeout_ms=int(SESSION * 1000),
            fetch_max_wait_ms=waits,
            metadata_max_age_ms=METADATA_AGE,
            request_timeout_ms=int(SESSION * 2000),
        )
        with translating():
            try:
                async with asyncio.timeout(PATIENCE):
                    await consumer.start()
            except BaseException:
                await stop(consumer)
                raise
        # Subscribed only now: start() would wait until the group has given us a share, which takes seconds.
        consumer.subscribe([self.topic.name])
        self._consumer, self._looked_at = consumer, time.monotonic()
        return consumer

    def _ours(self, partition: int, messages: Sequence[ConsumerRecord]) -> list[Recorded]:
        read = (from_message(partition, message.value, message.headers) for message in messages)
        return [found.recorded for found in read if found is not None and found.log_id == self._log_id]


async def take(
    consumer: AIOKafkaConsumer, limit: int, *, within: float
) -> Mapping[TopicPartition, Sequence[ConsumerRecord]]:
    with translating():
        found: Mapping[TopicPartition, Sequence[ConsumerRecord]] = await consumer.getmany(
            timeout_ms=int(within * 1000), max_records=limit
        )
    return found


async def stop(consumer: AIOKafkaConsumer) -> None:
    """Leaves the group. Its broker away, aiokafka 0.14 cancels a fetch, trips over it and keeps its connections."""
    try:
        with suppress(*LIBRARY_ERRORS):
            await consumer.stop()
    except asyncio.CancelledError:
        await consumer._client.close()
        if (task := asyncio.current_task()) and task.cancelling():
            raise
