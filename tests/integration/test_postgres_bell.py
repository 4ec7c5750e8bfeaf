"""The pool and the bell on a real server: what they promise about time-outs, wake-ups and lost connections."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import pytest

from appending import superuser
from events.errors import Misconfigured, Unavailable
from eventually import eventually
from servers.postgres import Database
from worker.adapters.postgres import Bell, Pool, Ringer, open_pool, ring, translating

pytestmark = pytest.mark.integration


@asynccontextmanager
async def pooled(database: Database) -> AsyncIterator[Pool]:
    pool = await open_pool(database.database_url)
    try:
        yield pool
    finally:
        await pool.close()


async def test_every_connection_has_the_time_outs_and_keeps_them(database: Database) -> None:
    async with pooled(database) as pool:
        for _ in range(2):
            settings = await pool.fetchrow(
                "select current_setting('lock_timeout'), current_setting('idle_in_transaction_session_timeout'),"
                " current_setting('application_name'), current_setting('synchronous_commit')"
            )
            assert settings is not None
            assert list(settings)[:3] == ["5s", "5s", "ptm"]


async def test_a_pooler_that_forgets_the_time_outs_is_refused(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What comes back is compared with what was asked for; here the asked for is spelt in another way."""
    monkeypatch.setattr("worker.adapters.postgres.TIME_OUTS", {"lock_timeout": "5000"})

    with pytest.raises(Misconfigured, match="transaction mode"):
        await open_pool(database.database_url)


async def test_addresses_that_lead_nowhere_are_told_apart(database: Database) -> None:
    server = urlsplit(database.database_url)
    with pytest.raises(Unavailable):
        await open_pool(server._replace(netloc="ptm_worker@127.0.0.1:1").geturl())
    with pytest.raises(Misconfigured):
        await open_pool(server._replace(path="/no_such_database").geturl())
    with pytest.raises(Misconfigured):
        await open_pool("mysql://example")


async def test_the_bell_brings_the_payloads_to_those_who_listen(database: Database) -> None:
    async with pooled(database) as pool, Bell(database.database_url, ["ptm_log", "ptm_login"]) as bell:
        assert bell.take("ptm_log") == bell.take("ptm_login") == {""}, "anything may have happened before"
        bell.event("ptm_log").clear()
        bell.event("ptm_login").clear()

        await ring(pool, "ptm_log", "3")
        await ring(pool, "ptm_log", "4")
        await eventually(lambda: len(bell._payloads["ptm_log"]) == 2)
        assert bell.event("ptm_log").is_set()
        assert bell.take("ptm_log") == {"3", "4"}
        assert bell.take("ptm_log") == set()
        assert not bell.event("ptm_login").is_set()


async def test_the_bell_rings_at_commit_and_not_for_what_was_rolled_back(database: Database) -> None:
    async with pooled(database) as pool, Bell(database.database_url, ["ptm_log"]) as bell:
        bell.take("ptm_log")
        async with pool.acquire() as connection:
            transaction = connection.transaction()
            await transaction.start()
            await ring(connection, "ptm_log", "undone")
            await transaction.rollback()
        bell.event("ptm_log").clear()
        await ring(pool, "ptm_log", "done")
        await bell.event("ptm_log").wait()

        assert bell.take("ptm_log") == {"done"}


async def test_a_bell_that_lost_its_connection_comes_back_and_rings_for_what_it_may_have_missed(
    database: Database,
) -> None:
    async with pooled(database) as pool, Bell(database.database_url, ["ptm_log"]) as bell, superuser(database) as admin:
        bell.event("ptm_log").clear()
        bell.take("ptm_log")
        cut = await admin.fetchval(
            "select count(pg_terminate_backend(pid)) from pg_stat_activity"
            " where application_name = 'ptm bell' and datname = current_database()"
        )
        assert cut == 1
        # Once when it is lost, and once when it is back.
        await asyncio.wait_for(bell.event("ptm_log").wait(), 5)
        assert bell.take("ptm_log") == {""}

        async def heard() -> bool:
            await ring(pool, "ptm_log", "3")
            return "3" in bell.take("ptm_log")

        await eventually(heard)


async def test_a_bell_that_cannot_connect_at_first_says_so(database: Database) -> None:
    with pytest.raises(Unavailable):
        async with Bell(urlsplit(database.database_url)._replace(netloc="x@127.0.0.1:1").geturl(), ["ptm_log"]):
            pass


async def test_many_rings_at_once_leave_as_one_statement_and_each_once(database: Database) -> None:
    heard: list[object] = []
    async with pooled(database) as pool, superuser(database) as listener:
        await listener.add_listener("ptm_log", lambda *rung: heard.append(rung[-1]))
        async with Ringer(pool) as ringer:
            for n in range(1000):
                ringer.ring("ptm_log", str(n % 16))
        await eventually(lambda: len(heard) >= 16)
        assert sorted(heard, key=str) == sorted(map(str, range(16)))


async def test_what_is_rung_for_while_a_ringer_waits_leaves_with_it(database: Database) -> None:
    heard: list[object] = []
    async with pooled(database) as pool, superuser(database) as listener:
        await listener.add_listener("ptm_log", lambda *rung: heard.append(rung[-1]))
        async with Ringer(pool, delay=0.5) as ringer:
            for _ in range(20):
                ringer.ring("ptm_log", "3")
                await asyncio.sleep(0)
        await ring(pool, "ptm_log", "last")
        await eventually(lambda: "last" in heard)
    assert heard == ["3", "last"]


async def test_a_ringer_without_a_database_disturbs_nobody(database: Database) -> None:
    pool = await open_pool(database.database_url)
    await pool.close()
    async with Ringer(pool) as ringer:
        ringer.ring("ptm_log", "3")


async def test_a_transaction_that_is_left_open_does_not_go_back_to_the_pool(database: Database) -> None:
    async with pooled(database) as pool:
        with pytest.raises(ZeroDivisionError):
            async with pool.acquire() as connection:
                await connection.execute("begin")
                raise ZeroDivisionError
        with translating():
            assert not await pool.fetchval("select pg_current_xact_id_if_assigned() is not null")
        async with pool.acquire() as connection:
            assert not connection.is_in_transaction()
