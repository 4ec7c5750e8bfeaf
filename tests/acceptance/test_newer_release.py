"""The database is migrated under workers that run: they stop at once, and what the newer release starts goes on."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import orjson
import pytest

import newer
from appending import superuser
from desk import sent
from eventually import eventually
from servers.postgres import Database
from stage import Stage, Worker, spoken, staged
from worker.adapters.log import Draft

pytestmark = pytest.mark.acceptance


async def begun(stage: Stage) -> tuple[Worker, Worker]:
    """Two workers with calls under way, each of which lasts for two seconds, and others that wait for their turn."""
    await stage.connect()
    pair = await stage.start(2)
    stage.sandbox.faults.add("trustmary.contacts.post=latency:2000")
    stage.send(30)
    await stage.busy(pair, calls=5)
    await eventually(lambda: waiting(stage))
    return pair[0], pair[1]


async def waiting(stage: Stage) -> int:
    count: int = await stage.context.pool.fetchval("select count(*) from delivery where state = 'waiting'")
    return count


async def since(stage: Stage, types: tuple[str, ...]) -> int:
    """How many such events were recorded after the newest migration."""
    count: int = await stage.context.pool.fetchval(
        "select count(*) from event where type = any($1::text[]) and at > (select max(applied_at) from migration)",
        list(types),
    )
    return count


async def test_workers_that_run_end_what_is_under_way_take_on_nothing_more_and_say_why(
    database: Database, tansu: str, topic: str, tmp_path: Path
) -> None:
    async with staged(database, tansu, topic=topic, directory=tmp_path) as stage:
        pair = await begun(stage)
        looking = asyncio.create_task(not_ready(pair[0]))
        await newer.migrate(database.owner_url)
        stage.send(5)

        assert [await worker.exit_code() for worker in pair] == [2, 2]
        assert "A newer release has migrated the database (9999_later)" in await looking
        for worker in pair:
            assert [line["error"] for line in spoken(worker.log) if line["event"] == "outgrown"]
            assert worker.said().endswith("start that release in place of this.\n")
        assert await since(stage, ("ContactAdded", "ContactSkipped")) == 0
        assert await stage.attempting() == 0
        assert await waiting(stage) > 0, "what had not left yet waits for the newer release"

        await update(database)
        stage.sandbox.faults.clear()
        await stage.start()
        verdict = await stage.agree()
        assert verdict.expected == verdict.surveys == 35


async def not_ready(worker: Worker) -> str:
    """What it says of why, as long as it says anything."""

    async def reason() -> str | None:
        found: str | None = orjson.loads(await worker.page("readyz"))["reason"]
        return found

    return str(await eventually(reason, every=0.005))


async def update(database: Database) -> None:
    """As if this were the release that the database is of."""
    async with superuser(database) as admin:
        await admin.execute("delete from migration where id = $1", newer.MIGRATION)


async def test_a_worker_that_slept_through_it_decides_and_sends_nothing_when_it_wakes(
    database: Database, tansu: str, topic: str, tmp_path: Path
) -> None:
    async with staged(database, tansu, topic=topic, directory=tmp_path) as stage:
        seen, pool = await stage.connect(), stage.context.pool
        [worker] = await stage.start()
        stage.sandbox.faults.add("trustmary.contacts.post=503")
        stage.send(3)
        await eventually(lambda: put_off(stage, 3))

        worker.send(signal.SIGSTOP)
        stage.sandbox.faults.clear()
        await pool.execute("update delivery set next_at = now()")
        await pool.execute("update lane set failures = 0, broken_until = null")
        await newer.migrate(database.owner_url)
        rows = await stage.context.log.prepare([Draft(event=sent(seen.id, invoice)) for invoice in range(1, 6)])
        async with pool.acquire() as connection, connection.transaction():
            await stage.context.log.append(connection, seen.partition, rows)
        worker.send(signal.SIGCONT)

        assert await worker.exit_code() == 2
        assert await since(stage, ("ContactAdded", "ContactSkipped")) == 0
        assert not stage.arrivals


async def put_off(stage: Stage, count: int) -> bool:
    """All that was tried in vain waits without end: nobody has anything in hand."""
    query = """update delivery set next_at = 'infinity'
        where state = 'waiting' and (select count(*) from delivery where attempts > 0) = $1"""
    done = await stage.context.pool.execute(query, count)
    return done == f"UPDATE {count}"
