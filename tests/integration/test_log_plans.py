"""The hot queries of the log use their index, whatever the planner believes of the table's size."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import orjson
import pytest

from appending import PARTITION, opened, rows, superuser, tampering
from servers.postgres import Database
from worker.adapters import queries
from worker.adapters.postgres import Connection

pytestmark = pytest.mark.integration

ANYONE = UUID(int=7)
FILL = """
insert into event (partition, position, stream, id, type, schema, at, actor, data, digest, hash)
select n % 16, n / 16 + 1, 'invoice/a/' || n, gen_random_uuid(), 'T', 1, now(), 'worker', '{}', sha256(''), sha256('')
from generate_series(0, 19999) n
"""


async def plan(connection: Connection, query: str, *arguments: object, topic: str = "log") -> list[dict[str, Any]]:
    explained = await connection.fetchval(f"explain (format json) {queries.load(topic)[query]}", *arguments)
    return list(nodes(orjson.loads(explained)[0]["Plan"]))


def nodes(of: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield of
    for child in of.get("Plans", ()):
        yield from nodes(child)


@pytest.mark.parametrize("analysed", [True, False])
@pytest.mark.parametrize(
    ("query", "arguments", "index"),
    [
        ("read_after", (PARTITION, 600, 100), "event_pkey"),
        ("audit_after", (PARTITION, 600, 1000), "event_pkey"),
        ("audit_beyond", (PARTITION,), "event_pkey"),
        ("read_places", ([PARTITION, 4], [600, 700]), "event_pkey"),
        ("read_stream", ("invoice/a/77",), "event_stream"),
        ("find_ids", ([ANYONE],), "event_id"),
    ],
)
async def test_a_hot_query_uses_its_index(
    database: Database, query: str, arguments: tuple[object, ...], index: str, analysed: bool
) -> None:
    async with tampering(database) as admin, opened(database) as desk, desk.pool.acquire() as connection:
        await admin.execute(FILL)
        if analysed:
            await admin.execute("analyze event")
        found = await plan(connection, query, *arguments)

    assert index in {node.get("Index Name") for node in found}
    assert not [node for node in found if node["Node Type"] == "Seq Scan" and node["Relation Name"] == "event"]
    assert not [node for node in found if node["Node Type"] == "Sort" and query == "read_after"]


async def test_a_backlog_is_read_by_its_index_and_sorted_nowhere(database: Database) -> None:
    """Thousands of whole pictures do not fit the server's memory for sorting: it would write them to disk."""
    async with tampering(database) as admin, opened(database) as desk, desk.pool.acquire() as connection:
        await admin.execute(FILL)
        await admin.execute("analyze event")
        found = await plan(connection, "take_backlog", 2000, topic="relay")

    assert "event_pkey" in {node.get("Index Name") for node in found}
    assert not [node for node in found if node["Node Type"] == "Sort"]


async def test_append_never_reads_the_log_from_end_to_end_though_it_was_planned_while_it_was_empty(
    database: Database,
) -> None:
    async with opened(database) as desk, superuser(database) as admin, desk.pool.acquire() as connection:
        await admin.execute("vacuum analyze event")
        for batch in range(8):
            await desk.log.append(connection, PARTITION, rows((batch, n) for n in range(200)))
            await desk.log.append(connection, PARTITION, rows([batch], stream=f"integration/{batch}"), expected=0)
        await connection.execute("select pg_stat_force_next_flush()")

        scans = await connection.fetchrow("select seq_scan, idx_scan from pg_stat_user_tables where relname = 'event'")
    assert scans is not None
    assert scans["seq_scan"] == 0
    assert scans["idx_scan"] > 8
