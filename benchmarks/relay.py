"""The relay, Postgres to Kafka, beside a bare aiokafka producer that sends the same messages from memory.

Both as they are fastest: the bare producer fills one partition after the other, so larger batches suit it better.
"""

from __future__ import annotations

import asyncio
from typing import Any

from aiokafka import AIOKafkaProducer

from benchmarks.brokers import Brokers
from benchmarks.ground import Ground, sent, side_by_side
from worker.adapters.cloudevents import to_message
from worker.adapters.kafka import Kind, Topic
from worker.adapters.publisher import Publisher
from worker.relay import Relay

ROUNDS = 5
EVENTS = 8000
PARTITIONS = 4


async def run(ground: Ground) -> dict[str, Any]:
    for partition in range(PARTITIONS):
        integration = await ground.integration(partition)
        first = partition * 1_000_000
        for chunk in range(first, first + EVENTS // PARTITIONS, 500):
            await ground.append(partition, [sent(integration, number) for number in range(chunk, chunk + 500)])
    async with Brokers() as brokers:
        return {name: await on(ground, bootstrap) for name, bootstrap in brokers.addresses.items()}


async def on(ground: Ground, bootstrap: str) -> dict[str, Any]:
    topic = Topic(bootstrap=bootstrap, name="bench.relay", partitions=16)
    bare_topic = Topic(bootstrap=bootstrap, name="bench.bare", partitions=16)
    await bare_topic.ensure()
    log_id = await ground.log.id()
    publisher = Publisher(topic, log_id)
    relay = Relay(pool=ground.pool, publisher=publisher)
    records = [record for partition in range(PARTITIONS) for record in await ground.log.read(partition, 0, EVENTS)]
    messages = [(record.partition, *to_message(log_id, record)) for record in records]
    idempotent = await topic.kind() is Kind.FULL
    producer = AIOKafkaProducer(**topic.way_in, enable_idempotence=idempotent, acks="all", max_batch_size=500_000)
    await producer.start()

    async def relaying() -> int:
        await ground.owner.execute("update relay set position = 0")
        done = 0
        while told := await relay.run_once():
            done += told
        return done

    async def bare() -> int:
        confirmed = [
            await producer.send(bare_topic.name, value, partition=partition, headers=headers)
            for partition, value, headers in messages
        ]
        await asyncio.gather(*confirmed)
        return len(messages)

    try:
        figures = await side_by_side({"relay": relaying, "bare producer": bare}, rounds=ROUNDS)
    finally:
        await producer.stop()
        await publisher.close()
    return {
        "events_per_second": {name: figure.as_json() for name, figure in figures.items()},
        "relay_of_bare": round(figures["relay"].median / figures["bare producer"].median, 2),
    }
