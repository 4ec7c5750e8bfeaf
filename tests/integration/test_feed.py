"""From the log through Kafka to the projector: whatever Kafka does, every event is decided once, within seconds."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import uuid4

import pytest
import pytest_asyncio
from aiokafka import TopicPartition
from aiokafka.admin import RecordsToDelete

from events.envelope import link
from eventually import eventually
from pipeline import PARTITION, Pipeline, administering, pipeline, sent
from servers.postgres import Database
from worker.adapters.publisher import LARGEST

pytestmark = pytest.mark.integration

SECONDS = 5.0
"""What "within seconds" means: a second until the healer looks, the rest for a busy machine."""


@pytest_asyncio.fixture
async def worker(database: Database, kafka: str, topic: str) -> AsyncIterator[Pipeline]:
    async with pipeline(database, kafka, topic) as made:
        await made.connect()
        yield made


async def test_events_are_decided_as_kafka_brings_them(worker: Pipeline) -> None:
    async with worker.running():
        await worker.flowing()
        healed, fed = worker.done("heal"), worker.done("feed")
        await worker.send(*range(1, 101))
        await eventually(worker.level, within=SECONDS)
        assert worker.done("heal") == healed
        await eventually(lambda: worker.done("feed") == fed + 200, within=SECONDS)
    assert await worker.decided() == list(range(1, 101))


async def test_a_message_that_comes_twice_is_decided_once(worker: Pipeline) -> None:
    async with worker.running():
        await worker.joined()
        records = await worker.send(1, 2, 3)
        await worker.publisher.publish(records)
        await worker.publisher.publish(records[1:])
        await worker.send(4)
        await eventually(worker.level, within=SECONDS)
        await worker.publisher.publish(records)
        await worker.send(5)
        await eventually(worker.level, within=SECONDS)
    assert await worker.decided() == [1, 2, 3, 4, 5]


async def test_a_message_under_our_name_that_does_not_link_is_ignored(worker: Pipeline) -> None:
    async with worker.running():
        await worker.joined()
        await eventually(worker.level, within=SECONDS)
        last = (await worker.log.read(PARTITION, 0, 10))[-1]
        forged = replace(last, position=last.position + 1, row=replace(last.row, id=uuid4()))
        forged = replace(forged, hash=link(b"wrong", forged.row.digest, forged.position, forged.at))
        await worker.publisher.publish([forged])
        await worker.send(1)
        await eventually(worker.level, within=SECONDS)
    assert await worker.decided() == [1]


async def test_an_event_too_large_for_kafka_is_read_from_the_log(worker: Pipeline) -> None:
    async with worker.running():
        await worker.joined()
        await worker.send(1)
        await worker.tell(sent(2, note="ä" * LARGEST))
        await eventually(worker.level, within=SECONDS)  # nothing comes after it that would show the hole
        await worker.tell(sent(3, note="ä" * LARGEST))
        await worker.send(4)
        await eventually(worker.level, within=SECONDS)
        await eventually(worker.told, within=SECONDS)
    assert await worker.decided() == [1, 2, 3, 4]


async def test_a_topic_that_was_deleted_costs_no_event(worker: Pipeline) -> None:
    async with worker.running():
        await worker.joined()
        await worker.send(1, 2)
        await eventually(worker.level, within=SECONDS)
        async with administering(worker.topic.bootstrap) as admin:
            await admin.delete_topics([worker.topic.name])
        await worker.send(3)
        await eventually(worker.level, within=SECONDS)
        await worker.send(4)
        await eventually(worker.level, within=SECONDS)
        await eventually(worker.told)
    assert await worker.decided() == [1, 2, 3, 4]


async def test_a_topic_that_was_made_anew_is_used_again(worker: Pipeline) -> None:
    async with worker.running():
        await worker.joined()
        await worker.send(*range(1, 30))
        await eventually(worker.level, within=SECONDS)
        async with administering(worker.topic.bootstrap) as admin:
            await admin.delete_topics([worker.topic.name])
        await worker.topic.ensure()
        await worker.flowing()
    assert await worker.decided() == list(range(1, 30))


@pytest.mark.parametrize("upto", [15, -1], ids=["truncated", "emptied"])
@pytest.mark.parametrize("meanwhile", [False, True])
async def test_a_topic_that_was_truncated_or_emptied_costs_no_event(
    database: Database, apache: str, topic: str, upto: int, meanwhile: bool
) -> None:
    """Before the workers come, or while they read."""
    async with pipeline(database, apache, topic) as worker:
        await worker.connect()
        async with worker.running(*([] if meanwhile else ["relay"])):
            if meanwhile:
                await worker.joined()
            await worker.send(*range(1, 20))
            await eventually(worker.told, within=SECONDS)
            async with administering(apache) as admin:
                await admin.delete_records({TopicPartition(topic, PARTITION): RecordsToDelete(upto)})
            if meanwhile:
                await worker.send(20)
                await eventually(worker.level, within=SECONDS)
        async with worker.running():
            await worker.send(21)
            await eventually(worker.level, within=SECONDS)
        assert await worker.decided() == [*range(1, 20), *([20] if meanwhile else []), 21]


async def test_two_workers_share_the_work_and_decide_everything_once(
    database: Database, kafka: str, topic: str
) -> None:
    async with pipeline(database, kafka, topic) as one, pipeline(database, kafka, topic) as two:
        await one.connect()
        async with one.running(), two.running():
            for invoice in range(1, 40):
                await one.send(invoice)
            await one.joined()
            await two.joined()
            for invoice in range(40, 80):
                await one.send(invoice)
            await eventually(one.level, within=SECONDS)
        assert await one.decided() == list(range(1, 80))


async def test_a_worker_that_falls_silent_holds_nobody_up(database: Database, kafka: str, topic: str) -> None:
    """Its share of the topic is still its own for ten seconds: the other reads Postgres."""
    async with pipeline(database, kafka, topic) as silent, pipeline(database, kafka, topic) as other:
        await silent.connect()
        async with silent.running("relay", "feed"):
            await silent.joined()
        async with other.running("relay", "heal"):
            await other.send(1, 2, 3)
            await eventually(other.level, within=SECONDS)
        assert await other.decided() == [1, 2, 3]
