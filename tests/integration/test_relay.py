"""The log told to Kafka: all of it, in order, whoever tells it and whatever the broker is up to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.admin import NewTopic
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary
from cloudevents.core.formats.json import JSONFormat

from appending import Desk, opened
from events.envelope import Recorded, Row
from events.errors import Unavailable
from eventually import eventually
from memory.topic import MemoryPublisher, MemoryTopic
from pipeline import PARTITION, Pipeline, administering, pipeline
from servers.apache import Missing, from_jars
from servers.postgres import Database
from worker.adapters.child import free_port
from worker.adapters.cloudevents import from_message
from worker.adapters.embedded import broker
from worker.adapters.postgres import Pool, open_pool
from worker.adapters.publisher import SMALLEST
from worker.feed import read_standings
from worker.relay import HOLD, Relay

pytestmark = pytest.mark.integration

LOG = uuid4()


def rows(count: int, *, size: int = 20) -> list[Row]:
    return [
        Row(
            stream=f"invoice/{uuid4()}/1",
            id=uuid4(),
            type="InvoiceStatusChanged",
            schema=1,
            cause=None,
            actor="worker",
            data=b'{"after":"SENT"}',
            personal=b"\xff" * size,
        )
        for _ in range(count)
    ]


async def append(worker: Desk | Pipeline, partition: int, count: int, *, size: int = 20) -> None:
    async with worker.pool.acquire() as connection, connection.transaction():
        await worker.log.append(connection, partition, rows(count, size=size))


def relaying(desk: Desk, topic: MemoryTopic, *, batch: int = 2000) -> Relay:
    return Relay(pool=desk.pool, publisher=MemoryPublisher(topic, LOG), batch=batch)


async def drained(relay: Relay) -> int:
    """Turn after turn until all is told; says how much this one told."""
    done = 0
    while any(each.told < each.head for each in (await read_standings(relay.pool)).values()):
        done += await relay.run_once()
    return done


def told(topic: MemoryTopic, partition: int) -> list[Recorded]:
    return [record for _, record in topic.messages[partition]]


async def everything(bootstrap: str, topic: str, count: int) -> dict[int, list[ConsumerRecord]]:
    """What an independent client reads from the start, by partition, once it has read *count* messages."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest", fetch_max_wait_ms=10)
    await consumer.start()
    found: dict[int, list[ConsumerRecord]] = {}
    try:
        consumer.assign([TopicPartition(topic, partition) for partition in range(16)])

        async def enough() -> bool:
            for place, messages in (await consumer.getmany(timeout_ms=100)).items():
                found.setdefault(place.partition, []).extend(messages)
            return sum(map(len, found.values())) >= count

        await eventually(enough)
    finally:
        await consumer.stop()
    return found


def positions(messages: Sequence[ConsumerRecord]) -> list[int]:
    heard = [from_message(message.partition, message.value, message.headers) for message in messages]
    return [each.recorded.position for each in heard if each is not None]


async def test_every_partition_is_told_whole_and_in_order_as_the_log_holds_it(database: Database) -> None:
    topic = MemoryTopic()
    async with opened(database) as desk:
        for partition, count in ((0, 700), (7, 1), (15, 300)):
            await append(desk, partition, count)
        assert await drained(relaying(desk, topic, batch=400)) == 1001
        for partition in range(16):
            assert told(topic, partition) == await desk.log.read(partition, 0, 1000)


async def test_another_cloud_events_client_reads_the_topic(database: Database, kafka: str, topic: str) -> None:
    async with pipeline(database, kafka, topic) as worker:
        await worker.connect()
        await worker.send(17)
        await worker.relay.run_once()
        message = (await everything(kafka, topic, 4))[PARTITION][-1]
        event = from_binary(KafkaMessage(dict(message.headers), message.key, message.value), JSONFormat())
        (recorded,) = await worker.log.read(PARTITION, 3, 10)
    assert event.get_id() == str(recorded.row.id)
    assert event.get_subject() == recorded.row.stream
    assert event.get_time() == recorded.at
    assert isinstance(data := event.get_data(), dict)
    assert data["after"] == "SENT"


async def test_a_topic_that_was_made_anew_is_told_from_the_start(database: Database) -> None:
    """By two relays at once; of what they tell twice, a reader drops what it has."""
    async with opened(database) as desk:
        for partition, count in ((0, 120), (7, 1), (15, 60)):
            await append(desk, partition, count)
        await drained(relaying(desk, MemoryTopic()))
        topic = MemoryTopic()
        for partition in (0, 15):
            await append(desk, partition, 1)
        relays = [relaying(desk, topic, batch=50) for _ in range(2)]
        await asyncio.gather(*(drained(relay) for relay in relays))
        for partition in range(16):
            whole = await desk.log.read(partition, 0, 1000)
            assert {each.position: each for each in told(topic, partition)} == {each.position: each for each in whole}
            assert len(told(topic, partition)) <= 2 * len(whole) + 1
        assert await relays[0].run_once() == 0


async def test_another_client_reads_the_history_of_a_topic_that_was_deleted(
    database: Database, kafka: str, topic: str
) -> None:
    async with pipeline(database, kafka, topic) as worker:
        await worker.connect()
        async with worker.running():
            await worker.send(*range(1, 21))
            await eventually(worker.level)
            await eventually(worker.told)
            async with administering(kafka) as admin:
                await admin.delete_topics([topic])

            async def whole() -> bool:
                await worker.send(next(invoices))
                await eventually(worker.level)
                found = await everything(kafka, topic, 0)
                head = (await worker.log.heads())[PARTITION].position
                return set(positions(found.get(PARTITION, []))) >= set(range(1, head - 1))

            invoices = count(21)
            await eventually(whole, within=90)
        await worker.decided()


