"""Writers that overlap: a reader that follows positions misses nothing, and a frozen one holds nobody for long."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from appending import PARTITION, Desk, opened, rows, superuser
from events.errors import Unavailable
from eventually import eventually
from servers.postgres import Database
from worker.adapters.postgres import WORKING, open_pool

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]
WAITING = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"


async def test_two_slow_transactions_and_a_tailing_reader_that_misses_nothing(database: Database) -> None:
    async with (
        opened(database) as desk,
        superuser(database) as admin,
        desk.pool.acquire() as first,
        desk.pool.acquire() as second,
    ):
        older, younger = second.transaction(), first.transaction()
        await older.start()
        await second.execute("select pg_current_xact_id()")  # the later writer's transaction is the older one
        await younger.start()
        await desk.log.append(first, PARTITION, rows("ab"))
        waiting = asyncio.create_task(desk.log.append(second, PARTITION, rows("cd")))
        await eventually(lambda: admin.fetchval(WAITING))
        assert await desk.log.read(PARTITION, 0, 10) == []

        await younger.commit()
        await waiting
        seen = await desk.log.read(PARTITION, 0, 10)
        assert [each.position for each in seen] == [1, 2]

        await older.commit()
        assert [each.position for each in await desk.log.read(PARTITION, seen[-1].position, 10)] == [3, 4]


async def test_a_reader_beside_many_writers_reads_every_event_once_and_in_order(database: Database) -> None:
    async with opened(database) as desk:
        writing = asyncio.gather(*(write_slowly(desk, worker) for worker in range(6)))
        seen: list[int] = []
        while len(seen) < 6 * 8 * 3:
            done = writing.done()
            new = await desk.log.read(PARTITION, seen[-1] if seen else 0, 10)
            seen += [each.position for each in new]
            assert new or not done, "the writers are done, and the reader has not met every event"
        await writing

    assert seen == list(range(1, 6 * 8 * 3 + 1))


async def write_slowly(desk: Desk, worker: int) -> None:
    moment = random.Random(worker)
    for batch in range(8):
        async with desk.pool.acquire() as connection, connection.transaction():
            await connection.execute("select pg_sleep($1)", moment.random() / 50)
            await desk.log.append(connection, PARTITION, rows((worker, batch, n) for n in range(3)))
            await connection.execute("select pg_sleep($1)", moment.random() / 50)


async def test_a_frozen_worker_delays_others_no_longer_than_the_time_outs(database: Database) -> None:
    clock = asyncio.get_running_loop().time
    async with opened(database) as desk, holder(database) as process:
        process.send_signal(signal.SIGSTOP)
        began = clock()
        await desk.append(rows("a"), partition=PARTITION + 1)
        elsewhere = clock() - began
        appended = await desk.append(rows("b"))
        here = clock() - began

        process.send_signal(signal.SIGCONT)
        said, _ = await process.communicate(b"\n")
        assert said == b"lost\n"
        assert [each.position for each in appended] == [1]
        assert [each.row for each in await desk.log.read(PARTITION, 0, 10)] == rows("b")
    assert elsewhere < 2
    assert here < 7


async def test_one_that_stops_between_preparing_a_statement_and_running_it_holds_nobody_either(
    database: Database,
) -> None:
    """To PostgreSQL it is active then, and not idle: what a worker's transactions may last ends it."""
    assert set(WORKING) == {"transaction_timeout"}
    pool = await open_pool(database.database_url, more={"transaction_timeout": "1s"})
    async with opened(database) as desk:
        frozen = await pool.acquire()
        await frozen.execute("begin")
        await desk.log.append(frozen, PARTITION, rows("a"))
        await frozen.prepare("select 1 + 1")

        appended = await desk.append(rows("b"))
        assert [each.position for each in appended] == [1]
    pool.terminate()


async def test_who_waits_behind_a_busy_writer_is_told_to_come_back(database: Database) -> None:
    """A writer that is alive and slow keeps its lock; the others give up after five seconds instead of queueing."""
    async with opened(database) as desk, desk.pool.acquire() as busy, busy.transaction():
        await desk.log.append(busy, PARTITION, rows("a"))
        working = asyncio.create_task(busy.execute("select pg_sleep(6)"))
        with pytest.raises(Unavailable, match="lock timeout") as caught:
            await desk.append(rows("b"))
        assert not caught.value.unanswered
        await working


@asynccontextmanager
async def holder(database: Database) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(ROOT / "tests" / "holder.py"),
        database.database_url,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"},
    )
    assert process.stdout is not None
    try:
        assert (await process.stdout.readline()).decode().strip() == "holding"
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
