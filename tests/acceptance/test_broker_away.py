"""Kafka only distributes: a topic that is deleted and a broker that is away delay the contacts by seconds."""

from __future__ import annotations

from pathlib import Path

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from eventually import eventually
from servers.postgres import Database
from stage import staged
from worker.adapters.child import free_port
from worker.adapters.embedded import broker

pytestmark = pytest.mark.acceptance


async def delete(bootstrap: str, topic: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.delete_topics([topic])
    finally:
        await admin.close()


async def test_a_topic_deleted_in_the_middle_costs_no_contact(
    database: Database, kafka: str, topic: str, tmp_path: Path
) -> None:
    async with staged(database, kafka, topic=topic, directory=tmp_path, companies=2) as stage:
        for company in range(2):
            await stage.connect(company)
        await stage.start(2)
        stage.send(20)
        stage.send(20, company=1)
        await eventually(lambda: stage.arrivals)

        await delete(kafka, topic)
        stage.send(20)
        stage.send(20, company=1)

        assert await stage.arrived() < 10
        verdict = await stage.agree()
        assert verdict.expected == verdict.surveys == 80


async def test_a_broker_that_is_away_from_the_start_and_comes_later_is_only_missed(
    database: Database, topic: str, tmp_path: Path
) -> None:
    port = free_port()
    async with staged(database, f"127.0.0.1:{port}", topic=topic, directory=tmp_path) as stage:
        await stage.connect()
        await stage.start(2)
        stage.send(20)
        assert await stage.arrived() < 10

        async with broker(tmp_path / "late", port=port):
            stage.send(20)
            assert await stage.arrived() < 10
            verdict = await stage.agree()
            assert verdict.expected == verdict.surveys == 40

            await stage.told()