async def test_two_relays_at_once_tell_everything_and_wait_for_nobody(database: Database) -> None:
    topic = MemoryTopic()
    async with opened(database) as desk:
        for partition in range(8):
            await append(desk, partition, 100)
        relays = [relaying(desk, topic, batch=50) for _ in range(2)]
        done = await asyncio.gather(*(drained(relay) for relay in relays))
        assert sum(done) == 800
        for partition in range(8):
            assert told(topic, partition) == await desk.log.read(partition, 0, 1000)


async def test_a_turn_is_bounded_and_every_partition_gets_its_part(database: Database) -> None:
    topic = MemoryTopic()
    async with opened(database) as desk:
        for partition in range(4):
            await append(desk, partition, 200)
        assert await relaying(desk, topic, batch=100).run_once() == 104
        standings = await read_standings(desk.pool)
    assert {standings[partition].told for partition in range(4)} == {26}
    assert {len(told(topic, partition)) for partition in range(4)} == {26}


async def test_what_the_broker_will_not_take_is_left_out_and_the_rest_told(
    database: Database, apache: str, topic: str
) -> None:
    """The topic takes 50 kB, where most take a megabyte: found out by trying."""
    async with administering(apache) as admin:
        await admin.create_topics([NewTopic(topic, 16, 1, topic_configs={"max.message.bytes": "50000"})])
    async with pipeline(database, apache, topic) as worker:
        for size in (20, 60_000, 2000, 20):
            await append(worker, 2, 30, size=size)
        async with worker.running("relay"):
            await eventually(worker.told)
        found = await everything(apache, topic, 90)
    assert set(positions(found[2])) == {*range(1, 31), *range(61, 121)}
    assert worker.publisher.largest >= SMALLEST


async def test_a_relay_that_waits_for_kafka_keeps_its_place_and_no_one_else_tells_it(database: Database) -> None:
    """Longer than the server lets a worker's transaction idle, or last."""
    pool = await open_pool(database.database_url, more={"transaction_timeout": f"{HOLD * 2:.0f}s"})
    short = await open_pool(database.database_url)
    try:
        await pool.execute(
            "select append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            *([1], [1], [uuid4()], ["s"], ["t"], [1], [None], ["worker"], ["{}"], [None], [b"d" * 32]),
        )
        slow = Waiting()
        turn = asyncio.ensure_future(Relay(pool=pool, publisher=slow).run_once())
        await slow.asked.wait()
        async with asyncio.timeout(HOLD * 4):
            assert await Relay(pool=short, publisher=Waiting()).run_once() == 0
            await holds_for(pool, HOLD * 3)
            slow.answer.set()
            assert await turn == 1
    finally:
        await pool.close()
        await short.close()


class Waiting:
    """A publisher that says when it was asked, and waits to be told that Kafka has answered."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.answer = asyncio.Event()

    async def publish(self, records: Sequence[Recorded]) -> bool:
        self.asked.set()
        await self.answer.wait()
        return False


async def holds_for(pool: Pool, seconds: float) -> None:
    """The relay's transaction lives for so long, by the server's own account."""
    await eventually(
        lambda: pool.fetchval(
            "select count(*) > 0 from pg_stat_activity where xact_start < now() - $1 * interval '1 second'"
            " and state = 'idle in transaction' and datname = current_database()",
            seconds,
        ),
        within=seconds * 2,
    )


@asynccontextmanager
async def own_broker(kind: str, directory: Path, port: int) -> AsyncIterator[str]:
    """A broker that this test may stop: Tansu forgets everything, Apache Kafka keeps its log in *directory*."""
    if kind == "tansu":
        async with broker(directory, port=port) as bootstrap:
            yield bootstrap
    else:
        try:
            async with from_jars(directory, port=port) as apache:
                yield apache.bootstrap
        except Missing as missing:
            pytest.skip(f"Apache Kafka did not run: {missing}")


@pytest.mark.parametrize("kind", ["tansu", "apache"])
async def test_a_broker_that_is_away_from_the_start_costs_no_event_and_is_used_when_it_comes(
    kind: str, database: Database, topic: str, tmp_path: Path
) -> None:
    port = free_port()
    async with pipeline(database, f"127.0.0.1:{port}", topic) as worker:
        await worker.connect()
        with pytest.raises(Unavailable):
            await worker.relay.run_once()
        assert all(each.told == 0 for each in (await read_standings(worker.pool)).values())
        async with worker.running():
            await worker.send(1, 2, 3)
            await eventually(worker.level)
            async with own_broker(kind, tmp_path, port):
                await eventually(worker.told)
                await worker.flowing()
                await worker.send(4)
                await eventually(worker.level)
            await worker.send(5)
            await eventually(worker.level)
        assert await worker.decided() == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("kind", ["tansu", "apache"])
async def test_a_broker_that_is_restarted_costs_no_event(
    kind: str, database: Database, topic: str, tmp_path: Path
) -> None:
    port = free_port()
    async with pipeline(database, f"127.0.0.1:{port}", topic) as worker:
        await worker.connect()
        async with own_broker(kind, tmp_path, port), worker.running():
            await worker.flowing()
            await worker.send(1, 2)
            await eventually(worker.level)
        await worker.send(3)
        async with worker.running():
            await eventually(worker.level)
            async with own_broker(kind, tmp_path, port):
                await worker.send(4)
                await eventually(worker.level)
                await worker.flowing()
                await worker.send(5)
                await eventually(worker.level)
        assert await worker.decided() == [1, 2, 3, 4, 5]
