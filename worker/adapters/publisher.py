"""Recorded events into Kafka: whole batches, each partition in position order."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import chain, groupby
from uuid import UUID

import structlog
from aiokafka import AIOKafkaProducer, errors
from aiokafka.producer.message_accumulator import BatchBuilder

from events.envelope import Recorded
from events.errors import PtmError, Unavailable
from worker.adapters.cloudevents import to_message
from worker.adapters.kafka import LIBRARY_ERRORS, METADATA_AGE, PATIENCE, Kind, Topic, translate, translating

log = structlog.get_logger()

TIME_OUT = 5.0
"""Seconds until a batch that the broker has not confirmed counts as lost."""
BATCH_BYTES = 250_000
"""Of one partition's batch; a request carries one of each partition, and the next are made while it is under way."""
LARGEST = 1_000_000
"""Bytes of the largest message that brokers take as they come, a little rounded down."""
SMALLEST = 10_000
HEADERS = 1000
"""Bytes, at most, of the headers that are short."""
_TOO_LARGE = (errors.MessageSizeTooLargeError, errors.RecordListTooLargeError)


class Publisher:
    """Opens when first used and again after every failure: a batch sent twice does no harm."""

    def __init__(self, topic: Topic, log_id: UUID, *, largest: int = LARGEST) -> None:
        self.topic = topic
        self._log_id = log_id
        self.largest = largest
        self._producer: AIOKafkaProducer | None = None
        self._spoilt = False
        self._anew = False

    async def publish(self, records: Sequence[Recorded]) -> bool:
        """All *records*, given by partition and position, are confirmed by Kafka; raises Unavailable or Misconfigured.

        Says whether the topic was made anew since: something later than the log's first event stands at its very start.

        What is too large for the broker is left out and logged: readers find a hole and read Postgres.
        """
        producer = self._producer or await self._open()
        try:
            async with asyncio.timeout(PATIENCE):
                known = await producer.partitions_for(self.topic.name)
                # Of all, not only of these: a topic that was deleted comes back with one, by being asked for.
                if missing := set(range(self.topic.partitions)).union(each.partition for each in records) - known:
                    raise Unavailable(f"Kafka's topic {self.topic.name} has no partition {min(missing)} yet.")
                await self._send(producer, records)
        except (PtmError, *LIBRARY_ERRORS) as error:
            self._learn(error)
            await self.close()
            raise error if isinstance(error, PtmError) else translate(error) from error
        anew, self._anew = self._anew, False
        return anew

    async def close(self) -> None:
        """What has not been confirmed is given up."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await stop(producer)

    async def _open(self) -> AIOKafkaProducer:
        await self.topic.ensure(anew=self._spoilt)
        self._spoilt = False
        numbered = await self.topic.kind() is Kind.FULL
        producer = AIOKafkaProducer(
            **self.topic.way_in,
            enable_idempotence=numbered,
            acks="all",
            max_batch_size=min(BATCH_BYTES, self.largest),
            request_timeout_ms=int(TIME_OUT * 1000),
            metadata_max_age_ms=METADATA_AGE,
        )
        with translating():
            try:
                async with asyncio.timeout(PATIENCE):
                    await producer.start()
            except BaseException:
                await stop(producer)
                raise
        self._producer = producer
        return producer

    async def _send(self, producer: AIOKafkaProducer, records: Sequence[Recorded]) -> None:
        sent = [
            self._send_partition(producer, partition, list(mine))
            for partition, mine in groupby(records, key=lambda record: record.partition)
        ]
        for outcome in await asyncio.gather(*sent, return_exceptions=True):
            if isinstance(outcome, BaseException):
                raise outcome

    async def _send_partition(self, producer: AIOKafkaProducer, partition: int, records: Sequence[Recorded]) -> None:
        """Batch after batch, so that the order holds, but without waiting for one before the next is filled."""
        confirmed: list[asyncio.Future[object]] = []
        try:
            for batch in self._batches(producer, records):
                confirmed += [await producer.send_batch(batch, self.topic.name, partition=partition)]
            await asyncio.gather(*confirmed)
        finally:
            # Kept until it has been said, even where another batch fails: it will not be seen a second time.
            self._anew |= records[0].position > 1 and any(map(starts_partition, confirmed[:1]))
            for each in confirmed:
                each.cancel()

    def _batches(self, producer: AIOKafkaProducer, records: Sequence[Recorded]) -> Iterator[BatchBuilder]:
        batch = producer.create_batch()
        for record in records:
            if (size := estimate(record)) > self.largest:
                log.warning("too large for kafka", partition=record.partition, position=record.position, bytes=size)
                continue
            value, headers = to_message(self._log_id, record)
            if batch.append(timestamp=None, key=None, value=value, headers=headers) is None:
                yield batch
                batch = producer.create_batch()
                batch.append(timestamp=None, key=None, value=value, headers=headers)
        if batch.record_count():
            batch.close()
            yield batch

    def _learn(self, error: BaseException) -> None:
        """A broker that takes less than most is found out by halving; one that lost its topic gets it anew."""
        if isinstance(error, _TOO_LARGE):
            self.largest = max(SMALLEST, self.largest // 2)
            log.warning("kafka takes less", bytes=self.largest)
        self._spoilt = isinstance(error, errors.UnknownError)


async def stop(producer: AIOKafkaProducer) -> None:
    """At once: aiokafka 0.14 lets a numbered batch try for ever, and its own stop() wait for that."""
    await asyncio.sleep(0)  # a sender that has not begun would pass its cancellation on as if it were ours
    with suppress(*LIBRARY_ERRORS):
        await producer._sender.close()
    kept = producer._message_accumulator
    kept.fail_all(errors.ProducerClosed())
    # It gives every batch a second future that only its own stop() would read: unread, it is told as an error of ours.
    for batch in (*chain.from_iterable(kept._batches.values()), *kept._pending_batches):
        if batch._drain_waiter.done() and not batch._drain_waiter.cancelled():
            batch._drain_waiter.exception()
    with suppress(*LIBRARY_ERRORS):
        await producer.stop()


def starts_partition(confirmed: asyncio.Future[object]) -> bool:
    """Whether the batch stands at offset 0, where retention never leads back to."""
    if not confirmed.done() or confirmed.cancelled() or confirmed.exception() is not None:
        return False
    return getattr(confirmed.result(), "offset", None) == 0


def estimate(record: Recorded) -> int:
    """Bytes that *record* takes as a message, rounded up; personal data travels as base64."""
    return len(record.row.data) + len(record.row.personal or b"") * 4 // 3 + len(record.row.stream) + HEADERS
