"""From event appended to Trustmary's answer: 200 sent invoices a second over 100 integrations, the pace lifted."""

from __future__ import annotations

import asyncio
import base64
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import orjson

from benchmarks.brokers import Brokers
from benchmarks.ground import MASTER, Ground, ground, sent
from events.envelope import Row
from events.integration import OFF, IntegrationConnected, Settings, SettingsSaved, Trigger, TriggerSaved
from worker.adapters.child import free_port
from worker.adapters.log import Draft
from worker.demo.scene import under_guard
from worker.settings import foreign_environment

Joined = tuple[int, UUID]
"""(partition, id)"""
INTEGRATIONS = 100
PER_SECOND = 200
WARM_UP = 5
SECONDS = 20
LATENCY = """
select percentile_cont(array[0.5, 0.95, 0.99]) within group (
    order by extract(epoch from attempt.finished_at - cause.at) * 1000
)
from delivery
join attempt on attempt.delivery = delivery.id and attempt.number = delivery.attempts
join event as cause on cause.id = delivery.cause
where delivery.state = 'delivered' and cause.at > $1
"""


async def run(_: Ground) -> dict[str, Any]:
    """Two workers, one to decide and one to send, the sandbox, the server and what appends share the machine."""
    results = {}
    async with Brokers() as brokers:
        for name, bootstrap in brokers.addresses.items():
            async with ground() as here:
                results[name] = await on(here, bootstrap)
    return results


async def on(here: Ground, bootstrap: str) -> dict[str, Any]:
    async with at_work(here, bootstrap) as (joined, _):
        return await flow(here, joined)


@asynccontextmanager
async def at_work(here: Ground, bootstrap: str) -> AsyncIterator[tuple[list[Joined], dict[str, str]]]:
    """A sandbox and two workers; the integrations as (partition, id), and the settings that the workers have."""
    async with AsyncExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        command = [sys.executable, "-m", "sandbox", "--companies", "1", "--organizations", str(INTEGRATIONS)]
        sandbox = await under_guard(stack, command, log=directory / "sandbox.log", stdout=asyncio.subprocess.PIPE)
        assert sandbox.stdout is not None, "piped"
        ready = orjson.loads(await sandbox.stdout.readline())
        settings = {
            "PTM_DATABASE_URL": here.database_url,
            "PTM_KAFKA_BOOTSTRAP": bootstrap,
            "PTM_KAFKA_TOPIC": f"bench.{uuid4().hex[:8]}",
            "PTM_MASTER_KEY": base64.b64encode(MASTER.key).decode(),
            "PTM_PROCOUNTOR_URL": ready["procountor_url"],
            "PTM_TRUSTMARY_URL": ready["trustmary_url"],
            "PTM_TRUSTMARY_PACE": "0",
            "PTM_LOG_LEVEL": "warning",
            "PTM_CALLBACK_PORT": str(free_port()),
        }
        joined = [
            await join(here, number % 16, organization) for number, organization in enumerate(ready["organizations"])
        ]
        for stages in ("relay,project", "dispatch"):
            command = [sys.executable, "-m", "worker.cli", "worker", "--stages", stages]
            environment = foreign_environment() | settings
            await under_guard(stack, command, log=directory / f"{stages}.log", environment=environment)
        yield joined, settings


async def join(here: Ground, partition: int, organization: dict[str, Any]) -> Joined:
    """An integration that reads nothing by itself: its events are appended here."""
    id, secret = uuid4(), await here.vault.put_secret("trustmary", organization["api_key"].encode())
    await here.pool.execute(
        "insert into integration (id, partition, version, state, company_id, organization, names, trustmary_secret,"
        " configuration) values ($1, $2, 1, 'active', 1, $3, '', $4, '{}')",
        *(id, partition, organization["id"], secret),
    )
    await here.pool.execute(
        "insert into connection (integration, service, state) values ($1, 'trustmary', 'connected')", id
    )
    await here.pool.execute("insert into lane (organization) values ($1) on conflict do nothing", organization["id"])
    connected = IntegrationConnected(
        integration=id,
        id=uuid4(),
        company_id=1,
        organization=organization["id"],
        procountor_secret=secret,
        trustmary_secret=secret,
        baseline=None,
    )
    saved = TriggerSaved(integration=id, id=uuid4(), trigger=Trigger(id=uuid4(), name="Lähetetty"))
    settings = SettingsSaved(integration=id, id=uuid4(), settings=Settings(brake=OFF, oldest_invoice=0))
    await here.append(partition, [connected, settings, saved])
    return partition, id


async def prepared(here: Ground, joined: list[Joined], wanted: int) -> list[tuple[int, Row]]:
    """Sealed before: what puts events into the log here is not what is measured, and shares the machine."""
    rows: list[tuple[int, Row]] = []
    for first in range(0, wanted, 500):
        chosen = [joined[number % len(joined)] for number in range(first, first + 500)]
        drafts = [Draft(event=sent(id, number)) for number, (_, id) in enumerate(chosen, start=first + 1)]
        rows += zip((partition for partition, _ in chosen), await here.log.prepare(drafts), strict=True)
    return rows


async def append(here: Ground, partition: int, row: Row) -> None:
    """One event a call, as a poll of one company brings it."""
    async with here.pool.acquire() as connection:
        await here.log.append(connection, partition, [row])
    here.ringer.ring("ptm_log", str(partition))


async def flow(here: Ground, joined: list[Joined]) -> dict[str, Any]:
    """Begins when the workers are up and have sent one contact for each integration."""
    rows = iter(await prepared(here, joined, len(joined) + PER_SECOND * (WARM_UP + SECONDS)))
    for row in islice(rows, len(joined)):
        await append(here, *row)
    await delivered(here, len(joined), within=60)
    begun = None
    started = time.perf_counter()
    for tick in range(20 * (WARM_UP + SECONDS)):
        if tick == 20 * WARM_UP:
            begun = await here.pool.fetchval("select clock_timestamp()")
        await asyncio.gather(*(append(here, *row) for row in islice(rows, PER_SECOND // 20)))
        await asyncio.sleep(max(0.0, started + (tick + 1) / 20 - time.perf_counter()))
    took = time.perf_counter() - started
    wanted = PER_SECOND * (WARM_UP + SECONDS)
    arrived = await delivered(here, len(joined) + wanted, within=60)
    percentiles = await here.pool.fetchval(LATENCY, begun) or (0, 0, 0)
    return {
        "sent_per_second": round(wanted / took, 1),
        "invoices": len(joined) + wanted,
        "delivered": arrived,
        "latency_ms": {name: round(value, 1) for name, value in zip(("p50", "p95", "p99"), percentiles, strict=True)},
    }


async def delivered(here: Ground, wanted: int, *, within: float) -> int:
    """How many, as soon as it is *wanted* or after *within* seconds."""
    until = time.perf_counter() + within
    while True:
        arrived: int = await here.pool.fetchval("select count(*) from delivery where state = 'delivered'")
        if arrived == wanted or time.perf_counter() > until:
            return arrived
        await asyncio.sleep(0.1)
