"""The topic: made with all its partitions, grown where it has too few, and asked for where we may not make it."""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import NewTopic
from aiokafka.errors import PolicyViolationError, RequestTimedOutError

from appending import row
from events.envelope import Recorded
from events.errors import Misconfigured, Unavailable
from eventually import eventually
from pipeline import administering
from worker.adapters.child import free_port
from worker.adapters.kafka import Kind, Topic, security
from worker.adapters.publisher import Publisher
from worker.adapters.subscriber import Subscriber

pytestmark = pytest.mark.integration


async def comes_to(bootstrap: str, name: str, count: int) -> None:
    """So many partitions, as soon as the broker has heard of them itself."""
    async with administering(bootstrap) as admin:

        async def so() -> bool:
            return len((await admin.describe_topics([name]))[0]["partitions"]) == count

        await eventually(so)


async def test_the_topic_is_made_with_its_partitions_and_made_once(kafka: str, topic: str) -> None:
    places = [Topic(bootstrap=kafka, name=topic, partitions=16) for _ in range(3)]
    await asyncio.gather(*(place.ensure() for place in places))
    await places[0].ensure()
    await comes_to(kafka, topic, 16)


async def test_a_topic_with_too_few_partitions_gets_the_rest(kafka: str, topic: str) -> None:
    async with administering(kafka) as admin:
        await admin.create_topics([NewTopic(topic, 4, 1)])
    await Topic(bootstrap=kafka, name=topic, partitions=16).ensure()
    await comes_to(kafka, topic, 16)


async def test_many_who_find_too_few_partitions_at_once_make_the_rest_once(kafka: str, topic: str) -> None:
    async with administering(kafka) as admin:
        await admin.create_topics([NewTopic(topic, 4, 1)])
    await asyncio.gather(*(Topic(bootstrap=kafka, name=topic, partitions=16).ensure() for _ in range(4)))
    await comes_to(kafka, topic, 16)


async def test_a_topic_with_more_partitions_is_left_alone(kafka: str, topic: str) -> None:
    async with administering(kafka) as admin:
        await admin.create_topics([NewTopic(topic, 20, 1)])
    await Topic(bootstrap=kafka, name=topic, partitions=16).ensure()
    await comes_to(kafka, topic, 20)


async def counted(bootstrap: str, name: str) -> int:
    """Asked for without its name: a broker may make a topic by being asked for it."""
    async with administering(bootstrap) as admin:
        there = name in await admin.list_topics()
        return len((await admin.describe_topics([name]))[0]["partitions"]) if there else 0


async def delete(bootstrap: str, name: str) -> None:
    async with administering(bootstrap) as admin:
        await admin.delete_topics([name])


async def test_who_only_listens_brings_back_a_deleted_topic_with_all_its_partitions(kafka: str, topic: str) -> None:
    subscriber = Subscriber(Topic(bootstrap=kafka, name=topic, partitions=16), f"{topic}.workers", uuid4())

    async def comes_to(count: range) -> None:
        async def so() -> bool:
            await subscriber.receive()
            return await counted(kafka, topic) in count

        await eventually(so)

    try:
        await comes_to(range(16, 17))
        await delete(kafka, topic)
        # Where the broker makes topics that are asked for it may be back already, with one partition.
        await comes_to(range(16))
        await comes_to(range(16, 17))
    finally:
        await subscriber.close()


async def test_who_tells_of_one_partition_only_brings_back_the_others(kafka: str, topic: str) -> None:
    publisher = Publisher(Topic(bootstrap=kafka, name=topic, partitions=16), uuid4())
    first = Recorded(
        partition=0, position=1, at=datetime.now(UTC), hash=os.urandom(32), row=row(uuid4(), personal=None)
    )

    async def whole() -> bool:
        with suppress(Unavailable):
            await publisher.publish([first])
        return await counted(kafka, topic) == 16

    async def made_small() -> bool:
        """By somebody, as a broker makes one by being asked for it."""
        async with administering(kafka) as admin:
            await admin.create_topics([NewTopic(topic, 1, 1)])
        return await counted(kafka, topic) == 1

    try:
        await eventually(whole)
        await delete(kafka, topic)
        await eventually(made_small)
        await eventually(whole)
    finally:
        await publisher.close()


async def test_a_broker_that_lasts_keeps_its_topic_when_it_is_wanted_anew(apache: str, topic: str) -> None:
    place = Topic(bootstrap=apache, name=topic, partitions=2)
    await place.ensure()
    producer = AIOKafkaProducer(bootstrap_servers=apache)
    await producer.start()
    await producer.send_and_wait(topic, b"kept", partition=1)
    await place.ensure(anew=True)
    assert (await producer.send_and_wait(topic, b"next", partition=1)).offset == 1
    await producer.stop()


async def test_the_kind_of_broker_is_found_out_by_asking(tansu: str, apache: str, topic: str) -> None:
    assert await Topic(bootstrap=tansu, name=topic, partitions=16).kind() is Kind.MEMORY
    assert await Topic(bootstrap=apache, name=topic, partitions=16).kind() is Kind.FULL


async def test_batches_are_numbered_where_the_broker_can(tansu: str, apache: str, topic: str) -> None:
    for bootstrap, numbered in ((tansu, False), (apache, True)):
        publisher = Publisher(Topic(bootstrap=bootstrap, name=topic, partitions=1), uuid4())
        await publisher.publish([])
        producer = publisher._producer
        assert producer is not None
        assert (producer._txn_manager is not None) is numbered
        await publisher.close()


async def test_a_fetch_that_nothing_wakes_is_short(tansu: str, apache: str, topic: str) -> None:
    """Tansu leaves a fetch waiting though a message has come; Apache Kafka ends it, and need not be asked so often."""
    for bootstrap, longest in ((tansu, 10), (apache, 500)):
        subscriber = Subscriber(Topic(bootstrap=bootstrap, name=topic, partitions=1), f"{topic}.workers", uuid4())
        await subscriber.receive()
        consumer = subscriber._consumer
        assert consumer is not None
        assert consumer._fetcher._fetch_max_wait_ms == longest
        await subscriber.close()


async def test_a_broker_that_is_away_is_unavailable(topic: str) -> None:
    place = Topic(bootstrap=f"127.0.0.1:{free_port()}", name=topic, partitions=16)
    with pytest.raises(Unavailable):
        await place.ensure()
    with pytest.raises(Unavailable):
        await place.kind()


async def test_speaking_tls_to_a_broker_that_does_not_is_no_silent_success(apache: str, topic: str) -> None:
    place = Topic(bootstrap=apache, name=topic, partitions=16, options=security(protocol="SSL"))
    with pytest.raises((Unavailable, Misconfigured)):
        await place.ensure()


async def test_an_impossible_topic_name_is_misconfigured_and_says_what_to_make(apache: str) -> None:
    with pytest.raises(Misconfigured):
        await Topic(bootstrap=apache, name="not a topic!", partitions=16).ensure()


def test_a_refusal_says_what_to_create() -> None:
    place = Topic(bootstrap="k:9092", name="ptm.events", partitions=16)
    assert "create ptm.events with 16 partitions" in str(place.to_be_made(PolicyViolationError))
    assert isinstance(place.to_be_made(RequestTimedOutError), Unavailable)
