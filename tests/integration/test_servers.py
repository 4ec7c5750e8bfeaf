"""The tests' own servers: each test has a log of its own, and both brokers are what they say."""

from __future__ import annotations

import asyncpg
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from servers.postgres import Cluster, Database, fresh_database


async def test_every_database_is_another_log(database: Database, postgres_server: Cluster) -> None:
    async with fresh_database(postgres_server) as other:
        assert await _log_id(database) != await _log_id(other)


async def test_each_broker_makes_a_topic(kafka: str, topic: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    await admin.create_topics([NewTopic(topic, 16, 1)])
    described = await admin.describe_topics([topic])
    await admin.close()
    assert len(described[0]["partitions"]) == 16


async def _log_id(database: Database) -> object:
    connection = await asyncpg.connect(database.owner_url)
    try:
        return await connection.fetchval("select id from log")
    finally:
        await connection.close()
