"""The queries of every turn use their index, with thousands of companies and many invoices each."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio

from servers.postgres import Database
from worker.adapters import queries

pytestmark = pytest.mark.integration

SQL = queries.load("ingest")
FILL = """
insert into integration
    (id, partition, version, state, company_id, organization, names, procountor_secret, configuration)
select gen_random_uuid(), i % 16, 1, 'active', i, i::text, '', gen_random_uuid(), '{}' from generate_series(1, 3000) i;
insert into connection (integration, service, state) select id, 'procountor', 'connected' from integration;
insert into ingest (integration, cursor, baseline, due_at)
select id, '', '', now() + (random() * 600 - 30) * interval '1 second' from integration;
insert into invoice (integration, invoice, status, change, old, reread_at)
select id, i, 'SENT', 1, false, now() + (random() - 0.1) * interval '1 day' from integration, generate_series(1, 20) i;
analyze integration, connection, ingest, invoice;
"""


@pytest_asyncio.fixture
async def connection(database: Database) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
    made = await asyncpg.connect(database.admin_url)
    await made.execute(FILL)
    yield made
    await made.close()


async def plan(connection: asyncpg.Connection[asyncpg.Record], name: str, *arguments: object) -> str:
    rows = await connection.fetch(f"explain {SQL[name]}", *arguments)
    return "\n".join(row[0] for row in rows)


async def test_hot_queries_use_their_index(connection: asyncpg.Connection[asyncpg.Record]) -> None:
    one = await connection.fetchval("select id from integration limit 1")
    leasing = await plan(connection, "lease_due", uuid4(), timedelta(seconds=6), 24)
    assert "Index Scan using ingest_due" in leasing
    assert "Sort" not in leasing
    assert "invoice_pkey" in await plan(connection, "read_known", one, [1, 2, 3])
    assert "invoice_reread" in await plan(connection, "read_rereads", one, 200)
