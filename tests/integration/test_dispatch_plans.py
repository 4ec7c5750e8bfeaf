"""Claiming stays cheap however much waits, also by a plan that was made while nothing did."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import orjson
import pytest

from servers.postgres import Database
from worker.adapters import queries, schema
from worker.adapters.postgres import open_pool

pytestmark = pytest.mark.integration

LANES, EACH, WAITING = 20, 10, 2000
US = UUID(int=7)
JOIN = """
with joined as (
    insert into integration
        (id, partition, version, state, company_id, organization, names, trustmary_secret, configuration)
    select gen_random_uuid(), 1, 1, 'active', 1, 'org' || n, '', gen_random_uuid(), '{}'
    from generate_series(1, $1::integer) n
    returning id, organization
),
connected as (
    insert into connection (integration, service, state) select id, 'trustmary', 'connected' from joined
)
insert into lane (organization, lease_owner, lease_until)
select organization, $2::uuid, now() + interval '1 hour' from joined
"""
FILL = """
insert into delivery (integration, organization, partition, position, decision, cause, trigger, invoice, contact_key,
    call, starts_surveys)
select integration.id, organization, 1, n, gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), n, int8send(n),
       'lists', false
from generate_series(1, $1::bigint / $2::bigint) n, integration
"""


def passed_by(of: dict[str, Any]) -> Iterator[float]:
    """Rows that each step of a plan looked at for nothing."""
    yield sum(of.get(f"Rows Removed by {what}", 0) * of["Actual Loops"] for what in ("Filter", "Join Filter"))
    for child in of.get("Plans", ()):
        yield from passed_by(child)


async def test_a_claim_planned_while_nothing_waited_does_not_compare_everything_with_everything(
    database: Database,
) -> None:
    pool = await open_pool(database.database_url)
    rooms = "array[" + ",".join(f"'org{n}'" for n in range(1, LANES + 1)) + "]"
    claim = f"execute claim('{US}', {rooms}, array_fill({EACH}, array[{LANES}]), 10, '{schema.newest()}')"
    try:
        async with pool.acquire() as connection:
            await connection.execute(JOIN, LANES, US)
            arguments = "uuid, text[], integer[], double precision, text"
            await connection.execute(f"prepare claim ({arguments}) as {queries.load('delivery')['claim_waiting']}")
            for _ in range(8):
                await connection.execute(claim)
            await connection.execute(FILL, WAITING, LANES)

            [(explained,)] = await connection.fetch(f"explain (analyze, format json) {claim}")
            claimed = await connection.fetchval("select count(*) from delivery where state = 'attempting'")
    finally:
        await pool.close()

    assert claimed == LANES * EACH
    assert sum(passed_by(orjson.loads(explained)[0]["Plan"])) < 10 * WAITING
