"""Recorded events out of Kafka: this worker's share of the topic, and of that only what is our log's."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
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
"""Seconds from one handing over to the next, for messages to gather: a turn costs as much with one as with ten. They
are taken over as they come, since aiokafka asks for no more of a partition of which something still lies with it."""
SESSION = 10.0
"""Seconds after which a silent worker's share goes to others. Nothing waits for that: the healer is quicker."""


class Subscriber:
    """Opens when first used, at the end of the topic; commits nothing, since the checkpoint knows what is missing."""

    def __init__(self, topic: Topic, group: str, log_id: UUID) -> None:
        self.topic = topic
        self._group = group
        self._log_id = log_id
        self._consumer: AIOKafkaConsumer | None = None
        self._handed_over = 0.0

    @property
    def partitions(self) -> frozenset[int]:
        """This worker's share: empty until the group has agreed."""
        return frozenset(place.partition for place in self._consumer.assignment()) if self._consumer else frozenset()

    async def receive(self, limit: int = 2000) -> dict[int, list[Recorded]]:
        """What has come, by partition, in the order of the topic; nothing after half a second. Raises Unavailable."""
        consumer = self._consumer or await self._open()
        ours: defaultdict[int, list[Recorded]] = defaultdict(list)
        found = await take(consumer, limit, within=WAIT)
        while found:
            for place, messages in found.items():
                ours[place.partition] += self._ours(place.partition, messages)
                limit -= len(messages)
            left = self._handed_over + GATHER - time.monotonic()
            found = await take(consumer, limit, within=left) if limit > 0 and left > 0 else {}
        self._handed_over = time.monotonic()
        return ours

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

    async def close(self) -> None:
        consumer, self._consumer = self._consumer, None
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
        self._consumer = consumer
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
